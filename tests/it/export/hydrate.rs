//! A list of ids and back: what is held is passed over, what is gone is told with the answer, and a second run goes on.

use std::fs;

use serde_json::{Value, json};

use crate::program::Desk;
use crate::support::{Answer, Server};

const STATUS: &str = "https://moss.example/api/v1/statuses/";

/// A desk whose server shows posts 1 to 3, has forgotten 4, and hides 5.
fn desk() -> Desk {
    let desk = Desk::with("transport = \"recorded\"\nfixtures = \"fixtures\"\n");
    for (id, status) in [(1, 200), (2, 200), (3, 200), (4, 404), (5, 401), (6, 410)] {
        let body = match status {
            200 => json!({
                "id": id.to_string(), "uri": format!("https://moss.example/users/ben/statuses/{id}"),
                "url": format!("https://moss.example/@ben/{id}"), "visibility": "public", "created_at": format!("2021-07-2{id}T10:15:00.000Z"),
                "content": format!("<p>Post {id}</p>"), "language": "en",
                "account": { "id": "2", "username": "ben", "acct": "ben", "display_name": "Ben Dry", "url": "https://moss.example/@ben" },
            }),
            _ => json!({ "error": "Record not found" }),
        };
        answer(&desk, &format!("mastodon/status-{id}"), &format!("{STATUS}{id}"), status, &body);
    }
    desk
}

fn answer(desk: &Desk, case: &str, url: &str, status: u16, body: &Value) {
    let folder = desk.path().join("fixtures").join(case);
    fs::create_dir_all(&folder).unwrap();
    let exchange = format!(
        "proves = \"one post\"\nurl = {url:?}\nstatus = {status}\nfetched_at = \"2026-11-26T10:00:00Z\"\n\
         headers = [[\"content-type\", \"application/json\"]]\nbody = \"body.json\"\n"
    );
    fs::write(folder.join("exchange.toml"), exchange).unwrap();
    fs::write(folder.join("body.json"), body.to_string()).unwrap();
}

fn captures(desk: &Desk) -> u64 {
    desk.run(&["status", "--json"]).ok().json()[0]["captures"].as_u64().unwrap()
}

const LIST: &str = "# of Monday\n\
    mastodon\thttps://moss.example/users/ben/statuses/1\n\
    https://moss.example/@ben/2\r\n\
    \n\
    mastodon\thttps://moss.example/users/ben/statuses/1\n\
    mastodon\thttps://moss.example/@ben/4\n\
    mastodon\thttps://moss.example/@ben/5\n\
    mastodon\thttps://moss.example/@ben/6\n\
    mastodon\thttps://moss.example/@ben/99\n\
    somewhere\tno address\n";

#[test]
fn what_is_gone_is_told_and_a_second_run_goes_on() {
    let desk = desk();
    desk.file("ids.tsv", LIST.as_bytes());
    let ran = desk.run(&["hydrate", "ids.tsv"]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    for (line, begins) in lines.iter().zip([
        "gone\t404\thttps://moss.example/@ben/4",
        "refused\t401\thttps://moss.example/@ben/5\t",
        "gone\t410\thttps://moss.example/@ben/6",
        "failed\t-\thttps://moss.example/@ben/99\tno fixture answers",
        "failed\t-\tno address\t",
    ]) {
        assert!(line.starts_with(begins), "{line}");
    }
    assert_eq!(lines.len(), 5, "{}", ran.out);
    assert!(
        ran.err.contains("7 posts: 2 brought, 2 failed, 1 gone (404), 1 gone (410), 1 refused (401)"),
        "{}",
        ran.err
    );
    assert_eq!(desk.posts().len(), 2);
    desk.run(&["verify"]).ok();
    // Nothing that is known is asked for again.
    let before = captures(&desk);
    let ran = desk.run(&["hydrate", "ids.tsv"]);
    assert!(ran.err.contains("7 posts: 2 failed, 1 gone (404), 1 gone (410), 2 held, 1 refused (401)"), "{}", ran.err);
    assert_eq!(captures(&desk), before + 1, "only what was refused is asked again");
    let ran = desk.run(&["hydrate", "ids.tsv", "--again", "--json"]);
    let told: Vec<(Value, Value)> =
        ran.json().iter().map(|line| (line["outcome"].clone(), line["status"].clone())).collect();
    assert_eq!(
        told[..3],
        [("brought".into(), Value::Null), ("brought".into(), Value::Null), ("gone".into(), 404.into())]
    );
    assert!(captures(&desk) >= before + 5);
}

#[test]
fn a_list_that_was_exported_comes_back() {
    let first = desk();
    for id in 1..=3 {
        first.run(&["pull", &format!("https://moss.example/@ben/{id}")]).ok();
    }
    let list = first.run(&["export", "--as", "ids"]).ok().out;
    assert_eq!(list.lines().next(), Some("mastodon\thttps://moss.example/users/ben/statuses/3"));
    let second = desk();
    second.file("ids.tsv", list.as_bytes());
    let ran = second.run(&["hydrate", "ids.tsv"]).ok();
    assert!(ran.out.is_empty() && ran.err.contains("3 posts: 3 brought"), "{}{}", ran.out, ran.err);
    let essence = |desk: &Desk| -> Vec<(Value, Value)> {
        desk.posts().iter().map(|post| (post["uri"].clone(), post["text"].clone())).collect()
    };
    assert_eq!(essence(&first), essence(&second));
    assert_eq!(second.run(&["export", "--as", "ids"]).ok().out, list);
}

#[test]
fn an_id_alone_is_of_the_platform_of_numbers() {
    let desk = desk();
    answer(
        &desk,
        "x/gone",
        "https://publish.twitter.com/oembed?url=https%3A%2F%2Fx.com%2Fi%2Fstatus%2F1419447371166646272",
        404,
        &json!({ "error": "gone" }),
    );
    desk.file("ids.txt", b"1419447371166646272\n");
    let ran = desk.run(&["hydrate", "ids.txt"]);
    assert!(
        ran.out.contains("\t1419447371166646272") && !ran.out.contains("no address of a post"),
        "{}{}",
        ran.out,
        ran.err
    );
}

#[test]
fn a_server_that_wants_to_be_left_alone_is() {
    let server = Server::script([Answer::new(429, &[("content-type", "application/json")], "{}")]);
    let config = format!(
        "transport = \"live\"\n[http]\nmin_interval_ms = 0\nretries = 0\nallow_private = [{:?}]\n",
        server.host()
    );
    let desk = Desk::with(&config);
    let list: String =
        (1..=3).map(|id| format!("mastodon\t{}\n", server.url(&format!("/@ben/10000000{id}")))).collect();
    desk.file("ids.tsv", list.as_bytes());
    let ran = desk.run(&["hydrate", "ids.tsv"]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("3 posts: 1 failed, 2 left"), "{}{}", ran.out, ran.err);
    assert_eq!(server.received().len(), 1);
}

#[test]
fn what_costs_money_wants_a_budget() {
    let desk = Desk::with("transport = \"live\"\n[credential.x]\ntoken_env = \"SECRET_OF_TEST\"\n");
    desk.file("ids.txt", b"x\thttps://x.com/i/status/1419447371166646272\n");
    let ran = desk.run(&["hydrate", "ids.txt"]);
    assert!(ran.code == 3 && ran.err.contains("reading 1 of these posts costs money"), "{}{}", ran.out, ran.err);
    let ran = desk.run(&["hydrate", "ids.txt", "--budget", "much"]);
    assert!(ran.code == 3 && ran.err.contains("write a number"), "{}", ran.err);
    let ran = desk.run(&["hydrate", "nowhere.txt"]);
    assert!(ran.code == 1 && ran.err.contains("read nowhere.txt"), "{}", ran.err);
}

#[test]
fn another_post_is_not_what_was_asked_for() {
    let desk = desk();
    let body = fs::read_to_string(desk.path().join("fixtures/mastodon/status-1/body.json")).unwrap();
    answer(&desk, "mastodon/other", &format!("{STATUS}8"), 200, &serde_json::from_str(&body).unwrap());
    desk.file("ids.tsv", b"mastodon\thttps://moss.example/@ben/8\n");
    let other = "failed\t-\thttps://moss.example/@ben/8\tthe server answered with another post";
    let ran = desk.run(&["hydrate", "ids.tsv"]);
    assert!(ran.code == 2 && ran.out.starts_with(other), "{}{}", ran.out, ran.err);
    let before = captures(&desk);
    let ran = desk.run(&["hydrate", "ids.tsv"]);
    assert!(ran.code == 2 && ran.out.starts_with(other), "{}{}", ran.out, ran.err);
    assert_eq!(captures(&desk), before, "it is not asked again in a circle");
    desk.run(&["hydrate", "ids.tsv", "--again"]);
    assert_eq!(captures(&desk), before + 1);
}

#[test]
fn a_post_of_another_server_comes_by_the_id_that_it_has_here() {
    let desk = desk();
    let body = json!({
        "id": "9", "uri": "https://far.example/users/kim/statuses/77", "url": "https://far.example/@kim/77", "visibility": "public",
        "created_at": "2021-07-26T10:15:00.000Z", "content": "<p>From afar</p>",
        "account": { "id": "3", "username": "kim", "acct": "kim@far.example", "display_name": "Kim", "url": "https://far.example/@kim" },
    });
    answer(&desk, "mastodon/far", &format!("{STATUS}9"), 200, &body);
    desk.file("ids.tsv", b"mastodon\thttps://moss.example/@kim@far.example/9\n");
    let ran = desk.run(&["hydrate", "ids.tsv"]).ok();
    assert!(ran.err.contains("1 posts: 1 brought"), "{}{}", ran.out, ran.err);
    let ran = desk.run(&["hydrate", "ids.tsv"]).ok();
    assert!(ran.err.contains("1 posts: 1 held"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_list_has_only_lines_that_are_read() {
    let desk = desk();
    let table = "handle,url,text\nada,https://moss.example/@ada/110000000000000001,one\nada,javascript:alert(1),two\nada,https://news.example/ferry,three\n";
    desk.file("posts.csv", table.as_bytes());
    desk.run(&["import", "posts.csv", "--map", "text=text,handle=handle,url=url,platform:mastodon"]).ok();
    let ran = desk.run(&["export", "--as", "ids"]).ok();
    assert_eq!(ran.out, "mastodon\thttps://moss.example/@ada/110000000000000001\n", "{}", ran.err);
    assert!(ran.err.contains("2 posts have no id and no address by which anybody can be asked"), "{}", ran.err);
}

#[test]
fn what_a_server_says_steers_no_terminal_behind_a_pipe() {
    let desk = desk();
    let body = json!({ "error": "\u{1b}]0;owned\u{7}\u{1b}[31mRED\r\nfailed\t-\tmine" });
    answer(&desk, "mastodon/evil", &format!("{STATUS}10"), 401, &body);
    desk.file("ids.tsv", b"mastodon\thttps://moss.example/@ben/10\nmastodon\thttps://moss.example/\x1b[2J\n");
    let ran = desk.run(&["hydrate", "ids.tsv"]);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
    assert!(!ran.out.contains(['\u{1b}', '\u{7}', '\r']) && ran.out.contains('␛'), "{:?}", ran.out);
}

/// The request that a look-up of a post of X is, and that of a post of Bluesky.
fn x_lookup(id: u64) -> String {
    let one = include_str!("../../../fixtures/x/one-gone/exchange.toml");
    let url = one.lines().find_map(|line| line.strip_prefix("url = \"")).unwrap().trim_end_matches('"');
    url.replace("ids=99", &format!("ids={id}"))
}

fn bluesky_lookup(key: &str) -> String {
    let uri = format!("at%3A%2F%2Fdid%3Aplc%3Aabcdefghijklmnopqrstuvwx%2Fapp.bsky.feed.post%2F{key}");
    format!("https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread?uri={uri}&depth=0&parentHeight=0")
}

#[test]
fn what_platforms_say_of_a_post_in_their_own_ways_is_understood() {
    let desk = Desk::with(
        "transport = \"recorded\"\nfixtures = \"fixtures\"\n[credential.x]\ntoken_env = \"SECRET_OF_TEST\"\n\
         [[job]]\nname = \"x\"\ntags = [\"a\"]\nsources = [\"x\"]\n",
    );
    let fault = |id: u64, detail: &str, kind: &str| {
        json!({ "errors": [{
            "value": id.to_string(), "detail": format!("{detail}: [{id}]."), "title": "Error", "resource_type": "tweet", "parameter": "ids",
            "resource_id": id.to_string(), "type": format!("https://api.twitter.com/2/problems/{kind}"),
        }] })
    };
    let gone = fault(99, "Could not find tweet with ids", "resource-not-found");
    answer(&desk, "x/gone", &x_lookup(99), 200, &gone);
    let hidden = fault(98, "Sorry, you are not authorized to see the Tweet with ids", "not-authorized-for-resource");
    answer(&desk, "x/hidden", &x_lookup(98), 200, &hidden);
    let uri = |key: &str| format!("at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/{key}");
    let thread = |key: &str, kind: &str, flag: &str| {
        let view = json!({ "$type": format!("app.bsky.feed.defs#{kind}"), "uri": uri(key), flag: true });
        json!({ "thread": view })
    };
    let not_found = json!({ "error": "NotFound", "message": format!("Post not found: {}", uri("3krvabcdefg2a")) });
    answer(&desk, "bluesky/gone", &bluesky_lookup("3krvabcdefg2a"), 400, &not_found);
    let not_found = thread("3krvabcdefg2b", "notFoundPost", "notFound");
    answer(&desk, "bluesky/not-found", &bluesky_lookup("3krvabcdefg2b"), 200, &not_found);
    let blocked = thread("3krvabcdefg2c", "blockedPost", "blocked");
    answer(&desk, "bluesky/blocked", &bluesky_lookup("3krvabcdefg2c"), 200, &blocked);
    answer(
        &desk,
        "mastodon/login",
        &format!("{STATUS}7"),
        404,
        &json!({ "error": "This method requires an authenticated user" }),
    );
    let list = format!(
        "x\t99\nx\t98\n{}\n{}\n{}\nhttps://moss.example/@ben/7\n",
        uri("3krvabcdefg2a"),
        uri("3krvabcdefg2b"),
        uri("3krvabcdefg2c")
    );
    desk.file("ids.tsv", list.as_bytes());
    let told = |ran: &crate::program::Ran| -> Vec<(String, u64)> {
        let lines = ran.json();
        lines
            .iter()
            .map(|line| (line["outcome"].as_str().unwrap().to_owned(), line["status"].as_u64().unwrap_or(0)))
            .collect()
    };
    let ran = desk.run(&["hydrate", "ids.tsv", "--json"]);
    let expected = [("gone", 200), ("refused", 200), ("gone", 400), ("gone", 200), ("refused", 200), ("refused", 404)];
    assert_eq!(told(&ran), expected.map(|(outcome, status)| (outcome.to_owned(), status)), "{}{}", ran.out, ran.err);
    // What X and Bluesky say to be gone is not asked for again.
    let before = captures(&desk);
    let ran = desk.run(&["hydrate", "ids.tsv", "--json"]);
    assert_eq!(told(&ran)[..3], expected.map(|(outcome, status)| (outcome.to_owned(), status))[..3], "{}", ran.out);
    assert_eq!(captures(&desk), before + 4);
    desk.run(&["verify"]).ok();
}

#[test]
fn what_became_of_a_held_post_leaves_the_trace_of_a_re_check() {
    let desk = desk();
    desk.file("ids.tsv", b"https://moss.example/@ben/1\nhttps://moss.example/@ben/2\nhttps://moss.example/@ben/3\n");
    desk.run(&["hydrate", "ids.tsv"]).ok();
    for (id, status) in [(1, 404), (2, 403)] {
        let body = json!({ "error": "Record not found" });
        answer(&desk, &format!("mastodon/status-{id}"), &format!("{STATUS}{id}"), status, &body);
    }
    let ran = desk.run(&["hydrate", "ids.tsv", "--again"]);
    assert!(ran.err.contains("3 posts: 1 brought, 1 gone (404), 1 refused (403)"), "{}{}", ran.out, ran.err);
    let shown = |id: &str| {
        let posts = desk.posts();
        let post = posts.iter().find(|post| post["id"] == id).unwrap();
        desk.run(&["show", "--json", post["key"].as_str().unwrap()]).ok().json().remove(0)
    };
    for (id, standing) in [("1", "gone"), ("2", "withheld"), ("3", "there")] {
        assert_eq!(shown(id)["rechecks"][0]["standing"], standing, "{}", shown(id));
    }
    assert!(shown("1")["deleted"].is_object() && shown("2")["deleted"].is_null());
    let before = crate::kill::dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(crate::kill::dump(&desk), before);
    desk.run(&["verify"]).ok();
}

#[test]
fn a_page_to_which_a_redirect_leads_says_nothing_of_the_post() {
    let server = Server::new(|_, request| match request.path.as_str() {
        "/login" => Answer::new(404, &[("content-type", "application/json")], "{\"error\":\"Not found\"}"),
        _ => Answer::new(302, &[("location", "/login")], ""),
    });
    let config = format!(
        "transport = \"live\"\n[http]\nmin_interval_ms = 0\nretries = 0\nallow_private = [{:?}]\n",
        server.host()
    );
    let desk = Desk::with(&config);
    desk.file("ids.tsv", format!("mastodon\t{}\n", server.url("/@ben/100000001")).as_bytes());
    for requests in [2, 4] {
        let ran = desk.run(&["hydrate", "ids.tsv"]);
        assert!(ran.code == 2 && ran.err.contains("1 posts: 1 failed"), "{}{}", ran.out, ran.err);
        assert!(server.received().len() >= requests, "it is asked again");
    }
}

#[test]
fn what_the_budget_does_not_allow_is_left() {
    let desk = Desk::with("transport = \"live\"\n[credential.x]\ntoken_env = \"SECRET_OF_TEST\"\n");
    desk.file("ids.txt", b"x\t1419447371166646272\nx\t1419447371166646273\n");
    let mut command = desk.command(&["hydrate", "ids.txt", "--budget", "0.001"]);
    let ran = crate::program::Ran::from(command.env("SECRET_OF_TEST", "token").output().unwrap());
    assert!(ran.code == 2 && ran.err.contains("2 posts: 2 left"), "{}{}", ran.out, ran.err);
    assert!(
        ran.out.lines().all(|line| line.starts_with("left\t-\t") && line.contains("of the budget of $0.00")),
        "{}",
        ran.out
    );
}

#[test]
fn a_budget_is_that_of_the_whole_list() {
    let desk = Desk::with(
        "transport = \"recorded\"\nfixtures = \"fixtures\"\n[credential.x]\ntoken_env = \"SECRET_OF_TEST\"\n\
         [[job]]\nname = \"x\"\ntags = [\"a\"]\nsources = [\"x\"]\n",
    );
    let mut list = String::new();
    for id in 101..=104 {
        let post = json!({ "id": id.to_string(), "text": "Ahoy", "author_id": "1", "edit_history_tweet_ids": [id.to_string()] });
        answer(&desk, &format!("x/{id}"), &x_lookup(id), 200, &json!({ "data": [post] }));
        list += &format!("x\t{id}\n");
    }
    desk.file("ids.tsv", list.as_bytes());
    let ran = desk.run(&["hydrate", "ids.tsv", "--budget", "0.02"]);
    assert!(ran.code == 2 && ran.err.contains("4 posts: 2 brought, 2 left"), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("$0.010 of the budget of $0.02 are used up"), "{}", ran.out);
}
