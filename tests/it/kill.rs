//! Pulls that are killed, stopped and resumed: nothing that was acknowledged is lost, nothing comes twice, and the
//! archive heals itself.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pullquote::warc;

use crate::program::{Desk, Ran};
use crate::timeline::Timeline;

/// Between the first page and the second a pull waits longer than any test runs.
const HOURS: &str = "min_interval_ms = 10000000";

fn uris(desk: &Desk) -> Vec<String> {
    desk.posts().iter().map(|post| post["uri"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn two_hundred_kills_lose_nothing() {
    const POSTS: u64 = 1200;
    let timeline = Timeline::start(POSTS);
    let desk = Desk::with(&timeline.config());
    // How long an undisturbed pull takes here, so that the kills fall all over it.
    let whole = Instant::now();
    Desk::with(&timeline.config()).run(&["pull"]).ok();
    let whole = whole.elapsed();

    let mut kills = 0;
    let mut acknowledged = BTreeSet::new();
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut finished = 0;
    while kills < 200 {
        let mut pull = desk
            .command(&["pull"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        // Short lives at first, so that the pull is still under way at the two hundredth kill.
        let life = whole.mul_f64((seed >> 40) as f64 / (1_u64 << 24) as f64 * 0.5);
        let until = Instant::now() + life;
        while Instant::now() < until && pull.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        if pull.try_wait().unwrap().is_some() {
            finished += 1;
            // It reached the end before its time: there must be something new to be killed over.
            timeline.post(200);
        }
        pull.kill().unwrap();
        pull.wait().unwrap();
        kills += 1;
        if kills % 20 == 0 && desk.archive().join("pullquote.db").exists() {
            let seen: BTreeSet<String> = uris(&desk).into_iter().collect();
            assert!(acknowledged.is_subset(&seen), "kill {kills} lost {:?}", acknowledged.difference(&seen).next());
            acknowledged = seen;
        }
    }
    desk.run(&["pull"]).ok();
    desk.run(&["verify"]).ok();
    let all = uris(&desk);
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(all.len(), distinct.len(), "a post came twice");
    assert_eq!(all.len() as u64, POSTS + 200 * finished, "posts are missing");
    let before = dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(before, dump(&desk), "a rebuild after 200 kills gives other rows");
}

/// Number and digest of the rows of every table.
pub fn dump(desk: &Desk) -> Vec<(&'static str, u64, String)> {
    let reader = pullquote::store::Reader::open(&desk.archive().join("pullquote.db")).unwrap();
    pullquote::store::fingerprint(&reader).unwrap()
}

#[test]
fn a_second_pull_asks_for_little() {
    let timeline = Timeline::start(100);
    let desk = Desk::with(&timeline.config());
    desk.run(&["pull"]).ok();
    assert_eq!(desk.posts().len(), 100);
    timeline.requests();
    // A page that is more than half full leads on: what a server leaves out of it does not end a climb.
    for (new, least) in [(0, 1), (1, 1), (60, 3), (0, 1)] {
        timeline.post(new);
        desk.run(&["pull"]).ok();
        assert_eq!(timeline.requests(), least, "requests for {new} new posts");
    }
    assert_eq!(desk.posts().len(), 161);
}

#[test]
fn a_page_limit_stops_and_the_next_pull_goes_on() {
    let timeline = Timeline::start(200);
    let desk = Desk::with(&timeline.config().replace("name = \"flood\"", "name = \"flood\"\nmax_pages = 2"));
    let first = desk.run(&["pull"]).ok();
    assert!(first.out.contains("page limit"), "{}", first.out);
    assert_eq!(desk.posts().len(), 80);
    timeline.post(3);
    while desk.posts().len() < 203 {
        let before = desk.posts().len();
        desk.run(&["pull"]).ok();
        assert!(desk.posts().len() > before, "the pull does not go on");
    }
}

#[test]
fn a_signal_stops_a_pull_and_says_so() {
    let timeline = Timeline::start(100);
    let desk = Desk::with(&timeline.config().replace("min_interval_ms = 0", HOURS));
    let pull = desk
        .command(&["pull"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while timeline.requests() == 0 {
        std::thread::yield_now();
    }
    let stopped = std::process::Command::new("kill").arg("-TERM").arg(pull.id().to_string()).status().unwrap();
    assert!(stopped.success());
    let ran = Ran::from(pull.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("stopped  by you"), "{}", ran.out);
    desk.run(&["verify"]).ok();
}

#[test]
fn two_writers_are_one_too_many() {
    let timeline = Timeline::start(100);
    let desk = Desk::with(&timeline.config().replace("min_interval_ms = 0", HOURS));
    let mut first = desk.command(&["pull"]).stdout(std::process::Stdio::null()).spawn().unwrap();
    while timeline.requests() == 0 {
        std::thread::yield_now();
    }
    let second = desk.run(&["pull"]);
    assert_eq!(second.code, 1);
    assert!(second.err.contains("in use by another pullquote"), "{}", second.err);
    first.kill().unwrap();
    first.wait().unwrap();
    // The lock died with its holder.
    let again = desk.command(&["pull"]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn();
    let mut again = again.unwrap();
    while timeline.requests() == 0 {
        std::thread::yield_now();
    }
    again.kill().unwrap();
    again.wait().unwrap();
}

#[test]
fn a_verify_beside_a_pull_tells_no_damage_and_one_keeps_pulls_out() {
    let timeline = Timeline::start(100);
    let desk = Desk::with(&timeline.config().replace("min_interval_ms = 0", HOURS));
    let quiet = std::process::Stdio::null;
    let mut pull = desk.command(&["pull"]).stdout(quiet()).stderr(quiet()).spawn().unwrap();
    while timeline.requests() == 0 {
        std::thread::yield_now();
    }
    while desk.posts().is_empty() {
        std::thread::yield_now();
    }
    // As if it were in the middle of writing a capture.
    let place = warc::captures(&desk.archive().join("captures")).unwrap().next().unwrap().unwrap().place;
    let newest = desk.archive().join("captures").join(place.file);
    let mut bytes = std::fs::read(&newest).unwrap();
    bytes.extend_from_within(place.offset as usize..place.offset as usize + 200);
    std::fs::write(&newest, bytes).unwrap();
    let beside = desk.run(&["verify"]);
    pull.kill().unwrap();
    pull.wait().unwrap();
    let out = beside.ok().out;
    assert!(out.contains("another pullquote is writing") && !out.contains("unfinished"), "{out}");
    let ran = desk.run(&["verify"]).ok();
    assert!(ran.out.contains("unfinished") && !ran.out.contains("another pullquote"), "{}", ran.out);

    let archive = pullquote::archive::Archive::at(desk.archive());
    let verifies = [archive.lock_shared().unwrap(), archive.lock_shared().unwrap()];
    assert!(verifies.iter().all(Option::is_some), "several may verify");
    let ran = desk.run(&["pull"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("in use by another pullquote"), "{}", ran.err);
    desk.run(&["verify"]).ok();
}
