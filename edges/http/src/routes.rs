//! The whole API: the tables of the rooms and those in `routes/`, joined, and the services that are made of them.
//! `docs/routes.md` shows all of it on one page.

mod documents;
mod operations;

use crate::App;
use crate::docs::Documents;
use crate::operations::Operations;
use axum::Router;
use axum::handler::Handler as _;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use http_core::gate::Gates;
use http_core::problem::Problem;
use http_core::route::{Needs, RouteSpec, Who, Work, count, joined};
use http_core::{ErrorCode, cross_origin};
use payments::Mode;
use std::sync::Arc;
use utoipa::openapi::OpenApi;

const TABLES: &[&[RouteSpec]] = &[
    http_identity::ROUTES,
    http_oauth::ROUTES,
    http_money::ROUTES,
    http_office::ROUTES,
    http_notifications::ROUTES,
    http_reports::ROUTES,
    http_audit::ROUTES,
    http_simulations::ROUTES,
    http_web::ROUTES,
    documents::ROUTES,
    operations::ROUTES,
];

/// Every route.
pub const ROUTES: &[RouteSpec] = &joined::<{ count(TABLES) }>(TABLES);

/// What is counted for requests that no route takes.
const UNMATCHED: &RouteSpec = &RouteSpec {
    method: "any",
    path: "unmatched",
    query: None,
    who: Who::Public,
    needs: Needs::Nothing,
    work: Work::Documents,
    failures: None,
};

/// What the handlers of each table say of themselves.
pub(crate) fn described() -> [OpenApi; 11] {
    [
        http_identity::described(),
        http_oauth::described(),
        http_money::described(),
        http_office::described(),
        http_notifications::described(),
        http_reports::described(),
        http_audit::described(),
        http_simulations::described(),
        http_web::described(),
        documents::described(),
        operations::described(),
    ]
}

/// The API as a service, which shows its description.
pub(crate) fn router(app: &App, openapi: fn() -> &'static str) -> Router {
    let gates = Gates::for_everybody(&app.door());
    let simulations = match app.settings.mode {
        Mode::Sandbox => http_simulations::router(&gates).with_state(app.simulations()),
        Mode::Production => Router::new(),
    };
    let router = Router::new()
        .merge(simulations)
        .merge(http_identity::router(&gates).with_state(app.identity()))
        .merge(http_oauth::router(&gates).with_state(app.oauth()))
        .merge(http_money::router(&gates).with_state(app.money()))
        .merge(http_office::router(&gates).with_state(app.office()))
        .merge(http_notifications::router(&gates).with_state(app.notifications()))
        .merge(http_reports::router(&gates).with_state(app.reports()))
        .merge(http_audit::router(&gates).with_state(app.audit()))
        .merge(http_web::router(&gates).with_state(app.web()))
        .merge(documents::router(&gates).with_state(Arc::new(Documents { openapi })))
        .merge(operations::router(&gates).with_state(Arc::new(Operations::of(app))));
    finished(router, &gates)
}

/// What those who run the bank look at, as a service of its own.
pub(crate) fn operations_router(app: &App) -> Router {
    let gates = Gates::for_operators(&app.door());
    finished(operations::router(&gates).with_state(Arc::new(Operations::of(app))), &gates)
}

fn finished(router: Router, gates: &Gates) -> Router {
    let unmatched = gates.before(UNMATCHED);
    router.fallback(no_route.layer(unmatched.clone())).method_not_allowed_fallback(wrong_method.layer(unmatched))
}

async fn no_route() -> Problem {
    Problem::no_such_route()
}

async fn wrong_method(method: Method, headers: HeaderMap) -> Response {
    if cross_origin::is_preflight(&method, &headers) {
        return cross_origin::preflight_reply();
    }
    Problem::new(ErrorCode::MethodNotAllowed, "This route does not take this method").into_response()
}
