//! Good days and bad, the same for every platform.

use super::stage::{Fault, Stage};
use super::{Item, everywhere};
use crate::support::Answer;

/// Posts in a world: more than two pages of most platforms, of none more than a few dozen.
const MANY: u64 = 250;

/// A pull that must bring all.
#[track_caller]
fn whole(stage: &Stage, when: &str) {
    let (ran, requests) = stage.pull();
    assert_eq!(ran.code, 0, "{}, {when}, {requests} requests\n{}\n{}", stage.world.platform(), ran.out, ran.err);
    stage.holds_all(when);
}

/// Every form of "too fast" that platforms were seen to send. None asks for more than a second or two.
fn too_fast() -> Vec<Answer> {
    let soon = chrono::Utc::now() + chrono::TimeDelta::seconds(2);
    let (iso, epoch) = (soon.to_rfc3339(), soon.timestamp().to_string());
    let body = "{\"error\":\"Too many requests\"}";
    let answer = |status, headers: &[(&str, &str)]| Answer::new(status, headers, body);
    vec![
        answer(429, &[("retry-after", "1")]),
        answer(429, &[("retry-after", "1"), ("retry-after", "0")]),
        answer(429, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &iso)]),
        answer(429, &[("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", &epoch)]),
        answer(429, &[("ratelimit-remaining", "0"), ("ratelimit-reset", &epoch), ("ratelimit-policy", "3000;w=300")]),
        answer(429, &[("x-ratelimit-remaining", "0.0"), ("x-ratelimit-reset", "1")]),
        answer(429, &[]),
        answer(503, &[("retry-after", "0")]),
    ]
}

#[test]
fn too_fast_in_every_form_costs_nothing() {
    everywhere(|world| {
        let stage = Stage::new(world, 30);
        for (form, n) in (0..too_fast().len()).zip(31..) {
            stage.post(Item::new(n));
            stage.faults([Fault::Answer(too_fast()[form].clone())]);
            whole(&stage, &format!("form {form}"));
        }
    });
}

/// Who is told for the third time that he asks too fast stops asking, whatever pages are left.
#[test]
fn a_server_that_lets_nobody_through_is_left_in_peace() {
    everywhere(|world| {
        let stage = Stage::new(world, MANY);
        let full = Answer::new(429, &[("retry-after", "0")], "{\"error\":\"Too many requests\"}");
        stage.faults([Fault::Pass].into_iter().chain(std::iter::repeat_n(Fault::Answer(full), 50)));
        let (ran, requests) = stage.pull();
        assert!(requests <= 5, "{}: {requests} requests\n{}", stage.world.platform(), ran.out);
        stage.faults([]);
        whole(&stage, "when it does");
    });
}

#[test]
fn a_token_that_expires_stops_the_source_and_costs_nothing() {
    everywhere(|world| {
        let Some(expired) = world.expired() else { return };
        let stage = Stage::new(world, MANY);
        stage.faults(std::iter::repeat_n(Fault::Answer(expired), 9));
        let (ran, _) = stage.pull();
        assert_eq!(ran.code, 2, "{}: {}{}", stage.world.platform(), ran.out, ran.err);
        assert!(ran.out.contains("failed"), "{}: {}", stage.world.platform(), ran.out);
        stage.faults([]);
        whole(&stage, "with a new token");
    });
}

/// Pages keep their order in the archive: what an earlier pull could not finish, the next one does.
#[test]
fn a_page_that_comes_twice_and_cursors_that_lead_back_end_and_cost_nothing() {
    everywhere(|world| {
        let stage = Stage::new(world, MANY);
        for faults in [vec![Fault::Pass, Fault::Again(0)], vec![Fault::Pass, Fault::Pass, Fault::Pass, Fault::Again(1)]]
        {
            stage.faults(faults);
            let (ran, requests) = stage.pull();
            assert!(requests < 60, "{}: {requests} requests\n{}", stage.world.platform(), ran.out);
        }
        stage.faults([]);
        whole(&stage, "after a circle");
    });
}

#[test]
fn an_empty_last_page_is_the_end() {
    everywhere(|world| {
        let stage = Stage::new(world, MANY);
        stage.empty_last();
        whole(&stage, "first");
        stage.post(Item::new(MANY + 1));
        whole(&stage, "second");
    });
}

#[test]
fn what_is_pulled_two_pages_at_a_time_is_whole_and_never_a_failure() {
    everywhere(|world| {
        let stage = Stage::with_job(world, MANY, |world, base| {
            let source = world.source(base);
            format!(
                "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [{source:?}]\nmax_pages = 2\n{}",
                world.config()
            )
        });
        for n in 0..60 {
            let (ran, _) = stage.run(&["pull", "--yes", "--json"], &[]);
            let name = stage.world.platform();
            assert_eq!(ran.code, 0, "{name}, pull {n}: {}{}", ran.out, ran.err);
            if ran.json()[0]["ended"] == "done" {
                return stage.holds_all("at last");
            }
            if n == 3 {
                stage.post(Item::new(MANY + 1));
            }
        }
        panic!("{}: it comes to no end", stage.world.platform());
    });
}

#[test]
fn what_is_outside_the_time_or_carries_a_tag_that_is_left_out_is_not_kept() {
    everywhere(|world| {
        let (since, until) = (Item::new(11).at, Item::new(21).at);
        let stamp = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let job = |keys: String| {
            move |world: &dyn super::World, base: &str| {
                let source = world.source(base);
                format!(
                    "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [{source:?}]\n{keys}{}",
                    world.config()
                )
            }
        };
        let again = || super::worlds().into_iter().find(|other| other.platform() == world.platform()).unwrap();
        let numbers = |stage: &Stage| {
            let posts = stage.desk.posts();
            let texts = posts.iter().map(|post| post["text"].as_str().unwrap().to_owned());
            let number = |text: String| {
                let digits =
                    text.split_once("Reaction ")?.1.chars().take_while(char::is_ascii_digit).collect::<String>();
                digits.parse::<u64>().ok()
            };
            let mut numbers: Vec<u64> = texts.filter_map(number).collect();
            numbers.sort_unstable();
            numbers
        };
        let stage =
            Stage::with_job(again(), 30, job(format!("since = {:?}\nuntil = {:?}\n", stamp(since), stamp(until))));
        let (ran, _) = stage.pull();
        assert_eq!(ran.code, 0, "{}: {}{}", world.platform(), ran.out, ran.err);
        assert_eq!(numbers(&stage), (11..=20).collect::<Vec<u64>>(), "{}: {}", world.platform(), ran.out);
        let stage = Stage::with_job(again(), 30, job("none = [\"flood\"]\n".to_owned()));
        let (ran, _) = stage.pull();
        assert_eq!(numbers(&stage), Vec::<u64>::new(), "{}: {}", world.platform(), ran.out);
        let stage = Stage::with_job(again(), 30, job("all = [\"flood\"]\n".to_owned()));
        let (ran, _) = stage.pull();
        assert_eq!(numbers(&stage).len(), 30, "{}: {}", world.platform(), ran.out);
    });
}

#[test]
fn an_empty_platform_is_no_failure() {
    everywhere(|world| {
        let stage = Stage::new(world, 0);
        whole(&stage, "empty");
        stage.post(Item::new(1));
        whole(&stage, "one");
    });
}

#[test]
fn what_comes_late_with_an_older_date_is_found_or_known_to_be_missed() {
    everywhere(|world| {
        let stage = Stage::new(world, 30);
        whole(&stage, "first");
        stage.post(Item::late(32, 7));
        stage.post(Item::new(33));
        let (ran, _) = stage.pull();
        assert_eq!(ran.code, 0, "{}: {}{}", stage.world.platform(), ran.out, ran.err);
        match stage.world.misses_late() {
            None => stage.holds_all("late"),
            Some(why) => {
                let live = pullquote::platform::by_name(stage.world.platform()).unwrap().live.unwrap();
                assert!(live.guide.missing.contains(why), "the guide does not say {why:?}");
            }
        }
    });
}

#[test]
fn a_server_that_dies_in_the_middle_costs_nothing() {
    everywhere(|world| {
        let stage = Stage::new(world, MANY);
        stage.faults([Fault::Pass].into_iter().chain(std::iter::repeat_n(Fault::Half, 6)));
        let (ran, _) = stage.pull();
        let kept = stage.desk.posts().len();
        if ran.code != 0 {
            assert!(ran.code == 2 && ran.out.contains("failed"), "{}: {}{}", stage.world.platform(), ran.out, ran.err);
        }
        stage.faults([]);
        whole(&stage, "when it is back");
        assert!(stage.desk.posts().len() >= kept);
        stage.desk.run(&["verify"]).ok();
    });
}

#[test]
fn a_page_that_is_refused_is_a_failure_also_where_a_limit_ends_the_pull() {
    everywhere(|world| {
        let stage = Stage::with_job(world, MANY, |world, base| {
            let source = world.source(base);
            format!(
                "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [{source:?}]\nmax_pages = 1\n{}",
                world.config()
            )
        });
        let name = stage.world.platform();
        stage.pull();
        let gone = Answer::new(404, &[("content-type", "application/json")], "{\"message\":\"not here\"}");
        stage.faults([Fault::Answer(gone)]);
        let (ran, _) = stage.pull();
        let told = ran.code == 2 && ran.out.contains("failed");
        assert!(told || ran.out.contains("status 404"), "{name}: {}{}", ran.out, ran.err);
        stage.faults([]);
        for _ in 0..120 {
            let (ran, _) = stage.run(&["pull", "--yes", "--json"], &[]);
            if ran.json()[0]["ended"] == "done" {
                break;
            }
        }
        // The capture of the Wayback Machine that is not there is one post less.
        if !ran.out.contains("status 404") {
            stage.holds_all("after a page that was not there once");
        }
    });
}

#[test]
fn a_server_that_refuses_for_once_costs_nothing() {
    everywhere(|world| {
        let stage = Stage::new(world, MANY);
        let no = Answer::new(400, &[("content-type", "application/json")], "{\"message\":\"not now\"}");
        for before in 0..3 {
            stage.faults(std::iter::repeat_n(Fault::Pass, before).chain([Fault::Answer(no.clone())]));
            let (ran, requests) = stage.pull();
            let told = (ran.code == 2 && ran.out.contains("failed")) || ran.out.contains("is asked for again");
            if !told {
                assert_eq!(ran.code, 0, "{}: {requests} {}{}", stage.world.platform(), ran.out, ran.err);
                stage.holds_all("though it was refused once");
            }
        }
        stage.faults([]);
        whole(&stage, "when it is in a better mood");
    });
}

#[test]
fn a_server_that_repeats_what_was_sent_gives_no_secret_away() {
    everywhere(|world| {
        let stage = Stage::new(world, 30);
        stage.faults([Fault::Echo]);
        stage.pull();
        stage.faults([Fault::Pass, Fault::Echo]);
        stage.pull();
        stage.faults([]);
        whole(&stage, "at last");
    });
}

#[test]
fn one_post_is_pulled_by_its_address() {
    everywhere(|world| {
        let stage = Stage::new(world, 30);
        let Some(address) = stage.world.address(&stage.base(), &Item::new(7)) else { return };
        let name = stage.world.platform();
        let live = pullquote::platform::by_name(name).unwrap();
        assert!(live.one.is_some(), "{name} has an address, but cannot be asked for it");
        // What has no thread to show says so.
        let thread = vec!["pull", &address, "--thread", "--yes", "--json"];
        let has_thread = crate::docs::by_address(live).contains("--thread");
        assert!(has_thread || stage.desk.run(&thread).code == 3, "{name}");
        for args in [vec!["pull", &address, "--json"], thread].into_iter().take(if has_thread { 2 } else { 1 }) {
            let (ran, requests) = stage.run(&args, &[]);
            assert_eq!(ran.code, 0, "{name}: {}{}", ran.out, ran.err);
            assert!(requests <= 3, "{name}: {requests} requests");
            assert!(!ran.json()[0]["keys"].as_array().unwrap().is_empty(), "{name}: {}", ran.out);
            let posts = stage.desk.posts();
            assert!(
                posts.iter().any(|post| post["text"].as_str().unwrap().contains(&Item::new(7).text())),
                "{name}: {posts:?}"
            );
        }
    });
}
