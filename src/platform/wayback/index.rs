//! The index: which captures there are, and which of them are read.
//! <https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server>.
//!
//! Two beginnings of addresses are asked for, one after the other: of an account at twitter.com and at x.com, or of the two
//! pages of a hashtag. A thousand captures come in an answer, and a key that leads on. Of a post's captures one is read: JSON
//! if there is any, else the oldest page; if it shows nothing, up to three others. Of a hashtag's pages every one that differs
//! from the one before it is.
//!
//! The key is made of the fields that are asked for, so that it is worth nothing without `urlkey`
//! (<https://github.com/internetarchive/wayback/issues/121>). It comes escaped, and is escaped once more when it is sent, since the
//! server undoes that twice (<https://github.com/internetarchive/wayback/issues/195>).
//!
//! A catch-up asks for captures from a day before the newest on, since the index takes them up late, and knows those of
//! that day that it has seen by a list in the request's marks. A post that was kept again is read again.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::memento;
use super::{SERVER, SHAPE, TITLE, misfit, post_of, refused};
use crate::exchange::{Exchange, Request};
use crate::model::{Hashtag, Skipped};
use crate::platform::scope::{OUTSIDE, TAG, is_outside};
use crate::platform::{Page, ParseError, Query, Source, SourceError};

pub(super) const PATH: [&str; 3] = ["cdx", "search", "cdx"];

/// Captures an answer.
const LIMIT: &str = "1000";

/// How far a catch-up looks back behind the newest capture.
const OVERLAP: TimeDelta = TimeDelta::days(1);

/// How long after its end a stretch of time is still looked for on pages of a hashtag.
const AFTERWARDS: TimeDelta = TimeDelta::days(7);

/// The most captures whose names are kept for the next pull.
const MOST_KNOWN: usize = 100;

/// Other captures of a post that are tried.
const OTHERS: usize = 3;

/// Marks the beginning of addresses that is asked for next.
const THEN: &str = "then";

/// Marks the beginning of addresses that was asked for before.
const BEFORE: &str = "before";

/// Marks the newest captures seen so far, by their names.
const KNOWN: &str = "known";

const FORM: &str = "%Y%m%d%H%M%S";

/// The first request of a pull.
pub(super) fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let tag = query.first_tag();
    let place = source.place.as_deref().map(str::trim).filter(|place| !place.is_empty());
    let (first, then) = match place {
        Some(account) => {
            let handle = account.strip_prefix('@').unwrap_or(account);
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if handle.is_empty() || handle.len() > 20 || !handle.chars().all(fits) {
                return Err(SourceError(format!("{account:?} is no account of X: write \"wayback:@name\"")));
            }
            // `/statuses/` begins likewise.
            (format!("twitter.com/{handle}/status"), format!("x.com/{handle}/status"))
        }
        None => {
            let tag: String = url::form_urlencoded::byte_serialize(tag.as_bytes()).collect();
            (format!("twitter.com/hashtag/{tag}"), format!("twitter.com/search?q=%23{tag}"))
        }
    };
    let params = [
        ("url", first.as_str()),
        ("matchType", "prefix"),
        ("output", "json"),
        ("fl", "urlkey,timestamp,original,mimetype,statuscode,digest"),
        ("filter", "statuscode:200"),
        ("collapse", "digest"),
        ("limit", LIMIT),
        ("showResumeKey", "true"),
    ];
    let request = source.get(&source.base_of(TITLE, SERVER)?, &PATH, &params);
    let from = query.since.map(|at| at.format(FORM).to_string());
    let to = query.until.filter(|_| place.is_none()).map(|at| (at + AFTERWARDS).format(FORM).to_string());
    let request = query.mark(&request.with_params(&[("from", from.as_deref()), ("to", to.as_deref())]));
    Ok(request.with_mark(TAG, Some(tag)).with_mark(THEN, Some(&then)))
}

/// A capture as the index has it.
struct Row<'a> {
    time: &'a str,
    original: &'a str,
    kind: &'a str,
    digest: &'a str,
}

impl<'a> Row<'a> {
    fn of(row: &'a Value) -> Option<Row<'a>> {
        let text = |i: usize| row.get(i)?.as_str();
        let row = Row { time: text(1)?, original: text(2)?, kind: text(3)?, digest: text(5)? };
        let is_time = row.time.len() == 14 && row.time.bytes().all(|byte| byte.is_ascii_digit());
        (is_time && Url::parse(row.original).is_ok_and(|url| url.has_host())).then_some(row)
    }

    /// The name by which a later pull knows it.
    fn name(&self) -> String {
        let digest: String = self.digest.chars().take(10).collect();
        format!("{}-{digest}", self.time)
    }

    fn is_json(&self) -> bool {
        self.kind.contains("json")
    }

    /// What is read first of a post's captures: JSON, then plain addresses, then what is old.
    fn rank(&self) -> (bool, bool, &'a str) {
        let rest = self.original.rsplit_once("/status").map_or("", |(_, rest)| rest);
        let is_plain = rest.trim_start_matches("es").trim_matches('/').bytes().all(|byte| byte.is_ascii_digit());
        (!self.is_json(), !is_plain, self.time)
    }
}

/// Reads an answer of the index: it holds no post, and leads to captures.
pub(super) fn read(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let status = exchange.response.status;
    if status >= 400 {
        return Err(refused(status, &text));
    }
    let mut page = Page { shape: SHAPE, ..Page::default() };
    let answer: Value = match serde_json::from_str(&text) {
        Ok(answer) => answer,
        // An index without a capture may answer nothing at all.
        Err(_) if text.trim().is_empty() => Value::Array(Vec::new()),
        Err(error) => return Err(misfit(format!("is no list of captures: {error}"))),
    };
    let lines = answer.as_array().ok_or_else(|| misfit("is no list of captures"))?;
    // Behind an empty line stands the key that leads on.
    let (mut key, mut is_over) = (None, false);
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (i, line) in lines.iter().enumerate().skip(1) {
        match line.as_array().map(Vec::as_slice) {
            Some([]) => is_over = true,
            Some([Value::String(only)]) if is_over => key = Some(only.as_str()),
            _ => match Row::of(line) {
                Some(row) => rows.push(row),
                None => {
                    page.skipped.push(Skipped { at: format!("/{i}"), reason: "is no capture".to_owned() });
                }
            },
        }
    }
    let request = exchange.request.clone().asked();
    let Some(tag) = request.mark(TAG) else { return Ok(page) };
    let known = known(&request);
    page.next.extend(captures(&request, &tag, &rows, &known, &mut page.skipped));
    onward(&request, key, &remembered(known, &rows), &mut page);
    Ok(page)
}

/// The requests for the captures that are worth reading.
fn captures(
    request: &Request,
    tag: &str,
    rows: &[Row<'_>],
    known: &[String],
    skipped: &mut Vec<Skipped>,
) -> Vec<Request> {
    let known: HashSet<&str> = known.iter().map(String::as_str).collect();
    let (mut posts, mut pages): (BTreeMap<String, Vec<&Row<'_>>>, Vec<&Row<'_>>) = (BTreeMap::new(), Vec::new());
    let mut digests = HashSet::new();
    for row in rows.iter().filter(|row| !known.contains(row.name().as_str()) && is_read(row.kind)) {
        if let Some(post) = post_of(row.original) {
            match (&post.id, is_outside(&post, request)) {
                (Some(id), false) => posts.entry(id.clone()).or_default().push(row),
                (_, true) => {
                    skipped.push(Skipped { at: row.original.to_owned(), reason: OUTSIDE.to_owned() });
                }
                (None, false) => {}
            }
        } else if is_of_tag(row.original, tag) && digests.insert(row.digest) {
            pages.push(row);
        }
    }
    let of_page = pages.into_iter().filter_map(|row| memento::beside(request, row.time, row.original));
    let of_posts = posts.into_values().filter_map(|mut rows| {
        rows.sort_by_key(|row| row.rank());
        let mut seen = HashSet::new();
        rows.retain(|row| seen.insert(row.digest));
        let (best, others) = rows.split_first()?;
        let others: Vec<String> =
            others.iter().take(OTHERS).map(|row| format!("{} {}", row.time, row.original)).collect();
        let others = Some(others.join(" ")).filter(|others| !others.is_empty());
        let first = memento::beside(request, best.time, best.original)?;
        Some(first.with_mark(memento::OTHERS, others.as_deref()))
    });
    of_page.chain(of_posts).collect()
}

/// Whether captures of that media type may hold posts.
fn is_read(kind: &str) -> bool {
    !["image/", "video/", "audio/", "warc/revisit", "text/css"].iter().any(|other| kind.starts_with(other))
}

/// Whether an address is that of a page of the hashtag; one of a longer tag begins likewise.
fn is_of_tag(address: &str, tag: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let is_tag = |named: &str| match (Hashtag::new(named), Hashtag::new(tag)) {
        (Some(named), Some(tag)) => named.folded() == tag.folded(),
        _ => false,
    };
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["hashtag", named] => {
            // A tag in another script stands in its address by its bytes.
            url::form_urlencoded::parse(named.as_bytes()).next().is_some_and(|(named, _)| is_tag(&named))
        }
        ["search"] => url.query_pairs().any(|(name, words)| name == "q" && words.starts_with('#') && is_tag(&words)),
        _ => false,
    }
}

/// The names of the newest captures seen so far, newest first.
fn known(request: &Request) -> Vec<String> {
    let known = request.mark(KNOWN).unwrap_or_default();
    known.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The same with those of this answer: as far back as a catch-up looks, and no more than are kept.
fn remembered(known: Vec<String>, rows: &[Row<'_>]) -> Vec<String> {
    let mut known: Vec<String> = known.into_iter().chain(rows.iter().map(Row::name)).collect();
    known.sort_unstable_by(|one, other| other.cmp(one));
    known.dedup();
    let time = |name: &String| instant(name.get(..14)?);
    let edge = known.first().and_then(time).map(|newest| newest - OVERLAP);
    known.retain(|name| time(name).is_some_and(|at| edge.is_none_or(|edge| at >= edge)));
    known.truncate(MOST_KNOWN);
    known
}

fn instant(time: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(time, FORM).ok().map(|at| at.and_utc())
}

/// Where the walk through the index goes on: behind this answer, to the other beginning of addresses, or with the next pull.
fn onward(request: &Request, key: Option<&str>, known: &[String], page: &mut Page) {
    let joined = known.join(".");
    let request = request.with_mark(KNOWN, Some(joined.as_str()).filter(|known| !known.is_empty()));
    if let Some(key) = key {
        if request.param("resumeKey").as_deref() == Some(key) {
            page.stuck = Some("the index names the key that was asked for as the one behind it".to_owned());
        } else {
            page.next.push(request.with_params(&[("resumeKey", Some(key))]));
        }
        return;
    }
    let request = request.with_params(&[("resumeKey", None)]);
    let asked = request.param("url").unwrap_or_default();
    if let Some(then) = request.mark(THEN) {
        let other = request.with_params(&[("url", Some(&then))]);
        page.next.push(other.with_mark(THEN, None).with_mark(BEFORE, Some(&asked)));
        return;
    }
    let Some(before) = request.mark(BEFORE) else { return };
    let newest = known.first().and_then(|name| instant(name.get(..14)?));
    // Where more were seen than are remembered, those before them are not asked for again.
    let is_cut = known.len() >= MOST_KNOWN;
    let oldest = known.last().and_then(|name| instant(name.get(..14)?)).filter(|_| is_cut);
    let from = oldest.or_else(|| newest.map(|newest| newest - OVERLAP));
    let from = from.map(|from| request.window().0.map_or(from, |since| from.max(since)).format(FORM).to_string());
    let from = from.or_else(|| request.param("from"));
    let first = request.with_params(&[("url", Some(&before)), ("from", from.as_deref())]);
    page.later = Some(first.with_mark(BEFORE, None).with_mark(THEN, Some(&asked)));
}
