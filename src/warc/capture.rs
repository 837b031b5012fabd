//! A capture: an exchange and pullquote's facts about it, as three records and back.
//!
//! The records say in their own fields and HTTP messages what any tool can read. What an HTTP message cannot say (the
//! fragment of an address, a header with a line break in it) stands beside in the metadata record, so that what is read
//! back is equal to what was captured.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::exchange::{Exchange, Facts, Method, Origin, Request, Response};
use crate::model::CaptureRef;

use super::mask::{self, Masked};
use super::record::{self, Fields, Record};
use super::{digest, message};

/// A capture as it was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Where it stands.
    pub place: CaptureRef,
    /// What was asked and what came, without secrets.
    pub exchange: Exchange,
    /// What pullquote knew about it.
    pub facts: Facts,
}

/// The payload of a metadata record.
#[derive(Debug, Serialize, Deserialize)]
pub struct Metadata {
    /// What pullquote knew.
    #[serde(flatten)]
    pub facts: Facts,
    /// Address, as the response record states it.
    pub url: String,
    /// Time, as the response record states it.
    pub fetched_at: String,
    /// Id and block digest of the response or resource record.
    pub response: Tie,
    /// Id and block digest of the request record; a file has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Tie>,
    /// For the first capture of a file: id and block digest of the file's warcinfo record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warcinfo: Option<Tie>,
    /// Block digest of the metadata record before this one; null in the first of an archive.
    pub previous: Option<String>,
    /// The request, where the records cannot say it exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact_request: Option<Request>,
    /// Status and headers of the answer, where the records cannot say them exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact_response: Option<ExactResponse>,
}

/// Ties a record to the metadata record that vouches for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tie {
    /// `urn:uuid:…`
    pub id: String,
    /// Digest of its block.
    pub block: String,
}

/// An answer without its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExactResponse {
    status: u16,
    headers: Vec<(String, String)>,
    protocol: Option<String>,
}

/// What a record is made of, still in parts so that a large body is not copied.
pub struct Draft<'a> {
    /// Version line, fields, empty line.
    pub fields: Vec<u8>,
    /// Head of an HTTP message, or a small block.
    pub head: Vec<u8>,
    /// Body of the message, or a large block.
    pub body: &'a [u8],
}

/// The records of a capture, ready to be written.
pub struct Drafts<'a> {
    /// Response or resource, request, metadata.
    pub records: Vec<Draft<'a>>,
    /// Id of the first.
    pub id: String,
    /// Digest of the metadata record's block: what the next capture calls `previous`.
    pub link: String,
}

/// A new record id.
pub fn new_id() -> String {
    uuid::Uuid::new_v4().urn().to_string()
}

/// The id of the `request` or `metadata` record of a capture. It follows from that of the first record, so that a
/// damaged record can be named when nothing of it can be read.
pub fn id_beside(main: &str, kind: &str) -> String {
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(Sha256::digest(format!("{main} {kind}"))) {
        *byte = hashed;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid().urn().to_string()
}

/// A time as the records write it: RFC 3339 in UTC, to the microsecond.
pub fn date(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Writes down a capture. `payload` is the digest of its body, `previous` the link of the capture before; `warcinfo` is
/// given for the first of a file.
pub fn drafts<'a>(
    masked: &'a Masked,
    payload: &str,
    mut facts: Facts,
    previous: Option<String>,
    warcinfo: Option<Tie>,
) -> Drafts<'a> {
    facts.origin = masked.origin;
    facts.masked |= masked.masked;
    facts.auth = facts.auth.take().or_else(|| masked.request.auth.clone());
    facts.asked.iter_mut().for_each(mask::request);
    let common = Common { id: new_id(), url: message::address(&masked.request.url), date: date(masked.fetched_at) };
    let (answer, response, exact_response) = answer(&common, masked, payload);
    let mut records = vec![answer];
    let mut request = None;
    let exact_request;
    if masked.origin == Origin::File {
        exact_request = exactly(&masked.request, read_request(&common.url, None, &facts), &facts);
    } else {
        let (asked, tie) = asked(&common, &masked.request);
        let read_back = read_request(&common.url, Some((&asked.head, asked.body)), &facts);
        exact_request = exactly(&masked.request, read_back, &facts);
        records.push(asked);
        request = Some(tie);
    }
    let block = json(&Metadata {
        facts,
        url: common.url.clone(),
        fetched_at: common.date.clone(),
        response,
        request,
        warcinfo,
        previous,
        exact_request,
        exact_response,
    });
    let link = digest::of(&[&block]);
    // An address of its own: replay tools would take the metadata for the page. Browsertrix does likewise (`urn:text:…`).
    let common = Common { url: format!("urn:pullquote:{}", common.url), ..common };
    let mut fields = common.fields(true);
    fields.extend([("WARC-Block-Digest", link.clone()), ("Content-Type", "application/json".to_owned())]);
    records.push(Draft::new("metadata", &id_beside(&common.id, "metadata"), &fields, block, &[]));
    Drafts { records, id: common.id, link }
}

/// What the records of a capture have in common.
struct Common {
    id: String,
    url: String,
    date: String,
}

impl Common {
    fn fields(&self, tied: bool) -> Vec<(&'static str, String)> {
        let mut fields = vec![("WARC-Target-URI", self.url.clone()), ("WARC-Date", self.date.clone())];
        if tied {
            fields.push(("WARC-Concurrent-To", format!("<{}>", self.id)));
        }
        fields
    }
}

impl<'a> Draft<'a> {
    /// Puts a record together.
    pub fn new(kind: &str, id: &str, fields: &[(&str, String)], head: Vec<u8>, body: &'a [u8]) -> Draft<'a> {
        let fields = record::head(kind, id, fields, (head.len() + body.len()) as u64);
        Draft { fields, head, body }
    }
}

/// The response record, or the resource record of a file; and what it cannot say.
fn answer<'a>(common: &Common, masked: &'a Masked, payload: &str) -> (Draft<'a>, Tie, Option<ExactResponse>) {
    let mut fields = common.fields(false);
    let (kind, head, block);
    if masked.origin == Origin::File {
        // The block is the payload: one digest serves both.
        (kind, head, block) = ("resource", Vec::new(), payload.to_owned());
        let named = masked.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let media_type = named.map_or("application/octet-stream", |(_, value)| value);
        fields.push(("Content-Type", media_type.to_owned()));
    } else {
        let made = message::response_head(masked.status, &masked.headers, masked.body.len());
        (kind, block) = ("response", digest::of(&[&made, &masked.body]));
        head = made;
        fields.push(("Content-Type", "application/http;msgtype=response".to_owned()));
        fields.extend(masked.protocol.clone().map(|protocol| ("WARC-Protocol", protocol)));
    }
    fields.push(("WARC-Block-Digest", block.clone()));
    fields.push(("WARC-Payload-Digest", payload.to_owned()));
    let draft = Draft::new(kind, &common.id, &fields, head, &masked.body);
    // Read as the reader will, from the very bytes.
    let read_back = record::read_head(&mut draft.fields.as_slice()).ok().flatten();
    let read_back = read_back.and_then(|fields| read_answer(&fields, &draft.head)).map(|(answer, _)| answer);
    let exact =
        ExactResponse { status: masked.status, headers: masked.headers.clone(), protocol: masked.protocol.clone() };
    (draft, Tie { id: common.id.clone(), block }, (read_back.as_ref() != Some(&exact)).then_some(exact))
}

/// The request record.
fn asked<'a>(common: &Common, request: &'a Request) -> (Draft<'a>, Tie) {
    let head = message::request_head(request.method.as_str(), &common.url, &request.headers, request.body.as_deref());
    let body = request.body.as_deref().unwrap_or_default().as_bytes();
    let tie = Tie { id: id_beside(&common.id, "request"), block: digest::of(&[&head, body]) };
    let mut fields = common.fields(true);
    fields.push(("WARC-Block-Digest", tie.block.clone()));
    fields.push(("Content-Type", "application/http;msgtype=request".to_owned()));
    (Draft::new("request", &tie.id, &fields, head, body), tie)
}

/// The request in full, if reading its record does not give it back. (The credential's name stands in the facts.)
fn exactly(request: &Request, read_back: Option<Request>, facts: &Facts) -> Option<Request> {
    let exact = Request { auth: facts.auth.clone(), ..request.clone() };
    (read_back.as_ref() != Some(&exact)).then_some(Request { auth: None, ..exact })
}

/// Status, headers and protocol of a response or resource record, and where in the block the body begins.
fn read_answer(fields: &Fields, block: &[u8]) -> Option<(ExactResponse, usize)> {
    if fields.kind() == "resource" {
        let media_type = fields.get("Content-Type")?.to_owned();
        let headers = vec![("content-type".to_owned(), media_type)];
        return Some((ExactResponse { status: 200, headers, protocol: None }, 0));
    }
    let head = message::read_head(block);
    let status = message::status(&head.first)?;
    let protocol = fields.get("WARC-Protocol").map(str::to_owned);
    Some((ExactResponse { status, headers: message::unmasked(head.headers), protocol }, head.body))
}

/// The request of a request record, given as head and body; without one, the request that a file stands for.
fn read_request(url: &str, record: Option<(&[u8], &[u8])>, facts: &Facts) -> Option<Request> {
    let mut request = Request { auth: facts.auth.clone(), ..Request::get(url) };
    if let Some((head, body)) = record {
        let head = message::read_head(head);
        request.method = if head.first.starts_with("POST ") { Method::Post } else { Method::Get };
        if !body.is_empty() {
            request.body = Some(std::str::from_utf8(body).ok()?.to_owned());
        }
        request.headers = message::without_added(head.headers, url, request.body.as_deref());
    }
    Some(request)
}

/// Reads a capture out of its records.
///
/// # Errors
/// The first thing that does not fit, as a fragment about the capture.
pub fn read(main: Record, request: Option<Record>, metadata: &Record) -> Result<(Exchange, Facts), String> {
    let metadata = read_metadata(metadata)?;
    let facts = metadata.facts;
    let fetched_at = DateTime::parse_from_rfc3339(&metadata.fetched_at)
        .map_err(|error| format!("its time {:?} cannot be read: {error}", metadata.fetched_at))?
        .to_utc();
    let (answer, start) = read_answer(&main.fields, &main.block).ok_or("its answer is no HTTP message")?;
    let origin = if main.fields.kind() == "resource" { Origin::File } else { facts.origin };
    let mut body = main.block;
    body.drain(..start);
    let answer = metadata.exact_response.unwrap_or(answer);
    let request = match metadata.exact_request {
        Some(exact) => Request { auth: facts.auth.clone(), ..exact },
        None => {
            let parts = request.as_ref().map(|record| record.block.split_at(message::read_head(&record.block).body));
            read_request(&metadata.url, parts, &facts).ok_or("the body of its request is no text")?
        }
    };
    let response = Response { status: answer.status, headers: answer.headers, body, protocol: answer.protocol };
    Ok((Exchange { request, response, fetched_at, origin, masked: facts.masked }, facts))
}

/// Reads the payload of a metadata record.
///
/// # Errors
/// What does not fit, as a fragment.
pub fn read_metadata(record: &Record) -> Result<Metadata, String> {
    serde_json::from_slice(&record.block).map_err(|error| format!("its metadata cannot be read: {error}"))
}

/// The link that a metadata record names before its own; `None` if it cannot be read.
pub fn previous(record: &Record) -> Option<Option<String>> {
    #[derive(Deserialize)]
    struct Link {
        previous: Option<String>,
    }
    serde_json::from_slice(&record.block).ok().map(|Link { previous }| previous)
}

fn json(metadata: &Metadata) -> Vec<u8> {
    // Strings, numbers and lists only: there is nothing in it that JSON could refuse.
    serde_json::to_vec(metadata).unwrap_or_default()
}
