//! No cut text goes for a whole one: over everything that is recorded here and beside the project, of all platforms.
//!
//! Two signs tell a cut text. On X it ends in an ellipsis, perhaps with a link to the post itself behind it. And on every
//! platform the same post, not edited, may stand somewhere else with more words behind the same beginning.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use pullquote::http::recorded;
use pullquote::import::{self, Piece};
use pullquote::model::{Post, TextState};
use pullquote::{dump, ingest};

use crate::fixtures::cases;
use crate::support::shared;

#[test]
fn no_cut_text_is_called_whole() {
    let mut posts: Vec<(String, Post)> = Vec::new();
    for (name, case) in cases() {
        let reader = dump::by_name(&name).unwrap();
        let exchange = recorded::load(&case).unwrap();
        if let Ok(page) = ingest::parse(reader, &exchange) {
            posts.extend(page.posts.into_iter().map(|found| (format!("{} {}", case.display(), found.at), found.post)));
        }
    }
    let mut files = Vec::new();
    if let Some(shared) = shared() {
        walk(&shared.join("recorded"), &mut files);
    }
    for file in files {
        let Ok(pieces) = import::pieces(&file, "2026-11-23T12:00:00Z".parse().unwrap()) else { continue };
        for piece in pieces {
            let Ok(Piece::Part(part, reader)) = piece else { continue };
            let Ok(page) = ingest::parse(reader, &part.exchange) else { continue };
            posts.extend(page.posts.into_iter().map(|found| (format!("{} {}", file.display(), found.at), found.post)));
        }
    }
    assert!(posts.len() > 300, "{} posts are no corpus", posts.len());

    let is_whole = |post: &Post| matches!(post.text_state, TextState::Complete | TextState::Repaired);
    let mut wrong = Vec::new();
    for (at, post) in posts.iter().filter(|(_, post)| is_whole(post) && ends_as_cut_by_x(post)) {
        wrong.push(format!("{at} ends as cut texts do: {:?}", post.text));
    }
    let mut by_identity: HashMap<String, Vec<&(String, Post)>> = HashMap::new();
    for one in &posts {
        by_identity.entry(format!("{} {}", one.1.platform, one.1.identity())).or_default().push(one);
    }
    for (at, post) in posts.iter().filter(|(_, post)| is_whole(post) && post.edited.is_none()) {
        let begins = post.text.trim_end_matches(['…', '.', ' ']);
        for (other_at, other) in &by_identity[&format!("{} {}", post.platform, post.identity())] {
            // An address at the end is written out by one source and left away by another.
            let more = other.text.strip_prefix(begins).unwrap_or_default().split_whitespace();
            let more: usize = more.filter(|word| !word.contains('/')).map(str::len).sum();
            if other.edited.is_none() && !begins.is_empty() && more > 20 {
                wrong.push(format!("{at} is called whole, but {other_at} has more: {:?}", other.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

/// Whether X, or a front of it, may have cut the text. An ellipsis inside of a link's shown form cuts the link alone, and
/// one before a link that leads elsewhere is that of the app which cross-posted it.
fn ends_as_cut_by_x(post: &Post) -> bool {
    let cut_link = |text: &str| post.links.iter().any(|link| link.shown.ends_with('…') && text.ends_with(&link.shown));
    let (words, link) = match post.text.rsplit_once(" https://t.co/") {
        Some((words, code)) if !code.contains(char::is_whitespace) => (words, Some(format!("https://t.co/{code}"))),
        _ => (post.text.as_str(), None),
    };
    let leads_elsewhere = link.is_some_and(|link| {
        let known = post.links.iter().find(|known| known.shown == link);
        known.is_some_and(|known| known.url != link && !known.url.contains("/status/"))
    });
    post.platform == "x" && words.trim_end().ends_with('…') && !cut_link(words) && !leads_elsewhere
}
