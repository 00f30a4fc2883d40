//! What a database was made for: a production bank is not served as a sandbox, nor a sandbox as a production bank.

use stories::{Bank, Finished, PASSWORD, on_each_engine, run};

const SANDBOX: &[(&str, &str)] = &[("FLORIN_MODE", "sandbox")];
/// On a loopback address.
const PRODUCTION: &[(&str, &str)] = &[("FLORIN_MODE", "production"), ("FLORIN_RATE_LIMIT", "on")];

fn finished(bank: &Bank, arguments: &[&str], mode: &[(&str, &str)]) -> Finished {
    let mut command = bank.command(arguments);
    command.envs(mode.iter().copied()).env("FLORIN_ADMIN_PASSWORD", PASSWORD);
    run(command)
}

#[test]
fn a_production_bank_is_not_served_as_a_sandbox() {
    on_each_engine(|bank| {
        bank.serve_with(&["serve"], PRODUCTION).stop();
        for arguments in [&["serve"][..], &["serve", "--demo"], &["admin", "create", "--username", "root"]] {
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
        finished(&bank, &["admin", "create", "--username", "root"], SANDBOX).expect_success();
        let said = finished(&bank, &["serve"], PRODUCTION).expect_refusal();
        assert!(said.contains("a sandbox's") && said.contains("a database of its own"), "{said}");
        bank.serve_with(&["serve"], SANDBOX).stop();
    });
}

#[test]
fn a_migrated_database_that_nobody_has_used_is_for_the_mode_of_its_first_start() {
    on_each_engine(|bank| {
        finished(&bank, &["migrate"], SANDBOX).expect_success();
        bank.serve_with(&["serve"], PRODUCTION).stop();
        finished(&bank, &["serve"], SANDBOX).expect_refusal();
    });
}
