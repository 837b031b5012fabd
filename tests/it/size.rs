//! `size` and facets: figures that a plain count confirms.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use pullquote::model::{Author, Handle, Hashtag, Kind, Link, Post, TextState};
use pullquote::query;
use pullquote::store::{Detail, Facet, Writer};
use pullquote::zone::Zone;
use serde_json::json;

use crate::program::Desk;
use crate::store::{Archive, at, capture, post, start};

/// Posts of many kinds.
fn posts() -> Vec<Post> {
    (0..300_usize)
        .map(|n| {
            let mut post =
                post(&format!("{n}"), (n * n % 200_000 + 1) as i64, &format!("Words {} about loach", n / 2 % 90));
            post.author = Author { handle: Handle::new(&format!("user{}@a.example", n * n % 23)), ..Author::default() };
            post.lang = [Some("en".to_owned()), Some("de,en".to_owned()), None][n % 3].clone();
            post.hashtags = [vec!["Loach", "loach", "Élection"], vec!["film"], vec![]][n % 3]
                .iter()
                .map(|tag| Hashtag::new(tag).unwrap())
                .collect();
            let link = |url: String| Link { shown: "a page".to_owned(), url };
            post.links = match n % 4 {
                0 => {
                    vec![link(format!("https://www.News{}.example/{n}", n % 5)), link("javascript:alert(1)".to_owned())]
                }
                1 => vec![link("http://film.example/a".to_owned()), link("http://film.example/b".to_owned())],
                _ => Vec::new(),
            };
            match n % 10 {
                7 => post.kind = Kind::Repost,
                8 => {
                    post.created =
                        at((n * 7) as i64, pullquote::model::Precision::Day, pullquote::model::WhenSource::Page)
                }
                9 => post.created = None,
                _ => {}
            }
            if n % 15 == 2 {
                post.doubts = vec!["its date is doubtful".to_owned()];
            }
            if n % 50 == 1 {
                post.text_state = TextState::Truncated;
            }
            post
        })
        .collect()
}

fn archive(posts: &[Post]) -> Archive {
    let mut archive = Archive::new();
    archive.see(posts);
    archive
}

#[test]
fn all_matches_are_streamed_newest_first() {
    let posts = posts();
    let reader = archive(&posts).reader();
    for (text, wanted) in [
        ("", Box::new(|_: &Post| true) as Box<dyn Fn(&Post) -> bool>),
        ("#loach", Box::new(|post: &Post| post.hashtags.iter().any(|tag| tag.folded() == "loach"))),
        ("lang:de -7", Box::new(|post: &Post| post.lang.as_deref() == Some("de,en") && !post.text.contains(" 7 "))),
        (
            "(from:user4 OR \"words 8\")",
            Box::new(|post: &Post| {
                post.text.contains("Words 8 ") || post.author.handle.as_ref().unwrap().as_str() == "user4@a.example"
            }),
        ),
    ] {
        let expr = query::parse(text).unwrap();
        let mut times = Vec::new();
        let walk = |detail, times: &mut Vec<_>| {
            reader.matches(&expr, detail, |found| {
                times.push(found.created.map(|when| when.at()));
                std::ops::ControlFlow::Continue(())
            })
        };
        walk(Detail::Full, &mut times).unwrap();
        assert_eq!(times.len(), posts.iter().filter(|post| wanted(post)).count(), "{text}");
        assert!(times.is_sorted_by(|a, b| a >= b), "{text}");
        let mut brief = Vec::new();
        walk(Detail::Brief, &mut brief).unwrap();
        assert_eq!(brief, times);
    }
    let mut seen = 0;
    reader
        .matches(&query::parse("loach").unwrap(), Detail::Brief, |_| {
            seen += 1;
            if seen == 5 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!(seen, 5);
}

#[test]
fn facets_count_what_there_is() {
    let posts = posts();
    let reader = archive(&posts).reader();
    let zone: Zone = "Europe/London".parse().unwrap();
    let found = reader.facets(&query::parse("").unwrap(), &Facet::ALL, zone, 300, 20).unwrap();
    assert_eq!((found.posts, found.only_newest), (300, false));
    for counts in &found.counts {
        let values = |post: &Post| -> BTreeSet<String> {
            match counts.facet {
                Facet::Author => [format!("@{}", post.author.handle.as_ref().unwrap())].into(),
                Facet::Tag => post.hashtags.iter().map(|tag| format!("#{}", tag.folded())).collect(),
                Facet::Domain => {
                    let host =
                        |link: &Link| link.url.split('/').nth(2).map(|host| host.to_lowercase().replace("www.", ""));
                    post.links.iter().filter(|link| link.url.starts_with("http")).filter_map(host).collect()
                }
                Facet::Lang => post.lang.iter().flat_map(|langs| langs.split(',')).map(str::to_owned).collect(),
                Facet::Day => post
                    .created
                    .map(|when| match when.precision() {
                        pullquote::model::Precision::Day => when.at().date_naive().to_string(),
                        _ => zone.local(when.at()).date_naive().to_string(),
                    })
                    .into_iter()
                    .collect(),
                Facet::Platform => [post.platform.clone()].into(),
            }
        };
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        let mut without = 0;
        for post in &posts {
            let values = values(post);
            without += u64::from(values.is_empty());
            values.into_iter().for_each(|value| *expected.entry(value).or_default() += 1);
        }
        assert_eq!((counts.values, counts.without), (expected.len() as u64, without), "{:?}", counts.facet);
        assert_eq!(counts.top.len(), expected.len().min(20));
        assert!(counts.top.is_sorted_by(|a, b| a.posts >= b.posts));
        for value in &counts.top {
            assert_eq!(Some(&value.posts), expected.get(&value.value), "{:?} {value:?}", counts.facet);
        }
        let least = counts.top.last().unwrap().posts;
        let more = expected.values().filter(|posts| **posts > least).count();
        assert!(more < 20, "a more frequent value is left out of {:?}", counts.facet);
    }
}

#[test]
fn facets_look_at_the_newest_only_and_say_so() {
    let posts = posts();
    let reader = archive(&posts).reader();
    let found = reader.facets(&query::parse("loach").unwrap(), &[Facet::Day], Zone::UTC, 10, 20).unwrap();
    assert_eq!((found.posts, found.only_newest), (10, true));
    let mut times: Vec<_> = posts.iter().filter_map(|post| post.created).map(|when| when.at()).collect();
    times.sort();
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    times.iter().rev().take(10).for_each(|at| *expected.entry(at.date_naive().to_string()).or_default() += 1);
    let days = found.counts[0].top.iter().map(|day| (day.value.clone(), day.posts));
    assert_eq!(days.collect::<BTreeMap<_, _>>(), expected);
    let all = reader.facets(&query::parse("loach").unwrap(), &[Facet::Tag], Zone::UTC, 300, 2).unwrap();
    assert_eq!((all.only_newest, all.counts[0].top.len(), all.counts[0].values), (false, 2, 3));
}

/// A desk over the database of an archive, without any captures.
fn desk(archive: &Archive) -> Desk {
    let desk = Desk::with("");
    std::fs::create_dir_all(desk.archive().join("captures")).unwrap();
    std::fs::copy(archive.path(), desk.archive().join("pullquote.db")).unwrap();
    desk
}

#[test]
fn the_figures_are_those_of_a_plain_count() {
    let posts = posts();
    let desk = desk(&archive(&posts));
    let told = desk.run(&["size", "loach", "--timezone", "Europe/London", "--json"]).ok().json().remove(0);
    let own: Vec<&Post> = posts.iter().filter(|post| post.kind != Kind::Repost).collect();
    let mut by_account: BTreeMap<&str, u64> = BTreeMap::new();
    own.iter().for_each(|post| *by_account.entry(post.author.handle.as_ref().unwrap().as_str()).or_default() += 1);
    let mut busiest: Vec<u64> = by_account.values().copied().collect();
    busiest.sort_by(|a, b| b.cmp(a));
    let texts: BTreeSet<&str> = own.iter().map(|post| post.text.as_str()).collect();
    let count = |is: &dyn Fn(&Post) -> bool| own.iter().filter(|post| is(post)).count();
    for (field, expected) in [
        ("posts", own.len()),
        ("accounts", by_account.len()),
        ("by_ten_busiest", busiest.iter().take(10).sum::<u64>() as usize),
        ("reposts", posts.len() - own.len()),
        ("duplicates", own.len() - texts.len()),
        ("undated", count(&|post| post.created.is_none())),
        ("day_only", count(&|post| post.created.is_some_and(|when| when.to_rfc3339().len() == 10))),
        ("truncated", count(&|post| post.text_state == TextState::Truncated)),
        ("without_author", 0),
        ("doubtful", count(&|post| !post.doubts.is_empty())),
        ("nested", 0),
        ("recorded", 0),
    ] {
        assert_eq!(told[field], json!(expected), "{field}");
    }
    let first = own.iter().filter_map(|post| post.created).min_by_key(|when| when.at()).unwrap();
    let last = own.iter().filter_map(|post| post.created).max_by_key(|when| when.at()).unwrap();
    assert_eq!((told["first"].clone(), told["last"].clone()), (json!(first), json!(last)));
    let said = desk.run(&["size", "loach", "--timezone", "Europe/London"]).ok().out;
    assert!(said.starts_with(told["sentence"].as_str().unwrap()), "{said}");
    assert!(said.contains("matching “loach”, written between") && said.contains("; the ten busiest wrote"), "{said}");
    let nothing = desk.run(&["size", "nobody"]).ok().out;
    assert!(nothing.starts_with("The archive holds no posts matching “nobody”.\n"), "{nothing}");
    assert_eq!(desk.run(&["size", "nosuch:1"]).code, 3);
}

#[test]
fn facets_are_printed() {
    let desk = desk(&archive(&posts()));
    let told = desk.run(&["search", "loach", "--facets", "tag,author", "--json"]).ok().json().remove(0);
    assert_eq!(told["posts"], 300);
    assert_eq!(told["facets"]["tag"]["top"][0], json!({"value": "#election", "posts": 100}));
    assert_eq!(told["facets"]["author"]["top"][0]["platform"], "mastodon");
    let printed = desk.run(&["search", "--facets", "tag,domain"]).ok().out;
    assert!(
        printed.starts_with(
            "tag: 3\n  100  #election\n  100  #film\n  100  #loach\n  100  without a hashtag\n\ndomain: 6\n"
        ),
        "{printed}"
    );
    assert_eq!(desk.run(&["search", "--facets", "mood"]).code, 3);
}

#[test]
fn shipped_examples_and_several_platforms_are_told() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let told = desk.run(&["size", "--json"]).ok().json().remove(0);
    assert_eq!(told["recorded"], told["posts"]);
    let said = desk.run(&["size"]).ok().out;
    assert!(said.contains("are shipped examples; their people are invented."), "{said}");
}

#[test]
fn nothing_is_covered_after_the_last_capture() {
    let archive = Archive::new();
    let writer = Writer::open(&archive.path()).unwrap();
    for second in [1, 2] {
        writer.commit(vec![capture(second, &[])]).unwrap();
    }
    writer.close().unwrap();
    let coverage = archive.reader().coverage(None).unwrap();
    let gap = &coverage.uncovered[0];
    assert_eq!((coverage.uncovered.len(), gap.why.as_str()), (1, "it lies after the last capture"));
    assert_eq!((gap.from, gap.until, &gap.of), (start() + TimeDelta::seconds(3), None, &None));
    assert_eq!(archive.reader().coverage(Some("other")).unwrap().uncovered, []);
}
