//! Deliveries: one event on its way to one endpoint, with what came of each try.

pub(crate) mod store;

use db::WallTime;
use ids::{DeliveryId, EventId, WebhookId};

/// Deliveries and what came of them are kept for so long.
pub(crate) const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It is under way, or waits.
    Queued,
    /// The receiver has it.
    Delivered,
    /// It is tried no more, but by hand.
    Failed,
}

/// A delivery as the owner of its endpoint sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its identifier.
    pub id: DeliveryId,
    /// To where.
    pub endpoint_id: WebhookId,
    /// Of what: the `webhook-id` of all its tries.
    pub event_id: EventId,
    /// The event's type.
    pub kind: String,
    /// What it happened to.
    pub subject: String,
    /// How it stands.
    pub status: DeliveryStatus,
    /// How often it was tried, by hand and by itself.
    pub attempts: i64,
    /// When it is tried next, while it is queued.
    pub next_try_at: WallTime,
    /// When the event happened.
    pub happened_at: WallTime,
    /// When it was delivered or given up.
    pub ended_at: Option<WallTime>,
}

/// What came of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Of which delivery.
    pub delivery_id: DeliveryId,
    /// The first has 1.
    pub number: i64,
    /// When it ended.
    pub at: WallTime,
    /// How long it took.
    pub duration_ms: i64,
    /// The status of HTTP, if there was an answer.
    pub code: Option<i64>,
    /// Why it does not count as delivered.
    pub failure: Option<Failure>,
    /// The beginning of the answer.
    pub excerpt: Option<String>,
}

/// Why a try failed, as far as the owner of the endpoint is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The URL is none to which calls may go any more.
    Target,
    /// The name has no address.
    Unresolved,
    /// One of its addresses is not called.
    Address,
    /// Nobody took the connection.
    Connection,
    /// The certificate is not right, or TLS failed otherwise.
    Tls,
    /// It took too long.
    Timeout,
    /// What came is no answer of HTTP.
    Protocol,
    /// It answered with a redirect, which is never followed.
    Redirect,
    /// It answered with another status than 2xx.
    Status,
}

/// A delivery whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its identifier.
    pub id: DeliveryId,
    /// For `webhook-id`.
    pub event_id: EventId,
    /// What it happened to: events of one subject keep their order.
    pub subject: String,
    /// What is sent.
    pub body: String,
    /// Tries since it was queued.
    pub tries: i64,
    /// All tries.
    pub attempts: i64,
}

impl DeliveryStatus {
    const ALL: [Self; 3] = [Self::Queued, Self::Delivered, Self::Failed];

    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

impl Failure {
    const ALL: [Self; 9] = [
        Self::Target,
        Self::Unresolved,
        Self::Address,
        Self::Connection,
        Self::Tls,
        Self::Timeout,
        Self::Protocol,
        Self::Redirect,
        Self::Status,
    ];

    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Target => "TARGET",
            Self::Unresolved => "UNRESOLVED",
            Self::Address => "ADDRESS",
            Self::Connection => "CONNECTION",
            Self::Tls => "TLS",
            Self::Timeout => "TIMEOUT",
            Self::Protocol => "PROTOCOL",
            Self::Redirect => "REDIRECT",
            Self::Status => "STATUS",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.word() == word)
    }
}
