//! Posts as the web client gets them.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::{named, profile, reference};
use crate::model::{Handle, Hashtag, Kind, Link, Metrics, Post, Precision, TextState, When, WhenSource};
use crate::platform::json::{count, id, seconds, words};
use crate::platform::meta;
use crate::platform::printed::inline;

/// Whether it is a post: a neighbour platform's have the same members, but for one.
pub(super) fn is_post(value: &Value) -> bool {
    value["code"].is_string() && value["user"].is_object() && value["text_post_app_info"].is_object()
}

/// The post that a post passes on, and where it stands.
pub(super) fn shared(value: &Value) -> Option<(&'static str, &Value)> {
    let info = &value["text_post_app_info"]["share_info"];
    let places = [
        ("text_post_app_info/share_info/reposted_post", &info["reposted_post"]),
        ("text_post_app_info/share_info/quoted_post", &info["quoted_post"]),
    ];
    places.into_iter().find(|(_, post)| post["code"].is_string())
}

/// Reads a post.
///
/// # Errors
/// What it lacks, as a fragment.
pub(super) fn post(value: &Value, before: Option<&Value>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let code = words(value, "code").ok_or("has no code")?;
    let account = meta::account(&value["user"], profile);
    let mut post = named(code, account.handle.clone()).ok_or_else(|| format!("has no code of Threads: {code:?}"))?;
    post.author = account;
    let info = &value["text_post_app_info"];
    if info["is_post_unavailable"] == true {
        return Err(format!("is not shown: {}", post.uri.unwrap_or_default()));
    }
    post.text = words(&value["caption"], "text").map(str::to_owned).or_else(|| fragments(info)).unwrap_or_default();
    post.text_state = TextState::Complete;
    post.media = meta::media(value);
    let at = seconds(&value["taken_at"]);
    post.created = at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    in_text(&mut post);
    if let Some(link) = words(&info["link_preview_attachment"], "url") {
        let url = led_to(link);
        if !post.links.iter().any(|known| known.url == url) {
            let shown = words(&info["link_preview_attachment"], "title").unwrap_or_default().to_owned();
            post.links.push(Link { shown, url });
        }
    }
    topic(&mut post, words(&info["tag_header"], "display_name"));
    if value["caption_is_edited"] == true {
        post.labels.push("edited".to_owned());
    }
    let other = shared(value).and_then(|(place, other)| {
        let handle = words(&other["user"], "username").and_then(Handle::new);
        Some((place.ends_with("reposted_post"), reference(&named(words(other, "code")?, handle)?)))
    });
    let answers = info["is_reply"] == true || info["reply_to_author"].is_object();
    post.reply_to = before.filter(|before| answers && is_by(before, &info["reply_to_author"])).and_then(|before| {
        let handle = words(&before["user"], "username").and_then(Handle::new);
        Some(reference(&named(words(before, "code")?, handle)?))
    });
    match other {
        Some((true, of)) if post.text.is_empty() => (post.kind, post.repost_of) = (Kind::Repost, Some(of)),
        Some((_, of)) => (post.kind, post.quote_of) = (if answers { Kind::Reply } else { Kind::Quote }, Some(of)),
        None if answers => post.kind = Kind::Reply,
        None => {}
    }
    if post.text.is_empty() && post.media.is_empty() && post.links.is_empty() && post.kind != Kind::Repost {
        return Err("has no text".to_owned());
    }
    let metrics = Metrics {
        likes: count(&value["like_count"]).filter(|_| value["like_and_view_counts_disabled"] != true),
        replies: count(&info["direct_reply_count"]),
        reposts: count(&info["repost_count"]),
        quotes: count(&info["quote_count"]),
        ..Metrics::default()
    };
    // A repost shows the counts of what it passes on.
    if metrics != Metrics::default() && post.kind != Kind::Repost {
        post.metrics = Metrics { seen_at: Some(seen_at), ..metrics };
    }
    Ok(post)
}

/// Whether a post is by an account that is named by itself.
fn is_by(post: &Value, account: &Value) -> bool {
    let same = |name: &str| id(&account[name]).is_some_and(|id_of| id(&post["user"][name]) == Some(id_of));
    same("pk")
        || same("id")
        || words(account, "username").is_some_and(|name| words(&post["user"], "username") == Some(name))
}

/// The words in pieces, as some answers have them.
fn fragments(info: &Value) -> Option<String> {
    let pieces = info["text_fragments"]["fragments"].as_array()?.iter().map(|piece| piece["plaintext"].as_str());
    pieces.collect::<Option<Vec<&str>>>().map(|pieces| pieces.concat())
}

/// Enters what the words name. Accounts are written as their handles.
pub(super) fn in_text(post: &mut Post) {
    let inline = inline::read(&post.text);
    post.hashtags = inline.hashtags;
    post.links = inline.links;
    post.mentions = inline.mentions;
    for mention in &mut post.mentions {
        mention.url = mention.handle.as_ref().map(profile);
    }
}

/// Enters the topic of a post, of which it has one at most. It may be no hashtag.
pub(super) fn topic(post: &mut Post, topic: Option<&str>) {
    let Some(topic) = topic.map(str::trim).filter(|topic| !topic.is_empty()) else { return };
    match Hashtag::new(topic) {
        Some(tag) if post.hashtags.iter().any(|known| known.folded() == tag.folded()) => {}
        Some(tag) => post.hashtags.push(tag),
        None => post.labels.push(format!("tagged: {topic}")),
    }
}

/// Where a link leads that goes by way of the platform: `https://l.threads.com/?u=ADDRESS`.
fn led_to(link: &str) -> String {
    let through = Url::parse(link).ok().filter(|url| url.host_str().is_some_and(|host| host.starts_with("l.")));
    let behind = through.and_then(|url| url.query_pairs().find(|(name, _)| name == "u").map(|(_, to)| to.into_owned()));
    behind.unwrap_or_else(|| link.to_owned())
}
