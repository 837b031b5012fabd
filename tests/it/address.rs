//! Single posts by the addresses that people paste: which request that makes, and who gets no credential by it.

use crate::program::Desk;
use crate::support::{Answer, Server};

/// The first request that an address makes, on a server that stands in for every platform's own.
fn asked(platform: &str, address: &str, extra: &str) -> String {
    let server = Server::script([Answer::new(404, &[("content-type", "application/json")], "{}")]);
    let config = format!(
        "transport = \"live\"\n[http]\nmin_interval_ms = 0\nretries = 0\nallow_private = [{:?}]\n[platform.{platform}]\nserver = {:?}\n{extra}",
        server.host(),
        server.url("")
    );
    let desk = Desk::with(&config);
    let mut command = desk.command(&["pull", address]);
    command.env("SECRET_OF_TEST", "planted-secret-of-test").output().unwrap();
    let received = server.received();
    received.first().map_or_else(String::new, |request| format!("{} {}", request.method, request.path))
}

#[test]
fn addresses_make_the_request_of_their_platform() {
    for (platform, address, request) in [
        ("x", "https://twitter.com/ada_moss/status/20?s=20", "GET /oembed?"),
        (
            "bluesky",
            "https://bsky.app/profile/amina.example/post/3krvabcdefg2a",
            "GET /xrpc/app.bsky.feed.getPostThread?uri=at",
        ),
        ("bluesky", "at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3krvabcdefg2a", "GET /xrpc/"),
        ("hackernews", "https://news.ycombinator.com/item?id=8863", "GET /v0/item/8863.json"),
        ("telegram", "https://t.me/HarbourNews/11", "GET /HarbourNews/11?embed=1"),
        ("tumblr", "https://ada-moss.tumblr.com/post/657800000000000001/slug", "GET /oembed/1.0?url="),
        ("tiktok", "https://www.tiktok.com/@ada.moss/video/6718335390845095173", "GET /oembed?url="),
        ("instagram", "https://www.instagram.com/p/B7AbCdEfGhI/?igsh=x", "GET /p/B7AbCdEfGhI/embed/captioned/"),
        ("threads", "https://www.threads.net/@ada.moss/post/Cu3DE-CewCP", "GET /@ada.moss/post/Cu3DE-CewCP"),
    ] {
        let found = asked(platform, address, "");
        assert!(found.starts_with(request), "{address}: {found:?}");
    }
}

#[test]
fn an_address_does_not_choose_who_gets_a_credential() {
    let server = Server::script([Answer::new(404, &[("content-type", "application/json")], "{}")]);
    let config = format!(
        "transport = \"live\"\n[http]\nmin_interval_ms = 0\nretries = 0\nallow_private = [{:?}]\n[credential.mastodon]\ntoken_env = \
         \"SECRET_OF_TEST\"\n[credential.misskey]\ntoken_env = \"SECRET_OF_TEST\"\n[credential.lemmy]\ntoken_env = \"SECRET_OF_TEST\"\n",
        server.host()
    );
    let desk = Desk::with(&config);
    for path in ["/notes/9abcdefgh1", "/post/12", "/comment/12", "/@ada/112233445566"] {
        let mut command = desk.command(&["pull", &server.url(path)]);
        command.env("SECRET_OF_TEST", "planted-secret-of-test").output().unwrap();
    }
    for request in server.received().iter() {
        assert_eq!(request.header("authorization"), None, "{}", request.path);
    }
    assert!(server.received().len() >= 3);
}

#[test]
fn what_is_no_post_is_said_to_be_none() {
    let desk = Desk::with("transport = \"live\"\n");
    for address in ["https://news.example/story", "ftp://x.com/ada/status/20", "https://"] {
        let ran = desk.run(&["pull", address]);
        assert!(ran.code == 3 && !ran.err.is_empty(), "{address}: {}", ran.err);
    }
    let ran = desk.run(&["pull", "--thread"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
}
