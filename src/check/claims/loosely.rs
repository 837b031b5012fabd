//! Names that stand beside a quotation in a looser form: between the name and the verb stands something else, there is no verb, or
//! a dash or brackets sign it. Whose they are is likely and no more.

use std::ops::Range;

use super::prose::{Word, behind_verb, last_sentence, name_end, name_start, words};
use super::{Finder, ends_sentence};
use crate::check::lexicon;

/// How far before a quotation the sentence may begin, and how far behind it one may end.
const LEAD: usize = 240;
const TAIL: usize = 160;

impl Finder<'_> {
    /// A name beside a quotation in `from..to` that stands at no verb.
    pub(super) fn named_loosely(&self, from: usize, quotation: &Range<usize>, to: usize) -> Option<Range<usize>> {
        let text = self.text();
        let from = from.max(text.ceil_char_boundary(quotation.start.saturating_sub(LEAD)));
        let opens = text.get(from..quotation.start)?.trim_end().ends_with([':', ',']);
        let before = if opens { subject_before(text, from..quotation.start) } else { None };
        before.or_else(|| signed(text, quotation.end)).or_else(|| {
            let to = to.min(text.floor_char_boundary(quotation.end + TAIL));
            let said = sentence_behind(text, quotation.end..to);
            let found = subject_behind(&said).or_else(|| made_by(&said, 6))?;
            // A handle behind it makes it the name of that.
            let behind = text.get(found.end..to)?.trim_start_matches([',', ' ', '(', '[']);
            (!behind.starts_with('@')).then_some(found)
        })
    }

    /// Whether a name alone signs a quotation: `” – Ada Moss`.
    pub(super) fn is_signed_behind(&self, quotation: usize) -> bool {
        signed(self.text(), quotation).is_some()
    }
}

/// `Ada Moss:`, `Ada Moss of Save Our Harbour tweeted:`, `Ada Moss, who lives here, wrote:`, `Ada Moss took to the platform:`, `Ada Moss’s tweet read:`.
fn subject_before(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    /// As many words may stand before `by`.
    const REST: usize = 6;
    let all = words(text, range);
    let said = last_sentence(text, &all);
    let begins = |at: &usize| {
        said[*at].is_name() && at.checked_sub(1).is_none_or(|before| !said[before].is_name() || said[before].ends)
    };
    let subject = (0..said.len()).filter(begins).find_map(|at| {
        let end = name_end(said, at);
        let last = said.get(end.checked_sub(1)?)?;
        let is_owner = last.text.ends_with("’s") || last.text.ends_with("'s");
        let is_in = is_owner && said[at].text == "In";
        let first = if is_in { at + 1 } else { name_start(said, at, end)? };
        if end - first < 2 {
            return None;
        }
        let rest = &said[end..];
        let adverbs = rest.iter().take_while(|word| word.is_beside_verb()).count();
        let takes = matches!(rest[adverbs..], [ref took, ref to, ..] if matches!(took.text, "took" | "taken" | "takes" | "turned" | "went") && matches!(to.text, "to" | "on" | "onto"));
        let post = rest.iter().take(2).position(|word| lexicon::is_post(word.text)).filter(|_| is_owner && (first == 0 || is_in));
        // `Ada Moss:`, and no headline: `Tweet Of The Day:`
        let is_bare = rest.is_empty()
            && said[first..end].iter().all(|word| {
                !(lexicon::is_post(word.text) || lexicon::is_determiner(word.text) || lexicon::is_preposition(word.text))
            });
        let is_parted = first > 0 && said[first - 1].ends && last.ends;
        let is_it = match post {
            // `Ada Moss’s tweet drew a reply:`
            Some(post) => rest.get(post + 1).is_none_or(|next| lexicon::reads(next.text) || lexicon::is_preposition(next.text)) && is_short(rest),
            None if takes => is_short(rest),
            None if is_owner => false,
            None if rest.is_empty() => is_bare,
            // `Another user, Ada Moss, wrote:`
            None if is_parted && rest.iter().find(|word| !word.is_beside_verb()).is_some_and(Word::is_verb) => {
                !lexicon::is_nobody(said[first - 1].text)
            }
            None => {
                let verb = rest.iter().rposition(Word::is_verb);
                verb.is_some_and(|verb| is_apposition(last, &rest[..verb], rest.get(verb + 1)))
            }
        };
        is_it.then(|| said[first].range.start..last.range.end)
    });
    subject.or_else(|| made_by(said, REST))
}

/// Whether words go on to the quotation without a comma.
fn is_short(rest: &[Word<'_>]) -> bool {
    const LONGEST: usize = 10;
    let inner = rest.len().saturating_sub(1);
    rest.len() <= LONGEST && !rest[..inner].iter().any(|word| word.ends)
}

/// `A tweet by Ada Moss read:`, `tweeted by Ada Moss`, within so many words.
fn made_by(said: &[Word<'_>], most: usize) -> Option<Range<usize>> {
    let by = said.iter().take(most).position(|word| word.text == "by")?;
    let is_made = by.checked_sub(1).is_some_and(|made| lexicon::is_made(said[made].text));
    let is_of_another = said[..by].iter().any(|word| lexicon::is_preposition(word.text) || word.ends);
    let end = name_end(said, by + 1);
    let last = said.get(end - 1).filter(|_| end > by + 2)?;
    let reads = said
        .get(end)
        .is_none_or(|next| last.ends || lexicon::reads(next.text) || lexicon::is_on(next.text) || next.text == "via");
    (is_made && !is_of_another && reads && is_short(&said[end..])).then(|| said[by + 1].range.start..last.range.end)
}

/// Whether what stands between a name and a verb says something of that person: `, 61,`, `of Save Our Harbour`, `, who lives here,`.
fn is_apposition(name: &Word<'_>, between: &[Word<'_>], behind_verb: Option<&Word<'_>>) -> bool {
    const LONGEST: usize = 16;
    let adverbs = between.iter().rev().take_while(|word| word.is_beside_verb()).count();
    let between = &between[..between.len() - adverbs];
    let (Some(first), Some(last)) = (between.first(), between.last()) else { return false };
    let is_passive = behind_verb.is_some_and(|word| word.text == "by")
        || matches!(last.text, "was" | "were" | "been" | "being" | "is" | "are");
    let is_clause =
        matches!(first.text, "of" | "from" | "at" | "in" | "for" | "who" | "whose" | "von" | "aus" | "de" | "di");
    if is_passive || between.len() > LONGEST || !(name.ends || is_clause) || (name.ends && first.text == "and") {
        return false;
    }
    // The verb is not that of the clause, nor that of somebody in it.
    let is_other = matches!(last.text, "who" | "that" | "which" | "and" | "she" | "he" | "they" | "it" | "one");
    if last.ends {
        return !is_other;
    }
    !name.ends && !is_other && !between.iter().any(|word| word.is_verb() || word.ends)
}

/// The words behind a quotation, to the end of the sentence.
fn sentence_behind(text: &str, range: Range<usize>) -> Vec<Word<'_>> {
    let mut said = words(text, range);
    said.retain(|word| word.text.contains(char::is_alphanumeric));
    let parted = (1..said.len()).find(|at| {
        let between = text.get(said[at - 1].range.end..said[*at].range.start);
        between.is_some_and(ends_sentence)
    });
    said.truncate(parted.unwrap_or(said.len()));
    said
}

/// `” fishmonger Ada Moss wrote`, `” said the fishmonger Ada Moss.`, `” Ada Moss, 61, wrote.`
fn subject_behind(said: &[Word<'_>]) -> Option<Range<usize>> {
    /// Words that say what the person is, before the name.
    const LEADING: usize = 4;
    let start = behind_verb(said);
    let first = start + said[start..].iter().take_while(|word| !word.is_name()).count();
    let lead = &said[start..first];
    let is_lead = |word: &Word<'_>| {
        let is_the = matches!(word.text, "the" | "local" | "der" | "die" | "la" | "le" | "el" | "il");
        !word.ends
            && (is_the || !(lexicon::is_determiner(word.text) || lexicon::is_nobody(word.text)))
            && !lexicon::is_preposition(word.text)
            && !word.is_verb()
            && !word.is_beside_verb()
            && !matches!(word.text, "is" | "was" | "are" | "were" | "that")
    };
    let end = name_end(said, first);
    let name_from = name_start(&said[first..], 0, end - first).map(|of| first + of);
    let start_of_name = name_from.filter(|of| *of == first || lead.is_empty());
    // Nouns have capitals in German: `die Lehrerin Ada Moss`.
    let is_noun = |word: &Word<'_>| matches!(word.text, "der" | "die") && end - first >= 3;
    let the_before = lead.last().is_none_or(|word| !lexicon::is_determiner(word.text) || is_noun(word));
    if lead.len() > LEADING || !lead.iter().all(is_lead) || !the_before {
        return None;
    }
    let first = start_of_name?;
    let last = said.get(end - 1).filter(|_| end - first >= 2)?;
    let rest = &said[end..];
    let is_it = if start > 0 {
        // `said local fishmonger Ada Moss`, and not `said a North Whitby man`.
        let goes_on = |next: &Word<'_>| {
            lexicon::is_preposition(next.text) || lexicon::is_nobody(next.text) || lexicon::is_on(next.text)
        };
        !lead.is_empty() && (last.ends || rest.first().is_none_or(goes_on))
    } else if rest.first().is_some_and(Word::is_verb) {
        !lead.is_empty()
    } else {
        rest.iter().position(Word::is_verb).is_some_and(|verb| is_apposition(last, &rest[..verb], rest.get(verb + 1)))
    };
    is_it.then(|| said[first].range.start..last.range.end)
}

/// `” – Ada Moss`, `” – Ada Moss via …`, `” (Ada Moss, 29 July 2021)`.
fn signed(text: &str, quotation: usize) -> Option<Range<usize>> {
    /// Words behind the name that say when or where.
    const REST: usize = 6;
    let reach = text.get(quotation..text.floor_char_boundary(quotation + TAIL))?;
    let opened = reach.trim_start_matches([' ', '\u{a0}', '\n', '.', ',']);
    let bare = opened.trim_start_matches(['–', '—', '―', '-']);
    let is_dash = bare.len() < opened.len();
    let inside = if is_dash { bare } else { opened.strip_prefix(['(', '['])? };
    let start = quotation + reach.len() - inside.len();
    let length = if is_dash {
        // A line that goes on beyond what is looked at is no signature.
        inside.find('\n').or_else(|| (quotation + reach.len() == text.len()).then_some(inside.len()))?
    } else {
        inside.find([')', ']'])?
    };
    let line = inside.get(..length)?;
    if line.contains(['@', '“', '”', '"', '«', '»', '„', '‘', ':', '?', '!']) {
        return None;
    }
    let said = words(text, start..start + length);
    let end = name_end(&said, 0);
    let last = said.get(end.checked_sub(1)?).filter(|_| end >= 2)?;
    let rest = &said[end..];
    let is_place = |word: &Word<'_>| matches!(word.text, "via" | "on" | "auf" | "sur" | "en" | "su" | "in");
    let is_rest = rest.first().is_none_or(|next| last.ends || is_place(next)) && !rest.iter().any(Word::is_verb);
    (rest.len() <= REST && is_rest && name_start(&said, 0, end) == Some(0)).then(|| said[0].range.start..last.range.end)
}
