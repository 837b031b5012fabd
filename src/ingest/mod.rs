//! The one way an exchange becomes posts: live, replayed and imported input all come through here.
//!
//! [`read`] is pure: it reads an exchange with its platform's parser and says what the store is to keep. What it
//! returns depends on the bytes and the facts alone, so that a rebuild from the captures gives the same rows.
//! [`Keeper`] holds the order: evidence before rows. It appends to the WARC files, flushes them to disk, and only
//! then commits the rows; what a crash left between is healed when the archive is opened again.

mod crew;
mod media;
mod queue;
mod reading;
mod reasons;
mod recheck;
mod scrutiny;

use std::collections::{BTreeSet, HashSet};
use std::hash::{Hash as _, Hasher as _};

use chrono::{DateTime, Utc};

use crate::archive::{Archive, ArchiveError, Lock};

use crate::coverage::Ledger;
use crate::exchange::{ADDRESS, Exchange, Facts, Request};
use crate::model::{CaptureRef, Found, Post};
use crate::store::{self, Desk, Drift, NewCapture, Pending, SourceState, Standing, StoreError, Tally, Watched};
use crate::warc::{self, Capture, Damage, WarcError};
use queue::Queue;

pub use crew::Crew;
pub use media::{check_media, restore_media};
pub(crate) use reading::refused_never;
pub use reading::{parse, read};
pub use reasons::Reasons;
pub use recheck::{is_of, of_answer};

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

/// An exchange that is to be kept, as its capture will hold it.
#[derive(Debug)]
pub struct Draft {
    exchange: Exchange,
    facts: Facts,
    digest: String,
}

impl Draft {
    /// Reads it, before it is written down. Pure, so that it can be done on any thread.
    pub fn read(self) -> Readied {
        let nowhere = CaptureRef { file: String::new(), offset: 0, record_id: String::new(), digest: String::new() };
        let capture = read(&self.exchange, self.facts.clone(), nowhere);
        Readied { draft: self, capture }
    }
}

/// A draft that has been read: only its place is not known yet.
#[derive(Debug)]
pub struct Readied {
    draft: Draft,
    capture: NewCapture,
}

/// What a capture held, for the one who counts.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// HTTP status; 200 for a file.
    pub status: u16,
    /// Why it gave nothing.
    pub problem: Option<String>,
    /// Whether that is that the server will refuse every other request, too.
    pub is_closed: bool,
    /// Items that gave no post.
    pub skipped: Reasons,
    /// What is doubtful about posts that were kept.
    pub doubts: Reasons,
    /// Where it leads.
    pub next: Vec<Request>,
    /// Number of posts, nested ones included.
    pub posts: usize,
    /// Number of posts that it says are gone.
    pub deleted: usize,
    /// Keys of its posts, nested ones left out, if it was asked for by the address of a post.
    pub keys: Vec<String>,
    /// What tells two pages of posts apart: made of the names of its posts in their order; `None` if it has none.
    pub fingerprint: Option<u64>,
    /// How a post stood that was looked at again, or was asked for by its address.
    pub standing: Option<Standing>,
    /// What was answered in place of a post that was looked at again.
    pub answer: Option<String>,
    /// Time of its oldest and newest post, nested ones left out.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Kept {
    fn of(capture: &NewCapture) -> Kept {
        let asked_for = capture.facts.job == ADDRESS;
        let of_its_own = capture.posts.iter().filter(|found| asked_for && !found.nested);
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
            is_closed: capture.is_closed,
            skipped,
            doubts,
            next: capture.progress.as_ref().map(|progress| progress.next.clone()).unwrap_or_default(),
            posts: capture.posts.len(),
            deleted: capture.deleted.len(),
            keys: of_its_own.map(|found| found.post.key()).collect(),
            fingerprint: fingerprint(&capture.posts),
            standing: match &capture.recheck {
                Some(recheck) => Some(recheck.standing),
                None if asked_for && capture.posts.is_empty() => recheck::unseen(capture),
                None => None,
            },
            answer: capture.recheck.as_ref().and_then(|recheck| recheck.answer.clone()),
            span: times().map(|when| when.at()).min().zip(times().map(|when| when.at()).max()),
        }
    }
}

fn fingerprint(posts: &[Found]) -> Option<u64> {
    let mut hasher = std::hash::DefaultHasher::new();
    let names = posts.iter().filter(|found| !found.nested).map(|found| (&found.post.uri, &found.post.id));
    names.for_each(|name| name.hash(&mut hasher));
    (!posts.is_empty()).then(|| hasher.finish())
}

/// An archive opened for writing. One at a time; the lock goes when it is dropped or the process dies.
pub struct Keeper {
    archive: Archive,
    warc: warc::Writer,
    store: store::Writer,
    reader: store::Reader,
    queue: Queue,
    /// What is on disk and is being given its rows.
    in_flight: Option<Pending>,
    /// Digests and maps of what was drafted and may have no row yet.
    drafted: HashSet<(String, Option<String>)>,
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
        Ok(Keeper {
            archive: archive.clone(),
            warc,
            store,
            reader,
            queue: Queue::default(),
            in_flight: None,
            drafted: HashSet::new(),
            healed,
            failed: false,
            _lock: lock,
        })
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

    /// What is known of the time that a source has covered; `None` if it was never asked.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn ledger(&self, job: &str, source: &str) -> Result<Option<Ledger>, IngestError> {
        Ok(self.reader.ledger(job, source)?)
    }

    /// Requests of a job that were answered since then, and units that they used up; with `again` only those of re-checks.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn spent(&self, job: &str, since: DateTime<Utc>, again: bool) -> Result<(u64, u64), IngestError> {
        Ok(self.reader.spent(job, since, again)?)
    }

    /// The posts of a job that may be looked at again: see [`store::Reader::watched`].
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn watched(
        &self,
        job: &str,
        since: DateTime<Utc>,
        chosen: &BTreeSet<String>,
        each: impl FnMut(Watched),
    ) -> Result<(), IngestError> {
        Ok(self.reader.watched(job, since, chosen, each)?)
    }

    /// Keys of the posts that were quoted or clipped. A desk that cannot be read keeps no job from its work.
    pub fn chosen(&self) -> BTreeSet<String> {
        let read = || Desk::open(&self.archive.desk())?.chosen();
        read().unwrap_or_else(|error| {
            tracing::warn!(%error, "which posts were quoted or clipped is not known");
            BTreeSet::new()
        })
    }

    /// Whether the archive holds the post of that URI.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn holds(&self, platform: &str, uri: &str) -> Result<bool, IngestError> {
        let named = Post { platform: platform.to_owned(), uri: Some(uri.to_owned()), ..Post::default() };
        Ok(self.reader.holds(&named.key())?)
    }

    /// Writes an exchange down and reads it. It counts as kept only after [`Keeper::flush`].
    ///
    /// # Errors
    /// The capture cannot be written; nothing that was flushed before is touched. Unless it was merely too large, nothing
    /// more is taken before the archive is opened again.
    pub fn append(&mut self, exchange: Exchange, facts: Facts) -> Result<Kept, IngestError> {
        self.append_read(draft(exchange, facts).read())
    }

    /// Addresses of media of these kinds in the posts of a job that no capture answers yet; at most `limit`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn media_to_fetch(&self, job: &str, kinds: &[String], limit: u32) -> Result<Vec<String>, IngestError> {
        Ok(self.reader.media_to_fetch(job, kinds, limit)?)
    }

    /// Keeps what the address of a medium gave: capture, row, and the file in `media/`. Says why it is no such file, if so.
    ///
    /// # Errors
    /// As [`Keeper::append`] and [`Keeper::flush`]; or `media/` cannot be written.
    pub fn keep_media(&mut self, exchange: Exchange, url: &str, facts: Facts) -> Result<Option<String>, IngestError> {
        let body = exchange.body().unwrap_or_default().into_owned();
        let readied = draft(exchange, Facts { media: Some(url.to_owned()), ..facts }).read();
        let file = readied.capture.media.as_ref().and_then(|media| media.file.clone());
        let kept = self.append_read(readied)?;
        self.flush()?;
        if let Some(file) = file {
            media::lay(&self.archive, &file, &body)?;
        }
        Ok(kept.problem)
    }

    /// Prepares an exchange to be kept, unless a capture of exactly these bytes is kept already or prepared, to be read with
    /// the same map if with any; then `None`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn draft_new(&mut self, exchange: Exchange, facts: Facts) -> Result<Option<Draft>, IngestError> {
        let draft = draft(exchange, facts);
        let map = draft.exchange.request.map();
        let known = (draft.digest.clone(), map.clone());
        let mut kept = self.reader.addresses_of(&draft.digest)?.into_iter();
        if self.drafted.contains(&known) || kept.any(|url| Request::get(url).map() == map) {
            return Ok(None);
        }
        self.drafted.insert(known);
        Ok(Some(draft))
    }

    /// Writes down an exchange that has been read, as [`Keeper::append`] does.
    ///
    /// # Errors
    /// As [`Keeper::append`].
    pub fn append_read(&mut self, readied: Readied) -> Result<Kept, IngestError> {
        if self.failed {
            return Err(IngestError::Closed);
        }
        let Readied { draft: Draft { exchange, facts, digest }, mut capture } = readied;
        let place = self.warc.append_digested(&exchange, &facts, Some(digest)).map_err(IngestError::from);
        capture.place = place.inspect_err(|error| {
            // It may have taken back what is queued: a file that was full had to be flushed first.
            if !error.spares_the_archive() {
                self.failed = true;
                self.queue.take();
            }
        })?;
        let kept = Kept::of(&capture);
        self.queue.push(capture);
        Ok(kept)
    }

    /// Whether enough has been appended to be worth a transaction, for those who append in bulk.
    pub fn is_full(&self) -> bool {
        self.queue.is_full()
    }

    /// Flushes the captures to disk and then commits their rows: after this they survive anything.
    ///
    /// # Errors
    /// The disk or the database refuses. Then nothing more is taken before the archive is opened again: that gives their
    /// rows to captures that reached the disk, which a later flush would leave behind for good.
    pub fn flush(&mut self) -> Result<Tally, IngestError> {
        let mut tally = self.flush_on()?;
        tally += self.settle()?;
        self.drafted.clear();
        Ok(tally)
    }

    /// [`Keeper::flush`] for those who append in bulk: the captures are on disk, and their rows are written while others
    /// are appended. Gives what the batch before had that was new.
    ///
    /// # Errors
    /// As [`Keeper::flush`]; of the batch before, too.
    pub fn flush_on(&mut self) -> Result<Tally, IngestError> {
        let before = self.settle()?;
        if self.queue.is_empty() {
            return Ok(before);
        }
        // Taken first: a sync that fails takes the captures back, and then they must never get rows.
        let queue = self.queue.take();
        self.failed = true;
        self.warc.sync()?;
        self.in_flight = Some(self.store.begin_commit(queue)?);
        self.failed = false;
        Ok(before)
    }

    /// Waits for the rows that are being written.
    fn settle(&mut self) -> Result<Tally, IngestError> {
        let Some(pending) = self.in_flight.take() else { return Ok(Tally::default()) };
        self.failed = true;
        let tallies = pending.wait()?;
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
fn draft(exchange: Exchange, facts: Facts) -> Draft {
    // A redirect may have left the credential behind: the exchange knows, whatever was asked for.
    let facts =
        Facts { origin: exchange.origin, auth: exchange.request.auth.clone(), masked: exchange.masked, ..facts };
    let exchange = warc::as_kept(exchange, &facts);
    let digest = warc::digest(&[&exchange.response.body]);
    Draft { exchange, facts, digest }
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
    let mut batches = Batches { store, on_batch, queue: Queue::default(), count: 0, in_flight: None };
    let read = |Capture { exchange, facts, place }: Capture| read(&exchange, facts, place);
    Crew::with(read, |crew| {
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
            if let Some(read) = crew.give(capture) {
                batches.add(read)?;
            }
        }
        while let Some(read) = crew.take() {
            batches.add(read)?;
        }
        batches.end()
    })
}

/// Captures on their way into the database: one batch is written while the next is gathered.
struct Batches<'a> {
    store: &'a store::Writer,
    on_batch: &'a mut dyn FnMut(u64),
    queue: Queue,
    count: u64,
    in_flight: Option<Pending>,
}

impl Batches<'_> {
    fn add(&mut self, capture: NewCapture) -> Result<(), IngestError> {
        self.count += 1;
        self.queue.push(capture);
        if self.queue.is_full() { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), IngestError> {
        self.settle()?;
        if !self.queue.is_empty() {
            self.in_flight = Some(self.store.begin_commit(self.queue.take())?);
            (self.on_batch)(self.count);
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), IngestError> {
        self.in_flight.take().map_or(Ok(()), |pending| Ok(pending.wait().map(drop)?))
    }

    /// Waits for the last rows; says how many captures there were.
    fn end(mut self) -> Result<u64, IngestError> {
        self.commit()?;
        self.settle()?;
        Ok(self.count)
    }
}
