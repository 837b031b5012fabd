//! Pages of twitter.com as they were served until 2011: accounts, searches by a list, single posts.
//!
//! Each post is an entry of hAtom (`.hentry.status`): its id is the element's, its time stands beside what the page prints, and
//! the account in a class (`u-ada`) and in the address behind the date. Ids of before November 2010 were counted, so that only
//! the page knows when such a post was written. What is passed on is the original post; who passed it on is left out.

use std::sync::LazyLock;

use scraper::{ElementRef, Html, Selector};

use super::saved::Words;
use super::status::Status;
use super::{links, misfit, tweet};
use crate::date;
use crate::model::{Author, Found, Handle, Kind, Post, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::{Page, ParseError};
use crate::text;

static ENTRY: LazyLock<Selector> = LazyLock::new(|| Selector::parse(".hentry.status[id]").expect("a selector"));

/// Reads a page.
///
/// # Errors
/// If it is none of twitter.com of that time.
pub(super) fn read(source: &str) -> Result<Page, ParseError> {
    // Any page may come here, and most are not of X: do not parse those.
    if !["hentry", "entry-content", "\"status_"].iter().all(|sign| source.contains(sign)) {
        return Err(misfit("is no page of twitter.com with `hentry` and `entry-content`"));
    }
    if !text::is_affordable(source) {
        return Err(misfit("is nested too deeply for a page of twitter.com"));
    }
    let html = Html::parse_document(source);
    let entries: Vec<ElementRef<'_>> = html.select(&ENTRY).collect();
    // The page of a single post says beside it whose it is.
    let beside = (entries.len() == 1).then(|| first(html.root_element(), "full-name")).flatten();
    let mut page = Page::default();
    for (i, entry) in entries.into_iter().enumerate() {
        let at = format!("hentry {}", i + 1);
        match post(entry, beside) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    if page.posts.is_empty() {
        return Err(misfit("no entry of the page is a post of X"));
    }
    Ok(page)
}

fn post(entry: ElementRef<'_>, beside: Option<ElementRef<'_>>) -> Result<Post, String> {
    let said = first(entry, "entry-content").ok_or("has no text")?;
    let link = first(entry, "entry-date").ok_or("has no address")?;
    let status = Status::of_link(&link).ok_or("has no address of a post of X")?;
    let class = text::classes(entry.value()).find_map(|class| Handle::new(class.strip_prefix("u-")?));
    let shown = first(entry, "screen-name").and_then(|name| Handle::new(&words(name)));
    let picture = || Some(first(entry, "fn")?.attr("alt")?.trim().to_owned());
    let is_passed_on = text::classes(entry.value()).any(|class| class == "share");
    // What stands beside is the name of the page's owner.
    let name = picture().or_else(|| beside.filter(|_| !is_passed_on).map(words)).filter(|name| !name.is_empty());
    let handle = status.handle.or(shown).or(class);
    let author = Author {
        url: handle.as_ref().map(|handle| format!("https://x.com/{handle}")),
        handle,
        name,
        ..Author::default()
    };
    let mut post = tweet::named(&status.id, author).ok_or("has no id of X")?;
    let number = entry.attr("id").and_then(|id| id.strip_prefix("status_"));
    if let Some(number) = number.filter(|number| *number != status.id && !is_passed_on) {
        post.doubts.push(format!("Its address names the post {}, the page the post {number}.", status.id));
    }
    let stated = first(entry, "timestamp").and_then(|time| time.attr("data")).and_then(stated);
    let stated = stated.and_then(|at| When::new(at, Precision::Second, WhenSource::Page));
    post.created = post.created.or(stated);
    let words = Words::of(said);
    // A page broke its own lines; a post had one then.
    post.text = words.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    post.text_state = TextState::Complete;
    post.doubts.extend(words.unshown.doubts());
    links::sort(&mut post, &words.links);
    post.reply_to = first(entry, "entry-meta").and_then(|meta| answered(meta, &status.id));
    post.kind = if post.reply_to.is_some() { Kind::Reply } else { Kind::Original };
    Ok(post)
}

/// The time in `{time:'Tue Mar 21 20:50:14 +0000 2006'}`.
fn stated(data: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    date::timestamp(data.split('\'').nth(1)?)
}

/// The post that the line below the words names as answered.
fn answered(meta: ElementRef<'_>, own: &str) -> Option<crate::model::PostRef> {
    let links = meta.descendent_elements().filter(|one| one.value().name() == "a");
    let status = links.filter_map(|link| Status::of_link(&link)).find(|status| status.id != own)?;
    Some(tweet::reference(&status.id, status.handle.as_ref().map(Handle::as_str)))
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().trim().to_owned()
}

fn first<'a>(element: ElementRef<'a>, wanted: &str) -> Option<ElementRef<'a>> {
    element.descendent_elements().find(|one| text::classes(one.value()).any(|class| class == wanted))
}
