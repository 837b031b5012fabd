//! What the configuration asks for, as tasks.

use crate::cli::UsageError;
use crate::config::{Config, Job, SourceName, TransportKind};
use crate::platform::{self, Platform, Query, Source};
use crate::pull::{Begin, Budget, Task};

/// The jobs named (or all), as one task for each tag and source; where a platform takes several tags at once, for each
/// group of tags that fits one query.
pub(super) fn of_jobs(config: &Config, names: &[String]) -> Result<Vec<Task>, UsageError> {
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
    let mut tasks = Vec::new();
    for job in jobs {
        for source in &job.sources {
            tasks.extend(of_source(config, job, source)?);
        }
    }
    Ok(tasks)
}

/// The tasks of one source of a job.
fn of_source(config: &Config, job: &Job, name: &SourceName) -> Result<Vec<Task>, UsageError> {
    let Some(platform) = platform::by_name(&name.platform) else {
        let known = platform::ALL.iter().map(|platform| platform.name).collect::<Vec<_>>().join(", ");
        return Err(UsageError(format!(
            "job {:?} names the platform {:?}; there are: {known}",
            job.name, name.platform
        )));
    };
    let source = source(config, platform, name.place.clone(), name.credential.clone());
    // A source's state belongs to who answered: a live server must not be asked to go on where the fixtures ended.
    let recorded = if config.transport == TransportKind::Recorded { "recorded:" } else { "" };
    let mut tasks = Vec::new();
    for query in queries(job, platform) {
        let tags: Vec<&str> = query.tags.iter().map(|tag| tag.as_str()).collect();
        let task = Task {
            job: job.name.clone(),
            source: format!("{recorded}{name}#{}", tags.join("+")),
            platform,
            server: source.clone(),
            begin: Begin::Query(query),
            max_pages: job.max_pages.get(),
            budget: budget(config, job, platform),
        };
        task.first().map_err(|error| UsageError(format!("job {:?}, source {name}: {error}", job.name)))?;
        tasks.push(task);
    }
    Ok(tasks)
}

/// A place of a platform with what the configuration says about it.
pub(in crate::cli) fn source(
    config: &Config,
    platform: &Platform,
    place: Option<String>,
    credential: Option<String>,
) -> Source {
    // A credential that bears the platform's name is meant for it.
    let namesake = || config.credential.contains_key(platform.name).then(|| platform.name.to_owned());
    let server = config.platform.get(platform.name).and_then(|keys| keys.server.clone());
    Source { place, server, credential: credential.or_else(namesake) }
}

/// What a job asks of a platform: as few queries as its tags fit into.
fn queries(job: &Job, platform: &Platform) -> Vec<Query> {
    let base = Query {
        tags: Vec::new(),
        all: job.all.clone(),
        none: job.none.clone(),
        words: job.words.clone(),
        since: job.since,
        until: job.until,
        most: job.budget.units,
        recent: job.recent,
    };
    let together = platform.live.and_then(|live| live.together);
    let mut queries: Vec<Query> = Vec::new();
    for tag in &job.tags {
        if let (Some(fits), Some(last)) = (together, queries.last_mut()) {
            last.tags.push(tag.clone());
            if fits(last) {
                continue;
            }
            last.tags.pop();
        }
        queries.push(Query { tags: vec![tag.clone()], ..base.clone() });
    }
    queries
}

/// What a job may use up on a platform, with money as units.
fn budget(config: &Config, job: &Job, platform: &Platform) -> Budget {
    let price = platform.live.and_then(|live| live.price);
    let configured = config.platform.get(platform.name).and_then(|keys| keys.dollars_per_unit);
    Budget {
        requests: job.budget.requests,
        units: job.budget.units,
        dollars: job.budget.dollars,
        dollars_per_unit: configured.or(price.map(|price| price.dollars)).unwrap_or(0.0),
    }
}
