//! Recorded exchanges: the fixtures, read by the tests and served to a pull that needs no network.
//!
//! `fixtures/<platform>/<case>/exchange.toml` names the request, the answer's status and headers, and the file that
//! holds the body:
//!
//! ```toml
//! proves = "a page of a tag timeline with its Link header"
//! url = "https://mastodon.social/api/v1/timelines/tag/IStandWithKenLoach?limit=40"
//! status = 200
//! fetched_at = "2021-07-26T21:00:00Z"
//! headers = [["content-type", "application/json; charset=utf-8"]]
//! body = "body.json"
//! ```

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::exchange::{Exchange, Method, Origin, Request, Response};

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    /// For the reader of the fixture only.
    #[serde(rename = "proves")]
    _proves: String,
    #[serde(default)]
    method: Method,
    url: String,
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    request_body: Option<String>,
    status: u16,
    fetched_at: DateTime<Utc>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: String,
}

/// Reads the exchange of one fixture folder.
///
/// # Errors
/// A file that cannot be read, or a key that is missing, misspelt or of another type.
pub fn load(folder: &Path) -> Result<Exchange, FixtureError> {
    let path = folder.join("exchange.toml");
    let text = std::fs::read_to_string(&path).map_err(|source| FixtureError::Read { path: path.clone(), source })?;
    let shape: Shape = toml::from_str(&text).map_err(|e| FixtureError::Shape { path, source: Box::new(e) })?;
    let path = folder.join(&shape.body);
    let body = std::fs::read(&path).map_err(|source| FixtureError::Read { path, source })?;
    Ok(Exchange {
        request: Request {
            method: shape.method,
            url: shape.url,
            headers: Vec::new(),
            body: shape.request_body,
            auth: shape.auth,
        },
        response: Response { status: shape.status, headers: shape.headers, body, protocol: None },
        fetched_at: shape.fetched_at,
        origin: Origin::Recorded,
    })
}
