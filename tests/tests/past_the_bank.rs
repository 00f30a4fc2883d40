//! What somebody with the database itself does and sees, past the bank.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use stories::Bank;

/// Runs SQL on the bank's database.
pub(crate) fn execute(bank: &Bank, sql: &str) {
    match bank.database_url() {
        Some(url) => on_server(url, async |client| client.batch_execute(sql).await),
        None => {
            let file = rusqlite::Connection::open(bank.sqlite_file()).expect("the file opens");
            file.execute_batch(sql).expect("the statement is run");
        }
    }
}

/// A number from the bank's database.
pub(crate) fn number(bank: &Bank, sql: &str) -> i64 {
    match bank.database_url() {
        Some(url) => on_server(url, async |client| Ok(client.query_one(sql, &[]).await?.get(0))),
        None => {
            let file = rusqlite::Connection::open(bank.sqlite_file()).expect("the file opens");
            file.query_row(sql, [], |row| row.get(0)).expect("the statement is run")
        }
    }
}

/// All that is stored, as a thief of the database has it: the files with what SQLite keeps beside them, or every row.
pub(crate) fn stolen(bank: &Bank) -> Vec<u8> {
    let Some(url) = bank.database_url() else {
        let files = ["", "-wal", "-shm", "-journal"].map(|ending| format!("{}{ending}", bank.sqlite_file().display()));
        return files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect();
    };
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    on_server(url, async |client| {
        let mut all = Vec::new();
        for table in client.query(tables, &[]).await? {
            let table: String = table.get(0);
            for row in client.query(&format!("SELECT t::text FROM {table} t"), &[]).await? {
                all.extend(row.get::<_, String>(0).into_bytes());
            }
        }
        Ok(all)
    })
}

/// Does something as a client of the PostgreSQL server.
pub(crate) fn on_server<T, F>(url: &str, work: impl FnOnce(tokio_postgres::Client) -> F) -> T
where
    F: Future<Output = Result<T, tokio_postgres::Error>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("it answers");
        let driving = tokio::spawn(connection);
        let outcome = work(client).await.expect("the statement is run");
        driving.abort();
        outcome
    })
}

/// Every file of a folder and below it, with what is in it.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            found.extend(contents(&path));
        }
        found.insert(path.display().to_string(), std::fs::read(&path).unwrap_or_default());
    }
    found
}
