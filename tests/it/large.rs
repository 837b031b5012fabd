//! Files of many posts: nothing is lost when an import is killed, the same file twice brings nothing new, and no id
//! loses a digit.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use pullquote::query;
use pullquote::store::{MAX_LIMIT, Reader, Search, Sort};

use crate::kill;
use crate::program::Desk;

/// A status as Mastodon's API gives it; its id may be a text, as Mastodon writes it, or a number, as exports do.
fn status(id: u64, as_number: bool, words: &str) -> String {
    let written = if as_number { id.to_string() } else { format!("{:?}", id.to_string()) };
    format!(
        r#"{{"id":{written},"uri":"https://flood.example/users/ada/statuses/{id}","url":"https://flood.example/@ada/{id}","created_at":"2021-07-26T18:{:02}:{:02}.000Z","visibility":"public","content":"<p>{words}</p>","account":{{"id":"7","acct":"ada@flood.example","display_name":"Ada","url":"https://flood.example/@ada"}}}}"#,
        id / 60 % 60,
        id % 60,
    )
}

/// A file of statuses with those ids.
fn lines(ids: impl IntoIterator<Item = u64>) -> String {
    ids.into_iter().fold(String::new(), |mut file, id| {
        writeln!(file, "{}", status(id, false, &format!("Words of the {id}th post"))).unwrap();
        file
    })
}

/// The ids of all posts, as the database holds them.
fn ids(desk: &Desk) -> Vec<String> {
    let reader = Reader::open(&desk.archive().join("pullquote.db")).unwrap();
    let everything = || query::parse("").unwrap();
    let mut search = Search { expr: everything(), sort: Sort::Newest, limit: MAX_LIMIT, after: None };
    let mut found = Vec::new();
    loop {
        let results = reader.search(&search).unwrap();
        found.extend(results.posts.iter().map(|stored| stored.post.id.clone().unwrap()));
        if results.next.is_none() {
            return found;
        }
        search.after = results.next;
    }
}

fn sorted(ids: impl IntoIterator<Item = u64>) -> Vec<String> {
    let mut ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    ids.sort();
    ids
}

#[test]
fn an_import_that_is_killed_goes_on_without_loss() {
    const POSTS: u64 = 15_000;
    let desk = Desk::with("");
    desk.file("posts.jsonl", lines(1..=POSTS).as_bytes());
    let whole = Instant::now();
    let undisturbed = Desk::with("");
    undisturbed.run(&["import", desk.path().join("posts.jsonl").to_str().unwrap()]).ok();
    let whole = whole.elapsed();
    let mut acknowledged = 0;
    for kill in 1..=8 {
        let quiet = Stdio::null;
        let mut import =
            desk.command(&["import", "posts.jsonl"]).stdout(quiet()).stderr(quiet()).spawn().expect("it starts");
        let until = Instant::now() + whole.mul_f64(f64::from(kill) / 9.0);
        while Instant::now() < until && import.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        import.kill().unwrap();
        import.wait().unwrap();
        if desk.archive().join("pullquote.db").exists() {
            let now = ids(&desk).len();
            assert!(now >= acknowledged, "kill {kill} lost {} posts", acknowledged - now);
            acknowledged = now;
        }
    }
    let last = desk.run(&["import", "posts.jsonl"]).ok();
    assert!(last.out.contains("already kept"), "what was kept is not read again: {}", last.out);
    let mut found = ids(&desk);
    found.sort();
    assert_eq!(found, sorted(1..=POSTS));
    desk.run(&["verify"]).ok();
    assert_eq!(ids(&desk), ids(&undisturbed), "the order of posts of one second is that of the file");
}

#[test]
fn the_same_file_twice_brings_nothing_new() {
    let desk = Desk::with("");
    let first = lines(1..=3000);
    desk.file("posts.jsonl", first.as_bytes());
    desk.run(&["import", "posts.jsonl"]).ok();
    let before = kill::dump(&desk);
    let again = desk.run(&["import", "posts.jsonl"]).ok();
    assert!(again.out.contains("0 new, 0 known, 0 changed"), "{}", again.out);
    assert_eq!(kill::dump(&desk), before);
    // The same posts in other bytes are captures of their own, and bring no post.
    desk.file("more.jsonl", format!("{}\n{}", lines([3001]), first.replace("Ada", "Ada ")).as_bytes());
    let more = desk.run(&["import", "more.jsonl"]).ok();
    assert!(more.out.contains("1 new, ") && ids(&desk).len() == 3001, "{}", more.out);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn no_id_loses_a_digit(drawn in prop::collection::btree_map(any::<u64>(), any::<bool>(), 1..200)) {
        // The ends of what floating-point numbers hold exactly are always among them.
        let edges = [0, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, u64::MAX - 1, u64::MAX].map(|id| (id, id % 2 == 0));
        let all: BTreeMap<u64, bool> = drawn.into_iter().chain(edges).collect();
        let file: String = all.iter().map(|(id, as_number)| status(*id, *as_number, "Words") + "\n").collect();
        let desk = Desk::with("");
        desk.file("posts.jsonl", file.as_bytes());
        desk.run(&["import", "posts.jsonl"]).ok();
        let mut found = ids(&desk);
        found.sort();
        prop_assert_eq!(found, sorted(all.keys().copied()));
        let mut printed: Vec<String> =
            desk.posts().iter().map(|post| post["id"].as_str().expect("an id is a text").to_owned()).collect();
        printed.sort();
        prop_assert_eq!(printed, sorted(all.into_keys()));
    }
}
