//! Whether a printed handle or name is the author's: now, or at another time.

use super::candidate::{Candidate, Text};
use super::claims::{Claim, Name, Reading};
use super::draft::Draft;
use super::finding::Finding;
use super::lexicon;
use super::nearby::Nearby;
use super::persons::{
    agrees, core, ends_with_name, ends_with_name_and_more, folded_name, is_name, is_nobody, is_part_of, parts,
};
use crate::model::Handle;

/// A handle without its server, folded.
pub(super) fn local_part(handle: &Handle) -> String {
    let folded = handle.folded();
    folded.split('@').next().unwrap_or_default().to_owned()
}

/// Whether a printed handle is one of the account's: now, or at another time.
pub(super) fn known_handle(printed: &Handle, candidate: &Candidate) -> Option<bool> {
    let fits = |known: &str| {
        let known = known.to_lowercase();
        let printed = printed.folded();
        known == printed || (!printed.contains('@') && known.split('@').next() == Some(&printed))
    };
    let now = candidate.post.author.handle.as_ref().is_some_and(|handle| fits(handle.as_str()));
    let then = candidate.texts.iter().filter_map(|text| text.author.0.as_deref()).any(fits);
    if now || then {
        return Some(true);
    }
    candidate.names.iter().any(|(handle, _)| fits(handle)).then_some(false)
}

pub(super) fn of_handle(claim: &Claim, candidate: &Candidate, text: &Text) -> Option<Finding> {
    let printed = claim.handle.as_ref()?;
    let theirs = text.author.0.as_deref().or(candidate.post.author.handle.as_ref().map(Handle::as_str))?;
    match known_handle(printed, candidate) {
        Some(true) => None,
        Some(false) => Some(Finding::Renamed(format!("@{printed} in the draft, @{theirs} in the archive"))),
        None => Some(Finding::WrongHandle(format!("@{printed} in the draft, @{theirs} in the archive"))),
    }
}

pub(super) fn of_name(claimed: Option<&Name>, candidate: &Candidate, text: &Text) -> Option<Finding> {
    let author = &candidate.post.author;
    let current: Vec<&str> = [text.author.1.as_deref(), author.name.as_deref()]
        .into_iter()
        .flatten()
        .filter(|name| !name.trim().is_empty())
        .collect();
    let theirs = *current.first()?;
    let handle = author.handle.as_ref().map(Handle::as_str).unwrap_or_default();
    let printed = match claimed? {
        Name::Whole(printed) | Name::Spoken(printed) if is_nobody(printed, theirs) => return None,
        Name::Whole(printed) | Name::Spoken(printed) => printed.clone(),
        Name::Before(before) => last_name(before, theirs)?,
    };
    let is_spoken = matches!(claimed, Some(Name::Spoken(_)));
    let is_it = |known: &str| match claimed {
        Some(Name::Before(before)) => ends_with_name(before, known),
        _ => is_name(&printed, known),
    };
    let agrees = |known: &str| {
        agrees(&printed, known, is_spoken)
            || matches!(claimed, Some(Name::Before(before)) if ends_with_name_and_more(before, known))
    };
    let is_handle = !handle.is_empty()
        && (is_name(printed.trim_start_matches('@'), handle)
            || is_it(handle)
            || (is_spoken && is_part_of(core(&parts(&printed)), &parts(handle))));
    if is_handle || current.iter().any(|name| is_it(name)) {
        return None;
    }
    let detail = format!("{printed:?} in the draft, {theirs:?} in the archive");
    let then = || candidate.names.iter().map(|(_, name)| name.as_str()).filter(|name| !name.trim().is_empty());
    if then().any(is_it) {
        return Some(Finding::Renamed(detail));
    }
    if current.iter().any(|name| agrees(name)) {
        return None;
    }
    Some(match claimed? {
        _ if then().any(agrees) => Finding::Renamed(detail),
        // A word alone may be a title, or a name that friends use.
        Name::Spoken(printed) if !printed.contains(char::is_whitespace) => Finding::Doubtful(detail),
        _ => Finding::WrongName(detail),
    })
}

/// The same of a name that stands without a handle. Where the draft names the author near by, it may be that of somebody else
/// in the sentence: surely so if the name was found in a loose form.
pub(super) fn of_name_in(
    draft: &Draft,
    claim: &Claim,
    reading: &Reading,
    found: (&Candidate, &Text),
) -> Option<Finding> {
    let (candidate, text) = found;
    let finding = of_name(reading.name.as_ref(), candidate, text)?;
    let is_wrong = matches!(finding, Finding::WrongName(_) | Finding::Doubtful(_));
    if claim.handle.is_some() || !is_wrong || !Nearby::of(draft, reading).names(reading.name.as_ref(), candidate, text)
    {
        return Some(finding);
    }
    claim.attributed.then(|| Finding::Doubtful(finding.detail().to_owned()))
}

/// Whether the printed name, if there is one, is one of the author's.
pub(super) fn name_fits(claimed: Option<&Name>, candidate: &Candidate, text: &Text) -> bool {
    let Some(theirs) = text.author.1.as_deref() else { return false };
    // A description names nobody, and fits everybody.
    let names = match claimed {
        None => false,
        Some(Name::Whole(printed) | Name::Spoken(printed)) => !is_nobody(printed, theirs),
        Some(Name::Before(before)) => ends_with_name(before, theirs) || last_name(before, theirs).is_some(),
    };
    names && of_name(claimed, candidate, text).is_none()
}

/// The name at the end of prose: words with capitals, or as many words as the known name has if they are like it.
pub(super) fn last_name(before: &str, known: &str) -> Option<String> {
    let words: Vec<&str> = before.split_whitespace().collect();
    let count = known.split_whitespace().count().clamp(1, 8);
    let tail = words[words.len().saturating_sub(count)..].join(" ");
    let alike = similar_letters(&folded_name(&tail), &folded_name(known));
    if alike >= 0.6 {
        return Some(tail);
    }
    let is_part = |word: &&&str| {
        let full = word.trim_end_matches('.');
        // Titles and initials are shortened.
        let is_short = word.ends_with('.') && (full.chars().count() == 1 || lexicon::is_title(full));
        let ends = word.ends_with(['.', '!', '?', ':', ';', '”', '"', ',']) && !is_short;
        !ends && word.chars().find(|c| c.is_alphanumeric()).is_none_or(char::is_uppercase)
    };
    let names: Vec<&str> = words.iter().rev().take_while(is_part).copied().collect();
    let opens = |word: &&str| {
        lexicon::is_nobody(word)
            || lexicon::is_preposition(word)
            || lexicon::is_day(word)
            || lexicon::is_determiner(word)
    };
    let name: Vec<&str> = names.into_iter().rev().skip_while(opens).collect();
    let name = name.join(" ");
    name.contains(char::is_alphanumeric).then_some(name)
}

/// The part of letters that two short texts share in order.
fn similar_letters(one: &str, other: &str) -> f64 {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().take(80).collect(), other.chars().take(80).collect());
    let ops = similar::capture_diff_slices(similar::Algorithm::Myers, &one, &other);
    f64::from(similar::diff_ratio(&ops, one.len(), other.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_at_the_end_of_prose() {
        for (before, known, printed) in [
            ("and the baker Ada Ross", "Ada Moss", Some("Ada Ross")),
            ("as somebody called", "Ada Moss", None),
            ("Yesterday Finch", "Ada Moss", Some("Finch")),
            ("It was so. E. Finch", "Ada Moss", Some("E. Finch")),
            ("wrote richard oneal", "richard oneill", Some("richard oneal")),
        ] {
            assert_eq!(last_name(before, known).as_deref(), printed, "{before}");
        }
    }
}
