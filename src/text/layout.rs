//! Sets a stream of elements and text as lines.
//!
//! Breaks and white space are held back until a word follows: only then is it known whether they separate anything.

use std::borrow::Cow;

use super::Rendered;
use crate::model::Link;

/// What white space means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// The content of a post: it was typed.
    Post,
    /// A page: it collapses.
    Page,
    /// An embed in a page: it was typed, but line feeds lay out the page.
    Embed,
}

/// What an open element does, undone when it closes.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    /// Line breaks that it needs before and after: 1 for a block, 2 for one with a margin.
    margin: u8,
    hidden: bool,
    concealed: bool,
    invisible: bool,
    ellipsis: bool,
    link: bool,
    paragraph: bool,
    pre: bool,
    list: bool,
    struck: bool,
    quoted: bool,
}

/// What an element's own `style` says that matters here.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Style {
    pub(super) hides: bool,
    pub(super) strikes: bool,
}

impl Style {
    pub(super) fn read(style: &str) -> Style {
        let mut read = Style::default();
        for declaration in style.split(';') {
            let Some((property, value)) = declaration.split_once(':') else { continue };
            let value = value.to_ascii_lowercase();
            let value = value.trim().trim_end_matches("!important").trim_end();
            match property.trim().to_ascii_lowercase().as_str() {
                "display" => read.hides |= value == "none",
                "visibility" => read.hides |= matches!(value, "hidden" | "collapse"),
                "text-decoration" | "text-decoration-line" => read.strikes |= value.contains("line-through"),
                _ => {}
            }
        }
        read
    }
}

pub(super) struct Layout {
    space: Space,
    out: Rendered,
    frames: Vec<Frame>,
    hidden: usize,
    /// Of those hidden, the ones that hold words which a page could show.
    concealed: usize,
    invisible: usize,
    paragraphs: usize,
    pres: usize,
    lists: usize,
    strikes: usize,
    quotes: usize,
    /// White space since the last word.
    held: String,
    /// `<br>`s since the last word.
    breaks: usize,
    /// Whether the last thing was a `<br>`: at the end of a block it opens no line.
    break_last: bool,
    /// The largest margin since the last word.
    margin: u8,
    link: Option<Link>,
}

impl Layout {
    pub(super) fn new(space: Space) -> Layout {
        Layout {
            space,
            out: Rendered::default(),
            frames: Vec::new(),
            hidden: 0,
            concealed: 0,
            invisible: 0,
            paragraphs: 0,
            pres: 0,
            lists: 0,
            strikes: 0,
            quotes: 0,
            held: String::new(),
            breaks: 0,
            break_last: false,
            margin: 0,
            link: None,
        }
    }

    /// An element begins; every call is paired with a [`Layout::close`]. `name` is in lower case.
    pub(super) fn open<'a>(&mut self, name: &str, attr: impl Fn(&str) -> Option<Cow<'a, str>>) {
        let style = match self.space {
            Space::Post => Style::default(),
            Space::Page | Space::Embed => attr("style").map(|style| Style::read(&style)).unwrap_or_default(),
        };
        let never_shown = shows_nothing(name);
        let hidden = never_shown || style.hides || attr("hidden").is_some();
        let mut frame = Frame { hidden, struck: style.strikes, ..Frame::default() };
        if frame.hidden || self.hidden > 0 {
            let concealed = frame.hidden && !never_shown && self.hidden == self.concealed;
            self.hidden += usize::from(frame.hidden);
            self.concealed += usize::from(concealed);
            self.frames.push(Frame { hidden: frame.hidden, concealed, ..Frame::default() });
            return;
        }
        match name {
            "br" => self.line_break(),
            "td" | "th" => self.held.push(' '),
            "img" => {
                let is = |class: &str| class.to_ascii_lowercase().contains("emoji");
                if let Some(alt) = attr("alt").filter(|alt| is_emoji(alt) || attr("class").is_some_and(|c| is(&c))) {
                    self.word(&alt);
                }
            }
            "a" => {
                if let (None, Some(url)) = (&self.link, attr("href")) {
                    self.link = Some(Link { shown: String::new(), url: url.trim().to_owned() });
                    frame.link = true;
                }
            }
            "span" => {
                if let Some(class) = attr("class") {
                    frame.invisible = class.split_ascii_whitespace().any(|c| c == "invisible");
                    frame.ellipsis = class.split_ascii_whitespace().any(|c| c == "ellipsis");
                }
            }
            "p" => frame.paragraph = true,
            "pre" => frame.pre = true,
            name if strikes(name) => frame.struck = true,
            name if quotes(name) => frame.quoted = true,
            "ul" | "ol" => frame.list = true,
            _ => {}
        }
        // A list inside a list has no margin of its own.
        frame.margin = if frame.list && self.lists > 0 { 1 } else { margin(name) };
        self.edge(frame.margin);
        self.invisible += usize::from(frame.invisible);
        self.paragraphs += usize::from(frame.paragraph);
        self.pres += usize::from(frame.pre);
        self.lists += usize::from(frame.list);
        self.strikes += usize::from(frame.struck);
        self.quotes += usize::from(frame.quoted);
        self.frames.push(frame);
    }

    /// The element last opened ends.
    pub(super) fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.edge(frame.margin);
        self.hidden -= usize::from(frame.hidden);
        self.concealed -= usize::from(frame.concealed);
        self.invisible -= usize::from(frame.invisible);
        self.paragraphs -= usize::from(frame.paragraph);
        self.pres -= usize::from(frame.pre);
        self.lists -= usize::from(frame.list);
        self.strikes -= usize::from(frame.struck);
        self.quotes -= usize::from(frame.quoted);
        if let (true, Some(link)) = (frame.ellipsis, &mut self.link) {
            link.shown.push('…');
        }
        if frame.link {
            self.out.links.extend(self.link.take());
        }
    }

    /// Text with its entities decoded.
    pub(super) fn text(&mut self, mut text: &str) {
        if self.hidden > 0 {
            self.out.unshown.hidden |= self.hidden == self.concealed && text.bytes().any(|byte| !is_white(&byte));
            return;
        }
        while !text.is_empty() {
            let (words, rest) = text.split_at(words_end(text.as_bytes()));
            if !words.is_empty() {
                self.word(words);
            }
            let (white, rest) = rest.split_at(rest.bytes().take_while(is_white).count());
            self.held.push_str(white);
            text = rest;
        }
    }

    pub(super) fn finish(mut self) -> Rendered {
        self.out.links.extend(self.link.take());
        let kept = self.out.text.trim_end_matches(is_white_char).len();
        self.out.text.truncate(kept);
        let start = kept - self.out.text.trim_start_matches(is_white_char).len();
        self.out.text.drain(..start);
        self.out
    }

    fn at_line_start(&self) -> bool {
        self.out.text.is_empty() || self.breaks > 0 || self.margin > 0
    }

    fn word(&mut self, words: &str) {
        let before = self.out.text.len();
        if before > 0 {
            let lines = self.breaks + usize::from(self.margin);
            let white = self.white();
            self.out.text.extend(std::iter::repeat_n('\n', lines));
            self.out.text.push_str(&white);
        }
        self.held.clear();
        (self.breaks, self.break_last, self.margin) = (0, false, 0);
        let separated = self.out.text.len() > before;
        self.out.text.push_str(words);
        self.out.unshown.struck |= self.strikes > 0;
        self.out.unshown.quoted |= self.quotes > 0;
        // Only of an address are parts hidden that its author typed.
        self.out.unshown.hidden |= self.invisible > 0 && self.link.is_none();
        if let (0, Some(link)) = (self.invisible, &mut self.link) {
            if separated && !link.shown.is_empty() {
                link.shown.push(' ');
            }
            link.shown.push_str(words);
        }
    }

    /// What the white space held back comes to, before a word.
    fn white(&self) -> Cow<'static, str> {
        let (held, line_start) = (self.held.as_str(), self.at_line_start());
        let collapsed = || Cow::Borrowed(if held.is_empty() || line_start { "" } else { " " });
        if self.pres > 0 {
            return Cow::Owned(held.to_owned());
        }
        match (self.space, held.contains('\n')) {
            (Space::Page, _) | (Space::Embed, true) => collapsed(),
            (Space::Post, true) if self.paragraphs == 0 => collapsed(),
            (Space::Post, true) if line_start => Cow::Borrowed(""),
            (Space::Post | Space::Embed, false) if self.margin > 0 && self.paragraphs == 0 => Cow::Borrowed(""),
            (Space::Post | Space::Embed, _) if held == " " => Cow::Borrowed(" "),
            (Space::Post | Space::Embed, _) => Cow::Owned(held.to_owned()),
        }
    }

    /// Writes white space that ends a line, where it was typed.
    fn end_line(&mut self) {
        let typed = self.pres > 0 || (self.space != Space::Page && !self.held.contains('\n'));
        if typed && !self.at_line_start() {
            self.out.text.push_str(&self.held);
        }
        self.held.clear();
    }

    fn line_break(&mut self) {
        self.end_line();
        self.breaks += 1;
        self.break_last = true;
    }

    fn edge(&mut self, margin: u8) {
        if margin == 0 {
            return;
        }
        self.end_line();
        if self.break_last {
            self.breaks -= 1;
            self.break_last = false;
        }
        self.margin = self.margin.max(margin);
    }
}

/// How far a run of words goes that single spaces separate: the common case is copied in one piece.
fn words_end(text: &[u8]) -> usize {
    let mut at = 0;
    // Words have no byte below the space.
    while let Some(found) = text[at..].iter().position(|byte| *byte <= b' ') {
        at += found;
        let (byte, next) = (&text[at], text.get(at + 1));
        if is_white(byte) && (at == 0 || *byte != b' ' || next.is_none_or(is_white)) {
            return at;
        }
        at += 1;
    }
    text.len()
}

fn is_white(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

fn is_white_char(c: char) -> bool {
    u8::try_from(c).is_ok_and(|byte| is_white(&byte))
}

/// Whether the alternative text of a picture is that of an emoji: `:shortcode:`, or signs without any letter or digit.
pub(super) fn is_emoji(alt: &str) -> bool {
    let shortcode = alt.len() > 2 && alt.starts_with(':') && alt.ends_with(':') && !alt.contains(char::is_whitespace);
    shortcode || (!alt.is_empty() && alt.len() <= 64 && !alt.contains(|c: char| c.is_alphanumeric() || c == ' '))
}

pub(super) fn strikes(name: &str) -> bool {
    matches!(name, "del" | "s" | "strike")
}

pub(super) fn quotes(name: &str) -> bool {
    matches!(name, "blockquote" | "q")
}

/// Whether a page shows nothing of what is written inside such an element.
pub(super) fn shows_nothing(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "head"
            | "title"
            | "noscript"
            | "iframe"
            | "object"
            | "audio"
            | "video"
            | "canvas"
            | "svg"
            | "math"
            | "select"
            | "datalist"
            | "textarea"
            | "rp"
    )
}

/// Line breaks around an element, as the HTML standard's rendering section suggests.
fn margin(name: &str) -> u8 {
    match name {
        "p" | "blockquote" | "pre" | "ul" | "ol" | "dl" | "menu" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hr"
        | "figure" | "table" => 2,
        "div" | "section" | "article" | "aside" | "header" | "footer" | "main" | "nav" | "address" | "li" | "dt"
        | "dd" | "tr" | "caption" | "figcaption" | "details" | "summary" | "form" | "fieldset" | "center" | "html"
        | "body" => 1,
        _ => 0,
    }
}
