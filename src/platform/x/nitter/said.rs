//! What a post on a page of Nitter says: its words with their line breaks, and the links in them.

use scraper::ElementRef;
use scraper::node::Element;

use super::{shown, walk};
use crate::model::{Link, TextState};
use crate::platform::x::status::Status;
use crate::text::{self, Unshown};

/// The words of a post.
#[derive(Default)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) links: Vec<Link>,
    pub(super) state: TextState,
    pub(super) doubts: Vec<String>,
    /// Why the words are not surely those of one author.
    pub(super) fault: Option<String>,
}

impl Said {
    /// Reads `.tweet-content` or `.quote-text`, which show white space as it stands (`white-space: pre-wrap`).
    pub(super) fn of(content: ElementRef<'_>, status: &Status) -> Said {
        let mut said = Said { state: TextState::Complete, ..Said::default() };
        let (mut unshown, mut foreign) = (Unshown::default(), None);
        walk(content, |node| {
            if let Some(text) = node.value().as_text() {
                said.text.push_str(text);
            }
            let Some(element) = ElementRef::wrap(node) else { return true };
            let inside = Inside::of(element.value());
            let marks = text::unshown(element.value());
            unshown = unshown.or(marks);
            match inside {
                Inside::Break => said.text.push('\n'),
                Inside::Sign(sign) => said.text.push_str(sign),
                Inside::Link if !marks.hidden => said.links.extend(link(element)),
                Inside::Link | Inside::Marked | Inside::Nothing => {}
                Inside::Foreign => foreign = foreign.or(Some(element.value().name())),
                Inside::Other => said.fault = said.fault.take().or_else(|| Some(element.value().name().to_owned())),
            }
            !marks.hidden && matches!(inside, Inside::Link | Inside::Marked | Inside::Foreign)
        });
        said.fault = said.fault.map(|name| format!("holds more than words in its text: an element {name:?}"));
        said.doubts = unshown.doubts();
        if let Some(name) = foreign {
            said.state = TextState::Unknown;
            said.doubts.push(format!("Nitter writes no {name:?} into a text: somebody else changed the page."));
        }
        said.without_indent();
        let white = |c: char| c.is_ascii_whitespace();
        said.text.truncate(said.text.trim_end_matches(white).len());
        said.text.drain(..said.text.len() - said.text.trim_start_matches(white).len());
        if said.text.ends_with('…') {
            said.end(status);
        }
        said
    }

    /// An ellipsis at the end is the author's, that of a shortened link, or that of a server which had the beginning of
    /// a long post only and set the post's address behind it.
    fn end(&mut self, status: &Status) {
        let last = self.links.last().filter(|link| self.text.ends_with(&link.shown));
        let Some(link) = last else {
            self.state = TextState::Unknown;
            return;
        };
        let before = self.text[..self.text.len() - link.shown.len()].trim_end();
        let leads_here = || Status::on_mirror(&link.url).is_some_and(|other| other.id == status.id);
        if before.ends_with('…') && leads_here() {
            self.state = TextState::Truncated;
        }
    }

    /// Where an editor has laid out the page's source anew, each line is indented as deep as its element, and a line
    /// may be broken where its author broke none.
    fn without_indent(&mut self) {
        /// Nobody begins every line with so many blanks.
        const DEEP: usize = 8;
        let blanks = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let later = || self.text.trim_end().lines().skip(1).filter(|line| !line.trim().is_empty());
        let Some(indent) = later().map(blanks).min().filter(|indent| *indent >= DEEP) else { return };
        let lines = self.text.split('\n').enumerate();
        let lines = lines.map(|(at, line)| if at == 0 { line } else { line.get(indent..).unwrap_or_default() });
        self.text = lines.collect::<Vec<_>>().join("\n");
        self.state = TextState::Unknown;
        self.doubts.push("The page's source was laid out anew, so line breaks may not be the author's.".to_owned());
    }
}

/// What an element inside a text is. Nitter itself writes only breaks, links, and where a post was written.
enum Inside<'a> {
    Break,
    Link,
    /// An emoji as a picture.
    Sign(&'a str),
    /// It strikes or quotes its words.
    Marked,
    /// None of the words.
    Nothing,
    /// A program or a person that changed the page may have put it there; its words are shown.
    Foreign,
    /// What may be somebody else's words: another post, an embed, the rest of the item where a closing tag is missing.
    Other,
}

impl<'a> Inside<'a> {
    fn of(element: &'a Element) -> Inside<'a> {
        let has_class = |wanted| text::classes(element).any(|class| class == wanted);
        let alt = text::attribute(element, "alt").unwrap_or_default();
        match element.name() {
            "br" => Inside::Break,
            "a" => Inside::Link,
            "img" if alt.is_empty() || text::is_emoji(alt) => Inside::Sign(alt),
            // Where the post was written stands behind its words.
            "span" if has_class("tweet-geo") => Inside::Nothing,
            "wbr" | "script" | "style" | "template" | "noscript" => Inside::Nothing,
            "blockquote" if text::attribute(element, "class").is_some() => Inside::Other,
            "del" | "s" | "strike" | "blockquote" | "q" => Inside::Marked,
            "b" | "strong" | "i" | "em" | "u" | "ins" | "mark" | "small" | "big" | "sub" | "sup" | "code" | "span"
            | "font" | "p" | "bdi" | "bdo" | "ruby" | "rb" => Inside::Foreign,
            _ => Inside::Other,
        }
    }
}

fn link(element: ElementRef<'_>) -> Option<Link> {
    let shown = shown(element);
    let url = text::attribute(element.value(), "href")?.trim();
    Some(Link { url: at_home(url, &shown).unwrap_or_else(|| url.to_owned()), shown })
}

/// The address at X of a tag, a stock or an account, which Nitter shows on its own pages; a browser that saves the page
/// writes the server's name before it.
pub(super) fn at_home(url: &str, shown: &str) -> Option<String> {
    let (is_own, path) = match url.split_once("://") {
        None => (url.starts_with('/'), url),
        Some((_, rest)) => {
            let path = &rest[rest.find('/')?..];
            let is_search = shown.starts_with(['#', '＃', '$']) && path.starts_with("/search?");
            let is_account = || {
                let names = path.strip_prefix('/').zip(shown.strip_prefix(['@', '＠']));
                names.is_some_and(|(path, shown)| path.eq_ignore_ascii_case(shown))
            };
            (is_search || is_account(), path)
        }
    };
    is_own.then(|| format!("https://x.com{path}"))
}
