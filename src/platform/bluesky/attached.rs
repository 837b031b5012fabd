//! What is attached to a post: pictures, films, a link card, a quoted post. It comes as the author's client wrote it
//! (`app.bsky.embed.images`) or as the AppView shows it (`app.bsky.embed.images#view`), with addresses; both are read
//! alike.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::names::PostUri;
use super::wire::{items, object, part, words};
use crate::model::{Link, Media, PostRef};

/// What an embed says.
#[derive(Debug, Default)]
pub struct Attached<'a> {
    /// Pictures and films.
    pub media: Vec<Media>,
    /// The link card; what it shows is the linked page's title.
    pub link: Option<Link>,
    /// The quoted post, also where it is not found, blocked or detached.
    pub quote: Option<PostRef>,
    /// The quoted post's own view and where it stands below the embed, if the answer holds it.
    pub quoted: Option<(&'static str, &'a RawValue)>,
}

impl<'a> Attached<'a> {
    /// Reads an embed. What this program does not know is left out: the words of the post are worth more.
    pub fn read(raw: Option<&'a RawValue>) -> Attached<'a> {
        let mut found = Attached::default();
        let Some(wire) = object::<Wire<'a>>(raw) else { return found };
        match wire.kind().as_str() {
            "app.bsky.embed.record" => found.quoted(wire.record, "/record"),
            "app.bsky.embed.recordWithMedia" => {
                if let Some(media) = part(wire.media) {
                    found.media(&media);
                }
                found.quoted(object::<Wire<'a>>(wire.record).and_then(|record| record.record), "/record/record");
            }
            _ => found.media(&wire),
        }
        found
    }

    fn media(&mut self, wire: &Wire<'_>) {
        match wire.kind().as_str() {
            "app.bsky.embed.images" => self.pictures(wire.images),
            "app.bsky.embed.gallery" => self.pictures(wire.items),
            "app.bsky.embed.video" => {
                // What the app offers as a GIF is a film that runs by itself.
                let gif = part::<String>(wire.presentation).is_some_and(|presentation| presentation == "gif");
                self.media.push(file(
                    if gif { "gif" } else { "video" },
                    words(wire.playlist),
                    wire.alt,
                    wire.aspect_ratio,
                ));
            }
            "app.bsky.embed.external" => {
                self.link = object::<WireExternal<'_>>(wire.external)
                    .map(|card| Link { shown: part(card.title).unwrap_or_default(), url: card.uri });
            }
            _ => {}
        }
    }

    fn pictures(&mut self, list: Option<&RawValue>) {
        let pictures = items(list).into_iter().filter_map(|item| object::<WirePicture<'_>>(Some(item)));
        self.media.extend(pictures.map(|p| file("image", words(p.fullsize), p.alt, p.aspect_ratio)));
    }

    /// Feeds, lists and starter packs are passed on in the same way; only a post is quoted.
    fn quoted(&mut self, raw: Option<&'a RawValue>, pointer: &'static str) {
        let Some(record) = object::<WireRecord<'a>>(raw) else { return };
        self.quote = PostUri::new(&record.uri).map(PostUri::to_ref);
        if self.quote.is_some() && record.value.is_some() {
            self.quoted = raw.map(|raw| (pointer, raw));
        }
    }
}

/// The ratio is all that Bluesky says about size; clients fill it with the pixels of the original.
fn file(kind: &str, url: Option<String>, alt: Option<&RawValue>, ratio: Option<&RawValue>) -> Media {
    let ratio: Option<WireRatio> = part(ratio);
    Media {
        url,
        kind: kind.to_owned(),
        alt: words(alt),
        width: ratio.as_ref().map(|ratio| ratio.width),
        height: ratio.as_ref().map(|ratio| ratio.height),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(rename = "$type", alias = "py_type", borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    images: Option<&'a RawValue>,
    #[serde(borrow, default)]
    items: Option<&'a RawValue>,
    #[serde(borrow, default)]
    playlist: Option<&'a RawValue>,
    #[serde(borrow, default)]
    presentation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    alt: Option<&'a RawValue>,
    #[serde(alias = "aspect_ratio", borrow, default)]
    aspect_ratio: Option<&'a RawValue>,
    #[serde(borrow, default)]
    external: Option<&'a RawValue>,
    #[serde(borrow, default)]
    media: Option<&'a RawValue>,
    #[serde(borrow, default)]
    record: Option<&'a RawValue>,
}

impl Wire<'_> {
    /// The type without the mark of a view.
    fn kind(&self) -> String {
        let kind: String = part(self.kind).unwrap_or_default();
        kind.strip_suffix("#view").map(str::to_owned).unwrap_or(kind)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePicture<'a> {
    #[serde(borrow, default)]
    fullsize: Option<&'a RawValue>,
    #[serde(borrow, default)]
    alt: Option<&'a RawValue>,
    #[serde(alias = "aspect_ratio", borrow, default)]
    aspect_ratio: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireExternal<'a> {
    uri: String,
    #[serde(borrow, default)]
    title: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireRecord<'a> {
    uri: String,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

/// "width:height represents an aspect ratio. It may be approximate."
#[derive(Deserialize)]
struct WireRatio {
    width: u32,
    height: u32,
}
