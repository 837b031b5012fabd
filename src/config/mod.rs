//! config.toml to values. Everything that is wrong with it is told with its line; secrets are only named here and read from
//! the environment by `http`.
//!
//! What a key means stands beside it in the shipped config.toml, which a test reads with this module.

mod check;
mod job;
mod read;
mod run;
mod source;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::model::Handle;
use crate::quote::Template;
use crate::zone::Zone;
pub use job::{Budget, Job, MediaKeys, Per};
pub use read::{ConfigError, Fault, load};
pub use run::Run;
pub use source::SourceName;

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
    /// What `run` does for all jobs.
    pub run: Run,
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
            run: Run::default(),
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
    #[serde(deserialize_with = "some_time")]
    pub connect_timeout_s: u64,
    /// Time to the first byte of the answer, in seconds.
    #[serde(deserialize_with = "some_time")]
    pub first_byte_timeout_s: u64,
    /// Time for a whole request, in seconds.
    #[serde(deserialize_with = "some_time")]
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

/// Within no time at all every request fails.
fn some_time<'de, D: serde::Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
    match u64::deserialize(input)? {
        0 => Err(serde::de::Error::custom("0 seconds are no time for a request: every one would fail")),
        seconds => Ok(seconds),
    }
}

/// Money is a number that is not negative: what is none would limit nothing.
fn money<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    let money = f64::deserialize(input)?;
    if money.is_finite() && money >= 0.0 {
        return Ok(Some(money));
    }
    Err(serde::de::Error::custom(format!("{money} is no sum of money")))
}
