//! The ways in which a post was seen: what each source said of it, whole. The row of a post that was seen in one way only
//! is all there is of it; as soon as there is a second one, both are written down.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::authority::ANYBODY;
use super::counts::Counts;
use super::row::{json, list, required_instant, value, word};
use crate::exchange::Origin;
use crate::model::{Post, TextState};

/// How many ways of one post are held against each other. A page may show one post in ten thousand ways.
pub(super) const MOST: usize = 100;

/// One way in which a post was seen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Version {
    /// From 1, in order of arrival.
    pub(super) number: u32,
    /// What was said, without counts.
    pub(super) post: Post,
    /// The counts of the last time that it was said.
    pub(super) counts: Counts,
    /// What the word of its source weighs.
    pub(super) authority: u8,
    /// The first capture that said so.
    pub(super) proof: Proof,
    /// The revision of the post that it shows; `None` if it is not compared, or names another author.
    pub(super) revision: Option<u32>,
    /// Tells it from others.
    digest: [u8; 16],
}

impl Version {
    /// What a source said of a post. `number` and `revision` are those of a post that was seen in one way only.
    pub(super) fn new(mut post: Post, authority: u8, proof: Proof) -> Version {
        let counts = Counts::take(&mut post);
        let digest = Sha256::new().chain_update([authority]).chain_update(said(&post)).finalize();
        let digest = std::array::from_fn(|at| digest[at]);
        Version { number: 1, post, counts, authority, proof, revision: Some(1), digest }
    }

    /// Whether both say the same, whatever they count.
    pub(super) fn is(&self, other: &Version) -> bool {
        self.digest == other.digest
    }

    /// What was said, with its counts.
    pub(super) fn with_counts(&self) -> Post {
        let mut post = self.post.clone();
        self.counts.put(&mut post);
        post
    }

    /// When a live capture first said so, in a form in which the greater time has the better claim: of a platform, whose
    /// posts are edited, the later one; of a page, which knows no edits, the earlier one. A file does not tell when it was
    /// had.
    fn turn(&self) -> Option<i64> {
        let time = self.proof.live()?.timestamp_micros();
        Some(if self.authority == ANYBODY { -time } else { time })
    }

    /// What decides whose words are shown: the greatest. The last part only makes it certain.
    pub(super) fn claim(&self) -> Claim<'_> {
        Claim {
            standing: standing(&self.post.text, self.post.text_state),
            authority: self.authority,
            edited: self.post.edited,
            turn: self.turn(),
            last: (self.post.text.len(), &self.digest),
        }
    }

    /// The order in which sources are heard about everything that belongs to no state of the text: the greatest authority
    /// first, then who said it first.
    pub(super) fn hearing(&self, other: &Version) -> Ordering {
        let key = |version: &Version| {
            let live = version.proof.live();
            (Reverse(version.authority), live.is_none(), live)
        };
        key(self).cmp(&key(other)).then_with(|| other.claim().cmp(&self.claim()))
    }

    /// What decides which versions are compared: the greatest, of equals that of the greatest digest.
    fn rank(&self) -> [u8; 17] {
        // Signed numbers in an order of bytes that is theirs.
        let order = |n: Option<i64>| n.map_or(0, |n| n as u64 ^ (1 << 63)).to_be_bytes();
        let edited = order(self.post.edited.map(|at| at.timestamp_micros()));
        let turn = order(self.turn());
        let first = [self.authority * 4 + standing(&self.post.text, self.post.text_state)];
        let mut rank = first.iter().chain(&edited).chain(&turn).copied();
        std::array::from_fn(|_| rank.next().unwrap_or_default())
    }

    /// Addresses of media and counts as JSON, and the rank.
    fn changing(&self) -> (Option<String>, Option<String>, [u8; 17]) {
        let addresses: Vec<&Option<String>> = self.post.media.iter().map(|media| &media.url).collect();
        let addresses = Some(addresses).filter(|all| all.iter().any(|url| url.is_some()));
        let counts = Some(&self.counts).filter(|counts| **counts != Counts::default());
        (addresses.as_ref().map(json), counts.map(json), self.rank())
    }

    /// Takes the counts of another sighting if they are later ones; says whether they are.
    pub(super) fn count_again(&mut self, other: &Version) -> bool {
        let is_later = other.counts.order() > self.counts.order();
        if is_later {
            self.counts = other.counts.clone();
        }
        is_later
    }

    /// Learns that another capture said the same; says what that changes.
    pub(super) fn see_again(&mut self, other: Version) -> Again {
        let mut again = Again { counts: self.count_again(&other), proof: false };
        if other.proof.order() < self.proof.order() {
            self.proof = other.proof;
            // Addresses of media are those of the proof.
            self.post = other.post;
            again.proof = true;
        }
        again
    }
}

/// What becomes new when a version is seen again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Again {
    /// Its counts.
    pub(super) counts: bool,
    /// The capture that proves it, and with that when it was first said.
    pub(super) proof: bool,
}

/// How good a text is: a whole one before an unknown before a cut one before none.
pub(super) fn standing(text: &str, state: TextState) -> u8 {
    match state {
        state if is_whole(state) => 3,
        _ if text.trim().is_empty() => 0,
        TextState::Truncated => 1,
        _ => 2,
    }
}

/// Whether a text is all that its author wrote.
pub(super) fn is_whole(state: TextState) -> bool {
    matches!(state, TextState::Complete | TextState::Repaired)
}

/// Whether a text may be the beginning of another: its source cut it, or does not say whether it did and an ellipsis ends it.
pub(super) fn may_be_cut(post: &Post) -> bool {
    let words = post.text.rsplit_once(" https://t.co/").map_or(post.text.as_str(), |(words, _)| words).trim_end();
    post.text_state == TextState::Truncated || (post.text_state == TextState::Unknown && words.ends_with('…'))
}

/// See [`Version::claim`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim<'a> {
    pub(super) standing: u8,
    pub(super) authority: u8,
    pub(super) edited: Option<DateTime<Utc>>,
    pub(super) turn: Option<i64>,
    /// The longer text, then whatever the digest decides.
    pub(super) last: (usize, &'a [u8]),
}

/// A capture that shows a version, and the place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) capture: i64,
    pub(super) place: String,
    /// Of the capture, as are the rest.
    pub(super) url: String,
    pub(super) fetched_at: DateTime<Utc>,
    pub(super) origin: Origin,
    pub(super) digest: String,
}

impl Proof {
    /// When the platform or the page was asked; `None` for a file, of which only the day of its import is known.
    pub(super) fn live(&self) -> Option<DateTime<Utc>> {
        Some(self.fetched_at).filter(|_| self.origin != Origin::File)
    }

    /// The first is the proof. Nothing in it depends on the order in which captures arrive.
    fn order(&self) -> impl Ord {
        let Proof { url, digest, place, .. } = self;
        (self.live().is_none(), self.live(), url.clone(), digest.clone(), place.clone())
    }
}

/// What tells a version from others, as JSON: all that it says but the addresses of media, of which many are signed anew for
/// every answer.
fn said(post: &Post) -> String {
    if post.media.iter().all(|media| media.url.is_none()) {
        return json(post);
    }
    let mut post = post.clone();
    post.media.iter_mut().for_each(|media| media.url = None);
    json(&post)
}

/// The columns of [`read`], of `version v`.
const COLUMNS: &str = "v.number, iif(v.number = 1, v.content, json_patch(f.content, v.content)), v.addresses, v.counts, \
    v.authority, v.revision, v.digest, v.capture, v.place, c.url, c.fetched_at, c.origin, c.digest";

/// Where [`COLUMNS`] are.
const FROM: &str = "version v JOIN version f ON f.post = v.post AND f.number = 1 JOIN capture c ON c.id = v.capture";

/// Every version, with the columns of [`read`] and the key of its post.
pub(super) fn all_sql() -> String {
    format!("SELECT {COLUMNS}, p.key FROM {FROM} JOIN post p ON p.id = v.post")
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Version> {
    let missing = || rusqlite::Error::InvalidColumnName("content".to_owned());
    let mut post: Post = value(row, 1)?.ok_or_else(missing)?;
    for (media, url) in post.media.iter_mut().zip(list::<Option<String>>(row, 2)?) {
        media.url = url;
    }
    Ok(Version {
        number: row.get(0)?,
        post,
        counts: value(row, 3)?.unwrap_or_default(),
        authority: row.get(4)?,
        revision: row.get(5)?,
        digest: row.get(6)?,
        proof: Proof {
            capture: row.get(7)?,
            place: row.get(8)?,
            url: row.get(9)?,
            fetched_at: required_instant(row, 10)?,
            origin: word(row, 11)?,
            digest: row.get(12)?,
        },
    })
}

/// The greatest number of a version of a post; 0 if it was seen in one way only.
pub(super) fn count(db: &Connection, post: i64) -> rusqlite::Result<u32> {
    db.prepare_cached("SELECT ifnull(max(number), 0) FROM version WHERE post = ?1")?.query_row([post], |row| row.get(0))
}

/// The version that says the same as `seen`.
pub(super) fn find(db: &Connection, post: i64, seen: &Version) -> rusqlite::Result<Option<Version>> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM {FROM} WHERE v.post = ?1 AND v.digest = ?2"))?
        .query_row(params![post, seen.digest], read)
        .optional()
}

/// The versions of a post that are compared first, where not all are.
pub(super) fn foremost(db: &Connection, post: i64, count: usize) -> rusqlite::Result<Vec<Version>> {
    let order = "ORDER BY v.rank DESC, v.digest DESC LIMIT ?2";
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM {FROM} WHERE v.post = ?1 {order}"))?
        .query_map(params![post, count], read)?
        .collect()
}

/// Writes down a new version.
pub(super) fn insert(db: &Connection, post: i64, version: &Version) -> rusqlite::Result<()> {
    let mut content = said(&version.post);
    if version.number > 1 {
        let first: String = db
            .prepare_cached("SELECT content FROM version WHERE post = ?1 AND number = 1")?
            .query_row([post], |row| row.get(0))?;
        let [first, whole] = [&first, &content].map(|text| serde_json::from_str(text).unwrap_or_default());
        content = json(&patch(&first, &whole));
    }
    let Version { number, authority, digest, .. } = version;
    let sql = "INSERT INTO version (post, number, addresses, counts, rank, revision, capture, place, content, authority, \
        digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let (addresses, counts, rank) = version.changing();
    let Proof { capture, place, .. } = &version.proof;
    let revision = version.revision;
    db.prepare_cached(sql)?.execute(params![
        post, number, addresses, counts, rank, revision, capture, place, content, authority, digest
    ])?;
    Ok(())
}

/// Writes down what may change about a version.
pub(super) fn update(db: &Connection, post: i64, version: &Version) -> rusqlite::Result<()> {
    let sql = "UPDATE version SET addresses = ?3, counts = ?4, rank = ?5, revision = ?6, capture = ?7, place = ?8 \
        WHERE post = ?1 AND number = ?2";
    let (addresses, counts, rank) = version.changing();
    let Proof { capture, place, .. } = &version.proof;
    let (number, revision) = (version.number, version.revision);
    db.prepare_cached(sql)?.execute(params![post, number, addresses, counts, rank, revision, capture, place])?;
    Ok(())
}

/// Writes down which revision a version shows.
pub(super) fn set_revision(db: &Connection, post: i64, number: u32, revision: Option<u32>) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE version SET revision = ?3 WHERE post = ?1 AND number = ?2")?
        .execute(params![post, number, revision])?;
    Ok(())
}

/// What makes `to` of `from`, as a merge patch of RFC 7396. No object of a post says null.
fn patch(from: &Value, to: &Value) -> Value {
    let (Value::Object(from), Value::Object(to)) = (from, to) else { return to.clone() };
    let gone = from.keys().filter(|key| !to.contains_key(*key)).map(|key| (key.clone(), Value::Null));
    let new = to.iter().filter(|(key, value)| from.get(*key) != Some(value)).map(|(key, value)| {
        let patched = from.get(key).map_or_else(|| value.clone(), |old| patch(old, value));
        (key.clone(), patched)
    });
    gone.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::*;
    use crate::model::{Poll, Precision, When, WhenSource};

    #[test]
    fn a_post_comes_back_whole_from_json() {
        let odd =
            NaiveDate::from_ymd_opt(-4712, 1, 1).and_then(|day| day.and_hms_nano_opt(1, 2, 3, 4)).unwrap().and_utc();
        let far = NaiveDate::from_ymd_opt(20_000, 1, 1).and_then(|day| day.and_hms_opt(1, 2, 3)).unwrap().and_utc();
        let year =
            NaiveDate::from_ymd_opt(3000, 1, 1).and_then(|day| day.and_hms_milli_opt(1, 2, 3, 4)).unwrap().and_utc();
        let post = Post {
            text: "\u{0}\u{2028}“\"\\".to_owned(),
            edited: Some(odd),
            poll: Some(Poll { closes: Some(far), ..Poll::default() }),
            created: When::new(year, Precision::Second, WhenSource::Page),
            ..Post::default()
        };
        let back: Post = serde_json::from_str(&said(&post)).unwrap();
        assert_eq!(said(&back), said(&post));
        assert_eq!((back.edited, back.poll), (post.edited, post.poll));
    }

    #[test]
    fn a_patch_makes_one_version_of_another() {
        let values = [
            serde_json::json!({"a": 1, "b": {"c": "x", "d": [1, 2]}, "e": []}),
            serde_json::json!({"b": {"c": "y"}, "e": [{"f": 1}], "g": {"h": {"i": 1}}}),
            serde_json::json!({}),
        ];
        let db = Connection::open_in_memory().unwrap();
        for (from, to) in values.iter().flat_map(|from| values.iter().map(move |to| (from, to))) {
            let patch = patch(from, to);
            let made: String = db
                .query_row("SELECT json_patch(?1, ?2)", [from.to_string(), patch.to_string()], |row| row.get(0))
                .unwrap();
            assert_eq!(serde_json::from_str::<Value>(&made).unwrap(), *to, "{patch}");
            assert!(from != to || patch == values[2]);
        }
    }

    #[test]
    fn the_rank_orders_as_numbers_do() {
        let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap();
        let version = |authority, edited: Option<i64>, seen: i64, origin| {
            let proof = Proof {
                capture: 1,
                place: String::new(),
                url: String::new(),
                fetched_at: at(1000) + TimeDelta::seconds(seen),
                origin,
                digest: String::new(),
            };
            Version::new(Post { edited: edited.map(at), ..Post::default() }, authority, proof)
        };
        let rising = [
            version(0, None, 0, Origin::File),
            version(0, None, 9, Origin::Live),
            version(0, None, 0, Origin::Live),
            version(0, Some(-5), 9, Origin::Live),
            version(0, Some(5), 9, Origin::Live),
            version(1, None, 0, Origin::Live),
            version(1, None, 9, Origin::Live),
            version(2, None, 0, Origin::File),
        ];
        assert!(rising.is_sorted_by(|a, b| a.rank() < b.rank()));
        assert!(rising.is_sorted_by(|a, b| a.claim() < b.claim()));
    }
}
