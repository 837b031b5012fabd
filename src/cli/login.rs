//! `pullquote login`: how to get a platform's credential with the least rights, and whether the one that is there works.
//!
//! It stores nothing: a secret stays in the environment, and what a server answers here is not kept.

use super::output::Output;
use super::{Context, Exit, UsageError, pull};
use crate::config::{Config, Credential, SourceName, TransportKind};
use crate::exchange::{Exchange, Request};
use crate::platform::{self, Authorize, Live, Platform, Source, SourceError};

/// Arguments of `login`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Platform, or a source as a job names it: `mastodon:example.social as example`
    #[arg(value_name = "PLATFORM")]
    source: String,
    /// Only tell; ask no server
    #[arg(long)]
    offline: bool,
    /// Get a new token in a browser, where the platform has a way for that; it is printed once, and stored nowhere
    #[arg(long, conflicts_with = "offline")]
    new: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let name = SourceName::try_from(args.source.clone()).map_err(UsageError)?;
    let known = || {
        let names = platform::ALL.iter().filter(|platform| platform.live.is_some()).map(|platform| platform.name);
        names.collect::<Vec<_>>().join(", ")
    };
    let unknown =
        || UsageError(format!("{:?} is no platform that can be pulled; there are: {}", name.platform, known()));
    let platform = platform::by_name(&name.platform).ok_or_else(unknown)?;
    let live = platform.live.ok_or_else(unknown)?;
    let source = pull::source(&context.config, platform, name.place, name.credential);
    let mut out = Output::new();
    if args.new {
        let authorize = live
            .authorize
            .ok_or_else(|| UsageError(format!("{} gives no token this way: {}", platform.title, live.guide.access)))?;
        return new(&context.config, platform, &authorize, &source, &mut out);
    }
    tell(platform, &live, &mut out)?;
    let ready = credential(&context.config, &source, &live, &mut out)?;
    out.flush()?;
    if args.offline || !ready {
        return Ok(if ready { Exit::Ok } else { Exit::Partial });
    }
    let (works, said) = check(&context.config, platform, &live, &source)?;
    out.line(&format!("check    {said}"))?;
    out.flush()?;
    Ok(if works { Exit::Ok } else { Exit::Partial })
}

fn tell(platform: &Platform, live: &Live, out: &mut Output) -> std::io::Result<()> {
    let guide = live.guide;
    out.line(platform.title)?;
    out.line(&format!("access   {}", guide.access))?;
    if !guide.scope.is_empty() {
        out.line(&format!("scope    {}", guide.scope))?;
    }
    out.line(&format!("cost     {}", guide.cost))?;
    out.line(&format!("limits   {}", guide.limits))?;
    out.line(&format!("missing  {}", guide.missing))?;
    out.line("config.toml, behind the name and the tags of a [[job]]:")?;
    for line in guide.example.lines() {
        out.line(&format!("    {line}"))?;
    }
    Ok(())
}

/// Says which credential is sent and which of its variables are set, never what they hold. Whether a check makes sense.
fn credential(config: &Config, source: &Source, live: &Live, out: &mut Output) -> std::io::Result<bool> {
    let Some(name) = &source.credential else {
        let none = if live.needs_credential { "needed, and none is configured" } else { "none is sent" };
        out.line(&format!("credential  {none}"))?;
        return Ok(!live.needs_credential);
    };
    let Some(credential) = config.credential.get(name) else {
        out.line(&format!("credential  there is no [credential.{name}] in the configuration"))?;
        return Ok(false);
    };
    let variables: Vec<&str> = match credential {
        Credential::Token { token_env } => vec![token_env],
        Credential::Password { identifier_env, password_env } => vec![identifier_env, password_env],
    };
    let mut ready = true;
    for variable in variables {
        let set = std::env::var_os(variable).is_some_and(|value| !value.is_empty());
        ready &= set;
        out.line(&format!("credential  {name}: {variable} is {}", if set { "set" } else { "not set" }))?;
    }
    Ok(ready)
}

/// Registers an application, has the user agree in a browser, and prints the token that this gives.
fn new(
    config: &Config,
    platform: &'static Platform,
    authorize: &Authorize,
    source: &Source,
    out: &mut Output,
) -> anyhow::Result<Exit> {
    if config.transport == TransportKind::Recorded {
        return Err(UsageError("transport = \"recorded\" in the configuration: no server is asked".to_owned()).into());
    }
    let usage = |error: SourceError| UsageError(error.to_string());
    let register = (authorize.register)(source).map_err(usage)?;
    let transport = pull::at(config, platform, &register)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // What comes back holds secrets: of an answer without them only its status is told.
    let send = |request: &Request| -> anyhow::Result<Vec<u8>> {
        let answer = runtime.block_on(transport.send(request)).answer?;
        let status = answer.response.status;
        anyhow::ensure!(status < 400, "{} answers {status} to {}", answer.server(), request.url);
        Ok(answer.body()?.into_owned())
    };
    let no = |what: &str| anyhow::anyhow!("the server gave no {what}");
    let (id, secret) = (authorize.registered)(&send(&register)?).ok_or_else(|| no("application"))?;
    out.line("open this page, agree, and type in the code that it shows:")?;
    out.line(&(authorize.page)(source, &id).map_err(usage)?)?;
    out.flush()?;
    let mut code = String::new();
    std::io::stdin().read_line(&mut code)?;
    let trade = (authorize.trade)(source, (&id, &secret), code.trim()).map_err(usage)?;
    let token = (authorize.token)(&send(&trade)?).ok_or_else(|| no("token"))?;
    out.line("the token, shown this once; put it into the environment of pullquote, under the name that [credential...] names:")?;
    out.line(&token)?;
    out.flush()?;
    Ok(Exit::Ok)
}

/// Asks the server whether it is there and takes the credential; says in words what it answered.
pub(super) fn check(
    config: &Config,
    platform: &'static Platform,
    live: &Live,
    source: &Source,
) -> anyhow::Result<(bool, String)> {
    let request = match (live.check)(source) {
        Ok(request) => request,
        Err(error) => return Ok((false, error.to_string())),
    };
    if config.transport == TransportKind::Recorded {
        return Ok((true, "not asked: transport = \"recorded\" in the configuration".to_owned()));
    }
    let transport = pull::at(config, platform, &request)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sent = runtime.block_on(transport.send(&request));
    Ok(match sent.answer {
        Ok(exchange) if exchange.response.status < 400 => {
            let with = if request.auth.is_some() { ", and takes the credential" } else { "" };
            (true, format!("{} answers{with}", exchange.server()))
        }
        Ok(exchange) => (
            false,
            format!("{} answers {}: {}", exchange.server(), exchange.response.status, refusal(platform, &exchange)),
        ),
        Err(error) => (false, crate::pull::failure(&error)),
    })
}

/// The server's own words, as the platform's parser reads them.
fn refusal(platform: &Platform, exchange: &Exchange) -> String {
    match (platform.parse)(exchange) {
        Err(error) => error.to_string(),
        Ok(_) => "it gives no reason".to_owned(),
    }
}
