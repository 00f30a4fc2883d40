//! Proofs that something is in the log. Staff that checks gets them with what was logged; whoever is concerned gets the entry,
//! which says what happened to what, when, and has a hash of the rest: that tells of others, too.

use crate::App;
use crate::wire::ProofReply;
use ::audit::Proof;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use http_core::ErrorCode;
use http_core::caller::Caller;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::{Outcome, Problem};
use http_core::problems::transaction_not_found;
use http_core::reply::json;
use http_core::route::Who;
use http_core::wire::schema::TransactionIdText;
use ids::{EventId, TransactionId};
use payments::TransactionStatus;
use std::sync::Arc;

/// That an event is in the log. With `Accept: text/plain` as C2SP tlog-proof.
///
/// Auditors and administrators get it of every event, everybody of what they did themselves.
#[utoipa::path(
    get,
    path = "/api/audit/events/{id}/proof",
    tag = "audit",
    operation_id = "prove_event",
    params(
        ("id" = String, Path, description = "The event", pattern = "^evt_[0-9a-z]{26}$"),
        ("size" = Option<u64>, Query, minimum = 1, description = "As of the checkpoint of this size; absent: the newest"),
    ),
    responses((status = 200, description = "The proof", body = ProofReply)),
)]
pub(crate) async fn of_event(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<EventId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Outcome<Response> {
    let size = parameters.read("size", |text| text.parse().map_err(|_| "must be a whole number"))?;
    let may_see = checks(&caller) || app.audit.is_of(id, caller.user_id()).await?;
    if !may_see {
        return Err(Problem::new(ErrorCode::NotFound, "Event not found").with("eventId", id.to_string()));
    }
    let proof = app.audit.proof_of_event(id, size).await?;
    Ok(reply(&headers, &caller, proof))
}

/// That the settlement of a transaction is in the log. With `Accept: text/plain` as C2SP tlog-proof.
///
/// Its parties get the entry; what it has a hash of names balances of both sides, and is shown to auditors and administrators.
#[utoipa::path(
    get,
    path = "/api/transactions/{id}/proof",
    tag = "audit",
    operation_id = "prove_transaction",
    params(("id" = TransactionIdText, Path)),
    responses((status = 200, description = "The proof", body = ProofReply)),
)]
pub(crate) async fn of_transaction(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<TransactionId>,
    headers: HeaderMap,
) -> Outcome<Response> {
    let found = app.payments.transaction(id).await?.ok_or_else(|| transaction_not_found(id))?;
    if !caller.sees_all() && !found.concerns(caller.user_id()) {
        return Err(transaction_not_found(id));
    }
    if matches!(found.status, TransactionStatus::Pending | TransactionStatus::Cancelled) {
        let message = format!("The transaction is {}: no money has moved", found.status.word());
        return Err(Problem::new(ErrorCode::InvalidStatus, message).with("status", found.status.word()));
    }
    if found.is_imported() {
        let message = "The transaction was taken over from elsewhere: nothing here settled it";
        return Err(Problem::new(ErrorCode::InvalidStatus, message).with("status", found.status.word()));
    }
    let proof = app.audit.proof_of_transaction(id).await?;
    Ok(reply(&headers, &caller, proof))
}

/// Whether it is their work to see everything that was logged.
fn checks(caller: &Caller) -> bool {
    caller.sees_all() && Who::Auditors.roles().contains(&caller.identity.role)
}

fn reply(headers: &HeaderMap, caller: &Caller, proof: Proof) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.trim_start().starts_with("text/plain")) {
        let text = merkle::proof_text(proof.index, &proof.proof, &proof.checkpoint);
        return ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response();
    }
    let disclosed = proof.disclosed.clone().filter(|_| checks(caller));
    json(StatusCode::OK, &ProofReply::from(Proof { disclosed, ..proof }))
}
