//! The name of a state of a post, by which the same words can be quoted again: it depends on the words alone, so that it
//! stays when earlier states are found and the revisions are numbered anew.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The fewest digits by which a state is named, and as many as are printed.
pub const SHORTEST: usize = 8;

/// SHA-256, in lower-case hexadecimal, of the text as UTF-8: what `printf %s 'text' | sha256sum` prints. Of a state with a content
/// warning, of the warning, one byte 255, which no UTF-8 has, and the text.
pub fn state_id(text: &str, content_warning: Option<&str>) -> String {
    let mut hash = Sha256::new();
    if let Some(warning) = content_warning {
        hash.update(warning);
        hash.update([0xff]);
    }
    hash.update(text);
    let mut id = String::with_capacity(64);
    for byte in hash.finalize() {
        let _infallible = write!(id, "{byte:02x}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::state_id;

    #[test]
    fn a_state_is_told_by_its_words() {
        assert_eq!(state_id("", None), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let states = [("a", None), ("a", Some("b")), ("", Some("ab")), ("ab", Some("")), ("ab", None)];
        let ids: std::collections::BTreeSet<String> =
            states.iter().map(|(text, warning)| state_id(text, *warning)).collect();
        assert_eq!(ids.len(), states.len());
    }
}
