//! Posts of the API, and what they pass on.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::chain::Layer;
use super::npf::Said;
use super::{NAME, chain, legacy, named, notes, npf, of_blog, post_at, tags, uri};
use crate::model::{Author, Found, Kind, Metrics, Post, PostRef, Precision, Skipped, TextState, When, WhenSource};
use crate::platform::Page;
use crate::platform::json::{count, id, seconds, words};

/// Reads an answer, a list of posts, or one; `false` if it is none of them.
pub(super) fn read(page: &mut Page, at: &str, value: &Value, seen_at: DateTime<Utc>) -> bool {
    let Some(posts) = posts(at, value) else { return false };
    for (at, value) in posts {
        match self::post(&at, value, seen_at) {
            Ok((post, nested)) => {
                let whole = PostRef { id: post.id.clone(), uri: post.uri.clone(), url: post.url.clone() };
                page.posts.push(Found { post, at: at.clone(), nested: false });
                page.posts.extend(nested.into_iter().map(|(at, post)| Found { post, at, nested: true }));
                notes::below(page, &at, value, &whole);
            }
            Err(reason) => page.skipped.push(Skipped { at, reason }),
        }
    }
    true
}

/// The posts in a document, with their places.
fn posts<'a>(at: &str, value: &'a Value) -> Option<Vec<(String, &'a Value)>> {
    if is_post(value) {
        return Some(vec![(at.to_owned(), value)]);
    }
    let response = &value["response"];
    let lists = [
        ("", value),
        ("/posts", &value["posts"]),
        ("/response", response),
        ("/response/posts", &response["posts"]),
        ("/response/liked_posts", &response["liked_posts"]),
        ("/response/timeline/elements", &response["timeline"]["elements"]),
    ];
    for (place, list) in lists {
        let Some(list) = list.as_array() else { continue };
        let is_empty_answer = list.is_empty() && value["meta"]["status"].is_u64();
        if is_empty_answer || list.iter().any(is_post) {
            return Some(list.iter().enumerate().map(|(i, post)| (format!("{at}{place}/{i}"), post)).collect());
        }
    }
    is_post(response).then(|| vec![(format!("{at}/response"), response)])
}

fn is_post(value: &Value) -> bool {
    let has_id = value.get("id_string").or(value.get("id")).is_some();
    has_id && value["blog_name"].is_string() && value["reblog_key"].is_string()
}

/// A post, and what it passes on, with the places.
type Whole = (Post, Vec<(String, Post)>);

fn post(at: &str, value: &Value, seen_at: DateTime<Utc>) -> Result<Whole, String> {
    let number = id(&value["id_string"]).or_else(|| id(&value["id"])).ok_or("has no id")?;
    let mut post = named(&number).ok_or_else(|| format!("has no id of Tumblr: {number:?}"))?;
    if let Some(state) = words(value, "state").filter(|state| *state != "published") {
        return Err(format!("is not published but {state:?}"));
    }
    post.author = of_blog(words(value, "blog_name"), &value["blog"]);
    written_by(&mut post, value);
    post.url = words(value, "post_url").map(str::to_owned);
    post.created = seconds(&value["timestamp"]).and_then(|at| When::new(at, Precision::Second, WhenSource::Platform));
    let parent = parent(value);
    let (own, mut nested) =
        if value["content"].is_array() { blocks(at, value) } else { hypertext(at, value, &number, parent.is_some())? };
    let is_reblog = parent.is_some() || nested.iter().any(|(_, post)| !is_ask(post));
    if own.is_empty() && nested.is_empty() && !is_reblog {
        return Err("has no text".to_owned());
    }
    let says_nothing = own.is_empty();
    let mut post = own.into(post);
    if is_reblog {
        // What comes last in the trail is what it adds to.
        let last = nested.iter().rev().map(|(_, post)| post).find(|post| !is_ask(post));
        let last = last.map(|post| PostRef { id: post.id.clone(), uri: post.uri.clone(), url: post.url.clone() });
        let of = last.filter(|of| *of != PostRef::default()).or(parent);
        (post.kind, post.repost_of, post.quote_of) =
            if says_nothing { (Kind::Repost, of, None) } else { (Kind::Quote, None, of) };
    } else {
        post.metrics = metrics(value, seen_at);
    }
    tags(&mut post, value["tags"].as_array().into_iter().flatten().filter_map(Value::as_str));
    if value["is_nsfw"] == true || value["is_adult"] == true {
        post.labels.push("sensitive".to_owned());
    }
    // The next in a trail adds to the one before it.
    for at in 1..nested.len() {
        let before = &nested[at - 1].1;
        let of = PostRef { id: before.id.clone(), uri: before.uri.clone(), url: before.url.clone() };
        if of != PostRef::default() && !is_ask(before) && !is_ask(&nested[at].1) {
            (nested[at].1.kind, nested[at].1.quote_of) = (Kind::Quote, Some(of));
        }
    }
    Ok((post, nested))
}

/// Several may write on a blog, and readers may send posts to it: the blog is where such a post stands, not who wrote it.
fn written_by(post: &mut Post, value: &Value) {
    let writer = words(value, "post_author").filter(|writer| Some(*writer) != words(value, "blog_name"));
    let is_submission = value["is_submission"] == true;
    if writer.is_none() && !is_submission {
        return;
    }
    let blog = words(value, "blog_name").unwrap_or_default();
    post.labels.push(format!("on @{blog}"));
    // Who has no account may have left a name.
    let anonymous = Author { name: words(value, "anonymous_name").map(str::to_owned), ..Author::default() };
    post.author = writer.map(super::author).unwrap_or(anonymous);
    if is_submission {
        post.doubts.push(format!("A reader sent it to the blog @{blog}, which may have changed it or added to it."));
    }
}

/// A question has been sent to a blog: it is not published by itself.
const ASK: &str = "question";

fn is_ask(post: &Post) -> bool {
    post.labels.iter().any(|label| label == ASK)
}

fn metrics(value: &Value, seen_at: DateTime<Utc>) -> Metrics {
    let metrics = Metrics {
        likes: count(&value["like_count"]),
        reposts: count(&value["reblog_count"]),
        replies: count(&value["reply_count"]),
        ..Metrics::default()
    };
    Metrics { seen_at: (metrics != Metrics::default()).then_some(seen_at), ..metrics }
}

/// The post that a reblog was made of.
fn parent(value: &Value) -> Option<PostRef> {
    let number = id(&value["parent_post_id"]).or_else(|| id(&value["reblogged_from_id"])).filter(|id| id != "0");
    let url = words(value, "parent_post_url").or_else(|| words(value, "reblogged_from_url"));
    let of_url = url.and_then(|url| post_at(&Url::parse(url).ok()?)?.id);
    let number = number.or(of_url);
    (number.is_some() || url.is_some()).then(|| PostRef {
        uri: number.as_deref().map(uri),
        id: number,
        url: url.map(str::to_owned),
    })
}

/// Reads a post of blocks.
fn blocks(at: &str, value: &Value) -> (Said, Vec<(String, Post)>) {
    let content = |value: &Value| value["content"].as_array().map(Vec::as_slice).unwrap_or_default().to_vec();
    let mut nested = Vec::new();
    for (i, item) in value["trail"].as_array().into_iter().flatten().enumerate() {
        let at = format!("{at}/trail/{i}");
        let (said, ask) = npf::read(&content(item), &item["layout"]);
        nested.extend(ask.map(|ask| (format!("{at}/layout"), question(of_blog(None, ask.blog), ask.said))));
        if !said.is_empty() {
            nested.push((at, said.into(of_trail(item))));
        }
    }
    let (own, ask) = npf::read(&content(value), &value["layout"]);
    nested.extend(ask.map(|ask| (format!("{at}/layout"), question(of_blog(None, ask.blog), ask.said))));
    (own, nested)
}

/// Reads a post of HTML.
fn hypertext(at: &str, value: &Value, number: &str, is_reblog: bool) -> Result<(Said, Vec<(String, Post)>), String> {
    let mut nested = Vec::new();
    let trail = || value["trail"].as_array().into_iter().flatten();
    for (i, item) in trail().enumerate().filter(|(_, item)| item["is_current_item"] != true) {
        let html = item["content"].as_str().or_else(|| item["content_raw"].as_str()).unwrap_or_default();
        nested.push((format!("{at}/trail/{i}"), legacy::html(html, number).into(of_trail(item))));
    }
    let has_trail = !nested.is_empty();
    let comment = legacy::comment(value).filter(|_| is_reblog || has_trail);
    let layers = |html: &str| chain::layers(html).ok_or("is nested too deeply to tell whose words are whose");
    let whole = legacy::whole(value);
    let mut all = layers(whole)?;
    let own = if all.is_empty() { Layer::default() } else { all.remove(0) };
    if !has_trail {
        // What is passed on stands around the words of a blog, or beside them.
        if all.is_empty() {
            all = layers(words(&value["reblog"], "tree_html").unwrap_or_default())?;
            all.retain(|layer| layer.whose.is_some());
        }
        // The first post comes first, as in a trail.
        let said = all.into_iter().rev().enumerate();
        nested.extend(said.map(|(i, layer)| (format!("{at} layer {}", i + 1), of_layer(layer))));
    }
    // A conversation is written as plain text.
    let is_plain = value["type"] == "chat" && !own.html.contains('<');
    let own = if is_plain { legacy::plain(&own.html) } else { legacy::html(&own.html, number) };
    let is_reblog = is_reblog || !nested.is_empty();
    let (mut own, unsigned) = match comment {
        Some(comment) if value["type"] == "answer" && nested.is_empty() => (legacy::html(comment, number), own),
        Some(comment) => (legacy::html(comment, number), Said::default()),
        // Whose words they are is not told: they are nobody's.
        None if is_reblog && nested.is_empty() => (Said::default(), own),
        None => (own, Said::default()),
    };
    // Titles, what is quoted and pictures are the first post's.
    let is_marked = trail().any(|item| item["is_root_item"] == true);
    let is_first_here = !has_trail || !is_marked || value["trail"][0]["is_root_item"] == true;
    match nested.first_mut().filter(|_| is_first_here) {
        Some((_, first)) => {
            let said = Said { text: std::mem::take(&mut first.text), ..Said::default() };
            let said = legacy::beside(value, said);
            first.text = said.text;
            first.media.extend(said.media);
            first.links.extend(said.links);
            first.doubts.extend(said.unshown.doubts());
        }
        None if is_reblog => {
            let said = legacy::beside(value, unsigned);
            let whose = if comment.is_some() { of_first(value) } else { Post::default() };
            // A picture without words that nobody is named for is no post.
            if whose.id.is_some() || !said.text.is_empty() {
                nested.insert(0, (format!("{at} passed on"), passed_on(whose, said)));
            }
        }
        None => own = legacy::beside(value, own),
    }
    nested.retain(|(_, post)| !post.text.is_empty() || !post.media.is_empty() || !post.links.is_empty());
    if let Some(asked) = words(value, "question").filter(|_| value["type"] == "answer") {
        let whose = words(value, "asking_name").filter(|name| *name != "Anonymous");
        nested.push((format!("{at}/question"), question(of_blog(whose, &Value::Null), legacy::html(asked, number))));
    }
    Ok((own, nested))
}

/// The post with which a chain of reblogs began, if the answer names it; without its words.
fn of_first(value: &Value) -> Post {
    let number = id(&value["reblogged_root_id"]);
    let by_address = || post_at(&Url::parse(words(value, "reblogged_root_url")?).ok()?)?.id;
    let known = number.or_else(by_address).as_deref().and_then(named);
    Post {
        author: of_blog(words(value, "reblogged_root_name"), &Value::Null),
        url: words(value, "reblogged_root_url").map(str::to_owned),
        ..known.unwrap_or_default()
    }
}

/// What a reblog shows of others' words where it does not tell them apart.
fn passed_on(whose: Post, said: Said) -> Post {
    let doubt = if whose.author.handle.is_some() {
        "It is known only from a reblog, which may show a part of it."
    } else {
        "It is known only from a reblog, and the answer does not say whose words these are."
    };
    let post = said.into(Post { platform: NAME.to_owned(), ..whose });
    Post { text_state: TextState::Unknown, doubts: [post.doubts, vec![doubt.to_owned()]].concat(), ..post }
}

fn question(author: Author, said: Said) -> Post {
    let post = said.into(Post { platform: NAME.to_owned(), author, ..Post::default() });
    Post { labels: vec![ASK.to_owned()], ..post }
}

/// A post in a trail, without its words. One that is gone has left the name of its blog only.
fn of_trail(item: &Value) -> Post {
    let known = id(&item["post"]["id"]).as_deref().and_then(named);
    let author = of_blog(words(item, "broken_blog_name"), &item["blog"]);
    let address = author.handle.as_ref().zip(known.as_ref().and_then(|post| post.id.as_ref()));
    Post {
        platform: NAME.to_owned(),
        url: address.map(|(blog, number)| format!("https://www.tumblr.com/{blog}/{number}")),
        created: seconds(&item["post"]["timestamp"])
            .and_then(|at| When::new(at, Precision::Second, WhenSource::Platform)),
        author,
        ..known.unwrap_or_default()
    }
}

/// A post in a chain of quotations.
pub(super) fn of_layer(layer: Layer) -> Post {
    let (name, address) = layer.whose.unwrap_or_default();
    let known = Url::parse(&address).ok().as_ref().and_then(post_at);
    let number = known.as_ref().and_then(|post| post.id.clone()).unwrap_or_default();
    let said = legacy::html(&layer.html, &number);
    let post = Post {
        platform: NAME.to_owned(),
        author: super::author(&name),
        url: known
            .as_ref()
            .and_then(|post| post.url.clone())
            .or(Some(address).filter(|address| address.starts_with("http"))),
        ..known.unwrap_or_default()
    };
    said.into(post)
}
