//! What the program says about questions and inputs that cannot have an answer.

use serde_json::Value;

use crate::program::Desk;
use crate::support::root;

fn statuses() -> Vec<Value> {
    let page = std::fs::read(root().join("fixtures/mastodon/page/body.json")).unwrap();
    serde_json::from_slice(&page).unwrap()
}

#[test]
fn a_search_that_begins_with_a_hyphen_is_told_how_to() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let all = desk.posts().len();
    for query in ["-zzzzzz", "-from:nobody", "-\"a zzzzzz\""] {
        let ran = desk.run(&["search", query]);
        let tip = format!("pullquote search -- '{query}'");
        assert_eq!((ran.code, ran.err.contains(&tip)), (3, true), "{}", ran.err);
        assert_eq!(desk.run(&["search", "--json", "--", query]).ok().json().len(), all, "{query}");
    }
    for args in [&["show", "search", "-zzzzzz"][..], &["--archive", "search", "status", "-z"], &["-z", "search", "ken"]]
    {
        let ran = desk.run(args);
        assert_eq!((ran.code, ran.err.contains("a search that begins with it")), (3, false), "{args:?}: {}", ran.err);
    }
    let ran = desk.run(&["-v", "--archive", "search", "search", "-zzzzzz"]);
    assert!(ran.err.contains("a search that begins with it"), "{}", ran.err);
    let ran = desk.run(&["search", "ken", "--jsno"]);
    assert_eq!((ran.code, ran.err.contains("--json")), (3, true), "{}", ran.err);
}

#[test]
fn a_search_that_nothing_can_match_says_why() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    for (query, says) in [
        ("platform:zzz", "no post is of platform:zzz; there are: bluesky"),
        ("ken job:nojob", "no post is of job:nojob; there are: "),
        ("since:2022-01-01 until:2021-01-01", "no time is both"),
        ("zzzzzz", ""),
        ("zzzzzz -platform:zzz", ""),
    ] {
        let ran = desk.run(&["search", query]).ok();
        assert_eq!(ran.out, "");
        assert!(if says.is_empty() { ran.err.is_empty() } else { ran.err.contains(says) }, "{query}: {}", ran.err);
    }
}

#[test]
fn a_file_that_gives_no_post_at_all_is_no_success() {
    let desk = Desk::with("");
    let mut posts = statuses();
    posts.truncate(2);
    for post in &mut posts {
        post["visibility"] = "private".into();
    }
    let path = desk.file("private.json", &serde_json::to_vec(&posts).unwrap());
    for command in ["parse", "import"] {
        let ran = desk.run(&[command, path.to_str().unwrap()]);
        assert_eq!(ran.code, 2, "{command}: {}{}", ran.out, ran.err);
    }
    posts[0]["visibility"] = "public".into();
    let path = desk.file("some.json", &serde_json::to_vec(&posts).unwrap());
    for command in ["parse", "import"] {
        desk.run(&[command, path.to_str().unwrap()]).ok();
    }
}

#[test]
fn the_name_of_a_file_makes_no_line_of_its_own() {
    let desk = Desk::with("");
    let empty = desk.file("a\nerror: forged.json", b"");
    let whole = desk.file("b\n  forged.json", &serde_json::to_vec(&statuses()).unwrap());
    for command in ["parse", "import"] {
        let ran = desk.run(&[command, empty.to_str().unwrap()]);
        assert_eq!(ran.err.trim_end().lines().count(), 1, "{}", ran.err);
    }
    let ran = desk.run(&["import", whole.to_str().unwrap()]).ok();
    assert!(!ran.out.contains("\n  forged"), "{}", ran.out);
}

#[test]
fn a_source_that_can_never_work_is_an_error_of_the_configuration() {
    let config =
        |source: &str, more: &str| format!("[[job]]\nname = \"a\"\ntags = [\"a\"]\nsources = [\"{source}\"]\n{more}\n");
    for (source, more, says) in [
        ("mastodon", "", "mastodon needs a server"),
        ("article", "", "can be imported, but not pulled"),
        ("mastodon:a.example", "max_pages = 0", "nonzero"),
    ] {
        let desk = Desk::with(&config(source, more));
        let ran = desk.run(&["pull"]);
        assert_eq!((ran.code, ran.err.contains(says)), (3, true), "{source} {more}: {}", ran.err);
        assert_eq!(ran.err.trim_end().lines().count(), 1, "{}", ran.err);
        assert!(!desk.archive().exists());
    }
}

#[test]
fn an_error_of_the_configuration_is_one_sentence_with_its_line() {
    let ran = Desk::with("transport = \"live\"\n\n[http]\nretries = \"four\"\n").run(&["status"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.err.contains("config.toml: line 4 (retries = \"four\"): invalid type") && ran.err.lines().count() == 1,
        "{}",
        ran.err
    );
    let ran = Desk::with("transport = \"live\"\ntranspot = 1\n").run(&["status"]);
    assert!(
        ran.err.contains("line 2 (transpot = 1): unknown key `transpot`: did you mean `transport`?")
            && ran.err.lines().count() == 1,
        "{}",
        ran.err
    );
    let ran = Desk::with("transport = \n").run(&["status"]);
    assert!(ran.err.contains("line 1 (transport =): ") && ran.err.lines().count() == 1, "{}", ran.err);
}

#[test]
fn an_empty_id_is_none() {
    let desk = Desk::with("");
    let mut posts = statuses();
    posts.truncate(1);
    posts[0]["id"] = "".into();
    posts[0]["in_reply_to_id"] = "".into();
    let path = desk.file("empty-id.json", &serde_json::to_vec(&posts).unwrap());
    let parsed = desk.run(&["parse", path.to_str().unwrap(), "--json"]).ok().json();
    assert!(parsed[0]["id"].is_null() && parsed[0]["reply_to"].is_null(), "{}", parsed[0]);
}
