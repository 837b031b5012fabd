//! What stands above a signature, and how surely it is what was signed.

use std::ops::Range;

use super::find::is_placeholder;
use super::reading::date_of;
use super::sheet::{Bound, Place, Role, Sheet};

/// What stands above a signature, since the last thing that can be no part of it.
#[derive(Default)]
pub(super) struct Above {
    /// Paragraphs: the block, where it stands in the text, its place.
    pub(super) parts: Vec<(usize, Range<usize>, Place)>,
    /// Whether all of it belongs together.
    pub(super) whole: bool,
    /// Whether the page marks it as a quotation, so that none of it can be the page's own words.
    pub(super) quotation: bool,
    /// Whether the line before was signed; a lone date then belongs to that signature.
    pub(super) after_signature: bool,
    /// A line that ended what stood before it, but may have been a part of it.
    pub(super) cut: Option<(Range<usize>, Place)>,
    /// The block of the last signature, or of what is nearly one.
    pub(super) last: Option<usize>,
}

/// How surely the words above are those of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// They can be nobody else's.
    Certain,
    /// One element of the page holds both, and no other signature.
    Together,
    /// They stand in paragraphs of their own.
    Alone,
    /// The signature begins a paragraph that goes on below it.
    Opening,
    /// There are none.
    Nothing,
}

impl Above {
    pub(super) fn enter(&mut self, bound: Bound) {
        match bound {
            Bound::None => {}
            Bound::Wall => *self = Above { last: self.last, ..Above::default() },
            Bound::Item => *self = Above { whole: true, last: self.last, ..Above::default() },
            Bound::Quotation => *self = Above { whole: true, quotation: true, last: self.last, ..Above::default() },
        }
    }

    pub(super) fn push(&mut self, sheet: &Sheet, block: usize, range: Range<usize>, place: Place) {
        let words = &sheet.text[range.clone()];
        let lone_date = std::mem::take(&mut self.after_signature) && date_of(words).is_some();
        if words.trim().is_empty() || lone_date {
            return;
        }
        match self.parts.last_mut() {
            Some((last, part, _)) if *last == block => part.end = range.end,
            _ => self.parts.push((block, range, place)),
        }
    }

    /// How surely a signature in `block` that has no words on its own line is that of the words above; `goes_on`:
    /// words follow it in its paragraph. Where an element of the page parts them, they are taken from there.
    pub(super) fn claim(&mut self, sheet: &Sheet, block: usize, goes_on: bool) -> Claim {
        match self.parts.last() {
            Some(_) if self.whole => Claim::Certain,
            Some((last, ..)) if *last == block && self.last != Some(block) && !goes_on => Claim::Certain,
            Some((last, ..)) if *last != block && goes_on => Claim::Opening,
            Some(_) => Claim::Alone,
            None => self.reach_back(sheet, block, goes_on),
        }
    }

    fn reach_back(&mut self, sheet: &Sheet, block: usize, goes_on: bool) -> Claim {
        let Some(before) = sheet.blocks[block].before.filter(|_| self.last != Some(block)) else {
            return Claim::Nothing;
        };
        let signed_before = self.last.filter(|last| *last >= before.first);
        let is_words = |at: &usize| {
            let block = &sheet.blocks[*at];
            block.role == Role::Words && !is_placeholder(&sheet.text[block.range.clone()])
        };
        let from = signed_before.map_or(before.first, |last| last + 1);
        let kept = (from..block).rev().take_while(is_words).count();
        let from = block - kept;
        let certain = before.certain.max(from);
        if certain >= block {
            return Claim::Nothing;
        }
        if goes_on {
            return Claim::Opening;
        }
        let part = |at: usize| (at, sheet.blocks[at].range.clone(), sheet.blocks[at].place.clone());
        self.cut = (from < certain).then(|| (sheet.blocks[certain - 1].range.clone(), part(certain - 1).2));
        self.parts = (certain..block).map(part).collect();
        (self.whole, self.quotation) = (true, before.quotation);
        if before.together && signed_before.is_none() { Claim::Together } else { Claim::Alone }
    }

    /// What may belong to the words that are certain, right before them.
    pub(super) fn possible(&self) -> Option<(&Range<usize>, &Place)> {
        match self.parts.as_slice() {
            [.., (_, before, place), _] if !self.whole => Some((before, place)),
            _ => self.cut.as_ref().map(|(before, place)| (before, place)),
        }
    }
}
