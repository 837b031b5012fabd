//! How a platform is asked over the network: what it needs, what it costs, which request comes first.
//!
//! All of it is data and pure functions. Sending, log-in, pacing, budgets and paging loops are `http`'s and `pull`'s.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::ParseError;
use super::scope::{ALL, NONE};
use crate::coverage::Paging;
use crate::exchange::{Exchange, Request, Session, TokenPlace};
use crate::model::Hashtag;

/// How a platform is asked for a hashtag.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    /// First request of a pull: newest posts first, as many as one request may bring.
    pub first: First,
    /// Whether several tags fit one query; `None` where each tag is asked for alone.
    pub together: Option<Together>,
    /// Its log-in, if it has one beyond a token.
    pub session: Option<Session>,
    /// How a user is asked in a browser to give a token; `None` where the platform's own pages make one.
    pub authorize: Option<Authorize>,
    /// Where a token that was given ready-made goes.
    pub token: TokenPlace,
    /// Whether it answers nobody without a credential.
    pub needs_credential: bool,
    /// A small request that shows whether the server is there and takes the credential.
    pub check: Check,
    /// Says how many posts there are before they are read; `None` where the platform does not count.
    pub count: Option<Count>,
    /// What reading uses up; `None` where it is free and unmetered.
    pub price: Option<Price>,
    /// Requests that a server allows, and in how many seconds: for the minutes of an estimate.
    pub rate: (u32, u32),
    /// Posts that one request brings at most.
    pub per_request: u32,
    /// What a walk over its pages leaves covered.
    pub paging: Paging,
    /// How what is new is listened to as it comes; `None` where it can only be asked for.
    pub stream: Option<Stream>,
    /// What a user must know before he asks.
    pub guide: Guide,
}

/// First request of a pull: newest posts first, as many as one request may bring.
pub type First = fn(&Query, &Source) -> Result<Request, SourceError>;

/// Whether the tags of a query fit one request together; a job with more is cut into several queries.
pub type Together = fn(&Query) -> bool;

/// A small request that shows whether the server is there and takes the credential.
pub type Check = fn(&Source) -> Result<Request, SourceError>;

/// The request for one post by its address; with `true` also for the thread that it stands in. `None` if the address is
/// none of this platform's, an error if it is, but cannot be asked for so.
pub type One = fn(&Url, bool, &Source) -> Option<Result<Request, SourceError>>;

/// How a platform's stream of new posts is listened to.
///
/// What came of it is kept in pieces, each under the request that opened the stream, with two marks: `listened`, from when
/// to when, as `FROM/UNTIL`, and `position`, how far the stream had come then ([`Glance::position`]). The parser gives that
/// request as the page's `later`, if the stream can be resumed.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    /// What it takes and what it gives, as a fragment for docs/sources.md.
    pub about: &'static str,
    /// Asks the server at which address it streams; `None` where that is known.
    pub ask: Option<Check>,
    /// The request that opens the stream, `https://` for server-sent events or `wss://` for a WebSocket. It is told the
    /// answer of `ask`, if there was one.
    pub open: OpenStream,
    /// What an event is, at a glance.
    pub glance: fn(&[u8], &Request) -> Glance,
    /// How it goes on where it was lost; `None` if nothing is sent twice: then the gap is filled by a pull.
    pub resume: Option<Resume>,
    /// How it packs its messages, if it does when asked.
    pub packed: Option<Packed>,
    /// The requests that tell more of the posts of these URIs, where the stream leaves out who wrote them.
    pub more: Option<More>,
}

/// How a server packs the messages of a stream.
#[derive(Debug, Clone, Copy)]
pub struct Packed {
    /// The request that asks for them so.
    pub ask: fn(&Request) -> Request,
    /// A message as it was before; why it cannot be had.
    pub unpack: fn(Vec<u8>) -> Result<Vec<u8>, String>,
}

/// The requests that tell more of the posts of these URIs.
pub type More = fn(&[String], &Source) -> Result<Vec<Request>, SourceError>;

/// The request that opens a stream.
pub type OpenStream = fn(&Query, &Source, Option<&Exchange>) -> Result<Request, SourceError>;

/// How a stream goes on where it was lost.
#[derive(Debug, Clone, Copy)]
pub struct Resume {
    /// The request that opens it at a position, or a little before.
    pub at: fn(&Request, i64) -> Request,
    /// How long the server keeps what it has sent, in seconds.
    pub kept: i64,
}

/// What an event is, at a glance: what decides whether it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Glance {
    /// Whether it belongs to what was asked.
    pub keep: Keep,
    /// How far the stream has come with it, in microseconds since 1970, for one that can be resumed.
    pub position: Option<i64>,
    /// URI of the post that it is about.
    pub uri: Option<String>,
}

/// Whether an event belongs to what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// It does not.
    #[default]
    No,
    /// It cannot be read: it is counted.
    Unreadable,
    /// It does if the archive holds its post: a change, a deletion.
    IfKnown,
    /// It does.
    Yes,
}

/// How a platform counts before it is read.
#[derive(Debug, Clone, Copy)]
pub struct Count {
    /// The request that counts.
    pub first: First,
    /// Reads its answer.
    pub read: fn(&Exchange) -> Result<Counted, ParseError>,
    /// What a request that counts costs, in US dollars; 0 where it is free.
    pub dollars: f64,
}

/// What an answer that counts says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// Posts in the stretch that this answer counts.
    pub posts: u64,
    /// Requests that a pull of these posts takes, if it is not posts divided by [`Live::per_request`].
    pub requests: Option<u64>,
    /// Units that those take, if they are not all like the first.
    pub units: Option<u64>,
    /// What the number leaves out or only guesses; empty if it is the number of posts.
    pub caveat: &'static str,
    /// The request that counts the stretch before; `None` at the end.
    pub next: Option<Request>,
}

/// The request that trades a code for a token. Arguments: source, id and secret of the application, code.
pub type Trade = fn(&Source, (&str, &str), &str) -> Result<Request, SourceError>;

/// How a user gives a token in a browser, for an application that is registered for the purpose (RFC 6749, 4.1): pure
/// functions that `login --new` calls in turn.
#[derive(Debug, Clone, Copy)]
pub struct Authorize {
    /// The request that registers an application.
    pub register: Check,
    /// Reads the application's id and secret out of its answer.
    pub registered: fn(&[u8]) -> Option<(String, String)>,
    /// The page where the user agrees, and is shown a code. Arguments: source, id of the application.
    pub page: fn(&Source, &str) -> Result<String, SourceError>,
    /// The request that trades the code for a token. Arguments: source, id and secret of the application, code.
    pub trade: Trade,
    /// Reads the token out of its answer.
    pub token: fn(&[u8]) -> Option<String>,
}

/// The same request for as many posts as so many units pay for.
pub type Fit = fn(&Request, u64) -> Request;

/// What reading uses up: units of a quota, or reads that are paid for.
#[derive(Debug, Clone, Copy)]
pub struct Price {
    /// The unit, in the plural: `post reads`, `quota units`.
    pub units: &'static str,
    /// Units that sending a request uses up, whatever it brings.
    pub of_request: fn(&Request) -> u64,
    /// Units that each post uses up, for an estimate.
    pub of_post: u64,
    /// Units that an answer used up beside its request: by what it holds, whether or not that is kept.
    pub of_answer: fn(&Exchange) -> u64,
    /// The most that a request can use up: what it costs and all posts that it may bring.
    pub worst: fn(&Request) -> u64,
    /// The same request for as many posts as so many units pay for; `None` where a request has its price whatever it brings.
    pub fit: Option<Fit>,
    /// Money for one unit, in US dollars, unless the configuration says otherwise; 0 where the quota is free.
    pub dollars: f64,
}

/// What a user must know before he asks, in sentences for docs/sources.md, `login` and `platforms`.
#[derive(Debug, Clone, Copy)]
pub struct Guide {
    /// How to get access: where to go and what to make there.
    pub access: &'static str,
    /// The least rights that a credential needs; empty where none is used.
    pub scope: &'static str,
    /// What it costs.
    pub cost: &'static str,
    /// Its limits: requests in a stretch of time, depth, posts a page.
    pub limits: &'static str,
    /// What it cannot give.
    pub missing: &'static str,
    /// Keys of a job and a credential as config.toml has them: an example that a test reads and runs.
    pub example: &'static str,
}

/// What a pull asks for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// The hashtags, any of which a post must carry. One, unless the platform takes several together ([`Live::together`]).
    pub tags: Vec<Hashtag>,
    /// Hashtags all of which a post must carry beside.
    pub all: Vec<Hashtag>,
    /// Hashtags none of which a post may carry.
    pub none: Vec<Hashtag>,
    /// Operators in the platform's own language, for one that has such.
    pub words: Option<String>,
    /// Not before this instant (inclusive).
    pub since: Option<DateTime<Utc>>,
    /// Before this instant (exclusive).
    pub until: Option<DateTime<Utc>>,
    /// Only what the platform calls recent, where it tells that from its whole archive.
    pub recent: bool,
}

impl Query {
    /// A query for one tag and nothing else.
    pub fn tag(tag: Hashtag) -> Query {
        Query { tags: vec![tag], ..Query::default() }
    }

    /// The first tag, for platforms that take one at a time; empty if there is none.
    pub fn first_tag(&self) -> &str {
        self.tags.first().map_or("", Hashtag::as_str)
    }

    /// The query as a request of it, whose address cannot say everything: time and further tags stand in its fragment.
    pub fn mark(&self, request: &Request) -> Request {
        let list = |tags: &[Hashtag]| {
            let tags: Vec<&str> = tags.iter().map(Hashtag::as_str).collect();
            Some(tags.join(" ")).filter(|tags| !tags.is_empty())
        };
        let request = request.with_window(self.since, self.until);
        request.with_mark(ALL, list(&self.all).as_deref()).with_mark(NONE, list(&self.none).as_deref())
    }
}

/// How far a catch-up looks back behind the newest post that was seen: some come a little late.
pub(super) const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// Up to when everything is known once a post of that date was seen: no date is believed that lies ahead of the answer.
pub(super) fn known_until(newest: DateTime<Utc>, seen_at: DateTime<Utc>) -> DateTime<Utc> {
    newest.min(seen_at) - OVERLAP
}

/// The first whole second that is not before an instant: a bound for servers that date by seconds.
pub(super) fn second(at: DateTime<Utc>) -> i64 {
    at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0)
}

/// Whom a pull asks.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// What the job writes behind the platform's name: a server (`mastodon.social`), a channel, a group.
    pub place: Option<String>,
    /// Base address to ask instead of the platform's own, as `[platform.NAME]` of the configuration says.
    pub server: Option<String>,
    /// Name of the credential to send.
    pub credential: Option<String>,
    /// Address of the stream to listen to instead of the platform's own, likewise.
    pub stream: Option<String>,
}

impl Source {
    /// The base address where the place is a server: the one that is configured, else the place, else `own`.
    ///
    /// # Errors
    /// There is none, or it is no http(s) address of a host without user name and password.
    pub fn base_at_place(&self, title: &str, own: Option<&str>) -> Result<Url, SourceError> {
        let place = self.place.as_deref().map(str::trim).filter(|place| !place.is_empty());
        match self.server.as_deref().or(place).or(own) {
            Some(server) => base(server, title),
            None => Err(SourceError(format!("{title} needs a server: write \"platform:server\""))),
        }
    }

    /// The base address where the platform has one server: the one that is configured, else `own`.
    ///
    /// # Errors
    /// It is no http(s) address of a host without user name and password.
    pub fn base_of(&self, title: &str, own: &str) -> Result<Url, SourceError> {
        base(self.server.as_deref().unwrap_or(own), title)
    }

    /// The source with a credential named, its own or the platform's: for one that answers nobody without.
    pub(super) fn named(&self, platform: &str) -> Source {
        let credential = self.credential.clone().unwrap_or_else(|| platform.to_owned());
        Source { credential: Some(credential), ..self.clone() }
    }

    /// A GET of a path below a base address, with parameters in their order, sent with the source's credential.
    pub fn get(&self, base: &Url, path: &[&str], params: &[(&str, &str)]) -> Request {
        let mut url = base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.set_query(None);
        url.set_fragment(None);
        if !params.is_empty() {
            url.query_pairs_mut().extend_pairs(params);
        }
        Request { auth: self.credential.clone(), ..Request::get(url) }
    }
}

/// That a thread cannot be had, and why.
pub(super) fn no_thread(why: &str) -> SourceError {
    SourceError(format!("{why}: ask without --thread for the post alone"))
}

/// An address of a stream as a user or a server writes it: `wss://` or `https://`.
pub(super) fn stream_address(address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let is_stream = matches!(url.scheme(), "http" | "https" | "ws" | "wss") && url.has_host();
    (is_stream && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// An address of a server as a user writes it: a name, or an http(s) address.
fn base(server: &str, title: &str) -> Result<Url, SourceError> {
    let address = if server.contains("://") { server.to_owned() } else { format!("https://{server}") };
    Url::parse(&address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .filter(|url| url.username().is_empty() && url.password().is_none())
        .ok_or_else(|| SourceError(format!("{server:?} is no server of {title}: a name or an http(s) address is")))
}

/// Why a source cannot be asked as configured.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct SourceError(pub String);
