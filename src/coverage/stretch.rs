//! Stretches of time and sets of them, in whole seconds.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// Stands for "as far back as there is anything".
pub const BEGINNING: DateTime<Utc> = match DateTime::from_timestamp(-62_135_596_800, 0) {
    Some(beginning) => beginning,
    None => DateTime::<Utc>::MIN_UTC,
};

/// A stretch of time: from (inclusive) to (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Stretch {
    /// Its first second; [`BEGINNING`] if it has none.
    pub since: DateTime<Utc>,
    /// The second behind it.
    pub until: DateTime<Utc>,
}

impl Stretch {
    /// The stretch between two instants, in the whole seconds that lie inside; `None` if there are none.
    pub fn new(since: DateTime<Utc>, until: DateTime<Utc>) -> Option<Stretch> {
        let floor = |at: DateTime<Utc>| DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at);
        let first = floor(since);
        let first = if first < since { first + TimeDelta::seconds(1) } else { first };
        let behind = floor(until);
        (first < behind).then_some(Stretch { since: first, until: behind })
    }

    /// Whether an instant lies in it.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.since <= at && at < self.until
    }

    /// What it has in common with another.
    pub fn meet(&self, other: &Stretch) -> Option<Stretch> {
        Stretch::new(self.since.max(other.since), self.until.min(other.until))
    }

    /// How long it is.
    pub fn length(&self) -> TimeDelta {
        self.until - self.since
    }

    /// Whether it has no beginning.
    pub fn is_open(&self) -> bool {
        self.since == BEGINNING
    }
}

/// A set of instants, as stretches that neither overlap nor touch, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stretches(Vec<Stretch>);

impl Stretches {
    /// The stretches, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Stretch> {
        self.0.iter()
    }

    /// Whether it holds no instant.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it holds an instant.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        let next = self.0.partition_point(|stretch| stretch.until <= at);
        self.0.get(next).is_some_and(|stretch| stretch.holds(at))
    }

    /// The second behind its last.
    pub fn end(&self) -> Option<DateTime<Utc>> {
        self.0.last().map(|stretch| stretch.until)
    }

    /// Its first second.
    pub fn start(&self) -> Option<DateTime<Utc>> {
        self.0.first().map(|stretch| stretch.since)
    }

    /// Adds a stretch: what it overlaps or touches becomes one with it.
    pub fn add(&mut self, new: Stretch) {
        let from = self.0.partition_point(|stretch| stretch.until < new.since);
        let to = self.0.partition_point(|stretch| stretch.since <= new.until);
        let whole = self.0.get(from..to).unwrap_or_default().iter().fold(new, |whole, stretch| Stretch {
            since: whole.since.min(stretch.since),
            until: whole.until.max(stretch.until),
        });
        self.0.splice(from..to.max(from), [whole]);
    }

    /// Adds a stretch, if there is one.
    pub fn extend(&mut self, new: Option<Stretch>) {
        new.into_iter().for_each(|stretch| self.add(stretch));
    }

    /// Takes away what lies behind an instant.
    pub fn cut(&mut self, at: DateTime<Utc>) {
        if self.end().is_some_and(|end| end > at) {
            self.0 = self.0.iter().filter_map(|stretch| Stretch::new(stretch.since, stretch.until.min(at))).collect();
        }
    }

    /// What of a stretch it does not hold.
    pub fn missing(&self, of: Stretch) -> Vec<Stretch> {
        let mut missing = Vec::new();
        let mut at = of.since;
        for stretch in self.0.iter().filter(|stretch| stretch.until > of.since && stretch.since < of.until) {
            missing.extend(Stretch::new(at, stretch.since));
            at = at.max(stretch.until);
        }
        missing.extend(Stretch::new(at, of.until));
        missing
    }

    /// How much of a stretch it holds.
    pub fn within(&self, of: Stretch) -> TimeDelta {
        self.0
            .iter()
            .filter_map(|stretch| stretch.meet(&of))
            .fold(TimeDelta::zero(), |sum, stretch| sum + stretch.length())
    }
}

impl FromIterator<Stretch> for Stretches {
    fn from_iter<I: IntoIterator<Item = Stretch>>(stretches: I) -> Stretches {
        let mut set = Stretches::default();
        stretches.into_iter().for_each(|stretch| set.add(stretch));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn stretch(since: i64, until: i64) -> Stretch {
        Stretch::new(at(since), at(until)).unwrap()
    }

    #[test]
    fn a_stretch_has_whole_seconds() {
        let half = |second| at(second) + TimeDelta::milliseconds(500);
        assert_eq!(Stretch::new(half(1), half(5)), Some(stretch(2, 5)));
        assert_eq!(Stretch::new(half(1), half(2)), None);
        assert_eq!(Stretch::new(at(2), at(2)), None);
        assert_eq!(BEGINNING.to_rfc3339(), "0001-01-01T00:00:00+00:00");
    }

    proptest::proptest! {
        #[test]
        fn a_set_holds_what_was_added(
            added in proptest::collection::vec((0..60_i64, 1..20_i64), 0..12),
            of in (0..60_i64, 1..40_i64),
        ) {
            let set: Stretches = added.iter().map(|(since, length)| stretch(*since, since + length)).collect();
            let is_in = |second: i64| added.iter().any(|(since, length)| (*since..since + length).contains(&second));
            for second in -1..90 {
                assert_eq!(set.holds(at(second)), is_in(second));
            }
            let all: Vec<_> = set.iter().collect();
            assert!(all.windows(2).all(|pair| pair[0].until < pair[1].since), "{set:?}");
            let of = stretch(of.0, of.0 + of.1);
            let missing: Stretches = set.missing(of).into_iter().collect();
            for second in of.since.timestamp()..of.until.timestamp() {
                assert_eq!(missing.holds(at(second)), !is_in(second));
            }
            assert_eq!(missing.within(of) + set.within(of), of.length());
        }
    }
}
