//! Addresses of posts, as drafts have them.

use crate::model::{Post, PostRef};
use crate::platform;

/// Whether an address is that of a post: a platform knows it, or it has the shape that servers of the fediverse give theirs.
pub fn is_post(address: &str) -> bool {
    platform::post_at(address).is_some() || statuses(address).is_some()
}

/// Whether an address alone is how a page shows a post: of a platform whose posts others embed, or of the fediverse.
pub(super) fn is_shown(address: &str) -> bool {
    platform::is_embedded(address) || (platform::post_at(address).is_none() && statuses(address).is_some())
}

/// Whether an address surely leads to another post than that. Where the archive does not know the post's own address, or has
/// it at another place, that cannot be told.
pub(super) fn leads_elsewhere(address: &str, post: &Post) -> bool {
    let own = [&post.url, &post.uri].into_iter().flatten();
    let own: Vec<&str> = own.map(String::as_str).collect();
    if known_as(address).iter().any(|known| own.contains(&known.as_str())) {
        return false;
    }
    match platform::post_at(address) {
        Some(linked) => own.iter().filter_map(|own| platform::post_at(own)).any(|own| are_two(&linked, &own)),
        None => statuses(address).is_some_and(|linked| {
            let own: Vec<_> = own.iter().filter_map(|own| statuses(own)).collect();
            // The copy of a post on another server has a number of that server's.
            let is_copy = |(_, user, _): &(&str, &str, &str)| user.contains('@');
            !own.is_empty()
                && own.iter().all(|own| !is_copy(own) && (own.0, own.2) != (linked.0, linked.2))
                && !is_copy(&linked)
        }),
    }
}

/// Whether what two addresses name are two posts of one platform, neither of which stands on the page of the other.
fn are_two(one: &Post, other: &Post) -> bool {
    if one.platform != other.platform || (one.uri.is_some() && one.uri == other.uri) {
        return false;
    }
    let url = |post: &Post| post.url.clone().or_else(|| post.uri.clone()).unwrap_or_default();
    let (here, there) = (url(one), url(other));
    // A comment below a film, and the film.
    if here.starts_with(&there) || there.starts_with(&here) {
        return false;
    }
    let last = |address: &str| address.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    // An account goes by a name here and by a number there; then the post's own part tells.
    (one.uri.is_some() && other.uri.is_some()) || last(&here) != last(&there)
}

/// Whether an address leads to a post that this one answers, passes on or quotes.
pub(super) fn is_around(address: &str, post: &Post) -> bool {
    let around = [&post.reply_to, &post.repost_of, &post.quote_of];
    let mut known = known_as(address);
    known.extend(platform::post_at(address).and_then(|post| post.uri));
    let is_it = |of: &PostRef| [&of.uri, &of.url].into_iter().flatten().any(|name| known.contains(name));
    around.into_iter().flatten().any(is_it)
}

/// The parts of the address of a post in the fediverse (`https://server/@user/1`): what stands before, user, and id.
fn statuses(address: &str) -> Option<(&str, &str, &str)> {
    let address = address.split(['?', '#']).next()?.trim_end_matches('/');
    // The page that is set into another.
    let address = address.strip_suffix("/embed").unwrap_or(address);
    let (scheme, rest) = address.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"))?;
    let parts: Vec<&str> = rest.split('/').collect();
    let (host, user, id) = match parts[..] {
        [host, user, id] => (host, user.strip_prefix('@')?, id),
        [host, "users", user, "statuses", id] => (host, user, id),
        [host, user, "statuses", id] => (host, user.strip_prefix('@')?, id),
        _ => return None,
    };
    let is_id = id.bytes().all(|byte| byte.is_ascii_digit())
        // Words are pages of the account: `/@user/media`.
        || (id.len() >= 4
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && id.bytes().any(|byte| byte.is_ascii_digit()));
    let fits = !host.is_empty() && !user.is_empty() && !id.is_empty() && is_id;
    fits.then(|| (&address[..scheme.len() + 3 + host.len()], user, id))
}

/// The addresses under which the post of an address may be known, itself among them.
pub fn known_as(address: &str) -> Vec<String> {
    let bare = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned();
    let mut names = vec![address.to_owned(), bare];
    if let Some((server, user, id)) = statuses(address) {
        names.push(format!("{server}/@{user}/{id}"));
        names.push(format!("{server}/users/{user}/statuses/{id}"));
    }
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_posts() {
        for (address, is) in [
            ("https://x.com/ada_moss/status/20?s=20", true),
            ("https://moss.example/@ada/1234567", true),
            ("https://moss.example/users/ada/statuses/1234567", true),
            ("https://moss.example/@ada/7", true),
            ("https://moss.example/@ada/1234567/embed", true),
            ("https://moss.example/@ada", false),
            ("https://moss.example/@ada/about-me", false),
            ("https://moss.example/@ada/media", false),
            ("https://moss.example/@ada/statuses/01FC9NPP5Y", true),
            ("https://moss.example/news/1234", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(is_post(address), is, "{address}");
        }
        for (address, is) in [
            ("https://moss.example/@ada/1234567", true),
            ("https://x.com/ada_moss/status/20", true),
            ("https://www.youtube.com/watch?v=abcdefghijk", false),
            ("https://news.example/@ada", false),
        ] {
            assert_eq!(is_shown(address), is, "{address}");
        }
        assert!(known_as("https://a.example/@b/1234").contains(&"https://a.example/users/b/statuses/1234".to_owned()));
    }

    #[test]
    fn an_address_leads_to_a_post_or_elsewhere() {
        for (address, own, elsewhere) in [
            ("https://x.com/ada/status/21", "https://x.com/ada/status/20", true),
            ("https://twitter.com/ada/status/20?s=20", "https://x.com/ada/status/20", false),
            ("https://x.com/i/status/20", "https://x.com/ada/status/20", false),
            ("https://mobile.twitter.com/ada_old/status/20", "https://x.com/ada/status/20", false),
            ("https://bsky.app/profile/did:plc:abc/post/3k1", "https://bsky.app/profile/ada.example/post/3k1", false),
            ("https://bsky.app/profile/did:plc:abc/post/3k2", "https://bsky.app/profile/ada.example/post/3k1", true),
            ("https://moss.example/@ada/11", "https://moss.example/@ada/10", true),
            ("https://moss.example/users/ada/statuses/10", "https://moss.example/@ada/10", false),
            ("https://moss.example/@ada/10/embed", "https://moss.example/@ada/10", false),
            ("https://lark.example/@ada@moss.example/77", "https://moss.example/@ada/10", false),
            ("https://lark.example/@ben/77", "https://moss.example/@ada/10", true),
            // Of another platform, or of no post.
            ("https://bsky.app/profile/ada.example/post/3k1", "https://x.com/ada/status/20", false),
            ("https://news.example/1", "https://x.com/ada/status/20", false),
            (
                "https://www.youtube.com/watch?v=abcdefghijk",
                "https://www.youtube.com/watch?v=abcdefghijk&lc=Ugx1",
                false,
            ),
        ] {
            let post = Post { url: Some(own.to_owned()), ..Post::default() };
            assert_eq!(leads_elsewhere(address, &post), elsewhere, "{address} {own}");
        }
        assert!(!leads_elsewhere("https://x.com/ada/status/21", &Post::default()));
    }
}
