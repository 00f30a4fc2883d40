//! Searching the log. Whoever searches is logged too.

use crate::error::Result;
use crate::events::AuditEvent;
use crate::proof::{self, Disclosed};
use crate::rows::StoredLeaf;
use crate::store::{self, unsigned};
use db::{Db, WallTime, params};
use ids::{EventId, UserId};
use outbox::Act;
use uuid::Uuid;

/// By so much an event's identifier may have been made before or after the time that the event has.
const APART_SECONDS_MAX: i64 = 3_600;

/// Which entries are looked for; an absent filter lets all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// What the kind begins with: `auth.`.
    pub kind: Option<String>,
    /// About this subject.
    pub subject_id: Option<Uuid>,
    /// Brought about by this person.
    pub actor: Option<UserId>,
    /// Not before.
    pub from: Option<WallTime>,
    /// Before.
    pub to: Option<WallTime>,
}

/// An entry as it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// The bytes that were hashed.
    pub entry: Vec<u8>,
    /// What the entry has a hash of; nothing: it was erased.
    pub disclosed: Option<Disclosed>,
}

/// The newest first, from before an event on. One page is one entry in the log.
pub(crate) async fn search(db: &Db, search: &Search, page: (Option<EventId>, u32), act: Act) -> Result<Vec<Found>> {
    let leaves = leaves(db, search, page.0, page.1).await?;
    let mut found = Vec::with_capacity(leaves.len());
    for leaf in leaves {
        let disclosed = proof::disclosed(db, leaf.leaf_index).await?;
        let StoredLeaf { leaf_index, event_id, entry, .. } = leaf;
        found.push(Found { index: unsigned(leaf_index), event_id, entry, disclosed });
    }
    let read = AuditEvent::Read {
        kind: search.kind.as_deref(),
        searched_subject: search.subject_id.map(|subject| subject.to_string()),
        searched_actor: search.actor.map(|actor| actor.to_string()),
        from: search.from.map(|from| from.to_string()),
        to: search.to.map(|to| to.to_string()),
    };
    let tx = db.begin().await?;
    outbox::append_in_tx(&tx, vec![read.by(act)]).await?;
    tx.commit().await?;
    Ok(found)
}

async fn leaves(db: &Db, search: &Search, before: Option<EventId>, limit: u32) -> Result<Vec<StoredLeaf>> {
    use db::Executor as _;
    let Search { kind, subject_id, actor, from, to } = search;
    let at = |time: WallTime| EventId::earliest_at(u64::try_from(time.unix_micros() / 1_000).unwrap_or(0));
    let last = EventId::from_uuid(Uuid::max());
    let until = to.map_or(last, |to| at(to.plus_seconds(APART_SECONDS_MAX)));
    let before = before.unwrap_or(last).min(until);
    let since = from.map_or(EventId::from_uuid(Uuid::nil()), |from| at(from.plus_seconds(-APART_SECONDS_MAX)));
    let mut parameters = params![before, kind.as_deref(), *from, *to, since, limit];
    let statement = match (actor, subject_id) {
        (None, None) => &store::SEARCH,
        (None, Some(subject)) => {
            parameters.extend(params![*subject]);
            &store::SEARCH_SUBJECT
        }
        (Some(actor), None) => {
            parameters.extend(params![*actor]);
            &store::SEARCH_ACTOR
        }
        (Some(actor), Some(subject)) => {
            parameters.extend(params![*actor, *subject]);
            &store::SEARCH_ACTOR_AND_SUBJECT
        }
    };
    Ok(db.query_as(statement, parameters).await?)
}
