//! What stands in fields, whichever the tool: counts, flags, words, addresses.

use url::Url;

/// A count: spreadsheets and tools write `1,234`, and `3.0` where some rows have none.
pub fn count(text: Option<&str>) -> Option<u64> {
    let text = text?.trim();
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    if !rest.is_empty() && (first.len() > 3 || rest.iter().any(|group| group.len() != 3)) {
        return None;
    }
    let digits = format!("{first}{}", rest.concat());
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The words in a field.
///
/// # Errors
/// There are none, or a spreadsheet took them for a formula.
pub fn words(text: Option<&str>) -> Result<&str, String> {
    let text = text.filter(|text| !text.trim().is_empty()).ok_or("has no text")?;
    match text.trim() {
        "#NAME?" | "#VALUE!" | "#REF!" | "#N/A" | "#ERROR!" => {
            Err(format!("has no text: a spreadsheet has put {} in its place", text.trim()))
        }
        _ => Ok(text),
    }
}

/// A value without what is written so that spreadsheets leave it as it is: `="1419719963177910349"`, `'@ada_moss`.
pub fn bare(text: &str) -> &str {
    let text = text.trim();
    let quoted = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    quoted.unwrap_or_else(|| text.trim_matches('\'')).trim()
}

/// The address in a field, also one without its scheme (`x.com/ada_moss/status/1`, `//x.com/…`, `www.…`) and one that a
/// spreadsheet shows as a link (`=HYPERLINK("https://…","label")`). `None` for what cannot be read as one.
pub fn link(text: &str) -> Option<String> {
    let text = text.trim();
    let text = hyperlink(text).unwrap_or_else(|| bare(text));
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    if text.starts_with("at://") {
        return Some(text.to_owned());
    }
    let address = match text.strip_prefix("//") {
        Some(rest) if begins_with_host(rest) => format!("https://{rest}"),
        None if text.contains("://") => text.to_owned(),
        None if begins_with_host(text) => format!("https://{text}"),
        _ => return None,
    };
    let url = Url::parse(&address).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(address)
}

/// The address in the formula that makes a link of a cell.
fn hyperlink(text: &str) -> Option<&str> {
    const START: &str = "=hyperlink(";
    let start = text.get(..START.len())?;
    let inside = text.get(START.len()..)?.strip_suffix(')').filter(|_| start.eq_ignore_ascii_case(START))?;
    let (address, rest) = inside.trim_start().strip_prefix('"')?.split_once('"')?;
    let rest = rest.trim_start();
    (rest.is_empty() || rest.starts_with([',', ';'])).then_some(address)
}

/// Whether it begins with the name of a server, and a path behind it or `www.` before it shows that it is one.
fn begins_with_host(text: &str) -> bool {
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let is_name = host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-')) && !host.contains("..");
    let last = host.rsplit_once('.').filter(|(name, _)| !name.is_empty()).map_or("", |(_, last)| last);
    let has_end = last.chars().count() >= 2 && last.chars().all(char::is_alphabetic);
    is_name && has_end && (host.starts_with("www.") || text.len() > host.len())
}

/// The name of a site that no platform here knows: `facebook` for `https://www.facebook.com/…`.
pub fn site(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let host = ["www.", "m.", "mobile."].iter().find_map(|start| host.strip_prefix(start)).unwrap_or(host);
    let name = host.rsplit_once('.').map(|(name, _)| name).filter(|name| !name.contains('.'));
    Some(name.unwrap_or(host).to_owned())
}

/// `yes` and `no`, `True` and `False`, as tools write them.
pub fn is_yes(text: Option<&str>) -> bool {
    text.is_some_and(|text| ["yes", "true", "1"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes)))
}

#[cfg(test)]
mod tests {
    use super::{bare, count, link};

    #[test]
    fn values_as_spreadsheets_write_them() {
        for (text, expected) in [
            ("=\"1419719963177910349\"", "1419719963177910349"),
            ("'1419719963177910349", "1419719963177910349"),
            (" '@ada_moss ", "@ada_moss"),
            ("=\"", "=\""),
            ("=14", "=14"),
            ("", ""),
        ] {
            assert_eq!(bare(text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_as_people_write_them() {
        for (text, expected) in [
            ("https://x.com/ada/status/1", Some("https://x.com/ada/status/1")),
            ("HTTP://X.com/ada", Some("HTTP://X.com/ada")),
            ("x.com/ada/status/1", Some("https://x.com/ada/status/1")),
            ("//x.com/ada/status/1", Some("https://x.com/ada/status/1")),
            ("www.example.org", Some("https://www.example.org")),
            ("bücher.example/1", Some("https://bücher.example/1")),
            ("=HYPERLINK(\"https://x.com/ada/status/1\",\"label, and more\")", Some("https://x.com/ada/status/1")),
            ("=hyperlink( \"x.com/ada/status/1\" ; \"1\")", Some("https://x.com/ada/status/1")),
            ("=HYPERLINK(\"https://x.com/ada/status/1\")", Some("https://x.com/ada/status/1")),
            ("=\"https://x.com/ada/status/1\"", Some("https://x.com/ada/status/1")),
            ("at://did:plc:a/b/c", Some("at://did:plc:a/b/c")),
            ("=HYPERLINK(A2,\"label\")", None),
            ("=HYPERLINK(\"https://x.com/\"&A2,\"label\")", None),
            ("https://a.example https://b.example", None),
            ("ftp://a.example/1", None),
            ("ada@example.org/1", None),
            ("7.8.2021/1", None),
            ("and/or", None),
            ("readme.md", None),
            ("../x/y", None),
            ("//", None),
            ("20", None),
            ("", None),
        ] {
            assert_eq!(link(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn counts_are_whole_numbers() {
        for (text, expected) in [
            ("5", Some(5)),
            ("3.0", Some(3)),
            ("1,234,567", Some(1_234_567)),
            ("1,23", None),
            ("12345,678", None),
            ("1.2K", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(count(Some(text)), expected, "{text}");
        }
    }
}
