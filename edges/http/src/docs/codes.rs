//! Which error codes a route can answer, and with which status: what the description of the API promises.

use crate::ErrorCode::{self, *};
use crate::limits::LimitClass;
use crate::policy::{Needs, Who};
use crate::routes::RouteSpec;
use axum::http::StatusCode;
use std::collections::HashSet;

const ALWAYS: &[ErrorCode] = &[InvalidRequest, Forbidden, UriTooLong, HeadersTooLarge, Internal, ServiceUnavailable];
const OF_TOKENS: &[ErrorCode] = &[Unauthenticated, InvalidToken, TokenExpired, SessionEnded];
/// Of what the trusted issuer says, and of whom.
const OF_ISSUER: &[ErrorCode] = &[StepUpRequired, UserDisabled];
const OF_API_KEYS: &[ErrorCode] = &[InvalidSignature, SignatureReplayed, AddressNotAllowed];
const OF_BODIES: &[ErrorCode] = &[InvalidJson, DigestMismatch, RequestTimeout, PayloadTooLarge, UnsupportedMediaType];
const OF_KEYS: &[ErrorCode] = &[IdempotencyKeyMissing, IdempotencyKeyInProgress, IdempotencyKeyReused];
const OF_ORDERS: &[ErrorCode] = &[SameAccount, InsufficientFunds, CurrencyMismatch, BalanceTooLarge, StepUpRequired];

/// The codes with their statuses.
pub(super) fn of(spec: &RouteSpec) -> Vec<(ErrorCode, StatusCode)> {
    if spec.path.starts_with("/oauth/") {
        return of_oauth(spec);
    }
    let mut codes = ALWAYS.to_vec();
    if LimitClass::of(spec).is_some() {
        codes.push(RateLimited);
    }
    if spec.who != Who::Public {
        codes.extend(OF_TOKENS);
        codes.extend(OF_API_KEYS);
        codes.extend(OF_ISSUER);
    }
    if spec.who != Who::Public {
        codes.push(MfaEnrolmentRequired);
    }
    match spec.needs {
        Needs::Nothing => {}
        Needs::Scope(_) => codes.push(InsufficientScope),
        Needs::Session => codes.push(SessionRequired),
        Needs::FreshSession => codes.extend([SessionRequired, StepUpRequired]),
    }
    if matches!(spec.method, "POST" | "PUT") {
        codes.extend(OF_BODIES);
    }
    if spec.moves_money() {
        codes.extend(OF_KEYS);
    }
    codes.extend(own(spec));
    let mut seen = HashSet::new();
    codes.retain(|code| seen.insert(*code));
    let mut with_status: Vec<_> = codes.into_iter().map(|code| (code, code.status())).collect();
    if spec.moves_money()
        || matches!(
            (spec.method, spec.path),
            ("PUT" | "DELETE", "/api/accounts/{id}") | ("PUT", "/api/admin/accounts/{id}/owner")
        )
    {
        // Frozen and closed.
        with_status.push((InvalidAccount, StatusCode::UNPROCESSABLE_ENTITY));
    }
    with_status
}

/// What is not told in OAuth's own words, nor on a page.
fn of_oauth(spec: &RouteSpec) -> Vec<(ErrorCode, StatusCode)> {
    let mut codes = vec![Forbidden, UriTooLong, HeadersTooLarge, RateLimited, Internal, ServiceUnavailable];
    if spec.method == "POST" {
        codes.extend([RequestTimeout, PayloadTooLarge]);
    }
    codes.into_iter().map(|code| (code, code.status())).collect()
}

/// What only this route answers.
fn own(spec: &RouteSpec) -> Vec<ErrorCode> {
    let and_orders = |others: &[ErrorCode]| [OF_ORDERS, others].concat();
    match (spec.method, spec.path) {
        ("POST", "/api/auth/register" | "/signup") => vec![UsernameTaken],
        ("POST", "/api/auth/login") => vec![InvalidCredentials, UserDisabled],
        ("POST", "/login") => vec![InvalidCredentials, UserDisabled, MfaRequired],
        ("POST", "/api/auth/mfa/totp") => vec![TotpAlreadyEnabled],
        ("POST", "/api/auth/mfa/totp/confirm") => {
            vec![TotpAlreadyEnabled, NotEnrolled, InvalidSecondFactor, TooManyAttempts]
        }
        ("DELETE", "/api/auth/mfa/totp") | ("POST", "/api/auth/mfa/recovery-codes") => vec![NotEnrolled],
        ("POST", "/api/auth/mfa/passkeys/begin" | "/api/auth/mfa/passkeys/finish") => {
            vec![PasskeyRefused, PasskeysUnavailable]
        }
        ("PUT", "/api/auth/mfa/passkeys/{id}") => vec![PasskeyNotFound, PasskeyRefused],
        ("DELETE", "/api/auth/mfa/passkeys/{id}") => vec![PasskeyNotFound],
        ("POST", "/api/auth/mfa/verify") => {
            vec![InvalidMfaToken, InvalidSecondFactor, TooManyAttempts, UserDisabled, PasskeysUnavailable]
        }
        ("POST", "/api/auth/mfa/verify/passkey") => {
            vec![InvalidMfaToken, NotEnrolled, UserDisabled, PasskeysUnavailable]
        }
        ("POST", "/api/auth/passkey/begin") => vec![PasskeysUnavailable],
        ("POST", "/api/auth/passkey/finish") => vec![InvalidSecondFactor, UserDisabled, PasskeysUnavailable],
        ("POST", "/api/auth/step-up") => vec![
            InvalidCredentials,
            MfaRequired,
            InvalidSecondFactor,
            TooManyAttempts,
            UserDisabled,
            PasskeysUnavailable,
        ],
        ("POST", "/api/auth/step-up/passkey") => vec![NotEnrolled, PasskeysUnavailable],
        ("POST", "/api/auth/refresh") => vec![InvalidRefreshToken, UserDisabled],
        ("POST", "/api/auth/password") => vec![StepUpRequired, InvalidCredentials, UserDisabled, NotFound],
        ("POST", "/api/auth/password/forgot") => vec![MailUnavailable],
        ("POST", "/api/auth/password/reset" | "/api/auth/email/verify") => vec![InvalidMailToken],
        ("POST", "/api/auth/email/verification") => vec![EmailMissing, MailUnavailable, TooManyMails, NotFound],
        ("PUT", "/api/auth/email") => vec![MailUnavailable, TooManyMails, UserDisabled, NotFound],
        ("DELETE", "/api/auth/sessions/{id}") => vec![SessionNotFound],
        ("POST", "/api/auth/api-keys") => vec![UserDisabled, NotFound, ApiKeyLimitReached],
        ("DELETE", "/api/auth/api-keys/{id}") => vec![NotFound],
        ("POST" | "PUT" | "DELETE", path) if path.starts_with("/api/auth/api-keys/") => vec![NotFound, ApiKeyEnded],
        ("PUT", "/api/accounts/{id}") => vec![InvalidAccount, OverdraftInUse, ConflictOfInterest],
        ("DELETE", "/api/accounts/{id}") => vec![InvalidAccount, AccountNotEmpty],
        ("GET", "/api/accounts/{id}" | "/api/accounts/{id}/balance" | "/api/transactions/account/{accountId}") => {
            vec![InvalidAccount]
        }
        ("POST", "/api/transactions") => and_orders(&[InvalidAccount, SandboxOnly]),
        ("POST", "/api/transactions/batch") => and_orders(&[InvalidAccount, BatchRefused]),
        ("POST", "/api/transactions/transfer" | "/api/transactions/hold") => and_orders(&[InvalidAccount]),
        ("POST", "/api/transactions/{id}/capture") => {
            vec![TransactionNotFound, InvalidStatus, HoldNotOpen, AmountExceedsHold, BalanceTooLarge]
        }
        ("POST", "/api/transactions/{id}/release") => {
            vec![TransactionNotFound, InvalidStatus, HoldNotOpen, ConflictOfInterest]
        }
        ("POST", "/api/transactions/{id}/refund") => vec![
            TransactionNotFound,
            InvalidStatus,
            AlreadyRefunded,
            AmountExceedsOriginal,
            NotRefundable,
            InsufficientFunds,
            BalanceTooLarge,
            ConflictOfInterest,
        ],
        ("POST", "/api/transactions/{id}/reverse") => vec![
            TransactionNotFound,
            InvalidStatus,
            AlreadyRefunded,
            NotRefundable,
            InsufficientFunds,
            BalanceTooLarge,
            ConflictOfInterest,
        ],
        ("GET", "/api/transactions/{id}") => vec![TransactionNotFound],
        ("GET", "/docs/{file}") | ("GET", "/api/auth/me") => vec![NotFound],
        ("PUT", "/api/admin/users/{id}/role") => vec![NotFound],
        ("GET" | "DELETE", "/api/admin/users/{id}/external-identity") => vec![NotFound, NoTrustedIssuer],
        ("PUT", "/api/admin/users/{id}/external-identity") => vec![NotFound, NoTrustedIssuer, AlreadyLinked],
        ("POST", "/api/admin/adjustments") => vec![InvalidAccount, CurrencyMismatch],
        ("GET", "/api/admin/approvals/{id}") => vec![NotFound],
        ("POST", "/api/admin/approvals/{id}/approve" | "/api/admin/approvals/{id}/reject") => {
            vec![NotFound, SecondPersonRequired, DeciderTied, RequesterNotEntitled, InvalidStatus]
        }
        ("POST", "/api/admin/users") => vec![UsernameTaken],
        ("POST", "/api/admin/users/{id}/disable") => vec![NotFound, LastAdmin, TooFewAdmins],
        ("GET" | "POST" | "DELETE", path) if path.starts_with("/api/admin/users/{id}") => vec![NotFound],
        ("PUT", "/api/admin/accounts/{id}/owner") => vec![InvalidAccount, NotFound, AccountHasOwner],
        ("DELETE", "/api/auth/oauth/clients/{id}" | "/api/auth/grants/{id}") => vec![NotFound],
        ("POST", "/api/auth/oauth/clients") => vec![NotFound],
        _ => Vec::new(),
    }
}
