//! One post by its address, and the thread that it stands in: `/api/v1/statuses/ID` of the address's own server.
//!
//! Only addresses whose shape is one of the fediverse's are taken, since any name may be a server's: `/@NAME/NUMBER`,
//! `/@NAME@SERVER/NUMBER` and `/users/NAME/statuses/ID` of Mastodon, `/@NAME/statuses/ULID` of GoToSocial, `/@NAME/posts/ID` of
//! Soapbox and Truth Social, `/notice/ID` of Pleroma and Akkoma. Addresses of ActivityPub alone (`/objects/UUID`, snac's, Misskey's)
//! do not tell the id that the client API wants.
//!
//! Without an account Mastodon gives 40 posts above and 60 below, twenty answers deep.

use url::Url;

use crate::exchange::{Exchange, Request};
use crate::model::Skipped;
use crate::platform::{Page, Source, SourceError};

/// Marks a post that is asked for with its thread.
const THREAD: &str = "thread";

const STATUSES: [&str; 3] = ["api", "v1", "statuses"];

/// The request for the post of that address.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let id = id(url)?;
    let mut base = url.clone();
    base.set_path("/");
    let request = source.get(&base, &[STATUSES[0], STATUSES[1], STATUSES[2], id], &[]);
    Some(Ok(request.with_mark(THREAD, thread.then_some("yes"))))
}

/// Leads from a post to its thread, if that was asked for.
pub(super) fn follow(exchange: &Exchange, page: &mut Page) {
    if exchange.request.mark(THREAD).is_none() || exchange.response.status >= 400 {
        return;
    }
    let request = exchange.request.with_mark(THREAD, None);
    let Ok(mut url) = Url::parse(&request.url) else { return };
    let is_post =
        url.path_segments().is_some_and(|path| path.take(3).eq(STATUSES) && !url.path().ends_with("/context"));
    if let (true, Ok(mut path)) = (is_post, url.path_segments_mut()) {
        path.push("context");
    } else {
        return;
    }
    page.next.push(Request { url: url.into(), ..request });
}

/// Says where a thread is cut: without an account 40 posts above and 60 below are shown.
pub(super) fn tell(exchange: &Exchange, page: &mut Page) {
    if exchange.server().is_empty() || exchange.request.auth.is_some() {
        return;
    }
    for (list, most) in [("/ancestors/", 40), ("/descendants/", 60)] {
        let is_of = |at: &str| at.starts_with(list);
        let shown = page.posts.iter().filter(|found| !found.nested && is_of(&found.at)).count()
            + page.skipped.iter().filter(|skipped| is_of(&skipped.at)).count();
        if shown >= most {
            let reason =
                format!("the thread may go on beyond these {most} posts, which is all that is shown without a token");
            page.skipped.push(Skipped { at: list.trim_end_matches('/').to_owned(), reason });
        }
    }
}

/// The id that an address names.
fn id(url: &Url) -> Option<&str> {
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let path: Vec<&str> = url.path().trim_matches('/').split('/').collect();
    let (id, fits): (&str, fn(&str) -> bool) = match path.as_slice() {
        [user, id] if is_user(user) => (id, is_number),
        [user, "statuses", id] if is_user(user) => (id, is_ulid),
        [user, "posts", id] if is_user(user) => (id, |id| is_number(id) || is_flake(id)),
        ["users", name, "statuses", id] if is_name(name) => (id, |id| is_number(id) || is_ulid(id)),
        ["ap", "users", name, "statuses", id] if is_number(name) => (id, is_number),
        ["notice", id] => (id, is_flake),
        _ => return None,
    };
    fits(id).then_some(id)
}

fn is_user(segment: &str) -> bool {
    let Some(user) = segment.strip_prefix('@') else { return false };
    match user.split_once('@') {
        Some((name, server)) => is_name(name) && is_name(server) && server.contains('.'),
        None => is_name(user),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-:".contains(&byte))
}

fn is_number(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_ulid(id: &str) -> bool {
    id.len() == 26 && id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// Pleroma's ids: 128 bits, the time first, in letters and digits.
fn is_flake(id: &str) -> bool {
    id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{id, one};
    use crate::platform::Source;

    #[test]
    fn addresses_of_the_fediverse_are_known_by_their_shape() {
        for (address, expected) in [
            ("https://m.example/@ann/112026227834880000", "112026227834880000"),
            ("https://m.example/@ann/112026227834880000/", "112026227834880000"),
            ("https://m.example/@bea@b.example/112026227834880000?x=1#y", "112026227834880000"),
            ("https://m.example/users/ann/statuses/112026227834880000", "112026227834880000"),
            ("https://m.example/ap/users/1160/statuses/112026227834880000", "112026227834880000"),
            ("https://g.example/@ann/statuses/01F8MHAMCHF6Y650WCRSCP4WMY", "01F8MHAMCHF6Y650WCRSCP4WMY"),
            ("https://g.example/users/ann/statuses/01F8MHAMCHF6Y650WCRSCP4WMY", "01F8MHAMCHF6Y650WCRSCP4WMY"),
            ("https://t.example/@ann/posts/112026227834880000", "112026227834880000"),
            ("https://p.example/notice/AbnUxf8BlxMDIwKf6W", "AbnUxf8BlxMDIwKf6W"),
        ] {
            assert_eq!(id(&Url::parse(address).unwrap()), Some(expected), "{address}");
        }
    }

    #[test]
    fn addresses_of_others_are_not() {
        for address in [
            "https://www.threads.com/@ann/post/Cu3DE-CewB7",
            "https://www.tiktok.com/@ann/video/7291843210987654321",
            "https://www.tiktok.com/@ann/photo/7291843210987654321",
            "https://www.youtube.com/@ann",
            "https://www.youtube.com/@ann/videos",
            "https://medium.com/@ann/what-the-flood-left-1a2b3c4d5e6f",
            "https://m.example/@ann",
            "https://m.example/@ann/followers",
            "https://x.com/ann/status/1419447371166646272",
            "https://shop.example/notice/12",
            "ftp://m.example/@ann/1",
            "https://ann:secret@m.example/@ann/1",
        ] {
            assert_eq!(id(&Url::parse(address).unwrap()), None, "{address}");
        }
    }

    #[test]
    fn it_is_asked_of_the_addresss_own_server() {
        let url = Url::parse("http://m.example:3000/@ann/12?x=1#y").unwrap();
        let asked = |thread| one(&url, thread, &Source::default()).unwrap().unwrap().url;
        assert_eq!(asked(false), "http://m.example:3000/api/v1/statuses/12");
        assert_eq!(asked(true), "http://m.example:3000/api/v1/statuses/12#thread=yes");
    }
}
