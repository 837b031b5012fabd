//! A hundred drafts with one mistake each, in all layouts: the mistake is found and named, and nothing else is. The variable
//! `PULLQUOTE_CHECK_DRAFTS` makes it more.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use std::io::Write;

use crate::program::Desk;

use super::kinds;

/// A generator of numbers that gives the same ones in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// Invented posts: handle, name, hour of their day, text.
const POSTS: &[(&str, &str, u32, &str)] = &[
    (
        "ada_moss",
        "Ada Moss",
        9,
        "The council did not ask 300 of us before it closed the old harbour, and now it wonders why we shout 🚢 #SaveTheHarbour",
    ),
    (
        "benlark",
        "Ben Lark 💙",
        18,
        "I do not believe a word of it. They promised 12 new boats in spring – and where are they now? 🤷 #SaveTheHarbour",
    ),
    (
        "cy_wren",
        "cy wren",
        23,
        "My grandmother mended nets here for 41 years.\n\nShe did not do it for a car park 😡\n\nShame on everybody who voted for it.",
    ),
    (
        "dora.finch",
        "Dora Finch (she/her)",
        3,
        "“Nobody will miss it,” the mayor said. Well, 5,000 people came to the quay today and not one of them agreed 👏👏",
    ),
    (
        "ed_heron",
        "Ed Heron",
        12,
        "It isn’t about fish… it’s about the 2 or 3 things in this town that are not for sale yet 🐟 don’t let them have it!",
    ),
    (
        "flo_teal",
        "Flo Teal",
        15,
        "Just watched the meeting: four hours, 0 answers, not a single apology 😴 I have never been so angry about a pier in my life.",
    ),
    (
        "gus_crane",
        "Gus Crane",
        7,
        "To those who say the harbour cost too much: it did not lose money in 2019, nor in 2020. Read the report before you tweet 📖",
    ),
    (
        "hal_plover",
        "Dr Hal Plover, MD",
        20,
        "As a doctor I see what losing work does to people. This will not end well for the 80 families on Quay Street 💔 #harbour",
    ),
    (
        "ida_dunlin",
        "Ida Dunlin",
        11,
        "The old crane will not come down while I live in this street. I have 7 cats and a very loud trumpet 🎺 try me",
    ),
    (
        "jo_swift",
        "Jo Swift 🏴☠️",
        5,
        "Why is it that we can find 9 million for a ring road and not one penny for the only port between here and the border? 🛣️",
    ),
    (
        "kit_rail",
        "Kit Rail",
        16,
        "Solidarity with every docker, skipper and net mender. You did not deserve this after 30 winters of work ✊ #SaveTheHarbour",
    ),
    (
        "lou_snipe",
        "Lou Snipe",
        21,
        "I was not going to say anything, but then I saw who owns the company that gets the land. 1 name, 3 firms. Look it up 🔎",
    ),
    (
        "may_knot",
        "May Knot",
        13,
        "They call it progress. I call it 6 flats nobody here can pay for, with a view that is not theirs to sell 🏗️ honestly",
    ),
    (
        "ned_gull",
        "Ned Gull",
        19,
        "Fair question from @ada_moss: did anyone check whether the new road floods? It does, and not only once in 100 years 🌊",
    ),
    (
        "olive_tern",
        "Olive Tern",
        8,
        "Our class of 26 wrote letters to the council. We did not get an answer, so tomorrow we bring them a song 🎶 see you at noon",
    ),
    (
        "pip_stork",
        "Pip Stork",
        14,
        "The report is here: https://news.example/harbour/2021/07/report-on-the-closing and it does not say what they say it says 🙄 page 44",
    ),
];

fn created(at: usize) -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(2021, 7, 14).unwrap() + Days::new(at as u64);
    day.and_hms_opt(POSTS[at].2, 10, 20).unwrap().and_utc()
}

/// An id that carries the time of its post.
fn url(at: usize) -> String {
    let id = ((created(at).timestamp_millis() - 1_288_834_974_657) << 22) + at as i64;
    format!("https://twitter.com/{}/status/{id}", POSTS[at].0.replace('.', "_"))
}

fn archive() -> Desk {
    let desk = Desk::with("");
    let lines: String = (0..POSTS.len())
        .map(|at| {
            let (handle, name, _, text) = POSTS[at];
            let handle = handle.replace('.', "_");
            format!(
                "{}\n",
                serde_json::json!({"t": text, "h": handle, "n": name, "d": created(at).to_rfc3339(), "u": url(at)})
            )
        })
        .collect();
    let path = desk.file("posts.jsonl", lines.as_bytes());
    desk.run(&["import", path.to_str().unwrap(), "--map", "text=t,handle=h,author=n,date=d,url=u"]).ok();
    desk
}

/// A post as a draft has it.
#[derive(Clone)]
struct Quoted {
    text: String,
    name: String,
    handle: String,
    day: NaiveDate,
    url: String,
}

fn quoted(at: usize) -> Quoted {
    let (handle, name, _, text) = POSTS[at];
    Quoted {
        text: text.into(),
        name: name.into(),
        handle: handle.replace('.', "_"),
        day: created(at).date_naive(),
        url: url(at),
    }
}

/// The mistakes, each with what is to be found.
const MISTAKES: usize = 17;

/// Puts a mistake into a quotation of post `at`; the findings that must be, and those that may be beside them.
fn mistake(kind: usize, at: usize, quoted: &mut Quoted, dice: &mut Dice) -> (&'static str, &'static [&'static str]) {
    let words: Vec<&str> = quoted.text.split(' ').collect();
    // A word in the middle that is nothing but lower-case letters.
    let plain = |at: &usize| words[*at].len() > 2 && words[*at].bytes().all(|byte| byte.is_ascii_lowercase());
    let places: Vec<usize> = (3..words.len() - 6).filter(plain).collect();
    let place = places[dice.below(places.len())];
    let with = |range: std::ops::Range<usize>, instead: &[&str]| {
        let mut words = words.clone();
        words.splice(range, instead.iter().copied());
        words.join(" ")
    };
    match kind {
        0 => quoted.text = with(place..place + 1, &["lighthouse"]),
        1 => quoted.text = with(place..place + 1, &[]),
        2 => quoted.text = with(place..place, &["really"]),
        3 => {
            let pair =
                places.iter().find(|at| plain(&(*at + 1)) && words[**at] != words[**at + 1]).copied().unwrap_or(place);
            quoted.text = with(pair..pair + 2, &[words[pair + 1], words[pair]]);
        }
        4 => quoted.text = quoted.text.replacen(if quoted.text.contains(" not ") { " not " } else { "n’t" }, " ", 1),
        5 => {
            let digit = quoted.text.find(|c: char| c.is_ascii_digit()).unwrap();
            let other = if quoted.text.as_bytes()[digit] == b'9' { "8" } else { "9" };
            quoted.text.replace_range(digit..digit + 1, other);
        }
        6 => {
            let mut word = words[place].to_owned();
            word[..1].make_ascii_uppercase();
            quoted.text = with(place..place + 1, &[&word]);
        }
        7 => {
            let emoji = quoted.text.char_indices().find(|(_, c)| *c > '\u{2700}').unwrap();
            quoted.text.replace_range(emoji.0..emoji.0 + emoji.1.len_utf8(), "🍋");
        }
        8 => {
            quoted.handle.replace_range(1..2, if quoted.handle.as_bytes()[1] == b'x' { "q" } else { "x" });
            return ("wrong handle", &["verbatim"]);
        }
        9 => {
            let letter = quoted.name.rfind(|c: char| c.is_ascii_lowercase()).unwrap();
            quoted.name.replace_range(letter..letter + 1, "zz");
            return ("wrong name", &["verbatim"]);
        }
        10 | 11 => {
            let days = Days::new(1);
            quoted.day = if kind == 10 { quoted.day + days } else { quoted.day - days };
            let (first, last) = (created(at) - TimeDelta::hours(12), created(at) + TimeDelta::hours(14));
            let somewhere = quoted.day >= first.date_naive() && quoted.day <= last.date_naive();
            return (if somewhere { "date of another zone" } else { "wrong date" }, &["verbatim"]);
        }
        12 => {
            quoted.day =
                if dice.below(2) == 0 { quoted.day - Months::new(1) } else { quoted.day.with_year(2020).unwrap() };
            return ("wrong date", &["verbatim"]);
        }
        13 => {
            quoted.text = with(place..place + 5, &["…"]);
            return ("shortened with an ellipsis", &[]);
        }
        14 => {
            quoted.text = words[..words.len() - 5].join(" ");
            return ("shortened without an ellipsis", &[]);
        }
        15 => {
            quoted.text = with(place..place + 5, &[]);
            return ("shortened without an ellipsis", &[]);
        }
        _ => {
            quoted.text = POSTS[(at + 5) % POSTS.len()].3.to_owned();
            return ("wrong handle", &["verbatim", "wrong name", "wrong date", "wrong link"]);
        }
    }
    ("altered", &[])
}

/// Other typography, the same words.
fn reset(text: &str, dice: &mut Dice, may_wrap: bool) -> String {
    let mut out = text.to_owned();
    for (from, to) in [("’", "'"), ("…", "..."), ("–", "—"), ("“", "\""), ("”", "\"")] {
        let both = matches!(from, "“" | "”");
        if !both && dice.below(2) == 0 {
            out = out.replace(from, to);
        }
    }
    if dice.below(2) == 0 {
        out = out.replace(['“', '”'], "\"");
    }
    if dice.below(2) == 0 {
        out = out.replacen(" the ", "\u{a0}the  ", 1);
    }
    if may_wrap && dice.below(2) == 0 {
        out = out.replacen(" and ", "\nand ", 1);
    }
    if dice.below(2) == 0 {
        out = out.replace("https://news.example/harbour/2021/07/report-on-the-closing", "news.example/harbour/2021/0…");
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A draft in a layout: the end of its name, and its bytes.
fn draft(layout: usize, quotes: &[Quoted], dice: &mut Dice) -> (&'static str, Vec<u8>) {
    let us = |day: NaiveDate| day.format("%B %-d, %Y").to_string();
    let uk = |day: NaiveDate| format!("{} {}", day.day(), day.format("%B %Y"));
    let dash = ["—", "–", "--"][dice.below(3)];
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::new();
    let mut number = 0;
    match layout {
        0 => {
            out.push_str("What people said of the harbour\n\n");
            for quote in quotes {
                number += 1;
                let text = reset(&quote.text, dice, true);
                out.push_str(&format!(
                    "{number}.\n\n{text} {dash} {} (@{}) {}\n\n",
                    quote.name,
                    quote.handle,
                    us(quote.day)
                ));
            }
        }
        1 => {
            for quote in quotes {
                let text = one_line(&reset(&quote.text, dice, true));
                number += 1;
                let who = format!("{} (@{})", quote.name, quote.handle);
                out.push_str(&match number % 3 {
                    0 => format!("On {}, {who} wrote: “{text}”\n\n", uk(quote.day)),
                    1 => format!("The baker {who} tweeted on {}: “{text}” It was read by many.\n\n", uk(quote.day)),
                    _ => format!("“{text},” {who} posted on {}. Others agreed.\n\n", us(quote.day)),
                });
            }
        }
        2 => {
            out.push_str("# Reactions\n\n");
            for quote in quotes {
                let text = reset(&quote.text, dice, true).replace('#', "\\#").replace('\n', "\n> ");
                out.push_str(&format!(
                    "Some prose.\n\n> {text}\n>\n> {dash} [{} (@{})](<{}>), {}\n\n",
                    quote.name,
                    quote.handle,
                    quote.url,
                    us(quote.day)
                ));
            }
            return ("md", out.into_bytes());
        }
        3 => {
            out.push_str("<!doctype html><title>Reactions</title><h1>Reactions</h1>");
            for quote in quotes {
                let text = escaped(&reset(&quote.text, dice, true)).replace('\n', "<br>");
                out.push_str(&format!(
                    "<p>Some prose.</p><blockquote class=\"twitter-tweet\"><p lang=\"en\" dir=\"ltr\">{text}</p>&mdash; {} (@{}) <a href=\"{}?ref_src=x\">{}</a></blockquote>\
                     <script async src=\"https://platform.twitter.com/widgets.js\"></script>",
                    escaped(&quote.name), quote.handle, quote.url, us(quote.day)
                ));
            }
            return ("html", out.into_bytes());
        }
        4 => {
            out.push_str("<!doctype html><article>");
            for quote in quotes {
                let text = escaped(&one_line(&reset(&quote.text, dice, true)));
                out.push_str(&format!(
                    "<p>The fisher {} (<a href=\"https://twitter.com/{1}\">@{1}</a>) wrote on {2}: “<a href=\"{3}\">{text}</a>”</p>\n",
                    escaped(&quote.name), quote.handle, uk(quote.day), quote.url
                ));
            }
            return ("html", out.into_bytes());
        }
        5 => {
            let mut body = String::new();
            let mut paragraph = |text: &str| {
                let runs: Vec<String> = text
                    .split('\n')
                    .map(|line| format!("<w:t xml:space=\"preserve\">{}</w:t>", escaped(line)))
                    .collect();
                body.push_str(&format!("<w:p><w:r>{}</w:r></w:p>", runs.join("<w:br/>")));
            };
            for quote in quotes {
                number += 1;
                paragraph(&format!("{number}."));
                paragraph(&reset(&quote.text, dice, true));
                paragraph(&format!("{dash} {} (@{}), {}", quote.name, quote.handle, uk(quote.day)));
            }
            let document = format!("<?xml version=\"1.0\"?><w:document><w:body>{body}</w:body></w:document>");
            let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(document.as_bytes()).unwrap();
            return ("docx", zip.finish().unwrap().into_inner());
        }
        _ => {
            for quote in quotes {
                let text = one_line(&reset(&quote.text, dice, true));
                out.push_str(&format!("“{text}” {dash} {} (@{}), {}\n\n", quote.name, quote.handle, uk(quote.day)));
            }
        }
    }
    ("txt", out.into_bytes())
}

const LAYOUTS: usize = 7;

#[test]
fn a_hundred_drafts_with_a_mistake_each() {
    let desk = archive();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut wrong = Vec::new();
    let drafts = std::env::var("PULLQUOTE_CHECK_DRAFTS").ok().and_then(|drafts| drafts.parse().ok()).unwrap_or(119);
    for number in 0..drafts {
        let (layout, kind) = (number % LAYOUTS, number % MISTAKES);
        let first = dice.below(POSTS.len());
        let posts: Vec<usize> = (0..5).map(|step| (first + step) % POSTS.len()).collect();
        let mut quotes: Vec<Quoted> = posts.iter().map(|at| quoted(*at)).collect();
        let here = dice.below(quotes.len());
        let (expected, beside) = mistake(kind, posts[here], &mut quotes[here], &mut dice);
        let (extension, bytes) = draft(layout, &quotes, &mut dice);
        let path = desk.file(&format!("draft-{number}.{extension}"), &bytes);
        let ran = desk.run(&["check", path.to_str().unwrap(), "--json"]);
        let verdicts = ran.json();
        let found = kinds(&verdicts);
        let fits = found.len() == quotes.len()
            && found.iter().enumerate().all(|(at, kinds)| match at == here {
                true => {
                    kinds.contains(&expected) && kinds.iter().all(|kind| *kind == expected || beside.contains(kind))
                }
                false => *kinds == ["verbatim"],
            });
        let code = if expected == "date of another zone" || expected == "shortened with an ellipsis" { 0 } else { 6 };
        if !fits || ran.code != code {
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            let shown = if layout == 5 { String::new() } else { shown };
            wrong.push(format!("{number}: layout {layout}, mistake {kind} in {here}: expected {expected}, found {found:?}, exit {}\n{}\n{shown}", ran.code, ran.out));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn drafts_without_a_mistake_raise_no_alarm() {
    let desk = archive();
    let mut dice = Dice(0x0123_4567_89ab_cdef);
    for number in 0..42 {
        let layout = number % LAYOUTS;
        let first = dice.below(POSTS.len());
        let quotes: Vec<Quoted> = (0..8).map(|step| quoted((first + step) % POSTS.len())).collect();
        let (extension, bytes) = draft(layout, &quotes, &mut dice);
        let path = desk.file(&format!("draft-{number}.{extension}"), &bytes);
        let ran = desk.run(&["check", path.to_str().unwrap(), "--json"]);
        let shown = if layout == 5 { "".into() } else { String::from_utf8_lossy(&bytes) };
        assert_eq!(kinds(&ran.json()), vec![vec!["verbatim"]; 8], "layout {layout}: {}\n{shown}", ran.out);
        assert_eq!(ran.code, 0);
    }
}
