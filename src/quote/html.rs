//! A `blockquote` that needs no script: readable where it stands, with the address of the post, the machine-readable
//! time and the digest of the capture that proves it.

use chrono::SecondsFormat;

use super::{Quotable, attribution, day, link};
use crate::model::Precision;

/// Text is escaped, line breaks become `<br>`; only `http` and `https` addresses become links.
pub(super) fn quote(quotable: &Quotable) -> String {
    let post = &quotable.post;
    let url = link(post);
    let mut html = String::from("<blockquote");
    if let Some(url) = url {
        html.push_str(&format!(" cite=\"{}\"", escaped(url)));
    }
    html.push_str(&format!(" data-pullquote-capture=\"{}\">", escaped(&quotable.capture.digest)));
    html.push_str("<p");
    if let Some(lang) = post.lang.as_deref().filter(|lang| !lang.contains(',')) {
        html.push_str(&format!(" lang=\"{}\"", escaped(lang)));
    }
    html.push_str(&format!(" dir=\"auto\">{}</p>", escaped(&post.text).replace('\n', "<br>\n")));
    html.push_str(&format!("<footer>— <cite><bdi>{}</bdi></cite>", escaped(&attribution(post))));
    if let (Some(day), Some(when)) = (day(post), post.created) {
        let machine = match when.precision() {
            Precision::Day => when.to_rfc3339(),
            Precision::Minute | Precision::Second => when.at().to_rfc3339_opts(SecondsFormat::Secs, true),
        };
        let time = format!("<time datetime=\"{machine}\">{day}</time>");
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

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
