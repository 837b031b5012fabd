//! A submission or a comment, whichever source tells of it, as a post.

use chrono::{DateTime, Utc};

use super::{is_name, named, uri};
use crate::model::{
    Author, Handle, Kind, Link, Media, Metrics, Poll, Post, PostRef, Precision, TextState, When, WhenSource,
};
use crate::platform::json::gone;
use crate::text::{Rendered, Unshown};

/// What a source tells of a thing.
#[derive(Default)]
pub(super) struct Thing {
    /// Its full name: `t3_…`.
    pub(super) name: String,
    /// Its title, if it is a submission.
    pub(super) title: String,
    /// The text below the title, or that of the comment.
    pub(super) body: String,
    /// The links in it.
    pub(super) links: Vec<Link>,
    /// What it does not show.
    pub(super) unshown: Unshown,
    /// Whether its end may be missing.
    pub(super) may_be_cut: bool,
    /// Whom the source names as its author; `[deleted]` is nobody.
    pub(super) author: Option<String>,
    /// The account's id: `t2_…`.
    pub(super) account: Option<String>,
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) edited: Option<DateTime<Utc>>,
    /// Its address, from the path on: `/r/…/comments/…`.
    pub(super) path: Option<String>,
    /// The full name of the thing that it answers.
    pub(super) parent: Option<String>,
    /// Where a submission leads to.
    pub(super) outward: Option<String>,
    /// What kind of media that is: `image`, `video`; `None` for another page.
    pub(super) outward_kind: Option<&'static str>,
    pub(super) poll: Option<Poll>,
    pub(super) subreddit: Option<String>,
    pub(super) is_adult: bool,
    pub(super) likes: Option<u64>,
    pub(super) replies: Option<u64>,
}

impl Thing {
    /// Takes over a text as readers see it.
    pub(super) fn say(&mut self, rendered: Rendered) {
        (self.body, self.links, self.unshown) = (rendered.text, rendered.links, rendered.unshown);
    }

    /// The thing as a post.
    ///
    /// # Errors
    /// Why it is none: no id, no words left.
    pub(super) fn post(self, seen_at: DateTime<Utc>) -> Result<Post, String> {
        if !is_name(&self.name) {
            return Err(format!("has an id of something else: {:?}", self.name));
        }
        let is_comment = self.name.starts_with("t1_");
        let title = if is_comment { "" } else { &self.title };
        if let Some(how) = gone(title).or_else(|| gone(&self.body).filter(|_| title.is_empty())) {
            return Err(format!("was {how}: {}", self.name));
        }
        let mut post = named(&self.name);
        let body = match gone(&self.body) {
            Some(how) => {
                post.doubts.push(format!("The text below its title was {how}."));
                ""
            }
            None => &self.body,
        };
        post.text =
            if title.is_empty() || body.is_empty() { format!("{title}{body}") } else { format!("{title}\n\n{body}") };
        if post.text.is_empty() {
            return Err("has no text".to_owned());
        }
        post.text_state = match (post.doubts.is_empty(), self.may_be_cut) {
            (false, _) => TextState::Truncated,
            (true, true) => TextState::Unknown,
            (true, false) => TextState::Complete,
        };
        post.doubts.extend(self.unshown.doubts());
        let handle = self.author.as_deref().filter(|author| !author.starts_with('[')).and_then(Handle::new);
        post.author = Author {
            id: self.account.filter(|account| account.starts_with("t2_")),
            url: handle.as_ref().map(|handle| format!("https://www.reddit.com/user/{handle}")),
            handle,
            ..Author::default()
        };
        post.created = self.at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
        post.edited = self.edited;
        let page = self.path.filter(|path| path.starts_with('/'));
        let page = page.map(|path| format!("https://www.reddit.com{path}"));
        post.url = page.or_else(|| Some(format!("https://www.reddit.com/comments/{}", self.name.strip_prefix("t3_")?)));
        if is_comment {
            post.kind = Kind::Reply;
            let parent = self.parent.filter(|parent| is_name(parent));
            post.reply_to = parent.map(|parent| PostRef { uri: Some(uri(&parent)), id: Some(parent), url: None });
        }
        post.links = self.links;
        // In listings the whole beginning of a text leads to its page.
        post.links.retain(|link| Some(&link.url) != post.url.as_ref());
        if let Some(url) = self.outward.filter(|url| !is_comment && url.starts_with("http")) {
            match self.outward_kind {
                Some(kind) => post.media.push(Media { url: Some(url), kind: kind.to_owned(), ..Media::default() }),
                None => post.links.insert(0, Link { shown: String::new(), url }),
            }
        }
        post.poll = self.poll;
        if self.is_adult {
            post.labels.push("sensitive".to_owned());
        }
        post.labels.extend(self.subreddit.map(|subreddit| format!("r/{subreddit}")));
        let seen = self.likes.or(self.replies).map(|_| seen_at);
        post.metrics = Metrics { likes: self.likes, replies: self.replies, seen_at: seen, ..Metrics::default() };
        Ok(post)
    }
}
