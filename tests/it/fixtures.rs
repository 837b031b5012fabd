//! Walks `fixtures/<platform>/<case>/`: each is parsed and compared with its `expected.json`.
//! `BLESS=1` writes the expectation anew; read the difference before committing it.

use std::path::{Path, PathBuf};

use pullquote::http::recorded;
use pullquote::platform;

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
        let platform = platform::by_name(&name).unwrap_or_else(|| panic!("fixtures/{name} belongs to no platform"));
        let found = match (platform.parse)(&exchange) {
            Ok(page) => serde_json::to_value(page).unwrap(),
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

#[test]
fn every_platform_has_a_page_an_empty_and_a_broken_case() {
    let cases = cases();
    for platform in platform::ALL {
        for needed in ["page", "empty", "broken-item"] {
            assert!(
                cases.iter().any(|(name, case)| name == platform.name && case.ends_with(needed)),
                "fixtures/{}/{needed} is missing",
                platform.name
            );
        }
    }
}
