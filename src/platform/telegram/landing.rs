//! The page that `t.me/CHANNEL/ID` shows to those who have no app: it frames the message, and says its words only in its
//! head, for other sites.

use scraper::Html;
use url::Url;

use super::named;
use crate::model::{Author, Found, Post, Skipped, TextState};
use crate::platform::Page;
use crate::platform::printed::embeds::elements;
use crate::platform::printed::inline;
use crate::text;

/// Reads the head of a page; `None` if it does not lead to a message.
pub(super) fn read(html: &Html) -> Option<Page> {
    let metas = || elements(html, &["meta"]);
    let content = |wanted: &str| {
        let is =
            |attribute: &str, meta: &scraper::ElementRef<'_>| text::attribute(meta.value(), attribute) == Some(wanted);
        metas()
            .find(|meta| is("property", meta) || is("name", meta))
            .and_then(|meta| text::attribute(meta.value(), "content"))
    };
    let app = Url::parse(content("al:ios:url").or_else(|| content("al:android:url"))?).ok()?;
    let named_in =
        |wanted: &str| app.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    if app.scheme() != "tg" {
        return None;
    }
    let post = named(&named_in("domain")?, &named_in("post")?)?;
    let mut page = Page { shape: "landing", ..Page::default() };
    let at = "meta".to_owned();
    let said = content("og:description").unwrap_or_default().trim_matches('\n');
    if said.trim().is_empty() {
        page.skipped.push(Skipped { at, reason: "has no text in the head of its page".to_owned() });
        return Some(page);
    }
    let inline = inline::read(said);
    let mut doubts = vec![
        "The page does not tell whether the words are the channel's own: they may have been forwarded, or be of somebody \
         in a group."
            .to_owned(),
    ];
    if named_in("comment").is_some() || named_in("thread").is_some() {
        doubts.push("The page is about an answer to the message, and may show the words of either.".to_owned());
    }
    let post = Post {
        author: Author { name: content("og:title").map(str::to_owned), ..Author::default() },
        text: said.to_owned(),
        text_state: TextState::Unknown,
        hashtags: inline.hashtags,
        mentions: inline.mentions,
        links: inline.links,
        doubts,
        ..post
    };
    page.posts.push(Found { post, at, nested: false });
    Some(page)
}
