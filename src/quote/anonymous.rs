//! A post whose author was promised to stay unnamed: its words, and nothing else that leads to a person.

use super::{Gone, Quotable, Venue};
use crate::model::{Author, CaptureRef, Media, Post};

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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{Handle, Hashtag, Link, Mention, PostRef};
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
                assert!(printed.contains("My own words"), "{}: {printed}", form.name);
                assert!(!printed.to_uppercase().contains("SECRET"), "{}: {printed}", form.name);
            }
        }
    }
}
