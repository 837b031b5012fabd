//! Jetstream: it is sorted by tag here, goes on where it was lost, and posts get the names of their authors.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pullquote::warc;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::jetstream::{Jetstream, Sent};
use super::{Follower, gone, holds, pieces, settled, until};
use crate::program::Desk;
use crate::support::{Answer, Received, Server};

const DID: &str = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
const JSON: (&str, &str) = ("content-type", "application/json");
const TOKEN: (&str, &str) = ("FOLLOW_TOKEN", "planted-token-16180339");

fn uri(key: &str) -> String {
    format!("at://{DID}/app.bsky.feed.post/{key}")
}

/// What the post of a key says.
fn said(key: &str) -> String {
    let numbers = ["zero", "one", "two", "three", "four", "five"];
    let number: usize = key[key.len() - 2..].parse().unwrap();
    format!("{} #flood", numbers[number])
}

fn record(text: &str) -> Value {
    json!({ "$type": "app.bsky.feed.post", "createdAt": "2026-03-12T09:00:00.000Z", "text": text })
}

fn event(at: i64, operation: &str, key: &str, text: &str) -> String {
    let mut commit =
        json!({ "rev": "3mgtzx5em6gah", "operation": operation, "collection": "app.bsky.feed.post", "rkey": key });
    if operation != "delete" {
        commit["record"] = record(text);
    }
    json!({ "did": DID, "time_us": at, "kind": "commit", "commit": commit }).to_string()
}

/// The AppView: its search knows these posts (key and text), and it knows every author.
struct AppView {
    server: Server,
    searched: Arc<Mutex<BTreeMap<String, String>>>,
}

impl AppView {
    fn start() -> AppView {
        let searched: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
        let known = Arc::clone(&searched);
        let server = Server::new(move |_, request| answer(request, &known.lock().unwrap()));
        AppView { server, searched }
    }

    fn knows(&self, key: &str, text: &str) {
        self.searched.lock().unwrap().insert(key.to_owned(), text.to_owned());
    }

    fn asked(&self, part: &str) -> usize {
        self.server.received().iter().filter(|request| request.path.contains(part)).count()
    }
}

fn answer(request: &Received, searched: &BTreeMap<String, String>) -> Answer {
    let view = |uri: String, text: &str| {
        json!({
            "uri": uri, "cid": "bafyreiaaaa", "record": record(text), "indexedAt": "2026-03-12T09:00:01.000Z", "likeCount": 7,
            "author": { "did": DID, "handle": "amina.example", "displayName": "Amina Applegarth" },
        })
    };
    let url = url::Url::parse(&format!("http://a{}", request.path)).unwrap();
    let posts: Vec<Value> = match url.path() {
        "/xrpc/app.bsky.feed.searchPosts" => searched.iter().map(|(key, text)| view(uri(key), text)).collect(),
        "/xrpc/app.bsky.feed.getPosts" => {
            let asked = url.query_pairs().filter(|(name, _)| name == "uris").map(|(_, uri)| uri.into_owned());
            asked.map(|uri| view(uri.clone(), &said(&uri))).collect()
        }
        _ => return Answer::new(404, &[JSON], "{\"error\":\"NotFound\"}"),
    };
    Answer::new(200, &[JSON], json!({ "posts": posts }).to_string())
}

fn desk(appview: &AppView, jetstream: &Jetstream) -> Desk {
    Desk::with(&format!(
        "transport = \"live\"\n[[job]]\nname = \"flood\"\ntags = [\"Flood\"]\nsources = [\"bluesky\"]\n\
         [platform.bluesky]\nserver = \"{}\"\nstream = \"{}\"\n[credential.bluesky]\ntoken_env = \"FOLLOW_TOKEN\"\n\
         [http]\nmin_interval_ms = 0\nallow_private = [\"{}\", \"{}\"]\nretries = 0\n",
        appview.server.url(""),
        jetstream.url(),
        appview.server.host(),
        jetstream.host()
    ))
}

fn follow(desk: &Desk) -> Follower {
    Follower::with(desk, &[], &[TOKEN])
}

#[test]
fn the_network_is_sorted_and_sent_again_where_it_was_lost() {
    let (appview, jetstream) = (AppView::start(), Jetstream::start());
    appview.knows("3maaaaaaaaa00", "zero #flood");
    let desk = desk(&appview, &jetstream);
    let follower = follow(&desk);
    jetstream.heard_by(1);
    until("the search", || holds(&desk, 1));
    let happens =
        |operation: &str, key: &str, text: &str| jetstream.happens(None, |at| event(at, operation, key, text));
    happens("create", "3maaaaaaaaa01", "one #flood");
    happens("create", "3maaaaaaaaa02", "of the harbour");
    happens("create", "3maaaaaaaaa03", "of #floods");
    happens("delete", "3maaaaaaaaaxx", "");
    happens("update", "3maaaaaaaaa02", "of the harbour, again");
    happens("update", "3maaaaaaaaa01", "one, without the tag");
    happens("delete", "3maaaaaaaaa00", "");
    jetstream.push(Sent::Once(Message::text("{\"kind\":")));
    jetstream.push(Sent::Once(Message::binary(vec![0, 159, 146, 150])));
    jetstream.push(Sent::Once(Message::Ping(Vec::new().into())));
    until("an answer to the ping", || jetstream.pongs() > 0);
    jetstream.die();
    happens("create", "3maaaaaaaaa04", "four #flood");
    jetstream.heard_by(2);
    until("the posts", || holds(&desk, 3));
    jetstream.push(Sent::Once(Message::text("x".repeat(5 * 1024 * 1024))));
    jetstream.heard_by(3);
    happens("create", "3maaaaaaaaa05", "five #flood");
    until("the last post", || holds(&desk, 4));
    let handles = || desk.posts().iter().filter(|post| post["author"]["handle"] == "amina.example").count();
    until("the names", || handles() == 4);
    let ran = follower.stop().ok();
    let report = &ran.json()[0];
    let gaps = report["listened"]["gaps"].as_array().unwrap();
    assert_eq!((gaps.len(), &report["listened"]["reconnects"]), (2, &2.into()), "{report}");
    assert!(gaps.iter().all(|gap| gap["filled"] == "replayed"), "{report}");
    assert_eq!(report["listened"]["unreadable"], 2, "{report}");
    assert!(gaps[1]["why"].as_str().unwrap().contains("larger than"), "{report}");

    let asked = jetstream.asked();
    assert!(!asked[0].contains("cursor") && asked[0].contains("wantedCollections=app.bsky.feed.post"), "{asked:?}");
    assert!(asked[1..].iter().all(|asked| asked.contains("cursor=")), "{asked:?}");
    let pieces = pieces(&desk);
    let all: String = pieces.iter().map(|piece| String::from_utf8(piece.response.body.clone()).unwrap()).collect();
    assert!(
        !all.contains("harbour") && !all.contains("#floods") && !all.contains("xx") && !all.contains("{\"kind\":\n"),
        "{all}"
    );
    assert!(all.contains("without the tag") && all.contains("3maaaaaaaaa00"), "{all}");
    assert!(all.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{all}");
    assert_eq!(pieces[0].media_type(), "application/x-ndjson");
    assert_eq!(appview.asked("searchPosts"), 1, "what is sent again needs no search");
    gone(&desk, "zero", None);
    settled(&desk, 4);
}

#[test]
fn what_cannot_be_unpacked_is_asked_for_as_it_is() {
    let (appview, jetstream) = (AppView::start(), Jetstream::start());
    let desk = desk(&appview, &jetstream);
    let follower = follow(&desk);
    jetstream.heard_by(1);
    jetstream.happens(None, |at| event(at, "create", "3maaaaaaaaa01", "one #flood"));
    until("the first", || holds(&desk, 1));
    jetstream.push(Sent::Once(Message::binary(b"\x28\xb5\x2f\xfd of another dictionary".to_vec())));
    jetstream.heard_by(2);
    jetstream.happens(None, |at| event(at, "create", "3maaaaaaaaa02", "two #flood"));
    until("the second", || holds(&desk, 2));
    follower.stop();
    let packed: Vec<bool> = jetstream.asked().iter().map(|asked| asked.contains("compress=true")).collect();
    assert_eq!(packed, [true, false]);
}

#[test]
fn the_next_run_goes_on_where_this_one_ended() {
    let (appview, jetstream) = (AppView::start(), Jetstream::start());
    let desk = desk(&appview, &jetstream);
    let first = follow(&desk);
    jetstream.heard_by(1);
    // Nothing of it belongs here, but it tells how far the stream has come.
    jetstream.happens(None, |at| event(at, "create", "3maaaaaaaaa01", "of the harbour"));
    jetstream.push(Sent::Once(Message::Ping(Vec::new().into())));
    until("an answer to the ping", || jetstream.pongs() > 0);
    first.stop().ok();
    assert_eq!(pieces(&desk).len(), 1);
    jetstream.happens(None, |at| event(at, "create", "3maaaaaaaaa02", "two #flood"));
    let second = follow(&desk);
    until("the post", || holds(&desk, 1));
    let ran = second.stop().ok();
    assert!(jetstream.asked()[1].contains("cursor="), "{:?}", jetstream.asked());
    let gaps = ran.json()[0]["listened"]["gaps"].clone();
    assert_eq!(
        (gaps[0]["filled"].as_str(), gaps[0]["why"].as_str()),
        (Some("replayed"), Some("nobody listened")),
        "{gaps}"
    );
    settled(&desk, 1);
}

#[test]
fn what_the_server_no_longer_has_is_searched_for() {
    let (appview, jetstream) = (AppView::start(), Jetstream::start());
    let desk = desk(&appview, &jetstream);
    let follower = follow(&desk);
    jetstream.heard_by(1);
    let now = chrono::Utc::now().timestamp_micros();
    jetstream.happens(Some(now - 3_600_000_000), |at| event(at, "create", "3maaaaaaaaa01", "one #flood"));
    until("the first post", || holds(&desk, 1));
    jetstream.keeps_from(now);
    jetstream.die();
    appview.knows("3maaaaaaaaa02", "two #flood");
    jetstream.heard_by(2);
    jetstream.happens(None, |at| event(at, "create", "3maaaaaaaaa03", "three #flood"));
    until("the posts", || holds(&desk, 3));
    let ran = follower.stop().ok();
    assert_eq!(ran.json()[0]["listened"]["gaps"][0]["filled"], "pulled", "{}", ran.out);
    assert_eq!(appview.asked("searchPosts"), 2);
    settled(&desk, 3);
}

#[test]
fn an_event_that_is_too_large_does_not_hold_it_up_for_ever() {
    let (appview, jetstream) = (AppView::start(), Jetstream::start());
    let desk = desk(&appview, &jetstream);
    let follower = follow(&desk);
    jetstream.heard_by(1);
    jetstream.happens(None, |at| event(at, "create", "3maaaaaaaaa01", "one #flood"));
    jetstream.happens(None, |at| event(at, "create", "3maaaaaaaaa02", &"x".repeat(5 * 1024 * 1024)));
    appview.knows("3maaaaaaaaa03", "three #flood");
    // Once as it comes, three times as it is sent again, then without what is there.
    jetstream.heard_by(5);
    assert!(!jetstream.asked()[4].contains("cursor="), "{:?}", jetstream.asked());
    jetstream.happens(None, |at| event(at, "create", "3maaaaaaaaa04", "four #flood"));
    until("the posts", || holds(&desk, 3));
    let ran = follower.stop().ok();
    let gaps = ran.json()[0]["listened"]["gaps"].clone();
    assert_eq!(gaps.as_array().unwrap().last().unwrap()["filled"], "pulled", "{gaps}");
    settled(&desk, 3);
}

#[test]
fn without_an_account_the_stream_is_heard_all_the_same() {
    let (appview, jetstream) = (AppView::start(), Jetstream::start());
    let desk = desk(&appview, &jetstream);
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    desk.file("config.toml", config.replace("[credential.bluesky]\ntoken_env = \"FOLLOW_TOKEN\"\n", "").as_bytes());
    let follower = Follower::start(&desk);
    jetstream.heard_by(1);
    jetstream.happens(None, |at| event(at, "create", "3maaaaaaaaa01", "one #flood"));
    until("the post", || holds(&desk, 1));
    until("the name", || desk.posts()[0]["author"]["handle"] == "amina.example");
    let ran = follower.stop();
    assert_eq!((ran.code, ran.out.contains("no credential is named")), (2, true), "{}", ran.out);
    settled(&desk, 1);
}

#[test]
fn two_networks_are_followed_at_once() {
    let (appview, jetstream) = (AppView::start(), Jetstream::start());
    let social = super::Social::start(1);
    let desk = desk(&appview, &jetstream);
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    let both = format!("sources = [\"bluesky\", \"mastodon:{}\"]", social.url());
    let config = config.replace("sources = [\"bluesky\"]", &both);
    desk.file(
        "config.toml",
        config.replace("allow_private = [", &format!("allow_private = [\"{}\", ", social.host())).as_bytes(),
    );
    let follower = follow(&desk);
    jetstream.heard_by(1);
    social.heard_by(1);
    for n in 2..6 {
        social.post(n);
        jetstream.happens(None, |at| event(at, "create", &format!("3maaaaaaaaa0{n}"), &said(&format!("0{n}"))));
    }
    until("the posts", || holds(&desk, 9));
    let ran = follower.stop().ok();
    assert_eq!(ran.json().len(), 2, "{}", ran.out);
    assert!(ran.json().iter().all(|report| report["listened"]["events"] == 4), "{}", ran.out);
    settled(&desk, 9);
    let bodies = warc::captures(&desk.archive().join("captures")).unwrap().map(Result::unwrap);
    assert!(bodies.map(|capture| format!("{capture:?}")).all(|text| !text.contains(TOKEN.1)));
}
