//! `timeline`: the table, the plot and the pictures, and that they count what there is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use pullquote::chart::{self, Chart, Gap, Series, Step, Tally};
use pullquote::model::{Precision, When, WhenSource};
use pullquote::zone::Zone;
use serde_json::{Value, json};

use crate::program::Desk;
use crate::support::root;

/// The golden file, or what `BLESS=1` makes of it.
fn golden(name: &str, found: &str) {
    let path: PathBuf = root().join("tests/it/chart").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{name} is not what it was; BLESS=1 writes it anew:\n{found}");
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn when(text: &str) -> Option<When> {
    match text.parse::<NaiveDate>() {
        Ok(day) => When::day(day, WhenSource::Page),
        Err(_) => When::new(at(text), Precision::Second, WhenSource::Platform),
    }
}

/// A day and a half in summer, with a wave, a gap, a post of another century and words that would be markup.
fn wave() -> Chart {
    let mut tally = Tally::default();
    for hour in 0..36_i64 {
        let posts = (18 - (hour - 18).abs()) * hour % 97;
        for post in 0..posts * 13 {
            let at = at("2021-07-26T05:00:00Z") + chrono::TimeDelta::seconds(hour * 3600 + post % 3600);
            tally.add(When::new(at, Precision::Second, WhenSource::Platform).as_ref());
        }
    }
    for text in ["2021-07-26", "1921-01-01T00:00:00Z"] {
        tally.add(when(text).as_ref());
    }
    tally.add(None);
    let gaps = [
        Gap {
            from: at("2021-07-26T14:20:00Z"),
            until: Some(at("2021-07-26T16:00:00Z")),
            whole: false,
            why: "nobody listened".to_owned(),
        },
        Gap {
            from: at("2021-07-27T15:30:00Z"),
            until: None,
            whole: true,
            why: "it lies after the last capture".to_owned(),
        },
    ];
    let series = Series::new(&tally, "Europe/London".parse().unwrap(), Some(Step::Hour), (None, None), &gaps);
    let notes = vec![
        "Not covered from 27 July 2021, 16:30 on: it lies after the last capture of the whole archive, whichever job it was."
            .to_owned(),
        "Escapes \u{1b}[31m and <script>alert(1)</script> are words.".to_owned(),
    ];
    Chart { title: "Posts matching “<b>&\u{202e}'#Лоуч\"”".to_owned(), series, notes }
}

/// Three days, few posts.
fn few() -> Chart {
    let mut tally = Tally::default();
    for text in ["2021-07-26", "2021-07-26T12:00:00Z", "2021-07-28T23:30:00Z"] {
        tally.add(when(text).as_ref());
    }
    let series = Series::new(&tally, Zone::UTC, Some(Step::Day), (None, None), &[]);
    Chart { title: "All posts".to_owned(), series, notes: vec!["Coverage is not known.".to_owned()] }
}

/// A minute with so many posts, and many without any.
fn brief(posts: usize) -> Chart {
    let mut tally = Tally::default();
    (0..posts).for_each(|_| tally.add(when("2021-07-26T12:00:00Z").as_ref()));
    let asked = (None, Some(at("2021-07-26T15:00:00Z")));
    let series = Series::new(&tally, Zone::UTC, Some(Step::Minute), asked, &[]);
    Chart { title: "All posts".to_owned(), series, notes: Vec::new() }
}

#[test]
fn tables_plots_and_pictures_are_what_they_were() {
    golden("wave.table.txt", &chart::table(&wave()));
    golden("wave.plot.txt", &chart::plot(&wave(), 80));
    golden("wave.narrow.txt", &chart::plot(&wave(), 32));
    golden("wave.svg", &chart::svg(&wave()));
    golden("few.table.txt", &chart::table(&few()));
    golden("few.plot.txt", &chart::plot(&few(), 80));
    golden("few.svg", &chart::svg(&few()));
    golden("few.csv", &chart::csv(&few().series));
    let empty = Series::new(&Tally::default(), Zone::UTC, None, (None, None), &[]);
    let empty = Chart { title: "Nothing".to_owned(), series: empty, notes: vec!["No post matches.".to_owned()] };
    golden("empty.table.txt", &chart::table(&empty));
    golden("empty.plot.txt", &chart::plot(&empty, 80));
    golden("empty.svg", &chart::svg(&empty));
}

#[test]
fn a_plot_fits_whatever_it_holds() {
    for width in [0, 30, 31, 40, 80, 137] {
        for chart in [wave(), few(), brief(9), brief(1000)] {
            let plot = chart::plot(&chart, width);
            let widest = plot.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= width.max(30), "{widest} of {width}:\n{plot}");
        }
    }
}

#[test]
fn an_svg_is_xml_that_does_nothing() {
    for chart in [wave(), few()] {
        let svg = chart::svg(&chart);
        let mut reader = quick_xml::Reader::from_str(&svg);
        let (mut elements, mut texts) = (Vec::new(), String::new());
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                    elements.push(tag.name().as_ref().to_owned());
                    for attribute in tag.attributes() {
                        let attribute = attribute.unwrap();
                        let name: &str = attribute.key.as_ref();
                        assert!(!name.starts_with("on") && !name.contains("href"), "{name}");
                    }
                }
                quick_xml::events::Event::Text(text) => texts.push_str(&text),
                _ => {}
            }
        }
        elements.sort();
        elements.dedup();
        assert_eq!(elements, ["desc", "line", "rect", "svg", "text", "title"]);
        assert!(svg.contains("role=\"img\"") && !texts.contains(['\u{1b}', '\u{202e}', '<']));
    }
}

#[test]
fn a_png_shows_what_the_svg_does() {
    let picture = chart::png(&wave()).unwrap();
    assert_eq!(picture, chart::png(&wave()).unwrap());
    let mut reader = png::Decoder::new(std::io::Cursor::new(&picture)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let said: Vec<String> =
        reader.info().utf8_text.iter().map(|text| format!("{}: {}", text.keyword, text.get_text().unwrap())).collect();
    assert!(said[0].starts_with("Title: Posts matching") && said[0].contains("Лоуч"), "{said:?}");
    assert!(said[1].contains("The most in one hour: 1,235, from 26 July 2021, 23:00."), "{said:?}");
    let svg = chart::svg(&wave());
    assert!(svg.contains(&format!("viewBox=\"0 0 {} {}\"", info.width, info.height)), "{info:?}");
    let colour = |x: u32, y: u32| {
        let at = ((y * info.width + x) * 3) as usize;
        format!("#{:02x}{:02x}{:02x}", bytes[at], bytes[at + 1], bytes[at + 2])
    };
    // Every rectangle and line of the SVG, in order, by the colour at its middle; what lies over it is drawn later.
    let number = |line: &str, name: &str| -> Option<u32> {
        line.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0.parse().ok()
    };
    let mut shown = BTreeMap::new();
    for line in svg.lines().filter(|line| line.starts_with("<rect x=")) {
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| number(line, name).unwrap());
        let fill = line.split_once("fill=\"").unwrap().1.split_once('"').unwrap().0;
        let (top, left) = (colour(x + width / 2, y + height / 2), colour(x, y + height - 1));
        *shown.entry((fill.to_owned(), top == fill || left == fill)).or_insert(0) += 1;
    }
    assert_eq!(shown.keys().map(|(_, is)| *is).collect::<Vec<_>>(), [true, true], "{shown:?}");
    assert_eq!(colour(2, 2), "#ffffff");
    // The title is written in ink.
    let ink = (130..600).flat_map(|x| (30..62).map(move |y| (x, y))).filter(|(x, y)| colour(*x, *y) == "#222222");
    assert!(ink.count() > 500);
}

#[test]
fn no_post_is_lost_whatever_its_date() {
    let first = at("0001-01-01T00:00:00Z").timestamp();
    let last = at("9999-12-31T23:59:59Z").timestamp();
    let near = at("2021-10-31T00:00:00Z").timestamp();
    // Near each other, and anywhere.
    let second = prop_oneof![4 => near..near + 400_000, 2 => near - 90_000_000..near, 1 => first..=last];
    let precision = prop_oneof![Just(None), Just(Some(Precision::Second)), Just(Some(Precision::Day))];
    let zones = ["UTC", "Europe/London", "Pacific/Apia", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata"];
    let steps = [None, Some(Step::Minute), Some(Step::Hour), Some(Step::Day)];
    let asked = proptest::option::of(first..=last);
    let posts = proptest::collection::vec((second, precision), 0..60);
    let case = (
        posts,
        proptest::sample::select(zones.to_vec()),
        proptest::sample::select(steps.to_vec()),
        asked.clone(),
        asked,
    );
    proptest!(ProptestConfig::with_cases(96), |((posts, zone, step, since, until) in case)| {
        let instant = |second: i64| DateTime::from_timestamp(second, 0).unwrap();
        let mut tally = Tally::default();
        for (second, precision) in &posts {
            let when = precision.and_then(|precision| When::new(instant(*second), precision, WhenSource::Page));
            tally.add(when.as_ref());
        }
        let series = Series::new(&tally, zone.parse().unwrap(), step, (since.map(instant), until.map(instant)), &[]);
        prop_assert_eq!(series.posts() + series.day_only + series.undated + series.outside, posts.len() as u64);
        prop_assert!(series.bins.len() <= 20_000);
        prop_assert!(series.bins.windows(2).all(|pair| pair[0].end == pair[1].start));
        prop_assert!(series.bins.iter().all(|bin| bin.start < bin.end));
        let chart = Chart { title: "All posts".to_owned(), series, notes: Vec::new() };
        prop_assert!(chart::plot(&chart, 60).lines().all(|line| line.chars().count() <= 60));
        prop_assert!(chart::svg(&chart).ends_with("</svg>\n"));
    });
}

/// Posts, one a line, at these times.
fn lines(times: &[DateTime<Utc>]) -> String {
    let line = |(n, at): (usize, &DateTime<Utc>)| {
        let (said, who, link) =
            (format!("post {n} about loach"), format!("user{}", n % 7), format!("https://a.example/{n}"));
        json!({"said": said, "who": who, "on": at.to_rfc3339(), "link": link}).to_string()
    };
    times.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

const MAP: &str = "text=said,handle=who,date=on,url=link";

/// A desk with posts at these times.
fn desk(times: &[DateTime<Utc>]) -> Desk {
    let desk = Desk::with("");
    let path = desk.file("posts.jsonl", lines(times).as_bytes());
    desk.run(&["import", path.to_str().unwrap(), "--map", MAP]).ok();
    desk
}

/// Times that jump about, over the night in which clocks were put back.
fn times() -> Vec<DateTime<Utc>> {
    let first = at("2021-10-30T11:07:03Z");
    (0..700_i64).map(|n| first + chrono::TimeDelta::seconds(n * n * 7919 % 172_800)).collect()
}

#[test]
fn a_timeline_counts_what_there_is() {
    let times = times();
    let desk = desk(&times);
    for (by, zone, form) in [
        ("day", "Europe/London", "%Y-%m-%dT00:00:00"),
        ("hour", "Europe/London", "%Y-%m-%dT%H:00:00%:z"),
        ("hour", "Asia/Kolkata", "%Y-%m-%dT%H:00:00%:z"),
        ("minute", "UTC", "%Y-%m-%dT%H:%M:00+00:00"),
    ] {
        let named: Zone = zone.parse().unwrap();
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        for time in &times {
            *expected.entry(named.local(*time).format(form).to_string()).or_default() += 1;
        }
        let told = desk.run(&["timeline", "loach", "--by", by, "--timezone", zone, "--json"]).ok().json().remove(0);
        let mut found = BTreeMap::new();
        for bin in told["bins"].as_array().unwrap().iter().filter(|bin| bin["posts"] != 0) {
            let start = bin["start"].as_str().unwrap();
            let start = if by == "day" { &start[..19] } else { start };
            found.insert(start.to_owned(), bin["posts"].as_u64().unwrap());
        }
        assert_eq!(found, expected, "{by} {zone}");
        assert_eq!((&told["posts"], &told["shown"], &told["outside"]), (&json!(700), &json!(700), &json!(0)));
        let csv = desk.run(&["timeline", "--by", by, "--timezone", zone, "--csv"]).ok().out;
        let sum: u64 = csv.lines().skip(1).map(|line| line.split(',').nth(2).unwrap().parse::<u64>().unwrap()).sum();
        assert_eq!(sum, 700);
    }
    let part =
        desk.run(&["timeline", "since:2021-10-31", "until:2021-11-01", "--by", "hour", "--timezone", "UTC", "--json"]);
    let part = part.ok().json().remove(0);
    let inside = times.iter().filter(|time| time.date_naive().to_string() == "2021-10-31").count();
    assert_eq!((part["shown"].as_u64().unwrap(), part["bins"].as_array().unwrap().len()), (inside as u64, 24));
}

#[test]
fn a_timeline_is_printed_and_drawn() {
    let desk = desk(&times());
    let table = desk.run(&["timeline", "loach", "--timezone", "Europe/London"]).ok().out;
    assert!(table.starts_with("Posts matching “loach”\nposts per hour, Europe/London\n\nhour "), "{table}");
    assert!(table.contains("Shown: 700.") && table.contains("There may have been more posts"), "{table}");
    let mut command =
        desk.command(&["timeline", "--plot", "--timezone", "Europe/London", "--svg", "a.svg", "--png", "a.png"]);
    let plot = crate::program::Ran::from(command.env("COLUMNS", "50").output().unwrap()).ok().out;
    assert!(plot.contains('█') && plot.lines().all(|line| line.chars().count() <= 50), "{plot}");
    assert!(std::fs::read_to_string(desk.path().join("a.svg")).unwrap().contains(">All posts</title>"));
    assert!(std::fs::read(desk.path().join("a.png")).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    let nothing = desk.run(&["timeline", "nobody"]).ok().out;
    assert!(nothing.contains("No post matches."), "{nothing}");
    for wrong in
        [&["timeline", "--timezone", "Mars/Olympus"][..], &["timeline", "nosuch:1"], &["timeline", "--by", "year"]]
    {
        let ran = desk.run(wrong);
        assert_eq!(ran.code, 3, "{wrong:?}: {}", ran.err);
    }
    let ran = desk.run(&["timeline", "-loach"]);
    assert!(ran.code == 3 && ran.err.contains("pullquote timeline -- '-loach'"), "{}", ran.err);
    let ran = desk.run(&["timeline", "--svg", "no/such/folder.svg"]);
    assert!(ran.code == 1 && ran.err.contains("no/such/folder.svg"), "{}", ran.err);
}

#[test]
fn what_lies_after_the_last_capture_is_not_covered() {
    let desk = desk(&[at("2021-07-26T12:00:00Z")]);
    let tomorrow = (Utc::now() + chrono::TimeDelta::days(2)).format("until:%Y-%m-%d").to_string();
    let ago = (Utc::now() - chrono::TimeDelta::days(2)).format("%Y-%m-%d").to_string();
    let told = desk.run(&["timeline", &tomorrow, "--by", "day", "--timezone", "UTC", "--json"]).ok().json().remove(0);
    let covered = |day: &str| {
        let bins = told["bins"].as_array().unwrap();
        bins.iter().find(|bin| bin["start"].as_str().unwrap().starts_with(day)).unwrap()["covered"].clone()
    };
    assert_eq!((covered("2021-07-26"), covered(&ago)), (Value::Null, Value::Null));
    let last = told["bins"].as_array().unwrap().last().unwrap();
    assert_eq!(last["covered"], "no");
    assert_eq!(told["gaps"][0]["why"], "it lies after the last capture");
    let note = told["notes"].as_array().unwrap().last().unwrap().as_str().unwrap().to_owned();
    assert_eq!(note, "Elsewhere, too, there may have been more posts.");
}

#[test]
fn dates_of_other_centuries_cost_nothing() {
    let mut times = times();
    times.extend([at("0001-01-02T00:00:00Z"), at("9999-12-30T00:00:00Z")]);
    let desk = desk(&times);
    for by in [&[][..], &["--by", "minute"], &["--by", "hour"], &["--by", "day"]] {
        let args = [&["timeline", "--timezone", "UTC", "--json"][..], by].concat();
        let told = desk.run(&args).ok().json().remove(0);
        assert_eq!((&told["shown"], &told["outside"]), (&json!(700), &json!(2)), "{by:?}");
        assert!(
            told["notes"].to_string().contains("2 posts lie outside (2 January 0001, 00:00 to 30 December 9999"),
            "{told}"
        );
        assert!(told["bins"].as_array().unwrap().len() <= 20_000);
    }
}
