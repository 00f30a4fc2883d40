//! `/signup` and `/login` as FinApp's clients know them, in snake case.

use crate::App;
use crate::wire::user::CredentialsBody;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use http_core::body::JsonBody;
use http_core::problem::Outcome;
use http_core::reply::json;
use http_core::visitor::Visitor;
use identity::{NewUser, Password, Role};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A new customer's token.
#[derive(Serialize, ToSchema)]
#[schema(as = Signup)]
pub(crate) struct SignupReply {
    #[schema(example = "User registered")]
    message: &'static str,
    access_token: String,
    #[schema(example = "bearer")]
    token_type: &'static str,
}

/// A token, and what its owner is.
#[derive(Serialize, ToSchema)]
#[schema(as = FinappLogin)]
pub(crate) struct FinappLoginReply {
    access_token: String,
    #[schema(example = "bearer")]
    token_type: &'static str,
    #[schema(example = "user")]
    role: &'static str,
}

/// Makes a customer and logs them in.
#[utoipa::path(
    post,
    path = "/signup",
    tag = "finapp",
    request_body = CredentialsBody,
    responses((status = 201, description = "Registered", body = SignupReply)),
)]
pub(crate) async fn signup(State(app): State<Arc<App>>, visitor: Visitor, body: JsonBody) -> Outcome<Response> {
    let CredentialsBody { username, password } = body.read()?;
    let new_user = NewUser { username, password: Password::new(password), email: None };
    let login = app.identity.register(new_user, visitor.at(app.now())).await?;
    let reply = SignupReply { message: "User registered", access_token: login.access_token, token_type: "bearer" };
    Ok(json(StatusCode::CREATED, &reply))
}

/// Logs somebody in.
#[utoipa::path(
    post,
    path = "/login",
    tag = "finapp",
    operation_id = "finapp_login",
    request_body = CredentialsBody,
    responses((status = 200, description = "Logged in", body = FinappLoginReply)),
)]
pub(crate) async fn login(State(app): State<Arc<App>>, visitor: Visitor, body: JsonBody) -> Outcome<Response> {
    let CredentialsBody { username, password } = body.read()?;
    let attempt = app.front_door.limits.begin_login(visitor.address, &username).await?;
    let login = attempt.end(app.factors.login(&username, Password::new(password), visitor.at(app.now())).await).await?;
    let role = match login.user.role {
        Role::Admin => "admin",
        Role::Customer | Role::Teller | Role::Analyst | Role::Auditor => "user",
    };
    let reply = FinappLoginReply { access_token: login.access_token, token_type: "bearer", role };
    Ok(json(StatusCode::OK, &reply))
}
