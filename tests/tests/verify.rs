//! `florin verify` looks and makes nothing: it runs beside a server and after a crash, and says so where there is no bank
//! to look at, or where the database is not what its migrations made.

use crate::past_the_bank::contents;
use crate::tampering::execute;
use db::Engine;
use std::collections::BTreeMap;
use stories::{Bank, Door, on_each_engine};

/// Runs `verify`, which must end with this code and change no file; gives what it said.
#[track_caller]
fn expect(bank: &Bank, code: i32) -> String {
    let before = contents(bank.folder());
    let finished = bank.run(&["verify"]);
    assert_eq!(finished.code, Some(code), "{finished:?}");
    let after = contents(bank.folder());
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after), "no file comes or goes");
    assert!(before == after, "no file changes");
    assert!(code == 0 || !finished.stdout.contains("The books are right"), "{finished:?}");
    if code == 2 {
        assert_eq!(finished.stdout, "", "nothing was checked");
        assert_eq!(finished.stderr.lines().count(), 1, "not one clear line: {finished:?}");
    }
    finished.stdout + &finished.stderr
}

fn pay(door: &Door) {
    let customer = door.register("ann");
    let (source, destination) = (customer.open_account_with("100.00"), customer.open_account("USD"));
    customer.pay("/api/transactions/transfer", &stories::transfer(&source, &destination, "7.77")).expect(201);
}

#[test]
fn where_there_is_no_bank_verify_says_so_and_makes_none() {
    on_each_engine(|bank| {
        let said = expect(&bank, 2);
        match bank.engine() {
            Engine::Sqlite => assert!(said.contains("there is no database at"), "{said}"),
            Engine::Postgres => assert!(said.contains("there is no bank in this database"), "{said}"),
        }
        // Neither does it make the folder.
        let missing = bank.folder().join("missing");
        let mut command = bank.command(&["verify"]);
        let finished = stories::run({
            command.env("FLORIN_DATA_DIR", &missing);
            command
        });
        assert_eq!((finished.code, missing.exists()), (Some(2), false), "{finished:?}");
        // What it did not make is not there the second time either.
        expect(&bank, 2);
    });
}

#[test]
fn keys_without_a_database_are_no_empty_bank() {
    let bank = Bank::on(Engine::Sqlite);
    bank.serve().stop();
    for ending in ["", "-wal", "-shm"] {
        let mut name = bank.sqlite_file().into_os_string();
        name.push(ending);
        drop(std::fs::remove_file(name));
    }
    let said = expect(&bank, 2);
    assert!(said.contains("says that there was a bank"), "{said}");
}

#[test]
fn a_database_without_its_tables_is_no_empty_bank() {
    let bank = Bank::on(Engine::Sqlite);
    // What is left of a bank when the log beside its file is not copied with it.
    let empty = rusqlite::Connection::open(bank.sqlite_file()).expect("the file opens");
    empty
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA user_version = 1; PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("it is set");
    drop(empty);
    assert_eq!(bank.sqlite_file().metadata().map(|file| file.len()).ok(), Some(4096));
    let said = expect(&bank, 2);
    assert!(said.contains("it has none of the tables") && said.contains("-wal"), "{said}");
    std::fs::write(bank.sqlite_file(), "").expect("the file can be emptied");
    expect(&bank, 2);
    std::fs::write(bank.sqlite_file(), "this is not a database, but it is long enough to look like the header of one")
        .expect("the file can be spoilt");
    expect(&bank, 2);
}

#[test]
fn a_database_with_a_part_of_its_tables_is_wrong() {
    on_each_engine(|bank| {
        bank.serve().stop();
        expect(&bank, 0);
        execute(&bank, "DROP TABLE payments_transaction").expect("nothing stops it");
        let said = expect(&bank, 1);
        assert!(said.contains("table payments_transaction is missing"), "{said}");
    });
}

#[test]
fn a_database_of_another_version_is_not_judged() {
    on_each_engine(|bank| {
        bank.serve().stop();
        execute(&bank, "UPDATE store_migration SET number = 9999 WHERE module = 'accounts' AND number = 1")
            .expect("nothing stops it");
        let said = expect(&bank, 2);
        assert!(said.contains("accounts 9999") && said.contains("newer"), "{said}");
        execute(&bank, "DELETE FROM store_migration WHERE module = 'accounts' AND number = 9999")
            .expect("nothing stops it");
        let said = expect(&bank, 2);
        assert!(said.contains("1 of this version's migrations") && said.contains("florin migrate"), "{said}");
    });
}

/// What is changed, and what of it is told.
const ON_SQLITE: &[(&str, &str)] = &[
    ("DROP TRIGGER ledger_entry_no_delete", "trigger ledger_entry_no_delete is missing"),
    ("DROP TRIGGER ledger_posting_no_replace", "trigger ledger_posting_no_replace is missing"),
    ("DROP INDEX ledger_hold_open", "index ledger_hold_open is missing"),
    (
        "DROP TRIGGER ledger_entry_no_update;
         CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT 1; END",
        "trigger ledger_entry_no_update is another than the migrations made",
    ),
    (
        "CREATE TRIGGER quiet AFTER INSERT ON ledger_posting
         BEGIN UPDATE ledger_account SET posted_minor = 0 WHERE id = NEW.account_id; END",
        "trigger quiet was made by no migration",
    ),
    (
        "ALTER TABLE payments_idempotency ADD COLUMN other INTEGER",
        "table payments_idempotency is another than the migrations made",
    ),
];
const ON_POSTGRES: &[(&str, &str)] = &[
    ("DROP TRIGGER ledger_posting_append_only ON ledger_posting", "trigger ledger_posting_append_only is missing"),
    (
        "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only",
        "trigger ledger_entry_append_only does not act in every session",
    ),
    (
        "ALTER TABLE ledger_entry ENABLE TRIGGER ledger_entry_append_only",
        "trigger ledger_entry_append_only does not act in every session",
    ),
    (
        "CREATE OR REPLACE FUNCTION store_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RETURN NEW; END $$",
        "function store_refuse_change is another than the migrations made",
    ),
    (
        "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
         CREATE TRIGGER quiet BEFORE INSERT ON ledger_posting FOR EACH ROW EXECUTE FUNCTION quiet()",
        "trigger quiet on table ledger_posting was made by no migration",
    ),
    ("ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_pkey", "table ledger_entry has no unique key on id"),
    (
        "ALTER TABLE ledger_hold DROP CONSTRAINT ledger_hold_amount_minor_check",
        "table ledger_hold has 2 of its 3 checks",
    ),
    (
        "ALTER TABLE ledger_entry ALTER COLUMN value_date DROP NOT NULL",
        "column value_date of table ledger_entry may be empty",
    ),
    ("CREATE RULE quiet AS ON DELETE TO ledger_hold DO INSTEAD NOTHING", "table ledger_hold has rules or row security"),
];

#[test]
fn what_was_taken_away_or_added_is_told() {
    on_each_engine(|bank| {
        bank.serve().stop();
        expect(&bank, 0);
        // One after the other in the same database: what was told stays told.
        for (change, told) in if bank.engine() == Engine::Sqlite { ON_SQLITE } else { ON_POSTGRES } {
            execute(&bank, change).expect("nothing stops it");
            let said = expect(&bank, 1);
            assert!(said.lines().any(|line| line.starts_with("WRONG: ") && line.contains(told)), "{change}: {said}");
        }
    });
}

#[test]
fn a_bank_that_works_can_be_verified() {
    on_each_engine(|bank| {
        let server = bank.serve();
        pay(&server);
        let report = bank.run(&["verify"]).expect_success();
        assert!(report.contains("The books are right."), "{report}");
        // It went on, and goes on.
        server.register("bob").open_account_with("1.00");
        bank.expect_verified();
        server.stop();
        bank.expect_verified();
    });
}

#[test]
fn a_killed_bank_is_verified_with_all_that_it_acknowledged_and_left_as_it_is() {
    on_each_engine(|bank| {
        let server = bank.serve();
        pay(&server);
        server.kill();
        let report = expect(&bank, 0);
        assert!(report.starts_with("4 postings of 2 entries"), "{report}");
        let server = bank.serve();
        server.register("bob").open_account_with("1.00");
        server.stop();
        bank.expect_verified();
    });
}
