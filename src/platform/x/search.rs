//! The search for hashtags in API v2, newest first: <https://docs.x.com/x-api/posts/search/introduction>.
//!
//! The whole archive is asked (500 posts a page), or what X calls recent, the last seven days (100 a page). The archive
//! answers only the last 30 days where no beginning is named, so one always is: the job's, or 26 March 2006.
//!
//! A catch-up asks from ten minutes before the newest post on. `since_id` would find nothing that was indexed late, must
//! not stand beside `start_time`, and is refused by the recent search once it is a week old. X does not charge a post twice
//! in one day (UTC), so that an overlap costs little.
//!
//! Whether a time lies in the future, or before the reach of the recent search, only X knows, which refuses both: then the
//! search is asked again without that bound, and what is thereby out of reach is told.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::{NAME, TITLE};
use crate::exchange::{Exchange, Request};
use crate::model::Skipped;
use crate::platform::live::{self, OVERLAP};
use crate::platform::{Page, Query, Source, SourceError};

/// Where API v2 is.
pub(super) const API: &str = "https://api.x.com";

/// The beginning of X, as far as the archive is searched.
pub(super) const BEGINNING: &str = "2006-03-26T00:00:00Z";

/// Marks a request behind the first with the second behind the oldest post so far.
const OLDEST: &str = "oldest";

/// The fewest posts that a page may be asked for.
const LEAST: u64 = 10;

/// A post and those that may come with it: one that it quotes or passes on, one that it answers.
pub(super) const WITH_INNER: u64 = 3;

/// All that a post of this program has room for: its author, long text, media, poll, versions, counts, and the posts that it
/// quotes, passes on or answers, with their authors.
pub(super) const FIELDS: [(&str, &str); 5] = [
    (
        "tweet.fields",
        "attachments,author_id,conversation_id,created_at,edit_controls,edit_history_tweet_ids,entities,lang,note_tweet,\
         possibly_sensitive,public_metrics,referenced_tweets,withheld",
    ),
    (
        "expansions",
        "author_id,attachments.media_keys,attachments.poll_ids,referenced_tweets.id,referenced_tweets.id.author_id",
    ),
    ("user.fields", "name,protected,username,verified"),
    ("media.fields", "alt_text,height,preview_image_url,type,url,variants,width"),
    ("poll.fields", "end_datetime,options,voting_status"),
];

/// The first request of a pull.
pub(super) fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let request = ask(query, source, "search")?;
    let posts = most(&request).to_string();
    let request = request.with_params(&[("max_results", Some(&posts)), ("sort_order", Some("recency"))]);
    let fields: Vec<(&str, Option<&str>)> = FIELDS.iter().map(|(name, fields)| (*name, Some(*fields))).collect();
    Ok(query.mark(&request.with_params(&fields)))
}

/// The most posts that a page may be asked for.
fn most(request: &Request) -> u64 {
    if request.url.contains("/search/recent") { 100 } else { 500 }
}

/// The request for as many posts as so many reads pay for. Where they pay for too few, it stays beyond them.
pub(super) fn fit(request: &Request, units: u64) -> Request {
    if request.param("max_results").is_none() {
        return request.clone();
    }
    let posts = (units / WITH_INNER).clamp(LEAST, most(request));
    request.with_params(&[("max_results", Some(&posts.to_string()))])
}

/// The posts that an answer holds, those among them that stand inside others: each is a read.
pub(super) fn read_of(exchange: &Exchange) -> u64 {
    #[derive(Deserialize, Default)]
    struct Posts {
        #[serde(default)]
        data: Value,
        #[serde(default)]
        includes: Value,
    }
    let body = exchange.body().unwrap_or_default();
    let Posts { data, includes } = serde_json::from_slice(&body).unwrap_or_default();
    let of = |list: &Value| match list {
        Value::Array(list) => list.len() as u64,
        Value::Object(_) => 1,
        _ => 0,
    };
    of(&data) + of(&includes["tweets"])
}

/// A request to one of the two ends, `search` or `counts`, with query and time.
pub(super) fn ask(query: &Query, source: &Source, end: &str) -> Result<Request, SourceError> {
    let (reach, most) = if query.recent { ("recent", 512) } else { ("all", 1024) };
    let words = words(query);
    if words.chars().count() > most {
        return Err(SourceError(format!("the query is too long for {TITLE}, which takes {most} characters: {words}")));
    }
    let request = source.named(NAME).get(&base(source)?, &["2", "tweets", end, reach], &[("query", &words)]);
    let since = query.since.map(|at| second(at, false));
    let since = since.or_else(|| (!query.recent).then(|| BEGINNING.to_owned()));
    let until = query.until.map(|at| second(at, true));
    Ok(request.with_params(&[("start_time", since.as_deref()), ("end_time", until.as_deref())]))
}

/// Where API v2 is asked.
pub(super) fn base(source: &Source) -> Result<Url, SourceError> {
    source.base_of(TITLE, API)
}

/// Whether a query is short enough. X counts characters; bytes are never fewer.
pub(super) fn together(query: &Query) -> bool {
    words(query).len() <= if query.recent { 512 } else { 1024 }
}

/// The query in the language of X.
pub(super) fn words(query: &Query) -> String {
    let any: Vec<String> = query.tags.iter().map(|tag| format!("#{}", tag.as_str())).collect();
    let mut words = if any.len() == 1 { any.concat() } else { format!("({})", any.join(" OR ")) };
    words.extend(query.all.iter().map(|tag| format!(" #{}", tag.as_str())));
    words.extend(query.none.iter().map(|tag| format!(" -#{}", tag.as_str())));
    match query.words.as_deref().map(str::trim).filter(|further| !further.is_empty()) {
        // Else what stands behind the OR would be found without the tag.
        Some(further) if has_alternatives(further) => words += &format!(" ({further})"),
        Some(further) => words += &format!(" {further}"),
        None => {}
    }
    words
}

/// Whether an `OR` stands outside of all brackets and quotation marks.
fn has_alternatives(words: &str) -> bool {
    let (mut depth, mut quoted, mut word) = (0_i32, false, String::new());
    for c in words.chars().chain([' ']) {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            c if c.is_whitespace() => {
                if word == "OR" && depth == 0 && !quoted {
                    return true;
                }
                word.clear();
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    false
}

/// An instant as X takes it, to the second. `up`: to the next one, so that nothing is left out before it.
fn second(at: DateTime<Utc>, up: bool) -> String {
    let at = if up { DateTime::from_timestamp(live::second(at), 0).unwrap_or(at) } else { at };
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Whether an exchange answers a search that was asked here, and not a file.
pub(super) fn is_one(exchange: &Exchange) -> bool {
    let url = Url::parse(&exchange.request.url).ok().filter(Url::has_host);
    url.is_some_and(|url| {
        url.path().ends_with("/2/tweets/search/all") || url.path().ends_with("/2/tweets/search/recent")
    })
}

/// What an answer says of itself.
#[derive(Deserialize, Default)]
struct Answer {
    #[serde(default)]
    meta: Meta,
}

#[derive(Deserialize, Default)]
struct Meta {
    next_token: Option<String>,
}

/// Works out how the search goes on.
pub(super) fn follow(exchange: &Exchange, text: &str, page: &mut Page) {
    let request = &exchange.request;
    let times = page.posts.iter().filter(|found| !found.nested).filter_map(|found| Some(found.post.created?.at()));
    let times: Vec<DateTime<Utc>> = times.collect();
    let (oldest, newest) = (times.iter().min().copied(), times.iter().max().copied());
    let token = serde_json::from_str::<Answer>(text).unwrap_or_default().meta.next_token;
    let asked = request.param("next_token");
    // A thread is read anew each time; what goes on by time is not the newest end.
    if asked.is_none() && request.mark(super::one::THREAD).is_none() && request.mark(OLDEST).is_none() {
        page.later = Some(later(request, newest.map(|newest| newest.min(exchange.fetched_at))));
    }
    match token {
        Some(token) if Some(&token) == asked.as_ref() => {
            page.stands_still();
        }
        Some(token) => {
            let oldest = oldest.map(|oldest| second(oldest + TimeDelta::seconds(1), false));
            let next = request.with_params(&[("next_token", Some(&token))]);
            page.next.push(if oldest.is_some() { next.with_mark(OLDEST, oldest.as_deref()) } else { next });
        }
        None => {}
    }
}

/// The request that brings what is newer than the newest post seen.
fn later(request: &Request, newest: Option<DateTime<Utc>>) -> Request {
    let (since, until) = request.window();
    let known = newest.map(|newest| newest - OVERLAP);
    let start = match (since, known) {
        (since, Some(known)) => Some(second(since.map_or(known, |since| since.max(known)), false)),
        (_, None) => request.param("start_time"),
    };
    let end = until.map(|until| second(until, true));
    let request = request.with_params(&[("start_time", None), ("end_time", None)]);
    request.with_params(&[("start_time", start.as_deref()), ("end_time", end.as_deref())])
}

/// Reads a refusal of a bound of time, or of a token that is too old: the page that asks again without it. `None` if that is not what was refused.
pub(super) fn unbounded(exchange: &Exchange, said: &Value) -> Option<Page> {
    if exchange.response.status != 400 || !is_one(exchange) {
        return None;
    }
    let faults = said["errors"].as_array()?;
    let refused = |name: &str, why: &str| {
        exchange.request.param(name).is_some()
            && faults.iter().any(|fault| {
                fault["parameters"][name].is_array() && fault["message"].as_str().is_some_and(|said| said.contains(why))
            })
    };
    let mut page = Page { shape: "v2", ..Page::default() };
    // An end in the future ends nothing yet.
    let name = if refused("end_time", "must be a minimum of") {
        "end_time"
    } else if exchange.request.url.contains("/search/recent") && refused("start_time", "must be on or after") {
        let reason = "what was posted more than seven days ago is out of reach of the recent search".to_owned();
        page.skipped.push(Skipped { at: "/errors/0".to_owned(), reason });
        "start_time"
    } else if let Some(oldest) = exchange.request.mark(OLDEST).filter(|_| refused("next_token", "")) {
        // It is forgotten how far the search had come; its time is not.
        let anew = exchange.request.with_params(&[("next_token", None)]);
        page.next.push(anew.with_params(&[("end_time", None)]).with_params(&[("end_time", Some(&oldest))]));
        return Some(page);
    } else {
        return None;
    };
    page.next.push(exchange.request.with_params(&[(name, None)]));
    Some(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Hashtag;

    fn query(tags: &[&str], further: &str) -> Query {
        let tags = tags.iter().map(|tag| Hashtag::new(tag).unwrap()).collect();
        Query { tags, words: Some(further.to_owned()), ..Query::default() }
    }

    #[test]
    fn words_of_a_query() {
        for (tags, further, said) in [
            (&["flood"][..], "", "#flood"),
            (&["flood", "rain"], "lang:en -is:retweet", "(#flood OR #rain) lang:en -is:retweet"),
            (&["flood"], "lang:en OR lang:de", "#flood (lang:en OR lang:de)"),
            (&["flood"], "(lang:en OR lang:de)", "#flood (lang:en OR lang:de)"),
            (&["flood"], "\"this OR that\" ORB", "#flood \"this OR that\" ORB"),
        ] {
            assert_eq!(words(&query(tags, further)), said);
        }
        let with = Query {
            all: vec![Hashtag::new("rain").unwrap()],
            none: vec![Hashtag::new("sun").unwrap()],
            ..query(&["flood"], "")
        };
        assert_eq!(words(&with), "#flood #rain -#sun");
    }

    #[test]
    fn as_many_tags_as_fit() {
        assert!(together(&query(&["flood"], &"x".repeat(1024 - 7))));
        assert!(!together(&query(&["flood"], &"x".repeat(1024 - 6))));
        assert!(!together(&Query { recent: true, ..query(&["flood"], &"x".repeat(506)) }));
        assert!(first(&query(&["flood"], &"x".repeat(2000)), &Source::default()).is_err());
        // Characters, not bytes.
        assert!(first(&query(&["flood"], &"洪".repeat(1000)), &Source::default()).is_ok());
    }

    #[test]
    fn the_archive_is_always_told_where_to_begin() {
        let source = Source::default();
        let all = first(&query(&["flood"], ""), &source).unwrap();
        assert_eq!(all.param("start_time").as_deref(), Some(BEGINNING));
        assert_eq!((all.param("max_results").as_deref(), all.auth.as_deref()), (Some("500"), Some("x")));
        let recent = first(&Query { recent: true, ..query(&["flood"], "") }, &source).unwrap();
        assert_eq!((recent.param("start_time"), recent.param("max_results").as_deref()), (None, Some("100")));
        for (units, posts) in [(0, "10"), (29, "10"), (90, "30"), (9999, "100")] {
            assert_eq!(fit(&recent, units).param("max_results").as_deref(), Some(posts));
        }
        let until = "2021-07-27T00:00:00.5Z".parse().ok();
        let bounded = first(&Query { until, ..query(&["flood"], "") }, &source).unwrap();
        assert_eq!(bounded.param("end_time").as_deref(), Some("2021-07-27T00:00:01Z"));
    }
}
