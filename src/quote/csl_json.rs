//! CSL-JSON 1.0.2, an item of type `post` (docs.citationstyles.org: "a post on a online forum, social media platform, or similar
//! platform"; github.com/citation-style-language/schema, csl-data.json). Several items are one array.
//!
//! The author is a `literal`, since no display name can be taken apart (zotero-bits#90 lists the ways).

use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value, json};

use super::said::{Said, one_line, said};
use super::{Quotable, Setting, author, date, evidence, link, venue};

/// One item.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let mut item = Map::new();
    item.insert("id".into(), quotable.key.clone().into());
    item.insert("type".into(), "post".into());
    item.insert(
        "title".into(),
        match said(post) {
            Said::Words(words) => one_line(words).into(),
            Said::Nothing(instead) => instead.into(),
        },
    );
    if let Some(author) = author::credited(post) {
        item.insert("author".into(), json!([{ "literal": author }]));
    }
    if let Some(site) = venue::site(quotable) {
        item.insert("container-title".into(), site.into());
    }
    item.insert("genre".into(), venue::word(quotable).into());
    if let Some(day) = date::day(post, setting) {
        item.insert("issued".into(), parts(day));
    }
    item.insert("accessed".into(), parts(date::day_of(setting.accessed, setting)));
    if let Some(url) = link(post) {
        item.insert("URL".into(), one_line(url).into());
    }
    if let Some(lang) = post.lang.as_deref().filter(|lang| !lang.contains(',')) {
        item.insert("language".into(), lang.into());
    }
    if setting.evidence {
        item.insert("note".into(), evidence::of(quotable, setting).into());
    }
    Value::Object(item).to_string()
}

fn parts(day: NaiveDate) -> Value {
    json!({ "date-parts": [[day.year(), day.month(), day.day()]] })
}
