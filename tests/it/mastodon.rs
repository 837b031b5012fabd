//! Mastodon: first requests, paging over whole pulls, embeds, and hostile input.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use pullquote::coverage::Seen;
use pullquote::exchange::{Exchange, Request, Response};
use pullquote::http::recorded;
use pullquote::model::Hashtag;
use pullquote::platform::{self, Page, ParseError, Platform, Query, Source, SourceError};
use scraper::Html;

use crate::fixtures::cases;
use crate::program::Desk;
use crate::support::{Answer, Server, root};
use crate::timeline::config;

fn mastodon() -> &'static Platform {
    platform::by_name("mastodon").unwrap()
}

fn first(tag: &str, server: &str, since: Option<&str>) -> Result<Request, SourceError> {
    let query = Query {
        since: since.map(|since| since.parse::<DateTime<Utc>>().unwrap()),
        ..Query::tag(Hashtag::new(tag).unwrap())
    };
    let source = Source { place: Some(server.to_owned()), credential: Some("reader".to_owned()), ..Source::default() };
    (mastodon().live.unwrap().first)(&query, &source)
}

fn answer(request: &Request, body: impl Into<Vec<u8>>) -> Exchange {
    Exchange {
        request: request.clone(),
        response: Response { status: 200, headers: Vec::new(), body: body.into(), protocol: None },
        fetched_at: "2026-11-23T12:00:00Z".parse().unwrap(),
        ..Exchange::default()
    }
}

fn parse(body: impl Into<Vec<u8>>) -> Result<Page, ParseError> {
    mastodon().read(&answer(&Request::get("file:///x.json"), body))
}

#[test]
fn a_pull_begins_with_the_newest_posts_of_a_tag() {
    let url = |tag, server, since| first(tag, server, since).unwrap().url;
    let tail = "/api/v1/timelines/tag/IStandWithKenLoach?limit=40";
    for server in ["mastodon.social", "https://mastodon.social", "https://mastodon.social/", " mastodon.social "] {
        assert_eq!(url("#IStandWithKenLoach", server, None), format!("https://mastodon.social{tail}"), "{server}");
    }
    assert_eq!(
        url("élection", "http://127.0.0.1:8101", None),
        "http://127.0.0.1:8101/api/v1/timelines/tag/%C3%A9lection?limit=40"
    );
    assert_eq!(url("a/b?c", "m.example", None), "https://m.example/api/v1/timelines/tag/a%2Fb%3Fc?limit=40");
    for (tag, segment) in [
        ("tag", "tag"),
        ("list", "list"),
        ("🔥", "%F0%9F%94%A5"),
        ("がんばれ", "%E3%81%8C%E3%82%93%E3%81%B0%E3%82%8C"),
        ("100%", "100%25"),
        ("%2e%2E", "%252e%252E"),
        ("...", "..."),
    ] {
        let expected = format!("https://m.example/api/v1/timelines/tag/{segment}?limit=40");
        assert_eq!(url(tag, "m.example", None), expected, "{tag}");
    }
    let tags = |tag| vec![Hashtag::new(tag).unwrap()];
    let query = Query { all: tags("relief"), none: tags("ad"), ..Query::tag(Hashtag::new("x").unwrap()) };
    let source = Source { place: Some("m.example".to_owned()), ..Source::default() };
    assert_eq!(
        (mastodon().live.unwrap().first)(&query, &source).unwrap().url,
        "https://m.example/api/v1/timelines/tag/x?limit=40&all%5B%5D=relief&none%5B%5D=ad#all=relief&none=ad"
    );
    let request = first("x", "m.example", Some("2021-07-26T00:00:00Z")).unwrap();
    assert_eq!(request.url, "https://m.example/api/v1/timelines/tag/x?limit=40#since=2021-07-26T00:00:00Z");
    assert_eq!(request.window(), ("2021-07-26T00:00:00Z".parse().ok(), None));
    assert_eq!(request.auth.as_deref(), Some("reader"));
}

#[test]
fn a_source_that_cannot_be_asked_says_why() {
    for server in ["", "ftp://m.example", "https://", "not a host", "https://user:secret@m.example"] {
        let error = first("x", server, None).unwrap_err().to_string();
        assert!(error.starts_with("mastodon needs a server") || error.contains("is no server"), "{error}");
    }
    for tag in [".", ".."] {
        let error = first(tag, "m.example", None).unwrap_err().to_string();
        assert_eq!(error, format!("mastodon cannot be asked for #{tag}"));
    }
    let query = Query::tag(Hashtag::new("x").unwrap());
    assert!((mastodon().live.unwrap().first)(&query, &Source::default()).is_err());
}

#[test]
fn the_shipped_job_finds_every_page_that_it_asks_for() {
    let recorded: HashMap<String, Exchange> = cases()
        .into_iter()
        .filter(|(name, _)| name == "mastodon")
        .map(|(_, case)| recorded::load(&case).unwrap())
        .map(|exchange| (exchange.request.url.clone(), exchange))
        .collect();
    let mut walk = vec![first("IStandWithKenLoach", "https://mastodon.social", Some("2021-07-01T00:00:00Z")).unwrap()];
    let (mut posts, mut skipped, mut requests, mut later) = (0, 0, 0, None);
    while let Some(request) = walk.pop() {
        let (sent, _) = request.url.split_once('#').expect("the window stays with every request");
        let exchange = Exchange { request: request.clone(), ..recorded[sent].clone() };
        let page = mastodon().read(&exchange).unwrap();
        posts += page.posts.iter().filter(|found| !found.nested).count();
        skipped += page.skipped.len();
        requests += 1;
        later = later.or(page.later);
        walk.extend(page.next);
    }
    assert_eq!((posts, skipped, requests), (22, 1, 3));
    let later = later.unwrap();
    let page =
        mastodon().read(&Exchange { request: later.clone(), ..recorded[later.url.split('#').next().unwrap()].clone() });
    let page = page.unwrap();
    let later = later.with_mark("still", Some("1"));
    assert_eq!((page.posts.len(), page.next.len(), page.later), (1, 0, Some(later)));
}

/// When the post of that number was written: one a minute.
fn minute(number: usize) -> String {
    format!("2024-01-{:02}T{:02}:{:02}:00Z", 1 + number / 1440, number / 60 % 24, number % 60)
}

/// A server that shows tags to its own people only, and their feeds to everybody, or to nobody.
#[test]
fn a_closed_timeline_leads_to_the_feed_of_its_tag() {
    let rss = std::fs::read(root().join("fixtures/mastodon/rss/body.rss")).unwrap();
    for open in [true, false] {
        let rss = rss.clone();
        let server = Server::new(move |_, request| match request.path.as_str() {
            "/tags/flood.rss" if open => Answer::new(200, &[("content-type", "application/rss+xml")], rss.clone()),
            "/tags/flood.rss" => Answer::new(401, &[], "no"),
            _ => Answer::new(401, &[], "{\"error\":\"This method requires an authenticated user\"}"),
        });
        let desk = Desk::with(&config(&server));
        for pull in 1..=2 {
            let ran = desk.run(&["pull"]);
            assert_eq!(ran.code, if open { 0 } else { 2 }, "{}{}", ran.out, ran.err);
            assert!(ran.out.contains("This method requires an authenticated user"), "{}", ran.out);
            assert!(open != ran.out.contains("failed") && !ran.out.contains("circle"), "{}", ran.out);
            assert_eq!(desk.posts().len(), if open { 3 } else { 0 });
            assert_eq!(server.received().len(), 2 * pull, "{:?}", ran.out);
        }
    }
}

/// A server with posts `1..=newest` that gives at most `cap` at once, and no Link header.
fn serve(request: &Request, newest: usize, cap: usize, at: fn(usize) -> String) -> Exchange {
    let number = |name: &str| request.param(name).map(|value| value.parse::<usize>().unwrap());
    let limit = number("limit").unwrap_or(20).min(cap);
    let since = number("since_id").unwrap_or(0);
    let ids: Vec<usize> = match (number("min_id"), number("max_id")) {
        (Some(min), _) => (min + 1..=newest.min(min + limit)).rev().collect(),
        (None, max) => (since + 1..=newest.min(max.unwrap_or(usize::MAX) - 1)).rev().take(limit).collect(),
    };
    let status = |id: &usize| {
        serde_json::json!({
            "id": id.to_string(), "uri": format!("https://m.example/p/{id}"), "content": "<p>x</p>",
            "created_at": at(*id), "account": {"acct": "ann", "url": "https://m.example/@ann"},
        })
    };
    let body = serde_json::to_vec(&ids.iter().map(status).collect::<Vec<_>>()).unwrap();
    answer(request, body)
}

/// Pulls until nothing is left to ask: how many posts, how many requests, and where the next pull begins.
fn pull(begin: Request, newest: usize, cap: usize) -> (usize, usize, Request) {
    pull_from(begin, |request| serve(request, newest, cap, minute))
}

fn pull_from(begin: Request, serve: impl Fn(&Request) -> Exchange) -> (usize, usize, Request) {
    let (mut queue, mut posts, mut requests, mut later) = (vec![begin], 0, 0, None);
    while let Some(request) = queue.pop() {
        let page = mastodon().read(&serve(&request)).unwrap();
        posts += page.posts.len();
        requests += 1;
        later = page.later.or(later);
        queue.extend(page.next);
        assert!(requests < 50, "round in circles: {queue:?}");
    }
    (posts, requests, later.expect("a pull ends with a place to go on from"))
}

#[test]
fn a_later_pull_makes_the_fewest_requests_and_misses_nothing() {
    let begin = first("x", "https://m.example", None).unwrap();
    for (cap, known) in [(40, 100), (40, 7), (20, 100), (20, 7)] {
        let (posts, _, later) = pull(begin.clone(), known, cap);
        assert_eq!(posts, known);
        for (new, requests) in [(0, 1), (1, 1), (29, 2), (60, 3)] {
            let (posts, made, again) = pull(later.clone(), known + new, cap);
            // Those of the last ten minutes come once more.
            let overlap = posts - new - (made - 1);
            assert!((1..20).contains(&overlap), "{overlap} known posts, {new} new ones");
            assert!(cap < 40 || made == requests, "{new} new posts in {made} requests");
            let (same, once, next) = pull(later.clone(), known + new, cap);
            assert!((same, once) == (posts, made) && next == again);
            let (nothing, made, _) = pull(again, known + new, cap);
            // Where it begins with the same post for the second time, it looks behind the page.
            assert!(nothing <= 20 && made <= 2, "{nothing} in {made} requests");
        }
    }
    let (posts, requests, later) = pull(begin.clone(), 0, 40);
    assert_eq!((posts, requests, &later), (0, 1, &begin), "an empty timeline is asked for again");
}

/// Servers that take `min_id` for `since_id`, or do not know it, send their newest page: what lies below it is asked for.
#[test]
fn a_server_that_does_not_climb_is_read_to_the_known_post() {
    let begin = first("x", "https://m.example", None).unwrap();
    let (_, _, later) = pull(begin, 100, 40);
    for stands_for in [Some("since_id"), None] {
        let server = |request: &Request| {
            let min = request.param("min_id");
            let asked = match stands_for {
                Some(name) if min.is_some() => request.with_params(&[("min_id", None), (name, min.as_deref())]),
                _ => request.with_params(&[("min_id", None)]),
            };
            Exchange { request: request.clone(), ..serve(&asked, 400, 40, minute) }
        };
        let (posts, requests, again) = pull_from(later.clone(), server);
        assert!(posts >= 300 && requests < 12, "{posts} posts in {requests} requests");
        // And then a server that does.
        assert_eq!(pull(again, 401, 40).1, 1);
    }
    // One post that is known to follow was deleted: one request more, and nothing is read twice.
    let gone = later.with_mark("next-known", Some("9999"));
    assert_eq!((pull(gone, 185, 40).1, pull(later, 185, 40).1), (4, 3));
}

/// The server counts thirty posts that it does not show: a page of a catch-up looks like the end, again and again.
#[test]
fn a_catch_up_never_sticks_behind_what_is_left_out() {
    let begin = first("x", "https://m.example", None).unwrap();
    let (_, _, mut later) = pull(begin, 100, 40);
    let mut read = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let mut queue = vec![later.clone()];
        while let Some(request) = queue.pop() {
            let mut answer = serve(&request, 300, 40, minute);
            let shown: Vec<serde_json::Value> = serde_json::from_slice(&answer.response.body).unwrap();
            let is_left_out = |id: usize| (101..=130).contains(&id);
            let number = |status: &serde_json::Value| status["id"].as_str().unwrap().parse::<usize>().unwrap();
            let shown: Vec<_> = shown.into_iter().filter(|status| !is_left_out(number(status))).collect();
            read.extend(shown.iter().map(number));
            answer.response.body = serde_json::to_vec(&shown).unwrap();
            let page = mastodon().read(&answer).unwrap();
            later = page.later.unwrap_or(later);
            queue.extend(page.next);
        }
    }
    assert!((131..=300).all(|id| read.contains(&id)), "{:?}", read.last());
    // Where there is nothing behind it, it looks there ever more seldom.
    let requests: Vec<usize> = (0..9)
        .map(|_| {
            let (_, made, again) = pull(later.clone(), 300, 40);
            later = again;
            made
        })
        .collect();
    assert_eq!(requests.iter().sum::<usize>(), 12, "{requests:?}");
}

/// Such servers, while a tag is hot: between two pages of a climb more posts come than one page holds.
#[test]
fn a_server_that_does_not_climb_is_asked_for_what_came_meanwhile() {
    let begin = first("x", "https://m.example", None).unwrap();
    let (_, _, later) = pull(begin, 100, 40);
    let (mut newest, mut read) = (200, std::collections::BTreeSet::new());
    let (mut queue, mut torn) = (vec![later], false);
    while let Some(request) = queue.pop() {
        let answer = serve(&request.with_params(&[("min_id", None)]), newest, 40, minute);
        let page = mastodon().read(&Exchange { request, ..answer }).unwrap();
        read.extend(page.posts.iter().filter_map(|found| found.post.id.as_ref()?.parse::<usize>().ok()));
        torn |= page.torn;
        queue.extend(page.next);
        newest = (newest + 60).min(500);
    }
    let missing: Vec<usize> = (101..=500).filter(|id| !read.contains(id)).collect();
    assert!(missing.is_empty() && !torn, "{missing:?}");
}

#[test]
fn a_climb_that_brings_nothing_is_believed_if_older_posts_are_shown() {
    let begin = first("x", "https://m.example", None).unwrap();
    let (_, _, later) = pull(begin, 100, 40);
    let read = |request: &Request, newest: usize| {
        let empty = answer(request, "[]");
        mastodon().read(&if newest == 0 { empty } else { serve(request, newest, 40, minute) }).unwrap()
    };
    let nothing = read(&later, 0);
    assert_eq!((nothing.torn, nothing.next.len(), nothing.climbs), (false, 1, true));
    // All that was known to follow is gone, and what it began behind is there, or is gone, too.
    for newest in [95, 60] {
        let again = read(&nothing.next[0], newest);
        assert_eq!((again.torn, again.next.len(), again.climbs), (false, 0, true));
        assert_eq!(pull(again.later.unwrap(), newest + 3, 40).1, 1, "the next climbs again");
    }
    // A server that shows nothing at all, or nothing that is older, has lost more.
    assert!(read(&nothing.next[0], 0).torn);
    let newer = read(&nothing.next[0], 180);
    assert_eq!((newer.torn, newer.next.len(), newer.later), (true, 0, None));
    // Posts without ids lead nowhere, and are no end.
    let odd = serde_json::json!([{
        "uri": "https://m.example/p/1", "content": "<p>x</p>", "created_at": minute(1), "account": {"acct": "ann", "url": "https://m.example/@ann"},
    }]);
    let odd = mastodon().read(&answer(&later, odd.to_string())).unwrap();
    assert!(odd.torn && odd.next.is_empty());
}

/// More than half a page in ten minutes, and a server that gives less than it is asked for: every pull comes further.
#[test]
fn a_crowded_tag_never_stands_still() {
    let begin = first("x", "https://m.example", None).unwrap();
    for cap in [20, 30, 38] {
        let mut later = pull(begin.clone(), 7, cap).2;
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..20 {
            let mut queue = vec![later.clone()];
            while let Some(request) = queue.pop() {
                let page = mastodon().read(&serve(&request, 300, cap, |_| minute(0))).unwrap();
                seen.extend(page.posts.iter().filter_map(|found| found.post.id.clone()));
                later = page.later.unwrap();
                queue.extend(page.next);
            }
        }
        assert!(seen.len() >= 293, "{cap}: {}", seen.len());
    }
}

#[test]
fn the_same_post_on_two_servers_is_one_post() {
    let status = |id: &str| {
        format!(
            r#"[{{"id":"{id}","uri":"https://c.example/users/cy/statuses/9","url":"https://c.example/@cy/9",
            "content":"<p>x</p>","created_at":"2024-01-01T00:00:00Z","account":{{"acct":"cy@c.example"}}}}]"#
        )
    };
    let at = |server: &str, id: &str| {
        let request = Request::get(format!("https://{server}/api/v1/timelines/tag/x?limit=40"));
        mastodon().read(&answer(&request, status(id))).unwrap().posts.remove(0).post
    };
    let (here, there) = (at("a.example", "111"), at("b.example", "01HX"));
    assert_ne!(here.id, there.id);
    assert_eq!(here.identity(), there.identity());
    assert_eq!(here.author.handle, there.author.handle);
}

#[test]
fn embeds_give_what_the_page_says_and_no_more() {
    let page = Html::parse_document(
        r#"<p>They said:</p>
        <blockquote class="mastodon-embed" data-embed-url="https://m.example/@ann/12/embed" style="x">
          <a href="https://m.example/@ann/12" target="_blank"><svg><path d="M0"/></svg>
          <div style="x">Post by @ann@handles.example</div><div>View on Mastodon</div></a></blockquote>
        <iframe src="https://old.example/@bob/7/embed" class="mastodon-embed" width="400"></iframe>
        <blockquote class="mastodon-embed" data-embed-url="javascript:alert(1)"></blockquote>
        <blockquote class="twitter-tweet"><p>not ours</p></blockquote>
        <iframe src="https://bare.example/@cid/9/embed?x=1"></iframe>
        <iframe src="https://www.tiktok.example/@cid/video/9"></iframe><iframe src="https://bare.example/@cid/9"></iframe>"#,
    );
    let found = (mastodon().embeds.unwrap())(&page);
    let posts: Vec<_> = found.into_iter().flat_map(|embed| embed.posts).collect();
    assert_eq!(posts.len(), 4);
    assert_eq!(posts[3].as_ref().unwrap().url.as_deref(), Some("https://bare.example/@cid/9"));
    let (new, old) = (posts[0].as_ref().unwrap(), posts[1].as_ref().unwrap());
    assert_eq!(new.author.handle.as_ref().unwrap().as_str(), "ann@handles.example");
    assert_eq!(new.url.as_deref(), Some("https://m.example/@ann/12"));
    assert_eq!((new.text.as_str(), new.created, &new.text_state.as_str()), ("", None, &"unknown"));
    assert_eq!((old.url.as_deref(), &old.author.handle), (Some("https://old.example/@bob/7"), &None));
    assert!(posts[2].is_err());
}

#[test]
fn what_is_something_else_is_said_to_be() {
    for body in [
        "",
        " ",
        "plain words",
        "[1]",
        r#"["a"]"#,
        "{}",
        r#"[{"id":1}]"#,
        r#"{"feed":[]}"#,
        "<html><p>x</p></html>",
        "<rss><channel><generator>Other</generator></channel></rss>",
        "{",
        r#"[{"id":"1","text":"a tweet","user":{}}]"#,
        r#"{"statuses":[{"id":1,"full_text":"x","user":{"screen_name":"y"}}]}"#,
        "{}\n{}\n{}\n",
        "\u{feff}",
    ] {
        assert!(matches!(parse(body), Err(ParseError::NotThisShape { .. })), "{body}: {:?}", parse(body));
    }
    let nothing = Page { shape: "statuses", seen: Some(Seen::default()), ..Page::default() };
    assert!(matches!(parse("[]"), Ok(page) if page == nothing));
}

#[test]
fn posts_nested_without_measure_are_reported_not_followed() {
    let open = |uri| format!(r#"{{"id":"1","uri":"{uri}","content":"","account":{{"acct":"a"}},"reblog":"#);
    let nested =
        |open: String| format!("[{}null{}]", open.repeat(10_000), "}".repeat(open.matches('{').count() / 2 * 10_000));
    let page = parse(nested(open("u") + &open("v"))).unwrap();
    assert_eq!((page.posts.len(), page.skipped.len()), (5, 1));
    // Each gives itself out for the next.
    let page = parse(nested(open("u"))).unwrap();
    assert_eq!((page.posts.len(), page.skipped.len()), (0, 6));
    assert!(parse("[".repeat(100_000)).is_err());
    assert!(parse("{\"a\":".repeat(100_000)).is_err());
}

#[test]
fn invalid_utf8_and_a_line_of_ten_megabytes_are_read() {
    let mut body = br#"[{"id":"1","uri":"u","content":"<p>a"#.to_vec();
    body.push(0xff);
    body.extend(br#"b</p>","account":{"acct":"a"}}]"#);
    assert_eq!(parse(body).unwrap().posts[0].post.text, "a\u{fffd}b");
    let body =
        format!(r#"[{{"id":"1","uri":"u","content":"<p>{}</p>","account":{{"acct":"a"}}}}]"#, "x ".repeat(5_000_000));
    assert_eq!(parse(body).unwrap().posts[0].post.text.len(), 9_999_999);
}

proptest! {
    #[test]
    fn any_bytes_are_posts_or_an_error(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(body);
    }

    #[test]
    fn a_damaged_page_never_panics(cut in 0_usize..60_000, at in 0_usize..60_000, byte in any::<u8>()) {
        for (_, case) in cases().into_iter().filter(|(name, case)| name == "mastodon" && (case.ends_with("page") || case.ends_with("rss"))) {
            let mut exchange = recorded::load(&case).unwrap();
            let body = &mut exchange.response.body;
            body.truncate(cut);
            if let Some(place) = body.get_mut(at) {
                *place = byte;
            }
            let _ = mastodon().read(&exchange);
        }
    }
}
