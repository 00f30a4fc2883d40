//! The rows of `notifications_news` and `notifications_reader`.

use super::{Language, Piece};
use db::{Executor, Result, Tx, WallTime, columns, fields, params, statements};
use ids::UserId;

fields! {
    Text: Language, Language::parse, |language| language.word();
}

columns! {
    Piece { event_id, kind, amount, currency, happened_at }
    struct New { user_id: UserId, piece: Piece = "*" }
    /// Whom a mail goes to.
    pub(crate) struct Reader {
        pub(crate) username: String = "u.username",
        pub(crate) email: String = "u.email",
        pub(crate) language: Option<Language> = "r.language",
    }
}

statements! {
    INSERT_NEWS(New) =
        "INSERT INTO notifications_news ({columns}) VALUES ({values}) ON CONFLICT (user_id, event_id) DO NOTHING";
    SELECT_READERS_DUE -> UserId =
        "SELECT DISTINCT n.user_id FROM notifications_news n LEFT JOIN notifications_reader r ON r.user_id = n.user_id
         WHERE r.mailed_at IS NULL OR r.mailed_at <= $1 LIMIT $2";
    SELECT_FIRST_NEWS -> Piece =
        "SELECT {columns} FROM notifications_news WHERE user_id = $1 ORDER BY happened_at, event_id LIMIT $2";
    DELETE_NEWS = "DELETE FROM notifications_news WHERE user_id = $1";
    SELECT_READER -> Reader =
        "SELECT {columns} FROM auth_user u LEFT JOIN notifications_reader r ON r.user_id = u.id
         WHERE u.id = $1 AND u.status = 'ACTIVE' AND u.email IS NOT NULL AND u.email_verified_at IS NOT NULL";
    SELECT_LANGUAGE -> Language = "SELECT language FROM notifications_reader WHERE user_id = $1";
    UPSERT_LANGUAGE =
        "INSERT INTO notifications_reader (user_id, language) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET language = excluded.language";
    UPSERT_MAILED =
        "INSERT INTO notifications_reader (user_id, language, mailed_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET mailed_at = excluded.mailed_at";
}

pub(crate) async fn insert_in_tx(tx: &Tx, news: Vec<(UserId, Piece)>) -> Result<()> {
    tx.execute_rows(&INSERT_NEWS, news.into_iter().map(|(user_id, piece)| New { user_id, piece })).await.map(drop)
}

/// Those for whom there is news, and who were mailed none since.
pub(crate) async fn due(on: &impl Executor, mailed_before: WallTime, limit: u32) -> Result<Vec<UserId>> {
    on.query_as(&SELECT_READERS_DUE, params![mailed_before, limit]).await
}

/// The oldest first.
pub(crate) async fn first_in_tx(tx: &Tx, user: UserId, limit: u32) -> Result<Vec<Piece>> {
    tx.query_as(&SELECT_FIRST_NEWS, params![user, limit]).await
}

/// How many there were.
pub(crate) async fn delete_in_tx(tx: &Tx, user: UserId) -> Result<u64> {
    tx.execute(&DELETE_NEWS, params![user]).await
}

/// Whom mails to a person go to, if they may log in and showed that the address is theirs.
pub(crate) async fn reader_in_tx(tx: &Tx, user: UserId) -> Result<Option<Reader>> {
    tx.query_optional(&SELECT_READER, params![user]).await
}

pub(crate) async fn language(on: &impl Executor, user: UserId) -> Result<Option<Language>> {
    on.query_optional(&SELECT_LANGUAGE, params![user]).await
}

pub(crate) async fn speak_in_tx(tx: &Tx, user: UserId, language: Language) -> Result<()> {
    tx.execute(&UPSERT_LANGUAGE, params![user, language]).await.map(drop)
}

pub(crate) async fn mailed_in_tx(tx: &Tx, user: UserId, language: Language, now: WallTime) -> Result<()> {
    tx.execute(&UPSERT_MAILED, params![user, language, now]).await.map(drop)
}
