//! Whether any reader takes more than its share of time for a larger answer: `cargo bench --bench growth [READER]`.
//!
//! Every fixture is made four times as large, by repeating what it lists, and so is every text that was thought up to
//! be slow. A reader that takes more than eight times as long for it grows faster than the answer; it is named, and the
//! bench fails. Nothing here depends on how fast the machine is.

use std::path::Path;
use std::time::Duration;

use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::http::recorded;
use pullquote::platform::Platform;
use pullquote::{dump, ingest};
use serde_json::Value;

/// How much larger the second answer is, and how much longer it may take: half of a square's share.
const LARGER: usize = 4;
const LONGER: f64 = 8.0;

/// Shorter times tell nothing, and longer ones nothing more.
const LEAST: Duration = Duration::from_millis(10);

/// Pieces that are repeated until an answer is slow: what opens and is never closed, and what many searches stop at.
const PIECES: &[&str] = &[
    "<div>",
    "<b>",
    "<p>Words (@ada) ",
    "<blockquote>",
    "<blockquote class=\"twitter-tweet\"><p>a",
    "<blockquote class=\"bluesky-embed\" data-bluesky-uri=\"at://did:plc:a/app.bsky.feed.post/b\">",
    "<iframe src=\"https://t.me/a/1?embed=1\">",
    "<a href=\"https://twitter.com/ada/status/1419752369472413696\">",
    "<table><tr><td>",
    "<ul><li>1. ",
    "<noscript>",
    "<script type=\"application/json\">{",
    "<!-- ",
    "<time datetime=\"2021-07-26\">",
    "<div class=\"tweet\" data-tweet-id=\"1419752369472413696\"><p class=\"tweet-text\">",
    "<div class=\"timeline-item\"><div class=\"tweet-content\">a",
    "<div class=\"tgme_widget_message\" data-post=\"a/1\"><div class=\"tgme_widget_message_text\">a",
    "<div class=\"thing\" data-fullname=\"t1_a\"><div class=\"md\">a",
    "<div itemscope itemtype=\"https://schema.org/SocialMediaPosting\">",
    "words — Ada (@ada) July 26, 2021\n",
    "(@ada ",
    "@ada ",
    "#tag ",
    "1. ",
    "> ",
    "&amp;",
    "https://x.com/ada/status/1419752369472413696 ",
    "\u{201c}words\u{201d} ",
    "\u{202e}",
    "[",
    "{\"a\":",
    "{}\n",
    "{\"id\":\"1\"}\n",
    "\"a\",\"b\",\"c\"\n",
    "\"",
    ",",
    "\n",
    "window.YTD.tweets.part0 = [",
];

fn main() {
    let only = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let readers: Vec<&Platform> = dump::readers().filter(|r| only.as_ref().is_none_or(|name| r.name == name)).collect();
    let mut slow = 0;
    for piece in PIECES {
        for reader in &readers {
            let body = |times: usize| exchange(piece.repeat(times).into_bytes());
            // What is nested is read as a tree up to a bound, in the square of a second; beyond it, in one pass.
            slow += usize::from(grows(reader, &format!("{piece:?}"), (256 << 10) / piece.len(), body));
        }
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for reader in readers {
        let Ok(cases) = std::fs::read_dir(fixtures.join(reader.name)) else { continue };
        for case in cases.flatten().map(|case| case.path()) {
            let Ok(original) = recorded::load(&case) else { continue };
            let Ok(text) = original.text() else { continue };
            let body = |times: usize| {
                let mut exchange = original.clone();
                exchange.response.body = larger(&text, times).into_bytes();
                exchange.response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-encoding"));
                exchange
            };
            let name = case.file_name().unwrap_or_default().to_string_lossy();
            slow += usize::from(grows(reader, &name, 1, body));
        }
    }
    assert!(slow == 0, "{slow} answers are read in more than their share of time");
    println!("no reader takes more than its share of time");
}

/// Whether the time grows faster than the answer.
fn grows(reader: &Platform, what: &str, begin: usize, body: impl Fn(usize) -> Exchange) -> bool {
    /// The largest answer that is tried.
    const MOST: usize = 4 << 20;
    let mut times = begin;
    loop {
        let small = body(times);
        let took = time(reader, &small);
        if took >= LEAST {
            let large = body(times * LARGER);
            // Neighbours only ever add time: what looks slow is timed again.
            let ratio = || time(reader, &large).as_secs_f64() / time(reader, &small).as_secs_f64();
            let least = (0..4)
                .map(|_| ratio())
                .fold(f64::INFINITY, |least, ratio| if least <= LONGER { least } else { ratio.min(least) });
            if least > LONGER {
                println!(
                    "{} {what}: {} bytes take {took:?}, {LARGER} times as many {least:.1} times as long",
                    reader.name,
                    small.response.body.len()
                );
            }
            return least > LONGER;
        }
        // Some answers list nothing that could be repeated.
        if small.response.body.len() * 2 > MOST || times > MOST {
            return false;
        }
        times *= 2;
    }
}

fn time(reader: &Platform, exchange: &Exchange) -> Duration {
    let begin = cpu();
    let read = ingest::parse(reader, exchange);
    let took = cpu().saturating_sub(begin);
    drop(read);
    took
}

/// CPU time of this thread, to the nanosecond (`proc_pid_schedstat` of Linux).
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux says what a thread has used");
    Duration::from_nanos(stat.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default())
}

fn exchange(body: Vec<u8>) -> Exchange {
    Exchange {
        request: Request::get("file:///hostile"),
        response: Response { status: 200, body, ..Response::default() },
        origin: Origin::File,
        ..Exchange::default()
    }
}

/// A body with what it lists repeated: the longest list of a JSON document, all lines of a file of lines, all of a page.
fn larger(text: &str, times: usize) -> String {
    if let Ok(mut document) = serde_json::from_str::<Value>(text) {
        if let Some(list) = longest(&mut document) {
            let once = list.clone();
            list.extend((1..times).flat_map(|_| once.iter().cloned()));
        }
        return document.to_string();
    }
    text.repeat(times)
}

fn longest(value: &mut Value) -> Option<&mut Vec<Value>> {
    let length = |value: &Value| deepest(value);
    match value {
        Value::Array(list) => {
            let inner = list.iter().map(length).max().unwrap_or_default();
            if inner <= list.len() {
                return Some(list);
            }
            list.iter_mut().max_by_key(|value| deepest(value)).and_then(longest)
        }
        Value::Object(members) => members.values_mut().max_by_key(|value| deepest(value)).and_then(longest),
        _ => None,
    }
}

/// The length of the longest list in a value.
fn deepest(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(deepest).max().unwrap_or_default().max(list.len()),
        Value::Object(members) => members.values().map(deepest).max().unwrap_or_default(),
        _ => 0,
    }
}
