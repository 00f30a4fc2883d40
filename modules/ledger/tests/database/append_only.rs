//! What was booked stays: the database itself refuses to change or delete it.

use crate::books::on_each_engine;
use store::Engine;

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
        let replacing = "INSERT INTO ledger_entry SELECT * FROM ledger_entry WHERE kind = 'TRANSFER'
                         ON CONFLICT (id) DO UPDATE SET description = 'something else'";
        let refusal = books.run(replacing).await.unwrap_err().to_string();
        assert!(refusal.contains("ledger_entry is append-only"), "{refusal}");
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
