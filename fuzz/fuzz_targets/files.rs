//! Detection and containers, on every file: none may panic or unpack more than its limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pullquote::import::{self, Piece};
use pullquote::ingest;

fuzz_target!(
    // A panic that somebody catches is none of ours; one that nobody catches ends the run all the same.
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |bytes: &[u8]| {
        let path = std::env::temp_dir().join(format!("pullquote-fuzz-{}", std::process::id()));
        std::fs::write(&path, bytes).expect("the temporary folder takes a file");
        if let Ok(pieces) = import::pieces(&path, Default::default()) {
            for piece in pieces.take(1000) {
                if let Ok(Piece::Part(part, reader)) = piece {
                    let _page = ingest::parse(reader, &part.exchange);
                }
            }
        }
    }
);
