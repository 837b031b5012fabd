//! The posts of X that other pages embed: what X hands out (`blockquote.twitter-tweet`), with or without its class, and the
//! oEmbed answer that holds it. What others make of a post is read beside it, by `dresses`.

use std::collections::HashSet;

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::status::{self, Status, identified, may_be_day};
use super::{NAME, dresses, links, misfit};
use crate::date;
use crate::model::{Author, Kind, Link, Post, PostRef, Precision, TextState, When, WhenSource};
use crate::platform::printed::quotation::{self, Behind, Linked, Signed};
use crate::platform::printed::{embeds, inline, shortened};
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
    let mut page = embeds::page(embeds::placed(&html, self::embeds(&html)));
    answer.compare(&mut page);
    Ok(page)
}

/// The embeds of X in a page: by their class; then quotations whose class a CMS has dropped, told by a date that links
/// to a status behind a handle; and what others make of a post.
pub(super) fn embeds(html: &Html) -> Vec<Embed> {
    let (mut found, mut links) = (dresses::embeds(html), Vec::new());
    for element in embeds::elements(html, &["blockquote", "a"]) {
        let attribute = |name| text::attribute(element.value(), name);
        match element.value().name() {
            "blockquote" if is_embed(&element) => {
                let mut posts = read(&quotation::own_edges(element, is_embed));
                posts.iter_mut().flatten().for_each(|post| said_around(element, post));
                found.push(Embed { node: element.id(), posts });
            }
            "blockquote" => {}
            _ if attribute("href").is_some_and(|href| href.contains("/status")) => links.push(element),
            _ => {}
        }
    }
    let mut seen = HashSet::new();
    // Quotations that hold one another without measure are left to those who read a page once.
    let mut budget = 8 * html.tree.values().len();
    for link in links {
        // Most links stand in embeds that have a class, and are done with here.
        let Some(quote) = container(link) else { continue };
        let is_signature = || Status::of_link(&link).is_some() && date::printed(&words(link)).is_some();
        if seen.contains(&quote.id()) || !is_signature() {
            continue;
        }
        seen.insert(quote.id());
        let edges = quotation::own_edges(quote, is_embed);
        let Some(left) = budget.checked_sub(edges.len()) else { break };
        budget = left;
        let posts = read(&edges);
        let is_signed = |post: &Post| post.author.handle.is_some() && !post.text.is_empty();
        if posts.iter().all(|post| post.as_ref().is_ok_and(is_signed)) {
            found.push(Embed { node: quote.id(), posts });
        }
    }
    found
}

pub(super) fn is_embed(element: &ElementRef<'_>) -> bool {
    text::classes(element.value()).any(|class| CLASSES.contains(&class))
}

/// The quotation without a class around a link. `None` in an embed of any platform, which is read there. What stands in
/// no quotation at all is for those to read who know how pages print posts.
fn container<'a>(link: ElementRef<'a>) -> Option<ElementRef<'a>> {
    /// How far up the page is looked at: a link this deep inside its paragraph is no signature.
    const REACH: usize = 12;
    let around: Vec<ElementRef<'a>> = link.ancestors().take(REACH).filter_map(ElementRef::wrap).collect();
    let is_embed = |element: &ElementRef<'_>| {
        text::classes(element.value()).any(|class| class.ends_with("-embed")) || is_embed(element)
    };
    if around.iter().any(is_embed) {
        return None;
    }
    around.into_iter().find(|element| element.value().name() == "blockquote")
}

/// Reads a quotation, given as a walk over it: its words, the signature `— Name (@handle)`, and the date, which links to
/// the status. Several may stand in one element.
fn read(edges: &[Edge<'_, Node>]) -> Vec<Result<Post, String>> {
    let links = quotation::links(edges, Status::of_link);
    let (pieces, end) = quotation::linked(edges, &links);
    if pieces.is_empty() {
        return vec![unlinked(edges, links.last().map(|link| &link.target))];
    }
    let behind = Behind::of(&edges[end..]);
    if pieces.len() > 1 && (behind.is_some() || pieces.iter().any(|piece| piece.signed.text.is_empty())) {
        let handles: Vec<String> = pieces.iter().map(|piece| format!("@{}", piece.signed.handle)).collect();
        let reason = "is signed several times, and who wrote which words is not certain";
        return vec![Err(format!("{reason}: {}", handles.join(", ")))];
    }
    let piece = |Linked { start, signed, link }: &Linked<'_, '_, Status>| match signed.fault() {
        None => {
            let lang = language(&edges[*start..link.start]);
            let mut post = Post { lang, ..post(signed, &words(link.link), Some(&link.target)) };
            to_the_second(&mut post, link.link);
            Ok(post)
        }
        Some(fault) => Err(fault),
    };
    let mut posts: Vec<Result<Post, String>> = pieces.iter().map(piece).collect();
    if let (Some(behind), Some(Ok(last))) = (&behind, posts.last_mut()) {
        last.doubts.push(behind.doubt());
        last.text_state = TextState::Unknown;
    }
    posts.extend(behind.iter().flat_map(Behind::faults).map(Err));
    posts
}

/// Until 2013 the link on the date had the time of the post, too. Ids of before November 2010 have none.
fn to_the_second(post: &mut Post, link: ElementRef<'_>) {
    let stated = text::attribute(link.value(), "data-datetime").and_then(date::timestamp);
    if let Some(at) = stated.filter(|_| post.created.is_none_or(|when| when.source() != WhenSource::Id)) {
        post.created = When::new(at, Precision::Second, WhenSource::Page);
    }
}

/// What the element around a post says of it, as it did until 2015.
fn said_around(quote: ElementRef<'_>, post: &mut Post) {
    /// What X put behind names in Japanese.
    const HONORIFIC: &str = "さん";
    let attribute = |name: &str| text::attribute(quote.value(), name);
    if let Some(answered) = attribute("data-in-reply-to").and_then(Status::of_id) {
        let Post { id, uri, .. } = identified(&answered);
        (post.kind, post.reply_to) = (Kind::Reply, Some(PostRef { id, uri, url: None }));
    }
    let name = post.author.name.as_deref().filter(|_| attribute("lang") == Some("ja"));
    if let Some(name) = name.and_then(|name| name.strip_suffix(HONORIFIC)).map(str::to_owned) {
        // Of the time in which links told the second it is certain.
        if quote.descendent_elements().any(|one| text::attribute(one.value(), "data-datetime").is_some()) {
            post.author.name = Some(name);
        } else {
            post.doubts.push(format!("The name may be {name:?}: in Japanese X used to put {HONORIFIC} behind it."));
        }
    }
}

/// Reads what a page has left of a quotation that has lost its link, or that shows only the link.
fn unlinked(edges: &[Edge<'_, Node>], status: Option<&Status>) -> Result<Post, String> {
    match (quotation::signed(edges), status) {
        (Some((signed, rest)), _) if date::printed(&rest).is_some() => match signed.fault() {
            None => Ok(Post { lang: language(edges), ..post(&signed, &rest, None) }),
            Some(fault) => Err(fault),
        },
        (_, Some(status)) => Ok(bare(status, &text::of_embed(edges.iter().copied()).text)),
        _ => Err("has neither a link to a post nor a signature with a date".to_owned()),
    }
}

fn post(signed: &Signed, printed: &str, status: Option<&Status>) -> Post {
    let day = date::printed(printed);
    let mut post = status.map_or_else(Post::default, identified);
    compare(&mut post, printed, day);
    post.doubts.extend(status.and_then(|status| status.doubt(&signed.handle)));
    post.doubts.extend(signed.doubts());
    post.platform = NAME.to_owned();
    post.author = Author { handle: Some(signed.handle.clone()), name: Some(signed.name.clone()), ..Author::default() };
    post.text_state = state(&signed.text);
    post.text.clone_from(&signed.text);
    name_links(&mut post, &signed.links);
    post
}

/// Holds the day that a page prints against the time of the id, which is the better one.
pub(super) fn compare(post: &mut Post, printed: &str, day: Option<When>) {
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
}

/// Names what the links of a text lead to. Without any, the CMS has taken them away, and the words must do.
pub(super) fn name_links(post: &mut Post, links: &[Link]) {
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
/// the author's, or that of an old retweet. A page that cuts says so itself.
pub(super) fn state(text: &str) -> TextState {
    const CUT: [&str; 3] = ["Show more", "Read more", "See more"];
    let shown = CUT.iter().find_map(|words| text.strip_suffix(words)).map(str::trim_end);
    if shown.is_some_and(|shown| shown.ends_with('…') || shown.ends_with("...")) {
        return TextState::Truncated;
    }
    match text.rsplit_once("https://t.co/") {
        Some((before, code)) if code.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            if before.trim_end().ends_with('…') { TextState::Truncated } else { TextState::Complete }
        }
        _ if text.ends_with('…') || text.is_empty() => TextState::Unknown,
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
            ("and so on... Show more", TextState::Truncated),
            ("they always show more", TextState::Complete),
            ("", TextState::Unknown),
        ] {
            assert_eq!(state(text), expected, "{text}");
        }
    }
}
