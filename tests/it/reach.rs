//! What pages tell of the time that is covered: how far they reach, and where a walk passes something over.

use chrono::{DateTime, TimeDelta, Utc};
use pullquote::coverage::{Begins, Ledger, Reach, Seen, Step, Stretch, Whither};
use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::http::recorded;
use pullquote::model::Hashtag;
use pullquote::platform::{self, Page, Query, Source};
use serde_json::{Value, json};

use crate::support::root;

/// When every answer came, in seconds.
const NOW: i64 = 1_785_060_000;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn stamp(seconds: i64) -> String {
    at(seconds).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// The first request for #flood.
fn first(platform: &str) -> Request {
    let place = Some("a.example".to_owned()).filter(|_| platform != "reddit");
    let source = Source { place, ..Source::default() };
    let live = platform::by_name(platform).unwrap().live.unwrap();
    (live.first)(&Query::tag(Hashtag::new("flood").unwrap()), &source).unwrap()
}

fn read(platform: &str, request: &Request, body: &Value) -> Page {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let response = Response { status: 200, headers, body: body.to_string().into_bytes(), ..Response::default() };
    let request = request.clone();
    let exchange = Exchange { request, response, fetched_at: at(NOW), origin: Origin::Live, masked: false };
    platform::by_name(platform).unwrap().read(&exchange).unwrap_or_else(|error| panic!("{platform}: {error}"))
}

/// An item of each of these seconds, and an answer of them.
fn items(times: impl IntoIterator<Item = i64>, item: impl Fn(usize, i64) -> Value) -> Vec<Value> {
    times.into_iter().enumerate().map(|(n, time)| item(n + 1, time)).collect()
}

fn hits(times: impl IntoIterator<Item = i64>) -> Value {
    let hit = |n: usize, time| json!({ "objectID": (1000 + n).to_string(), "created_at_i": time, "_tags": ["comment"], "author": "ann", "parent_id": 7, "comment_text": "a flood" });
    let hits = items(times, hit);
    json!({ "nbHits": hits.len(), "nbPages": 1, "hits": hits })
}

fn tumbled(times: impl IntoIterator<Item = i64>) -> Value {
    let post = |n: usize, time| {
        json!({ "blog_name": "ada-moss", "reblog_key": "x", "id_string": (65780 + n).to_string(), "timestamp": time, "tags": ["flood"],
                "post_url": format!("https://www.tumblr.com/ada-moss/{}", 65780 + n), "content": [{ "type": "text", "text": "Water." }] })
    };
    json!({ "meta": { "status": 200, "msg": "OK" }, "response": items(times, post) })
}

fn threads(times: impl IntoIterator<Item = i64>, after: Option<&str>) -> Value {
    let post = |n: usize, time| {
        json!({ "id": (10 + n).to_string(), "media_type": "TEXT_POST", "permalink": format!("https://www.threads.com/@ann/post/Cu3{n}"),
                "username": "ann", "text": "Water.", "timestamp": stamp(time), "shortcode": format!("Cu3{n}"), "topic_tag": "flood" })
    };
    json!({ "data": items(times, post), "paging": { "cursors": { "after": after } } })
}

fn skies(texts: &[(&str, i64)], cursor: Option<&str>) -> Value {
    let view = |(n, (text, time)): (usize, &(&str, i64))| {
        json!({ "uri": format!("at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3mgcgop5dek{:02}", n), "cid": "x",
                "author": { "did": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "handle": "ann.example" }, "indexedAt": stamp(*time),
                "record": { "$type": "app.bsky.feed.post", "text": text, "createdAt": stamp(*time) } })
    };
    let mut answer = json!({ "posts": texts.iter().enumerate().map(view).collect::<Vec<_>>() });
    if let Some(cursor) = cursor {
        answer["cursor"] = cursor.into();
    }
    answer
}

fn notes(times: impl IntoIterator<Item = i64>) -> Value {
    let note = |n: usize, time| {
        json!({ "id": format!("9h2flood{n:03}"), "createdAt": stamp(time), "text": "#flood", "cw": null, "userId": "9c0user01", "visibility": "public",
                "tags": ["flood"], "files": [], "user": { "id": "9c0user01", "name": "Ann", "username": "ann", "host": null } })
    };
    items(times, note).into()
}

fn toots(ids: impl IntoIterator<Item = i64>) -> Value {
    let toot = |_, id: i64| {
        json!({ "id": id.to_string(), "uri": format!("https://a.example/p/{id}"), "content": "<p>x</p>", "visibility": "public",
                "created_at": stamp(NOW - 100_000 + id * 60), "account": { "acct": "ann", "url": "https://a.example/@ann" } })
    };
    items(ids, toot).into()
}

#[test]
fn a_walk_tells_where_it_passes_something_over() {
    let back = |platform: &str| first(platform).with_mark("back", Some(&NOW.to_string()));
    let old = NOW - 5000;
    let bounded = |upto: i64| {
        back("hackernews").with_params(&[("numericFilters", Some(format!("created_at_i<={upto}").as_str()))])
    };
    let behind = |cursor: &str| first("bluesky").with_params(&[("cursor", Some(cursor))]);
    let emptied = |times: &str| back("threads").with_mark("empty", Some(times));
    for (what, platform, request, body, torn, leads) in [
        ("a full page", "hackernews", first("hackernews"), hits((0..1000).map(|n| NOW - 60 - n)), false, true),
        ("the end", "hackernews", bounded(old), hits([old, old - 1]), false, false),
        ("a full second", "hackernews", bounded(old), hits([old; 1000]), true, true),
        ("a page", "tumblr", first("tumblr"), tumbled((0..20).map(|n| old - n)), false, true),
        ("nothing at all", "tumblr", first("tumblr"), tumbled([]), true, false),
        (
            "an empty page",
            "tumblr",
            back("tumblr").with_params(&[("before", Some("1785000000"))]),
            tumbled([]),
            true,
            true,
        ),
        (
            "the last leap",
            "tumblr",
            back("tumblr").with_params(&[("before", Some("1785000000"))]).with_mark("leap", Some("6")),
            tumbled([]),
            true,
            false,
        ),
        ("a full second", "tumblr", first("tumblr"), tumbled([old; 20]), true, true),
        ("the end", "threads", first("threads"), threads([old], None), false, false),
        ("an empty page", "threads", emptied("1"), threads([], Some("b")), false, true),
        ("ten empty pages", "threads", emptied("10"), threads([], Some("b")), true, false),
        (
            "a cursor that stands",
            "threads",
            back("threads").with_params(&[("after", Some("b"))]),
            threads([], Some("b")),
            true,
            false,
        ),
        (
            "a full second",
            "threads",
            back("threads").with_params(&[("until", Some((old + 1).to_string().as_str()))]),
            threads([old; 100], None),
            true,
            false,
        ),
        ("the end", "bluesky", behind("300"), skies(&[], None), false, false),
        ("an empty page", "bluesky", behind("300"), skies(&[], Some("400")), true, true),
        ("a cursor that stands", "bluesky", behind("300"), skies(&[], Some("300")), true, false),
        ("a cursor that goes back", "bluesky", behind("300"), skies(&[("#flood", old)], Some("200")), true, false),
        ("the end of its reach", "bluesky", behind("9900"), skies(&[], None), true, false),
        ("the end of its reach", "bluesky", behind("9900"), skies(&[], Some("10000")), true, false),
        ("the end of its reach", "bluesky", behind("9900"), skies(&[("#flood", old)], None), false, true),
        (
            "one that stands out of order",
            "bluesky",
            first("bluesky").with_params(&[("since", Some(stamp(old).as_str()))]),
            skies(&[("#flood", NOW - 1), ("#flood", old - 9), ("#flood", NOW - 3), ("#flood", NOW - 4)], Some("100")),
            false,
            true,
        ),
        ("a thin page", "misskey", first("misskey"), notes([old, old - 1]), false, true),
        ("nothing more", "misskey", first("misskey"), notes([]), false, false),
        (
            "nothing with a date",
            "misskey",
            first("misskey"),
            json!([{ "id": "9h2flood001", "user": { "username": "ann" }, "visibility": "public", "createdAt": "soon" }]),
            true,
            false,
        ),
        ("a page", "mastodon", first("mastodon"), toots((61..=100).rev()), false, true),
        ("nothing more", "mastodon", first("mastodon"), toots([]), false, false),
    ] {
        let page = read(platform, &request, &body);
        assert_eq!((page.torn, !page.next.is_empty()), (torn, leads), "{platform}: {what}: {:?}", page.skipped);
    }
}

/// A cursor that counts is a place in a list from which posts go.
#[test]
fn an_old_cursor_is_asked_for_by_time() {
    let old = NOW - 5000;
    let page = read("bluesky", &first("bluesky"), &skies(&[("#flood", old + 1), ("#flood", old)], Some("100")));
    let next = &page.next[0];
    assert_eq!(next.param("cursor").as_deref(), Some("100"));
    let (fresh, stale) = (
        next.with_mark("given", None),
        next.with_mark("given", Some(&format!("{}/{}", stamp(NOW - 31), stamp(old + 1)))),
    );
    for next in [next, &fresh] {
        let page = read("bluesky", next, &skies(&[("#flood", old - 9)], None));
        assert!(page.next.is_empty() && page.seen.unwrap().span.is_some(), "{next:?}");
    }
    for answer in [skies(&[("#flood", old - 9)], None), skies(&[("#flood", old - 9)], Some("200")), skies(&[], None)] {
        let page = read("bluesky", &stale, &answer);
        assert!(!page.torn && page.seen.unwrap().span.is_none() && page.later.is_none(), "{page:?}");
        let [anew] = page.next.as_slice() else { panic!("{page:?}") };
        let until = at(old + 1) + TimeDelta::milliseconds(1);
        let until = until.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        assert_eq!((anew.param("cursor"), anew.param("until"), anew.mark("given")), (None, Some(until), None));
        // What it brings is not the newest, and leads on as ever.
        let page = read("bluesky", anew, &skies(&[("#flood", old)], Some("100")));
        assert!(page.later.is_none() && page.next[0].param("cursor").is_some());
    }
}

/// A cursor that counts is not trusted where the search counts fewer posts than before; of one time there is only the cursor.
#[test]
fn a_cursor_is_not_trusted_where_posts_have_gone() {
    let old = NOW - 5000;
    let counted = |texts: &[(&str, i64)], hits: u64| {
        let mut answer = skies(texts, Some(&hits.to_string()));
        answer["hitsTotal"] = hits.into();
        answer
    };
    let page = read("bluesky", &first("bluesky"), &counted(&[("#flood", old + 1), ("#flood", old)], 250));
    for (hits, anew) in [(250, false), (251, false), (249, true)] {
        let next = page.next[0].with_params(&[("cursor", Some("100"))]);
        let page = read("bluesky", &next, &counted(&[("#flood", old - 9)], hits));
        assert_eq!((page.next[0].param("cursor").is_none(), page.seen.unwrap().span.is_none()), (anew, anew), "{hits}");
        if anew {
            // The page by time is all of one moment: the next goes on by the cursor, however few there are.
            let page = read("bluesky", &page.next[0], &counted(&[("#flood", old + 1)], 180));
            let page = read(
                "bluesky",
                &page.next[0].with_params(&[("cursor", Some("100"))]),
                &counted(&[("#flood", old + 1)], 179),
            );
            assert_eq!(page.next[0].param("cursor").as_deref(), Some("179"));
        }
    }
}

#[test]
fn a_channel_without_a_preview_refuses() {
    let exchange = recorded::load(&root().join("fixtures/telegram/no-preview")).unwrap();
    let error = platform::by_name("telegram").unwrap().read(&exchange).unwrap_err().to_string();
    assert!(error.contains("no public preview"), "{error}");
}

#[test]
fn a_torn_look_covers_what_lies_above_the_tear() {
    let step = |done: &str, next: &[&str], low: i64, torn: bool| Step {
        done: Request::get(format!("https://a.example/{done}")),
        next: next.iter().map(|next| Request::get(format!("https://a.example/{next}"))).collect(),
        at: at(NOW),
        whither: Whither::Back,
        reach: Reach::Whole,
        seen: Seen { posts: 20, span: Some((at(low), at(NOW - 100))), tail: None },
        newest_first: true,
        torn,
        from: None,
        next_from: None,
        now: at(NOW),
        latest: at(NOW),
        window: (None, None),
    };
    let mut ledger = Ledger::default();
    assert_eq!(ledger.step(&step("1", &["2"], NOW - 2000, false), Begins::Anew), []);
    assert_eq!(ledger.step(&step("2", &["3"], NOW - 3000, true), Begins::Anew), []);
    let left = ledger.step(&step("3", &[], NOW - 4000, false), Begins::Anew);
    let covered: Vec<Stretch> = ledger.covered.iter().copied().collect();
    assert_eq!(covered, [Stretch::new(at(NOW - 2000), at(NOW) - TimeDelta::seconds(10)).unwrap()]);
    assert!(left.len() == 1 && left[0].stretch.until == at(NOW - 2000), "{left:?}");
    assert_eq!((ledger.begun, ledger.done), (1, 0));
}

#[test]
fn a_climb_goes_on_until_nothing_newer_comes() {
    let climb = |min: i64, mark: Option<&str>| {
        let request = first("mastodon").with_params(&[("min_id", Some(min.to_string().as_str()))]);
        request.with_mark(if mark.is_some_and(|mark| mark.starts_with('{')) { "back" } else { "next-known" }, mark)
    };
    let back = |items: usize, overlap: usize, id: &str| {
        let start = json!({ "overlap": overlap, "id": id, "from": null, "next": null });
        json!({ "items": items, "starts": [start] }).to_string()
    };
    let asked = |page: &Page| page.next.iter().filter_map(|next| next.param("min_id")).collect::<Vec<_>>();
    // A page of which one post was left out; what is not half full is the end.
    let page = read("mastodon", &climb(100, Some("101")), &toots((101..=139).rev()));
    // It goes on behind the last but one: the last shows that the server heeds `min_id`.
    let reached = |id: i64| Some(at(NOW - 100_000 + id * 60));
    assert_eq!((asked(&page), page.next[0].mark("next-known").as_deref()), (vec!["138".to_owned()], Some("139")));
    assert_eq!((page.torn, page.seen.unwrap().span.map(|(_, high)| high)), (false, reached(137)));
    let on = climb(138, Some(&back(39, 10, "129"))).with_mark("next-known", Some("139"));
    let page = read("mastodon", &on, &toots((139..=150).rev()));
    assert_eq!((page.next.len(), page.torn, page.seen.unwrap().span.map(|(_, high)| high)), (0, false, reached(148)));
    let last = read("mastodon", &climb(100, None), &toots((101..=120).rev().filter(|id| *id != 110)));
    assert_eq!((last.next.len(), last.torn), (0, false));
    // One that has ceased to heed it sends its newest: what lies between is asked for, before anything is said of it.
    let found_out = read("mastodon", &on, &toots((200..=239).rev()));
    assert_eq!((found_out.torn, found_out.seen.unwrap().span), (false, None));
    let between = &found_out.next[0];
    assert_eq!((between.param("since_id").as_deref(), between.param("max_id").as_deref()), (Some("138"), Some("200")));
    // Misskey's notes the same.
    let climb = |body: Value| Request { body: Some(body.to_string()), ..first("misskey") };
    let climb = climb(json!({ "tag": "flood", "limit": 100, "sinceId": "9h2flood000" }));
    for (count, leads) in [(79, true), (51, true), (50, false), (0, false)] {
        let page = read("misskey", &climb, &notes((0..count).map(|n| NOW - 9000 + n)));
        assert!(page.climbs && !page.torn && page.next.is_empty() != leads, "{count}");
    }
    // The page before the one asked for is one of the climb, too.
    let page = read(
        "misskey",
        &climb,
        &json!([notes([NOW - 9000])[0], { "id": "9h2flood000", "createdAt": stamp(NOW - 8000) }]),
    );
    assert!(page.climbs && page.stuck.is_some(), "{page:?}");
}

#[test]
fn what_does_not_belong_to_what_was_asked_tells_how_far_a_page_reaches() {
    let page = read(
        "bluesky",
        &first("bluesky"),
        &skies(&[("#flood", NOW - 10), ("nothing", NOW - 20), ("#floods", NOW - 30), ("#no", NOW - 40)], None),
    );
    assert_eq!((page.posts.len(), page.seen.unwrap().span), (1, Some((at(NOW - 19), at(NOW - 30)))));
    let child = |n: usize, time: i64| {
        let title = if n == 1 { "flood" } else { "no word of it" };
        json!({ "kind": "t3", "data": { "id": format!("os{n}"), "name": format!("t3_os{n}"), "title": title, "selftext": "", "subreddit": "harbour",
                "author": "ann", "created_utc": time, "permalink": format!("/r/harbour/comments/os{n}/x/"), "num_comments": 0 } })
    };
    let list = json!({ "kind": "Listing", "data": { "after": null, "children": items((0..10).map(|n| NOW - 100 * n), child) } });
    let seen = read("reddit", &first("reddit"), &list).seen.unwrap();
    assert_eq!((seen.posts, seen.span), (10, Some((at(NOW - 699), at(NOW - 200)))));
    let below = Request {
        url: "https://oauth.reddit.com/comments/os1?limit=500&sort=new&raw_json=1".to_owned(),
        ..first("reddit")
    };
    let comments = json!([{ "kind": "Listing", "data": { "children": [child(1, NOW - 9000)] } }, { "kind": "Listing", "data": { "children": [] } }]);
    assert_eq!(read("reddit", &below, &comments).seen, Some(Seen::default()));
    let live = platform::by_name("reddit").unwrap().live.unwrap();
    assert_eq!((live.paging.reach)(&first("reddit")), Reach::Newest(200));
    assert!(live.paging.guarantee.contains("behind 200 submissions"));
    // More of its last second may lie behind a full page.
    let page = read("hackernews", &first("hackernews"), &hits((0..1000).map(|n| NOW - 60 - n / 2)));
    assert_eq!(page.seen.unwrap().span.unwrap().0, at(NOW - 60 - 497));
}

#[test]
fn a_page_of_two_lists_reaches_as_far_as_the_one_that_reaches_less_far() {
    let person = json!({ "id": 1, "name": "ann", "actor_id": "https://a.example/u/ann", "instance_id": 1 });
    let post = |n: usize, time: i64| json!({ "post": { "id": n, "name": "flood", "ap_id": format!("https://a.example/post/{n}"), "published": stamp(time) }, "creator": person });
    let comment = |n: usize, time: i64| {
        json!({ "comment": { "id": n, "content": "flood", "path": format!("0.{n}"), "ap_id": format!("https://a.example/comment/{n}"), "published": stamp(time) },
                "post": { "id": 1, "name": "x", "ap_id": "https://a.example/post/1" }, "creator": person })
    };
    let hours = |hours: i64| (0..5).map(move |n| NOW - 100 - n * hours * 3600);
    let answer = |posts: Vec<Value>, comments: Vec<Value>| json!({ "type_": "All", "posts": posts, "comments": comments, "users": [], "communities": [] });
    for (what, posts, comments, low) in [
        ("comments are more", items(hours(24), post), items(hours(1), comment), Some(NOW - 100 - 2 * 3600)),
        ("posts are more", items(hours(1), post), items(hours(24), comment), Some(NOW - 100 - 2 * 3600)),
        ("no posts are left", Vec::new(), items(hours(24), comment), Some(NOW - 100 - 48 * 3600)),
        ("nothing", Vec::new(), Vec::new(), None),
    ] {
        let page = read("lemmy", &first("lemmy"), &answer(posts, comments));
        assert_eq!(page.seen.unwrap().span.map(|span| span.0), low.map(|low| at(low + 1)), "{what}");
    }
    // A server of version 1 answers the old search in an order of its own, and gives posts and comments apart.
    let mut strange = post(1, NOW - 100);
    strange["creator"]["instance_id"] = 0.into();
    let page = read("lemmy", &first("lemmy"), &answer(vec![strange], Vec::new()));
    assert_eq!((page.seen, page.next.len()), (Some(Seen::default()), 1));
    let listed = read("lemmy", &page.next[0], &json!({ "items": items(hours(1), post), "next_page": null }));
    assert_eq!((listed.posts.len(), listed.seen, listed.next.len()), (5, Some(Seen::default()), 1));
    let said = read("lemmy", &listed.next[0], &json!({ "items": items(hours(1), comment), "next_page": null }));
    assert_eq!(said.seen.unwrap().span.map(|span| span.0), Some(at(NOW - 99 - 2 * 3600)));
}
