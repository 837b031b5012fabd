//! Who is to be believed: how near a source stands to the author, and whether two sources name the same author. Pure;
//! schema.sql states the rules at `post`.

use url::Url;

use crate::model::{Author, Handle, Post, WhenSource};

/// A page, an embed: anybody can have written it.
pub(super) const ANYBODY: u8 = 0;

/// An answer of the platform that another server relayed, or that somebody saved in a file.
pub(super) const RELAYED: u8 = 1;

/// The platform's own answer: for a post whose URI names a server, that server's.
pub(super) const OWN: u8 = 2;

/// The most authors beside its own that a post's doubts name.
const MOST_OTHERS: usize = 5;

/// The most handles under which an author is recognised.
const MOST_HANDLES: usize = 5;

/// The server that gave a capture: `host` or `host:port`.
pub(super) struct Server {
    name: Option<String>,
}

impl Server {
    /// That of a capture's address; none for a file.
    pub(super) fn of(url: &str) -> Server {
        Server { name: Url::parse(url).ok().filter(|url| url.scheme() != "file").and_then(|url| name(&url)) }
    }

    /// Whether two captures came from one server.
    pub(super) fn is(&self, other: &Server) -> bool {
        self.name.is_some() && self.name == other.name
    }

    /// What the word of a capture from here weighs about a post.
    pub(super) fn authority(&self, post: &Post) -> u8 {
        if post.created.is_none_or(|when| when.source() != WhenSource::Platform) {
            return ANYBODY;
        }
        let Some(server) = &self.name else { return RELAYED };
        let address = post.uri.as_deref().or(post.url.as_deref()).unwrap_or_default();
        let Some(rest) = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")) else {
            return OWN;
        };
        // Most addresses need no parser; one that is written in another way is parsed.
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let same = host.eq_ignore_ascii_case(server)
            || (!host.is_ascii() && Url::parse(address).ok().and_then(|url| name(&url)).as_ref() == Some(server));
        if same { OWN } else { RELAYED }
    }
}

fn name(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Whether a source names an author at all.
pub(super) fn is_named(author: &Author) -> bool {
    author.handle.is_some() || author.id.is_some()
}

/// Whether two sources may mean the same author; who does not say contradicts nobody. `same_server` says that native
/// ids of the fediverse, which each server gives for itself, can be compared.
pub(super) fn may_be_one(a: &Author, b: &Author, same_server: bool) -> bool {
    let ids = a.id.as_ref().zip(b.id.as_ref());
    let (Some(one), Some(other)) = (&a.handle, &b.handle) else {
        return ids.is_none_or(|(a, b)| a == b || !(a.starts_with("did:") && b.starts_with("did:")));
    };
    let (one, other) = (one.folded(), other.folded());
    match (one.split_once('@'), other.split_once('@'), ids) {
        (None, None, Some((a, b))) => a == b,
        (None, None, None) => one == other,
        // A handle without its server is half a name.
        (Some((user, _)), None, _) => user == other,
        (None, Some((user, _)), _) => user == one,
        (Some((user, here)), Some((other_user, there)), ids) => {
            let within = |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'));
            // A server at social.example.org may name its people @user@example.org.
            let same_house = here == there || within(here, there) || within(there, here);
            let renamed = same_server && ids.is_some_and(|(a, b)| a == b);
            same_house && (user == other_user || renamed)
        }
    }
}

/// Adds to the doubts of a post, once for each name, that a source names another author.
pub(super) fn doubt(doubts: &mut Vec<String>, author: &Author, url: &str) {
    let handle = author.handle.as_ref().map(Handle::folded).map(|handle| format!("@{handle}"));
    let name = handle.or_else(|| author.id.clone()).unwrap_or_default();
    let start = format!("another source names {name} as its author: ");
    let others = || doubts.iter().filter(|doubt| doubt.starts_with("another source names "));
    if others().count() < MOST_OTHERS && !others().any(|doubt| doubt.starts_with(&start)) {
        doubts.push(format!("{start}{url}"));
    }
}

/// Says for each of several sources (author, authority, address of the capture), in the order in which they are heard,
/// whether it may mean the author whom the first names that names one.
pub(super) fn believed<'a>(sources: impl Iterator<Item = (&'a Author, u8, &'a str)>) -> Vec<bool> {
    let mut known = Known::default();
    sources.map(|(author, authority, url)| known.accepts(author, authority, url)).collect()
}

/// The author of a post, as far as the sources heard so far agree about him or her.
#[derive(Default)]
struct Known {
    /// The native id, and the address of the capture that gave it.
    id: Option<(String, String)>,
    /// The handles under which this id was seen, and the authority of the source that gave each.
    handles: Vec<(Handle, u8)>,
}

impl Known {
    /// Whether a source may mean this author; what it adds is remembered then.
    fn accepts(&mut self, author: &Author, authority: u8, url: &str) -> bool {
        let same_server = || self.id.as_ref().is_some_and(|(_, known)| Server::of(known).is(&Server::of(url)));
        let is = |handle: Option<&Handle>| {
            let id = self.id.as_ref().map(|(id, _)| id.clone());
            let known = Author { handle: handle.cloned(), id, ..Author::default() };
            may_be_one(&known, author, false) || (known.id.is_some() && may_be_one(&known, author, same_server()))
        };
        // A name that came later counts against lesser sources only: nobody joins two authors for his equals.
        let mut handles = self.handles.iter().enumerate();
        let accepted = match self.handles.len() {
            0 => is(None),
            _ => handles.any(|(at, (handle, by))| (at == 0 || *by > authority) && is(Some(handle))),
        };
        if accepted {
            if let (None, Some(id)) = (&self.id, &author.id) {
                self.id = Some((id.clone(), url.to_owned()));
            }
            if let Some(handle) = &author.handle
                && self.handles.len() < MOST_HANDLES
                && self.handles.iter().all(|(known, _)| known.folded() != handle.folded())
            {
                self.handles.push((handle.clone(), authority));
            }
        }
        accepted
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{Precision, When};

    #[test]
    fn a_server_speaks_for_its_own_posts() {
        let post = |uri: &str, source| Post {
            uri: Some(uri.to_owned()),
            created: When::new(DateTime::UNIX_EPOCH, Precision::Second, source),
            ..Post::default()
        };
        for (capture, uri, authority) in [
            ("https://a.example/api", "https://a.example/1", OWN),
            ("https://a.example/api", "http://A.example/1", OWN),
            ("https://a.example/api", "https://a.example:8443/1", RELAYED),
            ("http://127.0.0.1:81/api", "http://127.0.0.1:81", OWN),
            ("https://xn--mnchen-3ya.example/api", "https://münchen.example/1", OWN),
            ("https://b.example/api", "https://a.example/1", RELAYED),
            ("https://b.example/api", "https://b.example@a.example/1", RELAYED),
            ("https://b.example/api", "https://b.example\\@a.example/1", RELAYED),
            ("https://api.b.example/xrpc", "at://did:plc:a/app.bsky.feed.post/3", OWN),
            ("file:///a.json", "https://a.example/1", RELAYED),
            ("file:///a.json", "at://did:plc:a/app.bsky.feed.post/3", RELAYED),
            ("no address", "https://a.example/1", RELAYED),
        ] {
            let server = Server::of(capture);
            assert_eq!(server.authority(&post(uri, WhenSource::Platform)), authority, "{capture} about {uri}");
            assert_eq!(server.authority(&post(uri, WhenSource::Id)), ANYBODY);
            assert_eq!(server.authority(&post(uri, WhenSource::Page)), ANYBODY);
        }
    }

    #[test]
    fn authors_are_told_by_what_both_sources_say() {
        let author = |handle: &str, id: &str| Author {
            handle: Handle::new(handle),
            id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            ..Author::default()
        };
        for (a, b, same_server, one) in [
            (("ann", ""), ("Ann", ""), false, true),
            (("ann", ""), ("mal", ""), false, false),
            (("ann", "7"), ("renamed", "7"), false, true),
            (("ann", "7"), ("ann", "8"), false, false),
            (("ann", ""), ("", "8"), false, true),
            (("", "did:plc:a"), ("ann.example", "did:plc:b"), false, false),
            (("handle.invalid", "did:plc:a"), ("ann.example", "did:plc:a"), false, true),
            (("ann@a.example", "7"), ("ann@A.example", "99"), false, true),
            (("ann@a.example", "7"), ("mal@a.example", "7"), false, false),
            (("ann@a.example", "7"), ("anna@a.example", "7"), true, true),
            (("ann@a.example", "7"), ("mal@b.example", "7"), true, false),
            (("ann@social.a.example", "7"), ("ann@a.example", "9"), false, true),
            (("ann@bada.example", "7"), ("ann@a.example", "9"), false, false),
            (("ann", ""), ("ann@a.example", ""), false, true),
            (("mal", ""), ("ann@a.example", ""), false, false),
        ] {
            let (left, right) = (author(a.0, a.1), author(b.0, b.1));
            assert_eq!(may_be_one(&left, &right, same_server), one, "{a:?} {b:?}");
            assert_eq!(may_be_one(&right, &left, same_server), one, "{b:?} {a:?}");
        }
    }

    #[test]
    fn the_first_who_names_an_author_is_believed() {
        let author = |name: &str| {
            let (handle, id) = name.split_once('/').unwrap_or((name, ""));
            let id = Some(id.to_owned()).filter(|id| !id.is_empty());
            Author { handle: Handle::new(handle), id, ..Author::default() }
        };
        let server = "https://a.example/api";
        for (names, expected) in [
            (vec![("ann", 2), ("mal", 1), ("", 1), ("Ann", 0)], "+-++"),
            (vec![("", 2), ("ann", 1), ("mal", 1)], "++-"),
            (vec![("new/7", 1), ("old/7", 1), ("old", 1), ("old", 0), ("mal/8", 0)], "++-+-"),
            (vec![("new@a.example/7", 2), ("old@a.example/7", 2), ("mal@b.example/7", 2)], "++-"),
            (vec![("ann.example", 1), ("ann.example/did:plc:a", 1), ("/did:plc:b", 0)], "++-"),
        ] {
            let authors: Vec<(Author, u8)> = names.iter().map(|(name, weight)| (author(name), *weight)).collect();
            let told = believed(authors.iter().map(|(author, weight)| (author, *weight, server)));
            let told: String = told.iter().map(|is| if *is { '+' } else { '-' }).collect();
            assert_eq!(told, expected, "{names:?}");
        }
    }

    #[test]
    fn a_doubt_names_each_other_author_once_and_not_all_of_a_crowd() {
        let author = |i: usize| Author { handle: Handle::new(&format!("mal{i}")), ..Author::default() };
        let mut doubts = vec!["something else".to_owned()];
        for i in (0..50).chain(0..50) {
            doubt(&mut doubts, &author(i), "https://b.example/");
        }
        assert_eq!(doubts.len(), 1 + MOST_OTHERS);
        assert_eq!(doubts[1], "another source names @mal0 as its author: https://b.example/");
    }
}
