//! How prose says whose words it quotes: the verb, its subject, a name without a handle, the day.

use std::ops::Range;

use super::{Finder, ends_sentence};
use crate::check::lexicon;
use crate::check::who::{self, Dated, Who};

/// How far before a quotation its attribution may begin.
const LEAD: usize = 240;

/// A word of prose without what stands around it.
pub(super) struct Word<'a> {
    pub(super) range: Range<usize>,
    pub(super) text: &'a str,
    /// Whether a sign behind it parts it from the next.
    pub(super) ends: bool,
}

impl Word<'_> {
    pub(super) fn is_verb(&self) -> bool {
        lexicon::is_verb(self.text)
    }

    pub(super) fn is_name(&self) -> bool {
        self.text.starts_with(char::is_uppercase)
    }

    /// Whether it stands between a subject and its verb: `has`, `also`, `quietly`.
    pub(super) fn is_beside_verb(&self) -> bool {
        lexicon::is_auxiliary(self.text) || (self.text.ends_with("ly") && !self.is_name())
    }

    /// Whether it is the last of a name, as a sign says. A title may be shortened: `Prof. Moss`.
    pub(super) fn ends_name(&self) -> bool {
        self.ends && self.text.len() > 3 && !lexicon::is_title(self.text)
    }
}

pub(super) fn words(text: &str, range: Range<usize>) -> Vec<Word<'_>> {
    let bare = |range: Range<usize>| {
        let word = &text[range.clone()];
        let ends = word.trim_end_matches([',', '.', ':', ';', '!', '?', ')']);
        Word { range: range.start..range.start + ends.len(), text: ends, ends: ends.len() < word.len() }
    };
    who::words(text, range).into_iter().map(bare).collect()
}

/// Whether what stands behind a comma is still said of the same person: `, who`, `, and then`, `, 61`.
fn starts_clause(text: &str) -> bool {
    let first = text.trim_start_matches([',', ' ']).split_whitespace().next().unwrap_or_default();
    lexicon::goes_on(first) || first.parse::<u32>().is_ok()
}

/// Whether what stands behind a quotation goes on to somebody else: `, and the mayor (@mayor) said`.
pub(super) fn goes_on_to_another(tail: &str) -> bool {
    let first = tail.trim_start_matches([',', ' ', '.', ';']).split_whitespace().next().unwrap_or_default();
    // A by-line below a headline is the reporter's.
    let is_byline = tail.lines().skip(1).any(|line| line.starts_with("By "));
    lexicon::is_conjunction(first) || is_byline
}

/// Whether the word before a quotation says that it is the title of something.
pub(super) fn introduces_title(lead: &str) -> bool {
    let lead = lead.trim_end_matches([' ', ':', ',', '\u{a0}']);
    lexicon::is_work(lead.rsplit([' ', '\u{a0}', '\n']).next().unwrap_or_default())
}

/// Whether words are set as titles are: every longer one with a capital.
pub(super) fn is_set_as_title(words: &str) -> bool {
    let mut longer = words.split_whitespace().filter(|word| word.chars().count() > 3).peekable();
    longer.peek().is_some()
        && !words.trim_end().ends_with(['.', '!', '?', ','])
        && longer.all(|word| word.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase()))
        && words.contains(char::is_lowercase)
}

/// Where a name ends that begins with that word.
pub(super) fn name_end(said: &[Word<'_>], from: usize) -> usize {
    let mut end = from;
    while said.get(end).is_some_and(Word::is_name) && end < from + 5 {
        end += 1;
        if said[end - 1].ends_name() {
            break;
        }
    }
    end
}

/// Where a name begins in words with capitals, behind what opens a sentence: `As Ada Moss`, `On Thursday Ada Moss`. `None` if
/// they are no name of a person's, or the words before them make them none.
pub(super) fn name_start(said: &[Word<'_>], from: usize, end: usize) -> Option<usize> {
    let text = |at: usize| said.get(at).map_or("", |word| word.text);
    let before = |at: usize| at.checked_sub(1).map_or("", text);
    let is_month = |at: usize| crate::date::is_month(text(at));
    let mut first = from;
    while first < end {
        let word = text(first);
        let is_dated = before(first).starts_with(|c: char| c.is_ascii_digit()) || lexicon::is_on(before(first));
        let is_on = lexicon::is_on(word) && (lexicon::is_day(text(first + 1)) || is_month(first + 1));
        if lexicon::is_day(word) || lexicon::is_nobody(word) || (is_month(first) && is_dated) || is_on {
            first += 1;
        } else if lexicon::is_determiner(word) || lexicon::is_preposition(word) {
            // `The Mayor` is nobody's name.
            return None;
        } else {
            break;
        }
    }
    let says_so =
        before(first) == "to" && first.checked_sub(2).is_some_and(|at| text(at).eq_ignore_ascii_case("according"));
    let belongs = first == from && (lexicon::is_determiner(before(first)) || lexicon::is_preposition(before(first)));
    (first < end && (!belongs || says_so)).then_some(first)
}

/// The last sentence of some prose.
pub(super) fn last_sentence<'a, 'b>(text: &str, all: &'b [Word<'a>]) -> &'b [Word<'a>] {
    let starts = |at: usize| {
        let end = all[at].range.end;
        // `7. August`
        if all[at].text.ends_with(|c: char| c.is_ascii_digit()) && crate::date::is_month(all.get(at + 1)?.text) {
            return None;
        }
        ends_sentence(text.get(end..all.get(at + 1)?.range.start)?).then_some(at + 1)
    };
    &all[(0..all.len()).rev().find_map(starts).unwrap_or(0)..]
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
        let is_verb = |word: &Word<'_>| word.is_verb() && !lexicon::passes_on(word.text);
        let subject = said.iter().rposition(is_verb).and_then(|verb| {
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
        let said = last_sentence(text, &all);
        let opens = text[from..quotation].trim_end().ends_with([':', ',']);
        let inverted = |verb: usize| {
            let opens_so = verb == 0 || lexicon::may_open_inverted(said[0].text);
            opens && opens_so && verb + 1 < said.len() && lexicon::is_inverted(said[verb].text)
        };
        let verb = said.iter().rposition(Word::is_verb)?;
        if inverted(verb) {
            let end = name_end(said, verb + 1);
            let is_named = end > verb + 1 && end == said.len();
            return is_named.then(|| said[verb + 1].range.start..said[end - 1].range.end);
        }
        let before = said[..verb].iter().rposition(|word| !word.is_beside_verb())?;
        // What somebody passes on is another's.
        let introduces = opens && !lexicon::passes_on(said[verb].text);
        if !(introduces || verb + 1 == said.len()) || said[before].ends {
            return None;
        }
        let end = before + 1;
        let run = said[..end]
            .iter()
            .enumerate()
            .rev()
            .take_while(|(at, word)| word.is_name() && (at + 1 == end || !word.ends_name()));
        let first = name_start(said, end - run.take(5).count(), end)?;
        Some(said[first].range.start..said[end - 1].range.end)
    }

    /// The name at the verb behind a quotation: `,” said Ed Fox.`, `,” Ed Fox wrote.`
    pub(super) fn named_behind(&self, quotation: usize, to: usize) -> Option<Range<usize>> {
        let text = self.text();
        let to = to.min(text.floor_char_boundary(quotation + 160));
        let mut said = words(text, quotation..to);
        said.retain(|word| word.text.contains(char::is_alphanumeric));
        let first = behind_verb(&said);
        let (is_verb_first, end) = (first > 0, name_end(&said, first));
        let next = said.get(end);
        if end == first || lexicon::is_nobody(said[first].text) || lexicon::is_determiner(said[first].text) {
            return None;
        }
        let is_subject = next.is_some_and(|next| {
            next.is_verb() || (next.is_beside_verb() && said[end + 1..].first().is_some_and(Word::is_verb))
        });
        // `said Manchester United fans`
        let is_of_people = !said[end - 1].ends && next.is_some_and(|next| lexicon::is_people(next.text));
        if is_of_people || (!is_verb_first && !is_subject) {
            return None;
        }
        let range = said[first].range.start..said[end - 1].range.end;
        // A handle behind it makes it the name of that.
        let behind = text[range.end..to].trim_start_matches([',', ' ', '\u{a0}', '\n', '(', '[']);
        (!behind.starts_with('@')).then_some(range)
    }

    /// The day behind a quotation: `,” she wrote on 3 May 2019`, `” (25 July 2021)`, `” (Ada Moss, 25 July 2021)`.
    pub(super) fn day_behind(&self, quotation: usize, to: usize) -> Option<Dated> {
        let text = self.text();
        let found = who::date_after(text, quotation, to, 8)?;
        let between = &text[quotation..found.range.start];
        let is_signature = || {
            let name = between.trim_start().strip_prefix(['(', '–', '—', '―']);
            name.is_some_and(|name| words(name, 0..name.len()).iter().take(6).all(Word::is_name))
        };
        (has_verb(between) || !between.contains(char::is_alphanumeric) || is_signature()).then_some(found)
    }

    /// The day in the sentence that introduces a quotation and names nobody: `In a tweet on 29 July, she wrote: “`.
    pub(super) fn day_before(&self, from: usize, quotation: usize) -> Option<Dated> {
        let text = self.text();
        let from = from.max(text.ceil_char_boundary(quotation.saturating_sub(LEAD)));
        if !text[from..quotation].trim_end().ends_with([':', ',']) {
            return None;
        }
        let all = words(text, from..quotation);
        let said = last_sentence(text, &all);
        said.iter().enumerate().rev().find_map(|(at, on)| {
            if !lexicon::is_on(on.text) {
                return None;
            }
            let found = who::date_after(text, on.range.end, quotation, 0)?;
            let is_of_post = match at.checked_sub(1).and_then(|before| said.get(before)) {
                Some(before) => before.is_verb() || lexicon::is_post(before.text),
                // `On 29 July she wrote:`
                None => {
                    let behind = words(text, found.range.end..quotation);
                    let mut behind = behind.iter().filter(|word| word.text.contains(char::is_alphanumeric));
                    behind.next().is_some_and(|word| {
                        word.is_verb()
                            || (matches!(word.text, "she" | "he" | "they") && behind.take(2).any(Word::is_verb))
                    })
                }
            };
            is_of_post.then_some(found)
        })
    }
}

/// Where words go on behind the verb of saying that opens them, with what belongs to it: `wrote`, `hit back`, `a écrit`, `according to`.
pub(super) fn behind_verb(said: &[Word<'_>]) -> usize {
    let is_verb = |at: usize| said.get(at).is_some_and(Word::is_verb);
    let verb = match said.first() {
        Some(first) if first.text == "according" && said.get(1).is_some_and(|next| next.text == "to") => return 2,
        Some(first) if first.is_verb() => 0,
        Some(first) if first.is_beside_verb() && is_verb(1) => 1,
        _ => return 0,
    };
    let goes_on = said.get(verb + 1).is_some_and(|next| matches!(next.text, "back" | "out" | "on" | "off"));
    verb + 1 + usize::from(goes_on)
}
