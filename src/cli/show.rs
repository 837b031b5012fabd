//! `pullquote show`: a post with its whole provenance.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::output::Output;
use super::print::{self, Printer};
use super::{Context, Exit, find, quotable};
use crate::model::TextState;
use crate::quote::json;
use crate::store::{AccountName, MediaFile, Reader, Revision, Sighting};
use crate::zone::Zone;

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Keys of posts, or their unmistakable beginnings
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let archive = context.archive.existing()?;
    let reader = Reader::open(&archive.database())?;
    let mut out = Output::new();
    for key in &args.keys {
        let stored = find(&reader, key)?;
        let key = stored.key.clone();
        let sightings = reader.sightings(&key)?;
        let revisions = reader.revisions(&key)?;
        let names = reader.names(&key)?;
        let (place, revision) = (stored.place.clone(), stored.revision);
        let quotable = quotable(stored);
        if args.json {
            let mut object = json::archived(&quotable);
            object.insert("place".into(), place.into());
            object.insert("revision".into(), revision.into());
            object.insert("rechecks".into(), serde_json::to_value(reader.rechecks(&key)?)?);
            object.insert("names".into(), names.iter().map(name_json).collect());
            object.insert("revisions".into(), revisions.iter().map(revision_json).collect());
            object.insert("sightings".into(), sightings.iter().map(sighting_json).collect());
            out.line(&Value::Object(object).to_string())?;
            continue;
        }
        let post = &quotable.post;
        Printer::plain().post(post, &quotable.key, &mut out)?;
        let mut field = |name: &str, value: Option<&str>| match value {
            Some(value) => out.line(&format!("{name:<11}{value}")),
            None => Ok(()),
        };
        field("id", post.id.as_deref())?;
        field("uri", post.uri.as_deref())?;
        field("url", post.url.as_deref())?;
        field("author id", post.author.id.as_deref())?;
        if names.len() > 1 {
            for name in &names {
                field("seen as", Some(&seen_as(name)))?;
            }
        }
        let created = post.created.map(|when| {
            format!("{} (to the {}, by the {})", when.to_rfc3339(), when.precision().as_str(), when.source().as_str())
        });
        field("created", created.as_deref())?;
        field("edited", post.edited.map(|at| at.to_rfc3339()).as_deref())?;
        let gone = quotable.gone.as_ref().map(|gone| {
            let server = gone.server.as_deref().map(|server| format!(" on {server}")).unwrap_or_default();
            let capture = &gone.capture;
            let proof = format!("{} at byte {}, {}", capture.file, capture.offset, gone.place);
            format!("{}{server}, as {proof} says; its words stay here", gone.at.format("%Y-%m-%d %H:%M:%S UTC"))
        });
        field("deleted", gone.as_deref())?;
        for recheck in &reader.rechecks(&quotable.key)? {
            let answer = recheck.answer.as_deref().map(|answer| format!(": {answer}")).unwrap_or_default();
            let standing = recheck.standing.name();
            field(
                "looked at",
                Some(&format!("{} again: {standing}{answer}", recheck.at.format("%Y-%m-%d %H:%M:%S UTC"))),
            )?;
        }
        field("text", Some(&text_state(post.text_state, revision, &sightings)))?;
        field("kind", Some(post.kind.as_str()))?;
        field("language", post.lang.as_deref())?;
        for (name, reference) in
            [("replies to", &post.reply_to), ("reposts", &post.repost_of), ("quotes", &post.quote_of)]
        {
            field(name, reference.as_ref().and_then(|reference| reference.best()))?;
        }
        for link in &post.links {
            field("link", Some(&format!("{} → {}", link.shown, link.url)))?;
        }
        for media in &post.media {
            field("media", media.url.as_deref())?;
            field("  says", media.alt.as_deref())?;
            let kept = media.url.as_deref().map(|url| reader.media_of(url)).transpose()?.flatten();
            if let Some(MediaFile { file: Some(file), digest, .. }) = kept {
                field("  kept", Some(&format!("media/{file} ({digest})")))?;
            }
        }
        field("counts", print::counts(&post.metrics, Zone::UTC).as_deref())?;
        out.line(&format!("revision   {revision} of {}", revisions.len().max(1)))?;
        for revision in &revisions {
            let edited =
                revision.edited.map_or_else(|| "never edited".to_owned(), |at| format!("edited {}", at.to_rfc3339()));
            let captured = revision.captured.format("%Y-%m-%d %H:%M:%S UTC");
            let state = revision.text_state.as_str();
            out.line(&format!("  {} ({edited}, {state}), captured {captured}", revision.number))?;
            for line in revision.text.split('\n') {
                out.line(&format!("      {line}"))?;
            }
        }
        out.line(&format!("seen {} times", sightings.len()))?;
        for sighting in &sightings {
            let capture = &sighting.capture;
            let seen = capture.fetched_at.format("%Y-%m-%d %H:%M:%S UTC");
            out.line(&format!("  {seen}  {} · {} · {}", capture.job, capture.source, capture.url))?;
            out.line(&format!("      {} at byte {}, {}", capture.place.file, capture.place.offset, sighting.place))?;
            out.line(&format!("      {}", showed(sighting)))?;
            out.line(&format!("      {} {}", capture.place.record_id, capture.place.digest))?;
        }
        out.line("")?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}

/// Whether the text is whole, and how that is known if a source cut it.
fn text_state(state: TextState, revision: u32, sightings: &[Sighting]) -> String {
    let shown = || sightings.iter().filter(|sighting| sighting.revision == Some(revision));
    let cut = shown().filter(|sighting| sighting.text_state == TextState::Truncated).count();
    match state {
        TextState::Repaired if cut > 0 => {
            format!("repaired: cut in {cut} of the {} captures that show it, whole in another", shown().count())
        }
        TextState::Repaired => "repaired: its source cut it, and gives it back in another part".to_owned(),
        state => state.as_str().to_owned(),
    }
}

/// What a capture showed of a post.
fn showed(sighting: &Sighting) -> String {
    match sighting.revision {
        Some(number) => format!("showed revision {number}, {}", sighting.text_state.as_str()),
        None => "showed another author, or is one of too many to be compared: nothing is taken from it".to_owned(),
    }
}

/// One of several names of an author.
fn seen_as(name: &AccountName) -> String {
    let day = |at: DateTime<Utc>| at.format("%Y-%m-%d").to_string();
    let (first, last) = (day(name.first_seen), day(name.last_seen));
    let span = if first == last { first } else { format!("{first} to {last}") };
    format!("{} (@{}), captured {span}", print::flat(&name.name), name.handle)
}

fn name_json(name: &AccountName) -> Value {
    json!({
        "handle": name.handle, "name": name.name, "first_seen": name.first_seen, "last_seen": name.last_seen,
    })
}

fn revision_json(revision: &Revision) -> Value {
    json!({
        "number": revision.number, "text": revision.text, "text_state": revision.text_state,
        "content_warning": revision.content_warning, "edited": revision.edited,
        "author": { "name": revision.author_name, "handle": revision.author_handle }, "captured": revision.captured,
        "capture": revision.capture, "place": revision.place,
    })
}

fn sighting_json(sighting: &Sighting) -> Value {
    let capture = &sighting.capture;
    json!({
        "number": capture.number, "capture": json::capture(&capture.place, &capture.fetched_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        "place": sighting.place, "nested": sighting.nested, "revision": sighting.revision,
        "text_state": sighting.text_state, "run": capture.run,
        "job": capture.job, "source": capture.source, "url": capture.url, "origin": capture.origin,
        "native_id": sighting.native_id, "metrics": sighting.metrics,
    })
}
