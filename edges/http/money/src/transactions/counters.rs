//! What undoes a settled transaction: refunds by its receiver, in parts, or one reversal by the bank.

use super::submission::Submission;
use super::{AmountBody, read_part};
use crate::App;
use crate::wire::transaction::TransactionReply;
use axum::extract::State;
use axum::response::Response;
use http_core::body::OptionalJsonBody;
use http_core::caller::Caller;
use http_core::fingerprint::Fingerprint;
use http_core::idempotency_header::IdempotencyHeader;
use http_core::path::PathId;
use http_core::problem::Outcome;
use http_core::wire::empty::EmptyBody;
use http_core::wire::schema::TransactionIdText;
use ids::TransactionId;
use payments::Command;
use std::sync::Arc;

/// Gives money of a settled transaction back: a part, or without an amount all that is left.
///
/// A payment can be refunded many times, until everything that was paid (of a hold: captured) went back. The payment shows
/// the sum as `refundedAmount`; the refunds are found by `originalTransactionId`.
#[utoipa::path(
    post,
    path = "/api/transactions/{id}/refund",
    tag = "transactions",
    params(("id" = TransactionIdText, Path)),
    request_body = Option<AmountBody<'_>>,
    responses((status = 201, description = "Done", body = TransactionReply<'_>)),
)]
pub(crate) async fn refund(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    PathId(transaction): PathId<TransactionId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    let money = read_part(&app, &caller, transaction, body.read::<AmountBody<'_>>()?).await?;
    let fingerprint =
        Fingerprint::default().text(Some(&transaction.to_string())).number(money.map(money::Money::minor));
    let submission = Submission { caller, key, fingerprint };
    submission.submit(&app, Command::Refund { transaction, money }).await
}

/// Undoes a settled transaction as a whole, once, if nothing of it was refunded.
#[utoipa::path(
    post,
    path = "/api/transactions/{id}/reverse",
    tag = "transactions",
    params(("id" = TransactionIdText, Path)),
    request_body = Option<EmptyBody>,
    responses((status = 201, description = "Done", body = TransactionReply<'_>)),
)]
pub(crate) async fn reverse(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    PathId(transaction): PathId<TransactionId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    let fingerprint = Fingerprint::default().text(Some(&transaction.to_string()));
    let submission = Submission { caller, key, fingerprint };
    submission.submit(&app, Command::Reverse { transaction }).await
}
