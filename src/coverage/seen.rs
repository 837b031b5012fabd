//! How far the posts of a page reach.

use chrono::{DateTime, Utc};

/// Posts that may stand out of order at the end of a page: an old one that only now reached the server, one that is pinned.
const STRAY: usize = 2;

/// How far a page reaches, whether or not its posts belong to what was asked. Up to two posts that stand out of order do not
/// carry it further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Posts on the page.
    pub posts: u64,
    /// The page surely reaches down to this, and up to the other.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Its oldest post, strays left out where there are enough others.
    pub tail: Option<DateTime<Utc>>,
}

impl Seen {
    /// Of the posts of a page: of each when it was written, if that is known.
    pub fn of(posts: impl Iterator<Item = Option<DateTime<Utc>>>) -> Seen {
        let mut seen = Seen::default();
        let mut times: Vec<DateTime<Utc>> = posts.inspect(|_| seen.posts += 1).flatten().collect();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        let low = times.get(STRAY.min(last)).copied();
        let high = times.get(last - STRAY.min(last)).copied();
        seen.span = low.zip(high);
        seen.tail = if last < STRAY { times.first().copied() } else { low };
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strays_do_not_carry_a_page_further() {
        let at = |second| DateTime::from_timestamp(second, 0);
        for (times, span, tail) in [
            (vec![], None, None),
            (vec![5], Some((5, 5)), Some(5)),
            (vec![9, 5], Some((9, 5)), Some(5)),
            (vec![9, 7, 5], Some((9, 5)), Some(9)),
            (vec![9, 8, 7, 6, 5, 1, 2], Some((5, 7)), Some(5)),
        ] {
            let seen = Seen::of(times.iter().map(|second| at(*second)).chain([None]));
            let span = span.and_then(|(low, high)| at(low).zip(at(high)));
            assert_eq!(seen, Seen { posts: times.len() as u64 + 1, span, tail: tail.and_then(at) }, "{times:?}");
        }
    }
}
