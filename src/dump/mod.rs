//! Files of other tools: dumps that hold posts of some platform, in a wrapping or a table of the tool's own.
//!
//! A dump is a [`Platform`] of which nothing can be pulled: it has a name, shapes and a parser. Where it wraps what a
//! platform sent, it hands that on to the platforms, by content ([`platform::ALL`]); where it has columns of its own, it
//! finds out by the post's address which platform it is of ([`platform::post_at`]). To add one, write its file, and name
//! it in the two lists below.

mod address;
mod crowdtangle;
mod fourcat;
mod gallerydl;
mod inside;
mod json2csv;
pub mod mapped;
mod snscrape;
mod table;
mod twarc_csv;
mod tweet;
mod waybacktweets;
mod wrapped;
mod ytdlp;
mod zeeschuimer;

use crate::platform::{self, Platform};
pub(crate) use table::{Extent, Head, LONGEST, Records};

/// Every dump, in the order in which their parsers are offered an unknown file.
pub const ALL: &[&Platform] = &[
    &zeeschuimer::PLATFORM,
    &snscrape::PLATFORM,
    &gallerydl::PLATFORM,
    &ytdlp::PLATFORM,
    // Tables.
    &twarc_csv::PLATFORM,
    &json2csv::PLATFORM,
    &fourcat::PLATFORM,
    &waybacktweets::PLATFORM,
    &crowdtangle::PLATFORM,
    &mapped::PLATFORM,
];

/// What is offered a file when nobody else reads it.
pub const LAST: &[&Platform] = &[&inside::PLATFORM];

/// Everything that reads a file: the dumps, which are the more particular, then the platforms, and what comes last.
pub fn readers() -> impl Iterator<Item = &'static Platform> {
    ALL.iter().chain(platform::ALL).chain(LAST).copied()
}

/// The reader of that name.
pub fn by_name(name: &str) -> Option<&'static Platform> {
    readers().find(|reader| reader.name == name)
}
