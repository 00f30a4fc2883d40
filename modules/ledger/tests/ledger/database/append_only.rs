//! What was booked stays: the database itself refuses to change or delete it.

use crate::database::books::on_each_engine;
use db::Engine;

const TABLES: [&str; 2] = ["ledger_entry", "ledger_posting"];

#[test]
fn no_entry_and_no_posting_can_be_changed_or_deleted() {
    on_each_engine(async |books| {
        for table in TABLES {
            for change in [
                format!("UPDATE {table} SET value_date = value_date"),
                format!("UPDATE {table} SET booked_at = booked_at WHERE value_date IS NOT NULL"),
                format!("DELETE FROM {table}"),
                format!("DELETE FROM {table} WHERE value_date IS NOT NULL"),
            ] {
                let refusal = books.run(&change).await.unwrap_err().to_string();
                assert!(refusal.contains(&format!("{table} is append-only")), "{change}: {refusal}");
            }
        }
        assert_eq!(ledger::verify(&books.db, |_| ()).await.unwrap().findings, []);
    });
}

#[test]
fn a_second_row_with_the_same_key_cannot_replace_the_first() {
    on_each_engine(async |books| {
        for (table, key, change) in [
            ("ledger_entry", "id", "description = 'something else'"),
            ("ledger_posting", "account_id, entry_id, sequence", "amount_minor = 50100"),
        ] {
            let replacing = format!(
                "INSERT INTO {table} SELECT * FROM {table} WHERE value_date IS NOT NULL
                 ON CONFLICT ({key}) DO UPDATE SET {change}"
            );
            let refusal = books.run(&replacing).await.unwrap_err().to_string();
            assert!(refusal.contains(&format!("{table} is append-only")), "{refusal}");
        }
    });
}

/// As a connection that is not the bank's has it: SQLite then tells no trigger of the row that makes way.
#[test]
fn sqlites_replace_is_refused_without_the_banks_settings_too() {
    on_each_engine(async |books| {
        if books.db.engine() == Engine::Postgres {
            // PostgreSQL has no such statement.
            return;
        }
        books.run("PRAGMA recursive_triggers = OFF").await.unwrap();
        for table in TABLES {
            for word in ["REPLACE", "INSERT OR REPLACE", "INSERT OR IGNORE"] {
                let refusal = books.run(&format!("{word} INTO {table} SELECT * FROM {table}")).await.unwrap_err();
                assert!(refusal.to_string().contains(&format!("{table} is append-only")), "{refusal}");
            }
            let refusal = books.run(&format!("UPDATE OR REPLACE {table} SET booked_at = 0")).await.unwrap_err();
            assert!(refusal.to_string().contains(&format!("{table} is append-only")), "{refusal}");
        }
        assert_eq!(ledger::verify(&books.db, |_| ()).await.unwrap().findings, []);
    });
}

#[test]
fn a_session_that_calls_itself_a_replica_is_refused_as_well() {
    on_each_engine(async |books| {
        if books.db.engine() == Engine::Sqlite {
            // SQLite has no such setting.
            return;
        }
        for change in
            ["UPDATE ledger_posting SET amount_minor = 1", "DELETE FROM ledger_entry", "TRUNCATE ledger_entry"]
        {
            let refusal =
                books.run(&format!("SET LOCAL session_replication_role = replica; {change}")).await.unwrap_err();
            assert!(refusal.to_string().contains("is append-only"), "{change}: {refusal}");
        }
    });
}

#[test]
fn no_table_of_the_journal_can_be_truncated() {
    on_each_engine(async |books| {
        if books.db.engine() == Engine::Sqlite {
            // SQLite has no such statement.
            return;
        }
        for truncation in ["TRUNCATE ledger_entry", "TRUNCATE ledger_posting", "TRUNCATE ledger_account, ledger_entry"]
        {
            let refusal = books.run(truncation).await.unwrap_err().to_string();
            assert!(refusal.contains("is append-only"), "{truncation}: {refusal}");
        }
    });
}
