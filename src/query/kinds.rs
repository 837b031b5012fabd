//! The words behind `has:`, `is:`, `state:` and `min_…:`: what a post may have, be, have become, and be counted by.

use crate::near::nearest;

/// A closed list of words, each with other spellings that mean the same.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$what:meta])* $variant:ident = $word:literal $(, $other:literal)*;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$what])* $variant,)*
        }

        impl $name {
            /// Every one, with the words that name it, the usual one first.
            pub const ALL: &'static [($name, &'static [&'static str])] =
                &[$(($name::$variant, &[$word $(, $other)*]),)*];

            /// The usual word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }

            /// The one that a word names, in any case.
            pub fn of(word: &str) -> Option<$name> {
                let names = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
                $name::ALL.iter().find(|(_, words)| names(words)).map(|(one, _)| *one)
            }

            /// What is said of a word that names none.
            pub(super) fn wanted(word: &str) -> String {
                let all: Vec<&str> = $name::ALL.iter().filter_map(|(_, words)| words.first().copied()).collect();
                let near = nearest(word, $name::ALL.iter().flat_map(|(_, words)| words.iter().copied()));
                takes(near, &format!("one of {}", all.join(", ")))
            }
        }
    };
}

/// What is said of a value that an operator does not take, with the one that may have been meant.
pub(super) fn takes(near: Option<&str>, what: &str) -> String {
    let asked = near.map(|near| format!("did you mean {near}? it ")).unwrap_or_default();
    format!("{asked}takes {what}")
}

words! {
    /// What a post may carry.
    Has {
        /// Any picture, film or sound.
        Media = "media";
        /// A picture.
        Image = "image", "images", "photo", "photos", "picture", "pictures", "twimg";
        /// A film.
        Video = "video", "videos", "native_video", "consumer_video", "pro_video", "video_link";
        /// An animated picture.
        Gif = "gif", "gifs";
        /// A sound.
        Audio = "audio";
        /// A link; Mastodon's embeds are previews of links.
        Link = "link", "links", "embed", "embeds";
        /// A hashtag.
        Hashtag = "hashtag", "hashtags";
        /// An account that is named.
        Mention = "mention", "mentions";
        /// A cashtag, `$TSLA`.
        Cashtag = "cashtag", "cashtags", "symbols";
        /// A poll.
        Poll = "poll", "polls";
        /// A content warning.
        Warning = "warning", "content_warning", "cw";
        /// A description of a picture, film or sound.
        Alt = "alt", "alt_text", "description";
        /// A like, a repost or a reply that was counted.
        Engagement = "engagement", "has_engagement";
    }
}

words! {
    /// What a post may be.
    Is {
        /// It stands on its own: no reply, repost or quote.
        Original = "original";
        /// It answers another post.
        Reply = "reply", "replies";
        /// It passes another post on without words of its own.
        Repost = "repost", "reposts", "retweet", "retweets", "nativeretweets", "boost", "boosts";
        /// It passes another post on with words of its own.
        Quote = "quote", "quotes";
        /// It is marked as sensitive.
        Sensitive = "sensitive";
        /// Its author is marked as verified.
        Verified = "verified", "blue_verified";
    }
}

words! {
    /// What became of a post, and what is odd about it.
    State {
        /// It was edited, as its platform says or as captures show.
        Edited = "edited";
        /// It was deleted, as a capture says.
        Deleted = "deleted";
        /// Something about it does not fit.
        Doubtful = "doubtful";
        /// It was only ever seen inside another post.
        Nested = "nested";
        /// Nobody says when it was written.
        Undated = "undated";
        /// Only the day is known on which it was written.
        DayOnly = "day_only";
    }
}

/// What platforms count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Count {
    /// Likes, favourites.
    Likes,
    /// Reposts, retweets, boosts.
    Reposts,
    /// Replies.
    Replies,
    /// Quotes.
    Quotes,
    /// Views.
    Views,
}

impl Count {
    /// The word behind `min_`.
    pub fn as_str(self) -> &'static str {
        match self {
            Count::Likes => "likes",
            Count::Reposts => "reposts",
            Count::Replies => "replies",
            Count::Quotes => "quotes",
            Count::Views => "views",
        }
    }
}
