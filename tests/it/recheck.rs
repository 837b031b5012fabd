//! Posts that are looked at again: edited, deleted, withheld, as they were; and those that were chosen, more often.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::kill::dump;
use crate::program::Desk;
use crate::support::{Answer, Server};
use crate::timeline;

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

/// Six posts, of which the second is edited, the third deleted, the fourth withheld, and the fifth on a server in trouble.
fn server() -> Server {
    let posts: Vec<u64> = (1..=6).collect();
    Server::new(move |_, request| {
        let base = format!("http://{}", request.header("host").unwrap());
        let Some(id) = request.path.strip_prefix("/api/v1/statuses/") else {
            let (body, link) = timeline::page(&base, &request.path, &posts);
            return Answer::new(200, &[JSON, ("link", &link)], body);
        };
        let status = timeline::status(&base, id.parse().unwrap());
        match id {
            "2" => {
                let mut edited: Value = serde_json::from_str(&status).unwrap();
                edited["edited_at"] = "2021-07-26T23:00:00.000Z".into();
                edited["content"] = "<p>I take it back #flood</p>".into();
                Answer::new(200, &[JSON], edited.to_string())
            }
            "3" => Answer::new(404, &[JSON], "{\"error\":\"Record not found\"}"),
            "4" => Answer::new(403, &[JSON], "{\"error\":\"This account is suspended\"}"),
            "5" => Answer::new(500, &[JSON], "{\"error\":\"Something went wrong\"}"),
            _ => Answer::new(200, &[JSON], status),
        }
    })
}

fn desk(server: &Server, rule: &str) -> Desk {
    let keys = format!("name = \"flood\"\nevery = \"1h\"\nrecheck = {rule}");
    Desk::with(&timeline::config(server).replace("name = \"flood\"", &keys))
}

fn asked(server: &Server) -> Vec<String> {
    let received = server.received();
    let paths = received.iter().map(|request| request.path.as_str());
    paths.filter_map(|path| path.strip_prefix("/api/v1/statuses/").map(str::to_owned)).collect()
}

fn shown(desk: &Desk, id: &str) -> Value {
    let posts = desk.posts();
    let post = posts.iter().find(|post| post["id"] == id).unwrap();
    desk.run(&["show", "--json", post["key"].as_str().unwrap()]).ok().json().remove(0)
}

#[test]
fn what_became_of_posts_is_a_state_and_their_words_stay() {
    let server = server();
    let desk = desk(&server, "{ after = [\"1s\", \"1d\"], for = \"30d\" }");
    desk.run(&["run", "--once"]).ok();
    assert_eq!(asked(&server), [""; 0], "none is due");
    std::thread::sleep(Duration::from_millis(1100));
    let ran = desk.run(&["run", "--once", "--json"]).ok();
    let told = ran.json().into_iter().find(|told| told["event"] == "rechecked").unwrap();
    let number = |name: &str| told[name].as_u64().unwrap();
    let names = ["looked", "there", "changed", "gone", "withheld", "not_shown", "failed", "left"];
    assert_eq!(names.map(number), [6, 2, 1, 1, 1, 0, 1, 0], "{told}");
    let states: Vec<(&str, Value)> = ["1", "2", "3", "4"].map(|id| (id, shown(&desk, id))).into();
    for (id, standing) in [("1", "there"), ("2", "there"), ("3", "gone"), ("4", "withheld")] {
        let (_, post) = states.iter().find(|(of, _)| *of == id).unwrap();
        assert_eq!(post["rechecks"][0]["standing"], standing, "{post}");
    }
    let of = |id: &str| &states.iter().find(|(of, _)| *of == id).unwrap().1;
    assert_eq!(of("2")["revisions"].as_array().unwrap().len(), 2, "an edit is a revision");
    assert_eq!(of("2")["text"], "I take it back #flood");
    assert_eq!(of("3")["text"], "Reaction 3 to the flood #flood", "the words stay");
    assert!(of("3")["deleted"].is_object(), "{}", of("3"));
    assert!(of("4")["rechecks"][0]["answer"].as_str().unwrap().contains("This account is suspended"));
    assert!(of("4")["deleted"].is_null());
    let quoted = desk.run(&["quote", of("4")["key"].as_str().unwrap()]).ok();
    assert!(
        quoted.err.contains("the server withheld it (mastodon answered 403: This account is suspended)"),
        "{}",
        quoted.err
    );
    let plain = desk.run(&["show", of("3")["key"].as_str().unwrap()]).ok();
    assert!(plain.out.contains("again: gone: mastodon answered 404: Record not found"), "{}", plain.out);
    // It is no failure of the source, and nothing to be pulled.
    let status = desk.run(&["status", "--json"]).ok().json().remove(0);
    assert!(status["sources"].as_array().unwrap().iter().all(|source| source["pending"] == 0), "{status}");
    let before = dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(dump(&desk), before);
    desk.run(&["verify"]).ok();
    // The next age is a day, and what could not be looked at waits for an hour.
    let before = asked(&server).len();
    desk.run(&["run", "--once"]).ok();
    let again = asked(&server).split_off(before);
    assert!(again.is_empty() || again.iter().all(|id| id == "5"), "{again:?}");
}

#[test]
fn a_budget_holds_for_re_checks_too() {
    let server = server();
    let desk = desk(&server, "{ after = [\"1s\"], for = \"30d\" }\nbudget = { requests = 4, per = \"day\" }");
    desk.run(&["run", "--once"]).ok();
    std::thread::sleep(Duration::from_millis(1100));
    for _ in 0..3 {
        desk.run(&["run", "--once"]).ok();
    }
    assert_eq!(server.received().len(), 4, "also over several runs");
}

#[test]
fn two_jobs_look_at_a_post_once() {
    let server = server();
    let rule = "{ after = [\"1s\", \"1d\"], for = \"30d\" }";
    let job = |name: &str| {
        format!(
            "[[job]]\nname = {name:?}\ntags = [\"flood\"]\nsources = [\"mastodon:{}\"]\nevery = \"1h\"\nrecheck = {rule}\n",
            server.url("")
        )
    };
    let http = format!("[http]\nmin_interval_ms = 0\nallow_private = [{:?}]\nretries = 0\n", server.host());
    let desk = Desk::with(&format!("transport = \"live\"\n{}{}{http}", job("flood"), job("water")));
    desk.run(&["run", "--once"]).ok();
    std::thread::sleep(Duration::from_millis(1100));
    desk.run(&["run", "--once"]).ok();
    let mut asked = asked(&server);
    asked.sort();
    assert_eq!(asked, ["1", "2", "3", "4", "5", "6"]);
}

#[test]
fn what_was_not_asked_for_has_not_failed() {
    let posts: Vec<u64> = (1..=6).collect();
    let looks = AtomicUsize::new(0);
    let server = Server::new(move |_, request| {
        let base = format!("http://{}", request.header("host").unwrap());
        match request.path.strip_prefix("/api/v1/statuses/") {
            None => {
                let (body, link) = timeline::page(&base, &request.path, &posts);
                Answer::new(200, &[JSON, ("link", &link)], body)
            }
            // Another post in its place; then trouble, twice.
            Some(_) if looks.fetch_add(1, Ordering::SeqCst) == 0 => {
                Answer::new(200, &[JSON], timeline::status(&base, 7))
            }
            Some(_) => Answer::new(500, &[JSON], "{\"error\":\"Something went wrong\"}"),
        }
    });
    let desk = desk(&server, "{ after = [\"1s\"], for = \"30d\" }");
    desk.run(&["run", "--once"]).ok();
    std::thread::sleep(Duration::from_millis(1100));
    let ran = desk.run(&["run", "--once", "--json"]).ok();
    let told = ran.json().into_iter().find(|told| told["event"] == "rechecked").unwrap();
    let number = |name: &str| told[name].as_u64().unwrap();
    assert_eq!(["withheld", "not_shown", "failed", "left"].map(number), [0, 1, 2, 3], "{told}");
}
