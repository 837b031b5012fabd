//! Content as blocks: <https://github.com/tumblr/docs/blob/master/npf-spec.md>.

use serde_json::Value;

use crate::model::{Handle, Link, Media, Mention, Poll, PollOption, Post, TextState};
use crate::platform::json::words;
use crate::text::Unshown;

/// What a post holds beside its words, and the words.
#[derive(Default)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) links: Vec<Link>,
    pub(super) mentions: Vec<Mention>,
    pub(super) media: Vec<Media>,
    pub(super) poll: Option<Poll>,
    pub(super) unshown: Unshown,
    /// Whether the source cut the words.
    pub(super) is_cut: bool,
}

impl Said {
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.media.is_empty() && self.poll.is_none() && self.links.is_empty()
    }

    /// Puts it into a post.
    pub(super) fn into(self, post: Post) -> Post {
        Post {
            text: self.text,
            text_state: if self.is_cut { TextState::Truncated } else { TextState::Complete },
            links: self.links,
            mentions: self.mentions,
            media: self.media,
            poll: self.poll,
            doubts: [post.doubts, self.unshown.doubts()].concat(),
            ..post
        }
    }
}

/// A question that somebody sent to a blog, which answers it.
pub(super) struct Ask<'a> {
    /// Who sent it; `null` for nobody who is named.
    pub(super) blog: &'a Value,
    pub(super) said: Said,
}

/// Reads blocks in the order in which they are shown: the words of the blog, and those of a question to it.
pub(super) fn read<'a>(content: &[Value], layout: &'a Value) -> (Said, Option<Ask<'a>>) {
    let layouts = || layout.as_array().into_iter().flatten();
    let ask = layouts().find(|layout| layout["type"] == "ask");
    let asked: Vec<usize> = ask.map(|ask| indexes(&ask["blocks"])).unwrap_or_default();
    let order = layouts().find(|layout| layout["type"] == "rows").and_then(|rows| order(rows, content.len()));
    let order = order.unwrap_or_else(|| (0..content.len()).collect());
    let blocks = |is_asked: bool| {
        let ours = order.iter().filter(|at| asked.contains(*at) == is_asked);
        said(ours.filter_map(|at| content.get(*at)))
    };
    let question = ask.map(|ask| Ask { blog: &ask["attribution"]["blog"], said: blocks(true) });
    (blocks(false), question.filter(|ask| !ask.said.is_empty()))
}

fn indexes(list: &Value) -> Vec<usize> {
    let numbers = list.as_array().into_iter().flatten().filter_map(Value::as_u64);
    numbers.filter_map(|number| usize::try_from(number).ok()).take(1000).collect()
}

/// The order of rows, if they hold every block once.
fn order(rows: &Value, blocks: usize) -> Option<Vec<usize>> {
    let rows = rows["display"].as_array()?.iter().take(blocks);
    let order: Vec<usize> = rows.flat_map(|row| indexes(&row["blocks"])).take(blocks + 1).collect();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    sorted.iter().copied().eq(0..blocks).then_some(order)
}

fn said<'a>(blocks: impl Iterator<Item = &'a Value>) -> Said {
    let mut said = Said::default();
    let mut was_item = false;
    for block in blocks {
        let is_item = matches!(block["subtype"].as_str(), Some("ordered-list-item" | "unordered-list-item"));
        match block["type"].as_str() {
            Some("text") => {
                let text = block["text"].as_str().unwrap_or_default();
                if !said.text.is_empty() {
                    said.text.push_str(if was_item && is_item { "\n" } else { "\n\n" });
                }
                said.text.push_str(text);
                said.unshown.quoted |= matches!(block["subtype"].as_str(), Some("quote" | "indented"));
                formatting(&mut said, text, &block["formatting"]);
            }
            Some("image") => said.media.extend(file(&block["media"][0], "image", words(block, "alt_text"))),
            Some(kind @ ("video" | "audio")) => {
                let file = file(&block["media"], kind, words(block, "alt_text"));
                let linked =
                    || Media { url: words(block, "url").map(str::to_owned), kind: kind.to_owned(), ..Media::default() };
                said.media.push(file.unwrap_or_else(linked));
            }
            Some("link") => said.links.extend(words(block, "url").map(|url| Link {
                shown: block["title"].as_str().unwrap_or_default().to_owned(),
                url: url.to_owned(),
            })),
            Some("poll") => {
                let answers = block["answers"].as_array().into_iter().flatten();
                let answers = answers.filter_map(|answer| words(answer, "answer_text"));
                let options = answers.map(|answer| PollOption { title: answer.to_owned(), votes: None }).collect();
                said.poll = Some(Poll { options, ..Poll::default() });
                // The question is a part of the words.
                if let Some(question) = words(block, "question") {
                    let before = if said.text.is_empty() { "" } else { "\n\n" };
                    said.text.push_str(before);
                    said.text.push_str(question);
                }
            }
            _ => {}
        }
        was_item = is_item;
    }
    said
}

/// What stands where in a text. Positions count characters.
fn formatting(said: &mut Said, text: &str, formatting: &Value) {
    let Some(list) = formatting.as_array().filter(|list| !list.is_empty()) else { return };
    let characters: Vec<char> = text.chars().collect();
    for format in list {
        let at = |name: &str| format[name].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or_default();
        let shown = || characters.get(at("start")..at("end")).map(|shown| shown.iter().collect::<String>());
        match format["type"].as_str() {
            Some("link") => said.links.extend(
                words(format, "url").map(|url| Link { shown: shown().unwrap_or_default(), url: url.to_owned() }),
            ),
            Some("mention") => {
                let blog = &format["blog"];
                let handle = words(blog, "name").and_then(Handle::new);
                let id = words(blog, "uuid").map(str::to_owned);
                said.mentions.push(Mention { handle, id, url: words(blog, "url").map(str::to_owned) });
            }
            Some("strikethrough") => said.unshown.struck = true,
            _ => {}
        }
    }
}

fn file(media: &Value, kind: &str, alt: Option<&str>) -> Option<Media> {
    let size = |name: &str| media[name].as_u64().and_then(|size| u32::try_from(size).ok());
    let is_guessed = media["original_dimensions_missing"] == true;
    Some(Media {
        url: Some(words(media, "url")?.to_owned()),
        kind: if words(media, "type") == Some("image/gif") { "gif" } else { kind }.to_owned(),
        alt: alt.map(str::to_owned),
        width: size("width").filter(|_| !is_guessed),
        height: size("height").filter(|_| !is_guessed),
    })
}
