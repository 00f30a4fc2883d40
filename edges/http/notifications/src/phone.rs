//! `/api/notifications/phone`: at which number the caller is texted.

use crate::App;
use crate::wire::phone::{CodeBody, NumberBody, PhoneReply};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use notifications::NotificationsError;
use notifications::phone::{self, PhoneNumber, Texting};
use std::sync::Arc;

/// At which number the caller is texted, and which one waits for its code.
#[utoipa::path(
    get,
    path = "/api/notifications/phone",
    tag = "notifications",
    operation_id = "get_phone",
    responses((status = 200, description = "The numbers", body = PhoneReply)),
)]
pub(crate) async fn show(State(app): State<Arc<App>>, caller: Caller) -> Outcome<Response> {
    let phone = phone::show(&app.db, caller.user_id()).await?;
    Ok(json(StatusCode::OK, &PhoneReply::new(&phone)))
}

/// Texts a code to a number, which becomes the caller's when they type it; another one stays until then. The code is good for ten
/// minutes; five go out in an hour, to one person and to one number.
#[utoipa::path(
    put,
    path = "/api/notifications/phone",
    tag = "notifications",
    operation_id = "set_phone",
    request_body = NumberBody<'_>,
    responses((status = 200, description = "A code is on its way", body = PhoneReply)),
)]
pub(crate) async fn ask(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let body: NumberBody<'_> = body.read()?;
    let number = PhoneNumber::parse(&body.number).map_err(|error| Problem::invalid("number", error.to_string()))?;
    if app.telling.texting == Texting::Off {
        return Err(NotificationsError::NoTexts.into());
    }
    let phone = phone::ask(&app.db, app.identity.secrets(), caller.user_id(), number, app.now()).await?;
    Ok(json(StatusCode::OK, &PhoneReply::new(&phone)))
}

/// Takes the code as proof that the number is the caller's. What protects their login is texted there from now on, besides being
/// mailed; and news, as far as they ask for it.
#[utoipa::path(
    post,
    path = "/api/notifications/phone/confirm",
    tag = "notifications",
    operation_id = "confirm_phone",
    request_body = CodeBody<'_>,
    responses((status = 200, description = "The number is theirs", body = PhoneReply)),
)]
pub(crate) async fn confirm(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let body: CodeBody<'_> = body.read()?;
    let act = caller.identity.does(app.now());
    let phone = phone::confirm(&app.db, app.identity.secrets(), caller.user_id(), &body.code, act).await?;
    Ok(json(StatusCode::OK, &PhoneReply::new(&phone)))
}

/// Nothing is texted to the caller any more, and no number waits for a code.
#[utoipa::path(
    delete,
    path = "/api/notifications/phone",
    tag = "notifications",
    operation_id = "remove_phone",
    responses((status = 204, description = "There is none")),
)]
pub(crate) async fn remove(State(app): State<Arc<App>>, caller: Caller) -> Outcome<Response> {
    let act = caller.identity.does(app.now());
    phone::remove(&app.db, app.identity.secrets(), caller.user_id(), act).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
