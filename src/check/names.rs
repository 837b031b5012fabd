//! Whether a printed handle or name is the author's: now, or at another time.

use super::candidate::{Candidate, Text};
use super::claims::{Claim, Name};
use super::finding::Finding;
use crate::model::Handle;

/// A handle without its server, folded.
pub(super) fn local_part(handle: &Handle) -> String {
    let folded = handle.folded();
    folded.split('@').next().unwrap_or_default().to_owned()
}

/// Whether a whole name of the author stands in a folded text.
pub(super) fn stands_in(folded: &str, candidate: &Candidate) -> bool {
    let names = candidate.names.iter().map(|(_, name)| name.as_str());
    names.chain(candidate.post.author.name.as_deref()).any(|name| {
        let bare = name.split(['(', '[', '|', '#', '–', '—', '/', ',']).next().unwrap_or_default();
        let name = folded_name(bare);
        // A single word may be any.
        name.contains(' ') && format!(" {folded} ").contains(&format!(" {name} "))
    })
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

/// A name as it is compared: words only, for emoji and the like in names are seldom printed.
pub(super) fn folded_name(name: &str) -> String {
    let letter = |c: char| match c {
        '’' | 'ʼ' | '‘' | '＇' => '\'',
        c if c.is_alphanumeric() || c == '\'' => c,
        _ => ' ',
    };
    let letters: String = name.chars().map(letter).collect();
    letters.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a printed name is that name, or its part before what people add to theirs: `Ada Moss (she/her)`.
pub(super) fn is_name(printed: &str, known: &str) -> bool {
    let bare = known.split(['(', '[', '|', '#', '–', '—', '/', ',']).next().unwrap_or_default();
    // A name of emoji alone has no letters.
    let alike = |known: &str| {
        let (one, other) = (folded_name(printed), folded_name(known));
        if one.is_empty() || other.is_empty() { printed.trim() == known.trim() } else { one == other }
    };
    alike(known) || (!bare.trim().is_empty() && alike(bare))
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
    let fits = |known: &str| match claimed {
        None => true,
        Some(Name::Whole(printed)) => is_name(printed, known),
        Some(Name::Spoken(printed)) => is_part_of(printed, known),
        Some(Name::Before(printed)) => ends_with_name(printed, known),
    };
    let printed = match claimed? {
        Name::Whole(printed) | Name::Spoken(printed) => printed.clone(),
        Name::Before(before) => last_name(before, theirs)?,
    };
    if current.iter().any(|name| fits(name)) || fits(handle) || is_name(printed.trim_start_matches('@'), handle) {
        return None;
    }
    let detail = format!("{printed:?} in the draft, {theirs:?} in the archive");
    let other = candidate.names.iter().any(|(_, name)| !name.trim().is_empty() && fits(name));
    Some(match claimed? {
        _ if other => Finding::Renamed(detail),
        // A word alone may be a title, or a name that friends use.
        Name::Spoken(printed) if !printed.contains(char::is_whitespace) => Finding::Doubtful(detail),
        _ => Finding::WrongName(detail),
    })
}

/// Whether a name as it is spoken is a part of that name, or that with a title: `Moss`, `Mayor Ada Moss`.
fn is_part_of(spoken: &str, known: &str) -> bool {
    let (spoken, known) = (folded_name(spoken), folded_name(known));
    let spoken = spoken.strip_suffix("'s").unwrap_or(&spoken);
    let has = |whole: &str, part: &str| {
        let mut words = whole.split(' ');
        !part.is_empty() && part.split(' ').all(|word| words.any(|of| of == word))
    };
    has(&known, spoken) || has(spoken, &known)
}

/// Whether the printed name, if there is one, is one of the author's.
pub(super) fn name_fits(claimed: Option<&Name>, candidate: &Candidate, text: &Text) -> bool {
    claimed.is_some() && text.author.1.is_some() && of_name(claimed, candidate, text).is_none()
}

/// Whether prose ends with a name.
fn ends_with_name(before: &str, known: &str) -> bool {
    // A name may have no letters.
    if folded_name(known).is_empty() {
        return before.trim_end().ends_with(known.trim());
    }
    let before = folded_name(before);
    let bare = known.split(['(', '[', '|', '#', '–', '—', '/', ',']).next().unwrap_or_default();
    [known, bare].iter().map(|name| folded_name(name)).any(|name| {
        !name.is_empty() && before.strip_suffix(&name).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '))
    })
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
        let ends = word.ends_with(['.', '!', '?', ':', ';', '”', '"', ',']);
        !ends && word.chars().find(|c| c.is_alphanumeric()).is_none_or(char::is_uppercase)
    };
    let names: Vec<&str> = words.iter().rev().take_while(is_part).copied().collect();
    let name: Vec<&str> = names.into_iter().rev().collect();
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
    fn names_are_compared_as_they_are_printed() {
        for (spoken, known, is) in [
            ("Moss", "Ada Moss", true),
            ("Mayor Ada Moss", "Ada Moss", true),
            ("Ed Moss", "Ada Moss", false),
            ("Una O’Dowd", "Una O'Dowd 💙", true),
        ] {
            assert_eq!(is_part_of(spoken, known), is, "{spoken} {known}");
        }
        for (printed, known, is) in [
            ("Ada Moss", "Ada Moss 💙", true),
            ("ada moss", "Ada Moss", true),
            ("Ada Moss", "Ada Moss (she/her)", true),
            ("Ada Moss", "Ada Moss | Leeds", true),
            ("Ada Ross", "Ada Moss", false),
            ("Una O’Dowd", "Una O'Dowd", true),
            ("Ada", "Ada Moss", false),
            ("💙", "💙", true),
            ("💙", "🖤", false),
        ] {
            assert_eq!(is_name(printed, known), is, "{printed} {known}");
        }
        for (before, known, printed) in [
            ("and the baker Ada Ross", "Ada Moss", Some("Ada Ross")),
            ("as somebody called", "Ada Moss", None),
            ("wrote richard oneal", "richard oneill", Some("richard oneal")),
        ] {
            assert_eq!(last_name(before, known).as_deref(), printed, "{before}");
        }
    }
}
