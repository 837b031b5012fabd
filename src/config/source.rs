//! A source as a job names it.

use serde::Deserialize;

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
