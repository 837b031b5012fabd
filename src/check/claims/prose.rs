//! How prose says whose words it quotes: the verb, its subject, a name without a handle, the day.

use std::ops::Range;

use super::{Finder, ends_sentence};
use crate::check::who::{self, Dated, Who};

/// Verbs of saying.
const VERBS: &[&str] = &[
    "wrote",
    "writes",
    "said",
    "says",
    "posted",
    "posts",
    "tweeted",
    "tweets",
    "tooted",
    "toots",
    "added",
    "adds",
    "replied",
    "replies",
    "answered",
    "answers",
    "asked",
    "asks",
    "told",
    "tells",
    "commented",
    "comments",
    "responded",
    "responds",
    "noted",
    "argued",
    "argues",
    "declared",
    "explained",
    "insisted",
    "joked",
    "warned",
    "warns",
    "remarked",
    "stated",
    "complained",
    "wondered",
];

/// What opens a sentence with a capital and names nobody.
const NOBODY: &[&str] = &[
    "the",
    "a",
    "an",
    "he",
    "she",
    "they",
    "it",
    "i",
    "we",
    "you",
    "who",
    "this",
    "that",
    "these",
    "those",
    "one",
    "some",
    "many",
    "others",
    "another",
    "nobody",
    "somebody",
    "someone",
    "everybody",
    "everyone",
    "people",
    "critics",
    "and",
    "but",
    "when",
    "as",
    "then",
    "so",
    "in",
    "on",
    "at",
    "here",
    "there",
    "what",
    "his",
    "her",
    "their",
    "our",
    "my",
    "yesterday",
    "today",
    "later",
    "earlier",
    "now",
    "both",
    "all",
    "most",
    "several",
    "again",
];

/// How far before a quotation its attribution may begin.
const LEAD: usize = 240;

/// A word of prose without what stands around it.
struct Word<'a> {
    range: Range<usize>,
    text: &'a str,
    /// Whether a sign behind it parts it from the next.
    ends: bool,
}

impl Word<'_> {
    fn is_verb(&self) -> bool {
        VERBS.contains(&self.text)
    }

    fn is_name(&self) -> bool {
        self.text.starts_with(char::is_uppercase)
    }

    fn is_nobody(&self) -> bool {
        NOBODY.contains(&self.text.to_lowercase().as_str())
    }
}

fn words(text: &str, range: Range<usize>) -> Vec<Word<'_>> {
    let bare = |range: Range<usize>| {
        let word = &text[range.clone()];
        let ends = word.trim_end_matches([',', '.', ':', ';', '!', '?', ')']);
        Word { range: range.start..range.start + ends.len(), text: ends, ends: ends.len() < word.len() }
    };
    who::words(text, range).into_iter().map(bare).collect()
}

/// Whether what stands behind a comma is still said of the same person: `, who`, `, and then`.
fn starts_clause(text: &str) -> bool {
    let first = text.trim_start_matches([',', ' ']).split_whitespace().next().unwrap_or_default();
    matches!(first, "who" | "which" | "and" | "but" | "then" | "also" | "later" | "now" | "aged")
        || first.parse::<u32>().is_ok()
}

/// Whether what stands behind a quotation goes on to somebody else: `, and the mayor (@mayor) said`.
pub(super) fn goes_on_to_another(tail: &str) -> bool {
    let first = tail.trim_start_matches([',', ' ', '.', ';']).split_whitespace().next().unwrap_or_default();
    matches!(first, "and" | "but" | "while" | "whereas" | "though" | "although" | "as" | "so" | "yet")
}

/// Whether the word before a quotation says that it is the title of something.
pub(super) fn introduces_title(lead: &str) -> bool {
    let last =
        lead.trim_end_matches([' ', ':', ',', '\u{a0}']).rsplit([' ', '\u{a0}', '\n']).next().unwrap_or_default();
    matches!(
        last,
        "headlined"
            | "titled"
            | "entitled"
            | "called"
            | "named"
            | "dubbed"
            | "in"
            | "book"
            | "film"
            | "song"
            | "headline"
            | "slogan"
    )
}

/// Whether words are written as titles are: every longer one with a capital.
pub(super) fn is_title(words: &str) -> bool {
    let mut longer = words.split_whitespace().filter(|word| word.chars().count() > 3).peekable();
    longer.peek().is_some()
        && !words.trim_end().ends_with(['.', '!', '?', ','])
        && longer.all(|word| word.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase()))
        && words.contains(char::is_lowercase)
}

/// Whether a stretch of prose has a verb of saying.
pub(super) fn has_verb(text: &str) -> bool {
    words(text, 0..text.len()).iter().any(Word::is_verb)
}

impl Finder<'_> {
    /// Of the handles of the sentence before a quotation, that of the one who speaks, and the others. Somebody may speak who has
    /// none: `Under a post by Ada Moss (@ada), Dora Finch wrote: “`.
    pub(super) fn speaker(&self, from: usize, quotation: usize) -> Option<(Option<usize>, Vec<usize>)> {
        let text = self.text();
        let from = from.max(text.ceil_char_boundary(quotation.saturating_sub(LEAD)));
        let free = |who: &(usize, &Who)| !self.signing.contains(&who.0) && who.1.range.end <= quotation;
        let near: Vec<(usize, &Who)> = self
            .whos_in(from..quotation)
            .filter(free)
            .filter(|(_, who)| !ends_sentence(&text[who.range.end..quotation]))
            .collect();
        let (first, last) = (near.first()?.1.range.end, near.last()?.0);
        let said = words(text, first..quotation);
        let subject = said.iter().rposition(Word::is_verb).and_then(|verb| {
            let is_passive = said.get(verb + 1).is_some_and(|next| next.text == "by");
            let at = said[verb].range.start;
            if is_passive {
                near.iter().find(|(_, who)| who.range.start > at)
            } else {
                near.iter().rfind(|(_, who)| who.range.end <= at)
            }
            .map(|who| (who, at))
        });
        // Behind a comma that no other closes, another subject stands.
        let is_another = |(who, verb): &(&(usize, &Who), usize)| {
            text.get(who.1.range.end..*verb).is_some_and(|between| {
                let between = between.trim();
                between.len() > 1 && between.starts_with(',') && !between.ends_with(',') && !starts_clause(between)
            })
        };
        let chosen = match subject {
            Some(subject) if is_another(&subject) => None,
            Some((who, _)) => Some(who.0),
            None => Some(last),
        };
        Some((chosen, near.iter().map(|(at, _)| *at).filter(|at| Some(*at) != chosen).collect()))
    }

    /// Whether the handle behind a quotation is that of somebody who is spoken to: `she replied to Fay (@fay)`.
    pub(super) fn is_spoken_to(&self, quotation: usize, who: &Who) -> bool {
        let mut said = words(self.text(), quotation..who.range.start);
        while said.last().is_some_and(|word| word.is_name() && !word.is_verb()) {
            said.pop();
        }
        match said.last() {
            Some(word) if word.text == "to" => said.len() > 1,
            Some(word) => said.len() > 1 && (word.text == "told" || word.text == "tells" || word.text == "asked"),
            None => false,
        }
    }

    /// The name that stands at the verb before a quotation, without a handle of its own: `Ben Lark wrote on Mastodon: “`.
    pub(super) fn named_before(&self, from: usize, quotation: usize) -> Option<Range<usize>> {
        let text = self.text();
        let from = from.max(text.ceil_char_boundary(quotation.saturating_sub(LEAD)));
        let all = words(text, from..quotation);
        let starts = |at: usize| {
            let end = all[at].range.end;
            ends_sentence(text.get(end..all.get(at + 1)?.range.start)?).then_some(at + 1)
        };
        let start = (0..all.len()).rev().find_map(starts).unwrap_or(0);
        let said = &all[start..];
        let opens = text[from..quotation].trim_end().ends_with([':', ',']);
        let end = match said.iter().rposition(Word::is_verb) {
            Some(verb) => {
                let is_beside = |word: &Word<'_>| {
                    matches!(word.text, "has" | "had" | "also" | "then" | "later" | "once" | "just" | "since")
                        || (word.text.ends_with("ly") && !word.is_name())
                };
                let before = said[..verb].iter().rposition(|word| !is_beside(word))?;
                if !(opens || verb + 1 == said.len()) || said[before].ends {
                    return None;
                }
                before + 1
            }
            None if opens && said.last().is_some_and(Word::is_name) => said.len(),
            None => return None,
        };
        let is_colon_only = end == said.len();
        let run = said[..end]
            .iter()
            .enumerate()
            .rev()
            .take_while(|(at, word)| word.is_name() && (at + 1 == end || !word.ends || word.text.len() <= 3));
        let mut first = end - run.take(5).count();
        if said.get(first).is_some_and(Word::is_nobody) {
            // `The Mayor` is nobody's name.
            if said[first].text.len() <= 3 {
                return None;
            }
            first += 1;
        }
        let belongs = first.checked_sub(1).and_then(|at| said.get(at)).is_some_and(|word| {
            matches!(word.text.to_lowercase().as_str(), "the" | "a" | "an" | "of" | "our" | "by" | "for" | "from")
        });
        if first >= end || belongs || (is_colon_only && end - first < 2) {
            return None;
        }
        Some(said[first].range.start..said[end - 1].range.end)
    }

    /// The name at the verb behind a quotation: `,” said Ed Fox.`, `,” Ed Fox wrote.`
    pub(super) fn named_behind(&self, quotation: usize, to: usize) -> Option<Range<usize>> {
        let text = self.text();
        let to = to.min(text.floor_char_boundary(quotation + 160));
        let mut said = words(text, quotation..to);
        said.retain(|word| word.text.contains(char::is_alphanumeric));
        let run = |from: usize| {
            let mut end = from;
            while said.get(end).is_some_and(Word::is_name) && end < from + 5 {
                end += 1;
                if said[end - 1].ends && said[end - 1].text.len() > 3 {
                    break;
                }
            }
            end
        };
        let is_verb_first = said.first()?.is_verb();
        let first = usize::from(is_verb_first);
        let end = run(first);
        if end == first || said[first].is_nobody() || (!is_verb_first && !said.get(end).is_some_and(Word::is_verb)) {
            return None;
        }
        let range = said[first].range.start..said[end - 1].range.end;
        // A handle behind it makes it the name of that.
        let behind = text[range.end..to].trim_start_matches([',', ' ', '\u{a0}', '\n', '(', '[']);
        (!behind.starts_with('@')).then_some(range)
    }

    /// The day behind a quotation: `,” she wrote on 3 May 2019`, `” (25 July 2021)`.
    pub(super) fn day_behind(&self, quotation: usize, to: usize) -> Option<Dated> {
        let text = self.text();
        let found = who::date_after(text, quotation, to, 8)?;
        let between = &text[quotation..found.range.start];
        (has_verb(between) || !between.contains(char::is_alphanumeric)).then_some(found)
    }
}
