//! Posts that a published page quotes: embeds in HTML, and the plain form `text — Name (@handle) July 26, 2021` that
//! is left of them where a page is copied as text.
//!
//! Reads HTML, Markdown, plain text, and oEmbed answers. Which embeds there are is not known here: each platform in
//! the registry finds its own. Only what the page says is read; what it leaves open becomes a doubt of the post, or
//! is reported with its place.

mod above;
mod find;
mod groups;
mod html;
mod numbering;
mod plain;
mod reading;
mod sheet;

use std::collections::HashSet;
use std::ops::Range;

use ego_tree::NodeId;
use scraper::Html;

use super::printed::embeds::{self, Item};
use super::{Embed, Page, ParseError, Platform, Shape};
use crate::exchange::Exchange;
use crate::model::Post;
use crate::text;

/// Posts quoted in published pages.
pub const PLATFORM: Platform = Platform {
    name: "article",
    title: "Article",
    about: "posts quoted in a published page (HTML, Markdown, plain text, oEmbed); imported, never pulled",
    first: None,
    session: None,
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
    let found = embedded(&html);
    let taken: HashSet<NodeId> = found.iter().map(|embed| embed.node).collect();
    let mut items = embeds::placed(&html, found);
    if html::names_handles(&html, &taken) {
        items.extend(find::quotations(&html::of_html(&html, &taken), post_at));
    }
    embeds::page(items)
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
    embeds::page(items)
}

/// Reads the embeds in a text piece by piece, and tells the stretch of the text that each takes.
fn read_pieces(source: &str, mut keep: impl FnMut(Range<usize>, Item)) {
    for piece in plain::pieces(source, &["blockquote", "iframe"]) {
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
