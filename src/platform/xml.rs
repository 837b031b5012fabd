//! Elements of feeds that are read as the text they are: one entry that is broken costs no other. What the elements mean is
//! each platform's own business.

use std::borrow::Cow;

use crate::text;

/// The insides of the elements of that name, which hold none of their own name; of one that has no end, that it is cut.
pub fn items<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = Result<&'a str, String>> {
    let close = format!("</{name}>");
    let begins = |item: &&str| item.starts_with(['>', ' ', '\n', '\t', '\r']);
    let open = format!("<{name}");
    let items: Vec<&str> = xml.split(open.as_str()).skip(1).filter(begins).collect();
    items.into_iter().map(move |item| match inside(item, &close) {
        Some((item, _)) => Ok(item),
        None => Err("is cut".to_owned()),
    })
}

/// The text of the first element of that name.
pub fn element<'a>(xml: &'a str, name: &str) -> Option<Cow<'a, str>> {
    elements(xml, name).next().map(|(_, text)| text)
}

/// The elements of that name: attributes, and the decoded inside. No element of a feed holds one of its own name.
pub fn elements<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once(open.as_str())?;
            rest = after;
            if !after.starts_with(['>', ' ', '/', '\n', '\t', '\r']) {
                continue;
            }
            let (tag, after) = after.split_once('>')?;
            if let Some(tag) = tag.strip_suffix('/') {
                rest = after;
                return Some((tag, Cow::Borrowed("")));
            }
            let (inside, after) = inside(after, &close)?;
            rest = after;
            return Some((tag, decoded(inside)));
        }
    })
}

/// An attribute of an element, decoded.
pub fn attribute<'a>(tag: &'a str, name: &str) -> Option<Cow<'a, str>> {
    ['"', '\''].into_iter().find_map(|quote| {
        let (_, value) = tag.split_once(&format!(" {name}={quote}"))?;
        Some(text::unescape(value.split_once(quote)?.0))
    })
}

/// What stands before the closing tag, and behind it. A tag in CDATA closes nothing.
fn inside<'a>(xml: &'a str, close: &str) -> Option<(&'a str, &'a str)> {
    let mut from = 0;
    loop {
        from += xml.get(from..)?.find('<')?;
        let rest = xml.get(from..)?;
        if let Some(after) = rest.strip_prefix(close) {
            return Some((&xml[..from], after));
        }
        from += if rest.starts_with(CDATA) { rest.find(CDATA_END)? + CDATA_END.len() } else { 1 };
    }
}

const CDATA: &str = "<![CDATA[";
const CDATA_END: &str = "]]>";

/// The words of an element: references decoded, but not in CDATA, of which there may be several stretches (it is how `]]>`
/// is written). White space around CDATA that is all there is belongs to the feed.
fn decoded(inside: &str) -> Cow<'_, str> {
    let is_all = inside.trim().strip_prefix(CDATA).and_then(|data| data.strip_suffix(CDATA_END));
    if let Some(data) = is_all.filter(|data| !data.contains(CDATA_END)) {
        return Cow::Borrowed(data);
    }
    if !inside.contains(CDATA) {
        return text::unescape(inside);
    }
    let inside = if inside.trim_start().starts_with(CDATA) { inside.trim() } else { inside };
    let mut words = String::new();
    let mut rest = inside;
    while let Some((before, after)) = rest.split_once(CDATA) {
        words.push_str(&text::unescape(before));
        let (data, after) = after.split_once(CDATA_END).unwrap_or((after, ""));
        words.push_str(data);
        rest = after;
    }
    words.push_str(&text::unescape(rest));
    Cow::Owned(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_whatever_they_are_wrapped_in() {
        for (inside, words) in [
            ("a &amp; b", "a & b"),
            (" <![CDATA[a &amp; <b>]]> ", "a &amp; <b>"),
            ("a <![CDATA[& b]]> &amp; c", "a & b & c"),
            ("<![CDATA[a ]]]]><![CDATA[> b]]>", "a ]]> b"),
            ("<![CDATA[</d>]]>", "</d>"),
            ("", ""),
        ] {
            assert_eq!(element(&format!("<c/><d>{inside}</d><d>x</d>"), "d").as_deref(), Some(words), "{inside}");
        }
    }

    #[test]
    fn what_has_no_end_is_cut() {
        let cut = items("<entry>1</entry><entry a='b'>2<![CDATA[</entry>]]>", "entry");
        assert_eq!(cut.collect::<Vec<_>>(), [Ok(">1"), Err("is cut".to_owned())]);
        assert_eq!(element("<d>a <![CDATA[b</d>", "d"), None);
    }
}
