//! Reads WARC files that other tools wrote: 1.0 and 1.1, plain, gzip by record or gzip as a whole.
//!
//! Lenient where tools are known to err (a `Transfer-Encoding` left over, an address in angle brackets, a status line
//! that is none). Where a record cannot be read it is told and passed over; where the file itself is broken the reading
//! ends there. Records of other kinds (warcinfo, metadata, conversion) hold no exchange and are left out.

use std::io::{self, Read};

use chrono::{DateTime, Utc};

use crate::exchange::{Exchange, Method, Origin, Request, Response};

use super::message::{self, Dechunked};
use super::record::{self, BLOCK_LIMIT, Fields};
use super::unpack::Unpacked;

/// An exchange from a file of another tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// What was asked and what came. Its origin is [`Origin::File`].
    pub exchange: Exchange,
    /// Where the response begins: its place in the file, if it is the first record of its gzip member or the file
    /// is not compressed; else where the member begins.
    pub offset: u64,
    /// Its `WARC-Record-ID`, without angle brackets.
    pub record_id: Option<String>,
}

/// Why something in such a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// The file is something else. Nothing follows.
    #[error("not a WARC file: {0}")]
    NotWarc(String),
    /// A record holds no exchange that can be read. The next ones follow.
    #[error("record {} at byte {offset}: {what}", record_id.as_deref().unwrap_or("without id"))]
    Record {
        /// Where it begins, as in [`Foreign`].
        offset: u64,
        /// Its id.
        record_id: Option<String>,
        /// What is wrong.
        what: String,
    },
    /// The file is broken from here on. Nothing follows.
    #[error("broken from byte {offset} on: {what}")]
    Broken {
        /// Where the broken record begins, as in [`Foreign`].
        offset: u64,
        /// What is wrong.
        what: String,
    },
}

/// The exchanges of a WARC file, one in memory at a time.
pub fn exchanges<R: Read>(reader: R) -> Exchanges<R> {
    Exchanges { input: Unpacked::new(reader), ahead: None, held: None, fault: None, begun: false, done: false }
}

/// See [`exchanges`].
pub struct Exchanges<R> {
    input: Unpacked<R>,
    /// A request that came before its response.
    ahead: Option<Asked>,
    /// A response that waits for its request, which most tools write behind it.
    held: Option<Foreign>,
    /// A fault that waits for the response before it.
    fault: Option<ForeignError>,
    begun: bool,
    done: bool,
}

/// A request record.
struct Asked {
    id: Option<String>,
    concurrent_to: Option<String>,
    request: Request,
}

impl<R: Read> Iterator for Exchanges<R> {
    type Item = Result<Foreign, ForeignError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.fault.is_none() && !self.done {
            match self.record() {
                Ok(None) => {}
                Ok(Some(found)) => {
                    if let Some(held) = self.held.replace(found) {
                        return Some(Ok(held));
                    }
                }
                Err(error) => {
                    self.done = !matches!(error, ForeignError::Record { .. });
                    self.fault = Some(error);
                }
            }
        }
        // What stood before the fault comes first.
        self.held.take().map(Ok).or_else(|| self.fault.take().map(Err))
    }
}

impl<R: Read> Exchanges<R> {
    /// Reads a record. Gives the exchange that it begins.
    fn record(&mut self) -> Result<Option<Foreign>, ForeignError> {
        let begun = std::mem::replace(&mut self.begun, true);
        let (offset, head) = match self.input.next_place() {
            Ok(offset) => (offset, record::read_head(&mut self.input)),
            Err(error) => (self.input.place(), Err(error)),
        };
        let fields = match head {
            Ok(Some(fields)) => fields,
            Ok(None) => {
                self.done = true;
                return if begun { Ok(None) } else { Err(ForeignError::NotWarc("it is empty".to_owned())) };
            }
            Err(error) if !begun && error.kind() == io::ErrorKind::InvalidData => {
                return Err(ForeignError::NotWarc("it does not begin with a WARC record".to_owned()));
            }
            Err(error) => return Err(ForeignError::Broken { offset, what: error.to_string() }),
        };
        let broken = |error: io::Error| ForeignError::Broken { offset, what: error.to_string() };
        let Some(length) = fields.length() else {
            return Err(broken(record::invalid("states no Content-Length")));
        };
        let kind = fields.kind().to_owned();
        if !matches!(kind.as_str(), "response" | "resource" | "request") || length > BLOCK_LIMIT {
            self.input.skip(length).map_err(broken)?;
        }
        let record_id = fields.id().map(str::to_owned);
        let fault = |what: String| ForeignError::Record { offset, record_id: record_id.clone(), what };
        match kind.as_str() {
            "response" | "resource" | "request" if length > BLOCK_LIMIT => {
                Err(fault(format!("has {length} bytes, and a record may have {BLOCK_LIMIT}")))
            }
            "request" => {
                let block = record::read_block(&mut self.input, length).map_err(broken)?;
                self.asked(&fields, block);
                Ok(None)
            }
            "response" | "resource" => {
                let block = record::read_block(&mut self.input, length).map_err(broken)?;
                let mut exchange = answer(&fields, block).map_err(fault)?;
                self.take_request(&fields, &mut exchange);
                Ok(Some(Foreign { exchange, offset, record_id }))
            }
            "revisit" => Err(fault("says only that an answer had not changed since an earlier one".to_owned())),
            "continuation" => Err(fault("is a later part of an answer that was cut into parts".to_owned())),
            _ => Ok(None),
        }
    }

    /// Gives a request to the response before it, or keeps it for the one behind.
    fn asked(&mut self, fields: &Fields, mut block: Vec<u8>) {
        let head = message::read_head(&block);
        let url = target(fields);
        let method = if head.first.starts_with("POST ") { Method::Post } else { Method::Get };
        let body = block.split_off(head.body);
        let body = (!body.is_empty()).then(|| message::decoded(&body).into_owned());
        let headers = message::without_added(head.headers, &url, body.as_deref());
        let request = Request { method, url, headers, body, auth: None };
        let asked = Asked {
            id: fields.id().map(str::to_owned),
            concurrent_to: fields.concurrent_to().map(str::to_owned),
            request,
        };
        match &mut self.held {
            Some(held) if asked.concurrent_to.is_some() && asked.concurrent_to == held.record_id => {
                held.exchange.request = asked.request;
            }
            _ => self.ahead = Some(asked),
        }
    }

    /// Gives a response the request that came before it.
    fn take_request(&mut self, fields: &Fields, exchange: &mut Exchange) {
        let Some(asked) = self.ahead.take() else { return };
        let tied = asked.id.is_some() && asked.id.as_deref() == fields.concurrent_to()
            || asked.concurrent_to.is_some() && asked.concurrent_to.as_deref() == fields.id();
        if tied || (asked.concurrent_to.is_none() && asked.request.url == exchange.request.url) {
            exchange.request = asked.request;
        }
    }
}

/// The address of a record.
fn target(fields: &Fields) -> String {
    record::unbracketed(fields.get("WARC-Target-URI").unwrap_or_default()).to_owned()
}

/// The exchange of a response or resource record.
fn answer(fields: &Fields, block: Vec<u8>) -> Result<Exchange, String> {
    let url = target(fields);
    if url.is_empty() {
        return Err("names no address".to_owned());
    }
    if fields.get("WARC-Segment-Number").is_some() {
        return Err("is a part of an answer that was cut into parts".to_owned());
    }
    let date = fields.get("WARC-Date").ok_or("has no date")?;
    let fetched_at: DateTime<Utc> =
        DateTime::parse_from_rfc3339(date).map_err(|_| format!("has the date {date:?}, which is none"))?.to_utc();
    let is_http = fields.kind() == "response" && !url.starts_with("dns:") && !url.starts_with("ftp:");
    let mut response = if is_http { http(block)? } else { resource(fields, block) };
    response.protocol = fields.get("WARC-Protocol").map(str::to_owned);
    Ok(Exchange { request: Request::get(url), response, fetched_at, origin: Origin::File, masked: false })
}

fn resource(fields: &Fields, block: Vec<u8>) -> Response {
    let media_type = fields.get("Content-Type").map(|value| ("content-type".to_owned(), value.to_owned()));
    Response { status: 200, headers: media_type.into_iter().collect(), body: block, protocol: None }
}

fn http(mut block: Vec<u8>) -> Result<Response, String> {
    if block.is_empty() {
        return Err("has no answer in it".to_owned());
    }
    let head = message::read_head(&block);
    let Some(status) = message::status(&head.first) else {
        // HTTP/0.9 has no head: all of it is the body.
        return Ok(Response { status: 200, body: block, ..Response::default() });
    };
    block.drain(..head.body);
    let encodings = head.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Transfer-Encoding"));
    let chunked =
        encodings.flat_map(|(_, value)| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case("chunked"));
    let body = match if chunked { message::dechunk(&block) } else { Dechunked::NotChunked } {
        Dechunked::Body(body) => body,
        Dechunked::NotChunked => block,
        Dechunked::Wrong(at) => return Err(format!("its chunks go wrong at byte {at} of the body")),
    };
    Ok(Response { status, headers: head.headers, body, protocol: None })
}
