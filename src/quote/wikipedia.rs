//! A citation template of the English Wikipedia: the platform's own where there is one whose documentation could be read
//! (`Cite tweet`, `Cite Instagram`: en.wikipedia.org/wiki/Template:Cite_tweet/doc, …Cite_Instagram/doc), else `Cite web`, and `Citation` for
//! what has no address.
//!
//! `Cite tweet` compares the date with the one in the id and complains if they are more than a day apart, and wants it in
//! UTC: dates of templates of a platform's own are days of UTC. Double marks in a title become single ones, as that page asks.

use super::said::{Said, one_line, said};
use super::{Quotable, Setting, author, date, link, venue};
use crate::zone::Zone;

/// One template on one line.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let own = quotable.venue.as_ref().and_then(|venue| venue.template.as_ref());
    let mut fields: Vec<(&str, String)> = Vec::new();
    let title = match said(post) {
        Said::Words(words) => one_line(words).replace(['"', '“', '”'], "'"),
        Said::Nothing(instead) => instead,
    };
    let zone = if own.is_some() { Zone::UTC } else { setting.zone };
    let day = date::day(post, &Setting { zone, ..*setting }).map(date::british);
    let template = match own {
        Some((template, parameters)) => {
            fields.extend(author::name(post).map(|name| ("author", name)));
            fields.extend(parameters.iter().cloned());
            fields.push(("title", title));
            *template
        }
        None => {
            fields.extend(author::credited(post).map(|author| ("author", author)));
            fields.push(("title", title));
            fields.extend(link(post).map(|url| ("url", one_line(url))));
            fields.extend(venue::site(quotable).map(|site| ("website", site)));
            // `Cite web` without an address is an error.
            if link(post).is_some() { "Cite web" } else { "Citation" }
        }
    };
    fields.extend(day.map(|day| ("date", day)));
    let lang = post.lang.as_deref().filter(|lang| !lang.contains(',') && !lang.to_ascii_lowercase().starts_with("en"));
    fields.extend(lang.map(|lang| ("language", lang.to_owned())));
    if own.is_some() || link(post).is_some() {
        fields.push(("access-date", date::british(date::day_of(setting.accessed, setting))));
    }
    let fields: String = fields.iter().map(|(name, value)| format!(" |{name}={}", escaped(name, value))).collect();
    format!("{{{{{template}{fields}}}}}")
}

/// What wiki text would read as markup, as character references, so that it is shown as it was written. An address in a title
/// would become a link, which the templates refuse.
fn escaped(field: &str, value: &str) -> String {
    let value = value.trim();
    let mut out = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        let rest = value.get(at..).unwrap_or_default();
        let before = value.get(..at).unwrap_or_default().chars().next_back();
        let twice = |c: char| before == Some(c) || rest.chars().nth(1) == Some(c);
        let in_url = field == "url";
        match c {
            '|' | '[' | ']' | '{' | '}' | '<' | '>' => {
                if in_url {
                    out.push_str(&format!("%{:02X}", c as u32));
                } else {
                    out.push_str(&format!("&#{};", c as u32));
                }
            }
            '&' if !in_url => out.push_str("&amp;"),
            '\'' | '~' | '_' if twice(c) && !in_url => out.push_str(&format!("&#{};", c as u32)),
            '#' | '*' | ':' | ';' if at == 0 => out.push_str(&format!("&#{};", c as u32)),
            ':' if rest.starts_with("://") && !in_url => out.push_str("&#58;"),
            c => out.push(c),
        }
    }
    out
}
