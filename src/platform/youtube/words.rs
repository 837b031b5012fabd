//! The words of a comment as the site shows them.
//!
//! Long addresses are shown cut, and lead where the whole one does; addresses of videos may be shown as the title of the
//! video, and signs of a channel's own as pictures: what the author typed there is not known.

use serde_json::Value;
use url::Url;

use super::channel;
use crate::model::{Hashtag, Link, Mention, Post, TextState};
use crate::text::{Rendered, Unshown};

/// Gives a post the words that are shown, as far as they are its author's. `has_pictures`: some are no words.
pub(super) fn say(post: &mut Post, shown: Rendered, has_pictures: bool) {
    let Rendered { text, links, unshown } = shown;
    (post.text, post.text_state) = (String::new(), TextState::Complete);
    post.doubts.extend(unshown.doubts());
    if has_pictures {
        post.text_state = TextState::Unknown;
        post.doubts.push("Pictures stand between the words, which plain text does not show.".to_owned());
    }
    let mut rest = text.as_str();
    for link in &links {
        let url = target(&link.url);
        if let Some(stem) = link.shown.strip_suffix("...").or_else(|| link.shown.strip_suffix('…')) {
            let without_scheme = url.split_once("://").map(|(_, address)| address);
            let whole = [Some(url.as_str()), without_scheme].into_iter().flatten().find(|url| url.starts_with(stem));
            match (whole, rest.split_once(link.shown.as_str())) {
                (Some(whole), Some((before, after))) => {
                    post.text.push_str(before);
                    post.text.push_str(whole);
                    rest = after;
                }
                _ => post.text_state = TextState::Unknown,
            }
        } else if is_title(&link.shown, &url) {
            post.text_state = TextState::Unknown;
            post.doubts.push(format!("Where {:?} is shown, the author linked to a video.", link.shown.trim()));
        }
    }
    post.text.push_str(rest);
    tell(post, links);
}

/// What is said by links: hashtags, mentions, and links.
pub(super) fn tell(post: &mut Post, links: Vec<Link>) {
    for Link { shown, url } in links {
        let url = target(&url);
        if let Some(tag) = shown.starts_with('#').then(|| Hashtag::new(&shown)).flatten() {
            post.hashtags.push(tag);
        } else if let Some((handle, id)) = Some(channel(&url)).filter(|(handle, id)| handle.is_some() || id.is_some()) {
            post.mentions.push(Mention { handle, id, url: Some(url) });
        } else {
            post.links.push(Link { shown, url });
        }
    }
}

/// Whether a link to a video is shown by other words than its address or a time in it.
fn is_title(shown: &str, url: &str) -> bool {
    let is_video = Url::parse(url).ok().as_ref().and_then(super::post_at).is_some();
    let is_time = shown.bytes().all(|byte| byte.is_ascii_digit() || byte == b':' || byte.is_ascii_whitespace());
    is_video && !is_time && !shown.contains("youtu")
}

/// Where a link of the site leads: others go through a page that warns of other sites.
fn target(href: &str) -> String {
    let Some(url) = Url::parse(super::SITE).ok().and_then(|site| site.join(href).ok()) else {
        return href.to_owned();
    };
    let leads = url.host_str().is_some_and(|host| host.ends_with("youtube.com")) && url.path() == "/redirect";
    match url.query_pairs().find(|(name, _)| leads && name == "q") {
        Some((_, url)) => url.into_owned(),
        None if href.starts_with('/') => url.into(),
        None => href.to_owned(),
    }
}

/// Words with marks beside them, which count in units of UTF-16: `content`, `commandRuns`, `attachmentRuns`. The flag says
/// whether pictures stand for words.
pub(super) fn of_content(value: &Value) -> Option<(Rendered, bool)> {
    let text = value["content"].as_str()?;
    let runs = |name: &str| value[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let marks = [runs("commandRuns"), runs("attachmentRuns"), runs("styleRuns")];
    let mut starts = Vec::new();
    if marks.iter().any(|runs| !runs.is_empty()) {
        // Both halves of a character that takes two units stand where it stands.
        starts.extend(text.char_indices().flat_map(|(at, c)| std::iter::repeat_n(at, c.len_utf16())));
        starts.push(text.len());
    }
    let marked = |run: &Value| {
        let from = usize::try_from(run["startIndex"].as_u64()?).ok()?;
        let to = from.checked_add(usize::try_from(run["length"].as_u64()?).ok()?)?;
        text.get(*starts.get(from)?..*starts.get(to)?)
    };
    let links = runs("commandRuns").iter().filter_map(|run| {
        Some(Link { shown: marked(run)?.to_owned(), url: led_to(&run["onTap"]["innertubeCommand"])?.to_owned() })
    });
    // An emoji is shown as a picture, too, and stands in the text.
    let is_unsaid = |run: &Value| {
        marked(run).is_none_or(|covered| covered.trim_matches(['\u{25a1}', '\u{fffc}', '\u{200b}', ' ']).is_empty())
    };
    let struck = runs("styleRuns").iter().any(|run| run.get("strikethrough").is_some_and(|is| is != "LINE_STYLE_NONE"));
    let rendered =
        Rendered { text: text.to_owned(), links: links.collect(), unshown: Unshown { struck, ..Unshown::default() } };
    Some((rendered, runs("attachmentRuns").iter().any(is_unsaid)))
}

/// Words in pieces, as answers had them until 2024: `runs`, or `simpleText`.
pub(super) fn of_runs(value: &Value) -> Option<(Rendered, bool)> {
    let mut said = Rendered::default();
    if let Some(text) = value["simpleText"].as_str() {
        said.text = text.to_owned();
        return Some((said, false));
    }
    let mut has_pictures = false;
    for run in value["runs"].as_array()? {
        let emoji = &run["emoji"];
        // A channel's own signs have a name in the place of a character.
        let is_own = emoji["isCustomEmoji"] == true;
        has_pictures |= is_own;
        let Some(words) = run["text"].as_str().or_else(|| emoji["emojiId"].as_str().filter(|_| !is_own)) else {
            continue;
        };
        said.text.push_str(words);
        said.unshown.struck |= run["strikethrough"] == true;
        if let Some(url) = led_to(&run["navigationEndpoint"]) {
            said.links.push(Link { shown: words.to_owned(), url: url.to_owned() });
        }
    }
    Some((said, has_pictures))
}

fn led_to(command: &Value) -> Option<&str> {
    let url = command["urlEndpoint"]["url"].as_str();
    url.or_else(|| command["commandMetadata"]["webCommandMetadata"]["url"].as_str())
}

/// The words in which a time, a name or a number is shown.
pub(super) fn plain(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| of_runs(value).map(|(said, _)| said.text))
}
