//! Named lists of chosen posts, each with its place, a note and what its author permits.

use std::collections::HashSet;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Desk;
use crate::store::StoreError;
use crate::store::row::{required_instant, stamp};

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

impl Desk {
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
