//! Standard output: buffered, quiet when the reader has gone, and safe when it is a terminal.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::ops::Range;

use clap::ValueEnum;

use crate::quote::visible;

/// When marked words are shown in another style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Standard output of a command.
pub(super) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    terminal: bool,
    styled: bool,
}

/// Bold and underlined, and back (ECMA-48, SGR).
const STYLE: (&str, &str) = ("\u{1b}[1;4m", "\u{1b}[0m");

impl Output {
    pub(super) fn new() -> Output {
        let out = io::stdout().lock();
        let terminal = out.is_terminal();
        Output { out: BufWriter::with_capacity(64 * 1024, out), terminal, styled: false }
    }

    /// Standard output that marks words.
    pub(super) fn with_colour(colour: Colour) -> Output {
        let mut out = Output::new();
        // <https://no-color.org>: any value but an empty one.
        let is_wanted = || out.terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        out.styled = colour == Colour::Always || (colour == Colour::Auto && is_wanted());
        out
    }

    /// A line of a stranger's words with some pieces marked; `pieces` are bytes of `text`, in order.
    pub(super) fn marked(&mut self, before: &str, text: &str, pieces: &[Range<usize>]) -> io::Result<()> {
        if !self.styled || pieces.is_empty() {
            return self.line(&format!("{before}{text}"));
        }
        let mut line = before.to_owned();
        let mut end = 0;
        // What is styled is a terminal's, and may not be steered by the words.
        let add = |line: &mut String, piece: Range<usize>| line.push_str(&visible(text.get(piece).unwrap_or_default()));
        for piece in pieces {
            add(&mut line, end..piece.start);
            line.push_str(STYLE.0);
            add(&mut line, piece.clone());
            line.push_str(STYLE.1);
            end = piece.end;
        }
        add(&mut line, end..text.len());
        self.out.write_all(line.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// A line of the program's own words and of strangers'. A terminal is not steered by them, nor is what is styled, which
    /// ends on one (`--colour always | less -R`); a file or another program gets the very bytes.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        self.record(text, "\n")
    }

    /// A line that has an end of its own.
    pub(super) fn record(&mut self, text: &str, end: &str) -> io::Result<()> {
        let text = if self.terminal || self.styled { visible(text) } else { Cow::Borrowed(text) };
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(end.as_bytes())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether the reader of standard output has gone (`pullquote search x | head`), which is no error.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}
