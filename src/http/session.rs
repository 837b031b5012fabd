//! Who asks: finds the bearer token for a request that names a credential, logs in and refreshes where a platform
//! has sessions.
//!
//! What a log-in looks like is the platform's knowledge ([`Session`]); when it happens is decided here.

use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use url::Url;

use super::courier::{Courier, Tally};
use super::credential::{Credential, Proof, read};
use super::error::HttpError;
use super::secret::{Secrets, shown};
use crate::exchange::{Exchange, Method, Request, Session, Tokens};

/// The longest piece of a server's own words in an error.
const MESSAGE_LENGTH: usize = 200;

/// The credentials of a client with their sessions.
pub(super) struct Accounts {
    accounts: HashMap<String, Account>,
    env: fn(&str) -> Option<String>,
    pub(super) secrets: Secrets,
}

struct Account {
    credential: Credential,
    /// Tokens of the running session. Locked while logging in, so that two requests do not log in twice.
    tokens: tokio::sync::Mutex<Option<Tokens>>,
}

/// A credential of the password kind, taken apart.
struct LogIn<'a> {
    name: &'a str,
    identifier_env: &'a str,
    password_env: &'a str,
    session: &'a Session,
    server: &'a str,
}

impl Accounts {
    pub(super) fn new(credentials: HashMap<String, Credential>, env: fn(&str) -> Option<String>) -> Accounts {
        let account = |credential| Account { credential, tokens: tokio::sync::Mutex::new(None) };
        let accounts = credentials.into_iter().map(|(name, credential)| (name, account(credential))).collect();
        Accounts { accounts, env, secrets: Secrets::default() }
    }

    /// Delivers a request with the credential that it names. Log-ins go to `before`.
    pub(super) async fn deliver(
        &self,
        courier: &Courier,
        request: &Request,
        tally: &mut Tally,
        before: &mut Vec<Exchange>,
    ) -> Result<Exchange, HttpError> {
        let repeatable = request.method == Method::Get;
        let Some((name, account)) = self.account(courier, request, None)? else {
            return courier.deliver(request, None, repeatable, tally).await;
        };
        let log_in = match &account.credential {
            Credential::Token { env, place, .. } => {
                let token = read(self.env, name, env, Some(&self.secrets))?;
                return courier.deliver(request, Some(&Proof::Token(token, *place)), repeatable, tally).await;
            }
            Credential::Password { identifier_env, password_env, session, server } => {
                LogIn { name, identifier_env, password_env, session, server }
            }
        };
        let access = self.access(courier, account, &log_in, None, tally, before).await?;
        let exchange = courier.deliver(request, Some(&Proof::bearer(&access)), repeatable, tally).await?;
        let expired = (log_in.session.expired)(exchange.response.status, &exchange.body().unwrap_or_default());
        if !expired {
            return Ok(exchange);
        }
        let access = self.access(courier, account, &log_in, Some(&access), tally, before).await?;
        courier.deliver(request, Some(&Proof::bearer(&access)), repeatable, tally).await
    }

    /// What a stream is opened with. Log-ins go to `before`. `voucher`: the server whose own answer named the address: what
    /// belongs to that server may be sent there.
    pub(super) async fn proof(
        &self,
        courier: &Courier,
        request: &Request,
        voucher: Option<&str>,
        tally: &mut Tally,
        before: &mut Vec<Exchange>,
    ) -> Result<Option<Proof>, HttpError> {
        let Some((name, account)) = self.account(courier, request, voucher)? else { return Ok(None) };
        Ok(Some(match &account.credential {
            Credential::Token { env, place, .. } => {
                Proof::Token(read(self.env, name, env, Some(&self.secrets))?, *place)
            }
            Credential::Password { identifier_env, password_env, session, server } => {
                let log_in = LogIn { name, identifier_env, password_env, session, server };
                Proof::bearer(&self.access(courier, account, &log_in, None, tally, before).await?)
            }
        }))
    }

    /// The credential that a request names, if it may go where the request goes.
    fn account<'a>(
        &'a self,
        courier: &Courier,
        request: &'a Request,
        voucher: Option<&str>,
    ) -> Result<Option<(&'a str, &'a Account)>, HttpError> {
        let Some(name) = request.auth.as_deref() else { return Ok(None) };
        let account = self.accounts.get(name).ok_or_else(|| HttpError::UnknownCredential(name.to_owned()))?;
        let url = Url::parse(&request.url)
            .map_err(|e| HttpError::BadRequest { url: shown(&request.url), why: e.to_string() })?;
        let misplaced = |why| HttpError::Misplaced { credential: name.to_owned(), url: shown(&request.url), why };
        if url.scheme() != "https" && !courier.wire.allows(&url) {
            return Err(misplaced("http is not encrypted; if the host is yours, name it in [http] allow_private"));
        }
        let origin = |address: &str| Url::parse(address).ok().map(|url| url.origin());
        let home = origin(account.credential.server());
        if home != Some(url.origin()) && (home.is_none() || home != voucher.and_then(origin)) {
            return Err(misplaced("it belongs to another server"));
        }
        Ok(Some((name, account)))
    }

    /// A token that is not `stale`: the session's, else a refreshed one, else one of a new log-in.
    async fn access(
        &self,
        courier: &Courier,
        account: &Account,
        log_in: &LogIn<'_>,
        stale: Option<&str>,
        tally: &mut Tally,
        before: &mut Vec<Exchange>,
    ) -> Result<String, HttpError> {
        let mut tokens = account.tokens.lock().await;
        if let Some(tokens) = tokens.as_ref().filter(|tokens| Some(tokens.access.as_str()) != stale) {
            return Ok(tokens.access.clone());
        }
        // Until there is an answer the old pair stays: a line that breaks costs no log-in.
        let old = tokens.as_ref().and_then(|old| old.refresh.clone());
        if let Some((refresh, old)) = log_in.session.refresh.zip(old) {
            let request = refresh(log_in.server.trim_end_matches('/'));
            let (exchange, fresh) =
                self.trade(courier, log_in, request, Some(&Proof::bearer(&old)), &[], tally).await?;
            keep(before, exchange, fresh.is_some());
            if let Some(fresh) = fresh {
                return Ok(tokens.insert(fresh).access.clone());
            }
        }
        *tokens = None;
        let identifier = read(self.env, log_in.name, log_in.identifier_env, None)?;
        let password = read(self.env, log_in.name, log_in.password_env, Some(&self.secrets))?;
        let request = (log_in.session.login)(log_in.server.trim_end_matches('/'), &identifier, &password);
        let basic = log_in.session.basic.then(|| {
            let encoded = BASE64_STANDARD.encode(format!("{identifier}:{password}"));
            self.secrets.add(&encoded);
            Proof::Basic(encoded)
        });
        let (exchange, fresh) = self.trade(courier, log_in, request, basic.as_ref(), &[&identifier], tally).await?;
        let refused = || HttpError::Login {
            credential: log_in.name.to_owned(),
            server: exchange.server(),
            status: exchange.response.status,
            message: refusal(&exchange),
        };
        let fresh = fresh.ok_or_else(refused);
        keep(before, exchange, fresh.is_ok());
        let fresh = fresh?;
        Ok(tokens.insert(fresh).access.clone())
    }

    /// Sends a log-in or a refresh, and reads the tokens out of its answer before they are masked in it. A redirect is
    /// not followed: a password goes only where the configuration sends it.
    async fn trade(
        &self,
        courier: &Courier,
        log_in: &LogIn<'_>,
        mut request: Request,
        proof: Option<&Proof>,
        beside: &[&str],
        tally: &mut Tally,
    ) -> Result<(Exchange, Option<Tokens>), HttpError> {
        request.auth = Some(log_in.name.to_owned());
        let mut exchange = courier.deliver(&request, proof, true, tally).await?;
        let tokens = match exchange.body() {
            Ok(body) if succeeded(&exchange) => (log_in.session.tokens)(&body),
            _ => None,
        };
        if let Some(tokens) = &tokens {
            self.secrets.add_of(&exchange.server(), &tokens.access);
            if let Some(refresh) = &tokens.refresh {
                self.secrets.add_of(&exchange.server(), refresh);
            }
        }
        self.secrets.mask_exchange(&mut exchange, true, beside);
        Ok((exchange, tokens))
    }
}

/// Keeps a log-in or a refresh. A success without readable tokens may hold them unread, and so unmasked: it is not kept.
fn keep(before: &mut Vec<Exchange>, exchange: Exchange, has_tokens: bool) {
    if has_tokens || !succeeded(&exchange) {
        before.push(exchange);
    }
}

fn succeeded(exchange: &Exchange) -> bool {
    (200..300).contains(&exchange.response.status)
}

/// What a server says to a log-in that it refuses, on one line. A success may hold tokens and is not repeated.
fn refusal(exchange: &Exchange) -> String {
    if succeeded(exchange) {
        return "without tokens".to_owned();
    }
    let text = exchange.text().unwrap_or_default();
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.flat_map(|word| word.chars().chain([' '])).take(MESSAGE_LENGTH).collect::<String>().trim_end().to_owned()
}
