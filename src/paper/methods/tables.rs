//! The tables of a methods section.

use std::cmp::Reverse;

use chrono::TimeDelta;

use super::super::page::Block;
use super::super::words::{counted, instant, length};
use super::Methods;
use crate::chart::grouped;
use crate::coverage::{Cause, Gap};

/// What stands where there is nothing to say.
const NONE: &str = "–";

/// Languages that the table names of each source.
const LANGUAGES: usize = 5;

impl Methods {
    pub(super) fn tables(&self) -> Vec<Block> {
        [self.posts(), self.time(), self.causes(), self.gaps()].into_iter().flatten().collect()
    }

    /// What each source brought.
    fn posts(&self) -> Option<Block> {
        let shown = |counts: &[(String, u64)], most: usize| {
            let mut shown: Vec<String> =
                counts.iter().take(most).map(|(name, number)| format!("{name} {}", grouped(*number))).collect();
            if counts.len() > most {
                shown.push("…".to_owned());
            }
            if shown.is_empty() { NONE.to_owned() } else { shown.join(", ") }
        };
        let row = |name: String, summary: &crate::store::Summary| {
            let date = |when: Option<crate::model::When>| when.map_or_else(|| NONE.to_owned(), |when| self.date(when));
            vec![
                name,
                grouped(summary.posts),
                grouped(summary.accounts),
                date(summary.first),
                date(summary.last),
                shown(&summary.kinds, summary.kinds.len()),
                shown(&summary.languages, LANGUAGES),
            ]
        };
        let mut rows: Vec<Vec<String>> =
            self.summary.sources.iter().map(|(source, summary)| row(source.clone(), summary)).collect();
        if rows.len() > 1 {
            rows.push(row("all, each post once".to_owned(), &self.summary.all));
        }
        let head = vec!["source", "posts", "accounts", "first", "last", "kinds", "languages"];
        (!rows.is_empty()).then(|| Block::Table { title: "Posts by source".to_owned(), head, rows })
    }

    /// What each source was asked for, and what is covered of it.
    fn time(&self) -> Option<Block> {
        let none = || NONE.to_owned();
        let rows: Vec<Vec<String>> = self
            .sights
            .iter()
            .map(|sight| {
                let survey = &sight.survey;
                let at = |at| instant(at, self.zone);
                vec![
                    survey.source.clone(),
                    survey.asked.map_or_else(none, |asked| at(asked.since)),
                    survey.asked.map_or_else(none, |asked| at(asked.until)),
                    sight.share().unwrap_or_else(none),
                    survey.asked.map_or_else(none, |_| survey.gaps.len().to_string()),
                    sight.longest().map_or_else(none, length),
                    survey.last_asked.map_or_else(none, at),
                ]
            })
            .collect();
        let head = vec!["source", "from", "to", "covered", "gaps", "longest", "last asked"];
        (!rows.is_empty()).then(|| Block::Table { title: "Time asked for and covered".to_owned(), head, rows })
    }

    fn all_gaps(&self) -> Vec<(&str, &Gap)> {
        let of = |sight: &'_ super::Sight| sight.survey.gaps.len();
        let mut all = Vec::with_capacity(self.sights.iter().map(of).sum());
        for sight in &self.sights {
            all.extend(sight.survey.gaps.iter().map(|gap| (sight.survey.source.as_str(), gap)));
        }
        all
    }

    /// How much is missing by each cause.
    fn causes(&self) -> Option<Block> {
        let all = self.all_gaps();
        let row = |cause: Cause| {
            let of: Vec<&Gap> = all.iter().map(|(_, gap)| *gap).filter(|gap| gap.cause == cause).collect();
            let long = of.iter().filter(|gap| !gap.stretch.is_open()).map(|gap| gap.stretch.length());
            let long = long.fold(TimeDelta::zero(), |sum, long| sum + long);
            let open = of.iter().any(|gap| gap.stretch.is_open());
            let open = if open { ", and as far back as there is anything" } else { "" };
            let can = if cause.can_be_closed() { "as far as the source still shows it" } else { "no" };
            let number = of.len();
            (number > 0).then(|| {
                vec![
                    cause.name().to_owned(),
                    cause.about().to_owned(),
                    number.to_string(),
                    format!("{}{open}", length(long)),
                    can.to_owned(),
                ]
            })
        };
        let rows: Vec<Vec<String>> = Cause::ALL.into_iter().filter_map(row).collect();
        let head = vec!["cause", "meaning", "gaps", "time", "can be closed"];
        (!rows.is_empty()).then(|| Block::Table { title: "Gaps by cause".to_owned(), head, rows })
    }

    /// The longest gaps.
    fn gaps(&self) -> Option<Block> {
        let mut all = self.all_gaps();
        all.sort_by_key(|(source, gap)| (Reverse(gap.stretch.length()), gap.stretch, source.to_owned()));
        let (number, most) = (all.len(), self.most_gaps);
        let rows: Vec<Vec<String>> = all
            .into_iter()
            .take(most)
            .map(|(source, gap)| {
                let long = if gap.stretch.is_open() { NONE.to_owned() } else { length(gap.stretch.length()) };
                vec![
                    source.to_owned(),
                    instant(gap.stretch.since, self.zone),
                    instant(gap.stretch.until, self.zone),
                    long,
                    gap.cause.name().to_owned(),
                    if gap.why.is_empty() { NONE.to_owned() } else { gap.why.clone() },
                ]
            })
            .collect();
        let title = if number > most {
            let number = u64::try_from(number).unwrap_or(u64::MAX);
            format!("The {most} longest of {}", counted(number, "gap", "gaps"))
        } else {
            "All gaps".to_owned()
        };
        let head = vec!["source", "from", "to", "length", "cause", "what was said"];
        (!rows.is_empty()).then_some(Block::Table { title, head, rows })
    }
}
