//! Who wrote a post, as each kind of form names them. A display name is never taken apart: nothing tells a surname from
//! `The Left Wing Society`.

use super::direction::closed;
use super::said::one_line;
use crate::model::Post;

/// The display name on one line, as it was shown; `None` if there is none.
pub(super) fn name(post: &Post) -> Option<String> {
    // A name is one line: whatever breaks lines in it would make it look like the program's own words.
    let one_line = |name: &String| name.replace(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'), " ");
    let name = post.author.name.as_ref().map(one_line).filter(|name| !name.trim().is_empty());
    name.map(|name| closed(&name).into_owned())
}

/// The handle with its `@`; `None` if it is not known.
pub(super) fn handle(post: &Post) -> Option<String> {
    post.author.handle.as_ref().map(|handle| format!("@{handle}"))
}

/// Name and handle as a reader sees them: `Name (@handle)`; only what is known.
pub fn attribution(post: &Post) -> String {
    bracketed(post, '(', ')').unwrap_or_else(|| match &post.url {
        Some(url) => one_line(url),
        None => "unknown author".to_owned(),
    })
}

/// `Name [@handle]`, as bibliographies have it; the handle alone where no name is known. `None` for nobody.
pub(super) fn credited(post: &Post) -> Option<String> {
    bracketed(post, '[', ']')
}

fn bracketed(post: &Post, open: char, close: char) -> Option<String> {
    match (name(post), handle(post)) {
        (Some(name), Some(handle)) => Some(format!("{name} {open}{handle}{close}")),
        (name, handle) => name.or(handle),
    }
}
