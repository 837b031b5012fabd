//! Tables and JSON of any kind, by a map that stays with what was captured.

use crate::program::Desk;

const TABLE: &str = "Name;User;Said;When;Link\r\n\
    Ada Moss;@ada_moss;\"The harbour;\nis closed\";2021-07-26T18:03:11Z;https://twitter.com/ada_moss/status/1419719963177910349\r\n\
    Ben Lark;benlark;\"An answer\";26 July 2021;\r\n";
const MAP: &str = "text=Said,handle=User,author=Name,date=When,url=Link";
const LINES: &str = r#"{"who":{"is":"ada_moss"},"said":"One line\nand another","on":"2021-07-26","n":"1419719963177910349"}
{"who":{"is":"benlark"},"said":"The second","on":"26 July 2021","n":"7"}
"#;

#[test]
fn a_map_stays_with_the_capture() {
    for (name, body, map) in
        [("own #1.csv", TABLE, MAP), ("own.jsonl", LINES, "text=said,handle=who.is,date=/on,id=n,platform:x")]
    {
        let desk = Desk::shipped();
        let path = desk.file(name, body.as_bytes());
        let path = path.to_str().unwrap();
        let ran = desk.run(&["import", path, "--map", map]).ok();
        assert!(ran.out.contains("2 posts: 2 new"), "{}", ran.out);
        let before = desk.posts();
        assert_eq!(before.len(), 2);
        let ada = before.iter().find(|post| post["author"]["handle"] == "ada_moss").unwrap();
        assert_eq!(ada["uri"], "https://x.com/i/status/1419719963177910349");
        desk.run(&["verify"]).ok();
        let replayed = desk.run(&["replay"]).ok();
        assert!(!replayed.out.contains("said"), "a replay reads it in another way: {}", replayed.out);
        std::fs::remove_file(desk.archive().join("pullquote.db")).unwrap();
        desk.run(&["rebuild"]).ok();
        assert_eq!(desk.posts(), before);
        desk.run(&["verify"]).ok();
        // The same again is the same; another map is another sighting.
        let again = desk.run(&["import", path, "--map", map]).ok();
        assert!(again.out.contains("already kept: 1 captures"), "{}", again.out);
        let other =
            desk.run(&["import", path, "--map", &map.replace("handle=", "author=").replace("author=Name,", "")]).ok();
        assert!(other.out.contains("2 posts"), "{}", other.out);
        desk.run(&["verify"]).ok();
    }
}

#[test]
fn parse_shows_what_a_map_makes_of_a_file() {
    let desk = Desk::shipped();
    let path = desk.file("own.csv", TABLE.as_bytes());
    let ran = desk.run(&["parse", path.to_str().unwrap(), "--json", "--map", MAP]).ok();
    let found = ran.json();
    assert_eq!(found[0]["text"], "The harbour;\nis closed");
    assert_eq!((&found[1]["platform"], &found[1]["created"]["precision"]), (&"mapped".into(), &"day".into()));
    // Given in pieces it is one map.
    let pieces = MAP.split(',').flat_map(|piece| ["--map", piece]);
    let args: Vec<&str> = ["parse", path.to_str().unwrap(), "--json"].into_iter().chain(pieces).collect();
    assert_eq!(desk.run(&args).ok().json(), found);
}

#[test]
fn what_does_not_fit_is_told_with_the_names_that_there_are() {
    let desk = Desk::shipped();
    let table = desk.file("own.csv", TABLE.as_bytes());
    let lines = desk.file("own.jsonl", LINES.as_bytes());
    let page = desk.file("own.html", b"<p>words</p>");
    let (table, lines, page) = (table.to_str().unwrap(), lines.to_str().unwrap(), page.to_str().unwrap());
    for (path, map, told) in [
        (
            table,
            "text=Body,handle=User",
            "has no column `Body`; its columns are `Name`, `User`, `Said`, `When`, `Link`",
        ),
        (lines, "text=body,handle=who.is", "nothing in it is called `body`; there are `n`, `on`, `said`, `who.is`"),
        (page, "text=body,handle=who.is", "is neither a table nor JSON"),
    ] {
        for command in ["import", "parse"] {
            let ran = desk.run(&[command, path, "--map", map]);
            assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
            assert!(ran.err.contains(told), "{}", ran.err);
        }
    }
    assert!(desk.posts().is_empty());
    for map in ["txet=Said,handle=User", "text=Said", "Said", "text:Said,handle=User"] {
        let ran = desk.run(&["import", table, "--map", map]);
        assert_eq!(ran.code, 3, "{map}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn what_nobody_knows_is_told_by_its_columns_and_how_to_map_it() {
    let desk = Desk::shipped();
    let table = desk.file("own.csv", TABLE.as_bytes());
    let ran = desk.run(&["import", table.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    for told in ["a table with the columns `Name`, `User`, `Said`, `When`, `Link`", "--map text=", "not a shape of"] {
        assert!(ran.err.contains(told), "{}", ran.err);
    }
    let lines = desk.file("own.jsonl", LINES.as_bytes());
    let ran = desk.run(&["import", lines.to_str().unwrap()]);
    assert!(ran.err.contains("lines of JSON objects with") && ran.err.contains("--map text="), "{}", ran.err);
}

#[test]
fn a_large_mapped_table_streams() {
    let desk = Desk::shipped();
    let rows: String = (0..12_000)
        .map(|n| format!("Ada Moss;ada_moss;\"Row {n};\nof many, with words\";2021-07-26;https://a.example/{n}\r\n"))
        .collect();
    let path = desk.file("long.csv", format!("Name;User;Said;When;Link\r\n{rows}").as_bytes());
    let ran = desk.run(&["import", path.to_str().unwrap(), "--map", MAP]).ok();
    assert!(ran.out.contains("12000 posts: 12000 new"), "{}", ran.out);
    let status = desk.run(&["status"]).ok();
    assert!(status.out.contains("12000"), "{}", status.out);
    desk.run(&["verify"]).ok();
}
