//! What the full-text index is given of a post: its words, and marks for everything else that searches ask for.
//!
//! A mark stands for `tag:loach`, `from:12`, `has:image`; so a search of whatever operators is one expression over lists of
//! posts that the index keeps in the order of time. In the index a mark is three characters that are nobody's letters, out
//! of the SHA-256 of its name: that is short, is never taken for a word, and has no beginning of four letters, for which
//! the index would keep a second list. Of ten million marks, two are the same by chance once in five archives.
//!
//! What the index was given is never kept: it is made again from the row, exactly, when the row changes or is checked. So
//! whatever changes here, or in [`crate::fold`], needs a new version of the schema, which fills the index anew.

use std::collections::BTreeSet;
use std::fmt;

use rusqlite::{Connection, Statement, params};
use sha2::{Digest, Sha256};

use super::row::{BEHIND, COLUMNS, post_row};
use crate::fold;
use crate::host::host;
use crate::model::{Kind, Post, PostRef, Precision};
use crate::query::{Count, Has, Is, State};

/// A label that says the title of what a feed or a film is about.
const TITLE: &str = "title: ";

/// The steps by which counts are marked: 1, 2, 5, 10, 20, 50 and so on.
pub(super) const STEPS: [u64; 30] = steps();

const fn steps() -> [u64; 30] {
    let mut steps = [0; 30];
    let (mut at, mut ten) = (0, 1);
    while at + 2 < steps.len() {
        (steps[at], steps[at + 1], steps[at + 2]) = (ten, 2 * ten, 5 * ten);
        (at, ten) = (at + 3, 10 * ten);
    }
    steps
}

/// What stands before each word of an address, so that none is taken for a word of the text; alone, between addresses.
const OF_ADDRESS: char = '\u{f8ff}';

/// Something that a search can ask for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// A post.
    Every,
    From(i64),
    To(String),
    Mentions(String),
    Platform(String),
    Lang(String),
    Is(&'static str),
    Has(&'static str),
    State(&'static str),
    TextState(&'static str),
    Tag(String),
    Cashtag(String),
    Domain(String),
    Answers(String),
    Quotes(String),
    Reposts(String),
    Label(String),
    /// What of [`Mark::Has`] and [`Mark::Is`] most posts of many archives have, and this one lacks.
    Lacks(&'static str),
    /// So many or more, and fewer than the next of [`STEPS`].
    Count(&'static str, u64),
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mark::Every => f.write_str("every"),
            Mark::From(account) => write!(f, "from:{account}"),
            Mark::To(handle) => write!(f, "to:{handle}"),
            Mark::Mentions(handle) => write!(f, "mentions:{handle}"),
            Mark::Platform(name) => write!(f, "platform:{name}"),
            Mark::Lang(lang) => write!(f, "lang:{lang}"),
            Mark::Is(what) => write!(f, "is:{what}"),
            Mark::Has(what) => write!(f, "has:{what}"),
            Mark::State(what) => write!(f, "state:{what}"),
            Mark::TextState(what) => write!(f, "text_state:{what}"),
            Mark::Tag(tag) => write!(f, "tag:{tag}"),
            Mark::Cashtag(symbol) => write!(f, "cashtag:{symbol}"),
            Mark::Domain(host) => write!(f, "domain:{host}"),
            Mark::Answers(post) => write!(f, "in_reply_to:{post}"),
            Mark::Quotes(post) => write!(f, "quoted:{post}"),
            Mark::Reposts(post) => write!(f, "repost_of:{post}"),
            Mark::Label(label) => write!(f, "label:{label}"),
            Mark::Lacks(what) => write!(f, "lacks:{what}"),
            Mark::Count(count, step) => write!(f, "min_{count}:{step}"),
        }
    }
}

impl Mark {
    /// What stands for it in the index.
    pub(super) fn token(&self) -> String {
        let digest = Sha256::digest(self.to_string());
        // The private use planes 15 and 16, without their last two characters, which are none.
        digest
            .chunks_exact(2)
            .take(3)
            .filter_map(|pair| {
                let value = u32::from(u16::from_be_bytes([*pair.first()?, *pair.get(1)?]));
                char::from_u32(0xf_0000 + (value & 0x7fff) + ((value >> 15) << 16))
            })
            .collect()
    }
}

/// What is known of a post beside what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beside {
    /// Number of its author's account.
    pub(super) account: Option<i64>,
    /// Number of the revision that is shown.
    pub(super) revision: u32,
    /// Whether it was only ever seen inside another post.
    pub(super) nested: bool,
}

/// What the index holds of one post: the two columns of `post_fts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    text: String,
    rest: String,
}

impl Entry {
    pub(super) fn of(post: &Post, beside: Beside) -> Entry {
        let (mut text, mut rest) = (String::with_capacity(post.text.len() + 1), String::new());
        fold::feed(&post.text, &mut text);
        for more in second(post) {
            fold::feed(more, &mut rest);
        }
        for link in &post.links {
            rest.push(OF_ADDRESS);
            rest.push(' ');
            for word in of_address(&link.url) {
                rest.push_str(&word);
                rest.push(' ');
            }
        }
        for mark in marks(post, beside) {
            rest.push_str(&mark.token());
            rest.push(' ');
        }
        Entry { text, rest }
    }
}

/// The words of an address, or of a piece of one, as the index has them.
pub(super) fn of_address(address: &str) -> Vec<String> {
    let (words, _) = fold::needle(address);
    words.into_iter().map(|word| format!("{OF_ADDRESS}{word}")).collect()
}

/// Texts beside the text itself in which words are found.
pub(super) fn second(post: &Post) -> impl Iterator<Item = &str> {
    let titles = post.labels.iter().filter_map(|label| label.strip_prefix(TITLE));
    post.content_warning.as_deref().into_iter().chain(titles)
}

/// Puts an entry in.
pub(super) const INSERT: &str = "INSERT INTO post_fts (rowid, text, content_warning) VALUES (?1, ?2, ?3)";

/// Executes [`INSERT`].
pub(super) fn insert(statement: &mut Statement<'_>, id: i64, entry: &Entry) -> rusqlite::Result<usize> {
    statement.execute(params![id, entry.text, entry.rest])
}

/// Takes an entry out: the index must be told exactly what it was given.
pub(super) fn delete(db: &Connection, id: i64, entry: &Entry) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO post_fts (post_fts, rowid, text, content_warning) VALUES ('delete', ?1, ?2, ?3)")?
        .execute(params![id, entry.text, entry.rest])?;
    Ok(())
}

/// Fills an empty index from the rows.
pub(super) fn fill(db: &Connection) -> rusqlite::Result<()> {
    let mut insert_one = db.prepare(INSERT)?;
    entries(db, |id, entry| insert(&mut insert_one, id, &entry).map(drop))
}

/// Hands on what the index must hold of each row, in the order of the rows.
fn entries(db: &Connection, mut each: impl FnMut(i64, Entry) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    let sql = format!("SELECT {COLUMNS}, p.account FROM post p JOIN capture c ON c.id = p.capture ORDER BY p.id");
    let mut statement = db.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let account = row.get(BEHIND)?;
        let row = post_row(row)?;
        let beside = Beside { account, revision: row.stored.revision, nested: row.stored.nested };
        each(row.id, Entry::of(&row.stored.post, beside))?;
    }
    Ok(())
}

/// Whether the index holds exactly what the rows say.
///
/// Both are added up as hashes of each word and its place, so that it takes no memory in whichever order they come.
pub(super) fn fits(db: &Connection) -> rusqlite::Result<bool> {
    let snapshot = db.unchecked_transaction()?;
    snapshot.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.post_words USING fts5vocab('main', 'post_fts', 'instance')",
    )?;
    let (mut held, mut said) = (0_u64, 0_u64);
    {
        let mut statement = snapshot.prepare("SELECT term, doc, col, \"offset\" FROM temp.post_words")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let column = u8::from(row.get_ref(2)?.as_str()? != "text");
            held = held.wrapping_add(hash(row.get_ref(0)?.as_bytes()?, row.get(1)?, column, row.get(3)?));
        }
    }
    entries(&snapshot, |id, entry| {
        for (column, words) in [(0, &entry.text), (1, &entry.rest)] {
            for (place, word) in words.split(' ').filter(|word| !word.is_empty()).enumerate() {
                said = said.wrapping_add(hash(word.as_bytes(), id, column, place as i64));
            }
        }
        Ok(())
    })?;
    snapshot.rollback()?;
    Ok(held == said)
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>), finished by the mixer of SplitMix64.
fn hash(word: &[u8], post: i64, column: u8, place: i64) -> u64 {
    let places = [post.to_le_bytes(), place.to_le_bytes()];
    let bytes = word.iter().chain(places.iter().flatten()).chain(std::iter::once(&column));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// The marks of a post, each once.
fn marks(post: &Post, beside: Beside) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::from([
        Mark::Every,
        Mark::Platform(post.platform.to_lowercase()),
        Mark::TextState(post.text_state.as_str()),
    ]);
    marks.extend(beside.account.map(Mark::From));
    for lang in post.lang.iter().flat_map(|langs| langs.split(',')) {
        marks.extend(languages(lang).map(Mark::Lang));
    }
    let is = [
        (Is::Original, post.kind == Kind::Original),
        (Is::Reply, post.kind == Kind::Reply || post.reply_to.is_some()),
        (Is::Repost, post.kind == Kind::Repost),
        (Is::Quote, post.kind == Kind::Quote || post.quote_of.is_some()),
        (Is::Sensitive, post.labels.iter().any(|label| label == "sensitive")),
        (Is::Verified, post.author.flags.iter().any(|flag| flag == "verified")),
    ];
    marks.extend(is.into_iter().filter(|(_, is)| *is).map(|(is, _)| Mark::Is(is.as_str())));
    let lacks =
        [(Is::Original.as_str(), post.kind != Kind::Original), (Has::Hashtag.as_str(), post.hashtags.is_empty())];
    marks.extend(lacks.into_iter().filter(|(_, lacks)| *lacks).map(|(what, _)| Mark::Lacks(what)));
    marks.extend(states(post, beside).map(|state| Mark::State(state.as_str())));
    marks.extend(carried(post).map(|has| Mark::Has(has.as_str())));
    marks.extend(post.hashtags.iter().map(|tag| Mark::Tag(tag.folded())));
    marks.extend(cashtags(&post.text).map(Mark::Cashtag));
    marks.extend(
        post.links.iter().filter_map(|link| host(&link.url)).flat_map(|host| and_above(&host)).map(Mark::Domain),
    );
    for name in named(post) {
        if post.kind == Kind::Reply || post.reply_to.is_some() {
            marks.insert(Mark::To(name.clone()));
        }
        marks.insert(Mark::Mentions(name));
    }
    marks.extend(names(&post.platform, post.reply_to.as_ref()).map(Mark::Answers));
    marks.extend(names(&post.platform, post.quote_of.as_ref()).map(Mark::Quotes));
    marks.extend(names(&post.platform, post.repost_of.as_ref()).map(Mark::Reposts));
    marks.extend(post.labels.iter().map(|label| Mark::Label(label.to_lowercase())));
    let counted = [Count::Likes, Count::Reposts, Count::Replies, Count::Quotes, Count::Views];
    marks.extend(counted.into_iter().filter_map(|count| {
        let counted = counted_as(post, count)?;
        let step = STEPS.iter().rfind(|step| **step <= counted)?;
        Some(Mark::Count(count.as_str(), *step))
    }));
    marks
}

/// How often a post was counted.
fn counted_as(post: &Post, count: Count) -> Option<u64> {
    match count {
        Count::Likes => post.metrics.likes,
        Count::Reposts => post.metrics.reposts,
        Count::Replies => post.metrics.replies,
        Count::Quotes => post.metrics.quotes,
        Count::Views => post.metrics.views,
    }
}

/// A language tag and every tag that it is a form of, in lower case: `zh-hant-tw`, `zh-hant`, `zh`.
fn languages(tag: &str) -> impl Iterator<Item = String> {
    let tag = tag.trim().to_ascii_lowercase();
    // Longer ones are none (RFC 5646, 4.4.1).
    let tag = if tag.len() <= 64 { tag } else { String::new() };
    let ends: Vec<usize> = tag.match_indices('-').map(|(at, _)| at).chain(std::iter::once(tag.len())).collect();
    ends.into_iter().filter_map(move |end| tag.get(..end).filter(|tag| !tag.is_empty()).map(str::to_owned))
}

fn states(post: &Post, beside: Beside) -> impl Iterator<Item = State> {
    let says_edited =
        |label: &String| label == "edited" || (label.starts_with("version ") && !label.starts_with("version 1 of 1"));
    let edited = post.edited.is_some() || beside.revision > 1 || post.labels.iter().any(says_edited);
    [
        (State::Edited, edited),
        (State::Doubtful, !post.doubts.is_empty()),
        (State::Nested, beside.nested),
        (State::Undated, post.created.is_none()),
        (State::DayOnly, post.created.is_some_and(|when| when.precision() == Precision::Day)),
    ]
    .into_iter()
    .filter(|(_, is)| *is)
    .map(|(state, _)| state)
}

fn carried(post: &Post) -> impl Iterator<Item = Has> {
    let kind = |kind: &str| post.media.iter().any(|media| media.kind == kind);
    let counts = &post.metrics;
    let counted = [counts.likes, counts.reposts, counts.replies].iter().flatten().any(|count| *count > 0);
    [
        (Has::Media, !post.media.is_empty()),
        (Has::Image, kind("image")),
        (Has::Video, kind("video")),
        (Has::Gif, kind("gif")),
        (Has::Audio, kind("audio")),
        (Has::Link, !post.links.is_empty()),
        (Has::Hashtag, !post.hashtags.is_empty()),
        (Has::Mention, named(post).next().is_some()),
        (Has::Cashtag, cashtags(&post.text).next().is_some()),
        (Has::Poll, post.poll.is_some()),
        (Has::Warning, post.content_warning.as_ref().is_some_and(|warning| !warning.is_empty())),
        (Has::Alt, post.media.iter().any(|media| media.alt.as_ref().is_some_and(|alt| !alt.is_empty()))),
        (Has::Engagement, counted),
    ]
    .into_iter()
    .filter(|(_, has)| *has)
    .map(|(has, _)| has)
}

/// `$TSLA` and `$BRK.A` in a text, in lower case and without the sign; the latter also without its class.
fn cashtags(text: &str) -> impl Iterator<Item = String> {
    let letters = |text: &str| text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let found = text.match_indices('$').filter_map(move |(at, _)| {
        let (before, rest) = (text.get(..at)?, text.get(at + 1..)?);
        let (symbol, behind) = rest.split_at_checked(letters(rest))?;
        let fits = (1..=6).contains(&symbol.len())
            && !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '$' | '_'))
            && !behind.starts_with(|c: char| c.is_alphanumeric());
        let symbol = fits.then(|| symbol.to_ascii_lowercase())?;
        let class = behind.strip_prefix(['.', '_']).and_then(|class| class.split_at_checked(letters(class)));
        let class = class.filter(|(class, behind)| {
            (1..=2).contains(&class.len()) && !behind.starts_with(|c: char| c.is_alphanumeric())
        });
        let with_class = class.map(|(class, _)| format!("{symbol}.{}", class.to_ascii_lowercase()));
        Some(std::iter::once(symbol).chain(with_class))
    });
    found.flatten()
}

/// The accounts that a post names, by all names that they may be asked for: the handle, the handle without its server,
/// the native id. Some sources do not list them: then the text tells.
fn named(post: &Post) -> impl Iterator<Item = String> {
    let listed = post.mentions.iter().flat_map(|mention| {
        let handle = mention.handle.as_ref().map(|handle| handle.folded());
        handle.into_iter().flat_map(short_and_long).chain(mention.id.clone())
    });
    listed.chain(in_text(&post.text).flat_map(short_and_long))
}

fn short_and_long(handle: String) -> impl Iterator<Item = String> {
    let short = handle.split_once('@').map(|(user, _)| user.to_owned());
    std::iter::once(handle).chain(short).filter(|name| !name.is_empty())
}

/// Bytes of a handle with its server: a host has 253 at most.
const LONGEST_HANDLE: usize = 320;

/// `@somebody` and `@somebody@server` in a text, in lower case.
fn in_text(text: &str) -> impl Iterator<Item = String> {
    text.match_indices('@').filter_map(|(at, _)| {
        let (before, rest) = (text.get(..at)?, text.get(at + 1..)?);
        if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '@' | '/' | '_' | '-')) {
            return None;
        }
        // A handle with its server is no longer, and a crowd of signs takes no square of time.
        let rest = rest.get(..rest.floor_char_boundary(LONGEST_HANDLE)).unwrap_or_default();
        let is_of_handle = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '@');
        let end = rest.find(|c: char| !is_of_handle(c)).unwrap_or(rest.len());
        let handle = rest.get(..end)?.trim_end_matches(['.', '-', '@']);
        (handle.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && handle.matches('@').count() < 2)
            .then(|| handle.to_ascii_lowercase())
    })
}

/// A host and those above it.
fn and_above(host: &str) -> Vec<String> {
    let above = host.match_indices('.').filter_map(|(dot, _)| host.get(dot + 1..));
    let mut hosts: Vec<String> = std::iter::once(host).chain(above).map(str::to_owned).collect();
    // The last is a country or the like, by which nobody searches; of a number nothing is above.
    if hosts.len() > 1 && !host.ends_with(|c: char| c.is_ascii_digit()) {
        hosts.pop();
    } else {
        hosts.truncate(1);
    }
    hosts
}

/// All names of a post that one of a platform refers to.
fn names(platform: &str, reference: Option<&PostRef>) -> impl Iterator<Item = String> {
    let names = |reference: &PostRef| {
        let id = reference.id.as_deref().map(|id| of_platform(platform, id));
        [id, reference.uri.clone(), reference.url.clone()]
    };
    reference.map(names).into_iter().flatten().flatten()
}

/// The name of an id: the same number means another post elsewhere.
pub(super) fn of_platform(platform: &str, id: &str) -> String {
    format!("{platform} {id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_three_characters_of_private_use() {
        for mark in [Mark::Every, Mark::From(12), Mark::Tag("loach".to_owned()), Mark::Count("likes", 50)] {
            let token = mark.token();
            assert_eq!(token.chars().count(), 3, "{mark}");
            assert!(token.chars().all(|c| c >= '\u{f0000}'), "{mark}");
        }
        // No two kinds of marks may have one name, whatever stands behind it.
        let one = || "1".to_owned();
        let marks = [
            Mark::Every,
            Mark::From(1),
            Mark::To(one()),
            Mark::Mentions(one()),
            Mark::Platform(one()),
            Mark::Lang(one()),
            Mark::Is("1"),
            Mark::Has("1"),
            Mark::State("1"),
            Mark::TextState("1"),
            Mark::Tag(one()),
            Mark::Cashtag(one()),
            Mark::Domain(one()),
            Mark::Answers(one()),
            Mark::Quotes(one()),
            Mark::Reposts(one()),
            Mark::Label(one()),
            Mark::Lacks("1"),
        ];
        let counts = ["likes", "reposts", "replies", "quotes", "views"].map(|count| Mark::Count(count, 1));
        let tokens: BTreeSet<String> = marks.iter().chain(&counts).map(Mark::token).collect();
        assert_eq!(tokens.len(), marks.len() + counts.len());
    }

    #[test]
    fn counts_have_steps() {
        assert_eq!(STEPS[..7], [1, 2, 5, 10, 20, 50, 100]);
        assert!(STEPS.is_sorted() && STEPS[29] == 5_000_000_000);
    }

    #[test]
    fn parts_of_texts_and_addresses() {
        let list = |found: &mut dyn Iterator<Item = String>| found.collect::<Vec<_>>().join(" ");
        assert_eq!(
            list(&mut cashtags("$TSLA up, US$BILLION $ $100 ($brk) $toolongone $é $BRK.A. $a.bcd")),
            "tsla brk brk brk.a a"
        );
        assert_eq!(list(&mut in_text("@Ann, mail@b.example .@cy@d.example. @@x a/@b @")), "ann cy@d.example");
        assert_eq!(list(&mut languages("zh-Hant-TW")), "zh zh-hant zh-hant-tw");
        for (address, expected) in [
            ("news.bbc.co.uk", "news.bbc.co.uk bbc.co.uk co.uk"),
            ("127.0.0.1", "127.0.0.1"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(and_above(address).join(" "), expected, "{address}");
        }
    }
}
