//! A tweet under the names that X gave it.
//!
//! `rawContent` (until 2022 `content`) is what X sent, links as `https://t.co/…`: its three signs are escaped, but for long
//! posts, which X sends plain. Which of the two a text is, is told by the text. Ids are numbers; where a program on the way
//! has rounded them, the address still has the right one, and the others are given up.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::model::{Kind, Post, TextState};
use crate::platform;
use crate::platform::json::{id, unescaped};

/// How deep tweets may hold one another.
const DEEPEST: usize = 4;

/// 8 February 2023, when X let some accounts write more than 280 signs.
const LONG_POSTS: i64 = 1_675_814_400;

/// What a tweet lacks to be one.
pub(super) fn lacks(tweet: &Value) -> Option<&'static str> {
    match (Ids::of(tweet).own, text(tweet)) {
        (None, _) => Some("has no id"),
        (_, None) => Some("has no text"),
        _ => None,
    }
}

fn text(tweet: &Value) -> Option<&str> {
    tweet["rawContent"].as_str().or_else(|| tweet["content"].as_str()).filter(|text| !text.is_empty())
}

/// The tweet as X's own pages had it.
pub(super) fn as_sent(tweet: &Value) -> Value {
    sent(tweet, 0)
}

fn sent(tweet: &Value, depth: usize) -> Value {
    let Ids { own, rounded } = Ids::of(tweet);
    // A number that may have lost digits names somebody else.
    let number = |holder: &Value, name: &str| {
        let sure = id(&holder[format!("{name}Str")]).or_else(|| id(&holder[format!("{name}.str")]));
        sure.or_else(|| id(&holder[name]).filter(|_| !rounded))
    };
    let account = |user: &Value| id(&user["id_str"]).or_else(|| number(user, "id"));
    let user = &tweet["user"];
    let handle = user["username"].as_str().or_else(|| tweet["username"].as_str());
    let name = user["displayname"].as_str();
    let inner = |name: &str| tweet.get(name).filter(|inner| inner.is_object() && depth < DEEPEST);
    let quoted = inner("quotedTweet");
    let text = text(tweet);
    let entities = json!({
        "hashtags": list(&tweet["hashtags"]).map(|tag| json!({ "text": tag })).collect::<Vec<_>>(),
        "user_mentions": list(&tweet["mentionedUsers"])
            .map(|user| json!({ "screen_name": user["username"], "id_str": account(user) }))
            .collect::<Vec<_>>(),
        "urls": links(tweet),
    });
    let note = text.filter(|text| is_plain(text)).map(|text| json!({ "text": text, "entity_set": entities }));
    json!({
        "__typename": "Tweet",
        "rest_id": own,
        "core": { "user_results": { "result": {
            "rest_id": account(user),
            "legacy": {
                "screen_name": handle, "name": name,
                "verified": user["verified"], "protected": user["protected"],
            },
        } } },
        "note_tweet": { "note_tweet_results": { "result": note } },
        "legacy": {
            "id_str": own,
            "full_text": text,
            // twscrape puts a blank between day and hour.
            "created_at": tweet["date"].as_str().map(|date| date.replacen(' ', "T", 1)),
            "lang": tweet["lang"],
            "entities": entities,
            "extended_entities": { "media": media(&tweet["media"]) },
            "in_reply_to_status_id_str": number(tweet, "inReplyToTweetId"),
            "in_reply_to_screen_name": tweet["inReplyToUser"]["username"],
            "quoted_status_id_str": quoted.and_then(|quoted| Ids::of(quoted).own),
            "retweeted_status_result": inner("retweetedTweet").map(|inner| json!({ "result": sent(inner, depth + 1) })),
            "possibly_sensitive": tweet["possibly_sensitive"],
            "favorite_count": tweet["likeCount"],
            "retweet_count": tweet["retweetCount"],
            "reply_count": tweet["replyCount"],
            "quote_count": tweet["quoteCount"],
        },
        "views": { "count": tweet["viewCount"].as_u64().map(|count| count.to_string()) },
        "card": poll(&tweet["card"]),
        // Of a quoted tweet that X did not show, only the number is known.
        "quoted_status_result": quoted
            .filter(|quoted| quoted["user"].is_object() || quoted["username"].is_string())
            .map(|quoted| json!({ "result": sent(quoted, depth + 1) })),
        "edit_control": { "edit_tweet_ids": edits(tweet) },
    })
}

/// The id of a tweet, and whether the numbers beside it have lost digits.
struct Ids {
    own: Option<String>,
    rounded: bool,
}

impl Ids {
    fn of(tweet: &Value) -> Ids {
        let by_address = tweet["url"].as_str().and_then(platform::post_at).and_then(|post| post.id);
        let sure = by_address.or_else(|| id(&tweet["id_str"])).or_else(|| id(&tweet["id.str"]));
        let number = id(&tweet["id"]);
        let is_number = tweet["id"].is_number();
        let rounded = is_number && sure.is_some() && number != sure;
        Ids { own: sure.or(number), rounded }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Where the links of the text lead: `links`, formerly two lists of which the first is where they lead.
fn links(tweet: &Value) -> Vec<Value> {
    let pair = |shown: &Value, url: &Value| json!({ "url": shown, "expanded_url": url });
    let mut links: Vec<Value> = list(&tweet["links"]).map(|link| pair(&link["tcourl"], &link["url"])).collect();
    if links.is_empty() {
        let (shown, led) = (&tweet["tcooutlinks"], &tweet["outlinks"]);
        // Two lists of different lengths do not tell which belongs to which.
        if list(shown).count() == list(led).count() {
            links = list(shown).zip(list(led)).map(|(shown, url)| pair(shown, url)).collect();
        }
    }
    // twscrape names those of a long post twice.
    let mut seen = std::collections::HashSet::new();
    links.retain(|link| seen.insert(link["url"].to_string()));
    links
}

/// snscrape has a list of pictures and films, twscrape three lists.
fn media(media: &Value) -> Vec<Value> {
    let picture =
        |address: &Value, alt: &Value| json!({ "type": "photo", "media_url_https": address, "ext_alt_text": alt });
    let film = |one: &Value, kind: &str| {
        let variant = |variant: &Value| json!({ "content_type": variant["contentType"], "url": variant["url"], "bitrate": variant["bitrate"] });
        let mut variants: Vec<Value> = list(&one["variants"]).map(variant).collect();
        if one["videoUrl"].is_string() {
            variants.push(json!({ "content_type": "video/mp4", "url": one["videoUrl"] }));
        }
        json!({
            "type": kind,
            "media_url_https": one["thumbnailUrl"],
            "ext_alt_text": one["altText"],
            "video_info": { "variants": variants },
        })
    };
    let of_list = list(media).map(|one| match (one["fullUrl"].is_string(), one.get("duration").is_some()) {
        (true, _) => picture(&one["fullUrl"], &one["altText"]),
        (false, true) => film(one, "video"),
        (false, false) => film(one, "animated_gif"),
    });
    let photos = list(&media["photos"]).map(|one| picture(&one["url"], &Value::Null));
    let videos = list(&media["videos"]).map(|one| film(one, "video"));
    let animated = list(&media["animated"]).map(|one| film(one, "animated_gif"));
    of_list.chain(photos).chain(videos).chain(animated).collect()
}

fn poll(card: &Value) -> Option<Value> {
    card["options"].as_array()?;
    let bound = |key: String, value: Value| json!({ "key": key, "value": { "string_value": value } });
    let mut values = Vec::new();
    for (i, option) in list(&card["options"]).enumerate() {
        let votes = option["count"].as_u64().or_else(|| option["votesCount"].as_u64());
        values.push(bound(format!("choice{}_label", i + 1), option["label"].clone()));
        values.extend(votes.map(|votes| bound(format!("choice{}_count", i + 1), json!(votes.to_string()))));
    }
    values.push(bound("end_datetime_utc".to_owned(), card["endDate"].clone()));
    Some(json!({ "legacy": { "name": "poll", "binding_values": values } }))
}

/// The versions of an edited tweet.
fn edits(tweet: &Value) -> Vec<String> {
    let of_snscrape = list(&tweet["editState"]["editTweetIds"]);
    of_snscrape.chain(list(&tweet["editControl"]["edit_tweet_ids"])).filter_map(id).collect()
}

/// Whether a text is a long post's, in which nothing is escaped: one of the three signs stands bare in it, or it is longer
/// than any other may be. Two links do not count to that: of a picture and of a quoted tweet.
fn is_plain(text: &str) -> bool {
    const LONGEST: usize = 280 + 2 * 24;
    let is_bare =
        |(at, _): (usize, &str)| !["&amp;", "&lt;", "&gt;"].iter().any(|escape| text[at..].starts_with(escape));
    let bare = text.contains(['<', '>']) || text.match_indices('&').any(is_bare);
    let words = unescaped(text);
    bare || words.split_whitespace().skip_while(|word| word.starts_with('@')).map(in_ascii).sum::<usize>() > LONGEST
}

/// Signs of a word and the blank behind it, of which X counts each once.
fn in_ascii(word: &str) -> usize {
    word.bytes().filter(u8::is_ascii).count() + 1
}

/// Says of a tweet what the tool does not: whether it is whole, and whose words it has. X cut long posts for those who did
/// not ask for the rest, at a word, and set no sign there.
pub(super) fn say_what_is_open(post: &mut Post, tweet: &Value) {
    if post.kind == Kind::Repost {
        return;
    }
    if post.reply_to.is_none() && !tweet["inReplyToTweetId"].is_null() {
        // The number of the answered post has lost digits.
        post.kind = Kind::Reply;
    }
    if post.kind == Kind::Original && tweet["isQuoteStatus"] == true {
        // What it quotes did not come with it.
        post.kind = Kind::Quote;
    }
    // Versions that name this know of long posts.
    let knows = tweet.get("conversationIdStr").is_some();
    let late = post.created.is_some_and(|created| created.at().timestamp() >= LONG_POSTS);
    let near_the_end = (230..=280).contains(&weight(&post.text));
    if late && near_the_end && !knows && post.text_state == TextState::Complete {
        post.text_state = TextState::Unknown;
    }
    if post.text.starts_with("RT @") {
        post.text_state = TextState::Unknown;
        post.doubts.push("It begins as a retweet does, and the dump does not say whose words follow.".to_owned());
    }
}

/// What X counts: two for most signs outside of Latin scripts, nothing for the accounts before an answer and the link of a
/// picture at the end.
fn weight(text: &str) -> usize {
    let mut words = text.trim_start();
    while let Some((account, rest)) = words.strip_prefix('@').and_then(|words| words.split_once(' ')) {
        words = if account.contains('\n') { break } else { rest };
    }
    let words = words.rsplit_once(" https://t.co/").map_or(words, |(words, _)| words);
    words.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum()
}

/// The place in the dump of what was found under the names of X.
pub(super) fn place(at: &str) -> String {
    at.replace("/legacy/retweeted_status_result/result", "/retweetedTweet")
        .replace("/quoted_status_result/result", "/quotedTweet")
}

/// When it was written, as every item of snscrape says.
pub(super) fn date(item: &Value) -> Option<DateTime<Utc>> {
    crate::date::timestamp(&item["date"].as_str()?.replacen(' ', "T", 1))
}
