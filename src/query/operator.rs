//! The `name:value` operators. To add one, add its line to [`OPERATORS`] and its leaf to [`Expr`].

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::{Expr, QueryError};
use crate::model::Handle;

/// One operator: its name, and the leaf it makes of a value, or what it takes instead.
type Operator = (&'static str, fn(&str) -> Result<Expr, &'static str>);

/// Every operator, by the name typed before the colon.
const OPERATORS: &[Operator] = &[
    ("from", |value| Handle::new(value).map(Expr::From).ok_or("takes a handle, as in from:@somebody")),
    ("since", |value| instant(value).map(Expr::Since)),
    ("until", |value| instant(value).map(Expr::Until)),
    ("lang", |value| language(value).map(Expr::Lang)),
    ("platform", |value| Ok(Expr::Platform(value.to_lowercase()))),
    ("job", |value| Ok(Expr::Job(value.to_owned()))),
];

/// Reads one operator; `at` is where its name begins.
pub(super) fn read(name: &str, value: &str, at: usize) -> Result<Expr, QueryError> {
    let folded = name.to_ascii_lowercase();
    let Some((name, make)) = OPERATORS.iter().find(|(known, _)| *known == folded) else {
        return Err(QueryError::UnknownOperator { name: name.to_owned(), nearest: nearest(&folded), at });
    };
    let wrong = |wanted: &str| QueryError::Value { name: (*name).to_owned(), wanted: wanted.to_owned(), at };
    if value.is_empty() {
        return Err(wrong("needs a value right after the colon"));
    }
    make(value).map_err(wrong)
}

/// Whether a name is an operator's.
pub(super) fn is_known(name: &str) -> bool {
    OPERATORS.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// A date (its midnight, UTC) or an RFC 3339 time.
fn instant(value: &str) -> Result<DateTime<Utc>, &'static str> {
    if let Ok(day) = NaiveDate::parse_from_str(value, "%Y-%m-%d")
        && value.len() == "2021-07-26".len()
    {
        return Ok(day.and_time(NaiveTime::MIN).and_utc());
    }
    let time = DateTime::parse_from_rfc3339(value).map(|at| at.to_utc());
    // A zone may carry a time of the last day of the year 9999 out of what can be written back.
    time.ok()
        .filter(|at| (0..=9999).contains(&chrono::Datelike::year(at)))
        .ok_or("takes a date as 2021-07-26 or a time as 2021-07-26T18:00:00Z")
}

fn language(value: &str) -> Result<String, &'static str> {
    let fits = value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    fits.then(|| value.to_ascii_lowercase()).ok_or("takes a language tag, as in lang:en or lang:pt-BR")
}

/// The operator that is spelt most like a name, if it is like any.
fn nearest(name: &str) -> Option<&'static str> {
    let (distance, known) = OPERATORS.iter().map(|(known, _)| (distance(name, known), *known)).min()?;
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
