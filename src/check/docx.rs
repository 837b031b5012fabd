//! Drafts of word processors: `word/document.xml` of an Office Open XML file, its footnotes and endnotes.
//!
//! What is deleted under tracked changes is no part of the draft, what is inserted is. Styles, comments, headers and
//! text that fields compute from instructions are not read. Entities are never expanded but for XML's own five.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::draft::{self, Block, Draft, DraftError, LARGEST, Place};
use crate::text::unescape;

/// Reads a document.
pub(super) fn read(bytes: &[u8]) -> Result<Draft, DraftError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| DraftError::Docx(error.to_string()))?;
    let mut left = LARGEST as u64;
    let body = part(&mut archive, "word/document.xml", &mut left)?
        .ok_or_else(|| DraftError::Docx("it holds no word/document.xml".to_owned()))?;
    let mut draft = Draft::default();
    let mut number = 0;
    let parts = [("document", Some(body)), ("footnotes", None), ("endnotes", None)];
    for (name, known) in parts {
        let xml = match known {
            Some(xml) => Some(xml),
            None => part(&mut archive, &format!("word/{name}.xml"), &mut left)?,
        };
        let Some(xml) = xml else { continue };
        let relations = part(&mut archive, &format!("word/_rels/{name}.xml.rels"), &mut left)?;
        let targets = relations.map(|xml| targets(&xml)).transpose()?.unwrap_or_default();
        let mut walk = Walk { targets, draft, number, is_note: name != "document", ..Walk::default() };
        walk.all(&xml)?;
        (draft, number) = (walk.draft, walk.number);
    }
    draft.find_addresses();
    Ok(draft)
}

/// An entry of the archive as text; `None` if there is none.
fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str, left: &mut u64) -> Result<Option<String>, DraftError> {
    let entry = match archive.by_name(name) {
        Ok(entry) => entry,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(DraftError::Docx(format!("{name}: {error}"))),
    };
    let mut bytes = Vec::new();
    entry.take(*left + 1).read_to_end(&mut bytes).map_err(|error| DraftError::Docx(format!("{name}: {error}")))?;
    *left = left.checked_sub(bytes.len() as u64).ok_or(DraftError::TooLarge)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Where hyperlinks lead, by the ids of their relations.
fn targets(xml: &str) -> Result<HashMap<String, String>, DraftError> {
    let mut reader = Reader::from_str(xml);
    let mut found = HashMap::new();
    loop {
        match reader.read_event().map_err(|error| DraftError::Docx(error.to_string()))? {
            Event::Start(element) | Event::Empty(element) if local(&element) == "Relationship" => {
                if let (Some(id), Some(target)) = (attribute(&element, "Id"), attribute(&element, "Target")) {
                    found.insert(id, target);
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

fn local(element: &BytesStart<'_>) -> String {
    element.local_name().into_inner().to_owned()
}

/// An attribute by its local name.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).filter_map(Result::ok);
    let mut found = found.filter(|attribute| attribute.key.local_name().into_inner() == name);
    found.next().map(|attribute| unescape(&attribute.value).into_owned())
}

#[derive(Default)]
struct Walk {
    draft: Draft,
    /// How many paragraphs with words there were.
    number: usize,
    targets: HashMap<String, String>,
    /// The paragraphs that are open: text boxes stand inside others.
    open: Vec<Paragraph>,
    /// How many elements are open whose text is left out.
    unread: usize,
    /// Whether text is content: inside `w:t`.
    in_text: bool,
    in_run: bool,
    /// Whether the run is hidden text.
    is_hidden: bool,
    in_instruction: bool,
    /// Whether the part holds notes.
    is_note: bool,
    group: usize,
    quotation: usize,
    was_quotation: bool,
}

#[derive(Default)]
struct Paragraph {
    text: String,
    links: Vec<(Range<usize>, String)>,
    /// Where open links and fields begin, what a field is told to do, and where they lead.
    linked: Vec<(usize, String, Option<String>)>,
    style: String,
}

impl Walk {
    fn all(&mut self, xml: &str) -> Result<(), DraftError> {
        let mut reader = Reader::from_str(xml);
        self.group += 1;
        loop {
            match reader.read_event().map_err(|error| DraftError::Docx(error.to_string()))? {
                Event::Start(element) => self.start(&element),
                Event::Empty(element) => self.empty(&element),
                Event::End(element) => self.end(element.local_name().into_inner()),
                Event::Text(text) => self.write(&text.xml10_content()),
                Event::CData(text) => self.write(&text.xml10_content()),
                Event::GeneralRef(name) => {
                    let written = format!("&{};", &*name);
                    self.write(&unescape(&written));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        while !self.open.is_empty() {
            self.end_paragraph();
        }
        Ok(())
    }

    fn write(&mut self, text: &str) {
        let Some(paragraph) = self.open.last_mut().filter(|_| self.unread == 0) else { return };
        if self.is_hidden {
            return;
        }
        if self.in_text {
            paragraph.text.push_str(text);
        } else if let Some((_, instruction, _)) = paragraph.linked.last_mut().filter(|_| self.in_instruction) {
            instruction.push_str(text);
        }
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        match local(element).as_str() {
            // What was moved away stands where it was moved to, and what a fallback says is said before it.
            "del" | "moveFrom" | "Fallback" => self.unread += 1,
            "p" => self.open.push(Paragraph::default()),
            "t" => self.in_text = true,
            "r" => (self.in_run, self.is_hidden) = (true, false),
            "instrText" => self.in_instruction = true,
            "hyperlink" => {
                let target = attribute(element, "id").and_then(|id| self.targets.get(&id).cloned());
                self.link(String::new(), target);
            }
            "fldSimple" => self.link(String::new(), attribute(element, "instr").as_deref().and_then(hyperlink)),
            "tc" | "tbl" => self.group += 1,
            _ => self.empty(element),
        }
    }

    fn empty(&mut self, element: &BytesStart<'_>) {
        let Some(paragraph) = self.open.last_mut().filter(|_| self.unread == 0) else { return };
        match local(element).as_str() {
            "vanish" if self.in_run => {
                let is_off = |value: &str| matches!(value, "0" | "false" | "off");
                self.is_hidden = !attribute(element, "val").is_some_and(|value| is_off(&value));
            }
            // A tab stop of the paragraph has the same name.
            "tab" | "br" | "cr" | "noBreakHyphen" if !self.in_run || self.is_hidden => {}
            "tab" => paragraph.text.push('\t'),
            "br" | "cr" => paragraph.text.push('\n'),
            "noBreakHyphen" => paragraph.text.push('-'),
            "pStyle" => paragraph.style = attribute(element, "val").unwrap_or_default(),
            "fldChar" => match attribute(element, "fldCharType").as_deref() {
                Some("begin") => self.link(String::new(), None),
                Some("separate") => {
                    let start = paragraph.text.len();
                    if let Some((at, instruction, target)) = paragraph.linked.last_mut() {
                        (*at, *target) = (start, hyperlink(instruction));
                    }
                }
                Some("end") => self.unlink(),
                _ => {}
            },
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "del" | "moveFrom" | "Fallback" => self.unread = self.unread.saturating_sub(1),
            "p" => self.end_paragraph(),
            "t" => self.in_text = false,
            "r" => (self.in_run, self.is_hidden) = (false, false),
            "instrText" => self.in_instruction = false,
            "hyperlink" | "fldSimple" => self.unlink(),
            "tc" | "tbl" => self.group += 1,
            _ => {}
        }
    }

    fn link(&mut self, instruction: String, target: Option<String>) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.linked.push((paragraph.text.len(), instruction, target));
        }
    }

    fn unlink(&mut self) {
        let Some(paragraph) = self.open.last_mut() else { return };
        if let Some((start, _, Some(target))) = paragraph.linked.pop() {
            paragraph.links.push((start..paragraph.text.len(), target));
        }
    }

    fn end_paragraph(&mut self) {
        let Some(mut paragraph) = self.open.pop() else { return };
        let style = paragraph.style.to_ascii_lowercase();
        let (heading, quotes) = (style.contains("heading") || style == "title", style.contains("quot"));
        if quotes && !self.was_quotation {
            self.quotation += 1;
        }
        let number = draft::is_number(&paragraph.text);
        self.group += usize::from(heading || number || quotes != self.was_quotation);
        self.number += usize::from(!paragraph.text.trim().is_empty());
        let block = Block {
            range: 0..0,
            place: Place::Paragraph(self.number),
            quotation: quotes.then_some(self.quotation),
            cites: Vec::new(),
            group: self.group,
            heading,
            aside: self.is_note,
            bare: false,
        };
        self.group += usize::from(heading || number);
        self.was_quotation = quotes;
        let Some(start) = self.draft.push(&paragraph.text, block) else { return };
        paragraph.links.sort_by_key(|(range, _)| range.start);
        let links = paragraph.links.into_iter().map(|(range, url)| (start + range.start..start + range.end, url));
        self.draft.links.extend(links);
    }
}

/// Where the instruction of a field leads: `HYPERLINK "https://…"`.
fn hyperlink(instruction: &str) -> Option<String> {
    let rest = instruction.trim_start().strip_prefix("HYPERLINK")?;
    rest.split('"').nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn document(body: &str, others: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let body = format!("<?xml version=\"1.0\"?><w:document><w:body>{body}</w:body></w:document>");
        for (name, xml) in [("word/document.xml", body.as_str())].iter().chain(others) {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(xml.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_document_is_read_as_it_will_be_printed() {
        let body = "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>Head</w:t></w:r></w:p><w:p/>\
                    <w:p><w:r><w:t xml:space=\"preserve\">One &amp; </w:t></w:r><w:del><w:r><w:delText>two</w:delText><w:t>two</w:t></w:r></w:del>\
                    <w:ins><w:r><w:t>three</w:t><w:br/><w:t>four</w:t><w:tab/></w:r></w:ins>\
                    <w:hyperlink r:id=\"r1\"><w:r><w:t>five</w:t></w:r></w:hyperlink>\
                    <w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText> HYPERLINK \"https://a.example/2\" </w:instrText>\
                    <w:fldChar w:fldCharType=\"separate\"/><w:t>six</w:t><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>\
                    <w:p><w:pPr><w:pStyle w:val=\"Quote\"/></w:pPr><w:r><w:t>seven</w:t></w:r>\
                    <w:r><w:rPr><w:vanish/></w:rPr><w:t>not</w:t></w:r><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>!</w:t></w:r></w:p>";
        let relations =
            "<Relationships><Relationship Id=\"r1\" Target=\"https://a.example/?a=1&amp;b\"/></Relationships>";
        let notes = "<w:footnotes><w:footnote><w:p><w:r><w:t>eight</w:t></w:r></w:p></w:footnote></w:footnotes>";
        let bytes = document(body, &[("word/_rels/document.xml.rels", relations), ("word/footnotes.xml", notes)]);
        let draft = read(&bytes).unwrap();
        assert_eq!(draft.text, "Head\n\nOne & three\nfour\tfivesix\n\nseven!\n\neight");
        assert!(draft.blocks[0].heading);
        assert_eq!((draft.blocks[1].quotation, draft.blocks[2].quotation), (None, Some(1)));
        assert_eq!(draft.place(draft.text.find("seven").unwrap()), "paragraph 3");
        let linked: Vec<(&str, &str)> =
            draft.links.iter().map(|(range, url)| (&draft.text[range.clone()], url.as_str())).collect();
        assert_eq!(linked, [("five", "https://a.example/?a=1&b"), ("six", "https://a.example/2")]);
    }

    #[test]
    fn hostile_documents_are_refused_or_read_without_harm() {
        let bomb = "<w:p><w:r><w:t>".to_owned() + &" ".repeat(LARGEST) + "</w:t></w:r></w:p>";
        assert!(matches!(read(&document(&bomb, &[])), Err(DraftError::TooLarge)));
        assert!(matches!(read(b"PK\x03\x04junk"), Err(DraftError::Docx(_))));
        let entities = "<!DOCTYPE a [<!ENTITY x \"xxxx\">]><w:p><w:r><w:t>&x;&x;</w:t></w:r></w:p>";
        assert_eq!(read(&document(entities, &[])).unwrap().text, "&x;&x;");
        let deep = "<w:p>".repeat(50_000);
        // Nothing is closed, which XML does not allow; what is there is read all the same.
        let _ = read(&document(&deep, &[]));
    }
}
