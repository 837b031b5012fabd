//! A search, answered: one SQL statement that walks posts from the newest on and stops at the limit.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::deletion;
use super::filter::{Filter, account_list, accounts, all_but, full_text};
use super::row::{COLUMNS, Stored, post_row};
use crate::query::Expr;

/// The most posts that one search gives.
pub const MAX_LIMIT: u32 = 10_000;

/// How many of the newest matches a search by relevance ranks: ranking all would read every match.
pub const RANKED: u32 = 20_000;

/// The order of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Newest first; posts without a date last, in order of arrival.
    #[default]
    Newest,
    /// Best match first, among the newest [`RANKED`]. Without words there is nothing to rank: newest first.
    Relevance,
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Which posts.
    pub expr: Expr,
    /// In which order.
    pub sort: Sort,
    /// How many; no more than [`MAX_LIMIT`].
    pub limit: u32,
    /// Go on behind an earlier page of the same search: its [`Results::next`]. A search by relevance has one page.
    pub after: Option<i64>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    /// The posts in the order asked for.
    pub posts: Vec<Stored>,
    /// Whether there were more matches than a search by relevance ranks, so that only the newest were looked at.
    pub only_newest: bool,
    /// Where the next page begins; `None` when there is none.
    pub next: Option<i64>,
}

/// The table that is walked.
struct Drive {
    from: String,
    id: &'static str,
    condition: Option<(String, Option<Value>)>,
    words: bool,
    has_post: bool,
}

pub(super) fn run(db: &Connection, search: &Search) -> rusqlite::Result<Results> {
    let parts: &[Expr] = match &search.expr {
        Expr::All(parts) => parts,
        other => std::slice::from_ref(other),
    };
    let (drive, rest) = drive(db, parts)?;
    let mut filter = Filter::new(db, drive.id);
    if let Some((sql, value)) = drive.condition {
        filter.sql.push(sql);
        filter.params.extend(value);
    }
    for part in rest {
        filter.add(part)?;
    }
    let Filter { id, mut sql, mut params, needs_post, .. } = filter;
    let mut from = drive.from;
    if needs_post && !drive.has_post {
        // CROSS JOIN keeps the order: the driving table outside.
        from = format!("{from} CROSS JOIN post p ON p.id = {id}");
    }
    if let Some(after) = search.after {
        sql.push(format!("{id} < ?"));
        params.push(after.into());
    }
    let condition = if sql.is_empty() { "1".to_owned() } else { sql.join(" AND ") };
    let ranked = drive.words && search.sort == Sort::Relevance;
    let inner = if ranked {
        format!(
            "SELECT id, b, count(*) OVER () AS n FROM (SELECT {id} AS id, bm25(post_fts) AS b FROM {from} \
             WHERE {condition} ORDER BY {id} DESC LIMIT {RANKED}) ORDER BY b, id DESC LIMIT ?"
        )
    } else {
        format!("SELECT {id} AS id, 0 AS b, 0 AS n FROM {from} WHERE {condition} ORDER BY {id} DESC LIMIT ?")
    };
    params.push(i64::from(search.limit.min(MAX_LIMIT)).into());
    let sql = format!(
        "SELECT {COLUMNS}, k.n FROM ({inner}) k CROSS JOIN post p ON p.id = k.id \
         CROSS JOIN capture c ON c.id = p.capture ORDER BY k.b, k.id DESC"
    );
    let (mut results, mut found) = (Results::default(), Vec::new());
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
    while let Some(row) = rows.next()? {
        results.only_newest |= row.get::<_, u32>(45)? >= RANKED;
        let row = post_row(row)?;
        results.next = Some(row.id);
        found.push(row);
    }
    results.posts = deletion::tell(db, found)?;
    if ranked || results.posts.len() < search.limit.min(MAX_LIMIT) as usize {
        results.next = None;
    }
    Ok(results)
}

/// Chooses the table to walk, the one that holds least: words, else a hashtag, an account, a job, else all posts.
/// Gives back the parts that it does not answer.
fn drive<'e>(db: &Connection, parts: &'e [Expr]) -> rusqlite::Result<(Drive, Vec<&'e Expr>)> {
    let with: Vec<String> = parts.iter().filter_map(full_text).collect();
    let excluded = |part: &Expr| match part {
        Expr::Not(part) => full_text(part),
        _ => None,
    };
    let without: Vec<String> = parts.iter().filter_map(excluded).collect();
    if let Some(words) = all_but(&with, &without) {
        let rest = parts.iter().filter(|part| full_text(part).is_none() && excluded(part).is_none()).collect();
        let drive = Drive {
            from: "post_fts".to_owned(),
            id: "post_fts.rowid",
            condition: Some(("post_fts MATCH ?".to_owned(), Some(words.into()))),
            words: true,
            has_post: false,
        };
        return Ok((drive, rest));
    }
    let without_part = |at: usize| parts.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, part)| part).collect();
    let marks = |from: &str, id, condition: &str, value: Value| Drive {
        from: from.to_owned(),
        id,
        condition: Some((condition.to_owned(), Some(value))),
        words: false,
        has_post: false,
    };
    for (at, part) in parts.iter().enumerate() {
        match part {
            Expr::Tag(tag) => {
                return Ok((marks("post_tag m", "m.post", "m.tag = ?", tag.folded().into()), without_part(at)));
            }
            Expr::From(handle) => {
                let list = account_list(&accounts(db, handle)?);
                let drive = Drive {
                    from: "post p INDEXED BY post_by_account".to_owned(),
                    id: "p.id",
                    condition: Some((format!("p.account IN ({list})"), None)),
                    words: false,
                    has_post: true,
                };
                return Ok((drive, without_part(at)));
            }
            _ => {}
        }
    }
    if let Some((at, Expr::Job(job))) = parts.iter().enumerate().find(|(_, part)| matches!(part, Expr::Job(_))) {
        return Ok((marks("post_job m", "m.post", "m.job = ?", job.clone().into()), without_part(at)));
    }
    let drive = Drive { from: "post p".to_owned(), id: "p.id", condition: None, words: false, has_post: true };
    Ok((drive, parts.iter().collect()))
}
