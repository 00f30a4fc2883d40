//! Orders to move money as clients write them.

use super::description::read_description;
use super::metadata::read_metadata;
use super::standing::StandingOrderBody;
use http_core::problem::{Outcome, Problem};
use http_core::wire::amount::read_amount;
use http_core::wire::named::{read_account, read_currency};
use http_core::wire::schema;
use ids::AccountId;
use ledger::ChartCode;
use money::Currency;
use payments::{HoldLength, Order, TransactionType};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use utoipa::ToSchema;

/// A transfer between two accounts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Transfer)]
pub(crate) struct TransferBody<'a> {
    #[serde(borrow)]
    #[schema(value_type = schema::AccountIdText)]
    source_account_id: Cow<'a, str>,
    /// The identifier of an account, or its `accountNumber`.
    #[serde(borrow)]
    #[schema(value_type = crate::wire::schema::AccountIdOrNumber)]
    destination_account_id: Cow<'a, str>,
    #[serde(borrow)]
    #[schema(value_type = schema::Amount)]
    amount: &'a RawValue,
    #[serde(borrow)]
    #[schema(value_type = schema::CurrencyCode)]
    currency: Cow<'a, str>,
    /// One line of at most 140 characters.
    #[schema(value_type = Option<String>, max_length = 140)]
    description: Option<Cow<'a, str>>,
    /// A JSON object of your own: at most 4,096 bytes and 8 levels, no key twice. Numbers are kept as written.
    #[serde(borrow)]
    #[schema(value_type = Option<Object>)]
    metadata: Option<&'a RawValue>,
}

/// A transaction of a given type.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewTransaction)]
pub(crate) struct TransactionBody<'a> {
    #[serde(borrow)]
    #[schema(value_type = crate::wire::schema::OrderTypeWord)]
    r#type: Cow<'a, str>,
    /// Not for deposits.
    #[schema(value_type = Option<schema::AccountIdText>)]
    source_account_id: Option<Cow<'a, str>>,
    /// The identifier of an account, or its `accountNumber`. Not for withdrawals.
    #[schema(value_type = Option<crate::wire::schema::AccountIdOrNumber>)]
    destination_account_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    #[schema(value_type = schema::Amount)]
    amount: &'a RawValue,
    #[serde(borrow)]
    #[schema(value_type = schema::CurrencyCode)]
    currency: Cow<'a, str>,
    /// One line of at most 140 characters.
    #[schema(value_type = Option<String>, max_length = 140)]
    description: Option<Cow<'a, str>>,
    /// A JSON object of your own: at most 4,096 bytes and 8 levels, no key twice. Numbers are kept as written.
    #[serde(borrow)]
    #[schema(value_type = Option<Object>)]
    metadata: Option<&'a RawValue>,
}

/// Money to set aside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Hold)]
pub(crate) struct HoldBody<'a> {
    #[serde(borrow)]
    #[schema(value_type = schema::AccountIdText)]
    source_account_id: Cow<'a, str>,
    /// The identifier of an account, or its `accountNumber`.
    #[serde(borrow)]
    #[schema(value_type = crate::wire::schema::AccountIdOrNumber)]
    destination_account_id: Cow<'a, str>,
    #[serde(borrow)]
    #[schema(value_type = schema::Amount)]
    amount: &'a RawValue,
    #[serde(borrow)]
    #[schema(value_type = schema::CurrencyCode)]
    currency: Cow<'a, str>,
    /// 1 to 2,678,400 (31 days); 604,800 (7 days) if absent.
    #[schema(minimum = 1, maximum = 2_678_400)]
    expires_in_seconds: Option<i64>,
    /// One line of at most 140 characters.
    #[schema(value_type = Option<String>, max_length = 140)]
    description: Option<Cow<'a, str>>,
    /// A JSON object of your own: at most 4,096 bytes and 8 levels, no key twice. Numbers are kept as written.
    #[serde(borrow)]
    #[schema(value_type = Option<Object>)]
    metadata: Option<&'a RawValue>,
}

/// What all orders have.
struct Common<'a> {
    amount: &'a RawValue,
    currency: Currency,
    description: Option<Cow<'a, str>>,
    metadata: Option<&'a RawValue>,
}

/// Where the money comes from and where it goes.
struct Sides {
    source: AccountId,
    destination: AccountId,
}

/// A body that may name its destination by an account number.
pub(crate) trait Addressed {
    /// What it says, if it says anything.
    fn destination(&self) -> Option<&str>;
    /// Puts the account's identifier into its place.
    fn set_destination(&mut self, account: AccountId);
}

macro_rules! addressed {
    ($($body:ident: $get:expr;)*) => {$(
        impl Addressed for $body<'_> {
            fn destination(&self) -> Option<&str> {
                let get: fn(&Self) -> Option<&str> = $get;
                get(self)
            }

            fn set_destination(&mut self, account: AccountId) {
                self.destination_account_id = Cow::<str>::Owned(account.to_string()).into();
            }
        }
    )*};
}

addressed! {
    StandingOrderBody: |body| Some(&body.destination_account_id);
    TransferBody: |body| Some(&body.destination_account_id);
    HoldBody: |body| Some(&body.destination_account_id);
    TransactionBody: |body| body.destination_account_id.as_deref();
}

impl TransferBody<'_> {
    /// The order that the body asks for.
    pub(crate) fn read(self) -> Outcome<Order> {
        let sides = Sides {
            source: read_account("sourceAccountId", &self.source_account_id)?,
            destination: read_account("destinationAccountId", &self.destination_account_id)?,
        };
        let Self { amount, currency, description, metadata, .. } = self;
        let currency = read_currency(&currency)?;
        Common { amount, currency, description, metadata }.order(TransactionType::Transfer, sides)
    }
}

impl HoldBody<'_> {
    /// The order that is to settle when the hold is captured, and how long it can be.
    pub(crate) fn read(self) -> Outcome<(Order, HoldLength)> {
        let sides = Sides {
            source: read_account("sourceAccountId", &self.source_account_id)?,
            destination: read_account("destinationAccountId", &self.destination_account_id)?,
        };
        let length = self.expires_in_seconds.map_or(Ok(HoldLength::DEFAULT), HoldLength::try_new);
        let length = length.map_err(|error| Problem::invalid("expiresInSeconds", error.to_string()))?;
        let Self { amount, currency, description, metadata, .. } = self;
        let currency = read_currency(&currency)?;
        let order = Common { amount, currency, description, metadata }.order(TransactionType::Payment, sides)?;
        Ok((order, length))
    }
}

impl TransactionBody<'_> {
    /// The order that the body asks for; the bank's cash stands on the side that a deposit or withdrawal lacks.
    pub(crate) fn read(self) -> Outcome<Order> {
        let kind = read_type(&self.r#type)?;
        let currency = read_currency(&self.currency)?;
        let cash = ChartCode::Cash.own_account(currency);
        let source = Given { field: "sourceAccountId", text: self.source_account_id.as_deref() };
        let destination = Given { field: "destinationAccountId", text: self.destination_account_id.as_deref() };
        let sides = match kind {
            TransactionType::Deposit => {
                source.require_absent(kind)?;
                Sides { source: cash, destination: destination.account()? }
            }
            TransactionType::Withdrawal => {
                destination.require_absent(kind)?;
                Sides { source: source.account()?, destination: cash }
            }
            _ => Sides { source: source.account()?, destination: destination.account()? },
        };
        let Self { amount, description, metadata, .. } = self;
        Common { amount, currency, description, metadata }.order(kind, sides)
    }
}

impl Common<'_> {
    fn order(self, kind: TransactionType, sides: Sides) -> Outcome<Order> {
        Ok(Order {
            kind,
            source: sides.source,
            destination: sides.destination,
            money: read_amount("amount", self.amount, self.currency)?,
            description: read_description(self.description.as_deref())?,
            metadata: self.metadata.map(read_metadata).transpose()?,
        })
    }
}

fn read_type(word: &str) -> Outcome<TransactionType> {
    match TransactionType::parse(word) {
        Some(
            kind @ (TransactionType::Deposit
            | TransactionType::Withdrawal
            | TransactionType::Transfer
            | TransactionType::Payment),
        ) => Ok(kind),
        _ => Err(Problem::invalid("type", "must be DEPOSIT, WITHDRAWAL, TRANSFER or PAYMENT")),
    }
}

/// A field that some kinds of orders take.
#[derive(Clone, Copy)]
struct Given<'a> {
    field: &'static str,
    text: Option<&'a str>,
}

impl Given<'_> {
    fn account(self) -> Outcome<AccountId> {
        read_account(self.field, self.text.ok_or_else(|| Problem::invalid(self.field, "is required"))?)
    }

    fn require_absent(self, kind: TransactionType) -> Outcome<()> {
        match self.text {
            None => Ok(()),
            Some(_) => Err(Problem::invalid(self.field, format!("is not taken by a {}", kind.word()))),
        }
    }
}
