//! What gallery-dl writes beside the files that it fetches (`--write-metadata`, `--write-info-json`, JSON lines) or in place
//! of them (`-j`).
//!
//! Of X and Instagram it writes words of its own, and the address tells whose post it is; of most others it writes what the
//! platform sent, a little changed, which is put right and handed to the platforms. A post with several files comes several
//! times. All its times are UTC (`gallery_dl/dt.py`). Left out: what it says of accounts, of films alone, and where it was led
//! to.

mod kept;
mod own;
mod tweet;

use std::collections::HashSet;

use serde_json::Value;

use super::tweet::is_float;
use super::wrapped;
use crate::exchange::Exchange;
use crate::model::{Found, Media, Skipped};
use crate::platform::json::{PATIENCE, id};
use crate::platform::{Page, ParseError, Platform, Shape};

/// gallery-dl.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "gallery-dl",
    cited: None,
    about: "what gallery-dl wrote beside the pictures and films of posts of platforms that are read here",
    live: None,
    one: None,
    shapes: &[
        Shape {
            name: "files",
            what: "one object a post or a file (`--write-info-json`, `--write-metadata`), or lines of them",
            told_by: "`category` and `subcategory` beside what gallery-dl says of a post",
            lacks: "of X: links as they stood in the text (they are written out, the last is dropped), what a post quotes, who \
                    passed it on in a search; when counts were seen; posts without files, where they were not asked for",
        },
        Shape {
            name: "messages",
            what: "what `gallery-dl -j` prints",
            told_by: "lists that begin with the number of a message and end with such an object",
            lacks: "as files",
        },
    ],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "gallery-dl";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let named = text.contains("\"category\"") && text.contains("\"subcategory\"");
    if exchange.response.status >= 400 || !named {
        return Err(misfit("no `category` with `subcategory`"));
    }
    let mut reading = Reading::default();
    let mut strange = 0;
    for (at, value) in wrapped::open(text, NAME, text.contains("\"tweet_id\"") || text.contains("\"extension\""))? {
        match value {
            Ok(value) if reading.document(&at, &value) => {}
            Ok(_) => {
                strange += 1;
                reading.skip(at, "is nothing of gallery-dl");
                if reading.page.shape.is_empty() && strange > PATIENCE {
                    break;
                }
            }
            Err(reason) => reading.page.skipped.push(Skipped { at, reason }),
        }
    }
    if reading.page.shape.is_empty() {
        return Err(misfit("nothing in it has a `category` and a `subcategory` and is of a post"));
    }
    reading.doubt_ids();
    kept::hand_on(&reading.kept, exchange, &mut reading.page);
    Ok(reading.page)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

#[derive(Default)]
struct Reading {
    page: Page,
    /// What is to be handed to the platforms.
    kept: Vec<wrapped::Item>,
    before: Before,
    /// Ids of X that are as floating-point numbers are, and whether there is one that is not.
    floats: HashSet<String>,
    is_exact: bool,
}

/// What an object says, in gallery-dl's words.
struct Entry<'a> {
    at: String,
    /// Its member names mean what the site's extractor means by them.
    words: &'a Value,
    /// Where the file is that it speaks of.
    file: Option<&'a str>,
}

impl Reading {
    fn skip(&mut self, at: String, reason: &str) {
        self.page.skipped.push(Skipped { at, reason: reason.to_owned() });
    }

    /// Reads an object or a message; `false` if it is nothing of gallery-dl.
    fn document(&mut self, at: &str, value: &Value) -> bool {
        let is_words = |value: &Value| {
            let of_post = ["date", "count", "num", "extension", "tweet_id", "post_id"];
            value["category"].is_string()
                && value["subcategory"].is_string()
                && of_post.iter().any(|name| value.get(*name).is_some())
        };
        if is_words(value) {
            self.page.shape = if self.page.shape.is_empty() { "files" } else { self.page.shape };
            self.entry(&Entry { at: at.to_owned(), words: value, file: None });
            return true;
        }
        // <https://github.com/mikf/gallery-dl/blob/master/gallery_dl/extractor/message.py>: 2 a post, 3 a file, 6 an address.
        match value.as_array().map(Vec::as_slice) {
            Some([code, words]) if *code == 2 && is_words(words) => {
                self.page.shape = "messages";
                self.entry(&Entry { at: format!("{at}/1"), words, file: None });
            }
            Some([code, file, words]) if *code == 3 && file.is_string() && words.is_object() => {
                self.page.shape = "messages";
                self.entry(&Entry { at: format!("{at}/2"), words, file: file.as_str() });
            }
            // A comment is told with the address that it leads to.
            Some([code, address, words]) if *code == 6 && address.is_string() => {
                if words["comment"].is_object() {
                    self.page.shape = "messages";
                    self.entry(&Entry { at: format!("{at}/2"), words, file: None });
                }
            }
            Some([code, error]) if *code == -1 && error.is_object() => {
                let said = error["message"].as_str().or_else(|| error["error"].as_str()).unwrap_or("no reason given");
                let said: String = said.chars().take(200).collect();
                self.skip(at.to_owned(), &format!("says that gallery-dl failed: {said}"));
            }
            _ => return false,
        }
        true
    }

    /// A program that held numbers as floating-point numbers (`jq` does, and everything in a browser) leaves no id as it was.
    fn doubt_ids(&mut self) {
        if self.is_exact || self.floats.len() < 2 {
            return;
        }
        for found in &mut self.page.posts {
            if found.post.id.as_ref().is_some_and(|id| self.floats.contains(id)) {
                let doubt = "All ids of its file are as a program leaves them that rounds numbers: its own may be that of \
                             another post.";
                found.post.doubts.push(doubt.to_owned());
            }
        }
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        if entry.words.get("tweet_id").is_some() {
            // Accounts have long numbers, too.
            let words = entry.words;
            let numbers =
                ["tweet_id", "retweet_id", "reply_id", "quote_id", "conversation_id"].map(|name| &words[name]);
            let accounts = [&words["author"]["id"], &words["user"]["id"]];
            for number in numbers.into_iter().chain(accounts).filter_map(id).filter(|number| number.len() > 16) {
                if is_float(&number) {
                    self.floats.insert(number);
                } else {
                    self.is_exact = true;
                }
            }
        }
        let found = match entry.words {
            words if words.get("tweet_id").is_some() => tweet::posts(words),
            words if words["post_url"].is_string() && words.get("post_shortcode").is_some() => {
                own::post(words).map(|post| vec![post])
            }
            _ => return kept::keep(&mut self.kept, entry),
        };
        let posts = match found {
            Ok(posts) => posts,
            Err(reason) => {
                self.before = Before::default();
                return self.skip(entry.at.clone(), &reason);
            }
        };
        let media = own::media(entry.words, entry.file);
        let before = std::mem::replace(&mut self.before, Before::of(entry.words, media.is_some()));
        if media.is_some() && self.before.goes_on(&before) {
            // The next file of the same post, which stands last; before it, perhaps, the retweet that passes it on.
            if let Some(found) = self.page.posts.last_mut() {
                add(&mut found.post.media, media);
            }
            return;
        }
        let last = posts.len().saturating_sub(1);
        for (i, mut post) in posts.into_iter().enumerate() {
            if i == last && post.repost_of.is_none() {
                add(&mut post.media, media.clone());
            }
            self.page.posts.push(Found { post, at: entry.at.clone(), nested: i > 0 });
        }
    }
}

/// What tells whether an object speaks of the next file of the post that the one before it spoke of.
#[derive(Default, PartialEq)]
struct Before {
    post: [Value; 3],
    is_file: bool,
    number: u64,
}

impl Before {
    fn of(words: &Value, is_file: bool) -> Before {
        let post = ["tweet_id", "retweet_id", "post_shortcode"].map(|name| words[name].clone());
        Before { post, is_file, number: own::count(words, "num").unwrap_or_default() }
    }

    fn goes_on(&self, before: &Before) -> bool {
        self.post == before.post && (!before.is_file || self.number > before.number)
    }
}

fn add(all: &mut Vec<Media>, one: Option<Media>) {
    all.extend(one.filter(|one| !all.contains(one)));
}
