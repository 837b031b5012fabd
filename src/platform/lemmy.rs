//! Lemmy: posts and comments as the API of any of its servers gives them (v3 and v4), and its feeds.
//!
//! What a post says is its title and the text below it, as on other sites of its kind: one text here, with an empty line
//! between the two. Texts are Markdown as typed. A post has another number on each server; its `ap_id` is the same
//! everywhere. What was deleted or removed is skipped, and named. Left out: votes against, languages (numbers that each server
//! explains elsewhere), and posts of other programs that only the address of a page would tell.

mod feed;
mod fourth;
mod one;
mod search;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::json::{self, Documents, count, id, words};
use super::{Page, ParseError, Platform, Shape};
use crate::date;
use crate::exchange::Exchange;
use crate::model::{
    Author, Found, Handle, Kind, Link, Media, Metrics, Post, PostRef, Precision, Skipped, TextState, When, WhenSource,
};
use crate::quote::Venue;

/// Lemmy.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Lemmy",
    cited: Some(cited),
    about: "posts and comments that hold the tag as a word, by the search of any of its servers: what this server knows",
    live: Some(search::LIVE),
    one: Some(one::one),
    shapes: &[
        Shape {
            name: "views",
            what: "answers of API v3 and v4: lists, single posts and comments, searches, accounts, lines of views",
            told_by: "`post` or `comment` with an `ap_id`, beside a `creator` with a `name` and an address",
            lacks: "texts of what was deleted, languages",
        },
        Shape {
            name: "feed",
            what: "the RSS feed of a community, an account or a server",
            told_by: "items that begin `submitted by` and name an account as their creator",
            lacks: "the text as typed; of posts of other servers, the name that is the same everywhere",
        },
    ],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

/// A post below another is a comment (Publication Manual of the APA, §10.15, for the words).
fn cited(post: &Post) -> Option<Venue> {
    let word = if post.kind == Kind::Reply { "Comment" } else { "Online forum post" };
    Some(Venue::new("Lemmy", word))
}

const NAME: &str = "lemmy";

const DOCUMENTS: Documents = Documents {
    platform: NAME,
    item: "a post or a comment of Lemmy",
    misfit: "no `post` or `comment` with an `ap_id` and a `creator`",
    members: &["\"ap_id\"", "\"posts\"", "\"comments\"", "\"items\""],
    signs: &[["\"ap_id\"", "\"creator_is_moderator\""], ["\"ap_id\"", "\"creator_banned_from_community\""]],
};

/// Lists and members of answers in which views stand, in the order in which they are read.
const PLACES: [&str; 7] = ["post_view", "comment_view", "posts", "comments", "items", "results", "cross_posts"];

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let status = exchange.response.status;
    let is_asked = ["/api/v3/", "/api/v4/"].iter().any(|path| exchange.request.url.contains(path));
    if status >= 400 {
        let said = serde_json::from_str::<Value>(text).unwrap_or_default();
        // Version 0.19 says 400 to one who asks too much, which is else said of a page that is gone for good.
        if is_asked && said["error"] == "rate_limit_error" {
            let stuck = Some(format!("the server answers {status}: rate_limit_error"));
            return Ok(Page { shape: "views", stuck, ..Page::default() });
        }
        let message = said["message"].as_str().or_else(|| said["error"].as_str()).unwrap_or("no reason given");
        return Err(ParseError::Refused { platform: NAME, status, message: message.chars().take(200).collect() });
    }
    if text.starts_with('<') {
        return feed::read(text, exchange.fetched_at);
    }
    let mut page = json::documents(text, &DOCUMENTS, |page, at, value| {
        let views = views(at, value, is_asked)?;
        // What an answer answers may stand in the same answer, and has its name there.
        let names: HashMap<String, String> = views.iter().filter_map(|(_, view)| name(&view["comment"])).collect();
        for (at, view) in views {
            match post(view, &names, exchange.fetched_at) {
                Ok(post) => page.posts.push(Found { post, at, nested: false }),
                Err(reason) => page.skipped.push(Skipped { at, reason }),
            }
        }
        Some("views")
    })?;
    if is_asked {
        let answer = serde_json::from_str(text).unwrap_or_default();
        one::follow(&exchange.request, &answer, &mut page);
        search::follow(exchange, &answer, &mut page);
    }
    Ok(page)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

/// The views in a document, with their places.
fn views<'a>(at: &str, value: &'a Value, is_asked: bool) -> Option<Vec<(String, &'a Value)>> {
    if is_view(value) {
        return Some(vec![(at.to_owned(), value)]);
    }
    let listed = |place: String, list: &'a Value| {
        let list = list.as_array().into_iter().flatten().enumerate();
        list.map(move |(i, view)| (format!("{place}/{i}"), view))
    };
    if value.is_array() {
        let views: Vec<_> = listed(at.to_owned(), value).collect();
        return views.iter().any(|(_, view)| is_view(view)).then_some(views);
    }
    let mut views = Vec::new();
    for name in PLACES {
        let (place, part) = (format!("{at}/{name}"), &value[name]);
        if is_view(part) {
            views.push((place, part));
        } else {
            views.extend(listed(place, part));
        }
    }
    let is_search = value["posts"].is_array() && value["comments"].is_array() && value["communities"].is_array();
    let is_empty = views.is_empty() && (is_search || (is_asked && PLACES.iter().any(|name| value[*name].is_array())));
    (is_empty || views.iter().any(|(_, view)| is_view(view))).then_some(views)
}

/// Whether it is a post or a comment with what stands around it.
fn is_view(value: &Value) -> bool {
    let creator = &value["creator"];
    let is_named = creator["name"].is_string() && address(creator).is_some();
    let of = |name: &str| value[name]["ap_id"].is_string();
    is_named && (of("comment") || of("post"))
}

/// The address by which servers know an account or a community: `actor_id` in v3.
fn address(actor: &Value) -> Option<&str> {
    words(actor, "actor_id").or_else(|| words(actor, "ap_id"))
}

fn name(object: &Value) -> Option<(String, String)> {
    Some((id(&object["id"])?, words(object, "ap_id")?.to_owned()))
}

fn post(view: &Value, names: &HashMap<String, String>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let comment = view["comment"].is_object().then(|| &view["comment"]);
    let said = comment.unwrap_or(&view["post"]);
    let kind = if comment.is_some() { "comment" } else { "post" };
    let (number, uri) = name(said).ok_or("has no id")?;
    let gone = [("deleted", "deleted"), ("removed", "removed by a moderator")];
    if let Some((_, how)) = gone.into_iter().find(|(name, _)| said[*name] == true) {
        return Err(format!("was {how}: {uri}"));
    }
    // In v3 counts and times had members of their own.
    let counted = |name: &str| count(&view["counts"][name]).or_else(|| count(&said[name]));
    let time = |names: [&str; 2]| names.into_iter().find_map(|name| date::timestamp(words(said, name)?));
    let mut post = Post {
        platform: NAME.to_owned(),
        // Posts and comments are counted apart.
        id: Some(format!("{kind}/{number}")),
        url: Some(uri.clone()).filter(|uri| uri.starts_with("http")),
        uri: Some(uri),
        author: author(&view["creator"]),
        created: time(["published_at", "published"])
            .and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        edited: time(["updated_at", "updated"]),
        text_state: TextState::Complete,
        ..Post::default()
    };
    match comment {
        Some(comment) => {
            post.text = words(comment, "content").ok_or("has no text")?.to_owned();
            post.kind = Kind::Reply;
            post.reply_to = answered(comment, &view["post"], names);
        }
        None => {
            let (title, body) = (words(said, "name").unwrap_or_default(), words(said, "body").unwrap_or_default());
            post.text = titled(title, body).ok_or("has no text")?;
            if let Some(url) = words(said, "url") {
                let kind = words(said, "url_content_type").unwrap_or_default();
                beside(&mut post, url, kind, words(said, "alt_text"));
            }
        }
    }
    if said["nsfw"] == true || view["community"]["nsfw"] == true {
        post.labels.push("sensitive".to_owned());
    }
    post.labels.extend(community(&view["community"]));
    let likes = counted("upvotes");
    let replies = counted(if comment.is_some() { "child_count" } else { "comments" });
    post.metrics = Metrics { likes, replies, seen_at: likes.or(replies).map(|_| seen_at), ..Metrics::default() };
    Ok(post)
}

/// A title and the text below it.
fn titled(title: &str, body: &str) -> Option<String> {
    match (title.is_empty(), body.is_empty()) {
        (true, true) => None,
        (false, false) => Some(format!("{title}\n\n{body}")),
        _ => Some(format!("{title}{body}")),
    }
}

/// Enters what a post links to: a page, or a picture. Of what type it is, older servers do not say.
fn beside(post: &mut Post, url: &str, kind: &str, alt: Option<&str>) {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let ends = |names: &[&str]| names.iter().any(|name| path.ends_with(name));
    let kind = match kind {
        kind if kind.starts_with("image/") => Some("image"),
        kind if kind.starts_with("video/") => Some("video"),
        "" if ends(&[".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"]) => Some("image"),
        "" if ends(&[".mp4", ".webm"]) => Some("video"),
        _ => None,
    };
    match kind {
        Some(kind) => post.media.push(Media {
            url: Some(url.to_owned()),
            kind: kind.to_owned(),
            alt: alt.map(str::to_owned),
            ..Media::default()
        }),
        None => post.links.push(Link { shown: String::new(), url: url.to_owned() }),
    }
}

/// What a comment answers: `path` holds the numbers of those above it, `0` first.
fn answered(comment: &Value, post: &Value, names: &HashMap<String, String>) -> Option<PostRef> {
    let above = words(comment, "path").and_then(|path| path.rsplit('.').nth(1)).filter(|above| *above != "0");
    // Before 0.17 a member named it.
    let parent = above.map(str::to_owned).or_else(|| id(&comment["parent_id"]));
    if let Some(parent) = parent {
        let uri = names.get(&parent).cloned();
        return Some(PostRef { url: uri.clone(), uri, id: Some(format!("comment/{parent}")) });
    }
    let number = id(&post["id"]).or_else(|| id(&comment["post_id"]))?;
    let uri = words(post, "ap_id").map(str::to_owned);
    Some(PostRef { id: Some(format!("post/{number}")), url: uri.clone(), uri })
}

fn author(creator: &Value) -> Author {
    let address = address(creator).filter(|address| address.starts_with("http"));
    let flags = [("bot", creator["bot_account"] == true)];
    Author {
        id: id(&creator["id"]),
        handle: words(creator, "name").zip(address).and_then(|(name, address)| handle(name, address)),
        name: words(creator, "display_name").map(str::to_owned),
        url: address.map(str::to_owned),
        flags: flags.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()).collect(),
    }
}

/// A name with the server of the account's address.
fn handle(name: &str, address: &str) -> Option<Handle> {
    let url = Url::parse(address).ok()?;
    let server = url
        .port()
        .map_or_else(|| url.host_str().map(str::to_owned), |port| Some(format!("{}:{port}", url.host_str()?)));
    Handle::fediverse(name, &server.filter(|server| !server.is_empty())?)
}

/// The community, as its own name is written: `!NAME@SERVER`.
fn community(community: &Value) -> Option<String> {
    let handle = handle(words(community, "name")?, address(community)?)?;
    Some(format!("!{handle}"))
}
