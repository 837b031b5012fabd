//! A post of the wire to a post of the model.

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use url::Url;

use super::wire::{self, Id};
use super::{NAME, inline, names, truth};
use crate::date;
use crate::model::{
    Author, Handle, Hashtag, Kind, Link, Media, Mention, Metrics, Poll, PollOption, Post, PostRef, Precision,
    TextState, When, WhenSource,
};
use crate::text::{self, Rendered};

/// What a post does not say itself.
pub(super) struct Context {
    /// Name and port of the server that was asked; empty for a file.
    pub(super) server: String,
    /// When it was seen.
    pub(super) seen_at: DateTime<Utc>,
}

/// What holds a nested post: its place in the JSON and its bytes.
pub(super) type Nested<'a> = (&'static str, &'a serde_json::value::RawValue);

/// Where a boost holds the boosted post.
pub(super) const REBLOG: &str = "/reblog";

/// Whether a post is a boost under the name of the boosted post, as Pleroma and Akkoma show it, with its words and its
/// address: as a post of its own it would give them to the account that boosted.
pub(super) fn is_unnamed_boost(post: &Post) -> bool {
    let boosted = post.repost_of.as_ref().and_then(|boosted| boosted.uri.as_ref());
    boosted.is_some() && boosted == post.uri.as_ref()
}

/// A post, and the posts nested in it, not yet read.
///
/// # Errors
/// Why it gives no post, as a fragment.
pub(super) fn convert<'a>(status: wire::Status<'a>, context: &Context) -> Result<(Post, Vec<Nested<'a>>), String> {
    let visibility = status.visibility.as_deref().unwrap_or("public");
    let group = status.group.and_then(|group| serde_json::from_str::<wire::Group>(group.get()).ok());
    let is_public =
        matches!(visibility, "public" | "unlisted") || (visibility == "group" && truth::is_open(group.as_ref()));
    if !is_public {
        return Err(format!("is not public but {visibility:?}"));
    }
    if status.id.as_ref().is_none_or(|Id(id)| id.is_empty()) && status.uri.is_none() {
        return Err("has no id".to_owned());
    }
    let Some(account) = &status.account else { return Err("has no account".to_owned()) };
    let Some(content) = &status.content else { return Err("has no content".to_owned()) };
    if status.uri.is_none() && !status.url.as_deref().is_some_and(|url| url.starts_with("http")) {
        return Err("has no uri".to_owned());
    }

    let author = author(account, &context.server);
    if author.handle.is_none() {
        return Err("its author has no usable handle".to_owned());
    }
    let mut nested = Vec::new();
    let quote_of = quoted(&status, &mut nested);
    let (Rendered { text, links, unshown }, text_state, mut doubts) = match truth::read(&status, content) {
        Some(read) => read,
        None => {
            let rendered = text::from_fragment(content);
            let rendered = if quote_of.is_some() { inline::without_line(content, rendered) } else { rendered };
            (rendered, TextState::Complete, Vec::new())
        }
    };
    doubts.extend(unshown.doubts());
    doubts.extend(foreign(&status, account, &context.server));
    doubts.extend(names::doubt(&status, account));
    let mut past = |at: &Option<wire::Text<'_>>, field| past(at.as_deref()?, field, context.seen_at, &mut doubts);
    let created = past(&status.created_at, "created_at");
    let edited = past(&status.edited_at, "edited_at");
    let edited = edited.filter(|edited| {
        let fits = created.is_none_or(|created| created.timestamp() <= edited.timestamp());
        if !fits {
            doubts.retain(|doubt| !doubt.starts_with("edited_at "));
            doubts.push(format!("edited_at says {}, before the post was written; left out", shown(*edited)));
        }
        fits
    });
    let repost_of = status.reblog.map(|inner| {
        nested.insert(0, (REBLOG, inner));
        reference(inner)
    });
    let answered = filled(status.in_reply_to_id).map(|id| PostRef { id: Some(id), ..PostRef::default() });
    let reply_to = status.in_reply_to.map(|inner| {
        nested.push(("/in_reply_to", inner));
        reference(inner)
    });
    let reply_to = reply_to.filter(|of| *of != PostRef::default()).or(answered);
    let kind = match (&repost_of, &reply_to, &quote_of) {
        (Some(_), _, _) => Kind::Repost,
        (None, Some(_), _) => Kind::Reply,
        (None, None, Some(_)) => Kind::Quote,
        (None, None, None) => Kind::Original,
    };
    let post = Post {
        platform: NAME.to_owned(),
        id: filled(status.id),
        uri: owned(&status.uri),
        url: owned(&status.url),
        author,
        created: created.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        edited,
        hashtags: hashtags(status.tags, &links),
        mentions: status.mentions.unwrap_or_default().into_iter().map(|m| mention(m, &context.server)).collect(),
        links: links_beside_tags(links, status.card),
        text,
        text_state,
        content_warning: status.spoiler_text.filter(|warning| !warning.is_empty()).map(|w| w.0.into_owned()),
        lang: status.language.filter(|lang| !lang.is_empty()).map(|lang| lang.0.into_owned()),
        kind,
        reply_to,
        repost_of,
        quote_of,
        media: status.media_attachments.unwrap_or_default().into_iter().map(media).collect(),
        poll: status.poll.map(|poll| self::poll(poll, &mut doubts)),
        metrics: Metrics {
            likes: status.favourites_count.0,
            reposts: status.reblogs_count.0,
            replies: status.replies_count.0,
            quotes: status.quotes_count.0,
            views: None,
            seen_at: Some(context.seen_at),
        },
        labels: (status.sensitive == Some(true))
            .then(|| "sensitive".to_owned())
            .into_iter()
            .chain(group.and_then(|group| Some(format!("in the group {}", &*group.display_name?))))
            .collect(),
        doubts,
    };
    Ok((if post.repost_of.is_some() { without_words(post) } else { post }, nested))
}

/// A boost as it is: some servers show the words of the boosted post in it, which its account did not write.
fn without_words(post: Post) -> Post {
    Post {
        text: String::new(),
        text_state: TextState::Complete,
        content_warning: None,
        hashtags: Vec::new(),
        mentions: Vec::new(),
        links: Vec::new(),
        media: Vec::new(),
        poll: None,
        ..post
    }
}

/// An id that is one; a few servers write an empty text for none.
fn filled(id: Option<Id>) -> Option<String> {
    id.map(|Id(id)| id).filter(|id| !id.is_empty())
}

fn owned(text: &Option<wire::Text<'_>>) -> Option<String> {
    text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn instant(text: &str, field: &str, doubts: &mut Vec<String>) -> Option<DateTime<Utc>> {
    let at = date::timestamp(text);
    if at.is_none() {
        doubts.push(format!("{field} is no time: {text:?}"));
    }
    at
}

/// Seconds since 1970 of 1 July 2008, when identi.ca opened. A blog that joined later may tell of older posts.
const FEDIVERSE: i64 = 1_214_870_400;

/// Seconds since 1970 of 6 August 1991, when the first page of the web was announced.
const WEB: i64 = 681_436_800;

/// The time of something that has happened: more than a day after the post was seen it cannot have, nor before there was
/// a web, and a server's clock is the only thing that says so.
pub(super) fn past(text: &str, field: &str, seen_at: DateTime<Utc>, doubts: &mut Vec<String>) -> Option<DateTime<Utc>> {
    let at = instant(text, field, doubts)?;
    let is_past = at - seen_at <= TimeDelta::days(1);
    if is_past && at.timestamp() >= FEDIVERSE {
        return Some(at);
    }
    let shown = shown(at);
    if !is_past {
        doubts.push(format!("{field} says {shown}, after the post was seen; taken for unknown"));
        return None;
    }
    if at.timestamp() < WEB {
        doubts.push(format!("{field} says {shown}, before there was a web; taken for unknown"));
        return None;
    }
    doubts.push(format!("{field} says {shown}, before there was a fediverse"));
    Some(at)
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The doubt about a post whose name is of a server that neither was asked nor is its author's: any server could give
/// its own words out for those of a post elsewhere.
fn foreign(status: &wire::Status<'_>, account: &wire::Account<'_>, asked: &str) -> Option<String> {
    let uri = status.uri.as_deref().or(status.url.as_deref())?;
    // `tag:` stands before the names that OStatus gave (RFC 4151).
    let named = uri.strip_prefix("tag:").and_then(|tag| tag.split_once(','));
    let of = named.map_or_else(|| host(Some(uri)), |(authority, _)| Cow::Owned(authority.to_lowercase()));
    let acct = account.acct.as_deref().and_then(|acct| acct.trim_start_matches('@').split_once('@'));
    let server = acct.map_or(Cow::Borrowed(""), |(_, server)| server_name(server));
    if of.is_empty() || of == asked || of == server {
        return None;
    }
    let own = [server, host(account.url.as_deref()), host(account.uri.as_deref())];
    let theirs = own.iter().find(|host| !host.is_empty())?;
    (!own.contains(&of)).then(|| format!("its uri is of {of}, its author of {theirs}"))
}

/// The server of a handle, spelled as [`host`] spells it.
fn server_name(server: &str) -> Cow<'_, str> {
    if is_plain_name(server) {
        return Cow::Borrowed(server);
    }
    Cow::Owned(host(Some(&format!("https://{server}"))).into_owned())
}

/// Name and port of an address, as handles write it.
fn host(url: Option<&str>) -> Cow<'_, str> {
    if let Some(name) = url.and_then(plain_host) {
        return Cow::Borrowed(name);
    }
    let parsed = url.and_then(|url| Url::parse(url).ok());
    let host = parsed.as_ref().and_then(|url| Some((url.host_str()?, url.port())));
    match host {
        Some((name, Some(port))) => Cow::Owned(format!("{name}:{port}")),
        Some((name, None)) => Cow::Owned(name.to_owned()),
        None => Cow::Borrowed(""),
    }
}

/// The name in an address that is written so that the standard's parser changes nothing about it, as nearly all are.
fn plain_host(url: &str) -> Option<&str> {
    url.strip_prefix("https://")?.split('/').next().filter(|name| is_plain_name(name))
}

/// Whether the standard's parser leaves the name of a host as it is.
fn is_plain_name(name: &str) -> bool {
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    // A last part that begins with a digit may be an address in numbers.
    let last = name.rsplit('.').next().unwrap_or_default();
    plain && last.starts_with(|c: char| c.is_ascii_lowercase()) && !name.as_bytes().windows(4).any(|w| w == b"xn--")
}

/// The handle of an account. In a file, where no server was asked, an account without a server is one of the server that
/// wrote the file, as the account's own address shows.
pub(super) fn handle(acct: &str, server: &str, url: Option<&str>) -> Option<Handle> {
    // Most of them name their server, and then its address need not be taken apart.
    if acct.trim_start_matches('@').contains('@') {
        return Handle::fediverse(acct, "");
    }
    let server = if server.is_empty() { host(url) } else { Cow::Borrowed(server) };
    Handle::fediverse(acct, &server)
}

fn author(account: &wire::Account<'_>, server: &str) -> Author {
    let flags = [("bot", account.bot), ("group", account.group), ("locked", account.locked)];
    Author {
        id: account.id.as_ref().map(|Id(id)| id.clone()),
        handle: account.acct.as_deref().and_then(|acct| handle(acct, server, account.url.as_deref())),
        name: account.display_name.as_deref().map(str::to_owned),
        url: owned(&account.url),
        flags: flags.iter().filter(|(_, set)| *set == Some(true)).map(|(flag, _)| (*flag).to_owned()).collect(),
    }
}

fn mention(mention: wire::Mention<'_>, server: &str) -> Mention {
    Mention {
        handle: mention.acct.and_then(|acct| handle(&acct, server, mention.url.as_deref())),
        id: mention.id.map(|Id(id)| id),
        url: owned(&mention.url),
    }
}

/// The quoted post by whichever of three shapes the server has; what it nests is added to `nested`.
fn quoted<'a>(status: &wire::Status<'a>, nested: &mut Vec<Nested<'a>>) -> Option<PostRef> {
    let by_id = |id: &Option<Id>| {
        let id = id.as_ref().map(|Id(id)| id.clone())?;
        Some(PostRef { id: Some(id), ..PostRef::default() })
    };
    // Misskey's kin only say whether there is one.
    if let Some(raw) = status.quote.filter(|raw| raw.get().starts_with('{')) {
        match serde_json::from_str::<wire::Quote>(raw.get()) {
            Ok(quote) if quote.state.is_some() => {
                // A quotation that is pending, revoked or deleted shows the reader no post, and names none.
                if let Some(inner) = quote.quoted_status {
                    nested.push(("/quote/quoted_status", inner));
                    return Some(reference(inner));
                }
                return by_id(&quote.quoted_status_id);
            }
            _ => {
                nested.push(("/quote", raw));
                return Some(reference(raw));
            }
        }
    }
    if let Some(pleroma) = &status.pleroma {
        if let Some(inner) = pleroma.quote {
            nested.push(("/pleroma/quote", inner));
            return Some(reference(inner));
        }
        let url = owned(&pleroma.quote_url);
        if pleroma.quote_id.is_some() || url.is_some() {
            return Some(PostRef { url, ..by_id(&pleroma.quote_id).unwrap_or_default() });
        }
    }
    by_id(&status.quote_id)
}

/// The names of a nested post; empty if it cannot be read, which is then reported in its own place.
pub(super) fn reference(raw: &serde_json::value::RawValue) -> PostRef {
    #[derive(serde::Deserialize)]
    struct Names {
        id: Option<Id>,
        uri: Option<String>,
        url: Option<String>,
    }
    match serde_json::from_str::<Names>(raw.get()) {
        Ok(Names { id, uri, url }) => PostRef { id: id.map(|Id(id)| id), uri, url },
        Err(_) => PostRef::default(),
    }
}

/// The tags that the server lists, in the spelling of the text where that is the same tag: most servers list them in
/// lower case. Where there is no list, those that the text links.
pub(super) fn hashtags(tags: Option<Vec<wire::Tag<'_>>>, links: &[Link]) -> Vec<Hashtag> {
    let mut spelled: Vec<Hashtag> =
        links.iter().filter(|link| is_tag(link)).filter_map(|link| Hashtag::new(&link.shown)).collect();
    let Some(tags) = tags else {
        let mut seen = HashSet::new();
        spelled.retain(|tag| seen.insert(tag.clone()));
        return spelled;
    };
    let as_written = |tag: Hashtag| {
        let alike = |other: &&Hashtag| other.as_str().eq_ignore_ascii_case(tag.as_str());
        let found = spelled.iter().find(alike).or_else(|| {
            if tag.as_str().is_ascii() && spelled.iter().all(|other| other.as_str().is_ascii()) {
                return None;
            }
            let folded = tag.folded();
            spelled.iter().find(|other| other.folded() == folded)
        });
        found.cloned().unwrap_or(tag)
    };
    tags.into_iter().filter_map(|tag| Hashtag::new(&tag.name?)).map(as_written).collect()
}

fn is_tag(link: &Link) -> bool {
    link.shown.starts_with(['#', '＃'])
}

/// Links that are neither hashtags nor mentions, and the previewed page if the text does not link it.
pub(super) fn links_beside_tags(mut links: Vec<Link>, card: Option<wire::Card<'_>>) -> Vec<Link> {
    links.retain(|link| !is_tag(link) && !link.shown.starts_with('@'));
    if let Some(url) = card.as_ref().and_then(|card| owned(&card.url))
        && !links.iter().any(|link| link.url == url)
    {
        let shown = card.and_then(|card| owned(&card.title)).unwrap_or_default();
        links.push(Link { shown, url });
    }
    links
}

pub(super) fn media(attachment: wire::Attachment<'_>) -> Media {
    let kind = match attachment.kind.as_deref() {
        Some("gifv") => "gif",
        Some(kind @ ("image" | "video" | "audio")) => kind,
        _ => "unknown",
    };
    let size = attachment.meta.and_then(|meta| meta.original);
    let pixels = |count: wire::Count| count.0.and_then(|n| u32::try_from(n).ok());
    Media {
        url: owned(&attachment.url).or_else(|| owned(&attachment.remote_url)),
        kind: kind.to_owned(),
        alt: owned(&attachment.description),
        width: size.as_ref().and_then(|size| pixels(size.width)),
        height: size.as_ref().and_then(|size| pixels(size.height)),
    }
}

pub(super) fn poll(poll: wire::Poll<'_>, doubts: &mut Vec<String>) -> Poll {
    let options = poll.options.unwrap_or_default().into_iter();
    Poll {
        options: options
            .map(|option| PollOption {
                title: option.title.map(|title| title.0.into_owned()).unwrap_or_default(),
                votes: option.votes_count.0,
            })
            .collect(),
        closes: poll.expires_at.as_deref().and_then(|at| instant(at, "expires_at", doubts)),
        multiple: poll.multiple == Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_host_is_what_the_standard_says() {
        for (url, plain) in [
            ("https://mastodon.social/@dana/1", true),
            ("https://a-b.example", true),
            ("https://a..example/x", true),
            ("https://example.social:3000/@dana", false),
            ("https://Mastodon.social/@dana", false),
            ("https://dana@a.example/", false),
            ("https://1.0x7f/", false),
            ("https://a.example./", false),
            ("https://xn--bcher-kva.example/", false),
            ("https://a.example?x", false),
            ("https:///a.example", false),
            ("http://a.example/", false),
        ] {
            assert_eq!(plain_host(url).is_some(), plain, "{url}");
            let parsed = Url::parse(url).unwrap();
            assert!(plain_host(url).is_none_or(|host| parsed.host_str() == Some(host)), "{url}");
        }
    }
}
