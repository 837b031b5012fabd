//! `[run]`: what `pullquote run` does for all jobs.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use url::{Host, Url};

/// What `run` does for all jobs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Run {
    /// How many looks may be under way at the same time; those that take long are not counted.
    pub at_once: NonZeroU32,
    /// Where metrics and health are served, on this machine alone; nowhere if none is named.
    #[serde(deserialize_with = "loopback")]
    pub metrics: Option<SocketAddr>,
    /// A command that is told what a person should know.
    pub hook: Option<String>,
    /// An address that is told so.
    #[serde(deserialize_with = "webhook")]
    pub webhook: Option<Url>,
    /// After how many failures of a job in a row they are told.
    pub failures: NonZeroU32,
}

impl Default for Run {
    fn default() -> Run {
        Run {
            at_once: NonZeroU32::MIN.saturating_add(7),
            metrics: None,
            hook: None,
            webhook: None,
            failures: NonZeroU32::MIN.saturating_add(2),
        }
    }
}

/// An address that only programs of this machine reach: whoever else could ask would learn what is worked on.
fn loopback<'de, D: Deserializer<'de>>(input: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(input)?;
    let address: SocketAddr =
        text.parse().map_err(|_| Error::custom(format!("{text:?} is no address and port: 127.0.0.1:9184")))?;
    if !address.ip().is_loopback() {
        return Err(Error::custom(format!(
            "{text} can be reached from other machines; metrics are served on 127.0.0.1 or [::1] alone"
        )));
    }
    Ok(Some(address))
}

/// What is told goes over the network under encryption, or not over it.
fn webhook<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Url>, D::Error> {
    // The address may hold a secret: it is not repeated.
    let no = || Error::custom("a webhook is an address with https://");
    let url = Url::parse(&String::deserialize(input)?).map_err(|_| no())?;
    let here = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "https" || (url.scheme() == "http" && here) { Ok(Some(url)) } else { Err(no()) }
}
