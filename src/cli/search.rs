//! `pullquote search`: posts of the archive, newest first.

use clap::ValueEnum;

use super::output::Output;
use super::{Context, Exit, UsageError, facets};
use crate::model::{Post, Precision};
use crate::query::{self, Expr};
use crate::quote::json;
use crate::store::{Counts, FACETED, Facet, MAX_LIMIT, RANKED, Reader, Search, Sort, StoreError};
use crate::zone::Zone;

/// Posts read at a time.
const PAGE: u32 = 1000;

/// Arguments of `search`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words, "phrases", word*, -not, OR, #tag, from:, since:, until:, lang:, platform:, job:. Nothing lists all.
    /// Quote the whole of it: 'ken -starmer'; what begins with a hyphen stands behind two: -- -starmer
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Order
    #[arg(long, value_enum, default_value_t = Order::Newest)]
    sort: Order,
    /// Most posts to print [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Count the newest matches by these instead of printing them
    #[arg(long, value_enum, value_name = "FACET,…", value_delimiter = ',', conflicts_with_all = ["sort", "limit"])]
    facets: Vec<Facet>,
    /// Zone of the days, such as Europe/London [default: this machine's]
    #[arg(long, value_name = "NAME")]
    timezone: Option<Zone>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Order {
    /// Newest first
    Newest,
    /// Best match first, among the newest matches
    Relevance,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let archive = context.archive.existing()?;
    // The shell has split the words; what it was told to keep together stays together inside its own quotes.
    let expr = query::parse(&args.query.join(" ")).map_err(|error| UsageError(error.to_string()))?;
    let reader = Reader::open(&archive.database())?;
    if !args.facets.is_empty() {
        let zone = args.timezone.unwrap_or_else(Zone::of_user);
        let counted = reader.facets(&expr, &args.facets, zone, FACETED, facets::SHOWN)?;
        let mut out = Output::new();
        facets::print(&counted, args.json, &mut out)?;
        out.flush()?;
        super::tell_unindexed(&archive, &reader)?;
        return Ok(Exit::Ok);
    }
    let (sort, page) = match args.sort {
        Order::Newest => (Sort::Newest, PAGE),
        // There is no second page.
        Order::Relevance => (Sort::Relevance, MAX_LIMIT),
    };
    let mut out = Output::new();
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
        for stored in found.posts {
            let quotable = super::quotable(stored);
            if args.json {
                out.line(&serde_json::Value::Object(json::archived(&quotable)).to_string())?;
            } else {
                print(&quotable.post, &quotable.key, &mut out)?;
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
    if wanted == args.limit.unwrap_or(u64::MAX) {
        for why in impossible(&expr, &reader)? {
            eprintln!("{why}");
        }
    }
    // What is kept and not yet indexed is not found.
    super::tell_unindexed(&archive, &reader)?;
    Ok(Exit::Ok)
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
    let since = leaves.iter().filter_map(|leaf| if let Expr::Since(at) = leaf { Some(at) } else { None }).max();
    let until = leaves.iter().filter_map(|leaf| if let Expr::Until(at) = leaf { Some(at) } else { None }).min();
    if since.zip(until).is_some_and(|(since, until)| since >= until) {
        told.push("no time is both behind since: and before until:".to_owned());
    }
    Ok(told)
}

/// A post for a reader: its name in the archive (or its place in a file), who and when, and the text.
pub(super) fn print(post: &Post, name: &str, out: &mut Output) -> std::io::Result<()> {
    let when = post.created.map_or_else(
        || "undated".to_owned(),
        |when| match when.precision() {
            Precision::Day => when.at().format("%Y-%m-%d").to_string(),
            Precision::Minute | Precision::Second => when.at().format("%Y-%m-%d %H:%M UTC").to_string(),
        },
    );
    let who = flat(&crate::quote::attribution(post));
    out.line(&format!("{name}  {when}  {who} · {}", post.platform))?;
    if let Some(warning) = &post.content_warning {
        out.line(&format!("    [{}]", flat(warning)))?;
    }
    if let Some(original) = post.repost_of.as_ref().and_then(|original| original.best()) {
        out.line(&format!("    reposts {original}"))?;
    }
    for line in post.text.split('\n').filter(|_| !post.text.is_empty()) {
        out.line(&format!("    {line}"))?;
    }
    for media in &post.media {
        let alt = media.alt.as_deref().map_or_else(|| "without description".to_owned(), flat);
        out.line(&format!("    [{}] {alt}", media.kind))?;
    }
    for doubt in &post.doubts {
        out.line(&format!("    ! {}", flat(doubt)))?;
    }
    out.line("")
}

/// On one line: only a post's text has lines of its own; a name of two lines would look like another post.
pub(super) fn flat(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
