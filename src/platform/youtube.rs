//! YouTube: comments, as its Data API gives them, as its pages show them and as those ask for them; videos, as the Data API,
//! embeds and the Atom feed of a channel tell of them.
//!
//! `textOriginal` is what the author typed, and the API gives it to everybody for public comments of today; where it is
//! missing, `textDisplay` is HTML made of it, and whether it says all is not known. `updatedAt` behind `publishedAt` is an edit. The
//! words of a video are its title and its description, which are one text with an empty line between them. Pages and what
//! they ask for say how old a comment is in words, which are kept as a label: there is no date in them. Left out: channels and
//! search results, the posts of channels, live chats, subtitles, and pages of before 2017.

mod answers;
mod api;
mod feed;
mod live;
mod page;
mod video;
mod walk;
mod words;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use super::json::values;
use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;
use crate::model::{Handle, Kind, Post, PostRef, Skipped};
use crate::quote::Venue;

/// YouTube.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "YouTube",
    cited: Some(cited),
    about: "videos that carry the tag with the comments below them, or the comments of one video, by the Data API with a free key",
    live: Some(live::LIVE),
    one: Some(live::one),
    shapes: &[
        Shape {
            name: "comments",
            what: "answers of commentThreads.list and comments.list of the Data API v3, single ones, JSON lines",
            told_by: "`kind` of `youtube#comment…`",
            lacks: "the texts of edits; answers beyond the five that a thread brings; handles of older answers",
        },
        Shape {
            name: "videos",
            what: "answers of videos.list of the Data API v3",
            told_by: "`kind` of `youtube#videoListResponse`",
            lacks: "comments; when a title or a description was edited; handles",
        },
        Shape {
            name: "oembed",
            what: "an answer of www.youtube.com/oembed, of a video",
            told_by: "an oEmbed object whose `provider_name` is YouTube's",
            lacks: "the date, the description below the title, counts",
        },
        Shape {
            name: "answers",
            what: "answers of `youtubei/v1/next`, which the site's own pages ask for comments, as tools save them",
            told_by: "`responseContext`, and `commentEntityPayload` or `commentRenderer`",
            lacks: "times (only `2 years ago`, kept as a label), exact counts; the video, if it is not named",
        },
        Shape {
            name: "page",
            what: "saved pages of a video or a channel's post (2017 and later), with the comments that were loaded",
            told_by: "elements `ytd-comment-view-model` or `ytd-comment-renderer`, or comments in `ytInitialData`",
            lacks: "times (only `2 years ago`, kept as a label), exact counts",
        },
        Shape {
            name: "feed",
            what: "the Atom feed of a channel (feeds/videos.xml)",
            told_by: "a feed whose entries have `yt:videoId`",
            lacks: "handles, comments",
        },
    ],
    parse,
    post_at: Some(post_at),
    embeds: None,
    profile_at: Some(profile_at),
};

/// A post below another is a comment (Publication Manual of the APA, §10.15, for the words).
fn cited(post: &Post) -> Option<Venue> {
    let word = if post.kind == Kind::Reply { "Comment" } else { "Video" };
    Some(Venue::new("YouTube", word))
}

const NAME: &str = "youtube";

/// Where it is at home.
const SITE: &str = "https://www.youtube.com";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        let said = serde_json::from_str::<Value>(text).ok();
        return walk::without(exchange, said.as_ref()).ok_or_else(|| walk::refused(status, said.as_ref()));
    }
    if text.trim_start().starts_with('<') {
        return if feed::is_one(text) {
            feed::read(text, exchange.fetched_at)
        } else {
            page::read(text, exchange.fetched_at)
        };
    }
    let may_be_answers = answers::may_hold(text);
    let mut reading = api::Reading { page: Page::default(), seen_at: exchange.fetched_at };
    for (at, value) in values(text).map_err(misfit)? {
        match value {
            Ok(value) if may_be_answers && answers::is_one(&value) => {
                reading.page.shape = "answers";
                answers::read(&value, &at, None, exchange.fetched_at, &mut reading.page);
            }
            Ok(value) if video::is_list(&value) && at.is_empty() => {
                let mut page = video::read(&value, &at, exchange.fetched_at);
                walk::follow(exchange, &value, &mut page);
                return Ok(page);
            }
            Ok(value) if is_embed(&value) && at.is_empty() => {
                return Ok(video::embedded(&value, exchange.request.param("url").as_deref()));
            }
            Ok(value) => match without_comments(&value).filter(|_| at.is_empty()) {
                Some(reason) => {
                    let mut page = Page { shape: "comments", ..Page::default() };
                    walk::follow(exchange, &value, &mut page);
                    if page.next.is_empty() && page.later.is_none() && page.stuck.is_none() {
                        page.skipped.push(Skipped { at: "document".to_owned(), reason });
                    }
                    return Ok(page);
                }
                None => {
                    reading.document(&at, &value)?;
                    walk::follow(exchange, &value, &mut reading.page);
                }
            },
            Err(reason) => reading.skip(at, reason),
        }
    }
    if reading.page.shape.is_empty() { Err(misfit("no line is a comment")) } else { Ok(reading.page) }
}

fn is_embed(value: &Value) -> bool {
    value["provider_name"] == "YouTube" && value["html"].is_string()
}

/// Why an answer of the API that holds no comments holds none.
fn without_comments(value: &Value) -> Option<String> {
    let about = match value["kind"].as_str()?.strip_prefix("youtube#")? {
        "searchListResponse" => "lists what a search found: videos, channels and playlists",
        "channelListResponse" => "lists channels",
        "playlistListResponse" | "playlistItemListResponse" => "lists playlists or the videos in one",
        "activityListResponse" => "lists what a channel did",
        "captionListResponse" => "lists subtitles",
        "liveChatMessageListResponse" => "lists messages of a live chat",
        _ => return None,
    };
    Some(format!("{about}, and no comments"))
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// A video, or with `lc` a comment below it.
fn post_at(url: &Url) -> Option<Post> {
    let host = url.host_str()?;
    let of_query =
        |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    let video = match host {
        "youtu.be" => url.path().trim_matches('/').to_owned(),
        "youtube.com" | "www.youtube.com" | "m.youtube.com" if url.path() == "/watch" => of_query("v")?,
        "youtube.com" | "www.youtube.com" | "m.youtube.com" => {
            let path = url.path();
            path.strip_prefix("/shorts/").or_else(|| path.strip_prefix("/live/"))?.trim_matches('/').to_owned()
        }
        _ => return None,
    };
    if !is_id(&video) || video.len() != 11 {
        return None;
    }
    match of_query("lc") {
        Some(comment) if is_id(&comment) => Some(comment_named(&comment, Some(&video))),
        Some(_) => None,
        None => Some(video_named(&video)),
    }
}

fn is_id(id: &str) -> bool {
    (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

fn video_named(video: &str) -> Post {
    let address = format!("https://www.youtube.com/watch?v={video}");
    Post {
        platform: NAME.to_owned(),
        id: Some(video.to_owned()),
        uri: Some(address.clone()),
        url: Some(address),
        ..Post::default()
    }
}

/// A video, to be answered.
fn video_ref(video: &str) -> PostRef {
    let Post { id, uri, url, .. } = video_named(video);
    PostRef { id, uri, url }
}

/// What a comment answers: the one at the head of the `thread` in which it stands, else the one that its id begins with;
/// else the video.
fn reply_to(comment: &str, thread: Option<&str>, video: Option<&str>) -> Option<PostRef> {
    let parent = thread.filter(|head| *head != comment).or_else(|| comment.split_once('.').map(|(parent, _)| parent));
    match parent {
        Some(parent) => Some(comment_ref(parent)),
        None => video.map(video_ref),
    }
}

fn comment_ref(comment: &str) -> PostRef {
    PostRef { id: Some(comment.to_owned()), uri: Some(format!("youtube:comment:{comment}")), url: None }
}

/// The handle or the id in the address of a channel: `/@name`, `/channel/ID`.
fn channel(address: &str) -> (Option<Handle>, Option<String>) {
    let path = address.strip_prefix(SITE).unwrap_or(address);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let handle = path.strip_prefix("/@").filter(|name| !name.contains('/'));
    let handle = handle.and_then(|name| Handle::new(&percent_decode_str(name).decode_utf8().ok()?));
    (handle, path.strip_prefix("/channel/").filter(|id| is_id(id)).map(str::to_owned))
}

/// `/@name`.
fn profile_at(url: &Url) -> Option<Handle> {
    url.host_str().filter(|host| matches!(*host, "youtube.com" | "www.youtube.com" | "m.youtube.com"))?;
    channel(url.path()).0
}

/// Answers name no video, so a comment is known by its own id alone.
fn comment_named(comment: &str, video: Option<&str>) -> Post {
    Post {
        platform: NAME.to_owned(),
        id: Some(comment.to_owned()),
        uri: Some(format!("youtube:comment:{comment}")),
        url: video.map(|video| format!("https://www.youtube.com/watch?v={video}&lc={comment}")),
        ..Post::default()
    }
}
