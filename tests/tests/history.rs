//! Taking over another bank's history: all of a file or nothing, and nothing twice, also after a kill.

use std::time::{Duration, Instant};
use stories::{Bank, Folder, HistoryRow, expect_exported, generate_history, history_csv, on_each_engine};

#[test]
fn a_history_is_booked_once_however_often_it_is_imported() {
    on_each_engine(|bank| {
        let folder = Folder::fresh();
        let rows = generate_history(2_000, 30, 1);
        let file = folder.write("history.csv", history_csv(&rows[..1_500]));
        let file = file.to_str().expect("a plain path");
        expect_report(&bank, file, "1500 rows booked, 0 were there already, 30 accounts opened");
        expect_exported(&bank, &rows[..1_500]);
        let counts = counts(&bank);

        expect_report(&bank, file, "0 rows booked, 1500 were there already, 0 accounts opened");
        expect_exported(&bank, &rows[..1_500]);
        assert_eq!(self::counts(&bank), counts);

        std::fs::write(file, history_csv(&rows)).expect("the file can be written again");
        expect_report(&bank, file, "500 rows booked, 1500 were there already, 0 accounts opened");
        expect_exported(&bank, &rows);
    });
}

#[test]
fn a_reference_that_begins_like_a_formula_is_text_in_the_export() {
    on_each_engine(|bank| {
        let folder = Folder::fresh();
        let row = generate_history(1, 1, 1).remove(0);
        let references = ["=1+1", "-576", "@x", "'=1", "576"];
        let rows = references.map(|account| HistoryRow {
            account: account.to_owned(),
            external_id: account.to_owned(),
            ..row.clone()
        });
        let file = folder.write("history.csv", history_csv(&rows));
        bank.run(&["import", "history", file.to_str().expect("a plain path")]).expect_success();
        let mut exported: Vec<String> = stories::exported_balances(&bank).into_keys().collect();
        exported.sort_unstable();
        assert_eq!(exported, ["''=1", "'-576", "'=1+1", "'@x", "576"]);
    });
}

#[test]
fn a_wrong_row_is_named_and_nothing_of_its_file_is_booked() {
    on_each_engine(|bank| {
        let folder = Folder::fresh();
        // The wrong row comes after more rows than are booked at once.
        let rows = generate_history(6_000, 30, 2);
        let good = history_csv(&rows);
        let last = rows.last().expect("there are rows");
        let with = |change: &dyn Fn(&mut HistoryRow)| {
            let mut row = HistoryRow { external_id: "wrong".to_owned(), ..last.clone() };
            change(&mut row);
            row.to_csv()
        };
        let (currency, exponent) = if last.currency == "JPY" { ("KWD", 3) } else { ("JPY", 0) };
        for (wrong, reason) in [
            (with(&|row| row.amount_minor = 0), "amount"),
            (with(&|row| row.value_date = "1999-02-29".to_owned()), "value_date"),
            (with(&|row| row.category = "gift"), "category"),
            (with(&|row| (row.currency, row.exponent) = (currency, exponent)), "currency"),
            (HistoryRow { amount_minor: last.amount_minor + 1, ..last.clone() }.to_csv(), "external_id"),
            ("only,three,fields\n".to_owned(), "3 fields"),
        ] {
            let file = folder.write("history.csv", format!("{good}{wrong}"));
            let finished = bank.run(&["import", "history", file.to_str().expect("a plain path")]);
            let said = finished.expect_refusal();
            assert!(said.contains("nothing of") && said.contains("line 6002: "), "{said}");
            assert!(said.contains(reason), "{said}");
            expect_exported(&bank, &[]);
        }
        let file = folder.write("history.csv", good);
        expect_report(&bank, file.to_str().expect("a plain path"), "6000 rows booked, 0 were there already");
        expect_exported(&bank, &rows);
    });
}

#[test]
fn an_import_killed_on_its_way_is_completed_by_the_next() {
    on_each_engine(|bank| {
        let folder = Folder::fresh();
        let rows = generate_history(60_000, 500, 3);
        let file = folder.write("history.csv", history_csv(&rows));
        let import = ["import", "history", file.to_str().expect("a plain path")];
        bank.run(&["migrate"]).expect_success();
        for milliseconds in [150, 600] {
            let mut running = bank.start(&import);
            std::thread::sleep(Duration::from_millis(milliseconds));
            assert!(running.is_running(), "the import was over before the kill");
            assert_eq!(running.kill().code, None);
            expect_exported(&bank, &[]);
        }
        let started = Instant::now();
        let report = bank.run(&import).expect_success();
        println!("{:?}: {report}", started.elapsed());
        assert!(report.contains("60000 rows booked, 0 were there already, 500 accounts opened"), "{report}");
        expect_exported(&bank, &rows);
        bank.expect_verified();
        let report = bank.run(&import).expect_success();
        assert!(report.contains("0 rows booked, 60000 were there already, 0 accounts opened"), "{report}");
        expect_exported(&bank, &rows);
    });
}

#[track_caller]
fn expect_report(bank: &Bank, file: &str, report: &str) {
    let said = bank.run(&["import", "history", file]).expect_success();
    assert!(said.starts_with(report), "{said}");
    bank.expect_verified();
}

/// How many postings, entries and accounts there are, in the words of `verify`.
fn counts(bank: &Bank) -> String {
    let report = bank.run(&["verify"]).expect_success();
    report.split_once(", walked").expect("verify says what it walked").0.to_owned()
}
