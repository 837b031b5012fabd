//! The address of a post of X, and what its id tells: the time.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use scraper::ElementRef;
use url::Url;

use super::NAME;
use crate::model::{Author, Handle, Post, Precision, When, WhenSource};
use crate::platform::printed::embeds;
use crate::text;

/// The address of a post.
pub(super) struct Status {
    pub(super) id: String,
    /// As the page has it, without query; `None` where it gives the id only.
    pub(super) url: Option<String>,
    /// The account that the address names; X itself does not look at it.
    pub(super) handle: Option<Handle>,
}

impl Status {
    /// The status of that id.
    pub(super) fn of_id(id: &str) -> Option<Status> {
        // With a zero before it, it would be another name for the same post.
        let fits = (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) && !id.starts_with('0');
        fits.then(|| Status { id: id.to_owned(), url: None, handle: None })
    }

    /// The status that a link leads to: `/HANDLE/status/ID`, formerly `/statuses/`, and `/i/web/status/ID`.
    pub(super) fn of_link(link: &ElementRef<'_>) -> Option<Status> {
        static BASE: LazyLock<Url> = LazyLock::new(|| Url::parse("https://x.com/").expect("an address"));
        // Most links of a post lead elsewhere, and need not be taken apart.
        let href = text::attribute(link.value(), "href").filter(|href| href.contains("/status"))?.trim();
        if let Some(status) = Status::plain(href) {
            return Some(status);
        }
        // The copy of a page in an archive leads to copies.
        let href = embeds::archived(href).unwrap_or(href);
        Status::of_url(&BASE.join(href).ok()?)
    }

    /// The status that an address leads to.
    pub(super) fn of_url(url: &Url) -> Option<Status> {
        url.host_str().filter(|host| is_host(host))?;
        // `https://twitter.com/#!/HANDLE/status/ID`, as in 2011.
        let path = url.fragment().and_then(|fragment| fragment.strip_prefix('!')).unwrap_or(url.path());
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).take(5).collect();
        let at = parts.iter().position(|part| matches!(*part, "status" | "statuses"))?;
        let status = Status::of_id(parts.get(at + 1)?)?;
        let handle = parts.first().filter(|_| at == 1 && parts[0] != "i").and_then(|handle| Handle::new(handle));
        let address = format!("{}/{}", url.origin().ascii_serialization(), parts[..at + 2].join("/"));
        Some(Status { url: Some(address), handle, ..status })
    }

    /// The usual form, `https://twitter.com/HANDLE/status/ID?…`, of which nothing needs to be taken apart.
    fn plain(href: &str) -> Option<Status> {
        let path = ["https://twitter.com/", "https://x.com/"].iter().find_map(|start| href.strip_prefix(start))?;
        let (handle, rest) = path.split_once("/status/")?;
        let id = &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())];
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let after = &rest[id.len()..];
        if handle == "i"
            || !handle.chars().all(fits)
            || !(after.is_empty() || after.starts_with('?'))
            || after.contains('#')
        {
            return None;
        }
        let url = href[..href.len() - after.len()].to_owned();
        Some(Status { url: Some(url), handle: Some(Handle::new(handle)?), ..Status::of_id(id)? })
    }

    /// The status that a front for X leads to, on whichever server: `/HANDLE/status/ID#m`, `/i/status/ID`. Its address
    /// at X is named.
    pub(super) fn on_mirror(href: &str) -> Option<Status> {
        let path = href.split(['?', '#']).next()?;
        let (before, after) = path.rsplit_once("/status/").or_else(|| path.rsplit_once("/statuses/"))?;
        let status = Status::of_id(after.split('/').next()?)?;
        let account = before.rsplit('/').next().filter(|account| !matches!(*account, "i" | "web"));
        let handle = account.and_then(Handle::new);
        let whose = handle.as_ref().map_or("i", Handle::as_str);
        Some(Status { url: Some(format!("https://x.com/{whose}/status/{}", status.id)), handle, ..status })
    }

    /// The doubt that it names another account than the one which signs the post.
    pub(super) fn doubt(&self, signer: &Handle) -> Option<String> {
        let other = self.handle.as_ref().filter(|other| other.folded() != signer.folded())?;
        Some(format!("It is signed by @{signer}, but its address names @{other}."))
    }
}

/// The address of the status of an id, whoever wrote it.
pub(in crate::platform) fn address_of_id(id: &str) -> Option<String> {
    Status::of_id(id).map(|status| format!("https://x.com/i/status/{}", status.id))
}

/// A post of which the address is known.
pub(super) fn identified(status: &Status) -> Post {
    Post {
        platform: NAME.to_owned(),
        id: Some(status.id.clone()),
        uri: Some(format!("https://x.com/i/status/{}", status.id)),
        url: status.url.clone(),
        created: status
            .id
            .parse()
            .ok()
            .and_then(time_of)
            .and_then(|at| When::new(at, Precision::Second, WhenSource::Id)),
        ..Post::default()
    }
}

/// The post that an address of X leads to.
pub(super) fn post_at(url: &Url) -> Option<Post> {
    let status = Status::of_url(url)?;
    let author = Author { handle: status.handle.clone(), ..Author::default() };
    Some(Post { author, ..identified(&status) })
}

/// The handle in the address of an account's page: `/HANDLE`.
pub(super) fn profile_at(url: &Url) -> Option<Handle> {
    /// Pages of the site itself.
    const PLACES: [&str; 17] = [
        "i",
        "home",
        "search",
        "explore",
        "hashtag",
        "intent",
        "share",
        "login",
        "logout",
        "signup",
        "settings",
        "notifications",
        "messages",
        "compose",
        "tos",
        "privacy",
        "about",
    ];
    url.host_str().filter(|host| is_host(host))?;
    let name = url.path().trim_matches('/');
    let fits = (1..=15).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (fits && !PLACES.contains(&name.to_ascii_lowercase().as_str())).then(|| Handle::new(name))?
}

/// Whether that is X's server.
pub(super) fn is_host(host: &str) -> bool {
    let bare =
        ["www.", "mobile.", "m.", "publish."].iter().find_map(|prefix| host.strip_prefix(prefix)).unwrap_or(host);
    matches!(bare, "twitter.com" | "x.com")
}

/// The time that an id carries: milliseconds since X's epoch, above 22 bits. Ids given out before 4 November 2010 were
/// counted, and say nothing.
pub(crate) fn time_of(id: u64) -> Option<DateTime<Utc>> {
    const EPOCH: i64 = 1_288_834_974_657;
    const FIRST: u64 = 29_700_859_247;
    if id < FIRST { None } else { DateTime::from_timestamp_millis(i64::try_from(id >> 22).ok()? + EPOCH) }
}

/// Whether an instant falls on that day somewhere on earth: X prints the date of whoever made the embed.
pub(super) fn may_be_day(at: DateTime<Utc>, day: DateTime<Utc>) -> bool {
    let since_midnight = at - day;
    since_midnight >= TimeDelta::hours(-14) && since_midnight < TimeDelta::hours(24 + 12)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date;

    #[test]
    fn an_id_carries_its_time() {
        let second = |id: &str| id.parse().ok().and_then(time_of).map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        assert_eq!(second("606060109190459392").as_deref(), Some("2015-06-03T11:29:24Z"));
        assert_eq!(second("1576347474947887104").as_deref(), Some("2022-10-01T23:04:59Z"));
        // Counted, not timed; and no number of X's.
        assert_eq!(second("20"), None);
        assert_eq!(second("99999999999999999999"), None);
    }

    #[test]
    fn a_day_is_that_of_any_place() {
        let at = |text| date::timestamp(text).unwrap();
        let day = at("2021-07-26T00:00:00Z");
        for (text, fits) in [
            ("2021-07-25T09:59:59Z", false),
            ("2021-07-25T10:00:00Z", true),
            ("2021-07-27T11:59:59Z", true),
            ("2021-07-27T12:00:00Z", false),
        ] {
            assert_eq!(may_be_day(at(text), day), fits, "{text}");
        }
    }
}
