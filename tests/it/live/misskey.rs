//! A server of Misskey: notes of a tag by POST, `untilId` downwards, `sinceId` upwards in the other order.

use serde_json::{Value, json};

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
