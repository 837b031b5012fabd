//! The rich text of Reddit's redesign: a tree of elements, each with its kind (`e`), as which its data hold a text.
//!
//! Set as a page sets it: paragraphs with an empty line between them, items and rows on lines of their own.

use serde_json::Value;

use crate::model::Link;
use crate::text::Rendered;

/// The bit of a format that strikes words out.
const STRUCK: u64 = 8;

/// Reads a `document`. Its depth is what the JSON reader allows, so it is walked by recursion.
pub(super) fn rendered(document: &Value) -> Rendered {
    let mut setter = Setter::default();
    setter.blocks(document, false);
    setter.out
}

#[derive(Default)]
struct Setter {
    out: Rendered,
    /// Line breaks before the next words.
    margin: usize,
    quotes: usize,
}

impl Setter {
    fn blocks(&mut self, list: &Value, in_item: bool) {
        for (i, block) in list.as_array().into_iter().flatten().enumerate() {
            let children = &block["c"];
            let kind = block["e"].as_str().unwrap_or_default();
            // An item begins on its line, and a list inside it on the next.
            let margin = match kind {
                "li" | "raw" => 1,
                _ if in_item && i == 0 => 0,
                "list" if in_item => 1,
                _ => 2,
            };
            self.edge(margin);
            match kind {
                "list" | "code" => self.blocks(children, true),
                "li" => self.blocks(children, true),
                "raw" => self.words(block["t"].as_str().unwrap_or_default()),
                "blockquote" => {
                    self.quotes += 1;
                    self.blocks(children, false);
                    self.quotes -= 1;
                }
                "table" => self.table(block),
                "img" | "video" => self.words(children.as_str().unwrap_or_default()),
                _ => self.inline(children),
            }
            self.edge(margin);
        }
    }

    fn table(&mut self, table: &Value) {
        let rows = table["c"].as_array().into_iter().flatten();
        for row in std::iter::once(&table["h"]).chain(rows) {
            self.edge(1);
            for (i, cell) in row.as_array().into_iter().flatten().enumerate() {
                if i > 0 {
                    self.words(" ");
                }
                self.inline(&cell["c"]);
            }
        }
    }

    fn inline(&mut self, list: &Value) {
        for piece in list.as_array().into_iter().flatten() {
            let words = piece["t"].as_str().unwrap_or_default();
            let formats = piece["f"].as_array().into_iter().flatten();
            self.out.unshown.struck |= formats.filter_map(|format| format[0].as_u64()).any(|bits| bits & STRUCK > 0);
            match piece["e"].as_str().unwrap_or_default() {
                "br" => self.margin += 1,
                kind @ ("r/" | "u/") => {
                    let shown = format!("{}{kind}{words}", if piece["l"] == true { "/" } else { "" });
                    self.words(&shown);
                    let url = format!("https://www.reddit.com/{}", shown.trim_start_matches('/'));
                    self.out.links.push(Link { shown, url });
                }
                "link" => {
                    self.words(words);
                    let url = piece["u"].as_str().map(str::to_owned);
                    self.out.links.extend(url.map(|url| Link { shown: words.to_owned(), url }));
                }
                "spoilertext" => self.inline(&piece["c"]),
                _ => self.words(words),
            }
        }
    }

    fn edge(&mut self, lines: usize) {
        if !self.out.text.is_empty() {
            self.margin = self.margin.max(lines);
        }
    }

    fn words(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        self.out.text.extend(std::iter::repeat_n('\n', std::mem::take(&mut self.margin)));
        self.out.text.push_str(words);
        self.out.unshown.quoted |= self.quotes > 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_set_as_a_page_sets_it() {
        let document = serde_json::json!([
            {"e": "h", "l": 1, "c": [{"e": "raw", "t": "Tides"}]},
            {"e": "par", "c": [
                {"e": "text", "t": "High ", "f": [[8, 0, 4]]}, {"e": "link", "t": "here", "u": "https://moss.example/"},
                {"e": "br"}, {"e": "text", "t": "and "}, {"e": "u/", "t": "ada", "l": true}
            ]},
            {"e": "list", "o": false, "c": [
                {"e": "li", "c": [{"e": "par", "c": [{"e": "text", "t": "one"}]}]},
                {"e": "li", "c": [
                    {"e": "par", "c": [{"e": "text", "t": "two"}]},
                    {"e": "list", "o": true, "c": [{"e": "li", "c": [{"e": "par", "c": [{"e": "text", "t": "inner"}]}]}]}
                ]}
            ]},
            {"e": "code", "c": [{"e": "raw", "t": "a {"}, {"e": "raw", "t": "}"}]},
            {"e": "table", "h": [{"c": [{"e": "text", "t": "A"}]}, {"c": [{"e": "text", "t": "B"}]}],
             "c": [[{"c": [{"e": "text", "t": "1"}]}, {"c": [{"e": "text", "t": "2"}]}]]},
            {"e": "blockquote", "c": [{"e": "par", "c": [{"e": "spoilertext", "c": [{"e": "text", "t": "said"}]}]}]}
        ]);
        let Rendered { text, links, unshown } = rendered(&document);
        let expected = "Tides\n\nHigh here\nand /u/ada\n\none\ntwo\ninner\n\na {\n}\n\nA B\n1 2\n\nsaid";
        assert_eq!(text, expected);
        let urls: Vec<&str> = links.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(urls, ["https://moss.example/", "https://www.reddit.com/u/ada"]);
        assert!(unshown.struck && unshown.quoted);
    }
}
