//! The live transport: follows redirects by hand, so that each is captured and checked.

use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, Utc};
use url::Url;

use super::Sent;
use super::courier::{Courier, Tally};
use super::credential::Credential;
use super::error::HttpError;
use super::options::Options;
use super::redirect::{self, Step};
use super::secret::shown;
use super::session::Accounts;
use super::stream::{self, Head, Opened, Opening};
use crate::exchange::{Exchange, Request};

/// Redirects followed for one request.
const MAX_REDIRECTS: u32 = 5;

/// Sends requests to servers.
pub struct Client {
    /// Boxed, since a client lies beside the small recorded transport in an enum.
    courier: Box<Courier>,
    accounts: Accounts,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// A client with its credentials by name. No secret is read yet.
    ///
    /// # Errors
    /// [`HttpError::Setup`]: an option that does not fit.
    pub fn new(options: Options, credentials: HashMap<String, Credential>) -> Result<Client, HttpError> {
        Ok(Client { courier: Box::new(Courier::new(&options)?), accounts: Accounts::new(credentials, options.env) })
    }

    /// As [`Transport::send`](super::Transport::send).
    pub async fn send(&self, request: &Request) -> Sent {
        let (mut tally, mut before) = (Tally::default(), Vec::new());
        let answer = self.follow(request, &mut tally, &mut before).await;
        let secrets = &self.accounts.secrets;
        let mut answer = answer.map_err(|error| error.masked(|text| secrets.mask(text)));
        for exchange in before.iter_mut().chain(&mut answer) {
            secrets.mask_exchange(exchange, false, &[]);
        }
        if let Ok(exchange) = &answer {
            let url = secrets.mask(&shown(&exchange.request.url));
            tracing::debug!(url, status = exchange.response.status, requests = tally.requests, "answer");
        }
        Sent { before, answer, requests: tally.requests, retries: tally.retries, waited: tally.waited }
    }

    /// As [`Transport::may_be_private`](super::Transport::may_be_private).
    pub fn may_be_private(&self, url: &Url) -> bool {
        self.courier.wire.allows(url)
    }

    /// As [`Transport::listen`](super::Transport::listen).
    pub async fn listen(&self, request: &Request, voucher: Option<&str>) -> Opened {
        let (mut tally, mut before) = (Tally::default(), Vec::new());
        let outcome = self.open(request, voucher, &mut tally, &mut before).await;
        let secrets = &self.accounts.secrets;
        let mut outcome = outcome.map_err(|error| error.masked(|text| secrets.mask(text)));
        before.iter_mut().for_each(|exchange| secrets.mask_exchange(exchange, false, &[]));
        if let Ok(Opening::Refused(exchange)) = &mut outcome {
            secrets.mask_exchange(exchange, false, &[]);
        }
        Opened { before, outcome, requests: tally.requests }
    }

    async fn open(
        &self,
        request: &Request,
        voucher: Option<&str>,
        tally: &mut Tally,
        before: &mut Vec<Exchange>,
    ) -> Result<Opening, HttpError> {
        let asking = stream::over_http(request);
        let proof = self.accounts.proof(&self.courier, &asking, voucher, tally, before).await?;
        self.courier.open(request, proof.as_ref(), tally).await
    }

    /// As [`Transport::heard`](super::Transport::heard).
    pub fn heard(&self, head: &Head, request: Request, events: &[Vec<u8>], at: DateTime<Utc>) -> Exchange {
        head.exchange(request, events, at, &self.accounts.secrets)
    }

    async fn follow(
        &self,
        request: &Request,
        tally: &mut Tally,
        before: &mut Vec<Exchange>,
    ) -> Result<Exchange, HttpError> {
        let mut asking = request.clone();
        for _ in 0..=MAX_REDIRECTS {
            let exchange = self.accounts.deliver(&self.courier, &asking, tally, before).await?;
            let named = |url: &Url| self.courier.wire.allows(url);
            match redirect::step(&asking, exchange.response.status, exchange.header("location"), named) {
                Step::Answer => return Ok(exchange),
                Step::Refuse { to, why } => {
                    before.push(exchange);
                    return Err(HttpError::Redirect { url: shown(&asking.url), to: shown(&to), why });
                }
                Step::Follow(next) => {
                    before.push(exchange);
                    asking = *next;
                }
            }
        }
        Err(HttpError::TooManyRedirects { url: shown(&request.url), limit: MAX_REDIRECTS })
    }
}
