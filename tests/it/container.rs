//! Files that hold files: exports, archives, HAR. One broken entry costs one, and nothing that must not be read is kept.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;

use crate::program::{Desk, Ran};
use crate::support::root;

fn zipped(desk: &Desk, name: &str, entries: &[(&str, Vec<u8>)]) -> PathBuf {
    let path = desk.path().join(name);
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, bytes) in entries {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
    path
}

fn tarred(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn import(desk: &Desk, path: &Path) -> Ran {
    desk.run(&["import", path.to_str().unwrap()])
}

fn body(case: &str) -> Vec<u8> {
    let folder = root().join("fixtures").join(case);
    let found = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    std::fs::read(found.into_iter().find(|path| path.file_stem().is_some_and(|stem| stem == "body")).unwrap()).unwrap()
}

/// Everything below the archive's folder, unpacked as far as it is packed.
fn all_bytes(desk: &Desk) -> String {
    let mut all = String::new();
    let mut left = vec![desk.archive()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        all += &String::from_utf8_lossy(&bytes);
        let mut unpacked = Vec::new();
        let _end = std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(bytes.as_slice()), &mut unpacked);
        all += &String::from_utf8_lossy(&unpacked);
    }
    all
}

const ACCOUNT: &str = r#"window.YTD.account.part0 = [ { "account" : { "email" : "secret@harbour.example", "accountId" : "2214441117",
 "username" : "ada_moss", "accountDisplayName" : "Ada Moss" } } ]"#;

fn archive_of_x() -> Vec<(&'static str, Vec<u8>)> {
    let tweets = r##"window.YTD.tweets.part0 = [
 { "tweet" : { "id_str" : "1419719963177910349", "created_at" : "Mon Jul 26 18:03:11 +0000 2021", "full_text" : "I stand &amp; fall", "truncated" : false,
   "entities" : { "hashtags" : [ ], "urls" : [ ], "user_mentions" : [ ] }, "lang" : "en", "favorite_count" : "5" } },
 { "tweet" : { "id_str" : "1623000000000000000", "created_at" : "Tue Feb 07 16:53:00 +0000 2023", "full_text" : "A long post, cut… https://t.co/x", "truncated" : false } },
 { "tweet" : { "id_str" : "1419719963177910350", "created_at" : "Mon Jul 26 18:03:11 +0000 2021", "full_text" : "RT @benlark: cut words of an…" } } ]"##;
    let notes = r#"window.YTD.note_tweet.part0 = [ { "noteTweet" : { "noteTweetId" : "1", "createdAt" : "2023-02-07T16:53:00.000Z",
 "core" : { "text" : "A long post, cut nowhere & whole\n; it ends" } } } ]"#;
    let deleted = r#"window.YTD.deleted_tweets.part0 = [ { "tweet" : { "id_str" : "1419719963177910351", "full_text" : "Taken back", "created_at" : "Mon Jul 26 18:03:11 +0000 2021" } } ]"#;
    let letters =
        r#"window.YTD.direct_messages.part0 = [ { "dmConversation" : { "messages" : "a letter to a friend" } } ]"#;
    vec![
        ("data/direct-messages.js", letters.into()),
        ("data/tweets.js", tweets.into()),
        ("data/note-tweet.js", notes.into()),
        ("data/account.js", ACCOUNT.into()),
        ("data/deleted-tweets.js", deleted.into()),
        ("data/tweets_media/1.jpg", vec![0xff, 0xd8, 0xff]),
    ]
}

fn look_at_archive_of_x(desk: &Desk) {
    let posts = desk.posts();
    assert_eq!(posts.len(), 4, "{posts:?}");
    let find = |id: &str| posts.iter().find(|post| post["id"] == id).unwrap().clone();
    let plain = find("1419719963177910349");
    assert_eq!((&plain["text"], &plain["author"]["handle"]), (&"I stand & fall".into(), &"ada_moss".into()));
    assert_eq!(plain["author"]["name"], "Ada Moss");
    let long = find("1623000000000000000");
    assert_eq!(
        (&long["text"], &long["text_state"]),
        (&"A long post, cut nowhere & whole\n; it ends".into(), &"repaired".into())
    );
    let passed_on = find("1419719963177910350");
    assert_eq!((&passed_on["kind"], &passed_on["text_state"]), (&"repost".into(), &"unknown".into()));
    assert_eq!(find("1419719963177910351")["labels"][0], "deleted");
    let all = all_bytes(desk);
    assert!(!all.contains("a letter to a friend"), "letters were kept");
    desk.run(&["verify"]).ok();
    desk.run(&["rebuild"]).ok();
    desk.run(&["verify"]).ok();
}

#[test]
fn an_archive_of_x_gives_its_owners_posts() {
    let desk = Desk::shipped();
    import(&desk, &zipped(&desk, "twitter-2023.zip", &archive_of_x())).ok();
    look_at_archive_of_x(&desk);
    // Unpacked it is the same.
    let other = Desk::shipped();
    for (name, bytes) in archive_of_x() {
        let path = other.path().join("unpacked").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    import(&other, &other.path().join("unpacked")).ok();
    look_at_archive_of_x(&other);
}

#[test]
fn an_export_of_mastodon_names_its_author() {
    let lines = String::from_utf8(body("mastodon/activity-export")).unwrap();
    let (actor, outbox) = lines.trim().split_once('\n').unwrap();
    let entries = [
        ("outbox.json", outbox.as_bytes().to_vec()),
        ("likes.json", br#"{"type":"OrderedCollection","orderedItems":["https://a.example/1"]}"#.to_vec()),
        ("actor.json", actor.as_bytes().to_vec()),
        ("media_attachments/1.png", vec![0x89, 0x50]),
    ];
    for name in ["export.zip", "export.tar.gz", "export.tar"] {
        let desk = Desk::shipped();
        let path = match name {
            "export.zip" => zipped(&desk, name, &entries),
            "export.tar" => desk.file(name, &tarred(&entries)),
            _ => desk.file(name, &gzipped(&tarred(&entries))),
        };
        import(&desk, &path).ok();
        let posts = desk.posts();
        assert!(posts.len() >= 5, "{name}: {posts:?}");
        assert!(posts.iter().all(|post| post["author"]["handle"] == "ada@harbour.example"), "{name}: {posts:?}");
    }
}

#[test]
fn a_har_file_leaves_cookies_and_tokens_behind() {
    let page = String::from_utf8(body("x/graphql-single")).unwrap();
    let entry = |url: &str, text: &str, mime: &str| {
        serde_json::json!({
            "startedDateTime": "2021-07-27T08:00:00.000+02:00",
            "request": {
                "method": "GET", "url": url, "cookies": [{"name": "auth_token", "value": "PLANTED-COOKIE-7391"}],
                "headers": [{"name": "authorization", "value": "Bearer PLANTED-BEARER-7391"}, {"name": "x-csrf-token", "value": "PLANTED-CSRF-7391"}],
            },
            "response": {
                "status": 200, "cookies": [], "headers": [{"name": "set-cookie", "value": "ct0=PLANTED-SET-7391"}],
                "content": {"mimeType": mime, "text": text},
            },
        })
    };
    let har = serde_json::json!({"log": {"version": "1.2", "entries": [
        entry("https://x.com/i/api/graphql/abc/TweetResultByRestId?variables=%7B%7D", &page, "application/json; charset=utf-8"),
        entry("https://x.com/app.css", "body { color: red }", "text/css"),
        entry("https://x.com/again", "x", "application/json"),
    ]}});
    let desk = Desk::shipped();
    let path = desk.file("saved.har", har.to_string().as_bytes());
    let ran = import(&desk, &path).ok();
    assert!(ran.out.contains("1 new") && ran.out.contains("not kept: 2 files or records"), "{}", ran.out);
    let found = &desk.posts()[0];
    assert_eq!(found["author"]["handle"], "ada_moss");
    assert!(!all_bytes(&desk).contains("PLANTED"), "a secret was kept");
}

#[test]
fn a_web_archive_is_held_against_its_package() {
    let warc = std::fs::read(root().join("fixtures/warc/warcio.warc.gz")).unwrap();
    let digest = |bytes: &[u8]| {
        use sha2::{Digest as _, Sha256};
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    for (stated, fits) in [(digest(&warc), true), (digest(b"another"), false)] {
        let package =
            serde_json::json!({"resources": [{"path": "archive/data.warc.gz", "hash": format!("sha256:{stated}")}]});
        let desk = Desk::shipped();
        let entries = [("archive/data.warc.gz", warc.clone()), ("datapackage.json", package.to_string().into_bytes())];
        let ran = import(&desk, &zipped(&desk, "a.wacz", &entries));
        assert_eq!(!ran.out.contains("is not what datapackage.json says"), fits, "{}", ran.out);
    }
}

#[test]
fn a_hostile_archive_costs_its_own_entries() {
    let good = body("x/graphql-single");
    let desk = Desk::shipped();
    let bomb = vec![b' '; 200 << 20];
    let entries = [
        ("../../../etc/passwd", good.clone()),
        ("/absolute\u{7}.json", b"{}".to_vec()),
        ("bomb.json", bomb),
        ("inner.zip", b"PK\x03\x04nonsense".to_vec()),
        ("cut.json.gz", gzipped(&good)[..40].to_vec()),
        ("page.json.gz", gzipped(&body("x/v1-search"))),
    ];
    let path = zipped(&desk, "hostile.zip", &entries);
    let ran = import(&desk, &path);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("bomb.json is larger than 128 MiB"), "{}", ran.out);
    assert!(ran.out.contains("cut.json.gz"), "{}", ran.out);
    assert!(desk.posts().len() > 5, "{}", ran.out);
    assert!(!Path::new("/etc/passwd.json").exists());
    // Cut anywhere it is a sentence, never a panic.
    let whole = std::fs::read(&path).unwrap();
    for end in [4, 30, 100, whole.len() / 2, whole.len() - 1] {
        let other = Desk::shipped();
        let ran = import(&other, &other.file("cut.zip", &whole[..end]));
        assert!(ran.code == 1 || ran.code == 2, "{end}: {}{}", ran.out, ran.err);
    }
    let tar = tarred(&[("a.json", good)]);
    for end in [300, 600, tar.len() - 600] {
        let other = Desk::shipped();
        let ran = import(&other, &other.file("cut.tar", &tar[..end]));
        assert!(!ran.err.contains("panicked"), "{end}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn the_files_of_a_folder_are_read_as_if_each_had_been_named() {
    let desk = Desk::with("");
    let folder = desk.path().join("saved");
    std::fs::create_dir_all(folder.join("inner")).unwrap();
    // Three parts of a file of lines, of which the second holds no line that can be read.
    let line = String::from_utf8(body("mastodon/lines")).unwrap().lines().next().unwrap().to_owned();
    let broken = "{\"broken\": \n".repeat((5 << 20) / 12);
    std::fs::write(folder.join("inner/posts.jsonl"), format!("{line}\n{broken}{line}\n")).unwrap();
    std::fs::write(folder.join("page.html"), body("x/page-2017")).unwrap();
    std::fs::write(folder.join("picture.jpg"), b"\xff\xd8\xff").unwrap();
    std::fs::rename(zipped(&desk, "export.zip", &[("a.json", body("mastodon/page"))]), folder.join("export.zip"))
        .unwrap();
    let whole = import(&desk, &folder);
    let apart = Desk::with("");
    let files = ["inner/posts.jsonl", "page.html", "export.zip"].map(|name| folder.join(name));
    for file in &files {
        import(&apart, file);
    }
    let names = |desk: &Desk| -> Vec<String> {
        desk.posts().iter().map(|post| post["key"].as_str().unwrap().to_owned()).collect()
    };
    let (mut one, mut other) = (names(&desk), names(&apart));
    one.sort();
    other.sort();
    assert!(one == other && one.len() > 5, "{}", whole.out);
    let told = "failed   inner/posts.jsonl, behind line ";
    assert!(
        whole.out.contains(told) && whole.out.contains("not a shape of mastodon: line 1 is broken"),
        "{}",
        whole.out
    );
}

#[test]
fn places_and_captures_name_the_file_among_many() {
    let desk = Desk::with("");
    let folder = desk.path().join("saved");
    let broken = |line: &str| format!("{line}\n{{\"broken\": \n");
    let lines = String::from_utf8(body("mastodon/lines")).unwrap();
    let line = lines.lines().next().unwrap();
    for (name, line) in [("monday", line.to_owned()), ("tuesday", format!("{line} "))] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
        std::fs::write(folder.join(name).join("posts.jsonl"), broken(&line)).unwrap();
    }
    std::os::unix::fs::symlink("/etc/hostname", folder.join("link.json")).unwrap();
    let ran = import(&desk, &folder);
    assert!(ran.out.contains("(first at monday/posts.jsonl: line 2)"), "{}", ran.out);
    assert!(ran.out.contains("failed   link.json is a symbolic link, which is not followed"), "{}", ran.out);
    let database = rusqlite::Connection::open(desk.archive().join("pullquote.db")).unwrap();
    let mut urls = database.prepare("SELECT url FROM capture ORDER BY id").unwrap();
    let urls: Vec<String> = urls.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(urls, ["file:///saved/monday/posts.jsonl", "file:///saved/tuesday/posts.jsonl"]);
}

#[test]
fn a_line_far_into_a_file_is_told_as_the_files_line() {
    let desk = Desk::with("");
    let line = body("mastodon/lines");
    let line = String::from_utf8_lossy(&line).lines().next().unwrap().to_owned();
    let many = (3 << 20) / line.len();
    let path =
        desk.file("many.jsonl", format!("{}{{\"broken\": \n{line}\n", format!("{line}\n").repeat(many)).as_bytes());
    let place = format!("line {}", many + 1);
    let ran = desk.run(&["parse", path.to_str().unwrap()]);
    assert!(ran.err.contains(&format!("skipped {place}: ")), "{}", ran.err);
    let ran = import(&desk, &path);
    assert!(ran.out.contains(&format!("(first at {place})")), "{}", ran.out);
}

#[test]
fn of_a_damaged_gzip_file_no_word_is_believed() {
    let line = body("mastodon/lines");
    let line = format!("{}\n", String::from_utf8_lossy(&line).lines().next().unwrap()).repeat(3).into_bytes();
    // Stored as it is: a bit that tips over changes a letter and nothing else.
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    packed.write_all(&line).unwrap();
    let packed = packed.finish().unwrap();
    let mut damaged = packed.clone();
    let letter = damaged.windows(10).position(|window| window == b"\"content\":").unwrap() + 15;
    damaged[letter] ^= 1;
    let desk = Desk::with("");
    let ran = import(&desk, &desk.file("damaged.jsonl.gz", &damaged));
    assert!(ran.code == 1 && ran.err.contains("damaged.jsonl.gz is damaged"), "{}{}", ran.out, ran.err);
    assert_eq!(desk.posts().len(), 0);
    // What a broken-off download holds before its end is right.
    let ran = import(&desk, &desk.file("cut.jsonl.gz", &packed[..packed.len() - 9]));
    assert!(ran.code == 2 && !desk.posts().is_empty(), "{}{}", ran.out, ran.err);
    let mut damaged = gzipped(&tarred(&[("posts.jsonl", line)]));
    let end = damaged.len();
    damaged[end - 6] ^= 1;
    let ran = import(&desk, &desk.file("damaged.tar.gz", &damaged));
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
}

#[test]
fn what_a_folder_holds_and_nobody_can_read_is_told() {
    let desk = Desk::with("");
    let folder = desk.path().join("saved");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("many.json"), format!("[{}1]", "1,".repeat(8_000_001))).unwrap();
    std::fs::write(folder.join("old.tar.xz"), b"\xfd7zXZ\0 and more").unwrap();
    std::fs::write(folder.join("notes.bin"), b"\0\x01\x02").unwrap();
    let inner = std::fs::read(zipped(&desk, "inner.zip", &[("a.json", body("mastodon/page"))])).unwrap();
    std::fs::rename(zipped(&desk, "outer.zip", &[("inner.zip", inner)]), folder.join("outer.zip")).unwrap();
    let ran = import(&desk, &folder);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    for told in ["many.json holds more than", "is packed (xz)", "ZIP inside of another archive", "not kept: 1 files"] {
        assert!(ran.out.contains(told), "{told}: {}", ran.out);
    }
}

#[test]
fn what_stands_around_an_archive_or_in_it_is_not_lost() {
    let (one, other) = (body("mastodon/page"), body("x/page-2017"));
    let alone = |bytes: &[u8]| {
        let desk = Desk::with("");
        import(&desk, &desk.file("alone", bytes)).ok();
        desk.posts().len()
    };
    let both = alone(&one) + alone(&other);
    // One tar file behind another.
    let tars = [tarred(&[("a.json", one.clone())]), tarred(&[("b.html", other.clone())])];
    for (name, bytes) in [("two.tar", tars.concat()), ("two.tar.gz", tars.map(|tar| gzipped(&tar)).concat())] {
        let desk = Desk::with("");
        let ran = import(&desk, &desk.file(name, &bytes));
        assert_eq!((ran.code, desk.posts().len()), (0, both), "{name}: {}{}", ran.out, ran.err);
    }
    // Of two ZIP files only the last is found.
    let desk = Desk::with("");
    let zips = [("a.json", one), ("b.html", other)]
        .map(|(name, bytes)| std::fs::read(zipped(&desk, "one.zip", &[(name, bytes)])).unwrap());
    let ran = import(&desk, &desk.file("two.zip", &zips.concat()));
    assert!(ran.code == 2 && ran.out.contains("bytes that are none of its own"), "{}{}", ran.out, ran.err);
}

#[test]
fn an_answer_that_is_cut_is_a_failure_also_among_many() {
    let desk = Desk::with("");
    let page = body("mastodon/page");
    let entries =
        [("whole.json", page.clone()), ("cut.json", page[..page.len() / 2].to_vec()), ("note.txt", b"Hi".to_vec())];
    let ran = import(&desk, &zipped(&desk, "saved.zip", &entries));
    assert!(ran.code == 2 && ran.out.contains("failed   cut.json: "), "{}{}", ran.out, ran.err);
    assert!(!ran.out.contains("note.txt"), "{}", ran.out);
}

#[test]
fn lines_are_lines_whatever_stands_around_them() {
    let line = String::from_utf8(body("mastodon/lines")).unwrap().lines().next().unwrap().to_owned();
    let whole = format!("{line}\n{}\n{line}\n{line}\n", line.replace("112026227834880000", "112026227834880001"));
    for (name, bytes, code, told) in [
        ("zeros.jsonl.gz", [gzipped(whole.as_bytes()), vec![0; 10_000]].concat(), 0, ""),
        ("junk.jsonl.gz", [gzipped(whole.as_bytes()), b"junk".to_vec()].concat(), 2, "stands behind its end"),
        ("members.jsonl.gz", [gzipped(whole.as_bytes()), gzipped(whole.as_bytes())].concat(), 0, ""),
        ("notes.jsonl", format!("# a note\n# another\n{whole}").into_bytes(), 2, "holds JSON from line 3 on"),
        ("broken.jsonl", format!("{{\"a\n{{\"b\n{whole}").into_bytes(), 0, "(first at line 1)"),
    ] {
        let desk = Desk::with("");
        let ran = import(&desk, &desk.file(name, &bytes));
        assert!(ran.code == code && ran.out.contains(told), "{name}: {} {}{}", ran.code, ran.out, ran.err);
        assert_eq!(desk.posts().len(), 2, "{name}: {}{}", ran.out, ran.err);
    }
}
