//! `pullquote methods`: a methods section for a paper, made of what the archive knows.

use clap::ValueEnum;

use super::coverage::known;
use super::output::Output;
use super::query::printing_zone;
use super::{Context, Exit};
use crate::archive::Archive;
use crate::config::Config;
use crate::model::Hashtag;
use crate::paper::{self, Asked, Methods};
use crate::store::Reader;
use crate::warc;
use crate::zone::Zone;

/// Arguments of `methods`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The job
    #[arg(value_name = "JOB")]
    job: String,
    /// Print it in this language
    #[arg(long = "as", value_enum, value_name = "LANGUAGE", default_value_t = Language::Markdown)]
    language: Language,
    /// Name so many gaps, the longest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    gaps: usize,
    /// Zone of dates, such as Europe/London [default: the configuration's, else UTC]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<Zone>,
    /// Print the numbers as one JSON object
    #[arg(long, conflicts_with = "language")]
    json: bool,
}

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Markdown, with tables
    Markdown,
    /// LaTeX, to be taken in with \input; it needs no package
    Latex,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let archive = context.archive.existing()?;
    let reader = Reader::open(&archive.database())?;
    let zone = printing_zone(args.timezone, &context.config);
    let methods = of_job(&context.config, &archive, &reader, &args.job, zone, args.gaps)?;
    let mut out = Output::new();
    if args.json {
        out.line(&methods.object().to_string())?;
    } else {
        let page = methods.page();
        let text = match args.language {
            Language::Markdown => paper::markdown(&page),
            Language::Latex => paper::latex(&page),
        };
        text.lines().try_for_each(|line| out.line(line))?;
    }
    out.flush()?;
    super::tell_unindexed(&archive, &reader)?;
    Ok(Exit::Ok)
}

/// What is known of how a job was collected.
pub(super) fn of_job(
    config: &Config,
    archive: &Archive,
    reader: &Reader,
    job: &str,
    zone: Zone,
    most_gaps: usize,
) -> anyhow::Result<Methods> {
    let known = known(reader, &[job.to_owned()], (None, None))?;
    let digest = match reader.last_capture()? {
        Some(last) => warc::link(&archive.captures(), &last)?,
        None => None,
    };
    Ok(Methods {
        zone,
        asked: asked(config, job),
        summary: reader.summary(job)?,
        pairs: known.pairs(reader)?,
        lonely: known.lonely(),
        sights: known.sights,
        job: job.to_owned(),
        digest,
        most_gaps,
    })
}

/// What the configuration says of a job, if it still has it.
fn asked(config: &Config, job: &str) -> Option<Asked> {
    let job = config.job.iter().find(|keys| keys.name == job)?;
    let tags = |tags: &[Hashtag]| tags.iter().map(|tag| tag.as_str().to_owned()).collect();
    Some(Asked {
        tags: tags(&job.tags),
        all: tags(&job.all),
        none: tags(&job.none),
        words: job.words.clone(),
        sources: job.sources.iter().map(ToString::to_string).collect(),
        since: job.since,
        until: job.until,
        schedule: job.schedule.as_ref().map(ToString::to_string),
        follow: job.follow,
    })
}
