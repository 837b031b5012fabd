//! `pullquote rebuild`: the database made anew from the captures.

use super::output::Output;
use super::{Context, Exit, progress};
use crate::ingest;
use crate::replay::{self, Rebuild};
use crate::store::StoreError;

/// Arguments of `rebuild`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Go on although captures are damaged or gone; what only they show is lost from the database
    #[arg(long)]
    accept_loss: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let bar = progress::spinner();
    let mut damaged = 0_u64;
    let rebuilt = replay::rebuild(
        &context.archive,
        Rebuild {
            keep_old: false,
            accept_loss: args.accept_loss,
            on_batch: &mut |count| bar.set_message(format!("{count} captures")),
            on_damage: &mut |damage| {
                damaged += 1;
                eprintln!("damaged  {damage}");
            },
            on_change: None,
        },
    )?;
    let restored = ingest::restore_media(&context.archive)?;
    bar.finish_and_clear();
    let mut out = Output::new();
    if let Some((path, error)) = &rebuilt.set_aside {
        let why = match error {
            StoreError::Damaged { what, .. } => what.clone(),
            StoreError::NotOurs(_) => "it is no database of pullquote".to_owned(),
            error => error.to_string(),
        };
        out.line(&format!(
            "set aside  {}, the old database, which cannot be read ({why}): whether it knew captures that are gone cannot \
             be said",
            path.display()
        ))?;
    }
    out.line(&format!("rebuilt from {} captures", rebuilt.captures))?;
    if restored > 0 {
        out.line(&format!("laid {restored} files into media/ again"))?;
    }
    out.flush()?;
    Ok(if damaged == 0 { Exit::Ok } else { Exit::Damaged })
}
