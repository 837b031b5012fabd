//! What docs/operating.md promises: metrics and health, `status` beside a run, copies of an archive that is written to, and the files of
//! contrib/, with the tools that they are for.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::disk::Disk;
use crate::program::Desk;
use crate::run::{Running, SWIFT, scheduled};
use crate::support::{Answer, Server, root, soon, until};
use crate::timeline::{Timeline, page};

/// A configuration that serves metrics on a free port.
fn measured(config: &str) -> String {
    config.replace("[http]", "[run]\nfailures = 2\nmetrics = \"127.0.0.1:0\"\n[http]")
}

/// Sends these bytes and reads the answer to its end: status and body.
fn raw(address: &str, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let length =
        head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).map(|length| length.parse().unwrap());
    assert!(length.is_none_or(|length: usize| length == body.len()), "{head}");
    (head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0), body.to_owned())
}

fn get(address: &str, path: &str) -> (u16, String) {
    raw(address, format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes())
}

/// Where a run serves its metrics.
fn address(running: &mut Running) -> String {
    running.until("serves", |_| true)["address"].as_str().unwrap().to_owned()
}

/// A sample: its labels and its value.
type Sample = (BTreeMap<String, String>, f64);

/// The families of a page in Prometheus' text format 0.0.4, read strictly: every family has HELP and TYPE before its samples, once; no
/// series stands there twice; names and labels are well formed; counters end in `_total`.
fn families(page: &str) -> BTreeMap<String, Vec<Sample>> {
    assert!(page.ends_with('\n'));
    let is_name = |name: &str| {
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':')
            && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    let mut families: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    let (mut current, mut seen) = (String::new(), BTreeSet::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, about) = help.split_once(' ').unwrap();
            assert!(is_name(name) && !about.is_empty() && !families.contains_key(name), "{line}");
            let kind = lines.next().unwrap().strip_prefix(&format!("# TYPE {name} ")).unwrap();
            assert_eq!(name.ends_with("_total"), kind == "counter", "{name} {kind}");
            assert!(["gauge", "counter"].contains(&kind), "{kind}");
            current = name.to_owned();
            families.insert(name.to_owned(), Vec::new());
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(seen.insert(series.to_owned()), "twice: {series}");
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        assert_eq!(name, current, "{line}");
        let mut found = BTreeMap::new();
        let mut rest = labels.strip_suffix('}').unwrap();
        while !rest.is_empty() {
            let (label, after) = rest.split_once("=\"").unwrap();
            assert!(is_name(label), "{line}");
            let mut text = String::new();
            let mut chars = after.char_indices();
            let end = loop {
                match chars.next().unwrap() {
                    (at, '"') => break at,
                    (_, '\\') => text.push(match chars.next().unwrap().1 {
                        'n' => '\n',
                        c @ ('\\' | '"') => c,
                        c => panic!("\\{c} in {line}"),
                    }),
                    (_, c) => text.push(c),
                }
            };
            assert!(found.insert(label.to_owned(), text).is_none(), "{line}");
            rest = &after[end + 1..];
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        families.get_mut(name).unwrap().push((found, value.parse().unwrap()));
    }
    families
}

/// The one value of a figure with these labels.
#[track_caller]
fn value(families: &BTreeMap<String, Vec<Sample>>, name: &str, labels: &[(&str, &str)]) -> f64 {
    let fits = |found: &BTreeMap<String, String>| {
        labels.iter().all(|(key, value)| found.get(*key).is_some_and(|found| found == value))
    };
    let all: Vec<f64> = families[name].iter().filter(|(found, _)| fits(found)).map(|(_, value)| *value).collect();
    assert_eq!(all.len(), 1, "{name} {labels:?}: {families:#?}");
    all[0]
}

#[test]
fn figures_are_served_while_it_runs() {
    let timeline = Timeline::start(50);
    let desk = scheduled(&timeline, &SWIFT.replace("flood", "fl\\\"o\\\\od"));
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    let config = config.replace("every =", "budget = { requests = 1000000, per = \"day\" }\nevery =");
    desk.file("config.toml", measured(&config).as_bytes());
    let mut running = Running::at(&desk);
    let address = address(&mut running);
    assert_eq!(running.looked()["new"], 50);
    timeline.post(7);
    running.until("looked", |told| told["new"] == 7);
    let families = soon("coverage", || {
        let (status, page) = get(&address, "/metrics");
        assert_eq!(status, 200);
        let families = families(&page);
        (!families["pullquote_covered_until_timestamp_seconds"].is_empty()).then_some(families)
    });
    let job = [("job", "fl\"o\\od")];
    assert!(value(&families, "pullquote_looks_total", &[job[0], ("ended", "done")]) >= 2.0);
    assert!((value(&families, "pullquote_posts_total", &job) - 57.0).abs() < 0.1);
    assert!(value(&families, "pullquote_requests_total", &job) >= 3.0);
    assert!(value(&families, "pullquote_failures", &job).abs() < 0.1);
    let now = chrono::Utc::now().timestamp() as f64;
    for (name, most) in [
        ("pullquote_last_success_timestamp_seconds", 60.0),
        ("pullquote_next_look_timestamp_seconds", 60.0),
        ("pullquote_covered_until_timestamp_seconds", 200.0),
    ] {
        let found = value(&families, name, &job);
        assert!((found - now).abs() < most, "{name} {found} {now}");
    }
    let used = value(&families, "pullquote_budget_used_ratio", &job);
    assert!(used > 0.0 && used < 0.5, "{used}");
    assert!(value(&families, "pullquote_archive_bytes", &[]) > 10_000.0);
    assert!(value(&families, "process_resident_memory_bytes", &[]) > 1_000_000.0);
    assert!((value(&families, "process_start_time_seconds", &[]) - now).abs() < 120.0);
    value(&families, "pullquote_build_info", &[("version", env!("CARGO_PKG_VERSION"))]);
    if let Ok(mut promtool) = Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).spawn() {
        promtool.stdin.take().unwrap().write_all(get(&address, "/metrics").1.as_bytes()).unwrap();
        assert!(promtool.wait().unwrap().success());
    }
    let (status, health) = get(&address, "/health");
    assert_eq!((status, serde_json::from_str::<Value>(&health).unwrap()["well"].clone()), (200, json!(true)));
    // SIGHUP moves it, and ends it.
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    desk.file("config.toml", config.replace("127.0.0.1:0", "[::1]:0").as_bytes());
    running.signal("HUP");
    let other = running.until("serves", |_| true)["address"].as_str().unwrap().to_owned();
    assert!(other.starts_with("[::1]:") && get(&other, "/health").0 == 200, "{other}");
    soon("the end of the old one", || TcpStream::connect(&address).err());
    desk.file("config.toml", config.replace("metrics = \"127.0.0.1:0\"", "").as_bytes());
    running.signal("HUP");
    running.until("reloaded", |_| true);
    soon("the end of the new one", || TcpStream::connect(&other).err());
    running.stop();
}

#[test]
fn only_this_machine_is_answered_and_nobody_is_waited_for() {
    let timeline = Timeline::start(1);
    let desk = scheduled(&timeline, SWIFT);
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    desk.file("config.toml", measured(&config).as_bytes());
    let mut running = Running::at(&desk);
    let address = address(&mut running);
    let long = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nX: {}\r\n\r\n", "x".repeat(9000));
    for (request, expected) in [
        ("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx", 405),
        ("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        ("GET /metrics HTTP/1.1\r\n\r\n", 400),
        ("GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("GET /metrics?x HTTP/1.0\r\nHost: localhost:1\r\n\r\n", 200),
        ("\u{16}\u{3}\r\n\r\n", 400),
        (&long, 431),
    ] {
        let (status, body) = raw(&address, request.as_bytes());
        assert_eq!(status, expected, "{request:.60} {body}");
    }
    // Connections that say nothing take no place for long.
    let start = Instant::now();
    let half = |mut stream: TcpStream| {
        std::io::Write::write_all(&mut stream, b"GET /hea").unwrap();
        stream
    };
    let silent: Vec<TcpStream> = (0..145).map(|_| half(TcpStream::connect(&address).unwrap())).collect();
    assert_eq!(get(&address, "/health").0, 200);
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    drop(silent);
    running.looked();
    running.stop();
}

#[test]
fn health_says_what_is_wrong_also_while_a_look_waits() {
    let (is_off, hangs) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let (off, hanging) = (Arc::clone(&is_off), Arc::clone(&hangs));
    let server = Server::new(move |_, request| {
        while hanging.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
        }
        if off.load(Ordering::SeqCst) {
            return Answer::new(500, &[], "");
        }
        let (body, link) = page(&format!("http://{}", request.header("host").unwrap()), &request.path, &[1, 2]);
        Answer::new(200, &[("content-type", "application/json"), ("link", &link)], body)
    });
    let desk = Desk::with(&measured(&crate::timeline::config(&server)).replace("name = \"flood\"", SWIFT));
    let mut running = Running::at(&desk);
    let address = address(&mut running);
    running.until("looked", |told| told["failures"] == 2);
    let (status, health) = get(&address, "/health");
    let health: Value = serde_json::from_str(&health).unwrap();
    assert_eq!(
        (status, &health["well"], &health["problems"][0]["problem"]),
        (503, &json!(false), &json!("source-failing"))
    );
    assert_eq!(health["problems"][0]["job"], "flood");
    let status = desk.run(&["status"]).ok().out;
    assert!(
        status.contains("a run is under way since") && status.contains(&format!("metrics on http://{address}")),
        "{status}"
    );
    is_off.store(false, Ordering::SeqCst);
    running.until("looked", |told| told["new"] == 2);
    assert_eq!(get(&address, "/health").0, 200);
    // A server that does not answer holds nobody up who asks.
    hangs.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(1500));
    let start = Instant::now();
    for _ in 0..20 {
        families(&get(&address, "/metrics").1);
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let (code, took) = running.stop();
    assert!(code == 0 && took < Duration::from_secs(5), "{code} {took:?}");
    hangs.store(false, Ordering::SeqCst);
}

#[test]
fn health_says_that_the_archive_cannot_be_written() {
    let timeline = Timeline::start(2000);
    let desk = scheduled(&timeline, SWIFT);
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    desk.file("config.toml", measured(&config).as_bytes());
    std::fs::create_dir(desk.archive()).unwrap();
    let archive = desk.archive();
    let Some(disk) = Disk::mount(&archive, "size=1m") else {
        eprintln!("skipped: this system lets nobody mount a disk in memory");
        return;
    };
    let mut running = Running::at(&desk);
    let address = address(&mut running);
    running.until("waits", |_| true);
    // Between two waits it is tried.
    until("health that is bad", || {
        let (status, health) = get(&address, "/health");
        status == 503 && health.contains("archive-waits")
    });
    until("metrics that say so", || {
        value(&families(&get(&address, "/metrics").1), "pullquote_archive_writable", &[]) < 0.5
    });
    disk.grow("64m");
    running.until("looked", |told| told["ended"] == "done");
    assert_eq!(get(&address, "/health").0, 200);
    running.stop();
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let timeline = Timeline::start(1);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let desk = scheduled(&timeline, SWIFT);
    let config = std::fs::read_to_string(desk.path().join("config.toml")).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    desk.file("config.toml", measured(&config).replace("127.0.0.1:0", &address).as_bytes());
    let ran = desk.run(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains(&format!("metrics cannot be served on {address}")), "{}", ran.err);
    // A run that ends at once serves none.
    desk.run(&["run", "--once"]).ok();
}

#[test]
fn status_says_how_the_jobs_stand() {
    let timeline = Timeline::start(5);
    let desk = scheduled(&timeline, SWIFT);
    let mut running = Running::at(&desk);
    running.looked();
    let during = desk.run(&["status", "--json"]).ok().json().remove(0);
    assert_eq!((&during["in_use"], during["run"]["process"].as_u64()), (&json!(true), Some(running.child.id().into())));
    // Whoever looks keeps nobody out.
    std::thread::scope(|scope| {
        scope.spawn(|| (0..20).for_each(|_| drop(desk.run(&["status"]).ok())));
        running.looked();
    });
    running.stop();
    let after = desk.run(&["status", "--json"]).ok().json().remove(0);
    assert_eq!((&after["in_use"], &after["run"]), (&json!(false), &Value::Null));
    let source = &after["sources"][0];
    assert!(source["next"].is_string() && source["asked"].is_string(), "{source}");
    assert_eq!((&source["failures"], &source["gaps"], &source["gap_seconds"]), (&json!(0), &json!(0), &json!(0)));
    assert!(source["covered_until"].is_string(), "{source}");
    let text = desk.run(&["status"]).ok().out;
    assert!(
        text.contains("      looked at 2") && text.contains("covered until 2") && text.contains(", without a gap"),
        "{text}"
    );
    assert!(!text.contains("in use"), "{text}");
    // A run that was killed is none, whatever it has written down.
    let mut running = Running::at(&desk);
    running.looked();
    drop(running);
    let killed = desk.run(&["status", "--json"]).ok().json().remove(0);
    assert_eq!((&killed["in_use"], &killed["run"]), (&json!(false), &Value::Null));
}

#[test]
fn a_copy_of_an_archive_that_is_written_to_is_whole() {
    let timeline = Timeline::start(100);
    let desk = scheduled(&timeline, SWIFT);
    let mut running = Running::at(&desk);
    running.looked();
    let backup = desk.path().join("backup");
    std::fs::create_dir(&backup).unwrap();
    for round in 1..=3 {
        let database = rusqlite::Connection::open(desk.archive().join("pullquote.db")).unwrap();
        // What `.backup` of the sqlite3 shell does.
        database.backup("main", backup.join("pullquote.db"), None::<fn(rusqlite::backup::Progress)>).unwrap();
        drop(database);
        timeline.post(30);
        running.until("looked", |told| told["new"] == 30);
        let copied =
            Command::new("cp").args(["-a"]).arg(desk.archive().join("captures")).arg(&backup).status().unwrap();
        assert!(copied.success());
        let verified = desk.run(&["--archive", "backup", "verify"]);
        assert_eq!(verified.code, 0, "round {round}: {}{}", verified.out, verified.err);
    }
    running.stop();
    desk.run(&["--archive", "backup", "rebuild"]).ok();
    let found = desk.run(&["--archive", "backup", "search", "--json"]).ok().json().len();
    assert_eq!(found, 190);
}

/// A tool that must be there where CI=true.
fn tool(name: &str) -> Option<()> {
    let found = Command::new("sh").args(["-c", &format!("command -v {name}")]).output().unwrap().status.success();
    assert!(found || std::env::var("CI").as_deref() != Ok("true"), "CI=true, but {name} is not there");
    found.then_some(())
}

/// The units, with the program of this build in the place of the installed one.
fn units(folder: &Path) -> Vec<PathBuf> {
    let from = root().join("contrib/systemd");
    let mut units = Vec::new();
    for name in ["pullquote.service", "pullquote-once.service", "pullquote-once.timer"] {
        let unit = std::fs::read_to_string(from.join(name)).unwrap();
        let unit = unit.replace("/usr/local/bin/pullquote", env!("CARGO_BIN_EXE_pullquote"));
        std::fs::write(folder.join(name), unit).unwrap();
        units.push(folder.join(name));
    }
    units
}

#[test]
fn the_units_are_what_systemd_takes() {
    if tool("systemd-analyze").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let units = units(folder.path());
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&units).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr).into_owned() + &String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success() && !said.contains("pullquote"), "{said}");
    for service in units.iter().filter(|unit| unit.extension().is_some_and(|extension| extension == "service")) {
        // From 0 (it may do nothing) to 10 (it may do everything); times ten.
        let secure = Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--threshold=20"])
            .arg(service)
            .output();
        let secure = secure.unwrap();
        assert!(secure.status.success(), "{}", String::from_utf8_lossy(&secure.stdout));
    }
}

#[test]
fn the_command_of_the_service_is_one() {
    let timeline = Timeline::start(3);
    let desk = scheduled(&timeline, SWIFT);
    for name in ["pullquote.service", "pullquote-once.service"] {
        let unit = std::fs::read_to_string(root().join("contrib/systemd").join(name)).unwrap();
        let command = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/pullquote ")).unwrap();
        let command = command.replace("/etc/pullquote/", "").replace("/var/lib/pullquote/", "");
        let mut args: Vec<&str> = command.split(' ').collect();
        assert!(args.contains(&"run"), "{command}");
        if !args.contains(&"--once") {
            args.push("--once");
        }
        desk.run(&args).ok();
    }
    assert_eq!(desk.posts().len(), 3);
}

#[test]
fn the_dockerfile_builds_from_what_is_there() {
    let file = std::fs::read_to_string(root().join("contrib/Dockerfile")).unwrap();
    let joined = file.replace("\\\n", " ");
    let steps: Vec<(&str, &str)> = joined
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| line.split_once(' ').unwrap_or_else(|| panic!("{line:?} is no step")))
        .collect();
    let known = ["FROM", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"];
    for (step, rest) in &steps {
        assert!(known.contains(step), "{step} {rest}");
    }
    let ignored = std::fs::read_to_string(root().join("contrib/Dockerfile.dockerignore")).unwrap();
    for (_, rest) in steps.iter().filter(|(step, rest)| *step == "COPY" && !rest.starts_with("--from")) {
        let mut names: Vec<&str> = rest.split(' ').collect();
        names.pop();
        for name in names {
            assert!(root().join(name).exists(), "{name} is not there");
            assert!(ignored.lines().any(|line| line.strip_prefix('!') == Some(name)), "{name} is ignored");
        }
    }
    // Cargo refuses a manifest that names what is not there.
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let benches = manifest.split("[[bench]]").skip(1).map(|bench| bench.split('"').nth(1).unwrap());
    for name in benches {
        assert!(file.contains(&format!("benches/{name}.rs")), "the Dockerfile does not make benches/{name}.rs");
    }
    let of = |wanted: &str| steps.iter().rposition(|(step, _)| *step == wanted).unwrap();
    assert!(of("USER") > of("RUN") && steps[of("USER")].1 != "root", "the last user is no root");
    for (step, rest) in [("STOPSIGNAL", "SIGTERM"), ("VOLUME", "/archive")] {
        assert_eq!(steps[of(step)].1, rest);
    }
    let [entry, command]: [Vec<String>; 2] =
        ["ENTRYPOINT", "CMD"].map(|step| serde_json::from_str(steps[of(step)].1).unwrap());
    let timeline = Timeline::start(3);
    let desk = scheduled(&timeline, SWIFT);
    let local = |arg: &String| arg.replace("/etc/pullquote/", "").replace("/archive/", "");
    let args: Vec<String> = entry.iter().skip(1).chain(&command).map(local).chain(["--once".to_owned()]).collect();
    desk.run(&args.iter().map(String::as_str).collect::<Vec<_>>()).ok();
    assert_eq!(desk.posts().len(), 3);
}
