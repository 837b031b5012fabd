//! Quotations: every form over awkward posts (tests/it/quotes, one post and one golden file a case; `BLESS=1` writes the goldens anew),
//! and what the command does with revisions, house styles and names that look alike.

use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use pullquote::model::{Author, CaptureRef, Handle, Kind, Post, Precision, When, WhenSource};
use pullquote::quote::{self, Context, FORMATS, Gone, Quotable, Setting, Style, Template};
use pullquote::zone::Zone;
use serde_json::{Value, json};

use crate::program::Desk;
use crate::support::root;

/// A case: a post of an invented person, and what else its quotation depends on.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    post: Post,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    revision: Option<u32>,
    #[serde(default)]
    revisions: Option<u32>,
    #[serde(default)]
    deleted: Option<DateTime<Utc>>,
}

fn cases() -> Vec<(PathBuf, Quotable, Setting)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join("tests/it/quotes"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    let case = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let capture = CaptureRef {
            file: "2021-08.warc.gz".into(),
            offset: 4711,
            record_id: "<urn:uuid:00000000-0000-4000-8000-000000000000>".into(),
            digest: format!("sha256:{}", "0123456789abcdef".repeat(4)),
        };
        let platform = pullquote::platform::by_name(&case.post.platform);
        let quotable = Quotable {
            venue: platform.and_then(|platform| platform.venue(&case.post)),
            captured_at: "2021-08-02T10:00:00Z".parse().unwrap(),
            place: "/3".into(),
            revision: case.revision.unwrap_or(1),
            revisions: case.revisions.unwrap_or(1),
            gone: case.deleted.map(|at| Gone { at, server: None, capture: capture.clone(), place: "/7".into() }),
            capture,
            ..Quotable::of(case.post)
        };
        let zone = case.zone.map_or(Zone::UTC, |zone| zone.parse().unwrap());
        (path, quotable, Setting::new(zone, "2026-11-23T12:00:00Z".parse().unwrap()))
    };
    paths.into_iter().map(case).collect()
}

/// Every form of a case, with its evidence, its warnings and a house style.
fn page(quotable: &Quotable, setting: &Setting) -> String {
    let mut page = String::new();
    let one = std::slice::from_ref(quotable);
    for form in FORMATS {
        write!(page, "=== {}\n{}\n", form.name, quote::all(Style::Form(form), one, setting)).unwrap();
    }
    let style =
        "{number}. «{text}»[ — {name}][ (@{handle})][, {date:%d.%m.%Y}][ {time} {zone}][ ({post}, {platform})][ {url}]";
    let template: Template = style.parse().unwrap();
    write!(page, "=== {style}\n{}\n", quote::all(Style::House(&template), one, setting)).unwrap();
    let telling = Setting { evidence: true, ..*setting };
    let line = quote::all(Style::Form(&FORMATS[0]), one, &telling);
    writeln!(page, "=== evidence\n{}", line.lines().last().unwrap()).unwrap();
    let context = Context { last_revision: quotable.revisions, ..Context::default() };
    page.push_str("=== warnings\n");
    for warning in quote::warnings(quotable, &context) {
        writeln!(page, "{}: {warning}", warning.kind.as_str()).unwrap();
    }
    page
}

#[test]
fn every_form_of_every_awkward_post_is_as_it_was() {
    let bless = std::env::var_os("BLESS").is_some();
    let cases = cases();
    assert!(cases.len() >= 12, "{} cases", cases.len());
    for (path, quotable, setting) in cases {
        let golden = path.with_extension("txt");
        let page = page(&quotable, &setting);
        if bless {
            std::fs::write(&golden, &page).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        for (found, expected) in page.lines().zip(expected.lines()) {
            assert_eq!(found, expected, "{}", golden.display());
        }
        assert_eq!(page, expected, "{}; BLESS=1 writes it anew", golden.display());
    }
}

#[test]
fn a_post_bears_the_names_of_its_time() {
    let x = pullquote::platform::by_name("x").unwrap();
    let second = |at: &str| When::new(at.parse().unwrap(), Precision::Second, WhenSource::Id);
    let day = |day: &str| When::day(day.parse().unwrap(), WhenSource::Page);
    for (created, expected) in [
        (second("2023-07-23T23:59:59Z"), ("Twitter", "Tweet")),
        (second("2023-07-24T00:00:00Z"), ("X", "Post")),
        (day("2023-07-23"), ("Twitter", "Tweet")),
        (day("2023-07-24"), ("X", "Post")),
        (None, ("X", "Post")),
    ] {
        let venue = x.venue(&Post { created, ..Post::default() }).unwrap();
        assert_eq!((venue.name, venue.word), expected, "{created:?}");
    }
    // Whatever is no site is named by none.
    assert_eq!(pullquote::platform::by_name("article").unwrap().venue(&Post::default()), None);
}

proptest! {
    /// No text and no name gets out of the place that a form gives it.
    #[test]
    fn no_text_leaves_its_place(text in hostile(), name in hostile(), warning in proptest::option::of(hostile()), repost: bool) {
        let post = Post {
            text,
            author: Author { name: Some(name.clone()), handle: Handle::new(&name), ..Author::default() },
            content_warning: warning,
            kind: if repost { Kind::Repost } else { Kind::Original },
            url: Some(format!("https://a.example/{name}")),
            ..Post::default()
        };
        let quotable = Quotable { place: name.clone(), ..Quotable::of(post) };
        let setting = Setting { evidence: true, ..Setting::new(Zone::UTC, DateTime::UNIX_EPOCH) };
        let printed = |name: &str| {
            let form = FORMATS.iter().find(|form| form.name == name).unwrap();
            quote::all(Style::Form(form), std::slice::from_ref(&quotable), &setting)
        };
        for form in ["apa", "mla", "chicago", "harvard", "wikipedia"] {
            prop_assert_eq!(printed(form).lines().count(), 2, "{}", form);
        }
        for form in ["json", "oembed", "csl-json"] {
            prop_assert!(serde_json::from_str::<Value>(&printed(form)).is_ok(), "{}", form);
        }
        for form in ["biblatex", "bibtex"] {
            let entry = printed(form);
            prop_assert_eq!(entry.matches('{').count(), entry.matches('}').count(), "{}", entry);
            prop_assert!(entry.lines().skip(1).all(|line| line.starts_with("  ") || line == "}"), "{}", entry);
        }
        let ris = printed("ris");
        prop_assert!(ris.lines().all(|line| line.get(2..6) == Some("  - ")), "{}", ris);
        let html = printed("html");
        prop_assert_eq!(html.matches("<script").count(), 1, "{}", html);
        prop_assert_eq!(html.matches("<!--").count(), 1, "{}", html);
        prop_assert!(html.ends_with(" -->") && html.matches("-->").count() == 1, "{}", html);
        let markdown = printed("markdown");
        let (quoted, _) = markdown.rsplit_once("\n<!-- ").unwrap();
        prop_assert!(quoted.lines().all(|line| line.starts_with('>')), "{}", markdown);
        let wiki = printed("wikipedia");
        let inside = &wiki[2..wiki.find("}}").unwrap()];
        prop_assert!(!inside.contains(['{', '<', '[']), "{}", wiki);
        for warning in quote::warnings(&quotable, &Context::default()) {
            prop_assert_eq!(warning.to_string().lines().count(), 1);
        }
    }

    #[test]
    fn no_template_panics(template in "[\\[\\]{}a-z:%A-Z“”]{0,40}", text in hostile()) {
        if let Ok(template) = template.parse::<Template>() {
            let created = When::new(DateTime::UNIX_EPOCH, Precision::Second, WhenSource::Id);
            let quotable = Quotable::of(Post { text, created, ..Post::default() });
            template.quote(&quotable, &Setting::new(Zone::UTC, DateTime::UNIX_EPOCH));
        }
    }

    #[test]
    fn no_format_panics(format in "[%a-zA-Z0-9:+.#_-]{0,12}") {
        let template = format!("{{date:{format}}}{{time:{format}}}");
        for template in [template, format!("{{time:{format}}}"), format!("{{captured:{format}}}"), format!("{{date:{format}}}")] {
            if let Ok(template) = template.parse::<Template>() {
                for precision in [Precision::Second, Precision::Day] {
                    let created = When::new(DateTime::UNIX_EPOCH, precision, WhenSource::Id);
                    let quotable = Quotable::of(Post { created, ..Post::default() });
                    template.quote(&quotable, &Setting::new(Zone::UTC, DateTime::UNIX_EPOCH));
                }
            }
        }
    }
}

/// Text with much of what means something to some language.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        "|",
        "\\",
        "<",
        ">",
        "&",
        "\"",
        "'",
        "`",
        "-",
        "--",
        "-->",
        "<!--",
        "</script>",
        "\n",
        "\r",
        "\t",
        "\u{2028}",
        "\u{85}",
        "\u{b}",
        "\u{202e}",
        "\u{2069}",
        "\u{0}",
        "\u{1b}",
        " ",
        "#",
        "%",
        "$",
        "~",
        "_",
        "^",
        "*",
        "=",
        "ER  - ",
        "}}",
        "a",
        "é",
        "👍",
        "👩‍👩‍👧",
        "https://",
        "@",
        ".",
        ",",
        "\n\n",
        "1.",
        "    ",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..24).prop_map(|pieces| pieces.concat())
}

/// All cases in one form.
fn together(name: &str, evidence: bool) -> (String, usize) {
    let quotables: Vec<Quotable> = cases().into_iter().map(|(_, quotable, _)| quotable).collect();
    let form = FORMATS.iter().find(|form| form.name == name).unwrap();
    let setting = Setting { evidence, ..Setting::new(Zone::UTC, "2026-11-23T12:00:00Z".parse().unwrap()) };
    (quote::all(Style::Form(form), &quotables, &setting), quotables.len())
}

#[test]
fn several_posts_are_one_text_that_programs_read() {
    for evidence in [false, true] {
        let (csl, count) = together("csl-json", evidence);
        let items: Vec<Value> = serde_json::from_str(&csl).unwrap();
        assert_eq!(items.len(), count);
        for item in &items {
            assert!(item["type"] == "post" && item["title"].is_string() && item["id"].is_string(), "{item}");
            assert_eq!(item["note"].is_string(), evidence, "{item}");
        }
        for name in ["json", "oembed"] {
            let (lines, count) = together(name, evidence);
            let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(objects.len(), count, "{name}");
        }
        for name in ["biblatex", "bibtex"] {
            let (entries, count) = together(name, evidence);
            assert_eq!(entries.matches("\n@").count() + 1, count, "{name}");
            for entry in entries.split("\n\n") {
                // As BibTeX counts: a backslash before a brace changes nothing.
                let mut depth = 0_i32;
                for (at, c) in entry.char_indices() {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    assert!(depth > 0 || at < 10 || at + 1 == entry.len(), "{name}: {entry}");
                }
                assert_eq!(depth, 0, "{name}: {entry}");
            }
        }
        let (records, count) = together("ris", evidence);
        assert_eq!(records.matches("TY  - ICOMM\n").count(), count);
        assert_eq!(format!("{records}\n").matches("\nER  - \n").count(), count);
        for line in records.lines() {
            let tag = line.as_bytes();
            assert!(tag[..2].iter().all(u8::is_ascii_alphanumeric) && &tag[2..6] == b"  - ", "{line:?}");
            assert!(!line.contains('\r'), "{line:?}");
        }
    }
    let (list, count) = together("listicle", false);
    assert!(list.starts_with("1.\n\n") && list.contains(&format!("\n\n{count}.\n\n")), "{list}");
}

#[test]
fn markup_holds_nothing_that_a_stranger_wrote_as_markup() {
    for (path, quotable, setting) in cases() {
        let html = (FORMATS.iter().find(|form| form.name == "html").unwrap().quote)(&quotable, &setting);
        let (markup, data) = html.split_once("<script type=\"application/ld+json\">").unwrap();
        let data = data.strip_suffix("</script>").unwrap();
        assert!(!data.contains('<') && !markup.contains("<script"), "{}: {html}", path.display());
        let data: Value = serde_json::from_str(data).unwrap();
        if data.get("articleBody").is_some() {
            assert_eq!(data["articleBody"].as_str(), Some(quotable.post.text.as_str()));
        }
        let wiki = (FORMATS.iter().find(|form| form.name == "wikipedia").unwrap().quote)(&quotable, &setting);
        let inside = wiki.strip_prefix("{{").and_then(|wiki| wiki.strip_suffix("}}")).unwrap();
        assert!(!inside.contains(['{', '}', '[', ']', '<', '\n']) && !inside.contains("''"), "{wiki}");
    }
}

#[test]
fn a_repost_is_never_quoted_as_the_words_of_who_passed_it_on() {
    let (path, quotable, setting) =
        cases().into_iter().find(|(path, ..)| path.file_stem().unwrap() == "repost").expect("a case of a repost");
    assert!(!quotable.post.text.is_empty(), "{}", path.display());
    for form in FORMATS.iter().filter(|form| form.name != "json") {
        let quote = (form.quote)(&quotable, &setting);
        assert!(!quote.contains("harbour"), "{}: {quote}", form.name);
    }
}

fn quoted(format: &str, text: &str, name: &str) -> String {
    let at = "2021-07-26T12:00:00Z".parse().unwrap();
    let post = Post {
        text: text.to_owned(),
        author: Author { name: Some(name.to_owned()), handle: Handle::new("ann@a.example"), ..Author::default() },
        created: When::new(at, Precision::Second, WhenSource::Platform),
        ..Post::default()
    };
    let form = FORMATS.iter().find(|form| form.name == format).unwrap();
    (form.quote)(&Quotable::of(post), &Setting::new(Zone::UTC, at))
}

#[test]
fn an_author_does_not_turn_the_attribution_around() {
    let (text, name) = ("one\u{202e}\ntwo\u{202e} three\u{2067}", "Ann\u{202e}");
    assert_eq!(
        quoted("line", text, name),
        "one\u{202e}\ntwo\u{202e} three\u{2067}\u{2069}\u{202c} — Ann\u{202e}\u{202c} (@ann@a.example) July 26, 2021"
    );
    assert_eq!(
        quoted("markdown", text, name),
        "> one\u{202e}\u{202c}\\\n> two\u{202e} three\u{2067}\u{2069}\u{202c}\n>\n\
         > — Ann\u{202e}\u{202c} (@ann@a.example), July 26, 2021"
    );
    assert!(quoted("json", text, name).contains("three\u{2067}\""), "as it was written");
    assert_eq!(quoted("line", "שלום", "Ann"), "שלום — Ann (@ann@a.example) July 26, 2021");
}

/// A status as a Mastodon server answers it.
fn status(id: &str, acct: &str, name: &str, content: &str, edited: Option<&str>) -> Value {
    json!({
        "id": id, "uri": format!("https://moss.example/users/{acct}/statuses/{id}"),
        "url": format!("https://moss.example/@{acct}/{id}"), "visibility": "public", "created_at": "2021-07-26T23:30:00.000Z",
        "edited_at": edited, "content": content, "spoiler_text": "", "language": "en", "sensitive": false,
        "media_attachments": [], "mentions": [], "tags": [], "in_reply_to_id": null, "reblog": null,
        "account": {
            "id": acct, "username": acct, "acct": format!("{acct}@moss.example"), "display_name": name, "locked": false,
            "url": format!("https://moss.example/@{acct}"), "fields": [], "emojis": [],
        },
    })
}

fn import(desk: &Desk, name: &str, statuses: &[Value]) {
    let file = desk.file(name, serde_json::to_string(statuses).unwrap().as_bytes());
    desk.run(&["import", file.to_str().unwrap()]).ok();
}

/// An archive in which Ada's post was edited twice, and her account renamed.
fn edited(config: &str) -> (Desk, String) {
    let desk = Desk::with(config);
    let ada = |name, content, at| status("7", "ada", name, content, at);
    import(&desk, "1.json", &[ada("Ada Moss", "<p>The harbour is open.</p>", None)]);
    import(&desk, "2.json", &[ada("Ada M.", "<p>The harbour is closed.</p>", Some("2021-07-27T08:00:00.000Z"))]);
    import(&desk, "3.json", &[ada("Ada M.", "<p>The harbour was closed.</p>", Some("2021-07-28T08:00:00.000Z"))]);
    let key = desk.posts()[0]["key"].as_str().unwrap().to_owned();
    (desk, key)
}

#[test]
fn every_revision_can_be_quoted_again() {
    let (desk, key) = edited("");
    let now = desk.run(&["quote", &key, "--evidence"]).ok();
    assert!(
        now.out.starts_with("The harbour was closed. — Ada M. (@ada@moss.example) July 26, 2021\n# "),
        "{}",
        now.out
    );
    assert!(now.out.contains(" revision 3 of 3; captured ") && now.out.contains(" at byte "), "{}", now.out);
    assert!(!now.err.contains("since"), "{}", now.err);
    let first = desk.run(&["quote", &format!("{key}@1"), "--evidence"]).ok();
    assert!(
        first.out.starts_with("The harbour is open. — Ada Moss (@ada@moss.example) July 26, 2021\n# "),
        "{}",
        first.out
    );
    assert!(first.err.contains("it said something else later: this is revision 1 of 3"), "{}", first.err);
    assert!(first.err.contains("also seen as Ada M. (@ada@moss.example)"), "{}", first.err);
    // What the evidence names quotes the same bytes.
    let again = first.out.lines().nth(1).unwrap().split(' ').nth(1).unwrap().to_owned();
    assert_eq!(desk.run(&["quote", &again, "--evidence"]).ok().out, first.out);
    let json = &desk.run(&["quote", &again, "--as", "json"]).ok().json()[0];
    let id = json["revision_id"].as_str().unwrap();
    assert!(json["revision"] == 1 && json["text"] == "The harbour is open." && again.ends_with(&id[..8]), "{json}");
    // And the capture that is named holds them.
    let place = serde_json::from_value(json["capture"].clone()).unwrap();
    let capture = pullquote::warc::fetch(&desk.archive().join("captures"), &place).unwrap();
    assert!(String::from_utf8_lossy(&capture.exchange.body().unwrap()).contains("The harbour is open."));
    for state in ["0", "4", "ffffffff", "", "x"] {
        let ran = desk.run(&["quote", &format!("{key}@{state}")]);
        assert!(
            ran.code == 1 && ran.err.contains("has no revision") && ran.err.contains(&again),
            "{state}: {}",
            ran.err
        );
        assert!(ran.out.is_empty());
    }
}

#[test]
fn the_zone_and_the_house_styles_are_the_desks_own() {
    let config = "timezone = \"Europe/London\"\n[styles.desk]\ntemplate = \"{{{key}}} “{text}” — {name}, {date:%-d %B %Y} {time} {zone}\"\n";
    let (desk, key) = edited(config);
    let quote = |args: &[&str]| desk.run(&[&["quote", &key][..], args].concat()).ok().out;
    assert_eq!(
        quote(&["--as", "desk"]),
        format!("{{{key}}} “The harbour was closed.” — Ada M., 27 July 2021 00:30 BST\n")
    );
    assert!(quote(&[]).contains("July 27, 2021"));
    assert!(quote(&["--timezone", "utc"]).contains("July 26, 2021"));
    assert!(quote(&["--as", "harvard", "--accessed", "2026-11-23"]).contains("(Accessed: 23 November 2026)"));
    for (args, named) in
        [(["--as", "dekc"], "desk"), (["--timezone", "Mars/Olympus"], "Mars/Olympus"), (["--accessed", "now"], "now")]
    {
        let ran = desk.run(&[&["quote", &key][..], &args].concat());
        assert!(ran.code == 3 && ran.err.contains(named) && ran.out.is_empty(), "{}", ran.err);
    }
}

#[test]
fn a_style_that_cannot_be_read_is_told_with_its_line() {
    for (config, named) in [
        (
            "[styles.desk]\ntemplate = \"{txt}\"\n",
            "line 2 (template = \"{txt}\"): no placeholder is named \"txt\" (at character 1), did you mean {text}?",
        ),
        ("[styles.desk]\ntemplate = \"{date:%H}\"\n", "line 2"),
        ("[styles.desk]\ntemplat = \"{text}\"\n", "templat"),
        ("[styles.apa]\ntemplate = \"{text}\"\n", "\"apa\""),
        ("timezone = \"Mars/Olympus\"\n", "line 1"),
    ] {
        let ran = Desk::with(config).run(&["status"]);
        assert!(ran.code == 3 && ran.err.contains(named), "{}", ran.err);
    }
}

#[test]
fn an_account_that_looks_like_another_is_told() {
    let desk = Desk::with("");
    import(&desk, "1.json", &[status("1", "lena_k", "Lena", "<p>One.</p>", None)]);
    import(
        &desk,
        "2.json",
        &[status("2", "1ena_k", "Lena", "<p>Two.</p>", None), status("3", "bob", "Воb", "<p>Three.</p>", None)],
    );
    for (words, warned) in
        [("One.", Some("@1ena_k@moss.example")), ("Two.", Some("@lena_k@moss.example")), ("Three.", Some("alphabets"))]
    {
        let post = desk.posts().into_iter().find(|post| post["text"] == words).unwrap();
        let ran = desk.run(&["quote", post["key"].as_str().unwrap()]).ok();
        assert!(ran.err.contains(warned.unwrap_or_default()), "{words}: {}", ran.err);
    }
}

#[test]
fn help_lists_every_form() {
    let help = Desk::with("").run(&["quote", "--help"]).ok().out;
    for form in FORMATS {
        assert!(
            help.lines().any(|line| line.trim_start().starts_with(form.name) && line.contains(form.about)),
            "{help}"
        );
    }
}

#[test]
fn the_lists_of_the_page_are_those_of_the_code() {
    let cell = |text: &str| text.replace('|', "\\|");
    let mut forms = "| `--as` | what it is |\n|---|---|\n".to_owned();
    for form in FORMATS {
        writeln!(forms, "| `{}` | {} |", form.name, cell(form.about)).unwrap();
    }
    crate::docs_examples::made("quoting.md", "forms", &forms);
    let mut placeholders = "| placeholder | what it gives |\n|---|---|\n".to_owned();
    for (name, gives) in quote::PLACEHOLDERS {
        writeln!(placeholders, "| `{{{name}}}` | {} |", cell(gives)).unwrap();
    }
    crate::docs_examples::made("quoting.md", "placeholders", &placeholders);
}
