//! `pullquote search`: posts of the archive, newest first.

use clap::ValueEnum;

use super::output::{Colour, Output};
use super::print::Printer;
use super::query::QueryArgs;
use super::{Context, Exit, facets};
use crate::query::{Expr, Understood};
use crate::quote::{Quotable, csv, json};
use crate::store::{Counts, FACETED, Facet, MAX_LIMIT, RANKED, Reader, Search, Sort, StoreError};
use crate::zone::Zone;

/// Posts read at a time.
const PAGE: u32 = 1000;

/// Arguments of `search`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    query: QueryArgs,
    /// Order
    #[arg(long, value_enum, default_value_t = Order::Newest)]
    sort: Order,
    /// Most posts to print [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// One JSON object a line
    #[arg(long, group = "form")]
    json: bool,
    /// A table of comma-separated values: ids as text, formulas inert
    #[arg(long, group = "form")]
    csv: bool,
    /// Only the keys of the posts, one a line
    #[arg(long, group = "form")]
    ids: bool,
    /// Only how many there are
    #[arg(long, group = "form")]
    count: bool,
    /// How the search is understood and answered, without answering it
    #[arg(long, group = "form")]
    explain: bool,
    /// Count the newest matches by these instead of printing them
    #[arg(long, value_enum, value_name = "FACET,…", value_delimiter = ',',
        conflicts_with_all = ["sort", "limit", "csv", "ids", "count", "explain"])]
    facets: Vec<Facet>,
    /// Mark what was searched for
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    colour: Colour,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Order {
    /// Newest first
    Newest,
    /// Best match first, among the newest matches
    Relevance,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let Understood { expr, notes } = args.query.read(&context.config)?;
    let archive = context.archive.existing()?;
    let reader = Reader::open(&archive.database())?;
    let (sort, page) = match args.sort {
        Order::Newest => (Sort::Newest, PAGE),
        // There is no second page.
        Order::Relevance => (Sort::Relevance, MAX_LIMIT),
    };
    // What other programs read has the very words in it, and no style.
    let is_data = args.json || args.csv || args.ids || args.count;
    let mut out = Output::with_colour(if is_data { Colour::Never } else { args.colour });
    if args.explain {
        let limit = args.limit.map_or(page, |limit| u32::try_from(limit).unwrap_or(page).min(page));
        explain(
            &reader,
            &Search { expr, sort, limit, after: None },
            &notes,
            args.query.zone(&context.config),
            &mut out,
        )?;
        out.flush()?;
        return Ok(Exit::Ok);
    }
    for (name, note) in &notes {
        eprintln!("note: {name}: {note}");
    }
    if !args.facets.is_empty() {
        let counted = reader.facets(&expr, &args.facets, args.query.zone(&context.config), FACETED, facets::SHOWN)?;
        facets::print(&counted, args.json, &mut out)?;
        out.flush()?;
        if counted.posts == 0 {
            tell_impossible(&expr, &reader)?;
        }
        super::tell_unindexed(&archive, &reader)?;
        return Ok(Exit::Ok);
    }
    if args.count {
        let count = reader.count(&expr)?;
        out.line(&count.min(args.limit.unwrap_or(u64::MAX)).to_string())?;
        out.flush()?;
        if count == 0 {
            tell_impossible(&expr, &reader)?;
        }
        super::tell_unindexed(&archive, &reader)?;
        return Ok(Exit::Ok);
    }
    if args.csv {
        out.line(&csv::head())?;
    }
    let mut choices = Vec::new();
    expr.choices(&mut choices);
    let printer = Printer { zone: args.query.zone(&context.config), expr: expr.clone() };
    let is_read = !(args.json || args.csv || args.ids);
    let mut wanted = args.limit.unwrap_or(u64::MAX);
    let mut after = None;
    // A page at a time, so that a list of millions needs no more memory than one of ten.
    while wanted > 0 {
        let limit = u32::try_from(wanted).unwrap_or(u32::MAX).min(page);
        let found = reader.search(&Search { expr: expr.clone(), sort, limit, after })?;
        wanted = wanted.saturating_sub(found.posts.len() as u64);
        after = found.next;
        if after.is_none() && wanted > 0 && found.posts.len() as u64 == u64::from(limit) {
            eprintln!("only the best {limit} matches are shown");
        }
        let quotables: Vec<Quotable> = found.posts.into_iter().map(super::quotable).collect();
        let keys: Vec<&str> = quotables.iter().map(|quotable| quotable.key.as_str()).collect();
        // Which of several things that would do each of them has.
        let fitting = if is_read { reader.fitting(&choices, &keys)? } else { vec![Vec::new(); keys.len()] };
        for (quotable, fitting) in quotables.iter().zip(fitting) {
            if args.json {
                out.line(&serde_json::Value::Object(json::archived(quotable)).to_string())?;
            } else if args.csv {
                out.line(&csv::record(quotable))?;
            } else if args.ids {
                out.line(&quotable.key)?;
            } else {
                let why: Vec<String> =
                    fitting.iter().filter_map(|at| choices.get(*at)).map(ToString::to_string).collect();
                printer.found(quotable, &why, &mut out)?;
            }
        }
        if found.only_newest {
            eprintln!("ranked among the newest {RANKED} matches only");
        }
        if after.is_none() {
            break;
        }
    }
    out.flush()?;
    if wanted > 0 && wanted == args.limit.unwrap_or(u64::MAX) {
        tell_impossible(&expr, &reader)?;
    }
    super::tell_unindexed(&archive, &reader)?;
    Ok(Exit::Ok)
}

/// Tells how a search is understood and answered.
fn explain(
    reader: &Reader,
    search: &Search,
    notes: &[(&str, &str)],
    zone: Zone,
    out: &mut Output,
) -> anyhow::Result<()> {
    out.line(&format!("understood  {}", search.expr))?;
    out.line(&format!("zone        {zone}"))?;
    for (i, line) in tree(&search.expr).into_iter().enumerate() {
        out.line(&format!("{:<12}{line}", if i == 0 { "tree" } else { "" }))?;
    }
    for (name, note) in notes {
        out.line(&format!("note        {name}: {note}"))?;
    }
    let Some(plan) = reader.plan(search)? else {
        let why = impossible(&search.expr, reader)?;
        let why = if why.is_empty() { "no post can match".to_owned() } else { why.join("; ") };
        return Ok(out.line(&format!("answer      nothing: {why}"))?);
    };
    out.line(&format!(
        "index       {}",
        plan.index.as_deref().unwrap_or("not asked: posts are walked from the newest on")
    ))?;
    out.line(&format!("sql         {}", plan.sql))?;
    out.line(&format!("values      {}", plan.values.join(", ")))?;
    for step in plan.steps {
        out.line(&format!("step        {step}"))?;
    }
    Ok(())
}

/// A tree with one leaf on each line.
fn tree(expr: &Expr) -> Vec<String> {
    let below = |parts: &[Expr]| parts.iter().flat_map(tree).map(|line| format!("  {line}")).collect::<Vec<_>>();
    let (head, parts) = match expr {
        Expr::All(parts) if !parts.is_empty() => ("all of", below(parts)),
        Expr::Any(parts) => ("any of", below(parts)),
        Expr::Not(part) => ("not", below(std::slice::from_ref(part))),
        leaf => return vec![leaf.to_string()],
    };
    std::iter::once(head.to_owned()).chain(parts).collect()
}

/// The account that a term looks for in vain, for nobody of the archive goes by that name.
fn unknown<'a>(term: &'a Expr, reader: &Reader) -> Result<Option<&'a str>, StoreError> {
    let Expr::From(handle) = term else { return Ok(None) };
    let search = Search { expr: term.clone(), sort: Sort::Newest, limit: 1, after: None };
    Ok(reader.plan(&search)?.is_none().then(|| handle.as_str()))
}

/// Says on standard error why a search found nothing, where it is plain.
pub(super) fn tell_impossible(expr: &Expr, reader: &Reader) -> Result<(), StoreError> {
    impossible(expr, reader)?.iter().for_each(|why| eprintln!("{}", crate::quote::visible(why)));
    Ok(())
}

/// What no post of the archive can match in a search that found nothing.
fn impossible(expr: &Expr, reader: &Reader) -> Result<Vec<String>, StoreError> {
    let mut leaves = Vec::new();
    expr.wanted(&mut leaves);
    let named = leaves.iter().any(|leaf| matches!(leaf, Expr::Platform(_) | Expr::Job(_)));
    // It looks at every post.
    let counts = if named { reader.counts()? } else { Counts::default() };
    let names = |named: &[(String, u64)]| named.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let holds = |named: &[(String, u64)], wanted: &str| named.iter().any(|(name, _)| name == wanted);
    let mut told = Vec::new();
    for leaf in &leaves {
        match leaf {
            Expr::Platform(name) if !holds(&counts.platforms, name) => {
                told.push(format!("no post is of platform:{name}; there are: {}", names(&counts.platforms)));
            }
            Expr::Job(name) if !holds(&counts.jobs, name) => {
                told.push(format!("no post is of job:{name}; there are: {}", names(&counts.jobs)));
            }
            _ => {}
        }
    }
    // `from:a,b`, and the accounts of a list: any of them would do.
    let parts = if let Expr::All(parts) = expr { parts.as_slice() } else { std::slice::from_ref(expr) };
    for part in parts {
        let choices = if let Expr::Any(choices) = part { choices.as_slice() } else { std::slice::from_ref(part) };
        let unknown: Vec<Option<&str>> =
            choices.iter().map(|choice| unknown(choice, reader)).collect::<Result<_, _>>()?;
        if let Some(names) = unknown.into_iter().collect::<Option<Vec<&str>>>() {
            told.push(format!("no account goes by the name {}", names.join(" or ")));
        }
    }
    let since = leaves.iter().filter_map(|leaf| if let Expr::Since(at) = leaf { Some(at) } else { None }).max();
    let until = leaves.iter().filter_map(|leaf| if let Expr::Until(at) = leaf { Some(at) } else { None }).min();
    if since.zip(until).is_some_and(|(since, until)| since >= until) {
        told.push("no time is both behind since: and before until:".to_owned());
    }
    Ok(told)
}
