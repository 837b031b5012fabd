//! config.toml: all that is wrong with it is told, each with its line, and what was meant.

use proptest::prelude::*;
use pullquote::config::{ConfigError, load};

use crate::program::Desk;
use crate::support::root;

/// What a command says about a configuration, one fault a line, without the name of the file.
fn faults(config: &str) -> Vec<String> {
    let desk = Desk::with(config);
    let ran = desk.run(&["pull"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{}", ran.err);
    assert!(!desk.archive().exists());
    ran.err.lines().map(|line| line.strip_prefix("error: config.toml: ").unwrap_or(line).to_owned()).collect()
}

const JOB: &str = "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"mastodon:a.example\"]\n";

#[test]
fn a_fault_is_told_with_its_line() {
    for (lines, says) in [
        ("evry = \"5m\"", "line 5 (evry = \"5m\"): unknown key `evry`: did you mean `every`?"),
        (
            "every = \"5\"",
            "line 5 (every = \"5\"): \"5\" is no interval: write a number and s, m, h or d: 30m, or auto",
        ),
        ("every = \"5s\"", "line 5 (every = \"5s\"): job \"flood\": 5s is no interval of a job: from 10s to 366d"),
        ("every = \"367d\"", "line 5 (every = \"367d\"): job \"flood\": 367d is no interval"),
        (
            "every = \"5m\"\ncron = \"0 * * * *\"",
            "line 6 (cron = \"0 * * * *\"): job \"flood\": cron and every are two",
        ),
        ("cron = \"0 0 30 2 *\"", "line 5 (cron = \"0 0 30 2 *\"): job \"flood\": \"0 0 30 2 *\" never fires"),
        ("cron = \"0 25 * * *\"", "line 5 (cron = \"0 25 * * *\"): job \"flood\": \"0 25 * * *\" is no cron pattern"),
        (
            "every = \"1h\"\ntimezone = \"Europe/London\"",
            "line 6 (timezone = \"Europe/London\"): job \"flood\": timezone goes",
        ),
        ("cron = \"0 * * * *\"\ntimezone = \"Europe/Lundon\"", "no time zone is named \"Europe/Lundon\""),
        ("every = \"1h\"\njitter = \"1m\"", "line 6 (jitter = \"1m\"): job \"flood\": jitter goes with cron"),
        (
            "cron = \"0,20 * * * *\"\njitter = \"20m\"",
            "line 6 (jitter = \"20m\"): job \"flood\": a jitter of 20m reaches the next",
        ),
        ("every = \"1h\"\nleast = \"1m\"", "line 6 (least = \"1m\"): job \"flood\": least goes with every = \"auto\""),
        (
            "every = \"auto\"\nleast = \"7h\"",
            "line 6 (least = \"7h\"): job \"flood\": a pause of at least 7h and at most 6h",
        ),
        ("priority = 10", "line 5 (priority = 10): 10 is no priority: from 0 to 9"),
        ("priority = -1", "line 5 (priority = -1): invalid value"),
        ("budget = { requests = 0 }", "line 5 (budget = { requests = 0 }): a budget of nothing"),
        ("budget = { units = 0 }", "line 5 (budget = { units = 0 }): a budget of nothing"),
        ("budget = { dollars = 0.0 }", "line 5 (budget = { dollars = 0.0 }): a budget of nothing"),
        ("[http]\nfirst_byte_timeout_s = 0", "line 6 (first_byte_timeout_s = 0): 0 seconds are no time"),
        ("[http]\ntotal_timeout_s = 0", "line 6 (total_timeout_s = 0): 0 seconds are no time"),
        ("budget = { requests = 5, per = \"dya\" }", "unknown word `dya`: did you mean `day`?"),
        ("budget = { requests = 5, pr = \"day\" }", "unknown key `pr`: did you mean `per`?"),
        ("recheck = { after = [\"6h\", \"1h\"], for = \"30d\" }", "recheck needs ages that rise"),
        ("recheck = { after = [\"6h\", \"8d\"], for = \"7d\" }", "recheck ends before the last of its ages"),
        ("recheck = { after = [\"6 h\"], for = \"7d\" }", "\"6 h\" is no length of time: write a number"),
        ("since = \"2026-01-02\"\nuntil = \"2026-01-02\"", "line 6 (until = \"2026-01-02\"): job \"flood\" ends"),
        (
            "media_kinds = [\n  \"image\",\n  \"smell\",\n]",
            "line 7 (\"smell\",): job \"flood\": \"smell\" is no kind of media",
        ),
        (
            "[platform.mastodn]\nserver = \"x\"",
            "line 5 ([platform.mastodn]): no platform is named \"mastodn\": did you mean \"mastodon\"?",
        ),
        ("[styles.apa]\ntemplate = \"{text}\"", "line 5 ([styles.apa]): no house style may be named \"apa\""),
        (
            "[run]\nmetrics = \"0.0.0.0:9184\"",
            "line 6 (metrics = \"0.0.0.0:9184\"): 0.0.0.0:9184 can be reached from other machines",
        ),
        ("[run]\nmetrics = \"9184\"", "\"9184\" is no address and port"),
        ("[run]\nwebhook = \"http://hooks.example/\"", "a webhook is an address with https://"),
        ("[run]\nat_once = 0", "line 6 (at_once = 0): invalid value"),
        ("[run]\nat_onc = 1", "line 6 (at_onc = 1): unknown key `at_onc`: did you mean `at_once`?"),
        ("[styles.desk]\ntemplate = \"{nmae}\"", "no placeholder is named \"nmae\""),
        ("[styles.desk]", "line 5 ([styles.desk]): missing field `template`"),
        ("[styles.desk]\ntemplte = \"{name}\"", "unknown key `templte`"),
        ("[credential.me]\ntoken_env = 5", "line 6 (token_env = 5): invalid type: integer `5`"),
        ("[credential.me]\ntoken_env = \"A\"\npassword_env = \"B\"", "a credential has either token_env"),
        ("recheck = { after = [\"1h\"], fr = \"7d\" }", "unknown key `fr`"),
        ("[rum]", "line 5 ([rum]): unknown key `rum`: did you mean `run`?"),
        ("x = 1", "unknown key `x`; there are: name, tags, "),
        (
            "[[job]]\nname = \"flood\"\ntags = [\"b\"]\nsources = [\"bluesky\"]",
            "line 6 (name = \"flood\"): two jobs are named \"flood\"",
        ),
        ("[[job]]\ntags = [\"b\"]\nsources = [\"bluesky\"]", "line 5 ([[job]]): a job needs a name"),
        ("[[job]]\nname = \"b\"\nsources = [\"bluesky\"]", "line 5 ([[job]]): job \"b\" has nothing to pull"),
        (
            "[[job]]\nname = \"b\"\ntags = [\"b\"]\nsources = [\n\"bluesky\",\n\"blusky\"]",
            "line 10 (\"blusky\"]): job \"b\": no platform is named \"blusky\": did you mean \"bluesky\"?",
        ),
        ("[[job]]\nname = \"b\"\ntags = [\"b\"]\nsources = [\"bluesky as me\"]", "there is no [credential.me]"),
        ("[[job]]\nname = \"b\"\ntags = [\"b\"]\nsources = [\"article\"]", "can be imported, but not pulled"),
        ("[[job]]\nname = \"b\"\ntags = [\"b\"]\nsources = [\"article\", 5]", "invalid type: integer `5`"),
    ] {
        let told = faults(&format!("{JOB}{lines}\n"));
        assert!(told.first().is_some_and(|told| told.contains(says)), "{lines}\n{told:#?}\ninstead of\n{says}");
        assert!(told.len() == 1 || lines.contains("article\", 5"), "{lines}\n{told:#?}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let told = faults(
        "transpot = \"live\"\nme = 5\n[http]\nretries = \"four\"\nretry = 3\n[credential.me]\ntoken_env = \"A\"\npassword_env = \"B\"\n\
         [[job]]\nname = \"a\"\ntags = [\"a\"]\nsources = [\"blusky\", \"mastodon:a.example as you\"]\npriorty = 3\nsince = \"yesterday\"\n\
         [[job]]\nname = \"a\"\ntags = \"a\"\nsources = [\"bluesky\"]\nsince = \"2026-02-01\"\nuntil = \"2026-01-01\"\ncron = \"* * * *\"\n\
         [run]\nfailures = 0\n",
    );
    let lines: Vec<&str> = told.iter().filter_map(|told| told.split(' ').nth(1)).collect();
    let expected = ["1", "2", "4", "5", "6", "12", "12", "13", "14", "16", "17", "20", "21", "23"];
    assert_eq!(lines, expected, "{told:#?}");
    let told = faults("archive = \nme = [\n");
    assert!(told.len() >= 2 || told.first().is_some_and(|told| told.contains("line 1")), "{told:#?}");
}

#[test]
fn what_a_line_holds_makes_no_line_of_its_own() {
    let told = faults(&format!("{JOB}\"e\\nerror: forged\" = 1\n\"\u{202e}x\" = 2\n"));
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(!told.concat().contains('\u{202e}'), "{told:#?}");
}

#[test]
fn every_key_stands_in_the_shipped_configuration() {
    let shipped = std::fs::read_to_string(root().join("config.toml")).unwrap();
    let keys = |head: &str, tail: &str| -> Vec<String> {
        let told = faults(&format!("{head}zzzzzzzz = 1{tail}\n"));
        let (_, known) = told.iter().find_map(|told| told.split_once("`zzzzzzzz`; there are: ")).unwrap();
        known.split(", ").map(str::to_owned).collect()
    };
    let mut all = keys("", "");
    for (head, tail) in [
        (JOB, ""),
        ("[run]\n", ""),
        ("[http]\n", ""),
        ("[platform.bluesky]\n", ""),
        ("[styles.x]\ntemplate = \"\"\n", ""),
        ("[credential.x]\n", ""),
        ("[[job]]\nbudget = { ", " }"),
        ("[[job]]\nrecheck = { ", " }"),
    ] {
        all.extend(keys(head, tail));
    }
    assert!(all.len() > 50, "{all:?}");
    for key in all {
        let is_there = shipped.lines().any(|line| {
            let line = line.trim_start_matches(['#', ' ']);
            line.starts_with(&format!("{key} = "))
                || line.starts_with(&format!("[{key}"))
                || line.starts_with(&format!("[[{key}"))
                || line.contains(&format!("{{ {key} = "))
                || line.contains(&format!(", {key} = "))
        });
        assert!(is_there, "config.toml does not say what {key} is");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_file_makes_it_panic(cuts in prop::collection::vec((0..20_000_usize, 0..40_usize, "[\\PC]{0,6}|[\\[\\]={}\",#\n ]{0,4}"), 1..5)) {
        let mut text: Vec<char> = std::fs::read_to_string(root().join("config.toml")).unwrap().replace("\n# ", "\n").chars().collect();
        for (at, length, new) in cuts {
            let at = at % text.len();
            let end = (at + length).min(text.len());
            text.splice(at..end, new.chars());
        }
        let text: String = text.into_iter().collect();
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, &text).unwrap();
        match load(&path) {
            Ok(_) => {}
            Err(ConfigError::Faults { faults, .. }) => {
                prop_assert!(!faults.is_empty());
                for fault in faults.iter().filter(|fault| fault.line > 0) {
                    prop_assert_eq!(text.lines().nth(fault.line - 1).unwrap_or_default().trim(), &fault.written);
                }
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
