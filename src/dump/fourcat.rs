//! Tables of 4CAT and of Zeeschuimer, which names the same columns: X, and any other platform that they collect.
//!
//! Whose post a row is, its address says; the address of an answer on X may be wrong (its id went through a
//! floating-point number), so there the column `id` counts. A column `author` holds a handle only where the row says so; authors
//! who were taken out (`REDACTED`) or replaced by a hash are nobody, and no address gives them back. Times are UTC. Of X the
//! words are those of its own answer, decoded once, but long ones are cut there; of others 4CAT may have stripped them of
//! tags. Left out: groups, music, places, and columns that only one platform has.

use chrono::{DateTime, Utc};

use super::table::{Row, Table, count, is_yes, site, words};
use super::tweet;
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Author, Handle, Mention, Metrics, Post, PostRef, Precision, TextState, When, WhenSource};
use crate::platform::{self, Page, ParseError, Platform, Shape};
use crate::text;

/// Tables of 4CAT and Zeeschuimer.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "4CAT and Zeeschuimer",
    about: "tables of 4CAT and Zeeschuimer (CSV), of X and other platforms; imported, never pulled",
    first: None,
    session: None,
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
};

const NAME: &str = "4cat";

/// Columns that hold an address, the post's own first.
const ADDRESSES: [&str; 4] = ["link", "url", "post_url", "tiktok_url"];

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
    Ok(table.page("others", |row| post(row, seen_at).map(|post| vec![post])))
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
    tweet::metrics(&mut post, metrics, seen_at);
    if is_yes(row.get("is_retweet")) {
        let whose = person(row, &["retweeted_user"]).and_then(Handle::new);
        let (marked, said) = tweet::marked(&text).map_or((None, text.as_str()), |(marked, said)| (Some(marked), said));
        let handle = whose.or(marked);
        // The words of a withheld post stand there without a mark.
        if handle.is_none() {
            return Err("passes on words of somebody whom it does not name".to_owned());
        }
        return Ok(tweet::repost(post, said, None, Author { handle, ..Author::default() }));
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

fn post(row: &Row<'_>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let id = row.get("id").ok_or("has no id")?;
    let address = row.first(&ADDRESSES);
    // An id that is a name of its own, such as those of Bluesky, says more than an address.
    let known = platform::post_at(id).or_else(|| address.and_then(platform::post_at));
    let mut post = known.unwrap_or_else(|| Post {
        platform: address.and_then(site).unwrap_or_else(|| NAME.to_owned()),
        id: Some(id.to_owned()).filter(|id| !tweet::is_rounded(id)),
        url: address.filter(|address| address.starts_with("http")).map(str::to_owned),
        ..Post::default()
    });
    // The page's address, as far as it leads to a post of the same platform.
    let page = address.filter(|address| platform::post_at(address).is_some_and(|page| page.platform == post.platform));
    // Where the address is the post's only name, it stays in the one form that it has everywhere.
    let is_named = post.uri.is_some() || post.url.is_none();
    post.url = page.filter(|_| is_named).map(str::to_owned).or(post.url);
    if post.id.is_none() && post.uri.is_none() && post.url.is_none() {
        return Err("has no id: a spreadsheet has rounded it".to_owned());
    }
    let is_nobody = row.first(&["author", "account_username"]).is_some_and(is_taken_out);
    post.author = author(row, address, post.author.handle.filter(|_| !is_nobody));
    if is_nobody {
        // The address names whom somebody has taken out.
        post.doubts.push(NOBODY.to_owned());
    }
    date(row, &mut post);
    let body = words(row.get("body"))?;
    post.text = if body.trim_start().starts_with("<p") { text::from_fragment(body).text } else { body.to_owned() };
    post.text_state = TextState::Unknown;
    post.lang = row.first(&["languages", "language_guess"]).filter(|lang| *lang != "N/A").map(str::to_owned);
    post.hashtags = tweet::hashtags(list(row.first(&["hashtags", "tags"])));
    let handles = list(row.first(&["mentions", "usertags"])).filter(|name| !is_taken_out(name)).filter_map(Handle::new);
    post.mentions = handles.map(|handle| Mention { handle: Some(handle), ..Mention::default() }).collect();
    post.links = tweet::links(addresses(row.first(&["links", "link_url"])).into_iter());
    post.media = tweet::files("image", addresses(row.first(&["images", "image_urls", "image_url"])).into_iter());
    post.media.extend(tweet::files("video", addresses(row.first(&["videos", "video_urls", "video_url"])).into_iter()));
    post.reply_to = row.get("replied_to_post").map(reference);
    post.quote_of = row.get("quoted_post").filter(|address| address.starts_with("http")).map(reference);
    post.kind = tweet::kind(post.reply_to.is_some() || is_yes(row.get("is_reply")), post.quote_of.is_some());
    let counted = |columns: &[&str]| columns.iter().find_map(|column| count(row.get(column)));
    let metrics = Metrics {
        likes: counted(&["like_count", "likes", "num_likes", "favourites_count"]),
        reposts: counted(&["repost_count", "reposts", "reblogs_count", "reblog_count", "shares"]),
        replies: counted(&["reply_count", "replies", "replies_count", "num_comments", "comments"]),
        quotes: counted(&["quote_count", "quotes"]),
        views: counted(&["views", "plays", "play_count"]),
        seen_at: None,
    };
    tweet::metrics(&mut post, metrics, seen_at);
    Ok(post)
}

/// Columns with the name of an author, beside that by which the author is addressed.
const NAMES: [&str; 5] =
    ["author_fullname", "author_display_name", "author_full", "author_name", "account_display_name"];

/// The author. `author` is a handle where the address names it, or where the table has another column for the name; where it is a
/// number, it is an id.
fn author(row: &Row<'_>, address: Option<&str>, by_address: Option<Handle>) -> Author {
    let is_in_address = |called: &str| {
        let folded = called.to_lowercase();
        let parts = address.unwrap_or_default().split(['/', '?', '#', '.']);
        parts.skip(2).any(|part| part.trim_start_matches('@').to_lowercase() == folded)
    };
    let called = person(row, &["author"]);
    let number = called.filter(|called| called.bytes().all(|byte| byte.is_ascii_digit()));
    let is_handle = |called: &&str| {
        let has_name_beside = NAMES.iter().any(|column| row.has(column)) && !row.has("author_username");
        number.is_none() && (has_name_beside || is_in_address(called))
    };
    let handle = person(row, &["author_username", "account_username"]).or(called.filter(is_handle));
    let handle = handle.and_then(Handle::new);
    let name = person(row, &NAMES).or(called.filter(|_| handle.is_none() && number.is_none()));
    Author {
        id: person(row, &["author_id", "account_id"]).or(number).map(str::to_owned),
        name: name.map(str::to_owned),
        handle: handle.or(by_address),
        ..Author::default()
    }
}

fn reference(address: &str) -> PostRef {
    let known = platform::post_at(address).unwrap_or_default();
    PostRef { id: known.id, uri: known.uri, url: Some(address.to_owned()) }
}
