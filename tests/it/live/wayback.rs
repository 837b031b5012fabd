//! The Wayback Machine: an index that is sorted by address and pages by a key, and captures of X's page of a hashtag as it was
//! before 2020, twenty posts on each; captures of single posts as JSON.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::stage::{Fault, Stage};
use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct Wayback;

const HTML: (&str, &str) = ("content-type", "text/html;charset=utf-8");
const JSON: (&str, &str) = ("content-type", "application/json");

/// Posts on a page of X.
const SHOWN: usize = 20;

/// The id that X gave out at that time.
fn id(item: &Item) -> String {
    (((item.at.timestamp_millis() - 1_288_834_974_657) << 22) + i64::try_from(item.n).unwrap()).to_string()
}

/// A capture: time, address, media type.
struct Capture<'a> {
    at: DateTime<Utc>,
    original: String,
    kind: &'static str,
    items: &'a [Item],
}

impl Capture<'_> {
    fn time(&self) -> String {
        self.at.format("%Y%m%d%H%M%S").to_string()
    }

    fn digest(&self) -> String {
        format!("{:A>12}{:A>20}", self.items.len(), self.items.last().map_or(0, |item| item.n))
    }
}

/// What the archive keeps, as the index sorts it: a page for every twenty posts, kept when the latest of them was known, and
/// each post as JSON.
fn captures(items: &[Item]) -> Vec<Capture<'_>> {
    let known = |i: usize| Item::new(u64::try_from(i).unwrap()).at + TimeDelta::hours(1);
    let page = |(n, items)| Capture {
        at: known(n * SHOWN + <[Item]>::len(items)),
        original: "https://twitter.com/hashtag/flood?src=hash".to_owned(),
        kind: "text/html",
        items,
    };
    let post = |(n, items): (usize, _)| Capture {
        at: known(n),
        original: format!("https://twitter.com/amina_gate/status/{}", id(<[Item]>::first(items).unwrap())),
        kind: "application/json",
        items,
    };
    let posts = items.chunks(1).enumerate().map(post);
    let mut all: Vec<Capture<'_>> = posts.chain(items.chunks(SHOWN).enumerate().map(page)).collect();
    all.sort_by_key(|capture| (capture.original.clone(), capture.at));
    all
}

fn tweet(item: &Item) -> String {
    format!(
        "<li><div class=\"tweet js-stream-tweet\" data-tweet-id=\"{0}\" data-permalink-path=\"/amina_gate/status/{0}\" \
         data-screen-name=\"amina_gate\" data-name=\"Amina Applegarth\" data-user-id=\"1701\"><small class=\"time\">\
         <span class=\"_timestamp\" data-time-ms=\"{1}\">Jul 26</span></small><p class=\"js-tweet-text tweet-text\" lang=\"en\">\
         {2}</p></div></li>",
        id(item),
        item.at.timestamp_millis(),
        item.text().replace("#flood", "<a href=\"/hashtag/flood?src=hash\"><s>#</s><b>flood</b></a>")
    )
}

fn page(items: &[Item]) -> Answer {
    let tweets: String = items.iter().rev().map(tweet).collect();
    let body = format!("<!DOCTYPE html><html><body><ol class=\"stream-items\">{tweets}</ol></body></html>");
    Answer::new(200, &[HTML, ("memento-datetime", "Sun, 26 Jul 2026 09:00:00 GMT")], body)
}

fn object(item: &Item) -> Answer {
    let body = json!({
        "data": { "id": id(item), "text": item.text(), "author_id": "1701", "created_at": item.at.to_rfc3339(),
                  "entities": { "hashtags": [{ "start": 18, "end": 24, "tag": "flood" }] } },
        "includes": { "users": [{ "id": "1701", "name": "Amina Applegarth", "username": "amina_gate" }] },
    });
    Answer::new(200, &[JSON, ("memento-datetime", "Sun, 26 Jul 2026 09:00:00 GMT")], body.to_string())
}

impl Wayback {
    fn index(request: &Received, items: &[Item], empty_last: bool) -> Answer {
        let start = param(request, "url").unwrap();
        if start == "example.com" {
            return Answer::new(
                200,
                &[JSON],
                "[[\"urlkey\",\"timestamp\",\"original\",\"mimetype\",\"statuscode\",\"digest\",\"length\"]]\n",
            );
        }
        assert_eq!(param(request, "matchType").as_deref(), Some("prefix"));
        assert_eq!(param(request, "fl").as_deref(), Some("urlkey,timestamp,original,mimetype,statuscode,digest"));
        let (from, to) = (param(request, "from").unwrap_or_default(), param(request, "to").unwrap_or("9".to_owned()));
        let all = captures(items);
        let fits = |capture: &&Capture<'_>| {
            let time = capture.time();
            capture.original.split_once("://").unwrap().1.starts_with(&start) && time >= from && time <= to
        };
        let found: Vec<&Capture<'_>> = all.iter().filter(fits).collect();
        let limit: usize = param(request, "limit").unwrap().parse().unwrap();
        let after: usize = param(request, "resumeKey")
            .map_or(0, |key| key.strip_prefix("com%2Ctwitter%29%2F+").unwrap().parse().unwrap());
        let row = |capture: &&Capture<'_>| {
            let key = capture.original.replace("https://twitter.com", "com,twitter)");
            json!([key, capture.time(), capture.original, capture.kind, "200", capture.digest()])
        };
        let rows: Vec<Value> = found.iter().skip(after).take(limit).map(row).collect();
        if rows.is_empty() {
            return Answer::new(200, &[JSON], "[]\n");
        }
        let end = after + rows.len();
        let mut lines = vec![json!(["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest"])];
        lines.extend(rows);
        if end < found.len() || empty_last {
            lines.extend([json!([]), json!([format!("com%2Ctwitter%29%2F+{end}")])]);
        }
        Answer::new(200, &[JSON], Value::from(lines).to_string())
    }
}

impl World for Wayback {
    fn platform(&self) -> &'static str {
        "wayback"
    }

    fn source(&self, _: &str) -> String {
        "wayback".to_owned()
    }

    fn answer(&self, request: &Received, items: &[Item], empty_last: bool) -> Answer {
        if request.path.starts_with("/cdx/search/cdx?") {
            return Wayback::index(request, items, empty_last);
        }
        let (time, original) = request.path.strip_prefix("/web/").unwrap().split_once("id_/").unwrap();
        let all = captures(items);
        let mut kept: Vec<&Capture<'_>> = all.iter().filter(|capture| capture.original == original).collect();
        // The nearest in time is shown, at its own address.
        kept.sort_by_key(|capture| {
            capture.time().parse::<i64>().unwrap().abs_diff(format!("{time:0<14}").parse().unwrap())
        });
        match kept.first() {
            None => Answer::new(
                404,
                &[HTML],
                "<html><body><p>The Wayback Machine has not archived that URL.</p></body></html>",
            ),
            Some(capture) if capture.time() != time => {
                let location = format!("/web/{}id_/{original}", capture.time());
                Answer::new(302, &[HTML, ("location", location.as_str())], "")
            }
            Some(capture) if capture.kind == "text/html" => page(capture.items),
            Some(capture) => object(&capture.items[0]),
        }
    }

    /// Two of the index, and each page of captures that holds a new post.
    fn least(&self, new: usize) -> usize {
        2 + new.div_ceil(SHOWN)
    }

    fn address(&self, _: &str, item: &Item) -> Option<String> {
        Some(format!("https://web.archive.org/web/2026/https://twitter.com/amina_gate/status/{}", id(item)))
    }
}

#[test]
fn the_posts_of_an_account_are_read_one_capture_each() {
    let stage = Stage::with_job(Box::new(Wayback), 30, |_, _| {
        "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"wayback:@amina_gate\"]\n".to_owned()
    });
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 32, "{requests}: {}{}", ran.out, ran.err);
    stage.holds_all("all of an account");
    stage.post(Item::new(31));
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 3, "{requests}: {}{}", ran.out, ran.err);
    stage.holds_all("one more");
}

#[test]
fn what_the_archive_does_not_show_is_passed_over() {
    let stage = Stage::new(Box::new(Wayback), 60);
    let kept = ("memento-datetime", "Sun, 26 Jul 2026 09:00:00 GMT");
    let frame = Answer::new(
        200,
        &[HTML, kept],
        "<!DOCTYPE html><html><body><div id=\"react-root\">JavaScript is not available.</div></body></html>",
    );
    let excluded =
        Answer::new(403, &[HTML], "<html><body>This URL has been excluded from the Wayback Machine.</body></html>");
    let (frame, excluded) = (Fault::Answer(frame), Fault::Answer(excluded));
    // What is refused is asked for once more, behind the rest: the last page of captures, and the other index.
    stage.faults([Fault::Pass, frame, excluded.clone(), Fault::Pass, Fault::Pass, excluded]);
    let (ran, _) = stage.pull();
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("shows no post") && ran.out.contains("status 403"), "{}", ran.out);
    assert_eq!(stage.desk.posts().len(), 20);
}
