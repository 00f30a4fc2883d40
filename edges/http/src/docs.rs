//! The pages and documents that show what the API is. What they show is made in `description.rs` and handed in.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use http_core::ErrorCode;
use http_core::problem::{Outcome, Problem};
use http_core::reply::cacheable;
use std::sync::{Arc, LazyLock};

/// What there is to show.
pub(crate) struct Documents {
    /// The description of the API as JSON, made when it is first asked for.
    pub(crate) openapi: fn() -> &'static str,
}

/// The page's own scripts and styles, and nothing from elsewhere.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

const FRONT_JSON: &str =
    r#"{"name":"Florin","documentation":"/docs/","openapi":"/openapi.json","health":"/health","ready":"/ready"}"#;
const FRONT_PAGE: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Florin</title><h1>Florin</h1>
<p>This is the API of a bank. <a href="/docs/">Read and try it</a>, or take <a href="/openapi.json">its description</a>.</p>
<p>The web app is not in this binary: <code>make web</code>, which needs Node.js, builds it for the next one.</p>
</html>
"#;

/// Where to go from here.
#[utoipa::path(
    get,
    path = "/",
    tag = "operations",
    operation_id = "front_page",
    responses(
        (status = 200, description = "For people as a page, for programs as JSON", content(
            (Object = "application/json"),
            (String = "text/html"),
        )),
        (status = 303, description = "People to the web app, where it is in the binary"),
    ),
)]
pub(crate) async fn front_page(headers: HeaderMap) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let is_page = accepted.any(|accepted| accepted.contains("text/html"));
    let vary = [(header::VARY, "accept")];
    if is_page && http_web::is_built() {
        return (vary, Redirect::to("/app")).into_response();
    }
    let (content_type, body) =
        if is_page { ("text/html; charset=utf-8", FRONT_PAGE) } else { ("application/json", FRONT_JSON) };
    ([(header::CONTENT_TYPE, content_type)], vary, body).into_response()
}

/// The description of this API.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
pub(crate) async fn document(State(documents): State<Arc<Documents>>) -> Response {
    cacheable(([(header::CONTENT_TYPE, "application/json")], (documents.openapi)()))
}

/// To the readable documentation.
#[utoipa::path(
    get,
    path = "/docs",
    tag = "operations",
    operation_id = "docs",
    responses((status = 303, description = "To `/docs/`")),
)]
pub(crate) async fn redirect() -> Response {
    cacheable(Redirect::to("/docs/"))
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
    Ok(cacheable((headers, file.bytes.into_owned())))
}
