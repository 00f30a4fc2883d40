//! A program that is older than its database keeps its hands off, whichever command it is.

use crate::past_the_bank::execute;
use db::Engine;
use std::fs;
use stories::{PASSWORD, on_each_engine, run};

const NEWER: &str = "this database was brought to payments 99 by a newer florin; this one knows ";

#[test]
fn every_command_refuses_a_database_that_a_newer_program_brought_up_to_date() {
    on_each_engine(|bank| {
        bank.run(&["migrate"]).expect_success();
        let (nothing, time) = match bank.engine() {
            Engine::Sqlite => ("x''", "0"),
            Engine::Postgres => ("''", "now()"),
        };
        let row = format!("INSERT INTO store_migration VALUES ('payments', 99, {nothing}, {time})");
        execute(&bank, &row);
        let file = bank.folder().join("empty.csv");
        fs::write(&file, "external_id,account,value_date,amount,currency,category,counterparty,description\n")
            .expect("a file is written");
        let users = bank.folder().join("users.csv");
        fs::write(&users, "username,email,role,password_hash\n").expect("a file is written");
        let path = |path: &std::path::Path| path.to_str().expect("the path is UTF-8").to_owned();
        let (file, users, copy) = (path(&file), path(&users), path(&bank.folder().join("copy.db")));
        let mut commands: Vec<Vec<&str>> = vec![
            vec!["serve"],
            vec!["migrate"],
            vec!["verify"],
            vec!["import", "history", &file],
            vec!["import", "users", &users],
            vec!["export", "balances"],
            vec!["export", "journal", "--format", "beancount"],
            vec!["admin", "create", "--username", "root"],
            vec!["admin", "reset-mfa", "--username", "root"],
        ];
        if bank.engine() == Engine::Sqlite {
            commands.push(vec!["backup", &copy]);
        }
        for command in commands {
            let mut florin = bank.command(&command);
            florin.env("FLORIN_ADMIN_PASSWORD", PASSWORD);
            let refused = run(florin).expect_refusal();
            assert!(refused.contains(NEWER), "{command:?}: {refused}");
        }
        execute(&bank, "DELETE FROM store_migration WHERE number = 99");
        bank.expect_verified();
    });
}
