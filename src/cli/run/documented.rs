//! Holds docs/operating.md to what the code says of events and alarms; `BLESS=1` writes its tables anew.

use std::fmt::Write as _;
use std::path::Path;

use super::told::EVENTS;
use crate::watch::{ALARMS, Figures, Sizes};

/// A part of the page stands between `<!-- NAME -->` and `<!-- /NAME -->`.
fn made(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&open).unwrap();
    let (found, after) = rest.split_once(&close).unwrap();
    if found != expected && std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{before}{open}{expected}{close}{after}")).unwrap();
        return;
    }
    assert_eq!(found, expected, "docs/operating.md: {name} is not what the code says; BLESS=1 writes it");
}

/// One test for all parts: two would write one file at once.
#[test]
fn every_event_alarm_and_figure_is_documented() {
    let code = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let mut events = String::from("| event | level | keys | tells |\n|---|---|---|---|\n");
    for (name, level, keys, about) in EVENTS {
        writeln!(events, "| `{name}` | {level} | {} | {about} |", code(keys)).unwrap();
    }
    made("events", &events);
    let mut alarms = String::from("| alarm | when | details |\n|---|---|---|\n");
    for (name, about, details) in ALARMS {
        writeln!(alarms, "| `{name}` | {about} | {details} |").unwrap();
    }
    made("alarms", &alarms);
    let mut figures = String::from("| figure | kind | what it is |\n|---|---|---|\n");
    let text = Figures::default().text(Sizes::default());
    let mut helps = text.lines().filter_map(|line| line.strip_prefix("# "));
    while let (Some(help), Some(kind)) = (helps.next(), helps.next()) {
        let (name, about) = help.strip_prefix("HELP ").unwrap().split_once(' ').unwrap();
        let (_, kind) = kind.strip_prefix("TYPE ").unwrap().split_once(' ').unwrap();
        writeln!(figures, "| `{name}` | {kind} | {about} |").unwrap();
    }
    made("figures", &figures);
}
