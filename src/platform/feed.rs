//! Feeds of any site: RSS, Atom, JSON Feed. The reader of last resort for feeds that no platform claims as its own.
//!
//! An entry is a post of the platform that its address leads to, if one knows the address, else of the site itself. Its words
//! are those below the title; where there are none, the title. Whether a feed gives all of them it does not say. Authors
//! are names, never handles: whose they are a feed does not prove.

mod live;
mod mend;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model::{Entry, Feed, FeedType};
use feed_rs::parser;
use scraper::Html;

use super::scope::TITLE;
use super::{Page, ParseError, Platform, Shape, post_at};
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Author, Found, Hashtag, Media, Post, Precision, Skipped, TextState, When, WhenSource};
use crate::text::{self, Rendered};

/// Feeds of any site.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Feed",
    cited: Some(|_| None),
    about: "RSS, Atom and JSON feeds of any site: the entries that carry the tag",
    live: Some(live::LIVE),
    one: None,
    shapes: &[Shape {
        name: "feed",
        what: "an RSS (0.9 to 2.0), Atom or JSON feed",
        told_by: "`rss`, `feed` or `rdf:RDF` at the beginning, or `version` of jsonfeed.org",
        lacks: "handles, counts, whether the words are all; the title stands among the labels",
    }],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "feed";

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let source = exchange.text()?;
    let source = source.trim_start_matches('\u{feff}').trim_start();
    let status = exchange.response.status;
    if status >= 400 {
        return Err(ParseError::Refused { platform: NAME, status, message: "no reason given".to_owned() });
    }
    let Parsed { feed, broken_off } = parsed(source).map_err(misfit)?;
    if let Some(mut page) = live::of_another(exchange) {
        live::follow(exchange, &mut page);
        return Ok(page);
    }
    let mut page = Page { shape: "feed", ..Page::default() };
    for (i, entry) in feed.entries.iter().enumerate() {
        let at = format!("entry {}", i + 1);
        match post(entry, &feed) {
            Ok(post) => page.posts.push(Found { post, at, nested: false }),
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    page.skipped.extend(broken_off);
    live::follow(exchange, &mut page);
    Ok(page)
}

/// A feed as it stands, for platforms that know their own.
pub(super) struct Parsed {
    pub(super) feed: Feed,
    /// That it breaks off, if it does.
    pub(super) broken_off: Option<Skipped>,
}

/// Reads a feed, as far as it is one.
///
/// # Errors
/// What is wrong with what is none.
pub(super) fn parsed(source: &str) -> Result<Parsed, String> {
    let head: String = source.chars().take(2000).collect::<String>().to_ascii_lowercase();
    let is_markup = head.trim_start_matches('\u{feff}').trim_start().starts_with('<');
    let is_feed =
        is_markup && ["<rss", "<feed", "<rdf:rdf"].iter().any(|tag| head.contains(tag)) && !head.contains("<html");
    if !is_feed && !head.contains("jsonfeed.org/version") {
        return Err("neither RSS nor Atom nor a JSON feed at its beginning".to_owned());
    }
    // What has no id gets none: nothing is made up. A parser that has failed once holds half an entry: each is used once.
    let parser = || {
        let builder = parser::Builder::new().id_generator(|_, _, _| String::new()).timestamp_parser(date::timestamp);
        builder.sanitize_content(false).build()
    };
    // JSON is no markup: what looks like some there are somebody's words.
    let source = if is_feed { mend::markup(source) } else { Cow::Borrowed(source) };
    // feed-rs panics on some feeds (an author's address with a letter beyond ASCII behind it, a length of too many digits).
    let parse = |source: &str| match catch_unwind(AssertUnwindSafe(|| parser().parse(source.as_bytes()))) {
        Ok(parsed) => parsed.map_err(|error| error.to_string()),
        Err(_) => Err("a feed on which its parser fails".to_owned()),
    };
    let (source, fault) = match parse(&source) {
        Ok(feed) => return Ok(Parsed { feed, broken_off: None }),
        Err(fault) if !is_feed => return Err(fault),
        Err(fault) => (mend::references(&source), fault),
    };
    if let Ok(feed) = parse(&source) {
        return Ok(Parsed { feed, broken_off: None });
    }
    let feed = mend::broken_off(&source).and_then(|whole| parse(&whole).ok()).ok_or(fault)?;
    let at = format!("after entry {}", feed.entries.len());
    Ok(Parsed { feed, broken_off: Some(Skipped { at, reason: "the feed breaks off there".to_owned() }) })
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

fn post(entry: &Entry, feed: &Feed) -> Result<Post, String> {
    let is_page = |link: &&feed_rs::model::Link| link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    let link = entry.links.iter().find(is_page).or(entry.links.first()).map(|link| link.href.clone());
    let id = Some(entry.id.clone()).filter(|id| !id.is_empty());
    let mut post = link.as_deref().and_then(post_at).unwrap_or_else(|| Post {
        platform: NAME.to_owned(),
        url: link.clone().filter(|link| link.starts_with("http")),
        ..Post::default()
    });
    post.id = post.id.take().or(id);
    if post.id.is_none() && post.url.is_none() {
        return Err("has neither id nor address".to_owned());
    }
    let content =
        entry.content.as_ref().and_then(|content| Some((content.body.as_deref()?, content.content_type.as_str())));
    let summary = || entry.summary.as_ref().map(|summary| (summary.content.as_str(), summary.content_type.as_str()));
    let described = || entry.media.iter().find_map(|media| media.description.as_ref());
    let described = || described().map(|words| (words.content.as_str(), words.content_type.as_str()));
    let is_said = |(body, _): &(&str, &str)| !body.trim().is_empty();
    let (body, kind) =
        content.filter(is_said).or_else(|| summary().filter(is_said)).or_else(described).unwrap_or_default();
    // RSS does not tell text from HTML; Atom and JSON feeds do.
    let is_rss = matches!(feed.feed_type, FeedType::RSS0 | FeedType::RSS1 | FeedType::RSS2);
    let is_plain = |kind: &str| kind == "text/plain" && !is_rss;
    let Rendered { text: said, links, unshown } = match kind {
        _ if is_plain(kind) => Rendered { text: body.to_owned(), ..Rendered::default() },
        // What has no tags was typed as it stands; what has some, a browser sets.
        _ if body.contains('<') && text::is_affordable(body) => {
            text::of_element(Html::parse_fragment(&mend::tags(body)).root_element())
        }
        _ => text::from_fragment(body),
    };
    let title = entry.title.as_ref().map(|title| match is_plain(title.content_type.as_str()) {
        true => title.content.trim().to_owned(),
        false => text::unescape(title.content.trim()).into_owned(),
    });
    let title = title.unwrap_or_default();
    post.text = if said.trim().is_empty() { title.clone() } else { said };
    if post.text.is_empty() {
        return Err("has no text".to_owned());
    }
    if !title.is_empty() && title != post.text {
        post.labels.push(format!("{TITLE}{title}"));
    }
    post.text_state = TextState::Unknown;
    if post.platform != NAME {
        post.doubts.push("A feed shows these words beside the post's address; they may be somebody else's.".to_owned());
    }
    post.doubts.extend(unshown.doubts());
    post.links = links;
    post.hashtags = entry.categories.iter().filter_map(|category| Hashtag::new(&category.term)).collect();
    let author = entry.authors.first().or(feed.authors.first());
    post.author = Author { name: author.and_then(|author| author.name.clone()), ..post.author };
    // Anybody writes a feed: its date is a page's word, not the platform's.
    let stated = entry.published.or(entry.updated).and_then(|at| When::new(at, Precision::Second, WhenSource::Page));
    post.created = post.created.or(stated);
    post.lang = feed.language.clone().filter(|lang| !lang.is_empty());
    let files = entry.media.iter().flat_map(|media| &media.content).filter_map(|content| content.url.as_ref());
    post.media =
        files.map(|url| Media { url: Some(url.to_string()), kind: "unknown".to_owned(), ..Media::default() }).collect();
    Ok(post)
}

#[cfg(test)]
mod tests {
    use super::parsed;

    #[test]
    fn a_parser_that_fails_takes_nobody_with_it() {
        let author = "<rss version=\"2.0\"><channel><item><link>https://a.example/1</link><author>a@b.example&#12304;M)</author>\
            <description>b</description></item></channel></rss>";
        assert!(parsed(author).is_err());
    }

    #[test]
    fn words_of_a_json_feed_stay_whatever_they_look_like() {
        let words = "put <?xml version='1.0'?> first, then <author>a@b.example (Ada)</author> & more";
        let feed = format!(
            "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"<rss-like\",\"items\":[{{\"id\":\"1\",\"content_text\":\"{words}\"}}]}}"
        );
        let feed = parsed(&feed).unwrap().feed;
        let entry = feed.entries.first().unwrap();
        let said = entry.content.as_ref().and_then(|content| content.body.as_deref());
        assert_eq!(said.or(entry.summary.as_ref().map(|summary| summary.content.as_str())), Some(words));
    }
}
