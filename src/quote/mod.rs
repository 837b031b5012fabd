//! Quoting: a post and its provenance as text for an article. Pure; one file a format.
//!
//! The same post, revision, form and setting give the same bytes. Nothing here reads the archive or the clock.

pub mod alike;
mod anonymous;
mod apa;
mod author;
mod biblatex;
mod bibtex;
mod chicago;
mod csl_json;
pub mod csv;
mod date;
mod direction;
mod evidence;
mod harvard;
mod html;
mod inline;
pub mod json;
mod latex;
mod line;
mod line_uk;
mod listicle;
mod markdown;
mod mla;
mod oembed;
mod ris;
mod said;
mod state;
mod template;
mod terminal;
mod venue;
mod warning;
mod wikipedia;

use chrono::{DateTime, Utc};

use crate::model::{CaptureRef, Post};
use crate::zone::Zone;

pub use anonymous::{Promised, WITHHELD, anonymised, names_its_author};
pub use author::attribution;
use evidence::Evidence;
pub use evidence::again;
pub use latex::escaped as latex_text;
pub use said::stands_for_nothing;
pub use state::{SHORTEST, state_id};
pub use template::{PLACEHOLDERS, Template, TemplateError};
pub use terminal::visible;
pub use venue::Venue;
pub use warning::{Context, Warned, Warning, warnings};

/// A post together with where it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Quotable {
    /// Its short stable name.
    pub key: String,
    /// The post as of the revision that is quoted.
    pub post: Post,
    /// The capture that proves it.
    pub capture: CaptureRef,
    /// When that capture was made.
    pub captured_at: DateTime<Utc>,
    /// Whether it was only ever seen inside another post.
    pub nested: bool,
    /// That it is gone, if so.
    pub gone: Option<Gone>,
    /// The place in the capture.
    pub place: String,
    /// Number of the revision that is quoted; 1 unless a change was seen.
    pub revision: u32,
    /// How many revisions there are.
    pub revisions: u32,
    /// The site it was published on, if its platform says.
    pub venue: Option<Venue>,
}

impl Quotable {
    /// A post that is in no archive: its only revision, without a capture.
    pub fn of(post: Post) -> Quotable {
        Quotable {
            key: post.key(),
            post,
            capture: CaptureRef { file: String::new(), offset: 0, record_id: String::new(), digest: String::new() },
            captured_at: DateTime::UNIX_EPOCH,
            nested: false,
            gone: None,
            place: String::new(),
            revision: 1,
            revisions: 1,
            venue: None,
        }
    }
}

/// That a post is gone, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// When it was deleted.
    pub at: DateTime<Utc>,
    /// The server that says so, where it speaks for itself alone.
    pub server: Option<String>,
    /// The capture that proves it.
    pub capture: CaptureRef,
    /// The place in it.
    pub place: String,
}

/// What a quotation depends on beside the post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The zone whose days and hours are printed.
    pub zone: Zone,
    /// When the reader looks at the post, for citations that tell it.
    pub accessed: DateTime<Utc>,
    /// The number of the quotation among several, from 1.
    pub number: usize,
    /// Whether the revision and its capture are told.
    pub evidence: bool,
}

impl Setting {
    /// A single quotation, without its evidence.
    pub fn new(zone: Zone, accessed: DateTime<Utc>) -> Setting {
        Setting { zone, accessed, number: 1, evidence: false }
    }
}

/// How a form prints one post.
pub type Format = fn(&Quotable, &Setting) -> String;

/// What stands between several quotations of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// The end of a line: each is one, or ends itself.
    Line,
    /// An empty line.
    Blank,
    /// They are the items of one JSON array, also where there is one only.
    Array,
}

/// A form of quotation.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// The name by which it is asked for.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// One quotation in it.
    pub quote: Format,
    joint: Joint,
    evidence: Evidence,
}

impl Form {
    const fn new(name: &'static str, quote: Format, about: &'static str) -> Form {
        Form { name, about, quote, joint: Joint::Blank, evidence: Evidence::Below("# ", "") }
    }

    const fn joined(self, joint: Joint) -> Form {
        Form { joint, ..self }
    }

    const fn telling(self, evidence: Evidence) -> Form {
        Form { evidence, ..self }
    }
}

/// A line of evidence that the languages of mark-up do not show.
const HIDDEN: Evidence = Evidence::Below("<!-- ", " -->");

/// The forms, in the order in which they are listed.
pub const FORMATS: &[Form] = &[
    Form::new("line", line::quote, "text — Name (@handle) July 26, 2021"),
    Form::new("line-uk", line_uk::quote, "“text” — Name (@handle), 26 July 2021"),
    Form::new("inline", inline::quote, "Name (@handle) wrote: “text”"),
    Form::new("listicle", listicle::quote, "a numbered list of house lines"),
    Form::new("markdown", markdown::quote, "a block quote with a linked attribution").telling(HIDDEN),
    Form::new("html", html::quote, "a blockquote without script, with its data as JSON-LD").telling(HIDDEN),
    Form::new("oembed", oembed::quote, "an oEmbed answer").joined(Joint::Line).telling(Evidence::Inside),
    Form::new("json", json::quote, "all that is known of the post, one object a line")
        .joined(Joint::Line)
        .telling(Evidence::Inside),
    Form::new("apa", apa::quote, "a reference in APA style (7th edition)"),
    Form::new("mla", mla::quote, "an entry of works cited in MLA style (9th edition)"),
    Form::new("chicago", chicago::quote, "a note in Chicago style (18th edition)"),
    Form::new("harvard", harvard::quote, "a reference in Harvard style (Cite Them Right)"),
    Form::new("wikipedia", wikipedia::quote, "a citation template of the English Wikipedia").telling(HIDDEN),
    Form::new("csl-json", csl_json::quote, "an array of CSL-JSON items").joined(Joint::Array).telling(Evidence::Inside),
    Form::new("biblatex", biblatex::quote, "BibLaTeX entries (@online)").telling(Evidence::Inside),
    Form::new("bibtex", bibtex::quote, "BibTeX entries (@misc)").telling(Evidence::Inside),
    Form::new("ris", ris::quote, "RIS records (ICOMM)").joined(Joint::Line).telling(Evidence::Inside),
];

/// A way to print quotations: a form, or a house style of the configuration.
#[derive(Debug, Clone, Copy)]
pub enum Style<'a> {
    /// One of [`FORMATS`].
    Form(&'a Form),
    /// A house style.
    House(&'a Template),
}

impl Style<'_> {
    fn one(&self, quotable: &Quotable, setting: &Setting) -> String {
        let (quote, evidence) = match self {
            Style::Form(form) => ((form.quote)(quotable, setting), form.evidence),
            Style::House(template) => (template.quote(quotable, setting), Evidence::Below("# ", "")),
        };
        match evidence {
            Evidence::Below(before, after) if setting.evidence => {
                // Nothing in it may end a comment.
                let line = evidence::of(quotable, setting).replace("--", "- -").replace("--", "- -");
                format!("{quote}\n{before}{line}{after}")
            }
            _ => quote,
        }
    }
}

/// Several posts in one style, as one text without an end of line at its end. They are numbered from the setting's number on.
pub fn all(style: Style<'_>, quotables: &[Quotable], setting: &Setting) -> String {
    let number = |i: usize| Setting { number: setting.number + i, ..*setting };
    let quotes: Vec<String> = quotables.iter().enumerate().map(|(i, one)| style.one(one, &number(i))).collect();
    let joint = match style {
        Style::Form(form) => form.joint,
        Style::House(_) => Joint::Blank,
    };
    match joint {
        Joint::Line => quotes.join("\n"),
        Joint::Blank => quotes.join("\n\n"),
        Joint::Array => format!("[{}]", quotes.join(",\n")),
    }
}

/// The words between quotation marks, or what the post is instead.
fn marked(post: &Post) -> String {
    match said::said(post) {
        said::Said::Words(words) => format!("“{}”", direction::closed(words)),
        said::Said::Nothing(instead) => instead,
    }
}

/// The address of the post, if a reader can be sent there.
fn link(post: &Post) -> Option<&str> {
    post.url.as_deref().filter(|url| is_web(url))
}

/// What a stranger wrote may be `javascript:`.
fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// The language, where it is one.
fn one_language(post: &Post) -> Option<&str> {
    post.lang.as_deref().filter(|lang| !lang.contains(','))
}
