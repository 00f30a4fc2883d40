//! Limits on the rate of requests, by address and by user: decided before a body is read and before a module is asked.
//! How much is allowed stands in `limits/class.rs`. This process remembers by itself, and with others through Redis.

mod class;
mod login;
mod quota;
mod shared;
mod table;

pub(crate) use class::Limit;
pub use class::LimitClass;
pub use login::LoginAttempt;

use crate::ErrorCode;
use crate::address::ClientAddress;
use crate::problem::{Outcome, Problem};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ids::UserId;
use quota::{Left, UsedUp};
use shared::Shared;
use std::io::Write as _;
use std::net::IpAddr;
use std::time::Instant;
use table::Table;

pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Requests count against two limits at most: the address's and the user's.
const CLAIMS_MAX: usize = 2;
const HEADER_BYTES_MAX: usize = 96;

/// Whether and where requests are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RateLimits {
    /// Nowhere: for load tests.
    Off,
    /// In this process.
    InProcess,
    /// In Redis, by all processes together; in this process while Redis is away.
    Shared {
        /// `redis://host:port`, or `rediss://host:port` over TLS.
        redis_url: String,
    },
}

/// The counters.
pub struct Limits {
    counting: Option<Counting>,
}

struct Counting {
    table: Table,
    shared: Option<Shared>,
    started: Instant,
}

/// Somebody who asks for something that is limited.
#[derive(Clone, Copy, Debug)]
struct Claim {
    limit: &'static Limit,
    subject: Subject,
}

/// Whom a limit counts.
#[derive(Clone, Copy, Debug, Hash)]
enum Subject {
    Address(IpAddr),
    User(UserId),
    /// A hash, since names are not handed on.
    NameAtAddress([u8; 16]),
}

/// What one request uses of its limits.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    claims: [Option<Claim>; CLAIMS_MAX],
    tightest: Option<Standing>,
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug)]
struct Standing {
    limit: &'static Limit,
    left: Left,
}

impl Limits {
    /// Has to be called within a runtime if the limits are shared.
    pub(crate) fn new(setting: &RateLimits) -> Result<Self, InvalidRedisUrl> {
        let shared = match setting {
            RateLimits::Off => return Ok(Self { counting: None }),
            RateLimits::InProcess => None,
            RateLimits::Shared { redis_url } => Some(Shared::start(redis_url)?),
        };
        Ok(Self { counting: Some(Counting { table: Table::new(), shared, started: Instant::now() }) })
    }

    pub(crate) const fn are_on(&self) -> bool {
        self.counting.is_some()
    }

    /// Counts a request for its address.
    pub(crate) fn take_of_address(
        &self,
        usage: &mut Usage,
        class: &'static LimitClass,
        address: ClientAddress,
        now: Instant,
    ) -> Outcome<()> {
        let claim = Claim { limit: &class.of_address, subject: Subject::Address(address.network()) };
        self.take_here(usage, claim, now)
    }

    /// Counts a request for its user, if its class is counted so.
    pub(crate) fn take_of_user(
        &self,
        usage: &mut Usage,
        class: &'static LimitClass,
        user: UserId,
        now: Instant,
    ) -> Outcome<()> {
        let Some(limit) = &class.of_user else { return Ok(()) };
        self.take_here(usage, Claim { limit, subject: Subject::User(user) }, now)
    }

    fn take_here(&self, usage: &mut Usage, claim: Claim, now: Instant) -> Outcome<()> {
        let Some(counting) = &self.counting else { return Ok(()) };
        let taken = counting.take_here(claim, now);
        let outcome = usage.note(claim, taken);
        match (&outcome, &counting.shared) {
            // What is too much for one process is too much for all.
            (Err(_), _) => usage.claims = [None; CLAIMS_MAX],
            (Ok(()), Some(_)) => usage.remember(claim),
            (Ok(()), None) => {}
        }
        outcome
    }

    /// Counts the request in Redis too, where the limits are shared.
    pub(crate) async fn take_shared(&self, usage: &mut Usage) -> Outcome<()> {
        let Some(shared) = self.counting.as_ref().and_then(|counting| counting.shared.as_ref()) else { return Ok(()) };
        let claims = std::mem::take(&mut usage.claims);
        let claims: Vec<Claim> = claims.into_iter().flatten().collect();
        if claims.is_empty() {
            return Ok(());
        }
        // While Redis is away, what this process has counted decides.
        let Some(answers) = shared.take(&claims).await else { return Ok(()) };
        usage.tightest = None;
        claims.into_iter().zip(answers).try_for_each(|(claim, taken)| usage.note(claim, taken))
    }
}

impl Counting {
    fn take_here(&self, claim: Claim, now: Instant) -> Result<Left, UsedUp> {
        let micros = u64::try_from(now.saturating_duration_since(self.started).as_micros()).unwrap_or(u64::MAX);
        self.table.take(&(claim.limit.name, claim.subject), claim.limit.quota, micros)
    }

    fn give_back_here(&self, claim: Claim) {
        self.table.give_back(&(claim.limit.name, claim.subject), claim.limit.quota);
    }
}

impl Usage {
    fn remember(&mut self, claim: Claim) {
        if let Some(free) = self.claims.iter_mut().find(|claim| claim.is_none()) {
            *free = Some(claim);
        }
    }

    fn note(&mut self, claim: Claim, taken: Result<Left, UsedUp>) -> Outcome<()> {
        let limit = claim.limit;
        match taken {
            Ok(left) => {
                if self.tightest.is_none_or(|standing| left.requests < standing.left.requests) {
                    self.tightest = Some(Standing { limit, left });
                }
                Ok(())
            }
            Err(used_up) => {
                let left = Left { requests: 0, full_in_micros: used_up.full_in_micros };
                self.tightest = Some(Standing { limit, left });
                Err(too_many(limit, used_up))
            }
        }
    }

    /// `RateLimit` of the limit that will be reached first: `r` requests are left, it is whole again in `t` seconds.
    pub(crate) fn write_header(&self, headers: &mut HeaderMap) {
        let Some(Standing { limit, left }) = self.tightest else { return };
        if headers.contains_key(RATE_LIMIT) {
            // A limit that lies deeper has refused the request and said so.
            return;
        }
        let mut text = [0; HEADER_BYTES_MAX];
        let mut rest = &mut text[..];
        let seconds = quota::seconds(left.full_in_micros);
        let written = write!(rest, "\"{}\";r={};t={seconds}", limit.name, left.requests);
        let length = HEADER_BYTES_MAX - rest.len();
        if let (Ok(()), Ok(value)) = (written, HeaderValue::from_bytes(&text[..length])) {
            headers.insert(RATE_LIMIT, value);
        }
    }
}

impl Limit {
    /// An item of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10): `q` requests in a window of `w` seconds.
    fn policy(&self) -> String {
        let Self { name, quota } = self;
        format!("\"{name}\";q={};w={}", quota.burst(), quota::seconds(quota.whole_micros()))
    }
}

fn too_many(limit: &Limit, used_up: UsedUp) -> Problem {
    Problem::new(ErrorCode::RateLimited, "Too many requests; try again later")
        .with("limit", limit.name)
        .retry_after(quota::seconds(used_up.retry_in_micros))
}

/// What was given as the address of Redis is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRedisUrl(String);

impl std::fmt::Display for InvalidRedisUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "not the address of a Redis server: {}", self.0)
    }
}

impl std::error::Error for InvalidRedisUrl {}

#[cfg(test)]
mod tests;
