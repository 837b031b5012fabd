//! The posts of X that other pages embed: what X hands out (`blockquote.twitter-tweet`), in whatever dress their CMS puts
//! it; the oEmbed answer that holds it; and what scripts make of it (`iframe[data-tweet-id]`), which keeps the id only.

use std::collections::HashSet;

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::status::{self, Status, identified, may_be_day};
use super::{NAME, links, misfit};
use crate::date;
use crate::model::{Author, Handle, Link, Post, TextState};
use crate::platform::printed::{embeds, inline, shortened, signature};
use crate::platform::{Embed, Page, ParseError};
use crate::text;

/// What X calls its embeds.
const CLASSES: &[&str] = &["twitter-tweet", "twitter-video"];

/// Reads an oEmbed answer of X (<https://publish.x.com/oembed>).
///
/// # Errors
/// If it is none, or embeds something else.
pub(super) fn oembed(text: &str) -> Result<Page, ParseError> {
    let answer = embeds::oembed(text).map_err(misfit)?;
    let provider = answer.provider_url.as_deref().and_then(|url| Url::parse(url).ok());
    if !provider.is_some_and(|url| url.host_str().is_some_and(status::is_host)) {
        return Err(misfit("an oEmbed answer of somebody else"));
    }
    let html = Html::parse_fragment(&answer.html);
    Ok(embeds::page(embeds::placed(&html, self::embeds(&html))))
}

/// The embeds of X in a page: by their class; then quotations whose class a CMS has dropped, told by a date that links
/// to a status behind a handle; then what the script has put in their place.
pub(super) fn embeds(html: &Html) -> Vec<Embed> {
    let (mut found, mut links, mut widgets) = (Vec::new(), Vec::new(), Vec::new());
    for element in embeds::elements(html, &["blockquote", "a", "iframe", "twitter-widget"]) {
        let attribute = |name| text::attribute(element.value(), name);
        match element.value().name() {
            "blockquote" if is_embed(&element) => found.push(Embed { node: element.id(), post: read(element) }),
            "blockquote" => {}
            "a" if attribute("href").is_some_and(|href| href.contains("/status")) => links.push(element),
            "a" => {}
            _ => widgets.extend(attribute("data-tweet-id").map(|id| (element.id(), id))),
        }
    }
    let mut seen = HashSet::new();
    for link in links {
        // Most links stand in embeds that have a class, and are done with here.
        let Some(quote) = container(link) else { continue };
        let is_signature = || Status::of_link(&link).is_some() && date::printed(&words(link)).is_some();
        if seen.contains(&quote.id()) || !is_signature() {
            continue;
        }
        seen.insert(quote.id());
        if let Some(post) = read(quote).ok().filter(|post| post.author.handle.is_some() && !post.text.is_empty()) {
            found.push(Embed { node: quote.id(), post: Ok(post) });
        }
    }
    for (node, id) in widgets {
        let post = Status::of_id(id).map(|status| bare(&status, "")).ok_or_else(|| "has no id of a post".to_owned());
        found.push(Embed { node, post });
    }
    found
}

fn is_embed(element: &ElementRef<'_>) -> bool {
    text::classes(element.value()).any(|class| CLASSES.contains(&class))
}

/// The element that holds a quotation without a class: the blockquote around the link, else its paragraph. `None` in
/// an embed of any platform, which is read there.
fn container<'a>(link: ElementRef<'a>) -> Option<ElementRef<'a>> {
    /// How far up the page is looked at: a link this deep inside its paragraph is no signature.
    const REACH: usize = 12;
    let around: Vec<ElementRef<'a>> = link.ancestors().take(REACH).filter_map(ElementRef::wrap).collect();
    if around
        .iter()
        .any(|element| text::classes(element.value()).any(|class| class.ends_with("-embed")) || is_embed(element))
    {
        return None;
    }
    let named = |names: &[&str]| around.iter().find(|element| names.contains(&element.value().name())).copied();
    named(&["blockquote"]).or_else(|| named(&["p", "li", "td", "dd", "figure", "div"]))
}

/// Reads a quotation: its words, the signature `— Name (@handle)`, and the date, which links to the status.
fn read(quote: ElementRef<'_>) -> Result<Post, String> {
    let edges = own_edges(quote);
    // The last link to a status is the date; those before it stand in the text.
    let linked = edges.iter().enumerate().rev().find_map(|(at, edge)| match edge {
        Edge::Open(node) => ElementRef::wrap(*node).and_then(|link| Some((at, link, Status::of_link(&link)?))),
        Edge::Close(_) => None,
    });
    if let Some((at, link, status)) = &linked
        && let Some((signed, "")) = signed(&edges[..*at]).as_ref().map(|(signed, rest)| (signed, rest.as_str()))
    {
        return Ok(post(signed, &words(*link), Some(status), language(&edges)));
    }
    // A page may have lost the link, or show only the link.
    match (signed(&edges), linked) {
        (Some((signed, rest)), _) if date::printed(&rest).is_some() => Ok(post(&signed, &rest, None, language(&edges))),
        (_, Some((.., status))) => Ok(bare(&status, &text::of_embed(edges.iter().copied()).text)),
        _ => Err("has neither a link to a post nor a signature with a date".to_owned()),
    }
}

/// What is read of a signed quotation.
struct Signed {
    text: String,
    links: Vec<Link>,
    name: String,
    handle: Handle,
    rival: Option<String>,
    struck: bool,
}

/// The words and the signature, and what stands behind the handle.
fn signed(edges: &[Edge<'_, Node>]) -> Option<(Signed, String)> {
    let last_line = last_line(edges);
    let line = text::of_embed(edges[last_line..].iter().copied()).text;
    let (open, close, handle) = signature::last_handle(&line)?;
    let signature = signature::read(&line, open, &handle)?;
    let rest = line[close..].trim_matches(signature::is_blank).to_owned();
    let has_own_line = line[..signature.dash].trim_matches(signature::is_blank).is_empty();
    let mut rival = signature.rival.map(str::to_owned);
    let (text, links, struck) = if has_own_line {
        let rendered = text::of_embed(edges[..last_line].iter().copied());
        // Where the text ends is plain, so the name begins at the first dash.
        rival.take_if(|_| !rendered.text.is_empty());
        (rendered.text, rendered.links, rendered.struck)
    } else {
        let mut rendered = text::of_embed(edges.iter().copied());
        let kept = rendered.text.len() - (line.len() - signature.dash);
        rendered.text.truncate(rendered.text[..kept].trim_end().len());
        rendered.links.pop_if(|link| link.shown.trim_start_matches('@') == handle.as_str());
        (rendered.text, rendered.links, rendered.struck)
    };
    let name = signature.name.to_owned();
    Some((Signed { text, links, name, handle, rival, struck }, rest))
}

fn post(signed: &Signed, printed: &str, status: Option<&Status>, lang: Option<String>) -> Post {
    let day = date::printed(printed);
    let mut post = status.map_or_else(Post::default, identified);
    if let (Some(day), Some(at)) = (day, post.created)
        && !may_be_day(at.at(), day.at())
    {
        post.doubts
            .push(format!("The page prints {printed:?}, but the id was given out on {}.", at.at().format("%Y-%m-%d")));
    }
    post.created = post.created.or(day);
    if post.created.is_none() {
        post.doubts.push(format!("The date {printed:?} cannot be read."));
    }
    post.doubts.extend(status.and_then(|status| status.doubt(&signed.handle)));
    if let Some(rival) = &signed.rival {
        post.doubts.push(signature::two_names(rival));
    }
    if signed.text.is_empty() {
        post.doubts.push("The page shows the signature without any words of the post.".to_owned());
    }
    if signed.struck {
        post.doubts.push(text::STRUCK.to_owned());
    }
    post.platform = NAME.to_owned();
    post.author = Author { handle: Some(signed.handle.clone()), name: Some(signed.name.clone()), ..Author::default() };
    post.text_state = state(&signed.text);
    post.text.clone_from(&signed.text);
    post.lang = lang;
    name_links(&mut post, &signed.links);
    post
}

/// Names what the links of a text lead to. Without any, the CMS has taken them away, and the words must do.
fn name_links(post: &mut Post, links: &[Link]) {
    if links.is_empty() {
        let inline = inline::read(&post.text);
        (post.hashtags, post.mentions) = (inline.hashtags, inline.mentions);
        (post.links, post.media) = (inline.links, inline.media);
    } else {
        links::sort(post, links);
    }
}

/// A post of which the page has only the address. What it shows instead (`Tweet may have been deleted`) is signed by
/// nobody, so it is not taken for the post's text.
fn bare(status: &Status, shown: &str) -> Post {
    let mut post = identified(status);
    post.doubts.push(match shown {
        "" => "The page has only the address of the post.".to_owned(),
        _ => format!("The page has only the address of the post, and shows in its place: {:?}.", shortened(shown)),
    });
    post
}

/// X cuts a long post, sets an ellipsis, and puts the address of the post behind it. An ellipsis at the very end may be
/// the author's, or that of an old retweet.
fn state(text: &str) -> TextState {
    match text.rsplit_once("https://t.co/") {
        Some((before, code)) if code.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            if before.trim_end().ends_with('…') { TextState::Truncated } else { TextState::Complete }
        }
        _ if text.ends_with('…') => TextState::Unknown,
        _ => TextState::Complete,
    }
}

fn language(edges: &[Edge<'_, Node>]) -> Option<String> {
    edges.iter().find_map(|edge| match edge {
        Edge::Open(node) => {
            let paragraph = node.value().as_element().filter(|element| element.name() == "p")?;
            text::attribute(paragraph, "lang").filter(|lang| !lang.is_empty()).map(str::to_owned)
        }
        Edge::Close(_) => None,
    })
}

fn words(element: ElementRef<'_>) -> String {
    text::of_element(element).text
}

/// A walk through an element, without the embeds inside it: where a closing tag is missing, the next embed stands
/// inside this one, and is read by itself.
fn own_edges<'a>(quote: ElementRef<'a>) -> Vec<Edge<'a, Node>> {
    let is_own = |node: NodeRef<'a, Node>| {
        !ElementRef::wrap(node).is_some_and(|e| e.value().name() == "blockquote" && is_embed(&e))
    };
    let mut edges = Vec::with_capacity(32);
    let mut next = quote.first_child();
    while let Some(node) = next {
        let own = is_own(node);
        if own {
            edges.push(Edge::Open(node));
        }
        next = node.first_child().filter(|_| own);
        let mut leaving = node;
        let mut closes = own;
        while next.is_none() {
            if std::mem::replace(&mut closes, true) {
                edges.push(Edge::Close(leaving));
            }
            next = leaving.next_sibling();
            match leaving.parent().filter(|parent| next.is_none() && parent.id() != quote.id()) {
                Some(parent) => leaving = parent,
                None => break,
            }
        }
    }
    edges
}

/// Where the last line begins that has words: behind the last line break or edge of a block.
fn last_line(edges: &[Edge<'_, Node>]) -> usize {
    let mut has_words = false;
    let begin = edges.iter().rposition(|edge| {
        let (Edge::Open(node) | Edge::Close(node)) = edge;
        match node.value() {
            Node::Text(text) => {
                has_words |= !text.trim().is_empty();
                false
            }
            Node::Element(element) => {
                has_words
                    && matches!(element.name(), "p" | "br" | "div" | "blockquote" | "li" | "ul" | "footer" | "cite")
            }
            _ => false,
        }
    });
    begin.map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_post_ends_in_an_ellipsis_and_its_address() {
        for (text, expected) in [
            ("and so on… https://t.co/aB3", TextState::Truncated),
            ("and so on…", TextState::Unknown),
            ("what now… pic.twitter.com/aB3", TextState::Complete),
            ("read https://t.co/aB3", TextState::Complete),
        ] {
            assert_eq!(state(text), expected, "{text}");
        }
    }
}
