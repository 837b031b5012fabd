//! Posts embedded in a page: `blockquote.instagram-media`, the frame that takes its place, and the oEmbed answer that
//! holds it.
//!
//! Until 2020 the quotation held the caption, as a link to the post, before the line `A post shared by Name (@handle) on
//! DATE`; since then only that line, without the date, and today not even it. It is written in the language of whoever
//! made the embed: the handle is plain in all of them, the name only where the words before it are known.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::{author, item, misfit, named, post_at};
use crate::date;
use crate::model::{Author, Handle, Post, Precision, TextState, When, WhenSource};
use crate::platform::printed::embeds::ONLY_SIGNATURE;
use crate::platform::printed::quotation::own_edges;
use crate::platform::printed::{embeds, shortened, signature};
use crate::platform::{Embed, Page, ParseError};
use crate::text::{self, Rendered};

/// What stands before the name in the languages that are known here.
const SHARED_BY: [&str; 14] = [
    "A post shared by ",
    "A photo posted by ",
    "A video posted by ",
    "A photo shared by ",
    "A video shared by ",
    "Ein Beitrag geteilt von ",
    "Ein von ",
    "Una publicación compartida de ",
    "Una publicación compartida por ",
    "Une publication partagée par ",
    "Un post condiviso da ",
    "Uma publicação compartilhada por ",
    "Een bericht gedeeld door ",
    "Публикация от ",
];

/// The first version of the embed that never holds the caption.
const WITHOUT_CAPTION: u32 = 13;

/// Reads an oEmbed answer (<https://developers.facebook.com/docs/instagram-platform/oembed>).
///
/// # Errors
/// If it is none, or embeds something else.
pub(super) fn oembed(body: &str) -> Result<Page, ParseError> {
    let answer = embeds::oembed(body).map_err(misfit)?;
    let provider = answer.provider_url.as_deref().and_then(|url| Url::parse(url).ok());
    if provider.is_none_or(|url| !matches!(url.host_str(), Some("www.instagram.com" | "instagram.com"))) {
        return Err(misfit("an oEmbed answer of somebody else"));
    }
    let html = Html::parse_fragment(&answer.html);
    let mut page = embeds::page(embeds::placed(&html, self::embeds(&html)));
    answer.compare(&mut page);
    for post in page.posts.iter_mut().map(|found| &mut found.post) {
        // What other providers call the author's name is the handle here.
        if post.author.handle.is_none() {
            post.author = author(answer.author_name.as_deref().and_then(Handle::new));
        }
        // The title is the caption, with its line breaks.
        let title = answer.title.as_deref().unwrap_or_default();
        if title.is_empty() {
            continue;
        }
        if post.text.is_empty() || title.split_whitespace().eq(post.text.split_whitespace()) {
            title.clone_into(&mut post.text);
            post.doubts.retain(|doubt| doubt != ONLY_ADDRESS && doubt != ONLY_SIGNATURE);
            item::in_text(post);
        } else {
            post.doubts.push(format!("The answer gives it other words, too: {:?}.", shortened(title)));
        }
    }
    Ok(page)
}

const ONLY_ADDRESS: &str = "The page has only the address of the post.";

/// The embeds of Instagram in a page.
pub(super) fn embeds(html: &Html) -> Vec<Embed> {
    let mut found = Vec::new();
    for element in embeds::elements(html, &["blockquote", "iframe"]) {
        if is_embed(&element) {
            found.push(Embed { node: element.id(), posts: vec![read(element)] });
        } else if let Some(src) = text::attribute(element.value(), "src").filter(|src| src.contains("instagram.com/")) {
            let post = parsed(src).as_ref().and_then(post_at).filter(|_| element.value().name() == "iframe");
            found.extend(
                post.map(|post| Embed { node: element.id(), posts: vec![Ok(without_words(post, ONLY_ADDRESS))] }),
            );
        }
    }
    found
}

fn is_embed(element: &ElementRef<'_>) -> bool {
    element.value().name() == "blockquote" && text::classes(element.value()).any(|class| class == "instagram-media")
}

/// An address, also one that leaves out the scheme.
fn parsed(address: &str) -> Option<Url> {
    let address = address.trim();
    match address.strip_prefix("//") {
        Some(rest) => Url::parse(&format!("https://{rest}")).ok(),
        None => Url::parse(address).ok(),
    }
}

/// The code of the post that a link leads to.
fn target(link: &ElementRef<'_>) -> Option<String> {
    post_at(&parsed(text::attribute(link.value(), "href")?)?)?.id
}

fn read(quote: ElementRef<'_>) -> Result<Post, String> {
    let edges = own_edges(quote, is_embed);
    let permalink = text::attribute(quote.value(), "data-instgrm-permalink").filter(|link| !link.trim().is_empty());
    let linked = || elements(&edges).filter(|element| element.value().name() == "a").find_map(|link| target(&link));
    let code = match permalink {
        Some(permalink) => {
            let url = parsed(permalink).ok_or_else(|| format!("names no post: {permalink:?}"))?;
            // An account may be embedded, too.
            post_at(&url).and_then(|post| post.id).ok_or_else(|| format!("names no post: {permalink:?}"))?
        }
        None => linked().ok_or("has no link to a post")?,
    };
    let post = named(&code).ok_or_else(|| format!("names no post: {code:?}"))?;
    let version =
        text::attribute(quote.value(), "data-instgrm-version").and_then(|version| version.trim().parse().ok());
    let paragraphs = paragraphs(&edges);
    let signed =
        paragraphs.iter().enumerate().rev().find_map(|(at, paragraph)| Some((at, signature(paragraph, version)?)));
    let before = signed.as_ref().map_or(paragraphs.len(), |(at, _)| *at);
    // A caption is a link to its post.
    let leads_here =
        |paragraph: &&Vec<Edge<'_, Node>>| elements(paragraph).any(|element| target(&element).as_ref() == Some(&code));
    let caption =
        paragraphs.iter().take(before).find(leads_here).map(|paragraph| text::of_embed(paragraph.iter().copied()));
    let (author, created) = signed.map(|(_, signed)| (signed.author, signed.created)).unwrap_or_default();
    let mut post = Post { author, created, ..post };
    match caption.filter(|caption| !caption.text.is_empty()) {
        Some(Rendered { text, unshown, .. }) => {
            post.text = text;
            // Line breaks are lost in it.
            post.text_state = TextState::Unknown;
            post.doubts.extend(unshown.doubts());
            item::in_text(&mut post);
            Ok(post)
        }
        None if post.author.handle.is_some() => Ok(without_words(post, ONLY_SIGNATURE)),
        None => Ok(without_words(post, ONLY_ADDRESS)),
    }
}

fn without_words(mut post: Post, doubt: &str) -> Post {
    post.doubts.push(doubt.to_owned());
    Post { text_state: TextState::Unknown, ..post }
}

/// The elements that begin in a walk.
fn elements<'a, 'b>(edges: &'b [Edge<'a, Node>]) -> impl Iterator<Item = ElementRef<'a>> + use<'a, 'b> {
    edges.iter().filter_map(|edge| match edge {
        Edge::Open(node) => ElementRef::wrap(*node),
        Edge::Close(_) => None,
    })
}

/// The paragraphs of a quotation.
fn paragraphs<'a>(edges: &[Edge<'a, Node>]) -> Vec<Vec<Edge<'a, Node>>> {
    let mut found: Vec<Vec<Edge<'a, Node>>> = Vec::new();
    let mut inside = None;
    for edge in edges {
        match (edge, inside) {
            (Edge::Open(node), None) if node.value().as_element().is_some_and(|element| element.name() == "p") => {
                inside = Some(node.id());
                found.push(Vec::new());
            }
            (Edge::Close(node), Some(id)) if node.id() == id => inside = None,
            (edge, Some(_)) => found.last_mut().into_iter().for_each(|last| last.push(*edge)),
            _ => {}
        }
    }
    found
}

/// Who shared a post, and when.
struct Signed {
    author: Author,
    created: Option<When>,
}

/// Reads the line below the caption. A caption may name somebody in brackets, too: only what surely is that line is taken.
fn signature(paragraph: &[Edge<'_, Node>], version: Option<u32>) -> Option<Signed> {
    let line = text::of_embed(paragraph.iter().copied()).text;
    let (open, close, handle) = signature::last_handle(&line)?;
    let prefix = SHARED_BY.iter().find(|prefix| line.starts_with(**prefix));
    let time = elements(paragraph).find(|element| element.value().name() == "time");
    let profile = elements(paragraph).find(|element| {
        let path = text::attribute(element.value(), "href")
            .and_then(parsed)
            .map(|url| url.path().trim_matches('/').to_owned());
        element.value().name() == "a" && path.is_some_and(|path| path.eq_ignore_ascii_case(handle.as_str()))
    });
    let never_holds_more = version.is_some_and(|version| version >= WITHOUT_CAPTION);
    if prefix.is_none() && time.is_none() && profile.is_none() && !never_holds_more {
        return None;
    }
    let linked = profile.map(|profile| text::of_element(profile).text);
    let behind_prefix = || prefix.and_then(|prefix| line.get(prefix.len()..open)).map(|name| name.trim().to_owned());
    let name = linked.or_else(behind_prefix).filter(|name| !name.is_empty());
    let exact = time.and_then(|time| date::timestamp(text::attribute(time.value(), "datetime")?));
    let exact = exact.and_then(|at| When::new(at, Precision::Second, WhenSource::Page));
    let printed = || {
        let rest = line.get(close..)?.trim();
        date::printed(rest.strip_prefix("on ").unwrap_or(rest))
    };
    Some(Signed { author: Author { name, ..author(Some(handle)) }, created: exact.or_else(printed) })
}
