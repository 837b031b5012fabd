//! The house line: `text — Name (@handle) July 26, 2021`.

use super::direction::closed;
use super::{Quotable, attribution, day};

/// The form in which X's own embed reads without its script.
pub(super) fn quote(quotable: &Quotable) -> String {
    let post = &quotable.post;
    let mut line = closed(&post.text).into_owned();
    if !line.is_empty() {
        line.push(' ');
    }
    line.push_str("— ");
    line.push_str(&attribution(post));
    if let Some(day) = day(post) {
        line.push(' ');
        line.push_str(&day);
    }
    line
}
