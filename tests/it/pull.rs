//! Pulls from servers that misbehave: what was kept stays, what went wrong is said, and nobody is led astray.

use pullquote::warc;

use crate::program::Desk;
use crate::support::{Answer, Received, Server};
use crate::timeline::{Timeline, config, status};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A page of these posts, whose Link header leads to `next`.
fn page(request: &Received, ids: impl IntoIterator<Item = u64>, next: &str) -> Answer {
    let base = format!("http://{}", request.header("host").unwrap());
    let posts: Vec<String> = ids.into_iter().map(|id| status(&base, id)).collect();
    Answer::new(200, &[JSON, ("link", &format!("<{next}>; rel=\"next\""))], format!("[{}]", posts.join(",")))
}

fn own(request: &Received, query: &str) -> String {
    format!("http://{}/api/v1/timelines/tag/flood?limit=40&{query}", request.header("host").unwrap())
}

#[test]
fn a_page_leads_nowhere_but_to_its_own_server() {
    let stranger = Server::script([Answer::new(200, &[JSON], "[]")]);
    let elsewhere = stranger.url("/api/v1/timelines/tag/flood?max_id=1");
    let server = Server::new(move |n, request| match n {
        0 => page(request, [9, 8], &elsewhere),
        _ => Answer::new(200, &[JSON], "[]"),
    });
    let desk = Desk::with(
        &config(&server).replace("allow_private = [", &format!("allow_private = [\"{}\", ", stranger.host())),
    );
    let ran = desk.run(&["pull"]);
    assert_eq!(desk.posts().len(), 2, "{}{}", ran.out, ran.err);
    assert!(stranger.received().is_empty(), "{:?}", stranger.received());
}

#[test]
fn words_that_read_like_a_secret_leave_a_doubt_where_they_were() {
    let server = Server::new(|n, request| match n {
        0 => {
            let base = format!("http://{}", request.header("host").unwrap());
            let posts = format!("[{},{}]", status(&base, 2), status(&base, 1));
            Answer::new(200, &[JSON], posts.replace("Reaction 2", "Applegarth said 2"))
        }
        _ => Answer::new(200, &[JSON], "[]"),
    });
    let config = config(&server).replace("\"]\n[http]", " as me\"]\n[http]");
    let desk = Desk::with(&format!("{config}[credential.me]\ntoken_env = \"PULLQUOTE_TEST_WORD\"\n"));
    let ran = desk.command(&["pull"]).env("PULLQUOTE_TEST_WORD", "Applegarth").output().unwrap();
    let ran = crate::program::Ran::from(ran).ok();
    assert!(ran.out.contains("doubtful 1: *** may stand for words of its author"), "{}", ran.out);
    let posts = desk.posts();
    assert!(posts[0]["text"].as_str().unwrap().starts_with("*** said 2"), "{}", posts[0]);
    assert_eq!(posts[0]["doubts"].as_array().unwrap().len(), 1);
    assert!(posts[1].get("doubts").is_none_or(|doubts| doubts.as_array().unwrap().is_empty()), "{}", posts[1]);
    desk.run(&["verify"]).ok();
    let before = crate::kill::dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(crate::kill::dump(&desk), before);
}

#[test]
fn pages_that_lead_in_a_circle_end() {
    let server =
        Server::new(|n, request| page(request, [9 - (n as u64 % 2)], &own(request, &format!("max_id={}", n % 2))));
    let desk = Desk::with(&config(&server));
    let ran = desk.run(&["pull"]);
    assert!(server.received().len() <= 5, "{} requests", server.received().len());
    assert_eq!(desk.posts().len(), 2, "{}{}", ran.out, ran.err);
}

#[test]
fn a_page_that_leads_to_itself_is_no_end() {
    let server = Server::new(move |_, request| {
        let after = |id: u64| request.path.contains(&format!("max_id={id}"));
        match () {
            () if after(8) => page(request, [7, 6], &own(request, "max_id=8")),
            () if after(6) => page(request, [5, 4], &own(request, "max_id=4")),
            () if request.path.contains("_id=") => Answer::new(200, &[JSON], "[]"),
            () => page(request, [9, 8], &own(request, "max_id=8")),
        }
    });
    let desk = Desk::with(&config(&server));
    desk.run(&["pull"]).ok();
    assert_eq!(desk.posts().len(), 6);
}

#[test]
fn a_page_that_comes_again_is_asked_for_again() {
    let server = Server::new(move |n, request| match n {
        0 | 1 => page(request, [9, 8], &own(request, "max_id=8")),
        2.. if request.path.contains("max_id=8") => page(request, [7, 6], &own(request, "max_id=6")),
        _ => Answer::new(200, &[JSON], "[]"),
    });
    let desk = Desk::with(&config(&server));
    let ran = desk.run(&["pull"]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("sends the page again"), "{}", ran.out);
    desk.run(&["pull"]).ok();
    assert_eq!(desk.posts().len(), 4);
}

#[test]
fn a_server_that_dies_in_the_middle_costs_nothing() {
    let server = Server::new(|n, request| match n {
        0 => page(request, 41..=80, &own(request, "max_id=41")),
        1 => Answer::Cut(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n[{\"id\"".to_vec(),
        ),
        2 => Answer::new(502, &[("content-type", "text/html")], "<h1>Bad gateway</h1>"),
        _ if request.path.contains("max_id=41") => page(request, 1..=40, &own(request, "max_id=1")),
        _ => Answer::new(200, &[JSON], "[]"),
    });
    let desk = Desk::with(&config(&server));
    for fault in ["", "502"] {
        let ran = desk.run(&["pull"]);
        assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("failed") && ran.out.contains(fault), "{}", ran.out);
        assert_eq!(desk.posts().len(), 40);
    }
    desk.run(&["pull"]).ok();
    assert_eq!(desk.posts().len(), 80);
    desk.run(&["verify"]).ok();
}

#[test]
fn what_came_before_a_request_that_failed_is_kept_and_counted() {
    let server = Server::new(|_, request| match request.path.as_str() {
        "/dead-end" => Answer::Cut(Vec::new()),
        _ => Answer::new(302, &[("location", "/dead-end")], "moved"),
    });
    let desk = Desk::with(&config(&server));
    let redirects = |desk: &Desk| {
        let captures = warc::captures(&desk.archive().join("captures")).unwrap().map(Result::unwrap);
        captures.filter(|capture| capture.exchange.response.body == b"moved").count()
    };
    let ran = desk.run(&["pull", "--json"]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert_eq!((&ran.json()[0]["requests"], &ran.json()[0]["pages"]), (&2.into(), &0.into()), "{}", ran.out);
    assert_eq!(redirects(&desk), 1);
    let status = desk.run(&["status", "--json"]).ok().json();
    assert_eq!(status[0]["captures"], 1, "{status:?}");

    let ran = desk.run(&["import", &server.url("/")]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("/dead-end"), "{}", ran.err);
    assert_eq!(redirects(&desk), 2);
    desk.run(&["verify"]).ok();
}

#[test]
fn an_answer_of_another_shape_is_kept_and_named() {
    let server =
        Server::script([Answer::new(200, &[("content-type", "text/html")], "<html><p>Please log in</p></html>")]);
    let desk = Desk::with(&config(&server));
    let ran = desk.run(&["pull"]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("mastodon"), "{}", ran.out);
    let shown = desk.run(&["status"]).ok();
    assert!(shown.out.contains("could not be read 1"), "{}", shown.out);
    desk.run(&["verify"]).ok();
}

#[test]
fn a_redirect_to_a_private_address_is_refused() {
    let inside = Server::script([Answer::new(200, &[JSON], "[]")]);
    let target = inside.url("/admin");
    let server = Server::new(move |_, _| Answer::new(302, &[("location", &target)], ""));
    let ran = Desk::with(&config(&server)).run(&["pull"]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(inside.received().is_empty());
}

#[test]
fn one_source_that_fails_costs_the_other_nothing() {
    let dead = Server::script([Answer::new(500, &[], "")]);
    let alive = Server::new(|n, request| {
        if n == 0 { page(request, [3], &own(request, "max_id=3")) } else { Answer::new(200, &[JSON], "[]") }
    });
    let both = format!("sources = [\"mastodon:{}\", \"mastodon:{}\"]", dead.url(""), alive.url(""));
    let config = config(&alive).replace(&format!("sources = [\"mastodon:{}\"]", alive.url("")), &both);
    let desk = Desk::with(&config.replace("allow_private = [", &format!("allow_private = [\"{}\", ", dead.host())));
    let ran = desk.run(&["pull"]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("500"), "{}", ran.out);
    assert_eq!(desk.posts().len(), 1);
}

#[test]
fn an_edit_adds_a_revision() {
    let server = Server::new(|_, request| {
        if request.path.contains("max_id") {
            return Answer::new(200, &[JSON], "[]");
        }
        let base = format!("http://{}", request.header("host").unwrap());
        let mut post: serde_json::Value = serde_json::from_str(&status(&base, 7)).unwrap();
        if request.path.contains("min_id") {
            post["content"] = "<p>Second thoughts #flood</p>".into();
            post["edited_at"] = "2021-07-26T15:00:00.000Z".into();
        }
        Answer::new(200, &[JSON], format!("[{post}]"))
    });
    let desk = Desk::with(&config(&server));
    desk.run(&["pull"]);
    let key = desk.posts()[0]["key"].as_str().unwrap().to_owned();
    assert!(desk.posts()[0]["text"].as_str().unwrap().starts_with("Reaction 7"));
    desk.run(&["pull"]);
    let post = &desk.posts()[0];
    assert_eq!((post["key"].as_str(), post["text"].as_str()), (Some(key.as_str()), Some("Second thoughts #flood")));
    let shown = desk.run(&["show", &key, "--json"]).ok().json();
    let texts: Vec<&str> =
        shown[0]["revisions"].as_array().unwrap().iter().map(|revision| revision["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Reaction 7 to the flood #flood", "Second thoughts #flood"]);
    let quote = desk.run(&["quote", &key]).ok();
    assert!(quote.err.contains("edited"), "{}", quote.err);
}

#[test]
fn a_job_that_is_changed_asks_for_what_it_says_today() {
    let timeline = Timeline::start(80);
    let config = timeline.config();
    let with = |keys: &str| config.replace("sources = ", &format!("{keys}\nsources = "));
    let desk = Desk::with(&with("until = \"2021-07-26T12:20:00Z\""));
    desk.run(&["pull"]).ok();
    let some = desk.posts().len();
    assert!((1..80).contains(&some), "{some} posts");
    desk.file("config.toml", with("none = [\"flood\"]").as_bytes());
    desk.run(&["pull"]).ok();
    assert_eq!(desk.posts().len(), some);
    desk.file("config.toml", config.as_bytes());
    desk.run(&["pull"]).ok();
    assert_eq!(desk.posts().len(), 80);
}

#[test]
fn a_credential_that_comes_later_is_sent() {
    let server = Server::new(|n, request| {
        let base = format!("http://{}", request.header("host").unwrap());
        let posts = |ids: std::ops::Range<u64>| {
            let posts: Vec<String> = ids.map(|id| status(&base, id)).collect();
            Answer::new(200, &[JSON], format!("[{}]", posts.join(",")))
        };
        match request.header("authorization") {
            _ if request.path.contains("max_id") => posts(1..1),
            _ if n == 0 => posts(1..4),
            Some("Bearer later") => posts(4..6),
            _ => Answer::new(401, &[JSON], "{\"error\":\"no\"}"),
        }
    });
    let desk = Desk::with(&config(&server));
    desk.run(&["pull"]).ok();
    assert_eq!(desk.run(&["pull"]).code, 2);
    let named = format!("{}\n[credential.mastodon]\ntoken_env = \"LATER\"\n", config(&server));
    desk.file("config.toml", named.as_bytes());
    let ran = crate::program::Ran::from(desk.command(&["pull"]).env("LATER", "later").output().unwrap()).ok();
    assert_eq!(desk.posts().len(), 5, "{}", ran.out);
    let before = crate::kill::dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(before, crate::kill::dump(&desk));
}

#[test]
fn an_old_page_that_is_ill_does_not_keep_what_is_new_away() {
    let server = Server::new(|n, request| match request.path.contains("max_id=41") {
        true => Answer::new(500, &[JSON], "{\"error\":\"ill\"}"),
        false if n == 0 => page(request, 41..=80, &own(request, "max_id=41")),
        false => page(request, 81..=85, &own(request, "min_id=85")),
    });
    let desk = Desk::with(&config(&server));
    assert_eq!(desk.run(&["pull"]).code, 2);
    let ran = desk.run(&["pull"]);
    assert!(ran.code == 2 && ran.out.contains("ill"), "{}", ran.out);
    assert_eq!(desk.posts().len(), 45, "{}", ran.out);
}

#[test]
fn a_page_that_is_gone_for_good_is_given_up() {
    let server = Server::new(|n, request| match request.path.contains("max_id=41") {
        true => Answer::new(400, &[JSON], r#"{"error":"the cursor has expired"}"#),
        false if n == 0 => page(request, 41..=80, &own(request, "max_id=41")),
        false => Answer::new(200, &[JSON], "[]"),
    });
    let desk = Desk::with(&config(&server));
    // It is asked for again, by the next pulls.
    for pull in 1..=3 {
        let ran = desk.run(&["pull"]);
        assert_eq!((ran.code, ran.out.contains("expired")), (2, true), "{}", ran.out);
        assert_eq!(ran.out.contains("it is given up"), pull == 3, "{}", ran.out);
    }
    // It shows nothing of what it has shown before: that is not believed at once.
    let next = desk.run(&["pull"]).ok();
    assert!(next.out.contains("pages    2 in 2 requests"), "{}", next.out);
    let before = crate::kill::dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(before, crate::kill::dump(&desk));
}
