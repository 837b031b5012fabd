//! Checking a draft: which posts it quotes, and whether it quotes them as they were written.
//!
//! Pure: a draft's text becomes claims ([`claims`]), and a claim beside the posts that may be meant becomes a verdict
//! ([`judge`]). Finding those posts in an archive is the caller's. More forms are read here than an import takes in
//! (`platform`'s articles): nothing is kept of a draft, so a claim may have several readings, of which the archive's text
//! decides.

mod align;
mod claims;
mod dates;
mod days;
mod differ;
mod docx;
mod draft;
mod marks;
mod markup;
mod names;
pub mod report;
mod tokens;
mod verdict;
mod who;

pub use claims::{Claim, MOST, Name, Reading, Rival, claims, claims_knowing};
pub use dates::Printed;
pub use differ::{Op, Piece};
pub use draft::{Draft, DraftError, KINDS, Kind, LARGEST};
pub use verdict::{Candidate, Finding, Posted, Text, Verdict, judge};

use crate::platform;

/// Whether an address is that of a post: a platform knows it, or it has the shape that servers of the fediverse give theirs.
pub fn is_post(address: &str) -> bool {
    platform::post_at(address).is_some() || statuses(address).is_some()
}

/// The parts of the address of a post in the fediverse (`https://server/@user/1`): what stands before, user, and id.
fn statuses(address: &str) -> Option<(&str, &str, &str)> {
    let address = address.split(['?', '#']).next()?.trim_end_matches('/');
    // The page that is set into another.
    let address = address.strip_suffix("/embed").unwrap_or(address);
    let (scheme, rest) = address.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"))?;
    let parts: Vec<&str> = rest.split('/').collect();
    let (host, user, id) = match parts[..] {
        [host, user, id] => (host, user.strip_prefix('@')?, id),
        [host, "users", user, "statuses", id] => (host, user, id),
        _ => return None,
    };
    let is_id = id.bytes().all(|byte| byte.is_ascii_digit())
        || (id.len() >= 4 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let fits = !host.is_empty() && !user.is_empty() && !id.is_empty() && is_id;
    fits.then(|| (&address[..scheme.len() + 3 + host.len()], user, id))
}

/// The addresses under which the post of an address may be known, itself among them.
pub fn known_as(address: &str) -> Vec<String> {
    let bare = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned();
    let mut names = vec![address.to_owned(), bare];
    if let Some((server, user, id)) = statuses(address) {
        names.push(format!("{server}/@{user}/{id}"));
        names.push(format!("{server}/users/{user}/statuses/{id}"));
    }
    names.dedup();
    names
}

/// What to look for in an archive: stretches of neighbouring words of a text, the longer first, and its longest words.
pub fn clues(text: &str) -> (Vec<String>, Vec<String>) {
    const LENGTHS: [usize; 3] = [6, 4, 3];
    const EACH: usize = 8;
    let tokens = tokens::tokens(text);
    let is_plain = |token: &tokens::Token| token.sort == tokens::Sort::Word && !token.text.starts_with(['#', '@']);
    let mut runs: Vec<&[tokens::Token]> =
        tokens.split(|token| !is_plain(token)).filter(|run| !run.is_empty()).collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.len()));
    runs.truncate(64);
    let mut stretches = Vec::new();
    for length in LENGTHS {
        let mut windows: Vec<&[tokens::Token]> = runs.iter().flat_map(|run| run.chunks_exact(length)).collect();
        let step = windows.len().div_ceil(EACH).max(1);
        windows = windows.into_iter().step_by(step).collect();
        stretches.extend(windows.iter().filter_map(|window| {
            let (first, last) = (window.first()?, window.last()?);
            text.get(first.range.start..last.range.end)
                .map(|words| words.split_whitespace().collect::<Vec<_>>().join(" "))
        }));
    }
    if stretches.is_empty() {
        // A post of a word or two.
        let whole = runs.first().and_then(|run| text.get(run.first()?.range.start..run.last()?.range.end));
        stretches.extend(whole.map(|words| words.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    let mut words: Vec<String> =
        tokens.iter().filter(|token| is_plain(token)).map(|token| token.text.clone()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.dedup();
    words.truncate(6);
    (stretches, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_posts() {
        for (address, is) in [
            ("https://x.com/ada_moss/status/20?s=20", true),
            ("https://moss.example/@ada/1234567", true),
            ("https://moss.example/users/ada/statuses/1234567", true),
            ("https://moss.example/@ada/7", true),
            ("https://moss.example/@ada/1234567/embed", true),
            ("https://moss.example/@ada", false),
            ("https://moss.example/@ada/about-me", false),
            ("https://moss.example/news/1234", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(is_post(address), is, "{address}");
        }
        assert!(known_as("https://a.example/@b/1234").contains(&"https://a.example/users/b/statuses/1234".to_owned()));
    }

    #[test]
    fn clues_are_neighbouring_words() {
        let (stretches, words) = clues("One two three four, “five” #six seven");
        assert_eq!(stretches, ["One two three four", "One two three"]);
        assert_eq!(words[0], "three");
        assert_eq!(clues("No!").0, ["No"]);
        assert_eq!(clues("💙"), (Vec::new(), Vec::new()));
    }
}
