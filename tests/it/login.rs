//! `login --new`: a token by way of a browser, which no file and no error shows.

use std::io::Write as _;
use std::process::Stdio;

use crate::program::{Desk, Ran};
use crate::support::{Answer, Server};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A server that registers applications and trades the code `1234` for a token.
fn server() -> Server {
    Server::new(|_, request| match request.path.as_str() {
        "/api/v1/apps" => Answer::new(200, &[JSON], r#"{"client_id":"app-1","client_secret":"planted-app-secret"}"#),
        "/oauth/token" if String::from_utf8_lossy(&request.body).contains("code=1234") => {
            Answer::new(200, &[JSON], r#"{"access_token":"fresh-token-161803","scope":"read:statuses"}"#)
        }
        _ => Answer::new(400, &[JSON], r#"{"error":"invalid_grant planted-app-secret"}"#),
    })
}

fn login(server: &Server, code: &str) -> (Ran, Desk) {
    let desk = Desk::with(&format!(
        "transport = \"live\"\n[http]\nmin_interval_ms = 0\nallow_private = [{:?}]\n",
        server.host()
    ));
    let source = format!("mastodon:{}", server.url(""));
    let mut command = desk.command(&["login", "--new", &source]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{code}\n").as_bytes()).unwrap();
    (Ran::from(child.wait_with_output().unwrap()), desk)
}

#[test]
fn a_token_is_got_in_a_browser_and_printed_once() {
    let server = server();
    let (ran, desk) = login(&server, " 1234 ");
    let ran = ran.ok();
    assert!(ran.out.contains("/oauth/authorize?response_type=code&client_id=app-1"), "{}", ran.out);
    assert!(ran.out.contains("scope=read%3Astatuses"), "the least rights: {}", ran.out);
    assert!(ran.out.lines().last() == Some("fresh-token-161803"), "{}", ran.out);
    assert!(!desk.archive().exists());
    let (ran, _) = login(&server, "9999");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("400") && !ran.err.contains("planted"), "{}", ran.err);
}

#[test]
fn who_has_no_such_way_says_how_else() {
    let desk = Desk::with("");
    let ran = desk.run(&["login", "bluesky", "--new"]);
    assert!(ran.code == 3 && ran.err.contains("app password"), "{}", ran.err);
    let ran = desk.run(&["login", "myspace"]);
    assert!(ran.code == 3 && ran.err.contains("mastodon"), "{}", ran.err);
}
