//! An account's repository, as `com.atproto.sync.getRepo` and exports of an account give it: a CAR file with a signed
//! commit, the tree of all record keys below it, and the records. <https://atproto.com/specs/repository>
//!
//! Every block is held against its name, a SHA-256 over its bytes: from the commit down nothing can be exchanged without
//! a trace. Whether the account signed that commit is not looked at: its key does not stand in the file, and asking for it
//! is nothing for a parser. Nor does its handle: authors have their DID, and the name of their profile, if it is there.
//!
//! Posts and reposts are read; likes, follows and everything else of the account is not.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::value::to_raw_value;

use super::car::{Block, Car};
use super::cbor::Item;
use super::dates::Stated;
use super::names::{self, PostUri};
use super::view::{View, author};
use super::{PLATFORM, misfit, repost};
use crate::model::{Author, Found, Skipped};
use crate::platform::{Page, ParseError};

const PROFILE: &str = "app.bsky.actor.profile";

/// The longest key in a tree.
const LONGEST_KEY: usize = 1024;

const CHANGED: &str = "has other bytes than its name stands for";

/// Reads a CAR file.
///
/// # Errors
/// If it is no repository, or its commit is not whole.
pub fn read(car: &Car<'_>, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    let (did, tree) = commit(car)?;
    let mut page = Page { shape: "repository", ..Page::default() };
    let mut reading = Reading::new(car, did, seen_at, &mut page);
    reading.tree(tree);
    reading.end();
    Ok(page)
}

/// Reads the posts of a commit that a stream brought at `streamed`: their keys, and whether they were changed.
pub fn read_commit(
    car: &Car<'_>,
    at: &str,
    posts: &[(String, bool)],
    streamed: Option<DateTime<Utc>>,
    seen_at: DateTime<Utc>,
    page: &mut Page,
) {
    let mut own = Page::default();
    match commit(car) {
        Ok((did, tree)) => {
            let mut reading = Reading::new(car, did, seen_at, &mut own);
            reading.commit = Some(Commit { posts, streamed });
            reading.tree(tree);
        }
        Err(error) => own.skipped.push(Skipped { at: String::new(), reason: error.to_string() }),
    }
    let place = |inside: &str| if inside.is_empty() { at.to_owned() } else { format!("{at}/{inside}") };
    for (key, _) in posts {
        let is_told = own.posts.iter().any(|found| found.at == *key) || own.skipped.iter().any(|item| item.at == *key);
        if !is_told && own.skipped.iter().all(|item| !item.at.is_empty()) {
            own.skipped
                .push(Skipped { at: key.clone(), reason: "is named, but its record is not in the blocks".to_owned() });
        }
    }
    page.posts.extend(own.posts.into_iter().map(|found| Found { at: place(&found.at), ..found }));
    page.skipped.extend(own.skipped.into_iter().map(|item| Skipped { at: place(&item.at), ..item }));
}

/// The commit at the root of a file: whose it is, and the tree below it.
fn commit<'a>(car: &Car<'a>) -> Result<(&'a str, &'a [u8]), ParseError> {
    let broken = |what: String| ParseError::Broken { platform: PLATFORM.name, what };
    let root = car.root.ok_or_else(|| misfit("is a CAR file without a root"))?;
    let commit = match car.block(root) {
        Block::Whole(block) => Item::read(block),
        Block::Other => return Err(broken(format!("the root of the CAR file {CHANGED}"))),
        Block::Missing => return Err(broken("the CAR file does not hold its root".to_owned())),
    };
    let parts = commit.as_ref().and_then(|commit| {
        let did = commit.text("did").filter(|did| names::is_did(did))?;
        let version = commit.number("version").filter(|version| matches!(version, 2 | 3));
        let signed = matches!(commit.get("sig"), Some(Item::Bytes(_)));
        Some((did, commit.link("data")?)).filter(|_| version.is_some() && signed)
    });
    parts.ok_or_else(|| {
        misfit("is a CAR file whose root is no signed commit of an account (`did`, `version` 2 or 3, `data`, `sig`)")
    })
}

/// What a stream says of a commit.
struct Commit<'a> {
    posts: &'a [(String, bool)],
    streamed: Option<DateTime<Utc>>,
}

struct Reading<'a> {
    car: &'a Car<'a>,
    did: &'a str,
    seen_at: DateTime<Utc>,
    /// The account's display name. Its profile stands before its posts, by the order of keys.
    name: Option<String>,
    page: &'a mut Page,
    /// For a commit out of a stream.
    commit: Option<Commit<'a>>,
    /// The last key: keys ascend.
    last: Vec<u8>,
    /// Bytes of records that may still be read.
    left: usize,
    /// Records of posts, and nodes of the tree, that the file does not hold.
    missing: [usize; 2],
}

/// A node of the tree on the way through it.
struct Node<'a> {
    steps: std::vec::IntoIter<Step<'a>>,
    /// The last key in it: the next one is told by what it has in common with this.
    key: Vec<u8>,
}

enum Step<'a> {
    Below(&'a [u8]),
    Record { shared: i128, rest: &'a [u8], record: &'a [u8] },
}

impl<'a> Reading<'a> {
    fn new(car: &'a Car<'a>, did: &'a str, seen_at: DateTime<Utc>, page: &'a mut Page) -> Reading<'a> {
        Reading {
            car,
            did,
            seen_at,
            name: None,
            page,
            commit: None,
            last: Vec::new(),
            // The records of a file cannot have more bytes than the file, unless one stands under many keys.
            left: 2 * car.length,
            missing: [0, 0],
        }
    }

    /// Walks the tree in the order of its keys. No node is entered twice, so that it ends.
    fn tree(&mut self, root: &'a [u8]) {
        let mut entered = HashSet::new();
        let mut open = vec![Node { steps: vec![Step::Below(root)].into_iter(), key: Vec::new() }];
        while let Some(node) = open.last_mut() {
            match node.steps.next() {
                None => drop(open.pop()),
                Some(Step::Below(name)) if !entered.insert(name) => {
                    self.skip_node("stands in it twice");
                }
                Some(Step::Below(name)) => open.extend(self.node(name)),
                Some(Step::Record { shared, rest, record }) => {
                    let shared = usize::try_from(shared).ok().filter(|shared| *shared <= node.key.len());
                    match shared {
                        Some(shared) if shared + rest.len() <= LONGEST_KEY => {
                            node.key.truncate(shared);
                            node.key.extend_from_slice(rest);
                            let key = node.key.clone();
                            self.record(key, record);
                        }
                        // What follows in the node is told by this key.
                        _ => {
                            self.skip_node("has a key that cannot be made out; the rest of it is left out");
                            open.pop();
                        }
                    }
                }
            }
        }
    }

    fn skip_node(&mut self, what: &str) {
        let after = String::from_utf8_lossy(&self.last).into_owned();
        self.page.skipped.push(Skipped { at: after, reason: format!("is followed by a node of the tree that {what}") });
    }

    /// Reads a node: `l` leads to the keys before its own, and each entry of `e` by `t` to those behind it.
    fn node(&mut self, name: &'a [u8]) -> Option<Node<'a>> {
        let node = match self.car.block(name) {
            Block::Whole(block) => Item::read(block),
            Block::Missing => {
                self.missing[1] += 1;
                return None;
            }
            Block::Other => {
                self.skip_node(CHANGED);
                return None;
            }
        };
        let Some((node, Some(Item::List(entries)))) = node.as_ref().map(|node| (node, node.get("e"))) else {
            self.skip_node("cannot be read");
            return None;
        };
        let mut steps: Vec<Step<'a>> = node.link("l").map(Step::Below).into_iter().collect();
        for entry in entries {
            let (Some(shared), Some(Item::Bytes(rest)), Some(record)) =
                (entry.number("p"), entry.get("k"), entry.link("v"))
            else {
                self.skip_node("has an entry that cannot be read; the rest of it is left out");
                break;
            };
            steps.push(Step::Record { shared, rest, record });
            steps.extend(entry.link("t").map(Step::Below));
        }
        Some(Node { steps: steps.into_iter(), key: Vec::new() })
    }

    fn record(&mut self, key: Vec<u8>, name: &[u8]) {
        let in_order = key > self.last;
        let place = String::from_utf8_lossy(&key).into_owned();
        let Some((collection, rkey)) = place.split_once('/') else { return };
        let wanted = match &self.commit {
            Some(commit) => commit.posts.iter().any(|(key, _)| *key == place),
            None => [names::POST, repost::COLLECTION].contains(&collection) || (collection, rkey) == (PROFILE, "self"),
        };
        if wanted && let Err(reason) = self.wanted(collection, rkey, &place, name, in_order) {
            self.page.skipped.push(Skipped { at: place, reason });
        }
        if in_order {
            self.last = key;
        }
    }

    fn wanted(&mut self, collection: &str, rkey: &str, place: &str, name: &[u8], in_order: bool) -> Result<(), String> {
        if !in_order {
            return Err("stands out of order in the tree: the same key may name another record".to_owned());
        }
        let block = match self.car.block(name) {
            Block::Whole(block) => block,
            Block::Other => return Err(CHANGED.to_owned()),
            Block::Missing => {
                self.missing[0] += usize::from(collection == names::POST);
                return Ok(());
            }
        };
        self.left = self.left.checked_sub(block.len()).ok_or("is a record that stands under many keys")?;
        let record = Item::read(block).ok_or("has a record that cannot be read")?;
        match collection {
            PROFILE => self.name = record.text("displayName").map(str::to_owned),
            repost::COLLECTION => self.repost(&record, rkey, place)?,
            _ => {
                let uri = PostUri::of(self.did, rkey).ok_or("has no usable key")?;
                let json = to_raw_value(&record.to_json()).map_err(|error| error.to_string())?;
                let before = self.page.posts.len();
                let mut view = View::of(uri.to_uri(), &json)?;
                if let Some(commit) = &self.commit {
                    match commit.posts.iter().any(|(key, changed)| key == place && *changed) {
                        true => view.edited = commit.streamed,
                        false => view.stated.stream(commit.streamed, uri.time()),
                    }
                }
                view.put(self.page, place, false, self.seen_at);
                for found in &mut self.page.posts[before..] {
                    found.post.author.name.clone_from(&self.name);
                }
            }
        }
        Ok(())
    }

    fn repost(&mut self, record: &Item<'_>, rkey: &str, place: &str) -> Result<(), String> {
        let own = PostUri::of(self.did, rkey).ok_or("has no usable key")?;
        let subject = record.get("subject").and_then(|subject| subject.text("uri"));
        let stated = Stated { claimed: record.text("createdAt").map(str::to_owned), indexed: None };
        let author = Author { name: self.name.clone(), ..author(None, self.did) };
        let post = repost::of_record(own, subject, &stated, author, self.seen_at)?;
        self.page.posts.push(Found { post, at: place.to_owned(), nested: false });
        Ok(())
    }

    fn end(self) {
        if self.missing != [0, 0] {
            let [posts, nodes] = self.missing;
            let reason =
                format!("is not all there: {posts} posts and {nodes} nodes that the tree names are not in the file");
            self.page.skipped.push(Skipped { at: "tree".to_owned(), reason });
        }
        if let Some((at, why)) = self.car.fault {
            let reason = format!("is where the file breaks: {why}");
            self.page.skipped.push(Skipped { at: format!("byte {at}"), reason });
        }
    }
}
