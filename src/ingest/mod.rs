//! The one way an exchange becomes posts: live, replayed and imported input all come through here.
//!
//! [`read`] is pure: it reads an exchange with its platform's parser and says what the store is to keep. What it
//! returns depends on the bytes and the facts alone, so that a rebuild from the captures gives the same rows.
//! [`Keeper`] holds the order: evidence before rows. It appends to the WARC files, flushes them to disk, and only
//! then commits the rows; what a crash left between is healed when the archive is opened again.

mod reasons;
mod scrutiny;

use chrono::{DateTime, Utc};

use crate::archive::{Archive, ArchiveError, Lock};
use crate::dump;
use crate::exchange::{Exchange, Facts, IMPORT, Origin, Request};
use crate::model::CaptureRef;
use crate::platform::{Page, ParseError, Platform};
use crate::store::{self, Drift, NewCapture, Progress, SourceState, StoreError, Tally};
use crate::warc::{self, Capture, Damage, WarcError};

pub use reasons::Reasons;

/// Posts that are committed at once while captures are read in bulk; larger batches gain little (see the import bench).
const BATCH: usize = 10_000;

/// Why something cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The folder cannot be opened or is in use.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A capture cannot be written or read.
    #[error(transparent)]
    Warc(#[from] WarcError),
    /// Rows cannot be written or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A capture without rows that the chain does not lead to.
    #[error(
        "{0}; it is not indexed, for it may be another archive's: move the file away, or take in all of them with \
         pullquote rebuild --accept-loss"
    )]
    Unlinked(Damage),
    /// Writing has failed before: only opening the archive again finds out what of it reached the disk.
    #[error("the archive takes nothing more until it is opened again: writing to it has failed")]
    Closed,
}

impl IngestError {
    /// Whether one exchange is at fault, and not the archive: the next one can be kept.
    pub fn spares_the_archive(&self) -> bool {
        matches!(self, IngestError::Warc(WarcError::TooLarge { .. }))
    }

    /// Whether the evidence is not what was written.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            IngestError::Unlinked(_)
                | IngestError::Warc(WarcError::Damaged(_) | WarcError::Unlinked(_) | WarcError::NotThere { .. })
        )
    }
}

/// Reads an exchange with one platform's parser.
///
/// # Errors
/// The parser's own.
pub fn parse(platform: &Platform, exchange: &Exchange) -> Result<Page, ParseError> {
    let mut page = (platform.parse)(exchange)?;
    for found in &mut page.posts {
        scrutiny::scrutinise(&mut found.post, exchange.fetched_at);
        if exchange.masked {
            scrutiny::look_for_stars(&mut found.post);
        }
    }
    if exchange.origin == Origin::File {
        // A file shows counts of the day it was saved, which it does not tell; the day of the import would be a lie.
        for found in &mut page.posts {
            found.post.metrics.seen_at = None;
        }
    }
    Ok(page)
}

/// Reads one captured exchange.
pub fn read(exchange: &Exchange, facts: Facts, place: CaptureRef) -> NewCapture {
    let mut capture = NewCapture {
        url: exchange.request.url.clone(),
        status: exchange.response.status,
        media_type: exchange.media_type(),
        fetched_at: exchange.fetched_at,
        length: exchange.response.body.len() as u64,
        place,
        facts,
        shape: "",
        problem: None,
        posts: Vec::new(),
        skipped: Vec::new(),
        progress: None,
    };
    // A log-in or a redirect is evidence of how the answer was had, and holds no posts.
    if capture.facts.platform.is_empty() {
        return capture;
    }
    let parsed = match dump::by_name(&capture.facts.platform) {
        Some(platform) => parse(platform, exchange).map_err(|e| e.to_string()),
        None => Err(format!("no reader is named {:?}", capture.facts.platform)),
    };
    match parsed {
        Ok(page) => {
            if capture.facts.job != IMPORT {
                let next = page.next.into_iter().map(Request::asked).collect();
                let done = capture.facts.asked.clone().unwrap_or_else(|| exchange.request.clone().asked());
                let progress = Progress { done, next, later: page.later.map(Request::asked) };
                match stranger(&progress) {
                    Some(url) => capture.problem = Some(format!("the page leads to another server: {url}")),
                    None => capture.progress = Some(progress),
                }
            }
            capture.shape = page.shape;
            capture.posts = page.posts;
            capture.skipped = page.skipped;
        }
        Err(problem) => {
            // A page that is gone for good (an expired cursor) is given up, or every pull would fail on it for ever.
            // That it was, and is missing, the problem says.
            if matches!(capture.status, 400 | 404 | 410) && capture.facts.job != IMPORT {
                let done = capture.facts.asked.clone().unwrap_or_else(|| exchange.request.clone().asked());
                capture.progress = Some(Progress { done, next: Vec::new(), later: None });
            }
            capture.problem = Some(problem);
        }
    }
    capture
}

/// Where a page leads that must not send us, or our credential, there: to another origin than the one that was asked,
/// now or with the next pull. A redirect makes one of it, too.
fn stranger(progress: &Progress) -> Option<&str> {
    let Progress { done, next, later } = progress;
    let mut onward = next.iter().chain(later);
    onward.find(|next| next.origin() != done.origin() || next.auth != done.auth).map(|next| next.url.as_str())
}

/// What a capture held, for the one who counts.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// HTTP status; 200 for a file.
    pub status: u16,
    /// Why it gave nothing.
    pub problem: Option<String>,
    /// Items that gave no post.
    pub skipped: Reasons,
    /// What is doubtful about posts that were kept.
    pub doubts: Reasons,
    /// Where it leads.
    pub next: Vec<Request>,
    /// Number of posts, nested ones included.
    pub posts: usize,
    /// Time of its oldest and newest post, nested ones left out.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Kept {
    fn of(capture: &NewCapture) -> Kept {
        let times = || capture.posts.iter().filter(|found| !found.nested).filter_map(|found| found.post.created);
        let (mut skipped, mut doubts) = (Reasons::default(), Reasons::default());
        for item in &capture.skipped {
            skipped.add(&item.reason, &item.at);
        }
        for found in &capture.posts {
            for doubt in &found.post.doubts {
                doubts.add(doubt, &found.at);
            }
        }
        Kept {
            status: capture.status,
            problem: capture.problem.clone(),
            skipped,
            doubts,
            next: capture.progress.as_ref().map(|progress| progress.next.clone()).unwrap_or_default(),
            posts: capture.posts.len(),
            span: times().map(|when| when.at()).min().zip(times().map(|when| when.at()).max()),
        }
    }
}

/// An archive opened for writing. One at a time; the lock goes when it is dropped or the process dies.
pub struct Keeper {
    warc: warc::Writer,
    store: store::Writer,
    reader: store::Reader,
    queue: Vec<NewCapture>,
    healed: u64,
    /// Writing has failed. What came after would stand in the way of captures that have no rows yet.
    failed: bool,
    _lock: Lock,
}

impl Keeper {
    /// Opens the archive, makes it if need be, and heals what a crash left: a capture cut short goes, a complete
    /// capture without rows gets them.
    ///
    /// # Errors
    /// Another writer, damaged evidence before the end, a database of a newer version, a folder that cannot be written.
    pub fn open(archive: &Archive) -> Result<Keeper, IngestError> {
        let lock = archive.lock()?;
        let store = store::Writer::open(&archive.database())?;
        let reader = store::Reader::open(&archive.database())?;
        let last = reader.last_capture()?;
        let options = warc::Options { acknowledged: last.clone(), ..warc::Options::default() };
        let warc = warc::Writer::open(&archive.captures(), options)?;
        let captures = match last {
            Some(last) => warc::captures_after(&archive.captures(), &last)?,
            None => warc::captures(&archive.captures())?,
        };
        let healed = index(captures, &store, &mut |_| {}, &mut Err).map_err(|error| match error {
            IngestError::Warc(WarcError::Unlinked(damage)) => IngestError::Unlinked(damage),
            error => error,
        })?;
        Ok(Keeper { warc, store, reader, queue: Vec::new(), healed, failed: false, _lock: lock })
    }

    /// Captures that had no rows when the archive was opened, and now have.
    pub fn healed(&self) -> u64 {
        self.healed
    }

    /// Where an earlier pull of this source stopped.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn source_state(&self, job: &str, source: &str) -> Result<SourceState, IngestError> {
        Ok(self.reader.source_state(job, source)?.unwrap_or_default())
    }

    /// Writes an exchange down and reads it. It counts as kept only after [`Keeper::flush`].
    ///
    /// # Errors
    /// The capture cannot be written; nothing that was flushed before is touched. Unless it was merely too large, nothing
    /// more is taken before the archive is opened again.
    pub fn append(&mut self, exchange: Exchange, facts: Facts) -> Result<Kept, IngestError> {
        let (exchange, facts) = as_kept(exchange, facts);
        self.put(exchange, facts, None)
    }

    /// [`Keeper::append`], unless a capture of exactly these bytes is kept already, to be read with the same map if with any;
    /// then `None`.
    ///
    /// # Errors
    /// As [`Keeper::append`]; or the database cannot be read.
    pub fn append_new(&mut self, exchange: Exchange, facts: Facts) -> Result<Option<Kept>, IngestError> {
        let (exchange, facts) = as_kept(exchange, facts);
        let digest = warc::digest(&[&exchange.response.body]);
        let queued = self.queue.iter().filter(|queued| queued.place.digest == digest).map(|queued| queued.url.clone());
        let map = exchange.request.map();
        if queued.chain(self.reader.addresses_of(&digest)?).any(|url| Request::get(url).map() == map) {
            return Ok(None);
        }
        self.put(exchange, facts, Some(digest)).map(Some)
    }

    fn put(&mut self, exchange: Exchange, facts: Facts, digest: Option<String>) -> Result<Kept, IngestError> {
        if self.failed {
            return Err(IngestError::Closed);
        }
        let place = self.warc.append_digested(&exchange, &facts, digest).map_err(IngestError::from);
        let place = place.inspect_err(|error| {
            // It may have taken back what is queued: a file that was full had to be flushed first.
            if !error.spares_the_archive() {
                self.failed = true;
                self.queue.clear();
            }
        })?;
        let capture = read(&exchange, facts, place);
        let kept = Kept::of(&capture);
        self.queue.push(capture);
        Ok(kept)
    }

    /// Whether enough has been appended to be worth a transaction, for those who append in bulk.
    pub fn is_full(&self) -> bool {
        self.queue.iter().map(|capture| capture.posts.len() + 1).sum::<usize>() >= BATCH
    }

    /// Flushes the captures to disk and then commits their rows: after this they survive anything.
    ///
    /// # Errors
    /// The disk or the database refuses. Then nothing more is taken before the archive is opened again: that gives their
    /// rows to captures that reached the disk, which a later flush would leave behind for good.
    pub fn flush(&mut self) -> Result<Tally, IngestError> {
        if self.queue.is_empty() {
            return Ok(Tally::default());
        }
        // Taken first: a sync that fails takes the captures back, and then they must never get rows.
        let queue = std::mem::take(&mut self.queue);
        self.failed = true;
        self.warc.sync()?;
        let tallies = self.store.commit(queue)?;
        self.failed = false;
        Ok(tallies.into_iter().sum())
    }

    /// The fields that used to be full and are empty in this run.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn drift(&self, run: &str) -> Result<Vec<Drift>, IngestError> {
        Ok(self.reader.drift(run)?)
    }

    /// Leaves the database as one file. An archive that was not closed is as good, with SQLite's log beside it.
    ///
    /// # Errors
    /// The writer has died before.
    pub fn close(self) -> Result<(), IngestError> {
        // SQLite folds its log into the file when the last connection goes, if that one may write.
        drop(self.reader);
        Ok(self.store.close()?)
    }
}

/// An exchange and its facts as a capture holds them.
fn as_kept(exchange: Exchange, facts: Facts) -> (Exchange, Facts) {
    // A redirect may have left the credential behind: the exchange knows, whatever was asked for.
    let facts =
        Facts { origin: exchange.origin, auth: exchange.request.auth.clone(), masked: exchange.masked, ..facts };
    (warc::as_kept(exchange, &facts), facts)
}

/// Gives rows to captures that are on disk, in order; says how many it read. `on_batch` is told the number so far, and
/// `on_damage` decides whether a damaged capture is passed over or ends it.
///
/// # Errors
/// A damaged capture that is not passed over, or a database that refuses.
pub fn index(
    captures: impl Iterator<Item = Result<Capture, WarcError>>,
    store: &store::Writer,
    on_batch: &mut dyn FnMut(u64),
    on_damage: &mut dyn FnMut(WarcError) -> Result<(), WarcError>,
) -> Result<u64, IngestError> {
    let mut batch = Vec::new();
    let (mut count, mut posts) = (0, 0);
    for capture in captures {
        let capture = match capture {
            // The end of a file that a crash cut was never acknowledged.
            Err(error) if error.is_torn_tail() => break,
            Err(error) => {
                on_damage(error)?;
                continue;
            }
            Ok(capture) => capture,
        };
        let read = read(&capture.exchange, capture.facts, capture.place);
        count += 1;
        posts += read.posts.len() + 1;
        batch.push(read);
        if posts >= BATCH {
            store.commit(std::mem::take(&mut batch))?;
            posts = 0;
            on_batch(count);
        }
    }
    if !batch.is_empty() {
        store.commit(batch)?;
        on_batch(count);
    }
    Ok(count)
}
