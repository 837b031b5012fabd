//! The quotations of a draft: what it says that somebody posted, and who and when.
//!
//! A draft is written freely, so a claim may be read in several ways: a signature below three paragraphs may sign one or all of
//! them. All readings are kept, and the archive tells which is meant.

mod beside;
mod embeds;
mod loosely;
mod placed;
mod prose;
mod signed;
mod spans;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::dates::Printed;
use super::draft::{Block, Draft};
use super::marks::{self, Span};
use super::who::{self, Who};
use crate::model::Handle;
use crate::platform::signature;
use crate::quote::stands_for_nothing;

/// What a draft says that somebody posted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Claim {
    /// What may be the quoted words, as places in the draft's text; the likeliest first.
    pub readings: Vec<Reading>,
    /// The handle as printed.
    pub handle: Option<Handle>,
    /// Where the handle stands, if that may be inside the words: then it is theirs.
    pub handle_at: Option<usize>,
    /// The date as printed.
    pub date: Option<Printed>,
    /// The address of a post beside the words.
    pub link: Option<String>,
    /// Whether it is surely a quotation. What is not is of interest only if the archive holds it.
    pub sure: bool,
    /// Whether its handle, name and date are surely meant for it.
    pub attributed: bool,
    /// Whether it is an embed without words, which says where the post is and nothing else.
    pub embed: bool,
    /// Others whose handles stand in the same sentence.
    pub others: Vec<Handle>,
    /// Who else may be meant, where one is named before the words and one behind them.
    pub rival: Option<Rival>,
}

impl Claim {
    /// The same as a reading has it: who is named inside the words is part of them, and signs nothing.
    pub(super) fn read_as(&self, reading: usize) -> Cow<'_, Claim> {
        let inside =
            self.readings.get(reading).zip(self.handle_at).is_some_and(|(reading, at)| reading.range.contains(&at));
        if !inside {
            return Cow::Borrowed(self);
        }
        let bare = |reading: &Reading| Reading { name: None, ..reading.clone() };
        let readings = self.readings.iter().map(bare).collect();
        Cow::Owned(Claim { readings, handle: None, date: None, attributed: false, ..self.clone() })
    }
}

/// Another who may be meant: the handle, the name and the date beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rival {
    /// The handle as printed.
    pub handle: Handle,
    /// The name as printed.
    pub name: Option<Name>,
    /// The date as printed.
    pub date: Option<Printed>,
}

/// One way to read a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Where the quoted words stand.
    pub range: Range<usize>,
    /// What stands among them and is the draft's own: `“One,” she wrote, “two.”`
    pub without: Vec<Hole>,
    /// The name as printed.
    pub name: Option<Name>,
}

/// A stretch among quoted words that is the draft's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// Where it stands.
    pub range: Range<usize>,
    /// Whether a full stop may have stood there.
    pub stop: bool,
}

impl Reading {
    fn new(range: Range<usize>, name: Option<Name>) -> Reading {
        Reading { range, without: Vec::new(), name }
    }

    /// The stretches between what is the draft's own.
    pub(super) fn pieces<'a>(&'a self, draft: &'a Draft) -> impl Iterator<Item = &'a str> {
        let starts = std::iter::once(self.range.start).chain(self.without.iter().map(|hole| hole.range.end));
        let ends = self.without.iter().map(|hole| hole.range.start).chain(std::iter::once(self.range.end));
        starts.zip(ends).filter_map(|(start, end)| draft.text.get(start..end))
    }

    /// The quoted words.
    pub fn words<'a>(&self, draft: &'a Draft) -> Cow<'a, str> {
        let text = &draft.text;
        if self.without.is_empty() {
            return Cow::Borrowed(&text[self.range.clone()]);
        }
        let mut words = String::new();
        let mut at = self.range.start;
        for hole in &self.without {
            words.push_str(text[at..hole.range.start].trim_end());
            words.push_str(if hole.stop { ". " } else { " " });
            at = hole.range.end;
        }
        words.push_str(&text[at..self.range.end]);
        Cow::Owned(words)
    }
}

/// A printed name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// This and nothing else.
    Whole(String),
    /// It stands at the verb, perhaps in part or with a title.
    Spoken(String),
    /// It ends here; where it begins, prose does not tell.
    Before(String),
}

/// More quotations than this are not looked for in one draft.
pub const MOST: usize = 5_000;

/// How many readings a claim may have.
const READINGS: usize = 40;

/// How many paragraphs above a signature may be its quotation.
const ABOVE: usize = 12;

/// The longest text that is compared.
const LONGEST: usize = 20_000;

/// The quotations of a draft in order, and whether there were more than [`MOST`].
pub fn claims(draft: &Draft) -> (Vec<Claim>, bool) {
    claims_knowing(draft, &|_| false)
}

/// The same where an archive knows addresses of posts that do not look like it.
pub fn claims_knowing(draft: &Draft, is_known: &dyn Fn(&str) -> bool) -> (Vec<Claim>, bool) {
    let mut finder = Finder::new(draft, is_known);
    finder.signatures();
    finder.quotations();
    finder.spans();
    finder.embeds();
    finder.placed();
    finder.links();
    let mut claims = finder.claims;
    // `quote` has printed that for a post without words.
    let is_nothing = |reading: &Reading| {
        stands_for_nothing(reading.words(draft).trim_matches(['“', '”', '"', '\u{2068}', '\u{2069}']))
    };
    claims.retain(|claim| claim.embed || !claim.readings.iter().any(is_nothing));
    claims.sort_by_key(|claim| claim.readings.first().map(|reading| reading.range.start));
    let more = claims.len() > MOST;
    claims.truncate(MOST);
    (claims, more)
}

struct Finder<'a> {
    draft: &'a Draft,
    /// Whether an address is that of a post in the archive.
    is_known: &'a dyn Fn(&str) -> bool,
    whos: Vec<Who>,
    spans: Vec<Span>,
    /// Links that lead to posts.
    links: Vec<(Range<usize>, &'a str)>,
    claims: Vec<Claim>,
    /// Handles that sign something.
    signing: HashSet<usize>,
    /// Where signatures stand, in order.
    signed: Vec<Range<usize>>,
    /// Block quotations that are claimed.
    claimed: HashSet<usize>,
    /// What is claimed by a signature.
    taken: Vec<Range<usize>>,
    /// For each block the first of those before it that stand in the same quotation, or in none.
    runs: Vec<usize>,
}

impl<'a> Finder<'a> {
    fn new(draft: &'a Draft, is_known: &'a dyn Fn(&str) -> bool) -> Finder<'a> {
        let text = &draft.text;
        let mut spans: Vec<Span> =
            draft.blocks.iter().flat_map(|block| marks::spans(text, block.range.clone())).collect();
        for long in over_paragraphs(draft, &spans) {
            spans.retain(|span| span.outer.end <= long.outer.start || span.outer.start >= long.outer.end);
            let at = spans.partition_point(|span| span.outer.start < long.outer.start);
            spans.insert(at, long);
        }
        let leads = |url: &str| super::is_post(url) || is_known(url);
        let links = draft.links.iter().filter(|(_, url)| leads(url)).map(|(range, url)| (range.clone(), url.as_str()));
        let mut runs: Vec<usize> = Vec::with_capacity(draft.blocks.len());
        for (at, block) in draft.blocks.iter().enumerate() {
            let before = at.checked_sub(1).filter(|before| draft.blocks[*before].quotation == block.quotation);
            runs.push(before.map_or(at, |before| runs[before]));
        }
        let mut whos = who::handles(text);
        whos.append(&mut embeds::profiles(draft, &whos));
        whos.sort_by_key(|who| who.range.start);
        Finder {
            draft,
            is_known,
            runs,
            whos,
            spans,
            links: links.collect(),
            claims: Vec::new(),
            signing: HashSet::new(),
            signed: Vec::new(),
            claimed: HashSet::new(),
            taken: Vec::new(),
        }
    }

    pub(super) fn text(&self) -> &'a str {
        &self.draft.text
    }

    /// The first link to a post in a range, or that touches it.
    pub(super) fn link_in(&self, range: Range<usize>) -> Option<String> {
        let at = self.links.partition_point(|(link, _)| link.end < range.start);
        let (link, url) = self.links.get(at)?;
        (link.start <= range.end).then(|| (*url).to_owned())
    }

    /// The post that the attributes of a quotation name.
    pub(super) fn cited(&self, block: usize) -> Option<String> {
        self.draft.blocks[block].cites.iter().find(|cite| super::is_post(cite) || (self.is_known)(cite)).cloned()
    }

    /// The handles in a range, each with its number.
    pub(super) fn whos_in(&self, range: Range<usize>) -> impl DoubleEndedIterator<Item = (usize, &Who)> {
        let from = self.whos.partition_point(|who| who.range.start < range.start);
        let to = self.whos.partition_point(|who| who.range.start < range.end);
        (from..to).map(|at| (at, &self.whos[at]))
    }

    /// What prose says of a handle in it: the name before it, the date beside it.
    pub(super) fn said(&self, who: &Who, block: Range<usize>) -> (Option<Handle>, Option<Name>, Option<Printed>) {
        let text = self.text();
        let before = &text[block.start..who.range.start];
        let near = before[before.ceil_char_boundary(before.len().saturating_sub(160))..]
            .trim_end_matches(|c: char| signature::is_blank(c) || c == ',');
        let name =
            Some(near).filter(|near| who.in_parentheses && !near.is_empty()).map(|near| Name::Before(near.to_owned()));
        let after = who::date_after(text, who.range.end, block.end, 6);
        let date =
            after.or_else(|| who::date_before(text, self.behind_spans(block.start, who.range.start), who.range.start));
        (Some(who.handle.clone()), name, date.map(|date| date.when))
    }

    /// Where the last stretch in quotation marks ends before a place, if it does behind `from`: what it says is none of the draft's.
    pub(super) fn behind_spans(&self, from: usize, to: usize) -> usize {
        let at = self.spans.partition_point(|span| span.outer.end <= to);
        at.checked_sub(1).map_or(from, |before| self.spans[before].outer.end.max(from)).min(to)
    }

    /// Whether something is claimed already.
    pub(super) fn is_taken(&self, range: &Range<usize>) -> bool {
        let at = self.taken.partition_point(|taken| taken.start < range.end);
        self.taken[..at].iter().rev().take(4).any(|taken| taken.end > range.start)
    }
}

/// Stretches in one pair of marks that several paragraphs share. Each of them may open with the mark again.
fn over_paragraphs(draft: &Draft, known: &[Span]) -> Vec<Span> {
    let (text, blocks) = (&draft.text, &draft.blocks);
    let mut found: Vec<Span> = Vec::new();
    for (number, block) in blocks.iter().enumerate().filter(|(_, block)| block.quotation.is_none()) {
        let after = found.last().map_or(0, |last| last.outer.end);
        let is_open = |at: usize| {
            let near = known.partition_point(|span| span.outer.end <= at);
            known.get(near).is_none_or(|span| span.outer.start > at)
        };
        let words = &text[block.range.clone()];
        let begins =
            |at: usize| text[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ':'));
        let mut marks = words.match_indices(['“', '"', '„', '«', '»']).take(READINGS);
        let open = marks.find_map(|(at, mark)| {
            let at = block.range.start + at;
            (at >= after && is_open(at) && (mark == "“" || begins(at))).then_some((at, mark))
        });
        let Some((open, mark)) = open else { continue };
        let next = blocks[number + 1..].iter().take(ABOVE);
        let mut next = next
            .take_while(|next| next.quotation.is_none() && !next.heading && next.range.end - open <= LONGEST)
            .peekable();
        let opens_again = |next: &Block| text[next.range.clone()].starts_with(mark);
        let closed = if next.peek().is_some_and(|next| opens_again(next)) {
            next.take_while(|next| opens_again(next))
                .find_map(|next| {
                    marks::spans(text, next.range.clone()).into_iter().find(|span| span.outer.start == next.range.start)
                })
                .map(|span| Span { outer: open..span.outer.end, inner: open + mark.len()..span.inner.end })
        } else {
            next.map(|next| marks::spans(text, open..next.range.end))
                .find_map(|spans| spans.into_iter().next().filter(|span| span.outer.start == open))
        };
        found.extend(closed);
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// Whether a sentence ends in prose, which parts what stands before from what follows.
pub(super) fn ends_sentence(between: &str) -> bool {
    let mut signs = between.chars().peekable();
    let mut last = ' ';
    while let Some(c) = signs.next() {
        let initial = last.is_uppercase();
        if matches!(c, '.' | '!' | '?') && !initial && signs.peek().is_some_and(|next| next.is_whitespace()) {
            return true;
        }
        if c == '\n' && signs.peek() == Some(&'\n') {
            return true;
        }
        last = c;
    }
    false
}

/// Where a line goes on behind its number or bullet.
pub(super) fn without_number(line: &str) -> Option<usize> {
    let bare = line.trim_start();
    let rest = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = bare.len() - rest.len();
    let rest = match rest.chars().next()? {
        '.' | ')' if (1..=3).contains(&digits) => &rest[1..],
        '*' | '-' | '+' | '•' | '–' | '—' if digits == 0 => {
            rest.trim_start_matches(['*', '-', '+', '•', '–', '—'])
        }
        _ => return None,
    };
    let words = rest.strip_prefix([' ', '\t', '\u{a0}'])?.trim_start();
    (!words.is_empty()).then(|| line.len() - words.len())
}

/// How many words a text has, whether or not spaces part them.
pub(super) fn count(text: &str) -> usize {
    super::tokens::tokens(text).iter().filter(|token| token.is_word()).count()
}
