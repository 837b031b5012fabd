//! What tells one state of a post from another: its words, its content warning, the descriptions of its media, the answers
//! of its poll. Pure; schema.sql states the rules at `post`.

use super::authority::ANYBODY;
use super::version::{Version, is_whole, may_be_cut, standing};
use super::words::Words;
use crate::model::{Media, Poll, Post, TextState};

/// What a version shows of the state in which it saw the post, or several that saw the same.
pub(super) struct Content<'a> {
    post: &'a Post,
    words: Words<'a>,
    /// The words before the cut, of a cut text; of a page that has only the address of a post none.
    cut: Option<Words<'a>>,
    warning: Option<&'a str>,
    /// Whether no content warning means that there is none: the platform gives whole posts, a page may leave it out.
    would_warn: bool,
    /// Whether white space and addresses in it may be those of a page.
    is_loose: bool,
    media: &'a [Media],
    poll: Option<&'a Poll>,
}

impl<'a> Content<'a> {
    pub(super) fn of(version: &'a Version) -> Content<'a> {
        let post = &version.post;
        let is_cut = may_be_cut(post) || standing(&post.text, post.text_state) <= standing("cut", TextState::Truncated);
        Content {
            post,
            words: Words::of(post),
            cut: is_cut.then(|| Words::before_the_cut(post)),
            warning: post.content_warning.as_deref(),
            is_loose: version.authority == ANYBODY || !is_whole(post.text_state),
            would_warn: version.authority > ANYBODY && is_whole(post.text_state),
            media: &post.media,
            poll: post.poll.as_ref(),
        }
    }

    /// Whether `seen`, whose claim is no greater, shows the state that this is.
    pub(super) fn is_shown_by(&self, seen: &Content<'_>) -> bool {
        #[cfg(test)]
        COMPARED.set(COMPARED.get() + 1);
        self.text_is_shown_by(seen)
            && self.warning_agrees(seen, |a, b| a == b)
            && agree(self.poll, seen.poll, |a, b| {
                a.options.iter().map(|o| &o.title).eq(b.options.iter().map(|o| &o.title))
            })
            && (self.media.len() != seen.media.len()
                || self.media.iter().zip(seen.media).all(|(a, b)| agree(a.alt.as_ref(), b.alt.as_ref(), |a, b| a == b)))
    }

    /// How surely a version that may show this state does: it has the very text, it is of the same edit.
    pub(super) fn likeness(&self, seen: &Content<'_>) -> (bool, bool) {
        (self.post.text == seen.post.text, self.post.edited == seen.post.edited)
    }

    /// Takes in what another version of the same state shows and those before did not.
    pub(super) fn fill(&mut self, seen: &Content<'a>) {
        self.warning = self.warning.or(seen.warning);
        self.poll = self.poll.or(seen.poll);
        if self.media.is_empty() {
            self.media = seen.media;
        }
    }

    /// Whether the words are others; the cut end of a text tells nothing.
    pub(super) fn differs_in_words(&self, other: &Content<'_>) -> bool {
        #[cfg(test)]
        COMPARED.set(COMPARED.get() + 1);
        let same_text = self.words.are(&other.words) || self.goes_on_after(other) || other.goes_on_after(self);
        let same_words = |a: &str, b: &str| a == b || Words::plain(a).are(&Words::plain(b));
        !same_text || !self.warning_agrees(other, same_words)
    }

    fn text_is_shown_by(&self, seen: &Content<'_>) -> bool {
        // A quotation in a page has the page's white space: only two whole texts of a platform can differ in that.
        self.post.text == seen.post.text
            || (self.goes_on_after(seen) && seen.post.edited <= self.post.edited)
            || (seen.is_loose && self.words.are(&seen.words))
    }

    fn goes_on_after(&self, seen: &Content<'_>) -> bool {
        seen.cut.as_ref().is_some_and(|cut| self.words.go_on_after(cut))
    }

    fn warning_agrees(&self, other: &Content<'_>, same: impl Fn(&str, &str) -> bool) -> bool {
        match (self.warning, other.warning) {
            (Some(a), Some(b)) => same(a, b),
            (None, None) => true,
            (Some(_), None) => !other.would_warn,
            (None, Some(_)) => !self.would_warn,
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

#[cfg(test)]
thread_local! {
    /// How often two contents were compared.
    pub(super) static COMPARED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}
