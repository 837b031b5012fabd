//! What snscrape took from platforms other than X. Every item has an address, and the address tells which post it is.
//!
//! From pages (Telegram, Mastodon, Facebook) snscrape took bare text: what the page shows as a new line is nothing there. Of
//! Telegram it takes the first text of a message, which for an answer may be the beginning of the other message.

use serde_json::Value;

use super::tweet::date;
use crate::model::{Handle, Hashtag, Kind, Link, Metrics, Post, PostRef, Precision, TextState, When, WhenSource};
use crate::platform;
use crate::platform::json::{gone, unescaped};

/// Reads an item by the name of its module and class: <https://github.com/JustAnotherArchivist/snscrape/tree/master/snscrape/modules>.
///
/// # Errors
/// What it lacks, or that it is no post.
pub(super) fn post(kind: &str, item: &Value) -> Result<Post, String> {
    if kind.ends_with(".Tombstone") || kind.ends_with(".TweetRef") {
        return Err("is a post that could not be seen".to_owned());
    }
    if item["toot"].is_object() {
        return Err("passes another post on, and snscrape does not say where".to_owned());
    }
    let Some(address) = item["url"].as_str().or_else(|| item["cleanUrl"].as_str()).filter(|_| item["date"].is_string())
    else {
        return Err(format!("is no post but a {kind:?} of snscrape"));
    };
    let mut post = platform::post_at(address).ok_or_else(|| format!("no reader knows its address {address:?}"))?;
    let words = |name: &str| item[name].as_str().filter(|text| !text.is_empty());
    // Reddit's texts came escaped, from Pushshift; the others are plain.
    let said = |name: &str| words(name).map(unescaped).unwrap_or_default();
    match kind {
        "reddit.Submission" => {
            let (title, below) = (said("title"), said("selftext"));
            post.text_state = TextState::Complete;
            if let Some(how) = gone(&title) {
                return Err(format!("was {how}"));
            }
            post.text = match below.as_str() {
                "" => title,
                below => match gone(below) {
                    Some(how) => {
                        post.text_state = TextState::Truncated;
                        post.doubts.push(format!("The text below its title was {how}."));
                        title
                    }
                    None => format!("{title}\n\n{below}"),
                },
            };
            post.links.extend(words("link").map(|url| Link { shown: String::new(), url: url.to_owned() }));
        }
        "reddit.Comment" => {
            post.text = said("body");
            post.text_state = TextState::Complete;
            post.kind = Kind::Reply;
            post.reply_to = answered(address, item["parentId"].as_str().unwrap_or_default());
        }
        "instagram.InstagramPost" => {
            post.text = words("content").unwrap_or_default().to_owned();
            post.text_state = TextState::Complete;
        }
        "mastodon.Toot" => {
            // Behind a warning the two have changed places.
            let (text, warning) = match words("spoilerText") {
                Some(text) => (Some(text), words("text")),
                None => (words("text"), None),
            };
            post.text = text.unwrap_or_default().to_owned();
            post.content_warning = warning.map(str::to_owned);
            post.doubts.push("snscrape gives it without the line breaks within paragraphs.".to_owned());
        }
        "telegram.TelegramPost" => {
            post.text = words("content").unwrap_or_default().to_owned();
            post.doubts.push(
                "snscrape gives it without line breaks, and does not say whether the channel wrote these words, forwards them, \
                 or answers them."
                    .to_owned(),
            );
        }
        _ => {
            post.text = words("content").or_else(|| words("text")).unwrap_or_default().to_owned();
            post.doubts.push("snscrape took it from a page, and may give it without line breaks.".to_owned());
        }
    }
    if post.text.is_empty() {
        return Err("has no text".to_owned());
    }
    if let Some(how) = gone(&post.text) {
        return Err(format!("was {how}"));
    }
    let user = &item["user"];
    let handle = words("author").or_else(|| words("username")).or_else(|| user["account"].as_str());
    if let Some(handle) = handle.filter(|handle| gone(handle).is_none()).and_then(Handle::new) {
        post.author.handle = Some(handle);
    }
    post.author.name = user["displayName"].as_str().map(str::to_owned);
    let at = date(item).and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    post.created = at.or(post.created);
    post.hashtags =
        item["hashtags"].as_array().into_iter().flatten().filter_map(|tag| Hashtag::new(tag.as_str()?)).collect();
    let count = |name: &str| item[name].as_u64();
    post.metrics = Metrics { likes: count("likes"), replies: count("comments"), ..Metrics::default() };
    Ok(post)
}

/// The post that a comment answers, which stands under the same submission.
fn answered(address: &str, parent: &str) -> Option<PostRef> {
    let (kind, number) = parent.split_once('_')?;
    let (before, after) = address.split_once("/comments/")?;
    let submission = after.split('/').next()?;
    let of = match kind {
        "t1" => format!("{before}/comments/{submission}/_/{number}/"),
        _ => format!("{before}/comments/{number}/"),
    };
    let Post { id, uri, .. } = platform::post_at(&of)?;
    Some(PostRef { id, uri, url: None })
}
