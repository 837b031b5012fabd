//! Posts inside something else: a list under some name, rows of a database, documents of a search engine. What is around
//! them belongs to whoever saved them; the posts themselves have their platform's shape, and the platforms read them.
//!
//! It comes last: what a platform or a dump reads itself never gets here. Objects that stand at the same place of their
//! documents are offered together, the outer before the inner, and what stands inside a post is its platform's business.

use std::collections::{HashSet, VecDeque};

use serde_json::Value;

use super::wrapped::{self, Item, Read};
use crate::exchange::Exchange;
use crate::model::Skipped;
use crate::platform::json::{PATIENCE, Placed};
use crate::platform::{Page, ParseError, Platform, Shape};

/// Wrapped posts.
pub const PLATFORM: Platform = Platform {
    name: NAME,
    title: "Posts inside something else",
    cited: None,
    about: "posts of platforms that are read here, in lists, rows or documents that somebody else put around them",
    live: None,
    one: None,
    shapes: &[Shape {
        name: "objects",
        what: "JSON, a document or lines, that holds posts a few names deep: `data`, `results`, `rows[].doc`, `hits.hits[]._source`",
        told_by: "objects that a platform reads, where nobody reads the document",
        lacks: "what the platform's own shape lacks, and what was left out when they were put there",
    }],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

const NAME: &str = "inside";

/// Names that lead to a post at most.
const DEEPEST: usize = 3;
/// Places in a document at which posts are looked for.
const MOST: usize = 32;

/// A place in all documents: the name that leads there from the place around it, and the objects that stand there.
struct Place<'a> {
    name: String,
    depth: usize,
    objects: Vec<(String, &'a Value)>,
}

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let text = exchange.text()?;
    if exchange.response.status >= 400 {
        return Err(misfit("an answer that is an error"));
    }
    let documents = wrapped::open(text.trim_start_matches('\u{feff}'), NAME, false)?;
    let whole = documents.iter().filter_map(|(at, value)| Some((at.clone(), value.as_ref().ok()?)));
    let mut left = VecDeque::from([Place { name: String::new(), depth: 0, objects: whole.collect() }]);
    let mut page = Page::default();
    let mut looked_at = 0;
    while let Some(place) = left.pop_front() {
        looked_at += 1;
        match place.read(exchange) {
            Some(read) => {
                page.shape = "objects";
                page.posts.extend(read.posts.into_iter().map(|(_, found)| found));
                page.skipped.extend(read.skipped);
            }
            None if place.depth < DEEPEST => {
                let room = MOST.saturating_sub(looked_at + left.len());
                left.extend(place.inner().into_iter().take(room));
            }
            None => {}
        }
    }
    if page.shape.is_empty() {
        return Err(misfit("no object in it is a post that a platform knows"));
    }
    tell_of_others(&documents, &mut page);
    Ok(page)
}

/// Of several documents, names those that gave nothing.
fn tell_of_others(documents: &[Placed], page: &mut Page) {
    let places = page.posts.iter().map(|found| &found.at).chain(page.skipped.iter().map(|skipped| &skipped.at));
    let told: HashSet<String> = places.map(|at| outermost(at).to_owned()).collect();
    for (at, value) in documents.iter().filter(|(at, _)| !at.is_empty() && !told.contains(at)) {
        let reason = value.as_ref().err().map_or("holds no post that a platform knows", String::as_str);
        page.skipped.push(Skipped { at: at.clone(), reason: reason.to_owned() });
    }
}

/// The document in a place: `line 3` of `line 3/_source`, `/3` of `/3/doc`.
fn outermost(at: &str) -> &str {
    let rest = at.strip_prefix('/').unwrap_or(at);
    let end = rest.find('/').map_or(at.len(), |end| at.len() - rest.len() + end);
    at.get(..end).unwrap_or(at)
}

fn misfit(what: impl Into<String>) -> ParseError {
    ParseError::NotThisShape { platform: NAME, misfit: what.into() }
}

impl<'a> Place<'a> {
    /// What a platform makes of the objects, if it knows one of the first.
    fn read(&self, exchange: &Exchange) -> Option<Read> {
        // What stands outermost was offered to everybody before.
        if self.depth == 0 {
            return None;
        }
        let holds_posts = |read: &Read| !read.posts.is_empty();
        let first = wrapped::read(&self.items(PATIENCE), exchange).filter(holds_posts)?;
        if self.objects.len() <= PATIENCE {
            return Some(first);
        }
        wrapped::read(&self.items(self.objects.len()), exchange).filter(holds_posts)
    }

    fn items(&self, most: usize) -> Vec<Item> {
        let item = |(at, value): &(String, &Value)| Item {
            at: at.clone(),
            value: (*value).clone(),
            seen_at: None,
            source: self.name.clone(),
            server: None,
        };
        self.objects.iter().take(most).map(item).collect()
    }

    /// The places one name further in, in the order in which they are met.
    fn inner(&self) -> Vec<Place<'a>> {
        let mut places: Vec<Place<'a>> = Vec::new();
        for (at, object) in &self.objects {
            for (name, value) in object.as_object().into_iter().flatten() {
                let list = value.as_array().into_iter().flatten().enumerate();
                let of_list = list.map(|(i, one)| (format!("{at}/{name}/{i}"), one));
                let alone = Some((format!("{at}/{name}"), value)).filter(|_| value.is_object());
                let objects = of_list.filter(|(_, one)| one.is_object()).chain(alone);
                let known = places.iter().position(|place| place.name == *name);
                if known.is_none() && places.len() < MOST {
                    let objects = objects.collect();
                    places.push(Place { name: name.clone(), depth: self.depth + 1, objects });
                } else if let Some(place) = known.and_then(|at| places.get_mut(at)) {
                    place.objects.extend(objects);
                }
            }
        }
        places.retain(|place| !place.objects.is_empty());
        places
    }
}
