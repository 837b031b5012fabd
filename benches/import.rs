//! Mastodon statuses to a searchable archive, beside the limit of its own tables: `cargo bench --bench import [POSTS]`.
//!
//! The limit inserts the very rows that the import made, already in memory, with plain prepared statements in batches
//! of the same size, a write-ahead log, and else SQLite as it comes. Beside it stands the same with the settings that the
//! store has found to serve. Goal: no more than 1.6 times the CPU of the limit, and no more than 150 MiB however many
//! posts.

mod support;

use std::collections::HashMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::Command;

use mimalloc::MiMalloc;
use pullquote::archive::Archive;
use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::import::Importer;
use pullquote::ingest::Keeper;
use pullquote::platform;
use pullquote::store::Writer;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Posts that one transaction holds, as an import writes them.
const BATCH: usize = 10_000;

/// Turns of each part.
const TURNS: usize = 3;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let posts = args.iter().find_map(|arg| arg.parse().ok()).unwrap_or(100_000);
    let folder = support::folder().join("import");
    // Each part is a process of its own, so that its CPU and its memory are its own.
    match args.first().map(String::as_str) {
        Some("parse") => parse(&lines(posts)),
        Some("import") => import(&folder, &lines(posts)),
        Some("limit") => limit(&Archive::at(&folder).database(), PLAIN),
        Some("tuned") => limit(&Archive::at(&folder).database(), TUNED),
        _ => run(posts),
    }
}

fn run(posts: u64) {
    if !lines(posts).exists() && generate(posts, &lines(posts)).is_none() {
        return;
    }
    println!("{posts} Mastodon statuses                  CPU s   peak MiB");
    // Neighbours on the machine only ever add time: the least of a few turns, taken by turns, is nearest to the truth.
    let mut least: HashMap<&str, (f64, u64)> = HashMap::new();
    for part in ["import", "parse", "limit", "tuned"].repeat(TURNS) {
        let this = std::env::current_exe().expect("a program knows its file");
        let run = Command::new(this).args([part, &posts.to_string()]).output().expect("it starts again");
        assert!(run.status.success(), "{part}: {}", String::from_utf8_lossy(&run.stderr));
        let said = String::from_utf8_lossy(&run.stdout);
        let (cpu, peak) = said.trim().split_once(' ').expect("a part says its CPU and its memory");
        let figures = (cpu.parse().expect("seconds"), peak.parse().expect("MiB"));
        let known = least.entry(part).or_insert(figures);
        *known = (known.0.min(figures.0), known.1.max(figures.1));
    }
    for (part, name) in [
        ("import", "import: captures, rows, words"),
        ("parse", "  of which parsing"),
        ("limit", "limit: the same rows inserted"),
        ("tuned", "  with the store's settings"),
    ] {
        println!("{name:<34} {:>12.2} {:>10}", least[part].0, least[part].1);
    }
    println!("import / limit                     {:>12.2}   goal 1.6", least["import"].0 / least["limit"].0);
}

/// The file of made-up statuses.
fn lines(posts: u64) -> PathBuf {
    support::folder().join(format!("mastodon-{posts}.jsonl"))
}

/// A whole import into an empty archive.
fn import(folder: &Path, file: &Path) {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).expect("the target folder can be written");
    let begin = support::cpu();
    let mut keeper = Keeper::open(&Archive::at(folder)).expect("the archive opens");
    // After the posts were written, or their dates would be doubted.
    let now = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(60 * 365);
    let mut importer = Importer { keeper: &mut keeper, run: "2029-12-17T00:00:00Z-none", now };
    importer.file(file, &mut |_| {}).expect("the file is read");
    drop(keeper);
    println!("{} {}", (support::cpu() - begin).as_secs_f64(), peak());
}

/// Only the parser, over the same parts of about a megabyte.
fn parse(file: &Path) {
    let platform = platform::by_name("mastodon").expect("the generator writes Mastodon's shape");
    let mut lines = std::io::BufReader::new(std::fs::File::open(file).expect("the file is there"));
    let mut seconds = 0.0;
    loop {
        let mut body = Vec::new();
        while body.len() < 1 << 20 && lines.read_until(b'\n', &mut body).expect("the file is read") > 0 {}
        if body.is_empty() {
            break;
        }
        let begin = support::cpu();
        let exchange = Exchange {
            request: Request::get("file:///posts.jsonl"),
            response: Response { status: 200, body, ..Response::default() },
            origin: Origin::File,
            ..Exchange::default()
        };
        let page = (platform.parse)(&exchange).expect("statuses are read");
        assert!(!page.posts.is_empty());
        drop(page);
        seconds += (support::cpu() - begin).as_secs_f64();
    }
    println!("{seconds} {}", peak());
}

/// As SQLite comes (<https://www.sqlite.org/pragma.html>), and FTS5 with it
/// (<https://www.sqlite.org/fts5.html#configuration_options_config_table_>).
const PLAIN: &str = "PRAGMA cache_size = -2000; PRAGMA wal_autocheckpoint = 1000; \
    INSERT INTO post_fts (post_fts, rank) VALUES ('hashsize', 1048576), ('automerge', 4);";

/// As the store sets a connection; the schema has set FTS5.
const TUNED: &str = "PRAGMA cache_size = -49152; PRAGMA wal_autocheckpoint = 8000;";

/// The rows that an import made, once more, with nothing to decide.
fn limit(made: &Path, settings: &str) {
    let db = Connection::open(made).expect("the database opens");
    let ids = |sql: &str| -> Vec<i64> {
        let mut statement = db.prepare(sql).expect("a query");
        statement.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("rows")
    };
    let arrived = ids("SELECT post FROM sighting GROUP BY post ORDER BY min(capture)");
    let batch_of: HashMap<i64, usize> = arrived.iter().zip(0..).map(|(id, n)| (*id, n / BATCH)).collect();
    let batches = arrived.len().div_ceil(BATCH);
    // Table, the order in which it is cheapest to write, and the column that holds the post's number.
    let per_post =
        [("post", "id", 0), ("sighting", "post", 0), ("post_job", "job, post", 1), ("post_tag", "tag, post", 1)];
    let whole = ["run", "capture", "skipped", "account", "account_name", "revision", "source_state"];
    let read = |sql: &str| -> Vec<Vec<Value>> {
        let mut statement = db.prepare(sql).expect("a query");
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|i| row.get(i)).collect()).expect("rows");
        rows.collect::<Result<_, _>>().expect("rows")
    };
    let mut work: Vec<Work> = (0..batches).map(|_| Vec::new()).collect();
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
    // The writer makes the tables and leaves.
    Writer::open(&path).and_then(Writer::close).expect("the database opens");
    let db = Connection::open(&path).expect("the database opens");
    db.execute_batch("PRAGMA synchronous = full; PRAGMA foreign_keys = off;").expect("settings");
    db.execute_batch(settings).expect("settings");
    let begin = support::cpu();
    insert(&db, &work, text, warning);
    drop(db);
    println!("{} {}", (support::cpu() - begin).as_secs_f64(), peak());
}

/// Rows of one batch, by table.
type Work = Vec<(String, Vec<Vec<Value>>)>;

/// All that the limit does. `text` and `warning` are the columns of `post` that hold words.
#[inline(never)]
fn insert(db: &Connection, work: &[Work], text: usize, warning: usize) {
    for batch in work {
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
}

fn clear(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
}

/// Lets the generator fill a file; `None`, with a word why, in a clone without it.
fn generate(posts: u64, path: &Path) -> Option<()> {
    let mut generator = support::generate("mastodon", posts)?;
    let unfinished = path.with_extension("unfinished");
    let mut file = std::fs::File::create(&unfinished).expect("the target folder can be written");
    std::io::copy(generator.stdout.as_mut()?, &mut file).expect("the generator's output is kept");
    std::fs::rename(unfinished, path).expect("the file is named");
    Some(())
}

/// The most memory that this process has held, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says what a process holds");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() >> 10
}
