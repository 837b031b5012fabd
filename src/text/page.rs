//! A published page as paragraphs, for those who compare what it prints: each with its element, the links in it and
//! whether it is marked as a quotation.
//!
//! What no reader is shown is left out. Which paragraphs quote whom is not decided here.

use std::collections::HashMap;

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{Html, Node};

use super::{attribute, is_affordable, is_hidden, of_embed};
use crate::model::Link;

/// The attribute of an empty `span` that says on which line of a source the next paragraph begins.
pub const LINE: &str = "data-pullquote-line";

/// A paragraph, heading, item or cell of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paragraph {
    /// Its text as a reader sees it.
    pub text: String,
    /// The links in it, in reading order.
    pub links: Vec<Link>,
    /// Name of the block element around it, and its number among those of that name.
    pub element: (String, usize),
    /// The line that the mark [`LINE`] before it names.
    pub line: Option<usize>,
    /// The number of the quotation (`blockquote`) in which it stands.
    pub quotation: Option<usize>,
    /// Addresses in the attributes of that quotation, such as `cite`.
    pub cites: Vec<String>,
    /// The same for all that no heading, item, cell or edge of a quotation parts.
    pub group: usize,
    /// Whether it is a heading.
    pub heading: bool,
    /// Whether it is an item, a cell, a note or a caption.
    pub aside: bool,
    /// Whether it stands in a quotation that shows what stands elsewhere, and has none of its words.
    pub bare: bool,
}

/// What an element shows of elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The address.
    pub address: String,
    /// Whether the element surely has none of the words that stand there.
    pub wordless: bool,
}

/// The paragraphs of a page in reading order. `shown` gives the elements that show what stands at an address: where
/// they hold no words, the address is set in their place as a quotation of its own. `None` if the page is nested too
/// deeply to be read.
pub fn paragraphs(source: &str, shown: impl Fn(&Html) -> Vec<(NodeId, Shown)>) -> Option<Vec<Paragraph>> {
    if !is_affordable(source) {
        return None;
    }
    let html = Html::parse_document(source);
    let mut setter = Setter { shown: shown(&html).into_iter().collect(), ..Setter::default() };
    let mut hidden: Option<NodeId> = None;
    for edge in html.tree.root().traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        let element = node.value().as_element();
        if opens && hidden.is_none() && setter.shown.contains_key(&node.id()) && !element.is_some_and(is_concealed) {
            setter.begin_shown(node.id(), element.is_some_and(|element| element.name() == "blockquote"));
        }
        let conceals = |element: &Element| {
            is_unread(element.name()) || (!matches!(element.name(), "html" | "body") && is_concealed(element))
        };
        if opens && hidden.is_none() && element.is_some_and(conceals) {
            hidden = Some(node.id());
        }
        if hidden.is_none() {
            match element.filter(|element| is_block(element.name())) {
                Some(element) if opens => setter.open(element),
                Some(element) => setter.close(element.name()),
                None => {
                    let line = element.filter(|_| opens).and_then(|element| attribute(element, LINE));
                    setter.line = line.and_then(|line| line.parse().ok()).or(setter.line);
                    setter.inline.push(edge);
                }
            }
        }
        if !opens {
            hidden.take_if(|id| *id == node.id());
            setter.end_shown(node.id());
        }
    }
    setter.end();
    Some(setter.paragraphs)
}

/// Elements whose inside is never set as text.
fn is_unread(name: &str) -> bool {
    super::shows_nothing(name) || matches!(name, "head" | "iframe" | "noscript" | "svg" | "select" | "title")
}

fn is_concealed(element: &Element) -> bool {
    is_hidden(|name| attribute(element, name).map(Into::into))
}

/// Whether what stands in an element stands beside the text of a page.
fn is_aside(element: &Element) -> bool {
    matches!(element.name(), "li" | "td" | "th" | "dd" | "figcaption" | "caption" | "footer" | "nav" | "aside")
        || super::classes(element).any(|class| class == "footnote-definition")
}

fn is_block(name: &str) -> bool {
    parts(name)
        || matches!(
            name,
            "p" | "div"
                | "pre"
                | "ul"
                | "ol"
                | "dl"
                | "dt"
                | "center"
                | "tr"
                | "tbody"
                | "thead"
                | "html"
                | "body"
                | "address"
                | "header"
                | "footer"
                | "main"
                | "nav"
                | "form"
                | "fieldset"
                | "details"
        )
}

/// Whether what stands before the edge of such an element does not belong to what stands behind it.
fn parts(name: &str) -> bool {
    is_heading(name)
        || matches!(
            name,
            "blockquote"
                | "li"
                | "td"
                | "th"
                | "dd"
                | "figure"
                | "figcaption"
                | "caption"
                | "section"
                | "article"
                | "aside"
                | "hr"
                | "table"
        )
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "summary")
}

#[derive(Default)]
struct Setter<'a> {
    paragraphs: Vec<Paragraph>,
    inline: Vec<Edge<'a, Node>>,
    /// The open blocks: name, number, and whether what stands in them stands beside the text.
    open: Vec<(&'a str, usize, bool)>,
    counts: HashMap<&'a str, usize>,
    /// The quotations that are open, each with the addresses in its attributes.
    quotations: Vec<(usize, Vec<String>)>,
    /// How many paragraphs stand before each of them.
    before: Vec<usize>,
    /// What the page shows of elsewhere.
    shown: HashMap<NodeId, Shown>,
    /// The open ones of these, how many paragraphs stand before each, and whether it is a quotation.
    showing: Vec<(NodeId, usize, bool)>,
    quoted: usize,
    group: usize,
    heading: bool,
    line: Option<usize>,
}

impl<'a> Setter<'a> {
    fn open(&mut self, element: &'a Element) {
        let name = element.name();
        self.end();
        let count = self.counts.entry(name).or_default();
        *count += 1;
        let aside = is_aside(element) || self.open.last().is_some_and(|(.., aside)| *aside);
        self.open.push((name, *count, aside));
        self.group += usize::from(parts(name));
        self.heading = is_heading(name);
        if name == "blockquote" {
            self.quoted += 1;
            let cites = element.attrs.iter().map(|(_, value)| value.to_string());
            let cites = cites.filter(|value| value.contains("://") && value.len() < 2048).take(8).collect();
            self.quotations.push((self.quoted, cites));
            self.before.push(self.paragraphs.len());
        }
    }

    fn close(&mut self, name: &str) {
        self.end();
        if name == "blockquote" {
            self.end_empty();
        }
        self.open.pop();
        self.group += usize::from(parts(name));
        self.heading = false;
        if name == "blockquote" {
            self.quotations.pop();
        }
    }

    /// A quotation that a script is to fill shows the address that it names.
    fn end_empty(&mut self) {
        let is_empty = self.before.pop() == Some(self.paragraphs.len());
        let Some((number, cites)) = self.quotations.last().filter(|_| is_empty) else { return };
        let Some(address) = cites.first() else { return };
        let (name, count, _) = self.open.last().copied().unwrap_or(("blockquote", 1, false));
        self.paragraphs.push(Paragraph {
            text: address.clone(),
            element: (name.to_owned(), count),
            line: self.line,
            quotation: Some(*number),
            cites: cites.clone(),
            group: self.group,
            ..Paragraph::default()
        });
    }

    fn begin_shown(&mut self, node: NodeId, is_quotation: bool) {
        self.end();
        self.showing.push((node, self.paragraphs.len(), is_quotation));
    }

    /// What a page shows of elsewhere without any words is shown by its address.
    fn end_shown(&mut self, node: NodeId) {
        let Some((_, before, is_quotation)) = self.showing.pop_if(|(showing, ..)| *showing == node) else { return };
        self.end();
        let Some(Shown { address, wordless }) = self.shown.get(&node) else { return };
        if before < self.paragraphs.len() {
            let inside = self.paragraphs.iter_mut().skip(before).filter(|_| is_quotation && *wordless);
            inside.for_each(|paragraph| paragraph.bare = true);
            return;
        }
        let (name, count, _) = self.open.last().copied().unwrap_or(("html", 1, false));
        self.quoted += 1;
        self.group += 1;
        self.paragraphs.push(Paragraph {
            text: address.clone(),
            element: (name.to_owned(), count),
            line: self.line,
            quotation: Some(self.quoted),
            cites: vec![address.clone()],
            group: self.group,
            ..Paragraph::default()
        });
        self.group += 1;
    }

    /// Ends a paragraph.
    fn end(&mut self) {
        let rendered = of_embed(self.inline.drain(..));
        if rendered.text.is_empty() {
            return;
        }
        let (name, number, aside) = self.open.last().copied().unwrap_or(("html", 1, false));
        // The innermost is whose words they are.
        let quotation = self.quotations.last();
        self.paragraphs.push(Paragraph {
            text: rendered.text,
            links: rendered.links,
            element: (name.to_owned(), number),
            line: self.line,
            quotation: quotation.map(|(number, _)| *number),
            cites: quotation.map(|(_, cites)| cites.clone()).unwrap_or_default(),
            group: self.group,
            heading: self.heading,
            aside,
            bare: false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_falls_into_its_paragraphs() {
        let page = "<title>No</title><h1>Head</h1><div>One<p>two <a href='https://a.example/1'>three</a></div>\
                    <blockquote cite='https://a.example/2'><p>four<br>five</p><footer>six</footer></blockquote>\
                    <script>no</script><p hidden>no</p><ul><li>seven<li>eight</ul>";
        let found = paragraphs(page, |_| Vec::new()).unwrap();
        let texts: Vec<&str> = found.iter().map(|paragraph| paragraph.text.as_str()).collect();
        assert_eq!(texts, ["Head", "One", "two three", "four\nfive", "six", "seven", "eight"]);
        assert_eq!(found[2].links[0].url, "https://a.example/1");
        assert!(found[0].heading && !found[1].heading);
        assert_eq!((found[3].quotation, found[5].quotation), (Some(1), None));
        assert_eq!(found[4].cites, ["https://a.example/2"]);
        assert_eq!(found[1].group, found[2].group);
        assert_ne!(found[5].group, found[6].group);
        assert_eq!(found[6].element, ("li".to_owned(), 2));
        let empty = "<blockquote data-embed-url='https://a.example/3'></blockquote><blockquote></blockquote>";
        assert_eq!(paragraphs(empty, |_| Vec::new()).unwrap()[0].text, "https://a.example/3");
        assert_eq!(paragraphs(&"<div>".repeat(100_000), |_| Vec::new()), None);
    }

    #[test]
    fn a_marked_line_is_kept() {
        let page = format!("<p><span {LINE}=\"7\"></span>x</p><p>y");
        let lines: Vec<Option<usize>> =
            paragraphs(&page, |_| Vec::new()).unwrap().iter().map(|found| found.line).collect();
        assert_eq!(lines, [Some(7), Some(7)]);
    }
}
