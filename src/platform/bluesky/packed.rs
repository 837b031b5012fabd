//! What Jetstream packs, if asked to: each message a frame of zstd (RFC 8878) with the dictionary that its servers have. Messages that
//! come as they are pass.

use std::io::Read as _;
use std::sync::{LazyLock, Mutex, PoisonError};

use ruzstd::decoding::{Dictionary, FrameDecoder, StreamingDecoder};

use crate::platform::Packed;

/// How a stream is asked for packed messages.
pub const PACKED: Packed = Packed { ask: |request| request.with_params(&[("compress", Some("true"))]), unpack };

/// The longest event asked for, in bytes, as it is unpacked. The longest record has some tens of thousands.
pub const LONGEST: u64 = 1_000_000;

/// Of the network's own servers; its licence stands beside it.
const DICTIONARY: &[u8] = include_bytes!("jetstream.zdict");

/// What every frame begins with.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The dictionary is read once.
static DECODER: LazyLock<Mutex<FrameDecoder>> = LazyLock::new(|| {
    let mut decoder = FrameDecoder::new();
    // One that could not be read would be missed by every frame, which then says so.
    if let Ok(dictionary) = Dictionary::decode_dict(DICTIONARY) {
        let _ = decoder.add_dict(dictionary);
    }
    Mutex::new(decoder)
});

fn unpack(message: Vec<u8>) -> Result<Vec<u8>, String> {
    if !message.starts_with(&MAGIC) {
        return Ok(message);
    }
    let wrong = |error: &dyn std::fmt::Display| format!("a packed message that cannot be read: {error}");
    let mut decoder = DECODER.lock().unwrap_or_else(PoisonError::into_inner);
    let frame = StreamingDecoder::new_with_decoder(message.as_slice(), &mut *decoder).map_err(|error| wrong(&error))?;
    let mut whole = Vec::new();
    frame.take(LONGEST + 1).read_to_end(&mut whole).map_err(|error| wrong(&error))?;
    if whole.len() as u64 > LONGEST { Err(wrong(&format!("it has more than {LONGEST} bytes"))) } else { Ok(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `zstd -19 --no-check -D jetstream.zdict` from 400 bytes.
    const FRAME: &str = "28b52ffd636d4615609000dd040013881793c9c69f54d30c46f0cde7446d7f6566869865711a5d5ee462be566014e55361d4d5818a4a8c9f0504118e8cb1dc3002a5c8a445e8704a05af43050ee609e1e65079abb391820ed7c15447f3f052e75be708c2d73e4e5329b34c1915290414c0d8648f406f75f3978fc68265152417ab1416ce426d8d46cd485114dcb306d59c3c596851ae515e60cf2cadb284eeedeed003f94827021304";

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn a_message_is_unpacked_by_the_dictionary() {
        let event = String::from_utf8(unpack(bytes(FRAME)).unwrap()).unwrap();
        assert_eq!(event.len(), 400);
        assert!(
            event.starts_with("{\"did\":\"did:plc:") && event.contains("\"text\":\"The water is at the door. #flood\"")
        );
        assert_eq!(unpack(event.clone().into_bytes()).unwrap(), event.as_bytes());
    }

    #[test]
    fn what_is_broken_costs_no_more_than_itself() {
        let whole = bytes(FRAME);
        for at in 4..whole.len() {
            let _ = unpack(whole[..at].to_vec());
            let mut odd = whole.clone();
            odd[at] ^= 0x55;
            let _ = unpack(odd);
            assert_eq!(unpack(whole.clone()).unwrap().len(), 400, "after a break at {at}");
        }
        // A block of one byte that stands for two megabytes, again and again.
        let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
        for _ in 0..100 {
            bomb.extend([0x02, 0x00, 0x10, b'x']);
        }
        assert!(unpack(bomb).is_err());
    }
}
