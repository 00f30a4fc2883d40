//! Somebody with access to the database changes the books behind the bank's back: `verify` names the row.

use db::Engine;
use stories::{Bank, on_each_engine};

/// The transfer of 7.77 is the second posting of the account that pays.
pub(crate) const POSTING_CHANGED: &str = "UPDATE ledger_posting SET amount_minor = -776 WHERE amount_minor = -777";
const POSTING_DELETED: &str = "DELETE FROM ledger_posting WHERE amount_minor = -777";
const BALANCE_CHANGED: &str = "UPDATE ledger_account SET posted_minor = 9222 WHERE posted_minor = 9223";
const HOLD_INVENTED: &str = "UPDATE ledger_account SET held_minor = 1 WHERE posted_minor = 9223";
const ENTRY_DELETED: &str =
    "DELETE FROM ledger_entry WHERE id IN (SELECT entry_id FROM ledger_posting WHERE amount_minor = -777)";

/// The transfer becomes one of 507.77 wherever the ledger has it.
pub(crate) const HISTORY_REWRITTEN: &str =
    "UPDATE ledger_account SET posted_minor = posted_minor - 50000 WHERE posted_minor = 9223;
     UPDATE ledger_account SET posted_minor = posted_minor + 50000 WHERE posted_minor = 777;
     UPDATE ledger_posting SET balance_minor = balance_minor - 50000, amount_minor = -50777 WHERE amount_minor = -777;
     UPDATE ledger_posting SET balance_minor = balance_minor + 50000, amount_minor = 50777 WHERE amount_minor = 777";
pub(crate) const TRANSACTION_CHANGED: &str =
    "UPDATE payments_transaction SET amount_minor = 50777 WHERE amount_minor = 777";
pub(crate) const ANSWER_CHANGED_ON_SQLITE: &str = "UPDATE payments_idempotency
     SET body = CAST(replace(CAST(body AS TEXT), '\"amount\":\"7.77\"', '\"amount\":\"507.77\"') AS BLOB)";
pub(crate) const ANSWER_CHANGED_ON_POSTGRES: &str = "UPDATE payments_idempotency
     SET body = convert_to(replace(convert_from(body, 'UTF8'), '\"amount\":\"7.77\"', '\"amount\":\"507.77\"'), 'UTF8')";

/// Tables that are only added to.
const GUARDED: [&str; 7] =
    ["ledger_entry", "ledger_posting", "audit_leaf", "audit_part", "audit_key", "audit_checkpoint", "audit_segment"];

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
        let answer_changed = match engine {
            Engine::Sqlite => ANSWER_CHANGED_ON_SQLITE,
            Engine::Postgres => ANSWER_CHANGED_ON_POSTGRES,
        };
        let of_ledger = [POSTING_CHANGED, POSTING_DELETED, BALANCE_CHANGED, HOLD_INVENTED, ENTRY_DELETED];
        let beside_it = [HISTORY_REWRITTEN, TRANSACTION_CHANGED, answer_changed];
        for change in of_ledger.into_iter().chain(beside_it) {
            println!("{change}");
            let bank = Bank::on(engine);
            let scene = set(&bank);
            tamper(&bank, change);
            let finished = bank.run(&["verify"]);
            assert_eq!(finished.code, Some(1), "{finished:?}");
            let named = match change {
                POSTING_CHANGED => format!("posting 2 of account {}", scene.source),
                ENTRY_DELETED => scene.entry,
                _ if beside_it.contains(&change) => format!("broken by txn_{}", scene.entry),
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
        let around = match bank.engine() {
            Engine::Sqlite => ["REPLACE INTO ledger_posting SELECT * FROM ledger_posting".to_owned(), {
                // As the row would be written that takes the place of another.
                "INSERT OR REPLACE INTO ledger_entry SELECT id, kind, 'another', value_date, booked_at, sides
                 FROM ledger_entry"
                    .to_owned()
            }],
            Engine::Postgres => [POSTING_CHANGED, POSTING_DELETED]
                .map(|change| format!("SET session_replication_role = replica; {change}")),
        };
        for change in around {
            let refusal = execute(&bank, &change).expect_err("the journal is append-only");
            assert!(refusal.contains("is append-only"), "{refusal}");
        }
        bank.expect_verified();
    });
}

#[test]
fn a_posting_on_an_account_that_is_gone_ends_the_journal_with_an_error() {
    on_each_engine(|bank| {
        let scene = set(&bank);
        tamper(&bank, "DELETE FROM ledger_account WHERE posted_minor = 9223");
        let finished = bank.run(&["export", "journal", "--format", "hledger"]);
        let named = format!("a posting is on account {}, which is missing", scene.source);
        assert!(finished.code == Some(1) && finished.stderr.contains(&named), "{finished:?}");
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

/// Changes rows with the guards away for a moment, as somebody with the file or a superuser's login can.
pub(crate) fn tamper(bank: &Bank, change: &str) {
    if bank.engine() == Engine::Postgres {
        let guards = |how: &str| {
            let of = |table: &str| {
                ["append_only", "no_truncate"].map(|name| format!("ALTER TABLE {table} {how} TRIGGER {table}_{name};"))
            };
            GUARDED.map(|table| of(table).concat()).concat()
        };
        let unguarded = format!("{} {change}; {}", guards("DISABLE"), guards("ENABLE ALWAYS"));
        return execute(bank, &unguarded).expect("nothing stops it");
    }
    let file = rusqlite::Connection::open(bank.sqlite_file()).expect("the file opens");
    let mut triggers = file.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").expect("it is read");
    let triggers = triggers.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("it is read");
    let triggers: Vec<(String, String)> = triggers.collect::<Result<_, _>>().expect("it is read");
    let drops: String = triggers.iter().map(|(name, _)| format!("DROP TRIGGER {name};")).collect();
    let makes: String = triggers.iter().map(|(_, sql)| format!("{sql};")).collect();
    execute(bank, &format!("{drops} {change}; {makes}")).expect("nothing stops it");
}

/// Runs SQL past the bank.
pub(crate) fn execute(bank: &Bank, sql: &str) -> Result<(), String> {
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
