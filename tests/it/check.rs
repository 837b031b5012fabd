//! Drafts beside the archive.

mod drafts;
mod embeds;
mod found;
mod hostile;
mod names;
mod whose;

use serde_json::Value;

use crate::program::Desk;
use crate::support::{Answer, Server, shared};

/// The kinds of finding of each quotation.
pub fn kinds(verdicts: &[Value]) -> Vec<Vec<&str>> {
    let kinds = |verdict: &'_ Value| -> Vec<&str> {
        let findings = verdict["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["kind"].as_str().unwrap()).map(known).collect()
    };
    verdicts.iter().map(kinds).collect()
}

/// The word as a constant.
fn known(kind: &str) -> &'static str {
    const KINDS: [&str; 14] = [
        "verbatim",
        "altered",
        "shortened with an ellipsis",
        "shortened without an ellipsis",
        "wrong name",
        "wrong handle",
        "wrong date",
        "wrong link",
        "date of another zone",
        "renamed",
        "edited since",
        "deleted since",
        "not in the archive",
        "doubtful",
    ];
    KINDS.into_iter().find(|known| *known == kind).unwrap_or_else(|| panic!("{kind:?} is no kind"))
}

/// Checks drafts of a kind, each beside the findings that it must have: those of a quotation with commas, and a bar between two
/// quotations. `words` stand for others in the drafts.
#[track_caller]
pub fn found(desk: &Desk, name: &str, words: &[(&str, &str)], drafts: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (draft, expected) in drafts {
        let draft = words.iter().fold((*draft).to_owned(), |draft, (short, long)| draft.replace(short, long));
        let path = desk.file(name, draft.as_bytes());
        let ran = desk.run(&["check", path.to_str().unwrap(), "--json"]);
        let found: Vec<String> = kinds(&ran.json()).iter().map(|kinds| kinds.join(", ")).collect();
        let found = found.join(" | ");
        if found != *expected {
            wrong.push(format!("{draft}\n  expected {expected:?}, found {found:?}\n  {}{}", ran.out, ran.err));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_first_article_is_quoted_to_the_letter() {
    let Some(shared) = shared() else { return };
    let article = shared.join("seed/article.txt");
    let text = std::fs::read_to_string(&article).unwrap();
    let desk = Desk::with("");
    desk.run(&["import", article.to_str().unwrap()]).ok();
    let ran = desk.run(&["check", article.to_str().unwrap()]).ok();
    assert!(ran.out.ends_with("11 quotations, 0 with a fault\n"), "{}", ran.out);
    assert_eq!(ran.out.matches(": verbatim  ").count(), 11, "{}", ran.out);

    let paragraphs: Vec<&str> = text.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).collect();
    let page: String = paragraphs.iter().map(|text| format!("<p>{text}</p>\n")).collect();
    for (name, draft) in [
        ("page.html", format!("<!doctype html><article>{page}</article>")),
        ("article.md", text.clone()),
        ("own-line.txt", text.replace(" — ", "\n\n— ")),
        ("wrapped.txt", text.replace(" the ", "\nthe ")),
    ] {
        let path = desk.file(name, draft.as_bytes());
        let ran = desk.run(&["check", path.to_str().unwrap()]).ok();
        assert!(ran.out.ends_with("11 quotations, 0 with a fault\n"), "{name}: {}", ran.out);
    }

    let mut draft = text;
    for (from, to) in [
        ("a film about what they’ve done", "a movie about what they’ve done"),
        ("(@unionlib)", "(@unionlab)"),
        ("(@revoltinghippie) July 26, 2021", "(@revoltinghippie) July 27, 2021"),
    ] {
        assert!(draft.contains(from));
        draft = draft.replacen(from, to, 1);
    }
    let path = desk.file("draft.txt", draft.as_bytes());
    let ran = desk.run(&["check", path.to_str().unwrap(), "--json"]);
    assert_eq!(ran.code, 6, "{}{}", ran.out, ran.err);
    let verdicts = ran.json();
    let faults: Vec<(&str, &str, &str)> = verdicts
        .iter()
        .filter(|verdict| verdict["fault"] == true)
        .map(|verdict| {
            let findings = verdict["findings"].as_array().unwrap();
            assert_eq!(findings.iter().filter(|finding| finding["fault"] == true).count(), 1, "{verdict}");
            let finding = findings.iter().find(|finding| finding["fault"] == true).unwrap();
            let text = |value: &'_ Value| -> &str { value.as_str().unwrap().to_owned().leak() };
            (text(&verdict["at"]), text(&verdict["handle"]), text(&finding["kind"]))
        })
        .collect();
    assert_eq!(
        faults,
        [
            ("line 59", "unionlab", "wrong handle"),
            ("line 63", "mjdaly57", "altered"),
            ("line 83", "revoltinghippie", "wrong date")
        ]
    );
    assert_eq!(verdicts.len(), 11);
}

/// A status as a Mastodon server shows it.
fn status(text: &str, edited: Option<&str>, name: &str) -> String {
    serde_json::json!([{
        "id": "106650000000000001",
        "uri": "https://moss.example/users/ada/statuses/106650000000000001",
        "url": "https://moss.example/@ada/106650000000000001",
        "created_at": "2021-07-26T23:30:00.000Z",
        "edited_at": edited,
        "content": format!("<p>{text}</p>"),
        "account": {"id": "1", "acct": "ada", "username": "ada", "display_name": name, "url": "https://moss.example/@ada"},
        "tags": [], "mentions": [], "media_attachments": [], "visibility": "public"
    }])
    .to_string()
}

#[test]
fn what_became_of_a_post_since_is_told() {
    let desk = Desk::with("");
    for (at, (text, edited, name)) in [
        ("The harbour will not be closed this year.", None, "Ada Moss"),
        ("The harbour will be closed this year.", Some("2021-07-27T08:00:00.000Z"), "Ada M. Moss"),
    ]
    .into_iter()
    .enumerate()
    {
        let path = desk.file(&format!("{at}.json"), status(text, edited, name).as_bytes());
        desk.run(&["import", path.to_str().unwrap()]).ok();
    }
    for (draft, code, expected) in [
        ("The harbour will be closed this year. — Ada M. Moss (@ada@moss.example) July 26, 2021", 0, "verbatim"),
        ("The harbour will not be closed this year. — Ada Moss (@ada) July 26, 2021", 0, "verbatim, edited since"),
        ("The harbour will be closed this year. — Ada Moss (@ada) July 26, 2021", 0, "verbatim, renamed"),
        (
            "The harbour will be closed this year. — Ada M. Moss (@ada) July 27, 2021",
            0,
            "verbatim, date of another zone",
        ),
        ("The harbour will be closed this year. — Ada M. Moss (@ada) July 28, 2021", 6, "verbatim, wrong date"),
        (
            "The harbour is closed this year. — Eda Moss (@eda) July 25, 2021",
            6,
            "altered, wrong handle, wrong name, wrong date",
        ),
        ("The weather will be fine tomorrow. — Ada M. Moss (@ada) July 26, 2021", 6, "not in the archive"),
        ("The harbour [in town] will be closed this year. — Ada M. Moss (@ada)", 6, "altered"),
        ("“The harbour will … this year,” Ada M. Moss (@ada) wrote.", 0, "shortened with an ellipsis"),
        ("Ada M. Moss (@ada) wrote: ‘The harbour will be closed.’", 6, "shortened without an ellipsis"),
        ("[The harbour will be shut this year](https://moss.example/@ada/106650000000000001), it seems.", 6, "altered"),
        ("[What she said of it](https://moss.example/@ada/106650000000000001) “angered” many (see @ben).", 0, ""),
        ("The harbour will be closed this year. — Ada M. Moss (@ada) July 26", 0, "verbatim"),
        ("The harbour will be closed this year. — Ada M. Moss (@ada), on Mastodon", 0, "verbatim"),
        ("“The harbour will be closed this year.” — Ada M. Moss (@ada, 26 July 2021)", 0, "verbatim"),
        ("Ben (@ben)\n\n> The harbour will be closed this year.\n\nAda M. Moss (@ada)", 0, "verbatim"),
        (
            "- The harbour will be closed this year (@ada)\n- “Nothing of the sort was ever said.” (Ben, @ben, 26 July 2021)",
            6,
            "verbatim | not in the archive",
        ),
        ("Ada M. Moss @ada · Jul 26, 2021\nThe harbour will be shut this year.", 6, "altered"),
        ("> [Post by @ada@moss.example](https://moss.example/@ada/106650000000000001)\n\nBen (@ben) reads it.", 0, ""),
        ("It will not be so – thanks to @ada\n\n— Ben (@ben) July 26, 2021", 6, "not in the archive"),
        ("Somebody said: “The harbour will be closed this year.”", 0, "verbatim"),
        ("Nobody said: “The ships will all be sold next year.”", 0, ""),
        ("“The harbour,” Ada M. Moss (@ada) wrote, “will be closed this year.”", 0, "verbatim"),
        ("“The harbour,” Ada M. Moss (@ada) wrote, “will be opened this year.”", 6, "altered"),
        ("Ada M. Moss, @ada, wrote: \"The harbour will be closed this year\"", 0, "verbatim"),
        (
            "Since the vote on 20 July 2021, Ada M. Moss (@ada) says “the harbour will be closed this year”.",
            6,
            "altered",
        ),
        ("The harbour will be closed this year.\n— Ada M. Moss, 26 July 2021", 0, "verbatim"),
        ("“The harbour will be closed this year.”\n\nAda M. Moss (@ada) wrote that on X.", 0, "verbatim"),
        ("Ada M. Moss (@ada) wrote:\n\nThe harbour will be closed this year.", 0, "verbatim"),
        ("Ada M. Moss (@ada) wrote:\n\nThe following list is ours.", 0, ""),
        (
            "> The harbour will be closed this year.\n\nAs Ada Mess (@ada) wrote on 26 July 2021",
            6,
            "verbatim, wrong name",
        ),
    ] {
        let path = desk.file("draft.md", draft.as_bytes());
        let ran = desk.run(&["check", path.to_str().unwrap(), "--json"]);
        let found: Vec<String> = kinds(&ran.json()).iter().map(|kinds| kinds.join(", ")).collect();
        assert_eq!((found.join(" | ").as_str(), ran.code), (expected, code), "{draft}: {}{}", ran.out, ran.err);
    }
    let path =
        desk.file("draft.txt", "The harbour will be closed this year. — Ada M. Moss (@ada) July 27, 2021".as_bytes());
    let ran = desk.run(&["check", path.to_str().unwrap(), "--json", "--timezone", "Europe/London"]).ok();
    assert_eq!(kinds(&ran.json()), [["verbatim"]]);
    for args in [&["--timezone", "Mars/Olympus"][..], &["--format", "pdf"]] {
        let ran = desk.run(&[&["check", path.to_str().unwrap()], args].concat());
        assert_eq!(ran.code, 3, "{}", ran.err);
    }
}

#[test]
fn the_report_as_a_page_holds_nothing_of_strangers_but_text() {
    let desk = Desk::with("");
    let path = desk.file(
        "a.json",
        status("Hello &lt;script&gt;alert(1)&lt;/script&gt; harbour and town", None, "<i>Ada</i>").as_bytes(),
    );
    desk.run(&["import", path.to_str().unwrap()]).ok();
    let draft = "Hello <script>alert(2)</script> harbour and town — <b>Ada</b> (@ada) July 26, 2021";
    let path = desk.file("<draft>.txt", draft.as_bytes());
    let report = desk.path().join("report.html");
    let ran = desk.run(&["check", path.to_str().unwrap(), "--html", report.to_str().unwrap()]);
    assert_eq!(ran.code, 6, "{}{}", ran.out, ran.err);
    let page = std::fs::read_to_string(report).unwrap();
    for forbidden in ["<script", "<i>", "<b>", "<draft>", "http://", "https://", "src="] {
        assert!(!page.contains(forbidden), "{forbidden}:\n{page}");
    }
    assert!(page.contains("<del>1</del><ins>2</ins>"), "{page}");
}

#[test]
fn a_page_of_the_web_is_checked_and_not_kept() {
    let page = "<!doctype html><p>The harbour will be shut this year. — Ada Moss (@ada) July 26, 2021";
    let server = Server::script([Answer::new(200, &[("content-type", "text/html")], page), Answer::new(404, &[], "")]);
    let config = format!(
        "transport = \"live\"\n[http]\nmin_interval_ms = 0\nretries = 0\nallow_private = [\"{}\"]\n",
        server.host()
    );
    let desk = Desk::with(&config);
    let path = desk.file("a.json", status("The harbour will be closed this year.", None, "Ada Moss").as_bytes());
    desk.run(&["import", path.to_str().unwrap()]).ok();
    let before = desk.posts();
    let ran = desk.run(&["check", &server.url("/story")]);
    assert_eq!(ran.code, 6, "{}{}", ran.out, ran.err);
    assert!(ran.out.starts_with("p 1: altered  "), "{}", ran.out);
    assert!(ran.out.contains("[-closed-] {+shut+}"), "{}", ran.out);
    let gone = desk.run(&["check", &server.url("/gone")]);
    assert_eq!((gone.code, gone.err.contains("404")), (1, true), "{}", gone.err);
    assert_eq!(desk.posts(), before);
    let status = desk.run(&["status", "--json"]).ok().json();
    assert_eq!(status[0]["captures"], 1, "{status:?}");
}

#[test]
fn its_own_forms_are_read() {
    let desk = Desk::shipped();
    desk.run(&["pull"]).ok();
    for (form, extension) in
        [("line", "txt"), ("line-uk", "txt"), ("inline", "txt"), ("markdown", "md"), ("html", "html")]
    {
        let mut draft = if form == "html" { "<p>Prose.</p>\n".to_owned() } else { "Prose.\n\n".to_owned() };
        let mut expected = 0;
        for post in desk.posts() {
            let (text, key) = (post["text"].as_str().unwrap(), post["key"].as_str().unwrap());
            // A repost has no words, and what has none of its own is no quotation.
            if text.trim().is_empty() || !post["repost_of"].is_null() || post["author"]["handle"].is_null() {
                continue;
            }
            draft.push_str(&desk.run(&["quote", key, "--as", form]).ok().out);
            draft.push_str(if form == "html" { "<p>Prose.</p>\n" } else { "\n1.\n\n" });
            expected += 1;
        }
        let path = desk.file(&format!("draft.{extension}"), draft.as_bytes());
        let ran = desk.run(&["check", path.to_str().unwrap(), "--json"]);
        let verdicts = ran.json();
        let wrong: Vec<&Value> = verdicts.iter().filter(|verdict| verdict["fault"] == true).collect();
        assert!(wrong.is_empty() && ran.code == 0, "{form}: {wrong:#?}\n{draft}");
        assert_eq!(verdicts.len(), expected, "{form}");
    }
}
