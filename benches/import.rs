//! Mastodon statuses to a searchable archive, beside the limit of its own tables: `cargo bench --bench import [POSTS]`.
//!
//! The limit inserts the very rows that the import made, already in memory, with plain prepared statements in batches
//! of the same size. Goal: no more than 1.6 times its CPU, and the same peak memory for ten times the posts.

mod support;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use pullquote::exchange::{Exchange, Facts, Origin, Request, Response};
use pullquote::model::CaptureRef;
use pullquote::platform;
use pullquote::store::{NewCapture, Writer};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// Posts that one transaction holds, as an import writes them.
const BATCH: usize = 10_000;

/// Lines of one capture.
const LINES: usize = 100;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let posts = args.iter().find_map(|arg| arg.parse().ok()).unwrap_or(100_000);
    let path = support::folder().join("import.db");
    match args.first().map(String::as_str) {
        // Each part is a process of its own, so that its memory is its own.
        Some("store") => store(&path, posts),
        Some("limit") => limit(&path),
        _ => {
            println!("{posts} Mastodon statuses                 CPU s   peak MiB");
            for part in ["store", "limit"] {
                let this = std::env::current_exe().expect("a program knows its file");
                let status = Command::new(this).args([part, &posts.to_string()]).status().expect("it starts again");
                assert!(status.success(), "{part} ends well");
            }
        }
    }
}

/// Parses and stores, and tells the two apart.
fn store(path: &Path, posts: u64) {
    let Some(generator) = support::generate("mastodon", posts) else { return };
    let mut lines = BufReader::new(generator.stdout.expect("its output is read")).lines();
    clear(path);
    let writer = Writer::open(path).expect("the database opens");
    let platform = platform::by_name("mastodon").expect("the generator writes Mastodon's shape");
    let (mut parsing, mut writing) = (0.0, 0.0);
    let mut batch = Vec::new();
    let mut number = 0;
    loop {
        let mut body = Vec::new();
        for line in lines.by_ref().take(LINES) {
            body.extend_from_slice(line.expect("statuses are text").as_bytes());
            body.push(b'\n');
        }
        let last = body.is_empty();
        if !last {
            let begin = support::cpu();
            let exchange = Exchange {
                request: Request::get("file:///posts.jsonl"),
                response: Response { status: 200, body, ..Response::default() },
                origin: Origin::File,
                ..Exchange::default()
            };
            let page = (platform.parse)(&exchange).expect("statuses are read");
            parsing += (support::cpu() - begin).as_secs_f64();
            number += 1;
            batch.push(NewCapture {
                place: CaptureRef {
                    file: "bench.warc.gz".to_owned(),
                    offset: number,
                    record_id: format!("urn:uuid:{number}"),
                    digest: String::new(),
                },
                facts: Facts { run: "bench".to_owned(), job: "import".to_owned(), ..Facts::default() },
                url: exchange.request.url,
                status: 200,
                media_type: String::new(),
                fetched_at: exchange.fetched_at,
                length: 0,
                problem: None,
                posts: page.posts,
                skipped: page.skipped,
                progress: None,
            });
        }
        if batch.len() * LINES >= BATCH || (last && !batch.is_empty()) {
            let begin = support::cpu();
            writer.commit(std::mem::take(&mut batch)).expect("a batch is written");
            writing += (support::cpu() - begin).as_secs_f64();
        }
        if last {
            break;
        }
    }
    writer.close().expect("the writer ends");
    println!("parse                                  {parsing:>8.2}");
    println!("store                                  {writing:>8.2}   {:>8}", support::peak());
}

/// The rows that an import made, once more, with nothing to decide.
fn limit(made: &Path) {
    let db = Connection::open(made).expect("the database opens");
    let ids = |sql: &str| -> Vec<i64> {
        let mut statement = db.prepare(sql).expect("a query");
        statement.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("rows")
    };
    let arrived = ids("SELECT post FROM sighting GROUP BY post ORDER BY min(capture)");
    let batch_of: HashMap<i64, usize> = arrived.iter().zip(0..).map(|(id, n)| (*id, n / BATCH)).collect();
    let batches = arrived.len().div_ceil(BATCH);
    // Table, the order in which it is cheapest to write, and the column that holds the post's number.
    let per_post = [("post", "id", 0), ("sighting", "post", 0), ("post_job", "job, post", 1), ("post_tag", "tag, post", 1)];
    let whole = ["run", "capture", "skipped", "account", "account_name", "revision", "source_state"];
    let read = |sql: &str| -> Vec<Vec<Value>> {
        let mut statement = db.prepare(sql).expect("a query");
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|i| row.get(i)).collect()).expect("rows");
        rows.collect::<Result<_, _>>().expect("rows")
    };
    let mut work: Vec<Vec<(String, Vec<Vec<Value>>)>> = (0..batches).map(|_| Vec::new()).collect();
    for (table, order, column) in per_post {
        let mut parts: Vec<Vec<Vec<Value>>> = vec![Vec::new(); batches];
        for row in read(&format!("SELECT * FROM {table} ORDER BY {order}")) {
            let Some(Value::Integer(id)) = row.get(column) else { continue };
            parts[batch_of[id]].push(row);
        }
        for (batch, rows) in work.iter_mut().zip(parts) {
            batch.push((table.to_owned(), rows));
        }
    }
    for table in whole {
        let rows = read(&format!("SELECT * FROM {table}"));
        let size = rows.len().div_ceil(batches).max(1);
        for (batch, rows) in work.iter_mut().zip(rows.chunks(size)) {
            batch.push((table.to_owned(), rows.to_vec()));
        }
    }
    let columns = read("SELECT name FROM pragma_table_info('post')");
    let column = |name: &str| columns.iter().position(|row| row[0] == Value::Text(name.to_owned())).expect("a column");
    let (text, warning) = (column("text"), column("content_warning"));

    let path = PathBuf::from(format!("{}.limit", made.display()));
    clear(&path);
    // The writer makes the tables and leaves; its settings of the connection are said again.
    Writer::open(&path).and_then(Writer::close).expect("the database opens");
    let db = Connection::open(&path).expect("the database opens");
    db.execute_batch("PRAGMA synchronous = full; PRAGMA foreign_keys = off; PRAGMA cache_size = -49152; PRAGMA wal_autocheckpoint = 4000;")
        .expect("settings");
    let begin = support::cpu();
    for batch in &work {
        db.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        for (table, rows) in batch {
            let Some(first) = rows.first() else { continue };
            let marks = vec!["?"; first.len()].join(", ");
            let mut insert = db.prepare(&format!("INSERT INTO {table} VALUES ({marks})")).expect("an insert");
            for row in rows {
                insert.execute(params_from_iter(row)).expect("a row");
            }
            if table == "post" {
                let mut insert = db
                    .prepare("INSERT INTO post_fts (rowid, text, content_warning) VALUES (?, ?, ?)")
                    .expect("an insert");
                for row in rows {
                    insert.execute([&row[0], &row[text], &row[warning]]).expect("words");
                }
            }
        }
        db.execute_batch("COMMIT").expect("a transaction");
    }
    drop(db);
    println!("limit of these tables                  {:>8.2}", (support::cpu() - begin).as_secs_f64());
}

fn clear(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
}
