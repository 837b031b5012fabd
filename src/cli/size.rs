//! `pullquote size`: how big it was, as a sentence for an article.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use serde_json::{Value, json};

use super::output::Output;
use super::query::QueryArgs;
use super::{Context, Exit, timeline};
use crate::chart::{self, Said, Size};
use crate::model::{Kind, Precision, TextState, When};
use crate::store::{Detail, Match, Reader};
use crate::zone::Zone;

/// Arguments of `size`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    query: QueryArgs,
    /// Print the figures as one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let archive = context.archive.existing()?;
    let text = args.query.text();
    let expr = args.query.read(&context.config)?.expr;
    let zone = args.query.zone(&context.config);
    let reader = Reader::open(&archive.database())?;
    let mut tally = Tally::default();
    reader.matches(&expr, Detail::Full, |found| {
        tally.add(&found);
        ControlFlow::Continue(())
    })?;
    let coverage = reader.coverage(timeline::job(&expr))?;
    let mut size = tally.size(text.trim(), zone);
    size.unfinished = coverage.unfinished.into_iter().map(|(source, _)| source).collect();
    size.failed = coverage.failed.into_iter().map(|(source, _)| source).collect();
    let said = chart::sentences(&size);
    let mut out = Output::new();
    if args.json {
        out.line(&object(&size, &said).to_string())?;
    } else {
        out.line(&super::on_one_line(&said.sentence))?;
        out.line("")?;
        said.caveats.iter().try_for_each(|caveat| out.line(&super::on_one_line(caveat)))?;
    }
    out.flush()?;
    super::tell_unindexed(&archive, &reader)?;
    Ok(Exit::Ok)
}

/// Counters that need no more room than there are accounts and texts, of a text no more than eight bytes.
#[derive(Default)]
struct Tally {
    posts: u64,
    reposts: u64,
    accounts: HashMap<i64, u32>,
    platforms: BTreeMap<String, u64>,
    words: Vec<u64>,
    first: Option<When>,
    last: Option<When>,
    unsigned: u64,
    day_only: u64,
    undated: u64,
    truncated: u64,
    doubtful: u64,
    nested: u64,
    recorded: u64,
}

impl Tally {
    fn add(&mut self, found: &Match) {
        if found.kind == Kind::Repost {
            self.reposts += 1;
            return;
        }
        self.posts += 1;
        match found.account {
            Some(account) => *self.accounts.entry(account).or_default() += 1,
            None => self.unsigned += 1,
        }
        match self.platforms.get_mut(&found.platform) {
            Some(posts) => *posts += 1,
            None => drop(self.platforms.insert(found.platform.clone(), 1)),
        }
        self.words.extend(found.words);
        match found.created {
            None => self.undated += 1,
            Some(when) => {
                self.day_only += u64::from(when.precision() == Precision::Day);
                if self.first.is_none_or(|first| when.at() < first.at()) {
                    self.first = Some(when);
                }
                if self.last.is_none_or(|last| when.at() > last.at()) {
                    self.last = Some(when);
                }
            }
        }
        self.truncated += u64::from(found.text_state == TextState::Truncated);
        self.doubtful += u64::from(found.doubtful);
        self.nested += u64::from(found.nested);
        self.recorded += u64::from(found.recorded);
    }

    fn size(mut self, query: &str, zone: Zone) -> Size {
        let mut busiest: Vec<u32> = self.accounts.values().copied().collect();
        busiest.sort_unstable_by_key(|posts| Reverse(*posts));
        self.words.sort_unstable();
        let duplicates = self.words.windows(2).filter(|pair| matches!(pair, [a, b] if a == b)).count() as u64;
        let mut platforms: Vec<(String, u64)> = self.platforms.into_iter().collect();
        platforms.sort_by_key(|(_, posts)| Reverse(*posts));
        Size {
            query: query.to_owned(),
            zone,
            posts: self.posts,
            accounts: self.accounts.len() as u64,
            by_ten: busiest.iter().take(10).map(|posts| u64::from(*posts)).sum(),
            unsigned: self.unsigned,
            first: self.first,
            last: self.last,
            reposts: self.reposts,
            duplicates,
            day_only: self.day_only,
            undated: self.undated,
            platforms,
            truncated: self.truncated,
            doubtful: self.doubtful,
            nested: self.nested,
            recorded: self.recorded,
            unfinished: Vec::new(),
            failed: Vec::new(),
        }
    }
}

fn object(size: &Size, said: &Said) -> Value {
    let platforms: serde_json::Map<String, Value> =
        size.platforms.iter().map(|(name, posts)| (name.clone(), (*posts).into())).collect();
    json!({
        "query": size.query, "timezone": size.zone.name(), "posts": size.posts, "accounts": size.accounts,
        "by_ten_busiest": size.by_ten, "without_author": size.unsigned, "first": size.first, "last": size.last,
        "reposts": size.reposts, "duplicates": size.duplicates, "day_only": size.day_only, "undated": size.undated,
        "platforms": platforms, "truncated": size.truncated, "doubtful": size.doubtful, "nested": size.nested, "recorded": size.recorded,
        "unfinished": size.unfinished, "failed": size.failed, "sentence": said.sentence, "caveats": said.caveats,
    })
}
