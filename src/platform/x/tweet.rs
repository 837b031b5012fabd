//! The classic tweet object: API v1.1, streams, the X archive, and the `legacy` part of GraphQL.
//!
//! Which text is whole: `note_tweet` (long posts), then `extended_tweet.full_text`, `full_text`, `text`. The three signs
//! `&`, `<` and `>` are escaped in all of them but the note, once; links stand in them as `https://t.co/…`, and stay: where they lead is told
//! beside the text. Positions inside the text are not used: they count what the text was before it was unescaped.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::status::{Status, identified};
use crate::date;
use crate::model::{
    Author, Handle, Hashtag, Kind, Link, Media, Mention, Metrics, Poll, PollOption, Post, PostRef, Precision,
    TextState, When, WhenSource,
};
use crate::platform::json::id;
pub(super) use crate::platform::json::unescaped;

/// The difference between an id's time and the printed one that clocks may have, in seconds.
const CLOCKS: i64 = 5;

/// What stands around the classic object in another shape.
#[derive(Default)]
pub(super) struct Around<'a> {
    /// The author, where the tweet itself does not hold it.
    pub(super) author: Option<Author>,
    /// The text of a long post, and what stands in it.
    pub(super) note: Option<(&'a str, &'a Value)>,
    /// Whether the answer says that there is such a text, whether or not it gives it.
    pub(super) announces_note: bool,
    /// The card, which holds a poll.
    pub(super) card: Option<&'a Value>,
    /// How often it was seen.
    pub(super) views: Option<u64>,
}

/// Reads one tweet; what it retweets or quotes is only referred to.
///
/// # Errors
/// What it lacks, as a fragment.
pub(super) fn post(tweet: &Value, around: Around<'_>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    let number = id(&tweet["id_str"]).or_else(|| id(&tweet["id"])).ok_or("has no id")?;
    let author = around.author.or_else(|| user(&tweet["user"])).or_else(|| of_media(tweet, &number));
    let author = author.unwrap_or_default();
    let mut post = named(&number, author).ok_or_else(|| format!("has no id of X: {number:?}"))?;
    date(&mut post, tweet["created_at"].as_str());
    let extended = &tweet["extended_tweet"];
    let (text, entities, media) = match around.note {
        Some((text, entities)) => (text, entities, &tweet["extended_entities"]["media"]),
        None => match extended["full_text"].as_str() {
            Some(text) => (text, &extended["entities"], &extended["extended_entities"]["media"]),
            None => {
                let text = tweet["full_text"].as_str().or_else(|| tweet["text"].as_str()).ok_or("has no text")?;
                (text, &tweet["entities"], &tweet["extended_entities"]["media"])
            }
        },
    };
    let leads_back = || text.contains("… https://t.co/") && leads_to_itself(entities, &number);
    let is_cut =
        around.note.is_none() && extended["full_text"].is_null() && (tweet["truncated"] == true || leads_back());
    let is_announced = around.note.is_none() && around.announces_note;
    // A note is plain, whatever the short text is.
    post.text = if around.note.is_some() { text.to_owned() } else { unescaped(text) };
    post.text_state = match is_cut || is_announced {
        true => TextState::Truncated,
        false if around.note.is_none() && may_go_on(&post) => TextState::Unknown,
        false => TextState::Complete,
    };
    in_text(&mut post, entities);
    let media = if media.is_array() { media } else { &tweet["entities"]["media"] };
    post.media = media.as_array().into_iter().flatten().map(self::media).collect();
    post.lang = words(&tweet["lang"]);
    post.poll = around.card.or_else(|| tweet.get("card")).and_then(poll);
    let reference = |name: &str, handle: Option<&str>| Some(reference(&id(&tweet[name])?, handle));
    post.reply_to = reference("in_reply_to_status_id_str", tweet["in_reply_to_screen_name"].as_str())
        .or_else(|| reference("in_reply_to_status_id", None));
    post.quote_of = reference("quoted_status_id_str", None).or_else(|| reference("quoted_status_id", None));
    post.kind = match (&post.reply_to, &post.quote_of) {
        (Some(_), _) => Kind::Reply,
        (None, Some(_)) => Kind::Quote,
        (None, None) => Kind::Original,
    };
    if tweet["possibly_sensitive"] == true {
        post.labels.push("sensitive".to_owned());
    }
    withheld(&mut post, tweet["withheld_copyright"] == true || tweet["withheld_in_countries"].is_array());
    let count = |name: &str| tweet[name].as_u64();
    metrics(
        &mut post,
        Metrics {
            likes: count("favorite_count"),
            reposts: count("retweet_count"),
            replies: count("reply_count"),
            quotes: count("quote_count"),
            views: around.views,
            seen_at: None,
        },
        seen_at,
    );
    Ok(post)
}

/// Whether a post may be the beginning of a long one: since February 2023 X has those, and what gives the short text of one
/// ends it in an ellipsis near the old limit. A shorter ellipsis is the author's.
fn may_go_on(post: &Post) -> bool {
    const LONG_POSTS: i64 = 1_675_814_400;
    const NEAR: usize = 230;
    let words = post.text.rsplit_once(" https://t.co/").map_or(post.text.as_str(), |(words, _)| words).trim_end();
    let is_near = post.text.chars().count() >= NEAR;
    words.ends_with('…') && is_near && post.created.is_some_and(|when| when.at().timestamp() >= LONG_POSTS)
}

/// A post of that id and author, dated by its id.
pub(super) fn named(number: &str, author: Author) -> Option<Post> {
    let handle = author.handle.clone();
    let url = handle.as_ref().map(|handle| format!("https://x.com/{handle}/status/{number}"));
    Some(Post { author, ..identified(&Status { url, handle, ..Status::of_id(number)? }) })
}

/// A reference to a post by its id.
pub(super) fn reference(number: &str, handle: Option<&str>) -> PostRef {
    let handle = handle.and_then(Handle::new);
    let whose = handle.as_ref().map_or("i", Handle::as_str);
    PostRef {
        id: Some(number.to_owned()),
        uri: Some(format!("https://x.com/i/status/{number}")),
        url: Some(format!("https://x.com/{whose}/status/{number}")),
    }
}

/// Sets the date that the answer states, and doubts one that the id contradicts.
pub(super) fn date(post: &mut Post, stated: Option<&str>) {
    let Some(stated) = stated.and_then(date::timestamp) else { return };
    let by_id = post.created.map(|when| when.at());
    if let Some(by_id) = by_id.filter(|by_id| (stated - *by_id).num_seconds().abs() > CLOCKS) {
        post.doubts.push(format!(
            "It is said to be written at {}, but its id was given out at {}.",
            stated.format("%Y-%m-%d %H:%M:%S UTC"),
            by_id.format("%Y-%m-%d %H:%M:%S UTC")
        ));
    }
    post.created = When::new(stated, Precision::Second, WhenSource::Platform).or(post.created);
}

/// A repost has no words of its own; what it passes on stands beside it.
pub(super) fn repost(mut post: Post, of: PostRef) -> Post {
    post.text.clear();
    post.text_state = TextState::Complete;
    post.kind = Kind::Repost;
    (post.reply_to, post.quote_of) = (None, None);
    (post.hashtags, post.mentions, post.links, post.media) = Default::default();
    post.poll = None;
    // Its counts are those of the post that it passes on.
    post.metrics = Metrics::default();
    post.repost_of = Some(of);
    post
}

/// Marks a post whose words X shows in some countries only: what stands there may be X's own sentence.
pub(super) fn withheld(post: &mut Post, is_withheld: bool) {
    if is_withheld {
        post.labels.push("withheld".to_owned());
        post.text_state = TextState::Unknown;
        post.doubts.push(
            "X withholds it in some countries, and may show words of its own in place of the author's.".to_owned(),
        );
    }
}

/// Sets the counts, and when they were seen if there are any.
pub(super) fn metrics(post: &mut Post, metrics: Metrics, seen_at: DateTime<Utc>) {
    let any =
        [metrics.likes, metrics.reposts, metrics.replies, metrics.quotes, metrics.views].iter().any(Option::is_some);
    post.metrics = Metrics { seen_at: any.then_some(seen_at), ..metrics };
}

/// The author as API v1.1 shows one.
fn user(user: &Value) -> Option<Author> {
    let handle = user["screen_name"].as_str().and_then(Handle::new);
    let author = Author {
        id: id(&user["id_str"]).or_else(|| id(&user["id"])),
        url: handle.as_ref().map(|handle| format!("https://x.com/{handle}")),
        handle,
        name: user["name"].as_str().map(unescaped),
        flags: flags(user["verified"] == true, user["protected"] == true),
    };
    (author.id.is_some() || author.handle.is_some()).then_some(author)
}

/// The author by the address that X gives to the post's own pictures, where the account itself is missing. A picture taken
/// over from another post has that post's address, and says nothing.
fn of_media(tweet: &Value, number: &str) -> Option<Author> {
    let media = ["extended_entities", "entities"].into_iter().filter_map(|name| tweet[name]["media"].as_array());
    let status = |one: &Value| Status::of_url(&Url::parse(one["expanded_url"].as_str()?).ok()?);
    let own = media.flatten().filter_map(status).find(|status| status.id == number)?;
    let handle = own.handle?;
    Some(Author { url: Some(format!("https://x.com/{handle}")), handle: Some(handle), ..Author::default() })
}

/// What X marks an account with.
pub(super) fn flags(verified: bool, protected: bool) -> Vec<String> {
    let named = [("verified", verified), ("locked", protected)];
    named.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()).collect()
}

/// Whether a link in the text leads to the post itself: X puts it behind a text that it has cut.
pub(super) fn leads_to_itself(entities: &Value, number: &str) -> bool {
    let itself = format!("/i/web/status/{number}");
    let urls = entities["urls"].as_array().into_iter().flatten();
    urls.filter_map(|url| url["expanded_url"].as_str()).any(|url| url.ends_with(&itself))
}

/// Enters hashtags, accounts and links of a text; the names in API v2 differ a little.
pub(super) fn in_text(post: &mut Post, entities: &Value) {
    let list = |name: &str| entities[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let either =
        |value: &Value, names: [&str; 2]| names.iter().find_map(|name| value[*name].as_str().map(str::to_owned));
    post.hashtags = list("hashtags").iter().filter_map(|tag| Hashtag::new(&either(tag, ["text", "tag"])?)).collect();
    let mentions = list("user_mentions").iter().chain(list("mentions"));
    post.mentions = mentions
        .filter_map(|mention| {
            let handle = Handle::new(&either(mention, ["screen_name", "username"])?)?;
            Some(Mention {
                url: Some(format!("https://x.com/{handle}")),
                handle: Some(handle),
                id: id(&mention["id_str"]).or_else(|| id(&mention["id"])),
            })
        })
        .collect();
    // Links to pictures are listed in API v2; they are media.
    let links = list("urls").iter().filter(|url| url["media_key"].is_null());
    post.links = links
        .filter_map(|url| {
            let shown = url["url"].as_str()?;
            let leads = either(url, ["unwound_url", "expanded_url"]);
            Some(Link { shown: shown.to_owned(), url: leads.unwrap_or_else(|| shown.to_owned()) })
        })
        .collect();
}

pub(super) fn media(media: &Value) -> Media {
    let kind = match media["type"].as_str() {
        Some("photo") => "image",
        Some("video") => "video",
        Some("animated_gif") => "gif",
        _ => "unknown",
    };
    let size = |long: &str, short: &str| {
        let size = media["original_info"][long].as_u64().or_else(|| media["sizes"]["large"][short].as_u64());
        size.and_then(|size| u32::try_from(size).ok())
    };
    Media {
        url: film(&media["video_info"]["variants"])
            .or_else(|| words(&media["media_url_https"]))
            .or_else(|| words(&media["media_url"])),
        kind: kind.to_owned(),
        alt: words(&media["ext_alt_text"]),
        width: size("width", "w"),
        height: size("height", "h"),
    }
}

/// The best of a film's files.
pub(super) fn film(variants: &Value) -> Option<String> {
    let files = variants.as_array()?.iter().filter(|file| file["content_type"] == "video/mp4");
    let bit_rate = |file: &&Value| file["bitrate"].as_u64().or_else(|| file["bit_rate"].as_u64()).unwrap_or_default();
    words(&files.max_by_key(bit_rate)?["url"])
}

/// The poll of a card: `binding_values` as an object (API v1.1) or as a list of keys and values (GraphQL).
fn poll(card: &Value) -> Option<Poll> {
    let card = card.get("legacy").unwrap_or(card);
    card["name"].as_str().filter(|name| name.contains("poll"))?;
    let bound = &card["binding_values"];
    let value = |name: &str| {
        let value = match bound.as_array() {
            Some(list) => list.iter().find(|one| one["key"] == *name).map(|one| &one["value"])?,
            None => bound.get(name)?,
        };
        value["string_value"].as_str().map(str::to_owned)
    };
    let options = (1..=4).map_while(|n| {
        let votes = value(&format!("choice{n}_count")).and_then(|count| count.parse().ok());
        Some(PollOption { title: unescaped(&value(&format!("choice{n}_label"))?), votes })
    });
    let closes = value("end_datetime_utc").and_then(|text| date::timestamp(&text));
    Some(Poll { options: options.collect(), closes, multiple: false }).filter(|poll| !poll.options.is_empty())
}

/// A text that says something.
pub(super) fn words(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
