//! What stands in quotation marks, with the handle or the link beside it.

use std::ops::Range;

use super::prose::{goes_on_to_another, has_verb, introduces_title, is_set_as_title};
use super::{Claim, Finder, Hole, LONGEST, Name, READINGS, Reading, Rival, count, ends_sentence};
use crate::check::marks::Span;
use crate::check::who::{self, Who};

/// How a quotation goes on behind its attribution.
enum Goes {
    /// The attribution interrupts a sentence.
    OnInItsSentence,
    /// The attribution ends its own sentence, and what follows may be of another post.
    OnPerhaps,
}

/// The handles beside a stretch in quotation marks, each with its number.
struct Beside<'f> {
    before: Option<(usize, &'f Who)>,
    after: Option<(usize, &'f Who)>,
    /// The one that is meant.
    chosen: Option<(usize, &'f Who)>,
    /// Its number, if it stands behind the stretch.
    behind: Option<usize>,
    /// Whether a colon or a comma leads from the handle to the stretch.
    colon: bool,
    /// Whether a comma leads from the stretch to the handle.
    ends_with_comma: bool,
    /// Who speaks in the sentence before the stretch, and who else is named in it.
    others: Option<(Option<usize>, Vec<usize>)>,
}

/// The longest attribution that parts a quotation.
const BETWEEN: usize = 120;

/// Whether an attribution between commas parts two stretches.
fn is_interrupted(text: &str, span: &Span, next: &Span) -> bool {
    text.get(span.inner.end..next.outer.start).is_some_and(|between| {
        let between = between.trim_end();
        let comma = text[..span.inner.end].trim_end().ends_with(',') || between.contains(',');
        between.len() <= BETWEEN && between.ends_with(',') && comma && !ends_sentence(between)
    })
}

impl Finder<'_> {
    /// What stands in quotation marks beside a handle or a link.
    pub(super) fn spans(&mut self) {
        let (text, draft) = (self.text(), self.draft);
        let spans = self.spans.clone();
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
            let said = &text[span.inner.clone()];
            let Beside { before, after, mut chosen, behind, colon, ends_with_comma, others } =
                self.handles_beside(span, from, to);
            // `“One,” she said. “Two.”`, but a signature of its own says more.
            let is_same = before.is_some_and(|before| Some(before.0) == named_behind && self.follows(before.1, span));
            named_behind = behind;
            chosen = chosen.or(before.filter(|_| is_same && !self.is_signed_behind(span.outer.end)));
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
            let before_it = match last_claim.and_then(|claim| Some((claim, self.goes_on(claim, span, number)?))) {
                Some((claim, Goes::OnInItsSentence)) => {
                    taken.push(span.outer.clone());
                    self.join(claim, span, &Goes::OnInItsSentence);
                    continue;
                }
                Some((claim, Goes::OnPerhaps)) => Some(claim),
                None => None,
            };
            last_claim = None;
            let words = count(said);
            let link = self.link_of_span(span, from..to);
            // `“Shame on everybody,” said Ada Moss, “who voted.”`: short, and only the first half.
            let is_half =
                spans.get(at + 1).is_some_and(|next| is_interrupted(text, span, next) && next.outer.end <= block_end);
            if words < 2 && link.is_none() && !colon && !(sure && ends_with_comma) && !is_half {
                continue;
            }
            // A paragraph that is nothing but a quotation may be attributed in the next, or by the one before.
            let around = [block.range.start..span.outer.start, span.outer.end..block_end];
            let is_alone = around.iter().all(|rest| !text[rest.clone()].contains(char::is_alphanumeric));
            let mut beside =
                if is_alone && chosen.is_none() { self.beside(number, number) } else { Vec::new() }.into_iter();
            let (beside, rival) = (beside.next(), beside.next());
            let rival = rival.and_then(|((_, who), block)| {
                let (handle, name, date) = self.said(who, block);
                Some(Rival { handle: handle?, name, date })
            });
            let sure = sure || beside.is_some();
            let (handle, name, date) = match (chosen, &beside) {
                (Some((_, who)), _) => self.said(who, block.range.start..block_end),
                (None, Some(((_, who), block))) => self.said(who, block.clone()),
                (None, None) => (None, None, None),
            };
            let (name, date) = match spoken.as_ref().or(loose.as_ref().filter(|_| beside.is_none())) {
                Some(spoken) => {
                    let said = who::date_after(text, spoken.end, span.outer.start.max(spoken.end), 6);
                    let said = said.or_else(|| {
                        who::date_before(text, self.behind_spans(from.min(spoken.start), spoken.start), spoken.start)
                    });
                    (Some(Name::Spoken(text[spoken.clone()].to_owned())), said.map(|said| said.when).or(date))
                }
                None => (name, date),
            };
            let day = || self.day_before(from, span.outer.start).map(|day| day.when);
            // The day of another sentence says less than that of this one.
            let date = if sure { date } else { day().or(date) };
            let date = date.or_else(|| self.day_behind(span.outer.end, to).map(|day| day.when)).or_else(day);
            let is_speaker =
                |(speaker, _): &(Option<usize>, Vec<usize>)| chosen.is_some_and(|chosen| *speaker == Some(chosen.0));
            let others = others.filter(is_speaker).map(|(_, others)| others).unwrap_or_default();
            let others = others.into_iter().map(|at| self.whos[at].handle.clone()).collect();
            inherited = chosen.map(|(who, _)| (who, number)).or(inherited);
            // A word or two may be set in marks for many reasons.
            let introduced = colon || ends_with_comma || beside.is_some();
            let attributed = sure || (spoken.is_some() && chosen.is_none());
            // What a colon introduces is said, however it is set.
            let is_title = (is_set_as_title(said) && !colon) || introduces_title(&text[from..span.outer.start]);
            let sure = ((sure && (words >= 4 || introduced)) || (link.is_some() && words >= 3)) && !is_title;
            let is_short = words < if spoken.is_some() { 4 } else { 5 };
            if chosen.is_none() && beside.is_none() && link.is_none() && is_short && !is_half {
                continue;
            }
            self.claims.push(Claim {
                readings: self.readings(span, &name),
                handle,
                date,
                link,
                sure,
                attributed,
                others,
                rival,
                ..Claim::default()
            });
            last_claim = Some(before_it.unwrap_or(self.claims.len() - 1));
            // Two sentences of one post, or of two: the archive tells.
            if let Some(claim) = before_it {
                self.join(claim, span, &Goes::OnPerhaps);
            }
            taken.push(span.outer.clone());
        }
        self.taken.append(&mut taken);
        self.taken.sort_by_key(|range| range.start);
    }

    /// The handles beside a stretch in `from..to`, and which of them prose means.
    fn handles_beside(&self, span: &Span, from: usize, to: usize) -> Beside<'_> {
        let text = self.text();
        let free = |who: &(usize, &Who)| !self.signing.contains(&who.0);
        let others = self.speaker(from, span.outer.start);
        let before = match &others {
            Some((at, _)) => at.map(|at| (at, &self.whos[at])),
            None => self.whos_in(from..span.outer.start).rfind(free),
        };
        let spoken_to = |who: &(usize, &Who)| self.is_spoken_to(span.outer.end, who.1);
        let after = self.whos_in(span.outer.end..to).find(free).filter(|who| !spoken_to(who));
        let lead = before.map(|(_, who)| &text[who.range.end..span.outer.start]);
        let tail = after.map(|(_, who)| &text[span.outer.end..who.range.start]);
        let flows = |between: &str, most: usize| between.len() <= most && !ends_sentence(between);
        let lead_flows = lead.is_some_and(|lead| flows(lead, 200));
        let tail_flows = tail.is_some_and(|tail| flows(tail, 120) && !goes_on_to_another(tail));
        let ends_with_comma = text[span.inner.clone()].trim_end().ends_with(',')
            || tail.is_some_and(|tail| tail.trim_start().starts_with(','));
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
        Beside { before, after, chosen, behind, colon, ends_with_comma, others }
    }

    /// Whether a stretch stands in the sentence right behind the one that a handle ends.
    fn follows(&self, who: &Who, span: &Span) -> bool {
        let between = self.text()[who.range.end..span.outer.start].trim_end();
        between.len() <= 80 && between.ends_with('.') && !ends_sentence(between)
    }

    /// Whether a stretch goes on with an earlier claim: `“One,” she wrote, “two.”`, `“One,” she wrote. “Two.”`
    fn goes_on(&self, claim: usize, span: &Span, block: usize) -> Option<Goes> {
        let text = self.text();
        let before = self.claims[claim].readings.iter().map(|reading| reading.range.end).max()?;
        let between = text.get(before..span.outer.start)?.trim_end();
        if self.draft.block_at(before) != block || between.len() > BETWEEN || ends_sentence(between) {
            return None;
        }
        // American papers set the comma inside the marks, others outside.
        let behind = between.trim_start_matches(['”', '"', '’', '\'', '»', '“', '«', '‘']);
        let interrupts = text[..before].trim_end().ends_with(',') || behind.starts_with(',');
        match between.chars().next_back()? {
            ',' if interrupts => Some(Goes::OnInItsSentence),
            '.' | ':' | ',' => Some(Goes::OnPerhaps),
            _ => None,
        }
    }

    /// Adds a stretch to a claim, with and without the comma before the interruption: house style may have put it there, also in
    /// the place of a full stop.
    fn join(&mut self, claim: usize, span: &Span, goes: &Goes) {
        let text = self.text();
        let Some(claim) = self.claims.get_mut(claim) else { return };
        let last = claim.readings.iter().map(|reading| reading.range.end).max().unwrap_or_default();
        let mut joined = Vec::new();
        for reading in claim.readings.iter().filter(|reading| reading.range.end == last) {
            let comma = text[..last].trim_end().trim_end_matches(',').len().max(reading.range.start);
            let holes = [(last, false), (comma, false), (comma, true)];
            let holes = holes.into_iter().filter(|(_, stop)| !stop || matches!(goes, Goes::OnPerhaps));
            for (end, stop) in holes {
                let hole = Hole { range: end..span.inner.start, stop };
                let without = reading.without.iter().cloned().chain(std::iter::once(hole)).collect();
                joined.push(Reading {
                    range: reading.range.start..span.inner.end,
                    without,
                    name: reading.name.clone(),
                });
            }
        }
        match goes {
            Goes::OnInItsSentence => claim.readings = joined,
            Goes::OnPerhaps => claim.readings.append(&mut joined),
        }
        claim.readings.truncate(READINGS);
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
            // `After Moss’s tweet, the mayor said: “`
            let is_another = link.end <= span.outer.start && between.starts_with(',') && has_verb(between);
            (between.len() <= 160 && !ends_sentence(between) && !is_another).then(|| (*url).to_owned())
        };
        near(span.outer.end..around.end).or_else(|| {
            let at = self.links.partition_point(|(link, _)| link.start < span.outer.start);
            let (link, _) = self.links.get(at.checked_sub(1)?)?;
            (link.start >= around.start).then(|| near(link.start..span.outer.start)).flatten()
        })
    }

    /// What stands in marks; those that open each of its paragraphs are none of the words. Russian sets the attribution between
    /// dashes inside the marks: `«One, — wrote Ivan. — Two».`
    fn readings(&self, span: &Span, name: &Option<Name>) -> Vec<Reading> {
        const LONGEST: usize = 160;
        let text = &self.text()[span.inner.clone()];
        let whole = Reading { without: self.paragraph_marks(span), ..Reading::new(span.inner.clone(), name.clone()) };
        let inside = || {
            let (open, dash) = text.match_indices(" — ").next()?;
            let close = open + dash.len() + text[open + dash.len()..].find(dash).filter(|length| *length <= LONGEST)?;
            let comma = text[..open].trim_end_matches(',').len();
            let hole = |from: usize, stop| {
                let range = span.inner.start + from..span.inner.start + close + dash.len();
                Reading { without: vec![Hole { range, stop }], ..whole.clone() }
            };
            Some([hole(open, false), hole(comma, false), hole(comma, true)])
        };
        let inside = inside().filter(|_| self.text()[span.outer.clone()].starts_with('«'));
        std::iter::once(whole.clone()).chain(inside.into_iter().flatten()).collect()
    }

    fn paragraph_marks(&self, span: &Span) -> Vec<Hole> {
        let text = &self.text()[span.inner.clone()];
        let opening = self.text()[span.outer.clone()].chars().next().unwrap_or('“');
        let mut without = Vec::new();
        for (at, _) in text.match_indices("\n\n") {
            let start = span.inner.start + at + 2;
            if text[at + 2..].starts_with(opening) {
                without.push(Hole { range: start..start + opening.len_utf8(), stop: false });
            }
        }
        without
    }
}
