//! One request over the wire and its complete answer, or what went wrong. No patience, no redirects, no credentials'
//! names: those are the business of the files that call this one.

use std::error::Error;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Version;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::address::{self, AllowPrivate, PrivateName, PublicOnly};
use super::credential::Proof;
use super::error::{Fault, HttpError};
use super::options::Options;
use super::secret::MASK;
use crate::exchange::{BodyError, Exchange, Method, Origin, Request, Response, TRANSPORT_HEADERS, TokenPlace};

/// Answers are wanted as data, then as pages; servers that know neither may send what they have.
const ACCEPT: &str = "application/json, text/html;q=0.9, */*;q=0.5";

/// The most that headers may have in HTTP/2; HTTP/1 has hyper's own limits (100 lines, some 400 kB).
const HEADERS_LIMIT: u32 = 128 * 1024;

/// The longest address, in bytes. Servers take some 8,000; the client underneath can send a little more than this.
const ADDRESS_LIMIT: usize = 65_000;

/// The time. The only place of this room that reads the clock.
pub(super) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Connections and limits.
pub(super) struct Wire {
    clients: Clients,
    /// For WebSockets, which begin as HTTP/1.1 (RFC 6455); made when the first is opened.
    sockets: OnceLock<Result<Clients, String>>,
    allow_private: AllowPrivate,
    user_agent: HeaderValue,
    connect_timeout: Duration,
    first_byte_timeout: Duration,
    pub(super) total_timeout: Duration,
    body_limit: u64,
}

/// Two ways of connecting.
struct Clients {
    /// To public addresses only.
    public: reqwest::Client,
    /// Anywhere; used for hosts in `allow_private`.
    named: Option<reqwest::Client>,
    /// Why https cannot be had on this machine, if so.
    no_https: Option<String>,
}

/// A request made ready to be sent, perhaps several times.
pub(super) struct Message {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    /// The address with a token in it, where that is how the platform wants it.
    url_with_token: Option<Url>,
}

impl Clients {
    fn new(connect_timeout: Duration, some_named: bool, only_http1: bool) -> Result<Clients, HttpError> {
        let builder = || {
            let builder = reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(connect_timeout)
                .http2_max_header_list_size(HEADERS_LIMIT);
            if only_http1 { builder.http1_only() } else { builder }
        };
        let mut no_https = None;
        let mut build = |make: &dyn Fn() -> reqwest::ClientBuilder| {
            make().build().or_else(|error| {
                // A machine without CA certificates can still use http and the recorded fixtures.
                no_https = Some(root_cause(&error));
                make().tls_certs_only([]).build().map_err(|error| HttpError::Setup(root_cause(&error)))
            })
        };
        let public = build(&|| builder().dns_resolver(PublicOnly))?;
        let named = if some_named { Some(build(&builder)?) } else { None };
        Ok(Clients { public, named, no_https })
    }
}

impl Wire {
    pub(super) fn new(options: &Options) -> Result<Wire, HttpError> {
        let setup = |what: String| HttpError::Setup(what);
        // An error means that the program has chosen a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let allow_private = AllowPrivate::new(&options.allow_private)
            .map_err(|entry| setup(format!("allow_private entry {entry:?} is not `host` or `host:port`")))?;
        let agent = match &options.contact {
            Some(contact) => format!("pullquote/{} (+{contact})", env!("CARGO_PKG_VERSION")),
            None => format!("pullquote/{}", env!("CARGO_PKG_VERSION")),
        };
        let user_agent = HeaderValue::from_str(&agent)
            .map_err(|_| setup(format!("contact {:?} does not fit a header", options.contact.as_deref())))?;
        let clients = Clients::new(options.connect_timeout, !allow_private.is_empty(), false)?;
        Ok(Wire {
            clients,
            sockets: OnceLock::new(),
            allow_private,
            user_agent,
            connect_timeout: options.connect_timeout,
            first_byte_timeout: options.first_byte_timeout,
            total_timeout: options.total_timeout,
            body_limit: options.body_limit,
        })
    }

    /// Whether the configuration names the host of an address.
    pub(super) fn allows(&self, url: &Url) -> bool {
        self.allow_private.names(url)
    }

    /// Makes a request ready, or says why it cannot be sent.
    pub(super) fn prepare(&self, request: &Request, proof: Option<&Proof>) -> Result<Message, String> {
        let mut url = Url::parse(&request.url).map_err(|e| e.to_string())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("neither http nor https".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("an address must not hold a user name or password".to_owned());
        }
        url.set_fragment(None);
        if url.as_str().len() > ADDRESS_LIMIT {
            return Err(format!("an address must not have more than {ADDRESS_LIMIT} bytes"));
        }
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", self.user_agent.clone());
        headers.insert("accept", HeaderValue::from_static(ACCEPT));
        headers.insert("accept-encoding", HeaderValue::from_static("gzip"));
        for (name, value) in &request.headers {
            let bad = || format!("header {name:?} cannot be sent");
            let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
            if TRANSPORT_HEADERS.contains(&key.as_str()) {
                return Err(bad());
            }
            headers.insert(key, HeaderValue::from_str(value).map_err(|_| bad())?);
        }
        let mut url_with_token = None;
        let header = match proof {
            None => None,
            Some(Proof::Basic(encoded)) => Some((AUTHORIZATION, format!("Basic {encoded}"))),
            Some(Proof::Token(token, TokenPlace::Bearer)) => Some((AUTHORIZATION, format!("Bearer {token}"))),
            Some(Proof::Token(token, TokenPlace::Header(name))) => Some((HeaderName::from_static(name), token.clone())),
            Some(Proof::Token(token, TokenPlace::Param(name))) => {
                let with_token = url_with_token.insert(url.clone());
                with_token.query_pairs_mut().append_pair(name, token);
                None
            }
        };
        if let Some((name, value)) = header {
            let mut value = HeaderValue::from_str(&value).map_err(|_| "the token does not fit a header".to_owned())?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        if request.method == Method::Post {
            // Said even of an empty body: some servers refuse a POST of unknown length.
            headers.insert(CONTENT_LENGTH, HeaderValue::from(request.body.as_ref().map_or(0, String::len)));
        }
        Ok(Message { url, headers, url_with_token })
    }

    /// Sends a message once and reads its answer to the end. The exchange holds the headers that were sent, in their
    /// order. Of the answer's headers hyper writes the names in lower case and puts those of the same name together.
    pub(super) async fn attempt(&self, message: &Message, request: &Request) -> Result<Exchange, Fault> {
        let client = self.client(&self.clients, &message.url)?;
        let whole = tokio::time::timeout(self.total_timeout, self.answer(client, sending(message, request)));
        let response = whole.await.map_err(|_| Fault::TotalTimeout(self.total_timeout))??;
        let exchange = Exchange {
            request: sent(message, request),
            response,
            fetched_at: now(),
            origin: Origin::Live,
            masked: false,
        };
        if ends_early(&exchange) {
            return Err(Fault::Broken("the compressed body ends early".to_owned()));
        }
        Ok(exchange)
    }

    /// Opens a stream: sends a message and reads the head of its answer. `socket`: over a connection that may become a WebSocket.
    pub(super) async fn begin(
        &self,
        message: &Message,
        request: &Request,
        socket: bool,
    ) -> Result<reqwest::Response, Fault> {
        let clients = if socket {
            let make = || {
                Clients::new(self.connect_timeout, !self.allow_private.is_empty(), true)
                    .map_err(|error| error.to_string())
            };
            self.sockets.get_or_init(make).as_ref().map_err(|error| Fault::Connect(error.clone()))?
        } else {
            &self.clients
        };
        self.head(self.client(clients, &message.url)?, sending(message, request)).await
    }

    /// The client that may connect to an address.
    fn client<'c>(&self, clients: &'c Clients, url: &Url) -> Result<&'c reqwest::Client, Fault> {
        if let (Some(why), "https") = (&clients.no_https, url.scheme()) {
            return Err(Fault::Untrusted(why.clone()));
        }
        if let (Some(named), true) = (&clients.named, self.allows(url)) {
            return Ok(named);
        }
        match address::literal(url) {
            Some(address) if !address::is_public(address) => Err(Fault::Private(format!("this is {address}"))),
            _ => Ok(&clients.public),
        }
    }

    async fn answer(&self, client: &reqwest::Client, sending: reqwest::Request) -> Result<Response, Fault> {
        let answer = self.head(client, sending).await?;
        self.rest(answer).await
    }

    async fn head(&self, client: &reqwest::Client, sending: reqwest::Request) -> Result<reqwest::Response, Fault> {
        let headers = tokio::time::timeout(self.first_byte_timeout, client.execute(sending));
        let answer = headers.await.map_err(|_| Fault::FirstByteTimeout(self.first_byte_timeout))?;
        answer.map_err(|error| self.fault(&error))
    }

    /// Reads an answer to its end.
    pub(super) async fn rest(&self, mut answer: reqwest::Response) -> Result<Response, Fault> {
        let mut response = head_of(&answer);
        let announced = answer.content_length();
        if announced.is_some_and(|length| length > self.body_limit) {
            return Err(Fault::TooLarge(self.body_limit));
        }
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.fault(&error))? {
            if (response.body.len() + chunk.len()) as u64 > self.body_limit {
                return Err(Fault::TooLarge(self.body_limit));
            }
            response.body.extend_from_slice(&chunk);
        }
        // In HTTP/2 a server may reset a stream "without error", which hyper takes for its end.
        match announced {
            Some(length) if length != response.body.len() as u64 => {
                Err(Fault::Broken(format!("the body has {} of {length} bytes", response.body.len())))
            }
            _ => Ok(response),
        }
    }

    pub(super) fn fault(&self, error: &reqwest::Error) -> Fault {
        for cause in causes(error) {
            if let Some(private) = cause.downcast_ref::<PrivateName>() {
                return Fault::Private(private.to_string());
            }
            if let Some(rustls::Error::InvalidCertificate(why)) = inside_io(cause).downcast_ref() {
                return Fault::Untrusted(why.to_string());
            }
        }
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => Fault::ConnectTimeout(self.connect_timeout),
            (true, false) => Fault::Connect(root_cause(error)),
            _ => Fault::Broken(root_cause(error)),
        }
    }
}

fn sending(message: &Message, request: &Request) -> reqwest::Request {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    };
    let mut sending = reqwest::Request::new(method, message.url_with_token.as_ref().unwrap_or(&message.url).clone());
    sending.headers_mut().clone_from(&message.headers);
    *sending.body_mut() = request.body.clone().map(reqwest::Body::from);
    sending
}

/// The request as it was sent, and the fragment, which is never sent: a platform reads its own marks in it.
pub(super) fn sent(message: &Message, request: &Request) -> Request {
    let mut url = message.url.clone();
    url.set_fragment(request.url.split_once('#').map(|(_, fragment)| fragment));
    Request { url: url.into(), headers: sent_headers(message), ..request.clone() }
}

/// Status and headers of an answer.
pub(super) fn head_of(answer: &reqwest::Response) -> Response {
    Response {
        status: answer.status().as_u16(),
        headers: answer.headers().iter().map(|(key, value)| (key.as_str().to_owned(), text(value))).collect(),
        body: Vec::new(),
        protocol: Some(protocol(answer.version()).to_owned()),
    }
}

/// The headers as they went over the wire: ours, then the host that hyper adds (in HTTP/2 as a pseudo-header).
fn sent_headers(message: &Message) -> Vec<(String, String)> {
    let shown = |value: &HeaderValue| if value.is_sensitive() { MASK.to_owned() } else { text(value) };
    let mut headers: Vec<(String, String)> =
        message.headers.iter().map(|(key, value)| (key.as_str().to_owned(), shown(value))).collect();
    let host = message.url.host_str().unwrap_or_default();
    let authority = message.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    headers.push(("host".to_owned(), authority));
    headers
}

/// Whether a body that neither a length nor chunks delimit was cut, as far as its compression tells.
fn ends_early(exchange: &Exchange) -> bool {
    let delimited = exchange.header("content-length").or_else(|| exchange.header("transfer-encoding")).is_some();
    let cut = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
    let empty = exchange.response.body.is_empty();
    !delimited && !empty && matches!(exchange.body(), Err(BodyError::Damaged { source, .. }) if cut(&source))
}

/// A header's value. What is not UTF-8 is read as Latin-1, where every byte is a character.
fn text(value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// The protocol as WARC's `WARC-Protocol` names it.
fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "http/0.9",
        Version::HTTP_10 => "http/1.0",
        Version::HTTP_2 => "h2",
        Version::HTTP_3 => "h3",
        _ => "http/1.1",
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// What an I/O error carries. Its `source` leaves that out, and the TLS layers wrap one I/O error in another.
fn inside_io<'a>(mut error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    while let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        error = inner;
    }
    error
}

/// The innermost cause says what happened; those around it name layers of the client and repeat the address.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map_or_else(String::new, ToString::to_string)
}
