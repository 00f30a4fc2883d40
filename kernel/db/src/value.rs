//! The few kinds of values that a statement can bind, on both engines.

use crate::columns::{ColumnList, Columns, Writing};
use crate::{BankTime, Date, WallTime};
use tokio_postgres::types::{IsNull, ToSql, Type as PostgresType, to_sql_checked};
use uuid::Uuid;

/// A column's type, as a batch declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A 64-bit whole number.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// True or false.
    Bool,
    /// An identifier.
    Id,
    /// An instant.
    Time,
    /// A calendar day.
    Date,
}

impl Type {
    /// Which one a column of PostgreSQL is read as.
    pub(crate) fn of_postgres(kind: &PostgresType) -> Option<Self> {
        Some(match *kind {
            PostgresType::INT8 => Self::Int,
            PostgresType::TEXT => Self::Text,
            PostgresType::BYTEA => Self::Bytes,
            PostgresType::BOOL => Self::Bool,
            PostgresType::UUID => Self::Id,
            PostgresType::TIMESTAMPTZ => Self::Time,
            PostgresType::DATE => Self::Date,
            _ => return None,
        })
    }
}

/// How a statement takes its parameters.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One value per parameter.
    Single,
    /// One value per parameter; these columns come back.
    Read(fn(&mut ColumnList)),
    /// One row of values per execution: those of these columns that the text names.
    Written(fn(&mut ColumnList)),
}

/// One bound value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Absent, of any type.
    Null,
    /// A 64-bit whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// True or false.
    Bool(bool),
    /// An identifier.
    Id(Uuid),
    /// An instant, of whichever clock.
    Time(WallTime),
    /// A calendar day.
    Date(Date),
    /// The list behind `= ANY($n)`.
    List(Vec<Value>),
}

macro_rules! value_from {
    ($($source:ty => $variant:ident),* $(,)?) => {$(
        impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

value_from! {
    i64 => Int, u32 => Int, i32 => Int, String => Text, &str => Text, Vec<u8> => Bytes, &[u8] => Bytes, bool => Bool,
    Uuid => Id, WallTime => Time, Date => Date,
}

impl From<BankTime> for Value {
    fn from(time: BankTime) -> Self {
        Self::Time(WallTime::from_unix_micros(time.unix_micros()))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Value {
    /// The list behind `= ANY($n)`.
    pub fn list<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

/// In fewer rows, what is equal is equal by chance.
const SHARED_ROWS_MIN: usize = 16;

/// The rows of a batch, kept by column: PostgreSQL takes them as arrays, SQLite one by one.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    columns: Vec<Vec<Value>>,
}

impl Rows {
    /// Of each row the columns that are taken (bit 0: the first).
    pub(crate) fn of<T: Columns>(rows: impl IntoIterator<Item = T>, taken: u64) -> Self {
        let mut columns = vec![Vec::new(); taken.count_ones() as usize];
        for row in rows {
            row.write(&mut Writing::new(&mut columns, taken));
        }
        Self { columns }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn columns(&self) -> &[Vec<Value>] {
        &self.columns
    }

    /// The columns that are the same in every row (bit 0: the first), unless all are, or the rows are too few to matter.
    pub(crate) fn shared_columns(&self) -> u64 {
        if self.len() < SHARED_ROWS_MIN || self.columns.len() > 64 {
            return 0;
        }
        let is_shared = |column: &Vec<Value>| column.iter().all(|value| Some(value) == column.first());
        let shared = self.columns.iter().rev().fold(0, |bits, column| bits << 1 | u64::from(is_shared(column)));
        if shared.count_ones() as usize == self.columns.len() { 0 } else { shared }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &PostgresType,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == PostgresType::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
            Self::Bool(flag) => flag.to_sql(kind, out),
            Self::Id(id) => {
                out.extend_from_slice(id.as_bytes());
                Ok(IsNull::No)
            }
            Self::Time(time) => time.postgres_micros().to_sql(&PostgresType::INT8, out),
            Self::Date(date) => date.postgres_days().to_sql(&PostgresType::INT4, out),
            Self::List(values) => values.to_sql(kind, out),
        }
    }

    fn accepts(_: &PostgresType) -> bool {
        // The statement test prepares and the suite runs every statement, so a wrong type cannot hide.
        true
    }

    to_sql_checked!();
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Owned::Null),
            Self::Int(number) => ToSqlOutput::Owned(Owned::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Bool(flag) => ToSqlOutput::Owned(Owned::Integer(i64::from(*flag))),
            Self::Id(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            Self::Time(time) => ToSqlOutput::Owned(Owned::Integer(time.unix_micros())),
            Self::Date(date) => ToSqlOutput::Owned(Owned::Integer(i64::from(date.unix_days()))),
            Self::List(values) => {
                let values = values.iter().map(Self::to_sqlite_owned).collect::<rusqlite::Result<Vec<_>>>()?;
                ToSqlOutput::from_rc(std::rc::Rc::new(values), c"rarray")
            }
        })
    }
}

impl Value {
    fn to_sqlite_owned(&self) -> rusqlite::Result<rusqlite::types::Value> {
        use rusqlite::types::{ToSqlOutput, Value as Owned};
        match rusqlite::ToSql::to_sql(self)? {
            ToSqlOutput::Owned(value) => Ok(value),
            ToSqlOutput::Borrowed(value) => {
                Owned::try_from(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
            }
            _ => Err(rusqlite::Error::ToSqlConversionFailure("a list cannot hold a list".into())),
        }
    }
}
