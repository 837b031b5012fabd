//! The layout of a picture: rectangles, lines and texts, the same for every kind of file.
//!
//! Units are pixels of the PNG, of which two are one of the SVG as a page shows it; all are whole numbers.

use chrono::{DateTime, Utc};

use super::table::axis;
use super::words::{cut, grouped, one_line, wrapped};
use super::{Chart, Series, Step, axis as marks};

/// The width of a picture.
pub(super) const WIDTH: i32 = 1600;

/// Where the bars stand.
const LEFT: i32 = 130;
pub(super) const RIGHT: i32 = WIDTH - 50;
const TOP: i32 = 140;
const BOTTOM: i32 = 660;

/// The least height of a bar: the lowest unit lies under the axis.
const LEAST: i32 = 4;

/// Characters of a title and of a line below the axes.
pub(super) const TITLE: usize = 80;
pub(super) const LINE: usize = 145;

/// From one line of text to the next.
pub(super) const LEADING: i32 = 28;

/// The most lines below the axes: who wants more has the table.
const LINES: usize = 12;

/// A colour, `#rrggbb`.
pub(super) type Colour = u32;

pub(super) const INK: Colour = 0x22_22_22;
pub(super) const GREY: Colour = 0xd0_d0_d0;
pub(super) const BARS: Colour = 0x1f_5f_99;
const SHADE: Colour = 0xf2_dc_b8;
pub(super) const PAPER: Colour = 0xff_ff_ff;

/// Which end of a text its place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A pattern: readable where colours are not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hatch {
    /// Its name among those of a picture.
    pub(super) name: &'static str,
    pub(super) paper: Colour,
    pub(super) ink: Colour,
    /// What is inked of each tile: rectangles as left, top, width, height.
    pub(super) tile: &'static [(i32, i32, i32, i32)],
}

/// How broad and high the tiles of a pattern are.
pub(super) const TILE: i32 = 12;

/// Something that is drawn. Places are of the upper left corner; of a text, of its baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Rect {
        x: i32,
        y: i32,
        width: i32,
        height: i32,
        fill: Colour,
    },
    Hatched {
        x: i32,
        y: i32,
        width: i32,
        height: i32,
        hatch: &'static Hatch,
    },
    /// Level or upright, two units thick.
    Line {
        x: i32,
        y: i32,
        to_x: i32,
        to_y: i32,
        colour: Colour,
    },
    Text {
        x: i32,
        y: i32,
        anchor: Anchor,
        large: bool,
        text: String,
    },
}

/// A picture before it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) height: i32,
    pub(super) shapes: Vec<Shape>,
}

/// Lays a chart out.
pub(super) fn layout(chart: &Chart) -> Picture {
    let series = &chart.series;
    let mut shapes = Vec::new();
    let mut text = |x, y, anchor, large, text: String| shapes.push(Shape::Text { x, y, anchor, large, text });
    text(LEFT, 60, Anchor::Start, true, cut(&one_line(&chart.title), TITLE));
    text(LEFT, 100, Anchor::Start, false, axis(series, 1));
    draw(series, &mut shapes);
    let mut y = BOTTOM + 3 * LEADING;
    if let Some(shade) = series.shade() {
        legend(y, shade, &mut shapes);
        y += LEADING + LEADING / 2;
    }
    let mut lines: Vec<String> = chart.notes.iter().flat_map(|note| wrapped(&one_line(note), LINE)).collect();
    if lines.len() > LINES {
        lines.truncate(LINES - 1);
        lines.push("The table says more.".to_owned());
    }
    for line in lines {
        shapes.push(Shape::Text { x: LEFT, y, anchor: Anchor::Start, large: false, text: line });
        y += LEADING;
    }
    Picture { height: y + LEADING / 2, shapes }
}

fn legend(y: i32, shade: &str, shapes: &mut Vec<Shape>) {
    for (x, fill, text) in [(LEFT, BARS, "posts"), (LEFT + 140, SHADE, shade)] {
        shapes.push(Shape::Rect { x, y: y - 16, width: 24, height: 18, fill });
        shapes.push(Shape::Text { x: x + 34, y, anchor: Anchor::Start, large: false, text: text.to_owned() });
    }
}

/// The field with its axes, gaps and bars.
fn draw(series: &Series, shapes: &mut Vec<Shape>) {
    let scale = marks::counts(series.most(), 5);
    let level = |posts: u64| {
        let up = u128::from(posts) * (BOTTOM - TOP).unsigned_abs() as u128 / u128::from(scale.top.max(1));
        BOTTOM - i32::try_from(up).unwrap_or(BOTTOM - TOP).min(BOTTOM - TOP)
    };
    if let Some((from, until)) = series.span() {
        let length = i128::from((until - from).num_seconds().max(1));
        let place = |at: DateTime<Utc>| {
            let past = i128::from((at.clamp(from, until) - from).num_seconds());
            LEFT + i32::try_from(past * i128::from(RIGHT - LEFT) / length).unwrap_or_default()
        };
        for gap in &series.gaps {
            let x = place(gap.from);
            let width = (gap.until.map_or(RIGHT, place) - x).max(1);
            shapes.push(Shape::Rect { x, y: TOP, width, height: BOTTOM - TOP, fill: SHADE });
        }
        level_lines(&scale.marks, level, shapes);
        for bin in series.bins.iter().filter(|bin| bin.posts > 0) {
            let (x, end, y) = (place(bin.start), place(bin.end), level(bin.posts).min(BOTTOM - LEAST));
            // Between broad bars is a little room; a bar of less than a pixel is one all the same.
            let space = if end - x > 6 { 2 } else { 0 };
            let width = (end - x - space).max(1);
            shapes.push(Shape::Rect { x, y, width, height: BOTTOM - y, fill: BARS });
        }
        let mut free = 0;
        for mark in marks::times(from, until, series.zone, 9, series.step == Step::Day) {
            let x = place(mark.at);
            shapes.push(Shape::Line { x, y: BOTTOM, to_x: x, to_y: BOTTOM + 8, colour: INK });
            if x < free {
                continue;
            }
            free = x + 110;
            let mut text = |y, text: String| {
                shapes.push(Shape::Text { x, y, anchor: Anchor::Middle, large: false, text });
            };
            text(BOTTOM + LEADING, mark.label);
            mark.below.into_iter().for_each(|below| text(BOTTOM + 2 * LEADING - 4, below));
        }
    } else {
        level_lines(&scale.marks, level, shapes);
    }
    shapes.push(Shape::Line { x: LEFT, y: BOTTOM, to_x: RIGHT, to_y: BOTTOM, colour: INK });
    shapes.push(Shape::Line { x: LEFT, y: TOP, to_x: LEFT, to_y: BOTTOM, colour: INK });
}

/// The lines of the scale and their numbers.
fn level_lines(marks: &[u64], level: impl Fn(u64) -> i32, shapes: &mut Vec<Shape>) {
    for mark in marks {
        let y = level(*mark);
        if *mark > 0 {
            shapes.push(Shape::Line { x: LEFT, y, to_x: RIGHT, to_y: y, colour: GREY });
        }
        shapes.push(Shape::Text { x: LEFT - 14, y: y + 7, anchor: Anchor::End, large: false, text: grouped(*mark) });
    }
}
