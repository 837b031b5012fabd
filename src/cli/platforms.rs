//! `pullquote platforms`: what each platform, and each dump of a tool, can give.

use super::output::Output;
use super::{Context, Exit};
use crate::dump;

/// Arguments of `platforms`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let mut out = Output::new();
    for platform in dump::readers() {
        let sources = || context.config.job.iter().flat_map(|job| &job.sources);
        let jobs = sources().filter(|source| source.platform == platform.name).count();
        let pulls = platform.live.is_some();
        if args.json {
            let object = serde_json::json!({
                "name": platform.name, "title": platform.title, "about": platform.about, "pulls": pulls,
                "embeds": platform.embeds.is_some(), "logs_in": platform.live.is_some_and(|live| live.session.is_some()), "configured": jobs > 0,
            });
            out.line(&object.to_string())?;
            continue;
        }
        let how = match (pulls, jobs) {
            (false, _) => "import only".to_owned(),
            (true, 0) => "can be pulled; no job does".to_owned(),
            (true, n) => format!("pulled by {n} configured source{}", if n == 1 { "" } else { "s" }),
        };
        out.line(&format!("{:<13} {} ({how})", platform.name, platform.title))?;
        out.line(&format!("              {}", platform.about))?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}
