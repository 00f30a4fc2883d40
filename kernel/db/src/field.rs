//! Fields: the types that one column holds, and how each is read and bound.

use crate::row::Cell;
use crate::{BankTime, Date, Result, Type, Value, WallTime};
use money::Currency;
use rusqlite::types::Value as SqliteValue;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

/// A type that one column holds. What may be absent is an `Option` of it.
pub trait Field: Into<Value> {
    /// The column's type.
    const TYPE: Type;

    /// Reads it; `None` where the column is null.
    ///
    /// # Errors
    /// The column is missing, of another type, or holds what cannot be.
    fn read(cell: Cell<'_>) -> Result<Option<Self>>;
}

/// Makes types of a crate fields: how what is stored is read, and what is stored of it.
///
/// `fields! { Text: HoldStatus, HoldStatus::parse, |status| status.word(); }`
#[macro_export]
macro_rules! fields {
    ($($kind:ident: $type:ty, $parse:expr, |$value:ident| $stored:expr;)+) => {$(
        impl $crate::Field for $type {
            const TYPE: $crate::Type = $crate::Type::$kind;

            fn read(cell: $crate::Cell<'_>) -> $crate::Result<Option<Self>> {
                $crate::fields!(@read $kind cell, $parse)
            }
        }

        impl From<$type> for $crate::Value {
            fn from($value: $type) -> Self {
                Self::from($stored)
            }
        }
    )+};
    (@read Text $cell:ident, $parse:expr) => { $cell.text($parse) };
    (@read Bytes $cell:ident, $parse:expr) => { $cell.bytes($parse) };
    (@read Int $cell:ident, $parse:expr) => { $cell.int($parse) };
}

fields! {
    Text: Currency, |code| Currency::parse(code).ok(), |currency| currency.code();
    Bytes: [u8; 32], |bytes| bytes.try_into().ok(), |bytes| bytes.to_vec();
    Int: u16, |number| u16::try_from(number).ok(), |number| i64::from(number);
}

macro_rules! native_fields {
    ($($kind:ident: $type:ty, $pattern:pat => $value:expr;)*) => {$(
        impl Field for $type {
            const TYPE: Type = Type::$kind;

            fn read(cell: Cell<'_>) -> Result<Option<Self>> {
                cell.native(|value| match value {
                    $pattern => $value,
                    _ => None,
                })
            }
        }
    )*};
}

native_fields! {
    Int: i64, SqliteValue::Integer(number) => Some(*number);
    Bool: bool, SqliteValue::Integer(number) => Some(*number != 0);
    Text: String, SqliteValue::Text(text) => Some(text.clone());
    Bytes: Vec<u8>, SqliteValue::Blob(bytes) => Some(bytes.clone());
    Time: WallTime, SqliteValue::Integer(micros) => Some(WallTime::from_unix_micros(*micros));
    Time: BankTime, SqliteValue::Integer(micros) => Some(BankTime::from_unix_micros(*micros));
    Date: Date, SqliteValue::Integer(days) => Some(Date::from_unix_days(i32::try_from(*days).ok()?));
}

/// PostgreSQL's sixteen bytes as they are.
struct RawUuid(Uuid);

impl<'a> FromSql<'a> for RawUuid {
    fn from_sql(
        _: &tokio_postgres::types::Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Uuid::from_slice(raw)?))
    }

    fn accepts(kind: &tokio_postgres::types::Type) -> bool {
        *kind == tokio_postgres::types::Type::UUID
    }
}

impl Field for Uuid {
    const TYPE: Type = Type::Id;

    fn read(cell: Cell<'_>) -> Result<Option<Self>> {
        let raw = cell.native(|value| match value {
            SqliteValue::Blob(bytes) => Self::from_slice(bytes).ok().map(RawUuid),
            _ => None,
        })?;
        Ok(raw.map(|raw| raw.0))
    }
}

macro_rules! identifiers {
    ($($id:ident),*) => {$(
        impl Field for ids::$id {
            const TYPE: Type = Type::Id;

            fn read(cell: Cell<'_>) -> Result<Option<Self>> {
                Ok(Uuid::read(cell)?.map(Self::from_uuid))
            }
        }

        impl From<ids::$id> for Value {
            fn from(id: ids::$id) -> Self {
                Self::Id(id.uuid())
            }
        }
    )*};
}

identifiers!(
    AccountId,
    EntryId,
    TransactionId,
    HoldId,
    UserId,
    SessionId,
    ApiKeyId,
    GrantId,
    ClientId,
    ApprovalId,
    EventId,
    MailId,
    RefusalId,
    PasskeyId,
    CeremonyId,
    WebhookId,
    DeliveryId,
    NoticeId,
    StandingOrderId,
    StandingRunId
);
