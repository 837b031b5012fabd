//! What a post on a page of Nitter says: its words with their line breaks, and the links in them.

use scraper::{ElementRef, Node};

use super::{shown, walk};
use crate::model::{Link, TextState};
use crate::platform::x::status::Status;
use crate::text;

/// The words of a post.
#[derive(Default)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) links: Vec<Link>,
    pub(super) state: TextState,
    pub(super) doubt: Option<String>,
}

impl Said {
    /// Reads `.tweet-content` or `.quote-text`, which show white space as it stands (`white-space: pre-wrap`).
    pub(super) fn of(content: ElementRef<'_>, status: &Status) -> Said {
        let mut said = Said { state: TextState::Complete, ..Said::default() };
        walk(content, |node| {
            match node.value() {
                Node::Text(text) => said.text.push_str(text),
                Node::Element(element) => match element.name() {
                    "br" => said.text.push('\n'),
                    "img" => said.text.push_str(text::attribute(element, "alt").unwrap_or_default()),
                    "a" => said.links.extend(ElementRef::wrap(node).and_then(link)),
                    // Where the post was written stands behind its words.
                    "span" => return text::classes(element).all(|class| class != "tweet-geo"),
                    _ => {}
                },
                _ => {}
            }
            true
        });
        said.without_indent();
        let white = |c: char| c.is_ascii_whitespace();
        said.text.truncate(said.text.trim_end_matches(white).len());
        said.text.drain(..said.text.len() - said.text.trim_start_matches(white).len());
        if said.doubt.is_some() {
            said.state = TextState::Unknown;
        }
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
        self.doubt = Some("The page's source was laid out anew, so line breaks may not be the author's.".to_owned());
    }
}

fn link(element: ElementRef<'_>) -> Option<Link> {
    let shown = shown(element);
    let url = text::attribute(element.value(), "href")?.trim();
    Some(Link { url: at_home(url, &shown).unwrap_or_else(|| url.to_owned()), shown })
}

/// The address at X of a tag, a stock or an account, which Nitter shows on its own pages; a browser that saves the page
/// writes the server's name before it.
fn at_home(url: &str, shown: &str) -> Option<String> {
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
