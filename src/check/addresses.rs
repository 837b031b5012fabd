//! Addresses of posts, as drafts have them.

use crate::platform;

/// Whether an address is that of a post: a platform knows it, or it has the shape that servers of the fediverse give theirs.
pub fn is_post(address: &str) -> bool {
    platform::post_at(address).is_some() || statuses(address).is_some()
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
        _ => return None,
    };
    let is_id = id.bytes().all(|byte| byte.is_ascii_digit())
        || (id.len() >= 4 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
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
            ("https://moss.example/news/1234", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(is_post(address), is, "{address}");
        }
        assert!(known_as("https://a.example/@b/1234").contains(&"https://a.example/users/b/statuses/1234".to_owned()));
    }
}
