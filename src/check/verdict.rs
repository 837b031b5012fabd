//! A claim beside the posts that may be meant: which one it is, and in what the draft differs from it.

use std::cell::OnceCell;
use std::ops::Range;

use super::addresses::{is_around, leads_elsewhere};
use super::alike::{Match, Quoted, best_match, stands_whole};
use super::candidate::{Candidate, Posted, Text};
use super::claims::{Claim, Name, Reading, Rival};
use super::days::of_date;
use super::differ::{Differences, Op, Piece, Words, differences};
use super::draft::Draft;
use super::finding::Finding;
use super::names::{known_handle, local_part, of_handle, of_name_in};
use super::nearby::Nearby;

use crate::model::{Post, TextState};
use crate::platform;
use crate::zone::Zone;

/// What became of a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Where it stands in the draft.
    pub at: String,
    /// The quoted words.
    pub quote: String,
    /// Where they stand in the draft's text.
    pub range: Range<usize>,
    /// The handle, date and link that the draft gives.
    pub claim: Claim,
    /// The name that it gives.
    pub name: Option<Name>,
    /// Key of the post.
    pub key: Option<String>,
    /// The revision that is nearest.
    pub revision: Option<u32>,
    /// Whose that post is, and of when.
    pub posted: Option<Posted>,
    /// What is to be said, the words first. Never empty.
    pub findings: Vec<Finding>,
    /// Both texts in one; empty if they do not differ.
    pub diff: Vec<Piece>,
}

impl Verdict {
    /// Whether the draft must not be printed so.
    pub fn is_fault(&self) -> bool {
        self.findings.iter().any(Finding::is_fault)
    }
}

/// Leaves out what is inside the words of another: the second sentence of a quotation that its attribution parts, a paragraph of
/// a post that is signed below.
pub fn outermost(verdicts: &mut Vec<Verdict>) {
    const NEAR: usize = 8;
    let mut wider: Vec<(Range<usize>, bool)> = verdicts
        .iter()
        .filter(|verdict| verdict.key.is_some())
        .map(|verdict| (verdict.range.clone(), verdict.claim.sure))
        .collect();
    wider.sort_by_key(|(range, _)| range.start);
    let inside = |range: &Range<usize>, sure: bool| {
        let at = wider.partition_point(|(wide, _)| wide.start < range.end);
        wider[..at].iter().rev().take(NEAR).any(|(wide, is_sure)| {
            let holds = wide.start <= range.start && range.end <= wide.end && wide != range;
            holds || (!sure && *is_sure && wide.end > range.start)
        })
    };
    verdicts.retain(|verdict| !inside(&verdict.range, verdict.claim.sure));
}

/// Of the words of a quotation, this part must be the post's if nothing else speaks for it.
const ALIKE: f64 = 0.7;

/// The same of what may be no quotation at all.
const ALIKE_IF_LOOSE: f64 = 0.8;

/// The same of that if the author is named beside it.
const ALIKE_IF_LOOSE_AND_NAMED: f64 = 0.6;

/// The same if the link, or the author, is the post's.
const ALIKE_IF_NAMED: f64 = 0.5;

/// Words of less weight say little by themselves.
const SHORT: u32 = 16;

/// Of a post of which this part or less is quoted, the words must stand together as they are quoted, if nothing else speaks for it.
const PART: f64 = 0.3;

/// Judges a claim. `None` for what is no quotation after all.
pub fn judge(draft: &Draft, claim: &Claim, candidates: &[Candidate], zone: Zone) -> Option<Verdict> {
    let verdict = judge_one(draft, claim, candidates, zone);
    let Some(Rival { handle, name, date }) = &claim.rival else { return verdict };
    // Whose words they are, of two who are named beside them, the archive tells.
    let readings = claim.readings.iter().map(|reading| Reading { name: name.clone(), ..reading.clone() }).collect();
    let (handle, date) = (Some(handle.clone()), date.clone());
    let other = judge_one(draft, &Claim { readings, handle, date, rival: None, ..claim.clone() }, candidates, zone);
    let faults = |verdict: &Option<Verdict>| {
        verdict
            .as_ref()
            .map_or(usize::MAX, |verdict| verdict.findings.iter().filter(|finding| finding.is_fault()).count())
    };
    if faults(&other) < faults(&verdict) { other } else { verdict }
}

fn judge_one(draft: &Draft, claim: &Claim, candidates: &[Candidate], zone: Zone) -> Option<Verdict> {
    let readings: Vec<Quoted> = claim.readings.iter().map(|reading| Quoted::of(draft, claim, reading)).collect();
    let places: Vec<OnceCell<Nearby>> = claim.readings.iter().map(|_| OnceCell::new()).collect();
    let nearby = |found: &Match<'_>| {
        let (place, reading) = (places.get(found.reading)?, claim.readings.get(found.reading)?);
        Some(place.get_or_init(|| Nearby::of(draft, reading)))
    };
    let is_near = |found: &Match<'_>| nearby(found).is_some_and(|near| near.has_name_of(found.candidate));
    let mut matches: Vec<Match<'_>> =
        candidates.iter().filter_map(|candidate| best_match(claim, &readings, candidate, zone)).collect();
    matches.sort_by(|one, other| other.score.total_cmp(&one.score));
    let is_named = |found: &Match<'_>| {
        let fits = (found.handle_fits || found.name_fits) && claim.attributed;
        found.candidate.linked || fits || is_near(found)
    };
    let is_enough = |found: &Match<'_>| {
        let named = is_named(found);
        // A word or two stand in many posts, and the words of a sentence in many long ones, here and there.
        let is_whole = || {
            claim
                .readings
                .get(found.reading)
                .is_some_and(|reading| stands_whole(&reading.words(draft), &found.text.text))
        };
        if !named && ((found.weight < SHORT && found.covered < ALIKE_IF_NAMED) || (found.covered < PART && !is_whole()))
        {
            return false;
        }
        // What merely stands in quotation marks is a quotation of a post if it is one to the letter or nearly.
        found.within
            >= match (claim.sure, named) {
                (true, true) => ALIKE_IF_NAMED,
                (false, true) => ALIKE_IF_LOOSE_AND_NAMED,
                (true, false) => ALIKE,
                (false, false) => ALIKE_IF_LOOSE,
            }
    };
    let verdict = |reading: usize, findings: Vec<Finding>| {
        let claim = claim.read_as(reading);
        let reading = claim.readings.get(reading);
        Verdict {
            at: draft.place(reading.map_or(0, |reading| reading.range.start)),
            range: reading.map(|reading| reading.range.clone()).unwrap_or_default(),
            quote: reading.map(|reading| reading.words(draft).trim().to_owned()).unwrap_or_default(),
            claim: claim.clone().into_owned(),
            name: reading.and_then(|reading| reading.name.clone()),
            key: None,
            revision: None,
            posted: None,
            findings,
            diff: Vec::new(),
        }
    };
    let linked = matches.iter().position(|found| found.candidate.linked);
    if claim.embed {
        // Without words there is nothing to compare, but the post must be known.
        return linked.is_none().then(|| verdict(0, vec![Finding::NotInArchive]));
    }
    let Some(best) = matches.iter().find(|found| is_enough(found)) else {
        if !claim.sure {
            return None;
        }
        // The post is known, and says something else.
        let Some(linked) = linked else { return Some(verdict(0, vec![Finding::NotInArchive])) };
        let found = &matches[linked];
        let what = "the post that is linked to says something else".to_owned();
        return Some(told(draft, claim, found, verdict(found.reading, vec![Finding::Altered(what)]), zone));
    };
    let mut found = told(draft, claim, best, verdict(best.reading, Vec::new()), zone);
    // Others say nearly the same, and were not posted.
    let has = |is: fn(&Finding) -> bool| found.findings.iter().any(is);
    let is_altered = has(|finding| matches!(finding, Finding::Altered(_)));
    let is_far = has(|finding| matches!(finding, Finding::Cut | Finding::WrongName(_) | Finding::WrongHandle(_)))
        || has(|finding| matches!(finding, Finding::Doubtful(_)));
    let is_mentioned = || nearby(best).is_some_and(|near| near.names(None, best.candidate, best.text));
    if !claim.sure && is_altered && is_far && !is_named(best) && !is_mentioned() {
        return None;
    }
    found.findings.extend(of_link(claim, best.candidate, linked.map(|linked| matches[linked].candidate)));
    if let Some(doubt) = rivals(draft, claim, best, &matches) {
        found.findings.push(doubt);
    }
    Some(found)
}

/// What is to be said of a link beside the words of a post, and of the post that it leads to if the archive holds that.
fn of_link(claim: &Claim, candidate: &Candidate, linked: Option<&Candidate>) -> Option<Finding> {
    let link = claim.link.as_deref().filter(|link| !candidate.linked && !is_around(link, &candidate.post))?;
    // The address is one of the post's own words.
    let is_written =
        |text: &Text| text.text.split_whitespace().any(|word| word.trim_end_matches(['.', ',', ')', '”']) == link);
    if candidate.texts.iter().any(|text| is_written(text) || text.links.iter().any(|of| of.url == link)) {
        return None;
    }
    match linked {
        Some(linked) => Some(Finding::WrongLink(format!("it leads to {}", linked.key))),
        None => leads_elsewhere(link, &candidate.post)
            .then(|| Finding::WrongLink("the archive does not hold the post that it leads to".to_owned())),
    }
}

/// The doubt that other posts with the same words leave.
fn rivals(draft: &Draft, claim: &Claim, best: &Match<'_>, matches: &[Match<'_>]) -> Option<Finding> {
    if best.candidate.linked {
        return None;
    }
    let folded = |found: &Match<'_>| found.candidate.post.author.handle.as_ref().map(local_part);
    let day = |found: &Match<'_>| found.candidate.post.created.map(|when| when.at().date_naive());
    let rivals: Vec<&Match<'_>> = matches
        .iter()
        .filter(|other| !std::ptr::eq(*other, best))
        .filter(|other| other.within >= best.within - 1e-9 && other.covered >= best.covered - 1e-9)
        .filter(|other| other.candidate.post.repost_of.is_none())
        // The handle, or the date, tells them apart.
        .filter(|other| {
            other.handle_fits == best.handle_fits
                && other.name_fits == best.name_fits
                && (claim.date.is_none() || other.date_fits == best.date_fits)
        })
        // What an article quotes and what the platform gave are one post.
        .filter(|other| folded(other) != folded(best) || (claim.date.is_none() && day(other) != day(best)))
        .collect();
    if rivals.is_empty() {
        return None;
    }
    // The same words in another order, or with other marks, are not the same.
    let compared = |found: &Match<'_>| {
        let words = claim.readings.get(found.reading).map(|reading| reading.words(draft)).unwrap_or_default();
        let cut = found.text.state == TextState::Truncated;
        let found = differences(&Words::of(&words), &Words::of(&found.text.text), &found.text.links, cut);
        (found.altered, found.cut_silently)
    };
    let of_best = compared(best);
    let rivals: Vec<&Match<'_>> = rivals.into_iter().filter(|other| compared(other) <= of_best).collect();
    let first = rivals.first()?;
    let more = if rivals.len() > 1 { format!(" and {} more", rivals.len() - 1) } else { String::new() };
    Some(Finding::Doubtful(format!("{} has the same words{more}", first.candidate.key)))
}

/// What is to be said of a claim beside the post that is meant.
fn told(draft: &Draft, claim: &Claim, found: &Match<'_>, mut verdict: Verdict, zone: Zone) -> Verdict {
    let Match { candidate, text, reading, .. } = found;
    let claim = &claim.read_as(*reading);
    let theirs = Words::of(&text.text);
    let cut = text.state == TextState::Truncated;
    let compare = |reading: &Reading| {
        let words = reading.words(draft);
        let found = differences(&Words::of(&words), &theirs, &text.links, cut);
        (words.trim().to_owned(), found)
    };
    let chosen = &claim.readings[*reading];
    // The comma before an interruption may be the draft's.
    let others = claim.readings.iter().filter(|other| other.range == chosen.range && *other != chosen);
    let others = others.filter(|_| !chosen.without.is_empty());
    let changed = |(_, found): &(String, Differences)| {
        let other = found.pieces.iter().filter(|piece| piece.op != Op::Equal).count();
        (found.altered, found.cut_silently, other)
    };
    let mut read = compare(chosen);
    for other in others.map(compare) {
        if changed(&other) < changed(&read) {
            read = other;
        }
    }
    let (quote, differences) = read;
    verdict.quote = quote;
    verdict.key = Some(candidate.key.clone());
    verdict.revision = Some(text.revision);
    verdict.posted = Some(Posted::of(candidate, text));
    let findings = &mut verdict.findings;
    if findings.is_empty() {
        of_words(&differences, findings);
    }
    let mut of_author = of_author(draft, claim, chosen, (candidate, text), zone);
    let is_handle = |finding: &Finding| matches!(finding, Finding::WrongHandle(_));
    if of_author.iter().any(is_handle) && is_of_another_site(draft, claim, chosen, &candidate.post) {
        of_author.retain(|finding| !is_handle(finding));
    }
    findings.extend(of_author);
    if text.revision != candidate.revision {
        findings.push(Finding::Edited(format!(
            "these are the words of revision {} of {}",
            text.revision, candidate.revision
        )));
    }
    if let Some(at) = candidate.deleted {
        findings.push(Finding::Deleted(at.format("on %Y-%m-%d %H:%M UTC").to_string()));
    }
    if findings.iter().any(|finding| {
        matches!(finding, Finding::Altered(_) | Finding::Shortened | Finding::Cut | Finding::Doubtful(_))
    }) && differences.pieces.iter().any(|piece| piece.op != Op::Equal)
    {
        verdict.diff = differences.pieces;
    }
    verdict
}

/// Whether the handle that a draft names stands only in the address of a profile, and that is one of another platform than the post
/// is of: people go by other handles there.
fn is_of_another_site(draft: &Draft, claim: &Claim, reading: &Reading, post: &Post) -> bool {
    /// How far from the words the link may stand, and how many links are looked at.
    const REACH: usize = 1000;
    const MOST: usize = 40;
    let Some(handle) = claim.handle.as_ref().filter(|_| platform::by_name(&post.platform).is_some()) else {
        return false;
    };
    let (from, to) = (reading.range.start.saturating_sub(REACH), reading.range.end + REACH);
    let (from, to) = (draft.text.ceil_char_boundary(from), draft.text.floor_char_boundary(to));
    let is_printed = draft.text[from..to].to_lowercase().contains(&format!("@{}", handle.folded()));
    let first = draft.links.partition_point(|(link, _)| link.start < from);
    let near = draft.links[first..].iter().take_while(|(link, _)| link.start <= to).take(MOST);
    let mut sites = near
        .filter_map(|(_, url)| platform::profile_at(url))
        .filter(|(_, of)| of.folded() == handle.folded())
        .map(|(site, _)| site.name);
    !is_printed && sites.next().is_some_and(|site| site != post.platform && sites.all(|site| site != post.platform))
}

/// What is to be said of whom and when the draft names beside the words. Where that may belong to something else, it is doubtful.
fn of_author(
    draft: &Draft,
    claim: &Claim,
    reading: &Reading,
    (candidate, text): (&Candidate, &Text),
    zone: Zone,
) -> Vec<Finding> {
    let handle = of_handle(claim, candidate, text);
    let is_of_another = matches!(handle, Some(Finding::WrongHandle(_)))
        && claim.others.iter().any(|other| known_handle(other, candidate).is_some());
    let found = [handle, of_name_in(draft, claim, reading, (candidate, text)), of_date(claim, &candidate.post, zone)];
    let mut found: Vec<Finding> = found.into_iter().flatten().collect();
    let doubt = if is_of_another {
        "several are named beside the words"
    } else if !claim.attributed {
        "named near by, and perhaps not for these words"
    } else {
        return found;
    };
    let wrong: Vec<String> = found
        .iter()
        .filter(|finding| finding.is_fault())
        .map(|finding| format!("{}: {}", finding.kind(), finding.detail()))
        .collect();
    found.retain(|finding| !finding.is_fault());
    if !wrong.is_empty() {
        found.push(Finding::Doubtful(format!("{doubt}: {}", wrong.join("; "))));
    }
    found
}

fn of_words(found: &Differences, findings: &mut Vec<Finding>) {
    if found.altered {
        let what = if found.only_brackets {
            "only what an editor put in square brackets"
        } else if found.only_case {
            "only capital and small letters"
        } else if found.only_marks {
            "only punctuation"
        } else {
            ""
        };
        findings.push(Finding::Altered(what.to_owned()));
    }
    if found.cut_silently {
        findings.push(Finding::Cut);
    }
    if found.cut_with_ellipsis {
        findings.push(Finding::Shortened);
    }
    if found.goes_beyond {
        findings.push(Finding::Doubtful(
            "the archive's text was cut by its source, and the draft goes on behind it".to_owned(),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::Verbatim);
    }
}

#[cfg(test)]
mod tests {
    use super::super::claims::claims;
    use super::*;
    use crate::model::{Author, Handle, Precision, When, WhenSource};

    fn candidate(text: &str, handle: &str, at: Option<&str>) -> Candidate {
        let author = Author { handle: Handle::new(handle), ..Author::default() };
        let created = at.and_then(|at| When::new(at.parse().ok()?, Precision::Second, WhenSource::Platform));
        let post = Post { text: text.to_owned(), author, created, ..Post::default() };
        let said = Text {
            revision: 1,
            text: text.to_owned(),
            state: TextState::Complete,
            links: Vec::new(),
            author: (Some(handle.to_owned()), None),
        };
        let key = format!("key-of-{handle}");
        Candidate { key, post, revision: 1, texts: vec![said], names: Vec::new(), deleted: None, linked: false }
    }

    fn kinds(draft: &str, candidates: &[Candidate]) -> String {
        let draft = Draft::read(draft.as_bytes(), draft, "draft.txt", None).unwrap();
        let found: Vec<String> = claims(&draft)
            .0
            .iter()
            .filter_map(|claim| judge(&draft, claim, candidates, Zone::UTC))
            .map(|verdict| verdict.findings.iter().map(Finding::kind).collect::<Vec<_>>().join(", "))
            .collect();
        found.join(" | ")
    }

    const NOON: Option<&str> = Some("2021-07-26T12:00:00Z");
    const WORDS: &str = "We will not leave the old harbour.";

    #[test]
    fn what_cannot_be_told_is_doubtful() {
        let (ada, ben) = (candidate(WORDS, "ada", NOON), candidate(WORDS, "ben", NOON));
        let signed = |who: &str| format!("{WORDS} — {who}");
        for (draft, candidates, expected) in [
            // The handle tells two people's equal words apart, and so does a handle that is neither's.
            (signed("Ada (@ada) July 26, 2021"), vec![ada.clone(), ben.clone()], "verbatim"),
            (signed("Ada, July 26, 2021"), vec![ada.clone(), ben.clone()], ""),
            (format!("“{WORDS}” — Ada, July 26, 2021"), vec![ada.clone(), ben.clone()], "verbatim, doubtful"),
            (signed("Cy (@cy) July 26, 2021"), vec![ada.clone(), ben.clone()], "verbatim, wrong handle, doubtful"),
            (signed("Ada (@ada) July 26, 2021"), vec![candidate(WORDS, "ada", None)], "verbatim, doubtful"),
            (
                signed("Ada (@ada)"),
                vec![ada.clone(), candidate(WORDS, "ada", Some("2021-07-29T12:00:00Z"))],
                "verbatim, doubtful",
            ),
            (
                signed("Ada (@ada), 29 July 2021"),
                vec![ada.clone(), candidate(WORDS, "ada", Some("2021-07-29T12:00:00Z"))],
                "verbatim",
            ),
            (
                signed("Ada (@ada)"),
                vec![Candidate { deleted: NOON.map(|at| at.parse().unwrap()), ..ada.clone() }],
                "verbatim, deleted since",
            ),
            (signed("Ada (@ada)"), vec![], "not in the archive"),
        ] {
            // A name and a date alone are no sure sign of a quotation, but what the archive holds is one.
            let expected = if expected.is_empty() { "verbatim, doubtful" } else { expected };
            assert_eq!(kinds(&draft, &candidates), expected, "{draft}");
        }
        let mut cut = candidate("We will not leave the old…", "ada", NOON);
        cut.texts[0].state = TextState::Truncated;
        assert_eq!(kinds(&signed("Ada (@ada)"), &[cut]), "doubtful");
    }

    #[test]
    fn a_link_says_which_post_is_meant() {
        let linked = Candidate { linked: true, ..candidate(WORDS, "ada", NOON) };
        let other = candidate("The council has lied to us for ten years!", "ben", NOON);
        for (draft, expected) in [
            ("“We will leave the old harbour.” https://x.com/ada/status/20", "altered"),
            ("“The council has lied to us for ten years!” https://x.com/ada/status/20", "verbatim, wrong link"),
            ("“The weather is fine and mild today!” https://x.com/ada/status/20", "altered"),
        ] {
            assert_eq!(kinds(draft, &[linked.clone(), other.clone()]), expected, "{draft}");
        }
    }
}
