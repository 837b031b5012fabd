//! `pullquote quote`: posts as text for an article.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::output::Output;
use super::{Context, Exit, UsageError, find, now, quotable};
use crate::config::Config;
use crate::exchange::Origin;
use crate::quote::{self, FORMATS, Quotable, Setting, Style, alike, state_id};
use crate::store::{Reader, Revision, Sighting};
use crate::zone::Zone;

/// Arguments of `quote`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Keys of posts, or their unmistakable beginnings; KEY@2 quotes the second revision, KEY@1a2b3c4d the state of that id
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,
    /// Form of the quotation, or a house style of the configuration
    #[arg(long = "as", value_name = "FORM", default_value = "line", long_help = forms())]
    form: String,
    /// Zone whose dates and times are printed, such as Europe/London [default: the configuration's, else UTC]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Day on which the posts were looked at, for citations that tell it [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    accessed: Option<NaiveDate>,
    /// Tell with every quotation which revision it is of and what proves it, so that it can be made again
    #[arg(long)]
    evidence: bool,
}

fn forms() -> String {
    let mut help = "Form of the quotation, or a house style of the configuration:\n".to_owned();
    for form in FORMATS {
        let _infallible = write!(help, "\n  {:<10} {}", form.name, form.about);
    }
    help
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let style = style(&args.form, &context.config)?;
    let zone = match &args.timezone {
        Some(name) => name.parse().map_err(|unknown| UsageError(format!("{unknown}")))?,
        None => context.config.timezone.unwrap_or(Zone::UTC),
    };
    let accessed = match args.accessed {
        Some(day) => zone.midnight(day).ok_or_else(|| UsageError(format!("{day} is no day to look at posts")))?,
        None => now(),
    };
    let setting = Setting { evidence: args.evidence, ..Setting::new(zone, accessed) };
    let archive = context.archive.existing()?;
    let reader = Reader::open(&archive.database())?;
    let quotables = args.keys.iter().map(|key| chosen(&reader, key)).collect::<anyhow::Result<Vec<_>>>()?;
    print(&reader, style, &quotables, &setting)
}

/// The form or the house style of that name.
pub(super) fn style<'a>(name: &str, config: &'a Config) -> Result<Style<'a>, UsageError> {
    if let Some(form) = FORMATS.iter().find(|form| form.name == name) {
        return Ok(Style::Form(form));
    }
    if let Some(style) = config.styles.get(name) {
        return Ok(Style::House(&style.template));
    }
    let known: Vec<&str> =
        FORMATS.iter().map(|form| form.name).chain(config.styles.keys().map(String::as_str)).collect();
    Err(UsageError(format!("no form is named {name:?}; there are: {}", known.join(", "))))
}

/// Prints posts in a style, and what an editor must know of each on standard error, so that the quote stays the quote.
pub(super) fn print(
    reader: &Reader,
    style: Style<'_>,
    quotables: &[Quotable],
    setting: &Setting,
) -> anyhow::Result<Exit> {
    for quotable in quotables {
        for warning in quote::warnings(quotable, &surroundings(reader, quotable)?) {
            eprintln!("warning: {}: {warning}", quotable.key);
        }
    }
    let mut out = Output::new();
    if !quotables.is_empty() {
        out.line(&quote::all(style, quotables, setting))?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}

/// What the archive knows beside a post.
fn surroundings(reader: &Reader, quotable: &Quotable) -> anyhow::Result<quote::Context> {
    let key = &quotable.key;
    let alike = match &quotable.post.author.handle {
        Some(handle) => reader.handles(&quotable.post.platform, &alike::others(handle.as_str()))?,
        None => Vec::new(),
    };
    let names = reader.names(key)?.into_iter().map(|name| (name.handle, name.name)).collect();
    let sightings = reader.sightings(key)?;
    Ok(quote::Context {
        invented: sightings.iter().all(|sighting| sighting.capture.origin == Origin::Recorded),
        last_revision: quotable.revisions,
        names,
        alike,
    })
}

/// The post that `KEY` names, as it is now; of `KEY@…` the revision.
pub(super) fn chosen(reader: &Reader, name: &str) -> anyhow::Result<Quotable> {
    let (key, state) = match name.split_once('@') {
        Some((key, state)) => (key, Some(state)),
        None => (name, None),
    };
    let mut quotable = quotable(find(reader, key)?);
    let revisions = reader.revisions(&quotable.key)?;
    quotable.revisions = revisions.iter().map(|revision| revision.number).max().unwrap_or(1);
    let Some(state) = state else { return Ok(quotable) };
    let revision = named(&revisions, state).ok_or_else(|| {
        let key = &quotable.key;
        let named = |revision: &Revision| format!("{key}@{} or {key}@{}", revision.number, short_id(revision));
        let names: Vec<String> = revisions.iter().map(named).collect();
        anyhow::anyhow!("{key} has no revision {state:?}; there are: {}", names.join(", "))
    })?;
    if revision.number != quotable.revision {
        let sightings = reader.sightings(&quotable.key)?;
        put(&mut quotable, revision, &sightings)?;
    }
    Ok(quotable)
}

fn id(revision: &Revision) -> String {
    state_id(&revision.text, revision.content_warning.as_deref())
}

fn short_id(revision: &Revision) -> String {
    id(revision).chars().take(quote::SHORTEST).collect()
}

/// The revision of a number, or of the beginning of an id; of several that say the same the first. Numbers are shorter than ids.
fn named<'a>(revisions: &'a [Revision], state: &str) -> Option<&'a Revision> {
    let state = state.to_ascii_lowercase();
    if state.len() >= quote::SHORTEST {
        return revisions.iter().find(|revision| id(revision).starts_with(&state));
    }
    let number: u32 = state.parse().ok()?;
    revisions.iter().find(|revision| revision.number == number)
}

/// Puts a revision in the place of the one that the archive shows, with its author's names as they were shown then and the capture
/// that proves it.
fn put(quotable: &mut Quotable, revision: &Revision, sightings: &[Sighting]) -> anyhow::Result<()> {
    let proof = sightings.iter().find(|sighting| sighting.capture.number == revision.capture);
    let Some(proof) = proof else {
        anyhow::bail!("{} has no capture that shows revision {}", quotable.key, revision.number);
    };
    quotable.capture = proof.capture.place.clone();
    quotable.captured_at = revision.captured;
    quotable.place.clone_from(&revision.place);
    quotable.revision = revision.number;
    let post = &mut quotable.post;
    post.text.clone_from(&revision.text);
    post.text_state = revision.text_state;
    post.content_warning.clone_from(&revision.content_warning);
    post.edited = revision.edited;
    if revision.author_handle.is_some() {
        post.author.handle.clone_from(&revision.author_handle);
    }
    if revision.author_name.is_some() {
        post.author.name.clone_from(&revision.author_name);
    }
    post.media.clone_from(&revision.media);
    post.poll.clone_from(&revision.poll);
    post.hashtags.clone_from(&revision.hashtags);
    post.mentions.clone_from(&revision.mentions);
    post.links.clone_from(&revision.links);
    Ok(())
}
