//! API v2: answers with `data` and `includes` (also one a line, as twarc keeps pages and streams), and tweets flattened into
//! one object each, with their authors and the tweets they refer to inside.
//!
//! Who wrote a tweet stands in `includes.users`; an author who is missing there stays unnamed, and only the account's id is
//! known. A long post has its text in `note_tweet`; without it the text is cut. Each version of an edited post has an id of
//! its own, and is a post of its own here, marked with its number.

use std::collections::HashMap;

use serde_json::Value;

use super::graphql::edited;
use super::reading::Reading;
use super::tweet::{self, words};
use crate::date;
use crate::model::{Author, Found, Handle, Kind, Media, Metrics, Poll, PollOption, Post, PostRef, TextState};
use crate::platform::json::id;

/// Reads a document; `false` if it is of another shape.
pub(super) fn read(reading: &mut Reading, at: &str, value: &Value) -> bool {
    if is_tweet(value) && value["author"].is_object() {
        put(reading, at.to_owned(), value, &Includes::default(), false);
        return true;
    }
    let data = &value["data"];
    let list = match data {
        Value::Array(list) => list.as_slice(),
        Value::Object(_) => std::slice::from_ref(data),
        // A search that finds nothing has no data.
        Value::Null if value["meta"]["result_count"] == 0 => {
            faults(reading, at, &value["errors"]);
            return true;
        }
        _ => return false,
    };
    let is_ours = list.iter().any(is_tweet) || (list.is_empty() && value["meta"]["result_count"].is_u64());
    if !is_ours {
        return false;
    }
    let includes = Includes::of(&value["includes"]);
    for (i, tweet) in list.iter().enumerate() {
        let step = if data.is_array() { format!("/{i}") } else { String::new() };
        put(reading, format!("{at}/data{step}"), tweet, &includes, false);
    }
    faults(reading, at, &value["errors"]);
    true
}

/// What X says it could not give with the others: posts that were deleted, withheld or are not for everyone, accounts that
/// are gone. Accounts that are merely mentioned cost no post, and are passed over.
fn faults(reading: &mut Reading, at: &str, errors: &Value) {
    for (i, error) in errors.as_array().into_iter().flatten().enumerate() {
        let parameter = error["parameter"].as_str().unwrap_or_default();
        let is_part = matches!(parameter, "id" | "ids" | "author_id") || parameter.starts_with("referenced_tweets.id");
        if is_part || error["resource_type"] == "tweet" {
            let said = words(&error["detail"]).or_else(|| words(&error["title"]));
            let reason = said.unwrap_or_else(|| "was not given, without a reason".to_owned());
            reading.skip(format!("{at}/errors/{i}"), reason.chars().take(200).collect());
        }
    }
}

/// Whether an answer is nothing but what X could not give, and what that is.
pub(super) fn nothing_but_faults(value: &Value) -> bool {
    let kind = value["errors"][0]["type"].as_str().unwrap_or_default();
    let ours = ["https://api.twitter.com/2/problems/", "https://api.x.com/2/problems/"];
    value["data"].is_null() && ours.iter().any(|start| kind.starts_with(start))
}

fn is_tweet(value: &Value) -> bool {
    let refers = value["author_id"].is_string()
        || value["edit_history_tweet_ids"].is_array()
        || value["author"]["username"].is_string();
    value["id"].is_string() && value["text"].is_string() && refers
}

/// What an answer holds beside the tweets that were asked for, by id or key.
#[derive(Default)]
struct Includes<'a> {
    users: HashMap<&'a str, &'a Value>,
    tweets: HashMap<&'a str, (usize, &'a Value)>,
    media: HashMap<&'a str, &'a Value>,
    polls: HashMap<&'a str, &'a Value>,
}

impl<'a> Includes<'a> {
    fn of(includes: &'a Value) -> Includes<'a> {
        let list = |name: &str| includes[name].as_array().map(Vec::as_slice).unwrap_or_default();
        let by = |name: &str, key: &str| list(name).iter().filter_map(|one| Some((one[key].as_str()?, one))).collect();
        let tweets = list("tweets").iter().enumerate();
        Includes {
            users: by("users", "id"),
            tweets: tweets.filter_map(|(i, one)| Some((one["id"].as_str()?, (i, one)))).collect(),
            media: by("media", "media_key"),
            polls: by("polls", "id"),
        }
    }
}

/// Reads a tweet, and those that it passes on or quotes, if they came with it.
fn put(reading: &mut Reading, at: String, tweet: &Value, includes: &Includes<'_>, nested: bool) {
    let mut post = match post(tweet, includes, reading) {
        Ok(post) => post,
        Err(reason) => return reading.skip(at, reason),
    };
    let references = tweet["referenced_tweets"].as_array().map(Vec::as_slice).unwrap_or_default();
    let (mut inside, mut lost) = (Vec::new(), None);
    for (i, reference) in references.iter().enumerate() {
        let Some(number) = id(&reference["id"]) else { continue };
        // Flattened tweets hold the other tweet in the reference.
        let inline = is_tweet(reference).then(|| (format!("{at}/referenced_tweets/{i}"), reference));
        let included = || {
            let (place, tweet) = includes.tweets.get(number.as_str())?;
            let line = at.split('/').next().unwrap_or_default();
            Some((format!("{line}/includes/tweets/{place}"), *tweet))
        };
        let other = inline.or_else(included);
        let whose = other.as_ref().and_then(|(_, other)| author(other, includes).handle);
        let named = tweet::reference(&number, whose.as_ref().map(Handle::as_str));
        match reference["type"].as_str() {
            Some("retweeted") => {
                post = match &other {
                    Some(_) => tweet::repost(post, named),
                    None => {
                        let (post, original) = from_mark(post, &number, named);
                        lost = original;
                        post
                    }
                };
            }
            Some("quoted") => post.quote_of = Some(named),
            Some("replied_to") => {
                post.reply_to = Some(named);
                continue;
            }
            _ => continue,
        }
        inside.extend(other);
    }
    if post.kind != Kind::Repost {
        post.kind = match (&post.reply_to, &post.quote_of) {
            (Some(_), _) => Kind::Reply,
            (None, Some(_)) => Kind::Quote,
            (None, None) => Kind::Original,
        };
    }
    reading.page.posts.push(Found { post, at: at.clone(), nested });
    if nested {
        return;
    }
    reading.page.posts.extend(lost.map(|post| Found { post, at: format!("{at}/text"), nested: true }));
    for (at, other) in inside {
        put(reading, at, other, includes, true);
    }
}

/// A repost whose original did not come with the answer: of its words the beginning is left, behind whose they are
/// (`RT @ada: …`).
fn from_mark(post: Post, number: &str, of: PostRef) -> (Post, Option<Post>) {
    let marked = post.text.strip_prefix("RT @").and_then(|text| text.split_once(": "));
    let Some((whose, said)) = marked.and_then(|(whose, said)| Some((Handle::new(whose)?, said.to_owned()))) else {
        return (Post { kind: Kind::Repost, repost_of: Some(of), text_state: TextState::Truncated, ..post }, None);
    };
    let author = Author { handle: Some(whose), ..Author::default() };
    let original = tweet::named(number, author).map(|original| Post {
        text: said,
        text_state: TextState::Truncated,
        lang: post.lang.clone(),
        doubts: vec!["It is known from a repost only, which cuts it.".to_owned()],
        ..original
    });
    (tweet::repost(post, of), original)
}

/// <https://docs.x.com/x-api/fundamentals/data-dictionary>.
fn post(value: &Value, includes: &Includes<'_>, reading: &Reading) -> Result<Post, String> {
    let number = id(&value["id"]).ok_or("has no id")?;
    let note = &value["note_tweet"];
    let (text, entities) = match note["text"].as_str() {
        Some(text) => (text, &note["entities"]),
        None => (value["text"].as_str().ok_or("has no text")?, &value["entities"]),
    };
    let author = author(value, includes);
    let is_unnamed = author.handle.is_none();
    let mut post = tweet::named(&number, author).ok_or_else(|| format!("has no id of X: {number:?}"))?;
    tweet::date(&mut post, value["created_at"].as_str());
    // The short text is escaped. Whether its note is, a sign that stands in both tells.
    let escapes = ["&amp;", "&lt;", "&gt;"];
    let short = value["text"].as_str().unwrap_or_default();
    let is_plain = note["text"].is_string() && !escapes.iter().any(|sign| text.contains(sign) && short.contains(sign));
    post.text = if is_plain { text.to_owned() } else { tweet::unescaped(text) };
    if is_plain && escapes.iter().any(|sign| text.contains(sign)) {
        post.doubts.push("A sign such as & may stand escaped in it.".to_owned());
    }
    // Behind a text that was cut stands an ellipsis and the address of the post.
    let is_cut =
        note["text"].is_null() && text.contains("… https://t.co/") && tweet::leads_to_itself(entities, &number);
    post.text_state = match note["text"].as_str() {
        None if is_cut => TextState::Truncated,
        None if may_be_cut(&post) => TextState::Unknown,
        _ => TextState::Complete,
    };
    tweet::in_text(&mut post, entities);
    post.lang = words(&value["lang"]);
    if is_unnamed {
        post.doubts.push("The answer does not name its author.".to_owned());
    }
    if value["possibly_sensitive"] == true {
        post.labels.push("sensitive".to_owned());
    }
    if let Some(versions) = value["edit_history_tweet_ids"].as_array() {
        edited(&mut post.labels, versions.iter().filter_map(id), &number);
    }
    tweet::withheld(&mut post, value["withheld"].is_object());
    let attached = &value["attachments"];
    let inline = attached["media"].as_array().into_iter().flatten();
    let keys = attached["media_keys"].as_array().into_iter().flatten().filter_map(Value::as_str);
    post.media = match attached["media"].is_array() {
        true => inline.map(media).collect(),
        // A picture that did not come with the answer is one all the same.
        false => {
            keys.map(|key| includes.media.get(key).map_or_else(|| media(&Value::Null), |one| media(one))).collect()
        }
    };
    let named_poll = || Some(*includes.polls.get(attached["poll_ids"][0].as_str()?)?);
    post.poll = attached.get("poll").filter(|poll| poll.is_object()).or_else(named_poll).and_then(poll);
    let counted = &value["public_metrics"];
    let count = |name: &str| counted[name].as_u64();
    let seen_at = value["__twarc"]["retrieved_at"].as_str().and_then(date::timestamp).unwrap_or(reading.seen_at);
    tweet::metrics(
        &mut post,
        Metrics {
            likes: count("like_count"),
            reposts: count("retweet_count"),
            replies: count("reply_count"),
            quotes: count("quote_count"),
            views: count("impression_count"),
            seen_at: None,
        },
        seen_at,
    );
    Ok(post)
}

/// Since long posts came, in February 2023, a text near the old limit may be cut without a sign, where `note_tweet` was
/// not asked for (<https://github.com/xdevplatform/samples/issues/202>). X counts most signs beyond Latin, Greek and
/// Cyrillic twice.
fn may_be_cut(post: &Post) -> bool {
    const LONG_POSTS: i64 = 1_675_814_400;
    const NEAR: usize = 240;
    let is_after = post.created.is_some_and(|when| when.at().timestamp() >= LONG_POSTS);
    let length = || post.text.chars().map(|c| if u32::from(c) < 0x1100 { 1 } else { 2 }).sum::<usize>();
    is_after && length() >= NEAR
}

fn author(tweet: &Value, includes: &Includes<'_>) -> Author {
    let number = id(&tweet["author_id"]).or_else(|| id(&tweet["author"]["id"]));
    let included = || number.as_deref().and_then(|number| includes.users.get(number).copied());
    let user = Some(&tweet["author"]).filter(|user| user.is_object()).or_else(included).unwrap_or(&Value::Null);
    let handle = user["username"].as_str().and_then(Handle::new);
    Author {
        id: number,
        url: handle.as_ref().map(|handle| format!("https://x.com/{handle}")),
        handle,
        name: user["name"].as_str().map(tweet::unescaped),
        flags: tweet::flags(user["verified"] == true, user["protected"] == true),
    }
}

fn media(media: &Value) -> Media {
    let kind = match media["type"].as_str() {
        Some("photo") => "image",
        Some("video") => "video",
        Some("animated_gif") => "gif",
        _ => "unknown",
    };
    let size = |name: &str| media[name].as_u64().and_then(|size| u32::try_from(size).ok());
    Media {
        url: words(&media["url"])
            .or_else(|| tweet::film(&media["variants"]))
            .or_else(|| words(&media["preview_image_url"])),
        kind: kind.to_owned(),
        alt: words(&media["alt_text"]),
        width: size("width"),
        height: size("height"),
    }
}

fn poll(poll: &Value) -> Option<Poll> {
    let options = poll["options"].as_array()?.iter().filter_map(|option| {
        Some(PollOption { title: option["label"].as_str()?.to_owned(), votes: option["votes"].as_u64() })
    });
    let closes = poll["end_datetime"].as_str().and_then(date::timestamp);
    Some(Poll { options: options.collect(), closes, multiple: false })
}
