//! What a database was made for: a production bank is not served as a sandbox, nor a sandbox as a production bank. Who did
//! what they came for decides it, and while nobody is there, it may change.

use db::Engine;
use std::net::TcpListener;
use stories::{Bank, Finished, Folder, PASSWORD, on_each_engine, run};

const SANDBOX: &[(&str, &str)] = &[("FLORIN_MODE", "sandbox")];
/// On a loopback address.
const PRODUCTION: &[(&str, &str)] = &[("FLORIN_MODE", "production"), ("FLORIN_RATE_LIMIT", "on")];
const CREATE: &[&str] = &["admin", "create", "--username", "root"];

fn finished(bank: &Bank, arguments: &[&str], mode: &[(&str, &str)]) -> Finished {
    let mut command = bank.command(arguments);
    command.envs(mode.iter().copied()).env("FLORIN_ADMIN_PASSWORD", PASSWORD);
    run(command)
}

#[test]
fn a_production_bank_is_not_served_as_a_sandbox() {
    on_each_engine(|bank| {
        let said = finished(&bank, CREATE, PRODUCTION).expect_success();
        assert!(said.contains("This database is a production bank's from now on."), "{said}");
        bank.serve_with(&["serve"], PRODUCTION).stop();
        for arguments in [&["serve"][..], &["serve", "--demo"], &["admin", "create", "--username", "second"]] {
            let said = finished(&bank, arguments, SANDBOX).expect_refusal();
            assert!(said.contains("a production bank's") && said.contains("FLORIN_MODE=production"), "{said}");
        }
        // Whoever only looks is asked for nothing, and what was refused has done nothing.
        bank.expect_verified();
        bank.run(&["export", "balances"]).expect_success();
        bank.serve_with(&["serve"], PRODUCTION).stop();
    });
}

#[test]
fn a_sandbox_is_not_served_as_a_production_bank() {
    on_each_engine(|bank| {
        let said = finished(&bank, CREATE, SANDBOX).expect_success();
        assert!(said.contains("This database is a sandbox's from now on."), "{said}");
        let said = finished(&bank, &["admin", "enable", "--username", "root"], SANDBOX).expect_success();
        assert!(!said.contains("from now on"), "it is said once: {said}");
        let said = finished(&bank, &["serve"], PRODUCTION).expect_refusal();
        assert!(said.contains("a sandbox's") && said.contains("a database of its own"), "{said}");
        bank.serve_with(&["serve"], SANDBOX).stop();
    });
}

#[test]
fn an_account_alone_makes_a_bank_too() {
    on_each_engine(|bank| {
        let folder = Folder::fresh();
        let file = folder.write("history.csv", stories::history_csv(&stories::generate_history(3, 1, 1)));
        let said = bank.run(&["import", "history", file.to_str().expect("a plain path")]).expect_success();
        assert!(said.contains("This database is a sandbox's from now on."), "{said}");
        finished(&bank, CREATE, PRODUCTION).expect_refusal();
    });
}

#[test]
fn a_migrated_database_that_nobody_has_used_is_for_the_mode_of_its_first_start() {
    on_each_engine(|bank| {
        finished(&bank, &["migrate"], SANDBOX).expect_success();
        let server = bank.serve_with(&["serve"], PRODUCTION);
        finished(&bank, &["serve"], SANDBOX).expect_refusal();
        server.stop();
    });
}

#[test]
fn what_failed_has_decided_nothing() {
    on_each_engine(|bank| {
        let mut weak = bank.command(CREATE);
        weak.envs(SANDBOX.iter().copied()).env("FLORIN_ADMIN_PASSWORD", "short");
        run(weak).expect_refusal();
        let folder = Folder::fresh();
        for (what, header) in [("history", files_header::HISTORY), ("users", files_header::USERS)] {
            let file = folder.write("bad.csv", format!("{header}\nonly,three,fields\n"));
            bank.run(&["import", what, file.to_str().expect("a plain path")]).expect_refusal();
        }
        let taken = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = taken.local_addr().expect("it has an address").to_string();
        let mut second = bank.command(&["serve"]);
        second.env("FLORIN_LISTEN", address);
        run(second).expect_refusal();
        assert_eq!(marks(&bank), 0, "nothing was decided");
        let said = finished(&bank, CREATE, PRODUCTION).expect_success();
        assert!(said.contains("a production bank's from now on"), "{said}");
        finished(&bank, &["serve"], SANDBOX).expect_refusal();
    });
}

#[test]
fn what_nobody_came_to_may_become_something_else() {
    on_each_engine(|bank| {
        bank.serve_with(&["serve"], SANDBOX).stop();
        assert_eq!(marks(&bank), 1);
        let said = finished(&bank, CREATE, PRODUCTION).expect_success();
        assert!(said.contains("a production bank's from now on"), "{said}");
        finished(&bank, &["serve"], SANDBOX).expect_refusal();
        bank.serve_with(&["serve"], PRODUCTION).stop();
    });
}

#[test]
fn what_a_server_still_has_open_does_not_become_something_else() {
    on_each_engine(|bank| {
        if bank.engine() == Engine::Sqlite {
            // It is for one process only.
            return;
        }
        let server = bank.serve_with(&["serve"], SANDBOX);
        let said = finished(&bank, CREATE, PRODUCTION).expect_refusal();
        assert!(said.contains("other programs have it open"), "{said}");
        server.register("ann").open_account_with("1.00");
        server.stop();
        finished(&bank, CREATE, PRODUCTION).expect_refusal();
    });
}

mod files_header {
    pub(super) const HISTORY: &str = "external_id,account,value_date,amount,currency,category,counterparty,description";
    pub(super) const USERS: &str = "username,email,role,password_hash";
}

/// How many modes the database remembers.
fn marks(bank: &Bank) -> i64 {
    crate::past_the_bank::number(bank, "SELECT COUNT(*) FROM store_mark WHERE name = 'made_for'")
}
