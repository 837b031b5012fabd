//! YouTube: comments as its Data API gives them, and the Atom feed of a channel.
//!
//! `textOriginal` is what the author typed, and the API gives it to everybody for public comments of today; where it is
//! missing, `textDisplay` is HTML made of it, and whether it says all is not known. A channel's feed names videos: a
//! title and a description, which are one text with an empty line between them. Left out: videos, channels and search
//! results (they are no reactions), live chats, and pages of the site.

use scraper::{ElementRef, Html};
use serde_json::Value;
use url::Url;

use super::json::{id, values};
use super::{Page, ParseError, Platform, Shape};
use crate::date;
use crate::exchange::Exchange;
use crate::model::{
    Author, Found, Handle, Kind, Metrics, Post, PostRef, Precision, Skipped, TextState, When, WhenSource,
};
use crate::text;
use chrono::{DateTime, Utc};

/// YouTube.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "YouTube",
    about: "comments saved from the Data API, and feeds of channels; imported, never pulled",
    first: None,
    session: None,
    shapes: &[
        Shape {
            name: "comments",
            what: "answers of commentThreads.list and comments.list of the Data API v3, single ones, JSON lines",
            told_by: "`kind` of `youtube#comment…`",
            lacks: "the texts of edits; answers beyond the five that a thread brings; handles of older answers",
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
};

const NAME: &str = "youtube";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        let said = serde_json::from_str::<Value>(text).ok();
        let said = said.as_ref().and_then(|answer| answer["error"]["message"].as_str());
        let message = said.unwrap_or("no reason given").chars().take(200).collect();
        return Err(ParseError::Refused { platform: NAME, status, message });
    }
    if text.trim_start().starts_with('<') {
        return feed(text, exchange.fetched_at);
    }
    let mut reading = Reading { page: Page::default(), seen_at: exchange.fetched_at };
    for (at, value) in values(text).map_err(misfit)? {
        match value {
            Ok(value) => reading.document(&at, &value)?,
            Err(reason) => reading.skip(at, reason),
        }
    }
    if reading.page.shape.is_empty() { Err(misfit("no line is a comment")) } else { Ok(reading.page) }
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
            url.path().strip_prefix("/shorts/")?.trim_matches('/').to_owned()
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

struct Reading {
    page: Page,
    seen_at: DateTime<Utc>,
}

impl Reading {
    fn document(&mut self, at: &str, value: &Value) -> Result<(), ParseError> {
        let kind = value["kind"].as_str().unwrap_or_default();
        match kind {
            "youtube#commentThreadListResponse" | "youtube#commentListResponse" => {
                self.page.shape = "comments";
                for (i, item) in value["items"].as_array().into_iter().flatten().enumerate() {
                    self.item(format!("{at}/items/{i}"), item);
                }
            }
            "youtube#commentThread" | "youtube#comment" => {
                self.page.shape = "comments";
                self.item(at.to_owned(), value);
            }
            _ if at.is_empty() && kind.is_empty() => return Err(misfit("no `kind` of a comment")),
            _ if at.is_empty() => return Err(misfit(format!("its kind is {kind:?}, which is no comment"))),
            _ => self.skip(at.to_owned(), "is no comment".to_owned()),
        }
        Ok(())
    }

    fn skip(&mut self, at: String, reason: String) {
        self.page.skipped.push(Skipped { at, reason });
    }

    /// A comment, or a thread: the comment at its head and the answers that came with it.
    fn item(&mut self, at: String, item: &Value) {
        if item["kind"] != "youtube#commentThread" {
            return self.comment(at, item, None);
        }
        let snippet = &item["snippet"];
        let video = snippet["videoId"].as_str();
        let replies = item["replies"]["comments"].as_array().map(Vec::as_slice).unwrap_or_default();
        let head = format!("{at}/snippet/topLevelComment");
        self.comment(head, &snippet["topLevelComment"], video);
        if let Some(found) = self.page.posts.last_mut().filter(|found| found.at.starts_with(&at)) {
            found.post.metrics.replies = snippet["totalReplyCount"].as_u64();
        }
        for (i, reply) in replies.iter().enumerate() {
            self.comment(format!("{at}/replies/comments/{i}"), reply, video);
        }
    }

    fn comment(&mut self, at: String, comment: &Value, video: Option<&str>) {
        match self.post(comment, video) {
            Ok(post) => self.page.posts.push(Found { post, at, nested: false }),
            Err(reason) => self.skip(at, reason),
        }
    }

    /// <https://developers.google.com/youtube/v3/docs/comments>.
    fn post(&self, comment: &Value, video: Option<&str>) -> Result<Post, String> {
        let number = id(&comment["id"]).filter(|id| is_id(id)).ok_or("has no id")?;
        let snippet = &comment["snippet"];
        let words = |name: &str| snippet[name].as_str();
        let shown = words("textDisplay").map(text::from_fragment);
        let (text, text_state) = match (words("textOriginal"), &shown) {
            (Some(text), _) => (text.to_owned(), TextState::Complete),
            (None, Some(shown)) => (shown.text.clone(), TextState::Unknown),
            (None, None) => return Err("has no text".to_owned()),
        };
        // Since 2022 what is shown as the name is the handle, with its sign.
        let name = words("authorDisplayName");
        let handle = name.filter(|name| name.starts_with('@')).and_then(Handle::new);
        let at = words("publishedAt").and_then(date::timestamp);
        let parent = words("parentId").map(|parent| PostRef {
            id: Some(parent.to_owned()),
            uri: Some(format!("youtube:comment:{parent}")),
            url: None,
        });
        let video = words("videoId").or(video).filter(|video| is_id(video));
        // Under a video a comment answers it.
        let answered = parent.or_else(|| {
            let Post { id, uri, url, .. } = video_named(video?);
            Some(PostRef { id, uri, url })
        });
        let likes = snippet["likeCount"].as_u64();
        Ok(Post {
            author: Author {
                id: id(&snippet["authorChannelId"]["value"]),
                name: name.filter(|_| handle.is_none()).map(str::to_owned),
                handle,
                url: words("authorChannelUrl").map(str::to_owned),
                ..Author::default()
            },
            created: at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
            edited: words("updatedAt").and_then(date::timestamp).filter(|edited| at.is_some_and(|at| *edited > at)),
            text,
            text_state,
            kind: if answered.is_some() { Kind::Reply } else { Kind::Original },
            reply_to: answered,
            links: shown.map(|shown| shown.links).unwrap_or_default(),
            metrics: Metrics { likes, seen_at: likes.map(|_| self.seen_at), ..Metrics::default() },
            ..comment_named(&number, video)
        })
    }
}

/// Reads a channel's feed.
fn feed(source: &str, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    if !source.contains("<yt:videoId>") && !source.contains("<yt:channelId>") {
        return Err(misfit("a page or a feed that is not YouTube's"));
    }
    let html = Html::parse_document(source);
    let mut page = Page { shape: "feed", ..Page::default() };
    let entries = html.root_element().descendent_elements().filter(|element| element.value().name() == "entry");
    for (i, entry) in entries.enumerate() {
        let at = format!("entry {}", i + 1);
        match video(entry, seen_at) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    Ok(page)
}

fn video(entry: ElementRef<'_>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let element = |name: &str| entry.descendent_elements().find(|element| element.value().name() == name);
    let words = |name: &str| element(name).map(|element| element.text().collect::<String>());
    let number = words("yt:videoid").filter(|id| is_id(id)).ok_or("has no id")?;
    let title = words("title").unwrap_or_default();
    let below = words("media:description").unwrap_or_default();
    let text =
        if title.is_empty() || below.is_empty() { format!("{title}{below}") } else { format!("{title}\n\n{below}") };
    if text.is_empty() {
        return Err("has no text".to_owned());
    }
    let counted =
        |element_name: &str, name: &str| element(element_name).and_then(|element| element.attr(name)?.parse().ok());
    let (likes, views) = (counted("media:starrating", "count"), counted("media:statistics", "views"));
    let at = words("published").as_deref().and_then(date::timestamp);
    Ok(Post {
        author: Author {
            id: words("yt:channelid").filter(|id| !id.is_empty()),
            name: words("name"),
            url: words("uri"),
            ..Author::default()
        },
        created: at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        text,
        text_state: TextState::Complete,
        metrics: Metrics { likes, views, seen_at: likes.or(views).map(|_| seen_at), ..Metrics::default() },
        ..video_named(&number)
    })
}
