//! Reddit: a log-in of an app, a search by pages of 100 behind the name of the last submission, which ends after 1,000; comments of
//! one submission. Every hundredth submission has a comment.

use serde_json::{Value, json};

use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct Reddit;

const JSON: (&str, &str) = ("content-type", "application/json; charset=UTF-8");

/// Submissions that a search goes back.
const REACH: usize = 1000;

fn is_discussed(item: &Item) -> bool {
    item.n.is_multiple_of(100)
}

fn submission(item: &Item) -> Value {
    let number = format!("os{:04}", item.n);
    json!({ "kind": "t3", "data": {
        "id": number, "name": format!("t3_{number}"), "author": "tidegauge", "author_fullname": "t2_a1b2c", "subreddit": "harbour",
        "title": item.text(), "selftext": "So <much> &amp; more", "is_self": true, "created_utc": item.at.timestamp() as f64,
        "edited": false, "score": 4, "num_comments": u64::from(is_discussed(item)), "over_18": false,
        "permalink": format!("/r/harbour/comments/{number}/slug/"), "url": format!("https://www.reddit.com/r/harbour/comments/{number}/slug/"),
    } })
}

fn comment(item: &Item) -> Value {
    let number = format!("os{:04}", item.n);
    json!({ "kind": "t1", "data": {
        "id": format!("h6{:04}", item.n), "name": format!("t1_h6{:04}", item.n), "author": "marshwren", "subreddit": "harbour",
        "body": "So it does.", "parent_id": format!("t3_{number}"), "link_id": format!("t3_{number}"), "replies": "",
        "created_utc": item.at.timestamp() as f64 + 60.0, "edited": false, "score": 1,
        "permalink": format!("/r/harbour/comments/{number}/slug/h6{:04}/", item.n),
    } })
}

fn list(children: Vec<Value>, after: Option<String>) -> Value {
    json!({ "kind": "Listing", "data": { "after": after, "before": null, "dist": children.len(), "modhash": "", "children": children } })
}

fn answered(body: &Value) -> Answer {
    let limits = [("x-ratelimit-remaining", "95.0"), ("x-ratelimit-used", "5"), ("x-ratelimit-reset", "300")];
    Answer::new(200, &[JSON, limits[0], limits[1], limits[2]], body.to_string())
}

impl World for Reddit {
    fn platform(&self) -> &'static str {
        "reddit"
    }

    fn source(&self, _: &str) -> String {
        "reddit".to_owned()
    }

    fn config(&self) -> String {
        "[credential.reddit]\nidentifier_env = \"WORLD_REDDIT_ID\"\npassword_env = \"WORLD_REDDIT_SECRET\"\n".to_owned()
    }

    fn environment(&self) -> Vec<(&'static str, &'static str)> {
        vec![("WORLD_REDDIT_ID", "an-app-of-the-herald")]
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("WORLD_REDDIT_SECRET", "planted-app-secret-27182818"),
            ("WORLD_REDDIT_GIVEN", "planted-reddit-bearer-16180339"),
        ]
    }

    fn log_in(&self, request: &Received) -> Option<Answer> {
        if request.method != "POST" {
            return None;
        }
        assert_eq!(
            (request.path.as_str(), request.body.as_slice()),
            ("/api/v1/access_token", b"grant_type=client_credentials".as_slice())
        );
        assert!(request.header("authorization").is_some_and(|value| value.starts_with("Basic ")));
        let tokens = json!({ "access_token": "planted-reddit-bearer-16180339", "token_type": "bearer", "expires_in": 86400, "scope": "*" });
        Some(Answer::new(200, &[JSON], tokens.to_string()))
    }

    fn answer(&self, request: &Received, items: &[Item], empty_last: bool) -> Answer {
        let path = request.path.split('?').next().unwrap_or_default();
        let by_name = |name: &str| items.iter().find(|item| format!("os{:04}", item.n) == name);
        if let Some(item) = path.strip_prefix("/comments/").and_then(by_name) {
            let comments = if is_discussed(item) { vec![comment(item)] } else { Vec::new() };
            return answered(&json!([list(vec![submission(item)], None), list(comments, None)]));
        }
        if path == "/api/info" {
            let name = param(request, "id").unwrap();
            return answered(&list(by_name(&name[3..]).map(submission).into_iter().collect(), None));
        }
        if path != "/search" {
            return answered(&json!({}));
        }
        let words = param(request, "q").unwrap();
        assert!(
            words.split(' ').next() == Some("flood") && param(request, "sort").as_deref() == Some("new"),
            "{words}"
        );
        let mut items = items.to_vec();
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        items.truncate(REACH);
        let limit: usize = param(request, "limit").map_or(25, |limit| limit.parse().unwrap()).min(100);
        let after = param(request, "after");
        let name = |item: &Item| format!("t3_os{:04}", item.n);
        let start = match &after {
            Some(after) => items.iter().position(|item| name(item) == *after).map_or(items.len(), |at| at + 1),
            None => 0,
        };
        let page: Vec<&Item> = items.iter().skip(start).take(limit).collect();
        let is_last = start + page.len() >= items.len();
        let after = page.last().filter(|_| !is_last || empty_last).map(|item| name(item));
        answered(&list(page.into_iter().map(submission).collect(), after))
    }

    /// With the log-in, and what is asked below the submissions that have comments.
    fn least(&self, new: usize) -> usize {
        1 + new.div_ceil(100).max(1) + new / 100
    }

    fn expired(&self) -> Option<Answer> {
        Some(Answer::new(401, &[JSON], "{\"message\": \"Unauthorized\", \"error\": 401}"))
    }

    fn address(&self, _: &str, item: &Item) -> Option<String> {
        Some(format!("https://old.reddit.com/r/harbour/comments/os{:04}/slug/", item.n))
    }
}

/// One submission with many comments: the tree holds the first 500, a stub names the others, and the last answers the one before
/// it, too deep for the tree. A hundred names are taken at once.
struct Large;

impl World for Large {
    fn platform(&self) -> &'static str {
        "reddit"
    }

    fn source(&self, server: &str) -> String {
        Reddit.source(server)
    }

    fn config(&self) -> String {
        Reddit.config()
    }

    fn environment(&self) -> Vec<(&'static str, &'static str)> {
        Reddit.environment()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        Reddit.secrets()
    }

    fn log_in(&self, request: &Received) -> Option<Answer> {
        Reddit.log_in(request)
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        let [top, below @ .., deepest] = items else { panic!() };
        let said = |item: &Item| {
            let mut thing = comment(item);
            thing["data"]["body"] = item.text().into();
            thing["data"]["parent_id"] = "t3_os0001".into();
            thing
        };
        let number = |item: &Item| format!("h6{:04}", item.n);
        let stub = |items: &[Item]| {
            let names: Vec<String> = items.iter().map(number).collect();
            json!({ "kind": "more", "data": { "count": names.len(), "name": format!("t1_{}", names[0]), "id": names[0],
                                              "parent_id": "t3_os0001", "depth": 0, "children": names } })
        };
        match request.path.split('?').next().unwrap() {
            "/search" => {
                let mut thing = submission(top);
                thing["data"]["num_comments"] = (items.len() - 1).into();
                answered(&list(vec![thing], None))
            }
            "/comments/os0001" if param(request, "comment").is_some() => {
                let parent = &below[below.len() - 1];
                assert_eq!(param(request, "comment"), Some(number(parent)));
                let mut parent = said(parent);
                parent["data"]["replies"] = list(vec![said(deepest)], None);
                answered(&json!([list(vec![submission(top)], None), list(vec![parent], None)]))
            }
            "/comments/os0001" => {
                assert_eq!(param(request, "limit").as_deref(), Some("500"));
                let (given, left) = below.split_at(500);
                let mut comments: Vec<Value> = given.iter().map(said).collect();
                comments.push(stub(left));
                answered(&json!([list(vec![submission(top)], None), list(comments, None)]))
            }
            "/api/morechildren" => {
                assert_eq!(param(request, "link_id").as_deref(), Some("t3_os0001"));
                let names = param(request, "children").unwrap();
                let names: Vec<&str> = names.split(',').collect();
                assert!(names.len() <= 100, "{}", names.len());
                let asked: Vec<Item> =
                    below.iter().copied().filter(|item| names.contains(&number(item).as_str())).collect();
                let last = &below[below.len() - 1];
                let mut things: Vec<Value> = asked.iter().map(said).collect();
                if asked.contains(last) {
                    things.push(json!({ "kind": "more", "data": { "count": 0, "name": "t1__", "id": "_", "depth": 10,
                                        "parent_id": format!("t1_{}", number(last)), "children": [] } }));
                }
                answered(&json!({ "json": { "errors": [], "data": { "things": things } } }))
            }
            path => panic!("{path}"),
        }
    }

    fn least(&self, _: usize) -> usize {
        7
    }
}

#[test]
fn what_a_large_tree_leaves_out_is_asked_for() {
    let stage = super::stage::Stage::new(Box::new(Large), 752);
    let (ran, requests) = stage.run(&["pull", "--json"], &[]);
    // The log-in, the search, the tree, three times a hundred names, and what is too deep.
    assert!(ran.code == 0 && requests == 7, "{requests}: {}{}", ran.out, ran.err);
    stage.holds_all("a large tree");
    assert!(!ran.json()[0]["skipped"].to_string().contains("not sent"), "{}", ran.out);
}
