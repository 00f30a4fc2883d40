//! The closed list of error codes, each with the status that it usually travels with.

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $code:ident = $word:literal $status:ident;)*) => {
        /// What went wrong, for programs. The list only grows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum ErrorCode {
            $($(#[doc = $doc])* $code,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The word on the wire.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$code => $word,)*
                }
            }

            /// The HTTP status that it usually has.
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$code => StatusCode::$status,)*
                }
            }

            /// When it is answered, for people.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$code => concat!($($doc),*),)*
                }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    InvalidJson = "INVALID_JSON" BAD_REQUEST;
    /// A field, header or parameter is missing, unknown, repeated or wrong; `details` names it and the reason.
    InvalidRequest = "INVALID_REQUEST" BAD_REQUEST;
    /// Source and destination are one account.
    SameAccount = "SAME_ACCOUNT" BAD_REQUEST;
    /// The request needs an `Idempotency-Key` and has none.
    IdempotencyKeyMissing = "IDEMPOTENCY_KEY_MISSING" BAD_REQUEST;
    /// The body is not what its `Content-Digest` says (RFC 9530).
    DigestMismatch = "DIGEST_MISMATCH" BAD_REQUEST;
    /// The mailed token is unknown, used, superseded by a newer one, or over.
    InvalidMailToken = "INVALID_MAIL_TOKEN" BAD_REQUEST;
    /// The code is not the one that was texted, or that was too long ago, or wrong codes were typed too often.
    InvalidPhoneCode = "INVALID_PHONE_CODE" BAD_REQUEST;
    /// The route needs an access token.
    Unauthenticated = "UNAUTHENTICATED" UNAUTHORIZED;
    /// The access token or the API key is none that opens this bank, or the key works no longer; see `details.reason`.
    InvalidToken = "INVALID_TOKEN" UNAUTHORIZED;
    /// The access token's time is over: refresh it.
    TokenExpired = "TOKEN_EXPIRED" UNAUTHORIZED;
    /// The session behind the token was logged out or revoked: log in again.
    SessionEnded = "SESSION_ENDED" UNAUTHORIZED;
    /// The username or the password is wrong; or the current password, where it is asked for once more.
    InvalidCredentials = "INVALID_CREDENTIALS" UNAUTHORIZED;
    /// The password is right and a second factor has to follow: see `details.mfaToken` and `details.methods`.
    MfaRequired = "MFA_REQUIRED" UNAUTHORIZED;
    /// The token of a half-done login is unknown, used, too old or was tried too often: log in again.
    InvalidMfaToken = "INVALID_MFA_TOKEN" UNAUTHORIZED;
    /// The code, recovery code or passkey is wrong, or was used before.
    InvalidSecondFactor = "INVALID_SECOND_FACTOR" UNAUTHORIZED;
    /// The refresh token is unknown, used or over.
    InvalidRefreshToken = "INVALID_REFRESH_TOKEN" UNAUTHORIZED;
    /// Prove again who you are, here or where the token is from, then come back (RFC 9470); see `details`.
    StepUpRequired = "STEP_UP_REQUIRED" UNAUTHORIZED;
    /// The API key asks for signed requests (RFC 9421), and the signature is missing or wrong; see `details.reason`.
    InvalidSignature = "INVALID_SIGNATURE" UNAUTHORIZED;
    /// The same signed request was there before.
    SignatureReplayed = "SIGNATURE_REPLAYED" UNAUTHORIZED;
    /// The API key may not be used from this address.
    AddressNotAllowed = "ADDRESS_NOT_ALLOWED" FORBIDDEN;
    /// The API key, the grant or the token lacks the scope that `details.scope` names.
    InsufficientScope = "INSUFFICIENT_SCOPE" FORBIDDEN;
    /// No API key, grant or token of another issuer may do this: the person themselves has to log in here.
    SessionRequired = "SESSION_REQUIRED" FORBIDDEN;
    /// This bank asks everybody for a second factor: set one up under `/api/auth/mfa` first.
    MfaEnrolmentRequired = "MFA_ENROLMENT_REQUIRED" FORBIDDEN;
    /// The caller may not do this.
    Forbidden = "FORBIDDEN" FORBIDDEN;
    /// Who asked for it, and whom it is for, do not decide it: somebody else has to. Of a refund or reversal: the bank itself
    /// was a party to what it would undo, so that it takes an adjustment.
    SecondPersonRequired = "SECOND_PERSON_REQUIRED" FORBIDDEN;
    /// The bank's own people do not act on an account or a payment in which they are a party: somebody else has to.
    ConflictOfInterest = "CONFLICT_OF_INTEREST" FORBIDDEN;
    /// Who asked for it, or whom it is for, and who decides may be one person: within the last 30 days one of them made the
    /// other, let them in again, changed their role, logged them out or linked them, or a third had made or promoted both;
    /// or a password that was handed out is still used. See `details.tiedTo` and `details.until`.
    DeciderTied = "DECIDER_TIED" FORBIDDEN;
    /// The user may not log in any more.
    UserDisabled = "USER_DISABLED" FORBIDDEN;
    /// Only open in sandbox mode.
    SandboxOnly = "SANDBOX_ONLY" FORBIDDEN;
    /// There is no such route or resource.
    NotFound = "NOT_FOUND" NOT_FOUND;
    /// 404: there is no such account, or it is none of the caller's. 422: it is frozen or closed; see `details.reason`.
    InvalidAccount = "INVALID_ACCOUNT" NOT_FOUND;
    /// There is no such session of the caller's, or it has ended.
    SessionNotFound = "SESSION_NOT_FOUND" NOT_FOUND;
    /// There is no such transaction, or it is none of the caller's.
    TransactionNotFound = "TRANSACTION_NOT_FOUND" NOT_FOUND;
    /// There is no such passkey, or it is none of the caller's.
    PasskeyNotFound = "PASSKEY_NOT_FOUND" NOT_FOUND;
    /// It happened, and is not in a signed head of the audit log yet: try again after `Retry-After`.
    NotYetLogged = "NOT_YET_LOGGED" NOT_FOUND;
    /// The route exists with other methods; see the `Allow` header.
    MethodNotAllowed = "METHOD_NOT_ALLOWED" METHOD_NOT_ALLOWED;
    /// The body did not arrive in time.
    RequestTimeout = "REQUEST_TIMEOUT" REQUEST_TIMEOUT;
    /// Somebody has this username.
    UsernameTaken = "USERNAME_TAKEN" CONFLICT;
    /// The last active administrator can neither be disabled nor get another role.
    LastAdmin = "LAST_ADMIN" CONFLICT;
    /// Two active administrators have to be left who may decide for each other: some things take two.
    TooFewAdmins = "TOO_FEW_ADMINS" CONFLICT;
    /// Who asked for it was disabled since, or has another role: it can only be rejected.
    RequesterNotEntitled = "REQUESTER_NOT_ENTITLED" CONFLICT;
    /// The account belongs to somebody already.
    AccountHasOwner = "ACCOUNT_HAS_OWNER" CONFLICT;
    /// A date of the standing order is being paid just now: ask again after `Retry-After`.
    StandingOrderBeingPaid = "STANDING_ORDER_BEING_PAID" CONFLICT;
    /// This bank trusts no issuer of identities elsewhere.
    NoTrustedIssuer = "NO_TRUSTED_ISSUER" CONFLICT;
    /// The subject belongs to somebody, or the user has one: unlink it first.
    AlreadyLinked = "ALREADY_LINKED" CONFLICT;
    /// There is an authenticator app already: remove it first.
    TotpAlreadyEnabled = "TOTP_ALREADY_ENABLED" CONFLICT;
    /// There is no second factor of the kind, or it was begun too long ago.
    NotEnrolled = "NOT_ENROLLED" CONFLICT;
    /// This bank is reached under a number, and passkeys need a name.
    PasskeysUnavailable = "PASSKEYS_UNAVAILABLE" CONFLICT;
    /// The first request with this key is still running: try again after `Retry-After`.
    IdempotencyKeyInProgress = "IDEMPOTENCY_KEY_IN_PROGRESS" CONFLICT;
    /// The body is larger than the route takes: 1 MiB of a batch, 64 KiB of a new passkey, 16 KiB of all others.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE" PAYLOAD_TOO_LARGE;
    /// The URL is longer than 8 KiB.
    UriTooLong = "URI_TOO_LONG" URI_TOO_LONG;
    /// The body is not declared as `application/json`.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE" UNSUPPORTED_MEDIA_TYPE;
    /// The passkey cannot be registered; see `details.reason`.
    PasskeyRefused = "PASSKEY_REFUSED" UNPROCESSABLE_ENTITY;
    /// The key was used for another request.
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED" UNPROCESSABLE_ENTITY;
    /// The API key was revoked or has expired.
    ApiKeyEnded = "API_KEY_ENDED" UNPROCESSABLE_ENTITY;
    /// The customer has as many accounts as one may have.
    AccountLimitReached = "ACCOUNT_LIMIT_REACHED" UNPROCESSABLE_ENTITY;
    /// More cash than one person pays in and out in 24 hours; `details` say how much that is, and what is left of it.
    CashLimitReached = "CASH_LIMIT_REACHED" UNPROCESSABLE_ENTITY;
    /// The payment is above a limit of the bank: of one payment, of a day or of an hour; see `details.reason`.
    LimitReached = "LIMIT_REACHED" UNPROCESSABLE_ENTITY;
    /// The bank does not make this payment.
    PaymentDeclined = "PAYMENT_DECLINED" UNPROCESSABLE_ENTITY;
    /// The bank is checking this payment; until then nobody moves it on.
    PaymentBeingChecked = "PAYMENT_BEING_CHECKED" UNPROCESSABLE_ENTITY;
    /// Nobody has more API keys than this: revoke one.
    ApiKeyLimitReached = "API_KEY_LIMIT_REACHED" UNPROCESSABLE_ENTITY;
    /// Nobody has more webhooks than this: delete one.
    WebhookLimitReached = "WEBHOOK_LIMIT_REACHED" UNPROCESSABLE_ENTITY;
    /// Nobody has more standing orders than this that have not ended: cancel one.
    StandingOrderLimitReached = "STANDING_ORDER_LIMIT_REACHED" UNPROCESSABLE_ENTITY;
    /// The user has given no e-mail address.
    EmailMissing = "EMAIL_MISSING" UNPROCESSABLE_ENTITY;
    /// The available balance and the overdraft limit do not cover the amount.
    InsufficientFunds = "INSUFFICIENT_FUNDS" UNPROCESSABLE_ENTITY;
    /// The account holds another currency.
    CurrencyMismatch = "CURRENCY_MISMATCH" UNPROCESSABLE_ENTITY;
    /// The balance would leave the range of 64-bit minor units.
    BalanceTooLarge = "BALANCE_TOO_LARGE" UNPROCESSABLE_ENTITY;
    /// The transaction is not in the status that this needs; see `details.status`.
    InvalidStatus = "INVALID_STATUS" UNPROCESSABLE_ENTITY;
    /// The hold was captured, released or has expired.
    HoldNotOpen = "HOLD_NOT_OPEN" UNPROCESSABLE_ENTITY;
    /// More than the held amount was to be captured.
    AmountExceedsHold = "AMOUNT_EXCEEDS_HOLD" UNPROCESSABLE_ENTITY;
    /// More than the original amount was to be refunded.
    AmountExceedsOriginal = "AMOUNT_EXCEEDS_ORIGINAL" UNPROCESSABLE_ENTITY;
    /// The transaction was refunded or reversed before.
    AlreadyRefunded = "ALREADY_REFUNDED" UNPROCESSABLE_ENTITY;
    /// Transactions of this type cannot be refunded or reversed.
    NotRefundable = "NOT_REFUNDABLE" UNPROCESSABLE_ENTITY;
    /// Another transfer of the same atomic batch was refused.
    BatchRefused = "BATCH_REFUSED" UNPROCESSABLE_ENTITY;
    /// The account has money or open holds and cannot be closed.
    AccountNotEmpty = "ACCOUNT_NOT_EMPTY" UNPROCESSABLE_ENTITY;
    /// More of the overdraft is in use than the new limit allows.
    OverdraftInUse = "OVERDRAFT_IN_USE" UNPROCESSABLE_ENTITY;
    /// Too many wrong codes in a row: wait for `Retry-After`, or use another factor.
    TooManyAttempts = "TOO_MANY_ATTEMPTS" TOO_MANY_REQUESTS;
    /// You listen to as many streams as one may: close one.
    TooManyStreams = "TOO_MANY_STREAMS" TOO_MANY_REQUESTS;
    /// Too many requests from this address or user, or too many failed logins: try again after `Retry-After`.
    RateLimited = "RATE_LIMITED" TOO_MANY_REQUESTS;
    /// There are more than 64 headers, or they are longer than 32 KiB together.
    HeadersTooLarge = "HEADERS_TOO_LARGE" REQUEST_HEADER_FIELDS_TOO_LARGE;
    /// Enough mails went out within the hour: try again after `Retry-After`.
    TooManyMails = "TOO_MANY_MAILS" TOO_MANY_REQUESTS;
    /// Enough codes went out within the hour, to you or to this number: try again after `Retry-After`.
    TooManyTexts = "TOO_MANY_TEXTS" TOO_MANY_REQUESTS;
    /// A defect of ours; the log knows more under the request id.
    Internal = "INTERNAL" INTERNAL_SERVER_ERROR;
    /// What is stored of the audit log contradicts itself or a signed head: nothing is proved until somebody looked into it.
    AuditForked = "AUDIT_FORKED" SERVICE_UNAVAILABLE;
    /// This bank has no mail server, so nothing that needs mail can be done.
    MailUnavailable = "MAIL_UNAVAILABLE" SERVICE_UNAVAILABLE;
    /// This bank sends no texts.
    SmsUnavailable = "SMS_UNAVAILABLE" SERVICE_UNAVAILABLE;
    /// Too much to do, or the database is away: try again after `Retry-After`, with the same key.
    ServiceUnavailable = "SERVICE_UNAVAILABLE" SERVICE_UNAVAILABLE;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_what_goes_over_the_wire() {
        let mut words: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.word()).collect();
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.word());
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ErrorCode::ALL.len());
    }
}
