//! `pullquote fixture`: what it makes is read as the original was, and nobody is left in it.

use std::collections::BTreeSet;
use std::path::Path;

use pullquote::import::{self, Piece};
use pullquote::{dump, fixture, http, ingest, model::Handle};

use crate::fixtures::cases;
use crate::program::Desk;
use crate::support::shared;

/// Fixtures of fixtures, of every reader: those people are invented, but the command does not know.
#[test]
fn every_case_becomes_a_fixture_without_its_people() {
    let mut tried = 0;
    for (name, case) in cases() {
        let exchange = http::recorded::load(&case).unwrap();
        let reader = dump::by_name(&name).unwrap();
        if ingest::parse(reader, &exchange).is_ok_and(|page| !page.posts.is_empty()) {
            tried += 1;
            look(&fixture::of(reader, &exchange), &ingest::parse(reader, &exchange).unwrap(), &case);
        }
    }
    assert!(tried > 20);
}

/// Real answers: most can be made into fixtures, and none of those names anybody.
#[test]
fn recordings_become_fixtures_without_their_people() {
    let Some(recorded) = shared().map(|shared| shared.join("recorded")) else { return };
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let (mut made, mut failed) = (0, Vec::new());
    for folder in ["mastodon", "bluesky", "articles", "x"] {
        for file in files(&recorded.join(folder)) {
            let Ok(pieces) = import::pieces(&file, now) else { continue };
            for piece in pieces {
                let Ok(Piece::Part(part, reader)) = piece else { continue };
                let page = ingest::parse(reader, &part.exchange).unwrap();
                let fixture = fixture::of(reader, &part.exchange);
                match &fixture {
                    Ok(_) => made += 1,
                    Err(error) => failed.push(format!("{}: {error}", file.display())),
                }
                look(&fixture, &page, &file);
            }
        }
    }
    assert!(failed.len() * 6 <= made, "{made} made, {failed:#?}");
}

fn look(made: &Result<fixture::Fixture, fixture::FixtureError>, page: &pullquote::platform::Page, from: &Path) {
    let Ok(made) = made else { return };
    let body = String::from_utf8(made.exchange.response.body.clone()).unwrap();
    let mut people = BTreeSet::new();
    for found in &page.posts {
        let author = &found.post.author;
        // Short names stand in other words, and a server may have to stay.
        people.extend(author.handle.as_ref().map(Handle::as_str).filter(|name| name.len() >= 6 && !name.contains('.')));
        people.extend(author.name.as_deref().filter(|name| name.len() >= 6 && name.contains(' ')));
        let words = found.post.text.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic));
        people.extend(words.filter(|word| word.chars().count() >= 9 && !pullquote::date::is_month(word)));
    }
    // A long word of a text may also be part of the name of a member or a class.
    let is_left = |name: &&str| {
        [format!(" {name} "), format!("@{name}"), format!(">{name}<")].iter().any(|left| body.contains(left))
    };
    let left: Vec<_> = people.into_iter().filter(is_left).collect();
    assert!(left.is_empty(), "{}: {left:?} are still in it", from.display());
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn tables_become_fixtures_without_their_people() {
    for (reader, case) in [
        ("4cat", "page"),
        ("4cat", "bluesky"),
        ("twarc-csv", "page"),
        ("json2csv", "page"),
        ("crowdtangle", "instagram"),
    ] {
        let exchange = http::recorded::load(&crate::support::root().join("fixtures").join(reader).join(case)).unwrap();
        let made = fixture::of(dump::by_name(reader).unwrap(), &exchange);
        let body = made.map(|made| String::from_utf8(made.exchange.response.body).unwrap());
        let body = body.unwrap_or_else(|error| panic!("{reader}/{case}: {error}"));
        assert!(!body.contains("ada_moss") && !body.contains("Ada Moss"), "{body}");
    }
}

#[test]
fn the_command_writes_a_case() {
    let desk = Desk::shipped();
    let page = crate::support::root().join("fixtures/x/page/body.json");
    desk.run(&["fixture", page.to_str().unwrap(), "--to", "made"]).ok();
    let case = desk.path().join("made/x/case-1");
    let exchange = http::recorded::load(&case).unwrap();
    let page = (dump::by_name("x").unwrap().parse)(&exchange).unwrap();
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&page).unwrap(), expected);
    assert_ne!(page.posts[0].post.author.handle.as_ref().unwrap().as_str(), "ada_moss");
    // A second one stands beside it.
    desk.run(&["fixture", "made/x/case-1/body.json", "--to", "made"]).ok();
    assert!(desk.path().join("made/x/case-2/exchange.toml").exists());
}
