//! A post as a reader saw it, whichever platform it came from.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Handle, Hashtag, When};

/// Whether the text is all that its author wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextState {
    /// The source gives the whole text.
    Complete,
    /// A source cut it, and another part of that source, or another source, gave it back.
    Repaired,
    /// The source cut it.
    Truncated,
    /// The source does not let one tell.
    #[default]
    Unknown,
}

impl TextState {
    /// The word used in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            TextState::Complete => "complete",
            TextState::Repaired => "repaired",
            TextState::Truncated => "truncated",
            TextState::Unknown => "unknown",
        }
    }
}

/// What a post is to other posts. A reply that quotes is a reply; the references say both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Stands on its own.
    #[default]
    Original,
    /// Answers another post.
    Reply,
    /// Passes another post on without words of its own (boost, retweet).
    Repost,
    /// Passes another post on with words of its own.
    Quote,
}

impl Kind {
    /// The word used in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Original => "original",
            Kind::Reply => "reply",
            Kind::Repost => "repost",
            Kind::Quote => "quote",
        }
    }
}

/// A reference to a post, by whichever names the source gives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct PostRef {
    /// Native id, on the server that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Canonical URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Address of its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl PostRef {
    /// The name that says most: URI, else native id, else URL.
    pub fn best(&self) -> Option<&str> {
        self.uri.as_deref().or(self.id.as_deref()).or(self.url.as_deref())
    }
}

/// Who wrote a post, as shown when it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Author {
    /// Native account id: Mastodon `account.id` (of the server asked), Bluesky DID, X user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Handle; `None` when the source does not say, never guessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Handle>,
    /// Display name exactly as shown; may be empty where the account has none, `None` when the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address of the profile page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the platform marks the account with: `bot`, `group`, `locked`, `verified`, label values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
}

/// An account named inside a post.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mention {
    /// Handle, completed as for authors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Handle>,
    /// Native account id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Address of the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A link: what the reader sees and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Link {
    /// The words shown in the text.
    pub shown: String,
    /// The address, expanded as far as the source expands it.
    pub url: String,
}

/// A picture, film or sound attached to a post.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Media {
    /// Address of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `image`, `video`, `gif`, `audio` or `unknown`.
    pub kind: String,
    /// Description by the author, verbatim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// Width in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// One answer of a poll.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PollOption {
    /// The answer, verbatim.
    pub title: String,
    /// Votes counted when seen; `None` while hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<u64>,
}

/// A poll as it stood when seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Poll {
    /// Its answers in order.
    pub options: Vec<PollOption>,
    /// When it closes or closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<DateTime<Utc>>,
    /// Whether several answers may be chosen.
    #[serde(default)]
    pub multiple: bool,
}

/// Counts that the platform showed, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Metrics {
    /// Likes or favourites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likes: Option<u64>,
    /// Reposts, boosts, retweets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reposts: Option<u64>,
    /// Replies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replies: Option<u64>,
    /// Quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<u64>,
    /// Views.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<u64>,
    /// When they were seen: the time of the capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<DateTime<Utc>>,
}

/// One post, normalised. `None` and empty mean that the source does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Post {
    /// Name of the platform it was published on, as in the registry; `article` for a quotation whose page does
    /// not say where it was published.
    pub platform: String,
    /// Native id, always a string: Mastodon `id` (of the server asked), Bluesky the `at://` URI, X the status id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Canonical URI, the same from whichever server: Mastodon `uri`, Bluesky `at://…`, X `https://x.com/i/status/ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Address of its page for a reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who wrote it.
    #[serde(default)]
    pub author: Author,
    /// When it was written; `None` when unknown, never now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<When>,
    /// When the platform says it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<DateTime<Utc>>,
    /// What its author wrote: line breaks kept, nothing inserted, nothing trimmed inside.
    pub text: String,
    /// Whether `text` is all of it.
    #[serde(default)]
    pub text_state: TextState,
    /// Content warning, verbatim (Mastodon `spoiler_text`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_warning: Option<String>,
    /// BCP 47 language tag as the platform gives it; several are joined by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Original, reply, repost or quote.
    #[serde(default)]
    pub kind: Kind,
    /// The post it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<PostRef>,
    /// The post it passes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repost_of: Option<PostRef>,
    /// The post it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_of: Option<PostRef>,
    /// Hashtags as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hashtags: Vec<Hashtag>,
    /// Accounts it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
    /// Links in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// What is attached to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Its poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// Counts when seen.
    #[serde(default)]
    pub metrics: Metrics,
    /// Labels that the platform or the author put on it (Bluesky labels, `sensitive`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Sentences about what does not fit: a printed date that disagrees with the id, a client's impossible clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}

impl Post {
    /// What makes two sightings the same post: the canonical URI; else the platform's page address or native id;
    /// else, for a quotation that a page gives without any link, its author, day and words.
    pub fn identity(&self) -> String {
        if let Some(name) = self.uri.as_ref().or(self.url.as_ref()) {
            return name.clone();
        }
        if let Some(id) = &self.id {
            return format!("{}:{id}", self.platform);
        }
        // Without a handle, what else the source says of its author keeps two people's equal words apart.
        let named = || self.author.id.clone().or_else(|| self.author.name.clone());
        let handle = self.author.handle.as_ref().map(Handle::folded).or_else(named).unwrap_or_default();
        let day = self.created.map(|w| w.at().format("%Y-%m-%d").to_string()).unwrap_or_default();
        // A run of white space in a printed quotation is the page's, not the author's: it does not tell posts apart.
        let words: Vec<&str> = self.text.split_whitespace().collect();
        format!("quoted:{handle}:{day}:{}", words.join(" "))
    }

    /// The short stable name by which every command knows the post: thirteen characters of Crockford's base 32
    /// (65 bits) of the SHA-256 over platform and identity. It does not change when the post is edited or moved.
    pub fn key(&self) -> String {
        let digest =
            Sha256::new().chain_update(&self.platform).chain_update([0]).chain_update(self.identity()).finalize();
        let mut bits = u128::from_be_bytes(std::array::from_fn(|i| digest[i]));
        std::iter::repeat_with(|| {
            let symbol = (bits >> 123) as usize;
            bits <<= 5;
            char::from(b"0123456789abcdefghjkmnpqrstvwxyz"[symbol])
        })
        .take(13)
        .collect()
    }

    /// Gives back the room that its lists reserve for more: many posts wait in memory for their turn to be written, and
    /// would be half as large again.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.author.flags.shrink_to_fit();
        self.hashtags.shrink_to_fit();
        self.mentions.shrink_to_fit();
        self.links.shrink_to_fit();
        self.media.shrink_to_fit();
        self.labels.shrink_to_fit();
        self.doubts.shrink_to_fit();
    }
}
