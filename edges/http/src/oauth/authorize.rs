//! `/oauth/authorize`: the page on which a person is asked, and what they answer. It works without scripts and keeps
//! nobody logged in: every consent is proved anew.

use super::consent_page::{self, Consent};
use super::failure::Failure;
use super::form::Form;
use crate::problem::Problem;
use crate::visitor::Visitor;
use crate::{App, ErrorCode, MfaPolicy};
use ::auth::mfa::{MfaError, SecondFactor};
use ::auth::oauth::{AuthorizationRefusal, AuthorizationRequest, OAuthError, RawAuthorizationRequest};
use ::auth::{AuthError, Password};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use utoipa::ToSchema;

const COOKIE_CHARACTERS: usize = 43;

/// What the person answers, form-encoded: the fields of the page.
#[derive(Deserialize, ToSchema)]
#[schema(as = Decision)]
#[expect(dead_code, reason = "this type only describes")]
pub(crate) struct DecisionBody {
    /// The query with which the client sent the browser here.
    request: String,
    /// What only the page that was shown to this browser knows.
    csrf: String,
    /// `allow` or `deny`.
    decision: String,
    username: Option<String>,
    password: Option<String>,
    /// A code of an authenticator app or a recovery code, of who has a second factor.
    second_factor: Option<String>,
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
        (status = 303, description = "Back to the client, with an error"),
        (status = 400, description = "The client cannot be trusted", body = String, content_type = "text/html"),
    ),
)]
pub(crate) async fn show(State(app): State<Arc<App>>, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    let query = uri.query().unwrap_or_default();
    let request = match check(&app, query).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    let cookie = cookie_of(&app, &headers).unwrap_or_else(fresh_cookie);
    let mut response = page(&request, query, &cookie, None);
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
        let told =
            "The form does not come from our page, or the page is too old. Go back to the client and begin again.";
        return consent_page::refusal(StatusCode::FORBIDDEN, told);
    };
    let request = match check(&app, query).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    if form.text("decision") != Some("allow") {
        let denied = [("error", "access_denied"), ("error_description", "the person said no")];
        return back(&app, &request.redirect_uri, &denied, request.state.as_deref());
    }
    match consent(&app, &request, &form, &visitor).await {
        Ok(code) => back(&app, &request.redirect_uri, &[("code", &code)], request.state.as_deref()),
        Err(error) => asked_again(&request, query, &cookie, error),
    }
}

/// Proves who the person is, and consents. The login is over with it: nothing keeps them logged in here.
async fn consent(
    app: &App,
    request: &AuthorizationRequest,
    form: &Form,
    visitor: &Visitor,
) -> Result<String, NoConsent> {
    let occasion = visitor.now();
    let now = occasion.now;
    let (username, password) = (form.text("username").unwrap_or_default(), form.text("password").unwrap_or_default());
    let attempt = app.front_door.limits.begin_login(visitor.address, username).await.map_err(NoConsent::NotNow)?;
    let login = match attempt.end(app.auth.login(username, Password::new(password), occasion.clone()).await).await {
        Err(AuthError::Mfa(MfaError::Required(challenge))) => {
            app.auth.finish_login(&challenge.token, &second_factor(form), occasion).await?
        }
        outcome => outcome?,
    };
    let caller = app.auth.authenticate(&login.access_token, now)?;
    if app.settings.mfa == MfaPolicy::Required && !caller.has_second_factor {
        app.auth.logout(&caller, now).await?;
        return Err(NoConsent::NoSecondFactor);
    }
    let code = app.auth.consent(&caller, request, now).await;
    app.auth.logout(&caller, now).await?;
    Ok(code?)
}

/// What was typed beside the password: six digits of an app, or a recovery code. Passkeys need scripts, and the page has
/// none.
fn second_factor(form: &Form) -> SecondFactor {
    let typed = form.text("second_factor").unwrap_or_default().trim();
    match typed.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ') {
        true => SecondFactor::Code(typed.to_owned()),
        false => SecondFactor::RecoveryCode(typed.to_owned()),
    }
}

/// Why there is no code although the person did not say no.
enum NoConsent {
    /// Not the person, not any more, or our fault.
    Refused(AuthError),
    /// Everybody needs a second factor here, and they have none.
    NoSecondFactor,
    /// Too many have failed.
    NotNow(Problem),
}

impl From<AuthError> for NoConsent {
    fn from(error: AuthError) -> Self {
        Self::Refused(error)
    }
}

/// The page once more with what was wrong, unless it was our fault.
fn asked_again(request: &AuthorizationRequest, query: &str, cookie: &str, why: NoConsent) -> Response {
    let (status, told, problem) = match why {
        NoConsent::Refused(AuthError::WrongCredentials) => {
            (StatusCode::FORBIDDEN, "The username or the password is wrong.", None)
        }
        NoConsent::Refused(AuthError::Mfa(MfaError::Wrong)) => {
            let told = "Type the code of your app, or a recovery code: the one given is wrong or was used before.";
            (StatusCode::FORBIDDEN, told, None)
        }
        NoConsent::Refused(AuthError::Mfa(MfaError::TooManyAttempts { .. })) => {
            (StatusCode::FORBIDDEN, "Too many wrong codes. Wait, or use a recovery code.", None)
        }
        NoConsent::NoSecondFactor => {
            (StatusCode::FORBIDDEN, "Set up a second factor first: this bank asks everybody for one.", None)
        }
        NoConsent::Refused(AuthError::Disabled) => (StatusCode::FORBIDDEN, "This user is disabled.", None),
        NoConsent::Refused(other) => return Problem::from(other).into_response(),
        NoConsent::NotNow(problem) if problem.http_status() == StatusCode::TOO_MANY_REQUESTS => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many attempts have failed. Wait some minutes, then try again.",
            Some(problem),
        ),
        NoConsent::NotNow(problem) => return problem.into_response(),
    };
    let mut response = page(request, query, cookie, Some(told));
    *response.status_mut() = status;
    if let Some(seconds) = problem.and_then(|problem| problem.retry_after_seconds()) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn check(app: &App, query: &str) -> Result<AuthorizationRequest, Response> {
    let untrusted = |told| consent_page::refusal(StatusCode::BAD_REQUEST, told);
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
    app.auth.check_authorization(raw).await.map_err(|refusal| match refusal {
        AuthorizationRefusal::Untrusted(told) => untrusted(told),
        AuthorizationRefusal::Back { redirect_uri, state, error, description } => {
            back(app, &redirect_uri, &[("error", error), ("error_description", description)], state.as_deref())
        }
        AuthorizationRefusal::Failed(error) => Problem::from(error).into_response(),
    })
}

/// To the client's registered address, with who sends it (RFC 9207), so that no other server's answer is taken for ours.
fn back(app: &App, redirect_uri: &str, answer: &[(&str, &str)], state: Option<&str>) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer).extend_pairs(state.map(|state| ("state", state)));
    query.append_pair("iss", &app.settings.public_url);
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let location = format!("{redirect_uri}{separator}{}", query.finish());
    match HeaderValue::try_from(location) {
        Ok(location) => {
            let headers = [(header::LOCATION, location), (header::REFERRER_POLICY, consent_page::NO_REFERRER)];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(_) => Problem::new(ErrorCode::Internal, "The address cannot be written").into_response(),
    }
}

fn page(request: &AuthorizationRequest, query: &str, cookie: &str, told: Option<&str>) -> Response {
    let csrf = csrf_of(cookie, query);
    consent_page::page(&Consent { request, query, csrf: &csrf, told })
}

/// Whether the form comes from the page that was shown to this browser for this request.
fn is_from_page(headers: &HeaderMap, form: &Form, cookie: &str) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let query = form.text("request").unwrap_or_default();
    site.is_none_or(|site| site == b"same-origin") && form.text("csrf") == Some(csrf_of(cookie, query).as_str())
}

/// Only who can read the cookie, which no script and no other site can, makes this of it.
fn csrf_of(cookie: &str, query: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{cookie}.{query}")))
}

fn fresh_cookie() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A browser takes the stricter name from this very host only, over https only.
fn cookie_name(app: &App) -> &'static str {
    if app.settings.public_url.starts_with("https:") { "__Host-florin_consent" } else { "florin_consent" }
}

fn cookie_of(app: &App, headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == cookie_name(app))?;
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (value.len() == COOKIE_CHARACTERS && value.bytes().all(is_ours)).then(|| value.to_owned())
}

fn set_cookie(app: &App, cookie: &str) -> HeaderValue {
    let name = cookie_name(app);
    let secure = if name.starts_with("__Host-") { "; Secure" } else { "" };
    let text = format!("{name}={cookie}; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::try_from(text).expect("a cookie of base64url is a header's value")
}
