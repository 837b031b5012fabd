//! The reporter's desk: posts that were chosen, and the ledger of what was quoted where.
//!
//! A database of its own beside the archive's (desk.sql says what it holds): people made it, no capture does, so a rebuild
//! must not touch it, and it can be written to while a pull holds the archive. Where no `desk.db` is, the desk is empty.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, TransactionBehavior, params};

use super::StoreError;
use super::row::{required_instant, stamp};

/// `PRAGMA application_id` of a desk: "PUQD".
const APPLICATION: i64 = 0x5055_5144;

/// The version of desk.sql.
const VERSION: i64 = 1;

/// Whether the author of a post lets it be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Nobody has asked.
    NotAsked,
    /// Somebody has asked, and there is no answer.
    Asked,
    /// It may be printed.
    Granted,
    /// It may be printed without any name.
    Anonymise,
    /// It may not be printed.
    Refused,
}

impl Permission {
    /// Every one.
    pub const ALL: [Permission; 5] =
        [Permission::NotAsked, Permission::Asked, Permission::Granted, Permission::Anonymise, Permission::Refused];

    /// The words used in the database, in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::NotAsked => "not asked",
            Permission::Asked => "asked",
            Permission::Granted => "granted",
            Permission::Anonymise => "anonymise",
            Permission::Refused => "refused",
        }
    }
}

impl FromStr for Permission {
    type Err = String;

    /// Reads the words, with a blank or a hyphen between them.
    fn from_str(text: &str) -> Result<Permission, String> {
        let wanted = text.trim().to_ascii_lowercase().replace('-', " ");
        Permission::ALL.into_iter().find(|permission| permission.as_str() == wanted).ok_or_else(|| {
            let all: Vec<&str> = Permission::ALL.iter().map(|permission| permission.as_str()).collect();
            format!("no permission is named {text:?}; there are: {}", all.join(", "))
        })
    }
}

/// A post in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// The list.
    pub list: String,
    /// Key of the post.
    pub post: String,
    /// Place in the list, from 1.
    pub position: u32,
    /// What the reporter wants to remember.
    pub note: Option<String>,
    /// Whether its author lets it be printed.
    pub permission: Permission,
    /// When it was put in.
    pub added: DateTime<Utc>,
}

/// What is to be done with a clip.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// A new note; an empty one takes the old one away. `None` leaves it.
    pub note: Option<String>,
    /// A new permission; `None` leaves it, and is `not asked` for a new clip.
    pub permission: Option<Permission>,
    /// A new place, from 1; `None` leaves it, and is the end for a new clip.
    pub position: Option<u32>,
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// Number in the ledger; 0 before it stands there.
    pub id: i64,
    /// When it was quoted.
    pub at: DateTime<Utc>,
    /// Address or name of the article.
    pub article: String,
    /// Who quoted.
    pub by: String,
    /// Key of the post.
    pub post: String,
    /// Id of the revision.
    pub state: String,
    /// Number of the revision then.
    pub revision: u32,
    /// Name as quoted.
    pub name: Option<String>,
    /// Handle as quoted.
    pub handle: Option<String>,
    /// WARC-Record-ID of the capture that proves it.
    pub record_id: String,
    /// The place in the capture.
    pub place: String,
    /// Form or house style.
    pub form: String,
    /// Zone.
    pub zone: String,
    /// What was printed, byte for byte.
    pub printed: String,
    /// Version of pullquote that printed it.
    pub version: String,
}

/// The desk of an archive.
pub struct Desk {
    path: PathBuf,
    /// `None`: there is no file, and nothing on the desk.
    db: Option<Connection>,
}

impl Desk {
    /// Opens the desk for reading, whether there is one or not.
    ///
    /// # Errors
    /// A file that is none of ours, or of a newer version.
    pub fn open(path: &Path) -> Result<Desk, StoreError> {
        let db = if path.exists() { opened(path, OpenFlags::SQLITE_OPEN_READ_ONLY)? } else { None };
        Ok(Desk { path: path.to_owned(), db })
    }

    /// Opens the desk for writing, and makes it if there is none.
    ///
    /// # Errors
    /// As [`Desk::open`], and a folder that cannot be written to.
    pub fn open_to_write(path: &Path) -> Result<Desk, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        Ok(Desk { path: path.to_owned(), db: opened(path, flags)? })
    }

    /// Puts posts at the end of a list, or changes them where they stand in it. All of them or none.
    ///
    /// # Errors
    /// What SQLite refuses.
    pub fn clip(
        &mut self,
        list: &str,
        posts: &[String],
        change: &Change,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            let mut order = order(db, list)?;
            let mut known: HashSet<String> = order.iter().cloned().collect();
            let mut at = change.position.map(|position| position.max(1) as usize - 1);
            for post in posts {
                clip(db, list, post, change, now)?;
                let is_new = known.insert(post.clone());
                if let Some(at) = &mut at {
                    order.retain(|other| other != post);
                    order.insert((*at).min(order.len()), post.clone());
                    *at += 1;
                } else if is_new {
                    order.push(post.clone());
                }
            }
            renumber(db, list, &order)
        })
    }

    /// Takes posts out of a list; says how many stood in it.
    ///
    /// # Errors
    /// What SQLite refuses.
    pub fn unclip(&mut self, list: &str, posts: &[String]) -> Result<usize, StoreError> {
        self.write(|db| {
            let mut taken = 0;
            for post in posts {
                taken += db.execute("DELETE FROM clip WHERE list = ?1 AND post = ?2", [list, post])?;
            }
            renumber(db, list, &order(db, list)?)?;
            Ok(taken)
        })
    }

    /// The names of all lists, with how many posts stand in each.
    ///
    /// # Errors
    /// A damaged file.
    pub fn lists(&self) -> Result<Vec<(String, u32)>, StoreError> {
        self.read("SELECT list, count(*) FROM clip GROUP BY list ORDER BY list", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    /// A list in its order; empty if there is none of that name.
    ///
    /// # Errors
    /// A damaged file.
    pub fn list(&self, list: &str) -> Result<Vec<Clip>, StoreError> {
        self.read(&format!("{CLIPS} WHERE list = ?1 ORDER BY position"), [list], read_clip)
    }

    /// Every list in which a post stands.
    ///
    /// # Errors
    /// A damaged file.
    pub fn clips_of(&self, post: &str) -> Result<Vec<Clip>, StoreError> {
        self.read(&format!("{CLIPS} WHERE post = ?1 ORDER BY list"), [post], read_clip)
    }

    /// The keys of all posts whose authors were promised to stay unnamed.
    ///
    /// # Errors
    /// A damaged file.
    pub fn anonymised(&self) -> Result<Vec<String>, StoreError> {
        let permission = Permission::Anonymise.as_str();
        self.read("SELECT DISTINCT post FROM clip WHERE permission = ?1", [permission], |row| row.get(0))
    }

    /// Writes quotations into the ledger, all of them or none; gives their numbers.
    ///
    /// # Errors
    /// What SQLite refuses.
    pub fn enter(&mut self, quotations: &[Quotation]) -> Result<Vec<i64>, StoreError> {
        self.write(|db| {
            let mut insert = db.prepare(
                "INSERT INTO quotation (at, article, by, post, state, revision, name, handle, record_id, place, form, zone, \
                 printed, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) RETURNING id",
            )?;
            let enter = |q: &Quotation| {
                insert.query_row(
                    params![
                        stamp(q.at), q.article, q.by, q.post, q.state, q.revision, q.name, q.handle, q.record_id, q.place,
                        q.form, q.zone, q.printed, q.version
                    ],
                    |row| row.get(0),
                )
            };
            quotations.iter().map(enter).collect()
        })
    }

    /// The ledger, the latest first; of one article, if it is named.
    ///
    /// # Errors
    /// A damaged file.
    pub fn ledger(&self, article: Option<&str>) -> Result<Vec<Quotation>, StoreError> {
        match article {
            None => self.read(&format!("{QUOTATIONS} ORDER BY id DESC"), [], read_quotation),
            Some(article) => {
                self.read(&format!("{QUOTATIONS} WHERE article = ?1 ORDER BY id DESC"), [article], read_quotation)
            }
        }
    }

    /// One row of the ledger.
    ///
    /// # Errors
    /// A damaged file.
    pub fn quotation(&self, id: i64) -> Result<Option<Quotation>, StoreError> {
        Ok(self.read(&format!("{QUOTATIONS} WHERE id = ?1"), [id], read_quotation)?.pop())
    }

    fn read<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let Some(db) = &self.db else { return Ok(Vec::new()) };
        let rows = || -> rusqlite::Result<Vec<T>> { db.prepare(sql)?.query_map(params, read)?.collect() };
        rows().map_err(StoreError::of(&self.path, "read"))
    }

    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let Some(db) = &mut self.db else { return Err(StoreError::Missing(self.path.clone())) };
        let step = || -> rusqlite::Result<T> {
            let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&step)?;
            step.commit()?;
            Ok(done)
        };
        step().map_err(StoreError::of(&self.path, "write to"))
    }
}

/// The posts of the archive that were quoted in an article; `*` for any.
pub(super) fn quoted_in(db: &Connection, article: &str) -> rusqlite::Result<Vec<i64>> {
    let is_open = "SELECT EXISTS (SELECT 1 FROM pragma_database_list WHERE name = 'desk')";
    if !db.query_row(is_open, [], |row| row.get::<_, bool>(0))? {
        let database: String =
            db.query_row("SELECT file FROM pragma_database_list WHERE name = 'main'", [], |row| row.get(0))?;
        let path = Path::new(&database).with_file_name("desk.db");
        // A fault of the desk is none of the archive's database.
        let no_desk = |error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
        let Some(name) = path.to_str().filter(|_| path.is_file()) else { return Ok(Vec::new()) };
        if Desk::open(&path).map_err(no_desk)?.db.is_none() {
            return Ok(Vec::new());
        }
        db.execute("ATTACH ?1 AS desk", [name])?;
    }
    let sql =
        "SELECT DISTINCT p.id FROM desk.quotation q JOIN post p ON p.key = q.post WHERE ?1 = '*' OR q.article = ?1";
    db.prepare(sql)?.query_map([article], |row| row.get(0))?.collect()
}

/// Opens the file; `None` if nothing has been put on the desk yet.
fn opened(path: &Path, flags: OpenFlags) -> Result<Option<Connection>, StoreError> {
    let mut db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(StoreError::of(path, "open"))?;
    let mut set_up = || -> rusqlite::Result<Option<(i64, i64)>> {
        db.busy_timeout(Duration::from_secs(10))?;
        let is_empty = |db: &Connection| {
            db.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get::<_, bool>(0))
        };
        if flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) && is_empty(&db)? {
            // No log beside the file: whoever may only read must be able to read it.
            db.pragma_update(None, "journal_mode", "delete")?;
            let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another program may have done it since.
            if is_empty(&step)? {
                step.execute_batch(include_str!("desk.sql"))?;
                step.pragma_update(None, "application_id", APPLICATION)?;
                step.pragma_update(None, "user_version", VERSION)?;
            }
            step.commit()?;
        } else if is_empty(&db)? {
            return Ok(None);
        }
        let pragma = |name| db.pragma_query_value(None, name, |row| row.get(0));
        Ok(Some((pragma("application_id")?, pragma("user_version")?)))
    };
    let found = set_up().map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DiskFull) => StoreError::of(path, "open")(error),
        _ => StoreError::NoDesk(path.to_owned()),
    })?;
    match found {
        None => Ok(None),
        Some((APPLICATION, VERSION)) => Ok(Some(db)),
        Some((APPLICATION, found)) => Err(StoreError::Newer { path: path.to_owned(), found, known: VERSION }),
        Some(_) => Err(StoreError::NoDesk(path.to_owned())),
    }
}

const CLIPS: &str = "SELECT list, post, position, note, permission, added FROM clip";

fn read_clip(row: &Row<'_>) -> rusqlite::Result<Clip> {
    let permission: String = row.get(4)?;
    Ok(Clip {
        list: row.get(0)?,
        post: row.get(1)?,
        position: row.get(2)?,
        note: row.get(3)?,
        permission: permission.parse().map_err(|error: String| {
            rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, error.into())
        })?,
        added: required_instant(row, 5)?,
    })
}

const QUOTATIONS: &str = "SELECT id, at, article, by, post, state, revision, name, handle, record_id, place, form, zone, printed, \
    version FROM quotation";

fn read_quotation(row: &Row<'_>) -> rusqlite::Result<Quotation> {
    Ok(Quotation {
        id: row.get(0)?,
        at: required_instant(row, 1)?,
        article: row.get(2)?,
        by: row.get(3)?,
        post: row.get(4)?,
        state: row.get(5)?,
        revision: row.get(6)?,
        name: row.get(7)?,
        handle: row.get(8)?,
        record_id: row.get(9)?,
        place: row.get(10)?,
        form: row.get(11)?,
        zone: row.get(12)?,
        printed: row.get(13)?,
        version: row.get(14)?,
    })
}

/// Puts one post into a list, wherever, or changes what is said of it there.
fn clip(db: &Connection, list: &str, post: &str, change: &Change, now: DateTime<Utc>) -> rusqlite::Result<()> {
    let known =
        db.prepare_cached(&format!("{CLIPS} WHERE list = ?1 AND post = ?2"))?.query_row([list, post], read_clip);
    let known = known.optional()?;
    let note = change.note.clone().or_else(|| known.as_ref()?.note.clone()).filter(|note| !note.is_empty());
    let permission = change.permission.or(known.as_ref().map(|known| known.permission));
    let permission = permission.unwrap_or(Permission::NotAsked).as_str();
    db.prepare_cached(
        "INSERT INTO clip (list, post, position, note, permission, added) VALUES (?1, ?2, 0, ?3, ?4, ?5) \
         ON CONFLICT (list, post) DO UPDATE SET note = ?3, permission = ?4",
    )?
    .execute(params![list, post, note, permission, stamp(now)])?;
    Ok(())
}

fn order(db: &Connection, list: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT post FROM clip WHERE list = ?1 ORDER BY position, post";
    db.prepare_cached(sql)?.query_map([list], |row| row.get(0))?.collect()
}

fn renumber(db: &Connection, list: &str, order: &[String]) -> rusqlite::Result<()> {
    let mut update =
        db.prepare_cached("UPDATE clip SET position = ?3 WHERE list = ?1 AND post = ?2 AND position <> ?3")?;
    for (at, post) in order.iter().enumerate() {
        update.execute(params![list, post, at + 1])?;
    }
    Ok(())
}
