//! A capture: the bytes that X sent when it was made, read by X's own parsers.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{SERVER, SHAPE, TITLE, misfit, post_of, refused, x};
use crate::exchange::{Exchange, Request};
use crate::model::{Found, Hashtag, Post, Skipped};
use crate::platform::printed::embeds::archived;
use crate::platform::scope::{ALL, NONE, TAG, WITHOUT_TAG, groups, is_tagged, judged, sift};
use crate::platform::words::hashtags;
use crate::platform::{Page, ParseError, Source, SourceError};

/// Marks the captures that are tried if this one shows nothing: times and addresses in turn.
pub(super) const OTHERS: &str = "others";

/// Marks a capture of which only the post of its address is wanted, and not what stands around it.
pub(super) const ALONE: &str = "alone";

/// Marks a capture that was asked for before, and refused for a reason that may pass.
const AGAIN: &str = "again";

/// What the address of a capture says.
pub(super) struct Address {
    /// When it was made.
    taken: Option<DateTime<Utc>>,
    /// What was kept.
    original: String,
}

impl Address {
    /// Takes an address apart: `https://web.archive.org/web/20210726180311id_/https://…`.
    pub(super) fn of(url: &str) -> Option<Address> {
        let url = url.split('#').next()?;
        let (_, rest) = url.split_once("/web/")?;
        let (time, _) = rest.split_once('/')?;
        let digits: String = time.chars().take_while(char::is_ascii_digit).collect();
        let taken = NaiveDateTime::parse_from_str(&digits, "%Y%m%d%H%M%S").ok().map(|at| at.and_utc());
        Some(Address { taken, original: archived(url)?.to_owned() })
    }
}

/// The request for the bytes of a capture.
pub(super) fn request(source: &Source, time: &str, original: &str) -> Result<Request, SourceError> {
    let base = source.base_of(TITLE, SERVER)?;
    let url = base.join(&format!("/web/{time}id_/{original}")).map_err(|error| SourceError(error.to_string()))?;
    Ok(Request { auth: source.credential.clone(), ..Request::get(url) })
}

/// The same on the server that was asked for the index, with what the job asks for.
pub(super) fn beside(request: &Request, time: &str, original: &str) -> Option<Request> {
    let origin = request.origin()?;
    let (since, until) = request.window();
    let capture = Request { url: format!("{origin}/web/{time}id_/{original}"), ..request.clone() };
    let mut capture = capture.with_window(since, until);
    for mark in [ALL, NONE, TAG] {
        capture = capture.with_mark(mark, request.mark(mark).as_deref());
    }
    Some(capture)
}

/// Reads a capture.
pub(super) fn read(exchange: &Exchange, address: &Address) -> Result<Page, ParseError> {
    let request = exchange.request.clone().asked();
    let status = exchange.response.status;
    let tag = request.mark(TAG);
    let mut page = Page { shape: SHAPE, ..Page::default() };
    // The archive says of everything that it kept when that was.
    let is_kept = exchange.header("memento-datetime").is_some();
    let read = if status >= 400 {
        // An error of X that was kept comes with its own status; what the archive has not, or does not show, is no fault of
        // the pull.
        let is_lost = matches!(status, 403 | 404 | 410 | 451);
        // What is taken out of the archive is refused like one who asks too much.
        let is_odd = matches!(status, 400 | 403) && tag.is_some() && !is_kept;
        if is_odd && request.mark(AGAIN).is_none() {
            page.skipped.push(Skipped { at: address.original.clone(), reason: "is asked for again".to_owned() });
            page.next.push(request.with_mark(AGAIN, Some("")));
            return Ok(page);
        }
        if tag.is_none() || !(is_kept || is_lost || is_odd) {
            return Err(refused(status, &exchange.text().unwrap_or_default()));
        }
        Err(format!("the archive gives no page, but status {status}"))
    } else {
        // What X says in it is as old as the capture.
        let told = || DateTime::parse_from_rfc2822(exchange.header("memento-datetime")?).ok().map(|at| at.to_utc());
        let taken = address.taken.or_else(told).unwrap_or(exchange.fetched_at);
        let inside = Exchange { request: Request::get(&address.original), fetched_at: taken, ..exchange.clone() };
        match (x::PLATFORM.parse)(&inside) {
            Ok(found) if !found.posts.is_empty() => Ok(found),
            Ok(_) => Err("the page that was kept shows no post".to_owned()),
            Err(ParseError::NotThisShape { .. }) => {
                Err("the page that was kept shows no post: an empty frame, or a log-in".to_owned())
            }
            Err(error) => Err(format!("the page that was kept cannot be read: {error}")),
        }
    };
    match read {
        Ok(found) => {
            page.skipped = found.skipped;
            take(found.posts, &request, address, &mut page);
        }
        Err(reason) if tag.is_none() || (status < 400 && !is_kept) => return Err(misfit(reason)),
        Err(reason) => {
            page.skipped.push(Skipped { at: address.original.clone(), reason });
            page.next.extend(other(&request));
        }
    }
    Ok(page)
}

/// The request for another capture of the same post.
fn other(request: &Request) -> Option<Request> {
    let others = request.mark(OTHERS)?;
    let mut words = others.split(' ');
    let (time, original) = (words.next()?, words.next()?);
    let rest = words.collect::<Vec<_>>().join(" ");
    let next = beside(request, time, original)?;
    Some(next.with_mark(OTHERS, Some(rest.as_str()).filter(|rest| !rest.is_empty())))
}

/// Takes what belongs to what was asked; says where it is not the post of the address.
fn take(posts: Vec<Found>, request: &Request, address: &Address, page: &mut Page) {
    let named = post_of(&address.original).and_then(|post| post.id);
    let is_there = named.is_some() && posts.iter().any(|found| found.post.id == named);
    let alone = request.mark(ALONE).is_some() && is_there;
    for mut group in groups(posts) {
        let Some(holder) = group.first_mut() else { continue };
        if alone && holder.post.id != named {
            continue;
        }
        if let Some(named) = named.as_ref().filter(|_| !is_there) {
            holder.post.doubts.push(format!("It was kept under the address of another post, {named}."));
        }
        page.posts.extend(group);
    }
    let Some(tag) = request.mark(TAG) else { return };
    sift(page, |group| (!carries(judged(group)?, &tag)).then(|| WITHOUT_TAG.to_owned()));
}

/// Whether a post carries the tag: as a link, or as `#tag` in its words.
fn carries(post: &Post, tag: &str) -> bool {
    is_tagged(Some(post), tag)
        || Hashtag::new(tag).is_some_and(|tag| hashtags(&post.text).any(|own| own.folded() == tag.folded()))
}
