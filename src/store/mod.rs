//! The database of an archive: an index of its captures, and the only user of rusqlite.
//!
//! [`Writer`] is the one way in: a thread that commits a capture's row, its posts and the state of its source together.
//! [`Reader`] is the way out, on a connection that cannot write. schema.sql says what every column means and which rule
//! chose among sources; nothing here decides what a post is or how it is printed.

mod account;
mod again;
mod authority;
mod batch;
mod check;
mod columns;
mod compare;
mod content;
mod counts;
mod coverage;
mod covered;
mod dates;
mod deletion;
mod density;
mod desk;
mod differ;
mod each;
mod error;
mod expression;
mod facets;
mod file;
mod fill;
mod filter;
mod gaps;
mod id;
mod index;
mod lost;
mod matches;
mod media;
mod merge;
mod named;
mod open;
mod overlap;
mod read;
mod recheck;
mod revision;
mod row;
mod search;
mod state;
mod summary;
mod version;
mod words;
mod writer;

use chrono::{DateTime, Utc};

use crate::coverage::Step;
use crate::exchange::Facts;
use crate::model::{CaptureRef, Deletion, Found, Skipped};

pub use check::check;
pub use compare::{Change, changes, fingerprint};
pub use coverage::{Coverage, Uncovered};
pub use deletion::Deleted;
pub use desk::{Change as ClipChange, Clip, Desk, Permission, Quotation};
pub use differ::differences;
pub use each::{Whole, WholeCapture};
pub use error::StoreError;
pub use facets::{FACETED, Facet, FacetCounts, Facets, Value};
pub use file::{remove, replace, set_aside};
pub use fill::Drift;
pub use lost::lost_captures;
pub use matches::{Detail, Match};
pub use media::MediaFile;
pub use open::{MIGRATIONS, SCHEMA};
pub use read::{AccountName, CaptureRow, Counts, Lookup, Reader, Sighting, SourceCounts};
pub use recheck::{Recheck, Rechecked, Standing, Watched};
pub use revision::Revision;
pub use row::Stored;
pub use search::{MAX_LIMIT, Plan, RANKED, Results, Search, Sort};
pub use state::{Progress, SourceState};
pub use summary::{JobSummary, Summary};
pub use writer::{Pending, Writer};

/// A capture that is on disk, and everything that was found in it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCapture {
    /// Where it stands in the WARC files.
    pub place: CaptureRef,
    /// What pullquote knows about it beyond the bytes.
    pub facts: Facts,
    /// What was asked.
    pub url: String,
    /// HTTP status; 200 for a file.
    pub status: u16,
    /// Media type in lower case; empty if none was named.
    pub media_type: String,
    /// When the answer was complete.
    pub fetched_at: DateTime<Utc>,
    /// Bytes of the payload as kept.
    pub length: u64,
    /// The shape in which its posts came; empty if it holds none.
    pub shape: &'static str,
    /// Why nothing could be read from it, or why the pull does not go on where it leads.
    pub problem: Option<String>,
    /// Whether the problem is that the server will refuse every other request, too.
    pub is_closed: bool,
    /// Posts in reading order.
    pub posts: Vec<Found>,
    /// Items that gave no post.
    pub skipped: Vec<Skipped>,
    /// Posts that are gone, as it says.
    pub deleted: Vec<Deletion>,
    /// The picture, film or sound that it holds, if that is what it was asked for.
    pub media: Option<MediaFile>,
    /// What it changes in the state of `facts.source` of `facts.job`; `None` for an import.
    pub progress: Option<Progress>,
    /// What it tells of the time that is covered; `None` for what is no look at a source of a job.
    pub step: Option<Step>,
    /// Units that it used up of what its platform meters.
    pub units: u64,
    /// How a post stood that was looked at again.
    pub recheck: Option<Recheck>,
}

/// What a capture brought, nested posts included. A post that could not be kept is in none of these, but in `skipped`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Posts that the archive did not have.
    pub new: u64,
    /// Posts that it had and that say nothing new; counts of likes and the like are not looked at.
    pub known: u64,
    /// Posts that it had and that changed: an edit, a text made whole, a better time, a field that was missing.
    pub changed: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.new += other.new;
        self.known += other.known;
        self.changed += other.changed;
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Tally>>(tallies: I) -> Tally {
        tallies.fold(Tally::default(), |mut total, tally| {
            total += tally;
            total
        })
    }
}
