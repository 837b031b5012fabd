//! Chicago, notes and bibliography: `Name (@handle), “Up to 280 characters,” Twitter, July 26, 2021, 11:29 p.m., URL.`
//! (The Chicago Manual of Style, 18th edition, §14.106; guides.library.uq.edu.au/referencing/chicago-18th-edition-notes-and-bibliography/social-media,
//! aut.ac.nz.libguides.com/c.php?g=685064 for the order with the time last. The 17th edition, §14.209, had 160 characters.) This is the note; the
//! manual has a bibliography entry only in rare cases.

use super::said::{Said, first_characters, inside_quotes, one_line, said, without_marks};
use super::{Quotable, Setting, attribution, author, date, link, venue};

const MOST: usize = 280;

/// The note.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let mut note = match author::credited(post) {
        Some(_) => format!("{}, ", attribution(post)),
        None => String::new(),
    };
    note.push_str(&match said(post) {
        Said::Words(words) => {
            format!("“{}”", with_comma(inside_quotes(&first_characters(&one_line(words), MOST)).into_owned()))
        }
        Said::Nothing(instead) => format!("{instead},"),
    });
    let dated = date::day(post, setting).map(date::american);
    // Without a date of publication the manual asks for the one of access (camosun.libguides.com/Chicago-17thEd/socialMedia).
    let accessed = || format!("accessed {}", date::american(date::day_of(setting.accessed, setting)));
    let when = dated.unwrap_or_else(accessed);
    let parts = [venue::site(quotable), Some(when), date::clock(post, setting), link(post).map(one_line)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{note} {}.", parts.join(", ").trim_end_matches('.'))
}

/// The comma behind a title stands inside the marks: in place of its full stop, and not at all behind a question mark or an
/// exclamation mark (17th edition, §§6.9 and 6.125, from
/// general knowledge).
fn with_comma(mut words: String) -> String {
    if without_marks(&words).ends_with(['?', '!', '？', '！', '؟']) {
        return words;
    }
    if words.ends_with('.') && !words.ends_with("..") {
        words.pop();
    }
    words.push(',');
    words
}
