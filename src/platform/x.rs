//! X (Twitter): the posts that pages embed, and the time that an X id carries.
//!
//! X gives no search to anyone without a paid account, so nothing is pulled from it. What pages have is the embed that
//! X hands out (`blockquote.twitter-tweet`), in whatever dress their CMS puts it; the oEmbed answer that holds it; and
//! what scripts make of it (`iframe[data-tweet-id]`), which keeps the id only.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::printed::{embeds, inline, shortened, signature};
use super::{Embed, Page, ParseError, Platform};
use crate::date;
use crate::exchange::Exchange;
use crate::model::{Author, Handle, Hashtag, Link, Mention, Post, Precision, TextState, When, WhenSource};
use crate::text;

/// X, formerly Twitter.
pub const PLATFORM: Platform = Platform {
    name: "x",
    title: "X",
    about: "posts embedded in pages, and oEmbed answers; imported, never pulled",
    first: None,
    session: None,
    parse,
    embeds: Some(self::embeds),
};

/// What X calls its embeds.
const CLASSES: &[&str] = &["twitter-tweet", "twitter-video"];

/// An oEmbed answer of X (<https://publish.x.com/oembed>).
fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let not = |misfit: String| ParseError::NotThisShape { platform: PLATFORM.name, misfit };
    let answer = embeds::oembed(exchange.text()?.trim_start_matches('\u{feff}')).map_err(not)?;
    let provider = answer.provider_url.as_deref().and_then(|url| Url::parse(url).ok());
    if !provider.is_some_and(|url| url.host_str().is_some_and(is_host)) {
        return Err(not("an oEmbed answer of somebody else".to_owned()));
    }
    let html = Html::parse_fragment(&answer.html);
    Ok(embeds::page(embeds::placed(&html, embeds(&html))))
}

/// The embeds of X in a page: by their class; then quotations whose class a CMS has dropped, told by a date that links
/// to a status behind a handle; then what the script has put in their place.
fn embeds(html: &Html) -> Vec<Embed> {
    let (mut found, mut links, mut widgets) = (Vec::new(), Vec::new(), Vec::new());
    for element in embeds::elements(html, &["blockquote", "a", "iframe", "twitter-widget"]) {
        let attribute = |name| text::attribute(element.value(), name);
        match element.value().name() {
            "blockquote" if is_embed(&element) => found.push(Embed { node: element.id(), post: read(element) }),
            "blockquote" => {}
            "a" if attribute("href").is_some_and(|href| href.contains("/status")) => links.push(element),
            "a" => {}
            _ => widgets.extend(attribute("data-tweet-id").map(|id| (element.id(), id))),
        }
    }
    let mut seen = HashSet::new();
    for link in links {
        // Most links stand in embeds that have a class, and are done with here.
        let Some(quote) = container(link) else { continue };
        let is_signature = || status(&link).is_some() && date::printed(&words(link)).is_some();
        if seen.contains(&quote.id()) || !is_signature() {
            continue;
        }
        seen.insert(quote.id());
        if let Some(post) = read(quote).ok().filter(|post| post.author.handle.is_some() && !post.text.is_empty()) {
            found.push(Embed { node: quote.id(), post: Ok(post) });
        }
    }
    for (node, id) in widgets {
        let post = Status::of_id(id).map(|status| bare(&status, "")).ok_or_else(|| "has no id of a post".to_owned());
        found.push(Embed { node, post });
    }
    found
}

fn is_embed(element: &ElementRef<'_>) -> bool {
    text::classes(element.value()).any(|class| CLASSES.contains(&class))
}

/// The element that holds a quotation without a class: the blockquote around the link, else its paragraph. `None` in
/// an embed of any platform, which is read there.
fn container<'a>(link: ElementRef<'a>) -> Option<ElementRef<'a>> {
    /// How far up the page is looked at: a link this deep inside its paragraph is no signature.
    const REACH: usize = 12;
    let around: Vec<ElementRef<'a>> = link.ancestors().take(REACH).filter_map(ElementRef::wrap).collect();
    if around
        .iter()
        .any(|element| text::classes(element.value()).any(|class| class.ends_with("-embed")) || is_embed(element))
    {
        return None;
    }
    let named = |names: &[&str]| around.iter().find(|element| names.contains(&element.value().name())).copied();
    named(&["blockquote"]).or_else(|| named(&["p", "li", "td", "dd", "figure", "div"]))
}

/// Reads a quotation: its words, the signature `— Name (@handle)`, and the date, which links to the status.
fn read(quote: ElementRef<'_>) -> Result<Post, String> {
    let edges = own_edges(quote);
    // The last link to a status is the date; those before it stand in the text.
    let linked = edges.iter().enumerate().rev().find_map(|(at, edge)| match edge {
        Edge::Open(node) => ElementRef::wrap(*node).and_then(|link| Some((at, link, status(&link)?))),
        Edge::Close(_) => None,
    });
    if let Some((at, link, status)) = &linked
        && let Some((signed, "")) = signed(&edges[..*at]).as_ref().map(|(signed, rest)| (signed, rest.as_str()))
    {
        return Ok(post(signed, &words(*link), Some(status), language(&edges)));
    }
    // A page may have lost the link, or show only the link.
    match (signed(&edges), linked) {
        (Some((signed, rest)), _) if date::printed(&rest).is_some() => Ok(post(&signed, &rest, None, language(&edges))),
        (_, Some((.., status))) => Ok(bare(&status, &text::of_embed(edges.iter().copied()).text)),
        _ => Err("has neither a link to a post nor a signature with a date".to_owned()),
    }
}

/// What is read of a signed quotation.
struct Signed {
    text: String,
    links: Vec<Link>,
    name: String,
    handle: Handle,
    rival: Option<String>,
    struck: bool,
}

/// The words and the signature, and what stands behind the handle.
fn signed(edges: &[Edge<'_, Node>]) -> Option<(Signed, String)> {
    let last_line = last_line(edges);
    let line = text::of_embed(edges[last_line..].iter().copied()).text;
    let (open, close, handle) = signature::last_handle(&line)?;
    let signature = signature::read(&line, open, &handle)?;
    let rest = line[close..].trim_matches(signature::is_blank).to_owned();
    let has_own_line = line[..signature.dash].trim_matches(signature::is_blank).is_empty();
    let mut rival = signature.rival.map(str::to_owned);
    let (text, links, struck) = if has_own_line {
        let rendered = text::of_embed(edges[..last_line].iter().copied());
        // Where the text ends is plain, so the name begins at the first dash.
        rival.take_if(|_| !rendered.text.is_empty());
        (rendered.text, rendered.links, rendered.struck)
    } else {
        let mut rendered = text::of_embed(edges.iter().copied());
        let kept = rendered.text.len() - (line.len() - signature.dash);
        rendered.text.truncate(rendered.text[..kept].trim_end().len());
        rendered.links.pop_if(|link| link.shown.trim_start_matches('@') == handle.as_str());
        (rendered.text, rendered.links, rendered.struck)
    };
    let name = signature.name.to_owned();
    Some((Signed { text, links, name, handle, rival, struck }, rest))
}

fn post(signed: &Signed, printed: &str, status: Option<&Status>, lang: Option<String>) -> Post {
    let day = date::printed(printed);
    let mut post = status.map_or_else(Post::default, identified);
    if let (Some(day), Some(at)) = (day, post.created)
        && !may_be_day(at.at(), day.at())
    {
        post.doubts
            .push(format!("The page prints {printed:?}, but the id was given out on {}.", at.at().format("%Y-%m-%d")));
    }
    post.created = post.created.or(day);
    if post.created.is_none() {
        post.doubts.push(format!("The date {printed:?} cannot be read."));
    }
    let of_address = status.and_then(|status| status.handle.as_ref());
    if let Some(other) = of_address.filter(|other| other.folded() != signed.handle.folded()) {
        post.doubts.push(format!("It is signed by @{}, but its address names @{other}.", signed.handle));
    }
    if let Some(rival) = &signed.rival {
        post.doubts.push(signature::two_names(rival));
    }
    if signed.text.is_empty() {
        post.doubts.push("The page shows the signature without any words of the post.".to_owned());
    }
    if signed.struck {
        post.doubts.push(text::STRUCK.to_owned());
    }
    post.platform = PLATFORM.name.to_owned();
    post.author = Author { handle: Some(signed.handle.clone()), name: Some(signed.name.clone()), ..Author::default() };
    post.text_state = state(&signed.text);
    post.text.clone_from(&signed.text);
    post.lang = lang;
    name_links(&mut post, &signed.links);
    post
}

/// Sorts the links of a text. Without any, the CMS has taken them away, and the words must do.
fn name_links(post: &mut Post, links: &[Link]) {
    if links.is_empty() {
        let inline = inline::read(&post.text);
        (post.hashtags, post.mentions) = (inline.hashtags, inline.mentions);
        (post.links, post.media) = (inline.links, inline.media);
        return;
    }
    for link in links {
        let tag = link.shown.starts_with(['#', '＃']).then(|| Hashtag::new(&link.shown)).flatten();
        let handle = link.shown.starts_with(['@', '＠']).then(|| Handle::new(&link.shown)).flatten();
        let within_x = || {
            let plain = ["https://twitter.com/", "https://x.com/"].iter().any(|start| link.url.starts_with(start));
            plain || Url::parse(&link.url).is_ok_and(|url| url.host_str().is_some_and(is_host))
        };
        match (tag, handle) {
            (Some(tag), _) if within_x() => post.hashtags.push(tag),
            (_, Some(handle)) if within_x() => {
                post.mentions.push(Mention { handle: Some(handle), url: Some(link.url.clone()), ..Mention::default() });
            }
            _ => {
                post.media.extend(inline::is_picture(&link.shown).then(inline::unseen));
                post.links.push(link.clone());
            }
        }
    }
}

/// A post of which the page has only the address. What it shows instead (`Tweet may have been deleted`) is signed by
/// nobody, so it is not taken for the post's text.
fn bare(status: &Status, shown: &str) -> Post {
    let mut post = identified(status);
    post.doubts.push(match shown {
        "" => "The page has only the address of the post.".to_owned(),
        _ => format!("The page has only the address of the post, and shows in its place: {:?}.", shortened(shown)),
    });
    post
}

fn identified(status: &Status) -> Post {
    Post {
        platform: PLATFORM.name.to_owned(),
        id: Some(status.id.clone()),
        uri: Some(format!("https://x.com/i/status/{}", status.id)),
        url: status.url.clone(),
        created: time_of(&status.id).and_then(|at| When::new(at, Precision::Second, WhenSource::Id)),
        ..Post::default()
    }
}

/// The address of a post.
struct Status {
    id: String,
    /// As the page has it, without query; `None` where it gives the id only.
    url: Option<String>,
    /// The account that the address names; X itself does not look at it.
    handle: Option<Handle>,
}

impl Status {
    fn of_id(id: &str) -> Option<Status> {
        let fits = (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Status { id: id.to_owned(), url: None, handle: None })
    }
}

/// The status that a link leads to: `/HANDLE/status/ID`, formerly `/statuses/`, and `/i/web/status/ID`.
fn status(link: &ElementRef<'_>) -> Option<Status> {
    static BASE: LazyLock<Url> = LazyLock::new(|| Url::parse("https://x.com/").expect("an address"));
    let href = text::attribute(link.value(), "href")?.trim();
    if let Some(status) = plain_status(href) {
        return Some(status);
    }
    let url = BASE.join(href).ok().filter(|url| url.host_str().is_some_and(is_host))?;
    // `https://twitter.com/#!/HANDLE/status/ID`, as in 2011.
    let path = url.fragment().and_then(|fragment| fragment.strip_prefix('!')).unwrap_or(url.path());
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).take(5).collect();
    let at = parts.iter().position(|part| matches!(*part, "status" | "statuses"))?;
    let status = Status::of_id(parts.get(at + 1)?)?;
    let handle = parts.first().filter(|_| at == 1 && parts[0] != "i").and_then(|handle| Handle::new(handle));
    let address = format!("{}/{}", url.origin().ascii_serialization(), parts[..at + 2].join("/"));
    Some(Status { url: Some(address), handle, ..status })
}

/// The usual form, `https://twitter.com/HANDLE/status/ID?…`, of which nothing needs to be taken apart.
fn plain_status(href: &str) -> Option<Status> {
    let path = ["https://twitter.com/", "https://x.com/"].iter().find_map(|start| href.strip_prefix(start))?;
    let (handle, rest) = path.split_once("/status/")?;
    let id = &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())];
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let after = &rest[id.len()..];
    if handle == "i"
        || !handle.chars().all(fits)
        || !(after.is_empty() || after.starts_with('?'))
        || after.contains('#')
    {
        return None;
    }
    let url = href[..href.len() - after.len()].to_owned();
    Some(Status { url: Some(url), handle: Some(Handle::new(handle)?), ..Status::of_id(id)? })
}

fn is_host(host: &str) -> bool {
    let bare =
        ["www.", "mobile.", "m.", "publish."].iter().find_map(|prefix| host.strip_prefix(prefix)).unwrap_or(host);
    matches!(bare, "twitter.com" | "x.com")
}

/// The time that an id carries: milliseconds since X's epoch, above 22 bits. Ids given out before 4 November 2010 were
/// counted, and say nothing.
fn time_of(id: &str) -> Option<DateTime<Utc>> {
    const EPOCH: i64 = 1_288_834_974_657;
    const FIRST: i64 = 29_700_859_247;
    let id: i64 = id.parse().ok()?;
    if id < FIRST { None } else { DateTime::from_timestamp_millis((id >> 22) + EPOCH) }
}

/// Whether an instant falls on that day somewhere on earth: X prints the date of whoever made the embed.
fn may_be_day(at: DateTime<Utc>, day: DateTime<Utc>) -> bool {
    let since_midnight = at - day;
    since_midnight >= TimeDelta::hours(-14) && since_midnight < TimeDelta::hours(24 + 12)
}

/// X cuts a long post, sets an ellipsis, and puts the address of the post behind it. An ellipsis at the very end may be
/// the author's, or that of an old retweet.
fn state(text: &str) -> TextState {
    match text.rsplit_once("https://t.co/") {
        Some((before, code)) if code.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            if before.trim_end().ends_with('…') { TextState::Truncated } else { TextState::Complete }
        }
        _ if text.ends_with('…') => TextState::Unknown,
        _ => TextState::Complete,
    }
}

fn language(edges: &[Edge<'_, Node>]) -> Option<String> {
    edges.iter().find_map(|edge| match edge {
        Edge::Open(node) => {
            let paragraph = node.value().as_element().filter(|element| element.name() == "p")?;
            text::attribute(paragraph, "lang").filter(|lang| !lang.is_empty()).map(str::to_owned)
        }
        Edge::Close(_) => None,
    })
}

fn words(element: ElementRef<'_>) -> String {
    text::of_element(element).text
}

/// A walk through an element, without the embeds inside it: where a closing tag is missing, the next embed stands
/// inside this one, and is read by itself.
fn own_edges<'a>(quote: ElementRef<'a>) -> Vec<Edge<'a, Node>> {
    let is_own = |node: NodeRef<'a, Node>| {
        !ElementRef::wrap(node).is_some_and(|e| e.value().name() == "blockquote" && is_embed(&e))
    };
    let mut edges = Vec::with_capacity(32);
    let mut next = quote.first_child();
    while let Some(node) = next {
        let own = is_own(node);
        if own {
            edges.push(Edge::Open(node));
        }
        next = node.first_child().filter(|_| own);
        let mut leaving = node;
        while next.is_none() {
            if is_own(leaving) {
                edges.push(Edge::Close(leaving));
            }
            next = leaving.next_sibling();
            match leaving.parent().filter(|parent| next.is_none() && parent.id() != quote.id()) {
                Some(parent) => leaving = parent,
                None => break,
            }
        }
    }
    edges
}

/// Where the last line begins that has words: behind the last line break or edge of a block.
fn last_line(edges: &[Edge<'_, Node>]) -> usize {
    let mut has_words = false;
    let begin = edges.iter().rposition(|edge| {
        let (Edge::Open(node) | Edge::Close(node)) = edge;
        match node.value() {
            Node::Text(text) => {
                has_words |= !text.trim().is_empty();
                false
            }
            Node::Element(element) => {
                has_words
                    && matches!(element.name(), "p" | "br" | "div" | "blockquote" | "li" | "ul" | "footer" | "cite")
            }
            _ => false,
        }
    });
    begin.map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_carries_its_time() {
        let second = |id| time_of(id).map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        assert_eq!(second("606060109190459392").as_deref(), Some("2015-06-03T11:29:24Z"));
        assert_eq!(second("1576347474947887104").as_deref(), Some("2022-10-01T23:04:59Z"));
        // Counted, not timed; and no number of X's.
        assert_eq!(second("20"), None);
        assert_eq!(second("99999999999999999999"), None);
    }

    #[test]
    fn a_day_is_that_of_any_place() {
        let at = |text| date::timestamp(text).unwrap();
        let day = at("2021-07-26T00:00:00Z");
        for (text, fits) in [
            ("2021-07-25T09:59:59Z", false),
            ("2021-07-25T10:00:00Z", true),
            ("2021-07-27T11:59:59Z", true),
            ("2021-07-27T12:00:00Z", false),
        ] {
            assert_eq!(may_be_day(at(text), day), fits, "{text}");
        }
    }

    #[test]
    fn a_cut_post_ends_in_an_ellipsis_and_its_address() {
        for (text, expected) in [
            ("and so on… https://t.co/aB3", TextState::Truncated),
            ("and so on…", TextState::Unknown),
            ("what now… pic.twitter.com/aB3", TextState::Complete),
            ("read https://t.co/aB3", TextState::Complete),
        ] {
            assert_eq!(state(text), expected, "{text}");
        }
    }
}
