//! A tweet in gallery-dl's words: <https://github.com/mikf/gallery-dl/blob/master/gallery_dl/extractor/twitter.py>.
//!
//! `content` is unescaped, has its links written out since 2021, and lacks the link at its end; long posts are whole since
//! 2023. `author` wrote the words; `user` is whose timeline it was. Of a retweet, `tweet_id` and `retweet_id` name the two
//! posts: until June 2020 in the one order, since then in the other; the retweet is the later one. `quote_id` is not what a
//! post quotes but what quotes it. A tweet out of a page of Nitter has its text as HTML.

use serde_json::Value;

use super::own::{count, created, words};
use crate::model::{Author, Handle, Hashtag, Kind, Mention, Metrics, Post, PostRef, TextState};
use crate::platform;
use crate::platform::json::id;
use crate::text;

/// The timelines whose owner has passed a retweet on.
const TIMELINES: [&str; 6] = ["timeline", "tweets", "with-replies", "replies", "media", "tweet"];

/// Reads a tweet; of a retweet the post without words, and the one that it passes on.
///
/// # Errors
/// What it lacks.
pub(super) fn posts(tweet: &Value) -> Result<Vec<Post>, String> {
    let number = number(tweet, "tweet_id").ok_or("has no id")?;
    let other = self::number(tweet, "retweet_id").filter(|other| *other != number);
    let Some(other) = other else { return Ok(vec![said(tweet, &number)?]) };
    let (original, retweet) = if is_older(&number, &other) { (number, other) } else { (other, number) };
    let passed = said(tweet, &original);
    let of = passed
        .as_ref()
        .ok()
        .map_or_else(|| reference(&original, None), |post| reference(&original, post.author.handle.as_ref()));
    let user = author(&tweet["user"]);
    let is_owner = tweet["subcategory"].as_str().is_some_and(|name| TIMELINES.contains(&name))
        && user.handle.is_some()
        && user.handle != author(&tweet["author"]).handle;
    let user = if is_owner { user } else { Author::default() };
    let repost = Post {
        kind: Kind::Repost,
        repost_of: of,
        text_state: TextState::Complete,
        ..named(&retweet, user).ok_or("has no id of X")?
    };
    Ok([repost].into_iter().chain(passed).collect())
}

/// An id, which is a number that was made of a text; zero stands for none.
fn number(tweet: &Value, name: &str) -> Option<String> {
    id(&tweet[name]).filter(|id| id != "0")
}

fn is_older(one: &str, other: &str) -> bool {
    (one.len(), one) < (other.len(), other)
}

/// The words of a tweet under the id of the post that they belong to.
fn said(tweet: &Value, number: &str) -> Result<Post, String> {
    let author = author(&tweet["author"]);
    // Of a post that is but pictures the link to them is left out, and with it everything.
    let has_files = count(tweet, "count").is_some_and(|count| count > 0) || tweet.get("num").is_some();
    let said = tweet["content"].as_str().filter(|text| !text.is_empty() || has_files);
    let mut text = said.ok_or("has no text")?.to_owned();
    let handle = author.handle.clone();
    let is_passed_on = self::number(tweet, "retweet_id").is_some();
    if is_passed_on {
        // What X, or gallery-dl, put before the words of somebody else.
        let before = handle.as_ref().map(|handle| format!("RT @{handle}: ")).unwrap_or_default();
        match text.get(..before.len()) {
            Some(start) if !before.is_empty() && start.eq_ignore_ascii_case(&before) => {
                drop(text.drain(..before.len()))
            }
            _ if text.starts_with("RT @") => return Err("does not tell whose words it passes on".to_owned()),
            _ => {}
        }
    }
    let mut post = named(number, author).ok_or("has no id of X")?;
    // A page of Nitter gave it.
    if tweet["retweet"].is_boolean() {
        // It shows line breaks as they stand.
        let rendered = text::from_fragment(&text.replace('\n', "<br>"));
        post.links = rendered.links.into_iter().filter(|link| link.url.starts_with("http")).collect();
        post.doubts = rendered.unshown.doubts();
        text = rendered.text;
    } else if text.matches("://").count() > text.matches("://t.co/").count() {
        post.doubts.push("gallery-dl gives it with its links written out.".to_owned());
    }
    post.text_state = if text.ends_with('…') { TextState::Truncated } else { TextState::Unknown };
    post.text = text;
    post.created = post.created.or(created(tweet, "date"));
    post.lang = words(tweet, "lang").map(str::to_owned);
    let list = |name: &str| tweet[name].as_array().into_iter().flatten();
    post.hashtags = list("hashtags").filter_map(|tag| Hashtag::new(tag.as_str()?)).collect();
    if tweet["sensitive"] == true {
        post.labels.push("sensitive".to_owned());
    }
    if is_passed_on {
        // What else is told is told of the retweet: whom it names, and how often that was liked.
        return Ok(post);
    }
    let mention = |user: &Value| {
        let Author { handle, id, url, .. } = self::author(user);
        handle.is_some().then_some(Mention { handle, id, url })
    };
    post.mentions = list("mentions").filter_map(mention).collect();
    if let Some(answered) = self::number(tweet, "reply_id") {
        post.kind = Kind::Reply;
        post.reply_to = reference(&answered, words(tweet, "reply_to").and_then(Handle::new).as_ref());
    }
    post.metrics = Metrics {
        likes: count(tweet, "favorite_count").or_else(|| count(tweet, "likes")),
        reposts: count(tweet, "retweet_count").or_else(|| count(tweet, "retweets")),
        replies: count(tweet, "reply_count").or_else(|| count(tweet, "comments")),
        quotes: count(tweet, "quote_count").or_else(|| count(tweet, "quotes")),
        // Zero stands for what X did not say.
        views: count(tweet, "view_count").filter(|count| *count > 0),
        seen_at: None,
    };
    Ok(post)
}

/// `name` is the handle, `nick` the name.
fn author(user: &Value) -> Author {
    let handle = words(user, "name").and_then(Handle::new);
    let flags = [("verified", &user["verified"]), ("locked", &user["protected"])];
    Author {
        id: id(&user["id"]).filter(|id| id != "0"),
        url: handle.as_ref().map(|handle| format!("https://x.com/{handle}")),
        handle,
        name: user["nick"].as_str().map(str::to_owned),
        flags: flags.into_iter().filter(|(_, is)| **is == true).map(|(flag, _)| flag.to_owned()).collect(),
    }
}

/// A post of that id and author.
fn named(number: &str, author: Author) -> Option<Post> {
    let post = platform::post_at(&address(number, author.handle.as_ref()))?;
    let url = post.url.filter(|_| author.handle.is_some());
    Some(Post { author, url, ..post })
}

fn address(number: &str, handle: Option<&Handle>) -> String {
    format!("https://x.com/{}/status/{number}", handle.map_or("i", Handle::as_str))
}

fn reference(number: &str, handle: Option<&Handle>) -> Option<PostRef> {
    let Post { id, uri, url, .. } = platform::post_at(&address(number, handle))?;
    Some(PostRef { id, uri, url })
}
