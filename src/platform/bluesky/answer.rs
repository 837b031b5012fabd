//! JSON in the shapes of the API, alone or line by line: which shape it is, and the posts in it.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::view::View;
use super::wire::{items, object, part};
use super::{PLATFORM, misfit, names, repost, search, stream};
use crate::exchange::Exchange;
use crate::model::{Found, Skipped};
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
        let Some(wire) = object::<Wire<'_>>(Some(raw)) else {
            let views: Vec<&RawValue> = part(Some(raw)).ok_or("is neither an object nor a list")?;
            if !views.iter().any(|view| is_view(view)) {
                return Err("is a list without any view of a post".to_owned());
            }
            for (i, view) in views.into_iter().enumerate() {
                self.view(view, format!("{at}/{i}"), false);
            }
            return Ok(());
        };
        let by_type =
            wire.posts.map(|posts| ("/posts", posts)).or(wire.of_type.map(|posts| ("/app.bsky.feed.post", posts)));
        if let Some((step, posts)) = by_type
            && stream::by_type(posts, &format!("{at}{step}"), self.exchange.fetched_at, &mut self.page)
        {
            self.page.shape = "firehose";
        } else if let Some(posts) = wire.posts {
            let posts: Vec<&RawValue> = part(Some(posts)).ok_or("has posts that are no list")?;
            if !posts.is_empty() && !posts.iter().any(|post| is_view(post)) {
                return Err("has posts, but none is a view of a post".to_owned());
            }
            let onward = search::Onward { cursor: part(wire.cursor), hits: part(wire.hits) };
            search::read(&posts, onward, at, self.exchange, &mut self.page);
        } else if let Some(feed) = wire.feed {
            let feed: Vec<&RawValue> = part(Some(feed)).ok_or("has a feed that is no list")?;
            if !feed.is_empty() && !feed.iter().any(|item| is_item(item)) {
                return Err("has a feed, but no item holds the view of a post".to_owned());
            }
            for (i, item) in feed.into_iter().enumerate() {
                self.item(item, &format!("{at}/feed/{i}"));
            }
        } else if let Some(list) = part::<Vec<&RawValue>>(wire.thread) {
            let is_item =
                |raw: &&RawValue| object::<WireThreadItem<'_>>(Some(raw)).is_some_and(|item| item.depth.is_some());
            if !list.is_empty() && !list.iter().any(is_item) {
                return Err("has a thread without any item that has a depth".to_owned());
            }
            self.flat_thread(&list, &format!("{at}/thread"));
        } else if let Some(thread) = wire.thread {
            if !object::<Node<'_>>(Some(thread)).is_some_and(|node| node.is_one()) {
                return Err("has a thread without any view of a post".to_owned());
            }
            self.thread(thread, format!("{at}/thread"));
        } else if let Some((step, list)) = wire.mixed() {
            self.mixed(list, &format!("{at}{step}"))?;
        } else if let Some(post) = repost::of_item(raw, self.exchange.fetched_at) {
            match post {
                Ok(post) => self.page.posts.push(Found { post, at: at.to_owned(), nested: false }),
                Err(reason) => self.skip(at.to_owned(), reason),
            }
        } else if wire.is_view() {
            self.view(raw, at.to_owned(), false);
        } else if wire.is_item() {
            self.item(raw, at);
        } else if part::<String>(wire.kind).is_some_and(|kind| kind == names::POST) {
            self.skip(at.to_owned(), "is a record without its author and key".to_owned());
        } else if let Some(shape) = stream::read(raw, at, self.exchange.fetched_at, &mut self.page) {
            self.page.shape = shape;
        } else {
            return Err("has no posts, feed, thread, view of a post, records or event of a stream".to_owned());
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
        let Some(item) = object::<WireItem<'_>>(Some(raw)) else {
            return self.skip(at.to_owned(), "holds no post".to_owned());
        };
        let own = View::read(item.post).ok().map(|view| view.uri().to_owned());
        let repost = own.as_deref().and_then(|own| repost::of_reason(item.reason, own));
        let nested = repost.is_some();
        if let Some(post) = repost {
            self.page.posts.push(Found { post, at: at.to_owned(), nested: false });
        }
        self.view(item.post, format!("{at}/post"), nested);
        // What it answers, and where the thread began, if that is another.
        let reply: WireReply<'_> = object(item.reply).unwrap_or_default();
        let uri = |raw: Option<&RawValue>| object::<Wire<'_>>(raw).and_then(|wire| part::<String>(wire.uri));
        if let Some(parent) = reply.parent {
            self.view(parent, format!("{at}/reply/parent"), true);
        }
        if let Some(root) = reply.root.filter(|root| uri(Some(root)) != uri(reply.parent)) {
            self.view(root, format!("{at}/reply/root"), true);
        }
    }

    /// The items of a list of things of all kinds: posts and reposts among them, each perhaps inside of `item`.
    fn mixed(&mut self, list: &RawValue, at: &str) -> Result<(), String> {
        let list: Vec<&RawValue> = part(Some(list)).ok_or("has a list that is none")?;
        for (i, raw) in list.into_iter().enumerate() {
            let at = format!("{at}/{i}");
            let inner = object::<WireBookmark<'_>>(Some(raw)).and_then(|bookmark| bookmark.item);
            let (raw, at) = inner.map_or((raw, at.clone()), |inner| (inner, format!("{at}/item")));
            match repost::of_item(raw, self.exchange.fetched_at) {
                Some(Ok(post)) => self.page.posts.push(Found { post, at, nested: false }),
                Some(Err(reason)) => self.skip(at, reason),
                None if is_view(raw) || inner.is_some() => self.view(raw, at, false),
                // A like, somebody who follows, a profile.
                None if object::<Wire<'_>>(Some(raw)).is_some_and(|wire| wire.uri.is_some()) => {}
                None => self.skip(at, "is no record with its uri".to_owned()),
            }
        }
        Ok(())
    }

    /// A thread of the second version: a list in reading order, each with its uri and depth.
    fn flat_thread(&mut self, thread: &[&RawValue], at: &str) {
        for (i, raw) in thread.iter().enumerate() {
            let at = format!("{at}/{i}");
            let item: WireThreadItem<'_> = object(Some(raw)).unwrap_or_default();
            let value: Node<'_> = object(item.value).unwrap_or_default();
            if let Some(post) = value.post {
                self.view(post, format!("{at}/value/post"), false);
                continue;
            }
            let uri = part::<String>(item.uri).unwrap_or_default();
            let kind = part::<String>(value.kind).unwrap_or_default();
            let why = match kind.rsplit('#').next().unwrap_or_default() {
                "threadItemNotFound" => "is not found",
                "threadItemBlocked" => "is blocked for the account that asked",
                "threadItemNoUnauthenticated" => "is shown only to those who are logged in",
                _ => "is no view of a post",
            };
            self.skip(at, format!("{why}: {uri}"));
        }
    }

    /// A thread in reading order: what it answers, the post, the answers. Walked without recursion.
    fn thread(&mut self, raw: &RawValue, at: String) {
        let mut ancestors = Vec::new();
        let mut node = raw;
        let mut place = at.clone();
        while let Some(parent) = object::<Node<'_>>(Some(node)).and_then(|node| node.parent) {
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
            let replies = items(object::<Node<'_>>(Some(node)).and_then(|node| node.replies));
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
        match object::<Node<'_>>(Some(raw)).and_then(|node| node.post) {
            Some(post) => self.view(post, format!("{at}/post"), false),
            // A post that was deleted or blocked stands in its place, and the view says so.
            None => self.view(raw, at, false),
        }
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "$type", alias = "py_type", borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    posts: Option<&'a RawValue>,
    #[serde(rename = "app.bsky.feed.post", borrow, default)]
    of_type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    notifications: Option<&'a RawValue>,
    #[serde(borrow, default)]
    bookmarks: Option<&'a RawValue>,
    #[serde(borrow, default)]
    records: Option<&'a RawValue>,
    #[serde(borrow, default)]
    cursor: Option<&'a RawValue>,
    #[serde(rename = "hitsTotal", borrow, default)]
    hits: Option<&'a RawValue>,
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

impl<'a> Wire<'a> {
    /// A list of things of which some are posts, and where it stands. At least one must be a record of somebody.
    fn mixed(&self) -> Option<(&'static str, &'a RawValue)> {
        let lists =
            [("/notifications", self.notifications), ("/bookmarks", self.bookmarks), ("/records", self.records)];
        let (step, list) = lists.into_iter().find_map(|(step, list)| Some((step, list?)))?;
        let is_one = |raw: &&RawValue| {
            let inner = object::<WireBookmark<'_>>(Some(raw)).and_then(|bookmark| bookmark.item);
            let uri = object::<Wire<'_>>(inner.or(Some(raw))).and_then(|wire| part::<String>(wire.uri));
            uri.is_some_and(|uri| uri.starts_with("at://"))
        };
        let fits = part::<Vec<&RawValue>>(Some(list)).is_some_and(|list| list.iter().any(is_one));
        fits.then_some((step, list))
    }

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
    object::<Wire<'_>>(Some(raw)).is_some_and(|wire| wire.is_view())
}

fn is_item(raw: &RawValue) -> bool {
    object::<Wire<'_>>(Some(raw)).is_some_and(|wire| wire.is_item())
}

/// `app.bsky.unspecced.getPostThreadV2#threadItem`
#[derive(Deserialize, Default)]
struct WireThreadItem<'a> {
    #[serde(borrow, default)]
    uri: Option<&'a RawValue>,
    #[serde(borrow, default)]
    depth: Option<&'a RawValue>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

/// `app.bsky.bookmark.defs#bookmarkView`
#[derive(Deserialize)]
struct WireBookmark<'a> {
    #[serde(borrow, default)]
    item: Option<&'a RawValue>,
}

/// `app.bsky.feed.defs#replyRef`
#[derive(Deserialize, Default)]
struct WireReply<'a> {
    #[serde(borrow, default)]
    root: Option<&'a RawValue>,
    #[serde(borrow, default)]
    parent: Option<&'a RawValue>,
}

/// `app.bsky.feed.defs#threadViewPost`, or what stands for a post that is gone.
#[derive(Deserialize, Default)]
struct Node<'a> {
    #[serde(rename = "$type", alias = "py_type", borrow, default)]
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
    #[serde(borrow, default)]
    reply: Option<&'a RawValue>,
}
