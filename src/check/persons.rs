//! Whether two ways to print a name are of one person: titles, parts, what stands around it.

use super::lexicon;

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
    let bare = bare(known);
    // A name of emoji alone has no letters.
    let alike = |known: &str| {
        let (one, other) = (folded_name(printed), folded_name(known));
        if one.is_empty() || other.is_empty() { printed.trim() == known.trim() } else { one == other }
    };
    alike(known) || (!bare.trim().is_empty() && alike(bare))
}

/// A name without what people add to theirs: `Ada Moss (she/her)`, `Ada Moss | Leeds`.
pub(super) fn bare(name: &str) -> &str {
    name.split(['(', '[', '|', '#', '–', '—', '/', ',']).next().unwrap_or_default()
}

/// A word of a name.
pub(super) struct Part {
    pub(super) word: String,
    /// Whether it begins with a capital.
    pub(super) upper: bool,
    /// Whether a hyphen joins it to the one before.
    joined: bool,
    /// Whether a sign parts it from the next.
    ends: bool,
}

pub(super) fn parts(name: &str) -> Vec<Part> {
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
pub(super) fn possessor(word: &str) -> &str {
    word.strip_suffix("'s").or_else(|| word.strip_suffix('\'')).unwrap_or(word)
}

/// A name without what stands before and behind it: titles, what the person is, whose they are.
pub(super) fn core(name: &[Part]) -> &[Part] {
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
pub(super) fn agrees(printed: &str, known: &str, is_spoken: bool) -> bool {
    if is_name(printed, known) || is_name(lexicon::without_honorific(printed), known) {
        return true;
    }
    let printed = lexicon::without_honorific(printed);
    let (name, whole) = (parts(printed), parts(bare(known)));
    let whole = core(&whole);
    // What people add to a name must be right if it is printed.
    let has_addition = printed.contains(['(', '[', '|']);
    let comma = name.iter().position(|part| part.ends && !has_addition).map_or(name.len(), |at| at + 1);
    if is_part_of(core(&name[..comma]), whole) || is_part_of_unspaced(printed, known) {
        return true;
    }
    let added = parts(known);
    holds(&name, if has_addition { &added } else { whole }, is_spoken)
}

/// Whether a name is a part of that one: `Moss`, `A. Moss`.
pub(super) fn is_part_of(said: &[Part], whole: &[Part]) -> bool {
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
pub(super) fn is_nobody(printed: &str, known: &str) -> bool {
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

/// Whether prose ends with a name.
pub(super) fn ends_with_name(before: &str, known: &str) -> bool {
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
pub(super) fn ends_with_name_and_more(before: &str, known: &str) -> bool {
    let Some((head, tail)) = before.rsplit_once(',') else { return false };
    tail.split_whitespace().count() <= 4 && !tail.contains(['.', ':', '“', '”']) && ends_with_name(head, known)
}

/// Whether a sign is one of a script that does not part words.
fn is_unspaced_sign(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ac00}'..='\u{d7af}')
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
            ("Dora Finch (Whitby)", "Dora Finch", true),
            ("Dora Finch (she/hex)", "Dora Finch (she/her)", false),
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
    }
}
