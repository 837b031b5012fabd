//! The house line of British papers: `“text” — Name (@handle), 26 July 2021`. A house quote form (facts.md); the marks inside
//! the text stay as their author made them.

use super::{Quotable, Setting, attribution, date, marked};

/// Line breaks stay as the author made them.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let mut line = format!("{} — {}", marked(post), attribution(post));
    if let Some(day) = date::day(post, setting) {
        line.push_str(", ");
        line.push_str(&date::british(day));
    }
    line
}
