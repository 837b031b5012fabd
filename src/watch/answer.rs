//! Answers `GET /metrics` and `GET /health` to programs of this machine.
//!
//! A few lines of HTTP/1.1 with narrow limits: one request a connection, a head of 8 KiB within a second, five seconds, so many at a time. The Host
//! header must name this machine, so that no web page can ask under a name of its own (DNS rebinding).

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::figures::{Figures, Sizes};
use crate::archive::Archive;

/// Longest head of a request, in bytes.
const HEAD: usize = 8 * 1024;

/// How long a connection may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How long the head of a request may take: who sends none keeps a place from others.
const HEAD_LIMIT: Duration = Duration::from_secs(1);

/// Connections at the same time; a further one waits its turn.
const CONNECTIONS: usize = 64;

/// How long the size of the archive is not looked up again.
const SIZED: Duration = Duration::from_secs(60);

/// What answers are made of.
pub struct Desk {
    pub figures: Arc<Mutex<Figures>>,
    pub archive: Archive,
    pub sized: Mutex<Option<(Instant, u64)>>,
}

/// An answer: status with its words, media type, body.
#[derive(Debug, PartialEq)]
struct Answer(&'static str, &'static str, String);

const TEXT: &str = "text/plain; charset=utf-8";

impl Answer {
    fn no(status: &'static str, why: &str) -> Answer {
        Answer(status, TEXT, format!("{why}\n"))
    }

    fn bytes(&self) -> Vec<u8> {
        let Answer(status, kind, body) = self;
        let allow = if status.starts_with("405") { "Allow: GET\r\n" } else { "" };
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{allow}Cache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

/// Serves until it is dropped.
pub async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let desk = Arc::clone(&desk);
                tokio::spawn(async move {
                    let _late = tokio::time::timeout(LIMIT, talk(stream, &desk)).await;
                    drop(place);
                });
            }
            // No descriptors left, say: soon there are some again.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn talk(mut stream: TcpStream, desk: &Desk) {
    let Ok(Some(head)) = tokio::time::timeout(HEAD_LIMIT, head(&mut stream)).await else { return };
    let answer = match head {
        Ok(head) => answer(&head, desk),
        Err(answer) => answer,
    };
    if stream.write_all(&answer.bytes()).await.is_ok() && stream.shutdown().await.is_ok() {
        // Whoever still sends gets to read the answer before the connection is reset.
        let mut rest = [0; 1024];
        while let Ok(1..) = stream.read(&mut rest).await {}
    }
}

/// The head of a request; `None` if the other side went before its end.
async fn head(stream: &mut TcpStream) -> Option<Result<String, Answer>> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    loop {
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        head.extend(piece.iter().take(read));
        if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n").filter(|end| *end <= HEAD) {
            head.truncate(end);
            let text = String::from_utf8(head).map_err(|_| Answer::no("400 Bad Request", "the head is not UTF-8"));
            return Some(text);
        }
        if head.len() > HEAD {
            return Some(Err(Answer::no("431 Request Header Fields Too Large", "the head has more than 8 KiB")));
        }
    }
}

fn answer(head: &str, desk: &Desk) -> Answer {
    let path = match path(head) {
        Ok(path) => path,
        Err(answer) => return answer,
    };
    match path {
        "/metrics" => {
            let sizes = Sizes { archive: Some(desk.size()), resident: resident() };
            let text = desk.figures.lock().unwrap_or_else(PoisonError::into_inner).text(sizes);
            Answer("200 OK", "text/plain; version=0.0.4; charset=utf-8", text)
        }
        "/health" => {
            let (is_well, told) = desk.figures.lock().unwrap_or_else(PoisonError::into_inner).health();
            let status = if is_well { "200 OK" } else { "503 Service Unavailable" };
            Answer(status, "application/json", format!("{told}\n"))
        }
        _ => Answer::no("404 Not Found", "there are /metrics and /health"),
    }
}

/// The path that is asked for, without its query, if the request is one that is answered.
fn path(head: &str) -> Result<&str, Answer> {
    let bad = |why| Answer::no("400 Bad Request", why);
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(bad("this is no HTTP request"));
    };
    if !version.starts_with("HTTP/1.") {
        return Err(Answer::no("505 HTTP Version Not Supported", "HTTP/1.1 is spoken here"));
    }
    let mut hosts = Vec::new();
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { return Err(bad("a header has no name")) };
        if name.eq_ignore_ascii_case("host") {
            hosts.push(value.trim());
        }
    }
    match hosts[..] {
        [host] if is_here(host) => {}
        [_] => return Err(Answer::no("421 Misdirected Request", "ask for localhost, 127.0.0.1 or [::1]")),
        _ => return Err(bad("a request names one Host")),
    }
    if method != "GET" {
        return Err(Answer::no("405 Method Not Allowed", "only GET is answered"));
    }
    Ok(target.split('?').next().unwrap_or_default())
}

/// Whether a Host header names this machine, with any port or none.
fn is_here(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !host.ends_with(']') => {
            if !port.bytes().all(|byte| byte.is_ascii_digit()) {
                return false;
            }
            name
        }
        _ => host,
    };
    let literal = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || literal.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Desk {
    /// How large the archive is, or was a moment ago.
    fn size(&self) -> u64 {
        let mut sized = self.sized.lock().unwrap_or_else(PoisonError::into_inner);
        match *sized {
            Some((at, size)) if at.elapsed() < SIZED => size,
            _ => sized.insert((Instant::now(), size(self.archive.root()))).1,
        }
    }
}

/// The size of all files in a folder. What goes away meanwhile is not counted.
fn size(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.fold(0, |sum, entry| match entry.metadata() {
        Ok(of) if of.is_dir() => sum + size(&entry.path()),
        Ok(of) => sum + of.len(),
        Err(_) => sum,
    })
}

/// Bytes of memory that the program has; `None` where the system does not say so in a file.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_goes_by_few_names() {
        for (host, expected) in [
            ("localhost", true),
            ("LocalHost:9184", true),
            ("127.0.0.1:1", true),
            ("127.8.8.8", true),
            ("[::1]:9184", true),
            ("[::1]", true),
            ("localhost.evil.example", false),
            ("evil.example:9184", false),
            ("192.168.0.7", false),
            ("localhost:x", false),
            ("[::1", false),
            ("", false),
            ("localhost@evil.example", false),
        ] {
            assert_eq!(is_here(host), expected, "{host}");
        }
    }

    #[test]
    fn only_whole_requests_of_this_machine_are_answered() {
        for (head, expected) in [
            ("GET /metrics HTTP/1.1\r\nHost: localhost", Ok("/metrics")),
            ("GET /health?x=/metrics HTTP/1.0\r\nhost:127.0.0.1:9\r\nX: y", Ok("/health")),
            ("GET /metrics HTTP/1.1", Err("400")),
            ("GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost", Err("400")),
            ("GET /metrics HTTP/1.1\r\nHost: evil.example", Err("421")),
            ("POST /metrics HTTP/1.1\r\nHost: localhost", Err("405")),
            ("HEAD /metrics HTTP/1.1\r\nHost: localhost", Err("405")),
            ("GET /metrics HTTP/2\r\nHost: localhost", Err("505")),
            ("GET /a b HTTP/1.1\r\nHost: localhost", Err("400")),
            ("", Err("400")),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nnonsense", Err("400")),
        ] {
            let found = path(head).map_err(|Answer(status, ..)| status.get(..3).unwrap_or_default().to_owned());
            assert_eq!(found, expected.map_err(str::to_owned), "{head}");
        }
    }
}
