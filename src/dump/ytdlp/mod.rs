//! What yt-dlp, and youtube-dl before it, write about a film: `*.info.json`, and what `-j` and `-J` print. The post is the
//! film with its words, and the comments that were fetched with it (`--write-comments`) answer it.
//!
//! Whose post it is tells its address. Which of yt-dlp's fields holds a handle, a name or the author's own words differs
//! from site to site; only sites of which that is known are read ([`sites::SITES`]). Left out: titles that yt-dlp makes up,
//! subtitles, chapters, live chats.

mod comment;
mod film;
mod sites;

use serde_json::Value;

use super::wrapped;
use crate::exchange::Exchange;
use crate::model::{Found, Post, Skipped};
use crate::platform::json::PATIENCE;
use crate::platform::{Page, ParseError, Platform, Shape};

/// yt-dlp.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "yt-dlp, youtube-dl",
    cited: None,
    about: "what yt-dlp wrote about films of platforms that are read here, and their comments",
    live: None,
    one: None,
    shapes: &[Shape {
        name: "info",
        what: "an info file (`--write-info-json`, with `--write-comments` its comments), what `-j` or `-J` prints",
        told_by: "`extractor_key` with `webpage_url`",
        lacks: "of YouTube's comments the date, which is reckoned from words such as `2 years ago`, and links in full; line breaks \
                of X, TikTok and Telegram; the end of long posts of X; handles of YouTube before 2023",
    }],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "yt-dlp";

/// Films of one document that are read.
const MOST: usize = 100_000;

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let named = text.contains("\"extractor_key\"") && text.contains("\"webpage_url\"");
    if exchange.response.status >= 400 || !named {
        return Err(misfit("no `extractor_key` with `webpage_url`"));
    }
    let mut page = Page::default();
    let mut strange = 0;
    for (at, value) in wrapped::open(text, NAME, true)? {
        match value {
            Ok(value) if value["extractor_key"].is_string() && value["webpage_url"].is_string() => {
                page.shape = "info";
                document(&mut page, at, &value);
            }
            Ok(_) => {
                strange += 1;
                skip(&mut page, at, "is no film of yt-dlp");
                if page.shape.is_empty() && strange > PATIENCE {
                    break;
                }
            }
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    if page.shape.is_empty() { Err(misfit("nothing in it has `extractor_key` and `webpage_url`")) } else { Ok(page) }
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

fn skip(page: &mut Page, at: String, reason: impl Into<String>) {
    page.skipped.push(Skipped { at, reason: reason.into() });
}

/// Reads a film, or the films of a list, which may hold lists.
fn document(page: &mut Page, at: String, value: &Value) {
    let mut left = vec![(at, value)];
    while let Some((at, value)) = left.pop() {
        if page.posts.len() + page.skipped.len() >= MOST {
            skip(page, at, format!("stands behind {MOST} films and comments of one document"));
            break;
        }
        match (value["entries"].as_array(), value["_type"].as_str()) {
            (Some(entries), _) => {
                left.extend(entries.iter().enumerate().rev().map(|(i, entry)| (format!("{at}/entries/{i}"), entry)));
            }
            _ if value.is_null() => skip(page, at, "could not be fetched"),
            (None, Some("playlist" | "multi_video")) => skip(page, at, "is a list whose films are not in it"),
            (None, Some("url" | "url_transparent")) => skip(page, at, "is only named in a list"),
            _ => info(page, &at, value),
        }
    }
}

/// A film and its comments.
fn info(page: &mut Page, at: &str, info: &Value) {
    match sites::of(info) {
        Ok(whose) => keep(page, at.to_owned(), film::post(&whose, info)),
        Err(reason) => skip(page, at.to_owned(), reason),
    }
    // Comments are the film's, whoever links to it.
    let Some((site, film)) = sites::of_film(info) else { return };
    for (i, comment) in info["comments"].as_array().into_iter().flatten().enumerate() {
        keep(page, format!("{at}/comments/{i}"), comment::post(site, info, &film, comment));
    }
}

fn keep(page: &mut Page, at: String, post: Result<Post, String>) {
    match post {
        Ok(post) => page.posts.push(Found { post, at, nested: false }),
        Err(reason) => skip(page, at, reason),
    }
}
