//! Which post a row is of: that of its address, else that of its id. Spreadsheets and programs that hold numbers as
//! floating-point numbers round ids, and what they leave names another post, or none: it is not used, and that is said.

use std::collections::BTreeSet;

use super::NAME;
use crate::dump::table::{bare, link};
use crate::dump::tweet;
use crate::model::{Post, PostRef};
use crate::platform::{self, Page};

/// The post by its address, else by its id, with what is doubtful about the two.
pub(super) fn identified(url: Option<&str>, id: Option<&str>, named: Option<&str>) -> Post {
    let mut doubts = Vec::new();
    let address = url.and_then(link);
    if let (Some(url), None) = (url, &address) {
        doubts.push(format!("Its address {} cannot be read.", quoted(url)));
    }
    let rounded = address.as_deref().and_then(rounded_in);
    let of_rounded = |id: &String| format!("The id in its address, {}, was rounded, as spreadsheets do.", quoted(id));
    doubts.extend(rounded.as_ref().map(of_rounded));
    // Such an address is that of many posts, or of none.
    let address = address.as_ref().filter(|_| rounded.is_none()).cloned();
    let by_address = address.as_deref().and_then(platform::post_at);
    let page = address.filter(|address| !address.starts_with("at:"));
    let named = named.map(|named| platform_of(named.trim()));
    let platform = by_address.as_ref().map(|post| &post.platform).or(named.as_ref());
    let (whole, by_id) = match id.map(|id| (id, read(id, platform.map(String::as_str)))) {
        Some((_, Ok((whole, by_id)))) => (Some(whole), by_id),
        Some((id, Err(fault))) => {
            doubts.extend(unused(id, &fault, by_address.as_ref()));
            (None, None)
        }
        None => (None, None),
    };
    let mut post = match (by_address, by_id) {
        (Some(by_address), Some(by_id)) => of_both(by_address, by_id),
        (Some(post), None) => post,
        (None, Some(post)) if page.is_none() => post,
        (None, by_id) => {
            doubts.extend(by_id.map(|post| format!("Its address is none of {}'s posts.", post.platform)));
            Post { platform: named.unwrap_or_else(|| NAME.to_owned()), id: whole, url: page.clone(), ..Post::default() }
        }
    };
    doubts.append(&mut post.doubts);
    post.doubts = doubts;
    post.url = post.url.or(page);
    post
}

/// The id in the address of a post, if it was rounded.
fn rounded_in(address: &str) -> Option<String> {
    let read = platform::post_at(address).and_then(|post| post.id).filter(|id| tweet::is_rounded(id));
    let (before, id) = address.split(['?', '#']).next()?.trim_end_matches('/').rsplit_once('/')?;
    let is_post = || platform::post_at(&format!("{before}/20")).is_some_and(|post| post.id.as_deref() == Some("20"));
    read.or_else(|| (tweet::is_rounded(id) && is_post()).then(|| id.to_owned()))
}

/// A post that has both: that of its address, unless that was rounded.
fn of_both(by_address: Post, by_id: Post) -> Post {
    if by_address.platform != by_id.platform {
        return Post { doubts: vec![TWO.to_owned()], ..by_address };
    }
    let (at, id) = match (&by_address.id, &by_id.id) {
        (None, _) => return Post { url: by_address.url, author: by_address.author, ..by_id },
        (Some(at), Some(id)) if at != id => (at, id),
        _ => return by_address,
    };
    let is_one_float = id.parse::<f64>().ok().zip(at.parse::<f64>().ok()).is_some_and(|(a, b)| a == b);
    match (is_one_float, tweet::is_float(id), tweet::is_float(at)) {
        (true, true, false) => {
            let doubt = format!("Its id {} {FLOAT}, and is not used: its address has the whole.", quoted(id));
            Post { doubts: vec![doubt], ..by_address }
        }
        (true, false, true) => {
            let doubt = format!("The id in its address, {}, {FLOAT}, and is not used.", quoted(at));
            Post { author: by_address.author, doubts: vec![doubt], ..by_id }
        }
        _ => Post { doubts: vec![TWO.to_owned()], ..by_address },
    }
}

const TWO: &str = "Its id and its address are of two posts.";
const FLOAT: &str = "was rounded, as programs do that hold numbers as floating-point numbers";

/// Why an id is not used, unless it is the address's own, rounded.
fn unused(id: &str, fault: &str, by_address: Option<&Post>) -> Option<String> {
    let is_rounded = tweet::is_rounded(bare(id));
    match by_address.and_then(|post| post.id.as_deref()).filter(|_| is_rounded) {
        Some(whole) if tweet::begins_alike(bare(id), whole) => None,
        Some(_) => Some(format!("Its id {} {fault}, and cannot be that of its address.", quoted(id))),
        None => Some(format!("Its id {} {fault}, and is not used.", quoted(id))),
    }
}

/// The id that stands in a field, and its post if that can be told.
///
/// # Errors
/// What is wrong with one that is none, as the rest of a sentence.
fn read(id: &str, platform: Option<&str>) -> Result<(String, Option<Post>), String> {
    if let Some(post) = link(id).as_deref().and_then(platform::post_at) {
        return Ok((bare(id).to_owned(), Some(post)));
    }
    let id = bare(id);
    if tweet::is_rounded(id) {
        return Err("was rounded, as spreadsheets do".to_owned());
    }
    let post = platform.and_then(|platform| at(id, platform));
    match platform.filter(|platform| post.is_none() && at("20", platform).is_some()) {
        Some(platform) => Err(format!("is none of {platform}'s")),
        None => Ok((id.to_owned(), post)),
    }
}

/// The platform's own name for itself, where its address tells that it is the same (`Twitter`).
fn platform_of(named: &str) -> String {
    let named = named.to_lowercase();
    at("20", &named).map_or(named, |post| post.platform)
}

/// The post of a platform by its id, where the platform's addresses are made of ids.
fn at(id: &str, named: &str) -> Option<Post> {
    let fits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !fits(id) || !fits(named) {
        return None;
    }
    let post = platform::post_at(&format!("https://{named}.com/i/status/{id}"))?;
    (post.id.as_deref() == Some(id)).then_some(post)
}

/// The post that another one answers; the inner `None` if the field says that it answers none.
///
/// # Errors
/// The doubt about a field that says neither.
pub(super) fn reference(other: &str, platform: &str) -> Result<Option<PostRef>, String> {
    const NONE: [&str; 10] = ["0", "0.0", "-1", "-", "none", "null", "nan", "n/a", "false", "[]"];
    if let Some(address) = link(other) {
        let known = platform::post_at(&address).unwrap_or_default();
        return Ok(Some(PostRef { id: known.id, uri: known.uri, url: known.url.or(Some(address)) }));
    }
    if NONE.iter().any(|none| bare(other).eq_ignore_ascii_case(none)) {
        return Ok(None);
    }
    match read(other, Some(platform)) {
        Ok((id, known)) => {
            let known = known.unwrap_or_default();
            Ok(Some(PostRef { id: Some(id), uri: known.uri, url: known.url }))
        }
        Err(fault) => Err(format!("The id of what it answers, {}, {fault}, and is not used.", quoted(other))),
    }
}

/// A value as a doubt names it.
pub(super) fn quoted(value: &str) -> String {
    format!("{:?}", value.trim().chars().take(60).collect::<String>())
}

/// The long ids of a file. Where all are as a program leaves them that rounds numbers, none can be trusted; of a single
/// one nobody can tell.
#[derive(Default)]
pub(super) struct Ids {
    floats: BTreeSet<String>,
    is_exact: bool,
}

impl Ids {
    /// Notes what stands in a row.
    pub(super) fn see(&mut self, id: Option<String>) {
        // Shorter ones are exact in every program.
        const LONG: usize = 17;
        let Some(id) = id.filter(|_| !self.is_exact) else { return };
        let id = bare(&id);
        if id.len() < LONG || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        if tweet::is_float(id) {
            self.floats.insert(id.to_owned());
        } else {
            self.is_exact = true;
        }
    }

    /// Doubts the posts of which only such an id tells which they are.
    pub(super) fn doubt(self, page: &mut Page) {
        if self.is_exact || self.floats.len() < 2 {
            return;
        }
        let doubt = "All ids of its file are as a program leaves them that rounds numbers: its own may be that of another \
                     post.";
        for found in &mut page.posts {
            if found.post.id.as_ref().is_some_and(|id| self.floats.contains(id)) {
                found.post.doubts.push(doubt.to_owned());
            }
        }
    }
}
