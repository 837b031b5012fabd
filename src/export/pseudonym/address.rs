//! Which addresses lead to an account. In doubt one does: a link too few in the data harms nobody.

use percent_encoding::percent_decode_str;
use url::Url;

use super::words::{Names, Own};
use crate::host::host;
use crate::platform;
use crate::store::StoreError;

/// Hosts where whatever has an address is somebody's; what shortens or mirrors addresses is among them, for it may lead there.
const PEOPLE: &[&str] = &[
    "blogspot.com",
    "bsky.app",
    "cash.app",
    "facebook.com",
    "fb.com",
    "fb.me",
    "fixupx.com",
    "fixvx.com",
    "fxbsky.app",
    "fxtwitter.com",
    "github.com",
    "instagr.am",
    "instagram.com",
    "ko-fi.com",
    "linkedin.com",
    "linktr.ee",
    "mastodon.social",
    "medium.com",
    "nitter.net",
    "onlyfans.com",
    "patreon.com",
    "paypal.me",
    "pinterest.com",
    "redd.it",
    "reddit.com",
    "snapchat.com",
    "soundcloud.com",
    "substack.com",
    "t.co",
    "t.me",
    "telegram.me",
    "threads.com",
    "threads.net",
    "tiktok.com",
    "tumblr.com",
    "twimg.com",
    "twitch.tv",
    "twitter.com",
    "vk.com",
    "vxtwitter.com",
    "weibo.com",
    "wordpress.com",
    "x.com",
    "xcancel.com",
    "youtu.be",
    "youtube.com",
];

/// What stands in an address before the name of an account.
const BEFORE: &[&str] = &[
    "account", "accounts", "author", "authors", "by", "channel", "member", "members", "people", "person", "profile",
    "profiles", "u", "user", "users",
];

/// The longest address that is looked through: a longer one is given up.
const LONGEST: usize = 2000;

/// How many digits a number has that only a machine has counted: that of a post or an account.
const NUMBERED: usize = 15;

/// Whether an address leads to an account, or to something that an account has put there; or whether a piece of it, in
/// whichever place, names one: a host of people, a handle that the archive knows, the id of a post.
pub(super) fn leads_to_account(address: &str, names: &Names) -> Result<bool, StoreError> {
    if address.len() > LONGEST || is_of_account(address, &names.own) {
        return Ok(true);
    }
    let whole = decoded(address);
    for piece in whole.split(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-' | '_')) {
        let mut numbers = piece.split(|c: char| !c.is_ascii_digit());
        let is_numbered = numbers.any(|number| number.len() >= NUMBERED);
        if is_numbered || names.is_post(piece)? || is_people(piece) || names.holds_handle(piece)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An address without its percent signs: addresses inside addresses have them several times over.
fn decoded(address: &str) -> String {
    let mut whole = address.to_owned();
    for _ in 0..4 {
        let plain = percent_decode_str(&whole).decode_utf8_lossy().into_owned();
        if plain == whole {
            break;
        }
        whole = plain;
    }
    whole
}

/// Whether a piece of an address is such a host: of an address inside another one.
fn is_people(piece: &str) -> bool {
    let host = piece.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    PEOPLE.contains(&host) || is_of_people(host)
}

/// Whether an address says by itself that it is an account's.
fn is_of_account(address: &str, own: &Own) -> bool {
    let address = address.trim();
    if platform::post_at(address).is_some() || platform::profile_at(address).is_some() {
        return true;
    }
    let Ok(url) = Url::parse(address) else { return true };
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
        return true;
    }
    let Some(host) = host(address) else { return true };
    if is_people(&host) {
        return true;
    }
    let whole = decoded(address).to_lowercase();
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
    use super::super::known::Known;
    use super::super::{Key, Pseudonymiser};
    use super::*;

    /// Whether it leads to an account for an archive that knows two, and a post.
    fn leads(address: &str) -> bool {
        let hidden = Pseudonymiser::new(&Key::of([7; 32]));
        let bearers = |word: &str| {
            let known = ["known_2", "ada.example"].into_iter().filter(|handle| *handle == word);
            Ok(known.map(str::to_owned).collect())
        };
        let is_post = |id: &str| Ok(id == "54321987");
        let known = Known::new(&bearers, &is_post);
        leads_to_account(address, &Names { hidden: &hidden, platform: "x", own: Own::default(), known }).unwrap()
    }

    #[test]
    fn what_leads_to_people_is_told_from_news() {
        for (address, expected) in [
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
            assert_eq!(leads(address), expected, "{address}");
        }
    }

    #[test]
    fn a_piece_that_names_somebody_gives_an_address_away() {
        for address in [
            "https://web.archive.org/web/20210726224000/https://twitter.com/unheard/status/20",
            "https://archive.today/https://x.com/unheard",
            "https://cache.example/search?q=cache:https://www.twitter.com/unheard",
            "https://news.example/?url=https%3A%2F%2Ftwitter.com%2Funheard",
            "https://news.example/?url=https%253A%252F%252Fmobile.twitter.com%252Funheard",
            "https://news.example/?via=known_2",
            "https://news.example/?via=KNOWN%5F2",
            "https://news.example/interview-with-known_2.html",
            "https://news.example/pictures/1/known_2.jpg",
            "https://known_2.news.example/",
            "https://telegram.me/unheard",
            "https://instagr.am/unheard",
            "https://xcancel.com/unheard",
            "https://fxtwitter.com/unheard",
            "https://vxtwitter.com/unheard",
            "https://fixupx.com/unheard",
            "https://paypal.me/unheard",
            "https://unheard.wordpress.com/",
            "https://pbs.twimg.com/profile_images/1/unheard.jpg",
            "https://news.example/%40unheard",
            "https://news.example/%2540unheard",
            "https://nitter.net/i/status/20",
            "https://nitter.example/i/web/status/1419721595810742273",
            "https://mirror.example/p/54321987",
            "https://ada.example",
            "http://www.ada.example/about",
            "https://clearsky.example/ada.example/lists",
        ] {
            assert!(leads(address), "{address}");
        }
        assert!(leads(&format!("https://news.example/{}", "a-".repeat(1000))));
        for address in [
            "https://news.example/2021/07/26/ferry-54321987-known-2",
            "https://web.archive.org/web/20210726224000/https://news.example/ferry",
            "https://news.example/known_22/unknown_2",
            "https://canada.example/",
            "https://news.example/twitter.com-is-x.com-now",
        ] {
            assert!(!leads(address), "{address}");
        }
    }
}
