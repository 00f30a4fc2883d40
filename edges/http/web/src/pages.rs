//! The pages and files of the app, and the policy under which browsers run it.

use crate::files::{Keep, named};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use http_core::ErrorCode;
use http_core::problem::{Outcome, Problem};

/// Nothing from elsewhere, nothing inline, and no text that becomes a script; `web/vite.config.ts` serves the same.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The web app.
#[utoipa::path(
    get,
    path = "/app",
    tag = "web",
    operation_id = "app",
    responses((status = 200, description = "The page", body = String, content_type = "text/html")),
)]
pub(crate) async fn home(asked: HeaderMap) -> Outcome<Response> {
    index(&asked)
}

/// A page of the web app.
#[utoipa::path(
    get,
    path = "/app/{page}",
    tag = "web",
    operation_id = "app_page",
    params(("page" = String, Path)),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")),
)]
pub(crate) async fn page(asked: HeaderMap) -> Outcome<Response> {
    index(&asked)
}

/// A page of the web app about one thing.
#[utoipa::path(
    get,
    path = "/app/{page}/{item}",
    tag = "web",
    operation_id = "app_item",
    params(("page" = String, Path), ("item" = String, Path)),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")),
)]
pub(crate) async fn item(asked: HeaderMap) -> Outcome<Response> {
    index(&asked)
}

/// A script, style or font of the web app.
#[utoipa::path(
    get,
    path = "/assets/{file}",
    tag = "web",
    operation_id = "app_asset",
    params(("file" = String, Path)),
    responses((status = 200, description = "The file")),
)]
pub(crate) async fn asset(name: Result<Path<String>, PathRejection>, asked: HeaderMap) -> Outcome<Response> {
    // A name that does not decode is the name of no file.
    let name = name.map(|Path(name)| name).unwrap_or_default();
    sent(&format!("assets/{name}"), &asked, Keep::Forever)
}

/// Sets appearance and language before anything is painted.
#[utoipa::path(
    get,
    path = "/theme.js",
    tag = "web",
    operation_id = "app_theme",
    responses((status = 200, description = "The script", body = String, content_type = "text/javascript")),
)]
pub(crate) async fn theme(asked: HeaderMap) -> Outcome<Response> {
    sent("theme.js", &asked, Keep::Asking)
}

/// The coin.
#[utoipa::path(
    get,
    path = "/favicon.svg",
    tag = "web",
    operation_id = "app_favicon",
    responses((status = 200, description = "The picture", body = String, content_type = "image/svg+xml")),
)]
pub(crate) async fn favicon(asked: HeaderMap) -> Outcome<Response> {
    sent("favicon.svg", &asked, Keep::Asking)
}

fn index(asked: &HeaderMap) -> Outcome<Response> {
    let mut response = sent("index.html", asked, Keep::Asking)?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

fn sent(name: &str, asked: &HeaderMap, keep: Keep) -> Outcome<Response> {
    let missing = || match crate::is_built() {
        true => Problem::new(ErrorCode::NotFound, "There is no such file"),
        false => Problem::new(ErrorCode::NotFound, "The web app is not in this binary: `make web` builds it"),
    };
    Ok(named(name).ok_or_else(missing)?.reply(asked, keep))
}

#[cfg(test)]
mod tests {
    use super::POLICY;

    #[test]
    fn the_app_is_developed_under_the_policy_that_it_is_served_with() {
        let development = include_str!("../../../../web/vite.config.ts");
        for directive in POLICY.split("; ") {
            assert!(development.contains(&format!("\"{directive}\"")), "{directive}");
        }
    }
}
