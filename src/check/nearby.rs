//! Who is named beside quoted words, wherever it stands: in their paragraph, the one before and the one behind.

use super::candidate::{Candidate, Text};
use super::claims::{Name, Reading};
use super::draft::Draft;
use super::names::known_handle;
use super::persons::{bare, core, folded_name, parts, possessor};
use super::who;

/// As much of a draft is looked at before the words, and behind them.
const NEAR: usize = 1500;

/// The draft beside some words.
pub(super) struct Nearby {
    text: String,
    /// As names are compared, with a space on either side.
    folded: String,
}

impl Nearby {
    pub(super) fn of(draft: &Draft, reading: &Reading) -> Nearby {
        let whole = &draft.text;
        let first = draft.blocks.get(draft.block_at(reading.range.start).saturating_sub(1));
        let next = draft.block_at(reading.range.end) + 1;
        let last = draft.blocks.get(next).or(draft.blocks.last());
        let from = whole.ceil_char_boundary(reading.range.start.saturating_sub(NEAR));
        let from = from.max(first.map_or(0, |block| block.range.start));
        let to = whole.floor_char_boundary(reading.range.end + NEAR);
        let to = to.min(last.map_or(to, |block| block.range.end));
        let outside = [from..reading.range.start, reading.range.end..to];
        let outside = outside.into_iter().chain(reading.without.iter().map(|hole| hole.range.clone()));
        let text = outside.filter_map(|range| whole.get(range)).collect::<Vec<_>>().join("\n\n");
        let folded = format!(" {} ", folded_name(&text));
        Nearby { text, folded }
    }

    /// Whether a whole name of the author stands there, of two words at least, for a single one may be any; in a script without
    /// spaces of three letters.
    pub(super) fn has_name_of(&self, candidate: &Candidate) -> bool {
        let names = candidate.names.iter().map(|(_, name)| name.as_str());
        names.chain(candidate.post.author.name.as_deref()).any(|name| {
            let name = folded_name(bare(name));
            let is_unspaced = name.chars().count() >= 3 && name.chars().all(|c| c >= '\u{2e80}');
            (is_unspaced && self.folded.contains(&name))
                || (name.contains(' ') && self.folded.contains(&format!(" {name} ")))
        })
    }

    /// Whether the author's name, surname or handle stands there, elsewhere than in the printed name.
    pub(super) fn names(&self, printed: Option<&Name>, candidate: &Candidate, text: &Text) -> bool {
        let near = match printed {
            Some(Name::Spoken(printed) | Name::Whole(printed)) => self.text.replace(printed.as_str(), " "),
            _ => self.text.clone(),
        };
        if who::handles(&near).iter().any(|who| known_handle(&who.handle, candidate).is_some()) {
            return true;
        }
        let words = parts(&near);
        let names = [text.author.1.as_deref(), candidate.post.author.name.as_deref()];
        names.into_iter().flatten().any(|name| {
            let name = parts(bare(name));
            let surname = core(&name).last().filter(|surname| surname.word.chars().count() >= 3);
            surname.is_some_and(|surname| words.iter().any(|word| word.upper && possessor(&word.word) == surname.word))
        })
    }
}
