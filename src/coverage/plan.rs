//! The fewest requests that close what can still be closed.
//!
//! A source whose last look has not come to its end is simply looked at again: that closes what it left open. What then still is a gap
//! is walked for itself. Where a platform can be asked for a stretch of time, neighbouring gaps are walked together if that takes no
//! more requests than each alone; where every walk begins at the newest post, all of them are closed by one walk down to the
//! first.

use chrono::{DateTime, Utc};

use super::{BEGINNING, Cause, Gap, Reach, Stretch, Survey};

/// A walk that closes gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// What is asked for.
    pub stretch: Stretch,
    /// The gaps that this closes.
    pub closes: Vec<Gap>,
    /// Requests that it takes, about.
    pub requests: u64,
}

/// What can be done about the gaps of one source.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Whether a look at the source closes some: it was left before its end, or the last one failed. The gaps that this is about.
    pub look: Vec<Gap>,
    /// The walks for what a look does not close.
    pub walks: Vec<Walk>,
    /// What can no longer be closed.
    pub lost: Vec<Gap>,
}

/// How a source can be asked.
pub struct Asking<'a> {
    /// Whether it can be asked for a stretch of time; if not, a walk begins at the newest post.
    pub seeks: bool,
    /// Posts that one request brings.
    pub per_request: u32,
    /// How many posts there are about, in a stretch.
    pub posts: &'a dyn Fn(Stretch) -> f64,
    /// What time it is.
    pub now: DateTime<Utc>,
}

/// What so many looks have passed over is not asked for again.
const TRIES: usize = 3;

/// The most gaps that are looked at pair by pair.
const MOST: usize = 2000;

/// Plans how to close the gaps of a source. `under_way`: the stretches that looks were sent for which have not come to their end.
pub fn plan(survey: &Survey, under_way: &[Stretch], asking: &Asking<'_>) -> Plan {
    let mut plan = Plan::default();
    let is_last = |gap: &Gap| survey.covered.end().is_none_or(|end| gap.stretch.since >= end);
    let mut open = Vec::new();
    for gap in survey.gaps.iter().cloned() {
        let reachable = match survey.reach {
            Some(Reach::Days(days)) => gap.stretch.until > asking.now - chrono::TimeDelta::days(i64::from(days)),
            Some(Reach::Few | Reach::Newest(_) | Reach::None) => is_last(&gap),
            Some(Reach::Whole) | None => true,
        };
        let tries = survey.passed_over.iter().filter(|stretch| gap.stretch.meet(stretch) == Some(gap.stretch)).count();
        let given_up = gap.cause == Cause::PassedOver && tries >= TRIES;
        if !reachable || given_up || !gap.cause.can_be_closed() {
            plan.lost.push(gap);
        } else if is_last(&gap) || under_way.iter().any(|stretch| stretch.meet(&gap.stretch).is_some()) {
            plan.look.push(gap);
        } else {
            open.push(gap);
        }
    }
    plan.walks = if asking.seeks { apart(open, asking) } else { together(open, asking) };
    plan
}

fn requests(stretch: Stretch, asking: &Asking<'_>) -> u64 {
    let pages = (asking.posts)(stretch).max(0.0) / f64::from(asking.per_request.max(1));
    // A walk that reaches the end of a page asks for one more. A float becomes the nearest number that there is.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let pages = pages.floor() as u64;
    pages + 1
}

/// One walk from the newest post down to the first gap.
fn together(gaps: Vec<Gap>, asking: &Asking<'_>) -> Vec<Walk> {
    let (Some(first), Some(last)) = (gaps.first(), gaps.last()) else { return Vec::new() };
    let stretch = Stretch { since: first.stretch.since, until: last.stretch.until };
    let walked = Stretch { since: stretch.since, until: asking.now.max(stretch.until) };
    vec![Walk { stretch, requests: requests(walked, asking), closes: gaps }]
}

/// Walks of which each closes neighbours, so that all together take the fewest requests: the cheapest end of every beginning is known
/// before the next is looked at.
fn apart(gaps: Vec<Gap>, asking: &Asking<'_>) -> Vec<Walk> {
    if gaps.len() > MOST {
        return together(gaps, asking);
    }
    let span = |from: usize, to: usize| {
        let (first, last) = (gaps.get(from)?, gaps.get(to)?);
        Some(Stretch { since: first.stretch.since, until: last.stretch.until })
    };
    // For the first n gaps: requests, and where the last walk begins.
    let mut best: Vec<(u64, usize)> = vec![(0, 0)];
    for to in 0..gaps.len() {
        let ways = (0..=to).rev().filter_map(|from| {
            let before = best.get(from)?.0;
            Some((before + span(from, to).map_or(1, |stretch| requests(stretch, asking)), from))
        });
        // Of equal ones the walks that read less beside the gaps.
        best.push(ways.min_by_key(|(requests, from)| (*requests, to - from)).unwrap_or((u64::MAX, to)));
    }
    let (mut walks, mut end) = (Vec::new(), gaps.len());
    while end > 0 {
        let from = best.get(end).map_or(0, |(_, from)| *from).min(end - 1);
        if let Some(stretch) = span(from, end - 1) {
            let closes = gaps.get(from..end).unwrap_or_default().to_vec();
            walks.push(Walk { stretch, requests: requests(stretch, asking), closes });
        }
        end = from;
    }
    walks.reverse();
    walks
}

/// A stretch as a query asks for it: not before, and before.
pub fn window(stretch: Stretch) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    (Some(stretch.since).filter(|since| *since > BEGINNING), Some(stretch.until))
}

#[cfg(test)]
mod tests {
    use super::super::Stretches;
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(hour * 3600, 0).unwrap()
    }

    fn gap((since, until): (i64, i64), cause: Cause) -> Gap {
        Gap { stretch: Stretch { since: at(since), until: at(until) }, cause, why: String::new() }
    }

    fn survey(gaps: Vec<Gap>, reach: Reach) -> Survey {
        let whole = Stretch { since: at(0), until: at(1000) };
        let covered: Stretches =
            gaps.iter().map(|gap| gap.stretch).collect::<Stretches>().missing(whole).into_iter().collect();
        Survey { asked: Some(whole), covered, gaps, reach: Some(reach), ..Survey::default() }
    }

    fn planned(gaps: &[(i64, i64)], seeks: bool, an_hour: f64) -> Vec<(i64, i64, u64)> {
        let gaps = gaps.iter().map(|span| gap(*span, Cause::Down)).collect();
        let posts = |stretch: Stretch| stretch.length().num_hours() as f64 * an_hour;
        let asking = Asking { seeks, per_request: 40, posts: &posts, now: at(1000) };
        let hour = |at: DateTime<Utc>| at.timestamp() / 3600;
        let walks = plan(&survey(gaps, Reach::Whole), &[], &asking).walks;
        walks.iter().map(|walk| (hour(walk.stretch.since), hour(walk.stretch.until), walk.requests)).collect()
    }

    #[test]
    fn the_fewest_requests_close_what_can_be_closed() {
        for (gaps, seeks, an_hour, expected) in [
            (&[][..], true, 1.0, &[][..]),
            // Far apart, each for itself; near by, together.
            (&[(10, 20), (500, 510)], true, 10.0, &[(10, 20, 3), (500, 510, 3)]),
            (&[(10, 11), (12, 13), (500, 510)], true, 10.0, &[(10, 13, 1), (500, 510, 3)]),
            // A quiet tag has it all on one page.
            (&[(10, 20), (500, 510)], true, 0.01, &[(10, 510, 1)]),
            // From the newest post down.
            (&[(10, 20), (500, 510)], false, 10.0, &[(10, 510, 248)]),
        ] {
            assert_eq!(planned(gaps, seeks, an_hour), expected, "{gaps:?}");
        }
    }

    #[test]
    fn what_a_platform_shows_no_more_is_lost() {
        let gaps = vec![gap((10, 20), Cause::Down), gap((900, 910), Cause::Stopped), gap((950, 960), Cause::PageCap)];
        let asking = Asking { seeks: true, per_request: 40, posts: &|_| 1.0, now: at(1000) };
        let of = |reach| plan(&survey(gaps.clone(), reach), &[], &asking);
        assert_eq!(of(Reach::Whole).lost.len(), 1);
        assert_eq!((of(Reach::Days(7)).lost.len(), of(Reach::Days(7)).walks.len()), (2, 1));
        assert_eq!(of(Reach::Few).lost.len(), 3);
        let whole = [Stretch { since: at(0), until: at(1000) }];
        let unfinished = plan(&survey(gaps.clone(), Reach::Whole), &whole, &asking);
        assert_eq!((unfinished.look.len(), unfinished.walks.len()), (2, 0));
    }

    #[test]
    fn what_is_passed_over_again_and_again_is_given_up() {
        let gap = gap((10, 20), Cause::PassedOver);
        for (tries, lost) in [(1, 0), (2, 0), (3, 1)] {
            let survey = Survey { passed_over: vec![gap.stretch; tries], ..survey(vec![gap.clone()], Reach::Whole) };
            let asking = Asking { seeks: true, per_request: 40, posts: &|_| 1.0, now: at(1000) };
            assert_eq!(plan(&survey, &[], &asking).lost.len(), lost, "{tries}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_other_grouping_is_cheaper(
            lengths in proptest::collection::vec((1..30_i64, 1..60_i64), 1..7),
            an_hour in 0.0..20.0_f64,
        ) {
            let mut at = 0;
            let gaps: Vec<(i64, i64)> = lengths.iter().map(|(before, length)| {
                let since = at + before;
                at = since + length;
                (since, at)
            }).collect();
            let cost = |from: i64, to: i64| ((to - from) as f64 * an_hour / 40.0).floor() as u64 + 1;
            let cheapest = (0..1_u32 << (gaps.len() - 1)).map(|cuts| {
                let (mut sum, mut from) = (0, gaps[0].0);
                for i in 0..gaps.len() {
                    if i + 1 == gaps.len() || cuts >> i & 1 == 1 {
                        sum += cost(from, gaps[i].1);
                        from = gaps.get(i + 1).map_or(0, |gap| gap.0);
                    }
                }
                sum
            }).min().unwrap();
            let walks = planned(&gaps, true, an_hour);
            assert_eq!(walks.iter().map(|walk| walk.2).sum::<u64>(), cheapest);
            for (since, until) in gaps {
                assert!(walks.iter().any(|walk| walk.0 <= since && until <= walk.1));
            }
        }
    }
}
