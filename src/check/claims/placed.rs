//! What may be a quotation by its place alone, without marks or a signature that is surely one: a block quotation, what a
//! colon introduces, what stands below a line with a handle, as it is pasted from an app. Prose may stand there, too, so it
//! is of interest if the archive holds nearly those words.

use std::ops::Range;

use super::{Claim, Finder, LONGEST, Name, READINGS, Reading, count, without_number};
use crate::check::dates::Printed;
use crate::check::who::{self, Who};
use crate::platform::signature;

/// So many rows at the top, and at the bottom, may say whose the words between them are.
const EDGES: usize = 2;

/// The longest of such rows.
const EDGE_WORDS: usize = 14;

/// How far into a paragraph a colon may introduce the rest.
const LEAD: usize = 200;

/// Who is said to have written something, and where that is said.
#[derive(Default)]
pub(super) struct Said {
    pub(super) who: Option<usize>,
    pub(super) name: Option<Name>,
    pub(super) date: Option<Printed>,
    /// Whether that is all that its row says.
    pub(super) alone: bool,
}

impl Finder<'_> {
    /// Block quotations and paragraphs that nothing has claimed.
    pub(super) fn placed(&mut self) {
        let draft = self.draft;
        let mut at = 0;
        while let Some(block) = draft.blocks.get(at) {
            let length = match block.quotation {
                None => 1,
                number => draft.blocks[at..].iter().take_while(|block| block.quotation == number).count(),
            };
            let last = at + length - 1;
            let range = block.range.start..draft.blocks[last].range.end;
            let is_free = match block.quotation {
                Some(number) => !self.claimed.contains(&number),
                None => !block.heading && !self.has_span(&range),
            };
            if is_free && !self.is_taken(&range) && range.len() <= LONGEST {
                let claim = match block.quotation {
                    Some(_) => self.quoted(at, range),
                    None => self.paragraph(at, range),
                };
                self.claims.extend(claim);
            }
            at += length;
        }
    }

    /// A block quotation, with what its first and last rows may say of it.
    fn quoted(&self, block: usize, range: Range<usize>) -> Option<Claim> {
        let text = self.text();
        let rows = rows(text, &range);
        let (mut readings, heads, tails) = self.between_edges(&rows);
        let said = self.said_in(tails.iter().chain(&heads));
        // `Ada Moss (@ada_moss): ` and her words.
        let colon = rows.first().and_then(|row| {
            let who = self.whos_in(row.clone()).next()?.1.range.end;
            let between = text.get(who..row.end)?.find(": ").filter(|at| who + at - row.start <= LEAD)?;
            Some(Reading::new(who + between + 1..range.end, None))
        });
        let said = if colon.is_some() { Said { alone: false, ..said } } else { said };
        readings.splice(0..0, colon);
        // The likeliest reading leaves out the row that says it.
        let is_sure = said.who.is_some() && said.alone;
        if let Some(who) = said.who.filter(|_| is_sure).map(|who| self.whos[who].range.start) {
            readings.sort_by_key(|reading| reading.range.contains(&who));
        }
        let introduced = || {
            let before = self.draft.blocks.get(block.checked_sub(1)?).filter(|before| before.quotation.is_none())?;
            self.named_before(before.range.start, before.range.end)
        };
        let name = said.name.or_else(|| introduced().map(|name| Name::Spoken(text[name].to_owned())));
        self.claim(readings, said.who, name, said.date, is_sure)
    }

    /// A paragraph of which a part may be a quotation, for what stands before it.
    fn paragraph(&self, block: usize, range: Range<usize>) -> Option<Claim> {
        let text = self.text();
        let before = block.checked_sub(1).map(|before| &self.draft.blocks[before]);
        let before = before.filter(|before| before.quotation.is_none()).map(|before| before.range.clone());
        let mut readings = Vec::new();
        let mut said: Vec<Said> = Vec::new();
        // `@ada_moss: ` and her words.
        let colon = text[range.clone()].find(": ").filter(|colon| *colon <= LEAD).map(|colon| range.start + colon + 1);
        if let Some((colon, lead)) = colon.and_then(|colon| Some((colon, self.said_before(range.start..colon)?))) {
            readings.push(Reading::new(colon..range.end, None));
            said.push(lead);
        }
        let rows = rows(text, &range);
        // Words before a handle in parentheses that ends the paragraph.
        let ends = |who: &Who| who.in_parentheses && !text[who.range.end..range.end].contains(char::is_alphanumeric);
        if let Some((at, who)) = self.whos_in(range.clone()).next_back().filter(|(_, who)| ends(who)) {
            readings.push(Reading::new(range.start..who.range.start, None));
            said.push(Said { who: Some(at), ..Said::default() });
        }
        // Words before a dash and a name.
        if let Some((dash, name)) = rows.last().and_then(|last| self.dashed_name(last)) {
            readings.push(Reading::new(range.start..dash, None));
            said.push(Said { name: Some(name), ..Said::default() });
        }
        // Words between rows that say whose they are, as they are pasted.
        let (edged, heads, tails) = self.between_edges(&rows);
        let in_edges = if rows.len() > 1 { self.said_in(heads.iter().chain(&tails)) } else { Said::default() };
        if in_edges.who.is_some() {
            readings.extend(edged.into_iter().filter(|reading| reading.range != range));
            said.push(in_edges);
        }
        // `Ada Moss (@ada_moss) wrote:`, and her words in the next paragraph.
        let introduced = before.clone().filter(|before| text[before.clone()].trim_end().ends_with(':'));
        if let Some(before) = introduced {
            readings.push(Reading::new(range.clone(), None));
            said.push(self.said_before(before).unwrap_or_default());
        } else if let Some(above) = before.filter(|before| said.is_empty() && self.is_caption(before)) {
            // Words below a line with a handle.
            let (at, who) = self.whos_in(above.clone()).next().filter(|(at, _)| !self.signing.contains(at))?;
            let (_, _, date) = self.said(who, above);
            readings.push(Reading::new(range, None));
            said.push(Said { who: Some(at), date, ..Said::default() });
        }
        let Said { who, name, date, .. } = said.into_iter().next()?;
        self.claim(readings, who, name, date, false)
    }

    /// Whose the words behind a colon are: the last handle before it, or the name at the verb.
    fn said_before(&self, lead: Range<usize>) -> Option<Said> {
        let free = |who: &(usize, &Who)| !self.signing.contains(&who.0);
        let who =
            self.whos_in(lead.clone()).rfind(free).filter(|(_, who)| lead.end - who.range.end.min(lead.end) <= LEAD);
        let spoken = self.named_before(lead.start, lead.end).map(|name| Name::Spoken(self.text()[name].to_owned()));
        let (name, date) = who.map_or((None, None), |(_, who)| {
            let (_, name, date) = self.said(who, lead.clone());
            (name, date)
        });
        let said = Said { who: who.map(|(at, _)| at), name: name.or(spoken), date, alone: false };
        (said.who.is_some() || said.name.is_some()).then_some(said)
    }

    /// Whether a paragraph is as short as what stands above words that were pasted.
    fn is_caption(&self, range: &Range<usize>) -> bool {
        !self.is_taken(range) && count(&self.text()[range.clone()]) <= EDGE_WORDS
    }

    fn claim(
        &self,
        mut readings: Vec<Reading>,
        who: Option<usize>,
        name: Option<Name>,
        date: Option<Printed>,
        sure: bool,
    ) -> Option<Claim> {
        let text = self.text();
        let bare = readings.iter().filter_map(|reading| {
            let number = without_number(&text[reading.range.clone()])?;
            Some(Reading::new(reading.range.start + number..reading.range.end, None))
        });
        let bare: Vec<Reading> = bare.collect();
        readings.extend(bare);
        // What stands on the other side of the handle than most of the words is none of them.
        let is_head = who.map(|who| self.whos[who].range.clone()).is_some_and(|at| {
            readings.iter().all(|reading| reading.range.start <= at.start || reading.range.start >= at.end)
                && readings.iter().any(|reading| reading.range.start >= at.end && reading.range.end > at.end)
        });
        if let Some(at) = who.map(|who| self.whos[who].range.clone()).filter(|_| is_head) {
            readings.retain(|reading| reading.range.end > at.start);
        }
        let least = if who.is_some() { 2 } else { 3 };
        readings.retain(|reading| count(&text[reading.range.clone()]) >= least);
        readings.truncate(READINGS);
        for reading in &mut readings {
            reading.name.clone_from(&name);
        }
        let first = readings.first()?.range.clone();
        let who = who.map(|who| &self.whos[who]);
        Some(Claim {
            handle: who.map(|who| who.handle.clone()),
            handle_at: who.map(|who| who.range.start),
            attributed: who.is_some() || name.is_some(),
            date,
            link: self.link_in(first),
            sure,
            readings,
            ..Claim::default()
        })
    }

    /// Whose a text is, by the first of its rows that says it.
    pub(super) fn said_in<'r>(&self, rows: impl Iterator<Item = &'r Range<usize>> + Clone) -> Said {
        let text = self.text();
        for row in rows.clone() {
            let Some((at, who)) = self.whos_in(row.clone()).next() else { continue };
            let (_, name, date) = self.said(who, row.clone());
            let is_part = |word: &str| word.chars().find(|c| c.is_alphanumeric()).is_none_or(|c| !c.is_lowercase());
            let alone = text[row.start..who.range.start].split_whitespace().all(is_part);
            let date = date.or_else(|| rows.clone().find_map(|row| self.date_in(row)));
            return Said { who: Some(at), name, date, alone };
        }
        for row in rows.clone() {
            if let Some((_, name)) = self.dashed_name(row) {
                return Said { name: Some(name), date: self.date_in(row), ..Said::default() };
            }
            let words = without_place(text[row.clone()].trim_matches(['(', ')', '[', ']', ',', '.']));
            // `Source`, `View there`: the words of a link are seldom a name.
            if is_name(words) && self.link_in(row.clone()).is_none() {
                return Said { name: Some(Name::Whole(words.to_owned())), ..Said::default() };
            }
        }
        Said::default()
    }

    /// A dash near the end of a row, behind which a name stands and nothing else.
    fn dashed_name(&self, row: &Range<usize>) -> Option<(usize, Name)> {
        let text = &self.text()[row.clone()];
        let (at, dash) = text.char_indices().rfind(|(_, c)| matches!(c, '—' | '–' | '―'))?;
        let behind = &text[at + dash.len_utf8()..];
        let name = without_place(behind.split([',', '(']).next().unwrap_or_default().trim());
        (is_name(name) && behind.split_whitespace().count() <= EDGE_WORDS)
            .then(|| (row.start + at, Name::Whole(name.to_owned())))
    }

    /// The first date in a row.
    fn date_in(&self, row: &Range<usize>) -> Option<Printed> {
        let text = self.text();
        let starts = text[row.clone()].char_indices().filter(|(_, c)| signature::is_blank(*c)).map(|(at, _)| at);
        let mut starts = std::iter::once(0).chain(starts);
        starts.find_map(|at| who::date_after(text, row.start + at, row.end, 0)).map(|date| date.when)
    }

    /// The ways to leave short rows at the top and at the bottom out; and those rows, from the edge inwards.
    pub(super) fn between_edges(&self, rows: &[Range<usize>]) -> (Vec<Reading>, Vec<Range<usize>>, Vec<Range<usize>>) {
        let is_short = |row: &&Range<usize>| count(&self.text()[(*row).clone()]) <= EDGE_WORDS;
        let heads: Vec<Range<usize>> = rows.iter().take(EDGES).take_while(is_short).cloned().collect();
        let tails: Vec<Range<usize>> = rows.iter().rev().take(EDGES).take_while(is_short).cloned().collect();
        let mut readings = Vec::new();
        for head in 0..=heads.len() {
            for tail in 0..=tails.len() {
                if let (Some(first), Some(last)) =
                    (rows.get(head), rows.len().checked_sub(tail + 1).and_then(|at| rows.get(at)))
                    && first.start <= last.start
                {
                    readings.push(Reading::new(first.start..last.end, None));
                }
            }
        }
        (readings, heads, tails)
    }
}

/// The lines of a range that hold something.
pub(super) fn rows(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut start = range.start;
    for line in text[range.clone()].split('\n') {
        if !line.trim().is_empty() {
            rows.push(start..start + line.len());
        }
        start += line.len() + 1;
    }
    rows
}

/// A name without where it was: `Ada Moss via Telefax`.
fn without_place(name: &str) -> &str {
    let place = [" on ", " via "].into_iter().find_map(|place| name.split_once(place));
    let is_place = |place: &str| place.split_whitespace().count() <= 3 && place.starts_with(char::is_uppercase);
    place.filter(|(_, place)| is_place(place)).map_or(name, |(name, _)| name)
}

/// Whether words may be a name and nothing else.
fn is_name(words: &str) -> bool {
    const MOST: usize = 5;
    let opens = |word: &str| word.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    let count = words.split_whitespace().count();
    (1..=MOST).contains(&count)
        && words.split_whitespace().all(|word| opens(word) || word.chars().count() <= 3)
        && words.split_whitespace().next().is_some_and(opens)
        && !words.ends_with(['.', '!', '?', ':'])
        && !words.contains(['“', '”', '"'])
}
