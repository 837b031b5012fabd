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
    use super::count;

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
