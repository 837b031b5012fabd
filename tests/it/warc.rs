//! The evidence: what is captured comes back equal, secrets do not, and every damage is seen.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use pullquote::exchange::{Exchange, Facts, Method, Origin, Request, Response};
use pullquote::model::CaptureRef;
use pullquote::warc::{self, Capture, Options, Report, WarcError, Writer};

use crate::support::root;

mod damage;
mod foreign;
mod tools;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn facts() -> Facts {
    Facts {
        version: "0.1.0".to_owned(),
        run: "2026-11-23T13:00:00Z-abcd".to_owned(),
        job: "demo".to_owned(),
        source: "mastodon:social.example".to_owned(),
        platform: "mastodon".to_owned(),
        ..Facts::default()
    }
}

/// A page of a timeline; `n` makes it differ from others.
fn page(n: usize) -> Exchange {
    let body = format!("[{{\"id\":\"{n}\",\"content\":\"<p>Ken &amp; Loach, no. {n}</p>\"}}]\n").into_bytes();
    Exchange {
        request: Request {
            headers: vec![("accept".to_owned(), "application/json".to_owned())],
            ..Request::get(format!("https://social.example/api/v1/timelines/tag/demo?limit=40&max_id={n}"))
        },
        response: Response {
            status: 200,
            headers: vec![
                ("content-type".to_owned(), "application/json; charset=utf-8".to_owned()),
                ("content-length".to_owned(), body.len().to_string()),
            ],
            body,
            protocol: Some("h2".to_owned()),
        },
        fetched_at: at("2021-07-26T21:00:00.123456Z") + TimeDelta::seconds(n as i64),
        origin: Origin::Live,
        masked: false,
    }
}

fn write(dir: &Path, options: Options, exchanges: &[Exchange]) -> Vec<CaptureRef> {
    let mut writer = Writer::open(dir, options).unwrap();
    let places = exchanges.iter().map(|exchange| writer.append(exchange, &facts()).unwrap()).collect();
    writer.sync().unwrap();
    places
}

/// A folder with `count` pages in one file.
fn archive(count: usize) -> (tempfile::TempDir, Vec<CaptureRef>) {
    let dir = tempfile::tempdir().unwrap();
    let pages: Vec<Exchange> = (1..=count).map(page).collect();
    let places = write(dir.path(), Options::default(), &pages);
    (dir, places)
}

fn read(dir: &Path) -> (Vec<Capture>, Vec<WarcError>) {
    let (mut captures, mut errors) = (Vec::new(), Vec::new());
    for item in warc::captures(dir).unwrap() {
        match item {
            Ok(capture) => captures.push(capture),
            Err(error) => errors.push(error),
        }
    }
    (captures, errors)
}

fn verify(dir: &Path) -> Report {
    warc::verify(dir, |_| {}).unwrap()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Appends one exchange, reads it back, and checks that the archive is sound.
fn round_trip(exchange: &Exchange, facts: &Facts) -> Capture {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), Options::default()).unwrap();
    let place = writer.append(exchange, facts).unwrap();
    writer.sync().unwrap();
    let (mut captures, errors) = read(dir.path());
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(captures.len(), 1);
    let capture = captures.remove(0);
    assert_eq!(capture.place, place);
    assert_eq!(warc::fetch(dir.path(), &place).unwrap(), capture);
    let report = verify(dir.path());
    assert_eq!((report.damages.as_slice(), report.torn, report.captures), ([].as_slice(), None, 1));
    capture
}

#[test]
fn an_exchange_comes_back_equal() {
    let page = page(1);
    let capture = round_trip(&page, &facts());
    assert_eq!(capture.exchange, page);
    assert_eq!(capture.facts, facts());
    assert_eq!(capture.place.digest.len(), "sha256:".len() + 64);

    let post = Exchange {
        request: Request {
            method: Method::Post,
            url: "http://social.example:8080/search?x#since=2021-07-26T00:00:00Z&until=now".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Some("{\"q\":\"ü\\n\"}".to_owned()),
            auth: Some("reader".to_owned()),
        },
        response: Response {
            headers: vec![
                ("Transfer-Encoding".to_owned(), "chunked".to_owned()),
                ("X-Strange".to_owned(), "a\r\nSet-Thing: b\r\n\r\n<html>".to_owned()),
                ("bad name\r\n: x".to_owned(), String::new()),
            ],
            body: b"\r\n\r\nWARC/1.1\r\n".to_vec(),
            status: 599,
            protocol: Some("http/1.1".to_owned()),
        },
        ..page.clone()
    };
    let capture = round_trip(&post, &facts());
    assert_eq!(capture.exchange, post);
    assert_eq!(capture.facts.auth.as_deref(), Some("reader"));

    let file = Exchange {
        request: Request::get("file:///my%20article.txt"),
        response: Response {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
            body: "“text” — Name (@handle) July 26, 2021".into(),
            protocol: None,
        },
        origin: Origin::File,
        ..page
    };
    let part = Facts { first_line: Some(17), first_byte: Some(4096), origin: Origin::File, ..facts() };
    let capture = round_trip(&file, &part);
    assert_eq!((capture.exchange, capture.facts), (file, part));
}

/// What lies about the framing is renamed in the file, and named again when it is read.
#[test]
fn framing_that_lies_is_masked_in_the_file() {
    let mut page = page(1);
    page.response.headers = vec![("transfer-encoding".to_owned(), "chunked".to_owned())];
    let text = raw_text(&page, &facts());
    let length = page.response.body.len();
    assert!(
        text.contains(&format!("\r\nX-Archive-Orig-transfer-encoding: chunked\r\nContent-Length: {length}\r\n\r\n["))
    );
    assert!(!text.contains("\r\ntransfer-encoding"));
    page.response.headers = vec![("Content-Length".to_owned(), "7".to_owned()), ("a".to_owned(), "b".to_owned())];
    let text = raw_text(&page, &facts());
    assert!(text.contains(&format!("X-Archive-Orig-Content-Length: 7\r\na: b\r\nContent-Length: {length}\r\n\r\n[")));
    assert!(text.contains("\r\nWARC-Protocol: h2\r\n") && text.contains("\r\nHTTP/1.1 200 OK\r\n"));
}

/// Everything in the file that one capture makes, decompressed.
fn raw_text(exchange: &Exchange, facts: &Facts) -> String {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), Options::default()).unwrap();
    writer.append(exchange, facts).unwrap();
    let bytes = fs::read(&files(dir.path())[0]).unwrap();
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(bytes.as_slice()), &mut text).unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn secrets_are_masked_whatever_the_caller_did() {
    let mut page = page(1);
    page.request.url = "https://u:hunter2@social.example/x?access_token=hunter2&limit=40#token=hunter2".to_owned();
    page.request.headers.push(("Authorization".to_owned(), "Bearer hunter2".to_owned()));
    page.request.headers.push(("cookie".to_owned(), "s=hunter2".to_owned()));
    for (name, value) in [
        ("Set-Cookie", "a=hunter2"),
        ("Location", "https://b.example/?code=hunter2"),
        ("Link", "<https://b.example/?token=hunter2&max_id=5>; rel=\"next\""),
    ] {
        page.response.headers.push((name.to_owned(), value.to_owned()));
    }
    page.response.body = br#"[{"token":"a word of a post, not a secret"}]"#.to_vec();
    let text = raw_text(&page, &facts());
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("a word of a post"));
    let capture = round_trip(&page, &facts());
    assert_eq!(capture.exchange.request.url, "https://***@social.example/x?access_token=***&limit=40#token=***");
    assert_eq!(capture.exchange.header("link"), Some("<https://b.example/?token=***&max_id=5>; rel=\"next\""));
}

#[test]
fn a_log_in_is_masked_even_when_its_answer_is_compressed() {
    let answer = br#"{"accessJwt":"hunter2","refreshJwt":"hunter2","handle":"a.example"}"#;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, answer).unwrap();
    let mut login = page(1);
    login.request.method = Method::Post;
    login.request.body = Some(r#"{"identifier":"a.example","password":"hunter2"}"#.to_owned());
    login.response.headers = vec![("content-encoding".to_owned(), "gzip".to_owned())];
    login.response.body = packed.finish().unwrap();
    let facts = Facts { platform: String::new(), ..facts() };
    assert!(!raw_text(&login, &facts).contains("hunter2"));
    let capture = round_trip(&login, &facts);
    assert_eq!(
        capture.exchange.body().unwrap(),
        &br#"{"accessJwt":"***","refreshJwt":"***","handle":"a.example"}"#[..]
    );
    assert_eq!(capture.exchange.request.body.as_deref(), Some(r#"{"identifier":"a.example","password":"***"}"#));

    // What cannot be read may hold a secret.
    login.response.headers = vec![("content-encoding".to_owned(), "br".to_owned())];
    assert_eq!(round_trip(&login, &facts).exchange.response.body, b"***");
}

#[test]
fn files_are_rotated_and_read_as_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { max_file_size: 3000, ..Options::default() };
    // Times that go backwards: the order is that of the appends all the same.
    let pages: Vec<Exchange> = (1..=12).rev().map(page).collect();
    let mut places = write(dir.path(), options.clone(), &pages[..7]);
    places.extend(write(dir.path(), options, &pages[7..]));
    assert!(files(dir.path()).len() > 2);
    let (captures, errors) = read(dir.path());
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(captures.iter().map(|capture| capture.place.clone()).collect::<Vec<_>>(), places);
    assert_eq!(captures.iter().map(|capture| &capture.exchange).collect::<Vec<_>>(), pages.iter().collect::<Vec<_>>());
    let report = verify(dir.path());
    assert_eq!((report.captures, report.damages, report.torn), (12, vec![], None));
    for (index, place) in places.iter().enumerate() {
        assert_eq!(warc::fetch(dir.path(), place).unwrap(), captures[index]);
        let after: Vec<Capture> = warc::captures_after(dir.path(), place).unwrap().map(Result::unwrap).collect();
        assert_eq!(after, captures[index + 1..]);
    }
}

prop_compose! {
    /// Text with everything that could break out of a line or a field.
    fn hostile()(text in r#"([ -~]|\PC|[\r\n\t\x00 :;=<>"%#\u{85}\u{2028}]){0,30}"#) -> String { text }
}

prop_compose! {
    fn hostile_exchange()(
        method in prop_oneof![Just(Method::Get), Just(Method::Post)],
        path in hostile(),
        sent in prop::collection::vec((hostile(), hostile()), 0..4),
        asked in prop::option::of(hostile()),
        auth in prop::option::of("[a-z]{1,8}"),
        status in 0u16..1000,
        came in prop::collection::vec((hostile(), hostile()), 0..6),
        framing in prop::option::of(("(?i)transfer-encoding|content-length|x-archive-orig-content-length", "chunked|[0-9]{1,2}")),
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), hostile().prop_map(String::into_bytes)],
        protocol in prop::option::of(prop_oneof![Just("h2".to_owned()), hostile()]),
        micros in -62_135_596_800_000_000i64..253_402_300_799_999_999,
        is_file in any::<bool>(),
        masked in any::<bool>(),
    ) -> Exchange {
        let mut headers = came;
        headers.extend(framing);
        Exchange {
            request: Request { method, url: format!("https://social.example/{path}"), headers: sent, body: asked, auth },
            response: Response { status, headers, body, protocol },
            fetched_at: DateTime::from_timestamp_micros(micros).unwrap(),
            origin: if is_file { Origin::File } else { Origin::Live },
            masked,
        }
    }
}

proptest! {
    #[test]
    fn whatever_a_server_sends_comes_back_equal(exchange in hostile_exchange()) {
        let (auth, masked) = (exchange.request.auth.clone(), exchange.masked);
        let facts = Facts { origin: exchange.origin, auth, masked, ..facts() };
        let capture = round_trip(&exchange, &facts);
        prop_assert_eq!(capture.exchange, exchange);
        prop_assert_eq!(capture.facts, facts);
    }
}

/// The format may gain, but what was once captured stays readable and proved.
#[test]
fn an_archive_of_the_first_version_is_still_read() {
    let dir = root().join("fixtures/warc/archive");
    let mut expected = vec![page(1), page(2), page(3)];
    expected[1].request.url.push_str("#since=2021-07-26T00:00:00Z");
    expected[2].request.url = "file:///page.json".to_owned();
    expected[2].origin = Origin::File;
    expected[2].response.protocol = None;
    if std::env::var_os("BLESS").is_some() && !dir.exists() {
        write(&dir, Options::default(), &expected);
    }
    let (captures, errors) = read(&dir);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(captures.into_iter().map(|capture| capture.exchange).collect::<Vec<_>>(), expected);
    let report = verify(&dir);
    assert_eq!((report.captures, report.damages, report.torn), (3, vec![], None));
}
