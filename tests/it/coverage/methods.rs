//! The methods section: its numbers are the archive's, and nothing in a stranger's words becomes markup.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use pullquote::coverage::{Cause, Gap, Stretch, Stretches, Survey};
use pullquote::paper::{self, Asked, Block, Methods, Sight};
use pullquote::store::{JobSummary, Reader, Summary};
use pullquote::zone::Zone;
use serde_json::Value;

use super::diary::{TOOT, at};
use super::{desk, golden, pretty};

const CONFIG: &str = "timezone = \"Europe/London\"\n[[job]]\nname = \"ferry\"\ntags = [\"Ferry\"]\nnone = [\"advert\"]\n\
    sources = [\"mastodon:toot.test\", \"feed:https://news.test/feed.xml\"]\nsince = 2026-03-01\nevery = \"1h\"\n";

#[test]
fn a_methods_section_tells_what_was_done() {
    let desk = desk();
    let told = desk.run(&["methods", "ferry", "--json"]).ok();
    // Captures have names that are drawn by chance, and so the chain has another end each time.
    let digest = told.json()[0]["digest"].as_str().unwrap().to_owned();
    assert!(digest.starts_with("sha256:"), "{digest}");
    let steady = |text: &str| text.replace("\\allowbreak{}", "").replace(&digest, "DIGEST");
    golden("methods.md", &steady(&desk.run(&["methods", "ferry"]).ok().out));
    golden("methods.tex", &steady(&desk.run(&["methods", "ferry", "--as", "latex", "--gaps", "1"]).ok().out));
    golden("methods.json", &steady(&pretty(&told)));
    desk.file("config.toml", CONFIG.replace("2026-03-01", "\"2026-03-01\"").as_bytes());
    let asked = desk.run(&["methods", "ferry"]).ok().out;
    for part in [
        "Posts with the hashtag #Ferry were collected with pullquote",
        "They were not to carry #advert.",
        "Asked for were posts written from 1 March 2026, 00:00 on.",
        "the schedule “every 1h”",
        "Europe/London",
    ] {
        assert!(asked.contains(part), "{part:?} is not in:\n{asked}");
    }
    assert_eq!(desk.run(&["methods", "nosuch"]).code, 1);
    assert_eq!(desk.run(&["methods"]).code, 3);
}

#[test]
fn its_numbers_are_those_of_the_archive() {
    let desk = desk();
    let told = desk.run(&["methods", "ferry", "--json"]).ok().json().remove(0);
    let count = |query: &str| {
        let printed = desk.run(&["search", query, "--count"]).ok().out;
        printed.trim().parse::<u64>().unwrap()
    };
    assert_eq!(told["summary"]["all"]["posts"], count("job:ferry"));
    assert_eq!(told["summary"]["all"]["deleted"], count("job:ferry state:deleted"));
    assert_eq!(told["summary"]["all"]["revised"], 1);
    let reader = Reader::open(&desk.archive().join("pullquote.db")).unwrap();
    let summary = reader.summary("ferry").unwrap();
    assert_eq!(summary.sources.len(), 2, "parts belong to their sources: {:?}", summary.sources.keys());
    let toot = &summary.sources[&format!("{TOOT}#Ferry")];
    let news = &summary.sources["feed:https://news.test/feed.xml#Ferry"];
    assert_eq!(toot.posts + news.posts, summary.all.posts);
    assert_eq!(toot.kinds, [("original".to_owned(), toot.posts)]);
    assert_eq!(toot.accounts, 1);
    assert_eq!(summary.versions.iter().map(|(_, captures)| captures).sum::<u64>(), summary.captures);
    assert_eq!(reader.summary("nosuch").unwrap(), JobSummary::default());
    // The chain ends with what the next capture would call the one before.
    let last = reader.last_capture().unwrap().unwrap();
    let link = pullquote::warc::link(&desk.archive().join("captures"), &last).unwrap().unwrap();
    assert_eq!(told["digest"], Value::from(link.clone()));
    let all = pullquote::warc::captures(&desk.archive().join("captures")).unwrap();
    let previous: BTreeSet<String> = all.map_while(Result::ok).map(|capture| capture.place.digest).collect();
    assert!(!previous.contains(&link), "it is a digest of the record about the capture, not of the answer");
}

/// Words that each mean something to Markdown, to LaTeX, to a terminal or to a reader's eye.
const HOSTILE: &str = "x}\\input{/etc/passwd}\\end{document}%$&#_^~{[*]| <script>alert(1)</script>\n# `rm` \\\\ ?` --- 東京 é\u{202e}\u{1b}[31m\u{0}“““";

fn hostile() -> Methods {
    let asked = Stretch::new(at("2026-03-01T00:00:00Z"), at("2026-03-02T00:00:00Z")).unwrap();
    let survey = Survey {
        job: HOSTILE.to_owned(),
        source: HOSTILE.to_owned(),
        platform: HOSTILE.to_owned(),
        asked: Some(asked),
        covered: Stretches::default(),
        heard: Stretches::default(),
        gaps: vec![
            Gap { stretch: asked, cause: Cause::Refused, why: HOSTILE.to_owned() },
            Gap { stretch: asked, cause: Cause::Down, why: "[1em] *".to_owned() },
        ],
        passed_over: Vec::new(),
        first_asked: Some(asked.since),
        last_asked: Some(asked.until),
        last_done: None,
        looks: (1, 0),
        trouble: Some((Cause::Refused, asked.since)),
        reach: None,
    };
    let all = Summary {
        posts: 1,
        languages: vec![(HOSTILE.to_owned(), 1)],
        kinds: vec![("original".to_owned(), 1)],
        ..Summary::default()
    };
    Methods {
        job: HOSTILE.to_owned(),
        zone: Zone::UTC,
        asked: Some(Asked {
            tags: vec![HOSTILE.to_owned()],
            all: vec!["東京".to_owned()],
            none: vec![HOSTILE.to_owned()],
            words: Some(HOSTILE.to_owned()),
            sources: vec![HOSTILE.to_owned()],
            ..Asked::default()
        }),
        summary: JobSummary {
            sources: [(HOSTILE.to_owned(), all.clone())].into(),
            all,
            first_capture: Some(asked.since),
            last_capture: Some(asked.until),
            versions: vec![(HOSTILE.to_owned(), 1)],
            ..JobSummary::default()
        },
        sights: vec![Sight::new(survey, None, None)],
        pairs: Vec::new(),
        lonely: vec![(HOSTILE.to_owned(), HOSTILE.to_owned())],
        digest: Some("sha256:00".to_owned()),
        most_gaps: 20,
    }
}

/// The commands that LaTeX would run: every word behind a backslash, comments left out.
fn commands(latex: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in latex.lines().filter(|line| !line.starts_with('%')) {
        let mut rest = line;
        while let Some((_, after)) = rest.split_once('\\') {
            let word: String = after.chars().take_while(char::is_ascii_alphabetic).collect();
            let length = if word.is_empty() { after.chars().next().map_or(0, char::len_utf8) } else { word.len() };
            found.insert(after[..length].to_owned());
            rest = &after[length..];
        }
    }
    found
}

#[test]
fn nothing_hostile_is_a_command() {
    let methods = hostile();
    let latex = paper::latex(&methods.page());
    let known = [
        "providecommand",
        "pquni",
        "ifdefined",
        "directlua",
        "XeTeXrevision",
        "else",
        "fi",
        "section",
        "begin",
        "end",
        "item",
        "sloppy",
        "par",
        "noindent",
        "footnotesize",
        "textbf",
        "hline",
        "linewidth",
        "allowbreak",
        "textbackslash",
        "textbraceleft",
        "textbraceright",
        "textasciitilde",
        "textasciicircum",
        "textless",
        "textgreater",
        "textbar",
        "\\",
        "#",
        "$",
        "%",
        "&",
        "_",
    ];
    let known: BTreeSet<String> = known.into_iter().map(str::to_owned).collect();
    let strange: Vec<String> = commands(&latex).difference(&known).cloned().collect();
    assert_eq!(strange, Vec::<String>::new(), "{latex}");
    // Braces and environments are closed, line by line where strangers' words stand.
    for line in latex.lines().filter(|line| !line.starts_with('%')) {
        let bare = line.replace("\\{", "").replace("\\}", "");
        let is_table = line.contains("{\\footnotesize") || line.starts_with('}');
        let depth = bare.matches('{').count() as i64 - bare.matches('}').count() as i64;
        assert!(depth == 0 || is_table || line == "\\end{tabular}", "{line}");
        let specials =
            bare.replace("\\%", "").replace("\\$", "").replace("\\#", "").replace("\\&", "").replace("\\_", "");
        assert!(!specials.contains(['$', '%', '_', '^', '~']) || line.starts_with("\\providecommand"), "{line}");
    }
    let names = ["tabular", "itemize"];
    for name in names {
        assert_eq!(
            latex.matches(&format!("\\begin{{{name}}}")).count(),
            latex.matches(&format!("\\end{{{name}}}")).count()
        );
    }
    assert!(!latex.contains("\\end{document}") && !latex.contains('\u{202e}') && !latex.contains('\u{1b}'));
    let markdown = paper::markdown(&methods.page());
    assert!(!markdown.contains("<script>") && !markdown.contains('\u{202e}') && !markdown.contains('\0'), "{markdown}");
    assert_eq!(markdown.matches("```").count(), 2, "{markdown}");
    // No row has more cells than its head.
    let bars = |line: &str| line.replace("\\|", "").matches('|').count();
    for table in markdown.split("\n\n").filter(|part| part.starts_with('|')) {
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines.iter().all(|line| bars(line) == bars(lines[0])), "{table}");
    }
}

#[test]
fn a_long_table_is_cut_into_pages() {
    let rows = (0..60).map(|row| vec![format!("row {row}"), "x".repeat(400)]).collect();
    let table = Block::Table { title: "Long".to_owned(), head: vec!["a", "b"], rows };
    let latex = paper::latex(std::slice::from_ref(&table));
    assert_eq!(latex.matches("\\begin{tabular}").count(), 3);
    assert!(latex.contains("row 59"));
    // All columns together are no broader than the page.
    let widths = latex.lines().find(|line| line.starts_with("\\begin{tabular}")).unwrap();
    let parts = widths.split("p{0.").skip(1).map(|part| part[..3].parse::<u32>().unwrap());
    assert!(parts.sum::<u32>() < 960, "{widths}");
}

#[test]
fn latex_takes_it_where_there_is_a_latex() {
    if Command::new("pdflatex").arg("--version").output().is_err() {
        eprintln!("no pdflatex here: only the escaping was tested");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let plain = desk().run(&["methods", "ferry", "--as", "latex"]).ok().out;
    for (name, text) in [("hostile", paper::latex(&hostile().page())), ("plain", plain)] {
        compiles(folder.path(), name, &text);
    }
}

fn compiles(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(format!("{name}-methods.tex")), text).unwrap();
    let document =
        format!("\\documentclass{{article}}\n\\begin{{document}}\n\\input{{{name}-methods}}\n\\end{{document}}\n");
    let path = folder.join(format!("{name}.tex"));
    std::fs::write(&path, document).unwrap();
    let ran = Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"])
        .arg(&path)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{name}: {said}");
    // Whoever names his server like that may have it stand in the margin.
    assert!(name == "hostile" || !said.contains("Overfull"), "{name} is broader than its page: {said}");
}
