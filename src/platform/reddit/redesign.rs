//! Pages of www.reddit.com: those served since 2023, whose elements bear Reddit's own names, and those of 2018 to 2023,
//! of whose markup only a few names mean something.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html};

use super::page::{account, has_class, path, said, submission, subreddit};
use super::thing::Thing;
use crate::date;
use crate::platform::printed::{count, walk};
use crate::text;

/// The things of a page of 2023 and later.
pub(super) fn of_2023(html: &Html) -> Vec<Result<Thing, String>> {
    let elements = html.root_element().descendent_elements();
    elements
        .filter_map(|element| match element.value().name() {
            "shreddit-post" => Some(submission_of_2023(element)),
            "shreddit-comment" => Some(comment_of_2023(element)),
            "shreddit-ad-post" => Some(Err(super::ADVERTISEMENT.to_owned())),
            _ => None,
        })
        .collect()
}

fn submission_of_2023(element: ElementRef<'_>) -> Result<Thing, String> {
    let attribute = |name: &str| element.attr(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let path = attribute("permalink").and_then(|link| path(&link));
    let name = attribute("id").or_else(|| submission(path.as_deref()?)).ok_or("has no id")?;
    let kind = element.attr("post-type");
    let outward = attribute("content-href").filter(|_| !matches!(kind, Some("text" | "multi_media" | "poll")));
    let prefixed = element.attr("subreddit-prefixed-name").and_then(|name| name.strip_prefix("r/"));
    let mut thing = Thing {
        name,
        title: attribute("post-title").ok_or("has no title")?,
        author: attribute("author"),
        account: attribute("author-id"),
        at: element.attr("created-timestamp").and_then(date::timestamp),
        subreddit: prefixed.map(str::to_owned).or_else(|| subreddit(path.as_deref()?)),
        path,
        outward,
        outward_kind: match kind {
            Some("image" | "gallery") => Some("image"),
            Some("video") => Some("video"),
            _ => None,
        },
        is_adult: element.attr("nsfw").is_some(),
        likes: element.attr("score").and_then(|score| score.parse().ok()),
        replies: element.attr("comment-count").and_then(|count| count.parse().ok()),
        ..Thing::default()
    };
    if let Some(body) = slot(element, "text-body") {
        thing.say(said(body));
        // A listing shows the beginning of a text.
        thing.may_be_cut = element.attr("view-context") != Some("CommentsPage");
    }
    Ok(thing)
}

fn comment_of_2023(element: ElementRef<'_>) -> Result<Thing, String> {
    let attribute = |name: &str| element.attr(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let name = attribute("thingid").ok_or("has no id")?;
    let path = attribute("permalink").and_then(|link| path(&link));
    let around = element.ancestors().filter_map(ElementRef::wrap);
    let around = around.take_while(|around| around.value().name() != "shreddit-comment-tree");
    let around = || around.clone().find(|around| around.value().name() == "shreddit-comment")?.attr("thingid");
    let parent = attribute("parentid").or_else(|| around().map(str::to_owned)).or_else(|| attribute("postid"));
    let mut thing = Thing {
        author: attribute("author"),
        at: element.attr("created").or_else(|| element.attr("created-timestamp")).and_then(date::timestamp),
        parent: parent.or_else(|| submission(path.as_deref()?)),
        subreddit: path.as_deref().and_then(subreddit),
        path,
        likes: element.attr("score").and_then(|score| score.parse().ok()),
        ..Thing::default()
    };
    let body = slot(element, "comment").map(said);
    // What was deleted has a sentence in its place, and no author.
    let is_nobodys = thing.author.as_deref().is_none_or(|author| author.starts_with('['));
    let is_gone = |text: &str| ["Comment deleted by ", "Comment removed by "].iter().any(|note| text.starts_with(note));
    match body {
        Some(body) if is_nobodys && is_gone(&body.text) => return Err(format!("was deleted or removed: {name}")),
        Some(body) => thing.say(body),
        None if is_nobodys => return Err(format!("was deleted or removed: {name}")),
        None => return Err(format!("shows no text: {name}")),
    }
    Ok(Thing { name, ..thing })
}

/// The part of an element that stands in one of its slots, without those of the things inside it.
fn slot<'a>(element: ElementRef<'a>, wanted: &str) -> Option<ElementRef<'a>> {
    let is_other =
        |inner: &ElementRef<'a>| matches!(inner.value().name(), "shreddit-post" | "shreddit-comment" | "template");
    let (mut slot, mut text) = (None, None);
    walk(element, is_other, |edge| {
        if let Edge::Open(node) = edge
            && let Some(inner) = ElementRef::wrap(node)
        {
            if slot.is_none() && inner.attr("slot") == Some(wanted) {
                slot = Some(inner);
            }
            // What is around the text in its slot are buttons to unfold it.
            if text.is_none() && slot.is_some() && inner.attr("id").is_some_and(|id| id.ends_with("-rtjson-content")) {
                text = Some(inner);
            }
        }
        text.is_none()
    });
    text.or(slot)
}

/// The things of a page of 2018 to 2023.
pub(super) fn of_2018(html: &Html) -> Vec<Result<Thing, String>> {
    let elements = html.root_element().descendent_elements().filter(|element| element.value().name() == "div");
    let promoted =
        |element: &ElementRef<'_>| has_class(element, "promotedlink") || has_class(element, "promotedvideolink");
    elements
        .filter_map(|element| match () {
            () if has_class(&element, "Post") && promoted(&element) => Some(Err(super::ADVERTISEMENT.to_owned())),
            () if has_class(&element, "Post") && named(element, "t3_").is_some() => Some(submission_of_2018(element)),
            () if has_class(&element, "Comment") && named(element, "t1_").is_some() => Some(comment_of_2018(element)),
            () => None,
        })
        .collect()
}

fn submission_of_2018(element: ElementRef<'_>) -> Result<Thing, String> {
    let name = named(element, "t3_").ok_or("has no id")?;
    let title = element.descendent_elements().find(|one| matches!(one.value().name(), "h1" | "h3"));
    let title = title.map(|title| text::of_element(title).text).ok_or("has no title")?;
    let link = element.descendent_elements().find(|one| one.attr("data-click-id") == Some("comments"));
    let path = link.and_then(|link| path(link.attr("href")?));
    let mut thing = Thing {
        title,
        author: tested(element, "post_author_link").and_then(|author| account(author.attr("href")?)),
        subreddit: path.as_deref().and_then(subreddit),
        path,
        likes: votes(element, &name),
        ..Thing::default()
    };
    let is_text = |one: &ElementRef<'_>| one.attr("data-click-id") == Some("text");
    if let Some(body) = element.descendent_elements().find(is_text) {
        thing.say(said(rich(body)));
        // On the submission's own page it has a heading of the first order.
        thing.may_be_cut = !element.descendent_elements().any(|one| one.value().name() == "h1");
    }
    Ok(Thing { name, ..thing })
}

fn comment_of_2018(element: ElementRef<'_>) -> Result<Thing, String> {
    let name = named(element, "t1_").ok_or("has no id")?;
    let is_gone = tested(element, "post-comment-header-deleted").is_some();
    let Some(body) = tested(element, "comment") else {
        return Err(format!(
            "{}: {name}",
            if is_gone { "was deleted or removed" } else { "is folded, and shows no text" }
        ));
    };
    let author = tested(element, "comment_author_link").or_else(|| tested(element, "comment_author_icon"));
    let path = tested(element, "comment_timestamp").and_then(|time| path(time.attr("href")?));
    // A line is drawn beside it for each that it stands below, the last for the one it answers.
    let around = element.parent().and_then(ElementRef::wrap);
    let lines =
        around.into_iter().flat_map(|around| around.child_elements()).filter(|beside| beside.id() != element.id());
    let lines = lines.flat_map(|beside| beside.descendent_elements()).filter(|line| has_class(line, "threadline"));
    let answered =
        lines.filter_map(|line| named(ElementRef::wrap(line.parent()?)?, "t1_")).filter(|of| *of != name).last();
    let mut thing = Thing {
        author: author.and_then(|author| account(author.attr("href")?)),
        parent: answered.or_else(|| submission(path.as_deref()?)),
        subreddit: path.as_deref().and_then(subreddit),
        path,
        likes: votes(element, &name),
        ..Thing::default()
    };
    thing.say(said(rich(body)));
    Ok(Thing { name, ..thing })
}

/// The full name among the classes of an element.
fn named(element: ElementRef<'_>, kind: &str) -> Option<String> {
    text::classes(element.value()).find(|class| class.starts_with(kind)).map(str::to_owned)
}

fn tested<'a>(element: ElementRef<'a>, wanted: &str) -> Option<ElementRef<'a>> {
    element.descendent_elements().find(|one| one.attr("data-testid") == Some(wanted))
}

/// The text inside an element.
fn rich(element: ElementRef<'_>) -> ElementRef<'_> {
    element.descendent_elements().find(|one| has_class(one, "RichTextJSON-root")).unwrap_or(element)
}

/// The score between the arrows.
fn votes(element: ElementRef<'_>, name: &str) -> Option<u64> {
    let id = format!("vote-arrows-{name}");
    let arrows = element.descendent_elements().find(|one| one.attr("id") == Some(&id))?;
    arrows.child_elements().find_map(|one| count(&text::of_element(one).text))
}
