//! `/api/transactions`: moving money, and what was moved. Each kind of request has its file; all go through
//! `submission.rs` to the poster.

pub(crate) mod addresses;
pub(crate) mod batch;
pub(crate) mod counters;
pub(crate) mod holds;
pub(crate) mod kept;
pub(crate) mod lists;
pub(crate) mod preview;
mod replay;
pub(crate) mod submission;

pub(crate) use addresses::number_not_found;

use crate::App;
use crate::sight::visible_transaction;
use crate::wire::order::{TransactionBody, TransferBody};
use crate::wire::transaction::TransactionReply;
use axum::extract::State;
use axum::response::Response;
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::fingerprint::Fingerprint;
use http_core::idempotency_header::IdempotencyHeader;
use http_core::problem::Outcome;
use http_core::wire::amount::read_amount;
use ids::TransactionId;
use money::Money;
use payments::{Command, Order};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use submission::Submission;
use utoipa::ToSchema;

/// Moves money between two accounts.
#[utoipa::path(
    post,
    path = "/api/transactions/transfer",
    tag = "transactions",
    request_body = TransferBody<'_>,
    responses((status = 201, description = "Settled", body = TransactionReply<'_>)),
)]
pub(crate) async fn transfer(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: JsonBody,
) -> Outcome<Response> {
    let mut body = body.read::<TransferBody<'_>>()?;
    addresses::resolve(&app, &mut body).await?;
    let order = body.read()?;
    let submission = submission(caller, key, &order);
    submission.submit(&app, Command::Transfer(order)).await
}

/// Moves money in the way that the type says.
///
/// Deposits and withdrawals are there in sandbox mode, of at most 100,000,000,000 minor units each (1,000,000,000.00 of a
/// currency with cents).
#[utoipa::path(
    post,
    path = "/api/transactions",
    tag = "transactions",
    operation_id = "create_transaction",
    request_body = TransactionBody<'_>,
    responses((status = 201, description = "Settled", body = TransactionReply<'_>)),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: JsonBody,
) -> Outcome<Response> {
    let mut body = body.read::<TransactionBody<'_>>()?;
    addresses::resolve(&app, &mut body).await?;
    let order = body.read()?;
    submission(caller, key, &order).submit(&app, Command::Transfer(order)).await
}

fn submission(caller: Caller, key: IdempotencyHeader, order: &Order) -> Submission {
    Submission { caller, key, fingerprint: Fingerprint::default().order(order) }
}

/// How much of the transaction; absent: all of it that is left.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Part)]
pub(crate) struct AmountBody<'a> {
    #[serde(borrow)]
    #[schema(value_type = Option<http_core::wire::schema::Amount>)]
    amount: Option<&'a RawValue>,
}

/// Reads a part of a transaction's amount; the currency is the transaction's own.
async fn read_part(app: &App, caller: &Caller, id: TransactionId, body: AmountBody<'_>) -> Outcome<Option<Money>> {
    let Some(raw) = body.amount else { return Ok(None) };
    let currency = visible_transaction(app, caller, id).await?.money.currency();
    read_amount("amount", raw, currency).map(Some)
}
