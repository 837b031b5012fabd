//! What becomes of a post that is seen again. Pure; schema.sql states the rules at `post`.

use chrono::{DateTime, Utc};

use crate::model::{Media, Poll, Post, PostRef, Precision, TextState, When, WhenSource};

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
    pub(super) standing: u8,
    pub(super) edited: Option<DateTime<Utc>>,
    /// When its first capture was had.
    pub(super) first_seen: DateTime<Utc>,
    pub(super) number: u32,
}

/// What tells one revision of a post from another.
pub(super) struct Content<'a> {
    pub(super) text: &'a str,
    pub(super) state: TextState,
    pub(super) warning: Option<&'a str>,
    pub(super) media: &'a [Media],
    pub(super) poll: Option<&'a Poll>,
}

impl<'a> Content<'a> {
    pub(super) fn of(post: &'a Post) -> Content<'a> {
        Content {
            text: &post.text,
            state: post.text_state,
            warning: post.content_warning.as_deref(),
            media: &post.media,
            poll: post.poll.as_ref(),
        }
    }

    /// Whether `seen` shows the revision that this is.
    pub(super) fn is_shown_by(&self, seen: &Content<'_>) -> bool {
        self.text_is_shown_by(seen)
            && agree(self.warning, seen.warning, |a, b| a == b)
            && agree(self.poll, seen.poll, |a, b| {
                a.options.iter().map(|o| &o.title).eq(b.options.iter().map(|o| &o.title))
            })
            && (self.media.len() != seen.media.len()
                || self.media.iter().zip(seen.media).all(|(a, b)| agree(a.alt.as_ref(), b.alt.as_ref(), |a, b| a == b)))
    }

    fn text_is_shown_by(&self, seen: &Content<'_>) -> bool {
        if self.text == seen.text {
            return true;
        }
        if seen.state == TextState::Truncated && self.state != TextState::Truncated {
            let kept = seen.text.trim_end().trim_end_matches(['…', '.']).trim_end();
            return self.text.starts_with(kept);
        }
        // A quotation in a page has the page's white space; only two whole texts can differ in that.
        (standing(self.state) < 2 || standing(seen.state) < 2)
            && self.text.split_whitespace().eq(seen.text.split_whitespace())
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
pub(super) fn same_revision(post: &mut Post, seen: &Post) {
    if post.text == seen.text && better_state(seen.text_state, post.text_state) {
        post.text_state = seen.text_state;
    }
    post.edited = post.edited.max(seen.edited);
    fill(&mut post.content_warning, &seen.content_warning);
    fill(&mut post.author.handle, &seen.author.handle);
    fill(&mut post.author.name, &seen.author.name);
    fill_list(&mut post.hashtags, &seen.hashtags);
    fill_list(&mut post.mentions, &seen.mentions);
    fill_list(&mut post.links, &seen.links);
    fill_list(&mut post.media, &seen.media);
    if seen.poll.is_some() && (post.poll.is_none() || is_later(post, seen)) {
        post.poll.clone_from(&seen.poll);
    }
    any_revision(post, seen);
}

/// Makes a post show another revision, keeping what that one does not say.
pub(super) fn new_revision(post: &mut Post, seen: &Post) {
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
    fill(&mut post.author.url, &old.author.url);
    fill(&mut post.lang, &old.lang);
    fill_list(&mut post.labels, &old.labels);
    for (to, from) in [
        (&mut post.reply_to, &old.reply_to),
        (&mut post.repost_of, &old.repost_of),
        (&mut post.quote_of, &old.quote_of),
    ] {
        reference(to, from);
    }
    let new = std::mem::replace(&mut post.doubts, old.doubts);
    add_doubts(post, &new);
    any_revision(post, seen);
}

/// Adds to a post what belongs to none of its revisions.
pub(super) fn any_revision(post: &mut Post, seen: &Post) {
    fill(&mut post.id, &seen.id);
    fill(&mut post.uri, &seen.uri);
    fill(&mut post.url, &seen.url);
    fill(&mut post.author.id, &seen.author.id);
    fill(&mut post.author.url, &seen.author.url);
    fill_list(&mut post.author.flags, &seen.author.flags);
    post.created = better_time(post.created, seen.created);
    fill(&mut post.lang, &seen.lang);
    if post.kind == crate::model::Kind::Original {
        post.kind = seen.kind;
    }
    reference(&mut post.reply_to, &seen.reply_to);
    reference(&mut post.repost_of, &seen.repost_of);
    reference(&mut post.quote_of, &seen.quote_of);
    fill_list(&mut post.labels, &seen.labels);
    add_doubts(post, &seen.doubts);
    let m = &seen.metrics;
    let shows_counts = [m.likes, m.reposts, m.replies, m.quotes, m.views].iter().any(Option::is_some);
    if shows_counts && is_later(post, seen) {
        post.metrics = seen.metrics;
    }
}

/// The better known of two times; the first if they are equally good.
fn better_time(old: Option<When>, new: Option<When>) -> Option<When> {
    let rank = |when: &When| {
        let precision = match when.precision() {
            Precision::Second => 2,
            Precision::Minute => 1,
            Precision::Day => 0,
        };
        let source = match when.source() {
            WhenSource::Platform => 2,
            WhenSource::Id => 1,
            WhenSource::Page => 0,
        };
        (precision, source)
    };
    match (old, new) {
        (Some(old), Some(new)) if rank(&new) <= rank(&old) => Some(old),
        (old, new) => new.or(old),
    }
}

fn better_state(new: TextState, old: TextState) -> bool {
    let rank = |state| (standing(state), state == TextState::Complete);
    rank(new) > rank(old)
}

fn is_later(post: &Post, seen: &Post) -> bool {
    seen.metrics.seen_at >= post.metrics.seen_at
}

fn fill<T: Clone>(to: &mut Option<T>, from: &Option<T>) {
    if to.is_none() {
        to.clone_from(from);
    }
}

fn fill_list<T: Clone>(to: &mut Vec<T>, from: &[T]) {
    if to.is_empty() {
        to.extend_from_slice(from);
    }
}

fn reference(to: &mut Option<PostRef>, from: &Option<PostRef>) {
    match (to, from) {
        (Some(to), Some(from)) => {
            fill(&mut to.id, &from.id);
            fill(&mut to.uri, &from.uri);
            fill(&mut to.url, &from.url);
        }
        (to, from) => fill(to, from),
    }
}

fn add_doubts(post: &mut Post, doubts: &[String]) {
    for doubt in doubts {
        if !post.doubts.contains(doubt) {
            post.doubts.push(doubt.clone());
        }
    }
}
