//! HTTP messages as bytes: written so that no header can break out of its line, read leniently.
//!
//! An answer reaches us de-chunked. Its `Transfer-Encoding` would then be a lie to every reader of the file, as would a
//! `Content-Length` that is not the size of the body. Both are kept under the name `X-Archive-Orig-…`, as pywb does, and
//! the true length stands at the end. (Without either header the message is right as it is: RFC 9112, 6.3, rule 8.)

use std::borrow::Cow;

/// Put in front of the name of a header that would lie.
pub const MASK: &str = "X-Archive-Orig-";

const FRAMING: &[&str] = &["Transfer-Encoding", "Content-Length"];

type Headers = Vec<(String, String)>;

/// Status line and headers of an answer, with the empty line. HTTP/2 is written as HTTP/1.1 too.
pub fn response_head(status: u16, headers: &[(String, String)], body_len: usize) -> Vec<u8> {
    let length = body_len.to_string();
    let mut head = format!("HTTP/1.1 {status:03} {}\r\n", reason(status));
    let mut masked = false;
    for (name, value) in headers {
        let lies = name.eq_ignore_ascii_case("Transfer-Encoding")
            || (name.eq_ignore_ascii_case("Content-Length") && value.trim() != length);
        masked |= lies;
        push_header(&mut head, if lies { MASK } else { "" }, name, value);
    }
    if masked {
        push_header(&mut head, "", "Content-Length", &length);
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// Undoes what [`response_head`] did to the framing.
pub fn unmasked(mut headers: Headers) -> Headers {
    let mut masked = false;
    for (name, _) in &mut headers {
        if let Some(bare) = strip_prefix_ignoring_case(name, MASK)
            && FRAMING.iter().any(|framing| framing.eq_ignore_ascii_case(bare))
        {
            *name = bare.to_owned();
            masked = true;
        }
    }
    if masked {
        headers.pop();
    }
    headers
}

/// Request line and headers with the empty line. `Host`, and the length of a body, are added where the headers do not
/// have them: without them it would be no HTTP message.
pub fn request_head(method: &str, address: &str, headers: &[(String, String)], body: Option<&str>) -> Vec<u8> {
    let (host, target) = host_and_target(address);
    let mut head = format!("{method} {target} HTTP/1.1\r\n");
    let has = |wanted: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if !has("Host") {
        push_header(&mut head, "", "Host", host);
    }
    for (name, value) in headers {
        push_header(&mut head, "", name, value);
    }
    if let Some(body) = body
        && !has("Content-Length")
    {
        push_header(&mut head, "", "Content-Length", &body.len().to_string());
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// Takes the headers off again that [`request_head`] adds.
pub fn without_added(mut headers: Headers, address: &str, body: Option<&str>) -> Headers {
    let is = |header: Option<&(String, String)>, name: &str, value: &str| {
        header.is_some_and(|(key, have)| key == name && have == value)
    };
    if is(headers.first(), "Host", host_and_target(address).0) {
        headers.remove(0);
    }
    if let Some(body) = body
        && is(headers.last(), "Content-Length", &body.len().to_string())
    {
        headers.pop();
    }
    headers
}

/// Host (with port) and request target of an address as [`address`] makes it.
fn host_and_target(address: &str) -> (&str, &str) {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, target) = rest.split_at(end);
    (host, if target.is_empty() { "/" } else { target })
}

/// An address as a record may state it: without its fragment, and without bytes that an address cannot have.
pub fn address(url: &str) -> String {
    use std::fmt::Write;
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let mut safe = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>') {
            safe.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
}

/// One header line. Names keep their token characters, values all but control characters.
fn push_header(head: &mut String, mask: &str, name: &str, value: &str) {
    head.push_str(mask);
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    head.extend(name.chars().map(|c| if is_token(c) { c } else { '_' }));
    if name.is_empty() {
        head.push('_');
    }
    head.push_str(": ");
    head.extend(value.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }));
    head.push_str("\r\n");
}

/// First line and headers of a message.
pub struct Head {
    /// Status line or request line.
    pub first: String,
    /// Headers in their order.
    pub headers: Headers,
    /// Where the body begins.
    pub body: usize,
}

/// Reads first line and headers; line ends of either kind, folded lines, lines without a colon (left out). A message
/// without an empty line is all head.
pub fn read_head(message: &[u8]) -> Head {
    let mut head = Head { first: String::new(), headers: Vec::new(), body: message.len() };
    let mut at = 0;
    for (number, line) in message.split_inclusive(|byte| *byte == b'\n').enumerate() {
        at += line.len();
        let text = decoded(trim_line_end(line));
        if number == 0 {
            head.first = text.into_owned();
        } else if text.is_empty() {
            head.body = at;
            break;
        } else if text.starts_with([' ', '\t']) {
            if let Some((_, value)) = head.headers.last_mut() {
                value.push(' ');
                value.push_str(text.trim_matches([' ', '\t']));
            }
        } else if let Some((name, value)) = text.split_once(':') {
            head.headers.push((name.trim_end().to_owned(), value.trim_matches([' ', '\t']).to_owned()));
        }
    }
    head
}

/// The status in a status line; `None` if it is none.
pub fn status(first: &str) -> Option<u16> {
    let mut words = first.split_ascii_whitespace();
    let protocol = words.next()?;
    let known = ["HTTP", "ICY", "SHOUTCAST"].iter().any(|name| strip_prefix_ignoring_case(protocol, name).is_some());
    let digits = words.next()?;
    if known && digits.len() >= 3 && digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Bytes as text: UTF-8, else each byte a character, as HTTP once said. Nothing is lost either way.
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    if start.eq_ignore_ascii_case(prefix) { text.get(prefix.len()..) } else { None }
}

/// What became of a body that is said to be chunked.
#[derive(Debug, PartialEq, Eq)]
pub enum Dechunked {
    /// The body without its chunk lines; whatever the connection still brought if it was cut.
    Body(Vec<u8>),
    /// It has no chunks at all: whoever kept it took them off and left the header.
    NotChunked,
    /// The chunks go wrong at this byte of the body.
    Wrong(usize),
}

/// Takes the chunk lines out of a body (RFC 9112, 7.1).
pub fn dechunk(body: &[u8]) -> Dechunked {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
        // A size of sixteen digits and a short extension fit; a longer line is no chunk line.
        let Some(end) = rest.iter().take(1024).position(|byte| *byte == b'\n') else {
            return if at == 0 { Dechunked::NotChunked } else { Dechunked::Wrong(at) };
        };
        let line = trim_line_end(&rest[..=end]);
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(digits).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let Some(size) = size.filter(|_| digits.first() != Some(&b'+')) else {
            return if at == 0 { Dechunked::NotChunked } else { Dechunked::Wrong(at) };
        };
        if size == 0 {
            break;
        }
        let rest = rest.get(end + 1..).unwrap_or_default();
        out.extend_from_slice(rest.get(..size).unwrap_or(rest));
        let after = rest.get(size..).unwrap_or_default();
        let gap = match after {
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            [] | [b'\r'] => break,
            _ => return Dechunked::Wrong(at + end + 1 + size),
        };
        at += end + 1 + size + gap;
    }
    Dechunked::Body(out)
}

/// The usual words after a status; HTTP/2 sends none.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        414 => "URI Too Long",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unknown",
    }
}
