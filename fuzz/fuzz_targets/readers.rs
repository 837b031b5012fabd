//! Every parser, or the one that the variable `READER` names, on every input: none may panic, however the answer is broken.
//! `fuzz/run.sh` gives each its time.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pullquote::exchange::{Exchange, Origin, Request, Response};
use pullquote::platform::Platform;
use pullquote::{dump, ingest};

const KINDS: [&str; 6] = [
    "application/json",
    "application/x-ndjson",
    "text/html; charset=utf-8",
    "text/plain",
    "text/csv",
    "application/vnd.ipld.car",
];

static READERS: LazyLock<Vec<&Platform>> = LazyLock::new(|| match std::env::var("READER") {
    Ok(name) => vec![dump::by_name(&name).expect("READER names a reader")],
    Err(_) => dump::readers().collect(),
});

fuzz_target!(
    // A panic that somebody catches is none of ours; one that nobody catches ends the run all the same.
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |body: &[u8]| {
        let kind = KINDS[body.first().copied().unwrap_or_default() as usize % KINDS.len()];
        let exchange = Exchange {
            // One reader reads nothing without a map.
            request: Request::get("https://server.example/api").with_map("text=text,handle=handle,url=url,date=date,id=id"),
            response: Response {
                status: 200,
                headers: vec![("content-type".to_owned(), kind.to_owned())],
                body: body.to_vec(),
                protocol: None,
            },
            origin: Origin::Live,
            ..Exchange::default()
        };
        for reader in READERS.iter() {
            if let Ok(page) = ingest::parse(reader, &exchange) {
                // What is read is no more than a stated multiple of what was there: each post repeats no more than the whole.
                let words: usize = page.posts.iter().map(|found| found.post.text.len()).sum();
                assert!(words <= 64 * body.len().max(64), "{} made {words} bytes of {}", reader.name, body.len());
            }
        }
    }
);
