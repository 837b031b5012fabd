//! Strips for a terminal: one character for each piece of time.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::axis as marks;
use super::super::words::{cut, moment, one_line, wrapped};
use super::{Look, Strip, Strips};

/// The least width that is drawn for.
const LEAST: usize = 20;

/// A character each for what is full, lined, and nothing.
const BLOCKS: (char, char, char) = ('█', '═', '·');
const PLAIN: (char, char, char) = ('#', '=', '.');

/// The strips in lines of no more than `width` characters.
pub(super) fn plot(strips: &Strips, width: usize, ascii: bool) -> String {
    let width = width.max(LEAST);
    let shown = |text: &str| {
        let text = one_line(text);
        if ascii { text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect() } else { text }
    };
    let mut out = String::new();
    let mut push = |line: &str| {
        out.push_str(line.trim_end());
        out.push('\n');
    };
    let Some((from, until)) = strips.span else { return out };
    let edges = edges(from, until, width);
    let each = edges.windows(2).filter_map(|pair| Some(*pair.last()? - *pair.first()?)).max().unwrap_or_default();
    let head = format!(
        "{}: {} to {} ({}), up to {} a character",
        strips.title,
        moment(from, strips.zone),
        moment(until, strips.zone),
        strips.zone,
        length(each)
    );
    wrapped(&shown(&head), width).iter().for_each(|line| push(line));
    for row in &strips.rows {
        push("");
        // A name may have no space to be broken at, and its end tells it from others.
        let name: Vec<char> = shown(&row.name).chars().collect();
        name.chunks(width).for_each(|part| push(&part.iter().collect::<String>()));
        push(&edges.windows(2).map(|pair| character(strips, row, pair, ascii)).collect::<String>());
    }
    let columns = edges.len().saturating_sub(1);
    let parts = i64::try_from(columns / 12).unwrap_or(1).max(1);
    let times = marks::times(from, until, strips.zone, parts, false);
    for lower in [false, true] {
        let mut line = String::new();
        for mark in &times {
            let Some(label) = (if lower { mark.below.as_ref() } else { Some(&mark.label) }) else { continue };
            let at = edges.partition_point(|edge| *edge <= mark.at).saturating_sub(1);
            let length = line.chars().count();
            // No label over another, and none beyond the edge.
            if (length == 0 || length < at) && at + label.chars().count() <= width {
                line.push_str(&" ".repeat(at - length));
                line.push_str(label);
            }
        }
        if !line.is_empty() {
            push(&line);
        }
    }
    push("");
    let (full, lined, nothing) = if ascii { PLAIN } else { BLOCKS };
    let used = strips.used();
    for (_, kind) in &used {
        let sign = match kind.look {
            Look::Full => full,
            Look::Lined => lined,
            Look::Gap(letter, _) => letter,
        };
        let mut lines = wrapped(&shown(&kind.name), width - 2).into_iter();
        push(&format!("{sign} {}", lines.next().unwrap_or_default()));
        lines.for_each(|line| push(&format!("  {line}")));
    }
    if used.iter().any(|(_, kind)| matches!(kind.look, Look::Gap(..))) {
        wrapped("a small letter: a part of that time", width).iter().for_each(|line| push(line));
    }
    push(&cut(&format!("{nothing} not asked for"), width));
    for line in strips.notes.iter().flat_map(|note| wrapped(&shown(note), width)) {
        push(&line);
    }
    out
}

/// Where the characters begin and end: as many as fit, each of a second or more.
fn edges(from: DateTime<Utc>, until: DateTime<Utc>, width: usize) -> Vec<DateTime<Utc>> {
    let seconds = (until - from).num_seconds().max(1);
    let columns = i64::try_from(width).unwrap_or(1).min(seconds);
    let edge = |column: i64| {
        let past = i128::from(seconds) * i128::from(column) / i128::from(columns);
        from + TimeDelta::seconds(i64::try_from(past).unwrap_or(seconds))
    };
    (0..=columns).map(edge).collect()
}

/// The character of a piece of time: whatever is missing from it is seen.
fn character(strips: &Strips, row: &Strip, pair: &[DateTime<Utc>], ascii: bool) -> char {
    let (full, lined, nothing) = if ascii { PLAIN } else { BLOCKS };
    let [from, until] = *pair else { return nothing };
    let mut there = (TimeDelta::zero(), TimeDelta::zero());
    let mut gaps: Vec<(char, TimeDelta)> = Vec::new();
    // Pieces stand in order: those before this one need not be looked at.
    let first = row.pieces.partition_point(|piece| piece.until <= from);
    for piece in row.pieces.iter().skip(first).take_while(|piece| piece.from < until) {
        let long = piece.until.min(until) - piece.from.max(from);
        match strips.look(piece) {
            Look::Full => there.0 += long,
            Look::Lined => there.1 += long,
            Look::Gap(letter, _) => match gaps.iter_mut().find(|(known, _)| *known == letter) {
                Some((_, sum)) => *sum += long,
                None => gaps.push((letter, long)),
            },
        }
    }
    let is_there = there.0 + there.1 > TimeDelta::zero();
    // Of equals the first.
    let most = gaps.iter().rev().max_by_key(|(_, long)| *long);
    match most {
        Some((letter, _)) if is_there => letter.to_ascii_lowercase(),
        Some((letter, _)) => *letter,
        None if there.0 > TimeDelta::zero() => full,
        None if is_there => lined,
        None => nothing,
    }
}

/// A length of time in its greatest unit, rounded up.
fn length(time: TimeDelta) -> String {
    let seconds = time.num_seconds();
    let (unit, name) = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")]
        .into_iter()
        .find(|(unit, _)| seconds >= *unit)
        .unwrap_or((1, "second"));
    let number = (seconds + unit - 1) / unit;
    if number == 1 { format!("one {name}") } else { format!("{number} {name}s") }
}
