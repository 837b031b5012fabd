//! What goes over the wire and comes back, as plain data.
//!
//! A platform makes a [`Request`]; `http` turns it into an [`Exchange`]; `warc` keeps the exchange; `ingest` reads it.
//! Nothing here sends, waits or looks at a clock. Secrets are only *named* here; `http` alone resolves them.

mod halves;

use std::borrow::Cow;
use std::io::Read;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

pub use halves::mended;

/// The most that a body may decode to. A hashtag page has some hundred kilobytes; a saved article a few megabytes.
pub const DECODED_LIMIT: u64 = 128 * 1024 * 1024;

/// Headers that belong to the transport: `http` adds them, a platform never sets them.
pub const TRANSPORT_HEADERS: &[&str] = &[
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "host",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// HTTP methods that sources here use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Read.
    #[default]
    Get,
    /// Log-ins and queries that do not fit an address.
    Post,
}

impl Method {
    /// As on the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// A request as a platform asks for it. It can be written to the database and continued after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Request {
    /// GET or POST.
    #[serde(default)]
    pub method: Method,
    /// Absolute address.
    pub url: String,
    /// Headers beside those that `http` always sends; never a credential.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Body of a POST.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The *name* of the credential to send with it, as in `[credential.NAME]` of config.toml.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
}

impl Request {
    /// A GET without anything else.
    pub fn get(url: impl Into<String>) -> Request {
        Request { url: url.into(), ..Request::default() }
    }

    /// The same request with the stretch of time that its pull asks for, for a platform whose addresses cannot say it.
    /// It stands in the fragment of the address, which is never sent, and so stays with the requests that go on.
    pub fn with_window(&self, since: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Request {
        let mut next = self.clone();
        let Ok(mut url) = Url::parse(&self.url) else { return next };
        let bound = |name: &str, at: Option<DateTime<Utc>>| {
            at.map(|at| format!("{name}={}", at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)))
        };
        let bounds: Vec<String> = [bound("since", since), bound("until", until)].into_iter().flatten().collect();
        url.set_fragment(Some(bounds.join("&").as_str()).filter(|fragment| !fragment.is_empty()));
        next.url = url.into();
        next
    }

    /// The same request with something that its platform must know when it reads the answer (`Some`), or without it. A mark
    /// stands in the fragment of the address, which is never sent, and stays with the requests that are made of this one.
    /// The others keep their order.
    pub fn with_mark(&self, name: &str, value: Option<&str>) -> Request {
        let mut next = self.clone();
        let Ok(mut url) = Url::parse(&self.url) else { return next };
        let old = url.fragment().unwrap_or_default();
        let is_other = |mark: &&str| !mark.is_empty() && mark.split('=').next() != Some(name);
        let mut marks: Vec<String> = old.split('&').filter(is_other).map(str::to_owned).collect();
        if let Some(value) = value {
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            marks.push(format!("{name}={value}"));
        }
        url.set_fragment(Some(marks.join("&").as_str()).filter(|fragment| !fragment.is_empty()));
        next.url = url.into();
        next
    }

    /// What [`Request::with_mark`] set.
    pub fn mark(&self, name: &str) -> Option<String> {
        let (_, fragment) = self.url.split_once('#')?;
        let mut pairs = url::form_urlencoded::parse(fragment.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// What [`Request::with_window`] set: not before (inclusive), before (exclusive).
    pub fn window(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let fragment = self.url.split_once('#').map_or("", |(_, fragment)| fragment);
        let named = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(fragment.as_bytes());
            let (_, value) = pairs.find(|(key, _)| key == name)?;
            DateTime::parse_from_rfc3339(&value).ok().map(|at| at.to_utc())
        };
        (named("since"), named("until"))
    }

    /// The same request with what the columns of a file mean, as the one who imports it says. Like a window it stands in the
    /// fragment of the address, and so stays with the capture.
    pub fn with_map(&self, map: &str) -> Request {
        let mut next = self.clone();
        let Ok(mut url) = Url::parse(&self.url) else { return next };
        let map: String = url::form_urlencoded::byte_serialize(map.as_bytes()).collect();
        url.set_fragment(Some(&format!("map={map}")));
        next.url = url.into();
        next
    }

    /// What [`Request::with_map`] set.
    pub fn map(&self) -> Option<String> {
        self.mark("map")
    }

    /// The request as its platform asked for it, without what the transport added when it was sent.
    pub fn asked(mut self) -> Request {
        self.headers.retain(|(name, _)| !TRANSPORT_HEADERS.iter().any(|ours| name.eq_ignore_ascii_case(ours)));
        self
    }

    /// Scheme, host and port of the address: `https://mastodon.social`. `None` for a file or what is no address.
    pub fn origin(&self) -> Option<String> {
        let url = Url::parse(&self.url).ok().filter(|url| url.has_host() && url.scheme() != "file")?;
        Some(url.origin().ascii_serialization())
    }

    /// The value of a query parameter of the address, decoded.
    pub fn param(&self, name: &str) -> Option<String> {
        let url = Url::parse(&self.url).ok()?;
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The same request with query parameters set (`Some`) or removed (`None`); the others keep their order.
    /// An address that cannot be parsed is left as it is.
    pub fn with_params(&self, changes: &[(&str, Option<&str>)]) -> Request {
        let mut next = self.clone();
        let Ok(mut url) = Url::parse(&self.url) else { return next };
        let mut pairs: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(key, _)| !changes.iter().any(|(name, _)| name == key))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        pairs.extend(changes.iter().filter_map(|(name, value)| value.map(|v| ((*name).to_owned(), v.to_owned()))));
        if pairs.is_empty() {
            url.set_query(None);
        } else {
            url.query_pairs_mut().clear().extend_pairs(pairs);
        }
        next.url = url.into();
        next
    }
}

/// How a platform's log-in works: pure functions that `http` calls when a request names a credential of that kind.
/// A token that was given ready-made needs none of this.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// The request that trades an identifier and a password for tokens. Arguments: base address of the server that is
    /// asked for posts, identifier, password.
    pub login: fn(&str, &str, &str) -> Request,
    /// Whether the log-in is sent with identifier and password in its Authorization header (RFC 7617), as OAuth asks of an
    /// app's own id and secret (RFC 6749, 2.3.1).
    pub basic: bool,
    /// The request that trades the refresh token for new ones; `http` sends that token as its bearer. `None` where a
    /// session is not refreshed, but begun again.
    pub refresh: Option<fn(&str) -> Request>,
    /// Reads the tokens out of either answer.
    pub tokens: fn(&[u8]) -> Option<Tokens>,
    /// Whether an answer (status, decoded body) says that the access token has expired.
    pub expired: fn(u16, &[u8]) -> bool,
}

/// What a log-in gives. It has no `Debug`: it must not reach a log.
#[derive(Clone)]
pub struct Tokens {
    /// Sent as `Authorization: Bearer …`.
    pub access: String,
    /// Sent to get a new pair; `None` where none is given.
    pub refresh: Option<String>,
}

/// Where a token stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenPlace {
    /// `Authorization: Bearer TOKEN`.
    #[default]
    Bearer,
    /// A header of this name, in lower case.
    Header(&'static str),
    /// A query parameter of this name. The address in a capture is without it.
    Param(&'static str),
}

/// An answer as it came: the body is not decoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    /// HTTP status; 200 for a file.
    pub status: u16,
    /// Headers in the order they came.
    pub headers: Vec<(String, String)>,
    /// Body as sent (still compressed), but de-chunked.
    pub body: Vec<u8>,
    /// The protocol as WARC writes it: `http/1.1`, `h2`.
    pub protocol: Option<String>,
}

/// How an exchange came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Asked of a live server.
    #[default]
    Live,
    /// Served from the recorded fixtures.
    Recorded,
    /// A file that somebody has; kept as a WARC `resource` record.
    File,
}

/// One request with its answer, and when it was had.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    /// What was asked. For a file: a GET of `file:///NAME`.
    pub request: Request,
    /// What came.
    pub response: Response,
    /// When the answer was complete (for a file: when it was imported). The only time a parser may see.
    pub fetched_at: DateTime<Utc>,
    /// Live, recorded or a file.
    pub origin: Origin,
    /// Whether `http` struck something out of the body because it reads like a secret that was sent. What is starred in
    /// every log-in when it is written down is not meant.
    pub masked: bool,
}

/// The mark of a request that is sent to another host than the server it is about: scheme, host and port of that server.
pub const HOME: &str = "home";

/// The marks of a piece of a stream: from when to when it was listened to, as `FROM/UNTIL`, and how far the stream had come then, if
/// it sends again what was missed.
pub const LISTENED: &str = "listened";
/// See [`LISTENED`].
pub const POSITION: &str = "position";
/// Marks a piece of a stream: since when what was sent is whole. That is when the stream was opened, or, if it sent again what was missed,
/// the time from which on it did.
pub const WHOLE: &str = "whole-since";

/// The mark of a request that climbs from a known post: when that was written, or a post before it if there are doubts.
pub const FROM: &str = "climbs-from";

/// The job under which imports stand; no configured job may have its name.
pub const IMPORT: &str = "import";

/// The job under which posts stand that were pulled by their addresses; no configured job may have its name.
pub const ADDRESS: &str = "address";

/// What pullquote knows about a capture beyond the bytes: the payload of its WARC `metadata` record, so that the
/// database can be made anew from the captures alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// Version of pullquote that wrote it.
    pub version: String,
    /// Run it belongs to: RFC 3339 start and four random letters, unique in the archive.
    pub run: String,
    /// Name of the job; for an import [`IMPORT`].
    pub job: String,
    /// The source inside the job (`mastodon:mastodon.social`); for an import the file's name.
    pub source: String,
    /// Platform whose parser reads it; empty for a log-in or a redirect, which are kept and not parsed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// Live, recorded or file.
    pub origin: Origin,
    /// For a part of a file of lines: the number (from 1) of its first line in that file; of a table, that of the first record
    /// behind the head, which every part repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_line: Option<u64>,
    /// For a part of a file: its first byte in that file, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte: Option<u64>,
    /// Name of the credential that the request was sent with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// Whether `http` struck something out of the body because it reads like a secret that was sent. What is starred in
    /// every log-in when it is written down is not meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masked: bool,
    /// The request that a pull sent, if redirects made another of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Request>,
    /// The address of a picture, film or sound, as a post names it, if that is what the capture holds. Such a capture is
    /// laid into `media/`, and not read by any parser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// What a look could not cover, if that is what the capture says. It holds no posts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// The post that was looked at again, if that is why the capture was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
}

/// A post that the archive holds and that is looked at again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its key.
    pub key: String,
    /// Its platform.
    pub platform: String,
    /// Its canonical URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The server that is asked: scheme, host and port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Its native id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether that server is the post's own, so that its word counts that it is gone.
    #[serde(default)]
    pub is_own: bool,
}

/// That a look at a source did not come to its end, and why: what a program that archives for weeks must be able to say. It is kept
/// like a capture, so that a rebuild knows it, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Name of the cause: `down`, `budget`, … (see `coverage`).
    pub cause: String,
    /// What was said, as a fragment.
    pub why: String,
    /// Since when it stands in the way, if that is another time than when the source was last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
}

impl Note {
    /// The note as it is kept: a text that says the same for people, under an address that says which time is asked for.
    pub fn exchange(&self, at: DateTime<Utc>, since: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Exchange {
        let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let since_when = self.since.map_or_else(String::new, |since| format!(" since {}", stamp(since)));
        let body = format!("not covered{since_when}: {}: {}\n", self.cause, self.why);
        let headers = vec![("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())];
        Exchange {
            request: Request::get(NOTE).with_window(since, until),
            response: Response { status: 200, headers, body: body.into_bytes(), protocol: None },
            fetched_at: at,
            origin: Origin::File,
            masked: false,
        }
    }
}

/// The address under which notes are kept.
pub const NOTE: &str = "urn:pullquote:note";

/// Why a body cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// A content encoding that this program cannot undo.
    #[error("body has the content encoding {0:?}, which cannot be read")]
    Encoding(String),
    /// The compressed stream is damaged or cut.
    #[error("body does not decompress after {read} bytes: {source}")]
    Damaged {
        /// Bytes that could be read before the fault.
        read: usize,
        /// What the decoder said.
        source: std::io::Error,
    },
    /// More than the limit.
    #[error("body is larger than {0} bytes when decoded")]
    TooLarge(u64),
}

impl Exchange {
    /// The first header of that name, compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Media type of the answer in lower case, without parameters; empty if it names none.
    pub fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Scheme, host and port of the request: `https://mastodon.social`. Empty for a file.
    pub fn server(&self) -> String {
        self.request.origin().unwrap_or_default()
    }

    /// The body with its content encoding undone.
    ///
    /// # Errors
    /// An unknown encoding, a damaged stream, or more than [`DECODED_LIMIT`] bytes.
    pub fn body(&self) -> Result<Cow<'_, [u8]>, BodyError> {
        let raw = self.response.body.as_slice();
        // The Wayback Machine says of an answer that was compressed when it was kept both that it has none and that it is gzip.
        let named = self.response.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case("content-encoding"));
        let mut named = named.map(|(_, value)| value.trim()).filter(|value| !value.is_empty());
        let encoding = named.next().unwrap_or_default().to_ascii_lowercase();
        match encoding.as_str() {
            "" | "identity" if raw.len() as u64 > DECODED_LIMIT => Err(BodyError::TooLarge(DECODED_LIMIT)),
            "" | "identity" => Ok(Cow::Borrowed(raw)),
            "gzip" | "x-gzip" => inflate(flate2::read::MultiGzDecoder::new(raw)).map(Cow::Owned),
            // What servers call deflate is zlib (RFC 9110, 8.4.1.2); a few send it bare.
            "deflate" => inflate(flate2::read::ZlibDecoder::new(raw))
                .or_else(|_| inflate(flate2::read::DeflateDecoder::new(raw)))
                .map(Cow::Owned),
            _ => Err(BodyError::Encoding(encoding)),
        }
    }

    /// The body as text: by its byte order mark, the charset that the header, the XML declaration or (for HTML) the page's
    /// own `meta` names, else UTF-8. Bytes that fit no character become U+FFFD, and so does half a character that JSON escapes
    /// ([`mended`]); `ingest` doubts the posts that hold one.
    ///
    /// # Errors
    /// As [`Exchange::body`].
    pub fn text(&self) -> Result<String, BodyError> {
        let body = self.body()?;
        let (text, _, _) = self.charset(&body).decode(&body);
        Ok(match mended(&text) {
            Cow::Owned(mended) => mended,
            Cow::Borrowed(_) => text.into_owned(),
        })
    }

    fn charset(&self, body: &[u8]) -> &'static encoding_rs::Encoding {
        let named = |label: &str| encoding_rs::Encoding::for_label(label.trim_matches(['"', '\'', ' ']).as_bytes());
        let parameter = |text: &str| {
            let at = text.to_ascii_lowercase().find("charset=")? + "charset=".len();
            let value = text.get(at..)?.trim_start_matches(['"', '\'']);
            named(value.split(['"', '\'', ';', ' ', '>', '/']).next()?)
        };
        if let Some(encoding) = self.header("content-type").and_then(parameter) {
            return encoding;
        }
        if std::str::from_utf8(body).is_ok() || !body.trim_ascii_start().starts_with(b"<") {
            return encoding_rs::UTF_8;
        }
        // A browser looks for the page's own word in its first 1,024 bytes; saved pages put comments before it.
        let head = String::from_utf8_lossy(&body[..body.len().min(4096)]);
        let declared = head.trim_start().strip_prefix("<?xml").and_then(|rest| {
            let (declaration, _) = rest.split_once("?>")?;
            let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
            named(value.split(|c: char| c.is_whitespace() || c == '?').next()?)
        });
        // A page whose `meta` can be read as ASCII is no UTF-16, whatever it says (HTML standard, 13.2.3.2).
        declared
            .or_else(|| parameter(&head))
            .filter(|encoding| encoding.is_ascii_compatible())
            .unwrap_or(encoding_rs::UTF_8)
    }
}

fn inflate(decoder: impl Read) -> Result<Vec<u8>, BodyError> {
    let mut decoded = Vec::new();
    let read = decoder.take(DECODED_LIMIT + 1).read_to_end(&mut decoded);
    match read {
        Err(source) => Err(BodyError::Damaged { read: decoded.len(), source }),
        Ok(_) if decoded.len() as u64 > DECODED_LIMIT => Err(BodyError::TooLarge(DECODED_LIMIT)),
        Ok(_) => Ok(decoded),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_body_is_decoded_by_the_header_that_says_something() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"kept").unwrap();
        let body = encoder.finish().unwrap();
        let exchange = |headers: &[(&str, &str)]| {
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let response = Response { status: 200, headers, body: body.clone(), protocol: None };
            Exchange { response, ..Exchange::default() }
        };
        for headers in
            [&[("content-encoding", ""), ("Content-Encoding", "gzip")][..], &[("content-encoding", " GZIP ")]]
        {
            assert_eq!(exchange(headers).body().unwrap(), b"kept".as_slice(), "{headers:?}");
        }
        assert_eq!(exchange(&[("content-encoding", "")]).body().unwrap(), body.as_slice());
        assert!(matches!(exchange(&[("content-encoding", "zstd")]).body(), Err(BodyError::Encoding(_))));
    }
}
