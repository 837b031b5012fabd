//! A search, answered: one SQL statement that walks posts from the newest on and stops at the limit.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use super::deletion;
use super::expression::Expression;
use super::filter::{Condition, Filter, json_list};
use super::row::{BEHIND, COLUMNS, Stored, post_row};
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
    /// Where the next page begins, if there may be one: behind a full page it may be empty.
    pub next: Option<i64>,
}

/// How a search is answered, for those who wonder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What the full-text index is asked, with marks by their names; `None` if it is not asked.
    pub index: Option<String>,
    /// The statement, with `?` for each value.
    pub sql: String,
    /// The values, as SQLite writes them.
    pub values: Vec<String>,
    /// How SQLite goes about it (`EXPLAIN QUERY PLAN`).
    pub steps: Vec<String>,
}

/// The tables and conditions of all that match.
pub(super) struct Selection {
    from: String,
    id: &'static str,
    condition: Condition,
    index: Option<Expression>,
    has_words: bool,
}

impl Selection {
    /// Columns of `post p` and of its `capture c`, of all that match, newest first; and the values.
    pub(super) fn rows(self, columns: &str) -> (String, Vec<Value>) {
        let Selection { mut from, id, condition, .. } = self;
        if !from.ends_with("post p") && !from.contains("post p ON") {
            from = format!("{from} CROSS JOIN post p ON p.id = {id}");
        }
        let sql = format!(
            "SELECT {columns} FROM {from} CROSS JOIN capture c ON c.id = p.capture WHERE {} ORDER BY {id} DESC",
            condition.sql
        );
        (sql, condition.params)
    }

    /// The numbers of all that match, newest first, as SQL that ends open for a `LIMIT`. `columns` stand behind `id`.
    pub(super) fn ids(&self, columns: &str) -> String {
        let Selection { from, id, condition, .. } = self;
        format!("SELECT {id} AS id{columns} FROM {from} WHERE {} ORDER BY {id} DESC", condition.sql)
    }
}

pub(super) fn run(db: &Connection, search: &Search) -> rusqlite::Result<Results> {
    let Some((sql, params, is_ranked)) = statement(db, search)? else { return Ok(Results::default()) };
    let (mut results, mut found) = (Results::default(), Vec::new());
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
    while let Some(row) = rows.next()? {
        results.only_newest |= row.get::<_, u32>(BEHIND)? > RANKED;
        let row = post_row(row)?;
        results.next = Some(row.id);
        found.push(row);
    }
    results.posts = deletion::tell(db, found)?;
    if is_ranked || results.posts.len() < search.limit.min(MAX_LIMIT) as usize {
        results.next = None;
    }
    Ok(results)
}

/// How many posts match.
pub(super) fn count(db: &Connection, expr: &Expr) -> rusqlite::Result<u64> {
    let Some(Selection { from, condition, .. }) = select(db, expr, None)? else { return Ok(0) };
    let sql = format!("SELECT count(*) FROM {from} WHERE {}", condition.sql);
    db.prepare(&sql)?.query_row(rusqlite::params_from_iter(condition.params), |row| row.get(0))
}

/// Which of several trees the post of each key fits, as places in the list of trees. What a tree needs to know is asked once.
pub(super) fn fitting(db: &Connection, trees: &[&Expr], keys: &[&str]) -> rusqlite::Result<Vec<Vec<usize>>> {
    let mut fitting = vec![Vec::new(); keys.len()];
    let mut find = db.prepare_cached("SELECT id FROM post WHERE key = ?1")?;
    let posts: Vec<Option<i64>> =
        keys.iter().map(|key| find.query_row([key], |row| row.get(0)).optional()).collect::<Result<_, _>>()?;
    for (at, tree) in trees.iter().enumerate() {
        let Some(Selection { from, id, condition, .. }) = select(db, tree, None)? else { continue };
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {from} WHERE {} AND {id} = ?)", condition.sql);
        let mut fits = db.prepare(&sql)?;
        for (fitting, post) in fitting.iter_mut().zip(&posts) {
            let Some(post) = post else { continue };
            let params = condition.params.iter().cloned().chain(std::iter::once(Value::from(*post)));
            if fits.query_row(rusqlite::params_from_iter(params), |row| row.get(0))? {
                fitting.push(at);
            }
        }
    }
    Ok(fitting)
}

/// How a search would be answered; `None` if it is plain without looking that nothing matches.
pub(super) fn plan(db: &Connection, search: &Search) -> rusqlite::Result<Option<Plan>> {
    let Some(selection) = select(db, &search.expr, search.after)? else { return Ok(None) };
    let Some((sql, params, _)) = statement(db, search)? else { return Ok(None) };
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let steps =
        statement.query_map(rusqlite::params_from_iter(&params), |row| row.get(3))?.collect::<Result<_, _>>()?;
    let values = params.iter().map(|value| match value {
        // Marks are nothing that a person can read.
        Value::Text(text) if text.contains(|c: char| c >= '\u{f0000}') => "(as above)".to_owned(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    });
    Ok(Some(Plan { index: selection.index.as_ref().map(Expression::to_string), values: values.collect(), sql, steps }))
}

/// The statement of a search, its values, and whether it ranks.
fn statement(db: &Connection, search: &Search) -> rusqlite::Result<Option<(String, Vec<Value>, bool)>> {
    let Some(selection) = select(db, &search.expr, search.after)? else { return Ok(None) };
    let is_ranked = selection.has_words && search.sort == Sort::Relevance;
    let inner = if is_ranked {
        let ids = selection.ids(", bm25(post_fts) AS b");
        // One more than is ranked tells whether there are more.
        format!(
            "SELECT id, b, n FROM (SELECT id, b, count(*) OVER () AS n, row_number() OVER (ORDER BY id DESC) AS r FROM \
             ({ids} LIMIT {RANKED} + 1)) WHERE r <= {RANKED} ORDER BY b, id DESC LIMIT ?"
        )
    } else {
        format!("{} LIMIT ?", selection.ids(", 0 AS b, 0 AS n"))
    };
    let sql = format!(
        "SELECT {COLUMNS}, k.n FROM ({inner}) k CROSS JOIN post p ON p.id = k.id \
         CROSS JOIN capture c ON c.id = p.capture ORDER BY k.b, k.id DESC"
    );
    let mut params = selection.condition.params;
    params.push(i64::from(search.limit.min(MAX_LIMIT)).into());
    Ok(Some((sql, params, is_ranked)))
}

/// Chooses what to walk: what the full-text index finds, else posts that are listed one by one, those of a job, all posts.
/// `None` if nothing can match.
pub(super) fn select(db: &Connection, expr: &Expr, after: Option<i64>) -> rusqlite::Result<Option<Selection>> {
    let parts: &[Expr] = match expr {
        Expr::All(parts) => parts,
        other => std::slice::from_ref(other),
    };
    let filter = Filter::new(db, "", false);
    let by = filter.bounds(expr)?.most;
    if by.is_nothing() {
        return Ok(None);
    }
    let by = Some(by).filter(|by| *by != Expression::every());
    let mut listed = None;
    for part in parts.iter().filter(|_| by.is_none()) {
        if let Some(ids) = filter.listed(part)? {
            listed = Some((part, ids));
            break;
        }
    }
    let job = parts.iter().find_map(|part| if let Expr::Job(job) = part { Some((part, job)) } else { None });
    let (mut from, id, first, done) = match (&by, listed, job) {
        (Some(by), ..) => {
            ("post_fts".to_owned(), "post_fts.rowid", Some(Condition::new("post_fts MATCH ?", [by.sql().into()])), None)
        }
        (None, Some((part, ids)), _) => {
            let sql = "p.id IN (SELECT value FROM json_each(?))";
            ("post p".to_owned(), "p.id", Some(Condition::new(sql, [json_list(&ids).into()])), Some(part))
        }
        (None, None, Some((part, job))) => {
            ("post_job m".to_owned(), "m.post", Some(Condition::new("m.job = ?", [job.clone().into()])), Some(part))
        }
        (None, None, None) => ("post p".to_owned(), "p.id", None, None),
    };
    let filter = Filter::new(db, id, by.is_some());
    let mut conditions: Vec<Condition> = first.into_iter().collect();
    for part in parts {
        let is_done = done.is_some_and(|done| done == part) || (by.is_some() && filter.bounds(part)?.are_one());
        if !is_done {
            conditions.push(filter.condition(part)?);
        }
    }
    if conditions.iter().any(|condition| condition.sql.contains("p.")) && !from.ends_with("post p") {
        // CROSS JOIN keeps the order: the driving table outside.
        from = format!("{from} CROSS JOIN post p ON p.id = {id}");
    }
    if let Some(after) = after {
        conditions.push(Condition::new(format!("{id} < ?"), [after.into()]));
    }
    let sql = conditions.iter().map(|condition| condition.sql.as_str()).collect::<Vec<_>>().join(" AND ");
    let condition = Condition {
        sql: if sql.is_empty() { "1".to_owned() } else { sql },
        params: conditions.into_iter().flat_map(|condition| condition.params).collect(),
    };
    let has_words = by.as_ref().is_some_and(Expression::has_words);
    Ok(Some(Selection { from, id, condition, index: by, has_words }))
}
