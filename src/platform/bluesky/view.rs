//! A post as the AppView shows it: the record, who wrote it, what is attached, the counts. A bare record, and the
//! view of a quoted post (which says `value` for `record` and `embeds` for `embed`), are read the same way.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::PLATFORM;
use super::attached::Attached;
use super::dates::{Stated, instant};
use super::names::{self, PostUri};
use super::record::{Record, values};
use super::wire::{items, object, part};
use crate::model::{Author, Found, Kind, Metrics, Post, Skipped, TextState};
use crate::platform::Page;

/// Quotes inside quotes are read to this depth; the AppView sends two.
const DEPTH: usize = 4;

/// A view with its record read.
#[derive(Debug)]
pub struct View<'a> {
    uri: String,
    /// The record.
    pub record: Record<'a>,
    /// What it says about its time.
    pub stated: Stated,
    /// When a stream brought a new version of the record.
    pub edited: Option<DateTime<Utc>>,
    author: Option<&'a RawValue>,
    labels: Option<&'a RawValue>,
    /// The embed's view, and where it stands below the post.
    embed: (&'static str, Option<&'a RawValue>),
    metrics: Metrics,
}

impl<'a> View<'a> {
    /// Reads a view.
    ///
    /// # Errors
    /// A fragment that says why it is no post.
    pub fn read(raw: &'a RawValue) -> Result<View<'a>, String> {
        let wire: Wire<'a> = object(Some(raw)).ok_or("is no readable object")?;
        let named = || part::<String>(wire.uri).map(|uri| format!(": {uri}")).unwrap_or_default();
        if part::<bool>(wire.not_found) == Some(true) {
            return Err(format!("is not found{}", named()));
        }
        if part::<bool>(wire.blocked) == Some(true) {
            return Err(format!("is blocked for the account that asked{}", named()));
        }
        let uri: String = part(wire.uri).ok_or("has no uri")?;
        let by = object::<WireAuthor<'_>>(wire.author).and_then(|author| part::<String>(author.did));
        if let (Some(by), Some(of)) = (by, PostUri::new(&uri))
            && by != of.did
        {
            return Err("its author is not the owner of its uri".to_owned());
        }
        let mut view = View::of(uri, wire.record.or(wire.value).ok_or("has no record")?)?;
        view.stated.indexed = part::<String>(wire.indexed_at).as_deref().and_then(instant);
        view.author = wire.author;
        view.labels = wire.labels;
        view.embed = match wire.embed {
            Some(embed) => ("/embed", Some(embed)),
            None => ("/embeds/0", items(wire.embeds).first().copied()),
        };
        view.metrics = Metrics {
            likes: part(wire.like_count),
            reposts: part(wire.repost_count),
            replies: part(wire.reply_count),
            quotes: part(wire.quote_count),
            ..Metrics::default()
        };
        Ok(view)
    }

    /// A record by itself, as a repository or a stream gives it.
    ///
    /// # Errors
    /// A fragment that says why it is no post.
    pub fn of(uri: String, record: &'a RawValue) -> Result<View<'a>, String> {
        PostUri::new(&uri).ok_or("has a uri that names no post by its author's DID")?;
        let mut record = Record::read(record)?;
        Ok(View {
            uri,
            stated: Stated { claimed: record.created.take(), indexed: None },
            record,
            edited: None,
            author: None,
            labels: None,
            embed: ("", None),
            metrics: Metrics::default(),
        })
    }

    /// The post's URI.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Puts the post, and after it those that stand inside, into the page. `at` is its place, `seen_at` the time of
    /// the capture.
    pub fn put(self, page: &mut Page, at: &str, nested: bool, seen_at: DateTime<Utc>) {
        self.put_at_depth(page, at, nested, seen_at, 0);
    }

    fn put_at_depth(self, page: &mut Page, at: &str, nested: bool, seen_at: DateTime<Utc>, depth: usize) {
        let (pointer, shown) = self.embed;
        let attached = Attached::read(shown.or(self.record.embed));
        let quoted = shown.and(attached.quoted);
        let Some(post) = self.into_post(attached, seen_at) else { return };
        page.posts.push(Found { post, at: at.to_owned(), nested });
        let Some((inside, raw)) = quoted else { return };
        let at = format!("{at}{pointer}{inside}");
        match View::read(raw) {
            Ok(view) if depth < DEPTH => view.put_at_depth(page, &at, true, seen_at, depth + 1),
            Ok(_) => page.skipped.push(Skipped { at, reason: format!("is quoted at a depth of more than {DEPTH}") }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }

    fn into_post(self, attached: Attached<'_>, seen_at: DateTime<Utc>) -> Option<Post> {
        let uri = PostUri::new(&self.uri)?;
        let (created, doubts) = self.stated.written(Some(uri), seen_at);
        let author = author(self.author, uri.did);
        let counted = Metrics::default() != self.metrics;
        let mut links = self.record.links;
        links.extend(attached.link.filter(|card| !links.iter().any(|link| link.url == card.url)));
        Some(Post {
            platform: PLATFORM.name.to_owned(),
            id: Some(uri.to_uri()),
            uri: Some(uri.to_uri()),
            url: Some(uri.page(author.handle.as_ref())),
            author,
            created,
            edited: self.edited,
            text: self.record.text,
            text_state: TextState::Complete,
            lang: self.record.lang,
            kind: match (&self.record.reply_to, &attached.quote) {
                (Some(_), _) => Kind::Reply,
                (None, Some(_)) => Kind::Quote,
                (None, None) => Kind::Original,
            },
            reply_to: self.record.reply_to,
            quote_of: attached.quote,
            hashtags: self.record.hashtags,
            mentions: self.record.mentions,
            links,
            media: attached.media,
            metrics: Metrics { seen_at: counted.then_some(seen_at), ..self.metrics },
            labels: values([self.labels, self.record.labels]),
            doubts,
            ..Post::default()
        })
    }
}

/// Who wrote a post. `did` is that of the post's URI: a bare record has no more.
pub fn author(raw: Option<&RawValue>, did: &str) -> Author {
    let wire: WireAuthor<'_> = object(raw).unwrap_or_default();
    let handle = part::<String>(wire.handle).and_then(|handle| names::handle(&handle));
    let mut flags = values([wire.labels]);
    let verified = object::<WireVerification>(wire.verification).is_some_and(|v| v.verified_status == "valid");
    flags.extend(verified.then(|| "verified".to_owned()));
    Author {
        id: Some(did.to_owned()),
        name: part(wire.display_name),
        url: Some(names::profile(did, handle.as_ref())),
        handle,
        flags,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow, default)]
    uri: Option<&'a RawValue>,
    #[serde(borrow, default)]
    author: Option<&'a RawValue>,
    #[serde(borrow, default)]
    record: Option<&'a RawValue>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
    #[serde(borrow, default)]
    embed: Option<&'a RawValue>,
    #[serde(borrow, default)]
    embeds: Option<&'a RawValue>,
    #[serde(borrow, default)]
    labels: Option<&'a RawValue>,
    #[serde(alias = "indexed_at", borrow, default)]
    indexed_at: Option<&'a RawValue>,
    #[serde(alias = "like_count", borrow, default)]
    like_count: Option<&'a RawValue>,
    #[serde(alias = "repost_count", borrow, default)]
    repost_count: Option<&'a RawValue>,
    #[serde(alias = "reply_count", borrow, default)]
    reply_count: Option<&'a RawValue>,
    #[serde(alias = "quote_count", borrow, default)]
    quote_count: Option<&'a RawValue>,
    #[serde(alias = "not_found", borrow, default)]
    not_found: Option<&'a RawValue>,
    #[serde(borrow, default)]
    blocked: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct WireAuthor<'a> {
    #[serde(borrow, default)]
    did: Option<&'a RawValue>,
    #[serde(borrow, default)]
    handle: Option<&'a RawValue>,
    #[serde(alias = "display_name", borrow, default)]
    display_name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    labels: Option<&'a RawValue>,
    #[serde(borrow, default)]
    verification: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireVerification {
    #[serde(alias = "verified_status")]
    verified_status: String,
}
