//! One gzip member (RFC 1952): a record's envelope.
//!
//! Every member begins with the same ten bytes, without name or time. The reader can therefore find the next member
//! behind a damaged one, and the writer the last captures of a large file without reading it from the start.

use std::io::{self, BufRead, Read, Write};

use flate2::bufread::DeflateDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// The ten bytes: magic, deflate, no flags, no time, no extra flags, unknown system.
pub const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Check sum and size.
const TRAILER: u64 = 8;

/// Writes the parts as one member.
pub fn write(mut out: impl Write, level: u32, parts: &[&[u8]]) -> io::Result<()> {
    out.write_all(&HEAD)?;
    let mut crc = Crc::new();
    let mut deflate = DeflateEncoder::new(&mut out, Compression::new(level.min(9)));
    for part in parts {
        crc.update(part);
        deflate.write_all(part)?;
    }
    deflate.finish()?;
    out.write_all(&crc.sum().to_le_bytes())?;
    out.write_all(&crc.amount().to_le_bytes())
}

/// Reads one member.
pub struct Member<R> {
    inflate: DeflateDecoder<R>,
    crc: Crc,
    sound: bool,
}

impl<R: BufRead> Member<R> {
    /// Begins to read. A damaged head is noted and passed over: what follows may still be read.
    pub fn open(mut input: R) -> io::Result<Member<R>> {
        let mut head = [0; HEAD.len()];
        input.read_exact(&mut head)?;
        Ok(Member { inflate: DeflateDecoder::new(input), crc: Crc::new(), sound: head == HEAD })
    }

    /// Reads what is left, which must be nothing, and the trailer. Gives the size of the member in the file.
    pub fn finish(mut self) -> io::Result<Finished> {
        let mut rest = [0; 1];
        if self.read(&mut rest)? != 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "more follows where its record ends"));
        }
        let size = HEAD.len() as u64 + self.inflate.total_in() + TRAILER;
        let (sum, amount) = (self.crc.sum(), self.crc.amount());
        let mut input = self.inflate.into_inner();
        let (mut said_sum, mut said_amount) = ([0; 4], [0; 4]);
        input.read_exact(&mut said_sum)?;
        input.read_exact(&mut said_amount)?;
        if u32::from_le_bytes(said_sum) != sum || u32::from_le_bytes(said_amount) != amount {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its check sum does not match"));
        }
        Ok(Finished { size, sound: self.sound })
    }
}

/// What is known about a member that was read to its end.
pub struct Finished {
    /// Bytes in the file.
    pub size: u64,
    /// Whether it began as every member of ours does.
    pub sound: bool,
}

impl<R: BufRead> Read for Member<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inflate.read(buffer)?;
        self.crc.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}
