//! Inside a sentence: `Name (@handle) wrote: “text”`. A house quote form (facts.md). A post is written, not said.

use super::said::{Said, said};
use super::{Quotable, Setting, attribution, marked};

/// Without a date, which the sentence around it gives.
pub(super) fn quote(quotable: &Quotable, _: &Setting) -> String {
    let post = &quotable.post;
    match said(post) {
        Said::Words(_) => format!("{} wrote: {}", attribution(post), marked(post)),
        Said::Nothing(instead) => format!("{}: {instead}", attribution(post)),
    }
}
