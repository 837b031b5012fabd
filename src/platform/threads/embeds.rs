//! Posts embedded in a page: `blockquote.text-post-media`, the frame that takes its place, and the oEmbed answer that
//! holds it. None of them has the words, or the date: a reader's browser fetches them.

use scraper::{ElementRef, Html};
use url::Url;

use super::{is_host, misfit, post_at};
use crate::model::{Handle, Post, TextState};
use crate::platform::printed::{embeds, shortened};
use crate::platform::{Embed, Page, ParseError};
use crate::text;

/// Reads an oEmbed answer (<https://developers.facebook.com/docs/threads/tools-and-resources/embed-a-threads-post>).
///
/// # Errors
/// If it is none, or embeds something else.
pub(super) fn oembed(body: &str) -> Result<Page, ParseError> {
    let answer = embeds::oembed(body).map_err(misfit)?;
    let provider = answer.provider_url.as_deref().and_then(|url| Url::parse(url).ok());
    if !provider.is_some_and(|url| url.host_str().is_some_and(is_host)) {
        return Err(misfit("an oEmbed answer of somebody else"));
    }
    let html = Html::parse_fragment(&answer.html);
    let mut page = embeds::page(embeds::placed(&html, self::embeds(&html)));
    answer.compare(&mut page);
    Ok(page)
}

/// The embeds of Threads in a page.
pub(super) fn embeds(html: &Html) -> Vec<Embed> {
    let found = embeds::elements(html, &["blockquote", "iframe"]).filter_map(|element| {
        let attribute = |name| text::attribute(element.value(), name);
        let post = match element.value().name() {
            "blockquote" if is_embed(&element) => read(element),
            "iframe" => Ok(bare(at(attribute("src")?)?)),
            _ => return None,
        };
        Some(Embed { node: element.id(), posts: vec![post] })
    });
    found.collect()
}

fn is_embed(element: &ElementRef<'_>) -> bool {
    text::classes(element.value()).any(|class| class == "text-post-media")
}

fn at(address: &str) -> Option<Post> {
    post_at(&Url::parse(address.trim()).ok()?)
}

fn read(quote: ElementRef<'_>) -> Result<Post, String> {
    let permalink = text::attribute(quote.value(), "data-text-post-permalink");
    let links = quote.descendent_elements().filter(|inside| inside.value().name() == "a");
    let mut linked = links.filter_map(|link| text::attribute(link.value(), "href"));
    let post = permalink.and_then(at).or_else(|| linked.find_map(at));
    let mut post = bare(post.ok_or_else(|| format!("names no post: {:?}", permalink.unwrap_or_default()))?);
    let shown = text::of_element(quote).text;
    let lines = || shown.lines().map(str::trim).filter(|line| !line.is_empty());
    // `Post by @NAME`, and a link to the post in the language of whoever made the embed.
    let signer = lines().find_map(|line| line.strip_prefix("Post by @").and_then(Handle::new));
    if let (Some(signer), Some(named)) = (&signer, &post.author.handle)
        && signer.folded() != named.folded()
    {
        post.doubts.push(format!("It is said to be by @{signer}, but its address names @{named}."));
    }
    // What is longer than that may be the words.
    const LONGEST: usize = 60;
    if let Some(words) = lines().find(|line| line.chars().count() > LONGEST && !line.starts_with("http")) {
        post.doubts.push(format!("The page shows words that may be the post's: {:?}.", shortened(words)));
    }
    Ok(post)
}

/// A post of which the page has only the address.
fn bare(mut post: Post) -> Post {
    post.doubts.push("The page has only the address of the post.".to_owned());
    Post { text_state: TextState::Unknown, ..post }
}
