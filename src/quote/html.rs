//! A `blockquote` that needs no script: readable where it stands, with the address of the post, the machine-readable
//! time and the digest of the capture that proves it (html.spec.whatwg.org, §§4.4.4 and 4.5.14 for `cite` and `time`), and behind it
//! the same as data, a schema.org `SocialMediaPosting`, the vocabulary that X itself used in its pages of 2022.

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use super::said::{Said, said};
use super::{Quotable, Setting, attribution, author, date, link, one_language};
use crate::markup;
use crate::model::Precision;

/// The quotation, and a block of data that no browser runs.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    format!("{}\n{}", blockquote(quotable, setting), data(quotable))
}

/// Text is escaped, line breaks become `<br>`; only `http` and `https` addresses become links. What its author put behind a
/// content warning stands behind it here.
pub(super) fn blockquote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let url = link(post);
    let mut html = String::from("<blockquote");
    if let Some(url) = url {
        html.push_str(&format!(" cite=\"{}\"", escaped(url)));
    }
    html.push_str(&format!(" data-pullquote-capture=\"{}\">", escaped(&quotable.capture.digest)));
    let lang = one_language(post).map(|lang| format!(" lang=\"{}\"", escaped(lang))).unwrap_or_default();
    let paragraph = match said(post) {
        Said::Words(words) => format!("<p{lang} dir=\"auto\">{}</p>", lines(words)),
        Said::Nothing(instead) => format!("<p>{}</p>", escaped(&instead)),
    };
    match &post.content_warning {
        Some(warning) => html.push_str(&format!(
            "<details><summary>Content warning: <span{lang} dir=\"auto\">{}</span></summary>{paragraph}</details>",
            escaped(warning)
        )),
        None => html.push_str(&paragraph),
    }
    html.push_str(&format!("<footer>— <cite><bdi>{}</bdi></cite>", escaped(&attribution(post))));
    if let (Some(day), Some(when)) = (date::day(post, setting), post.created) {
        let machine = match when.precision() {
            Precision::Day => when.to_rfc3339(),
            Precision::Minute | Precision::Second => when.at().to_rfc3339_opts(SecondsFormat::Secs, true),
        };
        let time = format!("<time datetime=\"{machine}\">{}</time>", date::american(day));
        match url {
            Some(url) => html.push_str(&format!(" <a href=\"{}\">{time}</a>", escaped(url))),
            None => html.push_str(&format!(" {time}")),
        }
    } else if let Some(url) = url {
        html.push_str(&format!(" <a href=\"{0}\">{0}</a>", escaped(url)));
    }
    html.push_str("</footer></blockquote>");
    html
}

/// The post as JSON-LD. No `<` stands in it, so that nothing a stranger wrote can end the element.
fn data(quotable: &Quotable) -> String {
    let post = &quotable.post;
    let mut posting = Map::new();
    posting.insert("@context".into(), "https://schema.org".into());
    posting.insert("@type".into(), "SocialMediaPosting".into());
    if let Some(url) = link(post) {
        posting.insert("url".into(), url.into());
    }
    if let Said::Words(words) = said(post) {
        posting.insert("articleBody".into(), words.into());
    }
    if let Some(when) = post.created {
        posting.insert("datePublished".into(), when.to_rfc3339().into());
    }
    if let Some(lang) = one_language(post) {
        posting.insert("inLanguage".into(), lang.into());
    }
    let named = [("name", author::name(post)), ("alternateName", author::handle(post))];
    let named: Map<String, Value> =
        named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?)))).collect();
    if !named.is_empty() {
        let mut author = json!({ "@type": "Person" });
        if let Value::Object(author) = &mut author {
            author.extend(named);
            if let Some(profile) = post.author.url.as_deref().filter(|url| super::is_web(url)) {
                author.insert("url".into(), profile.into());
            }
        }
        posting.insert("author".into(), author);
    }
    let json = Value::Object(posting).to_string();
    let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let json = json.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    format!("<script type=\"application/ld+json\">{json}</script>")
}

/// The text with its line breaks shown.
fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    escaped(&text).replace('\n', "<br>\n")
}

/// The text as text. Control characters, which no document may hold, are left out.
fn escaped(text: &str) -> String {
    markup::escaped(&text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), ""))
}
