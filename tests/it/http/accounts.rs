//! Credentials: who gets them, who does not, and that no secret leaves the room.

use pullquote::exchange::{Session, TokenPlace, Tokens};
use pullquote::http::Credential;
use tracing_subscriber::filter::LevelFilter;

use super::*;

/// A log-in as platforms have it, spelt out for these tests.
const SESSION: Session = Session {
    login: |server, identifier, password| Request {
        method: Method::Post,
        headers: vec![("content-type".into(), "application/json".into())],
        body: Some(serde_json::json!({ "identifier": identifier, "password": password }).to_string()),
        ..Request::get(format!("{server}/login"))
    },
    basic: false,
    refresh: Some(|server| Request { method: Method::Post, ..Request::get(format!("{server}/refresh")) }),
    tokens: |body| {
        let value: serde_json::Value = serde_json::from_slice(body).ok()?;
        let text = |key: &str| Some(value.get(key)?.as_str()?.to_owned());
        Some(Tokens { access: text("access")?, refresh: text("refresh") })
    },
    expired: |status, body| status == 400 && body == b"expired",
};

fn token(server: &Server, env: &str) -> Credential {
    Credential::Token { env: env.into(), place: TokenPlace::Bearer, server: server.url("/") }
}

fn password(server: &Server) -> Credential {
    Credential::Password {
        identifier_env: "WHO".into(),
        password_env: "PASSWORD".into(),
        session: SESSION,
        server: server.url("/"),
    }
}

fn with(servers: &[&Server], credential: Credential) -> Client {
    Client::new(options(servers), HashMap::from([("me".to_owned(), credential)])).unwrap()
}

fn asking(url: String) -> Request {
    Request { auth: Some("me".into()), ..Request::get(url) }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Everything that a caller can see of an exchange, decoded.
fn visible(exchange: &Exchange) -> String {
    format!("{exchange:?} {}", String::from_utf8_lossy(&exchange.body().unwrap()))
}

/// A server with sessions: access tokens `access-token-N` are good while `N` is `alive`; pages echo the credential.
fn session_server(alive: Arc<AtomicUsize>, refreshes: bool) -> Server {
    let given = AtomicUsize::new(0);
    Server::new(move |_, request| {
        let give = || {
            let n = given.fetch_add(1, Ordering::SeqCst) + 1;
            let body = format!(r#"{{"access":"access-token-{n}","refresh":"refresh-token-{n}","handle":"{WHO}"}}"#);
            Answer::new(200, &[("content-encoding", "gzip")], zip(&body))
        };
        match request.path.as_str() {
            "/login" => give(),
            "/refresh" if refreshes => give(),
            "/refresh" => Answer::new(400, &[], "unknown refresh token"),
            _ => {
                let authorization = request.header("authorization").unwrap_or("nobody");
                if authorization == bearer(&format!("access-token-{}", alive.load(Ordering::SeqCst))) {
                    ok(&format!("hello {authorization}"))
                } else {
                    Answer::new(400, &[], "expired")
                }
            }
        }
    })
}

#[test]
fn a_token_is_sent_and_masked() {
    let server = Server::script([ok("fine")]);
    let sent = send(&with(&[&server], token(&server, "TOKEN")), &asking(server.url("/"))).unwrap();
    assert_eq!(server.received()[0].header("authorization"), Some(bearer(TOKEN).as_str()));
    let authorization = ("authorization".to_owned(), "***".to_owned());
    assert!(sent.exchange.request.headers.contains(&authorization));
    assert_eq!(sent.exchange.request.auth.as_deref(), Some("me"));
}

#[test]
fn a_variable_that_is_missing_is_named() {
    let server = Server::script([ok("")]);
    for (variable, why) in [("NOWHERE", "not set"), ("EMPTY", "empty"), ("CONTROL", "not printable")] {
        let error = send(&with(&[&server], token(&server, variable)), &asking(server.url("/"))).unwrap_err();
        assert_eq!(error.to_string(), format!("credential \"me\": environment variable {variable} is {why}"));
    }
    let error = send(&client(options(&[&server])), &asking(server.url("/"))).unwrap_err();
    assert_eq!(error.to_string(), "no credential is named \"me\"");
    assert_eq!(server.received().len(), 0);
}

#[test]
fn a_redirect_to_another_origin_leaves_the_credential_behind() {
    let other = Server::script([ok("elsewhere")]);
    let target = other.url("/z");
    let server = Server::new(move |_, request| match request.path.as_str() {
        "/same" => Answer::new(302, &[("location", "/other")], ""),
        _ => Answer::new(302, &[("location", &target)], ""),
    });
    let sent = send(&with(&[&server, &other], token(&server, "TOKEN")), &asking(server.url("/same"))).unwrap();
    assert_eq!(server.received()[1].header("authorization"), Some(bearer(TOKEN).as_str()));
    assert_eq!(other.received()[0].header("authorization"), None);
    assert_eq!(sent.before[1].request.auth.as_deref(), Some("me"));
    assert_eq!(sent.exchange.request.auth, None);
    assert_eq!(sent.exchange.response.body, b"elsewhere");
}

#[test]
fn a_credential_goes_to_its_own_server_and_not_in_the_clear() {
    let (server, other) = (Server::script([ok("")]), Server::script([ok("")]));
    let misplaced = |client: &Client, url: String| {
        let error = send(client, &asking(url)).unwrap_err();
        assert!(matches!(error, HttpError::Misplaced { .. }), "{error:?}");
    };
    misplaced(&with(&[&server, &other], password(&server)), other.url("/"));
    misplaced(&with(&[&server, &other], token(&server, "TOKEN")), other.url("/"));
    misplaced(&with(&[&server], token(&server, "TOKEN")), "http://example.com/".to_owned());
    assert_eq!(server.received().len() + other.received().len(), 0);
}

#[test]
fn a_session_logs_in_once_refreshes_and_logs_in_again() {
    let alive = Arc::new(AtomicUsize::new(1));
    let server = session_server(Arc::clone(&alive), true);
    let client = with(&[&server], password(&server));
    let paths = || -> Vec<String> { server.received().drain(..).map(|request| request.path).collect() };

    let sent = send(&client, &asking(server.url("/1"))).unwrap();
    assert_eq!(sent.exchange.response.status, 200);
    assert_eq!((sent.before.len(), sent.requests, sent.retries), (1, 2, 0));
    assert_eq!(sent.before[0].request.url, server.url("/login"));
    assert_eq!(sent.before[0].request.auth.as_deref(), Some("me"));
    assert_eq!(sent.before[0].request.body.as_deref(), Some(r#"{"identifier":"***","password":"***"}"#));
    assert_eq!(paths(), ["/login", "/1"]);

    assert_eq!(send(&client, &asking(server.url("/2"))).unwrap().before.len(), 0);
    assert_eq!(paths(), ["/2"]);

    alive.store(2, Ordering::SeqCst);
    let sent = send(&client, &asking(server.url("/3"))).unwrap();
    assert_eq!((sent.exchange.response.status, sent.requests), (200, 3));
    assert_eq!(sent.before[0].request.url, server.url("/refresh"));
    let refresh = server.received()[1].clone();
    assert_eq!(refresh.header("authorization"), Some("Bearer refresh-token-1"));
    assert_eq!(paths(), ["/3", "/refresh", "/3"]);

    // A token that is refused although it is new: the answer goes to the caller, nothing turns in circles.
    alive.store(99, Ordering::SeqCst);
    let sent = send(&client, &asking(server.url("/4"))).unwrap();
    assert_eq!(sent.exchange.response.status, 400);
    assert_eq!(paths(), ["/4", "/refresh", "/4"]);
}

#[test]
fn when_the_refresh_fails_there_is_a_new_log_in() {
    let alive = Arc::new(AtomicUsize::new(1));
    let server = session_server(Arc::clone(&alive), false);
    let client = with(&[&server], password(&server));
    send(&client, &asking(server.url("/1"))).unwrap();
    alive.store(2, Ordering::SeqCst);
    let sent = send(&client, &asking(server.url("/2"))).unwrap();
    assert_eq!(sent.exchange.response.status, 200);
    let before: Vec<(&str, u16)> = sent.before.iter().map(|e| (e.request.url.as_str(), e.response.status)).collect();
    assert_eq!(before, [(server.url("/refresh").as_str(), 400), (server.url("/login").as_str(), 200)]);
}

#[test]
fn a_line_that_breaks_during_the_refresh_costs_no_log_in() {
    let server = Server::new(|n, request| match (request.path.as_str(), n) {
        ("/login" | "/refresh", 0 | 6..) => ok(r#"{"access":"access-token","refresh":"refresh-token"}"#),
        ("/refresh", _) => Answer::Cut(Vec::new()),
        (_, 1 | 5) => Answer::new(400, &[], "expired"),
        _ => ok("fine"),
    });
    let client = with(&[&server], password(&server));
    let sent = run(client.send(&asking(server.url("/1"))));
    assert_eq!((sent.before.len(), sent.requests, sent.retries), (1, 5, 2), "the log-in happened");
    assert!(matches!(fault(answered(sent)), (3, Fault::Broken(_))));
    assert_eq!(send(&client, &asking(server.url("/2"))).unwrap().exchange.response.body, b"fine");
    let paths: Vec<String> = server.received().drain(..).map(|request| request.path).collect();
    assert_eq!(paths, ["/login", "/1", "/refresh", "/refresh", "/refresh", "/2", "/refresh", "/2"]);
}

#[test]
fn two_requests_log_in_once() {
    let server = session_server(Arc::new(AtomicUsize::new(1)), true);
    let client = with(&[&server], password(&server));
    let request = asking(server.url("/1"));
    run(async {
        let (a, b) = tokio::join!(client.send(&request), client.send(&request));
        assert_eq!((a.answer.unwrap().response.status, b.answer.unwrap().response.status), (200, 200));
    });
    assert_eq!(server.received().iter().filter(|request| request.path == "/login").count(), 1);
}

#[test]
fn a_refused_log_in_says_what_the_server_says() {
    let words = format!("wrong\n password {}", "x".repeat(999));
    let elsewhere = Answer::new(307, &[("location", "https://example.com/")], "moved");
    for (answer, status, start) in [
        (Answer::new(401, &[], words), 401, "wrong password xxx"),
        (Answer::new(200, &[], r#"{"unknown":"shape"}"#), 200, "without tokens"),
        (elsewhere, 307, "moved"),
    ] {
        let server = Server::script([answer]);
        let sent = run(with(&[&server], password(&server)).send(&asking(server.url("/"))));
        // A success might hold tokens that nobody could mask.
        let kept: Vec<u16> = sent.before.iter().map(|exchange| exchange.response.status).collect();
        assert_eq!(kept, if status == 200 { vec![] } else { vec![status] });
        assert_eq!(sent.requests, 1);
        match sent.answer {
            Err(HttpError::Login { credential, server: name, status: found, message }) => {
                assert_eq!((credential.as_str(), name, found), ("me", server.url(""), status));
                assert!(message.starts_with(start) && message.chars().count() <= 200, "{message}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(server.received().len(), 1);
    }
}

#[test]
fn a_token_that_is_a_word_does_not_mask_what_others_say() {
    let other = Server::script([ok("#IStandWithKenLoach")]);
    let server = Server::script([ok(r#"{"access":"IStandWithKenLoach","refresh":"IStandWithKenLoach"}"#), ok("fine")]);
    let client = with(&[&server, &other], password(&server));
    assert_eq!(send(&client, &asking(server.url("/"))).unwrap().exchange.response.body, b"fine");
    let sent = send(&client, &Request::get(other.url("/"))).unwrap();
    assert_eq!(sent.exchange.response.body, b"#IStandWithKenLoach");
}

/// A place where log lines go.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_secret_leaves_the_room() {
    let alive = Arc::new(AtomicUsize::new(1));
    let sessions = session_server(Arc::clone(&alive), true);
    // Echoes the credential in every place that an answer has.
    let echo = Server::new(|n, request| {
        let secret = request.header("authorization").unwrap_or("nothing").replace("Bearer ", "");
        match n {
            0 => Answer::new(200, &[("x-echo", &secret), ("content-encoding", "gzip")], zip(&format!("<{secret}>"))),
            1 => Answer::new(302, &[("location", &format!("/{secret}?q={secret}"))], &secret),
            2 => Answer::new(200, &[], format!("{secret}{secret}")),
            3 => Answer::new(302, &[("location", &format!("ftp://{secret}/"))], ""),
            _ => Answer::new(302, &[("location", &format!("http://169.254.169.254/{secret}"))], ""),
        }
    });
    let refusing = Server::new(|_, request| Answer::new(401, &[], &request.body));
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(Mutex::new(writer)).finish();
    // With a single subscriber tracing asks the thread that meets a log line first whether anybody wants it, and that
    // may be another test's.
    let _second = tracing::Dispatch::new(tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).finish());
    let mut seen = String::new();
    tracing::subscriber::with_default(subscriber, || {
        let mut look = |client: &Client, request: &Request| {
            let sent = run(client.send(request));
            sent.before.iter().chain(&sent.answer).for_each(|e| seen += &visible(e));
            if let Err(error) = sent.answer {
                seen += &format!("{error} {error:?}");
            }
            seen += &format!("{client:?}");
        };
        let client = with(&[&sessions], password(&sessions));
        for n in 1..=2 {
            alive.store(n, Ordering::SeqCst);
            look(&client, &asking(sessions.url("/")));
        }
        let client = with(&[&echo], token(&echo, "TOKEN"));
        for _ in 0..4 {
            look(&client, &asking(echo.url("/")));
        }
        look(&with(&[&refusing], password(&refusing)), &asking(refusing.url("/")));
    });
    seen += &String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(seen.contains("hello Bearer ***") && seen.contains("169.254.169.254/***"), "{seen}");
    assert!(seen.contains("DEBUG pullquote::http"), "{seen}");
    let escaped = serde_json::Value::from(PASSWORD).to_string();
    let escaped = escaped.trim_matches('"');
    for secret in [TOKEN, PASSWORD, escaped, "access-token-", "refresh-token-"] {
        let at = seen.find(secret).map(|at| seen[at.saturating_sub(300)..].chars().take(400).collect::<String>());
        assert_eq!(at, None, "{secret} was seen");
    }
}
