//! What is asked of a database, of a transaction and of a snapshot alike.

use crate::columns::Columns;
use crate::row::Row;
use crate::statement::{Select, Statement};
use crate::value::Value;
use crate::{DbError, Engine, Result};
use std::pin::Pin;

/// What the database is asked and has yet to answer.
///
/// In a box, because the body of an `async fn` is compiled again by every crate that waits for it: without boxes each crate
/// of the workspace would compile both drivers once more.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Something that runs reading statements: the database itself, or a transaction.
pub trait Executor: Sync {
    /// Which engine it runs on.
    fn engine(&self) -> Engine;

    /// Runs a statement and gives its rows.
    fn query(&self, statement: &'static Statement, parameters: Vec<Value>) -> Pending<'_, Vec<Row>>;

    /// Runs a statement and reads every row.
    fn query_as<T: Columns + Send>(
        &self,
        statement: &'static Select<T>,
        parameters: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<T>>> + Send {
        let rows = self.query(statement.statement(), parameters);
        async move { rows.await?.iter().map(Row::read).collect() }
    }

    /// Runs a statement that finds one row or none.
    fn query_optional<T: Columns + Send>(
        &self,
        statement: &'static Select<T>,
        parameters: Vec<Value>,
    ) -> impl Future<Output = Result<Option<T>>> + Send {
        let rows = self.query(statement.statement(), parameters);
        async move { rows.await?.first().map(Row::read).transpose() }
    }

    /// Runs a statement that always has one row, such as a count.
    fn query_one<T: Columns + Send>(
        &self,
        statement: &'static Select<T>,
        parameters: Vec<Value>,
    ) -> impl Future<Output = Result<T>> + Send {
        let rows = self.query(statement.statement(), parameters);
        async move {
            match &rows.await?[..] {
                [row] => row.read(),
                rows => Err(DbError::Internal(format!("there are {} rows where one is", rows.len()))),
            }
        }
    }
}
