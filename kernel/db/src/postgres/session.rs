//! What each session gets before its first use, and what is looked at: settings that must hold, on the server that
//! it really has, and that it is one session and not a place in a pooler's queue.

use super::CONNECT_WAIT_MAX;
use crate::error::describe;
use crate::{DbError, Result};
use deadpool_postgres::{ClientWrapper, Hook, HookError, Pool};
use tokio_postgres::{Error, SimpleQueryMessage, SimpleQueryRow};

/// As `SHOW` tells them. They are set by statements, because poolers refuse or drop what comes with the connection.
const SETTINGS: [(&str, &str); 4] = [
    ("synchronous_commit", "on"),
    ("statement_timeout", "10s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "1min"),
];
/// Of the server: off, they lose acknowledged money in a crash.
const SAFEGUARDS: [&str; 2] = ["fsync", "full_page_writes"];
/// How often two sessions are compared; a busy pooler may hand out the same connection by chance.
const COMPARISONS: usize = 4;

const NO_SESSION: &str = "the database connection is shared between sessions, as by a pooler in transaction mode; Florin \
                          needs a session of its own: set pool_mode = session there, or connect to PostgreSQL directly";

/// Makes every new session ready for use.
pub(super) fn hook() -> Hook {
    Hook::async_fn(|client, _| {
        Box::pin(async move {
            match tokio::time::timeout(CONNECT_WAIT_MAX, prepare(client)).await {
                Ok(Ok(None)) => Ok(()),
                Ok(Ok(Some(complaint))) => Err(HookError::message(complaint)),
                Ok(Err(error)) => Err(HookError::Backend(error)),
                Err(_) => Err(HookError::message("a new session did not answer in time")),
            }
        })
    })
}

async fn prepare(client: &ClientWrapper) -> std::result::Result<Option<String>, Error> {
    let settings = SETTINGS.map(|(name, value)| format!("SET {name} = '{value}'"));
    client.batch_execute(&settings.join("; ")).await?;
    complaint(client).await
}

/// What is wrong with the session as it is now, asked in a statement of its own.
pub(super) async fn complaint(client: &ClientWrapper) -> std::result::Result<Option<String>, Error> {
    let names = SETTINGS.iter().map(|(name, _)| name).chain(&SAFEGUARDS);
    let columns: Vec<String> = names.map(|name| format!("current_setting('{name}')")).collect();
    let Some(row) = first_row(client, &format!("SELECT {}", columns.join(", "))).await? else {
        return Ok(Some("the database server does not tell its settings".to_owned()));
    };
    for (column, (name, value)) in SETTINGS.iter().enumerate() {
        let found = row.get(column).unwrap_or_default();
        if found != *value {
            return Ok(Some(format!("{name} was set to {value}, but is {found}: {NO_SESSION}")));
        }
    }
    for (column, setting) in (SETTINGS.len()..).zip(SAFEGUARDS) {
        if row.get(column) == Some("off") {
            return Ok(Some(format!("PostgreSQL runs with {setting} = off: acknowledged money could be lost")));
        }
    }
    Ok(None)
}

/// Whether this server, and this session on it, take writes.
pub(super) async fn can_write(client: &ClientWrapper) -> std::result::Result<bool, Error> {
    let asked = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean";
    Ok(first_row(client, asked).await?.is_some_and(|row| row.get(0) == Some("f")))
}

/// Refuses a pooler that gives a session the connection of another one as soon as it rests: transactions would find
/// neither their settings nor their prepared statements.
pub(super) async fn refuse_shared(pool: &Pool) -> Result<()> {
    let first = pool.get().await?;
    // A pooler that has no second connection for us does not share the first.
    let Ok(second) = pool.get().await else {
        tracing::warn!("the database gives one connection only");
        return Ok(());
    };
    let own = process(&first).await?;
    for _ in 0..COMPARISONS {
        second.batch_execute("BEGIN").await.map_err(ended_or)?;
        if process(&second).await? == own {
            return Err(DbError::Configuration(NO_SESSION.to_owned()));
        }
        // The second holds its connection now. Whoever had one waits for nobody.
        let again = tokio::time::timeout(CONNECT_WAIT_MAX, process(&first)).await;
        if again.map_or(Ok(true), |again| again.map(|again| again != own))? {
            return Err(DbError::Configuration(NO_SESSION.to_owned()));
        }
        second.batch_execute("COMMIT").await?;
    }
    Ok(())
}

/// A pooler that shares connections between statements ends who asks for a transaction.
fn ended_or(error: Error) -> DbError {
    match DbError::from(error) {
        DbError::Unavailable(reason) => DbError::Configuration(format!("no transaction ({reason}): {NO_SESSION}")),
        other => other,
    }
}

async fn process(client: &ClientWrapper) -> std::result::Result<Option<String>, Error> {
    Ok(first_row(client, "SELECT pg_backend_pid()").await?.and_then(|row| row.get(0).map(str::to_owned)))
}

/// Without a prepared statement: this also speaks to poolers that lose those.
async fn first_row(client: &ClientWrapper, sql: &str) -> std::result::Result<Option<SimpleQueryRow>, Error> {
    let messages = client.simple_query(sql).await?;
    Ok(messages.into_iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    }))
}

/// Why no session can be had at all, for the one who starts the bank.
pub(super) fn at_start(error: deadpool_postgres::PoolError) -> DbError {
    use deadpool_postgres::PoolError;
    match error {
        PoolError::PostCreateHook(HookError::Message(complaint)) => DbError::Configuration(complaint.into_owned()),
        PoolError::Backend(error) if describe(&error).contains("startup parameter") => {
            let hint = "leave `options` out of FLORIN_DATABASE_URL, Florin sets what it needs by itself; or let the \
                        pooler ignore them (PgBouncer: ignore_startup_parameters = options)";
            DbError::Configuration(format!("{}: {hint}", describe(&error)))
        }
        other => other.into(),
    }
}
