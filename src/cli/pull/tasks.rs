//! What the configuration asks for, as tasks.

use chrono::{DateTime, SecondsFormat, Utc};
use url::Url;

use crate::cli::UsageError;
use crate::config::{Config, Job, MediaKeys, Per, SourceName, TransportKind};
use crate::exchange::{ADDRESS, Request};
use crate::model::Hashtag;
use crate::platform::{self, Platform, Query, Source};
use crate::pull::{Begin, Budget, Period, Task};

/// The jobs named (or all), as one task for each tag and source; where a platform takes several tags at once, for each
/// group of tags that fits one query.
pub(in crate::cli) fn of_jobs(config: &Config, names: &[String]) -> Result<Vec<Task>, UsageError> {
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
    let (mut tasks, mut faults) = (Vec::new(), Vec::new());
    for job in jobs {
        // What each source of the job asks first, whoever asks: two that ask the same are one.
        let mut asked: Vec<(Request, &SourceName)> = Vec::new();
        for source in &job.sources {
            let own = match of_source(config, job, source) {
                Ok(own) => own,
                Err(UsageError(says)) => {
                    faults.push(says);
                    continue;
                }
            };
            let first = own.first().and_then(|task| task.first().ok()).map(|first| Request { auth: None, ..first });
            if let Some(first) = first {
                let is_same = |other: &SourceName| place(other) == place(source);
                match asked.iter().find(|(known, other)| *known == first && is_same(other)) {
                    Some((_, other)) => faults.push(format!(
                        "job {:?}: the sources {other} and {source} are the same: one of them is enough",
                        job.name
                    )),
                    None => asked.push((first, source)),
                }
            }
            tasks.extend(own);
        }
    }
    if faults.is_empty() { Ok(tasks) } else { Err(UsageError(faults.join("; "))) }
}

/// The place of a source, whichever way it is written. That two are alike here is not enough: the capitals of a path may count.
fn place(name: &SourceName) -> Option<String> {
    let place = name.place.as_deref()?;
    let place = place.split_once("://").map_or(place, |(_, rest)| rest);
    Some(place.trim_end_matches('/').to_lowercase())
}

/// What the name of a source ends with that is a post and its thread.
pub(super) const THREAD: &str = " (thread)";

/// The task that pulls one post by its address; with `thread` the thread that it stands in, too.
pub(in crate::cli) fn of_address(config: &Config, address: &str, thread: bool) -> Result<Task, UsageError> {
    let url =
        platform::address_of(address).ok_or_else(|| UsageError(format!("{address:?} is no address of a post")))?;
    let recorded = if config.transport == TransportKind::Recorded { "recorded:" } else { "" };
    for platform in platform::ALL {
        let Some(one) = platform.one else { continue };
        let source = at_address(config, platform, &url);
        let Some(request) = one(&url, thread, &source) else { continue };
        let mut request = request.map_err(|error| UsageError(format!("{address}: {error}")))?;
        // Whoever writes an address must not choose who gets a credential.
        if request.auth.is_some() && request.origin() != home(platform, &source) {
            request.auth = None;
        }
        let server = Source { credential: request.auth.clone(), ..source };
        return Ok(Task {
            job: ADDRESS.to_owned(),
            // A thread that was left half read is not gone on with where the post alone is asked for.
            source: format!("{recorded}{}:{address}{}", platform.name, if thread { THREAD } else { "" }),
            platform,
            server,
            begin: Begin::Request(request),
            max_pages: ADDRESS_PAGES,
            budget: Budget { dollars_per_unit: price(config, platform), ..Budget::default() },
            media: Vec::new(),
        });
    }
    Err(UsageError(format!(
        "no platform knows {address} for the address of a post; pullquote import reads what a page quotes"
    )))
}

/// Most pages that the thread of one post may take.
const ADDRESS_PAGES: u32 = 100;

/// The source of a post's address: with the credential of a configured source whose place is the address's own server, if
/// there is one.
fn at_address(config: &Config, platform: &Platform, url: &Url) -> Source {
    let host = |place: &str| place.split_once("://").map_or(place, |(_, rest)| rest).to_owned();
    let authority = url.host_str().map(|host| url.port().map_or(host.to_owned(), |port| format!("{host}:{port}")));
    let sources = config.job.iter().flat_map(|job| &job.sources);
    let own = sources
        .filter(|source| source.platform == platform.name)
        .find(|source| source.place.as_deref().map(host).is_some_and(|place| Some(place) == authority));
    match own {
        Some(own) => source(config, platform, own.place.clone(), own.credential.clone()),
        None => source(config, platform, None, None),
    }
}

/// Where a source's credential belongs.
fn home(platform: &Platform, source: &Source) -> Option<String> {
    (platform.live?.check)(source).ok()?.origin()
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
            source: format!("{recorded}{name}#{}{}", tags.join("+"), beside(&query)),
            platform,
            server: source.clone(),
            begin: Begin::Query(query),
            max_pages: job.max_pages.get(),
            budget: budget(config, job, platform),
            media: if job.media == MediaKeys::Download { job.media_kinds.clone() } else { Vec::new() },
        };
        task.first().map_err(|error| UsageError(format!("job {:?}, source {name}: {error}", job.name)))?;
        tasks.push(task);
    }
    Ok(tasks)
}

/// What a query asks for beside its tags. It belongs to the name of the source: where another query goes on, this one may not.
fn beside(query: &Query) -> String {
    let tags = |sign: char, tags: &[Hashtag]| tags.iter().map(|tag| format!(" {sign}{tag}")).collect::<String>();
    let time = |name: &str, at: Option<DateTime<Utc>>| {
        at.map(|at| format!(" {name}:{}", at.to_rfc3339_opts(SecondsFormat::AutoSi, true))).unwrap_or_default()
    };
    let words = query.words.as_deref().map(|words| format!(" {words}")).unwrap_or_default();
    let recent = if query.recent { " recent" } else { "" };
    let (since, until) = (time("since", query.since), time("until", query.until));
    format!("{}{}{since}{until}{words}{recent}", tags('+', &query.all), tags('-', &query.none))
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
    let keys = config.platform.get(platform.name);
    let server = keys.and_then(|keys| keys.server.clone());
    let stream = keys.and_then(|keys| keys.stream.clone());
    Source { place, server, credential: credential.or_else(namesake), stream }
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
        recent: job.recent,
    };
    let together = platform.live.and_then(|live| live.together);
    let mut queries: Vec<Query> = Vec::new();
    for tag in &job.tags {
        if queries.iter().flat_map(|query| &query.tags).any(|known| known.folded() == tag.folded()) {
            continue;
        }
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
    Budget {
        requests: job.budget.requests,
        units: job.budget.units,
        dollars: job.budget.dollars,
        dollars_per_unit: price(config, platform),
        period: match job.budget.per {
            Per::Pull => Period::Pull,
            Per::Hour => Period::Hour,
            Per::Day => Period::Day,
            Per::Month => Period::Month,
        },
    }
}

/// What a unit of a platform costs, in US dollars.
fn price(config: &Config, platform: &Platform) -> f64 {
    let own = platform.live.and_then(|live| live.price).map(|price| price.dollars);
    config.platform.get(platform.name).and_then(|keys| keys.dollars_per_unit).or(own).unwrap_or(0.0)
}
