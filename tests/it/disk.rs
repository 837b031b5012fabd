//! A disk that is full: what was acknowledged stays, and the pull goes on when there is room again.

use std::path::Path;
use std::process::Command;

use crate::program::Desk;
use crate::timeline::Timeline;

/// A small disk in memory. Gone when dropped.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    /// `None` where the system does not let one mount.
    fn mount(at: &'a Path, options: &str) -> Option<Disk<'a>> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output().ok()?;
        mounted.status.success().then_some(Disk(at))
    }

    fn grow(&self, size: &str) {
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
