//! The transport against servers on this machine that misbehave on purpose.

use std::collections::HashMap;
use std::io::Write;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use pullquote::exchange::{Exchange, Method, Origin, Request};
use pullquote::http::{Client, Fault, HttpError, OnWait, Options, Recorded, Sent, Transport, Wait, Why};

use crate::support::{Answer, Server};

/// Options for tests: this server is allowed, and nothing waits long.
fn options(servers: &[&Server]) -> Options {
    Options {
        contact: Some("https://desk.test/".into()),
        allow_private: servers.iter().map(|server| server.host()).collect(),
        total_timeout: Duration::from_secs(20),
        body_limit: 100_000,
        retries: 2,
        backoff: Duration::from_millis(2),
        min_interval: Duration::ZERO,
        max_wait: Duration::from_secs(5),
        env: |name| match name {
            "TOKEN" => Some(format!("{TOKEN}\n")),
            "WHO" => Some(WHO.into()),
            "PASSWORD" => Some(PASSWORD.into()),
            "EMPTY" => Some(" ".into()),
            "CONTROL" => Some("a\u{7}b".into()),
            _ => None,
        },
        ..Options::default()
    }
}

const TOKEN: &str = "token-5f1d7a84be02dd";
const WHO: &str = "reporter.example";
const PASSWORD: &str = "pass/word \"quoted\" äöü";

fn client(options: Options) -> Client {
    Client::new(options, HashMap::new()).unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// What was sent, where an answer came.
#[derive(Debug)]
struct Answered {
    before: Vec<Exchange>,
    exchange: Exchange,
    requests: u32,
    retries: u32,
    waited: Duration,
}

fn answered(sent: Sent) -> Result<Answered, HttpError> {
    let Sent { before, answer, requests, retries, waited } = sent;
    Ok(Answered { before, exchange: answer?, requests, retries, waited })
}

fn send(client: &Client, request: &Request) -> Result<Answered, HttpError> {
    answered(run(client.send(request)))
}

fn get(server: &Server, path: &str) -> Result<Answered, HttpError> {
    send(&client(options(&[server])), &Request::get(server.url(path)))
}

fn ok(body: &str) -> Answer {
    Answer::new(200, &[], body)
}

fn fault(result: Result<Answered, HttpError>) -> (u32, Fault) {
    match result {
        Err(HttpError::Failed { attempts, fault, .. }) => (attempts, fault),
        other => panic!("{other:?}"),
    }
}

fn zip(text: &str) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    coder.write_all(text.as_bytes()).unwrap();
    coder.finish().unwrap()
}

#[test]
fn the_body_is_kept_as_sent() {
    let server = Server::script([Answer::new(200, &[("Content-Encoding", "gzip")], zip("[1]"))]);
    let sent = get(&server, "/x?q=%23a#part").unwrap();
    assert_eq!(sent.exchange.response.body, zip("[1]"));
    assert_eq!(sent.exchange.body().unwrap().as_ref(), b"[1]");
    assert_eq!(sent.exchange.request.url, server.url("/x?q=%23a#part"), "a fragment stays, for it is ours");
    assert_eq!(server.received()[0].path, "/x?q=%23a", "and is never sent");
    assert_eq!(sent.exchange.response.protocol.as_deref(), Some("http/1.1"));
    assert_eq!(sent.exchange.origin, Origin::Live);
    assert!((Utc::now() - sent.exchange.fetched_at).abs() < TimeDelta::minutes(1));
    assert_eq!((sent.requests, sent.retries, sent.before.len()), (1, 0, 0));
}

#[test]
fn the_headers_are_those_that_were_sent_in_their_order() {
    let server = Server::script([ok("")]);
    let client = client(options(&[&server]));
    let bodies =
        [(Method::Get, None), (Method::Post, None), (Method::Post, Some("")), (Method::Post, Some("{\"q\":1}"))];
    for (method, body) in bodies {
        let headers = [("X-Later", "2"), ("X-Sooner", "1")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let body = body.map(str::to_owned);
        let request = Request { method, headers: headers.into(), body, ..Request::get(server.url("/")) };
        let sent = send(&client, &request).unwrap();
        let received = server.received().last().unwrap().clone();
        assert_eq!(sent.exchange.request.headers, received.headers);
        assert_eq!(received.method, method.as_str());
        assert_eq!(received.header("x-sooner"), Some("1"));
        assert_eq!(received.header("accept-encoding"), Some("gzip"));
        let agent = concat!("pullquote/", env!("CARGO_PKG_VERSION"), " (+https://desk.test/)");
        assert_eq!(received.header("user-agent"), Some(agent));
        assert_eq!(received.header("cookie"), None);
        assert_eq!(received.body, request.body.unwrap_or_default().into_bytes());
    }
}

#[test]
fn answers_keep_order_doubles_and_odd_bytes() {
    let mut raw = b"HTTP/1.0 404 Nope\r\nZebra: 1\r\nSet-Cookie: a=1\r\nAlpha: Caf\xe9\r\nSet-Cookie: b=2\r\n".to_vec();
    raw.extend("Beta: Grüße\r\n\r\nbody to the end".bytes());
    let server = Server::script([Answer::Cut(raw)]);
    let sent = get(&server, "/").unwrap();
    let headers: Vec<(&str, &str)> =
        sent.exchange.response.headers.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let expected = [("zebra", "1"), ("set-cookie", "a=1"), ("set-cookie", "b=2"), ("alpha", "Café"), ("beta", "Grüße")];
    assert_eq!(headers, expected);
    assert_eq!(sent.exchange.response.status, 404);
    assert_eq!(sent.exchange.response.protocol.as_deref(), Some("http/1.0"));
    assert_eq!(sent.exchange.response.body, b"body to the end");
    send(&client(options(&[&server])), &Request::get(server.url("/"))).unwrap();
    assert_eq!(server.received().last().unwrap().header("cookie"), None);
}

#[test]
fn chunks_are_joined() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
    let server = Server::script([Answer::Whole(chunked.to_vec())]);
    let sent = get(&server, "/").unwrap();
    assert_eq!(sent.exchange.response.body, b"abcde");
    assert_eq!(sent.exchange.header("transfer-encoding"), Some("chunked"));
}

#[test]
fn a_reset_half_a_body_and_a_5xx_are_tried_again() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec();
    let half_chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf".to_vec();
    let junk = b"SSH-2.0-OpenSSH_9.9\r\n".to_vec();
    let mut half_gzip = b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n".to_vec();
    half_gzip.extend(&zip(&"[1, 2]".repeat(100))[..20]);
    for broken in [Vec::new(), half, half_chunk, half_gzip, junk] {
        let server = Server::script([Answer::Cut(broken), Answer::new(502, &[], ""), ok("fine")]);
        let sent = get(&server, "/").unwrap();
        assert_eq!(sent.exchange.response.body, b"fine");
        assert_eq!((sent.requests, sent.retries), (3, 2));
        assert!(sent.waited > Duration::ZERO);
    }
}

#[test]
fn retries_end() {
    let server = Server::script([Answer::Cut(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec())]);
    let (attempts, fault) = fault(get(&server, "/"));
    assert_eq!(attempts, 3);
    assert!(matches!(&fault, Fault::Broken(why) if why.contains("message")), "{fault:?}");

    let server = Server::script([Answer::new(500, &[], "sorry")]);
    let sent = get(&server, "/").unwrap();
    assert_eq!((sent.exchange.response.status, sent.requests, sent.retries), (500, 3, 2));
}

#[test]
fn a_refusal_is_an_answer_and_is_not_repeated() {
    for status in [400, 401, 403, 404, 410, 422] {
        let server = Server::script([Answer::new(status, &[("retry-after", "0")], "no")]);
        let sent = get(&server, "/").unwrap();
        assert_eq!((sent.exchange.response.status, sent.requests), (status, 1));
    }
}

#[test]
fn a_post_is_not_repeated_when_it_may_have_acted() {
    let post = |server: &Server| {
        let request = Request { method: Method::Post, body: Some("{}".into()), ..Request::get(server.url("/")) };
        send(&client(options(&[server])), &request)
    };
    let server = Server::script([Answer::Cut(Vec::new()), ok("")]);
    assert_eq!(fault(post(&server)).0, 1);
    let server = Server::script([Answer::new(500, &[], ""), ok("")]);
    assert_eq!(post(&server).unwrap().exchange.response.status, 500);
    let server = Server::script([Answer::new(503, &[], ""), ok("")]);
    assert_eq!(post(&server).unwrap().exchange.response.status, 200);
}

#[test]
fn a_closed_port_is_a_connection_fault() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = client(Options { allow_private: vec![address.to_string()], ..options(&[]) });
    let (attempts, fault) = fault(send(&client, &Request::get(format!("http://{address}/"))));
    assert_eq!(attempts, 3);
    assert!(matches!(&fault, Fault::Connect(why) if why.contains("refused")), "{fault:?}");
}

#[test]
fn a_server_that_cannot_prove_its_name_is_not_asked() {
    // An Ed25519 key of PKCS #8, with a certificate that is none.
    let mut key = b"0.\x02\x01\x000\x05\x06\x03+ep\x04\"\x04 ".to_vec();
    key.extend([7; 32]);
    let key = rustls::crypto::ring::sign::any_eddsa_type(&key.into()).unwrap();
    let certificate = rustls::sign::CertifiedKey::new(vec![b"no certificate".to_vec().into()], key);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certificate)));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
        connection.is_handshaking()
    });
    let client = client(Options { allow_private: vec![host.clone()], ..options(&[]) });
    let (attempts, fault) = fault(send(&client, &Request::get(format!("https://{host}/"))));
    assert!(matches!(fault, Fault::Untrusted(_)), "{fault:?}");
    assert_eq!(attempts, 1);
    drop(client);
    // A machine without CA certificates does not even connect.
    let _ = std::net::TcpStream::connect(&host);
    assert!(server.join().unwrap(), "the handshake must not succeed");
}

#[test]
fn a_slow_server_is_left() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n".to_vec();
    let slow = |answer: Answer, change: fn(&mut Options)| {
        let server = Server::script([answer]);
        let mut options = Options { retries: 1, ..options(&[&server]) };
        change(&mut options);
        fault(send(&client(options), &Request::get(server.url("/"))))
    };
    let short = Duration::from_millis(40);
    let dribble = slow(Answer::Dribble(head, b".".to_vec()), |o| o.total_timeout = Duration::from_millis(40));
    assert_eq!(dribble, (2, Fault::TotalTimeout(short)));
    let silent = slow(Answer::Dribble(Vec::new(), Vec::new()), |o| o.first_byte_timeout = Duration::from_millis(40));
    assert_eq!(silent, (2, Fault::FirstByteTimeout(short)));
    let endless = Answer::Dribble(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-A: b\r\n".repeat(2000));
    let (_, fault) = slow(endless, |o| o.first_byte_timeout = Duration::from_secs(10));
    assert!(matches!(fault, Fault::Broken(_)), "headers without end: {fault:?}");
}

#[test]
fn a_huge_body_is_refused_once() {
    let announced = Answer::Cut(b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n".to_vec());
    let endless = Answer::Dribble(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 20_000]);
    for answer in [announced, endless] {
        let server = Server::script([answer]);
        let error = get(&server, "/x?token=abc").unwrap_err();
        let message = format!("send {}: body is larger than 100000 bytes", server.url("/x?token=***"));
        assert_eq!(error.to_string(), message);
        assert_eq!(server.received().len(), 1);
    }
    let server = Server::script([ok(&"x".repeat(100_000))]);
    assert_eq!(get(&server, "/").unwrap().exchange.response.body.len(), 100_000);
}

#[test]
fn what_the_server_states_is_waited_for() {
    let waits: Arc<Mutex<Vec<Wait>>> = Arc::default();
    let heard = Arc::clone(&waits);
    // One hundredth of a second: Reddit's servers send fractions, and tests must not wait.
    let limited = Answer::new(429, &[("Retry-After", "0.01"), ("Retry-After", "0")], "slow down");
    let unsaid = Answer::new(429, &[("Retry-After", "soon")], "");
    let server = Server::script([limited, unsaid, ok("fine")]);
    let options = Options {
        on_wait: Some(OnWait::new(move |wait| heard.lock().unwrap().push(wait.clone()))),
        ..options(&[&server])
    };
    let sent = send(&client(options), &Request::get(server.url("/"))).unwrap();
    assert_eq!((sent.exchange.response.status, sent.requests, sent.retries), (200, 3, 2));
    assert!(sent.waited >= Duration::from_millis(9), "{:?}", sent.waited);
    let waits = waits.lock().unwrap();
    let why: Vec<Why> = waits.iter().map(|wait| wait.why).collect();
    assert_eq!(why, [Why::RateLimit, Why::Retry]);
    assert_eq!(waits[0].host, server.url(""));
    let received = server.received();
    assert!(received[1].at - received[0].at >= Duration::from_millis(9));
}

#[test]
fn a_wait_that_is_too_long_ends_the_sending_until_then() {
    let date = (Utc::now() + TimeDelta::hours(2)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let reset = (Utc::now() + TimeDelta::hours(2)).to_rfc3339();
    let seconds = "7200".to_owned();
    for (status, headers) in [
        (429, vec![("Retry-After", date.as_str())]),
        (503, vec![("Retry-After", seconds.as_str()), ("Retry-After", "1")]),
        (429, vec![("X-RateLimit-Reset", reset.as_str())]),
    ] {
        let server = Server::script([Answer::new(status, &headers, ""), ok("")]);
        match get(&server, "/") {
            Err(HttpError::RateLimited { host, until }) => {
                assert_eq!(host, server.url(""));
                assert!((until - Utc::now() - TimeDelta::hours(2)).abs() < TimeDelta::minutes(1), "{until}");
            }
            other => panic!("{headers:?}: {other:?}"),
        }
        assert_eq!(server.received().len(), 1);
    }
}

#[test]
fn a_used_up_limit_holds_the_next_request_back() {
    let reset = (Utc::now() + TimeDelta::hours(1)).timestamp().to_string();
    let headers = [("ratelimit-remaining", "0"), ("ratelimit-reset", reset.as_str())];
    let server = Server::script([Answer::new(200, &headers, "the last")]);
    let other = Server::script([ok("")]);
    let client = client(options(&[&server, &other]));
    assert_eq!(send(&client, &Request::get(server.url("/1"))).unwrap().exchange.response.body, b"the last");
    let second = send(&client, &Request::get(server.url("/2")));
    assert!(matches!(second, Err(HttpError::RateLimited { .. })), "{second:?}");
    assert!(send(&client, &Request::get(other.url("/"))).is_ok(), "another host is not concerned");
    assert_eq!(server.received().len(), 1);
}

#[test]
fn one_request_at_a_time_and_a_pause_between_two() {
    let (active, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let server = Server::new(move |_, _| {
        seen.fetch_max(active.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(5));
        active.fetch_sub(1, Ordering::SeqCst);
        ok("")
    });
    let interval = Duration::from_millis(15);
    let client = client(Options { min_interval: interval, ..options(&[&server]) });
    let request = Request::get(server.url("/"));
    let begun = Instant::now();
    run(async {
        let (a, b, c) = tokio::join!(client.send(&request), client.send(&request), client.send(&request));
        assert!(a.answer.is_ok() && b.answer.is_ok() && c.answer.is_ok());
    });
    assert!(begun.elapsed() >= 2 * interval, "{:?}", begun.elapsed());
    assert_eq!(most.load(Ordering::SeqCst), 1);
    assert_eq!(server.received().len(), 3);
}

#[test]
fn a_wait_can_be_interrupted() {
    let server = Server::script([Answer::new(503, &[("retry-after", "4")], "")]);
    let client = client(options(&[&server]));
    let request = Request::get(server.url("/"));
    let ended = run(async { tokio::time::timeout(Duration::from_millis(40), client.send(&request)).await });
    assert!(ended.is_err());
}

#[test]
fn requests_that_cannot_be_sent_are_named() {
    let client = client(options(&[]));
    let long = format!("https://a.test/{}", "x".repeat(65_000));
    for (url, header) in [
        (long.as_str(), None),
        ("ftp://a.test/", None),
        ("no address", None),
        ("https://user:hunter2@a.test/", None),
        ("https://a.test/", Some(("Authorization", "Bearer hunter2"))),
        ("https://a.test/", Some(("Cookie", "hunter2"))),
        ("https://a.test/", Some(("x y", "hunter2"))),
        ("https://a.test/", Some(("x-y", "hunter2\r\nhost: b"))),
    ] {
        let headers = header.map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect();
        let error = send(&client, &Request { headers, ..Request::get(url) }).unwrap_err();
        assert!(matches!(error, HttpError::BadRequest { .. }), "{error:?}");
        assert!(error.to_string().chars().count() < 1000, "{error}");
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
    }
    for options in [
        Options { contact: Some("a\nb".into()), ..Options::default() },
        Options { allow_private: vec!["http://localhost".into()], ..Options::default() },
    ] {
        assert!(matches!(Client::new(options, HashMap::new()), Err(HttpError::Setup(_))));
    }
}

#[test]
fn the_fixtures_of_this_repository_open() {
    Recorded::open(&crate::support::root().join("fixtures")).unwrap();
}

#[test]
fn fixtures_answer_by_method_and_address() {
    let fixtures = tempfile::tempdir().unwrap();
    let case = |name: &str, text: &str| {
        let folder = fixtures.path().join("place").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("exchange.toml"), text).unwrap();
        std::fs::write(folder.join("body.json"), name).unwrap();
    };
    let toml = |url: &str, more: &str| {
        format!(
            "proves = \"x\"\nurl = \"{url}\"\nstatus = 200\nfetched_at = \"2021-07-26T21:00:00Z\"\n\
             headers = [[\"content-type\", \"application/json\"]]\nbody = \"body.json\"\n{more}"
        )
    };
    case("page", &toml("https://a.test/tag?limit=40&x=1#frag", ""));
    case("log-in", &toml("https://a.test/tag?limit=40&x=1", "method = \"POST\""));
    case("one", &toml("https://a.test/twice", ""));
    case("other", &toml("https://a.test/twice", ""));
    std::fs::write(fixtures.path().join("README"), "a file is no platform").unwrap();

    let transport = Transport::Recorded(Recorded::open(fixtures.path()).unwrap());
    let request = Request { auth: Some("me".into()), ..Request::get("https://a.test:443/tag?limit=40&x=1#other") };
    let sent = answered(run(transport.send(&request))).unwrap();
    assert_eq!(sent.exchange.response.body, b"page");
    assert_eq!(sent.exchange.request.url, "https://a.test/tag?limit=40&x=1");
    assert_eq!(sent.exchange.request.auth.as_deref(), Some("me"), "what follows keeps the credential's name");
    assert_eq!(sent.exchange.origin, Origin::Recorded);
    assert_eq!(sent.exchange.fetched_at.to_rfc3339(), "2021-07-26T21:00:00+00:00");
    assert_eq!(sent.requests, 1);
    let post = Request { method: Method::Post, ..request };
    assert_eq!(run(transport.send(&post)).answer.unwrap().response.body, b"log-in");

    let error = |url: &str| run(transport.send(&Request::get(url))).answer.unwrap_err().to_string();
    assert_eq!(
        error("https://a.test/tag?x=1&limit=40&token=abc"),
        "no fixture answers GET https://a.test/tag?x=1&limit=40&token=***"
    );
    assert!(error("https://a.test/twice").starts_with("https://a.test/twice is answered by two fixtures, "));

    case("odd", "proves = 1");
    let error = Recorded::open(fixtures.path()).unwrap_err().to_string();
    assert!(error.contains("odd/exchange.toml"), "{error}");
    assert!(Recorded::open(&fixtures.path().join("none")).is_err());
}

mod accounts;
mod redirects;
