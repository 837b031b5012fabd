//! Names of accounts in what people write: `@handle`, `user@server`, addresses, bare handles, the author's own name.
//!
//! A text is cut into runs; a run that names somebody is replaced, everything else stays as it is, to the byte.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::super::ExportError;
use super::{Pseudonymiser, address};
use crate::model::Post;
use crate::store::{Reader, StoreError};

/// The shortest display name that is looked for in a text: shorter ones are letters of words.
const SHORTEST_NAME: usize = 3;

/// The accounts that a post itself names, with their pseudonyms.
#[derive(Default)]
pub(super) struct Own {
    /// Handles in the form that compares, whole and without their server.
    handles: HashMap<String, String>,
    /// The author's display name, and its pseudonym.
    name: Option<(String, String)>,
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
        Own { handles, name: name.map(|name| (name.to_owned(), hidden.name(name).into_owned())) }
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

/// A text without the names of accounts.
pub(super) fn hide(
    hidden: &Pseudonymiser,
    text: &str,
    platform: &str,
    own: &Own,
    reader: &Reader,
) -> Result<String, ExportError> {
    let known = |word: &str| {
        let mut found = Vec::new();
        // Handles stand in the archive as they were written, in either form.
        for form in [word.to_owned(), word.nfd().collect()] {
            found.extend(reader.handles(platform, std::slice::from_ref(&form))?);
            found.extend(reader.handles_of_user(platform, &form)?);
        }
        Ok(found)
    };
    Ok(Hiding { hidden, platform, own, known: &known, done: String::new(), plain: String::new() }.text(text)?)
}

/// The handles of accounts of the archive that are that word, in the form that compares, alone or before their server.
type Known<'a> = dyn Fn(&str) -> Result<Vec<String>, StoreError> + 'a;

/// The form in which handles are compared: lower case, and letters with their accents in one.
pub(super) fn folded(handle: &str) -> String {
    if handle.is_ascii() { handle.to_ascii_lowercase() } else { handle.to_lowercase().nfc().collect() }
}

struct Hiding<'a> {
    hidden: &'a Pseudonymiser,
    platform: &'a str,
    own: &'a Own,
    known: &'a Known<'a>,
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
                rest = self.address(rest, address);
                continue;
            }
            let run = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
            if run == 0 {
                self.plain.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
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
    fn address<'t>(&mut self, rest: &'t str, length: usize) -> &'t str {
        let (shown, after) = rest.split_at(length);
        let is_bare = !shown.contains(':');
        let whole = if is_bare { format!("https://{shown}") } else { shown.to_owned() };
        if !address::leads_to_account(&whole, self.own) {
            self.plain.push_str(shown);
            return after;
        }
        let token = self.hidden.address(&whole);
        self.replace(&token);
        // Letters of other alphabets behind it are of the address, too, as people read it.
        after.trim_start_matches(char::is_alphanumeric)
    }

    /// A run of letters, digits and signs that handles are made of.
    fn run(&mut self, run: &str) -> Result<(), StoreError> {
        let bare = run.trim_start_matches(|c| matches!(c, '.' | '-' | '+') || is_mark(c));
        let (before, _) = run.split_at(run.len() - bare.len());
        let (body, after) = bare.split_at(bare.trim_end_matches(['.', '-', '+']).len());
        self.plain.push_str(before);
        match body.find(['@', '＠']) {
            Some(_) => self.at(body),
            None => match self.bare(body)? {
                Some(token) => self.replace(&token),
                None => self.plain.push_str(body),
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
            // Mail addresses, and handles without the first @. Words of other alphabets stand before a mention without a space.
            let name = if before.is_ascii() && before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                folded(&format!("{before}@{handle}"))
            } else {
                self.plain.push_str(before);
                self.plain.push('@');
                folded(handle)
            };
            let token = self.own.named(&name).map_or_else(|| self.hidden.handle(self.platform, &name), str::to_owned);
            self.replace(&token);
            run = rest.get(handle.len()..).unwrap_or_default();
        }
        self.plain.push_str(run);
    }

    /// The pseudonym of a word that is a handle: of an account that the post names, or one that looks like a handle, and
    /// is one of the archive. A handle that is an everyday word is not looked for in other people's posts.
    fn bare(&self, word: &str) -> Result<Option<String>, StoreError> {
        let folded = folded(word);
        if let Some(token) = self.own.named(&folded) {
            return Ok(Some(token.to_owned()));
        }
        if address::is_of_people(&folded) {
            return Ok(Some(self.hidden.address(&format!("https://{folded}/"))));
        }
        let is_odd = |c: char| matches!(c, '_' | '.' | '-') || c.is_ascii_digit();
        let looks = word.len() > 3 && word.contains(is_odd) && word.contains(char::is_alphabetic);
        if !looks {
            return Ok(None);
        }
        let mut bearers: Vec<String> = (self.known)(&folded)?.iter().map(|handle| self::folded(handle)).collect();
        bearers.sort();
        bearers.dedup();
        Ok(match bearers.as_slice() {
            [] => None,
            [one] => Some(self.hidden.handle(self.platform, one)),
            // Whose of several servers is meant, nobody knows.
            _ => Some(self.hidden.handle(self.platform, &folded)),
        })
    }

    fn replace(&mut self, token: &str) {
        self.settle();
        self.done.push_str(token);
    }

    /// Looks for the author's name in what stays, and is done with it.
    fn settle(&mut self) {
        let plain = std::mem::take(&mut self.plain);
        let Some((name, token)) = &self.own.name else { return self.done.push_str(&plain) };
        let mut rest = plain.as_str();
        let wanted: Vec<char> = decomposed(name).collect();
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
    let ends_in_word = name.ends_with(|c: char| c.is_alphanumeric() || is_mark(c));
    let mut last = None;
    for (start, first) in text.char_indices() {
        // A mark is a part of the letter before it.
        if is_mark(first) && start > 0 {
            continue;
        }
        let rest = text.get(start..)?;
        let after = if last.is_some_and(char::is_alphanumeric) { None } else { behind(rest, wanted) };
        if let Some(after) = after.filter(|after| !ends_in_word || !after.starts_with(char::is_alphanumeric)) {
            return Some((text.get(..start)?, after));
        }
        last = Some(first);
    }
    None
}

/// What stands behind a name at the beginning of a text: letters are compared with their marks, and marks with all others of their
/// letter.
fn behind<'t>(text: &'t str, mut wanted: &[char]) -> Option<&'t str> {
    let mut rest = text;
    while !wanted.is_empty() {
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

/// The form in which names are compared: lower case, decomposed, and every apostrophe that people type as the same.
fn decomposed(text: &str) -> impl Iterator<Item = char> {
    let plain = |c: char| match c {
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2032}' | '\u{ff07}' | '\u{b4}' | '`' => '\'',
        c => c,
    };
    text.chars().flat_map(char::to_lowercase).nfd().map(plain)
}

/// What belongs to the letter before it. What only chooses the picture of a sign is none, nor what stands around one.
fn is_mark(c: char) -> bool {
    is_combining_mark(c) && !matches!(c, '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}')
}

/// What handles are made of, and what may stand between their parts.
fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c) || matches!(c, '_' | '.' | '-' | '+' | '@' | '＠')
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
    let is_spaceless = |c: char| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    let starts_so = run.starts_with(is_spaceless);
    let mut ats = 0;
    let end = run.find(|c: char| {
        ats += u32::from(matches!(c, '@' | '＠'));
        ats > 1 || (!starts_so && is_spaceless(c))
    });
    run.get(..end.unwrap_or(run.len())).unwrap_or(run).trim_end_matches(['.', '-', '+', '@', '＠'])
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

    #[test]
    fn a_long_text_of_signs_takes_no_longer_than_one_of_words() {
        let hidden = Pseudonymiser::new(&Key::of([7; 32]));
        let author = Author { name: Some("a/a/".to_owned()), ..Author::default() };
        let own = Own::of(&hidden, &Post { author, ..Post::default() });
        let known = |_: &str| Ok(Vec::new());
        let begin = std::time::Instant::now();
        for piece in
            ["!", "a/", "a@", "@", "/", "did:", "a.bc/", "http://", "1.", "a@a.", "＠@ｱ", "\u{308}", "a\u{308}/"]
        {
            let text = piece.repeat(200_000);
            let hiding = Hiding {
                hidden: &hidden,
                platform: "x",
                own: &own,
                known: &known,
                done: String::new(),
                plain: String::new(),
            };
            assert!(!hiding.text(&text).unwrap().is_empty());
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
            let handles = ["row_99", "ferry", "kim7@lark.example", "lee8@lark.example", "lee8@moss.example"];
            let is_it = |handle: &&str| handle.split('@').next() == Some(word);
            Ok(handles.iter().filter(|handle| is_it(handle)).map(|handle| (*handle).to_owned()).collect())
        };
        let hide = |text: &str| {
            let hiding = Hiding {
                hidden: &hidden,
                platform: "x",
                own: &own,
                known: &known,
                done: String::new(),
                plain: String::new(),
            };
            hiding.text(text).unwrap()
        };
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
        let known = |_: &str| Ok(Vec::new());
        let hide = |handle: &str, name: &str, text: &str| {
            let author = Author { handle: Handle::new(handle), name: Some(name.to_owned()), ..Author::default() };
            let own = Own::of(&hidden, &Post { platform: "x".to_owned(), author, ..Post::default() });
            let (done, plain) = (String::new(), String::new());
            Hiding { hidden: &hidden, platform: "x", own: &own, known: &known, done, plain }.text(text).unwrap()
        };
        let (curly, straight, composed, apart) = ("Zoë O’Hara", "Zoë O'Hara", "zoë_x1", "zoe\u{308}_x1");
        for (name, written) in [
            (curly, straight),
            (straight, curly),
            (curly, "ZOE\u{308} O‘HARA"),
            ("Zoe\u{308} O`Hara", curly),
            ("a\u{323}\u{307}b", "a\u{307}\u{323}B"),
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
        for (name, text) in
            [("Zoe", "Zoë Zoe\u{308} Zoes"), ("Zoë", "Zoe Zoëy xZoë e\u{308}Zoë"), ("Ann", "Ann\u{301}")]
        {
            assert_eq!(hide("z", name, text), text, "{name}");
        }
    }
}
