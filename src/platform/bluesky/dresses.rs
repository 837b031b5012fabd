//! Posts of Bluesky in the dress of Substack, which keeps what a post says as JSON in an attribute around its frame.

use scraper::{ElementRef, Html};
use serde_json::Value;

use super::names::{self, PostUri};
use super::{PLATFORM, dates};
use crate::date;
use crate::model::{Author, Media, Post, Precision, TextState, When, WhenSource};
use crate::platform::Embed;
use crate::text;

/// The posts of Bluesky that Substack shows in a page.
pub fn embeds(html: &Html) -> Vec<Embed> {
    let elements = html.tree.nodes().filter_map(ElementRef::wrap);
    elements.filter_map(|element| Some(Embed { node: element.id(), posts: vec![read(element)?] })).collect()
}

fn read(element: ElementRef<'_>) -> Option<Result<Post, String>> {
    let attribute = |name: &str| text::attribute(element.value(), name);
    let data = attribute("data-attrs").filter(|data| data.contains(names::POST) && data.starts_with('{'))?;
    let is_wrapper = text::classes(element.value()).any(|class| class == "bluesky-wrap")
        || attribute("data-component-name") == Some("BlueskyCreateBlueskyEmbed");
    is_wrapper.then(|| post(data))
}

fn post(data: &str) -> Result<Post, String> {
    let data: Value = serde_json::from_str(data).map_err(|_| "holds data that are broken".to_owned())?;
    let words = |name: &str| data[name].as_str().filter(|words| !words.is_empty());
    let uri = words("uri").and_then(PostUri::new).ok_or("has no URI that names a post by its author's DID")?;
    let text = words("text").unwrap_or_default();
    let files = data["imageUrls"].as_array().into_iter().flatten().filter_map(|url| url.as_str());
    let media: Vec<Media> =
        files.map(|url| Media { url: Some(url.to_owned()), kind: "image".to_owned(), ..Media::default() }).collect();
    if text.is_empty() && media.is_empty() {
        return Err("has no text".to_owned());
    }
    // Anybody can write a page, so its time is a page's word.
    let stated = words("createdAt").and_then(date::timestamp);
    let stated = stated.and_then(|at| When::new(at, Precision::Second, WhenSource::Page));
    let (created, doubts) = dates::printed(stated, uri);
    let handle = words("authorHandle").and_then(names::handle);
    Ok(Post {
        platform: PLATFORM.name.to_owned(),
        id: Some(uri.to_uri()),
        uri: Some(uri.to_uri()),
        url: Some(uri.page(handle.as_ref())),
        author: Author {
            id: Some(uri.did.to_owned()),
            name: words("authorName").map(str::to_owned),
            url: Some(names::profile(uri.did, handle.as_ref())),
            handle,
            flags: Vec::new(),
        },
        created,
        text: text.to_owned(),
        text_state: if text.ends_with('…') { TextState::Unknown } else { TextState::Complete },
        media,
        doubts,
        ..Post::default()
    })
}
