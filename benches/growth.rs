//! Whether any reader takes more than its share of time or memory for a larger answer: `cargo bench --bench growth
//! [READER]`.
//!
//! Every fixture is made four times as large, by repeating what it lists, and so is every text that was thought up to
//! be slow. A reader that takes more than eight times as long for it grows faster than the answer; it is named, and the
//! bench fails. Nothing here depends on how fast the machine is. Of memory no reader may take more than a stated multiple
//! of the answer; each answer is read in a process of its own, so that its peak is its own.

use std::path::Path;
use std::process::Command;
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

/// The most memory that reading may take, as a multiple of the answer: three bytes of `<b>` become a node of a tree, and
/// three of `{},` an item that is told to be none.
const MULTIPLE: f64 = 150.0;

/// How large the answers are whose memory is measured.
const MEASURED: usize = 2 << 20;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [measure, reader, number] = args.as_slice()
        && measure == "memory"
    {
        return memory_of(reader, number);
    }
    let only = args.first();
    let readers: Vec<&Platform> = dump::readers().filter(|r| only.is_none_or(|name| r.name == name)).collect();
    let mut failed = 0;
    for reader in &readers {
        let answers = answers(reader);
        let mut worst = (0.0, String::new());
        for (number, (what, begin, body)) in answers.iter().enumerate() {
            failed += usize::from(grows(reader, what, *begin, body));
            let multiple = memory(reader, number);
            if multiple > worst.0 {
                worst = (multiple, what.clone());
            }
        }
        println!("{:<14} takes at most {:>5.1} times the memory of the answer: {}", reader.name, worst.0, worst.1);
        failed += usize::from(worst.0 > MULTIPLE);
    }
    assert!(failed == 0, "{failed} answers take more than their share");
    println!("no reader takes more than its share");
}

/// An answer in any size: what it is, how often its smallest form repeats something, and the answer so often repeated.
type Answer = (String, usize, Box<dyn Fn(usize) -> Exchange>);

/// All that a reader is tried on.
fn answers(reader: &Platform) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for piece in PIECES {
        let body = |times: usize| exchange(piece.repeat(times).into_bytes());
        // What is nested is read as a tree up to a bound, in the square of a second; beyond it, in one pass.
        answers.push((format!("{piece:?}"), (256 << 10) / piece.len(), Box::new(body)));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(reader.name);
    let mut cases: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|case| case.path()).collect();
    cases.sort();
    for case in cases {
        let Ok(original) = recorded::load(&case) else { continue };
        let Ok(text) = original.text() else { continue };
        let body = move |times: usize| {
            let mut exchange = original.clone();
            exchange.response.body = larger(&text, times).into_bytes();
            exchange.response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-encoding"));
            exchange
        };
        let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
        answers.push((name, 1, Box::new(body)));
    }
    answers
}

/// The memory that reading an answer takes, as a multiple of its size.
fn memory(reader: &Platform, number: usize) -> f64 {
    let this = std::env::current_exe().expect("a program knows its file");
    let run = Command::new(this).args(["memory", reader.name, &number.to_string()]).output().expect("it starts again");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{} {number}: {}", reader.name, String::from_utf8_lossy(&run.stderr));
    said.trim().parse().expect("a number")
}

/// The part of [`memory`] that is done in a process of its own.
fn memory_of(reader: &str, number: &str) {
    let reader = dump::by_name(reader).expect("a reader's name");
    let (_, mut times, body) = answers(reader).swap_remove(number.parse().expect("a number"));
    while body(times).response.body.len() < MEASURED
        && body(2 * times).response.body.len() > body(times).response.body.len()
    {
        times *= 2;
    }
    let exchange = body(times);
    let before = peak();
    let read = ingest::parse(reader, &exchange);
    // Small answers say nothing: a page of memory is more than they are.
    let size = exchange.response.body.len().max(MEASURED / 4);
    println!("{}", (peak() - before) as f64 / size as f64);
    drop(read);
}

/// The most memory that this process has held, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says what a process holds");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() << 10
}

/// Whether the time grows faster than the answer.
fn grows(reader: &Platform, what: &str, begin: usize, body: &dyn Fn(usize) -> Exchange) -> bool {
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
