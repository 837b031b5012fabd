//! SHA-256 as the records write it: `sha256:` and 64 hexadecimal digits.
//!
//! The standard leaves the spelling open. Hexadecimal is what `sha256sum` prints, and warcio's checker reads it as well
//! as Base32.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The digest of some parts put together.
pub fn of(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let mut text = String::with_capacity("sha256:".len() + 64);
    text.push_str("sha256:");
    for byte in hasher.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn spelled_as_sha256sum_does() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(super::of(&[]), empty);
        assert_eq!(super::of(&[b"ab", b"c"]), super::of(&[b"abc"]));
    }
}
