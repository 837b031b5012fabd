//! The shapes in which posts come: a timeline, one post, a context, a search, a file of lines.

use serde_json::value::RawValue;

use super::paging::{self, Ends};
use super::post::{self, Context};
use super::{NAME, misfit, streaming, wire};
use crate::exchange::{Exchange, HOME};
use crate::model::{Deletion, Found, Skipped};
use crate::platform::json::{PATIENCE, fault, is_lines};
use crate::platform::{Page, ParseError, lines};

/// How deep posts may nest: a boost of a post that quotes one that quotes one. Deeper is reported, not read.
const DEEPEST: usize = 4;

/// A page being read.
pub(super) struct Reading {
    pub(super) page: Page,
    context: Context,
    /// Scheme, host and port of the server; empty for a file.
    origin: String,
    /// Whether the answer must be posts, since a timeline was asked for.
    asked: bool,
    lines: bool,
    /// Whether anything so far was a post or meant to be one.
    recognised: bool,
    ends: Ends,
}

impl Reading {
    pub(super) fn new(exchange: &Exchange) -> Reading {
        // A stream may come from another host of the server.
        let home = exchange.request.mark(HOME).filter(|_| streaming::is_stream(exchange));
        let server = home.unwrap_or_else(|| exchange.server());
        let asked = paging::is_timeline(exchange);
        Reading {
            page: Page::default(),
            asked,
            lines: matches!(
                exchange.media_type().as_str(),
                "application/x-ndjson" | "application/jsonl" | "application/x-jsonlines"
            ),
            context: Context {
                server: server.split_once("://").map_or(String::new(), |(_, host)| host.to_owned()),
                seen_at: exchange.fetched_at,
            },
            origin: server,
            recognised: false,
            ends: Ends::default(),
        }
    }

    pub(super) fn ends(&mut self) -> Ends {
        std::mem::take(&mut self.ends)
    }

    /// Reads a body of JSON.
    pub(super) fn json(&mut self, text: &str) -> Result<(), ParseError> {
        if self.lines || is_lines(text) {
            return self.file_of_lines(text);
        }
        if text.trim_ascii_start().starts_with('[') {
            let items = serde_json::from_str::<Vec<&RawValue>>(text).map_err(|e| self.broken(text, &e))?;
            self.list("", &items);
            return if self.recognised || items.is_empty() { Ok(()) } else { Err(self.first_misfit()) };
        }
        let whole = serde_json::from_str::<&RawValue>(text).map_err(|e| self.broken(text, &e))?;
        if let Ok(lists) = serde_json::from_str::<wire::Lists>(whole.get()) {
            let lists =
                [("/ancestors", lists.ancestors), ("/descendants", lists.descendants), ("/statuses", lists.statuses)];
            if lists.iter().any(|(_, list)| list.is_some()) {
                let mut empty = true;
                for (at, list) in lists {
                    let list = list.unwrap_or_default();
                    empty &= list.is_empty();
                    self.list(at, &list);
                }
                return if self.recognised || empty { Ok(()) } else { Err(self.first_misfit()) };
            }
        }
        self.item("".to_owned(), whole.get());
        if self.recognised && !self.asked { Ok(()) } else { Err(self.first_misfit()) }
    }

    fn list(&mut self, at: &str, items: &[&RawValue]) {
        for (index, item) in items.iter().enumerate() {
            self.item(format!("{at}/{index}"), item.get());
        }
    }

    fn file_of_lines(&mut self, text: &str) -> Result<(), ParseError> {
        // A list of posts that grows is copied again and again. What is no line of a post costs no room: a post takes more
        // of the text than that.
        self.page.posts.reserve((text.len() / 600).min(memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1));
        for (count, (number, line)) in lines(text).enumerate() {
            let at = format!("line {number}");
            if line.trim_ascii_start().starts_with('[') {
                match serde_json::from_str::<Vec<&RawValue>>(line) {
                    Ok(items) => self.list(&at, &items),
                    Err(e) => self.skip(at, fault(&e)),
                }
            } else {
                self.item(at, line);
            }
            if !self.recognised && count >= PATIENCE {
                break;
            }
        }
        if self.recognised { Ok(()) } else { Err(self.first_misfit()) }
    }

    /// Reads one item of a list.
    fn item(&mut self, at: String, json: &str) {
        self.ends.items += 1;
        let status = match serde_json::from_str::<wire::Status>(json) {
            Ok(status) => status,
            Err(e) => {
                if let Ok(outline) = serde_json::from_str::<wire::Outline>(json) {
                    self.recognised |= looks_like_a_post(&outline);
                    self.end(outline.id.and_then(|id| serde_json::from_str(id.get()).ok()));
                }
                return self.skip(at, fault(&e));
            }
        };
        if status.content.is_none() && self.wrapped(&at, json) {
            return;
        }
        self.end(status.id.as_ref().map(|id| wire::Id(id.0.clone())));
        self.recognised |= status.account.is_some() && (status.uri.is_some() || status.visibility.is_some());
        self.status(at, status, 0);
    }

    /// Reads what holds a post: a notification, or an event of the streaming API. `false` if it is neither.
    fn wrapped(&mut self, at: &str, json: &str) -> bool {
        let Ok(wrapping) = serde_json::from_str::<wire::Wrapping>(json) else { return false };
        match (wrapping.kind.as_deref(), wrapping.status, wrapping.event.as_deref(), wrapping.payload) {
            (Some(_), Some(status), ..) if status.get().starts_with('{') => {
                self.item(format!("{at}/status"), status.get());
            }
            // Somebody follows, signs up, was reported.
            (Some("follow" | "follow_request" | "admin.sign_up" | "admin.report" | "moderation_warning"), None, ..) => {
            }
            (_, _, Some(event), Some(payload)) => return self.event(at, &format!("{at}/payload"), event, &payload),
            (_, _, Some(event), None) => return self.event(at, at, event, ""),
            _ => return false,
        }
        true
    }

    /// Reads an event of the streaming API, whose payload stands at `inside`. `false` if there is no such event.
    pub(super) fn event(&mut self, at: &str, inside: &str, event: &str, payload: &str) -> bool {
        match event {
            "update" | "status.update" | "notification" => self.item(inside.to_owned(), payload),
            "delete" => {
                self.recognised = true;
                if !self.origin.is_empty() {
                    let (platform, on) = (NAME.to_owned(), Some((self.origin.clone(), payload.trim().to_owned())));
                    self.page.deleted.push(Deletion { at: at.to_owned(), platform, uri: None, on, time: None });
                }
                self.skip(at.to_owned(), format!("was deleted: post {} of the server that sent this", payload.trim()));
            }
            "filters_changed" | "announcement" | "announcement.reaction" | "announcement.delete" => {}
            _ => return false,
        }
        true
    }

    /// Reads a post and those nested in it.
    pub(super) fn status(&mut self, at: String, status: wire::Status<'_>, depth: usize) {
        let (post, mut nested) = match post::convert(status, &self.context) {
            Ok(converted) => converted,
            Err(reason) => return self.skip(at, reason),
        };
        if let (Some(created), 0) = (post.created, depth) {
            self.ends.date(created.at());
        }
        if post::is_unnamed_boost(&post) {
            nested.retain(|(place, _)| *place == post::REBLOG);
            self.skip(at.clone(), "is a boost that its server does not name by itself".to_owned());
        } else {
            self.page.posts.push(Found { post, at: at.clone(), nested: depth > 0 });
        }
        for (place, inner) in nested {
            let at = format!("{at}{place}");
            if depth == DEEPEST {
                self.skip(at, format!("is nested deeper than {DEEPEST} posts"));
                continue;
            }
            match serde_json::from_str::<wire::Status>(inner.get()) {
                Ok(status) => self.status(at, status, depth + 1),
                Err(e) => self.skip(at, fault(&e)),
            }
        }
    }

    fn end(&mut self, id: Option<wire::Id>) {
        if let Some(wire::Id(id)) = id.filter(|_| self.asked) {
            self.ends.posts.push((id, None));
        }
    }

    pub(super) fn skip(&mut self, at: String, reason: String) {
        self.page.skipped.push(Skipped { at, reason });
    }

    /// The error for a body in which no item was a post.
    fn first_misfit(&self) -> ParseError {
        match self.page.skipped.first() {
            Some(Skipped { at, reason }) if at.is_empty() => misfit(format!("the object {reason}")),
            Some(Skipped { at, reason }) => misfit(format!("{at} {reason}")),
            None => misfit("no posts"),
        }
    }

    /// The error for JSON that does not end well: of this platform only if its beginning is.
    fn broken(&self, text: &str, error: &serde_json::Error) -> ParseError {
        let beginning: String = text.chars().take(20_000).collect();
        let has = |key: &str| beginning.contains(key);
        if self.asked || (has("\"account\"") && has("\"spoiler_text\"") && has("\"uri\"")) {
            return ParseError::Broken { platform: NAME, what: error.to_string() };
        }
        misfit(format!("broken JSON: {error}"))
    }
}

/// Whether an item that cannot be read was meant to be a post.
fn looks_like_a_post(outline: &wire::Outline<'_>) -> bool {
    let kept = [outline.uri, outline.account, outline.content, outline.visibility, outline.created_at];
    kept.iter().flatten().count() >= 3 && (outline.account.is_some() || outline.content.is_some())
}
