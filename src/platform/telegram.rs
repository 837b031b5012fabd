//! Telegram: public channels and groups as their preview pages show them (`t.me/s/CHANNEL`, `t.me/CHANNEL/ID?embed=1`),
//! the comments below a message, and chats as Telegram Desktop exports them.
//!
//! A message is known by channel and number, `https://t.me/CHANNEL/ID`; a comment by its number behind that. What a
//! channel forwards was written by somebody else: the message is a repost, and its words stand in a post of their own. In a group each message has an author of its own. Left out: reactions.

mod embeds;
mod export;
mod landing;
mod live;
mod preview;

use url::Url;

use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;
use crate::model::{Author, Handle, Kind, Post};

/// Telegram.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Telegram",
    cited: None,
    about: "messages of one public channel that carry the tag, by its preview; no log-in",
    live: Some(live::LIVE),
    one: Some(live::one),
    shapes: &[
        Shape {
            name: "preview",
            what: "a saved preview page of a channel (t.me/s/…), of one message (?embed=1), of the comments below it",
            told_by: "`.tgme_widget_message` with `data-post` or `data-post-id`",
            lacks: "exact counts above 999, times of edits, ids of accounts",
        },
        Shape {
            name: "landing",
            what: "the page that leads from a message's address to the app (t.me/CHANNEL/ID)",
            told_by: "a `tg://resolve` address with `domain` and `post` in its head",
            lacks: "the date; the author in a group; whether the text is whole, and whose, if it was forwarded",
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
    embeds: Some(embeds::embeds),
    profile_at: None,
};

const NAME: &str = "telegram";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        return Err(ParseError::Refused { platform: NAME, status, message: "no reason given".to_owned() });
    }
    if text.trim_start().starts_with('<') {
        return live::follow(exchange, text, preview::read(text, exchange.fetched_at));
    }
    export::read(text)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// Parts a message that forwards into what whoever forwards says himself, which is nothing, and what was said.
fn passed_on(mut post: Post) -> (Post, Post) {
    let said = Post {
        platform: NAME.to_owned(),
        text: std::mem::take(&mut post.text),
        text_state: post.text_state,
        hashtags: std::mem::take(&mut post.hashtags),
        links: std::mem::take(&mut post.links),
        media: std::mem::take(&mut post.media),
        poll: post.poll.take(),
        doubts: std::mem::take(&mut post.doubts),
        ..Post::default()
    };
    post.kind = Kind::Repost;
    (post, said)
}

/// The same where nobody says where the forwarded message stands: of it, only the author may be known, not even the day.
/// Without words there would be nothing to tell it by, and nothing to quote.
fn forwarding(mut post: Post, author: Author) -> (Post, Option<Post>) {
    let whose = author.name.as_deref().unwrap_or("somebody who is not named");
    let doubt = format!("It forwards what {whose} published, and nothing says where that stands.");
    if post.text.is_empty() {
        post.kind = Kind::Repost;
        post.doubts.push(doubt);
        return (post, None);
    }
    let (mut post, mut said) = passed_on(post);
    post.doubts.push(doubt);
    said.author = author;
    said.doubts.push("It is known only from a message that forwards it.".to_owned());
    (post, Some(said))
}

/// `/CHANNEL/ID`, in a group with topics `/GROUP/TOPIC/ID`; with `comment` a comment below it. Whose it is, the address
/// does not tell: that of a group looks like that of a channel.
fn post_at(url: &Url) -> Option<Post> {
    let (channel, number) = place(url)?;
    let comment = url.query_pairs().find(|(name, _)| name == "comment");
    let post = match comment {
        Some((_, comment)) => commented(&channel, &number, &comment),
        None => named(&channel, &number),
    };
    Some(Post { author: Author::default(), ..post? })
}

/// Channel and number in the address of a message.
fn place(url: &Url) -> Option<(String, String)> {
    url.host_str().filter(|host| matches!(*host, "t.me" | "telegram.me" | "telegram.dog"))?;
    let path = url.path().trim_matches('/');
    let (channel, number) = path.strip_prefix("s/").unwrap_or(path).split_once('/')?;
    let number = match number.split_once('/') {
        Some((topic, number)) if is_number(topic) => number,
        Some(_) => return None,
        None => number,
    };
    Some((channel.to_owned(), number.to_owned()))
}

fn is_number(number: &str) -> bool {
    // A number with a zero before it would be another name for the same message.
    (1..=10).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0')
}

/// A message of a channel of which channel and number are known.
fn named(channel: &str, number: &str) -> Option<Post> {
    // <https://core.telegram.org/method/account.checkUsername>: five to 32 letters, digits and underscores; some have four.
    let is_channel = (4..=32).contains(&channel.len())
        && channel.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && channel.starts_with(|c: char| c.is_ascii_alphabetic());
    if !is_channel || !is_number(number) {
        return None;
    }
    Some(Post {
        platform: NAME.to_owned(),
        id: Some(format!("{channel}/{number}")),
        // Channels are found in any casing.
        uri: Some(format!("https://t.me/{}/{number}", channel.to_ascii_lowercase())),
        url: Some(format!("https://t.me/{channel}/{number}")),
        author: account(channel),
        ..Post::default()
    })
}

/// A comment below a message, of which its own number is known, too.
fn commented(channel: &str, number: &str, comment: &str) -> Option<Post> {
    let below = named(channel, number).filter(|_| is_number(comment))?;
    let with = |address: Option<String>| address.map(|address| format!("{address}?comment={comment}"));
    Some(Post { id: with(below.id), uri: with(below.uri), url: with(below.url), author: Author::default(), ..below })
}

/// The account of that name.
fn account(name: &str) -> Author {
    Author { handle: Handle::new(name), url: Some(format!("https://t.me/{name}")), ..Author::default() }
}
