//! The whole API: the tables of routes in `routes/`, joined, and the services that are made of them.
//! `docs/routes.md` shows all of it on one page.

mod documents;
mod identity;
mod money;
mod oauth;
mod office;
mod operations;
mod simulations;

use crate::description::openapi_json;
use crate::docs::Documents;
use crate::gate::Gates;
use crate::problem::Problem;
use crate::route::{Needs, RouteSpec, Who, Work, count, joined};
use crate::{App, ErrorCode, Mode, cross_origin};
use axum::Router;
use axum::handler::Handler as _;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;
use utoipa::openapi::OpenApi;

const TABLES: &[&[RouteSpec]] = &[
    identity::ROUTES,
    oauth::ROUTES,
    money::ROUTES,
    office::ROUTES,
    simulations::ROUTES,
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
pub(crate) fn described() -> [OpenApi; 7] {
    [
        identity::described(),
        oauth::described(),
        money::described(),
        office::described(),
        simulations::described(),
        documents::described(),
        operations::described(),
    ]
}

/// The API as a service.
pub fn router(app: impl Into<Arc<App>>) -> Router {
    let app = app.into();
    let gates = Gates::for_everybody(&app);
    let simulations = match app.settings.mode {
        Mode::Sandbox => simulations::router(&gates),
        Mode::Production => Router::new(),
    };
    let router = Router::new()
        .merge(simulations)
        .merge(identity::router(&gates))
        .merge(oauth::router(&gates))
        .merge(money::router(&gates))
        .merge(office::router(&gates))
        .merge(operations::router(&gates))
        .with_state(app)
        .merge(documents::router(&gates).with_state(Arc::new(Documents { openapi: openapi_json })));
    finished(router, &gates)
}

/// What those who run the bank look at, as a service of its own.
pub(crate) fn operations_router(app: &Arc<App>) -> Router {
    let gates = Gates::for_operators(app);
    finished(operations::router(&gates).with_state(Arc::clone(app)), &gates)
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
