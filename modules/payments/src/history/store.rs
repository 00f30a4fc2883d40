//! The imports' SQL: which rows have been booked before.

use db::{Executor, Result, Value, columns, params, statements};
use ids::TransactionId;
use std::collections::HashMap;

columns! {
    pub(super) struct Imported {
        pub(super) external_id: String,
        pub(super) fingerprint: Vec<u8>,
        pub(super) transaction: TransactionId = transaction_id,
    }
}

statements! {
    SELECT_IMPORTED -> (String, Vec<u8>) = "SELECT external_id, fingerprint FROM payments_imported WHERE external_id = ANY($1)";
    INSERT_IMPORTED(Imported) = "INSERT INTO payments_imported ({columns}) VALUES ({values})";
}

/// Those of the external ids that are booked, with the fingerprints of their rows.
pub(super) async fn imported<'a>(
    on: &impl Executor,
    external_ids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, Vec<u8>>> {
    Ok(on.query_as(&SELECT_IMPORTED, params![Value::list(external_ids)]).await?.into_iter().collect())
}
