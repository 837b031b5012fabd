//! The reporter's desk: clips with their order, notes and permissions, and the ledger of what was quoted where.

use pullquote::archive::Archive;
use serde_json::json;

use crate::program::Desk;

/// A Mastodon status as the API gives it.
fn status(id: &str, user: &str, name: &str, text: &str, edited: Option<&str>) -> serde_json::Value {
    json!({
        "id": id, "uri": format!("https://social.example/users/{user}/statuses/{id}"),
        "url": format!("https://social.example/@{user}/{id}"),
        "created_at": "2021-07-26T18:00:00.000Z", "edited_at": edited, "content": format!("<p>{text}</p>"),
        "spoiler_text": "", "visibility": "public", "sensitive": false, "language": "en",
        "account": { "id": user, "username": user, "acct": user, "display_name": name, "url": format!("https://social.example/@{user}") },
        "media_attachments": [], "mentions": [], "tags": [], "emojis": [], "favourites_count": 1, "reblogs_count": 0, "replies_count": 0,
    })
}

/// An archive of three posts; their keys by author.
fn desk() -> (Desk, Vec<String>) {
    let desk = Desk::with("");
    let page = json!([
        status("101", "ada", "Ada Moss", "I stand with the strikers", None),
        status("102", "ben", "Ben Ray", "Not in my name", None),
        status("103", "cy", "Cy Dell", "Both sides have a point", None),
    ]);
    let file = desk.file("page.json", page.to_string().as_bytes());
    desk.run(&["import", file.to_str().unwrap()]).ok();
    let keys = ["ada", "ben", "cy"]
        .map(|user| desk.run(&["search", "--ids", &format!("from:{user}")]).ok().out.trim().to_owned());
    (desk, keys.to_vec())
}

/// The keys of a list, in its order.
fn order(desk: &Desk, list: &str) -> Vec<String> {
    let clips = desk.run(&["clip", "--to", list, "--json"]).ok().json();
    let numbers: Vec<u64> = clips.iter().map(|clip| clip["position"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=clips.len() as u64).collect::<Vec<_>>(), "positions have no gaps");
    clips.iter().map(|clip| clip["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn clips_keep_their_order_notes_and_permissions() {
    let (desk, keys) = desk();
    let [ada, ben, cy] = &keys[..] else { panic!("{keys:?}") };
    desk.run(&["clip", ben, ada, "--to", "for print"]).ok();
    desk.run(&["clip", cy, "--to", "for print", "--position", "1", "--note", "balance", "--permission", "asked"]).ok();
    assert_eq!(order(&desk, "for print"), [cy, ben, ada].map(String::clone));
    // Once more: nothing is lost, nothing moves.
    desk.run(&["clip", cy, ben, "--to", "for print"]).ok();
    assert_eq!(order(&desk, "for print"), [cy, ben, ada].map(String::clone));
    desk.run(&["clip", ada, ben, "--to", "for print", "--position", "1"]).ok();
    assert_eq!(order(&desk, "for print"), [ada, ben, cy].map(String::clone));
    let clips = desk.run(&["clip", "--to", "for print", "--json"]).ok().json();
    assert_eq!((&clips[2]["note"], &clips[2]["permission"]), (&json!("balance"), &json!("asked")));
    assert_eq!(clips[0]["permission"], "not asked");
    assert_eq!(clips[0]["post"]["text"], "I stand with the strikers");
    desk.run(&["clip", cy, "--to", "for print", "--note", "", "--permission", "granted"]).ok();
    let shown = desk.run(&["clip", "--to", "for print"]).ok().out;
    assert!(shown.contains("3. granted\n") && shown.contains("Both sides have a point"), "{shown}");
    desk.run(&["clip", ben, "--to", "for print", "--remove"]).ok();
    assert_eq!(order(&desk, "for print"), [ada, cy].map(String::clone));
    desk.run(&["clip", ben, "--to", "later"]).ok();
    assert_eq!(desk.run(&["clip"]).ok().out, "for print  2\nlater  1\n");
    // A list is quoted in its order.
    let quoted = desk.run(&["quote", "--clip", "for print"]).ok().out;
    assert_eq!(
        quoted,
        "I stand with the strikers — Ada Moss (@ada@social.example) July 26, 2021\n\n\
         Both sides have a point — Cy Dell (@cy@social.example) July 26, 2021\n"
    );
    let missing = desk.run(&["quote", "--clip", "fro print"]);
    assert!(missing.code == 1 && missing.err.contains("there are: for print, later"), "{}", missing.err);
    let wrong = desk.run(&["clip", ada, "--to", "x", "--permission", "maybe"]);
    assert!(wrong.code == 3 && wrong.err.contains("not asked, asked, granted, anonymise, refused"), "{}", wrong.err);
    assert!(order(&desk, "x").is_empty());
}

#[test]
fn a_promise_holds_however_a_post_is_quoted() {
    let (desk, keys) = desk();
    desk.run(&["clip", &keys[0], "--to", "a", "--permission", "anonymise"]).ok();
    desk.run(&["clip", &keys[1], "--to", "b", "--permission", "refused"]).ok();
    for form in ["line", "html", "json", "bibtex", "wikipedia"] {
        let ran = desk.run(&["quote", &keys[0], "--as", form]).ok();
        assert!(!ran.out.contains("Moss") && !ran.out.contains("@ada") && !ran.out.contains("/101"), "{}", ran.out);
        assert!(ran.err.contains("promised to stay unnamed"), "{}", ran.err);
    }
    // Nor does what others say of it.
    let mut answer = status("104", "dee", "Dee Fay", "@ada I was there", None);
    answer["in_reply_to_id"] = json!("101");
    answer["mentions"] =
        json!([{ "id": "ada", "username": "ada", "acct": "ada", "url": "https://social.example/@ada" }]);
    let mut boost = status("105", "eve", "Eve Orr", "", None);
    boost["reblog"] = status("101", "ada", "Ada Moss", "I stand with the strikers", None);
    let file = desk.file("others.json", json!([answer, boost]).to_string().as_bytes());
    desk.run(&["import", file.to_str().unwrap()]).ok();
    for (search, form) in [("from:dee", "json"), ("from:dee", "line"), ("from:eve", "json"), ("from:eve", "html")] {
        let ran = desk.run(&["quote", "--query", search, "--as", form]).ok();
        let traces = ["/101", "\"101\"", "Moss", "ada@social", "social.example/@ada"];
        assert!(!traces.iter().any(|trace| ran.out.contains(trace)), "{search} {form}: {}", ran.out);
        assert!(ran.err.contains("promised to stay unnamed") && !ran.err.contains("/101"), "{}", ran.err);
    }
    let ran = desk.run(&["quote", "--query", "name"]).ok();
    assert!(ran.out.contains("Ben Ray") && ran.err.contains("does not want it to be printed"), "{}", ran.err);
}

#[test]
fn the_ledger_tells_who_quoted_what_where_and_what_became_of_it() {
    let (desk, keys) = desk();
    let article = "https://news.example/strike";
    let quote = [
        "quote",
        &keys[0],
        &keys[1],
        "--as",
        "listicle",
        "--timezone",
        "Asia/Tokyo",
        "--article",
        article,
        "--by",
        "Rae",
    ];
    let first = desk.run(&quote).ok();
    desk.run(&["quote", &keys[2], "--article", "print, page 3"]).ok();
    let rows = desk.run(&["ledger", "--json"]).ok().json();
    assert_eq!(rows.len(), 3);
    let of_article = desk.run(&["ledger", "--json", "--article", article]).ok().json();
    assert_eq!(of_article.len(), 2);
    assert_eq!(
        (&of_article[1]["by"], &of_article[1]["form"], &of_article[1]["zone"]),
        (&json!("Rae"), &json!("listicle"), &json!("Asia/Tokyo"))
    );
    assert!(of_article.iter().all(|row| row["since"] == json!([])), "{of_article:?}");
    let found = desk.run(&["search", "--ids", &format!("quoted_in:{article}")]).ok().out;
    assert_eq!(found.lines().count(), 2);
    assert_eq!(desk.run(&["search", "--count", "quoted_in:* from:cy"]).ok().out, "1\n");
    assert_eq!(desk.run(&["search", "--count", "quoted_in:nowhere"]).ok().out, "0\n");
    assert!(!desk.run(&["status"]).ok().out.contains("quoted  "));

    // The author edits the post, and goes by another name.
    let page = json!([status("101", "ada", "Ada M.", "I stand with nobody", Some("2021-07-27T08:00:00.000Z"))]);
    let file = desk.file("later.json", page.to_string().as_bytes());
    desk.run(&["import", file.to_str().unwrap()]).ok();
    let changed = desk.run(&["ledger", "--changed"]).ok().out;
    assert!(changed.contains("says something else now: revision 2, edited on 2021-07-27 08:00 UTC"), "{changed}");
    assert!(changed.contains("name is Ada M. now") && !changed.contains("Not in my name"), "{changed}");
    let status = desk.run(&["status"]).ok().out;
    assert!(status.contains(&format!("{} in {article} (ledger 1)", keys[0])), "{status}");
    assert_eq!(desk.run(&["status", "--json"]).ok().json()[0]["changed_since_quoted"][0]["id"], 1);

    // What was printed is printed again, byte for byte; and so is the revision by its name.
    let again = desk.run(&["quote", "--again", "1"]).ok();
    assert_eq!(first.out.split("\n\n2.").next().unwrap(), again.out.trim_end_matches('\n'));
    assert!(again.err.contains("says something else now"), "{}", again.err);
    let name = format!("{}@{}", keys[0], &rows[2]["state"].as_str().unwrap()[..8]);
    let same = desk.run(&["quote", &name, "--as", "listicle", "--timezone", "Asia/Tokyo"]).ok();
    assert_eq!(same.out, again.out);

    // A promise that was given later is told.
    desk.run(&["clip", &keys[1], "--to", "late", "--permission", "anonymise"]).ok();
    assert!(desk.run(&["quote", "--again", "2"]).ok().err.contains("promised to stay unnamed"));
    assert!(desk.run(&["ledger", "--changed"]).ok().out.contains("as clip late says"));

    // The database can be made anew; the desk is nobody's to forget.
    desk.run(&["rebuild"]).ok();
    assert_eq!(desk.run(&["ledger", "--json"]).ok().json().len(), 3);
    assert_eq!(desk.run(&["search", "--count", "quoted_in:*"]).ok().out, "3\n");
    desk.run(&["verify"]).ok();
}

#[test]
fn a_reporter_need_not_wait_for_a_pull() {
    let (desk, keys) = desk();
    let archive = Archive::at(desk.archive());
    let _held = archive.lock().unwrap();
    desk.run(&["clip", &keys[0], "--to", "meanwhile"]).ok();
    desk.run(&["quote", &keys[0], "--article", "meanwhile"]).ok();
    assert_eq!(desk.run(&["ledger", "--json"]).ok().json().len(), 1);
}

#[test]
fn a_file_that_is_no_desk_is_named_and_left_alone() {
    let (desk, keys) = desk();
    let path = desk.archive().join("desk.db");
    std::fs::write(&path, b"not a database at all, but somebody's shopping list").unwrap();
    for args in [&["clip", &keys[0], "--to", "a"][..], &["ledger"], &["quote", &keys[0]]] {
        let ran = desk.run(args);
        assert!(
            ran.code == 1 && ran.err.contains("desk.db") && ran.err.contains("no rebuild"),
            "{args:?}: {}",
            ran.err
        );
    }
    assert_eq!(std::fs::read(&path).unwrap(), b"not a database at all, but somebody's shopping list");
    // What does not need it works.
    desk.run(&["search", "strikers"]).ok();
    let status = desk.run(&["status"]);
    assert!(
        status.code == 2 && status.out.contains("no desk of pullquote") && status.out.contains("captures"),
        "{}",
        status.out
    );
    // One that was only begun is an empty one.
    std::fs::write(&path, b"").unwrap();
    assert_eq!(desk.run(&["clip"]).ok().out, "");
    desk.run(&["clip", &keys[0], "--to", "a"]).ok();
}
