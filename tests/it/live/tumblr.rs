//! Tumblr's API: posts of a tag by pages of 20, asked for by time; the key stands in the address.

use serde_json::{Value, json};

use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct Tumblr;

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");
const KEY: &str = "planted-tumblr-key-6180339";

fn id(item: &Item) -> u64 {
    700_000_000_000_000_000 + item.n
}

fn post(item: &Item) -> Value {
    json!({
        "object_type": "post", "type": "blocks", "blog_name": "ada-moss", "id": id(item), "id_string": id(item).to_string(),
        "blog": { "name": "ada-moss", "title": "Ada Moss", "url": "https://ada-moss.tumblr.com/", "uuid": "t:ADAx1" },
        "is_blocks_post_format": true, "post_url": format!("https://ada-moss.tumblr.com/post/{}", id(item)),
        "date": item.at.format("%Y-%m-%d %H:%M:%S GMT").to_string(), "timestamp": item.at.timestamp(), "state": "published",
        "reblog_key": "aBcDeFgH", "tags": ["flood"], "note_count": 0, "trail": [], "layout": [],
        "content": [{ "type": "text", "text": item.text() }],
    })
}

impl World for Tumblr {
    fn platform(&self) -> &'static str {
        "tumblr"
    }

    fn source(&self, _: &str) -> String {
        "tumblr".to_owned()
    }

    fn config(&self) -> String {
        "[credential.tumblr]\ntoken_env = \"WORLD_TUMBLR\"\n".to_owned()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("WORLD_TUMBLR", KEY)]
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        let meta = |status: u16, msg: &str| json!({ "status": status, "msg": msg });
        if param(request, "api_key").as_deref() != Some(KEY) {
            let body = json!({ "meta": meta(401, "Unauthorized"), "response": [], "errors": [{ "title": "Unauthorized", "code": 1016, "detail": "No key." }] });
            return Answer::new(401, &[JSON], body.to_string());
        }
        let answer = |response: Value| {
            Answer::new(200, &[JSON], json!({ "meta": meta(200, "OK"), "response": response }).to_string())
        };
        if request.path.starts_with("/v2/blog/ada-moss/posts") {
            let wanted = param(request, "id").unwrap();
            let posts: Vec<Value> = items.iter().filter(|item| id(item).to_string() == wanted).map(post).collect();
            return answer(json!({ "posts": posts, "total_posts": 1 }));
        }
        if request.path.starts_with("/v2/blog/") {
            // Notes of a conversation, in two pages.
            let is_first = param(request, "before_timestamp").is_none();
            let note = json!({
                "type": "reply", "timestamp": 1_785_000_000 - u64::from(!is_first), "blog_name": "ben-lark", "blog_uuid": "t:BENx1",
                "reply_text": if is_first { "The latest word" } else { "The first word" },
            });
            let next = json!({ "next": {
                "href": "/v2/blog/ada-moss/notes?id=700000000000000007&mode=conversation&before_timestamp=1785000000000000",
                "method": "GET",
                "query_params": { "id": "700000000000000007", "mode": "conversation", "before_timestamp": "1785000000000000" },
            } });
            let mut notes =
                json!({ "notes": [note], "rollup_notes": [], "total_notes": 2, "blog": { "name": "staff" } });
            if is_first {
                notes["_links"] = next;
            }
            return answer(notes);
        }
        assert!(request.path.starts_with("/v2/tagged"), "{}", request.path);
        let before = param(request, "before").map_or(i64::MAX, |before| before.parse().unwrap());
        let mut items: Vec<&Item> = items.iter().filter(|item| item.at.timestamp() < before).collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        answer(items.into_iter().take(20).map(post).collect())
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(20).max(1)
    }

    fn expired(&self) -> Option<Answer> {
        let body = json!({ "meta": { "status": 401, "msg": "Unauthorized" }, "response": [], "errors": [{ "title": "Unauthorized", "code": 1016, "detail": "Unable to authorize" }] });
        Some(Answer::new(401, &[JSON], body.to_string()))
    }

    fn address(&self, _: &str, item: &Item) -> Option<String> {
        Some(format!("https://www.tumblr.com/ada-moss/{}", id(item)))
    }
}

/// A tag that is seldom used: the API sends nothing of the first ten posts, which are three days older, to who asks for what is
/// before the others.
struct Seldom;

impl World for Seldom {
    fn platform(&self) -> &'static str {
        Tumblr.platform()
    }

    fn source(&self, server: &str) -> String {
        Tumblr.source(server)
    }

    fn config(&self) -> String {
        Tumblr.config()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        Tumblr.secrets()
    }

    fn answer(&self, request: &Received, items: &[Item], empty_last: bool) -> Answer {
        let three_days = chrono::TimeDelta::days(3);
        let old = |item: &Item| if item.n <= 10 { Item { at: item.at - three_days, ..*item } } else { *item };
        let recent = Item::new(11).at.timestamp();
        let before = param(request, "before").map_or(i64::MAX, |before| before.parse().unwrap());
        let reaches_back = before < recent - 12 * 3600;
        let items: Vec<Item> = items.iter().map(old).filter(|item| item.n > 10 || reaches_back).collect();
        Tumblr.answer(request, &items, empty_last)
    }

    fn least(&self, new: usize) -> usize {
        Tumblr.least(new)
    }
}

#[test]
fn what_lies_behind_an_answer_of_nothing_is_found() {
    let stage = super::stage::Stage::new(Box::new(Seldom), 60);
    let (ran, requests) = stage.pull();
    // Three pages and the last, four leaps to the ten, the last of them, and the leaps behind.
    assert!(ran.code == 0 && requests <= 18, "{requests}: {}{}", ran.out, ran.err);
    stage.holds_all("at first");
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 1, "{requests}: {}{}", ran.out, ran.err);
}

#[test]
fn an_error_that_comes_as_200_is_no_end() {
    let stage = super::stage::Stage::new(Box::new(Tumblr), 60);
    let body = json!({ "meta": { "status": 503, "msg": "Service Unavailable" }, "response": [] }).to_string();
    stage.faults([super::stage::Fault::Pass, super::stage::Fault::Answer(Answer::new(200, &[JSON], body))]);
    let (ran, _) = stage.pull();
    assert!(ran.code == 2 && ran.out.contains("Service Unavailable"), "{}{}", ran.out, ran.err);
    let (ran, _) = stage.pull();
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    stage.holds_all("when it is back");
}

#[test]
fn all_notes_of_a_conversation_are_pulled() {
    let stage = super::stage::Stage::new(Box::new(Tumblr), 30);
    let address = Tumblr.address("", &Item::new(7)).unwrap();
    let (ran, _) = stage.run(&["pull", &address, "--thread", "--json"], &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let posts = stage.desk.posts();
    for words in ["The latest word", "The first word"] {
        assert!(posts.iter().any(|post| post["text"] == words), "{words}: {posts:?}");
    }
}
