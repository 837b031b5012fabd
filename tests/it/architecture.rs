//! Holds the house: which room may use which, and which crate stands behind which wall. Read off the `use` lines and
//! paths of the sources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::root;

/// The layer of every room. A room uses only rooms of lower layers.
const LAYERS: &[(&str, u8)] = &[
    ("model", 0),
    ("exchange", 0),
    ("archive", 0),
    ("zone", 0),
    ("fold", 0),
    ("host", 0),
    ("markup", 0),
    ("near", 0),
    ("clock", 0),
    ("text", 1),
    ("date", 1),
    ("query", 1),
    ("quote", 1),
    ("chart", 1),
    ("coverage", 1),
    ("http", 1),
    ("warc", 1),
    ("schedule", 1),
    ("platform", 2),
    ("store", 2),
    ("config", 3),
    ("dump", 3),
    ("paper", 3),
    ("ingest", 4),
    ("pull", 5),
    ("replay", 5),
    ("import", 5),
    ("fixture", 5),
    ("check", 5),
    ("export", 5),
    ("run", 6),
    ("watch", 7),
    ("cli", 8),
    ("main", 9),
];

/// Crates that stand behind a wall, and the rooms that may name them.
const WALLS: &[(&str, &[&str])] = &[
    ("reqwest", &["http"]),
    ("rustls", &["http"]),
    ("tokio_tungstenite", &["http"]),
    ("rusqlite", &["store"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("scraper", &["text", "platform"]),
    ("ego_tree", &["text", "platform"]),
    ("minicbor", &["platform"]),
    ("toml", &["config", "http"]),
    ("chrono_tz", &["zone"]),
    ("anyhow", &["cli"]),
    ("csv_core", &["dump"]),
    ("croner", &["schedule"]),
    ("embedded_graphics", &["chart"]),
    ("png", &["chart"]),
    ("unicode_segmentation", &["quote"]),
    ("pulldown_cmark", &["check"]),
    ("similar", &["check"]),
    ("parquet", &["export"]),
    ("hmac", &["export"]),
];

fn sources() -> Vec<(String, PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let src = root().join("src");
    let mut paths = Vec::new();
    walk(&src, &mut paths);
    paths.sort();
    let room = |path: &Path| {
        let inside = path.strip_prefix(&src).unwrap();
        inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
    };
    paths.into_iter().map(|path| (room(&path), path.clone(), code(&std::fs::read_to_string(&path).unwrap()))).collect()
}

/// The source without its comments.
fn code(source: &str) -> String {
    source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The rooms that a source names after `crate::`, also inside braces.
fn rooms_used(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::").chain(code.match_indices("pullquote::")) {
        let after = code[at..].split_once("::").map_or("", |(_, after)| after);
        match after.strip_prefix('{') {
            None => used.push(word(after)),
            Some(list) => {
                let mut depth = 1;
                let mut start = true;
                for (i, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 1 => start = true,
                        c if depth == 1 && start && c.is_alphabetic() => {
                            used.push(word(&list[i..]));
                            start = false;
                        }
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
    }
    used
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let layers: BTreeMap<&str, u8> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (room, path, code) in sources() {
        if room == "lib" {
            continue;
        }
        let layer = layers.get(room.as_str()).unwrap_or_else(|| panic!("{room} has no layer; say in this test which"));
        for used in rooms_used(&code).into_iter().filter(|used| *used != room) {
            match layers.get(used.as_str()) {
                Some(below) if below < layer => {}
                Some(_) => wrong.push(format!("{} uses {used}, which is not below it", path.display())),
                None => wrong.push(format!("{} uses {used}, which is no room", path.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_stay_behind_their_walls() {
    let mut wrong = Vec::new();
    for (room, path, code) in sources() {
        for (name, rooms) in WALLS {
            let named = code.contains(&format!("{name}::")) || code.contains(&format!("use {name};"));
            if named && !rooms.contains(&room.as_str()) {
                wrong.push(format!("{} names {name}, which belongs to {rooms:?}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_registry_and_its_own_file_name_a_platform() {
    let names: Vec<&str> = pullquote::platform::ALL.iter().map(|platform| platform.name).collect();
    let mut wrong = Vec::new();
    for (room, path, code) in sources() {
        // HTML has an element of the name of one.
        if room == "platform" || room == "text" {
            continue;
        }
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for name in names.iter().filter(|name| code.contains(&format!("\"{name}\""))) {
            wrong.push(format!("{} names {name:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn parsers_read_no_clock_and_draw_no_chance() {
    let pure =
        ["model", "exchange", "text", "date", "platform", "query", "quote", "chart", "coverage", "schedule", "paper"];
    let forbidden = [
        "Utc::now",
        "Local::now",
        "SystemTime",
        "Instant::now",
        "fastrand",
        "new_v4",
        "std::fs",
        "std::net",
        "std::env",
    ];
    let mut wrong = Vec::new();
    for (room, path, code) in sources().into_iter().filter(|(room, ..)| pure.contains(&room.as_str())) {
        for word in forbidden.iter().filter(|word| code.contains(**word)) {
            wrong.push(format!("{} ({room}) uses {word}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_opens_with_what_it_is_for() {
    let missing: Vec<String> = sources()
        .into_iter()
        .filter(|(_, path, _)| !std::fs::read_to_string(path).unwrap().starts_with("//! "))
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(missing.is_empty(), "no //! at the top of {}", missing.join(", "));
}

#[test]
fn architecture_names_every_room() {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (room, layer) in LAYERS {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{room}`")) || line.starts_with(&format!("| `{room}/`")));
        let row = row.unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for {room}"));
        assert!(row.contains(&format!("| {layer} |")), "ARCHITECTURE.md puts {room} on another layer: {row}");
    }
}
