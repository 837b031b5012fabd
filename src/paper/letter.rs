//! Every cause of a gap with a letter of its own, for strips.

use crate::coverage::Cause;

/// The letter of a cause; no two share one.
pub fn letter(cause: Cause) -> char {
    match cause {
        Cause::Down => 'D',
        Cause::RateLimit => 'R',
        Cause::Refused => 'F',
        Cause::Unreadable => 'U',
        Cause::Budget => 'B',
        Cause::PageLimit => 'L',
        Cause::PageCap => 'C',
        Cause::StreamCut => 'T',
        Cause::Stopped => 'S',
        Cause::PassedOver => 'P',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_causes_share_a_letter() {
        let letters: std::collections::BTreeSet<char> = Cause::ALL.into_iter().map(letter).collect();
        assert_eq!(letters.len(), Cause::ALL.len());
        assert!(letters.iter().all(char::is_ascii_uppercase));
    }
}
