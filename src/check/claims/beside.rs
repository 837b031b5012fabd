//! What has its attribution in the paragraph before or behind it, and words that are a link.

use std::collections::HashMap;
use std::ops::Range;

use super::placed::rows;
use super::prose::has_verb;
use super::{Claim, Finder, LONGEST, Name, Reading, Rival, count};
use crate::check::dates::Printed;
use crate::check::lexicon;
use crate::check::who::Who;

impl Finder<'_> {
    /// Block quotations that nobody signs.
    pub(super) fn quotations(&mut self) {
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
            // Its address may stand below it, and shows nothing then.
            let link = link.or_else(|| self.link_below(last));
            let range = self.without_address(range);
            if link.is_none() && beside.is_empty() {
                continue;
            }
            let sure = !beside.is_empty() || !draft.blocks[first].cites.is_empty();
            // An embed without words says where the post is, and nothing else.
            if self.is_embed(&range) {
                self.claimed.insert(number);
                self.taken.push(range.clone());
                if link.is_some() {
                    self.claims.push(Claim {
                        readings: vec![Reading::new(range, None)],
                        link,
                        sure: true,
                        embed: true,
                        ..Claim::default()
                    });
                }
                continue;
            }
            let (mut readings, heads, tails) = self.between_edges(&rows(text, &range));
            let inside = self.said_in(tails.iter().chain(&heads));
            let end = range.start + text[range.clone()].floor_char_boundary(LONGEST);
            // Rows of its own may say whose the words are, or hold a link and nothing else.
            let claim = match inside.who.filter(|_| inside.alone && beside.is_empty()).map(|at| &self.whos[at]) {
                Some(who) => {
                    readings.sort_by_key(|reading| reading.range.contains(&who.range.start));
                    Claim {
                        handle: Some(who.handle.clone()),
                        handle_at: Some(who.range.start),
                        date: inside.date,
                        sure: true,
                        ..named(readings, &inside.name)
                    }
                }
                None => {
                    let mut said = beside.iter().map(|((_, who), block)| self.said(who, block.clone()));
                    let (handle, name, date) = said.next().unwrap_or((None, None, None));
                    let rival =
                        said.next().and_then(|(handle, name, date)| Some(Rival { handle: handle?, name, date }));
                    let name = name.or(inside.name.filter(|_| handle.is_none()));
                    let whole = Reading::new(range.start..end, None);
                    readings.retain(|reading| reading.range != whole.range && reading.range.end <= end);
                    readings.insert(0, whole);
                    Claim { handle, date, sure, rival, ..named(readings, &name) }
                }
            };
            self.claimed.insert(number);
            self.taken.push(range);
            self.claims.push(Claim { link, attributed: true, ..claim });
        }
        self.taken.sort_by_key(|range| range.start);
    }

    /// Who is named in the paragraph before or behind those blocks as the one whose words they are, and in which: the
    /// likelier first.
    pub(super) fn beside(&self, first: usize, last: usize) -> Vec<((usize, &Who), Range<usize>)> {
        let (text, blocks) = (self.text(), &self.draft.blocks);
        let free = |who: &(usize, &Who)| !self.signing.contains(&who.0);
        let before = first.checked_sub(1).map(|before| &blocks[before]).filter(|block| block.quotation.is_none());
        let introduced: Vec<((usize, &Who), Range<usize>)> = before.map_or_else(Vec::new, |block| {
            // Of a long paragraph only the end introduces what follows, and of several the last, or the one before.
            let is_near = |who: &Who| {
                let behind = &text[who.range.end..block.range.end];
                behind.len() <= 160 && !behind.contains(['”', '"', '’', '」']) && self.speaks(who, &block.range)
            };
            let near = self.whos_in(block.range.clone()).rev().filter(free).take_while(|(_, who)| is_near(who));
            near.take(2).map(|who| (who, block.range.clone())).collect()
        });
        let after = blocks.get(last + 1).filter(|block| block.quotation.is_none() && !self.has_span(&block.range));
        let followed = after.and_then(|block| {
            let who = self.whos_in(block.range.clone()).find(free)?;
            let words = &text[block.range.clone()];
            let is_near = who.1.range.start - block.range.start <= 120;
            // It may be about something else.
            let is_attribution = (has_verb(words) || is_signature(words)) && self.speaks(who.1, &block.range);
            (is_near && is_attribution && !words.trim_end().ends_with(':')).then_some((who, block.range.clone()))
        });
        let opens = introduced.first().is_some_and(|(_, block)| text[block.clone()].trim_end().ends_with(':'));
        if opens { introduced } else { introduced.into_iter().take(1).chain(followed).collect() }
    }

    /// Whether a range holds nothing but a link to a post, in a few words.
    pub(super) fn is_all_links(&self, range: &Range<usize>) -> bool {
        const WORDS: usize = 8;
        let text = &self.text()[range.clone()];
        let at = self.links.partition_point(|(link, _)| link.end <= range.start);
        let links = self.links[at..].iter().take_while(|(link, _)| link.start < range.end).take(WORDS);
        let linked: usize = links.map(|(link, _)| link.len()).sum();
        text.split_whitespace().count() <= WORDS && linked * 10 >= text.len() * 9
    }

    /// Whether a block quotation is an embed without words. One that is a link as a whole has words if they are none of an
    /// embed's own: those are to be compared.
    fn is_embed(&self, range: &Range<usize>) -> bool {
        let words = self.text()[range.clone()].trim();
        let is_bare = self.draft.blocks.get(self.draft.block_at(range.start)).is_some_and(|block| block.bare);
        let is_address = words.contains('/') && !words.contains(char::is_whitespace);
        let has_none = !words.contains(char::is_alphanumeric) || is_address || Printed::read(words).is_some();
        is_bare || (has_none && self.is_all_links(range)) || (words.starts_with("Post by @") && count(words) <= 12)
    }

    /// Whether something stands in quotation marks in a range.
    pub(super) fn has_span(&self, range: &Range<usize>) -> bool {
        let at = self.spans.partition_point(|span| span.outer.end <= range.start);
        self.spans.get(at).is_some_and(|span| span.outer.start < range.end)
    }

    /// Words that are a link to a post.
    pub(super) fn links(&mut self) {
        let text = self.text();
        let mut found = Vec::new();
        let claimed: HashMap<(usize, usize), usize> = self
            .claims
            .iter()
            .enumerate()
            .flat_map(|(at, claim)| {
                claim.readings.iter().map(move |reading| ((reading.range.start, reading.range.end), at))
            })
            .collect();
        for (range, url) in &self.links {
            if let Some(at) = claimed.get(&(range.start, range.end)) {
                self.claims[*at].link.get_or_insert_with(|| (*url).to_owned());
                continue;
            }
            let words = count(&text[range.clone()]);
            if words < 3 || self.is_taken(range) || text[range.clone()].contains("://") {
                continue;
            }
            found.push(Claim {
                readings: vec![Reading::new(range.clone(), None)],
                link: Some((*url).to_owned()),
                ..Claim::default()
            });
        }
        self.claims.append(&mut found);
    }
}

/// Whether a paragraph is a name, a handle, a day and a place, and no sentence about anybody.
fn is_signature(text: &str) -> bool {
    let is_small = |word: &&str| word.starts_with(char::is_lowercase);
    text.split_whitespace().count() <= 14 && text.split_whitespace().filter(is_small).all(lexicon::is_of_place)
}

/// A claim of readings that are all of one person.
fn named(mut readings: Vec<Reading>, name: &Option<Name>) -> Claim {
    for reading in &mut readings {
        reading.name.clone_from(name);
    }
    Claim { readings, ..Claim::default() }
}
