//! What all readers of JSON need: one document or a file of lines, ids that are numbers here and texts there, and
//! faults that name their place. What the values mean is each platform's own business.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::Value;

use super::{Page, ParseError, lines};
use crate::model::Skipped;

/// Lines of another shape that are looked at before a file of lines is given up.
pub const PATIENCE: usize = 50;

/// A value and its place; or the fault of a line that is no JSON.
pub type Placed = (String, Result<Value, String>);

/// The values of a body of JSON in order: the one document, whose place is empty, or the lines of a file of lines
/// (`line 17`).
///
/// # Errors
/// What is wrong with a body that is neither.
pub fn values(text: &str) -> Result<Vec<Placed>, String> {
    let whole = match serde_json::from_str(text) {
        Ok(value) => return Ok(vec![(String::new(), Ok(value))]),
        Err(error) => error,
    };
    if !is_lines(text) {
        return Err(fault(&whole));
    }
    let read = |line: &str| serde_json::from_str(line).map_err(|error| fault(&error));
    Ok(lines(text).map(|(number, line)| (format!("line {number}"), read(line))).collect())
}

/// Whether every line is a value of its own: at least half of the first three are, or two and half of the first hundred.
pub fn is_lines(text: &str) -> bool {
    const LOOKED_AT: usize = 100;
    let is_value = |line: &str| {
        line.trim_ascii_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok()
    };
    let (mut looked_at, mut values) = (0, 0);
    for (_, line) in lines(text).take(LOOKED_AT) {
        looked_at += 1;
        values += usize::from(is_value(line));
        if looked_at == 3 && values >= 2 {
            return true;
        }
    }
    looked_at >= 2 && values * 2 >= looked_at && (looked_at <= 3 || values >= 2)
}

/// What tells the documents of a platform from others, for [`documents`].
pub struct Documents {
    /// Name of the platform.
    pub platform: &'static str,
    /// What a line that is none is said not to be: `a post of TikTok`.
    pub item: &'static str,
    /// What a document that is none lacks: `neither a list of items nor one`.
    pub misfit: &'static str,
    /// Names of members of which a document has one at least: one without them need not be taken apart.
    pub members: &'static [&'static str],
    /// Pairs of words: where both of one stand at the beginning of broken JSON, it was a document of this platform.
    pub signs: &'static [[&'static str; 2]],
}

/// Reads the documents of a body, one or lines of them. `read` takes one with its place, enters what it finds, and names
/// the shape; `None` if it is none of this platform's. One strange line costs one line, if others are none.
///
/// # Errors
/// If no document is of this platform, or the only one is cut.
pub fn documents(
    text: &str,
    kind: &Documents,
    mut read: impl FnMut(&mut Page, &str, &Value) -> Option<&'static str>,
) -> Result<Page, ParseError> {
    const HEAD: usize = 20_000;
    let misfit = |misfit: String| ParseError::NotThisShape { platform: kind.platform, misfit };
    let text = text.trim_ascii_start();
    if !text.starts_with(['{', '[']) {
        return Err(misfit("is no JSON".to_owned()));
    }
    if !kind.members.iter().any(|member| text.contains(member)) {
        return Err(misfit(kind.misfit.to_owned()));
    }
    let values = values(text).map_err(|what| {
        let head = &text[..text.floor_char_boundary(HEAD)];
        let is_cut = kind.signs.iter().any(|signs| signs.iter().all(|sign| head.contains(sign)));
        if is_cut { ParseError::Broken { platform: kind.platform, what } } else { misfit(what) }
    })?;
    let mut page = Page::default();
    let mut strange = 0;
    for (at, value) in values {
        match value {
            Ok(value) => match read(&mut page, &at, &value) {
                Some(shape) => page.shape = shape,
                None if at.is_empty() => return Err(misfit(kind.misfit.to_owned())),
                None => {
                    strange += 1;
                    page.skipped.push(Skipped { at, reason: format!("is not {}", kind.item) });
                }
            },
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
        if page.shape.is_empty() && strange > PATIENCE {
            break;
        }
    }
    if page.shape.is_empty() { Err(misfit(format!("no line is {}", kind.item))) } else { Ok(page) }
}

/// Walks through a document in order, without recursion. `take` is offered every object with its place, and says whether
/// it has read it; then nothing inside is offered.
pub fn walk<'a>(at: &str, value: &'a Value, mut take: impl FnMut(&str, &'a Value) -> bool) {
    let mut left = vec![(at.to_owned(), value)];
    while let Some((at, value)) = left.pop() {
        let before = left.len();
        let is_whole = |value: &Value| value.is_object() || value.is_array();
        match value {
            Value::Object(members) if !take(&at, value) => {
                let inside = members.iter().filter(|(_, value)| is_whole(value));
                left.extend(inside.map(|(name, value)| (format!("{at}/{name}"), value)));
            }
            Value::Array(list) => {
                let inside = list.iter().enumerate().filter(|(_, value)| is_whole(value));
                left.extend(inside.map(|(i, value)| (format!("{at}/{i}"), value)));
            }
            _ => {}
        }
        left[before..].reverse();
    }
}

/// A member that is a text and says something.
pub fn words<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value[name].as_str().filter(|text| !text.is_empty())
}

/// A count: a whole number, or a text that is one.
pub fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// A time as seconds since 1970, a number or a text that is one; parts of a second are cut off.
pub fn seconds(value: &Value) -> Option<DateTime<Utc>> {
    let broken = || value.as_f64().filter(|seconds| (0.0..1e11).contains(seconds)).map(|seconds| seconds as i64);
    let seconds = value.as_i64().or_else(broken).or_else(|| value.as_str()?.parse().ok())?;
    // Zero stands for none.
    DateTime::from_timestamp(seconds, 0).filter(|_| seconds > 0)
}

/// Why an item cannot be read, with the place inside the item.
pub fn fault(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let what = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(what, _)| what);
    let kind = if error.is_data() { "cannot be read" } else { "is broken JSON" };
    match error.line() {
        0 => format!("{kind}: {what}"),
        1 => format!("{kind}: {what}, at its column {}", error.column()),
        line => format!("{kind}: {what}, at its line {line}"),
    }
}

/// The id in a value: a text that says something, or a whole number.
pub fn id(value: &Value) -> Option<String> {
    serde_json::from_value::<Id>(value.clone()).ok().map(|Id(id)| id).filter(|id| !id.is_empty())
}

/// A string, borrowed where it has no escapes (serde copies every `Option<Cow<str>>`).
pub struct Text<'a>(pub Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

/// An id: a string, or a whole number as some servers and exports write it. A number with a fraction or an exponent
/// has lost digits and is refused.
pub struct Id(pub String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id: a string or a whole number")
            }

            fn visit_str<E>(self, id: &str) -> Result<Id, E> {
                Ok(Id(id.to_owned()))
            }

            fn visit_u64<E>(self, id: u64) -> Result<Id, E> {
                Ok(Id(id.to_string()))
            }

            fn visit_i64<E>(self, id: i64) -> Result<Id, E> {
                Ok(Id(id.to_string()))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A count; `None` for what is no count, which is not worth losing a post for.
#[derive(Default, Clone, Copy)]
pub struct Count(pub Option<u64>);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a count")
            }

            fn visit_u64<E>(self, count: u64) -> Result<Count, E> {
                Ok(Count(Some(count)))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Count, E> {
                Ok(Count(None))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Count, E> {
                Ok(Count(None))
            }

            fn visit_str<E>(self, count: &str) -> Result<Count, E> {
                Ok(Count(count.parse().ok()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
                Ok(Count(None))
            }

            fn visit_unit<E>(self) -> Result<Count, E> {
                Ok(Count(None))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Decodes the three signs that X and Reddit escape in their texts, once.
pub fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let escape =
            [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')].into_iter().find(|(escape, _)| rest.starts_with(escape));
        let (taken, sign) = escape.map_or((1, '&'), |(escape, sign)| (escape.len(), sign));
        out.push(sign);
        rest = &rest[taken..];
    }
    out.push_str(rest);
    out
}

/// What happened to words in whose place a site or a dump has put a note in brackets: `[removed]`, `[ Deleted by user ]`.
/// `None` if they are words.
pub fn gone(text: &str) -> Option<&'static str> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    // One pair of brackets around all of it; there may be a link inside.
    let mut depth = 0_i32;
    for sign in inside.chars() {
        depth += match sign {
            '[' => 1,
            ']' => -1,
            '\n' => return None,
            _ => 0,
        };
        if depth < 0 {
            return None;
        }
    }
    let note = inside.trim().to_lowercase();
    let is = |how: &str| note.strip_prefix(how).is_some_and(|rest| rest.is_empty() || rest.starts_with(" by "));
    ["deleted", "removed"].into_iter().find(|how| is(how)).or_else(|| (note == "unavailable").then_some("unavailable"))
}

#[cfg(test)]
mod tests {
    use super::{gone, unescaped, walk};

    #[test]
    fn notes_in_the_place_of_words_are_no_words() {
        for (note, how) in [
            ("[deleted]", "deleted"),
            ("[deleted by user]", "deleted"),
            ("[ Deleted by user ]", "deleted"),
            ("[Removed]", "removed"),
            ("[ Removed by Reddit ]", "removed"),
            ("[removed by reddit]", "removed"),
            ("[ Removed by Reddit on account of violating the [content policy](/help/contentpolicy). ]", "removed"),
            ("[ Removed by reddit in response to a copyright notice. ]", "removed"),
            ("[unavailable]", "unavailable"),
        ] {
            assert_eq!(gone(note), Some(how), "{note}");
        }
        for words in [
            "removed",
            "[removed",
            "[removed the swing] yesterday",
            "[removed the swing]",
            "[deleted] by [whom]",
            "[removed by Ada] and [removed by Ben]",
            "[removed by Ada](https://example.org/)",
            "[unavailable today]",
            "",
        ] {
            assert_eq!(gone(words), None, "{words}");
        }
    }

    #[test]
    fn signs_are_decoded_once() {
        for (text, shown) in [
            ("Double escaping &amp;amp; &amp; amp", "Double escaping &amp; & amp"),
            ("a &lt;b&gt; &quot; & &lt", "a <b> &quot; & &lt"),
            ("&amp;lt;", "&lt;"),
        ] {
            assert_eq!(unescaped(text), shown);
        }
    }

    #[test]
    fn a_walk_is_in_order_and_stops_at_what_is_taken() {
        let value = serde_json::json!({ "a": [{ "b": { "c": {} } }, { "d": {} }], "e": 1 });
        let mut seen = Vec::new();
        walk("", &value, |at, value| {
            seen.push(at.to_owned());
            value.get("b").is_some()
        });
        assert_eq!(seen, ["", "/a/0", "/a/1", "/a/1/d"]);
    }
}
