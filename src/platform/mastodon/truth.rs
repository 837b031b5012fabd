//! Truth Social, which speaks Mastodon's client API, and what its posts have that others' have not.
//!
//! Before the words of a quotation its server writes the address of what is quoted, and nothing parts the two. Its content is
//! always HTML; a tool by which many save it takes the tags away, and leaves text in which lines stand together.

use std::borrow::Cow;

use super::wire::{Group, Id, Status};
use crate::model::TextState;
use crate::platform::printed::inline;
use crate::text::{self, Rendered};

/// With what the names of its posts begin.
const HOST: &str = "https://truthsocial.com/";

/// What a server writes before a quotation, in HTML and without its tags.
const MARKS: [&str; 3] = [
    "<p><span class=\"quote-inline\"><br/>RT: ",
    "<p><span class=\"quote-inline\"><br>RT: ",
    "<p><span class=\"quote-inline\">RT: ",
];
const PLAIN_MARK: &str = "RT: https://truthsocial.com/users/";

/// The words of a post, whether they are whole, and what is doubtful about them; `None` for a post of another server.
pub(super) fn read(status: &Status<'_>, content: &str) -> Option<(Rendered, TextState, Vec<String>)> {
    let name = status.uri.as_deref().or(status.url.as_deref())?;
    if !name.starts_with(HOST) {
        return None;
    }
    if status.reblog.is_some() {
        // What stands there are the boosted post's words.
        return Some((Rendered::default(), TextState::Complete, Vec::new()));
    }
    let content = content.trim_start();
    if content.is_empty() || content.starts_with('<') {
        let rendered = text::from_fragment(&unmarked(content));
        return Some((rendered, TextState::Complete, Vec::new()));
    }
    let mut doubts =
        vec!["Its tags were taken away before it was saved: words of two lines may stand together.".to_owned()];
    let words = match content.strip_prefix(PLAIN_MARK) {
        None => content,
        Some(marked) => {
            // The address ends where the author's words begin, which may be a digit.
            let quoted =
                status.quote_id.as_ref().map(|Id(id)| id.clone()).or_else(|| super::post::reference(status.quote?).id);
            let words =
                marked.split_once("/statuses/").zip(quoted).and_then(|((_, rest), id)| rest.strip_prefix(id.as_str()));
            words.unwrap_or_else(|| {
                doubts.push("It begins with the address of what it quotes, which its author did not write.".to_owned());
                content
            })
        }
    };
    let links = inline::read(words).links;
    Some((Rendered { text: words.to_owned(), links, ..Rendered::default() }, TextState::Unknown, doubts))
}

/// The content without the address that stands before a quotation.
fn unmarked(content: &str) -> Cow<'_, str> {
    let marked = MARKS.iter().find_map(|mark| content.strip_prefix(mark)).filter(|marked| marked.starts_with(HOST));
    match marked.and_then(|marked| marked.split_once("</span>")).filter(|(address, _)| !address.contains('<')) {
        Some((_, rest)) => Cow::Owned(format!("<p>{rest}")),
        None => Cow::Borrowed(content),
    }
}

/// Whether a group shows everybody what is posted in it.
pub(super) fn is_open(group: Option<&Group<'_>>) -> bool {
    group.is_some_and(|group| group.group_visibility.as_deref() == Some("everyone"))
}
