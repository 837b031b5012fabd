//! The example job of every platform's guide is read, checked and run, and what `login`, `platforms` and `--estimate` say of it.

use super::stage::Stage;
use super::{World, everywhere};
use crate::docs::example;

fn guide(world: &dyn World) -> pullquote::platform::Guide {
    pullquote::platform::by_name(world.platform()).unwrap().live.unwrap().guide
}

/// The world, pulled by its platform's example job.
fn stage(world: Box<dyn World>) -> Stage {
    Stage::with_job(world, 30, |world, _| example(guide(world).example))
}

/// A value for every variable that an example names: the world's secrets in their order, then anything.
fn variables(world: &dyn World) -> Vec<(&'static str, &'static str)> {
    let names = guide(world).example.lines().filter_map(|line| line.split_once("_env = \""));
    let names = names.map(|(_, rest)| rest.trim_end_matches('"'));
    let mut secrets = world.secrets().into_iter().map(|(_, secret)| secret);
    let identifier = world.environment().first().map_or("somebody.example", |(_, value)| *value);
    let example = guide(world).example;
    names
        .map(|name| {
            let is_identifier = example.contains(&format!("identifier_env = \"{name}\""));
            (name, if is_identifier { identifier } else { secrets.next().unwrap_or("planted-and-unknown-271828") })
        })
        .collect()
}

#[test]
fn the_example_of_every_platform_runs() {
    everywhere(|world| {
        let stage = stage(world);
        let variables = variables(&*stage.world);
        let (ran, _) = stage.run(&["pull", "--yes"], &variables);
        assert_eq!(ran.code, 0, "{}: {}{}", stage.world.platform(), ran.out, ran.err);
        stage.holds_all("by its example");
    });
}

#[test]
fn every_credential_can_be_checked_and_is_never_shown() {
    everywhere(|world| {
        let live = pullquote::platform::by_name(world.platform()).unwrap().live.unwrap();
        let stage = stage(world);
        let (name, variables) = (stage.world.platform(), variables(&*stage.world));
        let (ran, requests) = stage.run(&["platforms", name, "--check"], &variables);
        assert!(ran.code == 0 && requests > 0, "{name}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains("reached"), "{}", ran.out);
        let (ran, requests) = stage.run(&["login", "--offline", name], &[]);
        assert!(ran.out.contains(live.guide.cost) && requests == 0, "{}{}", ran.out, ran.err);
        assert!(!stage.desk.archive().exists(), "{name}: a log-in stores nothing in the archive");
    });
}

#[test]
fn what_can_be_counted_is_counted_before_it_is_read() {
    everywhere(|world| {
        let live = pullquote::platform::by_name(world.platform()).unwrap().live.unwrap();
        let stage = stage(world);
        let (name, variables) = (stage.world.platform(), variables(&*stage.world));
        let (ran, requests) = stage.run(&["pull", "--estimate", "--json"], &variables);
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.out, ran.err);
        let told = &ran.json()[0];
        assert_eq!(told["posts"].as_u64().is_some(), live.count.is_some(), "{name}: {told}");
        assert_eq!(requests > 0, live.count.is_some(), "{name}");
        assert!(!stage.desk.archive().exists(), "{name}: an estimate stores nothing in the archive");
        if live.price.is_some() {
            let (ran, _) = stage.run(&["pull", "--yes", "--json"], &variables);
            assert_eq!(ran.json()[0]["units"], told["units"], "{name}: {told} {}", ran.out);
        }
    });
}

#[test]
fn what_costs_money_is_not_read_unasked_and_stops_at_its_budget() {
    everywhere(|world| {
        let live = pullquote::platform::by_name(world.platform()).unwrap().live.unwrap();
        let Some(price) = live.price else { return };
        let job = |budget: &str| {
            let budget = budget.to_owned();
            move |world: &dyn World, base: &str| {
                let source = world.source(base);
                format!(
                    "[[job]]\nname = \"flood\"\ntags = [\"flood\"]\nsources = [{source:?}]\n{budget}{}",
                    world.config()
                )
            }
        };
        let again = super::worlds().into_iter().find(|other| other.platform() == world.platform()).unwrap();
        let stage = Stage::with_job(world, 250, job(""));
        if price.dollars > 0.0 {
            let (ran, requests) = stage.run(&["pull"], &[]);
            assert!(ran.code == 3 && requests == 0, "{}{}", ran.out, ran.err);
            assert!(ran.err.contains("--yes"), "{}", ran.err);
        }
        // Less than the first request may take: it is made smaller.
        let first = (live.first)(
            &pullquote::platform::Query::tag(pullquote::model::Hashtag::new("flood").unwrap()),
            &pullquote::platform::Source::default(),
        );
        let worst = first.map(|first| (price.worst)(&first)).unwrap_or(600).max(600) / 3;
        // Where only requests are counted, three of them.
        let most = if price.of_post == 0 { 3 } else { worst };
        let stage = Stage::with_job(again, 1000, job(&format!("budget = {{ units = {most} }}\n")));
        let (ran, _) = stage.run(&["pull", "--json"], &[]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let report = &ran.json()[0];
        assert!(report["ended"] == "budget" && report["units"].as_u64().unwrap() <= most, "{report}");
        for _ in 0..200 {
            let (ran, _) = stage.run(&["pull", "--json"], &[]);
            if ran.json()[0]["ended"] == "done" {
                return stage.holds_all("in many pulls");
            }
        }
        panic!("{}: a budget never comes to the end", stage.world.platform());
    });
}
