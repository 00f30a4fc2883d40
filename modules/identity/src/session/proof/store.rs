//! What a step-up changes in the rows of `auth_session`.

use crate::session::Session;
use db::{Executor as _, Result, Tx, params, statements};
use ids::SessionId;

statements! {
    SET_SESSION_PROOF =
        "UPDATE auth_session SET proved_at = $2, proved_with = $3, step_up_failures = 0 WHERE id = $1";
    COUNT_STEP_UP_FAILURE -> i64 =
        "UPDATE auth_session SET step_up_failures = step_up_failures + 1 WHERE id = $1
         RETURNING step_up_failures";
}

pub(super) async fn set_proof_in_tx(tx: &Tx, session: &Session) -> Result<()> {
    tx.execute(&SET_SESSION_PROOF, params![session.id, session.proof.at, session.proof.factors]).await.map(drop)
}

/// How many there are now.
pub(super) async fn count_failure_in_tx(tx: &Tx, id: SessionId) -> Result<i64> {
    tx.query_one(&COUNT_STEP_UP_FAILURE, params![id]).await
}
