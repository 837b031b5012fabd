//! Bluesky through its public ways in: how a search is asked and goes on, what embeds say, and that no answer can
//! harm.

mod repository;

use std::collections::HashMap;

use proptest::prelude::*;
use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::http::recorded;
use pullquote::model::{Hashtag, Post, TextState};
use pullquote::platform::{self, Page, ParseError, Platform, Query, Source};

use crate::fixtures::cases;
use crate::support::shared;

fn bluesky() -> &'static Platform {
    platform::by_name("bluesky").expect("Bluesky is in the registry")
}

fn file(body: impl Into<Vec<u8>>) -> Exchange {
    Exchange {
        request: Request::get("file:///posts.json"),
        response: Response { status: 200, body: body.into(), ..Response::default() },
        fetched_at: "2026-11-23T12:00:00Z".parse().unwrap(),
        origin: Origin::File,
        masked: false,
    }
}

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    bluesky().read(exchange)
}

/// A view of a post with this record.
fn view(record: &serde_json::Value) -> serde_json::Value {
    serde_json::json!({
        "uri": "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3mgcgop5dekce",
        "author": {"did": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "handle": "amina.example"},
        "record": record,
        "indexedAt": "2026-03-05T09:00:00Z",
    })
}

fn query(since: Option<&str>, until: Option<&str>) -> Query {
    let time = |text: &str| text.parse().unwrap();
    Query { since: since.map(time), until: until.map(time), ..Query::tag(Hashtag::new("#Größe").unwrap()) }
}

#[test]
fn a_search_names_the_tag_twice_and_the_window() {
    let first = bluesky().live.unwrap().first;
    let request = first(&query(None, None), &Source::default()).unwrap();
    assert_eq!(
        request.url,
        "https://bsky.social/xrpc/app.bsky.feed.searchPosts?q=%23Gr%C3%B6%C3%9Fe&tag=Gr%C3%B6%C3%9Fe&sort=latest&limit=100"
    );
    assert_eq!(request.auth.as_deref(), Some("bluesky"));

    let source =
        Source { place: Some("http://127.0.0.1:2583/".into()), credential: Some("desk".into()), ..Source::default() };
    let window = query(Some("2026-07-26T00:00:00Z"), Some("2026-07-27T00:00:00+01:00"));
    let request = first(&window, &source).unwrap();
    assert!(request.url.starts_with("http://127.0.0.1:2583/xrpc/"), "{}", request.url);
    assert_eq!(request.param("since").as_deref(), Some("2026-07-26T00:00:00.000Z"));
    assert_eq!(request.param("until").as_deref(), Some("2026-07-26T23:00:00.000Z"));
    assert_eq!(request.auth.as_deref(), Some("desk"));

    let source = Source { place: Some("pds.example".into()), ..Source::default() };
    assert!(first(&query(None, None), &source).unwrap().url.starts_with("https://pds.example/xrpc/"));

    for server in ["file:///etc", "https://", "https://amina:secret@pds.example"] {
        let source = Source { place: Some(server.into()), ..Source::default() };
        assert!(first(&query(None, None), &source).is_err(), "{server}");
    }
}

#[test]
fn what_is_outside_the_time_asked_for_is_skipped_but_not_what_is_older_than_a_catch_up() {
    let at = |time: &str, key: &str| {
        let mut view = view(&serde_json::json!({ "text": "#Größe", "createdAt": time }));
        view["uri"] = format!("at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/{key}").into();
        view["indexedAt"] = time.into();
        view
    };
    let times = [
        "2026-07-27T00:00:00Z",
        "2026-07-26T23:59:59Z",
        "2026-07-26T00:00:00Z",
        "2026-07-25T23:59:59Z",
        "2026-07-25T23:59:58Z",
        "2026-07-25T23:59:57Z",
    ];
    let posts: Vec<_> = times.iter().zip(["a", "b", "c", "d", "e", "f"]).map(|(time, key)| at(time, key)).collect();
    let body = serde_json::json!({ "posts": posts, "cursor": "100" }).to_string();
    let read = |request: &Request| parse(&Exchange { request: request.clone(), ..file(body.clone()) }).unwrap();
    let begin = |since, until| (bluesky().live.unwrap().first)(&query(since, until), &Source::default()).unwrap();
    let dates =
        |page: &Page| page.posts.iter().map(|found| found.post.created.unwrap().to_rfc3339()).collect::<Vec<_>>();

    let window = begin(Some("2026-07-26T00:00:00Z"), Some("2026-07-27T00:00:00Z"));
    let page = read(&window);
    assert_eq!(dates(&page), times[1..3]);
    assert!(page.skipped.iter().all(|skipped| skipped.reason == "is outside the time asked for"), "{:?}", page.skipped);
    assert_eq!(page.skipped.len(), 4);
    assert_eq!(page.next, [], "the page reaches behind since");
    let later = page.later.unwrap();
    assert_eq!(later.window(), window.window());
    assert_eq!(read(&later).skipped, page.skipped);

    let open = read(&begin(None, None));
    assert_eq!(dates(&open), times);
    let [next] = open.next.as_slice() else { panic!("{:?}", open.next) };
    assert_eq!(next.param("cursor").as_deref(), Some("100"));
    let later = open.later.unwrap();
    assert_eq!(later.param("since").as_deref(), Some("2026-07-26T23:50:00.000Z"));
    assert_eq!(dates(&read(&later)), times, "what a catch-up looks back to is no window");
}

#[test]
fn beyond_the_reach_of_a_cursor_the_window_stays() {
    let window = query(Some("2026-07-26T00:00:00Z"), None);
    let request = (bluesky().live.unwrap().first)(&window, &Source::default()).unwrap();
    let mut view = view(&serde_json::json!({ "text": "#Größe", "createdAt": "2026-07-26T12:00:00Z" }));
    view["indexedAt"] = "2026-07-26T12:00:00Z".into();
    let body = serde_json::json!({ "posts": [view], "cursor": "10000" }).to_string();
    let page = parse(&Exchange { request: request.clone(), ..file(body) }).unwrap();
    let [next] = page.next.as_slice() else { panic!("{:?}", page.next) };
    assert!(next.url.ends_with("#since=2026-07-26T00:00:00Z&back="), "{}", next.url);
    assert_eq!(next.window(), request.window());
    assert_eq!(parse(&Exchange { request: next.clone(), ..file(r#"{"posts":[]}"#) }).unwrap().later, None);
}

/// Follows a pull through the fixtures, as the recorded transport serves them.
fn walk(start: Request) -> (Vec<Post>, Option<Request>, usize) {
    let plain = |url: &str| url.split('#').next().unwrap_or_default().to_owned();
    let folders = cases().into_iter().filter(|(name, _)| name == "bluesky");
    let served: HashMap<String, Exchange> =
        folders.map(|(_, case)| recorded::load(&case).unwrap()).map(|e| (plain(&e.request.url), e)).collect();
    let (mut posts, mut later, mut asked) = (Vec::new(), None, 0);
    let mut open = vec![start];
    while let Some(request) = open.pop() {
        let answer = served.get(&plain(&request.url)).unwrap_or_else(|| panic!("no fixture for {}", request.url));
        let page = parse(&Exchange { request, ..answer.clone() }).unwrap();
        asked += 1;
        later = later.or(page.later);
        open.extend(page.next);
        posts.extend(page.posts.into_iter().filter(|found| !found.nested).map(|found| found.post));
    }
    (posts, later, asked)
}

#[test]
fn the_shipped_job_pages_to_its_end_and_catches_up_in_one_request() {
    let query = Query::tag(Hashtag::new("IStandWithKenLoach").unwrap());
    let start = (bluesky().live.unwrap().first)(&query, &Source::default()).unwrap();
    let (posts, later, asked) = walk(start);
    assert_eq!((posts.len(), asked), (10, 2));
    let later = later.expect("the first page is the newest end");
    let (again, still, asked) = walk(later.clone());
    assert_eq!(asked, 1);
    assert!(again.iter().all(|post| posts.contains(post)), "nothing new");
    assert_eq!(still, Some(later), "the next catch-up asks the same");
}

#[test]
fn every_post_of_a_page_is_kept_or_counted() {
    for (_, case) in cases().into_iter().filter(|(name, _)| name == "bluesky") {
        let exchange = recorded::load(&case).unwrap();
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(&exchange.response.body) else { continue };
        let Some(posts) = body.get("posts").and_then(|posts| posts.as_array()) else { continue };
        let page = parse(&exchange).unwrap();
        let kept = page.posts.iter().filter(|found| !found.nested).count();
        assert_eq!(kept + page.skipped.len(), posts.len(), "{}", case.display());
    }
}

#[test]
fn handles_agree_with_the_vectors_of_the_protocol() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("recorded/bluesky/bluesky-social__atproto");
    for (name, valid) in [("handle_syntax_valid.txt", true), ("handle_syntax_invalid.txt", false)] {
        let vectors = std::fs::read_to_string(folder.join(name)).unwrap();
        for handle in vectors.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut view = view(&serde_json::json!({ "text": "" }));
            view["author"]["handle"] = handle.into();
            let page = parse(&file(view.to_string())).unwrap();
            let found = page.posts[0].post.author.handle.as_ref().map(|handle| handle.as_str());
            let expected = (valid && handle != "handle.invalid").then_some(handle);
            assert_eq!(found, expected, "{name}");
        }
    }
}

fn embedded(html: &str) -> Vec<Result<Post, String>> {
    let html = scraper::Html::parse_document(html);
    (bluesky().embeds.unwrap())(&html).into_iter().flat_map(|embed| embed.posts).collect()
}

const URI: &str = "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3mgcgop5dekce"; // 2026-03-05T09:00Z
const PAGE: &str = "https://bsky.app/profile/did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";

#[test]
fn an_embed_gives_text_author_and_the_printed_day() {
    let html = format!(
        "<p>Before</p><blockquote class=\"bluesky-embed\" data-bluesky-uri=\"{URI}\" data-bluesky-cid=\"bafy\">\
         <p lang=\"en\">First line  &amp; more\n\nsecond &lt;line&gt;<br>third<br><br><a href=\"{PAGE}/post/3mgcgop5dekce\
         ?ref_src=embed\">[image or embed]</a></p>&mdash; Amina (she/her) (<a href=\"{PAGE}?ref_src=embed\">@amina.example\
         </a>) <a href=\"{PAGE}/post/3mgcgop5dekce?ref_src=embed\">March 5, 2026 at 10:00 AM</a></blockquote>"
    );
    let found = embedded(&html);
    let [Ok(post)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(post.text, "First line  & more\n\nsecond <line>\nthird");
    assert_eq!(post.text_state, TextState::Complete);
    assert_eq!(post.uri.as_deref(), Some(URI));
    assert_eq!(post.url.as_deref(), Some("https://bsky.app/profile/amina.example/post/3mgcgop5dekce"));
    assert_eq!(post.author.name.as_deref(), Some("Amina (she/her)"));
    assert_eq!(post.author.handle.as_ref().unwrap().as_str(), "amina.example");
    assert_eq!(post.author.id.as_deref(), Some("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"));
    assert_eq!(post.created.unwrap().to_rfc3339(), "2026-03-05");
    assert_eq!(post.lang.as_deref(), Some("en"));
    assert_eq!(post.media.len(), 1);
    assert!(post.doubts.is_empty(), "{:?}", post.doubts);
}

/// One embed with this signature after its text.
fn signed(signature: &str) -> Post {
    let html = format!(
        "<blockquote class=\"wide bluesky-embed\" data-bluesky-uri=\"{URI}\"><p>Words</p>{signature}</blockquote>"
    );
    embedded(&html).remove(0).unwrap()
}

#[test]
fn an_embed_is_signed_in_several_ways() {
    let post = |date: &str| format!("<a href=\"{PAGE}/post/3mgcgop5dekce\">{date}</a>");
    let seen = |signature: String| {
        let post = signed(&signature);
        let handle = post.author.handle.map(|handle| handle.to_string()).unwrap_or_default();
        (post.author.name.unwrap_or_default(), handle, post.created.unwrap().to_rfc3339(), post.doubts.len())
    };
    let row =
        |name: &str, handle: &str, date: &str, doubts| (name.to_owned(), handle.to_owned(), date.to_owned(), doubts);
    let by = format!("&mdash; <a href=\"{PAGE}?ref_src=embed\">Amina (@amina.example)</a> ");
    assert_eq!(
        seen(by.clone() + &post("2026-03-05T09:00:00.120Z")),
        row("Amina", "amina.example", "2026-03-05T09:00:00Z", 0)
    );
    // The day may be another in the zone of whoever embedded it.
    assert_eq!(seen(by.clone() + &post("March 4, 2026 at 11:00 PM")), row("Amina", "amina.example", "2026-03-04", 0));
    assert_eq!(seen(by.clone() + &post("3 March 2026")), row("Amina", "amina.example", "2026-03-03", 1));
    // No date, or one that cannot be read: the key of the record knows.
    assert_eq!(seen(by + &post("recently")), row("Amina", "amina.example", "2026-03-05T09:00:00Z", 0));
    assert_eq!(seen(format!("— @amina.example {}", post("2026年3月5日"))), row("", "amina.example", "2026-03-05", 0));
    assert_eq!(seen(format!("— Amina (@nowhere) {}", post("2026年3月5日"))), row("", "", "2026-03-05", 0));
    assert_eq!(seen(String::new()), row("", "", "2026-03-05T09:00:00Z", 0));
}

#[test]
fn an_embed_without_its_uri_or_text_is_counted() {
    let found = embedded(
        "<blockquote class=\"bluesky-embed\"><p>Words</p></blockquote>\
         <blockquote class=\"bluesky-embed\" data-bluesky-uri=\"at://amina.example/app.bsky.feed.post/x\"><p>Words</p></blockquote>\
         <blockquote class=\"twitter-tweet\"><p>Words</p></blockquote>",
    );
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(Result::is_err), "{found:?}");
}

#[test]
fn depth_costs_what_lies_below_it() {
    let mut thread = serde_json::json!({ "post": view(&serde_json::json!({ "text": "last" })) }).to_string();
    for _ in 0..5_000 {
        thread = format!("{{\"post\":{},\"replies\":[{thread}]}}", view(&serde_json::json!({ "text": "up" })));
    }
    let page = parse(&file(format!("{{\"thread\":{thread}}}"))).unwrap();
    assert_eq!(page.posts.len(), 101);
    assert_eq!(page.skipped.len(), 1);

    let quoting = format!(
        "{{\"uri\":\"{URI}\",\"value\":{{\"text\":\"\"}},\"embeds\":[{{\"$type\":\"app.bsky.embed.record#view\",\"record\":"
    );
    let quoted = format!("{}{{}}{}", quoting.repeat(5_000), "}]}".repeat(5_000));
    let page = parse(&file(quoted)).unwrap();
    assert_eq!(page.posts.iter().filter(|found| found.nested).count(), 4);
    assert!(page.skipped[0].reason.contains("depth"), "{:?}", page.skipped);

    let brackets = "[".repeat(200_000);
    assert!(parse(&file(brackets)).is_err());
}

#[test]
fn a_long_line_of_facets_takes_linear_time() {
    let text = "x".repeat(2_000_000);
    let facet = |end: usize| {
        serde_json::json!({
            "index": {"byteStart": 0, "byteEnd": end},
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/"}],
        })
    };
    let facets: Vec<_> = (0..50_000).map(|i| facet(if i == 0 { 5 } else { text.len() })).collect();
    let body = view(&serde_json::json!({ "text": text, "facets": facets })).to_string();
    let page = parse(&file(body)).unwrap();
    assert_eq!(page.posts[0].post.links.len(), 1, "no facet of a post covers megabytes");
}

#[test]
fn refusals_are_one_short_line() {
    let refused = |status, body: &str| {
        let mut exchange = file(body);
        exchange.response.status = status;
        parse(&exchange).unwrap_err().to_string()
    };
    assert_eq!(
        refused(400, r#"{"error":"InvalidRequest","message":"limit too\nsmall"}"#),
        "bluesky answered 400: InvalidRequest: limit too small"
    );
    assert_eq!(refused(502, "<html>Bad gateway</html>"), "bluesky answered 502: <html>Bad gateway</html>");
    assert!(refused(500, &"x".repeat(100_000)).len() < 300);
}

proptest! {
    #[test]
    fn facets_of_any_range_never_panic(text in "\\PC{0,20}", start in 0_usize..40, end in 0_usize..40) {
        let facet = serde_json::json!({
            "index": {"byteStart": start, "byteEnd": end},
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/"}],
        });
        let page = parse(&file(view(&serde_json::json!({ "text": text, "facets": [facet] })).to_string())).unwrap();
        let post = &page.posts[0].post;
        prop_assert_eq!(&post.text, &text);
        let shown = text.get(start..end).filter(|shown| !shown.is_empty());
        prop_assert_eq!(post.links.first().map(|link| link.shown.as_str()), shown);
    }

    #[test]
    fn a_damaged_answer_is_an_error_or_fewer_posts(cut in 0_usize..20_000, at in 0_usize..20_000, byte: u8) {
        let case = crate::support::root().join("fixtures/bluesky/page");
        let mut exchange = recorded::load(&case).unwrap();
        exchange.response.body.truncate(cut);
        if let Some(place) = exchange.response.body.get_mut(at) {
            *place = byte;
        }
        if let Ok(page) = parse(&exchange) {
            prop_assert!(page.posts.len() <= 7);
        }
    }
}
