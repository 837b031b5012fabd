//! What is attached to a post on a page of Nitter: pictures, films, a poll, and the counts below it.

use percent_encoding::percent_decode_str;
use scraper::ElementRef;

use super::{shown, walk};
use crate::model::{Media, Metrics, Poll, PollOption};
use crate::text;

/// The pictures and films of `.attachments`.
pub(super) fn media(attachments: ElementRef<'_>) -> Vec<Media> {
    let mut found: Vec<Media> = Vec::new();
    // Set for a film, whose address stands further inside.
    let mut film = false;
    walk(attachments, |node| {
        let Some(element) = ElementRef::wrap(node) else { return true };
        let attribute = |name| text::attribute(element.value(), name);
        for class in text::classes(element.value()) {
            let kind = match class {
                "still-image" => "image",
                "video-container" => "video",
                "gallery-gif" => "gif",
                _ => continue,
            };
            film = kind != "image";
            let url = attribute("href").filter(|_| !film).and_then(file);
            found.push(Media { kind: kind.to_owned(), url, ..Media::default() });
        }
        let Some(last) = found.last_mut() else { return true };
        match element.value().name() {
            "video" | "source" if film => {
                let source = attribute("src").or_else(|| attribute("data-url"));
                last.url = last.url.take().or_else(|| source.and_then(file));
            }
            "img" if !film => last.alt = attribute("alt").filter(|alt| !alt.is_empty()).map(str::to_owned),
            _ => {}
        }
        true
    });
    found
}

/// The address of a file at X, which Nitter's own address for it holds: `/pic/orig/media%2FNAME.jpg`,
/// `/pic/media%2FNAME.jpg%3Fname%3Dorig`, `/video/CODE/https%3A%2F%2Fvideo.twimg.com%2F…`. `None` where a server hides it.
pub(super) fn file(address: &str) -> Option<String> {
    /// The folders of `pbs.twimg.com`, which alone is left out.
    const FOLDERS: [&str; 4] = ["media/", "ext_tw_video_thumb/", "tweet_video_thumb/", "amplify_video_thumb/"];
    if address.starts_with("https://video.twimg.com/") || address.starts_with("https://pbs.twimg.com/") {
        return Some(address.to_owned());
    }
    let (whole, inside) = match address.split_once("/pic/") {
        Some((_, inside)) => (inside.strip_prefix("orig/"), inside),
        None => (None, address.split_once("/video/")?.1.split_once('/')?.1),
    };
    let inside = percent_decode_str(whole.unwrap_or(inside)).decode_utf8().ok()?;
    let size = if whole.is_some() && !inside.contains('?') { "?name=orig" } else { "" };
    match inside.as_ref() {
        url if url.starts_with("https://") => Some(format!("{url}{size}")),
        url if url.starts_with("video.twimg.com/") || url.starts_with("pbs.twimg.com/") => {
            Some(format!("https://{url}{size}"))
        }
        path if FOLDERS.iter().any(|folder| path.starts_with(folder)) => {
            Some(format!("https://pbs.twimg.com/{path}{size}"))
        }
        _ => None,
    }
}

/// The answers of a poll. Beside them stand shares in per cent, not votes.
pub(super) fn poll(poll: ElementRef<'_>) -> Poll {
    let mut options = Vec::new();
    walk(poll, |node| {
        let answer = ElementRef::wrap(node)
            .filter(|element| text::classes(element.value()).any(|class| class == "poll-choice-option"));
        options.extend(answer.map(|answer| PollOption { title: shown(answer), votes: None }));
        true
    });
    Poll { options, ..Poll::default() }
}

/// Takes one of the counts: an icon and a number, with commas. An empty one tells nothing.
pub(super) fn count(stat: ElementRef<'_>, metrics: &mut Metrics) {
    let mut icon = None;
    walk(stat, |node| {
        let element = node.value().as_element();
        let mut classes = element.into_iter().flat_map(text::classes);
        icon =
            icon.or_else(|| classes.find_map(|class| class.strip_prefix("icon-").filter(|name| *name != "container")));
        true
    });
    let count = match icon {
        Some("comment") => &mut metrics.replies,
        Some("retweet") => &mut metrics.reposts,
        Some("quote") => &mut metrics.quotes,
        Some("heart") => &mut metrics.likes,
        Some("views") => &mut metrics.views,
        _ => return,
    };
    *count = number(&shown(stat));
}

/// A whole number, with or without commas between its thousands.
fn number(shown: &str) -> Option<u64> {
    let mut groups = shown.split(',').skip(1);
    let fits = shown.starts_with(|c: char| c.is_ascii_digit()) && groups.all(|group| group.len() == 3);
    shown.replace(',', "").parse().ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn the_address_of_a_file_is_taken_out_of_that_of_a_front() {
        for (address, at_x) in [
            ("/pic/media%2FmossA.jpg%3Fname%3Dorig", Some("https://pbs.twimg.com/media/mossA.jpg?name=orig")),
            ("/pic/media/mossA.jpg?name=orig", Some("https://pbs.twimg.com/media/mossA.jpg?name=orig")),
            ("/pic/media/mossA?format=jpg&name=orig", Some("https://pbs.twimg.com/media/mossA?format=jpg&name=orig")),
            ("/pic/orig/media%2Fmoss+A.jpg", Some("https://pbs.twimg.com/media/moss+A.jpg?name=orig")),
            (
                "/video/0A1B/https%3A%2F%2Fvideo.twimg.com%2Fm.mp4%3Ftag%3D12",
                Some("https://video.twimg.com/m.mp4?tag=12"),
            ),
            ("/pic/orig/enc/bWVkaWE=", None),
            ("/pic/media%2F%FF.jpg", None),
        ] {
            assert_eq!(file(address).as_deref(), at_x, "{address}");
        }
    }
}
