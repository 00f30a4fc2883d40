//! The imports' SQL: which rows have been booked before.

use db::{Executor, Result, Rows, Statement, Value, params, statements};
use ids::TransactionId;

statements! {
    SELECT_IMPORTED = "SELECT external_id, fingerprint FROM payments_imported WHERE external_id = ANY($1)";
    INSERT_IMPORTED(Text, Bytes, Id) =
        "INSERT INTO payments_imported (external_id, fingerprint, transaction_id) VALUES ($1, $2, $3)";
}

/// Those of the external ids that are booked, with the fingerprints of their rows.
pub(super) async fn imported<'a>(
    on: &impl Executor,
    external_ids: impl Iterator<Item = &'a str>,
) -> Result<Vec<(String, Vec<u8>)>> {
    let rows = on.query(&SELECT_IMPORTED, params![Value::list(external_ids)]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

pub(super) fn insert<'a>(
    imported: impl Iterator<Item = (&'a str, Vec<u8>, TransactionId)>,
) -> (&'static Statement, Rows) {
    let mut rows = Rows::new();
    for (external_id, fingerprint, transaction) in imported {
        rows.push([external_id.into(), fingerprint.into(), transaction.into()]);
    }
    (&INSERT_IMPORTED, rows)
}
