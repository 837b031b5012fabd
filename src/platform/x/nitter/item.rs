//! One post on a page of Nitter, or one that it quotes: the parts of its markup, and what they say.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use scraper::ElementRef;

use super::said::Said;
use super::{attached, shown, walk};
use crate::date;
use crate::model::{
    Author, Handle, Kind, Link, Media, Mention, Metrics, Poll, Post, PostRef, Precision, When, WhenSource,
};
use crate::platform::printed::shortened;
use crate::platform::x::links;
use crate::platform::x::status::{Status, identified, may_be_day};
use crate::text;

/// The parts of an item, as the page has them; the first of a kind counts.
#[derive(Default)]
pub(super) struct Parts<'a> {
    /// Whether it has the body of a post.
    has_body: bool,
    /// Whether it shows an account.
    is_account: bool,
    /// The addresses of the post: that of the whole item, and that of its date.
    addresses: Vec<&'a str>,
    names: Vec<ElementRef<'a>>,
    usernames: Vec<ElementRef<'a>>,
    flags: Vec<String>,
    /// The date in full.
    date: Option<&'a str>,
    contents: Vec<ElementRef<'a>>,
    /// Whether parts of it are hidden from readers.
    hides: bool,
    /// Whom it answers.
    replying_to: Vec<Handle>,
    media: Vec<Media>,
    card: Option<&'a str>,
    card_title: Option<String>,
    poll: Option<Poll>,
    metrics: Metrics,
    /// What the page shows in place of the post.
    unavailable: Option<String>,
    /// The post that it quotes; more than one is a mistake.
    pub(super) quotes: Vec<ElementRef<'a>>,
}

impl<'a> Parts<'a> {
    /// The parts of an item; `None` for one that is no post but leads to more of them, or to an account.
    pub(super) fn of_item(item: ElementRef<'a>) -> Option<Parts<'a>> {
        let parts = Parts::of(item);
        (parts.unavailable.is_some() || (parts.has_body && !parts.is_account)).then_some(parts)
    }

    /// Whether it has an address, as every post on a page of Nitter has.
    pub(super) fn is_addressed(&self) -> bool {
        !self.addresses.is_empty()
    }

    fn of(whole: ElementRef<'a>) -> Parts<'a> {
        let mut parts = Parts::default();
        walk(whole, |node| ElementRef::wrap(node).is_none_or(|element| parts.take(element)));
        parts
    }

    /// Takes what an element says; whether others inside it may say more.
    fn take(&mut self, element: ElementRef<'a>) -> bool {
        let attribute = |name| text::attribute(element.value(), name);
        if text::unshown(element.value()).hidden {
            self.hides = true;
            return false;
        }
        if matches!(element.value().name(), "template" | "noscript") {
            return false;
        }
        for class in text::classes(element.value()) {
            match class {
                "tweet-body" => self.has_body = true,
                "profile-result" => self.is_account = true,
                "tweet-link" | "quote-link" => self.addresses.extend(attribute("href")),
                "fullname" => self.names.push(element),
                "username" => self.usernames.push(element),
                "verified-icon" => self.flag("verified"),
                "icon-lock" => self.flag("locked"),
                "tweet-date" => {
                    let link = element.child_elements().find(|child| child.value().name() == "a");
                    let of_link = |name| link.and_then(|link| text::attribute(link.value(), name));
                    self.addresses.extend(of_link("href"));
                    self.date = self.date.or(of_link("title"));
                    return false;
                }
                "tweet-content" | "quote-text" => {
                    self.contents.push(element);
                    return false;
                }
                "replying-to" => {
                    let links = element.child_elements().filter(|child| child.value().name() == "a");
                    self.replying_to.extend(links.filter_map(|link| Handle::new(&shown(link))));
                    return false;
                }
                "attachments" => {
                    self.media.extend(attached::media(element));
                    return false;
                }
                "card-container" | "card-content-container" => self.card = self.card.or(attribute("href")),
                "card-title" => {
                    self.card_title.get_or_insert_with(|| shown(element));
                }
                "poll" => {
                    self.poll = self.poll.take().or_else(|| Some(attached::poll(element)));
                    return false;
                }
                "tweet-stat" => {
                    attached::count(element, &mut self.metrics);
                    return false;
                }
                "unavailable-box" | "unavailable-quote" => {
                    self.unavailable.get_or_insert_with(|| shown(element));
                    return false;
                }
                "quote" => {
                    self.quotes.push(element);
                    return false;
                }
                // They name other accounts.
                "attribution" | "media-tag-block" => return false,
                _ => {}
            }
        }
        true
    }

    fn flag(&mut self, flag: &str) {
        if !self.flags.iter().any(|known| known == flag) {
            self.flags.push(flag.to_owned());
        }
    }

    /// The post. `answers`: the page shows it as an answer; `quoted`: what it quotes, the inner `None` if that is not
    /// shown.
    pub(super) fn post(
        self,
        answers: bool,
        quoted: Option<Option<&Post>>,
        seen_at: DateTime<Utc>,
    ) -> Result<Post, String> {
        if let Some(words) = &self.unavailable {
            return Err(format!("is not shown: {:?}", shortened(words)));
        }
        let status = self.status()?;
        let username = self.usernames.first().copied().map(shown).unwrap_or_default();
        let handle = Handle::new(&username).ok_or("names no account")?;
        let said = match self.contents[..] {
            [content] => Said::of(content, &status),
            [] if self.has_body => return Err("has no text".to_owned()),
            // A quoted post without words has no element for them.
            [] => Said::default(),
            _ => return Err("has several texts, and whose they are is not certain".to_owned()),
        };
        if let Some(fault) = said.fault {
            return Err(fault);
        }
        let is_bare = said.text.is_empty() && self.media.is_empty() && self.poll.is_none() && self.card.is_none();
        if is_bare && quoted.is_none() {
            return Err("has neither words nor anything attached".to_owned());
        }
        let mut post = identified(&status);
        date(&mut post, self.date.unwrap_or_default());
        post.doubts.extend(self.contradictions(&status, &handle));
        post.doubts.extend(said.doubts);
        if self.hides {
            post.doubts.push("Parts of the post are hidden from readers, and were left out.".to_owned());
        }
        post.author = Author {
            handle: Some(handle),
            name: self.names.first().copied().map(name),
            flags: self.flags,
            ..Author::default()
        };
        post.kind = match () {
            () if answers || !self.replying_to.is_empty() => Kind::Reply,
            () if quoted.is_some() => Kind::Quote,
            () => Kind::Original,
        };
        post.quote_of =
            quoted.flatten().map(|post| PostRef { id: post.id.clone(), uri: post.uri.clone(), url: post.url.clone() });
        let answered = |handle: Handle| Mention {
            url: Some(format!("https://x.com/{handle}")),
            handle: Some(handle),
            ..Mention::default()
        };
        post.mentions = self.replying_to.into_iter().map(answered).collect();
        links::sort(&mut post, &said.links);
        if let Some(url) = self.card.filter(|url| url.starts_with("http"))
            && !post.links.iter().any(|link| link.url == url)
        {
            post.links.push(Link { shown: self.card_title.unwrap_or_default(), url: url.to_owned() });
        }
        post.text = said.text;
        post.text_state = said.state;
        post.media = [post.media, self.media].concat();
        post.poll = self.poll;
        post.metrics = self.metrics;
        post.metrics.seen_at = (self.metrics != Metrics::default()).then_some(seen_at);
        Ok(post)
    }
}

impl Parts<'_> {
    /// The post that all its addresses name.
    fn status(&self) -> Result<Status, String> {
        let address = self.addresses.first().ok_or("has no address")?;
        let status = Status::on_mirror(address).ok_or_else(|| format!("names no post: {:?}", shortened(address)))?;
        let mut others = self.addresses[1..].iter().filter_map(|address| Status::on_mirror(address));
        match others.find(|other| other.id != status.id) {
            Some(other) => Err(format!("names two posts: {} and {}", status.id, other.id)),
            None => Ok(status),
        }
    }

    /// What in it names another author than the one who signs.
    fn contradictions(&self, status: &Status, signer: &Handle) -> Vec<String> {
        let is_other = |handle: &Handle| handle.folded() != signer.folded();
        let doubt = |what: &str, other: &Handle| format!("It is signed by @{signer}, but {what} names @{other}.");
        let mut doubts: Vec<String> = status.doubt(signer).into_iter().collect();
        if doubts.is_empty() {
            let mut others = self.addresses.iter().filter_map(|address| Status::on_mirror(address));
            doubts.extend(others.find_map(|other| other.doubt(signer)));
        }
        let linked = |element: &ElementRef<'_>| {
            let path = text::attribute(element.value(), "href")?.split(['?', '#']).next()?;
            Handle::new(path.trim_end_matches('/').rsplit('/').next()?)
        };
        let other = self.names.iter().filter_map(linked).find(is_other);
        doubts.extend(other.map(|other| doubt("the link of the name", &other)));
        let stated = |element: &ElementRef<'_>| {
            let titled = text::attribute(element.value(), "title").and_then(Handle::new);
            let handles = [Handle::new(&shown(*element)), titled, linked(element)];
            handles.into_iter().flatten().find(is_other)
        };
        let other = self.usernames.iter().find_map(stated);
        doubts.extend(other.map(|other| doubt("the page also", &other)));
        let mut names = self.names.iter().flat_map(|element| [shown(*element), name(*element)]);
        let names = names.next().map(|first| {
            let same = |other: &String| other.split_whitespace().eq(first.split_whitespace());
            names.find(|other| !first.is_empty() && !same(other)).map(|other| (first.clone(), other))
        });
        if let Some((first, other)) = names.flatten() {
            doubts.push(format!("The page names its author {first:?} and {other:?}."));
        }
        doubts
    }
}

/// The post that a `.quote` shows.
pub(super) fn quoted(quote: ElementRef<'_>, seen_at: DateTime<Utc>) -> Result<Post, String> {
    Parts::of(quote).post(false, None, seen_at).map_err(|reason| format!("the quoted post {reason}"))
}

/// Name of an account. The title repeats it, and no editor breaks lines in it.
fn name(element: ElementRef<'_>) -> String {
    let title = text::attribute(element.value(), "title").filter(|title| !title.is_empty());
    title.map_or_else(|| shown(element), str::to_owned)
}

/// Dates a post: by its id, else by what the page prints, which is in UTC.
pub(super) fn date(post: &mut Post, printed: &str) {
    let read = if printed.contains('/') { old_date(printed) } else { date::printed(printed) };
    match (read, post.created) {
        (Some(read), Some(at)) => {
            let agrees = match read.precision() {
                Precision::Day => may_be_day(at.at(), read.at()),
                _ => (at.at() - read.at()).abs() <= TimeDelta::minutes(1),
            };
            if !agrees {
                post.doubts.push(format!(
                    "The page prints {printed:?}, but the id was given out on {}.",
                    at.at().format("%Y-%m-%d at %H:%M")
                ));
            }
        }
        (None, None) => post.doubts.push(format!("The date {printed:?} cannot be read.")),
        (None, Some(_)) => {}
        (Some(_), None) => post.created = read,
    }
}

/// `26/7/2021, 15:04:00`, as Nitter wrote until 2020: the day first, and no zone, so that the day alone is sure.
fn old_date(printed: &str) -> Option<When> {
    let read = NaiveDateTime::parse_from_str(printed.trim(), "%d/%m/%Y, %H:%M:%S").ok()?;
    When::day(read.date(), WhenSource::Page)
}
