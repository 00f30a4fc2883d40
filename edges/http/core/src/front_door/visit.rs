//! One request at the front door: what is known of it before anybody looks at what it wants, and what its reply says of that.

use super::FrontDoor;
use super::framing::require_framing;
use super::host::require_host;
use crate::ErrorCode;
use crate::address::{ClientAddress, Sender};
use crate::limits::{LimitClass, RATE_LIMIT_POLICY, Usage};
use crate::problem::{Outcome, Problem};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use ids::UserId;
use std::time::Instant;

/// Path and query together.
const URL_BYTES_MAX: usize = 8 * 1024;

/// How far a route is open before anybody looks at what is wanted of it.
#[derive(Clone, Copy)]
pub(crate) struct Openness {
    /// How much of it there is.
    pub(crate) limits: Option<&'static LimitClass>,
    /// Whether a trusted proxy may ask for itself.
    pub(crate) to_proxies: ToProxies,
}

/// Whether a trusted proxy that does not say for whom it forwards is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToProxies {
    /// It asks how the bank is, which anybody may know.
    Open,
    /// It could be a forwarded request whose header was lost on the way.
    Closed,
}

/// What the front door knows of a request.
pub(crate) struct Visit {
    /// When it came.
    pub(crate) started: Instant,
    /// What it uses of its limits.
    pub(crate) usage: Usage,
    sender: Sender,
    /// Of the web page that sent it, if that is allowed to.
    origin: Option<HeaderValue>,
    is_chunked: bool,
}

impl Sender {
    fn address(&self, to_proxies: ToProxies) -> Outcome<ClientAddress> {
        match self {
            Self::Client(address) => Ok(*address),
            Self::Proxy(address) if to_proxies == ToProxies::Open => Ok(*address),
            Self::Proxy(_) => {
                Err(Problem::invalid("X-Forwarded-For", "is missing: this proxy has to say for whom it forwards"))
            }
            Self::Unclear(problem) => Err(problem.clone()),
        }
    }
}

impl FrontDoor {
    /// Looks at a request, and leaves its client's address in it.
    pub(crate) fn meet(&self, request: &mut Request, started: Instant) -> Visit {
        Visit {
            started,
            usage: Usage::default(),
            sender: self.proxies.sender_of(request),
            origin: self.cors_origins.of_request(request.headers()),
            is_chunked: request.headers().contains_key(header::TRANSFER_ENCODING),
        }
    }

    /// Turns away what need not be looked at further.
    pub(crate) fn check(&self, request: &Request, visit: &mut Visit, route: Openness) -> Outcome<()> {
        let address = visit.sender.address(route.to_proxies)?;
        if self.denies(address) {
            return Err(Problem::new(ErrorCode::Forbidden, "This address may not use the bank"));
        }
        if let Some(class) = route.limits {
            self.limits.take_of_address(&mut visit.usage, class, address, visit.started)?;
        }
        require_host(request)?;
        require_framing(request.headers())?;
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
        limits.map_or(Ok(()), |class| self.limits.take_of_user(&mut visit.usage, class, user, visit.started))
    }

    /// Says in the reply how much is left, and who may read it.
    pub(crate) fn write_headers(&self, visit: Visit, limits: Option<&HeaderValue>, headers: &mut HeaderMap) {
        if let Some(limits) = limits {
            headers.append(RATE_LIMIT_POLICY, limits.clone());
            visit.usage.write_header(headers);
        }
        if visit.is_chunked {
            // A proxy in front may have seen another length (RFC 9112, 6.1): whatever follows is not taken for a request.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        self.cors_origins.write(headers, visit.origin);
    }
}
