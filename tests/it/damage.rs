//! Databases that are damaged, foreign, made up or write-protected: each is told from a good one, named, and read as far
//! as it can be.

use std::path::Path;
use std::process::Command;

use pullquote::model::Post;
use pullquote::store::{self, Reader, StoreError, Writer};

use crate::store::{Archive, post, start};

fn archive() -> Archive {
    let mut archive = Archive::new();
    archive.see(&[post("1", 0, "frist"), post("2", 0, "two")]);
    archive.see(&[Post { edited: Some(start()), ..post("1", 0, "first") }]);
    archive.is_whole();
    archive
}

#[test]
fn rows_that_the_program_never_writes_are_faults() {
    for (sql, says) in [
        ("UPDATE post SET created = 'yesterday' WHERE text = 'two'", "never writes"),
        ("UPDATE post SET created_source = 'hearsay' WHERE text = 'two'", "unknown variant `hearsay`"),
        ("UPDATE post SET kind = 'rumour' WHERE text = 'two'", "unknown variant `rumour`"),
        ("UPDATE post SET hashtags = '[' WHERE text = 'two'", "never writes"),
        ("UPDATE post SET likes = 'many' WHERE text = 'two'", "never writes"),
        ("UPDATE post SET text_state = 'fine' WHERE text = 'two'", "unknown variant `fine`"),
        ("UPDATE post SET author_handle = 'mal@b.example' WHERE text = 'two'", "no account goes by the handle"),
        ("UPDATE post SET authority = 3 WHERE text = 'two'", "no source has the authority"),
        ("UPDATE account SET platform = 'x'", "its account is of another platform"),
        ("UPDATE revision SET edited_at = 'late' WHERE number = 2", "never writes"),
        ("UPDATE revision SET author_handle = 'mal@b.example' WHERE number = 2", "another author than its revision"),
        ("UPDATE revision SET text = 'lie' WHERE number = 2", "other words than its revision"),
        ("UPDATE revision SET number = 7 WHERE number = 2", "a revision that is not there"),
        ("UPDATE version SET content = '[' WHERE number = 2", "malformed JSON"),
        ("UPDATE version SET content = '{\"text\":7}' WHERE number = 2", "never writes"),
        ("UPDATE version SET number = 7 WHERE number = 2", "in a way that is not there"),
        ("UPDATE version SET revision = 7 WHERE number = 2", "in a state that is not there"),
        ("UPDATE account_name SET last_seen = 'late'", "never writes"),
        ("UPDATE capture SET fetched_at = ''", "never writes"),
        ("UPDATE capture SET origin = 'dreamt'", "unknown variant `dreamt`"),
        ("UPDATE run SET started = 'once'", "never writes"),
        ("INSERT INTO source_state VALUES ('j', 's', '{}', NULL)", "source_state j s says"),
        ("UPDATE post SET text = 'lie' WHERE text = 'two'", "the index of words"),
        ("DELETE FROM capture WHERE id = 1", "refers to a row of capture that is not there"),
        ("DROP TABLE account_name", "account_name"),
    ] {
        let archive = archive();
        let db = rusqlite::Connection::open(archive.path()).unwrap();
        db.pragma_update(None, "foreign_keys", false).unwrap();
        db.execute_batch(sql).unwrap();
        drop(db);
        let faults = store::check(&archive.path(), true).unwrap();
        assert!(faults.iter().any(|fault| fault.contains(says)), "{sql}: {faults:?}");
    }
}

#[test]
fn what_is_no_database_is_a_fault_and_the_error_says_what_to_do() {
    let write: [fn(&Path); 4] = [
        |path| std::fs::write(path, "this is no database ".repeat(99)).unwrap(),
        |path| std::fs::write(path, "").unwrap(),
        |path| rusqlite::Connection::open(path).unwrap().execute_batch("CREATE TABLE another (a)").unwrap(),
        |path| {
            let mut bytes = std::fs::read(path).unwrap();
            for byte in bytes.iter_mut().skip(100) {
                *byte ^= 0x5a;
            }
            std::fs::write(path, bytes).unwrap();
        },
    ];
    for (i, spoil) in write.into_iter().enumerate() {
        let (archive, fresh) = (archive(), archive());
        if i != 3 {
            std::fs::remove_file(archive.path()).unwrap();
        }
        spoil(&archive.path());
        let faults = store::check(&archive.path(), true).unwrap();
        assert_eq!(faults.len(), 1, "{i}: {faults:?}");
        let mut errors = vec![Reader::open(&archive.path()).err().unwrap()];
        if i != 1 {
            errors.push(Writer::open(&archive.path()).err().unwrap());
        }
        for error in errors {
            let advice = "; pullquote rebuild makes it anew from the captures";
            assert!(error.to_string().ends_with(advice), "{i}: {error}");
        }
        let rows = store::fingerprint(&fresh.reader()).unwrap();
        store::replace(&fresh.path(), &archive.path()).unwrap();
        assert_eq!(store::fingerprint(&archive.reader()).unwrap(), rows, "{i}");
        assert!(!fresh.path().exists());
        archive.is_whole();
    }
}

#[test]
fn a_newer_database_is_not_replaced() {
    let (old, fresh) = (archive(), archive());
    rusqlite::Connection::open(old.path()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(store::replace(&fresh.path(), &old.path()), Err(StoreError::Newer { .. })));
    assert!(matches!(store::check(&old.path(), true), Err(StoreError::Newer { .. })));
}

/// A folder in which nobody may write, not even root. Undone when dropped.
struct Sealed<'a>(&'a Path);

impl<'a> Sealed<'a> {
    /// `None` where the system does not let one mount.
    fn new(folder: &'a Path) -> Option<Sealed<'a>> {
        let mount = |options: &[&str]| {
            let done = Command::new("mount").args(options).arg(folder).output();
            done.is_ok_and(|done| done.status.success())
        };
        let from = folder.to_str()?;
        if !mount(&["--bind", from]) {
            return None;
        }
        let sealed = Sealed(folder);
        mount(&["-o", "remount,bind,ro"]).then_some(sealed)
    }
}

impl Drop for Sealed<'_> {
    fn drop(&mut self) {
        let _done = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn an_archive_that_nobody_may_write_is_read_and_checked() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("100 % ?immutable=0#ä");
    std::fs::create_dir(&folder).unwrap();
    let archive = archive();
    let copy = folder.join("pullquote.db");
    std::fs::copy(archive.path(), &copy).unwrap();
    let Some(_sealed) = Sealed::new(&folder) else {
        eprintln!("skipped: this system lets nobody mount a folder for reading");
        return;
    };
    assert!(std::fs::write(folder.join("x"), "").is_err());
    let rows = store::fingerprint(&archive.reader()).unwrap();
    assert_eq!(store::fingerprint(&Reader::open(&copy).unwrap()).unwrap(), rows);
    assert_eq!(store::check(&copy, true).unwrap(), Vec::<String>::new());
    assert!(Writer::open(&copy).is_err());
}

#[test]
fn a_check_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let archive = archive();
    let writer = Writer::open(&archive.path()).unwrap();
    writer.commit(vec![crate::store::capture(9, &[post("3", 0, "in the log alone")])]).unwrap();
    // As a crash leaves them.
    let names =
        ["pullquote.db", "pullquote.db-wal"].map(|name| (archive.path().with_file_name(name), root.path().join(name)));
    for (from, to) in &names {
        std::fs::copy(from, to).unwrap();
    }
    let copy = root.path().join("pullquote.db");
    for alone in [true, false] {
        assert_eq!(store::check(&copy, alone).unwrap(), Vec::<String>::new());
        for (from, to) in &names {
            assert_eq!(std::fs::read(from).unwrap(), std::fs::read(to).unwrap(), "{}", to.display());
        }
    }
}

#[test]
fn a_check_beside_a_writer_does_not_wait_for_it() {
    let archive = archive();
    let mut writer = rusqlite::Connection::open(archive.path()).unwrap();
    let _writing = writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(store::check(&archive.path(), false).unwrap(), Vec::<String>::new());
    assert!(begun.elapsed() < std::time::Duration::from_secs(5));
    // A database that is only being made.
    let file = tempfile::NamedTempFile::new().unwrap();
    assert_eq!(store::check(file.path(), false).unwrap(), Vec::<String>::new());
    assert_eq!(store::check(file.path(), true).unwrap().len(), 1);
}

#[test]
fn a_log_beside_a_file_that_nobody_may_write_is_not_passed_over() {
    let root = tempfile::tempdir().unwrap();
    let archive = archive();
    let writer = Writer::open(&archive.path()).unwrap();
    writer.commit(vec![crate::store::capture(9, &[post("3", 0, "in the log alone")])]).unwrap();
    for name in ["pullquote.db", "pullquote.db-wal"] {
        std::fs::copy(archive.path().with_file_name(name), root.path().join(name)).unwrap();
    }
    let Some(_sealed) = Sealed::new(root.path()) else { return };
    assert!(Reader::open(&root.path().join("pullquote.db")).is_err(), "older rows would be shown as the newest");
}
