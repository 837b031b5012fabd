//! Accounts, and the names they went by.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use crate::model::{Author, Handle};

/// Accounts to remember between batches; looking one up again costs two seeks.
const REMEMBERED: usize = 50_000;

/// Numbers of accounts already met, by platform and identity. It must be forgotten when a transaction is undone.
#[derive(Default)]
pub(super) struct Accounts {
    known: HashMap<String, HashMap<String, i64>>,
    count: usize,
}

impl Accounts {
    /// The number of an author's account, made if it is new; `None` if the source names nobody.
    pub(super) fn number(&mut self, db: &Connection, platform: &str, author: &Author) -> rusqlite::Result<Option<i64>> {
        let Some(identity) = identity(author) else { return Ok(None) };
        if let Some(number) = self.known.get(platform).and_then(|known| known.get(&identity)) {
            return Ok(Some(*number));
        }
        // Nearly all that are not remembered are new: looking first would seek twice.
        let inserted = db
            .prepare_cached("INSERT INTO account (platform, identity) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![platform, identity])?;
        let number = if inserted == 1 {
            db.last_insert_rowid()
        } else {
            db.prepare_cached("SELECT id FROM account WHERE platform = ?1 AND identity = ?2")?
                .query_row(params![platform, identity], |row| row.get(0))?
        };
        if self.count >= REMEMBERED {
            self.forget();
        }
        self.count += 1;
        self.known.entry(platform.to_owned()).or_default().insert(identity, number);
        Ok(Some(number))
    }

    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.count = 0;
    }
}

/// What tells an account; the rule is stated in schema.sql.
fn identity(author: &Author) -> Option<String> {
    let handle = author.handle.as_ref();
    match (handle, &author.id) {
        (Some(handle), _) if handle.as_str().contains('@') => Some(handle.folded()),
        (_, Some(id)) => Some(id.clone()),
        (Some(handle), None) => Some(handle.folded()),
        (None, None) => None,
    }
}

/// The names seen in one batch, with the times of the first and the last capture of each as rows say them.
#[derive(Default)]
pub(super) struct Names<'a> {
    seen: HashMap<(i64, &'a str, &'a str), (&'a str, &'a str)>,
}

impl<'a> Names<'a> {
    pub(super) fn saw(&mut self, account: i64, author: &'a Author, fetched_at: &'a str) {
        let handle = author.handle.as_ref().map(Handle::as_str).unwrap_or_default();
        let name = author.name.as_deref().unwrap_or_default();
        let span = self.seen.entry((account, handle, name)).or_insert((fetched_at, fetched_at));
        *span = (span.0.min(fetched_at), span.1.max(fetched_at));
    }

    pub(super) fn write(self, db: &Connection) -> rusqlite::Result<()> {
        let mut upsert = db.prepare_cached(
            "INSERT INTO account_name (account, handle, name, folded, first_seen, last_seen) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET \
             first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen) \
             WHERE excluded.first_seen < first_seen OR excluded.last_seen > last_seen",
        )?;
        let mut seen: Vec<_> = self.seen.into_iter().collect();
        // In the order of the table, which is cheapest to write.
        seen.sort_unstable();
        for ((account, handle, name), (first, last)) in seen {
            upsert.execute(params![account, handle, name, handle.to_lowercase(), first, last])?;
        }
        Ok(())
    }
}
