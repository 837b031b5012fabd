//! `pullquote pull`: runs the configured jobs.

mod estimate;
pub(super) mod summary;
mod tasks;
mod transport;

use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::output::Output;
use super::{Context, Exit, UsageError, keeper, look_for_drift, now, progress, run_name};
use crate::clock::Clock;
use crate::config::{Config, TransportKind};
use crate::http::Why;
use crate::platform;
use crate::pull::{self, Begin, End, Puller, Report, Task};
use crate::schedule::duration;
use crate::store::Tally;
pub(super) use estimate::paid;
use summary::{json, summary, tally};
pub(super) use tasks::{of_address, of_jobs as tasks_of, source};
pub(super) use transport::{at, transport};

/// Arguments of `pull`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Jobs to run [default: all], or addresses of posts
    #[arg(value_name = "JOB|URL")]
    jobs: Vec<String>,
    /// Of an address, the thread that the post stands in, too
    #[arg(long)]
    thread: bool,
    /// Only say how much there is and what it would cost; reads no post
    #[arg(long, conflicts_with = "thread")]
    estimate: bool,
    /// Then listen to what comes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["thread", "estimate"])]
    follow: bool,
    /// Listen no longer than this: 90s, 30m, 12h, 7d
    #[arg(long = "for", value_name = "TIME", requires = "follow", value_parser = duration)]
    time: Option<Duration>,
    /// Do not ask before reading what costs money
    #[arg(long)]
    yes: bool,
    /// Print the summary as JSON, one object a source
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let tasks = tasks(&args, &context.config)?;
    if args.follow {
        can_follow(&tasks, &context.config)?;
    }
    let bar = progress::spinner();
    let waits = bar.clone();
    let transport = transport(&context.config, &tasks, move |wait| {
        // The pause between two requests is no news.
        if wait.why != Why::Pace {
            waits.set_message(format!("{} · waits {} s: {}", wait.host, wait.duration.as_secs(), wait.why.as_str()));
        }
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    let interval = context.config.http.min_interval_ms;
    if args.estimate {
        return estimate::run(&tasks, &transport, interval, args.json, &runtime);
    }
    let mut keeper = keeper(&context.archive)?;
    let paid = estimate::paid(&tasks, &keeper)?;
    if !args.yes && !paid.is_empty() && !estimate::agreed(&paid, &transport, interval, &runtime)? {
        return Ok(Exit::Interrupted);
    }
    let run = run_name(now());
    let mut reports = Vec::new();
    let outcome = runtime.block_on(async {
        let stop = stop_signal()?;
        let mut on_page = |report: &Report| {
            bar.set_message(format!("{} · {} pages · {} new posts", report.source, report.pages, report.tally.new));
        };
        let puller = Puller::new(&transport, &mut keeper, &run, stop, Clock::system(), &mut on_page);
        if args.follow {
            pull::follow(&tasks, &puller, args.time, &mut reports).await?;
        } else {
            pull::run(&tasks, &puller, &mut reports).await?;
        }
        anyhow::Ok(())
    });
    bar.finish_and_clear();
    let mut out = Output::new();
    for report in &reports {
        if args.json { out.line(&json(report).to_string())? } else { summary(report, &mut out)? }
    }
    if !args.json && reports.len() > 1 {
        let total: Tally = reports.iter().map(|report| report.tally).sum();
        out.line(&format!("total: {}", tally(&total)))?;
    }
    out.flush()?;
    // What was pulled before the archive failed has been told.
    outcome?;
    let exit = look_for_drift(&keeper, &run, exit(&reports))?;
    keeper.close()?;
    Ok(exit)
}

/// The jobs and addresses that are named; all jobs if none is.
fn tasks(args: &Args, config: &Config) -> Result<Vec<Task>, UsageError> {
    let (addresses, names): (Vec<String>, Vec<String>) =
        args.jobs.iter().cloned().partition(|name| name.contains("://"));
    if args.thread && addresses.is_empty() {
        return Err(UsageError("--thread goes with the address of a post".to_owned()));
    }
    let mut tasks = Vec::new();
    if addresses.is_empty() || !names.is_empty() {
        tasks.extend(tasks::of_jobs(config, &names)?);
    }
    for address in &addresses {
        tasks.push(tasks::of_address(config, address, args.thread)?);
    }
    Ok(tasks)
}

/// Whether any of the tasks has a stream; names those that have none.
fn can_follow(tasks: &[Task], config: &Config) -> Result<(), UsageError> {
    if config.transport == TransportKind::Recorded {
        return Err(UsageError(
            "the recorded examples have no streams: --follow needs transport = \"live\"".to_owned(),
        ));
    }
    let has_stream = |task: &&Task| {
        matches!(task.begin, Begin::Query(_)) && task.platform.live.is_some_and(|live| live.stream.is_some())
    };
    if !tasks.iter().any(|task| has_stream(&task)) {
        let all = platform::ALL.iter().filter(|platform| platform.live.is_some_and(|live| live.stream.is_some()));
        let names = all.map(|platform| platform.title).collect::<Vec<_>>().join(", ");
        return Err(UsageError(format!("nothing here can be followed; there are streams of: {names}")));
    }
    for task in tasks.iter().filter(|task| !has_stream(task)) {
        eprintln!("{} has no stream: it is pulled and not followed", task.source);
    }
    Ok(())
}

pub(super) fn exit(reports: &[Report]) -> Exit {
    let any = |ended: fn(&End) -> bool| reports.iter().any(|report| ended(&report.end));
    if any(|end| *end == End::Interrupted) {
        Exit::Interrupted
    } else if any(|end| matches!(end, End::Failed(_))) {
        Exit::Partial
    } else {
        Exit::Ok
    }
}

/// Becomes true at Ctrl-C or SIGTERM; a second one ends the program at once.
pub(super) fn stop_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (send, stop) = watch::channel(false);
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for Ctrl-C")?;
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    tokio::spawn(async move {
        loop {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            if *send.borrow() {
                std::process::exit(i32::from(Exit::Interrupted.code()));
            }
            // Nobody listens any more when the pull has ended.
            send.send_replace(true);
        }
    });
    Ok(stop)
}
