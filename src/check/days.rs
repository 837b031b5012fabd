//! Whether a printed day is that of a post: in UTC, in the zone asked for, or anywhere.

use chrono::TimeDelta;

use super::claims::Claim;
use super::dates::Printed;
use super::finding::Finding;
use crate::model::{Post, Precision};
use crate::zone::Zone;

/// How a printed day fits a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    Same,
    InAnotherZone,
    Wrong,
    Unknown,
}

pub(super) fn date_of(printed: &Printed, post: &Post, zone: Zone) -> Day {
    let Some(created) = post.created else { return Day::Unknown };
    let at = created.at();
    if printed.fits(at.date_naive()) {
        return Day::Same;
    }
    // A day is all that is known, and no other.
    if created.precision() == Precision::Day {
        return Day::Wrong;
    }
    if printed.fits(zone.local(at).date_naive()) {
        return Day::Same;
    }
    // Clocks on this earth are between twelve hours behind and fourteen ahead.
    let (earliest, latest) = (at - TimeDelta::hours(12), at + TimeDelta::hours(14));
    let fits = [earliest, latest].iter().any(|at| printed.fits(at.date_naive()));
    if fits { Day::InAnotherZone } else { Day::Wrong }
}

pub(super) fn of_date(claim: &Claim, post: &Post, zone: Zone) -> Option<Finding> {
    let printed = claim.date.as_ref()?;
    let shown = || {
        let created = post.created.map(|created| created.to_rfc3339()).unwrap_or_default();
        format!("{} in the draft, {created} in the archive", printed.shown())
    };
    match date_of(printed, post, zone) {
        Day::Same => None,
        Day::InAnotherZone => Some(Finding::OtherZone(shown())),
        Day::Wrong => Some(Finding::WrongDate(shown())),
        Day::Unknown => Some(Finding::Doubtful("the archive does not know the date of the post".to_owned())),
    }
}
