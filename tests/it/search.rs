//! Searches, answered by a database: each kind of term, every order, no text that breaks out of its quotes.

use std::path::PathBuf;

use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use pullquote::model::{Author, Handle, Precision, When, WhenSource};
use pullquote::query;
use pullquote::store::{Search, Sort};

use crate::store::{Archive, full, post};

#[test]
fn search_finds_by_words_and_operators() {
    let mut archive = Archive::new();
    let mut quoted = post("q", 86_400, "nested words");
    quoted.author = Author { handle: Handle::new("Bob@b.example"), ..Author::default() };
    quoted.lang = Some("pt-BR".to_owned());
    let mut undated = post("u", 0, "undated words");
    undated.created = None;
    let mut ancient = post("a", 0, "ancient words");
    ancient.created =
        When::new(Utc.with_ymd_and_hms(1990, 1, 1, 0, 0, 0).unwrap(), Precision::Second, WhenSource::Platform);
    let mut tagged = full();
    tagged.text = "Café society 🎉 don't stop".to_owned();
    archive.see(&[quoted, undated, ancient, tagged, post("1", 10, "plain words here")]);
    for (text, found) in [
        ("", vec!["nested words", "plain words here", "Café society 🎉 don't stop", "ancient words", "undated words"]),
        ("words", vec!["nested words", "plain words here", "ancient words", "undated words"]),
        ("WORDS -plain -undated", vec!["nested words", "ancient words"]),
        ("-words", vec!["Café society 🎉 don't stop"]),
        ("\"words here\"", vec!["plain words here"]),
        ("\"here words\"", vec![]),
        ("cafe", vec!["Café society 🎉 don't stop"]),
        ("soci*", vec!["Café society 🎉 don't stop"]),
        ("don't", vec!["Café society 🎉 don't stop"]),
        ("🎉", vec!["Café society 🎉 don't stop"]),
        ("-🎉 plain", vec!["plain words here"]),
        ("spoiler", vec!["Café society 🎉 don't stop"]),
        ("plain OR cafe", vec!["plain words here", "Café society 🎉 don't stop"]),
        ("plain OR #election", vec!["plain words here", "Café society 🎉 don't stop"]),
        ("#ÉLECTION", vec!["Café society 🎉 don't stop"]),
        ("words -#election from:ann", vec!["plain words here", "ancient words", "undated words"]),
        ("from:bob", vec!["nested words"]),
        ("from:@BOB@b.example", vec!["nested words"]),
        ("from:bo", vec![]),
        ("from:ann", vec!["plain words here", "Café society 🎉 don't stop", "ancient words", "undated words"]),
        ("from:18446744073709551615", vec!["Café society 🎉 don't stop"]),
        ("since:2021-07-27", vec!["nested words"]),
        ("until:2021-07-27", vec!["plain words here", "Café society 🎉 don't stop", "ancient words"]),
        ("since:2021-07-26T00:00:10Z until:2021-07-27 words", vec!["plain words here"]),
        ("since:2021-07-26T00:00:10.5Z", vec!["nested words"]),
        ("until:1995-01-01", vec!["ancient words"]),
        ("since:1989-01-01 until:1995-01-01", vec!["ancient words"]),
        ("since:1991-01-01 until:1995-01-01", vec![]),
        ("lang:pt", vec!["nested words"]),
        ("lang:de", vec!["Café society 🎉 don't stop"]),
        ("-lang:en words", vec!["nested words", "plain words here", "ancient words", "undated words"]),
        ("platform:x", vec!["Café society 🎉 don't stop"]),
        ("job:loach cafe", vec!["Café society 🎉 don't stop"]),
        ("job:other", vec![]),
    ] {
        assert_eq!(archive.texts(text), found, "{text}");
    }
}

#[test]
fn relevance_ranks_and_says_nothing_of_newest_when_it_saw_all() {
    let mut archive = Archive::new();
    archive.see(&[post("1", 9, "loach and much else besides that is long"), post("2", 1, "loach loach")]);
    let search = |sort| Search { expr: query::parse("loach").unwrap(), sort, limit: 9, after: None };
    let ranked = archive.reader().search(&search(Sort::Relevance)).unwrap();
    assert_eq!(ranked.posts[0].post.text, "loach loach");
    assert!(!ranked.only_newest);
    let newest = archive.reader().search(&search(Sort::Newest)).unwrap();
    assert_eq!(newest.posts[1].post.text, "loach loach");
}

#[test]
fn no_text_that_parses_is_an_error_to_the_database() {
    let mut archive = Archive::new();
    archive.see(&[post("1", 0, "one"), full()]);
    let reader = archive.reader();
    let run = |text: &str| {
        if let Ok(expr) = query::parse(text) {
            for sort in [Sort::Newest, Sort::Relevance] {
                reader
                    .search(&Search { expr: expr.clone(), sort, limit: 5, after: None })
                    .unwrap_or_else(|e| panic!("{text:?}: {e}"));
            }
        }
    };
    for text in [
        "\u{0}a",
        "a\u{0}b",
        "'",
        "\"';--\"",
        "NEAR(a b)",
        "text:a",
        "\"^a\"",
        "^a",
        "a+b",
        "{a}",
        "*",
        "**",
        "a**",
        "\u{301}",
        "…*",
    ] {
        run(text);
    }
    run(&"-(a OR -(b ".repeat(9).to_string());
    run(&(0..200).map(|i| format!("w{i} ")).collect::<String>());
    run((0..199).map(|i| format!("#w{i} OR ")).collect::<String>().trim_end_matches(" OR "));
    let nested = format!("{}a{}", "(x OR -(#y from:z ".repeat(9), "))".repeat(9));
    run(&nested);
    proptest!(|(text in any::<String>())| run(&text));
    proptest!(|(parts in proptest::collection::vec(proptest::sample::select(vec![
        "a", "one*", "-", "(", ")", " ", " ", " OR ", "\"b c\"", "#t", "from:ann", "since:2021-07-26", "until:1999-01-01", "lang:en", "job:x",
        "platform:x", "🎉", "NEAR", "'", "*", "^", "+", ".",
    ]), 0..20))| run(&parts.concat()));
}

/// Datasette, from `DATASETTE` or where CI installs it. `None` on a machine without it; CI must have it.
fn datasette() -> Option<PathBuf> {
    let path = std::env::var_os("DATASETTE").map(PathBuf::from);
    let path = path.unwrap_or_else(|| PathBuf::from("/opt/pullquote-servers/datasette-venv/bin/datasette"));
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI=true, but {} is not there", path.display());
    None
}

#[test]
fn datasette_sees_the_search() {
    let Some(datasette) = datasette() else { return };
    let mut archive = Archive::new();
    archive.see(&[post("1", 0, "Café society"), post("2", 0, "something else")]);
    let get = |path: &str| {
        let run = std::process::Command::new(&datasette).arg(archive.path()).args(["--get", path]).output().unwrap();
        String::from_utf8(run.stdout).unwrap()
    };
    assert!(get("/pullquote/post").contains("name=\"_search\""), "the page of the table has a search box");
    let found: serde_json::Value =
        serde_json::from_str(&get("/pullquote/post.json?_search=cafe&_shape=array")).unwrap();
    assert_eq!(found[0]["text"], "Café society");
    assert_eq!(found.as_array().unwrap().len(), 1);
}
