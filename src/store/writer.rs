//! The one writer: a thread that owns the write connection and takes batches, one after another.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::account::Accounts;
use super::{NewCapture, Reader, StoreError, Tally, batch, open};

/// Batches that may wait while one is written. More would only take memory: the writer is the slowest part.
const WAITING: usize = 1;

/// Writes to the database of one archive. Calls block, but for [`Writer::begin_commit`]; none may be made on an async thread.
pub struct Writer {
    path: PathBuf,
    jobs: SyncSender<Job>,
    thread: JoinHandle<Db>,
}

type Job = Box<dyn FnOnce(&mut Db) + Send>;

/// What the thread owns.
struct Db {
    path: PathBuf,
    connection: Connection,
    accounts: Accounts,
}

impl Writer {
    /// Opens the database, makes it if there is none, and brings one of an older version up to date.
    ///
    /// # Errors
    /// A file that is no database or another program's, one of a newer version, or one that cannot be written.
    pub fn open(path: &Path) -> Result<Writer, StoreError> {
        Writer::over(open::for_writing(path)?, path)
    }

    /// Makes a database that nobody else sees and that is gone with its last user. SQLite keeps what does not fit into
    /// memory in the system's folder for temporary files.
    ///
    /// # Errors
    /// No room for it.
    pub fn scratch() -> Result<Writer, StoreError> {
        Writer::over(open::for_writing(Path::new(""))?, Path::new("a temporary database"))
    }

    fn over(connection: Connection, path: &Path) -> Result<Writer, StoreError> {
        let mut db = Db { path: path.to_owned(), connection, accounts: Accounts::default() };
        let (jobs, waiting): (SyncSender<Job>, Receiver<Job>) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                for job in waiting {
                    job(&mut db);
                }
                db
            })
            .map_err(|_| StoreError::Stopped(path.to_owned()))?;
        Ok(Writer { path: path.to_owned(), jobs, thread })
    }

    /// Writes captures with everything found in them in one transaction, and says for each what was new. A capture
    /// that the archive has already, by its record id, changes nothing.
    ///
    /// # Errors
    /// Whatever SQLite refuses; then nothing of the batch is kept, and the writer can go on.
    pub fn commit(&self, batch: Vec<NewCapture>) -> Result<Vec<Tally>, StoreError> {
        self.begin_commit(batch)?.wait()
    }

    /// Hands a batch to [`commit`](Writer::commit) over to the thread, without waiting until it is written.
    ///
    /// # Errors
    /// The thread has died before.
    pub fn begin_commit(&self, mut batch: Vec<NewCapture>) -> Result<Pending, StoreError> {
        let (answer, wait) = sync_channel(1);
        let job: Job = Box::new(move |db| {
            batch::doubt_edits(&mut batch);
            let done = db.transact("write to", |db, accounts| batch::write(db, accounts, &batch));
            // Whoever gave the batch may have given up waiting.
            let _ = answer.send(done);
        });
        self.jobs.send(job).map_err(|_| StoreError::Stopped(self.path.clone()))?;
        Ok(Pending { path: self.path.clone(), wait })
    }

    /// Ends the thread after what is waiting, and lets SQLite fold its log back into the file.
    ///
    /// # Errors
    /// The thread has died before.
    pub fn close(self) -> Result<(), StoreError> {
        self.join().map(drop)
    }

    /// Ends the thread after what is waiting, and reads what it has written over its connection, which then writes no
    /// more.
    ///
    /// # Errors
    /// The thread has died before.
    pub fn into_reader(self) -> Result<Reader, StoreError> {
        let Db { path, connection, .. } = self.join()?;
        let set_up = super::gaps::add(&connection).and_then(|()| connection.pragma_update(None, "query_only", true));
        set_up.map_err(StoreError::of(&path, "open"))?;
        Ok(Reader { path, db: connection })
    }

    fn join(self) -> Result<Db, StoreError> {
        drop(self.jobs);
        self.thread.join().map_err(|_| StoreError::Stopped(self.path))
    }
}

/// A batch that is being written.
pub struct Pending {
    path: PathBuf,
    wait: Receiver<Result<Vec<Tally>, StoreError>>,
}

impl Pending {
    /// Waits until it is on disk or undone.
    ///
    /// # Errors
    /// As [`Writer::commit`].
    pub fn wait(self) -> Result<Vec<Tally>, StoreError> {
        self.wait.recv().map_err(|_| StoreError::Stopped(self.path))?
    }
}

impl Db {
    fn transact<T>(
        &mut self,
        doing: &'static str,
        work: impl FnOnce(&Connection, &mut Accounts) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let write = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction, &mut self.accounts)?;
            transaction.commit()?;
            Ok(done)
        };
        let done: rusqlite::Result<T> = write();
        if done.is_err() {
            // Numbers given in a transaction that was undone will be given again.
            self.accounts.forget();
        }
        if matches!(&done, Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull)) {
            // What the log holds can perhaps be folded into the file, which frees its room. The fault stays what it was.
            let _freed = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        done.map_err(StoreError::of(&self.path, doing))
    }
}
