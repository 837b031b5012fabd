//! Imports: files that people already have become captures and go the same way in as what was pulled.
//!
//! Which parser reads a file is decided by what is in it, never by its name. The bytes are kept as they are; a file
//! of lines is kept in parts of about a megabyte, so that its size does not matter.

mod container;
mod detect;
mod har;
mod open;
mod table;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::exchange::{Exchange, Facts, IMPORT};
use crate::http::{HttpError, Sent};
use crate::ingest::{Crew, Draft, IngestError, Keeper, Readied, Reasons};
use crate::store::Tally;
use crate::warc::ForeignError;

pub use detect::{Piece, Pieces, Unknown, detect, mapped_pieces, pieces};
pub use open::Part;

/// Why a file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system or the decompressor said.
        source: std::io::Error,
    },
    /// The file is of no kind that is read here.
    #[error("{path} {what}")]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it is instead: `is empty`.
        what: String,
    },
    /// The file holds more than is read, or is packed in a way that is not undone.
    #[error("{path} {what}")]
    Large {
        /// The file.
        path: PathBuf,
        /// What is too much.
        what: String,
    },
    /// No parser knows its shape.
    #[error("{path} holds no posts that can be read: {unknown}")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What each parser missed.
        unknown: Unknown,
    },
    /// It is a WARC file with a damaged record.
    #[error("read {path}: {source}")]
    Warc {
        /// The file.
        path: PathBuf,
        /// The damage.
        source: ForeignError,
    },
    /// An entry of a file that holds files cannot be read. The others follow.
    #[error("{name} {what}")]
    Entry {
        /// Its name in the archive; empty for one that has none.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// No answer came from its address.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The archive cannot keep it.
    #[error(transparent)]
    Ingest(#[from] IngestError),
}

impl ImportError {
    /// Whether the archive is at fault: then no other file can be imported either.
    pub fn is_of_the_archive(&self) -> bool {
        matches!(self, ImportError::Ingest(error) if !error.spares_the_archive())
    }
}

/// The bytes that reading it will count: of a folder those of all files in it; 0 if nobody can say.
pub fn size(path: &Path) -> u64 {
    container::size(path)
}

/// What one file gave.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Captures kept.
    pub captures: u64,
    /// Parts whose bytes were kept already, by an earlier import.
    pub already: u64,
    /// Files of an archive or a folder, or records of a WARC file, that hold no posts, and were not copied.
    pub without_posts: u64,
    /// Posts found.
    pub posts: u64,
    /// Posts new, known and changed.
    pub tally: Tally,
    /// Items that gave no post.
    pub skipped: Reasons,
    /// What is doubtful about posts that were kept.
    pub doubts: Reasons,
    /// Parts that gave nothing, each with its reason.
    pub problems: Vec<String>,
    /// Bytes of the file read so far, as they lie on disk.
    pub bytes: u64,
}

/// Imports files into one archive.
pub struct Importer<'a> {
    /// The archive.
    pub keeper: &'a mut Keeper,
    /// Name of the run.
    pub run: &'a str,
    /// Time of the import.
    pub now: DateTime<Utc>,
}

impl Importer<'_> {
    /// Imports a file; `on_part` is told after every part.
    ///
    /// # Errors
    /// A file that cannot be read or that no parser knows. When something was kept before the fault, the report tells
    /// both.
    pub fn file(&mut self, path: &Path, on_part: &mut dyn FnMut(&Report)) -> Result<Report, ImportError> {
        self.mapped(path, None, on_part)
    }

    /// [`Importer::file`] of a table or of JSON whose columns or members mean what the map says.
    ///
    /// # Errors
    /// As [`Importer::file`]; or the map does not fit.
    pub fn mapped(
        &mut self,
        path: &Path,
        map: Option<&str>,
        on_part: &mut dyn FnMut(&Report),
    ) -> Result<Report, ImportError> {
        let mut report = Report::default();
        let outcome = self.parts(path, map, &mut report, on_part);
        report.tally += self.keeper.flush()?;
        match outcome {
            Err(fault) if report.captures > 0 && !fault.is_of_the_archive() => report.problems.push(fault.to_string()),
            outcome => outcome?,
        }
        Ok(report)
    }

    fn parts(
        &mut self,
        path: &Path,
        map: Option<&str>,
        report: &mut Report,
        on_part: &mut dyn FnMut(&Report),
    ) -> Result<(), ImportError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let read = |(draft, part): (Draft, Box<Part>)| (draft.read(), part);
        Crew::with(read, |crew| {
            let fault = mapped_pieces(path, self.now, map)?.try_for_each(|piece| {
                match piece? {
                    Piece::WithoutPosts => report.without_posts += 1,
                    Piece::Damaged(why) => report.problems.push(why),
                    Piece::Part(mut part, platform) => {
                        let facts = self.facts(&name, platform.name, part.first_line, part.first_byte);
                        match self.keeper.draft_new(std::mem::take(&mut part.exchange), facts)? {
                            None => report.already += 1,
                            Some(draft) => {
                                if let Some(read) = crew.give((draft, part)) {
                                    self.keep(read, report, on_part)?;
                                }
                            }
                        }
                    }
                }
                Ok(())
            });
            // What came before a fault is kept.
            while let Some(read) = crew.take() {
                self.keep(read, report, on_part)?;
            }
            fault
        })
    }

    /// Imports what came from an address. The redirects that led to it are kept also where no answer followed.
    ///
    /// # Errors
    /// No answer, or one that no parser knows; an archive that cannot be written.
    pub fn fetched(&mut self, sent: Sent, name: &str) -> Result<Report, ImportError> {
        for hop in sent.before {
            let facts = self.facts(name, "", None, None);
            self.keeper.append(hop, facts)?;
        }
        let mut report = Report::default();
        let outcome = self.answer(sent.answer, name, &mut report);
        report.tally += self.keeper.flush()?;
        outcome.map(|()| report)
    }

    fn answer(
        &mut self,
        answer: Result<Exchange, HttpError>,
        name: &str,
        report: &mut Report,
    ) -> Result<(), ImportError> {
        let exchange = answer?;
        let platform =
            detect(&exchange).map_err(|unknown| ImportError::Unknown { path: PathBuf::from(name), unknown })?;
        let facts = self.facts(name, platform.name, None, None);
        match self.keeper.draft_new(exchange, facts)? {
            None => report.already += 1,
            Some(draft) => self.keep((draft.read(), Box::default()), report, &mut |_| {})?,
        }
        Ok(())
    }

    /// Writes down what has been read of a part.
    fn keep(
        &mut self,
        (readied, part): (Readied, Box<Part>),
        report: &mut Report,
        on_part: &mut dyn FnMut(&Report),
    ) -> Result<(), ImportError> {
        let kept = self.keeper.append_read(readied)?;
        report.captures += 1;
        report.bytes = part.bytes;
        report.posts += kept.posts as u64;
        report.problems.extend(kept.problem.map(|problem| part.told(&problem)));
        report.skipped.extend(kept.skipped.placed(|place| part.place(place)));
        report.doubts.extend(kept.doubts.placed(|place| part.place(place)));
        if self.keeper.is_full() {
            report.tally += self.keeper.flush_on()?;
        }
        on_part(report);
        Ok(())
    }

    fn facts(&self, name: &str, platform: &str, first_line: Option<u64>, first_byte: Option<u64>) -> Facts {
        Facts {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: self.run.to_owned(),
            job: IMPORT.to_owned(),
            source: name.to_owned(),
            platform: platform.to_owned(),
            first_line,
            first_byte,
            ..Facts::default()
        }
    }
}
