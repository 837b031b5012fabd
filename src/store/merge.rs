//! What becomes of a post that is seen again. Pure; schema.sql states the rules at `post`.

use chrono::{DateTime, Utc};

use super::authority::ANYBODY;
use super::dates;
use crate::model::{Kind, Media, Poll, Post, PostRef, TextState};

/// How good a text is: a whole one before an unknown before a cut one.
pub(super) fn standing(state: TextState) -> u8 {
    match state {
        TextState::Complete | TextState::Repaired => 2,
        TextState::Unknown => 1,
        TextState::Truncated => 0,
    }
}

/// What decides which revision a post row shows: the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// Whether there are words: many embeds have only the address.
    speaks: bool,
    standing: u8,
    authority: u8,
    edited: Option<DateTime<Utc>>,
    /// When its first capture was had, and its number: later is greater for a platform, smaller for a page.
    age: (i64, i64),
}

impl Rank {
    pub(super) fn new(
        speaks: bool,
        state: TextState,
        authority: u8,
        edited: Option<DateTime<Utc>>,
        first_seen: DateTime<Utc>,
        number: u32,
    ) -> Rank {
        let age = (first_seen.timestamp_micros(), i64::from(number));
        let age = if authority == ANYBODY { (-age.0, -age.1) } else { age };
        Rank { speaks, standing: standing(state), authority, edited, age }
    }
}

/// What tells one revision of a post from another.
pub(super) struct Content<'a> {
    pub(super) text: &'a str,
    pub(super) state: TextState,
    pub(super) authority: u8,
    pub(super) warning: Option<&'a str>,
    pub(super) media: &'a [Media],
    pub(super) poll: Option<&'a Poll>,
}

impl<'a> Content<'a> {
    pub(super) fn of(post: &'a Post, authority: u8) -> Content<'a> {
        Content {
            text: &post.text,
            state: post.text_state,
            authority,
            warning: post.content_warning.as_deref(),
            media: &post.media,
            poll: post.poll.as_ref(),
        }
    }

    /// Whether `seen` shows the revision that this is.
    pub(super) fn is_shown_by(&self, seen: &Content<'_>) -> bool {
        self.text_is_shown_by(seen)
            && self.warning_agrees(seen, |a, b| a == b)
            && agree(self.poll, seen.poll, |a, b| {
                a.options.iter().map(|o| &o.title).eq(b.options.iter().map(|o| &o.title))
            })
            && (self.media.len() != seen.media.len()
                || self.media.iter().zip(seen.media).all(|(a, b)| agree(a.alt.as_ref(), b.alt.as_ref(), |a, b| a == b)))
    }

    /// Whether the source has words of the post; a picture without any is whole, and says so.
    pub(super) fn speaks(&self) -> bool {
        !self.text.is_empty() || self.state != TextState::Unknown
    }

    /// Whether the words are others; white space and the cut end of a text tell nothing, nor does a source without words.
    pub(super) fn differs_in_words(&self, other: &Content<'_>) -> bool {
        if !self.speaks() || !other.speaks() {
            return false;
        }
        let same_text = same_words(self.text, other.text) || self.begins_as(other) || other.begins_as(self);
        !same_text || !self.warning_agrees(other, same_words)
    }

    fn text_is_shown_by(&self, seen: &Content<'_>) -> bool {
        // A quotation in a page has the page's white space: only two whole texts can differ in that, and the better
        // source has the true one.
        self.text == seen.text
            || !seen.speaks()
            || self.begins_as(seen)
            || (standing(self.state).min(standing(seen.state)) < 2
                && (standing(seen.state), seen.authority) <= (standing(self.state), self.authority)
                && same_words(self.text, seen.text))
    }

    /// Whether `cut` is a cut text and this one goes on where it was cut.
    fn begins_as(&self, cut: &Content<'_>) -> bool {
        let kept = cut.text.trim_end().trim_end_matches(['…', '.']).trim_end();
        cut.state == TextState::Truncated && self.text.starts_with(kept)
    }

    fn warning_agrees(&self, other: &Content<'_>, same: impl Fn(&str, &str) -> bool) -> bool {
        match (self.warning, other.warning) {
            (Some(a), Some(b)) => same(a, b),
            (None, None) => true,
            (Some(_), None) => !other.would_warn(),
            (None, Some(_)) => !self.would_warn(),
        }
    }

    /// Whether no content warning means that there is none: the platform gives whole posts, a page may leave it out.
    fn would_warn(&self) -> bool {
        self.authority > ANYBODY && standing(self.state) == 2
    }
}

/// Whether two texts say the same. White space is a page's own; so are addresses, which one source writes out, another
/// shortens and a third leaves away, and the accounts before an answer, which some sources show beside it.
fn same_words(a: &str, b: &str) -> bool {
    a == b || a.split_whitespace().eq(b.split_whitespace()) || said(a).eq(said(b))
}

/// The words of a text without addresses, and without the accounts that it begins with.
fn said(text: &str) -> impl Iterator<Item = &str> {
    let bare = |word: &'_ str| -> usize {
        let scheme = ["https://", "http://"].iter().filter_map(|start| word.find(start)).min();
        scheme.unwrap_or(if is_bare_address(word) { 0 } else { word.len() })
    };
    let words = text.split_whitespace().map(move |word| &word[..bare(word)]).filter(|word| !word.is_empty());
    words.skip_while(|word| word.starts_with('@'))
}

/// `pic.twitter.com/a1`, `example.org/letter…`: a host with its path.
fn is_bare_address(word: &str) -> bool {
    let Some((host, _)) = word.split_once('/') else { return false };
    let top = host.rsplit_once('.').map_or("", |(_, top)| top);
    top.len() >= 2
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// What a sighting's word weighs against what the post says already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Less than some other source's: it fills gaps.
    Less,
    /// As much as the greatest so far: it fills gaps.
    Same,
    /// Its authority is greater than that of everything seen before: it is right where they differ.
    More,
}

impl Weight {
    fn fill<T: Clone>(self, to: &mut Option<T>, from: &Option<T>) {
        if to.is_none() || (self == Weight::More && from.is_some()) {
            to.clone_from(from);
        }
    }

    fn fill_list<T: Clone>(self, to: &mut Vec<T>, from: &[T]) {
        if to.is_empty() || (self == Weight::More && !from.is_empty()) {
            from.clone_into(to);
        }
    }

    fn reference(self, to: &mut Option<PostRef>, from: &Option<PostRef>) {
        match (to, from) {
            (Some(to), Some(from)) => {
                self.fill(&mut to.id, &from.id);
                self.fill(&mut to.uri, &from.uri);
                self.fill(&mut to.url, &from.url);
            }
            (to, from) => self.fill(to, from),
        }
    }
}

/// A source that does not say contradicts nothing.
fn agree<T>(a: Option<T>, b: Option<T>, same: impl Fn(T, T) -> bool) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        _ => true,
    }
}

/// Adds to a post what another sighting of the same revision says.
pub(super) fn same_revision(post: &mut Post, seen: &Post, weight: Weight) {
    if post.text == seen.text {
        post.text_state = better_state(post.text_state, seen.text_state);
    }
    post.edited = post.edited.max(seen.edited);
    fill(&mut post.content_warning, &seen.content_warning);
    fill(&mut post.author.handle, &seen.author.handle);
    weight.fill(&mut post.author.name, &seen.author.name);
    weight.fill_list(&mut post.hashtags, &seen.hashtags);
    weight.fill_list(&mut post.mentions, &seen.mentions);
    weight.fill_list(&mut post.links, &seen.links);
    weight.fill_list(&mut post.media, &seen.media);
    if seen.poll.is_some() && (post.poll.is_none() || is_later(post, seen)) {
        post.poll.clone_from(&seen.poll);
    }
    any_revision(post, seen, weight);
}

/// Makes a post show another revision, keeping what that one does not say.
pub(super) fn new_revision(post: &mut Post, seen: &Post, weight: Weight) {
    let old = std::mem::replace(post, seen.clone());
    post.id.clone_from(&old.id);
    post.uri.clone_from(&old.uri);
    post.url.clone_from(&old.url);
    post.created = old.created;
    post.kind = old.kind;
    post.metrics = old.metrics;
    fill(&mut post.author.id, &old.author.id);
    fill(&mut post.author.handle, &old.author.handle);
    fill(&mut post.author.name, &old.author.name);
    post.author.url = old.author.url;
    post.author.flags = old.author.flags;
    post.lang = old.lang;
    post.labels = old.labels;
    post.reply_to = old.reply_to;
    post.repost_of = old.repost_of;
    post.quote_of = old.quote_of;
    let new = std::mem::replace(&mut post.doubts, old.doubts);
    add_doubts(post, &new);
    any_revision(post, seen, weight);
}

/// Adds to a post what belongs to none of its revisions.
pub(super) fn any_revision(post: &mut Post, seen: &Post, weight: Weight) {
    fill(&mut post.id, &seen.id);
    fill(&mut post.uri, &seen.uri);
    weight.fill(&mut post.url, &seen.url);
    fill(&mut post.author.id, &seen.author.id);
    weight.fill(&mut post.author.url, &seen.author.url);
    weight.fill_list(&mut post.author.flags, &seen.author.flags);
    let was = post.created;
    post.created = dates::better(was, seen.created, weight);
    weight.fill(&mut post.lang, &seen.lang);
    if post.kind == Kind::Original || (weight == Weight::More && seen.kind != Kind::Original) {
        post.kind = seen.kind;
    }
    weight.reference(&mut post.reply_to, &seen.reply_to);
    weight.reference(&mut post.repost_of, &seen.repost_of);
    weight.reference(&mut post.quote_of, &seen.quote_of);
    weight.fill_list(&mut post.labels, &seen.labels);
    add_doubts(post, &seen.doubts);
    dates::doubt(&mut post.doubts, post.created, [was, seen.created]);
    let m = &seen.metrics;
    let shows_counts = [m.likes, m.reposts, m.replies, m.quotes, m.views].iter().any(Option::is_some);
    if shows_counts && is_later(post, seen) {
        post.metrics = seen.metrics;
    }
}

/// What two sightings of one text tell about it.
pub(super) fn better_state(old: TextState, new: TextState) -> TextState {
    let rank = |state| (standing(state), state == TextState::Complete);
    if rank(new) > rank(old) { new } else { old }
}

fn is_later(post: &Post, seen: &Post) -> bool {
    seen.metrics.seen_at >= post.metrics.seen_at
}

fn fill<T: Clone>(to: &mut Option<T>, from: &Option<T>) {
    if to.is_none() {
        to.clone_from(from);
    }
}

/// The most doubts that sightings add to a post. A page may show one post ten thousand times, each time in another way.
const MOST_DOUBTS: usize = 50;

/// The last doubt of a post that has had so many.
const MORE_DOUBTS: &str = "more is doubtful about it than is named here";

/// Adds the doubts of a sighting that the post does not have, up to a bound.
pub(super) fn add_doubts(post: &mut Post, doubts: &[String]) {
    for doubt in doubts {
        if post.doubts.contains(doubt) {
            continue;
        }
        if post.doubts.len() < MOST_DOUBTS {
            post.doubts.push(doubt.clone());
        } else {
            add_doubt(post, MORE_DOUBTS);
            return;
        }
    }
}

/// Adds a doubt of the archive's own, however many there are.
pub(super) fn add_doubt(post: &mut Post, doubt: &str) {
    if !post.doubts.iter().any(|has| has == doubt) {
        post.doubts.push(doubt.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_write_addresses_in_their_own_ways() {
        for (a, b, same) in [
            ("Read this https://t.co/aB3dE", "Read this https://example.org/letter", true),
            ("Read this https://t.co/aB3dE", "Read this example.org/let…", true),
            ("With a picture https://t.co/pIc", "With a picture pic.twitter.com/pIc", true),
            ("With a picture https://t.co/pIc", "With a picture", true),
            ("@ada @ben Yes", "Yes", true),
            ("See:https://t.co/x", "See: https://example.org", true),
            ("Yes @ada", "Yes", false),
            ("I stand with him", "I stand against him", false),
            ("and/or", "or", false),
        ] {
            assert_eq!((same_words(a, b), same_words(b, a)), (same, same), "{a:?} {b:?}");
        }
    }
}
