//! A search tree as conditions: the part that the full-text index answers, and SQL for the rest.
//!
//! Every value is a parameter, and every word stands in quotes inside the full-text expression, so that nothing that
//! a person types is syntax by accident.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::id::{floor, needs_a_look};
use crate::model::Handle;
use crate::query::Expr;

/// Posts of an account that are looked up one by one.
const FEW: i64 = 200;

/// Conditions on `post p`, whose number is known as `id`.
pub(super) struct Filter<'a> {
    db: &'a Connection,
    /// How the driving table calls the post's number.
    pub(super) id: &'static str,
    /// Conditions so far, to be joined by AND.
    pub(super) sql: Vec<String>,
    /// Their parameters, in order.
    pub(super) params: Vec<Value>,
    /// Whether any condition looks at a column of `post`.
    pub(super) needs_post: bool,
}

impl<'a> Filter<'a> {
    pub(super) fn new(db: &'a Connection, id: &'static str) -> Filter<'a> {
        Filter { db, id, sql: Vec::new(), params: Vec::new(), needs_post: false }
    }

    /// Adds a condition.
    pub(super) fn add(&mut self, expr: &Expr) -> rusqlite::Result<()> {
        let sql = self.condition(expr)?;
        self.sql.push(sql);
        Ok(())
    }

    /// A condition that is 0 or 1, never NULL: so its negation is true for posts that do not say.
    fn condition(&mut self, expr: &Expr) -> rusqlite::Result<String> {
        if let Some(words) = full_text(expr) {
            self.params.push(words.into());
            return Ok(format!("{} IN (SELECT rowid FROM post_fts WHERE post_fts MATCH ?)", self.id));
        }
        let id = self.id;
        Ok(match expr {
            Expr::All(parts) if parts.is_empty() => "1".to_owned(),
            Expr::All(parts) => self.joined(parts, " AND ")?,
            Expr::Any(parts) => self.joined(parts, " OR ")?,
            Expr::Not(part) => format!("NOT {}", self.condition(part)?),
            // Signs that the full-text index does not keep: emoji, punctuation.
            Expr::Word(text) | Expr::Prefix(text) | Expr::Phrase(text) => {
                self.needs_post = true;
                self.params.extend([text.clone().into(), text.clone().into()]);
                "(instr(p.text, ?) > 0 OR instr(ifnull(p.content_warning, ''), ?) > 0)".to_owned()
            }
            Expr::Tag(tag) => {
                self.params.push(tag.folded().into());
                format!("EXISTS (SELECT 1 FROM post_tag t WHERE t.tag = ? AND t.post = {id})")
            }
            Expr::Job(job) => {
                self.params.push(job.clone().into());
                format!("EXISTS (SELECT 1 FROM post_job j WHERE j.job = ? AND j.post = {id})")
            }
            Expr::From(handle) => {
                let list = account_list(&accounts(self.db, handle)?);
                let posts = format!("SELECT id FROM post INDEXED BY post_by_account WHERE account IN ({list})");
                let count = format!("SELECT count(*) FROM ({posts} LIMIT {FEW})");
                let few = self.db.query_row(&count, [], |row| row.get::<_, i64>(0))? < FEW;
                // The sign keeps SQLite from looking each post up in the index of words, which costs 0.1 ms a post; to
                // walk a common word instead costs up to 40 ms for a million posts.
                format!("{}{id} IN ({posts})", if few { "" } else { "+" })
            }
            Expr::Platform(name) => {
                self.needs_post = true;
                self.params.push(name.clone().into());
                "p.platform = ?".to_owned()
            }
            Expr::Lang(lang) => {
                self.needs_post = true;
                self.params.extend([format!(",{lang},").into(), format!(",{lang}-").into()]);
                "ifnull(instr(',' || lower(p.lang) || ',', ?) > 0 OR instr(',' || lower(p.lang), ?) > 0, 0)".to_owned()
            }
            Expr::Since(at) => {
                self.params.push(floor(*at).into());
                if needs_a_look(*at) {
                    self.needs_post = true;
                    self.params.push(at.timestamp().into());
                    format!("({id} >= ? AND ifnull(unixepoch(p.created) >= ?, 0))")
                } else {
                    format!("{id} >= ?")
                }
            }
            Expr::Until(at) if needs_a_look(*at) => {
                self.needs_post = true;
                self.params.push(at.timestamp().into());
                format!("({id} >= 0 AND ifnull(unixepoch(p.created) < ?, 0))")
            }
            Expr::Until(at) => {
                self.params.push((floor(*at) - 1).into());
                format!("{id} BETWEEN 0 AND ?")
            }
        })
    }

    fn joined(&mut self, parts: &[Expr], glue: &str) -> rusqlite::Result<String> {
        let parts: Vec<String> = parts.iter().map(|part| self.condition(part)).collect::<Result<_, _>>()?;
        Ok(format!("({})", parts.join(glue)))
    }
}

/// A tree as a full-text expression, if the index alone can answer it.
pub(super) fn full_text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Word(text) | Expr::Phrase(text) => has_tokens(text).then(|| quoted(text)),
        Expr::Prefix(stem) => has_tokens(stem).then(|| format!("{}*", quoted(stem))),
        Expr::Any(parts) => {
            let parts: Option<Vec<String>> = parts.iter().map(full_text).collect();
            Some(format!("({})", parts?.join(" OR ")))
        }
        Expr::All(parts) => {
            let (mut with, mut without) = (Vec::new(), Vec::new());
            for part in parts {
                match part {
                    Expr::Not(part) => without.push(full_text(part)?),
                    part => with.push(full_text(part)?),
                }
            }
            all_but(&with, &without)
        }
        _ => None,
    }
}

/// A full-text expression for everything in one list and nothing in the other; the index cannot say "nothing" alone.
pub(super) fn all_but(with: &[String], without: &[String]) -> Option<String> {
    if with.is_empty() {
        return None;
    }
    let with = with.join(" AND ");
    Some(if without.is_empty() { format!("({with})") } else { format!("(({with}) NOT ({}))", without.join(" OR ")) })
}

/// Whether the tokenizer finds anything to keep.
fn has_tokens(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The accounts that ever had this handle, with this server or with any, or have this native id.
pub(super) fn accounts(db: &Connection, handle: &Handle) -> rusqlite::Result<Vec<i64>> {
    // Every `bob@…` lies between `bob@` and `bobA`, the next character.
    db.prepare_cached(
        "SELECT account FROM account_name WHERE folded = ?1 \
         UNION SELECT account FROM account_name WHERE folded > ?1 || '@' AND folded < ?1 || 'A' \
         UNION SELECT id FROM account WHERE identity = ?2",
    )?
    .query_map(params![handle.folded(), handle.as_str()], |row| row.get(0))?
    .collect()
}

/// Numbers of accounts as SQL.
pub(super) fn account_list(accounts: &[i64]) -> String {
    accounts.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
