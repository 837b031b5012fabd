//! Files that hold files: ZIP, tar (also gzipped), folders of an export. Their entries become what a file of its own would.
//!
//! Entries are labels and bytes, never paths: nothing is unpacked onto the disk. How many there are, how large one decodes and
//! how much all of them do is limited; an entry that cannot be read costs no other. An archive inside an archive is not
//! opened, but for a gzipped file. The files of a folder are read as if each had been named. Two exports need several of their
//! files at once: in that of X the author stands in `account.js`, former names in `screen-name-change.js` and long texts in
//! `note-tweet.js`, in Mastodon's the author in `actor.json`. These files are put before the posts, byte for byte, and one
//! capture holds all. Of an export of X nothing else is read: it holds letters and more.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::open::{Counter, Members, gzip_fault};
use crate::exchange::DECODED_LIMIT;

/// Entries of an archive that are looked at.
const MOST: usize = 100_000;
/// The longest name of an entry that is told whole.
const LONGEST_NAME: usize = 500;
/// What all entries may decode to for each byte of the archive, beyond a first gigabyte: text packs at a hundredth at best.
const RATIO: u64 = 300;
const FREE: u64 = 1 << 30;

/// An entry: its name, and what is in it or why that cannot be read.
pub(super) type Entry = (String, Result<Content, String>);

/// What is in an entry.
pub(super) enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Whatever is in this file of a folder, which may be large.
    File(PathBuf),
}

/// What a container is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Zip,
    Tar,
    TarGz,
    Folder,
}

/// The kind of a file that holds files; `None` if it is none.
pub(super) fn kind(path: &Path) -> std::io::Result<Option<Kind>> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Ok(Some(Kind::Folder));
    }
    let mut head = Vec::new();
    file.by_ref().take(512).read_to_end(&mut head)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Some(Kind::Zip));
    }
    if is_tar(&head) {
        return Ok(Some(Kind::Tar));
    }
    if head.starts_with(&[0x1f, 0x8b]) {
        file.rewind()?;
        let mut inner = Vec::new();
        // A file that is damaged from the start is no archive; whoever reads it as a file says so.
        let read = MultiGzDecoder::new(BufReader::new(file)).take(512).read_to_end(&mut inner);
        return Ok(read.is_ok_and(|_| is_tar(&inner)).then_some(Kind::TarGz));
    }
    Ok(None)
}

/// Whether a file begins as a tar archive does.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// The parts of a container: what each entry is called, and what is in it, that of its companions before it. `counter` is
/// told the bytes of the container that have been read.
pub(super) fn parts(path: &Path, kind: Kind, counter: &Counter) -> std::io::Result<Entries> {
    let uncounted = Counter::default();
    let companions = Companions::of(entries(path, kind, &uncounted, |name| COMPANIONS.contains(&last(name)))?);
    let wanted = match companions.x_account {
        // An export of X: its posts, and nothing else.
        Some(_) => |name: &str| is_posts_of_x(last(name)),
        None => |name: &str| !name.ends_with('/') && !COMPANIONS.contains(&last(name)),
    };
    let entries = entries(path, kind, counter, wanted)?;
    let counter = counter.clone();
    Ok(Box::new(entries.map(move |(name, content)| {
        let content = content.and_then(|content| match content {
            Content::File(path) if !companions.concern(&name) => Ok(Content::File(path)),
            content => Ok(Content::Bytes(companions.before(&name, content.bytes(&counter)?)?)),
        });
        (name, content)
    })))
}

/// Files that say something about the others.
const COMPANIONS: [&str; 5] =
    ["account.js", "note-tweet.js", "screen-name-change.js", "actor.json", "datapackage.json"];

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// `tweets.js`, `tweets-part1.js`, formerly `tweet.js`; deleted ones and those in communities.
fn is_posts_of_x(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".js") else { return false };
    let stem = stem.split_once("-part").map_or(stem, |(stem, _)| stem);
    matches!(stem, "tweet" | "tweets" | "deleted-tweets" | "community-tweet")
}

#[derive(Default)]
struct Companions {
    x_account: Option<Vec<u8>>,
    x_notes: Vec<u8>,
    x_names: Vec<u8>,
    actor: Option<Vec<u8>>,
    /// Name of a resource and its digest, as the package of a web archive states them.
    digests: Vec<(String, String)>,
}

impl Companions {
    fn of(entries: impl Iterator<Item = Entry>) -> Companions {
        let mut companions = Companions::default();
        for (name, content) in entries {
            let Ok(bytes) = content.and_then(|content| content.bytes(&Counter::default())) else { continue };
            match last(&name) {
                "account.js" if bytes.starts_with(b"window.YTD.account") => companions.x_account = Some(bytes),
                "note-tweet.js" => companions.x_notes = bytes,
                "screen-name-change.js" => companions.x_names = bytes,
                "actor.json" => companions.actor = Some(bytes),
                "datapackage.json" => companions.digests = digests(&bytes),
                _ => {}
            }
        }
        companions
    }

    /// Whether they say something about this entry.
    fn concern(&self, name: &str) -> bool {
        let is_outbox = self.actor.is_some() && last(name) == "outbox.json";
        self.x_account.is_some() || is_outbox || self.stated(name).is_some()
    }

    /// The digest that an entry must have.
    fn stated(&self, name: &str) -> Option<&str> {
        let stated = self.digests.iter().find(|(path, _)| name == path || name.ends_with(&format!("/{path}")));
        stated.map(|(_, digest)| digest.as_str())
    }

    /// The bytes of an entry behind those that it needs to be understood.
    fn before(&self, name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
        if let Some(stated) = self.stated(name) {
            let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            if stated != digest {
                return Err("is not what datapackage.json says: its SHA-256 is another".to_owned());
            }
        }
        let one_line = |bytes: &[u8]| !bytes.trim_ascii().contains(&b'\n');
        match (&self.x_account, &self.actor) {
            (Some(account), _) => Ok([account.as_slice(), &self.x_notes, &self.x_names, &bytes].join(&b'\n')),
            (None, Some(actor)) if last(name) == "outbox.json" && one_line(actor) && one_line(&bytes) => {
                Ok([actor.trim_ascii(), b"\n", bytes.trim_ascii(), b"\n"].concat())
            }
            _ => Ok(bytes),
        }
    }
}

/// `resources` of <https://specs.webrecorder.net/wacz/1.1.1/>.
fn digests(bytes: &[u8]) -> Vec<(String, String)> {
    let package: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    let resources = package["resources"].as_array().into_iter().flatten();
    let stated = |one: &serde_json::Value| {
        let digest = one["hash"].as_str()?.strip_prefix("sha256:")?.to_ascii_lowercase();
        Some((one["path"].as_str()?.to_owned(), digest))
    };
    resources.filter_map(stated).collect()
}

/// The entries of a container.
pub(super) type Entries = Box<dyn Iterator<Item = Entry>>;

impl Content {
    fn bytes(self, counter: &Counter) -> Result<Vec<u8>, String> {
        match self {
            Content::Bytes(bytes) => Ok(bytes),
            Content::File(path) => {
                let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
                Budget { left: u64::MAX, ended: false }.read(counter.count(file))
            }
        }
    }
}

/// The entries whose names are wanted, in the order of the archive, folders left out.
fn entries(
    path: &Path,
    kind: Kind,
    counter: &Counter,
    wanted: impl Fn(&str) -> bool + Send + 'static,
) -> std::io::Result<Entries> {
    if kind == Kind::Folder {
        return folder(path, wanted);
    }
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if kind == Kind::TarGz
        && let Some(fault) = gzip_fault(&mut BufReader::new(File::open(path)?), room(size))?
    {
        return Err(fault);
    }
    let file = BufReader::new(counter.count(file));
    let budget = Budget { left: room(size), ended: false };
    Ok(match kind {
        Kind::Zip => zip(file, wanted, budget)?,
        Kind::TarGz => tar(Members::new(file), wanted, budget),
        Kind::Tar | Kind::Folder => tar(file, wanted, budget),
    })
}

/// What so many packed bytes may decode to.
pub(super) fn room(size: u64) -> u64 {
    FREE.saturating_add(size.saturating_mul(RATIO))
}

/// What the entries of an archive may still decode to.
struct Budget {
    left: u64,
    ended: bool,
}

impl Budget {
    fn read(&mut self, reader: impl Read) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let most = self.left.min(DECODED_LIMIT);
        let read = reader.take(most + 1).read_to_end(&mut bytes);
        self.left = self.left.saturating_sub(bytes.len() as u64);
        if bytes.len() as u64 > most {
            self.ended = self.left == 0;
            return Err(match self.ended {
                true => format!("packs more than a text can: the archive is given up {RATIO} times its own size"),
                false => format!("is larger than {} MiB", DECODED_LIMIT >> 20),
            });
        }
        read.map(|_| bytes).map_err(|error| format!("cannot be read: {error}"))
    }
}

fn zip(
    file: impl Read + Seek + 'static,
    wanted: impl Fn(&str) -> bool + 'static,
    mut budget: Budget,
) -> std::io::Result<Entries> {
    let mut archive = zip::ZipArchive::new(file).map_err(std::io::Error::other)?;
    let count = archive.len();
    let mut index = 0;
    // Where another archive stands before it, or in it, and its own end is missing, only the last one is found.
    let mut before = Some(archive.offset()).filter(|before| *before > 0);
    Ok(Box::new(std::iter::from_fn(move || {
        if let Some(before) = before.take() {
            let what = format!("begins with {before} bytes that are none of its own, and are not read");
            return Some(("(the archive)".to_owned(), Err(what)));
        }
        while index < count && !budget.ended {
            index += 1;
            if index > MOST {
                budget.ended = true;
                return Some((
                    "(the archive)".to_owned(),
                    Err(format!("holds more than {MOST} entries; the others are left out")),
                ));
            }
            let name = archive.name_for_index(index - 1).and_then(Result::ok).map(|name| shown(&name));
            let name = name.unwrap_or_else(|| format!("(entry {index})"));
            if !wanted(&name) || !is_worth_reading(&name) {
                continue;
            }
            let entry = match archive.by_index(index - 1) {
                Ok(entry) => entry,
                Err(error) => return Some((name, Err(format!("cannot be read: {error}")))),
            };
            if entry.is_file() {
                return Some((name, budget.read(entry).map(Content::Bytes)));
            }
        }
        None
    })))
}

/// The entries of a tar file borrow it: a thread of its own reads them, one ahead.
fn tar(
    reader: impl Read + Send + 'static,
    wanted: impl Fn(&str) -> bool + Send + 'static,
    mut budget: Budget,
) -> Entries {
    let (send, found) = std::sync::mpsc::sync_channel::<Entry>(0);
    std::thread::spawn(move || {
        let of_all = |what: String| ("(the archive)".to_owned(), Err(what));
        let mut archive = tar::Archive::new(reader);
        // One archive behind another ends in blocks of zeros, too.
        archive.set_ignore_zeros(true);
        let entries = match archive.entries() {
            Ok(entries) => entries,
            // Whoever asked may have gone: then nobody wants the rest either.
            Err(error) => return drop(send.send(of_all(format!("cannot be read: {error}")))),
        };
        for (index, entry) in entries.enumerate() {
            if index == MOST {
                return drop(send.send(of_all(format!("holds more than {MOST} entries; the others are left out"))));
            }
            let entry = match entry {
                Ok(entry) => entry,
                // Nothing can be found behind a broken header.
                Err(error) => return drop(send.send(of_all(format!("is broken: {error}")))),
            };
            let name = shown(&String::from_utf8_lossy(&entry.path_bytes()));
            if entry.header().entry_type().is_file() && wanted(&name) && is_worth_reading(&name) {
                let content = budget.read(entry).map(Content::Bytes);
                if send.send((name, content)).is_err() || budget.ended {
                    return;
                }
            }
        }
    });
    Box::new(found.into_iter())
}

/// Pictures and films of an export are passed over unread.
fn is_worth_reading(name: &str) -> bool {
    const NOT: [&str; 12] =
        [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".mp4", ".webm", ".mov", ".mp3", ".ogg", ".pdf"];
    let name = name.to_ascii_lowercase();
    !NOT.iter().any(|ending| name.ends_with(ending))
}

/// The files of a folder and those below it, by name. Links are not followed: they may lead anywhere.
fn folder(path: &Path, wanted: impl Fn(&str) -> bool + 'static) -> std::io::Result<Entries> {
    let root = path.to_owned();
    let entries = files(path)?.into_iter().enumerate().filter_map(move |(i, (file, fault))| {
        if i >= MOST {
            let what = format!("holds more than {MOST} files; the others are left out");
            return (i == MOST).then(|| ("(the folder)".to_owned(), Err(what)));
        }
        let name = shown(&file.strip_prefix(&root).unwrap_or(&file).to_string_lossy());
        let content = match fault {
            Some(error) => Err(format!("cannot be looked into: {error}")),
            None if file.is_symlink() => Err("is a symbolic link, which is not followed".to_owned()),
            None => Ok(Content::File(file)),
        };
        (wanted(&name) && is_worth_reading(&name)).then_some((name, content))
    });
    Ok(Box::new(entries))
}

/// The files of a folder and those below it, by name, and the links among them; of a folder that cannot be looked into, why.
fn files(path: &Path) -> std::io::Result<Vec<(PathBuf, Option<std::io::Error>)>> {
    let mut files = Vec::new();
    let mut left = vec![path.to_owned()];
    while let Some(folder) = left.pop() {
        let entries = std::fs::read_dir(&folder).and_then(|entries| {
            entries
                .map(|entry| entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))))
                .collect::<Result<Vec<_>, _>>()
        });
        match entries {
            Ok(entries) => {
                for (path, kind) in entries {
                    if kind.is_dir() {
                        left.push(path);
                    } else if kind.is_file() || kind.is_symlink() {
                        files.push((path, None));
                    } else {
                        files.push((path, Some(std::io::Error::other("it is a pipe or a device"))));
                    }
                }
            }
            Err(error) if folder == path => return Err(error),
            Err(error) => files.push((folder, Some(error))),
        }
    }
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(files)
}

/// The bytes of a file, or of all files of a folder; 0 if they cannot be looked at.
pub(super) fn size(path: &Path) -> u64 {
    let of_file = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if path.is_dir() {
        let files = files(path).unwrap_or_default().into_iter().map(|(file, _)| file);
        files.filter(|file| file.is_file() && !file.is_symlink()).map(|file| of_file(&file)).sum()
    } else {
        of_file(path)
    }
}

/// A name as it can be told: on one line, not too long.
fn shown(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(LONGEST_NAME).collect();
    name.replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_export_of_x_only_posts_are_read() {
        for name in ["tweets.js", "tweet.js", "tweets-part12.js", "deleted-tweets.js", "community-tweet.js"] {
            assert!(is_posts_of_x(name), "{name}");
        }
        for name in [
            "direct-messages.js",
            "direct-messages-part1.js",
            "like.js",
            "phone-number.js",
            "tweets.json",
            "tweetdeck.js",
        ] {
            assert!(!is_posts_of_x(name), "{name}");
        }
    }
}
