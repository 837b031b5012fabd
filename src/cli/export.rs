//! `pullquote export`: posts of the archive for other programs.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indicatif::ProgressBar;

use super::output::{Colour, Output};
use super::query::{QueryArgs, printing_zone};
use super::{Context, Exit, UsageError, now, outside, progress};
use crate::archive::{Archive, settled};
use crate::config::Config;
use crate::export::pseudonym::{Key, KeyError, Pseudonymiser};
use crate::export::{self, COLUMNS, ExportError, Fresh, Package, Partitions, cells, csv, ids, jsonl};
use crate::paper::{self, Block};
use crate::query::{Expr, Understood};
use crate::store::{Desk, Reader, Whole};

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    query: QueryArgs,
    /// Form
    #[arg(long = "as", value_enum, value_name = "FORM", required_unless_present = "package")]
    form: Option<Form>,
    /// Where to: a file, for Parquet a folder that is not there yet; `-` is standard output
    #[arg(long, value_name = "PATH", default_value = "-")]
    out: PathBuf,
    /// Make a data package (Frictionless) in a folder that is not there yet: tables, codebook, citation, checksums
    #[arg(long, value_name = "DIR", conflicts_with_all = ["form", "out"])]
    package: Option<PathBuf>,
    /// Title of the package
    #[arg(long, requires = "package")]
    title: Option<String>,
    /// Who made the package, for citations; once for each
    #[arg(long = "by", value_name = "NAME", requires = "package")]
    authors: Vec<String>,
    /// Begin a table with the mark by which Excel knows UTF-8
    #[arg(long)]
    excel: bool,
    /// Write no apostrophe before what a spreadsheet would run as a formula or round as a number
    #[arg(long)]
    verbatim: bool,
    /// Put pseudonyms for names, handles, ids and addresses; docs/exporting.md says what this does not hide
    #[arg(long, value_name = "KEYFILE", visible_alias = "pseudonymize")]
    pseudonymise: Option<PathBuf>,
    /// Make the key if it is not there yet
    #[arg(long, requires = "pseudonymise")]
    new_key: bool,
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

pub(super) fn run(args: Args, context: Context, config: Option<&Path>) -> anyhow::Result<Exit> {
    is_one(&args)?;
    let Understood { expr, notes } = args.query.read(&context.config)?;
    for (name, note) in &notes {
        eprintln!("note: {name}: {note}");
    }
    let archive = context.archive.existing()?;
    let out = Some(&args.out).filter(|out| out.as_os_str() != "-");
    let written = out.into_iter().chain(&args.package).chain(&args.pseudonymise);
    // A link is followed, also to where nothing is yet.
    let led = out.into_iter().chain(&args.package).find_map(|out| export::target(out).ok());
    outside::check(&archive, written.chain(&led).map(PathBuf::as_path))?;
    if let Some(out) = out {
        spares(out, config.unwrap_or(Path::new("config.toml")))?;
    }
    let reader = Reader::open_for_walk(&archive.database())?;
    let (hidden, new_key) = match &args.pseudonymise {
        Some(path) => {
            let (hidden, is_new) = key(path, args.new_key)?;
            (Some(hidden), Some(path).filter(|_| is_new))
        }
        None => (None, None),
    };
    let unnamed = Desk::open(&archive.desk())?.anonymised()?.into_iter().collect();
    let walk = Walk {
        reader: &reader,
        expr: &expr,
        hidden,
        bar: progress::spinner(),
        posts: Cell::new(0),
        unnamed,
        named: Cell::new(0),
    };
    let written = write(&args, &walk, &context.config, &archive);
    walk.bar.finish_and_clear();
    if let (Err(_), Some(path)) = (&written, new_key) {
        eprintln!("the export failed; the key {} was made and stays: the next export can use it", path.display());
    }
    let posts = written?;
    eprintln!("exported {posts} posts");
    if walk.named.get() > 0 {
        let named = walk.named.get();
        eprintln!("{named} of them are by people who were promised to stay unnamed; --pseudonymise puts other names");
    }
    if posts == 0 {
        if args.form == Some(Form::Parquet) {
            eprintln!("{} is an empty folder: there is nothing to be parted by day", args.out.display());
        }
        super::search::tell_impossible(&expr, &reader)?;
    }
    super::tell_unindexed(&archive, &reader)?;
    Ok(Exit::Ok)
}

/// Writes the posts in the form that was asked for, and says how many.
fn write(args: &Args, walk: &Walk<'_>, config: &Config, archive: &Archive) -> anyhow::Result<u64> {
    Ok(match (&args.package, args.form) {
        (Some(folder), _) => {
            let extras = match walk.hidden {
                // Names of sources and words of servers may name somebody.
                Some(_) => Vec::new(),
                None => extras(config, archive, walk.reader, walk.expr, &args.query.text())?,
            };
            package(folder, args, walk, extras)?
        }
        (None, Some(Form::Csv)) => {
            let mut lines = Lines::open(&args.out)?;
            lines.record(&format!("{}{}", if args.excel { csv::MARK } else { "" }, csv::head(COLUMNS)), csv::END)?;
            let posts = walk.each(|whole| lines.record(&csv::record(&cells(whole), args.verbatim), csv::END))?;
            lines.finish()?;
            posts
        }
        (None, Some(Form::Jsonl)) => {
            let mut lines = Lines::open(&args.out)?;
            let posts = walk.each(|whole| lines.record(&jsonl::record(COLUMNS, &cells(whole)), "\n"))?;
            lines.finish()?;
            posts
        }
        (None, Some(Form::Parquet)) => export::folder(&args.out, |folder| {
            let mut partitions = Partitions::new(folder, env!("CARGO_PKG_VERSION"))?;
            let posts = walk.each(|whole| partitions.add(cells(whole)))?;
            partitions.finish()?;
            Ok(posts)
        })?,
        (None, Some(Form::Ids) | None) => ids(&args.out, walk)?,
    })
}

/// Whether the options belong together.
fn is_one(args: &Args) -> Result<(), UsageError> {
    let is_table = args.form == Some(Form::Csv);
    let wrong = if args.excel && !is_table {
        "--excel goes with --as csv"
    } else if args.verbatim && !is_table && args.package.is_none() {
        "--verbatim goes with --as csv and --package; the other forms are verbatim as they are"
    } else if args.form == Some(Form::Parquet) && args.out.as_os_str() == "-" {
        "Parquet goes into a folder: name one with --out"
    } else if args.form == Some(Form::Ids) && args.pseudonymise.is_some() {
        "a list of ids under pseudonyms would lead nowhere"
    } else if args.pseudonymise.as_deref().is_some_and(|key| is_same(key, &args.out, args.package.as_deref())) {
        "the posts would be written over the key: name another place with --out or --package"
    } else {
        return Ok(());
    };
    Err(UsageError(wrong.to_owned()))
}

/// Whether the key is where the posts are to go. A link is its own name, and what it leads to.
fn is_same(key: &Path, out: &Path, package: Option<&Path>) -> bool {
    let named = |path: &Path| settled(path.parent().unwrap_or(path)).join(path.file_name().unwrap_or_default());
    let ends = |path: &Path| [settled(path), named(path)];
    let out = Some(out).filter(|out| out.as_os_str() != "-");
    out.into_iter().chain(package).any(|out| ends(out).iter().any(|end| ends(key).contains(end)))
}

/// Refuses to write over the configuration that this very command reads.
fn spares(out: &Path, config: &Path) -> Result<(), UsageError> {
    match (out.canonicalize(), config.canonicalize()) {
        (Ok(place), Ok(config)) if place == config => {
            Err(UsageError(format!("{} is read by this command: name another file", out.display())))
        }
        _ => Ok(()),
    }
}

/// The pseudonyms of a key, and whether it is a new one.
fn key(path: &Path, make: bool) -> anyhow::Result<(Pseudonymiser, bool)> {
    let (key, is_new) = Key::at(path, make).map_err(|error| match error {
        KeyError::Missing(_) | KeyError::NoKey(_) | KeyError::Open(_) => {
            anyhow::Error::new(UsageError(error.to_string()))
        }
        KeyError::Io { .. } => error.into(),
    })?;
    if is_new {
        eprintln!(
            "made the key {}: whoever has it can find the names again, and without it no export gives the same pseudonyms",
            path.display()
        );
    }
    Ok((Pseudonymiser::new(&key), is_new))
}

/// What goes into a package beside its tables: the coverage of the jobs that saw a post of it, and how they were collected.
fn extras(config: &Config, archive: &Archive, reader: &Reader, expr: &Expr, query: &str) -> anyhow::Result<Extras> {
    let mut jobs: Vec<String> = reader.covered(None)?.into_iter().map(|part| part.job).collect();
    jobs.dedup();
    let (mut coverage, mut methods) = (Vec::new(), String::new());
    for job in jobs {
        let of_job = Expr::Job(job.clone());
        let mut is_seen = false;
        reader.each(&Expr::All(vec![expr.clone(), of_job.clone()]), |_| {
            is_seen = true;
            ControlFlow::Break(())
        })?;
        if !is_seen {
            continue;
        }
        let is_whole = *expr == Expr::everything() || *expr == of_job || *expr == Expr::All(vec![of_job]);
        let part = format!(
            "The package holds only those posts of the job {job} that match the search {query:?}; what is said here is of the whole job."
        );
        let part = Some(part).filter(|_| !is_whole);
        let of_job = super::methods::of_job(config, archive, reader, &job, printing_zone(None, config), 100)?;
        coverage.extend(of_job.sights.iter().map(|sight| {
            let mut object = sight.object();
            object["part"] = part.clone().into();
            object
        }));
        let mut page = of_job.page();
        // Behind the title.
        page.splice(1.min(page.len())..1.min(page.len()), part.map(Block::Paragraph));
        methods.push_str(&paper::markdown(&page));
        methods.push('\n');
    }
    if coverage.is_empty() {
        return Ok(Vec::new());
    }
    let coverage = serde_json::to_vec_pretty(&coverage)?;
    Ok(vec![("coverage.json".to_owned(), coverage), ("methods.md".to_owned(), methods.into_bytes())])
}

/// Further files of a package, each with its name and its bytes.
type Extras = Vec<(String, Vec<u8>)>;

/// A data package.
fn package(folder: &Path, args: &Args, walk: &Walk<'_>, extras: Extras) -> Result<u64, ExportError> {
    let query = args.query.text();
    let default = match (&walk.hidden, query.as_str()) {
        (None, query) if !query.is_empty() => format!("Posts that match {query}"),
        _ => "Posts of an archive".to_owned(),
    };
    export::folder(folder, |folder| {
        let package = Package {
            title: args.title.as_ref().unwrap_or(&default),
            authors: &args.authors,
            query: &query,
            made: now(),
            version: env!("CARGO_PKG_VERSION"),
            verbatim: args.verbatim,
            hidden: walk.hidden.as_ref(),
            extras,
        };
        package.write(folder, walk.reader, walk.expr, |whole| walk.tick(whole))
    })
}

/// A list of ids. Not every post can be asked for by one.
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
            "{nameless} posts have no id and no address by which anybody can be asked for them: they have no line"
        );
    }
    Ok(posts - nameless)
}

/// The posts that were asked for.
struct Walk<'a> {
    reader: &'a Reader,
    expr: &'a Expr,
    hidden: Option<Pseudonymiser>,
    bar: ProgressBar,
    posts: Cell<u64>,
    /// Posts whose authors were promised to stay unnamed, and how many of them are exported with their names.
    unnamed: HashSet<String>,
    named: Cell<u64>,
}

impl Walk<'_> {
    /// Gives each of them, under pseudonyms if they were asked for, and how many there were.
    fn each(&self, mut each: impl FnMut(Whole) -> Result<(), ExportError>) -> Result<u64, ExportError> {
        export::walk(self.reader, self.expr, |mut whole| {
            self.tick(&whole);
            if let Some(hidden) = &self.hidden {
                hidden.hide(&mut whole, self.reader)?;
            }
            each(whole)
        })
    }

    /// Tells of one more.
    fn tick(&self, whole: &Whole) {
        if self.hidden.is_none() && self.unnamed.contains(&whole.stored.key) {
            self.named.set(self.named.get() + 1);
        }
        let posts = self.posts.get() + 1;
        self.posts.set(posts);
        if posts.is_multiple_of(1000) {
            self.bar.set_message(format!("{posts} posts"));
        }
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
