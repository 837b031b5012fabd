//! `pullquote fixture`: what it makes is read as the original was, and nobody is left in it.

use std::collections::BTreeSet;
use std::path::Path;

use pullquote::exchange::Exchange;
use pullquote::import::{self, Piece};
use pullquote::model::{Found, Handle};
use pullquote::platform::{Page, Platform};
use pullquote::{dump, fixture, http, ingest};
use serde_json::Value;

use crate::fixtures::cases;
use crate::program::Desk;
use crate::support::shared;

/// Fixtures of fixtures, of every reader: those people are invented, but the command does not know.
#[test]
fn every_case_becomes_a_fixture_without_its_people() {
    let shape = names_of_shapes();
    let (mut tried, mut wrong) = (0, Vec::new());
    for (name, case) in cases() {
        let exchange = http::recorded::load(&case).unwrap();
        let reader = dump::by_name(&name).unwrap();
        if ingest::parse(reader, &exchange).is_ok_and(|page| !page.posts.is_empty()) {
            tried += 1;
            wrong.extend(look(reader, &exchange, &case, &shape));
        }
    }
    assert!(tried > 20);
    // What platforms write where a post was taken away, and the like, is replaced with the rest: then there is none.
    let (none, wrong): (Vec<_>, Vec<_>) = wrong.into_iter().partition(|what: &String| !what.contains(STILL));
    assert!(none.len() * 5 <= tried, "{} of {tried}: {none:#?}", none.len());
    assert!(wrong.is_empty(), "{} of {tried}: {wrong:#?}", wrong.len());
}

const STILL: &str = "still in it";

/// Real answers: each that is read can be made into a fixture, and none of those names anybody.
#[test]
fn recordings_become_fixtures_without_their_people() {
    let Some(recorded) = shared().map(|shared| shared.join("recorded")) else { return };
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let shape = names_of_shapes();
    let (mut made, mut wrong) = (0, Vec::new());
    for file in files(&recorded).iter().filter(|file| file.parent() != Some(&recorded)) {
        let Ok(pieces) = import::pieces(file, now) else { continue };
        for piece in pieces {
            let Ok(Piece::Part(part, reader)) = piece else { continue };
            made += 1;
            wrong.extend(look(reader, &part.exchange, file, &shape));
        }
    }
    assert!(made > 100);
    assert!(wrong.is_empty(), "{} of {made}: {wrong:#?}", wrong.len());
}

/// What is wrong with the fixture of an exchange.
fn look(reader: &Platform, exchange: &Exchange, from: &Path, shape: &BTreeSet<String>) -> Vec<String> {
    let from = from.strip_prefix(crate::support::root()).unwrap_or(from).display();
    let before = ingest::parse(reader, exchange).unwrap();
    let made = match fixture::of(reader, exchange) {
        Ok(made) => made,
        Err(error) => return vec![format!("{from}: {error}")],
    };
    let mut wrong = Vec::new();
    assert_eq!(before.posts.len(), made.page.posts.len(), "{from}");
    for (now, before) in made.page.posts.iter().zip(&before.posts) {
        let filled = |found: &Found| {
            let mut filled = BTreeSet::new();
            fill(&serde_json::to_value(found).unwrap(), "", &mut filled);
            filled
        };
        let (now, then) = (filled(now), filled(before));
        let differences: Vec<_> = now.symmetric_difference(&then).collect();
        if !differences.is_empty() {
            wrong.push(format!("{from} at {}: only in one of both: {differences:?}", before.at));
        }
    }
    let left = left(&before, &made.exchange, shape);
    if !left.is_empty() {
        wrong.push(format!("{from}: {STILL}: {left:?}"));
    }
    wrong
}

/// The places of all values that are filled.
fn fill(value: &Value, at: &str, filled: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| fill(value, &format!("{at}/{name}"), filled)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| fill(value, &format!("{at}/{i}"), filled));
        }
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        _ => {
            filled.insert(at.to_owned());
        }
    }
}

/// Steps of addresses that are ids, too, with a number behind them.
const STEPS: [&str; 4] = ["comment", "posts", "status", "public"];

/// What of the people of a page is still in a fixture: handles, names, ids, three words of a text in a row.
fn left(page: &Page, made: &Exchange, shape: &BTreeSet<String>) -> BTreeSet<String> {
    let mut raw = String::from_utf8(made.response.body.clone()).unwrap();
    raw.push_str(&format!("\n{}\n{:?}", made.request.url, made.response.headers));
    // As it is, and with all that may hide a word undone, once and twice.
    let plain = unwritten(&raw);
    let plainer = unwritten(&plain);
    let all = [raw, plain, plainer].map(|text| text.to_lowercase());
    let mut runs = BTreeSet::new();
    for text in &all {
        let bare = [without_tags(text, ""), without_tags(text, " ")];
        for text in bare.iter().chain([text]) {
            let words: Vec<&str> = words(text).collect();
            runs.extend(words.windows(3).map(|run| run.join(" ")));
            runs.extend(words.iter().filter(|word| is_long(word)).map(|word| (*word).to_owned()));
        }
    }
    let mut left = BTreeSet::new();
    let mut names = BTreeSet::new();
    for Found { post, .. } in &page.posts {
        let handles = post.mentions.iter().filter_map(|mention| mention.handle.as_ref()).chain(&post.author.handle);
        let handles = handles.map(Handle::as_str).flat_map(|handle| [Some(handle), handle.split('@').next()]).flatten();
        names.extend(handles.chain(post.author.name.as_deref()).filter(|name| !shape.contains(&name.to_lowercase())));
        let references = [&post.reply_to, &post.repost_of, &post.quote_of].into_iter().flatten();
        let ids = references.filter_map(|reference| reference.id.as_deref()).chain(post.id.as_deref());
        names.extend(
            ids.chain(post.author.id.as_deref())
                .filter(|id| words(id).any(|word| word.len() >= 5 && !STEPS.contains(&word))),
        );
        let said = std::iter::once(post.text.as_str()).chain(post.content_warning.as_deref());
        for said in said.chain(post.media.iter().filter_map(|media| media.alt.as_deref())) {
            // Steps of addresses and servers may be anybody's, and numbers stay.
            let is_address = |word: &str| word.contains('/') || word.trim_end_matches('.').contains('.');
            let said = said.split_whitespace().map(|word| if is_address(word) { "1" } else { word });
            let said = said.collect::<Vec<_>>().join(" ").to_lowercase();
            let said: Vec<&str> = words(&said).collect();
            let stays = |word: &&str| word.bytes().all(|b| b.is_ascii_digit()) || pullquote::date::is_month(word);
            let found = said.windows(3).filter(|run| !run.iter().any(stays)).map(|run| run.join(" "));
            let found = found.chain(said.iter().filter(|word| is_long(word)).map(|word| (*word).to_owned()));
            left.extend(found.filter(|run| runs.contains(run) && !words(run).all(|word| shape.contains(word))));
        }
    }
    // With what stands around it, for whoever has to mend it.
    let found = |name: &str| {
        let name = name.to_lowercase();
        // Names of members are of several words: somebody is called as one of them is.
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if name.chars().filter(|c| is_word(*c)).count() < 4 {
            return None;
        }
        all.iter().find_map(|text| {
            let is_alone = |at: usize| !text[..at].ends_with(is_word) && !text[at + name.len()..].starts_with(is_word);
            let (at, _) = text.match_indices(&name).find(|(at, _)| is_alone(*at))?;
            let (begin, end) = (text.floor_char_boundary(at.saturating_sub(40)), at + name.len() + 40);
            Some(format!("{name}: {}", &text[begin..text.floor_char_boundary(end)]))
        })
    };
    left.extend(names.into_iter().filter_map(found));
    left
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// A word that says as much as three: scripts without spaces write whole sentences so.
fn is_long(word: &str) -> bool {
    let length = word.chars().count();
    length >= 14 || length >= 5 && word.chars().all(|c| c >= '\u{2e80}')
}

/// Names that the readers themselves know: whoever is called so shares the name with a shape.
fn names_of_shapes() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["src/platform", "src/dump"] {
        for file in files(&crate::support::root().join(folder)) {
            let Ok(code) = std::fs::read_to_string(file) else { continue };
            let code = code.split("#[cfg(test)]").next().unwrap().to_lowercase();
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            for literal in code.split('"') {
                names.extend(words(literal).map(str::to_owned));
                names.insert(literal.to_owned());
            }
        }
    }
    names
}

/// A text with escapes of JSON, references of HTML and percent signs undone.
fn unwritten(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut units = Vec::new();
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        while let Some(unit) = rest.strip_prefix("\\u").and_then(|rest| u16::from_str_radix(rest.get(..4)?, 16).ok()) {
            units.push(unit);
            rest = &rest[6..];
        }
        if units.is_empty() {
            let c = rest[1..].chars().next();
            out.extend(c.map(|c| if matches!(c, 'n' | 'r' | 't') { ' ' } else { c }));
            rest = &rest[1 + c.map_or(0, char::len_utf8)..];
        }
        out.push_str(&String::from_utf16_lossy(&units));
        units.clear();
    }
    out.push_str(rest);
    let out = pullquote::text::unescape(&out).into_owned();
    percent_encoding::percent_decode_str(&out).decode_utf8_lossy().into_owned()
}

fn without_tags(text: &str, between: &str) -> String {
    let mut pieces = text.split('<');
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        out.push_str(between);
        out.push_str(piece.split_once('>').map_or(piece, |(_, rest)| rest));
    }
    out
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn tables_become_fixtures_without_their_people() {
    for (reader, case) in [
        ("4cat", "page"),
        ("4cat", "bluesky"),
        ("twarc-csv", "page"),
        ("json2csv", "page"),
        ("crowdtangle", "instagram"),
    ] {
        let exchange = http::recorded::load(&crate::support::root().join("fixtures").join(reader).join(case)).unwrap();
        let made = fixture::of(dump::by_name(reader).unwrap(), &exchange);
        let body = made.map(|made| String::from_utf8(made.exchange.response.body).unwrap());
        let body = body.unwrap_or_else(|error| panic!("{reader}/{case}: {error}"));
        assert!(!body.contains("ada_moss") && !body.contains("Ada Moss"), "{body}");
    }
}

#[test]
fn the_command_writes_a_case() {
    let desk = Desk::shipped();
    let page = crate::support::root().join("fixtures/x/page/body.json");
    desk.run(&["fixture", page.to_str().unwrap(), "--to", "made"]).ok();
    let case = desk.path().join("made/x/case-1");
    let exchange = http::recorded::load(&case).unwrap();
    let page = (dump::by_name("x").unwrap().parse)(&exchange).unwrap();
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&page).unwrap(), expected);
    assert_ne!(page.posts[0].post.author.handle.as_ref().unwrap().as_str(), "ada_moss");
    // A second one stands beside it.
    desk.run(&["fixture", "made/x/case-1/body.json", "--to", "made"]).ok();
    assert!(desk.path().join("made/x/case-2/exchange.toml").exists());
}

/// A page of each kind, and what must be gone from it.
#[test]
fn words_are_replaced_however_they_are_written() {
    let page = |body: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page");
        std::fs::write(&path, body).unwrap();
        let mut pieces = import::pieces(&path, "2026-11-23T12:00:00Z".parse().unwrap()).unwrap();
        let Some(Ok(Piece::Part(part, reader))) = pieces.next() else { panic!("not read: {body}") };
        let made = fixture::of(reader, &part.exchange).unwrap_or_else(|error| panic!("{error}: {body}"));
        String::from_utf8(made.exchange.response.body).unwrap()
    };
    let tweet = |inside: &str, class: &str| {
        format!(
            "<article class=\"{class}\" id=\"by-ada_l\" data-by='ada_l' data-all='{{&quot;who&quot;:&quot;ada_l&quot;}}'>\
             <!-- ada_l --><blockquote class=\"twitter-tweet\"><p lang=en title=Marshes>{inside}</p>&mdash; Ada Lund (@ada_l) \
             <a href=https://twitter.com/ada_l/status/1419719963177910273>July 26, 2021</a></blockquote></article>"
        )
    };
    let made =
        page(&tweet("&#21152;&#x52a0; caf&eacute; &amp; Ma&#114;shes", "wide user-ada_l status-1419719963177910273"));
    for gone in ["&#21152;", "&#x52a0;", "caf&eacute;", "&#114;", "arshes", "ada_l", "Lund", "1419719963177910273"] {
        assert!(!made.contains(gone), "{gone} in {made}");
    }
    for kept in ["wide user-", "twitter-tweet", "; &amp; ", "<!-- -->", "&mdash;", "July 26, 2021", "&#", "&#x"] {
        assert!(made.contains(kept), "{kept} not in {made}");
    }

    let status = |content: &str| {
        format!(
            r#"{{"id":"106650000000000123","created_at":"2021-07-26T18:03:11.000Z","visibility":"public","language":"en",
            "uri":"https://far.example/users/ada_l/statuses/1","url":"https://far.example/@ada_l/106650000000000123",
            "content":"{content}","account":{{"id":"107000000000000456","username":"ada_l","acct":"ada_l",
            "display_name":"Ada Lund","url":"https://far.example/@ada_l"}},"media_attachments":[],"mentions":[],"tags":[]}}"#
        )
    };
    let content = r#"<p class=\"user-ada_l\">&#21152;&#x52a0; Marshes <a href=\"https://far.example/%E5%8A%A0\">https://far.example/\u52a0</a></p>"#;
    let made = page(&status(content));
    for gone in ["&#21152;", "&#x52a0;", "Marshes", "ada_l", "%E5%8A%A0", "\\u52a0", "加", "Lund"] {
        assert!(!made.contains(gone), "{gone} in {made}");
    }

    let item = r#"{"items":[{"pk":"2600000000000000123","id":"2600000000000000123_456","code":"CxYzAbcdEfG","taken_at":1627322591,
        "media_type":1,"user":{"pk":"456","username":"ada_l","full_name":"Ada Lund"},"caption":{"text":"On the marshes"},
        "image_versions2":{"candidates":[{"url":"https://a.example/p/CxYzAbcdEfG/","width":1,"height":1}]},
        "permalink":"https://www.instagram.com/reel/CxYzAbcdEfG/","shortcode":"CxYzAbcdEfG"}]}"#;
    let made = page(item);
    assert!(!made.contains("CxYzAbcdEfG") && made.contains("/reel/") && made.contains("/p/"), "{made}");
    let code = made.split("\"code\":\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(made.matches(code).count(), 4, "{made}");
}

#[test]
fn each_file_of_a_folder_is_its_own() {
    let desk = Desk::shipped();
    let folder = desk.path().join("saved");
    std::fs::create_dir(&folder).unwrap();
    let fixtures = crate::support::root().join("fixtures");
    std::fs::copy(fixtures.join("bluesky/repository/body.car"), folder.join("a.car")).unwrap();
    std::fs::copy(fixtures.join("x/page/body.json"), folder.join("b.json")).unwrap();
    std::fs::write(folder.join("c.txt"), "Nothing is said here.").unwrap();
    let ran = desk.run(&["fixture", "saved", "--to", "made"]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("a.car in saved") && ran.err.contains("it is no text"), "{}", ran.err);
    assert!(ran.out.contains("1 files or records in it hold no posts"), "{}", ran.out);
    assert!(desk.path().join("made/x/case-1/expected.json").exists());

    std::fs::remove_file(folder.join("b.json")).unwrap();
    assert_eq!(desk.run(&["fixture", "saved", "--to", "made"]).code, 1);
}
