//! One request at the front door: what is known of it before anybody looks at what it wants, and what its reply says of that.

use super::FrontDoor;
use crate::ErrorCode;
use crate::address::ClientAddress;
use crate::limits::{LimitClass, RATE_LIMIT_POLICY, Usage};
use crate::problem::{Outcome, Problem};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use ids::UserId;
use std::time::Instant;

/// Path and query together.
const URL_BYTES_MAX: usize = 8 * 1024;

/// What the front door knows of a request.
pub(crate) struct Visit {
    /// When it came.
    pub(crate) started: Instant,
    /// What it uses of its limits.
    pub(crate) usage: Usage,
    address: ClientAddress,
    /// Of the web page that sent it, if that is allowed to.
    origin: Option<HeaderValue>,
    is_chunked: bool,
}

impl FrontDoor {
    /// Looks at a request, and leaves its client's address in it.
    pub(crate) fn meet(&self, request: &mut Request, started: Instant) -> Visit {
        Visit {
            started,
            usage: Usage::default(),
            address: ClientAddress::settle(request, &self.trusted_proxies),
            origin: self.cors_origins.of_request(request.headers()),
            is_chunked: request.headers().contains_key(header::TRANSFER_ENCODING),
        }
    }

    /// Turns away what need not be looked at further.
    pub(crate) fn check(
        &self,
        request: &Request,
        visit: &mut Visit,
        limits: Option<&'static LimitClass>,
    ) -> Outcome<()> {
        if self.denies(visit.address) {
            return Err(Problem::new(ErrorCode::Forbidden, "This address may not use the bank"));
        }
        if let Some(class) = limits {
            self.limits.take_of_address(&mut visit.usage, class, (visit.address, visit.started))?;
        }
        if request.uri().path_and_query().is_some_and(|url| url.as_str().len() > URL_BYTES_MAX) {
            return Err(Problem::new(ErrorCode::UriTooLong, "The URL is too long").with("bytesMax", URL_BYTES_MAX));
        }
        Ok(())
    }

    /// Turns away whoever asks for too much.
    pub(crate) fn check_user(
        &self,
        user: UserId,
        visit: &mut Visit,
        limits: Option<&'static LimitClass>,
    ) -> Outcome<()> {
        limits.map_or(Ok(()), |class| self.limits.take_of_user(&mut visit.usage, class, (user, visit.started)))
    }

    /// Says in the reply how much is left, and who may read it.
    pub(crate) fn write_headers(&self, visit: Visit, limits: Option<&HeaderValue>, headers: &mut HeaderMap) {
        if let Some(limits) = limits {
            headers.insert(RATE_LIMIT_POLICY, limits.clone());
            visit.usage.write_header(headers);
        }
        if visit.is_chunked {
            // A proxy in front may have seen another length (RFC 9112, 6.1): whatever follows is not taken for a request.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        self.cors_origins.write(headers, visit.origin);
    }
}
