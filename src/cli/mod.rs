//! The command line: one file a subcommand, each its arguments and a short `run`.
//!
//! Results go to standard output, everything else to standard error. The only reader of the configuration: it hands
//! plain values to the rooms below.

mod check;
mod clip;
mod coverage;
mod exit;
mod export;
mod facets;
mod fixture;
mod gaps;
mod hydrate;
mod import;
mod jobs;
mod ledger;
mod login;
mod map;
mod methods;
mod output;
mod outside;
mod parse;
mod platforms;
mod print;
mod progress;
mod pull;
mod query;
mod quote;
mod rebuild;
mod replay;
mod run;
mod search;
mod show;
mod size;
mod standing;
mod status;
mod timeline;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::archive::Archive;
use crate::config::{self, Config, ConfigError};
use crate::import::ImportError;
use crate::ingest::{IngestError, Keeper};
use crate::model::Post;
use crate::platform;
use crate::quote::{Gone, Quotable, Venue};
use crate::replay::ReplayError;
use crate::run::Memory;
use crate::store::{Lookup, Reader, Stored};
use crate::warc::WarcError;
pub use exit::Exit;

/// Pull what people said about a hashtag, keep the evidence, quote it exactly.
#[derive(Debug, Parser)]
#[command(name = "pullquote", version, disable_help_subcommand = true)]
struct Cli {
    /// Folder of the archive [default: the one that the configuration names, else ./archive]
    #[arg(long, global = true, value_name = "DIR")]
    archive: Option<PathBuf>,
    /// Configuration [default: ./config.toml if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Tell on standard error what is done and waited for
    #[arg(short, long, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Pull the configured jobs, or posts by their addresses
    Pull(pull::Args),
    /// Run the jobs by the clock, until it is stopped
    ///
    /// Every job with a schedule is run when it is due: what was missed once, a slow source beside the others. SIGTERM and Ctrl-C end
    /// it within seconds, SIGHUP has it read config.toml again; what is under way goes on where it was.
    Run(run::Args),
    /// What is not covered, and why; with --fill, closes what can still be closed
    Gaps(gaps::Args),
    /// The configured jobs: when they run, how it went, what is left
    Jobs(jobs::Args),
    /// Tell how to get a platform's credential, and check the one that is there
    Login(login::Args),
    /// Bring files into the archive: saved pages, API answers, JSON lines, tables, exports, WARC, WACZ and HAR files
    Import(import::Args),
    /// Show what the parsers make of a file, without any archive
    Parse(parse::Args),
    /// Make regression fixtures of captures: other people, handles, ids and texts in the same shape
    Fixture(fixture::Args),
    /// Find posts, newest first
    Search(search::Args),
    /// When the posts that match were written: a table, a plot, a picture
    Timeline(timeline::Args),
    /// How big it was: a sentence for an article, with what limits it
    Size(size::Args),
    /// Show a post with its whole provenance
    Show(show::Args),
    /// Choose posts: named lists with their order, notes and permissions
    Clip(clip::Args),
    /// Quote posts exactly
    Quote(quote::Args),
    /// What was quoted where, and what became of it since
    Ledger(ledger::Args),
    /// Check the quotations of a draft against the archive
    Check(check::Args),
    /// Take posts out for other programs: CSV, JSON lines, Parquet, lists of ids, data packages
    Export(export::Args),
    /// Pull the posts of a list of ids or addresses again, and say what is gone
    Hydrate(hydrate::Args),
    /// Read all captures again with today's parsers and print what changed
    Replay(replay::Args),
    /// Make the database anew from the captures
    Rebuild(rebuild::Args),
    /// Check every digest, the chain of captures, and every row of the database against them
    ///
    /// All captures are read twice: once as they lie there, and once into a temporary database that is compared with the
    /// archive's. 100,000 posts take about ten seconds.
    Verify(verify::Args),
    /// What of the time that was asked for is covered, what is not, and why
    Coverage(coverage::Args),
    /// A methods section for a paper: what was asked, when, what came, what is covered, and what is not
    Methods(methods::Args),
    /// What the archive holds, and what is still to be pulled
    Status(status::Args),
    /// The platforms: what each can give and costs, what is configured, and whether it can be reached
    Platforms(platforms::Args),
}

/// What every command needs: the configuration and the archive it works on.
struct Context {
    config: Config,
    archive: Archive,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let command = Cli::command().after_help(exit_codes());
    let cli = match command.try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            if let Some((command, word)) = left_out(&error, std::env::args_os().skip(1)) {
                eprintln!(
                    "error: {word} is no option; a search that begins with it is: pullquote {command} -- '{word}'"
                );
                return Exit::Usage.into();
            }
            // `--help` and `--version` arrive as errors, too. A closed pipe is nobody's fault.
            let _closed = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() };
        }
    };
    let level = if cli.verbose { tracing::Level::DEBUG } else { tracing::Level::WARN };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_target(false)
        .without_time()
        .init();
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) if output::is_closed_pipe(&error) => Exit::Ok.into(),
        Err(error) => {
            complain(&error);
            exit_of(&error).into()
        }
    }
}

/// The word of a search, `-not` or `-from:somebody`, that was taken for an option of the subcommand, and the subcommand.
fn left_out(error: &clap::Error, words: impl Iterator<Item = OsString>) -> Option<(String, String)> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return None };
    let mut words = words.map(|word| word.to_string_lossy().into_owned());
    let command = loop {
        match words.next()?.as_str() {
            command @ ("search" | "timeline" | "size" | "export") => break command.to_owned(),
            // Their values stand in words of their own.
            "--archive" | "--config" => drop(words.next()),
            word if word.starts_with('-') => {}
            _ => return None,
        }
    };
    let word = words.find(|word| word.starts_with(option.as_str()) && !word.starts_with("--"));
    let word = word.filter(|_| error.kind() == ErrorKind::UnknownArgument);
    Some((command, crate::quote::visible(&on_one_line(&word?)).into_owned()))
}

/// Prints an error with its causes as one sentence, the faults of a configuration as one each. A cause that the sentence names
/// already is not told again.
fn complain(error: &anyhow::Error) {
    if let Some(ConfigError::Faults { path, faults }) = error.downcast_ref() {
        for fault in faults {
            eprintln!("error: {}", on_one_line(&crate::quote::visible(&format!("{}: {fault}", path.display()))));
        }
        return;
    }
    let sentence = error.chain().fold(String::new(), |told, cause| match cause.to_string() {
        cause if told.is_empty() => cause,
        cause if told.contains(&cause) => told,
        cause => format!("{told}: {cause}"),
    });
    eprintln!("error: {}", on_one_line(&crate::quote::visible(&sentence)));
}

/// What `run` remembers of its sources. It is no evidence: where it cannot be read, that is said, and nothing is remembered.
fn remembered(archive: &Archive) -> Memory {
    let path = archive.memory();
    Memory::load(&path).unwrap_or_else(|error| {
        let told =
            format!("{} cannot be read, and what was remembered of the sources is forgotten: {error}", path.display());
        eprintln!("warning: {}", on_one_line(&crate::quote::visible(&told)));
        Memory::default()
    })
}

/// A sentence with a stranger's words in it, such as the name of a file, which must not make lines of their own.
fn on_one_line(text: &str) -> String {
    text.replace('\n', "␊")
}

fn exit_of(error: &anyhow::Error) -> Exit {
    let ingest = match (error.downcast_ref(), error.downcast_ref(), error.downcast_ref()) {
        (Some(ingest), _, _)
        | (_, Some(ImportError::Ingest(ingest)), _)
        | (_, _, Some(ReplayError::Ingest(ingest))) => Some(ingest),
        _ => None,
    };
    let lost = matches!(error.downcast_ref(), Some(ReplayError::Lost { .. } | ReplayError::Damaged(_)));
    if error.is::<ConfigError>() || error.is::<UsageError>() {
        Exit::Usage
    } else if lost || ingest.is_some_and(IngestError::is_damage) {
        Exit::Damaged
    } else {
        Exit::Failed
    }
}

/// A command line that clap cannot see to be wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UsageError(String);

fn run(cli: Cli) -> anyhow::Result<Exit> {
    let context = || -> anyhow::Result<Context> {
        let config = match &cli.config {
            Some(path) => config::load(path)?,
            None if PathBuf::from("config.toml").is_file() => config::load("config.toml".as_ref())?,
            None => Config::default(),
        };
        let archive = Archive::at(cli.archive.clone().unwrap_or_else(|| config.archive.clone()));
        Ok(Context { config, archive })
    };
    match cli.command {
        Command::Pull(args) => pull::run(args, context()?),
        Command::Gaps(args) => gaps::run(args, context()?),
        Command::Run(args) => run::run(args, context()?, cli.config.clone()),
        Command::Jobs(args) => jobs::run(args, context()?),
        Command::Login(args) => login::run(args, context()?),
        Command::Import(args) => import::run(args, context()?),
        Command::Parse(args) => parse::run(args),
        Command::Fixture(args) => fixture::run(args),
        Command::Search(args) => search::run(args, context()?),
        Command::Timeline(args) => timeline::run(args, context()?),
        Command::Size(args) => size::run(args, context()?),
        Command::Show(args) => show::run(args, context()?),
        Command::Clip(args) => clip::run(args, context()?),
        Command::Quote(args) => quote::run(args, context()?),
        Command::Ledger(args) => ledger::run(args, context()?),
        Command::Check(args) => check::run(args, context()?),
        Command::Export(args) => export::run(args, context()?, cli.config.as_deref()),
        Command::Hydrate(args) => hydrate::run(args, context()?),
        Command::Replay(args) => replay::run(args, context()?),
        Command::Rebuild(args) => rebuild::run(args, context()?),
        Command::Verify(args) => verify::run(args, context()?),
        Command::Coverage(args) => coverage::run(args, context()?),
        Command::Methods(args) => methods::run(args, context()?),
        Command::Status(args) => status::run(args, context()?),
        Command::Platforms(args) => platforms::run(args, context()?),
    }
}

fn exit_codes() -> String {
    let lines: Vec<String> =
        exit::ALL.iter().map(|(exit, meaning)| format!("  {:>3}  {meaning}", exit.code())).collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}

/// The present, for what the user does now: the start of a run, the time of an import.
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A name for a run that no other run of the archive has: its start, and four letters for two in one second.
fn run_name(now: DateTime<Utc>) -> String {
    let letters: String = std::iter::repeat_with(fastrand::lowercase).take(4).collect();
    format!("{}-{letters}", now.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Opens the archive for writing, and says what had to be healed.
fn keeper(archive: &Archive) -> Result<Keeper, IngestError> {
    let keeper = Keeper::open(archive)?;
    if keeper.healed() > 0 {
        eprintln!("healed {} captures that an earlier run had kept and not yet indexed", keeper.healed());
    }
    Ok(keeper)
}

/// Tells of the fields that used to be full and are empty in this run, and how the command then ends, if nothing worse
/// happened.
fn look_for_drift(keeper: &Keeper, run: &str, exit: Exit) -> Result<Exit, IngestError> {
    let drift = keeper.drift(run)?;
    for alarm in &drift {
        tracing::warn!(platform = alarm.platform, shape = alarm.shape, field = alarm.field, "{alarm}");
    }
    Ok(if exit == Exit::Ok && !drift.is_empty() { Exit::Drift } else { exit })
}

/// What is to be said of captures without rows: that there are some and what puts them in, or what stands in the way.
fn unindexed(captures: Result<u64, WarcError>) -> Option<String> {
    match captures {
        Ok(0) => None,
        Ok(captures) => Some(format!(
            "not indexed  {captures} captures are kept whose posts are in no search yet: a pull that is running, or the \
             next pull, import or rebuild, puts them in"
        )),
        Err(WarcError::Unlinked(damage)) => Some(format!("not indexed  {}", IngestError::Unlinked(damage))),
        Err(error) => Some(format!("damaged  {error}; pullquote verify says more")),
    }
}

/// Says on standard error what is kept and not indexed yet: it is neither found nor counted.
fn tell_unindexed(archive: &Archive, reader: &Reader) -> anyhow::Result<()> {
    if let Some(told) = unindexed(crate::warc::unindexed(&archive.captures(), reader.last_capture()?.as_ref())) {
        eprintln!("{told}");
    }
    Ok(())
}

/// A post of the archive as the quote room wants it. How many revisions there are it does not know.
fn quotable(stored: Stored) -> Quotable {
    Quotable {
        key: stored.key,
        venue: venue(&stored.post),
        post: stored.post,
        capture: stored.capture,
        captured_at: stored.fetched_at,
        nested: stored.nested,
        gone: stored.deleted.map(|gone| Gone {
            at: gone.at,
            server: gone.server,
            capture: gone.capture,
            place: gone.place,
        }),
        place: stored.place,
        revision: stored.revision,
        revisions: stored.revision,
    }
}

/// The site of a post, for citations.
fn venue(post: &Post) -> Option<Venue> {
    platform::by_name(&post.platform).and_then(|platform| platform.venue(post))
}

/// The post that a key, or the beginning of one, names.
fn find(reader: &Reader, key: &str) -> anyhow::Result<Stored> {
    match reader.post(key)? {
        Lookup::One(stored) => Ok(*stored),
        Lookup::None => anyhow::bail!("the archive holds no post {key:?}"),
        Lookup::Many(keys) => anyhow::bail!("{key:?} is the beginning of several posts: {}", keys.join(", ")),
    }
}
