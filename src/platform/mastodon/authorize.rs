//! How a member of a server gives a token that reads posts and nothing else: <https://docs.joinmastodon.org/client/token/>.
//! The code is shown to the user, who types it in: no address of ours has to be reachable.

use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::exchange::{Method, Request};
use crate::platform::{Authorize, Source, SourceError};

/// The steps.
pub(super) const AUTHORIZE: Authorize = Authorize { register, registered, page, trade, token };

/// Shows the code instead of leading anywhere.
const NOWHERE: &str = "urn:ietf:wg:oauth:2.0:oob";

const SCOPE: &str = "read:statuses";

fn register(source: &Source) -> Result<Request, SourceError> {
    let form = [("client_name", "pullquote"), ("redirect_uris", NOWHERE), ("scopes", SCOPE)];
    post(source, &["api", "v1", "apps"], &form)
}

fn registered(body: &[u8]) -> Option<(String, String)> {
    let App { client_id, client_secret } = serde_json::from_slice(body).ok()?;
    Some((client_id, client_secret))
}

fn page(source: &Source, id: &str) -> Result<String, SourceError> {
    let base = source.base_at_place("mastodon", None)?;
    let params = [("response_type", "code"), ("client_id", id), ("redirect_uri", NOWHERE), ("scope", SCOPE)];
    Ok(source.get(&base, &["oauth", "authorize"], &params).url)
}

fn trade(source: &Source, (id, secret): (&str, &str), code: &str) -> Result<Request, SourceError> {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", id),
        ("client_secret", secret),
        ("redirect_uri", NOWHERE),
        ("scope", SCOPE),
        ("code", code),
    ];
    post(source, &["oauth", "token"], &form)
}

fn token(body: &[u8]) -> Option<String> {
    let Token { access_token } = serde_json::from_slice(body).ok()?;
    Some(access_token)
}

fn post(source: &Source, path: &[&str], form: &[(&str, &str)]) -> Result<Request, SourceError> {
    let base = source.base_at_place("mastodon", None)?;
    let get = source.get(&base, path, &[]);
    Ok(Request {
        method: Method::Post,
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: Some(Serializer::new(String::new()).extend_pairs(form).finish()),
        auth: None,
        ..get
    })
}

#[derive(Deserialize)]
struct App {
    client_id: String,
    client_secret: String,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}
