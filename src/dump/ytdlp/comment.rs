//! A comment below a film.
//!
//! YouTube shows `2 years ago` where others show a date, and yt-dlp's `timestamp` is the time of its own run less that: no date
//! at all. What was shown is told. In its comments long links are shown cut, too.

use serde_json::Value;

use super::film::{counted, number, seconds};
use super::sites::{Commenter, Site};
use crate::model::{Author, Handle, Kind, Metrics, Post, PostRef, Precision, TextState, When, WhenSource};
use crate::platform;
use crate::text;

/// Reads a comment below a film of which the address is known.
///
/// # Errors
/// What it lacks.
pub(super) fn post(site: &Site, info: &Value, film: &Post, comment: &Value) -> Result<Post, String> {
    let number = number(comment).ok_or("has no id")?;
    let words = |name: &str| comment[name].as_str().filter(|text| !text.is_empty());
    let mut post = named(site, film, &number);
    match (words("text"), words("html")) {
        (Some(text), _) => {
            let may_be_cut = site.commenter == Commenter::Either && text.contains("http");
            post.text = text.to_owned();
            post.text_state = if may_be_cut { TextState::Unknown } else { TextState::Complete };
        }
        (None, Some(html)) => {
            let rendered = text::from_fragment(html);
            post.text = rendered.text;
            post.links = rendered.links;
        }
        (None, None) => return Err("has no text".to_owned()),
    }
    post.author = author(site, comment);
    post.kind = Kind::Reply;
    let of = words("parent").filter(|parent| *parent != "root").map(|parent| named(site, film, parent));
    let Post { id, uri, url, .. } = of.unwrap_or_else(|| film.clone());
    post.reply_to = Some(PostRef { id, uri, url });
    let shown = words("_time_text").or_else(|| words("time_text"));
    if site.commenter == Commenter::Either || shown.is_some() {
        post.created = None;
        post.doubts.extend(shown.map(|shown| match seconds(&info["epoch"]) {
            Some(at) => format!("Its date was shown as {shown:?} on {}.", at.format("%Y-%m-%d")),
            None => format!("Its date was shown as {shown:?}, and nobody says when."),
        }));
        if shown.is_some_and(|shown| shown.ends_with("(edited)")) {
            post.labels.push("edited".to_owned());
        }
    } else {
        let at = seconds(&comment["timestamp"]);
        post.created = at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    }
    post.metrics = counted(info, Metrics { likes: comment["like_count"].as_u64(), ..Metrics::default() });
    Ok(post)
}

/// The comment of that id, by its address where comments of the site have one.
fn named(site: &Site, film: &Post, number: &str) -> Post {
    let address = film.id.as_deref().and_then(|film| (site.comment)(film, number));
    let post = address.as_deref().and_then(platform::post_at).filter(|post| post.id.as_deref() == Some(number));
    post.unwrap_or_else(|| Post { platform: film.platform.clone(), id: Some(number.to_owned()), ..Post::default() })
}

fn author(site: &Site, comment: &Value) -> Author {
    let words = |name: &str| comment[name].as_str().filter(|text| !text.is_empty());
    let shown = words("author");
    let by_address = words("author_url").and_then(|url| url.rsplit_once("/@")).map(|(_, handle)| handle);
    let handle = match site.commenter {
        Commenter::Handle => shown,
        Commenter::Either => by_address.or_else(|| shown.filter(|shown| shown.starts_with('@'))),
        Commenter::Name => None,
    };
    let handle = handle.filter(|handle| !handle.contains(['/', '%'])).and_then(Handle::new);
    // What is shown in place of a name may be the handle.
    let is_handle = |shown: &&str| {
        Handle::new(shown).is_some_and(|shown| Some(shown.folded()) == handle.as_ref().map(Handle::folded))
    };
    Author {
        name: shown.filter(|shown| !is_handle(shown)).map(str::to_owned),
        id: words("author_id").map(str::to_owned),
        url: words("author_url").map(str::to_owned),
        flags: if comment["author_is_verified"] == true { vec!["verified".to_owned()] } else { Vec::new() },
        handle,
    }
}
