//! Embeds in what a page holds back: `<noscript>`, which browsers without scripts show, and attributes with the HTML that a
//! script puts in the page once a reader scrolls to it, or agrees.

use scraper::{ElementRef, Html};

use crate::platform::Embed;
use crate::text;

/// The embeds that `embedded` finds in the pieces of HTML that a page holds back, each at the element that has it.
pub(super) fn embeds(page: &Html, embedded: impl Fn(&Html) -> Vec<Embed>) -> Vec<Embed> {
    let mut found = Vec::new();
    for element in page.tree.nodes().filter_map(ElementRef::wrap) {
        let read = |html: &str, found: &mut Vec<Embed>| {
            if may_embed(html) && text::is_affordable(html) {
                let inside = embedded(&Html::parse_fragment(html));
                found.extend(inside.into_iter().map(|embed| Embed { node: element.id(), ..embed }));
            }
        };
        if element.value().name() == "noscript" {
            // To a browser with scripts, and to the parser, it is text.
            let held = element.text().collect::<String>();
            read(&held, &mut found);
            continue;
        }
        for (name, value) in &element.value().attrs {
            if name.local.starts_with("data-") && value.trim_start().starts_with('<') {
                read(value, &mut found);
            }
        }
    }
    found
}

/// Whether HTML may hold an embed at all: most of what is held back are pictures.
fn may_embed(html: &str) -> bool {
    ["<blockquote", "<iframe", "<script"].iter().any(|tag| html.contains(tag))
}
