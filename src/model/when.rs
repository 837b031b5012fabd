//! An instant together with how exactly it is known, and from what.

use chrono::{DateTime, Datelike, DurationRound, NaiveDate, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How finely a source stated a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// To the second.
    Second,
    /// To the minute, as pages print it.
    Minute,
    /// A calendar day only: `July 26, 2021` is a day, not midnight.
    Day,
}

impl Precision {
    /// The word used in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Precision::Second => "second",
            Precision::Minute => "minute",
            Precision::Day => "day",
        }
    }
}

/// Who says when a post was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenSource {
    /// A field of the platform's own answer.
    Platform,
    /// The time that the post's native id carries.
    Id,
    /// What a page printed.
    Page,
}

impl WhenSource {
    /// The word used in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            WhenSource::Platform => "platform",
            WhenSource::Id => "id",
            WhenSource::Page => "page",
        }
    }
}

/// A point in time of the years 1 to 9999 in UTC, cut to its precision. RFC 3339 can write no other year, and no post
/// has one: a time such as `9999-12-31T23:59:59-14:00`, which is of the year 10000 in UTC, is a mistake. At day precision the instant is midnight UTC of the day as printed, and
/// stands for the day only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct When {
    at: DateTime<Utc>,
    precision: Precision,
    source: WhenSource,
}

impl When {
    /// An instant known to `precision`; what is finer is cut off. `None` outside the years 1 to 9999.
    pub fn new(at: DateTime<Utc>, precision: Precision, source: WhenSource) -> Option<When> {
        let step = match precision {
            Precision::Second => TimeDelta::seconds(1),
            Precision::Minute => TimeDelta::minutes(1),
            Precision::Day => TimeDelta::days(1),
        };
        // Far outside 1677–2262 chrono cannot round by nanoseconds; such an instant is kept as it came.
        let at = at.duration_trunc(step).unwrap_or(at);
        When::fits(at).then_some(When { at, precision, source })
    }

    /// A calendar day as a page printed it. `None` outside the years 1 to 9999.
    pub fn day(day: NaiveDate, source: WhenSource) -> Option<When> {
        When::new(day.and_time(chrono::NaiveTime::MIN).and_utc(), Precision::Day, source)
    }

    /// Whether an instant is of the years 1 to 9999 in UTC.
    pub fn fits(at: DateTime<Utc>) -> bool {
        (1..=9999).contains(&at.year())
    }

    /// The instant, in UTC.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// How exactly it is known.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Who stated it.
    pub fn source(&self) -> WhenSource {
        self.source
    }

    /// RFC 3339 in UTC, or `YYYY-MM-DD` at day precision.
    pub fn to_rfc3339(&self) -> String {
        match self.precision {
            Precision::Day => self.at.format("%Y-%m-%d").to_string(),
            Precision::Second | Precision::Minute => self.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }
}

/// The shape in JSON: `{"at": "2021-07-26", "precision": "day", "source": "page"}`.
#[derive(Serialize, Deserialize)]
struct Shape {
    at: String,
    precision: Precision,
    source: WhenSource,
}

impl Serialize for When {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Shape { at: self.to_rfc3339(), precision: self.precision, source: self.source }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<When, D::Error> {
        use serde::de::Error;
        let shape = Shape::deserialize(deserializer)?;
        let at = match shape.precision {
            Precision::Day => {
                let day: NaiveDate = shape.at.parse().map_err(D::Error::custom)?;
                day.and_time(chrono::NaiveTime::MIN).and_utc()
            }
            Precision::Second | Precision::Minute => {
                DateTime::parse_from_rfc3339(&shape.at).map_err(D::Error::custom)?.to_utc()
            }
        };
        When::new(at, shape.precision, shape.source)
            .ok_or_else(|| D::Error::custom(format!("{:?} is outside the years 1 to 9999", shape.at)))
    }
}

#[cfg(test)]
mod tests {
    use super::{DateTime, Precision, When, WhenSource};

    #[test]
    fn a_time_has_a_year_of_four_digits() {
        let when = |text: &str| {
            let at = DateTime::parse_from_rfc3339(text).unwrap().to_utc();
            When::new(at, Precision::Second, WhenSource::Platform).map(|when| when.to_rfc3339())
        };
        for (text, expected) in [
            ("9999-12-31T23:59:59.9Z", Some("9999-12-31T23:59:59Z")),
            ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00Z")),
            ("9999-12-31T23:59:59-14:00", None),
            ("0001-01-01T00:00:00+14:00", None),
            ("0000-01-01T00:00:00+14:00", None),
        ] {
            assert_eq!(when(text).as_deref(), expected, "{text}");
        }
        for day in ["0000-12-31", "+10000-01-01"] {
            assert_eq!(When::day(day.parse().unwrap(), WhenSource::Page), None, "{day}");
        }
        let outside = r#"{"at":"9999-12-31T23:59:59-14:00","precision":"second","source":"id"}"#;
        assert!(serde_json::from_str::<When>(outside).unwrap_err().to_string().contains("years 1 to 9999"));
    }
}
