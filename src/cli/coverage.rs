//! `pullquote coverage`: what of the time that was asked for is covered, what is not, and why.

use std::path::PathBuf;

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::output::Output;
use super::outside::save;
use super::query::printing_zone;
use super::timeline::width;
use super::{Context, Exit, UsageError};
use crate::paper::{self, Counted, Known, Order, Sight};
use crate::store::Reader;
use crate::zone::Zone;

/// Arguments of `coverage`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Jobs to look at [default: all]
    #[arg(value_name = "JOB")]
    jobs: Vec<String>,
    /// Only what lies not before this: a day of the zone, or a time as 2026-03-01T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only what lies before this, likewise
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Zone of dates, such as Europe/London [default: the configuration's, else UTC]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<Zone>,
    /// Name so many gaps of each source, the newest first
    #[arg(long, value_name = "N", default_value_t = 5)]
    gaps: usize,
    /// Name the longest gaps first
    #[arg(long)]
    longest: bool,
    /// Estimate how complete it is, where two looks cover the same time
    #[arg(long)]
    estimate: bool,
    /// Columns of the strips [default: the terminal's]
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,
    /// Draw the strips in plain ASCII
    #[arg(long)]
    ascii: bool,
    /// Print one JSON object a source
    #[arg(long)]
    json: bool,
    /// Write a picture as SVG, too
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write a picture as PNG, too
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let archive = context.archive.existing()?;
    let zone = printing_zone(args.timezone, &context.config);
    let since = args.since.as_deref().map(|text| moment(text, zone)).transpose()?;
    let until = args.until.as_deref().map(|text| moment(text, zone)).transpose()?;
    if since.zip(until).is_some_and(|(since, until)| since >= until) {
        return Err(UsageError("--since must lie before --until".to_owned()).into());
    }
    let reader = Reader::open(&archive.database())?;
    let known = known(&reader, &args.jobs, (since, until))?;
    let pairs = if args.estimate { known.pairs(&reader)? } else { Vec::new() };
    let sights = &known.sights;
    let title = match args.jobs.as_slice() {
        [] => "Coverage".to_owned(),
        jobs => format!("Coverage of {}", jobs.join(", ")),
    };
    let strips = paper::strips(&title, sights, zone);
    if let Some(path) = &args.svg {
        save(&archive, path, strips.svg().as_bytes())?;
    }
    if let Some(path) = &args.png {
        let picture = strips.png().with_context(|| format!("draw {}", path.display()))?;
        save(&archive, path, &picture)?;
    }
    let mut out = Output::new();
    if args.json {
        for sight in sights {
            out.line(&object(sight, &pairs, args.estimate).to_string())?;
        }
    } else if sights.is_empty() {
        out.line("No job has asked any source yet.")?;
    } else {
        let order = if args.longest { Order::Longest } else { Order::Newest };
        print(sights, zone, (args.gaps, order), &mut out)?;
        if strips.span.is_some() {
            out.line("")?;
            let drawn = crate::chart::Strips { notes: Vec::new(), ..strips };
            let drawn = drawn.plot(args.width.unwrap_or_else(width), args.ascii);
            drawn.lines().try_for_each(|line| out.line(line))?;
        }
        for (at, (name, guarantee)) in paper::guarantees(sights).into_iter().enumerate() {
            if at == 0 {
                out.line("")?;
            }
            out.line(&format!("{name}: {guarantee}."))?;
        }
        if args.estimate {
            estimated(&known, &pairs, &mut out)?;
        }
    }
    out.flush()?;
    super::tell_unindexed(&archive, &reader)?;
    Ok(Exit::Ok)
}

/// What is known of these jobs, or of all. Says on standard error of which captures the ledger does not know.
pub(super) fn known(
    reader: &Reader,
    jobs: &[String],
    window: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> anyhow::Result<Known> {
    let known = Known::read(reader, jobs, window)?;
    let known = known.map_err(|job| anyhow::anyhow!("the archive holds nothing of a job {job:?}"))?;
    if !known.older.is_empty() {
        let told = crate::quote::visible(&super::on_one_line(&known.older.join(", "))).into_owned();
        eprintln!(
            "there are captures from before the ledger was kept, of {told}: pullquote rebuild finds out what they cover"
        );
    }
    Ok(known)
}

/// The table, and behind it the gaps of each source.
fn print(sights: &[Sight], zone: Zone, (most, order): (usize, Order), out: &mut Output) -> std::io::Result<()> {
    out.line(&format!("Times are those of {zone}."))?;
    out.line("")?;
    paper::table(sights, zone).lines().try_for_each(|line| out.line(line))?;
    for sight in sights {
        let (lines, more) = paper::gaps(sight, zone, most, order);
        if let Some(unknown) = sight.unknown() {
            out.line("")?;
            out.line(&format!("{}: {unknown}.", super::print::flat(&sight.name())))?;
        }
        if lines.is_empty() {
            continue;
        }
        out.line("")?;
        out.line(&format!("Gaps of {}:", super::print::flat(&sight.name())))?;
        lines.iter().try_for_each(|line| out.line(&format!("  {line}")))?;
        if more > 0 {
            out.line(&format!("  and {more} more: --gaps {}", most + more))?;
        }
    }
    Ok(())
}

fn estimated(known: &Known, pairs: &Counted, out: &mut Output) -> std::io::Result<()> {
    for (pair, counts) in pairs {
        out.line("")?;
        pair.said(*counts).iter().try_for_each(|line| out.line(&super::print::flat(line)))?;
    }
    let lonely = known.lonely();
    if !pairs.is_empty() {
        out.line(&format!("Assumed: {}.", paper::ASSUMPTIONS))?;
    }
    if !lonely.is_empty() {
        out.line("")?;
    }
    for (job, source) in lonely {
        out.line(&super::print::flat(&format!(
            "{job} · {source}: nothing can be estimated, for no second look covers any of its time: a stream beside what is pulled, or the same \
             tag on another server of its platform."
        )))?;
    }
    Ok(())
}

fn object(sight: &Sight, pairs: &Counted, estimate: bool) -> Value {
    let mut object = sight.object();
    if let Some(fields) = object.as_object_mut().filter(|_| estimate) {
        let of = |(pair, _): &&(paper::Pair, (u64, u64, u64))| pair.is_of(&sight.survey.job, &sight.survey.source);
        let estimates = pairs.iter().filter(of).map(|(pair, counts)| pair.object(*counts)).collect();
        fields.insert("estimates".to_owned(), Value::Array(estimates));
    }
    object
}

/// A day of the zone, at its beginning, or an instant.
fn moment(text: &str, zone: Zone) -> Result<DateTime<Utc>, UsageError> {
    let day = || zone.midnight(text.parse::<NaiveDate>().ok()?);
    let instant = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    day().or_else(instant).ok_or_else(|| {
        UsageError(format!("{text:?} is neither a day (2026-03-01) nor an RFC 3339 instant (2026-03-01T12:00:00Z)"))
    })
}
