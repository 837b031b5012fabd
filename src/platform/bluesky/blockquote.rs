//! The embed that Bluesky hands out for other people's pages: `blockquote.bluesky-embed`, by embed.bsky.app and by
//! its oEmbed answer.
//!
//! The paragraph holds the text as written, line feeds included; a signature follows, with the author's name and
//! handle and the date as the embedding reader's browser printed it, in a zone that is not told. Facets are not
//! carried over, so hashtags, mentions and links are not known.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::{ElementRef, Html};

use super::names::{self, PostUri};
use super::{PLATFORM, dates};
use crate::model::{Author, Handle, Media, Post, TextState};
use crate::platform::Embed;
use crate::platform::printed::embeds as printed;
use crate::{date, text};

/// Stands in the paragraph for a picture, a link card or a quoted post. The author did not write it.
const MARKER: &str = "[image or embed]";

/// More paragraphs than this no embed has, even where a page's own editor broke the text into several.
const PARAGRAPHS: usize = 50;

/// The embeds of Bluesky in a page. One inside another is part of that other.
pub fn embeds(html: &Html) -> Vec<Embed> {
    let is_embed = |element: &ElementRef<'_>| {
        let element = element.value();
        element.name() == "blockquote" && text::classes(element).any(|class| class == "bluesky-embed")
    };
    let is_inside =
        |quote: &ElementRef<'_>| quote.ancestors().filter_map(ElementRef::wrap).any(|around| is_embed(&around));
    let embeds = printed::elements(html, &["blockquote"]).filter(is_embed).filter(|quote| !is_inside(quote));
    embeds.map(|quote| Embed { node: quote.id(), post: read(quote) }).collect()
}

fn read(quote: ElementRef<'_>) -> Result<Post, String> {
    let named = quote.value().attr("data-bluesky-uri").unwrap_or_default();
    let uri = PostUri::new(named).ok_or("has no data-bluesky-uri that names a post by its author's DID")?;
    let paragraphs: Vec<_> = elements(quote, "p").take(PARAGRAPHS).filter(|p| signature_in(*p).is_none()).collect();
    let first = paragraphs.first().ok_or("has no text")?;
    let lang = first.value().attr("lang").filter(|lang| !lang.is_empty());
    let written: Vec<(String, bool)> = paragraphs.iter().map(|p| without_marker(*p)).collect();
    let more = written.iter().any(|(_, more)| *more);
    let said = written.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join("\n\n");
    let dated = signature_in(quote);
    let (name, handle) = dated.map(|dated| signature(quote, &paragraphs, dated)).unwrap_or_default();
    let printed = dated.and_then(|dated| date::printed(&dated.text().collect::<String>()));
    let (created, doubts) = dates::printed(printed, uri);
    Ok(Post {
        platform: PLATFORM.name.to_owned(),
        id: Some(uri.to_uri()),
        uri: Some(uri.to_uri()),
        url: Some(uri.page(handle.as_ref())),
        author: Author {
            id: Some(uri.did.to_owned()),
            name,
            url: Some(names::profile(uri.did, handle.as_ref())),
            handle,
            flags: Vec::new(),
        },
        created,
        // Nothing tells an author's ellipsis from that of a page which shortens.
        text_state: if said.ends_with('…') { TextState::Unknown } else { TextState::Complete },
        text: said,
        lang: lang.map(str::to_owned),
        media: more.then(|| Media { kind: "unknown".to_owned(), ..Media::default() }).into_iter().collect(),
        doubts,
        ..Post::default()
    })
}

/// A paragraph's text, and whether it ends in the marker.
fn without_marker(paragraph: ElementRef<'_>) -> (String, bool) {
    let rendered = text::from_fragment(&paragraph.html());
    let linked = rendered.links.last().is_some_and(|link| link.shown == MARKER);
    match rendered.text.strip_suffix(MARKER).filter(|_| linked) {
        Some(rest) => (rest.strip_suffix("\n\n").unwrap_or(rest).to_owned(), true),
        None => (rendered.text, false),
    }
}

/// The link on the date, which leads to the post.
fn signature_in(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let to_post = |a: &ElementRef<'_>| a.value().attr("href").is_some_and(|href| href.contains("/post/"));
    elements(element, "a").filter(to_post).filter(|a| a.text().collect::<String>().trim() != MARKER).last()
}

/// Name and handle: what stands between the text and the date, `— Name (@handle)` or `— @handle`.
fn signature(
    quote: ElementRef<'_>,
    paragraphs: &[ElementRef<'_>],
    dated: ElementRef<'_>,
) -> (Option<String>, Option<Handle>) {
    let text: HashSet<NodeId> = paragraphs.iter().flat_map(|p| p.descendants().map(|node| node.id())).collect();
    let before = quote.descendants().take_while(|node| node.id() != dated.id()).filter(|n| !text.contains(&n.id()));
    let words: String = before.filter_map(|node| node.value().as_text().map(|text| text.to_string())).collect();
    let words = words.trim().trim_start_matches(['—', '–', '-']).trim();
    match words.rsplit_once("(@").and_then(|(name, rest)| Some((name, names::handle(rest.strip_suffix(')')?)?))) {
        Some((name, handle)) => (Some(name.trim().to_owned()).filter(|name| !name.is_empty()), Some(handle)),
        None => (None, words.strip_prefix('@').and_then(names::handle)),
    }
}

fn elements<'a>(of: ElementRef<'a>, name: &'static str) -> impl Iterator<Item = ElementRef<'a>> {
    of.descendants().filter_map(ElementRef::wrap).filter(move |element| element.value().name() == name)
}
