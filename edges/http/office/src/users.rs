//! `/api/admin/users`: finding people, making staff, letting in and keeping out.

use crate::App;
use crate::role::read_role;
use crate::wire::office::{AdministeredUserPage, AdministeredUserReply, CreateStaffBody, CreatedStaffReply};
use crate::wire::schema::UserParameters;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::approval::ApprovalReply;
use http_core::wire::schema::{PageParameters, UserIdText};
use identity::{IdentityError, NewStaff, Password, UserFilter, UserStatus};
use ids::UserId;
use std::sync::Arc;

/// As long as a username can be.
const PREFIX_CHARACTERS_MAX: usize = 64;

/// People, in the order in which they came.
#[utoipa::path(
    get,
    path = "/api/admin/users",
    tag = "office",
    operation_id = "list_users",
    params(UserParameters, PageParameters),
    responses((
        status = 200, description = "A page of people",
        content((AdministeredUserPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, parameters: Parameters, wanted: Wanted) -> Outcome<Response> {
    let page = Page::<UserId>::read(&parameters)?;
    let users = app.identity.users(&read_filter(&parameters)?, page.after, page.rows()).await?;
    Ok(page.answer(wanted, users, |user| user.id, AdministeredUserReply::from))
}

/// One person.
#[utoipa::path(
    get,
    path = "/api/admin/users/{id}",
    tag = "office",
    operation_id = "get_user",
    params(("id" = UserIdText, Path)),
    responses((status = 200, description = "The person", body = AdministeredUserReply)),
)]
pub(crate) async fn get(State(app): State<Arc<App>>, PathId(id): PathId<UserId>) -> Outcome<Response> {
    let user = app.identity.user(id).await?.ok_or(IdentityError::UnknownUser)?;
    Ok(json(StatusCode::OK, &AdministeredUserReply::from(user)))
}

/// Makes somebody who works for the bank, and asks for them to be let in: they are disabled until a second administrator
/// approves. Nobody decides, for 30 days and as long as the password from here is used, what whom they made asks for.
#[utoipa::path(
    post,
    path = "/api/admin/users",
    tag = "office",
    operation_id = "create_staff",
    request_body = CreateStaffBody,
    responses((
        status = 202,
        description = "Made, and waits for a second administrator; a password that was made up is told this once",
        body = CreatedStaffReply,
    )),
)]
pub(crate) async fn create(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let CreateStaffBody { username, password, role } = body.read()?;
    let role = read_role(&role).map_err(|reason| Problem::invalid("role", reason))?;
    let new = NewStaff { username, password: password.map(Password::new), role };
    let act = caller.identity.does(app.now());
    let created = app.identity.request_staff(&app.approvals, new, caller.user_id(), act).await?;
    Ok(json(StatusCode::ACCEPTED, &CreatedStaffReply::from(created)))
}

/// Keeps somebody out at once, and ends all their sessions. Of the administrators two are left.
#[utoipa::path(
    post,
    path = "/api/admin/users/{id}/disable",
    tag = "office",
    operation_id = "disable_user",
    params(("id" = UserIdText, Path)),
    responses((status = 200, description = "Disabled", body = AdministeredUserReply)),
)]
pub(crate) async fn disable(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Outcome<Response> {
    let user = app.identity.disable(id, caller.identity.does(app.now())).await?;
    Ok(json(StatusCode::OK, &AdministeredUserReply::from(user)))
}

/// Lets somebody in again: a customer at once, a member of staff when a second administrator approves.
#[utoipa::path(
    post,
    path = "/api/admin/users/{id}/enable",
    tag = "office",
    operation_id = "enable_user",
    params(("id" = UserIdText, Path)),
    responses(
        (status = 200, description = "Enabled", body = AdministeredUserReply),
        (status = 202, description = "It waits for a second administrator", body = ApprovalReply),
    ),
)]
pub(crate) async fn enable(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Outcome<Response> {
    match app.identity.enable(id, caller.identity.does(app.now())).await {
        Ok(user) => Ok(json(StatusCode::OK, &AdministeredUserReply::from(user))),
        Err(IdentityError::NeedsTwoPeople) => crate::approvals::enable_staff(&app, &caller, id).await,
        Err(error) => Err(error.into()),
    }
}

/// Logs somebody out everywhere.
#[utoipa::path(
    delete,
    path = "/api/admin/users/{id}/sessions",
    tag = "office",
    operation_id = "end_sessions",
    params(("id" = UserIdText, Path)),
    responses((status = 204, description = "Logged out everywhere")),
)]
pub(crate) async fn end_sessions(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Outcome<Response> {
    app.identity.end_sessions(id, caller.identity.does(app.now())).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn read_filter(parameters: &Parameters) -> Outcome<UserFilter> {
    let status = |text: &str| UserStatus::parse(text).ok_or("must be ACTIVE or DISABLED");
    let prefix = |text: &str| match text.chars().count() {
        1..=PREFIX_CHARACTERS_MAX if !text.chars().any(char::is_control) => Ok(text.to_owned()),
        _ => Err("must be 1 to 64 characters that a username begins with"),
    };
    Ok(UserFilter {
        role: parameters.read("role", read_role)?,
        status: parameters.read("status", status)?,
        username_prefix: parameters.read("username", prefix)?,
    })
}
