//! `pullquote export`: posts of the archive for other programs.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indicatif::ProgressBar;

use super::output::{Colour, Output};
use super::query::QueryArgs;
use super::{Context, Exit, UsageError, progress};
use crate::export::{self, COLUMNS, ExportError, Fresh, Partitions, cells, csv, ids, jsonl};
use crate::query::{Expr, Understood};
use crate::store::{Reader, Whole};

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    query: QueryArgs,
    /// Form
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: Form,
    /// Where to: a file, for Parquet a folder that is not there yet; `-` is standard output
    #[arg(long, value_name = "PATH", default_value = "-")]
    out: PathBuf,
    /// Begin a table with the mark by which Excel knows UTF-8
    #[arg(long)]
    excel: bool,
    /// Write no apostrophe before what a spreadsheet would run as a formula or round as a number
    #[arg(long)]
    verbatim: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A table of comma-separated values: ids as text, formulas inert
    Csv,
    /// One JSON object a line, verbatim
    Jsonl,
    /// A folder of Parquet files, parted by day as Hive does it
    Parquet,
    /// Platform and URI, one post a line: what `hydrate` brings back
    Ids,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    is_one(&args)?;
    let Understood { expr, notes } = args.query.read(&context.config)?;
    for (name, note) in &notes {
        eprintln!("note: {name}: {note}");
    }
    let archive = context.archive.existing()?;
    let reader = Reader::open(&archive.database())?;
    let walk = Walk { reader: &reader, expr: &expr, bar: progress::spinner() };
    let posts = match args.form {
        Form::Csv => {
            let mut lines = Lines::open(&args.out)?;
            lines.record(&format!("{}{}", if args.excel { csv::MARK } else { "" }, csv::head(COLUMNS)), csv::END)?;
            let posts = walk.each(|whole| lines.record(&csv::record(&cells(whole), args.verbatim), csv::END))?;
            lines.finish()?;
            posts
        }
        Form::Jsonl => {
            let mut lines = Lines::open(&args.out)?;
            let posts = walk.each(|whole| lines.record(&jsonl::record(COLUMNS, &cells(whole)), "\n"))?;
            lines.finish()?;
            posts
        }
        Form::Parquet => export::folder(&args.out, |folder| {
            let mut partitions = Partitions::new(folder, env!("CARGO_PKG_VERSION"))?;
            let posts = walk.each(|whole| partitions.add(cells(whole)))?;
            partitions.finish()?;
            Ok(posts)
        })?,
        Form::Ids => ids(&args.out, &walk)?,
    };
    walk.bar.finish_and_clear();
    eprintln!("exported {posts} posts");
    if posts == 0 {
        super::search::tell_impossible(&expr, &reader)?;
    }
    super::tell_unindexed(&archive, &reader)?;
    Ok(Exit::Ok)
}

/// A list of ids. Not every post has one.
fn ids(path: &Path, walk: &Walk<'_>) -> Result<u64, ExportError> {
    let (mut lines, mut nameless) = (Lines::open(path)?, 0);
    let posts = walk.each(|whole| match ids::line(&whole.stored.post) {
        Some(line) => lines.record(&line, "\n"),
        None => {
            nameless += 1;
            Ok(())
        }
    })?;
    lines.finish()?;
    if nameless > 0 {
        eprintln!(
            "{nameless} posts have no id and no address, so that nobody can be asked for them: they have no line"
        );
    }
    Ok(posts - nameless)
}

/// Whether the options belong together.
fn is_one(args: &Args) -> Result<(), UsageError> {
    let is_table = args.form == Form::Csv;
    for (given, option) in [(args.excel, "--excel"), (args.verbatim, "--verbatim")] {
        if given && !is_table {
            return Err(UsageError(format!("{option} goes with --as csv; the other forms are verbatim as they are")));
        }
    }
    if args.form == Form::Parquet && args.out.as_os_str() == "-" {
        return Err(UsageError("Parquet goes into a folder: name one with --out".to_owned()));
    }
    Ok(())
}

/// The posts that were asked for.
struct Walk<'a> {
    reader: &'a Reader,
    expr: &'a Expr,
    bar: ProgressBar,
}

impl Walk<'_> {
    /// Gives each of them, and how many there were.
    fn each(&self, mut each: impl FnMut(Whole) -> Result<(), ExportError>) -> Result<u64, ExportError> {
        let mut posts: u64 = 0;
        export::walk(self.reader, self.expr, |whole| {
            each(whole)?;
            posts += 1;
            if posts.is_multiple_of(1000) {
                self.bar.set_message(format!("{posts} posts"));
            }
            Ok(())
        })
    }
}

/// Where lines go.
enum Lines {
    Stdout(Output),
    File(Fresh),
}

impl Lines {
    fn open(path: &Path) -> Result<Lines, ExportError> {
        if path.as_os_str() == "-" {
            return Ok(Lines::Stdout(Output::with_colour(Colour::Never)));
        }
        Fresh::create(path).map(Lines::File)
    }

    fn record(&mut self, text: &str, end: &str) -> Result<(), ExportError> {
        match self {
            Lines::Stdout(out) => Ok(out.record(text, end)?),
            Lines::File(file) => {
                let written = file.write_all(text.as_bytes()).and_then(|()| file.write_all(end.as_bytes()));
                written.map_err(|source| file.fault(source))
            }
        }
    }

    fn finish(self) -> Result<(), ExportError> {
        match self {
            Lines::Stdout(mut out) => Ok(out.flush()?),
            Lines::File(file) => file.finish().map(drop),
        }
    }
}
