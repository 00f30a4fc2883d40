//! The rows of `notifications_notice` and `notifications_preference`.

use super::{Channel, Notice, Preference, Which};
use db::{Executor, Result, Tx, Value, WallTime, columns, params, statements};
use ids::{NoticeId, UserId};
use std::collections::HashSet;
use uuid::Uuid;

columns! {
    Notice { id, event_id, kind, body, happened_at, read_at }
    struct New { user_id: UserId, notice: Notice = "*" }
    Preference { kind, channel, is_wanted }
    struct Preferred { user_id: UserId, preference: Preference = "*" }
}

statements! {
    INSERT_NOTICES(New) =
        "INSERT INTO notifications_notice ({columns}) VALUES ({values}) ON CONFLICT (user_id, event_id) DO NOTHING";
    SELECT_NOTICES -> Notice =
        "SELECT {columns} FROM notifications_notice WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    SELECT_UNREAD -> Notice =
        "SELECT {columns} FROM notifications_notice
         WHERE user_id = $1 AND id < $2 AND read_at IS NULL ORDER BY id DESC LIMIT $3";
    COUNT_UNREAD -> i64 =
        "SELECT COUNT(*) FROM (
             SELECT id FROM notifications_notice WHERE user_id = $1 AND read_at IS NULL LIMIT $2
         ) AS some_of_them";
    READ_NOTICE =
        "UPDATE notifications_notice SET read_at = COALESCE(read_at, $3) WHERE id = $1 AND user_id = $2";
    READ_NOTICES =
        "UPDATE notifications_notice SET read_at = $3 WHERE user_id = $1 AND id <= $2 AND read_at IS NULL";
    SELECT_UNWANTED -> (UserId, String) =
        "SELECT user_id, kind FROM notifications_preference
         WHERE user_id = ANY($1) AND channel = $2 AND NOT is_wanted";
    SELECT_PREFERRED -> (UserId, String) =
        "SELECT user_id, kind FROM notifications_preference WHERE user_id = ANY($1) AND channel = $2 AND is_wanted";
    SELECT_PREFERENCES -> Preference =
        "SELECT {columns} FROM notifications_preference WHERE user_id = $1 ORDER BY kind, channel";
    UPSERT_PREFERENCES(Preferred) =
        "INSERT INTO notifications_preference ({columns}) VALUES ({values})
         ON CONFLICT (user_id, kind, channel) DO UPDATE SET is_wanted = excluded.is_wanted";
    PURGE_NOTICES =
        "DELETE FROM notifications_notice
         WHERE id IN (SELECT id FROM notifications_notice WHERE id < $1 ORDER BY id LIMIT $2)";
}

pub(crate) async fn insert_in_tx(tx: &Tx, notices: Vec<(UserId, Notice)>) -> Result<()> {
    let rows = notices.into_iter().map(|(user_id, notice)| New { user_id, notice });
    tx.execute_rows(&INSERT_NOTICES, rows).await.map(drop)
}

/// The newest first.
pub(crate) async fn list(
    on: &impl Executor,
    user: UserId,
    which: Which,
    before: Option<NoticeId>,
    limit: u32,
) -> Result<Vec<Notice>> {
    let before = before.unwrap_or(NoticeId::from_uuid(Uuid::max()));
    let statement = match which {
        Which::All => &SELECT_NOTICES,
        Which::Unread => &SELECT_UNREAD,
    };
    on.query_as(statement, params![user, before, limit]).await
}

pub(crate) async fn unread(on: &impl Executor, user: UserId, counted_max: i64) -> Result<i64> {
    on.query_one(&COUNT_UNREAD, params![user, counted_max]).await
}

/// Whether there is one.
pub(crate) async fn read_one_in_tx(tx: &Tx, user: UserId, id: NoticeId, now: WallTime) -> Result<bool> {
    Ok(tx.execute(&READ_NOTICE, params![id, user, now]).await? == 1)
}

pub(crate) async fn read_all_in_tx(tx: &Tx, user: UserId, until: Option<NoticeId>, now: WallTime) -> Result<()> {
    let until = until.unwrap_or(NoticeId::from_uuid(Uuid::max()));
    tx.execute(&READ_NOTICES, params![user, until, now]).await.map(drop)
}

/// What these people do not want there.
pub(crate) async fn unwanted(
    on: &impl Executor,
    channel: Channel,
    people: Vec<UserId>,
) -> Result<HashSet<(UserId, String)>> {
    let found = on.query_as(&SELECT_UNWANTED, params![Value::list(people), channel]).await?;
    Ok(found.into_iter().collect())
}

/// What these people asked for there.
pub(crate) async fn preferred(
    on: &impl Executor,
    channel: Channel,
    people: Vec<UserId>,
) -> Result<HashSet<(UserId, String)>> {
    let found = on.query_as(&SELECT_PREFERRED, params![Value::list(people), channel]).await?;
    Ok(found.into_iter().collect())
}

pub(crate) async fn preferences(on: &impl Executor, user: UserId) -> Result<Vec<Preference>> {
    on.query_as(&SELECT_PREFERENCES, params![user]).await
}

pub(crate) async fn prefer_in_tx(tx: &Tx, user: UserId, preferences: Vec<Preference>) -> Result<()> {
    let rows = preferences.into_iter().map(|preference| Preferred { user_id: user, preference });
    tx.execute_rows(&UPSERT_PREFERENCES, rows).await.map(drop)
}

pub(crate) async fn purge_in_tx(tx: &Tx, before: NoticeId, limit: u32) -> Result<u64> {
    tx.execute(&PURGE_NOTICES, params![before, limit]).await
}
