//! One post from several sources is one post, and no order of the sources makes it another: what a reader sees is a function
//! of the set of captures alone, however they arrive and however they are batched.

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::Index;
use pullquote::exchange::Origin;
use pullquote::model::{
    Author, Handle, Hashtag, Kind, Link, Media, Metrics, Poll, PollOption, Post, PostRef, Precision, TextState,
    WhenSource,
};
use pullquote::store::{self, NewCapture, Tally, Writer};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::program::Desk;
use crate::store::{Archive, at, capture, post, start};
use crate::support::root;

/// Where captures come from: the post's own server, others, files, pages.
const SOURCES: [&str; 6] = [
    "https://a.example/api",
    "https://b.example/api",
    "https://c.example/api",
    "file:///posts.json",
    "file:///page.html",
    "https://news.example/article",
];

/// One of a few values, by a die.
fn pick<T: Clone, const N: usize>(die: u8, of: [T; N]) -> T {
    of[usize::from(die) % N].clone()
}

fn author(die: u8) -> Author {
    let of = |handle: &str, id: &str, name: &str| Author {
        handle: Handle::new(handle),
        id: Some(id.to_owned()).filter(|id| !id.is_empty()),
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        ..Author::default()
    };
    match die % 8 {
        0 | 1 => of("ann@a.example", "7", "Ann"),
        2 => of("ann@a.example", "", "Ann of old"),
        3 => of("anna@a.example", "7", "Anna"),
        4 => of("Ann", "", ""),
        5 => of("mal@b.example", "7", "Mal"),
        6 => of("", "7", "Ann"),
        _ => Author::default(),
    }
}

/// What a source says of one of three posts, by dice: all that can differ does.
fn sighting(dice: [u8; 20], live: Option<i64>) -> Post {
    let [
        id,
        text,
        edited,
        created,
        who,
        warning,
        media,
        poll,
        tags,
        labels,
        kind,
        doubt,
        likes,
        native,
        lang,
        link,
        ..,
    ] = dice;
    let (text, text_state) = pick(
        text,
        [
            ("one two three", TextState::Complete),
            ("one two four", TextState::Complete),
            ("one\ntwo  three", TextState::Unknown),
            ("one\ntwo  three", TextState::Complete),
            ("one tw…", TextState::Truncated),
            ("one two three", TextState::Truncated),
            ("one two three https://t.co/x", TextState::Complete),
            ("one two three a.example/le…", TextState::Unknown),
            ("", TextState::Repaired),
            ("'one' \"two\"\u{0}\\ 👩‍💻 three", TextState::Complete),
        ],
    );
    let created = match created % 7 {
        0 => None,
        1 => at(0, Precision::Day, WhenSource::Page),
        2 => at(60, Precision::Minute, WhenSource::Page),
        3 => at(5, Precision::Second, WhenSource::Id),
        4 => at(86_400 * 9, Precision::Second, WhenSource::Platform),
        n => at(i64::from(n), Precision::Second, WhenSource::Platform),
    };
    let picture = |alt: Option<&str>, url: &str| Media {
        kind: "image".to_owned(),
        alt: alt.map(str::to_owned),
        url: Some(url.to_owned()),
        ..Media::default()
    };
    let seen_at = live.map(|second| start() + TimeDelta::hours(second));
    let votes = Some(u64::from(likes)).filter(|votes| *votes % 2 == 0);
    Post {
        id: pick(native, [Some("1".to_owned()), Some("99".to_owned()), None]),
        author: author(who),
        created,
        text_state,
        edited: pick(edited, [None, None, Some(start()), Some(start() + TimeDelta::hours(3))]),
        content_warning: pick(warning, [None, None, Some("eye contact".to_owned()), Some("eye  contact".to_owned())]),
        media: pick(
            media,
            [
                vec![],
                vec![picture(None, "https://a.example/1?signed=1")],
                vec![picture(Some("a bank"), "https://a.example/1?signed=2")],
                vec![picture(Some("another"), "https://a.example/1?signed=3")],
            ],
        ),
        poll: (poll % 3 > 0).then(|| Poll {
            options: vec![PollOption { title: format!("answer {}", poll % 3), votes }],
            closes: None,
            multiple: false,
        }),
        hashtags: pick(tags, [vec![], vec!["One"], vec!["one", "two"]]).into_iter().filter_map(Hashtag::new).collect(),
        labels: pick(labels, [vec![], vec!["sensitive".to_owned()], vec!["other".to_owned()]]),
        kind: pick(kind, [Kind::Original, Kind::Reply, Kind::Quote]),
        reply_to: (kind % 3 == 1).then(|| PostRef { id: Some(native.to_string()), ..PostRef::default() }),
        doubts: pick(doubt, [vec![], vec!["first doubt".to_owned()], vec!["second doubt".to_owned()]]),
        metrics: match likes % 4 {
            0 => Metrics::default(),
            n => Metrics { likes: Some(u64::from(n)), seen_at, ..Metrics::default() },
        },
        lang: pick(lang, [None, Some("en".to_owned()), Some("de".to_owned())]),
        links: pick(
            link,
            [vec![], vec![Link { shown: "a.example/le…".to_owned(), url: "https://a.example/l".to_owned() }]],
        ),
        ..post(&id.to_string(), 0, text)
    }
}

/// Captures of a few sightings each, of any source, some at the same time. They say few things, so that many say the same.
fn captures() -> impl Strategy<Value = Vec<NewCapture>> {
    let said = proptest::collection::vec(proptest::array::uniform20(0..24_u8), 1..6);
    let shown = proptest::collection::vec((any::<Index>(), 0..3_u8, 0..5_u8, any::<bool>()), 1..4);
    let all = proptest::collection::vec((0..SOURCES.len(), 0..5_i64, shown), 2..9);
    (said, all).prop_map(|(said, all)| {
        let made = all.into_iter().zip(1..).map(|((source, hour, shown), number)| {
            let url = SOURCES[source];
            let is_file = url.starts_with("file:");
            let posts = shown.iter().map(|(what, id, counts, _)| {
                let mut dice = *what.get(&said);
                (dice[0], dice[12]) = (*id, *counts);
                sighting(dice, (!is_file).then_some(hour))
            });
            let mut made = NewCapture {
                url: url.to_owned(),
                fetched_at: start() + TimeDelta::hours(if is_file { 100 } else { hour }),
                ..capture(number, &posts.collect::<Vec<_>>())
            };
            for (found, (.., nested)) in made.posts.iter_mut().zip(shown) {
                found.nested = nested;
            }
            if is_file {
                made.facts.origin = Origin::File;
            }
            made.facts.job = format!("job {}", number % 2);
            made
        });
        made.collect()
    })
}

fn archive_of(captures: &[NewCapture], batch: usize) -> (Archive, Vec<Tally>) {
    let archive = Archive::new();
    let writer = Writer::open(&archive.path()).unwrap();
    let tallies = captures.chunks(batch).flat_map(|batch| writer.commit(batch.to_vec()).unwrap()).collect();
    writer.close().unwrap();
    (archive, tallies)
}

/// What the posts are: everything but numbers that follow arrival.
const POSTS: [&str; 7] = [
    "SELECT a.identity, c.record_id, p.* FROM post p JOIN capture c ON c.id = p.capture \
     LEFT JOIN account a ON a.id = p.account ORDER BY p.key",
    "SELECT p.key, c.record_id, r.* FROM revision r JOIN post p ON p.id = r.post JOIN capture c ON c.id = r.capture \
     ORDER BY p.key, r.number",
    "SELECT p.key, c.record_id, json_patch(f.content, v.content) AS content, v.authority, v.digest, v.addresses, v.counts, \
     v.rank, v.revision, v.place FROM version v JOIN version f ON f.post = v.post AND f.number = 1 \
     JOIN post p ON p.id = v.post JOIN capture c ON c.id = v.capture ORDER BY p.key, v.digest",
    "SELECT p.key, t.tag FROM post_tag t JOIN post p ON p.id = t.post ORDER BY p.key, t.tag",
    "SELECT p.key, j.job FROM post_job j JOIN post p ON p.id = j.post ORDER BY p.key, j.job",
    "SELECT a.platform, a.identity, n.handle, n.name, n.folded, n.first_seen, n.last_seen FROM account_name n \
     JOIN account a ON a.id = n.account ORDER BY 1, 2, 3, 4",
    "SELECT p.key, w.word FROM (SELECT 'one' AS word UNION ALL SELECT 'four' UNION ALL SELECT 'three' UNION ALL SELECT \
     'eye') w JOIN post_fts f ON f.post_fts MATCH w.word JOIN post p ON p.id = f.rowid ORDER BY 1, 2",
];

/// What was seen when.
const SIGHTINGS: [&str; 1] = [
    "SELECT p.key, c.record_id, s.place, s.nested, iif(v.number IS NULL, 1, v.revision), s.likes, s.reposts, s.replies, \
     s.quotes, s.views FROM sighting s JOIN post p ON p.id = s.post JOIN capture c ON c.id = s.capture \
     LEFT JOIN version v ON v.post = s.post AND v.number = s.version ORDER BY 1, 2, 3",
];

/// Numbers that follow arrival.
const ARRIVAL: [&str; 4] = ["id", "account", "capture", "post"];

fn look(archive: &Archive, at: &[&str]) -> Vec<Vec<(String, Value)>> {
    archive.is_whole();
    let db = Connection::open(archive.path()).unwrap();
    let mut seen = Vec::new();
    for sql in at {
        let mut statement = db.prepare(sql).unwrap();
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells = names.iter().enumerate().map(|(i, name)| {
                let cell: Value = row.get(i).unwrap();
                let cell = match (name.as_str(), cell) {
                    // The order of its fields says nothing.
                    ("content", Value::Text(json)) => {
                        Value::Text(serde_json::from_str::<serde_json::Value>(&json).unwrap().to_string())
                    }
                    (_, cell) => cell,
                };
                (name.clone(), cell)
            });
            seen.push(cells.filter(|(name, _)| !ARRIVAL.contains(&name.as_str())).collect());
        }
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_order_and_any_batches_give_the_same_posts(
        captures in captures(), swaps in proptest::collection::vec(any::<Index>(), 12), batch in 1..9_usize,
    ) {
        let everything = [&POSTS[..], &SIGHTINGS].concat();
        let before = look(&archive_of(&captures, 1).0, &everything);
        let mut shuffled = captures;
        for pair in swaps.chunks(2) {
            let (a, b) = (pair[0].index(shuffled.len()), pair[1].index(shuffled.len()));
            shuffled.swap(a, b);
        }
        prop_assert_eq!(&before, &look(&archive_of(&shuffled, batch).0, &everything));
        shuffled.reverse();
        prop_assert_eq!(&before, &look(&archive_of(&shuffled, batch).0, &everything));
    }

    #[test]
    fn rows_do_not_depend_on_the_size_of_batches(captures in captures(), batch in 2..9_usize) {
        let print = |size| store::fingerprint(&archive_of(&captures, size).0.reader()).unwrap();
        prop_assert_eq!(print(1), print(batch));
    }

    #[test]
    fn what_was_seen_before_makes_no_new_rows(captures in captures(), batch in 1..9_usize) {
        let before = look(&archive_of(&captures, 1).0, &POSTS[..5]);
        // The same bytes once more, a year later.
        let again = captures.iter().cloned().map(|mut capture| {
            capture.place.record_id.push_str("-again");
            capture.fetched_at += TimeDelta::days(365);
            capture
        });
        let both: Vec<NewCapture> = captures.iter().cloned().chain(again).collect();
        let (archive, tallies) = archive_of(&both, batch);
        prop_assert_eq!(before, look(&archive, &POSTS[..5]));
        let tally: Tally = tallies.into_iter().skip(captures.len()).sum();
        prop_assert_eq!((tally.new, tally.changed), (0, 0));
    }
}

/// A quotation of a post as its platform gives it for articles, with the words of the page of Nitter in the fixtures.
const EMBED: &str = r##"<html><body><p>She wrote:</p><blockquote class="twitter-tweet"><p lang="en" dir="ltr">Two lines<br><br>and two spaces,
<a href="https://twitter.com/hashtag/MossTalk?src=hash">#MossTalk</a> by <a href="https://twitter.com/ada_moss">@ada_moss</a>, $MOSS:
<a href="https://t.co/aB3dE">https://t.co/aB3dE</a> <a href="https://t.co/xY9zz">pic.twitter.com/xY9zz</a></p>&mdash; Ben Fern 🌿 (@ben_fern)
<a href="https://twitter.com/ben_fern/status/1419719964226486273">July 26, 2021</a></blockquote></body></html>"##;

#[test]
fn an_embed_and_a_page_of_nitter_of_one_post_agree_in_any_order() {
    let nitter = root().join("fixtures/x/nitter-timeline/body.html");
    let mut shown = Vec::new();
    for turn in [false, true] {
        let desk = Desk::with("");
        let mut files = [desk.file("article.html", EMBED.as_bytes()), nitter.clone()];
        if turn {
            files.reverse();
        }
        for file in files {
            desk.run(&["import", file.to_str().unwrap()]).ok();
        }
        let found = desk.run(&["search", "spaces", "--json"]).ok().json();
        assert_eq!(found.len(), 1);
        let key = found[0]["key"].as_str().unwrap();
        let post = desk.run(&["show", key, "--json"]).ok().json().remove(0);
        assert!(post["doubts"].as_array().is_none_or(Vec::is_empty), "{post}");
        assert_eq!(post["revisions"].as_array().unwrap().len(), 1, "{post}");
        assert_eq!(post["sightings"].as_array().unwrap().len(), 2);
        let facts =
            ["text", "text_state", "author", "created", "links", "media", "metrics", "url", "revision", "place"];
        shown.push(facts.map(|fact| post[fact].clone()));
    }
    assert_eq!(shown[0], shown[1]);
}

#[test]
fn a_text_that_another_source_repairs_says_so() {
    let desk = Desk::with("");
    let (start, end) = (EMBED.find("Two lines").unwrap(), EMBED.find("</p>&mdash;").unwrap());
    let mut cut = EMBED.to_owned();
    cut.replace_range(start..end, r#"Two lines<br><br>and two… <a href="https://t.co/lng">https://t.co/lng</a>"#);
    for (name, body) in [("cut.html", cut.as_bytes()), ("whole.html", EMBED.as_bytes())] {
        let path = desk.file(name, body);
        desk.run(&["import", path.to_str().unwrap()]).ok();
    }
    let found = desk.run(&["search", "spaces", "--json"]).ok().json();
    assert_eq!((found.len(), found[0]["text_state"].as_str()), (1, Some("repaired")), "{found:?}");
    let shown = desk.run(&["show", found[0]["key"].as_str().unwrap()]).ok().out;
    assert!(shown.contains("repaired: cut in 1 of the 2 captures"), "{shown}");
    assert!(shown.contains("showed revision 1, truncated"), "{shown}");
}
