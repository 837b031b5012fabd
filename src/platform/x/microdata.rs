//! Pages of X that name the parts of a post by microdata of schema.org (`SocialMediaPosting`), as they were served in
//! 2022 and again later, saved.
//!
//! Each post says its id, its author, its time and its words, each in a property of its own; what stands in another item
//! inside it is that item's. Whether long words are all there, the page does not say.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Html};
use url::Url;

use super::saved::Words;
use super::status::Status;
use super::{links, misfit, tweet};
use crate::exchange::Exchange;
use crate::model::{Author, Found, Handle, Kind, Link, Metrics, Post, PostRef, Skipped};
use crate::platform::{Page, ParseError};
use crate::text::{self, Unshown};

/// Reads a page.
///
/// # Errors
/// If it is none of X with such items.
pub(super) fn read(source: &str, exchange: &Exchange) -> Result<Page, ParseError> {
    // An article that embeds posts is read as an article, lest its other embeds be lost.
    if !source.contains("schema.org/SocialMediaPosting") || source.contains("twitter-tweet") {
        return Err(misfit("is no page of X with items of schema.org"));
    }
    if !text::is_affordable(source) {
        return Err(misfit("is nested too deeply for a page of X"));
    }
    let html = Html::parse_document(source);
    let items = items(&html);
    let mut page = Page::default();
    let mut number = 0;
    for (index, item) in items.iter().enumerate().filter(|(_, item)| item.is_posting) {
        number += 1;
        let at = format!("SocialMediaPosting {number}");
        let inside: Vec<&Item> = item.inside.iter().map(|inside| &items[*inside]).collect();
        // Other sites name their posts in the same way.
        let Some(status) = item.status() else { continue };
        match item.post(status, &inside, exchange.fetched_at) {
            Ok(post) => {
                let nested = item.parent.is_some_and(|parent| parent != index && items[parent].is_posting);
                page.posts.push(Found { post, at, nested });
            }
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    if page.posts.is_empty() && page.skipped.is_empty() {
        return Err(misfit("no item of schema.org leads to a post of X"));
    }
    Ok(page)
}

/// An item (`itemscope`) with its properties; the first of a name counts.
struct Item<'a> {
    node: NodeId,
    is_posting: bool,
    /// What it is to the item around it.
    property: &'a str,
    parent: Option<usize>,
    inside: Vec<usize>,
    id: Option<&'a str>,
    values: HashMap<&'a str, &'a str>,
    /// The words, where they are no attribute.
    body: Option<ElementRef<'a>>,
    /// Whether another item stands inside the words.
    is_mixed: bool,
}

/// The items of a page, in page order.
fn items(html: &Html) -> Vec<Item<'_>> {
    let (mut items, mut open): (Vec<Item<'_>>, Vec<usize>) = (Vec::new(), Vec::new());
    // The element of the words that is open, and whose.
    let mut words: Option<(NodeId, usize)> = None;
    for edge in html.tree.root().traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        let Some(element) = ElementRef::wrap(node) else { continue };
        if !opens {
            if open.last().is_some_and(|last| items[*last].node == node.id()) {
                open.pop();
            }
            words = words.filter(|(body, _)| *body != node.id());
            continue;
        }
        let attribute = |name| text::attribute(element.value(), name);
        let property = attribute("itemprop").unwrap_or_default();
        let is_item = attribute("itemscope").is_some() || attribute("itemtype").is_some();
        let around = open.last().copied();
        if is_item {
            if let Some((_, whose)) = words {
                items[whose].is_mixed = true;
            }
            let new = items.len();
            if let Some(around) = around {
                items[around].inside.push(new);
            }
            let is_posting = attribute("itemtype").is_some_and(|kind| kind.ends_with("schema.org/SocialMediaPosting"));
            items.push(Item {
                node: node.id(),
                is_posting,
                property,
                parent: around,
                inside: Vec::new(),
                id: attribute("itemid"),
                values: HashMap::new(),
                body: None,
                is_mixed: false,
            });
            open.push(new);
        } else if let Some(around) = around.filter(|_| !property.is_empty()) {
            let value = attribute("content").or_else(|| attribute("href"));
            match value {
                Some(value) => {
                    items[around].values.entry(property).or_insert(value);
                }
                None if property == "articleBody" && items[around].body.is_none() => {
                    items[around].body = Some(element);
                    words = Some((node.id(), around));
                }
                None => {}
            }
        }
    }
    items
}

impl Item<'_> {
    fn value(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.values.get(name).copied()).filter(|value| !value.is_empty())
    }

    /// The post of X that it leads to.
    fn status(&self) -> Option<Status> {
        let address = [self.value(&["url"]), self.value(&["mainEntityOfPage"]), self.id];
        address.into_iter().flatten().find_map(|address| Status::of_url(&Url::parse(address).ok()?))
    }

    fn post(&self, status: Status, inside: &[&Item<'_>], seen_at: DateTime<Utc>) -> Result<Post, String> {
        let number = self.value(&["identifier"]).unwrap_or(&status.id);
        if number != status.id {
            return Err(format!("names two posts: {} and {number:.30}", status.id));
        }
        let by = inside.iter().find(|item| item.property == "author");
        let said = |names: &[&str]| by.and_then(|by| by.value(names)).map(str::to_owned);
        let handle = said(&["additionalName", "alternateName"]).as_deref().and_then(Handle::new);
        let author =
            Author { id: said(&["identifier"]), name: said(&["givenName", "name"]), handle, ..Author::default() };
        let mut post = tweet::named(&status.id, author).ok_or("has no id of X")?;
        post.url = post.url.or_else(|| status.url.clone());
        post.doubts.extend(post.author.handle.as_ref().and_then(|handle| status.doubt(handle)));
        tweet::date(&mut post, self.value(&["dateCreated", "datePublished"]));
        if self.is_mixed {
            return Err("holds more than words in its text".to_owned());
        }
        let (words, shown, unshown) = match self.body {
            Some(body) => {
                let words = Words::of(body);
                (words.text, words.links, words.unshown)
            }
            None => {
                let words = self.value(&["articleBody", "text"]).ok_or("has no text")?;
                (words.to_owned(), Vec::<Link>::new(), Unshown::default())
            }
        };
        post.text = words;
        post.doubts.extend(unshown.doubts());
        links::sort(&mut post, &shown);
        let reference = |name: &str| -> Option<PostRef> {
            let other = Status::of_url(&Url::parse(self.value(&[name])?).ok()?)?;
            Some(tweet::reference(&other.id, other.handle.as_ref().map(Handle::as_str)))
        };
        post.reply_to = reference("isPartOf").filter(|to| to.id != post.id);
        post.quote_of = reference("isBasedOn").filter(|of| of.id != post.id);
        post.kind = match (&post.reply_to, &post.quote_of) {
            (Some(_), _) => Kind::Reply,
            (None, Some(_)) => Kind::Quote,
            (None, None) => Kind::Original,
        };
        let count = |action: &str, name: &str| {
            let is_it = |item: &&&Item<'_>| {
                item.property == "interactionStatistic"
                    && (item.value(&["interactionType"]).is_some_and(|kind| kind.ends_with(action))
                        || item.value(&["name"]) == Some(name))
            };
            inside.iter().find(is_it)?.value(&["userInteractionCount"])?.parse().ok()
        };
        let counts = Metrics {
            likes: count("/LikeAction", "Likes"),
            reposts: count("/ShareAction", "Retweets"),
            replies: count("/ReplyAction", "Replies"),
            ..Metrics::default()
        };
        tweet::metrics(&mut post, counts, seen_at);
        Ok(post)
    }
}
