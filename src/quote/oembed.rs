//! An oEmbed answer of type `rich` (oembed.com, §2.3.4), with the members that X and Bluesky send: `author_name`, `author_url`,
//! `provider_name`, `provider_url`, `cache_age`, `html`, `width`, and a `height` of null, since nobody knows it.

use serde_json::{Map, Value};
use url::Url;

use super::{Quotable, Setting, author, evidence, html, link, venue};

/// The width for which X's own answers are made.
const WIDTH: u32 = 550;

/// How long an answer may be kept, in seconds: a day, as everybody's.
const CACHE_AGE: u32 = 86_400;

/// One object on one line. The markup needs no script and holds none.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let url = link(post);
    let mut answer = Map::new();
    answer.insert("type".into(), "rich".into());
    answer.insert("version".into(), "1.0".into());
    if let Some(url) = url {
        answer.insert("url".into(), url.into());
    }
    if let Some(name) = author::name(post).or_else(|| author::handle(post)) {
        answer.insert("author_name".into(), name.into());
    }
    if let Some(profile) = post.author.url.as_deref().filter(|url| super::is_web(url)) {
        answer.insert("author_url".into(), profile.into());
    }
    if let Some(site) = venue::site(quotable) {
        answer.insert("provider_name".into(), site.into());
    }
    if let Some(origin) = url.and_then(|url| Url::parse(url).ok()).map(|url| url.origin().ascii_serialization()) {
        answer.insert("provider_url".into(), origin.into());
    }
    answer.insert("cache_age".into(), CACHE_AGE.into());
    answer.insert("html".into(), html::blockquote(quotable, setting).into());
    answer.insert("width".into(), WIDTH.into());
    answer.insert("height".into(), Value::Null);
    if setting.evidence {
        answer.insert("pullquote_evidence".into(), evidence::of(quotable, setting).into());
    }
    Value::Object(answer).to_string()
}
