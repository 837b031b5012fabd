//! Standard output: buffered, quiet when the reader has gone, and safe when it is a terminal.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use crate::quote::visible;

/// Standard output of a command.
pub(super) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    terminal: bool,
}

impl Output {
    pub(super) fn new() -> Output {
        let out = io::stdout().lock();
        let terminal = out.is_terminal();
        Output { out: BufWriter::with_capacity(64 * 1024, out), terminal }
    }

    /// A line of the program's own words and of strangers'. A terminal is not steered by them; a file or another
    /// program gets the very bytes.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        let text = if self.terminal { visible(text) } else { Cow::Borrowed(text) };
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether the reader of standard output has gone (`pullquote search x | head`), which is no error.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}
