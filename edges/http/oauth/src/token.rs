//! `/oauth/token`, `/oauth/introspect` and `/oauth/revoke`: what programs ask, form-encoded, with their own credentials.

use super::client_authentication;
use super::failure::{Failure, FailureReply};
use super::form::Form;
use crate::App;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use http_core::reply::json;
use programs::oauth::{Client, IssuedTokens, OAuthError, TokenRequest};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What a client presents, form-encoded; which of the fields depends on the grant type.
#[derive(Deserialize, ToSchema)]
#[schema(as = TokenRequest)]
#[expect(dead_code, reason = "this type only describes")]
pub(crate) struct TokenBody {
    /// `authorization_code`, `refresh_token` or `client_credentials`.
    grant_type: String,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    scope: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// A token to ask about or to give back, form-encoded.
#[derive(Deserialize, ToSchema)]
#[schema(as = TokenInQuestion)]
#[expect(dead_code, reason = "this type only describes")]
pub(crate) struct TokenInQuestionBody {
    token: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// Tokens (RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = Tokens)]
pub(crate) struct TokensReply {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds for which the access token is good.
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    #[schema(example = "accounts:read transactions:read")]
    scope: String,
}

/// What is known of a token (RFC 7662, section 2.2); of one that is not good, nothing but that.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Introspection)]
pub(crate) enum IntrospectionReply {
    /// It is good.
    Active(ActiveReply),
    /// It is not.
    Inactive {
        /// False.
        active: bool,
    },
}

/// A token that is good.
#[derive(Serialize, ToSchema)]
#[schema(as = ActiveToken)]
pub(crate) struct ActiveReply {
    active: bool,
    scope: String,
    client_id: String,
    /// For whom the client acts.
    sub: String,
    username: String,
    iss: String,
    /// Seconds since 1970.
    exp: i64,
    /// `Bearer`; absent for a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token_type: Option<&'static str>,
}

/// Tokens for a code, a refresh token, or a client's own credentials.
#[utoipa::path(
    post,
    path = "/oauth/token",
    tag = "oauth",
    operation_id = "oauth_token",
    request_body(content = TokenBody, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Tokens", body = TokensReply),
        (status = 400, description = "Refused", body = FailureReply),
        (status = 401, description = "The client is unknown, or its secret is wrong", body = FailureReply),
    ),
)]
pub(crate) async fn token(State(app): State<Arc<App>>, headers: HeaderMap, form: Form) -> Result<Response, Failure> {
    let client = authenticate(&app, &headers, &form).await?;
    let request = read_request(&form)?;
    let issued = app.programs.issue_tokens_to(&client, request, app.now()).await?;
    Ok(json(StatusCode::OK, &TokensReply::from(issued)))
}

/// Whether a token of the client's is good, and for what.
#[utoipa::path(
    post,
    path = "/oauth/introspect",
    tag = "oauth",
    operation_id = "oauth_introspect",
    request_body(content = TokenInQuestionBody, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What is known of it", body = IntrospectionReply),
        (status = 400, description = "Refused", body = FailureReply),
        (status = 401, description = "The client is unknown, or its secret is wrong", body = FailureReply),
    ),
)]
pub(crate) async fn introspect(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Failure> {
    let client = authenticate(&app, &headers, &form).await?;
    let token = form.required("token", "token is missing")?;
    let found = app.programs.introspect(&client, &token, app.now()).await?;
    let reply = found.map_or(IntrospectionReply::Inactive { active: false }, |found| {
        IntrospectionReply::Active(ActiveReply {
            active: true,
            scope: found.scopes.to_string(),
            client_id: client.id.to_string(),
            sub: found.user.id.to_string(),
            username: found.user.username.to_string(),
            iss: app.settings.public_url.clone(),
            exp: found.expires_at.unix_seconds(),
            token_type: found.is_access_token.then_some("Bearer"),
        })
    });
    Ok(json(StatusCode::OK, &reply))
}

/// Ends the grant that a token of the client's belongs to, and all of its tokens with it.
#[utoipa::path(
    post,
    path = "/oauth/revoke",
    tag = "oauth",
    operation_id = "oauth_revoke",
    request_body(content = TokenInQuestionBody, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It is good for nothing, or never was"),
        (status = 400, description = "Refused", body = FailureReply),
        (status = 401, description = "The client is unknown, or its secret is wrong", body = FailureReply),
    ),
)]
pub(crate) async fn revoke(State(app): State<Arc<App>>, headers: HeaderMap, form: Form) -> Result<Response, Failure> {
    let client = authenticate(&app, &headers, &form).await?;
    let token = form.required("token", "token is missing")?;
    app.programs.revoke_token(&client, &token, app.now()).await?;
    Ok(StatusCode::OK.into_response())
}

async fn authenticate(app: &App, headers: &HeaderMap, form: &Form) -> Result<Client, Failure> {
    let sent = client_authentication::read(headers, form)?;
    Ok(app.programs.authenticate_client(&sent).await?)
}

fn read_request(form: &Form) -> Result<TokenRequest, OAuthError> {
    match form.required("grant_type", "grant_type is missing")?.as_str() {
        "authorization_code" => Ok(TokenRequest::Code {
            code: form.required("code", "code is missing")?,
            redirect_uri: form.owned("redirect_uri"),
            verifier: form.required("code_verifier", "code_verifier is missing")?,
        }),
        "refresh_token" => Ok(TokenRequest::Refresh {
            refresh_token: form.required("refresh_token", "refresh_token is missing")?,
            scope: form.owned("scope"),
        }),
        "client_credentials" => Ok(TokenRequest::Own { scope: form.owned("scope") }),
        _ => Err(OAuthError::UnsupportedGrantType),
    }
}

impl From<IssuedTokens> for TokensReply {
    fn from(issued: IssuedTokens) -> Self {
        Self {
            access_token: issued.access_token,
            token_type: "Bearer",
            expires_in: issued.expires_in_seconds,
            refresh_token: issued.refresh_token,
            scope: issued.scopes.to_string(),
        }
    }
}
