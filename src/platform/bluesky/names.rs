//! The names of the AT Protocol: at-URIs of posts, DIDs, handles, and the time inside a record key.

use chrono::{DateTime, Utc};

use url::Url;

use super::PLATFORM;
use crate::model::{Author, Handle, Post, PostRef, Precision, When, WhenSource};

/// The collection that posts live in.
pub const POST: &str = "app.bsky.feed.post";

/// The URI of a post: `at://DID/app.bsky.feed.post/KEY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostUri<'a> {
    /// The author's account.
    pub did: &'a str,
    /// The key of the record in the author's repository.
    pub key: &'a str,
}

impl<'a> PostUri<'a> {
    /// Reads an at-URI. `None` for another collection, and for one that names its author by handle: it would lead to
    /// another post once the handle changes hands (<https://atproto.com/specs/at-uri-scheme>).
    pub fn new(uri: &'a str) -> Option<PostUri<'a>> {
        let (did, rest) = uri.strip_prefix("at://")?.split_once('/')?;
        let (collection, key) = rest.split_once('/')?;
        (collection == POST).then(|| PostUri::of(did, key))?
    }

    /// The post of that account and key. `None` if either is malformed.
    pub fn of(did: &'a str, key: &'a str) -> Option<PostUri<'a>> {
        (is_did(did) && is_key(key)).then_some(PostUri { did, key })
    }

    /// The URI as text.
    pub fn to_uri(self) -> String {
        format!("at://{}/{POST}/{}", self.did, self.key)
    }

    /// The address of its page. bsky.app knows an account by DID and by handle; the handle is what readers
    /// recognise, so it is used when there is one, and the DID, which never changes, stands in the URI.
    pub fn page(self, handle: Option<&Handle>) -> String {
        format!("{}/post/{}", profile(self.did, handle), self.key)
    }

    /// A reference to the post, by all its names.
    pub fn to_ref(self) -> PostRef {
        PostRef { id: Some(self.to_uri()), uri: Some(self.to_uri()), url: Some(self.page(None)) }
    }

    /// The time that the key carries: see [`key_time`].
    pub fn time(self) -> Option<DateTime<Utc>> {
        key_time(self.key)
    }
}

/// The post that an address leads to: an at-URI, a frame of an embed, or a page of bsky.app. A page that names its author by handle does not
/// tell which account that was, and so is known by its address alone.
pub fn post_at(url: &Url) -> Option<Post> {
    let of_uri = |uri: PostUri<'_>| Post {
        platform: PLATFORM.name.to_owned(),
        id: Some(uri.to_uri()),
        uri: Some(uri.to_uri()),
        url: Some(uri.page(None)),
        author: Author { id: Some(uri.did.to_owned()), ..Author::default() },
        created: uri.time().and_then(|at| When::new(at, Precision::Second, WhenSource::Id)),
        ..Post::default()
    };
    if url.scheme() == "at" {
        return PostUri::new(&format!("at://{}", url.path())).map(of_uri);
    }
    let path = url.path().trim_end_matches('/');
    let (who, key) = match url.host_str()? {
        // What the script of an embed puts in its place.
        "embed.bsky.app" => path.strip_prefix("/embed/")?.split_once(&format!("/{POST}/"))?,
        "bsky.app" | "www.bsky.app" => path.strip_prefix("/profile/")?.split_once("/post/")?,
        _ => return None,
    };
    if let Some(uri) = PostUri::of(who, key) {
        return Some(of_uri(uri));
    }
    // Handles are domain names, found in any casing; the address must be one for each post, for it is its name here.
    let handle = handle(who).filter(|_| is_key(key))?;
    Some(Post {
        platform: PLATFORM.name.to_owned(),
        url: Some(format!("{}/post/{key}", profile(&handle.folded(), None))),
        created: key_time(key).and_then(|at| When::new(at, Precision::Second, WhenSource::Id)),
        author: Author { handle: Some(handle), ..Author::default() },
        ..Post::default()
    })
}

/// The handle in the address of an account's page. One by DID names none.
pub fn profile_at(url: &Url) -> Option<Handle> {
    url.host_str().filter(|host| matches!(*host, "bsky.app" | "www.bsky.app"))?;
    handle(url.path().strip_prefix("/profile/")?.trim_end_matches('/'))
}

/// The address of an account's page.
pub fn profile(did: &str, handle: Option<&Handle>) -> String {
    format!("https://bsky.app/profile/{}", handle.map_or(did, Handle::as_str))
}

/// A handle if it is one: `handle.invalid` stands for an account whose handle does not lead back to it, and what is
/// no domain name is none (<https://atproto.com/specs/handle>).
pub fn handle(raw: &str) -> Option<Handle> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let (_, top) = raw.rsplit_once('.')?;
    let fits = raw.len() <= 253 && raw.split('.').all(label) && top.starts_with(|c: char| c.is_ascii_alphabetic());
    (fits && !raw.eq_ignore_ascii_case("handle.invalid")).then(|| Handle::new(raw))?
}

/// Whether it has the form of a DID (<https://atproto.com/specs/did>).
pub fn is_did(raw: &str) -> bool {
    let Some((method, id)) = raw.strip_prefix("did:").and_then(|rest| rest.split_once(':')) else { return false };
    raw.len() <= 2048
        && !method.is_empty()
        && method.bytes().all(|b| b.is_ascii_lowercase())
        && !id.is_empty()
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:%-".contains(&b))
        && !id.ends_with([':', '%'])
}

/// Whether it has the form of a record key (<https://atproto.com/specs/record-key>).
fn is_key(raw: &str) -> bool {
    (1..=512).contains(&raw.len())
        && !matches!(raw, "." | "..")
        && raw.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:~-".contains(&b))
}

/// The instant in a timestamp identifier, which keys of posts mostly are: 53 bits of microseconds since 1970 and ten
/// bits of a clock's number, in thirteen characters (<https://atproto.com/specs/tid>). The author's server makes it
/// when the record is written; a client may send its own, so it is a second opinion.
pub fn key_time(key: &str) -> Option<DateTime<Utc>> {
    const ALPHABET: &[u8] = b"234567abcdefghijklmnopqrstuvwxyz";
    if key.len() != 13 {
        return None;
    }
    let mut value = 0_u64;
    for byte in key.bytes() {
        let digit = ALPHABET.iter().position(|&symbol| symbol == byte)? as u64;
        // The first character has four bits: the top bit of a timestamp identifier is never set.
        value = value.checked_mul(32)?.checked_add(digit)?;
    }
    if value >> 63 != 0 {
        return None;
    }
    DateTime::from_timestamp_micros(i64::try_from(value >> 10).ok()?)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{PostUri, handle, is_did, key_time, post_at};

    #[test]
    fn uris_name_a_post_by_did_and_key() {
        let uri = "at://did:plc:g7rzqy3c4dsv2ok65jtldhq7/app.bsky.feed.post/3n2xsppyqg22r";
        assert_eq!(PostUri::new(uri).map(PostUri::to_uri).as_deref(), Some(uri));
        for other in [
            "at://amina.example/app.bsky.feed.post/3n2xsppyqg22r",
            "at://did:plc:g7rzqy3c4dsv2ok65jtldhq7/app.bsky.feed.repost/3n2xsppyqg22r",
            "at://did:plc:g7rzqy3c4dsv2ok65jtldhq7/app.bsky.feed.post/",
            "at://did:plc:g7rzqy3c4dsv2ok65jtldhq7/app.bsky.feed.post/a/b",
            "https://bsky.app/profile/amina.example/post/3n2xsppyqg22r",
            "at://",
        ] {
            assert_eq!(PostUri::new(other), None, "{other}");
        }
    }

    #[test]
    fn an_address_by_handle_is_one_for_each_post() {
        let at = |url: &str| post_at(&Url::parse(url).unwrap()).and_then(|post| post.url);
        let one = Some("https://bsky.app/profile/ada.example/post/3krvabcdefg2a".to_owned());
        for url in [
            "https://bsky.app/profile/ada.example/post/3krvabcdefg2a",
            "https://bsky.app/profile/Ada.Example/post/3krvabcdefg2a",
            "https://bsky.app/profile/ada.example/post/3krvabcdefg2a/",
            "https://bsky.app/profile/ada.example/post/3krvabcdefg2a?ref=x#y",
            "https://embed.bsky.app/embed/ada.example/app.bsky.feed.post/3krvabcdefg2a?id=1",
        ] {
            assert_eq!(at(url), one, "{url}");
        }
    }

    #[test]
    fn handles_are_domain_names() {
        for fits in ["amina.example", "XX.LCS.MIT.EDU", "a.co", "xn--ls8h.test"] {
            assert!(handle(fits).is_some(), "{fits}");
        }
        for not in
            ["handle.invalid", "Handle.Invalid", "amina", "-a.example", "a..example", "a.1example", "a b.example", ""]
        {
            assert_eq!(handle(not), None, "{not}");
        }
    }

    #[test]
    fn dids_have_a_method_and_an_id() {
        for fits in ["did:plc:abc", "did:web:localhost%3A1234", "did:example:a:b"] {
            assert!(is_did(fits), "{fits}");
        }
        for not in ["did:plc:", "did:PLC:abc", "did:plc:abc:", "did:plc:a b", "plc:abc"] {
            assert!(!is_did(not), "{not}");
        }
    }

    #[test]
    fn keys_carry_their_time() {
        let at = |key| key_time(key).map(|t: chrono::DateTime<chrono::Utc>| t.to_rfc3339());
        assert_eq!(at("3jzfcijpj2z2a").as_deref(), Some("2023-06-30T15:03:01.887007+00:00"));
        for not in ["self", "3jzfcijpj2z2A", "3jzfcijpj2z21", "zzzzzzzzzzzzz", "kjzfcijpj2z2a", "ééééééx"] {
            assert_eq!(key_time(not), None, "{not}");
        }
    }
}
