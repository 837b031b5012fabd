//! Three days in the life of an archive, always the same: a timeline, a feed, a stream that misses every fifth post, a night in which
//! the program stands still, a server that goes down at the end.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use pullquote::archive::Archive;
use pullquote::clock::Clock;
use pullquote::exchange::{Exchange, Facts, LISTENED, Origin, Response, WHOLE};
use pullquote::http::Transport;
use pullquote::ingest::Keeper;
use pullquote::model::Hashtag;
use pullquote::platform::{self, Query, Source};
use pullquote::pull::{Begin, Budget, Puller, Report, Task};
use pullquote::run::{Ended, Event, Job, Limits, Memory, serve};
use pullquote::schedule::Schedule;
use tokio::sync::watch;

use crate::month::opened;
use crate::month::world::{How, Ill, Kind, Site, World, Written};

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The source of the timeline, without its tag.
pub const TOOT: &str = "mastodon:toot.test";

fn task(platform: &str, place: &str, since: Option<DateTime<Utc>>) -> Task {
    Task {
        job: "ferry".to_owned(),
        source: format!("{platform}:{place}#Ferry"),
        platform: platform::by_name(platform).unwrap(),
        server: Source { place: Some(place.to_owned()), ..Source::default() },
        begin: Begin::Query(Query { since, ..Query::tag(Hashtag::new("Ferry").unwrap()) }),
        max_pages: 250,
        budget: Budget::default(),
        media: Vec::new(),
    }
}

/// A post each so many minutes.
fn written(host: &str, kind: Kind, minutes: i64) -> Vec<Written> {
    let begin = at("2026-03-01T00:07:00Z");
    (0..3 * 24 * 60 / minutes)
        .map(|number| {
            let created = begin + TimeDelta::minutes(number * minutes);
            let id = format!("{}{:05}", created.timestamp_millis(), number);
            let uri = match kind {
                Kind::Timeline => format!("https://{host}/users/ada/statuses/{id}"),
                Kind::Search | Kind::Feed => format!("https://{host}/news/{number}"),
            };
            let text = format!("The ferry is late again, word {number} of {host}");
            Written { id, uri, created, arrives: created, deleted: None, text }
        })
        .collect()
}

/// Lets the days pass into an archive.
pub fn keep(archive: &Archive) {
    let down = Ill { from: at("2026-03-03T20:00:00Z"), until: at("2026-03-09T00:00:00Z"), how: How::Broken };
    let toot = Site::new("toot.test", Kind::Timeline, written("toot.test", Kind::Timeline, 20), vec![down]);
    let news = Site::new("news.test", Kind::Feed, written("news.test", Kind::Feed, 30), Vec::new());
    listen(archive, &toot);
    let world = World::new(vec![toot, news], fastrand::Rng::with_seed(6));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let clock = Clock::set_to(at("2026-03-01T00:30:00Z"));
        let transport = Transport::Simulated(World::transport(&world, clock));
        let mut memory = Memory::default();
        for (from, until) in
            [("2026-03-01T00:30:00Z", "2026-03-02T13:10:00Z"), ("2026-03-03T07:10:00Z", "2026-03-04T00:00:00Z")]
        {
            tokio::time::sleep((at(from) - clock.now()).to_std().unwrap_or_default()).await;
            pass(archive, &transport, clock, at(until), &mut memory).await;
        }
    });
}

async fn pass(archive: &Archive, transport: &Transport, clock: Clock, until: DateTime<Utc>, memory: &mut Memory) {
    let jobs = [Job {
        name: "ferry".to_owned(),
        schedule: Schedule::every(Duration::from_secs(3600), "ferry").unwrap(),
        jitter: Duration::ZERO,
        priority: 5,
        follow: false,
        recheck: None,
        tasks: vec![
            task("mastodon", "toot.test", Some(at("2026-03-01T00:00:00Z"))),
            task("feed", "https://news.test/feed.xml", None),
        ],
    }];
    let mut keeper = opened(archive);
    let (halt, stop) = watch::channel(false);
    let mut on_page = |_: &Report| {};
    let name = format!("{}-test", clock.now().to_rfc3339_opts(SecondsFormat::Secs, true));
    let puller = Puller::new(transport, &mut keeper, &name, stop, clock, &mut on_page);
    let mut tell = |_: Event<'_>, _: &Memory| {};
    let told = async {
        tokio::time::sleep((until - clock.now()).to_std().unwrap()).await;
        halt.send_replace(true);
    };
    let running = serve(&jobs, &puller, Limits { at_once: 1, per_host: 1 }, memory, false, &mut tell);
    let (ended, ()) = tokio::join!(running, told);
    assert!(matches!(ended, Ended::Stopped), "{ended:?}");
    keeper.close().unwrap();
}

/// What the stream brought in a day and a half: every fifth post did not come; one was edited, one deleted.
fn listen(archive: &Archive, site: &Site) {
    let mut keeper = opened(archive);
    let begin = at("2026-03-01T08:00:00Z");
    for piece in 0..14 {
        let from = begin + TimeDelta::hours(2 * piece);
        let until = from + TimeDelta::hours(2);
        let mut body = String::new();
        let came = site.posts.iter().enumerate().filter(|(_, post)| from <= post.created && post.created < until);
        for (_, post) in came.filter(|(number, _)| number % 5 != 0) {
            body.push_str(&format!("event: update\ndata: {}\n\n", site.status(post)));
        }
        if piece == 3 {
            let mut edited = site.status(&site.posts[26]);
            edited["content"] = "<p>The ferry is not late at all</p>".into();
            edited["edited_at"] = "2026-03-01T14:30:00.000Z".into();
            body.push_str(&format!("event: status.update\ndata: {edited}\n\n"));
            body.push_str(&format!("event: delete\ndata: {}\n\n", site.posts[27].id));
        }
        append(&mut keeper, from, until, body);
    }
    keeper.close().unwrap();
}

fn append(keeper: &mut Keeper, from: DateTime<Utc>, until: DateTime<Utc>, body: String) {
    let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let task = task("mastodon", "toot.test", None);
    let Begin::Query(query) = &task.begin else { return };
    let stream = task.platform.live.unwrap().stream.unwrap();
    let request = (stream.open)(query, &task.server, None).unwrap();
    let request = request.with_mark(LISTENED, Some(&format!("{}/{}", stamp(from), stamp(until))));
    let request = request.with_mark(WHOLE, Some(&stamp(at("2026-03-01T08:00:00Z"))));
    let headers = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
    let exchange = Exchange {
        request,
        response: Response { status: 200, headers, body: body.into_bytes(), protocol: None },
        fetched_at: until,
        origin: Origin::Live,
        masked: false,
    };
    let facts = Facts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run: "2026-03-01T08:00:00Z-live".to_owned(),
        job: "ferry".to_owned(),
        source: format!("{TOOT}#Ferry (stream)"),
        platform: "mastodon".to_owned(),
        origin: Origin::Live,
        ..Facts::default()
    };
    let kept = keeper.append(exchange, facts).unwrap();
    assert_eq!(kept.problem, None);
    keeper.flush().unwrap();
}
