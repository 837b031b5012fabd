//! Embeds of places that nothing here reads: told, so that whoever imports a page knows that there was more.

use scraper::Html;
use url::Url;

use crate::platform::Embed;
use crate::platform::printed::embeds as printed;
use crate::text;

/// Classes of what such places hand out, and which place it is.
const CLASSES: [(&str, &str); 4] =
    [("fb-post", "Facebook"), ("fb-video", "Facebook"), ("fb-comment-embed", "Facebook"), ("vk_post", "VK")];

/// Hosts and paths of their frames.
const FRAMES: [(&str, &str, &str); 4] = [
    ("facebook.com", "/plugins/post.php", "Facebook"),
    ("facebook.com", "/plugins/comment_embed.php", "Facebook"),
    ("linkedin.com", "/embed/feed/", "LinkedIn"),
    ("vk.com", "/widget_post.php", "VK"),
];

/// Such embeds, each with the place and its address.
pub(super) fn embeds(page: &Html) -> Vec<Embed> {
    let mut found = Vec::new();
    for element in printed::elements(page, &["div", "iframe", "amp-facebook"]) {
        let classed = || text::classes(element.value()).find_map(|has| CLASSES.iter().find(|(class, _)| *class == has));
        let mut addresses = printed::addresses(element).peekable();
        let place = match element.value().name() {
            "amp-facebook" => Some("Facebook"),
            "iframe" => addresses.peek().and_then(|address| framed(address)),
            _ => classed().map(|(_, place)| *place),
        };
        let Some(place) = place else { continue };
        let address = addresses.last().unwrap_or_else(|| "it names no address".to_owned());
        let reason = format!("is a post of {place}, which is not read here: {address}");
        found.push(Embed { node: element.id(), posts: vec![Err(reason)] });
    }
    found
}

fn framed(address: &str) -> Option<&'static str> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let is = |name: &str| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    FRAMES.iter().find(|(host, path, _)| is(host) && url.path().starts_with(path)).map(|(.., place)| *place)
}
