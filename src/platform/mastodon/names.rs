//! Whether an author's handle fits the other names that an answer gives: a server could put anybody's handle beside
//! somebody else's post.
//!
//! Only the name of the user is compared: handles of `example.org` may live at `social.example.org`, or anywhere. And only
//! where the form of an address says that it holds one: `/@name` and `/users/name` for a profile, `/@name/` and
//! `/users/name/` before a post of Mastodon and of GoToSocial. `/notes/…`, `/objects/…`, `/ap/users/…` and the like hold
//! numbers.

use url::Url;

use super::wire::{Account, Status};
use crate::model::Handle;

/// The doubt about a post whose author is named in two ways. Of the common post it compares a few bytes.
pub(super) fn doubt(status: &Status<'_>, account: &Account<'_>) -> Option<String> {
    let own = user(account.acct.as_deref()?);
    let others = [
        ("username", account.username.as_deref().map(user)),
        ("the address of the profile", account.url.as_deref().and_then(of_profile)),
        ("the address of the post", status.url.as_deref().and_then(of_post)),
        ("its uri", status.uri.as_deref().and_then(of_post)),
    ];
    let (field, other) = others.into_iter().find_map(|(field, other)| {
        other.filter(|other| !other.is_empty() && !own.eq_ignore_ascii_case(other)).map(|other| (field, other))
    })?;
    Some(format!("its author is {own:?} by acct, and {other:?} by {field}"))
}

/// The name of the user in a handle.
pub(super) fn user(handle: &str) -> &str {
    let handle = handle.trim();
    let handle = handle.strip_prefix('@').unwrap_or(handle);
    handle.split_once('@').map_or(handle, |(user, _)| user)
}

/// What follows the host in an address.
fn path(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    rest.split_once('/').map(|(_, path)| path)
}

/// The name at the beginning of a path, and what follows it. One that is written in another way than handles are is
/// none.
fn named(path: &str) -> Option<(&str, &str)> {
    let name = path.strip_prefix('@').or_else(|| path.strip_prefix("users/"))?;
    let (name, rest) = name.split_once('/').unwrap_or((name, ""));
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@'));
    plain.then_some((user(name), rest))
}

fn of_profile(url: &str) -> Option<&str> {
    named(path(url)?).filter(|(_, rest)| rest.is_empty()).map(|(name, _)| name)
}

/// The handle in the address of an account's page, `/@name` or `/users/name` on whichever server. That of the server is
/// not added: handles may be of another.
pub(super) fn profile_at(url: &Url) -> Option<Handle> {
    /// Servers whose accounts have such addresses, and none of whom is of Mastodon's kind.
    const OTHERS: [&str; 6] = ["medium.com", "substack.com", "youtube.com", "tiktok.com", "threads.net", "threads.com"];
    let host = url.host_str()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let name = url.path().strip_prefix("/@").or_else(|| url.path().strip_prefix("/users/"))?.trim_end_matches('/');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@');
    (!OTHERS.contains(&host) && !name.is_empty() && name.bytes().all(fits)).then(|| Handle::new(name))?
}

/// The name of the user in the address of a post.
pub(super) fn of_post(url: &str) -> Option<&str> {
    let of_status = |rest: &str| {
        let number = rest.strip_prefix("statuses/").unwrap_or(rest);
        !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && (number.len() < rest.len() || number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    named(path(url)?).filter(|(_, rest)| of_status(rest)).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_only_where_an_address_holds_one() {
        for (url, profile, post) in [
            ("https://a.example/@ann", Some("ann"), None),
            ("https://a.example/@ann/", Some("ann"), None),
            ("https://a.example/users/ann", Some("ann"), None),
            ("https://a.example/@ann/110123", None, Some("ann")),
            ("https://a.example/@ann@b.example/110123", None, Some("ann")),
            ("https://a.example/users/ann/statuses/110123", None, Some("ann")),
            ("https://a.example/@ann/statuses/01HXYZ", None, Some("ann")),
            ("https://a.example/users/ann/statuses/110123/activity", None, None),
            ("https://a.example/ap/users/110/statuses/110123", None, None),
            ("https://a.example/@ann/a-magazine", None, None),
            ("https://a.example/@ann/post/C8xyz", None, None),
            ("https://a.example/notes/9abc", None, None),
            ("https://a.example/objects/0d1f-11", None, None),
            ("https://a.example/p/ann/110123", None, None),
            ("https://a.example/ann", None, None),
            ("https://a.example/@%C3%A4nn", None, None),
            ("https://a.example", None, None),
            ("at://did:plc:a/@ann", None, None),
        ] {
            assert_eq!((of_profile(url), of_post(url)), (profile, post), "{url}");
        }
        for handle in ["@ann@a.example", "ann@a.example", "@ann", " ann"] {
            assert_eq!(user(handle), "ann");
        }
    }
}
