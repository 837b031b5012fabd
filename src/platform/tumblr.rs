//! Tumblr: answers of its API v2 (posts of a blog, tagged posts, notes), feeds of blogs, oEmbed answers and embeds.
//!
//! A blog passes on whole trails of posts, each of another blog: their words stand in posts of their own, and a post's text
//! is what its own blog added, nothing mostly. The same holds for a question and its answer. A post is known by its
//! number, from whichever source: blogs are renamed, and may have a domain of their own. Tags with blanks in them are
//! no hashtags; people write sentences there, which are kept as labels. Left out: pages of the site, and likes. Counts of a
//! reblog are those of all that was ever made of the first post, and are left out, too.

mod chain;
mod embeds;
mod feed;
mod legacy;
mod live;
mod notes;
mod npf;
mod post;

use serde_json::Value;
use url::Url;

use super::json::{self, Documents, words};
use super::{Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;
use crate::model::{Author, Handle, Hashtag, Post};

/// Tumblr.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Tumblr",
    cited: None,
    about: "posts of a tag with the trails that they pass on, by its API with a free key",
    live: Some(live::LIVE),
    one: Some(live::one),
    shapes: &[
        Shape {
            name: "posts",
            what: "answers of the API: posts of a blog, of a tag, single ones, lines of them; as blocks (NPF) or as HTML",
            told_by: "`blog_name` with `reblog_key` and an id",
            lacks: "titles of blogs where they do not come along; the time at which others in a trail wrote, mostly",
        },
        Shape {
            name: "notes",
            what: "the notes of a post that hold words: replies and comments of reblogs",
            told_by: "`notes` with `total_notes`, each with a `type` and `blog_name`",
            lacks: "of replies, an id; in a file, which post they answer",
        },
        Shape {
            name: "feed",
            what: "the RSS feed of a blog",
            told_by: "an RSS channel whose generator is `Tumblr`",
            lacks: "counts; when the others in a trail wrote",
        },
        Shape {
            name: "oembed",
            what: "an oEmbed answer",
            told_by: "an oEmbed object whose `provider_url` is Tumblr's",
            lacks: "the words",
        },
    ],
    parse,
    post_at: Some(post_at),
    embeds: Some(embeds::embeds),
    profile_at: None,
};

const NAME: &str = "tumblr";

const DOCUMENTS: Documents = Documents {
    platform: NAME,
    item: "a post of Tumblr",
    misfit: "no posts with `blog_name` and `reblog_key`, and no notes",
    members: &["\"blog_name\"", "\"total_notes\"", "\"meta\""],
    signs: &[["\"blog_name\"", "\"reblog_key\""], ["\"blog_name\"", "\"total_notes\""]],
};

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let status = exchange.response.status;
    if status >= 400 {
        return Err(refused(status, &serde_json::from_str(text).unwrap_or_default()));
    }
    if text.starts_with('<') {
        return feed::read(text);
    }
    let is_asked = !exchange.server().is_empty();
    let answer: Value = if is_asked { serde_json::from_str(text).unwrap_or_default() } else { Value::Null };
    // An error may come as 200.
    if let Some(status) = answer["meta"]["status"].as_u64().and_then(|status| u16::try_from(status).ok())
        && status >= 400
    {
        return Err(refused(status, &answer));
    }
    if text.contains("\"provider_url\"")
        && let Ok(page) = embeds::oembed(text)
    {
        return Ok(Page { shape: "oembed", ..page });
    }
    let mut page = json::documents(text, &DOCUMENTS, |page, at, value| {
        if post::read(page, at, value, exchange.fetched_at) {
            return Some("posts");
        }
        notes::read(page, at, value, exchange).then_some("notes")
    })?;
    live::follow(exchange, &answer, &mut page);
    Ok(page)
}

/// What an answer says that refuses.
fn refused(status: u16, answer: &Value) -> ParseError {
    let said =
        [&answer["errors"][0]["detail"], &answer["errors"][0]["title"], &answer["meta"]["msg"]].map(Value::as_str);
    let message = said.into_iter().flatten().find(|said| !said.is_empty()).unwrap_or("no reason given");
    ParseError::Refused { platform: NAME, status, message: message.chars().take(200).collect() }
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// `www.tumblr.com/BLOG/ID/…`, `BLOG.tumblr.com/post/ID/…`, and two older forms of the dashboard.
fn post_at(url: &Url) -> Option<Post> {
    let host = url.host_str()?;
    let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).take(6).collect();
    let (blog, number) = match (host, parts.as_slice()) {
        (
            "www.tumblr.com" | "tumblr.com",
            ["blog", "view", blog, number, ..] | ["dashboard", "blog", blog, number, ..],
        ) => (*blog, *number),
        ("www.tumblr.com" | "tumblr.com", [blog, number, ..]) if is_id(number) => (*blog, *number),
        (host, ["post" | "image" | "private", number, ..]) => {
            (host.strip_suffix(".tumblr.com").filter(|blog| *blog != "www")?, *number)
        }
        _ => return None,
    };
    let is_blog = !PLACES.contains(&blog);
    named(number).filter(|_| is_blog).map(|post| Post {
        url: Some(format!("https://www.tumblr.com/{blog}/{number}")),
        author: author(blog),
        ..post
    })
}

/// Names of places on the site, which are no blogs.
const PLACES: [&str; 33] = [
    "about",
    "account",
    "activity",
    "api",
    "apps",
    "blog",
    "communities",
    "dashboard",
    "developers",
    "docs",
    "domains",
    "embed",
    "explore",
    "followers",
    "following",
    "help",
    "image",
    "inbox",
    "likes",
    "live",
    "login",
    "messaging",
    "new",
    "oauth",
    "oembed",
    "policy",
    "post",
    "privacy",
    "register",
    "search",
    "settings",
    "tagged",
    "tips",
];

/// A post of which the number is known.
fn named(number: &str) -> Option<Post> {
    is_id(number).then(|| Post {
        platform: NAME.to_owned(),
        id: Some(number.to_owned()),
        uri: Some(uri(number)),
        ..Post::default()
    })
}

fn is_id(number: &str) -> bool {
    (4..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0')
}

/// A number is a post's own, whatever its blog is called.
fn uri(number: &str) -> String {
    format!("{NAME}:post:{number}")
}

/// What the name of a blog tells.
fn author(blog: &str) -> Author {
    let handle = Handle::new(blog);
    Author {
        url: handle.as_ref().map(|handle| format!("https://www.tumblr.com/{handle}")),
        handle,
        ..Author::default()
    }
}

/// The blog of a post, with what the answer tells of it.
fn of_blog(name: Option<&str>, blog: &Value) -> Author {
    let known = name.or_else(|| words(blog, "name")).map(author).unwrap_or_default();
    Author {
        id: words(blog, "uuid").map(str::to_owned),
        name: words(blog, "title").map(str::to_owned),
        url: words(blog, "url").map(str::to_owned).or(known.url),
        handle: known.handle,
        flags: Vec::new(),
    }
}

/// Enters tags: those that can be written behind a `#`, and others.
fn tags<'a>(post: &mut Post, tags: impl Iterator<Item = &'a str>) {
    for tag in tags {
        match Hashtag::new(tag) {
            Some(tag) => post.hashtags.push(tag),
            None => post.labels.push(format!("tagged: {tag}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_posts() {
        let at = |url: &str| {
            post_at(&Url::parse(url).unwrap()).map(|post| (post.uri.unwrap(), post.author.handle.unwrap().to_string()))
        };
        for url in [
            "https://www.tumblr.com/ada-moss/657800000000000001",
            "https://www.tumblr.com/ada-moss/657800000000000001/first-words?source=share",
            "https://ada-moss.tumblr.com/post/657800000000000001/first-words",
            "http://ada-moss.tumblr.com/post/657800000000000001",
            "https://www.tumblr.com/blog/view/ada-moss/657800000000000001",
            "https://www.tumblr.com/dashboard/blog/ada-moss/657800000000000001",
        ] {
            assert_eq!(at(url), Some(("tumblr:post:657800000000000001".to_owned(), "ada-moss".to_owned())), "{url}");
        }
        for url in [
            "https://www.tumblr.com/ada-moss",
            "https://www.tumblr.com/tagged/2021",
            "https://www.tumblr.com/search/12345",
            "https://www.tumblr.com/settings/12345",
            "https://www.tumblr.com/ada-moss/0657800000000000001",
            "https://ada-moss.tumblr.com/tagged/post",
            "https://www.tumblr.com/post/657800000000000001",
            "https://moss.example/post/657800000000000001",
        ] {
            assert_eq!(at(url), None, "{url}");
        }
    }
}
