//! Posts that a draft shows by their address alone, and handles that stand in the address of a profile.

use std::ops::Range;

use super::prose::has_verb;
use super::{Claim, Finder, Reading};
use crate::check::addresses::is_shown;
use crate::check::draft::Draft;
use crate::check::who::Who;
use crate::platform;

/// How far above an address the words may end whose post it is: their signature stands between.
const REACH: usize = 200;

impl<'a> Finder<'a> {
    /// Addresses of posts alone in their paragraph. One below words that are claimed already is that of their post.
    pub(super) fn embeds(&mut self) {
        let draft = self.draft;
        let mut ends: Vec<(usize, usize)> = self
            .claims
            .iter()
            .enumerate()
            .filter_map(|(at, claim)| Some((claim.readings.first()?.range.end, at)))
            .collect();
        ends.sort_unstable();
        let mut found = Vec::new();
        for (number, block) in draft.blocks.iter().enumerate() {
            let Some(link) = self.address_alone(number).filter(|_| !self.is_taken(&block.range)) else { continue };
            found.push(block.range.clone());
            let above = number.checked_sub(1).map(|above| &draft.blocks[above].range);
            let near = ends[..ends.partition_point(|(end, _)| *end <= block.range.start)].last();
            let words = near.filter(|(end, _)| {
                block.range.start - end <= REACH && above.is_some_and(|above| self.ends_claimed(above, *end))
            });
            match words.and_then(|(_, at)| self.claims.get_mut(*at)) {
                Some(claim) if may_be_of(claim, link) => {
                    if claim.link.is_none() && !(self.is_known)(link) {
                        claim.link = Some(link.to_owned());
                    }
                }
                _ => self.claims.push(Claim {
                    readings: vec![Reading::new(block.range.clone(), None)],
                    link: Some(link.to_owned()),
                    sure: true,
                    embed: true,
                    ..Claim::default()
                }),
            }
        }
        self.taken.append(&mut found);
        self.taken.sort_by_key(|range| range.start);
    }

    /// Whether who is named in a paragraph may be whose words stand beside it. Profiles are linked for many reasons.
    pub(super) fn speaks(&self, who: &Who, block: &Range<usize>) -> bool {
        let text = &self.text()[block.clone()];
        !who.range.is_empty() || text.trim_end().ends_with(':') || has_verb(text)
    }

    /// The address of a post that is all that a paragraph holds.
    pub(super) fn address_alone(&self, block: usize) -> Option<&'a str> {
        let block = self.draft.blocks.get(block).filter(|block| !block.aside && !block.heading)?;
        let text = self.text()[block.range.clone()].trim();
        let is_address = text.contains('/') && !text.contains(char::is_whitespace);
        if block.quotation.is_some() || !is_address {
            return None;
        }
        let at = self.links.partition_point(|(link, _)| link.end <= block.range.start);
        let (link, url) = self.links.get(at).filter(|(link, _)| link.start < block.range.end)?;
        (link.len() + 2 >= text.len() && is_shown(url)).then_some(*url)
    }

    /// The link to a post that is all that the paragraph below a block holds: `https://…`, `[Source](https://…)`.
    pub(super) fn link_below(&self, block: usize) -> Option<String> {
        let next = self.draft.blocks.get(block + 1).filter(|next| next.quotation.is_none() && !next.heading)?;
        self.is_all_links(&next.range).then(|| self.link_in(next.range.clone()))?
    }

    /// A quotation without the address of a post alone on its last line.
    pub(super) fn without_address(&self, range: Range<usize>) -> Range<usize> {
        let text = &self.text()[range.clone()];
        let Some(at) = text.trim_end().rfind('\n').filter(|at| !text[..*at].trim().is_empty()) else { return range };
        let line = range.start + at + 1..range.start + text.trim_end().len();
        let first = self.links.partition_point(|(link, _)| link.end <= line.start);
        let is_it = self.links.get(first).is_some_and(|(link, url)| *link == line && is_shown(url));
        if is_it && self.text()[line].contains("://") { range.start..range.start + at } else { range }
    }

    /// Whether a paragraph ends with claimed words that end at a place, or with their signature.
    fn ends_claimed(&self, block: &Range<usize>, end: usize) -> bool {
        let behind = self.text().get(end.max(block.start)..block.end).unwrap_or_default();
        !behind.contains(char::is_alphanumeric)
            || self
                .signed
                .get(self.signed.partition_point(|signed| signed.end < block.end))
                .is_some_and(|signed| signed.start < block.end && signed.end <= block.end)
    }
}

/// Whether the address of a post may be that of claimed words: it names no other account.
fn may_be_of(claim: &Claim, link: &str) -> bool {
    let account = platform::post_at(link).and_then(|post| post.author.handle);
    match (&account, &claim.handle) {
        (Some(account), Some(handle)) => account.folded() == handle.folded(),
        _ => claim.link.as_deref().is_none_or(|known| known == link),
    }
}

/// Who is named by a link to a profile; the words of the link are the name.
pub(super) fn profiles(draft: &Draft, printed: &[Who]) -> Vec<Who> {
    let mut found: Vec<Who> = Vec::new();
    for (range, url) in &draft.links {
        let Some((_, handle)) = platform::profile_at(url) else { continue };
        let words = draft.text.get(range.clone()).unwrap_or_default();
        // What is printed beside the link, or in it, is the handle.
        let at = printed.partition_point(|who| who.range.end <= range.start);
        let is_printed = printed.get(at).is_some_and(|who| who.range.start <= range.end + 2);
        if is_printed || words.contains(['@', '＠']) || words.trim().is_empty() {
            continue;
        }
        let end = range.start + words.trim_end().len();
        found.push(Who { range: end..end, handle, in_parentheses: is_name(words) });
    }
    found
}

/// Whether the words of a link are somebody's full name, and no verb or place: `tweeted`, `on Twitter`.
fn is_name(words: &str) -> bool {
    let count = words.split_whitespace().count();
    let is_site = |word: &str| {
        word.eq_ignore_ascii_case("twitter") || platform::ALL.iter().any(|site| word.eq_ignore_ascii_case(site.title))
    };
    (2..=5).contains(&count)
        && words.split_whitespace().all(|word| !word.starts_with(char::is_lowercase) && !is_site(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_link_are_a_name_or_not() {
        for (words, is) in [
            ("Ada Moss", true),
            ("Siobhán O’Neill", true),
            ("Ada", false),
            ("tweeted", false),
            ("On Twitter", false),
            ("Ada of Leeds", false),
        ] {
            assert_eq!(is_name(words), is, "{words}");
        }
    }
}
