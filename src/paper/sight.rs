//! What is covered of one source within a stretch that somebody looks at, and what its platform guarantees.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::words::{counted, instant, length, share};
use crate::coverage::{BEGINNING, Gap, Reach, Stretch, Stretches, Survey};
use crate::platform;
use crate::zone::Zone;

/// A survey, or the part of it that somebody looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// The survey; its gaps and what it covers are those of the part alone.
    pub survey: Survey,
    /// The time of the archive's captures of the source before its ledger begins, if there are any.
    pub before_ledger: Option<DateTime<Utc>>,
}

impl Sight {
    /// The part of a survey between two instants.
    pub fn new(survey: Survey, since: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Sight {
        let bounds = Stretch::new(since.unwrap_or(BEGINNING), until.unwrap_or(DateTime::<Utc>::MAX_UTC));
        let part = |stretch: &Stretch| bounds.and_then(|bounds| stretch.meet(&bounds));
        let parts = |stretches: &Stretches| stretches.iter().filter_map(part).collect::<Stretches>();
        let asked = survey.asked.as_ref().and_then(part);
        let within = |stretches: &Stretches| {
            let inside = |stretch: &Stretch| asked.and_then(|asked| stretch.meet(&asked));
            stretches.iter().filter_map(inside).collect::<Stretches>()
        };
        // Where nothing is asked for, a stream may have covered something all the same.
        let (covered, heard) = match asked {
            Some(_) => (within(&survey.covered), within(&survey.heard)),
            None => (parts(&survey.covered), parts(&survey.heard)),
        };
        let gap = |gap: &Gap| Some(Gap { stretch: part(&gap.stretch)?, ..gap.clone() });
        let gaps = survey.gaps.iter().filter_map(gap).collect();
        Sight { survey: Survey { asked, covered, heard, gaps, ..survey }, before_ledger: None }
    }

    /// Its name: job and source.
    pub fn name(&self) -> String {
        format!("{} · {}", self.survey.job, self.survey.source)
    }

    /// The share of the time asked that is covered; `None` where that time has no beginning.
    pub fn share(&self) -> Option<String> {
        let asked = self.survey.asked.filter(|asked| !asked.is_open())?;
        share(self.survey.covered.within(asked), asked.length())
    }

    /// The length of its longest gap. One without a beginning has none.
    pub fn longest(&self) -> Option<TimeDelta> {
        let lengths = self.survey.gaps.iter().filter(|gap| !gap.stretch.is_open()).map(|gap| gap.stretch.length());
        lengths.max()
    }

    /// What must be said of it where no stretch of time can be called covered, or none was asked for.
    pub fn unknown(&self) -> Option<&'static str> {
        match (self.survey.asked, self.survey.reach) {
            (Some(_), _) => None,
            (None, Some(Reach::None)) => Some(
                "what this source shows is a choice or in no order of time: no stretch can be called covered, whatever was read",
            ),
            (None, _) => Some("no look has come far enough here to say anything"),
        }
    }

    /// What it comes to, as a sentence.
    pub fn said(&self, zone: Zone) -> String {
        let Some(asked) = self.survey.asked else {
            return format!("{}.", self.unknown().unwrap_or_default());
        };
        let gaps = u64::try_from(self.survey.gaps.len()).unwrap_or(u64::MAX);
        let gaps = match (gaps, self.longest()) {
            (0, _) => "no gap".to_owned(),
            (1, Some(longest)) => format!("one gap of {}", length(longest)),
            (gaps, Some(longest)) => {
                // What has no beginning has no length either.
                let is_open = self.survey.gaps.iter().any(|gap| gap.stretch.is_open());
                let which = if is_open { "the longest (of those with a beginning)" } else { "the longest of" };
                format!("{}, {which} {}", counted(gaps, "gap", "gaps"), length(longest))
            }
            (gaps, None) => counted(gaps, "gap", "gaps"),
        };
        let covered = match self.share() {
            Some(share) => format!("{share} covered, {gaps}"),
            None if self.survey.gaps.is_empty() => "covered throughout".to_owned(),
            None => format!("covered but for {gaps}"),
        };
        format!("{} to {}, {covered}.", instant(asked.since, zone), instant(asked.until, zone))
    }

    /// All of it as one object: times as RFC 3339 in UTC, null for "as far back as there is anything", causes by name.
    pub fn object(&self) -> Value {
        let survey = &self.survey;
        let stretches = |stretches: &Stretches| stretches.iter().map(stretch).collect::<Vec<_>>();
        let asked = survey.asked.map(|asked| stretch(&asked));
        let seconds = |time: TimeDelta| time.num_seconds();
        let finite = survey.asked.filter(|asked| !asked.is_open());
        json!({
            "job": survey.job, "source": survey.source, "platform": survey.platform, "asked": asked,
            "asked_s": finite.map(|asked| seconds(asked.length())),
            "covered_s": finite.map(|asked| seconds(survey.covered.within(asked))),
            "covered": stretches(&survey.covered), "by_stream": stretches(&survey.heard),
            "gaps": survey.gaps.iter().map(gap).collect::<Vec<_>>(),
            "longest_gap_s": self.longest().map(seconds),
            "first_asked": survey.first_asked.map(stamp), "last_asked": survey.last_asked.map(stamp),
            "last_done": survey.last_done.map(stamp), "looks_begun": survey.looks.0, "looks_done": survey.looks.1,
            "trouble": survey.trouble.map(|(cause, since)| json!({"cause": cause.name(), "since": stamp(since)})),
            "reach": survey.reach, "guarantee": guarantee(&survey.platform), "unknown": self.unknown(),
            "before_ledger": self.before_ledger.map(stamp),
        })
    }
}

/// An instant as JSON has it.
fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A stretch as JSON has it.
pub(super) fn stretch(stretch: &Stretch) -> Value {
    json!({"since": (!stretch.is_open()).then(|| stamp(stretch.since)), "until": stamp(stretch.until)})
}

fn gap(gap: &Gap) -> Value {
    let is_open = gap.stretch.is_open();
    json!({
        "since": (!is_open).then(|| stamp(gap.stretch.since)), "until": stamp(gap.stretch.until),
        "length_s": (!is_open).then(|| gap.stretch.length().num_seconds()),
        "cause": gap.cause.name(), "about": gap.cause.about(), "why": gap.why,
        "can_be_closed": gap.cause.can_be_closed(),
    })
}

/// What "covered" means with a platform.
fn guarantee(platform: &str) -> Option<&'static str> {
    Some(platform::by_name(platform)?.live?.paging.guarantee)
}

/// What "covered" means with each platform of these, once each, in the order of their names.
pub fn guarantees(sights: &[Sight]) -> Vec<(&'static str, &'static str)> {
    let mut names: Vec<&str> = sights.iter().map(|sight| sight.survey.platform.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter_map(|name| Some((platform::by_name(name)?.title, guarantee(name)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Cause;

    fn hour(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(hour * 3600, 0).unwrap()
    }

    fn stretch(since: i64, until: i64) -> Stretch {
        Stretch::new(hour(since), hour(until)).unwrap()
    }

    fn survey(asked: Option<Stretch>, covered: &[Stretch], gaps: &[Stretch]) -> Survey {
        let gap = |stretch: &Stretch| Gap { stretch: *stretch, cause: Cause::Down, why: String::new() };
        Survey {
            job: "ferry".to_owned(),
            source: "somewhere".to_owned(),
            asked,
            covered: covered.iter().copied().collect(),
            gaps: gaps.iter().map(gap).collect(),
            ..Survey::default()
        }
    }

    #[test]
    fn a_part_has_what_lies_in_it() {
        let all = survey(Some(stretch(0, 24)), &[stretch(0, 10), stretch(12, 24)], &[stretch(10, 12)]);
        for (since, until, share, said) in [
            (None, None, "91.6 %", "1970-01-01 00:00 to 1970-01-02 00:00, 91.6 % covered, one gap of 2 h."),
            (Some(11), Some(13), "50.0 %", "1970-01-01 11:00 to 1970-01-01 13:00, 50.0 % covered, one gap of 1 h."),
            (Some(12), None, "100 %", "1970-01-01 12:00 to 1970-01-02 00:00, 100 % covered, no gap."),
            (None, Some(10), "100 %", "1970-01-01 00:00 to 1970-01-01 10:00, 100 % covered, no gap."),
        ] {
            let sight = Sight::new(all.clone(), since.map(hour), until.map(hour));
            assert_eq!(sight.said(Zone::UTC), said);
            assert!(sight.share().unwrap().starts_with(share.trim_end_matches(" %")), "{share}");
        }
        let outside = Sight::new(all, Some(hour(30)), None);
        assert_eq!((outside.survey.asked, outside.survey.gaps.len(), outside.share()), (None, 0, None));
    }

    #[test]
    fn what_has_no_beginning_has_no_share() {
        let open = Stretch::new(BEGINNING, hour(24)).unwrap();
        let sight = Sight::new(
            survey(Some(open), &[stretch(20, 24)], &[Stretch::new(BEGINNING, hour(20)).unwrap()]),
            None,
            None,
        );
        assert_eq!((sight.share(), sight.longest()), (None, None));
        assert_eq!(sight.said(Zone::UTC), "the beginning to 1970-01-02 00:00, covered but for one gap.");
        let object = sight.object();
        assert_eq!((&object["asked"]["since"], &object["gaps"][0]["length_s"]), (&Value::Null, &Value::Null));
        // A part of it has both ends.
        assert_eq!(Sight::new(sight.survey, Some(hour(16)), None).share().as_deref(), Some("50.0 %"));
    }

    #[test]
    fn where_nothing_can_be_covered_that_is_said() {
        let nowhere = Survey { reach: Some(Reach::None), ..survey(None, &[], &[]) };
        assert!(Sight::new(nowhere, None, None).said(Zone::UTC).contains("no stretch can be called covered"));
    }
}
