//! How many requests a pull takes, against the least that could do: docs/requests.md is made here (`BLESS=1`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use super::stage::Stage;
use super::{Item, everywhere};
use crate::support::root;

#[test]
fn requests_are_as_few_as_the_page_says() {
    let rows: Mutex<BTreeMap<&str, String>> = Mutex::default();
    everywhere(|world| {
        let name = world.platform();
        let stage = Stage::new(world, 1000);
        let mut row = String::new();
        let mut pull = |new: usize| {
            let (ran, used) = stage.pull();
            assert_eq!(ran.code, 0, "{name}: {}{}", ran.out, ran.err);
            stage.holds_all(&format!("{new} new"));
            write!(row, " | {used} / {}", stage.world.least(new)).unwrap();
        };
        pull(1000);
        pull(0);
        stage.post(Item::new(1001));
        pull(1);
        for n in 1002..=1061 {
            stage.post(Item::new(n));
        }
        pull(60);
        rows.lock().unwrap().insert(name, row);
    });
    let mut page = String::from(
        "# Requests\n\nMade by a test: requests that a pull takes (log-ins included), and the least in which the platform could give as much.\n\n\
         | platform | 1,000 posts for the first time | nothing new | 1 new | 60 new |\n|---|---|---|---|---|\n",
    );
    for (name, row) in rows.into_inner().unwrap() {
        writeln!(page, "| {name}{row} |").unwrap();
    }
    let path = root().join("docs/requests.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/requests.md is not what a pull takes; BLESS=1 writes it anew:\n{page}");
}
