//! Saved pages of the site, of whichever time.

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html};
use url::Url;

use super::thing::Thing;
use super::{misfit, old, redesign, state};
use crate::model::{Found, Link, Skipped};
use crate::platform::{Page, ParseError};
use crate::text::{self, Rendered};

/// Reads a page.
///
/// # Errors
/// If it is none of Reddit.
pub(super) fn read(source: &str, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    // Any page may come here, and most are not of Reddit: do not parse those.
    let holds = |marks: &[&str]| marks.iter().any(|mark| source.contains(mark));
    if !holds(&[state::MARK, "<shreddit-", "data-fullname=\"t", "t1_", "t3_"]) || !source.contains("reddit") {
        return Err(misfit("is no page of Reddit: it has no things"));
    }
    if let Some(page) = state::read(source, seen_at) {
        return Ok(page);
    }
    if !text::is_affordable(source) {
        return Err(misfit("is nested too deeply for a page of Reddit"));
    }
    let html = Html::parse_document(source);
    let readers: [(&'static str, Reader); 3] =
        [("page", redesign::of_2023), ("old-page", old::things), ("redesign", redesign::of_2018)];
    for (shape, reader) in readers {
        let found = reader(&html);
        if !found.is_empty() {
            return Ok(page(shape, found, seen_at));
        }
    }
    Err(misfit("is a page without submissions and comments"))
}

/// What one way of reading finds in a page.
type Reader = fn(&Html) -> Vec<Result<Thing, String>>;

fn page(shape: &'static str, found: Vec<Result<Thing, String>>, seen_at: DateTime<Utc>) -> Page {
    let mut page = Page { shape, ..Page::default() };
    for (i, thing) in found.into_iter().enumerate() {
        let at = format!("thing {}", i + 1);
        match thing.and_then(|thing| thing.post(seen_at)) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    page
}

/// The words of an element, its links written out from the root of the site.
pub(super) fn said(element: ElementRef<'_>) -> Rendered {
    with_whole_links(text::of_element(element))
}

/// Writes links out that begin at the root of the site.
pub(super) fn with_whole_links(mut rendered: Rendered) -> Rendered {
    rendered.links = rendered.links.into_iter().map(|link| Link { url: whole(&link.url), ..link }).collect();
    rendered
}

/// An address, written out.
pub(super) fn whole(href: &str) -> String {
    let base = Url::parse("https://www.reddit.com/").ok();
    base.and_then(|base| base.join(href).ok()).map_or_else(|| href.to_owned(), String::from)
}

/// The path of an address of the site, without what follows it.
pub(super) fn path(href: &str) -> Option<String> {
    Url::parse(&whole(href)).ok().map(|url| url.path().to_owned())
}

/// The account in `/user/NAME/`.
pub(super) fn account(href: &str) -> Option<String> {
    let path = path(href)?;
    let name = path.strip_prefix("/user/").or_else(|| path.strip_prefix("/u/"))?.trim_end_matches('/');
    (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
}

/// The submission in `/r/…/comments/ID/…`, by its full name.
pub(super) fn submission(path: &str) -> Option<String> {
    let (_, after) = path.split_once("/comments/")?;
    let id = after.split('/').next().filter(|id| !id.is_empty())?;
    Some(format!("t3_{id}"))
}

/// The subreddit in `/r/SUBREDDIT/comments/…`.
pub(super) fn subreddit(path: &str) -> Option<String> {
    let name = path.trim_start_matches('/').strip_prefix("r/")?.split('/').next().filter(|name| !name.is_empty())?;
    Some(name.to_owned())
}

pub(super) fn has_class(element: &ElementRef<'_>, wanted: &str) -> bool {
    text::classes(element.value()).any(|class| class == wanted)
}
