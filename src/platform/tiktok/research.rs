//! The Research API: <https://developers.tiktok.com/doc/research-api-specs-query-videos>.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::{author, comment, date, keep, mention, named, post_at};
use crate::model::{Handle, Hashtag, Media, Metrics, Post, Precision, TextState, When, WhenSource};
use crate::platform::Page;
use crate::platform::json::{count, id, seconds, words};
use crate::platform::printed::inline;

/// Reads an answer, one video or one comment; `false` if it is none of them.
pub(super) fn read(page: &mut Page, at: &str, value: &Value, seen_at: DateTime<Utc>) -> bool {
    if is_video(value) {
        keep(page, at.to_owned(), video(value, seen_at));
        return true;
    }
    if is_comment(value) {
        keep(page, at.to_owned(), self::comment(value, seen_at));
        return true;
    }
    let (at, data) = match value {
        Value::Array(_) => return all(page, at, value, seen_at),
        value => (format!("{at}/data"), &value["data"]),
    };
    let empty = |name: &str| data[name].as_array().is_some_and(Vec::is_empty) && value["error"]["log_id"].is_string();
    let lists = ["videos", "comments", "user_liked_videos", "pinned_videos_list", "reposted_videos"];
    lists
        .into_iter()
        .any(|name| empty(name) || data.get(name).is_some_and(|list| all(page, &format!("{at}/{name}"), list, seen_at)))
}

/// Reads a list, if one in it is a video or a comment.
fn all(page: &mut Page, at: &str, list: &Value, seen_at: DateTime<Utc>) -> bool {
    let Some(list) = list.as_array().filter(|list| list.iter().any(|one| is_video(one) || is_comment(one))) else {
        return false;
    };
    for (i, one) in list.iter().enumerate() {
        let read = if is_comment(one) { self::comment(one, seen_at) } else { video(one, seen_at) };
        keep(page, format!("{at}/{i}"), read);
    }
    true
}

/// Which fields are sent is asked for; without words there is nothing to quote.
fn is_video(value: &Value) -> bool {
    value["video_description"].is_string() && (value.get("id").is_some() || value.get("video_id").is_some())
}

fn is_comment(value: &Value) -> bool {
    ["id", "video_id", "create_time"].iter().all(|name| value.get(*name).is_some())
        && value["text"].is_string()
        && (value.get("parent_comment_id").is_some() || value.get("like_count").is_some())
}

fn video(video: &Value, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let number = id(&video["id"]).or_else(|| id(&video["video_id"])).ok_or("has no id")?;
    let mut post = named(&number).ok_or_else(|| format!("has no id of TikTok: {number:?}"))?;
    // The API for one's own videos names no account, but gives the address.
    let shared = words(video, "share_url").and_then(|url| post_at(&Url::parse(url).ok()?)).map(|post| post.author);
    let named_in = shared.filter(|author| author.handle.is_some());
    post.author = named_in.unwrap_or_else(|| author(words(video, "username").and_then(Handle::new)));
    post.url = post.author.url.as_deref().map(|profile| format!("{profile}/video/{number}"));
    post.text = video["video_description"].as_str().ok_or("has no text")?.to_owned();
    let is_whole = post.text.is_empty() || post.text.contains('\n');
    post.text_state = if is_whole { TextState::Complete } else { TextState::Unknown };
    date(&mut post, seconds(&video["create_time"]));
    let written = inline::read(&post.text).hashtags;
    let named = video["hashtag_names"].as_array().into_iter().flatten().filter_map(|name| Hashtag::new(name.as_str()?));
    let as_written = |tag: Hashtag| written.iter().find(|other| other.folded() == tag.folded()).cloned().unwrap_or(tag);
    post.hashtags = named.map(as_written).collect();
    let mentioned = video["video_mention_list"].as_array().into_iter().flatten();
    post.mentions = mentioned.filter_map(|name| mention(name.as_str(), None)).collect();
    post.media = vec![Media { kind: "video".to_owned(), ..Media::default() }];
    post.metrics = metrics(
        Metrics {
            likes: count(&video["like_count"]),
            reposts: count(&video["share_count"]),
            replies: count(&video["comment_count"]),
            views: count(&video["view_count"]),
            ..Metrics::default()
        },
        seen_at,
    );
    Ok(post)
}

/// <https://developers.tiktok.com/doc/research-api-specs-query-video-comments>: who wrote them is not told.
fn comment(one: &Value, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let number = id(&one["id"]).ok_or("has no id")?;
    let video = id(&one["video_id"]).ok_or("names no video")?;
    let mut post =
        comment::named(&number, &video).ok_or_else(|| format!("has no id of TikTok: {number:?} below {video:?}"))?;
    post.text = words(one, "text").ok_or("has no text")?.to_owned();
    post.text_state = TextState::Complete;
    let at = seconds(&one["create_time"]);
    post.created = at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    // What answers no other comment names the video.
    let parent = id(&one["parent_comment_id"]).filter(|id| id != "0");
    comment::answers(&mut post, parent.as_deref(), &video);
    post.hashtags = inline::read(&post.text).hashtags;
    let (likes, replies) = (count(&one["like_count"]), count(&one["reply_count"]));
    post.metrics = metrics(Metrics { likes, replies, ..Metrics::default() }, seen_at);
    Ok(post)
}

fn metrics(metrics: Metrics, seen_at: DateTime<Utc>) -> Metrics {
    Metrics { seen_at: (metrics != Metrics::default()).then_some(seen_at), ..metrics }
}
