//! Preview pages of public channels.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html, Selector};

use super::{account, commented, forwarding, landing, misfit, named, passed_on, place};
use crate::date;
use crate::model::{
    Author, Found, Handle, Hashtag, Kind, Link, Media, Metrics, Poll, PollOption, Post, PostRef, Precision, Skipped,
    TextState, When, WhenSource,
};
use crate::platform::printed::count;
use crate::platform::{Page, ParseError};
use crate::text::{self, Rendered};
use url::Url;

static MESSAGE: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse(".tgme_widget_message, .tgme_widget_message_error").expect("a selector"));

/// Reads a page.
///
/// # Errors
/// If it is no preview of Telegram.
pub(super) fn read(source: &str, seen_at: DateTime<Utc>) -> Result<Page, ParseError> {
    // Any page may come here, and most are not of Telegram: do not parse those.
    if !source.contains("tgme_") {
        return Err(misfit("is no page of Telegram: nothing in it is named `tgme_…`"));
    }
    if !text::is_affordable(source) {
        return Err(misfit("is nested too deeply for a page of Telegram"));
    }
    let html = Html::parse_document(source);
    let mut page = Page { shape: "preview", ..Page::default() };
    let below = discussed(&html);
    for (i, element) in html.select(&MESSAGE).enumerate() {
        let at = format!("message {}", i + 1);
        match message(element, below.as_ref(), seen_at) {
            Ok((post, forwarded)) => {
                page.posts.push(Found { post, at: at.clone(), nested: false });
                page.posts.extend(forwarded.map(|post| Found { post, at: format!("{at} forwarded"), nested: true }));
            }
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    let is_empty = page.posts.is_empty() && page.skipped.is_empty();
    Ok(landing::read(&html).filter(|_| is_empty).unwrap_or(page))
}

/// Channel and number of the message whose comments a page shows.
fn discussed(html: &Html) -> Option<(String, String)> {
    let header = with_class(html.root_element(), "tgme_post_discussion_header").next()?;
    let links = header.descendent_elements().filter_map(|one| Url::parse(one.attr("href")?).ok());
    links.filter_map(|url| place(&url)).next()
}

/// The message that an element stands for; a comment has a number only, and `below` which it stands.
fn identified(element: ElementRef<'_>, below: Option<&(String, String)>) -> Result<Post, String> {
    if let Some(place) = element.attr("data-post") {
        let post = place.split_once('/').and_then(|(channel, number)| named(channel, number));
        return post.ok_or_else(|| format!("has no address: {place:?}"));
    }
    let Some(number) = element.attr("data-post-id") else {
        let said = words(element);
        return Err(if said.is_empty() { "has no address".to_owned() } else { format!("is not shown: {said:?}") });
    };
    let (channel, message) = below.ok_or("is a comment, but the page does not say below which message")?;
    let mut post = commented(channel, message, number).ok_or_else(|| format!("has no address: {number:?}"))?;
    let answered = with_class(element, "tgme_widget_message_reply").find_map(|reply| reply.attr("data-reply-to"));
    let answered = answered.and_then(|answered| commented(channel, message, answered));
    let Post { id, uri, url, .. } = answered.or_else(|| named(channel, message)).unwrap_or_default();
    (post.kind, post.reply_to) = (Kind::Reply, Some(PostRef { id, uri, url }));
    Ok(post)
}

/// In a group and below a message, everybody writes for himself; the page then names him above his words.
fn member(element: ElementRef<'_>) -> Option<Author> {
    let is_quoted = |name: &ElementRef<'_>| {
        let around = name.ancestors().take_while(|around| around.id() != element.id()).filter_map(ElementRef::wrap);
        let is = |around: ElementRef<'_>| {
            text::classes(around.value())
                .any(|class| class == "tgme_widget_message_reply" || class == "js-message_text")
        };
        around.into_iter().any(is)
    };
    let name = with_class(element, "tgme_widget_message_author_name").find(|name| !is_quoted(name))?;
    // Some have no public name to link to.
    let href = name.attr("href").or_else(|| name.parent().and_then(ElementRef::wrap)?.attr("href"));
    let author = href.and_then(user).unwrap_or_default();
    let shown = Some(words(name)).filter(|name| author.handle.is_some() || name != DELETED);
    Some(Author { name: shown, ..author })
}

/// What an account that is gone has for a name.
const DELETED: &str = "Deleted Account";

/// The account that a link leads to.
fn user(href: &str) -> Option<Author> {
    let url = Url::parse(href).ok().filter(|url| url.host_str() == Some("t.me"))?;
    let user = url.path().trim_matches('/');
    (!user.contains('/') && Handle::new(user).is_some()).then(|| account(user))
}

/// A message, and what it forwards.
fn message(
    element: ElementRef<'_>,
    below: Option<&(String, String)>,
    seen_at: DateTime<Utc>,
) -> Result<(Post, Option<Post>), String> {
    let mut post = identified(element, below)?;
    if text::classes(element.value()).any(|class| class == "service_message") {
        return Err("is a notice of the channel, not a message".to_owned());
    }
    let first = |wanted: &'static str| with_class(element, wanted).next();
    // A message that answers another shows the beginning of that one, too.
    let said = with_class(element, "js-message_text").next();
    let said = said.or_else(|| with_class(element, "tgme_widget_message_text").find(|text| !is_reply_text(*text)));
    let Rendered { text, links, unshown } =
        said.map(|said| text::from_fragment(&said.inner_html())).unwrap_or_default();
    post.text = text;
    post.text_state = TextState::Complete;
    post.doubts = unshown.doubts();
    sort(&mut post, links);
    post.media = media(element);
    post.poll = first("tgme_widget_message_poll").and_then(poll);
    if let Some(poll) = first("tgme_widget_message_poll_question").filter(|_| post.text.is_empty()) {
        post.text = words(poll);
    }
    if post.text.is_empty() && post.media.is_empty() {
        let is_closed = first("message_media_not_supported").is_some();
        return Err(if is_closed { "is not shown on the web" } else { "has no text" }.to_owned());
    }
    let time = with_class(element, "tgme_widget_message_date")
        .find_map(|date| date.descendent_elements().find(|one| one.value().name() == "time"));
    let at = time.and_then(|time| date::timestamp(time.attr("datetime")?));
    post.created = at.and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    let owner = first("tgme_widget_message_owner_name").map(words);
    match member(element) {
        Some(member) => {
            post.author = member;
            post.labels.extend(owner.map(|group| format!("in {group}")));
        }
        None => post.author.name = owner,
    }
    if let Some(author) = first("tgme_widget_message_from_author") {
        post.labels.push(format!("signed by {}", words(author)));
    }
    if first("tgme_widget_message_meta").is_some_and(|meta| words(meta).starts_with("edited")) {
        post.labels.push("edited".to_owned());
    }
    let reply = first("tgme_widget_message_reply").and_then(|reply| address(reply.attr("href")?));
    if let Some(of) = reply {
        post.kind = Kind::Reply;
        post.reply_to = Some(of.0);
    }
    let views = first("tgme_widget_message_views").and_then(|views| count(&words(views)));
    post.metrics = Metrics { views, seen_at: views.map(|_| seen_at), ..Metrics::default() };
    Ok(match first("tgme_widget_message_forwarded_from") {
        Some(from) => forwarded(post, from),
        None => (post, None),
    })
}

/// What is forwarded: the post that it leads to, or what the page says of its author.
fn forwarded(post: Post, from: ElementRef<'_>) -> (Post, Option<Post>) {
    let source = with_class(from, "tgme_widget_message_forwarded_from_name").next();
    let name = source.map(words).filter(|name| !name.is_empty());
    let leads_to = source.and_then(|source| source.attr("href"));
    let Some((of, original)) = leads_to.and_then(address) else {
        let author = leads_to.and_then(user).unwrap_or_default();
        let name = name.filter(|name| author.handle.is_some() || name != DELETED);
        return forwarding(post, Author { name, ..author });
    };
    let (mut post, said) = passed_on(post);
    post.repost_of = Some(of);
    let author = Author { name, ..original.author };
    (post, Some(Post { author, id: original.id, uri: original.uri, url: original.url, ..said }))
}

/// The message that a link leads to.
fn address(href: &str) -> Option<(PostRef, Post)> {
    let (channel, number) = place(&Url::parse(href).ok()?)?;
    let post = named(&channel, &number)?;
    Some((PostRef { id: post.id.clone(), uri: post.uri.clone(), url: post.url.clone() }, post))
}

fn sort(post: &mut Post, links: Vec<Link>) {
    for link in links {
        match Hashtag::new(&link.shown).filter(|_| link.shown.starts_with('#')) {
            Some(tag) => post.hashtags.push(tag),
            None => post.links.push(link),
        }
    }
}

fn media(element: ElementRef<'_>) -> Vec<Media> {
    const KINDS: [(&str, &str); 5] = [
        ("tgme_widget_message_photo_wrap", "image"),
        ("tgme_widget_message_video_player", "video"),
        ("tgme_widget_message_roundvideo_player", "video"),
        ("tgme_widget_message_voice_player", "audio"),
        ("tgme_widget_message_document_wrap", "unknown"),
    ];
    let kind = |one: &ElementRef<'_>| {
        KINDS.iter().find(|(class, _)| text::classes(one.value()).any(|has| has == *class)).map(|(_, kind)| *kind)
    };
    let file = |one: ElementRef<'_>| {
        let inside = one.descendent_elements().find_map(|inner| inner.attr("src"));
        let shown = || one.attr("style").and_then(background);
        inside.map(str::to_owned).or_else(shown)
    };
    let found = element.descendent_elements().filter_map(|one| Some((one, kind(&one)?)));
    found.map(|(one, kind)| Media { url: file(one), kind: kind.to_owned(), ..Media::default() }).collect()
}

/// The address in `background-image:url('…')`.
fn background(style: &str) -> Option<String> {
    let (_, after) = style.split_once("url(")?;
    let url = after.split(')').next()?.trim_matches(['\'', '"', ' ']);
    url.starts_with("https://").then(|| url.to_owned())
}

fn poll(element: ElementRef<'_>) -> Option<Poll> {
    let options = with_class(element, "tgme_widget_message_poll_option_text");
    let options: Vec<_> = options.map(|option| PollOption { title: words(option), votes: None }).collect();
    (!options.is_empty()).then(|| Poll { options, ..Poll::default() })
}

fn is_reply_text(element: ElementRef<'_>) -> bool {
    text::classes(element.value()).any(|class| class == "js-message_reply_text")
}

fn words(element: ElementRef<'_>) -> String {
    text::of_element(element).text
}

fn with_class<'a>(element: ElementRef<'a>, wanted: &'static str) -> impl Iterator<Item = ElementRef<'a>> {
    element.descendent_elements().filter(move |one| text::classes(one.value()).any(|class| class == wanted))
}
