//! A post as a person reads it on a terminal: who and when, the words, what is attached, what is odd.

use std::ops::Range;

use super::output::Output;
use crate::model::{Metrics, Post, Precision, TextState, When};
use crate::query::{Expr, seen};
use crate::quote::{Quotable, visible};
use crate::zone::Zone;

/// Prints posts.
pub(super) struct Printer {
    /// The zone of dates.
    pub(super) zone: Zone,
    /// What was searched for: it is marked.
    pub(super) expr: Expr,
}

impl Printer {
    /// Dates in UTC, and nothing marked.
    pub(super) fn plain() -> Printer {
        Printer { zone: Zone::UTC, expr: Expr::everything() }
    }

    /// A post of the archive with what became of it, and why it was found.
    pub(super) fn found(&self, quotable: &Quotable, why: &[String], out: &mut Output) -> std::io::Result<()> {
        let post = &quotable.post;
        self.body(post, &quotable.key, out)?;
        if let Some(counts) = counts(&post.metrics, self.zone) {
            out.line(&format!("    {counts}"))?;
        }
        for state in self.states(quotable) {
            out.line(&format!("    ! {state}"))?;
        }
        for doubt in &post.doubts {
            out.line(&format!("    ! {}", flat(doubt)))?;
        }
        if !why.is_empty() {
            out.line(&format!("    matches {}", flat(&why.join(", "))))?;
        }
        out.line("")
    }

    /// A post, its name in the archive (or its place in a file) first.
    pub(super) fn post(&self, post: &Post, name: &str, out: &mut Output) -> std::io::Result<()> {
        self.body(post, name, out)?;
        for doubt in &post.doubts {
            out.line(&format!("    ! {}", flat(doubt)))?;
        }
        out.line("")
    }

    fn body(&self, post: &Post, name: &str, out: &mut Output) -> std::io::Result<()> {
        let who = flat(&crate::quote::attribution(post));
        out.line(&format!("{name}  {}  {who} · {}", self.when(post.created), post.platform))?;
        if let Some(warning) = &post.content_warning {
            let warning = flat(warning);
            let shown = format!("[{warning}]");
            let pieces: Vec<Range<usize>> =
                seen(&self.expr, &warning).into_iter().map(|piece| piece.start + 1..piece.end + 1).collect();
            out.marked("    ", &shown, &pieces)?;
        }
        if let Some(original) = post.repost_of.as_ref().and_then(|original| original.best()) {
            out.line(&format!("    reposts {}", flat(original)))?;
        }
        let pieces = seen(&self.expr, &post.text);
        let (mut start, mut first) = (0, 0);
        for line in post.text.split('\n').filter(|_| !post.text.is_empty()) {
            let end = start + line.len();
            first += pieces.iter().skip(first).take_while(|piece| piece.end <= start).count();
            // A phrase may go over the end of a line.
            let here = pieces.iter().skip(first).take_while(|piece| piece.start < end);
            let here: Vec<Range<usize>> =
                here.map(|piece| piece.start.max(start) - start..piece.end.min(end) - start).collect();
            out.marked("    ", line, &here)?;
            start = end + 1;
        }
        for media in &post.media {
            let alt = media.alt.as_deref().map_or_else(|| "without description".to_owned(), flat);
            out.line(&format!("    [{}] {alt}", flat(&media.kind)))?;
        }
        Ok(())
    }

    /// When it was written, as exactly as is known.
    fn when(&self, when: Option<When>) -> String {
        match when {
            None => "undated".to_owned(),
            Some(when) => match when.precision() {
                Precision::Day => when.at().format("%Y-%m-%d").to_string(),
                Precision::Minute | Precision::Second => self.zone.minute(when.at()),
            },
        }
    }

    /// What a reader must know before using its words.
    fn states(&self, quotable: &Quotable) -> Vec<String> {
        let post = &quotable.post;
        let mut states = Vec::new();
        if let Some(gone) = &quotable.gone {
            states.push(format!("deleted on {}", self.zone.minute(gone.at)));
        }
        if let Some(at) = post.edited {
            states.push(format!("edited, last on {}", self.zone.minute(at)));
        }
        if post.text_state == TextState::Truncated {
            states.push("its source cut the text".to_owned());
        }
        if post.created.is_some_and(|when| when.precision() == Precision::Day) {
            states.push("only the day is known".to_owned());
        }
        if quotable.nested {
            states.push("only seen inside another post".to_owned());
        }
        states
    }
}

/// Counts as words, with the day on which they were seen.
pub(super) fn counts(metrics: &Metrics, zone: Zone) -> Option<String> {
    let named = [
        ("like", "likes", metrics.likes),
        ("repost", "reposts", metrics.reposts),
        ("reply", "replies", metrics.replies),
        ("quote", "quotes", metrics.quotes),
        ("view", "views", metrics.views),
    ];
    let words = |(one, many, count): (&str, &str, Option<u64>)| match count? {
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let shown: Vec<String> = named.into_iter().filter_map(words).collect();
    (!shown.is_empty()).then(|| match metrics.seen_at {
        Some(at) => format!("{} on {}", shown.join(", "), zone.minute(at)),
        None => shown.join(", "),
    })
}

/// On one line: only a post's text has lines of its own; a name of two lines would look like another post.
pub(super) fn flat(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// Words of a stranger in a line that is for people: on that line, with nothing that steers a terminal, also where the line goes
/// through a pipe and ends on one later.
pub(super) fn plain(text: &str) -> String {
    visible(&flat(text).replace('\t', " ")).into_owned()
}
