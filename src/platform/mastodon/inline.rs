//! The line `RE: https://…` that servers put into a post which quotes another, for readers whose server knows no quotations.
//! Its author did not write it, and whoever shows the quotation hides it.
//! <https://codeberg.org/fediverse/fep/src/branch/main/fep/044f/fep-044f.md>

use crate::text::Rendered;

/// The class by which the line is told.
const CLASS: &str = "quote-inline";

const MARK: &str = "RE: ";

/// The words of a post that quotes, without that line. `html` is what they were read from.
pub(super) fn without_line(html: &str, mut rendered: Rendered) -> Rendered {
    if !html.contains(CLASS) {
        return rendered;
    }
    let text = rendered.text.as_str();
    // Mastodon puts it before the words, Misskey behind them. Only an address is the server's.
    let first = text.split("\n\n").next().unwrap_or_default();
    let last = text.rsplit("\n\n").next().unwrap_or_default();
    let (line, rest) = match (quotes(first), quotes(last)) {
        (true, _) => (first, text[first.len()..].trim_start_matches('\n')),
        (_, true) => (last, text[..text.len() - last.len()].trim_end_matches('\n')),
        _ => return rendered,
    };
    let (line, rest) = (line.to_owned(), rest.to_owned());
    rendered.links.retain(|link| !line.ends_with(&link.url));
    Rendered { text: rest, ..rendered }
}

fn quotes(line: &str) -> bool {
    line.strip_prefix(MARK).is_some_and(|url| url.starts_with("http") && !url.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::without_line;
    use crate::text::from_fragment;

    #[test]
    fn only_an_address_is_left_out() {
        for (html, text) in [
            (
                r#"<p class="quote-inline">RE: <a href="https://a.example/1">https://a.example/1</a></p><p>So it is.</p>"#,
                "So it is.",
            ),
            (
                r#"<p>So it is.<span class="quote-inline"><br><br>RE: <a href="https://a.example/1">https://a.example/1</a></span></p>"#,
                "So it is.",
            ),
            (r#"<p class="quote-inline">RE: <a href="https://a.example/1">https://a.example/1</a></p>"#, ""),
            (r#"<p class="quote-inline">RE: https://a.example/1 and words</p>"#, "RE: https://a.example/1 and words"),
            (r#"<p>RE: https://a.example/1</p><p>So it is.</p>"#, "RE: https://a.example/1\n\nSo it is."),
            (r#"<p class="quote-inline">hidden words</p><p>So.</p>"#, "hidden words\n\nSo."),
        ] {
            assert_eq!(without_line(html, from_fragment(html)).text, text, "{html}");
        }
    }
}
