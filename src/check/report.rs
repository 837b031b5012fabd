//! Verdicts for people and programs: lines of a terminal, JSON, and a page without scripts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::claims::Name;
use super::dates::Printed;
use super::differ::{Op, Piece};
use super::finding::Finding;
use super::verdict::Verdict;
use crate::markup;
use crate::model::Handle;

/// How much of a quotation a line shows.
const SHOWN: usize = 72;

/// How many words stand around a difference.
const AROUND: usize = 4;

/// A verdict as lines: where and what, the quotation, the differences.
pub fn lines(verdict: &Verdict) -> String {
    let kinds: Vec<&str> = verdict.findings.iter().map(Finding::kind).collect();
    let key = verdict.key.as_deref().map(|key| format!("  {key}")).unwrap_or_default();
    let mut out = format!("{}: {}{key}\n  {}", verdict.at, kinds.join(", "), shortened(&verdict.quote));
    let who = said(verdict);
    if !who.is_empty() {
        out.push_str(&format!(" — {who}"));
    }
    let posted = posted(verdict);
    if !posted.is_empty() {
        out.push_str(&format!("\n  in the archive: {posted}"));
    }
    for finding in &verdict.findings {
        let is_diff = matches!(finding, Finding::Altered(_) | Finding::Shortened | Finding::Cut);
        if !finding.detail().is_empty() {
            out.push_str(&format!("\n  {}: {}", finding.kind(), one_line(finding.detail())));
        } else if is_diff && verdict.diff.is_empty() {
            out.push_str(&format!("\n  {}", finding.kind()));
        }
    }
    if !verdict.diff.is_empty() {
        out.push_str(&format!("\n  {}", one_line(&marked(&verdict.diff))));
    }
    out
}

/// What the draft says of whom it quotes, on one line.
fn said(verdict: &Verdict) -> String {
    let claim = &verdict.claim;
    let mut parts = Vec::new();
    if let Some(Name::Whole(name) | Name::Spoken(name)) = &verdict.name {
        parts.push(one_line(name));
    }
    parts.extend(claim.handle.as_ref().map(|handle| format!("@{handle}")));
    parts.extend(claim.date.as_ref().map(Printed::shown));
    if parts.is_empty() {
        parts.extend(claim.link.clone());
    }
    parts.join(", ")
}

/// Whose post it is, and of when, on one line.
fn posted(verdict: &Verdict) -> String {
    let Some(posted) = &verdict.posted else { return String::new() };
    let mut parts = Vec::new();
    parts.extend(posted.name.as_deref().map(one_line));
    parts.extend(posted.handle.as_ref().map(|handle| format!("@{handle}")));
    parts.extend(posted.date.clone());
    parts.join(", ")
}

/// A diff in the manner of wdiff: `[-out-]`, `{+in+}`, `[…cut…]`, `[[editor]]`; long equal stretches are shortened.
fn marked(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let text = piece.text.trim();
        // The ellipsis itself, after what it stands for.
        if is_ellipsis(pieces, at) {
            continue;
        }
        let space = if piece.text.starts_with(char::is_whitespace) { " " } else { "" };
        out.push_str(space);
        match piece.op {
            Op::Equal => out.push_str(&around(text, at == 0, at + 1 == pieces.len())),
            Op::Out => drop(write!(out, "[-{text}-]")),
            Op::In => drop(write!(out, "{{+{text}+}}")),
            Op::Cut => drop(write!(out, "[…{text}…]")),
            Op::Editor => drop(write!(out, "{{editor: {text}}}")),
        }
    }
    out
}

/// Whether a piece is the ellipsis for the words before it.
fn is_ellipsis(pieces: &[Piece], at: usize) -> bool {
    let is_cut = at.checked_sub(1).is_some_and(|before| pieces[before].op == Op::Cut);
    is_cut && pieces[at].op == Op::In && !pieces[at].text.contains(char::is_alphanumeric)
}

/// The words of an equal stretch that stand next to differences.
fn around(text: &str, is_first: bool, is_last: bool) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let head = if is_first { 0 } else { AROUND };
    let tail = if is_last { 0 } else { AROUND };
    if words.len() <= head + tail + 1 {
        return words.join(" ");
    }
    let (first, last) = (words[..head].join(" "), words[words.len() - tail..].join(" "));
    match (is_first, is_last) {
        (true, _) => format!("… {last}"),
        (_, true) => format!("{first} …"),
        _ => format!("{first} … {last}"),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// A verdict as an object.
pub fn json(verdict: &Verdict) -> Value {
    let claim = &verdict.claim;
    let findings: Vec<Value> = verdict
        .findings
        .iter()
        .map(|finding| json!({"kind": finding.kind(), "detail": finding.detail(), "fault": finding.is_fault()}))
        .collect();
    let diff: Vec<Value> =
        verdict.diff.iter().map(|piece| json!({"op": piece.op.as_str(), "text": piece.text})).collect();
    let name = verdict.name.as_ref().and_then(|name| match name {
        Name::Whole(name) | Name::Spoken(name) => Some(name.clone()),
        Name::Before(_) => None,
    });
    json!({
        "at": verdict.at,
        "quote": verdict.quote,
        "handle": claim.handle.as_ref().map(Handle::as_str),
        "name": name,
        "date": claim.date.as_ref().map(Printed::shown),
        "link": claim.link,
        "key": verdict.key,
        "archive": verdict.posted.as_ref().map(|posted| {
            json!({"handle": posted.handle, "name": posted.name, "date": posted.date})
        }),
        "revision": verdict.revision,
        "fault": verdict.is_fault(),
        "findings": findings,
        "diff": diff,
    })
}

/// The verdicts as a page of its own: no script, nothing loaded from elsewhere, everything of strangers escaped.
pub fn page(name: &str, verdicts: &[Verdict]) -> String {
    let faults = verdicts.iter().filter(|verdict| verdict.is_fault()).count();
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Quotations of {0}</title>\n<style>\n\
         body {{ font: 1rem/1.5 sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }}\n\
         article {{ border-left: .4rem solid #2a7d4f; padding: .1rem 1rem; margin: 1.5rem 0 }}\n\
         article.fault {{ border-color: #b3261e }}\n\
         del {{ background: #fbdcd9 }}\nins {{ background: #d5f0dd }}\n.cut {{ background: #eee; color: #555 }}\n\
         </style>\n<h1>Quotations of {0}</h1>\n<p>{1} quotations, {2} with a fault.</p>\n",
        escaped(name),
        verdicts.len(),
        faults
    );
    for verdict in verdicts {
        let class = if verdict.is_fault() { " class=\"fault\"" } else { "" };
        let kinds: Vec<&str> = verdict.findings.iter().map(Finding::kind).collect();
        let _ = writeln!(out, "<article{class}>\n<h2>{}: {}</h2>", escaped(&verdict.at), escaped(&kinds.join(", ")));
        let quote = if verdict.diff.is_empty() { escaped(&verdict.quote) } else { html_diff(&verdict.diff) };
        let _ = writeln!(out, "<blockquote dir=\"auto\">{}</blockquote>", quote.replace('\n', "<br>\n"));
        let who = said(verdict);
        if !who.is_empty() {
            let _ = writeln!(out, "<p>As printed: <bdi>{}</bdi></p>", escaped(&who));
        }
        let posted = posted(verdict);
        if !posted.is_empty() {
            let _ = writeln!(out, "<p>In the archive: <bdi>{}</bdi></p>", escaped(&posted));
        }
        let details: Vec<&Finding> = verdict.findings.iter().filter(|finding| !finding.detail().is_empty()).collect();
        if !details.is_empty() {
            out.push_str("<ul>\n");
            for finding in details {
                let _ = writeln!(out, "<li>{}: <bdi>{}</bdi></li>", finding.kind(), escaped(finding.detail()));
            }
            out.push_str("</ul>\n");
        }
        if let Some(key) = &verdict.key {
            let _ = writeln!(out, "<p>Post <code>{}</code></p>", escaped(key));
        }
        out.push_str("</article>\n");
    }
    out
}

fn html_diff(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        if is_ellipsis(pieces, at) {
            continue;
        }
        let text = escaped(&piece.text);
        let _ = match piece.op {
            Op::Equal => write!(out, "{text}"),
            Op::Out => write!(out, "<del>{text}</del>"),
            Op::In => write!(out, "<ins>{text}</ins>"),
            Op::Editor => write!(out, "<ins title=\"an editor's\">{text}</ins>"),
            Op::Cut => write!(out, "<span class=\"cut\" title=\"left out, with an ellipsis\">{text}</span>"),
        };
    }
    out
}

fn escaped(text: &str) -> String {
    markup::escaped(&crate::quote::visible(text))
}
