//! The rows of `auth_passkey_ceremony`.

use super::{Ceremony, Kind};
use db::{Executor as _, Result, Tx, WallTime, columns, fields, params, statements};
use ids::CeremonyId;

fields! {
    Text: Kind, Kind::parse, |kind| kind.word();
}

columns! {
    Ceremony { id, kind, user_id, state, expires_at }
}

statements! {
    INSERT_CEREMONY(Ceremony) = "INSERT INTO auth_passkey_ceremony ({columns}) VALUES ({values})";
    /// Identifiers are ordered by time: what is older than the newest ten thousand goes, and whoever floods this drives
    /// out questions that are seconds old at the least.
    DELETE_OLDER_CEREMONIES =
        "DELETE FROM auth_passkey_ceremony WHERE expires_at <= $1 OR id <= (
             SELECT id FROM auth_passkey_ceremony ORDER BY id DESC LIMIT 1 OFFSET 10000)";
    TAKE_CEREMONY -> Ceremony = "DELETE FROM auth_passkey_ceremony WHERE id = $1 RETURNING {columns}";
}

/// Keeps the number of open ones bounded.
pub(in crate::passkey) async fn insert_in_tx(tx: &Tx, ceremony: &Ceremony, now: WallTime) -> Result<()> {
    tx.execute(&DELETE_OLDER_CEREMONIES, params![now]).await?;
    tx.execute_rows(&INSERT_CEREMONY, [ceremony.clone()]).await.map(drop)
}

/// Whoever comes second finds none.
pub(in crate::passkey) async fn take_in_tx(tx: &Tx, id: CeremonyId) -> Result<Option<Ceremony>> {
    tx.query_optional(&TAKE_CEREMONY, params![id]).await
}
