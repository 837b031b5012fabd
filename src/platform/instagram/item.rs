//! Posts as the clients get them: with `shortcode` (GraphQL until 2024), or with `code` (the apps, GraphQL since).

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{address, author, named, profile};
use crate::model::{Author, Handle, Media, Metrics, Post, Precision, TextState, When, WhenSource};
use crate::platform::json::{count, id, seconds, words};
use crate::platform::meta;
use crate::platform::printed::inline;

/// Whether it is a post of the older kind; before 2017 the members had other names.
pub(super) fn is_of_graphql(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some();
    let is_of_2016 = || value["code"].is_string() && has("display_src") && has("date");
    let is_newer = value["shortcode"].is_string()
        && ["taken_at_timestamp", "edge_media_to_caption", "display_url"].iter().any(|name| has(name));
    has_account(value) && (is_newer || is_of_2016())
}

/// Whether it is a post of the newer kind. Those of a neighbour platform are told by what they have for its texts.
pub(super) fn is_item(value: &Value) -> bool {
    let kind = value["__typename"].as_str().unwrap_or_default();
    let has = |name: &str| value.get(name).is_some();
    (value["code"].is_string() || value["code"].is_number())
        && has_account(value)
        && (value["media_type"].is_u64() || kind.contains("Polaris") || kind.starts_with("XDTMedia"))
        && ["taken_at", "caption", "image_versions2", "display_uri"].iter().any(|name| has(name))
        && value["text_post_app_info"].is_null()
}

fn has_account(value: &Value) -> bool {
    value["user"].is_object() || value["owner"].is_object()
}

/// Whether it was paid for: it stands among posts, and nobody asked for it.
pub(super) fn is_advertisement(value: &Value) -> bool {
    let leads = value["link"].as_str().unwrap_or_default();
    value["product_type"] == "ad" || leads.starts_with("https://www.facebook.com/ads/")
}

/// Reads a post.
///
/// # Errors
/// What it lacks, as a fragment.
pub(super) fn post(item: &Value, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let code = words(item, "shortcode").or_else(|| words(item, "code")).ok_or("has no code")?;
    let mut post = named(code).ok_or_else(|| format!("has no code of Instagram: {code:?}"))?;
    if item["product_type"] == "story" {
        return Err("is a story".to_owned());
    }
    post.author = account(item)?;
    if item["product_type"] == "clips" {
        post.url = Some(address(code).replace("/p/", "/reel/"));
    }
    post.text = said(item).unwrap_or_default().to_owned();
    // A grid shows pictures, and does not say what stands below them.
    let tells = ["caption", "edge_media_to_caption"].iter().any(|name| item.get(*name).is_some());
    post.text_state = if tells { TextState::Complete } else { TextState::Unknown };
    post.media = media(item);
    if post.text.is_empty() && (post.media.is_empty() || !tells) {
        return Err(if tells { "has no text" } else { "is shown without its caption" }.to_owned());
    }
    let times = ["taken_at_timestamp", "taken_at", "date"];
    let at = times.iter().find_map(|name| seconds(&item[*name]));
    post.created = at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    in_text(&mut post);
    if item["caption_is_edited"] == true {
        post.labels.push("edited".to_owned());
    }
    let others = item["coauthor_producers"].as_array().into_iter().flatten();
    let others = others.filter_map(|other| Handle::new(words(other, "username")?));
    post.labels.extend(
        others.filter(|other| post.author.handle.as_ref() != Some(other)).map(|other| format!("with @{other}")),
    );
    let counted = |names: &[&str]| names.iter().find_map(|name| count(&item[*name]["count"]));
    let plain = |name: &str| count(&item[name]);
    let is_hidden = item["like_and_view_counts_disabled"] == true;
    let likes = counted(&["edge_media_preview_like", "edge_liked_by", "likes"]).or_else(|| plain("like_count"));
    let replies =
        counted(&["edge_media_to_parent_comment", "edge_media_to_comment", "edge_media_preview_comment", "comments"]);
    let views = ["video_view_count", "video_views", "play_count", "view_count"].iter().find_map(|name| plain(name));
    let metrics = Metrics {
        likes: likes.filter(|_| !is_hidden),
        replies: replies.or_else(|| plain("comment_count")),
        views,
        ..Metrics::default()
    };
    post.metrics = Metrics { seen_at: (metrics != Metrics::default()).then_some(seen_at), ..metrics };
    Ok(post)
}

/// Enters what a caption names. On Instagram an account is written as its handle.
pub(super) fn in_text(post: &mut Post) {
    let inline = inline::read(&post.text);
    post.hashtags = inline.hashtags;
    post.links = inline.links;
    post.mentions = inline.mentions;
    for mention in &mut post.mentions {
        mention.url = mention.handle.as_ref().map(profile);
    }
}

/// The author: `user` says more than `owner`, and where both are named they are one.
fn account(item: &Value) -> Result<Author, String> {
    let of = |name: &str| item[name].is_object().then(|| meta::account(&item[name], profile));
    let (user, owner) = (of("user"), of("owner"));
    if let (Some(Some(user)), Some(Some(owner))) =
        (user.as_ref().map(|user| &user.handle), owner.as_ref().map(|owner| &owner.handle))
        && user.folded() != owner.folded()
    {
        return Err(format!("names two authors, @{user} and @{owner}"));
    }
    let known = [user, owner].into_iter().flatten();
    Ok(known.max_by_key(|author| (author.handle.is_some(), author.name.is_some())).unwrap_or_else(|| author(None)))
}

fn said(item: &Value) -> Option<&str> {
    let caption = &item["caption"];
    caption["text"]
        .as_str()
        .or(caption.as_str())
        .or_else(|| item["edge_media_to_caption"]["edges"][0]["node"]["text"].as_str())
}

fn media(item: &Value) -> Vec<Media> {
    let children = item["edge_sidecar_to_children"]["edges"].as_array();
    match children.filter(|children| !children.is_empty()) {
        Some(children) => children.iter().filter_map(|child| of_graphql(&child["node"])).collect(),
        None => match of_graphql(item) {
            Some(media) => vec![media],
            None => meta::media(item),
        },
    }
}

fn of_graphql(node: &Value) -> Option<Media> {
    let picture = ["display_url", "display_src", "display_uri"].iter().find_map(|name| words(node, name));
    let film = words(node, "video_url");
    let is_film = film.is_some() || node["is_video"] == true;
    let url = if is_film { film } else { Some(picture?) };
    let size = |name: &str| node["dimensions"][name].as_u64().and_then(|size| u32::try_from(size).ok());
    Some(Media {
        url: url.map(str::to_owned),
        kind: if is_film { "video" } else { "image" }.to_owned(),
        width: size("width"),
        height: size("height"),
        ..Media::default()
    })
}

/// The number of a post in an answer, if it has one.
pub(super) fn number(value: &Value, name: &str) -> Option<String> {
    id(&value[name]).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_'))
}
