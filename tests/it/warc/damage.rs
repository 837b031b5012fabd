//! Crashes, flipped bytes, and captures taken away.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use pullquote::exchange::Exchange;
use pullquote::warc::{self, Capture, Damage, Options, WarcError, Writer};
use sha2::{Digest, Sha256};

use super::{archive, facts, files, page, read, verify, write};

/// kill -9 at any byte of a write: what was acknowledged is all there, the rest is cut off, and work goes on.
#[test]
fn a_file_cut_at_every_byte_of_its_last_capture_heals() {
    let (whole, places) = archive(3);
    let name = &places[2].file;
    let bytes = fs::read(whole.path().join(name)).unwrap();
    for cut in places[2].offset as usize..bytes.len() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(name), &bytes[..cut]).unwrap();
        let (captures, errors) = read(dir.path());
        assert_eq!(captures.len(), 2, "cut at {cut}");
        let report = verify(dir.path());
        assert_eq!((report.captures, report.damages.as_slice()), (2, [].as_slice()), "cut at {cut}");
        if cut > places[2].offset as usize {
            assert!(
                matches!(&errors[..], [WarcError::TornTail { offset, .. }] if *offset == places[2].offset),
                "{errors:?}"
            );
            assert_eq!(report.torn, Some((name.clone(), places[2].offset)));
        }
        let options = Options { acknowledged: Some(places[1].clone()), ..Options::default() };
        assert_eq!(write(dir.path(), options, &[page(3)])[0].offset, places[2].offset);
        assert_eq!((verify(dir.path()).captures, verify(dir.path()).torn), (3, None), "cut at {cut}");
    }
}

#[test]
fn a_first_file_cut_anywhere_before_its_first_capture_is_begun_anew() {
    let (whole, places) = archive(1);
    let bytes = fs::read(whole.path().join(&places[0].file)).unwrap();
    for cut in (0..bytes.len()).step_by(7) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(&places[0].file), &bytes[..cut]).unwrap();
        write(dir.path(), Options::default(), &[page(1), page(2)]);
        let report = verify(dir.path());
        assert_eq!((report.files, report.captures, report.damages, report.torn), (1, 2, vec![], None), "cut at {cut}");
    }
}

/// After a power failure the file has its size, and zeros where bytes should be.
#[test]
fn a_tail_of_zeros_is_a_torn_tail() {
    let (dir, places) = archive(3);
    let path = dir.path().join(&places[2].file);
    let mut bytes = fs::read(&path).unwrap();
    let from = places[2].offset as usize + 200;
    bytes[from..].fill(0);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(verify(dir.path()).torn, Some((places[2].file.clone(), places[2].offset)));
    write(dir.path(), Options::default(), &[page(3)]);
    assert_eq!((verify(dir.path()).captures, verify(dir.path()).damages), (3, vec![]));
}

/// Damage at the end is not mistaken for a crash: nothing acknowledged is cut off, and work goes on in a new file.
#[test]
fn what_was_acknowledged_is_never_cut_off() {
    let (dir, places) = archive(3);
    let path = dir.path().join(&places[2].file);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
    let options = Options { acknowledged: Some(places[2].clone()), ..Options::default() };
    let next = write(dir.path(), options, &[page(4)]);
    assert_eq!(fs::read(&path).unwrap(), &bytes[..bytes.len() - 5]);
    assert_ne!(next[0].file, places[2].file);
    let report = verify(dir.path());
    assert_eq!((report.captures, report.torn.is_some(), report.damages.len()), (3, false, 1), "{report:?}");
    assert_eq!(report.damages[0].offset, places[2].offset);
}

/// The members of a file: (start, end, record id).
fn members(dir: &Path, name: &str) -> Vec<(usize, usize, String)> {
    let bytes = fs::read(dir.join(name)).unwrap();
    let mut members = Vec::new();
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let start = bytes.len() - rest.len();
        let mut text = String::new();
        flate2::bufread::GzDecoder::new(&mut rest).read_to_string(&mut text).unwrap();
        let id = text.split_once("WARC-Record-ID: <").unwrap().1.split_once('>').unwrap().0.to_owned();
        members.push((start, bytes.len() - rest.len(), id));
    }
    members
}

#[test]
fn a_flipped_byte_anywhere_is_found_at_its_place() {
    let (dir, places) = archive(3);
    let name = &places[0].file;
    let members = members(dir.path(), name);
    assert_eq!(members.len(), 1 + 3 * 3);
    let path = dir.path().join(name);
    let bytes = fs::read(&path).unwrap();
    let (whole, _) = read(dir.path());
    let mut named = 0;
    for (start, end, id) in &members {
        for flipped in *start..*end {
            let mut damaged = bytes.clone();
            damaged[flipped] ^= 0xff;
            fs::write(&path, &damaged).unwrap();
            let report = verify(dir.path());
            let found = match (&report.damages[..], &report.torn) {
                ([Damage { file, offset, record_id, .. }, ..], _) => {
                    assert_eq!(file, name);
                    named += usize::from(record_id.as_ref() == Some(id));
                    *offset
                }
                // At the very end a flip can look like the end of the file.
                ([], Some((file, offset))) => {
                    assert_eq!((file, *start >= places[2].offset as usize), (name, true));
                    named += 1;
                    if *offset == places[2].offset { *start as u64 } else { *offset }
                }
                ([], None) => panic!("byte {flipped} was flipped, and nothing was found"),
            };
            assert_eq!(found, *start as u64, "byte {flipped}: {report:?}");
            // And it costs no other capture.
            let (captures, _) = read(dir.path());
            assert!(captures.iter().all(|capture| whole.contains(capture)) && captures.len() >= 2, "byte {flipped}");
        }
    }
    let all = bytes.len();
    assert!(named == all, "only {named} of {all} damages named the record");
}

/// Files with captures taken out, put elsewhere or written anew with right digests.
#[test]
fn a_removed_moved_or_rewritten_capture_breaks_the_chain() {
    let (dir, places) = archive(4);
    let path = dir.path().join(&places[0].file);
    let bytes = fs::read(&path).unwrap();
    let cut =
        |n: usize| &bytes[places[n].offset as usize..places.get(n + 1).map_or(bytes.len(), |p| p.offset as usize)];
    let head = &bytes[..places[0].offset as usize];
    let chain = "does not follow the capture before it";
    let (other_dir, other_places) = archive(1);
    let other = fs::read(&files(other_dir.path())[0]).unwrap();
    let other = &other[..members(other_dir.path(), &other_places[0].file)[0].1];
    let begin = "does not begin as it did";
    for (what, parts, said) in [
        ("first removed", vec![head, cut(1), cut(2), cut(3)], chain),
        ("second removed", vec![head, cut(0), cut(2), cut(3)], chain),
        ("two exchanged", vec![head, cut(0), cut(2), cut(1), cut(3)], chain),
        ("one twice", vec![head, cut(0), cut(1), cut(1), cut(2)], chain),
        ("no warcinfo", vec![cut(0), cut(1), cut(2), cut(3)], begin),
        ("another warcinfo", vec![other, cut(0), cut(1), cut(2), cut(3)], begin),
    ] {
        fs::write(&path, parts.concat()).unwrap();
        let report = verify(dir.path());
        assert!(report.damages.iter().any(|damage| damage.what.contains(said)), "{what}: {report:?}");
    }
}

#[test]
fn a_removed_file_breaks_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let pages: Vec<Exchange> = (1..=6).map(page).collect();
    write(dir.path(), Options { max_file_size: 1, ..Options::default() }, &pages);
    let all = files(dir.path());
    assert_eq!(all.len(), 6);
    for (number, removed) in all.iter().enumerate().take(5) {
        let bytes = fs::read(removed).unwrap();
        fs::remove_file(removed).unwrap();
        let said: Vec<String> = verify(dir.path()).damages.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|said| said.contains("does not follow")), "{said:?}");
        assert!(said.iter().any(|said| said.contains(&format!("no file has the number {}", number + 1))), "{said:?}");
        fs::write(removed, bytes).unwrap();
    }
    assert!(verify(dir.path()).damages.is_empty());
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

/// Somebody changes the words of a post and sets every digest of that record right.
#[test]
fn a_forged_response_with_right_digests_breaks_the_chain() {
    let (dir, places) = archive(2);
    let path = dir.path().join(&places[0].file);
    let bytes = fs::read(&path).unwrap();
    let (start, end, id) = members(dir.path(), &places[0].file).into_iter().nth(1).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[start..end]).read_to_string(&mut text).unwrap();
    let (fields, block) = text.split_once("\r\n\r\n").unwrap();
    let block = block.strip_suffix("\r\n\r\n").unwrap().replace("Loach", "Roach");
    let payload = block.split_once("\r\n\r\n").unwrap().1.to_owned();
    let digest = |text: &str| {
        let hex: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("Digest: sha256:{hex}")
    };
    let mut forged: Vec<String> = fields.split("\r\n").map(str::to_owned).collect();
    for field in &mut forged {
        for (name, text) in [("WARC-Block-", &block), ("WARC-Payload-", &payload)] {
            if field.starts_with(&format!("{name}Digest")) {
                *field = format!("{name}{}", digest(text));
            }
        }
    }
    let forged = packed(format!("{}\r\n\r\n{block}\r\n\r\n", forged.join("\r\n")).as_bytes());
    fs::write(&path, [&bytes[..start], &forged, &bytes[end..]].concat()).unwrap();
    let report = verify(dir.path());
    assert_eq!(report.damages.len(), 1, "{report:?}");
    assert_eq!(report.damages[0].what, "its response is not the one that was captured");
    // The place that the database knows has another digest, too.
    assert!(
        matches!(warc::fetch(dir.path(), &places[0]), Err(WarcError::NotThere { record_id, .. }) if record_id == id)
    );
}

/// A record that states a size it does not have costs no memory and no other capture.
#[test]
fn a_size_that_is_a_lie_is_damage() {
    let (dir, places) = archive(2);
    let path = dir.path().join(&places[0].file);
    let bytes = fs::read(&path).unwrap();
    let end = places[1].offset as usize;
    for size in ["99999999999", "99999999999999999999999", "-1", "200000000"] {
        let lie = format!("WARC/1.1\r\nWARC-Type: response\r\nContent-Length: {size}\r\n\r\nx");
        fs::write(&path, [&bytes[..end], &packed(lie.as_bytes()), &bytes[end..]].concat()).unwrap();
        let (captures, errors) = read(dir.path());
        assert_eq!((captures.len(), errors.len()), (2, 1), "{size}: {errors:?}");
        assert_eq!(verify(dir.path()).damages[0].offset, end as u64);
    }
}

/// A file made to cost time: each member runs on through all that follow before it fails.
#[test]
fn members_inside_members_are_given_up() {
    let (dir, places) = archive(1);
    let path = dir.path().join(&places[0].file);
    let text = b"WARC/1.1\r\nContent-Length: 200000000\r\n\r\n";
    let head = &packed(b"")[..10];
    let len = (text.len() + head.len()) as u16;
    // A stored block that ends where the next one begins.
    let unit = [head, &[0], &len.to_le_bytes(), &(!len).to_le_bytes(), text].concat();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, [bytes, unit.repeat(5000)].concat()).unwrap();
    let report = verify(dir.path());
    assert_eq!(report.captures, 1);
    assert!(report.damages.len() < 100, "{} members were tried", report.damages.len());
    assert!(report.damages.last().unwrap().what.contains("given up"));
    assert_ne!(write(dir.path(), Options::default(), &[page(2)])[0].file, places[0].file);
}

proptest! {
    /// Whatever happens to a file: nothing panics, no capture is invented, and what is written next can be read.
    #[test]
    fn no_accident_invents_a_capture(
        accidents in prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, prop::collection::vec(any::<u8>(), 0..40)), 1..4),
    ) {
        let (dir, places) = archive(3);
        let (whole, _) = read(dir.path());
        let path = dir.path().join(&places[0].file);
        let mut bytes = fs::read(&path).unwrap();
        for (at, removed, put) in accidents {
            let at = at.index(bytes.len());
            let end = bytes.len().min(at + removed);
            bytes.splice(at..end, put);
        }
        fs::write(&path, &bytes).unwrap();
        let (captures, _) = read(dir.path());
        let same = |capture: &Capture| whole.iter().any(|known| known.exchange == capture.exchange && known.facts == capture.facts);
        prop_assert!(captures.iter().all(same));
        verify(dir.path());
        let options = Options { acknowledged: Some(places[2].clone()), ..Options::default() };
        let next = write(dir.path(), options, &[page(9)]);
        prop_assert_eq!(warc::fetch(dir.path(), &next[0]).unwrap().exchange, page(9));
        prop_assert_eq!(read(dir.path()).0.len(), captures.len() + 1);
    }

    /// A single flipped bit is found, or it is one that carries nothing (the last bits of a compressed stream).
    #[test]
    fn a_flipped_bit_is_found_or_changes_nothing(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (dir, places) = archive(2);
        let (whole, _) = read(dir.path());
        let path = dir.path().join(&places[0].file);
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        fs::write(&path, &bytes).unwrap();
        let report = verify(dir.path());
        prop_assert!(!report.damages.is_empty() || report.torn.is_some() || read(dir.path()).0 == whole);
    }
}

/// A disk that is full in the middle of a capture. The limit on the size of a file has the same effect and can be had
/// without a disk: this test runs itself again under it.
#[test]
fn a_full_disk_leaves_whole_captures() {
    let big = |n: usize| {
        let mut page = page(n);
        let mut seed = n as u64;
        page.response.body = (0..3000)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 56) as u8
            })
            .collect();
        page
    };
    if let Some(dir) = std::env::var_os("PULLQUOTE_TEST_FULL_DISK") {
        let mut writer = Writer::open(Path::new(&dir), Options::default()).unwrap();
        for n in 1.. {
            match writer.append(&big(n), &facts()) {
                Ok(_) => writer.sync().unwrap(),
                Err(error) => {
                    println!("done {} {error}", n - 1);
                    // A smaller one may still fit.
                    println!("small {}", writer.append(&page(1), &facts()).is_ok());
                    return;
                }
            }
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" --exact warc::damage::a_full_disk_leaves_whole_captures --nocapture"])
        .arg(std::env::current_exe().unwrap())
        .env("PULLQUOTE_TEST_FULL_DISK", dir.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let done = told.lines().find_map(|line| line.split_once("done ")).unwrap_or_else(|| panic!("{output:?}")).1;
    let (count, error) = done.split_once(' ').unwrap();
    let count: u64 = count.parse().unwrap();
    assert!(count > 2 && error.contains("write ") && error.contains(".warc.gz: "), "{told}");
    let more = u64::from(told.contains("small true"));
    let report = verify(dir.path());
    assert_eq!((report.captures, &report.torn, &report.damages), (count + more, &None, &vec![]), "{told}");
    write(dir.path(), Options::default(), &[page(1)]);
    assert_eq!((verify(dir.path()).captures, files(dir.path()).len()), (count + more + 1, 1));
}

/// What could not be read again is not written, and costs nothing that is there.
#[test]
fn what_is_too_large_is_refused() {
    let (dir, _) = archive(1);
    let mut writer = Writer::open(dir.path(), Options::default()).unwrap();
    let mut long = page(2);
    long.request.url = format!("https://social.example/?q={}", "x".repeat(2 << 20));
    let error = writer.append(&long, &facts()).unwrap_err();
    assert!(error.to_string().starts_with("record head of \"https://social.example/?q=xxx"), "{error}");
    assert!(error.to_string().len() < 400);
    writer.append(&page(2), &facts()).unwrap();
    writer.sync().unwrap();
    assert_eq!((verify(dir.path()).captures, verify(dir.path()).damages), (2, vec![]));
}
