//! What is counted about a post.

use serde::{Deserialize, Serialize};

use crate::model::{Metrics, Post};

/// What is counted about a post, poll answers included: it changes from hour to hour and tells nothing about what was
/// written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    metrics: Metrics,
    /// Of each answer of the poll.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    votes: Vec<Option<u64>>,
}

impl Counts {
    /// Takes the counts out of a post.
    pub(super) fn take(post: &mut Post) -> Counts {
        let mut metrics = std::mem::take(&mut post.metrics);
        let Metrics { likes, reposts, replies, quotes, views, seen_at: _ } = &mut metrics;
        for count in [likes, reposts, replies, quotes, views].into_iter().flatten() {
            // SQLite counts no further.
            *count = (*count).min(i64::MAX as u64);
        }
        let options = post.poll.iter_mut().flat_map(|poll| &mut poll.options);
        Counts { metrics, votes: options.map(|option| option.votes.take()).collect() }
    }

    /// Puts the counts into a post with the same poll.
    pub(super) fn put(&self, post: &mut Post) {
        post.metrics = self.metrics;
        self.put_votes(post);
    }

    /// Puts the votes into a post with the same poll.
    pub(super) fn put_votes(&self, post: &mut Post) {
        let options = post.poll.iter_mut().flat_map(|poll| &mut poll.options);
        for (option, votes) in options.zip(&self.votes) {
            option.votes = *votes;
        }
    }

    /// Counts that are shown beat none, then those seen last; those of a file, of which the day is unknown, come first.
    pub(super) fn order(&self) -> impl Ord {
        let Metrics { likes, reposts, replies, quotes, views, seen_at } = self.metrics;
        let shown = [likes, reposts, replies, quotes, views];
        let votes = self.votes.clone();
        (shown.iter().any(Option::is_some) || votes.iter().any(Option::is_some), seen_at, shown, votes)
    }

    /// Likes and the like.
    pub(super) fn metrics(&self) -> Metrics {
        self.metrics
    }
}
