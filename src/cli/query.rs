//! A search as it is typed on a command line, and what the configuration adds to its meaning.

use chrono::Utc;

use super::UsageError;
use crate::config::Config;
use crate::platform;
use crate::query::{Reading, Understood};
use crate::zone::Zone;

/// The words of a search, and the zone of its dates.
#[derive(Debug, clap::Args)]
pub(super) struct QueryArgs {
    /// Words, "phrases", word*, -not, OR, #tag, @handle and operators (from:, since:, has:, …; docs/searching.md). Nothing
    /// means all posts. Quote the whole of it: 'ken -starmer'; what begins with a hyphen stands behind two: -- -starmer
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Zone of dates, such as Europe/London [default: the configuration's, else this machine's]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<Zone>,
}

impl QueryArgs {
    /// The zone in which dates are read and shown.
    pub(super) fn zone(&self, config: &Config) -> Zone {
        self.timezone.or(config.timezone).unwrap_or_else(Zone::of_user)
    }

    /// What was typed.
    pub(super) fn text(&self) -> String {
        // The shell has split the words; what it was told to keep together stays together inside its own quotes.
        self.query.join(" ")
    }

    /// What it means.
    pub(super) fn read(&self, config: &Config) -> Result<Understood, UsageError> {
        read(&self.text(), self.zone(config), config)
    }
}

/// The zone of what goes into an article: it must not depend on the machine.
pub(super) fn printing_zone(asked: Option<Zone>, config: &Config) -> Zone {
    asked.or(config.timezone).unwrap_or(Zone::UTC)
}

/// What a search means to this user.
pub(super) fn read(text: &str, zone: Zone, config: &Config) -> Result<Understood, UsageError> {
    let reading = Reading {
        zone,
        now: Some(Utc::now()),
        lists: config.lists.clone(),
        me: config.me.clone(),
        numbered: Some(platform::NUMBERED),
        uri_at: platform::uri_at,
    };
    reading.read(text).map_err(|error| UsageError(error.to_string()))
}
