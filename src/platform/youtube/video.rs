//! Videos: what videos.list of the Data API and an oEmbed answer say of them. Title and description are one text, with an
//! empty line between the two; the labels that nobody sees but searches (`tags`) are kept as labels.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::{channel, is_id, post_at, video_named};
use crate::date;
use crate::model::{Author, Found, Hashtag, Metrics, Post, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::Page;
use crate::platform::json::{count, words};
use crate::platform::scope::KEYWORD;
use crate::platform::words::hashtags;

/// Whether it is an answer of videos.list.
pub(super) fn is_list(value: &Value) -> bool {
    value["kind"] == "youtube#videoListResponse"
}

/// Reads an answer of videos.list (<https://developers.google.com/youtube/v3/docs/videos>).
pub(super) fn read(value: &Value, at: &str, seen_at: DateTime<Utc>) -> Page {
    let mut page = Page { shape: "videos", ..Page::default() };
    for (i, item) in value["items"].as_array().into_iter().flatten().enumerate() {
        let at = format!("{at}/items/{i}");
        match video(item, seen_at) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    page
}

fn video(item: &Value, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let id = words(item, "id").filter(|id| is_id(id)).ok_or("has no id")?;
    let (snippet, counts) = (&item["snippet"], &item["statistics"]);
    let said = [words(snippet, "title"), words(snippet, "description")];
    let text = said.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    if text.is_empty() {
        return Err("has no text".to_owned());
    }
    let home = words(snippet, "channelId").filter(|id| is_id(id));
    let at = words(snippet, "publishedAt").and_then(date::timestamp);
    let labels = snippet["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut metrics = Metrics {
        likes: count(&counts["likeCount"]),
        views: count(&counts["viewCount"]),
        replies: count(&counts["commentCount"]),
        ..Metrics::default()
    };
    metrics.seen_at = metrics.likes.or(metrics.views).or(metrics.replies).map(|_| seen_at);
    Ok(Post {
        author: Author {
            id: home.map(str::to_owned),
            name: words(snippet, "channelTitle").map(str::to_owned),
            url: home.map(|id| format!("{}/channel/{id}", super::SITE)),
            ..Author::default()
        },
        created: at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        hashtags: each_once(&text),
        text,
        text_state: TextState::Complete,
        lang: words(snippet, "defaultLanguage").map(str::to_owned),
        labels: labels.map(|label| format!("{KEYWORD}{label}")).collect(),
        metrics,
        ..video_named(id)
    })
}

/// The hashtags of a title and a description, where nobody marks them.
fn each_once(text: &str) -> Vec<Hashtag> {
    let mut tags: Vec<Hashtag> = Vec::new();
    for tag in hashtags(text) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// Reads an oEmbed answer, which tells a video's title and whose it is. `asked` is the address that was asked about.
pub(super) fn embedded(answer: &Value, asked: Option<&str>) -> Page {
    let mut page = Page { shape: "oembed", ..Page::default() };
    let at = "document".to_owned();
    let framed = words(answer, "html").and_then(|html| html.split_once("/embed/")).map(|(_, rest)| rest);
    let framed = framed.and_then(|rest| rest.split(['?', '"', '&', '\\']).next());
    let asked = asked.and_then(|asked| Url::parse(asked).ok()).as_ref().and_then(post_at).and_then(|post| post.id);
    let id = framed.map(str::to_owned).or(asked).filter(|id| id.len() == 11 && is_id(id));
    let (Some(id), Some(title)) = (id, words(answer, "title")) else {
        page.skipped.push(Skipped { at, reason: "embeds no video, or one without a title".to_owned() });
        return page;
    };
    let home = words(answer, "author_url");
    let (handle, account) = home.map(channel).unwrap_or_default();
    let post = Post {
        author: Author {
            id: account,
            name: words(answer, "author_name").map(str::to_owned),
            url: home.filter(|home| home.starts_with("http")).map(str::to_owned),
            handle,
            ..Author::default()
        },
        hashtags: each_once(title),
        text: title.to_owned(),
        // Whether a description stands below the title is not said.
        text_state: TextState::Unknown,
        ..video_named(&id)
    };
    page.posts.push(Found { post, at, nested: false });
    page
}

#[cfg(test)]
mod tests {
    use super::each_once;

    #[test]
    fn a_hashtag_stands_behind_its_sign() {
        let tags = |text: &str| each_once(text).iter().map(|tag| tag.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(tags("#Flood at (#dyke_1, #Flood)\n＃Wasser #été # ##"), ["Flood", "dyke_1", "Wasser", "été"]);
        assert!(tags("C#flood https://a.example/#top &#39; #").is_empty());
    }
}
