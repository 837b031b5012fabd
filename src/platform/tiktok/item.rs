//! Videos as the web client gets them (`createTime`, `uniqueId`), or the apps (`create_time`, `unique_id`).

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{account, author, date, keep, list, mention, named, uri};
use crate::model::{Author, Handle, Hashtag, Kind, Media, Metrics, Post, PostRef, TextState};
use crate::platform::Page;
use crate::platform::json::{count, id, seconds, words};
use crate::platform::printed::inline;

/// Lists of items: of accounts, tags, searches; and of the apps.
const LISTS: [&str; 4] = ["itemList", "item_list", "items", "aweme_list"];

/// Reads a list of items, or one; `false` if it is neither.
pub(super) fn read(page: &mut Page, at: &str, value: &Value, seen_at: DateTime<Utc>) -> bool {
    let Some(items) = items(at, value) else { return false };
    for (at, item) in items {
        keep(page, at, post(item, seen_at));
    }
    true
}

/// The items in a document, with their places.
fn items<'a>(at: &str, value: &'a Value) -> Option<Vec<(String, &'a Value)>> {
    if is_item(value) {
        return Some(vec![(at.to_owned(), value)]);
    }
    let single = [("itemInfo/itemStruct", &value["itemInfo"]["itemStruct"]), ("aweme_detail", &value["aweme_detail"])];
    if let Some((place, item)) = single.into_iter().find(|(_, item)| is_item(item)) {
        return Some(vec![(format!("{at}/{place}"), item)]);
    }
    if let Value::Array(all) = value {
        let all: Vec<_> = all.iter().enumerate().map(|(i, item)| (format!("{at}/{i}"), item)).collect();
        return all.iter().any(|(_, item)| is_item(item)).then_some(all);
    }
    let is_answer = || value.get("statusCode").or(value.get("status_code")).is_some() && value.get("log_pb").is_some();
    if let Some(items) = LISTS.iter().find_map(|name| list(at, value, name)) {
        let items: Vec<_> = items.collect();
        let fits = items.iter().any(|(_, item)| is_item(item)) || (items.is_empty() && is_answer());
        return fits.then_some(items);
    }
    if let Some(module) = value["ItemModule"].as_object() {
        let items: Vec<_> = module.iter().map(|(key, item)| (format!("{at}/ItemModule/{key}"), item)).collect();
        return (items.is_empty() || items.iter().any(|(_, item)| is_item(item))).then_some(items);
    }
    // A search shows videos among accounts and other things.
    let found = list(at, value, "data")?.filter_map(|(at, hit)| Some((format!("{at}/item"), hit.get("item")?)));
    let found: Vec<_> = found.collect();
    found.iter().any(|(_, item)| is_item(item)).then_some(found)
}

/// Whether it is a video. Douyin's apps send the same as TikTok's, but for the address.
pub(super) fn is_item(value: &Value) -> bool {
    let has_author = value["author"].is_object() || value["author"].is_string();
    let of_web = || value.get("id").is_some() && value.get("createTime").is_some();
    let of_app = || {
        let address = value["share_url"].as_str().unwrap_or_default();
        value.get("aweme_id").is_some() && value.get("create_time").is_some() && address.contains("tiktok.com/")
    };
    value["desc"].is_string() && has_author && (of_web() || of_app())
}

fn post(item: &Value, seen_at: DateTime<Utc>) -> Result<Post, String> {
    if item.get("liveRoomInfo").is_some() {
        return Err("is a live stream".to_owned());
    }
    let number = id(&item["id"]).or_else(|| id(&item["aweme_id"])).ok_or("has no id")?;
    let mut post = named(&number).ok_or_else(|| format!("has no id of TikTok: {number:?}"))?;
    post.author = match &item["author"] {
        // In the scripts of pages the account stands beside the words, by its name alone.
        Value::String(handle) => Author {
            id: id(&item["authorId"]),
            name: item["nickname"].as_str().map(str::to_owned),
            ..author(Handle::new(handle))
        },
        user => account(user),
    };
    let pictures = ["imagePost", "image_post_info"].iter().find_map(|name| item[*name]["images"].as_array());
    let kind = if pictures.is_some() { "photo" } else { "video" };
    let profile = post.author.url.as_deref();
    post.url = profile.map(|profile| format!("{profile}/{kind}/{number}"));
    (post.text, post.text_state) = said(item).ok_or("has no text")?;
    let title = words(&item["imagePost"], "title").unwrap_or_default();
    if post.text.is_empty() {
        title.clone_into(&mut post.text);
    } else if !title.is_empty() && !post.text.starts_with(title) {
        post.labels.push(format!("title: {title}"));
    }
    in_text(&mut post, item);
    date(&mut post, seconds(&item["createTime"]).or_else(|| seconds(&item["create_time"])));
    post.media = media(item, pictures);
    post.lang = ["textLanguage", "desc_language"]
        .iter()
        .find_map(|name| words(item, name))
        .filter(|lang| *lang != "un")
        .map(str::to_owned);
    let duet = words(&item["duetInfo"], "duetFromId").filter(|of| *of != "0");
    if let Some(of) = duet {
        post.kind = Kind::Quote;
        post.quote_of = Some(PostRef { id: Some(of.to_owned()), uri: Some(uri(of)), url: None });
    }
    if item["isAd"] == true || item["is_ads"] == true {
        post.labels.push("advertisement".to_owned());
    }
    if item["privateItem"] == true || item["secret"] == true || item["forFriend"] == true {
        post.labels.push("not public".to_owned());
        post.doubts.push("It was not addressed to the public.".to_owned());
    }
    let count = |web: &str, app: &str| {
        let counts = [&item["statsV2"][web], &item["stats"][web], &item["statistics"][app]];
        counts.into_iter().find_map(count)
    };
    let metrics = Metrics {
        likes: count("diggCount", "digg_count"),
        reposts: count("shareCount", "share_count"),
        replies: count("commentCount", "comment_count"),
        views: count("playCount", "play_count"),
        ..Metrics::default()
    };
    post.metrics = Metrics { seen_at: (metrics != Metrics::default()).then_some(seen_at), ..metrics };
    Ok(post)
}

/// The description, and whether it is as it was written: `contents` holds a line each, `desc` all of them on one.
fn said(item: &Value) -> Option<(String, TextState)> {
    let desc = item["desc"].as_str()?;
    let lines: Option<Vec<&str>> =
        item["contents"].as_array().and_then(|lines| lines.iter().map(|line| line["desc"].as_str()).collect());
    let lines = lines.unwrap_or_default().join("\n");
    let is_same = |a: &str, b: &str| a.split_whitespace().eq(b.split_whitespace());
    if !lines.is_empty() && is_same(&lines, desc) {
        return Some((lines, TextState::Complete));
    }
    let is_whole = desc.is_empty() || desc.contains('\n');
    let state = if is_whole { TextState::Complete } else { TextState::Unknown };
    Some((desc.to_owned(), state))
}

/// Enters hashtags and accounts. TikTok names tags in lower case; as they were written they stand in the text.
fn in_text(post: &mut Post, item: &Value) {
    let lines = item["contents"].as_array().into_iter().flatten();
    let own = [&item["textExtra"], &item["text_extra"]];
    let own = own.into_iter().find(|extra| extra.as_array().is_some_and(|list| !list.is_empty()));
    let extras: Vec<&Value> = match own {
        Some(extra) => extra.as_array().into_iter().flatten().collect(),
        None => lines.filter_map(|line| line["textExtra"].as_array()).flatten().collect(),
    };
    let either = |value: &Value, names: [&str; 2]| names.iter().find_map(|name| words(value, name).map(str::to_owned));
    let written = inline::read(&post.text).hashtags;
    let mut named: Vec<Hashtag> = Vec::new();
    for extra in extras {
        if let Some(tag) = either(extra, ["hashtagName", "hashtag_name"]).and_then(|name| Hashtag::new(&name)) {
            let as_written = written.iter().find(|written| written.folded() == tag.folded()).cloned();
            named.push(as_written.unwrap_or(tag));
        } else {
            let whose = either(extra, ["userUniqueId", "user_unique_id"]);
            post.mentions.extend(mention(whose.as_deref(), either(extra, ["userId", "user_id"])));
        }
    }
    post.hashtags = if named.is_empty() { written } else { named };
}

fn media(item: &Value, pictures: Option<&Vec<Value>>) -> Vec<Media> {
    let size = |value: &Value| value.as_u64().and_then(|size| u32::try_from(size).ok()).filter(|size| *size > 0);
    if let Some(pictures) = pictures {
        let picture = |picture: &Value| Media {
            url: picture["imageURL"]["urlList"][0].as_str().map(str::to_owned),
            kind: "image".to_owned(),
            width: size(&picture["imageWidth"]),
            height: size(&picture["imageHeight"]),
            ..Media::default()
        };
        return pictures.iter().map(picture).collect();
    }
    let video = &item["video"];
    if !video.is_object() {
        // In the scripts of some pages it is only named.
        return vec![Media { kind: "video".to_owned(), ..Media::default() }];
    }
    let file = ["downloadAddr", "playAddr"].iter().find_map(|name| words(video, name));
    vec![Media {
        url: file.map(str::to_owned),
        kind: "video".to_owned(),
        width: size(&video["width"]),
        height: size(&video["height"]),
        ..Media::default()
    }]
}
