//! What leaves the archive is what is in it: in every form, read back as others read it.

mod forms;
mod hydrate;
mod package;
mod pseudonym;
mod readers;

use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::program::Desk;

/// Texts that have broken exports, all of which a person may post.
pub const AWKWARD: [&str; 16] = [
    "=HYPERLINK(\"https://evil.example\",\"click\")",
    "+1",
    "-1+1",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "＝1＋1",
    "\tTab first",
    "  =1+1",
    "'quoted' by an apostrophe",
    "He said \"no\", twice; and; left",
    "one\r\ntwo\nthree\rfour",
    "👩🏽‍💻 Zoë’s café 🏳️‍🌈 \u{202e}turned\u{202c} \u{feff}mark",
    "1419447371166646272",
    "007",
    "bell \u{7} escape \u{1b}[31m delete \u{7f} line\u{2028}separator",
    "東京の港 הַמַּעֲבֹּרֶת أين العبّارة",
    "NULL",
];

/// An archive of awkward posts, of which one is of a day only and one has no date.
pub fn desk() -> Desk {
    let desk = Desk::with("");
    let mut lines = String::new();
    for (place, text) in AWKWARD.iter().enumerate() {
        let id = 1_419_447_371_166_646_272 + (place as u64) * 86_400_000 * (1 << 22);
        let date = match place {
            3 => json!("26 July 2021"),
            4 => Value::Null,
            _ => json!(format!("2021-07-{:02}T18:03:11Z", 1 + place % 5)),
        };
        let line = json!({
            "said": text, "who": format!("ada_{place}"), "name": format!("=Ada \"{place}\""), "n": id.to_string(), "on": date, "likes": place,
        });
        lines += &format!("{line}\n");
    }
    let path = desk.file("awkward.jsonl", lines.as_bytes());
    let map = "text=said,handle=who,author=name,id=n,date=on,likes=likes";
    desk.run(&["import", path.to_str().unwrap(), "--map", map]).ok();
    let page = crate::support::root().join("fixtures/mastodon/page/body.json");
    desk.run(&["import", page.to_str().unwrap()]).ok();
    desk
}

/// What the database says of every post: key, native id, text.
pub fn rows(desk: &Desk) -> Vec<(String, Option<String>, String)> {
    let db = Connection::open(desk.archive().join("pullquote.db")).unwrap();
    let mut statement = db.prepare("SELECT key, native_id, text FROM post ORDER BY id DESC").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let rows: Vec<_> = rows.map(Result::unwrap).collect();
    assert!(AWKWARD.iter().all(|text| rows.iter().any(|row: &(_, _, String)| row.2 == *text)), "{rows:?}");
    rows
}

/// A program of the Python environment with duckdb, pandas, pyspark and frictionless. `None` in a place without it; CI must have it.
pub fn python() -> Option<Command> {
    let servers = std::env::var_os("PULLQUOTE_SERVERS").unwrap_or_else(|| "/opt/pullquote-servers".into());
    let path = Path::new(&servers).join("tables-venv/bin/python3");
    if path.exists() {
        return Some(Command::new(path));
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI=true, but {} is not there", path.display());
    println!("skipped: {} is not there (.ci/install makes it)", path.display());
    None
}

/// A path of the desk that nothing has been written to yet.
pub fn out(desk: &Desk, name: &str) -> (PathBuf, String) {
    let path = desk.path().join(name);
    let text = path.to_str().unwrap().to_owned();
    (path, text)
}
