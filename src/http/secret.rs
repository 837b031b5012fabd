//! The secrets in use, and their masking in everything that leaves this room.
//!
//! Values are looked for as they are and as JSON, query strings and paths spell them, any of their characters also as
//! `\u0073` (JSON) or `&#115;` and `&#x73;` (HTML). A server that hides a secret on
//! purpose (reversed, encrypted) is out of reach. The `warc` room masks once more, by the names of headers and keys.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use url::Url;

use crate::exchange::Exchange;

/// What stands in place of a secret, as in the `warc` room.
pub(super) const MASK: &str = "***";

/// Shorter values are words that posts hold: in an ordinary answer they are left alone, or a quote would be wrong.
const TELLING: usize = 8;

/// The most that an error or a log line shows of one text, in characters. A server can send an address of any length.
const READABLE: usize = 500;

/// Query parameters whose values are not shown.
const PRIVATE_PARAMETERS: &[&str] = &[
    "access_token",
    "api_key",
    "apikey",
    "auth",
    "client_secret",
    "code",
    "jwt",
    "key",
    "password",
    "refresh_token",
    "secret",
    "sig",
    "signature",
    "token",
];

/// Every secret read or received so far, in all its spellings, the longest first.
#[derive(Default)]
pub(super) struct Secrets(Mutex<Vec<Secret>>);

#[derive(Clone, PartialEq)]
struct Secret {
    spelling: String,
    /// The server that gave it; `None` for one of our own.
    server: Option<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// From now on `value`, one of our own secrets, is masked everywhere.
    pub(super) fn add(&self, value: &str) {
        self.insert(None, value);
    }

    /// From now on `value` is masked, but in bodies only in those of the server that gave it: else a server could
    /// choose a hashtag for a token and have it struck out of what others say.
    pub(super) fn add_of(&self, server: &str, value: &str) {
        self.insert(Some(server), value);
    }

    fn insert(&self, server: Option<&str>, value: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for spelling in spellings(value) {
            let secret = Secret { spelling, server: server.map(str::to_owned) };
            if !known.contains(&secret) {
                known.push(secret);
            }
        }
        known.sort_by_key(|secret| std::cmp::Reverse(secret.spelling.len()));
    }

    /// A text for people (an error, a log line) without secrets, and cut to a readable length.
    pub(super) fn mask(&self, text: &str) -> String {
        let mut text = text.to_owned();
        mask_text(&mut text, &self.known(|_| true));
        match text.char_indices().nth(READABLE) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }

    /// Masks secrets in an exchange. In a log-in every value goes, also short ones and those in `beside`.
    pub(super) fn mask_exchange(&self, exchange: &mut Exchange, log_in: bool, beside: &[&str]) {
        let telling = |secret: &Secret| log_in || secret.spelling.len() >= TELLING;
        let mut secrets = self.known(telling);
        let server = exchange.server();
        let mut in_body = self.known(|secret| telling(secret) && secret.server.as_ref().is_none_or(|s| *s == server));
        let beside: Vec<String> = beside.iter().flat_map(|value| spellings(value)).collect();
        secrets.extend_from_slice(&beside);
        in_body.extend(beside);
        if secrets.is_empty() {
            return;
        }
        mask_text(&mut exchange.request.url, &secrets);
        let headers = exchange.request.headers.iter_mut().chain(&mut exchange.response.headers);
        let texts = headers.map(|(_, value)| value).chain(&mut exchange.request.body);
        texts.for_each(|text| mask_text(text, &secrets));
        mask_body(exchange, &in_body);
    }

    fn known(&self, wanted: impl Fn(&Secret) -> bool) -> Vec<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().filter(|secret| wanted(secret)).map(|secret| secret.spelling.clone()).collect()
    }
}

fn mask_text(text: &mut String, secrets: &[String]) {
    for secret in secrets {
        if find(text.as_bytes(), secret).is_some() {
            *text = String::from_utf8_lossy(&replaced(text.as_bytes(), secret)).into_owned();
        }
    }
}

/// Masks the body. A compressed body that holds a secret is kept decompressed, since its bytes cannot be kept anyway.
fn mask_body(exchange: &mut Exchange, secrets: &[String]) {
    let holds = |body: &[u8]| secrets.iter().any(|secret| find(body, secret).is_some());
    let (mut body, decoded) = match exchange.body() {
        Ok(Cow::Owned(body)) => (body, true),
        Ok(Cow::Borrowed(_)) | Err(_) => (std::mem::take(&mut exchange.response.body), false),
    };
    if !holds(&body) {
        if !decoded {
            exchange.response.body = body;
        }
        return;
    }
    for secret in secrets {
        body = replaced(&body, secret);
    }
    let length = body.len().to_string();
    exchange.response.body = body;
    exchange.masked = true;
    if decoded {
        exchange.response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-encoding"));
    }
    for (name, value) in &mut exchange.response.headers {
        if name.eq_ignore_ascii_case("content-length") {
            value.clone_from(&length);
        }
    }
}

/// The ways in which a value is written: itself, inside JSON, in a query string, in a path.
fn spellings(value: &str) -> Vec<String> {
    let mut all = vec![value.to_owned()];
    let json = serde_json::Value::from(value).to_string();
    if let Some(inner) = json.get(1..json.len() - 1) {
        all.push(inner.to_owned());
        all.push(inner.replace('/', "\\/"));
    }
    let query: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    all.push(query.replace('+', "%20"));
    all.push(query);
    all.sort();
    all.dedup();
    all.retain(|spelling| !spelling.is_empty());
    all
}

/// Where a secret stands in a body first, however its characters are escaped.
fn find(body: &[u8], secret: &str) -> Option<Range<usize>> {
    let first = secret.as_bytes().first()?;
    let mut from = 0;
    while let Some(step) = body.get(from..)?.iter().position(|byte| byte == first || matches!(byte, b'\\' | b'&')) {
        let at = from + step;
        if let Some(length) = body.get(at..).and_then(|here| length_of(secret, here)) {
            return Some(at..at + length);
        }
        from = at + 1;
    }
    None
}

/// How many bytes the secret takes at the beginning of a body; `None` if it does not stand there.
fn length_of(secret: &str, body: &[u8]) -> Option<usize> {
    if body.starts_with(secret.as_bytes()) {
        return Some(secret.len());
    }
    let mut left = body;
    let mut spelling = [0; 4];
    for c in secret.chars() {
        left = match escaped(left) {
            Some((escaped, rest)) if escaped == c => rest,
            _ => left.strip_prefix(c.encode_utf8(&mut spelling).as_bytes())?,
        };
    }
    Some(body.len() - left.len())
}

/// The character that an escape of JSON or a numeric reference of HTML at the beginning of a body stands for, and what
/// follows it.
fn escaped(body: &[u8]) -> Option<(char, &[u8])> {
    /// The most digits that are read: leading zeros are allowed, but no page has many.
    const DIGITS: usize = 16;
    let number = |digits: &[u8], radix| u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok();
    if let Some(reference) = body.strip_prefix(b"&#") {
        let (digits, radix) = match reference {
            [b'x' | b'X', digits @ ..] => (digits, 16),
            _ => (reference, 10),
        };
        let end = digits.iter().take(DIGITS).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (digits, rest) = digits.split_at(end);
        let c = char::from_u32(number(digits, radix)?)?;
        return Some((c, rest.strip_prefix(b";").unwrap_or(rest)));
    }
    let unit = |body: &[u8]| {
        let digits = body.strip_prefix(b"\\u")?.get(..4)?;
        let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
        if is_hex { u16::try_from(number(digits, 16)?).ok() } else { None }
    };
    let Some(first) = unit(body) else {
        let (&c, rest) = body.strip_prefix(b"\\")?.split_first()?;
        return matches!(c, b'"' | b'\\' | b'/').then_some((char::from(c), rest));
    };
    let rest = body.get(6..)?;
    if let Some(c) = char::from_u32(first.into()) {
        return Some((c, rest));
    }
    // Beyond the first 65,536 a character is written as two.
    let c = char::decode_utf16([first, unit(rest)?]).next()?.ok()?;
    Some((c, rest.get(6..)?))
}

fn replaced(body: &[u8], secret: &str) -> Vec<u8> {
    let mut masked = Vec::with_capacity(body.len());
    let mut left = body;
    while let Some(found) = find(left, secret) {
        masked.extend_from_slice(&left[..found.start]);
        masked.extend_from_slice(MASK.as_bytes());
        left = &left[found.end..];
    }
    masked.extend_from_slice(left);
    masked
}

/// An address as it may be shown: without user name and password, and with the values of parameters masked that are
/// named like secrets.
pub(super) fn shown(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else {
        // What cannot be parsed may still hold a password.
        let end = address.rsplit_once('@').map_or(address, |(_, end)| end);
        return end.split(['?', '#']).next().unwrap_or_default().chars().take(200).collect();
    };
    // An address that can have neither (`data:`) has none to hide.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let secret = |key: &str| PRIVATE_PARAMETERS.contains(&key.to_ascii_lowercase().as_str());
    if url.query_pairs().any(|(key, _)| secret(&key)) {
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(
                |(key, value)| {
                    if secret(&key) { (key.into_owned(), MASK.to_owned()) } else { (key.into(), value.into()) }
                },
            )
            .collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::exchange::{Request, Response};

    #[test]
    fn every_spelling_is_masked() {
        let secrets = Secrets::default();
        secrets.add("pä/ss \"word\"");
        for text in ["pä/ss \"word\"", r#"pä/ss \"word\""#, r#"pä\/ss \"word\""#, "p%C3%A4%2Fss+%22word%22"] {
            assert_eq!(secrets.mask(&format!("a {text} z")), "a *** z", "{text}");
        }
        assert_eq!(format!("{secrets:?}"), "Secrets");
    }

    #[test]
    fn a_secret_is_masked_however_its_characters_are_escaped() {
        let secrets = Secrets::default();
        secrets.add("sé/🔑 \"x\\&token");
        for text in [
            r#"\u0073\u00E9\u002f\ud83d\uDD11\u0020\u0022\u0078\u005c\u0026\u0074oken"#,
            r#"s\u00e9\/🔑 \"x\\\u0026\u0074\u006fken"#,
            "&#115;&#xe9;/&#128273; &#34;x\\&#38;&#x00074;&#X6F;ken",
            "s&#0233;/&#x1f511 \"x&#92;&token",
        ] {
            let mut exchange = Exchange::default();
            exchange.response.body = format!("\\u00e9& a {text} \\u00").into_bytes();
            secrets.mask_exchange(&mut exchange, false, &[]);
            assert_eq!(String::from_utf8_lossy(&exchange.response.body), "\\u00e9& a *** \\u00", "{text}");
            assert_eq!(secrets.mask(text), "***", "{text}");
        }
        for other in
            [r"\u0073\u00E9\u002f\ud83d", "&#115;&#xe9;&#", "&#x", r"\u+073", r"\ud83d\ud83d", "\\", "&#4294967411;"]
        {
            assert_eq!(secrets.mask(other), other, "not a secret");
        }
    }

    #[test]
    fn a_compressed_body_with_a_secret_is_kept_open() {
        let secrets = Secrets::default();
        secrets.add("hunter2hunter2");
        let zip = |text: &str| {
            let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            coder.write_all(text.as_bytes()).unwrap();
            coder.finish().unwrap()
        };
        let exchange = |body: Vec<u8>| Exchange {
            request: Request::get("https://a.test/?q=hunter2hunter2"),
            response: Response {
                status: 200,
                headers: vec![
                    ("content-encoding".into(), "gzip".into()),
                    ("content-length".into(), body.len().to_string()),
                ],
                body,
                protocol: None,
            },
            ..Exchange::default()
        };
        let mut echoed = exchange(zip("you sent hunter2hunter2, hunter2hunter2"));
        secrets.mask_exchange(&mut echoed, false, &[]);
        assert_eq!(echoed.response.body, b"you sent ***, ***");
        assert_eq!(echoed.response.headers, [("content-length".to_owned(), "17".to_owned())]);
        assert_eq!(echoed.request.url, "https://a.test/?q=***");

        let clean = exchange(zip("nothing"));
        let mut masked = clean.clone();
        secrets.mask_exchange(&mut masked, false, &[]);
        assert_eq!(masked.response, clean.response, "bytes without a secret stay as sent");
        assert!(echoed.masked && !masked.masked);
    }

    #[test]
    fn a_short_secret_does_not_change_what_people_wrote() {
        let secrets = Secrets::default();
        secrets.add("labour");
        let mut exchange = Exchange::default();
        exchange.response.body = b"labour won".to_vec();
        secrets.mask_exchange(&mut exchange, false, &[]);
        assert_eq!(exchange.response.body, b"labour won");
        secrets.mask_exchange(&mut exchange, true, &["won"]);
        assert_eq!(exchange.response.body, b"*** ***");
    }

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (address, expected) in [
            ("https://u:pw@a.test/x?a=1&Token=t&b=2#f", "https://a.test/x?a=1&Token=***&b=2#f"),
            ("https://a.test/x?q=%23tag", "https://a.test/x?q=%23tag"),
            ("http://u:pw@a b/?token=t", "a b/"),
            ("", ""),
        ] {
            assert_eq!(shown(address), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_secret_does_not_survive(secret in "\\PC{8,30}", before in "\\PC{0,9}", after in "\\PC{0,9}") {
            proptest::prop_assume!(!secret.contains('*'));
            let secrets = Secrets::default();
            secrets.add(&secret);
            let mut exchange = Exchange::default();
            exchange.response.body = format!("{before}{secret}{after}{secret}").into_bytes();
            secrets.mask_exchange(&mut exchange, false, &[]);
            assert!(find(&exchange.response.body, &secret).is_none());
            assert!(!secrets.mask(&format!("{before}{secret}{after}")).contains(&secret));
        }

        #[test]
        fn any_text_can_be_shown(address in "(https?://|)[@:/?#\\[\\]%&=a-b.0-9]{0,30}|\\PC{0,30}") {
            shown(&address);
            assert!(!shown(&format!("https://hunter2:hunter2@a.test/{address}")).contains("hunter2"));
        }
    }
}
