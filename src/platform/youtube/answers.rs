//! What the site asks for itself, as tools and browsers save it: answers of `youtubei/v1/next`, and the data that a page
//! brings for its scripts.
//!
//! Until 2024 a comment stood where it is shown (`commentRenderer`); since then what is shown names it, and it stands in
//! a list of entities (`commentEntityPayload`). Both come at many places, so they are looked for wherever they stand.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{channel, comment_named, is_id, reply_to, words};
use crate::model::{Author, Found, Handle, Kind, Metrics, Post, Skipped};
use crate::platform::{Page, printed};

/// What a page sets its data as.
pub(super) const MARK: &str = "ytInitialData";

/// Whether a text may hold such an answer; without reading it.
pub(super) fn may_hold(text: &str) -> bool {
    text.contains("\"commentRenderer\"") || text.contains("\"commentEntityPayload\"")
}

/// Whether a value is an answer to the site.
pub(super) fn is_one(value: &Value) -> bool {
    let answer = value.as_array().and_then(|parts| parts.last()).unwrap_or(value);
    let answer = answer.get("response").unwrap_or(answer);
    answer["responseContext"].is_object() && !answer["kind"].is_string()
}

/// The data in a page.
pub(super) fn of_page(source: &str) -> Option<Value> {
    let (_, after) = source.split_once(MARK)?;
    let data = after.trim_start_matches(['"', ']', ' ', '\n']).strip_prefix('=')?;
    serde_json::Deserializer::from_str(data).into_iter().next()?.ok()
}

/// Adds the comments in an answer to the page, in the order in which they are shown. `video` is that of the page.
pub(super) fn read(value: &Value, place: &str, video: Option<&str>, seen_at: DateTime<Utc>, page: &mut Page) {
    let mut reading = Reading { entities: HashMap::new(), order: Vec::new(), seen: HashSet::new(), found: Vec::new() };
    each(value, None, |object, _| reading.collect(object));
    each(value, None, |object, parent| reading.show(object, parent));
    for (entity, id) in std::mem::take(&mut reading.order) {
        reading.take(id, entity, Comment::of_entity, None);
    }
    for (i, (comment, parent)) in reading.found.into_iter().enumerate() {
        let at = format!("{place}{}comment {}", if place.is_empty() { "" } else { ", " }, i + 1);
        match comment.and_then(|comment| comment.post(parent, video, seen_at)) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
}

type Object = Map<String, Value>;

/// Visits all objects, those in front first, with the comment in whose thread they stand. `visit` says whether to look
/// further inside.
fn each<'a>(root: &'a Value, thread: Option<&'a str>, mut visit: impl FnMut(&'a Object, Option<&'a str>) -> bool) {
    let mut open = vec![(root, thread)];
    while let Some((value, thread)) = open.pop() {
        match value {
            Value::Array(list) => open.extend(list.iter().rev().map(|inside| (inside, thread))),
            Value::Object(object) if visit(object, thread) => match object.get("commentThreadRenderer") {
                Some(whole) => {
                    let head = head(whole);
                    open.extend([(&whole["replies"], head.or(thread)), (&whole["comment"], thread)]);
                    open.push((&whole["commentViewModel"], thread));
                }
                None => open.extend(object.values().rev().map(|inside| (inside, thread))),
            },
            _ => {}
        }
    }
}

/// The comment at the head of a thread.
fn head(thread: &Value) -> Option<&str> {
    let shown = &thread["commentViewModel"];
    let shown = shown.get("commentViewModel").unwrap_or(shown);
    shown["commentId"].as_str().or_else(|| thread["comment"]["commentRenderer"]["commentId"].as_str())
}

struct Reading<'a> {
    /// Entities by their keys and by their ids.
    entities: HashMap<&'a str, &'a Value>,
    /// Entities as they stand, with their ids.
    order: Vec<(&'a Value, &'a str)>,
    seen: HashSet<&'a str>,
    found: Vec<(Result<Comment<'a>, String>, Option<&'a str>)>,
}

impl<'a> Reading<'a> {
    fn collect(&mut self, object: &'a Object) -> bool {
        let Some(entity) = object.get("commentEntityPayload") else { return true };
        // A translation that somebody asked for comes as an entity without all else.
        if let Some(id) = entity["properties"]["commentId"].as_str() {
            self.order.push((entity, id));
            self.entities.insert(id, entity);
            if let Some(key) = entity["key"].as_str() {
                self.entities.insert(key, entity);
            }
        }
        false
    }

    fn show(&mut self, object: &'a Object, thread: Option<&'a str>) -> bool {
        if let Some(shown) = object.get("commentRenderer") {
            let id = shown["commentId"].as_str().unwrap_or_default();
            self.take(id, shown, Comment::of_renderer, thread);
            return false;
        }
        let Some(shown) = object.get("commentViewModel") else { return true };
        let named =
            ["commentId", "commentKey"].iter().find_map(|name| self.entities.get(shown[*name].as_str()?)).copied();
        if let Some(entity) = named {
            let id = entity["properties"]["commentId"].as_str().unwrap_or_default();
            self.take(id, entity, Comment::of_entity, thread);
        }
        named.is_none()
    }

    fn take(
        &mut self,
        id: &'a str,
        value: &'a Value,
        read: fn(&'a Value) -> Result<Comment<'a>, String>,
        thread: Option<&'a str>,
    ) {
        if id.is_empty() || self.seen.insert(id) {
            self.found.push((read(value), thread));
        }
    }
}

struct Comment<'a> {
    id: &'a str,
    said: (crate::text::Rendered, bool),
    channel: Option<&'a str>,
    /// Where its author is at home: `/@name`, `/channel/ID`.
    home: Option<&'a str>,
    name: Option<String>,
    time: Option<String>,
    likes: Option<String>,
    replies: Option<String>,
    /// How far down it stands, if that is said.
    level: Option<u64>,
}

impl<'a> Comment<'a> {
    fn of_entity(entity: &'a Value) -> Result<Self, String> {
        let (properties, author, counts) = (&entity["properties"], &entity["author"], &entity["toolbar"]);
        let home = &author["channelCommand"]["innertubeCommand"]["browseEndpoint"]["canonicalBaseUrl"];
        Ok(Comment {
            id: properties["commentId"].as_str().filter(|id| is_id(id)).ok_or("has no id")?,
            said: words::of_content(&properties["content"]).ok_or("has no text")?,
            channel: author["channelId"].as_str(),
            home: home.as_str(),
            name: author["displayName"].as_str().map(str::to_owned),
            time: properties["publishedTime"].as_str().map(str::to_owned),
            likes: counts["likeCountNotliked"].as_str().map(str::to_owned),
            replies: counts["replyCount"].as_str().map(str::to_owned),
            level: properties["replyLevel"].as_u64(),
        })
    }

    fn of_renderer(shown: &'a Value) -> Result<Self, String> {
        let home = &shown["authorEndpoint"]["browseEndpoint"];
        let likes = words::plain(&shown["voteCount"]).or_else(|| shown["likeCount"].as_u64().map(|n| n.to_string()));
        Ok(Comment {
            id: shown["commentId"].as_str().filter(|id| is_id(id)).ok_or("has no id")?,
            said: words::of_runs(&shown["contentText"]).ok_or("has no text")?,
            channel: home["browseId"].as_str(),
            home: home["canonicalBaseUrl"].as_str(),
            name: words::plain(&shown["authorText"]),
            time: words::plain(&shown["publishedTimeText"]),
            likes,
            replies: shown["replyCount"].as_u64().map(|n| n.to_string()),
            level: None,
        })
    }

    fn post(self, thread: Option<&str>, video: Option<&str>, seen_at: DateTime<Utc>) -> Result<Post, String> {
        let mut post = comment_named(self.id, video);
        let (said, has_pictures) = self.said;
        words::say(&mut post, said, has_pictures);
        if post.text.is_empty() {
            return Err("has no text".to_owned());
        }
        let (of_home, _) = self.home.map(channel).unwrap_or_default();
        // Entities are younger than handles, and show nothing else as a name.
        let of_name = self.name.as_deref().filter(|name| self.level.is_some() && name.starts_with('@'));
        let handle = of_home.or_else(|| of_name.and_then(Handle::new));
        let is_handle =
            |name: &String| handle.as_ref().is_some_and(|handle| name.strip_prefix('@') == Some(handle.as_str()));
        let [likes, replies] = [&self.likes, &self.replies].map(|shown| printed::count(shown.as_deref()?));
        post.author = Author {
            id: self.channel.map(str::to_owned),
            name: self.name.filter(|name| !is_handle(name)),
            url: self.channel.map(|id| format!("{}/channel/{id}", super::SITE)),
            handle,
            ..Author::default()
        };
        // Deeper down, only the thread says what is answered.
        let is_deep = self.level.is_some_and(|level| level > 1);
        post.reply_to = reply_to(self.id, thread, video).filter(|_| !is_deep || thread.is_some());
        post.kind = Kind::Reply;
        post.labels.extend(self.time.filter(|time| !time.is_empty()).map(|time| format!("time: {}", time.trim())));
        let seen_at = likes.or(replies).map(|_| seen_at);
        post.metrics = Metrics { likes, replies, seen_at, ..Metrics::default() };
        Ok(post)
    }
}
