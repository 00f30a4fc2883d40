//! Rows as they come back, read by position.

use crate::{BankTime, Date, DbError, Result, WallTime};
use rusqlite::types::Value as SqliteValue;
use uuid::Uuid;

/// One row of a result.
#[derive(Debug)]
pub struct Row(pub(crate) RowData);

#[derive(Debug)]
pub(crate) enum RowData {
    Postgres(tokio_postgres::Row),
    Sqlite(Vec<SqliteValue>),
}

impl Row {
    /// The value of a column, counted from zero.
    ///
    /// # Errors
    /// The column is missing or of another type: a defect, or a damaged file.
    pub fn get<T: Field>(&self, index: usize) -> Result<T> {
        match &self.0 {
            RowData::Postgres(row) => {
                T::from_postgres(row, index).map_err(|error| DbError::Internal(format!("column {index}: {error}")))
            }
            RowData::Sqlite(values) => values
                .get(index)
                .and_then(T::from_sqlite)
                .ok_or_else(|| DbError::Internal(format!("column {index} is not of the expected type"))),
        }
    }
}

/// A type that is read from one row.
pub trait FromRow: Sized {
    /// Reads the row.
    ///
    /// # Errors
    /// A column is missing or of another type.
    fn from_row(row: &Row) -> Result<Self>;
}

/// A type that is read from one column.
pub trait Field: Sized {
    /// From PostgreSQL's row.
    ///
    /// # Errors
    /// The column is missing or of another type.
    fn from_postgres(row: &tokio_postgres::Row, index: usize) -> std::result::Result<Self, tokio_postgres::Error>;

    /// From SQLite's value; `None` when it is of another type.
    fn from_sqlite(value: &SqliteValue) -> Option<Self>;
}

macro_rules! native_field {
    ($($type:ty, $pattern:pat => $value:expr;)*) => {$(
        impl Field for $type {
            fn from_postgres(row: &tokio_postgres::Row, index: usize) -> std::result::Result<Self, tokio_postgres::Error> {
                row.try_get(index)
            }

            fn from_sqlite(value: &SqliteValue) -> Option<Self> {
                match value {
                    $pattern => $value,
                    _ => None,
                }
            }
        }
    )*};
}

native_field! {
    i64, SqliteValue::Integer(number) => Some(*number);
    bool, SqliteValue::Integer(number) => Some(*number != 0);
    String, SqliteValue::Text(text) => Some(text.clone());
    Vec<u8>, SqliteValue::Blob(bytes) => Some(bytes.clone());
    WallTime, SqliteValue::Integer(micros) => Some(WallTime::from_unix_micros(*micros));
    BankTime, SqliteValue::Integer(micros) => Some(BankTime::from_unix_micros(*micros));
    Date, SqliteValue::Integer(days) => Some(Date::from_unix_days(i32::try_from(*days).ok()?));
}

/// PostgreSQL's sixteen bytes as they are.
struct RawUuid(Uuid);

impl<'a> tokio_postgres::types::FromSql<'a> for RawUuid {
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
    fn from_postgres(row: &tokio_postgres::Row, index: usize) -> std::result::Result<Self, tokio_postgres::Error> {
        row.try_get::<_, RawUuid>(index).map(|raw| raw.0)
    }

    fn from_sqlite(value: &SqliteValue) -> Option<Self> {
        match value {
            SqliteValue::Blob(bytes) => Self::from_slice(bytes).ok(),
            _ => None,
        }
    }
}

macro_rules! optional_field {
    ($($type:ty => $raw:ty, $read:expr;)*) => {$(
        impl Field for Option<$type> {
            fn from_postgres(row: &tokio_postgres::Row, index: usize) -> std::result::Result<Self, tokio_postgres::Error> {
                row.try_get::<_, Option<$raw>>(index).map(|value| value.map($read))
            }

            fn from_sqlite(value: &SqliteValue) -> Option<Self> {
                match value {
                    SqliteValue::Null => Some(None),
                    present => <$type>::from_sqlite(present).map(Some),
                }
            }
        }
    )*};
}

optional_field! {
    i64 => i64, std::convert::identity;
    bool => bool, std::convert::identity;
    String => String, std::convert::identity;
    Vec<u8> => Vec<u8>, std::convert::identity;
    WallTime => WallTime, std::convert::identity;
    BankTime => BankTime, std::convert::identity;
    Date => Date, std::convert::identity;
    Uuid => RawUuid, |raw| raw.0;
}
