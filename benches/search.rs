//! Newest-50 searches over a million posts: `cargo bench --bench search [POSTS]`. The database is made once and kept.
//!
//! Goal: p95 of 5 ms for words, phrases and stretches of time, of 20 ms for everything else, also at ten million.

mod support;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::DateTime;
use pullquote::exchange::Facts;
use pullquote::model::{
    Author, CaptureRef, Found, Handle, Hashtag, Kind, Link, Media, Metrics, Post, PostRef, Precision, TextState, When,
    WhenSource,
};
use pullquote::query;
use pullquote::store::{self, NewCapture, Reader, Search, Sort, Writer};

fn main() {
    let posts = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    // Another schema needs another database.
    let schema = store::SCHEMA.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let path = support::folder().join(format!("search-{posts}-{schema:08x}.db"));
    if !path.exists() && !make(&path, posts) {
        return;
    }
    let reader = Reader::open(&path).expect("the database opens");
    println!("newest 50 of {posts} posts        p50 ms   p95 ms   max ms   goal");
    for (name, goal, searches) in searches(&reader) {
        let mut times: Vec<Duration> = Vec::new();
        for (sort, text) in &searches {
            let begin = Instant::now();
            let expr = query::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            reader.search(&Search { expr, sort: *sort, limit: 50, after: None }).expect("a search answers");
            times.push(begin.elapsed());
            if std::env::var_os("SLOW").is_some() && begin.elapsed() > Duration::from_millis(15) {
                eprintln!("{:8.1} ms  {text}", begin.elapsed().as_secs_f64() * 1000.0);
            }
        }
        let [p50, p95, max] = [0.5, 0.95, 1.0].map(|share| percentile(&mut times, share));
        println!("{name:<28} {p50:>11.2} {p95:>8.2} {max:>8.2}   {goal}");
    }
}

/// Fills a database; false if there is nothing to fill it with.
fn make(path: &Path, posts: u64) -> bool {
    let Some(generator) = support::generate("rows", posts) else { return false };
    let rows = BufReader::new(generator.stdout.expect("its output is read"));
    let unfinished = path.with_extension("unfinished");
    let _ = std::fs::remove_file(&unfinished);
    let writer = Writer::open(&unfinished).expect("the database opens");
    let (begin, cpu) = (Instant::now(), support::cpu());
    let mut batch = Vec::new();
    let mut number = 0;
    for line in rows.lines() {
        batch.extend(post(&line.expect("rows are text")));
        if batch.len() == 10_000 {
            writer.commit(vec![capture(number, std::mem::take(&mut batch))]).expect("a batch is written");
            number += 1;
        }
    }
    writer.commit(vec![capture(number, batch)]).expect("a batch is written");
    writer.close().expect("the writer ends");
    std::fs::rename(&unfinished, path).expect("the database is named");
    let (wall, cpu) = (begin.elapsed().as_secs_f64(), (support::cpu() - cpu).as_secs_f64());
    let size = path.metadata().map_or(0, |meta| meta.len() >> 20);
    println!("made in {wall:.1} s, {cpu:.1} CPU s; {size} MiB");
    true
}

/// A kind of search: its name, its goal for p95 in milliseconds, and searches of that kind.
type Searches = (&'static str, &'static str, Vec<(Sort, String)>);

/// Searches of each kind, out of what the posts themselves say.
fn searches(reader: &Reader) -> Vec<Searches> {
    let sample = Search { expr: query::Expr::everything(), sort: Sort::Newest, limit: 10_000, after: None };
    let sample = reader.search(&sample).expect("a search answers").posts;
    let texts: Vec<Vec<&str>> = sample.iter().map(|stored| words(&stored.post.text)).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in texts.iter().flatten() {
        *counts.entry(word).or_default() += 1;
    }
    let mut common: Vec<(usize, &str)> = counts.iter().map(|(word, count)| (*count, *word)).collect();
    common.sort_unstable_by(|a, b| b.cmp(a));
    let common: Vec<&str> = common.into_iter().map(|(_, word)| word).take(100).collect();
    let some = || texts.iter().filter(|words| words.len() > 3).step_by(40);
    let newest = |texts: Vec<String>| texts.into_iter().map(|text| (Sort::Newest, text)).collect::<Vec<_>>();
    let each = |make: &dyn Fn(usize, &str) -> String| {
        newest(common.iter().enumerate().map(|(i, word)| make(i, word)).collect())
    };
    let day = |i: usize| (DateTime::UNIX_EPOCH + chrono::TimeDelta::days(18_800 + i as i64 * 3)).format("%Y-%m-%d");
    let four = |word: &&&str| word.chars().count() >= 4 && word.chars().all(char::is_alphabetic);
    let beginning = |word: &str| format!("{}*", word.chars().take(4).collect::<String>());
    let authors: Vec<String> =
        sample.iter().filter_map(|s| s.post.author.handle.as_ref().map(Handle::to_string)).collect();
    vec![
        ("a common word", "5", each(&|_, word| word.to_owned())),
        ("two words", "5", newest(some().map(|words| format!("{} {}", words[1], words[3])).collect())),
        ("two common words", "5", each(&|i, word| format!("{word} {}", common[(i * 7 + 3) % common.len()]))),
        ("a phrase", "5", newest(some().map(|words| format!("\"{} {}\"", words[1], words[2])).collect())),
        ("a word within 30 days", "5", each(&|i, word| format!("{word} since:{} until:{}", day(i), day(i + 10)))),
        ("30 days, no word", "5", each(&|i, _| format!("since:{} until:{}", day(i), day(i + 10)))),
        (
            "a beginning of four letters",
            "20",
            newest(texts.iter().flatten().filter(four).step_by(97).take(400).map(|word| beginning(word)).collect()),
        ),
        ("a word, not another", "5", each(&|i, word| format!("{word} -{}", common[(i * 7 + 3) % common.len()]))),
        ("a word and a hashtag", "", each(&|_, word| format!("{word} #news"))),
        ("a hashtag", "", each(&|_, word| format!("#{word} OR #news"))),
        ("by an author", "", newest(authors.iter().step_by(101).map(|a| format!("from:{a}")).collect())),
        (
            "a common word by an author",
            "",
            newest(authors.iter().step_by(101).map(|a| format!("the from:{a}")).collect()),
        ),
        ("not a word", "20", each(&|_, word| format!("-{word}"))),
        ("a language", "20", newest(LANGS.iter().map(|lang| format!("lang:{lang}")).collect())),
        ("a piece of unparted writing", "20", newest(pieces(&texts))),
        ("an operator", "20", newest(OPERATORS.iter().map(|operator| (*operator).to_owned()).collect())),
        ("two operators", "20", newest(pairs(" "))),
        ("one operator, not another", "20", newest(pairs(" -"))),
        ("an operator or another", "20", newest(pairs(" OR "))),
        ("a word and an operator", "20", each(&|i, word| format!("{word} {}", OPERATORS[i % OPERATORS.len()]))),
        (
            "a word, two operators, a year",
            "20",
            each(&|i, word| {
                let [a, b] = [i, i * 5 + 2].map(|i| OPERATORS[i % OPERATORS.len()]);
                format!("{word} {a} -{b} until:{}", day(i)).replace("--", "")
            }),
        ),
        ("by relevance", "", common.iter().map(|word| (Sort::Relevance, (*word).to_owned())).collect()),
    ]
}

const LANGS: [&str; 13] = ["en", "es", "pt", "fr", "de", "ja", "ar", "hi", "ko", "he", "zh", "tr", "ru"];

/// Operators of every kind, from those that fit most posts to those that fit hardly any.
const OPERATORS: [&str; 22] = [
    "lang:en",
    "lang:he",
    "lang:tr",
    "is:reply",
    "is:original",
    "has:media",
    "has:image",
    "has:link",
    "has:hashtag",
    "-has:mention",
    "has:engagement",
    "min_likes:10",
    "min_likes:700",
    "min_reposts:25",
    "min_replies:50",
    "domain:bbc.co.uk",
    "domain:archive.org",
    "url:archive",
    "platform:mastodon",
    "text_state:complete",
    "#photography",
    "#日本",
];

fn pairs(glue: &str) -> Vec<String> {
    let pair = |(i, a): (usize, &&str)| {
        let others = OPERATORS.iter().skip(i + 1);
        others.map(|b| format!("{a}{glue}{b}").replace("--", "")).collect::<Vec<_>>()
    };
    OPERATORS.iter().enumerate().flat_map(pair).collect()
}

/// Pieces of two and three characters out of the middle of Chinese and Japanese words.
fn pieces(texts: &[Vec<&str>]) -> Vec<String> {
    let is_unparted =
        |word: &&&str| word.chars().count() > 3 && word.chars().all(|c| ('\u{3041}'..='\u{9fff}').contains(&c));
    let piece = |(i, word): (usize, &&str)| word.chars().skip(1).take(2 + i % 2).collect();
    texts.iter().flatten().filter(is_unparted).take(200).enumerate().map(piece).collect()
}

/// The words of a text that a search takes as they are.
fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !["OR", "AND", "NOT"].contains(word))
        .collect()
}

/// A post out of the generator's row: id, ms, lang, handle, name, text, reply_to, boosts, favs, replies, tags, media.
fn post(row: &str) -> Option<Found> {
    let fields: Vec<&str> = row.split('\t').collect();
    let at = DateTime::from_timestamp_millis(fields.get(1)?.parse().ok()?)?;
    let post = Post {
        platform: "mastodon".to_owned(),
        id: Some((*fields.first()?).to_owned()),
        uri: Some(format!("https://mastodon.example/users/u/statuses/{}", fields.first()?)),
        author: Author {
            handle: Handle::new(fields.get(3)?),
            name: Some((*fields.get(4)?).to_owned()),
            ..Author::default()
        },
        created: When::new(at, Precision::Second, WhenSource::Platform),
        text: fields.get(5)?.replace("\\n", "\n"),
        text_state: TextState::Complete,
        lang: Some((*fields.get(2)?).to_owned()),
        kind: if fields.get(6).is_some_and(|id| !id.is_empty()) { Kind::Reply } else { Kind::Original },
        reply_to: fields
            .get(6)
            .filter(|id| !id.is_empty())
            .map(|id| PostRef { id: Some((*id).to_owned()), ..PostRef::default() }),
        links: fields
            .get(5)?
            .split_whitespace()
            .filter(|word| word.starts_with("https://"))
            .map(|url| Link { shown: url.to_owned(), url: url.to_owned() })
            .collect(),
        media: fields
            .get(11)
            .filter(|media| !media.is_empty() && **media != "0")
            .map(|_| Media { kind: "image".to_owned(), ..Media::default() })
            .into_iter()
            .collect(),
        metrics: Metrics {
            reposts: fields.get(7).and_then(|count| count.parse().ok()),
            likes: fields.get(8).and_then(|count| count.parse().ok()),
            replies: fields.get(9).and_then(|count| count.parse().ok()),
            ..Metrics::default()
        },
        hashtags: fields.get(10)?.split(['\u{1f}', ',', ' ']).filter_map(Hashtag::new).collect(),
        ..Post::default()
    };
    Some(Found { post, at: "/0".to_owned(), nested: false })
}

fn capture(number: u64, posts: Vec<Found>) -> NewCapture {
    NewCapture {
        place: CaptureRef {
            file: "bench.warc.gz".to_owned(),
            offset: number,
            record_id: format!("urn:uuid:{number}"),
            digest: String::new(),
        },
        facts: Facts {
            run: "bench".to_owned(),
            job: "import".to_owned(),
            source: "rows".to_owned(),
            ..Facts::default()
        },
        url: "file:///rows".to_owned(),
        status: 200,
        media_type: String::new(),
        fetched_at: DateTime::UNIX_EPOCH,
        length: 0,
        shape: "statuses",
        problem: None,
        is_closed: false,
        posts,
        skipped: Vec::new(),
        deleted: Vec::new(),
        media: None,
        progress: None,
        step: None,
        units: 0,
        recheck: None,
    }
}

/// The value below which this share of the measurements lies, in milliseconds.
fn percentile(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
