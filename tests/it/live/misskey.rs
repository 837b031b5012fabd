//! A server of Misskey: notes of a tag by POST, `untilId` downwards, `sinceId` upwards in the other order.

use serde_json::{Value, json};

use super::stage::Stage;
use super::{Item, World};
use crate::support::{Answer, Received};

pub struct Misskey;

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

/// Ids are made of the time, as Misskey's are.
fn id(item: &Item) -> String {
    format!("{:012x}00", item.at.timestamp_millis())
}

fn note(item: &Item) -> Value {
    json!({
        "id": id(item), "createdAt": item.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true), "text": item.text(), "cw": null,
        "userId": "9c0user01", "visibility": "public", "tags": ["flood"], "files": [], "replyId": null, "renoteId": null,
        "user": { "id": "9c0user01", "name": "Ines Albrecht", "username": "ines_a", "host": null },
    })
}

impl World for Misskey {
    fn platform(&self) -> &'static str {
        "misskey"
    }

    fn source(&self, server: &str) -> String {
        format!("misskey:{server} as notes")
    }

    fn config(&self) -> String {
        "[credential.notes]\ntoken_env = \"WORLD_MISSKEY\"\n".to_owned()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("WORLD_MISSKEY", "planted-Misskey-token-1414213")]
    }

    fn answer(&self, request: &Received, items: &[Item], _: bool) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        if request.path == "/api/notes/show" {
            let found = items.iter().find(|item| body["noteId"] == id(item));
            let note = found.map_or_else(|| json!({}), note);
            return Answer::new(200, &[JSON], note.to_string());
        }
        if request.path == "/api/notes/children" {
            // The eighth has an answer, which has one of its own.
            let below = |n: u64, of: &Value, replies: u64| {
                let mut note = note(&Item::new(n));
                note["text"] = json!(format!("Answer {n}"));
                (note["replyId"], note["repliesCount"]) = (of.clone(), json!(replies));
                note
            };
            let first = id(&Item::new(9001));
            let notes = match body["noteId"].as_str() {
                Some(above) if above == id(&Item::new(8)) => vec![below(9001, &body["noteId"], 1)],
                Some(above) if above == first => vec![below(9002, &body["noteId"], 0)],
                _ => Vec::new(),
            };
            return Answer::new(200, &[JSON], Value::from(notes).to_string());
        }
        if request.path != "/api/notes/search-by-tag" {
            return Answer::new(200, &[JSON], if request.path == "/api/meta" { "{}" } else { "[]" });
        }
        let (since, until) = (body["sinceId"].as_str(), body["untilId"].as_str());
        let mut items: Vec<&Item> = items.iter().collect();
        items.retain(|item| since.is_none_or(|since| id(item).as_str() > since));
        items.retain(|item| until.is_none_or(|until| id(item).as_str() < until));
        items.sort_by_key(|item| id(item));
        if since.is_none() {
            items.reverse();
        }
        let limit = usize::try_from(body["limit"].as_u64().unwrap()).unwrap().min(100);
        let notes: Vec<Value> = items.into_iter().take(limit).map(note).collect();
        Answer::new(200, &[JSON], Value::from(notes).to_string())
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(100).max(1)
    }

    fn expired(&self) -> Option<Answer> {
        let body = json!({ "error": { "message": "Authentication failed.", "code": "AUTHENTICATION_FAILED", "kind": "client" } });
        Some(Answer::new(401, &[JSON], body.to_string()))
    }

    fn address(&self, base: &str, item: &Item) -> Option<String> {
        Some(format!("{base}/notes/{}", id(item)))
    }
}

#[test]
fn a_note_of_the_server_asked_is_one_with_what_others_show_of_it() {
    let stage = Stage::new(Box::new(Misskey), 3);
    let (ran, _) = stage.pull();
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let host = stage.base().replace("http://", "");
    let uri = format!("https://{host}/notes/{}", id(&Item::new(2)));
    let status = json!([{
        "id": "112", "uri": uri, "url": uri, "created_at": "2026-07-26T08:02:00.000Z", "content": "<p>Reaction 2 stands #flood</p>",
        "visibility": "public", "account": { "id": "5", "username": "ines_a", "acct": format!("ines_a@{host}"), "display_name": "Ines" },
        "tags": [{ "name": "flood" }], "media_attachments": [], "spoiler_text": "",
    }]);
    let file = stage.desk.file("elsewhere.json", status.to_string().as_bytes());
    stage.desk.run(&["import", file.to_str().unwrap()]).ok();
    let posts = stage.desk.posts();
    assert_eq!(posts.len(), 3, "{posts:?}");
    assert!(posts.iter().all(|post| post["platform"] == "mastodon"), "{posts:?}");
}

#[test]
fn pulls_in_which_nothing_came_look_back_as_far_as_ever() {
    let stage = Stage::new(Box::new(Misskey), 30);
    for pull in 0..12 {
        let (ran, requests) = stage.pull();
        // The first walks back until nothing comes.
        let wanted = if pull == 0 { 2 } else { 1 };
        assert!(ran.code == 0 && requests == wanted, "{requests}: {}{}", ran.out, ran.err);
    }
    stage.post(Item::late(32, 7));
    stage.pull().0.ok();
    stage.holds_all("late");
}

#[test]
fn answers_to_answers_are_pulled() {
    let stage = Stage::new(Box::new(Misskey), 30);
    let address = Misskey.address(&stage.base(), &Item::new(8)).unwrap();
    let (ran, requests) = stage.run(&["pull", &address, "--thread", "--json"], &[]);
    assert!(ran.code == 0 && requests == 4, "{requests}: {}{}", ran.out, ran.err);
    let posts = stage.desk.posts();
    for words in ["Answer 9001", "Answer 9002"] {
        assert!(posts.iter().any(|post| post["text"] == words), "{words}: {posts:?}");
    }
}
