//! A BibLaTeX entry: `@online`, as Zotero exports a forum post (zotero/translators, BibLaTeX.js; the biblatex manual, §2.1.1 for
//! `@online` and §2.2 for the fields).

use super::said::{Said, one_line, said};
use super::{Quotable, Setting, author, date, evidence, latex, link, venue};

/// Author and title stand in double braces, so that neither is taken apart nor changed in case.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let verbatim = |text: &str| format!("{{{{{}}}}}", latex::escaped(text));
    let plain = |text: &str| format!("{{{}}}", latex::escaped(text));
    let mut fields = Vec::new();
    fields.extend(author::credited(post).map(|author| ("author", verbatim(&author))));
    fields.push((
        "title",
        match said(post) {
            Said::Words(words) => verbatim(&one_line(words)),
            Said::Nothing(instead) => verbatim(&instead),
        },
    ));
    fields.push(("note", plain(venue::word(quotable))));
    fields.extend(venue::site(quotable).map(|site| ("organization", plain(&site))));
    fields.extend(date::day(post, setting).map(|day| ("date", format!("{{{}}}", day.format("%Y-%m-%d")))));
    if let Some(url) = link(post) {
        fields.push(("url", format!("{{{}}}", latex::address(url))));
        fields.push(("urldate", format!("{{{}}}", date::day_of(setting.accessed, setting).format("%Y-%m-%d"))));
    }
    if setting.evidence {
        fields.push(("annotation", plain(&evidence::of(quotable, setting))));
    }
    // The manual wants an address in an `@online`.
    latex::entry(if link(post).is_some() { "online" } else { "misc" }, &quotable.key, &fields)
}
