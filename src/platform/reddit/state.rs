//! The data that a page of Reddit's redesign (2018 to 2023) brought for its scripts: `window.___r = {…}`.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::thing::Thing;
use super::{page, richtext};
use crate::model::{Found, Skipped};
use crate::platform::Page;
use crate::text;

/// What the data are set as.
pub(super) const MARK: &str = "window.___r";

/// Reads the things in the data of a page: submissions first, then comments by their age. `None` if there are none.
pub(super) fn read(source: &str, seen_at: DateTime<Utc>) -> Option<Page> {
    let (_, after) = source.split_once(MARK)?;
    let data = after.trim_start().strip_prefix('=')?;
    let data: Value = serde_json::Deserializer::from_str(data).into_iter().next()?.ok()?;
    let models = |from: &'static str| data.pointer(from)?.as_object().map(|models| (from, models));
    let posts = models("/posts/models");
    // The store of comments has moved once.
    let comments = models("/features/comments/models").or_else(|| models("/comments/models"));
    let mut found: Vec<(bool, f64, String, &Value)> = Vec::new();
    for (is_comment, (place, models)) in
        [(false, posts), (true, comments)].into_iter().filter_map(|(c, m)| Some((c, m?)))
    {
        for (name, model) in models {
            let age = model["created"].as_f64().unwrap_or_default();
            found.push((is_comment, age, format!("{place}/{name}"), model));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0).then(if a.0 { a.1.total_cmp(&b.1) } else { std::cmp::Ordering::Equal }));
    if found.is_empty() {
        return None;
    }
    let mut page = Page { shape: "redesign-data", ..Page::default() };
    for (is_comment, _, at, model) in found {
        let thing =
            if model["isSponsored"] == true { Err(super::ADVERTISEMENT.to_owned()) } else { thing(model, is_comment) };
        match thing.and_then(|thing| thing.post(seen_at)) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    Some(page)
}

fn thing(model: &Value, is_comment: bool) -> Result<Thing, String> {
    let words = |name: &str| model[name].as_str().filter(|text| !text.is_empty());
    let name = words("id").ok_or("has no id")?.to_owned();
    if model["isDeleted"] == true && is_comment {
        return Err(format!("was deleted or removed: {name}"));
    }
    let media = &model["media"];
    // Submissions are dated in milliseconds, comments in seconds.
    let unit = if is_comment { 1000.0 } else { 1.0 };
    let time = |value: &Value| {
        let milliseconds = value.as_f64().filter(|time| *time > 0.0)? * unit;
        DateTime::from_timestamp_millis(milliseconds as i64)
    };
    let path = words("permalink").map(|link| link.split_once("reddit.com").map_or(link, |(_, path)| path).to_owned());
    let mut thing = Thing {
        title: words("title").unwrap_or_default().to_owned(),
        author: words("author").map(str::to_owned),
        account: words("authorId").map(str::to_owned),
        at: time(&model["created"]),
        edited: time(&model["editedAt"]),
        // Under a submission, a comment that answers no other names no parent.
        parent: words("parentId").or_else(|| words("postId")).map(str::to_owned),
        outward: model["source"]["url"].as_str().map(str::to_owned),
        is_adult: model["isNSFW"] == true,
        likes: model["score"].as_u64().filter(|_| model["isScoreHidden"] != true),
        replies: model["numComments"].as_u64(),
        subreddit: path.as_deref().and_then(page::subreddit),
        path,
        name,
        ..Thing::default()
    };
    if let Some(body) = words("bodyMD").or_else(|| media["markdownContent"].as_str()) {
        thing.body = body.to_owned();
    } else if media["richtextContent"]["document"].is_array() {
        thing.say(richtext::rendered(&media["richtextContent"]["document"]));
    } else if let Some(html) = media["content"].as_str().filter(|_| media["type"] == "text") {
        thing.say(text::from_fragment(html));
    }
    let image = media["content"].as_str().filter(|_| media["type"] == "image");
    if let Some(url) = image {
        (thing.outward, thing.outward_kind) = (Some(url.to_owned()), Some("image"));
    }
    Ok(thing)
}
