//! Checking a draft: which posts it quotes, and whether it quotes them as they were written.
//!
//! Pure: a draft's text becomes claims ([`claims`]), and a claim beside the posts that may be meant becomes a verdict
//! ([`judge`]). Finding those posts in an archive is the caller's. More forms are read here than an import takes in
//! (`platform`'s articles): nothing is kept of a draft, so a claim may have several readings, of which the archive's text
//! decides.

mod addresses;
mod align;
mod alike;
mod candidate;
mod claims;
mod clues;
mod dates;
mod days;
mod differ;
mod docx;
mod draft;
mod finding;
mod lexicon;
mod marks;
mod markup;
mod names;
mod nearby;
mod persons;
pub mod report;
mod tokens;
mod verdict;
mod who;

pub use addresses::{is_post, known_as};
pub use candidate::{Candidate, Posted, Text};
pub use claims::{Claim, MOST, Name, Reading, Rival, claims, claims_knowing};
pub use clues::{Clues, clues};
pub use dates::Printed;
pub use differ::{Op, Piece};
pub use draft::{Draft, DraftError, KINDS, Kind, LARGEST};
pub use finding::Finding;
pub use verdict::{Verdict, judge, outermost};
