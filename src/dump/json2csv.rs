//! Tables of tweets of API v1.1: of twarc's json2csv, of Hydrator and of Social Feed Manager, which names nearly the same columns.
//!
//! Social Feed Manager, and twarc with `-x`, put a space where a line break was. A text that has none may have lost it: only of one
//! that has some it is known to be as it was. Of a post that passes another on, twarc gives the beginning of the other's
//! words behind whose they are (`RT @ada: …`), Hydrator the words alone. Left out: places, and all that a profile says.

use chrono::{DateTime, Utc};

use super::table::{Row, Table, count, is_yes, words};
use super::tweet::{self, unescaped};
use crate::exchange::Exchange;
use crate::model::{Author, Handle, Media, Metrics, Post, TextState};
use crate::platform::{Page, ParseError, Platform, Shape};

/// Tables of json2csv, Hydrator and Social Feed Manager.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "json2csv, Hydrator, Social Feed Manager",
    cited: None,
    about: "tables of tweets of API v1.1 by twarc's json2csv, Hydrator or Social Feed Manager; imported, never pulled",
    live: None,
    one: None,
    shapes: &[Shape {
        name: "table",
        what: "tweets of API v1.1, one a row",
        told_by: "columns `id`, `tweet_url`, `created_at`, `user_screen_name`, `text`",
        lacks: "whether spaces were line breaks, the words of quoted posts, the end of what is passed on, files of media",
    }],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "json2csv";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let table = Table::of(exchange, NAME)?;
    table.needs(&["id", "tweet_url", "created_at", "user_screen_name", "text"])?;
    Ok(table.page("table", |row| posts(row, exchange.fetched_at)))
}

/// <https://github.com/DocNow/twarc/blob/v1.13.1/twarc/json2csv.py>,
/// <https://github.com/DocNow/hydrator/blob/main/app/utils/twitter.js>
fn posts(row: &Row<'_>, seen_at: DateTime<Utc>) -> Result<Vec<Post>, String> {
    let author = Author {
        id: row.get("user_id").map(str::to_owned),
        handle: row.get("user_screen_name").and_then(Handle::new),
        name: row.get("user_name").map(unescaped),
        flags: is_yes(row.get("user_verified")).then(|| "verified".to_owned()).into_iter().collect(),
        url: None,
    };
    let mut post = tweet::post(row.get("id"), row.get("tweet_url"), author)?;
    tweet::date(&mut post, row.first(&["parsed_created_at", "created_at"]));
    let text = unescaped(words(row.get("text"))?);
    post.lang = row.get("lang").map(str::to_owned);
    if is_yes(row.get("possibly_sensitive")) {
        post.labels.push("sensitive".to_owned());
    }
    post.hashtags = tweet::hashtags(row.get("hashtags").unwrap_or_default().split_whitespace());
    post.links = tweet::links(row.get("urls").unwrap_or_default().split_whitespace());
    post.media = row.get("media").unwrap_or_default().split_whitespace().map(media).collect();
    let (likes, reposts) = (count(row.get("favorite_count")), count(row.get("retweet_count")));
    let kind = row.get("tweet_type").unwrap_or_default();
    let one = row.first(&["retweet_or_quote_id", "reweet_or_quote_id"]);
    // Misspelt in versions of 2017 and before.
    let passed_on = row.first(&["retweet_id", "reweet_id"]).or(one.filter(|_| kind == "retweet"));
    if kind == "retweet" || passed_on.is_some() {
        // Likes of the other are not counted there.
        tweet::metrics(&mut post, Metrics { reposts, ..Metrics::default() }, seen_at);
        let whose = row.first(&["retweet_screen_name", "retweet_or_quote_screen_name"]).and_then(Handle::new);
        return Ok(repost(post, &text, passed_on, whose, row.get("retweet_or_quote_user_id")));
    }
    tweet::metrics(&mut post, Metrics { likes, reposts, ..Metrics::default() }, seen_at);
    let (replied, quoted) = (row.get("in_reply_to_status_id"), row.get("quote_id").or(one));
    post.reply_to = tweet::reference(replied, row.get("in_reply_to_screen_name"));
    post.quote_of = tweet::reference(quoted, row.get("retweet_or_quote_screen_name"));
    post.kind = tweet::kind(replied.is_some() || kind == "reply", quoted.is_some());
    let mut post = tweet::said(post, text);
    doubt_spaces(&mut post);
    Ok(vec![post])
}

fn repost(post: Post, text: &str, number: Option<&str>, whose: Option<Handle>, account: Option<&str>) -> Vec<Post> {
    let (mut posts, is_marked) = tweet::passed_on(post, text, number, whose, account.map(str::to_owned));
    if let Some(original) = posts.last_mut() {
        doubt_spaces(original);
        if is_marked {
            tweet::cut(original);
        }
    }
    posts
}

/// A text without a line break may have had some.
fn doubt_spaces(post: &mut Post) {
    if post.text_state == TextState::Complete && post.text.contains(' ') && !post.text.contains('\n') {
        post.text_state = TextState::Unknown;
    }
}

/// A page that shows a picture or a film.
fn media(page: &str) -> Media {
    let kinds = [("/photo/", "image"), ("/video/", "video")];
    let kind = kinds.iter().find(|(step, _)| page.contains(step)).map_or("unknown", |(_, kind)| kind);
    Media { kind: kind.to_owned(), ..Media::default() }
}
