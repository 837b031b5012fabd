//! A world in which people post, and servers show it, as long as they are well. Time is tokio's, which the test has paused.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use pullquote::clock::Clock;
use pullquote::coverage::Cause;
use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::http::{Fault, HttpError, Sent, Simulated};
use serde_json::{Value, json};

/// A post as one server has it.
#[derive(Debug, Clone)]
pub struct Written {
    pub id: String,
    pub uri: String,
    pub created: DateTime<Utc>,
    /// When the server gets it: late, if it comes from another.
    pub arrives: DateTime<Utc>,
    /// When it is deleted.
    pub deleted: Option<DateTime<Utc>>,
    pub text: String,
}

impl Written {
    pub fn is_shown(&self, now: DateTime<Utc>) -> bool {
        self.arrives <= now && self.deleted.is_none_or(|deleted| deleted > now)
    }
}

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A timeline with ids, 40 a page.
    Timeline,
    /// A search with a cursor that counts, 100 a page.
    Search,
    /// A feed of the newest twenty.
    Feed,
}

/// When a server is ill, and how.
#[derive(Debug, Clone, Copy)]
pub struct Ill {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It takes no connection.
    Away,
    /// It answers 503.
    Broken,
    /// It wants to be left alone.
    Hasty,
    /// It answers 403, and has no feed.
    Closed,
    /// It takes `min_id` for `since_id`: its newest posts come.
    Newest,
    /// It does not know `min_id`.
    Heedless,
}

impl How {
    /// Any that a server of this kind may have: only a timeline knows `min_id`.
    pub fn any(kind: Kind, random: &mut fastrand::Rng) -> How {
        let all = [How::Away, How::Broken, How::Hasty, How::Closed, How::Newest, How::Heedless];
        all[random.usize(0..if kind == Kind::Timeline { 6 } else { 3 })]
    }

    /// The cause of the gap that it leaves; `None` if it leaves none.
    pub fn cause(self) -> Option<Cause> {
        match self {
            How::Away | How::Broken => Some(Cause::Down),
            How::Hasty => Some(Cause::RateLimit),
            How::Closed => Some(Cause::Refused),
            How::Newest | How::Heedless => None,
        }
    }
}

pub struct Site {
    pub host: &'static str,
    /// Where it is asked: `https://HOST`, or what listens in its place.
    pub at: String,
    pub kind: Kind,
    /// Of a hundred requests with a cursor, how many it answers with the page before.
    pub lies: u32,
    pub posts: Vec<Written>,
    pub ills: Vec<Ill>,
    /// When it gave an answer with posts, and which.
    pub served: Vec<(DateTime<Utc>, Vec<String>)>,
    /// When it gave one to a program that was killed: whether it was read, nobody can tell.
    pub unsure: Vec<DateTime<Utc>>,
    /// When it gave none.
    pub refused: Vec<DateTime<Utc>>,
    pub requests: u64,
    /// How long it thinks.
    pub takes: Duration,
    last: Option<Response>,
}

impl Site {
    pub fn new(host: &'static str, kind: Kind, mut posts: Vec<Written>, ills: Vec<Ill>) -> Site {
        posts.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        Site {
            host,
            at: format!("https://{host}"),
            kind,
            lies: 0,
            posts,
            ills,
            served: Vec::new(),
            unsure: Vec::new(),
            refused: Vec::new(),
            requests: 0,
            takes: Duration::ZERO,
            last: None,
        }
    }

    /// What the server shows now, newest first.
    fn shown(&self, now: DateTime<Utc>) -> Vec<&Written> {
        self.posts.iter().rev().filter(|post| post.is_shown(now)).collect()
    }

    fn timeline(&self, request: &Request, now: DateTime<Utc>, how: Option<How>) -> (Response, Vec<String>) {
        let number = |name: &str| request.param(name).map(|id| id.parse::<u64>().unwrap());
        let id = |post: &Written| post.id.parse::<u64>().unwrap();
        let above = number("since_id").max(number("min_id").filter(|_| how == Some(How::Newest))).unwrap_or(0);
        let shown: Vec<&Written> = self.shown(now).into_iter().filter(|post| id(post) > above).collect();
        let climbs = !matches!(how, Some(How::Newest | How::Heedless));
        let page: Vec<&Written> = match (number("min_id").filter(|_| climbs), number("max_id")) {
            (Some(min), _) => {
                let mut above: Vec<&Written> = shown.iter().rev().copied().filter(|post| id(post) > min).collect();
                above.truncate(40);
                above.reverse();
                above
            }
            (None, max) => shown.iter().copied().filter(|post| max.is_none_or(|max| id(post) < max)).take(40).collect(),
        };
        let mut headers = vec![("content-type".to_owned(), "application/json; charset=utf-8".to_owned())];
        if let (Some(newest), Some(oldest)) = (page.first(), page.last()) {
            let at = format!("{}/api/v1/timelines/tag/Ferry?limit=40", self.at);
            let link = format!("<{at}&max_id={}>; rel=\"next\", <{at}&min_id={}>; rel=\"prev\"", oldest.id, newest.id);
            headers.push(("link".to_owned(), link));
        }
        let body = Value::Array(page.iter().map(|post| self.status(post)).collect()).to_string();
        (answer(200, headers, body), page.iter().map(|post| post.uri.clone()).collect())
    }

    pub fn status(&self, post: &Written) -> Value {
        let host = self.host;
        json!({
            "id": post.id, "created_at": stamp(post.created), "uri": post.uri, "url": post.uri, "visibility": "public",
            "content": format!("<p>{} <a href=\"https://{host}/tags/Ferry\" class=\"mention hashtag\" rel=\"tag\">#<span>Ferry</span></a></p>", post.text),
            "account": {
                "id": "7", "username": "ada", "acct": "ada", "display_name": "Ada Moss", "url": format!("https://{host}/@ada"),
                "uri": format!("https://{host}/users/ada"),
            },
            "spoiler_text": "", "sensitive": false, "media_attachments": [], "mentions": [], "emojis": [],
            "tags": [{ "name": "Ferry", "url": format!("https://{host}/tags/Ferry") }],
        })
    }

    fn search(&self, request: &Request, now: DateTime<Utc>) -> (Response, Vec<String>) {
        let time = |name: &str| request.param(name).map(|at| at.parse::<DateTime<Utc>>().unwrap());
        let (since, until) = (time("since"), time("until"));
        let found: Vec<&Written> = self
            .shown(now)
            .into_iter()
            .filter(|post| since.is_none_or(|since| post.created >= since))
            .filter(|post| until.is_none_or(|until| post.created < until))
            .collect();
        let from = request.param("cursor").map_or(0, |cursor| cursor.parse::<usize>().unwrap());
        let page: Vec<&Written> = found.iter().copied().skip(from).take(100).collect();
        let views: Vec<Value> = page
            .iter()
            .map(|post| {
                json!({
                    "uri": post.uri, "cid": "bafyreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                    "author": { "did": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "handle": "ada.example", "displayName": "Ada Moss" },
                    "record": {
                        "$type": "app.bsky.feed.post", "createdAt": stamp(post.created), "text": format!("{} #Ferry", post.text),
                    },
                    "indexedAt": stamp(post.arrives),
                })
            })
            .collect();
        let mut body = json!({ "posts": views, "hitsTotal": found.len() });
        if from + page.len() < found.len() {
            body["cursor"] = json!((from + page.len()).to_string());
        }
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        (answer(200, headers, body.to_string()), page.iter().map(|post| post.uri.clone()).collect())
    }

    fn feed(&self, now: DateTime<Utc>) -> (Response, Vec<String>) {
        let mut body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>Harbour news</title>\
             <link>https://{}/</link><description>All of it</description>",
            self.host
        );
        let page: Vec<&Written> = self.shown(now).into_iter().take(20).collect();
        for post in &page {
            write!(
                body,
                "<item><title>#Ferry</title><link>{}</link><guid isPermaLink=\"true\">{}</guid><pubDate>{}</pubDate>\
                 <description>{} #Ferry</description></item>",
                post.uri,
                post.uri,
                post.created.to_rfc2822(),
                post.text
            )
            .unwrap();
        }
        body.push_str("</channel></rss>\n");
        let headers = vec![("content-type".to_owned(), "application/rss+xml; charset=utf-8".to_owned())];
        (answer(200, headers, body), page.iter().map(|post| post.uri.clone()).collect())
    }
}

fn answer(status: u16, headers: Vec<(String, String)>, body: String) -> Response {
    Response { status, headers, body: body.into_bytes(), protocol: None }
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// All servers, and who asks them.
pub struct World {
    pub sites: Vec<Site>,
    pub random: fastrand::Rng,
}

pub type Shared = Arc<Mutex<World>>;

impl World {
    pub fn new(sites: Vec<Site>, random: fastrand::Rng) -> Shared {
        Arc::new(Mutex::new(World { sites, random }))
    }

    /// The server that a source asks.
    pub fn of(&self, source: &str) -> &Site {
        self.sites.iter().find(|site| source.contains(&site.at) || source.contains(site.host)).unwrap()
    }

    /// The transport that asks these servers.
    pub fn transport(world: &Shared, clock: Clock) -> Simulated {
        let world = Arc::clone(world);
        Simulated::new(move |request| {
            let world = Arc::clone(&world);
            Box::pin(async move {
                let takes = locked(&world).takes(&request);
                tokio::time::sleep(takes).await;
                let now = clock.now();
                let answer = match locked(&world).answer(&request, now) {
                    Some(Response { status: 429, headers, .. }) => {
                        let wait = headers
                            .iter()
                            .find_map(|(name, wait)| (name == "retry-after").then(|| wait.parse().unwrap()));
                        let host = request.origin().unwrap();
                        Err(HttpError::RateLimited { host, until: now + TimeDelta::seconds(wait.unwrap()) })
                    }
                    Some(response) => {
                        Ok(Exchange { request, response, fetched_at: now, origin: Origin::Live, masked: false })
                    }
                    None => {
                        let fault = Fault::Connect("connection refused".to_owned());
                        Err(HttpError::Failed { url: request.url, attempts: 5, fault })
                    }
                };
                Sent { before: Vec::new(), answer, requests: 1, retries: 0, waited: Duration::ZERO }
            })
        })
    }

    fn site(&mut self, request: &Request) -> &mut Site {
        let origin = request.origin().unwrap();
        self.sites.iter_mut().find(|site| origin == site.at).unwrap()
    }

    /// How long the answer takes.
    fn takes(&mut self, request: &Request) -> Duration {
        let wire = Duration::from_millis(self.random.u64(20..2000));
        wire + self.site(request).takes
    }

    /// What its server answers, if it is there.
    pub fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Option<Response> {
        let lie = self.random.u32(0..100);
        let site = self.site(request);
        site.requests += 1;
        let ill = site.ills.iter().find(|ill| ill.from <= now && now < ill.until).copied();
        site.refused.extend(ill.filter(|ill| ill.how.cause().is_some()).map(|_| now));
        let (response, posts) = match ill.map(|ill| ill.how) {
            Some(How::Away) => return None,
            Some(How::Hasty) => {
                let left = ill.map_or(0, |ill| (ill.until - now).num_seconds() + 1);
                (answer(429, vec![("retry-after".to_owned(), left.to_string())], String::new()), Vec::new())
            }
            Some(How::Broken) => (answer(503, Vec::new(), "<h1>no</h1>".to_owned()), Vec::new()),
            Some(How::Closed) => {
                let status = if request.url.contains(".rss") { 404 } else { 403 };
                (answer(status, Vec::new(), "<h1>not for you</h1>".to_owned()), Vec::new())
            }
            how @ (None | Some(How::Newest | How::Heedless)) => {
                let goes_on = request.param("cursor").or(request.param("max_id")).is_some();
                match (site.kind, &site.last) {
                    (_, Some(last)) if goes_on && lie < site.lies => (last.clone(), Vec::new()),
                    _ if request.url.contains(".rss") && site.kind == Kind::Timeline => {
                        (answer(404, Vec::new(), "<h1>no feed</h1>".to_owned()), Vec::new())
                    }
                    (Kind::Timeline, _) => site.timeline(request, now, how),
                    (Kind::Search, _) => site.search(request, now),
                    (Kind::Feed, _) => site.feed(now),
                }
            }
        };
        if response.status == 200 {
            site.last = Some(response.clone());
            site.served.push((now, posts));
        }
        Some(response)
    }
}

/// The world, for a moment.
pub fn locked(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap()
}

/// Posts of a tag that is quiet, bursts now and then, and cools slowly. Some come late, some are deleted.
pub fn posts(
    host: &str,
    kind: Kind,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    random: &mut fastrand::Rng,
) -> Vec<Written> {
    let hours = (until - from).num_hours();
    let bursts: Vec<f64> = (0..(hours / 100).max(1)).map(|_| random.f64() * hours as f64).collect();
    let mut posts = Vec::new();
    let mut at = from;
    let mut flash = 0;
    while at < until {
        let hour = (at - from).num_seconds() as f64 / 3600.0;
        let heat: f64 = bursts.iter().filter(|burst| **burst <= hour).map(|burst| 60.0 / (1.0 + hour - burst)).sum();
        let rate = 0.5 + if heat > 1.0 { heat } else { 0.0 };
        let pause = -(1.0 - random.f64()).ln() / rate * 3600.0 * 1000.0;
        // Now and then everybody posts at once, and nothing comes late.
        if flash == 0 && heat > 1.0 && random.u32(0..100) == 0 {
            flash = 250;
        }
        flash -= flash.min(1);
        at += TimeDelta::milliseconds(if flash > 0 { random.i64(1..1500) } else { (pause as i64).max(1) });
        let number = posts.len();
        let created = DateTime::from_timestamp(at.timestamp(), 0).unwrap();
        let late = if flash > 0 {
            0
        } else if random.u32(0..50) == 0 {
            random.i64(120..86_400)
        } else {
            random.i64(0..20)
        };
        let deleted = (random.u32(0..40) == 0).then(|| created + TimeDelta::seconds(random.i64(60..200_000)));
        // As Mastodon numbers them: by when they were written, and what comes late among them.
        let id = format!("{}{:05}", created.timestamp_millis(), number % 100_000);
        let uri = match kind {
            Kind::Timeline => format!("https://{host}/users/ada/statuses/{id}"),
            Kind::Search => format!("at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3k{number:011}"),
            Kind::Feed => format!("https://{host}/news/{number}"),
        };
        let arrives = created + TimeDelta::seconds(late);
        posts.push(Written { id, uri, created, arrives, deleted, text: format!("Word {number} of {host}") });
    }
    posts
}
