//! The posts that published pages quote.

use std::time::Duration;

use chrono::DateTime;
use proptest::prelude::*;
use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::import::{self, Piece};
use pullquote::model::{Author, Handle, Post, TextState, When, WhenSource};
use pullquote::platform::{self, Page, ParseError};
use pullquote::quote::{Quotable, Setting};
use serde::Deserialize;

use crate::support::shared;

fn file(name: &str, body: impl Into<Vec<u8>>) -> Exchange {
    Exchange {
        request: Request::get(format!("file:///{name}")),
        response: Response { status: 200, body: body.into(), ..Response::default() },
        origin: Origin::File,
        ..Exchange::default()
    }
}

fn parse(body: impl Into<Vec<u8>>) -> Result<Page, ParseError> {
    (platform::by_name("article").unwrap().parse)(&file("page", body))
}

fn page(body: impl Into<Vec<u8>>) -> Page {
    parse(body).unwrap_or_else(|e| panic!("{e}"))
}

fn handle(post: &Post) -> Option<&str> {
    post.author.handle.as_ref().map(|handle| handle.as_str())
}

/// The text with each run of line breaks as one, in which the seed's expectation is to be compared.
fn without_blank_lines(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[derive(Deserialize)]
struct Quoted {
    text: String,
    author_name: String,
    handle: String,
    date: String,
}

#[test]
fn the_eleven_posts_of_the_first_article() {
    let Some(seed) = shared().map(|shared| shared.join("seed")) else { return };
    let expected: Vec<Quoted> = serde_json::from_slice(&std::fs::read(seed.join("expected.json")).unwrap()).unwrap();
    let plain = std::fs::read_to_string(seed.join("article.txt")).unwrap();
    let numbers: Vec<String> = (1..=expected.len()).map(|n| format!("\n{n}.\n\n")).collect();
    let with_numbers = |change: &dyn Fn(&str) -> String| {
        numbers.iter().fold(plain.clone(), |text, number| text.replacen(number, &change(number), 1))
    };
    for (form, body) in [
        ("text", plain.clone()),
        ("Windows", plain.replace('\n', "\r\n")),
        ("web page", as_html(&plain)),
        ("headings", numbered_by_headings(&as_html(&plain))),
        ("Markdown", with_numbers(&|number| format!("\n## {}", number.trim_start()))),
        ("numbers before words", with_numbers(&|number| format!("\n{} ", number.trim()))),
        ("own line", plain.replace(" — ", "\n\n— ")),
        ("glued", plain.replace(" — ", "— ")),
        ("en dash", plain.replace(" — ", " – ")),
    ] {
        let page = page(body);
        assert_eq!(page.skipped, [], "{form}");
        assert_eq!(page.posts.len(), expected.len(), "{form}");
        for (found, quoted) in page.posts.iter().zip(&expected) {
            let post = &found.post;
            assert_eq!(without_blank_lines(&post.text), without_blank_lines(&quoted.text), "{form}");
            assert_eq!(post.author.name.as_deref(), Some(quoted.author_name.as_str()), "{form}");
            assert_eq!(handle(post), Some(quoted.handle.as_str()), "{form}");
            assert_eq!(post.created.unwrap().to_rfc3339(), quoted.date, "{form}");
            // Under a number, the first lines of several may be the page's own: "Her neighbour was milder:".
            let several = post.text.contains('\n');
            assert_eq!(post.doubts.len(), usize::from(several), "{form}: {:?}", post.doubts);
            assert!(post.doubts.iter().all(|doubt| doubt.starts_with("Only its last line is surely the post's")));
            assert!(post.id.is_none() && post.platform == "article", "{form}");
        }
    }
    let last = page(plain).posts.pop().unwrap();
    assert_eq!(last.post.hashtags[0].as_str(), "IStandWithKenLoach");
    assert_eq!(last.at, "line 87");
}

/// The same page, its numbers in headings.
fn numbered_by_headings(html: &str) -> String {
    (1..=11).fold(html.to_owned(), |html, n| html.replace(&format!("<p>{n}.</p>"), &format!("<h2>{n}.</h2>")))
}

/// The paragraphs of a plain text as a web page has them.
fn as_html(plain: &str) -> String {
    let paragraphs = plain.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    let paragraphs: String = paragraphs.map(|text| format!("<p>{}</p>\n", text.trim())).collect();
    format!(
        "<!doctype html><html><head><title>Reactions</title></head><body><article>{paragraphs}</article></body></html>"
    )
}

#[test]
fn what_is_no_article() {
    for (body, misfit) in [
        (&b"WARC/1.1\r\nWARC-Type: warcinfo\r\n"[..], "it is a WARC file"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "a zero byte"),
        (br#"[{"id": "1"}]"#, "no oEmbed answer"),
        (br#"{"type": "photo", "html": ""}"#, "of type \"photo\""),
    ] {
        let error = parse(body).expect_err(misfit);
        assert!(matches!(&error, ParseError::NotThisShape { .. }) && error.to_string().contains(misfit), "{error}");
    }
    for nothing in
        ["", " \n", "Just prose (see @home), July 26, 2021.", "[Updated] Prose.", "<p>Prose", "\u{feff}<!doctype html>"]
    {
        let found = page(nothing);
        assert_eq!(found, Page { shape: found.shape, ..Page::default() }, "{nothing:?}");
    }
    let mut refused = file("page", "<h1>Not here</h1>");
    refused.response.status = 404;
    let error = (platform::by_name("article").unwrap().parse)(&refused).unwrap_err();
    assert_eq!(error.to_string(), "article answered 404: <h1>Not here</h1>");
}

/// What `ingest` makes of a file.
fn ingested(body: impl Into<Vec<u8>>) -> Page {
    let platform = platform::by_name("article").unwrap();
    pullquote::ingest::parse(platform, &file("page", body)).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn characters_of_an_unknown_charset_are_doubted() {
    let line = "“Café costs £5” - José Müller (@jm) July 26, 2021";
    let doubted = |post: &Post| post.doubts.iter().any(|doubt| doubt.starts_with("some characters could not be read"));
    let western = encoding_rs::WINDOWS_1252.encode(line).0.into_owned();
    let html = [b"<p>".as_slice(), &western].concat();
    let json = [b"{\"type\": \"rich\", \"html\": \"<p>".as_slice(), &western, b"\"}"].concat();
    let japanese = encoding_rs::SHIFT_JIS.encode("愛しています。 — 山田 (@jm) 2021年7月26日").0.into_owned();
    for body in [western.clone(), html, json, japanese] {
        for found in &ingested(body.clone()).posts {
            assert!(doubted(&found.post), "{:?}", found.post);
            assert_eq!(found.post.text_state, TextState::Unknown);
        }
    }
    assert_eq!(ingested(western).posts.len(), 1);
    let named = [b"<meta charset=windows-1252><p>".as_slice(), &encoding_rs::WINDOWS_1252.encode(line).0].concat();
    for body in [line.as_bytes().to_vec(), named, utf16(line, u16::to_le_bytes), utf16(line, u16::to_be_bytes)] {
        let post = ingested(body).posts.pop().unwrap().post;
        assert_eq!((&*post.text, post.author.name.as_deref()), ("“Café costs £5”", Some("José Müller")));
        assert!(!doubted(&post), "{:?}", post.doubts);
    }
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn a_file_in_utf16_can_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.txt");
    for text in ["Said. — Ada (@ada) July 26, 2021", "<p>Said. — Ada (@ada) July 26, 2021"] {
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            std::fs::write(&path, utf16(text, bytes)).unwrap();
            let pieces: Vec<Piece> = import::pieces(&path, DateTime::default()).unwrap().map(Result::unwrap).collect();
            let [Piece::Part(part, platform)] = &pieces[..] else { panic!("{text}") };
            assert_eq!((platform.parse)(&part.exchange).unwrap().posts[0].post.text, "Said.");
        }
    }
}

#[test]
fn its_own_quotations_are_read_again() {
    let html = pullquote::quote::FORMATS.iter().find(|form| form.name == "html").unwrap().quote;
    for url in [None, Some("https://moss.example/@ada/1"), Some("https://x.com/ada_moss/status/1419719963177910273")] {
        let created = When::day(chrono::NaiveDate::from_ymd_opt(2021, 7, 26).unwrap(), WhenSource::Page).unwrap();
        let author =
            Author { handle: Handle::new("ada_moss"), name: Some("Ada <b> & Moss".to_owned()), ..Author::default() };
        let post = Post {
            text: "I love \"him\" & <i>her</i>.\nOn two lines.\n\n#Two paragraphs".to_owned(),
            url: url.map(str::to_owned),
            created: Some(created),
            author,
            ..Post::default()
        };
        let quotable = Quotable::of(post);
        let setting = Setting::new(pullquote::zone::Zone::UTC, DateTime::default());
        let page = page(format!("<p>Prose.</p>{}<p>Prose.</p>", html(&quotable, &setting)));
        assert_eq!(page.skipped, [], "{url:?}");
        let [found] = &page.posts[..] else { panic!("{url:?}: {:?}", page.posts) };
        let (read, wrote) = (&found.post, &quotable.post);
        assert_eq!((&read.text, &read.author), (&wrote.text, &wrote.author), "{url:?}");
        assert_eq!(read.created.unwrap().at().date_naive(), created.at().date_naive(), "{url:?}");
        assert!(read.doubts.is_empty(), "{url:?}: {:?}", read.doubts);
    }
}

const SIGNED: &str = "Deep down. — Ada Moss (@ada_moss) July 26, 2021";

#[test]
fn nesting_costs_neither_the_stack_nor_the_time() {
    for depth in [50, 5_000] {
        for name in ["div", "b", "blockquote", "span", "ul", "table"] {
            let page = page(format!("{}<p>{SIGNED}", format!("<{name}>").repeat(depth)));
            assert_eq!(page.posts.len(), 1, "{depth} × {name}");
        }
    }
    let embed = r#"<blockquote class="twitter-tweet"><p>In here.</p>&mdash; Ada (@ada) <a href="https://x.com/ada/status/20">March 21, 2006</a></blockquote>"#;
    let page = page(format!("{}{embed}<p>{SIGNED}", "<div>".repeat(100_000)));
    assert_eq!(page.posts[0].post.text, "In here.");
    assert!(page.skipped[0].reason.contains("nested too deeply"), "{:?}", page.skipped);
}

#[test]
fn a_missing_closing_tag_costs_nothing() {
    let embed = |n: usize| {
        format!(
            r#"<blockquote class="twitter-tweet"><p>Number {n}</p>&mdash; Ada (@ada) <a href="https://x.com/ada/status/{n}">July 26, 2021</a>"#
        )
    };
    let posts = page(format!("<p>{}", (1..=300).map(embed).collect::<String>())).posts;
    assert_eq!(posts.len(), 300);
    for (n, found) in (1..).zip(&posts) {
        assert_eq!((&*found.post.text, found.post.id.as_deref()), (&*format!("Number {n}"), Some(&*n.to_string())));
    }
}

/// Bodies that cost a careless parser the square of their length, given how often to repeat.
const COSTLY: &[fn(usize) -> String] = &[
    |n| "(@".repeat(n),
    |n| "— (@a) ".repeat(n),
    |n| format!("{} (@a) July 26, 2021", "—".repeat(n)),
    |n| format!("{} — b (@a) July 26, 2021", "#a@".repeat(n)),
    |n| format!("{} — b (@a) July 26, 2021", "https://".repeat(n)),
    |n| "1.\n".repeat(n),
    |n| "1. a\n\n".repeat(n),
    |n| format!("x\n{}", "<blockquote ".repeat(n)),
    |n| format!("<p>{}", r#"<b><a href="https://x.com/a/status/20">July 26, 2021</a>"#.repeat(n)),
    |n| format!("<p {}>", "a=b ".repeat(n)),
    |n| {
        let signed = r#"x — b (@a) <a href="https://x.com/a/status/20">July 26, 2021</a>"#;
        format!("<blockquote class=twitter-tweet>{}", signed.repeat(n / 10))
    },
    |n| {
        let signed = r#"<blockquote>x — b (@a) <a href="https://x.com/a/status/20">July 26, 2021</a>"#;
        signed.repeat(n / 10)
    },
    |n| {
        let signed = r#"— b (@a) <a href="https://x.com/a/status/20">July 26, 2021</a></blockquote>"#;
        "<blockquote>".repeat(n / 20) + &signed.repeat(n / 20)
    },
    |n| "- x — b (@a) July 26, 2021\n".repeat(n),
    |n| "> ".repeat(n),
    |n| "— b (@a) July 26, 2021\n\nx\n\n".repeat(n),
    |n| format!("<figure>{}", "<p>x</p><section>— b (@a) July 26, 2021</section>".repeat(n / 10)),
    |n| format!("<figure>{}", "<hr><p>— b (@a)</p><i hidden>(@a)</i>".repeat(n / 10)),
    |n| "1. x — b (@a) July 26, 2021\n2. x — b (@a) July 26, 2021\n".repeat(n / 2),
    |n| format!("<blockquote>{}", "<h2>x</h2><p>x</p><hr><p>— b (@a) yesterday</p>".repeat(n / 10)),
    |n| format!("{}{}", "{{a|b ".repeat(n), "}}".repeat(n)),
    |n| "{% a [a ".repeat(n),
    |n| "[a](https://x.com/a/status/20) ".repeat(n),
    |n| format!("<p>{}", "<a href='https://x.com/a/status/20'>x</a>, ".repeat(n / 10)),
    |n| format!("<p>{}", "<b><a href='https://x.com/a/status/20'>x</a>".repeat(n / 10)),
    |n| "<noscript><blockquote>".repeat(n / 10),
    |n| "<div data-a='<blockquote'>".repeat(n / 10),
];

/// How long this thread has had a processor: a busy machine does not make it longer.
fn busy() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a Linux that counts");
    Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn twenty_times_the_input_does_not_take_its_square() {
    for (at, body) in COSTLY.iter().enumerate() {
        let took = |n| {
            let body = body(n);
            let before = busy();
            let _ = parse(body);
            busy().saturating_sub(before)
        };
        let (small, large) = (took(3_000), took(60_000));
        // A square would take four hundred times as long; what takes less than this is measured badly.
        let bound = 100 * small.max(Duration::from_millis(20));
        assert!(large < bound, "body {at}: {small:?}, then {large:?}");
    }
}

/// A name without dashes, which alone could be taken for the signature's.
const NAME: &str = r"[A-Za-zÀ-ž0-9_#.,|(\[💙✊]([A-Za-zÀ-ž0-9_#.,|()\[\] 💙🏴☠️-]{0,30}[A-Za-z.)\]💙])?";

proptest! {
    #[test]
    fn what_is_printed_is_read_again(
        text in r"[A-Za-zÀ-ž“]([A-Za-zÀ-ž ,.?!'’#@💙🇵🇸-]{0,60}[a-z.!?💙])?(\n[A-Za-zÀ-ž“]([A-Za-zÀ-ž ,.?!'’#@💙🇵🇸-]{0,60}[a-z.!?💙])?){0,2}",
        name in NAME,
        handle in "[A-Za-z0-9_]{1,15}",
        days in 0..20_000_i64,
        glue in prop::sample::select(vec![" — ", "— ", "\n— "]),
    ) {
        prop_assume!(!text.contains(" - ") && !text.contains("--") && !name.contains(" - ") && !name.contains("--"));
        let day = chrono::NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + chrono::TimeDelta::days(days);
        let line = format!("{text}{glue}{name} (@{handle}) {}", day.format("%B %-d, %Y"));
        let page = page(line.clone());
        prop_assert_eq!(page.posts.len(), 1, "{:?}: {:?}", line, page.skipped);
        let post = &page.posts[0].post;
        prop_assert_eq!(post.author.name.as_deref(), Some(name.as_str()));
        prop_assert_eq!(post.author.handle.as_ref().map(|handle| handle.as_str()), Some(handle.as_str()));
        prop_assert_eq!(post.created.unwrap().to_rfc3339(), day.to_string());
        prop_assert_eq!(&post.text, &text);
    }

    #[test]
    fn no_input_panics(
        parts in prop::collection::vec(prop::sample::select(vec![
            "—", "– ", " -- ", "- ", "&mdash;", "Ada", "(@", "(@ada)", "（＠", "）", ")", "July 26, 2021", "2021", "\n", "\n\n", "1.", "2) ",
            "> ", "# ", "<blockquote class=\"twitter-tweet\">", "</blockquote>", "<p>", "</p>", "<br>", "<div>", "<li>", "<h2>", "<!--",
            "<a href=\"https://x.com/ada/status/1419719963177910273\">", "</a>", "<iframe data-tweet-id=\"1\">", "pic.twitter.com/", "https://",
            "#", "@", "…", "“", "”", "\u{200f}", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "\u{301}", "[", "](https://x.com/a/status/1)", "Tweet may have been deleted", "{", "\"",
            "{{", "}}", "{% ", " %}", "{{< ", " >}}", "|", "=", "tweet ", "cite tweet", "[embed]", "[/embed]", "<noscript>", "</noscript>",
            "<div class=\"tweet\" data-attrs='{\"url\":\"https://x.com/a/status/1\",\"full_text\":\"", "https://x.com/a/status/1",
        ]), 0..40),
        noise in ".{0,20}",
    ) {
        let body = parts.concat() + &noise;
        let _ = parse(body.clone());
        let _ = parse(format!("<p>{body}"));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(bytes);
    }
}
