//! The database through its public ways in: what is written comes back, merged by rule.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use pullquote::exchange::{Facts, Origin, Request};
use pullquote::model::{
    Author, CaptureRef, Found, Handle, Hashtag, Kind, Link, Media, Mention, Metrics, Poll, PollOption, Post, PostRef,
    Precision, Skipped, TextState, When, WhenSource,
};
use pullquote::query;
use pullquote::store::{self, Lookup, NewCapture, Progress, Reader, Search, Sort, StoreError, Stored, Writer};
use tempfile::TempDir;

/// An archive's database in a folder of its own.
pub struct Archive {
    folder: TempDir,
    captures: u64,
}

impl Archive {
    pub fn new() -> Archive {
        Archive { folder: tempfile::tempdir().unwrap(), captures: 0 }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("pullquote.db")
    }

    /// Commits posts as one capture of their own server and gives (new, known, changed).
    pub fn see(&mut self, posts: &[Post]) -> (u64, u64, u64) {
        self.see_at("https://a.example/api", posts)
    }

    /// Commits posts as one capture of this address.
    pub fn see_at(&mut self, url: &str, posts: &[Post]) -> (u64, u64, u64) {
        self.captures += 1;
        let writer = Writer::open(&self.path()).unwrap();
        let mut capture = NewCapture { url: url.to_owned(), ..capture(self.captures, posts) };
        if url.starts_with("file:") {
            capture.facts.origin = Origin::File;
        }
        let tally = writer.commit(vec![capture]).unwrap()[0];
        writer.close().unwrap();
        (tally.new, tally.known, tally.changed)
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.path()).unwrap()
    }

    fn find(&self, text: &str) -> Vec<Stored> {
        let search = Search { expr: query::parse(text).unwrap(), sort: Sort::Newest, limit: 1000, after: None };
        self.reader().search(&search).unwrap().posts
    }

    /// The texts of what a search finds.
    pub fn texts(&self, text: &str) -> Vec<String> {
        self.find(text).into_iter().map(|stored| stored.post.text).collect()
    }

    pub fn one(&self, post: &Post) -> Stored {
        match self.reader().post(&post.key()).unwrap() {
            Lookup::One(stored) => *stored,
            other => panic!("{other:?}"),
        }
    }

    /// The database is whole: pages, references and words.
    pub fn is_whole(&self) {
        assert_eq!(store::check(&self.path(), true).unwrap(), Vec::<String>::new());
    }
}

pub fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2021, 8, 1, 12, 0, 0).unwrap()
}

pub fn capture(number: u64, posts: &[Post]) -> NewCapture {
    NewCapture {
        place: CaptureRef {
            file: "a.warc.gz".to_owned(),
            offset: number * 1000,
            record_id: format!("urn:uuid:{number}"),
            digest: format!("sha256:{number:064}"),
        },
        facts: Facts {
            version: "0.1.0".to_owned(),
            run: "2021-08-01T12:00:00Z-abcd".to_owned(),
            job: "loach".to_owned(),
            source: "mastodon:a.example".to_owned(),
            platform: "mastodon".to_owned(),
            ..Facts::default()
        },
        url: "https://a.example/api".to_owned(),
        status: 200,
        media_type: "application/json".to_owned(),
        fetched_at: start() + TimeDelta::seconds(number as i64),
        length: 10,
        shape: "statuses",
        problem: None,
        is_closed: false,
        posts: posts
            .iter()
            .enumerate()
            .map(|(i, post)| Found { post: post.clone(), at: format!("/{i}"), nested: false })
            .collect(),
        skipped: Vec::new(),
        deleted: Vec::new(),
        media: None,
        progress: None,
        step: None,
        units: 0,
        recheck: None,
    }
}

pub fn at(second: i64, precision: Precision, source: WhenSource) -> Option<When> {
    let at = Utc.with_ymd_and_hms(2021, 7, 26, 0, 0, 0).unwrap() + TimeDelta::seconds(second);
    When::new(at, precision, source)
}

pub fn post(id: &str, second: i64, text: &str) -> Post {
    Post {
        platform: "mastodon".to_owned(),
        id: Some(id.to_owned()),
        uri: Some(format!("https://a.example/{id}")),
        author: Author { handle: Handle::new("ann@a.example"), name: Some("Ann".to_owned()), ..Author::default() },
        created: at(second, Precision::Second, WhenSource::Platform),
        text: text.to_owned(),
        text_state: TextState::Complete,
        ..Post::default()
    }
}

/// A post with something in every field.
pub fn full() -> Post {
    Post {
        platform: "x".to_owned(),
        id: Some("1419683457890123456".to_owned()),
        uri: None,
        url: Some("https://x.example/ann/status/1419683457890123456".to_owned()),
        author: Author {
            id: Some("18446744073709551615".to_owned()),
            handle: Handle::new("Ann"),
            name: Some(String::new()),
            url: Some("https://x.example/ann".to_owned()),
            flags: vec!["verified".to_owned()],
        },
        created: at(1, Precision::Minute, WhenSource::Id),
        edited: Some(start() + TimeDelta::milliseconds(5)),
        text: "“line”\n\n'; DROP TABLE post; -- 👩‍💻\u{0}end ".to_owned(),
        text_state: TextState::Repaired,
        content_warning: Some("spoiler".to_owned()),
        lang: Some("en,de".to_owned()),
        kind: Kind::Reply,
        reply_to: Some(PostRef { id: Some("1".to_owned()), ..PostRef::default() }),
        repost_of: Some(PostRef { uri: Some("u".to_owned()), ..PostRef::default() }),
        quote_of: Some(PostRef { url: Some("q".to_owned()), ..PostRef::default() }),
        hashtags: vec![Hashtag::new("Élection").unwrap()],
        mentions: vec![Mention { handle: Handle::new("bob"), id: Some("2".to_owned()), url: None }],
        links: vec![Link { shown: "a.example/…".to_owned(), url: "https://a.example/b".to_owned() }],
        media: vec![Media {
            kind: "image".to_owned(),
            alt: Some("alt".to_owned()),
            width: Some(3),
            ..Media::default()
        }],
        poll: Some(Poll {
            options: vec![PollOption { title: "yes".to_owned(), votes: Some(3) }],
            closes: Some(start()),
            multiple: true,
        }),
        metrics: Metrics { likes: Some(0), views: Some(7), seen_at: Some(start()), ..Metrics::default() },
        labels: vec!["sensitive".to_owned()],
        doubts: vec!["the page says another day".to_owned()],
    }
}

#[test]
fn a_post_comes_back_without_loss() {
    let mut archive = Archive::new();
    let bare = Post { platform: "article".to_owned(), text: String::new(), ..Post::default() };
    let ancient =
        Post { created: When::day(NaiveDate::from_ymd_opt(1, 1, 1).unwrap(), WhenSource::Page), ..post("9", 0, "old") };
    let posts = [full(), bare, ancient, post("1", 5, "one")];
    assert_eq!(archive.see(&posts), (4, 0, 0));
    for post in &posts {
        let stored = archive.one(post);
        assert_eq!(stored.post, *post);
        assert_eq!(stored.key, post.key());
        assert_eq!(stored.capture.offset, 1000);
        assert_eq!(stored.revision, 1);
    }
    archive.is_whole();
}

#[test]
fn an_edit_adds_a_revision_and_an_older_state_does_not_come_back() {
    let mut archive = Archive::new();
    let first = post("1", 0, "frist");
    let edited = Post { edited: Some(start()), text: "first".to_owned(), ..first.clone() };
    assert_eq!(archive.see(std::slice::from_ref(&first)), (1, 0, 0));
    assert_eq!(archive.see(std::slice::from_ref(&edited)), (0, 0, 1));
    assert_eq!(archive.see(std::slice::from_ref(&first)), (0, 1, 0), "a server that has not heard of the edit");
    let stored = archive.one(&first);
    assert_eq!((stored.post.text.as_str(), stored.revision, stored.capture.offset), ("first", 2, 2000));
    let revisions = archive.reader().revisions(&stored.key).unwrap();
    assert_eq!(revisions.iter().map(|r| r.text.as_str()).collect::<Vec<_>>(), ["frist", "first"]);
    let sightings = archive.reader().sightings(&stored.key).unwrap();
    assert_eq!(sightings.iter().map(|s| s.revision).collect::<Vec<_>>(), [Some(1), Some(2), Some(1)]);
    assert_eq!(archive.texts("frist").len(), 0);
    assert_eq!(archive.texts("first").len(), 1);
    archive.is_whole();
}

#[test]
fn an_edit_that_arrives_before_its_original_stays_on_top() {
    let mut archive = Archive::new();
    let first = post("1", 0, "frist");
    let edited = Post { edited: Some(start()), text: "first".to_owned(), ..first.clone() };
    archive.see(std::slice::from_ref(&edited));
    archive.see(std::slice::from_ref(&first));
    let stored = archive.one(&first);
    // Revisions are numbered by their edits, in whichever order they arrive.
    assert_eq!((stored.post.text.as_str(), stored.revision, stored.capture.offset), ("first", 2, 1000));
    let revisions = archive.reader().revisions(&stored.key).unwrap();
    assert_eq!(revisions.iter().map(|r| r.text.as_str()).collect::<Vec<_>>(), ["frist", "first"]);
    let sightings = archive.reader().sightings(&stored.key).unwrap();
    assert_eq!(sightings.iter().map(|s| s.revision).collect::<Vec<_>>(), [Some(2), Some(1)]);
    archive.is_whole();
}

#[test]
fn a_whole_text_takes_the_place_of_a_cut_one_and_not_the_other_way() {
    let mut archive = Archive::new();
    let cut = Post { text: "one two th…".to_owned(), text_state: TextState::Truncated, ..post("1", 0, "") };
    let whole = post("1", 0, "one two three");
    archive.see(std::slice::from_ref(&whole));
    assert_eq!(archive.one(&cut).post.text_state, TextState::Complete);
    for (order, posts) in [[&cut, &whole], [&whole, &cut]].into_iter().enumerate() {
        let mut archive = Archive::new();
        for post in posts {
            archive.see(std::slice::from_ref(post));
        }
        assert_eq!(archive.see(std::slice::from_ref(&cut)), (0, 1, 0));
        let stored = archive.one(&cut);
        // It says that a source cut it, and shows what proves the whole of it.
        assert_eq!((stored.post.text.as_str(), stored.post.text_state), ("one two three", TextState::Repaired));
        assert_eq!((stored.revision, stored.capture.offset), (1, [2000, 1000][order]));
        let reader = archive.reader();
        assert_eq!(reader.revisions(&stored.key).unwrap().len(), 1, "they are one state");
        let seen = reader.sightings(&stored.key).unwrap();
        let cuts = seen.iter().filter(|sighting| sighting.text_state == TextState::Truncated);
        assert_eq!((cuts.count(), seen.len()), (2, 3));
        assert_eq!(archive.texts("three").len(), 1);
        archive.is_whole();
    }
}

#[test]
fn sources_fill_each_others_gaps_by_the_stated_rules() {
    let mut archive = Archive::new();
    let mut page = post("1", 0, "same");
    page.created = at(0, Precision::Day, WhenSource::Page);
    page.id = None;
    page.author.name = None;
    page.metrics = Metrics { likes: Some(9), seen_at: Some(start()), ..Metrics::default() };
    let mut server = post("1", 3600, "same");
    server.lang = Some("en".to_owned());
    server.hashtags = vec![Hashtag::new("Tag").unwrap()];
    server.metrics = Metrics { likes: Some(3), seen_at: Some(start() + TimeDelta::days(1)), ..Metrics::default() };
    assert_eq!(archive.see(&[page.clone(), post("2", 1800, "between")]), (2, 0, 0));
    assert_eq!(archive.texts(""), ["between", "same"]);
    assert_eq!(archive.see(std::slice::from_ref(&server)), (0, 0, 1));
    let stored = archive.one(&page);
    assert_eq!(stored.post.created, server.created);
    assert_eq!(stored.post.id.as_deref(), Some("1"));
    assert_eq!(stored.post.author.name.as_deref(), Some("Ann"));
    assert_eq!(stored.post.metrics.likes, Some(3));
    assert_eq!(archive.texts(""), ["same", "between"], "it moved to its time");
    assert_eq!(archive.texts("#tag"), ["same"]);
    assert_eq!(archive.texts("job:loach"), ["same", "between"]);
    assert_eq!(archive.texts("same since:2021-07-26T01:00:00Z"), ["same"]);
    assert_eq!(archive.see(std::slice::from_ref(&page)), (0, 1, 0), "a worse time changes nothing");
    assert_eq!(archive.reader().sightings(&stored.key).unwrap().len(), 3);
    archive.is_whole();
}

#[test]
fn another_server_has_another_id_for_the_same_post() {
    let mut archive = Archive::new();
    let here = post("1", 0, "same");
    let there = Post { id: Some("99".to_owned()), ..here.clone() };
    archive.see(&[here.clone(), there]);
    let stored = archive.one(&here);
    assert_eq!(stored.post.id.as_deref(), Some("1"));
    let ids: Vec<_> = archive.reader().sightings(&stored.key).unwrap().into_iter().map(|s| s.native_id).collect();
    assert_eq!(ids, [None, Some("99".to_owned())]);
}

#[test]
fn an_account_is_found_by_every_name_it_had() {
    let mut archive = Archive::new();
    let by = |id: &str, handle: &str| Post {
        platform: "x".to_owned(),
        author: Author { id: Some("7".to_owned()), handle: Handle::new(handle), ..Author::default() },
        ..post(id, 0, id)
    };
    archive.see(&[by("before", "old_name"), by("after", "new_name")]);
    assert_eq!(archive.texts("from:old_name"), ["after", "before"]);
    assert_eq!(archive.texts("from:new_name"), ["after", "before"]);
}

#[test]
fn a_post_seen_only_inside_others_says_so_until_it_is_seen_itself() {
    let mut archive = Archive::new();
    let writer = Writer::open(&archive.path()).unwrap();
    let mut inside = capture(1, &[post("1", 0, "quoted")]);
    inside.posts[0].nested = true;
    writer.commit(vec![inside]).unwrap();
    assert!(archive.one(&post("1", 0, "")).nested);
    archive.captures = 1;
    archive.see(&[post("1", 0, "quoted")]);
    assert!(!archive.one(&post("1", 0, "")).nested);
}

#[test]
fn the_same_capture_twice_changes_nothing() {
    let archive = Archive::new();
    let writer = Writer::open(&archive.path()).unwrap();
    let mut once = capture(1, &[post("1", 0, "one"), full()]);
    once.skipped = vec![Skipped { at: "/2".to_owned(), reason: "has no id".to_owned() }];
    writer.commit(vec![once.clone()]).unwrap();
    let before = store::fingerprint(&archive.reader()).unwrap();
    let tally = writer.commit(vec![once]).unwrap()[0];
    assert_eq!((tally.new, tally.known, tally.changed), (0, 2, 0));
    assert_eq!(store::fingerprint(&archive.reader()).unwrap(), before);
}

#[test]
fn keys_may_be_shortened_and_misread() {
    let mut archive = Archive::new();
    let posts: Vec<Post> = (0..200).map(|i| post(&i.to_string(), i, "many")).collect();
    archive.see(&posts);
    let key = posts[0].key();
    let reader = archive.reader();
    assert!(matches!(reader.post(&key[..10]).unwrap(), Lookup::One(found) if found.key == key));
    let misread = key.to_ascii_uppercase().replace('0', "O").replace('1', "l");
    assert!(matches!(reader.post(&misread).unwrap(), Lookup::One(found) if found.key == key));
    assert!(matches!(reader.post(&key[..1]).unwrap(), Lookup::Many(keys) if keys.len() > 1));
    for none in ["", "%", "zzzzzzzzzzzzz", "' OR 1"] {
        assert_eq!(reader.post(none).unwrap(), Lookup::None, "{none}");
    }
}

#[test]
fn a_key_of_another_post_costs_the_item_and_is_reported() {
    let mut archive = Archive::new();
    archive.see(&[post("1", 0, "one")]);
    rusqlite::Connection::open(archive.path()).unwrap().execute("UPDATE post SET identity = 'another'", []).unwrap();
    assert_eq!(archive.see(&[post("1", 0, "one"), post("2", 0, "two")]), (1, 0, 0));
    assert_eq!(archive.reader().counts().unwrap().skipped, 1);
}

#[test]
fn a_full_second_costs_the_item_and_is_reported() {
    let mut archive = Archive::new();
    archive.see(&[]);
    let second = (start().timestamp() - 946_684_800) << 20;
    let db = rusqlite::Connection::open(archive.path()).unwrap();
    db.execute("INSERT INTO post_moved (id, key) VALUES (?1, 'x')", [second + (1 << 20) - (1 << 16) - 2]).unwrap();
    let crowd: Vec<Post> = (0..3)
        .map(|i| Post {
            created: When::new(start(), Precision::Second, WhenSource::Id),
            ..post(&i.to_string(), 0, "x")
        })
        .collect();
    assert_eq!(archive.see(&crowd), (1, 0, 0));
    assert_eq!(archive.reader().counts().unwrap().skipped, 2);
}

#[test]
fn state_of_a_source_goes_with_its_captures() {
    let archive = Archive::new();
    let writer = Writer::open(&archive.path()).unwrap();
    let [one, two, three] = ["1", "2", "3"].map(|page| Request::get(format!("https://a.example/{page}")));
    let mut page = capture(1, &[]);
    page.progress = Some(Progress { done: one, next: vec![two.clone(), two.clone()], later: Some(three.clone()) });
    writer.commit(vec![page]).unwrap();
    let state = archive.reader().source_state("loach", "mastodon:a.example").unwrap().unwrap();
    assert_eq!((state.pending, state.later), (vec![two.clone()], Some(three.clone())));
    let counts = archive.reader().counts().unwrap();
    assert_eq!((counts.sources[0].captures, counts.sources[0].pending), (1, 1));
    let mut page = capture(2, &[]);
    page.progress = Some(Progress { done: two, next: vec![], later: None });
    writer.commit(vec![page]).unwrap();
    let state = archive.reader().source_state("loach", "mastodon:a.example").unwrap().unwrap();
    assert_eq!((state.pending, state.later), (vec![], Some(three)));
    assert_eq!(archive.reader().last_capture().unwrap().unwrap().offset, 2000);
    assert_eq!(archive.reader().source_state("loach", "else").unwrap(), None);
}

#[test]
fn what_is_no_archive_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    assert!(matches!(Reader::open(&path), Err(StoreError::Missing(_))));
    std::fs::write(&path, "this is a text that is longer than a header of SQLite would be, and no database".repeat(9))
        .unwrap();
    assert!(matches!(Reader::open(&path), Err(StoreError::NotOurs(_))));
    assert!(matches!(Writer::open(&path), Err(StoreError::NotOurs(_))));
    std::fs::remove_file(&path).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE foreign_table (a)").unwrap();
    assert!(matches!(Writer::open(&path), Err(StoreError::NotOurs(_))));
    std::fs::remove_file(&path).unwrap();
    Writer::open(&path).unwrap().close().unwrap();
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    for error in [Reader::open(&path).err().unwrap(), Writer::open(&path).err().unwrap()] {
        assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    }
}

#[test]
fn migrations_lead_to_the_schema() {
    let build = |scripts: &[&str]| {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        for script in scripts {
            db.execute_batch(script).unwrap();
        }
        let mut read =
            db.prepare("SELECT type || ' ' || name || ': ' || ifnull(sql, '') FROM sqlite_schema ORDER BY 1").unwrap();
        let rows = read.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let plain = |sql: String| {
            let code: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
            code.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
        };
        rows.map(|row| plain(row.unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(build(store::MIGRATIONS), build(&[store::SCHEMA]));
    let archive = Archive::new();
    Writer::open(&archive.path()).unwrap().close().unwrap();
    let db = rusqlite::Connection::open(archive.path()).unwrap();
    let version: usize = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, store::MIGRATIONS.len());
}

#[test]
fn an_archive_of_the_first_version_is_searched_like_a_new_one() {
    let mut archive = Archive::new();
    archive.see(&[post("1", 0, "東京都の人 said café"), full()]);
    let db = rusqlite::Connection::open(archive.path()).unwrap();
    let first = store::MIGRATIONS[0];
    let start = first.find("CREATE VIRTUAL TABLE post_fts").unwrap();
    let end = start + first[start..].find("-- Numbers that posts had").unwrap();
    db.execute_batch(&format!(
        "DROP TABLE kept_before; DROP TABLE recheck; DROP TABLE metered; DROP TABLE asked; DROP TABLE covered; DROP TABLE hindrance; DROP INDEX post_by_native_id; DROP TABLE post_fts; {} \
         INSERT INTO post_fts (post_fts) VALUES ('rebuild'); PRAGMA user_version = 1;",
        &first[start..end]
    ))
    .unwrap();
    drop(db);
    assert_eq!(archive.texts("京都 CAFE platform:mastodon"), ["東京都の人 said café"]);
    archive.is_whole();
}

#[test]
fn the_log_stays_small_while_much_is_written() {
    let archive = Archive::new();
    let writer = Writer::open(&archive.path()).unwrap();
    let text = "flood ".repeat(400);
    let mut largest = 0;
    for number in 0..60_u64 {
        let posts: Vec<Post> =
            (0..40).map(|n| post(&format!("{}", number * 40 + n), n as i64, &format!("{number} {n} {text}"))).collect();
        writer.commit(vec![capture(number + 1, &posts)]).unwrap();
        largest = largest.max(std::fs::metadata(archive.path().with_extension("db-wal")).unwrap().len());
    }
    writer.close().unwrap();
    let whole = std::fs::metadata(archive.path()).unwrap().len();
    // One batch may go over the mark before the log is folded in.
    assert!(whole > 5 << 20 && largest < 7 << 20, "a log of {largest} bytes for a database of {whole}");
}

#[test]
fn changes_name_what_differs() {
    let (mut before, mut after) = (Archive::new(), Archive::new());
    before.see(&[post("same", 0, "same"), post("lost", 0, "lost"), post("changed", 0, "one")]);
    after.see(&[post("same", 0, "same"), post("changed", 0, "two"), post("added", 0, "added")]);
    let mut seen = Vec::new();
    store::changes(&before.reader(), &after.reader(), |change| {
        seen.push(match change {
            store::Change::Added(post) => post.post.text,
            store::Change::Lost(post) => post.post.text,
            store::Change::Changed { before, after } => format!("{} > {}", before.post.text, after.post.text),
        });
    })
    .unwrap();
    seen.sort();
    assert_eq!(seen, ["added", "lost", "one > two"]);
}
