//! A deletion is a state with a time: what captures say of it, in whichever order they came, and that the words stay.

use chrono::{DateTime, TimeDelta, Utc};
use pullquote::exchange::Origin;
use pullquote::model::{Deletion, Post};
use pullquote::store::{Lookup, NewCapture, Reader, Writer};

use crate::store::{capture, post, start};

/// A capture so many minutes after the start.
fn at(number: u64, minutes: i64, url: &str, posts: &[Post]) -> NewCapture {
    let fetched_at = start() + TimeDelta::minutes(minutes);
    NewCapture { url: url.to_owned(), fetched_at, ..capture(number, posts) }
}

/// A capture that says so many minutes after the start that a post is gone.
fn gone(number: u64, minutes: i64, url: &str, uri: Option<&str>, on: Option<(&str, &str)>) -> NewCapture {
    let on = on.map(|(server, id)| (server.to_owned(), id.to_owned()));
    let platform = "mastodon".to_owned();
    let deletion = Deletion { at: "event 1".to_owned(), platform, uri: uri.map(str::to_owned), on, time: None };
    NewCapture { deleted: vec![deletion], ..at(number, minutes, url, &[]) }
}

/// When a post is gone, after captures that come in each order.
#[track_caller]
fn told(wanted: &Post, captures: &[NewCapture]) -> Option<(DateTime<Utc>, Option<String>)> {
    let mut found = Vec::new();
    let mut orders = vec![captures.to_vec()];
    for first in 1..captures.len() {
        let mut order = captures.to_vec();
        order.rotate_left(first);
        orders.push(order.clone());
        order.reverse();
        orders.push(order);
    }
    for order in orders {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pullquote.db");
        let writer = Writer::open(&path).unwrap();
        for capture in order {
            writer.commit(vec![capture]).unwrap();
        }
        writer.close().unwrap();
        assert_eq!(pullquote::store::check(&path, true).unwrap(), Vec::<String>::new());
        let Lookup::One(stored) = Reader::open(&path).unwrap().post(&wanted.key()).unwrap() else { panic!("no post") };
        assert_eq!(stored.post.text, wanted.text, "the words stay");
        for (search, fits) in
            [("state:deleted", stored.deleted.is_some()), ("-state:deleted", stored.deleted.is_none())]
        {
            let expr = pullquote::query::parse(search).unwrap();
            let reader = Reader::open(&path).unwrap();
            let found = reader.fitting(&[&expr], &[&stored.key]).unwrap();
            assert_eq!(!found[0].is_empty(), fits, "{search}");
        }
        found.push(stored.deleted.map(|deleted| (deleted.at, deleted.server)));
    }
    assert!(found.iter().all(|one| *one == found[0]), "an order decides: {found:?}");
    found.remove(0)
}

const HOME: &str = "https://a.example";
const TIMELINE: &str = "https://a.example/api/v1/timelines/tag/x";
const STREAM: &str = "https://s.example/api/v1/streaming/hashtag?tag=x#home=https%3A%2F%2Fa.example&listened=x%2Fy";

#[test]
fn a_post_is_gone_once_its_server_says_so() {
    let one = post("1", 0, "said and gone");
    let seen = at(1, 0, TIMELINE, std::slice::from_ref(&one));
    let minute = |minutes| start() + TimeDelta::minutes(minutes);
    let id = one.id.as_deref().unwrap();
    let here = gone(2, 10, STREAM, None, Some((HOME, id)));
    let shown = Some((minute(10), Some(HOME.to_owned())));
    assert_eq!(told(&one, &[seen.clone(), here.clone()]), shown);
    // Another server's id, or another post of this one, is another post.
    let elsewhere = gone(3, 10, STREAM, None, Some(("https://b.example", id)));
    let other = gone(4, 10, STREAM, None, Some((HOME, "2")));
    assert_eq!(told(&one, &[seen.clone(), elsewhere, other]), None);
    // By its URI it is gone wherever it was seen.
    let by_uri = gone(5, 12, "file:///stream.jsonl", one.uri.as_deref(), None);
    assert_eq!(told(&one, &[seen.clone(), by_uri.clone()]), Some((minute(12), None)));
    assert_eq!(told(&one, &[seen.clone(), by_uri, here.clone()]), shown, "the earliest counts");
    // What only the stream showed is known by the server behind it.
    let heard = at(6, 9, STREAM, std::slice::from_ref(&one));
    assert_eq!(told(&one, &[heard, here]), shown);
}

#[test]
fn a_time_that_cannot_be_is_not_believed() {
    let one = post("1", 0, "said and gone");
    let seen = at(1, 0, TIMELINE, std::slice::from_ref(&one));
    for time in [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC, start() + TimeDelta::days(1)] {
        let mut odd = gone(2, 10, STREAM, one.uri.as_deref(), None);
        odd.deleted[0].time = Some(time);
        assert_eq!(told(&one, &[seen.clone(), odd]), Some((start() + TimeDelta::minutes(10), None)), "{time}");
    }
    let mut sound = gone(2, 10, STREAM, one.uri.as_deref(), None);
    sound.deleted[0].time = Some(start() + TimeDelta::minutes(9));
    assert_eq!(told(&one, &[seen, sound]), Some((start() + TimeDelta::minutes(9), None)));
}

#[test]
fn a_post_that_is_seen_again_is_not_gone() {
    let one = post("1", 0, "said and gone");
    let id = one.id.as_deref().unwrap();
    let posts = std::slice::from_ref(&one);
    let (seen, gone_at_ten) = (at(1, 0, TIMELINE, posts), gone(2, 10, STREAM, None, Some((HOME, id))));
    let is_gone = |again: NewCapture| told(&one, &[seen.clone(), gone_at_ten.clone(), again]).is_some();
    assert!(!is_gone(at(3, 20, TIMELINE, posts)), "an answer that shows it later");
    assert!(is_gone(at(3, 11, TIMELINE, posts)), "an index that follows with a delay");
    assert!(is_gone(at(3, 20, STREAM, posts)), "a stream that tells what was");
    let mut file = at(3, 20, "file:///page.html", posts);
    file.facts.origin = Origin::File;
    assert!(is_gone(file), "a file that does not tell when it was had");
    // And then it is gone again.
    let later = gone(4, 30, STREAM, None, Some((HOME, id)));
    let told = told(&one, &[seen.clone(), gone_at_ten.clone(), at(3, 20, TIMELINE, posts), later]);
    assert_eq!(told.map(|(at, _)| at), Some(start() + TimeDelta::minutes(30)));
}
