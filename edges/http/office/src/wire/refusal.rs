//! Commands that were refused, as the bank's own people are shown them.

use db::WallTime;
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::actor::ActorReply;
use http_core::wire::schema;
use ids::{AccountId, RefusalId, TransactionId};
use money::Money;
use payments::{Reason, Refused};
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

/// A command that was refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Refused)]
pub(crate) struct RefusedReply {
    #[schema(value_type = RefusalIdText)]
    id: Text<RefusalId>,
    /// What was asked for: the type of a transaction, or `HOLD`, `CAPTURE`, `RELEASE`, `REFUND`, `REVERSE`.
    #[schema(example = "TRANSFER")]
    command: String,
    #[schema(value_type = ReasonWord)]
    reason: String,
    /// The figures behind the reason, such as `available` and `requested`.
    #[schema(value_type = Object)]
    figures: Box<RawValue>,
    /// The name of the request: the header `X-Request-Id`.
    request_id: Option<String>,
    /// The earlier transaction that it was about.
    #[schema(value_type = Option<schema::TransactionIdText>)]
    transaction_id: Option<Text<TransactionId>>,
    /// Where the money was to come from; null for the bank's own accounts.
    #[schema(value_type = Option<schema::AccountIdText>)]
    source_account_id: Option<Text<AccountId>>,
    /// Where it was to go; null for the bank's own accounts.
    #[schema(value_type = Option<schema::AccountIdText>)]
    destination_account_id: Option<Text<AccountId>>,
    /// How much, where it was said.
    #[schema(value_type = Option<schema::DecimalText>)]
    amount: Option<String>,
    #[schema(value_type = Option<schema::CurrencyCode>)]
    currency: Option<String>,
    #[schema(value_type = schema::Time)]
    happened_at: Text<WallTime>,
    /// Who asked.
    actor: ActorReply,
}

impl InTable for RefusedReply {
    const HEAD: Head = Head {
        file_name: "refusals",
        columns: &[
            "id",
            "command",
            "reason",
            "figures",
            "requestId",
            "transactionId",
            "sourceAccountId",
            "destinationAccountId",
            "amount",
            "currency",
            "happenedAt",
            "actor.userId",
            "actor.credential",
            "actor.credentialId",
            "actor.clientId",
            "actor.onBehalfOf",
        ],
    };
}

/// The identifier of a refusal.
#[derive(ToSchema)]
#[schema(as = RefusalId, pattern = "^ref_[0-9a-z]{26}$", example = "ref_01k6w3m8pq2v5x7z9b1d3f5h7k")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct RefusalIdText(String);

/// Why a command was refused: the closed list that payments has.
pub(crate) struct ReasonWord;

impl PartialSchema for ReasonWord {
    fn schema() -> RefOr<Schema> {
        let words = Reason::ALL.iter().map(|reason| reason.word());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
    }
}

impl ToSchema for ReasonWord {
    fn name() -> Cow<'static, str> {
        "RefusalReason".into()
    }
}

/// A page of refusals, the newest first.
#[derive(ToSchema)]
#[schema(as = RefusedPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct RefusalPage<'a> {
    data: &'a [RefusedReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Which refusals: at most one of these.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct RefusalParameters {
    /// The account that was to pay or to be paid.
    #[param(pattern = "^acct_[0-9a-z]{26}$")]
    account: Option<String>,
    /// The user who asked.
    #[param(pattern = "^usr_[0-9a-z]{26}$")]
    user: Option<String>,
    /// The name of the request.
    #[param(rename = "requestId", pattern = "^[0-9A-Za-z._-]{1,128}$")]
    request_id: Option<String>,
}

impl From<Refused> for RefusedReply {
    fn from(refused: Refused) -> Self {
        let shown = |account: Option<AccountId>| account.filter(|id| !ledger::is_line_account(*id)).map(Text);
        // Figures that are no JSON would be a defect of whoever wrote them; they must not hide the rest of the page.
        let figures = RawValue::from_string(refused.figures).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self {
            id: Text(refused.id),
            command: refused.command,
            reason: refused.reason,
            figures,
            request_id: refused.request_id,
            transaction_id: refused.transaction.map(Text),
            source_account_id: shown(refused.source),
            destination_account_id: shown(refused.destination),
            amount: refused.money.map(Money::to_decimal),
            currency: refused.money.map(|money| money.currency().code().to_owned()),
            happened_at: Text(refused.at),
            actor: refused.actor.into(),
        }
    }
}
