//! The log-in: an identifier and an app password are traded for a pair of tokens at the account's own server
//! (`com.atproto.server.createSession`, `com.atproto.server.refreshSession`).

use serde::Deserialize;

use crate::exchange::{Method, Request, Session, Tokens};

/// The log-in of Bluesky.
pub const SESSION: Session = Session { login, basic: false, refresh: Some(refresh), tokens, expired };

fn login(server: &str, identifier: &str, password: &str) -> Request {
    Request {
        method: Method::Post,
        url: format!("{server}/xrpc/com.atproto.server.createSession"),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Some(serde_json::json!({ "identifier": identifier, "password": password }).to_string()),
        auth: None,
    }
}

fn refresh(server: &str) -> Request {
    Request {
        method: Method::Post,
        url: format!("{server}/xrpc/com.atproto.server.refreshSession"),
        ..Request::default()
    }
}

fn tokens(body: &[u8]) -> Option<Tokens> {
    let Pair { access_jwt, refresh_jwt } = serde_json::from_slice(body).ok()?;
    Some(Tokens { access: access_jwt, refresh: Some(refresh_jwt) })
}

/// An access token lives about two hours. A personal data server says `ExpiredToken` with 400, a proxy 401.
fn expired(status: u16, body: &[u8]) -> bool {
    let named = || serde_json::from_slice::<Fault>(body).is_ok_and(|fault| fault.error == "ExpiredToken");
    status == 401 || (status == 400 && named())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pair {
    access_jwt: String,
    refresh_jwt: String,
}

#[derive(Deserialize)]
struct Fault {
    error: String,
}

#[cfg(test)]
mod tests {
    use super::SESSION;

    #[test]
    fn the_password_travels_in_the_body_alone() {
        let request = (SESSION.login)("https://pds.example", "amina.example", "a\"b\\c");
        assert_eq!(request.url, "https://pds.example/xrpc/com.atproto.server.createSession");
        assert_eq!(request.body.as_deref(), Some(r#"{"identifier":"amina.example","password":"a\"b\\c"}"#));
    }

    #[test]
    fn only_an_expired_token_calls_for_a_new_one() {
        assert!((SESSION.expired)(400, br#"{"error":"ExpiredToken","message":"Token has expired"}"#));
        assert!((SESSION.expired)(401, b""));
        assert!(!(SESSION.expired)(400, br#"{"error":"InvalidRequest","message":"ExpiredToken"}"#));
        assert!(!(SESSION.expired)(200, br#"{"posts":[]}"#));
    }

    #[test]
    fn tokens_are_read_from_the_answer() {
        let body = br#"{"did":"did:plc:x","accessJwt":"one","refreshJwt":"two"}"#;
        let tokens = (SESSION.tokens)(body).unwrap();
        assert_eq!((tokens.access.as_str(), tokens.refresh.as_deref()), ("one", Some("two")));
        assert!((SESSION.tokens)(br#"{"error":"AuthenticationRequired"}"#).is_none());
    }
}
