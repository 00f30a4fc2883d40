//! `/api/admin/approvals` and what leads there: one person of the bank asks, another decides.

use crate::App;
use crate::wire::action::{AdjustmentBody, DecisionBody, LinkBody, RoleBody};
use crate::wire::office::AssignOwnerBody;
use ::approvals::{ApprovalStatus, ApprovalsError, Decision};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use http_core::body::{JsonBody, OptionalJsonBody};
use http_core::caller::Caller;
use http_core::fingerprint::Fingerprint;
use http_core::four_eyes::ask;
use http_core::idempotency_header::IdempotencyHeader;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::amount::read_signed_amount;
use http_core::wire::approval::{ApprovalPage, ApprovalParameters, ApprovalReply};
use http_core::wire::named::{read_account, read_currency};
use http_core::wire::schema::{AccountIdText, ApprovalIdText, PageParameters, UserIdText};
use identity::{IdentityError, RoleChange, StaffEnabling};
use ids::{AccountId, ApprovalId, IdempotencyKey, UserId};
use payments::{Adjustment, OwnerAssignment};
use programs::{IdentityLink, Subject};
use std::sync::Arc;

const REASON_CHARACTERS_MAX: usize = 140;
const COMMENT_CHARACTERS_MAX: usize = 500;

/// Asks for money to be put right by hand, for a customer or, with a minus, against one.
#[utoipa::path(
    post,
    path = "/api/admin/adjustments",
    tag = "office",
    operation_id = "request_adjustment",
    request_body = AdjustmentBody<'_>,
    responses((status = 202, description = "It waits for an administrator", body = ApprovalReply)),
)]
pub(crate) async fn adjust(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: JsonBody,
) -> Outcome<Response> {
    let AdjustmentBody { account_id, amount, currency, reason } = body.read()?;
    let account = read_account("accountId", &account_id)?;
    let money = read_signed_amount("amount", amount, read_currency(&currency)?)?;
    let reason = read_text("reason", &reason, REASON_CHARACTERS_MAX)?;
    let user = caller.user_id().to_string();
    let fingerprint = Fingerprint::default()
        .text(Some(&account.to_string()))
        .number(Some(money.minor()))
        .text(Some(money.currency().code()))
        .text(Some(&reason));
    let owner = [user.as_str(), caller.route.method, caller.route.path];
    let key = IdempotencyKey::new(&owner, key.as_str(), &[fingerprint.bytes()]);
    ask(&app.approvals, &caller, Adjustment { account, money, reason }, Some(key), app.now()).await
}

/// Asks for somebody to get another role.
#[utoipa::path(
    put,
    path = "/api/admin/users/{id}/role",
    tag = "office",
    operation_id = "request_role_change",
    params(("id" = UserIdText, Path)),
    request_body = RoleBody,
    responses((status = 202, description = "It waits for a second administrator", body = ApprovalReply)),
)]
pub(crate) async fn change_role(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(user): PathId<UserId>,
    body: JsonBody,
) -> Outcome<Response> {
    let RoleBody { role } = body.read()?;
    let role = crate::role::read_role(&role).map_err(|reason| Problem::invalid("role", reason))?;
    ask(&app.approvals, &caller, RoleChange { user_id: user, role }, None, app.now()).await
}

/// Asks for the trusted issuer to speak for somebody: whoever logs in there as the subject acts for them here.
#[utoipa::path(
    put,
    path = "/api/admin/users/{id}/external-identity",
    tag = "office",
    operation_id = "request_identity_link",
    params(("id" = UserIdText, Path)),
    request_body = LinkBody,
    responses((status = 202, description = "It waits for a second administrator", body = ApprovalReply)),
)]
pub(crate) async fn link_identity(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(user): PathId<UserId>,
    body: JsonBody,
) -> Outcome<Response> {
    let LinkBody { subject } = body.read()?;
    let subject = Subject::parse(&subject)?;
    let issuer = app.programs.require_linkable(user, &subject).await?;
    ask(&app.approvals, &caller, IdentityLink { user_id: user, issuer, subject }, None, app.now()).await
}

/// Asks for an account that belongs to nobody to get its owner.
#[utoipa::path(
    put,
    path = "/api/admin/accounts/{id}/owner",
    tag = "office",
    operation_id = "request_owner",
    params(("id" = AccountIdText, Path)),
    request_body = AssignOwnerBody,
    responses((status = 202, description = "It waits for a second administrator", body = ApprovalReply)),
)]
pub(crate) async fn assign_owner(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(account): PathId<AccountId>,
    body: JsonBody,
) -> Outcome<Response> {
    let AssignOwnerBody { user_id } = body.read()?;
    let owner = UserId::parse(&user_id).map_err(|error| Problem::invalid("userId", error.to_string()))?;
    ask(&app.approvals, &caller, OwnerAssignment { account, owner }, None, app.now()).await
}

/// Asks for a member of staff to be let in again: what enabling turns into when it is one.
pub(crate) async fn enable_staff(app: &App, caller: &Caller, user: UserId) -> Outcome<Response> {
    let role = app.identity.user(user).await?.ok_or(IdentityError::UnknownUser)?.role;
    ask(&app.approvals, caller, StaffEnabling { user_id: user, role }, None, app.now()).await
}

/// What was asked for, newest first.
#[utoipa::path(
    get,
    path = "/api/admin/approvals",
    tag = "office",
    operation_id = "list_approvals",
    params(ApprovalParameters, PageParameters),
    responses((
        status = 200, description = "A page of approvals",
        content((ApprovalPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, parameters: Parameters, wanted: Wanted) -> Outcome<Response> {
    let page = Page::<ApprovalId>::read(&parameters)?;
    let unknown = "must be PENDING, EXECUTING, EXECUTED, REJECTED, EXPIRED or FAILED";
    let status = parameters.read("status", |word| ApprovalStatus::parse(word).ok_or(unknown))?;
    let approvals = app.approvals.list(status, page.after, page.rows()).await?;
    Ok(page.answer(wanted, approvals, |approval| approval.id, ApprovalReply::from))
}

/// One approval.
#[utoipa::path(
    get,
    path = "/api/admin/approvals/{id}",
    tag = "office",
    operation_id = "get_approval",
    params(("id" = ApprovalIdText, Path)),
    responses((status = 200, description = "The approval", body = ApprovalReply)),
)]
pub(crate) async fn get(State(app): State<Arc<App>>, PathId(id): PathId<ApprovalId>) -> Outcome<Response> {
    let approval = app.approvals.get(id).await?.ok_or(ApprovalsError::NotFound { approval: id })?;
    Ok(json(StatusCode::OK, &ApprovalReply::from(approval)))
}

/// Says yes, and does it; not for who asked, nor for whom it is by now, nor for who may be one of the two: who within 30 days
/// made them, let them in again, changed their role, logged them out or linked them, or the reverse, or was made or promoted
/// by the same person; nor as long as a password is used that the one chose for the other. Who asked must still be one who
/// may ask.
#[utoipa::path(
    post,
    path = "/api/admin/approvals/{id}/approve",
    tag = "office",
    operation_id = "approve",
    params(("id" = ApprovalIdText, Path)),
    request_body = Option<DecisionBody>,
    responses(
        (status = 200, description = "Approved, and done or failed", body = ApprovalReply),
        (status = 202, description = "Approved; the money is busy, and it will be done", body = ApprovalReply),
    ),
)]
pub(crate) async fn approve(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<ApprovalId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    let approval = app.approvals.approve(id, read_decision(&app, &caller, &body)?, caller.identity.actor()).await?;
    let status = match approval.status {
        ApprovalStatus::Executing => StatusCode::ACCEPTED,
        _ => StatusCode::OK,
    };
    Ok(json(status, &ApprovalReply::from(approval)))
}

/// Says no; not for whoever may not say yes.
#[utoipa::path(
    post,
    path = "/api/admin/approvals/{id}/reject",
    tag = "office",
    operation_id = "reject",
    params(("id" = ApprovalIdText, Path)),
    request_body = Option<DecisionBody>,
    responses((status = 200, description = "Rejected", body = ApprovalReply)),
)]
pub(crate) async fn reject(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<ApprovalId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    let approval = app.approvals.reject(id, read_decision(&app, &caller, &body)?, caller.identity.actor()).await?;
    Ok(json(StatusCode::OK, &ApprovalReply::from(approval)))
}

fn read_decision(app: &App, caller: &Caller, body: &OptionalJsonBody) -> Outcome<Decision> {
    let DecisionBody { comment } = body.read()?;
    let comment = comment.map(|text| read_text("comment", &text, COMMENT_CHARACTERS_MAX)).transpose()?;
    Ok(Decision { by: caller.user_id(), at: app.now(), comment })
}

/// One line of text that is not empty.
pub(crate) fn read_text(field: &str, text: &str, characters_max: usize) -> Outcome<String> {
    let text = text.trim();
    let is_fine = !text.is_empty() && legible::is_legible_line(text);
    if is_fine && text.chars().count() <= characters_max {
        return Ok(text.to_owned());
    }
    Err(Problem::invalid(
        field,
        format!("must be 1 to {characters_max} characters without control or invisible characters"),
    ))
}
