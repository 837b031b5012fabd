//! Reddit: listings, searches and comment trees of its JSON (`….json`, the API), single things, and lines of them as the
//! Pushshift dumps hold them.
//!
//! What a submission says is its title and the text below it: one text here, with an empty line between the two. Texts are
//! Markdown as typed. What was deleted or removed has no words left and is skipped. Counts are blurred by Reddit. Left
//! out: pages of the site, its feeds (any feed is read as one), awards, and the votes against.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::json::{PATIENCE, id, unescaped, values};
use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;
use crate::model::{
    Author, Found, Handle, Kind, Link, Media, Metrics, Poll, PollOption, Post, PostRef, Precision, Skipped, TextState,
    When, WhenSource,
};

/// Reddit.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Reddit",
    about: "listings, searches and comments saved as JSON, and dumps of them; imported, never pulled",
    first: None,
    session: None,
    shapes: &[
        Shape {
            name: "things",
            what: "listings, searches, submissions with their comments, single things (….json, the API)",
            told_by: "`kind` of `Listing`, `t1` or `t3` with `data`",
            lacks: "texts of what was deleted, comments that a tree leaves out (`more`, named), exact counts",
        },
        Shape {
            name: "lines",
            what: "bare submissions and comments, one a line, as the Pushshift dumps hold them",
            told_by: "`author`, `subreddit`, `created_utc` and `body` or `title`",
            lacks: "as things",
        },
    ],
    parse,
    post_at: Some(post_at),
    embeds: None,
};

const NAME: &str = "reddit";

/// Things of one document that are read.
const MOST: usize = 1_000_000;

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        let said = serde_json::from_str::<Value>(text).ok();
        let message = said.as_ref().and_then(|answer| answer["message"].as_str()).unwrap_or("no reason given");
        return Err(ParseError::Refused { platform: NAME, status, message: message.chars().take(200).collect() });
    }
    if !text.trim_start().starts_with(['{', '[']) {
        return Err(misfit("is no JSON"));
    }
    let mut reading = Reading { page: Page::default(), seen_at: exchange.fetched_at };
    let mut strange = 0;
    for (at, value) in values(text).map_err(misfit)? {
        match value {
            Ok(value) if reading.document(&at, &value) => {}
            Ok(_) if at.is_empty() => return Err(misfit("no `kind` of a listing or a thing")),
            Ok(_) => {
                strange += 1;
                reading.skip(at, "is nothing of Reddit".to_owned());
            }
            Err(reason) => reading.skip(at, reason),
        }
        if reading.page.shape.is_empty() && strange > PATIENCE {
            break;
        }
    }
    if reading.page.shape.is_empty() { Err(misfit("no line is a thing")) } else { Ok(reading.page) }
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// `/r/SUBREDDIT/comments/ID/…`, with a comment's id behind it; `redd.it/ID`.
fn post_at(url: &Url) -> Option<Post> {
    let host = url.host_str()?;
    let is_id = |part: &&str| (1..=10).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).take(7).collect();
    if host == "redd.it" {
        return Some(named(&format!("t3_{}", parts.first().filter(|part| is_id(part))?)));
    }
    if host != "reddit.com" && !host.ends_with(".reddit.com") {
        return None;
    }
    let at = parts.iter().position(|part| *part == "comments")?;
    let submission = parts.get(at + 1).filter(|part| is_id(part))?;
    let name = match parts.get(at + 3).filter(|part| is_id(part)) {
        Some(comment) => format!("t1_{comment}"),
        None => format!("t3_{submission}"),
    };
    Some(Post { url: Some(format!("https://www.reddit.com/{}/", parts.join("/"))), ..named(&name) })
}

/// A thing of which the full name is known: `t1_…` a comment, `t3_…` a submission.
fn named(name: &str) -> Post {
    Post { platform: NAME.to_owned(), id: Some(name.to_owned()), uri: Some(uri(name)), ..Post::default() }
}

fn uri(name: &str) -> String {
    format!("https://www.reddit.com/by_id/{name}")
}

struct Reading {
    page: Page,
    seen_at: DateTime<Utc>,
}

impl Reading {
    fn skip(&mut self, at: String, reason: String) {
        self.page.skipped.push(Skipped { at, reason });
    }

    /// Reads a document; `false` if it is nothing of Reddit.
    fn document(&mut self, at: &str, value: &Value) -> bool {
        let is_thing = |value: &Value| {
            matches!(value["kind"].as_str(), Some("Listing" | "t1" | "t3")) && value["data"].is_object()
        };
        let tops: Vec<(String, &Value)> = match value {
            Value::Array(list) if !list.is_empty() && list.iter().all(is_thing) => {
                list.iter().enumerate().map(|(i, thing)| (format!("{at}/{i}"), thing)).collect()
            }
            value if is_thing(value) => vec![(at.to_owned(), value)],
            value if is_bare(value) => {
                self.page.shape = "lines";
                self.thing(at.to_owned(), value, if value["body"].is_string() { "t1" } else { "t3" });
                return true;
            }
            _ => return false,
        };
        self.page.shape = "things";
        // Trees are as deep as people answer: they are walked without recursion, in the order of a reader.
        let mut left: Vec<(String, &Value)> = tops.into_iter().rev().collect();
        while let Some((at, thing)) = left.pop() {
            if self.page.posts.len() + self.page.skipped.len() >= MOST {
                self.skip(at, format!("stands behind {MOST} things of one document"));
                break;
            }
            let data = &thing["data"];
            let children = match thing["kind"].as_str() {
                Some("Listing") => Some(("/data/children", &data["children"])),
                Some(kind @ ("t1" | "t3")) => {
                    self.thing(format!("{at}/data"), data, kind);
                    Some(("/data/replies/data/children", &data["replies"]["data"]["children"]))
                }
                Some("more") => {
                    let count = data["count"].as_u64().unwrap_or_default();
                    self.skip(at.clone(), format!("stands for {count} comments that were not sent"));
                    None
                }
                _ => {
                    self.skip(at.clone(), "is neither a submission nor a comment".to_owned());
                    None
                }
            };
            if let Some((step, children)) = children {
                let children = children.as_array().into_iter().flatten().enumerate();
                let mut next: Vec<_> = children.map(|(i, child)| (format!("{at}{step}/{i}"), child)).collect();
                next.reverse();
                left.extend(next);
            }
        }
        true
    }

    fn thing(&mut self, at: String, data: &Value, kind: &str) {
        if data["promoted"] == true {
            return;
        }
        match self.post(data, kind) {
            Ok(post) => self.page.posts.push(Found { post, at, nested: false }),
            Err(reason) => self.skip(at, reason),
        }
    }

    /// <https://github.com/reddit-archive/reddit/wiki/JSON>.
    fn post(&self, data: &Value, kind: &str) -> Result<Post, String> {
        let words = |name: &str| data[name].as_str().filter(|text| !text.is_empty());
        let number = id(&data["id"]).ok_or("has no id")?;
        let name = words("name").map_or_else(|| format!("{kind}_{number}"), str::to_owned);
        if !name.starts_with(&format!("{kind}_")) || name.len() > 20 {
            return Err(format!("has an id of something else: {name:?}"));
        }
        // In the API texts have `&`, `<` and `>` escaped, once.
        let said = |name: &str| words(name).map(unescaped);
        let body = said(if kind == "t1" { "body" } else { "selftext" }).unwrap_or_default();
        let is_gone = |text: &str| matches!(text, "[deleted]" | "[removed]");
        let title = said("title").filter(|_| kind == "t3").unwrap_or_default();
        if is_gone(&title) || (title.is_empty() && is_gone(&body)) {
            return Err(format!("was {}: {name}", body.trim_matches(['[', ']'])));
        }
        let mut post = named(&name);
        let body = if is_gone(&body) {
            post.doubts.push(format!("The text below its title was {}.", body.trim_matches(['[', ']'])));
            String::new()
        } else {
            body
        };
        post.text =
            if title.is_empty() || body.is_empty() { format!("{title}{body}") } else { format!("{title}\n\n{body}") };
        if post.text.is_empty() {
            return Err("has no text".to_owned());
        }
        post.text_state = if post.doubts.is_empty() { TextState::Complete } else { TextState::Truncated };
        let handle = words("author").filter(|author| *author != "[deleted]").and_then(Handle::new);
        post.author = Author {
            id: words("author_fullname").map(str::to_owned),
            url: handle.as_ref().map(|handle| format!("https://www.reddit.com/user/{handle}")),
            handle,
            ..Author::default()
        };
        post.created =
            seconds(&data["created_utc"]).and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
        post.edited = seconds(&data["edited"]);
        let page = words("permalink").map(|path| format!("https://www.reddit.com{path}"));
        post.url = page.or_else(|| Some(format!("https://www.reddit.com/comments/{}", name.strip_prefix("t3_")?)));
        if let Some(parent) = words("parent_id").filter(|_| kind == "t1") {
            post.kind = Kind::Reply;
            post.reply_to = Some(PostRef { id: Some(parent.to_owned()), uri: Some(uri(parent)), url: None });
        }
        if let Some(url) =
            words("url").map(unescaped).filter(|url| kind == "t3" && data["is_self"] != true && url.starts_with("http"))
        {
            match words("post_hint") {
                Some("image") => {
                    post.media.push(Media { url: Some(url), kind: "image".to_owned(), ..Media::default() })
                }
                Some("hosted:video") => {
                    post.media.push(Media { url: Some(url), kind: "video".to_owned(), ..Media::default() })
                }
                _ => post.links.push(Link { shown: String::new(), url }),
            }
        }
        post.poll = poll(&data["poll_data"]);
        if data["over_18"] == true {
            post.labels.push("sensitive".to_owned());
        }
        post.labels.extend(words("subreddit").map(|subreddit| format!("r/{subreddit}")));
        let likes = data["score"].as_u64().filter(|_| data["score_hidden"] != true);
        let replies = data["num_comments"].as_u64();
        post.metrics =
            Metrics { likes, replies, seen_at: likes.or(replies).map(|_| self.seen_at), ..Metrics::default() };
        Ok(post)
    }
}

/// Whether it is a thing without its wrapping.
fn is_bare(value: &Value) -> bool {
    let has_words = value["body"].is_string() || value["title"].is_string();
    value["subreddit"].is_string() && value["author"].is_string() && !value["created_utc"].is_null() && has_words
}

/// Seconds since 1970, as a number or (in old dumps) as a text.
fn seconds(value: &Value) -> Option<DateTime<Utc>> {
    let whole = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let seconds =
        whole.or_else(|| value.as_f64().filter(|seconds| (0.0..1e11).contains(seconds)).map(|seconds| seconds as i64));
    DateTime::from_timestamp(seconds?, 0)
}

fn poll(poll: &Value) -> Option<Poll> {
    let option = |option: &Value| {
        Some(PollOption { title: option["text"].as_str()?.to_owned(), votes: option["vote_count"].as_u64() })
    };
    let closes = poll["voting_end_timestamp"].as_i64().and_then(DateTime::from_timestamp_millis);
    Some(Poll { options: poll["options"].as_array()?.iter().filter_map(option).collect(), closes, multiple: false })
}
