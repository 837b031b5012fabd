//! Pseudonyms: nothing that names an account is left, what belonged together still does, and the key stays where it is.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::out;
use crate::program::Desk;

/// Posts of people who name each other in every way.
fn desk() -> Desk {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    let table = "name,handle,id,date,url,text\n\
        Ada Moss,ada_moss,1419789626373046272,2021-07-26T22:40:00Z,https://twitter.com/ada_moss/status/1419789626373046272,\"Ada Moss here, with @row_er and row_er: https://x.com/row_er/status/20 and https://news.example/ferry\"\n\
        Row Er,row_er,1419789626373046273,2021-07-26T22:41:00Z,https://twitter.com/row_er/status/1419789626373046273,\"@ADA_MOSS no. Mail ada@moss.example, see x.com/ada_moss/status/1419789626373046272… #ada_moss\"\n";
    let path = desk.file("people.csv", table.as_bytes());
    let map = "text=text,author=name,handle=handle,id=id,date=date,url=url,platform:x";
    desk.run(&["import", path.to_str().unwrap(), "--map", map]).ok();
    desk
}

/// What leads to an account or a post.
fn names(posts: &[Value]) -> HashSet<String> {
    let mut names = HashSet::new();
    for post in posts {
        for name in [
            "key",
            "native_id",
            "uri",
            "url",
            "author_id",
            "author_handle",
            "author_name",
            "author_url",
            "capture_url",
            "capture_digest",
            "capture_record_id",
            "reply_to_id",
            "reply_to_uri",
            "repost_of_uri",
            "quote_of_uri",
        ] {
            names.extend(post[name].as_str().filter(|name| name.len() > 3).map(str::to_owned));
        }
        for mention in post["mentions"].as_array().unwrap() {
            names.extend(["handle", "id", "url"].iter().filter_map(|name| mention[name].as_str()).map(str::to_owned));
        }
        for media in post["media"].as_array().unwrap() {
            names.extend(media["url"].as_str().map(str::to_owned));
        }
    }
    names
}

#[test]
fn nothing_that_names_an_account_is_left() {
    let desk = desk();
    let (key, key_name) = out(&desk, "key");
    let plain = desk.run(&["export", "--as", "jsonl"]).ok().json();
    let ran = desk.run(&["export", "--as", "jsonl", "--pseudonymise", &key_name, "--new-key"]).ok();
    assert!(ran.err.contains("made the key"), "{}", ran.err);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let secret = fs::read_to_string(&key).unwrap();
    let (_, csv) = out(&desk, "posts.csv");
    let (package, package_name) = out(&desk, "package");
    desk.run(&["export", "--as", "csv", "--out", &csv, "--pseudonymise", &key_name]).ok();
    desk.run(&[
        "export",
        "from:ada_moss OR from:row_er OR -from:nobody",
        "--package",
        &package_name,
        "--pseudonymise",
        &key_name,
    ])
    .ok();
    let mut written = vec![ran.out.clone(), fs::read_to_string(&csv).unwrap()];
    for name in ["data/posts.csv", "data/captures.csv", "datapackage.json", "codebook.md", "CITATION.cff"] {
        written.push(fs::read_to_string(package.join(name)).unwrap());
    }
    let names = names(&plain);
    assert!(names.len() > 100 && names.contains("row_er"), "{names:?}");
    for text in &written {
        let folded = text.to_lowercase();
        for name in &names {
            assert!(
                !folded.contains(&name.to_lowercase()),
                "{name:?} is left in {:?}",
                around(&folded, &name.to_lowercase())
            );
        }
        // Mirrors name posts by their number.
        for rest in [secret.trim(), "people.csv", "moss.example", "x.com/", "/status/"] {
            assert!(!folded.contains(rest), "{rest} is left");
        }
    }
    // What is nobody's stays.
    assert!(ran.out.contains("https://news.example/ferry"));
}

/// A name with what stands around it.
fn around<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let at = text.find(name)?;
    let start = (0..=at.saturating_sub(80)).rev().find(|start| text.is_char_boundary(*start))?;
    let end = (at + name.len()..text.len()).find(|end| text.is_char_boundary(*end))?;
    text.get(start..end)
}

#[test]
fn what_belonged_together_still_does() {
    let desk = desk();
    let (_, key) = out(&desk, "key");
    let plain = desk.run(&["export", "--as", "jsonl"]).ok().json();
    let hidden = desk.run(&["export", "--as", "jsonl", "--pseudonymise", &key, "--new-key"]).ok();
    assert_eq!(
        hidden.out,
        desk.run(&["export", "--as", "jsonl", "--pseudonymise", &key]).ok().out,
        "the same key, the same names"
    );
    let hidden = hidden.json();
    assert_eq!(plain.len(), hidden.len());
    for name in ["author_id", "author_handle", "author_name", "uri", "reply_to_uri", "capture_record_id"] {
        let mut pairs: HashMap<&Value, &Value> = HashMap::new();
        for (plain, hidden) in plain.iter().zip(&hidden) {
            assert_eq!(plain[name].is_null(), hidden[name].is_null(), "{name}");
            assert_eq!(*pairs.entry(&plain[name]).or_insert(&hidden[name]), &hidden[name], "{name}");
        }
        let others: HashSet<&Value> = pairs.values().copied().collect();
        assert_eq!(others.len(), pairs.len(), "{name}: two have one pseudonym");
    }
    // An answer leads to what it answers, as it did.
    let uris = |posts: &[Value]| -> Vec<Option<usize>> {
        let place = |uri: &Value| posts.iter().position(|post| !uri.is_null() && post["uri"] == *uri);
        posts.iter().map(|post| place(&post["reply_to_uri"])).collect()
    };
    assert_eq!(uris(&plain), uris(&hidden));
    // A mention in the text is the author's pseudonym.
    let of = |handle: &str| {
        let place = plain.iter().position(|post| post["author_handle"] == handle).unwrap();
        (hidden[place]["author_handle"].as_str().unwrap(), hidden[place]["text"].as_str().unwrap())
    };
    let ((ada, ada_said), (row, row_said)) = (of("ada_moss"), of("row_er"));
    assert!(ada_said.contains(&format!("with @{row} and {row}: address-")), "{ada_said}");
    assert!(
        row_said.starts_with(&format!("@{ada} no. Mail handle-")) && row_said.ends_with(&format!("… #{ada}")),
        "{row_said}"
    );
    // Another key, other names.
    let (_, other) = out(&desk, "other");
    let again = desk.run(&["export", "--as", "jsonl", "--pseudonymise", &other, "--new-key"]).ok().json();
    assert_ne!(again[0]["author_handle"], hidden[0]["author_handle"]);
    assert_eq!(again[0]["created"], plain[0]["created"]);
}

#[test]
fn a_promise_is_remembered() {
    let desk = desk();
    let key = desk.run(&["search", "from:ada_moss", "--ids"]).ok().out;
    desk.run(&["clip", key.trim(), "--to", "list", "--permission", "anonymise"]).ok();
    let (_, names) = out(&desk, "key");
    let (_, package) = out(&desk, "package");
    let told = "1 of them are by people who were promised to stay unnamed";
    for (args, is_told) in [
        (&["export", "--as", "csv"][..], true),
        (&["export", "--package", &package], true),
        (&["export", "from:row_er", "--as", "csv"], false),
        (&["export", "--as", "csv", "--pseudonymise", &names, "--new-key"], false),
    ] {
        let ran = desk.run(args).ok();
        assert_eq!(ran.err.contains(told), is_told, "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_key_is_asked_for() {
    let desk = desk();
    let (_, key) = out(&desk, "key");
    for (args, told) in [
        (&["export", "--as", "csv", "--pseudonymise", &key][..], "--new-key makes one"),
        (&["export", "--as", "ids", "--pseudonymise", &key, "--new-key"], "would lead nowhere"),
    ] {
        let ran = desk.run(args);
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(ran.err.contains(told) && ran.out.is_empty(), "{}", ran.err);
    }
}

#[test]
fn a_handle_that_the_archive_knows_goes_without_its_server_too() {
    let desk = Desk::with("");
    let table = "name,handle,url,text\n\
        Ada Moss,ada@moss.example,https://moss.example/@ada/110000000000000001,\"ben99, Ben99 BEN99 zoe\u{308}_x1\"\n\
        Benjamin O’Hara,ben99@far.example,https://far.example/@ben99/110000000000000002,I am Benjamin O'Hara\n\
        Zoë,zoë_x1@far.example,https://far.example/@zoe/110000000000000003,Hello\n";
    let path = desk.file("people.csv", table.as_bytes());
    let map = "text=text,author=name,handle=handle,url=url,platform:mastodon";
    desk.run(&["import", path.to_str().unwrap(), "--map", map]).ok();
    let (_, key) = out(&desk, "key");
    let ran = desk.run(&["export", "--as", "jsonl", "--pseudonymise", &key, "--new-key"]).ok();
    let posts = ran.json();
    let text = |begins: &str| {
        posts.iter().find_map(|post| post["text"].as_str().filter(|text| text.contains(begins))).unwrap()
    };
    assert!(
        !ran.out.to_lowercase().contains("ben99") && !ran.out.contains("_x1") && !ran.out.contains("Hara"),
        "{}",
        ran.out
    );
    let ben = posts.iter().find(|post| post["text"].as_str().unwrap().starts_with("I am name-")).unwrap();
    let ben = ben["author_handle"].as_str().unwrap();
    assert!(text(", ").starts_with(&format!("{ben}, {ben} {ben} handle-")), "{}", text(", "));
}

/// The posts of a table under pseudonyms, the one that says Hello first; and the export as it was written.
fn hidden(rows: &str, platform: &str) -> (Vec<Value>, String) {
    let desk = Desk::with("");
    let path = desk.file("people.csv", format!("name,handle,date,url,text\n{rows}").as_bytes());
    let map = format!("text=text,author=name,handle=handle,date=date,url=url,platform:{platform}");
    desk.run(&["import", path.to_str().unwrap(), "--map", &map]).ok();
    let (_, key) = out(&desk, "key");
    let ran = desk.run(&["export", "--as", "jsonl", "--pseudonymise", &key, "--new-key"]).ok();
    let mut posts = ran.json();
    posts.sort_by_key(|post| post["text"] != "Hello");
    (posts, ran.out)
}

#[test]
fn what_the_archive_knows_goes_inside_addresses_too() {
    let (posts, all) = hidden(
        "Kay,known_2,2021-07-26T22:40:00Z,https://x.com/known_2/status/20123456,Hello\n\
         Row,row_er,2021-07-26T22:41:00Z,https://x.com/row_er/status/20123457,\"#known_2 https://web.archive.org/web/2021/https://twitter.com/known_2/status/1 \
         https://n.example/?url=https%3A%2F%2Ftwitter.com%2Fknown_2 https://n.example/?via=known_2 https://known_2.n.example/ \
         https://mirror.example/status/20123456 known_22 known_ https://n.example/known_22 https://n.example/ferry\"\n",
        "x",
    );
    // Another handle, of nobody that is known.
    let all = all.replace("known_22", "");
    assert!(!all.contains("known_2") && !all.contains("20123456") && !all.contains("20123457"), "{all}");
    let (kay, said) = (posts[0]["author_handle"].as_str().unwrap(), posts[1]["text"].as_str().unwrap());
    assert!(
        said.starts_with(&format!("#{kay} address-"))
            && said.ends_with(" known_22 known_ https://n.example/known_22 https://n.example/ferry"),
        "{said}"
    );
}

#[test]
fn a_handle_that_is_a_domain_goes_as_a_link_too() {
    let (posts, all) = hidden(
        "Ada,ada.example,2021-07-26T22:40:00Z,https://bsky.app/profile/ada.example/post/3kaaaaaaaaa2a,Hello\n\
         Ben,ben.example,2021-07-26T22:41:00Z,https://bsky.app/profile/ben.example/post/3kaaaaaaaaa2b,\"wrote to ada.example, see \
         https://ada.example/about http://ada.example www.ada.example ada.example/about clearsky.example/ada.example https://n.example/ferry\"\n",
        "bluesky",
    );
    assert!(!all.contains("ada.example"), "{all}");
    let (ada, said) = (posts[0]["author_handle"].as_str().unwrap(), posts[1]["text"].as_str().unwrap());
    assert!(said.starts_with(&format!("wrote to {ada}, see address-")), "{said}");
    assert!(said.contains(&format!("www.{ada} ")) && said.ends_with(" https://n.example/ferry"), "{said}");
}

#[test]
fn an_account_has_one_pseudonym_with_and_without_its_server() {
    let (posts, _) = hidden(
        "Ada,ada_1@one.example,2021-07-26T22:40:00Z,https://one.example/@ada_1/110000000000000001,Hello\n\
         Cy,cy_4@one.example,2021-07-26T22:41:00Z,https://one.example/@cy_4/110000000000000002,ada_1 @ada_1\n",
        "mastodon",
    );
    let ada = posts[0]["author_handle"].as_str().unwrap();
    assert_eq!(posts[1]["text"], format!("{ada} @{ada}"));
}

#[test]
fn a_key_is_never_written_over_and_one_that_was_made_is_told() {
    let desk = desk();
    let (path, key) = out(&desk, "key");
    for to in [&["--as", "jsonl", "--out", &key][..], &["--package", &key]] {
        let ran = desk.run(&[&["export", "--pseudonymise", &key, "--new-key"][..], to].concat());
        assert!(ran.code == 3 && ran.err.contains("written over the key"), "{}", ran.err);
        assert!(!path.exists(), "no key is made for it");
    }
    let (_, nowhere) = out(&desk, "nowhere/posts");
    let args = ["export", "--as", "jsonl", "--pseudonymise", &key, "--new-key", "--out", &nowhere];
    let ran = desk.run(&args);
    assert!(ran.code != 0 && ran.err.contains("was made and stays"), "{}", ran.err);
    let made = fs::read_to_string(&path).unwrap();
    assert!(!desk.run(&args).err.contains("was made"));
    let (link, link_name) = out(&desk, "link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for name in [&key, &link_name] {
        let ran = desk.run(&["export", "--as", "jsonl", "--pseudonymise", name, "--out", &key]);
        assert!(ran.code == 3 && ran.err.contains("written over the key"), "{}", ran.err);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), made);
}
