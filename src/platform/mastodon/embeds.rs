//! Posts embedded in a page: `blockquote.mastodon-embed` (4.4 on) and `iframe.mastodon-embed` (before), of which some editors
//! drop the class.
//!
//! Neither holds the text or the date: a reader's browser fetches them. What is there is the address, and in the newer
//! form the handle.

use scraper::{ElementRef, Html};
use url::Url;

use super::{NAME, names};
use crate::model::{Author, Handle, Post, TextState};
use crate::platform::Embed;
use crate::platform::printed::{embeds as printed, shortened};
use crate::text;

pub(super) fn embeds(page: &Html) -> Vec<Embed> {
    let is_embed = |element: &ElementRef<'_>| text::classes(element.value()).any(|class| class == "mastodon-embed");
    let embeds =
        printed::elements(page, &["blockquote", "iframe"]).filter(|element| is_embed(element) || shows_a_post(element));
    embeds.map(|element| Embed { node: element.id(), posts: vec![post(element)] }).collect()
}

/// Whether a frame shows `https://SERVER/@user/NUMBER/embed`, which no other platform's addresses look like.
fn shows_a_post(element: &ElementRef<'_>) -> bool {
    let frames = text::attribute(element.value(), "src").filter(|_| element.value().name() == "iframe");
    let Some((_, path)) = frames.and_then(|src| src.split_once("/@")) else { return false };
    let mut path = path.split(['?', '#']).next().unwrap_or_default().split('/');
    let (user, number) = (path.next().unwrap_or_default(), path.next().unwrap_or_default());
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    !user.is_empty() && is_number && path.next() == Some("embed") && path.next().is_none()
}

fn post(element: ElementRef<'_>) -> Result<Post, String> {
    let named = element.attr("data-embed-url").map(|url| url.trim().to_owned());
    let address = named.or_else(|| printed::addresses(element).next()).unwrap_or_default();
    let url = Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let mut url = url.ok_or_else(|| format!("names no post: {address:?}"))?;
    url.set_query(None);
    let url = url.as_str().strip_suffix("/embed").unwrap_or(url.as_str()).to_owned();
    let shown = text::of_element(element).text;
    let lines = || shown.lines().map(str::trim);
    let handle = lines().find_map(handle);
    let is_usual = |line: &str| line.is_empty() || line == "View on Mastodon" || line.starts_with("Post by @");
    let strange = lines().find(|line| !is_usual(line));
    // Handle and address may be of different servers, but the account is the same.
    let account = names::of_post(&url).filter(|account| !account.is_empty());
    let other = account
        .zip(handle.as_ref())
        .filter(|(account, handle)| !names::user(handle.as_str()).eq_ignore_ascii_case(account));
    let doubts = [
        other.map(|(account, handle)| format!("It is said to be by @{handle}, but its address names @{account}.")),
        strange.map(|words| format!("The page shows words that may be the post's: {:?}.", shortened(words))),
    ];
    Ok(Post {
        platform: NAME.to_owned(),
        doubts: doubts.into_iter().flatten().collect(),
        url: Some(url),
        author: Author { handle, ..Author::default() },
        text_state: TextState::Unknown,
        ..Post::default()
    })
}

/// The handle of `Post by @user@server`, which Mastodon writes in English on every server.
fn handle(line: &str) -> Option<Handle> {
    let full = line.strip_prefix("Post by @")?;
    let (user, server) = full.split_once('@')?;
    if user.is_empty() || server.is_empty() { None } else { Handle::new(full) }
}
