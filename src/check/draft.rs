//! A draft as one text with its paragraphs and links, whatever it was written in.

use std::ops::Range;

use super::{docx, markup};

/// A draft larger than this is refused.
pub const LARGEST: usize = 16 << 20;

/// In what a draft is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A web page.
    Html,
    /// Markdown (CommonMark).
    Markdown,
    /// Plain text.
    Text,
    /// A document of a word processor (Office Open XML).
    Docx,
}

/// The kinds by name.
pub const KINDS: &[(&str, Kind)] =
    &[("html", Kind::Html), ("markdown", Kind::Markdown), ("text", Kind::Text), ("docx", Kind::Docx)];

/// Why a draft cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// It is larger than [`LARGEST`], packed or unpacked.
    #[error("the draft is larger than {} MiB", LARGEST >> 20)]
    TooLarge,
    /// It is no text.
    #[error("the draft is no text: a zero byte stands near its beginning")]
    NoText,
    /// Its elements are nested so deeply that reading it would take for ever.
    #[error("the draft is nested too deeply to be read")]
    TooDeep,
    /// The archive of a document is broken.
    #[error("the draft is no document of a word processor: {0}")]
    Docx(String),
}

/// What is written, ready to be looked through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// All its paragraphs, with an empty line between two.
    pub text: String,
    /// The paragraphs in order.
    pub blocks: Vec<Block>,
    /// The links in order: where in the text, and the address.
    pub links: Vec<(Range<usize>, String)>,
}

/// A paragraph, heading, item or cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Where it stands in the text.
    pub range: Range<usize>,
    /// Where it stands in the draft.
    pub place: Place,
    /// The number of the block quotation in which it stands.
    pub quotation: Option<usize>,
    /// Addresses in the attributes of that quotation.
    pub cites: Vec<String>,
    /// The same for neighbours that may belong together.
    pub group: usize,
    /// Whether it is a heading.
    pub heading: bool,
    /// Whether it is an item, a cell or a note, in which an address alone shows nothing.
    pub aside: bool,
    /// Whether it stands in the embed of a post that has, as its platform makes it, none of the post's words.
    pub bare: bool,
}

/// Where a block begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On this line of the file, each line of the block being one of the file's.
    Line(usize),
    /// At this line of the file.
    From(usize),
    /// The paragraph of that number.
    Paragraph(usize),
    /// The element of that name and number.
    Element(String, usize),
}

impl Draft {
    /// Reads a draft; its kind is told by its bytes, and where those leave it open by the end of its name.
    ///
    /// # Errors
    /// A draft that is too large, too deep, no text or broken.
    pub fn read(bytes: &[u8], text: &str, name: &str, kind: Option<Kind>) -> Result<Draft, DraftError> {
        if bytes.len() > LARGEST || text.len() > LARGEST {
            return Err(DraftError::TooLarge);
        }
        let kind = kind.unwrap_or_else(|| told(bytes, text, name));
        if kind == Kind::Docx {
            return docx::read(bytes);
        }
        if text[..text.floor_char_boundary(8000)].contains('\0') {
            return Err(DraftError::NoText);
        }
        match kind {
            Kind::Html => markup::html(text),
            Kind::Markdown => markup::markdown(text),
            Kind::Text | Kind::Docx => Ok(plain(text)),
        }
    }

    /// Adds a block of that text, unless it is empty; gives where it stands.
    pub(super) fn push(&mut self, text: &str, block: Block) -> Option<usize> {
        if text.trim().is_empty() {
            return None;
        }
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.blocks.push(Block { range: start..self.text.len(), ..block });
        Some(start)
    }

    /// Adds the addresses that are written out.
    pub(super) fn find_addresses(&mut self) {
        let mut found = Vec::new();
        for (start, _) in self.text.match_indices("http") {
            let rest = &self.text[start..];
            if !(rest.starts_with("https://") || rest.starts_with("http://")) {
                continue;
            }
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '”' | '“' | '»'));
            let address = rest[..end.unwrap_or(rest.len()).min(rest.floor_char_boundary(2048))]
                .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '’', '\'', '…']);
            found.push((start..start + address.len(), address.to_owned()));
        }
        let linked = std::mem::take(&mut self.links);
        let is_new = |range: &Range<usize>| {
            let at = linked.partition_point(|(known, _)| known.end <= range.start);
            linked.get(at).is_none_or(|(known, _)| known.start >= range.end)
        };
        found.retain(|(range, _)| is_new(range));
        self.links = linked;
        self.links.append(&mut found);
        self.links.sort_by_key(|(range, _)| range.start);
    }

    /// The number of the block that holds a place in the text.
    pub fn block_at(&self, at: usize) -> usize {
        self.blocks.partition_point(|block| block.range.end < at).min(self.blocks.len().saturating_sub(1))
    }

    /// Where a place in the text is found in the draft: `line 12`, `paragraph 3`, `p 4`.
    pub fn place(&self, at: usize) -> String {
        let Some(block) = self.blocks.get(self.block_at(at)) else { return "line 1".to_owned() };
        match &block.place {
            Place::Line(line) => {
                let before = self.text.get(block.range.start..at).unwrap_or_default();
                format!("line {}", line + before.bytes().filter(|byte| *byte == b'\n').count())
            }
            Place::From(line) => format!("line {line}"),
            Place::Paragraph(number) => format!("paragraph {number}"),
            Place::Element(name, number) => format!("{name} {number}"),
        }
    }
}

fn told(bytes: &[u8], text: &str, name: &str) -> Kind {
    if bytes.starts_with(b"PK\x03\x04") {
        return Kind::Docx;
    }
    let head = text.trim_start_matches('\u{feff}').trim_start();
    let lower = name.to_ascii_lowercase();
    // Markdown may begin with HTML, and plain text with what looks like a tag.
    if lower.ends_with(".md") || lower.ends_with(".markdown") {
        return Kind::Markdown;
    }
    let is_tag =
        head.strip_prefix('<').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!'));
    if is_tag || lower.ends_with(".html") || lower.ends_with(".htm") {
        return Kind::Html;
    }
    if lower.ends_with(".txt") {
        return Kind::Text;
    }
    let marked = |line: &str| line.starts_with("> ") || line.starts_with("## ") || line.contains("](http");
    if text.lines().any(marked) { Kind::Markdown } else { Kind::Text }
}

/// Plain text: an empty line ends a paragraph.
fn plain(text: &str) -> Draft {
    let mut draft = Draft::default();
    let mut paragraph = String::new();
    let mut first = 1;
    let mut group = 0;
    let mut end = |paragraph: &mut String, first: usize| {
        let words = paragraph.trim_end();
        // A number alone parts what stands before it from what follows.
        group += usize::from(is_number(words));
        draft.push(
            words,
            Block {
                range: 0..0,
                place: Place::Line(first),
                quotation: None,
                cites: Vec::new(),
                group,
                heading: false,
                aside: false,
                bare: false,
            },
        );
        group += usize::from(is_number(words));
        paragraph.clear();
    };
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        if line.trim().is_empty() {
            end(&mut paragraph, first);
            continue;
        }
        // An item of a list stands for itself, and may be one of a post's.
        if begins_item(line) && !paragraph.is_empty() {
            end(&mut paragraph, first);
        }
        if paragraph.is_empty() {
            first = number;
        } else {
            paragraph.push('\n');
        }
        paragraph.push_str(line.trim_end());
    }
    end(&mut paragraph, first);
    draft.find_addresses();
    draft
}

/// Whether a line begins with the bullet or the number of an item.
fn begins_item(line: &str) -> bool {
    let line = line.trim_start();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - rest.len();
    match digits {
        0 => rest.starts_with("- ") || rest.starts_with("* ") || rest.starts_with("• "),
        1..=3 => (rest.starts_with(". ") || rest.starts_with(") ")) && !rest[2..].trim().is_empty(),
        _ => false,
    }
}

/// Whether a line is the number of an item and nothing else: `3.`, `(3)`, `#3`.
pub(super) fn is_number(line: &str) -> bool {
    let line = line.trim();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '#' | '.' | ')' | '(' | '[' | ']' | ':' | '*');
    line.len() <= 6 && line.contains(|c: char| c.is_ascii_digit()) && line.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, name: &str) -> Draft {
        Draft::read(text.as_bytes(), text, name, None).unwrap()
    }

    #[test]
    fn the_kind_is_told() {
        for (text, name, kind) in [
            ("<p>x", "", Kind::Html),
            ("<!doctype html>", "a.txt", Kind::Html),
            ("<3 it", "", Kind::Text),
            ("x", "a.md", Kind::Markdown),
            ("> x", "", Kind::Markdown),
            ("> x", "a.txt", Kind::Text),
            ("a [b](https://c.example)", "", Kind::Markdown),
            ("PK\u{3}\u{4}", "a.txt", Kind::Docx),
        ] {
            assert_eq!(told(text.as_bytes(), text, name), kind, "{text:?} {name:?}");
        }
    }

    #[test]
    fn places_are_lines_of_the_file() {
        let draft = read("One\n\n\nTwo\nthree https://a.example/x.\n", "a.txt");
        assert_eq!(draft.text, "One\n\nTwo\nthree https://a.example/x.");
        assert_eq!(draft.place(draft.text.find("three").unwrap()), "line 5");
        assert_eq!(draft.links[0].1, "https://a.example/x");
        let markdown = read("One\n\n> Two\n> three\n\n- four\n", "a.md");
        assert_eq!(markdown.text, "One\n\nTwo\nthree\n\nfour");
        assert_eq!(markdown.place(markdown.text.find("four").unwrap()), "line 6");
        assert_eq!(markdown.blocks[1].quotation, Some(1));
        assert_eq!(read("<p>a<p>b", "").place(3), "p 2");
        assert_eq!(Draft::default().place(0), "line 1");
    }
}
