//! A BibTeX entry: `@misc` with the address in `howpublished`, since the standard styles know no `url` (BibTeXing, §3.1; Zotero's
//! BibTeX.js does the like).

use chrono::Datelike;

use super::said::{Said, one_line, said};
use super::{Quotable, Setting, author, date, evidence, latex, link, venue};

/// The styles' own abbreviations of months, which stand without braces.
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Author and title stand in double braces, so that neither is taken apart nor changed in case.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let verbatim = |text: &str| format!("{{{{{}}}}}", latex::escaped(text));
    let mut fields = Vec::new();
    fields.extend(author::credited(post).map(|author| ("author", verbatim(&author))));
    fields.push((
        "title",
        match said(post) {
            Said::Words(words) => verbatim(&one_line(words)),
            Said::Nothing(instead) => verbatim(&instead),
        },
    ));
    fields.extend(link(post).map(|url| ("howpublished", format!("{{\\url{{{}}}}}", latex::address(url)))));
    let day = date::day(post, setting);
    if let Some(day) = day {
        fields.push(("year", format!("{{{}}}", day.year())));
        fields.extend(
            MONTHS.get(day.month0() as usize).map(|month| ("month", format!("{} # \"~{}\"", month, day.day()))),
        );
    }
    let mut note = format!("[{}]", venue::word(quotable));
    if let Some(site) = venue::site(quotable) {
        note.push_str(&format!(" {}", latex::escaped(&site)));
    }
    note.push_str(&format!(". Accessed {}", date::day_of(setting.accessed, setting).format("%Y-%m-%d")));
    fields.push(("note", format!("{{{note}}}")));
    if setting.evidence {
        fields.push(("annote", format!("{{{}}}", latex::escaped(&evidence::of(quotable, setting)))));
    }
    latex::entry("misc", &quotable.key, &fields)
}
