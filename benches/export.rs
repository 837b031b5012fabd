//! Exports of a million posts: `cargo bench --bench export [POSTS]`. Seconds, and how much memory the program had at most.
//!
//! Goal: no more memory for a million posts than for a thousand, and the ids and texts of the archive in every form.

#[path = "support/archive.rs"]
mod archive;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Compares what was exported with the database: arguments are the database and the folder of exports.
const COMPARE: &str = include_str!("export.py");

fn main() {
    let posts = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    let Some(database) = archive::database(posts) else { return };
    let folder = support::folder().join("export");
    let _ = fs::remove_dir_all(&folder);
    let desk = folder.join("archive");
    fs::create_dir_all(desk.join("captures")).expect("the target folder can be written");
    std::os::unix::fs::symlink(database.canonicalize().expect("it is there"), desk.join("pullquote.db"))
        .expect("a link can be made");
    println!("{posts} posts      seconds   peak MiB   out MiB   files");
    let key = folder.join("key");
    let (key, few) = (key.to_str().expect("a path"), "since:2021-07-26 until:2021-07-27");
    let (csv, jsonl, parquet, ids, hidden, package, small) =
        ("posts.csv", "posts.jsonl", "parquet", "ids.tsv", "hidden.jsonl", "package", "small.jsonl");
    for (name, args) in [
        ("jsonl of a day", &["--as", "jsonl", few, "--out", small][..]),
        ("csv", &["--as", "csv", "--out", csv]),
        ("jsonl", &["--as", "jsonl", "--out", jsonl]),
        ("parquet", &["--as", "parquet", "--out", parquet]),
        ("ids", &["--as", "ids", "--out", ids]),
        ("jsonl, pseudonyms", &["--as", "jsonl", "--pseudonymise", key, "--new-key", "--out", hidden]),
        ("package", &["--package", package]),
    ] {
        let begin = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_pullquote"))
            .arg("export")
            .args(args)
            .arg("--archive")
            .arg(&desk)
            .current_dir(&folder)
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let peak = watch(child);
        let seconds = begin.elapsed().as_secs_f64();
        let (bytes, files) = size(&folder.join(args.last().expect("where to")));
        println!("{name:<18} {seconds:>8.1} {peak:>10} {:>9} {files:>7}", bytes >> 20);
    }
    compare(&database, &folder);
    let _ = fs::remove_dir_all(&folder);
}

/// Waits for a program; MiB that it had at most.
fn watch(mut child: Child) -> u64 {
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        if let Some(ended) = child.try_wait().expect("it can be waited for") {
            assert!(ended.success(), "it ends well");
            return peak >> 10;
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let kib =
            text.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|rest| rest.split_whitespace().next());
        peak = peak.max(kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Bytes and files of what was written.
fn size(path: &Path) -> (u64, u64) {
    if path.is_dir() {
        let entries =
            fs::read_dir(path).expect("it can be read").map(|entry| size(&entry.expect("it is there").path()));
        return entries.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    }
    (path.metadata().map_or(0, |meta| meta.len()), 1)
}

/// Has Python and DuckDB read everything back.
fn compare(database: &Path, folder: &Path) {
    let servers = std::env::var_os("PULLQUOTE_SERVERS").unwrap_or_else(|| "/opt/pullquote-servers".into());
    let python = Path::new(&servers).join("tables-venv/bin/python3");
    if !python.exists() {
        return eprintln!("{} is not there: nothing is compared (.ci/install makes it)", python.display());
    }
    let ran = Command::new(python).args(["-c", COMPARE]).arg(database).arg(folder).status();
    assert!(ran.expect("Python starts").success(), "every form has the ids and texts of the archive");
}
