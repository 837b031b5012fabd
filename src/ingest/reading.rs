//! Reading, the pure half: an exchange becomes what the store is to keep of it, and where its source goes on from there.

use chrono::{DateTime, Utc};

use super::{media, recheck, scrutiny};
use crate::coverage::{Seen, Step, Whither};
use crate::dump;
use crate::exchange::{ADDRESS, Exchange, FROM, Facts, IMPORT, LISTENED, Origin, POSITION, Request, WHOLE};
use crate::model::CaptureRef;
use crate::platform::{Page, ParseError, Platform};
use crate::store::{NewCapture, Progress};

/// Marks a request that was refused, with how often.
const REFUSED: &str = "refused-times";

/// How many pulls ask for a page that is refused.
const PATIENCE: u32 = 3;

/// Reads an exchange with one platform's parser.
///
/// # Errors
/// The parser's own.
pub fn parse(platform: &Platform, exchange: &Exchange) -> Result<Page, ParseError> {
    let mut page = platform.read(exchange)?;
    let is_markup = || exchange.media_type().contains("html") || exchange.response.body.starts_with(b"<");
    if !page.posts.is_empty()
        && is_markup()
        && let Ok(body) = exchange.text()
    {
        scrutiny::look_for_the_end(&mut page, &body);
    }
    for found in &mut page.posts {
        scrutiny::scrutinise(&mut found.post, exchange.fetched_at);
        if exchange.masked {
            scrutiny::look_for_stars(&mut found.post);
        }
    }
    if exchange.origin == Origin::File {
        // A file shows counts of the day it was saved; the day of the import would be a lie. Where the file itself tells
        // the day, as some tools do, it stays.
        for found in &mut page.posts {
            found.post.metrics.seen_at = found.post.metrics.seen_at.filter(|seen_at| *seen_at != exchange.fetched_at);
        }
    }
    page.posts.shrink_to_fit();
    for found in &mut page.posts {
        found.post.shrink_to_fit();
    }
    Ok(page)
}

/// Reads one captured exchange.
pub fn read(exchange: &Exchange, facts: Facts, place: CaptureRef) -> NewCapture {
    let mut capture = NewCapture {
        url: exchange.request.url.clone(),
        status: exchange.response.status,
        media_type: exchange.media_type(),
        fetched_at: exchange.fetched_at,
        length: exchange.response.body.len() as u64,
        place,
        facts,
        shape: "",
        problem: None,
        is_closed: false,
        posts: Vec::new(),
        skipped: Vec::new(),
        deleted: Vec::new(),
        media: None,
        progress: None,
        step: None,
        units: 0,
        recheck: None,
    };
    if let Some(url) = &capture.facts.media {
        let (file, problem) = media::read(exchange, url);
        (capture.media, capture.problem) = (Some(file), problem);
        return capture;
    }
    // A log-in, a redirect or a note is evidence of how the answer was had, and holds no posts.
    if capture.facts.platform.is_empty() {
        return capture;
    }
    if let Some(price) = dump::by_name(&capture.facts.platform).and_then(|platform| platform.live?.price) {
        capture.units = (price.of_request)(&exchange.request) + (price.of_answer)(exchange);
    }
    let parsed = match dump::by_name(&capture.facts.platform) {
        Some(platform) => parse(platform, exchange).map_err(|error| {
            capture.is_closed = matches!(error, ParseError::Closed { .. });
            error.to_string()
        }),
        None => Err(format!("no reader is named {:?}", capture.facts.platform)),
    };
    match parsed {
        Ok(mut page) => {
            if capture.facts.job != IMPORT && capture.facts.known.is_none() {
                let asked = |next: Request| refused_never(&next.asked());
                let mut next: Vec<Request> = page.next.into_iter().map(asked).collect();
                let done = capture.facts.asked.clone().unwrap_or_else(|| exchange.request.clone().asked());
                if page.stuck.is_some() {
                    next.push(done.clone());
                    capture.problem = page.stuck;
                    // It is not what was asked for.
                    page.seen = page.seen.map(Seen::without_reach);
                }
                let progress = Progress { done, next, later: page.later.map(asked) };
                match stranger(&progress, &exchange.request) {
                    Some(url) => capture.problem = Some(format!("the page leads to another server: {url}")),
                    None => {
                        let whither =
                            if page.instead { Whither::Instead } else { whither(&exchange.request, page.climbs) };
                        capture.step = step(&capture.facts, &progress, exchange, whither).map(|step| Step {
                            seen: page.seen.unwrap_or_default(),
                            torn: page.torn,
                            ..step
                        });
                        capture.progress = Some(progress);
                    }
                }
            }
            capture.shape = page.shape;
            capture.posts = page.posts;
            capture.skipped = page.skipped;
            capture.deleted = page.deleted;
        }
        Err(problem) => {
            if capture.facts.known.is_none() {
                capture.progress = given_up(&capture, exchange);
            }
            let refused = |progress| step(&capture.facts, progress, exchange, Whither::Refused);
            capture.step = capture.progress.as_ref().and_then(refused);
            let is_lost = capture.progress.as_ref().is_some_and(|progress| progress.next.is_empty());
            let end = if is_lost { "; it is given up, and what lies behind it may be missing" } else { "" };
            capture.problem = Some(format!("{problem}{end}"));
        }
    }
    if let Some(known) = capture.facts.known.clone() {
        recheck::read(&mut capture, &known);
    }
    capture
}

/// What a page tells of the time that is covered, but for what it shows; `None` if it is no look at a source of a job, but at one post.
fn step(facts: &Facts, progress: &Progress, exchange: &Exchange, whither: Whither) -> Option<Step> {
    let live = dump::by_name(&facts.platform)?.live.filter(|_| facts.job != ADDRESS)?;
    let from = |request: &Request| request.mark(FROM).as_deref().and_then(instant);
    let said = exchange.header("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    let said = said.map_or(exchange.fetched_at, |said| said.to_utc());
    Some(Step {
        done: progress.done.clone(),
        next: progress.next.clone(),
        // The answer was on its way since it was made, and a clock that is ahead must not cover what is still to come.
        at: said.min(exchange.fetched_at),
        now: exchange.fetched_at,
        latest: said.max(exchange.fetched_at),
        whither,
        reach: (live.paging.reach)(&exchange.request),
        newest_first: !live.paging.seeks,
        seen: Seen::default(),
        torn: false,
        from: from(&exchange.request),
        next_from: progress.later.as_ref().and_then(from),
        window: exchange.request.window(),
    })
}

/// Where the look goes that a page belongs to; a piece of a stream says in its marks since when it is whole, and how far it had come.
fn whither(request: &Request, climbs: bool) -> Whither {
    let heard = request.mark(LISTENED).and_then(|listened| {
        let (from, until) = listened.split_once('/')?;
        let position = request.mark(POSITION).and_then(|position| position.parse().ok());
        let reached = position.and_then(DateTime::from_timestamp_micros);
        let from = request.mark(WHOLE).as_deref().and_then(instant).or_else(|| instant(from))?;
        let until = instant(until)?;
        Some(Whither::Heard { from, until: reached.map_or(until, |reached| reached.min(until)) })
    });
    heard.unwrap_or(if climbs { Whither::Up } else { Whither::Back })
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// A page that is gone for good (an expired cursor) is given up at last, or every pull would fail on it for ever. What a server
/// refuses today it may give tomorrow: some pulls ask again.
fn given_up(capture: &NewCapture, exchange: &Exchange) -> Option<Progress> {
    if !matches!(capture.status, 400 | 404 | 410) || capture.is_closed || capture.facts.job == IMPORT {
        return None;
    }
    let done = capture.facts.asked.clone().unwrap_or_else(|| exchange.request.clone().asked());
    let times = done.mark(REFUSED).and_then(|times| times.parse::<u32>().ok()).unwrap_or(0) + 1;
    let again = done.with_mark(REFUSED, Some(&times.to_string()));
    let next = if times < PATIENCE { vec![again] } else { Vec::new() };
    Some(Progress { done, next, later: None })
}

/// A request as it was before it was refused.
pub(crate) fn refused_never(request: &Request) -> Request {
    request.with_mark(REFUSED, None)
}

/// Where a page leads that must not send us, or our credential, there: to another origin than the one that was asked,
/// now or with the next pull. A redirect makes one of it, too. The credential may be another than that of the pull which left
/// the request.
fn stranger<'p>(progress: &'p Progress, sent: &Request) -> Option<&'p str> {
    let Progress { done, next, later } = progress;
    let is_known = |next: &Request| next.auth == done.auth || next.auth == sent.auth;
    let mut onward = next.iter().chain(later);
    onward.find(|next| next.origin() != done.origin() || !is_known(next)).map(|next| next.url.as_str())
}
