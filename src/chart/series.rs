//! A series: how many posts were written in each minute, hour or day of a stretch of time.
//!
//! Dates are whatever a stranger's client claimed. One post of the year 1 must not cost a million bins, so a series has a
//! greatest length; what lies outside is counted and said.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};

use super::{Gap, Step, Tally};
use crate::zone::Zone;

/// The most bins of a series.
const MOST: usize = 20_000;

/// The most bins of minutes or hours that nobody asked for.
const MOST_UNASKED: usize = 1000;

/// Bins that a series of minutes or hours has at most, where the step is chosen by the length of the stretch.
const WANTED: i64 = 200;

/// A stretch of time and the posts that were written in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// The first instant behind it.
    pub end: DateTime<Utc>,
    /// Posts.
    pub posts: u64,
}

/// What is known of the coverage of a stretch: never that it is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covered {
    /// Nothing.
    Unknown,
    /// A part of it lies in a gap, or it lies in a gap of one source among others.
    Partly,
    /// It lies in a gap of all sources.
    No,
}

impl Covered {
    /// The word for other programs; `None` where nothing is known.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Covered::Unknown => None,
            Covered::Partly => Some("partly"),
            Covered::No => Some("no"),
        }
    }
}

/// Counts over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The length of a bin.
    pub step: Step,
    /// The zone whose hours and days are meant.
    pub zone: Zone,
    /// The bins, one behind the other, empty ones among them. None if no post has a time that fits the step.
    pub bins: Vec<Bin>,
    /// Posts of which only the day is known, and which no bin of a minute or an hour can hold.
    pub day_only: u64,
    /// Posts without a date.
    pub undated: u64,
    /// Posts whose time lies outside the bins, because the whole stretch would be too long.
    pub outside: u64,
    /// The earliest and the latest time of those.
    pub outside_span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The gaps that touch the bins, in order of their beginnings.
    pub gaps: Vec<Gap>,
}

impl Series {
    /// Makes a series of what was counted.
    ///
    /// Without a step it takes the finest that needs no more than two hundred bins. The stretch is the one asked for, from
    /// the first instant to before the second; where it is open, that of the posts. If it is too long, the part that
    /// holds most posts is taken.
    pub fn new(
        tally: &Tally,
        zone: Zone,
        step: Option<Step>,
        asked: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
        gaps: &[Gap],
    ) -> Series {
        let most = if step.is_some() { MOST } else { MOST_UNASKED };
        let step = step.unwrap_or_else(|| fitting(tally, asked));
        let most = if step == Step::Day { MOST } else { most };
        let points = points(tally, zone, step);
        let day_only = if step == Step::Day { 0 } else { tally.days.values().sum() };
        let mut series = Series {
            step,
            zone,
            bins: Vec::new(),
            day_only,
            undated: tally.undated,
            outside: 0,
            outside_span: None,
            gaps: Vec::new(),
        };
        let Some((from, until)) = stretch(&points, step, asked, most) else { return series };
        series.bins = bins(step, zone, from, until, most);
        for (at, posts) in points {
            let Some(at) = DateTime::from_timestamp(at, 0) else { continue };
            let behind = series.bins.partition_point(|bin| bin.start <= at);
            match behind.checked_sub(1).and_then(|bin| series.bins.get_mut(bin)).filter(|bin| at < bin.end) {
                Some(bin) => bin.posts += posts,
                None => {
                    series.outside += posts;
                    let (first, last) = series.outside_span.unwrap_or((at, at));
                    series.outside_span = Some((first.min(at), last.max(at)));
                }
            }
        }
        if let (Some(first), Some(last)) = (series.bins.first(), series.bins.last()) {
            let touches = |gap: &&Gap| gap.from < last.end && gap.until.is_none_or(|until| until > first.start);
            series.gaps = gaps.iter().filter(touches).cloned().collect();
        }
        series
    }

    /// Posts in the bins.
    pub fn posts(&self) -> u64 {
        self.bins.iter().map(|bin| bin.posts).sum()
    }

    /// The most posts of a bin.
    pub fn most(&self) -> u64 {
        self.bins.iter().map(|bin| bin.posts).max().unwrap_or_default()
    }

    /// The first instant of the first bin and the first behind the last.
    pub fn span(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        Some((self.bins.first()?.start, self.bins.last()?.end))
    }

    /// What is known of the coverage of a bin, or of any stretch.
    pub fn covered(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Covered {
        let holds = |gap: &Gap| gap.whole && gap.from <= from && gap.until.is_none_or(|end| end >= until);
        let touches = |gap: &Gap| gap.from < until && gap.until.is_none_or(|end| end > from);
        if self.gaps.iter().any(holds) {
            Covered::No
        } else if self.gaps.iter().any(touches) {
            Covered::Partly
        } else {
            Covered::Unknown
        }
    }

    /// What its shade means, for a legend; `None` if nothing is shaded.
    pub(super) fn shade(&self) -> Option<&'static str> {
        let whole = self.gaps.iter().filter(|gap| gap.whole).count();
        match (whole, self.gaps.len()) {
            (_, 0) => None,
            (0, _) => Some("partly not covered"),
            (whole, all) if whole == all => Some("not covered"),
            _ => Some("not covered, or in part"),
        }
    }
}

/// Posts by the second from which they are sorted into bins, in order.
fn points(tally: &Tally, zone: Zone, step: Step) -> BTreeMap<i64, u64> {
    let mut points: BTreeMap<i64, u64> = tally.minutes.iter().map(|(minute, posts)| (minute * 60, *posts)).collect();
    if step == Step::Day {
        for (day, posts) in &tally.days {
            let at = zone.midnight(*day).unwrap_or_else(|| day.and_time(chrono::NaiveTime::MIN).and_utc());
            *points.entry(at.timestamp()).or_default() += posts;
        }
    }
    points
}

/// The step that suits a stretch: of the one asked for, else of the posts, but for a thousandth of them at its ends, which
/// a few wrong clocks must not decide.
fn fitting(tally: &Tally, asked: (Option<DateTime<Utc>>, Option<DateTime<Utc>>)) -> Step {
    let timed: u64 = tally.minutes.values().sum();
    let by_day: u64 = tally.days.values().sum();
    if by_day > timed {
        return Step::Day;
    }
    let points = points(tally, Zone::UTC, Step::Minute);
    // What no series of days could hold decides nothing, either.
    let Some((from, until)) = stretch(&points, Step::Day, asked, MOST) else { return Step::Minute };
    let inside = points.range(from..=until);
    let end = inside.clone().map(|(_, posts)| posts).sum::<u64>() / 2000;
    let passed = |held: &mut u64, posts: u64| {
        *held += posts;
        *held > end
    };
    let (mut early, mut late) = (0, 0);
    let first = inside.clone().find(|(_, posts)| passed(&mut early, **posts)).map_or(from, |(at, _)| *at);
    let last = inside.rev().find(|(_, posts)| passed(&mut late, **posts)).map_or(until, |(at, _)| *at);
    let length = asked.1.map_or(last, |_| until).saturating_sub(asked.0.map_or(first, |_| from));
    [Step::Minute, Step::Hour].into_iter().find(|step| length <= WANTED * step.seconds()).unwrap_or(Step::Day)
}

/// The stretch of a series, from its first second to its last, no longer than the bins that it may have.
fn stretch(
    points: &BTreeMap<i64, u64>,
    step: Step,
    asked: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    most: usize,
) -> Option<(i64, i64)> {
    let (first, last) = (*points.keys().next()?, *points.keys().next_back()?);
    // A day may be an hour shorter, and the first bin begins before the first post.
    let longest = (i64::try_from(most).ok()? - 2) * (step.seconds() - if step == Step::Day { 3600 } else { 0 });
    let core = if last - first <= longest { (first, last) } else { densest(points, longest) };
    // As much of what was asked for as there is room for.
    let until = asked.1.map_or(core.1, |at| (at.timestamp() - 1).max(core.1));
    let until = if until.saturating_sub(core.0) <= longest { until } else { core.1 };
    let from = asked.0.map_or(core.0, |at| at.timestamp().min(core.0));
    let from = if until.saturating_sub(from) <= longest { from } else { core.0 };
    Some((from, until))
}

/// The part no longer than that which holds most posts, the earliest of equal ones.
fn densest(points: &BTreeMap<i64, u64>, longest: i64) -> (i64, i64) {
    let (mut best, mut held) = ((0, 0), 0);
    let (mut most, mut oldest) = (0, points.iter().peekable());
    for (last, posts) in points {
        held += posts;
        while let Some((_, gone)) = oldest.next_if(|(first, _)| last - **first > longest) {
            held -= gone;
        }
        if let Some((first, _)) = oldest.peek()
            && held > most
        {
            most = held;
            best = (**first, *last);
        }
    }
    best
}

/// The bins from the one that holds a second to the one that holds another.
fn bins(step: Step, zone: Zone, from: i64, until: i64, most: usize) -> Vec<Bin> {
    let (Some(from), Some(until)) = (DateTime::from_timestamp(from, 0), DateTime::from_timestamp(until, 0)) else {
        return Vec::new();
    };
    let mut bins = Vec::new();
    let mut start = floor(step, zone, from);
    let mut day = zone.local(from).date_naive();
    while start <= until && bins.len() < most {
        let Some(end) = next(step, zone, start, &mut day) else { break };
        // A day that a zone left out has no length.
        if end > start {
            bins.push(Bin { start, end, posts: 0 });
        }
        start = end;
    }
    bins
}

/// The first instant of the bin that holds this one.
fn floor(step: Step, zone: Zone, at: DateTime<Utc>) -> DateTime<Utc> {
    let local = zone.local(at);
    let past = match step {
        Step::Minute => TimeDelta::seconds(i64::from(local.second())),
        Step::Hour => TimeDelta::seconds(i64::from(local.minute() * 60 + local.second())),
        Step::Day => return zone.midnight(local.date_naive()).filter(|midnight| *midnight <= at).unwrap_or(at),
    };
    at.checked_sub_signed(past).unwrap_or(at)
}

/// The first instant behind the bin that begins here; `day` is its day, and becomes that of the next.
fn next(step: Step, zone: Zone, start: DateTime<Utc>, day: &mut NaiveDate) -> Option<DateTime<Utc>> {
    match step {
        Step::Minute => start.checked_add_signed(TimeDelta::minutes(1)),
        Step::Hour => {
            let end = start.checked_add_signed(TimeDelta::hours(1))?;
            // Where clocks are set by half an hour, a bin is half an hour.
            Some(Some(floor(step, zone, end)).filter(|full| *full > start).unwrap_or(end))
        }
        Step::Day => {
            *day = day.succ_opt()?;
            zone.midnight(*day)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Precision, When, WhenSource};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn tally(times: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for text in times {
            let when = match text.parse::<NaiveDate>() {
                Ok(day) => When::day(day, WhenSource::Page),
                Err(_) => When::new(at(text), Precision::Second, WhenSource::Platform),
            };
            tally.add(when.as_ref());
        }
        tally
    }

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn shown(series: &Series) -> Vec<String> {
        let hours = |bin: &Bin| (bin.end - bin.start).num_minutes();
        let line =
            |bin: &Bin| format!("{} {}m {}", series.zone.local(bin.start).format("%d %H:%M"), hours(bin), bin.posts);
        series.bins.iter().map(line).collect()
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let times = ["2021-03-27T23:30:00Z", "2021-03-28T12:00:00Z", "2021-03-28T23:30:00Z", "2021-03-28"];
        let series = Series::new(&tally(&times), zone("Europe/London"), Some(Step::Day), (None, None), &[]);
        assert_eq!(shown(&series), ["27 00:00 1440m 1", "28 00:00 1380m 2", "29 00:00 1440m 1"]);
        let autumn = tally(&["2021-10-31T00:30:00Z", "2021-11-01T23:30:00Z"]);
        let series = Series::new(&autumn, zone("Europe/London"), Some(Step::Day), (None, None), &[]);
        assert_eq!(shown(&series), ["31 00:00 1500m 1", "01 00:00 1440m 1"]);
        // Samoa had no 30 December 2011.
        let dateline = tally(&["2011-12-30T09:00:00Z", "2011-12-30T11:00:00Z", "2011-12-30"]);
        let series = Series::new(&dateline, zone("Pacific/Apia"), Some(Step::Day), (None, None), &[]);
        assert_eq!(shown(&series), ["29 00:00 1440m 1", "31 00:00 1440m 2"]);
    }

    #[test]
    fn hours_are_those_of_the_zone() {
        let times = tally(&["2021-07-26T10:29:59Z", "2021-07-26T10:30:00Z", "2021-07-26T12:00:00Z", "2021-07-26"]);
        let series = Series::new(&times, zone("Asia/Kolkata"), Some(Step::Hour), (None, None), &[]);
        assert_eq!(shown(&series), ["26 15:00 60m 1", "26 16:00 60m 1", "26 17:00 60m 1"]);
        assert_eq!(series.day_only, 1);
        // The hour that clocks show twice is two bins.
        let twice = tally(&["2021-10-31T00:10:00Z", "2021-10-31T01:10:00Z"]);
        let series = Series::new(&twice, zone("Europe/London"), Some(Step::Hour), (None, None), &[]);
        assert_eq!(shown(&series), ["31 01:00 60m 1", "31 01:00 60m 1"]);
        // Clocks of Lord Howe Island go back by half an hour.
        let half = tally(&["2021-04-03T14:10:00Z", "2021-04-03T15:40:00Z"]);
        let series = Series::new(&half, zone("Australia/Lord_Howe"), Some(Step::Hour), (None, None), &[]);
        assert_eq!(series.posts(), 2);
        assert!(series.bins.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    #[test]
    fn the_step_follows_the_stretch() {
        for (times, step) in [
            (&["2021-07-26T10:00:00Z"][..], Step::Minute),
            (&["2021-07-26T10:00:00Z", "2021-07-26T13:20:00Z"], Step::Minute),
            (&["2021-07-26T10:00:00Z", "2021-07-26T14:00:00Z"], Step::Hour),
            (&["2021-07-26T10:00:00Z", "2021-08-26T10:00:00Z"], Step::Day),
            (&["2021-07-26", "2021-07-26", "2021-07-26T10:00:00Z"], Step::Day),
            (&[], Step::Minute),
        ] {
            assert_eq!(Series::new(&tally(times), Zone::UTC, None, (None, None), &[]).step, step, "{times:?}");
        }
    }

    #[test]
    fn a_tail_is_shown_and_a_stray_post_decides_nothing() {
        let storm = vec!["2021-07-26T10:00:00Z"; 5000];
        let tail = |hours: &[i64]| {
            let mut tally = tally(&storm);
            for hour in hours {
                let at = at("2021-07-26T10:00:00Z") + TimeDelta::hours(*hour);
                tally.add(When::new(at, Precision::Second, WhenSource::Platform).as_ref());
            }
            Series::new(&tally, Zone::UTC, None, (None, None), &[])
        };
        let hours: Vec<i64> = (0..100).collect();
        let long = tail(&hours);
        assert_eq!((long.step, long.bins.len(), long.outside), (Step::Hour, 100, 0));
        let stray = tail(&[1, 2, 24 * 365 * 10]);
        assert_eq!((stray.step, stray.bins.len(), stray.outside), (Step::Minute, 121, 1));
    }

    #[test]
    fn dates_far_away_make_no_long_series() {
        let mut times = vec!["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"];
        times.extend(["2021-07-26T10:00:00Z"; 100]);
        times.extend(["2021-07-27T10:00:00Z"; 200]);
        for step in [None, Some(Step::Minute), Some(Step::Hour), Some(Step::Day)] {
            let series = Series::new(&tally(&times), zone("Europe/London"), step, (None, None), &[]);
            assert!(series.bins.len() <= MOST, "{step:?}: {}", series.bins.len());
            assert_eq!((series.posts(), series.outside), (300, 2), "{step:?}");
            let (first, last) = series.outside_span.unwrap();
            assert_eq!((first, last), (at("0001-01-01T00:00:00Z"), at("9999-12-31T23:59:00Z")));
        }
        let series = Series::new(&tally(&times), Zone::UTC, None, (None, None), &[]);
        assert_eq!((series.step, series.bins.len()), (Step::Hour, 25));
    }

    #[test]
    fn the_stretch_asked_for_is_shown_if_it_is_not_too_long() {
        let day = |text: &str| Some(at(&format!("{text}T00:00:00Z")));
        let times = tally(&["2021-07-26T10:00:00Z"]);
        let gap = Gap { from: at("2021-07-27T12:00:00Z"), until: None, whole: true, why: "it lies after".to_owned() };
        let asked = (day("2021-07-25"), day("2021-07-29"));
        let series = Series::new(&times, Zone::UTC, Some(Step::Day), asked, std::slice::from_ref(&gap));
        assert_eq!(shown(&series), ["25 00:00 1440m 0", "26 00:00 1440m 1", "27 00:00 1440m 0", "28 00:00 1440m 0"]);
        let covered: Vec<Covered> = series.bins.iter().map(|bin| series.covered(bin.start, bin.end)).collect();
        assert_eq!(covered, [Covered::Unknown, Covered::Unknown, Covered::Partly, Covered::No]);
        let of_one = Gap { whole: false, ..gap.clone() };
        let series = Series::new(&times, Zone::UTC, Some(Step::Day), asked, &[of_one]);
        assert_eq!(series.covered(at("2021-07-28T00:00:00Z"), at("2021-07-29T00:00:00Z")), Covered::Partly);
        let stray = tally(&["1921-07-26T10:00:00Z", "2021-07-26T10:00:00Z", "2021-07-26T11:00:00Z"]);
        let series = Series::new(&stray, Zone::UTC, Some(Step::Day), (None, day("2021-07-29")), &[]);
        assert_eq!((shown(&series).len(), series.posts(), series.outside), (3, 2, 1));
        let too_long = Series::new(&times, Zone::UTC, Some(Step::Minute), (day("1000-01-01"), None), &[gap]);
        assert_eq!((too_long.bins.len(), too_long.outside, too_long.gaps.len()), (1, 0, 0));
    }
}
