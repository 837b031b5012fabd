//! Counts as an article needs them: a series over time as a table, a plot for a terminal, a picture (SVG, PNG), and a
//! sentence that says how big something was; and strips, a row each, of what lies along one stretch of time. Pure.
//!
//! Nothing here reads the archive or the clock, or knows what is counted but that they are posts. The same counts give the
//! same bytes.

mod axis;
mod describe;
mod layout;
mod plot;
mod png;
mod series;
mod size;
mod strips;
mod svg;
mod table;
mod tally;
mod words;

use chrono::{DateTime, Utc};

pub use self::png::png;
pub use plot::plot;
pub use series::{Bin, Covered, Series};
pub use size::{Said, Size, sentences};
pub use strips::{Kind, Look, Piece, Strip, Strips};
pub use svg::svg;
pub use table::{csv, table};
pub use tally::Tally;
pub use words::{grouped, moment};

/// The length of a bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A minute.
    Minute,
    /// From one full hour of the zone's clocks to the next.
    Hour,
    /// A day of the zone's calendar, which has 23 or 25 hours twice a year.
    Day,
}

impl Step {
    /// The word by which it is asked for.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Minute => "minute",
            Step::Hour => "hour",
            Step::Day => "day",
        }
    }

    /// Its usual length in seconds.
    fn seconds(self) -> i64 {
        match self {
            Step::Minute => 60,
            Step::Hour => 3600,
            Step::Day => 86_400,
        }
    }
}

/// A stretch of time that is not covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end; `None` if it goes on.
    pub until: Option<DateTime<Utc>>,
    /// Whether nothing at all can have come from it; else nothing from one source, and others may have brought some.
    pub whole: bool,
    /// Why, as a fragment.
    pub why: String,
}

/// A series with the words around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// What is counted: `Posts that match …`.
    pub title: String,
    /// The counts.
    pub series: Series,
    /// What must be said beside them, a sentence each.
    pub notes: Vec<String>,
}
