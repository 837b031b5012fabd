//! What goes over the wire: <https://docs.joinmastodon.org/entities/Status/> and what other servers make of it.
//!
//! Everything may be missing. Strings are borrowed from the body; an imported file has a hundred thousand of them.

use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) use crate::platform::json::{Count, Id, Text};

/// A post.
#[derive(Deserialize)]
#[serde(expecting = "a post")]
pub(super) struct Status<'a> {
    pub(super) id: Option<Id>,
    #[serde(borrow)]
    pub(super) uri: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) account: Option<Account<'a>>,
    #[serde(borrow)]
    pub(super) created_at: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) edited_at: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) content: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) spoiler_text: Option<Text<'a>>,
    pub(super) sensitive: Option<bool>,
    #[serde(borrow)]
    pub(super) visibility: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) language: Option<Text<'a>>,
    pub(super) in_reply_to_id: Option<Id>,
    /// Truth Social: the post that it answers.
    #[serde(borrow)]
    pub(super) in_reply_to: Option<&'a RawValue>,
    /// Truth Social: the group in which it was posted. Others have groups of another shape.
    #[serde(borrow)]
    pub(super) group: Option<&'a RawValue>,
    /// The post that it boosts. Read only when wanted: a chain of them must not be read in one recursion.
    #[serde(borrow)]
    pub(super) reblog: Option<&'a RawValue>,
    /// Mastodon 4.4: a [`Quote`]; Akkoma and Fedibird: a post; Misskey's kin: whether it quotes.
    #[serde(borrow)]
    pub(super) quote: Option<&'a RawValue>,
    /// Fedibird and Akkoma.
    pub(super) quote_id: Option<Id>,
    #[serde(borrow)]
    pub(super) pleroma: Option<Pleroma<'a>>,
    #[serde(borrow)]
    pub(super) tags: Option<Vec<Tag<'a>>>,
    #[serde(borrow)]
    pub(super) mentions: Option<Vec<Mention<'a>>>,
    #[serde(borrow)]
    pub(super) media_attachments: Option<Vec<Attachment<'a>>>,
    #[serde(borrow, default, deserialize_with = "object")]
    pub(super) card: Option<Card<'a>>,
    #[serde(borrow, default, deserialize_with = "object")]
    pub(super) poll: Option<Poll<'a>>,
    #[serde(default)]
    pub(super) replies_count: Count,
    #[serde(default)]
    pub(super) reblogs_count: Count,
    #[serde(default)]
    pub(super) favourites_count: Count,
    #[serde(default)]
    pub(super) quotes_count: Count,
}

/// A group of Truth Social.
#[derive(Deserialize)]
pub(super) struct Group<'a> {
    #[serde(borrow)]
    pub(super) display_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) group_visibility: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Account<'a> {
    pub(super) id: Option<Id>,
    #[serde(borrow)]
    pub(super) acct: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) username: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) display_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) uri: Option<Text<'a>>,
    pub(super) bot: Option<bool>,
    pub(super) group: Option<bool>,
    pub(super) locked: Option<bool>,
}

/// <https://docs.joinmastodon.org/entities/Quote/> and ShallowQuote.
#[derive(Deserialize)]
pub(super) struct Quote<'a> {
    #[serde(borrow)]
    pub(super) state: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) quoted_status: Option<&'a RawValue>,
    pub(super) quoted_status_id: Option<Id>,
}

/// Pleroma's and Akkoma's own part.
#[derive(Deserialize)]
pub(super) struct Pleroma<'a> {
    #[serde(borrow)]
    pub(super) quote: Option<&'a RawValue>,
    pub(super) quote_id: Option<Id>,
    #[serde(borrow)]
    pub(super) quote_url: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Tag<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Mention<'a> {
    pub(super) id: Option<Id>,
    #[serde(borrow)]
    pub(super) acct: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) url: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Attachment<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) remote_url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) description: Option<Text<'a>>,
    #[serde(default, deserialize_with = "object")]
    pub(super) meta: Option<Meta>,
}

#[derive(Deserialize)]
pub(super) struct Meta {
    pub(super) original: Option<Size>,
}

#[derive(Deserialize)]
pub(super) struct Size {
    #[serde(default)]
    pub(super) width: Count,
    #[serde(default)]
    pub(super) height: Count,
}

#[derive(Deserialize)]
pub(super) struct Card<'a> {
    #[serde(borrow)]
    pub(super) url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) title: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Poll<'a> {
    #[serde(borrow)]
    pub(super) expires_at: Option<Text<'a>>,
    pub(super) multiple: Option<bool>,
    #[serde(borrow)]
    pub(super) options: Option<Vec<PollOption<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct PollOption<'a> {
    #[serde(borrow)]
    pub(super) title: Option<Text<'a>>,
    #[serde(default)]
    pub(super) votes_count: Count,
}

/// A part that may be an empty list, as PHP writes an object without members (Pixelfed), or anything else that is none.
fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    let raw: Option<&'de RawValue> = Deserialize::deserialize(deserializer)?;
    let raw = raw.filter(|raw| raw.get().starts_with('{'));
    raw.map(|raw| serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)).transpose()
}

/// What holds a post: a notification, or an event of the streaming API, whose payload is JSON in a text.
#[derive(Deserialize)]
pub(super) struct Wrapping<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) status: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) event: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) payload: Option<Text<'a>>,
}

/// What tells a post from other things, and its id, when the rest of it cannot be read.
#[derive(Deserialize)]
pub(super) struct Outline<'a> {
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) uri: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) account: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) visibility: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) created_at: Option<&'a RawValue>,
}

/// Objects that hold lists of posts: a context, and the result of a search.
#[derive(Deserialize)]
pub(super) struct Lists<'a> {
    #[serde(borrow)]
    pub(super) ancestors: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) descendants: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) statuses: Option<Vec<&'a RawValue>>,
}

/// <https://docs.joinmastodon.org/entities/Error/>.
#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) error: Option<String>,
    pub(super) error_description: Option<String>,
}
