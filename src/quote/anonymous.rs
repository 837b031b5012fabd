//! A post whose author was promised to stay unnamed: its words, and nothing else that leads to a person.

use std::collections::BTreeSet;

use super::{Gone, Quotable, Venue};
use crate::model::{Author, CaptureRef, Handle, Media, Mention, Post, PostRef};

/// What is printed instead of a name.
pub const WITHHELD: &str = "name withheld";

/// The words with their warning, the time, the kind and the counts, and nothing else: whatever is not named here is left
/// behind. The words stay as they are; they may still be found by a search for them.
pub fn anonymised(quotable: Quotable) -> Quotable {
    let Quotable { key, post, captured_at, nested, gone, revision, revisions, venue, .. } = quotable;
    let capture = CaptureRef { file: String::new(), offset: 0, record_id: String::new(), digest: String::new() };
    let media = |media: Media| Media { kind: media.kind, alt: media.alt, ..Media::default() };
    Quotable {
        post: Post {
            platform: post.platform,
            author: Author { name: Some(WITHHELD.to_owned()), ..Author::default() },
            created: post.created,
            edited: post.edited,
            text: post.text,
            text_state: post.text_state,
            content_warning: post.content_warning,
            lang: post.lang,
            kind: post.kind,
            media: post.media.into_iter().map(media).collect(),
            metrics: post.metrics,
            ..Post::default()
        },
        // The capture shows everything, and its place may be an address.
        gone: gone.map(|gone| Gone { at: gone.at, server: None, capture: capture.clone(), place: String::new() }),
        venue: venue.map(|venue| Venue { template: None, ..venue }),
        place: String::new(),
        key,
        capture,
        captured_at,
        nested,
        revision,
        revisions,
    }
}

/// People who were promised to stay unnamed, and their posts, by all names that other posts may call them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Promised {
    posts: BTreeSet<String>,
    people: BTreeSet<String>,
}

impl Promised {
    /// Remembers whom a post names.
    pub fn add(&mut self, post: &Post) {
        self.posts.extend([&post.id, &post.uri, &post.url].into_iter().flatten().cloned());
        let author = &post.author;
        self.people.extend(author.handle.as_ref().map(Handle::folded));
        self.people.extend([&author.id, &author.url].into_iter().flatten().cloned());
    }

    /// Takes out of another's post whatever leads to them; says what did, a sentence for each. The words stay as they are.
    pub fn scrub(&self, post: &mut Post) -> Vec<String> {
        let mut told = Vec::new();
        let is_one = |reference: &PostRef| {
            [&reference.id, &reference.uri, &reference.url].into_iter().flatten().any(|name| self.posts.contains(name))
        };
        for (what, reference) in
            [("answers", &mut post.reply_to), ("quotes", &mut post.quote_of), ("passes on", &mut post.repost_of)]
        {
            if reference.take_if(|reference| is_one(reference)).is_some() {
                told.push(format!("it {what} a post whose author was promised to stay unnamed: left out"));
            }
        }
        let is_person = |mention: &Mention| {
            let names = [mention.handle.as_ref().map(Handle::folded), mention.id.clone(), mention.url.clone()];
            names.iter().flatten().any(|name| self.people.contains(name))
        };
        let mentions = post.mentions.len();
        post.mentions.retain(|mention| !is_person(mention));
        let links = post.links.len();
        post.links.retain(|link| !self.posts.contains(&link.url) && !self.people.contains(&link.url));
        if post.mentions.len() < mentions || post.links.len() < links || self.is_named_in(&post.text) {
            told.push(
                "it names somebody who was promised to stay unnamed; its words stay as they are: look at them"
                    .to_owned(),
            );
        }
        told
    }

    /// Whether a text has the handle of one of them.
    fn is_named_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let handle = |name: &&String| !name.contains("://");
        self.people.iter().filter(handle).any(|name| {
            let short = name.split('@').next().unwrap_or_default();
            short.len() > 2 && text.contains(&format!("@{short}"))
        })
    }
}

/// Whether the words of a post name their own author.
pub fn names_its_author(post: &Post) -> bool {
    let names = [post.author.name.clone(), post.author.handle.as_ref().map(|handle| handle.as_str().to_owned())];
    let warning = post.content_warning.as_deref().unwrap_or_default();
    let words = format!("{} {warning}", post.text).to_lowercase();
    names.iter().flatten().any(|name| name.chars().count() > 2 && words.contains(&name.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{Hashtag, Link};
    use crate::quote::{self, FORMATS, Setting, Style};
    use crate::zone::Zone;

    #[test]
    fn no_form_names_anybody() {
        let secret = || Some("SECRET".to_owned());
        let elsewhere = || Some(PostRef { id: secret(), uri: secret(), url: Some("https://x.example/SECRET".into()) });
        let capture = CaptureRef {
            file: "SECRET.warc.gz".into(),
            offset: 0,
            record_id: "SECRET".into(),
            digest: "SECRET".into(),
        };
        let post = Post {
            platform: "x".into(),
            id: secret(),
            uri: Some("https://x.example/i/SECRET".into()),
            url: Some("https://x.example/SECRET/20".into()),
            author: Author {
                id: secret(),
                name: secret(),
                handle: Handle::new("SECRET"),
                url: Some("https://x.example/SECRET".into()),
                flags: vec!["SECRET".into()],
            },
            reply_to: elsewhere(),
            quote_of: elsewhere(),
            hashtags: Hashtag::new("SECRET").into_iter().collect(),
            mentions: vec![Mention { handle: Handle::new("SECRET"), id: secret(), url: secret() }],
            links: vec![Link { shown: "SECRET".into(), url: "https://SECRET.example/".into() }],
            media: vec![Media {
                url: Some("https://x.example/SECRET.jpg".into()),
                kind: "image".into(),
                ..Media::default()
            }],
            labels: vec!["SECRET".into()],
            doubts: vec!["SECRET wrote it, too".into()],
            text: "My own words.".into(),
            ..Post::default()
        };
        let gone =
            Gone { at: DateTime::UNIX_EPOCH, server: secret(), capture: capture.clone(), place: "SECRET".into() };
        let venue =
            Venue { template: Some(("Cite tweet", vec![("user", "SECRET".into())])), ..Venue::new("Site", "Post") };
        let quotable =
            Quotable { capture, gone: Some(gone), place: "SECRET".into(), venue: Some(venue), ..Quotable::of(post) };
        for evidence in [false, true] {
            let setting = Setting { evidence, ..Setting::new(Zone::UTC, DateTime::UNIX_EPOCH) };
            for form in FORMATS {
                let printed = quote::all(Style::Form(form), &[anonymised(quotable.clone())], &setting);
                // Harvard has no words of the post.
                assert!(printed.contains("My own words") || form.name == "harvard", "{}: {printed}", form.name);
                assert!(!printed.to_uppercase().contains("SECRET"), "{}: {printed}", form.name);
            }
        }
    }
}
