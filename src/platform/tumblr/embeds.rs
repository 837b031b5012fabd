//! Posts embedded in a page: `div.tumblr-post`, the frame that takes its place, and the oEmbed answer that holds it. None
//! of them has the words, or the date: a reader's browser fetches them.

use scraper::{ElementRef, Html};
use url::Url;

use super::{misfit, named, post_at};
use crate::model::{Post, TextState};
use crate::platform::printed::embeds;
use crate::platform::{Embed, Page, ParseError};
use crate::text;

/// Reads an oEmbed answer.
///
/// # Errors
/// If it is none, or embeds something else.
pub(super) fn oembed(body: &str) -> Result<Page, ParseError> {
    let answer = embeds::oembed(body).map_err(misfit)?;
    let provider = answer.provider_url.as_deref().and_then(|url| Url::parse(url).ok());
    if provider.is_none_or(|url| !matches!(url.host_str(), Some("www.tumblr.com" | "tumblr.com"))) {
        return Err(misfit("an oEmbed answer of somebody else"));
    }
    let html = Html::parse_fragment(&answer.html);
    let mut page = embeds::page(embeds::placed(&html, self::embeds(&html)));
    answer.compare(&mut page);
    for post in page.posts.iter_mut().map(|found| &mut found.post) {
        post.author.name = answer.author_name.clone().filter(|_| post.author.handle.is_some());
    }
    Ok(page)
}

/// The embeds of Tumblr in a page.
pub(super) fn embeds(html: &Html) -> Vec<Embed> {
    let found = embeds::elements(html, &["div", "iframe"]).filter_map(|element| {
        let name = element.value().name();
        let post = match name {
            "div" if is_embed(&element) => read(element),
            "iframe" => Ok(framed(text::attribute(element.value(), "src")?)?),
            _ => return None,
        };
        let post = post.map(|mut post| {
            post.doubts.push("The page has only the address of the post.".to_owned());
            Post { text_state: TextState::Unknown, ..post }
        });
        Some(Embed { node: element.id(), posts: vec![post] })
    });
    found.collect()
}

fn is_embed(element: &ElementRef<'_>) -> bool {
    text::classes(element.value()).any(|class| class == "tumblr-post")
}

/// The link in it leads to the post; `data-href` names it by its number, too.
fn read(element: ElementRef<'_>) -> Result<Post, String> {
    let links = element.descendent_elements().filter(|inside| inside.value().name() == "a");
    let mut links = links.filter_map(|link| Url::parse(text::attribute(link.value(), "href")?).ok());
    let linked = links.find_map(|url| post_at(&url));
    let framed = text::attribute(element.value(), "data-href").and_then(framed);
    match (linked, framed) {
        (Some(linked), Some(framed)) if linked.id != framed.id => {
            Err(format!("names two posts: {:?} and {:?}", linked.id.unwrap_or_default(), framed.id.unwrap_or_default()))
        }
        (Some(post), _) | (None, Some(post)) => Ok(post),
        (None, None) => Err("names no post".to_owned()),
    }
}

/// The post of a frame: `embed.tumblr.com/embed/post/BLOG/NUMBER/v2`.
fn framed(src: &str) -> Option<Post> {
    let url = Url::parse(src).ok().filter(|url| url.host_str() == Some("embed.tumblr.com"))?;
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).take(4).collect();
    match parts.as_slice() {
        ["embed", "post", _, number, ..] => named(number),
        _ => None,
    }
}
