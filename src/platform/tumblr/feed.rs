//! The RSS feed of a blog, in which every post is HTML, with the others that it passes on.

use feed_rs::model::{Entry, Feed};
use url::Url;

use super::{chain, legacy, misfit, post, post_at, tags};
use crate::model::{Author, Found, Handle, Kind, Media, Post, PostRef, Precision, Skipped, When, WhenSource};
use crate::platform::feed::{self, Parsed};
use crate::platform::{Page, ParseError};
use crate::text;

/// Reads a feed.
///
/// # Errors
/// If it is none of Tumblr.
pub(super) fn read(source: &str) -> Result<Page, ParseError> {
    if !source.contains("Tumblr (") {
        return Err(misfit("markup that Tumblr did not make"));
    }
    let Parsed { feed, broken_off } = feed::parsed(source).map_err(misfit)?;
    let generator = feed.generator.as_ref().map(|generator| generator.content.as_str()).unwrap_or_default();
    // `Tumblr (3.0; @NAME)`.
    let blog = generator
        .strip_prefix("Tumblr (")
        .and_then(|rest| rest.split_once('@'))
        .map(|(_, name)| name.trim_end_matches(')'));
    let blog = blog.and_then(Handle::new).ok_or_else(|| misfit("a feed that Tumblr did not make"))?;
    let mut page = Page { shape: "feed", ..Page::default() };
    for (i, entry) in feed.entries.iter().enumerate() {
        let at = format!("entry {}", i + 1);
        match self::entry(entry, &feed, &blog) {
            Ok((post, nested)) => {
                page.posts.push(Found { post, at: at.clone(), nested: false });
                let place = |(i, post)| Found { post, at: format!("{at} layer {}", i + 1), nested: true };
                page.posts.extend(nested.into_iter().enumerate().map(place));
            }
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    page.skipped.extend(broken_off);
    Ok(page)
}

fn entry(entry: &Entry, feed: &Feed, blog: &Handle) -> Result<(Post, Vec<Post>), String> {
    let link = entry.links.first().map(|link| link.href.as_str()).ok_or("has no address")?;
    // A blog with a domain of its own has addresses of another form.
    let url = Url::parse(link).ok();
    let number = url.as_ref().and_then(post_at).and_then(|post| post.id);
    let of_domain = || url.as_ref()?.path_segments()?.skip_while(|part| *part != "post").nth(1).map(str::to_owned);
    let number = number.or_else(of_domain).ok_or_else(|| format!("has no address of a post: {link:?}"))?;
    let known = super::named(&number).ok_or_else(|| format!("has no address of a post: {link:?}"))?;
    let title = feed.title.as_ref().map(|title| title.content.trim().to_owned()).filter(|title| !title.is_empty());
    let mut post = Post {
        url: Some(link.to_owned()),
        author: Author { name: title, ..super::author(blog.as_str()) },
        created: entry.published.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        ..known
    };
    let html = entry.content.as_ref().and_then(|content| content.body.as_deref());
    let html = html.or(entry.summary.as_ref().map(|summary| summary.content.as_str())).unwrap_or_default();
    let layers = chain::layers(html).ok_or("is nested too deeply to tell whose words are whose")?;
    let pictures = pictures(html);
    let mut layers = layers.into_iter();
    let own = legacy::html(&layers.next().unwrap_or_default().html, &number);
    let mut nested: Vec<Post> = layers.rev().map(post::of_layer).collect();
    let says_nothing = own.text.is_empty();
    post = own.into(post);
    // Pictures are the first post's.
    match nested.first_mut() {
        Some(first) => first.media = pictures,
        None => post.media = pictures,
    }
    let name = |post: &Post| PostRef { id: post.id.clone(), uri: post.uri.clone(), url: post.url.clone() };
    if let Some(last) = nested.last() {
        let of = Some(name(last));
        (post.kind, post.repost_of, post.quote_of) =
            if says_nothing { (Kind::Repost, of, None) } else { (Kind::Quote, None, of) };
    }
    for at in 1..nested.len() {
        (nested[at].kind, nested[at].quote_of) = (Kind::Quote, Some(name(&nested[at - 1])));
    }
    // Signs are escaped in it twice.
    let title = entry.title.as_ref().map(|title| text::from_fragment(title.content.trim()).text).unwrap_or_default();
    if !is_beginning(&title, std::iter::once(&post).chain(&nested)) {
        match post.text.is_empty() && nested.is_empty() {
            true => post.text = title,
            false => post.labels.push(format!("title: {title}")),
        }
    }
    if post.text.is_empty() && post.media.is_empty() && nested.is_empty() {
        return Err("has no text".to_owned());
    }
    tags(&mut post, entry.categories.iter().map(|category| category.term.as_str()));
    Ok((post, nested))
}

/// Whether a title is only the beginning of some words, as Tumblr makes one where there is none.
fn is_beginning<'a>(title: &str, mut posts: impl Iterator<Item = &'a Post>) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).take(40).collect::<String>();
    let title = letters(title);
    title.is_empty()
        || title == "Photo"
        || title == "Video"
        || posts.any(|post| letters(&post.text).starts_with(&title))
}

fn pictures(html: &str) -> Vec<Media> {
    if !html.contains("<img") || !text::is_affordable(html) {
        return Vec::new();
    }
    let tree = scraper::Html::parse_fragment(html);
    let images = crate::platform::printed::embeds::elements(&tree, &["img"]);
    let image = |image: scraper::ElementRef<'_>| {
        let alt = text::attribute(image.value(), "alt").filter(|alt| !alt.is_empty() && *alt != "image");
        Media {
            url: text::attribute(image.value(), "src").map(str::to_owned),
            kind: "image".to_owned(),
            alt: alt.map(str::to_owned),
            ..Media::default()
        }
    };
    images.map(image).collect()
}
