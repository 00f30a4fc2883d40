//! A database that is gone, with a log or keys left of it: nobody deletes what is left, and no empty bank takes its place.

use crate::past_the_bank::contents;
use db::Engine;
use std::fs;
use std::process::Command;
use stories::{Bank, Folder, PASSWORD, generate_history, history_csv, on_each_engine, run};

/// Whatever would open a database or make one, with a file of history and one of users.
fn beginning(folder: &Folder) -> Vec<Vec<String>> {
    let history = folder.write("history.csv", history_csv(&generate_history(3, 1, 1)));
    let users = folder.write("users.csv", "username,email,role,password_hash\n");
    let (history, users) = (history.display().to_string(), users.display().to_string());
    let commands: [&[&str]; 6] = [
        &["serve"],
        &["serve", "--demo"],
        &["migrate"],
        &["admin", "create", "--username", "root"],
        &["import", "history", &history],
        &["import", "users", &users],
    ];
    commands.map(|command| command.iter().map(|word| (*word).to_owned()).collect()).to_vec()
}

fn looking(folder: &Folder) -> Vec<Vec<String>> {
    let copy = folder.file("copy.db").display().to_string();
    let commands: [&[&str]; 5] = [
        &["verify"],
        &["export", "balances"],
        &["backup", &copy],
        &["admin", "disable", "--username", "root"],
        &["keys", "replace-secrets"],
    ];
    commands.map(|command| command.iter().map(|word| (*word).to_owned()).collect()).to_vec()
}

fn command(bank: &Bank, arguments: &[String]) -> Command {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = bank.command(&arguments);
    command.env("FLORIN_ADMIN_PASSWORD", PASSWORD);
    command
}

/// Runs it; it must be refused with 2 in one line, and change nothing. Gives the line.
#[track_caller]
fn expect_untouched(bank: &Bank, command: Command) -> String {
    let before = contents(bank.folder());
    let shown = format!("{command:?}");
    let finished = run(command);
    assert_eq!(finished.code, Some(2), "{shown}: {finished:?}");
    let said = finished.expect_refusal();
    let after = contents(bank.folder());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{shown}");
    assert!(before == after, "{shown} changed a file");
    said
}

/// A bank that was killed in the middle of its work, so that it has a log.
fn killed() -> Bank {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve();
    server.register("ann").open_account_with("100.00");
    server.kill();
    fs::remove_file(bank.folder().join("server.log")).expect("it wrote one");
    let log = format!("{}-wal", bank.sqlite_file().display());
    assert!(fs::metadata(&log).is_ok_and(|log| log.len() > 0), "there is a log");
    bank
}

#[test]
fn a_log_whose_database_is_gone_is_kept_by_every_command() {
    for is_missing in [true, false] {
        for has_keys in [true, false] {
            let bank = killed();
            if is_missing {
                fs::rename(bank.sqlite_file(), bank.folder().join("elsewhere")).expect("the file can be moved");
            } else {
                fs::copy(bank.sqlite_file(), bank.folder().join("elsewhere")).expect("the file can be copied");
                fs::write(bank.sqlite_file(), "").expect("the file can be emptied");
            }
            if !has_keys {
                for key in ["secrets.key", "audit.key"] {
                    fs::remove_file(bank.folder().join(key)).expect("there is a key");
                }
                fs::remove_dir_all(bank.folder().join("signing-keys")).expect("there are keys");
            }
            let folder = Folder::fresh();
            for arguments in beginning(&folder).into_iter().chain(looking(&folder)) {
                let said = expect_untouched(&bank, command(&bank, &arguments));
                assert!(said.contains("florin.db-wal holds a part of a database"), "{said}");
            }
            fs::rename(bank.folder().join("elsewhere"), bank.sqlite_file()).expect("the file comes back");
            bank.expect_verified();
            let whole = bank.run(&["export", "balances"]).expect_success();
            assert!(whole.contains(",USD,100.00"), "what was in the log is there again: {whole}");
        }
    }
}

#[test]
fn no_empty_bank_takes_the_place_of_one_whose_keys_are_there() {
    on_each_engine(|bank| {
        let server = bank.serve();
        server.register("ann");
        server.stop();
        // The same keys beside another, empty database, or none.
        let place = Bank::on(bank.engine());
        let folder = Folder::fresh();
        for key in ["secrets.key", "audit.key"] {
            fs::copy(bank.folder().join(key), place.folder().join(key)).expect("the key is copied");
            for arguments in beginning(&folder) {
                let said = expect_untouched(&place, command(&place, &arguments));
                assert!(said.contains("says that there was a bank") && said.contains("move the keys away"), "{said}");
            }
            fs::remove_file(place.folder().join(key)).expect("there is a key");
        }
        let signing_keys = place.folder().join("signing-keys");
        fs::create_dir(&signing_keys).expect("there is none");
        set_private(&signing_keys);
        for key in fs::read_dir(bank.folder().join("signing-keys")).expect("there are keys") {
            let key = key.expect("one").path();
            fs::copy(&key, signing_keys.join(key.file_name().expect("it has a name"))).expect("it is copied");
        }
        expect_untouched(&place, place.command(&["migrate"]));
        if place.engine() == Engine::Sqlite {
            fs::write(place.sqlite_file(), "").expect("the folder takes a file");
            expect_untouched(&place, place.command(&["migrate"]));
        }
        fs::rename(&signing_keys, place.folder().join("old-keys")).expect("keys can be moved");
        place.serve().stop();
        place.serve().stop();
    });
}

#[test]
fn a_key_that_was_brought_before_the_first_start_is_no_sign_of_a_lost_bank() {
    on_each_engine(|bank| {
        let made = Bank::on(Engine::Sqlite);
        made.serve().stop();
        let key = made.folder().join("secrets.key").display().to_string();
        let keys = made.folder().join("signing-keys").display().to_string();
        let audit = made.folder().join("audit.key").display().to_string();
        let brought = [
            ("FLORIN_SECRETS_KEY_FILE", key.as_str()),
            ("FLORIN_SIGNING_KEYS_DIR", keys.as_str()),
            ("FLORIN_AUDIT_KEY_FILE", audit.as_str()),
        ];
        bank.serve_with(&["serve"], &brought).stop();
        // An empty folder is no key either.
        let other = Bank::on(bank.engine());
        fs::create_dir(other.folder().join("signing-keys")).expect("there is none");
        set_private(&other.folder().join("signing-keys"));
        other.serve().stop();
    });
}

#[test]
fn a_backup_is_restored_beside_the_keys_that_are_left() {
    let bank = Bank::on(Engine::Sqlite);
    bank.serve().stop();
    let folder = Folder::fresh();
    let file = folder.file("backup.db").display().to_string();
    bank.run(&["backup", &file]).expect_success();
    fs::remove_file(bank.sqlite_file()).expect("there is a database");
    let refused = bank.run(&["serve"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    bank.run(&["restore", &file]).expect_success();
    bank.serve().stop();
}

fn set_private(folder: &std::path::Path) {
    let only_us = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(folder, only_us).expect("it is ours");
}
