//! The files are WARC to the tools of others: warcio checks them, pywb replays them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pullquote::exchange::{Exchange, Facts, Method, Origin};
use pullquote::warc::{Options, Writer};
use serde_json::Value;

use super::{facts, files, page};
use crate::support::root;

/// A program of the Python environment with warcio and pywb. `None` in a place without it; CI must have it.
fn tool(name: &str) -> Option<PathBuf> {
    let servers = std::env::var_os("PULLQUOTE_SERVERS").unwrap_or_else(|| "/opt/pullquote-servers".into());
    let path = Path::new(&servers).join("warc-venv/bin").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI=true, but {} is not there", path.display());
    println!("skipped: {} is not there (a venv with warcio==1.8.1 and pywb==2.10)", path.display());
    None
}

/// Captures of every sort, in one file.
fn captured() -> (tempfile::TempDir, Vec<Exchange>) {
    let mut html = page(1);
    html.request.url = "https://social.example/@ada/1".to_owned();
    html.response.body = "<!doctype html><title>Ada</title><p>Ünïcode 🏳️‍🌈\n".into();
    html.response.headers = vec![
        ("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned()),
        ("Transfer-Encoding".to_owned(), "chunked".to_owned()),
    ];
    let mut packed = page(2);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&packed.response.body).unwrap();
    packed.response.body = gzip.finish().unwrap();
    packed.response.headers.truncate(1);
    packed.response.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
    let mut hostile = page(3);
    hostile.request.url = "https://social.example/a b\r\nWARC-Type: warcinfo\"<>".to_owned();
    hostile.response.headers.push(("x\r\n\r\n".to_owned(), "a\r\n\r\nb".to_owned()));
    hostile.response.headers.push((" folded".to_owned(), "\u{85}\u{1c} ü".to_owned()));
    let mut login = page(4);
    login.request.method = Method::Post;
    login.request.body = Some(r#"{"password":"hunter2"}"#.to_owned());
    login.response.body = br#"{"accessJwt":"hunter2"}"#.to_vec();
    let mut empty = page(5);
    empty.response.body.clear();
    empty.response.status = 204;
    let mut file = page(6);
    file.request.url = "file:///article.txt".to_owned();
    file.origin = Origin::File;
    let mut nothing = file.clone();
    nothing.response.body.clear();
    let exchanges = vec![html, packed, hostile, login, empty, file, nothing];
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), Options::default()).unwrap();
    for exchange in &exchanges {
        let platform = if exchange.request.body.is_some() { String::new() } else { facts().platform };
        writer.append(exchange, &Facts { platform, ..facts() }).unwrap();
    }
    writer.sync().unwrap();
    (dir, exchanges)
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn warcio_accepts_every_file() {
    let Some(warcio) = tool("warcio") else { return };
    let (dir, exchanges) = captured();
    let file = &files(dir.path())[0];
    let output = run(Command::new(&warcio).args(["check", "-v"]).arg(file));
    let told = String::from_utf8_lossy(&output.stdout);
    let resources = exchanges.iter().filter(|exchange| exchange.origin == Origin::File).count();
    assert_eq!(told.matches("digest pass").count(), 1 + 3 * exchanges.len() - resources, "{told}");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));

    // And it would have said so.
    let mut bytes = fs::read(file).unwrap();
    let text = b"sha256:";
    let other = dir.path().join("other.warc");
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(bytes.as_slice()), &mut plain).unwrap();
    let place = plain.windows(text.len()).position(|window| window == text).unwrap() + text.len();
    plain[place] = if plain[place] == b'0' { b'1' } else { b'0' };
    bytes.clone_from(&plain);
    fs::write(&other, bytes).unwrap();
    assert!(!Command::new(&warcio).arg("check").arg(&other).output().unwrap().status.success());
}

#[test]
fn pywb_replays_a_captured_page() {
    let Some(python) = tool("python") else { return };
    let (dir, exchanges) = captured();
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("tests/it/warc/replay.py");
    let pages = &exchanges[..2];
    let output = run(Command::new(python)
        .arg(script)
        .arg(&files(dir.path())[0])
        .arg(folder.path())
        .args(pages.iter().map(|page| &page.request.url)));
    let replayed: Vec<Value> =
        serde_json::Deserializer::from_slice(&output.stdout).into_iter().map(Result::unwrap).collect();
    assert_eq!(replayed.len(), pages.len());
    for (page, replayed) in pages.iter().zip(replayed) {
        // What asks for no encoding gets none: pywb has unpacked it.
        let hex: String = page.body().unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(replayed["status"], 200);
        assert_eq!(replayed["type"].as_str(), page.header("content-type"));
        assert_eq!(replayed["body"].as_str(), Some(hex.as_str()), "{}", page.request.url);
    }
}
