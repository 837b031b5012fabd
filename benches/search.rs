//! Newest-50 searches over a million posts: `cargo bench --bench search [POSTS]`. The database is made once and kept.
//!
//! Goal: p95 of 5 ms for words, phrases and stretches of time, of 20 ms for everything else, also at ten million.

#[path = "support/archive.rs"]
mod archive;
mod support;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::DateTime;
use pullquote::model::Handle;
use pullquote::query;
use pullquote::store::{Reader, Search, Sort};

fn main() {
    let posts = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    let Some(path) = archive::database(posts) else { return };
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

/// The value below which this share of the measurements lies, in milliseconds.
fn percentile(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
