//! `pullquote rebuild`: the database made anew from the captures.

use super::output::Output;
use super::{Context, Exit, progress};
use crate::replay;

/// Arguments of `rebuild`: none.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: Args, context: Context) -> anyhow::Result<Exit> {
    let bar = progress::spinner();
    let captures =
        replay::rebuild(&context.archive, false, &mut |count| bar.set_message(format!("{count} captures")), None)?;
    bar.finish_and_clear();
    let mut out = Output::new();
    out.line(&format!("rebuilt from {captures} captures"))?;
    out.flush()?;
    Ok(Exit::Ok)
}
