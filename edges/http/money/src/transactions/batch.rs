//! `POST /api/transactions/batch`: up to 1,000 transfers in one request, all or none, or each on its own.

use super::addresses;
use super::submission::BatchReply;
use super::submission::{Shape, Submission};
use crate::App;
use crate::wire::order::TransferBody;
use axum::extract::State;
use axum::response::Response;
use http_core::body::{BATCH_BYTES_MAX, JsonBody};
use http_core::caller::Caller;
use http_core::fingerprint::Fingerprint;
use http_core::idempotency_header::IdempotencyHeader;
use http_core::problem::{Outcome, Problem};
use http_core::wire::Object;
use payments::Command;
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;
use utoipa::ToSchema;

const TRANSFERS_MAX: usize = 1_000;

/// Transfers in one request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Batch)]
pub(crate) struct BatchBody<'a> {
    /// `ATOMIC`: all or none. `INDEPENDENT`: each on its own.
    #[serde(borrow)]
    #[schema(value_type = crate::wire::schema::BatchModeWord)]
    mode: Cow<'a, str>,
    /// 1 to 1,000 transfers, done in this order.
    #[serde(borrow)]
    #[schema(value_type = Vec<TransferBody<'a>>, min_items = 1, max_items = 1000)]
    transfers: Vec<Object<TransferBody<'a>>>,
}

/// Moves money many times.
#[utoipa::path(
    post,
    path = "/api/transactions/batch",
    tag = "transactions",
    request_body = BatchBody<'_>,
    responses(
        (status = 200, description = "INDEPENDENT: what became of each", body = BatchReply<'_>),
        (status = 201, description = "ATOMIC: all settled", body = BatchReply<'_>),
    ),
)]
pub(crate) async fn batch(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: JsonBody<BATCH_BYTES_MAX>,
) -> Outcome<Response> {
    let BatchBody { mode, transfers } = body.read()?;
    let shape = match &*mode {
        "ATOMIC" => Shape::Atomic,
        "INDEPENDENT" => Shape::Independent,
        _ => return Err(Problem::invalid("mode", "must be ATOMIC or INDEPENDENT")),
    };
    if !(1..=TRANSFERS_MAX).contains(&transfers.len()) {
        return Err(Problem::invalid("transfers", format!("must have 1 to {TRANSFERS_MAX} elements")));
    }
    let mut transfers: Vec<TransferBody<'_>> = transfers.into_iter().map(|Object(transfer)| transfer).collect();
    let resolved = addresses::resolve_all(&app, &mut transfers).await;
    resolved.map_err(|(index, problem)| problem.at("transfers", index))?;
    let mut fingerprint = Fingerprint::default().text(Some(&mode));
    let mut commands = Vec::with_capacity(transfers.len());
    for (index, transfer) in transfers.into_iter().enumerate() {
        let order = transfer.read().map_err(|problem| problem.at("transfers", index))?;
        fingerprint = fingerprint.order(&order);
        commands.push(Command::Transfer(order));
    }
    Submission { caller, key, fingerprint }.submit_all(&app, commands, shape).await
}
