//! Whose words a draft says they are: nothing untrue is certified, and what is right raises no alarm.

use crate::program::Desk;

const HARBOUR: &str = "The harbour is closed until further notice, says the council.";
const NOBODY: &str = "Nobody in this town has ever asked the fishermen what they want to do with the harbour.";

fn archive() -> Desk {
    let desk = Desk::with("");
    let ben = HARBOUR.replace("says", "say");
    let posts: Vec<serde_json::Value> = [
        ("5", "ed", "Ed Fox", "I do not support the strike", "2021-07-20"),
        ("6", "fay", "Fay Gull", "I support the strike", "2021-07-21"),
        ("7", "ada", "Ada Moss", HARBOUR, "2021-07-22"),
        ("8", "ben", "Ben Lark", ben.as_str(), "2021-07-23"),
        ("9", "cy", "Cy Wren", NOBODY, "2021-07-26"),
        ("10", "una", "Una O'Dowd", "Rent is up 12.5% since May", "2021-08-12"),
        ("11", "quin", "Quin Reed", "We shall fight on. Every day counts. This is the end, my friends. I love you all.", "2021-07-28"),
    ]
    .iter()
    .map(|(id, user, name, text, day)| {
        serde_json::json!({
            "id": id,
            "uri": format!("https://moss.example/users/{user}/statuses/{id}"),
            "url": format!("https://moss.example/@{user}/{id}"),
            "created_at": format!("{day}T12:00:00.000Z"),
            "content": format!("<p>{text}</p>"),
            "account": {"id": id, "acct": user, "username": user, "display_name": name, "url": format!("https://moss.example/@{user}")},
            "tags": [], "mentions": [], "media_attachments": [], "visibility": "public"
        })
    })
    .collect();
    let path = desk.file("posts.json", serde_json::to_string(&posts).unwrap().as_bytes());
    desk.run(&["import", path.to_str().unwrap()]).ok();
    desk
}

/// Checks drafts of a kind, each beside the findings that it must have.
#[track_caller]
fn check(desk: &Desk, name: &str, drafts: &[(&str, &str)]) {
    super::found(desk, name, &[("HARBOUR", HARBOUR), ("NOBODY", NOBODY)], drafts);
}

#[test]
fn whose_words_they_are_is_compared_wherever_it_stands() {
    check(
        &archive(),
        "draft.txt",
        &[
            // A sentence earlier.
            ("Fay Gull (@fay@moss.example) agreed. “I do not support the strike,” she wrote.", "verbatim, doubtful"),
            ("Ed Fox (@ed@moss.example) disagreed. “I do not support the strike,” he wrote.", "verbatim"),
            ("Fay Gull (@fay) is the mayor. “NOBODY” she wrote on 3 May 2019.", "verbatim, doubtful"),
            ("Cy Wren (@cy) is the mayor. “NOBODY” she wrote on 26 July 2021.", "verbatim"),
            ("Cy Wren (@cy) is the mayor. “NOBODY” she wrote on 3 May 2019.", "verbatim, doubtful"),
            // Several in a sentence.
            ("Ed Fox (@ed@moss.example) answered @fay: “I do not support the strike”", "verbatim"),
            (
                "Ed Fox (@ed@moss.example) replied to Fay Gull (@fay@moss.example): “I do not support the strike”.",
                "verbatim",
            ),
            (
                "Ed Fox (@ed@moss.example) replied to Ada Moss (@ada@moss.example): “NOBODY”.",
                "verbatim, wrong handle, wrong name",
            ),
            ("Ed Fox (@ed@moss.example) replied to Cy Wren (@cy@moss.example): “NOBODY”.", "verbatim, doubtful"),
            ("Fay Gull (@fay) was answered by Ed Fox (@ed): “I do not support the strike”.", "verbatim"),
            ("“I do not support the strike,” Ed Fox (@ed) told Fay Gull (@fay).", "verbatim"),
            // A name without a handle.
            ("Ben Lark wrote on Mastodon: “HARBOUR”", "altered"),
            ("Ada Moss wrote on Mastodon: “HARBOUR”", "verbatim"),
            ("Yesterday Mayor Ada Moss wrote: “HARBOUR”", "verbatim"),
            ("The council is right. Moss also wrote: “HARBOUR”", "verbatim"),
            ("“HARBOUR” said Cy Wren.", "verbatim, wrong name"),
            ("“HARBOUR” said Ben Lark.", "altered"),
            ("“HARBOUR” Ada Moss wrote.", "verbatim"),
            ("“I support the strike,” said Ed Fox (https://moss.example/@fay/6).", "verbatim, wrong name"),
            ("The Mayor wrote: “HARBOUR”", "verbatim"),
            ("Fay Gull wrote: “I do not support the strike”", "verbatim, wrong name"),
            ("Una O’Dowd (@una@moss.example) wrote: “Rent is up 12.5% since May”", "verbatim"),
            ("“Rent is up 12.5% since May,” said Una O’Dowd.", "verbatim"),
            // What follows is of the same author, and what stands in the next paragraph may not be.
            (
                "“Bread is cheap here,” Ada Moss (@ada@moss.example) said. “Milk is dear here.”",
                "not in the archive | not in the archive",
            ),
            ("“HARBOUR”\n\nOf the fish that Cy Wren (@cy) sells, none is left.", "verbatim"),
        ],
    );
}

#[test]
fn every_date_is_compared() {
    check(
        &archive(),
        "draft.txt",
        &[
            ("“NOBODY” Cy Wren (@cy) wrote (25 July 2021).", "verbatim, wrong date"),
            ("Cy Wren (@cy) wrote: “NOBODY” (25 July 2021)", "verbatim, wrong date"),
            ("Cy Wren (@cy) wrote: “NOBODY” (26 July 2021)", "verbatim"),
            ("Cy Wren (@cy) wrote on 12/8/2021: “NOBODY”", "verbatim, wrong date"),
            ("Cy Wren (@cy) wrote on 26/7/2021: “NOBODY”", "verbatim"),
            ("Una O'Dowd (@una) wrote on 12/8/2021: “Rent is up 12.5% since May”", "verbatim"),
            ("Una O'Dowd (@una) wrote on 8/12/21: “Rent is up 12.5% since May”", "verbatim"),
            ("Cy Wren (@cy) wrote on 9 August: “NOBODY”", "verbatim, wrong date"),
            ("Cy Wren (@cy) wrote on 26 July: “NOBODY”", "verbatim"),
            ("Cy Wren (@cy) wrote in August 2020: “NOBODY”", "verbatim, wrong date"),
            ("Cy Wren (@cy) wrote in July 2021: “NOBODY”", "verbatim"),
            ("NOBODY — Cy Wren (@cy@moss.example) 09/08/2021", "verbatim, wrong date"),
            ("NOBODY — Cy Wren (@cy@moss.example) 8/9/21", "verbatim, wrong date"),
            ("NOBODY — Cy Wren (@cy@moss.example) 7/26/21", "verbatim"),
            ("I do not support the strike — Ed Fox (@ed@moss.example), via Mastodon, July 20, 2021", "verbatim"),
        ],
    );
}

#[test]
fn a_link_is_that_of_a_post_whatever_its_shape() {
    let desk = archive();
    check(
        &desk,
        "draft.md",
        &[
            ("[“I do not support the strike”](https://moss.example/@ed/5)", "verbatim"),
            ("[“I do not support the strike”](https://moss.example/@cy/9)", "verbatim, wrong link"),
            ("[“I do now support the great strikes”](https://moss.example/@ben/8)", "altered"),
            ("> I do not support the strike\n>\n> Ed Fox (@ed@moss.example)", "verbatim"),
            ("> I do not support the strike\n>\n> Fay Gull (@fay@moss.example)", "altered"),
            ("> I do not support the strike\n> Ed Fox (@ed@moss.example)", "verbatim"),
            ("“Every day counts …” Quin Reed (@quin@moss.example) wrote.", "shortened with an ellipsis"),
            ("“… This is … my friends …” Quin Reed (@quin@moss.example) wrote.", "shortened with an ellipsis"),
        ],
    );
    let embed = |url: &str, inside: &str| {
        format!(
            "<p>Prose.</p><blockquote class=\"mastodon-embed\" data-embed-url=\"{url}/embed\">{inside}</blockquote><p>More.</p>"
        )
    };
    let held = "https://moss.example/@ed/5";
    let bare = format!("<a href=\"{held}\"><div>Post by @ed@moss.example</div><div>View on Mastodon</div></a>");
    check(
        &desk,
        "draft.html",
        &[
            (&embed(held, "<p>I do not support the strike</p>"), "verbatim"),
            (&embed(held, "<p>I do support the strike</p>"), "altered"),
            (&embed(held, &bare), ""),
            (&embed(held, ""), ""),
            // A quotation that is a link as a whole.
            (
                "<p>Ed Fox wrote:</p><blockquote><a href='https://moss.example/@ed/5'>I do not support the strike</a></blockquote>",
                "verbatim",
            ),
            (
                "<p>Ed Fox wrote:</p><blockquote><a href='https://moss.example/@ed/5'>I do support the strike</a></blockquote>",
                "altered",
            ),
            (
                "<p>Ed Fox (@ed@moss.example) wrote:</p><p><a href='https://moss.example/@ed/5'>I do support the strike</a></p>",
                "altered",
            ),
            (&embed("https://moss.example/@ed/106650000000000005", ""), "not in the archive"),
            (&embed("https://moss.example/@ed/106650000000000005", &bare), "not in the archive"),
            (
                "<p>Ed said: <q>I do not support the strike</q> (<a href=\"https://moss.example/@ed/5\">@ed</a>)</p>",
                "verbatim",
            ),
            (
                "<p>Ed said: <q>I do support the strike</q> (<a href=\"https://moss.example/@ed/5\">@ed</a>)</p>",
                "altered",
            ),
        ],
    );
}

#[test]
fn the_report_shows_whose_the_post_is() {
    let desk = archive();
    let path = desk.file("draft.txt", "“HARBOUR” one wrote.".replace("HARBOUR", HARBOUR).as_bytes());
    let report = desk.path().join("report.html");
    let ran = desk.run(&["check", path.to_str().unwrap(), "--html", report.to_str().unwrap()]).ok();
    assert!(ran.out.contains("\n  in the archive: Ada Moss, @ada@moss.example, 2021-07-22T12:00:00Z\n"), "{}", ran.out);
    let page = std::fs::read_to_string(report).unwrap();
    assert!(
        page.contains("<p>In the archive: <bdi>Ada Moss, @ada@moss.example, 2021-07-22T12:00:00Z</bdi></p>"),
        "{page}"
    );
    let json = desk.run(&["check", path.to_str().unwrap(), "--json"]).ok().json();
    assert_eq!(json[0]["archive"]["handle"], "ada@moss.example");
}
