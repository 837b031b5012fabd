//! Eight hours of two hundred jobs, in virtual time: what memory and processor they take, and what they take when nothing is due.
//!
//! `cargo bench --bench hours [HOURS]` prints a line an hour. Memory must not grow but by what SQLite keeps of the database, 48 MiB at most; the
//! processor is idle between looks.

use std::time::Duration;

use chrono::{DateTime, Utc};
use pullquote::archive::Archive;
use pullquote::clock::Clock;
use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::http::{Sent, Simulated, Transport};
use pullquote::ingest::Keeper;
use pullquote::model::Hashtag;
use pullquote::platform::{self, Query, Source};
use pullquote::pull::{Begin, Budget, Puller, Report, Task};
use pullquote::run::{Event, Job, Limits, Memory, serve};
use pullquote::schedule::Schedule;
use tokio::sync::watch;

const JOBS: usize = 200;

fn main() {
    let hours = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(8);
    println!("hour  looks  posts  database MiB  resident MiB  CPU s of this hour");
    pass(Duration::from_secs(300), "every 5 minutes", hours);
    pass(Duration::from_secs(86_400), "once a day", hours);
}

fn pass(interval: Duration, name: &str, most: u64) {
    println!("{JOBS} jobs, {name}:");
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::at(folder.path());
    let start: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let clock = Clock::set_to(start);
        let transport = Transport::Simulated(Simulated::new(move |request| {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(300)).await;
                let answer = Ok(page(&request, clock.now()));
                Sent { before: Vec::new(), answer, requests: 1, retries: 0, waited: Duration::ZERO }
            })
        }));
        let jobs: Vec<Job> = (0..JOBS).map(|n| job(&format!("job-{n}"), n, interval)).collect();
        let mut keeper = Keeper::open(&archive).unwrap();
        let (halt, stop) = watch::channel(false);
        let mut on_page = |_: &Report| {};
        let puller = Puller::new(&transport, &mut keeper, "2026-03-01T00:00:00Z-test", stop, clock, &mut on_page);
        let (mut looks, mut posts) = (0, 0);
        let told = std::cell::Cell::new((0_u64, 0_u64));
        let mut tell = |event: Event<'_>, _: &Memory| {
            if let Event::Looked { report, .. } = event {
                looks += 1;
                posts += report.tally.new;
                told.set((looks, posts));
            }
        };
        let hours = async {
            let mut before = processor();
            for hour in 1..=most {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                let now = processor();
                let (looks, posts) = told.get();
                let database = std::fs::metadata(archive.database()).unwrap().len() as f64 / 1_048_576.0;
                println!(
                    "{hour:>4}  {looks:>5}  {posts:>5}  {database:>12.1}  {:>12.1}  {:>10.2}",
                    resident(),
                    now - before
                );
                before = now;
            }
            halt.send_replace(true);
        };
        let mut memory = Memory::default();
        let limits = Limits { at_once: 8, per_host: 1 };
        let (ended, ()) = tokio::join!(serve(&jobs, &puller, limits, &mut memory, false, &mut tell), hours);
        println!("      {ended:?}");
    });
}

fn job(name: &str, number: usize, interval: Duration) -> Job {
    let place = format!("server-{}.test", number % 20);
    let task = Task {
        job: name.to_owned(),
        source: format!("mastodon:{place}#Ferry{number}"),
        platform: platform::by_name("mastodon").unwrap(),
        server: Source { place: Some(place), ..Source::default() },
        begin: Begin::Query(Query::tag(Hashtag::new(&format!("Ferry{number}")).unwrap())),
        max_pages: 250,
        budget: Budget::default(),
        media: Vec::new(),
    };
    Job {
        name: name.to_owned(),
        schedule: Schedule::every(interval, name).unwrap(),
        jitter: Duration::ZERO,
        priority: 5,
        follow: false,
        recheck: None,
        tasks: vec![task],
    }
}

/// The newest post of a tag on which somebody posts every ten minutes.
fn page(request: &Request, now: DateTime<Utc>) -> Exchange {
    let number = now.timestamp() / 600;
    let known = request.param("min_id").and_then(|id| id.parse::<i64>().ok()).unwrap_or(number - 5);
    let host = request.origin().unwrap();
    let tag = request.url.split("/tag/").nth(1).and_then(|rest| rest.split('?').next()).unwrap_or_default();
    let is_end = request.param("max_id").is_some();
    let posts: Vec<serde_json::Value> = (known + 1..=number)
        .rev()
        .filter(|_| !is_end)
        .map(|id| {
            serde_json::json!({
                "id": id.to_string(), "created_at": DateTime::from_timestamp(id * 600, 0).unwrap(), "visibility": "public",
                "uri": format!("{host}/users/ada/statuses/{tag}-{id}"), "url": format!("{host}/@ada/{tag}-{id}"),
                "content": format!("<p>Post {id} about <a href=\"{host}/tags/{tag}\" class=\"mention hashtag\">#<span>{tag}</span></a></p>"),
                "account": { "id": "1", "username": "ada", "acct": "ada", "display_name": "Ada", "url": format!("{host}/@ada") },
                "tags": [{ "name": tag, "url": format!("{host}/tags/{tag}") }],
                "mentions": [], "media_attachments": [], "emojis": [],
            })
        })
        .collect();
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let body = serde_json::to_vec(&posts).unwrap();
    Exchange {
        request: request.clone(),
        response: Response { status: 200, headers, body, protocol: None },
        fetched_at: now,
        origin: Origin::Live,
        masked: false,
    }
}

/// Memory that is resident, in MiB.
fn resident() -> f64 {
    let pages: f64 = std::fs::read_to_string("/proc/self/statm").unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096.0 / 1_048_576.0
}

/// Processor time that was used, in seconds.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<f64> = stat.rsplit(')').next().unwrap().split(' ').filter_map(|field| field.parse().ok()).collect();
    // Behind the state: user time is the 11th number, system time the 12th, in hundredths.
    (fields[10] + fields[11]) / 100.0
}
