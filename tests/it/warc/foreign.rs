//! Files of other tools, good and broken: `fixtures/warc`.

use std::fs;

use proptest::prelude::*;
use pullquote::exchange::Exchange;
use pullquote::warc;

use super::files;
use crate::support::root;

/// What is read out of each file of the shelf (`fixtures/warc/README.md`): method, address, status and body, and what
/// is said about the rest.
#[test]
fn files_of_other_tools() {
    let page = "GET https://social.example/@ada/1 200 <p>Ada says yes</p>";
    let id = |n: &str| format!("record urn:uuid:00000000-0000-4000-8000-0000000000{n}");
    let expected: &[(&str, &[&str])] = &[
        ("bad-gzip.warc.gz", &[page, "broken from byte 238 on: states no Content-Length"]),
        ("empty.warc", &["not a WARC file: it is empty"]),
        ("empty.warc.gz", &["not a WARC file: it is empty"]),
        ("huge-length.warc", &[page, "broken from byte 335 on: its block is cut"]),
        ("no-length.warc", &[page, "broken from byte 335 on: states no Content-Length"]),
        (
            "nonsense.warc",
            &[
                page,
                page,
                "GET https://social.example/@ada/1 404 ",
                &format!("{} at byte 856: names no address", id("18")),
                &format!("{} at byte 1143: has the date \"yesterday\", which is none", id("19")),
                &format!("{} at byte 1467: has no answer in it", id("20")),
                page,
            ],
        ),
        ("not-a.warc", &["not a WARC file: it does not begin with a WARC record"]),
        (
            "revisit.warc",
            &[
                &format!("{} at byte 0: says only that an answer had not changed since an earlier one", id("11")),
                page,
                &format!("{} at byte 753: is a later part of an answer that was cut into parts", id("12")),
            ],
        ),
        ("truncated.warc.gz", &[page, "broken from byte 375 on: incomplete deflate stream"]),
        ("warcio.warc.gz", &["POST https://social.example/@ada/1 200 <p>Ada says yes</p>"]),
        ("wget.warc", &[page]),
        ("whole.warc.gz", &[page, "GET file:///notes.txt 200 notes"]),
        (
            "wrong-chunks.warc",
            &[
                &format!("{} at byte 0: its chunks go wrong at byte 8 of the body", id("07")),
                page,
                "GET https://social.example/@ada/1 200 ab",
                page,
            ],
        ),
    ];
    for (file, expected) in expected {
        assert_eq!(foreign(file), *expected, "{file}");
    }
    let shelf =
        files(&root().join("fixtures/warc")).into_iter().filter(|path| path.to_string_lossy().contains(".warc"));
    assert_eq!(shelf.count(), expected.len(), "a file of fixtures/warc is not looked at");
}

fn foreign(file: &str) -> Vec<String> {
    let file = fs::File::open(root().join("fixtures/warc").join(file)).unwrap();
    let told = |item: Result<warc::Foreign, warc::ForeignError>| match item {
        Ok(warc::Foreign { exchange: Exchange { request, response, .. }, .. }) => {
            let body = String::from_utf8_lossy(&response.body).into_owned();
            format!("{} {} {} {body}", request.method.as_str(), request.url, response.status)
        }
        Err(error) => error.to_string(),
    };
    warc::exchanges(file).map(told).collect()
}

proptest! {
    /// Noise, and files of the shelf with noise in them: an end is always reached, and nothing panics.
    #[test]
    fn noise_is_told_and_ends(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let shelf: Vec<_> = files(&root().join("fixtures/warc")).into_iter().filter(|path| path.is_file()).collect();
        let mut bytes = fs::read(&shelf[which.index(shelf.len())]).unwrap();
        let at = at.index(bytes.len() + 1);
        let end = bytes.len().min(at + noise.len() / 2);
        bytes.splice(at..end, noise.iter().copied());
        prop_assert!(warc::exchanges(bytes.as_slice()).take(1000).count() < 1000);
        prop_assert!(warc::exchanges(noise.as_slice()).take(1000).count() < 1000);
    }
}
