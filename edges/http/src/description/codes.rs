//! With which error codes and statuses a route can fail: what follows from its row, and what the row says of it alone.

use crate::ErrorCode::{self, *};
use http_core::LimitClass;
use http_core::route::{Failure, Needs, RouteSpec, Who};
use std::collections::HashSet;

const ALWAYS: &[ErrorCode] = &[InvalidRequest, Forbidden, UriTooLong, HeadersTooLarge, Internal, ServiceUnavailable];
const OF_TOKENS: &[ErrorCode] = &[Unauthenticated, InvalidToken, TokenExpired, SessionEnded];
/// Of what the trusted issuer says, and of whom.
const OF_ISSUER: &[ErrorCode] = &[StepUpRequired, UserDisabled];
const OF_API_KEYS: &[ErrorCode] = &[InvalidSignature, SignatureReplayed, AddressNotAllowed];
const OF_BODIES: &[ErrorCode] = &[InvalidJson, DigestMismatch, RequestTimeout, PayloadTooLarge, UnsupportedMediaType];
const OF_KEYS: &[ErrorCode] = &[IdempotencyKeyMissing, IdempotencyKeyInProgress, IdempotencyKeyReused];

/// The ways in which the route fails, each once.
pub(super) fn of(spec: &RouteSpec) -> Vec<Failure> {
    let Some(own) = spec.failures else { return of_other_protocol(spec) };
    let mut codes = ALWAYS.to_vec();
    if LimitClass::of(spec.work).is_some() {
        codes.push(RateLimited);
    }
    if spec.who != Who::Public {
        codes.extend([OF_TOKENS, OF_API_KEYS, OF_ISSUER, &[MfaEnrolmentRequired]].concat());
    }
    match spec.needs {
        Needs::Nothing => {}
        Needs::Scope(_) => codes.push(InsufficientScope),
        Needs::Session => codes.push(SessionRequired),
        Needs::FreshSession => codes.extend([SessionRequired, StepUpRequired]),
    }
    if has_body(spec) {
        codes.extend(OF_BODIES);
    }
    if spec.needs_key() {
        codes.extend(OF_KEYS);
    }
    let mut seen = HashSet::new();
    usual(codes).chain(own.iter().copied()).filter(|failure| seen.insert(*failure)).collect()
}

/// What is not said in the protocol's own words, nor on a page.
fn of_other_protocol(spec: &RouteSpec) -> Vec<Failure> {
    let mut codes = vec![Forbidden, UriTooLong, HeadersTooLarge, RateLimited, Internal, ServiceUnavailable];
    if has_body(spec) {
        codes.extend([RequestTimeout, PayloadTooLarge]);
    }
    usual(codes).collect()
}

fn usual(codes: Vec<ErrorCode>) -> impl Iterator<Item = Failure> {
    codes.into_iter().map(|code| Failure { code, status: code.status() })
}

fn has_body(spec: &RouteSpec) -> bool {
    matches!(spec.method, "POST" | "PUT")
}
