//! A methods section: what was asked, when, what came, what is covered and what is not, and what none of it means. Every number is one of
//! the archive's, and no sentence says more than the ledger does.

mod said;
mod tables;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::cite::{self, Dataset};
use super::page::Block;
use super::pair::Pair;
use super::sight::{Sight, guarantees};
use crate::store::JobSummary;
use crate::zone::Zone;

/// What a job asks for, as its configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Hashtags, any of which a post must carry, without their `#`.
    pub tags: Vec<String>,
    /// Hashtags all of which it must carry beside.
    pub all: Vec<String>,
    /// Hashtags none of which it may carry.
    pub none: Vec<String>,
    /// Further operators.
    pub words: Option<String>,
    /// Sources, as the job names them.
    pub sources: Vec<String>,
    /// Not before.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
    /// When it is run, as the configuration writes it.
    pub schedule: Option<String>,
    /// Whether its streams are listened to.
    pub follow: bool,
}

/// All that a methods section is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Methods {
    /// Name of the job.
    pub job: String,
    /// The zone of dates.
    pub zone: Zone,
    /// What is asked; `None` if the configuration has no such job.
    pub asked: Option<Asked>,
    /// What it brought.
    pub summary: JobSummary,
    /// What is covered of each source.
    pub sights: Vec<Sight>,
    /// Looks that can be held against each other, with posts of the first, of the second, of both.
    pub pairs: Vec<(Pair, (u64, u64, u64))>,
    /// Sources, as job and source, of which nothing can be estimated.
    pub lonely: Vec<(String, String)>,
    /// The link of the chain at the last capture of the archive.
    pub digest: Option<String>,
    /// How many gaps the table names at most, the longest first.
    pub most_gaps: usize,
}

impl Methods {
    /// The section as a page.
    pub fn page(&self) -> Vec<Block> {
        let mut page = vec![Block::Heading(format!("Methods: collection of the data of the job “{}”", self.job))];
        page.extend(self.sentences().into_iter().map(Block::Paragraph));
        page.extend(self.tables());
        let meanings: Vec<String> = self.meanings();
        page.push(Block::Heading("What “covered” means".to_owned()));
        page.push(Block::List(meanings));
        if !self.pairs.is_empty() || !self.lonely.is_empty() {
            page.push(Block::Heading("How complete it is".to_owned()));
            page.push(Block::List(self.estimates()));
        }
        page.push(Block::Heading("Limits".to_owned()));
        page.push(Block::List(self.limits()));
        page.push(Block::Heading("Citation".to_owned()));
        let (data, versions) = (self.dataset(), self.versions());
        page.push(Block::List(vec![data.plain(self.zone), cite::program(&versions)]));
        page.push(Block::Paragraph(
            "Who collected the data the archive does not know: name them as authors.".to_owned(),
        ));
        page.push(Block::Code([data.bibtex(self.zone), cite::program_bibtex(&versions)].concat()));
        page
    }

    /// The numbers of the section as one object.
    pub fn object(&self) -> Value {
        let (data, versions) = (self.dataset(), self.versions());
        let asked = self.asked.as_ref().map(|asked| {
            json!({
                "tags": asked.tags, "all": asked.all, "none": asked.none, "words": asked.words, "sources": asked.sources,
                "since": asked.since, "until": asked.until, "schedule": asked.schedule, "follow": asked.follow,
            })
        });
        json!({
            "job": self.job, "asked": asked, "summary": self.summary,
            "coverage": self.sights.iter().map(Sight::object).collect::<Vec<_>>(),
            "estimates": self.pairs.iter().map(|(pair, counts)| pair.object(*counts)).collect::<Vec<_>>(),
            "limits": self.limits(), "digest": self.digest,
            "citation": {
                "dataset": data.plain(self.zone), "dataset_bibtex": data.bibtex(self.zone).join("\n"),
                "program": cite::program(&versions), "program_bibtex": cite::program_bibtex(&versions).join("\n"),
            },
        })
    }

    fn dataset(&self) -> Dataset {
        Dataset {
            job: self.job.clone(),
            collected: self.summary.first_capture.zip(self.summary.last_capture),
            posts: self.summary.all.posts,
            digest: self.digest.clone(),
        }
    }

    fn versions(&self) -> Vec<String> {
        self.summary.versions.iter().map(|(version, _)| version.clone()).collect()
    }

    /// What "covered" means: everywhere, and with each platform.
    fn meanings(&self) -> Vec<String> {
        let mut meanings = vec![
            "A stretch of time is called covered if everything was read that the server showed of it when it was asked. It is not said \
             that this is all that was written."
                .to_owned(),
        ];
        meanings.extend(guarantees(&self.sights).into_iter().map(|(name, guarantee)| format!("{name}: {guarantee}.")));
        meanings
    }

    fn estimates(&self) -> Vec<String> {
        let mut said: Vec<String> = self.pairs.iter().map(|(pair, counts)| pair.said(*counts).join(" ")).collect();
        if !self.pairs.is_empty() {
            said.push(format!(
                "The estimates are Chapman's (1951), their intervals Chao's (1987). Assumed: {}.",
                crate::coverage::ASSUMPTIONS
            ));
        }
        said.extend(self.lonely.iter().map(|(_, source)| {
            format!("{source}: nothing can be estimated, for no second look covers any of its time.")
        }));
        said
    }
}
