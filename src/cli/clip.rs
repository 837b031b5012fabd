//! `pullquote clip`: posts that were chosen, in named lists with their order, notes and permissions.

use serde_json::json;

use super::output::Output;
use super::print::{Printer, flat};
use super::query::printing_zone;
use super::{Context, Exit, UsageError, find, now, quotable};
use crate::quote::json;
use crate::store::{Clip, ClipChange, Desk, Lookup, Permission, Reader};

/// Arguments of `clip`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Keys of posts, or their unmistakable beginnings. Without any, the list is shown
    #[arg(value_name = "KEY", requires = "to")]
    keys: Vec<String>,
    /// The list. Without one, all lists are named
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// What to remember of these posts; an empty one takes the old note away
    #[arg(long, value_name = "TEXT", requires = "keys")]
    note: Option<String>,
    /// Whether their authors let them be printed: not-asked, asked, granted, anonymise, refused
    #[arg(long, value_name = "WHAT", requires = "keys")]
    permission: Option<String>,
    /// Place in the list for the first of them, from 1 [default: a new post goes to the end]
    #[arg(long, value_name = "N", requires = "keys", value_parser = clap::value_parser!(u32).range(1..))]
    position: Option<u32>,
    /// Take them out of the list
    #[arg(long, requires = "keys", conflicts_with_all = ["note", "permission", "position"])]
    remove: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let archive = context.archive.existing()?;
    let reader = Reader::open(&archive.database())?;
    let mut out = Output::new();
    let permission = args.permission.as_deref().map(str::parse::<Permission>).transpose().map_err(UsageError)?;
    let Some(list) = args.to.as_deref().map(str::trim) else {
        for (list, posts) in Desk::open(&archive.desk())?.lists()? {
            match args.json {
                true => out.line(&json!({ "list": list, "posts": posts }).to_string())?,
                false => out.line(&format!("{}  {posts}", flat(&list)))?,
            }
        }
        out.flush()?;
        return Ok(Exit::Ok);
    };
    if list.is_empty() || list.contains(char::is_control) {
        return Err(UsageError(format!("{list:?} is no name for a list")).into());
    }
    if args.keys.is_empty() {
        let clips = Desk::open(&archive.desk())?.list(list)?;
        if clips.is_empty() {
            eprintln!("no post is in the list {list:?}");
        }
        let printer = Printer { zone: printing_zone(None, &context.config), ..Printer::plain() };
        for clip in &clips {
            show(&reader, clip, args.json, &printer, &mut out)?;
        }
        out.flush()?;
        return Ok(Exit::Ok);
    }
    let mut desk = Desk::open_to_write(&archive.desk())?;
    let clips = desk.list(list)?;
    // A post that the archive has lost can be taken out all the same.
    let known = |key: &str| clips.iter().find(|clip| args.remove && clip.post == key).map(|clip| clip.post.clone());
    let key = |key: &String| known(key).map_or_else(|| find(&reader, key).map(|stored| stored.key), Ok);
    let keys: Vec<String> = args.keys.iter().map(key).collect::<Result<_, _>>()?;
    if args.remove {
        let taken = desk.unclip(list, &keys)?;
        eprintln!("{taken} of {} posts taken out of {list:?}", keys.len());
    } else {
        let change = ClipChange { note: args.note, permission, position: args.position };
        desk.clip(list, &keys, &change, now())?;
        eprintln!("{} posts are in {list:?}", desk.list(list)?.len());
    }
    Ok(Exit::Ok)
}

/// A post of a list.
fn show(reader: &Reader, clip: &Clip, as_json: bool, printer: &Printer, out: &mut Output) -> anyhow::Result<()> {
    let stored = match reader.post(&clip.post)? {
        Lookup::One(stored) => Some(quotable(*stored)),
        _ => None,
    };
    if as_json {
        let post = stored.map(|stored| json::archived(&stored));
        let object = json!({
            "list": clip.list, "position": clip.position, "key": clip.post, "note": clip.note,
            "permission": clip.permission.as_str(), "added": clip.added, "post": post,
        });
        out.line(&object.to_string())?;
        return Ok(());
    }
    let note = clip.note.as_deref().map(|note| format!(": {}", flat(note))).unwrap_or_default();
    out.line(&format!("{}. {}{note}", clip.position, clip.permission.as_str()))?;
    match stored {
        Some(stored) => printer.found(&stored, &[], out)?,
        None => out.line(&format!("{}  is no longer in the archive\n", clip.post))?,
    }
    Ok(())
}
