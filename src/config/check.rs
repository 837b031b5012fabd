//! Whether the keys of config.toml go together, and what they come to.

use std::collections::BTreeMap;
use std::time::Duration;

use super::job::{MEDIA_KINDS, Often};
use super::read::{Fault, Step, Tree};
use super::{Config, Credential, Job, SourceName};
use crate::exchange::{ADDRESS, IMPORT};
use crate::near::nearest;
use crate::platform::{self, Platform};
use crate::quote;
use crate::schedule::{Auto, Schedule, written};
use crate::zone::Zone;
use Step::{Item, Key};

/// Finds what is wrong, and gives every job its schedule. `tree` is what the configuration was made of, `whole` also what was
/// struck out of it.
pub(super) fn check(config: &mut Config, tree: &Tree<'_>, whole: &Tree<'_>, faults: &mut Vec<Fault>) {
    for name in config.styles.keys().filter(|name| quote::FORMATS.iter().any(|form| form.name == **name)) {
        let says = format!("no house style may be named {name:?}: that is a form of quotation");
        faults.push(tree.wrong(&[Key("styles"), Key(name)], says));
    }
    for name in config.platform.keys().filter(|name| platform::by_name(name).is_none()) {
        faults.push(tree.wrong(&[Key("platform"), Key(name)], unknown_platform(name)));
    }
    let names: Vec<String> = config.job.iter().map(|job| job.name.clone()).collect();
    for (number, job) in config.job.iter_mut().enumerate() {
        let mut found = Found { tree, whole, number, faults };
        if names.iter().take(number).any(|name| *name == job.name) && !job.name.is_empty() {
            found.wrong("name", format!("two jobs are named {:?}", job.name));
        }
        found.job(job);
        for (place, source) in job.sources.iter().enumerate() {
            if let Err(says) = source_fault(source, &config.credential) {
                found.wrong_at(&[Key("sources"), Item(place)], format!("job {:?}: {says}", job.name));
            }
        }
        job.line = found.tree.line(&[Key("job"), Item(number), Key("sources")]);
        job.schedule = found.schedule(job, config.timezone.unwrap_or_default());
    }
}

/// What is wrong with one job.
struct Found<'a> {
    tree: &'a Tree<'a>,
    whole: &'a Tree<'a>,
    number: usize,
    faults: &'a mut Vec<Fault>,
}

impl Found<'_> {
    fn wrong_at(&mut self, path: &[Step<'_>], says: String) {
        let path = [&[Key("job"), Item(self.number)], path].concat();
        self.faults.push(self.tree.wrong(&path, says));
    }

    fn wrong(&mut self, key: &str, says: String) {
        self.wrong_at(&[Key(key)], says);
    }

    /// Whether a key is there and was struck out: what it should hold is not missing.
    fn was_struck(&self, key: &str) -> bool {
        let path = [Key("job"), Item(self.number), Key(key)];
        let first = [Key("job"), Item(self.number), Key(key), Item(0)];
        self.whole.has(&path) && (!self.tree.has(&path) || (self.whole.has(&first) && !self.tree.has(&first)))
    }

    fn job(&mut self, job: &Job) {
        let name = &job.name;
        if name.is_empty() && !self.was_struck("name") {
            self.wrong("name", "a job needs a name".to_owned());
        }
        if [IMPORT, ADDRESS].contains(&name.as_str()) {
            self.wrong("name", format!("no job may be named {name:?}: other posts stand under that name"));
        }
        for (key, is_empty) in [("tags", job.tags.is_empty()), ("sources", job.sources.is_empty())] {
            if is_empty && !self.was_struck(key) {
                self.wrong(key, format!("job {name:?} has nothing to pull: it needs a tag and a source"));
            }
        }
        if let (Some(since), Some(until)) = (job.since, job.until)
            && since >= until
        {
            self.wrong("until", format!("job {name:?} ends ({until}) before it begins ({since})"));
        }
        for (place, kind) in job.media_kinds.iter().enumerate() {
            if !MEDIA_KINDS.contains(&kind.as_str()) {
                let known = MEDIA_KINDS.join(", ");
                self.wrong_at(
                    &[Key("media_kinds"), Item(place)],
                    format!("job {name:?}: {kind:?} is no kind of media; there are: {known}"),
                );
            }
        }
        let streams = |source: &SourceName| {
            platform::by_name(&source.platform)?.live?.stream?;
            Some(())
        };
        if job.follow && !job.sources.is_empty() && !job.sources.iter().any(|source| streams(source).is_some()) {
            self.wrong("follow", format!("job {name:?} has no source that can be followed as it comes"));
        }
    }

    /// When a job is run; what is wrong about that.
    fn schedule(&mut self, job: &Job, zone: Zone) -> Option<Schedule> {
        let name = &job.name;
        let mut useless = |key: &str, is_there: bool, says: &str| {
            if is_there {
                self.wrong(key, format!("job {name:?}: {key} {says}"));
            }
        };
        let is_auto = job.every == Some(Often::Auto);
        useless("least", job.least.is_some() && !is_auto, "goes with every = \"auto\"");
        useless("most", job.most.is_some() && !is_auto, "goes with every = \"auto\"");
        useless("timezone", job.timezone.is_some() && job.cron.is_none(), "goes with cron");
        let no_jitter = "goes with cron; a job that runs every so often has a phase of its own";
        useless("jitter", job.jitter.is_some() && job.cron.is_none(), no_jitter);
        useless("cron", job.cron.is_some() && job.every.is_some(), "and every are two schedules: one of them");
        let (key, schedule) = match (job.every, &job.cron) {
            (Some(Often::After(interval)), _) => ("every", Schedule::every(interval, name)),
            (Some(Often::Auto), _) => {
                let (least, most) = (job.least.unwrap_or(Auto::LEAST), job.most.unwrap_or(Auto::MOST));
                (if job.least.is_some() { "least" } else { "most" }, Schedule::auto(least, most))
            }
            (None, Some(pattern)) => ("cron", Schedule::cron(pattern, job.timezone.unwrap_or(zone))),
            (None, None) => return None,
        };
        let schedule = schedule.map_err(|says| self.wrong(key, format!("job {name:?}: {says}"))).ok()?;
        let shortest = schedule.shortest();
        if let Some(jitter) = job.jitter.filter(|jitter| *jitter >= shortest && *jitter > Duration::ZERO) {
            let (jitter, shortest) = (written(jitter), written(shortest));
            self.wrong(
                "jitter",
                format!(
                    "job {name:?}: a jitter of {jitter} reaches the next fire time, which may come after {shortest}"
                ),
            );
        }
        Some(schedule)
    }
}

/// Why a source can never be asked. What its platform says of its place is found when it is asked for a request.
fn source_fault(source: &SourceName, credentials: &BTreeMap<String, Credential>) -> Result<(), String> {
    let platform: &Platform = platform::by_name(&source.platform).ok_or_else(|| unknown_platform(&source.platform))?;
    if platform.live.is_none() {
        return Err(format!("{} can be imported, but not pulled", platform.title));
    }
    match &source.credential {
        Some(name) if !credentials.contains_key(name) => {
            Err(format!("sends the credential {name:?}, but there is no [credential.{name}]"))
        }
        _ => Ok(()),
    }
}

fn unknown_platform(name: &str) -> String {
    let known = || platform::ALL.iter().map(|platform| platform.name);
    match nearest(name, known()) {
        Some(meant) => format!("no platform is named {name:?}: did you mean {meant:?}?"),
        None => format!("no platform is named {name:?}; there are: {}", known().collect::<Vec<_>>().join(", ")),
    }
}
