//! Which addresses lead to an account. In doubt one does: a link too few in the data harms nobody.

use percent_encoding::percent_decode_str;
use url::Url;

use super::words::Own;
use crate::host::host;
use crate::platform;

/// Hosts where whatever has an address is somebody's; what shortens addresses is among them, for it may lead there.
const PEOPLE: &[&str] = &[
    "bsky.app",
    "facebook.com",
    "fb.com",
    "fb.me",
    "github.com",
    "instagram.com",
    "ko-fi.com",
    "linkedin.com",
    "linktr.ee",
    "mastodon.social",
    "medium.com",
    "patreon.com",
    "pinterest.com",
    "reddit.com",
    "redd.it",
    "snapchat.com",
    "soundcloud.com",
    "substack.com",
    "t.co",
    "t.me",
    "threads.com",
    "threads.net",
    "tiktok.com",
    "tumblr.com",
    "twitch.tv",
    "twitter.com",
    "vk.com",
    "weibo.com",
    "x.com",
    "youtu.be",
    "youtube.com",
];

/// What stands in an address before the name of an account.
const BEFORE: &[&str] = &[
    "account", "accounts", "author", "authors", "by", "channel", "member", "members", "people", "person", "profile",
    "profiles", "u", "user", "users",
];

/// Whether an address leads to an account, or to something that an account has put there.
pub(super) fn leads_to_account(address: &str, own: &Own) -> bool {
    let address = address.trim();
    if platform::post_at(address).is_some() || platform::profile_at(address).is_some() {
        return true;
    }
    let Ok(url) = Url::parse(address) else { return true };
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
        return true;
    }
    let Some(host) = host(address) else { return true };
    if PEOPLE.contains(&host.as_str()) || is_of_people(&host) {
        return true;
    }
    let whole = percent_decode_str(address).decode_utf8_lossy().to_lowercase();
    let mut segments = whole.split(['/', '?', '#', '=', '&']).filter(|segment| !segment.is_empty()).peekable();
    while let Some(segment) = segments.next() {
        let is_name = segment.starts_with(['@', '~']) || segment.starts_with("did:") || own.named(segment).is_some();
        if is_name || (BEFORE.contains(&segment) && segments.peek().is_some()) {
            return true;
        }
    }
    own.handles().any(|handle| handle.len() > 3 && whole.contains(handle))
}

/// Whether a host belongs to somebody at one of those hosts.
pub(super) fn is_of_people(host: &str) -> bool {
    let mut names = PEOPLE.iter().filter_map(|people| host.strip_suffix(people)?.strip_suffix('.'));
    names.any(|name| !name.is_empty() && name != "www")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_people_is_told_from_news() {
        let own = Own::default();
        for (address, leads) in [
            ("https://x.com/ada_moss/status/20", true),
            ("https://x.com/ada_moss", true),
            ("https://moss.example/@ada/7", true),
            ("https://moss.example/users/ada/statuses/7", true),
            ("https://news.example/author/ada-moss", true),
            ("https://ada.tumblr.com/", true),
            ("https://t.co/abc", true),
            ("https://bsky.app/profile/ada.example/post/3k", true),
            ("at://did:plc:abc/app.bsky.feed.post/3k", true),
            ("mailto:ada@moss.example", true),
            ("https://ada@moss.example/", true),
            ("https://news.example/%40ada", true),
            ("https://www.bbc.co.uk/news/uk-57954321", false),
            ("https://news.example/2021/07/ferry?id=20#top", false),
            ("https://fedex.com/", false),
        ] {
            assert_eq!(leads_to_account(address, &own), leads, "{address}");
        }
    }
}
