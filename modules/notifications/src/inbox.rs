//! The inbox: what happened to somebody and is worth a look in the app. Which kinds these are stands here, in one list; what
//! of them somebody does not want, in their preferences.

mod preference;
mod store;

pub use preference::{Channel, Preference};

use crate::Result;
use audience::{Known, Owners, Telling};
use db::{Db, DbError, Tx, WallTime};
use ids::{EventId, NoticeId, UserId};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use stream::{Consumer, Consuming, Recorded, Start};

/// For so long a notice is kept, read or not.
const KEPT_SECONDS: i64 = 90 * 24 * 60 * 60;
const PURGE_ROWS: u32 = 1_000;
const PURGE_STEPS_MAX: u32 = 100;
/// More unread ones are not counted.
pub const UNREAD_COUNTED_MAX: i64 = 100;

/// Whom a kind is worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// Everybody who is told of it.
    Everybody,
    /// Of two sides the one that gets the money: the other one ordered it.
    Receiver,
}

/// The kinds that come into the inbox, in the order of their names.
const KINDS: [(&str, For); 34] = [
    ("accounts.closed", For::Everybody),
    ("accounts.frozen", For::Everybody),
    ("accounts.overdraft_changed", For::Everybody),
    ("accounts.owner_assigned", For::Everybody),
    ("accounts.unfrozen", For::Everybody),
    ("auth.api_key_created", For::Everybody),
    ("auth.api_key_rotated", For::Everybody),
    ("auth.client_registered", For::Everybody),
    ("auth.email_changed", For::Everybody),
    ("auth.grant_made", For::Everybody),
    ("auth.identity_linked", For::Everybody),
    ("auth.identity_unlinked", For::Everybody),
    ("auth.mfa_disabled", For::Everybody),
    ("auth.mfa_enabled", For::Everybody),
    ("auth.mfa_reset", For::Everybody),
    ("auth.passkey_added", For::Everybody),
    ("auth.passkey_cloned", For::Everybody),
    ("auth.passkey_removed", For::Everybody),
    ("auth.password_changed", For::Everybody),
    ("auth.password_reset", For::Everybody),
    ("auth.recovery_code_used", For::Everybody),
    ("auth.role_changed", For::Everybody),
    ("auth.signer_key_removed", For::Everybody),
    ("auth.signer_key_set", For::Everybody),
    ("notifications.endpoint_changed", For::Everybody),
    ("notifications.endpoint_created", For::Everybody),
    ("notifications.endpoint_disabled", For::Everybody),
    ("notifications.phone_confirmed", For::Everybody),
    ("notifications.phone_removed", For::Everybody),
    ("payments.transaction_cancelled", For::Everybody),
    ("payments.transaction_pending", For::Receiver),
    ("payments.transaction_refunded", For::Everybody),
    ("payments.transaction_reversed", For::Everybody),
    ("payments.transaction_settled", For::Receiver),
];

/// Something that somebody was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its identifier.
    pub id: NoticeId,
    /// Of which event.
    pub event_id: EventId,
    /// The event's type.
    pub kind: String,
    /// The event as the person may see it, in JSON.
    pub body: String,
    /// When it happened.
    pub happened_at: WallTime,
    /// When they read it.
    pub read_at: Option<WallTime>,
}

/// Which notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those that were not read.
    Unread,
}

/// Whether a kind can come into the inbox.
pub fn is_kind(kind: &str) -> bool {
    KINDS.binary_search_by_key(&kind, |(name, _)| name).is_ok()
}

/// Whether what happened is worth a look for this person.
pub fn is_worth_a_look(telling: &Telling<'_>) -> bool {
    let kind = telling.recorded.event.kind.as_str();
    let found = KINDS.binary_search_by_key(&kind, |(name, _)| name).map(|place| KINDS[place].1);
    match found {
        Ok(For::Everybody) => true,
        Ok(For::Receiver) => telling.is_of_receiver(),
        Err(_) => false,
    }
}

/// Fills inboxes from the stream.
#[derive(Default)]
pub struct Inbox {
    owners: Owners,
}

impl Consumer for Inbox {
    fn name(&self) -> &'static str {
        "inbox"
    }

    /// What happened before there was an inbox, people know.
    fn start(&self) -> Start {
        Start::Next
    }

    fn consume<'a>(&'a self, tx: &'a Tx, events: &'a [Recorded]) -> Consuming<'a> {
        Box::pin(async move { Ok(self.fill_in_tx(tx, events).await?) })
    }
}

impl Inbox {
    async fn fill_in_tx(&self, tx: &Tx, events: &[Recorded]) -> std::result::Result<(), DbError> {
        if !events.iter().any(|recorded| is_kind(&recorded.event.kind)) {
            return Ok(());
        }
        let known = Known::of(tx, &self.owners, events).await?;
        let tellings: Vec<Telling<'_>> = known.tellings(events).into_iter().filter(is_worth_a_look).collect();
        let people: BTreeSet<UserId> = tellings.iter().map(|telling| telling.user_id).collect();
        let unwanted = store::unwanted(tx, Channel::Inbox, people.into_iter().collect()).await?;
        let wanted = tellings.iter().filter(|telling| {
            let kind = &telling.recorded.event.kind;
            !unwanted.contains(&(telling.user_id, kind.clone()))
        });
        let notices = wanted.map(|telling| {
            let event = &telling.recorded.event;
            let notice = Notice {
                id: NoticeId::generate(),
                event_id: event.id,
                kind: event.kind.clone(),
                body: telling.to_json(),
                happened_at: event.happened_at,
                read_at: None,
            };
            (telling.user_id, notice)
        });
        let notices: Vec<_> = notices.collect();
        metrics::counter!("florin_notices_total").increment(notices.len() as u64);
        store::insert_in_tx(tx, notices).await
    }
}

/// What these people want there though it is unusual.
pub(crate) async fn preferred_in_tx(
    tx: &Tx,
    channel: Channel,
    people: Vec<UserId>,
) -> std::result::Result<HashSet<(UserId, String)>, DbError> {
    store::preferred(tx, channel, people).await
}

/// Somebody's notices, the newest first.
///
/// # Errors
/// The database failed.
pub async fn list(db: &Db, user: UserId, which: Which, before: Option<NoticeId>, limit: u32) -> Result<Vec<Notice>> {
    Ok(store::list(db, user, which, before, limit).await?)
}

/// How many somebody has not read; at most [`UNREAD_COUNTED_MAX`].
///
/// # Errors
/// The database failed.
pub async fn unread(db: &Db, user: UserId) -> Result<i64> {
    Ok(store::unread(db, user, UNREAD_COUNTED_MAX).await?)
}

/// Somebody has read one of theirs; whether there is one.
///
/// # Errors
/// The database failed.
pub async fn read_one(db: &Db, user: UserId, id: NoticeId, now: WallTime) -> Result<bool> {
    let tx = db.begin().await?;
    let is_there = store::read_one_in_tx(&tx, user, id, now).await?;
    tx.commit().await?;
    Ok(is_there)
}

/// Somebody has read all of theirs, up to one of them if it is named.
///
/// # Errors
/// The database failed.
pub async fn read_all(db: &Db, user: UserId, until: Option<NoticeId>, now: WallTime) -> Result<()> {
    let tx = db.begin().await?;
    store::read_all_in_tx(&tx, user, until, now).await?;
    Ok(tx.commit().await?)
}

/// What somebody does not want, or wants though it is unusual.
///
/// # Errors
/// The database failed.
pub async fn preferences(db: &Db, user: UserId) -> Result<Vec<Preference>> {
    Ok(store::preferences(db, user).await?)
}

/// Somebody wants, or does not want, to be told of kinds; what is not named stays.
///
/// # Errors
/// `NotAKind`, `CannotBeSwitchedOff`, or the database failed.
pub async fn prefer(db: &Db, user: UserId, preferences: Vec<Preference>) -> Result<()> {
    // Of what is said twice the last word counts.
    let mut last = BTreeMap::new();
    for preference in preferences {
        preference.require_possible()?;
        last.insert((preference.kind.clone(), preference.channel.word()), preference);
    }
    let tx = db.begin().await?;
    store::prefer_in_tx(&tx, user, last.into_values().collect()).await?;
    Ok(tx.commit().await?)
}

/// Forgets notices of more than 90 days ago; gives how many. To be called every minute.
///
/// # Errors
/// The database failed; the next call goes on.
pub async fn purge(db: &Db, now: WallTime) -> Result<u64> {
    let before = now.plus_seconds(-KEPT_SECONDS);
    let before = NoticeId::earliest_at(u64::try_from(before.unix_micros() / 1_000).unwrap_or_default());
    let mut purged = 0;
    for _ in 0..PURGE_STEPS_MAX {
        let tx = db.begin().await?;
        let step = store::purge_in_tx(&tx, before, PURGE_ROWS).await?;
        tx.commit().await?;
        purged += step;
        if step < u64::from(PURGE_ROWS) {
            break;
        }
    }
    Ok(purged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_in_order_and_each_once() {
        assert!(KINDS.is_sorted_by(|(one, _), (next, _)| one < next));
        assert!(is_kind("auth.password_changed") && !is_kind("auth.logged_in"));
    }
}
