//! How much the words of a quotation and of a post have in common, whatever their order: which of many posts may be meant.

use std::collections::HashMap;

use super::candidate::{Candidate, Text};
use super::claims::{Claim, Reading};
use super::days::{Day, date_of};
use super::draft::Draft;
use super::names::{known_handle, name_fits};
use super::tokens::{Sort, Token, tokens};
use crate::zone::Zone;

/// A candidate with the reading and the text of it that are most alike.
pub(super) struct Match<'a> {
    pub(super) candidate: &'a Candidate,
    pub(super) text: &'a Text,
    pub(super) reading: usize,
    /// The part of the draft's words that the post has, and the part of the post's that the draft has.
    pub(super) within: f64,
    pub(super) covered: f64,
    /// What the draft's words weigh.
    pub(super) weight: u32,
    pub(super) score: f64,
    pub(super) handle_fits: bool,
    pub(super) name_fits: bool,
    pub(super) date_fits: bool,
}

/// What a word weighs: short ones stand in every text.
fn weight(word: &str) -> u32 {
    const MOST: usize = 8;
    word.chars().take(MOST).count() as u32
}

/// The words of a text, counted.
pub(super) struct Bag {
    counts: HashMap<String, u32>,
    words: u32,
}

impl Bag {
    pub(super) fn of(text: &str) -> Bag {
        let mut bag = Bag { counts: HashMap::new(), words: 0 };
        for token in tokens(text).into_iter().filter(Token::is_word) {
            // Addresses may be shortened.
            if token.sort != Sort::Address {
                bag.words += weight(&token.lower);
                *bag.counts.entry(token.lower).or_default() += 1;
            }
        }
        bag
    }

    fn common(&self, other: &Bag) -> u32 {
        self.counts
            .iter()
            .map(|(word, count)| other.counts.get(word).map_or(0, |of| weight(word) * count.min(of)))
            .sum()
    }
}

/// The words of a reading.
pub(super) struct Quoted {
    words: Bag,
    /// Those of each of its stretches, where the first may be a quotation of its own.
    pieces: Vec<Bag>,
    /// Its addresses, which may tell posts apart that have the same words.
    addresses: Vec<String>,
}

/// Of the words of each stretch, this part must be the post's, or they are not of one post.
const OF_EACH: f64 = 0.4;

impl Quoted {
    pub(super) fn of(draft: &Draft, claim: &Claim, reading: &Reading) -> Quoted {
        let is_apart = claim
            .readings
            .iter()
            .any(|other| other.range.start == reading.range.start && other.range.end < reading.range.end);
        let pieces = if is_apart && !reading.without.is_empty() {
            reading.pieces(draft).map(Bag::of).filter(|piece| piece.words > 0).collect()
        } else {
            Vec::new()
        };
        let words = reading.words(draft);
        Quoted { addresses: addresses(&words), words: Bag::of(&words), pieces }
    }
}

fn addresses(text: &str) -> Vec<String> {
    tokens(text).into_iter().filter(|token| token.sort == Sort::Address).map(|token| token.text).collect()
}

fn part(of: u32, all: u32) -> f64 {
    if all == 0 { 0.0 } else { f64::from(of) / f64::from(all) }
}

/// A candidate beside a claim; `None` if it has no text.
pub(super) fn best_match<'a>(
    claim: &Claim,
    readings: &[Quoted],
    candidate: &'a Candidate,
    zone: Zone,
) -> Option<Match<'a>> {
    let mut best: Option<(f64, usize, &Text, f64, f64)> = None;
    for text in &candidate.texts {
        let bag = Bag::of(&text.text);
        for (reading, Quoted { words, pieces, .. }) in readings.iter().enumerate() {
            if pieces.iter().any(|piece| part(piece.common(&bag), piece.words) < OF_EACH) {
                continue;
            }
            let common = words.common(&bag);
            let alike = part(2 * common, words.words + bag.words);
            // Of equals the first reading, and the newer text.
            let better = best.is_none_or(|(so_far, _, of, ..)| {
                alike > so_far + 1e-9 || (alike > so_far - 1e-9 && of.revision < text.revision)
            });
            if better {
                best = Some((alike, reading, text, part(common, words.words), part(common, bag.words)));
            }
        }
    }
    let (_, reading, text, within, covered) = best?;
    let claim = &claim.read_as(reading);
    let handle_fits = claim.handle.as_ref().is_some_and(|handle| known_handle(handle, candidate).is_some());
    let name_fits = name_fits(claim.readings.get(reading).and_then(|reading| reading.name.as_ref()), candidate, text);
    let date_fits = claim.date.as_ref().is_some_and(|date| date_of(date, &candidate.post, zone) == Day::Same);
    let weight = readings.get(reading).map_or(0, |quoted| quoted.words.words);
    let theirs = addresses(&text.text);
    let quoted = readings.get(reading).map_or(&[][..], |quoted| &quoted.addresses);
    let has_addresses = quoted.iter().all(|address| theirs.contains(address));
    // Of a post that is an address and nothing else, that is what there is to compare.
    let is_address = has_addresses && !quoted.is_empty() && weight == 0 && Bag::of(&text.text).words == 0;
    let (within, covered) = if is_address { (1.0, 1.0) } else { (within, covered) };
    let is_repost = candidate.post.repost_of.is_some();
    let score = within
        + 0.2 * covered
        + if candidate.linked { 1.0 } else { 0.0 }
        // Who is named near by and perhaps for something else only tells equals apart.
        + if !handle_fits { 0.0 } else if claim.attributed { 0.15 } else { 0.02 }
        + if !name_fits { 0.0 } else if claim.attributed { 0.1 } else { 0.01 }
        + if date_fits { 0.04 } else { 0.0 }
        + if has_addresses { 0.005 } else { 0.0 }
        - if is_repost { 0.5 } else { 0.0 };
    Some(Match { weight, candidate, text, reading, within, covered, score, handle_fits, name_fits, date_fits })
}

/// Whether words stand together in a text, whatever marks part them.
pub(super) fn stands_whole(words: &str, text: &str) -> bool {
    let plain =
        |text: &str| tokens(text).into_iter().filter(Token::is_word).map(|token| token.lower).collect::<Vec<_>>();
    let (words, text) = (plain(words), plain(text));
    !words.is_empty() && text.windows(words.len()).any(|window| window == words)
}
