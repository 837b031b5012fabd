//! `pullquote gaps`: what is not covered, what can still be done about it, and doing it.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write as _};

use anyhow::Context as _;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::output::Output;
use super::print::plain;
use super::pull::{paid, stop_signal, summary, tasks_of, transport};
use super::{Context, Exit, UsageError, now, progress, run_name};
use crate::clock::Clock;
use crate::config::Config;
use crate::coverage::{Asking, BEGINNING, Cause, FILL, Gap, Part, Plan, Stretch, Survey, plan, surveys, window};
use crate::ingest::Keeper;
use crate::pull::{self, Begin, Puller, Report, Task, money};
use crate::store::{Reader, StoreError};

/// What was not asked for so long is a gap. It is the longest pause of `every = "auto"`, and a little more.
const PAUSE: TimeDelta = TimeDelta::hours(7);

/// Arguments of `gaps`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Jobs [default: all that are configured]
    #[arg(value_name = "JOB")]
    jobs: Vec<String>,
    /// Close what can still be closed: shows what it takes, then asks
    #[arg(long)]
    fill: bool,
    /// Do not ask
    #[arg(long, requires = "fill")]
    yes: bool,
    /// Print it as JSON, one object a source
    #[arg(long)]
    json: bool,
}

/// A source that has gaps, and what can be done about them.
struct Patient {
    task: Task,
    plan: Plan,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let archive = context.archive.clone().existing()?;
    let tasks = tasks_of(&context.config, &args.jobs)?;
    let reader = Reader::open(&archive.database())?;
    let patients = patients(&tasks, &reader)?;
    if reader.is_older_than_its_ledger()? {
        eprintln!("there are captures from before the ledger was kept: pullquote rebuild finds out what they cover");
    }
    drop(reader);
    let mut out = Output::new();
    for patient in &patients {
        if args.json { out.line(&object(patient).to_string())? } else { told(patient, &mut out)? }
    }
    if patients.is_empty() && !args.json {
        out.line("no gaps")?;
    }
    out.flush()?;
    drop(out);
    let tasks: Vec<Task> = patients.iter().flat_map(cures).collect();
    if !args.fill || tasks.is_empty() {
        return Ok(Exit::Ok);
    }
    if !args.yes && !agreed(&patients)? {
        return Ok(Exit::Interrupted);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    let mut keeper = super::keeper(&archive)?;
    fill(&runtime, &tasks, &context.config, &mut keeper, &args)
}

/// The sources that have gaps, each with its plan.
fn patients(tasks: &[Task], reader: &Reader) -> anyhow::Result<Vec<Patient>> {
    let mut known: BTreeMap<(String, String), (Survey, Vec<Stretch>)> = BTreeMap::new();
    let parts = reader.covered(None)?;
    let name = |part: &Part| (part.job.clone(), part.source.clone());
    let under_way: BTreeMap<_, Vec<Stretch>> =
        parts.iter().map(|part| (name(part), part.ledger.under_way().collect())).collect();
    for survey in surveys(parts) {
        let name = (survey.job.clone(), survey.source.clone());
        let under_way = under_way.get(&name).cloned().unwrap_or_default();
        known.insert(name, (survey, under_way));
    }
    let mut patients = Vec::new();
    for task in tasks {
        let Some(live) = task.platform.live else { continue };
        let Some((survey, under_way)) = known.get(&(task.job.clone(), task.source.clone())) else {
            patients.extend(
                never(task)
                    .map(|gap| Patient { task: task.clone(), plan: Plan { look: vec![gap], ..Plan::default() } }),
            );
            continue;
        };
        let mut survey = survey.clone();
        survey.gaps.extend(since_then(task, &survey));
        let survey = &survey;
        let density = density(reader, survey)?;
        // No stretch has so many seconds that a double could not count them.
        #[expect(clippy::cast_precision_loss)]
        let posts = |stretch: Stretch| match stretch.is_open() {
            // How many there are before the beginning nobody knows.
            true => 0.0,
            false => density * stretch.length().num_seconds() as f64,
        };
        let asking = Asking { seeks: live.paging.seeks, per_request: live.per_request, posts: &posts, now: now() };
        let plan = plan(survey, under_way, &asking);
        if plan != Plan::default() {
            patients.push(Patient { task: task.clone(), plan });
        }
    }
    Ok(patients)
}

/// What a source that was never asked has not covered: all of it.
fn never(task: &Task) -> Option<Gap> {
    let Begin::Query(query) = &task.begin else { return None };
    let until = query.until.unwrap_or(now()).min(now());
    let stretch = Stretch::new(query.since.unwrap_or(BEGINNING), until)?;
    Some(Gap { stretch, cause: Cause::Stopped, why: "it was never asked".to_owned() })
}

/// What has passed since a source was last read, if that is longer than a pause between two looks may be.
fn since_then(task: &Task, survey: &Survey) -> Option<Gap> {
    let Begin::Query(query) = &task.begin else { return None };
    let until = query.until.unwrap_or(now()).min(now());
    let stretch = Stretch::new(survey.asked?.until, until).filter(|stretch| stretch.length() > PAUSE)?;
    Some(Gap { stretch, cause: Cause::Stopped, why: "it was not asked since".to_owned() })
}

/// Posts of a source in a second of what it has covered, about.
fn density(reader: &Reader, survey: &Survey) -> Result<f64, StoreError> {
    let (mut posts, mut seconds) = (0, 0);
    for stretch in survey.covered.iter().filter(|stretch| !stretch.is_open()) {
        posts += reader.posts_within(&survey.job, *stretch)?;
        seconds += stretch.length().num_seconds();
    }
    // An archive holds fewer posts than a double can count.
    #[expect(clippy::cast_precision_loss)]
    let density = if seconds > 0 { posts as f64 / seconds as f64 } else { 0.0 };
    Ok(density)
}

/// The tasks that close the gaps of a source.
fn cures(patient: &Patient) -> Vec<Task> {
    let Patient { task, plan } = patient;
    let mut cures = Vec::new();
    if !plan.look.is_empty() {
        cures.push(task.clone());
    }
    let Begin::Query(query) = &task.begin else { return cures };
    for walk in &plan.walks {
        let (since, until) = window(walk.stretch);
        let mut query = query.clone();
        (query.since, query.until) = (since.or(query.since), until);
        let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let name = format!("{}{FILL}{}/{})", task.source, stamp(walk.stretch.since), stamp(walk.stretch.until));
        cures.push(Task { source: name, begin: Begin::Query(query), media: Vec::new(), ..task.clone() });
    }
    cures
}

fn fill(runtime: &Runtime, tasks: &[Task], config: &Config, keeper: &mut Keeper, args: &Args) -> anyhow::Result<Exit> {
    let unlimited = paid(tasks, keeper)?;
    if let Some((task, _)) = unlimited.first().filter(|_| !args.yes) {
        return Err(
            UsageError(format!("reading {} costs money: give the job a budget or say --yes", task.source)).into()
        );
    }
    let transport = transport(config, tasks, |_| {})?;
    let bar = progress::spinner();
    let run = run_name(now());
    let mut reports = Vec::new();
    let mut on_page = |report: &Report| {
        bar.set_message(format!("{} · {} pages · {} new posts", report.source, report.pages, report.tally.new));
    };
    let outcome = runtime.block_on(async {
        let puller = Puller::new(&transport, keeper, &run, stop_signal()?, Clock::system(), &mut on_page);
        anyhow::Ok(pull::run(tasks, &puller, &mut reports).await?)
    });
    bar.finish_and_clear();
    let mut out = Output::new();
    for report in &reports {
        if args.json { out.line(&summary::json(report).to_string())? } else { summary::summary(report, &mut out)? }
    }
    out.flush()?;
    outcome?;
    Ok(super::pull::exit(&reports))
}

fn agreed(patients: &[Patient]) -> anyhow::Result<bool> {
    let mut err = std::io::stderr();
    if !std::io::stdin().is_terminal() || !err.is_terminal() {
        return Err(UsageError("nobody can be asked here: say --yes".to_owned()).into());
    }
    let requests: u64 = patients.iter().map(|patient| requests(&patient.plan)).sum();
    write!(err, "close them with about {requests} requests? [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn requests(plan: &Plan) -> u64 {
    plan.walks.iter().map(|walk| walk.requests).sum::<u64>() + u64::from(!plan.look.is_empty())
}

/// What the requests of a plan cost at most, in US dollars.
fn dollars(patient: &Patient) -> f64 {
    let Some(live) = patient.task.platform.live else { return 0.0 };
    let Some(price) = live.price else { return 0.0 };
    let units = requests(&patient.plan).saturating_mul(price.of_post.saturating_mul(u64::from(live.per_request)));
    money(units, patient.task.budget.dollars_per_unit)
}

fn stamp(at: DateTime<Utc>) -> String {
    if at == BEGINNING { "the beginning".to_owned() } else { at.format("%Y-%m-%d %H:%M:%S").to_string() }
}

fn line(gap: &Gap, what: &str) -> String {
    let why = if gap.why.is_empty() { String::new() } else { format!(" ({})", plain(&gap.why)) };
    format!("  {} to {} UTC  {}{why}: {what}", stamp(gap.stretch.since), stamp(gap.stretch.until), gap.cause.about())
}

fn told(patient: &Patient, out: &mut Output) -> std::io::Result<()> {
    let Patient { task, plan } = patient;
    out.line(&format!("{} · {}", plain(&task.job), plain(&task.source)))?;
    for gap in &plan.look {
        out.line(&line(gap, "the next look closes it"))?;
    }
    for walk in &plan.walks {
        for gap in &walk.closes {
            out.line(&line(gap, "a walk closes it"))?;
        }
    }
    for gap in &plan.lost {
        out.line(&line(gap, "can no longer be closed"))?;
    }
    let requests = requests(plan);
    if requests > 0 {
        let dollars = dollars(patient);
        let money = if dollars > 0.0 { format!(", at most ${dollars:.2}") } else { String::new() };
        let walks = plan.walks.len() + usize::from(!plan.look.is_empty());
        out.line(&format!("  to close them: {walks} walks, about {requests} requests{money}"))?;
    }
    Ok(())
}

fn object(patient: &Patient) -> Value {
    let Patient { task, plan } = patient;
    json!({
        "job": task.job, "source": task.source, "look": plan.look, "lost": plan.lost,
        "walks": plan.walks.iter().map(|walk| json!({
            "since": walk.stretch.since, "until": walk.stretch.until, "requests": walk.requests, "closes": walk.closes,
        })).collect::<Vec<_>>(),
        "requests": requests(plan), "dollars": dollars(patient),
    })
}
