//! What a pull tells of one source: counted page by page, and how it ended.

use chrono::{DateTime, Utc};

use super::{Listened, MediaReport, Task};
use crate::coverage::Cause;
use crate::ingest::{Kept, Reasons};
use crate::store::{Standing, Tally};

/// How a source's pull ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Everything the source offers was read.
    Done,
    /// The page limit was reached; the next pull goes on.
    PageLimit,
    /// The budget does not allow the next request, and why; the next pull goes on.
    Budget(String),
    /// The user stopped it; the next pull goes on.
    Interrupted,
    /// It could not go on; the next pull tries again.
    Failed(String),
}

impl End {
    /// The word for it, wherever programs read it.
    pub fn name(&self) -> &'static str {
        match self {
            End::Done => "done",
            End::PageLimit => "page-limit",
            End::Budget(_) => "budget",
            End::Interrupted => "interrupted",
            End::Failed(_) => "failed",
        }
    }

    /// Why it came to that, where there is more to say.
    pub fn why(&self) -> Option<&str> {
        match self {
            End::Budget(why) | End::Failed(why) => Some(why),
            End::Done | End::PageLimit | End::Interrupted => None,
        }
    }

    /// What the ledger of coverage calls it, where that does not depend on what failed.
    pub(super) fn cause(&self) -> Option<Cause> {
        match self {
            End::Done | End::Failed(_) => None,
            End::PageLimit => Some(Cause::PageLimit),
            End::Budget(_) => Some(Cause::Budget),
            End::Interrupted => Some(Cause::Stopped),
        }
    }
}

/// What one source gave.
#[derive(Debug, Clone)]
pub struct Report {
    /// Name of the job.
    pub job: String,
    /// Name of the source.
    pub source: String,
    /// Requests sent, retries, log-ins and media included.
    pub requests: u64,
    /// Pages read.
    pub pages: u64,
    /// Units used up of what the platform meters.
    pub units: u64,
    /// What they cost, in US dollars.
    pub dollars: f64,
    /// Posts new, known and changed.
    pub tally: Tally,
    /// Posts that are gone, as was heard.
    pub deleted: u64,
    /// Items that gave no post, by reason.
    pub skipped: Reasons,
    /// What is doubtful about posts that were kept.
    pub doubts: Reasons,
    /// Keys of the posts, if they were asked for by address.
    pub keys: Vec<String>,
    /// What became of the post, if one was asked for by its address and the answer does say.
    pub standing: Option<Standing>,
    /// The platform's own words in place of a post that the archive holds.
    pub answer: Option<String>,
    /// Time of the oldest and of the newest post seen in this pull.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Pictures, films and sounds that were fetched for the job.
    pub media: MediaReport,
    /// What was listened to, where a stream was followed.
    pub listened: Option<Listened>,
    /// How it ended.
    pub end: End,
    /// Why it did not come to its end, as the ledger of coverage calls it; `None` if it did.
    pub cause: Option<Cause>,
}

impl Report {
    /// Nothing yet, of a source that is to be asked.
    pub fn of(task: &Task) -> Report {
        Report {
            job: task.job.clone(),
            source: task.source.clone(),
            requests: 0,
            pages: 0,
            units: 0,
            dollars: 0.0,
            tally: Tally::default(),
            deleted: 0,
            skipped: Reasons::default(),
            doubts: Reasons::default(),
            keys: Vec::new(),
            standing: None,
            answer: None,
            span: None,
            media: MediaReport::default(),
            listened: None,
            end: End::Done,
            cause: None,
        }
    }

    /// Counts what a capture held.
    pub(super) fn count(&mut self, page: Kept, tally: Tally) {
        self.tally += tally;
        self.deleted += page.deleted as u64;
        self.keys.extend(page.keys);
        (self.standing, self.answer) = (page.standing, page.answer);
        self.skipped.extend(page.skipped);
        self.doubts.extend(page.doubts);
        self.reach(page.span);
    }

    fn reach(&mut self, span: Option<(DateTime<Utc>, DateTime<Utc>)>) {
        self.span = match (self.span, span) {
            (Some((oldest, newest)), Some((older, newer))) => Some((oldest.min(older), newest.max(newer))),
            (known, new) => known.or(new),
        };
    }

    pub(super) fn add_media(&mut self, media: MediaReport) {
        self.requests += media.requests;
        self.media = media;
    }

    /// A pull that was stopped while it fetched media is not done.
    pub(super) fn stopped(&mut self, stop: bool) {
        if stop && self.end == End::Done && self.media.left.is_some() {
            self.end = End::Interrupted;
        }
    }

    /// Adds what another pull of the same source gave.
    pub(super) fn add(&mut self, other: Report) {
        self.requests += other.requests;
        self.pages += other.pages;
        self.units += other.units;
        self.dollars += other.dollars;
        self.tally += other.tally;
        self.deleted += other.deleted;
        self.skipped.extend(other.skipped);
        self.doubts.extend(other.doubts);
        self.keys.extend(other.keys);
        self.reach(other.span);
    }
}
