//! The archive that X gives to its users: `tweets.js` and its kin, which are scripts that set a variable to a list.
//!
//! The posts in it name no author: that stands in `account.js`, former names of the account in `screen-name-change.js`, and the
//! texts of long posts in `note-tweet.js`. Whoever imports an archive hands them over as one text, one behind the other. A post is
//! its author's under the name of today, as X shows it; under which name it was written is said beside it. Left out: letters,
//! likes, and everything else.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::misfit;
use super::tweet::{self, Around};
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Author, Found, Handle, Kind, Post, Skipped, TextState};
use crate::platform::json::{fault, id};
use crate::platform::{Page, ParseError};

/// Reads the scripts of an archive.
///
/// # Errors
/// If it is none, or cut.
pub(super) fn read(text: &str, exchange: &Exchange) -> Result<Page, ParseError> {
    let mut page = Page { shape: "archive", ..Page::default() };
    let (mut author, mut notes, mut names, mut known) = (None, Notes::default(), Vec::new(), false);
    for (name, list) in scripts(text) {
        let list =
            list.map_err(|what| ParseError::Broken { platform: super::NAME, what: format!("{name}: {what}") })?;
        match name {
            "account" => author = list.first().and_then(|one| account(&one["account"])),
            "note_tweet" => notes = Notes::of(&list),
            "screen_name_change" => names = changes(&list),
            "tweet" | "tweets" | "deleted_tweets" | "community_tweet" => {
                known = true;
                for (i, item) in list.iter().enumerate() {
                    let at = format!("{name}/{i}/tweet");
                    match post(&item["tweet"], author.as_ref(), &notes, exchange.fetched_at) {
                        Ok(mut post) => {
                            post.doubts.extend(renamed(&post, &names));
                            if name == "deleted_tweets" {
                                post.labels.push("deleted".to_owned());
                            }
                            page.posts.push(Found { post, at, nested: false });
                        }
                        Err(reason) => page.skipped.push(Skipped { at, reason }),
                    }
                }
            }
            _ => {}
        }
    }
    if known { Ok(page) } else { Err(misfit("no script that sets window.YTD.tweets")) }
}

/// The lists that are set: `window.YTD.tweets.part0 = [ … ]`, each with its name.
fn scripts(text: &str) -> Vec<(&str, Result<Vec<Value>, String>)> {
    const START: &str = "window.YTD.";
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(START) {
        let after = &rest[at + START.len()..];
        let Some((name, list)) = after.split_once('=') else { break };
        let name = name.split('.').next().unwrap_or_default().trim();
        let mut read = serde_json::Deserializer::from_str(list).into_iter::<Vec<Value>>();
        let value = read.next();
        let end = read.byte_offset();
        rest = list.get(end.max(1)..).unwrap_or_default();
        match value {
            Some(Ok(list)) => found.push((name, Ok(list))),
            Some(Err(error)) => {
                found.push((name, Err(fault(&error))));
                break;
            }
            None => break,
        }
    }
    found
}

fn account(account: &Value) -> Option<Author> {
    let handle = Handle::new(account["username"].as_str()?)?;
    Some(Author {
        id: id(&account["accountId"]),
        url: Some(format!("https://x.com/{handle}")),
        name: account["accountDisplayName"].as_str().map(str::to_owned),
        handle: Some(handle),
        flags: Vec::new(),
    })
}

/// When the account took another name, and which it had before; the earliest first.
/// <https://docs.rs/twitter-archive/0.0.1/twitter_archive/structs/screen_name_change/>
fn changes(list: &[Value]) -> Vec<(DateTime<Utc>, Handle)> {
    let change = |one: &Value| {
        let change = &one["screenNameChange"]["screenNameChange"];
        Some((date::timestamp(change["changedAt"].as_str()?)?, Handle::new(change["changedFrom"].as_str()?)?))
    };
    let mut changes: Vec<_> = list.iter().filter_map(change).collect();
    changes.sort_by_key(|(at, _)| *at);
    changes
}

/// Says that the account had another name when it wrote a post.
fn renamed(post: &Post, changes: &[(DateTime<Utc>, Handle)]) -> Option<String> {
    let written = post.created?.at();
    let (_, then) = changes.iter().find(|(changed, _)| written < *changed)?;
    let now = post.author.handle.as_ref().filter(|now| now.folded() != then.folded())?;
    Some(format!("When it was written, the account @{now} was called @{then}."))
}

/// The texts of long posts, by the second in which they were written: notes have ids of their own.
#[derive(Default)]
struct Notes(HashMap<i64, Vec<String>>);

impl Notes {
    fn of(list: &[Value]) -> Notes {
        let mut notes = Notes::default();
        for note in list.iter().map(|one| &one["noteTweet"]) {
            let at = note["createdAt"].as_str().and_then(date::timestamp);
            let text = note["core"]["text"].as_str();
            if let (Some(at), Some(text)) = (at, text) {
                notes.0.entry(at.timestamp()).or_default().push(text.to_owned());
            }
        }
        notes
    }

    /// The note of a post: of the same second or the one before, going on where the post's text is cut.
    fn find(&self, at: DateTime<Utc>, cut: &str) -> Option<&str> {
        let begins = cut.rsplit_once('…').map_or(cut, |(begins, _)| begins).trim_end();
        let near = [at, at - TimeDelta::seconds(1), at + TimeDelta::seconds(1)];
        let mut notes = near.iter().filter_map(|at| self.0.get(&at.timestamp())).flatten();
        notes
            .find(|note| note.len() > begins.len() && !begins.is_empty() && note.starts_with(begins))
            .map(String::as_str)
    }
}

fn post(value: &Value, author: Option<&Author>, notes: &Notes, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let mut post = tweet::post(value, Around { author: author.cloned(), ..Around::default() }, seen_at)?;
    // Of what its owner passed on, the archive keeps a cut text behind the other's name.
    if post.text.starts_with("RT @") && post.text_state == TextState::Complete {
        let whose =
            post.text.strip_prefix("RT @").and_then(|text| text.split_once(": ")).map(|(whose, _)| whose.to_owned());
        if let Some(whose) = whose {
            post.kind = Kind::Repost;
            post.text_state = TextState::Unknown;
            post.doubts.push(format!("It passes on words of @{whose}, which may be cut."));
        }
        return Ok(post);
    }
    let Some(created) = post.created.map(|when| when.at()) else { return Ok(post) };
    if let Some(note) = notes.find(created, &post.text) {
        post.text = note.to_owned();
        post.text_state = TextState::Repaired;
    } else if post.text.contains("… https://t.co/") && post.text_state == TextState::Complete {
        post.text_state = TextState::Unknown;
    }
    Ok(post)
}
