//! Guessing passwords: each attempt counts as failed, by name and address together and by address, until it turns out well.
//! Whether somebody has the name plays no part, so that a refusal tells nothing; see `limits/class.rs` for the amounts.

use super::class::{FAILED_LOGINS_OF_ADDRESS, FAILED_LOGINS_OF_NAME_AT_ADDRESS};
use super::{Claim, Limits, RATE_LIMIT_POLICY, Subject, Usage};
use crate::address::ClientAddress;
use crate::problem::Outcome;
use axum::http::{HeaderMap, HeaderValue};
use factors::FactorError;
use identity::{IdentityError, Username};
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::time::Instant;

/// One attempt to log in. Dropped without a verdict it has failed: whoever hangs up early does not guess for free.
pub struct LoginAttempt<'a> {
    limits: &'a Limits,
    claims: [Claim; 2],
}

impl Limits {
    /// Lets an attempt begin, unless too many have failed.
    pub async fn begin_login(&self, address: ClientAddress, username: &str) -> Outcome<LoginAttempt<'_>> {
        let network = address.network();
        let name_at_address = Subject::NameAtAddress(hash(username, network));
        let claims = [
            Claim { limit: &FAILED_LOGINS_OF_NAME_AT_ADDRESS, subject: name_at_address },
            Claim { limit: &FAILED_LOGINS_OF_ADDRESS, subject: Subject::Address(network) },
        ];
        let mut usage = Usage::default();
        match self.take_login(&mut usage, claims).await {
            Ok(()) => Ok(LoginAttempt { limits: self, claims }),
            // What the route has of its own limits is left as it was: this is another one.
            Err(problem) => Err(problem.with_headers(usage.headers())),
        }
    }

    async fn take_login(&self, usage: &mut Usage, claims: [Claim; 2]) -> Outcome<()> {
        let now = Instant::now();
        for claim in claims {
            self.take_here(usage, claim, now)?;
        }
        self.take_shared(usage).await
    }
}

impl Usage {
    /// What a refusal says of the limit that was reached, and what that limit is.
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        self.write_header(&mut headers);
        if let Some(policy) = self.tightest.and_then(|standing| HeaderValue::try_from(standing.limit.policy()).ok()) {
            headers.insert(RATE_LIMIT_POLICY, policy);
        }
        headers
    }
}

impl LoginAttempt<'_> {
    /// Hands the outcome on; what was no wrong guess does not count.
    pub async fn end<T>(self, outcome: Result<T, FactorError>) -> Result<T, FactorError> {
        if !matches!(outcome, Err(FactorError::Identity(IdentityError::WrongCredentials | IdentityError::Disabled))) {
            self.give_back().await;
        }
        outcome
    }

    async fn give_back(self) {
        let Some(counting) = &self.limits.counting else { return };
        for claim in self.claims {
            counting.give_back_here(claim);
        }
        if let Some(shared) = &counting.shared {
            shared.give_back(&self.claims).await;
        }
    }
}

/// As logins read the name: another spelling is no other name. All that cannot be names count as one.
fn hash(username: &str, network: IpAddr) -> [u8; 16] {
    let username = Username::parse(username).ok();
    let mut hasher = Sha256::new();
    hasher.update(username.as_ref().map_or("", Username::as_str));
    hasher.update([0]);
    hasher.update(network.to_string());
    let mut hash = [0; 16];
    hash.copy_from_slice(&hasher.finalize()[..16]);
    hash
}
