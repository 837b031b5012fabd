//! Posts that a published page quotes: embeds in HTML, and the plain form `text — Name (@handle) July 26, 2021` that
//! is left of them where a page is copied as text.
//!
//! Reads HTML, Markdown, plain text, and oEmbed answers. Which embeds there are is not known here: each platform in
//! the registry finds its own. Only what the page says is read; what it leaves open becomes a doubt of the post, or
//! is reported with its place. A post of which a page has only the address is a reference without words, one for each post.

mod above;
mod find;
mod foreign;
mod groups;
mod hidden;
mod html;
mod numbering;
mod plain;
mod reading;
mod references;
mod sheet;

use std::collections::HashSet;
use std::ops::Range;

use ego_tree::NodeId;
use scraper::Html;

use super::printed::embeds::{self, Item};
use super::printed::shortcodes;
use super::{Embed, Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;
use crate::model::Post;
use crate::text;
use references::Reference;

/// Posts quoted in published pages.
pub const PLATFORM: Platform = Platform {
    name: "article",
    title: "Article",
    cited: Some(|_| None),
    about: "posts quoted in a published page (HTML, Markdown, plain text, oEmbed); imported, never pulled",
    live: None,
    one: None,
    shapes: &[
        Shape {
            name: "html",
            what: "a saved or fetched page",
            told_by: "a tag at its beginning",
            lacks: "what embeds lack: the time, but for an id's; counts; where quoted as prose, where it was published",
        },
        Shape {
            name: "text",
            what: "plain text or Markdown, embeds in it as HTML",
            told_by: "text that is neither JSON nor markup",
            lacks: "as html",
        },
        Shape {
            name: "oembed",
            what: "an oEmbed answer of any provider",
            told_by: "a JSON object with `type`, `version` and `html`",
            lacks: "as html",
        },
    ],
    parse,
    post_at: None,
    embeds: None,
    profile_at: None,
};

fn parse(exchange: &Exchange) -> Result<Page, ParseError> {
    let not = |misfit: String| ParseError::NotThisShape { platform: PLATFORM.name, misfit };
    let body = exchange.text()?;
    let body = body.trim_start_matches('\u{feff}');
    let status = exchange.response.status;
    if status >= 400 {
        let message = body.lines().next().unwrap_or_default().chars().take(200).collect();
        return Err(ParseError::Refused { platform: PLATFORM.name, status, message });
    }
    let head = body.trim_start();
    if head[..head.floor_char_boundary(8000)].contains('\0') {
        return Err(not("it is no text: a zero byte stands near its beginning".to_owned()));
    }
    if head.starts_with("WARC/") {
        return Err(not("it is a WARC file".to_owned()));
    }
    if is_json(head) {
        let answer = embeds::oembed(head).map_err(not)?;
        let mut page = html_page(&answer.html);
        answer.compare(&mut page);
        return Ok(Page { shape: "oembed", ..page });
    }
    if head.starts_with('<') || exchange.media_type().contains("html") {
        return Ok(Page { shape: "html", ..html_page(body) });
    }
    Ok(Page { shape: "text", ..text_page(body) })
}

/// Whether the text begins as JSON does. Prose may begin with a bracket too (`[Updated]`), but not so.
fn is_json(head: &str) -> bool {
    let mut signs = head.chars().filter(|c| !c.is_whitespace());
    match (signs.next(), signs.next()) {
        (Some('{'), second) => matches!(second, Some('"' | '}') | None),
        (Some('['), second) => matches!(second, Some('{' | '[' | '"' | ']') | None),
        _ => false,
    }
}

/// Embeds, and the quotations in what is left of the page.
fn html_page(source: &str) -> Page {
    if !text::is_affordable(source) {
        let mut items = Vec::new();
        read_pieces(source, |_, item| items.push(item));
        let reason = "is nested too deeply to be read as a whole; only the embeds in it were looked for".to_owned();
        items.push(Item { order: 0, at: "line 1".to_owned(), post: Err(reason) });
        return embeds::page(items);
    }
    let html = Html::parse_document(source);
    let mut found = embedded(&html);
    found.extend(foreign::embeds(&html));
    let mut taken: HashSet<NodeId> = found.iter().map(|embed| embed.node).collect();
    let held_back = hidden::embeds(&html, embedded);
    let held_back = unknown(held_back, &found);
    taken.extend(held_back.iter().map(|embed| embed.node));
    found.extend(held_back);
    let mut items = embeds::placed(&html, found);
    if html::names_handles(&html, &taken) {
        items.extend(find::quotations(&html::of_html(&html, &taken), post_at));
    }
    let mut items = once(items);
    let references = new(references::in_page(&html, &taken), &items);
    let references = references.map(|reference| Embed { node: reference.at, posts: vec![reference.read()] });
    items.extend(embeds::placed(&html, references.collect()));
    embeds::page(items)
}

/// Of what a page holds back, the posts that it does not show.
fn unknown(mut held_back: Vec<Embed>, found: &[Embed]) -> Vec<Embed> {
    let posts = found.iter().flat_map(|embed| &embed.posts).filter_map(|post| post.as_ref().ok());
    let shown: HashSet<String> = posts.filter(|post| !post.text.is_empty()).map(Post::identity).collect();
    for embed in &mut held_back {
        embed.posts.retain(|post| post.as_ref().is_ok_and(|post| !shown.contains(&post.identity())));
    }
    held_back.retain(|embed| !embed.posts.is_empty());
    held_back
}

/// One reference for each post, and none where the page has its words: a script and its frame, an embed and a link to it
/// mean one post.
fn once(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by_key(|item| item.order);
    let is_bare = |post: &Post| post.text.is_empty() && post.author.name.is_none();
    let posts = || items.iter().filter_map(|item| item.post.as_ref().ok());
    let said: HashSet<String> = posts().filter(|post| !is_bare(post)).map(Post::identity).collect();
    let mut seen = HashSet::new();
    items.retain(|item| match &item.post {
        Ok(post) if is_bare(post) => !said.contains(&post.identity()) && seen.insert(post.identity()),
        _ => true,
    });
    items
}

/// Plain text, or Markdown, in which embeds stand as HTML.
fn text_page(source: &str) -> Page {
    let mut items = Vec::new();
    let mut taken = Vec::new();
    read_pieces(source, |range, item| {
        taken.push(range);
        items.push(item);
    });
    items.extend(find::quotations(&plain::of_plain(source, &taken), post_at));
    let mut places = Lines::new(source);
    let is_taken = |at: usize| {
        let before = taken.partition_point(|range: &Range<usize>| range.start <= at);
        before.checked_sub(1).and_then(|last| taken.get(last)).is_some_and(|range| range.contains(&at))
    };
    for code in shortcodes::find(source) {
        let line = places.line(code.range.start);
        let posts = embedded(&code.html).into_iter().flat_map(|embed| embed.posts);
        items.extend(posts.map(|post| Item { order: line, at: format!("line {line}"), post }));
    }
    let mut items = once(items);
    let mut places = Lines::new(source);
    let references = references::in_text(source).into_iter().filter(|reference| !is_taken(reference.at)).collect();
    let references: Vec<Reference<usize>> = new(references, &items).collect();
    for reference in references {
        let line = places.line(reference.at);
        items.push(Item { order: line, at: format!("line {line}"), post: reference.read() });
    }
    embeds::page(items)
}

/// The references to posts that are not among the items; of several to one post the one that stands alone, else the first.
fn new<P>(mut references: Vec<Reference<P>>, items: &[Item]) -> impl Iterator<Item = Reference<P>> {
    let posts = items.iter().filter_map(|item| item.post.as_ref().ok());
    // A page's address may say by whom a post is, and its name not, so that both are compared.
    let mut known: HashSet<String> =
        posts.flat_map(|post| [Some(post.identity()), post.url.clone()]).flatten().collect();
    let alone: HashSet<String> =
        references.iter().filter(|reference| reference.alone).map(|reference| reference.post.identity()).collect();
    references.retain(|reference| {
        let name = reference.post.identity();
        let is_known = known.contains(&name) || reference.post.url.as_ref().is_some_and(|url| known.contains(url));
        let is_lesser = !reference.alone && alone.contains(&name);
        !is_known && !is_lesser && known.insert(name)
    });
    references.into_iter()
}

/// Numbers of lines, asked for in the order of the text.
struct Lines<'a> {
    source: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn new(source: &str) -> Lines<'_> {
        Lines { source, at: 0, line: 1 }
    }

    fn line(&mut self, at: usize) -> usize {
        let passed = self.source.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at = self.at.max(at);
        self.line
    }
}

/// Reads the embeds in a text piece by piece, and tells the stretch of the text that each takes.
fn read_pieces(source: &str, mut keep: impl FnMut(Range<usize>, Item)) {
    for piece in plain::pieces(source, &["blockquote", "iframe", "script"]) {
        if !text::is_affordable(piece.html) {
            continue;
        }
        let html = Html::parse_fragment(piece.html);
        for embed in embedded(&html) {
            for post in embed.posts {
                let item = Item { order: piece.line, at: piece.place.to_string(), post };
                keep(piece.start..piece.start + piece.element_end(), item);
            }
        }
    }
}

fn embedded(html: &Html) -> Vec<Embed> {
    super::ALL.iter().filter_map(|platform| platform.embeds).flat_map(|embeds| embeds(html)).collect()
}

/// What the platform of an address makes of a quotation that ends in it: the embed is put together again as it was
/// before the page lost it, and every platform is asked. The words stay those of the page.
fn post_at(quoted: &Post, link: &str, date: &str) -> Option<Post> {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let (name, handle) = (quoted.author.name.as_deref()?, quoted.author.handle.as_ref()?.as_str());
    let html = Html::parse_fragment(&format!(
        "<blockquote><p>{}</p>&mdash; {} (@{}) <a href=\"{}\">{}</a></blockquote>",
        escape(&quoted.text),
        escape(name),
        escape(handle),
        escape(link),
        escape(date),
    ));
    let known = embedded(&html).into_iter().flat_map(|embed| embed.posts).find_map(Result::ok)?;
    Some(Post {
        platform: known.platform,
        id: known.id,
        uri: known.uri,
        url: known.url,
        created: known.created,
        doubts: [quoted.doubts.clone(), known.doubts].concat(),
        ..quoted.clone()
    })
}
