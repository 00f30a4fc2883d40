//! Which way a transaction goes for who looks at it, and who stands on the other side.

use serde::Serialize;
use utoipa::ToSchema;

/// Which way the money goes: to whoever looks, away from them, or between two accounts of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = Direction)]
pub(crate) enum DirectionWord {
    In,
    Out,
    Own,
}

/// Who stands on the other side: another account of one's own, a customer of the bank, the bank itself, or somebody elsewhere
/// whom an imported history names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = CounterpartyKind)]
pub(crate) enum CounterpartyKind {
    Own,
    Customer,
    Bank,
    External,
}

/// The other side of a transaction.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Counterparty)]
pub(crate) struct CounterpartyReply {
    pub(crate) kind: CounterpartyKind,
    /// The name of one's own account, or what the customer is called; null where the bank has no name for them, and for the
    /// bank itself.
    pub(crate) name: Option<String>,
    /// The last four characters of their account number; null where it has none.
    #[serde(rename = "accountLast4")]
    #[schema(min_length = 4, max_length = 4, example = "9050")]
    pub(crate) number_last4: Option<String>,
}

/// A transaction as it is seen from one of its sides.
pub(crate) struct Seen {
    pub(crate) direction: DirectionWord,
    pub(crate) counterparty: CounterpartyReply,
}
