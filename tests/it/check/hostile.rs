//! Drafts that want to harm: none may make the program panic or take the square of its length.

use std::time::Duration;

use proptest::prelude::*;
use pullquote::check::{self, Candidate, Draft, Kind, Text};
use pullquote::model::{Author, Handle, Post, TextState};
use pullquote::zone::Zone;

/// A draft from its reading to its report, beside two posts.
fn check(text: &str, kind: Kind) {
    let Ok(draft) = Draft::read(text.as_bytes(), text, "draft", Some(kind)) else { return };
    let (claims, _) = check::claims(&draft);
    let candidates = ["deep down, we all x", "“quoted” … and [sic] 💙 https://a.example/b"].map(|words| {
        let author = Author { handle: Handle::new("a"), name: Some("b".to_owned()), ..Author::default() };
        let post = Post { text: words.to_owned(), author, ..Post::default() };
        let said = Text {
            revision: 1,
            text: words.to_owned(),
            state: TextState::Unknown,
            links: Vec::new(),
            author: (None, None),
        };
        Candidate {
            key: post.key(),
            post,
            revision: 1,
            texts: vec![said],
            names: Vec::new(),
            deleted: None,
            linked: false,
        }
    });
    let verdicts: Vec<_> =
        claims.iter().filter_map(|claim| check::judge(&draft, claim, &candidates, Zone::UTC)).collect();
    for (claim, verdict) in claims.iter().zip(&verdicts) {
        check::clues(&claim.readings[0].words(&draft));
        check::report::lines(verdict);
        check::report::json(verdict);
    }
    check::report::page("draft", &verdicts);
}

const KINDS: [Kind; 3] = [Kind::Html, Kind::Markdown, Kind::Text];

/// Bodies that cost a careless reader the square of their length, given how often to repeat.
const COSTLY: &[fn(usize) -> String] = &[
    |n| "(@".repeat(n),
    |n| "@a ".repeat(n),
    |n| "“".repeat(n),
    |n| "\" ".repeat(n),
    |n| "“x” @a ".repeat(n),
    |n| "“deep down, we all x” – Ada B. Moss of C, who was, ".repeat(n),
    |n| "Ada Moss, who was in A of B, wrote: “deep down, we all x” ".repeat(n),
    |n| format!("{}: “deep down, we all x”", "Ada Moss, who, on 3 May 1960, ".repeat(n)),
    |n| format!("（@a）は{}", "2021年8".repeat(n)),
    |n| "‘x".repeat(n),
    |n| "— (@a) ".repeat(n),
    |n| "— b (@a) July 26, 2021\n\nx\n\n".repeat(n),
    |n| "x — b (@a) July 26, 2021\n".repeat(n),
    |n| format!("{} — b (@a) July 26, 2021", "x\n".repeat(n)),
    |n| format!("{} — b (@a) July 26, 2021", "x ".repeat(n)),
    |n| "x — b, July 26, 2021\n".repeat(n),
    |n| "[x y z](https://x.com/a/status/20) ".repeat(n),
    |n| "“x y z” https://x.com/a/status/20 ".repeat(n),
    |n| "> x\n> — b (@a)\n\n".repeat(n),
    |n| format!("<blockquote>{}", "<p>x<p>— b (@a) July 26, 2021".repeat(n)),
    |n| "<blockquote cite=https://x.com/a/status/20>x</blockquote>".repeat(n),
    |n| "26 July 2021 @a ".repeat(n),
    |n| "https://x.com/a/status/20\n\n".repeat(n),
    |n| "x y z — b (@a)\n\nhttps://x.com/a/status/20\n\n".repeat(n),
    |n| "<iframe src='https://platform.twitter.com/embed/Tweet.html?id=20'></iframe>".repeat(n),
    |n| "<a href=https://x.com/a>A B</a> wrote: “x y z w v” ".repeat(n),
    |n| "[A B](https://x.com/a) “x y z w v” ".repeat(n),
    |n| "http".repeat(n),
    |n| "...".repeat(n),
    |n| "[".repeat(n),
];

/// How long this thread has had a processor: a busy machine does not make it longer.
fn busy() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a Linux that counts");
    Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn twenty_times_the_draft_does_not_take_its_square() {
    for (at, body) in COSTLY.iter().enumerate() {
        for kind in KINDS {
            let took = |n| {
                let body = body(n);
                let before = busy();
                check(&body, kind);
                busy().saturating_sub(before)
            };
            let (small, large) = (took(200), took(4_000));
            // A square would take four hundred times as long; what takes less than this is measured badly.
            let bound = 100 * small.max(Duration::from_millis(10));
            assert!(large < bound, "body {at} as {kind:?}: {small:?}, then {large:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_draft_makes_it_panic(
        text in r#"([a-z ]{0,4}|\PC|[—–-] |\n|\n\n|> |“|”|"|'|‘|’|@a|\(@b\)|July 26, 2021|26 July|https://x.com/a/status/20|\[|\]|…|\.\.\.|<p>|<blockquote>|</blockquote>|<a href='https://x.com/a/status/20'>|💙|wrote: ){0,40}"#,
    ) {
        for kind in KINDS {
            check(&text, kind);
        }
    }

    #[test]
    fn no_file_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), zip in any::<bool>()) {
        let bytes = if zip { [b"PK\x03\x04".as_slice(), &bytes].concat() } else { bytes };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Ok(draft) = Draft::read(&bytes, &text, "draft", None) {
            check::claims(&draft);
        }
    }
}
