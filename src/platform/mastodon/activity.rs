//! ActivityPub objects, as servers send them to one another and as exports hold them: notes, articles, questions, pages, and
//! the activities around them (Create, Announce, Update, Delete), alone, in collections, or as lines.
//!
//! An object names its author by address only. A handle is known where the actor itself stands in the same file (an export's
//! `actor.json` before its `outbox.json`); it is never read off an address. The title of an article or a page is the first
//! line of its text. <https://www.w3.org/TR/activitystreams-vocabulary/>

use std::collections::HashMap;

use serde_json::Value;
use url::Url;

use super::{NAME, misfit};
use crate::date;
use crate::model::{
    Author, Found, Handle, Hashtag, Kind, Media, Mention, Poll, PollOption, Post, PostRef, Precision, Skipped,
    TextState, When, WhenSource,
};
use crate::platform::json::{PATIENCE, values};
use crate::platform::{Page, ParseError};
use crate::text;

/// Objects that are posts.
const OBJECTS: [&str; 8] = ["Note", "Article", "Question", "Page", "Event", "Image", "Video", "Audio"];
/// Activities that hold or name one.
const ACTIVITIES: [&str; 4] = ["Create", "Update", "Announce", "Delete"];
/// Who acts.
const ACTORS: [&str; 5] = ["Person", "Service", "Group", "Organization", "Application"];
/// Lists of either.
const COLLECTIONS: [&str; 4] = ["OrderedCollection", "OrderedCollectionPage", "Collection", "CollectionPage"];

const PUBLIC: [&str; 3] = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];

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
            None => self.item(at.to_owned(), value),
            Some((_, items)) if value.is_array() && !items.iter().any(is_one) => false,
            Some((step, items)) => {
                for (i, item) in items.iter().enumerate() {
                    let at = format!("{at}{step}/{i}");
                    if !self.item(at.clone(), item) {
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

    fn item(&mut self, at: String, value: &Value) -> bool {
        if !is_one(value) {
            return false;
        }
        self.known = true;
        let kind = kind(value);
        if ACTORS.contains(&kind) {
            self.actor(value);
            return true;
        }
        let object = &value["object"];
        match kind {
            "Create" | "Update" if object.is_object() => self.object(format!("{at}/object"), object, false),
            "Create" | "Update" => self.skip(at, "names a post that it does not hold".to_owned()),
            "Delete" => {
                let what = object.as_str().or_else(|| object["id"].as_str()).unwrap_or("an object without a name");
                self.skip(at, format!("is the deletion of {what}"));
            }
            "Announce" => self.announce(at, value),
            "Tombstone" => {
                let when = value["deleted"].as_str().map(|at| format!(" at {at}")).unwrap_or_default();
                self.skip(at, format!("was deleted{when}: {}", value["id"].as_str().unwrap_or_default()));
            }
            _ => self.object(at, value, false),
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
    fn announce(&mut self, at: String, value: &Value) {
        let object = &value["object"];
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
            self.object(format!("{at}/object"), object, true);
        }
    }

    fn object(&mut self, at: String, object: &Value, nested: bool) {
        if kind(object) == "Tombstone" {
            return self.skip(at, format!("was deleted: {}", object["id"].as_str().unwrap_or_default()));
        }
        match self.post(object) {
            Ok(post) => self.page.posts.push(Found { post, at, nested }),
            Err(reason) => self.skip(at, reason),
        }
    }

    fn post(&mut self, object: &Value) -> Result<Post, String> {
        let uri = words(&object["id"]).ok_or("has no id")?;
        let title = words(&object["name"]);
        if kind(object) == "Note" && title.is_some() && object["content"].is_null() {
            return Err("is a vote in a poll".to_owned());
        }
        let rendered = object["content"].as_str().map(text::from_fragment);
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
            text_state: TextState::Complete,
            lang: language(object),
            reply_to: object["inReplyTo"].as_str().or_else(|| object["inReplyTo"]["id"].as_str()).map(named),
            quote_of: ["quote", "quoteUrl", "quoteUri", "_misskey_quote"]
                .iter()
                .find_map(|name| object[*name].as_str())
                .map(named),
            media,
            poll,
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

/// The language of the content, if its map names it: several are translations, of which none is the author's for sure.
fn language(object: &Value) -> Option<String> {
    let map = object["contentMap"].as_object()?;
    let same = map.iter().find(|(_, content)| **content == object["content"]);
    same.or_else(|| map.iter().next().filter(|_| map.len() == 1)).map(|(language, _)| language.clone())
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
