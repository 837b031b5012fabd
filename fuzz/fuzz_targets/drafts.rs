//! Drafts in every format, from their bytes to a report beside a post: none may panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pullquote::check::{self, Candidate, Draft, KINDS, Text};
use pullquote::model::{Author, Handle, Post, TextState};
use pullquote::zone::Zone;

const WORDS: &str = "“Deep down”, we all… know [it] 💙 https://a.example/b — #so @a";

fuzz_target!(
    // A panic that somebody catches is none of ours; one that nobody catches ends the run all the same.
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let author = Author { handle: Handle::new("a"), name: Some("b".to_owned()), ..Author::default() };
        let post = Post { text: WORDS.to_owned(), author, ..Post::default() };
        let said = Text {
            revision: 1,
            text: WORDS.to_owned(),
            state: TextState::Unknown,
            links: Vec::new(),
            author: (None, None),
        };
        let candidates = [Candidate {
            key: post.key(),
            post,
            revision: 1,
            texts: vec![said],
            names: Vec::new(),
            deleted: None,
            linked: false,
        }];
        for kind in KINDS.iter().map(|(_, kind)| Some(*kind)).chain([None]) {
            let Ok(draft) = Draft::read(bytes, &text, "draft", kind) else { continue };
            let (claims, _) = check::claims(&draft);
            let verdicts: Vec<_> =
                claims.iter().filter_map(|claim| check::judge(&draft, claim, &candidates, Zone::UTC)).collect();
            for verdict in &verdicts {
                check::report::lines(verdict);
                check::report::json(verdict);
            }
            check::report::page("draft", &verdicts);
        }
    }
);
