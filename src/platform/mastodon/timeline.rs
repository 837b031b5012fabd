//! The timeline of a hashtag on one server: its first request, and what a user must know before asking.

use crate::exchange::{Request, TokenPlace};
use crate::platform::{Guide, Live, Query, Source, SourceError};

/// How a server of the fediverse is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: Some(super::authorize::AUTHORIZE),
    token: TokenPlace::Bearer,
    needs_credential: false,
    check: |source| Ok(source.get(&source.base_at_place("mastodon", None)?, &["api", "v1", "instance"], &[])),
    count: None,
    price: None,
    rate: (300, 300),
    per_request: 40,
    stream: Some(super::streaming::STREAM),
    guide: Guide {
        access: "nothing where a server shows its tags to everybody; else an account there: `pullquote login mastodon:SERVER \
                 --new` gets a token, or an application is made under Preferences > Development",
        scope: "read:statuses",
        cost: "free",
        limits: "300 requests in 5 minutes; 40 posts a page",
        missing: "posts that this server does not know: ask several servers; posts that come late with an older date; what was deleted; counts on other servers",
        example: "sources = [\"mastodon:mastodon.social\", \"mastodon:example.social as example\"]\n\n[credential.example]\n\
                  token_env = \"PULLQUOTE_EXAMPLE_TOKEN\"\n",
    },
};

/// The path below which every tag has its timeline.
const TIMELINE: [&str; 4] = ["api", "v1", "timelines", "tag"];

/// Posts asked for at once: the most that Mastodon gives.
const LIMIT: &str = "40";

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let mut url = source.base_at_place("mastodon", None)?;
    url.set_query(Some(&format!("limit={LIMIT}")));
    url.set_fragment(None);
    let tag = query.first_tag();
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear().extend(TIMELINE).push(tag);
    }
    // `.` and `..` are steps in a path and no names, and so neither can be asked for.
    if url.path_segments().map(Iterator::count) != Some(TIMELINE.len() + 1) {
        return Err(SourceError(format!("mastodon cannot be asked for #{tag}")));
    }
    Ok(query.mark(&Request { auth: source.credential.clone(), ..Request::get(url) }))
}
