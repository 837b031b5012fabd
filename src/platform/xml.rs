//! Elements of feeds that are read as the text they are: one entry that is broken costs no other. What the elements mean is
//! each platform's own business.

use std::borrow::Cow;

use crate::model::Skipped;
use crate::text;

/// The insides of the elements of that name, which hold none of their own name; of one that has no end, that it is cut.
pub fn items<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = Result<&'a str, String>> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let begin = move |from: usize| {
        let mut from = from;
        loop {
            let after = find(xml, from, &open)? + open.len();
            if xml[after..].starts_with(ENDS_NAME) {
                return Some(after);
            }
            from = after;
        }
    };
    let mut next = begin(0);
    std::iter::from_fn(move || {
        let at = next?;
        next = begin(at);
        let item = &xml[at..next.unwrap_or(xml.len())];
        Some(find(item, 0, &close).map(|end| &item[..end]).ok_or_else(|| "is cut".to_owned()))
    })
}

/// That a feed breaks off, if its outermost element, of that name, has no end.
pub fn broken_off(xml: &str, root: &str) -> Option<Skipped> {
    let reason = "the feed breaks off there".to_owned();
    (!xml.contains(&format!("</{root}>"))).then(|| Skipped { at: "the end".to_owned(), reason })
}

/// What may stand behind the name of an element.
const ENDS_NAME: [char; 6] = ['>', '/', ' ', '\n', '\t', '\r'];

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
            let after = &rest[find(rest, 0, &open)? + open.len()..];
            rest = after;
            if !after.starts_with(ENDS_NAME) {
                continue;
            }
            let (tag, after) = after.split_once('>')?;
            if let Some(tag) = tag.strip_suffix('/') {
                rest = after;
                return Some((tag, Cow::Borrowed("")));
            }
            let end = find(after, 0, &close)?;
            let inside = &after[..end];
            rest = &after[end + close.len()..];
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

/// Where the tag begins, from there on. What looks like one in CDATA or in a comment is none.
pub fn find(xml: &str, from: usize, tag: &str) -> Option<usize> {
    let mut at = from;
    loop {
        at += xml.get(at..)?.find('<')?;
        let rest = xml.get(at..)?;
        if rest.starts_with(tag) {
            return Some(at);
        }
        let verbatim = [(CDATA, CDATA_END), ("<!--", "-->")].into_iter().find(|(opens, _)| rest.starts_with(opens));
        at += match verbatim {
            Some((_, closes)) => rest.find(closes)? + closes.len(),
            None => 1,
        };
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
        let cut = items("<entry>1<entry a='b'>2<![CDATA[</entry><entry>3]]></entry><!--<entry>--><entry>4", "entry");
        let cut: Vec<_> = cut.map(|item| item.map(|item| item.len())).collect();
        assert_eq!(
            cut,
            [Err("is cut".to_owned()), Ok(" a='b'>2<![CDATA[</entry><entry>3]]>".len()), Err("is cut".to_owned())]
        );
        assert_eq!(element("<d>a <![CDATA[b</d>", "d"), None);
    }
}
