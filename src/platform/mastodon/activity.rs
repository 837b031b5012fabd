//! ActivityPub objects, as servers send them to one another and as exports hold them: notes, articles, questions, pages, and
//! the activities around them (Create, Announce, Update, Delete), alone, in collections, or as lines.
//!
//! An object names its author by address only. A handle is known where the actor itself stands in the same file (an export's
//! `actor.json` before its `outbox.json`); it is never read off an address. The title of an article or a page is the first
//! line of its text. <https://www.w3.org/TR/activitystreams-vocabulary/>

use std::collections::HashMap;

use serde_json::Value;
use url::Url;

use super::{NAME, inline, misfit};
use crate::date;
use crate::model::{
    Author, Found, Handle, Hashtag, Kind, Link, Media, Mention, Poll, PollOption, Post, PostRef, Precision, Skipped,
    TextState, When, WhenSource,
};
use crate::platform::json::{PATIENCE, values};
use crate::platform::{Page, ParseError};
use crate::text::{self, Rendered};

/// Objects that are posts.
const OBJECTS: [&str; 8] = ["Note", "Article", "Question", "Page", "Event", "Image", "Video", "Audio"];
/// Activities that hold or name one.
const ACTIVITIES: [&str; 4] = ["Create", "Update", "Announce", "Delete"];
/// Activities that are no concern here; what they are about stands elsewhere.
const OTHERS: [&str; 16] = [
    "Like",
    "Dislike",
    "EmojiReact",
    "EmojiReaction",
    "Undo",
    "Follow",
    "Accept",
    "Reject",
    "Add",
    "Remove",
    "Block",
    "Flag",
    "Move",
    "View",
    "QuoteRequest",
    "FeatureRequest",
];
/// Who acts.
const ACTORS: [&str; 5] = ["Person", "Service", "Group", "Organization", "Application"];
/// Lists of either.
const COLLECTIONS: [&str; 4] = ["OrderedCollection", "OrderedCollectionPage", "Collection", "CollectionPage"];

const PUBLIC: [&str; 3] = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];

/// How deep objects are read inside of one another: answers in answers, activities in activities.
const DEEPEST: usize = 8;

/// Reads a body of JSON.
///
/// # Errors
/// If it holds nothing of ActivityPub.
pub(super) fn read(text: &str) -> Result<Page, ParseError> {
    let mut reading =
        Reading { page: Page { shape: "activitypub", ..Page::default() }, actors: HashMap::new(), known: false };
    let mut strange = 0;
    for (at, value) in values(text).map_err(misfit)? {
        match value {
            Ok(value) => {
                if !reading.document(&at, &value) {
                    strange += 1;
                    reading.skip(at, "is nothing of ActivityPub".to_owned());
                }
            }
            Err(reason) => reading.skip(at, reason),
        }
        if !reading.known && strange > PATIENCE {
            break;
        }
    }
    if reading.known {
        Ok(reading.page)
    } else {
        Err(misfit("no status, and no object of ActivityPub (`type` with `attributedTo` or `actor`)"))
    }
}

struct Reading {
    page: Page,
    /// Name and handle of the actors that stand in the file, by their address.
    actors: HashMap<String, Author>,
    known: bool,
}

impl Reading {
    /// Reads a document; `false` if it is nothing of ActivityPub.
    fn document(&mut self, at: &str, value: &Value) -> bool {
        let items = match value {
            Value::Array(items) => Some(("", items)),
            value if COLLECTIONS.contains(&kind(value)) => {
                self.known = true;
                let places = [
                    ("/orderedItems", &value["orderedItems"]),
                    ("/items", &value["items"]),
                    ("/first/orderedItems", &value["first"]["orderedItems"]),
                    ("/first/items", &value["first"]["items"]),
                ];
                places.into_iter().find_map(|(step, items)| Some((step, items.as_array()?)))
            }
            _ => None,
        };
        match items {
            None if COLLECTIONS.contains(&kind(value)) => true,
            None => self.item(at.to_owned(), value, 0),
            Some((_, items)) if value.is_array() && !items.iter().any(is_one) => false,
            Some((step, items)) => {
                for (i, item) in items.iter().enumerate() {
                    let at = format!("{at}{step}/{i}");
                    if item.is_string() {
                        self.skip(at, "is an address alone".to_owned());
                    } else if !self.item(at.clone(), item, 0) {
                        self.skip(at, "is nothing of ActivityPub".to_owned());
                    }
                }
                true
            }
        }
    }

    fn skip(&mut self, at: String, reason: String) {
        self.page.skipped.push(Skipped { at, reason });
    }

    fn item(&mut self, at: String, value: &Value, depth: usize) -> bool {
        if !is_one(value) {
            return false;
        }
        self.known = true;
        if depth > DEEPEST {
            self.skip(at, format!("is nested deeper than {DEEPEST} objects"));
            return true;
        }
        let kind = kind(value);
        let object = &value["object"];
        match kind {
            kind if ACTORS.contains(&kind) => self.actor(value),
            kind if OTHERS.contains(&kind) => {}
            "Create" | "Update" if ACTORS.contains(&self::kind(object)) => self.actor(object),
            "Create" | "Update" if object.is_object() => self.object(format!("{at}/object"), object, false, depth),
            "Create" | "Update" => self.skip(at, "names a post that it does not hold".to_owned()),
            "Delete" => {
                let what = object.as_str().or_else(|| object["id"].as_str()).unwrap_or("an object without a name");
                self.skip(at, deleted(what, object));
            }
            "Announce" => self.announce(at, value, depth),
            "Tombstone" => self.skip(at, deleted(value["id"].as_str().unwrap_or_default(), value)),
            _ => self.object(at, value, false, depth),
        }
        true
    }

    fn actor(&mut self, actor: &Value) {
        let Some(id) = actor["id"].as_str() else { return };
        let server = Url::parse(id).ok().and_then(|url| url.host_str().map(str::to_owned));
        let handle = actor["preferredUsername"]
            .as_str()
            .zip(server)
            .and_then(|(user, server)| Handle::new(&format!("{user}@{server}")));
        let author = Author {
            id: Some(id.to_owned()),
            handle,
            name: actor["name"].as_str().map(str::to_owned),
            url: address(&actor["url"]).or_else(|| Some(id.to_owned())),
            flags: if kind(actor) == "Service" { vec!["bot".to_owned()] } else { Vec::new() },
        };
        self.actors.insert(id.to_owned(), author);
    }

    /// The author that an object or an activity names, by address or by itself.
    fn author(&mut self, named: &Value) -> Author {
        let named = match named {
            Value::Array(list) => {
                list.iter().find(|one| one.is_string() || ACTORS.contains(&kind(one))).unwrap_or(&Value::Null)
            }
            one => one,
        };
        if named.is_object() {
            self.actor(named);
        }
        let Some(id) = named.as_str().or_else(|| named["id"].as_str()) else { return Author::default() };
        let unknown = || Author { id: Some(id.to_owned()), url: Some(id.to_owned()), ..Author::default() };
        self.actors.get(id).cloned().unwrap_or_else(unknown)
    }

    /// Somebody passes a post on: by its address, or holding it.
    fn announce(&mut self, at: String, value: &Value, depth: usize) {
        let object = &value["object"];
        if ACTIVITIES.contains(&kind(object)) || OTHERS.contains(&kind(object)) {
            // A community of Lemmy passes on what its members do: their posts are theirs, and it reposts nothing.
            if !self.item(format!("{at}/object"), object, depth + 1) {
                self.skip(at, "passes on what is nothing of ActivityPub".to_owned());
            }
            return;
        }
        let of = object.as_str().or_else(|| object["id"].as_str()).map(named);
        let (Some(uri), Some(of)) = (value["id"].as_str(), of) else {
            return self.skip(at, "is a boost without its id or the post's".to_owned());
        };
        let post = Post {
            platform: NAME.to_owned(),
            uri: Some(uri.to_owned()),
            author: self.author(&value["actor"]),
            created: created(value),
            text_state: TextState::Complete,
            kind: Kind::Repost,
            repost_of: Some(of),
            ..Post::default()
        };
        self.page.posts.push(Found { post, at: at.clone(), nested: false });
        if object.is_object() && OBJECTS.contains(&kind(object)) {
            self.object(format!("{at}/object"), object, true, depth);
        }
    }

    fn object(&mut self, at: String, object: &Value, nested: bool, depth: usize) {
        if kind(object) == "Tombstone" {
            return self.skip(at, deleted(object["id"].as_str().unwrap_or_default(), object));
        }
        match self.post(object) {
            Ok(post) => self.page.posts.push(Found { post, at: at.clone(), nested }),
            Err(reason) => self.skip(at.clone(), reason),
        }
        // Answers that stand inside; most objects give only their addresses.
        for step in ["items", "orderedItems", "first/items", "first/orderedItems"] {
            let pointer = format!("/replies/{step}");
            let answers = object.pointer(&pointer).and_then(Value::as_array);
            for (i, answer) in answers.into_iter().flatten().enumerate().filter(|(_, answer)| answer.is_object()) {
                self.item(format!("{at}{pointer}/{i}"), answer, depth + 1);
            }
        }
    }

    fn post(&mut self, object: &Value) -> Result<Post, String> {
        let uri = words(&object["id"]).ok_or("has no id")?;
        let title = words(&object["name"]);
        if kind(object) == "Note" && title.is_some() && object["content"].is_null() {
            return Err("is a vote in a poll".to_owned());
        }
        let quote_of = ["quote", "quoteUrl", "quoteUri", "_misskey_quote"]
            .iter()
            .find_map(|name| object[*name].as_str())
            .or_else(|| list(&object["tag"]).find_map(quoted))
            .map(named);
        let Content { rendered, lang, doubt } = content(object, quote_of.is_some());
        let said = rendered.as_ref().map(|rendered| rendered.text.as_str()).unwrap_or_default();
        let text = match &title {
            Some(title) if said.is_empty() => title.clone(),
            Some(title) => format!("{title}\n\n{said}"),
            None => said.to_owned(),
        };
        let media: Vec<Media> = list(&object["attachment"]).filter_map(media).collect();
        let poll = poll(object);
        if text.is_empty() && media.is_empty() && poll.is_none() {
            return Err("has no text".to_owned());
        }
        let mut post = Post {
            platform: NAME.to_owned(),
            url: address(&object["url"]).or_else(|| Some(uri.clone())),
            uri: Some(uri),
            author: self.author(object.get("attributedTo").unwrap_or(&object["actor"])),
            created: created(object),
            edited: object["updated"].as_str().and_then(date::timestamp),
            text,
            text_state: if doubt.is_some() { TextState::Unknown } else { TextState::Complete },
            lang,
            reply_to: object["inReplyTo"].as_str().or_else(|| object["inReplyTo"]["id"].as_str()).map(named),
            quote_of,
            media,
            poll,
            doubts: doubt.into_iter().collect(),
            ..Post::default()
        };
        // An article's summary sums it up; a note's warns of it.
        let warns = !matches!(kind(object), "Article" | "Page" | "Event");
        post.content_warning = words(&object["summary"]).filter(|_| warns).map(|html| text::from_fragment(&html).text);
        if object["sensitive"] == true {
            post.labels.push("sensitive".to_owned());
        }
        if let Some(rendered) = rendered {
            post.doubts.extend(rendered.unshown.doubts());
            post.links = rendered.links.into_iter().filter(|link| !link.shown.starts_with(['#', '@'])).collect();
        }
        // Where a post of Lemmy leads.
        for link in list(&object["attachment"]).filter(|attached| kind(attached) == "Link") {
            let url = words(&link["href"]).filter(|url| post.links.iter().all(|known| known.url != *url));
            post.links.extend(url.map(|url| Link { shown: words(&link["name"]).unwrap_or_default(), url }));
        }
        let server = |address: &str| Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
        if let (Some(author), Some(uri)) = (&post.author.id, &post.uri)
            && server(author) != server(uri)
        {
            post.doubts.push(format!("It is said to be by {author}, but its address is of another server."));
        }
        let addressed =
            ["to", "cc"].iter().flat_map(|name| list(&object[*name])).filter_map(Value::as_str).collect::<Vec<_>>();
        if !addressed.is_empty() && !addressed.iter().any(|to| PUBLIC.contains(to)) {
            post.labels.push("not public".to_owned());
            post.doubts.push("It was not addressed to the public.".to_owned());
        }
        for tag in list(&object["tag"]) {
            match kind(tag) {
                "Hashtag" => post.hashtags.extend(tag["name"].as_str().and_then(Hashtag::new)),
                "Mention" => post.mentions.push(Mention {
                    handle: tag["name"]
                        .as_str()
                        .filter(|name| name.trim_start_matches('@').contains('@'))
                        .and_then(Handle::new),
                    id: words(&tag["href"]),
                    url: words(&tag["href"]),
                }),
                _ => {}
            }
        }
        post.kind = match (&post.reply_to, &post.quote_of) {
            (Some(_), _) => Kind::Reply,
            (None, Some(_)) => Kind::Quote,
            (None, None) => Kind::Original,
        };
        Ok(post)
    }
}

/// The type of an object; the first of several.
fn kind(value: &Value) -> &str {
    value["type"].as_str().or_else(|| value["type"][0].as_str()).unwrap_or_default()
}

/// Whether it is of ActivityPub: other answers have a `type`, too.
fn is_one(value: &Value) -> bool {
    let kind = kind(value);
    let names_somebody = ["attributedTo", "actor"].iter().any(|name| !value[*name].is_null());
    (OBJECTS.contains(&kind) && names_somebody)
        || (ACTIVITIES.contains(&kind) && value["actor"].is_string() && !value["object"].is_null())
        || (OTHERS.contains(&kind) && value["actor"].is_string() && !value["object"].is_null())
        || (ACTORS.contains(&kind) && value["inbox"].is_string())
        || (kind == "Tombstone" && value["id"].is_string())
}

/// The members of a list, or the one that stands in its place.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    let (many, one) = match value {
        Value::Array(list) => (Some(list), None),
        Value::Null => (None, None),
        one => (None, Some(one)),
    };
    many.into_iter().flatten().chain(one)
}

fn words(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// An address: a text, a link, or the first that is a page among several.
fn address(value: &Value) -> Option<String> {
    let pages = || list(value).filter(|one| one["mediaType"].as_str().is_none_or(|kind| kind == "text/html"));
    pages().find_map(|one| words(one).or_else(|| words(&one["href"])))
}

fn named(uri: &str) -> PostRef {
    PostRef { id: None, uri: Some(uri.to_owned()), url: None }
}

fn created(value: &Value) -> Option<When> {
    let at = value["published"].as_str().and_then(date::timestamp)?;
    When::new(at, Precision::Second, WhenSource::Platform)
}

/// The words of an object, and their language.
struct Content {
    rendered: Option<Rendered>,
    lang: Option<String>,
    doubt: Option<String>,
}

/// `content`; where there is none, that of the map of languages, and else the source from which a server made it. A map of
/// several languages holds translations, of which none is the author's for sure.
fn content(object: &Value, quotes: bool) -> Content {
    let map: Vec<(&String, &str)> = object["contentMap"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(lang, content)| Some((lang, content.as_str()?)))
        .collect();
    let given = object["content"].as_str();
    let same = map.iter().find(|(_, content)| Some(*content) == given);
    let only = map.first().filter(|_| map.len() == 1 || given.is_none());
    let lang = same
        .or(only)
        .map(|(lang, _)| (*lang).clone())
        .or_else(|| words(&object["language"]["identifier"]).filter(|lang| lang != "und"));
    let doubt = (given.is_none() && map.len() > 1).then(|| {
        let all: Vec<&str> = map.iter().map(|(lang, _)| lang.as_str()).collect();
        format!(
            "Its words are given in several languages ({}), and which are its author's is not said.",
            all.join(", ")
        )
    });
    let plain = |kind: &Value| matches!(kind.as_str(), Some("text/plain" | "text/markdown"));
    let rendered = match given.or(only.map(|(_, content)| *content)) {
        // PeerTube writes Markdown, and says so.
        Some(text) if plain(&object["mediaType"]) => Some(Rendered { text: text.to_owned(), ..Rendered::default() }),
        Some(html) => {
            let rendered = text::from_fragment(html);
            Some(if quotes { inline::without_line(html, rendered) } else { rendered })
        }
        None => {
            let source = words(&object["source"]["content"]).or_else(|| words(&object["_misskey_content"]));
            source.map(|text| Rendered { text, ..Rendered::default() })
        }
    };
    Content { rendered, lang, doubt }
}

/// The post that a tag quotes: <https://codeberg.org/fediverse/fep/src/branch/main/fep/e232/fep-e232.md>.
fn quoted(tag: &Value) -> Option<&str> {
    let is_quote = kind(tag) == "Link"
        && list(&tag["rel"])
            .any(|rel| rel.as_str().is_some_and(|rel| rel.ends_with("_misskey_quote") || rel.ends_with("quoteUrl")));
    tag["href"].as_str().filter(|_| is_quote)
}

fn deleted(what: &str, tombstone: &Value) -> String {
    let when = tombstone["deleted"].as_str().map(|at| format!(" at {at}")).unwrap_or_default();
    format!("was deleted{when}: {what}")
}

fn media(attached: &Value) -> Option<Media> {
    let url = address(&attached["url"]).or_else(|| words(&attached["href"]));
    let kind = match attached["mediaType"].as_str().and_then(|kind| kind.split('/').next()) {
        Some(kind @ ("image" | "video" | "audio")) => kind,
        _ => match kind(attached) {
            "Image" => "image",
            "Video" => "video",
            "Audio" => "audio",
            "Link" => return None,
            _ => "unknown",
        },
    };
    let size = |name: &str| attached[name].as_u64().and_then(|size| u32::try_from(size).ok());
    Some(Media {
        url,
        kind: kind.to_owned(),
        alt: words(&attached["name"]).or_else(|| words(&attached["summary"])),
        width: size("width"),
        height: size("height"),
    })
}

fn poll(object: &Value) -> Option<Poll> {
    let (multiple, options) = match (object["oneOf"].as_array(), object["anyOf"].as_array()) {
        (Some(options), _) => (false, options),
        (None, Some(options)) => (true, options),
        (None, None) => return None,
    };
    let option = |option: &Value| {
        Some(PollOption { title: words(&option["name"])?, votes: option["replies"]["totalItems"].as_u64() })
    };
    let closes = ["endTime", "closed"].iter().find_map(|name| object[*name].as_str()).and_then(date::timestamp);
    Some(Poll { options: options.iter().filter_map(option).collect(), closes, multiple })
}
