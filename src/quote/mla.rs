//! MLA 9: `Name [@handle]. “Whole text.” Twitter, 26 July 2021, 9:15 a.m., URL.` (libanswers.snhu.edu/faq/210484,
//! citeme.app/guides/mla/twitter, adjustingstudio.com/guides/how-to-cite-a-tweet-in-mla, which follow the MLA Handbook, 9th edition; the
//! handbook's own pages could not be read. They differ on whether the handle or the name comes first and on the time: this is the name,
//! and the time where it is known.)
//!
//! The whole text stands between double marks, so that its own become single ones, unless it has both kinds. The
//! site is set in italics in print.

use super::said::{Said, inside_quotes, is_ended, one_line, said};
use super::{Quotable, Setting, author, date, link, venue};

/// The entry of the works cited.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let mut entry = author::credited(post).map(|author| format!("{author}. ")).unwrap_or_default();
    entry.push_str(&match said(post) {
        Said::Words(words) => {
            let words = one_line(words);
            let words = inside_quotes(&words);
            let stop = if is_ended(&words) { "" } else { "." };
            format!("“{words}{stop}”")
        }
        Said::Nothing(instead) => format!("{instead}."),
    });
    let dated = date::day(post, setting).map(date::abbreviated);
    let accessed = dated.is_none().then(|| date::abbreviated(date::day_of(setting.accessed, setting)));
    let parts = [venue::site(quotable), dated, date::clock(post, setting), link(post).map(one_line)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        entry.push_str(&format!(" {}.", parts.join(", ").trim_end_matches('.')));
    }
    // Where no date of publication is known, the style has the reader told when it was read.
    if let Some(accessed) = accessed {
        entry.push_str(&format!(" Accessed {accessed}."));
    }
    entry
}
