//! The forms of text: CSV, JSON lines, lists of ids.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::process::Command;

use csv_core::{ReadRecordResult, Reader};

use super::{desk, out, rows};
use crate::program::Desk;

/// A table as its records, read by a reader of others.
fn table(bytes: &[u8]) -> Vec<Vec<String>> {
    let (mut reader, mut rest, mut records) = (Reader::new(), bytes, Vec::new());
    let (mut fields, mut ends) = (vec![0; bytes.len() + 1], vec![0; 1000]);
    let (mut written, mut ended) = (0, 0);
    loop {
        let (result, read, wrote, fresh) = reader.read_record(rest, &mut fields[written..], &mut ends[ended..]);
        (rest, written, ended) = (&rest[read..], written + wrote, ended + fresh);
        match result {
            ReadRecordResult::Record => {
                let mut start = 0;
                let record = ends[..ended].iter().map(|end| {
                    let field = String::from_utf8(fields[start..*end].to_vec()).unwrap();
                    start = *end;
                    field
                });
                records.push(record.collect());
                (written, ended) = (0, 0);
            }
            ReadRecordResult::End => return records,
            ReadRecordResult::InputEmpty => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The columns `key`, `native_id` and `text` of a table.
fn told(records: &[Vec<String>], bare: impl Fn(&str) -> String) -> Vec<(String, Option<String>, String)> {
    let place = |name: &str| records[0].iter().position(|column| column == name).unwrap();
    let (key, id, text) = (place("key"), place("native_id"), place("text"));
    records[1..]
        .iter()
        .map(|record| {
            assert_eq!(record.len(), records[0].len(), "{record:?}");
            (bare(&record[key]), Some(bare(&record[id])).filter(|id| !id.is_empty()), bare(&record[text]))
        })
        .collect()
}

#[test]
fn a_table_gives_every_text_back() {
    let desk = desk();
    let bare = |field: &str| field.strip_prefix('\'').unwrap_or(field).to_owned();
    let (path, name) = out(&desk, "posts.csv");
    let ran = desk.run(&["export", "--as", "csv", "--out", &name]).ok();
    assert_eq!(ran.out, "");
    let safe = std::fs::read(&path).unwrap();
    let records = table(&safe);
    assert_eq!(told(&records, bare), rows(&desk));
    for field in records.iter().flatten() {
        let first = field.trim_start().chars().next();
        assert!(!first.is_some_and(|first| "=+-@＝＋－＠".contains(first)), "a formula: {field:?}");
        assert!(field.parse::<u64>().is_err() || field.len() < 16, "a number that is rounded: {field:?}");
    }
    let verbatim = desk.run(&["export", "--as", "csv", "--verbatim"]).ok();
    assert_eq!(told(&table(verbatim.out.as_bytes()), str::to_owned), rows(&desk));
    let excel = desk.run(&["export", "--as", "csv", "--excel"]).ok();
    assert_eq!(excel.out.as_bytes(), [&b"\xef\xbb\xbf"[..], &safe].concat());
    // Every record ends as RFC 4180 wants it; inside fields stands what was posted.
    assert!(safe.ends_with(b"\r\n"));
}

#[test]
fn lines_of_json_are_verbatim() {
    let desk = desk();
    let ran = desk.run(&["export", "--as", "jsonl"]).ok();
    let posts = ran.json();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let told: Vec<_> = posts
        .iter()
        .map(|post| (text(&post["key"]).unwrap(), text(&post["native_id"]), text(&post["text"]).unwrap()))
        .collect();
    assert_eq!(told, rows(&desk));
    let search = desk.posts();
    for (post, found) in posts.iter().zip(&search) {
        for (name, pointer) in [
            ("author_handle", "/author/handle"),
            ("edited_at", "/edited"),
            ("hashtags", "/hashtags"),
            ("mentions", "/mentions"),
            ("links", "/links"),
            ("media", "/media"),
            ("likes", "/metrics/likes"),
            ("doubts", "/doubts"),
            ("capture_record_id", "/capture/record_id"),
        ] {
            let expected = found.pointer(pointer).unwrap_or(&serde_json::Value::Null);
            assert_eq!(&post[name], expected, "{name} of {post}");
        }
        // A day is no instant.
        let when = &found["created"];
        let exact = if when["precision"] == "day" { &serde_json::Value::Null } else { &when["at"] };
        assert_eq!(&post["created"], exact);
        assert_eq!(post["created_day"].as_str(), when["at"].as_str().map(|at| &at[..10]));
    }
    // The same words mean the same as in a search.
    let some = desk.run(&["export", "from:ada_1 OR from:ada_2", "--as", "jsonl"]).ok();
    assert_eq!(some.json().len(), 2);
    for (query, posts) in [("job:import", search.len()), ("job:elsewhere", 0)] {
        assert_eq!(desk.run(&["export", query, "--as", "jsonl"]).ok().json().len(), posts, "{query}");
    }
    let none = desk.run(&["export", "from:nobody_here", "--as", "jsonl"]).ok();
    assert!(none.out.is_empty() && none.err.contains("no account goes by the name nobody_here"), "{}", none.err);
    let (_, name) = out(&desk, "none");
    let none = desk.run(&["export", "from:nobody_here", "--as", "parquet", "--out", &name]).ok();
    assert!(none.err.contains("none is an empty folder"), "{}", none.err);
}

#[test]
fn a_list_of_ids_names_what_can_be_asked_for() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let ran = desk.run(&["export", "--as", "ids"]).ok();
    // No server can be asked for a repost by the address of the activity.
    let (asked, nameless): (Vec<_>, Vec<_>) =
        desk.posts().into_iter().partition(|post| !post["uri"].as_str().unwrap().ends_with("/activity"));
    assert_eq!(ran.out.lines().count(), asked.len());
    for (line, post) in ran.out.lines().zip(asked) {
        assert_eq!(line, format!("{}\t{}", post["platform"].as_str().unwrap(), post["uri"].as_str().unwrap()));
    }
    assert!(nameless.len() == 1 && ran.err.contains("1 posts have no id and no address"), "{nameless:?}{}", ran.err);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let desk = desk();
    let (path, name) = out(&desk, "full");
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("old"), "old").unwrap();
    for (args, code, told) in [
        (&["export", "--as", "parquet"][..], 3, "Parquet goes into a folder"),
        (&["export", "--as", "jsonl", "--excel"], 3, "--excel goes with --as csv"),
        (&["export", "--as", "ids", "--verbatim"], 3, "--verbatim goes with --as csv"),
        (&["export", "--as", "parquet", "--out", &name], 1, "is not an empty folder"),
        (&["export", "--as", "csv", "--out", "no/where/posts.csv"], 1, "no/where/posts.csv"),
        (&["export", "(", "--as", "csv"], 3, "error"),
        (&["export"], 3, "--as"),
    ] {
        let ran = desk.run(args);
        assert_eq!(ran.code, code, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(told), "{args:?}: {}", ran.err);
    }
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 1);
}

#[test]
fn nothing_is_written_into_the_archive() {
    let desk = desk();
    let capture = fs::read_dir(desk.archive().join("captures")).unwrap().next().unwrap().unwrap().path();
    let before = fs::read(&capture).unwrap();
    std::os::unix::fs::symlink(desk.archive(), desk.path().join("link")).unwrap();
    let inside = |name: &str| desk.archive().join(name).to_str().unwrap().to_owned();
    let (capture_name, link) = (capture.to_str().unwrap(), format!("{}/link/desk.db", desk.path().display()));
    for args in [
        &["export", "--as", "csv", "--out", capture_name][..],
        &["export", "--as", "jsonl", "--out", &inside("pullquote.db")],
        &["export", "--as", "ids", "--out", &link],
        &["export", "--as", "parquet", "--out", &inside("captures/new")],
        &["export", "--package", &inside("new")],
        &["export", "--as", "csv", "--pseudonymise", &inside("key"), "--new-key"],
        &["timeline", "--svg", capture_name],
        &["coverage", "--png", &link],
        &["check", "config.toml", "--html", &inside("pullquote.db")],
    ] {
        let ran = desk.run(args);
        assert_eq!(ran.code, 3, "{args:?}: {}", ran.err);
        assert!(ran.err.contains("lies in the archive"), "{args:?}: {}", ran.err);
    }
    assert_eq!(fs::read(&capture).unwrap(), before);
    assert!(!desk.archive().join("key").exists());
    desk.run(&["verify"]).ok();
}

#[test]
fn what_is_no_file_is_written_straight_and_what_is_read_is_spared() {
    let desk = desk();
    let csv = desk.run(&["export", "--as", "csv"]).ok().out;
    // A pipe stays one, and whoever reads from it gets the table.
    let (pipe, name) = out(&desk, "pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    desk.run(&["export", "--as", "csv", "--out", &name]).ok();
    assert_eq!(reader.join().unwrap(), csv);
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    // A link leads to the file that is meant, and who may read that stays.
    let (link, name) = out(&desk, "link.csv");
    let file = desk.file("table.csv", b"old");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink("table.csv", &link).unwrap();
    desk.run(&["export", "--as", "csv", "--out", &name]).ok();
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), csv);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // Neither the configuration nor the key, nor the archive over a link to what is not there yet.
    let config = fs::read(desk.path().join("config.toml")).unwrap();
    std::os::unix::fs::symlink("config.toml", desk.path().join("config")).unwrap();
    std::os::unix::fs::symlink(desk.archive().join("new.csv"), desk.path().join("new.csv")).unwrap();
    desk.run(&["export", "--as", "csv", "--pseudonymise", "a.key", "--new-key"]).ok();
    for (args, told) in [
        (&["--out", "config.toml"][..], "is read by this command"),
        (&["--out", "config"], "is read by this command"),
        (&["--out", "./a.key", "--pseudonymise", "a.key"], "would be written over the key"),
        (&["--out", "new.csv"], "lies in the archive"),
    ] {
        let ran = desk.run(&[&["export", "--as", "csv"], args].concat());
        assert!(ran.code == 3 && ran.err.contains(told), "{args:?}: {}", ran.err);
    }
    assert_eq!(fs::read(desk.path().join("config.toml")).unwrap(), config);
}
