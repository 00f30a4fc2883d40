//! The description of the API, made of the handlers and the table of routes, and the page that shows it.

mod codes;
mod table;

pub use table::routes_markdown;
mod limits;

use crate::ErrorCode;
use crate::limits::LimitClass;
use crate::policy::{Needs, Who};
use crate::problem::{Outcome, Problem};
use crate::routes::{Documented, ROUTES, RouteSpec};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, LazyLock};
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, Ref, RefOr, Required, Response as ResponseDoc,
    ResponseBuilder, Schema,
};

const TOKEN: &str = "accessToken";
const API_KEY: &str = "apiKey";

const API_KEY_MEANING: &str = "`flk_…`, of `POST /api/auth/api-keys`; reaches the scopes that it was made with. \
                               It may ask for signed requests (RFC 9421).";

/// Replies whose fields are always there, if only as null.
const WHOLE_REPLIES: &[&str] = &[
    "Account",
    "AccountPage",
    "ActiveSession",
    "ActiveSessionPage",
    "ApiKey",
    "ApiKeyPage",
    "AuthorizationServer",
    "Balance",
    "Client",
    "ClientPage",
    "FinappLogin",
    "Grant",
    "GrantPage",
    "IssuedApiKey",
    "Promise",
    "RegisteredClient",
    "MfaChallenge",
    "MfaEnabled",
    "MfaStatus",
    "Passkey",
    "PasskeyQuestion",
    "Passkeys",
    "RecoveryCodes",
    "Session",
    "SteppedUp",
    "TotpEnrolment",
    "Transaction",
    "TransactionPage",
    "User",
    "AdministeredUser",
    "AdministeredUserPage",
    "CreatedStaff",
    "Approval",
    "ApprovalPage",
    "Event",
    "EventPage",
];

/// The page's own scripts and styles, and nothing from elsewhere.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

const FRONT_JSON: &str =
    r#"{"name":"Florin","documentation":"/docs/","openapi":"/openapi.json","health":"/health","ready":"/ready"}"#;
const FRONT_PAGE: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Florin</title><h1>Florin</h1>
<p>This is the API of a bank. <a href="/docs/">Read and try it</a>, or take <a href="/openapi.json">its description</a>.</p>
</html>
"#;

/// The API in OpenAPI 3.1.
pub fn openapi() -> OpenApi {
    let mut api = Documented::openapi();
    api.info = InfoBuilder::new()
        .title("Florin")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("A bank: accounts, and money that moves between them."))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    if let Some(components) = &mut api.components {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme(TOKEN, SecurityScheme::Http(bearer));
        let api_key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(API_KEY_MEANING)).build();
        components.add_security_scheme(API_KEY, SecurityScheme::Http(api_key));
        for name in WHOLE_REPLIES {
            if let Some(RefOr::T(Schema::Object(schema))) = components.schemas.get_mut(*name) {
                schema.required = schema.properties.keys().cloned().collect();
            }
        }
    }
    for spec in ROUTES {
        let item = api.paths.paths.get_mut(spec.path);
        if let Some(operation) = item.and_then(|item| operation_mut(item, spec.method)) {
            complete(operation, spec);
        }
    }
    api
}

fn operation_mut<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Operation> {
    match method {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "DELETE" => item.delete.as_mut(),
        _ => None,
    }
}

const KEY_IS: &str = "Your name for this request: sent again within 30 days, it has one effect and gets one answer. A refusal \
    (422) is an answer too and is kept under the key: to try anew, after paying in for example, take another key. What was \
    not understood, not allowed or not found (400, 401, 403, 404, 429, 5xx) is not kept. A key belongs to its caller and route.";

/// Adds what follows from the table of routes: who may call, the key, and the ways to fail.
fn complete(operation: &mut Operation, spec: &RouteSpec) {
    if spec.who != Who::Public {
        let token = SecurityRequirement::new(TOKEN, [] as [&str; 0]);
        let api_key = match spec.needs {
            Needs::Scope(scope) => Some(SecurityRequirement::new(API_KEY, [scope.word()])),
            Needs::Nothing | Needs::Session | Needs::FreshSession => None,
        };
        operation.security = Some(std::iter::once(token).chain(api_key).collect());
    }
    if spec.moves_money() {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
        let parameter = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(KEY_IS))
            .schema(Some(text));
        operation.parameters.get_or_insert_default().push(parameter.build().into());
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        let contents = body.content.values_mut();
        let optional = contents.filter_map(|content| match content {
            RefOr::T(Content { schema: Some(schema), .. }) => without_null(schema),
            _ => None,
        });
        if optional.count() > 0 {
            body.required = Some(Required::False);
        }
    }
    let mut by_status: BTreeMap<StatusCode, Vec<ErrorCode>> = BTreeMap::new();
    for (code, status) in codes::of(spec) {
        by_status.entry(status).or_default().push(code);
    }
    for (status, codes) in by_status {
        let described = operation.responses.responses.entry(status.as_str().to_owned());
        match described {
            // What the handler says of the status, such as a page, stands beside the envelope.
            Entry::Occupied(mut said) if spec.path.starts_with("/oauth/") => {
                if let RefOr::T(said) = said.get_mut() {
                    said.content.extend(failure(&codes).content);
                }
            }
            Entry::Occupied(mut said) => drop(said.insert(failure(&codes).into())),
            Entry::Vacant(place) => drop(place.insert(failure(&codes).into())),
        }
    }
    if LimitClass::of(spec).is_some() {
        limits::describe(operation);
    }
}

/// A body that may be absent is never the word `null`.
fn without_null(schema: &mut RefOr<Schema>) -> Option<()> {
    let RefOr::T(Schema::OneOf(either)) = schema else { return None };
    let other = either.items.iter().find(|item| matches!(item, RefOr::Ref(_)))?.clone();
    *schema = other;
    Some(())
}

fn failure(codes: &[ErrorCode]) -> ResponseDoc {
    let lines: Vec<String> =
        codes.iter().map(|code| format!("- `{}`: {}", code.word(), code.meaning().trim())).collect();
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
    ResponseBuilder::new().description(lines.join("\n")).content("application/json", content).build()
}

/// The description as JSON; the same for the whole life of the process.
pub(crate) fn openapi_json() -> &'static str {
    static JSON: LazyLock<String> =
        LazyLock::new(|| openapi().to_json().expect("the description is plain data and serialises"));
    &JSON
}

/// Where to go from here.
#[utoipa::path(
    get,
    path = "/",
    tag = "operations",
    operation_id = "front_page",
    responses((status = 200, description = "For people as a page, for programs as JSON", content(
        (Object = "application/json"),
        (String = "text/html"),
    ))),
)]
pub(crate) async fn front_page(headers: HeaderMap) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let (content_type, body) = if accepted.any(|accepted| accepted.contains("text/html")) {
        ("text/html; charset=utf-8", FRONT_PAGE)
    } else {
        ("application/json", FRONT_JSON)
    };
    ([(header::CONTENT_TYPE, content_type), (header::VARY, "accept")], body).into_response()
}

/// The description of this API.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
pub(crate) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi_json()).into_response()
}

/// To the readable documentation.
#[utoipa::path(
    get,
    path = "/docs",
    tag = "operations",
    operation_id = "docs",
    responses((status = 303, description = "To `/docs/`")),
)]
pub(crate) async fn redirect() -> Redirect {
    Redirect::to("/docs/")
}

/// The readable documentation.
#[utoipa::path(
    get,
    path = "/docs/",
    tag = "operations",
    operation_id = "docs_page",
    responses((status = 200, description = "The page", body = String, content_type = "text/html")),
)]
pub(crate) async fn page() -> Outcome<Response> {
    asset("index.html")
}

/// A part of the readable documentation.
#[utoipa::path(
    get,
    path = "/docs/{file}",
    tag = "operations",
    operation_id = "docs_file",
    params(("file" = String, Path)),
    responses((status = 200, description = "The file")),
)]
pub(crate) async fn file(name: Result<Path<String>, PathRejection>) -> Outcome<Response> {
    // A name that does not decode is the name of no file.
    asset(name.as_ref().map_or("", |name| name.as_str()))
}

fn asset(name: &str) -> Outcome<Response> {
    static CONFIG: LazyLock<Arc<utoipa_swagger_ui::Config<'static>>> =
        LazyLock::new(|| Arc::new(utoipa_swagger_ui::Config::from("/openapi.json")));
    let found = match name {
        "" => Ok(None),
        name => utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG)),
    };
    let file = found.map_err(|error| Problem::internal(error.to_string()))?;
    let file = file.ok_or_else(|| Problem::new(ErrorCode::NotFound, "There is no such file"))?;
    let headers = [(header::CONTENT_TYPE, file.content_type), (header::CONTENT_SECURITY_POLICY, POLICY.to_owned())];
    Ok((headers, file.bytes.into_owned()).into_response())
}
