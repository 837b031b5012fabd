//! Content as HTML, in posts of several types: text, photo, quote, link, chat, audio, video, answer.

use serde_json::Value;

use super::npf::Said;
use super::post_at;
use crate::model::{Handle, Link, Media, Mention};
use crate::platform::json::words;
use crate::text::{self, Rendered, Unshown};
use url::Url;

/// What a blog adds under what it passes on, if the answer keeps the two apart.
pub(super) fn comment(post: &Value) -> Option<&str> {
    let current = post["trail"].as_array().and_then(|trail| trail.iter().find(|item| item["is_current_item"] == true));
    let current = current.and_then(|item| item["content"].as_str().or_else(|| item["content_raw"].as_str()));
    let all_others = || post["trail"].as_array().filter(|trail| !trail.is_empty()).map(|_| "");
    current.or_else(|| post["reblog"]["comment"].as_str()).or_else(all_others)
}

/// The words of a post as HTML, with those of others if it is a reblog.
pub(super) fn whole(post: &Value) -> &str {
    let names = match post["type"].as_str() {
        Some("answer") => ["answer", "body"],
        Some("link") => ["description", "body"],
        Some("photo" | "audio" | "video") => ["caption", "body"],
        Some("quote") => ["source", "body"],
        _ => ["body", "caption"],
    };
    names.iter().find_map(|name| words(post, name)).unwrap_or_default()
}

/// Reads HTML of a post of that number.
pub(super) fn html(html: &str, number: &str) -> Said {
    let Rendered { mut text, mut links, unshown } = text::from_fragment(html);
    // Where a blog hides the rest of a post, some sources hide it, too.
    const MORE: &str = "Keep reading";
    let leads_here = |link: &Link| {
        let post = Url::parse(&link.url).ok().as_ref().and_then(post_at);
        link.shown == MORE && post.is_some_and(|post| post.id.as_deref() == Some(number))
    };
    let is_cut = text.ends_with(MORE) && links.last().is_some_and(leads_here);
    if is_cut {
        links.pop();
        let kept = text.len() - MORE.len();
        text.truncate(text.get(..kept).map_or(kept, |kept| kept.trim_end().len()));
    }
    let is_mention = |link: &Link| link.shown.starts_with('@');
    let (mentions, links): (Vec<Link>, Vec<Link>) = links.into_iter().partition(is_mention);
    let mention = |link: Link| Some(Mention { handle: Some(Handle::new(&link.shown)?), url: Some(link.url), id: None });
    Said {
        text,
        links,
        mentions: mentions.into_iter().filter_map(mention).collect(),
        unshown,
        is_cut,
        ..Said::default()
    }
}

/// Reads a text without tags.
pub(super) fn plain(text: &str) -> Said {
    Said { text: text::unescape(text).replace("\r\n", "\n"), ..Said::default() }
}

/// What stands beside the words: the title above them, what is quoted, what is shown. It is the first post's.
pub(super) fn beside(post: &Value, said: Said) -> Said {
    let title = words(post, "title").map(|title| text::unescape(title).into_owned()).unwrap_or_default();
    let mut said = match post["type"].as_str() {
        Some("quote") => {
            let quoted = text::from_fragment(words(post, "text").unwrap_or_default());
            let links = [quoted.links, said.links].concat();
            let unshown = Unshown { quoted: true, ..said.unshown.or(quoted.unshown) };
            Said { text: above(&quoted.text, &said.text), links, unshown, ..said }
        }
        Some("link") => {
            let link = words(post, "url").map(|url| Link { shown: title.clone(), url: url.to_owned() });
            let links = link.into_iter().chain(said.links).collect();
            Said { text: above(&title, &said.text), links, ..said }
        }
        Some("text" | "chat") => Said { text: above(&title, &said.text), ..said },
        _ => said,
    };
    said.media.extend(media(post));
    said
}

fn above(first: &str, second: &str) -> String {
    let between = if first.is_empty() || second.is_empty() { "" } else { "\n\n" };
    format!("{first}{between}{second}")
}

fn media(post: &Value) -> Vec<Media> {
    let size = |value: &Value| value.as_u64().and_then(|size| u32::try_from(size).ok());
    let photo = |photo: &Value| {
        let file = if photo["original_size"].is_object() { &photo["original_size"] } else { &photo["alt_sizes"][0] };
        Some(Media {
            url: Some(words(file, "url")?.to_owned()),
            kind: "image".to_owned(),
            alt: words(photo, "caption").map(str::to_owned),
            width: size(&file["width"]),
            height: size(&file["height"]),
        })
    };
    let photos = post["photos"].as_array().into_iter().flatten().filter_map(photo);
    let other = [("video_url", "video"), ("audio_url", "audio")].into_iter().filter_map(|(name, kind)| {
        Some(Media { url: Some(words(post, name)?.to_owned()), kind: kind.to_owned(), ..Media::default() })
    });
    photos.chain(other).collect()
}
