//! What those who run the bank see of who follows the stream, and what they do about an event that nobody could take.

use crate::parked::Parked;
use crate::{Recorded, read, store, subject};
use db::{Db, Executor, Result};
use outbox::{Act, Event, events};
use uuid::Uuid;

events! {
    /// What is done about those who follow the stream.
    enum StreamEvent about Bank for Staff {
        /// Somebody had an event tried again that a consumer could not take.
        Unparked = "events.unparked" { consumer: String, position: i64, parked_subject: String },
    }
}

/// Somebody who follows the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follower {
    /// Its subscription's name.
    pub name: String,
    /// Everything up to here is done.
    pub position: i64,
    /// So many events are still to come.
    pub behind: i64,
    /// So many subjects wait for somebody to look into it.
    pub parked_subjects: i64,
}

/// What holds up a subject for a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldUp {
    /// How it stands.
    pub parked: Parked,
    /// The event itself.
    pub recorded: Recorded,
    /// So many later events of the subject wait behind it.
    pub waiting: i64,
}

/// Everybody who follows, by name.
///
/// # Errors
/// The database cannot be read.
pub async fn followers(on: &impl Executor) -> Result<Vec<Follower>> {
    let head = store::head(on).await?;
    let mut followers = Vec::new();
    for (name, position) in store::positions(on).await? {
        let parked_subjects = store::count_parked(on, &name).await?;
        followers.push(Follower { name, position, behind: (head - position).max(0), parked_subjects });
    }
    Ok(followers)
}

/// Whether anybody of this name follows.
///
/// # Errors
/// The database cannot be read.
pub async fn is_followed_by(on: &impl Executor, name: &str) -> Result<bool> {
    Ok(store::subscribed(on, name).await?.is_some())
}

/// What somebody has to look into for a consumer, from behind a position on.
///
/// # Errors
/// The database cannot be read.
pub async fn held_up(on: &impl Executor, consumer: &str, after: i64, limit: u32) -> Result<Vec<HeldUp>> {
    let mut held_up = Vec::new();
    for parked in store::parked_of(on, consumer, after, limit).await? {
        held_up.push(whole(on, parked).await?);
    }
    Ok(held_up)
}

/// What holds up this subject for a consumer, whether it is tried again by itself or not; nothing: it waits for nothing.
///
/// # Errors
/// The database cannot be read.
pub async fn held_up_of(on: &impl Executor, consumer: &str, subject_id: Uuid) -> Result<Option<HeldUp>> {
    match store::next_of_subject(on, consumer, subject_id).await? {
        Some(parked) => whole(on, parked).await.map(Some),
        None => Ok(None),
    }
}

/// Has what is parked of a subject tried again; whether anything was.
///
/// # Errors
/// The database failed.
pub async fn unpark(db: &Db, consumer: &str, subject_id: Uuid, act: Act) -> Result<bool> {
    let tx = db.begin().await?;
    let Some(next) = store::next_of_subject(&tx, consumer, subject_id).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    let recorded = read_one(&tx, next.position).await?;
    let (position, parked_subject) = (next.position, subject(&recorded.event));
    let unparked = StreamEvent::Unparked { consumer: consumer.to_owned(), position, parked_subject };
    if !store::update_parked_in_tx(&tx, next.released(act.at)).await? {
        // It was taken just now.
        tx.rollback().await?;
        return Ok(false);
    }
    outbox::append_in_tx(&tx, vec![Event::of(Uuid::nil(), &unparked, act)]).await?;
    tx.commit().await?;
    Ok(true)
}

async fn whole(on: &impl Executor, parked: Parked) -> Result<HeldUp> {
    let recorded = read_one(on, parked.position).await?;
    let waiting = store::count_parked_of(on, &parked.subscription, parked.subject_id).await? - 1;
    Ok(HeldUp { parked, recorded, waiting })
}

async fn read_one(on: &impl Executor, position: i64) -> Result<Recorded> {
    let lost = || db::DbError::Internal(format!("the parked event at position {position} is not there"));
    read(on, position - 1, 1).await?.pop().filter(|found| found.position == position).ok_or_else(lost)
}
