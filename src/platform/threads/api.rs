//! Media of the API: <https://developers.facebook.com/docs/threads/retrieve-and-discover-posts/retrieve-posts>.

use serde_json::Value;
use url::Url;

use super::item::{in_text, topic};
use super::{is_host, named, post_at};
use crate::date;
use crate::model::{Handle, Kind, Link, Media, Poll, PollOption, Post, Precision, TextState, When, WhenSource};
use crate::platform::json::{id, words};

/// Whether it is a post: its address is one of Threads.
pub(super) fn is_media(value: &Value) -> bool {
    let tells = ["timestamp", "username", "media_type"].iter().filter(|name| value[**name].is_string()).count() >= 2;
    tells && value.get("id").is_some() && address(value).is_some()
}

fn address(value: &Value) -> Option<Url> {
    Url::parse(words(value, "permalink")?).ok().filter(|url| url.host_str().is_some_and(is_host))
}

/// Reads a post. Its number, and those of posts that it answers or quotes, are given out for the program that asks, and
/// name nothing elsewhere.
///
/// # Errors
/// What it lacks, as a fragment.
pub(super) fn post(value: &Value) -> Result<Post, String> {
    let url = address(value).ok_or("has no address")?;
    let handle = words(value, "username").and_then(Handle::new);
    let of_code = words(value, "shortcode").and_then(|code| named(code, handle.clone()));
    let known = post_at(&url).or(of_code).ok_or_else(|| format!("has no address of a post: {url}"))?;
    let mut post = Post { url: Some(url.into()), ..known };
    if let Some(handle) = handle {
        post.author.url = Some(super::profile(&handle));
        post.author.handle = Some(handle);
    }
    post.author.id = id(&value["owner"]["id"]);
    let said = [words(value, "text"), words(&value["text_attachment"], "plaintext")];
    post.text = said.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    post.text_state = TextState::Complete;
    let at = words(value, "timestamp").and_then(date::timestamp);
    post.created = at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    in_text(&mut post);
    if let Some(link) =
        words(value, "link_attachment_url").filter(|link| post.links.iter().all(|known| known.url != *link))
    {
        post.links.push(Link { shown: String::new(), url: link.to_owned() });
    }
    topic(&mut post, words(value, "topic_tag"));
    let children = value["children"]["data"].as_array().filter(|children| !children.is_empty());
    post.media = match children {
        Some(children) => children.iter().filter_map(file).collect(),
        None => file(value).into_iter().collect(),
    };
    post.poll = poll(&value["poll_attachment"]);
    let is_repost = value["media_type"] == "REPOST_FACADE" || value["reposted_post"].is_object();
    post.kind = match () {
        () if is_repost => Kind::Repost,
        () if value["is_reply"] == true || value["replied_to"].is_object() => Kind::Reply,
        () if value["is_quote_post"] == true => Kind::Quote,
        () => Kind::Original,
    };
    if post.text.is_empty() && post.media.is_empty() && post.links.is_empty() && post.poll.is_none() && !is_repost {
        return Err("has no text".to_owned());
    }
    Ok(post)
}

fn file(value: &Value) -> Option<Media> {
    let kind = match value["media_type"].as_str()? {
        "IMAGE" => "image",
        "VIDEO" => "video",
        "AUDIO" => "audio",
        _ if words(value, "gif_url").is_some() => "gif",
        _ => return None,
    };
    Some(Media {
        url: words(value, "media_url").or_else(|| words(value, "gif_url")).map(str::to_owned),
        kind: kind.to_owned(),
        alt: words(value, "alt_text").map(str::to_owned),
        ..Media::default()
    })
}

/// Votes are told in hundredths only.
fn poll(poll: &Value) -> Option<Poll> {
    let options = ["option_a", "option_b", "option_c", "option_d"].iter().filter_map(|name| words(poll, name));
    let options: Vec<_> = options.map(|title| PollOption { title: title.to_owned(), votes: None }).collect();
    let closes = words(poll, "expiration_timestamp").and_then(date::timestamp);
    (!options.is_empty()).then_some(Poll { options, closes, multiple: false })
}
