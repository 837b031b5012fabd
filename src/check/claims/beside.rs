//! What has its attribution in the paragraph before or behind it, and words that are a link.

use std::ops::Range;

use super::{Claim, Finder, LONGEST, Reading, Rival, count, without_number};
use crate::check::who::{self, Who};

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
            if self.is_all_links(&range) {
                self.claimed.insert(number);
                self.taken.push(range.clone());
                if link.is_some() {
                    self.claims.push(Claim {
                        readings: vec![Reading::new(range, None)],
                        handle: None,
                        date: None,
                        link,
                        sure: true,
                        attributed: false,
                        embed: true,
                        others: Vec::new(),
                        rival: None,
                    });
                }
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
                embed: false,
                others: Vec::new(),
                rival,
            });
        }
        self.taken.sort_by_key(|range| range.start);
    }

    /// Who is named in the paragraph before or behind those blocks as the one whose words they are, and in which: the
    /// likelier first.
    pub(super) fn beside(&self, first: usize, last: usize) -> Vec<((usize, &Who), Range<usize>)> {
        let (text, blocks) = (self.text(), &self.draft.blocks);
        let free = |who: &(usize, &Who)| !self.signing.contains(&who.0);
        let before = first.checked_sub(1).map(|before| &blocks[before]).filter(|block| block.quotation.is_none());
        let introduced = before.and_then(|block| {
            let who = self.whos_in(block.range.clone()).rfind(free)?;
            // Of a long paragraph only the end introduces what follows.
            let behind = &text[who.1.range.end..block.range.end];
            let is_near =
                behind.len() <= 160 && !behind.contains(['”', '"', '’', '」']) && self.speaks(who.1, &block.range);
            is_near.then_some((who, block.range.clone()))
        });
        let after = blocks.get(last + 1).filter(|block| block.quotation.is_none() && !self.has_span(&block.range));
        let followed = after.and_then(|block| {
            let who = self.whos_in(block.range.clone()).find(free)?;
            let is_near = who.1.range.start - block.range.start <= 120;
            let introduces = text[block.range.clone()].trim_end().ends_with(':');
            (is_near && !introduces && self.speaks(who.1, &block.range)).then_some((who, block.range.clone()))
        });
        let opens = introduced.as_ref().is_some_and(|(_, block)| text[block.clone()].trim_end().ends_with(':'));
        match (introduced, followed) {
            (Some(introduced), _) if opens => vec![introduced],
            (introduced, followed) => introduced.into_iter().chain(followed).collect(),
        }
    }

    /// Paragraphs that another introduces: `Ada Moss (@ada_moss) wrote:`, and then her words without any marks.
    pub(super) fn introduced(&mut self) {
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
            found.push(Claim {
                readings,
                handle,
                date,
                link,
                sure: false,
                attributed: true,
                embed: false,
                others: Vec::new(),
                rival: None,
            });
        }
        self.taken.extend(found.iter().flat_map(|claim| &claim.readings).map(|reading| reading.range.clone()));
        self.taken.sort_by_key(|range| range.start);
        self.claims.append(&mut found);
    }

    /// Words before a handle in parentheses that ends a paragraph, and words below a line with a handle, as they are pasted from an
    /// app. Prose may look so, too.
    pub(super) fn loose(&mut self) {
        let (text, draft) = (self.text(), self.draft);
        let mut found = Vec::new();
        for (at, who) in self.whos.iter().enumerate().filter(|(at, _)| !self.signing.contains(at)) {
            let number = draft.block_at(who.range.start);
            let block = &draft.blocks[number].range;
            if self.is_taken(block) || self.has_span(block) || block.len() > LONGEST {
                continue;
            }
            let Some(line_end) = self.line_end(who.range.end, block.end) else { continue };
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
                embed: false,
                others: Vec::new(),
                rival: None,
            });
        }
        self.claims.append(&mut found);
    }

    /// Whether a range holds nothing but a link to a post.
    pub(super) fn is_all_links(&self, range: &Range<usize>) -> bool {
        const WORDS: usize = 8;
        let text = &self.text()[range.clone()];
        let at = self.links.partition_point(|(link, _)| link.end <= range.start);
        let links = self.links[at..].iter().take_while(|(link, _)| link.start < range.end).take(WORDS);
        let linked: usize = links.map(|(link, _)| link.len()).sum();
        if self.draft.blocks.get(self.draft.block_at(range.start)).is_some_and(|block| block.bare) {
            return true;
        }
        let is_short = text.split_whitespace().count() <= WORDS;
        is_short && (linked * 10 >= text.len() * 9 || text.starts_with("Post by @"))
    }

    /// Whether something stands in quotation marks in a range.
    fn has_span(&self, range: &Range<usize>) -> bool {
        let at = self.spans.partition_point(|span| span.outer.end <= range.start);
        self.spans.get(at).is_some_and(|span| span.outer.start < range.end)
    }

    /// Words that are a link to a post.
    pub(super) fn links(&mut self) {
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
                embed: false,
                others: Vec::new(),
                rival: None,
            });
        }
        self.claims.append(&mut found);
    }
}
