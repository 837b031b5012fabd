//! What is covered of one source, all its parts together: what was pulled, what its stream brought, what filled its gaps.

use chrono::{DateTime, Utc};

use super::gap::{Gap, Hindrance, gaps};
use super::look::MARGIN;
use super::{Cause, Ledger, Reach, Stretch, Stretches};

/// What stands behind the name of a source for what its stream brought.
pub const STREAM: &str = " (stream)";

/// What the name of a part begins with, behind that of its source, that fills a gap.
pub const FILL: &str = " (fill ";

/// What stands behind the name of a platform for the answers of re-checks, which are no look at a source.
pub const RECHECK: &str = " (re-check)";

/// The name of the source that a part belongs to.
pub fn source_of(part: &str) -> &str {
    let part = part.strip_suffix(STREAM).unwrap_or(part);
    match part.rsplit_once(FILL) {
        Some((source, rest)) if rest.ends_with(')') => source,
        _ => part,
    }
}

/// A part of a source: its ledger, and what stood in its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Name of the job.
    pub job: String,
    /// Name of the source, with what stands behind it.
    pub source: String,
    /// Name of the platform.
    pub platform: String,
    /// What is covered, what was asked, and how that went.
    pub ledger: Ledger,
    /// What stood in the way, in the order in which it was found.
    pub hindrances: Vec<Hindrance>,
}

/// What is covered of one source of one job.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Survey {
    /// Name of the job.
    pub job: String,
    /// Name of the source.
    pub source: String,
    /// Name of the platform.
    pub platform: String,
    /// The time of which it says something: from when on the job asks, or the first that could be had, to the last that was asked.
    /// `None` where nothing can be called covered ([`Reach::None`]).
    pub asked: Option<Stretch>,
    /// What is covered, by whichever part.
    pub covered: Stretches,
    /// What the stream covered.
    pub heard: Stretches,
    /// What is not covered, each with its cause.
    pub gaps: Vec<Gap>,
    /// What looks found to be passed over, once for each look; later ones may have covered it.
    pub passed_over: Vec<Stretch>,
    /// When it was first and last asked.
    pub first_asked: Option<DateTime<Utc>>,
    /// See `first_asked`.
    pub last_asked: Option<DateTime<Utc>>,
    /// When a look last came to its end.
    pub last_done: Option<DateTime<Utc>>,
    /// Looks that were begun, and looks that came to their end.
    pub looks: (u64, u64),
    /// What stands in its way now, and since when.
    pub trouble: Option<(Cause, DateTime<Utc>)>,
    /// How far a look reaches.
    pub reach: Option<Reach>,
}

/// Puts the parts of every source together, in the order of their names.
pub fn surveys(mut parts: Vec<Part>) -> Vec<Survey> {
    parts.sort_by(|a, b| name(a).cmp(&name(b)).then_with(|| a.source.len().cmp(&b.source.len())));
    parts.chunk_by(|a, b| name(a) == name(b)).filter_map(survey).collect()
}

fn name(part: &Part) -> (&str, &str) {
    (&part.job, source_of(&part.source))
}

fn survey(parts: &[Part]) -> Option<Survey> {
    let first = parts.first()?;
    let ledgers = || parts.iter().map(|part| &part.ledger);
    let is_stream = |part: &&Part| part.source.ends_with(STREAM);
    let is_own = |part: &&Part| part.source == source_of(&part.source);
    let own = || parts.iter().filter(is_own).map(|part| &part.ledger);
    let mut covered: Stretches = ledgers().flat_map(|ledger| ledger.covered.iter().copied()).collect();
    let last_asked = ledgers().filter_map(|ledger| ledger.last_asked).max();
    // By a clock that ran ahead.
    last_asked.into_iter().for_each(|at| covered.cut(at));
    let heard = parts.iter().filter(is_stream).flat_map(|part| part.ledger.covered.iter().copied()).collect();
    let hindrances: Vec<Hindrance> = parts.iter().flat_map(|part| part.hindrances.iter().cloned()).collect();
    let reach = own().find_map(|ledger| ledger.reach).or_else(|| ledgers().find_map(|ledger| ledger.reach));
    // Where there was only a stream, nothing before it was asked for.
    let since = own().filter_map(|ledger| ledger.since).min().or(covered.start());
    // What stood in the way of filling a gap stands in nobody's way else.
    let looks = || parts.iter().filter(|part| is_own(part) || is_stream(part)).map(|part| &part.ledger);
    let trouble = looks().find_map(|ledger| ledger.trouble);
    let last_look = looks().filter_map(|ledger| ledger.last_asked).max();
    let bound = own().filter_map(|ledger| ledger.until).max();
    // What was written just before a good answer is asked for by the next; what a look that failed should have covered is a gap.
    let left = hindrances.iter().map(|hindrance| hindrance.stretch.until).max();
    let until = match trouble {
        Some(_) => covered.end().into_iter().chain(last_asked).max(),
        None => covered.end().into_iter().chain(left.min(last_look.map(|at| at - MARGIN))).max(),
    };
    let until = until.map(|until| bound.map_or(until, |bound| until.min(bound)));
    let asked =
        since.zip(until).filter(|_| reach != Some(Reach::None)).and_then(|(since, until)| Stretch::new(since, until));
    let passed_over = hindrances.iter().filter(|hindrance| hindrance.cause == Cause::PassedOver);
    Some(Survey {
        job: first.job.clone(),
        source: source_of(&first.source).to_owned(),
        platform: parts.iter().map(|part| &part.platform).find(|name| !name.is_empty()).cloned().unwrap_or_default(),
        gaps: asked.map(|asked| gaps(asked, &covered, &hindrances)).unwrap_or_default(),
        asked,
        covered,
        heard,
        passed_over: passed_over.map(|hindrance| hindrance.stretch).collect(),
        first_asked: ledgers().filter_map(|ledger| ledger.first_asked).min(),
        last_asked,
        last_done: ledgers().filter_map(|ledger| ledger.last_done).max(),
        looks: ledgers().fold((0, 0), |(begun, done), ledger| (begun + ledger.begun, done + ledger.done)),
        trouble,
        reach,
    })
}

#[cfg(test)]
mod tests {
    use super::source_of;

    #[test]
    fn parts_belong_to_sources() {
        for (part, source) in [
            ("mastodon:a.example#Ferry", "mastodon:a.example#Ferry"),
            ("mastodon:a.example#Ferry (stream)", "mastodon:a.example#Ferry"),
            ("bluesky#Ferry (fill 2021-07-26T00:00:00Z/2021-07-27T00:00:00Z)", "bluesky#Ferry"),
            ("telegram:(fill me", "telegram:(fill me"),
        ] {
            assert_eq!(source_of(part), source);
        }
    }
}
