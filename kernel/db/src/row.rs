//! Rows as they come back: cells in the order of the select list.

use crate::{DbError, Result};
use rusqlite::types::Value as SqliteValue;
use std::fmt::Display;
use tokio_postgres::types::FromSql;

/// One row of a result.
#[derive(Debug)]
pub struct Row(pub(crate) RowData);

#[derive(Debug)]
pub(crate) enum RowData {
    Postgres(tokio_postgres::Row),
    Sqlite(Vec<SqliteValue>),
}

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    pub(crate) row: &'a Row,
    pub(crate) index: usize,
}

impl<'a> Cell<'a> {
    /// Reads a word or other text; `None` where there is none.
    ///
    /// # Errors
    /// It is no text, or none that is known.
    pub fn text<T>(self, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        let text = self.native::<&str>(|value| match value {
            SqliteValue::Text(text) => Some(text),
            _ => None,
        })?;
        text.map(|text| parse(text).ok_or_else(|| self.damaged(format!("holds the unknown word {text:?}")))).transpose()
    }

    /// Reads bytes; `None` where there are none.
    ///
    /// # Errors
    /// They are no bytes, or none that can be.
    pub fn bytes<T>(self, parse: impl Fn(&[u8]) -> Option<T>) -> Result<Option<T>> {
        let bytes = self.native::<&[u8]>(|value| match value {
            SqliteValue::Blob(bytes) => Some(bytes),
            _ => None,
        })?;
        bytes.map(|bytes| parse(bytes).ok_or_else(|| self.damaged("holds bytes that cannot be"))).transpose()
    }

    /// Reads a whole number; `None` where there is none.
    ///
    /// # Errors
    /// It is no number, or out of range.
    pub fn int<T>(self, parse: impl Fn(i64) -> Option<T>) -> Result<Option<T>> {
        let number = self.native::<i64>(|value| match value {
            SqliteValue::Integer(number) => Some(*number),
            _ => None,
        })?;
        number.map(|number| parse(number).ok_or_else(|| self.damaged(format!("holds {number}")))).transpose()
    }

    pub(crate) fn is_null(self) -> bool {
        match &self.row.0 {
            RowData::Postgres(row) => matches!(row.try_get::<_, Option<Present>>(self.index), Ok(None)),
            RowData::Sqlite(values) => matches!(values.get(self.index), Some(SqliteValue::Null)),
        }
    }

    /// As the drivers give it.
    pub(crate) fn native<T: FromSql<'a>>(
        self,
        of_sqlite: impl FnOnce(&'a SqliteValue) -> Option<T>,
    ) -> Result<Option<T>> {
        match &self.row.0 {
            RowData::Postgres(row) => row.try_get(self.index).map_err(|error| self.damaged(error)),
            RowData::Sqlite(values) => match values.get(self.index) {
                Some(SqliteValue::Null) => Ok(None),
                value => match value.and_then(of_sqlite) {
                    Some(value) => Ok(Some(value)),
                    None => Err(self.damaged("is not of the expected type")),
                },
            },
        }
    }

    pub(crate) fn damaged(self, what: impl Display) -> DbError {
        DbError::Internal(format!("column {}: {what}", self.index))
    }
}

/// Any value of PostgreSQL that is not null.
struct Present;

impl FromSql<'_> for Present {
    fn from_sql(
        _: &tokio_postgres::types::Type,
        _: &[u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self)
    }

    fn accepts(_: &tokio_postgres::types::Type) -> bool {
        true
    }
}
