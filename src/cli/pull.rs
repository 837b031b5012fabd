//! `pullquote pull`: runs the configured jobs.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::output::Output;
use super::{Context, Exit, UsageError, keeper, look_for_drift, now, progress, run_name};
use crate::config::{self, Config, Job, TransportKind};
use crate::http::{self, Client, OnWait, Recorded, Transport, Wait, Why};
use crate::platform::{self, Query, Source};
use crate::pull::{self, End, Report, Task};
use crate::store::Tally;

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
    let tasks = tasks(&context.config, &args.jobs)?;
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

/// The jobs named (or all), as one task for each tag and source.
fn tasks(config: &Config, names: &[String]) -> Result<Vec<Task>, UsageError> {
    if config.job.is_empty() {
        return Err(UsageError(
            "no job is configured: write a [[job]] into config.toml, or name it with --config".into(),
        ));
    }
    let known = || config.job.iter().map(|job| job.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut jobs: Vec<&Job> = Vec::new();
    for name in names {
        let job = config.job.iter().find(|job| job.name == *name);
        jobs.push(job.ok_or_else(|| UsageError(format!("no job is named {name:?}; there are: {}", known())))?);
    }
    if names.is_empty() {
        jobs.extend(&config.job);
    }
    // A source's state belongs to who answered: a live server must not be asked to go on where the fixtures ended.
    let recorded = if config.transport == TransportKind::Recorded { "recorded:" } else { "" };
    let mut tasks = Vec::new();
    for job in jobs {
        for source in &job.sources {
            let Some(platform) = platform::by_name(&source.platform) else {
                let known = platform::ALL.iter().map(|platform| platform.name).collect::<Vec<_>>().join(", ");
                return Err(UsageError(format!(
                    "job {:?} names the platform {:?}; there are: {known}",
                    job.name, source.platform
                )));
            };
            // A credential that bears the platform's name is meant for it.
            let namesake = config.credential.contains_key(platform.name).then(|| platform.name.to_owned());
            for tag in &job.tags {
                let task = Task {
                    job: job.name.clone(),
                    source: format!("{recorded}{source}#{tag}"),
                    platform,
                    server: Source {
                        server: source.server.clone(),
                        credential: source.credential.clone().or_else(|| namesake.clone()),
                    },
                    query: Query { tag: tag.clone(), since: job.since, until: job.until },
                    max_pages: job.max_pages.get(),
                };
                task.first().map_err(|error| UsageError(format!("job {:?}, source {source}: {error}", job.name)))?;
                tasks.push(task);
            }
        }
    }
    Ok(tasks)
}

/// Live servers or the recorded fixtures, as configured. `on_wait` is told of every wait.
pub(super) fn transport(
    config: &Config,
    tasks: &[Task],
    on_wait: impl Fn(&Wait) + Send + Sync + 'static,
) -> anyhow::Result<Transport> {
    if config.transport == TransportKind::Recorded {
        return Ok(Transport::Recorded(Recorded::open(&config.fixtures)?));
    }
    let seconds = Duration::from_secs;
    let options = http::Options {
        contact: config.contact.clone(),
        allow_private: config.http.allow_private.clone(),
        min_interval: Duration::from_millis(config.http.min_interval_ms),
        connect_timeout: seconds(config.http.connect_timeout_s),
        first_byte_timeout: seconds(config.http.first_byte_timeout_s),
        total_timeout: seconds(config.http.total_timeout_s),
        body_limit: config.http.body_limit_mib.saturating_mul(1 << 20),
        retries: config.http.retries,
        max_wait: seconds(config.http.max_wait_s),
        on_wait: Some(OnWait::new(on_wait)),
        ..http::Options::default()
    };
    let client = Client::new(options, credentials(config, tasks)?);
    Ok(Transport::Live(client.map_err(|error| UsageError(error.to_string()))?))
}

/// The credentials that the tasks send, each bound to the one server that it belongs to.
fn credentials(config: &Config, tasks: &[Task]) -> Result<HashMap<String, http::Credential>, UsageError> {
    let mut credentials: HashMap<String, http::Credential> = HashMap::new();
    for task in tasks {
        let Some(name) = &task.server.credential else { continue };
        let Some(configured) = config.credential.get(name) else { continue };
        let wrong = |why: &str| UsageError(format!("[credential.{name}] is sent to {}: {why}", task.source));
        let credential = credential_of(configured, task).map_err(|why| wrong(&why))?;
        match credentials.get(name).map(http::Credential::server).filter(|known| *known != credential.server()) {
            Some(known) => return Err(wrong(&format!("it belongs to one server, and is sent to {known} already"))),
            None => credentials.insert(name.clone(), credential),
        };
    }
    Ok(credentials)
}

/// A password is traded for tokens by the log-in of the platform that it is sent to, at the server that is asked.
fn credential_of(credential: &config::Credential, task: &Task) -> Result<http::Credential, String> {
    let server = task.first().map_err(|error| error.to_string())?.origin().ok_or("it names no server")?;
    Ok(match credential.clone() {
        config::Credential::Token { token_env } => http::Credential::Token { env: token_env, server },
        config::Credential::Password { identifier_env, password_env } => {
            let session = task.platform.session.ok_or("it knows no log-in with a password; give a token_env")?;
            http::Credential::Password { identifier_env, password_env, session, server }
        }
    })
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

fn tally(tally: &Tally) -> String {
    format!("{} new, {} known, {} changed", tally.new, tally.known, tally.changed)
}

fn summary(report: &Report, out: &mut Output) -> std::io::Result<()> {
    out.line(&format!("{} · {}", report.job, report.source))?;
    out.line(&format!("  pages    {} in {} requests", report.pages, report.requests))?;
    out.line(&format!("  posts    {}", tally(&report.tally)))?;
    for (reason, count, _) in report.skipped.iter() {
        out.line(&format!("  skipped  {count}: {reason}"))?;
    }
    for (doubt, count, _) in report.doubts.iter() {
        out.line(&format!("  doubtful {count}: {doubt}"))?;
    }
    let minute = "%Y-%m-%d %H:%M";
    match report.span {
        Some((oldest, newest)) => {
            out.line(&format!("  covered  {} to {} UTC", oldest.format(minute), newest.format(minute)))?
        }
        None => out.line("  covered  nothing: no dated post was seen")?,
    }
    match &report.end {
        End::Done => Ok(()),
        End::PageLimit => out.line("  stopped  at the page limit; the next pull goes on from here"),
        End::Interrupted => out.line("  stopped  by you; the next pull goes on from here"),
        End::Failed(why) => out.line(&format!("  failed   {why}")),
    }
}

fn json(report: &Report) -> serde_json::Value {
    let (state, why) = match &report.end {
        End::Done => ("done", None),
        End::PageLimit => ("page-limit", None),
        End::Interrupted => ("interrupted", None),
        End::Failed(why) => ("failed", Some(why)),
    };
    serde_json::json!({
        "job": report.job, "source": report.source, "requests": report.requests, "pages": report.pages,
        "new": report.tally.new, "known": report.tally.known, "changed": report.tally.changed,
        "skipped": report.skipped, "doubts": report.doubts, "oldest": report.span.map(|span| span.0), "newest": report.span.map(|span| span.1),
        "ended": state, "why": why,
    })
}
