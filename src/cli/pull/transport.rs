//! What a pull is sent through: live servers with their credentials, or the recorded fixtures.

use std::collections::HashMap;
use std::time::Duration;

use crate::cli::UsageError;
use crate::config::{self, Config, TransportKind};
use crate::exchange::Request;
use crate::http::{self, Client, OnWait, Recorded, Transport, Wait};
use crate::platform::{Platform, Source};
use crate::pull::{Begin, Budget, Task};

/// Live servers or the recorded fixtures, as configured. `on_wait` is told of every wait.
pub(in crate::cli) fn transport(
    config: &Config,
    tasks: &[Task],
    on_wait: impl Fn(&Wait) + Send + Sync + 'static,
) -> anyhow::Result<Transport> {
    if config.transport == TransportKind::Recorded {
        return Ok(Transport::Recorded(Recorded::open(&config.fixtures)?));
    }
    let seconds = Duration::from_secs;
    let options = http::Options {
        contact: config.contact.clone(),
        allow_private: config.http.allow_private.clone(),
        min_interval: Duration::from_millis(config.http.min_interval_ms),
        connect_timeout: seconds(config.http.connect_timeout_s),
        first_byte_timeout: seconds(config.http.first_byte_timeout_s),
        total_timeout: seconds(config.http.total_timeout_s),
        body_limit: config.http.body_limit_mib.saturating_mul(1 << 20),
        retries: config.http.retries,
        max_wait: seconds(config.http.max_wait_s),
        silence: seconds(config.http.silence_s),
        on_wait: Some(OnWait::new(on_wait)),
        ..http::Options::default()
    };
    let client = Client::new(options, credentials(config, tasks)?);
    Ok(Transport::Live(client.map_err(|error| UsageError(error.to_string()))?))
}

/// Live servers alone, with the credential that goes to the server of this request of a platform.
pub(in crate::cli) fn at(config: &Config, platform: &'static Platform, request: &Request) -> anyhow::Result<Transport> {
    let source = request.origin().unwrap_or_default();
    let server = Source { credential: request.auth.clone(), ..Source::default() };
    let begin = Begin::Request(request.clone());
    let task = Task {
        job: String::new(),
        source,
        platform,
        server,
        begin,
        max_pages: 1,
        budget: Budget::default(),
        media: Vec::new(),
    };
    transport(config, &[task], |_| {})
}

/// The credentials that the tasks send, each bound to the one server that it belongs to.
fn credentials(config: &Config, tasks: &[Task]) -> Result<HashMap<String, http::Credential>, UsageError> {
    let mut credentials: HashMap<String, http::Credential> = HashMap::new();
    for task in tasks {
        let Some(name) = &task.server.credential else { continue };
        let Some(configured) = config.credential.get(name) else { continue };
        let wrong = |why: &str| UsageError(format!("[credential.{name}] is sent to {}: {why}", task.source));
        let credential = credential_of(configured, task).map_err(|why| wrong(&why))?;
        match credentials.get(name).map(http::Credential::server).filter(|known| *known != credential.server()) {
            Some(known) => return Err(wrong(&format!("it belongs to one server, and is sent to {known} already"))),
            None => credentials.insert(name.clone(), credential),
        };
    }
    Ok(credentials)
}

/// A password is traded for tokens by the log-in of the platform that it is sent to, at the server that is asked.
fn credential_of(credential: &config::Credential, task: &Task) -> Result<http::Credential, String> {
    let server = task.first().map_err(|error| error.to_string())?.origin().ok_or("it names no server")?;
    let live = task.platform.live;
    let token = live.map(|live| live.token).unwrap_or_default();
    Ok(match credential.clone() {
        config::Credential::Token { token_env } => http::Credential::Token { env: token_env, place: token, server },
        config::Credential::Password { identifier_env, password_env } => {
            let session =
                live.and_then(|live| live.session).ok_or("it knows no log-in with a password; give a token_env")?;
            http::Credential::Password { identifier_env, password_env, session, server }
        }
    })
}
