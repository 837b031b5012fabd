//! JSON of Reddit: listings, searches, comment trees, single things, and lines of them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::thing::Thing;
use super::{misfit, thread};
use crate::exchange::Exchange;
use crate::model::{Found, Poll, PollOption, Skipped, When};
use crate::platform::json::{PATIENCE, id, unescaped, values};
use crate::platform::{Page, ParseError};

/// Things of one document that are read.
const MOST: usize = 1_000_000;

/// Reads a document or lines.
///
/// # Errors
/// If nothing in it is of Reddit.
pub(super) fn read(text: &str, exchange: &Exchange) -> Result<Page, ParseError> {
    // Whoever asks so gets texts as they were typed.
    let is_raw = exchange.request.param("raw_json").as_deref() == Some("1");
    let mut reading = Reading { page: Page::default(), seen_at: exchange.fetched_at, is_raw };
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

struct Reading {
    page: Page,
    seen_at: DateTime<Utc>,
    /// Whether nothing is escaped in its texts.
    is_raw: bool,
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
            value if thread::things(value).is_some_and(|_| thread::errors(value).is_none()) => {
                let things = thread::things(value).into_iter().flatten().enumerate();
                things.map(|(i, thing)| (format!("{at}/json/data/things/{i}"), thing)).collect()
            }
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
                    self.skip(at.clone(), format!("stands for {count} {}", thread::LEFT_OUT));
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
            return self.skip(at, super::ADVERTISEMENT.to_owned());
        }
        match thing(data, kind, self.is_raw).and_then(|thing| thing.post(self.seen_at)) {
            Ok(post) => self.page.posts.push(Found { post, at, nested: false }),
            Err(reason) => self.skip(at, reason),
        }
    }
}

/// <https://github.com/reddit-archive/reddit/wiki/JSON>.
fn thing(data: &Value, kind: &str, is_raw: bool) -> Result<Thing, String> {
    let words = |name: &str| data[name].as_str().filter(|text| !text.is_empty());
    let number = id(&data["id"]).ok_or("has no id")?;
    let name = words("name").map_or_else(|| format!("{kind}_{number}"), str::to_owned);
    if !name.starts_with(&format!("{kind}_")) {
        return Err(format!("has an id of something else: {name:?}"));
    }
    // Else texts have `&`, `<` and `>` escaped, once.
    let said = |name: &str| words(name).map(|text| if is_raw { text.to_owned() } else { unescaped(text) });
    let is_submission = kind == "t3";
    Ok(Thing {
        title: said("title").filter(|_| is_submission).unwrap_or_default(),
        body: said(if is_submission { "selftext" } else { "body" }).unwrap_or_default(),
        author: words("author").map(str::to_owned),
        account: words("author_fullname").map(str::to_owned),
        at: seconds(&data["created_utc"]),
        edited: seconds(&data["edited"]),
        path: words("permalink").map(str::to_owned),
        parent: words("parent_id").map(str::to_owned),
        outward: said("url").filter(|_| data["is_self"] != true),
        outward_kind: match words("post_hint") {
            Some("image") => Some("image"),
            Some("hosted:video") => Some("video"),
            _ => None,
        },
        poll: poll(&data["poll_data"]),
        subreddit: words("subreddit").map(str::to_owned),
        is_adult: data["over_18"] == true,
        likes: data["score"].as_u64().filter(|_| data["score_hidden"] != true),
        replies: data["num_comments"].as_u64(),
        name,
        ..Thing::default()
    })
}

/// Whether it is a thing without its wrapping.
fn is_bare(value: &Value) -> bool {
    let has_words = value["body"].is_string() || value["title"].is_string();
    value["subreddit"].is_string() && value["author"].is_string() && !value["created_utc"].is_null() && has_words
}

/// Seconds since 1970, as a number or (in old dumps) as a text.
pub(super) fn seconds(value: &Value) -> Option<DateTime<Utc>> {
    let whole = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let seconds =
        whole.or_else(|| value.as_f64().filter(|seconds| (0.0..1e11).contains(seconds)).map(|seconds| seconds as i64));
    DateTime::from_timestamp(seconds?, 0).filter(|at| When::fits(*at))
}

fn poll(poll: &Value) -> Option<Poll> {
    let option = |option: &Value| {
        Some(PollOption { title: option["text"].as_str()?.to_owned(), votes: option["vote_count"].as_u64() })
    };
    let closes = poll["voting_end_timestamp"].as_i64().and_then(DateTime::from_timestamp_millis);
    Some(Poll { options: poll["options"].as_array()?.iter().filter_map(option).collect(), closes, multiple: false })
}
