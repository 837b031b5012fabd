//! What Wayback Tweets gives: addresses of posts of X that the Wayback Machine keeps, and the words of those that X still showed
//! when the tool asked (CSV, or a list in JSON).
//!
//! No row says when its post was written: the id does. The words come from X's embed, entities and all, and the tool has put `%3B`
//! for every semicolon. It fills its columns from ten rows at once, so that one row may hold pieces of two: the row's addresses,
//! the account and the day that the embed names are held against each other. Rows without words are addresses, and are
//! skipped: the kept pages themselves can be imported.

use serde_json::Value;

use super::table::{Table, misfit, words};
use super::tweet;
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Author, Found, Handle, Post, Skipped, TextState, When};
use crate::platform::json::values;
use crate::platform::{self, Page, ParseError, Platform, Shape};
use crate::text;

/// What Wayback Tweets gives.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Wayback Tweets",
    cited: None,
    about: "tables and lists of Wayback Tweets: posts of X that the Wayback Machine keeps; imported, never pulled",
    live: None,
    one: None,
    shapes: &[
        Shape {
            name: "table",
            what: "posts that the Wayback Machine keeps, one a row, as the tool's CSV",
            told_by: "columns `archived_timestamp`, `available_tweet_text` and `original_tweet_url` or `archived_tweet_url`",
            lacks: "the date but for the id's, words of posts that X no longer showed, counts, the end of long posts",
        },
        Shape {
            name: "list",
            what: "the same as the tool's JSON",
            told_by: "a list of objects with these members",
            lacks: "as table",
        },
    ],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "waybacktweets";

/// Columns with the post's address; the words were asked for at the first.
const ADDRESSES: [&str; 4] =
    ["original_tweet_url", "parsed_tweet_url", "archived_tweet_url", "parsed_archived_tweet_url"];

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('[') {
        return list(text, exchange.response.status);
    }
    let table = Table::of(exchange, NAME)?;
    table.needs(&["archived_timestamp", "available_tweet_text"])?;
    if !ADDRESSES.iter().any(|column| table.head.has(column)) {
        table.needs(&ADDRESSES[..1])?;
    }
    Ok(table.page("table", |row| posts(&|column| row.get(column).map(str::to_owned))))
}

fn list(text: &str, status: u16) -> Result<Page, ParseError> {
    if status >= 400 {
        return Err(ParseError::Refused { platform: NAME, status, message: "no reason given".to_owned() });
    }
    let found = values(text).map_err(|what| misfit(NAME, what))?;
    let Some((_, Ok(Value::Array(items)))) = found.first() else { return Err(misfit(NAME, "no list")) };
    let is_row = |item: &Value| item.get("archived_timestamp").is_some() && item.get("available_tweet_text").is_some();
    if !items.iter().any(is_row) {
        return Err(misfit(NAME, "no `archived_timestamp` with `available_tweet_text` in the list"));
    }
    let mut page = Page { shape: "list", ..Page::default() };
    for (i, item) in items.iter().enumerate() {
        let at = format!("/{i}");
        let get = |column: &str| match &item[column] {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Bool(is) => Some(is.to_string()),
            _ => None,
        };
        match posts(&get) {
            Ok(posts) => {
                let found = posts.into_iter().enumerate();
                page.posts.extend(found.map(|(i, post)| Found { post, at: at.clone(), nested: i > 0 }));
            }
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    Ok(page)
}

/// <https://github.com/claromes/waybacktweets/blob/main/waybacktweets/api/parse.py>
fn posts(get: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Post>, String> {
    let told: Vec<Post> = ADDRESSES.iter().filter_map(|column| at(&get(column)?)).collect();
    let Some(first) = told.first() else { return Err("has no address of a post".to_owned()) };
    if told.iter().any(|other| other.id != first.id) {
        return Err("holds the addresses of two posts".to_owned());
    }
    let Some(shown) = get("available_tweet_text") else {
        return Err("has no text, only the address of a post".to_owned());
    };
    let text = decoded(words(Some(&shown))?);
    let signed = get("available_tweet_info").as_deref().and_then(signature);
    let by_address = first.author.handle.clone();
    let is_other = signed
        .as_ref()
        .zip(by_address.as_ref())
        .is_some_and(|(signed, by_address)| signed.handle.folded() != by_address.folded());
    let mut post = tweet::post(first.id.as_deref(), None, Author { handle: by_address.clone(), ..Author::default() })?;
    let archived = get("archived_timestamp").as_deref().and_then(stamp);
    if let (Some(archived), Some(created)) = (archived, post.created)
        && created.at() > archived.at()
    {
        post.doubts
            .push(format!("It is said to be archived on {}, before its id was given out.", archived.to_rfc3339()));
    }
    if is_other && get("available_tweet_is_RT").is_some_and(|is| is.eq_ignore_ascii_case("true")) {
        return Ok(passed_on(post, &text, signed));
    }
    if let Some(Signature { handle, name, day }) = signed {
        if is_other && let Some(by_address) = &by_address {
            post.doubts.push(format!("It is signed by @{handle}, but its address names @{by_address}."));
        }
        let author = Author { handle: Some(handle), name: Some(name), ..Author::default() };
        let doubts = std::mem::take(&mut post.doubts);
        post = Post { doubts, ..tweet::post(post.id.as_deref(), None, author)? };
        tweet::date(&mut post, day.map(|day| day.to_rfc3339()).as_deref());
    }
    // Who knows which pieces the tool has put together, and where X cut them.
    Ok(vec![Post { text, text_state: TextState::Unknown, ..post }])
}

/// The embed of a post that passes another on shows the other; of it, the words, the author and the day are known.
fn passed_on(post: Post, text: &str, signed: Option<Signature>) -> Vec<Post> {
    let (author, day) = signed.map_or_else(Default::default, |Signature { handle, name, day }| {
        (Author { handle: Some(handle), name: Some(name), ..Author::default() }, day)
    });
    let mut posts = tweet::repost(post, text, None, author);
    if let Some(original) = posts.last_mut() {
        original.created = day;
        original.text_state = TextState::Unknown;
    }
    posts
}

/// The post that an address leads to, of X or of the Wayback Machine's page of it.
fn at(address: &str) -> Option<Post> {
    let address = address.replace("%3B", ";");
    let inner = address.split_once("/web/").and_then(|(_, rest)| rest.split_once('/')).map(|(_, inner)| inner);
    let inner = inner.filter(|_| address.contains("web.archive.org/"));
    let address = inner.unwrap_or(&address);
    let address = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
    let post = platform::post_at(&address)?;
    tweet::reference(post.id.as_deref(), None)?;
    Some(post)
}

/// Words of an embed: entities stand in them, and their semicolons as `%3B`; older versions of the tool left those alone.
fn decoded(shown: &str) -> String {
    let html = if shown.contains(';') { shown.to_owned() } else { shown.replace("%3B", ";") };
    text::unescape(&html).into_owned()
}

/// How an embed is signed.
struct Signature {
    name: String,
    handle: Handle,
    day: Option<When>,
}

/// `Ada Moss (@ada_moss), July 26, 2021`: the tool has put a comma behind every closing bracket.
fn signature(info: &str) -> Option<Signature> {
    let info = decoded(info);
    let (name, rest) = info.rsplit_once("(@")?;
    let (handle, day) = rest.split_once(')')?;
    Some(Signature {
        name: name.replace("), ", ")").trim().to_owned(),
        handle: Handle::new(handle)?,
        day: date::printed(day.trim_start_matches([',', ' '])),
    })
}

/// The time in the Wayback Machine's addresses: `20210726180311`.
fn stamp(digits: &str) -> Option<When> {
    let parts = [0..4, 4..6, 6..8, 8..10, 10..12, 12..14].map(|range| digits.get(range));
    let [Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)] = parts else { return None };
    let at = date::timestamp(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))?;
    When::new(at, crate::model::Precision::Second, crate::model::WhenSource::Page)
}
