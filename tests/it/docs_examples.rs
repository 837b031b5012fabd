//! Runs the examples of a page of docs/. A fenced block whose info string ends in `file=NAME` is a file on the reader's desk; in a
//! `console` block every line after `$ ` is a command, and what follows it what the command prints, warnings and errors first.
//! `[…]` stands for anything on one line. `BLESS=1` writes what is printed into the page where it does not fit.

use std::path::Path;
use std::sync::Mutex;

use crate::program::Desk;
use crate::support::root;

/// Held while a page is read and written: two tests may bless one page.
static PAGES: Mutex<()> = Mutex::new(());

/// What an info string begins with before the name of a file.
const FILE: &str = "file=";

/// What stands for anything.
const ANYTHING: &str = "[…]";

/// Runs every example of a page, in order, on one desk.
pub fn run(page: &str) {
    let _held = PAGES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let path = root().join("docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let desk = Desk::with("");
    let (mut written, mut wrong, mut commands) = (String::new(), Vec::new(), 0);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        written += &format!("{line}\n");
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if info == "console" {
            for (command, expected) in examples(&block) {
                commands += 1;
                let printed = print(&desk, command);
                let fits = fits(&printed, &expected.join("\n"));
                written += &format!("$ {command}\n");
                match (fits, std::env::var_os("BLESS").is_some()) {
                    (false, true) => written += &ended(&printed),
                    (_, _) => written += &ended(&expected.join("\n")),
                }
                if !fits {
                    wrong.push(format!("$ {command}\n{printed}\ninstead of\n{}", expected.join("\n")));
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

/// The commands of a block, each with the lines that follow it.
fn examples<'a>(block: &[&'a str]) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut examples: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in block {
        match (line.strip_prefix("$ "), examples.last_mut()) {
            (Some(command), _) => examples.push((command, Vec::new())),
            (None, Some((_, printed))) => printed.push(line),
            (None, None) => panic!("{line:?} stands before any command"),
        }
    }
    examples
}

/// What a command prints, without the end of its last line.
fn print(desk: &Desk, command: &str) -> String {
    let words = words(command);
    let (program, args) = words.split_first().expect("a command");
    assert_eq!(program, "pullquote", "{command:?} is no command of ours");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let ran = desk.run(&args);
    format!("{}{}", ran.err, ran.out).trim_end_matches('\n').to_owned()
}

/// The words of a command line, as a shell takes them that knows quotation marks and nothing else.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut mark) = (Vec::new(), None::<String>, None);
    for c in command.chars() {
        match (mark, c) {
            (Some(open), c) if c == open => mark = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                mark = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, c) => {
                assert!(!"$`\\|&;<>*?".contains(c), "{command:?}: {c:?} means something to a shell");
                word.get_or_insert_default().push(c);
            }
        }
    }
    assert!(mark.is_none(), "{command:?} does not close a quotation mark");
    words.extend(word);
    words
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
fn quoting() {
    run("quoting.md");
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
    assert_eq!(words("a 'b c' \"d\"e ''"), ["a", "b c", "de", ""]);
}
