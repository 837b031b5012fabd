//! Lists of ids: what may be passed on where the posts themselves may not, and what brings them back.
//!
//! A line is the platform, a tab, and the name by which the platform can be asked for the post: its URI or the address of
//! its page. A post of which no name leads anywhere, such as a quotation of a page without a link, cannot be had again and has no
//! line. Lines of others may have the name alone.

use crate::model::Post;
use crate::platform::{self, Source};

/// A post as a line; `None` if no platform can be asked for it by any of its names.
pub fn line(post: &Post) -> Option<String> {
    let names = [&post.uri, &post.url, &post.id];
    let mut names = names.into_iter().flatten().filter(|name| !name.contains(['\t', '\n', '\r']));
    let name = names.find(|name| leads(&post.platform, name))?;
    Some(format!("{}\t{name}", post.platform))
}

/// Whether a platform knows a name for the address of a post that it can be asked for: `hydrate` asks the first that does.
fn leads(platform: &str, name: &str) -> bool {
    let by_id = platform::address_of_id(Some(platform), name);
    let Some(url) = platform::address_of(by_id.as_deref().unwrap_or(name)) else { return false };
    // What stands in the way of asking today, a missing credential say, may not tomorrow.
    platform::ALL.iter().filter_map(|platform| platform.one).any(|one| one(&url, false, &Source::default()).is_some())
}

/// What a line of a list names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<'a> {
    /// The platform, if the line says.
    pub platform: Option<&'a str>,
    /// The URI, address or id.
    pub name: &'a str,
}

/// Reads a line; `None` for an empty one and for a remark, which begins with `#`.
pub fn read(line: &str) -> Option<Named<'_>> {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (platform, name) =
        line.split_once('\t').map_or((None, line), |(platform, name)| (Some(platform.trim()), name.trim()));
    Some(Named { platform, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_name_that_leads_back() {
        let post = |platform: &str, id: Option<&str>, uri: Option<&str>, url: Option<&str>| Post {
            platform: platform.to_owned(),
            id: id.map(str::to_owned),
            uri: uri.map(str::to_owned),
            url: url.map(str::to_owned),
            ..Post::default()
        };
        let status = "https://x.com/i/status/20";
        let page = "https://moss.example/@ben/7";
        for (post, expected) in [
            (post("x", Some("20"), Some(status), None), Some(format!("x\t{status}"))),
            (
                post("mastodon", Some("7"), Some("tag:moss.example,2021:7"), Some(page)),
                Some(format!("mastodon\t{page}")),
            ),
            (post("x", Some("20"), None, None), Some("x\t20".to_owned())),
            (post("mastodon", Some("7"), None, Some("javascript:alert(1)")), None),
            (post("mastodon", Some("7"), Some("https://moss.example/@ben/7\n8"), None), None),
            (post("article", Some("7"), None, Some("https://news.example/ferry")), None),
            (post("nowhere", Some("7"), None, None), None),
            (post("article", None, None, None), None),
        ] {
            assert_eq!(line(&post), expected, "{post:?}");
        }
    }

    #[test]
    fn lines_of_others_are_read() {
        for (line, expected) in [
            ("x\thttps://x.com/i/status/20", Some((Some("x"), "https://x.com/i/status/20"))),
            ("\u{feff}1419447371166646272\r", Some((None, "1419447371166646272"))),
            ("# of Monday", None),
            ("  ", None),
        ] {
            let expected = expected.map(|(platform, name)| Named { platform, name });
            assert_eq!(read(line), expected, "{line:?}");
        }
    }
}
