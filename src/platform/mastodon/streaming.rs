//! The stream of a hashtag as server-sent events: <https://docs.joinmastodon.org/methods/streaming/>.
//!
//! It may be served by another host, which `/api/v2/instance` names (`configuration.urls.streaming`); a server that does not
//! answer that, or names none, streams itself. Since Mastodon 4.2 it takes the token of a user, without any scope; older
//! servers stream hashtags to everybody. Pleroma, Akkoma, GoToSocial and snac stream over a WebSocket or not at all, and
//! refuse.
//!
//! Nothing is sent twice: what a lost connection missed, a pull of the timeline brings. Events that come are posts
//! (`update`), edits (`status.update`) and deletions (`delete`), which name a post by its id on this server alone.

use serde::Deserialize;

use super::shapes::Reading;
use crate::exchange::{Exchange, HOME, Request};
use crate::platform::live::stream_address;
use crate::platform::{Glance, Keep, Query, Source, SourceError, Stream};

/// How a server of the fediverse is listened to.
pub(super) const STREAM: Stream = Stream {
    about: "since Mastodon 4.2 with the token of a user; edits and deletions on this server, too; what a lost connection \
            missed is pulled",
    ask: Some(|source| Ok(source.get(&source.base_at_place("mastodon", None)?, &["api", "v2", "instance"], &[]))),
    open,
    glance,
    resume: None,
    packed: None,
    more: None,
};

/// The path below which all streams lie.
const STREAMS: &str = "/api/v1/streaming/";

fn open(query: &Query, source: &Source, instance: Option<&Exchange>) -> Result<Request, SourceError> {
    let named = || serde_json::from_slice::<Instance>(&instance?.body().ok()?).ok()?.address();
    let mut base = match source.stream.clone().or_else(named) {
        Some(address) => stream_address(&address)
            .ok_or_else(|| SourceError(format!("{address:?} is no address of a stream: wss://… or https://… is")))?,
        None => source.base_at_place("mastodon", None)?,
    };
    // The same address serves both: the name of a WebSocket's scheme is all that a server tells.
    if let Some(rest) = base.as_str().strip_prefix("ws") {
        base =
            stream_address(&format!("http{rest}")).ok_or_else(|| SourceError("it cannot be listened to".to_owned()))?;
    }
    let request = source.get(&base, &["api", "v1", "streaming", "hashtag"], &[("tag", query.first_tag())]);
    let home = source.base_at_place("mastodon", None)?;
    let is_elsewhere = home.origin() != base.origin();
    let home = Some(home.origin().ascii_serialization()).filter(|_| is_elsewhere);
    Ok(query.mark(&request).with_mark(HOME, home.as_deref()))
}

fn glance(event: &[u8], _: &Request) -> Glance {
    let mut fields = event.split(|byte| *byte == b'\n').filter_map(field);
    // What nobody knows yet is kept, and told: it may be a change of the server.
    let keep = match fields.find(|(name, _)| *name == b"event") {
        None | Some((_, b"filters_changed" | b"conversation" | b"notifications_merged")) => Keep::No,
        Some((_, name)) if name.starts_with(b"announcement") => Keep::No,
        Some(_) => Keep::Yes,
    };
    Glance { keep, ..Glance::default() }
}

/// Name and value of a line; `None` for a comment.
fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let colon = line.iter().position(|byte| *byte == b':').filter(|at| *at > 0)?;
    let (name, value) = line.split_at(colon);
    let value = value.strip_prefix(b":").unwrap_or(value);
    Some((name, value.strip_prefix(b" ").unwrap_or(value)))
}

/// Whether a stream was listened to.
pub(super) fn is_stream(exchange: &Exchange) -> bool {
    let path = url::Url::parse(&exchange.request.url).map(|url| url.path().to_owned()).unwrap_or_default();
    !exchange.server().is_empty() && path.contains(STREAMS)
}

/// Whether a text is server-sent events.
pub(super) fn are_events(text: &str, exchange: &Exchange) -> bool {
    exchange.media_type() == "text/event-stream" || text.starts_with("event:") || text.starts_with(":)")
}

/// Reads server-sent events: blocks of lines, each ended by an empty line (<https://html.spec.whatwg.org/#server-sent-events>).
pub(super) fn read(text: &str, reading: &mut Reading) {
    let (mut number, mut name, mut data) = (0, None, String::new());
    for line in text.split('\n').chain([""]) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if !line.is_empty() {
            match field(line.as_bytes()) {
                Some((b"event", value)) => name = str::from_utf8(value).ok(),
                Some((b"data", value)) => {
                    if !data.is_empty() {
                        data.push('\n');
                    }
                    data.push_str(str::from_utf8(value).unwrap_or_default());
                }
                _ => {}
            }
            continue;
        }
        if let Some(name) = name.take() {
            number += 1;
            let at = format!("event {number}");
            if !reading.event(&at, &at, name, &data) {
                reading.skip(at, format!("is an event of another kind: {name}"));
            }
        }
        data.clear();
    }
}

/// What a server says of itself; the older form has `urls` at the top.
#[derive(Deserialize)]
struct Instance {
    #[serde(default)]
    configuration: Configuration,
    #[serde(default)]
    urls: Urls,
}

#[derive(Deserialize, Default)]
struct Configuration {
    #[serde(default)]
    urls: Urls,
}

#[derive(Deserialize, Default)]
struct Urls {
    streaming: Option<String>,
    streaming_api: Option<String>,
}

impl Instance {
    fn address(self) -> Option<String> {
        let named = self.configuration.urls.streaming.or(self.urls.streaming_api);
        named.filter(|address| !address.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Response;
    use crate::model::Hashtag;

    fn opened(instance: Option<&str>, stream: Option<&str>) -> String {
        let query = Query::tag(Hashtag::new("Überflutung").unwrap());
        let source = Source {
            place: Some("social.example".to_owned()),
            credential: Some("me".to_owned()),
            stream: stream.map(str::to_owned),
            ..Source::default()
        };
        let answer = instance.map(|body| Exchange {
            response: Response { status: 200, body: body.as_bytes().to_vec(), ..Response::default() },
            ..Exchange::default()
        });
        let request = open(&query, &source, answer.as_ref()).unwrap();
        assert_eq!(request.auth.as_deref(), Some("me"));
        request.url
    }

    #[test]
    fn the_server_says_where_it_streams() {
        let path = "/api/v1/streaming/hashtag?tag=%C3%9Cberflutung";
        for (instance, stream, base) in [
            (None, None, "https://social.example"),
            (Some("<h1>Not found</h1>"), None, "https://social.example"),
            (Some("{\"title\": \"Social\"}"), None, "https://social.example"),
            (Some("{\"urls\": {\"streaming_api\": \"wss://s.example\"}}"), None, "https://s.example"),
            (
                Some("{\"configuration\": {\"urls\": {\"streaming\": \"wss://s.example:4000/\"}}}"),
                None,
                "https://s.example:4000",
            ),
            (
                Some("{\"configuration\": {\"urls\": {\"streaming\": \"wss://s.example\"}}}"),
                Some("https://t.example/a"),
                "https://t.example/a",
            ),
        ] {
            // From elsewhere, it is still the server's.
            let home = if base == "https://social.example" { "" } else { "#home=https%3A%2F%2Fsocial.example" };
            assert_eq!(opened(instance, stream), format!("{base}{path}{home}"));
        }
    }

    #[test]
    fn only_what_happens_to_posts_is_kept() {
        let keep = |event: &str| glance(event.as_bytes(), &Request::default()).keep;
        for event in [
            ":)\n:thump\nevent: update\ndata: {}\n\n",
            "event:delete\r\ndata: 7\r\n\r\n",
            "event: status.update\ndata: {}\n\n",
            "event: of a later version\ndata: {}\n\n",
        ] {
            assert_eq!(keep(event), Keep::Yes, "{event:?}");
        }
        for event in [
            ":thump\n\n",
            "event: filters_changed\ndata: undefined\n\n",
            ":event: update\n\n",
            "data: event: update\n\n",
            "\n",
            "\u{0}\n\n",
        ] {
            assert_eq!(keep(event), Keep::No, "{event:?}");
        }
    }
}
