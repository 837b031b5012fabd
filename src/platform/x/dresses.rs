//! Posts of X in the dress of those who show them: Substack, Discourse and Blackbird Pie, which keep the words; AMP, frames,
//! widgets and shortcodes of page generators, which keep the id only; citations of Wikipedia.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html};
use serde_json::Value;
use url::Url;

use super::status::{Status, identified, is_host};
use super::{embeds, links};
use crate::date;
use crate::model::{Author, Handle, Kind, Media, Post, Precision, TextState, When, WhenSource};
use crate::platform::Embed;
use crate::platform::printed::{embeds as printed, shortcodes};
use crate::text::{self, Rendered};

/// What page generators and Wikipedia call a post of X.
const CODES: [&str; 8] =
    ["tweet", "twitter", "x", "tweet_simple", "twitter_simple", "x_simple", "cite tweet", "citation/tweet"];

/// Elements that hold nothing but an id, and the attribute that has it.
const IDS: [&str; 2] = ["data-tweet-id", "data-tweetid"];

/// The posts of X that a page shows in such a dress.
pub(super) fn embeds(html: &Html) -> Vec<Embed> {
    let elements = html.tree.nodes().filter_map(ElementRef::wrap);
    elements.filter_map(|element| Some(Embed { node: element.id(), posts: vec![read(element)?] })).collect()
}

fn read(element: ElementRef<'_>) -> Option<Result<Post, String>> {
    let attribute = |name: &str| text::attribute(element.value(), name);
    let has_class = |wanted: &str| text::classes(element.value()).any(|class| class == wanted);
    match element.value().name() {
        "embetty-tweet" => Some(of_id(attribute("status")?)),
        shortcodes::ELEMENT => coded(element),
        "aside" if has_class("twitterstatus") => onebox(element),
        "p" if has_class("bbpTweet") => Some(blackbird_pie(element)),
        name => {
            if let Some(id) = IDS.iter().find_map(|name| attribute(name)) {
                // What X hands out itself has its words in it, and is read as such.
                let is_own = name == "blockquote" && embeds::is_embed(&element);
                return (!is_own).then(|| of_id(id));
            }
            if name == "iframe" {
                return framed(element);
            }
            let data = attribute("data-attrs").filter(|data| data.starts_with('{'))?;
            let is_of_x = has_class("tweet") || has_class("twitter-embed");
            (is_of_x || attribute("data-component-name") == Some("Twitter2ToDOM")).then(|| substack(data))
        }
    }
}

fn of_id(id: &str) -> Result<Post, String> {
    let status = Status::of_id(id.trim()).ok_or("has no id of a post")?;
    Ok(printed::bare(identified(&status)))
}

/// A frame of X itself: `https://platform.twitter.com/embed/Tweet.html?id=ID`, `https://twitter.com/i/videos/tweet/ID`.
fn framed(element: ElementRef<'_>) -> Option<Result<Post, String>> {
    let id = printed::addresses(element).find_map(|address| {
        let url = Url::parse(&address).ok()?;
        let host = url.host_str()?;
        if matches!(host, "platform.twitter.com" | "platform.x.com") && url.path().starts_with("/embed/") {
            return url.query_pairs().find(|(name, _)| name == "id").map(|(_, id)| id.into_owned());
        }
        let path = url.path().strip_prefix("/i/videos/").filter(|_| is_host(host))?;
        Some(path.strip_prefix("tweet/").unwrap_or(path).to_owned())
    })?;
    Some(of_id(&id))
}

/// `{{< tweet user="…" id="…" >}}`, `{% twitter https://… %}`, `{{cite tweet |user=… |number=… |title=…}}`.
fn coded(element: ElementRef<'_>) -> Option<Result<Post, String>> {
    let attribute = |name: &str| text::attribute(element.value(), name).filter(|value| !value.is_empty());
    let name = attribute("name").filter(|name| CODES.contains(name))?;
    let positional = attribute("arg1");
    let linked = attribute("url").or(positional).and_then(|url| Status::of_url(&Url::parse(url).ok()?));
    let id = ["id", "number", "tweet", "arg1", "arg2"].iter().find_map(|name| Status::of_id(attribute(name)?));
    // Somewhere the handle comes first.
    let Some(status) = linked.or(id) else { return Some(Err("is a shortcode that names no post".to_owned())) };
    let handle = attribute("user").and_then(Handle::new).or(status.handle.clone());
    let url = status.url.clone().or_else(|| Some(format!("https://x.com/{}/status/{}", handle.as_ref()?, status.id)));
    let mut post = Post { url, ..identified(&status) };
    let Some(title) = attribute("title").filter(|_| name.starts_with("cit")) else {
        return Some(Ok(printed::bare(post)));
    };
    if ["{{", "[[", "<", "''"].iter().any(|mark| title.contains(mark)) {
        return Some(Err(format!("is cited with the markup of a wiki in its words: {}", status.id)));
    }
    // Who cites may leave out, and writes `'` for `"`.
    post.doubts
        .push("It is cited as the title of a source, which may leave out or change some of its words.".to_owned());
    post.author.handle = handle;
    post.text = text::unescape(title).into_owned();
    post.text_state = TextState::Unknown;
    post.lang = attribute("language").map(str::to_owned);
    if let Some(printed) = attribute("date") {
        embeds::compare(&mut post, printed, date::printed(printed));
    }
    embeds::name_links(&mut post, &[]);
    Some(Ok(post))
}

/// What Substack keeps of a post, as JSON in an attribute.
fn substack(data: &str) -> Result<Post, String> {
    let data: Value = serde_json::from_str(data).map_err(|_| "holds data that are broken".to_owned())?;
    let words = |name: &str| data[name].as_str().filter(|words| !words.trim().is_empty());
    let status = words("url").and_then(|url| {
        // Some were taken over with a bracket that stood behind them.
        Status::of_url(&Url::parse(url.trim_end_matches([')', ']'])).ok()?)
    });
    let status = status.ok_or("has no address of a post")?;
    let mut post = identified(&status);
    let Some(said) = words("full_text") else { return Ok(printed::bare(post)) };
    // Text as typed, but mentions and addresses are elements in it.
    let Rendered { text, links, .. } = text::from_fragment(&format!("<p>{said}</p>"));
    let handle = words("username").and_then(Handle::new);
    post.doubts.extend(handle.as_ref().and_then(|handle| status.doubt(handle)));
    post.author = Author { handle, name: words("name").map(str::to_owned), ..Author::default() };
    post.text_state = embeds::state(&text);
    post.text = text;
    embeds::name_links(&mut post, &[]);
    for link in links.into_iter().filter(|link| !link.shown.starts_with(['@', '#'])) {
        links::add(&mut post, link);
    }
    if let Some(date) = words("date") {
        let stated = date::timestamp(date);
        if let (Some(at), Some(stated)) = (post.created, stated)
            && (at.at() - stated).abs() > chrono::TimeDelta::minutes(1)
        {
            let at = at.to_rfc3339();
            post.doubts.push(format!("The page dates it {date:?}, but the id was given out at {at}."));
        }
        let at = stated.and_then(|at| When::new(at, Precision::Second, WhenSource::Page));
        post.created = post.created.or(at);
    }
    if data["quoted_tweet"]["full_text"].is_string() {
        post.kind = Kind::Quote;
    }
    let photos = data["photos"].as_array().into_iter().flatten();
    let files = photos.filter_map(|photo| photo["img_url"].as_str());
    post.media.retain(|media| media.url.is_some());
    post.media.extend(files.map(|url| Media {
        url: Some(url.to_owned()),
        kind: "image".to_owned(),
        ..Media::default()
    }));
    Ok(post)
}

/// What Discourse keeps of a post: <https://github.com/discourse/discourse>, `lib/onebox/templates/twitterstatus.mustache`.
fn onebox(element: ElementRef<'_>) -> Option<Result<Post, String>> {
    let first = |wanted: &'static str| {
        element.descendent_elements().find(move |one| text::classes(one.value()).any(|class| class == wanted))
    };
    let words = |element: ElementRef<'_>| text::of_element(element).text;
    let source = text::attribute(element.value(), "data-onebox-src").map(str::to_owned);
    let linked =
        || element.descendent_elements().find_map(|one| text::attribute(one.value(), "href").map(str::to_owned));
    // It shows accounts, too.
    let status = source.or_else(linked).and_then(|url| Status::of_url(&Url::parse(&url).ok()?))?;
    let mut post = identified(&status);
    let Some(said) = first("tweet-description").or_else(|| first("tweet")) else {
        return Some(Ok(printed::bare(post)));
    };
    let Rendered { text, links, unshown } = text::of_embed(said.traverse());
    let title = element.descendent_elements().find(|one| one.value().name() == "h4").map(words).unwrap_or_default();
    let handle = first("twitter-screen-name").map(words).and_then(|shown| Handle::new(&shown));
    // Above older ones only the title tells who: `Name (handle)`.
    let (name, within) = match title.rsplit_once(" (") {
        Some((name, rest)) => (name, rest.split(')').next().and_then(Handle::new)),
        None => ("", None),
    };
    let handle = handle.or(within.clone());
    let name = if within.is_some() { name } else { title.as_str() };
    post.doubts.extend(handle.as_ref().and_then(|handle| status.doubt(handle)));
    post.author = Author { handle, name: Some(name.to_owned()).filter(|name| !name.is_empty()), ..Author::default() };
    if text.is_empty() {
        return Some(Ok(printed::bare(post)));
    }
    post.doubts.extend(unshown.doubts());
    post.text = text;
    // Where the forum had it from, and whether that gave all of it, is not said.
    post.text_state = TextState::Unknown;
    embeds::name_links(&mut post, &links);
    if let Some(printed) = first("timestamp").or_else(|| first("date")).map(words) {
        embeds::compare(&mut post, &printed, date::printed(&printed));
    }
    Some(Ok(post))
}

/// What X's own Blackbird Pie made of a post, from 2010 to 2012: the words, a line with the time, the author.
fn blackbird_pie(element: ElementRef<'_>) -> Result<Post, String> {
    let has_class = |element: ElementRef<'_>, wanted: &str| text::classes(element.value()).any(|class| class == wanted);
    let first = |wanted: &str| element.descendent_elements().find(|one| has_class(*one, wanted));
    let links = |inside: ElementRef<'_>| -> Vec<(Url, String)> {
        let links = inside.descendent_elements().filter(|one| one.value().name() == "a");
        let read = |link: ElementRef<'_>| {
            Some((Url::parse(text::attribute(link.value(), "href")?).ok()?, text::of_element(link).text))
        };
        links.filter_map(read).collect()
    };
    let dated = first("timestamp").ok_or("has no line with its time")?;
    let status = links(dated).iter().find_map(|(url, _)| Status::of_url(url)).ok_or("has no address of a post")?;
    let mut post = identified(&status);
    // What stands before that line is the post's.
    let before = element.traverse().take_while(|edge| !matches!(edge, Edge::Open(node) if node.id() == dated.id()));
    let Rendered { text, links: within, unshown } = text::of_embed(before);
    if text.is_empty() {
        return Ok(printed::bare(post));
    }
    post.doubts.extend(unshown.doubts());
    post.text_state = embeds::state(&text);
    post.text = text;
    embeds::name_links(&mut post, &within);
    let accounts = first("author").map(links).unwrap_or_default();
    let account = |url: &Url| url.path_segments()?.next_back().and_then(Handle::new);
    let handle =
        accounts.iter().filter(|(url, _)| url.host_str().is_some_and(is_host)).find_map(|(url, _)| account(url));
    let name = accounts.into_iter().map(|(_, shown)| shown).find(|shown| !shown.is_empty());
    // Where it says the handle twice, it says no name.
    let name = name.filter(|name| handle.as_ref().is_none_or(|handle| handle.as_str() != name));
    post.doubts.extend(handle.as_ref().and_then(|handle| status.doubt(handle)));
    post.author = Author { handle, name, ..Author::default() };
    let time = dated.descendent_elements().find_map(|one| date::timestamp(text::attribute(one.value(), "title")?));
    if let Some(at) = time.filter(|_| post.created.is_none()) {
        post.created = When::new(at, Precision::Second, WhenSource::Page);
    }
    Ok(post)
}
