//! The answer that X's embeds fetch (`cdn.syndication.twimg.com/tweet-result`): a classic tweet with other names, which
//! cuts long posts and tells so.

use serde_json::Value;

use super::reading::Reading;
use super::tweet::{self, Around};
use crate::model::{Found, TextState};

/// Reads a document; `false` if it is of another shape.
pub(super) fn read(reading: &mut Reading, at: &str, value: &Value) -> bool {
    let kind = value["__typename"].as_str().unwrap_or_default();
    if kind == "TweetTombstone" {
        let said = value["tombstone"]["text"]["text"].as_str().unwrap_or("no reason given");
        reading.skip(
            at.to_owned(),
            format!("is a post that X does not show: {}", crate::platform::printed::shortened(said)),
        );
        return true;
    }
    let is_one =
        kind == "Tweet" && value["id_str"].is_string() && value["user"].is_object() && value["text"].is_string();
    if is_one {
        put(reading, at.to_owned(), value, false);
    }
    is_one
}

fn put(reading: &mut Reading, at: String, value: &Value, nested: bool) {
    let mut post = match tweet::post(value, Around::default(), reading.seen_at) {
        Ok(post) => post,
        Err(reason) => return reading.skip(at, reason),
    };
    // A long post comes with the id of its note, and without it.
    if value["note_tweet"].is_object() {
        post.text_state = TextState::Truncated;
    }
    post.metrics.replies = post.metrics.replies.or_else(|| value["conversation_count"].as_u64());
    let media = value["mediaDetails"].as_array().into_iter().flatten();
    if post.media.is_empty() {
        post.media = media.map(tweet::media).collect();
    }
    let quoted = &value["quoted_tweet"];
    if let Some(number) = quoted["id_str"].as_str() {
        post.quote_of = Some(tweet::reference(number, quoted["user"]["screen_name"].as_str()));
        if post.reply_to.is_none() {
            post.kind = crate::model::Kind::Quote;
        }
    }
    reading.page.posts.push(Found { post, at: at.clone(), nested });
    if quoted.is_object() && !nested {
        put(reading, format!("{at}/quoted_tweet"), quoted, true);
    }
}
