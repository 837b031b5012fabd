//! The last gate: no secret reaches a capture.
//!
//! Always masked are the values of headers that carry credentials, and of parameters with telling names in addresses:
//! the request's own, and those in `Location`, `Link` and the like. Bodies are masked only where a log-in can be: every
//! request body, and the answers to those that had a secret in it or that no platform reads. The bodies that posts come
//! in are never altered. A masked body is kept decompressed, and its digest is of the masked bytes.

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, Utc};

use crate::exchange::{Exchange, Facts, Origin, Request};

use super::message::MASK;

/// What stands in place of a secret.
pub const STARS: &str = "***";

/// An exchange without secrets. A body that needed no change is not copied.
pub struct Masked<'a> {
    /// What was asked.
    pub request: Request,
    /// HTTP status.
    pub status: u16,
    /// Headers of the answer.
    pub headers: Vec<(String, String)>,
    /// Protocol of the answer.
    pub protocol: Option<String>,
    /// Body of the answer.
    pub body: Cow<'a, [u8]>,
    /// As in the exchange.
    pub fetched_at: DateTime<Utc>,
    /// As in the exchange.
    pub origin: Origin,
    /// As in the exchange.
    pub masked: bool,
}

/// Masks an exchange.
pub fn exchange<'a>(exchange: &'a Exchange, facts: &Facts) -> Masked<'a> {
    let Exchange { request, response, fetched_at, origin, masked } = exchange;
    let mut asked = request.clone();
    self::request(&mut asked);
    let is_login = request.body.as_deref().is_some_and(|body| matches!(text(body), Cow::Owned(_)));
    let mut kept = Masked {
        request: asked,
        status: response.status,
        headers: headers(&response.headers),
        protocol: response.protocol.clone(),
        body: Cow::Borrowed(&response.body),
        fetched_at: *fetched_at,
        origin: *origin,
        masked: *masked,
    };
    if *origin != Origin::File && (is_login || (facts.platform.is_empty() && facts.media.is_none())) {
        let body = match exchange.body() {
            Ok(body) => {
                let spans = secrets(&body, exchange.media_type() == "application/x-www-form-urlencoded");
                (!spans.is_empty()).then(|| starred(&body, &spans))
            }
            // Nobody can say what is in it.
            Err(_) if is_login => Some(STARS.as_bytes().to_vec()),
            Err(_) => None,
        };
        if let Some(body) = body {
            kept.body = Cow::Owned(body);
            for (name, _) in &mut kept.headers {
                if name.eq_ignore_ascii_case("Content-Encoding") {
                    name.insert_str(0, MASK);
                }
            }
        }
    }
    kept
}

/// Masks a request.
pub fn request(request: &mut Request) {
    request.url = address(&request.url).into_owned();
    request.headers = headers(&request.headers);
    request.body = request.body.as_deref().map(|body| text(body).into_owned());
}

fn headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let masked = |name: &str, value: &str| match name.to_ascii_lowercase().as_str() {
        name if is_secret_header(name) => STARS.to_owned(),
        "location" | "content-location" | "link" | "refresh" | "referer" => address(value).into_owned(),
        _ => value.to_owned(),
    };
    headers.iter().map(|(name, value)| (name.clone(), masked(name, value))).collect()
}

/// Whether a header (in lower case) carries a credential.
fn is_secret_header(name: &str) -> bool {
    matches!(name, "authorization" | "proxy-authorization" | "authentication-info" | "dpop")
        || ["cookie", "password", "secret", "api-key", "apikey"].iter().any(|part| name.contains(part))
        || name.ends_with("-token")
        || name.ends_with("-auth")
}

/// Names of secrets in bodies, in lower case and without `_` and `-`.
const SECRETS: &[&str] = &[
    "accessjwt",
    "accesstoken",
    "apikey",
    "apisecret",
    "appsecret",
    "assertion",
    "authfactortoken",
    "authtoken",
    "bearertoken",
    "clientassertion",
    "clientsecret",
    "codeverifier",
    "csrftoken",
    "idtoken",
    "jwt",
    "oauthtoken",
    "oauthtokensecret",
    "passwd",
    "password",
    "refreshjwt",
    "refreshtoken",
    "secret",
    "sessionid",
    "token",
];

/// Names that are secrets in an address or a form only: in JSON they are error codes and the like.
const SECRETS_IN_FORMS: &[&str] = &["code", "key", "sig", "signature"];

fn is_secret(name: &str, in_form: bool) -> bool {
    let bare: String = name.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect();
    // OAuth forms put names in brackets: `user[password]`.
    let bare = bare.rsplit_once('[').map_or(bare.as_str(), |(_, inner)| inner.trim_end_matches(']'));
    SECRETS.contains(&bare) || (in_form && SECRETS_IN_FORMS.contains(&bare))
}

/// Masks a text that is an address or has addresses in it.
fn address(text: &str) -> Cow<'_, str> {
    let mut spans = parameters(text.as_bytes(), false);
    // A password before the host: `https://user:password@host/`.
    if let Some(start) = text.find("://").map(|at| at + 3) {
        let rest = text.get(start..).unwrap_or_default();
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if let Some(at) = host.rfind('@') {
            spans.insert(0, start..start + at);
        }
    }
    masked_text(text, &spans)
}

/// Masks the body of a request: JSON or a form.
fn text(text: &str) -> Cow<'_, str> {
    masked_text(text, &secrets(text.as_bytes(), true))
}

fn masked_text<'a>(text: &'a str, spans: &[Range<usize>]) -> Cow<'a, str> {
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(String::from_utf8_lossy(&starred(text.as_bytes(), spans)).into_owned())
}

/// Puts stars in place of the spans, which stand in order.
fn starred(bytes: &[u8], spans: &[Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for span in spans {
        out.extend_from_slice(bytes.get(done..span.start).unwrap_or_default());
        out.extend_from_slice(STARS.as_bytes());
        done = done.max(span.end);
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
    out
}

/// Where secrets stand in a body.
fn secrets(body: &[u8], may_be_form: bool) -> Vec<Range<usize>> {
    match body.trim_ascii_start().first() {
        Some(b'{' | b'[') => json_secrets(body),
        _ if may_be_form => parameters(body, true),
        _ => Vec::new(),
    }
}

/// Where values of parameters with telling names stand in an address or a form. Addresses inside addresses
/// (`?next=https%3A%2F%2F…%3Ftoken%3D…`) are seen too.
fn parameters(text: &[u8], is_form: bool) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut name_start = is_form.then_some(0);
    let mut at = 0;
    while at < text.len() {
        let (byte, width) = unescaped(text, at);
        let next = at + width;
        match byte {
            b'?' | b'&' | b';' | b'#' => name_start = Some(next),
            b'=' => {
                let name = name_start.take().and_then(|start| text.get(start..at)).filter(|name| name.len() <= 100);
                if name.is_some_and(|name| is_secret(&plain(name), true)) {
                    let end = value_end(text, next, width > 1);
                    if end > next {
                        spans.push(next..end);
                    }
                    at = end;
                    continue;
                }
            }
            _ => {}
        }
        at = next;
    }
    spans
}

/// The end of a parameter's value. One whose `=` is escaped stands inside another, and ends at an escaped `&` too.
fn value_end(text: &[u8], start: usize, nested: bool) -> usize {
    let mut at = start;
    while at < text.len() {
        let (byte, width) = unescaped(text, at);
        let ends = matches!(byte, b'&' | b'#') && (width == 1 || nested);
        if ends || (width == 1 && (matches!(byte, b'>' | b'"') || byte.is_ascii_whitespace())) {
            break;
        }
        at += width;
    }
    at
}

/// The byte that stands there, percent-escaped or not, and how many bytes it takes.
fn unescaped(text: &[u8], at: usize) -> (u8, usize) {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    match text.get(at) {
        Some(b'%') => match (digit(at + 1), digit(at + 2)) {
            (Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
            _ => (b'%', 1),
        },
        Some(byte) => (*byte, 1),
        None => (0, 1),
    }
}

/// A name without its escapes.
fn plain(name: &[u8]) -> String {
    let mut plain = Vec::with_capacity(name.len());
    let mut at = 0;
    while at < name.len() {
        let (byte, width) = unescaped(name, at);
        plain.push(byte);
        at += width;
    }
    String::from_utf8_lossy(&plain).trim().to_owned()
}

/// Where string values of telling names stand in JSON: their content, without the quotes. What stands in a list or
/// an object of such a name counts too. The text may be cut or broken anywhere: a log-in answer often is, when it
/// went wrong.
fn json_secrets(text: &[u8]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    // Depth of brackets, and the depth from which on everything is secret.
    let (mut depth, mut secret_from): (usize, Option<usize>) = (0, None);
    let mut secret_value = false;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                let end = string_end(text, at + 1);
                let content = at + 1..end;
                at = end + 1;
                let is_name = text.get(at..).is_some_and(|rest| rest.trim_ascii_start().first() == Some(&b':'));
                if is_name {
                    let name = text.get(content).unwrap_or_default();
                    secret_value = is_secret(&json_name(name), false);
                } else {
                    if (secret_value || secret_from.is_some()) && !content.is_empty() {
                        spans.push(content);
                    }
                    secret_value = false;
                }
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                if secret_value && secret_from.is_none() {
                    secret_from = Some(depth);
                }
                secret_value = false;
            }
            b'}' | b']' => {
                if secret_from == Some(depth) {
                    secret_from = None;
                }
                depth = depth.saturating_sub(1);
            }
            b',' => secret_value = false,
            _ => {}
        }
        at += 1;
    }
    spans
}

/// A name in JSON without its escapes (`access\u004awt`).
fn json_name(quoted: &[u8]) -> String {
    let text = String::from_utf8_lossy(quoted);
    if text.len() > 100 || !text.contains('\\') {
        return text.into_owned();
    }
    serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.into_owned())
}

/// The closing quote of a JSON string, or the end of the text.
fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (given, masked) in [
            (
                "https://a.example/x?q=1&access_token=abc,d;e&max_id=7",
                "https://a.example/x?q=1&access_token=***&max_id=7",
            ),
            ("https://a.example/?API-Key=k#code=c", "https://a.example/?API-Key=***#code=***"),
            ("https://a.example/?%74oken=abc", "https://a.example/?%74oken=***"),
            ("https://u:p@a.example/@b", "https://***@a.example/@b"),
            (
                "<https://a.example/?token=a>; rel=\"next\", <https://a.example/?min_id=1>",
                "<https://a.example/?token=***>; rel=\"next\", <https://a.example/?min_id=1>",
            ),
            (
                "/in?next=https%3A%2F%2Fb.example%2F%3Ftoken%3Dabc%26x%3D1&y=2",
                "/in?next=https%3A%2F%2Fb.example%2F%3Ftoken%3D***%26x%3D1&y=2",
            ),
            ("https://a.example/?a=1&token=", "https://a.example/?a=1&token="),
            ("https://a.example/?tokens=1&max_id=2#since=2021", "https://a.example/?tokens=1&max_id=2#since=2021"),
            ("?token=%C3%A9%ZZé&b", "?token=***&b"),
        ] {
            assert_eq!(address(given), masked);
        }
    }

    #[test]
    fn bodies() {
        for (given, masked) in [
            (r#"{"identifier":"a.example","password":"p\"w"}"#, r#"{"identifier":"a.example","password":"***"}"#),
            (r#"{"access\u004awt" : "x.y.z", "did":"did:plc:1"}"#, r#"{"access\u004awt" : "***", "did":"did:plc:1"}"#),
            (r#"{"token":{"a":["b",{"c":"d"}]},"e":"f"}"#, r#"{"token":{"a":["***",{"c":"***"}]},"e":"f"}"#),
            (r#"{"refreshJwt":"cut of"#, r#"{"refreshJwt":"***"#),
            (r#"{"code":"invalid","token":null,"x":"y"}"#, r#"{"code":"invalid","token":null,"x":"y"}"#),
            ("grant_type=password&client_secret=s&code=c", "grant_type=password&client_secret=***&code=***"),
            ("password=p", "password=***"),
        ] {
            assert_eq!(text(given), masked);
        }
    }

    #[test]
    fn headers_of_credentials() {
        for name in ["authorization", "cookie", "set-cookie", "x-auth-token", "x-api-key", "proxy-authorization"] {
            assert!(is_secret_header(name), "{name}");
        }
        for name in ["content-type", "link", "x-ratelimit-remaining", "www-authenticate", "etag", "author"] {
            assert!(!is_secret_header(name), "{name}");
        }
    }
}
