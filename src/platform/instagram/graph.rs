//! Media of the Graph API: <https://developers.facebook.com/docs/instagram-platform/reference/instagram-media>.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::{Reading, author, comment, item, post_at};
use crate::date;
use crate::model::{Handle, Kind, Media, Metrics, Post, PostRef, Precision, TextState, When, WhenSource};
use crate::platform::json::{count, id, words};

/// Whether it is a medium: its address is one of Instagram's.
pub(super) fn is_media(value: &Value) -> bool {
    let tells = ["timestamp", "caption", "media_type"].iter().filter(|name| value[**name].is_string()).count() >= 2;
    value.get("id").is_some() && tells && words(value, "permalink").is_some_and(|link| link.contains("instagram.com/"))
}

/// Reads a medium and the comments that were asked for with it.
pub(super) fn read(reading: &mut Reading, at: &str, media: &Value) {
    let post = post(media, reading.seen_at);
    let of = post.as_ref().ok().and_then(|post| post.id.clone());
    reading.keep(at.to_owned(), post);
    for (i, one) in media["comments"]["data"].as_array().into_iter().flatten().enumerate() {
        let comment = self::comment(one, of.as_deref(), reading.seen_at);
        reading.keep(format!("{at}/comments/data/{i}"), comment);
    }
}

/// Its number is another than the one that is written as a code.
fn post(media: &Value, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let link = words(media, "permalink").ok_or("has no address")?;
    let mut post = Url::parse(link)
        .ok()
        .and_then(|url| post_at(&url))
        .ok_or_else(|| format!("has no address of a post: {link:?}"))?;
    post.url = Some(link.to_owned());
    post.author = author(words(media, "username").and_then(Handle::new));
    post.author.id = id(&media["owner"]["id"]);
    // A post without caption has no such member.
    post.text = media["caption"].as_str().unwrap_or_default().to_owned();
    post.text_state = TextState::Complete;
    post.created = stated_at(media);
    let children = media["children"]["data"].as_array().filter(|children| !children.is_empty());
    post.media = match children {
        Some(children) => children.iter().map(file).collect(),
        None => vec![file(media)],
    };
    item::in_text(&mut post);
    let (likes, replies) = (count(&media["like_count"]), count(&media["comments_count"]));
    let views = count(&media["view_count"]);
    let metrics = Metrics { likes, replies, views, ..Metrics::default() };
    post.metrics = Metrics { seen_at: (metrics != Metrics::default()).then_some(seen_at), ..metrics };
    Ok(post)
}

fn stated_at(value: &Value) -> Option<When> {
    let at = words(value, "timestamp").and_then(date::timestamp)?;
    When::new(at, Precision::Second, WhenSource::Platform)
}

fn comment(one: &Value, code: Option<&str>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let number = id(&one["id"]).ok_or("has no id")?;
    let mut post = comment::named(&number, code).ok_or_else(|| format!("has no id of a comment: {number:?}"))?;
    post.text = words(one, "text").ok_or("has no text")?.to_owned();
    post.text_state = TextState::Complete;
    post.author = author(words(one, "username").or_else(|| words(&one["from"], "username")).and_then(Handle::new));
    post.created = stated_at(one);
    post.kind = Kind::Reply;
    post.reply_to = code.map(|code| PostRef {
        id: Some(code.to_owned()),
        uri: Some(super::address(code)),
        url: Some(super::address(code)),
    });
    item::in_text(&mut post);
    let likes = count(&one["like_count"]);
    post.metrics = Metrics { likes, seen_at: likes.map(|_| seen_at), ..Metrics::default() };
    Ok(post)
}

fn file(media: &Value) -> Media {
    let kind = match media["media_type"].as_str() {
        Some("IMAGE") => "image",
        Some("VIDEO") => "video",
        _ => "unknown",
    };
    Media {
        url: words(media, "media_url").map(str::to_owned),
        kind: kind.to_owned(),
        alt: words(media, "alt_text").map(str::to_owned),
        ..Media::default()
    }
}
