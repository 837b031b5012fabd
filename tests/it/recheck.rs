//! Posts that are looked at again: edited, deleted, withheld, as they were; and those that were chosen, more often.

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
    // Behind the server's trouble the sixth is left for the next round, whichever of them came first.
    let looked = told["looked"].as_u64().unwrap();
    assert_eq!((told["gone"].as_u64(), told["changed"].as_u64()), (Some(1), Some(1)), "{told}");
    assert!((5..=6).contains(&looked) && told["failed"].as_u64().unwrap() >= 1, "{told}");
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
    let plain = desk.run(&["show", of("3")["key"].as_str().unwrap()]).ok();
    assert!(plain.out.contains("again: gone: mastodon answered 404: Record not found"), "{}", plain.out);
    // It is no failure of the source, and nothing to be pulled.
    let status = desk.run(&["status", "--json"]).ok().json().remove(0);
    assert!(status["sources"].as_array().unwrap().iter().all(|source| source["pending"] == 0), "{status}");
    let before = dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(dump(&desk), before);
    desk.run(&["verify"]).ok();
    // The next age is a day: only what could not be looked at is due.
    let (before, left) = (asked(&server).len(), 6 - looked + 1);
    desk.run(&["run", "--once"]).ok();
    assert!(asked(&server).len() as u64 - before as u64 <= left + 1, "{:?}", asked(&server));
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
