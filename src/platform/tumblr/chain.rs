//! Reblogs written as HTML: `NAME:`, then a quotation of what that blog said, which begins in the same way, and behind it
//! the words that were added. Whose words are whose is told by how deep they stand.

use scraper::{ElementRef, Html, Node};

use crate::markup::escaped;
use crate::text;

/// What one blog said.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Layer {
    /// Name of the blog and the address of its post; none for the one that is read.
    pub(super) whose: Option<(String, String)>,
    /// Its words.
    pub(super) html: String,
}

/// The layers of a text, the last that was added first. `None` if it is nested so deeply that nobody wrote it.
pub(super) fn layers(html: &str) -> Option<Vec<Layer>> {
    if !html.contains("tumblr_blog") {
        return Some(vec![Layer { whose: None, html: html.to_owned() }]);
    }
    if !text::is_affordable(html) {
        return None;
    }
    let tree = Html::parse_fragment(html);
    let mut layers = Vec::new();
    let mut left = Some((None, tree.root_element()));
    while let Some((whose, level)) = left.take() {
        let mut said = String::new();
        let mut attributed: Option<(String, String)> = None;
        for child in level.children() {
            let element = ElementRef::wrap(child);
            let is_quotation = element.is_some_and(|element| element.value().name() == "blockquote");
            if left.is_none() && is_quotation && attributed.is_some() {
                left = element.map(|element| (attributed.take(), element));
                continue;
            }
            match (element, child.value()) {
                (Some(element), _) if left.is_none() && attributed.is_none() && attribution(element).is_some() => {
                    attributed = attribution(element);
                }
                // Between the two stand a colon and line breaks.
                (None, Node::Text(text)) if attributed.is_some() && is_colon(text) => {}
                (Some(element), _) if attributed.is_some() && element.value().name() == "br" => {}
                (Some(element), _) => said.push_str(&element.html()),
                (None, Node::Text(text)) => said.push_str(&escaped(text)),
                _ => {}
            }
        }
        if let Some((name, address)) = attributed {
            // A name behind which no quotation stands is a part of the words.
            said = format!("<p><a href=\"{}\">{}</a>:</p>{said}", escaped(&address), escaped(&name));
        }
        layers.push(Layer { whose, html: said });
    }
    Some(layers)
}

/// The blog that an element names before a quotation, if it holds nothing else.
fn attribution(element: ElementRef<'_>) -> Option<(String, String)> {
    let is_link = |element: &ElementRef<'_>| text::classes(element.value()).any(|class| class == "tumblr_blog");
    let link = if is_link(&element) {
        element
    } else {
        Some(element).filter(|element| element.value().name() == "p")?.child_elements().find(is_link)?
    };
    let rest = element.text().collect::<String>();
    let name = link.text().collect::<String>();
    let is_alone = rest.trim().trim_end_matches(':').trim() == name.trim();
    let address = text::attribute(link.value(), "href").unwrap_or_default();
    is_alone.then(|| (name.trim().to_owned(), address.trim().to_owned()))
}

fn is_colon(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(html: &str) -> Vec<(Option<(String, String)>, String)> {
        let read = |layer: Layer| (layer.whose, text::from_fragment(&layer.html).text);
        layers(html).unwrap().into_iter().map(read).collect()
    }

    fn whose(name: &str, address: &str) -> Option<(String, String)> {
        Some((name.to_owned(), address.to_owned()))
    }

    #[test]
    fn words_are_given_to_those_who_wrote_them() {
        let html = "<p><a class=\"tumblr_blog\" href=\"https://b.tumblr.com/post/22222\">b</a>:</p><blockquote><p >\
                    <a href=\"https://a.tumblr.com/post/11111\" class=\"tumblr_blog\">a </a >:</p ><blockquote><p>first &lt;3</p><p>more</p>\
                    </blockquote><p>second</p></blockquote>\n<p>own &amp; last</p>";
        assert_eq!(
            plain(html),
            [
                (None, "own & last".to_owned()),
                (whose("b", "https://b.tumblr.com/post/22222"), "second".to_owned()),
                (whose("a", "https://a.tumblr.com/post/11111"), "first <3\n\nmore".to_owned()),
            ]
        );
        let old = "<a class=\"tumblr_blog\" href=\"http://a.tumblr.com/post/11111\">a</a>:<br/><br/><blockquote>said</blockquote>";
        assert_eq!(
            plain(old),
            [(None, String::new()), (whose("a", "http://a.tumblr.com/post/11111"), "said".to_owned())]
        );
    }

    #[test]
    fn a_name_and_a_quotation_alone_are_no_reblog() {
        for (html, said) in [
            ("<p>I quote:</p><blockquote>x</blockquote>", "I quote:\n\nx"),
            ("<p>see <a class=\"tumblr_blog\" href=\"#\">a</a>:</p><blockquote>x</blockquote>", "see a:\n\nx"),
            ("<p><a class=\"tumblr_blog\" href=\"#\">a</a>:</p><p>x</p>", "a:\n\nx"),
        ] {
            assert_eq!(plain(html), [(None, said.to_owned())], "{html}");
        }
    }
}
