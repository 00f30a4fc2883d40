//! `/api/audit/checkpoint`, `key`, `consistency` and `tile`: the heads of the log, and the hashes below them.

use crate::App;
use crate::wire::{ConsistencyReply, KeysReply, base64};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use http_core::ErrorCode;
use http_core::parameters::Parameters;
use http_core::problem::{Outcome, Problem};
use http_core::reply::{cacheable, json};
use merkle::TileId;
use std::sync::Arc;

/// The newest signed head of the audit log: a note of C2SP tlog-checkpoint. Keep some: the log cannot be rewritten behind you.
#[utoipa::path(
    get,
    path = "/api/audit/checkpoint",
    tag = "audit",
    operation_id = "get_checkpoint",
    responses((status = 200, description = "The note", body = String, content_type = "text/plain")),
)]
pub(crate) async fn checkpoint(State(app): State<Arc<App>>) -> Outcome<Response> {
    let head = app.audit.checkpoint().await?;
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "max-age=1")];
    Ok(cacheable((headers, head.note)))
}

/// The keys that sign heads, the newest first, as C2SP signed-note has them. Who checks compares them with what was published
/// elsewhere.
#[utoipa::path(
    get,
    path = "/api/audit/key",
    tag = "audit",
    operation_id = "list_audit_keys",
    responses((status = 200, description = "The keys", body = KeysReply)),
)]
pub(crate) async fn keys(State(app): State<Arc<App>>) -> Outcome<Response> {
    Ok(json(StatusCode::OK, &KeysReply::from(app.audit.keys().await?)))
}

/// The proof that the log of the second size began as that of the first (RFC 9162, 2.1.4).
#[utoipa::path(
    get,
    path = "/api/audit/consistency",
    tag = "audit",
    operation_id = "get_consistency",
    params(
        ("first" = u64, Query, minimum = 1, description = "The size of the earlier head"),
        ("second" = u64, Query, minimum = 1, description = "The size of the later head"),
    ),
    responses((status = 200, description = "The proof", body = ConsistencyReply)),
)]
pub(crate) async fn consistency(State(app): State<Arc<App>>, parameters: Parameters) -> Outcome<Response> {
    let read = |name: &'static str| -> Outcome<u64> {
        let number = parameters.read(name, |text| text.parse().map_err(|_| "must be a whole number"))?;
        number.ok_or_else(|| Problem::invalid(name, "is missing"))
    };
    let (first, second) = (read("first")?, read("second")?);
    let proof = app.audit.consistency(first, second).await?;
    let proof = proof.iter().map(base64).collect();
    Ok(json(StatusCode::OK, &ConsistencyReply { first, second, proof }))
}

/// Hashes of the tree in rows of 256 (C2SP tlog-tiles), 32 bytes each: `LEVEL/INDEX`, or `LEVEL/INDEX.p/WIDTH` while there are
/// fewer; indexes from 1,000 on are written `x001/234`.
#[utoipa::path(
    get,
    path = "/api/audit/tile/{*path}",
    tag = "audit",
    operation_id = "get_tile",
    params(("*path" = String, Path, description = "Which tile: `0/000.p/17`")),
    responses((status = 200, description = "The hashes", body = Vec<u8>, content_type = "application/octet-stream")),
)]
pub(crate) async fn tile(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Outcome<Response> {
    let missing = || Problem::new(ErrorCode::NotFound, "There is no such tile");
    let Path(path) = path.map_err(|_| missing())?;
    let (id, width) = TileId::parse(&path).ok_or_else(missing)?;
    let hashes = app.audit.tile(id, width).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], hashes.concat()).into_response())
}
