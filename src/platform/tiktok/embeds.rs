//! Videos embedded in a page: `blockquote.tiktok-embed[data-video-id]`, the frame that takes its place, and the oEmbed
//! answer that holds it.
//!
//! The quotation has the account, the description on one line, and the name of the music. There is no date but the
//! id's, and no display name but in the oEmbed answer.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::{NAME, misfit, named, post_at};
use crate::model::{Handle, Hashtag, Post, TextState};
use crate::platform::printed::quotation::own_edges;
use crate::platform::printed::{embeds, shortened};
use crate::platform::{Embed, Page, ParseError};
use crate::text::{self, Rendered};

/// Reads an oEmbed answer (<https://developers.tiktok.com/doc/embed-videos>).
///
/// # Errors
/// If it is none, or embeds something else.
pub(super) fn oembed(body: &str) -> Result<Page, ParseError> {
    let answer = embeds::oembed(body).map_err(misfit)?;
    let provider = answer.provider_url.as_deref().and_then(|url| Url::parse(url).ok());
    if provider.is_none_or(|url| !matches!(url.host_str(), Some("www.tiktok.com" | "tiktok.com"))) {
        return Err(misfit("an oEmbed answer of somebody else"));
    }
    let html = Html::parse_fragment(&answer.html);
    let mut page = embeds::page(embeds::placed(&html, self::embeds(&html)));
    answer.compare(&mut page);
    for found in &mut page.posts {
        let post = &mut found.post;
        post.author.name = answer.author_name.clone().filter(|_| post.author.handle.is_some());
        let title = answer.title.as_deref().unwrap_or_default();
        if !title.is_empty() && !title.split_whitespace().eq(post.text.split_whitespace()) {
            post.doubts.push(format!("The answer gives it other words, too: {:?}.", shortened(title)));
        }
    }
    Ok(page)
}

/// The embeds of TikTok in a page.
pub(super) fn embeds(html: &Html) -> Vec<Embed> {
    let mut found = Vec::new();
    for element in embeds::elements(html, &["blockquote", "iframe"]) {
        let attribute = |name| text::attribute(element.value(), name);
        if is_embed(&element) {
            // An account may be embedded, too.
            if attribute("data-video-id").is_some() || attribute("cite").is_some_and(|cite| !is_account(cite)) {
                found.push(Embed { node: element.id(), posts: vec![read(element)] });
            }
            continue;
        }
        let Some(src) = attribute("src").filter(|src| src.contains("tiktok.com/") && is_frame(&element)) else {
            continue;
        };
        let post = parsed(src).as_ref().and_then(post_at).map(bare);
        found.extend(post.map(|post| Embed { node: element.id(), posts: vec![Ok(post)] }));
    }
    found
}

fn is_embed(element: &ElementRef<'_>) -> bool {
    element.value().name() == "blockquote" && text::classes(element.value()).any(|class| class == "tiktok-embed")
}

/// Whether it is a frame of its own: the script puts one into the quotation.
fn is_frame(element: &ElementRef<'_>) -> bool {
    let around = element.ancestors().take(8).filter_map(ElementRef::wrap);
    element.value().name() == "iframe" && !around.into_iter().any(|around| is_embed(&around))
}

fn is_account(cite: &str) -> bool {
    parsed(cite)
        .is_some_and(|url| url.path_segments().is_some_and(|parts| parts.filter(|part| !part.is_empty()).count() == 1))
}

/// An address, also one that leaves out the scheme.
fn parsed(address: &str) -> Option<Url> {
    let address = address.trim();
    match address.strip_prefix("//") {
        Some(rest) => Url::parse(&format!("https://{rest}")).ok(),
        None => Url::parse(address).ok(),
    }
}

fn read(quote: ElementRef<'_>) -> Result<Post, String> {
    let cited = text::attribute(quote.value(), "cite").and_then(parsed).as_ref().and_then(post_at);
    let number = text::attribute(quote.value(), "data-video-id").map(str::trim).filter(|number| !number.is_empty());
    let known = number.and_then(named);
    let mut post = match (cited, known) {
        (Some(cited), Some(known)) if cited.id != known.id => {
            return Err(format!(
                "names two videos: {:?} and {:?}",
                cited.id.unwrap_or_default(),
                number.unwrap_or_default()
            ));
        }
        (Some(post), _) | (None, Some(post)) => post,
        (None, None) => return Err(format!("names no video: {:?}", number.unwrap_or_default())),
    };
    let edges = own_edges(quote, is_embed);
    let Parts { handle, words } = parts(&edges);
    let Rendered { text, links, unshown } = text::of_embed(words.iter().copied());
    if let (Some(shown), Some(cited)) = (&handle, &post.author.handle)
        && shown.folded() != cited.folded()
    {
        post.doubts.push(format!("It is shown as by @{shown}, but its address names @{cited}."));
    }
    if handle.is_some() {
        post.author = super::author(handle);
    }
    if text.is_empty() {
        return Ok(bare(post));
    }
    post.text = text;
    // Line breaks are lost in it.
    post.text_state = TextState::Unknown;
    post.doubts.extend(unshown.doubts());
    for link in links {
        match link.shown.strip_prefix('#').and_then(Hashtag::new) {
            Some(tag) => post.hashtags.push(tag),
            // What an account is shown as is its display name; the link has the handle.
            None if link.shown.starts_with('@') => {
                post.mentions.extend(super::mention(account(&link.url).as_deref(), None))
            }
            None => post.links.push(link),
        }
    }
    Ok(post)
}

/// A post of which the page has only the address.
fn bare(mut post: Post) -> Post {
    post.doubts.push("The page has only the address of the post.".to_owned());
    Post { platform: NAME.to_owned(), text_state: TextState::Unknown, ..post }
}

/// What stands in a quotation.
struct Parts<'a, 'b> {
    /// The account that it begins with.
    handle: Option<Handle>,
    /// The words between the account and the music.
    words: &'b [Edge<'a, Node>],
}

fn parts<'a, 'b>(edges: &'b [Edge<'a, Node>]) -> Parts<'a, 'b> {
    let link = |edge: &Edge<'a, Node>| match edge {
        Edge::Open(node) => ElementRef::wrap(*node).filter(|element| element.value().name() == "a"),
        Edge::Close(_) => None,
    };
    let leads = |element: &ElementRef<'a>| text::attribute(element.value(), "href").unwrap_or_default();
    let mut parts = Parts { handle: None, words: edges };
    // The first link is the account's, if no words stand before it.
    let is_word = |edge: &Edge<'_, Node>| matches!(edge, Edge::Open(node) if node.value().as_text().is_some_and(|text| !text.trim().is_empty()));
    let first = edges.iter().position(|edge| link(edge).is_some() || is_word(edge));
    if let Some((at, element)) = first.and_then(|at| Some((at, link(&edges[at])?)))
        && let Some(handle) = account(leads(&element)).and_then(|handle| Handle::new(&handle))
    {
        let end = edges.iter().position(|edge| matches!(edge, Edge::Close(node) if node.id() == element.id()));
        parts.handle = Some(handle);
        parts.words = &edges[end.map_or(at, |end| end + 1)..];
    }
    let music =
        parts.words.iter().rposition(|edge| link(edge).is_some_and(|element| leads(&element).contains("/music/")));
    if let Some(at) = music {
        parts.words = &parts.words[..at];
    }
    parts
}

/// The handle in the address of an account.
fn account(address: &str) -> Option<String> {
    let url = parsed(address)?;
    url.host_str().filter(|host| host.ends_with("tiktok.com"))?;
    let mut parts = url.path_segments()?.filter(|part| !part.is_empty());
    let handle = parts.next()?.strip_prefix('@')?.to_owned();
    parts.next().is_none().then_some(handle)
}
