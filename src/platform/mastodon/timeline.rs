//! The timeline of a hashtag on one server: its first request, its count, and what a user must know before asking.
//!
//! Tags that a post must or must not carry beside are sent (`all[]`, `none[]`; Mastodon heeds four of each, other servers
//! none), and what comes is sifted again when it is kept. Several tags any of which will do are asked for one by one: only
//! Mastodon knows `any[]`, and others would give the first tag alone.

use serde_json::Value;
use url::Url;

use super::NAME;
use crate::coverage::{Paging, Reach};
use crate::exchange::{Exchange, Request, TokenPlace};
use crate::platform::{Count, Counted, Guide, Live, ParseError, Query, Source, SourceError};

/// How a server of the fediverse is asked.
pub(super) const LIVE: Live = Live {
    first,
    together: None,
    session: None,
    authorize: Some(super::authorize::AUTHORIZE),
    token: TokenPlace::Bearer,
    needs_credential: false,
    check: |source| Ok(source.get(&source.base_at_place("mastodon", None)?, &["api", "v1", "instance"], &[])),
    count: Some(Count { first: count, read: counted, dollars: 0.0 }),
    price: None,
    rate: (300, 300),
    per_request: 40,
    paging: Paging {
        reach,
        seeks: false,
        guarantee: "covered is what this server knew when it was asked; a federated server knows only what reached it, and what reached it late may lie in a stretch that was read before",
    },
    stream: Some(super::streaming::STREAM),
    guide: Guide {
        access: "nothing where a server shows its tags to everybody; else an account there: `pullquote login mastodon:SERVER \
                 --new` gets a token, or an application is made under Preferences > Development",
        scope: "read:statuses",
        cost: "free",
        limits: "300 requests in 5 minutes; 40 posts a page; where a server shows a tag to its own people only and no token is sent, the \
                 newest twenty posts, from the tag's feed; of a thread without a token 40 posts above and 60 below",
        missing: "posts that this server does not know: ask several servers; what was deleted; counts on other servers",
        example: "sources = [\"mastodon:mastodon.social\", \"mastodon:example.social as example\"]\n\n[credential.example]\n\
                  token_env = \"PULLQUOTE_EXAMPLE_TOKEN\"\n",
    },
};

/// The feed that is asked where the timeline is refused shows the newest twenty posts alone.
fn reach(request: &Request) -> Reach {
    let is_feed = Url::parse(&request.url).is_ok_and(|url| url.path().ends_with(".rss"));
    if is_feed { Reach::Few } else { Reach::Whole }
}

/// The path below which every tag has its timeline.
const TIMELINE: [&str; 4] = ["api", "v1", "timelines", "tag"];

/// Posts asked for at once: the most that Mastodon gives.
const LIMIT: &str = "40";

/// The path below which every tag stands.
const TAGS: [&str; 3] = ["api", "v1", "tags"];

fn first(query: &Query, source: &Source) -> Result<Request, SourceError> {
    let mut params = vec![("limit", LIMIT)];
    params.extend(query.all.iter().map(|tag| ("all[]", tag.as_str())));
    params.extend(query.none.iter().map(|tag| ("none[]", tag.as_str())));
    Ok(query.mark(&of_tag(query, source, &TIMELINE, &params)?))
}

/// A request for something of the query's tag.
fn of_tag(query: &Query, source: &Source, place: &[&str], params: &[(&str, &str)]) -> Result<Request, SourceError> {
    let mut base = source.base_at_place(NAME, None)?;
    base.set_path("/");
    let tag = query.first_tag();
    // `.` and `..` are steps in a path and no names, and so neither can be asked for.
    if matches!(tag, "." | ".." | "") {
        return Err(SourceError(format!("mastodon cannot be asked for #{tag}")));
    }
    let path: Vec<&str> = place.iter().copied().chain([tag]).collect();
    Ok(source.get(&base, &path, params))
}

/// Asks how often the tag was used: <https://docs.joinmastodon.org/methods/tags/#get>.
fn count(query: &Query, source: &Source) -> Result<Request, SourceError> {
    of_tag(query, source, &TAGS, &[])
}

fn counted(exchange: &Exchange) -> Result<Counted, ParseError> {
    let text = exchange.text()?;
    let status = exchange.response.status;
    if status >= 400 {
        return Err(ParseError::Refused { platform: NAME, status, message: super::refusal(&text) });
    }
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    let days = answer["history"].as_array().ok_or_else(|| super::misfit("no tag with a history"))?;
    let uses = |day: &Value| day["uses"].as_u64().or_else(|| day["uses"].as_str()?.parse().ok());
    Ok(Counted {
        posts: days.iter().filter_map(uses).sum(),
        caveat: "uses of the last seven days, as this server counts them; what is older is not counted",
        ..Counted::default()
    })
}
