//! One post by its address, and the thread that it stands in: `app.bsky.feed.getPostThread`, which anybody may ask of the public
//! AppView, and which takes an author's handle as well as the DID.

use url::Url;

use super::PLATFORM;
use super::names::{POST, post_at};
use crate::exchange::Request;
use crate::platform::{Source, SourceError};

/// Answers without a log-in: <https://docs.bsky.app/docs/advanced-guides/api-directory>.
const PUBLIC: &str = "https://public.api.bsky.app";

/// The deepest that the lexicon allows, up and down.
const DEEPEST: &str = "1000";

/// The request for a post.
pub(super) fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    let post = post_at(url)?;
    let uri = post.uri.unwrap_or_else(|| {
        // The page of an author who is named by handle.
        let (who, key) = url.path().trim_start_matches("/profile/").split_once("/post/").unwrap_or_default();
        format!("at://{who}/{POST}/{}", key.trim_end_matches('/'))
    });
    let depth = if thread { DEEPEST } else { "0" };
    Some(source.base_of(PLATFORM.title, PUBLIC).map(|base| {
        let params = [("uri", uri.as_str()), ("depth", depth), ("parentHeight", depth)];
        // Nobody has to log in here.
        Request { auth: None, ..source.get(&base, &["xrpc", "app.bsky.feed.getPostThread"], &params) }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_may_be_named_by_handle_or_did() {
        for (address, uri) in [
            (
                "https://bsky.app/profile/amina.example/post/3krvabcdefg2a",
                "at://amina.example/app.bsky.feed.post/3krvabcdefg2a",
            ),
            (
                "at:did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3krvabcdefg2a",
                "at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3krvabcdefg2a",
            ),
        ] {
            let request = one(&Url::parse(address).unwrap(), true, &Source::default()).unwrap().unwrap();
            assert_eq!(request.param("uri").as_deref(), Some(uri), "{address}");
            assert_eq!(request.param("depth").as_deref(), Some("1000"));
        }
        assert!(
            one(&Url::parse("https://bsky.app/profile/amina.example").unwrap(), false, &Source::default()).is_none()
        );
    }
}
