//! Gaps that are named, and closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::program::Desk;
use crate::support::{Answer, Server};
use crate::timeline::{self, Timeline};

/// What is covered of the only source of an archive.
pub fn coverage(desk: &Desk) -> pullquote::coverage::Survey {
    let reader = pullquote::store::Reader::open(&desk.archive().join("pullquote.db")).unwrap();
    pullquote::coverage::surveys(reader.covered(None).unwrap()).remove(0)
}

#[test]
fn a_walk_that_was_left_is_gone_on_with() {
    let timeline = Timeline::start(200);
    let desk = Desk::with(&timeline.config().replace("name = \"flood\"", "name = \"flood\"\nmax_pages = 2"));
    desk.run(&["pull"]).ok();
    let named = desk.run(&["gaps"]).ok();
    assert!(named.out.contains("the beginning to 2021-07-26 13:"), "{}", named.out);
    assert!(named.out.contains("the job's own limit of pages was reached"), "{}", named.out);
    assert!(named.out.contains("the next look closes it"), "{}", named.out);
    timeline.requests();
    let asked = desk.run(&["gaps", "--fill"]);
    assert_eq!((asked.code, timeline.requests()), (3, 0), "nobody can be asked: {}", asked.err);
    for _ in 0..3 {
        desk.run(&["gaps", "--fill", "--yes"]).ok();
    }
    assert_eq!(desk.posts().len(), 200);
    assert_eq!(desk.run(&["gaps"]).ok().out, "no gaps\n");
    desk.run(&["verify"]).ok();
}

#[test]
fn a_page_that_was_given_up_leaves_a_gap_that_a_walk_closes() {
    let (refuses, forgets) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let (posts, refused): (Vec<u64>, _) = ((1..=120).collect(), Arc::clone(&refuses));
    let forgotten = Arc::clone(&forgets);
    let server = Server::new(move |_, request| {
        // The cursor of the second page has expired.
        if request.path.contains("max_id=81") && refused.load(Ordering::SeqCst) {
            return Answer::new(404, &[("content-type", "application/json")], "{\"error\":\"Record not found\"}");
        }
        if forgotten.load(Ordering::SeqCst) {
            return Answer::new(200, &[("content-type", "application/json")], "[]");
        }
        let base = format!("http://{}", request.header("host").unwrap());
        let (body, link) = timeline::page(&base, &request.path, &posts);
        Answer::new(200, &[("content-type", "application/json"), ("link", &link)], body)
    });
    let desk = Desk::with(&timeline::config(&server));
    for _ in 0..3 {
        assert_eq!(desk.run(&["pull"]).code, 2);
    }
    // It is given up: the next pull is well, and the gap stays.
    desk.run(&["pull"]).ok();
    assert_eq!(desk.posts().len(), 40);
    let survey = coverage(&desk);
    assert_eq!(survey.gaps.len(), 1, "{survey:?}");
    assert_eq!(survey.gaps[0].cause.name(), "refused");
    // A picture of the posts says so, too; what another tag lacks is nothing to it.
    let drawn = desk.run(&["timeline", "#Flood", "--json"]).ok().json().remove(0);
    let why = drawn["gaps"][0]["why"].as_str().unwrap();
    assert!(
        drawn["gaps"][0]["from"].is_null() && why.starts_with("the server refused to answer (flood · masto"),
        "{drawn}"
    );
    assert_eq!(drawn["bins"][0]["covered"], "partly", "{drawn}");
    let other = desk.run(&["timeline", "flood", "--json"]).ok().json().remove(0);
    assert_eq!(other["gaps"][0]["why"], drawn["gaps"][0]["why"]);
    let other = desk.run(&["timeline", "#other", "--json"]).ok().json().remove(0);
    assert_eq!(other["gaps"], serde_json::json!([]), "{other}");
    refuses.store(false, Ordering::SeqCst);
    let named = desk.run(&["gaps", "--json"]).ok().json();
    assert_eq!(named[0]["walks"][0]["closes"][0]["cause"], "refused", "{named:?}");
    // The server has lost its memory for a moment: nothing is closed by an answer that shows nothing of what it has shown before.
    forgets.store(true, Ordering::SeqCst);
    desk.run(&["gaps", "--fill", "--yes"]).ok();
    assert_eq!(coverage(&desk).gaps.len(), 1);
    forgets.store(false, Ordering::SeqCst);
    let filled = desk.run(&["gaps", "--fill", "--yes"]).ok();
    assert!(filled.out.contains("80 new, 40 known") || filled.out.contains("80 new"), "{}", filled.out);
    assert_eq!(desk.posts().len(), 120);
    assert_eq!(coverage(&desk).gaps, [], "{}", filled.out);
    let before = crate::kill::dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(crate::kill::dump(&desk), before);
}

#[test]
fn what_was_never_asked_is_a_gap() {
    let timeline = Timeline::start(5);
    let desk = Desk::with(&timeline.config().replace("name = \"flood\"", "name = \"flood\"\nsince = \"2021-07-01\""));
    desk.run(&["import", "config.toml"]);
    let named = desk.run(&["gaps"]).ok();
    assert!(
        named.out.contains("2021-07-01 00:00:00 to 2") && named.out.contains("it was never asked"),
        "{}",
        named.out
    );
    desk.run(&["gaps", "--fill", "--yes"]).ok();
    assert_eq!(desk.posts().len(), 5);
    assert_eq!(desk.run(&["gaps"]).ok().out, "no gaps\n");
}

#[test]
fn an_archive_from_before_the_ledger_is_whole_and_a_rebuild_knows_its_coverage() {
    let timeline = Timeline::start(100);
    let desk = Desk::with(&timeline.config());
    desk.run(&["pull"]).ok();
    let before = crate::kill::dump(&desk);
    let db = rusqlite::Connection::open(desk.archive().join("pullquote.db")).unwrap();
    db.execute_batch(
        "DROP TABLE kept_before; DROP TABLE recheck; DROP TABLE metered; DROP TABLE asked; DROP TABLE covered; \
         DROP TABLE hindrance; PRAGMA user_version = 2;",
    )
    .unwrap();
    drop(db);
    timeline.post(3);
    desk.run(&["pull"]).ok();
    // Of the time before nothing is claimed: only of what the page shows that was read today.
    let covered: Vec<_> = coverage(&desk).covered.iter().copied().collect();
    assert!(covered.iter().all(|stretch| !stretch.is_open()), "{covered:?}");
    let verified = desk.run(&["verify"]).ok();
    assert!(verified.out.contains("older  an earlier version made this database"), "{}", verified.out);
    assert!(desk.run(&["gaps"]).ok().err.contains("from before the ledger was kept"));
    desk.run(&["rebuild"]).ok();
    assert!(coverage(&desk).covered.iter().next().unwrap().is_open(), "the captures tell it all");
    assert!(!desk.run(&["verify"]).ok().out.contains("older"));
    assert_eq!(crate::kill::dump(&desk).len(), before.len());
}

#[test]
fn what_comes_first_after_the_ledger_claims_nothing_of_the_time_before() {
    // A server that is away; pages that an earlier version left.
    for first in ["note", "left"] {
        let away = Arc::new(AtomicBool::new(false));
        let (is_away, posts): (_, Vec<u64>) = (Arc::clone(&away), (1..=100).collect());
        let server = Server::new(move |_, request| {
            if is_away.load(Ordering::SeqCst) {
                return Answer::new(503, &[], "no");
            }
            let base = format!("http://{}", request.header("host").unwrap());
            let (body, link) = timeline::page(&base, &request.path, &posts);
            Answer::new(200, &[("content-type", "application/json"), ("link", &link)], body)
        });
        let desk = Desk::with(&timeline::config(&server));
        desk.run(&["pull"]).ok();
        let db = rusqlite::Connection::open(desk.archive().join("pullquote.db")).unwrap();
        db.execute_batch("DELETE FROM asked; DELETE FROM covered; DELETE FROM hindrance;").unwrap();
        let unmarked = "UPDATE source_state SET later = json_set(later, '$.url', substr(later ->> '$.url', 1, instr(later ->> '$.url', '#') - 1))";
        assert_eq!(db.execute(unmarked, []).unwrap(), 1);
        if first == "left" {
            let left = "UPDATE source_state SET pending = json_array(json_set(later, '$.url', replace(later ->> '$.url', 'min_id', 'max_id')))";
            db.execute(left, []).unwrap();
        } else {
            away.store(true, Ordering::SeqCst);
            assert_eq!(desk.run(&["pull"]).code, 2);
            away.store(false, Ordering::SeqCst);
        }
        drop(db);
        desk.run(&["pull"]).ok();
        let covered: Vec<_> = coverage(&desk).covered.iter().copied().collect();
        assert!(!covered.is_empty() && covered.iter().all(|stretch| !stretch.is_open()), "{first}: {covered:?}");
    }
}

/// A server whose second page is refused, and one whose second page leads nowhere: the gap is walked again each time, and where
/// something is passed over again and again it is given up.
#[test]
fn a_gap_is_walked_again_until_it_is_given_up() {
    let nameless = timeline::status("http://127.0.0.1", 80).replacen("\"id\":\"80\"", "\"id\":null", 1);
    for (status, body, most) in
        [(404, "{\"error\":\"Record not found\"}".to_owned(), 5), (200, format!("[{nameless}]"), 2)]
    {
        let posts: Vec<u64> = (1..=120).collect();
        let server = Server::new(move |_, request| {
            let json = ("content-type", "application/json");
            if request.path.contains("max_id=81") {
                return Answer::new(status, &[json], &body);
            }
            let base = format!("http://{}", request.header("host").unwrap());
            let (body, link) = timeline::page(&base, &request.path, &posts);
            Answer::new(200, &[json, ("link", &link)], body)
        });
        let desk = Desk::with(&timeline::config(&server));
        (0..4).for_each(|_| drop(desk.run(&["pull"])));
        server.received().clear();
        let fills = (0..5).take_while(|_| {
            desk.run(&["gaps", "--fill", "--yes"]);
            assert_eq!(coverage(&desk).gaps.len(), 1, "{status}");
            let mut received = server.received();
            let asked = received.iter().filter(|request| request.path.contains("max_id=81")).count();
            received.clear();
            assert!(asked < 2, "{status}: once a walk, and not {asked} times");
            asked > 0
        });
        assert_eq!(fills.count(), most, "{status}");
        let named = desk.run(&["gaps"]).ok().out;
        assert_eq!(named.contains("can no longer be closed"), status == 200, "{named}");
        let before = crate::kill::dump(&desk);
        desk.run(&["rebuild"]).ok();
        assert_eq!(crate::kill::dump(&desk), before);
    }
}

#[test]
fn strangers_words_steer_no_terminal_behind_a_pipe() {
    let posts: Vec<u64> = (1..=120).collect();
    let evil = "{\"error\":\"\\u001b]0;owned\\u0007\\u001b[31mRED\\nnewline: covered\"}";
    let server = Server::new(move |_, request| {
        if request.path.contains("max_id=81") {
            return Answer::new(401, &[("content-type", "application/json")], evil);
        }
        let base = format!("http://{}", request.header("host").unwrap());
        let (body, link) = timeline::page(&base, &request.path, &posts);
        Answer::new(200, &[("content-type", "application/json"), ("link", &link)], body)
    });
    let desk = Desk::with(&timeline::config(&server).replace("\"flood\"\ntags", "\"\\u001b[31mred\\nx\"\ntags"));
    desk.run(&["pull"]);
    let steers = |text: &str| text.contains(['\u{1b}', '\u{7}', '\r']);
    for command in ["gaps", "status", "jobs", "pull"] {
        let ran = desk.run(&[command]);
        assert!(!steers(&ran.out) && !steers(&ran.err), "{command}: {:?}{:?}", ran.out, ran.err);
        assert!(ran.out.contains("␛[31mred x"), "{command}: {:?}", ran.out);
    }
    assert!(desk.run(&["gaps"]).ok().out.contains("RED"));
}

/// A server of 120 posts that answers in its own way: what is asked for, and what Mastodon would answer.
fn odd(answer: impl Fn(&str, &str, String, String) -> (String, String) + Send + Sync + 'static) -> Server {
    let posts: Vec<u64> = (1..=120).collect();
    Server::new(move |_, request| {
        let base = format!("http://{}", request.header("host").unwrap());
        let (body, link) = timeline::page(&base, &request.path, &posts);
        let (body, link) = answer(&base, &request.path, body, link);
        Answer::new(200, &[("content-type", "application/json"), ("link", &link)], body)
    })
}

#[test]
fn pages_of_odd_servers_are_read_to_the_end() {
    let is_first = |path: &str| !path.contains("max_id") && !path.contains("min_id");
    let servers: Vec<(&str, Server)> = vec![
        // The server hides a whole page from strangers, and says that there is more behind it.
        (
            "an empty page that leads on",
            odd(|base, path, body, link| match path.contains("max_id=81") {
                true => {
                    let next = format!("<{base}/api/v1/timelines/tag/flood?limit=40&max_id=80>; rel=\"next\"");
                    ("[]".to_owned(), next)
                }
                false => (body, link),
            }),
        ),
        (
            "a full page that names only what is newer",
            odd(|_, _, body, link| (body, link.rsplit(", ").next().unwrap_or_default().to_owned())),
        ),
        // Ten old posts that only now reached the server stand at the end of its newest page.
        (
            "old posts at the end of a page",
            odd(move |base, path, body, link| {
                if !is_first(path) {
                    return (body, link);
                }
                let mut posts: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
                for (number, post) in posts.iter_mut().rev().take(10).enumerate() {
                    post["created_at"] = "2019-01-01T00:00:00.000Z".into();
                    post["uri"] = format!("{base}/users/ada/statuses/old-{number}").into();
                }
                (serde_json::to_string(&posts).unwrap(), link)
            }),
        ),
    ];
    for (what, server) in servers {
        let desk = Desk::with(&timeline::config(&server).replace("\"flood\"\n", "\"flood\"\nsince = \"2021-07-01\"\n"));
        desk.run(&["pull"]).ok();
        // Of the page that is hidden from strangers nothing can be had; of the old posts none belongs to the time asked for.
        let expected = if what.contains("full page") { 120 } else { 110 };
        let had = desk.posts().len();
        assert!(had >= expected - usize::from(what.contains("empty")) * 30, "{what}: {had} posts");
        assert!(server.received().len() >= 3, "{what}");
    }
}
