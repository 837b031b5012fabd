//! The record of a post: what its author's client wrote into the repository. Its text is plain; facets mark ranges of
//! it, counted in UTF-8 bytes (<https://docs.bsky.app/docs/advanced-guides/post-richtext>).

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::names::{self, PostUri};
use super::wire::{items, object, part};
use crate::model::{Hashtag, Link, Mention, PostRef};

/// No text of a post is longer, so no facet covers more (lexicon `app.bsky.feed.post`: 3,000 bytes).
const LONGEST: usize = 3000;

/// A post's record, still to be combined with what the AppView knows of it.
#[derive(Debug, Default)]
pub struct Record<'a> {
    /// `text`, verbatim.
    pub text: String,
    /// `createdAt`, as it came.
    pub created: Option<String>,
    /// `langs`, joined by commas.
    pub lang: Option<String>,
    /// `reply.parent`.
    pub reply_to: Option<PostRef>,
    /// Tags of facets, then of `tags`, which are shown outside the text.
    pub hashtags: Vec<Hashtag>,
    /// Facets that name accounts.
    pub mentions: Vec<Mention>,
    /// Facets that lead elsewhere.
    pub links: Vec<Link>,
    /// Labels that the author put on it, still unread.
    pub labels: Option<&'a RawValue>,
    /// `embed`, for where no view of it is at hand.
    pub embed: Option<&'a RawValue>,
}

impl<'a> Record<'a> {
    /// Reads a record.
    ///
    /// # Errors
    /// A fragment that says why it is no post.
    pub fn read(raw: &'a RawValue) -> Result<Record<'a>, String> {
        let wire: Wire = object(Some(raw)).ok_or("has a record that is no readable object")?;
        if part::<&str>(wire.kind).is_some_and(|kind| kind != names::POST) {
            return Err("has a record that is no post".to_owned());
        }
        let text: String = part(wire.text).ok_or("has no text")?;
        let mut record = Record {
            created: part(wire.created_at),
            reply_to: object::<WireReply>(wire.reply).and_then(|reply| Some(PostUri::new(&reply.parent.uri)?.to_ref())),
            labels: object::<WireLabels<'a>>(wire.labels).and_then(|labels| labels.values),
            embed: wire.embed,
            ..Record::default()
        };
        let langs: Vec<String> = items(wire.langs).into_iter().filter_map(|lang| part(Some(lang))).collect();
        record.lang = (!langs.is_empty()).then(|| langs.join(","));
        let mut tags = Tags::default();
        for facet in items(wire.facets) {
            record.take(facet, &text, &mut tags);
        }
        for tag in items(wire.tags) {
            tags.add(part(Some(tag)));
        }
        record.hashtags = tags.list;
        record.text = text;
        Ok(record)
    }

    /// Reads one facet. One whose range is not of the text, or ends inside a character, marks nothing.
    fn take(&mut self, facet: &RawValue, text: &str, tags: &mut Tags) {
        let Some(WireFacet { index, features }) = object(Some(facet)) else { return };
        let Some(shown) = text.get(index.byte_start..index.byte_end) else { return };
        if shown.is_empty() || shown.len() > LONGEST {
            return;
        }
        for feature in items(Some(features)).into_iter().filter_map(|feature| object::<WireFeature>(Some(feature))) {
            let WireFeature { kind, tag, did, uri } = feature;
            match (kind.strip_prefix("app.bsky.richtext.facet#"), tag, did, uri) {
                (Some("tag"), Some(tag), ..) => tags.add(Some(tag)),
                (Some("mention"), _, Some(did), _) if names::is_did(&did) => {
                    let handle = shown.strip_prefix('@').and_then(names::handle);
                    self.mentions.push(Mention {
                        url: Some(names::profile(&did, handle.as_ref())),
                        handle,
                        id: Some(did),
                    });
                }
                (Some("link"), _, _, Some(uri)) => self.links.push(Link { shown: shown.to_owned(), url: uri }),
                _ => {}
            }
        }
    }
}

/// The values of labels, each once. One with `neg` only takes an earlier one back.
pub fn values<'a>(lists: impl IntoIterator<Item = Option<&'a RawValue>>) -> Vec<String> {
    let labels = lists.into_iter().flat_map(items).filter_map(|label| object::<WireLabel>(Some(label)));
    let mut seen = HashSet::new();
    labels.filter(|label| !label.neg).map(|label| label.val).filter(|val| seen.insert(val.clone())).collect()
}

/// Hashtags in order, each spelling once.
#[derive(Default)]
struct Tags {
    list: Vec<Hashtag>,
    seen: HashSet<Hashtag>,
}

impl Tags {
    fn add(&mut self, raw: Option<String>) {
        if let Some(tag) = raw.and_then(|raw| Hashtag::new(&raw))
            && self.seen.insert(tag.clone())
        {
            self.list.push(tag);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(rename = "$type", alias = "py_type", borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(alias = "created_at", borrow, default)]
    created_at: Option<&'a RawValue>,
    #[serde(borrow, default)]
    langs: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reply: Option<&'a RawValue>,
    #[serde(borrow, default)]
    facets: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tags: Option<&'a RawValue>,
    #[serde(borrow, default)]
    labels: Option<&'a RawValue>,
    #[serde(borrow, default)]
    embed: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireReply {
    parent: WireStrongRef,
}

#[derive(Deserialize)]
struct WireStrongRef {
    uri: String,
}

#[derive(Deserialize)]
struct WireFacet<'a> {
    index: WireSlice,
    #[serde(borrow)]
    features: &'a RawValue,
}

/// "Zero-indexed, counting bytes of the UTF-8-encoded text. Start index is inclusive, end index is exclusive."
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSlice {
    #[serde(alias = "byte_start")]
    byte_start: usize,
    #[serde(alias = "byte_end")]
    byte_end: usize,
}

#[derive(Deserialize)]
struct WireFeature {
    #[serde(rename = "$type", alias = "py_type")]
    kind: String,
    tag: Option<String>,
    did: Option<String>,
    uri: Option<String>,
}

/// `com.atproto.label.defs#selfLabels`
#[derive(Deserialize)]
struct WireLabels<'a> {
    #[serde(borrow)]
    values: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireLabel {
    val: String,
    #[serde(default)]
    neg: bool,
}
