//! An exchange as it will be read back from its capture.

use std::borrow::Cow;

use chrono::SubsecRound;

use super::mask;
use crate::exchange::{Exchange, Facts, Response};

/// Masks secrets and cuts the time to what a record holds, so that what is made of an exchange before and after it was
/// written down is the same.
pub fn as_kept(exchange: Exchange, facts: &Facts) -> Exchange {
    let masked = mask::exchange(&exchange, facts);
    let (request, headers) = (masked.request, masked.headers);
    let starred = match masked.body {
        Cow::Owned(body) => Some(body),
        Cow::Borrowed(_) => None,
    };
    let Response { status, body, protocol, .. } = exchange.response;
    Exchange {
        request,
        response: Response { status, headers, body: starred.unwrap_or(body), protocol },
        fetched_at: exchange.fetched_at.trunc_subsecs(6),
        origin: exchange.origin,
        masked: exchange.masked,
    }
}
