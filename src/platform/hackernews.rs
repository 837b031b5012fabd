//! Hacker News: items of its Firebase API, hits and item trees of Algolia's search over it, and saved pages of the site.
//!
//! A story that links elsewhere has a title and no words of its own below it; where it has both, they are one text with
//! an empty line between them, for readers see them as one. Votes on comments are not published. Jobs and polls are
//! stories; deleted and dead items have no words and are skipped. Left out: profiles.

mod one;
mod page;
mod search;

use serde_json::Value;
use url::Url;

use super::json::{id, values};
use super::{Page, ParseError, Platform, Shape};
use crate::date;
use crate::exchange::Exchange;
use crate::model::{
    Author, Found, Handle, Kind, Link, Metrics, Post, PostRef, Precision, Skipped, TextState, When, WhenSource,
};
use crate::quote::Venue;
use crate::text;
use chrono::{DateTime, Utc};

/// Hacker News.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Hacker News",
    cited: Some(cited),
    about: "stories, polls and comments that hold the tag as a word, by Algolia's search; no log-in",
    live: Some(search::LIVE),
    one: Some(one::one),
    shapes: &[
        Shape {
            name: "item",
            what: "an item of the Firebase API (/v0/item/ID.json), or JSON lines of them",
            told_by: "`by`, `id`, `time` as numbers of seconds, and a `type` that Hacker News knows",
            lacks: "display names (there are none), edits, languages; answers are other items",
        },
        Shape {
            name: "algolia",
            what: "hits of hn.algolia.com's search, and its item trees",
            told_by: "`objectID` with `created_at_i` and `_tags`, or `created_at_i` with `children`",
            lacks: "as item",
        },
        Shape {
            name: "page",
            what: "a saved page of news.ycombinator.com: a story or a comment with those below it, lists, comments of an account",
            told_by: "rows `tr.athing` with an id in a table `hnmain`",
            lacks: "dates in pages of before 2018, votes on comments, texts of stories in lists",
        },
    ],
    parse,
    post_at: Some(post_at),
    embeds: None,
    profile_at: None,
};

/// A post below another is a comment (Publication Manual of the APA, §10.15, for the words).
fn cited(post: &Post) -> Option<Venue> {
    let word = if post.kind == Kind::Reply { "Comment" } else { "Online forum post" };
    Some(Venue::new("Hacker News", word))
}

const NAME: &str = "hackernews";

/// What an item may be: <https://github.com/HackerNews/API#items>.
const TYPES: [&str; 5] = ["story", "comment", "job", "poll", "pollopt"];

/// Items of a tree that are read: a story has seldom more than some thousand comments.
const MOST: usize = 100_000;

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        let message = text.lines().next().unwrap_or_default().chars().take(200).collect();
        return Err(ParseError::Refused { platform: NAME, status, message });
    }
    if text.trim_start().starts_with('<') {
        return page::read(text, exchange.fetched_at);
    }
    let mut reading = Reading { page: Page::default(), seen_at: exchange.fetched_at };
    for (at, value) in values(text).map_err(misfit)? {
        match value {
            Ok(value) => reading.document(&at, &value)?,
            Err(reason) => reading.skip(at, reason),
        }
    }
    if reading.page.shape.is_empty() {
        return Err(misfit("no line is an item"));
    }
    if search::is_one(exchange) {
        search::follow(exchange, &mut reading.page);
    }
    Ok(reading.page)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

fn post_at(url: &Url) -> Option<Post> {
    url.host_str().filter(|host| *host == "news.ycombinator.com")?;
    let (_, id) = url.query_pairs().find(|(name, _)| url.path() == "/item" && name == "id")?;
    // With a zero before it, it would be another name for the same item.
    let is_number = id.bytes().all(|byte| byte.is_ascii_digit()) && !id.starts_with('0');
    (is_number && (1..=12).contains(&id.len())).then(|| named(&id))
}

/// A post of which the id is known.
fn named(id: &str) -> Post {
    let address = address(id);
    Post {
        platform: NAME.to_owned(),
        id: Some(id.to_owned()),
        uri: Some(address.clone()),
        url: Some(address),
        ..Post::default()
    }
}

fn reply_to(parent: &str) -> PostRef {
    PostRef { uri: Some(address(parent)), url: Some(address(parent)), id: Some(parent.to_owned()) }
}

fn address(id: &str) -> String {
    format!("https://news.ycombinator.com/item?id={id}")
}

struct Reading {
    page: Page,
    seen_at: DateTime<Utc>,
}

impl Reading {
    fn document(&mut self, at: &str, value: &Value) -> Result<(), ParseError> {
        if let Some(hits) = value["hits"].as_array().filter(|_| value.get("nbHits").is_some()) {
            let is_hit = |hit: &Value| hit.get("objectID").is_some() && hit.get("created_at_i").is_some();
            if !hits.is_empty() && !hits.iter().any(is_hit) {
                return Err(misfit("has hits, but none is an item of Hacker News"));
            }
            self.page.shape = "algolia";
            for (i, hit) in hits.iter().enumerate() {
                self.item(format!("{at}/hits/{i}"), hit);
            }
            return Ok(());
        }
        let kind = value["type"].as_str().unwrap_or_default();
        let is_of_algolia =
            value.get("created_at_i").is_some() && (value.get("children").is_some() || value.get("_tags").is_some());
        let is_item =
            TYPES.contains(&kind) && value["id"].is_u64() && (value["time"].is_u64() || value["deleted"] == true);
        if !is_of_algolia && !is_item {
            // One strange line costs one line, once the others are known.
            return if self.page.shape.is_empty() && at.is_empty() {
                Err(misfit("no `hits`, and no `type`, `id` and `time` of an item"))
            } else {
                self.skip(at.to_owned(), "is no item of Hacker News".to_owned());
                Ok(())
            };
        }
        self.page.shape = if is_of_algolia { "algolia" } else { "item" };
        // A tree may be deep: it is walked without recursion, in the order of a reader.
        let mut left = vec![(at.to_owned(), value)];
        while let Some((at, value)) = left.pop() {
            if self.page.posts.len() + self.page.skipped.len() >= MOST {
                self.skip(at, format!("stands behind {MOST} items of one tree"));
                break;
            }
            let children = value["children"].as_array().map(Vec::as_slice).unwrap_or_default();
            left.extend(children.iter().enumerate().rev().map(|(i, child)| (format!("{at}/children/{i}"), child)));
            self.item(at, value);
        }
        Ok(())
    }

    fn skip(&mut self, at: String, reason: String) {
        self.page.skipped.push(Skipped { at, reason });
    }

    fn item(&mut self, at: String, item: &Value) {
        match self.post(item) {
            Ok(post) => self.page.posts.push(Found { post, at, nested: false }),
            Err(reason) => self.skip(at, reason),
        }
    }

    /// Reads an item. The names differ: Firebase has `by`, `time`, `parent`, `kids`; Algolia `author`, `created_at_i`,
    /// `parent_id`, and in hits `comment_text` and `story_text`.
    fn post(&self, item: &Value) -> Result<Post, String> {
        let number = id(&item["objectID"]).or_else(|| id(&item["id"])).ok_or("has no id")?;
        if item["deleted"] == true || item["dead"] == true {
            return Err(format!("was deleted or killed: {}", address(&number)));
        }
        let words = |name: &str| item[name].as_str().filter(|text| !text.is_empty());
        let rendered =
            ["text", "comment_text", "story_text"].iter().find_map(|name| words(name)).map(text::from_fragment);
        let body = rendered.as_ref().map(|rendered| rendered.text.as_str()).unwrap_or_default();
        let title = words("title").unwrap_or_default();
        let title = text::unescape(title);
        let text =
            if title.is_empty() || body.is_empty() { format!("{title}{body}") } else { format!("{title}\n\n{body}") };
        if text.is_empty() {
            return Err("has no text".to_owned());
        }
        let seconds = item["time"].as_i64().or_else(|| item["created_at_i"].as_i64());
        let at = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let at = at.or_else(|| date::timestamp(words("created_at")?));
        let parent = id(&item["parent"]).or_else(|| id(&item["parent_id"]));
        let parent = parent.map(|parent| reply_to(&parent));
        let handle = words("by").or_else(|| words("author")).and_then(Handle::new);
        let linked = words("url").map(|url| Link { shown: String::new(), url: url.to_owned() });
        let links = rendered.map(|rendered| rendered.links).unwrap_or_default();
        let count = |name: &str| item[name].as_u64();
        let metrics = Metrics {
            likes: count("score").or_else(|| count("points")),
            replies: count("descendants").or_else(|| count("num_comments")),
            ..Metrics::default()
        };
        let shows_counts = metrics.likes.is_some() || metrics.replies.is_some();
        Ok(Post {
            created: at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
            author: Author {
                url: handle.as_ref().map(|handle| format!("https://news.ycombinator.com/user?id={handle}")),
                handle,
                ..Author::default()
            },
            text,
            text_state: TextState::Complete,
            kind: if parent.is_some() { Kind::Reply } else { Kind::Original },
            reply_to: parent,
            links: linked.into_iter().chain(links).collect(),
            metrics: Metrics { seen_at: shows_counts.then_some(self.seen_at), ..metrics },
            ..named(&number)
        })
    }
}
