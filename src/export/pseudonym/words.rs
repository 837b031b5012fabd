//! Names of accounts in what people write: `@handle`, `user@server`, addresses, bare handles, the author's own name.
//!
//! A text is cut into runs; a run that names somebody is replaced, everything else stays as it is, to the byte.

use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::known::Known;
use super::{Pseudonymiser, address};
use crate::model::Post;
use crate::store::StoreError;

/// The shortest display name that is looked for in a text: shorter ones are letters of words.
const SHORTEST_NAME: usize = 2;

/// The shortest handle that is looked for in pieces of words: shorter ones are syllables.
const SHORTEST_PIECE: usize = 4;

/// So many parts, between dots and other signs, has a handle that is looked for in pieces of words.
const PARTS: usize = 4;

/// How many digits a number has that is looked for among the ids of posts: shorter ones count other things.
const NUMBERED: usize = 10;

/// The accounts that a post itself names, with their pseudonyms.
#[derive(Default)]
pub(super) struct Own {
    /// Handles in the form that compares, whole and without their server.
    handles: HashMap<String, String>,
    /// The author's display name, and its pseudonym.
    name: Option<(String, String)>,
    /// The server in the author's handle.
    server: Option<String>,
    /// Ids of the post, and of those that it answers, passes on or quotes.
    ids: HashSet<String>,
}

impl Own {
    pub(super) fn of(hidden: &Pseudonymiser, post: &Post) -> Own {
        let author = post.author.handle.iter();
        let named = author.chain(post.mentions.iter().filter_map(|mention| mention.handle.as_ref()));
        let mut handles: HashMap<String, String> = HashMap::new();
        for handle in named {
            let (folded, token) = (folded(handle.as_str()), hidden.handle(&post.platform, handle.as_str()));
            if let Some((user, _)) = folded.split_once('@') {
                handles.entry(user.to_owned()).or_insert_with(|| token.clone());
            }
            handles.insert(folded, token);
        }
        let name = post.author.name.as_deref().map(str::trim);
        let name = name.filter(|name| name.chars().count() >= SHORTEST_NAME);
        let server =
            post.author.handle.as_ref().and_then(|handle| Some(folded(handle.as_str()).split_once('@')?.1.to_owned()));
        let others = [&post.reply_to, &post.repost_of, &post.quote_of].into_iter().flatten();
        let ids = [&post.id, &post.uri].into_iter().chain(others.flat_map(|other| [&other.id, &other.uri])).flatten();
        // Of an at-URI the last part is the id; of other addresses it may be a word.
        let ids = ids.filter_map(|id| if id.starts_with("at://") { id.rsplit('/').next() } else { Some(id.as_str()) });
        Own {
            handles,
            name: name.map(|name| (name.to_owned(), hidden.name(name).into_owned())),
            server,
            ids: ids.map(str::to_owned).collect(),
        }
    }

    /// The pseudonym of an account that the post names so.
    pub(super) fn named(&self, handle: &str) -> Option<&str> {
        self.handles.get(&folded(handle)).map(String::as_str)
    }

    /// The handles in the form that compares.
    pub(super) fn handles(&self) -> impl Iterator<Item = &str> {
        self.handles.keys().map(String::as_str)
    }
}

/// What tells the names in a post from its words.
pub(super) struct Names<'a> {
    /// Gives the pseudonyms.
    pub(super) hidden: &'a Pseudonymiser,
    /// Where the post was published.
    pub(super) platform: &'a str,
    /// Whom the post names.
    pub(super) own: Own,
    /// Whom the archive knows.
    pub(super) known: Known<'a>,
}

impl Names<'_> {
    /// A text without the names of accounts.
    pub(super) fn hide(&self, text: &str) -> Result<String, StoreError> {
        Hiding { names: self, done: String::new(), plain: String::new() }.text(text)
    }

    /// The pseudonym of a word that is a handle: of an account that the post names, or one that looks like a handle, and
    /// is one of the archive. A handle that is an everyday word is not looked for in other people's posts.
    pub(super) fn bare(&self, word: &str) -> Result<Option<String>, StoreError> {
        let folded = folded(word);
        if let Some(token) = self.own.named(&folded) {
            return Ok(Some(token.to_owned()));
        }
        if address::is_of_people(&folded) {
            return Ok(Some(self.hidden.address(&format!("https://{folded}/"))));
        }
        let of_number = word.len() >= NUMBERED && word.bytes().all(|byte| byte.is_ascii_digit());
        if of_number && self.is_post(word)? {
            return Ok(Some(self.hidden.token("post", self.platform, word)));
        }
        let bearers = self.known.handles(&folded)?;
        let handle = match (bearers.as_slice(), &self.own.server) {
            ([], _) => return Ok(None),
            ([one], _) => one.clone(),
            // Of several servers the author's own is meant; if none is, nobody knows whose.
            (_, Some(server)) => {
                let here = format!("{folded}@{server}");
                if self.known.handles(&here)?.is_empty() { folded } else { here }
            }
            _ => folded,
        };
        Ok(Some(self.hidden.handle(self.platform, &handle)))
    }

    /// As [`Names::bare`], of a piece of a longer word.
    fn piece(&self, piece: &str) -> Result<Option<String>, StoreError> {
        if piece.len() < SHORTEST_PIECE { Ok(None) } else { self.bare(piece) }
    }

    /// Whether a word is the id of the post, of one that it refers to, or of one of the archive.
    pub(super) fn is_post(&self, word: &str) -> Result<bool, StoreError> {
        Ok(self.own.ids.contains(word) || self.known.is_post(word)?)
    }

    /// Whether a piece of an address is a handle, or holds one between its signs.
    pub(super) fn holds_handle(&self, word: &str) -> Result<bool, StoreError> {
        if self.bare(word)?.is_some() {
            return Ok(true);
        }
        let parts = parts(word, &['.', '-', '_']);
        for (place, (start, _)) in parts.iter().enumerate() {
            for (_, end) in parts.iter().skip(place).take(PARTS) {
                if self.piece(word.get(*start..*end).unwrap_or_default())?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Where the parts of a word between such signs begin and end.
fn parts(word: &str, signs: &[char]) -> Vec<(usize, usize)> {
    let mut start = 0;
    let ends = word.match_indices(signs).chain([(word.len(), "")]);
    let parts = ends.map(|(end, sign)| (std::mem::replace(&mut start, end + sign.len()), end));
    parts.filter(|(start, end)| start < end).collect()
}

/// The form in which handles are compared: lower case, and letters with their accents in one.
pub(super) fn folded(handle: &str) -> String {
    if handle.is_ascii() { handle.to_ascii_lowercase() } else { handle.to_lowercase().nfc().collect() }
}

struct Hiding<'a> {
    names: &'a Names<'a>,
    done: String,
    /// What stays, since the last pseudonym: the author's name may run over several words of it.
    plain: String,
}

impl Hiding<'_> {
    fn text(mut self, text: &str) -> Result<String, StoreError> {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let address = address(rest);
            if address > 0 {
                rest = self.address(rest, address)?;
                continue;
            }
            let mail = quoted_mail(rest);
            if mail > 0 {
                let (mail, after) = rest.split_at(mail);
                let token = self.names.hidden.handle(self.names.platform, mail);
                self.replace(&token);
                rest = after;
                continue;
            }
            let run = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
            if run == 0 {
                let (sign, after) = rest.split_at(escaped(rest).unwrap_or(first.len_utf8()));
                self.plain.push_str(sign);
                rest = after;
                continue;
            }
            let (run, after) = rest.split_at(before_scheme(rest, run));
            self.run(run)?;
            rest = after;
        }
        self.settle();
        Ok(self.done)
    }

    /// An address of so many bytes at the beginning; gives what comes behind it.
    fn address<'t>(&mut self, rest: &'t str, length: usize) -> Result<&'t str, StoreError> {
        let (shown, after) = rest.split_at(length);
        let is_bare = !shown.contains(':');
        let whole = if is_bare { format!("https://{shown}") } else { shown.to_owned() };
        if !address::leads_to_account(&whole, self.names)? {
            self.plain.push_str(shown);
            return Ok(after);
        }
        let token = self.names.hidden.address(&whole);
        self.replace(&token);
        // Letters of other alphabets behind it are of the address, too, as people read it.
        Ok(after.trim_start_matches(char::is_alphanumeric))
    }

    /// A run of letters, digits and signs that handles are made of.
    fn run(&mut self, run: &str) -> Result<(), StoreError> {
        let bare = run.trim_start_matches(|c| matches!(c, '.' | '-' | '+') || is_mark(c));
        let (before, _) = run.split_at(run.len() - bare.len());
        let (body, after) = bare.split_at(bare.trim_end_matches(['.', '-', '+']).len());
        self.plain.push_str(before);
        match body.find(['@', '＠']) {
            Some(_) => self.at(body),
            None => match self.names.bare(body)? {
                Some(token) => self.replace(&token),
                None => self.pieces(body)?,
            },
        }
        self.plain.push_str(after);
        Ok(())
    }

    /// A run with an @: `@handle`, `@user@server`, `user@server`; or several of them.
    fn at(&mut self, mut run: &str) {
        while let Some(sign) = run.find(['@', '＠']) {
            let (before, rest) = run.split_at(sign);
            let rest = rest.trim_start_matches(['@', '＠']);
            let handle = handle(rest);
            if handle.is_empty() {
                break;
            }
            let local = local(before, handle);
            self.plain.push_str(before.strip_suffix(local).unwrap_or(before));
            let name = if local.is_empty() {
                self.plain.push('@');
                folded(handle)
            } else {
                // `o'hara@mail.example`
                let start = if local == before && handle.contains('.') { self.elided() } else { String::new() };
                folded(&format!("{start}{local}@{handle}"))
            };
            let token = match (self.names.own.named(&name), &self.names.own.server) {
                (Some(token), _) => token.to_owned(),
                // Who names no server means the own one.
                (None, Some(server)) if !name.contains(['@', '＠']) => {
                    self.names.hidden.handle(self.names.platform, &format!("{name}@{server}"))
                }
                (None, _) => self.names.hidden.handle(self.names.platform, &name),
            };
            self.replace(&token);
            run = rest.get(handle.len()..).unwrap_or_default();
        }
        self.plain.push_str(run);
    }

    /// Takes what stands before an apostrophe at the end, and the apostrophe, back from what stays.
    fn elided(&mut self) -> String {
        let Some(before) = self.plain.strip_suffix(['\'', '\u{2019}']) else { return String::new() };
        let name = before.trim_end_matches(|c: char| c.is_alphanumeric() || is_mark(c)).len();
        if name == before.len() { String::new() } else { self.plain.split_off(name) }
    }

    /// A word that is no handle, but may hold some between its signs: `www.ada.example`, `row_9-like`.
    fn pieces(&mut self, word: &str) -> Result<(), StoreError> {
        let parts = parts(word, &['.', '-', '+']);
        let (mut place, mut done) = (0, 0);
        while let Some((start, _)) = parts.get(place) {
            let mut found = None;
            for (count, (_, end)) in (1..=PARTS).zip(parts.iter().skip(place)) {
                let piece = word.get(*start..*end).unwrap_or_default();
                // The whole word has been looked at.
                if piece.len() < word.len()
                    && let Some(token) = self.names.piece(piece)?
                {
                    found = Some((token, *end, count));
                }
            }
            place += 1;
            if let Some((token, end, count)) = found {
                self.plain.push_str(word.get(done..*start).unwrap_or_default());
                self.replace(&token);
                done = end;
                place += count - 1;
            }
        }
        self.plain.push_str(word.get(done..).unwrap_or_default());
        Ok(())
    }

    fn replace(&mut self, token: &str) {
        self.settle();
        self.done.push_str(token);
    }

    /// Looks for the author's name in what stays, and is done with it.
    fn settle(&mut self) {
        let plain = std::mem::take(&mut self.plain);
        let Some((name, token)) = &self.names.own.name else { return self.done.push_str(&plain) };
        let mut rest = plain.as_str();
        let wanted: Vec<char> =
            decomposed(&name.split(is_space).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")).collect();
        while let Some((before, after)) = around(rest, name, &wanted) {
            self.done.push_str(before);
            self.done.push_str(token);
            rest = after;
        }
        self.done.push_str(rest);
    }
}

/// What stands before and behind a name, however it is written, that is not a part of a longer word. `wanted`: the name, decomposed.
fn around<'t>(text: &'t str, name: &str, wanted: &[char]) -> Option<(&'t str, &'t str)> {
    // Where people put no space between words, a name stands inside what looks like one.
    let is_of_word = |c: char| c.is_alphanumeric() && !is_spaceless(c);
    let ends_in_word = name.ends_with(|c: char| is_of_word(c) || is_mark(c));
    let mut last = None;
    for (start, first) in text.char_indices() {
        // A mark is a part of the letter before it.
        if is_mark(first) && start > 0 {
            continue;
        }
        let rest = text.get(start..)?;
        let is_inside = last.is_some_and(is_of_word) && !is_spaceless(first);
        let after = if is_inside { None } else { behind(rest, wanted) };
        if let Some(after) = after.filter(|after| !ends_in_word || !after.starts_with(is_of_word)) {
            return Some((text.get(..start)?, after));
        }
        last = Some(first);
    }
    None
}

/// What stands behind a name at the beginning of a text: letters are compared with their marks, and marks with all others of their
/// letter. Any space is as good as another.
fn behind<'t>(text: &'t str, mut wanted: &[char]) -> Option<&'t str> {
    let mut rest = text;
    while let Some((first, others)) = wanted.split_first() {
        if *first == ' ' {
            let after = rest.trim_start_matches(is_space);
            if after.len() == rest.len() {
                return None;
            }
            (rest, wanted) = (after, others);
            continue;
        }
        let mut chars = rest.char_indices();
        chars.next()?;
        let end = chars.find(|(_, c)| !is_mark(*c)).map_or(rest.len(), |(end, _)| end);
        let (letter, after) = rest.split_at(end);
        for found in decomposed(letter) {
            let (first, others) = wanted.split_first()?;
            if found != *first {
                return None;
            }
            wanted = others;
        }
        rest = after;
    }
    Some(rest)
}

/// The form in which names are compared: without case (a lower case letter of a capital one: Greek has two of one), decomposed, and every apostrophe that people type as the same.
fn decomposed(text: &str) -> impl Iterator<Item = char> {
    let plain = |c: char| match c {
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2032}' | '\u{ff07}' | '\u{b4}' | '`' => '\'',
        c => c,
    };
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfd().map(plain)
}

/// What stands between the words of a name, whether it shows or not.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Letters of scripts that put no space between words.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ffdc}' | '\u{20000}'..='\u{3ffff}')
}

/// What belongs to the letter before it. What only chooses the picture of a sign is none, nor what stands around one.
fn is_mark(c: char) -> bool {
    is_combining_mark(c) && !matches!(c, '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}')
}

/// What handles are made of, and what may stand between their parts.
fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c) || matches!(c, '_' | '.' | '-' | '+' | '@' | '＠')
}

/// How long the sign at the beginning of a text is that stands in it as addresses write it, `%40` or `%2540`: its digits are of no word.
fn escaped(text: &str) -> Option<usize> {
    let signs = text.strip_prefix('%')?.trim_start_matches("25");
    let is_sign = ["40", "2f", "3a", "3d", "3f", "26", "23", "20"]
        .iter()
        .any(|sign| signs.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(sign)));
    is_sign.then(|| text.len() - signs.len() + 2)
}

/// Where a run of so many bytes ends if an address begins in it: people put no space before one.
fn before_scheme(text: &str, run: usize) -> usize {
    let (name, after) = text.split_at(run);
    let schemes: &[&str] = match after {
        after if after.starts_with("://") => &["https", "http", "at"],
        after if after.starts_with(':') => &["did"],
        _ => &[],
    };
    let lower = name.to_ascii_lowercase();
    schemes.iter().find_map(|scheme| lower.strip_suffix(scheme)).map(str::len).filter(|end| *end > 0).unwrap_or(run)
}

/// The handle at the beginning of a run, with its server. Letters of scripts that put no space between words end it.
fn handle(run: &str) -> &str {
    let starts_so = run.starts_with(is_spaceless);
    let mut ats = 0;
    let end = run.find(|c: char| {
        ats += u32::from(matches!(c, '@' | '＠'));
        ats > 1 || (!starts_so && is_spaceless(c))
    });
    run.get(..end.unwrap_or(run.len())).unwrap_or(run).trim_end_matches(['.', '-', '+', '@', '＠'])
}

/// What stands before the @ of a mail address, or of a handle without the first @, at the end of a run; nothing if it is the @ of a
/// mention. Words of other alphabets stand before one without a space.
fn local<'t>(before: &'t str, handle: &str) -> &'t str {
    let local = before.rsplit(is_spaceless).next().unwrap_or_default();
    let ends = local.ends_with(|c: char| c.is_alphanumeric() || c == '_' || is_mark(c));
    if ends && (local.is_ascii() || handle.contains('.')) { local } else { "" }
}

/// How long a mail address in quotation marks at the beginning of a text is, `"ada moss"@mail.example`; 0 if there is none.
fn quoted_mail(text: &str) -> usize {
    let Some(name) = text.strip_prefix('"') else { return 0 };
    // RFC 5321, 4.5.3.1.1: it has no more than 64 signs.
    let Some((end, _)) = name.char_indices().take(65).find(|(_, c)| *c == '"' || c.is_control()) else { return 0 };
    let Some(host) = name.get(end..).and_then(|rest| rest.strip_prefix("\"@")).filter(|_| end > 0) else { return 0 };
    let run = host.find(|c: char| !is_of_name(c)).unwrap_or(host.len());
    let host = handle(host.get(..run).unwrap_or_default());
    if host.contains('.') { 1 + end + 2 + host.len() } else { 0 }
}

/// How long the address at the beginning of a text is: with a scheme, a DID, or a host with a path. 0 if there is none.
fn address(text: &str) -> usize {
    let begins = |scheme: &&&str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    // Where its path begins, and how long is what tells that it is an address.
    let (host, sign) = match ["http://", "https://", "at://", "did:"].iter().find(begins) {
        Some(scheme) => {
            let host = text.get(scheme.len()..).unwrap_or_default();
            let end = host.find(|c: char| !c.is_alphanumeric() && !"-._:@[]".contains(c)).unwrap_or(host.len());
            (scheme.len() + end, scheme.len())
        }
        None => match bare_host(text) {
            0 => return 0,
            host => (host, host),
        },
    };
    let path = text.get(host..).unwrap_or_default();
    let end = path.find(|c: char| !c.is_ascii_graphic() || "<>\"{}|\\^`".contains(c)).unwrap_or(path.len());
    let run = text.get(..host + end).unwrap_or_default();
    let run = run.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '*']);
    // A scheme alone, and a host alone, are words.
    if run.len() > sign { run.len() } else { 0 }
}

/// How long the host at the beginning of a text is that stands before a path; 0 if there is none. Looked at before the path
/// is: a long text of slashes must not be looked at from each of them.
fn bare_host(text: &str) -> usize {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.').unwrap_or(text.len());
    let (host, path) = text.split_at(end);
    let top = host.rsplit('.').next().unwrap_or_default();
    let is_host = host.contains('.')
        && host.split('.').all(|label| !label.is_empty())
        && top.len() > 1
        && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_host && path.starts_with('/') { end } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::super::Key;
    use super::*;
    use crate::model::{Author, Handle, Mention};

    fn nobody(_: &str) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    fn none(_: &str) -> Result<bool, StoreError> {
        Ok(false)
    }

    #[test]
    fn a_long_text_of_signs_takes_no_longer_than_one_of_words() {
        let hidden = Pseudonymiser::new(&Key::of([7; 32]));
        let author = Author { name: Some("a/a/".to_owned()), ..Author::default() };
        let own = Own::of(&hidden, &Post { author, ..Post::default() });
        let known = Known::new(&nobody, &none);
        let names = Names { hidden: &hidden, platform: "x", own, known };
        let begin = std::time::Instant::now();
        for piece in [
            "!",
            "a/",
            "a@",
            "@",
            "/",
            "did:",
            "a.bc/",
            "http://",
            "1.",
            "a@a.",
            "＠@ｱ",
            "\u{308}",
            "a\u{308}/",
            "word1 ",
            "w1.",
            "\"",
            "\"a\"@",
            "a ",
            "a'",
            "a'a@a.b",
            "%",
            "%25",
        ] {
            let text = piece.repeat(200_000);
            assert!(!names.hide(&text).unwrap().is_empty());
        }
        assert!(begin.elapsed() < std::time::Duration::from_secs(30), "{:?}", begin.elapsed());
    }

    #[test]
    fn names_go_and_words_stay() {
        let hidden = Pseudonymiser::new(&Key::of([7; 32]));
        let mention = Mention { handle: Handle::new("ben@moss.example"), ..Mention::default() };
        let author = Author { handle: Handle::new("Ada_Moss"), name: Some("Ada Moss".to_owned()), ..Author::default() };
        let post = Post { platform: "x".to_owned(), author, mentions: vec![mention], ..Post::default() };
        let own = Own::of(&hidden, &post);
        let known = |word: &str| {
            let handles = [
                "known_2",
                "ada.example",
                "row_99",
                "ferry",
                "kim7@lark.example",
                "lee8@lark.example",
                "lee8@moss.example",
            ];
            let is_it = |handle: &&str| handle.split('@').next() == Some(word);
            Ok(handles.iter().filter(|handle| is_it(handle)).map(|handle| (*handle).to_owned()).collect())
        };
        let names = Names { hidden: &hidden, platform: "x", own, known: Known::new(&known, &none) };
        let hide = |text: &str| names.hide(text).unwrap();
        let handle = |handle: &str| hidden.handle("x", handle);
        let (ada, ben, row) = (handle("ada_moss"), handle("ben@moss.example"), handle("row_99"));
        let kim = handle("kim7@lark.example");
        let (name, somebody) = (hidden.name("Ada Moss").into_owned(), handle("somebody"));
        let address = |address: &str| hidden.address(address);
        let status = "https://x.com/row_99/status/20";
        for (text, expected) in [
            ("No ferry, no news. 1.5 e.g. -- + @ !", "No ferry, no news. 1.5 e.g. -- + @ !".to_owned()),
            ("@ADA_moss: hi", format!("@{ada}: hi")),
            (".@ben.", format!(".@{ben}.")),
            ("@ben@moss.example, ben@moss.example", format!("@{ben}, {ben}")),
            ("(@somebody)’s", format!("(@{somebody})’s")),
            ("東京の@somebodyさん", format!("東京の@{somebody}さん")),
            ("@somebody@ben", format!("@{}", handle("somebody@ben"))),
            ("❤\u{fe0f}kim7, Kim7 KIM7", format!("❤\u{fe0f}{kim}, {kim} {kim}")),
            ("lee8, kim77", format!("{}, kim77", handle("lee8"))),
            ("row_99 said #ada_moss", format!("{row} said #{ada}")),
            ("I, ADA MOSS, and Ada Mossling", format!("I, {name}, and Ada Mossling")),
            ("see https://x.com/row_99/status/20!", format!("see {}!", address(status))),
            ("x.com/row_99/status/20…", format!("{}…", address(status))),
            (
                "https://news.example/ferry?a=1 news.example/ferry",
                "https://news.example/ferry?a=1 news.example/ferry".to_owned(),
            ),
            ("見て：https://x.com/row_99", format!("見て：{}", address("https://x.com/row_99"))),
            ("見てhttps://x.com/row_99 http://", format!("見て{} http://", address("https://x.com/row_99"))),
            (
                "did:plc:abc, at://did:plc:abc/x/1",
                format!("{}, {}", address("did:plc:abc"), address("at://did:plc:abc/x/1")),
            ),
            (
                "write to ada.moss+list@mail.example\r\n\tnow",
                format!("write to {}\r\n\tnow", handle("ada.moss+list@mail.example")),
            ),
            ("＠somebody", format!("@{somebody}")),
            (
                "https://müller.example/users/ada, HTTPS://X.com.",
                format!("{}, {}.", address("https://müller.example/users/ada"), address("HTTPS://X.com")),
            ),
            ("known_2-like, www.ada.example.", format!("{}-like, www.{}.", handle("known_2"), handle("ada.example"))),
            ("pre-known_2.Then", format!("pre-{}.Then", handle("known_2"))),
            (
                "https://ada.example ada.example/about",
                format!("{} {}", address("https://ada.example"), address("https://ada.example/about")),
            ),
            (
                "%40known_2 %2540known_2 news.example%2Fknown_2 5%known_2",
                "%40HANDLE %2540HANDLE news.example%2FHANDLE 5%HANDLE".replace("HANDLE", &handle("known_2")),
            ),
            ("ådå@mail.example", handle("ådå@mail.example")),
            ("say \"ada moss\"@mail.example.", format!("say {}.", handle("\"ada moss\"@mail.example"))),
            ("\"yes\"@somebody", format!("\"yes\"@{somebody}")),
            ("'o'hara@mail.example'", format!("'{}'", handle("o'hara@mail.example"))),
            ("привет@somebody", format!("привет@{somebody}")),
            ("https:// at:// news.example/ did:", "https:// at:// news.example/ did:".to_owned()),
            ("@ada_moss@somebody@", format!("@{}@", handle("ada_moss@somebody"))),
            (
                "see ada.tumblr.com, not tumblr.com",
                format!("see {}, not tumblr.com", address("https://ada.tumblr.com/")),
            ),
        ] {
            assert_eq!(hide(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_goes_however_it_is_written() {
        let hidden = Pseudonymiser::new(&Key::of([7; 32]));
        let hide = |handle: &str, name: &str, text: &str| {
            let author = Author { handle: Handle::new(handle), name: Some(name.to_owned()), ..Author::default() };
            let own = Own::of(&hidden, &Post { platform: "x".to_owned(), author, ..Post::default() });
            Names { hidden: &hidden, platform: "x", own, known: Known::new(&nobody, &none) }.hide(text).unwrap()
        };
        let (curly, straight, composed, apart) = ("Zoë O’Hara", "Zoë O'Hara", "zoë_x1", "zoe\u{308}_x1");
        for (name, written) in [
            (curly, straight),
            (straight, curly),
            (curly, "ZOE\u{308} O‘HARA"),
            ("Zoe\u{308} O`Hara", curly),
            ("a\u{323}\u{307}b", "a\u{307}\u{323}B"),
            ("Jo", "Jo"),
            ("Ada Moss", "Ada\r\nMoss"),
            ("Ada Moss", "ADA\u{a0}\u{200b} Moss"),
            ("Ada\u{a0} Moss", "Ada Moss"),
            ("σίσυφος", "ΣΊΣΥΦΟΣ"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("Groß", "GROSS"),
        ] {
            let token = hidden.name(name);
            assert_eq!(hide("z", name, &format!("é, {written}!é")), format!("é, {token}!é"), "{name} {written}");
        }
        for (handle, written) in [(composed, apart), (apart, composed), (composed, "ZOE\u{308}_X1")] {
            let token = hidden.handle("x", composed);
            assert_eq!(
                hide(handle, "Z", &format!("é {written} @{written}, x")),
                format!("é {token} @{token}, x"),
                "{handle}"
            );
        }
        for (name, text) in [
            ("Jo", "Joe Major"),
            ("Ada Moss", "AdaMoss"),
            ("J", "J"),
            ("Zoe", "Zoë Zoe\u{308} Zoes"),
            ("Zoë", "Zoe Zoëy xZoë e\u{308}Zoë"),
            ("Ann", "Ann\u{301}"),
        ] {
            assert_eq!(hide("z", name, text), text, "{name}");
        }
    }

    #[test]
    fn a_name_stands_among_words_without_spaces() {
        let hidden = Pseudonymiser::new(&Key::of([7; 32]));
        let author = Author { name: Some("李明".to_owned()), ..Author::default() };
        let own = Own::of(&hidden, &Post { author, ..Post::default() });
        let names = Names { hidden: &hidden, platform: "x", own, known: Known::new(&nobody, &none) };
        assert_eq!(names.hide("我是李明，李明X").unwrap(), "我是NAME，NAMEX".replace("NAME", &hidden.name("李明")));
    }

    #[test]
    fn who_names_no_server_means_the_own_one() {
        let hidden = Pseudonymiser::new(&Key::of([7; 32]));
        let hide = |text: &str| {
            let author = Author { handle: Handle::new("cy_4@one.example"), ..Author::default() };
            let own = Own::of(&hidden, &Post { author, ..Post::default() });
            let known = |word: &str| {
                let handles = ["ada_1@one.example", "lee_8@one.example", "lee_8@two.example", "may_3@two.example"];
                let is_it = |handle: &&str| *handle == word || handle.split('@').next() == Some(word);
                Ok(handles.into_iter().filter(is_it).map(str::to_owned).collect())
            };
            Names { hidden: &hidden, platform: "mastodon", own, known: Known::new(&known, &none) }.hide(text).unwrap()
        };
        let handle = |handle: &str| hidden.handle("mastodon", handle);
        let (ada, lee) = (handle("ada_1@one.example"), handle("lee_8@one.example"));
        assert_eq!(hide("ada_1 @ada_1 @ADA_1@one.example"), format!("{ada} @{ada} @{ada}"));
        assert_eq!(hide("lee_8 @lee_8"), format!("{lee} @{lee}"));
        assert_eq!(hide("may_3 @new"), format!("{} @{}", handle("may_3@two.example"), handle("new@one.example")));
    }

    #[test]
    fn numbers_of_posts_go() {
        let hidden = Pseudonymiser::new(&Key::of([7; 32]));
        let post = Post { id: Some("1419721595810742273".to_owned()), ..Post::default() };
        let held = |id: &str| Ok(id == "1419721595810742274");
        let names =
            Names { hidden: &hidden, platform: "x", own: Own::of(&hidden, &post), known: Known::new(&nobody, &held) };
        let id = |id: &str| hidden.token("post", "x", id);
        assert_eq!(
            names.hide("1419721595810742273 1419721595810742274 1419721595810742275").unwrap(),
            format!("{} {} 1419721595810742275", id("1419721595810742273"), id("1419721595810742274"))
        );
    }
}
