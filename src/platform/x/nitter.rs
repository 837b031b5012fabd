//! Pages of Nitter, a front for X that anyone can run: timelines, searches and single posts with their answers, saved
//! from whichever server. They are known by their markup.
//!
//! A page gives the whole text with its line breaks, who wrote it, and the minute; the post's id carries the second.
//! Links are shown shortened, as X shows them, and lead to the whole address. Pictures and films are named by the address
//! that they have at X where Nitter's own address holds it.
//!
//! Left out: who passed a post on (`Ada retweeted`), since the page names neither the account nor the retweet, so
//! that what stands there is the original; that a post is pinned; accounts, which a search may list; how often a film
//! was played; the votes of a poll, of which only shares are shown.

mod attached;
pub(super) mod feed;
mod item;
mod said;

use std::collections::HashMap;

use ego_tree::iter::Edge;
use ego_tree::{NodeId, NodeRef};
use scraper::{ElementRef, Html, Node};

use super::misfit;
use crate::exchange::Exchange;
use crate::model::{Found, Skipped};
use crate::platform::printed::signature;
use crate::platform::{Page, ParseError, printed};
use crate::text;

/// Reads a page of Nitter.
///
/// # Errors
/// If it is none.
pub(super) fn read(source: &str, exchange: &Exchange) -> Result<Page, ParseError> {
    // Any page may come here, and most are not of Nitter: do not parse those.
    if !source.contains("timeline-item") && !source.contains("\"Nitter\"") {
        return Err(misfit("is no page of Nitter"));
    }
    if !text::is_affordable(source) {
        return Err(misfit("is nested too deeply for a page of Nitter"));
    }
    let html = Html::parse_document(source);
    let outline = Outline::of(&html);
    let mut page = Page::default();
    let mut is_nitter = outline.is_named;
    for Item { element, number, is_shown } in &outline.items {
        let Some(parts) = item::Parts::of_item(*element) else { continue };
        is_nitter |= parts.is_addressed();
        let at = format!("div {number}");
        if !is_shown {
            page.skipped.push(Skipped { at, reason: "stands where the page shows nothing".to_owned() });
            continue;
        }
        // One that is no `div` has the place of its item.
        let place = |quote: &ElementRef<'_>| format!("div {}", outline.quotes.get(&quote.id()).unwrap_or(number));
        let quote = parts.quotes.first().map(|quote| (place(quote), item::quoted(*quote, exchange.fetched_at)));
        let more: Vec<String> = parts.quotes.iter().skip(1).map(place).collect();
        let (quote_at, quoted) = quote.unzip();
        match parts.post(answers(*element), quoted.as_ref().map(|quoted| quoted.as_ref().ok()), exchange.fetched_at) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
        match (quote_at, quoted) {
            (Some(at), Some(Ok(post))) => page.posts.push(Found { post, at, nested: true }),
            (Some(at), Some(Err(reason))) => page.skipped.push(Skipped { at, reason }),
            _ => {}
        }
        let reason = "is a second quoted post of one that quotes another";
        page.skipped.extend(more.into_iter().map(|at| Skipped { at, reason: reason.to_owned() }));
    }
    page.skipped.extend(outline.others.into_iter().map(|at| Skipped {
        at,
        reason:
            "seems to quote a post, but stands outside of the posts of a page of Nitter, and is not read".to_owned(),
    }));
    if is_nitter { Ok(page) } else { Err(misfit("is no page of Nitter")) }
}

/// Where the items of a page stand, in page order.
#[derive(Default)]
struct Outline<'a> {
    items: Vec<Item<'a>>,
    /// The numbers of the quoted posts.
    quotes: HashMap<NodeId, usize>,
    /// Whether the page names Nitter as its site.
    is_named: bool,
    /// The places of what is not Nitter's and seems to quote a post too.
    others: Vec<String>,
}

struct Item<'a> {
    element: ElementRef<'a>,
    /// Its number among the `div`s of the page, so that `document.querySelectorAll("div")[N - 1]` finds it.
    number: usize,
    /// Whether readers see it.
    is_shown: bool,
}

impl<'a> Outline<'a> {
    fn of(html: &'a Html) -> Outline<'a> {
        let mut outline = Outline::default();
        let mut number = 0;
        let (mut hidden, mut items) = (0_usize, 0_usize);
        for edge in html.tree.root().traverse() {
            let (node, opens) = match edge {
                Edge::Open(node) => (node, true),
                Edge::Close(node) => (node, false),
            };
            if let Some(text) = node.value().as_text().filter(|_| opens && items == 0) {
                if is_signed(text) {
                    outline.others.push(format!("after div {number}"));
                }
                continue;
            }
            let Some(element) = ElementRef::wrap(node) else { continue };
            let is_item = text::classes(element.value()).any(|class| class == "timeline-item");
            let hides = text::shows_nothing(element.value().name()) || text::unshown(element.value()).hidden;
            if !opens {
                hidden -= usize::from(hides);
                items -= usize::from(is_item);
                continue;
            }
            hidden += usize::from(hides);
            items += usize::from(is_item);
            match element.value().name() {
                "blockquote" if items == 0 => outline.others.push(format!("after div {number}")),
                "iframe" | "twitter-widget"
                    if items == 0 && text::attribute(element.value(), "data-tweet-id").is_some() =>
                {
                    outline.others.push(format!("after div {number}"));
                }
                "div" => {
                    number += 1;
                    for class in text::classes(element.value()) {
                        match class {
                            "timeline-item" => {
                                outline.items.push(Item { element, number, is_shown: hidden == 0 });
                            }
                            "quote" => drop(outline.quotes.insert(element.id(), number)),
                            _ => {}
                        }
                    }
                }
                "meta" => {
                    let is = |name, value| text::attribute(element.value(), name) == Some(value);
                    outline.is_named |= is("property", "og:site_name") && is("content", "Nitter");
                }
                _ => {}
            }
        }
        outline.others.dedup();
        outline
    }
}

/// Whether words end in a signature with a date, as pages print below a post.
fn is_signed(words: &str) -> bool {
    words.contains(['@', '＠'])
        && words.lines().any(|line| {
            let found = signature::last_handle(line);
            found.is_some_and(|(open, close, handle)| {
                signature::has_year(&line[close..]) && signature::read(line, open, &handle).is_some()
            })
        })
}

/// Whether a page shows an item as an answer to the one above it. It says so in words (`Replying to`) for the first of a
/// thread only.
fn answers(item: ElementRef<'_>) -> bool {
    fn before(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
        element.prev_siblings().find_map(ElementRef::wrap)
    }
    let parent = item.parent().and_then(ElementRef::wrap);
    parent.is_some_and(|parent| {
        text::classes(parent.value()).any(|class| match class {
            "after-tweet" | "reply" => true,
            "thread-line" => before(item).is_some(),
            "main-tweet" => {
                before(parent).is_some_and(|above| text::classes(above.value()).any(|class| class == "before-tweet"))
            }
            _ => false,
        })
    })
}

/// Walks through the inside of an element in page order; `visit` says of each node whether those inside it come too.
/// Where closing tags are missing, the next items stand inside an item, and are none of it.
fn walk<'a>(whole: ElementRef<'a>, mut visit: impl FnMut(NodeRef<'a, Node>) -> bool) {
    let is_item = |element: &ElementRef<'_>| text::classes(element.value()).any(|class| class == "timeline-item");
    printed::walk(whole, is_item, |edge| match edge {
        Edge::Open(node) => visit(node),
        Edge::Close(_) => true,
    });
}

/// What an element shows, on one line.
fn shown(element: ElementRef<'_>) -> String {
    /// Longer than any name or label.
    const LONGEST: usize = 1000;
    let mut words = String::new();
    walk(element, |node| {
        if let Some(text) = node.value().as_text().filter(|_| words.len() < LONGEST) {
            words.push_str(text);
        }
        true
    });
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
