//! `pullquote jobs` and `jobs check`.

use crate::program::Desk;

const JOB: &str = "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [\"mastodon:a.example\"]\n";

#[test]
fn a_source_that_is_named_twice_is_refused_and_every_fault_told() {
    let desk = Desk::with(
        "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\n\
         sources = [\"mastodon:a.example\", \"mastodon:https://A.example/\", \"mastodon\", \"telegram\"]\n",
    );
    let ran = desk.run(&["jobs", "check"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    for says in ["mastodon:a.example and mastodon:https://A.example", "source mastodon:", "source telegram:"] {
        assert!(ran.err.contains(says), "{says}: {}", ran.err);
    }
}

#[test]
fn jobs_tell_what_was_pulled_and_what_is_left() {
    let desk = Desk::shipped();
    let before = desk.run(&["jobs"]).ok();
    assert!(before.out.starts_with("IStandWithKenLoach · no schedule · priority 5\n"), "{}", before.out);
    assert_eq!(before.out.matches(": never asked").count(), 2, "{}", before.out);
    assert!(!desk.archive().exists());
    desk.run(&["pull"]).ok();
    let after = desk.run(&["jobs"]).ok();
    assert_eq!(after.out.matches("last answer ").count(), 2, "{}", after.out);
    let listed = desk.run(&["jobs", "--json"]).ok().json();
    assert_eq!(listed.len(), 1);
    let job = &listed[0];
    assert_eq!((&job["job"], &job["schedule"], &job["next"]), (&"IStandWithKenLoach".into(), &().into(), &().into()));
    let status = desk.run(&["status", "--json"]).ok().json();
    for (source, counted) in job["sources"].as_array().unwrap().iter().zip(status[0]["sources"].as_array().unwrap()) {
        let counted = status[0]["sources"]
            .as_array()
            .unwrap()
            .iter()
            .find(|other| other["source"] == source["source"])
            .unwrap_or(counted);
        for key in ["source", "captures", "problems", "pending"] {
            assert_eq!(source[key], counted[key], "{key}");
        }
        assert!(source["last"].as_str().is_some_and(|at| at.ends_with('Z')), "{source}");
    }
}

#[test]
fn fire_times_lie_in_the_window_of_the_job() {
    let times = |lines: &str| {
        let ran = Desk::with(&format!("{JOB}{lines}")).run(&["jobs", "check", "--at", "2026-11-26T12:00:00Z"]).ok();
        ran.out.lines().skip(1).map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(times("cron = \"0 12 * * *\"").len(), 10);
    assert_eq!(times("cron = \"0 12 * * *\"\nuntil = \"2026-11-28T12:00:00Z\""), ["2026-11-27 12:00:00 UTC"]);
    assert_eq!(
        times("cron = \"0 12 * * *\"\nsince = \"2030-01-01T12:00:00Z\"\nuntil = \"2030-01-02\""),
        ["2030-01-01 12:00:00 UTC"]
    );
    assert_eq!(times("every = \"1h\"\nuntil = \"2020-01-01\""), ["never: its window is over"]);
    assert_eq!(times("every = \"auto\"\nmost = \"2h\""), ["30s to 2h after the last look, as there is news"]);
    assert_eq!(times(""), ["pullquote run leaves it alone; pullquote pull runs it"]);
    let next = &Desk::with(&format!("{JOB}every = \"10s\"")).run(&["jobs", "--json"]).ok().json()[0]["next"];
    let next: chrono::DateTime<chrono::Utc> = next.as_str().unwrap().parse().unwrap();
    assert!((next - chrono::Utc::now()).num_seconds().abs() <= 10, "{next}");
}

#[test]
fn a_zone_that_changes_its_clocks_is_marked_on_that_line() {
    let desk = Desk::with(&format!("{JOB}cron = \"45 1 * * *\"\ntimezone = \"Australia/Lord_Howe\""));
    let ran = desk.run(&["jobs", "check", "flood", "--at", "2026-04-03T00:00:00Z"]).ok();
    let marked: Vec<&str> = ran.out.lines().filter(|line| line.contains("clocks")).collect();
    // Clocks showed 01:45 twice; it is run the first time, and the next day they have been put back.
    let line = "    Mon 2026-04-06 01:45:00 +1030 2026-04-05 15:15:00 UTC   clocks were put back by 30m";
    assert_eq!(marked, [line], "{}", ran.out);
}

#[test]
fn what_no_job_can_do_is_told_with_its_line() {
    let lines = format!("{JOB}every = \"1h\"\n[[job]]\nname = \"tide\"\ntags = [\"tide\"]\nsources = [\"mastodon\"]\n");
    let desk = Desk::with(&lines);
    let ran = desk.run(&["jobs", "check"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{}", ran.err);
    assert!(
        ran.err.starts_with("error: line 9: job \"tide\", source mastodon: mastodon needs a server"),
        "{}",
        ran.err
    );
    desk.run(&["jobs", "check", "flood"]).ok();
    let ran = desk.run(&["jobs", "check", "flod"]);
    assert_eq!((ran.code, ran.err.as_str()), (3, "error: no job is named \"flod\": did you mean \"flood\"?\n"));
    for args in [&["jobs"][..], &["jobs", "check"]] {
        let ran = Desk::with("").run(args);
        assert_eq!((ran.code, ran.err.contains("no job is configured")), (3, true), "{}", ran.err);
    }
    let ran = desk.run(&["jobs", "check", "--at", "yesterday"]);
    assert_eq!((ran.code, ran.err.contains("2026-03-28T18:00:00Z")), (3, true), "{}", ran.err);
}

#[test]
fn the_name_of_a_job_makes_no_line_of_its_own() {
    let desk = Desk::with(&JOB.replace("\"flood\"\ntags", "\"a\\n    next      never\"\ntags"));
    for args in [&["jobs"][..], &["jobs", "check"]] {
        let ran = desk.run(args).ok();
        assert!(!ran.out.contains("\n    next"), "{}", ran.out);
    }
}
