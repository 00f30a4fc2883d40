//! The whole API on one page: method, path, query parameters, who may call it with what, and the handler.

use crate::gate::Gate;
use crate::policy::{Needs, Who};
use crate::problem::Problem;
use crate::{
    App, ErrorCode, accounts, api_keys, auth, cross_origin, docs, email, finapp, mfa, oauth, office, operations,
    password, sessions, transactions, well_known,
};
use axum::Router;
use axum::handler::Handler as _;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, on};
use identity::Scope;
use std::sync::Arc;

/// One route of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteSpec {
    /// The method, `GET`.
    pub method: &'static str,
    /// The path with its placeholders, `/api/accounts/{id}`.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
    /// How far their credential has to reach.
    pub needs: Needs,
    /// The query parameters that it knows; `None`: it does not look.
    pub query: Option<&'static [&'static str]>,
}

/// What the machines of those who run the bank ask all the time.
const OPERATIONS: [&str; 3] = ["/health", "/ready", "/metrics"];

impl RouteSpec {
    /// Whether it is for those who run the bank alone, where they have a listener of their own.
    pub(crate) fn is_for_operators(&self) -> bool {
        self.is_of_operations() && self.path != "/health"
    }

    /// Whether it tells how the bank is, and nothing of anybody.
    pub(crate) fn is_of_operations(&self) -> bool {
        OPERATIONS.contains(&self.path)
    }

    /// Whether an `Idempotency-Key` is needed.
    pub fn moves_money(&self) -> bool {
        self.method == "POST" && (self.path.starts_with("/api/transactions") || self.path == "/api/admin/adjustments")
    }
}

/// A need by its name, or a scope by its.
macro_rules! needs {
    (Nothing) => {
        Needs::Nothing
    };
    (Session) => {
        Needs::Session
    };
    (FreshSession) => {
        Needs::FreshSession
    };
    ($scope:ident) => {
        Needs::Scope(Scope::$scope)
    };
}

/// The query parameters that a route knows; `*`: it takes any.
macro_rules! query {
    (*) => {
        None
    };
    ($($query:tt)&*) => {
        Some(&[$(stringify!($query)),*])
    };
}

macro_rules! routes {
    ($($method:ident $path:literal $(? $($query:tt)&+)? => $who:ident $needs:ident $($handler:ident)::+;)*) => {
        /// Every route.
        pub const ROUTES: &[RouteSpec] = &[$(RouteSpec {
            method: stringify!($method),
            path: $path,
            who: Who::$who,
            needs: needs!($needs),
            query: query!($($($query)&+)?),
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
    POST   "/api/auth/register"              => Public   Nothing           auth::register;
    POST   "/api/auth/login"                 => Public   Nothing           auth::login;
    POST   "/api/auth/refresh"               => Public   Nothing           auth::refresh;
    DELETE "/api/auth/logout"                => Everyone Session           auth::logout;
    GET    "/api/auth/me"                    => Everyone ProfileRead       auth::me;
    POST   "/api/auth/password"              => Everyone Session           password::change;
    POST   "/api/auth/password/forgot"       => Public   Nothing           password::forgot;
    POST   "/api/auth/password/reset"        => Public   Nothing           password::reset;
    PUT    "/api/auth/email"                 => Everyone FreshSession      email::change;
    POST   "/api/auth/email/verification"    => Everyone Session           email::request_verification;
    POST   "/api/auth/email/verify"          => Public   Nothing           email::verify;
    GET    "/api/auth/sessions" ? limit & cursor
                                             => Everyone Session           sessions::list;
    DELETE "/api/auth/sessions"              => Everyone Session           sessions::revoke_others;
    DELETE "/api/auth/sessions/{id}"         => Everyone Session           sessions::revoke;

    POST   "/api/auth/oauth/clients"         => Everyone FreshSession      oauth::clients::register;
    GET    "/api/auth/oauth/clients" ? limit & cursor
                                             => Everyone Session           oauth::clients::list;
    DELETE "/api/auth/oauth/clients/{id}"    => Everyone FreshSession      oauth::clients::remove;
    GET    "/api/auth/grants" ? limit & cursor
                                             => Everyone Session           oauth::grants::list;
    DELETE "/api/auth/grants/{id}"           => Everyone Session           oauth::grants::revoke;

    GET    "/oauth/authorize" ? *            => Public   Nothing           oauth::authorize::show;
    POST   "/oauth/authorize"                => Public   Nothing           oauth::authorize::decide;
    GET    "/oauth/passkey.js"               => Public   Nothing           oauth::authorize::passkey_script;
    POST   "/oauth/token"                    => Public   Nothing           oauth::token::token;
    POST   "/oauth/introspect"               => Public   Nothing           oauth::token::introspect;
    POST   "/oauth/revoke"                   => Public   Nothing           oauth::token::revoke;
    GET    "/.well-known/oauth-authorization-server"
                                             => Public   Nothing           well_known::authorization_server;
    GET    "/.well-known/jwks.json"          => Public   Nothing           well_known::key_set;

    POST   "/api/auth/api-keys"              => Everyone FreshSession      api_keys::create;
    GET    "/api/auth/api-keys" ? limit & cursor
                                             => Everyone Session           api_keys::list;
    POST   "/api/auth/api-keys/{id}/rotate"  => Everyone FreshSession      api_keys::rotate;
    DELETE "/api/auth/api-keys/{id}"         => Everyone Session           api_keys::revoke;
    PUT    "/api/auth/api-keys/{id}/signing-key"
                                             => Everyone FreshSession      api_keys::set_signing_key;
    DELETE "/api/auth/api-keys/{id}/signing-key"
                                             => Everyone FreshSession      api_keys::remove_signing_key;
    GET    "/api/auth/mfa"                   => Everyone Session           mfa::status;
    POST   "/api/auth/mfa/totp"              => Everyone FreshSession      mfa::enrol_totp;
    POST   "/api/auth/mfa/totp/confirm"      => Everyone FreshSession      mfa::confirm_totp;
    DELETE "/api/auth/mfa/totp"              => Everyone FreshSession      mfa::remove_totp;
    POST   "/api/auth/mfa/recovery-codes"    => Everyone FreshSession      mfa::recovery_codes;
    GET    "/api/auth/mfa/passkeys"          => Everyone Session           mfa::passkeys::list;
    POST   "/api/auth/mfa/passkeys/begin"    => Everyone FreshSession      mfa::passkeys::begin;
    POST   "/api/auth/mfa/passkeys/finish"   => Everyone FreshSession      mfa::passkeys::finish;
    PUT    "/api/auth/mfa/passkeys/{id}"     => Everyone Session           mfa::passkeys::rename;
    DELETE "/api/auth/mfa/passkeys/{id}"     => Everyone FreshSession      mfa::passkeys::remove;
    POST   "/api/auth/mfa/verify"            => Public   Nothing           mfa::verify;
    POST   "/api/auth/mfa/verify/passkey"    => Public   Nothing           mfa::ask_passkeys;
    POST   "/api/auth/passkey/begin"         => Public   Nothing           mfa::passkeys::begin_login;
    POST   "/api/auth/passkey/finish"        => Public   Nothing           mfa::passkeys::finish_login;
    POST   "/api/auth/step-up"               => Everyone Session           mfa::step_up::step_up;
    POST   "/api/auth/step-up/passkey"       => Everyone Session           mfa::step_up::ask_passkeys;

    POST   "/signup"                         => Public   Nothing           finapp::signup;
    POST   "/login"                          => Public   Nothing           finapp::login;

    GET    "/api/accounts" ? limit & cursor  => Everyone AccountsRead      accounts::list;
    POST   "/api/accounts"                   => Movers   AccountsWrite     accounts::open;
    GET    "/api/accounts/{id}"              => Everyone AccountsRead      accounts::get;
    PUT    "/api/accounts/{id}"              => Movers   AccountsWrite     accounts::change;
    DELETE "/api/accounts/{id}"              => Movers   AccountsWrite     accounts::close;
    GET    "/api/accounts/{id}/balance" ? asOf
                                             => Everyone AccountsRead      accounts::balance;

    POST   "/api/transactions"               => Movers   TransactionsWrite transactions::create;
    POST   "/api/transactions/transfer"      => Movers   TransactionsWrite transactions::transfer;
    POST   "/api/transactions/batch"         => Movers   TransactionsWrite transactions::batch::batch;
    POST   "/api/transactions/hold"          => Movers   TransactionsWrite transactions::holds::hold;
    POST   "/api/transactions/{id}/capture"  => Movers   TransactionsWrite transactions::holds::capture;
    POST   "/api/transactions/{id}/release"  => Movers   TransactionsWrite transactions::holds::release;
    POST   "/api/transactions/{id}/refund"   => Movers   TransactionsWrite transactions::counters::refund;
    POST   "/api/transactions/{id}/reverse"  => Admins   FreshSession      transactions::counters::reverse;
    GET    "/api/transactions/{id}"          => Everyone TransactionsRead  transactions::lists::get;
    GET    "/api/transactions"
             ? from & to & valueFrom & valueTo & type & status & originalTransactionId & limit & cursor
                                             => Everyone TransactionsRead  transactions::lists::list;
    GET    "/api/transactions/account/{accountId}"
             ? from & to & valueFrom & valueTo & type & status & originalTransactionId & minAmount & maxAmount & limit & cursor
                                             => Everyone TransactionsRead  transactions::lists::of_account;

    GET    "/api/admin/users" ? role & status & username & limit & cursor
                                             => Staff    Session           office::users::list;
    POST   "/api/admin/users"                => Admins   FreshSession      office::users::create;
    GET    "/api/admin/users/{id}"           => Staff    Session           office::users::get;
    POST   "/api/admin/users/{id}/disable"   => Admins   FreshSession      office::users::disable;
    POST   "/api/admin/users/{id}/enable"    => Admins   FreshSession      office::users::enable;
    DELETE "/api/admin/users/{id}/sessions"  => Admins   FreshSession      office::users::end_sessions;
    PUT    "/api/admin/users/{id}/role"      => Admins   FreshSession      office::approvals::change_role;
    GET    "/api/admin/users/{id}/external-identity"
                                             => Staff    Session           office::identities::get;
    PUT    "/api/admin/users/{id}/external-identity"
                                             => Admins   FreshSession      office::approvals::link_identity;
    DELETE "/api/admin/users/{id}/external-identity"
                                             => Admins   FreshSession      office::identities::unlink;
    POST   "/api/admin/adjustments"          => Tellers  FreshSession      office::approvals::adjust;
    GET    "/api/admin/approvals" ? status & limit & cursor
                                             => Staff    Session           office::approvals::list;
    GET    "/api/admin/approvals/{id}"       => Staff    Session           office::approvals::get;
    POST   "/api/admin/approvals/{id}/approve"
                                             => Admins   FreshSession      office::approvals::approve;
    POST   "/api/admin/approvals/{id}/reject"
                                             => Admins   FreshSession      office::approvals::reject;
    PUT    "/api/admin/accounts/{id}/owner"  => Admins   FreshSession      office::approvals::assign_owner;
    GET    "/api/admin/events" ? kind & subject & actor & limit & cursor
                                             => Auditors Session           office::events::list;

    GET    "/"                               => Public   Nothing           docs::front_page;
    GET    "/health"                         => Public   Nothing           operations::health;
    GET    "/ready"                          => Public   Nothing           operations::ready;
    GET    "/metrics"                        => Public   Nothing           operations::metrics;
    GET    "/openapi.json"                   => Public   Nothing           docs::document;
    GET    "/docs"                           => Public   Nothing           docs::redirect;
    GET    "/docs/"                          => Public   Nothing           docs::page;
    GET    "/docs/{file}"                    => Public   Nothing           docs::file;
}

/// What is counted for requests that no route takes.
const UNMATCHED: RouteSpec =
    RouteSpec { method: "any", path: "unmatched", who: Who::Public, needs: Needs::Nothing, query: None };

/// The API as a service.
pub fn router(app: impl Into<Arc<App>>) -> Router {
    let app = app.into();
    finished(add_routes(Router::new(), &app), app)
}

/// What those who run the bank look at, as a service of its own.
pub(crate) fn operations_router(app: &Arc<App>) -> Router {
    let gate = |path| {
        let spec = ROUTES.iter().find(|spec| spec.path == path).expect("the routes of operations are in the table");
        Gate::for_operators(app, *spec)
    };
    let router = Router::new()
        .route("/health", on(MethodFilter::GET, operations::health).route_layer(gate("/health")))
        .route("/ready", on(MethodFilter::GET, operations::ready).route_layer(gate("/ready")))
        .route("/metrics", on(MethodFilter::GET, operations::metrics).route_layer(gate("/metrics")));
    finished(router, Arc::clone(app))
}

fn finished(router: Router<Arc<App>>, app: Arc<App>) -> Router {
    let unmatched = Gate::new(&app, UNMATCHED);
    router
        .fallback(no_route.layer(unmatched.clone()))
        .method_not_allowed_fallback(wrong_method.layer(unmatched))
        .with_state(app)
}

async fn no_route() -> Problem {
    no_such_route()
}

/// The answer to a path that is not there, or not here.
pub(crate) fn no_such_route() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no such route")
}

async fn wrong_method(method: Method, headers: HeaderMap) -> Response {
    if cross_origin::is_preflight(&method, &headers) {
        return cross_origin::preflight_reply();
    }
    Problem::new(ErrorCode::MethodNotAllowed, "This route does not take this method").into_response()
}
