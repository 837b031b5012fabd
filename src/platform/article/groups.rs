//! Which blocks of an HTML page its elements hold together: a signature often has an element of its own.

use super::sheet::Before;

/// The quotations, figures, items, rows and lists of terms that are open, and the quotation that was closed last.
#[derive(Default)]
pub(super) struct Groups<'a> {
    open: Vec<Group<'a>>,
    /// The quotation or figure closed last: its first block, the first after it, and whether it is a quotation.
    closed: Option<(usize, usize, bool)>,
}

struct Group<'a> {
    name: &'a str,
    /// Its first block.
    first: usize,
    /// In a row or a list of terms: the first block of the cell that is open.
    cell: usize,
    /// The first block of the last cell with words.
    last_cell: Option<usize>,
}

impl<'a> Groups<'a> {
    /// An element begins; `next` is the number of the next block.
    pub(super) fn open(&mut self, name: &'a str, next: usize) {
        if matches!(name, "blockquote" | "figure" | "li" | "tr" | "dl") {
            self.open.push(Group { name, first: next, cell: next, last_cell: None });
        } else if let (true, Some(group)) = (is_cell(name), self.open.last_mut()) {
            group.cell = next;
        }
    }

    /// An element ends.
    pub(super) fn close(&mut self, name: &str, next: usize) {
        if let (true, Some(group)) = (is_cell(name), self.open.last_mut()) {
            if group.cell < next {
                group.last_cell = Some(group.cell);
            }
        } else if let Some(group) = self.open.pop_if(|group| group.name == name)
            && matches!(name, "blockquote" | "figure")
            && group.first < next
        {
            self.closed = Some((group.first, next, name == "blockquote"));
        }
    }

    /// How many quotations are open.
    pub(super) fn quotations(&self) -> usize {
        self.open.iter().filter(|group| group.name == "blockquote").count()
    }

    /// What stands before does not reach what follows.
    pub(super) fn part(&mut self) {
        self.closed = None;
    }

    /// Where the words of the block `next` stand, if it is only a signature.
    pub(super) fn before(&self, next: usize) -> Option<Before> {
        let closed = self.closed.filter(|(_, end, _)| *end == next).map(|(first, _, quotation)| (first, quotation));
        let Some(group) = self.open.last() else {
            return closed.map(|(first, quotation)| Before { first, certain: first, together: false, quotation });
        };
        let first = group.first;
        if first == next {
            return None;
        }
        match group.name {
            "tr" | "dl" if group.cell < next => None,
            "tr" => group.last_cell.map(|certain| Before { first, certain, together: true, quotation: false }),
            // A term may stand above what is said of it.
            "dl" => group.last_cell.map(|first| Before { first, certain: first, together: false, quotation: false }),
            // What it quotes in turn is not the whole of it.
            "blockquote" => Some(Before { first, certain: first, together: true, quotation: true }),
            _ => {
                let (certain, quotation) = closed.filter(|(closed, _)| *closed >= first).unwrap_or((first, false));
                Some(Before { first, certain, together: true, quotation })
            }
        }
    }
}

fn is_cell(name: &str) -> bool {
    matches!(name, "td" | "th" | "dd" | "dt")
}
