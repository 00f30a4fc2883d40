//! Databases for tests: a fresh one on each engine, thrown away afterwards.
//! PostgreSQL is used when `FLORIN_TEST_POSTGRES_URL` names a server, as `make test` does.

mod clocks;

pub use clocks::{SetClock, bank_now, clocks};

use db::{Db, Engine, Migration, WallTime};
use std::path::PathBuf;
use uuid::Uuid;

/// A fresh database of its own.
pub struct TestDatabase {
    /// Where it is: what `FLORIN_DATABASE_URL` would say.
    pub url: String,
    /// Which engine it is on.
    pub engine: Engine,
    cleanup: Cleanup,
}

enum Cleanup {
    Folder(PathBuf),
    Database { admin_url: String, name: String },
}

/// The engines at hand: SQLite always, PostgreSQL when a server is named.
pub fn engines() -> Vec<Engine> {
    match postgres_url() {
        Some(_) => vec![Engine::Sqlite, Engine::Postgres],
        None => vec![Engine::Sqlite],
    }
}

/// Where the tests' PostgreSQL server is, if there is one.
pub fn postgres_url() -> Option<String> {
    std::env::var("FLORIN_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty())
}

impl TestDatabase {
    /// An empty database on the engine.
    ///
    /// # Panics
    /// When the database cannot be made: the test cannot go on.
    pub async fn create(engine: Engine) -> Self {
        let name = format!("florin_test_{}", Uuid::now_v7().simple());
        match engine {
            Engine::Sqlite => {
                let folder = std::env::temp_dir().join(&name);
                std::fs::create_dir_all(&folder).expect("the temporary folder can be made");
                let url = format!("sqlite:{}", folder.join("florin.db").display());
                Self { url, engine, cleanup: Cleanup::Folder(folder) }
            }
            Engine::Postgres => {
                let admin_url = postgres_url().expect("FLORIN_TEST_POSTGRES_URL names a server");
                run_as_admin(&admin_url, &format!("CREATE DATABASE {name}")).await.expect("a database can be made");
                let (server, _) = admin_url.rsplit_once('/').expect("the URL names a database");
                Self { url: format!("{server}/{name}"), engine, cleanup: Cleanup::Database { admin_url, name } }
            }
        }
    }

    /// Opens it with the tables of the given modules.
    ///
    /// # Panics
    /// When it cannot be opened or migrated: the test cannot go on.
    pub async fn open(&self, migrations: &[Migration]) -> Db {
        let db = Db::open(&self.url).await.expect("the fresh database opens");
        db::migrate(&db, migrations, WallTime::now()).await.expect("the migrations apply");
        db
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.cleanup {
            Cleanup::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Cleanup::Database { admin_url, name } => {
                let (admin_url, statement) =
                    (admin_url.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                // A runtime of its own: the test's may be on its way down.
                let dropping = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
                    runtime.block_on(run_as_admin(&admin_url, &statement)).ok()
                });
                drop(dropping.join());
            }
        }
    }
}

async fn run_as_admin(url: &str, statement: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let driving = tokio::spawn(connection);
    let outcome = client.batch_execute(statement).await;
    driving.abort();
    outcome
}

/// Runs an asynchronous test body once on each engine: `on_each_engine(MIGRATIONS, async |db| { … })`.
///
/// # Panics
/// When the body does.
pub fn on_each_engine(migrations: &[Migration], body: impl AsyncFn(Db)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        for engine in engines() {
            println!("on {engine:?}");
            let database = TestDatabase::create(engine).await;
            body(database.open(migrations).await).await;
        }
    });
}

/// Prepares every statement that is linked into the test, on each engine: each names only what these migrations made, and
/// what every database has.
///
/// # Panics
/// When an engine refuses one.
pub fn prepare_every_statement(migrations: &[&[Migration]]) {
    // What every test is linked with comes first.
    let always = [db::MIGRATIONS, outbox::MIGRATIONS, clock::MIGRATIONS].concat();
    let is_new = |one: &Migration| !always.iter().any(|other| (other.module, other.number) == (one.module, one.number));
    let others = migrations.concat().into_iter().filter(is_new);
    let migrations: Vec<Migration> = always.iter().cloned().chain(others).collect();
    on_each_engine(&migrations, async |db| {
        for statement in db::all_statements() {
            assert_eq!(db.prepare(statement).await, Ok(()), "{}", statement.name);
        }
    });
}
