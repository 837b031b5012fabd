//! X's API v2: pages of up to 500 posts by a token, bounds of time to the second, counts of a month, what it cannot give
//! beside what it can; and the oEmbed answer for who has no account.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::stage::{Fault, Stage};
use super::{Item, World, param};
use crate::support::{Answer, Received};

pub struct X;

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

/// The id that X gives out at that time.
fn id(item: &Item) -> String {
    (((item.at.timestamp_millis() - 1_288_834_974_657) << 22) + i64::try_from(item.n).unwrap()).to_string()
}

fn tweet(item: &Item) -> Value {
    let text = item.text();
    let start = text.find('#').unwrap();
    json!({
        "id": id(item), "text": text, "author_id": "1701", "conversation_id": id(item), "lang": "en",
        "created_at": item.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true), "edit_history_tweet_ids": [id(item)],
        "edit_controls": { "edits_remaining": 5, "is_edit_eligible": true },
        "entities": { "hashtags": [{ "start": start, "end": text.len(), "tag": "flood" }] }, "possibly_sensitive": false,
        "public_metrics": { "retweet_count": 0, "reply_count": 0, "like_count": 1, "quote_count": 0, "bookmark_count": 0, "impression_count": 9 },
    })
}

fn users() -> Value {
    json!({ "users": [{ "id": "1701", "name": "Amina Applegarth", "username": "amina_gate", "verified": false, "protected": false }] })
}

fn invalid(name: &str, why: &str) -> Answer {
    let body = json!({
        "errors": [{ "parameters": { name: ["x"] }, "message": format!("Invalid '{name}':'x'. {why}") }], "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.", "type": "https://api.twitter.com/2/problems/invalid-request",
    });
    Answer::new(400, &[JSON], body.to_string())
}

fn problem(status: u16, title: &str, detail: &str) -> Answer {
    let body = json!({ "title": title, "type": "about:blank", "status": status, "detail": detail });
    Answer::new(status, &[("content-type", "application/problem+json")], body.to_string())
}

impl X {
    fn search(request: &Received, items: &[Item], empty_last: bool) -> Answer {
        let query = param(request, "query").unwrap();
        let asks = |words: &str| query.split_whitespace().any(|word| word == words);
        let conversation = query.strip_prefix("conversation_id:").map(str::to_owned);
        assert!(asks("#flood") || conversation.is_some(), "{query}");
        let time = |name| param(request, name).map(|time| time.parse::<DateTime<Utc>>().unwrap());
        let (since, until) = (time("start_time"), time("end_time"));
        if until.is_some_and(|until| until > Utc::now() - TimeDelta::seconds(10)) {
            return invalid("end_time", "'end_time' must be a minimum of 10 seconds prior to the request time.");
        }
        let is_recent = request.path.starts_with("/2/tweets/search/recent");
        let edge = Utc::now() - TimeDelta::days(if is_recent { 7 } else { 30 });
        if is_recent && since.is_some_and(|since| since < edge) {
            return invalid(
                "start_time",
                &format!("'start_time' must be on or after {}.", edge.format("%Y-%m-%dT%H:%MZ")),
            );
        }
        let since = since.unwrap_or(edge);
        let mut found: Vec<&Item> = items.iter().filter(|item| item.at >= since).collect();
        found.retain(|item| until.is_none_or(|until| item.at < until));
        found.retain(|item| conversation.as_ref().is_none_or(|conversation| id(item) == *conversation));
        found.sort_by_key(|item| std::cmp::Reverse(item.at));
        let most = if is_recent { 100 } else { 500 };
        let size: usize = param(request, "max_results").map_or(10, |size| size.parse().unwrap());
        if !(10..=most).contains(&size) {
            return invalid("max_results", "The `max_results` query parameter value is not between 10 and the most.");
        }
        let start: usize =
            param(request, "next_token").map_or(0, |token| token.strip_prefix("b26v89c").unwrap().parse().unwrap());
        let page: Vec<&&Item> = found.iter().skip(start).take(size).collect();
        let mut body = json!({ "meta": { "result_count": page.len() } });
        if !page.is_empty() {
            body["data"] = page.iter().map(|item| tweet(item)).collect();
            body["includes"] = users();
            body["meta"]["newest_id"] = id(page[0]).into();
            body["meta"]["oldest_id"] = id(page[page.len() - 1]).into();
        }
        if found.len() > start + page.len() || (empty_last && !page.is_empty()) {
            body["meta"]["next_token"] = format!("b26v89c{}", start + page.len()).into();
        }
        Answer::new(200, &[JSON], body.to_string())
    }

    /// Days back from now, 31 an answer.
    fn counts(request: &Received, items: &[Item]) -> Answer {
        assert_eq!(param(request, "granularity").as_deref(), Some("day"));
        let back: i64 = param(request, "next_token").map_or(0, |token| token.parse().unwrap());
        let since: DateTime<Utc> = param(request, "start_time").unwrap().parse().unwrap();
        let end = Utc::now() - TimeDelta::days(31 * back);
        let begin = (end - TimeDelta::days(31)).max(since);
        let within: Vec<&Item> = items.iter().filter(|item| item.at >= begin && item.at < end).collect();
        let day = json!({ "start": begin.to_rfc3339(), "end": end.to_rfc3339(), "tweet_count": within.len() });
        let mut body = json!({ "data": [day], "meta": { "total_tweet_count": within.len() } });
        if begin > since {
            body["meta"]["next_token"] = (back + 1).to_string().into();
        }
        Answer::new(200, &[JSON], body.to_string())
    }
}

impl World for X {
    fn platform(&self) -> &'static str {
        "x"
    }

    fn source(&self, _: &str) -> String {
        "x".to_owned()
    }

    fn config(&self) -> String {
        "[credential.x]\ntoken_env = \"WORLD_TOKEN\"\n".to_owned()
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("WORLD_TOKEN", "planted-bearer-AAAAAAAA3141")]
    }

    fn answer(&self, request: &Received, items: &[Item], empty_last: bool) -> Answer {
        let path = request.path.split('?').next().unwrap();
        if path == "/oembed" {
            let address = param(request, "url").unwrap();
            let item = items.iter().find(|item| address.ends_with(&id(item))).unwrap();
            let html = format!(
                "<blockquote class=\"twitter-tweet\"><p lang=\"en\" dir=\"ltr\">{}</p>&mdash; Amina Applegarth (@amina_gate) \
                 <a href=\"https://twitter.com/amina_gate/status/{}?ref_src=twsrc%5Etfw\">{}</a></blockquote>\n",
                item.text(),
                id(item),
                item.at.format("%B %-d, %Y")
            );
            let body = json!({
                "url": format!("https://twitter.com/amina_gate/status/{}", id(item)), "author_name": "Amina Applegarth",
                "author_url": "https://twitter.com/amina_gate", "html": html, "width": 550, "height": null, "type": "rich",
                "cache_age": "3153600000", "provider_name": "Twitter", "provider_url": "https://twitter.com", "version": "1.0",
            });
            return Answer::new(200, &[JSON], body.to_string());
        }
        let bearer = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if bearer.is_none_or(|(_, value)| !value.starts_with("Bearer planted-")) {
            return problem(401, "Unauthorized", "Unauthorized");
        }
        match path {
            "/2/usage/tweets" => {
                let body = json!({ "data": { "cap_reset_day": 10, "project_cap": "2000000", "project_id": "1", "project_usage": "43" } });
                Answer::new(200, &[JSON], body.to_string())
            }
            "/2/tweets" => {
                let ids = param(request, "ids").unwrap();
                let found: Vec<Value> =
                    items.iter().filter(|item| ids.split(',').any(|one| one == id(item))).map(tweet).collect();
                if found.is_empty() {
                    let body = json!({ "errors": [{
                        "value": ids, "detail": format!("Could not find tweet with ids: [{ids}]."), "title": "Not Found Error",
                        "resource_type": "tweet", "parameter": "ids", "resource_id": ids,
                        "type": "https://api.twitter.com/2/problems/resource-not-found",
                    }] });
                    return Answer::new(200, &[JSON], body.to_string());
                }
                Answer::new(200, &[JSON], json!({ "data": found, "includes": users() }).to_string())
            }
            "/2/tweets/search/all" | "/2/tweets/search/recent" => X::search(request, items, empty_last),
            "/2/tweets/counts/all" => X::counts(request, items),
            other => panic!("{other}"),
        }
    }

    fn least(&self, new: usize) -> usize {
        new.div_ceil(500).max(1)
    }

    fn expired(&self) -> Option<Answer> {
        Some(problem(401, "Unauthorized", "Unauthorized"))
    }

    fn address(&self, _: &str, item: &Item) -> Option<String> {
        Some(format!("https://mobile.twitter.com/i/web/status/{}?s=20", id(item)))
    }
}

#[test]
fn what_credits_do_not_pay_for_is_read_when_there_are_some() {
    let stage = Stage::new(Box::new(X), 700);
    let body = json!({
        "account_id": 1, "title": "CreditsDepleted", "type": "https://api.twitter.com/2/problems/credits",
        "detail": "Your enrolled account [1] does not have any credits to fulfill this request.",
    });
    stage.faults([Fault::Pass, Fault::Answer(Answer::new(402, &[JSON], body.to_string()))]);
    let (ran, _) = stage.pull();
    assert!(ran.code == 2 && ran.out.contains("does not have any credits"), "{}{}", ran.out, ran.err);
    let (ran, _) = stage.pull();
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    stage.holds_all("with credits");
}

#[test]
fn bounds_that_x_refuses_are_left_away() {
    let job = |keys: &'static str| {
        move |world: &dyn World, _: &str| {
            format!("[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"x\"]\n{keys}\n{}", world.config())
        }
    };
    let stage = Stage::with_job(Box::new(X), 30, job("until = \"2999-01-01\""));
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 2, "{requests}: {}{}", ran.out, ran.err);
    stage.holds_all("with an end in the future");
    // Nothing in this world is of the last seven days.
    let stage = Stage::with_job(Box::new(X), 30, job("recent = true\nsince = \"2026-07-01\""));
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 2, "{requests}: {}{}", ran.out, ran.err);
    assert!(ran.out.contains("out of reach of the recent search"), "{}", ran.out);
}

#[test]
fn many_tags_are_one_query_while_they_fit() {
    let tags = (0..100).map(|n| format!("{:?}", format!("flood{n}"))).collect::<Vec<_>>().join(", ");
    let stage = Stage::with_job(Box::new(X), 0, |world, _| {
        format!("[[job]]\nname = \"flood\"\ntags = [{tags}]\nsources = [\"x\"]\nwords = \"#flood\"\n{}", world.config())
    });
    let (ran, requests) = stage.pull();
    assert!(ran.code == 0 && requests == 2, "{requests}: {}{}", ran.out, ran.err);
}

#[test]
fn a_post_is_read_without_an_account_too() {
    let stage = Stage::with_job(Box::new(X), 30, |_, _| String::new());
    let address = X.address("", &Item::new(7)).unwrap();
    let (ran, requests) = stage.run(&["pull", &address], &[]);
    assert!(ran.code == 0 && requests == 1, "{requests}: {}{}", ran.out, ran.err);
    assert_eq!(stage.desk.posts()[0]["author"]["handle"], "amina_gate");
    let (ran, requests) = stage.run(&["pull", &address, "--thread"], &[]);
    assert!(ran.code == 3 && requests == 0 && ran.err.contains("credential"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_post_that_is_gone_is_said_to_be() {
    let stage = Stage::new(Box::new(X), 3);
    let (ran, _) = stage.run(&["pull", &X.address("", &Item::new(7)).unwrap()], &[]);
    assert!(ran.code == 2 && ran.out.contains("Could not find tweet"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_budget_that_pays_for_no_page_is_an_error() {
    let stage = Stage::with_job(Box::new(X), 30, |world, base| {
        let source = world.source(base);
        format!(
            "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [{source:?}]\nbudget = {{ units = 5 }}\n{}",
            world.config()
        )
    });
    let (ran, requests) = stage.pull();
    assert!(ran.code == 2 && requests == 0 && ran.out.contains("the next page may take 30"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_search_whose_place_is_forgotten_goes_on_by_time() {
    let stage = Stage::with_job(Box::new(X), 1200, |world, base| {
        let source = world.source(base);
        format!(
            "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [{source:?}]\nmax_pages = 1\n{}",
            world.config()
        )
    });
    stage.pull();
    stage.faults([Fault::Answer(invalid("next_token", "'next_token' is not valid."))]);
    for _ in 0..10 {
        let (ran, _) = stage.run(&["pull", "--yes", "--json"], &[]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        if ran.json()[0]["ended"] == "done" {
            stage.holds_all("at last");
            // What went on by time does not make the next pull begin there.
            let (ran, requests) = stage.run(&["pull", "--yes", "--json"], &[]);
            assert!(requests == 1 && ran.json()[0]["units"].as_u64().unwrap() < 20, "{}", ran.out);
            return;
        }
    }
    panic!("it comes to no end");
}
