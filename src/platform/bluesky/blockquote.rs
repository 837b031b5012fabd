//! The embed that Bluesky hands out for other people's pages: `blockquote.bluesky-embed`, by embed.bsky.app and by
//! its oEmbed answer. Where a script has run it is a frame, which is found by its address like those of other platforms.
//!
//! The paragraph holds the text as written, line feeds included; a signature follows, with the author's name and
//! handle and the date as the embedding reader's browser printed it, in a zone that is not told. Facets are not
//! carried over, so hashtags, mentions and links are not known.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};

use super::names::{self, PostUri};
use super::{PLATFORM, dates};
use crate::model::{Author, Handle, Media, Post, TextState};
use crate::platform::Embed;
use crate::platform::printed::quotation::{self, Behind};
use crate::platform::printed::{embeds as printed, shortened, signature};
use crate::text::Unshown;
use crate::{date, text};

/// Stands in the paragraph for a picture, a link card or a quoted post. The author did not write it.
pub const MARKER: &str = "[image or embed]";

/// More paragraphs than this no embed has, even where a page's own editor broke the text into several.
const PARAGRAPHS: usize = 50;

/// The embeds of Bluesky in a page.
pub fn embeds(html: &Html) -> Vec<Embed> {
    let quotes = printed::elements(html, &["blockquote"]).filter(is_embed);
    let quotes = quotes.map(|quote| Embed { node: quote.id(), posts: read(quote) });
    quotes.collect()
}

fn is_embed(element: &ElementRef<'_>) -> bool {
    text::classes(element.value()).any(|class| class == "bluesky-embed")
}

/// Reads an embed up to the link on its date, and tells what stands behind it.
fn read(quote: ElementRef<'_>) -> Vec<Result<Post, String>> {
    let edges = quotation::own_edges(quote, is_embed);
    let uri = text::attribute(quote.value(), "data-bluesky-uri").and_then(PostUri::new);
    let Some(uri) = uri else {
        return vec![Err("has no data-bluesky-uri that names a post by its author's DID".to_owned())];
    };
    let dates = quotation::links(&edges, posts_key);
    // A text may link to other posts, and what stands behind the signature as well.
    let Some(date) = dates.iter().find(|date| date.target == uri.key).or(dates.last()) else {
        return vec![post(uri, &edges, None)];
    };
    let behind = Behind::of(&edges[date.end..]);
    let mut post = post(uri, &edges[..date.start], Some(date.link));
    if let (Ok(post), Some(behind)) = (&mut post, &behind) {
        post.doubts.push(behind.doubt());
        post.text_state = TextState::Unknown;
    }
    [post].into_iter().chain(behind.iter().flat_map(Behind::faults).map(Err)).collect()
}

/// The key of the post that a link leads to, as the one on its date does.
fn posts_key<'a>(a: &ElementRef<'a>) -> Option<&'a str> {
    let (_, key) = text::attribute(a.value(), "href")?.split_once("/post/")?;
    let key = key.split(['?', '#', '/']).next().unwrap_or_default();
    (a.text().collect::<String>().trim() != MARKER).then_some(key)
}

fn post(uri: PostUri<'_>, edges: &[Edge<'_, Node>], dated: Option<ElementRef<'_>>) -> Result<Post, String> {
    let Parts { paragraphs, signature, links } = parts(edges, dated);
    let first = paragraphs.first().ok_or("has no text")?;
    let lang = text::attribute(first.value(), "lang").filter(|lang| !lang.is_empty());
    let (mut said, mut more, mut unshown) = (Vec::new(), false, Unshown::default());
    for paragraph in &paragraphs {
        let (text, marked, not_shown) = without_marker(*paragraph);
        // A quotation inside a paragraph leaves an empty one behind it.
        said.extend(Some(text).filter(|text| !text.is_empty()));
        (more, unshown) = (more | marked, unshown.or(not_shown));
    }
    let said = said.join("\n\n");
    let Signer { name, handle, stray } = signer(&signature);
    if let Some(other) = signature::signer_within(&said).or_else(|| signature::signer_within(stray)) {
        return Err(format!("is signed by @{other} within its words: who wrote which of them is not certain"));
    }
    let printed = dated.and_then(|dated| date::printed(&dated.text().collect::<String>()));
    let (created, mut doubts) = dates::printed(printed, uri);
    if let Some(link) = links.iter().find(|link| !fits(link, uri, handle.as_ref())) {
        doubts.push(format!("It is embedded as {}, but its signature links to {link}.", uri.to_uri()));
    }
    if !stray.is_empty() {
        doubts.push(format!("Words stand before its signature, and may be its own: {:?}.", shortened(stray)));
    }
    doubts.extend(unshown.doubts());
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

/// What stands in an embed before its date.
struct Parts<'a> {
    /// The paragraphs of its text.
    paragraphs: Vec<ElementRef<'a>>,
    /// The words outside of them.
    signature: String,
    /// Where the links of the signature lead, that of the date included.
    links: Vec<&'a str>,
}

fn parts<'a>(edges: &[Edge<'a, Node>], dated: Option<ElementRef<'a>>) -> Parts<'a> {
    let mut parts = Parts { paragraphs: Vec::new(), signature: String::new(), links: Vec::new() };
    let closed = |p: ElementRef<'_>| dated.is_none_or(|date| date.ancestors().all(|around| around.id() != p.id()));
    let mut inside = None;
    for edge in edges {
        match edge {
            Edge::Close(node) => {
                inside.take_if(|id| *id == node.id());
            }
            Edge::Open(_) if inside.is_some() => {}
            Edge::Open(node) => match (node.value(), ElementRef::wrap(*node)) {
                (Node::Text(text), _) => parts.signature.push_str(text),
                (_, Some(p)) if p.value().name() == "p" && closed(p) && parts.paragraphs.len() < PARAGRAPHS => {
                    parts.paragraphs.push(p);
                    inside = Some(node.id());
                }
                (_, Some(a)) if a.value().name() == "a" => parts.links.extend(text::attribute(a.value(), "href")),
                _ => {}
            },
        }
    }
    parts.links.extend(dated.and_then(|date| text::attribute(date.value(), "href")));
    parts
}

/// Whether a link of a signature leads to the post, or to its author.
fn fits(link: &str, uri: PostUri<'_>, handle: Option<&Handle>) -> bool {
    let Some((_, path)) = link.split_once("/profile/") else { return true };
    let mut path = path.split(['?', '#']).next().unwrap_or_default().split('/');
    let (who, key) = (path.next().unwrap_or_default(), path.nth(1));
    let is_author = if names::is_did(who) {
        who == uri.did
    } else {
        handle.is_none_or(|handle| names::handle(who).is_some_and(|who| who.folded() == handle.folded()))
    };
    is_author && key.is_none_or(|key| key == uri.key)
}

/// A paragraph's text, whether it ends in the marker, and what the text does not show.
fn without_marker(paragraph: ElementRef<'_>) -> (String, bool, Unshown) {
    let rendered = text::from_fragment(&paragraph.html());
    let linked = rendered.links.last().is_some_and(|link| link.shown == MARKER);
    match rendered.text.strip_suffix(MARKER).filter(|_| linked) {
        Some(rest) => (rest.strip_suffix("\n\n").unwrap_or(rest).to_owned(), true, rendered.unshown),
        None => (rendered.text, false, rendered.unshown),
    }
}

/// Who signs, and the words before the dash that belong to no paragraph.
struct Signer<'a> {
    name: Option<String>,
    handle: Option<Handle>,
    stray: &'a str,
}

/// Reads what stands between the text and the date: `— Name (@handle)` or `— @handle`.
fn signer(words: &str) -> Signer<'_> {
    let words = words.trim();
    let in_parentheses = || {
        let (open, _, handle) = signature::last_handle(words)?;
        let read = signature::read(words, open, &handle)?;
        let handle = names::handle(handle.as_str());
        let name = handle.as_ref().map(|_| read.name.to_owned()).filter(|name| !name.is_empty());
        Some(Signer { name, handle, stray: words[..read.dash].trim() })
    };
    let bare = || {
        let (stray, handle) = words.rsplit_once('@').unwrap_or((words, ""));
        let stray = stray.trim_end().trim_end_matches(['—', '–', '-']).trim();
        Signer { name: None, handle: names::handle(handle), stray }
    };
    in_parentheses().unwrap_or_else(bare)
}
