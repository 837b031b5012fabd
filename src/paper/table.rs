//! Coverage as a table, and its gaps a line each.

use super::sight::Sight;
use super::words::{instant, length};
use crate::coverage::Gap;
use crate::zone::Zone;

/// Which gaps come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The newest.
    Newest,
    /// The longest. What has no beginning is longer than anything.
    Longest,
}

/// A row for each source: what stands last may be long.
pub fn table(sights: &[Sight], zone: Zone) -> String {
    let mut rows =
        vec![["from", "to", "covered", "gaps", "longest", "last look", "job · source"].map(str::to_owned).to_vec()];
    for sight in sights {
        let survey = &sight.survey;
        let at = |at| instant(at, zone);
        let none = || "-".to_owned();
        let trouble = survey.trouble.map(|(cause, since)| format!("  ! {} since {}", cause.name(), at(since)));
        rows.push(vec![
            survey.asked.map_or_else(none, |asked| at(asked.since)),
            survey.asked.map_or_else(none, |asked| at(asked.until)),
            sight.share().unwrap_or_else(none),
            survey.asked.map_or_else(none, |_| survey.gaps.len().to_string()),
            sight.longest().map_or_else(none, length),
            survey.last_asked.map_or_else(none, at),
            format!("{}{}", sight.name(), trouble.unwrap_or_default()),
        ]);
    }
    aligned(&rows)
}

/// The gaps of a source, so many of them, and how many more there are.
pub fn gaps(sight: &Sight, zone: Zone, most: usize, order: Order) -> (Vec<String>, usize) {
    let mut gaps: Vec<&Gap> = sight.survey.gaps.iter().collect();
    match order {
        Order::Newest => gaps.sort_by_key(|gap| std::cmp::Reverse(gap.stretch)),
        Order::Longest => gaps.sort_by_key(|gap| std::cmp::Reverse((gap.stretch.length(), gap.stretch))),
    }
    let more = gaps.len().saturating_sub(most);
    let line = |gap: &Gap| {
        let long = if gap.stretch.is_open() { "-".to_owned() } else { length(gap.stretch.length()) };
        let why = if gap.why.is_empty() { gap.cause.about().to_owned() } else { one_line(&gap.why) };
        vec![instant(gap.stretch.since, zone), instant(gap.stretch.until, zone), long, gap.cause.name().to_owned(), why]
    };
    let rows: Vec<Vec<String>> = gaps.into_iter().take(most).map(line).collect();
    (aligned(&rows).lines().map(str::to_owned).collect(), more)
}

/// Rows with their cells below each other; the last cell of a row is as long as it is.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let wide = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let wide: Vec<usize> = (0..columns).map(|column| wide(column).unwrap_or_default()).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(&wide) {
            line.push_str(&format!("{:<wide$}  ", one_line(cell)));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A stranger's words must not make lines of their own.
pub(super) fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
