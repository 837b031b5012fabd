//! JSON in the shapes of the API, alone or line by line: which shape it is, and the posts in it.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::view::{View, author};
use super::wire::{items, part};
use super::{PLATFORM, dates, jetstream, misfit, names, search};
use crate::exchange::Exchange;
use crate::model::{Found, Kind, Post, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::json::PATIENCE;
use crate::platform::{Page, ParseError, lines};

/// Threads are followed up and down to this depth; the API gives 1,000 upwards at most, and asks for 80 by default.
const DEPTH: usize = 100;

/// Reads a body of JSON or of JSON lines.
///
/// # Errors
/// If it is no JSON of Bluesky, or is cut or broken.
pub fn read(text: &str, exchange: &Exchange) -> Result<Page, ParseError> {
    let mut reading = Reading { exchange, page: Page { shape: "views", ..Page::default() } };
    let error = match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => {
            return match reading.document(raw, "") {
                Ok(()) => Ok(reading.page),
                Err(what) => Err(misfit(what)),
            };
        }
        Err(error) => error,
    };
    if reading.lines(text) {
        return Ok(reading.page);
    }
    if text.contains("\"app.bsky.") || exchange.request.url.contains("/xrpc/app.bsky.") {
        return Err(ParseError::Broken { platform: PLATFORM.name, what: error.to_string() });
    }
    Err(misfit(format!("is no JSON: {error}")))
}

struct Reading<'e> {
    exchange: &'e Exchange,
    page: Page,
}

impl Reading<'_> {
    /// Reads a file of lines. `false` if none of them is of Bluesky.
    fn lines(&mut self, text: &str) -> bool {
        let mut known = false;
        let mut strange = Vec::new();
        for (number, line) in lines(text) {
            let at = format!("line {number}");
            let reason = match serde_json::from_str::<&RawValue>(line) {
                Ok(raw) => match self.document(raw, &at) {
                    Ok(()) => {
                        known = true;
                        continue;
                    }
                    Err(what) => what,
                },
                Err(error) => {
                    format!("is broken JSON: {}", error.to_string().replace(" at line 1 column ", " at column "))
                }
            };
            strange.push(Skipped { at, reason });
            if !known && strange.len() > PATIENCE {
                return false;
            }
        }
        if known {
            self.page.skipped.extend(strange);
        }
        known
    }

    /// Reads one document, whose place is `at`.
    ///
    /// # Errors
    /// What it lacks to be one of Bluesky's.
    fn document(&mut self, raw: &RawValue, at: &str) -> Result<(), String> {
        let Some(wire) = part::<Wire<'_>>(Some(raw)) else {
            let views: Vec<&RawValue> = part(Some(raw)).ok_or("is neither an object nor a list")?;
            if !views.iter().any(|view| is_view(view)) {
                return Err("is a list without any view of a post".to_owned());
            }
            for (i, view) in views.into_iter().enumerate() {
                self.view(view, format!("{at}/{i}"), false);
            }
            return Ok(());
        };
        if let Some(posts) = wire.posts {
            let posts: Vec<&RawValue> = part(Some(posts)).ok_or("has posts that are no list")?;
            if !posts.is_empty() && !posts.iter().any(|post| is_view(post)) {
                return Err("has posts, but none is a view of a post".to_owned());
            }
            search::read(&posts, wire.cursor, at, self.exchange, &mut self.page);
        } else if let Some(feed) = wire.feed {
            let feed: Vec<&RawValue> = part(Some(feed)).ok_or("has a feed that is no list")?;
            if !feed.is_empty() && !feed.iter().any(|item| is_item(item)) {
                return Err("has a feed, but no item holds the view of a post".to_owned());
            }
            for (i, item) in feed.into_iter().enumerate() {
                self.item(item, &format!("{at}/feed/{i}"));
            }
        } else if let Some(thread) = wire.thread {
            if !part::<Node<'_>>(Some(thread)).is_some_and(|node| node.is_one()) {
                return Err("has a thread without any view of a post".to_owned());
            }
            self.thread(thread, format!("{at}/thread"));
        } else if wire.is_view() {
            self.view(raw, at.to_owned(), false);
        } else if wire.is_item() {
            self.item(raw, at);
        } else if part::<String>(wire.kind).is_some_and(|kind| kind == names::POST) {
            self.skip(at.to_owned(), "is a record without its author and key".to_owned());
        } else if jetstream::read(raw, at, self.exchange.fetched_at, &mut self.page) {
            self.page.shape = "jetstream";
        } else {
            return Err("has no posts, feed, thread, view of a post or event of a stream".to_owned());
        }
        Ok(())
    }

    fn view(&mut self, raw: &RawValue, at: String, nested: bool) {
        match View::read(raw) {
            Ok(view) => view.put(&mut self.page, &at, nested, self.exchange.fetched_at),
            Err(reason) => self.skip(at, reason),
        }
    }

    fn skip(&mut self, at: String, reason: String) {
        self.page.skipped.push(Skipped { at, reason });
    }

    /// An item of a feed: a post, or somebody's repost of it.
    fn item(&mut self, raw: &RawValue, at: &str) {
        let Some(item) = part::<WireItem<'_>>(Some(raw)) else {
            return self.skip(at.to_owned(), "holds no post".to_owned());
        };
        let reason = part::<WireReason<'_>>(item.reason).filter(|reason| reason.kind == REPOST);
        let repost = reason.and_then(|reason| repost(&reason, View::read(item.post).ok()?.uri()));
        let nested = repost.is_some();
        if let Some(post) = repost {
            self.page.posts.push(Found { post, at: at.to_owned(), nested: false });
        }
        self.view(item.post, format!("{at}/post"), nested);
    }

    /// A thread in reading order: what it answers, the post, the answers. Walked without recursion.
    fn thread(&mut self, raw: &RawValue, at: String) {
        let mut ancestors = Vec::new();
        let mut node = raw;
        let mut place = at.clone();
        while let Some(parent) = part::<Node<'_>>(Some(node)).and_then(|node| node.parent) {
            place.push_str("/parent");
            if ancestors.len() == DEPTH {
                self.skip(place, format!("is more than {DEPTH} posts up the thread"));
                break;
            }
            ancestors.push((parent, place.clone()));
            node = parent;
        }
        for (parent, place) in ancestors.into_iter().rev() {
            self.node(parent, place);
        }
        let mut open = vec![(raw, at, 0)];
        while let Some((node, at, depth)) = open.pop() {
            let replies = items(part::<Node<'_>>(Some(node)).and_then(|node| node.replies));
            if depth == DEPTH && !replies.is_empty() {
                self.skip(format!("{at}/replies"), format!("are more than {DEPTH} posts down the thread"));
            } else {
                let below = replies.into_iter().enumerate();
                open.extend(below.rev().map(|(i, reply)| (reply, format!("{at}/replies/{i}"), depth + 1)));
            }
            self.node(node, at);
        }
    }

    fn node(&mut self, raw: &RawValue, at: String) {
        match part::<Node<'_>>(Some(raw)).and_then(|node| node.post) {
            Some(post) => self.view(post, format!("{at}/post"), false),
            // A post that was deleted or blocked stands in its place, and the view says so.
            None => self.view(raw, at, false),
        }
    }
}

const REPOST: &str = "app.bsky.feed.defs#reasonRepost";

/// A repost of the post of that URI.
fn repost(reason: &WireReason<'_>, of: &str) -> Option<Post> {
    let by = part::<WireBy>(Some(reason.by)).filter(|by| names::is_did(&by.did))?;
    let original = names::PostUri::new(of)?;
    let at = part::<String>(reason.indexed_at).as_deref().and_then(dates::instant);
    let uri = part::<String>(reason.uri).filter(|uri| uri.starts_with("at://"));
    Some(Post {
        platform: PLATFORM.name.to_owned(),
        // Older answers do not name the repost's record. An account reposts a post once, so the two together name it.
        id: Some(uri.clone().unwrap_or_else(|| format!("{of}#reposted-by-{}", by.did))),
        uri,
        author: author(Some(reason.by), &by.did),
        created: at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        text_state: TextState::Complete,
        kind: Kind::Repost,
        repost_of: Some(original.to_ref()),
        ..Post::default()
    })
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "$type", borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    posts: Option<&'a RawValue>,
    #[serde(borrow, default)]
    cursor: Option<&'a RawValue>,
    #[serde(borrow, default)]
    feed: Option<&'a RawValue>,
    #[serde(borrow, default)]
    thread: Option<&'a RawValue>,
    #[serde(borrow, default)]
    post: Option<&'a RawValue>,
    #[serde(borrow, default)]
    uri: Option<&'a RawValue>,
    #[serde(borrow, default)]
    record: Option<&'a RawValue>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

impl Wire<'_> {
    /// Whether it has the makings of a post's view, or of its record with its URI.
    fn is_view(&self) -> bool {
        let named = part::<String>(self.uri).is_some_and(|uri| uri.starts_with("at://") && uri.contains(names::POST));
        named && self.record.or(self.value).is_some()
    }

    fn is_item(&self) -> bool {
        self.post.is_some_and(is_view)
    }
}

fn is_view(raw: &RawValue) -> bool {
    part::<Wire<'_>>(Some(raw)).is_some_and(|wire| wire.is_view())
}

fn is_item(raw: &RawValue) -> bool {
    part::<Wire<'_>>(Some(raw)).is_some_and(|wire| wire.is_item())
}

/// `app.bsky.feed.defs#threadViewPost`, or what stands for a post that is gone.
#[derive(Deserialize)]
struct Node<'a> {
    #[serde(rename = "$type", borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    post: Option<&'a RawValue>,
    #[serde(borrow, default)]
    parent: Option<&'a RawValue>,
    #[serde(borrow, default)]
    replies: Option<&'a RawValue>,
}

impl Node<'_> {
    fn is_one(&self) -> bool {
        let view = self.post.is_some_and(is_view);
        view || part::<String>(self.kind).is_some_and(|kind| kind.starts_with("app.bsky.feed.defs#"))
    }
}

/// `app.bsky.feed.defs#feedViewPost`
#[derive(Deserialize)]
struct WireItem<'a> {
    #[serde(borrow)]
    post: &'a RawValue,
    #[serde(borrow, default)]
    reason: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireReason<'a> {
    #[serde(rename = "$type")]
    kind: String,
    #[serde(borrow)]
    by: &'a RawValue,
    #[serde(borrow, default)]
    uri: Option<&'a RawValue>,
    #[serde(borrow, default)]
    indexed_at: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireBy {
    did: String,
}
