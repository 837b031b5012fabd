//! A series as a plot for a terminal: bars of block characters.

use chrono::{DateTime, Utc};

use super::table::{axis, push_notes};
use super::words::{cut, grouped, one_line, wrapped};
use super::{Chart, Covered, Series, Step, axis as marks};

/// Eighths of a block.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Where nothing can have come from.
const SHADE: char = '░';

/// Lines of the bars.
const ROWS: usize = 10;

/// The least width that is drawn for.
const LEAST: usize = 30;

/// A column of the plot: as many bins as there must be for all to fit.
struct Column {
    end: DateTime<Utc>,
    posts: u64,
    gap: bool,
}

/// The plot of a chart, in lines of no more than `width` characters, with its title above and its notes below. Stretches
/// that are not covered are shaded.
pub fn plot(chart: &Chart, width: usize) -> String {
    let series = &chart.series;
    let width = width.max(LEAST);
    // The scale's own width depends on what a column holds, and that on the room beside the scale.
    let room = width - grouped(series.posts().saturating_mul(2)).len().min(width / 2) - 2;
    let each = series.bins.len().div_ceil(room).max(1);
    let mut out = format!("{}\n{}\n", cut(&one_line(&chart.title), width), cut(&axis(series, each), width));
    draw(series, width, room, each, &mut out);
    let notes = chart.notes.iter().flat_map(|note| wrapped(&one_line(note), width)).collect();
    push_notes(&Chart { notes, ..chart.clone() }, &mut out);
    out
}

/// The bars with their axes, `each` bins a column.
fn draw(series: &Series, width: usize, room: usize, each: usize, out: &mut String) {
    let Some((from, until)) = series.span() else { return };
    out.push('\n');
    let columns: Vec<Column> = series.bins.chunks(each).map(|bins| column(series, bins)).collect();
    let scale = marks::counts(columns.iter().map(|column| column.posts).max().unwrap_or_default(), 5);
    let margin = grouped(scale.top).len();
    // A bar of few bins is as broad as fits, but no broader than reads well.
    let broad = (room / columns.len().max(1)).clamp(1, 6);
    let height = |posts: u64| {
        let eighths = (u128::from(posts) * 8 * ROWS as u128).div_ceil(u128::from(scale.top.max(1)));
        usize::try_from(eighths).unwrap_or(8 * ROWS).min(8 * ROWS)
    };
    for row in (0..ROWS).rev() {
        let mark = scale.marks.iter().find(|mark| **mark > 0 && (height(**mark) - 1) / 8 == row);
        let label = mark.map_or_else(String::new, |mark| grouped(*mark));
        let mut line = format!("{label:>margin$} {}", if mark.is_some() { '┤' } else { '│' });
        for column in &columns {
            let filled = height(column.posts).saturating_sub(8 * row).min(8);
            let block = if filled == 0 && column.gap { SHADE } else { BLOCKS.get(filled).copied().unwrap_or('█') };
            (0..broad).for_each(|_| line.push(block));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push_str(&format!("{:>margin$} └{}\n", 0, "─".repeat(columns.len() * broad)));
    let parts = i64::try_from(columns.len() * broad / 12).unwrap_or(1).max(1);
    let marks = marks::times(from, until, series.zone, parts, series.step == Step::Day);
    let place = |at: DateTime<Utc>| margin + 2 + columns.partition_point(|column| column.end <= at) * broad;
    for lower in [false, true] {
        let mut line = String::new();
        for mark in &marks {
            let Some(label) = (if lower { mark.below.as_ref() } else { Some(&mark.label) }) else { continue };
            let at = place(mark.at);
            let length = line.chars().count();
            // No label over another, and none beyond the edge.
            if (length == 0 || length < at) && at + label.len() <= width {
                line.push_str(&" ".repeat(at - length));
                line.push_str(label);
            }
        }
        if !line.is_empty() {
            out.push_str(&line);
            out.push('\n');
        }
    }
    if let Some(shade) = series.shade() {
        out.push_str(&format!("{SHADE} {shade}\n"));
    }
}

fn column(series: &Series, bins: &[super::Bin]) -> Column {
    let start = bins.first().map_or(DateTime::<Utc>::MIN_UTC, |bin| bin.start);
    let end = bins.last().map_or(start, |bin| bin.end);
    Column { end, posts: bins.iter().map(|bin| bin.posts).sum(), gap: series.covered(start, end) != Covered::Unknown }
}
