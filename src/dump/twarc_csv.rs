//! Tables of twarc-csv: tweets of API v2, flattened, one a row.
//!
//! A post that passes another on holds the other's words, counts and media, unless the tool was told not to merge them; then it
//! holds the beginning of the words behind whose they are (`RT @ada: …`). The tool writes line breaks as `\n`, and where somebody
//! typed just that it is the same: it is read as a line break, and of such a text it is not known whether it is as it was. Lists stand as JSON, and with two of its options so does
//! every text. Left out: places, annotations, who may answer, and all that a profile says.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::table::{Row, Table, count, is_yes, misfit, words};
use super::tweet::{self, unescaped};
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Author, Handle, Link, Media, Metrics, Poll, PollOption, Post, TextState};
use crate::platform::{Page, ParseError, Platform, Shape};

/// Tables of twarc-csv.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "twarc-csv",
    cited: None,
    about: "tables of tweets that twarc-csv made of API v2; imported, never pulled",
    live: None,
    one: None,
    shapes: &[Shape {
        name: "table",
        what: "tweets of API v2 as `twarc2 csv` writes them, and Social Feed Manager with it",
        told_by: "columns `id`, `text`, `author.username` and any of `__twarc.…`",
        lacks: "the end of long posts, quoted posts, whether `\\n` was typed or is a line break",
    }],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "twarc-csv";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let table = Table::of(exchange, NAME)?;
    table.needs(&["id", "text", "created_at", "author.username"])?;
    if !["__twarc.retrieved_at", "__twarc.url", "__twarc.version"].iter().any(|column| table.head.has(column)) {
        return Err(misfit(NAME, "no column `__twarc.retrieved_at`"));
    }
    Ok(table.page("table", |row| posts(&Tweet { row, is_encoded: is_encoded(row) }, exchange.fetched_at)))
}

/// Whether the row was written with `--json-encode-text` or `--json-encode-all`. Of a single text nobody could say: people put
/// theirs into quotation marks. No time is in some.
fn is_encoded(row: &Row<'_>) -> bool {
    row.get("created_at").is_some_and(|at| at.starts_with('"') && at.ends_with('"'))
}

/// A row.
struct Tweet<'a> {
    row: &'a Row<'a>,
    is_encoded: bool,
}

impl<'a> Tweet<'a> {
    fn get(&self, column: &str) -> Option<Cow<'a, str>> {
        let value = self.row.get(column)?;
        let decoded = if self.is_encoded { serde_json::from_str::<String>(value).ok() } else { None };
        Some(decoded.map_or(Cow::Borrowed(value), Cow::Owned)).filter(|value| !value.is_empty())
    }

    fn text(&self, column: &str) -> Option<String> {
        let text = self.get(column)?;
        Some(unescaped(&if self.is_encoded { text } else { text.replace("\\n", "\n").into() }))
    }

    fn list(&self, column: &str) -> Vec<Value> {
        self.get(column).and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
    }

    fn is(&self, column: &str) -> bool {
        is_yes(self.get(column).as_deref())
    }

    /// The id of the post to which it stands so: in a column of its own, or, until 2021, in a list.
    fn other(&self, how: &str) -> Option<String> {
        let id = self.get(&format!("referenced_tweets.{how}.id")).map(Cow::into_owned);
        id.or_else(|| {
            let others = self.list("referenced_tweets");
            others.iter().find(|other| other["type"] == how)?["id"].as_str().map(str::to_owned)
        })
    }
}

/// <https://github.com/DocNow/twarc-csv/blob/main/dataframe_converter.py>
fn posts(tweet: &Tweet<'_>, seen_at: DateTime<Utc>) -> Result<Vec<Post>, String> {
    let handle = |column: &str| tweet.get(column).as_deref().and_then(Handle::new);
    let flags = [("verified", tweet.is("author.verified")), ("locked", tweet.is("author.protected"))];
    let author = Author {
        id: tweet.get("author_id").or_else(|| tweet.get("author.id")).map(Cow::into_owned),
        handle: handle("author.username"),
        name: tweet.text("author.name"),
        flags: flags.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()).collect(),
        url: None,
    };
    let is_unnamed = author.handle.is_none();
    let number = tweet.get("id");
    let mut post = tweet::post(number.as_deref(), None, author)?;
    if is_unnamed {
        post.doubts.push("The table does not name its author.".to_owned());
    }
    tweet::date(&mut post, tweet.get("created_at").as_deref());
    let text = words(tweet.text("text").as_deref())?.to_owned();
    let is_unsure = !tweet.is_encoded && tweet.get("text").is_some_and(|text| text.contains("\\n"));
    post.lang = tweet.get("lang").map(Cow::into_owned);
    if tweet.is("possibly_sensitive") {
        post.labels.push("sensitive".to_owned());
    }
    let versions = tweet.list("edit_history_tweet_ids");
    if versions.len() > 1 {
        let which = versions.iter().position(|version| version.as_str() == number.as_deref()).map_or(0, |at| at + 1);
        post.labels.push(format!("version {which} of {}", versions.len()));
    }
    attached(&mut post, tweet);
    let metrics = |name: &str| count(tweet.get(&format!("public_metrics.{name}_count")).as_deref());
    let metrics = Metrics {
        likes: metrics("like"),
        reposts: metrics("retweet"),
        replies: metrics("reply"),
        quotes: metrics("quote"),
        views: metrics("impression"),
        seen_at: None,
    };
    let retrieved = tweet.get("__twarc.retrieved_at").and_then(|at| date::timestamp(&at));
    tweet::metrics(&mut post, metrics, retrieved.unwrap_or(seen_at));
    if let Some(number) = tweet.other("retweeted") {
        let mut posts = passed_on(post, &text, &number, handle("retweeted_username"), tweet.get("retweeted_user_id"));
        if let Some(original) = posts.last_mut().filter(|_| is_unsure) {
            unsure(original);
        }
        return Ok(posts);
    }
    let (replied, quoted) = (tweet.other("replied_to"), tweet.other("quoted"));
    post.reply_to = tweet::reference(replied.as_deref(), tweet.get("in_reply_to_username").as_deref());
    post.quote_of = tweet::reference(quoted.as_deref(), tweet.get("quoted_username").as_deref());
    post.kind = tweet::kind(replied.is_some(), quoted.is_some());
    let mut post = tweet::said(post, text);
    if is_unsure {
        unsure(&mut post);
    }
    let is_withheld =
        ["withheld.copyright", "withheld.country_codes", "withheld.scope"].map(|column| tweet.get(column));
    if is_withheld.iter().flatten().any(|value| !matches!(value.as_ref(), "False" | "[]")) {
        tweet::withheld(&mut post);
    }
    Ok(vec![post])
}

/// A line break may have been typed as `\n`.
fn unsure(post: &mut Post) {
    if post.text_state == TextState::Complete {
        post.text_state = TextState::Unknown;
    }
}

/// A post that passes on another: whose words stand in the row, their mark says, or that there is none.
fn passed_on(post: Post, text: &str, number: &str, whose: Option<Handle>, account: Option<Cow<'_, str>>) -> Vec<Post> {
    let (mut posts, is_marked) = tweet::passed_on(post, text, Some(number), whose, account.map(Cow::into_owned));
    if let Some(original) = posts.last_mut().filter(|_| is_marked) {
        tweet::cut(original);
        // The row was not merged with the other: likes are those of the post that passes it on.
        let Metrics { reposts, seen_at, .. } = original.metrics;
        original.metrics = Metrics { reposts, seen_at: seen_at.filter(|_| reposts.is_some()), ..Metrics::default() };
    }
    posts
}

/// Enters hashtags, accounts, links, media and the poll. The names are texts, or, with `--no-process-entities`, what the API gave.
fn attached(post: &mut Post, tweet: &Tweet<'_>) {
    let names = |column: &str, key: &str| -> Vec<String> {
        let named = |value: &Value| value.as_str().or(value[key].as_str()).map(str::to_owned);
        tweet.list(column).iter().filter_map(named).collect()
    };
    post.hashtags = tweet::hashtags(names("entities.hashtags", "tag").iter().map(String::as_str));
    post.mentions = tweet::mentions(names("entities.mentions", "username").iter().map(String::as_str));
    let link = |value: &Value| {
        let plain = || value.as_str().filter(|url| url.starts_with("http"));
        let leads =
            ["unwound_url", "expanded_url", "url"].iter().find_map(|name| value[*name].as_str()).or_else(plain)?;
        // Pictures are listed among the links, by how they are shown.
        let is_media = !value["media_key"].is_null();
        let shown = value["url"].as_str().unwrap_or_default();
        (!is_media).then(|| Link { shown: shown.to_owned(), url: leads.to_owned() })
    };
    post.links = tweet.list("entities.urls").iter().filter_map(link).collect();
    post.media = tweet.list("attachments.media").iter().map(media).collect();
    let options = tweet.list("attachments.poll.options");
    let option = |option: &Value| {
        Some(PollOption { title: option["label"].as_str()?.to_owned(), votes: option["votes"].as_u64() })
    };
    let options: Vec<PollOption> = options.iter().filter_map(option).collect();
    let closes = tweet.get("attachments.poll.end_datetime").and_then(|at| date::timestamp(&at));
    post.poll = (!options.is_empty()).then_some(Poll { options, closes, multiple: false });
}

fn media(media: &Value) -> Media {
    let kind = match media["type"].as_str() {
        Some("photo") => "image",
        Some("video") => "video",
        Some("animated_gif") => "gif",
        _ => "unknown",
    };
    let words = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let size = |name: &str| media[name].as_u64().and_then(|size| u32::try_from(size).ok());
    let films = media["variants"].as_array().into_iter().flatten();
    let film = films.filter(|film| film["content_type"] == "video/mp4").max_by_key(|film| film["bit_rate"].as_u64());
    Media {
        url: words(&media["url"])
            .or_else(|| film.and_then(|film| words(&film["url"])))
            .or_else(|| words(&media["preview_image_url"])),
        kind: kind.to_owned(),
        alt: words(&media["alt_text"]),
        width: size("width"),
        height: size("height"),
    }
}
