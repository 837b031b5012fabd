//! TikTok: what its web client and its apps are sent, saved as files (videos, comments), its Research API, saved pages, and
//! embeds.
//!
//! The words of a video are its description; what is said or written in the film itself is not read. A video is known by
//! its id, `https://www.tiktok.com/@/video/ID`, from whichever source, a comment by the video's and its own. An id carries
//! the time at which it was given out, which is used where nothing else tells one. TikTok writes a description with its
//! line breaks only into `contents`; everywhere else each of them became a blank, so that the text cannot be called whole.
//! Left out: live streams, transcripts (`voice_to_text`), and comments in saved pages, which are not in their scripts.

mod comment;
mod embeds;
mod item;
mod page;
mod research;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::json::{self, Documents, words};
use super::live::no_thread;
use super::{Page, ParseError, Platform, Shape, Source, SourceError};
use crate::exchange::{Exchange, Request};
use crate::model::{Author, Found, Handle, Kind, Mention, Post, Precision, Skipped, When, WhenSource};
use crate::quote::Venue;

/// TikTok.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "TikTok",
    cited: Some(cited),
    about: "videos and comments as its pages and its Research API send them, saved pages, embeds; single posts by address, else imported",
    live: None,
    one: Some(one),
    shapes: &[
        Shape {
            name: "items",
            what: "videos as the web client gets them (item lists, searches, single items, lines of them), or as the apps do",
            told_by: "`desc` and `createTime` with `author`, alone or in `itemList`, `itemInfo`, `ItemModule` or `data`; `aweme_id` with an address of TikTok",
            lacks: "line breaks, where an item has no `contents`; what is said in the film",
        },
        Shape {
            name: "comments",
            what: "comments as the web client gets them (comment/list, comment/list/reply), single ones, lines",
            told_by: "`cid` with `aweme_id`, `text` and `user`",
            lacks: "answers that were not sent with the comment",
        },
        Shape {
            name: "research",
            what: "videos and comments of the Research API, whole answers or lines",
            told_by: "`data.videos` or `data.comments`; `video_description` or `video_id` with `create_time`",
            lacks: "display names, ids of accounts, line breaks; of comments, who wrote them",
        },
        Shape {
            name: "page",
            what: "a saved page of a video, an account or a tag",
            told_by: "a script named `__UNIVERSAL_DATA_FOR_REHYDRATION__`, `SIGI_STATE` or `__NEXT_DATA__` that holds items",
            lacks: "comments; as items",
        },
        Shape {
            name: "oembed",
            what: "an answer of tiktok.com/oembed",
            told_by: "an oEmbed object whose `provider_url` is TikTok's",
            lacks: "the time, but for the id's; line breaks, counts",
        },
    ],
    parse,
    post_at: Some(post_at),
    embeds: Some(embeds::embeds),
    profile_at: Some(profile_at),
};

/// A post below another is a comment (Publication Manual of the APA, §10.15, for the words).
fn cited(post: &Post) -> Option<Venue> {
    let word = if post.kind == Kind::Reply { "Comment" } else { "Video" };
    Some(Venue::new("TikTok", word))
}

const NAME: &str = "tiktok";

const DOCUMENTS: Documents = Documents {
    platform: NAME,
    item: "a video or a comment of TikTok",
    misfit: "neither items with `desc` and `createTime` nor comments with `cid` and `aweme_id`, nor videos of the Research API",
    members: &[
        "\"createTime\"",
        "\"create_time\"",
        "\"aweme_id\"",
        "\"itemList\"",
        "\"alias_comment_deleted\"",
        "\"log_id\"",
    ],
    signs: &[
        ["\"uniqueId\"", "\"createTime\""],
        ["\"cid\"", "\"aweme_id\""],
        ["\"video_description\"", "\"create_time\""],
    ],
};

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let status = exchange.response.status;
    if status >= 400 {
        let said = serde_json::from_str::<Value>(text).unwrap_or_default();
        let said = [&said["error"]["message"], &said["statusMsg"], &said["status_msg"]].map(Value::as_str);
        let message = said.into_iter().flatten().find(|said| !said.is_empty()).unwrap_or("no reason given");
        return Err(ParseError::Refused { platform: NAME, status, message: message.chars().take(200).collect() });
    }
    if text.starts_with('<') {
        return page::read(text, exchange.fetched_at);
    }
    if text.contains("\"provider_url\"")
        && let Ok(page) = embeds::oembed(text)
    {
        return Ok(Page { shape: "oembed", ..page });
    }
    json::documents(text, &DOCUMENTS, |page, at, value| read(page, at, value, exchange.fetched_at))
}

/// Reads a document in whichever shape it is.
fn read(page: &mut Page, at: &str, value: &Value, seen_at: DateTime<Utc>) -> Option<&'static str> {
    if comment::read(page, at, value, seen_at) {
        return Some("comments");
    }
    if research::read(page, at, value, seen_at) {
        return Some("research");
    }
    item::read(page, at, value, seen_at).then_some("items")
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

fn keep(page: &mut Page, at: String, post: Result<Post, String>) {
    match post {
        Ok(post) => page.posts.push(Found { post, at, nested: false }),
        Err(reason) => page.skipped.push(Skipped { at, reason }),
    }
}

/// The list under a name; its place.
fn list<'a>(at: &str, value: &'a Value, name: &str) -> Option<impl Iterator<Item = (String, &'a Value)> + use<'a>> {
    let place = format!("{at}/{name}");
    let list = value.get(name)?.as_array()?;
    Some(list.iter().enumerate().map(move |(i, item)| (format!("{place}/{i}"), item)))
}

/// The request for one video: its oEmbed answer, <https://developers.tiktok.com/doc/embed-videos>. Comments are not to be had so.
fn one(url: &Url, thread: bool, source: &Source) -> Option<Result<Request, SourceError>> {
    post_at(url)?;
    if thread {
        return Some(Err(no_thread("TikTok shows comments to nobody")));
    }
    let base = source.base_of(PLATFORM.title, "https://www.tiktok.com");
    Some(base.map(|base| source.get(&base, &["oembed"], &[("url", url.as_str())])))
}

/// `/@NAME/video/ID`, `/@NAME/photo/ID`, `/v/ID`, `/v/ID.html`, `/embed/v2/ID`, `/player/v1/ID`, `/share/video/ID`.
fn post_at(url: &Url) -> Option<Post> {
    url.host_str().filter(|host| matches!(*host, "tiktok.com" | "www.tiktok.com" | "m.tiktok.com"))?;
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).take(4).collect();
    let (handle, kind, number) = match parts[..] {
        [account, kind @ ("video" | "photo"), number, ..] if account.starts_with('@') => {
            (Handle::new(account), kind, number)
        }
        ["v", number, ..] => (None, "video", number.strip_suffix(".html").unwrap_or(number)),
        ["embed" | "player", number] | ["embed" | "player", _, number] => (None, "video", number),
        ["share", "video" | "item" | "photo", number, ..] => (None, "video", number),
        _ => return None,
    };
    let mut post = named(number)?;
    post.url = handle.as_ref().map(|handle| format!("https://www.tiktok.com/@{handle}/{kind}/{number}"));
    post.author = author(handle);
    let comment = url.query_pairs().find(|(name, _)| name == "share_comment_id");
    match comment.filter(|(_, id)| is_id(id)) {
        // The address names the video's account, which did not write the comment.
        Some((_, comment)) => comment::named(&comment, number),
        None => Some(post),
    }
}

/// `/@NAME`.
fn profile_at(url: &Url) -> Option<Handle> {
    url.host_str().filter(|host| matches!(*host, "tiktok.com" | "www.tiktok.com" | "m.tiktok.com"))?;
    let name = url.path().strip_prefix("/@")?.trim_end_matches('/');
    (!name.contains('/')).then(|| Handle::new(name))?
}

/// A video of which the id is known, dated by its id.
fn named(number: &str) -> Option<Post> {
    is_id(number).then(|| Post {
        platform: NAME.to_owned(),
        id: Some(number.to_owned()),
        uri: Some(uri(number)),
        created: time_of(number).and_then(|at| When::new(at, Precision::Second, WhenSource::Id)),
        ..Post::default()
    })
}

fn is_id(number: &str) -> bool {
    // With a zero before it, it would be another name for the same.
    (5..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0')
}

fn uri(number: &str) -> String {
    format!("https://www.tiktok.com/@/video/{number}")
}

/// What a handle alone tells of an account.
fn author(handle: Option<Handle>) -> Author {
    Author {
        url: handle.as_ref().map(|handle| format!("https://www.tiktok.com/@{handle}")),
        handle,
        ..Author::default()
    }
}

/// An account named in a text. What the text shows is its display name, which proves no handle.
fn mention(handle: Option<&str>, id: Option<String>) -> Option<Mention> {
    let handle = handle.and_then(Handle::new);
    let url = handle.as_ref().map(|handle| format!("https://www.tiktok.com/@{handle}"));
    (handle.is_some() || id.is_some()).then_some(Mention { handle, id, url })
}

/// Sets the time that an answer states, and doubts one that the id contradicts.
fn date(post: &mut Post, stated: Option<DateTime<Utc>>) {
    /// A video may be uploaded, and so get its id, some weeks before it is shown.
    const PATIENCE: TimeDelta = TimeDelta::days(31);
    let Some(stated) = stated else { return };
    if let Some(by_id) = post.created.map(|when| when.at()).filter(|by_id| (stated - *by_id).abs() > PATIENCE) {
        let shown = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        post.doubts.push(format!(
            "It is said to be written at {}, but its id was given out at {}.",
            shown(stated),
            shown(by_id)
        ));
    }
    post.created = When::new(stated, Precision::Second, WhenSource::Platform).or(post.created);
}

/// The time that an id carries: seconds since 1970, above 32 bits. Before August 2014 there was no video to give an id to.
fn time_of(number: &str) -> Option<DateTime<Utc>> {
    const FIRST: i64 = 1_406_851_200;
    let seconds = i64::try_from(number.parse::<u64>().ok()? >> 32).ok()?;
    DateTime::from_timestamp(seconds, 0).filter(|_| seconds >= FIRST)
}

/// The account in an answer of either spelling: `uniqueId` of the web, `unique_id` of the apps.
fn account(user: &Value) -> Author {
    let either = |names: [&str; 2]| names.into_iter().find_map(|name| words(user, name));
    let handle = either(["uniqueId", "unique_id"]).and_then(Handle::new);
    let is = |name: &str| user[name] == true;
    let flags = [("verified", is("verified")), ("locked", is("privateAccount") || is("secret"))];
    Author {
        id: json::id(&user["id"]).or_else(|| json::id(&user["uid"])),
        name: user["nickname"].as_str().map(str::to_owned),
        flags: flags.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()).collect(),
        ..author(handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_carries_its_time() {
        let second = |id| time_of(id).map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        assert_eq!(second("6989215871123456789").as_deref(), Some("2021-07-26T12:47:09Z"));
        for id in ["702874395068494965", "12345", "", "99999999999999999999"] {
            assert_eq!(second(id), None, "{id}");
        }
    }

    #[test]
    fn addresses_lead_to_posts() {
        let at = |url: &str| post_at(&Url::parse(url).unwrap()).map(|post| post.uri.unwrap_or_default());
        let video = Some("https://www.tiktok.com/@/video/6989215871123456789".to_owned());
        for url in [
            "https://www.tiktok.com/@ada.moss/video/6989215871123456789?lang=en",
            "https://www.tiktok.com/@/video/6989215871123456789",
            "https://www.tiktok.com/@ada.moss/photo/6989215871123456789",
            "https://m.tiktok.com/v/6989215871123456789.html",
            "https://m.tiktok.com/v/6989215871123456789",
            "https://www.tiktok.com/embed/v2/6989215871123456789",
            "https://www.tiktok.com/embed/6989215871123456789",
            "https://www.tiktok.com/player/v1/6989215871123456789",
        ] {
            assert_eq!(at(url), video, "{url}");
        }
        let comment = "https://m.tiktok.com/v/6989215871123456789.html?share_comment_id=6989216000000000001&x=1";
        let same = "https://www.tiktok.com/@/video/6989215871123456789?share_comment_id=6989216000000000001";
        assert_eq!(at(comment).as_deref(), Some(same));
        for url in [
            "https://www.tiktok.com/@ada.moss",
            "https://www.tiktok.com/@ada.moss/live",
            "https://www.tiktok.com/tag/video/69892158711234567",
            "https://vm.tiktok.com/ZSJabc/",
            "https://www.tiktok.com/@ada.moss/video/x",
            "https://www.tiktok.com/@ada.moss/video/06989215871123456789",
        ] {
            assert_eq!(at(url), None, "{url}");
        }
    }
}
