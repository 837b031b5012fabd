//! What proves a quotation: which state of the post it is, and the place of the bytes that show it. With it the same quote can
//! be made again.

use chrono::SecondsFormat;

use super::said::one_line;
use super::{Quotable, Setting, state};

/// How a form tells the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// In a field of its own.
    Inside,
    /// In a line below the quotation, between these two marks, which its language takes for a comment.
    Below(&'static str, &'static str),
}

/// One line: the name by which the state is quoted again, its number, and the capture.
pub(super) fn of(quotable: &Quotable, setting: &Setting) -> String {
    let capture = &quotable.capture;
    let at = setting.zone.local(quotable.captured_at).to_rfc3339_opts(SecondsFormat::Secs, true);
    let revision = format!("{} revision {} of {}", again(quotable), quotable.revision, quotable.revisions);
    if capture.file.is_empty() {
        return format!("{revision}; captured {at}, its capture is not named");
    }
    let place = if quotable.place.is_empty() { String::new() } else { format!(", place {}", quotable.place) };
    one_line(&format!(
        "{revision}; captured {at} in {} at byte {}, {}{place}",
        capture.file, capture.offset, capture.digest,
    ))
}

/// The name by which exactly this state is quoted: `KEY@HEX`.
pub fn again(quotable: &Quotable) -> String {
    let id = state::state_id(&quotable.post.text, quotable.post.content_warning.as_deref());
    format!("{}@{}", quotable.key, id.get(..state::SHORTEST).unwrap_or_default())
}
