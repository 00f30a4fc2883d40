//! `florin verify --audit`: what somebody changed in the books or in the log is named by its row, also where all tables were changed
//! alike; a head that was kept elsewhere convicts who put an older history in the place of the bank's.

use crate::audit::{checkpoint, logged, vkey};
use crate::tampering::{
    ANSWER_CHANGED_ON_POSTGRES, ANSWER_CHANGED_ON_SQLITE, HISTORY_REWRITTEN, POSTING_CHANGED, TRANSACTION_CHANGED,
    execute, tamper,
};
use db::Engine;
use std::time::Duration;
use stories::{Bank, Folder, HistoryRow, generate_history, history_csv, on_each_engine};

const BALANCES_CHANGED: &str = "UPDATE payments_transaction SET source_balance_minor = source_balance_minor - 50000,
         destination_balance_minor = destination_balance_minor + 50000 WHERE amount_minor = 50777";

/// What there is to be changed: a transfer of 7.77, logged, and its head.
struct Scene {
    /// The end of the identifier that the transaction shares with its entry.
    entry: String,
    head: String,
    vkey: String,
}

fn set(bank: &Bank) -> Scene {
    let server = bank.serve();
    let ann = server.register("ann");
    let (source, destination) = (ann.open_account_with("100.00"), ann.open_account("USD"));
    let paid = ann.pay("/api/transactions/transfer", &stories::transfer(&source, &destination, "7.77")).expect(201);
    let id = paid["id"].as_str().expect("a transaction has an id");
    logged(&ann, &format!("/api/transactions/{id}/proof")).expect(200);
    let (head, vkey) = (checkpoint(&server), vkey(&server));
    server.stop();
    bank.expect_verified();
    let (_, entry) = id.split_once('_').expect("an identifier has a prefix");
    Scene { entry: entry.to_owned(), head, vkey }
}

/// What `verify` says of a bank that is wrong.
#[track_caller]
pub(crate) fn wrong(bank: &Bank, arguments: &[&str]) -> String {
    let finished = bank.run(&[&["verify", "--audit"], arguments].concat());
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(!finished.stdout.contains("The books are right"), "{finished:?}");
    finished.stdout
}

/// SQL for a column of bytes, with one text in the place of another.
fn replaced(engine: Engine, column: &str, old: &str, new: &str) -> String {
    match engine {
        Engine::Postgres => format!("convert_to(replace(convert_from({column}, 'UTF8'), '{old}', '{new}'), 'UTF8')"),
        Engine::Sqlite => format!("CAST(replace(CAST({column} AS TEXT), '{old}', '{new}') AS BLOB)"),
    }
}

#[test]
fn a_posting_a_row_of_the_log_and_a_history_that_agrees_with_itself_are_named() {
    on_each_engine(|bank| {
        let engine = bank.engine();
        drop(bank);
        let answer = if engine == Engine::Sqlite { ANSWER_CHANGED_ON_SQLITE } else { ANSWER_CHANGED_ON_POSTGRES };
        let everywhere = format!(
            "{HISTORY_REWRITTEN}; {TRANSACTION_CHANGED}; {answer}; {BALANCES_CHANGED}; UPDATE events_outbox SET payload = \
             replace(payload, '\"amount\":\"7.77\"', '\"amount\":\"507.77\"')"
        );
        let settled = "WHERE kind = 'payments.transaction_settled'";
        let entry_changed =
            format!("UPDATE audit_leaf SET entry = {} {settled}", replaced(engine, "entry", "settled", "pending"));
        let payload_changed = "UPDATE audit_payload SET payload = replace(payload, '7.77', '7.76')";
        let row_deleted = format!("DELETE FROM audit_leaf {settled}");
        let posting_named = "ledger_posting has -7.76 to 92.23 as number 2 of acct_";
        let cases = [
            (POSTING_CHANGED, vec!["posting 2 of account acct_", posting_named]),
            (&everywhere, vec!["and the log -7.77 to 92.23 as number 2 of acct_", "the row of events_outbox"]),
            (
                &entry_changed,
                vec!["has the hash that stands beside it: broken by audit_leaf ", "(evt_", "audit_checkpoint "],
            ),
            (payload_changed, vec!["has the payload that it has a hash of: broken by audit_payload "]),
            (&row_deleted, vec!["have no gaps", "audit_leaf ", "which is missing"]),
        ];
        for (change, named) in cases {
            println!("{change}");
            let bank = Bank::on(engine);
            let scene = set(&bank);
            tamper(&bank, change);
            let said = wrong(&bank, &[]);
            for name in named {
                assert!(said.contains(name), "{name}: {said}");
            }
            if change == everywhere || change == POSTING_CHANGED {
                let posting = format!("of ledger_entry entry_{}", scene.entry);
                assert!(said.contains(&posting), "{said}");
            }
            if change == everywhere {
                // Without the log nobody finds it.
                bank.run(&["verify"]).expect_success();
            }
        }
    });
}

#[test]
fn an_older_history_in_the_place_of_the_banks_is_convicted_by_a_head_that_was_kept() {
    let bank = Bank::on(Engine::Sqlite);
    let older = set(&bank);
    let copy = std::fs::read(bank.sqlite_file()).expect("the file is there");
    let server = bank.serve();
    let ann = server.log_in("ann", stories::PASSWORD);
    ann.open_account_with("5.00");
    let folder = Folder::fresh();
    let file = |name: &str, text: &str| folder.write(name, text).display().to_string();
    let head = stories::until_some("a newer head", Duration::from_secs(30), || {
        Some(checkpoint(&server)).filter(|head| *head != older.head)
    });
    let (older_head, kept) = (file("older", &older.head), file("kept", &head));
    server.stop();
    let arguments = ["verify", "--audit", "--checkpoint", &older_head, "--checkpoint", &kept, "--vkey", &older.vkey];
    bank.run(&arguments).expect_success();
    // Everything is put back to what it was, and the bank goes on from there: what it says agrees with itself.
    std::fs::write(bank.sqlite_file(), copy).expect("the file can be written");
    let said = wrong(&bank, &["--checkpoint", &kept]);
    assert!(said.contains("kept elsewhere") && said.contains(&format!("{kept}: it is of ")), "{said}");
    let server = bank.serve();
    let ann = server.log_in("ann", stories::PASSWORD);
    (0..4).for_each(|_| drop(ann.open_account_with("6.00")));
    stories::until_some("a newer head", Duration::from_secs(30), || {
        let size = |note: &str| note.lines().nth(1).and_then(|size| size.parse::<u64>().ok());
        (size(&checkpoint(&server)) > size(&head)).then_some(())
    });
    server.stop();
    bank.expect_verified();
    bank.run(&["verify", "--audit", "--checkpoint", &older_head]).expect_success();
    let said = wrong(&bank, &["--checkpoint", &older_head, "--checkpoint", &kept]);
    assert!(said.contains(&format!("{kept}: of audit_leaf ")), "{said}");
    // What is no head, or another key, is told before anything is judged.
    let finished = bank.run(&["verify", "--audit", "--checkpoint", "/nowhere/head"]);
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(2), ""), "{finished:?}");
    assert_eq!(bank.run(&["verify", "--audit", "--vkey", "none"]).code, Some(2));
    assert_eq!(bank.run(&["verify", "--from", "3"]).code, Some(2));
    let said = wrong(&bank, &["--checkpoint", &file("spoilt", &head.replace("\n\n", "\n0\n\n"))]);
    assert!(said.contains("which no key of the log signed"), "{said}");
}

#[test]
fn imported_histories_and_what_is_about_to_be_logged_are_no_gaps_and_an_entry_out_of_nothing_is_one() {
    on_each_engine(|bank| {
        let folder = Folder::fresh();
        let rows: Vec<HistoryRow> = generate_history(40, 3, 7);
        let file = folder.write("history.csv", history_csv(&rows)).display().to_string();
        bank.run(&["import", "history", &file]).expect_success();
        bank.expect_verified();
        set(&bank);
        // Events that the log has not taken yet, because it fails before its commit.
        let server = bank.serve_with(&["serve"], &[("FAILPOINTS", "audit::added=panic")]);
        let ann = server.log_in("ann", stories::PASSWORD);
        ann.open_account_with("3.00");
        server.kill();
        bank.expect_verified();
        let insert = "INSERT INTO ledger_entry SELECT {id}, kind, description, value_date, booked_at, sides FROM \
                      ledger_entry LIMIT 1";
        let id = if bank.engine() == Engine::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
        execute(&bank, &insert.replace("{id}", id)).expect("entries can be added");
        let said = wrong(&bank, &[]);
        assert!(said.contains("or is about to be logged: broken by ledger_entry entry_"), "{said}");
    });
}
