//! The numbers of post rows: they follow time, so that newest first costs nothing. schema.sql states the rule.

use chrono::{DateTime, Utc};

use crate::model::When;

/// 2000-01-01T00:00:00Z in seconds since 1970.
const EPOCH: i64 = 946_684_800;

/// Bits of a number below its seconds.
const BITS: u32 = 20;

/// The last second that a number can say: numbers stay below 2^53.
const LAST_SECOND: i64 = (1 << 33) - 1;

/// Numbers of a second from this one on belong to posts whose time became better known after they were stored.
const MOVED: i64 = (1 << BITS) - (1 << 16);

/// The last number for posts that arrive without a date; those that lose theirs take what is below.
const UNDATED: i64 = -(1 << 52);

/// The stretch of numbers in which a post finds its own: a second of time, or the posts without a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    /// Without a date; numbers count down from -1.
    Undated,
    /// A second since [`EPOCH`], clamped to what a number can say.
    Second(i64),
}

impl Slot {
    pub(super) fn of(created: Option<&When>) -> Slot {
        created.map_or(Slot::Undated, |when| Slot::Second(clamped(when.at())))
    }

    /// Its first number and its last, as arrivals take them.
    pub(super) fn arrivals(self) -> (i64, i64) {
        match self {
            Slot::Undated => (-1, UNDATED),
            Slot::Second(second) => (second << BITS, (second << BITS) + MOVED - 1),
        }
    }

    /// Its first number and its last, as posts take them that move here.
    pub(super) fn moves(self) -> (i64, i64) {
        match self {
            Slot::Undated => (UNDATED - 1, 2 * UNDATED + 1),
            Slot::Second(second) => ((second << BITS) + (1 << BITS) - 1, (second << BITS) + MOVED),
        }
    }
}

fn clamped(at: DateTime<Utc>) -> i64 {
    at.timestamp().saturating_sub(EPOCH).clamp(0, LAST_SECOND)
}

/// The least number of a post written at this instant or later.
///
/// The number alone decides unless [`needs_a_look`].
pub(super) fn floor(at: DateTime<Utc>) -> i64 {
    // Posts have whole seconds: what is not before half past is not before the next one.
    clamped(at + chrono::TimeDelta::nanoseconds(999_999_999)) << BITS
}

/// Whether an instant lies where numbers are clamped, so that the post's own date must be asked as well.
pub(super) fn needs_a_look(at: DateTime<Utc>) -> bool {
    !(EPOCH + 1..EPOCH + LAST_SECOND).contains(&at.timestamp())
}
