//! What an editor must know before a quotation is printed. Pure; who prints it, and where, is another's business.

use std::fmt;

use chrono::{DateTime, Utc};

use super::said::one_line;
use super::{Quotable, alike, names_its_author, visible};
use crate::model::{Kind, Precision, TextState};

/// The kinds of warnings. Each has a word, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Warned {
    /// Nobody said this: the post is one of the recorded examples.
    Invented,
    /// Its author does not want it to be printed.
    Refused,
    /// Its author was promised to stay unnamed.
    Anonymised,
    /// It is gone.
    Deleted,
    /// There is a later revision than the one that is quoted.
    EditedSince,
    /// Its author edited it.
    Edited,
    /// Its source cut the text.
    Truncated,
    /// It passes on another's words.
    Repost,
    /// Its author put a content warning before it.
    ContentWarning,
    /// Its author or the platform marked it as sensitive.
    Sensitive,
    /// The account shows its posts only to those whom it lets.
    Private,
    /// The account had, or has, another name.
    Renamed,
    /// The name or the handle can be taken for another.
    LookAlike,
    /// Only the day is known.
    DayOnly,
    /// It is not known when it was written.
    NoDate,
    /// Marks in it turn the reading direction around.
    Direction,
    /// A source is doubtful.
    Doubt,
}

impl Warned {
    /// The word of this kind in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Warned::Invented => "invented",
            Warned::Refused => "permission-refused",
            Warned::Anonymised => "anonymised",
            Warned::Deleted => "deleted",
            Warned::EditedSince => "edited-since",
            Warned::Edited => "edited",
            Warned::Truncated => "truncated",
            Warned::Repost => "repost",
            Warned::ContentWarning => "content-warning",
            Warned::Sensitive => "sensitive",
            Warned::Private => "private",
            Warned::Renamed => "renamed",
            Warned::LookAlike => "look-alike",
            Warned::DayOnly => "day-only",
            Warned::NoDate => "no-date",
            Warned::Direction => "direction",
            Warned::Doubt => "doubt",
        }
    }
}

/// One thing to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Its kind.
    pub kind: Warned,
    /// A sentence, on one line, with nothing in it that steers a terminal.
    pub says: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says)
    }
}

/// What the archive knows beside the post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Whether only the recorded examples ever showed it.
    pub invented: bool,
    /// The greatest number of its revisions.
    pub last_revision: u32,
    /// Handle and display name, either empty, under which its author's account was seen, the earliest first.
    pub names: Vec<(String, String)>,
    /// Lists of clips that say that its author does not want it to be printed.
    pub refused: Vec<String>,
    /// Lists of clips that say that its author was promised to stay unnamed.
    pub anonymised: Vec<String>,
    /// What was left out of it because it leads to others who were promised to stay unnamed, a sentence for each.
    pub others: Vec<String>,
    /// Other accounts of the archive whose handles look like its author's.
    pub alike: Vec<String>,
}

/// All that is to be known, the gravest first.
pub fn warnings(quotable: &Quotable, context: &Context) -> Vec<Warning> {
    let post = &quotable.post;
    let mut warnings = Vec::new();
    let mut warn = |kind, says: String| warnings.push(Warning { kind, says: one_line(&visible(&says)) });
    if context.invented {
        warn(Warned::Invented, "an invented person of the recorded examples; nobody said this".to_owned());
    }
    if !context.refused.is_empty() {
        let lists = context.refused.join(", ");
        warn(Warned::Refused, format!("its author does not want it to be printed, as the clips say: {lists}"));
    }
    if !context.anonymised.is_empty() {
        let lists = context.anonymised.join(", ");
        let says = "its author was promised to stay unnamed, as the clips say";
        warn(Warned::Anonymised, format!("{says}: {lists}; but whoever searches for the words may find him or her"));
        if names_its_author(post) {
            warn(Warned::Anonymised, "its own words name its author: look at them".to_owned());
        }
    }
    for says in &context.others {
        warn(Warned::Anonymised, says.clone());
    }
    if let Some(gone) = &quotable.gone {
        let server = gone.server.as_deref().map(|server| format!(" on {server}")).unwrap_or_default();
        let (at, file, place) = (minute(gone.at), &gone.capture.file, &gone.place);
        warn(Warned::Deleted, format!("it was deleted{server}, on {at}, as {file} says ({place})"));
    }
    if quotable.revision < context.last_revision {
        let (this, last) = (quotable.revision, context.last_revision);
        warn(Warned::EditedSince, format!("it said something else later: this is revision {this} of {last}"));
    }
    if let Some(at) = post.edited {
        warn(Warned::Edited, format!("its author edited it, last on {}", minute(at)));
    }
    if post.text_state == TextState::Truncated {
        warn(Warned::Truncated, "the source cut the text".to_owned());
    }
    let original = post.repost_of.as_ref().and_then(|original| original.best());
    match original {
        Some(original) => {
            warn(Warned::Repost, format!("a repost has no words of its own; quote the original, {original}"));
        }
        None if post.kind == Kind::Repost => {
            warn(Warned::Repost, "a repost has no words of its own; quote the original".to_owned());
        }
        None => {}
    }
    if let Some(warning) = &post.content_warning {
        warn(Warned::ContentWarning, format!("its author put a content warning before it: {warning}"));
    }
    if post.labels.iter().any(|label| label == "sensitive") {
        warn(Warned::Sensitive, "it is marked as sensitive".to_owned());
    }
    if post.author.flags.iter().any(|flag| flag == "locked") {
        warn(
            Warned::Private,
            "its author's account is locked: a private person may not expect to be quoted".to_owned(),
        );
    } else if post.author.flags.iter().chain(&post.labels).any(|flag| flag == LOGGED_IN_ONLY) {
        warn(Warned::Private, "its author asks that only people who are logged in see it".to_owned());
    }
    if let Some(others) = other_names(quotable, context) {
        warn(Warned::Renamed, format!("its author's account was also seen as {others}"));
    }
    for says in look_alike(quotable, context) {
        warn(Warned::LookAlike, says);
    }
    match post.created {
        None => warn(Warned::NoDate, "it is not known when it was written".to_owned()),
        Some(when) if when.precision() == Precision::Day => {
            warn(
                Warned::DayOnly,
                "only the day is known on which it was written, and not in which time zone".to_owned(),
            );
        }
        Some(_) => {}
    }
    if post.text.contains(turns) || post.author.name.as_deref().is_some_and(|name| name.contains(turns)) {
        warn(Warned::Direction, "marks in it turn the reading direction around".to_owned());
    }
    for doubt in &post.doubts {
        warn(Warned::Doubt, doubt.clone());
    }
    warnings
}

/// The label by which Bluesky's people ask not to be shown to the public (docs.bsky.app, moderation labels).
const LOGGED_IN_ONLY: &str = "!no-unauthenticated";

fn minute(at: DateTime<Utc>) -> impl fmt::Display {
    at.format("%Y-%m-%d %H:%M UTC")
}

/// The other names of the account, if any.
fn other_names(quotable: &Quotable, context: &Context) -> Option<String> {
    let author = &quotable.post.author;
    let handle = author.handle.as_ref().map(crate::model::Handle::folded).unwrap_or_default();
    let name = author.name.as_deref().unwrap_or_default();
    let mut others: Vec<String> = Vec::new();
    for (other_handle, other_name) in &context.names {
        let handle_differs = !other_handle.is_empty() && !handle.is_empty() && other_handle.to_lowercase() != handle;
        let name_differs = !other_name.is_empty() && !name.is_empty() && other_name != name;
        if !handle_differs && !name_differs {
            continue;
        }
        let shown = match (other_name.is_empty(), other_handle.is_empty()) {
            (true, _) => format!("@{other_handle}"),
            (false, true) => other_name.clone(),
            (false, false) => format!("{other_name} (@{other_handle})"),
        };
        if !others.contains(&shown) {
            others.push(shown);
        }
    }
    (!others.is_empty()).then(|| others.join(", "))
}

fn look_alike(quotable: &Quotable, context: &Context) -> Vec<String> {
    let author = &quotable.post.author;
    let mut says = Vec::new();
    if author.name.as_deref().is_some_and(alike::is_forged) {
        says.push("its author's name mixes letters of several alphabets that look alike".to_owned());
    }
    if let Some(handle) = author.handle.as_ref().map(crate::model::Handle::as_str) {
        if alike::is_forged(handle) || alike::is_disguised(handle) {
            says.push("its author's handle is of letters that look like others".to_owned());
        }
        if handle.split(['.', '@']).any(|label| label.starts_with("xn--")) {
            says.push("its author's handle is written in Punycode: see how it looks before it is trusted".to_owned());
        }
    }
    if !context.alike.is_empty() {
        let others: Vec<String> = context.alike.iter().map(|other| format!("@{other}")).collect();
        says.push(format!("its author's handle looks like that of another account: {}", others.join(", ")));
    }
    says
}

fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Author, Handle, Post, PostRef, When, WhenSource};

    fn told(post: Post, context: &Context) -> Vec<&'static str> {
        warnings(&Quotable::of(post), context).iter().map(|warning| warning.kind.as_str()).collect()
    }

    #[test]
    fn what_an_editor_must_know_is_told() {
        let at = "2021-07-26T12:00:00Z".parse().unwrap();
        let plain = Post {
            text: "words".into(),
            created: When::new(at, Precision::Second, WhenSource::Platform),
            author: Author { name: Some("Ada".into()), handle: Handle::new("ada"), ..Author::default() },
            ..Post::default()
        };
        let context = Context { last_revision: 1, names: vec![("ada".into(), "Ada".into())], ..Context::default() };
        let author = |name: &str, handle: &str, flags: &[&str]| Author {
            name: Some(name.into()),
            handle: Handle::new(handle),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            ..Author::default()
        };
        let day = When::new(at, Precision::Day, WhenSource::Page);
        let original = PostRef { id: Some("1".into()), ..PostRef::default() };
        for (post, expected) in [
            (plain.clone(), None),
            (Post { edited: Some(at), ..plain.clone() }, Some("edited")),
            (Post { text_state: TextState::Truncated, ..plain.clone() }, Some("truncated")),
            (Post { repost_of: Some(original), ..plain.clone() }, Some("repost")),
            (Post { kind: Kind::Repost, ..plain.clone() }, Some("repost")),
            (Post { content_warning: Some("eyes".into()), ..plain.clone() }, Some("content-warning")),
            (Post { labels: vec!["sensitive".into()], ..plain.clone() }, Some("sensitive")),
            (Post { author: author("Ada", "ada", &["locked"]), ..plain.clone() }, Some("private")),
            (Post { author: author("Ada", "ada", &[LOGGED_IN_ONLY]), ..plain.clone() }, Some("private")),
            (Post { author: author("Ada M.", "ada", &[]), ..plain.clone() }, Some("renamed")),
            (Post { author: author("Ada", "ada_m", &[]), ..plain.clone() }, Some("renamed")),
            (Post { author: author("Ada", "ADA", &[]), ..plain.clone() }, None),
            (Post { author: author("Ada", "xn--ada-xyz.example", &[]), ..plain.clone() }, Some("look-alike")),
            (Post { created: day, ..plain.clone() }, Some("day-only")),
            (Post { created: None, ..plain.clone() }, Some("no-date")),
            (Post { text: "a\u{202e}b".into(), ..plain.clone() }, Some("direction")),
            (Post { doubts: vec!["what".into()], ..plain.clone() }, Some("doubt")),
        ] {
            let found = told(post, &context);
            assert_eq!(found.iter().find(|kind| Some(**kind) == expected).copied(), expected, "{found:?}");
            assert_eq!(found.is_empty(), expected.is_none(), "{found:?}");
        }
        assert_eq!(told(plain.clone(), &Context { last_revision: 2, ..context.clone() }), ["edited-since"]);
        assert_eq!(told(plain.clone(), &Context { alike: vec!["a_da".into()], ..context.clone() }), ["look-alike"]);
        assert_eq!(
            told(plain.clone(), &Context { refused: vec!["a".into()], ..context.clone() }),
            ["permission-refused"]
        );
        assert_eq!(told(plain.clone(), &Context { anonymised: vec!["a".into()], ..context.clone() }), ["anonymised"]);
        assert_eq!(told(plain, &Context { invented: true, ..context }), ["invented"]);
    }
}
