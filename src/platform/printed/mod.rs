//! What published pages print of posts, whichever platform they come from.
//!
//! The signature under a quotation, quotations in embeds, the hashtags and links of a text that came without markup, and the wrapping in
//! which servers hand out embeds. Platforms with an embed form and `article` share it; it names none of them.

pub(super) mod embeds;
pub(super) mod inline;
pub(super) mod quotation;
pub(super) mod signature;

/// The doubt about a text of several lines that the page does not mark as a quotation: of the lines before the one that
/// is signed, some may be the page's.
pub(super) fn only_last_line_is_sure(text: &str) -> Option<String> {
    let (_, last) = text.trim_end().rsplit_once('\n')?;
    Some(format!("Only its last line is surely the post's ({:?}): those before it may be the page's.", shortened(last)))
}

/// The beginning of a text, on one line, to be named in a sentence.
pub(super) fn shortened(text: &str) -> String {
    const LENGTH: usize = 60;
    let words: Vec<&str> = text.split_whitespace().take(LENGTH).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
