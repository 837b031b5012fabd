//! `pullquote platforms`: what each platform can give and costs, what is configured for it, and whether it can be reached.

use super::output::Output;
use super::{Context, Exit, UsageError, login, pull};
use crate::config::{Config, SourceName};
use crate::dump;
use crate::platform::{Live, Platform};

/// Arguments of `platforms`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these
    #[arg(value_name = "PLATFORM")]
    names: Vec<String>,
    /// Ask every server that a job names whether it is there and takes the credential
    #[arg(long)]
    check: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    if let Some(name) = args.names.iter().find(|name| dump::by_name(name).is_none()) {
        let known = dump::readers().map(|platform| platform.name).collect::<Vec<_>>().join(", ");
        return Err(UsageError(format!("no platform is named {name:?}; there are: {known}")).into());
    }
    let mut out = Output::new();
    let mut reached = true;
    let wanted = |platform: &&Platform| args.names.is_empty() || args.names.iter().any(|name| name == platform.name);
    for platform in dump::readers().filter(wanted) {
        let sources = sources(&context.config, platform);
        let mut checks = Vec::new();
        if let (true, Some(live)) = (args.check, platform.live) {
            for name in &sources {
                let source = pull::source(&context.config, platform, name.place.clone(), name.credential.clone());
                let (works, said) = login::check(&context.config, platform, &live, &source)?;
                reached &= works;
                checks.push((name.to_string(), works, said));
            }
        }
        if args.json {
            out.line(&json(platform, sources.len(), &checks).to_string())?;
        } else {
            tell(platform, sources.len(), &checks, &mut out)?;
        }
    }
    out.flush()?;
    Ok(if reached { Exit::Ok } else { Exit::Partial })
}

/// The sources of all jobs that name a platform, each once.
fn sources<'a>(config: &'a Config, platform: &Platform) -> Vec<&'a SourceName> {
    let mut sources: Vec<&SourceName> = Vec::new();
    for source in config.job.iter().flat_map(|job| &job.sources) {
        if source.platform == platform.name && !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}

fn tell(
    platform: &Platform,
    sources: usize,
    checks: &[(String, bool, String)],
    out: &mut Output,
) -> std::io::Result<()> {
    let how = match (platform.live, sources) {
        (None, _) if platform.one.is_some() => "single posts by address; else import only".to_owned(),
        (None, _) => "import only".to_owned(),
        (Some(_), 0) => "can be pulled; no job does".to_owned(),
        (Some(_), n) => format!("pulled by {n} configured source{}", if n == 1 { "" } else { "s" }),
    };
    out.line(&format!("{:<13} {} ({how})", platform.name, platform.title))?;
    out.line(&format!("              {}", platform.about))?;
    if let Some(Live { guide, needs_credential, .. }) = platform.live {
        let needs = if needs_credential { "needs a credential" } else { "needs none" };
        out.line(&format!("              cost: {}; {needs}", guide.cost))?;
        out.line(&format!("              limits: {}", guide.limits))?;
        out.line(&format!("              missing: {}", guide.missing))?;
    }
    for (source, works, said) in checks {
        out.line(&format!("              {} {source}: {said}", if *works { "reached" } else { "NOT REACHED" }))?;
    }
    Ok(())
}

fn json(platform: &Platform, sources: usize, checks: &[(String, bool, String)]) -> serde_json::Value {
    let checks: Vec<_> = checks
        .iter()
        .map(|(source, works, said)| serde_json::json!({ "source": source, "works": works, "said": said }))
        .collect();
    let guide = platform.live.map(|live| {
        let guide = live.guide;
        serde_json::json!({
            "access": guide.access, "scope": guide.scope, "cost": guide.cost, "limits": guide.limits,
            "missing": guide.missing, "needs_credential": live.needs_credential, "counts": live.count.is_some(),
        })
    });
    serde_json::json!({
        "name": platform.name, "title": platform.title, "about": platform.about, "pulls": platform.live.is_some(),
        "by_address": platform.one.is_some(), "embeds": platform.embeds.is_some(),
        "logs_in": platform.live.is_some_and(|live| live.session.is_some()), "configured": sources > 0,
        "guide": guide, "checks": checks,
    })
}
