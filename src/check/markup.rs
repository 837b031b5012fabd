//! Drafts in HTML and Markdown.

use std::borrow::Cow;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag};

use super::draft::{Block, Draft, DraftError, Place};
use crate::platform;
use crate::text::page::{self, LINE};

/// A page; its places are its elements, as `document.querySelectorAll` numbers them.
pub(super) fn html(source: &str) -> Result<Draft, DraftError> {
    let mut draft = Draft::default();
    for paragraph in page::paragraphs(&with_marks(source), platform::shown_bare).ok_or(DraftError::TooDeep)? {
        let place = match paragraph.line {
            Some(line) => Place::From(line),
            None => Place::Element(paragraph.element.0, paragraph.element.1),
        };
        let block = Block {
            range: 0..0,
            place,
            quotation: paragraph.quotation,
            cites: paragraph.cites,
            group: paragraph.group,
            heading: paragraph.heading,
            aside: paragraph.aside,
            bare: paragraph.bare,
        };
        let Some(start) = draft.push(&paragraph.text, block) else { continue };
        let mut from = 0;
        for link in paragraph.links {
            let shown = link.shown.trim();
            // What is shown may have been shortened; then only the address is known, and stands where it may.
            let found = paragraph.text[from..].find(shown).filter(|_| !shown.is_empty());
            let at = from + found.unwrap_or_default();
            let length = if found.is_some() { shown.len() } else { 0 };
            draft.links.push((start + at..start + at + length, link.url));
            from = at + length;
        }
    }
    draft.find_addresses();
    Ok(draft)
}

/// A source with the marks that `q` stands for, as a reader is shown them.
fn with_marks(source: &str) -> Cow<'_, str> {
    if !source.contains("</q>") {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len() + 64);
    let mut rest = source;
    while let Some(at) = rest.find("<q") {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let is_mark = tag[2..].starts_with(['>', ' ', '\n', '\t']);
        rest = match is_mark.then(|| tag.find('>')) {
            Some(Some(end)) => {
                out.push_str(&tag[..=end]);
                out.push('“');
                &tag[end + 1..]
            }
            // Nothing behind it is closed, either.
            Some(None) => {
                rest = tag;
                break;
            }
            None => {
                out.push_str(&tag[..2]);
                &tag[2..]
            }
        };
    }
    out.push_str(rest);
    Cow::Owned(out.replace("</q>", "”</q>"))
}

/// Markdown by way of the HTML that it stands for; marks in it keep the lines.
pub(super) fn markdown(source: &str) -> Result<Draft, DraftError> {
    let mut line = 1;
    let mut counted = 0;
    let mut line_of = |at: usize| {
        let newlines = |range: &str| range.bytes().filter(|byte| *byte == b'\n').count();
        // Events come in the order of the source but for footnotes.
        if at >= counted {
            line += source.get(counted..at).map_or(0, newlines);
            counted = at;
        }
        line
    };
    let mut events = Vec::new();
    for (event, range) in Parser::new_ext(source, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES).into_offset_iter()
    {
        let mark = |line: usize| CowStr::from(format!("<span {LINE}=\"{line}\"></span>"));
        match event {
            // Lines of the source may be lines of a post, and to words a line break is a space.
            Event::SoftBreak => {
                events.push(Event::HardBreak);
                continue;
            }
            Event::Start(Tag::HtmlBlock) => events.push(Event::Html(mark(line_of(range.start)))),
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::TableCell) => {
                events.push(event);
                events.push(Event::InlineHtml(mark(line_of(range.start))));
                continue;
            }
            _ => {}
        }
        events.push(event);
    }
    let mut page = String::with_capacity(source.len() * 2);
    pulldown_cmark::html::push_html(&mut page, events.into_iter());
    html(&page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_as_words_stands_in_marks() {
        let draft = html("<p>She: <q cite='https://a.example'>No</q>, <q>no</q> <quote>a").unwrap();
        assert_eq!(draft.text, "She: “No”, “no” a");
    }

    #[test]
    fn links_keep_their_place() {
        let draft = markdown("See [this](https://a.example/1) and <https://a.example/2>.").unwrap();
        let shown: Vec<(&str, &str)> =
            draft.links.iter().map(|(range, url)| (&draft.text[range.clone()], url.as_str())).collect();
        assert_eq!(shown, [("this", "https://a.example/1"), ("https://a.example/2", "https://a.example/2")]);
    }

    #[test]
    fn html_in_markdown_is_read_with_its_line() {
        let source = "One\n\n<blockquote cite=\"https://a.example/1\">\n<p>Two</p>\n</blockquote>\n\nThree\n";
        let draft = markdown(source).unwrap();
        assert_eq!(draft.text, "One\n\nTwo\n\nThree");
        assert_eq!(draft.blocks[1].cites, ["https://a.example/1"]);
        assert_eq!((draft.place(5), draft.place(10)), ("line 3".to_owned(), "line 7".to_owned()));
    }
}
