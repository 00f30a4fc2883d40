//! Whether other programs have the database open: some things are only done where nobody can be in the middle of something.

use crate::value::Kind;
use crate::{Db, Engine, Executor as _, Result, Statement, params};

// Only PostgreSQL understands it, so it is not in the registry of statements, which prepares on both. All sessions of one
// process have one name, and no other process has it.
static OTHER_SESSIONS: Statement = Statement::new(
    "OTHER_SESSIONS",
    Kind::Single,
    "SELECT 1 FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend'
         AND application_name IS DISTINCT FROM current_setting('application_name') LIMIT 1",
);

/// Whether another process has a session. The embedded database is open in one process only.
///
/// # Errors
/// The database cannot be read.
pub async fn is_in_company(db: &Db) -> Result<bool> {
    match db.engine() {
        Engine::Sqlite => Ok(false),
        Engine::Postgres => Ok(!db.query(&OTHER_SESSIONS, params![]).await?.is_empty()),
    }
}
