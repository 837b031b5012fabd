//! Addresses of posts on sites that no platform here knows. No reader of its own.

use url::Url;

use super::tweet;

/// Whether an address names that id, as a piece of its own: `…/posts/501`, `…/wall-3_501`, not `…/posts/15012`.
pub(super) fn holds(address: &str, id: &str) -> bool {
    let id = id.trim();
    let is_in = |at: usize| {
        let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        is_apart(address[..at].chars().next_back()) && is_apart(address[at + id.len()..].chars().next())
    };
    !id.is_empty() && address.match_indices(id).any(|(at, _)| is_in(at))
}

/// Whether an address holds the number that a spreadsheet has made this of.
pub(super) fn holds_rounded(address: &str, id: &str) -> bool {
    tweet::is_rounded(id)
        && address
            .split(|c: char| !c.is_ascii_digit())
            .any(|number| number.len() > 12 && tweet::begins_alike(id, number))
}

/// The name that is the same for every visitor: without `www.` or `m.`, and without a query where the path alone names
/// the post, which has that id.
pub(super) fn name(address: &str, id: Option<&str>) -> Option<String> {
    let url = Url::parse(address.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?;
    let parts = ["www.", "m.", "web.", "mobile.", "mbasic."];
    let host = parts.iter().find_map(|part| host.strip_prefix(part)).filter(|rest| rest.contains('.')).unwrap_or(host);
    let path = url.path().trim_end_matches('/');
    let query = url.query().filter(|_| !id.is_some_and(|id| holds(path, id)));
    Some(format!("https://{host}{path}{}", query.map(|query| format!("?{query}")).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_piece_of_its_own() {
        for (address, id, expected) in [
            ("https://a.example/posts/501", "501", true),
            ("https://a.example/wall-3_501", "501", true),
            ("https://a.example/posts/15012", "501", false),
            ("https://a.example/5011/501?x", "501", true),
            ("https://a.example/é501é", "501", false),
            ("https://a.example/posts/", "", false),
        ] {
            assert_eq!(holds(address, id), expected, "{address}");
        }
    }

    #[test]
    fn visitors_of_one_post_see_one_name() {
        let named = "https://facebook.com/harbour/posts/456";
        for address in [
            "https://www.facebook.com/harbour/posts/456",
            "https://m.facebook.com/harbour/posts/456/?refid=52",
            "http://web.facebook.com/harbour/posts/456?_rdc=1#x",
        ] {
            assert_eq!(name(address, Some("456")).as_deref(), Some(named), "{address}");
        }
        let by_query = "https://www.facebook.com/permalink.php?story_fbid=456&id=1";
        let named = "https://facebook.com/permalink.php?story_fbid=456&id=1";
        assert_eq!(name(by_query, Some("456")).as_deref(), Some(named));
        assert_eq!(name("harbour", None), None);
    }
}
