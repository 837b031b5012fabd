//! Tables of 4CAT and of Zeeschuimer, which names the same columns: X, and any other platform that they collect.
//!
//! Whose post a row is, its address says, if it is that of the post itself; a row without one has no name beyond its file. The
//! address of an answer on X may be wrong (its id went through a
//! floating-point number), so there the column `id` counts. A column `author` holds a handle only where the row says so; authors
//! who were taken out (`REDACTED`) or replaced by a hash are nobody, and no address gives them back. Times are UTC. Of X the
//! words are those of its own answer, decoded once, but long ones are cut there; of others 4CAT may have stripped them of
//! tags. Left out: groups, music, places, and columns that only one platform has.

mod other;
mod telegram;

use chrono::{DateTime, Utc};

use super::table::{Row, Table, count, is_yes, words};
use super::tweet;
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Author, Handle, Metrics, Post, Precision, When, WhenSource};
use crate::platform::{Page, ParseError, Platform, Shape};

/// Tables of 4CAT and Zeeschuimer.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "4CAT and Zeeschuimer",
    cited: None,
    about: "tables of 4CAT and Zeeschuimer (CSV), of X and other platforms; imported, never pulled",
    live: None,
    one: None,
    shapes: &[
        Shape {
            name: "tweets",
            what: "posts of X as 4CAT and Zeeschuimer tabulate them",
            told_by: "columns `id`, `thread_id`, `timestamp`, `body`, and `is_retweet`, `is_quote_tweet`",
            lacks: "ids of posts that are answered or passed on, the end of long posts, authors who were taken out",
        },
        Shape {
            name: "others",
            what: "posts of other platforms as 4CAT and Zeeschuimer tabulate them",
            told_by: "columns `id`, `thread_id`, `timestamp`, `body`, and `author` or `account_username`",
            lacks: "whether the words are all and as they were; handles where `author` may be a name",
        },
    ],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "4cat";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let table = Table::of(exchange, NAME)?;
    table.needs(&["id", "thread_id", "timestamp", "body"])?;
    let seen_at = exchange.fetched_at;
    if table.head.has("is_retweet") && table.head.has("is_quote_tweet") {
        return Ok(table.page("tweets", |row| tweet(row, seen_at)));
    }
    if !table.head.has("author") && !table.head.has("author_username") {
        table.needs(&["account_username"])?;
    }
    if ["chat", "author_username", "author_forwarded_from_name"].iter().all(|column| table.head.has(column)) {
        return Ok(table.page("others", |row| telegram::posts(row, seen_at)));
    }
    Ok(table.page("others", |row| other::post(row, seen_at).map(|post| vec![post])))
}

/// What a column says of the author, unless it was taken out (`REDACTED`) or replaced by a hash.
fn person<'a>(row: &Row<'a>, columns: &[&str]) -> Option<&'a str> {
    row.first(columns).filter(|name| !is_taken_out(name))
}

fn is_taken_out(name: &str) -> bool {
    name == "REDACTED" || (name.len() >= 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

const NOBODY: &str = "Its author was taken out of the table.";

/// A list of names.
fn list(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// A list of addresses, which may hold commas themselves.
fn addresses(text: Option<&str>) -> Vec<&str> {
    let text = text.unwrap_or_default();
    let starts: Vec<usize> =
        text.match_indices("http").map(|(at, _)| at).filter(|at| *at == 0 || text[..*at].ends_with(',')).collect();
    let ends = starts.iter().skip(1).map(|next| next - 1).chain(std::iter::once(text.len()));
    starts.iter().zip(ends).filter_map(|(start, end)| text.get(*start..end)).map(str::trim).collect()
}

/// Enters the time. `unix_timestamp` is one whatever the clock of the machine was set to; where the printed time is another, the
/// machine was not set to UTC, and one cannot tell which of the two it bent.
fn date(row: &Row<'_>, post: &mut Post) {
    let unix = |text: &str| text.parse().ok().and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
    let printed = row.get("timestamp");
    let exact = row.get("unix_timestamp").and_then(unix).or_else(|| printed.and_then(unix));
    let stated = printed.filter(|printed| unix(printed).is_none());
    match (exact, stated.and_then(date::timestamp)) {
        (Some(exact), Some(other)) if (exact - other).num_seconds().abs() > 1 => {
            post.doubts.push(format!(
                "The table gives two times for it: {} and {}.",
                exact.format("%Y-%m-%d %H:%M:%S UTC"),
                other.format("%Y-%m-%d %H:%M:%S UTC")
            ));
            let day = When::new(exact, Precision::Day, WhenSource::Platform);
            post.created = post.created.or(day);
        }
        (Some(exact), _) => tweet::instant(post, exact),
        (None, _) => tweet::date(post, stated),
    }
}

fn tweet(row: &Row<'_>, seen_at: DateTime<Utc>) -> Result<Vec<Post>, String> {
    let author = Author {
        id: person(row, &["author_id"]).map(str::to_owned),
        handle: person(row, &["author"]).and_then(Handle::new),
        name: person(row, &["author_fullname"]).map(tweet::unescaped),
        flags: person(row, &["author"])
            .filter(|_| is_yes(row.get("verified")))
            .map(|_| "verified".to_owned())
            .into_iter()
            .collect(),
        url: None,
    };
    let mut post = tweet::post(row.get("id"), None, author)?;
    if row.get("author").is_some_and(is_taken_out) {
        post.doubts.push(NOBODY.to_owned());
    }
    date(row, &mut post);
    let text = tweet::unescaped(words(row.get("body"))?);
    post.lang = row.get("language_guess").map(str::to_owned);
    if is_yes(row.get("possibly_sensitive")) {
        post.labels.push("sensitive".to_owned());
    }
    post.hashtags = tweet::hashtags(list(row.get("hashtags")));
    post.mentions = tweet::mentions(list(row.get("mentions")).filter(|name| !is_taken_out(name)));
    post.links = tweet::links(addresses(row.get("urls")).into_iter());
    post.media = tweet::files("image", addresses(row.get("images")).into_iter());
    post.media.extend(tweet::files("video", addresses(row.get("videos")).into_iter()));
    let metrics = Metrics {
        likes: count(row.get("like_count")),
        reposts: count(row.get("retweet_count")),
        replies: count(row.get("reply_count")),
        quotes: count(row.get("quote_count")),
        views: count(row.get("impression_count")),
        seen_at: None,
    };
    // The likes of what is passed on are not counted there.
    let is_retweet = is_yes(row.get("is_retweet"));
    let metrics = if is_retweet { Metrics { reposts: metrics.reposts, ..Metrics::default() } } else { metrics };
    tweet::metrics(&mut post, metrics, seen_at);
    if is_retweet {
        let whose = person(row, &["retweeted_user"]).and_then(Handle::new);
        let (posts, _) = tweet::passed_on(post, &text, None, whose, None);
        // The words of a withheld post stand there without a mark.
        if posts.last().is_none_or(|original| original.author.handle.is_none()) {
            return Err("passes on words of somebody whom it does not name".to_owned());
        }
        return Ok(posts);
    }
    let quoted = quoted(row);
    post.quote_of = tweet::reference(row.get("quote_tweet_id"), person(row, &["quote_author", "quoted_user"]));
    post.kind = tweet::kind(is_yes(row.get("is_reply")), is_yes(row.get("is_quote_tweet")));
    let mut post = tweet::said(post, text);
    if is_yes(row.get("is_withheld")) {
        tweet::withheld(&mut post);
    }
    Ok(std::iter::once(post).chain(quoted).collect())
}

/// The post that a row quotes, if it holds its words.
fn quoted(row: &Row<'_>) -> Option<Post> {
    let author = Author { handle: person(row, &["quote_author"]).and_then(Handle::new), ..Author::default() };
    let text = tweet::unescaped(row.get("quote_body")?);
    let id = row.get("quote_tweet_id").filter(|id| !tweet::is_rounded(id));
    let mut post = tweet::post(id, None, author).ok()?;
    post.media = tweet::files("image", addresses(row.get("quote_images")).into_iter());
    post.media.extend(tweet::files("video", addresses(row.get("quote_videos")).into_iter()));
    Some(tweet::said(post, text))
}
