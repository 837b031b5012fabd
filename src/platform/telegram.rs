//! Telegram: public channels as their preview pages show them (`t.me/s/CHANNEL`, `t.me/CHANNEL/ID?embed=1`), and chats as
//! Telegram Desktop exports them.
//!
//! A message is known by channel and number, `https://t.me/CHANNEL/ID`. What a channel forwards was written by somebody else:
//! the message is a repost, and its words stand in a post of their own if the page says whose. Left out: landing pages
//! (`t.me/CHANNEL/ID` without anything), which cut the text and tell no time; reactions; comments.

mod export;
mod preview;

use url::Url;

use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;
use crate::model::{Author, Handle, Post};

/// Telegram.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Telegram",
    about: "saved preview pages of public channels, and exports of Telegram Desktop; imported, never pulled",
    first: None,
    session: None,
    shapes: &[
        Shape {
            name: "preview",
            what: "a saved preview page of a channel (t.me/s/…) or of one message (?embed=1)",
            told_by: "`.tgme_widget_message[data-post]`",
            lacks: "exact counts above 999, times of edits, ids of accounts",
        },
        Shape {
            name: "export",
            what: "result.json of a chat as Telegram Desktop exports it",
            told_by: "`messages` beside a `type` of a chat, each with `id`, `type` and `date`",
            lacks: "the public address, counts; of old exports the zone, so that only the day is known",
        },
    ],
    parse,
    post_at: Some(post_at),
    embeds: None,
};

const NAME: &str = "telegram";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        return Err(ParseError::Refused { platform: NAME, status, message: "no reason given".to_owned() });
    }
    if text.trim_start().starts_with('<') { preview::read(text, exchange.fetched_at) } else { export::read(text) }
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

fn post_at(url: &Url) -> Option<Post> {
    url.host_str().filter(|host| matches!(*host, "t.me" | "telegram.me" | "telegram.dog"))?;
    let path = url.path().trim_matches('/');
    let (channel, number) = path.strip_prefix("s/").unwrap_or(path).split_once('/')?;
    named(channel, number)
}

/// A message of which channel and number are known.
fn named(channel: &str, number: &str) -> Option<Post> {
    // <https://core.telegram.org/method/account.checkUsername>: five to 32 letters, digits and underscores; some have four.
    let is_channel = (4..=32).contains(&channel.len())
        && channel.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && channel.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_number = (1..=10).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_channel || !is_number {
        return None;
    }
    Some(Post {
        platform: NAME.to_owned(),
        id: Some(format!("{channel}/{number}")),
        // Channels are found in any casing.
        uri: Some(format!("https://t.me/{}/{number}", channel.to_ascii_lowercase())),
        url: Some(format!("https://t.me/{channel}/{number}")),
        author: Author {
            handle: Handle::new(channel),
            url: Some(format!("https://t.me/{channel}")),
            ..Author::default()
        },
        ..Post::default()
    })
}
