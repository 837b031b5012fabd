//! Runs the examples of a page of docs/. A fenced block whose info string ends in `file=NAME` is a file on the reader's desk; in a
//! `console` block every line after `$ ` is a command of a shell, and what follows it what the command prints, warnings and errors first.
//! `[…]` stands for anything on one line. `BLESS=1` writes what is printed into the page where it does not fit.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use pullquote::archive::Archive;

use crate::program::{Desk, Ran};
use crate::support::root;

/// Held while a page is read and written: two tests may bless one page.
static PAGES: Mutex<()> = Mutex::new(());

/// What an info string begins with before the name of a file.
const FILE: &str = "file=";

/// What stands for anything.
const ANYTHING: &str = "[…]";

/// Runs every example of a page, in order, on one desk.
pub fn run(page: &str) {
    run_on(page, |_| {});
}

/// Runs them on a desk on which something lies already.
pub fn run_on(page: &str, prepare: impl FnOnce(&Desk)) {
    let _held = PAGES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let path = root().join("docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let desk = Desk::with("");
    prepare(&desk);
    let mut shell = Shell { desk: &desk, code: 0 };
    let (mut written, mut wrong, mut commands) = (String::new(), Vec::new(), 0);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        written += &format!("{line}\n");
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if info == "console" {
            for Example { typed, command, expected } in examples(&block) {
                commands += 1;
                let printed = shell.print(&command);
                let fits = fits(&printed, &expected);
                written += &typed;
                let bless = !fits && std::env::var_os("BLESS").is_some();
                written += &ended(if bless { &printed } else { &expected });
                if !fits {
                    wrong.push(format!("{typed}{printed}\ninstead of\n{expected}"));
                }
            }
        } else {
            if let Some(name) = info.split(' ').find_map(|word| word.strip_prefix(FILE)) {
                assert!(Path::new(name).components().count() == 1, "{page}: {name} is not on the desk");
                desk.file(name, format!("{}\n", block.join("\n")).as_bytes());
            }
            written += &ended(&block.join("\n"));
        }
        written += "```\n";
    }
    assert!(commands > 0, "{page} has no examples");
    if !wrong.is_empty() && std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, written).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "docs/{page}: {}", wrong.join("\n\n"));
}

fn ended(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{text}\n") }
}

/// A command of a page.
struct Example {
    /// As it stands there, with its prompts.
    typed: String,
    /// As a shell reads it.
    command: String,
    /// What it prints, as the page says.
    expected: String,
}

/// The commands of a block. One with `<<'END'` goes on to the line `> END`.
fn examples(block: &[&str]) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut lines = block.iter().copied().peekable();
    while let Some(line) = lines.next() {
        let first = line.strip_prefix("$ ").unwrap_or_else(|| panic!("{line:?} stands before any command"));
        let (mut typed, mut command) = (format!("{line}\n"), first.to_owned());
        if let Some((_, end)) = first.split_once("<<") {
            let end = end.trim_matches('\'');
            for line in lines.by_ref() {
                let inside = line.strip_prefix('>').unwrap_or_else(|| panic!("{first:?} is not ended by {end}"));
                let inside = inside.strip_prefix(' ').unwrap_or(inside);
                typed += &format!("{line}\n");
                command += &format!("\n{inside}");
                if inside == end {
                    break;
                }
            }
        }
        let mut expected = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            expected.push(line);
        }
        examples.push(Example { typed, command, expected: expected.join("\n") });
    }
    examples
}

/// What stands between a reader and the program: each command has a shell of its own.
struct Shell<'a> {
    desk: &'a Desk,
    /// How the last command ended.
    code: i32,
}

impl Shell<'_> {
    /// What a command prints, warnings and errors first, without the end of its last line.
    fn print(&mut self, command: &str) -> String {
        let program = Path::new(env!("CARGO_BIN_EXE_pullquote")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("sh")
            .args(["-c", &command.replace("$?", &self.code.to_string())])
            .env("PATH", path)
            .current_dir(self.desk.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let ran = Ran::from(output);
        self.code = ran.code;
        format!("{}{}", ran.err, ran.out).trim_end_matches('\n').to_owned()
    }
}

/// Whether a text is the expected one, line by line.
fn fits(found: &str, expected: &str) -> bool {
    let (found, expected): (Vec<&str>, Vec<&str>) = (found.split('\n').collect(), expected.split('\n').collect());
    found.len() == expected.len() && found.iter().zip(expected).all(|(found, expected)| line_fits(found, expected))
}

fn line_fits(found: &str, expected: &str) -> bool {
    let mut parts = expected.split(ANYTHING);
    let Some(mut rest) = found.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A part of a page that is made from the code: what stands between `<!-- NAME -->` and `<!-- /NAME -->`.
#[track_caller]
pub fn made(page: &str, name: &str, expected: &str) {
    let _held = PAGES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let path = root().join("docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("docs/{page} has no part {name}"));
    let (found, after) = rest.split_once(&close).unwrap_or_else(|| panic!("docs/{page}: {name} has no end"));
    if found != expected && std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{before}{open}{expected}{close}{after}")).unwrap();
        return;
    }
    assert_eq!(found, expected, "docs/{page}: {name} is not what the code says; BLESS=1 writes it");
}

#[test]
fn checking() {
    run("checking.md");
}

#[test]
fn operating() {
    run("operating.md");
}

#[test]
fn exporting() {
    run("exporting.md");
}

#[test]
fn coverage() {
    run_on("coverage.md", |desk| crate::coverage::diary::keep(&Archive::at(desk.archive())));
}

#[test]
fn quoting() {
    run("quoting.md");
}

#[test]
fn scheduling() {
    run("scheduling.md");
}

#[test]
fn searching() {
    run("searching.md");
}

#[test]
fn a_line_fits_what_is_expected_and_nothing_else() {
    for (found, expected, fit) in [
        ("abc", "abc", true),
        ("abcd", "abc", false),
        ("a 1 b 2 c", "a […] b […] c", true),
        ("a 1 c", "a […] b […] c", false),
        ("abc", "[…]", true),
        ("abc", "a[…]d", false),
    ] {
        assert_eq!(line_fits(found, expected), fit, "{found} {expected}");
    }
}
