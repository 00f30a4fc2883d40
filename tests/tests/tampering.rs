//! Somebody with access to the database changes the books behind the bank's back: `verify` names the row.

use store::Engine;
use stories::{Bank, on_each_engine};

/// The transfer of 7.77 is the second posting of the account that pays.
const POSTING_CHANGED: &str = "UPDATE ledger_posting SET amount_minor = -776 WHERE amount_minor = -777";
const POSTING_DELETED: &str = "DELETE FROM ledger_posting WHERE amount_minor = -777";
const BALANCE_CHANGED: &str = "UPDATE ledger_account SET posted_minor = 9222 WHERE posted_minor = 9223";
const HOLD_INVENTED: &str = "UPDATE ledger_account SET held_minor = 1 WHERE posted_minor = 9223";
const ENTRY_DELETED: &str =
    "DELETE FROM ledger_entry WHERE id IN (SELECT entry_id FROM ledger_posting WHERE amount_minor = -777)";

struct Scene {
    /// The account that paid, and what its transaction shares with its entry: the end of the identifier.
    source: String,
    entry: String,
}

#[test]
fn tampering_is_found_and_the_row_is_named() {
    on_each_engine(|bank| {
        let engine = bank.engine();
        drop(bank);
        for change in [POSTING_CHANGED, POSTING_DELETED, BALANCE_CHANGED, HOLD_INVENTED, ENTRY_DELETED] {
            println!("{change}");
            let bank = Bank::on(engine);
            let scene = set(&bank);
            tamper(&bank, change);
            let finished = bank.run(&["verify"]);
            assert_eq!(finished.code, Some(1), "{finished:?}");
            let named = match change {
                POSTING_CHANGED => format!("posting 2 of account {}", scene.source),
                ENTRY_DELETED => scene.entry,
                _ => format!("account {}", scene.source),
            };
            assert!(finished.stdout.contains("WRONG: ") && finished.stdout.contains(&named), "{}", finished.stdout);
            assert!(!finished.stdout.contains("The books are right"), "{}", finished.stdout);
        }
    });
}

#[test]
fn the_database_itself_refuses_to_change_the_journal() {
    on_each_engine(|bank| {
        set(&bank);
        for change in [POSTING_CHANGED, POSTING_DELETED, ENTRY_DELETED] {
            let refusal = execute(&bank, change).expect_err("the journal is append-only");
            assert!(refusal.contains("is append-only"), "{refusal}");
        }
        bank.expect_verified();
    });
}

/// A hundred dollars come in, 7.77 go on, and the bank closes for the day.
fn set(bank: &Bank) -> Scene {
    let server = bank.serve();
    let customer = server.register("ann");
    let (source, destination) = (customer.open_account_with("100.00"), customer.open_account("USD"));
    let answer = customer.pay("/api/transactions/transfer", &stories::transfer(&source, &destination, "7.77"));
    let transaction = answer.expect(201);
    let id = transaction["id"].as_str().expect("a transaction has an id");
    let (_, entry) = id.split_once('_').expect("an identifier has a prefix");
    server.stop();
    bank.expect_verified();
    Scene { source, entry: entry.to_owned() }
}

/// Changes rows with the guards switched off, as somebody with the file or a superuser's login can.
fn tamper(bank: &Bank, change: &str) {
    let unguarded = match bank.engine() {
        Engine::Sqlite => format!(
            "DROP TRIGGER ledger_posting_no_update; DROP TRIGGER ledger_posting_no_delete;
             DROP TRIGGER ledger_entry_no_delete; {change}"
        ),
        Engine::Postgres => format!("SET session_replication_role = replica; {change}"),
    };
    execute(bank, &unguarded).expect("nothing stops it");
}

/// Runs SQL past the bank.
fn execute(bank: &Bank, sql: &str) -> Result<(), String> {
    let Some(url) = bank.database_url() else {
        let file = rusqlite::Connection::open(bank.sqlite_file()).expect("the file opens");
        return file.execute_batch(sql).map_err(|error| error.to_string());
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("it answers");
        let driving = tokio::spawn(connection);
        let outcome = client.batch_execute(sql).await;
        driving.abort();
        outcome.map_err(|error| error.as_db_error().map_or_else(|| error.to_string(), |refusal| refusal.to_string()))
    })
}
