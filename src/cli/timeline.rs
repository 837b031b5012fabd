//! `pullquote timeline`: when the posts that match were written, as a table, a plot or a picture.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Context as _;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::output::Output;
use super::outside::save;
use super::query::QueryArgs;
use super::{Context, Exit};
use crate::chart::{self, Chart, Gap, Series, Step, Tally, grouped, moment};
use crate::coverage::BEGINNING;
use crate::model::{Hashtag, Kind};
use crate::query::Expr;
use crate::store::{Coverage, Detail, Reader};

/// The width of a plot where the terminal's is not known.
const WIDTH: usize = 80;

/// So many gaps of sources are named.
const MOST_GAPS: usize = 8;

/// Arguments of `timeline`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    query: QueryArgs,
    /// Count by this [default: the finest that gives no more than 200 rows]
    #[arg(long, value_enum)]
    by: Option<By>,
    /// Draw it with blocks, also where standard output is no terminal
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    plot: bool,
    /// Print it as one JSON object
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print it as a table for other programs
    #[arg(long)]
    csv: bool,
    /// Write a picture as SVG, too
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write a picture as PNG, too
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    /// Minutes
    Minute,
    /// Hours
    Hour,
    /// Days of the zone's calendar
    Day,
}

impl By {
    fn step(self) -> Step {
        match self {
            By::Minute => Step::Minute,
            By::Hour => Step::Hour,
            By::Day => Step::Day,
        }
    }
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let archive = context.archive.existing()?;
    let text = args.query.text();
    let expr = args.query.read(&context.config)?.expr;
    let zone = args.query.zone(&context.config);
    let reader = Reader::open(&archive.database())?;
    let (mut tally, mut reposts, mut posts) = (Tally::default(), 0, 0);
    reader.matches(&expr, Detail::Brief, |found| {
        posts += 1;
        reposts += u64::from(found.kind == Kind::Repost);
        tally.add(found.created.as_ref());
        ControlFlow::Continue(())
    })?;
    let coverage = reader.coverage(job(&expr))?;
    let tags = tags(&expr);
    let gaps: Vec<Gap> = coverage
        .uncovered
        .iter()
        .filter(|gap| gap.of.as_ref().is_none_or(|(_, source)| asks_for(source, &tags)))
        .map(|gap| Gap { from: gap.from, until: gap.until, whole: gap.of.is_none(), why: gap.why.clone() })
        .collect();
    let series = Series::new(&tally, zone, args.by.map(By::step), window(&expr), &gaps);
    let title =
        if text.trim().is_empty() { "All posts".to_owned() } else { format!("Posts matching “{}”", text.trim()) };
    let notes = notes(&series, posts, reposts, &coverage);
    let chart = Chart { title, series, notes };
    if let Some(path) = &args.svg {
        save(&archive, path, chart::svg(&chart).as_bytes())?;
    }
    if let Some(path) = &args.png {
        let picture = chart::png(&chart).with_context(|| format!("draw {}", path.display()))?;
        save(&archive, path, &picture)?;
    }
    let mut out = Output::new();
    if args.json {
        out.line(&object(&chart, text.trim(), posts, reposts, &coverage).to_string())?;
    } else if args.csv {
        chart::csv(&chart.series).lines().try_for_each(|line| out.line(&format!("{line}\r")))?;
        chart.notes.iter().for_each(|note| eprintln!("{}", super::on_one_line(&crate::quote::visible(note))));
    } else {
        let drawn = args.plot || std::io::stdout().is_terminal();
        let printed = if drawn { chart::plot(&chart, width()) } else { chart::table(&chart) };
        printed.lines().try_for_each(|line| out.line(line))?;
    }
    out.flush()?;
    super::tell_unindexed(&archive, &reader)?;
    Ok(Exit::Ok)
}

/// Columns of the terminal, as its shell says.
pub(super) fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|width| *width > 0).unwrap_or(WIDTH)
}

/// The job that every match was seen by, if the search asks for one.
pub(super) fn job(expr: &Expr) -> Option<&str> {
    let mut leaves = Vec::new();
    expr.wanted(&mut leaves);
    leaves.into_iter().find_map(|leaf| if let Expr::Job(name) = leaf { Some(name.as_str()) } else { None })
}

/// The hashtags that every match has.
fn tags(expr: &Expr) -> Vec<&Hashtag> {
    let mut leaves = Vec::new();
    expr.wanted(&mut leaves);
    leaves.into_iter().filter_map(|leaf| if let Expr::Tag(tag) = leaf { Some(tag) } else { None }).collect()
}

/// Whether a source of that name asks for posts with one of these tags. A name has its tags behind the first `#`, a `+` between
/// them; a source without any asks for what it gets.
fn asks_for(source: &str, tags: &[&Hashtag]) -> bool {
    let Some((_, named)) = source.split_once('#').filter(|_| !tags.is_empty()) else { return true };
    let named = named.split_once(' ').map_or(named, |(named, _)| named);
    named.split('+').filter_map(Hashtag::new).any(|named| tags.iter().any(|tag| tag.folded() == named.folded()))
}

/// The stretch that the search asks for.
fn window(expr: &Expr) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let mut leaves = Vec::new();
    expr.wanted(&mut leaves);
    let since =
        leaves.iter().filter_map(|leaf| if let Expr::Since(at) = leaf { Some(at.to_utc()) } else { None }).max();
    let until =
        leaves.iter().filter_map(|leaf| if let Expr::Until(at) = leaf { Some(at.to_utc()) } else { None }).min();
    (since, until)
}

/// What must be said beside the counts.
fn notes(series: &Series, posts: u64, reposts: u64, coverage: &Coverage) -> Vec<String> {
    let counted = |number: u64, one: &str, many: &str| match number {
        1 => format!("One post {one}."),
        number => format!("{} posts {many}.", grouped(number)),
    };
    let mut notes = Vec::new();
    let shown = series.posts();
    notes.push(match (shown, posts) {
        (_, 0) => "No post matches.".to_owned(),
        (shown, posts) if shown == posts => format!("Shown: {}.", grouped(shown)),
        (shown, posts) => format!("Shown: {} of {}.", grouped(shown), grouped(posts)),
    });
    match reposts {
        0 => {}
        1 => notes.push("One of them is a repost.".to_owned()),
        many => notes.push(format!("{} of them are reposts.", grouped(many))),
    }
    if series.day_only > 0 {
        notes.push(counted(
            series.day_only,
            "has only a day, and is in no row: count by day",
            "have only a day, and are in no row: count by day",
        ));
    }
    if series.undated > 0 {
        notes.push(counted(series.undated, "has no date", "have no date"));
    }
    if let Some((first, last)) = series.outside_span {
        let (first, last) = (moment(first, series.zone), moment(last, series.zone));
        let span = if first == last { first } else { format!("{first} to {last}") };
        notes.push(counted(
            series.outside,
            &format!(
                "lies outside ({span}), too far to be shown with the others: since: and until: choose the stretch"
            ),
            &format!("lie outside ({span}), too far to be shown with the others: since: and until: choose the stretch"),
        ));
    }
    let (whole, parts): (Vec<&Gap>, Vec<&Gap>) = series.gaps.iter().partition(|gap| gap.whole);
    for gap in parts.iter().take(MOST_GAPS).chain(&whole) {
        let from = moment(gap.from, series.zone);
        let part = if gap.whole { "Not covered" } else { "Partly not covered" };
        notes.push(match gap.until {
            Some(until) if gap.from == BEGINNING => {
                format!("{part} before {}: {}.", moment(until, series.zone), gap.why)
            }
            Some(until) => format!("{part} from {from} to {}: {}.", moment(until, series.zone), gap.why),
            None => format!("{part} from {from} on: {}.", gap.why),
        });
    }
    match parts.len().saturating_sub(MOST_GAPS) {
        0 => {}
        1 => notes.push("One stretch more is partly not covered: see pullquote coverage.".to_owned()),
        more => notes
            .push(format!("{} stretches more are partly not covered: see pullquote coverage.", grouped(more as u64))),
    }
    for (source, requests) in &coverage.unfinished {
        let requests = if *requests == 1 { "one request is".to_owned() } else { format!("{requests} requests are") };
        notes.push(format!("Not finished: {source}, {requests} still to be sent."));
    }
    for (source, why) in &coverage.failed {
        notes.push(format!("Failed: {source}, {why}."));
    }
    notes.push(if series.gaps.is_empty() {
        "There may have been more posts: pullquote coverage tells what was read whole.".to_owned()
    } else {
        "Elsewhere, too, there may have been more posts.".to_owned()
    });
    notes
}

fn object(chart: &Chart, query: &str, posts: u64, reposts: u64, coverage: &Coverage) -> Value {
    let series = &chart.series;
    let time = |at: DateTime<Utc>| series.zone.local(at).to_rfc3339_opts(SecondsFormat::Secs, false);
    let bins: Vec<Value> = series
        .bins
        .iter()
        .map(|bin| {
            // Nothing is known where nothing is proved.
            let covered = series.covered(bin.start, bin.end).as_str();
            json!({"start": time(bin.start), "end": time(bin.end), "posts": bin.posts, "covered": covered})
        })
        .collect();
    let gaps: Vec<Value> = series
        .gaps
        .iter()
        .map(|gap| json!({"from": (gap.from != BEGINNING).then(|| time(gap.from)), "until": gap.until.map(time), "whole": gap.whole, "why": gap.why}))
        .collect();
    let named = |(source, requests): &(String, u64)| json!({"source": source, "requests": requests});
    let failed = |(source, why): &(String, String)| json!({"source": source, "why": why});
    json!({
        "query": query, "timezone": series.zone.name(), "by": series.step.as_str(), "posts": posts,
        "reposts": reposts, "shown": series.posts(), "day_only": series.day_only, "undated": series.undated,
        "outside": series.outside, "outside_from": series.outside_span.map(|span| time(span.0)),
        "outside_until": series.outside_span.map(|span| time(span.1)), "bins": bins, "gaps": gaps,
        "unfinished": coverage.unfinished.iter().map(named).collect::<Vec<_>>(),
        "failed": coverage.failed.iter().map(failed).collect::<Vec<_>>(), "notes": chart.notes,
    })
}
