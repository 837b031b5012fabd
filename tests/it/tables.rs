//! Tables: told by what their first line says, read in parts that are cut where records end, broken records and all.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use pullquote::exchange::Exchange;
use pullquote::import::{self, ImportError, Part, Piece};
use pullquote::ingest;
use pullquote::model::Found;
use pullquote::platform::Platform;

use crate::program::Desk;
use crate::support::root;

const HEAD: &str =
    "id,thread_id,timestamp,unix_timestamp,link,body,author,author_fullname,is_retweet,is_quote_tweet\r\n";

fn row(number: u64, body: &str) -> String {
    let id = 1_419_719_963_177_910_301 + number * 4_194_304_000;
    let seconds = 1_627_322_591 + number;
    format!("{id},{id},,{seconds},,\"{}\",ada_moss,Ada Moss,no,no\r\n", body.replace('"', "\"\""))
}

/// Rows of very different lengths, with everything in them that could be taken for the end of one.
fn long_table(bytes: usize) -> String {
    let mut table = HEAD.to_owned();
    let mut number = 0;
    while table.len() < bytes {
        number += 1;
        let body =
            format!("row {number}\n\"quoted, \"\", twice\"\r\n\r\n,,{}\nend", "x, y\n".repeat((number % 97) as usize));
        table += &row(number, &body);
    }
    table
}

fn parts(path: &Path) -> (Vec<(Part, &'static Platform)>, Option<ImportError>) {
    let mut found = Vec::new();
    for piece in import::pieces(path, "2026-11-23T12:00:00Z".parse().unwrap()).unwrap() {
        match piece {
            Ok(Piece::Part(part, reader)) => found.push((*part, reader)),
            Ok(_) => panic!("a piece of a table is a part"),
            Err(error) => return (found, Some(error)),
        }
    }
    (found, None)
}

fn posts(reader: &Platform, exchange: &Exchange) -> Vec<Found> {
    let page = ingest::parse(reader, exchange).unwrap();
    assert!(page.skipped.is_empty(), "{:?}", page.skipped);
    page.posts
}

/// The number in `line 17`.
fn line(found: &Found) -> u64 {
    found.at.strip_prefix("line ").unwrap().parse().unwrap()
}

/// Together the parts hold every byte of the file once, and each holds the head before them.
#[track_caller]
fn look_at_bytes(parts: &[(Part, &'static Platform)], table: &str, head: usize) {
    let mut at = head;
    for (part, _) in parts {
        let (first, rest) = part.exchange.response.body.split_at(head);
        assert!(first == &table.as_bytes()[..head], "a part begins with another head");
        assert_eq!(part.first_byte, Some(at as u64));
        assert!(rest == &table.as_bytes()[at..at + rest.len()], "a part holds other bytes than the file");
        at += rest.len();
    }
    assert_eq!(at, table.len());
}

#[test]
fn parts_give_what_the_whole_gives() {
    let desk = Desk::shipped();
    let table = long_table(3_400_000);
    let (parts, fault) = parts(&desk.file("posts.csv", table.as_bytes()));
    assert!(fault.is_none() && parts.len() >= 3, "{} parts, {fault:?}", parts.len());
    look_at_bytes(&parts, &table, HEAD.len());
    let mut whole = parts[0].0.exchange.clone();
    whole.response.body = table.clone().into_bytes();
    let whole = posts(parts[0].1, &whole);
    let mut of_parts = Vec::new();
    for (part, reader) in &parts {
        for mut found in posts(reader, &part.exchange) {
            // As the documentation of `first_line` has it: the head of this table is one line.
            found.at = format!("line {}", part.first_line.unwrap() + line(&found) - 1 - 1);
            of_parts.push(found);
        }
    }
    assert!(whole.len() > 1000);
    assert!(of_parts == whole, "parts give other posts than the whole");
    let third = &whole[2].post;
    assert_eq!(third.text, "row 3\n\"quoted, \"\", twice\"\r\n\r\n,,x, y\nx, y\nx, y\n\nend");
    let lines: Vec<&str> = table.split('\n').collect();
    assert!(whole.iter().all(|found| lines[line(found) as usize - 1].starts_with(found.post.id.as_deref().unwrap())));
}

#[test]
fn a_table_goes_in_and_its_rows_can_be_made_anew() {
    let desk = Desk::shipped();
    let table = long_table(1_500_000);
    let path = desk.file("posts.csv", table.as_bytes());
    let name = path.to_str().unwrap();
    let ran = desk.run(&["import", name]).ok();
    assert!(!ran.out.contains("skipped") && !ran.out.contains("doubtful"), "{}", ran.out);
    let again = desk.run(&["import", name]).ok();
    assert!(again.out.contains(" 0 posts") && again.out.contains("already kept: 2 captures"), "{}", again.out);
    desk.run(&["verify"]).ok();
    desk.run(&["rebuild"]).ok();
    desk.run(&["verify"]).ok();
    // In another wrapping it is the same.
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(table.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let ran = desk.run(&["import", desk.file("posts.csv.gz", &packed).to_str().unwrap()]).ok();
    assert!(ran.out.contains("already kept: 2 captures"), "{}", ran.out);
}

#[test]
fn a_table_that_cannot_be_read_to_its_end_gives_what_is_whole() {
    let desk = Desk::shipped();
    let table = long_table(1_500_000);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(table.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let (found, fault) = parts(&desk.file("cut.csv.gz", &packed[..packed.len() / 2]));
    assert!(fault.is_some());
    let texts: Vec<String> =
        found.iter().flat_map(|(part, reader)| posts(reader, &part.exchange)).map(|found| found.post.text).collect();
    assert!(!texts.is_empty() && texts.iter().all(|text| text.ends_with("\nend")));
}

#[test]
fn utf_16_and_a_byte_order_mark_are_read() {
    let desk = Desk::shipped();
    let table = format!("{HEAD}{}", row(1, "Grüße\n你好 👍")).replace(',', "\t");
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(table.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [utf16, format!("\u{feff}{table}").into_bytes()] {
        let (parts, fault) = parts(&desk.file("excel.txt", &bytes));
        assert!(fault.is_none());
        let found = posts(parts[0].1, &parts[0].0.exchange);
        assert_eq!((found.len(), found[0].post.text.as_str()), (1, "Grüße\n你好 👍"));
        assert_eq!(parts[0].0.exchange.response.body, bytes);
    }
}

#[test]
fn a_quotation_mark_that_is_never_closed_holds_little() {
    let desk = Desk::shipped();
    let open = row(1, "open").replace("open\"", "open");
    // Fifty megabytes of rows behind it: they are found again.
    let rows: String = (2..502).map(|number| row(number, &"z".repeat(1000)).replace('"', "")).collect();
    let table = format!("{HEAD}{open}{}", rows.repeat(100));
    assert!(table.len() > 50_000_000);
    let (found, fault) = parts(&desk.file("open.csv", table.as_bytes()));
    assert!(fault.is_none());
    assert!(found.iter().all(|(part, _)| part.exchange.response.body.len() < 3 << 20));
    look_at_bytes(&found, &table, HEAD.len());
    let mut pages = found.iter().map(|(part, reader)| ingest::parse(reader, &part.exchange).unwrap());
    let first = pages.next().unwrap();
    assert_eq!((first.skipped.len(), first.skipped[0].at.as_str()), (1, "line 2"));
    let odd = first.posts.iter().find(|found| found.post.doubts.len() != 1);
    assert!(odd.is_none(), "what it had swallowed is doubtful: {:?}", odd.map(|found| (&found.at, &found.post.doubts)));
    let rest: usize = pages.map(|page| page.posts.iter().filter(|found| found.post.doubts.is_empty()).count()).sum();
    assert_eq!(first.posts.len() + rest, 50_000);
    // Fifty megabytes of one line: what came before them is kept, and they are told.
    let line = format!("{HEAD}{}1,\"{}", row(2, "before"), "z".repeat(50_000_000));
    let (found, fault) = parts(&desk.file("line.csv", line.as_bytes()));
    assert!(fault.unwrap().to_string().contains("has a line longer than 8 MiB, at line 3"));
    assert_eq!(posts(found[0].1, &found[0].0.exchange).len(), 1);
}

#[test]
fn prose_with_commas_is_prose() {
    let desk = Desk::shipped();
    let quoted = "Hello, everybody, here\nand, as, ever\n\n“The harbour, our harbour, is closed” — Ada Moss (@ada_moss) July 26, 2021\n";
    let path = desk.file("page.txt", quoted.as_bytes());
    let ran = desk.run(&["parse", path.to_str().unwrap(), "--json"]).ok();
    assert_eq!(ran.json()[0]["author"]["handle"], "ada_moss");
    // So is a table that no reader knows, as long as nobody says what its columns are.
    let table = format!("who,said\nada,x\n\n{}\n", quoted.lines().last().unwrap());
    let path = desk.file("page.csv", table.as_bytes());
    let ran = desk.run(&["parse", path.to_str().unwrap(), "--json"]).ok();
    assert_eq!(ran.json()[0]["author"]["handle"], "ada_moss");
}

#[test]
fn tables_inside_archives_are_read() {
    let desk = Desk::shipped();
    let body = std::fs::read(root().join("fixtures/4cat/page/body.csv")).unwrap();
    let path = desk.path().join("tables.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    archive.start_file("a/posts.csv", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&body).unwrap();
    archive.start_file("b.csv", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(b"a,b\n1,2\n").unwrap();
    archive.finish().unwrap();
    let ran = desk.run(&["import", path.to_str().unwrap()]).ok();
    assert!(ran.out.contains("7 posts: "), "{}", ran.out);
}

#[test]
fn a_table_behind_other_files_is_read_by_its_own_reader() {
    let desk = Desk::shipped();
    let folder = desk.path().join("saved");
    std::fs::create_dir(&folder).unwrap();
    let mut expected = 0;
    for (name, case) in [
        ("a.jsonl", "mastodon/lines"),
        ("b.csv", "4cat/page"),
        ("c.csv", "crowdtangle/page"),
        ("d.csv", "twarc-csv/page"),
    ] {
        let body = std::fs::read_dir(root().join("fixtures").join(case)).unwrap().map(|entry| entry.unwrap().path());
        let body = body.into_iter().find(|path| path.file_stem().is_some_and(|stem| stem == "body")).unwrap();
        std::fs::copy(&body, folder.join(name)).unwrap();
        let alone = desk.run(&["parse", folder.join(name).to_str().unwrap(), "--json"]).ok();
        expected += alone.out.lines().count();
    }
    let together = desk.run(&["parse", folder.to_str().unwrap(), "--json"]).ok();
    assert_eq!(together.out.lines().count(), expected, "{}", together.err);
}
