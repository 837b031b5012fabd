//! Feeds that are no XML: a reader of XML refuses all of one for a single `&` that stands for itself, for a name that only
//! HTML has (`&eacute;`), and for an end that is missing. What those meant is plain, and so is read; nothing else is mended.

use std::borrow::Cow;

use crate::platform::xml;
use crate::text;

/// A feed in XML as its parser reads it right.
pub(super) fn markup(source: &str) -> Cow<'_, str> {
    // The text is decoded already; whatever encoding it declares, it has no more.
    let bare = declarations(source);
    let described = match descriptions(&bare) {
        Cow::Owned(described) => Cow::Owned(described),
        Cow::Borrowed(_) => bare,
    };
    match authors(&described) {
        Cow::Owned(named) => Cow::Owned(named),
        Cow::Borrowed(_) => described,
    }
}

/// The same without declarations of XML, of which one may name an encoding that the text no longer has.
fn declarations(source: &str) -> Cow<'_, str> {
    const OPEN: &str = "<?xml";
    const CLOSE: &str = "?>";
    let mut mended = String::new();
    let mut kept = 0;
    while let Some(at) = xml::find(source, kept, OPEN) {
        let Some(end) = source[at..].find(CLOSE).map(|length| at + length + CLOSE.len()) else { break };
        mended.push_str(&source[kept..at]);
        kept = end;
    }
    if kept == 0 {
        return Cow::Borrowed(source);
    }
    mended.push_str(&source[kept..]);
    Cow::Owned(mended)
}

/// An RSS feed whose authors are names: where a name stands in brackets behind an address of mail, only the name. Any other
/// name beyond ASCII is set apart from the address, where its first letter is lost otherwise.
fn authors(source: &str) -> Cow<'_, str> {
    const OPEN: &str = "<author>";
    let mut mended = String::new();
    let (mut kept, mut from) = (0, 0);
    while let Some(at) = xml::find(source, from, OPEN) {
        let begin = at + OPEN.len();
        let end = source[begin..].find('<').map_or(source.len(), |length| begin + length);
        let name = source[begin..end].split_once('(').filter(|(mail, _)| mail.contains('@'));
        if let Some(name) = name.and_then(|(_, name)| name.trim_end().strip_suffix(')')) {
            mended.push_str(&source[kept..begin]);
            mended.push_str(name);
            kept = end;
        } else if let Some(at) = mail_end(&source[begin..end]).map(|at| begin + at) {
            mended.push_str(&source[kept..at]);
            mended.push(' ');
            kept = at;
        }
        from = end;
    }
    if kept == 0 {
        return Cow::Borrowed(source);
    }
    mended.push_str(&source[kept..]);
    Cow::Owned(mended)
}

/// Where an address of mail ends that something beyond ASCII follows.
fn mail_end(author: &str) -> Option<usize> {
    let server = author.find('@')? + 1;
    let is_server = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let end = server + author[server..].find(|c| !is_server(c))?;
    author[end..].starts_with(|c: char| !c.is_ascii()).then_some(end)
}

/// A piece of HTML in which a `<` that no `>` follows is one, and does not swallow the rest.
pub(super) fn tags(body: &str) -> Cow<'_, str> {
    let (before, last) = body.split_at(body.rfind('>').map_or(0, |at| at + 1));
    match last.contains('<') {
        true => Cow::Owned(format!("{before}{}", last.replace('<', "&lt;"))),
        false => Cow::Borrowed(body),
    }
}

/// An RSS feed whose descriptions hold HTML as it is, with that HTML as the words they are: a reader of XML takes it for
/// elements of the feed, and leaves the words in it out. One that does not end before the next item stays as it is.
fn descriptions(source: &str) -> Cow<'_, str> {
    const OPEN: &str = "<description>";
    const CLOSE: &str = "</description>";
    let is_rss = source.get(..source.floor_char_boundary(2000)).is_some_and(|head| head.contains("<rss"));
    let mut mended = String::new();
    let (mut kept, mut from) = (0, 0);
    while let Some(at) = xml::find(source, from, OPEN).filter(|_| is_rss) {
        let begin = at + OPEN.len();
        // No further than the next one begins, or many would be looked through again and again.
        let stop = source[begin..].find(OPEN).map_or(source.len(), |length| begin + length);
        let end = source[begin..stop].find(CLOSE).map_or(begin, |length| begin + length);
        let inside = &source[begin..end];
        let is_html =
            inside.contains('<') && !["<![CDATA[", "]]>", "<item", "</item"].iter().any(|sign| inside.contains(sign));
        if is_html {
            mended.push_str(&source[kept..begin]);
            mended.push_str("<![CDATA[");
            mended.push_str(inside);
            mended.push_str("]]>");
            kept = end;
        }
        from = if is_html { end } else { begin };
    }
    if kept == 0 {
        return Cow::Borrowed(source);
    }
    mended.push_str(&source[kept..]);
    Cow::Owned(mended)
}

/// The same with every reference as XML has them; what stands in CDATA and in comments is as it should be.
pub(super) fn references(source: &str) -> String {
    let mut mended = String::with_capacity(source.len() + source.len() / 16);
    let mut rest = source;
    while let Some(at) = rest.find(['&', '<']) {
        let (before, from) = rest.split_at(at);
        mended.push_str(before);
        let verbatim = [("<![CDATA[", "]]>"), ("<!--", "-->")].into_iter().find(|(opens, _)| from.starts_with(opens));
        let length = match verbatim {
            Some((_, closes)) => from.find(closes).map_or(from.len(), |end| end + closes.len()),
            None => 1,
        };
        if from.starts_with('<') {
            mended.push_str(&from[..length]);
            rest = &from[length..];
            continue;
        }
        let (meaning, length) = reference(from);
        mended.push_str(&meaning);
        rest = &from[length..];
    }
    mended.push_str(rest);
    mended
}

/// What the `&` at the beginning means, as XML writes it, and the bytes that it takes.
fn reference(text: &str) -> (String, usize) {
    const LONGEST: usize = 33;
    let itself = ("&amp;".to_owned(), 1);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '#';
    let Some(end) = text.char_indices().skip(1).take(LONGEST).find(|(_, c)| !is_name(*c)) else { return itself };
    let (end, ';') = end else { return itself };
    let (whole, name) = (&text[..=end], &text[1..end]);
    let number = name.strip_prefix('#').map(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    });
    if matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") {
        return (whole.to_owned(), whole.len());
    }
    if let Some(Ok(number)) = number {
        // What is no character cannot be read; whoever looks at the post is told.
        let is_character = number != 0 && char::from_u32(number).is_some();
        return (if is_character { format!("&#{number};") } else { "\u{fffd}".to_owned() }, whole.len());
    }
    // The names of HTML: a letter on each side keeps a space that it stands for.
    let shown = text::from_fragment(&format!("a{whole}b")).text;
    match shown.strip_prefix('a').and_then(|shown| shown.strip_suffix('b')) {
        Some(meant) if !meant.contains(['&', '<', '>']) => (meant.to_owned(), whole.len()),
        _ => itself,
    }
}

/// A feed that breaks off, up to the last entry that is whole, and closed; `None` if it does not break off, or before that.
pub(super) fn broken_off(source: &str) -> Option<String> {
    let closings = [
        ("<rss", "</item>", "</channel></rss>", "</rss>"),
        ("<rdf:RDF", "</item>", "</rdf:RDF>", "</rdf:RDF>"),
        ("<feed", "</entry>", "</feed>", "</feed>"),
    ];
    let root = |(opens, ..): &(&str, &str, &str, &str)| source.find(opens);
    let (_, last, closing, end) = closings.into_iter().filter(|kind| root(kind).is_some()).min_by_key(root)?;
    if source.contains(end) {
        return None;
    }
    let whole = source.rfind(last)? + last.len();
    Some(format!("{}{closing}", &source[..whole]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ampersand_is_one() {
        for (written, meant) in [
            ("Tom & Jerry", "Tom &amp; Jerry"),
            ("?a=1&b=2", "?a=1&amp;b=2"),
            ("R&D; x", "R&amp;D; x"),
            ("&amp;amp; &lt;b&gt; &#38; &#X26;", "&amp;amp; &lt;b&gt; &#38; &#38;"),
            ("&#55357;&#0;", "\u{fffd}\u{fffd}"),
            ("Caf&eacute;&nbsp;!", "Café\u{a0}!"),
            ("<![CDATA[a & b]]> & <!-- & -->", "<![CDATA[a & b]]> &amp; <!-- & -->"),
            ("<![CDATA[a & b", "<![CDATA[a & b"),
            ("&", "&amp;"),
            ("&é; &#; &#xg;", "&amp;é; &amp;#; &amp;#xg;"),
            ("&AMP; &LT;", "&amp;AMP; &amp;LT;"),
        ] {
            assert_eq!(references(written), meant, "{written}");
        }
    }

    #[test]
    fn an_author_is_a_name() {
        let named = |author: &str| format!("<item><author>{author}</author></item>");
        assert_eq!(authors(&named("a@b.example (Zoé (Q) M)")), named("Zoé (Q) M"));
        assert_eq!(authors(&named("a@b.example【M】")), named("a@b.example 【M】"));
        for other in ["Zoé (M)", "a@b.example", "a@b.example (", "<name>a@b (c)</name>"] {
            assert_eq!(authors(&named(other)), named(other));
        }
    }

    #[test]
    fn declarations_go_and_signs_stay() {
        assert_eq!(declarations("<?xml version='1.0'?><a/><?xml encoding='x'?><b/>"), "<a/><b/>");
        assert_eq!(declarations("<a/><?xml"), "<a/><?xml");
        assert_eq!(tags("<p>I</p> love <3 and a<b both"), "<p>I</p> love &lt;3 and a&lt;b both");
        assert_eq!(tags("a <b>c</b>"), "a <b>c</b>");
    }

    #[test]
    fn html_that_stands_as_it_is_is_words() {
        let inside =
            |inside: &str| format!("<rss><description>{inside}</description><description>b</description></rss>");
        let html = "a <b>c</b> &amp; d";
        assert_eq!(descriptions(&inside(html)), inside(&format!("<![CDATA[{html}]]>")));
        // The words of another item are not taken in, and what stands in CDATA is none of the feed's elements.
        for whole in ["a &lt;b&gt;", "<![CDATA[<b>]]>", "", "a<item><description>b", "<![CDATA[<description>a<b>]]>"] {
            assert_eq!(descriptions(&inside(whole)), inside(whole));
        }
    }

    #[test]
    fn what_is_whole_before_the_end_is_kept() {
        let cut = "<rss><channel><item>1</item><item>2";
        assert_eq!(broken_off(cut).as_deref(), Some("<rss><channel><item>1</item></channel></rss>"));
        assert_eq!(broken_off("<feed><entry>1</entry><en").as_deref(), Some("<feed><entry>1</entry></feed>"));
        for whole in ["<rss><channel><item>1</item></channel></rss>", "<feed><entry>1", "<html>"] {
            assert_eq!(broken_off(whole), None, "{whole}");
        }
    }
}
