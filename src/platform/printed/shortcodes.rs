//! The shortcodes with which texts for a page generator, or a wiki, name what is to stand in a page:
//! `{{< tweet user="ada" id="1" >}}` (Hugo), `{% twitter https://… %}` (Jekyll, dev.to), `{{cite tweet |user=ada}}`
//! (MediaWiki), `[embed]https://…[/embed]` (WordPress).
//!
//! Each is given to the platforms as an element with its arguments as attributes, so that they read it like any embed.

use std::ops::Range;

use scraper::Html;

/// The name of the element. Its attribute `name` has that of the shortcode in lower case; arguments without a name are
/// `arg1`, `arg2` and so on.
pub const ELEMENT: &str = "short-code";

/// What a shortcode may be long: a cited post is in it.
const LONGEST: usize = 3000;

/// How they begin and end, and whether pipes part their arguments.
const FORMS: [(&str, &str, bool); 4] =
    [("{{<", ">}}", false), ("{{%", "%}}", false), ("{%", "%}", false), ("{{", "}}", true)];

/// A shortcode in a text.
pub struct Shortcode {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// The element that stands for it.
    pub html: Html,
}

/// The shortcodes of a text in order.
pub fn find(source: &str) -> Vec<Shortcode> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(skip) = source[at..].find(['{', '[']) {
        at += skip;
        let rest = &source[at..];
        let code = braced(rest).or_else(|| bracketed(rest));
        let Some((length, name, arguments)) = code else {
            at += 1;
            continue;
        };
        found.push(Shortcode { range: at..at + length, html: element(&name, &arguments) });
        at += length;
    }
    found
}

/// The arguments of a shortcode: names, empty where there is none, and values.
type Arguments = Vec<(String, String)>;

fn braced(rest: &str) -> Option<(usize, String, Arguments)> {
    let (open, close, piped) = FORMS.into_iter().find(|(open, ..)| rest.starts_with(open))?;
    let inside = &rest[open.len()..rest.floor_char_boundary(LONGEST)];
    if piped {
        let (end, parts) = template(inside)?;
        let mut parts = parts.into_iter();
        let name = parts.next()?.trim().to_lowercase();
        let argument = |part: &str| match part.split_once('=') {
            Some((name, value)) => (name.trim().to_lowercase(), value.trim().to_owned()),
            None => (String::new(), part.trim().to_owned()),
        };
        return Some((open.len() + end + close.len(), name, parts.map(argument).collect()));
    }
    let end = inside.find(close)?;
    let mut words = words(&inside[..end]).into_iter();
    let (_, name) = words.next().filter(|(name, _)| name.is_empty())?;
    Some((open.len() + end + close.len(), name.to_lowercase(), words.collect()))
}

/// Where a template of a wiki ends, and its parts: pipes inside of templates and links within it part nothing.
fn template(inside: &str) -> Option<(usize, Vec<&str>)> {
    /// How deep templates stand in one another where they cite a post.
    const DEPTH: usize = 4;
    if !inside.trim_start().starts_with(char::is_alphabetic) {
        return None;
    }
    let (mut depth, mut begin, mut parts) = (0_usize, 0, Vec::new());
    let mut at = 0;
    while let Some(skip) = inside[at..].find(['{', '}', '[', ']', '|']) {
        at += skip;
        let rest = &inside[at..];
        match () {
            () if depth > DEPTH => return None,
            () if rest.starts_with("{{") || rest.starts_with("[[") => (depth, at) = (depth + 1, at + 2),
            () if depth > 0 && (rest.starts_with("}}") || rest.starts_with("]]")) => (depth, at) = (depth - 1, at + 2),
            () if rest.starts_with("}}") => {
                parts.push(&inside[begin..at]);
                return Some((at, parts));
            }
            () if depth == 0 && rest.starts_with('|') => {
                parts.push(&inside[begin..at]);
                (begin, at) = (at + 1, at + 1);
            }
            () => at += 1,
        }
    }
    None
}

/// `[embed]https://…[/embed]`, `[tweet https://…]`. What else stands in brackets is prose, or a link of Markdown.
fn bracketed(rest: &str) -> Option<(usize, String, Arguments)> {
    let inside = &rest[..rest.floor_char_boundary(LONGEST)];
    let end = inside.find(']')?;
    let mut words = words(inside.get(1..end).filter(|words| !words.contains('['))?).into_iter();
    let (_, name) = words.next().filter(|(name, _)| name.is_empty())?;
    let mut arguments: Arguments = words.collect();
    let is_address = |value: &str| value.starts_with("https://") || value.starts_with("http://");
    let closing = format!("[/{name}]");
    let mut length = end + 1;
    if let Some(close) = inside[length..].find(&closing) {
        let within = inside[length..length + close].trim();
        if is_address(within) {
            arguments.push((String::new(), within.to_owned()));
            length += close + closing.len();
        }
    }
    arguments.iter().any(|(_, value)| is_address(value)).then(|| (length, name.to_lowercase(), arguments))
}

/// The words of a shortcode: `name`, `key="value"`, `"value"`, `value`.
fn words(inside: &str) -> Arguments {
    let mut found = Vec::new();
    let mut rest = inside.trim().trim_end_matches('/').trim_end();
    while !rest.is_empty() {
        let end = rest.find([' ', '\t', '\n', '\r', '=', '"', '\'', '“', '”']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_named = after.starts_with('=') && !word.is_empty() && !word.contains(':');
        let value = if is_named { &after[1..] } else { rest };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '“'));
        let (value, after) = match quote {
            Some(quote) => {
                let inner = &value[quote.len_utf8()..];
                let close = inner.find(if quote == '“' { '”' } else { quote }).unwrap_or(inner.len());
                let skip = inner[close..].chars().next().map_or(0, char::len_utf8);
                (&inner[..close], &inner[close + skip..])
            }
            None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        found.push((if is_named { word.to_lowercase() } else { String::new() }, value.to_owned()));
        rest = after.trim_start();
    }
    found
}

fn element(name: &str, arguments: &Arguments) -> Html {
    let escape = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let is_name = |name: &str| {
        (1..=30).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte))
    };
    let mut html = format!("<{ELEMENT} name=\"{}\"", escape(name));
    let mut count = 0;
    for (name, value) in arguments.iter().take(30) {
        let name = if name.is_empty() {
            count += 1;
            format!("arg{count}")
        } else if is_name(name) && name != "name" {
            name.clone()
        } else {
            continue;
        };
        html.push_str(&format!(" {name}=\"{}\"", escape(value)));
    }
    html.push_str(&format!("></{ELEMENT}>"));
    Html::parse_fragment(&html)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Vec<String> {
        find(source).iter().map(|code| code.html.root_element().inner_html()).collect()
    }

    #[test]
    fn shortcodes_become_elements() {
        for (source, expected) in [
            (r#"a {{< tweet user="ada" id=12 >}} b"#, r#"<short-code name="tweet" user="ada" id="12"></short-code>"#),
            ("{{< tweet 12 >}}", r#"<short-code name="tweet" arg1="12"></short-code>"#),
            (
                "{% twitter https://x.com/a/status/1?s=2 %}",
                r#"<short-code name="twitter" arg1="https://x.com/a/status/1?s=2"></short-code>"#,
            ),
            (
                "{{Cite tweet |user=ada |title=A \"b\" & <c>}}",
                r#"<short-code name="cite tweet" user="ada" title="A &quot;b&quot; &amp; &lt;c&gt;"></short-code>"#,
            ),
            (
                "[embed]https://x.com/a/status/1[/embed]",
                r#"<short-code name="embed" arg1="https://x.com/a/status/1"></short-code>"#,
            ),
            (
                "[tweet https://x.com/a/status/1 align='left']",
                r#"<short-code name="tweet" arg1="https://x.com/a/status/1" align="left"></short-code>"#,
            ),
        ] {
            // Attributes stand in no order.
            let sorted = |html: &str| {
                let mut signs: Vec<char> = html.chars().collect();
                signs.sort_unstable();
                signs
            };
            let found: Vec<_> = read(source).iter().map(|html| sorted(html)).collect();
            assert_eq!(found, [sorted(expected)], "{source}");
        }
        for prose in ["[Updated] prose", "{ }", "[a](https://x.com/a/status/1)", "{{", "{{<", "{{< >}}", "[", "[]"] {
            assert!(read(prose).iter().all(|html| !html.contains("x.com")), "{prose}");
        }
    }
}
