//! The sentences of a methods section.

use std::collections::BTreeSet;

use super::super::words::{counted, length, listed, share};
use super::Methods;
use crate::chart::{grouped, moment};
use crate::coverage::{Cause, Reach};
use crate::model::{Precision, When};

impl Methods {
    /// What was asked, when, what came, what is covered.
    pub(super) fn sentences(&self) -> Vec<String> {
        [self.question(), self.collection(), self.harvest(), self.covered()]
            .into_iter()
            .map(|sentences| sentences.join(" "))
            .filter(|paragraph| !paragraph.is_empty())
            .collect()
    }

    fn question(&self) -> Vec<String> {
        let versions = self.versions();
        let versions = match versions.len() {
            0 => String::new(),
            1 => format!(" (version {})", listed(&versions)),
            _ => format!(" (versions {})", listed(&versions)),
        };
        let mut said = Vec::new();
        let tags = |tags: &[String]| listed(&tags.iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>());
        match &self.asked {
            Some(asked) => {
                let any = if asked.tags.len() == 1 { "the hashtag" } else { "any of the hashtags" };
                said.push(format!("Posts with {any} {} were collected with pullquote{versions}.", tags(&asked.tags)));
                if !asked.all.is_empty() {
                    said.push(format!("They had to carry {}, too.", tags(&asked.all)));
                }
                if !asked.none.is_empty() {
                    said.push(format!("They were not to carry {}.", tags(&asked.none)));
                }
                if let Some(words) = &asked.words {
                    said.push(format!("Where a platform takes further operators, it was asked with “{words}”."));
                }
                said.push(format!("The sources were {}.", listed(&asked.sources)));
                said.push(match (asked.since, asked.until) {
                    (None, None) => "No bounds of time were set.".to_owned(),
                    (Some(since), None) => {
                        format!("Asked for were posts written from {} on.", moment(since, self.zone))
                    }
                    (None, Some(until)) => format!("Asked for were posts written before {}.", moment(until, self.zone)),
                    (Some(since), Some(until)) => format!(
                        "Asked for were posts written from {} to before {}.",
                        moment(since, self.zone),
                        moment(until, self.zone)
                    ),
                });
                said.push("This is what the configuration says now; what it said before, only the names of the sources below tell.".to_owned());
            }
            None => {
                let sources: Vec<String> = self.summary.sources.keys().cloned().collect();
                said.push(format!("The posts were collected with pullquote{versions}."));
                said.push(format!(
                    "The configuration no longer has the job; what was asked is told by the names of its sources: {}.",
                    listed(&sources)
                ));
            }
        }
        said
    }

    fn collection(&self) -> Vec<String> {
        let summary = &self.summary;
        let mut said = Vec::new();
        if let Some((first, last)) = summary.first_capture.zip(summary.last_capture) {
            said.push(format!(
                "{} were kept, the first on {} and the last on {} (times are those of {}).",
                capital(&counted(summary.captures, "answer of a server", "answers of servers")),
                moment(first, self.zone),
                moment(last, self.zone),
                self.zone
            ));
        }
        let begun: u64 = self.sights.iter().map(|sight| sight.survey.looks.0).sum();
        let done: u64 = self.sights.iter().map(|sight| sight.survey.looks.1).sum();
        if begun > 0 {
            said.push(format!(
                "{} at the sources, page by page, {} begun, and {} came to {} end.",
                capital(&counted(begun, "look", "looks")),
                if begun == 1 { "was" } else { "were" },
                grouped(done),
                if done == 1 { "its" } else { "their" }
            ));
        }
        if summary.rechecks > 0 {
            said.push(format!(
                "{} had by looking again at posts that were here already.",
                capital(&some(summary.rechecks, "of the answers was", "of the answers were"))
            ));
        }
        match self.asked.as_ref().map(|asked| (&asked.schedule, asked.follow)) {
            Some((Some(schedule), follow)) => {
                let streams = if follow { ", and to listen to streams where there are any" } else { "" };
                said.push(format!("The configuration says to look by the schedule “{schedule}”{streams}."));
            }
            Some((None, _)) => said.push("The configuration names no schedule.".to_owned()),
            None => {}
        }
        said
    }

    fn harvest(&self) -> Vec<String> {
        let all = &self.summary.all;
        let mut said = vec![format!(
            "The archive holds {} that the sources showed, by {}{}.",
            counted(all.posts, "post", "posts"),
            counted(all.accounts, "account", "accounts"),
            match all.nameless {
                0 => String::new(),
                nameless =>
                    format!(" and by those whom the sources do not name ({})", counted(nameless, "post", "posts")),
            }
        )];
        if all.nested > 0 {
            said.push(format!(
                "{} more {} only seen inside those, and {} not counted.",
                grouped(all.nested),
                if all.nested == 1 { "was" } else { "were" },
                if all.nested == 1 { "is" } else { "are" }
            ));
        }
        if let Some((first, last)) = all.first.zip(all.last) {
            said.push(format!("They are dated from {} to {}.", self.date(first), self.date(last)));
        }
        for (number, what) in [(all.day_only, "a day only"), (all.undated, "no date")] {
            if number > 0 {
                said.push(format!("Of {} {what} is known.", counted(number, "post", "posts")));
            }
        }
        said.push(format!(
            "{} seen in more than one state; {} called edited by {} platform.",
            capital(&some(all.revised, "was", "were")),
            some(all.edited, "is", "are"),
            if all.edited == 1 { "its" } else { "their" }
        ));
        said.push(format!("{} known to be deleted since.", capital(&some(all.deleted, "is", "are"))));
        said
    }

    pub(super) fn date(&self, when: When) -> String {
        match when.precision() {
            Precision::Day => when.at().format("%-d %B %Y").to_string(),
            Precision::Minute | Precision::Second => moment(when.at(), self.zone),
        }
    }

    fn covered(&self) -> Vec<String> {
        let mut said: Vec<String> =
            self.sights.iter().map(|sight| format!("{}: {}", sight.survey.source, sight.said(self.zone))).collect();
        if said.is_empty() {
            said.push("The archive has no ledger of the time that is covered.".to_owned());
        }
        // Together they say more than each, but only where both ends are known of all of them.
        let finite: Vec<_> = self.sights.iter().filter_map(|sight| Some((sight, sight.survey.asked?))).collect();
        if finite.len() > 1 && finite.iter().all(|(_, asked)| !asked.is_open()) {
            let covered = finite.iter().map(|(sight, asked)| sight.survey.covered.within(*asked)).sum();
            let asked = finite.iter().map(|(_, asked)| asked.length()).sum();
            said.extend(share(covered, asked).map(|share| {
                format!("Of the {} that were asked for in all, source by source, {share} are covered.", length(asked))
            }));
        }
        said
    }

    /// What none of the numbers means.
    pub(super) fn limits(&self) -> Vec<String> {
        let mut limits = vec![
            "Posts that were deleted, hidden or made private before they were first looked for are missing, and nobody can tell how many."
                .to_owned(),
            "Posts of protected accounts, and whatever a server shows only to others than the one who asked, are missing.".to_owned(),
            "A post that reached a server after its time had been read is here only if a later look went back far enough, or another \
             source showed it: it may be missing from time that is called covered."
                .to_owned(),
            "Edits and deletions are known only where a stream, or a look that came later, told of them: their numbers are the least that \
             there were."
                .to_owned(),
            "Accounts are counted as platforms name them: one person may have several, and several people one.".to_owned(),
            "Languages are those that platforms or their users state; many posts state none, and some a wrong one.".to_owned(),
        ];
        let causes: BTreeSet<Cause> =
            self.sights.iter().flat_map(|sight| &sight.survey.gaps).map(|gap| gap.cause).collect();
        if causes.contains(&Cause::PageCap) {
            limits.push(
                "Where a platform shows no more than its newest posts, what is older cannot be had by asking again: such gaps stay.".to_owned(),
            );
        }
        if self.sights.iter().any(|sight| sight.survey.reach == Some(Reach::None)) {
            limits.push(
                "Of sources that show a choice, or in no order of time, no stretch is called covered.".to_owned(),
            );
        }
        let summary = &self.summary;
        let mut numbers = |number: u64, one: &str, many: &str, what: &str| {
            if number > 0 {
                limits.push(format!("{} {what}", capital(&counted(number, one, many))));
            }
        };
        numbers(
            summary.problems,
            "answer",
            "answers",
            "held nothing that could be read, errors of servers among them; they are kept, and counted nowhere else.",
        );
        numbers(summary.skipped, "item", "items", "on pages that were read gave no post.");
        numbers(
            summary.recorded,
            "answer",
            "answers",
            "came from shipped examples, whose people and posts are invented.",
        );
        for sight in self.sights.iter().filter(|sight| sight.before_ledger.is_some()) {
            limits.push(format!(
                "{}: there are captures from before its ledger was kept; what they cover is not counted.",
                sight.survey.source
            ));
        }
        for sight in &self.sights {
            limits.extend(sight.survey.trouble.map(|(cause, since)| {
                format!(
                    "{}: when it was last asked, {}; so it has been since {}.",
                    sight.survey.source,
                    cause.about(),
                    moment(since, self.zone)
                )
            }));
        }
        limits
    }
}

/// How many posts are something: `none is`, `one is`, `12 are`.
fn some(number: u64, one: &str, many: &str) -> String {
    match number {
        0 => format!("none {one}"),
        1 => format!("one {one}"),
        number => format!("{} {many}", grouped(number)),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
