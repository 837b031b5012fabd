//! `pull --estimate`, and the question before a pull that costs money.

use std::io::{IsTerminal, Write};

use tokio::runtime::Runtime;

use super::Output;
use super::tasks::THREAD;
use crate::cli::{Exit, UsageError};
use crate::http::Transport;
use crate::ingest::{IngestError, Keeper};
use crate::pull::{self, Begin, Estimate, Task};

/// Says of every task how much there is and what it would take.
pub(super) fn run(
    tasks: &[Task],
    transport: &Transport,
    interval: u64,
    as_json: bool,
    runtime: &Runtime,
) -> anyhow::Result<Exit> {
    let (mut out, mut failed) = (Output::new(), false);
    for task in tasks {
        let estimate = runtime.block_on(pull::estimate(task, transport, interval));
        failed |= estimate.failed;
        if as_json {
            out.line(&json(&estimate).to_string())?
        } else {
            told(&estimate, &mut |line| out.line(line))?
        }
        out.flush()?;
    }
    Ok(if failed { Exit::Partial } else { Exit::Ok })
}

/// The tasks whose reading costs money that no budget limits, each with whether it was pulled before.
pub(in crate::cli) fn paid<'a>(tasks: &'a [Task], keeper: &Keeper) -> Result<Vec<(&'a Task, bool)>, IngestError> {
    let mut paid = Vec::new();
    for task in tasks {
        let metered = task.platform.live.is_some_and(|live| live.price.is_some());
        let limited = task.budget.dollars.is_some() || task.budget.units.is_some();
        // One post costs next to nothing; a thread may be long.
        let is_one = matches!(task.begin, Begin::Request(_)) && !task.source.ends_with(THREAD);
        if metered && task.budget.dollars_per_unit > 0.0 && !limited && !is_one {
            let state = keeper.source_state(&task.job, &task.source)?;
            paid.push((task, state.later.is_some() || !state.pending.is_empty()));
        }
    }
    Ok(paid)
}

/// Says what the tasks cost, and asks. Nobody is asked where there is no terminal.
pub(super) fn agreed(
    paid: &[(&Task, bool)],
    transport: &Transport,
    interval: u64,
    runtime: &Runtime,
) -> anyhow::Result<bool> {
    let mut err = std::io::stderr();
    if !std::io::stdin().is_terminal() || !err.is_terminal() {
        let names: Vec<&str> = paid.iter().map(|(task, _)| task.source.as_str()).collect();
        return Err(UsageError(format!(
            "reading {} costs money: give the job a budget (dollars or units) or say --yes; --estimate says how much",
            names.join(", ")
        ))
        .into());
    }
    let (mut dollars, mut is_whole) = (0.0, true);
    for (task, known) in paid {
        if *known {
            writeln!(
                err,
                "{} · {}: what is new since the last pull, at ${} for each of the {}",
                task.job,
                task.source,
                task.budget.dollars_per_unit,
                task.platform.live.and_then(|live| live.price).map_or("units", |price| price.units)
            )?;
            is_whole = false;
            continue;
        }
        let estimate = runtime.block_on(pull::estimate(task, transport, interval));
        told(&estimate, &mut |line| writeln!(err, "{}", crate::quote::visible(line)))?;
        dollars += estimate.dollars;
        is_whole &= estimate.posts.is_ok();
    }
    let price = match (is_whole, dollars > 0.0) {
        (true, _) => format!("about ${dollars:.2}"),
        (false, true) => format!("about ${dollars:.2} and what else there is"),
        (false, false) => "a price that is not known beforehand".to_owned(),
    };
    write!(err, "read them for {price}? [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn told(estimate: &Estimate, line: &mut dyn FnMut(&str) -> std::io::Result<()>) -> std::io::Result<()> {
    line(&format!("{} · {}", estimate.job, estimate.source))?;
    if estimate.counting > 0.0 {
        line(&format!("  counting ${:.2}", estimate.counting))?;
    }
    let posts = match &estimate.posts {
        Ok(posts) => posts,
        Err(why) => return line(&format!("  unknown  {why}")),
    };
    let caveat = if estimate.caveat.is_empty() { String::new() } else { format!(" ({})", estimate.caveat) };
    line(&format!("  posts    {posts}{caveat}"))?;
    let minutes = estimate.seconds.div_ceil(60);
    line(&format!("  takes    {} requests, about {minutes} min", estimate.requests))?;
    if estimate.units > 0 {
        let money = if estimate.dollars > 0.0 { format!(", about ${:.2}", estimate.dollars) } else { String::new() };
        line(&format!("  uses up  {} {}{money}", estimate.units, estimate.unit))?;
    }
    Ok(())
}

fn json(estimate: &Estimate) -> serde_json::Value {
    serde_json::json!({
        "job": estimate.job, "source": estimate.source, "posts": estimate.posts.as_ref().ok(),
        "why": estimate.posts.as_ref().err(), "caveat": estimate.caveat, "requests": estimate.requests,
        "seconds": estimate.seconds, "units": estimate.units, "unit": estimate.unit, "dollars": estimate.dollars,
        "counting": estimate.counting,
    })
}
