//! The scheduler as people run it: the real program, signals, crashes, a full disk, a clock that is set back.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::disk::Disk;
use crate::kill::dump;
use crate::program::{Desk, Ran};
use crate::timeline::Timeline;

/// Looks once a second.
pub const SWIFT: &str = "name = \"flood\"\nevery = \"auto\"\nleast = \"1s\"\nmost = \"1s\"";
pub const HOURLY: &str = "name = \"flood\"\nevery = \"1h\"";

pub fn scheduled(timeline: &Timeline, schedule: &str) -> Desk {
    Desk::with(&timeline.config().replace("name = \"flood\"", schedule))
}

/// The scheduler, running.
pub struct Running {
    pub child: Child,
    told: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub fn start(command: &mut Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        Running { child, told }
    }

    pub fn at(desk: &Desk) -> Running {
        Running::start(&mut desk.command(&["run", "--json"]))
    }

    /// Waits for an event of that name and of which that is true.
    pub fn until(&mut self, event: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut before = Vec::new();
        for line in self.told.by_ref() {
            let told: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if told["event"] == event && is_it(&told) {
                return told;
            }
            before.push(told);
        }
        panic!("{event} was not told, but {before:?}");
    }

    pub fn looked(&mut self) -> Value {
        self.until("looked", |_| true)
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Ends it; says with which code and after how long.
    pub fn stop(mut self) -> (i32, Duration) {
        let start = Instant::now();
        self.signal("TERM");
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        (code, start.elapsed())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

#[test]
fn once_runs_what_is_due_and_no_more() {
    let timeline = Timeline::start(50);
    let desk = scheduled(&timeline, HOURLY);
    let ran = desk.run(&["run", "--once", "--json"]).ok();
    assert_eq!(ran.json()[0]["new"], 50, "{}", ran.out);
    timeline.requests();
    let again = desk.run(&["run", "--once", "--json"]).ok();
    assert_eq!((again.json().len(), timeline.requests()), (1, 0), "nothing is due: {}", again.out);
    // What is remembered may be lost: the archive knows when it was asked.
    std::fs::remove_file(desk.archive().join("run.json")).unwrap();
    desk.run(&["run", "--once"]).ok();
    assert_eq!(timeline.requests(), 0);
    desk.run(&["verify"]).ok();
}

#[test]
fn a_job_without_a_schedule_is_not_run() {
    let timeline = Timeline::start(1);
    let desk = Desk::with(&timeline.config());
    for args in [&["run"][..], &["run", "flood"], &["run", "--once", "drought"]] {
        let ran = desk.run(args);
        assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
        assert!(
            ran.err.contains("has a schedule") || ran.err.contains("has no schedule") || ran.err.contains("drought")
        );
    }
    assert_eq!(timeline.requests(), 0);
}

#[test]
fn sigterm_ends_it_within_seconds_and_it_goes_on() {
    let timeline = Timeline::start(60);
    let desk = scheduled(&timeline, SWIFT);
    let mut running = Running::at(&desk);
    assert_eq!(running.looked()["new"], 60);
    timeline.post(7);
    running.until("looked", |told| told["new"] == 7);
    let second = desk.run(&["run", "--once"]);
    assert_eq!(second.code, 1, "{}", second.err);
    assert!(second.err.contains("in use by another pullquote"), "{}", second.err);
    let (code, took) = running.stop();
    assert!(code == 0 && took < Duration::from_secs(5), "code {code} after {took:?}");
    timeline.post(3);
    let mut running = Running::at(&desk);
    assert_eq!(running.looked()["new"], 3);
    running.stop();
    assert_eq!(desk.posts().len(), 70);
    desk.run(&["verify"]).ok();
}

#[test]
fn a_stop_in_the_middle_of_a_walk_is_noted_and_gone_on_with() {
    let timeline = Timeline::start(200);
    let slow = timeline.config().replace("name = \"flood\"", HOURLY);
    let desk = Desk::with(&slow.replace("min_interval_ms = 0", "min_interval_ms = 10000000"));
    let mut child = desk.command(&["run"]).stderr(Stdio::null()).spawn().unwrap();
    while timeline.requests() == 0 {
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    desk.file("config.toml", slow.as_bytes());
    // The walk was not finished: it is due at once, whatever the schedule says.
    desk.run(&["run", "--once"]).ok();
    assert_eq!(desk.posts().len(), 200);
    let before = dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(dump(&desk), before, "a rebuild knows what was noted, too");
}

#[test]
fn a_kill_costs_nothing_that_was_kept() {
    let timeline = Timeline::start(300);
    let desk = scheduled(&timeline, SWIFT);
    for round in 0..5 {
        let mut running = Running::at(&desk);
        timeline.post(50);
        running.looked();
        std::thread::sleep(Duration::from_millis(round * 37));
        drop(running);
    }
    let mut running = Running::at(&desk);
    running.looked();
    running.stop();
    assert_eq!(desk.posts().len(), 550);
    desk.run(&["verify"]).ok();
    let before = dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(dump(&desk), before);
}

#[test]
fn sighup_has_the_configuration_read_again() {
    let (timeline, other) = (Timeline::start(10), Timeline::start(20));
    let desk = scheduled(&timeline, SWIFT);
    let mut running = Running::at(&desk);
    running.looked();
    let good = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    desk.file("config.toml", good.replace("least", "leest").as_bytes());
    running.signal("HUP");
    let kept = running.until("kept", |_| true);
    assert!(kept["what"].as_str().unwrap().contains("least"), "{kept}");
    timeline.post(1);
    running.until("looked", |told| told["new"] == 1);
    let job = format!(
        "[[job]]\nname = \"drought\"\ntags = [\"flood\"]\nevery = \"1h\"\nsources = [\"mastodon:{}\"]\n[http]",
        other.url().split("/api").next().unwrap()
    );
    let host = other.url().split('/').nth(2).unwrap().to_owned();
    let both = good.replace("[http]", &job).replace("allow_private = [", &format!("allow_private = [\"{host}\", "));
    desk.file("config.toml", both.as_bytes());
    running.signal("HUP");
    running.until("reloaded", |_| true);
    assert_eq!(running.until("looked", |told| told["job"] == "drought")["new"], 20);
    timeline.post(2);
    running.until("looked", |told| told["job"] == "flood" && told["new"] == 2);
    // Fixtures that are not there are a fault, too, and one that a check finds.
    desk.file("config.toml", both.replace("\"live\"", "\"recorded\"\nfixtures = \"nowhere\"").as_bytes());
    assert_eq!(desk.run(&["jobs", "check"]).code, 3);
    running.signal("HUP");
    let kept = running.until("kept", |_| true);
    assert!(kept["what"].as_str().unwrap().contains("nowhere"), "{kept}");
    // What takes a restart is said.
    desk.file("config.toml", format!("archive = \"other\"\n{both}").as_bytes());
    running.signal("HUP");
    let partly = running.until("partly", |_| true);
    assert!(partly["what"].as_str().unwrap().contains("takes a restart"), "{partly}");
    timeline.post(1);
    running.until("looked", |told| told["job"] == "flood" && told["new"] == 1);
    assert_eq!(running.stop().0, 0);
    desk.file("config.toml", both.as_bytes());
    desk.run(&["verify"]).ok();
}

#[test]
fn a_full_disk_is_waited_for() {
    let timeline = Timeline::start(2000);
    let desk = scheduled(&timeline, SWIFT);
    std::fs::create_dir(desk.archive()).unwrap();
    let archive = desk.archive();
    let Some(disk) = Disk::mount(&archive, "size=1m") else {
        eprintln!("skipped: this system lets nobody mount a disk in memory");
        return;
    };
    let mut running = Running::at(&desk);
    let waits = running.until("waits", |_| true);
    assert!(waits["what"].as_str().unwrap().contains("the archive cannot be written"), "{waits}");
    disk.grow("64m");
    running.until("looked", |told| told["ended"] == "done");
    assert_eq!(running.stop().0, 0);
    assert_eq!(desk.posts().len(), 2000);
    desk.run(&["verify"]).ok();
}

#[test]
fn a_database_that_somebody_holds_is_waited_for() {
    let timeline = Timeline::start(5);
    let desk = scheduled(&timeline, SWIFT);
    let mut running = Running::at(&desk);
    running.looked();
    let db = rusqlite::Connection::open(desk.archive().join("pullquote.db")).unwrap();
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    timeline.post(1);
    running.until("waits", |_| true);
    db.execute_batch("COMMIT").unwrap();
    drop(db);
    running.until("looked", |told| told["ended"] == "done");
    running.stop();
    assert_eq!(desk.posts().len(), 6);
}

#[test]
fn a_server_that_is_away_leaves_a_gap_that_closes() {
    let timeline = Timeline::start(30);
    let desk = scheduled(&timeline, HOURLY);
    desk.run(&["run", "--once"]).ok();
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    // Nobody listens on the port of a socket that is bound and does not listen.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = timeline.url().split("/api").next().unwrap().to_owned();
    let away = format!("{config}[platform.mastodon]\nserver = \"http://{nobody}\"\n");
    let away = away.replace("allow_private = [", &format!("allow_private = [\"{nobody}\", "));
    desk.file("config.toml", away.replace("every = \"1h\"", "every = \"10s\"").as_bytes());
    std::fs::remove_file(desk.archive().join("run.json")).unwrap();
    let ledger = || crate::gaps::coverage(&desk);
    let mut tried = 0;
    while ledger().trouble.is_none() {
        tried += 1;
        assert!(tried < 300, "the look at a server that is away was not noted");
        let ran = desk.run(&["run", "--once"]);
        assert!([0, 2].contains(&ran.code), "{}{}", ran.out, ran.err);
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(ledger().gaps.last().map(|gap| gap.cause.name()), Some("down"), "{:?}", ledger());
    assert!(address.starts_with("http://127"));
    desk.file("config.toml", config.as_bytes());
    desk.run(&["pull"]).ok();
    assert_eq!(ledger().gaps, [], "it was closed");
    assert_eq!(ledger().trouble, None);
}

#[test]
fn a_clock_that_is_set_back_stops_nothing() {
    let timeline = Timeline::start(5);
    let desk = scheduled(&timeline, "name = \"flood\"\nevery = \"10s\"");
    let clock = desk.file("clock", b"+0");
    let Some(mut command) = desk.clocked(&["run", "--json"], &clock) else { return };
    let mut running = Running::start(&mut command);
    running.looked();
    // Three days back: the next fire time by the old clock would be three days off.
    std::fs::write(&clock, "-3d").unwrap();
    timeline.post(1);
    let start = Instant::now();
    running.until("looked", |told| told["new"] == 1);
    assert!(start.elapsed() < Duration::from_secs(75), "{:?}", start.elapsed());
    std::fs::write(&clock, "+3d").unwrap();
    timeline.post(1);
    running.until("looked", |told| told["new"] == 1);
    assert_eq!(running.stop().0, 0);
    // A day too late once, and right again: what was written down is still to come.
    for schedule in ["every = \"1h\"", "every = \"auto\"", "cron = \"0 0 1 1 *\""] {
        let desk = scheduled(&timeline, &format!("name = \"flood\"\n{schedule}"));
        let clock = desk.file("clock", b"+1d");
        let Some(mut command) = desk.clocked(&["run", "--once"], &clock) else { return };
        let ran = Ran::from(command.output().unwrap()).ok();
        assert!(ran.err.contains("ended after 1 looks"), "{schedule}: {}", ran.err);
        let ran = desk.run(&["run", "--once"]).ok();
        assert!(ran.err.contains("ended after 1 looks"), "{schedule}: {}", ran.err);
        let ledger = crate::gaps::coverage(&desk);
        let end = ledger.covered.end().unwrap();
        assert!(end <= chrono::Utc::now(), "{schedule}: {end} is still to come");
    }
}

#[test]
fn a_run_says_what_it_does() {
    let timeline = Timeline::start(5);
    let desk = scheduled(&timeline, HOURLY);
    let ran = Ran::from(desk.command(&["run", "--once"]).output().unwrap()).ok();
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.err);
    assert!(
        lines[0].contains("flood · mastodon:http://127.0.0.1")
            && lines[0].contains("5 new, 0 known in 2 pages; next 2")
    );
    assert!(lines[1].ends_with("ended after 1 looks with 5 new posts"), "{}", ran.err);
}

#[test]
fn what_is_remembered_may_be_lost() {
    let timeline = Timeline::start(3);
    let desk = scheduled(&timeline, HOURLY);
    desk.run(&["run", "--once"]).ok();
    let path = desk.archive().join("run.json");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    for args in [&["jobs"][..], &["run", "--once"]] {
        let ran = desk.run(args).ok();
        assert!(ran.err.contains("run.json cannot be read"), "{args:?}: {}", ran.err);
    }
    assert_eq!(desk.posts().len(), 3);
}
