//! Walks `fixtures/<platform>/<case>/`: each is parsed and compared with its `expected.json`.
//! `BLESS=1` writes the expectation anew; read the difference before committing it.

use std::path::{Path, PathBuf};

use pullquote::dump;
use pullquote::http::recorded;

use crate::support::root;

/// The cases of every platform: (platform's name, folder).
pub fn cases() -> Vec<(String, PathBuf)> {
    let mut cases = Vec::new();
    for platform in folders(&root().join("fixtures")) {
        let name = platform.file_name().unwrap().to_string_lossy().into_owned();
        cases.extend(
            folders(&platform)
                .into_iter()
                .filter(|case| case.join("exchange.toml").exists())
                .map(|case| (name.clone(), case)),
        );
    }
    cases
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

#[test]
fn parse_as_expected() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for (name, case) in cases() {
        let exchange = recorded::load(&case).unwrap_or_else(|e| panic!("{e}"));
        let platform = dump::by_name(&name).unwrap_or_else(|| panic!("fixtures/{name} belongs to no reader"));
        let found = match platform.read(&exchange) {
            Ok(page) => {
                let is_known = platform.shapes.iter().any(|shape| shape.name == page.shape);
                assert!(is_known, "{}: {name} does not name the shape {:?}", case.display(), page.shape);
                serde_json::to_value(page).unwrap()
            }
            Err(error) => serde_json::json!({ "error": error.to_string() }),
        };
        let path = case.join("expected.json");
        if bless {
            std::fs::write(&path, format!("{found:#}\n")).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if serde_json::from_str(&expected).ok().as_ref() != Some(&found) {
            wrong.push(format!("{}: found\n{found:#}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A program that cuts texts leaves `\ud83d` without its second half, which no parser of JSON takes.
#[test]
fn half_a_character_costs_no_document() {
    let mut seen = std::collections::BTreeSet::new();
    for (name, case) in cases() {
        let mut exchange = recorded::load(&case).unwrap();
        let read = dump::by_name(&name).unwrap().parse;
        let Ok(whole) = read(&exchange) else { continue };
        let Ok(body) = String::from_utf8(exchange.response.body.clone()) else { continue };
        // Two words, which are no name of a member.
        let words = whole.posts.iter().find_map(|found| {
            let (first, rest) = found.post.text.split_once(' ')?;
            let words = format!("{first} {}", rest.split(' ').next()?);
            (words.len() > 4 && words.is_ascii() && body.contains(&words)).then_some(words)
        });
        let Some(words) = words.filter(|_| body.trim_start().starts_with(['{', '['])) else { continue };
        exchange.response.body = body.replace(&words, &format!("\\ud83d{words}")).into_bytes();
        let page = read(&exchange).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        assert_eq!(page.posts.len(), whole.posts.len(), "{}", case.display());
        let shown = format!("\u{fffd}{words}");
        assert!(page.posts.iter().any(|found| found.post.text.contains(&shown)), "{}: {words}", case.display());
        seen.insert(name);
    }
    assert!(seen.len() > 8, "{seen:?}");
}

#[test]
fn every_platform_has_a_page_an_empty_and_a_broken_case() {
    let cases = cases();
    for platform in dump::readers() {
        for needed in ["page", "empty", "broken-item"] {
            assert!(
                cases.iter().any(|(name, case)| name == platform.name && case.ends_with(needed)),
                "fixtures/{}/{needed} is missing",
                platform.name
            );
        }
    }
}

#[test]
fn every_shape_that_is_named_is_shown() {
    let cases = cases();
    for reader in dump::readers() {
        for shape in reader.shapes {
            let is_shown = |case: &Path| {
                let page = (reader.parse)(&recorded::load(case).unwrap());
                page.is_ok_and(|page| page.shape == shape.name && !page.posts.is_empty())
            };
            assert!(
                cases.iter().any(|(name, case)| name == reader.name && is_shown(case)),
                "no case of fixtures/{} shows a post in the shape {:?}",
                reader.name,
                shape.name
            );
        }
    }
}
