//! Comments as the web client gets them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{NAME, account, is_id, keep, list, mention, uri};
use crate::model::{Hashtag, Kind, Media, Metrics, Post, PostRef, Precision, TextState, When, WhenSource};
use crate::platform::Page;
use crate::platform::json::{count, id, seconds, words};
use crate::platform::printed::inline;

/// Reads a list of comments, or one; `false` if it is neither.
pub(super) fn read(page: &mut Page, at: &str, value: &Value, seen_at: DateTime<Utc>) -> bool {
    let all: Vec<(String, &Value)> = if is_comment(value) {
        vec![(at.to_owned(), value)]
    } else if let Value::Array(all) = value {
        all.iter().enumerate().map(|(i, one)| (format!("{at}/{i}"), one)).collect()
    } else if let Some(all) = list(at, value, "comments") {
        all.collect()
    } else {
        // Where there are none, the answer says so with `null`.
        return value["comments"].is_null() && value.get("alias_comment_deleted").is_some();
    };
    let is_answer = || all.is_empty() && value.get("status_code").is_some() && value.get("has_more").is_some();
    if !all.iter().any(|(_, one)| is_comment(one)) && !is_answer() {
        return false;
    }
    for (at, one) in all {
        let answers = list(&at, one, "reply_comment");
        keep(page, at, post(one, seen_at));
        // They hold no answers themselves.
        for (at, answer) in answers.into_iter().flatten() {
            keep(page, at, post(answer, seen_at));
        }
    }
    true
}

/// Whether it is a comment. Douyin sends the same, with the place that an address is of, or its own address.
fn is_comment(value: &Value) -> bool {
    let of_douyin = || {
        value.get("ip_label").is_some() || words(&value["share_info"], "url").is_some_and(|url| url.contains("douyin"))
    };
    value.get("cid").is_some()
        && value.get("aweme_id").is_some()
        && value["text"].is_string()
        && value["user"].is_object()
        && !of_douyin()
}

/// A comment of which the id and the video's are known.
pub(super) fn named(number: &str, video: &str) -> Option<Post> {
    (is_id(number) && is_id(video)).then(|| Post {
        platform: NAME.to_owned(),
        id: Some(number.to_owned()),
        uri: Some(address(number, video)),
        url: Some(address(number, video)),
        ..Post::default()
    })
}

/// The address under which TikTok lets a comment be passed on.
fn address(number: &str, video: &str) -> String {
    format!("{}?share_comment_id={number}", uri(video))
}

/// Sets what a comment answers: another comment, or the video.
pub(super) fn answers(post: &mut Post, comment: Option<&str>, video: &str) {
    post.kind = Kind::Reply;
    post.reply_to = Some(match comment.filter(|comment| *comment != video) {
        Some(comment) => PostRef { id: Some(comment.to_owned()), uri: Some(address(comment, video)), url: None },
        None => PostRef { id: Some(video.to_owned()), uri: Some(uri(video)), url: None },
    });
}

fn post(comment: &Value, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let number = id(&comment["cid"]).ok_or("has no id")?;
    let video = id(&comment["aweme_id"]).ok_or("names no video")?;
    let mut post = named(&number, &video).ok_or_else(|| format!("has no id of TikTok: {number:?} below {video:?}"))?;
    post.author = account(&comment["user"]);
    post.text = comment["text"].as_str().unwrap_or_default().to_owned();
    post.text_state = TextState::Complete;
    let pictures = comment["image_list"].as_array().map_or(0, Vec::len);
    post.media = vec![Media { kind: "image".to_owned(), ..Media::default() }; pictures.min(20)];
    if post.text.is_empty() && post.media.is_empty() {
        return Err("has no text".to_owned());
    }
    let at = seconds(&comment["create_time"]);
    post.created = at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    let other = |name: &str| id(&comment[name]).filter(|id| id != "0");
    answers(&mut post, other("reply_to_reply_id").or_else(|| other("reply_id")).as_deref(), &video);
    post.lang = words(comment, "comment_language").filter(|lang| *lang != "un").map(str::to_owned);
    for extra in comment["text_extra"].as_array().into_iter().flatten() {
        match words(extra, "hashtag_name").and_then(Hashtag::new) {
            Some(tag) => post.hashtags.push(tag),
            None => post
                .mentions
                .extend(mention(words(extra, "user_unique_id"), id(&extra["user_id"]).filter(|id| !id.is_empty()))),
        }
    }
    if post.hashtags.is_empty() {
        post.hashtags = inline::read(&post.text).hashtags;
    }
    let (likes, replies) = (count(&comment["digg_count"]), count(&comment["reply_comment_total"]));
    post.metrics = Metrics { likes, replies, seen_at: likes.or(replies).map(|_| seen_at), ..Metrics::default() };
    Ok(post)
}
