//! `[[job]]`: what is pulled, from where, when, and what it may use up. Whether its keys go together is `check`'s.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::{SourceName, money, zone};
use crate::model::Hashtag;
use crate::schedule::{Recheck, Schedule, duration};
use crate::zone::Zone;

/// The most that a job may use up in one pull or in a stretch of time, over all its sources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Requests, log-ins and retries included.
    #[serde(deserialize_with = "some")]
    pub requests: Option<u64>,
    /// Units of what a platform meters: posts read of X, units of YouTube's quota.
    #[serde(deserialize_with = "some")]
    pub units: Option<u64>,
    /// Money, in US dollars.
    #[serde(deserialize_with = "some_money")]
    pub dollars: Option<f64>,
    /// For how long it has to do.
    pub per: Per,
}

const NOTHING: &str = "a budget of nothing allows no request: leave the job out instead, or its schedule";

fn some<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
    match u64::deserialize(input)? {
        0 => Err(Error::custom(NOTHING)),
        count => Ok(Some(count)),
    }
}

fn some_money<'de, D: Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    let money = money(input)?;
    if money.is_some_and(|money| money <= 0.0) { Err(Error::custom(NOTHING)) } else { Ok(money) }
}

/// For how long a budget has to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// For one pull.
    #[default]
    Pull,
    /// For an hour of the clock, in UTC.
    Hour,
    /// For a day, in UTC.
    Day,
    /// For a month of the calendar, in UTC.
    Month,
}

/// What is done about pictures, films and sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKeys {
    /// Their addresses are kept.
    #[default]
    Link,
    /// They are fetched and kept.
    Download,
}

/// What to pull, and from where.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Name, as `pull NAME` and `job:NAME` use it.
    #[serde(default)]
    pub name: String,
    /// Hashtags, with or without `#`.
    #[serde(default)]
    pub tags: Vec<Hashtag>,
    /// Hashtags all of which a post must carry beside one of `tags`.
    #[serde(default)]
    pub all: Vec<Hashtag>,
    /// Hashtags none of which a post may carry.
    #[serde(default)]
    pub none: Vec<Hashtag>,
    /// Further operators in the language of X, for the platforms that take them.
    #[serde(default)]
    pub words: Option<String>,
    /// Only what X calls recent: the last seven days.
    #[serde(default)]
    pub recent: bool,
    /// The most that one pull may use up.
    #[serde(default)]
    pub budget: Budget,
    /// What is done about pictures, films and sounds.
    #[serde(default)]
    pub media: MediaKeys,
    /// Which of them are fetched: `image`, `gif`, `video`, `audio`, `unknown`.
    #[serde(default = "default_media_kinds")]
    pub media_kinds: Vec<String>,
    /// Sources.
    #[serde(default)]
    pub sources: Vec<SourceName>,
    /// Not before this instant (inclusive): a day (UTC) or RFC 3339.
    #[serde(default, deserialize_with = "instant")]
    pub since: Option<DateTime<Utc>>,
    /// Before this instant (exclusive): a day (UTC) or RFC 3339.
    #[serde(default, deserialize_with = "instant")]
    pub until: Option<DateTime<Utc>>,
    /// Most pages that one pull asks of one source; the next pull goes on from there.
    #[serde(default = "default_max_pages")]
    pub max_pages: NonZeroU32,
    /// How often `run` runs it.
    #[serde(default)]
    pub(super) every: Option<Often>,
    /// When `run` runs it, as a cron pattern.
    #[serde(default)]
    pub(super) cron: Option<String>,
    /// Zone of the pattern.
    #[serde(default, deserialize_with = "zone")]
    pub(super) timezone: Option<Zone>,
    /// Shortest pause of `every = "auto"`.
    #[serde(default, deserialize_with = "length")]
    pub(super) least: Option<Duration>,
    /// Longest pause of `every = "auto"`.
    #[serde(default, deserialize_with = "length")]
    pub(super) most: Option<Duration>,
    /// When `run` runs it, of the keys above; `None` if only `pull` does.
    #[serde(skip)]
    pub schedule: Option<Schedule>,
    /// How much later than its fire time it may begin; `None` where that is of no use.
    #[serde(default, deserialize_with = "length")]
    pub jitter: Option<Duration>,
    /// Who goes first where not all can: 0 to 9, higher first.
    #[serde(default = "default_priority", deserialize_with = "priority")]
    pub priority: u8,
    /// Whether `run` listens to the streams of its sources, too.
    #[serde(default)]
    pub follow: bool,
    /// When a post is looked at again.
    #[serde(default, deserialize_with = "recheck")]
    pub recheck: Option<Recheck>,
    /// Line of its sources in config.toml, for what is found wrong with them later; 0 if it is not known.
    #[serde(skip)]
    pub line: usize,
}

/// How often `run` runs a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Often {
    /// As fast as there is news.
    Auto,
    /// Always after so long.
    After(Duration),
}

impl TryFrom<String> for Often {
    type Error = String;

    fn try_from(text: String) -> Result<Often, String> {
        match text.as_str() {
            "auto" => Ok(Often::Auto),
            text => duration(text).map(Often::After).map_err(|how| format!("{text:?} is no interval: {how}, or auto")),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecheckKeys {
    after: Vec<String>,
    r#for: String,
}

fn recheck<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Recheck>, D::Error> {
    let keys = RecheckKeys::deserialize(input)?;
    let after: Result<_, _> = keys.after.iter().map(|text| length_of(text)).collect();
    let recheck = after.and_then(|after| Recheck::new(after, length_of(&keys.r#for)?));
    recheck.map(Some).map_err(Error::custom)
}

fn length<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Duration>, D::Error> {
    length_of(&String::deserialize(input)?).map(Some).map_err(Error::custom)
}

fn length_of(text: &str) -> Result<Duration, String> {
    duration(text).map_err(|how| format!("{text:?} is no length of time: {how}"))
}

fn priority<'de, D: Deserializer<'de>>(input: D) -> Result<u8, D::Error> {
    let priority = u8::deserialize(input)?;
    if priority > 9 {
        return Err(Error::custom(format!("{priority} is no priority: from 0 to 9, higher first")));
    }
    Ok(priority)
}

fn default_priority() -> u8 {
    5
}

/// What may be fetched of media.
pub(super) const MEDIA_KINDS: [&str; 5] = ["image", "gif", "video", "audio", "unknown"];

fn default_media_kinds() -> Vec<String> {
    MEDIA_KINDS.map(str::to_owned).to_vec()
}

fn default_max_pages() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(249)
}

fn instant<'de, D: Deserializer<'de>>(input: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = String::deserialize(input)?;
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(Some(day.and_time(NaiveTime::MIN).and_utc()));
    }
    match DateTime::parse_from_rfc3339(&text) {
        Ok(instant) => Ok(Some(instant.to_utc())),
        Err(_) => Err(Error::custom(format!("{text:?} is neither a day (2021-07-26) nor an RFC 3339 instant"))),
    }
}
