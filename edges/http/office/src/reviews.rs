//! `/api/admin/reviews`: payments that somebody of the bank looks at before they are made.

use crate::App;
use crate::approvals::read_text;
use crate::wire::review::{
    AssignBody, LabelBody, NoteBody, ReasonBody, ReviewPage, ReviewParameters, ReviewReply, ReviewWithNotesReply,
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use fraud::{Label, Note, Review, ReviewState, needs_second_person};
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::four_eyes::ask;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::approval::ApprovalReply;
use http_core::wire::schema::{PageParameters, TransactionIdText};
use identity::Role;
use ids::{TransactionId, UserId};
use payments::{Answer, Command, Receipt, Request, ReviewApproval};
use std::sync::Arc;

const REASON_CHARACTERS_MAX: usize = 500;

/// Payments that somebody looks at, or looked at, the newest first.
#[utoipa::path(
    get,
    path = "/api/admin/reviews",
    tag = "office",
    operation_id = "list_reviews",
    params(ReviewParameters, PageParameters),
    responses((
        status = 200, description = "A page of reviews",
        content((ReviewPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, parameters: Parameters, wanted: Wanted) -> Outcome<Response> {
    let page = Page::<TransactionId>::read(&parameters)?;
    let unknown = "must be OPEN, APPROVED, DECLINED or EXPIRED";
    let state = parameters.read("state", |word| ReviewState::parse(word).ok_or(unknown))?;
    let reviews = app.payments.fraud().reviews(&app.db, state, page.after, page.rows()).await?;
    let now = app.clocks.now(&app.db).await?.bank;
    Ok(page.answer(wanted, reviews, |review| review.transaction, |review| ReviewReply::new(review, now)))
}

/// One review: what each rule found, and what was noted.
#[utoipa::path(
    get,
    path = "/api/admin/reviews/{id}",
    tag = "office",
    operation_id = "get_review",
    params(("id" = TransactionIdText, Path)),
    responses((status = 200, description = "The review", body = ReviewWithNotesReply)),
)]
pub(crate) async fn get(State(app): State<Arc<App>>, PathId(id): PathId<TransactionId>) -> Outcome<Response> {
    shown(&app, StatusCode::OK, id).await
}

async fn shown(app: &App, status: StatusCode, id: TransactionId) -> Outcome<Response> {
    let (review, notes) = app.payments.fraud().review(&app.db, id).await?;
    let now = app.clocks.now(&app.db).await?.bank;
    Ok(json(status, &ReviewWithNotesReply::new(review, notes, now)))
}

/// Says who looks at it; null: nobody any more.
#[utoipa::path(
    post,
    path = "/api/admin/reviews/{id}/assign",
    tag = "office",
    operation_id = "assign_review",
    params(("id" = TransactionIdText, Path)),
    request_body = AssignBody,
    responses((status = 200, description = "The review", body = ReviewWithNotesReply)),
)]
pub(crate) async fn assign(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<TransactionId>,
    body: JsonBody,
) -> Outcome<Response> {
    let AssignBody { user_id } = body.read()?;
    let to = match user_id {
        Some(text) => Some(administrator(&app, &text).await?),
        None => None,
    };
    app.payments.fraud().assign(&app.db, id, to, caller.identity.does(app.now())).await?;
    shown(&app, StatusCode::OK, id).await
}

/// Only who could decide it looks at it.
async fn administrator(app: &App, text: &str) -> Outcome<UserId> {
    let id = UserId::parse(text).map_err(|error| Problem::invalid("userId", error.to_string()))?;
    let user = app.identity.user(id).await?;
    let is_one = user.is_some_and(|user| user.role == Role::Admin);
    if is_one { Ok(id) } else { Err(Problem::invalid("userId", "must be an administrator")) }
}

/// Writes something down about it.
#[utoipa::path(
    post,
    path = "/api/admin/reviews/{id}/note",
    tag = "office",
    operation_id = "note_review",
    params(("id" = TransactionIdText, Path)),
    request_body = NoteBody,
    responses((status = 201, description = "The review", body = ReviewWithNotesReply)),
)]
pub(crate) async fn note(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<TransactionId>,
    body: JsonBody,
) -> Outcome<Response> {
    let NoteBody { text } = body.read()?;
    let text = read_text("text", &text, fraud::review::NOTE_CHARACTERS_MAX)?;
    let note = Note { by: caller.user_id(), at: app.now(), text };
    app.payments.fraud().note(&app.db, id, note).await?;
    shown(&app, StatusCode::CREATED, id).await
}

/// Says what it turned out to be, also later.
#[utoipa::path(
    post,
    path = "/api/admin/reviews/{id}/label",
    tag = "office",
    operation_id = "label_review",
    params(("id" = TransactionIdText, Path)),
    request_body = LabelBody,
    responses((status = 200, description = "The review", body = ReviewWithNotesReply)),
)]
pub(crate) async fn label(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<TransactionId>,
    body: JsonBody,
) -> Outcome<Response> {
    let LabelBody { label } = body.read()?;
    let label = Label::parse(&label).ok_or_else(|| Problem::invalid("label", "must be FRAUD, GENUINE or UNSURE"))?;
    app.payments.fraud().label(&app.db, id, label, caller.identity.does(app.now())).await?;
    shown(&app, StatusCode::OK, id).await
}

/// Makes the payment. From 10,000.00 on a second administrator has to approve that.
#[utoipa::path(
    post,
    path = "/api/admin/reviews/{id}/approve",
    tag = "office",
    operation_id = "approve_review",
    params(("id" = TransactionIdText, Path)),
    request_body = ReasonBody,
    responses(
        (status = 200, description = "The payment is made", body = ReviewWithNotesReply),
        (status = 202, description = "It waits for a second administrator", body = ApprovalReply),
    ),
)]
pub(crate) async fn approve(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<TransactionId>,
    body: JsonBody,
) -> Outcome<Response> {
    let ReasonBody { reason } = body.read()?;
    let reason = read_text("reason", &reason, REASON_CHARACTERS_MAX)?;
    let (Review { is_hold, money, state, .. }, _) = app.payments.fraud().review(&app.db, id).await?;
    if state == ReviewState::Open && needs_second_person(money) {
        let action = ReviewApproval { transaction: id, is_hold, reason };
        return ask(&app.approvals, &caller, action, None, app.now()).await;
    }
    decide(&app, &caller, Command::Approve { transaction: id, reason, is_hold }).await?;
    shown(&app, StatusCode::OK, id).await
}

/// Does not make the payment: its money goes back.
#[utoipa::path(
    post,
    path = "/api/admin/reviews/{id}/decline",
    tag = "office",
    operation_id = "decline_review",
    params(("id" = TransactionIdText, Path)),
    request_body = ReasonBody,
    responses((status = 200, description = "The payment is not made", body = ReviewWithNotesReply)),
)]
pub(crate) async fn decline(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<TransactionId>,
    body: JsonBody,
) -> Outcome<Response> {
    let ReasonBody { reason } = body.read()?;
    let reason = read_text("reason", &reason, REASON_CHARACTERS_MAX)?;
    decide(&app, &caller, Command::Decline { transaction: id, reason }).await?;
    shown(&app, StatusCode::OK, id).await
}

/// Doing it again finds it decided, so it needs no key.
async fn decide(app: &App, caller: &Caller, command: Command) -> Outcome<()> {
    let request = Request {
        commands: vec![command],
        is_atomic: true,
        key: None,
        pack: Box::new(Receipt::plain),
        request_id: Some(caller.request_id.as_str().to_owned()),
    };
    match app.payments.order(&caller.identity, request, app.now()).await? {
        Answer::Fresh { outcomes, .. } => match outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
            None => Ok(()),
            Some(refusal) => Err(refusal.into()),
        },
        Answer::Replayed(_) | Answer::KeyReused => Err(Problem::internal("without a key every request is new")),
    }
}
