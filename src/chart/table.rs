//! A series as a table: for readers, and as CSV.

use chrono::{DateTime, SecondsFormat, Utc};

use super::words::{grouped, one_line};
use super::{Chart, Covered, Series, Step};

/// The table of a chart as text, with its title above and its notes below. A bin that touches a gap is marked.
pub fn table(chart: &Chart) -> String {
    let series = &chart.series;
    let mut out = format!("{}\n{}\n", one_line(&chart.title), axis(series, 1));
    let width = grouped(series.most()).len().max("posts".len());
    let labels = labels(series);
    let wide = labels.iter().map(String::len).max().unwrap_or_default();
    if !series.bins.is_empty() {
        out.push_str(&format!("\n{:<wide$}  {:>width$}\n", series.step.as_str(), "posts"));
    }
    for (bin, label) in series.bins.iter().zip(labels) {
        let mark = match series.covered(bin.start, bin.end) {
            Covered::Unknown => "",
            Covered::Partly => "  partly not covered",
            Covered::No => "  not covered",
        };
        out.push_str(&format!("{label:<wide$}  {:>width$}{mark}\n", grouped(bin.posts)));
    }
    push_notes(chart, &mut out);
    out
}

/// The notes of a chart, a line each, behind a blank line.
pub(super) fn push_notes(chart: &Chart, out: &mut String) {
    for (at, note) in chart.notes.iter().enumerate() {
        if at == 0 {
            out.push('\n');
        }
        out.push_str(&one_line(note));
        out.push('\n');
    }
}

/// The bins of a series as CSV: `start,end,posts,covered`, times with the offset of the zone. `covered` is `no` or
/// `partly` where that is proved, and else empty, for it is not known.
pub fn csv(series: &Series) -> String {
    let time = |at: DateTime<Utc>| series.zone.local(at).to_rfc3339_opts(SecondsFormat::Secs, false);
    let mut out = String::from("start,end,posts,covered\r\n");
    for bin in &series.bins {
        let covered = series.covered(bin.start, bin.end).as_str().unwrap_or_default();
        out.push_str(&format!("{},{},{},{covered}\r\n", time(bin.start), time(bin.end), bin.posts));
    }
    out
}

/// What the axes count and by what, where a bar stands for so many bins: `posts per hour, Europe/London`.
pub(super) fn axis(series: &Series, bins: usize) -> String {
    match bins {
        0 | 1 => format!("posts per {}, {}", series.step.as_str(), series.zone),
        bins => format!("posts per {bins} {}s, {}", series.step.as_str(), series.zone),
    }
}

/// The bins by the clocks of the zone; with its offset where clocks are set in between, for then two hours may be called
/// the same.
fn labels(series: &Series) -> Vec<String> {
    let mut offsets = series.bins.iter().map(|bin| *series.zone.local(bin.start).offset());
    let first = offsets.next();
    let set = offsets.any(|offset| Some(offset) != first);
    let form = match series.step {
        Step::Day => "%Y-%m-%d",
        _ if set => "%Y-%m-%d %H:%M %:z",
        _ => "%Y-%m-%d %H:%M",
    };
    series.bins.iter().map(|bin| series.zone.local(bin.start).format(form).to_string()).collect()
}
