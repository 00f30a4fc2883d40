//! How the texts on the wire are described in OpenAPI. Nothing here is ever made; the types that are, point here.
#![expect(dead_code, missing_docs, reason = "these types only describe, and words of a list explain themselves")]

use std::borrow::Cow;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

/// An account's identifier.
#[derive(ToSchema)]
#[schema(as = AccountId, pattern = "^acct_[0-9a-z]{26}$", example = "acct_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct AccountIdText(String);

/// A transaction's identifier.
#[derive(ToSchema)]
#[schema(as = TransactionId, pattern = "^txn_[0-9a-z]{26}$", example = "txn_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct TransactionIdText(String);

/// A user's identifier.
#[derive(ToSchema)]
#[schema(as = UserId, pattern = "^usr_[0-9a-z]{26}$", example = "usr_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct UserIdText(String);

/// A session's identifier.
#[derive(ToSchema)]
#[schema(as = SessionId, pattern = "^ses_[0-9a-z]{26}$", example = "ses_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct SessionIdText(String);
/// An API key's identifier.
#[derive(ToSchema)]
#[schema(as = ApiKeyId, pattern = "^key_[0-9a-z]{26}$", example = "key_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct ApiKeyIdText(String);

/// An event's identifier.
#[derive(ToSchema)]
#[schema(as = EventId, pattern = "^evt_[0-9a-z]{26}$", example = "evt_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct EventIdText(String);

/// A username: put into lower case.
#[derive(ToSchema)]
#[schema(as = Username, pattern = "^[A-Za-z0-9._-]{3,64}$", example = "john_doe")]
pub struct UsernameText(String);

/// A password that is being chosen; common ones are refused, and those that contain the username.
#[derive(ToSchema)]
#[schema(as = NewPassword, min_length = 8, max_length = 128, example = "correct horse battery staple")]
pub struct NewPasswordText(String);

/// A client's identifier.
#[derive(ToSchema)]
#[schema(as = ClientId, pattern = "^client_[0-9a-z]{26}$", example = "client_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct ClientIdText(String);

/// A grant's identifier.
#[derive(ToSchema)]
#[schema(as = GrantId, pattern = "^grant_[0-9a-z]{26}$", example = "grant_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct GrantIdText(String);

/// An approval's identifier.
#[derive(ToSchema)]
#[schema(as = ApprovalId, pattern = "^appr_[0-9a-z]{26}$", example = "appr_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct ApprovalIdText(String);

/// A passkey's identifier.
#[derive(ToSchema)]
#[schema(as = PasskeyId, pattern = "^pky_[0-9a-z]{26}$", example = "pky_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct PasskeyIdText(String);

/// The identifier of a question to passkeys.
#[derive(ToSchema)]
#[schema(as = CeremonyId, pattern = "^cer_[0-9a-z]{26}$", example = "cer_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub struct CeremonyIdText(String);

/// What somebody who acts is known by; `BANK` is what time brings about.
#[derive(ToSchema)]
#[schema(as = Credential, rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CredentialWord {
    Session,
    ApiKey,
    Grant,
    External,
    MailToken,
    CommandLine,
    Bank,
}

/// An exact decimal with exactly the decimals of its currency: `1250.00` USD, `1250` JPY.
#[derive(ToSchema)]
#[schema(as = Decimal, pattern = r"^-?[0-9]+(\.[0-9]+)?$", example = "1250.00")]
pub struct DecimalText(String);

/// An amount of money, as a string or a number.
pub struct Amount;

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[0-9]+(\.[0-9]+)?$"));
        let number = ObjectBuilder::new().schema_type(Type::Number).exclusive_minimum(Some(0));
        let description = "With at most the decimals of its currency. A string is best; a number is taken from its \
                           text, without an exponent and never through floating point. At most 1,000,000,000,000,000 minor \
                           units: 10,000,000,000,000.00 of a currency with cents.";
        let either = OneOfBuilder::new().item(text).item(number).description(Some(description));
        either.examples([serde_json::json!("1250.00")]).into()
    }
}

impl ToSchema for Amount {
    fn name() -> Cow<'static, str> {
        "Amount".into()
    }
}

/// An amount of money with its sign, as a string or a number.
pub struct SignedAmount;

impl PartialSchema for SignedAmount {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^-?[0-9]+(\.[0-9]+)?$"));
        let number = ObjectBuilder::new().schema_type(Type::Number);
        let description = "As an amount, and with a minus where money is taken. Not zero.";
        let either = OneOfBuilder::new().item(text).item(number).description(Some(description));
        either.examples([serde_json::json!("-12.50")]).into()
    }
}

impl ToSchema for SignedAmount {
    fn name() -> Cow<'static, str> {
        "SignedAmount".into()
    }
}

/// A currency of ISO 4217.
#[derive(ToSchema)]
#[schema(as = Currency, pattern = "^[A-Z]{3}$", example = "USD")]
pub struct CurrencyCode(String);

/// A time of RFC 3339 in UTC.
#[derive(ToSchema)]
#[schema(as = Time, format = DateTime, example = "2026-01-31T12:00:00.000000Z")]
pub struct Time(String);

/// A calendar day.
#[derive(ToSchema)]
#[schema(as = Day, format = Date, example = "2026-01-31")]
pub struct Day(String);

/// What a user may do.
#[derive(ToSchema)]
#[schema(as = Role, rename_all = "snake_case")]
pub enum RoleWord {
    Customer,
    Teller,
    Analyst,
    Admin,
    Auditor,
}

/// A part of the API.
#[derive(ToSchema)]
#[schema(as = Scope)]
pub enum ScopeWord {
    #[schema(rename = "profile:read")]
    ProfileRead,
    #[schema(rename = "accounts:read")]
    AccountsRead,
    #[schema(rename = "accounts:write")]
    AccountsWrite,
    #[schema(rename = "transactions:read")]
    TransactionsRead,
    #[schema(rename = "transactions:write")]
    TransactionsWrite,
}

/// Which part of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// 1 to 100; 20 if absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}
