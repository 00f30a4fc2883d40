//! The stream's SQL.

use crate::page::Page;
use crate::parked::Parked;
use db::{Db, Executor, Result, Rows, Snapshot, Statement, Tx, Value, WallTime, columns, params, statements};
use std::collections::HashMap;
use uuid::Uuid;

columns! {
    struct StoredPage {
        last_position: i64,
        first_position: i64,
        lowest_number: i64,
        highest_number: i64,
        settled_number: i64,
        events: Vec<u8>,
    }
    Parked { subscription, position, subject_id, tries, reason, next_try_at }
    /// How a subscription stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Subscribed {
        pub(crate) position: i64,
        pub(crate) token: i64,
        pub(crate) leased_until: Option<WallTime>,
    }
}

statements! {
    SELECT_OLDEST -> Option<i64> = "SELECT store_oldest_transaction()";
    SELECT_NEXT -> Option<i64> = "SELECT store_next_transaction()";
    SELECT_LAST_PAGE -> StoredPage = "SELECT {columns} FROM stream_page ORDER BY last_position DESC LIMIT 1";
    SELECT_PAGES_SEEN_AFTER -> StoredPage = "SELECT {columns} FROM stream_page WHERE highest_number > $1";
    SELECT_PAGES_AFTER -> StoredPage =
        "SELECT {columns} FROM stream_page WHERE last_position > $1 ORDER BY last_position LIMIT $2";
    SELECT_PAGES_OF_NUMBER -> StoredPage =
        "SELECT {columns} FROM stream_page WHERE highest_number >= $1 AND lowest_number <= $1 ORDER BY highest_number";
    SELECT_HEAD -> i64 = "SELECT COALESCE(MAX(last_position), 0) FROM stream_page";
    SELECT_FIRST -> i64 = "SELECT COALESCE(MIN(first_position), 1) FROM stream_page";
    // How far everybody is who follows, and what is parked for them.
    SELECT_FOLLOWED -> i64 =
        "SELECT COALESCE(MIN(position), 0) FROM (
             SELECT MIN(position) AS position FROM stream_subscription
             UNION ALL SELECT MIN(position) - 1 FROM stream_parked) AS followed";
    DELETE_PAGES = "DELETE FROM stream_page WHERE last_position <= $1";
    DELETE_SUBSCRIPTION = "DELETE FROM stream_subscription WHERE name = $1";
    DELETE_PARKED_OF = "DELETE FROM stream_parked WHERE subscription = $1";
    INSERT_PAGE(StoredPage) = "INSERT INTO stream_page ({columns}) VALUES ({values})";
    SELECT_COUNTS -> (Uuid, i64) = "SELECT subject_id, events FROM stream_subject WHERE subject_id = ANY($1)";
    UPSERT_COUNTS((Uuid, i64)) =
        "INSERT INTO stream_subject (subject_id, events) VALUES ($1, $2)
         ON CONFLICT (subject_id) DO UPDATE SET events = excluded.events";
    SELECT_SUBSCRIPTION -> Subscribed = "SELECT {columns} FROM stream_subscription WHERE name = $1";
    SELECT_SUBSCRIPTIONS -> (String, i64) = "SELECT name, position FROM stream_subscription ORDER BY name";
    INSERT_SUBSCRIPTION =
        "INSERT INTO stream_subscription (name, position, token) VALUES ($1, $2, 0) ON CONFLICT (name) DO NOTHING";
    TAKE_LEASE =
        "UPDATE stream_subscription SET token = token + 1, leased_until = $3 WHERE name = $1 AND token = $2";
    ADVANCE =
        "UPDATE stream_subscription SET position = $3, leased_until = $4 WHERE name = $1 AND token = $2";
    RELEASE_LEASE = "UPDATE stream_subscription SET leased_until = NULL WHERE name = $1 AND token = $2";
    SELECT_ANY_PARKED -> i64 = "SELECT position FROM stream_parked WHERE subscription = $1 LIMIT 1";
    SELECT_PARKED_OF_SUBJECTS -> Uuid =
        "SELECT DISTINCT subject_id FROM stream_parked WHERE subscription = $1 AND subject_id = ANY($2)";
    SELECT_PARKED_DUE -> Parked =
        "SELECT {columns} FROM stream_parked WHERE subscription = $1 AND next_try_at <= $2 ORDER BY position LIMIT $3";
    SELECT_PARKED -> Parked =
        "SELECT {columns} FROM stream_parked WHERE tries > 0 AND next_try_at IS NULL
         ORDER BY subscription, position LIMIT $1";
    SELECT_PARKED_OF -> Parked =
        "SELECT {columns} FROM stream_parked
         WHERE subscription = $1 AND tries > 0 AND next_try_at IS NULL AND position > $2 ORDER BY position LIMIT $3";
    COUNT_PARKED_OF -> i64 = "SELECT COUNT(*) FROM stream_parked WHERE subscription = $1 AND subject_id = $2";
    SELECT_NEXT_OF_SUBJECT -> Parked =
        "SELECT {columns} FROM stream_parked WHERE subscription = $1 AND subject_id = $2 ORDER BY position LIMIT 1";
    COUNT_PARKED -> i64 =
        "SELECT COUNT(DISTINCT subject_id) FROM stream_parked
         WHERE subscription = $1 AND tries > 0 AND next_try_at IS NULL";
    INSERT_PARKED(Parked) = "INSERT INTO stream_parked ({columns}) VALUES ({values})";
    UPDATE_PARKED(Parked) =
        "UPDATE stream_parked SET tries = $tries, reason = $reason, next_try_at = $next_try_at
         WHERE subscription = $subscription AND position = $position";
    DELETE_PARKED = "DELETE FROM stream_parked WHERE subscription = $1 AND position = $2";
}

/// Whoever reads for a subscription, as a statement names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) name: &'static str,
    pub(crate) token: i64,
}

/// The oldest transaction that is under way, as the snapshot sees it. Where there is one writer only, everything that will be
/// committed with a lower number is, and this is 0.
pub(crate) async fn oldest_transaction(snapshot: &Snapshot) -> Result<i64> {
    Ok(snapshot.query_optional(&SELECT_OLDEST, params![]).await?.flatten().unwrap_or(0))
}

/// A transaction that begins now, after all that have begun; 0 where there is one writer only.
pub(crate) async fn next_transaction(db: &Db) -> Result<i64> {
    let tx = db.begin().await?;
    let next = tx.query_optional(&SELECT_NEXT, params![]).await?;
    tx.commit().await?;
    Ok(next.flatten().unwrap_or(0))
}

pub(crate) async fn last_page(on: &impl Executor) -> Result<Option<Page>> {
    on.query_optional(&SELECT_LAST_PAGE, params![]).await?.map(StoredPage::parse).transpose()
}

pub(crate) async fn pages_seen_after(on: &impl Executor, number: i64) -> Result<Vec<Page>> {
    parsed(on.query_as(&SELECT_PAGES_SEEN_AFTER, params![number]).await?)
}

pub(crate) async fn pages_after(on: &impl Executor, position: i64, limit: u32) -> Result<Vec<Page>> {
    parsed(on.query_as(&SELECT_PAGES_AFTER, params![position, limit]).await?)
}

pub(crate) async fn pages_of_number(on: &impl Executor, number: i64) -> Result<Vec<Page>> {
    parsed(on.query_as(&SELECT_PAGES_OF_NUMBER, params![number]).await?)
}

pub(crate) async fn head(on: &impl Executor) -> Result<i64> {
    Ok(on.query_optional(&SELECT_HEAD, params![]).await?.unwrap_or(0))
}

pub(crate) async fn first(on: &impl Executor) -> Result<i64> {
    Ok(on.query_optional(&SELECT_FIRST, params![]).await?.unwrap_or(1))
}

pub(crate) fn as_page(page: &Page) -> (&'static Statement, Rows) {
    INSERT_PAGE.rows([StoredPage::of(page)])
}

pub(crate) async fn counts(on: &impl Executor, subjects: Vec<Uuid>) -> Result<HashMap<Uuid, i64>> {
    if subjects.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(on.query_as(&SELECT_COUNTS, params![Value::list(subjects)]).await?.into_iter().collect())
}

pub(crate) fn as_counts(counts: &HashMap<Uuid, i64>) -> (&'static Statement, Rows) {
    UPSERT_COUNTS.rows(counts.iter().map(|(subject, events)| (*subject, *events)))
}

pub(crate) async fn subscribed(on: &impl Executor, name: &str) -> Result<Option<Subscribed>> {
    on.query_optional(&SELECT_SUBSCRIPTION, params![name]).await
}

/// Every subscription with its position.
pub(crate) async fn positions(on: &impl Executor) -> Result<Vec<(String, i64)>> {
    on.query_as(&SELECT_SUBSCRIPTIONS, params![]).await
}

pub(crate) async fn insert_in_tx(tx: &Tx, name: &str, position: i64) -> Result<()> {
    tx.execute(&INSERT_SUBSCRIPTION, params![name, position]).await.map(drop)
}

/// Whether nobody else had taken it meanwhile.
pub(crate) async fn take_in_tx(tx: &Tx, before: Holder, until: WallTime) -> Result<bool> {
    Ok(tx.execute(&TAKE_LEASE, params![before.name, before.token, until]).await? == 1)
}

/// Whether they still hold it.
pub(crate) async fn advance_in_tx(tx: &Tx, holder: Holder, position: i64, until: WallTime) -> Result<bool> {
    Ok(tx.execute(&ADVANCE, params![holder.name, holder.token, position, until]).await? == 1)
}

pub(crate) async fn release_in_tx(tx: &Tx, holder: Holder) -> Result<()> {
    tx.execute(&RELEASE_LEASE, params![holder.name, holder.token]).await.map(drop)
}

/// The last position that nobody needs any more who follows the stream.
pub(crate) async fn followed(on: &impl Executor) -> Result<i64> {
    Ok(on.query_optional(&SELECT_FOLLOWED, params![]).await?.unwrap_or(0))
}

pub(crate) async fn delete_pages_up_to_in_tx(tx: &Tx, position: i64) -> Result<()> {
    tx.execute(&DELETE_PAGES, params![position]).await.map(drop)
}

/// Whether it was there.
pub(crate) async fn forget_in_tx(tx: &Tx, name: &str) -> Result<bool> {
    tx.execute(&DELETE_PARKED_OF, params![name]).await?;
    Ok(tx.execute(&DELETE_SUBSCRIPTION, params![name]).await? == 1)
}

/// Whether anything waits.
pub(crate) async fn is_any_parked(on: &impl Executor, subscription: &str) -> Result<bool> {
    Ok(on.query_optional(&SELECT_ANY_PARKED, params![subscription]).await?.is_some())
}

/// Which of the subjects wait.
pub(crate) async fn waiting(on: &impl Executor, subscription: &str, subjects: Vec<Uuid>) -> Result<Vec<Uuid>> {
    on.query_as(&SELECT_PARKED_OF_SUBJECTS, params![subscription, Value::list(subjects)]).await
}

pub(crate) async fn parked_due(
    on: &impl Executor,
    subscription: &str,
    now: WallTime,
    limit: u32,
) -> Result<Vec<Parked>> {
    on.query_as(&SELECT_PARKED_DUE, params![subscription, now, limit]).await
}

pub(crate) async fn parked(on: &impl Executor, limit: u32) -> Result<Vec<Parked>> {
    on.query_as(&SELECT_PARKED, params![limit]).await
}

/// What somebody has to look into of one subscription, from behind a position on.
pub(crate) async fn parked_of(on: &impl Executor, subscription: &str, after: i64, limit: u32) -> Result<Vec<Parked>> {
    on.query_as(&SELECT_PARKED_OF, params![subscription, after, limit]).await
}

/// How many events of a subject wait.
pub(crate) async fn count_parked_of(on: &impl Executor, subscription: &str, subject_id: Uuid) -> Result<i64> {
    on.query_one(&COUNT_PARKED_OF, params![subscription, subject_id]).await
}

pub(crate) async fn next_of_subject(
    on: &impl Executor,
    subscription: &str,
    subject_id: Uuid,
) -> Result<Option<Parked>> {
    on.query_optional(&SELECT_NEXT_OF_SUBJECT, params![subscription, subject_id]).await
}

pub(crate) async fn count_parked(on: &impl Executor, subscription: &str) -> Result<i64> {
    Ok(on.query_optional(&COUNT_PARKED, params![subscription]).await?.unwrap_or(0))
}

pub(crate) async fn park_in_tx(tx: &Tx, parked: Vec<Parked>) -> Result<()> {
    tx.execute_rows(&INSERT_PARKED, parked).await.map(drop)
}

/// Whether it was still there.
pub(crate) async fn update_parked_in_tx(tx: &Tx, parked: Parked) -> Result<bool> {
    Ok(tx.execute_rows(&UPDATE_PARKED, [parked]).await? == 1)
}

pub(crate) async fn delete_parked_in_tx(tx: &Tx, parked: &Parked) -> Result<()> {
    tx.execute(&DELETE_PARKED, params![parked.subscription.as_str(), parked.position]).await.map(drop)
}

impl StoredPage {
    fn of(page: &Page) -> Self {
        Self {
            last_position: page.last_position(),
            first_position: page.first_position,
            lowest_number: page.numbers().min().unwrap_or(page.settled_number),
            highest_number: page.numbers().max().unwrap_or(page.settled_number),
            settled_number: page.settled_number,
            events: page.to_bytes(),
        }
    }

    fn parse(self) -> Result<Page> {
        Page::parse(self.first_position, self.settled_number, &self.events)
    }
}

fn parsed(pages: Vec<StoredPage>) -> Result<Vec<Page>> {
    pages.into_iter().map(StoredPage::parse).collect()
}
