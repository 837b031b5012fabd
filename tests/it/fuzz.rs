//! Every parser on broken answers: the bodies of all fixtures, cut, spliced, doubled and with signs exchanged. None may panic, and
//! none may make more of an answer than was in it. Seconds here; `fuzz/` runs the same for as long as one likes.

use pullquote::exchange::Exchange;
use pullquote::{dump, http, ingest};

use crate::fixtures::cases;

/// A generator of numbers that gives the same ones in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        // <https://en.wikipedia.org/wiki/Xorshift>
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

const SIGNS: [&[u8]; 16] = [
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b"&",
    b"\n",
    b"\\",
    b"null",
    b"-1",
    b"1e400",
    "\u{202e}".as_bytes(),
    "…".as_bytes(),
    b"\xff",
];

fn broken(dice: &mut Dice, body: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = body.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        let end = (at + dice.below(200)).min(bytes.len());
        match dice.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
            3 => {
                let from = dice.below(other.len());
                let piece = &other[from..(from + dice.below(400)).min(other.len())];
                drop(bytes.splice(at..end, piece.iter().copied()));
            }
            4 => drop(bytes.splice(at..at, SIGNS[dice.below(SIGNS.len())].iter().copied())),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = byte.wrapping_add(1 << dice.below(8));
                }
            }
        }
    }
    bytes
}

#[test]
fn no_broken_answer_makes_a_parser_panic() {
    let exchanges: Vec<(String, Exchange)> =
        cases().into_iter().map(|(name, case)| (name, http::recorded::load(&case).unwrap())).collect();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let rounds = std::env::var("PULLQUOTE_FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20);
    for _ in 0..rounds {
        for (name, exchange) in &exchanges {
            let other = &exchanges[dice.below(exchanges.len())].1.response.body;
            let mut exchange = exchange.clone();
            exchange.response.body = broken(&mut dice, &exchange.response.body, other);
            let length = exchange.response.body.len();
            // Its own reader, and one of the others.
            let stranger = dump::readers().nth(dice.below(dump::readers().count()));
            for reader in dump::by_name(name).into_iter().chain(stranger) {
                let Ok(page) = ingest::parse(reader, &exchange) else { continue };
                let words: usize = page.posts.iter().map(|found| found.post.text.len()).sum();
                assert!(words <= 64 * length.max(64), "{} made {words} bytes of {length}", reader.name);
            }
        }
    }
}
