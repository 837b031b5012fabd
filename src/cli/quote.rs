//! `pullquote quote`: posts as text for an article.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::output::Output;
use super::query::printing_zone;
use super::{Context, Exit, UsageError, find, now, quotable};
use crate::config::Config;
use crate::exchange::Origin;
use crate::quote::{self, FORMATS, Promised, Quotable, Setting, Style, alike, state_id};
use crate::store::{Desk, Lookup, MAX_LIMIT, Permission, Quotation, Reader, Revision, Search, Sighting, Sort};
use crate::zone::Zone;

/// Arguments of `quote`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Keys of posts, or their unmistakable beginnings; KEY@2 quotes the second revision, KEY@1a2b3c4d the state of that id
    #[arg(required_unless_present_any = ["clip", "query", "again"], value_name = "KEY")]
    keys: Vec<String>,
    /// Quote the posts of a list of clips, in its order
    #[arg(long, value_name = "NAME", conflicts_with_all = ["keys", "query"])]
    clip: Option<String>,
    /// Quote the posts that a search finds, newest first
    #[arg(long, value_name = "QUERY", conflicts_with = "keys", allow_hyphen_values = true)]
    query: Option<String>,
    /// Most posts that --query quotes
    #[arg(long, value_name = "N", default_value_t = 100, requires = "query",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_LIMIT)))]
    limit: u32,
    /// Form of the quotation, or a house style of the configuration
    #[arg(long = "as", value_name = "FORM", default_value = "line", long_help = forms())]
    form: String,
    /// Zone whose dates and times are printed, such as Europe/London [default: the configuration's, else UTC]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<Zone>,
    /// Day on which the posts were looked at, for citations that tell it [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    accessed: Option<NaiveDate>,
    /// Tell with every quotation which revision it is of and what proves it, so that it can be made again
    #[arg(long)]
    evidence: bool,
    /// Write into the ledger that they are quoted in this article
    #[arg(long, value_name = "URL|NAME")]
    article: Option<String>,
    /// Who quotes them, for the ledger [default: the user's name on this machine]
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// Print a quotation of the ledger again, byte for byte, by its number
    #[arg(long, value_name = "N", conflicts_with_all = ["keys", "clip", "query", "evidence", "accessed"])]
    again: Option<i64>,
}

fn forms() -> String {
    let mut help = "Form of the quotation, or a house style of the configuration:\n".to_owned();
    for form in FORMATS {
        let _infallible = write!(help, "\n  {:<10} {}", form.name, form.about);
    }
    help
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    if args.article.is_none() && args.by.is_some() {
        return Err(UsageError("--by says who quotes in an article; --article names it".to_owned()).into());
    }
    let style = style(&args.form, &context.config)?;
    let zone = printing_zone(args.timezone, &context.config);
    let accessed = match args.accessed {
        Some(day) => zone.midnight(day).ok_or_else(|| UsageError(format!("{day} is no day to look at posts")))?,
        None => now(),
    };
    let setting = Setting { evidence: args.evidence, ..Setting::new(zone, accessed) };
    let archive = context.archive.existing()?;
    let reader = Reader::open(&archive.database())?;
    let desk = Desk::open(&archive.desk())?;
    if let Some(id) = args.again {
        return again(&reader, &desk, id);
    }
    let quotables = match (&args.clip, &args.query) {
        (Some(list), _) => of_list(&reader, &desk, list)?,
        (_, Some(text)) => {
            let expr = super::query::read(text, zone, &context.config)?.expr;
            let found = reader.search(&Search { expr, sort: Sort::Newest, limit: args.limit, after: None })?;
            if found.next.is_some() {
                eprintln!("only the newest {} posts are quoted; --limit quotes more", args.limit);
            }
            if found.posts.is_empty() {
                eprintln!("no post matches");
            }
            found.posts.into_iter().map(|stored| chosen(&reader, &stored.key)).collect::<Result<_, _>>()?
        }
        _ => args.keys.iter().map(|key| chosen(&reader, key)).collect::<anyhow::Result<Vec<_>>>()?,
    };
    let quoted = print(&reader, &desk, style, quotables, &setting)?;
    if let Some(article) = &args.article {
        let by = args.by.or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| "somebody".to_owned());
        let entry = |(i, quotable): (usize, &Quotable)| {
            let setting = Setting { number: setting.number + i, ..setting };
            entry(quotable, article, &by, &args.form, quote::all(style, std::slice::from_ref(quotable), &setting), zone)
        };
        let entries: Vec<Quotation> = quoted.iter().enumerate().map(entry).collect();
        let ids = Desk::open_to_write(&archive.desk())?.enter(&entries)?;
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        eprintln!("written into the ledger as {}", ids.join(", "));
    }
    Ok(Exit::Ok)
}

/// A quotation as the ledger keeps it.
fn entry(quotable: &Quotable, article: &str, by: &str, form: &str, printed: String, zone: Zone) -> Quotation {
    let post = &quotable.post;
    let is_withheld = post.author.name.as_deref() == Some(quote::WITHHELD);
    Quotation {
        id: 0,
        at: now(),
        article: article.to_owned(),
        by: by.to_owned(),
        post: quotable.key.clone(),
        state: state_id(&post.text, post.content_warning.as_deref()),
        revision: quotable.revision,
        name: post.author.name.clone().filter(|_| !is_withheld),
        handle: post.author.handle.as_ref().map(ToString::to_string),
        record_id: quotable.capture.record_id.clone(),
        place: quotable.place.clone(),
        form: form.to_owned(),
        zone: zone.name().to_owned(),
        printed,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Prints a quotation of the ledger as it was printed, and what became of the post since.
fn again(reader: &Reader, desk: &Desk, id: i64) -> anyhow::Result<Exit> {
    let quotation = desk.quotation(id)?.ok_or_else(|| anyhow::anyhow!("the ledger has no quotation {id}"))?;
    for since in crate::paper::since_quoted(reader, desk, &quotation)? {
        eprintln!("warning: {}: {}", quotation.post, super::on_one_line(&quote::visible(&since)));
    }
    let mut out = Output::new();
    out.line(&quotation.printed)?;
    out.flush()?;
    Ok(Exit::Ok)
}

/// The posts of a list of clips, in its order.
fn of_list(reader: &Reader, desk: &Desk, list: &str) -> anyhow::Result<Vec<Quotable>> {
    let clips = desk.list(list)?;
    if clips.is_empty() {
        let lists: Vec<String> = desk.lists()?.into_iter().map(|(name, _)| name).collect();
        let there =
            if lists.is_empty() { "there is none".to_owned() } else { format!("there are: {}", lists.join(", ")) };
        anyhow::bail!("no post is in a list {list:?}; {there}");
    }
    let mut quotables = Vec::with_capacity(clips.len());
    for clip in &clips {
        if reader.holds(&clip.post)? {
            quotables.push(chosen(reader, &clip.post)?);
        } else {
            eprintln!("warning: {}: is no longer in the archive, and left out", clip.post);
        }
    }
    Ok(quotables)
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
/// Gives them back as they were quoted: without their names, where that was promised.
fn print(
    reader: &Reader,
    desk: &Desk,
    style: Style<'_>,
    quotables: Vec<Quotable>,
    setting: &Setting,
) -> anyhow::Result<Vec<Quotable>> {
    let mut promised = Promised::default();
    for key in desk.anonymised()? {
        if let Lookup::One(stored) = reader.post(&key)? {
            promised.add(&stored.post);
        }
    }
    let mut quoted = Vec::with_capacity(quotables.len());
    for mut quotable in quotables {
        let mut surroundings = surroundings(reader, desk, &quotable)?;
        if surroundings.anonymised.is_empty() {
            surroundings.others = promised.scrub(&mut quotable.post);
        }
        if quotable.gone.is_none()
            && let Some(missing) = crate::paper::not_there(reader, &quotable.key)?
        {
            eprintln!("warning: {}: {}", quotable.key, super::on_one_line(&quote::visible(&missing)));
        }
        for warning in quote::warnings(&quotable, &surroundings) {
            eprintln!("warning: {}: {warning}", quotable.key);
        }
        quoted.push(if surroundings.anonymised.is_empty() { quotable } else { quote::anonymised(quotable) });
    }
    let mut out = Output::new();
    if !quoted.is_empty() {
        out.line(&quote::all(style, &quoted, setting))?;
    }
    out.flush()?;
    Ok(quoted)
}

/// What the archive and the desk know beside a post.
fn surroundings(reader: &Reader, desk: &Desk, quotable: &Quotable) -> anyhow::Result<quote::Context> {
    let key = &quotable.key;
    let alike = match &quotable.post.author.handle {
        Some(handle) => reader.handles(&quotable.post.platform, &alike::others(handle.as_str()))?,
        None => Vec::new(),
    };
    let names = reader.names(key)?.into_iter().map(|name| (name.handle, name.name)).collect();
    let sightings = reader.sightings(key)?;
    let clips = desk.clips_of(key)?;
    let lists = |permission| {
        let clips = clips.iter().filter(|clip| clip.permission == permission);
        clips.map(|clip| clip.list.clone()).collect()
    };
    Ok(quote::Context {
        invented: sightings.iter().all(|sighting| sighting.capture.origin == Origin::Recorded),
        last_revision: quotable.revisions,
        names,
        refused: lists(Permission::Refused),
        anonymised: lists(Permission::Anonymise),
        others: Vec::new(),
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
