//! Delivers one request with patience: waits for the host's turn, sends, and tries again where that may help.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio::time::Instant;
use url::Url;

use super::credential::Proof;
use super::error::HttpError;
use super::options::{OnWait, Options, Wait, Why};
use super::pace::{Host, Pace};
use super::retry;
use super::secret::shown;
use super::stream::{self, Opening};
use super::wire::{self, Wire};
use crate::exchange::{Exchange, Request};

/// What one call of `send` has cost so far, over all its log-ins and redirects.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) requests: u32,
    pub(super) retries: u32,
    pub(super) waited: Duration,
    /// The part of `waited` that servers demanded.
    demanded: Duration,
}

/// Patience around a [`Wire`].
pub(super) struct Courier {
    pub(super) wire: Wire,
    pace: Pace,
    retries: u32,
    backoff: Duration,
    max_wait: Duration,
    silence: Duration,
    on_wait: Option<OnWait>,
}

impl Courier {
    pub(super) fn new(options: &Options) -> Result<Courier, HttpError> {
        Ok(Courier {
            wire: Wire::new(options)?,
            pace: Pace::new(options),
            retries: options.retries,
            backoff: options.backoff,
            max_wait: options.max_wait,
            silence: options.silence,
            on_wait: options.on_wait.clone(),
        })
    }

    /// Sends a request until it has an answer that need not be tried again, or the retries are used up: then the last
    /// answer, or the last fault. `repeatable`: sending it twice does not act twice.
    pub(super) async fn deliver(
        &self,
        request: &Request,
        proof: Option<&Proof>,
        repeatable: bool,
        tally: &mut Tally,
    ) -> Result<Exchange, HttpError> {
        let message =
            self.wire.prepare(request, proof).map_err(|why| HttpError::BadRequest { url: shown(&request.url), why })?;
        let mut attempts = 0;
        loop {
            let mut host = self.pace.host(&message.url).await;
            self.take_turn(&message.url, &mut host, tally).await?;
            attempts += 1;
            tally.requests += 1;
            let outcome = self.wire.attempt(&message, request).await;
            let (again, stated) = match &outcome {
                Ok(Exchange { response, fetched_at, .. }) => {
                    let stated = retry::stated(response.status, &response.headers, *fetched_at);
                    (retry::worth_repeating(response.status, repeatable), stated)
                }
                Err(fault) => (retry::worth_another_attempt(fault, repeatable), None),
            };
            if retry::too_fast(outcome.as_ref().map(|exchange| exchange.response.status)) {
                host.strain(self.pace.interval);
            } else {
                host.ease(self.pace.interval);
            }
            if let Some(wait) = stated {
                host.hold(wait, Why::RateLimit, Instant::now());
            }
            if !again || tally.retries >= self.retries {
                return outcome.map_err(|fault| HttpError::Failed { url: shown(&request.url), attempts, fault });
            }
            if stated.is_none() {
                let wait = retry::backoff(self.backoff, tally.retries, fastrand::f64());
                host.hold(wait, Why::Retry, Instant::now());
            }
            tally.retries += 1;
        }
    }

    /// Opens a stream, once: who listens decides how often it is tried again. The host is free for others as soon as it answers.
    pub(super) async fn open(
        &self,
        request: &Request,
        proof: Option<&Proof>,
        tally: &mut Tally,
    ) -> Result<Opening, HttpError> {
        let bad = |why| HttpError::BadRequest { url: shown(&request.url), why };
        let message = self.wire.prepare(&stream::over_http(request), proof).map_err(bad)?;
        let url = message.url.clone();
        let mut host = self.pace.host(&url).await;
        self.take_turn(&url, &mut host, tally).await?;
        tally.requests += 1;
        let outcome = self.wire.open(message, request, self.silence).await;
        if let Ok(Opening::Refused(answer)) = &outcome
            && let Some(wait) = retry::stated(answer.response.status, &answer.response.headers, answer.fetched_at)
        {
            host.hold(wait, Why::RateLimit, Instant::now());
        }
        outcome.map_err(|fault| HttpError::Failed { url: shown(&request.url), attempts: 1, fault })
    }

    /// Waits until the host may be asked, and notes that it is.
    async fn take_turn(&self, url: &Url, host: &mut Host, tally: &mut Tally) -> Result<(), HttpError> {
        let (duration, why) = host.wait(self.pace.interval, Instant::now());
        let name = || url.origin().ascii_serialization();
        if why == Why::RateLimit {
            if tally.demanded + duration > self.max_wait {
                let wait = TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
                let until = wire::now().checked_add_signed(wait).unwrap_or(chrono::DateTime::<Utc>::MAX_UTC);
                return Err(HttpError::RateLimited { host: name(), until });
            }
            tally.demanded += duration;
        }
        if !duration.is_zero() {
            tracing::debug!(host = name(), ?duration, why = why.as_str(), "wait");
            if let Some(on_wait) = &self.on_wait {
                on_wait.tell(&Wait { host: name(), duration, why });
            }
            tokio::time::sleep(duration).await;
            tally.waited += duration;
        }
        host.start(Instant::now());
        Ok(())
    }
}
