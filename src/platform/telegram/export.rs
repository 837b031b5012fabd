//! `result.json` of Telegram Desktop: <https://telegram.org/blog/export-and-more>.
//!
//! Channels and supergroups count their messages for everybody; in all other chats every account counts for itself, so that
//! two people's exports have different messages under one number.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;

use super::{NAME, forwarding, misfit};
use crate::model::{
    Author, Found, Hashtag, Kind, Link, Media, Poll, PollOption, Post, PostRef, Precision, Skipped, TextState, When,
    WhenSource,
};
use crate::platform::json::id;
use crate::platform::{Page, ParseError};

/// Reads an export of one chat, or of several in one file.
///
/// # Errors
/// If it is none.
pub(super) fn read(text: &str) -> Result<Page, ParseError> {
    let value: Value = serde_json::from_str(text).map_err(|error| misfit(crate::platform::json::fault(&error)))?;
    let mut page = Page { shape: "export", ..Page::default() };
    let chats = match value["chats"]["list"].as_array() {
        Some(list) => list.iter().enumerate().map(|(i, chat)| (format!("/chats/list/{i}"), chat)).collect(),
        None => vec![(String::new(), &value)],
    };
    let is_chat = |chat: &Value| {
        let messages = chat["messages"].as_array();
        let is_message =
            |message: &Value| message["id"].is_i64() && message["type"].is_string() && message["date"].is_string();
        chat["type"].is_string()
            && messages.is_some_and(|messages| messages.is_empty() || messages.iter().any(is_message))
    };
    if !chats.iter().any(|(_, chat)| is_chat(chat)) {
        return Err(misfit("no chat with `type` and `messages`"));
    }
    for (at, chat) in chats {
        let names = names(chat);
        for (i, message) in chat["messages"].as_array().into_iter().flatten().enumerate() {
            let at = format!("{at}/messages/{i}");
            match self::message(chat, message, &names) {
                Ok((post, forwarded)) => {
                    page.posts.push(Found { post, at: at.clone(), nested: false });
                    page.posts.extend(forwarded.map(|post| Found {
                        post,
                        at: format!("{at} forwarded"),
                        nested: true,
                    }));
                }
                Err(reason) => page.skipped.push(Skipped { at, reason }),
            }
        }
    }
    Ok(page)
}

/// What tells the messages of a chat from all others, by their numbers.
fn names(chat: &Value) -> HashMap<String, String> {
    let messages = chat["messages"].as_array().into_iter().flatten();
    messages.filter_map(|message| Some((id(&message["id"])?, name(chat, message)?))).collect()
}

/// What tells a message from all others. Users, groups and channels are numbered apart from each other. Where each account
/// counts for itself, author and time keep one person's message from being taken for another's.
fn name(chat: &Value, message: &Value) -> Option<String> {
    let (kind, chat, number) = (chat["type"].as_str()?, id(&chat["id"])?, id(&message["id"])?);
    let is_channel = matches!(kind, "public_channel" | "private_channel" | "public_supergroup" | "private_supergroup");
    // What a supergroup took over from the group that it was before has numbers below zero.
    if is_channel && !number.starts_with('-') {
        return Some(format!("channel{chat}/{number}"));
    }
    let whose = message["from_id"].as_str().unwrap_or_default();
    let time = id(&message["date_unixtime"]).or_else(|| id(&message["date"])).unwrap_or_default();
    Some(format!("{kind}{chat}/{number}/{whose}/{time}"))
}

/// The message that one answers, if it can be told: it may stand in another chat.
fn answered(chat: &Value, message: &Value, names: &HashMap<String, String>) -> Option<PostRef> {
    let number = id(&message["reply_to_message_id"])?;
    let name = match message["reply_to_peer_id"].as_str() {
        Some(peer) => peer.starts_with("channel").then(|| format!("{peer}/{number}")),
        // An export may begin behind it.
        None => names.get(&number).cloned().or_else(|| {
            let answered = serde_json::json!({ "id": number });
            name(chat, &answered).filter(|name| name.starts_with("channel"))
        }),
    };
    Some(PostRef { id: Some(name?), ..PostRef::default() })
}

/// A message, and what it forwards.
fn message(chat: &Value, message: &Value, names: &HashMap<String, String>) -> Result<(Post, Option<Post>), String> {
    id(&chat["id"]).ok_or("stands in a chat without id")?;
    let number = id(&message["id"]).ok_or("has no id")?;
    if message["type"] != "message" {
        return Err("is a notice of the chat, not a message".to_owned());
    }
    let words = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let mut post = Post {
        platform: NAME.to_owned(),
        id: names.get(&number).cloned(),
        author: Author { id: words(&message["from_id"]), name: words(&message["from"]), ..Author::default() },
        created: created(message),
        text_state: TextState::Complete,
        ..Post::default()
    };
    // The text is one string, or pieces of which some are marked.
    for piece in message["text"].as_array().map_or(std::slice::from_ref(&message["text"]), Vec::as_slice) {
        let shown = piece.as_str().or_else(|| piece["text"].as_str()).unwrap_or_default();
        post.text.push_str(shown);
        match piece["type"].as_str() {
            Some("hashtag") => post.hashtags.extend(Hashtag::new(shown)),
            Some("link") => post.links.push(Link { shown: shown.to_owned(), url: shown.to_owned() }),
            Some("text_link") => {
                post.links.extend(words(&piece["href"]).map(|url| Link { shown: shown.to_owned(), url }))
            }
            Some("strikethrough") => {
                post.doubts.push("Parts of the text are struck out, which plain text does not show.".to_owned())
            }
            _ => {}
        }
    }
    let edited = id(&message["edited_unixtime"]).and_then(|seconds| DateTime::from_timestamp(seconds.parse().ok()?, 0));
    post.edited = edited.filter(|edited| post.created.is_none_or(|created| created.at() < *edited));
    post.media = media(message);
    post.poll = poll(&message["poll"]);
    if let Some(question) = words(&message["poll"]["question"]).filter(|_| post.text.is_empty()) {
        post.text = question;
    }
    if post.text.is_empty() && post.media.is_empty() {
        return Err("has no text".to_owned());
    }
    post.labels.extend(words(&message["author"]).map(|author| format!("signed by {author}")));
    post.labels.extend(words(&message["via_bot"]).map(|bot| format!("via {bot}")));
    if id(&message["reply_to_message_id"]).is_some() {
        post.kind = Kind::Reply;
        post.reply_to = answered(chat, message, names);
    }
    if !matches!(chat["type"].as_str(), Some("public_channel" | "public_supergroup")) {
        post.labels.push("not public".to_owned());
        post.doubts.push("It was not addressed to the public.".to_owned());
    }
    // The name is `null` where the account is gone, and missing where only the chat is known from which it was saved.
    let is_forward =
        ["forwarded_from", "forwarded_from_id", "saved_from"].iter().any(|name| message.get(*name).is_some());
    if !is_forward {
        return Ok((post, None));
    }
    let author = Author {
        id: words(&message["forwarded_from_id"]),
        name: words(&message["forwarded_from"]),
        ..Author::default()
    };
    Ok(forwarding(post, author))
}

/// Newer exports tell seconds since 1970; older ones the time of whoever exported, without a zone.
fn created(message: &Value) -> Option<When> {
    if let Some(seconds) = id(&message["date_unixtime"]).and_then(|seconds| seconds.parse().ok()) {
        return When::new(DateTime::from_timestamp(seconds, 0)?, Precision::Second, WhenSource::Platform);
    }
    let local = NaiveDateTime::parse_from_str(message["date"].as_str()?, "%Y-%m-%dT%H:%M:%S").ok()?;
    When::day(local.date(), WhenSource::Platform)
}

fn media(message: &Value) -> Vec<Media> {
    let size = |name: &str| message[name].as_u64().and_then(|size| u32::try_from(size).ok());
    let kind = match (message["media_type"].as_str(), message["photo"].is_string(), message["file"].is_string()) {
        (_, true, _) => "image",
        (Some("video_file" | "video_message"), ..) => "video",
        (Some("animation"), ..) => "gif",
        (Some("voice_message" | "audio_file"), ..) => "audio",
        (Some("sticker"), ..) | (None, false, true) => "unknown",
        _ => return Vec::new(),
    };
    vec![Media { kind: kind.to_owned(), width: size("width"), height: size("height"), ..Media::default() }]
}

fn poll(poll: &Value) -> Option<Poll> {
    let option = |option: &Value| {
        Some(PollOption { title: option["text"].as_str()?.to_owned(), votes: option["voters"].as_u64() })
    };
    Some(Poll { options: poll["answers"].as_array()?.iter().filter_map(option).collect(), ..Poll::default() })
}
