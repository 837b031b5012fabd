//! A post whose author was promised to stay unnamed: its words, and nothing else that leads to a person.

use super::Quotable;
use crate::model::Author;

/// What is printed instead of a name.
pub const WITHHELD: &str = "name withheld";

/// Takes away who wrote it and where it stands. The words stay as they are; they may still be found by a search for them.
pub fn anonymised(mut quotable: Quotable) -> Quotable {
    quotable.post.author = Author { name: Some(WITHHELD.to_owned()), ..Author::default() };
    let post = &mut quotable.post;
    (post.id, post.uri, post.url) = (None, None, None);
    (post.reply_to, post.quote_of, post.repost_of) = (None, None, None);
    if let Some(venue) = &mut quotable.venue {
        venue.template = None;
    }
    quotable
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{Handle, Post, PostRef};
    use crate::quote::{self, FORMATS, Setting, Style};
    use crate::zone::Zone;

    #[test]
    fn no_form_names_anybody() {
        let post = Post {
            platform: "x".into(),
            id: Some("20".into()),
            uri: Some("https://x.example/i/status/20".into()),
            url: Some("https://x.example/ada_moss/status/20".into()),
            author: Author {
                id: Some("7777".into()),
                name: Some("Ada Moss".into()),
                handle: Handle::new("ada_moss"),
                url: Some("https://x.example/ada_moss".into()),
                flags: Vec::new(),
            },
            reply_to: Some(PostRef { url: Some("https://x.example/ada_moss/status/19".into()), ..PostRef::default() }),
            text: "My own words.".into(),
            ..Post::default()
        };
        let setting = Setting::new(Zone::UTC, DateTime::UNIX_EPOCH);
        for form in FORMATS {
            let printed = quote::all(Style::Form(form), &[anonymised(Quotable::of(post.clone()))], &setting);
            assert!(printed.contains("My own words") || printed.contains("words"), "{}: {printed}", form.name);
            for trace in ["ada_moss", "Ada Moss", "status/", "7777"] {
                assert!(!printed.contains(trace), "{}: {printed}", form.name);
            }
        }
    }
}
