//! `coverage` and `methods`: what is said of the ledger is what the ledger says.

pub mod diary;
mod methods;
mod strips;

use pullquote::archive::Archive;
use pullquote::store::Reader;
use serde_json::Value;

use crate::kill::dump;
use crate::program::{Desk, Ran};
use crate::support::root;
use diary::TOOT;

/// The golden file, or what `BLESS=1` makes of it.
#[track_caller]
fn golden(name: &str, found: &str) {
    let path = root().join("tests/it/coverage").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{name} is not what it was; BLESS=1 writes it anew:\n{found}");
}

/// A desk with the archive of the diary.
fn desk() -> Desk {
    let desk = Desk::with("");
    diary::keep(&Archive::at(desk.archive()));
    desk
}

/// A line of JSON with its parts below each other.
fn pretty(ran: &Ran) -> String {
    ran.json().iter().map(|value| format!("{}\n", serde_json::to_string_pretty(value).unwrap())).collect()
}

#[test]
fn an_archive_tells_what_it_has_covered() {
    let desk = desk();
    golden("table.txt", &desk.run(&["coverage", "--width", "72"]).ok().out);
    golden(
        "ascii.txt",
        &desk.run(&["coverage", "ferry", "--width", "40", "--ascii", "--gaps", "1", "--longest"]).ok().out,
    );
    golden("sources.json", &pretty(&desk.run(&["coverage", "--json", "--estimate"]).ok()));
    let (svg, png) = (desk.path().join("c.svg"), desk.path().join("c.png"));
    let files = ["--svg", svg.to_str().unwrap(), "--png", png.to_str().unwrap()];
    desk.run(&[&["coverage", "--timezone", "Europe/London"][..], &files].concat()).ok();
    let svg = std::fs::read_to_string(svg).unwrap();
    golden("picture.svg", &svg);
    assert!(svg.contains("<title id=") && svg.contains("<desc id=") && svg.contains("time in Europe/London"));
    assert!(std::fs::read(png).unwrap().starts_with(b"\x89PNG"));
    // A rebuild knows all of it.
    let before = dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(before, dump(&desk));
}

#[test]
fn what_is_missing_is_a_gap_and_what_is_there_is_none() {
    let desk = desk();
    let sources = desk.run(&["coverage", "--json"]).ok().json();
    let source = |platform: &str| sources.iter().find(|source| source["platform"] == platform).unwrap().clone();
    let (toot, news) = (source("mastodon"), source("feed"));
    // The timeline was read through after the night; the feed shows no more than its newest.
    assert_eq!(toot["gaps"].as_array().unwrap().len(), 1, "{toot}");
    assert_eq!(toot["gaps"][0]["cause"], "down");
    assert_eq!(toot["trouble"]["cause"], "down");
    assert_eq!(news["trouble"], Value::Null);
    let causes: Vec<&str> = news["gaps"].as_array().unwrap().iter().map(|gap| gap["cause"].as_str().unwrap()).collect();
    assert!(causes.contains(&"stopped"), "{news}");
    assert_eq!(toot["by_stream"][0]["since"], "2026-03-01T08:00:00Z");
    let part = ["coverage", "--json", "--since", "2026-03-01", "--until", "2026-03-02"];
    for part in desk.run(&part).ok().json() {
        let (asked, covered) = (&part["asked"], part["covered"].as_array().unwrap());
        assert_eq!(asked["until"], "2026-03-02T00:00:00Z");
        assert!(covered.iter().all(|stretch| stretch["until"].as_str() <= asked["until"].as_str()), "{part}");
    }
}

#[test]
fn two_looks_tell_how_much_either_missed() {
    let desk = desk();
    let reader = Reader::open(&desk.archive().join("pullquote.db")).unwrap();
    let parts = reader.covered(None).unwrap();
    let pairs = pullquote::paper::pairs(&parts);
    assert_eq!(pairs.len(), 1, "{pairs:?}");
    let [pulled, stream] = &pairs[0].parts;
    assert_eq!((pulled.len(), stream.len()), (1, 1));
    // Twenty-eight hours of three posts, of which the stream missed every fifth; the pulls missed none.
    let (first, second, both) = reader.overlap("ferry", [pulled, stream], &pairs[0].within).unwrap();
    assert_eq!((first, second, both), (84, 67, 67));
    // Of nothing there is nothing, and the end of a stretch does not belong to it.
    assert_eq!(reader.overlap("other", [pulled, stream], &pairs[0].within).unwrap(), (0, 0, 0));
    let edge = |since: &str, until: &str| {
        let stretch = pullquote::coverage::Stretch::new(diary::at(since), diary::at(until)).unwrap();
        reader.overlap("ferry", [pulled, stream], &[stretch]).unwrap()
    };
    assert_eq!(edge("2026-03-01T08:07:00Z", "2026-03-01T08:07:01Z").0, 1);
    assert_eq!(edge("2026-03-01T08:06:00Z", "2026-03-01T08:07:00Z").0, 0);
    let open = pullquote::coverage::Stretch::new(pullquote::coverage::BEGINNING, diary::at("2026-03-01T00:08:00Z"));
    assert_eq!(reader.overlap("ferry", [pulled, stream], &[open.unwrap()]).unwrap(), (1, 0, 0));
    let said = desk.run(&["coverage", "--estimate"]).ok().out;
    for part in [
        format!(
            "{TOOT}#Ferry: in 1 d 4 h that both cover, what was pulled had 84 posts, what the stream brought 67, and both 67."
        ),
        "An estimated 84 posts were there to be seen (95 % interval 84 to 88); 84 of them are here.".to_owned(),
        "Assumed: the two looks are independent".to_owned(),
        "feed:https://news.test/feed.xml#Ferry: nothing can be estimated".to_owned(),
    ] {
        assert!(said.contains(&part), "{part:?} is not in:\n{said}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    let desk = Desk::shipped();
    assert_eq!(desk.run(&["coverage"]).code, 1);
    desk.run(&["import", root().join("fixtures/mastodon/page/body.json").to_str().unwrap()]).ok();
    assert_eq!(desk.run(&["coverage"]).ok().out, "No job has asked any source yet.\n");
    let ran = desk.run(&["coverage", "nosuch"]);
    assert_eq!((ran.code, ran.err.contains("\"nosuch\"")), (1, true), "{}", ran.err);
    for args in
        [&["--since", "yesterday"][..], &["--since", "2026-03-02", "--until", "2026-03-01"], &["--timezone", "Mars/X"]]
    {
        let ran = desk.run(&[&["coverage"], args].concat());
        assert_eq!(ran.code, 3, "{args:?}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn captures_without_a_ledger_are_told() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let known = desk.run(&["coverage"]).ok();
    assert!(known.err.is_empty(), "{}", known.err);
    assert!(known.out.contains("the beginning"), "{}", known.out);
    // As an archive is that an older pullquote wrote.
    let db = rusqlite::Connection::open(desk.archive().join("pullquote.db")).unwrap();
    db.execute_batch("DELETE FROM asked; DELETE FROM covered; DELETE FROM hindrance").unwrap();
    drop(db);
    let old = desk.run(&["coverage"]).ok();
    assert!(old.err.contains("pullquote rebuild finds out"), "{}", old.err);
    desk.run(&["rebuild"]).ok();
    assert_eq!(desk.run(&["coverage"]).ok().out, known.out);
}
