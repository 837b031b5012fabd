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
struct Said {
    who: Option<usize>,
    name: Option<Name>,
    date: Option<Printed>,
    /// Whether that is all that its row says.
    alone: bool,
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
            let between = text[who..row.end].find(": ").filter(|at| who + at - row.start <= LEAD)?;
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
        let words = &text[range.clone()];
        let before = block.checked_sub(1).map(|before| &self.draft.blocks[before]);
        let before = before.filter(|before| before.quotation.is_none()).map(|before| before.range.clone());
        // `Ada Moss (@ada_moss) wrote:`, and her words in the next paragraph.
        if let Some(before) = before.clone().filter(|before| text[before.clone()].trim_end().ends_with(':')) {
            let free = |who: &(usize, &Who)| !self.signing.contains(&who.0);
            let who = self.whos_in(before.clone()).rfind(free).filter(|(_, who)| before.end - who.range.end <= LEAD);
            let name = self.named_before(before.start, before.end).map(|name| Name::Spoken(text[name].to_owned()));
            let (said, date) = who.map_or((None, None), |(_, who)| {
                let (_, name, date) = self.said(who, before.clone());
                (name, date)
            });
            let readings = vec![Reading::new(range, None)];
            let link = who.and_then(|(_, who)| self.link_in(who.range.start..before.end));
            let claim = self.claim(readings, who.map(|(at, _)| at), said.or(name), date, false)?;
            return Some(Claim { link: claim.link.clone().or(link), ..claim });
        }
        // `@ada_moss: ` and her words.
        if let Some(colon) = words.find(": ").filter(|colon| *colon <= LEAD) {
            let colon = range.start + colon + 1;
            let who = self.whos_in(range.start..colon).next_back();
            let name = self.named_before(range.start, colon).map(|name| Name::Spoken(text[name].to_owned()));
            if who.is_some() || name.is_some() {
                let (said, date) = who.map_or((None, None), |(_, who)| {
                    let (_, name, date) = self.said(who, range.start..colon);
                    (name, date)
                });
                let readings = vec![Reading::new(colon..range.end, None)];
                return self.claim(readings, who.map(|(at, _)| at), said.or(name), date, false);
            }
        }
        let rows = rows(text, &range);
        // Words before a handle in parentheses that ends the paragraph.
        let ends = |who: &Who| who.in_parentheses && !text[who.range.end..range.end].contains(char::is_alphanumeric);
        if let Some((at, who)) = self.whos_in(range.clone()).next_back().filter(|(_, who)| ends(who)) {
            let readings = vec![Reading::new(range.start..who.range.start, None)];
            return self.claim(readings, Some(at), None, None, false);
        }
        // Words before a dash and a name.
        if let Some((dash, name)) = rows.last().and_then(|last| self.dashed_name(last)) {
            return self.claim(vec![Reading::new(range.start..dash, None)], None, Some(name), None, false);
        }
        if rows.len() > 1 {
            let (readings, heads, tails) = self.between_edges(&rows);
            let said = self.said_in(heads.iter().chain(&tails));
            let readings = readings.into_iter().filter(|reading| reading.range != range).collect();
            return said.who.and_then(|who| self.claim(readings, Some(who), said.name, said.date, false));
        }
        // Words below a line with a handle.
        let above = before.filter(|before| !self.is_taken(before) && count(&text[before.clone()]) <= EDGE_WORDS)?;
        let (at, who) = self.whos_in(above.clone()).next().filter(|(at, _)| !self.signing.contains(at))?;
        let (_, _, date) = self.said(who, above);
        self.claim(vec![Reading::new(range, None)], Some(at), None, date, false)
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
        readings.retain(|reading| count(&text[reading.range.clone()]) >= 3);
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
    fn said_in<'r>(&self, rows: impl Iterator<Item = &'r Range<usize>> + Clone) -> Said {
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
            let words = text[row.clone()].trim_matches(['(', ')', '[', ']', ',', '.']);
            if is_name(words) {
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
        let name = behind.split([',', '(']).next().unwrap_or_default().trim();
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
    fn between_edges(&self, rows: &[Range<usize>]) -> (Vec<Reading>, Vec<Range<usize>>, Vec<Range<usize>>) {
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
fn rows(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
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
