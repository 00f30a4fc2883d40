//! `/oauth/authorize`: the page on which a person is asked, and what they answer. Only passkeys need a script, which is
//! served here too. Nobody is kept logged in: every consent is proved anew, in `oauth/proof.rs`.

use super::browser::{Shown, cookie_of, fresh_cookie, is_from_page, set_cookie};
use super::consent_page::{self, Consent, Question};
use super::failure::Failure;
use super::form::Form;
use super::proof::{Answered, Complaint, NoConsent, ask_passkeys, consent};
use crate::App;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use http_core::ErrorCode;
use http_core::problem::Problem;
use http_core::visitor::Visitor;
use programs::oauth::{AuthorizationRefusal, AuthorizationRequest, OAuthError, RawAuthorizationRequest};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What the person answers, form-encoded: the fields of the page.
#[derive(Deserialize, ToSchema)]
#[schema(as = ConsentDecision)]
#[expect(dead_code, reason = "this type only describes")]
pub(crate) struct DecisionBody {
    /// The query with which the client sent the browser here.
    request: String,
    /// What only the page that was shown to this browser knows.
    csrf: String,
    /// `allow`, `deny`, or `passkey`: the page again, with a question to passkeys on it.
    decision: String,
    username: Option<String>,
    password: Option<String>,
    /// A code of an authenticator app or a recovery code, of who has a second factor.
    second_factor: Option<String>,
    /// With `allow`, in place of the three: what a passkey answered, as JSON.
    credential: Option<String>,
    /// Which question it answers.
    ceremony: Option<String>,
    /// That the question was put on this page.
    bond: Option<String>,
}

/// Asks a person whether a client may act for them.
#[utoipa::path(
    get,
    path = "/oauth/authorize",
    tag = "oauth",
    operation_id = "oauth_authorize",
    params(
        ("response_type" = String, Query, description = "`code`"),
        ("client_id" = String, Query),
        ("redirect_uri" = String, Query),
        ("code_challenge" = String, Query),
        ("code_challenge_method" = String, Query, description = "`S256`"),
        ("scope" = Option<String>, Query),
        ("state" = Option<String>, Query),
    ),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (
            status = 400,
            description = "The client cannot be trusted, or its request is not in order: then the page leads back to it",
            body = String,
            content_type = "text/html",
        ),
    ),
)]
pub(crate) async fn show(State(app): State<Arc<App>>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    let query = uri.query().unwrap_or_default();
    let request = match check(&app, query).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    let cookie = cookie_of(&app, &headers).unwrap_or_else(fresh_cookie);
    let mut response = page(&request, Shown { cookie: &cookie, query }, None, None);
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(&app, &cookie));
    response
}

/// Takes the answer, and sends the browser back to the client with a code or an error.
#[utoipa::path(
    post,
    path = "/oauth/authorize",
    tag = "oauth",
    operation_id = "oauth_decide",
    request_body(content = DecisionBody, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The page, with a question to passkeys", body = String, content_type = "text/html"),
        (status = 303, description = "Back to the client, with a code or an error"),
        (status = 400, description = "The form is not whole", body = String, content_type = "text/html"),
        (status = 403, description = "Not the person, or not from the page", body = String, content_type = "text/html"),
        (status = 429, description = "Too many attempts have failed", body = String, content_type = "text/html"),
    ),
)]
pub(crate) async fn decide(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Result<Form, Failure>,
) -> Response {
    let Ok(form) = form else {
        return consent_page::refusal(StatusCode::BAD_REQUEST, "The form did not arrive whole.");
    };
    let query = form.text("request").unwrap_or_default();
    let Some(cookie) = cookie_of(&app, &headers).filter(|cookie| is_from_page(&headers, &form, cookie)) else {
        let complaint =
            "The form does not come from our page, or the page is too old. Go back to the client and begin again.";
        return consent_page::refusal(StatusCode::FORBIDDEN, complaint);
    };
    let request = match check(&app, query).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    let shown = Shown { cookie: &cookie, query };
    match form.text("decision") {
        Some("allow") => match consent(&app, &request, Answered { form: &form, shown }, &visitor).await {
            Ok(code) => back(&app, &request.redirect_uri, &[("code", &code)], request.state.as_deref()),
            Err(why) => asked_again(&request, shown, why),
        },
        Some("passkey") => match ask_passkeys(&app, shown).await {
            Ok(question) => page(&request, shown, None, Some(&question)),
            Err(why) => asked_again(&request, shown, why),
        },
        _ => {
            let denied = [("error", "access_denied"), ("error_description", "the person said no")];
            back(&app, &request.redirect_uri, &denied, request.state.as_deref())
        }
    }
}

/// What the page asks passkeys with: the one script that it may load.
#[utoipa::path(
    get,
    path = "/oauth/passkey.js",
    tag = "oauth",
    operation_id = "oauth_passkey_script",
    responses((status = 200, description = "The script", body = String, content_type = "text/javascript")),
)]
pub(crate) async fn passkey_script() -> Response {
    consent_page::script()
}

/// The page once more with what was wrong, unless it was our fault.
fn asked_again(request: &AuthorizationRequest, shown: Shown<'_>, why: NoConsent) -> Response {
    let Complaint { status, text, retry_after_seconds } = match why.complaint() {
        Ok(complaint) => complaint,
        Err(problem) => return problem.into_response(),
    };
    let mut response = page(request, shown, Some(text), None);
    *response.status_mut() = status;
    if let Some(seconds) = retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn check(app: &App, query: &str) -> Result<AuthorizationRequest, Response> {
    let untrusted = |complaint| consent_page::refusal(StatusCode::BAD_REQUEST, complaint);
    let form = Form::parse(query.as_bytes()).map_err(|_: OAuthError| untrusted("A parameter is repeated."))?;
    let raw = RawAuthorizationRequest {
        client_id: form.owned("client_id"),
        redirect_uri: form.owned("redirect_uri"),
        response_type: form.owned("response_type"),
        scope: form.owned("scope"),
        state: form.owned("state"),
        code_challenge: form.owned("code_challenge"),
        code_challenge_method: form.owned("code_challenge_method"),
    };
    app.programs.check_authorization(raw).await.map_err(|refusal| match refusal {
        AuthorizationRefusal::Untrusted(complaint) => untrusted(complaint),
        AuthorizationRefusal::Back { redirect_uri, state, error, description } => {
            let answer = [("error", error), ("error_description", description)];
            consent_page::wrong_request(description, &location(app, &redirect_uri, &answer, state.as_deref()))
        }
        AuthorizationRefusal::Failed(error) => Problem::from(error).into_response(),
    })
}

/// The client's registered address with an answer, and with who sends it (RFC 9207), so that no other server's answer is
/// taken for ours.
fn location(app: &App, redirect_uri: &str, answer: &[(&str, &str)], state: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer).extend_pairs(state.map(|state| ("state", state)));
    query.append_pair("iss", &app.settings.public_url);
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{separator}{}", query.finish())
}

/// The person has answered: the browser goes on to the client.
fn back(app: &App, redirect_uri: &str, answer: &[(&str, &str)], state: Option<&str>) -> Response {
    match HeaderValue::try_from(location(app, redirect_uri, answer, state)) {
        Ok(location) => {
            let headers = [(header::LOCATION, location), (header::REFERRER_POLICY, consent_page::NO_REFERRER)];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(_) => Problem::new(ErrorCode::Internal, "The address cannot be written").into_response(),
    }
}

fn page(
    request: &AuthorizationRequest,
    shown: Shown<'_>,
    complaint: Option<&str>,
    question: Option<&Question>,
) -> Response {
    consent_page::page(&Consent { request, query: shown.query, csrf: &shown.csrf(), complaint, question })
}
