//! Backups: one file is the whole embedded database after a clean stop and after every command; `florin backup` copies it
//! while money moves; `florin restore` brings it back.

use db::Engine;
use std::fs;
use std::path::Path;
use std::time::Duration;
use stories::{Bank, Books, Client, Load, PASSWORD, Random, TinyDisk, on_each_engine};

const BACKUPS: usize = 3;

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is UTF-8")
}

/// What `verify` counted, without how long it took.
fn verified(bank: &Bank) -> String {
    let report = bank.run(&["verify"]).expect_success();
    report.lines().next().and_then(|line| line.split_once(", walked")).expect("a report counts").0.to_owned()
}

/// A bank in a new place that has nothing but this copy of the database.
fn bank_with_copy_of(bank: &Bank) -> Bank {
    let copy = Bank::on(Engine::Sqlite);
    fs::copy(bank.sqlite_file(), copy.sqlite_file()).expect("the file is copied");
    copy
}

fn total_minor(customer: &Client, accounts: &[String]) -> i64 {
    accounts.iter().map(|account| stories::minor_units(&customer.balances(account).0)).sum()
}

#[test]
fn a_clean_stop_and_each_command_leave_one_file_that_is_the_whole_database() {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve();
    let customer = server.register("ann");
    customer.open_account_with("100.00");
    server.stop();
    let whole = verified(&bank);
    assert!(whole.contains("2 postings"), "{whole}");
    let history = bank.folder().join("history.csv");
    let header = "external_id,account,value_date,amount,currency,category,counterparty,description";
    fs::write(&history, format!("{header}\n1,old,2024-05-01,12.00,USD,cash,,\n")).expect("a file is written");
    let commands: [&[&str]; 5] = [
        &["import", "history", text(&history)],
        &["export", "balances"],
        &["export", "journal", "--format", "hledger"],
        &["migrate"],
        &["verify"],
    ];
    for command in commands {
        bank.run(command).expect_success();
        for ending in ["-wal", "-shm", "-journal"] {
            let beside = format!("{}{ending}", bank.sqlite_file().display());
            assert!(!Path::new(&beside).exists(), "{beside} after {command:?}");
        }
        let copy = bank_with_copy_of(&bank);
        assert!(verified(&copy).contains("4 postings"), "after {command:?}");
    }
    // A command that fails leaves no less.
    bank.run(&["import", "history", text(&history), "--owner", "nobody"]).expect_refusal();
    assert!(verified(&bank_with_copy_of(&bank)).contains("4 postings"));
}

#[test]
fn backups_under_load_are_restored_verified_and_open_to_their_people() {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve();
    let mut books = Books::open(&server);
    let customer = books.customer(&server);
    let total = total_minor(&customer, &books.accounts());
    let load = Load::start(&customer, &books.accounts(), Random::from_environment(4).any());
    let mut files = Vec::new();
    for number in 0..BACKUPS {
        std::thread::sleep(Duration::from_millis(300));
        let file = bank.folder().join(format!("backup-{number}.db"));
        let said = bank.run(&["backup", text(&file)]).expect_success();
        assert!(said.contains("holds the whole database") && said.contains("secrets.key"), "{said}");
        files.push(file);
    }
    let memory = load.finish();
    assert!(memory.unknown.is_empty() && memory.turned_away.is_empty(), "the backups disturbed somebody");
    books.book(&memory);
    books.expect_balances(&customer);
    let again = bank.run(&["backup", text(&files[0])]).expect_refusal();
    assert!(again.contains("is not overwritten"), "{again}");
    server.stop();
    bank.expect_verified();

    let mut entries = Vec::new();
    for file in &files {
        let restored = Bank::on(Engine::Sqlite);
        let said = restored.run(&["restore", text(file)]).expect_success();
        assert!(said.contains("Bring back") && said.contains("secrets.key"), "{said}");
        for key in ["secrets.key", "audit.key"] {
            fs::copy(bank.folder().join(key), restored.folder().join(key)).expect("the key is copied");
        }
        entries.push(verified(&restored));
        let refused = restored.run(&["restore", text(file)]).expect_refusal();
        assert!(refused.contains("is not overwritten"), "{refused}");
        let server = restored.serve();
        let body = serde_json::json!({ "username": "load", "password": PASSWORD });
        let session = server.anonymous().post("/api/auth/login", &body).expect(200);
        let customer = server.client(session["accessToken"].as_str().expect("a session has a token"));
        assert_eq!(total_minor(&customer, &books.accounts()), total, "a moment between two transfers");
        server.stop();
        restored.expect_verified();
    }
    assert!(entries[0] != entries[BACKUPS - 1], "money moved between the backups: {entries:?}");
    println!("{} transfers meanwhile; {entries:?}", memory.settled());
}

#[test]
fn what_is_no_backup_of_a_florin_is_refused_in_one_line() {
    let bank = Bank::on(Engine::Sqlite);
    let file = bank.folder().join("backup.db");
    for (content, reason) in
        [(&b"no database"[..], "not the database of a Florin"), (b"", "not the database of a Florin")]
    {
        fs::write(&file, content).expect("a file is written");
        let refused = bank.run(&["restore", text(&file)]).expect_refusal();
        assert!(refused.contains(reason), "{refused}");
    }
    let left: Vec<_> =
        fs::read_dir(bank.folder()).expect("it is a folder").map(|entry| entry.expect("one").path()).collect();
    assert_eq!(left, std::slice::from_ref(&file), "a failed restore leaves nothing behind");
    let place = bank.folder().join("new");
    let mut command = bank.command(&["restore", text(&file)]);
    command.env("FLORIN_DATA_DIR", &place);
    let refused = stories::run(command).expect_refusal();
    assert!(
        refused.contains("backup.db: it is not the database of a Florin"),
        "the backup is what is wrong: {refused}"
    );
    assert!(!place.exists(), "the folder goes too");
    let missing = bank.run(&["backup", text(&file.with_extension("copy"))]).expect_refusal();
    assert!(missing.contains("there is no database at"), "{missing}");
}

#[test]
fn a_full_disk_is_named_where_it_is() {
    let Some(disk) = TinyDisk::mount(1) else { return };
    let bank = Bank::on(Engine::Sqlite);
    bank.serve().stop();
    let backup = bank.folder().join("backup.db");
    bank.run(&["backup", text(&backup)]).expect_success();
    disk.fill();
    let copy = disk.path().join("copy.db");
    let mut restoring = bank.command(&["restore", text(&backup)]);
    restoring.env("FLORIN_DATABASE_URL", format!("sqlite:{}", copy.display()));
    for command in [bank.command(&["backup", text(&copy)]), restoring] {
        let refused = stories::run(command).expect_refusal();
        assert!(refused.contains(text(&copy)), "it is the target that is full: {refused}");
        assert!(!copy.exists());
    }
}

#[test]
fn postgresql_is_left_to_its_own_tools() {
    on_each_engine(|bank| {
        if bank.engine() == Engine::Sqlite {
            return;
        }
        for (command, tool) in [("backup", "pg_dump"), ("restore", "pg_restore")] {
            let refused = bank.run(&[command, text(&bank.folder().join("backup.db"))]).expect_refusal();
            assert!(refused.contains(tool), "{refused}");
        }
    });
}
