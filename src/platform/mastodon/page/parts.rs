//! The parts of a post in a page, by the classes that servers give them.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};

use crate::markup::escaped;
use crate::platform::printed::{embeds as printed, walk};
use crate::text;

/// Elements that hold one post: of Mastodon, of Pleroma and Akkoma, of GoToSocial, of snac.
const ROOTS: [&str; 7] = ["detailed-status", "status", "activity", "toot", "snac-post", "snac-child", "h-entry"];

/// Icons that stand for an audience other than everybody.
const CLOSED: [&str; 5] = ["fa-lock", "fa-envelope", "icon-lock", "icon-at", "icon-alternate_email"];

/// The elements of a page that may hold a post, in order.
pub(super) fn roots(html: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    printed::elements(html, &["div", "article", "section", "li"]).filter(is_root)
}

fn is_root(element: &ElementRef<'_>) -> bool {
    text::classes(element.value()).any(|class| ROOTS.contains(&class))
}

/// Whether a post stands inside an element.
pub(super) fn holds_a_post(element: ElementRef<'_>) -> bool {
    element.descendants().skip(1).filter_map(ElementRef::wrap).any(|inner| is_root(&inner))
}

/// What stands in such an element, that of posts inside it left out.
#[derive(Default)]
pub(super) struct Parts<'a> {
    /// Its words; more than one is more than one post.
    pub(super) contents: Vec<ElementRef<'a>>,
    /// The link to its author, or what holds it.
    pub(super) author: Option<ElementRef<'a>>,
    /// The author's name.
    pub(super) name: Option<ElementRef<'a>>,
    /// The author's handle.
    pub(super) handle: Option<ElementRef<'a>>,
    /// Where the link to the author leads.
    pub(super) profile: Option<&'a str>,
    /// When it was written.
    pub(super) date: Option<String>,
    /// Where the link on its date leads.
    pub(super) url: Option<&'a str>,
    /// The content warning.
    pub(super) warning: Option<ElementRef<'a>>,
    /// What scripts are to draw: the name of the component and its properties.
    pub(super) components: Vec<(&'a str, &'a str)>,
    /// Links around pictures.
    pub(super) pictures: Vec<ElementRef<'a>>,
    /// Whether the server wrote it into the page, and not a script.
    pub(super) is_served: bool,
    /// Whether it was not shown to everybody.
    pub(super) closed: bool,
    /// Whether closing hashtags stand outside of the words.
    pub(super) moved_tags: bool,
    /// Whether the words are a translation.
    pub(super) translated: bool,
    /// Whether the server sets the words in paragraphs of its own.
    pub(super) rewritten: bool,
}

impl<'a> Parts<'a> {
    pub(super) fn of(root: ElementRef<'a>) -> Parts<'a> {
        let mut parts = Parts::default();
        let mut plain = Vec::new();
        let mut times = Vec::new();
        walk(root, is_root, |edge| {
            let Edge::Open(node) = edge else { return true };
            let Some(element) = ElementRef::wrap(node) else { return true };
            parts.take(element, &mut plain, &mut times)
        });
        parts.date = parts.date.or(times.into_iter().next());
        if parts.contents.is_empty() && parts.handle.is_some() && parts.name.is_some() {
            // GoToSocial before it marked the words: `.content` beside `.displayname` and `.username`.
            parts.contents = plain;
        }
        let author = parts.author;
        let inside = |name: &str| {
            author?.descendants().filter_map(ElementRef::wrap).find(|element| element.value().name() == name)
        };
        parts.name = parts.name.or_else(|| inside("strong")).or_else(|| inside("bdi")).or(author);
        parts.profile = parts.profile.or_else(|| author?.attr("href")).or_else(|| inside("a")?.attr("href"));
        parts.handle = parts.handle.or_else(|| {
            let spans = author?.descendants().filter_map(ElementRef::wrap);
            spans.filter(|element| element.value().name() == "span").find(|span| {
                let shown = span.text().collect::<String>();
                shown.trim_start().starts_with('@') && !shown.trim().contains(char::is_whitespace)
            })
        });
        parts
    }

    /// Takes what an element is; says whether what is inside it is looked at, too.
    fn take(&mut self, element: ElementRef<'a>, plain: &mut Vec<ElementRef<'a>>, times: &mut Vec<String>) -> bool {
        let value = element.value();
        if let Some(component) = text::attribute(value, "data-component") {
            self.components.extend(text::attribute(value, "data-props").map(|props| (component, props)));
            return false;
        }
        let href = || text::attribute(value, "href");
        match value.name() {
            "time" => times.extend(text::attribute(value, "datetime").map(str::to_owned)),
            // An early GoToSocial.
            "div" if text::attribute(value, "id") == Some("date") => times.push(element.text().collect()),
            // snac.
            "a" if element.text().eq(["»"]) => self.url = self.url.or_else(href),
            _ => {}
        }
        for class in text::classes(value) {
            match class {
                "e-content" | "status__content__text" => {
                    self.contents.push(element);
                    self.is_served = class == "e-content";
                    let inside = element.descendants().filter_map(ElementRef::wrap);
                    for component in inside.filter(|inner| text::attribute(inner.value(), "data-component").is_some()) {
                        self.take(component, plain, times);
                    }
                    self.rewritten |= text::classes(value).any(|class| class == "snac-content");
                    return false;
                }
                "content" => {
                    plain.push(element);
                    return false;
                }
                "p-author" | "detailed-status__display-name" | "status__display-name" => {
                    self.author.get_or_insert(element);
                }
                "display-name__html" => {
                    self.name.get_or_insert(element);
                }
                "displayname" => {
                    self.name.get_or_insert(element);
                    self.author.get_or_insert(element);
                    // The link stands on the name, or around it.
                    let around =
                        || element.ancestors().filter_map(ElementRef::wrap).take(3).find_map(|a| a.attr("href"));
                    self.profile = self.profile.or_else(href).or_else(around);
                }
                "display-name__account" | "nickname" | "username" | "snac-author-tag" => {
                    self.handle.get_or_insert(element);
                }
                "dt-published" => {
                    let stated = ["value", "datetime", "title"].iter().find_map(|name| text::attribute(value, name));
                    self.date.get_or_insert_with(|| stated.map_or_else(|| element.text().collect(), str::to_owned));
                }
                "activity-link" => {
                    self.url = self.url.or_else(href);
                    self.date.get_or_insert_with(|| element.text().collect());
                }
                "u-uid" | "detailed-status__datetime" | "status__relative-time" | "toot-link" | "status-link" => {
                    self.url = self.url.or_else(href);
                }
                "u-url" if !is_in_author(element) => self.url = self.url.or_else(href),
                "p-summary" | "spoiler-text" => {
                    self.warning.get_or_insert(element);
                }
                "content-warning" | "status__content--with-spoiler" => {
                    let mut inside = element.descendants().filter_map(ElementRef::wrap);
                    let words = inside.find(|inner| inner.value().name() == "span");
                    self.warning = self.warning.or(words);
                }
                "media-gallery__item-thumbnail" => self.pictures.extend(href().map(|_| element)),
                "hashtag-bar" => self.moved_tags = true,
                "translate-button" => self.translated = true,
                class if CLOSED.contains(&class) => self.closed |= !is_in_author(element),
                _ => {}
            }
        }
        if value.name() == "summary" && self.warning.is_none() {
            // Pleroma's static pages; GoToSocial marks the words inside.
            let marked = |inner: ElementRef<'_>| text::classes(inner.value()).any(|class| class == "spoiler-text");
            self.warning =
                Some(element.descendants().filter_map(ElementRef::wrap).find(|e| marked(*e)).unwrap_or(element));
        }
        true
    }
}

/// Whether an element belongs to the author's name: there a lock stands for the account.
fn is_in_author(element: ElementRef<'_>) -> bool {
    let around = element.ancestors().filter_map(ElementRef::wrap).take_while(|around| !is_root(around));
    std::iter::once(element).chain(around).any(|around| {
        text::classes(around.value()).any(|class| {
            matches!(
                class,
                "p-author" | "h-card" | "display-name" | "detailed-status__display-name" | "status__display-name"
            )
        })
    })
}

/// The words as HTML, without what scripts are to draw between them.
pub(super) fn words(content: ElementRef<'_>) -> String {
    let mut html = String::new();
    for child in content.children() {
        match (child.value(), ElementRef::wrap(child)) {
            (_, Some(element)) => {
                let is_drawn = text::attribute(element.value(), "data-component").is_some()
                    || text::classes(element.value()).any(|class| class.starts_with("snac-") || class == "poll");
                if !is_drawn {
                    html.push_str(&element.html());
                }
            }
            (Node::Text(text), _) => html.push_str(&escaped(text)),
            _ => {}
        }
    }
    html
}
