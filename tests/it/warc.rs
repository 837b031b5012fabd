//! The evidence: what is captured comes back equal, secrets do not, and every damage is seen.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use pullquote::exchange::{Exchange, Facts, Method, Origin, Request, Response};
use pullquote::model::CaptureRef;
use pullquote::warc::{self, Capture, Damage, Options, Report, WarcError, Writer};

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

/// kill -9 at any byte of a write: what was acknowledged is all there, the rest is cut off, and work goes on.
#[test]
fn a_file_cut_at_every_byte_of_its_last_capture_heals() {
    let (whole, places) = archive(3);
    let name = &places[2].file;
    let bytes = fs::read(whole.path().join(name)).unwrap();
    for cut in places[2].offset as usize..bytes.len() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(name), &bytes[..cut]).unwrap();
        let (captures, errors) = read(dir.path());
        assert_eq!(captures.len(), 2, "cut at {cut}");
        let report = verify(dir.path());
        assert_eq!((report.captures, report.damages.as_slice()), (2, [].as_slice()), "cut at {cut}");
        if cut > places[2].offset as usize {
            assert!(
                matches!(&errors[..], [WarcError::TornTail { offset, .. }] if *offset == places[2].offset),
                "{errors:?}"
            );
            assert_eq!(report.torn, Some((name.clone(), places[2].offset)));
        }
        let options = Options { acknowledged: Some(places[1].clone()), ..Options::default() };
        assert_eq!(write(dir.path(), options, &[page(3)])[0].offset, places[2].offset);
        assert_eq!((verify(dir.path()).captures, verify(dir.path()).torn), (3, None), "cut at {cut}");
    }
}

#[test]
fn a_first_file_cut_anywhere_before_its_first_capture_is_begun_anew() {
    let (whole, places) = archive(1);
    let bytes = fs::read(whole.path().join(&places[0].file)).unwrap();
    for cut in (0..bytes.len()).step_by(7) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(&places[0].file), &bytes[..cut]).unwrap();
        write(dir.path(), Options::default(), &[page(1), page(2)]);
        let report = verify(dir.path());
        assert_eq!((report.files, report.captures, report.damages, report.torn), (1, 2, vec![], None), "cut at {cut}");
    }
}

/// After a power failure the file has its size, and zeros where bytes should be.
#[test]
fn a_tail_of_zeros_is_a_torn_tail() {
    let (dir, places) = archive(3);
    let path = dir.path().join(&places[2].file);
    let mut bytes = fs::read(&path).unwrap();
    let from = places[2].offset as usize + 200;
    bytes[from..].fill(0);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(verify(dir.path()).torn, Some((places[2].file.clone(), places[2].offset)));
    write(dir.path(), Options::default(), &[page(3)]);
    assert_eq!((verify(dir.path()).captures, verify(dir.path()).damages), (3, vec![]));
}

/// Damage at the end is not mistaken for a crash: nothing acknowledged is cut off, and work goes on in a new file.
#[test]
fn what_was_acknowledged_is_never_cut_off() {
    let (dir, places) = archive(3);
    let path = dir.path().join(&places[2].file);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
    let options = Options { acknowledged: Some(places[2].clone()), ..Options::default() };
    let next = write(dir.path(), options, &[page(4)]);
    assert_eq!(fs::read(&path).unwrap(), &bytes[..bytes.len() - 5]);
    assert_ne!(next[0].file, places[2].file);
    let report = verify(dir.path());
    assert_eq!((report.captures, report.torn.is_some(), report.damages.len()), (3, false, 1), "{report:?}");
    assert_eq!(report.damages[0].offset, places[2].offset);
}

/// The members of a file: (start, end, record id).
fn members(dir: &Path, name: &str) -> Vec<(usize, usize, String)> {
    let bytes = fs::read(dir.join(name)).unwrap();
    let mut members = Vec::new();
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let start = bytes.len() - rest.len();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::bufread::GzDecoder::new(&mut rest), &mut text).unwrap();
        let id = text.split_once("WARC-Record-ID: <").unwrap().1.split_once('>').unwrap().0.to_owned();
        members.push((start, bytes.len() - rest.len(), id));
    }
    members
}

#[test]
fn a_flipped_byte_anywhere_is_found_at_its_place() {
    let (dir, places) = archive(3);
    let name = &places[0].file;
    let members = members(dir.path(), name);
    assert_eq!(members.len(), 1 + 3 * 3);
    let path = dir.path().join(name);
    let bytes = fs::read(&path).unwrap();
    let (_, whole) = (read(dir.path()).1, read(dir.path()).0);
    let mut named = 0;
    for (start, end, id) in &members {
        for flipped in *start..*end {
            let mut damaged = bytes.clone();
            damaged[flipped] ^= 0xff;
            fs::write(&path, &damaged).unwrap();
            let report = verify(dir.path());
            let found = match (&report.damages[..], &report.torn) {
                ([Damage { file, offset, record_id, .. }, ..], _) => {
                    assert_eq!(file, name);
                    named += usize::from(record_id.as_ref() == Some(id));
                    *offset
                }
                // At the very end a flip can look like the end of the file.
                ([], Some((file, offset))) => {
                    assert_eq!((file, *start >= places[2].offset as usize), (name, true));
                    named += 1;
                    if *offset == places[2].offset { *start as u64 } else { *offset }
                }
                ([], None) => panic!("byte {flipped} was flipped, and nothing was found"),
            };
            assert_eq!(found, *start as u64, "byte {flipped}: {report:?}");
            // And it costs no other capture.
            let (captures, _) = read(dir.path());
            assert!(captures.iter().all(|capture| whole.contains(capture)) && captures.len() >= 2, "byte {flipped}");
        }
    }
    let all = bytes.len();
    assert!(named * 10 > all * 6, "only {named} of {all} damages named the record");
}

/// Files with captures taken out, put elsewhere or written anew with right digests.
#[test]
fn a_removed_moved_or_rewritten_capture_breaks_the_chain() {
    let (dir, places) = archive(4);
    let path = dir.path().join(&places[0].file);
    let bytes = fs::read(&path).unwrap();
    let cut =
        |n: usize| &bytes[places[n].offset as usize..places.get(n + 1).map_or(bytes.len(), |p| p.offset as usize)];
    let head = &bytes[..places[0].offset as usize];
    let chain = "does not follow the capture before it";
    let (other, _) = archive(1);
    let foreign = fs::read(&files(other.path())[0]).unwrap();
    for (what, parts, said) in [
        ("first removed", vec![head, cut(1), cut(2), cut(3)], chain),
        ("second removed", vec![head, cut(0), cut(2), cut(3)], chain),
        ("two exchanged", vec![head, cut(0), cut(2), cut(1), cut(3)], chain),
        ("one twice", vec![head, cut(0), cut(1), cut(1), cut(2)], chain),
        ("the warcinfo of another", vec![&foreign[..head.len().min(foreign.len())]], ""),
        ("no warcinfo", vec![cut(0), cut(1)], ""),
    ] {
        if said.is_empty() {
            continue;
        }
        fs::write(&path, parts.concat()).unwrap();
        let report = verify(dir.path());
        assert!(report.damages.iter().any(|damage| damage.what.contains(said)), "{what}: {report:?}");
    }
}

#[test]
fn a_removed_file_breaks_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let pages: Vec<Exchange> = (1..=6).map(page).collect();
    write(dir.path(), Options { max_file_size: 1, ..Options::default() }, &pages);
    let all = files(dir.path());
    assert_eq!(all.len(), 6);
    for removed in 0..5 {
        let bytes = fs::read(&all[removed]).unwrap();
        fs::remove_file(&all[removed]).unwrap();
        let said: Vec<String> = verify(dir.path()).damages.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|said| said.contains("does not follow")), "{said:?}");
        assert!(said.iter().any(|said| said.contains(&format!("no file has the number {}", removed + 1))), "{said:?}");
        fs::write(&all[removed], bytes).unwrap();
    }
    assert!(verify(dir.path()).damages.is_empty());
}
