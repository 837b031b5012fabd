//! The house line: `text — Name (@handle) July 26, 2021`, the form in which X's own embed reads without its script
//! (publish.x.com/oembed: `<p>TEXT</p>&mdash; NAME (@HANDLE) <a>July 26, 2021</a>`).

use super::direction::closed;
use super::said::{Said, said};
use super::{Quotable, Setting, attribution, date};

/// Line breaks stay as the author made them. A content warning is not shown: an editor is told of it.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let mut line = match said(post) {
        Said::Words(words) => closed(words).into_owned(),
        Said::Nothing(instead) => instead,
    };
    line.push_str(" — ");
    line.push_str(&attribution(post));
    if let Some(day) = date::day(post, setting) {
        line.push(' ');
        line.push_str(&date::american(day));
    }
    line
}
