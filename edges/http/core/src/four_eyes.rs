//! Asking for what takes two people: the same from every room.

use crate::caller::Caller;
use crate::idempotency_header::IDEMPOTENT_REPLAYED;
use crate::problem::{Outcome, Problem};
use crate::reply::json;
use crate::wire::approval::ApprovalReply;
use approvals::{Action, Approvals, NewRequest, Requested};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use db::WallTime;
use ids::IdempotencyKey;

/// Asks, and answers with what waits now: 202, whether it is new or was asked for before.
///
/// # Errors
/// It may not be asked for.
pub async fn ask<A>(
    approvals: &Approvals,
    caller: &Caller,
    action: A,
    key: Option<IdempotencyKey>,
    now: WallTime,
) -> Outcome<Response>
where
    A: Action,
    Problem: From<A::Error>,
{
    let new = NewRequest { action, by: caller.user_id(), key };
    let requested = approvals.request(new, caller.identity.does(now)).await?;
    let (approval, is_replayed) = match requested {
        Requested::New(approval) | Requested::Waiting(approval) => (approval, false),
        Requested::Replayed(approval) => (approval, true),
    };
    let mut response = json(StatusCode::ACCEPTED, &ApprovalReply::from(approval));
    if is_replayed {
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}
