//! The database beside the captures: rows that were altered, captures without rows, captures of somebody else, and a
//! database that is beyond reading.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;

use crate::kill::dump;
use crate::program::Desk;
use crate::support::root;

/// A page of two statuses of one author.
fn page(words: &str, edited: Option<&str>) -> Vec<u8> {
    let page = fs::read(root().join("fixtures/mastodon/page/body.json")).unwrap();
    let mut statuses: Vec<Value> = serde_json::from_slice(&page).unwrap();
    statuses.truncate(2);
    statuses[0]["content"] = format!("<p>{words}</p>").into();
    statuses[0]["edited_at"] = edited.into();
    serde_json::to_vec(&statuses).unwrap()
}

/// An archive of three captures, whose first post has two states.
fn desk() -> Desk {
    let desk = Desk::with("");
    for (name, body) in [
        ("first.json", page("first words", None)),
        ("second.json", page("second words", Some("2026-01-01T00:00:00Z"))),
        ("article.html", fs::read(root().join("fixtures/article/page/body.html")).unwrap()),
    ] {
        let path = desk.file(name, &body);
        desk.run(&["import", path.to_str().unwrap()]).ok();
    }
    desk
}

fn database(desk: &Desk) -> PathBuf {
    desk.archive().join("pullquote.db")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn altered_rows_are_not_what_the_captures_say() {
    let desk = desk();
    desk.run(&["verify"]).ok();
    let good = fs::read(database(&desk)).unwrap();
    let before = dump(&desk);
    for (sql, says) in [
        ("UPDATE post SET created = '2020-01-01T00:00:00Z' WHERE text = 'second words'", ": created"),
        ("UPDATE post SET author_name = 'Somebody Else' WHERE text = 'second words'", ": author_name"),
        ("UPDATE post SET likes = 1000000, doubts = NULL WHERE text = 'second words'", "likes"),
        ("UPDATE revision SET text = 'other words' WHERE text = 'first words'", "revision "),
        ("UPDATE account_name SET name = 'Mallory'", "account_name "),
        ("DELETE FROM sighting", "sighting has 0 rows, and the captures give"),
        (
            "UPDATE capture SET url = 'https://elsewhere.example/' WHERE id = 1",
            "capture 1 is not what the captures say: url",
        ),
        ("INSERT INTO post_moved VALUES (7, 'key')", "post_moved has 1 rows"),
        ("ALTER TABLE post ADD COLUMN note", "post has other columns"),
        ("ALTER TABLE post_moved ADD COLUMN note", "post_moved has other columns"),
    ] {
        Connection::open(database(&desk)).unwrap().execute_batch(sql).unwrap();
        let ran = desk.run(&["verify"]);
        assert_eq!(ran.code, 4, "{sql}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(says) && ran.out.contains("pullquote replay"), "{sql}: {}", ran.out);
        desk.run(&["rebuild"]).ok();
        assert_eq!(dump(&desk), before);
        desk.run(&["verify"]).ok();
        fs::write(database(&desk), &good).unwrap();
    }
}

#[test]
fn every_name_of_an_author_is_shown_with_its_days() {
    let desk = desk();
    let key = desk.run(&["search", "second words", "--json"]).ok().json()[0]["key"].as_str().unwrap().to_owned();
    assert!(!desk.run(&["show", &key]).ok().out.contains("seen as"));
    let mut statuses: Vec<Value> = serde_json::from_slice(&page("second words", None)).unwrap();
    statuses[0]["account"]["display_name"] = "Somebody\nElse".into();
    let path = desk.file("renamed.json", &serde_json::to_vec(&statuses).unwrap());
    desk.run(&["import", path.to_str().unwrap()]).ok();
    let shown = desk.run(&["show", &key]).ok().out;
    assert_eq!(shown.matches("\nseen as").count(), 2, "{shown}");
    assert!(shown.contains("Somebody Else (@"), "{shown}");
    assert_eq!(desk.run(&["show", &key, "--json"]).ok().json()[0]["names"].as_array().unwrap().len(), 2);
}

#[test]
fn captures_without_rows_are_told_until_they_have_some() {
    let desk = desk();
    let early = fs::read(database(&desk)).unwrap();
    let path = desk.file("third.json", &page("third words", None));
    desk.run(&["import", path.to_str().unwrap()]).ok();
    let told = |wanted: Option<u64>| {
        let search = desk.run(&["search", "words"]).ok();
        let status = desk.run(&["status"]).ok();
        let verify = desk.run(&["verify"]).ok();
        for text in [&search.err, &status.out, &verify.out] {
            assert_eq!(text.contains("not indexed"), wanted.is_some(), "{text}");
        }
        assert_eq!(desk.run(&["status", "--json"]).ok().json()[0]["unindexed"], wanted.unwrap_or_default());
    };
    told(None);
    // As after a crash between the captures and the rows.
    let late = fs::read(database(&desk)).unwrap();
    fs::write(database(&desk), early).unwrap();
    told(Some(1));
    desk.run(&["import", path.to_str().unwrap()]).ok();
    told(None);
    fs::write(database(&desk), late).unwrap();
    told(None);
    fs::remove_file(database(&desk)).unwrap();
    assert!(desk.run(&["verify"]).ok().out.contains("not indexed"));
}

#[test]
fn captures_of_another_archive_are_not_taken_in_unasked() {
    let (desk, other) = (desk(), Desk::with(""));
    let body = page("words of another archive", None);
    let path = other.file("other.json", &body);
    other.run(&["import", path.to_str().unwrap()]).ok();
    let before = dump(&desk);
    for file in files(&other.archive().join("captures")) {
        // Behind those that are there, whatever the clock says.
        let name = file.file_name().unwrap().to_string_lossy().replace("-00001-", "-00002-");
        fs::copy(&file, desk.archive().join("captures").join(name)).unwrap();
    }
    let new = desk.file("new.json", &page("new words", None));
    for args in [&["import", new.to_str().unwrap()][..], &["rebuild"], &["replay"], &["verify"]] {
        let ran = desk.run(args);
        let told = format!("{}{}", ran.out, ran.err);
        assert_eq!(ran.code, 4, "{args:?}: {told}");
        assert!(told.contains("does not follow the capture before it"), "{args:?}: {told}");
        assert!(told.contains("--accept-loss"), "{args:?}: {told}");
        assert_eq!(dump(&desk), before, "{args:?} changed the rows");
    }
    for args in [&["search", "words"][..], &["status"], &["verify"]] {
        let ran = desk.run(args);
        let told = format!("{}{}", ran.out, ran.err);
        assert!(told.contains("not indexed  ") && told.contains("--accept-loss"), "{args:?}: {told}");
        assert!(!told.contains("puts them in"), "{args:?}: {told}");
        assert_eq!(told.contains("not compared  "), args == ["verify"], "{args:?}: {told}");
    }
    assert!(desk.run(&["status", "--json"]).ok().json()[0]["unindexed"].is_null());
    let ran = desk.run(&["rebuild", "--accept-loss"]);
    assert_eq!((ran.code, ran.err.contains("does not follow")), (4, true), "{}{}", ran.out, ran.err);
    let captures = |desk: &Desk| desk.run(&["status", "--json"]).ok().json()[0]["captures"].as_u64().unwrap();
    assert_eq!(captures(&desk), 3 + captures(&other), "a whole capture is not lost");
    desk.run(&["import", new.to_str().unwrap()]).ok();
}

#[test]
fn a_database_beyond_reading_is_set_aside_and_made_anew() {
    let desk = desk();
    let before = dump(&desk);
    let db = Connection::open(database(&desk)).unwrap();
    let page: usize =
        db.query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'capture'", [], |row| row.get(0)).unwrap();
    drop(db);
    for number in 1..=2 {
        let mut bytes = fs::read(database(&desk)).unwrap();
        bytes[(page - 1) * 8192..page * 8192].fill(0xa5);
        fs::write(database(&desk), &bytes).unwrap();
        assert_eq!(desk.run(&["verify"]).code, 4);
        let ran = desk.run(&["replay"]);
        assert!(ran.code == 1 && ran.err.contains("pullquote rebuild"), "{}", ran.err);
        let ran = desk.run(&["rebuild"]).ok();
        let aside = if number == 1 { "pullquote.db.damaged" } else { "pullquote.db.damaged-2" };
        assert!(ran.out.contains(aside), "{}", ran.out);
        assert_eq!(fs::read(desk.archive().join(aside)).unwrap(), bytes);
        assert_eq!(dump(&desk), before);
        desk.run(&["verify"]).ok();
    }
}
