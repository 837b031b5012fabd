//! Streams: answers that do not end. Server-sent events over HTTP (`https://`), or messages over a WebSocket (`wss://`).
//!
//! A stream is opened as a request is sent: with the host's turn, its rate limit, the credential that belongs there, and
//! never to a private address. What comes is cut into events, byte for byte; what they say is the platform's business.
//! Signs of life (comments of server-sent events, pings) are answered and counted here, and are no events.
//!
//! Left out: redirects (a stream that moves is refused), `permessage-deflate`, which no crate of the size that this deserves
//! reads. What a platform packs by itself it unpacks.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{SinkExt, StreamExt};
use reqwest::Upgraded;
use reqwest::header::HeaderValue;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message as Frame};

use super::error::{Fault, HttpError};
use super::secret::Secrets;
use super::wire::{self, Message, Wire};
use crate::exchange::{Exchange, Origin, Request, Response};

/// The longest event. A post with its author takes some kilobytes.
const EVENT_LIMIT: usize = 4 * 1024 * 1024;

/// How often a WebSocket is asked for a sign of life.
const PING: Duration = Duration::from_secs(30);

/// The media type of server-sent events.
const EVENTS: &str = "text/event-stream";

/// What came of opening a stream, and what it took.
#[derive(Debug)]
pub struct Opened {
    /// Log-ins that came before; they belong into the captures too.
    pub before: Vec<Exchange>,
    /// What came of it.
    pub outcome: Result<Opening, HttpError>,
    /// Requests made.
    pub requests: u32,
}

/// What a server did with a request for a stream.
#[derive(Debug)]
pub enum Opening {
    /// It streams.
    Open(Box<Listening>),
    /// It gave an answer that ends: a refusal, a page, a redirect.
    Refused(Box<Exchange>),
}

/// A stream that is open.
pub struct Listening {
    head: Head,
    wire: Socket,
    silence: Duration,
    /// The last sign of life.
    heard: Instant,
    pinged: Instant,
}

/// How a stream was opened: what stands before its events when they are kept.
#[derive(Debug, Clone)]
pub struct Head {
    /// As it was sent.
    pub request: Request,
    /// As it came, without a body.
    response: Response,
    is_socket: bool,
}

enum Socket {
    Events(reqwest::Response, Blocks),
    Messages(Box<WebSocketStream<Upgraded>>),
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").field("head", &self.head).finish_non_exhaustive()
    }
}

impl Wire {
    /// Opens a stream. The message is for the address over HTTP, whatever the request's own scheme.
    pub(super) async fn open(
        &self,
        mut message: Message,
        request: &Request,
        silence: Duration,
    ) -> Result<Opening, Fault> {
        let is_socket = is_socket(request);
        message.headers.remove("accept-encoding");
        let key = generate_key();
        if is_socket {
            let upgrade = [
                ("connection", "Upgrade"),
                ("upgrade", "websocket"),
                ("sec-websocket-version", "13"),
                ("sec-websocket-key", &key),
            ];
            for (name, value) in upgrade {
                let value = HeaderValue::from_str(value).map_err(|error| Fault::Broken(error.to_string()))?;
                message.headers.insert(name, value);
            }
        } else {
            message.headers.insert("accept", HeaderValue::from_static(EVENTS));
        }
        let answer = self.begin(&message, request, is_socket).await?;
        let mut sent = wire::sent(&message, request);
        if let (true, Some((_, rest))) = (is_socket, sent.url.split_once("://")) {
            sent.url = format!("{}://{rest}", request.url.split("://").next().unwrap_or_default());
        }
        let head = wire::head_of(&answer);
        let says = |name: &str| {
            head.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
        };
        let streams = if is_socket {
            head.status == 101 && says("sec-websocket-accept") == Some(derive_accept_key(key.as_bytes()).as_str())
        } else {
            let media_type = says("content-type").unwrap_or_default().trim_start().to_ascii_lowercase();
            head.status == 200 && media_type.starts_with(EVENTS) && says("content-encoding").is_none()
        };
        if !streams {
            if head.status == 101 {
                return Err(Fault::Broken("the server did not open a WebSocket, though it says so".to_owned()));
            }
            let rest = tokio::time::timeout(self.total_timeout, self.rest(answer));
            let response = rest.await.map_err(|_| Fault::TotalTimeout(self.total_timeout))??;
            let (fetched_at, origin) = (wire::now(), Origin::Live);
            let exchange = Exchange { request: sent, response, fetched_at, origin, masked: false };
            return Ok(Opening::Refused(Box::new(exchange)));
        }
        let wire = if is_socket {
            let config =
                WebSocketConfig::default().max_message_size(Some(EVENT_LIMIT)).max_frame_size(Some(EVENT_LIMIT));
            let upgraded = answer.upgrade().await.map_err(|error| self.fault(&error))?;
            Socket::Messages(Box::new(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await))
        } else {
            Socket::Events(answer, Blocks::default())
        };
        let now = Instant::now();
        let head = Head { request: sent, response: head, is_socket };
        Ok(Opening::Open(Box::new(Listening { head, wire, silence, heard: now, pinged: now })))
    }
}

/// Whether a stream comes over a WebSocket.
pub(super) fn is_socket(request: &Request) -> bool {
    request.url.starts_with("wss://") || request.url.starts_with("ws://")
}

/// The request with the scheme under which its connection begins.
pub(super) fn over_http(request: &Request) -> Request {
    let mut request = request.clone();
    if let Some(rest) = request.url.strip_prefix("ws") {
        request.url = format!("http{rest}");
    }
    request
}

impl Listening {
    /// The next event, byte for byte: a block of server-sent events with the empty line that ends it, or a message of a
    /// WebSocket. It may be dropped while it waits, and loses nothing by it.
    ///
    /// # Errors
    /// The stream has ended, broken, fallen silent, or sent more than an event may have.
    pub async fn next(&mut self) -> Result<Vec<u8>, Fault> {
        loop {
            if let Socket::Events(_, blocks) = &mut self.wire
                && let Some(block) = blocks.next()?
            {
                return Ok(block);
            }
            let dead = self.heard + self.silence;
            match &mut self.wire {
                Socket::Events(answer, blocks) => {
                    let chunk = tokio::time::timeout_at(dead, answer.chunk()).await;
                    let chunk = chunk.map_err(|_| Fault::Silent(self.silence))?;
                    let chunk = chunk.map_err(|error| Fault::Broken(wire::root_cause(&error)))?;
                    blocks.waiting.extend_from_slice(&chunk.ok_or_else(ended)?);
                    self.heard = Instant::now();
                }
                Socket::Messages(socket) => {
                    let ping = self.pinged + PING.min(self.silence / 3);
                    let Ok(frame) = tokio::time::timeout_at(ping.min(dead), socket.next()).await else {
                        if Instant::now() >= dead {
                            return Err(Fault::Silent(self.silence));
                        }
                        self.pinged = Instant::now();
                        socket.send(Frame::Ping(Vec::new().into())).await.map_err(fault)?;
                        continue;
                    };
                    let frame = frame.ok_or_else(ended)?.map_err(fault)?;
                    self.heard = Instant::now();
                    match frame {
                        Frame::Text(text) => return Ok(text.as_bytes().to_vec()),
                        Frame::Binary(bytes) => return Ok(bytes.to_vec()),
                        Frame::Close(Some(close)) if !close.reason.is_empty() => {
                            return Err(Fault::Broken(format!("the server ended the stream: {}", close.reason)));
                        }
                        Frame::Close(_) => return Err(ended()),
                        Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_) => {}
                    }
                }
            }
        }
    }

    /// How it was opened.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// How long ago the last sign of life was.
    pub fn silent_for(&self) -> Duration {
        self.heard.elapsed()
    }
}

impl Head {
    /// Events as an exchange, to be kept: the request, what the server said when it opened the stream, and the events, one
    /// after the other as they came. A WebSocket has no such answer; there it is one of JSON lines.
    pub(super) fn exchange(
        &self,
        request: Request,
        events: &[Vec<u8>],
        at: DateTime<Utc>,
        secrets: &Secrets,
    ) -> Exchange {
        let mut response = self.response.clone();
        if self.is_socket {
            response.status = 200;
            response.headers = vec![("content-type".to_owned(), "application/x-ndjson".to_owned())];
        }
        for event in events {
            response.body.extend_from_slice(event);
            if self.is_socket {
                response.body.push(b'\n');
            }
        }
        let request = Request { headers: self.request.headers.clone(), ..request };
        let mut exchange = Exchange { request, response, fetched_at: at, origin: Origin::Live, masked: false };
        secrets.mask_exchange(&mut exchange, false, &[]);
        exchange
    }
}

fn ended() -> Fault {
    Fault::Broken("the server ended the stream".to_owned())
}

fn fault(error: Error) -> Fault {
    match error {
        Error::Capacity(_) => Fault::TooLarge(EVENT_LIMIT as u64),
        error => Fault::Broken(wire::root_cause(&error)),
    }
}

/// Server-sent events, cut where an empty line ends one.
#[derive(Default)]
struct Blocks {
    waiting: Vec<u8>,
    /// How far it was looked through: the beginning of a line.
    seen: usize,
}

impl Blocks {
    fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        while let Some(end) = memchr::memchr(b'\n', self.waiting.get(self.seen..).unwrap_or_default()) {
            let line = self.waiting.get(self.seen..self.seen + end).unwrap_or_default();
            let is_empty = matches!(line, [] | [b'\r']);
            self.seen += end + 1;
            if is_empty {
                let rest = self.waiting.split_off(self.seen);
                self.seen = 0;
                return Ok(Some(std::mem::replace(&mut self.waiting, rest)));
            }
        }
        if self.waiting.len() > EVENT_LIMIT { Err(Fault::TooLarge(EVENT_LIMIT as u64)) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(chunks: &[&str]) -> Vec<String> {
        let mut blocks = Blocks::default();
        let mut found = Vec::new();
        for chunk in chunks {
            blocks.waiting.extend_from_slice(chunk.as_bytes());
            while let Some(block) = blocks.next().unwrap() {
                found.push(String::from_utf8(block).unwrap());
            }
        }
        found
    }

    #[test]
    fn events_end_with_an_empty_line_however_they_come() {
        let whole = ":)\n:thump\nevent: update\ndata: {\"a\": 1}\n\nevent: delete\r\ndata: 7\r\n\r\n:thump\n";
        let expected = [":)\n:thump\nevent: update\ndata: {\"a\": 1}\n\n", "event: delete\r\ndata: 7\r\n\r\n"];
        assert_eq!(cut(&[whole]), expected);
        for at in 0..whole.len() {
            let (one, other) = whole.split_at(at);
            assert_eq!(cut(&[one, other]), expected, "cut at {at}");
        }
        let letters: Vec<&str> = whole.split_inclusive(|_| true).collect();
        assert_eq!(cut(&letters), expected);
        assert_eq!(cut(&["\n", "data: x\n", "\n"]), ["\n", "data: x\n\n"]);
    }

    #[test]
    fn an_event_without_end_is_not_gathered_for_ever() {
        let mut blocks = Blocks { waiting: vec![b'x'; EVENT_LIMIT + 1], seen: 0 };
        assert_eq!(blocks.next().err(), Some(Fault::TooLarge(EVENT_LIMIT as u64)));
    }

    #[test]
    fn a_socket_begins_over_http() {
        for (url, http, socket) in [
            ("wss://a.example/x", "https://a.example/x", true),
            ("ws://a.example/x", "http://a.example/x", true),
            ("https://a.example/x", "https://a.example/x", false),
        ] {
            let request = Request::get(url);
            assert_eq!((over_http(&request).url.as_str(), is_socket(&request)), (http, socket));
        }
    }
}
