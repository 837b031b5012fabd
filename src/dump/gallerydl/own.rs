//! What gallery-dl says in its own words wherever it says it: times, counts, files, and the posts of which it keeps no more
//! than that.

use serde_json::Value;

use crate::date;
use crate::model::{Author, Handle, Hashtag, Media, Metrics, Post, Precision, TextState, When, WhenSource};
use crate::platform;
use crate::platform::json::id;

/// A text that says something.
pub(super) fn words<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value[name].as_str().filter(|text| !text.is_empty())
}

/// A count; with `num-to-str` numbers are texts.
pub(super) fn count(value: &Value, name: &str) -> Option<u64> {
    value[name].as_u64().or_else(|| value[name].as_str()?.parse().ok())
}

/// A time, `2021-07-26 18:03:11`, which is UTC.
pub(super) fn created(value: &Value, name: &str) -> Option<When> {
    let at = date::timestamp(words(value, name)?)?;
    When::new(at, Precision::Second, WhenSource::Platform)
}

/// The file that an object speaks of; `None` if it speaks of the post.
pub(super) fn media(words: &Value, address: Option<&str>) -> Option<Media> {
    words.get("num").filter(|_| words["extension"].is_string())?;
    let kind = match (words["type"].as_str(), self::words(words, "extension")?) {
        (Some("animated_gif"), _) => "gif",
        (_, "mp4" | "webm" | "mov" | "m3u8") => "video",
        (_, "jpg" | "jpeg" | "png" | "webp" | "avif" | "heic") => "image",
        (_, "gif") => "gif",
        (_, "mp3" | "m4a" | "ogg") => "audio",
        _ => "unknown",
    };
    let size = |name: &str| count(words, name).filter(|size| *size > 0).and_then(|size| u32::try_from(size).ok());
    Some(Media {
        // What begins with `ytdl:` or `text:` is an order to gallery-dl.
        url: address.filter(|address| address.starts_with("http")).map(str::to_owned),
        kind: kind.to_owned(),
        // Instagram's words for a post are not those for a picture.
        alt: self::words(words, "description").filter(|_| words.get("tweet_id").is_some()).map(str::to_owned),
        width: size("width"),
        height: size("height"),
    })
}

/// A post of which gallery-dl gives words and address: Instagram's
/// (<https://github.com/mikf/gallery-dl/blob/master/gallery_dl/extractor/instagram.py>).
///
/// # Errors
/// What it lacks.
pub(super) fn post(said: &Value) -> Result<Post, String> {
    let address = words(said, "post_url").ok_or("has no address")?;
    let post = platform::post_at(address).ok_or_else(|| format!("no reader knows its address {address:?}"))?;
    let handle = words(said, "username").and_then(Handle::new);
    let tags = said["tags"].as_array().into_iter().flatten();
    Ok(Post {
        author: Author {
            id: id(&said["owner_id"]),
            handle: handle.or(post.author.handle),
            name: said["fullname"].as_str().map(str::to_owned),
            ..post.author
        },
        // `date` is the file's.
        created: created(said, "post_date").or_else(|| created(said, "date")).or(post.created),
        text: words(said, "description").ok_or("has no text")?.to_owned(),
        text_state: TextState::Complete,
        hashtags: tags.filter_map(|tag| Hashtag::new(tag.as_str()?)).collect(),
        metrics: Metrics { likes: count(said, "likes"), ..Metrics::default() },
        ..post
    })
}
