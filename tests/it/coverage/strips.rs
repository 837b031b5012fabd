//! Strips: whatever is missing from a piece of time is seen, at any width and in any zone.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use pullquote::chart::{Kind, Look, Piece, Strip, Strips};
use pullquote::zone::Zone;

use super::diary::at;
use super::golden;

fn kinds() -> Vec<Kind> {
    let kind = |name: &str, look| Kind { name: name.to_owned(), look };
    vec![
        kind("covered", Look::Full),
        kind("covered by the stream", Look::Lined),
        kind("down: <b>&\u{202e}no\u{1b}[31m", Look::Gap('D', 0)),
        kind("stopped", Look::Gap('S', 8)),
    ]
}

fn piece(from: i64, until: i64, kind: usize) -> Piece {
    let begin = at("2026-03-28T22:00:00Z");
    Piece { from: begin + TimeDelta::seconds(from), until: begin + TimeDelta::seconds(until), kind }
}

fn strips(seconds: i64, pieces: Vec<Piece>) -> Strips {
    let span = piece(0, seconds, 0);
    Strips {
        title: "Coverage of \u{1b}<ferry>".to_owned(),
        zone: "Europe/London".parse().unwrap(),
        span: Some((span.from, span.until)),
        kinds: kinds(),
        rows: vec![Strip { name: "job · source\n\u{202e}#東京".to_owned(), pieces, said: "half.".to_owned() }],
        notes: vec!["mastodon: what was there.".to_owned()],
    }
}

/// The characters of the first row.
fn row(strips: &Strips, width: usize) -> String {
    let plot = strips.plot(width, true);
    // Behind the head and a blank line come the name, in as many lines as it needs, and the row.
    let mut rows = plot.lines().skip_while(|line| !line.is_empty()).skip(1);
    rows.nth(strips.rows[0].name.chars().count().div_ceil(width)).unwrap_or_default().to_owned()
}

#[test]
fn a_row_has_a_character_for_each_piece_of_time() {
    for (pieces, expected) in [
        (vec![piece(0, 200, 0)], "####################"),
        (vec![piece(0, 100, 0), piece(100, 200, 1)], "##########=========="),
        // A second that is missing is seen.
        (vec![piece(0, 15, 0), piece(15, 16, 2), piece(16, 200, 0)], "#d##################"),
        (vec![piece(0, 10, 0), piece(10, 20, 2), piece(20, 200, 0)], "#D##################"),
        // What is longer gives the letter.
        (
            vec![piece(0, 13, 2), piece(13, 20, 3), piece(20, 24, 3), piece(24, 30, 2), piece(30, 200, 0)],
            "DSD#################",
        ),
        // What was not asked for is neither there nor missing.
        (vec![piece(50, 105, 0), piece(105, 150, 2)], ".....#####dDDDD....."),
        (vec![], "...................."),
    ] {
        assert_eq!(row(&strips(200, pieces.clone()), 20), expected, "{pieces:?}");
    }
}

#[test]
fn a_span_of_a_few_seconds_has_a_few_characters() {
    let shown = strips(3, vec![piece(0, 2, 0), piece(2, 3, 2)]);
    assert_eq!(row(&shown, 50), "##D");
    let nothing = Strips { span: None, ..shown };
    assert_eq!(nothing.plot(50, false), "");
    assert!(nothing.svg().contains("</svg>"));
}

#[test]
fn pictures_are_what_they_were() {
    // Over the night in which the clocks of London go forward.
    let shown = strips(
        8 * 3600,
        vec![
            piece(0, 7200, 0),
            piece(7200, 14_400, 1),
            piece(14_400, 14_405, 2),
            piece(14_405, 20_000, 0),
            piece(20_000, 28_800, 3),
        ],
    );
    golden("strips.svg", &shown.svg());
    golden("strips.txt", &shown.plot(60, false));
    let svg = shown.svg();
    assert!(!svg.contains('\u{1b}') && !svg.contains('\u{202e}') && !svg.contains("<ferry>"), "{svg}");
    let plain = shown.plot(60, true);
    assert!(plain.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{plain}");
    assert!(shown.png().unwrap().starts_with(b"\x89PNG"));
}

fn whole(strips: &Strips) -> (DateTime<Utc>, DateTime<Utc>) {
    strips.span.unwrap()
}

proptest! {
    #[test]
    fn no_gap_is_hidden_at_any_width(
        cuts in proptest::collection::btree_set(1..100_000_i64, 0..12),
        kinds in proptest::collection::vec(0..4_usize, 13),
        width in 0..200_usize,
    ) {
        let edges: Vec<i64> = std::iter::once(0).chain(cuts).chain([100_000]).collect();
        let pieces: Vec<Piece> = edges.windows(2).zip(&kinds).map(|(edge, kind)| piece(edge[0], edge[1], *kind)).collect();
        let shown = strips(100_000, pieces.clone());
        let drawn = shown.plot(width, false);
        let broad = drawn.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        prop_assert!(broad <= width.max(20), "{broad} of {width}:\n{drawn}");
        let row: Vec<char> = row(&shown, width.max(20)).chars().collect();
        prop_assert_eq!(row.len(), width.max(20));
        let (from, until) = whole(&shown);
        for piece in pieces.iter().filter(|piece| piece.kind >= 2) {
            let place = |at: DateTime<Utc>| {
                usize::try_from((at - from).num_seconds() * row.len() as i64 / (until - from).num_seconds()).unwrap()
            };
            let (first, last) = (place(piece.from), place(piece.until - TimeDelta::seconds(1)));
            // The character that holds the first second of a gap, or its neighbour where edges are rounded, is a letter.
            let near = first.saturating_sub(1)..=(last + 1).min(row.len() - 1);
            prop_assert!(near.clone().any(|at| row[at].is_ascii_alphabetic()), "{piece:?} {row:?}");
        }
    }
}

#[test]
fn every_zone_has_its_axis() {
    for zone in ["UTC", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns"] {
        let zone: Zone = zone.parse().unwrap();
        let shown = Strips { zone, ..strips(30 * 86_400, vec![piece(0, 30 * 86_400, 0)]) };
        assert!(shown.plot(80, false).contains(zone.name()));
        assert!(shown.svg().contains(zone.name()));
    }
}

#[test]
fn a_picture_has_an_end() {
    let mut many = strips(100, vec![piece(0, 50, 0), piece(50, 100, 2)]);
    many.rows = vec![many.rows[0].clone(); 75];
    let svg = many.svg();
    assert!(svg.contains("15 more are not shown."), "{svg}");
    // Gaps that are too short to be told apart are drawn once.
    let pieces = (0..5000).map(|at| piece(2 * at, 2 * at + 1, 2)).collect();
    let dense = strips(10_000_000, pieces).svg();
    assert!(dense.matches("url(#").count() < 10, "{}", dense.len());
}
