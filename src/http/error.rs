//! Why no answer could be had. Addresses in messages are shown without user names, passwords and tokens.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

/// Why a request has no complete answer. A server's refusal is none of these: it is an answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The options do not make a client.
    #[error("set up http: {0}")]
    Setup(String),
    /// The request cannot be sent as it is.
    #[error("send {url}: {why}")]
    BadRequest {
        /// Its address.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// Every attempt failed.
    #[error("send {url}{}: {fault}", times(*attempts))]
    Failed {
        /// Its address.
        url: String,
        /// How often it was sent.
        attempts: u32,
        /// What went wrong the last time.
        fault: Fault,
    },
    /// The host asks for a longer wait than `max_wait` allows.
    #[error("{host} asks to wait until {}", until.to_rfc3339_opts(SecondsFormat::Secs, true))]
    RateLimited {
        /// Scheme, host and port.
        host: String,
        /// When it may be asked again; a year from now stands for all that is later.
        until: DateTime<Utc>,
    },
    /// A redirect that is not followed.
    #[error("follow the redirect of {url} to {to}: {why}")]
    Redirect {
        /// What was asked.
        url: String,
        /// Where it points.
        to: String,
        /// The rule that forbids it.
        why: &'static str,
    },
    /// More redirects than are followed.
    #[error("send {url}: more than {limit} redirects")]
    TooManyRedirects {
        /// What was asked first.
        url: String,
        /// The limit.
        limit: u32,
    },
    /// A request names a credential that the configuration does not have.
    #[error("no credential is named {0:?}")]
    UnknownCredential(String),
    /// The environment does not hold what a credential needs.
    #[error("credential {credential:?}: environment variable {variable} is {why}")]
    Variable {
        /// Name of the credential.
        credential: String,
        /// Name of the variable; its value is never shown.
        variable: String,
        /// `not set`, `empty` or `not printable`.
        why: &'static str,
    },
    /// A credential would go where it does not belong.
    #[error("credential {credential:?} is not sent to {url}: {why}")]
    Misplaced {
        /// Name of the credential.
        credential: String,
        /// The address.
        url: String,
        /// The rule that forbids it.
        why: &'static str,
    },
    /// The server did not give tokens for the identifier and password.
    #[error("log in to {server} with credential {credential:?}: answer {status} {message}")]
    Login {
        /// Name of the credential.
        credential: String,
        /// Scheme, host and port of the server.
        server: String,
        /// HTTP status.
        status: u16,
        /// The server's own words, shortened to a line.
        message: String,
    },
    /// No fixture answers this request.
    #[error("no fixture answers {method} {url}")]
    NotRecorded {
        /// GET or POST.
        method: &'static str,
        /// The address.
        url: String,
    },
    /// Several fixtures answer this request.
    #[error("{url} is answered by two fixtures, {} and {}", one.display(), other.display())]
    Ambiguous {
        /// The address.
        url: String,
        /// A folder.
        one: PathBuf,
        /// Another folder.
        other: PathBuf,
    },
    /// The fixture that answers cannot be read.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
}

impl HttpError {
    /// The same error with every text that came from outside passed through `mask`.
    pub(super) fn masked(mut self, mask: impl Fn(&str) -> String) -> HttpError {
        let texts: Vec<&mut String> = match &mut self {
            HttpError::BadRequest { url, why } => vec![url, why],
            HttpError::Failed {
                url, fault: Fault::Connect(why) | Fault::Untrusted(why) | Fault::Broken(why), ..
            } => {
                vec![url, why]
            }
            HttpError::Failed { url, .. }
            | HttpError::TooManyRedirects { url, .. }
            | HttpError::Misplaced { url, .. }
            | HttpError::NotRecorded { url, .. }
            | HttpError::Ambiguous { url, .. } => vec![url],
            HttpError::Redirect { url, to, .. } => vec![url, to],
            HttpError::Login { message, .. } => vec![message],
            HttpError::Setup(_)
            | HttpError::RateLimited { .. }
            | HttpError::UnknownCredential(_)
            | HttpError::Variable { .. }
            | HttpError::Fixture(_) => Vec::new(),
        };
        for text in texts {
            *text = mask(text);
        }
        self
    }
}

fn times(attempts: u32) -> String {
    if attempts > 1 { format!(" ({attempts} times)") } else { String::new() }
}

/// What went wrong with one attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The name or the address leads into a private network.
    #[error("{0}, which is no public address; if it is yours, name it in [http] allow_private")]
    Private(String),
    /// No connection: nothing was sent.
    #[error("connect: {0}")]
    Connect(String),
    /// The server's certificate is not trusted: nothing was sent.
    #[error("certificate: {0}")]
    Untrusted(String),
    /// No connection in time: nothing was sent.
    #[error("no connection within {0:?}")]
    ConnectTimeout(Duration),
    /// No status and headers in time.
    #[error("no answer within {0:?}")]
    FirstByteTimeout(Duration),
    /// The answer was not complete in time.
    #[error("answer not complete within {0:?}")]
    TotalTimeout(Duration),
    /// The connection broke, the answer is no HTTP, or its body is shorter than announced.
    #[error("answer broken: {0}")]
    Broken(String),
    /// A stream from which nothing came for so long, not even a sign of life.
    #[error("nothing came for {0:?}")]
    Silent(Duration),
    /// The body is larger than the limit, in bytes as sent.
    #[error("body is larger than {0} bytes")]
    TooLarge(u64),
}

/// Why a fixture cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    /// A file is missing or cannot be opened.
    #[error("read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `exchange.toml` does not say what it must.
    #[error("read {path}: {source}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// What does not fit, with its line.
        source: Box<toml::de::Error>,
    },
}
