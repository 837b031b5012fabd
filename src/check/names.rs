//! Whether a printed handle or name is the author's: now, or at another time.

use super::candidate::{Candidate, Text};
use super::claims::{Claim, Name, Reading};
use super::draft::Draft;
use super::finding::Finding;
use super::{lexicon, who};
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

/// A name as it is compared: words only, for emoji and the like in names are seldom printed.
fn folded_name(name: &str) -> String {
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
    let bare = bare(known);
    // A name of emoji alone has no letters.
    let alike = |known: &str| {
        let (one, other) = (folded_name(printed), folded_name(known));
        if one.is_empty() || other.is_empty() { printed.trim() == known.trim() } else { one == other }
    };
    alike(known) || (!bare.trim().is_empty() && alike(bare))
}

/// A name without what people add to theirs: `Ada Moss (she/her)`, `Ada Moss | Leeds`.
fn bare(name: &str) -> &str {
    name.split(['(', '[', '|', '#', '–', '—', '/', ',']).next().unwrap_or_default()
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
/// in the sentence: surely so if the name was found `loosely`.
pub(super) fn of_name_in(
    draft: &Draft,
    claim: &Claim,
    reading: &Reading,
    found: (&Candidate, &Text),
) -> Option<Finding> {
    let (candidate, text) = found;
    let finding = of_name(reading.name.as_ref(), candidate, text)?;
    let is_wrong = matches!(finding, Finding::WrongName(_) | Finding::Doubtful(_));
    if claim.handle.is_some() || !is_wrong || !is_named_near(draft, reading, candidate, text) {
        return Some(finding);
    }
    claim.attributed.then(|| Finding::Doubtful(finding.detail().to_owned()))
}

/// Whether the author's name, surname or handle stands beside the words, elsewhere than in the printed name.
fn is_named_near(draft: &Draft, reading: &Reading, candidate: &Candidate, text: &Text) -> bool {
    /// As much of a draft is looked at before the words, and behind them.
    const NEAR: usize = 1500;
    let number = draft.block_at(reading.range.start);
    let (Some(first), Some(last)) =
        (draft.blocks.get(number.saturating_sub(1)), draft.blocks.get(draft.block_at(reading.range.end)))
    else {
        return false;
    };
    let whole = &draft.text;
    let from = whole.ceil_char_boundary(reading.range.start.saturating_sub(NEAR)).max(first.range.start);
    let to = whole.floor_char_boundary(reading.range.end + NEAR).min(last.range.end);
    let outside = [from..reading.range.start, reading.range.end..to];
    let outside = outside.into_iter().chain(reading.without.iter().cloned());
    let mut near: String = outside.filter_map(|range| whole.get(range)).collect::<Vec<_>>().join("\n\n");
    if let Some(Name::Spoken(printed) | Name::Whole(printed)) = &reading.name {
        near = near.replace(printed.as_str(), " ");
    }
    if who::handles(&near).iter().any(|who| known_handle(&who.handle, candidate).is_some()) {
        return true;
    }
    let words = parts(&near);
    let names = [text.author.1.as_deref(), candidate.post.author.name.as_deref()];
    names.into_iter().flatten().any(|name| {
        let name = parts(bare(name));
        let name = core(&name);
        let Some(surname) = name.last().filter(|surname| surname.word.chars().count() >= 3) else { return false };
        words.iter().any(|word| word.upper && possessor(&word.word) == surname.word)
    })
}

/// A word of a name.
struct Part {
    word: String,
    /// Whether it begins with a capital.
    upper: bool,
    /// Whether a hyphen joins it to the one before.
    joined: bool,
    /// Whether a sign parts it from the next.
    ends: bool,
}

fn parts(name: &str) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    let mut fresh = true;
    let mut last = ' ';
    for c in name.chars() {
        let c = if matches!(c, '’' | 'ʼ' | '‘' | '＇') { '\'' } else { c };
        if c.is_alphanumeric() || c == '\'' {
            if fresh {
                let joined = matches!(last, '-' | '\u{2010}' | '\u{2011}');
                found.push(Part { word: String::new(), upper: c.is_uppercase(), joined, ends: false });
            }
            if let Some(part) = found.last_mut() {
                part.word.extend(c.to_lowercase());
            }
            fresh = false;
        } else {
            fresh = true;
            if let Some(part) = found.last_mut() {
                part.ends |= !c.is_whitespace() && !matches!(c, '.' | '-' | '_' | '\u{2010}' | '\u{2011}');
            }
        }
        last = c;
    }
    found
}

/// A word without the ending of a genitive.
fn possessor(word: &str) -> &str {
    word.strip_suffix("'s").or_else(|| word.strip_suffix('\'')).unwrap_or(word)
}

/// A name without what stands before and behind it: titles, what the person is, whose they are.
fn core(name: &[Part]) -> &[Part] {
    let is_stripped = |(at, part): (usize, &Part)| {
        let goes_on = name[at + 1..].iter().any(|next| next.upper);
        let is_owner = possessor(&part.word) != part.word;
        goes_on && (!part.upper || is_owner || lexicon::is_nobody(&part.word) || lexicon::is_day(&part.word))
    };
    let people = name.iter().rposition(|part| lexicon::is_people(&part.word) || possessor(&part.word) != part.word);
    let behind_people = people.map_or(0, |at| at + 1);
    let mut start = if name.get(behind_people).is_some_and(|next| next.upper) { behind_people } else { 0 };
    while start + 1 < name.len() && (is_stripped((start, &name[start])) || lexicon::is_title(&name[start].word)) {
        start += 1;
    }
    let mut end = name.len();
    while end > start + 1 && lexicon::is_degree(&name[end - 1].word) {
        end -= 1;
    }
    &name[start..end]
}

/// Whether a printed name may stand for that one: a part of it, or all of it with something around, titles apart.
fn agrees(printed: &str, known: &str, is_spoken: bool) -> bool {
    if is_name(printed, known) || is_name(lexicon::without_honorific(printed), known) {
        return true;
    }
    let printed = lexicon::without_honorific(printed);
    let (name, whole) = (parts(printed), parts(bare(known)));
    let whole = core(&whole);
    let comma = name.iter().position(|part| part.ends).map_or(name.len(), |at| at + 1);
    if is_part_of(core(&name[..comma]), whole) || is_part_of_unspaced(printed, known) {
        return true;
    }
    // What people add to a name must be right if it is printed.
    let added = parts(known);
    holds(&name, if printed.contains(['(', '[', '|']) { &added } else { whole }, is_spoken)
}

/// Whether a name is a part of that one: `Moss`, `A. Moss`.
fn is_part_of(said: &[Part], whole: &[Part]) -> bool {
    let mut rest = whole.iter();
    let last = said.len().saturating_sub(1);
    let mut is_word = false;
    let all = said.iter().enumerate().all(|(at, part)| {
        let word = if at == last { possessor(&part.word) } else { &part.word };
        let is_initial = word.chars().count() == 1;
        rest.any(|of| {
            is_word |= of.word == word && !is_initial;
            of.word == word || (is_initial && of.word.starts_with(word))
        })
    });
    all && is_word
}

/// The same where nothing parts the words of a name: `田中` of `田中健`.
fn is_part_of_unspaced(printed: &str, known: &str) -> bool {
    let is_unspaced = |name: &str| name.chars().count() >= 2 && name.chars().all(is_unspaced_sign);
    let (printed, known) = (printed.trim(), bare(known).trim());
    is_unspaced(known) && is_unspaced(printed) && (known.starts_with(printed) || printed.ends_with(known))
}

/// Whether a name holds all of that one, as words of their own: `Labour’s Tom Hayes`, `Dora Finch, Whitby`.
fn holds(name: &[Part], whole: &[Part], is_spoken: bool) -> bool {
    if whole.is_empty() || (whole.len() < 2 && !is_spoken) {
        return false;
    }
    let fits = |at: usize| {
        let window = name.get(at..at + whole.len())?;
        let next = name.get(at + whole.len());
        let last = window.last()?;
        let is_end = |next: &Part| {
            !next.joined && (last.ends || !next.upper || lexicon::is_degree(&next.word) || lexicon::is_day(&next.word))
        };
        let is_same = window.iter().zip(whole).all(|(one, other)| one.word == other.word);
        Some(is_same && !window.first()?.joined && (whole.len() < 2 || next.is_none_or(is_end)))
    };
    (0..name.len()).any(|at| fits(at).unwrap_or(false))
}

/// Whether what stands in a name's place describes somebody and names nobody: `Twitter user`, `one reader`.
fn is_nobody(printed: &str, known: &str) -> bool {
    let is_people = |part: &Part| lexicon::is_people(&part.word);
    if parts(known).iter().any(is_people) {
        return false;
    }
    let name = parts(printed);
    let comma = name.iter().position(|part| part.ends).map_or(name.len(), |at| at + 1);
    let name = &name[..comma];
    match name.iter().rposition(is_people) {
        Some(at) => name.get(at + 1).is_none_or(|next| !next.upper),
        None => {
            let opens = |first: &Part| lexicon::is_determiner(&first.word) || lexicon::is_nobody(&first.word);
            name.len() > 1 && name.first().is_some_and(opens) && name[1..].iter().all(|part| !part.upper)
        }
    }
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
    let unspaced = bare(known).trim();
    let courteous = lexicon::without_honorific(before);
    if unspaced.chars().count() >= 2 && unspaced.chars().all(is_unspaced_sign) && courteous.ends_with(unspaced) {
        return true;
    }
    let before = folded_name(before);
    [known, bare(known)].iter().map(|name| folded_name(name)).any(|name| {
        !name.is_empty() && before.strip_suffix(&name).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '))
    })
}

/// The same with a place or an age between the name and the handle: `Dora Finch, Whitby (`.
fn ends_with_name_and_more(before: &str, known: &str) -> bool {
    let Some((head, tail)) = before.rsplit_once(',') else { return false };
    tail.split_whitespace().count() <= 4 && !tail.contains(['.', ':', '“', '”']) && ends_with_name(head, known)
}

/// Whether a sign is one of a script that does not part words.
fn is_unspaced_sign(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ac00}'..='\u{d7af}')
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
    fn names_are_compared_as_they_are_printed() {
        for (spoken, known, is) in [
            ("Moss", "Ada Moss", true),
            ("Mayor Ada Moss", "Ada Moss", true),
            ("Ed Moss", "Ada Moss", false),
            ("Una O’Dowd", "Una O'Dowd 💙", true),
            ("Mrs. Moss", "Ada Moss", true),
            ("A. Moss", "Ada Moss", true),
            ("E. Moss", "Ada Moss", false),
            ("Councillor Tom Hayes", "Cllr Tom Hayes", true),
            ("Hayes MP", "Cllr Tom Hayes", true),
            ("Labour’s Tom Hayes", "Cllr Tom Hayes", true),
            ("Labour’s Ed Hayes", "Cllr Tom Hayes", false),
            ("Twitter user Dora Finch", "Dora Finch", true),
            ("Twitter user Doris Finch", "Dora Finch", false),
            ("Twitter user Finch", "Dora Finch", true),
            ("Dora Finch, Whitby", "Dora Finch", true),
            ("Doris Finch, Whitby", "Dora Finch", false),
            ("Dora Finch-Smith", "Dora Finch", false),
            ("Dora Finch Smith", "Dora Finch", false),
            ("Dora Finch’s Anne", "Dora Finch", false),
            ("Fishmonger Finch", "Dora Finch", true),
            ("Baker", "Tom Baker", true),
            ("Tom Baker", "Tom Hayes", false),
            ("написал Иван Петров", "Иван Петров", true),
            ("написал Иван Сидоров", "Иван Петров", false),
            ("田中健さん", "田中健", true),
            ("田中さん", "田中健", true),
            ("田口さん", "田中健", false),
        ] {
            assert_eq!(agrees(spoken, known, false), is, "{spoken} {known}");
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
        for (printed, is) in [
            ("Twitter user", true),
            ("One reader", true),
            ("A resident of Whitby", true),
            ("the mayor", true),
            ("Twitter user Doris Finch", false),
            ("Doris Finch, a resident", false),
            ("doris finch", false),
        ] {
            assert_eq!(is_nobody(printed, "Dora Finch"), is, "{printed}");
        }
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
