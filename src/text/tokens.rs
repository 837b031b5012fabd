//! Cuts HTML into tags and text, in one pass and without a tree.

use std::borrow::Cow;

use memchr::memchr;

/// A piece of HTML.
pub(super) enum Token<'a> {
    /// Text, its entities not decoded.
    Text(&'a str),
    /// An opening tag.
    Open(Tag<'a>),
    /// A closing tag.
    Close(&'a str),
    /// A comment, a declaration, the inside of a script, or a tag that is cut.
    Other,
}

/// An opening tag.
pub(super) struct Tag<'a> {
    /// Its name as written.
    pub(super) name: &'a str,
    /// All between the name and `>`.
    pub(super) attrs: &'a str,
}

/// Cuts HTML into tokens.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// The element, just opened, whose inside is no HTML.
    raw: Option<&'a str>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(html: &'a str) -> Tokens<'a> {
        Tokens { rest: html, raw: None }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    fn tag(&mut self) -> Token<'a> {
        let bytes = self.rest.as_bytes();
        let closing = bytes.get(1) == Some(&b'/');
        let name_at = if closing { 2 } else { 1 };
        if self.rest.starts_with("<!--") {
            let end = self.rest.find("-->").map_or(self.rest.len(), |at| at + 3);
            self.take(end);
            return Token::Other;
        }
        match bytes.get(name_at) {
            Some(b) if b.is_ascii_alphabetic() => {}
            Some(b'!' | b'?') | Some(_) if closing || matches!(bytes.get(1), Some(b'!' | b'?')) => {
                let end = self.rest.find('>').map_or(self.rest.len(), |at| at + 1);
                self.take(end);
                return Token::Other;
            }
            _ => {
                let end = 1 + self.rest[1..].find('<').unwrap_or(self.rest.len() - 1);
                return Token::Text(self.take(end));
            }
        }
        let Some(end) = tag_end(bytes) else {
            self.take(bytes.len());
            return Token::Other;
        };
        let inside = &self.take(end + 1)[name_at..end];
        let ends = |b: u8| b.is_ascii_whitespace() || b == b'/';
        let name_end = inside.bytes().position(ends).unwrap_or(inside.len());
        let (name, attrs) = inside.split_at(name_end);
        if closing {
            return Token::Close(name);
        }
        if ["script", "style", "textarea", "title", "iframe", "noscript", "xmp", "noembed", "noframes"]
            .iter()
            .any(|raw| raw.eq_ignore_ascii_case(name))
        {
            self.raw = Some(name);
        }
        Token::Open(Tag { name, attrs })
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            let end = self
                .rest
                .match_indices("</")
                .find(|(at, _)| {
                    let after = self.rest.as_bytes().get(at + 2..at + 2 + name.len());
                    after.is_some_and(|bytes| bytes.eq_ignore_ascii_case(name.as_bytes()))
                })
                .map_or(self.rest.len(), |(at, _)| at);
            self.take(end);
            return Some(Token::Other);
        }
        if self.rest.is_empty() {
            return None;
        }
        if self.rest.starts_with('<') {
            return Some(self.tag());
        }
        let end = memchr(b'<', self.rest.as_bytes()).unwrap_or(self.rest.len());
        Some(Token::Text(self.take(end)))
    }
}

/// Where the `>` stands that ends the tag: not one inside quotes that follow a `=`.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut value = false;
    let mut at = 0;
    while let Some(&byte) = tag.get(at) {
        match byte {
            b'>' => return Some(at),
            b'"' | b'\'' if value => at += 1 + memchr(byte, &tag[at + 1..])?,
            b'=' => value = true,
            byte if byte.is_ascii_whitespace() => {}
            _ => value = false,
        }
        at += 1;
    }
    None
}

impl<'a> Tag<'a> {
    /// The first attribute of that name (in lower case), decoded.
    pub(super) fn attr(&self, wanted: &str) -> Option<Cow<'a, str>> {
        attributes(self.attrs).find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| decode(value))
    }

    /// Its attributes, if the tag is written so that every parser reads it alike: lower case, few attributes, each
    /// `name="value"` behind one space, and sure entities.
    pub(super) fn plain(&self) -> Option<Plain<'a>> {
        let mut rest = self.attrs;
        if self.name == "br" {
            rest = rest.strip_suffix('/').unwrap_or(rest).trim_end_matches(' ');
        }
        let mut plain = Plain::default();
        while !rest.is_empty() {
            let after = rest.strip_prefix(' ')?;
            let letters = after.bytes().take_while(|b| b.is_ascii_lowercase() || *b == b'-').count();
            let (name, after) = after.split_at(letters);
            let value = after.strip_prefix("=\"")?;
            let (value, after) = value.split_at(memchr(b'"', value.as_bytes())?);
            if name.is_empty() || (value.as_bytes().contains(&b'&') && decode_surely(value).is_none()) {
                return None;
            }
            *plain.0.iter_mut().find(|(name, _)| name.is_empty())? = (name, value);
            rest = after.get(1..)?;
        }
        Some(plain)
    }
}

/// The attributes of a plain tag.
#[derive(Default)]
pub(super) struct Plain<'a>([(&'a str, &'a str); 8]);

impl<'a> Plain<'a> {
    /// The first attribute of that name, decoded.
    pub(super) fn attr(&self, wanted: &str) -> Option<Cow<'a, str>> {
        self.0.iter().find(|(name, _)| *name == wanted).map(|(_, value)| decode(value))
    }
}

/// The attributes of a tag with their values, not decoded.
fn attributes(attrs: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = attrs;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        // A `=` at the start is part of the name.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let stops = |c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/');
        let name_end = first + rest[first..].find(stops).unwrap_or(rest.len() - first);
        let (name, after) = rest.split_at(name_end);
        let Some(value) = after.trim_ascii_start().strip_prefix('=') else {
            rest = after;
            return Some((name, ""));
        };
        let value = value.trim_ascii_start();
        let (value, after) = match value.as_bytes().first() {
            Some(b'"') => value[1..].split_once('"').unwrap_or((&value[1..], "")),
            Some(b'\'') => value[1..].split_once('\'').unwrap_or((&value[1..], "")),
            _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
        };
        rest = after;
        Some((name, value))
    })
}

/// Elements that have no inside and no closing tag.
pub(super) fn is_void(name: &str) -> bool {
    ["br", "img", "hr", "wbr", "input", "meta", "link", "source", "area", "base", "col", "embed", "param", "track"]
        .iter()
        .any(|void| void.eq_ignore_ascii_case(name))
}

/// Text with its entities decoded; what is no known entity stays as it is.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    decode_with(text, false).unwrap_or(Cow::Borrowed(text))
}

/// The same, but `None` if a parser with the whole table of entities might read it otherwise.
pub(super) fn decode_surely(text: &str) -> Option<Cow<'_, str>> {
    decode_with(text, true)
}

fn decode_with(text: &str, surely: bool) -> Option<Cow<'_, str>> {
    let Some(first) = memchr(b'&', text.as_bytes()) else { return Some(Cow::Borrowed(text)) };
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('&') {
        match entity(after) {
            Some((c, length)) => {
                decoded.push(c);
                rest = &after[length..];
            }
            None if surely && after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '#') => return None,
            None => {
                decoded.push('&');
                rest = after;
            }
        }
        let (plain, next) = rest.split_at(rest.find('&').unwrap_or(rest.len()));
        decoded.push_str(plain);
        rest = next;
    }
    Some(Cow::Owned(decoded))
}

/// The character that an entity stands for, and its length after the `&`. Only what servers write, with the `;`.
fn entity(after: &str) -> Option<(char, usize)> {
    // The longest is `#x10FFFF;`. Bytes: the cut may fall inside a character.
    let head = &after.as_bytes()[..after.len().min(10)];
    let end = head.iter().position(|&b| b == b';')?;
    let name = after.get(..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok()?,
                None if number.bytes().all(|b| b.is_ascii_digit()) => number.parse().ok()?,
                _ => return None,
            };
            // Below, between and beyond, HTML has rules of its own (control characters, Windows-1252).
            char::from_u32(code).filter(|c| !c.is_control())?
        }
    };
    Some((c, end + 1))
}
