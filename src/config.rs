//! config.toml to values. Unknown keys are errors that name their line; secrets are only named here and read from
//! the environment by `http`.
//!
//! What a key means stands beside it in the shipped config.toml, which a test reads with this module.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;

use crate::exchange::{ADDRESS, IMPORT};
use crate::model::{Handle, Hashtag};
use crate::quote::{self, Template};
use crate::zone::Zone;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key is unknown, missing or of another type; the message shows the line.
    #[error("{path}: {message}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// What does not fit, with line and column.
        message: String,
    },
}

/// The whole of config.toml.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder of the archive.
    pub archive: PathBuf,
    /// Whether pulls ask live servers or the recorded fixtures.
    pub transport: TransportKind,
    /// Folder of the recorded fixtures.
    pub fixtures: PathBuf,
    /// Address or page by which a server's operator can reach you; sent in the User-Agent.
    pub contact: Option<String>,
    /// The zone in which dates are read and printed; if none is named, UTC for `quote` and the machine's for searches.
    #[serde(deserialize_with = "zone")]
    pub timezone: Option<Zone>,
    /// The handle that `me` means in a search.
    pub me: Option<Handle>,
    /// Accounts of each `list:` of a search.
    pub lists: BTreeMap<String, Vec<Handle>>,
    /// Manners and limits of requests.
    pub http: Http,
    /// Credentials by name.
    pub credential: BTreeMap<String, Credential>,
    /// What differs from a platform's own ways, by its name.
    pub platform: BTreeMap<String, PlatformKeys>,
    /// House styles by name, for `quote --as`.
    pub styles: BTreeMap<String, Style>,
    /// Jobs in order.
    pub job: Vec<Job>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            archive: PathBuf::from("archive"),
            transport: TransportKind::Live,
            fixtures: PathBuf::from("fixtures"),
            contact: None,
            timezone: None,
            me: None,
            lists: BTreeMap::new(),
            http: Http::default(),
            credential: BTreeMap::new(),
            platform: BTreeMap::new(),
            styles: BTreeMap::new(),
            job: Vec::new(),
        }
    }
}

/// A house style.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// How a quotation is printed.
    pub template: Template,
}

fn zone<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<Zone>, D::Error> {
    String::deserialize(input)?.parse().map(Some).map_err(serde::de::Error::custom)
}

/// Where answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// The servers themselves.
    Live,
    /// The recorded fixtures: no network, no account.
    Recorded,
}

/// Manners and limits of requests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Least time between two requests to one host, in milliseconds.
    pub min_interval_ms: u64,
    /// Time to connect, in seconds.
    pub connect_timeout_s: u64,
    /// Time to the first byte of the answer, in seconds.
    pub first_byte_timeout_s: u64,
    /// Time for a whole request, in seconds.
    pub total_timeout_s: u64,
    /// Largest body as sent, in MiB.
    pub body_limit_mib: u64,
    /// Further tries after a connection error, a 5xx or a 429.
    pub retries: u32,
    /// Longest single wait that a server may ask for, in seconds; beyond it the source is left for the next pull.
    pub max_wait_s: u64,
    /// How long a stream may be silent before it counts as dead, in seconds.
    pub silence_s: u64,
    /// Hosts on private or loopback addresses that may be asked all the same: `host` or `host:port`.
    pub allow_private: Vec<String>,
}

impl Default for Http {
    fn default() -> Http {
        Http {
            min_interval_ms: 1000,
            connect_timeout_s: 10,
            first_byte_timeout_s: 30,
            total_timeout_s: 120,
            body_limit_mib: 32,
            retries: 4,
            max_wait_s: 960,
            silence_s: 90,
            allow_private: Vec::new(),
        }
    }
}

/// The names of the environment variables that hold a credential: `token_env`, or `identifier_env` and
/// `password_env`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "CredentialKeys")]
pub enum Credential {
    /// A token, or a key: whatever the platform gives out ready-made.
    Token {
        /// Variable that holds the token.
        token_env: String,
    },
    /// An identifier and a password for a platform's own log-in.
    Password {
        /// Variable that holds the identifier (handle or e-mail, an app's id).
        identifier_env: String,
        /// Variable that holds the (app) password, an app's secret.
        password_env: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialKeys {
    token_env: Option<String>,
    identifier_env: Option<String>,
    password_env: Option<String>,
}

impl TryFrom<CredentialKeys> for Credential {
    type Error = &'static str;

    fn try_from(keys: CredentialKeys) -> Result<Credential, &'static str> {
        match (keys.token_env, keys.identifier_env, keys.password_env) {
            (Some(token_env), None, None) => Ok(Credential::Token { token_env }),
            (None, Some(identifier_env), Some(password_env)) => {
                Ok(Credential::Password { identifier_env, password_env })
            }
            _ => Err("a credential has either token_env, or identifier_env and password_env"),
        }
    }
}

/// What differs from a platform's own ways.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlatformKeys {
    /// Base address to ask instead of the platform's own.
    pub server: Option<String>,
    /// Address of the stream to listen to instead of the platform's own: `wss://…` or `https://…`.
    pub stream: Option<String>,
    /// Money for one unit of what the platform meters, in US dollars.
    #[serde(deserialize_with = "money")]
    pub dollars_per_unit: Option<f64>,
}

/// The most that one pull of a job may use up, over all its sources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Requests, log-ins and retries included.
    pub requests: Option<u64>,
    /// Units of what a platform meters: posts read of X, units of YouTube's quota.
    pub units: Option<u64>,
    /// Money, in US dollars.
    #[serde(deserialize_with = "money")]
    pub dollars: Option<f64>,
}

/// Money is a number that is not negative: what is none would limit nothing.
fn money<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    let money = f64::deserialize(input)?;
    if money.is_finite() && money >= 0.0 {
        return Ok(Some(money));
    }
    Err(serde::de::Error::custom(format!("{money} is no sum of money")))
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
    pub name: String,
    /// Hashtags, with or without `#`.
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
}

/// What may be fetched of media.
const MEDIA_KINDS: [&str; 5] = ["image", "gif", "video", "audio", "unknown"];

fn default_media_kinds() -> Vec<String> {
    MEDIA_KINDS.map(str::to_owned).to_vec()
}

fn default_max_pages() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(249)
}

/// A source as written in a job: `platform`, `platform:place` or `platform:place as CREDENTIAL`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SourceName {
    /// Name of the platform.
    pub platform: String,
    /// What stands behind the colon: a server (a host name or a base address), a channel, a group.
    pub place: Option<String>,
    /// Name of the credential to send.
    pub credential: Option<String>,
}

impl TryFrom<String> for SourceName {
    type Error = String;

    fn try_from(text: String) -> Result<SourceName, String> {
        let (place, credential) = match text.split_once(" as ") {
            Some((place, credential)) => (place.trim(), Some(credential.trim().to_owned())),
            None => (text.trim(), None),
        };
        let (platform, place) = match place.split_once(':') {
            Some((platform, place)) => (platform, Some(place.trim_end_matches('/').to_owned())),
            None => (place, None),
        };
        // `@name` is an account, `name@host` a log-in.
        let host = |place: &str| {
            let rest = place.split_once("://").map_or(place, |(_, rest)| rest);
            rest.split('/').next().and_then(|host| host.find('@')).is_some_and(|at| at > 0)
        };
        if place.as_deref().is_some_and(host) {
            return Err("a source holds a name or a password: a secret belongs into the environment, see [credential]"
                .to_owned());
        }
        if platform.is_empty() || place.as_deref() == Some("") || credential.as_deref() == Some("") {
            return Err(format!(
                "{text:?} is no source; write \"platform\", \"platform:place\" or \"platform:place as credential\""
            ));
        }
        Ok(SourceName { platform: platform.to_owned(), place, credential })
    }
}

impl std::fmt::Display for SourceName {
    /// Platform and place: the name under which the archive keeps the source's state.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{}:{place}", self.platform),
            None => f.write_str(&self.platform),
        }
    }
}

fn instant<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(Some(day.and_time(NaiveTime::MIN).and_utc()));
    }
    match DateTime::parse_from_rfc3339(&text) {
        Ok(instant) => Ok(Some(instant.to_utc())),
        Err(_) => {
            Err(serde::de::Error::custom(format!("{text:?} is neither a day (2021-07-26) nor an RFC 3339 instant")))
        }
    }
}

/// What is wrong and where, as one sentence.
fn sentence(error: &toml::de::Error, text: &str) -> String {
    let message = error.message().trim().replace('\n', ", ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return message };
    let number = before.matches('\n').count();
    let line = text.lines().nth(number).unwrap_or_default().trim();
    format!("line {} ({line}): {message}", number + 1)
}

/// Reads a configuration. Paths in it are taken from the folder of the file.
///
/// # Errors
/// A file that cannot be read, a key that is unknown, missing or of another type, a job that cannot be run.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let shape = |message: String| ConfigError::Shape { path: path.to_owned(), message };
    let mut config: Config = toml::from_str(&text).map_err(|e| shape(sentence(&e, &text)))?;
    for (i, job) in config.job.iter().enumerate() {
        if config.job[..i].iter().any(|other| other.name == job.name) {
            return Err(shape(format!("two jobs are named {:?}", job.name)));
        }
        if job.name == IMPORT || job.name == ADDRESS {
            return Err(shape(format!("no job may be named {:?}: other posts stand under that name", job.name)));
        }
        if job.tags.is_empty() || job.sources.is_empty() {
            return Err(shape(format!("job {:?} has nothing to pull: it needs a tag and a source", job.name)));
        }
        if let (Some(since), Some(until)) = (job.since, job.until)
            && since >= until
        {
            return Err(shape(format!("job {:?} ends ({until}) before it begins ({since})", job.name)));
        }
        if let Some(kind) = job.media_kinds.iter().find(|kind| !MEDIA_KINDS.contains(&kind.as_str())) {
            return Err(shape(format!(
                "job {:?}: {kind:?} is no kind of media; there are: {}",
                job.name,
                MEDIA_KINDS.join(", ")
            )));
        }
        for source in &job.sources {
            if let Some(name) = source.credential.as_ref().filter(|name| !config.credential.contains_key(*name)) {
                return Err(shape(format!(
                    "job {:?} sends the credential {name:?}, but there is no [credential.{name}]",
                    job.name
                )));
            }
        }
    }
    if let Some(name) = config.styles.keys().find(|name| quote::FORMATS.iter().any(|form| form.name == **name)) {
        return Err(shape(format!("no house style may be named {name:?}: that is a form of quotation")));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    config.archive = folder.join(&config.archive);
    config.fixtures = folder.join(&config.fixtures);
    Ok(config)
}
