//! The one layer around every route: the request's name, who may pass, time limit, panics, envelope, headers, metrics.
//! One instead of a stack, and made per route, so that nothing has to be looked up for a request. Those for whom the
//! gate may have to wait are let in by `gate/program.rs` (API keys) and `gate/external.rs` (the trusted issuer).

mod external;
mod program;

use crate::caller::{Caller, Known};
use crate::front_door::{Audience, Openness, ToProxies, Visit};
use crate::limits::LimitClass;
use crate::parameters::require_known;
use crate::policy;
use crate::problem::{Outcome, Problem};
use crate::reply::Cacheable;
use crate::request_id::{RequestId, X_REQUEST_ID};
use crate::route::{RouteSpec, Who};
use crate::security_headers;
use crate::telemetry::RouteMetrics;
use crate::{Door, ErrorCode, OperationsPlace};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use db::WallTime;
use futures_util::FutureExt as _;
use programs::Programs;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tower::{Layer, Service};
use tracing::{Instrument as _, Span};

/// Longer than any wait inside; whoever gets there is told to try again.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// What makes the gates of one listener.
pub struct Gates {
    door: Arc<Door>,
    audience: Audience,
}

/// What stands before one route.
#[derive(Clone)]
pub struct Gate(Arc<Parts>);

struct Parts {
    door: Arc<Door>,
    spec: &'static RouteSpec,
    metrics: RouteMetrics,
    limits: Option<&'static LimitClass>,
    /// `RateLimit-Policy`, if the limits are on.
    limits_header: Option<HeaderValue>,
    to_proxies: ToProxies,
    /// The route is answered on another listener.
    is_elsewhere: bool,
}

/// A route behind its gate.
#[derive(Clone)]
pub struct Gated<S> {
    gate: Gate,
    inner: S,
}

/// What the gate has found out without waiting for anything.
enum Admission {
    /// The request may pass.
    Granted,
    /// It comes with an API key: that may take a look into the database.
    ByApiKey,
    /// It comes with a token of the trusted issuer: that may take the same, and a wait for the issuer's keys.
    FromIssuer,
}

/// A request with what is known of it so far.
struct Arrival {
    request: Request,
    visit: Visit,
    request_id: RequestId,
}

impl Gates {
    /// On the listener for everybody.
    pub fn for_everybody(door: &Arc<Door>) -> Self {
        Self { door: Arc::clone(door), audience: Audience::Everybody }
    }

    /// On the listener of those who run the bank.
    pub fn for_operators(door: &Arc<Door>) -> Self {
        Self { door: Arc::clone(door), audience: Audience::Operators }
    }

    /// The gate before one route.
    pub fn before(&self, spec: &'static RouteSpec) -> Gate {
        let door = Arc::clone(&self.door);
        let limits = LimitClass::of(spec.work).filter(|_| door.front_door.limits.are_on());
        Gate(Arc::new(Parts {
            spec,
            metrics: RouteMetrics::new(spec.method, spec.path),
            limits,
            limits_header: limits.map(LimitClass::header),
            to_proxies: if spec.is_of_operations() { ToProxies::Open } else { ToProxies::Closed },
            is_elsewhere: spec.is_for_operators()
                && self.audience == Audience::Everybody
                && door.settings.operations == OperationsPlace::OwnListener,
            door,
        }))
    }
}

impl Gate {
    /// Lets the request pass, with its caller in it if the route needs one.
    fn admit(&self, request: &mut Request, visit: &mut Visit, request_id: &RequestId) -> Outcome<Admission> {
        let Parts { door, spec, limits, to_proxies, is_elsewhere, .. } = &*self.0;
        door.front_door.check(request, visit, Openness { limits: *limits, to_proxies: *to_proxies })?;
        if *is_elsewhere {
            return Err(Problem::no_such_route());
        }
        if spec.who != Who::Public {
            let token = bearer_token(request.headers())?;
            if Programs::is_api_key(token) {
                return Ok(Admission::ByApiKey);
            }
            if door.programs.is_external(token) {
                return Ok(Admission::FromIssuer);
            }
            let now = door.now();
            let identity = door.identity.authenticate(token, now)?;
            door.front_door.check_user(identity.user_id, visit, *limits)?;
            self.let_in(request, identity, request_id, now)?;
        }
        self.require_known_parameters(request)?;
        Ok(Admission::Granted)
    }

    /// What every line that is logged on the way of a request carries.
    fn span(&self, request_id: &RequestId) -> Span {
        let RouteSpec { method, path, .. } = self.0.spec;
        tracing::info_span!("request", request_id = request_id.as_str(), method, route = path)
    }

    fn let_in(
        &self,
        request: &mut Request,
        identity: identity::Caller,
        request_id: &RequestId,
        now: WallTime,
    ) -> Outcome<()> {
        let Parts { spec, door, .. } = &*self.0;
        policy::require_second_factor(&identity, spec.who, door.settings.mfa)?;
        policy::require(&identity, spec.who, spec.needs, now)?;
        let caller = Caller { identity, request_id: request_id.clone(), route: spec };
        request.extensions_mut().insert(Known::from(caller));
        Ok(())
    }

    fn require_known_parameters(&self, request: &Request) -> Outcome<()> {
        match (request.uri().query(), self.0.spec.query) {
            (Some(query), Some(known)) => require_known(query, known),
            _ => Ok(()),
        }
    }

    fn finish(&self, mut response: Response, visit: Visit, request_id: RequestId) -> Response {
        let Parts { door, spec, metrics, limits_header, .. } = &*self.0;
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            log(&problem, spec, &request_id);
            // Headers that were set beside the problem, such as Allow, go on.
            let headers = std::mem::take(response.headers_mut());
            response = problem.into_reply(&request_id, door.now());
            response.headers_mut().extend(headers);
        }
        let is_cacheable = response.extensions().get::<Cacheable>().is_some();
        let headers = response.headers_mut();
        headers.insert(X_REQUEST_ID, request_id.into_header());
        security_headers::write(headers, &door.settings.public_url);
        if !is_cacheable && !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        let took = visit.started.elapsed();
        door.front_door.write_headers(visit, limits_header.as_ref(), headers);
        metrics.record(response.status(), took);
        response
    }
}

/// What follows `Bearer `: an access token, ours or of the trusted issuer, or an API key.
fn bearer_token(headers: &HeaderMap) -> Outcome<&str> {
    let missing = || Problem::new(ErrorCode::Unauthenticated, "This needs `Authorization: Bearer` and an access token");
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
    let (scheme, token) = value.split_once(' ').ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    Ok(token.trim())
}

/// With the names of request and route, because a filter may leave spans out.
fn log(problem: &Problem, spec: &RouteSpec, request_id: &RequestId) {
    if let Some(cause) = problem.cause() {
        let (request_id, status) = (request_id.as_str(), problem.http_status().as_u16());
        if problem.http_status() == StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(request_id, method = spec.method, route = spec.path, status, cause, "turned away");
        } else {
            tracing::error!(request_id, method = spec.method, route = spec.path, status, cause, "request failed");
        }
    }
}

/// Runs the handler: neither a panic nor a wait without end gets out.
async fn run(handler: impl Future<Output = Result<Response, Infallible>>, limit: Duration) -> Response {
    match tokio::time::timeout(limit, AssertUnwindSafe(handler).catch_unwind()).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Err(panic)) => Problem::internal(format!("panic: {}", panic_text(&*panic))).into_response(),
        Err(_) => Problem::unavailable(format!("no reply within {} s", limit.as_secs())).into_response(),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}

impl<S> Layer<S> for Gate {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated { gate: self.clone(), inner }
    }
}

impl<S> Service<Request> for Gated<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let gate = self.gate.clone();
        let request_id = RequestId::of(request.headers());
        let mut visit = gate.0.door.front_door.meet(&mut request, Instant::now());
        let admitted = gate.admit(&mut request, &mut visit, &request_id);
        // Routes are always ready, the copy as much as the one that was asked.
        match admitted {
            Ok(Admission::ByApiKey) => {
                let span = gate.span(&request_id);
                let arrival = Arrival { request, visit, request_id };
                return Box::pin(gate.serve_program(self.inner.clone(), arrival).instrument(span));
            }
            Ok(Admission::FromIssuer) => {
                let span = gate.span(&request_id);
                let arrival = Arrival { request, visit, request_id };
                return Box::pin(gate.serve_external(self.inner.clone(), arrival).instrument(span));
            }
            Ok(Admission::Granted) | Err(_) => {}
        }
        // It only reads and does something once it is waited for.
        let handler = admitted.map(|_| self.inner.call(request));
        let span = gate.span(&request_id);
        let answered = async move {
            let shared = gate.0.door.front_door.limits.take_shared(&mut visit.usage).await;
            let response = match shared.and(handler) {
                Ok(handler) => run(handler, REQUEST_TIMEOUT).await,
                Err(problem) => problem.into_response(),
            };
            Ok(gate.finish(response, visit, request_id))
        };
        Box::pin(answered.instrument(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(response: &Response) -> &Problem {
        response.extensions().get::<Problem>().unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_error_and_its_words_stay_inside() {
        let response = run(async { panic!("the {} is wrong", "sum") }, REQUEST_TIMEOUT).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(problem(&response).cause(), Some("panic: the sum is wrong"));
        let envelope = problem(&response).envelope(&RequestId::of(&HeaderMap::new()), WallTime::now());
        assert!(!String::from_utf8(envelope).unwrap().contains("sum"));
    }

    #[tokio::test]
    async fn a_wait_without_end_ends_as_unavailable() {
        let response = run(std::future::pending(), Duration::from_millis(1)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let reply = problem(&response).clone().into_reply(&RequestId::of(&HeaderMap::new()), WallTime::now());
        assert_eq!(reply.headers()[header::RETRY_AFTER], "1");
    }
}
