//! The rows of `notifications_news` and `notifications_reader`.

use super::{Language, Piece};
use crate::way::Way;
use db::{Executor, Result, Tx, WallTime, columns, fields, params, statements};
use ids::UserId;

fields! {
    Text: Language, Language::parse, |language| language.word();
}

columns! {
    Piece { event_id, kind, amount, currency, happened_at }
    struct New { user_id: UserId, way: Way, piece: Piece = "*" }
    /// Whom a mail goes to, or a text.
    pub(crate) struct Reader {
        pub(crate) username: String = "u.username",
        pub(crate) recipient: String = "u.recipient",
        pub(crate) language: Option<Language> = "r.language",
    }
}

statements! {
    INSERT_NEWS(New) =
        "INSERT INTO notifications_news ({columns}) VALUES ({values}) ON CONFLICT (user_id, way, event_id) DO NOTHING";
    SELECT_MAILS_DUE -> UserId =
        "SELECT DISTINCT n.user_id FROM notifications_news n LEFT JOIN notifications_reader r ON r.user_id = n.user_id
         WHERE n.way = 'MAIL' AND (r.mailed_at IS NULL OR r.mailed_at <= $1) LIMIT $2";
    SELECT_TEXTS_DUE -> UserId =
        "SELECT DISTINCT n.user_id FROM notifications_news n LEFT JOIN notifications_reader r ON r.user_id = n.user_id
         WHERE n.way = 'SMS' AND (r.texted_at IS NULL OR r.texted_at <= $1) LIMIT $2";
    SELECT_FIRST_NEWS -> Piece =
        "SELECT {columns} FROM notifications_news WHERE user_id = $1 AND way = $2 ORDER BY happened_at, event_id LIMIT $3";
    DELETE_NEWS = "DELETE FROM notifications_news WHERE user_id = $1 AND way = $2";
    SELECT_MAILED -> Reader =
        "SELECT {columns} FROM (
             SELECT id, username, email AS recipient FROM auth_user
             WHERE id = $1 AND status = 'ACTIVE' AND email IS NOT NULL AND email_verified_at IS NOT NULL
         ) u LEFT JOIN notifications_reader r ON r.user_id = u.id";
    SELECT_TEXTED -> Reader =
        "SELECT {columns} FROM (
             SELECT a.id, a.username, p.number AS recipient FROM auth_user a JOIN notifications_phone p ON p.user_id = a.id
             WHERE a.id = $1 AND a.status = 'ACTIVE' AND p.number IS NOT NULL
         ) u LEFT JOIN notifications_reader r ON r.user_id = u.id";
    SELECT_LANGUAGE -> Language = "SELECT language FROM notifications_reader WHERE user_id = $1";
    UPSERT_LANGUAGE =
        "INSERT INTO notifications_reader (user_id, language) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET language = excluded.language";
    UPSERT_MAILED =
        "INSERT INTO notifications_reader (user_id, language, mailed_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET mailed_at = excluded.mailed_at";
    UPSERT_TEXTED =
        "INSERT INTO notifications_reader (user_id, language, texted_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET texted_at = excluded.texted_at";
}

pub(crate) async fn insert_in_tx(tx: &Tx, news: Vec<(UserId, Way, Piece)>) -> Result<()> {
    let rows = news.into_iter().map(|(user_id, way, piece)| New { user_id, way, piece });
    tx.execute_rows(&INSERT_NEWS, rows).await.map(drop)
}

/// Those for whom there is news to go this way, and who got none since.
pub(crate) async fn due(on: &impl Executor, way: Way, last_before: WallTime, limit: u32) -> Result<Vec<UserId>> {
    let statement = if way == Way::Mail { &SELECT_MAILS_DUE } else { &SELECT_TEXTS_DUE };
    on.query_as(statement, params![last_before, limit]).await
}

/// The oldest first.
pub(crate) async fn first_in_tx(tx: &Tx, user: UserId, way: Way, limit: u32) -> Result<Vec<Piece>> {
    tx.query_as(&SELECT_FIRST_NEWS, params![user, way, limit]).await
}

/// How many there were.
pub(crate) async fn delete_in_tx(tx: &Tx, user: UserId, way: Way) -> Result<u64> {
    tx.execute(&DELETE_NEWS, params![user, way]).await
}

/// Whom messages to a person go to, if they may log in and showed that the address, or the number, is theirs.
pub(crate) async fn reader_in_tx(tx: &Tx, user: UserId, way: Way) -> Result<Option<Reader>> {
    tx.query_optional(if way == Way::Mail { &SELECT_MAILED } else { &SELECT_TEXTED }, params![user]).await
}

pub(crate) async fn language(on: &impl Executor, user: UserId) -> Result<Option<Language>> {
    on.query_optional(&SELECT_LANGUAGE, params![user]).await
}

pub(crate) async fn speak_in_tx(tx: &Tx, user: UserId, language: Language) -> Result<()> {
    tx.execute(&UPSERT_LANGUAGE, params![user, language]).await.map(drop)
}

/// They got something by this way just now.
pub(crate) async fn said_in_tx(tx: &Tx, user: UserId, way: Way, language: Language, now: WallTime) -> Result<()> {
    tx.execute(if way == Way::Mail { &UPSERT_MAILED } else { &UPSERT_TEXTED }, params![user, language, now])
        .await
        .map(drop)
}
