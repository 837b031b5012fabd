//! What stands under its signature: `text — Name (@handle) July 26, 2021`, and what may be all of that text.

use std::ops::Range;

use super::{ABOVE, Claim, Finder, LONGEST, Name, READINGS, Reading, without_number};
use crate::check::draft;
use crate::check::tokens;
use crate::check::who::{self, Dated};
use crate::model::Handle;
use crate::platform::signature;

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

/// How many readings a signature may have: paragraphs above it, dashes before it, numbers before those.
const MOST_SIGNED: usize = 8 * READINGS;

/// How far a signature may reach.
const REACH: usize = 2048;

impl<'a> Finder<'a> {
    /// What stands under its signature.
    pub(super) fn signatures(&mut self) {
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
        // Whom a reply answers has not signed it.
        if text[..who.range.start].trim_end().ends_with(" to") {
            return None;
        }
        let block = &self.draft.blocks[self.draft.block_at(who.range.start)];
        let end = block.range.end;
        let date = who::date_after(text, who.range.end, end, 3).filter(|date| {
            let between = &text[who.range.end..date.range.start];
            let is_near = between.len() <= 12 && between.split_whitespace().count() <= 2;
            (is_near || is_place(between)) && !between.contains(['“', '"', ':', '\n'])
        });
        let behind = date.as_ref().map_or(who.range.end, |date| date.range.end);
        let line_end = self.line_end(behind, end)?;
        // Nothing else stands on the line, but for the address of the post.
        let rest = &text[behind..line_end];
        let is_address = |word: &str| word.contains("://") || !word.contains(char::is_alphanumeric);
        let is_end = rest.split_whitespace().all(is_address) || self.link_text(behind, line_end).is_some();
        let is_short = date.is_none() && is_remark(rest);
        if !is_end && !is_short {
            return None;
        }
        // A name is not so far from its handle.
        let near = text.ceil_char_boundary(who.range.start.saturating_sub(REACH));
        let start = block.range.start.max(after).max(near);
        let before = text.get(start..who.range.start)?;
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let starts = |from: usize| before[from..].trim_start_matches(signature::is_blank).starts_with(tokens::is_dash);
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
                && who.in_parentheses
                && before[line..].len() <= 256
                && (date.is_some() || self.is_own_line(start + line, block.quotation, &before[line..])) =>
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
        // A dash inside a quotation that ended is none of the signature's.
        let inside = |end: usize| {
            let at = self.spans.partition_point(|span| span.outer.end <= end);
            self.spans.get(at).is_some_and(|span| span.outer.start < end && span.outer.end <= who.range.start)
        };
        ends.retain(|(end, _)| !inside(*end));
        if ends.is_empty() {
            return None;
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
        // Who is only linked to may stand behind any dash of prose.
        let is_linked = who.range.is_empty() && block.quotation.is_none();
        let is_plain = (!who.in_parentheses || is_linked) && date.is_none() && !ends[0].1.is_empty();
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

    /// Whether a name stands alone on the last line of a quotation, below its words: `Ed Fox (@ed)`.
    fn is_own_line(&self, line: usize, quotation: Option<usize>, name: &str) -> bool {
        let (blocks, at) = (&self.draft.blocks, self.draft.block_at(line));
        let is_last = |at: usize| blocks.get(at + 1).is_none_or(|next| next.quotation != quotation);
        let above = at.checked_sub(1).is_some_and(|above| blocks[above].quotation == quotation);
        let words: Vec<&str> = name.split_whitespace().collect();
        is_last(at)
            && (above || line > blocks[at].range.start)
            && (1..=5).contains(&words.len())
            && words.iter().all(|word| !word.starts_with(char::is_lowercase) && !word.ends_with(['.', '!', '?', ':']))
    }

    /// Where the line ends that holds a place; `None` if that is far away.
    pub(super) fn line_end(&self, from: usize, end: usize) -> Option<usize> {
        let text = self.text();
        let reach = text.floor_char_boundary((from + REACH).min(end));
        match text[from..reach].find('\n') {
            Some(at) => Some(from + at),
            None => (reach == end).then_some(end),
        }
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
        readings.truncate(MOST_SIGNED);
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
            ..Claim::default()
        });
    }

    /// Adds where lines begin, from below.
    fn line_starts(&self, range: Range<usize>, starts: &mut Vec<usize>) {
        let text = &self.text()[range.clone()];
        let breaks = text.rmatch_indices('\n').map(|(at, _)| range.start + at + 1).take(READINGS);
        starts.extend(breaks);
        starts.push(range.start);
    }
}

/// Whether what follows a handle on its line is short and says when or where: `July 26`, `on X`, `via her channel`.
fn is_remark(rest: &str) -> bool {
    const LONGEST: usize = 40;
    if rest.len() > LONGEST || rest.contains(['“', '"', '”', ':', '?', '!', '.']) {
        return false;
    }
    let rest = rest.trim().trim_start_matches(',').trim_start();
    is_place(rest) || ["replying to @", "in reply to @", "in response to @"].iter().any(|to| rest.starts_with(to))
}

/// Whether a remark says where: `via Mastodon`, `on X`.
fn is_place(remark: &str) -> bool {
    let rest = remark.trim().trim_start_matches([',', ')']).trim_start();
    (rest.starts_with("on ") || rest.starts_with("via ")) && rest.len() <= 40 && rest.split_whitespace().count() <= 4
}

/// The dashes before a handle after which a name may stand: where each begins, and where what follows it does.
fn dashes(before: &str) -> Vec<(usize, usize)> {
    const LONGEST_NAME: usize = 64;
    let window = before.ceil_char_boundary(before.len().saturating_sub(LONGEST_NAME * 8));
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, c) in before[window..].char_indices().map(|(at, c)| (window + at, c)) {
        let end = at + c.len_utf8();
        if !tokens::is_dash(c) {
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
