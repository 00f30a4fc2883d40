//! What the sender takes out and brings back. An endpoint is served by one process at a time, under a lease with a fencing
//! token: deliveries, what came of their tries and how the endpoint is doing are one commit under that token.

use crate::delivery::store::{self as deliveries, Stands};
use crate::delivery::{Attempt, DeliveryStatus, Due, Failure, KEPT_SECONDS};
use crate::endpoint::Endpoint;
use crate::endpoint::store::{self as endpoints, Care, Held, Leased};
use crate::events::{self, GivenUp};
use crate::managing::context;
use crate::schedule::{self, Answer, Jitter, Next};
use crate::{Health, Keys, Result, SigningSecret, Webhooks, change};
use db::{Engine, Tx, WallTime};
use ids::{DeliveryId, WebhookId};
use outbox::{Actor, Event};
use std::collections::HashSet;

/// Whoever serves an endpoint may be silent for so long; longer than a turn with it lasts.
pub const LEASE_SECONDS: i64 = 45;
/// What is sealed with another key, or belongs to somebody who may not log in, is looked at again after so long.
const SET_ASIDE_SECONDS: i64 = 10 * 60;
const PURGE_ROWS: u32 = 1_000;
const PURGE_STEPS_MAX: u32 = 200;

/// An endpoint that this process serves until its lease ends.
#[derive(Clone, Debug)]
pub struct Served {
    /// Which.
    pub id: WebhookId,
    /// Where it is.
    pub url: String,
    /// What calls to it are signed with.
    pub keys: Keys,
    /// How it is doing.
    pub health: Health,
    token: i64,
    endpoint: Endpoint,
}

/// What came of one try.
#[derive(Clone, Debug)]
pub struct Tried {
    /// Of what.
    pub due: Due,
    /// When it ended.
    pub at: WallTime,
    /// How long it took.
    pub duration_ms: i64,
    /// What the receiver answered.
    pub answer: Answer,
    /// Why it does not count as delivered.
    pub failure: Option<Failure>,
    /// The beginning of the answer.
    pub excerpt: Option<String>,
    /// Spreads the next try.
    pub jitter: Jitter,
}

/// How it goes on with an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// More is due, and it is still this process that serves it.
    GoesOn(Health),
    /// Nothing is due, or it is somebody else's turn.
    Over,
}

/// Whether a turn may be followed by another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// If something is due.
    Another,
    /// Not before others had theirs.
    Others,
}

impl Webhooks {
    /// Takes endpoints for which something is due, each for one process.
    ///
    /// # Errors
    /// The database failed.
    pub async fn serve(&self, care: Care, limit: u32, now: WallTime) -> Result<Vec<Served>> {
        let due = endpoints::due(&self.db, care, now, limit).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let tx = self.db.begin().await?;
        let held = endpoints::lock_many_in_tx(&tx, due).await?;
        // Somebody else may have been faster.
        let free = held.into_iter().filter(|held| held.leased_until.is_none_or(|until| until <= now));
        let free: Vec<Held> = free.collect();
        let owners = free.iter().map(|held| held.endpoint.user_id).collect();
        let active: HashSet<_> = endpoints::active(&tx, owners).await?.into_iter().collect();
        let (mut served, mut aside) = (Vec::new(), Vec::new());
        for held in free {
            let id = held.endpoint.id;
            match active.contains(&held.endpoint.user_id).then(|| self.open(held)).flatten() {
                Some(open) => served.push(open),
                None => aside.push(id),
            }
        }
        endpoints::delay_in_tx(&tx, aside, now.plus_seconds(SET_ASIDE_SECONDS)).await?;
        let ids = served.iter().map(|served| served.id).collect();
        endpoints::lease_in_tx(&tx, ids, now.plus_seconds(LEASE_SECONDS)).await?;
        tx.commit().await?;
        Ok(served)
    }

    /// What is due for an endpoint, in the order in which it is told.
    ///
    /// # Errors
    /// The database failed.
    pub async fn due(&self, served: &Served, limit: u32, now: WallTime) -> Result<Vec<Due>> {
        Ok(deliveries::due(&self.db, served.id, now, limit).await?)
    }

    /// Records what came of some tries, in the order in which they ended, and how it goes on.
    ///
    /// # Errors
    /// The database failed; once the lease is over, the same is tried again.
    pub async fn settle(&self, served: &Served, tried: Vec<Tried>, after: After, now: WallTime) -> Result<Turn> {
        let ends = served.health.disabled.is_none() && health_after(served.health, &tried).disabled.is_some();
        let tx = self.db.begin().await?;
        // People before what is theirs, in the order of everybody else.
        let owner = match ends {
            true => Some(self.identity.lock_user_in_tx(&tx, served.endpoint.user_id).await?),
            false => None,
        };
        let Some(held) = endpoints::lock_leased_in_tx(&tx, served.id, served.token).await? else {
            tx.rollback().await?;
            return Ok(Turn::Over);
        };
        let (before, health) = (held.endpoint.health, health_after(held.endpoint.health, &tried));
        let mut happened = record_in_tx(&tx, served, tried).await?;
        if let (None, Some(why)) = (before.disabled, health.disabled) {
            let url = &held.endpoint.url;
            happened.push(events::disabled(held.endpoint.user_id, served.id, url, why, Actor::ITSELF.does(now)));
            if let Some(owner) = &owner {
                self.mail_in_tx(&tx, owner, change::disabled(url, why), now).await?;
            }
        }
        outbox::append_in_tx(&tx, happened).await?;
        let due_at = deliveries::next_try(&tx, served.id).await?;
        let goes_on = after == After::Another && health.disabled.is_none() && due_at.is_some_and(|due| due <= now);
        let leased_until = goes_on.then(|| now.plus_seconds(LEASE_SECONDS));
        endpoints::update_leased_in_tx(&tx, Leased { id: served.id, health, due_at, leased_until }).await?;
        tx.commit().await?;
        Ok(if goes_on { Turn::GoesOn(health) } else { Turn::Over })
    }

    /// To be called once when a process starts: on an embedded database, whoever served endpoints before is gone.
    ///
    /// # Errors
    /// The database failed.
    pub async fn free_leases_of_the_dead(&self) -> Result<()> {
        if self.db.engine() == Engine::Sqlite {
            let tx = self.db.begin().await?;
            endpoints::free_leases_in_tx(&tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// How many deliveries to endpoints that are called are under way or wait.
    ///
    /// # Errors
    /// The database failed.
    pub async fn backlog(&self) -> Result<i64> {
        Ok(deliveries::count_queued(&self.db).await?)
    }

    /// Forgets deliveries of more than 30 days ago with what came of their tries, and endpoints that were deleted then. To be
    /// called every minute.
    ///
    /// # Errors
    /// The database failed; the next call goes on.
    pub async fn purge(&self, now: WallTime) -> Result<u64> {
        let before = now.plus_seconds(-KEPT_SECONDS);
        let millis = u64::try_from(before.unix_micros() / 1_000).unwrap_or_default();
        let mut purged = 0;
        for _ in 0..PURGE_STEPS_MAX {
            let tx = self.db.begin().await?;
            let step = deliveries::purge_in_tx(&tx, DeliveryId::earliest_at(millis), PURGE_ROWS).await?;
            tx.commit().await?;
            purged += step;
            if step < u64::from(PURGE_ROWS) {
                break;
            }
        }
        let tx = self.db.begin().await?;
        purged += endpoints::purge_in_tx(&tx, before).await?;
        tx.commit().await?;
        Ok(purged)
    }

    /// With its secrets, unless they were sealed with another key.
    fn open(&self, held: Held) -> Option<Served> {
        let Held { endpoint, sealed_secret, sealed_former_secret, token, .. } = held;
        let opened = |sealed: Vec<u8>| {
            let text = self.identity.secrets().open(&sealed, &context(endpoint.id))?;
            SigningSecret::parse(std::str::from_utf8(&text).ok()?).ok()
        };
        let Some(secret) = sealed_secret.and_then(opened) else {
            tracing::error!(webhook_id = %endpoint.id, "a webhook's secret was sealed with another key");
            return None;
        };
        let keys = Keys::new(secret);
        let keys = match (sealed_former_secret.and_then(opened), endpoint.former_secret_until) {
            (Some(former), Some(until)) => keys.beside(former, until),
            _ => keys,
        };
        let (url, health) = (endpoint.url.clone(), endpoint.health);
        Some(Served { id: endpoint.id, url, keys, health, token: token + 1, endpoint })
    }
}

fn health_after(health: Health, tried: &[Tried]) -> Health {
    let after = |health: Health, tried: &Tried| {
        health.after(&tried.answer, tried.at).after_waiting(tried.duration_ms, tried.at)
    };
    tried.iter().fold(health, after)
}

/// Stores how the deliveries stand and what came of the tries; gives what is told of it.
async fn record_in_tx(tx: &Tx, served: &Served, tried: Vec<Tried>) -> Result<Vec<Event>> {
    let (mut stand, mut attempts, mut happened) = (Vec::new(), Vec::new(), Vec::new());
    for tried in tried {
        let Tried { due, at, duration_ms, answer, failure, excerpt, jitter } = tried;
        let code = match answer {
            Answer::Status { code, .. } => Some(i64::from(code)),
            Answer::None => None,
        };
        let (tries, number) = (due.tries + 1, due.attempts + 1);
        let attempt = schedule::Attempt { number: usize::try_from(tries).unwrap_or(usize::MAX), at, jitter };
        let (status, next_try_at) = match schedule::next(&attempt, &answer) {
            Next::Delivered => (DeliveryStatus::Delivered, at),
            Next::Again(due) => (DeliveryStatus::Queued, due),
            Next::GivenUp => (DeliveryStatus::Failed, at),
        };
        let ended_at = (status != DeliveryStatus::Queued).then_some(at);
        if status == DeliveryStatus::Failed {
            let given_up =
                GivenUp { webhook_id: served.id, delivery_id: due.id, event_id: due.event_id, tries, status: code };
            happened.push(events::given_up(served.endpoint.user_id, given_up, Actor::ITSELF.does(at)));
        }
        let outcome = match (status, failure) {
            (DeliveryStatus::Delivered, _) => "DELIVERED",
            (DeliveryStatus::Failed, _) => "GIVEN_UP",
            (DeliveryStatus::Queued, failure) => failure.map_or("STATUS", Failure::word),
        };
        metrics::counter!("florin_webhook_tries_total", "outcome" => outcome).increment(1);
        stand.push(Stands { id: due.id, status, tries, attempts: number, next_try_at, ended_at });
        attempts.push(Attempt { delivery_id: due.id, number, at, duration_ms, code, failure, excerpt });
    }
    deliveries::update_in_tx(tx, stand, attempts).await?;
    Ok(happened)
}
