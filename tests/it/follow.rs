//! Streams that are followed: what comes is kept once, what was missed is filled or told, and the end loses nothing.

mod jetstream;
mod network;
mod social;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pullquote::warc;
use serde_json::Value;

use self::social::Social;
use crate::kill::dump;
use crate::program::{Desk, Ran};
use crate::support::until;
use crate::timeline::status;

/// A pull that listens.
struct Follower(Option<Child>);

impl Follower {
    fn start(desk: &Desk) -> Follower {
        Follower::with(desk, &[], &[])
    }

    fn with(desk: &Desk, args: &[&str], env: &[(&str, &str)]) -> Follower {
        let mut command = desk.command(&["pull", "--follow", "--json"]);
        // It ends by itself where a test does not come to its end.
        if !args.contains(&"--for") {
            command.args(["--for", "3m"]);
        }
        command.args(args).envs(env.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Follower(Some(command.spawn().unwrap()))
    }

    /// As Ctrl-C does.
    fn stop(self) -> Ran {
        let id = self.0.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.end()
    }

    fn end(mut self) -> Ran {
        Ran::from(self.0.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn holds(desk: &Desk, posts: usize) -> bool {
    desk.archive().join("pullquote.db").exists() && desk.run(&["search", "--json"]).out.lines().count() >= posts
}

/// The posts of the archive are these, each once; and a database made anew of the captures is the same.
#[track_caller]
fn settled(desk: &Desk, posts: usize) {
    let found = desk.posts();
    let mut texts: Vec<&str> = found.iter().map(|post| post["text"].as_str().unwrap()).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!((texts.len(), found.len()), (posts, posts), "{texts:#?}");
    desk.run(&["verify"]).ok();
    let before = dump(desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(dump(desk), before);
}

fn config(social: &Social) -> String {
    format!(
        "transport = \"live\"\n[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"mastodon:{}\"]\n\
         [http]\nmin_interval_ms = 0\nallow_private = [\"{}\"]\nretries = 0\n",
        social.url(),
        social.host()
    )
}

/// The post that says this is gone, and the others are not; everybody who may quote it is told, and its words stay.
#[track_caller]
fn gone(desk: &Desk, words: &str, server: Option<&str>) {
    let posts = desk.posts();
    let gone: Vec<&Value> = posts.iter().filter(|post| !post["deleted"].is_null()).collect();
    assert_eq!(gone.len(), 1, "{gone:#?}");
    assert!(gone[0]["text"].as_str().unwrap().starts_with(words), "{}", gone[0]);
    assert_eq!(gone[0]["deleted"]["server"].as_str(), server, "{}", gone[0]);
    let key = gone[0]["key"].as_str().unwrap();
    let shown = desk.run(&["show", key]).ok();
    assert!(shown.out.contains("\ndeleted    20"), "{}", shown.out);
    let quote = desk.run(&["quote", key]).ok();
    assert!(quote.err.contains("it was deleted") && quote.out.contains(words), "{}{}", quote.out, quote.err);
}

/// The exchanges of streams that the archive keeps.
fn pieces(desk: &Desk) -> Vec<pullquote::exchange::Exchange> {
    let captures = warc::captures(&desk.archive().join("captures")).unwrap().map(Result::unwrap);
    let heard = captures.filter(|capture| capture.exchange.request.mark("listened").is_some());
    heard.map(|capture| capture.exchange).collect()
}

#[test]
fn what_comes_is_kept_and_a_gap_is_filled_by_a_pull() {
    let social = Social::start(3);
    let desk = Desk::with(&config(&social));
    let follower = Follower::start(&desk);
    social.heard_by(1);
    until("the posts that were there", || holds(&desk, 3));
    social.send(":thump\n");
    social.post(4);
    social.send("event: delete\ndata: 2\n\n:thump\n\n");
    social.send("event: filters_changed\ndata: undefined\n\n\u{0}garbage\n\nevent: update\ndata: {\"id\"\n\n");
    social.die();
    social.post_unheard(5);
    social.post_unheard(6);
    social.heard_by(2);
    social.post(7);
    until("all posts", || holds(&desk, 7));
    social.send("event: update\ndata: {\"id\": \"half a");
    let ran = follower.stop().ok();
    let report = &ran.json()[0];
    let listened = &report["listened"];
    assert_eq!(listened["reconnects"], 1, "{report}");
    let gaps = listened["gaps"].as_array().unwrap();
    assert_eq!((gaps.len(), &gaps[0]["filled"]), (1, &Value::from("pulled")), "{report}");
    assert!(gaps[0]["from"].as_str() < gaps[0]["until"].as_str(), "{report}");
    let pieces = pieces(&desk);
    let body = |n: usize| String::from_utf8(pieces[n].response.body.clone()).unwrap();
    assert!(body(0).starts_with(":)\n:thump\nevent: update\ndata: {"), "{}", body(0));
    assert!(body(0).contains("\n\nevent: delete\ndata: 2\n\n"), "{}", body(0));
    assert_eq!(pieces[0].media_type(), "text/event-stream");
    assert!(pieces.iter().all(|piece| !String::from_utf8_lossy(&piece.response.body).contains("half a")));
    assert_eq!(report["deleted"], 1, "{report}");
    gone(&desk, "Reaction 2", Some(&social.url()));
    settled(&desk, 7);
}

#[test]
fn what_came_before_the_end_is_kept() {
    let social = Social::start(0);
    let desk = Desk::with(&config(&social));
    let follower = Follower::start(&desk);
    social.heard_by(1);
    until("the first pull", || social.asked("/timelines/tag/") > 0);
    for id in 1..=300 {
        social.post(id);
    }
    // The first two hundred are kept at once: then the others are on their way.
    until("the first piece", || holds(&desk, 200));
    std::thread::sleep(Duration::from_millis(300));
    follower.stop().ok();
    settled(&desk, 300);
    // Nothing new, and the next pull sees all of them again: it does not trust the stream to have been whole.
    let next = desk.run(&["pull", "--json"]).ok();
    assert_eq!((&next.json()[0]["new"], &next.json()[0]["listened"]), (&0.into(), &Value::Null), "{}", next.out);
}

#[test]
fn a_time_that_is_over_ends_it_and_silence_is_evidence() {
    let social = Social::start(1);
    let desk = Desk::with(&config(&social));
    let follower = Follower::with(&desk, &["--for", "1s"], &[]);
    let ran = follower.end().ok();
    assert_eq!(
        (&ran.json()[0]["ended"], &ran.json()[0]["listened"]["events"]),
        (&"done".into(), &0.into()),
        "{}",
        ran.out
    );
    let pieces = pieces(&desk);
    assert_eq!((pieces.len(), pieces[0].response.body.len()), (1, 0));
    let listened = pieces[0].request.mark("listened").unwrap();
    let (from, to) = listened.split_once('/').unwrap();
    assert!(from < to, "{listened}");
    settled(&desk, 1);
}

#[test]
fn a_stream_that_falls_silent_is_opened_again() {
    let social = Social::start(1);
    let desk = Desk::with(&config(&social).replace("retries = 0", "retries = 0\nsilence_s = 1"));
    let follower = Follower::start(&desk);
    social.heard_by(2);
    social.post(2);
    until("the post", || holds(&desk, 2));
    let ran = follower.stop().ok();
    let gap = &ran.json()[0]["listened"]["gaps"][0];
    assert!(gap["why"].as_str().unwrap().contains("nothing came for 1s"), "{gap}");
    settled(&desk, 2);
}

#[test]
fn a_server_that_says_when_is_asked_then() {
    let social = Social::start(2);
    social.refuse(&[
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nbusy",
    ]);
    let desk = Desk::with(&config(&social));
    let start = Instant::now();
    let follower = Follower::start(&desk);
    social.heard_by(3);
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
    social.post(3);
    until("the post", || holds(&desk, 3));
    let ran = follower.stop().ok();
    let gap = &ran.json()[0]["listened"]["gaps"][0];
    assert_eq!(gap["filled"], "pulled", "{}", ran.out);
    settled(&desk, 3);
}

#[test]
fn a_server_that_refuses_is_pulled_and_quoted() {
    for (answer, words) in [
        (
            "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: 32\r\n\r\n{\"error\":\"Missing access token\"}",
            "Missing access token",
        ),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\n\r\n<p>Welcome!</p>", "200"),
        ("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n", "302"),
    ] {
        let social = Social::start(2);
        social.refuse(&[answer]);
        let desk = Desk::with(&config(&social));
        let ran = Follower::start(&desk).end();
        assert_eq!((ran.code, &ran.json()[0]["ended"]), (2, &"failed".into()), "{}", ran.out);
        assert!(ran.json()[0]["why"].as_str().unwrap().contains(words), "{}", ran.out);
        settled(&desk, 2);
    }
}

#[test]
fn a_token_goes_where_its_server_streams_and_into_no_capture() {
    let (social, streams) = (Social::start(1), Social::start(0));
    social.streams_at(&format!("ws://{}", streams.host()));
    let config = config(&social)
        .replace("\"]\n[http]", " as me\"]\n[http]")
        .replace("allow_private = [", &format!("allow_private = [\"{}\", ", streams.host()));
    let desk = Desk::with(&format!("{config}[credential.me]\ntoken_env = \"FOLLOW_TOKEN\"\n"));
    let token = "planted-token-27182818";
    let follower = Follower::with(&desk, &[], &[("FOLLOW_TOKEN", token)]);
    streams.heard_by(1);
    assert!(streams.received()[0].contains(&format!("authorization: Bearer {token}")), "{:?}", streams.received());
    let post = status(&social.url(), 7);
    streams.send(&format!("event: update\ndata: {post}\n\nevent: delete\ndata: 1\n\n"));
    streams.send(&format!("event: update\ndata: {{\"echo\": \"{token}\"}}\n\n"));
    until("the post", || holds(&desk, 2));
    follower.stop().ok();
    let captures = warc::captures(&desk.archive().join("captures")).unwrap().map(Result::unwrap);
    for capture in captures {
        let body = String::from_utf8_lossy(&capture.exchange.response.body).into_owned();
        assert!(!format!("{capture:?} {body}").contains(token), "{}", capture.exchange.request.url);
    }
    // Whoever streams: posts, people and deletions are those of the server.
    let posts = desk.posts();
    assert_eq!(posts[0]["author"]["handle"], posts[1]["author"]["handle"], "{posts:#?}");
    assert_eq!(posts[0]["doubts"], serde_json::json!([]), "{}", posts[0]);
    gone(&desk, "Reaction 1", Some(&social.url()));
    settled(&desk, 2);
}

#[test]
fn a_stream_at_a_private_address_is_refused() {
    let (social, inside) = (Social::start(1), Social::start(0));
    social.streams_at(&format!("ws://{}", inside.host()));
    let desk = Desk::with(&config(&social));
    let ran = Follower::start(&desk).end();
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.out.contains("no public address"), "{}", ran.out);
    assert!(inside.received().is_empty());
    settled(&desk, 1);
}

#[test]
fn what_cannot_be_followed_is_said() {
    let social = Social::start(0);
    let desk = Desk::with(&config(&social).replace("\"live\"", "\"recorded\""));
    let ran = desk.run(&["pull", "--follow"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let ran = Desk::with(&config(&social)).run(&["pull", "--follow", "--for", "soon"]);
    assert!(ran.err.contains("30m"), "{}", ran.err);
    assert!(social.received().is_empty());
}
