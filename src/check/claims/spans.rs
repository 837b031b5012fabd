//! What stands in quotation marks, with the handle or the link beside it.

use std::ops::Range;

use super::prose::has_verb;
use super::{Claim, Finder, LONGEST, Name, READINGS, Reading, count, ends_sentence};
use crate::check::marks::Span;
use crate::check::who::{self, Who};

impl Finder<'_> {
    /// What stands in quotation marks beside a handle or a link.
    pub(super) fn spans(&mut self) {
        let (text, draft) = (self.text(), self.draft);
        let spans = std::mem::take(&mut self.spans);
        let mut inherited: Option<(usize, usize)> = None;
        let mut taken = Vec::new();
        let mut last_claim: Option<usize> = None;
        // Who is named behind the quotation before.
        let mut named_behind: Option<usize> = None;
        for (at, span) in spans.iter().enumerate() {
            if self.is_taken(&span.outer) || span.inner.is_empty() || span.inner.len() > LONGEST {
                continue;
            }
            let number = draft.block_at(span.outer.start);
            let block = &draft.blocks[number];
            let block_end = draft.blocks[draft.block_at(span.outer.end)].range.end;
            if block.quotation.is_some() {
                continue;
            }
            let from = at.checked_sub(1).map_or(0, |before| spans[before].outer.end).max(block.range.start);
            let to = spans.get(at + 1).map_or(block_end, |next| next.outer.start).min(block_end);
            let free = |who: &(usize, &Who)| !self.signing.contains(&who.0);
            let speaker = self.speaker(from, span.outer.start);
            let before = speaker.as_ref().map(|(at, _)| (*at, &self.whos[*at]));
            let before = before.or_else(|| self.whos_in(from..span.outer.start).rfind(free));
            let spoken_to = |who: &(usize, &Who)| self.is_spoken_to(span.outer.end, who.1);
            let after = self.whos_in(span.outer.end..to).find(free).filter(|who| !spoken_to(who));
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
            let behind = chosen.filter(|chosen| after.is_some_and(|after| after.0 == chosen.0)).map(|chosen| chosen.0);
            // `“One,” she said. “Two.”`
            let goes_on = before.filter(|before| Some(before.0) == named_behind).filter(|_| {
                lead.is_some_and(|lead| {
                    lead.len() <= 80 && lead.trim_end().ends_with('.') && !ends_sentence(lead.trim_end())
                })
            });
            named_behind = behind;
            // A signature of its own says more.
            let goes_on = goes_on.filter(|_| !self.is_signed_behind(span.outer.end));
            let chosen = chosen.or(goes_on);
            // A name at the verb says more than a handle elsewhere.
            let spoken_behind = || self.named_behind(span.outer.end, to).filter(|_| behind.is_none() || !colon);
            let spoken_before = || self.named_before(from, span.outer.start);
            let spoken =
                if colon { spoken_before().or_else(spoken_behind) } else { spoken_behind().or_else(spoken_before) };
            let is_object = |who: &(usize, &Who)| {
                spoken.as_ref().is_some_and(|name| {
                    let between = name.end..who.1.range.start;
                    name.start < who.1.range.start && text.get(between).is_some_and(has_verb)
                })
            };
            let chosen = chosen.filter(|who| !is_object(who));
            // A name in a looser form than that at a verb.
            let loose = || self.named_loosely(from, &span.outer, to);
            let loose = if spoken.is_none() && chosen.is_none() { loose() } else { None };
            let is_named = spoken.is_some() || loose.is_some();
            let (before, after) = if is_named && chosen.is_none() { (None, None) } else { (before, after) };
            let sure = chosen.is_some();
            let heir = || inherited.filter(|(_, of)| *of == number).map(|(who, _)| (who, &self.whos[who]));
            let chosen = chosen.or(before).or(after).or_else(|| heir().filter(|_| !is_named));
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
            let around = [block.range.start..span.outer.start, span.outer.end..block_end];
            let is_alone = around.iter().all(|rest| !text[rest.clone()].contains(char::is_alphanumeric));
            let beside =
                if is_alone && chosen.is_none() { self.beside(number, number).into_iter().next() } else { None };
            // The next paragraph may be about something else.
            let beside = beside.filter(|(_, block)| block.start < span.outer.start || has_verb(&text[block.clone()]));
            let sure = sure || beside.is_some();
            let (handle, name, date) = match (chosen, &beside) {
                (Some((_, who)), _) => self.said(who, block.range.start..block_end),
                (None, Some(((_, who), block))) => self.said(who, block.clone()),
                (None, None) => (None, None, None),
            };
            let (name, date) = match spoken.as_ref().or(loose.as_ref().filter(|_| beside.is_none())) {
                Some(spoken) => {
                    let said = who::date_after(text, spoken.end, span.outer.start.max(spoken.end), 6);
                    let said = said.or_else(|| who::date_before(text, from.min(spoken.start), spoken.start));
                    (Some(Name::Spoken(text[spoken.clone()].to_owned())), said.map(|said| said.when).or(date))
                }
                None => (name, date),
            };
            let day = || self.day_before(from, span.outer.start).map(|day| day.when);
            // The day of another sentence says less than that of this one.
            let date = if sure { date } else { day().or(date) };
            let date = date.or_else(|| self.day_behind(span.outer.end, to).map(|day| day.when)).or_else(day);
            let others = match (&speaker, chosen) {
                (Some((speaker, others)), Some(chosen)) if *speaker == chosen.0 => others.clone(),
                _ => Vec::new(),
            };
            let others = others.into_iter().map(|at| self.whos[at].handle.clone()).collect();
            inherited = chosen.map(|(who, _)| (who, number)).or(inherited);
            // A word or two may be set in marks for many reasons.
            let introduced = colon || ends_with_comma || beside.is_some();
            let attributed = sure || (spoken.is_some() && chosen.is_none());
            let sure = (sure && (words >= 4 || introduced)) || (link.is_some() && words >= 3);
            if chosen.is_none() && beside.is_none() && link.is_none() && words < if spoken.is_some() { 4 } else { 5 } {
                continue;
            }
            self.claims.push(Claim {
                readings: vec![Reading::new(span.inner.clone(), name)],
                handle,
                date,
                link,
                sure,
                attributed,
                embed: false,
                others,
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
}
