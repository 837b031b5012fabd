//! Text to tree. `OR` binds less than standing side by side, as on X: `a OR b c` is `a OR (b c)`.

use super::{Expr, QueryError, Reading, Understood, operator};
use crate::model::{Handle, Hashtag};

/// Terms that one search may have.
pub const MAX_TERMS: usize = 200;

/// How deep brackets may nest.
pub const MAX_DEPTH: usize = 20;

impl Reading {
    /// Understands a search. Text without any term means every post.
    ///
    /// # Errors
    /// An unknown operator, one that an archive cannot answer, a value that an operator cannot use, a sign that means
    /// nothing where it stands, or more terms than [`MAX_TERMS`]. Nothing is dropped silently.
    pub fn read(&self, text: &str) -> Result<Understood, QueryError> {
        let mut parser = Parser { reading: self, text, at: 0, terms: 0, notes: Vec::new() };
        let tree = parser.any(0)?;
        match parser.peek() {
            None => Ok(Understood { expr: tree.unwrap_or_else(Expr::everything), notes: parser.notes }),
            Some(_) => Err(parser.wrong("a bracket closes that was never opened; put it in quotes to find it")),
        }
    }
}

/// Whether a character ends a word that stands without quotes.
pub(super) fn ends_word(c: char) -> bool {
    is_space(c) || matches!(c, '(' | ')' | '"' | '“' | '”')
}

/// White space, and control characters, which no post is searched for.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Whether a word means something to the language.
fn is_keyword(word: &str) -> bool {
    matches!(word, "OR" | "AND" | "NOT")
}

struct Parser<'a> {
    reading: &'a Reading,
    text: &'a str,
    at: usize,
    terms: usize,
    notes: Vec<(&'static str, &'static str)>,
}

impl<'a> Parser<'a> {
    /// Alternatives up to a closing bracket or the end; `None` if there is nothing.
    fn any(&mut self, depth: usize) -> Result<Option<Expr>, QueryError> {
        if depth > MAX_DEPTH {
            return Err(QueryError::TooLarge);
        }
        let mut choices = Vec::new();
        loop {
            let all = self.all(depth)?;
            let more = self.keyword("OR");
            match all {
                Some(part) => flatten(&mut choices, part, |part| match part {
                    Expr::Any(parts) => Ok(parts),
                    other => Err(other),
                }),
                None if more || !choices.is_empty() => {
                    return Err(self.wrong("OR needs something on both sides; put it in quotes to find the word"));
                }
                None => return Ok(None),
            }
            if !more {
                return Ok(Some(if choices.len() == 1 { choices.remove(0) } else { Expr::Any(choices) }));
            }
        }
    }

    /// Terms side by side up to `OR`, a closing bracket or the end; `None` if there is none.
    fn all(&mut self, depth: usize) -> Result<Option<Expr>, QueryError> {
        let mut parts = Vec::new();
        let mut terms = 0;
        let mut joined = false;
        loop {
            while self.keyword("AND") {
                if terms == 0 || joined {
                    return Err(self.wrong("AND needs something on both sides; put it in quotes to find the word"));
                }
                joined = true;
            }
            let done = matches!(self.peek(), None | Some(')')) || self.sees("OR");
            if done && joined {
                return Err(self.wrong("AND needs something on both sides; put it in quotes to find the word"));
            }
            if done {
                break;
            }
            joined = false;
            terms += 1;
            let part = self.term(depth)?;
            flatten(&mut parts, part, |part| match part {
                Expr::All(parts) => Ok(parts),
                other => Err(other),
            });
        }
        Ok(match parts.len() {
            0 if terms == 0 => None,
            1 => parts.pop(),
            _ => Some(Expr::All(parts)),
        })
    }

    fn term(&mut self, depth: usize) -> Result<Expr, QueryError> {
        if self.keyword("NOT") {
            return self.negated("NOT needs something after it; put it in quotes to find the word", depth);
        }
        let start = self.at;
        match self.peek() {
            Some('-') => {
                self.at += 1;
                if self.text[self.at..].starts_with(|c: char| c == '-' || is_space(c)) {
                    return Err(self.wrong("a minus stands alone; put it in quotes to find it"));
                }
                self.negated("a minus stands alone; put it in quotes to find it", depth)
            }
            Some('(') => {
                self.at += 1;
                let inside = self.any(depth + 1)?;
                if self.peek() != Some(')') {
                    self.at = start;
                    return Err(self.wrong("a bracket is never closed; put it in quotes to find it"));
                }
                self.at += 1;
                inside.ok_or(QueryError::Syntax { what: "brackets hold nothing", at: start })
            }
            Some('"' | '“') => {
                self.count(1)?;
                let phrase = self.quoted()?;
                if self.text[self.at..].starts_with('*') {
                    return Err(self.wrong("a * goes after a word, not after a phrase"));
                }
                if phrase.trim().is_empty() {
                    return Err(QueryError::Syntax { what: "quotes hold nothing", at: start });
                }
                gaps(phrase, start)
            }
            Some('”') => Err(self.wrong("a closing quote that opens nothing")),
            _ => self.word(),
        }
    }

    fn negated(&mut self, alone: &'static str, depth: usize) -> Result<Expr, QueryError> {
        match self.peek() {
            None | Some(')' | '-') => return Err(self.wrong(alone)),
            _ if self.sees("OR") || self.sees("AND") || self.sees("NOT") => return Err(self.wrong(alone)),
            _ => {}
        }
        Ok(Expr::Not(Box::new(self.term(depth)?)))
    }

    /// A word, a beginning, a hashtag, an account, an address or an operator.
    fn word(&mut self) -> Result<Expr, QueryError> {
        self.count(1)?;
        let start = self.at;
        let word = self.run();
        // X: what follows a plus must stand in the post, as everything must here.
        let required = word.trim_start_matches('+');
        let begins = |c: char| c.is_alphanumeric() || matches!(c, '#' | '＃' | '@' | '＠' | '$');
        let word = if required.starts_with(begins) && !is_keyword(required) { required } else { word };
        if let Some(tag) = word.strip_prefix(['#', '＃']) {
            let quoted = if tag.is_empty() { self.value()? } else { None };
            let tag = quoted.as_deref().unwrap_or(tag);
            return Hashtag::new(tag).map(Expr::Tag).ok_or(QueryError::Syntax {
                what: "a # needs the letters of one hashtag after it; put it in quotes to find it",
                at: start,
            });
        }
        if word.starts_with(['@', '＠']) {
            // "@ann,ben" is both, as behind an operator; no handle has a comma in it.
            let handles: Option<Vec<Expr>> = word.split(',').map(|one| Handle::new(one).map(Expr::Mentions)).collect();
            let handles = handles.ok_or(QueryError::Syntax {
                what: "an @ needs a handle after it; put it in quotes to find it",
                at: start,
            })?;
            self.count(handles.len().saturating_sub(1))?;
            return Ok(operator::any(handles));
        }
        if let Some(symbol) = word.strip_prefix('$').filter(|symbol| is_symbol(symbol)) {
            return Ok(Expr::Cashtag(symbol.to_ascii_lowercase().replace('_', ".")));
        }
        if word.starts_with("http://") || word.starts_with("https://") {
            return Ok(Expr::Url(word.to_owned()));
        }
        if let Some((name, value)) = word.split_once(':')
            && !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
            && !value.starts_with("//")
        {
            let quoted = if value.is_empty() { self.value()? } else { None };
            // "Note: this" is prose; a known name with nothing after it is a slip.
            if !value.is_empty() || quoted.is_some() || operator::find(name).is_some() {
                let value = quoted.as_deref().unwrap_or(value);
                let (operator, expr) = operator::read(self.reading, name, value, start)?;
                if let Expr::Any(leaves) | Expr::All(leaves) = &expr {
                    self.count(leaves.len().saturating_sub(1))?;
                }
                let name = operator.names.first().copied().unwrap_or_default();
                if !operator.note.is_empty() && !self.notes.iter().any(|(known, _)| *known == name) {
                    self.notes.push((name, operator.note));
                }
                return Ok(expr);
            }
        }
        match word.strip_suffix('*') {
            Some(stem) if stem.contains(char::is_alphanumeric) && !stem.contains('*') => {
                Ok(Expr::Prefix(stem.to_owned()))
            }
            _ if word.contains('*') => Err(QueryError::Syntax {
                what: "a * stands at the end of a word, for all that goes on from there; put it in quotes to find it",
                at: start,
            }),
            _ => Ok(Expr::Word(word.to_owned())),
        }
    }

    /// A quoted value that follows an operator's colon or a `#` at once.
    fn value(&mut self) -> Result<Option<String>, QueryError> {
        if self.text[self.at..].starts_with(['"', '“']) { self.quoted().map(Some) } else { Ok(None) }
    }

    /// The inside of quotes, straight or typographic, that open here.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        let mut rest = self.text[start..].char_indices();
        let straight = matches!(rest.next(), Some((_, '"')));
        let Some((end, close)) = rest.find(|(_, c)| *c == '"' || (!straight && *c == '”')) else {
            return Err(self.wrong("a quote is never closed"));
        };
        let open = if straight { '"' } else { '“' };
        let inside = &self.text[start + open.len_utf8()..start + end];
        self.at = start + end + close.len_utf8();
        Ok(inside.replace(char::is_control, " "))
    }

    /// Takes the characters up to where a word ends.
    fn run(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let word = &rest[..rest.find(ends_word).unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    /// The next character that is no space.
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        let skipped = rest.trim_start_matches(is_space);
        self.at += rest.len() - skipped.len();
        skipped.chars().next()
    }

    /// Whether this very word comes next.
    fn sees(&mut self, word: &str) -> bool {
        self.peek();
        let after = self.text[self.at..].strip_prefix(word);
        after.is_some_and(|after| after.is_empty() || after.starts_with(ends_word))
    }

    fn keyword(&mut self, word: &str) -> bool {
        let seen = self.sees(word);
        if seen {
            self.at += word.len();
        }
        seen
    }

    fn count(&mut self, terms: usize) -> Result<(), QueryError> {
        self.terms += terms;
        if self.terms > MAX_TERMS { Err(QueryError::TooLarge) } else { Ok(()) }
    }

    fn wrong(&self, what: &'static str) -> QueryError {
        QueryError::Syntax { what, at: self.at }
    }
}

/// A phrase, or the phrases between its wildcards: on X a `*` among words stands for any word.
fn gaps(phrase: String, at: usize) -> Result<Expr, QueryError> {
    let words: Vec<&str> = phrase.split_whitespace().collect();
    if !words.contains(&"*") {
        return Ok(Expr::Phrase(phrase));
    }
    let parts: Vec<String> = words.split(|word| *word == "*").map(|part| part.join(" ")).collect();
    if parts.iter().any(String::is_empty) {
        return Err(QueryError::Syntax {
            what: "a * inside quotes stands for a word and needs words on both sides",
            at,
        });
    }
    Ok(Expr::Gaps(parts))
}

/// Letters of a company's shares, as X links them: `$TSLA`, `$BRK.A`.
fn is_symbol(text: &str) -> bool {
    let (symbol, class) = text.split_once(['.', '_']).unwrap_or((text, "a"));
    let fits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    fits(symbol, 6) && fits(class, 2)
}

/// Adds a part to a list of its kind; a part that is such a list itself adds its members, so that brackets which
/// change nothing leave no trace in the tree.
fn flatten(list: &mut Vec<Expr>, part: Expr, members: fn(Expr) -> Result<Vec<Expr>, Expr>) {
    match members(part) {
        Ok(parts) => list.extend(parts),
        Err(part) => list.push(part),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::super::parse;
    use super::*;

    fn word(text: &str) -> Expr {
        Expr::Word(text.to_owned())
    }

    #[test]
    fn understands() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap();
        let day = at("2021-07-26T00:00:00Z");
        for (text, tree) in [
            ("", Expr::everything()),
            ("starmer", word("starmer")),
            ("a b", Expr::All(vec![word("a"), word("b")])),
            ("a AND b", Expr::All(vec![word("a"), word("b")])),
            ("a (b c)", Expr::All(vec![word("a"), word("b"), word("c")])),
            ("a OR b c", Expr::Any(vec![word("a"), Expr::All(vec![word("b"), word("c")])])),
            ("(a OR b) c", Expr::All(vec![Expr::Any(vec![word("a"), word("b")]), word("c")])),
            ("-a", Expr::Not(Box::new(word("a")))),
            ("NOT a", Expr::Not(Box::new(word("a")))),
            ("-(-a)", Expr::Not(Box::new(Expr::Not(Box::new(word("a")))))),
            ("-(a OR b)", Expr::Not(Box::new(Expr::Any(vec![word("a"), word("b")])))),
            ("well-known", word("well-known")),
            ("or", word("or")),
            ("lab*", Expr::Prefix("lab".to_owned())),
            ("\"one two\"", Expr::Phrase("one two".to_owned())),
            ("“one two”", Expr::Phrase("one two".to_owned())),
            ("++a", word("a")),
            ("+#Élection", Expr::Tag(Hashtag::new("Élection").unwrap())),
            ("#Élection", Expr::Tag(Hashtag::new("Élection").unwrap())),
            ("from:@Bob", Expr::From(Handle::new("Bob").unwrap())),
            ("FROM:bob@a.example", Expr::From(Handle::new("bob@a.example").unwrap())),
            ("@ann,@ben", Expr::Any(["ann", "ben"].map(|name| Expr::Mentions(Handle::new(name).unwrap())).to_vec())),
            ("from:@me", Expr::From(Handle::new("me").unwrap())),
            ("from:did:plc:abc", Expr::From(Handle::new("did:plc:abc").unwrap())),
            ("since:2021-07-26", Expr::Since(day)),
            ("until:2021-07-26T01:00:00+01:00", Expr::Until(at("2021-07-26T01:00:00+01:00"))),
            ("lang:pt-BR", Expr::Lang("pt-br".to_owned())),
            ("platform:X", Expr::Platform("x".to_owned())),
            ("job:\"Ken Loach\"", Expr::Job("Ken Loach".to_owned())),
            ("https://example.org/a:b", Expr::Url("https://example.org/a:b".to_owned())),
            ("10:30", word("10:30")),
            ("Note: this", Expr::All(vec![word("Note:"), word("this")])),
            ("\"note:this\"", Expr::Phrase("note:this".to_owned())),
        ] {
            assert_eq!(parse(text), Ok(tree), "{text}");
        }
    }

    #[test]
    fn refuses_with_a_reason() {
        for (text, reason) in [
            ("form:bob", "did you mean from:?"),
            ("note:this", "no operator \"note\""),
            ("from:", "needs a value"),
            ("from: bob", "needs a value"),
            ("since:yesterday", "takes a date"),
            ("near:Leeds", "cannot be answered: posts are kept without the place"),
            ("has:imgae", "did you mean image?"),
            ("filter:repleis", "did you mean replies?"),
            ("from:a,,b", "nothing beside it"),
            ("list:critics", "there is none"),
            ("from:me", "name the handle"),
            ("within_time:2d", "what time it is"),
            ("during:2021-07-26T10:00:00Z", "takes a day"),
            ("min_likes:many", "takes a number"),
            ("@", "needs a handle"),
            ("@ann, hi", "needs a handle"),
            ("since:2021-7-26", "takes a date"),
            ("until:2021-02-30", "takes a date"),
            ("lang:#", "language tag"),
            ("(a", "never closed"),
            ("a)", "never opened"),
            ("()", "hold nothing"),
            ("\"a", "never closed"),
            ("\"\"", "hold nothing"),
            ("\"a b\"*", "goes after a word"),
            ("a OR", "both sides"),
            ("OR a", "both sides"),
            ("a AND", "both sides"),
            ("a AND AND\u{0}", "both sides"),
            ("*loach", "at the end of a word"),
            ("fi*h", "at the end of a word"),
            ("*", "at the end of a word"),
            ("\"* fish\"", "words on both sides"),
            ("a -", "stands alone"),
            ("--a", "stands alone"),
            ("#", "hashtag"),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn limits_hold() {
        assert_eq!(parse(&"a ".repeat(MAX_TERMS + 1)), Err(QueryError::TooLarge));
        assert_eq!(parse(&"(".repeat(100_000)), Err(QueryError::TooLarge));
        assert!(parse(&format!("{}a", "NOT ".repeat(100_000))).is_err());
    }

    proptest! {
        #[test]
        fn printed_and_parsed_again_is_the_same_tree(
            text in proptest::collection::vec(
                proptest::sample::select(vec![
                    "a", "b*", "\"c d\"", "“e”", "-", "(", ")", " ", " ", " ", "OR", "AND", "NOT", "#t", "#", "from:x", "since:2021-07-26",
                    "until:2021-07-26T10:00:00.5Z", "job:\"x y\"", "platform:", "lang:en", ":", "*", "é", "\u{0}", "https://a", "@q", "@me", ",", "+", "$",
                    "$TSLA", "$brk.a", "\"a * b\"", "\"* a * * b c *\"", "has:image", "is:reply,quote", "filter:links", "-filter:safe",
                    "exclude:retweets", "min_likes:5", "min_faves:0", "conversation:x", "quoted:\"x y\"", "in_reply_to_tweet_id:1",
                    "retweets_of_tweet_id:1", "captured:2021-07", "captured:2021..2022-03-01", "state:deleted", "text_state:repaired",
                    "from:a,b", "to:a@b.example", "mentions:\"a, b\"", "in:all", "include:nativeretweets", "url:\"//x\"", "url:\"x (y)\"",
                    "domain:a.example,b.example", "label:\"a b\"", "quoted_in:*", "since:2021-07-26_10:00", "after:2021-07", "during:2021",
                    "since_time:1627257600", "until_time:0", "since_id:20", "max_id:20", "within_time:2d", "list:x", "lang:", "near:x",
                ]), 0..24).prop_map(|parts| parts.concat())
        ) {
            if let Ok(tree) = parse(&text) {
                prop_assert_eq!(parse(&tree.to_string()), Ok(tree.clone()), "{}", tree);
            }
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in any::<String>()) {
            if let Ok(tree) = parse(&text) {
                prop_assert_eq!(parse(&tree.to_string()), Ok(tree.clone()), "{}", tree);
            }
        }
    }
}
