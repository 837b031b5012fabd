//! What is looked at in every post, whichever platform it came from, before it is kept: a doubt is a sentence that an
//! editor must read before the post is quoted.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{Post, Skipped, TextState};
use crate::platform::Page;
use crate::warc;

/// 6 August 1991, when the first page of the web was announced: nothing that is quoted here is older.
const FIRST_PAGE: i64 = 681_436_800;

/// Adds doubts and drops addresses that are none. Pure: the same post, seen at the same time, always gets the same doubts.
pub(super) fn scrutinise(post: &mut Post, seen_at: DateTime<Utc>) {
    let mut doubts = Vec::new();
    if let Some(when) = post.created {
        // A day begins somewhere on earth before it does in UTC.
        if when.at() - seen_at > TimeDelta::days(1) {
            doubts.push(format!("its date {} lies after the time at which it was seen", when.to_rfc3339()));
        } else if when.at().timestamp() < FIRST_PAGE {
            doubts.push(format!("its date {} lies before the web began", when.to_rfc3339()));
        }
    }
    let name = post.author.name.as_deref().unwrap_or_default();
    if post.text.contains('\u{fffd}') || name.contains('\u{fffd}') {
        // Whatever stood there, it is not what the author wrote.
        post.text_state = TextState::Unknown;
        let why = "the source holds halves of characters, does not say how it is encoded, or lies";
        doubts.push(format!("some characters could not be read: {why}"));
    }
    if imitates_a_handle(post) {
        doubts.push(format!("the author's display name {name:?} imitates a handle"));
    }
    if let Some(url) = post.url.take_if(|url| !is_web_address(url)) {
        doubts.push(format!("its address {url:?} is none of the web"));
    }
    let addresses = post.links.len() + post.media.len();
    post.links.retain(|link| is_web_address(&link.url));
    post.media.retain_mut(|media| media.url.as_deref().is_none_or(is_web_address));
    if post.links.len() + post.media.len() < addresses {
        doubts.push("some of its links lead nowhere on the web and were left out".to_owned());
    }
    for doubt in doubts {
        if !post.doubts.contains(&doubt) {
            post.doubts.push(doubt);
        }
    }
}

/// Doubts what stands at the end of a page that breaks off, and says so: the words there may go on.
///
/// A page is whole if its `body` or `html` is closed; a part of a page if it closes the quotations that it opens.
pub(super) fn look_for_the_end(page: &mut Page, body: &str) {
    let body = body.trim_start_matches('\u{feff}').trim();
    let head = &body[..body.floor_char_boundary(1000)];
    let is_feed = ["<rss", "<feed", "<rdf:RDF"].iter().any(|root| head.contains(root)) && !head.contains("<html");
    if !body.starts_with('<') || is_feed {
        return;
    }
    let has = |tag: &str| memchr::memmem::find_iter(body.as_bytes(), tag.as_bytes()).count();
    let whole = ["</html", "</HTML", "</body", "</BODY"].into_iter().any(|end| has(end) > 0);
    let is_page = ["<html", "<HTML", "<body", "<BODY"].into_iter().any(|start| has(start) > 0);
    let is_cut = if is_page { !whole } else { has("<blockquote") > has("</blockquote") + has("<\\/blockquote") };
    if !is_cut {
        return;
    }
    // What a post quotes stands behind it.
    let last = page.posts.iter().rposition(|found| !found.nested).unwrap_or_default();
    for found in page.posts.iter_mut().skip(last) {
        if found.post.text_state == TextState::Complete {
            found.post.text_state = TextState::Unknown;
        }
        found.post.doubts.push("the page has no end: it may be cut, and the words there may go on".to_owned());
    }
    page.skipped.push(Skipped {
        at: "the end".to_owned(),
        reason: "the page does not close what it opens, and may be cut".to_owned(),
    });
}

/// Doubts a post out of a body that something was struck out of, if it shows the stars.
pub(super) fn look_for_stars(post: &mut Post) {
    // Wherever they stand. Such bodies are rare.
    let shows = serde_json::to_string(post).is_ok_and(|json| json.contains(warc::STARS));
    if shows {
        post.doubts.push(format!(
            "{} may stand for words of its author: they read like a secret that pullquote sent, and were struck out",
            warc::STARS
        ));
    }
}

/// Whether the display name holds an `@handle` that is not the author's own.
fn imitates_a_handle(post: &Post) -> bool {
    let Some(name) = post.author.name.as_ref().filter(|name| name.contains(['@', '＠'])) else { return false };
    let own = post.author.handle.as_ref().map(|handle| handle.folded()).unwrap_or_default();
    let user = own.split('@').next().unwrap_or_default();
    let name = name.to_lowercase();
    name.match_indices(['@', '＠']).any(|(at, mark)| {
        // "a@b" is no handle of anybody; and a name of many such must not be read to its end from each of them.
        if name[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
            return false;
        }
        let named: String = name[at + mark.len()..]
            .chars()
            // Marks that show nothing hide no handle from a reader.
            .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'))
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@'))
            .collect();
        let named = named.trim_end_matches(['.', '-']);
        // Nor is "Dana @ work".
        !named.is_empty() && named != own && named != user
    })
}

/// Whether an address is one that a reader may follow: http, https, or the AT Protocol's own.
fn is_web_address(url: &str) -> bool {
    // Nearly all are written so.
    if url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return true;
    }
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.trim().to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "at")) && !url.contains(|c: char| c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Author, Handle, Precision, When, WhenSource};

    fn post(name: &str, handle: &str) -> Post {
        let author = Author { name: Some(name.into()), handle: Handle::new(handle), ..Author::default() };
        Post { author, ..Post::default() }
    }

    #[test]
    fn names_that_imitate_a_handle() {
        for (name, handle, imitates) in [
            ("Pope Francis (@pontifex)", "mallory@b.example", true),
            ("@pontifex", "mallory", true),
            ("Dana @ work", "dana", false),
            ("Pope (@\u{200b}pontifex)", "mallory", true),
            (&"a@".repeat(200_000), "mallory", false),
            ("dana@home", "dana", false),
            ("Dana (@dana)", "dana@a.example", false),
            ("İ @İx", "y", true),
            ("Dana", "dana", false),
        ] {
            assert_eq!(imitates_a_handle(&post(name, handle)), imitates, "{name}");
        }
    }

    #[test]
    fn a_date_that_cannot_be_is_doubted() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let seen = at("2021-07-27T12:00:00Z");
        for (created, doubts) in [
            ("2021-07-26T18:00:00Z", 0),
            ("2021-07-28T11:00:00Z", 0),
            ("2021-07-28T13:00:00Z", 1),
            ("2080-07-10T00:00:00Z", 1),
            ("1991-08-07T00:00:00Z", 0),
            ("0001-07-26T00:00:00Z", 1),
        ] {
            let mut post =
                Post { created: When::new(at(created), Precision::Second, WhenSource::Id), ..Post::default() };
            scrutinise(&mut post, seen);
            assert_eq!(post.doubts.len(), doubts, "{created}");
        }
    }

    #[test]
    fn addresses_that_are_none_are_dropped_and_said() {
        let mut post = post("Dana", "dana");
        post.url = Some("javascript:alert(1)".into());
        scrutinise(&mut post, DateTime::UNIX_EPOCH);
        assert_eq!((post.url, post.doubts.len()), (None, 1));
    }
}
