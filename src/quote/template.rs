//! House styles: a line of an editor's own with placeholders in it. Read once, when the configuration is, so that printing
//! cannot fail.
//!
//! `{name}` stands for what is known of the post, `{date:%-d %B %Y}` for a date written so. What stands in square brackets is left
//! out if a placeholder in it has nothing to say. A brace or a bracket of the style's own is written twice.

use std::fmt::Write as _;
use std::str::FromStr;

use chrono::format::{Fixed, Item, Numeric, StrftimeItems};
use serde::Deserialize;

use super::direction::closed;
use super::said::{Said, one_line, said};
use super::{Quotable, Setting, author, date, evidence, link, venue};
use crate::model::Precision;
use crate::near::nearest;

/// What may stand in braces, and what it gives. docs/quoting.md lists them from here.
pub const PLACEHOLDERS: &[(&str, &str)] = &[
    ("text", "the words, line breaks and all; of a repost `[repost of …]`"),
    ("name", "the display name"),
    ("handle", "the handle, without its `@`"),
    ("author", "`Name (@handle)`, or what is known of it"),
    ("date", "the day it was written; `{date}` alone is `%B %-d, %Y`"),
    ("time", "the time it was written, nothing where only the day is known; `{time}` alone is `%H:%M`"),
    ("zone", "what clocks call the zone at that time: `BST`; nothing where only the day is known"),
    ("url", "the address of its page"),
    ("platform", "the site as it was called then: `Twitter`"),
    ("post", "what the site calls a post: `Tweet`"),
    ("warning", "its content warning"),
    ("id", "its id on the platform"),
    ("key", "its key in the archive"),
    ("revision", "`KEY@HEX`, which quotes the same state again"),
    ("capture", "the digest of the capture that proves it"),
    ("captured", "the day of that capture; `{captured}` alone is `%Y-%m-%d`"),
    ("number", "the number of the quote among several"),
];

/// A house style, ready to print.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Literal(String),
    Field(&'static str, Option<String>),
    Optional(Vec<Piece>),
}

/// Why a text is no template; `at` counts characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A name that is no placeholder's.
    #[error("no placeholder is named {name:?} (at character {at}){}", nearest.map(|n| format!(", did you mean {{{n}}}?")).unwrap_or_default())]
    Unknown {
        /// The name.
        name: String,
        /// Its place.
        at: usize,
        /// The known one that is spelt most like it.
        nearest: Option<&'static str>,
    },
    /// A format that cannot be printed.
    #[error("{{{name}}} cannot be written as {format:?} (at character {at}): {why}")]
    Format {
        /// The placeholder.
        name: &'static str,
        /// The format.
        format: String,
        /// Its place.
        at: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// A brace or a bracket that is alone.
    #[error("{mark:?} at character {at} {why}; a mark of the style's own is written twice")]
    Alone {
        /// The mark.
        mark: char,
        /// Its place.
        at: usize,
        /// What is wrong.
        why: &'static str,
    },
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Template, TemplateError> {
        let mut pieces: Vec<Piece> = Vec::new();
        // What was read before the optional part that is open, and where that began.
        let mut outside: Option<(Vec<Piece>, usize)> = None;
        let mut chars = text.chars().zip(1..).peekable();
        while let Some((c, at)) = chars.next() {
            if matches!(c, '{' | '}' | '[' | ']') && chars.next_if(|(next, _)| *next == c).is_some() {
                literal(&mut pieces, c);
                continue;
            }
            match c {
                '{' => {
                    let mut inside = String::new();
                    loop {
                        match chars.next() {
                            Some(('}', _)) => break,
                            Some((c, _)) => inside.push(c),
                            None => return Err(TemplateError::Alone { mark: c, at, why: "is never closed" }),
                        }
                    }
                    pieces.push(field(&inside, at)?);
                }
                '[' if outside.is_some() => {
                    return Err(TemplateError::Alone { mark: c, at, why: "opens a part inside another" });
                }
                '[' => outside = Some((std::mem::take(&mut pieces), at)),
                ']' => match outside.take() {
                    Some((before, _)) => {
                        let part = std::mem::replace(&mut pieces, before);
                        pieces.push(Piece::Optional(part));
                    }
                    None => return Err(TemplateError::Alone { mark: c, at, why: "closes nothing" }),
                },
                '}' => return Err(TemplateError::Alone { mark: c, at, why: "closes nothing" }),
                c => literal(&mut pieces, c),
            }
        }
        match outside {
            Some((_, at)) => Err(TemplateError::Alone { mark: '[', at, why: "is never closed" }),
            None => Ok(Template(pieces)),
        }
    }
}

impl TryFrom<String> for Template {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Template, TemplateError> {
        text.parse()
    }
}

fn literal(pieces: &mut Vec<Piece>, c: char) {
    match pieces.last_mut() {
        Some(Piece::Literal(text)) => text.push(c),
        _ => pieces.push(Piece::Literal(c.to_string())),
    }
}

/// `name` or `name:format`.
fn field(inside: &str, at: usize) -> Result<Piece, TemplateError> {
    let (name, format) = match inside.split_once(':') {
        Some((name, format)) => (name, Some(format)),
        None => (inside, None),
    };
    let known = PLACEHOLDERS.iter().map(|(known, _)| *known);
    let Some(name) = known.clone().find(|known| *known == name) else {
        return Err(TemplateError::Unknown { name: name.to_owned(), at, nearest: nearest(name.trim(), known) });
    };
    let Some(format) = format else { return Ok(Piece::Field(name, None)) };
    let wrong = |why| TemplateError::Format { name, format: format.to_owned(), at, why };
    if !matches!(name, "date" | "time" | "captured") {
        return Err(wrong("only dates and times have a format"));
    }
    let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
    if format.is_empty() || items.contains(&Item::Error) {
        return Err(wrong("it is no format of strftime"));
    }
    // A post may be known to the day only, and then has no hour that could be printed.
    if name == "date" && !items.iter().all(is_of_day) {
        return Err(wrong("a date has no time of day; {time} has"));
    }
    Ok(Piece::Field(name, Some(format.to_owned())))
}

/// Whether a part of a format says nothing of the time of day.
fn is_of_day(item: &Item<'_>) -> bool {
    use Numeric::{
        Day, IsoWeek, IsoYear, IsoYearDiv100, IsoYearMod100, Month, NumDaysFromSun, Ordinal, Quarter, WeekFromMon,
        WeekFromSun, WeekdayFromMon, Year, YearDiv100, YearMod100,
    };
    match item {
        Item::Literal(_) | Item::OwnedLiteral(_) | Item::Space(_) | Item::OwnedSpace(_) => true,
        Item::Numeric(part, _) => matches!(
            part,
            Year | YearDiv100
                | YearMod100
                | IsoYear
                | IsoYearDiv100
                | IsoYearMod100
                | Quarter
                | Month
                | Day
                | WeekFromSun
                | WeekFromMon
                | IsoWeek
                | NumDaysFromSun
                | WeekdayFromMon
                | Ordinal
        ),
        Item::Fixed(part) => matches!(
            part,
            Fixed::ShortMonthName | Fixed::LongMonthName | Fixed::ShortWeekdayName | Fixed::LongWeekdayName
        ),
        Item::Error => false,
    }
}

impl Template {
    /// A post in this style.
    pub fn quote(&self, quotable: &Quotable, setting: &Setting) -> String {
        let mut out = String::new();
        print(&self.0, quotable, setting, &mut out);
        out
    }
}

/// Whether every placeholder had something to say.
fn print(pieces: &[Piece], quotable: &Quotable, setting: &Setting, out: &mut String) -> bool {
    let mut full = true;
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Field(name, format) => {
                let value = value(name, format.as_deref(), quotable, setting).filter(|value| !value.is_empty());
                full &= value.is_some();
                out.push_str(&value.unwrap_or_default());
            }
            Piece::Optional(pieces) => {
                let before = out.len();
                if !print(pieces, quotable, setting, out) {
                    out.truncate(before);
                }
            }
        }
    }
    full
}

fn value(name: &str, format: Option<&str>, quotable: &Quotable, setting: &Setting) -> Option<String> {
    let post = &quotable.post;
    let instant = || post.created.filter(|when| when.precision() != Precision::Day).map(|when| when.at());
    match name {
        "text" => Some(match said(post) {
            Said::Words(words) => closed(words).into_owned(),
            Said::Nothing(instead) => instead,
        }),
        "name" => author::name(post),
        "handle" => post.author.handle.as_ref().map(ToString::to_string),
        "author" => Some(author::attribution(post)),
        "date" => printed(date::day(post, setting)?.format(format.unwrap_or("%B %-d, %Y"))),
        "time" => printed(setting.zone.local(instant()?).format(format.unwrap_or("%H:%M"))),
        "zone" => Some(setting.zone.abbreviation(instant()?)),
        "url" => link(post).map(one_line),
        "platform" => venue::site(quotable),
        "post" => Some(venue::word(quotable).to_owned()),
        "warning" => post.content_warning.as_deref().map(|warning| closed(warning).into_owned()),
        "id" => post.id.as_deref().map(one_line),
        "key" => Some(quotable.key.clone()),
        "revision" => Some(evidence::again(quotable)),
        "capture" => Some(quotable.capture.digest.clone()),
        "captured" => printed(setting.zone.local(quotable.captured_at).format(format.unwrap_or("%Y-%m-%d"))),
        "number" => Some(setting.number.to_string()),
        _ => None,
    }
}

/// Written out; `None` for what has no such part, which [`field`] lets nobody ask for.
fn printed(value: impl std::fmt::Display) -> Option<String> {
    let mut text = String::new();
    write!(text, "{value}").ok().map(|()| text)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{Author, Handle, Post, When, WhenSource};
    use crate::zone::Zone;

    #[test]
    fn what_is_no_template_is_told_with_its_place() {
        for (template, expected) in [
            ("{txt}", "no placeholder is named \"txt\" (at character 1), did you mean {text}?"),
            ("“{text}” {nmae}", "no placeholder is named \"nmae\" (at character 10), did you mean {name}?"),
            ("{}", "no placeholder is named \"\" (at character 1)"),
            ("{xyzzy}", "no placeholder is named \"xyzzy\" (at character 1)"),
            ("{handel}", "no placeholder is named \"handel\" (at character 1), did you mean {handle}?"),
            ("{date:%Q}", "{date} cannot be written as \"%Q\" (at character 1): it is no format of strftime"),
            ("{date:%H}", "{date} cannot be written as \"%H\" (at character 1): a date has no time of day; {time} has"),
            ("{name:%Y}", "{name} cannot be written as \"%Y\" (at character 1): only dates and times have a format"),
            ("a{name", "'{' at character 2 is never closed; a mark of the style's own is written twice"),
            ("a}", "'}' at character 2 closes nothing; a mark of the style's own is written twice"),
            ("a]", "']' at character 2 closes nothing; a mark of the style's own is written twice"),
            ("a[b", "'[' at character 2 is never closed; a mark of the style's own is written twice"),
            ("[a[b]]", "'[' at character 3 opens a part inside another; a mark of the style's own is written twice"),
        ] {
            assert_eq!(template.parse::<Template>().unwrap_err().to_string(), expected, "{template}");
        }
    }

    #[test]
    fn styles_say_what_is_known() {
        let at = "2021-07-26T23:30:00Z".parse().unwrap();
        let mut post = Post {
            text: "a\n{name} [b]".to_owned(),
            author: Author { name: Some("Ada".into()), handle: Handle::new("ada_moss"), ..Author::default() },
            created: When::new(at, Precision::Second, WhenSource::Platform),
            ..Post::default()
        };
        let setting = Setting::new("Europe/London".parse().unwrap(), DateTime::UNIX_EPOCH);
        let print = |template: &str, post: &Post| {
            template.parse::<Template>().unwrap().quote(&Quotable::of(post.clone()), &setting)
        };
        let style = "“{text}”[ — {name}][ (@{handle})][, {date:%-d %B %Y}][ at {time} {zone}][ {url}] [[{{{number}}}]]";
        assert_eq!(print(style, &post), "“a\n{name} [b]” — Ada (@ada_moss), 27 July 2021 at 00:30 BST [{1}]");
        post.created = When::new(at, Precision::Day, WhenSource::Page);
        post.author = Author::default();
        assert_eq!(print(style, &post), "“a\n{name} [b]”, 26 July 2021 [{1}]");
        post.created = None;
        assert_eq!(print("{author}: {date}{time:%c%+%s}", &post), "unknown author: ");
        assert_eq!(setting.zone, "Europe/London".parse::<Zone>().unwrap());
    }

    #[test]
    fn every_placeholder_that_is_listed_is_known() {
        let post = Post {
            text: "t".into(),
            id: Some("1".into()),
            url: Some("https://a.example/1".into()),
            content_warning: Some("w".into()),
            author: Author { name: Some("n".into()), handle: Handle::new("h"), ..Author::default() },
            created: When::new("2021-07-26T23:30:00Z".parse().unwrap(), Precision::Second, WhenSource::Id),
            ..Post::default()
        };
        let mut quotable = Quotable::of(post);
        quotable.capture.digest = "sha256:00".into();
        for (name, _) in PLACEHOLDERS {
            let told = value(name, None, &quotable, &Setting::new(Zone::UTC, DateTime::UNIX_EPOCH));
            assert!(told.is_some_and(|told| !told.is_empty()), "{name}");
        }
    }
}
