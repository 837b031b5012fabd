//! X (Twitter): the posts that pages embed, the pages of Nitter, and the time that an X id carries.
//!
//! X gives no search to anyone without a paid account, so nothing is pulled from it. What people have is what X hands
//! out for other pages (embeds, oEmbed answers) and what they saved from a Nitter server, a front that shows X without a
//! log-in. One post has one name, from wherever it comes: `https://x.com/i/status/ID`.

mod embeds;
mod links;
mod nitter;
mod status;

use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;

/// X, formerly Twitter.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "X",
    about: "posts embedded in pages, oEmbed answers, and saved pages of Nitter; imported, never pulled",
    first: None,
    session: None,
    shapes: &[
        Shape {
            name: "oembed",
            what: "an answer of publish.x.com/oembed, of any year",
            told_by: "an oEmbed object whose `provider_url` is X's",
            lacks: "the time, but for the id's; counts, media files",
        },
        Shape {
            name: "nitter",
            what: "a saved page of a Nitter server: timeline, search, single post",
            told_by: "`.timeline-item` or `.main-tweet` with `.tweet-content`",
            lacks: "ids of accounts, languages, who retweeted",
        },
    ],
    parse,
    post_at: Some(status::post_at),
    embeds: Some(embeds::embeds),
};

const NAME: &str = "x";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('<') {
        return Ok(Page { shape: "nitter", ..nitter::read(text, exchange)? });
    }
    Ok(Page { shape: "oembed", ..embeds::oembed(text)? })
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}
