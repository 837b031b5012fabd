//! HAR files, which browsers save: every answer in it becomes an exchange of its own. Of what was sent nothing is taken but
//! the method and the address, and of the headers of the answer only what the body is: cookies and tokens stay behind.

use base64::Engine as _;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::exchange::{Exchange, Method, Origin, Request, Response};

/// The exchanges of a HAR file; `None` if it is none. An entry that cannot be read gives its reason.
/// <http://www.softwareishard.com/blog/har-12-spec/>
pub(super) fn exchanges(body: &[u8]) -> Option<Vec<Result<Exchange, String>>> {
    let head = &body[..body.len().min(4096)];
    let has = |word: &[u8]| head.windows(word.len()).any(|window| window == word);
    if !has(b"\"log\"") {
        return None;
    }
    let file: Har = serde_json::from_slice(body).ok()?;
    Some(
        file.log
            .entries
            .into_iter()
            .enumerate()
            .map(|(i, entry)| exchange(entry).map_err(|why| format!("entry {}: {why}", i + 1)))
            .collect(),
    )
}

fn exchange(entry: Entry) -> Result<Exchange, String> {
    let content = entry.response.content;
    let text = content.text.unwrap_or_default();
    let body = match content.encoding.as_deref() {
        Some("base64") => base64::engine::general_purpose::STANDARD
            .decode(text.trim())
            .map_err(|error| format!("is no base 64: {error}"))?,
        None | Some("") => text.into_bytes(),
        Some(other) => return Err(format!("is encoded as {other:?}")),
    };
    let when =
        DateTime::parse_from_rfc3339(&entry.started).map_err(|_| "does not say when it was fetched".to_owned())?;
    let media_type = content.mime.unwrap_or_default();
    // What the browser kept is decoded: a charset that the header names is no more that of the bytes.
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
    let url = entry.request.url.split('#').next().unwrap_or_default().to_owned();
    Ok(Exchange {
        request: Request {
            method: if entry.request.method == "POST" { Method::Post } else { Method::Get },
            url,
            ..Request::default()
        },
        response: Response {
            status: entry.response.status,
            headers: vec![("content-type".to_owned(), format!("{media_type}; charset=utf-8"))],
            body,
            protocol: None,
        },
        fetched_at: when.with_timezone(&Utc),
        origin: Origin::Live,
        masked: false,
    })
}

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "startedDateTime", default)]
    started: String,
    request: Asked,
    response: Answer,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    method: String,
    url: String,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    status: u16,
    content: Content,
}

#[derive(Deserialize)]
struct Content {
    #[serde(rename = "mimeType")]
    mime: Option<String>,
    text: Option<String>,
    encoding: Option<String>,
}
