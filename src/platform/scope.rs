//! What belongs to what was asked: the tags, the word and the time that the marks of a request name.
//!
//! Answers bring more than that, and no server is trusted to have kept to the question.

use chrono::{DateTime, Utc};

use super::Page;
use super::words::holds;
use crate::exchange::Request;
use crate::model::{Found, Hashtag, Kind, Post, Skipped};

/// Marks a request by the tag that it asks for.
pub(super) const TAG: &str = "tag";

/// Marks it so where the platform takes a hashtag for a word like any other: then posts must hold it as a word, and so with the
/// further tags. Empty where only the further tags count.
pub(super) const WORD: &str = "word";

/// Marks: further tags, all of which and none of which a post must carry.
pub(super) const ALL: &str = "all";
pub(super) const NONE: &str = "none";

/// Why a post that is not within the window was left out.
pub(super) const OUTSIDE: &str = "is outside the time asked for";

/// Why a post without the tag was left out.
pub(super) const WITHOUT_TAG: &str = "does not carry the tag";

/// Leaves out what does not belong to what was asked.
pub(super) fn narrow(page: &mut Page, request: &Request) {
    let list = |name: &str| -> Vec<String> {
        request.mark(name).unwrap_or_default().split(' ').filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
    };
    let (all, none, word) = (list(ALL), list(NONE), request.mark(WORD));
    if all.is_empty() && none.is_empty() && word.is_none() && request.window() == (None, None) {
        return;
    }
    sift(page, |group| {
        let holder = group.first()?;
        if is_outside(&holder.post, request) {
            return Some(OUTSIDE.to_owned());
        }
        let carries = |tag: &str| if word.is_some() { hold(group, tag) } else { is_tagged(judged(group), tag) };
        if word.as_deref().is_some_and(|word| !word.is_empty() && !carries(word)) {
            return Some(WITHOUT_TAG.to_owned());
        }
        if let Some(tag) = all.iter().find(|tag| !carries(tag)) {
            return Some(format!("does not carry #{tag}"));
        }
        none.iter().find(|tag| carries(tag)).map(|tag| format!("carries #{tag}, which the job leaves out"))
    });
}

/// Takes away the posts that miss what was asked, as `misses` says of each with those that stand inside it.
pub(super) fn sift(page: &mut Page, misses: impl Fn(&[Found]) -> Option<String>) {
    for group in groups(std::mem::take(&mut page.posts)) {
        match misses(&group) {
            None => page.posts.extend(group),
            Some(reason) => page.skipped.extend(group.into_iter().next().map(|first| Skipped { at: first.at, reason })),
        }
    }
}

/// Posts, each with those that stand inside it.
pub(super) fn groups(posts: Vec<Found>) -> Vec<Vec<Found>> {
    let mut groups: Vec<Vec<Found>> = Vec::new();
    for found in posts {
        match groups.last_mut() {
            Some(group) if found.nested => group.push(found),
            _ => groups.push(vec![found]),
        }
    }
    groups
}

/// Whether a post was written outside of a request's window. One without a date is not.
pub(super) fn is_outside(post: &Post, request: &Request) -> bool {
    post.created.is_some_and(|created| is_beyond(created.at(), request))
}

/// Whether an instant is outside of a request's window.
pub(super) fn is_beyond(at: DateTime<Utc>, request: &Request) -> bool {
    let (since, until) = request.window();
    since.is_some_and(|since| at < since) || until.is_some_and(|until| at >= until)
}

/// The post by which a group is judged: a repost by what it passes on.
pub(super) fn judged(group: &[Found]) -> Option<&Post> {
    match group {
        [holder, inside, ..] if holder.post.kind == Kind::Repost => Some(&inside.post),
        [holder, ..] => Some(&holder.post),
        [] => None,
    }
}

/// Whether a post has the hashtag.
pub(super) fn is_tagged(post: Option<&Post>, tag: &str) -> bool {
    let Some((post, tag)) = post.zip(Hashtag::new(tag)) else { return false };
    post.hashtags.iter().any(|own| own.folded() == tag.folded())
}

/// Before the label that is the title of an entry.
pub(super) const TITLE: &str = "title: ";

/// Before a label that is a keyword of a video, which nobody sees.
pub(super) const KEYWORD: &str = "tagged: ";

/// Before labels that an author gave: the title of an entry, the keywords of a video.
const OF_AUTHOR: [&str; 2] = [TITLE, KEYWORD];

/// Whether any of these posts holds the tag as a word: in its text, its hashtags or the labels that its author gave.
fn hold(group: &[Found], tag: &str) -> bool {
    group.iter().map(|found| &found.post).any(|post| {
        holds(&post.text, tag)
            || post.hashtags.iter().any(|own| holds(own.as_str(), tag))
            || post.labels.iter().any(|label| {
                OF_AUTHOR.iter().filter_map(|head| label.strip_prefix(head)).any(|label| holds(label, tag))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Precision, When, WhenSource};

    fn found(time: &str, text: &str, nested: bool) -> Found {
        let created = When::new(time.parse().unwrap(), Precision::Second, WhenSource::Id);
        let hashtags = text.split(' ').filter(|word| word.starts_with('#')).filter_map(Hashtag::new).collect();
        Found {
            post: Post { created, hashtags, text: text.to_owned(), ..Post::default() },
            at: text.to_owned(),
            nested,
        }
    }

    fn left(posts: Vec<Found>, request: &Request) -> Vec<String> {
        let mut page = Page { posts, ..Page::default() };
        narrow(&mut page, request);
        page.posts.into_iter().map(|found| found.at).collect()
    }

    #[test]
    fn what_is_outside_the_time_goes_with_what_stands_inside() {
        let (old, inside) = ("2021-07-25T23:59:59Z", "2021-07-26T09:00:00Z");
        let posts = vec![
            found(old, "1", false),
            found(inside, "2", true),
            found(inside, "3", false),
            found(old, "4", true),
            found("2021-07-27T00:00:00Z", "5", false),
        ];
        let day = ("2021-07-26T00:00:00Z".parse().ok(), "2021-07-27T00:00:00Z".parse().ok());
        assert_eq!(left(posts, &Request::get("https://a.test/").with_window(day.0, day.1)), ["3", "4"]);
    }

    #[test]
    fn further_tags_are_hashtags_or_words_as_the_search_takes_them() {
        let time = "2021-07-26T09:00:00Z";
        let posts =
            || ["#flood #rain", "#flood rain", "flood rain", "#rain"].map(|text| found(time, text, false)).into();
        let asked = Request::get("https://a.test/").with_mark("all", Some("rain"));
        assert_eq!(left(posts(), &asked), ["#flood #rain", "#rain"]);
        assert_eq!(left(posts(), &asked.with_mark(WORD, Some("flood"))), ["#flood #rain", "#flood rain", "flood rain"]);
        let without = Request::get("https://a.test/").with_mark("none", Some("rain"));
        assert_eq!(left(posts(), &without), ["#flood rain", "flood rain"]);
        assert!(left(posts(), &without.with_mark(WORD, Some("flood"))).is_empty());
    }
}
