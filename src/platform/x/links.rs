//! What the links in a post of X are: hashtags, accounts, pictures, and addresses.

use url::Url;

use super::status::is_host;
use crate::model::{Handle, Hashtag, Link, Mention, Post};
use crate::platform::printed::embeds::archived;
use crate::platform::printed::inline;

/// Enters the links of a post's text under what they are.
pub(super) fn sort(post: &mut Post, links: &[Link]) {
    for link in links {
        let tag = link.shown.starts_with(['#', '＃']).then(|| Hashtag::new(&link.shown)).flatten();
        let handle = link.shown.starts_with(['@', '＠']).then(|| Handle::new(&link.shown)).flatten();
        // Until 2013 the sign stood before the link.
        let handle = handle.or_else(|| {
            let is_behind_sign =
                || post.text.contains(&format!("@{}", link.shown)) || post.text.contains(&format!("＠{}", link.shown));
            let leads = link.url.rsplit_once('/').is_some_and(|(_, account)| account.eq_ignore_ascii_case(&link.shown));
            // Posts were short then.
            (leads && post.text.len() < 2_000 && is_behind_sign()).then(|| Handle::new(&link.shown)).flatten()
        });
        let within_x = || {
            let url = archived(&link.url).unwrap_or(&link.url);
            let plain = ["https://twitter.com/", "https://x.com/"].iter().any(|start| url.starts_with(start));
            plain || Url::parse(url).is_ok_and(|url| url.host_str().is_some_and(is_host))
        };
        match (tag, handle) {
            (Some(tag), _) if within_x() => post.hashtags.push(tag),
            (_, Some(handle)) if within_x() => {
                post.mentions.push(Mention { handle: Some(handle), url: Some(link.url.clone()), ..Mention::default() });
            }
            _ => add(post, link.clone()),
        }
    }
}

/// Enters a link that is neither a hashtag nor an account.
pub(super) fn add(post: &mut Post, link: Link) {
    post.media.extend(inline::is_picture(&link.shown).then(inline::unseen));
    post.links.push(link);
}
