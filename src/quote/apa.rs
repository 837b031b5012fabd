//! APA 7: `Name [@handle]. (2021, July 26). First 20 words [Image attached] [Tweet]. Twitter. URL`
//! (apastyle.apa.org/style-grammar-guidelines/references/examples/twitter-references; libguides.tri-c.edu and
//! libguides.jcu.edu.au/apa/socialmedia for `[Post]. X.`; Publication Manual §10.15). An address, a hashtag or an emoji counts as one word; there is no ellipsis and no date of retrieval.
//!
//! What the style sets in italics (the words, without their emoji) is plain here. APA turns names of persons around
//! (`Loach, K.`); which name is a person's only its editor knows.

use super::said::{Said, first_words, one_line, said};
use super::{Quotable, Setting, author, date, link, venue};

/// The entry of the list of references.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let word = venue::word(quotable);
    let mut title = match said(post) {
        Said::Words(words) => {
            let mut title = one_line(first_words(words, 20));
            // The manual describes what is attached to a post; a video's or a photograph's own page says it with its word.
            if matches!(word, "Tweet" | "Post")
                && let Some(attached) = attached(quotable)
            {
                title.push_str(&format!(" [{attached} attached]"));
            }
            title
        }
        Said::Nothing(instead) => instead,
    };
    title.push_str(&format!(" [{word}]."));
    let day = date::day(post, setting).map_or("n.d.".to_owned(), |day| day.format("%Y, %B %-d").to_string());
    let day = day.strip_prefix('+').unwrap_or(&day);
    let mut entry = match author::credited(post) {
        Some(author) if author.ends_with('.') => format!("{author} ({day}). {title}"),
        Some(author) => format!("{author}. ({day}). {title}"),
        None => format!("{title} ({day})."),
    };
    if let Some(site) = venue::site(quotable) {
        entry.push_str(&format!(" {site}."));
    }
    if let Some(url) = link(post) {
        entry.push_str(&format!(" {}", one_line(url)));
    }
    entry
}

fn attached(quotable: &Quotable) -> Option<&'static str> {
    let kinds = || quotable.post.media.iter().map(|media| media.kind.as_str());
    if quotable.post.poll.is_some() {
        Some("Poll")
    } else if kinds().any(|kind| kind == "video" || kind == "gif") {
        Some("Video")
    } else if kinds().any(|kind| kind == "image") {
        Some("Image")
    } else {
        None
    }
}
