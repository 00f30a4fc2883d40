//! Holds: money set aside, then captured in whole or in part, or released.

use super::submission::Submission;
use super::{AmountBody, addresses, read_part};
use crate::App;
use crate::wire::order::HoldBody;
use crate::wire::transaction::TransactionReply;
use axum::extract::State;
use axum::response::Response;
use http_core::body::{JsonBody, OptionalJsonBody};
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

/// Sets money aside.
///
/// A hold is no promise to the payee: until it is captured, either side can release it at any time, and it expires.
#[utoipa::path(
    post,
    path = "/api/transactions/hold",
    tag = "transactions",
    request_body = HoldBody<'_>,
    responses((status = 201, description = "Pending: the money is set aside", body = TransactionReply<'_>)),
)]
pub(crate) async fn hold(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: JsonBody,
) -> Outcome<Response> {
    let mut body = body.read::<HoldBody<'_>>()?;
    addresses::resolve(&app, &mut body).await?;
    let (order, length) = body.read()?;
    let fingerprint = Fingerprint::default().order(&order).number(Some(length.seconds()));
    let submission = Submission { caller, key, fingerprint };
    submission.submit(&app, Command::Hold { order, length }).await
}

/// Takes held money, all of it or a part, once: the rest goes back to the payer at once.
///
/// What was taken is `capturedAmount`; of a part, `statusReason` is `PARTIALLY_CAPTURED`.
#[utoipa::path(
    post,
    path = "/api/transactions/{id}/capture",
    tag = "transactions",
    params(("id" = TransactionIdText, Path)),
    request_body = Option<AmountBody<'_>>,
    responses((status = 201, description = "Done", body = TransactionReply<'_>)),
)]
pub(crate) async fn capture(
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
    submission.submit(&app, Command::Capture { transaction, money }).await
}

/// Gives held money back: the payer or the payee, at any time before it is captured.
#[utoipa::path(
    post,
    path = "/api/transactions/{id}/release",
    tag = "transactions",
    params(("id" = TransactionIdText, Path)),
    request_body = Option<EmptyBody>,
    responses((status = 201, description = "Done", body = TransactionReply<'_>)),
)]
pub(crate) async fn release(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    PathId(transaction): PathId<TransactionId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    let fingerprint = Fingerprint::default().text(Some(&transaction.to_string()));
    let submission = Submission { caller, key, fingerprint };
    submission.submit(&app, Command::Release { transaction }).await
}
