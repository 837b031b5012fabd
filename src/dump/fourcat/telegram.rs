//! Rows about messages of Telegram: <https://github.com/digitalmethodsinitiative/4cat/blob/master/datasources/telegram/search_telegram.py>.
//!
//! A message of a chat with a public name is known by that and its number; one of another chat has no name beyond the file, because
//! numbers of small groups differ from member to member. What a message forwards was written by somebody else, whom the
//! table names as far as 4CAT knew; where it stands, the table does not say. Left out: reactions, polls, files.

use chrono::{DateTime, Utc};

use super::{NAME, NOBODY, date, is_taken_out, person};
use crate::dump::table::{Row, count, is_yes, words};
use crate::dump::tweet;
use crate::model::{Author, Handle, Kind, Metrics, Post, PostRef, Precision, TextState, When, WhenSource};
use crate::platform;

/// Columns that say of whom the words are that a message forwards.
const FORWARDED: [&str; 4] = [
    "author_forwarded_from_username",
    "author_forwarded_from_name",
    "author_forwarded_from_id",
    "unix_timestamp_forwarded_from",
];

/// Reads a message; of one that forwards another the message without words, and the other.
///
/// # Errors
/// What it lacks.
pub(super) fn posts(row: &Row<'_>, seen_at: DateTime<Utc>) -> Result<Vec<Post>, String> {
    let id = row.get("id").ok_or("has no id")?;
    let chat = row.first(&["chat", "thread_id"]).ok_or("stands in no chat")?;
    let number = id.strip_prefix(chat).and_then(|rest| rest.strip_prefix('-')).unwrap_or(id);
    let mut post = message(chat, number).unwrap_or_else(|| Post { platform: name(), ..Post::default() });
    post.author = Author {
        id: person(row, &["author"]).map(str::to_owned),
        handle: person(row, &["author_username"]).and_then(Handle::new),
        name: person(row, &["author_name"]).map(str::to_owned),
        flags: is_yes(row.get("author_is_bot")).then(|| "bot".to_owned()).into_iter().collect(),
        url: None,
    };
    if row.first(&["author", "author_username"]).is_some_and(is_taken_out) {
        post.doubts.push(NOBODY.to_owned());
    }
    date(row, &mut post);
    post.text = words(row.get("body"))?.to_owned();
    post.text_state = TextState::Unknown;
    if is_yes(row.get("is_reply")) {
        let answered = row.get("reply_to").and_then(|number| message(chat, number));
        post.reply_to = answered.map(|Post { id, uri, url, .. }| PostRef { id, uri, url });
        post.kind = Kind::Reply;
    }
    let metrics = Metrics { views: count(row.get("views")), ..Metrics::default() };
    tweet::metrics(&mut post, metrics, seen_at);
    Ok(if row.first(&FORWARDED).is_some() { forwarded(row, post) } else { vec![post] })
}

/// The message of that number in a chat that has a public name.
fn message(chat: &str, number: &str) -> Option<Post> {
    platform::post_at(&format!("https://t.me/{chat}/{}", number.trim())).filter(|_| !chat.contains('/'))
}

/// The name of the platform, from the platform itself.
fn name() -> String {
    message("channel", "1").map_or_else(|| NAME.to_owned(), |post| post.platform)
}

fn forwarded(row: &Row<'_>, mut post: Post) -> Vec<Post> {
    let text = std::mem::take(&mut post.text);
    let [handle, name, id, at] = FORWARDED.map(|column| person(row, &[column]));
    let at = at.and_then(|at| DateTime::<Utc>::from_timestamp(at.parse().ok()?, 0));
    let mut original = Post {
        platform: post.platform.clone(),
        author: Author {
            id: id.map(str::to_owned),
            handle: handle.and_then(Handle::new),
            name: name.map(str::to_owned),
            ..Author::default()
        },
        created: at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        text,
        text_state: post.text_state,
        doubts: vec!["It is known from a message only that forwards it.".to_owned()],
        ..Post::default()
    };
    if original.author == Author::default() {
        original.doubts.push("The table does not name its author.".to_owned());
    }
    (post.kind, post.text_state, post.reply_to) = (Kind::Repost, TextState::Complete, None);
    vec![post, original]
}
