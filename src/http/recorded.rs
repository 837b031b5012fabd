//! Recorded exchanges: the fixtures, read by the tests and served to a pull that needs no network and no account.
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

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use url::Url;

use super::Sent;
use super::error::{FixtureError, HttpError};
use super::secret::shown;
use crate::exchange::{Exchange, Method, Origin, Request, Response};

const FILE: &str = "exchange.toml";

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

/// The fixtures by the request that they answer.
#[derive(Debug, Default)]
pub struct Recorded {
    folders: HashMap<(Method, String), Vec<PathBuf>>,
}

impl Recorded {
    /// Reads which requests `fixtures/<platform>/<case>/` answer; bodies are read when they are asked for.
    ///
    /// # Errors
    /// A folder or file that cannot be read, or an `exchange.toml` of another shape.
    pub fn open(fixtures: &Path) -> Result<Recorded, FixtureError> {
        let mut recorded = Recorded::default();
        for platform in folders(fixtures)? {
            for folder in folders(&platform)?.into_iter().filter(|folder| folder.join(FILE).is_file()) {
                let shape = shape(&folder)?;
                recorded.folders.entry((shape.method, target(&shape.url))).or_default().push(folder);
            }
        }
        Ok(recorded)
    }

    /// The recorded answer to a request of the same method and address. Query parameters count in the order given; a
    /// fragment, headers, body and credential do not count, and no credential is looked up. Without an answer there is
    /// [`HttpError::NotRecorded`], [`HttpError::Ambiguous`], or a fixture that cannot be read.
    pub fn send(&self, request: &Request) -> Sent {
        let answer = self.answer(request);
        Sent { requests: u32::from(answer.is_ok()), answer, before: Vec::new(), retries: 0, waited: Duration::ZERO }
    }

    fn answer(&self, request: &Request) -> Result<Exchange, HttpError> {
        let url = target(&request.url);
        let folder = match self.folders.get(&(request.method, url.clone())).map(Vec::as_slice) {
            Some([folder]) => folder,
            Some([one, other, ..]) => {
                return Err(HttpError::Ambiguous { url: shown(&url), one: one.clone(), other: other.clone() });
            }
            _ => return Err(HttpError::NotRecorded { method: request.method.as_str(), url: shown(&url) }),
        };
        Ok(Exchange { request: Request { url, ..request.clone() }, ..load(folder)? })
    }
}

/// An address as it is sent: normalised, without its fragment.
fn target(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return address.to_owned() };
    url.set_fragment(None);
    url.into()
}

fn folders(path: &Path) -> Result<Vec<PathBuf>, FixtureError> {
    let read = |source| FixtureError::Read { path: path.to_owned(), source };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(path).map_err(read)? {
        let path = entry.map_err(read)?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn shape(folder: &Path) -> Result<Shape, FixtureError> {
    let path = folder.join(FILE);
    let text = std::fs::read_to_string(&path).map_err(|source| FixtureError::Read { path: path.clone(), source })?;
    toml::from_str(&text).map_err(|e| FixtureError::Shape { path, source: Box::new(e) })
}

/// Reads the exchange of one fixture folder.
///
/// # Errors
/// A file that cannot be read, or a key that is missing, misspelt or of another type.
pub fn load(folder: &Path) -> Result<Exchange, FixtureError> {
    let shape = shape(folder)?;
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
        masked: false,
    })
}
