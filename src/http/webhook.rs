//! A message to an address that the user named: one POST, without patience, redirects or credentials.
//!
//! It obeys the same rule of private addresses as every other request. The address may hold a secret, so it stands in no error.

use url::Url;

use super::error::HttpError;
use super::options::Options;
use super::wire::Wire;
use crate::exchange::{Method, Request};

/// An address that is told something as JSON.
pub struct Webhook {
    wire: Wire,
    url: Url,
}

impl Webhook {
    /// # Errors
    /// [`HttpError::Setup`]: an option that does not fit.
    pub fn new(url: &Url, options: &Options) -> Result<Webhook, HttpError> {
        Ok(Webhook { wire: Wire::new(options)?, url: url.clone() })
    }

    /// Sends it, once; says why it was not taken, if so. Only an answer of 200 to 299 says that it was.
    ///
    /// # Errors
    /// No answer, or another one, as a fragment without the address.
    pub async fn post(&self, json: String) -> Result<(), String> {
        let request = Request {
            method: Method::Post,
            url: self.url.to_string(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Some(json),
            auth: None,
        };
        let message = self.wire.prepare(&request, None)?;
        match self.wire.attempt(&message, &request).await {
            Ok(exchange) if (200..300).contains(&exchange.response.status) => Ok(()),
            Ok(exchange) => Err(format!("it answered {}", exchange.response.status)),
            Err(fault) => Err(fault.to_string().replace(self.url.as_str(), "its address")),
        }
    }
}
