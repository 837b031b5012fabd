//! Notes that hold words: replies, and what others add when they pass a post on.

use serde_json::Value;

use super::{NAME, author, named};
use crate::exchange::Exchange;
use crate::model::{Author, Found, Kind, Post, PostRef, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::Page;
use crate::platform::json::{id, seconds, words};

/// Reads an answer of notes; `false` if it is none.
pub(super) fn read(page: &mut Page, at: &str, value: &Value, exchange: &Exchange) -> bool {
    let response = if value["response"].is_object() { &value["response"] } else { value };
    let Some(notes) = response["notes"].as_array().filter(|_| response.get("total_notes").is_some()) else {
        return false;
    };
    let place = if value["response"].is_object() { "/response" } else { "" };
    // Which post was asked for, only the request says.
    let of = exchange.request.param("id").as_deref().and_then(named);
    let of = of.map(|post| PostRef { id: post.id, uri: post.uri, url: None }).unwrap_or_default();
    enter(page, &format!("{at}{place}"), notes, &of);
    true
}

/// Reads the notes that came with a post.
pub(super) fn below(page: &mut Page, at: &str, value: &Value, of: &PostRef) {
    enter(page, at, value["notes"].as_array().map(Vec::as_slice).unwrap_or_default(), of);
}

fn enter(page: &mut Page, at: &str, notes: &[Value], of: &PostRef) {
    for (i, note) in notes.iter().enumerate() {
        let at = format!("{at}/notes/{i}");
        // Most notes are likes, or pass a post on without a word.
        match post(note, of) {
            Some(Ok(post)) => page.posts.push(Found { post, at, nested: false }),
            Some(Err(reason)) => page.skipped.push(Skipped { at, reason }),
            None => {}
        }
    }
}

fn post(note: &Value, of: &PostRef) -> Option<Result<Post, String>> {
    let said = words(note, "reply_text").or_else(|| words(note, "added_text"))?;
    let Some(blog) = words(note, "blog_name") else { return Some(Err("has no blog".to_owned())) };
    let is_reply = note["type"] == "reply";
    let number = id(&note["post_id"]).filter(|_| !is_reply);
    let known = number.as_deref().and_then(named).unwrap_or_default();
    let at = seconds(&note["timestamp"]).and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    let answered = Some(of.clone()).filter(|of| *of != PostRef::default());
    let (reply_to, quote_of) = if is_reply { (answered, None) } else { (None, answered) };
    Some(Ok(Post {
        platform: NAME.to_owned(),
        url: number.map(|number| format!("https://www.tumblr.com/{blog}/{number}")),
        author: Author { id: id(&note["blog_uuid"]), ..author(blog) },
        created: at,
        text: said.to_owned(),
        // Of what is added to a reblog a note may show the beginning only.
        text_state: if is_reply { TextState::Complete } else { TextState::Unknown },
        kind: if is_reply { Kind::Reply } else { Kind::Quote },
        reply_to,
        quote_of,
        ..known
    }))
}
