//! Pages of old.reddit.com, which are those of reddit.com before 2018. Their templates are public:
//! <https://github.com/reddit-archive/reddit/tree/master/r2/r2/templates>.

use chrono::DateTime;
use scraper::{ElementRef, Html};

use super::page::{account, has_class, path, said, submission, whole, with_whole_links};
use super::thing::Thing;
use crate::date;
use crate::text;

/// The submissions and comments of a page, and what stands in the place of some.
pub(super) fn things(html: &Html) -> Vec<Result<Thing, String>> {
    let elements = html.root_element().descendent_elements().filter(|element| element.value().name() == "div");
    elements
        .filter_map(|element| {
            let has = |class: &str| has_class(&element, class);
            if has("search-result-link") {
                return Some(found(element));
            }
            if !has("thing") {
                return None;
            }
            if has("promoted") || has("promotedlink") || element.attr("data-promoted") == Some("true") {
                return Some(Err(super::ADVERTISEMENT.to_owned()));
            }
            match () {
                () if has("morechildren") => Some(Err(more(element))),
                () if has("morerecursion") => Some(Err("stands for comments that were not sent".to_owned())),
                () if has("comment") => Some(comment(element)),
                () if has("link") => Some(link(element)),
                () => None,
            }
        })
        .collect()
}

/// What stands for comments that were not sent; how many, it says in the language of whoever saved the page.
fn more(element: ElementRef<'_>) -> String {
    let shown = first(element, "gray").map(words).unwrap_or_default();
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    match digits.parse::<u64>() {
        Ok(count) => format!("stands for {count} comments that were not sent"),
        Err(_) => "stands for comments that were not sent".to_owned(),
    }
}

fn comment(element: ElementRef<'_>) -> Result<Thing, String> {
    let name = element.attr("data-fullname").ok_or("was deleted or removed, and has no id left")?.to_owned();
    let entry = entry(element).ok_or("has no text")?;
    let bylinks: Vec<(&str, ElementRef<'_>)> =
        all(entry, "bylink").filter_map(|link| Some((link.attr("href")?, link))).collect();
    let place = element.attr("data-permalink").map(str::to_owned);
    let number = name.trim_start_matches("t1_");
    let is_own =
        |href: &str| path(href).is_some_and(|path| path.trim_end_matches('/').rsplit('/').next() == Some(number));
    let place = place.or_else(|| path(bylinks.iter().find(|(href, _)| is_own(href))?.0));
    // The one it answers: around it, or where its link to the parent leads.
    let around = element.ancestors().filter_map(ElementRef::wrap).find(|around| has_class(around, "thing"));
    let anchored = bylinks.iter().find_map(|(href, _)| {
        let id = href.strip_prefix('#')?;
        (id.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !id.is_empty()).then(|| format!("t1_{id}"))
    });
    let led_to = bylinks.iter().find(|(_, link)| link.attr("data-event-action") == Some("parent"));
    let led_to = led_to.and_then(|(href, _)| {
        let path = path(href)?;
        let id = path.trim_end_matches('/').rsplit('/').next()?;
        path.contains("/comments/").then(|| format!("t1_{id}"))
    });
    let parent = around.and_then(|around| around.attr("data-fullname")).map(str::to_owned);
    let parent = parent.or(anchored).or(led_to).or_else(|| submission(place.as_deref()?));
    let mut thing = Thing { name, path: place, parent, ..tagged(element, entry) };
    thing.say(body(entry).map(said).ok_or("has no text")?);
    let is_hidden = all(entry, "score").next().is_none();
    thing.likes = likes(entry).filter(|_| !is_hidden);
    Ok(thing)
}

fn link(element: ElementRef<'_>) -> Result<Thing, String> {
    let name = element.attr("data-fullname").ok_or("was deleted, and has no id left")?.to_owned();
    let entry = entry(element).ok_or("has no title")?;
    let title = all(entry, "title").find(|title| title.value().name() == "a").map(words).ok_or("has no title")?;
    let comments = || all(entry, "comments").find_map(|link| path(link.attr("href")?));
    let url = element.attr("data-url").map(whole);
    let is_self = has_class(&element, "self") || element.attr("data-domain").is_some_and(|d| d.starts_with("self."));
    let mut thing = Thing {
        name,
        title,
        path: element.attr("data-permalink").map(str::to_owned).or_else(comments),
        outward: url.filter(|_| !is_self),
        is_adult: has_class(&element, "over18") || element.attr("data-nsfw") == Some("true"),
        replies: element.attr("data-comments-count").and_then(|count| count.parse().ok()),
        ..tagged(element, entry)
    };
    // On the submission's own page its text is there; in listings it waits, as HTML in an attribute, to be unfolded.
    if let Some(body) = body(entry) {
        thing.say(said(body));
    } else if let Some(folded) = first(entry, "expando").and_then(|expando| expando.attr("data-cachedhtml")) {
        let html = Html::parse_fragment(folded);
        if let Some(body) = body(html.root_element()) {
            thing.say(said(body));
        }
    } else if first(entry, "selftext").is_some() {
        thing.may_be_cut = true;
    }
    thing.likes = element.attr("data-score").and_then(|score| score.parse().ok()).or_else(|| likes(element));
    let time = element.attr("data-timestamp").and_then(|time| DateTime::from_timestamp_millis(time.parse().ok()?));
    thing.at = thing.at.or(time);
    Ok(thing)
}

/// A result of a search.
fn found(element: ElementRef<'_>) -> Result<Thing, String> {
    let name = element.attr("data-fullname").ok_or("has no id")?.to_owned();
    let title = first(element, "search-title").ok_or("has no title")?;
    let mut thing = Thing {
        name,
        title: words(title),
        path: title.attr("href").and_then(path),
        outward: first(element, "search-link").and_then(|link| link.attr("href")).map(whole),
        is_adult: first(element, "nsfw-stamp").is_some(),
        likes: first(element, "search-score").and_then(|score| number(&words(score))),
        replies: first(element, "search-comments").and_then(|comments| number(&words(comments))),
        ..tagged(element, element)
    };
    if let Some(body) = first(element, "search-result-body") {
        thing.say(with_whole_links(text::of_element(body)));
    }
    Ok(thing)
}

/// Author, times and subreddit.
fn tagged(element: ElementRef<'_>, entry: ElementRef<'_>) -> Thing {
    let attribute = |name: &str| element.attr(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let author = all(entry, "author").find(|author| author.value().name() == "a");
    // `id-t2_…` among the classes of the link to an account.
    let id = || text::classes(author?.value()).find_map(|class| class.strip_prefix("id-")).map(str::to_owned);
    let time = |is_edit: bool| {
        let times = entry.descendent_elements().filter(|one| one.value().name() == "time");
        let mut times = times.filter(|time| has_class(time, "edited-timestamp") == is_edit);
        date::timestamp(times.next()?.attr("datetime")?)
    };
    let subreddit = || {
        let link = first(entry, "subreddit").or_else(|| first(entry, "search-subreddit-link"))?;
        super::page::subreddit(&path(link.attr("href")?)?)
    };
    Thing {
        author: attribute("data-author").or_else(|| account(author?.attr("href")?)),
        account: attribute("data-author-fullname").or_else(id),
        at: time(false),
        edited: time(true),
        subreddit: attribute("data-subreddit").or_else(subreddit),
        ..Thing::default()
    }
}

/// The part of a thing that is its own: what answers it stands beside.
fn entry(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    element.child_elements().find(|child| has_class(child, "entry"))
}

/// The text of a thing; not the help beside the form in which it can be edited.
fn body(entry: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let is_container = |element: &ElementRef<'_>| has_class(element, "usertext-body");
    let container = entry.descendent_elements().find(is_container)?;
    container.descendent_elements().find(|element| has_class(element, "md"))
}

/// The score that a reader without a vote of his own sees; `None` where it is shown as a dot.
fn likes(element: ElementRef<'_>) -> Option<u64> {
    let score = all(element, "score").find(|score| has_class(score, "unvoted"))?;
    score.attr("title").and_then(|title| title.parse().ok()).or_else(|| number(&words(score)))
}

/// The number that a phrase begins with: `3,822 points`.
fn number(phrase: &str) -> Option<u64> {
    let number: String = phrase.split_whitespace().next()?.chars().filter(|c| *c != ',').collect();
    number.parse().ok()
}

fn words(element: ElementRef<'_>) -> String {
    text::of_element(element).text
}

fn first<'a>(element: ElementRef<'a>, class: &'static str) -> Option<ElementRef<'a>> {
    all(element, class).next()
}

fn all<'a>(element: ElementRef<'a>, class: &'static str) -> impl Iterator<Item = ElementRef<'a>> {
    element.descendent_elements().filter(move |one| has_class(one, class))
}
