//! `pullquote pull`: runs the configured jobs.

mod summary;
mod tasks;
mod transport;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::output::Output;
use super::{Context, Exit, keeper, look_for_drift, now, progress, run_name};
use crate::http::Why;
use crate::pull::{self, End, Report};
use crate::store::Tally;
use summary::{json, summary, tally};
pub(super) use transport::transport;

/// Arguments of `pull`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Jobs to run [default: all]
    #[arg(value_name = "JOB")]
    jobs: Vec<String>,
    /// Print the summary as JSON, one object a source
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let tasks = tasks::of_jobs(&context.config, &args.jobs)?;
    let bar = progress::spinner();
    let waits = bar.clone();
    let transport = transport(&context.config, &tasks, move |wait| {
        // The pause between two requests is no news.
        if wait.why != Why::Pace {
            waits.set_message(format!("{} · waits {} s: {}", wait.host, wait.duration.as_secs(), wait.why.as_str()));
        }
    })?;
    let mut keeper = keeper(&context.archive)?;
    let run = run_name(now());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    let mut reports = Vec::new();
    let outcome = runtime.block_on(async {
        let stop = stop_signal()?;
        let mut on_page = |report: &Report| {
            bar.set_message(format!("{} · {} pages · {} new posts", report.source, report.pages, report.tally.new));
        };
        anyhow::Ok(pull::run(&tasks, &transport, &mut keeper, &run, stop, &mut on_page, &mut reports).await?)
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

fn exit(reports: &[Report]) -> Exit {
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
fn stop_signal() -> anyhow::Result<watch::Receiver<bool>> {
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
