//! The quotations of a draft: what it says that somebody posted, and who and when.
//!
//! A draft is written freely, so a claim may be read in several ways: a signature below three paragraphs may sign one or all of
//! them. All readings are kept, and the archive tells which is meant.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::draft::{self, Draft};
use super::marks::{self, Span};
use super::who::{self, Dated, Who};
use crate::model::{Handle, When};
use crate::platform::signature;

/// What a draft says that somebody posted.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// What may be the quoted words, as places in the draft's text; the likeliest first.
    pub readings: Vec<Reading>,
    /// The handle as printed.
    pub handle: Option<Handle>,
    /// The date as printed.
    pub date: Option<When>,
    /// The address of a post beside the words.
    pub link: Option<String>,
    /// Whether it is surely a quotation. What is not is of interest only if the archive holds it.
    pub sure: bool,
    /// Whether its handle, name and date are surely meant for it.
    pub attributed: bool,
    /// Who else may be meant, where one is named before the words and one behind them.
    pub rival: Option<Rival>,
}

/// Another who may be meant: the handle, the name and the date beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rival {
    /// The handle as printed.
    pub handle: Handle,
    /// The name as printed.
    pub name: Option<Name>,
    /// The date as printed.
    pub date: Option<When>,
}

/// One way to read a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Where the quoted words stand.
    pub range: Range<usize>,
    /// What stands among them and is the draft's own: `“One,” she wrote, “two.”`
    pub without: Vec<Range<usize>>,
    /// The name as printed.
    pub name: Option<Name>,
}

impl Reading {
    fn new(range: Range<usize>, name: Option<Name>) -> Reading {
        Reading { range, without: Vec::new(), name }
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
            words.push_str(text[at..hole.start].trim_end());
            words.push(' ');
            at = hole.end;
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
    /// It ends here; where it begins, prose does not tell.
    Before(String),
}

/// More quotations than this are not looked for in one draft.
pub const MOST: usize = 5_000;

/// How many readings a signature may have.
const READINGS: usize = 40;

/// How many paragraphs above a signature may be its quotation.
const ABOVE: usize = 12;

/// The longest text that is compared.
const LONGEST: usize = 20_000;

/// The quotations of a draft in order, and whether there were more than [`MOST`].
pub fn claims(draft: &Draft) -> (Vec<Claim>, bool) {
    let mut finder = Finder::new(draft);
    finder.signatures();
    finder.quotations();
    finder.spans();
    finder.introduced();
    finder.loose();
    finder.links();
    let mut claims = finder.claims;
    claims.sort_by_key(|claim| claim.readings.first().map(|reading| reading.range.start));
    let more = claims.len() > MOST;
    claims.truncate(MOST);
    (claims, more)
}

struct Finder<'a> {
    draft: &'a Draft,
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

/// A signature: where the words before it end, and what it says.
struct Signature {
    /// Where the words may end and which name may follow; the likeliest first.
    ends: Vec<(usize, String)>,
    range: Range<usize>,
    handle: Option<(usize, Handle)>,
    date: Option<Dated>,
    link: Option<String>,
    sure: bool,
}

impl<'a> Finder<'a> {
    fn new(draft: &'a Draft) -> Finder<'a> {
        let text = &draft.text;
        let spans = draft.blocks.iter().flat_map(|block| marks::spans(text, block.range.clone())).collect();
        let leads = |url: &str| super::is_post(url);
        let links = draft.links.iter().filter(|(_, url)| leads(url)).map(|(range, url)| (range.clone(), url.as_str()));
        let mut runs: Vec<usize> = Vec::with_capacity(draft.blocks.len());
        for (at, block) in draft.blocks.iter().enumerate() {
            let before = at.checked_sub(1).filter(|before| draft.blocks[*before].quotation == block.quotation);
            runs.push(before.map_or(at, |before| runs[before]));
        }
        Finder {
            draft,
            runs,
            whos: who::handles(text),
            spans,
            links: links.collect(),
            claims: Vec::new(),
            signing: HashSet::new(),
            signed: Vec::new(),
            claimed: HashSet::new(),
            taken: Vec::new(),
        }
    }

    fn text(&self) -> &'a str {
        &self.draft.text
    }

    /// The link to a post that begins in a range.
    fn link_in(&self, range: Range<usize>) -> Option<String> {
        let at = self.links.partition_point(|(link, _)| link.end < range.start);
        let (link, url) = self.links.get(at)?;
        (link.start <= range.end).then(|| (*url).to_owned())
    }

    /// What stands under its signature.
    fn signatures(&mut self) {
        let mut found: Vec<Signature> = Vec::new();
        for at in 0..self.whos.len() {
            let after = found.last().map_or(0, |last| last.range.end);
            found.extend(self.signature(at, after));
        }
        let handled: Vec<Range<usize>> = found.iter().map(|found| found.range.clone()).collect();
        found.extend(self.without_handle(&handled));
        found.sort_by_key(|found| found.range.start);
        // What stands right above a signature alone on its line is what it signs, though it may end in a mention.
        let signs_nothing = |at: usize| {
            let (one, next): (&Signature, Option<&Signature>) = (&found[at], found.get(at + 1));
            let between = next.and_then(|next| self.text().get(one.range.end..next.range.start));
            one.date.is_none() && between.is_some_and(|between| between.trim().is_empty())
        };
        let kept: Vec<bool> = (0..found.len()).map(|at| !signs_nothing(at)).collect();
        let mut kept = kept.into_iter();
        found.retain(|_| kept.next().unwrap_or(true));
        self.signing = found.iter().filter_map(|found| Some(found.handle.as_ref()?.0)).collect();
        self.signed = found.iter().map(|found| found.range.clone()).collect();
        for signature in found {
            self.claim_signed(signature);
        }
        self.taken.sort_by_key(|range| range.start);
    }

    /// The signature whose handle is that one.
    fn signature(&self, at: usize, after: usize) -> Option<Signature> {
        let (text, who) = (self.text(), &self.whos[at]);
        let block = &self.draft.blocks[self.draft.block_at(who.range.start)];
        let end = block.range.end;
        let date = who::date_after(text, who.range.end, end, 1).filter(|date| {
            let between = &text[who.range.end..date.range.start];
            between.len() <= 12 && !between.contains(['“', '"', ':'])
        });
        let behind = date.as_ref().map_or(who.range.end, |date| date.range.end);
        let line_end = text[behind..end].find('\n').map_or(end, |at| behind + at);
        // Nothing else stands on the line, but for the address of the post.
        let rest = &text[behind..line_end];
        let is_address = |word: &str| word.contains("://") || !word.contains(char::is_alphanumeric);
        if !rest.split_whitespace().all(is_address) && self.link_text(behind, line_end).is_none() {
            return None;
        }
        let start = block.range.start.max(after);
        let before = text.get(start..who.range.start)?;
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let starts =
            |from: usize| before[from..].trim_start_matches(signature::is_blank).starts_with(super::tokens::is_dash);
        let above = before[..line.saturating_sub(1)].rfind('\n').map_or(0, |at| at + 1);
        let from = [line, above].into_iter().find(|from| starts(*from)).unwrap_or(0);
        let one_line = before[from..].replace('\n', " ");
        let clean =
            |name: &str| name.trim_matches(|c: char| signature::is_blank(c) || matches!(c, ',' | '(' | '[')).to_owned();
        let mut ends: Vec<(usize, String)> = Vec::new();
        match signature::read(&one_line, one_line.len(), &who.handle) {
            Some(read) => ends.push((start + from + read.dash, clean(read.name))),
            // Embeds leave the dash to their style sheet.
            None if block.quotation.is_some()
                && date.is_some()
                && who.in_parentheses
                && before[line..].len() <= 256 =>
            {
                ends.push((start + line, clean(&before[line..])));
            }
            None => return None,
        }
        // A text may have dashes of its own, and so may a name.
        for (at, name_at) in dashes(&before[from..]) {
            let end = start + from + at;
            if ends.iter().all(|(known, _)| *known != end) {
                ends.push((end, clean(&before[from + name_at..].replace('\n', " "))));
            }
        }
        let closed = |end: &(usize, String)| text[..end.0].trim_end().ends_with(['”', '"', '»', '’']);
        // What stands in quotation marks has its signature behind them.
        if let Some(behind) = ends.iter().rposition(closed) {
            ends.swap(0, behind);
        }
        let text_end = ends[0].0;
        // A mention at the end of a line, behind a dash of the text's own.
        let is_own_line =
            text[block.range.start..text_end].rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
        let is_plain = !who.in_parentheses && date.is_none() && !ends[0].1.is_empty();
        if is_plain && !is_own_line && !closed(&ends[0]) {
            return None;
        }
        let inside = self.spans.partition_point(|span| span.outer.end <= who.range.start);
        if self.spans.get(inside).is_some_and(|span| span.outer.start < text_end && span.outer.end <= line_end) {
            return None;
        }
        Some(Signature {
            range: text_end..line_end,
            ends,
            handle: Some((at, who.handle.clone())),
            link: self.link_in(text_end..line_end),
            date,
            sure: true,
        })
    }

    /// The words of a link to a post that fill the rest of a line.
    fn link_text(&self, from: usize, to: usize) -> Option<()> {
        let at = self.links.partition_point(|(link, _)| link.end < from);
        let (link, _) = self.links.get(at)?;
        let outside = [self.text().get(from..link.start)?, self.text().get(link.end..to)?];
        outside.iter().all(|text| !text.contains(char::is_alphanumeric)).then_some(())
    }

    /// Signatures that name no handle, but a date or a link.
    fn without_handle(&self, known: &[Range<usize>]) -> Vec<Signature> {
        let text = self.text();
        let mut found = Vec::new();
        for block in &self.draft.blocks {
            let mut start = block.range.start;
            for line in text[block.range.clone()].split('\n') {
                let range = start..start + line.len();
                start = range.end + 1;
                let near = known.partition_point(|known| known.end < range.start);
                if known.get(near).is_some_and(|known| known.start <= range.end) {
                    continue;
                }
                let tail = line.ceil_char_boundary(line.len().saturating_sub(160));
                let dashes = || line[tail..].char_indices().filter(|(_, c)| matches!(c, '—' | '–' | '―'));
                let Some((at, dash)) = dashes().next_back() else { continue };
                let at = tail + at;
                let name_start = at + dash.len_utf8();
                let from = range.start + name_start;
                let date = line[name_start..]
                    .char_indices()
                    .filter(|(_, c)| signature::is_blank(*c))
                    .find_map(|(space, _)| who::date_after(text, from + space, range.end, 0));
                let link = self.link_in(range.start + at..range.end);
                let end = date.as_ref().map_or(range.end, |date| date.range.start);
                let name = text[from..end.max(from)]
                    .trim_matches(|c: char| signature::is_blank(c) || matches!(c, ',' | '(' | '.'));
                let behind = date.as_ref().map_or("", |date| &text[date.range.end..range.end]);
                let is_name = name.chars().count() <= 64
                    && name.chars().next().is_some_and(|c| !c.is_lowercase() && !c.is_ascii_digit())
                    && name.split_whitespace().count() <= 8;
                let is_end =
                    behind.split_whitespace().all(|word| word.contains("://") || !word.contains(char::is_alphanumeric));
                if !is_name || !is_end || !(date.is_some() || link.is_some()) {
                    continue;
                }
                let before = line[..at].trim_end();
                let sure = link.is_some() || block.quotation.is_some() || before.ends_with(['”', '"', '’', '»']);
                found.push(Signature {
                    ends: vec![(range.start + at, name.to_owned())],
                    range: range.start + at..range.end,
                    handle: None,
                    date,
                    link,
                    sure,
                });
            }
        }
        found
    }

    fn claim_signed(&mut self, signed: Signature) {
        let (text, draft) = (self.text(), self.draft);
        let here = draft.block_at(signed.range.start);
        let block = &draft.blocks[here];
        // Nothing above another signature is this one's.
        let at = self.signed.partition_point(|known| known.start < signed.range.start);
        let wall = at.checked_sub(1).map_or(0, |before| self.signed[before].end);
        let mut starts: Vec<usize> = Vec::new();
        let own = block.range.start.max(wall);
        let text_end = signed.range.start;
        let mut end = text[..text_end].trim_end().len();
        let has_words = end > own && text[own..end].contains(|c: char| !signature::is_blank(c));
        let mut first = here;
        if has_words {
            self.line_starts(own..end, &mut starts);
        }
        let above = |block: usize| block.checked_sub(1).map(|above| (above, &draft.blocks[above]));
        match above(here) {
            // Signed below a quotation: it is the whole of that, and of no more.
            Some((last, quoted)) if !has_words && quoted.quotation.is_some() && quoted.quotation != block.quotation => {
                let start = draft.blocks[self.runs[last]].range.start.max(wall);
                end = quoted.range.end;
                starts.push(start);
                self.claimed.extend(quoted.quotation);
            }
            _ if block.quotation.is_some() => {
                starts = vec![draft.blocks[self.runs[here]].range.start.max(wall)];
                self.claimed.extend(block.quotation);
            }
            _ => {
                while let Some((next, paragraph)) =
                    above(first).filter(|_| here - first < ABOVE && starts.len() < READINGS)
                {
                    let belongs = paragraph.group == block.group
                        && !paragraph.heading
                        && paragraph.quotation.is_none()
                        && paragraph.range.start >= wall
                        && !draft::is_number(&text[paragraph.range.clone()]);
                    if !belongs {
                        break;
                    }
                    self.line_starts(paragraph.range.clone(), &mut starts);
                    if !has_words && first == here {
                        end = paragraph.range.end;
                    }
                    first = next;
                }
            }
        }
        let start_of_line = text[..end].rfind('\n').map_or(0, |at| at + 1);
        let printed = |name: &str| Some(Name::Whole(name.to_owned())).filter(|_| !name.is_empty());
        let mut readings: Vec<Reading> = Vec::new();
        let first_name = signed.ends.first().and_then(|(_, name)| printed(name));
        // What stands in quotation marks right before the dash.
        let at = self.spans.partition_point(|span| span.outer.end < end);
        if let Some(span) = self.spans.get(at).filter(|span| span.outer.end == end && !span.inner.is_empty()) {
            let before = &text[start_of_line.min(span.outer.start).max(own.min(span.outer.start))..span.outer.start];
            if block.quotation.is_none()
                && (!before.contains(char::is_alphanumeric) || before.trim_end().ends_with(':'))
            {
                readings.push(Reading::new(span.inner.clone(), first_name.clone()));
            }
        }
        let others = signed.ends.iter().skip(1).map(|(at, name)| (text[..*at].trim_end().len(), printed(name)));
        let ends: Vec<(usize, Option<Name>)> = std::iter::once((end, first_name)).chain(others.take(3)).collect();
        for (end, name) in &ends {
            for start in starts.iter().copied().filter(|start| start < end) {
                let start = start.max(text.ceil_char_boundary(end.saturating_sub(LONGEST)));
                let number = without_number(&text[start..*end]).map(|number| start + number..*end);
                let ranges = number.into_iter().chain(std::iter::once(start..*end));
                readings.extend(ranges.map(|range| Reading::new(range, name.clone())));
            }
        }
        readings.dedup();
        if readings.is_empty() {
            return;
        }
        let taken = if has_words { own } else { readings[0].range.start };
        self.taken.push(taken..signed.range.end);
        let link = signed.link.or_else(|| self.cited(here)).or_else(|| {
            // The words themselves may be the link.
            self.link_in(readings[0].range.clone())
        });
        self.claims.push(Claim {
            readings,
            handle: signed.handle.map(|(_, handle)| handle),
            date: signed.date.map(|date| date.when),
            link,
            sure: signed.sure,
            attributed: true,
            rival: None,
        });
    }

    /// Adds where lines begin, from below.
    fn line_starts(&self, range: Range<usize>, starts: &mut Vec<usize>) {
        let text = &self.text()[range.clone()];
        let breaks = text.rmatch_indices('\n').map(|(at, _)| range.start + at + 1).take(READINGS);
        starts.extend(breaks);
        starts.push(range.start);
    }

    /// Whether a range holds nothing but a link to a post.
    fn is_all_links(&self, range: &Range<usize>) -> bool {
        const WORDS: usize = 8;
        let text = &self.text()[range.clone()];
        let at = self.links.partition_point(|(link, _)| link.end <= range.start);
        let links = self.links[at..].iter().take_while(|(link, _)| link.start < range.end).take(WORDS);
        let linked: usize = links.map(|(link, _)| link.len()).sum();
        let is_short = text.split_whitespace().count() <= WORDS;
        is_short && (linked * 10 >= text.len() * 9 || text.starts_with("Post by @"))
    }

    /// The post that the attributes of a quotation name.
    fn cited(&self, block: usize) -> Option<String> {
        self.draft.blocks[block].cites.iter().find(|cite| super::is_post(cite)).cloned()
    }

    /// Block quotations that nobody signs.
    fn quotations(&mut self) {
        let (text, draft) = (self.text(), self.draft);
        let mut at = 0;
        while at < draft.blocks.len() {
            let quotation = draft.blocks[at].quotation;
            let length = draft.blocks[at..].iter().take_while(|block| block.quotation == quotation).count();
            let (first, last) = (at, at + length - 1);
            at += length;
            let Some(number) = quotation.filter(|number| !self.claimed.contains(number)) else { continue };
            let range = draft.blocks[first].range.start..draft.blocks[last].range.end;
            let before =
                first.checked_sub(1).map(|before| &draft.blocks[before]).filter(|block| block.quotation.is_none());
            let beside = self.beside(first, last);
            let link = self.cited(first).or_else(|| self.link_in(range.clone()));
            let link = link.or_else(|| {
                let (_, block) = beside.first()?;
                self.link_in(block.clone())
            });
            let link_before = || {
                let block = before.filter(|block| text[block.range.clone()].trim_end().ends_with(':'))?;
                self.link_in(block.range.clone())
            };
            let link = link.or_else(link_before);
            if link.is_none() && beside.is_empty() {
                continue;
            }
            let sure = !beside.is_empty() || !draft.blocks[first].cites.is_empty();
            // An embed without words says where the post is, and nothing else.
            if self.is_all_links(&range) {
                continue;
            }
            let mut said = beside.iter().map(|((_, who), block)| self.said(who, block.clone()));
            let (handle, name, date) = said.next().unwrap_or((None, None, None));
            let rival = said.next().and_then(|(handle, name, date)| Some(Rival { handle: handle?, name, date }));
            self.claimed.insert(number);
            let end = range.start + text[range.clone()].floor_char_boundary(LONGEST);
            self.taken.push(range.clone());
            self.claims.push(Claim {
                readings: vec![Reading::new(range.start..end, name)],
                handle,
                date,
                link,
                sure,
                attributed: true,
                rival,
            });
        }
        self.taken.sort_by_key(|range| range.start);
    }

    /// Who is named in the paragraph before or behind those blocks as the one whose words they are, and in which: the
    /// likelier first.
    fn beside(&self, first: usize, last: usize) -> Vec<((usize, &Who), Range<usize>)> {
        let (text, blocks) = (self.text(), &self.draft.blocks);
        let free = |who: &(usize, &Who)| !self.signing.contains(&who.0);
        let before = first.checked_sub(1).map(|before| &blocks[before]).filter(|block| block.quotation.is_none());
        let introduced = before.and_then(|block| {
            let who = self.whos_in(block.range.clone()).rfind(free)?;
            // Of a long paragraph only the end introduces what follows.
            let behind = &text[who.1.range.end..block.range.end];
            (behind.len() <= 160 && !behind.contains(['”', '"', '’', '」'])).then_some((who, block.range.clone()))
        });
        let after = blocks.get(last + 1).filter(|block| block.quotation.is_none() && !self.has_span(&block.range));
        let followed = after.and_then(|block| {
            let who = self.whos_in(block.range.clone()).find(free)?;
            let is_near = who.1.range.start - block.range.start <= 120;
            let introduces = text[block.range.clone()].trim_end().ends_with(':');
            (is_near && !introduces).then_some((who, block.range.clone()))
        });
        let opens = introduced.as_ref().is_some_and(|(_, block)| text[block.clone()].trim_end().ends_with(':'));
        match (introduced, followed) {
            (Some(introduced), _) if opens => vec![introduced],
            (introduced, followed) => introduced.into_iter().chain(followed).collect(),
        }
    }

    /// Whether something stands in quotation marks in a range.
    fn has_span(&self, range: &Range<usize>) -> bool {
        let at = self.spans.partition_point(|span| span.outer.end <= range.start);
        self.spans.get(at).is_some_and(|span| span.outer.start < range.end)
    }

    /// Paragraphs that another introduces: `Ada Moss (@ada_moss) wrote:`, and then her words without any marks.
    fn introduced(&mut self) {
        let (text, draft) = (self.text(), self.draft);
        let mut found = Vec::new();
        for (before, block) in draft.blocks.iter().zip(draft.blocks.iter().skip(1)) {
            let ends = text[before.range.clone()].trim_end().ends_with(':');
            if !ends || block.quotation.is_some() || before.quotation.is_some() || self.is_taken(&block.range) {
                continue;
            }
            let free = |who: &(usize, &Who)| !self.signing.contains(&who.0);
            let Some((_, who)) = self.whos_in(before.range.clone()).rfind(free) else { continue };
            if before.range.end - who.range.end > 160 || block.range.len() > LONGEST {
                continue;
            }
            let (handle, name, date) = self.said(who, before.range.clone());
            let link = self.link_in(who.range.start..before.range.end);
            let readings = vec![Reading::new(block.range.clone(), name)];
            found.push(Claim { readings, handle, date, link, sure: false, attributed: true, rival: None });
        }
        self.taken.extend(found.iter().flat_map(|claim| &claim.readings).map(|reading| reading.range.clone()));
        self.taken.sort_by_key(|range| range.start);
        self.claims.append(&mut found);
    }

    /// Words before a handle in parentheses that ends a paragraph, and words below a line with a handle, as they are pasted from an
    /// app. Prose may look so, too.
    fn loose(&mut self) {
        let (text, draft) = (self.text(), self.draft);
        let mut found = Vec::new();
        for (at, who) in self.whos.iter().enumerate().filter(|(at, _)| !self.signing.contains(at)) {
            let number = draft.block_at(who.range.start);
            let block = &draft.blocks[number].range;
            if self.is_taken(block) || self.has_span(block) || block.len() > LONGEST {
                continue;
            }
            let line_end = text[who.range.end..block.end].find('\n').map_or(block.end, |at| who.range.end + at);
            let is_first =
                text[block.start..who.range.start].len() <= 100 && !text[block.start..who.range.start].contains('\n');
            let ends = |rest: &str| !rest.contains(char::is_alphanumeric);
            let below = draft.blocks.get(number + 1).map(|next| next.range.clone()).filter(|next| !self.is_taken(next));
            let is_next_free = self.whos.get(at + 1).is_none_or(|next| next.range.start > line_end);
            let range = if who.in_parentheses && ends(&text[who.range.end..block.end]) {
                block.start..who.range.start
            } else if is_first && line_end - who.range.end <= 60 && is_next_free {
                match below {
                    _ if line_end < block.end => line_end + 1..block.end,
                    Some(below) if below.len() <= LONGEST => below,
                    _ => continue,
                }
            } else {
                continue;
            };
            let number = without_number(&text[range.clone()]).map_or(0, |number| number);
            let range = range.start + number..range.end;
            if count(&text[range.clone()]) < 3 {
                continue;
            }
            let date = who::date_after(text, who.range.end, block.end, 1).map(|date| date.when);
            found.push(Claim {
                readings: vec![Reading::new(range, None)],
                handle: Some(who.handle.clone()),
                date,
                link: None,
                sure: false,
                attributed: true,
                rival: None,
            });
        }
        self.claims.append(&mut found);
    }

    /// The handles in a range, each with its number.
    fn whos_in(&self, range: Range<usize>) -> impl DoubleEndedIterator<Item = (usize, &Who)> {
        let from = self.whos.partition_point(|who| who.range.start < range.start);
        let to = self.whos.partition_point(|who| who.range.start < range.end);
        (from..to).map(|at| (at, &self.whos[at]))
    }

    /// What prose says of a handle in it: the name before it, the date beside it.
    fn said(&self, who: &Who, block: Range<usize>) -> (Option<Handle>, Option<Name>, Option<When>) {
        let text = self.text();
        let before = &text[block.start..who.range.start];
        let near = before[before.ceil_char_boundary(before.len().saturating_sub(160))..]
            .trim_end_matches(|c: char| signature::is_blank(c) || c == ',');
        let name =
            Some(near).filter(|near| who.in_parentheses && !near.is_empty()).map(|near| Name::Before(near.to_owned()));
        let after = who::date_after(text, who.range.end, block.end, 6);
        let date = after.or_else(|| who::date_before(text, block.start, who.range.start));
        (Some(who.handle.clone()), name, date.map(|date| date.when))
    }

    /// Whether something is claimed already.
    fn is_taken(&self, range: &Range<usize>) -> bool {
        let at = self.taken.partition_point(|taken| taken.start < range.end);
        self.taken[..at].iter().rev().take(4).any(|taken| taken.end > range.start)
    }

    /// What stands in quotation marks beside a handle or a link.
    fn spans(&mut self) {
        let (text, draft) = (self.text(), self.draft);
        let spans = std::mem::take(&mut self.spans);
        let mut inherited: Option<(usize, usize)> = None;
        let mut taken = Vec::new();
        let mut last_claim: Option<usize> = None;
        for (at, span) in spans.iter().enumerate() {
            if self.is_taken(&span.outer) || span.inner.is_empty() || span.inner.len() > LONGEST {
                continue;
            }
            let number = draft.block_at(span.outer.start);
            let block = &draft.blocks[number];
            if block.quotation.is_some() {
                continue;
            }
            let from = at.checked_sub(1).map_or(0, |before| spans[before].outer.end).max(block.range.start);
            let to = spans.get(at + 1).map_or(block.range.end, |next| next.outer.start).min(block.range.end);
            let free = |who: &(usize, &Who)| !self.signing.contains(&who.0);
            let before = self.whos_in(from..span.outer.start).rfind(free);
            let after = self.whos_in(span.outer.end..to).find(free);
            let lead = before.map(|(_, who)| &text[who.range.end..span.outer.start]);
            let tail = after.map(|(_, who)| &text[span.outer.end..who.range.start]);
            let flows = |between: &str, most: usize| between.len() <= most && !ends_sentence(between);
            let lead_flows = lead.is_some_and(|lead| flows(lead, 200));
            let tail_flows = tail.is_some_and(|tail| flows(tail, 120));
            let said = &text[span.inner.clone()];
            let ends_with_comma =
                said.trim_end().ends_with(',') || tail.is_some_and(|tail| tail.trim_start().starts_with(','));
            let colon = lead.is_some_and(|lead| lead.trim_end().ends_with([':', ',']));
            let chosen = if lead_flows && colon {
                before
            } else if tail_flows && (ends_with_comma || !lead_flows) {
                after
            } else if lead_flows {
                before
            } else {
                None
            };
            let sure = chosen.is_some();
            let heir = || inherited.filter(|(_, of)| *of == number).map(|(who, _)| (who, &self.whos[who]));
            let chosen = chosen.or(before).or(after).or_else(heir);
            // A sentence that its attribution interrupts goes on.
            let interrupted = last_claim.filter(|claim| self.goes_on(*claim, span, number));
            if let Some(claim) = interrupted {
                taken.push(span.outer.clone());
                self.join(claim, span);
                continue;
            }
            last_claim = None;
            let words = count(said);
            let link = self.link_of_span(span, from..to);
            if words < 2 && link.is_none() && !colon && !(sure && ends_with_comma) {
                continue;
            }
            // A paragraph that is nothing but a quotation may be attributed in the next, or by the one before.
            let around = [block.range.start..span.outer.start, span.outer.end..block.range.end];
            let is_alone = around.iter().all(|rest| !text[rest.clone()].contains(char::is_alphanumeric));
            let beside =
                if is_alone && chosen.is_none() { self.beside(number, number).into_iter().next() } else { None };
            let sure = sure || beside.is_some();
            let (handle, name, date) = match (chosen, &beside) {
                (Some((_, who)), _) => self.said(who, block.range.clone()),
                (None, Some(((_, who), block))) => self.said(who, block.clone()),
                (None, None) => (None, None, None),
            };
            inherited = chosen.map(|(who, _)| (who, number)).or(inherited);
            // A word or two may be set in marks for many reasons.
            let introduced = colon || ends_with_comma || beside.is_some();
            let sure = (sure && (words >= 4 || introduced)) || (link.is_some() && words >= 3);
            if chosen.is_none() && beside.is_none() && link.is_none() && words < 5 {
                continue;
            }
            self.claims.push(Claim {
                readings: vec![Reading::new(span.inner.clone(), name)],
                handle,
                date,
                link,
                sure,
                attributed: sure,
                rival: None,
            });
            last_claim = Some(self.claims.len() - 1);
            taken.push(span.outer.clone());
        }
        self.spans = spans;
        self.taken.append(&mut taken);
        self.taken.sort_by_key(|range| range.start);
    }

    /// Whether a stretch goes on with the sentence of an earlier claim: `“One,” she wrote, “two.”`
    fn goes_on(&self, claim: usize, span: &Span, block: usize) -> bool {
        const BETWEEN: usize = 120;
        let text = self.text();
        let Some(before) = self.claims[claim].readings.first().map(|reading| reading.range.end) else { return false };
        let Some(between) = text.get(before..span.outer.start) else { return false };
        let said = text[..before].trim_end();
        self.draft.block_at(before) == block
            && between.len() <= BETWEEN
            && said.ends_with(',')
            && between.trim_end().ends_with(',')
            && !ends_sentence(between)
    }

    /// Adds a stretch to a claim, with and without the comma before the interruption: house style may have put it there.
    fn join(&mut self, claim: usize, span: &Span) {
        let text = self.text();
        let Some(claim) = self.claims.get_mut(claim) else { return };
        let mut joined = Vec::new();
        for reading in &claim.readings {
            let end = reading.range.end;
            let comma = text[..end].trim_end().trim_end_matches(',').len().max(reading.range.start);
            for hole in [end..span.inner.start, comma..span.inner.start] {
                let mut without = reading.without.clone();
                without.push(hole);
                joined.push(Reading {
                    range: reading.range.start..span.inner.end,
                    without,
                    name: reading.name.clone(),
                });
            }
        }
        joined.truncate(READINGS);
        claim.readings = joined;
    }

    /// The link to a post over a stretch in marks, else beside it.
    fn link_of_span(&self, span: &Span, around: Range<usize>) -> Option<String> {
        let text = self.text();
        if let Some(link) = self.link_in(span.outer.clone()) {
            return Some(link);
        }
        let near = |range: Range<usize>| {
            let at = self.links.partition_point(|(link, _)| link.start < range.start);
            let (link, url) = self.links.get(at).filter(|(link, _)| link.start < range.end)?;
            let between =
                if link.start >= span.outer.end { span.outer.end..link.start } else { link.end..span.outer.start };
            let between = text.get(between)?;
            (between.len() <= 160 && !ends_sentence(between)).then(|| (*url).to_owned())
        };
        near(span.outer.end..around.end).or_else(|| {
            let at = self.links.partition_point(|(link, _)| link.start < span.outer.start);
            let (link, _) = self.links.get(at.checked_sub(1)?)?;
            (link.start >= around.start).then(|| near(link.start..span.outer.start)).flatten()
        })
    }

    /// Words that are a link to a post.
    fn links(&mut self) {
        let text = self.text();
        let mut found = Vec::new();
        for (range, url) in &self.links {
            let words = count(&text[range.clone()]);
            if words < 3 || self.is_taken(range) || text[range.clone()].contains("://") {
                continue;
            }
            found.push(Claim {
                readings: vec![Reading::new(range.clone(), None)],
                handle: None,
                date: None,
                link: Some((*url).to_owned()),
                sure: false,
                attributed: false,
                rival: None,
            });
        }
        self.claims.append(&mut found);
    }
}

/// How many words a text has, whether or not spaces part them.
fn count(text: &str) -> usize {
    super::tokens::tokens(text).iter().filter(|token| token.is_word()).count()
}

/// The dashes before a handle after which a name may stand: where each begins, and where what follows it does.
fn dashes(before: &str) -> Vec<(usize, usize)> {
    const LONGEST_NAME: usize = 64;
    let window = before.ceil_char_boundary(before.len().saturating_sub(LONGEST_NAME * 8));
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, c) in before[window..].char_indices().map(|(at, c)| (window + at, c)) {
        let end = at + c.len_utf8();
        if !super::tokens::is_dash(c) {
            continue;
        }
        match found.last_mut().filter(|last| last.1 == at) {
            Some(last) => last.1 = end,
            None => found.push((at, end)),
        }
    }
    let spaced = |(at, end): &(usize, usize)| {
        let is_long = before[*at..*end].chars().any(|c| !matches!(c, '-' | '\u{2010}' | '\u{2011}')) || end - at > 1;
        let around = [before[..*at].chars().next_back(), before[*end..].chars().next()];
        is_long || around.iter().all(|c| c.is_none_or(signature::is_blank))
    };
    found.retain(|dash| spaced(dash) && before[dash.1..].chars().count() <= LONGEST_NAME);
    found.reverse();
    found
}

/// Whether a sentence ends in prose, which parts what stands before from what follows.
fn ends_sentence(between: &str) -> bool {
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
fn without_number(line: &str) -> Option<usize> {
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
