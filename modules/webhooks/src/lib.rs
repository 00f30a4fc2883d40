//! Webhooks: people's servers are told of what happens to them. What an endpoint may be, how calls to it are signed and when
//! they are tried again are plain functions; endpoints and deliveries are kept here. Names are resolved and calls made by
//! the edge of webhooks.

mod address;
mod change;
mod delivery;
mod endpoint;
mod error;
mod events;
mod following;
mod health;
mod managing;
mod pattern;
mod policy;
mod queueing;
mod retry_after;
mod schedule;
mod secret;
mod serving;
mod signature;
mod target;

pub use delivery::store::Span;
pub use delivery::{Attempt, Delivery, DeliveryStatus, Due, Failure};
pub use endpoint::store::Care;
pub use endpoint::{Endpoint, EndpointWish, OwnedEndpoint, Patterns};
pub use error::WebhooksError;
pub use following::Endpoints;
pub use health::{CALLS_AT_ONCE_IN_ALL, Disabled, Health};
pub use managing::{IssuedEndpoint, Replay};
pub use pattern::{PatternError, TypePattern};
pub use policy::{Mode, Policy, PolicyError, Refusal};
pub use queueing::Queueing;
pub use retry_after::RetryAfter;
pub use schedule::{Answer, Attempt as Try, Jitter, Next, TRIES_MAX, next};
pub use secret::{Algorithm, SecretError, SigningSecret};
pub use serving::{After, LEASE_SECONDS, Served, Tried, Turn};
pub use signature::{Keys, Message, MessageError};
pub use target::{Target, TargetError};

use db::{Clock, Db, Migration};
use identity::Identity;
use std::sync::Arc;

/// The outcome of anything about webhooks.
pub type Result<T> = std::result::Result<T, WebhooksError>;

/// The tables of webhooks.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "webhooks",
    number: 1,
    sql: include_str!("../migrations/0001_webhooks.sql"),
    postgres: "",
    sqlite: "",
    append_only: &[],
}];

/// Everybody's endpoints.
pub struct Webhooks {
    db: Db,
    clock: Clock,
    identity: Arc<Identity>,
    policy: Policy,
}

impl Webhooks {
    /// Of the people of this identity, called as the policy lets.
    pub const fn new(db: Db, clock: Clock, identity: Arc<Identity>, policy: Policy) -> Self {
        Self { db, clock, identity, policy }
    }

    /// Where calls may go.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }
}
