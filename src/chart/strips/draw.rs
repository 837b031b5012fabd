//! The layout of strips as a picture: a bar a row, its name above it, one axis below all.

use chrono::{DateTime, Utc};

use super::super::axis as marks;
use super::super::layout::{Anchor, BARS, GREY, INK, LEADING, LINE, PAPER, Picture, RIGHT, Shape, TITLE, WIDTH};
use super::super::words::{cut, one_line, wrapped};
use super::{Look, Piece, Strip, Strips, hatch};

const LEFT: i32 = 50;

/// Where the name of the first row stands, and from one row to the next.
const TOP: i32 = 150;
const PITCH: i32 = 84;

/// The height of a bar, and how far it stands below the name.
const BAR: i32 = 40;
const BELOW: i32 = 12;

/// The least width of a gap: none is too short to be seen.
const LEAST: i32 = 3;

/// How broad a gap must be to hold its letter.
const ROOM: i32 = 34;

/// The most rows: a picture of more is no picture.
const ROWS: usize = 60;

/// Lays strips out.
pub(super) fn layout(strips: &Strips) -> Picture {
    let mut shapes = Vec::new();
    text(&mut shapes, LEFT, 60, true, cut(&one_line(&strips.title), TITLE));
    text(&mut shapes, LEFT, 100, false, format!("time in {}", strips.zone));
    let mut y = TOP;
    let bottom = TOP + PITCH * i32::try_from(strips.rows.len().min(ROWS)).unwrap_or_default() - BELOW;
    if let Some(span) = strips.span {
        axis(strips, span, bottom, &mut shapes);
        for row in strips.rows.iter().take(ROWS) {
            text(&mut shapes, LEFT, y, false, cut(&one_line(&row.name), LINE));
            bar(strips, row, span, y + BELOW, &mut shapes);
            y += PITCH;
        }
        y += 3 * LEADING;
    }
    if strips.rows.len() > ROWS {
        text(&mut shapes, LEFT, y, false, format!("{} more are not shown.", strips.rows.len() - ROWS));
        y += LEADING;
    }
    y = legend(strips, y, &mut shapes);
    for line in strips.notes.iter().flat_map(|note| wrapped(&one_line(note), LINE)) {
        text(&mut shapes, LEFT, y, false, line);
        y += LEADING;
    }
    Picture { height: y + LEADING / 2, shapes }
}

fn text(shapes: &mut Vec<Shape>, x: i32, y: i32, large: bool, text: String) {
    shapes.push(Shape::Text { x, y, anchor: Anchor::Start, large, text });
}

/// Where an instant stands.
fn place((from, until): (DateTime<Utc>, DateTime<Utc>), at: DateTime<Utc>) -> i32 {
    let length = i128::from((until - from).num_seconds().max(1));
    let past = i128::from((at.clamp(from, until) - from).num_seconds());
    LEFT + i32::try_from(past * i128::from(RIGHT - LEFT) / length).unwrap_or_default()
}

/// The axis below all rows, and its lines behind them.
fn axis(strips: &Strips, span: (DateTime<Utc>, DateTime<Utc>), bottom: i32, shapes: &mut Vec<Shape>) {
    let mut free = 0;
    for mark in marks::times(span.0, span.1, strips.zone, 9, false) {
        let x = place(span, mark.at);
        shapes.push(Shape::Line { x, y: TOP + BELOW, to_x: x, to_y: bottom + 8, colour: GREY });
        if x < free {
            continue;
        }
        free = x + 110;
        let mut label = |y, text: String| shapes.push(Shape::Text { x, y, anchor: Anchor::Middle, large: false, text });
        label(bottom + LEADING + 4, mark.label);
        mark.below.into_iter().for_each(|below| label(bottom + 2 * LEADING, below));
    }
    shapes.push(Shape::Line { x: LEFT, y: bottom, to_x: RIGHT, to_y: bottom, colour: INK });
}

/// The pieces of a row. Gaps are drawn last, so that what is short is not covered by what is long.
fn bar(strips: &Strips, row: &Strip, span: (DateTime<Utc>, DateTime<Utc>), y: i32, shapes: &mut Vec<Shape>) {
    let is_gap = |piece: &&Piece| matches!(strips.look(piece), Look::Gap(..));
    let inside = |piece: &&Piece| piece.until > span.0 && piece.from < span.1;
    let ends = |piece: &Piece, least: i32| {
        let x = place(span, piece.from).min(RIGHT - least);
        (x, (place(span, piece.until) - x).max(least))
    };
    for piece in row.pieces.iter().filter(inside).filter(|piece| !is_gap(piece)) {
        let (x, width) = ends(piece, 1);
        shapes.push(match strips.look(piece) {
            Look::Lined => Shape::Hatched { x, y, width, height: BAR, hatch: &hatch::LINED },
            _ => Shape::Rect { x, y, width, height: BAR, fill: BARS },
        });
    }
    let mut last = None;
    for piece in row.pieces.iter().filter(inside).filter(is_gap) {
        let Look::Gap(letter, number) = strips.look(piece) else { continue };
        let (x, width) = ends(piece, LEAST);
        // Thousands of gaps on one point of the picture are one.
        if last.replace((x, width, number)) == Some((x, width, number)) {
            continue;
        }
        shapes.push(Shape::Hatched { x, y, width, height: BAR, hatch: hatch::gap(number) });
        if width >= ROOM {
            letter_on(x + width / 2, y + BAR / 2, letter, shapes);
        }
    }
    shapes.push(Shape::Line { x: LEFT, y: y + BAR, to_x: RIGHT, to_y: y + BAR, colour: GREY });
}

/// A letter on a field of its own, so that no pattern hides it.
fn letter_on(x: i32, y: i32, letter: char, shapes: &mut Vec<Shape>) {
    shapes.push(Shape::Rect { x: x - 11, y: y - 12, width: 22, height: 24, fill: PAPER });
    shapes.push(Shape::Text { x, y: y + 7, anchor: Anchor::Middle, large: false, text: letter.to_string() });
}

/// What every pattern means. Gives where the next line stands.
fn legend(strips: &Strips, mut y: i32, shapes: &mut Vec<Shape>) -> i32 {
    for (_, kind) in strips.used() {
        let (x, top, width, height) = (LEFT, y - 20, 60, 26);
        shapes.push(match kind.look {
            Look::Full => Shape::Rect { x, y: top, width, height, fill: BARS },
            Look::Lined => Shape::Hatched { x, y: top, width, height, hatch: &hatch::LINED },
            Look::Gap(_, number) => Shape::Hatched { x, y: top, width, height, hatch: hatch::gap(number) },
        });
        if let Look::Gap(letter, _) = kind.look {
            letter_on(x + width / 2, top + height / 2, letter, shapes);
        }
        text(shapes, x + width + 16, y, false, cut(&one_line(&kind.name), (WIDTH / 12).unsigned_abs() as usize));
        y += LEADING + 8;
    }
    y + LEADING / 2
}
