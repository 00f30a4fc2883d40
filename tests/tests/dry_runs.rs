//! A dry run changes nothing: it makes no database, no tables and no keys, and brings nothing up to date.

use crate::past_the_bank::{contents, execute, number};
use db::Engine;
use stories::{Bank, Finished, Folder, PASSWORD, generate_history, history_csv, on_each_engine, run};

fn dry_run(bank: &Bank, more: &[&str]) -> Finished {
    let folder = Folder::fresh();
    let file = folder.write("history.csv", history_csv(&generate_history(20, 3, 1)));
    let arguments = [&["import", "history", file.to_str().expect("a plain path"), "--dry-run"], more].concat();
    bank.run(&arguments)
}

/// So many rows are in each of the tables that an import and a start write to.
fn rows(bank: &Bank) -> Vec<i64> {
    let tables =
        ["store_migration", "store_mark", "clock_bank_time", "ledger_account", "ledger_entry", "events_outbox"];
    tables.map(|table| number(bank, &format!("SELECT COUNT(*) FROM {table}"))).to_vec()
}

#[test]
fn in_an_empty_place_there_is_nothing_to_try_on() {
    on_each_engine(|bank| {
        for more in [&[][..], &["--owner", "ann"]] {
            let finished = dry_run(&bank, more);
            assert_eq!(finished.code, Some(2), "{finished:?}");
            let said = finished.expect_refusal();
            assert!(said.contains("there is no"), "{said}");
            assert!(contents(bank.folder()).is_empty(), "{:?}", contents(bank.folder()).keys());
        }
        if bank.engine() == Engine::Postgres {
            let tables = "SELECT COUNT(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
            assert_eq!(number(&bank, tables), 0);
        }
        let missing = bank.folder().join("missing");
        let folder = Folder::fresh();
        let file = folder.write("history.csv", history_csv(&generate_history(20, 3, 1)));
        let mut elsewhere = bank.command(&["import", "history", file.to_str().expect("a plain path"), "--dry-run"]);
        elsewhere.env("FLORIN_DATA_DIR", &missing);
        assert_eq!((run(elsewhere).code, missing.exists()), (Some(2), false));
    });
}

#[test]
fn a_database_that_nobody_has_begun_stays_as_it_is() {
    on_each_engine(|bank| {
        bank.run(&["migrate"]).expect_success();
        let before = rows(&bank);
        let said = dry_run(&bank, &[]).expect_success();
        assert!(said.contains("20 rows would be booked, 0 are there already, 3 accounts would be opened"), "{said}");
        assert_eq!(rows(&bank), before);
    });
}

#[test]
fn an_older_bank_is_not_brought_up_to_date() {
    on_each_engine(|bank| {
        bank.run(&["migrate"]).expect_success();
        let last = "module = 'identity' OR module = 'auth' AND number = 12";
        execute(&bank, &format!("DROP TABLE auth_tie; DELETE FROM store_migration WHERE {last}"));
        let before = rows(&bank);
        let finished = dry_run(&bank, &[]);
        assert_eq!(finished.code, Some(2), "{finished:?}");
        let said = finished.expect_refusal();
        assert!(said.contains("of this version's migrations are not applied: run `florin migrate` first"), "{said}");
        assert_eq!(rows(&bank), before);
    });
}

#[test]
fn looking_an_owner_up_takes_no_keys() {
    on_each_engine(|bank| {
        let mut create = bank.command(&["admin", "create", "--username", "root"]);
        create.env("FLORIN_ADMIN_PASSWORD", PASSWORD);
        run(create).expect_success();
        std::fs::remove_file(bank.folder().join("secrets.key")).expect("there is a key");
        std::fs::remove_dir_all(bank.folder().join("signing-keys")).expect("there are keys");
        let before = rows(&bank);
        let said = dry_run(&bank, &["--owner", "root"]).expect_success();
        assert!(said.contains("20 rows would be booked"), "{said}");
        let said = dry_run(&bank, &["--owner", "nobody"]).expect_refusal();
        assert!(said.contains("there is no user nobody"), "{said}");
        assert_eq!(rows(&bank), before);
        let made: Vec<String> = contents(bank.folder()).into_keys().filter(|path| path.contains("key")).collect();
        assert_eq!(made, Vec::<String>::new());
    });
}
