//! The word that somebody meant: which of several known ones is spelt most like it.

/// The known word that is spelt most like this one, in any case; `None` if none is like it.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let (distance, known) = known.map(|known| (distance(&word, &known.to_ascii_lowercase()), known)).min()?;
    (distance <= 2 && distance < known.len()).then_some(known)
}

/// Letters to add, drop or replace to make one name of the other (Levenshtein). Long names are like none.
fn distance(a: &str, b: &str) -> usize {
    if a.len() > 32 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (slot, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let here = (diagonal + usize::from(x != y)).min(left + 1).min(*slot + 1);
            diagonal = *slot;
            *slot = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}
