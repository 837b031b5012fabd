//! Gaps: what is asked for and not covered, each with its cause.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Cause, Stretch, Stretches};

/// Something that stood in the way of covering a stretch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hindrance {
    /// What it left open. Looks that came later may have covered it.
    #[serde(flatten)]
    pub stretch: Stretch,
    /// What it was.
    pub cause: Cause,
    /// What was said, as a fragment.
    pub why: String,
    /// When it was found.
    pub at: DateTime<Utc>,
}

/// A stretch that is asked for and not covered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The stretch.
    #[serde(flatten)]
    pub stretch: Stretch,
    /// Why it is not covered.
    pub cause: Cause,
    /// What was said, as a fragment; empty if nothing was.
    pub why: String,
}

/// The gaps of a stretch that is asked for, in order. Each has the cause that was found last, for what lies inside it; a cap of
/// the platform counts only where nothing else stood in the way before, and where nothing is known at all nobody asked. A
/// trouble that began in a gap goes on to its end, unless another follows.
pub fn gaps(asked: Stretch, covered: &Stretches, hindrances: &[Hindrance]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    for missing in covered.missing(asked) {
        let inside: Vec<&Hindrance> =
            hindrances.iter().filter(|hindrance| hindrance.stretch.meet(&missing).is_some()).collect();
        let mut cuts: Vec<DateTime<Utc>> = inside
            .iter()
            .flat_map(|hindrance| [hindrance.stretch.since, hindrance.stretch.until])
            .filter(|cut| missing.holds(*cut))
            .chain([missing.since, missing.until])
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        for pair in cuts.windows(2) {
            let [since, until] = *pair else { continue };
            let (cause, why) = cause(since, &inside);
            match gaps.last_mut().filter(|last| last.stretch.until == since && last.cause == cause) {
                Some(last) => {
                    last.stretch.until = until;
                    last.why = why;
                }
                None => gaps.push(Gap { stretch: Stretch { since, until }, cause, why }),
            }
        }
    }
    gaps
}

/// Why nothing is covered from that instant on.
fn cause(at: DateTime<Utc>, inside: &[&Hindrance]) -> (Cause, String) {
    let holding = || inside.iter().filter(|hindrance| hindrance.stretch.holds(at));
    let of_platform = |hindrance: &&&Hindrance| hindrance.cause == Cause::PageCap;
    let found = holding()
        .filter(|hindrance| !of_platform(hindrance))
        .max_by_key(|hindrance| hindrance.at)
        .or_else(|| {
            let before = inside.iter().filter(|hindrance| hindrance.stretch.until <= at && !of_platform(hindrance));
            // Where the program stopped and nothing was tried, the trouble before is no reason.
            before.max_by_key(|hindrance| hindrance.at).filter(|last| last.cause != Cause::Stopped)
        })
        .or_else(|| holding().max_by_key(|hindrance| hindrance.at));
    match found {
        Some(hindrance) => (hindrance.cause, hindrance.why.clone()),
        None => (Cause::Stopped, String::new()),
    }
}
