//! `pullquote jobs`: the configured jobs, when they run next, how it went; `jobs check`: whether they can run at all.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::output::Output;
use super::print::plain;
use super::{Context, Exit, UsageError, complain, now, pull};
use crate::config::{Config, Job, TransportKind};
use crate::near::nearest;
use crate::run::Memo;
use crate::schedule::{Schedule, written};
use crate::store::{Reader, SourceCounts};
use crate::zone::Zone;

/// Arguments of `jobs`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One JSON object a line, one for each job
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Name everything that is wrong with the configuration, and show when jobs would run; needs no archive
    Check(Check),
}

/// Arguments of `jobs check`.
#[derive(Debug, clap::Args)]
struct Check {
    /// Jobs to check [default: all]
    #[arg(value_name = "JOB")]
    jobs: Vec<String>,
    /// Fire times after this: 2026-03-28T18:00:00Z [default: now]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<DateTime<Utc>>,
}

/// How many fire times `check` shows.
const SHOWN: usize = 10;

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    match args.what {
        Some(What::Check(check)) => run_check(&check, &context.config),
        None => list(args.json, context),
    }
}

fn list(json: bool, context: Context) -> anyhow::Result<Exit> {
    let config = &context.config;
    if config.job.is_empty() {
        return Err(UsageError("no job is configured: write a [[job]] into config.toml".to_owned()).into());
    }
    let memory = super::remembered(&context.archive);
    // What was never pulled has no archive yet.
    let counts = match context.archive.existing() {
        Ok(archive) => Reader::open(&archive.database())?.counts()?.sources,
        Err(_) => Vec::new(),
    };
    let now = now();
    let mut out = Output::new();
    for job in &config.job {
        let sources: Vec<Source> = sources(config, job)?
            .into_iter()
            .map(|name| {
                let counts = counts.iter().find(|counts| counts.job == job.name && counts.source == name);
                Source { counts: counts.cloned(), memo: memory.of(&job.name, &name).cloned().unwrap_or_default(), name }
            })
            .collect();
        if json {
            out.line(&object(job, &sources, now).to_string())?
        } else {
            print(job, &sources, now, config, &mut out)?
        }
    }
    out.flush()?;
    Ok(Exit::Ok)
}

/// A source of a job and what the archive tells of it; nothing if it was never asked.
struct Source {
    name: String,
    counts: Option<SourceCounts>,
    /// What `run` remembers of it.
    memo: Memo,
}

/// The names under which the archive keeps a job's sources.
fn sources(config: &Config, job: &Job) -> Result<Vec<String>, UsageError> {
    let tasks = pull::tasks_of(config, std::slice::from_ref(&job.name))?;
    Ok(tasks.into_iter().map(|task| task.source).collect())
}

fn print(job: &Job, sources: &[Source], now: DateTime<Utc>, config: &Config, out: &mut Output) -> anyhow::Result<()> {
    let follow = if job.follow { " · follows" } else { "" };
    out.line(&format!("{} · {} · priority {}{follow}", plain(&job.name), schedule(job), job.priority))?;
    match (fires(job, now).next(), &job.schedule) {
        (_, Some(Schedule::Auto(_))) => {}
        (Some(next), _) => out.line(&format!("    next      {}", zone(job, config).minute(next)))?,
        (None, Some(_)) => out.line("    next      never: its window is over")?,
        (None, None) => {}
    }
    for Source { name, counts, memo } in sources {
        let name = plain(name);
        if let (Some(Schedule::Auto(_)), Some(next)) = (&job.schedule, memo.next) {
            out.line(&format!("    next      {} for {name}", zone(job, config).minute(next)))?;
        }
        if let (1.., Some(why)) = (memo.failures, &memo.trouble) {
            let since = memo.failing_since.map(|at| format!(" since {}", Zone::UTC.minute(at))).unwrap_or_default();
            out.line(&format!("    ! {name}: failed {} times in a row{since}: {}", memo.failures, plain(why)))?;
        }
        let Some(counts) = counts else {
            out.line(&format!("    {name}: never asked"))?;
            continue;
        };
        let last = counts.last.map_or("no answer yet".to_owned(), |at| format!("last answer {}", Zone::UTC.minute(at)));
        let problems = match counts.problems {
            0 => String::new(),
            n => format!(", could not be read {n}"),
        };
        let pending = match counts.pending {
            0 => String::new(),
            n => format!(", still to be sent {n}"),
        };
        out.line(&format!("    {name}: {last}, {} captures{problems}{pending}", counts.captures))?;
    }
    Ok(())
}

fn object(job: &Job, sources: &[Source], now: DateTime<Utc>) -> serde_json::Value {
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let next = fires(job, now).next().filter(|_| !matches!(job.schedule, Some(Schedule::Auto(_))));
    let sources: Vec<_> = sources
        .iter()
        .map(|Source { name, counts, memo }| {
            json!({
                "source": name, "last": counts.as_ref().and_then(|counts| counts.last).map(instant),
                "captures": counts.as_ref().map_or(0, |counts| counts.captures),
                "problems": counts.as_ref().map_or(0, |counts| counts.problems),
                "pending": counts.as_ref().map_or(0, |counts| counts.pending),
                "failures": memo.failures, "trouble": memo.trouble, "failing_since": memo.failing_since.map(instant),
                "next": memo.next.map(instant),
            })
        })
        .collect();
    json!({
        "job": job.name, "schedule": job.schedule.as_ref().map(ToString::to_string), "priority": job.priority,
        "follow": job.follow, "since": job.since.map(instant), "until": job.until.map(instant), "next": next.map(instant),
        "sources": sources,
    })
}

fn run_check(args: &Check, config: &Config) -> anyhow::Result<Exit> {
    let jobs = chosen(config, &args.jobs)?;
    let mut wrong = 0;
    for job in &jobs {
        // The configuration as such is right, or it would not have been read; a platform may still refuse a place.
        if let Err(UsageError(says)) = sources(config, job) {
            complain(&UsageError(format!("line {}: {says}", job.line)).into());
            wrong += 1;
        }
    }
    if config.transport == TransportKind::Recorded
        && let Err(error) = pull::transport(config, &[], |_| {})
    {
        complain(&error);
        wrong += 1;
    }
    if wrong > 0 {
        return Ok(Exit::Usage);
    }
    let at = args.at.unwrap_or_else(now);
    let mut out = Output::new();
    for job in &jobs {
        out.line(&format!("{} · {}", plain(&job.name), schedule(job)))?;
        fire_times(job, zone(job, config), at, &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}

/// The next fire times as clocks of the zone show them, and in UTC; where clocks were changed since the one before, that is said.
fn fire_times(job: &Job, zone: Zone, at: DateTime<Utc>, out: &mut Output) -> std::io::Result<()> {
    match &job.schedule {
        None => return out.line("    pullquote run leaves it alone; pullquote pull runs it"),
        Some(Schedule::Auto(auto)) => {
            let (least, most) = (written(auto.least), written(auto.most));
            return out.line(&format!("    {least} to {most} after the last look, as there is news"));
        }
        Some(_) => {}
    }
    let times: Vec<DateTime<Utc>> = fires(job, at).take(SHOWN).collect();
    if times.is_empty() {
        out.line("    never: its window is over")?;
    }
    let mut before = at;
    for time in times {
        let utc = time.format("%Y-%m-%d %H:%M:%S UTC");
        let local = zone.local(time);
        let shift = local.offset().local_minus_utc() - zone.local(before).offset().local_minus_utc();
        let changed = match shift {
            0 => String::new(),
            shift => {
                let way = if shift > 0 { "forward" } else { "back" };
                format!("   clocks were put {way} by {}m", shift.abs() / 60)
            }
        };
        before = time;
        if zone == Zone::UTC {
            out.line(&format!("    {utc}"))?;
        } else {
            let local = format!("{} {}", local.format("%a %Y-%m-%d %H:%M:%S"), zone.abbreviation(time));
            out.line(&format!("    {local:<29} {utc}{changed}"))?;
        }
    }
    Ok(())
}

/// The fire times of a job inside its window, after an instant.
fn fires(job: &Job, after: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    let schedule = job.schedule.as_ref();
    // The window begins with `since` itself.
    let before = job.since.map(|since| since - chrono::TimeDelta::nanoseconds(1));
    let first = schedule.and_then(|schedule| schedule.next(before.map_or(after, |before| before.max(after))));
    let times = std::iter::successors(first, move |at| schedule?.next(*at));
    times.take_while(|at| job.until.is_none_or(|until| *at < until))
}

/// When a job runs, in a few words.
fn schedule(job: &Job) -> String {
    let jitter = job.jitter.map(|jitter| format!(", up to {} later", written(jitter))).unwrap_or_default();
    match &job.schedule {
        Some(schedule) => format!("{schedule}{jitter}"),
        None => "no schedule".to_owned(),
    }
}

/// The zone in which a job's fire times are shown: its pattern's, else that of the configuration.
fn zone(job: &Job, config: &Config) -> Zone {
    match &job.schedule {
        Some(Schedule::Cron(cron)) => cron.zone(),
        _ => config.timezone.unwrap_or_default(),
    }
}

/// The jobs of these names; all if there are none.
fn chosen<'a>(config: &'a Config, names: &[String]) -> Result<Vec<&'a Job>, UsageError> {
    let known = || config.job.iter().map(|job| job.name.as_str());
    if config.job.is_empty() {
        return Err(UsageError("no job is configured: write a [[job]] into config.toml".to_owned()));
    }
    if names.is_empty() {
        return Ok(config.job.iter().collect());
    }
    let chosen = names.iter().map(|name| {
        config.job.iter().find(|job| job.name == *name).ok_or_else(|| {
            UsageError(match nearest(name, known()) {
                Some(meant) => format!("no job is named {name:?}: did you mean {meant:?}?"),
                None => format!("no job is named {name:?}; there are: {}", known().collect::<Vec<_>>().join(", ")),
            })
        })
    });
    chosen.collect()
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let at = DateTime::parse_from_rfc3339(text);
    at.map(|at| at.to_utc()).map_err(|_| "write a time as 2026-03-28T18:00:00Z".to_owned())
}
