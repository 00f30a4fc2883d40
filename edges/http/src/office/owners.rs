//! `/api/admin/accounts`: accounts that were imported without an owner find theirs.

use crate::App;
use crate::body::JsonBody;
use crate::caller::Caller;
use crate::path::PathId;
use crate::problem::{Outcome, Problem};
use crate::reply::json;
use crate::wire::account::AccountReply;
use crate::wire::office::AssignOwnerBody;
use crate::wire::schema::AccountIdText;
use ::auth::{AuthError, UserStatus};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use ids::{AccountId, UserId};
use std::sync::Arc;
use store::Timestamp;

/// Gives an account that belongs to nobody to its owner, once.
#[utoipa::path(
    put,
    path = "/api/admin/accounts/{id}/owner",
    tag = "office",
    operation_id = "assign_owner",
    params(("id" = AccountIdText, Path)),
    request_body = AssignOwnerBody,
    responses((status = 200, description = "The account with its owner", body = AccountReply)),
)]
pub(crate) async fn assign(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
    body: JsonBody,
) -> Outcome<Response> {
    let AssignOwnerBody { user_id } = body.read()?;
    let owner = UserId::parse(&user_id).map_err(|error| Problem::invalid("userId", error.to_string()))?;
    let user = app.auth.user(owner).await?.ok_or(AuthError::UnknownUser)?;
    if user.status != UserStatus::Active {
        return Err(Problem::invalid("userId", "is a user who is disabled"));
    }
    let account = app.payments.assign_owner(id, owner, caller.identity.does(Timestamp::now())).await?;
    Ok(json(StatusCode::OK, &AccountReply::from(account)))
}
