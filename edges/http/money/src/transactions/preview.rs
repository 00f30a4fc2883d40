//! What would become of a transfer, before it is ordered.

use super::addresses;
use crate::App;
use crate::wire::order::TransferBody;
use crate::wire::recipient::{Arrival, PreviewReply};
use crate::wire::transaction::balance_after;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::problem::Outcome;
use http_core::reply::json;
use http_core::wire::Text;
use http_core::wire::text::Decimal;
use payments::Preview;
use std::sync::Arc;

/// What would become of a transfer: its fee, what is left, and whether a fresh proof would be asked for.
///
/// It is decided as the transfer itself would be, and refused with the same codes; nothing moves, and nothing is counted or
/// kept. A fresh proof that is missing is no refusal here but a part of the answer.
#[utoipa::path(
    post,
    path = "/api/transactions/transfer/preview",
    tag = "transactions",
    operation_id = "preview_transfer",
    request_body = TransferBody<'_>,
    responses((status = 200, description = "It would be made", body = PreviewReply)),
)]
pub(crate) async fn preview(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let mut body = body.read::<TransferBody<'_>>()?;
    addresses::resolve(&app, &mut body).await?;
    let order = body.read()?;
    let Preview { outcome, proof, is_new_payee } = app.payments.preview(&caller.identity, order, app.now()).await?;
    let transaction = outcome.map_err(|refusal| super::submission::refused(&refusal, &caller))?;
    let currency = transaction.money.currency();
    let reply = PreviewReply {
        amount: Decimal(transaction.money),
        currency: Text(currency),
        fee: Decimal::of(0, currency),
        arrival: Arrival::AtOnce,
        balance_after: balance_after(&transaction.source, currency, &caller),
        step_up: proof.map(factors::ProofReason::word),
        is_new_payee,
    };
    Ok(json(StatusCode::OK, &reply))
}
