//! The search language, on every text: what is understood is printed, and read again as the same tree; what is marked of any text
//! lies inside it. The first line of the input is a search, the rest a text.
#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use pullquote::model::Handle;
use pullquote::query::{self, Reading};
use pullquote::zone::Zone;

/// A search on whose terms everything can be said: a zone with summer time, a clock, a list, a name.
static READING: LazyLock<Reading> = LazyLock::new(|| Reading {
    zone: "Europe/London".parse::<Zone>().expect("a zone"),
    now: Some((UNIX_EPOCH + Duration::from_secs(1_627_300_000)).into()),
    lists: [("x".to_owned(), Handle::new("a").into_iter().chain(Handle::new("b@c.example")).collect())].into(),
    me: Handle::new("me"),
    ..Reading::default()
});

fuzz_target!(|text: &str| {
    let (search, words) = text.split_once('\n').unwrap_or((text, text));
    let Ok(understood) = READING.read(search) else { return };
    let printed = understood.expr.to_string();
    // Printed, a tree needs no zone, clock, list or name.
    assert_eq!(query::parse(&printed).as_ref(), Ok(&understood.expr), "{printed:?}");
    let mut end = 0;
    for piece in query::seen(&understood.expr, words) {
        assert!(piece.start >= end && piece.start < piece.end && words.get(piece.clone()).is_some(), "{piece:?} of {words:?}");
        end = piece.end;
    }
});
