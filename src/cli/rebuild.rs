//! `pullquote rebuild`: the database made anew from the captures.

use super::output::Output;
use super::{Context, Exit, progress};
use crate::replay::{self, Rebuild};

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
    let captures = replay::rebuild(
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
    bar.finish_and_clear();
    let mut out = Output::new();
    out.line(&format!("rebuilt from {captures} captures"))?;
    out.flush()?;
    Ok(if damaged == 0 { Exit::Ok } else { Exit::Damaged })
}
