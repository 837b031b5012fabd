//! The log-in of an app without a user: its id and secret are traded for a token that lives a day or less
//! (<https://github.com/reddit-archive/reddit/wiki/OAuth2>).
//!
//! Things are read at one host of Reddit and log-ins are made at another. Any other server logs in at itself.

use serde::Deserialize;

use super::search::API;
use crate::exchange::{Method, Request, Session, Tokens};

/// The log-in of Reddit. There is nothing to refresh: it is begun again.
pub(super) const SESSION: Session =
    Session { login, basic: true, refresh: None, tokens, expired: |status, _| status == 401 };

/// Where log-ins are made, and where anybody gets embeds.
pub(super) const SITE: &str = "https://www.reddit.com";

fn login(server: &str, _: &str, _: &str) -> Request {
    let server = if server == API { SITE } else { server };
    Request {
        method: Method::Post,
        url: format!("{server}/api/v1/access_token"),
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: Some("grant_type=client_credentials".to_owned()),
        auth: None,
    }
}

fn tokens(body: &[u8]) -> Option<Tokens> {
    let Given { access_token } = serde_json::from_slice(body).ok()?;
    Some(Tokens { access: access_token, refresh: None })
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
}

#[cfg(test)]
mod tests {
    use super::SESSION;

    #[test]
    fn an_app_logs_in_at_the_site_and_reads_at_the_api() {
        let at = |server: &str| (SESSION.login)(server, "id", "secret");
        assert_eq!(at("https://oauth.reddit.com").url, "https://www.reddit.com/api/v1/access_token");
        assert_eq!(at("http://127.0.0.1:1").url, "http://127.0.0.1:1/api/v1/access_token");
        assert!(!format!("{:?}", at("https://oauth.reddit.com")).contains("secret"));
        let given = br#"{"access_token":"one","token_type":"bearer","expires_in":86400,"scope":"*"}"#;
        assert_eq!((SESSION.tokens)(given).map(|tokens| tokens.access).as_deref(), Some("one"));
        assert!((SESSION.tokens)(br#"{"message":"Unauthorized","error":401}"#).is_none());
    }
}
