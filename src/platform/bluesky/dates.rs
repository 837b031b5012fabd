//! When a post was written, out of times that may each be false.
//!
//! `createdAt` is what the author's client claims: year 1 has been seen, and tools that bring over an old archive
//! write the date of the old post. `indexedAt` is when the AppView first saw the post. Bluesky itself sorts and
//! dates by the earlier of the two (<https://docs.bsky.app/docs/advanced-guides/timestamps>), and marks a post as
//! archived where the claim is more than a day older. Here likewise: the earlier time is the date, a day's
//! disagreement is a doubt, and a claim that cannot be true gives way to `indexedAt`, else to the time in the
//! record's key, else to no date.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::names::PostUri;
use crate::model::{Precision, When, WhenSource};

/// How far two times may lie apart without a word: the app's own bound.
const BOUND: TimeDelta = TimeDelta::days(1);

/// Seconds since 1970 of 1 November 2022, the month in which the network's directory of accounts begins. No post of
/// Bluesky is older.
const OPENED: i64 = 1_667_260_800;

/// The times that a source states for one post.
#[derive(Debug, Clone, Default)]
pub struct Stated {
    /// `createdAt`, as it came.
    pub claimed: Option<String>,
    /// `indexedAt`, or when a relay's stream brought the post.
    pub indexed: Option<DateTime<Utc>>,
}

impl Stated {
    /// Takes the time at which a stream brought the post, whose key says `key`. A stream that sends events again long after
    /// they happened does not say when the post was new.
    pub fn stream(&mut self, at: Option<DateTime<Utc>>, key: Option<DateTime<Utc>>) {
        self.indexed = at.filter(|at| key.is_none_or(|key| *at - key <= BOUND));
    }

    /// The time by which the AppView sorts and searches: the earlier of the two.
    pub fn sorted(&self) -> Option<DateTime<Utc>> {
        let claimed = self.claimed.as_deref().and_then(instant);
        match (claimed, self.indexed) {
            (Some(claimed), Some(indexed)) => Some(claimed.min(indexed)),
            (one, other) => one.or(other),
        }
    }

    /// The date of the post, and what speaks against it. `seen_at` is when the answer was had: nothing in it can be
    /// of more than a day later.
    pub fn written(&self, post: Option<PostUri<'_>>, seen_at: DateTime<Utc>) -> (Option<When>, Vec<String>) {
        let possible = |time: &DateTime<Utc>| possible(*time, seen_at);
        let indexed = self.indexed.filter(possible);
        let key = post.and_then(PostUri::time).filter(possible);
        let other = indexed.map(|time| ("indexedAt", time)).or(key.map(|time| ("the record's key", time)));
        let claimed = match self.claimed.as_deref().map(|claim| (instant(claim), claim)) {
            Some((Some(time), _)) if possible(&time) => time,
            unusable => {
                let fallback = indexed
                    .map(|time| (When::new(time, Precision::Second, WhenSource::Platform), "by indexedAt"))
                    .or(key.map(|time| (When::new(time, Precision::Second, WhenSource::Id), "by the record's key")));
                let (when, dated) = fallback.unwrap_or((None, "not"));
                let doubt = match unusable {
                    None => return (when, Vec::new()),
                    Some((None, _)) => format!("createdAt is no time with a zone; dated {dated}"),
                    Some((Some(time), _)) if time > seen_at => {
                        format!("createdAt says {}, after the post was seen; dated {dated}", shown(time))
                    }
                    Some((Some(time), _)) => {
                        format!("createdAt says {}, before Bluesky existed; dated {dated}", shown(time))
                    }
                };
                return (when, vec![doubt]);
            }
        };
        let mut doubts = Vec::new();
        if let Some((name, time)) = other
            && (claimed - time).abs() > BOUND
        {
            doubts.push(format!("createdAt says {}, {name} says {}", shown(claimed), shown(time)));
        }
        let earlier = indexed.map_or(claimed, |indexed| indexed.min(claimed));
        (When::new(earlier, Precision::Second, WhenSource::Platform), doubts)
    }
}

/// The date that a page printed beside a post, held against the time in the post's key. A day is printed in a zone
/// that is not told, so a day's disagreement says nothing.
pub fn printed(printed: Option<When>, post: PostUri<'_>) -> (Option<When>, Vec<String>) {
    let key = post.time().filter(|time| time.timestamp() >= OPENED);
    let (Some(printed), Some(key)) = (printed, key) else {
        return (printed.or(key.and_then(|key| When::new(key, Precision::Second, WhenSource::Id))), Vec::new());
    };
    // The middle of a printed day is at most a day and a half from any instant of that day, in whichever zone.
    let (at, bound) = match printed.precision() {
        Precision::Day => (printed.at() + TimeDelta::hours(12), BOUND + TimeDelta::hours(12)),
        Precision::Second | Precision::Minute => (printed.at(), BOUND),
    };
    let apart = (at - key).abs() > bound;
    let doubt = format!("the page prints {}, the record's key says {}", printed.to_rfc3339(), shown(key));
    (Some(printed), apart.then_some(doubt).into_iter().collect())
}

/// Whether a post can be of that time, if it was seen at `seen_at`.
pub fn possible(time: DateTime<Utc>, seen_at: DateTime<Utc>) -> bool {
    time.timestamp() >= OPENED && time <= seen_at + BOUND
}

/// A time as the lexicon wants it: RFC 3339 with a zone. One without a zone is no instant.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// To the second, for a doubt.
pub fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::{PostUri, Stated, instant};

    const KEY: PostUri<'_> = PostUri { did: "did:plc:x", key: "3jzfcijpj2z2a" }; // 2023-06-30T15:03:01Z

    fn dated(claimed: Option<&str>, indexed: Option<&str>) -> (String, usize) {
        let stated = Stated { claimed: claimed.map(Into::into), indexed: indexed.and_then(instant) };
        let (when, doubts) = stated.written(Some(KEY), instant("2024-01-01T00:00:00Z").unwrap());
        (when.map_or("none".to_owned(), |w| format!("{} {}", w.to_rfc3339(), w.source().as_str())), doubts.len())
    }

    #[test]
    fn the_earlier_time_is_the_date_unless_it_cannot_be() {
        for (claimed, indexed, date, doubts) in [
            (Some("2023-06-30T15:03:01.5Z"), Some("2023-06-30T15:03:02Z"), "2023-06-30T15:03:01Z platform", 0),
            (Some("2023-06-30T17:03:05+02:00"), Some("2023-06-30T15:03:02Z"), "2023-06-30T15:03:02Z platform", 0),
            (Some("2023-06-20T15:03:01Z"), Some("2023-06-30T15:03:02Z"), "2023-06-20T15:03:01Z platform", 1),
            (Some("2023-08-30T15:03:01Z"), Some("2023-06-30T15:03:02Z"), "2023-06-30T15:03:02Z platform", 1),
            (Some("0001-10-14T00:00:00Z"), Some("2023-06-30T15:03:02Z"), "2023-06-30T15:03:02Z platform", 1),
            (Some("2013-10-14T00:00:00Z"), None, "2023-06-30T15:03:01Z id", 1),
            (Some("2023-06-30T15:03:01"), None, "2023-06-30T15:03:01Z id", 1),
            (Some("2077-06-30T15:03:01Z"), Some("1970-01-01T00:00:00Z"), "2023-06-30T15:03:01Z id", 1),
            (Some("2023-06-30T15:03:00Z"), None, "2023-06-30T15:03:00Z platform", 0),
            (Some("2023-07-30T15:03:00Z"), None, "2023-07-30T15:03:00Z platform", 1),
            (None, Some("2023-06-30T15:03:02Z"), "2023-06-30T15:03:02Z platform", 0),
            (None, None, "2023-06-30T15:03:01Z id", 0),
        ] {
            assert_eq!(dated(claimed, indexed), (date.to_owned(), doubts), "{claimed:?} {indexed:?}");
        }
    }

    #[test]
    fn without_any_true_time_there_is_no_date() {
        let stated = Stated { claimed: Some("0001-10-14T00:00:00Z".into()), indexed: None };
        let (when, doubts) = stated.written(None, instant("2024-01-01T00:00:00Z").unwrap());
        assert_eq!(when, None);
        assert_eq!(doubts, ["createdAt says 0001-10-14T00:00:00Z, before Bluesky existed; dated not"]);
    }
}
