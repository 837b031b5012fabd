//! Which looks can be held against each other for an estimate of completeness, and what may be said of the outcome.

use super::words::length;
use crate::chart::grouped;
use crate::coverage::{Estimate, Part, STREAM, Stretch, Stretches, source_of};

use chrono::TimeDelta;
use serde_json::{Value, json};

/// Two looks at the same time that were made independently of each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Name of the job.
    pub job: String,
    /// What is estimated, as a clause.
    pub of: String,
    /// What must be said of these two beside the assumptions of the estimator, as a sentence.
    pub caveat: &'static str,
    /// The two, in words.
    pub names: [String; 2],
    /// The parts that each consists of, by their names in the archive.
    pub parts: [Vec<String>; 2],
    /// The time that both cover.
    pub within: Vec<Stretch>,
}

/// Of a stream and what was pulled of the same source.
const STREAMED: &str = "What neither of the two can ever see, because no server has it or shows it, is not counted.";

/// Of two servers.
const SERVERS: &str = "Servers get what their own people follow: what is widely known reaches both, so that the true number is \
    likely greater; and what one server alone could ever know counts as missed by the other.";

/// The pairs that the parts of the ledger allow: what a stream brought and what was pulled of its source; and two places of one
/// platform that one job asks for the same. They need not have seen anything in common.
pub fn pairs(parts: &[Part]) -> Vec<Pair> {
    let mut sources: Vec<(&str, &str)> =
        parts.iter().map(|part| (part.job.as_str(), source_of(&part.source))).collect();
    sources.sort_unstable();
    sources.dedup();
    let of = |job: &str, source: &str| -> Vec<&Part> {
        parts.iter().filter(|part| part.job == job && source_of(&part.source) == source).collect()
    };
    let mut pairs = Vec::new();
    for (at, (job, source)) in sources.iter().enumerate() {
        let (stream, pulled): (Vec<&Part>, Vec<&Part>) =
            of(job, source).into_iter().partition(|part| part.source.ends_with(STREAM));
        pairs.extend(pair(
            job,
            source.to_string(),
            STREAMED,
            [("what was pulled".to_owned(), &pulled), ("what the stream brought".to_owned(), &stream)],
        ));
        for (other_job, other) in sources.iter().skip(at + 1) {
            let (one, two) = (of(job, source), of(job, other));
            let platform = |parts: &[&Part]| parts.iter().map(|part| part.platform.clone()).max();
            let same = |a: &str, b: &str| {
                a.split_once('#').map(|(_, asked)| asked) == b.split_once('#').map(|(_, asked)| asked)
            };
            if job == other_job && platform(&one) == platform(&two) && source.contains('#') && same(source, other) {
                let what = format!("{source} and {other} together");
                pairs.extend(pair(job, what, SERVERS, [(source.to_string(), &one), (other.to_string(), &two)]));
            }
        }
    }
    pairs
}

fn pair(job: &str, of: String, caveat: &'static str, [first, second]: [(String, &Vec<&Part>); 2]) -> Option<Pair> {
    let covered = |parts: &[&Part]| -> Stretches {
        parts.iter().flat_map(|part| part.ledger.covered.iter().copied().collect::<Vec<_>>()).collect()
    };
    let (one, two) = (covered(first.1), covered(second.1));
    let meet = |stretch: &Stretch| two.iter().filter_map(|other| stretch.meet(other)).collect::<Vec<_>>();
    let within: Vec<Stretch> = one.iter().flat_map(meet).collect();
    let names = |parts: &[&Part]| parts.iter().map(|part| part.source.clone()).collect();
    (!within.is_empty()).then(|| Pair {
        job: job.to_owned(),
        of,
        caveat,
        parts: [names(first.1), names(second.1)],
        names: [first.0, second.0],
        within,
    })
}

/// Sources of which nothing can be estimated, as job and source: no second look covers any of the time that they cover.
pub fn lonely(parts: &[Part], pairs: &[Pair]) -> Vec<(String, String)> {
    let mut sources: Vec<(String, String)> =
        parts.iter().map(|part| (part.job.clone(), source_of(&part.source).to_owned())).collect();
    sources.sort_unstable();
    sources.dedup();
    sources.retain(|(job, source)| !pairs.iter().any(|pair| pair.is_of(job, source)));
    sources
}

impl Pair {
    /// Whether one of the two is of that source.
    pub fn is_of(&self, job: &str, source: &str) -> bool {
        self.job == job && self.parts.iter().flatten().any(|part| source_of(part) == source)
    }

    /// How long both cover; `None` if that has no beginning.
    fn long(&self) -> Option<TimeDelta> {
        let is_open = self.within.iter().any(Stretch::is_open);
        (!is_open).then(|| self.within.iter().fold(TimeDelta::zero(), |sum, stretch| sum + stretch.length()))
    }

    /// What the counts come to, in sentences: of the first, of the second, of both.
    pub fn said(&self, (first, second, both): (u64, u64, u64)) -> Vec<String> {
        let [one, two] = &self.names;
        let long = self.long().map_or_else(|| "a time without a beginning".to_owned(), length);
        let mut said = vec![format!(
            "{}: in {long} that both cover, {one} had {} posts, {two} {}, and both {}.",
            self.of,
            grouped(first),
            grouped(second),
            grouped(both)
        )];
        match Estimate::new(first, second, both) {
            Some(estimate) => {
                let (low, high) = estimate.interval;
                said.push(format!(
                    "An estimated {} posts were there to be seen (95 % interval {} to {}); {} of them are here.",
                    whole(estimate.posts),
                    whole(low),
                    whole(high),
                    grouped(estimate.seen())
                ));
                said.push(self.caveat.to_owned());
            }
            None => {
                said.push("They have fewer than seven posts in common, from which nothing can be estimated.".to_owned())
            }
        }
        said
    }

    /// The same as one object.
    pub fn object(&self, (first, second, both): (u64, u64, u64)) -> Value {
        let estimate = Estimate::new(first, second, both);
        json!({
            "job": self.job, "of": self.of, "looks": self.names, "parts": self.parts, "within": self.within.iter().map(super::sight::stretch).collect::<Vec<_>>(),
            "first": first, "second": second, "both": both, "posts": estimate.map(|estimate| estimate.posts),
            "interval": estimate.map(|estimate| [estimate.interval.0, estimate.interval.1]),
            "seen": first + second - both.min(first + second),
            "caveat": self.caveat, "assumptions": estimate.map(|estimate| estimate.assumptions()),
        })
    }
}

/// A number of posts without decimals.
fn whole(posts: f64) -> String {
    // No archive holds so many posts that they would not fit, and none fewer than none.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    grouped(posts.round().clamp(0.0, 1e15) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Ledger;
    use chrono::DateTime;

    fn part(source: &str, platform: &str, hours: &[(i64, i64)]) -> Part {
        let hour = |hour: i64| DateTime::from_timestamp(hour * 3600, 0).unwrap();
        let covered = hours.iter().filter_map(|(since, until)| Stretch::new(hour(*since), hour(*until))).collect();
        Part {
            job: "ferry".to_owned(),
            source: source.to_owned(),
            platform: platform.to_owned(),
            ledger: Ledger { covered, ..Ledger::default() },
            hindrances: Vec::new(),
        }
    }

    #[test]
    fn only_like_is_held_against_like() {
        let one = part("p:a#Ferry", "p", &[(0, 10), (20, 30)]);
        for (other, hours) in [
            (part("p:a#Ferry (stream)", "p", &[(5, 25)]), Some(10)),
            (part("p:b#Ferry", "p", &[(5, 25)]), Some(10)),
            // Of another platform, asked for something else, or at another time.
            (part("q:b#Ferry", "q", &[(5, 25)]), None),
            (part("p:b#Flood", "p", &[(5, 25)]), None),
            (part("p:b#Ferry", "p", &[(12, 18)]), None),
            // What filled a gap is a part of what was pulled.
            (part("p:a#Ferry (fill x/y)", "p", &[(5, 25)]), None),
        ] {
            let parts = [one.clone(), other.clone()];
            let pairs = pairs(&parts);
            let long = pairs.first().and_then(Pair::long).map(|long| long.num_hours());
            assert_eq!((long, pairs.len()), (hours, usize::from(hours.is_some())), "{}", other.source);
            let alone: Vec<String> = lonely(&parts, &pairs).into_iter().map(|(_, source)| source).collect();
            assert_eq!(alone.is_empty(), hours.is_some(), "{alone:?}");
        }
    }

    #[test]
    fn fewer_than_seven_tell_nothing() {
        let parts = [part("p:a#Ferry", "p", &[(0, 10)]), part("p:a#Ferry (stream)", "p", &[(0, 10)])];
        let pair = pairs(&parts).remove(0);
        assert!(pair.said((50, 40, 6)).join(" ").contains("nothing can be estimated"));
        assert_eq!(pair.object((50, 40, 6))["posts"], Value::Null);
        let said = pair.said((200, 150, 30)).join(" ");
        assert!(said.contains("An estimated 978 posts") && said.contains("320 of them are here."), "{said}");
    }
}
