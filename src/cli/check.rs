//! `pullquote check`: the quotations of a draft beside the archive.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::output::Output;
use super::query::printing_zone;
use super::{Context, Exit, UsageError, on_one_line, outside, pull};
use crate::check::{self, Candidate, Claim, Clues, Draft, Kind, Printed, Text, Verdict, report};
use crate::dump;
use crate::exchange::{Exchange, Origin, Request, Response};
use crate::model::{Handle, Post, TextState};
use crate::platform;
use crate::query::{self, Expr};
use crate::store::{Lookup, Reader, Search, Sort, Stored};
use crate::zone::Zone;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The draft: HTML, Markdown, plain text or DOCX, or the http(s) address of a page
    #[arg(value_name = "FILE|URL")]
    draft: PathBuf,
    /// In what it is written: html, markdown, text, docx [default: told by its content and name]
    #[arg(long, value_name = "KIND")]
    format: Option<String>,
    /// The zone whose days are right beside those of UTC, such as Europe/London [default: the configuration's]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<Zone>,
    /// One JSON object a quotation
    #[arg(long)]
    json: bool,
    /// Also write the report as a page of its own
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let kind = args.format.as_deref().map(kind).transpose()?;
    let zone = printing_zone(args.timezone, &context.config);
    let archive = context.archive.clone().existing()?;
    outside::check(&archive, args.html.as_deref())?;
    let reader = Reader::open(&archive.database())?;
    let name = args.draft.to_string_lossy().into_owned();
    let draft = read(&args.draft, kind, &context).with_context(|| format!("check {}", on_one_line(&name)))?;
    let failed = RefCell::new(None);
    let holds = |key: &String| {
        reader.holds(key).unwrap_or_else(|error| {
            failed.replace(Some(error));
            false
        })
    };
    let is_known = |address: &str| keys(address).iter().any(holds);
    let (claims, more) = check::claims_knowing(&draft, &is_known);
    if let Some(error) = failed.take() {
        return Err(error.into());
    }
    let mut verdicts: Vec<Verdict> = Vec::new();
    for claim in &claims {
        let candidates = candidates(&reader, &draft, claim)?;
        verdicts.extend(check::judge(&draft, claim, &candidates, zone));
    }
    check::outermost(&mut verdicts);
    let mut out = Output::new();
    for verdict in &verdicts {
        if args.json {
            out.line(&report::json(verdict).to_string())?;
        } else {
            out.line(&report::lines(verdict))?;
        }
    }
    let faults = verdicts.iter().filter(|verdict| verdict.is_fault()).count();
    if !args.json {
        out.line(&format!("{} quotations, {faults} with a fault", verdicts.len()))?;
    }
    out.flush()?;
    if more {
        eprintln!("warning: only the first {} quotations were looked at", check::MOST);
    }
    if let Some(path) = &args.html {
        let page = report::page(&name, &verdicts);
        outside::save(&archive, path, page.as_bytes())?;
    }
    Ok(match (faults, more) {
        (0, false) => Exit::Ok,
        (0, true) => Exit::Partial,
        _ => Exit::Misquoted,
    })
}

fn kind(name: &str) -> Result<Kind, UsageError> {
    let found = check::KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    found.ok_or_else(|| {
        let known = check::KINDS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        UsageError(format!("no format is named {name:?}; there are: {known}"))
    })
}

/// The draft, from a file or the web. Nothing of it is kept.
fn read(input: &Path, kind: Option<Kind>, context: &Context) -> anyhow::Result<Draft> {
    let address = input.to_str().filter(|input| input.starts_with("https://") || input.starts_with("http://"));
    let (exchange, name) = match address {
        Some(address) => (fetch(address, context)?, address.split(['?', '#']).next().unwrap_or_default().to_owned()),
        None => {
            let size = std::fs::metadata(input)?.len();
            anyhow::ensure!(size <= check::LARGEST as u64, check::DraftError::TooLarge);
            let body = std::fs::read(input)?;
            // What is neither UTF-8 nor says what it is, a word processor of old has written.
            let says = body.trim_ascii_start().starts_with(b"<")
                || body.starts_with(b"PK")
                || body.starts_with(b"\xff\xfe")
                || body.starts_with(b"\xfe\xff");
            let headers = if says || std::str::from_utf8(&body).is_ok() {
                Vec::new()
            } else {
                eprintln!(
                    "warning: {} is not UTF-8; it is read as Windows-1252",
                    on_one_line(&input.to_string_lossy())
                );
                vec![("content-type".to_owned(), "text/plain; charset=windows-1252".to_owned())]
            };
            let response = Response { status: 200, headers, body, ..Response::default() };
            let exchange = Exchange { response, origin: Origin::File, ..Exchange::default() };
            (exchange, input.to_string_lossy().into_owned())
        }
    };
    let body = exchange.body()?;
    let is_page = exchange.media_type().contains("html");
    let kind = kind.or_else(|| is_page.then_some(Kind::Html));
    let text = if body.starts_with(b"PK\x03\x04") { String::new() } else { exchange.text()? };
    Ok(Draft::read(&body, &text, &name, kind)?)
}

fn fetch(address: &str, context: &Context) -> anyhow::Result<Exchange> {
    let transport = pull::transport(&context.config, &[], |_| {})?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    let request = Request::get(address.split('#').next().unwrap_or_default());
    let exchange = runtime.block_on(transport.send(&request)).answer?;
    let status = exchange.response.status;
    anyhow::ensure!((200..300).contains(&status), "the server answered {status}");
    Ok(exchange)
}

/// The most posts that are compared with one quotation.
const COMPARED: usize = 120;

/// The posts that a quotation may be of: the one that is linked to, those with its words, those of its author.
fn candidates(reader: &Reader, draft: &Draft, claim: &Claim) -> anyhow::Result<Vec<Candidate>> {
    let mut found = Found { reader, seen: HashSet::new(), posts: Vec::new() };
    let linked = claim.link.as_deref().map(keys).unwrap_or_default();
    for key in &linked {
        if reader.holds(key)?
            && let Lookup::One(stored) = reader.post(key)?
        {
            found.add(*stored);
        }
    }
    let first = claim.readings.first();
    let longest =
        claim.readings.iter().max_by_key(|reading| reading.range.len()).filter(|longest| Some(*longest) != first);
    for reading in first.into_iter().chain(longest) {
        let Clues { stretches, words } = check::clues(&reading.words(draft));
        // Words that many posts share find the newest of them, and words that few share find those.
        let mut lists = Vec::new();
        for stretch in stretches {
            lists.push(found.asked(Expr::Phrase(stretch), Sort::Newest, 15)?);
        }
        lists.sort_by_key(Vec::len);
        let words: Vec<Expr> = words.into_iter().map(Expr::Word).collect();
        if !words.is_empty() {
            let alike = found.asked(Expr::Any(words.clone()), Sort::Relevance, 30)?;
            lists.insert(0, alike);
        }
        lists.into_iter().flatten().for_each(|stored| found.add(stored));
        let rival = claim.rival.as_ref().map(|rival| &rival.handle);
        for handle in claim.handle.iter().chain(rival).filter(|_| !words.is_empty()) {
            found.search(Expr::All(vec![Expr::From(handle.clone()), Expr::Any(words.clone())]), 40)?;
        }
    }
    let rival = claim.rival.as_ref().map(|rival| (&rival.handle, rival.date.as_ref()));
    for (handle, date) in claim.handle.iter().map(|handle| (handle, claim.date.as_ref())).chain(rival) {
        found.of(handle, date)?;
    }
    let addresses = claim.link.as_deref().map(check::known_as).unwrap_or_default();
    let is_linked = |stored: &Stored| {
        let names = [&stored.post.uri, &stored.post.url];
        linked.contains(&stored.key) || names.into_iter().flatten().any(|name| addresses.contains(name))
    };
    let posts = std::mem::take(&mut found.posts);
    posts
        .into_iter()
        .map(|stored| {
            let is_linked = is_linked(&stored);
            candidate(reader, stored, is_linked)
        })
        .collect()
}

/// The keys that the post of an address may have.
fn keys(address: &str) -> Vec<String> {
    let known = platform::post_at(address).map(|post| post.key());
    let named = check::known_as(address).into_iter().flat_map(|address| {
        // What a table gave goes by the name of its reader if no platform knows its address.
        dump::readers().map(move |reader| {
            Post { platform: reader.name.to_owned(), uri: Some(address.clone()), ..Post::default() }.key()
        })
    });
    known.into_iter().chain(named).collect()
}

/// Posts found so far, each once.
struct Found<'a> {
    reader: &'a Reader,
    seen: HashSet<String>,
    posts: Vec<Stored>,
}

impl Found<'_> {
    fn add(&mut self, stored: Stored) {
        if self.posts.len() < COMPARED && self.seen.insert(stored.key.clone()) {
            self.posts.push(stored);
        }
    }

    fn asked(&self, expr: Expr, sort: Sort, limit: u32) -> anyhow::Result<Vec<Stored>> {
        Ok(self.reader.search(&Search { expr, sort, limit, after: None })?.posts)
    }

    fn search(&mut self, expr: Expr, limit: u32) -> anyhow::Result<()> {
        self.asked(expr, Sort::Newest, limit)?.into_iter().for_each(|stored| self.add(stored));
        Ok(())
    }

    /// Posts of an account: those around the printed date, and the newest. A text that was changed since has other words.
    fn of(&mut self, handle: &Handle, date: Option<&Printed>) -> anyhow::Result<()> {
        let day = |days: i64| {
            let printed = date.and_then(Printed::day);
            printed.and_then(|printed| printed.checked_add_signed(chrono::TimeDelta::days(days)))
        };
        if let (Some(since), Some(until)) = (day(-2), day(3))
            && let Ok(around) = query::parse(&format!("since:{since} until:{until}"))
        {
            self.search(Expr::All(vec![Expr::From(handle.clone()), around]), 40)?;
        }
        self.search(Expr::From(handle.clone()), 20)
    }
}

/// A post with all that it and its author were ever seen with.
fn candidate(reader: &Reader, stored: Stored, linked: bool) -> anyhow::Result<Candidate> {
    let revisions = reader.revisions(&stored.key)?;
    let names = reader.names(&stored.key)?;
    let text = |state: TextState, revision: u32, text: String| Text {
        revision,
        text,
        state,
        links: stored.post.links.clone(),
        author: (
            stored.post.author.handle.as_ref().map(|handle| handle.as_str().to_owned()),
            stored.post.author.name.clone(),
        ),
    };
    let mut texts: Vec<Text> = Vec::new();
    for revision in revisions {
        // As `quote` prints it: the warning stands above the words.
        let warned = revision.content_warning.map(|warning| format!("Content warning: {warning}\n\n{}", revision.text));
        let said = Text {
            links: revision.links,
            author: (revision.author_handle.map(|handle| handle.as_str().to_owned()), revision.author_name),
            ..text(revision.text_state, revision.number, revision.text)
        };
        texts.extend(warned.map(|text| Text { text, ..said.clone() }));
        texts.push(said);
    }
    if texts.is_empty() {
        texts.push(text(stored.post.text_state, stored.revision, stored.post.text.clone()));
    }
    Ok(Candidate {
        names: names.into_iter().map(|name| (name.handle, name.name)).collect(),
        deleted: stored.deleted.as_ref().map(|gone| gone.at),
        key: stored.key,
        revision: stored.revision,
        post: stored.post,
        texts,
        linked,
    })
}
