//! Pages of twitter.com as they were served until 2020, saved: timelines, searches, single posts with their answers.
//!
//! Each post is a `.tweet` with its id, author and time in attributes; its words are shown as they stand (`white-space:
//! pre-wrap`), pictures of emoji stand for emoji. A link is shown cut, with its hidden parts beside it: the whole address
//! is kept. What a page retweets is the original post; who retweeted it is told only by name and left out.

use chrono::{DateTime, Utc};
use scraper::node::Node;
use scraper::{ElementRef, Html, Selector};
use std::sync::LazyLock;

use super::status::may_be_day;
use super::{links, misfit, tweet};
use crate::exchange::Exchange;
use crate::model::{
    Author, Found, Handle, Kind, Link, Media, Metrics, Post, Precision, Skipped, TextState, When, WhenSource,
};
use crate::platform::printed::inline;
use crate::platform::{Page, ParseError};
use crate::text::{self, Unshown};

static TWEET: LazyLock<Selector> = LazyLock::new(|| Selector::parse("div.tweet[data-tweet-id]").expect("a selector"));

/// Reads a page.
///
/// # Errors
/// If it is none of twitter.com.
pub(super) fn read(source: &str, exchange: &Exchange) -> Result<Page, ParseError> {
    // Any page may come here, and most are not of X: do not parse those.
    if !source.contains("data-tweet-id") || !source.contains("tweet-text") {
        return Err(misfit("is no page of twitter.com with `data-tweet-id` and `tweet-text`"));
    }
    if !text::is_affordable(source) {
        return Err(misfit("is nested too deeply for a page of twitter.com"));
    }
    let html = Html::parse_document(source);
    let mut page = Page::default();
    for (i, element) in html.select(&TWEET).enumerate() {
        let at = format!("div.tweet {}", i + 1);
        if text::classes(element.value()).any(|class| class == "promoted-tweet")
            || element.attr("data-impression-id").is_some()
        {
            page.skipped.push(Skipped { at, reason: "is an advertisement".to_owned() });
            continue;
        }
        match post(element, exchange.fetched_at) {
            Ok(post) => page.posts.push(Found { post, at: at.clone(), nested: false }),
            Err(reason) => {
                page.skipped.push(Skipped { at, reason });
                continue;
            }
        }
        let quote = first(element, "QuoteTweet-innerContainer").filter(|quote| quote.attr("data-item-id").is_some());
        match quote.map(quoted) {
            Some(Ok(post)) => page.posts.push(Found { post, at, nested: true }),
            Some(Err(reason)) => page.skipped.push(Skipped { at, reason }),
            None => {}
        }
    }
    if page.posts.is_empty() && page.skipped.is_empty() {
        return Err(misfit("is no page of twitter.com with posts"));
    }
    Ok(page)
}

fn post(element: ElementRef<'_>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let attribute = |name: &str| element.attr(name).filter(|value| !value.is_empty());
    let number = attribute("data-tweet-id").ok_or("has no id")?;
    let said = with_class(element, "tweet-text").find(|said| is_own(*said, element)).ok_or("has no text")?;
    let named = |class: &str| first(element, class).map(|found| found.text().collect::<String>().trim().to_owned());
    let handle = attribute("data-screen-name").map(str::to_owned).or_else(|| named("username"));
    let handle = handle.as_deref().and_then(Handle::new);
    let author = Author {
        id: attribute("data-user-id").map(str::to_owned),
        url: handle.as_ref().map(|handle| format!("https://x.com/{handle}")),
        handle,
        name: attribute("data-name").map(str::to_owned).or_else(|| named("fullname")),
        flags: Vec::new(),
    };
    let mut post = tweet::named(number, author).ok_or_else(|| format!("has no id of X: {number:?}"))?;
    date(&mut post, element);
    let words = Words::of(said);
    post.text = words.text;
    post.text_state = TextState::Complete;
    post.doubts.extend(words.unshown.doubts());
    links::sort(&mut post, &words.links);
    let pictures =
        with_class(element, "AdaptiveMedia-photoContainer").filter_map(|picture| picture.attr("data-image-url"));
    post.media =
        pictures.map(|url| Media { url: Some(url.to_owned()), kind: "image".to_owned(), ..Media::default() }).collect();
    if post.media.is_empty() && words.has_picture {
        post.media.push(inline::unseen());
    }
    post.lang = said.attr("lang").filter(|lang| !lang.is_empty()).map(str::to_owned);
    let quote = first(element, "QuoteTweet-innerContainer");
    let number = quote.and_then(|quote| quote.attr("data-item-id"));
    post.quote_of =
        number.map(|number| tweet::reference(number, quote.and_then(|quote| quote.attr("data-screen-name"))));
    // Of an answer the page names the conversation, and not which post of it.
    let is_reply = attribute("data-is-reply-to") == Some("true") || attribute("data-has-parent-tweet") == Some("true");
    post.kind = match (is_reply, &post.quote_of) {
        (true, _) => Kind::Reply,
        (false, Some(_)) => Kind::Quote,
        (false, None) => Kind::Original,
    };
    let count = |action: &str| {
        let holder = first(element, action)?;
        let count = holder.descendent_elements().find_map(|one| one.attr("data-tweet-stat-count"))?;
        count.parse().ok()
    };
    let counts = Metrics {
        likes: count("ProfileTweet-action--favorite"),
        reposts: count("ProfileTweet-action--retweet"),
        replies: count("ProfileTweet-action--reply"),
        ..Metrics::default()
    };
    tweet::metrics(&mut post, counts, seen_at);
    Ok(post)
}

/// The quoted post, of which the page shows who wrote it and the words, not always all of them.
fn quoted(quote: ElementRef<'_>) -> Result<Post, String> {
    let number = quote.attr("data-item-id").unwrap_or_default();
    let said = first(quote, "QuoteTweet-text").ok_or("the quoted post has no text")?;
    let author = Author {
        id: quote.attr("data-user-id").filter(|id| !id.is_empty()).map(str::to_owned),
        handle: quote.attr("data-screen-name").and_then(Handle::new),
        name: first(quote, "QuoteTweet-fullname").map(|name| name.text().collect::<String>().trim().to_owned()),
        ..Author::default()
    };
    let mut post = tweet::named(number, author).ok_or_else(|| format!("the quoted post has no id of X: {number:?}"))?;
    let words = Words::of(said);
    post.doubts.extend(words.unshown.doubts());
    links::sort(&mut post, &words.links);
    post.media.extend(words.has_picture.then(inline::unseen));
    post.lang = said.attr("lang").filter(|lang| !lang.is_empty()).map(str::to_owned);
    post.text = words.text;
    Ok(post)
}

/// The time in the page's attributes, in milliseconds or seconds; the id has its own.
fn date(post: &mut Post, element: ElementRef<'_>) {
    let stated = |name: &str| element.descendent_elements().find_map(|one| one.attr(name)?.parse::<i64>().ok());
    let at = stated("data-time-ms")
        .or_else(|| stated("data-time")?.checked_mul(1000))
        .and_then(DateTime::from_timestamp_millis);
    let Some(at) = at else { return };
    let by_id = post.created.map(|when| when.at());
    if by_id.is_some_and(|by_id| (at - by_id).num_seconds().abs() > 5 && !may_be_day(at, by_id)) {
        post.doubts.push(format!(
            "The page says that it was written at {}, but its id is of another time.",
            at.format("%Y-%m-%d %H:%M:%S UTC")
        ));
    }
    post.created = post.created.or_else(|| When::new(at, Precision::Second, WhenSource::Page));
}

fn with_class<'a>(element: ElementRef<'a>, wanted: &str) -> impl Iterator<Item = ElementRef<'a>> {
    let wanted = wanted.to_owned();
    element.descendent_elements().filter(move |one| text::classes(one.value()).any(|class| class == wanted))
}

/// Whether a part of a post is its own: neither the quoted post's, nor that of another which stands inside since a closing
/// tag is missing.
fn is_own(part: ElementRef<'_>, post: ElementRef<'_>) -> bool {
    let between = || part.ancestors().take_while(|node| node.id() != post.id()).filter_map(ElementRef::wrap);
    let is_other = |one: ElementRef<'_>| {
        one.attr("data-tweet-id").is_some() || text::classes(one.value()).any(|class| class.starts_with("QuoteTweet"))
    };
    !is_other(part) && !between().any(is_other)
}

fn first<'a>(element: ElementRef<'a>, wanted: &str) -> Option<ElementRef<'a>> {
    with_class(element, wanted).next()
}

/// The words of a post.
#[derive(Default)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) links: Vec<Link>,
    pub(super) unshown: Unshown,
    has_picture: bool,
}

impl Words {
    pub(super) fn of(element: ElementRef<'_>) -> Words {
        let mut words = Words::default();
        words.walk(element);
        let kept = words.text.trim_matches(|c: char| c.is_ascii_whitespace()).to_owned();
        words.text = kept;
        words
    }

    /// Walked without recursion: what is nested comes from outside.
    fn walk(&mut self, element: ElementRef<'_>) {
        let mut left: Vec<_> = element.children().rev().collect();
        while let Some(node) = left.pop() {
            match node.value() {
                Node::Text(text) => self.text.push_str(text),
                Node::Element(inner) => {
                    let Some(element) = ElementRef::wrap(node) else { continue };
                    let has = |wanted: &str| text::classes(inner).any(|class| class == wanted);
                    if has("u-hidden") && inner.name() == "a" {
                        // The address of a picture or of the quoted post, which the page shows as such.
                        self.has_picture |= inline::is_picture(element.text().collect::<String>().trim());
                        continue;
                    }
                    // X put these behind an address that it cut: the hidden parts are beside it.
                    if has("tco-ellipsis") || text::shows_nothing(inner.name()) {
                        continue;
                    }
                    match inner.name() {
                        "img" => self.text.push_str(inner.attr("alt").unwrap_or_default()),
                        "br" => self.text.push('\n'),
                        "a" => {
                            self.links.extend(link(element));
                            left.extend(node.children().rev());
                        }
                        // `<s>` is how X sets the signs of tags and accounts.
                        "s" if element.text().all(|text| matches!(text, "@" | "#" | "$" | "＠" | "＃")) => {
                            left.extend(node.children().rev())
                        }
                        _ => {
                            self.unshown = self.unshown.or(text::unshown(inner));
                            left.extend(node.children().rev());
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// A link: shown as the page shows it, leading where X says that it leads.
fn link(element: ElementRef<'_>) -> Option<Link> {
    let href = element.attr("href")?;
    let expanded =
        element.attr("data-expanded-url").or_else(|| element.attr("title")).filter(|url| url.contains("://"));
    let url = match expanded {
        Some(url) => url.to_owned(),
        None if href.starts_with('/') => format!("https://x.com{href}"),
        None => href.to_owned(),
    };
    let display = first(element, "js-display-url");
    let shown = display.unwrap_or(element).text().collect::<String>();
    Some(Link { shown: shown.trim().to_owned(), url })
}
