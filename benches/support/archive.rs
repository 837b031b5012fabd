//! A database of made-up posts, made once and kept: what `search` and `export` are measured on.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::DateTime;
use pullquote::exchange::Facts;
use pullquote::model::{
    Author, CaptureRef, Found, Handle, Hashtag, Kind, Link, Media, Metrics, Post, PostRef, Precision, TextState, When,
    WhenSource,
};
use pullquote::store::{self, NewCapture, Writer};

use crate::support;

/// The database of so many posts; `None` if there is nothing to make it of.
pub fn database(posts: u64) -> Option<PathBuf> {
    // Another schema needs another database.
    let schema = store::SCHEMA.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let path = support::folder().join(format!("search-{posts}-{schema:08x}.db"));
    (path.exists() || make(&path, posts)).then_some(path)
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
