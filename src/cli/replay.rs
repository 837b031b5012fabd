//! `pullquote replay`: reads all captures again with today's parsers and prints what changed.

use super::output::Output;
use super::{Context, Exit, progress, quotable};
use crate::quote::json;
use crate::replay::{self, Rebuild};
use crate::store::{Change, Stored};

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only print what would change
    #[arg(long)]
    dry_run: bool,
    /// Go on although captures are damaged or gone; what only they show is lost from the database
    #[arg(long)]
    accept_loss: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let bar = progress::spinner();
    let mut out = Output::new();
    let (mut changed, mut printed) = (0_u64, Ok(()));
    let mut on_change = |change: &Change| {
        changed += 1;
        if printed.is_ok() {
            printed = describe(change, &mut out);
        }
    };
    let mut damaged = 0_u64;
    let rebuilt = replay::rebuild(
        &context.archive,
        Rebuild {
            keep_old: args.dry_run,
            accept_loss: args.accept_loss,
            on_batch: &mut |count| bar.set_message(format!("{count} captures")),
            on_damage: &mut |damage| {
                damaged += 1;
                eprintln!("damaged  {damage}");
            },
            on_change: Some(&mut on_change),
        },
    )?;
    bar.finish_and_clear();
    printed?;
    out.line(&format!("{} captures read again, {changed} changed posts", rebuilt.captures))?;
    out.flush()?;
    Ok(if damaged == 0 { Exit::Ok } else { Exit::Damaged })
}

fn describe(change: &Change, out: &mut Output) -> std::io::Result<()> {
    match change {
        Change::Added(stored) => out.line(&format!("{}  added", stored.key)),
        Change::Lost(stored) => out.line(&format!("{}  no longer found", stored.key)),
        Change::Changed { before, after } => {
            out.line(&format!("{}  changed", after.key))?;
            let (was, is) = (facts(before), facts(after));
            for (field, was) in &was {
                let is = is.get(field).unwrap_or(&serde_json::Value::Null);
                if was != is {
                    out.line(&format!("    {field}: {was} → {is}"))?;
                }
            }
            Ok(())
        }
    }
}

/// Everything that the database says of a post, by name.
fn facts(stored: &Stored) -> serde_json::Map<String, serde_json::Value> {
    let mut facts = json::archived(&quotable(stored.clone()));
    facts.insert("place".into(), stored.place.clone().into());
    facts.insert("revision".into(), stored.revision.into());
    facts
}
