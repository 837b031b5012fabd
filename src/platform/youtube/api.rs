//! Answers of the Data API v3: <https://developers.google.com/youtube/v3/docs/comments>.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::words::tell;
use super::{comment_named, comment_ref, is_id, misfit, video_ref};
use crate::date;
use crate::model::{Author, Found, Handle, Kind, Metrics, Post, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::json::id;
use crate::platform::{Page, ParseError};
use crate::text;

pub(super) struct Reading {
    pub(super) page: Page,
    pub(super) seen_at: DateTime<Utc>,
}

impl Reading {
    pub(super) fn document(&mut self, at: &str, value: &Value) -> Result<(), ParseError> {
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

    pub(super) fn skip(&mut self, at: String, reason: String) {
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
        let video = words("videoId").or(video).filter(|video| is_id(video));
        // Under a video a comment answers it.
        let answered = words("parentId").map(comment_ref).or_else(|| video.map(video_ref));
        let likes = snippet["likeCount"].as_u64();
        let mut post = Post {
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
            metrics: Metrics { likes, seen_at: likes.map(|_| self.seen_at), ..Metrics::default() },
            ..comment_named(&number, video)
        };
        tell(&mut post, shown.map(|shown| shown.links).unwrap_or_default());
        Ok(post)
    }
}
