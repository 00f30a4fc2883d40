//! How the texts on the wire are described in OpenAPI. Nothing here is ever made; the types that are, point here.
#![expect(dead_code, reason = "these types only describe")]

use super::account::AccountReply;
use super::api_key::ApiKeyReply;
use super::session::ActiveSessionReply;
use super::transaction::TransactionReply;
use std::borrow::Cow;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

/// An account's identifier.
#[derive(ToSchema)]
#[schema(as = AccountId, pattern = "^acct_[0-9a-z]{26}$", example = "acct_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct AccountIdText(String);

/// A transaction's identifier.
#[derive(ToSchema)]
#[schema(as = TransactionId, pattern = "^txn_[0-9a-z]{26}$", example = "txn_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct TransactionIdText(String);

/// A user's identifier.
#[derive(ToSchema)]
#[schema(as = UserId, pattern = "^usr_[0-9a-z]{26}$", example = "usr_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct UserIdText(String);

/// A session's identifier.
#[derive(ToSchema)]
#[schema(as = SessionId, pattern = "^ses_[0-9a-z]{26}$", example = "ses_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct SessionIdText(String);
/// An API key's identifier.
#[derive(ToSchema)]
#[schema(as = ApiKeyId, pattern = "^key_[0-9a-z]{26}$", example = "key_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct ApiKeyIdText(String);

/// A username: put into lower case.
#[derive(ToSchema)]
#[schema(as = Username, pattern = "^[A-Za-z0-9._-]{3,64}$", example = "john_doe")]
pub(crate) struct UsernameText(String);

/// A password that is being chosen; common ones are refused, and those that contain the username.
#[derive(ToSchema)]
#[schema(as = NewPassword, min_length = 8, max_length = 128, example = "correct horse battery staple")]
pub(crate) struct NewPasswordText(String);

/// A client's identifier.
#[derive(ToSchema)]
#[schema(as = ClientId, pattern = "^client_[0-9a-z]{26}$", example = "client_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct ClientIdText(String);

/// A grant's identifier.
#[derive(ToSchema)]
#[schema(as = GrantId, pattern = "^grant_[0-9a-z]{26}$", example = "grant_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct GrantIdText(String);

/// An approval's identifier.
#[derive(ToSchema)]
#[schema(as = ApprovalId, pattern = "^appr_[0-9a-z]{26}$", example = "appr_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct ApprovalIdText(String);

/// A passkey's identifier.
#[derive(ToSchema)]
#[schema(as = PasskeyId, pattern = "^pky_[0-9a-z]{26}$", example = "pky_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct PasskeyIdText(String);

/// The identifier of a question to passkeys.
#[derive(ToSchema)]
#[schema(as = CeremonyId, pattern = "^cer_[0-9a-z]{26}$", example = "cer_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct CeremonyIdText(String);

/// What somebody who acts is known by; `BANK` is what time brings about.
#[derive(ToSchema)]
#[schema(as = Credential, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CredentialWord {
    Session,
    ApiKey,
    Grant,
    External,
    MailToken,
    CommandLine,
    Bank,
}

/// A way of giving a second factor.
#[derive(ToSchema)]
#[schema(as = MfaMethod, rename_all = "snake_case")]
pub(crate) enum MfaMethodWord {
    Totp,
    Passkey,
    Recovery,
}

/// An exact decimal with exactly the decimals of its currency: `1250.00` USD, `1250` JPY.
#[derive(ToSchema)]
#[schema(as = Decimal, pattern = r"^-?[0-9]+(\.[0-9]+)?$", example = "1250.00")]
pub(crate) struct DecimalText(String);

/// An amount of money, as a string or a number.
pub(crate) struct Amount;

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
pub(crate) struct SignedAmount;

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
pub(crate) struct CurrencyCode(String);

/// A time of RFC 3339 in UTC.
#[derive(ToSchema)]
#[schema(as = Time, format = DateTime, example = "2026-01-31T12:00:00.000000Z")]
pub(crate) struct Time(String);

/// A calendar day.
#[derive(ToSchema)]
#[schema(as = Day, format = Date, example = "2026-01-31")]
pub(crate) struct Day(String);

/// The identifier of an account, or the number that people see (`accountNumber`, spaces allowed).
#[derive(ToSchema)]
#[schema(as = AccountIdOrNumber, example = "XF11 FLRN 3162 2908 9359 4069")]
pub(crate) struct AccountIdOrNumber(String);

/// What an account is for.
#[derive(ToSchema)]
#[schema(as = AccountType, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AccountTypeWord {
    Checking,
    Savings,
    Business,
}

/// Whether money moves on an account.
#[derive(ToSchema)]
#[schema(as = AccountStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AccountStatusWord {
    Active,
    Frozen,
    Closed,
}

/// What kind of movement a transaction is.
#[derive(ToSchema)]
#[schema(as = TransactionType, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TransactionTypeWord {
    Transfer,
    Deposit,
    Withdrawal,
    Payment,
    Fee,
    Interest,
    LoanDisbursement,
    LoanRepayment,
    Refund,
    Reversal,
    Adjustment,
}

/// The kinds of movement that can be asked for.
#[derive(ToSchema)]
#[schema(as = OrderType, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OrderTypeWord {
    Transfer,
    Deposit,
    Withdrawal,
    Payment,
}

/// Where a transaction stands.
#[derive(ToSchema)]
#[schema(as = TransactionStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TransactionStatusWord {
    Pending,
    Settled,
    Reversed,
    Cancelled,
}

/// What a user may do.
#[derive(ToSchema)]
#[schema(as = Role, rename_all = "snake_case")]
pub(crate) enum RoleWord {
    Customer,
    Teller,
    Analyst,
    Admin,
    Auditor,
}

/// A part of the API.
#[derive(ToSchema)]
#[schema(as = Scope)]
pub(crate) enum ScopeWord {
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

/// Whether an API key works.
#[derive(ToSchema)]
#[schema(as = ApiKeyStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ApiKeyStatusWord {
    Active,
    Expired,
    Revoked,
}

/// How a request is signed (RFC 9421, section 6.2.2).
#[derive(ToSchema)]
#[schema(as = SignatureAlgorithm)]
pub(crate) enum SignatureAlgorithmWord {
    #[schema(rename = "ed25519")]
    Ed25519,
    #[schema(rename = "ecdsa-p256-sha256")]
    EcdsaP256Sha256,
}

/// A public key, as PEM in a string or as a JWK.
pub(crate) struct PublicKey;

impl PartialSchema for PublicKey {
    fn schema() -> RefOr<Schema> {
        let pem = ObjectBuilder::new().schema_type(Type::String).max_length(Some(4096));
        let jwk = ObjectBuilder::new().schema_type(Type::Object);
        let description =
            "PEM (`-----BEGIN PUBLIC KEY-----`), or a JSON Web Key with `kty`, `crv`, `x` and, for P-256, `y`";
        OneOfBuilder::new().item(pem).item(jwk).description(Some(description)).into()
    }
}

impl ToSchema for PublicKey {
    fn name() -> Cow<'static, str> {
        "PublicKey".into()
    }
}

/// How the transfers of a batch hang together.
#[derive(ToSchema)]
#[schema(as = BatchMode, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum BatchModeWord {
    Atomic,
    Independent,
}

/// A page of accounts, the oldest first.
#[derive(ToSchema)]
#[schema(as = AccountPage, rename_all = "camelCase")]
pub(crate) struct AccountPage<'a> {
    data: &'a [AccountReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// A page of transactions, the newest first.
#[derive(ToSchema)]
#[schema(as = TransactionPage, rename_all = "camelCase")]
pub(crate) struct TransactionPageWord<'a> {
    data: &'a [TransactionReply<'a>],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// A page of API keys, the oldest first.
#[derive(ToSchema)]
#[schema(as = ApiKeyPage, rename_all = "camelCase")]
pub(crate) struct ApiKeyPage<'a> {
    data: &'a [ApiKeyReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// A page of sessions that go on, the newest first.
#[derive(ToSchema)]
#[schema(as = ActiveSessionPage, rename_all = "camelCase")]
pub(crate) struct ActiveSessionPage<'a> {
    data: &'a [ActiveSessionReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Which part of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParameters {
    /// 1 to 100; 20 if absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Which transactions.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct TransactionParameters {
    /// Made at or after this time, or on or after this day (UTC). Of what was imported, its value date counts.
    #[param(example = "2026-01-31")]
    from: Option<String>,
    /// Made before this time, or on or before this day (UTC).
    #[param(example = "2026-01-31")]
    to: Option<String>,
    /// With this value date or a later one.
    #[param(value_type = Option<Day>)]
    value_from: Option<String>,
    /// With this value date or an earlier one.
    #[param(value_type = Option<Day>)]
    value_to: Option<String>,
    #[param(value_type = Option<TransactionTypeWord>)]
    r#type: Option<String>,
    #[param(value_type = Option<TransactionStatusWord>)]
    status: Option<String>,
    /// What refunds or reverses this transaction.
    #[param(value_type = Option<TransactionIdText>)]
    original_transaction_id: Option<String>,
}

/// Which amounts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct AmountParameters {
    /// Of at least this amount.
    #[param(value_type = Option<DecimalText>)]
    min_amount: Option<String>,
    /// Of at most this amount.
    #[param(value_type = Option<DecimalText>)]
    max_amount: Option<String>,
}

/// Whether something is as it should be.
#[derive(ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthWord {
    #[schema(example = "UP")]
    status: String,
}
