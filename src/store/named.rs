//! Posts by the names that people have of them: key, native id, URI, address; and what hangs together by such names.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Connection, OptionalExtension, Row};

use super::expression::Expression;
use super::index::{Mark, of_platform};
use crate::model::Post;

/// Posts of one conversation that are looked at.
const MOST: usize = 10_000;

/// Posts whose answers are asked for at a time.
const AT_ONCE: usize = 100;

/// A post and its names.
struct Named {
    id: i64,
    names: [Option<String>; 3],
}

const COLUMNS: &str = "p.id, p.native_id, p.uri, p.url, p.platform";

fn read(row: &Row<'_>) -> rusqlite::Result<Named> {
    let (id, platform): (Option<String>, String) = (row.get(1)?, row.get(4)?);
    let id = id.map(|id| of_platform(&platform, &id));
    Ok(Named { id: row.get(0)?, names: [id, row.get(2)?, row.get(3)?] })
}

/// What a name that somebody typed may be called in the index.
fn typed(db: &Connection, name: &str) -> rusqlite::Result<Vec<String>> {
    let ids = platforms(db)?.into_iter().map(|platform| of_platform(&platform, name));
    Ok(ids.chain(std::iter::once(name.to_owned())).collect())
}

/// The posts that a name may mean: a key, a native id (of whichever server), a URI, the address of a page.
fn posts(db: &Connection, name: &str) -> rusqlite::Result<Vec<Named>> {
    let mut found = Vec::new();
    let by_key = format!("SELECT {COLUMNS} FROM post p WHERE p.key = ?1");
    let mut by_key = db.prepare_cached(&by_key)?;
    found.extend(by_key.query_row([name.to_ascii_lowercase()], read).optional()?);
    let by_id =
        format!("SELECT {COLUMNS} FROM post p WHERE p.native_id = ?1 AND p.native_id IS NOT p.uri LIMIT {MOST}");
    let mut by_id = db.prepare_cached(&by_id)?;
    for post in by_id.query_map([name], read)? {
        found.push(post?);
    }
    if !name.contains(':') {
        return Ok(found);
    }
    for platform in platforms(db)? {
        let post = Post { platform, uri: Some(name.to_owned()), ..Post::default() };
        found.extend(by_key.query_row([post.key()], read).optional()?);
    }
    Ok(found)
}

/// The key of the post of a name, on that platform or on any.
pub(super) fn held(db: &Connection, platform: Option<&str>, name: &str) -> rusqlite::Result<Option<String>> {
    let mut find = db.prepare_cached("SELECT platform, url, key FROM post WHERE id = ?1")?;
    let mut key = |post: &Named, address: Option<&str>| -> rusqlite::Result<Option<String>> {
        let (of, url, key): (String, Option<String>, String) =
            find.query_row([post.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let fits = platform.is_none_or(|platform| platform == of) && (address.is_none() || address == url.as_deref());
        Ok(fits.then_some(key))
    };
    for post in posts(db, name)? {
        if let Some(key) = key(&post, None)? {
            return Ok(Some(key));
        }
    }
    // Addresses of pages end in the native id.
    let id = name.split(['?', '#']).next().and_then(|path| path.trim_end_matches('/').rsplit('/').next());
    if let Some(id) = id.filter(|id| name.contains("://") && !id.is_empty()) {
        for post in posts(db, id)? {
            if let Some(key) = key(&post, Some(name))? {
                return Ok(Some(key));
            }
        }
    }
    Ok(None)
}

/// The platforms of the archive. Each is found by the index behind the one before it: a list of all different values would walk
/// through all posts.
pub(super) fn platforms(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut next = db.prepare_cached("SELECT min(platform) FROM post WHERE platform > ?1")?;
    let mut platforms: Vec<String> = Vec::new();
    let mut find = |after: &str| next.query_row([after], |row| row.get::<_, Option<String>>(0));
    while let Some(platform) = find(platforms.last().map_or("", String::as_str))? {
        platforms.push(platform);
    }
    Ok(platforms)
}

/// A name and every other name of the posts that it may mean.
pub(super) fn all_names(db: &Connection, name: &str) -> rusqlite::Result<BTreeSet<String>> {
    let posts = posts(db, name)?;
    let names = posts.into_iter().flat_map(|post| post.names).flatten();
    Ok(names.chain(typed(db, name)?).collect())
}

/// The numbers of a post, of the answers to it, and of those to the answers; no more than [`MOST`].
pub(super) fn conversation(db: &Connection, name: &str) -> rusqlite::Result<Vec<i64>> {
    let mut found: HashSet<i64> = HashSet::new();
    let first = posts(db, name)?;
    let mut names: Vec<String> = typed(db, name)?;
    for post in first {
        found.insert(post.id);
        names.extend(post.names.into_iter().flatten());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM (SELECT rowid AS id FROM post_fts WHERE post_fts MATCH ?1) k CROSS JOIN post p ON p.id = k.id"
    );
    let mut answers = db.prepare_cached(&sql)?;
    while !names.is_empty() {
        let mut next = Vec::new();
        for names in names.chunks(AT_ONCE) {
            let marks = names.iter().map(|name| Expression::Mark(Mark::Answers(name.clone())));
            for post in answers.query_map([Expression::Any(marks.collect()).sql()], read)? {
                let post = post?;
                if found.len() < MOST && found.insert(post.id) {
                    next.extend(post.names.into_iter().flatten());
                }
            }
        }
        names = next;
    }
    let mut found: Vec<i64> = found.into_iter().collect();
    found.sort_unstable();
    Ok(found)
}
