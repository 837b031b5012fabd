//! Facets: how often each author, hashtag, linked host, language, day or platform occurs among the newest matches.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::ControlFlow;

use chrono::NaiveDate;
use rusqlite::{OptionalExtension, params};

use super::matches::{Detail, Match};
use super::{Reader, StoreError};
use crate::model::Precision;
use crate::query::Expr;
use crate::zone::Zone;

/// How many of the newest matches facets look at, as far as nobody says otherwise.
pub const FACETED: u64 = 200_000;

/// What matches are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Facet {
    /// The account that wrote them.
    Author,
    /// Their hashtags, in the form that compares.
    Tag,
    /// The hosts that they link to.
    Domain,
    /// Their languages, as the platform gives them.
    Lang,
    /// The day on which they were written.
    Day,
    /// Where they were published.
    Platform,
}

impl Facet {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Facet; 6] = [Facet::Author, Facet::Tag, Facet::Domain, Facet::Lang, Facet::Day, Facet::Platform];

    /// The word by which it is asked for, and which JSON uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Facet::Author => "author",
            Facet::Tag => "tag",
            Facet::Domain => "domain",
            Facet::Lang => "lang",
            Facet::Day => "day",
            Facet::Platform => "platform",
        }
    }
}

/// A value and the posts that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// As a person reads it: `@handle`, `#tag`, a host, a tag of a language, `2021-07-26`, a platform.
    pub value: String,
    /// For an author, the platform of the account.
    pub platform: Option<String>,
    /// Posts among those looked at; a post with three hashtags counts for each of them.
    pub posts: u64,
}

/// One facet, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCounts {
    /// Which.
    pub facet: Facet,
    /// Its most frequent values, the most frequent first; of equal ones the lesser name first.
    pub top: Vec<Value>,
    /// How many values there are altogether.
    pub values: u64,
    /// Posts that have none: no author is named, no hashtag, no link, no language, no date.
    pub without: u64,
}

/// Facets of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facets {
    /// Posts looked at.
    pub posts: u64,
    /// Whether there were more matches than were to be looked at.
    pub only_newest: bool,
    /// Each facet that was asked for, in that order.
    pub counts: Vec<FacetCounts>,
}

impl Reader {
    /// Counts the newest matches of a search by facets, no more than `newest` of them, and gives the `most` frequent values
    /// of each.
    ///
    /// # Errors
    /// A damaged database.
    pub fn facets(
        &self,
        expr: &Expr,
        facets: &[Facet],
        zone: Zone,
        newest: u64,
        most: usize,
    ) -> Result<Facets, StoreError> {
        let mut tally = Tally { zone, ..Tally::default() };
        let only_days = facets.iter().all(|facet| matches!(facet, Facet::Author | Facet::Day | Facet::Platform));
        let detail = if only_days { Detail::Brief } else { Detail::Facets };
        let mut only_newest = false;
        self.matches(expr, detail, |found| {
            if tally.posts == newest {
                only_newest = true;
                return ControlFlow::Break(());
            }
            tally.add(&found);
            ControlFlow::Continue(())
        })?;
        let mut counts = Vec::new();
        for facet in facets {
            let (top, values, without) = match facet {
                Facet::Author => {
                    let (top, values) = self.authors(&tally, most)?;
                    (top, values, tally.without_author)
                }
                Facet::Tag => named(&tally.tags, tally.without_tag, most, |tag| format!("#{tag}")),
                Facet::Domain => named(&tally.domains, tally.without_domain, most, Clone::clone),
                Facet::Lang => named(&tally.langs, tally.without_lang, most, Clone::clone),
                Facet::Day => named(&tally.days, tally.without_day, most, NaiveDate::to_string),
                Facet::Platform => named(&tally.platforms, 0, most, Clone::clone),
            };
            counts.push(FacetCounts { facet: *facet, top, values, without });
        }
        Ok(Facets { posts: tally.posts, only_newest, counts })
    }

    /// The accounts with most posts, by the names they were last seen under.
    fn authors(&self, tally: &Tally, most: usize) -> Result<(Vec<Value>, u64), StoreError> {
        let name = |account: i64| -> rusqlite::Result<(String, Option<String>)> {
            let (platform, identity): (String, String) = self
                .db
                .prepare_cached("SELECT platform, identity FROM account WHERE id = ?1")?
                .query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut last = self.db.prepare_cached(
                "SELECT handle, name FROM account_name WHERE account = ?1 \
                 ORDER BY handle = '', last_seen DESC, handle, name LIMIT 1",
            )?;
            let last: Option<(String, String)> =
                last.query_row(params![account], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let shown = match last {
                Some((handle, _)) if !handle.is_empty() => format!("@{handle}"),
                Some((_, name)) if !name.is_empty() => name,
                _ => identity,
            };
            Ok((shown, Some(platform)))
        };
        let mut top: Vec<(&i64, &u32)> = tally.authors.iter().collect();
        // Accounts are numbered in order of arrival.
        let order = |(account, posts): &(&i64, &u32)| (std::cmp::Reverse(**posts), **account);
        top.sort_unstable_by_key(order);
        top.truncate(most);
        let top: rusqlite::Result<Vec<Value>> = top
            .into_iter()
            .map(|(account, posts)| {
                let (value, platform) = name(*account)?;
                Ok(Value { value, platform, posts: u64::from(*posts) })
            })
            .collect();
        Ok((top.map_err(self.error("count"))?, tally.authors.len() as u64))
    }
}

/// Counters by facet.
struct Tally {
    zone: Zone,
    posts: u64,
    authors: HashMap<i64, u32>,
    tags: HashMap<String, u32>,
    domains: HashMap<String, u32>,
    langs: HashMap<String, u32>,
    days: HashMap<NaiveDate, u32>,
    platforms: HashMap<String, u32>,
    without_author: u64,
    without_tag: u64,
    without_domain: u64,
    without_lang: u64,
    without_day: u64,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            zone: Zone::UTC,
            posts: 0,
            authors: HashMap::new(),
            tags: HashMap::new(),
            domains: HashMap::new(),
            langs: HashMap::new(),
            days: HashMap::new(),
            platforms: HashMap::new(),
            without_author: 0,
            without_tag: 0,
            without_domain: 0,
            without_lang: 0,
            without_day: 0,
        }
    }
}

impl Tally {
    fn add(&mut self, found: &Match) {
        self.posts += 1;
        let day = found.created.map(|when| match when.precision() {
            // The day as printed, which is of no zone.
            Precision::Day => when.at().date_naive(),
            Precision::Second | Precision::Minute => self.zone.local(when.at()).date_naive(),
        });
        self.without_author += count(&mut self.authors, found.account.iter());
        self.without_tag += count(&mut self.tags, found.tags.iter());
        self.without_domain += count(&mut self.domains, found.domains.iter());
        self.without_lang += count(&mut self.langs, found.langs.iter());
        self.without_day += count(&mut self.days, day.iter());
        count(&mut self.platforms, std::iter::once(&found.platform));
    }
}

/// Counts each value; 1 if there is none.
fn count<'v, K: Hash + Eq + Clone + 'v>(counts: &mut HashMap<K, u32>, values: impl Iterator<Item = &'v K>) -> u64 {
    let mut none = 1;
    for value in values {
        none = 0;
        match counts.get_mut(value) {
            Some(count) => *count = count.saturating_add(1),
            None => drop(counts.insert(value.clone(), 1)),
        }
    }
    none
}

fn named<K: Ord>(
    counts: &HashMap<K, u32>,
    without: u64,
    most: usize,
    show: impl Fn(&K) -> String,
) -> (Vec<Value>, u64, u64) {
    let mut top: Vec<(&K, &u32)> = counts.iter().collect();
    top.sort_unstable_by(|(a, x), (b, y)| y.cmp(x).then(a.cmp(b)));
    top.truncate(most);
    let value = |(value, posts): (&K, &u32)| Value { value: show(value), platform: None, posts: u64::from(*posts) };
    (top.into_iter().map(value).collect(), counts.len() as u64, without)
}
