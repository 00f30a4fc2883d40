//! The rows of `auth_passkey_ceremony`.

use super::{Ceremony, Kind};
use db::{DbError, Executor as _, FromRow, Result, Row, Tx, WallTime, params, statements};
use ids::{CeremonyId, UserId};

statements! {
    INSERT_CEREMONY =
        "INSERT INTO auth_passkey_ceremony (id, kind, user_id, state, expires_at)
         VALUES ($1, $2, $3, $4, $5)";
    /// Identifiers are ordered by time: what is older than the newest ten thousand goes, and whoever floods this drives
    /// out questions that are seconds old at the least.
    DELETE_OLDER_CEREMONIES =
        "DELETE FROM auth_passkey_ceremony WHERE expires_at <= $1 OR id <= (
             SELECT id FROM auth_passkey_ceremony ORDER BY id DESC LIMIT 1 OFFSET 10000)";
    TAKE_CEREMONY =
        "DELETE FROM auth_passkey_ceremony WHERE id = $1 RETURNING id, kind, user_id, state, expires_at";
}

/// Keeps the number of open ones bounded.
pub(in crate::passkey) async fn insert_in_tx(tx: &Tx, ceremony: &Ceremony, now: WallTime) -> Result<()> {
    tx.execute(&DELETE_OLDER_CEREMONIES, params![now]).await?;
    let Ceremony { id, kind, user_id, expires_at, .. } = *ceremony;
    let row = params![id, kind.word(), user_id, ceremony.state.as_str(), expires_at];
    tx.execute(&INSERT_CEREMONY, row).await.map(drop)
}

/// Whoever comes second finds none.
pub(in crate::passkey) async fn take_in_tx(tx: &Tx, id: CeremonyId) -> Result<Option<Ceremony>> {
    tx.query_optional(&TAKE_CEREMONY, params![id]).await
}

impl FromRow for Ceremony {
    fn from_row(row: &Row) -> Result<Self> {
        let damaged = || DbError::Internal("auth_passkey_ceremony has an unknown kind".to_owned());
        Ok(Self {
            id: CeremonyId::from_uuid(row.get(0)?),
            kind: Kind::parse(&row.get::<String>(1)?).ok_or_else(damaged)?,
            user_id: row.get::<Option<uuid::Uuid>>(2)?.map(UserId::from_uuid),
            state: row.get(3)?,
            expires_at: row.get(4)?,
        })
    }
}
