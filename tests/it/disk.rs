//! A disk that is full: what was acknowledged stays, and the pull goes on when there is room again.

use std::path::Path;
use std::process::Command;

use pullquote::archive::Archive;
use pullquote::exchange::{Exchange, Facts, Request};
use pullquote::ingest::{IngestError, Keeper};
use pullquote::warc;

use crate::program::Desk;
use crate::timeline::Timeline;

/// A small disk in memory. Gone when dropped.
pub struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    /// `None` where the system does not let one mount.
    pub fn mount(at: &'a Path, options: &str) -> Option<Disk<'a>> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output().ok()?;
        mounted.status.success().then_some(Disk(at))
    }

    pub fn grow(&self, size: &str) {
        let grown = Command::new("mount").args(["-o", &format!("remount,size={size}")]).arg(self.0).status().unwrap();
        assert!(grown.success());
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _done = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_costs_nothing_that_was_kept() {
    let timeline = Timeline::start(2000);
    let desk = Desk::with(&timeline.config());
    std::fs::create_dir(desk.archive()).unwrap();
    let archive = desk.archive();
    let Some(disk) = Disk::mount(&archive, "size=1m") else {
        eprintln!("skipped: this system lets nobody mount a disk in memory");
        return;
    };
    let full = desk.run(&["pull"]);
    assert_eq!(full.code, 1, "{}{}", full.out, full.err);
    assert_eq!(full.err.trim_end().lines().count(), 1, "{}", full.err);
    let says_why = ["disk is full", "No space left"].iter().any(|words| full.err.contains(words));
    assert!(full.err.contains("archive/") && says_why, "{}", full.err);
    disk.grow("64m");
    let kept = desk.posts().len();
    assert!(kept > 0 && kept < 2000, "{kept} posts were kept");
    desk.run(&["verify"]).ok();
    desk.run(&["pull"]).ok();
    assert_eq!(desk.posts().len(), 2000);
    desk.run(&["verify"]).ok();
}

#[test]
fn after_a_write_that_failed_nothing_more_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::at(folder.path());
    let hop = |n: u32| Exchange { request: Request::get(format!("https://a.test/{n}")), ..Exchange::default() };
    let mut keeper = Keeper::open(&archive).unwrap();
    let db = rusqlite::Connection::open(archive.database()).unwrap();
    db.execute_batch("CREATE TRIGGER full BEFORE INSERT ON capture BEGIN SELECT RAISE(ABORT, 'full'); END").unwrap();
    keeper.append(hop(1), Facts::default()).unwrap();
    assert!(keeper.flush().is_err());
    db.execute_batch("DROP TRIGGER full").unwrap();
    // The first capture is on disk and has no rows: were a second one to get its own, it would never get them.
    assert!(matches!(keeper.append(hop(2), Facts::default()), Err(IngestError::Closed)));
    drop(keeper);
    let mut keeper = Keeper::open(&archive).unwrap();
    assert_eq!(keeper.healed(), 1);
    keeper.append(hop(2), Facts::default()).unwrap();
    keeper.flush().unwrap();
    let rows: u64 = db.query_row("SELECT count(*) FROM capture", [], |row| row.get(0)).unwrap();
    assert_eq!((rows, warc::captures(&archive.captures()).unwrap().count()), (2, 2));
}
