//! Comments, in either spelling of the clients' answers.

use serde_json::Value;

use super::{NAME, Reading, address, item, profile};
use crate::model::{Kind, Metrics, Post, PostRef, Precision, TextState, When, WhenSource};
use crate::platform::json::{count, id, seconds};
use crate::platform::meta;

/// Where comments stand in a post, and answers in a comment.
const LISTS: [&str; 7] = [
    "edge_media_to_parent_comment",
    "edge_media_to_comment",
    "edge_media_preview_comment",
    "edge_threaded_comments",
    "comments",
    "preview_comments",
    "preview_child_comments",
];

/// Whether it is a comment by itself.
pub(super) fn is_comment(value: &Value) -> bool {
    let of_app = || {
        value.get("pk").is_some()
            && value["user"].is_object()
            && value.get("content_type").is_none_or(|kind| kind == "comment")
    };
    let of_graphql = || {
        value.get("id").is_some() && value["owner"].is_object() && value.get("edge_liked_by").is_some()
            || value.get("edge_threaded_comments").is_some()
    };
    let dated = value["created_at"].is_number() || value["created_at_utc"].is_number();
    value["text"].is_string()
        && dated
        && value.get("code").is_none()
        && value.get("shortcode").is_none()
        && (of_app() || of_graphql())
}

/// The comments that came with a post or a comment, with their places.
pub(super) fn below<'a>(at: &str, value: &'a Value) -> Vec<(String, &'a Value)> {
    let mut below = Vec::new();
    for name in LISTS {
        let list = &value[name];
        if let Some(edges) = list["edges"].as_array().or_else(|| list["nodes"].as_array()) {
            let inner = if list["edges"].is_array() { "edges" } else { "nodes" };
            below.extend(edges.iter().enumerate().map(|(i, edge)| match edge.get("node") {
                Some(node) => (format!("{at}/{name}/{inner}/{i}/node"), node),
                None => (format!("{at}/{name}/{inner}/{i}"), edge),
            }));
        } else if let Some(list) = list.as_array() {
            below.extend(list.iter().enumerate().map(|(i, one)| (format!("{at}/{name}/{i}"), one)));
        }
    }
    below
}

/// Reads a comment and the answers that came with it. `code` is that of the post, where it is known.
pub(super) fn read(reading: &mut Reading, at: &str, value: &Value, code: Option<&str>) {
    let post = post(value, code, None, reading);
    let of = post.as_ref().ok().and_then(|post| post.id.clone());
    reading.keep(at.to_owned(), post);
    // Answers hold none.
    for (at, answer) in below(at, value) {
        let post = self::post(answer, code, of.as_deref(), reading);
        reading.keep(at, post);
    }
}

/// A comment of which the number is known, and perhaps the code of the post.
pub(super) fn named(number: &str, code: Option<&str>) -> Option<Post> {
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    let fits = (5..=20).contains(&number.len()) && is_number;
    fits.then(|| Post {
        platform: NAME.to_owned(),
        id: Some(number.to_owned()),
        uri: Some(uri(number)),
        url: code.map(|code| format!("{}c/{number}/", address(code))),
        ..Post::default()
    })
}

/// Whether it is the name of a comment.
pub(super) fn is_uri(name: &str) -> bool {
    name.strip_prefix(NAME).is_some_and(|rest| rest.starts_with(":comment:"))
}

/// Its number names it wherever it is seen; the address of its page does not.
fn uri(number: &str) -> String {
    format!("{NAME}:comment:{number}")
}

fn post(value: &Value, code: Option<&str>, parent: Option<&str>, reading: &Reading) -> Result<Post, String> {
    let number = id(&value["pk"]).or_else(|| id(&value["id"])).ok_or("has no id")?;
    let of_post = item::number(value, "media_id").and_then(|number| meta::code(&number));
    let code = code.or(of_post.as_deref());
    let mut post = named(&number, code).ok_or_else(|| format!("has no id of a comment: {number:?}"))?;
    let whose = if value["user"].is_object() { &value["user"] } else { &value["owner"] };
    post.author = meta::account(whose, profile);
    post.text = value["text"].as_str().filter(|text| !text.is_empty()).ok_or("has no text")?.to_owned();
    post.text_state = TextState::Complete;
    let at = seconds(&value["created_at_utc"]).or_else(|| seconds(&value["created_at"]));
    post.created = at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    item::in_text(&mut post);
    post.kind = Kind::Reply;
    let answered = ["replied_to_comment_id", "parent_comment_id"].iter().find_map(|name| item::number(value, name));
    let answered = answered.or_else(|| parent.map(str::to_owned)).filter(|number| number != "0");
    post.reply_to = match (answered, code) {
        (Some(number), _) => Some(PostRef { uri: Some(uri(&number)), id: Some(number), url: None }),
        (None, Some(code)) => {
            Some(PostRef { id: Some(code.to_owned()), uri: Some(address(code)), url: Some(address(code)) })
        }
        (None, None) => None,
    };
    let likes = count(&value["comment_like_count"]).or_else(|| count(&value["edge_liked_by"]["count"]));
    let replies = count(&value["child_comment_count"]).or_else(|| count(&value["edge_threaded_comments"]["count"]));
    post.metrics =
        Metrics { likes, replies, seen_at: likes.or(replies).map(|_| reading.seen_at), ..Metrics::default() };
    Ok(post)
}
