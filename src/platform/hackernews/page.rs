//! Saved pages of news.ycombinator.com: a story with its comments, a comment with those below it, lists of stories, the
//! comments of an account.
//!
//! Rows are not nested: how far a comment is moved to the right says which one it answers. Older pages have no times but
//! `3 hours ago`, which says nothing without the time of saving.

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html};
use url::Url;

use super::{address, misfit, named, reply_to};
use crate::date;
use crate::model::{Author, Found, Handle, Kind, Link, Metrics, Post, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::{Page, ParseError};
use crate::text;

/// Pixels by which an answer stands to the right of what it answers.
const STEP: usize = 40;

/// Reads a page.
///
/// # Errors
/// If it is none of Hacker News.
pub(super) fn read(source: &str, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    // Any page may come here, and most are of other sites: do not parse those.
    if !source.contains("athing") || !source.contains("hnmain") {
        return Err(misfit("is no page of Hacker News: it has no rows named `athing` in a table `hnmain`"));
    }
    if !text::is_affordable(source) {
        return Err(misfit("is nested too deeply for a page of Hacker News"));
    }
    let html = Html::parse_document(source);
    let rows =
        html.root_element().descendent_elements().filter(|row| row.value().name() == "tr" && has(*row, "athing"));
    let mut page = Page { shape: "page", ..Page::default() };
    // The item that the page is about, and the comments above the one that is read, by how far they stand to the right.
    let (mut item, mut above): (Option<String>, Vec<(usize, String)>) = (None, Vec::new());
    for (i, row) in rows.enumerate() {
        let at = format!("item {}", i + 1);
        let Some(number) = row.attr("id").filter(|id| is_number(id)) else {
            page.skipped.push(Skipped { at, reason: "has no id".to_owned() });
            continue;
        };
        let is_comment = has(row, "comtr") || first(row, "comment").is_some();
        let read = if is_comment {
            let depth = indent(row);
            above.retain(|(other, _)| *other < depth);
            let answered = above.last().map(|(_, id)| id.clone()).or_else(|| item.clone());
            above.push((depth, number.to_owned()));
            comment(row, number, answered)
        } else {
            above.clear();
            story(row, number, seen_at)
        };
        if row.ancestors().filter_map(ElementRef::wrap).take(4).any(|around| has(around, "fatitem")) {
            (item, above) = (Some(number.to_owned()), Vec::new());
        }
        match read {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    if page.posts.is_empty() && page.skipped.is_empty() {
        return Err(misfit("is a page without items of Hacker News"));
    }
    Ok(page)
}

fn comment(row: ElementRef<'_>, number: &str, answered: Option<String>) -> Result<Post, String> {
    let said = first(row, "commtext").ok_or_else(|| format!("was deleted or killed: {}", address(number)))?;
    // In older pages the link to answer stands within the words.
    let html = said.inner_html();
    let html = html.split("<div class=\"reply\"").next().unwrap_or_default();
    let rendered = text::from_fragment(html);
    if rendered.text.is_empty() {
        return Err("has no text".to_owned());
    }
    // A page of one comment, and one of an account's, name the parent only so.
    let links = row.descendent_elements().filter(|one| one.value().name() == "a");
    let parent = links
        .filter(|link| link.text().collect::<String>().trim() == "parent")
        .find_map(|link| id_of(link.attr("href")?));
    let parent = parent.or(answered).filter(|parent| parent != number);
    Ok(Post {
        text: rendered.text,
        text_state: TextState::Complete,
        links: rendered.links,
        doubts: rendered.unshown.doubts(),
        kind: Kind::Reply,
        reply_to: parent.map(|parent| reply_to(&parent)),
        author: author(row),
        created: created(row),
        ..named(number)
    })
}

fn story(row: ElementRef<'_>, number: &str, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let is_title = |link: &ElementRef<'_>| {
        has(*link, "storylink")
            || link
                .parent()
                .and_then(ElementRef::wrap)
                .is_some_and(|around| has(around, "titleline") || has(around, "title"))
    };
    let link = row.descendent_elements().find(|one| one.value().name() == "a" && is_title(one));
    let link = link.ok_or_else(|| format!("has no title, or was deleted: {}", address(number)))?;
    let title = text::of_element(link).text;
    // What else is told of it stands in the row below.
    let told = row.next_siblings().filter_map(ElementRef::wrap).next();
    let told = told.filter(|below| first(*below, "subtext").is_some());
    let table = row.ancestors().filter_map(ElementRef::wrap).take(4).find(|around| has(*around, "fatitem"));
    let below = table.and_then(below).map(|below| text::from_fragment(&below.inner_html()));
    let body = below.as_ref().map(|below| below.text.clone()).unwrap_or_default();
    let text =
        if title.is_empty() || body.is_empty() { format!("{title}{body}") } else { format!("{title}\n\n{body}") };
    if text.is_empty() {
        return Err("has no text".to_owned());
    }
    let outward = link.attr("href").filter(|href| href.starts_with("http"));
    // A list does not show what stands below the title of a story that leads nowhere.
    let may_be_cut = outward.is_none() && table.is_none();
    let count = |element: Option<ElementRef<'_>>| {
        let shown = element.map(|element| text::of_element(element).text)?;
        shown.split(|c: char| c.is_whitespace()).next()?.parse().ok()
    };
    let likes = count(told.and_then(|told| first(told, "score")));
    let comments = told.and_then(|told| {
        let links = told.descendent_elements().filter(|one| one.value().name() == "a");
        links.filter(|link| link.text().collect::<String>().contains("comment")).last()
    });
    let replies = count(comments);
    let rendered = below.unwrap_or_default();
    Ok(Post {
        text,
        text_state: if may_be_cut { TextState::Unknown } else { TextState::Complete },
        links: outward
            .map(|url| Link { shown: String::new(), url: url.to_owned() })
            .into_iter()
            .chain(rendered.links)
            .collect(),
        doubts: rendered.unshown.doubts(),
        author: told.map(author).unwrap_or_default(),
        created: told.and_then(created),
        metrics: Metrics { likes, replies, seen_at: likes.or(replies).map(|_| seen_at), ..Metrics::default() },
        ..named(number)
    })
}

/// The words below the title of the story that a page is about.
fn below(table: ElementRef<'_>) -> Option<ElementRef<'_>> {
    if let Some(words) = first(table, "toptext") {
        return Some(words);
    }
    // Before 2020 only a narrow row stood between them and what is told of it.
    let rows: Vec<ElementRef<'_>> =
        table.descendent_elements().filter(|one| one.value().name() == "tr").take(10).collect();
    let is_gap =
        |row: &ElementRef<'_>| row.attr("style").is_some_and(|style| style.replace(' ', "").contains("height:2px"));
    let row = rows.get(rows.iter().position(is_gap)? + 1)?;
    let cell = row.child_elements().filter(|cell| cell.value().name() == "td").last()?;
    let is_form = cell.descendent_elements().any(|one| one.value().name() == "form");
    (!is_form).then_some(cell)
}

fn author(element: ElementRef<'_>) -> Author {
    let handle = first(element, "hnuser").and_then(|user| Handle::new(&text::of_element(user).text));
    Author {
        url: handle.as_ref().map(|handle| format!("https://news.ycombinator.com/user?id={handle}")),
        handle,
        ..Author::default()
    }
}

/// `2017-06-08T19:32:12 1496950332`, which was without the seconds since 1970 until 2024.
fn created(element: ElementRef<'_>) -> Option<When> {
    let title = first(element, "age")?.attr("title")?;
    let (time, seconds) = title.split_once(' ').unwrap_or((title, ""));
    let at = seconds.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    When::new(at.or_else(|| date::timestamp(time))?, Precision::Second, WhenSource::Platform)
}

/// How many steps to the right a comment stands.
fn indent(row: ElementRef<'_>) -> usize {
    let Some(cell) = first(row, "ind") else { return 0 };
    let pixels = || {
        let image = cell.descendent_elements().find(|one| one.value().name() == "img")?;
        Some(image.attr("width")?.parse::<usize>().ok()? / STEP)
    };
    cell.attr("indent").and_then(|steps| steps.parse().ok()).or_else(pixels).unwrap_or_default()
}

/// The item that a link leads to, on the page or elsewhere.
fn id_of(href: &str) -> Option<String> {
    if let Some(id) = href.strip_prefix('#') {
        return is_number(id).then(|| id.to_owned());
    }
    let url = Url::parse("https://news.ycombinator.com/").ok()?.join(href).ok()?;
    url.query_pairs().find(|(name, id)| name == "id" && is_number(id)).map(|(_, id)| id.into_owned())
}

fn is_number(id: &str) -> bool {
    (1..=12).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn has(element: ElementRef<'_>, class: &str) -> bool {
    text::classes(element.value()).any(|has| has == class)
}

fn first<'a>(element: ElementRef<'a>, class: &'static str) -> Option<ElementRef<'a>> {
    element.descendent_elements().find(|one| has(*one, class))
}
