//! Notes of Misskey and its kin (Sharkey, Firefish, …), as their own API gives them.
//!
//! A note's text is plain, with marks of its own language, and kept as typed. Notes from elsewhere name their `uri`; a note
//! of the server that answered has none, and is named by that server's address. A file does not say which server that
//! was: then the note has its id alone, and its author no server. <https://misskey-hub.net/en/docs/for-developers/api/>

use serde_json::Value;
use url::Url;

use super::{NAME, misfit};
use crate::date;
use crate::exchange::Exchange;
use crate::model::{
    Author, Found, Handle, Hashtag, Kind, Media, Metrics, Poll, PollOption, Post, PostRef, Precision, Skipped,
    TextState, When, WhenSource,
};
use crate::platform::json::{PATIENCE, id, values};
use crate::platform::{Page, ParseError};

/// How deep notes may hold one another.
const DEEPEST: usize = 4;

/// Reads a body of JSON.
///
/// # Errors
/// If it holds no note.
pub(in crate::platform) fn read(text: &str, exchange: &Exchange) -> Result<Page, ParseError> {
    let server = exchange.server();
    let server = server.split_once("://").map(|(_, host)| host.to_owned()).filter(|host| !host.is_empty());
    let mut reading = Reading { page: Page { shape: "misskey", ..Page::default() }, server, exchange, known: false };
    for (line, (at, value)) in values(text).map_err(misfit)?.into_iter().enumerate() {
        match value {
            Ok(Value::Array(items)) if items.iter().any(|item| held(item).is_some()) => {
                for (i, item) in items.iter().enumerate() {
                    reading.item(format!("{at}/{i}"), item);
                }
            }
            Ok(value) => reading.item(at, &value),
            Err(reason) => reading.skip(at, reason),
        }
        if !reading.known && line > PATIENCE {
            break;
        }
    }
    if reading.known { Ok(reading.page) } else { Err(misfit("no status, object of ActivityPub or note of Misskey")) }
}

/// The note in what a page gives to its scripts. `page` is the page's address.
pub(super) fn of_page(context: &str, page: Option<&Url>, exchange: &Exchange) -> Option<Page> {
    let context: Value = serde_json::from_str(context).ok()?;
    let note = Some(&context["note"]).filter(|note| is_note(note))?;
    let server = page.map(|url| url.origin().ascii_serialization());
    let server = server.and_then(|server| server.split_once("://").map(|(_, host)| host.to_owned()));
    let mut reading = Reading { page: Page::default(), server, exchange, known: false };
    reading.note("misskey_clientCtx/note".to_owned(), note, 0);
    Some(reading.page)
}

/// Whether it is a note: others have a `user` and a `text`, too.
fn is_note(value: &Value) -> bool {
    value["id"].is_string()
        && value["createdAt"].is_string()
        && value["user"]["username"].is_string()
        && value["visibility"].is_string()
}

/// The note that an item is or holds: a favourite and a notification hold one, and so does the event of a channel.
fn held(item: &Value) -> Option<(&'static str, &Value)> {
    let places = [("", item), ("/note", &item["note"]), ("/body/body", &item["body"]["body"])];
    places.into_iter().find(|(_, note)| is_note(note))
}

struct Reading<'e> {
    page: Page,
    /// The server that answered, if an answer it is.
    server: Option<String>,
    exchange: &'e Exchange,
    known: bool,
}

impl Reading<'_> {
    fn skip(&mut self, at: String, reason: String) {
        self.page.skipped.push(Skipped { at, reason });
    }

    fn item(&mut self, at: String, item: &Value) {
        match held(item) {
            Some((step, note)) => self.note(format!("{at}{step}"), note, 0),
            // Somebody follows, reacts to nothing, has an achievement.
            None if item["id"].is_string() && item["type"].is_string() => {}
            None => self.skip(at, "is no note".to_owned()),
        }
    }

    /// Reads a note, that which it passes on or quotes, and that which it answers.
    fn note(&mut self, at: String, note: &Value, depth: usize) {
        self.known |= is_note(note);
        match self.post(note) {
            Ok(post) => self.page.posts.push(Found { post, at: at.clone(), nested: depth > 0 }),
            Err(reason) => return self.skip(at, reason),
        }
        for (step, inner) in [("renote", &note["renote"]), ("reply", &note["reply"])] {
            if !inner.is_object() {
                continue;
            }
            let at = format!("{at}/{step}");
            if depth == DEEPEST {
                self.skip(at, format!("is nested deeper than {DEEPEST} posts"));
            } else {
                self.note(at, inner, depth + 1);
            }
        }
    }

    fn post(&self, note: &Value) -> Result<Post, String> {
        let named = self.named(note).ok_or("has no id")?;
        let words = |name: &str| note[name].as_str().filter(|text| !text.is_empty());
        let user = &note["user"];
        let host = user["host"].as_str().or(self.server.as_deref());
        let handle = user["username"].as_str().and_then(|name| match host {
            Some(host) => Handle::new(&format!("{name}@{host}")),
            None => Handle::new(name),
        });
        let media: Vec<Media> = note["files"].as_array().into_iter().flatten().map(media).collect();
        let poll = poll(&note["poll"]);
        let text = words("text").unwrap_or_default();
        let renote = id(&note["renoteId"]).map(|number| {
            self.named(&note["renote"]).map_or(PostRef { id: Some(number), ..PostRef::default() }, reference)
        });
        let reply = id(&note["replyId"]).map(|number| {
            self.named(&note["reply"]).map_or(PostRef { id: Some(number), ..PostRef::default() }, reference)
        });
        if note["isHidden"] == true && text.is_empty() {
            return Err("is hidden from the account that asked".to_owned());
        }
        let is_bare = text.is_empty() && media.is_empty() && poll.is_none() && note["cw"].is_null();
        if is_bare && renote.is_none() {
            return Err("has no text".to_owned());
        }
        let (repost_of, quote_of) = if is_bare { (renote, None) } else { (None, renote) };
        let kind = match (&repost_of, &reply, &quote_of) {
            (Some(_), _, _) => Kind::Repost,
            (None, Some(_), _) => Kind::Reply,
            (None, None, Some(_)) => Kind::Quote,
            (None, None, None) => Kind::Original,
        };
        let reactions = note["reactions"].as_object().map(|counts| counts.values().filter_map(Value::as_u64).sum());
        let mut post = Post {
            author: Author {
                id: id(&user["id"]),
                handle,
                name: user["name"].as_str().map(str::to_owned),
                url: None,
                flags: if user["isBot"] == true { vec!["bot".to_owned()] } else { Vec::new() },
            },
            created: words("createdAt")
                .and_then(date::timestamp)
                .and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
            edited: words("updatedAt").and_then(date::timestamp),
            text: text.to_owned(),
            text_state: TextState::Complete,
            content_warning: words("cw").map(str::to_owned),
            lang: words("lang").map(str::to_owned),
            kind,
            reply_to: reply,
            repost_of,
            quote_of,
            hashtags: note["tags"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|tag| Hashtag::new(tag.as_str()?))
                .collect(),
            media,
            poll,
            metrics: Metrics {
                likes: reactions,
                reposts: note["renoteCount"].as_u64(),
                replies: note["repliesCount"].as_u64(),
                seen_at: reactions.map(|_| self.exchange.fetched_at),
                ..Metrics::default()
            },
            ..named
        };
        if !matches!(words("visibility"), Some("public" | "home")) {
            post.labels.push("not public".to_owned());
            post.doubts.push("It was not addressed to the public.".to_owned());
        }
        Ok(post)
    }

    /// A note by its names: its own `uri`, else the address that it has on the server that answered.
    fn named(&self, note: &Value) -> Option<Post> {
        let number = id(&note["id"])?;
        let own = || Some(format!("https://{}/notes/{number}", self.server.as_ref()?));
        let uri = note["uri"].as_str().map(str::to_owned).or_else(own);
        let url = note["url"].as_str().map(str::to_owned).or_else(|| uri.clone());
        Some(Post { platform: NAME.to_owned(), id: Some(number), uri, url, ..Post::default() })
    }
}

fn reference(post: Post) -> PostRef {
    PostRef { id: post.id, uri: post.uri, url: post.url }
}

fn media(file: &Value) -> Media {
    let words = |name: &str| file[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let kind = file["type"].as_str().and_then(|kind| kind.split('/').next());
    let kind = kind.filter(|kind| matches!(*kind, "image" | "video" | "audio")).unwrap_or("unknown");
    let size = |name: &str| file["properties"][name].as_u64().and_then(|size| u32::try_from(size).ok());
    Media {
        url: words("url"),
        kind: kind.to_owned(),
        alt: words("comment"),
        width: size("width"),
        height: size("height"),
    }
}

fn poll(poll: &Value) -> Option<Poll> {
    let choice = |choice: &Value| {
        Some(PollOption { title: choice["text"].as_str()?.to_owned(), votes: choice["votes"].as_u64() })
    };
    Some(Poll {
        options: poll["choices"].as_array()?.iter().filter_map(choice).collect(),
        closes: poll["expiresAt"].as_str().and_then(date::timestamp),
        multiple: poll["multiple"] == true,
    })
}
