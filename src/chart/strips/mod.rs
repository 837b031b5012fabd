//! Strips: rows of what lies along one stretch of time, for a terminal and as a picture. What the kinds of pieces are, and what they
//! mean, the caller says.

mod draw;
mod hatch;
mod terminal;

use std::io;

use chrono::{DateTime, Utc};

use super::words::one_line;
use crate::zone::Zone;

/// Strips with the words around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strips {
    /// What is shown.
    pub title: String,
    /// The zone of the axis.
    pub zone: Zone,
    /// The stretch that is shown: from (inclusive) to (exclusive).
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The kinds of pieces, in the order of the legend.
    pub kinds: Vec<Kind>,
    /// The rows.
    pub rows: Vec<Strip>,
    /// What must be said beside them, a sentence each.
    pub notes: Vec<String>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// Its name.
    pub name: String,
    /// What lies along it, in order; pieces do not overlap. Where there is none, there is nothing to say.
    pub pieces: Vec<Piece>,
    /// What it shows, in words.
    pub said: String,
}

/// A piece of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Its beginning (inclusive).
    pub from: DateTime<Utc>,
    /// Its end (exclusive).
    pub until: DateTime<Utc>,
    /// The place of its kind among [`Strips::kinds`].
    pub kind: usize,
}

/// A kind of pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// What it is, for the legend.
    pub name: String,
    /// How it looks.
    pub look: Look,
}

/// How a kind of pieces looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As what is there.
    Full,
    /// As what is there in another way.
    Lined,
    /// As what is not: with a capital letter of its own, and the pattern of that number.
    Gap(char, usize),
}

impl Strips {
    /// The strips in lines of no more than `width` characters, one character for each piece of time; of ASCII alone, if that is
    /// asked for.
    pub fn plot(&self, width: usize, ascii: bool) -> String {
        terminal::plot(self, width, ascii)
    }

    /// The strips as an SVG document.
    pub fn svg(&self) -> String {
        super::svg::document(&draw::layout(self), &one_line(&self.title), &self.description())
    }

    /// The strips as a PNG file.
    ///
    /// # Errors
    /// Only what the encoder refuses, which is nothing of this size.
    pub fn png(&self) -> io::Result<Vec<u8>> {
        super::png::file(&draw::layout(self), one_line(&self.title), self.description())
    }

    /// What the picture shows, in words, on one line: for those who do not see it.
    fn description(&self) -> String {
        let mut said = vec![format!("Time in {} runs from left to right.", self.zone)];
        said.extend(self.rows.iter().map(|row| format!("{}: {}", row.name, row.said)));
        said.extend(self.notes.iter().cloned());
        one_line(&said.join(" "))
    }

    /// The kinds that a row has pieces of, with their places.
    fn used(&self) -> Vec<(usize, &Kind)> {
        let is_used = |at: usize| self.rows.iter().any(|row| row.pieces.iter().any(|piece| piece.kind == at));
        self.kinds.iter().enumerate().filter(|(at, _)| is_used(*at)).collect()
    }

    fn look(&self, piece: &Piece) -> Look {
        self.kinds.get(piece.kind).map_or(Look::Full, |kind| kind.look)
    }
}
