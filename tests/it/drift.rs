//! A field that used to be full and is now empty is an alarm: said, shown by `status`, an exit code.

use serde_json::{Value, json};

use crate::program::Desk;

/// Statuses of a server, each with a language or without.
fn statuses(numbers: std::ops::Range<u32>, lang: Option<&str>) -> Vec<u8> {
    let statuses: Vec<Value> = numbers
        .map(|n| {
            json!({
                "id": n.to_string(), "uri": format!("https://a.example/users/ada/statuses/{n}"),
                "created_at": "2021-07-26T18:00:00Z", "content": format!("<p>Post {n}</p>"), "visibility": "public",
                "language": lang, "account": {"id": "1", "acct": "ada", "display_name": "Ada Moss"},
            })
        })
        .collect();
    serde_json::to_vec(&statuses).unwrap()
}

#[test]
fn a_field_that_was_full_and_is_empty_is_an_alarm() {
    let desk = Desk::shipped();
    let import = |name: &str, bytes: Vec<u8>| {
        let path = desk.file(name, &bytes);
        desk.run(&["import", path.to_str().unwrap()])
    };
    // Too few before to know, whatever is empty.
    assert_eq!(import("1.json", statuses(0..10, Some("en"))).code, 0);
    assert_eq!(import("2.json", statuses(10..20, None)).code, 0);
    assert_eq!(import("3.json", statuses(20..320, Some("en"))).code, 0);
    // Too few now to say.
    assert_eq!(import("4.json", statuses(320..329, None)).code, 0);
    let alarm = import("5.json", statuses(400..410, None));
    assert_eq!(alarm.code, 5, "{}", alarm.err);
    assert!(
        alarm.err.contains("0 of 10 posts have the field \"language\", and 310 of 329 had it before"),
        "{}",
        alarm.err
    );
    let status = desk.run(&["status", "--json"]).ok().json();
    assert_eq!(status[0]["drift"][0]["field"], "language", "{status:?}");
    assert!(desk.run(&["status"]).ok().out.contains("alarm     mastodon (statuses) may have changed"));
    // What is full again is none, and neither is what was always empty.
    assert_eq!(import("6.json", statuses(500..510, Some("en"))).code, 0);
    desk.run(&["verify"]).ok();
    desk.run(&["rebuild"]).ok();
    desk.run(&["verify"]).ok();
}
