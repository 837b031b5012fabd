//! `pullquote run`: runs the jobs by the clock, for weeks.

#[cfg(test)]
mod documented;
mod told;

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch::{Receiver, channel};
use tokio::time::MissedTickBehavior;

use super::pull::{paid, tasks_of, transport};
use super::{Context, Exit, UsageError, now, run_name};
use crate::archive::Archive;
use crate::clock::Clock;
use crate::config::{self, Config, Credential, Job as Keys};
use crate::http::{self, Transport};
use crate::ingest::Keeper;
use crate::pull::{Puller, Report, Task};
use crate::run::{Ended, Event, Job, Limits, Memory, serve};
use crate::watch::{Alarm, Receivers, Watch};
use told::Told;

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Jobs to run [default: all that have a schedule]
    #[arg(value_name = "JOB")]
    jobs: Vec<String>,
    /// Run what is due, then end: for cron and systemd timers
    #[arg(long)]
    once: bool,
    /// Print what happens as JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// What the program was told by a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Nothing.
    GoOn,
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGINT, SIGTERM: end.
    Stop,
}

/// First and longest wait before the archive is opened again.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

pub(super) fn run(args: Args, context: Context, path: Option<PathBuf>) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    let mut plan = Plan::new(&context.config, &args)?;
    let archive = context.archive.clone();
    let mut config = context.config;
    let asked = config.archive.clone();
    let mut told = Told::new(args.json);
    let mut memory = super::remembered(&archive);
    let mut orders = runtime.block_on(async { orders() })?;
    let mut keeper = Some(super::keeper(&archive)?);
    refuse_unlimited(&plan, keeper.as_ref())?;
    let mut watch = Watch::start(&archive, now()).context("start a thread")?;
    set_watch(&mut watch, &archive, &config, &plan, &memory, &mut told, &args)?;
    let mut pause = AGAIN.0;
    let exit = loop {
        let order = if orders.has_changed()? { *orders.borrow_and_update() } else { Order::GoOn };
        match order {
            Order::GoOn => {}
            Order::Stop => break if args.once { Exit::Interrupted } else { Exit::Ok },
            Order::Reload => match Plan::read(path.as_ref(), &args, keeper.as_ref()) {
                Ok((new_config, new_plan)) => {
                    (config, plan) = (new_config, new_plan);
                    told.reloaded(plan.jobs.len())?;
                    if config.archive != asked {
                        told.partly("another archive takes a restart: this run stays with the one it has")?;
                    }
                    let set = set_watch(&mut watch, &archive, &config, &plan, &memory, &mut told, &args);
                    // Metrics that cannot be served stop no job.
                    set.or_else(|error| told.partly(&format!("{error:#}")))?;
                }
                Err(error) => told.kept(&error)?,
            },
        }
        let Some(mut open) = keeper.take() else {
            // The archive could not be written: it is opened again, until it can.
            wait(&runtime, &orders, pause);
            match super::keeper(&archive) {
                Ok(open) => keeper = Some(open),
                Err(error) if error.is_damage() => return Err(error.into()),
                Err(error) => {
                    told.waits(&error, pause)?;
                    told.alarms(&watch.waits(&error.to_string(), now()))?;
                }
            }
            told.untold(&watch.faults())?;
            pause = (pause * 2).min(AGAIN.1);
            continue;
        };
        let transport = transport(&config, &plan.tasks(), |_| {})?;
        memory.keep(|job, source| {
            plan.knows(job, source) || (plan.leaves(job) && config.job.iter().any(|keys| keys.name == job))
        });
        let began = Instant::now();
        let told_and_watch = (&mut told, &mut watch);
        let ended =
            stretch(&runtime, &plan, &transport, &mut open, &mut memory, &archive, &orders, told_and_watch, &args);
        if let Err(error) = memory.save(&archive.memory()) {
            tracing::warn!(%error, "what is remembered of the sources cannot be written");
        }
        // Only what has run for a while shows that the archive can be written again.
        if began.elapsed() > AGAIN.1 {
            pause = AGAIN.0;
        }
        match ended? {
            Ended::Done => {
                keeper = Some(open);
                break told.exit();
            }
            Ended::Stopped => keeper = Some(open),
            Ended::Fault(error) if args.once || error.is_damage() => return Err(error.into()),
            Ended::Fault(error) => {
                told.waits(&error, pause)?;
                told.alarms(&watch.waits(&error.to_string(), now()))?;
            }
        }
    };
    if let Some(open) = keeper {
        open.close()?;
    }
    let grace = if args.once { GRACE.1 } else { GRACE.0 };
    let faults = runtime.block_on(watch.end(grace));
    told.untold(&faults)?;
    told.ended()?;
    Ok(exit)
}

/// How long alarms may take that are still to be told at the end: of a run that was stopped, and of one that has ended.
const GRACE: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(60));

/// Who watches is told what the configuration says. The jobs come first: metrics that cannot be served are the last fault.
fn set_watch(
    watch: &mut Watch,
    archive: &Archive,
    config: &Config,
    plan: &Plan,
    memory: &Memory,
    told: &mut Told,
    args: &Args,
) -> anyhow::Result<()> {
    watch.plan(&plan.jobs, config.run.failures.get(), memory);
    watch.tell(receivers(config, archive));
    // Nobody would come to ask a run that ends at once.
    let address = config.run.metrics.filter(|_| !args.once);
    let cannot = || format!("metrics cannot be served on {}", address.map(|at| at.to_string()).unwrap_or_default());
    if let Some(address) = watch.serve(address).with_context(cannot)? {
        told.serves(&address.to_string())?;
    }
    Ok(())
}

/// Who is told of alarms. What a webhook answers is not read.
fn receivers(config: &Config, archive: &Archive) -> Receivers {
    let hidden = config.credential.values().flat_map(|credential| match credential {
        Credential::Token { token_env } => vec![token_env.clone()],
        Credential::Password { identifier_env, password_env } => vec![identifier_env.clone(), password_env.clone()],
    });
    let options = || http::Options {
        contact: config.contact.clone(),
        allow_private: config.http.allow_private.clone(),
        body_limit: 1 << 20,
        ..http::Options::default()
    };
    Receivers {
        hook: config.run.hook.clone(),
        hidden: hidden.collect(),
        webhook: config.run.webhook.clone().map(|url| (url, options())),
        archive: archive.root().display().to_string(),
    }
}

/// Runs the jobs until something stops them: a signal, a fault of the archive, the end of what is due.
#[expect(clippy::too_many_arguments)]
fn stretch(
    runtime: &Runtime,
    plan: &Plan,
    transport: &Transport,
    keeper: &mut Keeper,
    memory: &mut Memory,
    archive: &Archive,
    orders: &Orders,
    told_and_watch: (&mut Told, &mut Watch),
    args: &Args,
) -> anyhow::Result<Ended> {
    let name = run_name(now());
    let (halt, stop) = channel(false);
    let tellers = RefCell::new(Tellers { told: told_and_watch.0, watch: told_and_watch.1, fault: None });
    tellers.borrow_mut().alarms(|watch| watch.begins(&name, now()));
    let mut on_page = |report: &Report| tellers.borrow_mut().watch.page(report);
    let path = archive.memory();
    let mut tell = |event: Event<'_>, memory: &Memory| {
        if matches!(event, Event::Began { .. } | Event::Looked { .. })
            && let Err(error) = memory.save(&path)
        {
            tracing::warn!(%error, "what is remembered of the sources cannot be written");
        }
        tellers.borrow_mut().event(&event);
    };
    let puller = Puller::new(transport, keeper, &name, stop, Clock::system(), &mut on_page);
    let ended = runtime.block_on(async {
        let serving = serve(&plan.jobs, &puller, plan.limits, memory, args.once, &mut tell);
        tokio::pin!(serving);
        let mut orders = orders.clone();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ended = &mut serving => break ended,
                _ = orders.changed() => drop(halt.send_replace(true)),
                _ = tick.tick() => tellers.borrow_mut().tick(false),
            }
        }
    });
    let mut tellers = tellers.into_inner();
    tellers.tick(!matches!(ended, Ended::Fault(_)));
    match tellers.fault {
        Some(error) => Err(error.into()),
        None => Ok(ended),
    }
}

/// How often who watches is asked whether there is something to look at.
const TICK: Duration = Duration::from_secs(1);

/// Who tells what happens: in lines, and by alarms.
struct Tellers<'a> {
    told: &'a mut Told,
    watch: &'a mut Watch,
    /// Why a line could not be told.
    fault: Option<std::io::Error>,
}

impl Tellers<'_> {
    fn note(&mut self, told: std::io::Result<()>) {
        if let Err(error) = told {
            self.fault.get_or_insert(error);
        }
    }

    fn alarms(&mut self, sound: impl FnOnce(&mut Watch) -> Vec<Alarm>) {
        let alarms = sound(self.watch);
        self.tell(&alarms);
    }

    fn tell(&mut self, alarms: &[Alarm]) {
        let told = self.told.alarms(alarms).and_then(|()| self.told.untold(&self.watch.faults()));
        self.note(told);
    }

    fn event(&mut self, event: &Event<'_>) {
        // Whoever reads of it and asks for figures finds it there.
        let alarms = self.watch.event(event, now());
        let told = self.told.event(event);
        self.note(told);
        self.tell(&alarms);
    }

    fn tick(&mut self, all: bool) {
        self.alarms(|watch| watch.tick(all, now()));
    }
}

/// What is run.
struct Plan {
    jobs: Vec<Job>,
    limits: Limits,
}

impl Plan {
    fn new(config: &Config, args: &Args) -> Result<Plan, UsageError> {
        let named = |job: &&Keys| args.jobs.is_empty() || args.jobs.contains(&job.name);
        let keys: Vec<&Keys> = config.job.iter().filter(named).filter(|job| job.schedule.is_some()).collect();
        // Whoever names a job wants it run: a name that nobody knows, or a job without a schedule, is told.
        for name in &args.jobs {
            let known = tasks_of(config, std::slice::from_ref(name)).map(drop);
            known?;
            if !keys.iter().any(|job| job.name == *name) {
                return Err(UsageError(format!(
                    "job {name:?} has no schedule: give it `every = \"5m\"`, `every = \"auto\"` or `cron = \"…\"`"
                )));
            }
        }
        if keys.is_empty() {
            return Err(UsageError(
                "no job has a schedule: give one `every = \"5m\"`, `every = \"auto\"` or `cron = \"…\"`".to_owned(),
            ));
        }
        let mut jobs = Vec::new();
        for job in keys {
            let Some(schedule) = job.schedule.clone() else { continue };
            jobs.push(Job {
                name: job.name.clone(),
                schedule,
                jitter: job.jitter.unwrap_or_default(),
                priority: job.priority,
                follow: job.follow,
                recheck: job.recheck.clone(),
                tasks: tasks_of(config, std::slice::from_ref(&job.name))?,
            });
        }
        let at_once = usize::try_from(config.run.at_once.get()).unwrap_or(usize::MAX);
        Ok(Plan { jobs, limits: Limits { at_once, per_host: 1 } })
    }

    /// The configuration as it is now, and what follows from it.
    fn read(path: Option<&PathBuf>, args: &Args, keeper: Option<&Keeper>) -> anyhow::Result<(Config, Plan)> {
        let config = config::load(path.map_or("config.toml".as_ref(), |path| path.as_path()))?;
        let plan = Plan::new(&config, args)?;
        refuse_unlimited(&plan, keeper)?;
        // What cannot be asked through is a fault of the configuration: the run goes on as it is.
        transport(&config, &plan.tasks(), |_| {})?;
        Ok((config, plan))
    }

    fn tasks(&self) -> Vec<Task> {
        self.jobs.iter().flat_map(|job| job.tasks.iter().cloned()).collect()
    }

    /// Whether a job is not run here, though others may run it.
    fn leaves(&self, job: &str) -> bool {
        self.jobs.iter().all(|own| own.name != job)
    }

    fn knows(&self, job: &str, source: &str) -> bool {
        self.jobs.iter().filter(|own| own.name == job).flat_map(|own| &own.tasks).any(|task| task.source == source)
    }
}

/// Nobody is there to be asked: what costs money needs a budget.
fn refuse_unlimited(plan: &Plan, keeper: Option<&Keeper>) -> anyhow::Result<()> {
    let Some(keeper) = keeper else { return Ok(()) };
    let tasks = plan.tasks();
    let names: Vec<String> = paid(&tasks, keeper)?.iter().map(|(task, _)| task.job.clone()).collect();
    match names.first() {
        None => Ok(()),
        Some(name) => {
            Err(UsageError(format!("reading for job {name:?} costs money: give it a budget (dollars or units)")).into())
        }
    }
}

type Orders = Receiver<Order>;

/// Waits so long, unless something is ordered.
fn wait(runtime: &Runtime, orders: &Orders, pause: Duration) {
    let mut orders = orders.clone();
    runtime.block_on(async {
        tokio::select! {
            _ = orders.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    });
}

/// Listens to signals. A second one that stops ends the program at once.
fn orders() -> anyhow::Result<Orders> {
    let (send, orders) = channel(Order::GoOn);
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for Ctrl-C")?;
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let mut hang_up = signal(SignalKind::hangup()).context("listen for SIGHUP")?;
    tokio::spawn(async move {
        loop {
            let order = tokio::select! {
                _ = interrupt.recv() => Order::Stop,
                _ = terminate.recv() => Order::Stop,
                _ = hang_up.recv() => Order::Reload,
            };
            match (*send.borrow(), order) {
                (Order::Stop, Order::Stop) => std::process::exit(i32::from(Exit::Interrupted.code())),
                (Order::Stop, _) => continue,
                _ => {}
            }
            send.send_replace(order);
        }
    });
    Ok(orders)
}
