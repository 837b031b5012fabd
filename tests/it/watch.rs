//! Alarms of the real program: what is told to a command and to an address, what is not, and that none of it is in the jobs' way.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::disk::Disk;
use crate::program::{Desk, Ran};
use crate::run::{HOURLY, Running, SWIFT, scheduled};
use crate::support::{Answer, Server, soon};
use crate::timeline::{Timeline, config, page, status};

/// A command that writes down what it is told.
const NOTE: &str = "cat >> told";

/// A desk whose job looks once a second at a server that is told by a command.
fn watched(server: &Server, hook: &str, more: &str) -> Desk {
    let run = format!("[run]\nfailures = 2\nhook = {hook:?}\n{more}\n[http]");
    Desk::with(&config(server).replace("name = \"flood\"", SWIFT).replace("[http]", &run))
}

/// What the command was told.
fn told(desk: &Desk) -> Vec<Value> {
    let told = std::fs::read_to_string(desk.path().join("told")).unwrap_or_default();
    told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn names(told: &[Value]) -> Vec<&str> {
    told.iter().map(|told| told["event"].as_str().unwrap()).collect()
}

/// A server that can be switched off: it answers 500.
struct Switched {
    server: Server,
    is_off: Arc<AtomicBool>,
}

impl Switched {
    fn start(posts: u64) -> Switched {
        let is_off = Arc::new(AtomicBool::new(false));
        let off = Arc::clone(&is_off);
        let posts: Vec<u64> = (1..=posts).collect();
        let server = Server::new(move |_, request| {
            if off.load(Ordering::SeqCst) {
                return Answer::new(500, &[], "out of \u{1b}[31morder");
            }
            let (body, link) = page(&format!("http://{}", request.header("host").unwrap()), &request.path, &posts);
            Answer::new(200, &[("content-type", "application/json"), ("link", &link)], body)
        });
        Switched { server, is_off }
    }

    fn switch(&self, off: bool) {
        self.is_off.store(off, Ordering::SeqCst);
    }
}

#[test]
fn a_source_that_fails_is_told_once_and_once_when_it_gives_again() {
    let switched = Switched::start(5);
    let secret = "[credential.example]\ntoken_env = \"PULLQUOTE_EXAMPLE_TOKEN\"";
    let desk = watched(&switched.server, &format!("{NOTE}; env > env"), secret);
    switched.switch(true);
    let mut command = desk.command(&["run", "--json"]);
    let mut running = Running::start(command.env("PULLQUOTE_EXAMPLE_TOKEN", "hunter2").env("OTHER", "seen"));
    let alarm = running.until("alarm", |_| true);
    assert_eq!((&alarm["alarm"], &alarm["level"]), (&json!("source-failing"), &json!("warn")), "{alarm}");
    // Further failures are no news.
    running.until("looked", |told| told["failures"] == 4);
    switched.switch(false);
    let alarm = running.until("alarm", |_| true);
    assert_eq!((&alarm["alarm"], &alarm["level"]), (&json!("source-recovered"), &json!("info")), "{alarm}");
    soon("the second message", || (told(&desk).len() == 2).then_some(()));
    assert_eq!(running.stop().0, 0);
    let told = told(&desk);
    assert_eq!(names(&told), ["source-failing", "source-recovered"]);
    assert_eq!((&told[0]["job"], &told[0]["details"]["failures"]), (&json!("flood"), &json!(2)));
    assert!(told[0]["details"]["why"].as_str().unwrap().contains("500"), "{told:?}");
    assert!(!told[0].to_string().contains('\u{1b}'), "{told:?}");
    let env = std::fs::read_to_string(desk.path().join("env")).unwrap();
    assert!(env.contains("PULLQUOTE_EVENT=source-recovered") && env.contains("PULLQUOTE_JOB=flood"), "{env}");
    assert!(env.contains("OTHER=seen") && !env.contains("hunter2"), "{env}");
}

#[test]
fn failures_are_counted_over_runs_that_end() {
    let switched = Switched::start(5);
    let desk = watched(&switched.server, NOTE, "");
    switched.switch(true);
    let once = |failures: usize| {
        soon("a look", || {
            let ran = desk.run(&["run", "--once", "--json"]);
            (ran.json().iter().filter(|told| told["event"] == "looked").count() > 0).then_some(ran.code)
        });
        assert_eq!(told(&desk).len(), failures);
    };
    once(0);
    once(1);
    once(1);
    switched.switch(false);
    once(2);
    once(2);
    assert_eq!(names(&told(&desk)), ["source-failing", "source-recovered"]);
}

#[test]
fn an_address_is_told_and_tried_again() {
    let switched = Switched::start(1);
    let hooks = Server::new(|n, _| Answer::new(if n == 0 { 500 } else { 204 }, &[], ""));
    let with = |allow: &str| {
        let webhook = format!("webhook = \"{}\"", hooks.url("/T000/secret?key=hunter2"));
        let desk = watched(&switched.server, "true", &webhook);
        let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
        desk.file("config.toml", config.replace("allow_private = [", &format!("allow_private = [{allow}")).as_bytes());
        desk
    };
    switched.switch(true);
    let desk = with(&format!("\"{}\", ", hooks.host()));
    let mut running = Running::at(&desk);
    let untold = running.until("untold", |_| true);
    let what = untold["what"].as_str().unwrap();
    assert!(what.contains("the webhook was not told of source-failing: it answered 500; it is tried again"), "{what}");
    soon("the second attempt", || (hooks.received().len() == 2).then_some(()));
    running.stop();
    let received = hooks.received().clone();
    let body: Value = serde_json::from_slice(&received[1].body).unwrap();
    assert_eq!((received[1].method.as_str(), &body["event"]), ("POST", &json!("source-failing")));
    assert_eq!(received[1].header("content-type"), Some("application/json"));
    assert!(received[1].header("authorization").is_none());
    // A private address is asked only if the configuration names it; and the address is a secret.
    let desk = with("");
    let mut running = Running::at(&desk);
    let untold = running.until("untold", |_| true);
    let what = untold["what"].as_str().unwrap();
    assert!(what.contains("no public address") && !what.contains("hunter2") && !what.contains("T000"), "{what}");
    running.stop();
    assert_eq!(hooks.received().len(), 2);
}

#[test]
fn a_hook_that_hangs_is_in_nobodys_way_and_what_was_not_told_is_told_by_the_next_run() {
    let switched = Switched::start(5);
    let desk = watched(&switched.server, "echo $$ > pid; sleep 1000", "");
    switched.switch(true);
    let mut running = Running::at(&desk);
    running.until("alarm", |told| told["alarm"] == "source-failing");
    let pid = soon("the hook", || std::fs::read_to_string(desk.path().join("pid")).ok().filter(|pid| !pid.is_empty()));
    // The jobs go on.
    switched.switch(false);
    running.until("looked", |told| told["new"] == 5);
    running.until("looked", |told| told["known"].as_u64() > Some(0) || told["new"] == 0);
    let (code, took) = running.stop();
    assert!(code == 0 && took < Duration::from_secs(6), "code {code} after {took:?}");
    soon("the end of the hook", || {
        let is_there = Command::new("kill").args(["-0", pid.trim()]).output().unwrap().status.success();
        (!is_there).then_some(())
    });
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    desk.file("config.toml", config.replace("echo $$ > pid; sleep 1000", NOTE).as_bytes());
    // By now it gives again, so there is nothing to tell; but a source that fails still would be.
    switched.switch(true);
    let mut running = Running::at(&desk);
    running.until("alarm", |told| told["alarm"] == "source-failing");
    running.stop();
    assert_eq!(names(&told(&desk)), ["source-failing"]);
}

#[test]
fn a_hook_that_fails_ends_nothing() {
    let switched = Switched::start(5);
    let desk = watched(&switched.server, "echo x >> tried; echo 'no route' >&2; exit 3", "");
    switched.switch(true);
    let mut running = Running::at(&desk);
    let untold = running.until("untold", |_| true);
    let what = untold["what"].as_str().unwrap();
    assert!(what.contains("ended with exit status: 3: no route; it is tried again in 1 s"), "{what}");
    running.until("untold", |_| true);
    switched.switch(false);
    running.until("looked", |told| told["new"] == 5);
    assert_eq!(running.stop().0, 0);
    assert!(std::fs::read_to_string(desk.path().join("tried")).unwrap().lines().count() >= 2);
}

/// A feed that shows three entries, the first when it is told to: others an hour old.
fn feed(is_new: &Arc<AtomicBool>) -> Server {
    let is_new = Arc::clone(is_new);
    let recent = (chrono::Utc::now() - chrono::TimeDelta::hours(1)).to_rfc3339();
    Server::new(move |_, _| {
        let (first, at) =
            if is_new.load(Ordering::SeqCst) { (100, recent.as_str()) } else { (1, "2026-01-01T00:00:00Z") };
        let entries: String = (first..first + 3)
            .map(|n| {
                format!(
                    "<entry><id>urn:flood:{n}</id><title>Water {n} #flood</title><updated>{at}</updated><published>{at}</published>\
                     <author><name>Ada</name></author><link href=\"https://news.example/{n}\"/></entry>"
                )
            })
            .collect();
        let body = format!(
            "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:flood</id><title>Flood</title>\
             <updated>{at}</updated>{entries}</feed>"
        );
        Answer::new(200, &[("content-type", "application/atom+xml")], body)
    })
}

#[test]
fn a_gap_that_no_look_closes_is_told_once() {
    let is_new = Arc::default();
    let server = feed(&is_new);
    let desk = watched(&server, NOTE, "");
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    let source = format!("feed:{}", server.url("/feed.xml"));
    let config = config.replace(&format!("mastodon:{}", server.url("")), &source);
    desk.file("config.toml", config.as_bytes());
    let clock = desk.file("clock", b"-1d");
    let Some(mut yesterday) = desk.clocked(&["run", "--once", "--json"], &clock) else { return };
    let ran = Ran::from(yesterday.output().unwrap()).ok();
    assert_eq!(ran.json()[0]["new"], 3, "{}", ran.out);
    // Nobody looked for a day, and the feed went on.
    is_new.store(true, Ordering::SeqCst);
    let mut running = Running::at(&desk);
    let alarm = running.until("alarm", |_| true);
    assert_eq!((&alarm["alarm"], &alarm["details"]["cause"]), (&json!("coverage-gap"), &json!("stopped")), "{alarm}");
    let seconds = alarm["details"]["seconds"].as_i64().unwrap();
    assert!((82_000..=83_000).contains(&seconds), "a day without an hour: {alarm}");
    soon("the message", || (told(&desk).len() == 1).then_some(()));
    running.stop();
    let ran = desk.run(&["run", "--once", "--json"]);
    assert!(ran.json().iter().all(|told| told["event"] != "alarm"), "{}", ran.out);
    assert_eq!(names(&told(&desk)), ["coverage-gap"]);
    let status = desk.run(&["status"]).ok().out;
    assert!(status.contains("1 gap of 2") && status.contains("(stopped)"), "{status}");
}

#[test]
fn a_budget_is_told_when_it_is_near_and_when_it_is_used_up() {
    // Nine requests, the last of them for a page that is empty.
    let timeline = Timeline::start(320);
    let desk = scheduled(&timeline, "name = \"flood\"\nevery = \"10s\"\nbudget = { requests = 10, per = \"day\" }");
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    desk.file("config.toml", config.replace("[http]", &format!("[run]\nhook = {NOTE:?}\n[http]")).as_bytes());
    let mut running = Running::at(&desk);
    let near = running.until("alarm", |_| true);
    assert_eq!(near["alarm"], "budget-near", "{near}");
    assert_eq!(near["details"]["share"], 0.9, "{near}");
    timeline.post(100);
    let used = running.until("alarm", |_| true);
    assert_eq!(used["alarm"], "budget-used", "{used}");
    running.stop();
    soon("the messages", || (told(&desk).len() == 2).then_some(()));
    // The day is not over: neither is told again.
    let ran = desk.run(&["run", "--once", "--json"]);
    assert!(ran.json().iter().all(|told| told["event"] != "alarm"), "{}", ran.out);
}

#[test]
fn a_field_that_is_empty_is_told() {
    let (posts, full) = (Arc::new(AtomicU16::new(320)), Arc::new(AtomicBool::new(true)));
    let (served, is_full) = (Arc::clone(&posts), Arc::clone(&full));
    let server = Server::new(move |_, request| {
        let posts: Vec<u64> = (1..=u64::from(served.load(Ordering::SeqCst))).collect();
        let (body, link) = page(&format!("http://{}", request.header("host").unwrap()), &request.path, &posts);
        let mut body: Value = serde_json::from_str(&body).unwrap();
        for status in body.as_array_mut().unwrap() {
            status["language"] = if is_full.load(Ordering::SeqCst) { json!("en") } else { Value::Null };
        }
        Answer::new(200, &[("content-type", "application/json"), ("link", &link)], body.to_string())
    });
    let desk = watched(&server, NOTE, "");
    let mut running = Running::at(&desk);
    assert_eq!(running.looked()["new"], 320);
    running.stop();
    full.store(false, Ordering::SeqCst);
    posts.store(360, Ordering::SeqCst);
    let mut running = Running::at(&desk);
    running.until("looked", |told| told["new"] == 40);
    running.signal("TERM");
    let alarm = running.until("alarm", |_| true);
    assert_eq!((&alarm["alarm"], &alarm["details"]["field"]), (&json!("fields-drift"), &json!("language")), "{alarm}");
    // A second signal would not let it finish.
    assert!(running.child.wait().unwrap().success());
    assert_eq!(names(&told(&desk)), ["fields-drift"]);
}

#[test]
fn what_became_of_quoted_and_clipped_posts_is_told() {
    let timeline = Timeline::start(5);
    let desk = scheduled(&timeline, HOURLY);
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    desk.file("config.toml", config.replace("[http]", &format!("[run]\nhook = {NOTE:?}\n[http]")).as_bytes());
    let import = |words: &str, edited: Option<&str>| {
        let status = |id| {
            let mut status: Value = serde_json::from_str(&status("https://a.example", id)).unwrap();
            status["content"] = json!(format!("<p>{words} {id} #flood</p>"));
            status["edited_at"] = json!(edited);
            status
        };
        let file = desk.file("statuses.json", json!([status(2), status(4)]).to_string().as_bytes());
        desk.run(&["import", file.to_str().unwrap()]).ok();
    };
    import("Water", None);
    desk.run(&["run", "--once"]).ok();
    let key = |text: &str| desk.run(&["search", "--ids", text]).ok().out.trim().to_owned();
    let (quoted, clipped) = (key("\"Water 2\""), key("\"Water 4\""));
    desk.run(&["quote", &quoted, "--article", "https://news.example/flood"]).ok();
    desk.run(&["clip", &clipped, "--to", "for print"]).ok();
    desk.run(&["run", "--once"]).ok();
    assert_eq!(told(&desk), [Value::Null; 0]);
    // Somebody edits both, and an import brings it.
    import("I never said", Some("2026-01-01T00:00:00.000Z"));
    desk.run(&["run", "--once"]).ok();
    let all = told(&desk);
    assert_eq!(names(&all), ["quoted-changed", "clipped-changed"], "{all:?}");
    assert_eq!((&all[0]["details"]["post"], &all[1]["details"]["post"]), (&json!(quoted), &json!(clipped)));
    assert_eq!(all[0]["details"]["quoted_in"], "https://news.example/flood");
    assert!(!all.iter().any(|told| told.to_string().contains("I never said")), "no words of posts: {all:?}");
    desk.run(&["run", "--once"]).ok();
    assert_eq!(told(&desk).len(), 2);
}

#[test]
fn an_archive_that_cannot_be_written_is_told_and_that_it_can_again() {
    let timeline = Timeline::start(2000);
    let desk = scheduled(&timeline, SWIFT);
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    desk.file("config.toml", config.replace("[http]", &format!("[run]\nhook = {NOTE:?}\n[http]")).as_bytes());
    std::fs::create_dir(desk.archive()).unwrap();
    let archive = desk.archive();
    let Some(disk) = Disk::mount(&archive, "size=1m") else {
        eprintln!("skipped: this system lets nobody mount a disk in memory");
        return;
    };
    let mut running = Running::at(&desk);
    running.until("alarm", |told| told["alarm"] == "archive-waits");
    running.until("waits", |_| true);
    running.until("waits", |_| true);
    disk.grow("64m");
    running.until("alarm", |told| told["alarm"] == "archive-writable");
    running.until("looked", |told| told["ended"] == "done");
    running.stop();
    let told = told(&desk);
    assert!(names(&told).starts_with(&["archive-waits", "archive-writable"]), "{told:?}");
    assert!(told[0]["what"].as_str().unwrap().contains("archive"), "{told:?}");
}
