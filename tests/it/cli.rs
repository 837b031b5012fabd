//! The program as its users know it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kill::dump;
use crate::program::Desk;
use crate::support::{Answer, Server, root, shared};
use crate::timeline::Timeline;

#[test]
fn the_shipped_job_runs_without_network() {
    let desk = Desk::shipped();
    let first = desk.run(&["pull"]).ok();
    for word in ["pages", "posts", "new", "skipped", "dated"] {
        assert!(first.out.contains(word), "the summary does not say {word}:\n{}", first.out);
    }
    let posts = desk.posts();
    assert!(posts.len() >= 20, "{} posts", posts.len());
    let second = desk.run(&["pull"]).ok();
    assert!(second.out.contains("total: 0 new"), "{}", second.out);
    // A catch-up sees those of the last ten minutes once more, and so their counts of a later hour.
    let said = |posts: &[serde_json::Value]| -> Vec<(String, String)> {
        posts.iter().map(|post| (post["key"].to_string(), post["text"].to_string())).collect()
    };
    assert_eq!(said(&desk.posts()), said(&posts));
    desk.run(&["verify"]).ok();
}

#[test]
fn posts_come_newest_first_with_every_field_of_the_contract() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let posts = desk.posts();
    let times: Vec<&str> = posts.iter().filter_map(|post| post["created"]["at"].as_str()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let fields = [
        "platform",
        "id",
        "uri",
        "url",
        "author",
        "created",
        "text",
        "text_state",
        "lang",
        "kind",
        "reply_to",
        "repost_of",
        "quote_of",
        "hashtags",
        "mentions",
        "links",
        "media",
        "metrics",
        "capture",
        "key",
        "nested",
    ];
    for post in &posts {
        for field in fields {
            assert!(post.get(field).is_some(), "{field} is missing in {post}");
        }
        for field in ["name", "handle", "id"] {
            assert!(post["author"].get(field).is_some(), "author.{field} is missing in {post}");
        }
        assert!(!post["author"]["handle"].as_str().unwrap_or_default().starts_with('@'));
        let key = post["key"].as_str().unwrap();
        let shown = desk.run(&["show", key, "--json"]).ok().json();
        assert_eq!(shown[0]["uri"], post["uri"]);
    }
}

#[test]
fn every_post_is_found_in_the_bytes_it_came_from() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    for post in desk.posts() {
        let place = serde_json::from_value(post["capture"].clone()).unwrap();
        let capture = pullquote::warc::fetch(&desk.archive().join("captures"), &place).unwrap();
        let body = String::from_utf8(capture.exchange.body().unwrap().into_owned()).unwrap();
        let id = post["id"].as_str().unwrap();
        assert!(body.contains(id), "{id} is not in its capture");
    }
}

#[test]
fn the_seed_article_gives_its_eleven_quotes_back() {
    let Some(shared) = shared() else { return };
    let article = shared.join("seed/article.txt");
    let expected: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(shared.join("seed/expected.json")).unwrap()).unwrap();
    let desk = Desk::shipped();
    desk.run(&["import", article.to_str().unwrap()]).ok();
    let posts = desk.posts();
    assert_eq!(posts.len(), expected.len());
    let by_handle: BTreeMap<&str, &Value> =
        posts.iter().map(|post| (post["author"]["handle"].as_str().unwrap(), post)).collect();
    // Blank lines between paragraphs are the page's layout.
    let squeezed = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n");
    for wanted in &expected {
        let post = by_handle[wanted["handle"].as_str().unwrap()];
        assert_eq!(post["author"]["name"], wanted["author_name"]);
        assert_eq!(post["created"]["at"], wanted["date"]);
        assert_eq!(post["created"]["precision"], "day");
        assert_eq!(squeezed(post["text"].as_str().unwrap()), squeezed(wanted["text"].as_str().unwrap()));
        let quote = desk.run(&["quote", post["key"].as_str().unwrap()]).ok().out;
        let [text, name, handle, date] =
            ["text", "author_name", "handle", "printed_date"].map(|field| wanted[field].as_str().unwrap());
        assert_eq!(squeezed(&quote), squeezed(&format!("{text} — {name} (@{handle}) {date}")));
    }
    // The same bytes again are nothing new.
    let again = desk.run(&["import", article.to_str().unwrap()]).ok();
    assert!(again.out.contains("already kept"), "{}", again.out);
    assert_eq!(desk.posts().len(), expected.len());
}

#[test]
fn rebuild_and_replay_give_the_same_rows() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    if let Some(shared) = shared() {
        desk.run(&["import", shared.join("seed/article.txt").to_str().unwrap()]).ok();
    }
    desk.run(&["pull"]).ok();
    let before = dump(&desk);
    desk.run(&["rebuild"]).ok();
    assert_eq!(before, dump(&desk), "rebuild gives other rows");
    for _ in 0..2 {
        let replay = desk.run(&["replay"]).ok();
        assert!(replay.out.contains("0 changed"), "{}", replay.out);
        assert_eq!(before, dump(&desk), "replay gives other rows");
    }
    // Without any database the captures are enough.
    for file in std::fs::read_dir(desk.archive()).unwrap().map(|entry| entry.unwrap().path()) {
        if file.file_name().unwrap().to_string_lossy().starts_with("pullquote.db") {
            std::fs::remove_file(file).unwrap();
        }
    }
    desk.run(&["rebuild"]).ok();
    assert_eq!(before, dump(&desk), "rebuild from nothing gives other rows");
}

#[test]
fn an_archive_can_be_copied() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let copy = Desk::with("");
    let status = std::process::Command::new("cp").arg("-r").arg(desk.archive()).arg(copy.archive()).status().unwrap();
    assert!(status.success());
    // A reader of the archive finds one file, not a log of SQLite's that it may forget beside it.
    assert!(!copy.archive().join("pullquote.db-wal").exists());
    copy.run(&["verify"]).ok();
    assert_eq!(copy.posts(), desk.posts());
}

#[test]
fn bad_input_gets_one_sentence_that_names_it() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let kept = desk.posts();
    let deep = format!("{}{}", "<div>".repeat(5000), "</div>".repeat(5000));
    let mut huge = br#"{"id":"1","text":""#.to_vec();
    huge.resize(10 << 20, b'a');
    let cases: &[(&str, &[u8], &str)] = &[
        ("empty.json", b"", "is empty"),
        ("cut.json", br#"[{"id": "1", "content": "<p>cut in the mid"#, "cut.json"),
        ("unknown.json", br#"{"weather": "rain"}"#, "not a shape of"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is no text"),
        ("torn.json.gz", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab], "torn.json.gz"),
        ("bundle.zip", b"PK\x03\x04junk", "Zip archive"),
        ("deep.html", deep.as_bytes(), "deep.html"),
        ("huge.jsonl", &huge, "huge.jsonl"),
        ("invalid.txt", b"\xff\xfe\xff caf\xe9", "invalid.txt"),
        ("prose.txt", b"Nobody is quoted here.\n", "it shows none"),
    ];
    for (name, bytes, sentence) in cases {
        let path = desk.file(name, bytes);
        for command in ["parse", "import"] {
            let ran = desk.run(&[command, path.to_str().unwrap()]);
            assert_eq!(ran.code, 1, "{command} {name}: {}{}", ran.out, ran.err);
            assert!(ran.err.contains(sentence), "{command} {name}: {}", ran.err);
            assert!(ran.err.trim_end().lines().count() == 1 && ran.err.len() < 2000, "{command} {name}: {}", ran.err);
        }
    }
    let missing = desk.run(&["import", "nowhere.json"]);
    assert_eq!((missing.code, missing.err.contains("nowhere.json")), (1, true), "{}", missing.err);
    // One file that cannot be read does not keep another out.
    let mixed = desk.run(&[
        "import",
        desk.path().join("empty.json").to_str().unwrap(),
        root().join("fixtures/article/page/exchange.toml").to_str().unwrap(),
    ]);
    assert_ne!(mixed.code, 0);
    assert_eq!(desk.posts(), kept);
    desk.run(&["verify"]).ok();
}

#[test]
fn what_stands_before_a_fault_is_kept_and_told_with_it() {
    let page = std::fs::read(root().join("fixtures/mastodon/page/body.json")).unwrap();
    let statuses: Vec<Value> = serde_json::from_slice(&page).unwrap();
    let lines: String = statuses.iter().map(|status| format!("{status}\n")).collect();
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut zip, lines.as_bytes()).unwrap();
    let mut torn = zip.finish().unwrap();
    torn.truncate(torn.len() - 8);
    let desk = Desk::shipped();
    let path = desk.file("torn.jsonl.gz", &torn);
    let ran = desk.run(&["import", path.to_str().unwrap()]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("new") && ran.out.contains("failed   read"), "{}", ran.out);
    assert!(!desk.posts().is_empty());
    desk.run(&["verify"]).ok();
}

#[test]
fn a_misspelt_key_is_named_with_its_line() {
    let config = std::fs::read_to_string(root().join("config.toml")).unwrap();
    for (from, to, named) in [
        ("tags = [\"IStandWithKenLoach\"]", "tags = []", "nothing to pull"),
        ("name = \"IStandWithKenLoach\"", "name = \"import\"", "\"import\""),
        ("transport = ", "transpot = ", "transpot"),
        ("max_pages = ", "max_page = ", "max_page"),
        ("identifier_env", "identifer_env", "identifer_env"),
        ("retries = 4", "retries = \"four\"", "retries"),
    ] {
        assert!(config.contains(from));
        let desk = Desk::with(&config.replacen(from, to, 1));
        let ran = desk.run(&["status"]);
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(ran.err.contains(named) && ran.err.contains("config.toml"), "{}", ran.err);
    }
}

#[test]
fn a_token_belongs_to_one_server() {
    let config = "[[job]]\nname = \"a\"\ntags = [\"a\"]\n\
                  sources = [\"mastodon:one.example as me\", \"mastodon:two.example as me\"]\n\
                  [credential.me]\ntoken_env = \"NOWHERE\"\n";
    let ran = Desk::with(config).run(&["pull"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("one.example") && ran.err.contains("two.example"), "{}", ran.err);
}

#[test]
fn a_page_that_a_redirect_brought_leads_nowhere() {
    let page = std::fs::read(root().join("fixtures/mastodon/page/body.json")).unwrap();
    let json = [("content-type", "application/json")];
    let other = Server::script([Answer::new(200, &json, page)]);
    let target = other.url("/api/v1/timelines/tag/flood?limit=40");
    let server = Server::new(move |_, _| Answer::new(302, &[("location", &target)], ""));
    let config = format!(
        "transport = \"live\"\n[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"mastodon:{} as me\"]\n\
         [http]\nmin_interval_ms = 0\nallow_private = [\"{}\", \"{}\"]\n[credential.me]\ntoken_env = \"PATH\"\n",
        server.url(""),
        server.host(),
        other.host()
    );
    let desk = Desk::with(&config);
    for pulls in 1..=3 {
        let ran = desk.run(&["pull"]);
        assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("leads to another server"), "{}", ran.out);
        assert_eq!((server.received().len(), other.received().len()), (pulls, pulls));
        let before = dump(&desk);
        desk.run(&["rebuild"]).ok();
        assert_eq!(before, dump(&desk), "rebuild gives other rows");
    }
    assert!(server.received().iter().all(|request| request.header("authorization").is_some()));
    assert!(other.received().iter().all(|request| request.header("authorization").is_none()));
    assert!(!desk.posts().is_empty());
}

#[test]
fn an_import_leaves_nothing_to_be_pulled() {
    let timeline = Timeline::start(100);
    let desk = Desk::with(&timeline.config());
    desk.run(&["import", &timeline.url()]).ok();
    assert_eq!(desk.posts().len(), 40);
    let status = desk.run(&["status", "--json"]).ok().json();
    assert_eq!(status[0]["sources"][0]["pending"], 0, "{status:?}");
}

#[test]
fn wrong_words_on_the_command_line_are_usage_errors() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    for args in
        [&["pul"][..], &["pull", "nosuchjob"], &["search", "form:ada"], &["quote"], &["quote", "--as", "haiku", "a"]]
    {
        let ran = desk.run(args);
        assert_eq!(ran.code, 3, "{args:?}: {}{}", ran.out, ran.err);
    }
    let unknown = desk.run(&["show", "zzzzzzzzzzzzz"]);
    assert_eq!((unknown.code, unknown.err.contains("zzzzzzzzzzzzz")), (1, true), "{}", unknown.err);
    let nowhere = Desk::with("").run(&["search", "x"]);
    assert_eq!((nowhere.code, nowhere.err.contains("is no archive")), (1, true), "{}", nowhere.err);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let mut search = desk
        .command(&["search", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(search.stdout.take());
    let output = search.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn damage_is_found_and_named() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let captures = desk.archive().join("captures");
    let file = std::fs::read_dir(&captures).unwrap().map(|entry| entry.unwrap().path()).next().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    // Inside the first page: a byte of a gzip header would damage the file, and no record.
    bytes[2000] ^= 0x40;
    std::fs::write(&file, bytes).unwrap();
    let ran = desk.run(&["verify"]);
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    assert!(ran.out.contains(&name), "{}", ran.out);
    let rebuild = desk.run(&["rebuild"]);
    assert_eq!((rebuild.code, rebuild.err.contains(&name)), (4, true), "{}", rebuild.err);
}

#[test]
fn a_rebuild_does_not_forget_what_is_gone() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let kept = desk.posts();
    let captures = desk.archive().join("captures");
    let file = std::fs::read_dir(&captures).unwrap().map(|entry| entry.unwrap().path()).next().unwrap();
    let bytes = std::fs::read(&file).unwrap();
    // Cut short behind a capture, as nothing but the database can tell.
    std::fs::write(&file, &bytes[..bytes.len() - 10]).unwrap();
    for command in ["rebuild", "replay"] {
        let ran = desk.run(&[command]);
        assert_eq!((ran.code, ran.err.contains("--accept-loss")), (4, true), "{command}: {}{}", ran.out, ran.err);
        assert_eq!(desk.posts(), kept, "{command} touched the database");
    }
    // A damaged capture costs no other once the loss is accepted.
    let mut damaged = bytes;
    damaged[2000] ^= 0x40;
    std::fs::write(&file, damaged).unwrap();
    let accepted = desk.run(&["rebuild", "--accept-loss"]);
    assert_eq!((accepted.code, accepted.err.contains("damaged")), (4, true), "{}{}", accepted.out, accepted.err);
    let left = desk.posts().len();
    assert!(left > 0 && left < kept.len(), "{left} of {} posts are left", kept.len());
}

#[test]
fn a_database_that_is_none_is_damage_and_is_made_anew() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let posts = desk.posts();
    std::fs::write(desk.archive().join("pullquote.db"), "no database ".repeat(1000)).unwrap();
    let ran = desk.run(&["verify"]);
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("pullquote.db") && ran.out.contains("1 faults"), "{}", ran.out);
    desk.run(&["rebuild"]).ok();
    desk.run(&["verify"]).ok();
    assert_eq!(desk.posts(), posts);
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let path = desk.archive().join("pullquote.db");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for args in [&["search", "x"][..], &["pull"], &["status"]] {
        let ran = desk.run(args);
        assert_eq!(ran.code, 1, "{args:?}: {}", ran.err);
        assert!(ran.err.contains("pullquote.db") && ran.err.contains("99"), "{}", ran.err);
    }
    assert!(std::fs::read(&path).unwrap() == bytes, "a database that this program does not know was written to");
}

#[test]
fn readme_shows_the_help_as_it_is() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (before, rest) = readme.split_once("<!-- help -->\n```text\n").expect("README has a help block");
    let (block, after) = rest.split_once("```\n<!-- /help -->").expect("the help block ends");
    let help = Desk::with("").run(&["--help"]).ok().out;
    if std::env::var_os("BLESS").is_some() && block.trim() != help.trim() {
        std::fs::write(
            root().join("README.md"),
            format!("{before}<!-- help -->\n```text\n{help}```\n<!-- /help -->{after}"),
        )
        .unwrap();
        return;
    }
    assert_eq!(block.trim(), help.trim());
    let commands =
        help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1).take_while(|line| !line.is_empty());
    for command in commands.filter_map(|line| line.split_whitespace().next()) {
        assert!(readme.contains(&format!("pullquote {command}")), "README does not show pullquote {command}");
    }
}
