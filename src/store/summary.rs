//! What a job has brought, in numbers: by source and altogether, as a methods section needs them.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use rusqlite::Row;
use serde::Serialize;

use super::deletion;
use super::read::NO_NOTE;
use super::row::{instant, when};
use super::{Reader, StoreError};
use crate::coverage::{RECHECK, source_of};
use crate::model::{Precision, When};

/// Posts of a job, or of one of its sources.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Posts that a page or a stream showed as its own.
    pub posts: u64,
    /// Posts that were only seen inside those: quoted, passed on. They are in none of the other numbers.
    pub nested: u64,
    /// Accounts that wrote them.
    pub accounts: u64,
    /// Posts whose source names no account.
    pub nameless: u64,
    /// Posts of each kind (`original`, `reply`, …), the most frequent first.
    pub kinds: Vec<(String, u64)>,
    /// Posts of each language as the platform gives it, in lower case, likewise; posts without one are in none.
    pub languages: Vec<(String, u64)>,
    /// When the first was written, and the last.
    pub first: Option<When>,
    /// See `first`.
    pub last: Option<When>,
    /// Posts of which only the day is known.
    pub day_only: u64,
    /// Posts without a date.
    pub undated: u64,
    /// Posts that were seen in more than one state.
    pub revised: u64,
    /// Posts that their platform calls edited.
    pub edited: u64,
    /// Posts that a source says are deleted, and that no answer showed again.
    pub deleted: u64,
}

/// What a job has brought.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct JobSummary {
    /// All of it; a post that several sources showed counts once.
    pub all: Summary,
    /// By source, all parts of it together.
    pub sources: BTreeMap<String, Summary>,
    /// Answers that were kept, and how many of them are shipped examples.
    pub captures: u64,
    /// See `captures`.
    pub recorded: u64,
    /// Those that were had to look again at posts.
    pub rechecks: u64,
    /// Answers that could not be read.
    pub problems: u64,
    /// Items on pages that gave no post.
    pub skipped: u64,
    /// When the first answer was had, and the last.
    pub first_capture: Option<DateTime<Utc>>,
    /// See `first_capture`.
    pub last_capture: Option<DateTime<Utc>>,
    /// The versions of pullquote that kept them, each with how many.
    pub versions: Vec<(String, u64)>,
}

/// A summary while it is being counted.
#[derive(Default)]
struct Count {
    summary: Summary,
    accounts: HashSet<i64>,
    kinds: BTreeMap<String, u64>,
    languages: BTreeMap<String, u64>,
}

/// A post as it is counted.
struct Counted {
    id: i64,
    account: Option<i64>,
    lang: Option<String>,
    kind: String,
    created: Option<When>,
    is_edited: bool,
    source: String,
    nested: bool,
}

impl Reader {
    /// What a job has brought. Empty for one that the archive does not know.
    ///
    /// # Errors
    /// A damaged database.
    pub fn summary(&self, job: &str) -> Result<JobSummary, StoreError> {
        let read = || -> rusqlite::Result<JobSummary> {
            let gone: HashSet<i64> = deletion::all(&self.db)?.into_iter().collect();
            let mut summary = JobSummary::default();
            let (mut all, mut sources) = (Count::default(), BTreeMap::<String, Count>::new());
            let mut posts = self.db.prepare(
                "SELECT p.id, p.account, p.lang, p.kind, p.created, p.created_precision, p.created_source, p.edited_at IS NOT NULL, \
                 c.source, min(s.nested) FROM post_job j JOIN post p ON p.id = j.post JOIN sighting s ON s.post = p.id \
                 JOIN capture c ON c.id = s.capture AND c.job = j.job WHERE j.job = ?1 GROUP BY p.id, c.source ORDER BY p.id",
            )?;
            let revised: HashSet<i64> = self
                .db
                .prepare("SELECT post FROM revision WHERE number = 2")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let of_source =
                |row: &rusqlite::Result<Counted>| row.as_ref().map_or(true, |post| !post.source.ends_with(RECHECK));
            let mut rows = posts.query_map([job], counted)?.filter(of_source).peekable();
            while let Some(row) = rows.next() {
                let post = row?;
                // The rows of one post follow each other: one for each part of a source that showed it.
                let mut by_source = BTreeMap::from([(source_of(&post.source).to_owned(), post.nested)]);
                while let Some(more) = rows.next_if(|row| row.as_ref().is_ok_and(|more| more.id == post.id)) {
                    let more = more?;
                    let nested = by_source.entry(source_of(&more.source).to_owned()).or_insert(true);
                    *nested &= more.nested;
                }
                let state = (revised.contains(&post.id), gone.contains(&post.id));
                all.add(&post, by_source.values().all(|nested| *nested), state);
                for (source, nested) in by_source {
                    sources.entry(source).or_default().add(&post, nested, state);
                }
            }
            summary.all = all.done();
            summary.sources = sources.into_iter().map(|(source, count)| (source, count.done())).collect();
            self.captures_of(job, &mut summary)?;
            Ok(summary)
        };
        read().map_err(self.error("count"))
    }

    fn captures_of(&self, job: &str, summary: &mut JobSummary) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT count(*), ifnull(sum(origin = 'recorded'), 0), count(problem), min(fetched_at), max(fetched_at), \
             ifnull(sum(source GLOB '*' || ?2), 0) FROM capture c WHERE job = ?1 AND {NO_NOTE}"
        );
        self.db.query_row(&sql, [job, RECHECK], |row| {
            summary.rechecks = row.get(5)?;
            (summary.captures, summary.recorded, summary.problems) = (row.get(0)?, row.get(1)?, row.get(2)?);
            (summary.first_capture, summary.last_capture) = (instant(row, 3)?, instant(row, 4)?);
            Ok(())
        })?;
        let sql = "SELECT count(*) FROM skipped s JOIN capture c ON c.id = s.capture WHERE c.job = ?1";
        summary.skipped = self.db.query_row(sql, [job], |row| row.get(0))?;
        let sql = format!(
            "SELECT r.version, count(*) FROM capture c JOIN run r ON r.name = c.run WHERE c.job = ?1 AND {NO_NOTE} \
             GROUP BY r.version ORDER BY min(c.id)"
        );
        let mut versions = self.db.prepare(&sql)?;
        summary.versions =
            versions.query_map([job], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        Ok(())
    }
}

fn counted(row: &Row<'_>) -> rusqlite::Result<Counted> {
    Ok(Counted {
        id: row.get(0)?,
        account: row.get(1)?,
        lang: row.get(2)?,
        kind: row.get(3)?,
        created: when(row, 4)?,
        is_edited: row.get(7)?,
        source: row.get(8)?,
        nested: row.get(9)?,
    })
}

impl Count {
    fn add(&mut self, post: &Counted, nested: bool, (revised, gone): (bool, bool)) {
        let summary = &mut self.summary;
        if nested {
            summary.nested += 1;
            return;
        }
        summary.posts += 1;
        self.accounts.extend(post.account);
        summary.nameless += u64::from(post.account.is_none());
        *self.kinds.entry(post.kind.clone()).or_default() += 1;
        for lang in post.lang.iter().flat_map(|lang| lang.split(',')) {
            let lang = lang.trim().to_ascii_lowercase();
            if !lang.is_empty() {
                *self.languages.entry(lang).or_default() += 1;
            }
        }
        match post.created {
            None => summary.undated += 1,
            Some(when) => {
                summary.day_only += u64::from(when.precision() == Precision::Day);
                summary.first = summary.first.filter(|first| first.at() <= when.at()).or(Some(when));
                summary.last = summary.last.filter(|last| last.at() >= when.at()).or(Some(when));
            }
        }
        summary.revised += u64::from(revised);
        summary.edited += u64::from(post.is_edited);
        summary.deleted += u64::from(gone);
    }

    fn done(self) -> Summary {
        let most = |counts: BTreeMap<String, u64>| {
            let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
            counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            counts
        };
        Summary {
            accounts: self.accounts.len() as u64,
            kinds: most(self.kinds),
            languages: most(self.languages),
            ..self.summary
        }
    }
}
