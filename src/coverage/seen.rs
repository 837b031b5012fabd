//! How far the posts of a page reach.

use chrono::{DateTime, Utc};

/// Posts at an end of a page that tell how far it reaches: up to two may stand out of order there, an old one that only now
/// reached the server, or one that was put there.
const END: usize = 3;

/// Posts that may be much older than all others wherever they stand: pinned ones, or entries of a feed that were touched again.
const OLD: usize = 3;

/// The whole second after an instant: where a page ends with a post, more of its second may lie behind the page.
pub fn second_after(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp().saturating_add(1), 0).unwrap_or(at)
}

/// How far a page reaches, whether or not its posts belong to what was asked.
///
/// The order of the page counts, for that is what the next page goes on with. Pages begin with their newest post or with their
/// oldest; which it is, most neighbours tell. What is dated later than the answer is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Posts on the page.
    pub posts: u64,
    /// The page surely reaches down to this, the second after the newest of its last three posts (more of that second may lie behind
    /// the page), and up to the other, the oldest of its first three.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Down to where it overlaps with what was read before: neither its last three posts nor all but three are newer.
    pub tail: Option<DateTime<Utc>>,
}

impl Seen {
    /// Of the posts of a page in its order: of each when it was written, if that is known. The answer came at `fetched_at`.
    pub fn of(posts: impl Iterator<Item = Option<DateTime<Utc>>>, fetched_at: DateTime<Utc>) -> Seen {
        let mut seen = Seen::default();
        let dates = posts.inspect(|_| seen.posts += 1).flatten().filter(|at| *at <= fetched_at);
        let mut dates: Vec<DateTime<Utc>> = dates.collect();
        let (mut rises, mut falls) = (0_usize, 0_usize);
        for pair in dates.windows(2) {
            rises += usize::from(pair.first() < pair.last());
            falls += usize::from(pair.first() > pair.last());
        }
        if rises > falls {
            dates.reverse();
        }
        let low = dates.iter().rev().take(END).max().copied();
        let high = dates.iter().take(END).min().copied();
        seen.span = low.map(second_after).zip(high);
        dates.sort_unstable();
        seen.tail = dates.get(OLD).or(dates.last()).copied().max(low);
        seen
    }

    /// The same where no stretch of time follows from the page.
    #[must_use]
    pub fn without_reach(self) -> Seen {
        Seen { span: None, tail: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(second, 0)
    }

    fn seen(times: &[i64]) -> Seen {
        Seen::of(times.iter().map(|second| at(*second)).chain([None]), at(1000).unwrap())
    }

    #[test]
    fn a_page_reaches_as_far_as_its_ends_say_together() {
        for (times, span, tail) in [
            (&[][..], None, None),
            (&[5], Some((5, 5)), Some(5)),
            (&[9, 5], Some((9, 5)), Some(9)),
            (&[9, 7, 5], Some((9, 5)), Some(9)),
            // Two strays at the end, at the beginning.
            (&[9, 8, 7, 6, 5, 1, 2], Some((5, 7)), Some(6)),
            (&[1, 2, 9, 8, 7, 6, 5], Some((7, 1)), Some(7)),
            // The server sorts by what it does not show: what stands last counts, not what is oldest.
            (&[90, 10, 12, 11, 80, 70, 60], Some((80, 10)), Some(80)),
            // What climbs may be turned around.
            (&[1, 2, 3, 4, 5, 6, 7], Some((3, 5)), Some(4)),
            // What is dated later than the answer.
            (&[4000, 3000, 9, 8, 7, 6, 5, 2000], Some((7, 7)), Some(8)),
            (&[2000, 3000], None, None),
        ] {
            let span = span.and_then(|(low, high)| at(low + 1).zip(at(high)));
            let expected = Seen { posts: times.len() as u64 + 1, span, tail: tail.and_then(at) };
            assert_eq!(seen(times), expected, "{times:?}");
        }
    }

    #[test]
    fn old_entries_of_a_feed_do_not_overlap_for_the_others() {
        // All that is new is later than 100.
        let overlaps = |times: &[i64]| seen(times).tail <= at(100);
        for new in [
            &[1, 2, 3, 209, 208, 207, 206][..],
            &[209, 208, 207, 206, 3, 2, 1],
            &[209, 1, 208, 2, 207, 3, 206],
            &[209, 208, 3],
            &[209, 3],
        ] {
            assert!(!overlaps(new), "{new:?}");
        }
        for known in [&[209, 208, 99, 98, 97, 96][..], &[99, 98, 97, 96, 95], &[99, 98], &[209, 99, 98, 97, 96]] {
            assert!(overlaps(known), "{known:?}");
        }
    }

    #[test]
    fn a_page_may_say_nothing_of_time() {
        assert_eq!(seen(&[9, 8, 7]).without_reach(), Seen { posts: 4, span: None, tail: None });
    }
}
