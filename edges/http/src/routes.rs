//! The whole API on one page: method, path, query parameters, who may call it, and the handler.

use crate::gate::Gate;
use crate::problem::Problem;
use crate::{App, ErrorCode, accounts, auth, docs, finapp, operations, transactions};
use axum::Router;
use axum::handler::Handler as _;
use axum::routing::{MethodFilter, on};
use std::sync::Arc;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Whoever is logged in.
    Caller,
    /// Administrators.
    Admin,
}

/// One route of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteSpec {
    /// The method, `GET`.
    pub method: &'static str,
    /// The path with its placeholders, `/api/accounts/{id}`.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// The query parameters that it knows; `None`: it does not look.
    pub query: Option<&'static [&'static str]>,
}

impl RouteSpec {
    /// Whether an `Idempotency-Key` is needed.
    pub fn moves_money(&self) -> bool {
        self.method == "POST" && self.path.starts_with("/api/transactions")
    }
}

macro_rules! routes {
    ($($method:ident $path:literal $(? $($query:tt)&+)? => $access:ident $($handler:ident)::+;)*) => {
        /// Every route.
        pub const ROUTES: &[RouteSpec] = &[$(RouteSpec {
            method: stringify!($method),
            path: $path,
            access: Access::$access,
            query: Some(&[$($(stringify!($query)),+)?]),
        }),*];

        /// What the handlers say of themselves.
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($($handler)::+),*), components(schemas(crate::problem::Envelope<'_>)))]
        pub(crate) struct Documented;

        fn add_routes(router: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
            let mut specs = ROUTES.iter();
            let mut gate = || Gate::new(app, *specs.next().expect("there is one for each route"));
            router$(.route($path, on(MethodFilter::$method, $($handler)::+).route_layer(gate())))*
        }
    };
}

routes! {
    POST   "/api/auth/register"              => Public auth::register;
    POST   "/api/auth/login"                 => Public auth::login;
    POST   "/api/auth/refresh"               => Public auth::refresh;
    DELETE "/api/auth/logout"                => Caller auth::logout;
    GET    "/api/auth/me"                    => Caller auth::me;

    POST   "/signup"                         => Public finapp::signup;
    POST   "/login"                          => Public finapp::login;

    GET    "/api/accounts" ? limit & cursor  => Caller accounts::list;
    POST   "/api/accounts"                   => Caller accounts::open;
    GET    "/api/accounts/{id}"              => Caller accounts::get;
    PUT    "/api/accounts/{id}"              => Caller accounts::change;
    DELETE "/api/accounts/{id}"              => Caller accounts::close;
    GET    "/api/accounts/{id}/balance" ? asOf => Caller accounts::balance;

    POST   "/api/transactions"               => Caller transactions::create;
    POST   "/api/transactions/transfer"      => Caller transactions::transfer;
    POST   "/api/transactions/batch"         => Caller transactions::batch::batch;
    POST   "/api/transactions/hold"          => Caller transactions::holds::hold;
    POST   "/api/transactions/{id}/capture"  => Caller transactions::holds::capture;
    POST   "/api/transactions/{id}/release"  => Caller transactions::holds::release;
    POST   "/api/transactions/{id}/refund"   => Caller transactions::counters::refund;
    POST   "/api/transactions/{id}/reverse"  => Admin  transactions::counters::reverse;
    GET    "/api/transactions/{id}"          => Caller transactions::lists::get;
    GET    "/api/transactions" ? from & to & type & status & limit & cursor
                                             => Caller transactions::lists::list;
    GET    "/api/transactions/account/{accountId}"
             ? from & to & type & status & minAmount & maxAmount & limit & cursor
                                             => Caller transactions::lists::of_account;

    GET    "/health"                         => Public operations::health;
    GET    "/ready"                          => Public operations::ready;
    GET    "/metrics"                        => Public operations::metrics;
    GET    "/openapi.json"                   => Public docs::document;
    GET    "/docs"                           => Public docs::redirect;
    GET    "/docs/"                          => Public docs::page;
    GET    "/docs/{file}"                    => Public docs::file;
}

/// What is counted for requests that no route takes.
const UNMATCHED: RouteSpec = RouteSpec { method: "any", path: "unmatched", access: Access::Public, query: None };

/// The API as a service.
pub fn router(app: App) -> Router {
    let app = Arc::new(app);
    let unmatched = Gate::new(&app, UNMATCHED);
    add_routes(Router::new(), &app)
        .fallback(no_route.layer(unmatched.clone()))
        .method_not_allowed_fallback(wrong_method.layer(unmatched))
        .with_state(app)
}

async fn no_route() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no such route")
}

async fn wrong_method() -> Problem {
    Problem::new(ErrorCode::MethodNotAllowed, "This route does not take this method")
}
