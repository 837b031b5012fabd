//! `pullquote search` as a reporter types it: what is marked, what other programs get, which dates are meant, and what is said of a
//! search that finds nothing.

use std::collections::BTreeMap;

use chrono::{SecondsFormat, TimeDelta, Utc};
use pullquote::query;
use serde_json::{Value, json};

use crate::program::{Desk, Ran};

/// What marks words, and what ends that.
const STYLE: (&str, &str) = ("\u{1b}[1;4m", "\u{1b}[0m");

/// A status of a server, by somebody.
fn status(id: usize, who: &str, at: &str, text: &str) -> Value {
    let lines: Vec<String> = text.split('\n').map(|line| line.replace('&', "&amp;").replace('<', "&lt;")).collect();
    json!({
        "id": id.to_string(), "uri": format!("https://moss.example/users/{who}/statuses/{id}"),
        "url": format!("https://moss.example/@{who}/{id}"), "visibility": "public", "created_at": at, "language": "en",
        "content": format!("<p>{}</p>", lines.join("<br>")),
        "account": {"id": who, "username": who, "acct": format!("{who}@moss.example"), "display_name": who, "url": format!("https://moss.example/@{who}")},
    })
}

/// A desk with these posts in its archive, whose dates are in UTC if the configuration names no zone.
fn desk(config: &str, posts: &[Value]) -> Desk {
    let desk = Desk::with(config);
    desk.file("posts.json", &serde_json::to_vec(posts).unwrap());
    desk.run(&["import", "posts.json"]).ok();
    desk
}

fn search(desk: &Desk, args: &[&str]) -> Ran {
    Ran::from(desk.command(&[&["search"], args].concat()).env("TZ", "UTC").output().unwrap())
}

/// Who wrote what a search finds, newest first.
fn found(desk: &Desk, args: &[&str]) -> Vec<String> {
    let posts = search(desk, &[args, &["--json"]].concat()).ok().json();
    posts.iter().map(|post| post["author"]["name"].as_str().unwrap().to_owned()).collect()
}

/// The lines of a post's text with brackets around what is marked.
fn marked(desk: &Desk, query: &str) -> Vec<String> {
    let ran = search(desk, &["--colour", "always", query]).ok();
    let lines = ran.out.lines().skip(1).take_while(|line| !line.is_empty());
    let lines = lines.map(|line| line.trim_start().replace(STYLE.0, "[").replace(STYLE.1, "]"));
    lines.filter(|line| !line.starts_with("matches ")).collect()
}

#[test]
fn the_words_that_were_searched_for_are_marked() {
    let text = "Ein Café am Hafen:\ndas neue\nCafé, 東京都. #Hafen, @Ben.";
    let desk = desk("", &[status(1, "ann", "2021-07-26T10:00:00Z", text)]);
    for (query, lines) in [
        ("cafe", ["Ein [Café] am Hafen:", "das neue", "[Café], 東京都. #Hafen, @Ben."]),
        ("\"hafen das neue cafe\"", ["Ein Café am [Hafen:]", "[das neue]", "[Café], 東京都. #Hafen, @Ben."]),
        ("haf* -nichts", ["Ein Café am [Hafen]:", "das neue", "Café, 東京都. #[Hafen], @Ben."]),
        ("neue (京都 OR nichts)", ["Ein Café am Hafen:", "das [neue]", "Café, 東[京都]. #Hafen, @Ben."]),
        ("@ben from:ann", ["Ein Café am Hafen:", "das neue", "Café, 東京都. #Hafen, [@Ben]."]),
        ("", ["Ein Café am Hafen:", "das neue", "Café, 東京都. #Hafen, @Ben."]),
    ] {
        assert_eq!(marked(&desk, query), lines, "{query}");
    }
    for colour in [&["--colour", "never"][..], &["--colour", "auto"], &[]] {
        let ran = search(&desk, &[colour, &["cafe"]].concat()).ok();
        assert!(!ran.out.contains('\u{1b}'), "{:?}", ran.out);
    }
}

#[test]
fn a_text_of_nothing_but_signs_takes_no_time_to_mark() {
    let begun = std::time::Instant::now();
    let wanted = query::parse("@b #b $b").unwrap();
    for sign in ["@", "#", "$"] {
        assert!(query::seen(&wanted, &format!("{sign}a").repeat(5000)).is_empty());
    }
    // With every sign tried to every end it was minutes.
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

#[test]
fn what_is_styled_is_not_steered_by_strangers() {
    let text = "red \u{1b}[31m wolf \u{202e}back\nno\u{9b}match \u{2067}here";
    let mut post = status(1, "ann", "2021-07-26T10:00:00Z", text);
    post["account"]["display_name"] = "Ann \u{202e}\u{1b}]0;x\u{7}".into();
    post["spoiler_text"] = "wolf \u{1b}[8m".into();
    let desk = desk("", &[post]);
    let ran = search(&desk, &["--colour", "always", "wolf"]).ok();
    let bare = ran.out.replace(STYLE.0, "").replace(STYLE.1, "");
    assert_eq!(ran.out.matches(STYLE.0).count(), 2, "{:?}", ran.out);
    let steers =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!bare.contains(steers), "{bare:?}");
    for shown in ["␛[31m", "<U+202E>back", "<U+2067>here", "[wolf ␛[8m]"] {
        assert!(bare.contains(shown), "{shown}: {bare:?}");
    }
    // Other programs get the very words, whatever is said of colours.
    for form in ["--json", "--csv"] {
        let ran = search(&desk, &["--colour", "always", form, "wolf"]).ok();
        assert!(ran.out.contains("\u{202e}back") && !ran.out.contains(STYLE.0), "{:?}", ran.out);
    }
}

/// Records of a table of comma-separated values (RFC 4180), by the reader that other programs use.
fn records(table: &str) -> Vec<Vec<String>> {
    let mut reader = csv_core::Reader::new();
    let (mut input, mut records, mut record) = (table.as_bytes(), Vec::new(), Vec::new());
    let (mut cell, mut out) = (Vec::new(), [0; 16]);
    loop {
        let (result, read, wrote) = reader.read_field(input, &mut out);
        input = &input[read..];
        cell.extend_from_slice(&out[..wrote]);
        match result {
            csv_core::ReadFieldResult::Field { record_end } => {
                record.push(String::from_utf8(std::mem::take(&mut cell)).unwrap());
                if record_end {
                    records.push(std::mem::take(&mut record));
                }
            }
            csv_core::ReadFieldResult::End => return records,
            csv_core::ReadFieldResult::InputEmpty | csv_core::ReadFieldResult::OutputFull => {}
        }
    }
}

#[test]
fn a_table_holds_what_was_written_behind_the_apostrophe() {
    let texts = [
        "=HYPERLINK(\"https://bad.example\",\"click\")",
        "+1 for this",
        "-1, and; more",
        "@ben no\nthat is\n\nwrong",
        "'quoted' already",
        "''twice",
        "say \"no\"\"",
        "＝SUM(1)",
        "1419447371166646272",
        "007",
        "42",
        "a,b;c",
        "\"",
        "plain ☕️ 東京 مرحبا",
    ];
    let posts: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(i, text)| status(1_419_447_371_166_646_272 + i, "ann", &format!("2021-07-26T10:{i:02}:00Z"), text))
        .collect();
    let desk = desk("", &posts);
    let mut table = records(&search(&desk, &["--csv"]).ok().out);
    let head = table.remove(0);
    assert_eq!(table.len(), texts.len());
    let stored = search(&desk, &["--json"]).ok().json();
    for (record, post) in table.iter().zip(&stored) {
        assert_eq!(record.len(), head.len());
        for cell in record {
            let active = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']);
            let rounded = cell.len() > 15 && cell.bytes().all(|byte| byte.is_ascii_digit());
            assert!(!active && !rounded, "{cell:?}");
        }
        let plain = |cell: &String| cell.strip_prefix('\'').unwrap_or(cell).to_owned();
        let cells: BTreeMap<&str, String> = head.iter().map(String::as_str).zip(record.iter().map(plain)).collect();
        for (column, pointer) in [
            ("text", "/text"),
            ("id", "/id"),
            ("key", "/key"),
            ("url", "/url"),
            ("author_handle", "/author/handle"),
            ("created", "/created/at"),
        ] {
            assert_eq!(Some(cells[column].as_str()), post.pointer(pointer).and_then(Value::as_str), "{column}");
        }
    }
    let text = head.iter().position(|column| column == "text").unwrap();
    let mut back: Vec<&str> =
        table.iter().map(|record| record[text].strip_prefix('\'').unwrap_or(&record[text])).collect();
    back.reverse();
    assert_eq!(back, texts);
}

#[test]
fn keys_are_for_other_commands_and_the_count_is_theirs() {
    let posts: Vec<Value> = (0..7)
        .map(|i| status(i, ["ann", "ben"][i % 2], &format!("2021-07-26T10:0{i}:00Z"), &format!("ferry number {i}")))
        .collect();
    let desk = desk("", &posts);
    for (query, count) in [("ferry", 7), ("from:ben", 3), ("nothing", 0), ("ferry -from:ben", 4)] {
        let ids = search(&desk, &["--ids", query]).ok().out;
        let ids: Vec<&str> = ids.lines().collect();
        assert_eq!(ids.len(), count, "{query}");
        assert_eq!(search(&desk, &["--count", query]).ok().out, format!("{count}\n"));
        if count > 0 {
            let quoted = desk.run(&[&["quote"], ids.as_slice()].concat()).ok().out;
            let numbers: Vec<&str> = quoted.lines().filter(|line| line.starts_with("ferry number")).collect();
            assert_eq!(numbers.len(), count, "{quoted}");
        }
    }
    assert_eq!(search(&desk, &["--count", "--limit", "3", "ferry"]).ok().out, "3\n");
    assert_eq!(search(&desk, &["--ids", "--limit", "3", "ferry"]).ok().out.lines().count(), 3);
}

#[test]
fn explaining_shows_the_tree_and_the_way() {
    let desk = desk("", &[status(1, "ann", "2021-07-26T10:00:00Z", "ferry")]);
    let query = "ferry (from:ann OR -\"gone now\") to:ann since:2021-07-26";
    let told = search(&desk, &["--explain", "--timezone", "Europe/London", query]).ok().out;
    for line in [
        "understood  ferry (from:ann OR -\"gone now\") to:ann since:2021-07-26T00:00:00+01:00",
        "zone        Europe/London",
        "tree        all of",
        "              ferry",
        "              any of",
        "                from:ann",
        "                not",
        "                  \"gone now\"",
    ] {
        assert!(told.lines().any(|told| told == line), "{line}\n{told}");
    }
    for begins in [
        "index       (\"ferry\"",
        "sql         SELECT ",
        "values      ",
        "step        SCAN post_fts",
        "note        to: ",
    ] {
        assert!(told.lines().any(|line| line.starts_with(begins)), "{begins}\n{told}");
    }
    let told = search(&desk, &["--explain", "-x"]).code;
    assert_eq!(told, 3);
    let told = search(&desk, &["--explain", "ferry from:nobody"]).ok().out;
    assert!(told.ends_with("answer      nothing: no account goes by the name nobody\n"), "{told}");
    let told = search(&desk, &["--explain", "ferry -in:all"]).ok().out;
    assert!(told.ends_with("answer      nothing: no post can match\n"), "{told}");
}

#[test]
fn a_match_is_told_by_alternatives_that_it_fits_as_a_whole() {
    let posts = [
        status(1, "ann", "2021-07-26T10:00:00Z", "the ferry in the harbour"),
        status(2, "ben", "2021-07-26T09:00:00Z", "a harbour"),
    ];
    let desk = desk("", &posts);
    let matches = |query: &str| -> Vec<String> {
        let out = search(&desk, &[query]).ok().out;
        out.lines().filter_map(|line| line.strip_prefix("    matches ")).map(str::to_owned).collect()
    };
    assert_eq!(matches("ferry OR harbour"), ["ferry, harbour", "harbour"]);
    // Ann's is not found for its harbour.
    assert_eq!(matches("ferry OR harbour -from:ann"), ["ferry", "harbour -from:ann"]);
    assert_eq!(matches("harbour (from:ann,ben)"), ["from:ann", "from:ben"]);
    assert_eq!(matches("harbour"), [""; 0]);
}

#[test]
fn a_zone_decides_which_day_is_meant_and_how_dates_are_printed() {
    let posts = [
        status(1, "late", "2021-07-25T23:30:00Z", "ferry"),
        status(2, "noon", "2021-07-26T12:00:00Z", "ferry"),
        status(3, "night", "2021-07-26T23:30:00Z", "ferry"),
    ];
    let article = "1.\n\nA ferry of a day. — day (@day_day) July 26, 2021\n";
    for (config, args, since, until, first) in [
        ("", &[][..], vec!["night", "noon", "day"], vec!["late"], "2021-07-26 23:30 UTC"),
        ("", &["--timezone", "Europe/London"], vec!["night", "noon", "late", "day"], vec![], "2021-07-27 00:30 BST"),
        ("timezone = \"Europe/London\"", &[], vec!["night", "noon", "late", "day"], vec![], "2021-07-27 00:30 BST"),
        (
            "timezone = \"Europe/London\"",
            &["--timezone", "America/New_York"],
            vec!["night", "noon", "day"],
            vec!["late"],
            "2021-07-26 19:30 EDT",
        ),
    ] {
        let desk = desk(config, &posts);
        desk.file("article.txt", article.as_bytes());
        desk.run(&["import", "article.txt"]).ok();
        let names = |query: &str| {
            let mut names = found(&desk, &[args, &[query]].concat());
            // Where a post of a day stands among those with a time is nobody's promise.
            names.sort();
            names
        };
        let sorted = |mut names: Vec<&str>| {
            names.sort_unstable();
            names.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(names("since:2021-07-26"), sorted(since), "{config} {args:?}");
        assert_eq!(names("until:2021-07-26"), sorted(until), "{config} {args:?}");
        assert_eq!(names("day"), ["day"], "{config} {args:?}");
        let out = search(&desk, &[args, &["from:night"]].concat()).ok().out;
        assert!(out.lines().next().unwrap().contains(first), "{out}");
        // The day is that day everywhere, and has no time.
        let out = search(&desk, &[args, &["from:day_day"]].concat()).ok().out;
        assert!(out.contains("  2021-07-26  day (@day_day)") && out.contains("! only the day is known"), "{out}");
    }
    let desk = desk("", &posts);
    let ran = search(&desk, &["--timezone", "Europe/Lodnon", "ferry"]);
    assert_eq!((ran.code, ran.err.contains("no time zone is named")), (3, true), "{}", ran.err);
    // A time with a zone of its own is the same under every clock.
    for zone in ["UTC", "Asia/Tokyo"] {
        assert_eq!(found(&desk, &["--timezone", zone, "since:2021-07-27_00:00:00_Europe/London"]), ["night"]);
        assert_eq!(found(&desk, &["--timezone", zone, "until:2021-07-26T01:00:00+01:00"]), ["late"]);
    }
    assert_eq!(found(&desk, &["--timezone", "Asia/Tokyo", "during:2021-07-26"]), ["noon", "late"]);
    assert_eq!(found(&desk, &["--timezone", "UTC", "after:2021-07-26"]), [""; 0]);
}

#[test]
fn the_last_hours_are_counted_from_now() {
    let ago = |minutes| (Utc::now() - TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Millis, true);
    let desk = desk("", &[status(1, "now", &ago(20), "ferry"), status(2, "today", &ago(150), "ferry")]);
    for (query, names) in [
        ("within_time:1h", vec!["now"]),
        ("within_time:3h ferry", vec!["now", "today"]),
        ("within_time:5m", vec![]),
        ("NOT within_time:30m", vec!["today"]),
    ] {
        assert_eq!(found(&desk, &[query]), names, "{query}");
    }
}

#[test]
fn the_configuration_says_who_i_am_and_whom_i_watch() {
    let config = "me = \"ann\"\n[lists]\nferries = [\"ben\", \"cat@moss.example\"]\nnobodies = [\"x1\", \"x2\"]\n";
    let posts = [
        status(1, "ann", "2021-07-26T10:00:00Z", "ferry"),
        status(2, "ben", "2021-07-26T09:00:00Z", "ferry for @ann"),
        status(3, "cat", "2021-07-26T08:00:00Z", "ferry"),
    ];
    let desk = desk(config, &posts);
    for (query, names) in [
        ("from:me", vec!["ann"]),
        ("mentions:me", vec!["ben"]),
        ("list:ferries", vec!["ben", "cat"]),
        ("ferry -list:ferries", vec!["ann"]),
    ] {
        assert_eq!(found(&desk, &[query]), names, "{query}");
    }
    let ran = search(&desk, &["list:ferris"]);
    assert_eq!((ran.code, ran.err.contains("did you mean ferries?")), (3, true), "{}", ran.err);
    let ran = search(&desk, &["list:nobodies"]).ok();
    assert!(ran.err.contains("no account goes by the name x1 or x2"), "{}", ran.err);
    let ran = search(&self::desk("", &posts), &["from:me"]);
    assert_eq!((ran.code, ran.err.contains("name the handle")), (3, true), "{}", ran.err);
}

#[test]
fn a_search_for_somebody_who_is_not_there_says_so() {
    let desk = desk("", &[status(1, "ann", "2021-07-26T10:00:00Z", "ferry")]);
    for (query, says) in [
        ("from:nobody", "no account goes by the name nobody\n"),
        ("ferry from:nobody", "no account goes by the name nobody\n"),
        ("from:nobody,noone", "no account goes by the name nobody or noone\n"),
        ("from:ann@other.example", "no account goes by the name ann@other.example\n"),
        // Somebody is there.
        ("gone from:ann", ""),
        ("gone from:ann,nobody", ""),
        ("gone (from:nobody OR ferry)", ""),
    ] {
        for form in [&[][..], &["--json"], &["--count"], &["--facets", "author"]] {
            let ran = search(&desk, &[form, &[query]].concat()).ok();
            assert_eq!(ran.err, says, "{form:?} {query}");
        }
    }
    for query in ["ferry", "-from:nobody", "from:ann OR from:nobody"] {
        let ran = search(&desk, &["--", query]).ok();
        assert!(ran.err.is_empty() && ran.out.contains("ferry"), "{query}: {}", ran.err);
    }
}
