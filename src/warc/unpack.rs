//! The bytes of a file with its compression undone: none, gzip as a whole, or gzip in many members.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

const PIECE: usize = 64 * 1024;

/// A file that may be compressed, and the place in it.
pub struct Unpacked<R> {
    state: State<R>,
    buffer: Box<[u8]>,
    used: usize,
    filled: usize,
    /// Where the current gzip member begins, or the bytes that were in the buffer before, if nothing is compressed.
    base: u64,
}

enum State<R> {
    Start(Counted<R>),
    Plain(Counted<R>),
    Member(Box<GzDecoder<Counted<R>>>),
    End,
}

impl<R: Read> Unpacked<R> {
    /// Looks at the first bytes when it is first read.
    pub fn new(reader: R) -> Unpacked<R> {
        let input = Counted { input: BufReader::with_capacity(PIECE, reader), at: 0 };
        Unpacked { state: State::Start(input), buffer: vec![0; PIECE].into(), used: 0, filled: 0, base: 0 }
    }

    /// Passes over line ends. Gives the place in the file of what follows: its own, or that of its gzip member.
    pub fn next_place(&mut self) -> io::Result<u64> {
        loop {
            let blank = self.fill_buf()?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if blank == 0 {
                return Ok(self.place());
            }
            self.consume(blank);
        }
    }

    /// The place in the file of what follows, as for [`Unpacked::next_place`].
    pub fn place(&self) -> u64 {
        match self.state {
            State::Plain(_) => self.base + self.used as u64,
            _ => self.base,
        }
    }

    /// Passes over bytes.
    pub fn skip(&mut self, length: u64) -> io::Result<()> {
        if io::copy(&mut self.take(length), &mut io::sink())? < length {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "its block is cut"));
        }
        Ok(())
    }

    /// What comes at the beginning, or behind a gzip member.
    fn begin(&mut self, mut input: Counted<R>, first: bool) -> io::Result<State<R>> {
        self.base = input.at;
        let ahead = input.fill_buf()?;
        if ahead.is_empty() {
            Ok(State::End)
        } else if ahead.starts_with(&[0x1f, 0x8b]) {
            Ok(State::Member(Box::new(GzDecoder::new(input))))
        } else if first {
            Ok(State::Plain(input))
        } else if ahead.iter().all(|byte| *byte == 0) {
            // Padding, as tapes and some downloads have it.
            Ok(State::End)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "what follows a gzip member is none"))
        }
    }
}

impl<R: Read> BufRead for Unpacked<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.used == self.filled {
            let consumed = std::mem::replace(&mut self.filled, 0);
            self.used = 0;
            self.state = match std::mem::replace(&mut self.state, State::End) {
                State::Start(input) => self.begin(input, true)?,
                State::Plain(mut input) => {
                    self.base += consumed as u64;
                    self.filled = input.read(&mut self.buffer)?;
                    if self.filled == 0 { State::End } else { State::Plain(input) }
                }
                State::Member(mut member) => {
                    self.filled = member.read(&mut self.buffer)?;
                    if self.filled == 0 { self.begin(member.into_inner(), false)? } else { State::Member(member) }
                }
                State::End => return Ok(&[]),
            };
        }
        Ok(self.buffer.get(self.used..self.filled).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.used = self.filled.min(self.used + amount);
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// A reader that knows how far it is.
struct Counted<R> {
    input: BufReader<R>,
    at: u64,
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount as u64;
        self.input.consume(amount);
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}
