//! PostgreSQL: pooled connections, cached prepared statements, pipelined transactions.
//! TLS is in `postgres/tls.rs`, what a session gets and must have in `postgres/session.rs`, when it is left in
//! `postgres/renewal.rs`, and whether there is space in `postgres/space.rs`.

mod renewal;
mod session;
mod space;
mod tls;

use crate::error::describe;
use crate::row::{Row, RowData};
use crate::statement::Statement;
use crate::value::{Rows, Type, Value};
use crate::{DbError, Result};
use deadpool_postgres::{Client, ManagerConfig, Pool, RecyclingMethod, Runtime};
use futures_util::{TryStreamExt, future};
use renewal::Renewal;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio_postgres::Statement as Prepared;
use tokio_postgres::types::ToSql;

const POOL_CONNECTIONS_MAX: usize = 24;
const POOL_WAIT_MAX: Duration = Duration::from_secs(5);
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(3);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
/// Short, so that after a fail-over the bank works again within a few seconds.
const UNANSWERED_MAX: Duration = Duration::from_secs(4);
/// A server that works ends by itself what takes longer than its limits ([`session`]). One that was halted, or hangs, does not
/// even do that, and its network goes on as if nothing were wrong.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(11);

pub(crate) struct Postgres {
    pool: Pool,
    renewal: Arc<Renewal>,
    _watch: renewal::Watch,
}

impl Postgres {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let (encryption, url) = tls::Asked::of(url)?;
        let mut config: tokio_postgres::Config = url.parse().map_err(|error| tls::refused(&describe(&error)))?;
        config.application_name(name_of_process()).connect_timeout(CONNECT_WAIT_MAX);
        // A server that vanishes without a word must not hold connections for hours.
        config.keepalives_idle(KEEPALIVE_IDLE).tcp_user_timeout(UNANSWERED_MAX);
        let connections = |count| {
            let how = ManagerConfig { recycling_method: RecyclingMethod::Fast };
            let pool = Pool::builder(encryption.clone().manager(config.clone(), how)?).max_size(count);
            Ok::<_, DbError>(pool.wait_timeout(Some(POOL_WAIT_MAX)).create_timeout(Some(CONNECT_WAIT_MAX)))
        };
        let impossible = |error: deadpool_postgres::BuildError| DbError::Configuration(error.to_string());
        let renewal = Renewal::new();
        let pool = connections(POOL_CONNECTIONS_MAX)?.runtime(Runtime::Tokio1);
        let pool =
            pool.post_create(session::hook()).pre_recycle(Renewal::hook(&renewal)).build().map_err(impossible)?;
        let scout = connections(1)?.runtime(Runtime::Tokio1).build().map_err(impossible)?;
        drop(pool.get().await.map_err(session::at_start)?);
        session::refuse_shared(&pool).await?;
        let watch = renewal::watch(scout, &renewal);
        Ok(Self { pool, renewal, _watch: watch })
    }

    pub(crate) async fn begin(&self, begin: &'static str) -> Result<PostgresTx> {
        Ok(PostgresTx {
            client: Some(self.pool.get().await?),
            renewal: Arc::clone(&self.renewal),
            begin,
            begun: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            is_lost: AtomicBool::new(false),
            is_patient: AtomicBool::new(false),
        })
    }

    pub(crate) async fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>> {
        let client = self.pool.get().await?;
        let asking = async {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, &borrowed(parameters)).await
        };
        match tokio::time::timeout(ANSWER_WAIT_MAX, asking).await {
            Ok(Ok(found)) => Ok(rows(found)),
            Ok(Err(error)) => Err(self.renewal.failed(client, error)),
            Err(_) => {
                drop(Client::take(client));
                Err(self.renewal.unanswered())
            }
        }
    }

    /// Whether sessions are as they must be, and whether there is space where the tables lie: a small write may find some
    /// where nothing larger would.
    pub(crate) async fn look(&self) -> Result<()> {
        let client = self.pool.get().await?;
        let looking = async {
            let complaint = session::complaint(&client).await?;
            self.renewal.space.look(&client).await?;
            Ok(complaint)
        };
        match tokio::time::timeout(ANSWER_WAIT_MAX, looking).await {
            Ok(Ok(None)) => Ok(()),
            Ok(Ok(Some(complaint))) => Err(DbError::Unavailable(complaint)),
            Ok(Err(error)) => Err(self.renewal.failed(client, error)),
            Err(_) => {
                drop(Client::take(client));
                Err(self.renewal.unanswered())
            }
        }
    }

    /// Prepares a statement; gives the types of the columns that come back.
    pub(crate) async fn prepare(&self, sql: &str) -> Result<Vec<Option<Type>>> {
        let prepared = self.pool.get().await?.prepare_cached(sql).await?;
        Ok(prepared.columns().iter().map(|column| Type::of_postgres(column.type_())).collect())
    }
}

/// What all sessions of this process are called, and no others: `company.rs` tells them apart by it.
fn name_of_process() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| format!("florin {:08x}", uuid::Uuid::new_v4().as_fields().0));
    &NAME
}

/// A transaction whose BEGIN travels with its first statement.
pub(crate) struct PostgresTx {
    client: Option<Client>,
    renewal: Arc<Renewal>,
    begin: &'static str,
    begun: AtomicBool,
    failed: AtomicBool,
    /// Whether the session failed so that nobody should use it again.
    is_lost: AtomicBool,
    /// Whether its statements may take as long as they like.
    is_patient: AtomicBool,
}

impl PostgresTx {
    fn client(&self) -> &Client {
        self.client.as_ref().expect("taken only by what consumes the transaction")
    }

    /// Sends BEGIN if nobody has; the caller's statement follows in the same pipeline.
    async fn ensure_begun(&self) -> std::result::Result<(), tokio_postgres::Error> {
        if self.begun.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.client().batch_execute(self.begin).await
    }

    async fn prepared(&self, sql: &str) -> Result<Prepared> {
        self.answered(self.client().prepare_cached(sql)).await
    }

    /// The statement in the text that fits the rows, with what it takes.
    async fn prepared_batch<'a>(
        &self,
        statement: &'static Statement,
        rows: &'a Rows,
    ) -> Result<(Prepared, Vec<&'a (dyn ToSql + Sync)>)> {
        let (sql, shared) = statement.postgres_batch(rows.shared_columns());
        Ok((self.prepared(&sql).await?, columns(rows, shared)))
    }

    async fn prepared_batches<'a>(
        &self,
        writes: &'a [(&'static Statement, Rows)],
    ) -> Result<Vec<(Prepared, Vec<&'a (dyn ToSql + Sync)>)>> {
        let mut statements = Vec::with_capacity(writes.len());
        for (statement, rows) in writes {
            statements.push(self.prepared_batch(statement, rows).await?);
        }
        Ok(statements)
    }

    /// From now on its statements may take as long as they like.
    pub(crate) async fn be_patient(&self) -> Result<()> {
        self.is_patient.store(true, Ordering::Relaxed);
        self.run_script("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0").await
    }

    /// Waits for an answer, not for ever. Without one nobody knows what became of what was asked.
    async fn answered<T>(
        &self,
        asking: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        if self.is_patient.load(Ordering::Relaxed) {
            return self.noting_failure(asking.await);
        }
        match tokio::time::timeout(ANSWER_WAIT_MAX, asking).await {
            Ok(outcome) => self.noting_failure(outcome),
            Err(_) => {
                self.failed.store(true, Ordering::Relaxed);
                self.is_lost.store(true, Ordering::Relaxed);
                Err(self.renewal.unanswered())
            }
        }
    }

    fn noting_failure<T>(&self, outcome: std::result::Result<T, tokio_postgres::Error>) -> Result<T> {
        outcome.map_err(|error| {
            self.failed.store(true, Ordering::Relaxed);
            self.is_lost.fetch_or(self.renewal.is_lost(self.client(), &error), Ordering::Relaxed);
            error.into()
        })
    }

    pub(crate) async fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>> {
        let statement = self.prepared(sql).await?;
        let parameters = borrowed(parameters);
        let both = future::try_join(self.ensure_begun(), self.client().query(&statement, &parameters));
        Ok(rows(self.answered(both).await?.1))
    }

    pub(crate) async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<u64> {
        let statement = self.prepared(sql).await?;
        let parameters = borrowed(parameters);
        let both = future::try_join(self.ensure_begun(), self.client().execute(&statement, &parameters));
        Ok(self.answered(both).await?.1)
    }

    pub(crate) async fn execute_batch(&self, statement: &'static Statement, rows: &Rows) -> Result<u64> {
        let (statement, columns) = self.prepared_batch(statement, rows).await?;
        let both = future::try_join(self.ensure_begun(), self.client().execute(&statement, &columns));
        Ok(self.answered(both).await?.1)
    }

    pub(crate) async fn run_script(&self, script: &str) -> Result<()> {
        let both = future::try_join(self.ensure_begun(), self.client().batch_execute(script));
        self.answered(both).await.map(|_| ())
    }

    pub(crate) async fn fold<S>(
        &self,
        sql: &str,
        parameters: Vec<Value>,
        mut state: S,
        mut step: impl FnMut(&mut S, &Row) -> Result<()>,
    ) -> Result<S> {
        self.be_patient().await?;
        self.run_script("SET LOCAL work_mem = '128MB'").await?;
        let statement = self.prepared(sql).await?;
        let mut stream = pin!(self.noting_failure(self.client().query_raw(&statement, &parameters).await)?);
        while let Some(row) = self.noting_failure(stream.try_next().await)? {
            step(&mut state, &Row(RowData::Postgres(row)))?;
        }
        Ok(state)
    }

    pub(crate) async fn write(&self, writes: &[(&'static Statement, Rows)]) -> Result<()> {
        let statements = self.prepared_batches(writes).await?;
        let client = self.client();
        let writes = statements.iter().map(|(statement, columns)| client.execute(statement, columns));
        let all = future::try_join(self.ensure_begun(), future::try_join_all(writes));
        self.answered(all).await.map(drop)
    }

    pub(crate) async fn write_and_commit(mut self, writes: Vec<(&'static Statement, Rows)>) -> Result<()> {
        let statements = self.prepared_batches(&writes).await?;
        if self.failed.load(Ordering::Relaxed) {
            return Err(DbError::Internal("a failed transaction cannot be committed".to_owned()));
        }
        let client = self.client();
        let writes = statements.iter().map(|(statement, columns)| client.execute(statement, columns));
        // Polled in this order, so sent in this order. A failed write makes the server turn COMMIT into a rollback,
        // and its error is what comes back.
        let all = future::try_join3(self.ensure_begun(), future::try_join_all(writes), client.batch_execute("COMMIT"));
        self.answered(all).await?;
        self.begun.store(false, Ordering::Relaxed);
        self.client.take();
        Ok(())
    }

    pub(crate) async fn rollback(self) -> Result<()> {
        if self.is_lost.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.answered(self.client().batch_execute("ROLLBACK")).await?;
        self.begun.store(false, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for PostgresTx {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        if self.is_lost.load(Ordering::Relaxed) {
            // Closing the connection rolls back as well.
            drop(Client::take(client));
            return;
        }
        if !self.begun.load(Ordering::Relaxed) {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            // No runtime to talk on: closing the connection rolls back as well.
            drop(Client::take(client));
            return;
        };
        runtime.spawn(async move {
            let rolled_back = tokio::time::timeout(ANSWER_WAIT_MAX, client.batch_execute("ROLLBACK")).await;
            if !rolled_back.is_ok_and(|outcome| outcome.is_ok()) {
                drop(Client::take(client));
            }
        });
    }
}

fn rows(rows: Vec<tokio_postgres::Row>) -> Vec<Row> {
    rows.into_iter().map(|row| Row(RowData::Postgres(row))).collect()
}

fn borrowed(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// Each column as an array, or as one value if it is in `shared`.
fn columns(rows: &Rows, shared: u64) -> Vec<&(dyn ToSql + Sync)> {
    let mut columns: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(rows.columns().len());
    for (number, column) in rows.columns().iter().enumerate() {
        match column.first() {
            Some(value) if shared >> number & 1 == 1 => columns.push(value),
            _ => columns.push(column),
        }
    }
    columns
}
