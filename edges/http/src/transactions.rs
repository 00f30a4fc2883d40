//! `/api/transactions`: moving money, and what was moved. Each kind of request has its file; all go through
//! `submission.rs` to the poster.

pub(crate) mod submission;

use crate::body::JsonBody;
use crate::caller::Caller;
use crate::idempotency_header::IdempotencyHeader;
use crate::path::PathId;
use crate::problem::{Outcome, Problem};
use crate::problems::transaction_not_found;
use crate::reply::json;
use crate::wire::order::{TransactionBody, TransferBody};
use crate::wire::transaction::TransactionReply;
use crate::{App, ErrorCode, Mode};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use ids::TransactionId;
use payments::{Command, Order, TransactionType};
use std::sync::Arc;
use submission::{Fingerprint, Submission};

/// Moves money between two accounts.
pub(crate) async fn transfer(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: JsonBody,
) -> Outcome<Response> {
    let order = body.read::<TransferBody<'_>>()?.read()?;
    submit_order(&app, caller, &key, ("/api/transactions/transfer", order)).await
}

/// Moves money in the way that the type says.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: JsonBody,
) -> Outcome<Response> {
    let order = body.read::<TransactionBody<'_>>()?.read()?;
    let is_cash = matches!(order.kind, TransactionType::Deposit | TransactionType::Withdrawal);
    if is_cash && app.settings.mode != Mode::Sandbox {
        let message = "Cash is only paid in and out in sandbox mode";
        return Err(Problem::new(ErrorCode::SandboxOnly, message));
    }
    submit_order(&app, caller, &key, ("/api/transactions", order)).await
}

async fn submit_order(
    app: &App,
    caller: Caller,
    key: &IdempotencyHeader,
    (route, order): (&'static str, Order),
) -> Outcome<Response> {
    let fingerprint = Fingerprint::default().order(&order);
    Submission { caller, route, fingerprint }.submit(app, key, Command::Transfer(order)).await
}

/// One transaction of the caller's.
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<TransactionId>,
) -> Outcome<Response> {
    let transaction = visible(&app, &caller, id).await?;
    Ok(json(StatusCode::OK, &TransactionReply::new(&transaction, &caller)))
}

/// The transaction, if the caller is on one of its sides or an administrator.
pub(crate) async fn visible(app: &App, caller: &Caller, id: TransactionId) -> Outcome<payments::Transaction> {
    let found = app.payments.transaction(id).await?;
    let may_see = |transaction: &payments::Transaction| caller.is_admin() || transaction.concerns(caller.user_id());
    found.filter(may_see).ok_or_else(|| transaction_not_found(id))
}
