//! `pullquote hydrate`: the posts of a list of ids, pulled again one by one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use indicatif::ProgressBar;
use serde_json::json;
use tokio::sync::watch;

use super::output::Output;
use super::print::plain;
use super::pull::{of_address, stop_signal, transport};
use super::{Context, Exit, UsageError, keeper, look_for_drift, now, progress, run_name};
use crate::clock::Clock;
use crate::config::{Config, TransportKind};
use crate::coverage::Cause;
use crate::exchange::ADDRESS;
use crate::export::ids::{self, Named};
use crate::http::{Transport, Why};
use crate::ingest::{self, Keeper};
use crate::platform;
use crate::pull::{self, Begin, End, Period, Puller, Purse, Report, Task};
use crate::store::{Lookup, Reader, Standing, StoreError};

/// Arguments of `hydrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// List of posts, one a line: platform, tab, and URI, address or id, or one of these alone; - is standard input
    #[arg(value_name = "FILE")]
    list: PathBuf,
    /// Also ask for what the archive holds, and for what was gone before
    #[arg(long)]
    again: bool,
    /// The most that it may cost, in US dollars
    #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
    budget: Option<f64>,
    /// Read what costs money without a budget
    #[arg(long)]
    yes: bool,
    /// Print what became of every line as JSON, one object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let text = read(&args.list)?;
    let lines: Vec<Named<'_>> = once(text.lines().filter_map(ids::read));
    let config = &context.config;
    let before = context.archive.database().is_file().then(|| Reader::open(&context.archive.database())).transpose()?;
    let keyed = credentials(&lines, config, &args, before.as_ref())?;
    drop(before);
    let bar = progress::spinner();
    let waits = bar.clone();
    let transport = transport(config, &keyed, move |wait| {
        // The pause between two requests is no news.
        if wait.why != Why::Pace {
            waits.set_message(format!("{} · waits {} s: {}", wait.host, wait.duration.as_secs(), wait.why.as_str()));
        }
    })?;
    let mut keeper = keeper(&context.archive)?;
    let reader = Reader::open(&context.archive.database())?;
    let (before, last) = answered(&reader)?;
    let run = run_name(now());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    let exit = runtime.block_on(async {
        let mut hydration = Hydration {
            args: &args,
            config,
            transport: &transport,
            keeper: &mut keeper,
            reader: &reader,
            run: &run,
            stop: stop_signal()?,
            bar,
            before,
            last,
            closed: HashSet::new(),
            purse: Purse::of(Period::Pull, Clock::system()),
            told: BTreeMap::new(),
            out: Output::new(),
        };
        hydration.all(&lines).await
    })?;
    let exit = look_for_drift(&keeper, &run, exit)?;
    keeper.close()?;
    Ok(exit)
}

/// The list. It is a file of people's: what is no UTF-8 in it is no id.
fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let bytes = bytes.with_context(|| format!("read {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Each line once, in order.
fn once<'t>(lines: impl Iterator<Item = Named<'t>>) -> Vec<Named<'t>> {
    let mut seen = HashSet::new();
    lines.filter(|line| seen.insert((line.platform, line.name))).collect()
}

/// A task for every credential that is sent; and whether somebody has agreed to what it costs.
fn credentials(
    lines: &[Named<'_>],
    config: &Config,
    args: &Args,
    reader: Option<&Reader>,
) -> anyhow::Result<Vec<Task>> {
    let (mut keyed, mut known, mut paid) = (Vec::new(), HashSet::new(), 0_u64);
    for line in lines {
        let Ok(task) = task(line, config) else { continue };
        let is_held = || reader.map_or(Ok(false), |reader| held(line, reader).map(|key| key.is_some()));
        paid += u64::from(costs(&task, config) && (args.again || !is_held()?));
        let origin = task.first().ok().and_then(|request| request.origin());
        if task.server.credential.is_some() && known.insert((task.server.credential.clone(), origin)) {
            keyed.push(task);
        }
    }
    if paid > 0 && args.budget.is_none() && !args.yes {
        let told = format!("reading {paid} of these posts costs money: say how much it may be with --budget, or --yes");
        return Err(UsageError(told).into());
    }
    Ok(keyed)
}

/// Whether the answer to a task costs money.
fn costs(task: &Task, config: &Config) -> bool {
    let price = task.platform.live.and_then(|live| live.price);
    let worst = price.zip(task.first().ok()).map_or(0, |(price, request)| (price.worst)(&request));
    config.transport != TransportKind::Recorded && worst > 0 && task.budget.dollars_per_unit > 0.0
}

/// What brings the post of a line.
fn task(line: &Named<'_>, config: &Config) -> Result<Task, UsageError> {
    let by_id = platform::address_of_id(line.platform, line.name);
    of_address(config, by_id.as_deref().unwrap_or(line.name), false)
}

/// What the last answer was to a post that was asked for by its address, where it may not have to be asked for again.
#[derive(Debug, Clone)]
enum Before {
    /// It held no post: its address, its status, and what was said.
    Empty(String, u16, Option<String>),
    /// A post was shown.
    Shown,
}

/// The last answers by source, and the number of the last capture.
fn answered(reader: &Reader) -> Result<(HashMap<String, Before>, i64), StoreError> {
    let (mut before, mut last) = (HashMap::new(), 0);
    reader.each_capture(0, |capture| {
        last = capture.row.number;
        if capture.row.job == ADDRESS {
            let (source, status) = (capture.row.source, capture.row.status);
            let shown = (200..300).contains(&status) && capture.posts > 0;
            let told = if shown { Before::Shown } else { Before::Empty(capture.row.url, status, capture.problem) };
            before.insert(source, told);
        }
        ControlFlow::Continue(())
    })?;
    Ok((before, last))
}

/// The key of the post of a line that the archive holds, under that name or under the one that its address tells.
fn held(line: &Named<'_>, reader: &Reader) -> Result<Option<String>, StoreError> {
    if let Some(key) = reader.held_as(line.platform, line.name)? {
        return Ok(Some(key));
    }
    let by_id = platform::address_of_id(line.platform, line.name);
    let key = platform::post_at(by_id.as_deref().unwrap_or(line.name)).map(|post| post.key());
    let is_held = key.as_deref().map_or(Ok(false), |key| reader.holds(key))?;
    Ok(key.filter(|_| is_held))
}

/// The task that looks again at a post of the archive: what is answered is written down as of a re-check.
fn again(task: Task, key: &str, reader: &Reader) -> Result<Task, StoreError> {
    let (Lookup::One(stored), Ok(request)) = (reader.post(key)?, task.first()) else { return Ok(task) };
    let (post, server) = (stored.post, request.origin().unwrap_or_default());
    let known = pull::known(&stored.key, &post.platform, post.uri.as_deref(), post.id.as_deref(), &server);
    Ok(Task { begin: Begin::Again(request, known), ..task })
}

/// The id at the end of the address of a line.
fn id_of<'l>(line: &Named<'l>) -> Option<&'l str> {
    let path = line.name.split(['?', '#']).next()?.trim_end_matches('/');
    path.rsplit('/').next().filter(|id| !id.is_empty())
}

fn dollars(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|dollars: &f64| dollars.is_finite() && *dollars >= 0.0)
        .ok_or_else(|| "write a number: 2.50".to_owned())
}

/// Why a post that came is not what was asked for.
const OTHER: &str = "the server answered with another post";

/// What became of a line.
enum Outcome {
    /// The archive held it.
    Held,
    /// It came.
    Brought,
    /// It is gone, as this answer says.
    Gone(u16),
    /// It is not shown to us, as this answer says.
    Refused(u16, String),
    /// Nobody knows.
    Failed(String),
    /// It was not asked for.
    Left(String),
}

impl Outcome {
    fn parts(&self) -> (&'static str, Option<u16>, &str) {
        match self {
            Outcome::Held => ("held", None, ""),
            Outcome::Brought => ("brought", None, ""),
            Outcome::Gone(status) => ("gone", Some(*status), ""),
            Outcome::Refused(status, why) => ("refused", Some(*status), why),
            Outcome::Failed(why) => ("failed", None, why),
            Outcome::Left(why) => ("left", None, why),
        }
    }
}

struct Hydration<'a> {
    args: &'a Args,
    config: &'a Config,
    transport: &'a Transport,
    keeper: &'a mut Keeper,
    reader: &'a Reader,
    run: &'a str,
    stop: watch::Receiver<bool>,
    bar: ProgressBar,
    /// What was answered before, by sources of single posts.
    before: HashMap<String, Before>,
    /// Number of the last capture that was looked at.
    last: i64,
    /// Servers that want to be left alone.
    closed: HashSet<String>,
    /// What the whole list may use up, and has used up.
    purse: Purse,
    /// How many lines came to what, with the answer's status.
    told: BTreeMap<(&'static str, Option<u16>), u64>,
    out: Output,
}

impl Hydration<'_> {
    async fn all(&mut self, lines: &[Named<'_>]) -> anyhow::Result<Exit> {
        let mut interrupted = false;
        for (place, line) in lines.iter().enumerate() {
            interrupted |= *self.stop.borrow();
            if interrupted {
                break;
            }
            self.bar.set_message(format!("{place} of {} · {}", lines.len(), plain(line.name)));
            match self.one(line).await? {
                Some(outcome) => self.tell(line, &outcome)?,
                None => interrupted = true,
            }
        }
        self.bar.finish_and_clear();
        self.out.flush()?;
        let count = |wanted: &str| {
            self.told.iter().filter(|((what, _), _)| *what == wanted).map(|(_, count)| count).sum::<u64>()
        };
        let told: Vec<String> = self
            .told
            .iter()
            .map(|((what, status), count)| match status {
                Some(status) => format!("{count} {what} ({status})"),
                None => format!("{count} {what}"),
            })
            .collect();
        let done: u64 = self.told.values().sum();
        let rest = lines.len() as u64 - done;
        let rest = if rest > 0 { format!("; {rest} not come to, the next run goes on there") } else { String::new() };
        eprintln!("{} posts: {}{rest}", lines.len(), if told.is_empty() { "none".to_owned() } else { told.join(", ") });
        let failed = count("failed") + count("refused") + count("left");
        Ok(if interrupted {
            Exit::Interrupted
        } else if failed > 0 {
            Exit::Partial
        } else {
            Exit::Ok
        })
    }

    /// Says what became of a line; of those that are in the archive only to programs.
    fn tell(&mut self, line: &Named<'_>, outcome: &Outcome) -> io::Result<()> {
        let (what, status, why) = outcome.parts();
        *self.told.entry((what, status)).or_default() += 1;
        if self.args.json {
            let object =
                json!({ "platform": line.platform, "name": line.name, "outcome": what, "status": status, "why": why });
            self.out.line(&object.to_string())?;
        } else if !matches!(outcome, Outcome::Held | Outcome::Brought) {
            let status = status.map_or_else(|| "-".to_owned(), |status| status.to_string());
            let why = if why.is_empty() { String::new() } else { format!("\t{}", plain(why)) };
            self.out.line(&format!("{what}\t{status}\t{}{why}", plain(line.name)))?;
        }
        self.out.flush()
    }

    /// What becomes of a line; `None` if the user has stopped.
    async fn one(&mut self, line: &Named<'_>) -> anyhow::Result<Option<Outcome>> {
        let held = held(line, self.reader)?;
        if !self.args.again && held.is_some() {
            return Ok(Some(Outcome::Held));
        }
        let mut task = match task(line, self.config) {
            Ok(task) => task,
            Err(error) => return Ok(Some(Outcome::Failed(error.to_string()))),
        };
        match self.before.get(&task.source).filter(|_| !self.args.again) {
            Some(Before::Empty(url, status, problem)) => {
                let is_own = task.first().is_ok_and(|asked| ingest::is_of(&asked.url, url));
                if ingest::of_answer(*status, problem.as_deref(), None, is_own) == Some(Standing::Gone) {
                    return Ok(Some(Outcome::Gone(*status)));
                }
            }
            Some(Before::Shown) => {
                // A server may show the post of another under an id of its own.
                let id = id_of(line)
                    .map_or(Ok(false), |id| self.reader.held_as(line.platform, id).map(|key| key.is_some()))?;
                return Ok(Some(if id {
                    Outcome::Held
                } else {
                    Outcome::Failed(format!("{OTHER}; --again asks again"))
                }));
            }
            None => {}
        }
        let origin = task.first().ok().and_then(|request| request.origin()).unwrap_or_default();
        if self.closed.contains(&origin) {
            return Ok(Some(Outcome::Left(format!("{origin} wants to be left alone; the next run asks it"))));
        }
        task.budget.dollars = self.args.budget;
        if let Some(key) = &held {
            task = again(task, key, self.reader)?;
        }
        let stop = self.stop.clone();
        let mut on_page = |_: &Report| {};
        let puller = Puller::new(self.transport, self.keeper, self.run, stop, Clock::system(), &mut on_page);
        let (report, fault) = puller.look(&task, &self.purse).await;
        if let Some(error) = fault {
            return Err(error.into());
        }
        let status = self.status(&task)?;
        if status == Some(429) {
            self.closed.insert(origin);
        }
        let is_other = match &held {
            // Of a post that is held the answer says whether it is this one.
            Some(_) => !report.keys.is_empty() && report.standing != Some(Standing::There),
            None => !report.keys.is_empty() && !self.shows(&report.keys, line)?,
        };
        Ok(if is_other { Some(Outcome::Failed(OTHER.to_owned())) } else { outcome(&report, status) })
    }

    /// Whether the post of a line is among those that came.
    fn shows(&self, keys: &[String], line: &Named<'_>) -> Result<bool, StoreError> {
        if held(line, self.reader)?.is_some() {
            return Ok(true);
        }
        let Some(id) = id_of(line) else { return Ok(false) };
        for key in keys {
            if let Lookup::One(stored) = self.reader.post(key)?
                && stored.post.id.as_deref() == Some(id)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the server has answered last, if a page was kept.
    fn status(&mut self, task: &Task) -> Result<Option<u16>, StoreError> {
        let mut status = None;
        self.reader.each_capture(self.last, |capture| {
            self.last = capture.row.number;
            if task.source == capture.row.source {
                status = Some(capture.row.status);
            }
            ControlFlow::Continue(())
        })?;
        Ok(status)
    }
}

/// What a pull of one post came to; `None` if the user has stopped it.
fn outcome(report: &Report, status: Option<u16>) -> Option<Outcome> {
    if !report.keys.is_empty() {
        return Some(Outcome::Brought);
    }
    let why = match &report.end {
        End::Interrupted => return None,
        // Also where the budget was too small from the beginning.
        End::Budget(why) | End::Failed(why) if report.cause == Some(Cause::Budget) => {
            return Some(Outcome::Left(why.clone()));
        }
        End::Budget(why) | End::Failed(why) => why.clone(),
        End::Done | End::PageLimit => {
            report.skipped.iter().map(|(reason, ..)| reason).next().unwrap_or("the answer holds no post").to_owned()
        }
    };
    let why = report.answer.clone().unwrap_or(why);
    Some(match (report.standing, status) {
        (Some(Standing::Gone), Some(status)) => Outcome::Gone(status),
        (Some(Standing::Withheld), Some(status)) => Outcome::Refused(status, why),
        _ => Outcome::Failed(why),
    })
}
