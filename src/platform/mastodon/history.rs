//! The states of an edited post: `GET /api/v1/statuses/:id/history`, the oldest first.
//! <https://docs.joinmastodon.org/entities/StatusEdit/>
//!
//! A state has words, a time and an author, but does not say of which post it is: only the address that was asked does, by the
//! number that the post has on that server. Where server and author are those of the post, and the number is one that
//! Mastodon or GoToSocial gives, the post's `uri` follows from it; else it is known by the address that was asked. To
//! whom the post was shown a history does not say either.

use serde_json::value::RawValue;
use url::Url;

use super::shapes::Reading;
use super::wire;
use crate::exchange::Exchange;
use crate::model::Metrics;
use crate::platform::Page;
use crate::platform::json::fault;

/// Reads a list of states. `None` if it is something else.
pub(super) fn read(text: &str, exchange: &Exchange) -> Option<Page> {
    let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    if !items.iter().any(|item| is_state(item) == Some(true)) || items.iter().any(|item| is_state(item).is_none()) {
        return None;
    }
    let post = Asked::of(&exchange.request.url);
    let written = items.first().and_then(|item| state(item).ok()?.created_at).map(|at| at.0);
    let mut reading = Reading::new(exchange);
    for (i, item) in items.into_iter().enumerate() {
        let at = format!("/{i}");
        let mut state = match (&post, state(item)) {
            (Some(_), Ok(state)) => state,
            (Some(_), Err(reason)) => {
                reading.skip(at, reason);
                continue;
            }
            (None, _) => {
                reading.skip(at, "is a state of a post that only the address of the history names".to_owned());
                continue;
            }
        };
        if let Some(post) = &post {
            post.name(&mut state);
        }
        if i > 0 {
            state.edited_at = state.created_at.take();
            state.created_at = written.clone().map(wire::Text);
        }
        reading.status(at, state, 0);
    }
    let mut page = Page { shape: "history", ..reading.page };
    for found in page.posts.iter_mut().filter(|found| !found.nested) {
        // A history counts nothing.
        found.post.metrics = Metrics::default();
    }
    Some(page)
}

fn state(raw: &RawValue) -> Result<wire::Status<'_>, String> {
    serde_json::from_str(raw.get()).map_err(|error| fault(&error))
}

/// Whether it is a post without any name; `None` if it has one, or is nothing of the kind.
fn is_state(raw: &RawValue) -> Option<bool> {
    let outline: wire::Outline<'_> = serde_json::from_str(raw.get()).ok()?;
    if outline.id.or(outline.uri).or(outline.visibility).is_some() {
        return None;
    }
    let says = outline.content.is_some() && outline.created_at.is_some() && outline.account.is_some();
    Some(says && raw.get().contains("\"spoiler_text\""))
}

/// The post whose history was asked for.
struct Asked {
    /// Name and port of the server, as handles write it.
    server: String,
    /// Its number there.
    id: String,
    /// The address of the post in the API.
    address: String,
}

impl Asked {
    fn of(address: &str) -> Option<Asked> {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let path: Vec<&str> = url.path_segments()?.collect();
        let ["api", "v1", "statuses", id, "history"] = path.as_slice() else { return None };
        let origin = url.origin().ascii_serialization();
        let server = origin.split_once("://").map(|(_, host)| host.to_owned())?;
        let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain.then(|| Asked { server, id: (*id).to_owned(), address: format!("{origin}/api/v1/statuses/{id}") })
    }

    /// Gives a state the names of its post.
    fn name(&self, state: &mut wire::Status<'_>) {
        state.id = Some(wire::Id(self.id.clone()));
        match state.account.as_ref().and_then(|account| self.uri(account)) {
            Some(uri) => state.uri = Some(wire::Text(uri.into())),
            None => state.url = Some(wire::Text(self.address.clone().into())),
        }
    }

    /// The `uri` of a post of an account of this server. Mastodon makes it of the account's own `uri`, and so does GoToSocial,
    /// whose numbers are ULIDs: `https://SERVER/users/NAME/statuses/ID`, and for accounts of Mastodon 4.5
    /// `https://SERVER/ap/users/NUMBER/statuses/ID`.
    fn uri(&self, account: &wire::Account<'_>) -> Option<String> {
        let (acct, user) = (account.acct.as_deref()?, account.username.as_deref()?);
        let number = self.id.bytes().all(|byte| byte.is_ascii_digit());
        let ulid =
            self.id.len() == 26 && self.id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        if acct != user || !(number || ulid) {
            return None;
        }
        let own = match account.uri.as_deref() {
            Some(uri) => {
                let path = self.path(uri)?;
                let number = path.strip_prefix("ap/users/").unwrap_or_default();
                let of_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
                (of_number || path.strip_prefix("users/") == Some(user)).then(|| uri.to_owned())?
            }
            None => {
                let page = account
                    .url
                    .as_deref()
                    .filter(|url| self.path(url).and_then(|path| path.strip_prefix('@')) == Some(user))?;
                format!("{}users/{user}", page.strip_suffix(&format!("@{user}"))?)
            }
        };
        Some(format!("{own}/statuses/{}", self.id))
    }

    /// The path of an address of this server.
    fn path<'a>(&self, address: &'a str) -> Option<&'a str> {
        let (_, rest) = address.split_once("://")?;
        rest.strip_prefix(self.server.as_str())?.strip_prefix('/')
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, wire};

    #[test]
    fn a_post_has_the_uri_that_its_server_makes_of_the_accounts() {
        let asked = |id: &str| Asked::of(&format!("https://a.example:3000/api/v1/statuses/{id}/history?x=1")).unwrap();
        for (id, account, uri) in [
            (
                "110",
                r#"{"acct":"Ann","username":"Ann","uri":"https://a.example:3000/users/Ann"}"#,
                Some("https://a.example:3000/users/Ann/statuses/110"),
            ),
            (
                "110",
                r#"{"acct":"ann","username":"ann","uri":"https://a.example:3000/ap/users/12"}"#,
                Some("https://a.example:3000/ap/users/12/statuses/110"),
            ),
            (
                "110",
                r#"{"acct":"ann","username":"ann","url":"https://a.example:3000/@ann"}"#,
                Some("https://a.example:3000/users/ann/statuses/110"),
            ),
            (
                "01F8MHAMCHF6Y650WCRSCP4WMY",
                r#"{"acct":"ann","username":"ann","url":"https://a.example:3000/@ann"}"#,
                Some("https://a.example:3000/users/ann/statuses/01F8MHAMCHF6Y650WCRSCP4WMY"),
            ),
            ("AbCdEf", r#"{"acct":"ann","username":"ann","url":"https://a.example:3000/@ann"}"#, None),
            ("110", r#"{"acct":"ann@b.example","username":"ann","uri":"https://b.example/users/ann"}"#, None),
            ("110", r#"{"acct":"ann","username":"ann","uri":"https://b.example/users/ann"}"#, None),
            ("110", r#"{"acct":"ann","username":"ann","uri":"https://a.example:3000/users/bea"}"#, None),
            ("110", r#"{"acct":"ann","username":"ann","url":"https://a.example:3000/users/ann"}"#, None),
        ] {
            let account: wire::Account<'_> = serde_json::from_str(account).unwrap();
            assert_eq!(asked(id).uri(&account).as_deref(), uri, "{id}");
        }
        for not in [
            "file:///history.json",
            "https://a.example/api/v1/statuses/110",
            "https://a.example/api/v1/statuses//history",
        ] {
            assert!(Asked::of(not).is_none(), "{not}");
        }
    }
}
