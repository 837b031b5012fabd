//! One of a numbered list, as articles of reactions print them: the number on a line of its own, an empty line, the house
//! line (the article that this program was asked for with, of July 2021).

use super::{Quotable, Setting, line};

/// The number is the one that the setting counts.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    format!("{}.\n\n{}", setting.number, line::quote(quotable, setting))
}
