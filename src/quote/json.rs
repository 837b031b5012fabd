//! The JSON object of a post: what `parse`, `search` and `show` print, one a line, for other programs.
//!
//! The contract: handles without `@`, ids as strings, times as RFC 3339 in UTC or `YYYY-MM-DD`; a field that the
//! source does not give is `null` or an empty list, so that every object has the same keys.

use serde_json::{Map, Value, json};

use super::{Quotable, Setting, state};
use crate::model::{CaptureRef, Post, PostRef};

/// A post from the archive as one line of JSON, with the state that is quoted.
pub(super) fn quote(quotable: &Quotable, _: &Setting) -> String {
    let mut object = archived(quotable);
    let post = &quotable.post;
    object.insert("place".into(), quotable.place.clone().into());
    object.insert("revision".into(), quotable.revision.into());
    object.insert("revision_count".into(), quotable.revisions.into());
    object.insert("revision_id".into(), state::state_id(&post.text, post.content_warning.as_deref()).into());
    Value::Object(object).to_string()
}

/// A post from the archive: the object of [`post`] with its `key` and `capture`.
pub fn archived(quotable: &Quotable) -> Map<String, Value> {
    let mut object = post(&quotable.post, quotable.nested);
    object.insert("key".into(), quotable.key.clone().into());
    let gone = quotable.gone.as_ref().map(|gone| {
        let at = gone.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        json!({ "at": at, "server": gone.server, "capture": gone.capture.record_id, "place": gone.place })
    });
    object.insert("deleted".into(), gone.unwrap_or_default());
    object.insert(
        "capture".into(),
        capture(&quotable.capture, &quotable.captured_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
    );
    object
}

/// The place of a capture and when it was made.
pub fn capture(place: &CaptureRef, at: &str) -> Value {
    json!({ "file": place.file, "offset": place.offset, "record_id": place.record_id, "digest": place.digest, "at": at })
}

/// A post as a source gave it; `capture`, `key` and `deleted` are null.
pub fn post(post: &Post, nested: bool) -> Map<String, Value> {
    let reference = |reference: &Option<PostRef>| reference.as_ref().and_then(PostRef::best).map(str::to_owned);
    let object = json!({
        "key": null,
        "platform": post.platform,
        "id": post.id,
        "uri": post.uri,
        "url": post.url,
        "author": {
            "name": post.author.name,
            "handle": post.author.handle,
            "id": post.author.id,
            "url": post.author.url,
            "flags": post.author.flags,
        },
        "created": post.created,
        "edited": post.edited,
        "text": post.text,
        "text_state": post.text_state,
        "content_warning": post.content_warning,
        "lang": post.lang,
        "kind": post.kind,
        "reply_to": reference(&post.reply_to),
        "repost_of": reference(&post.repost_of),
        "quote_of": reference(&post.quote_of),
        "hashtags": post.hashtags,
        "mentions": post.mentions,
        "links": post.links,
        "media": post.media,
        "poll": post.poll,
        "metrics": post.metrics,
        "labels": post.labels,
        "doubts": post.doubts,
        "nested": nested,
        "deleted": null,
        "capture": null,
    });
    match object {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
