//! What all readers of JSON need: one document or a file of lines, ids that are numbers here and texts there, and
//! faults that name their place. What the values mean is each platform's own business.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::Value;

use super::lines;

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

/// Whether every line is a value of its own: at least half of the first three are.
pub fn is_lines(text: &str) -> bool {
    let is_whole = |line: &str| serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok();
    let first: Vec<&str> = lines(text).take(3).map(|(_, line)| line).collect();
    let values = first.iter().filter(|line| line.trim_ascii_start().starts_with(['{', '[']) && is_whole(line));
    first.len() >= 2 && values.count() * 2 >= first.len()
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

#[cfg(test)]
mod tests {
    use super::unescaped;

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
}
