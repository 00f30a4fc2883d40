//! The journal, read by the real tools of plain text accounting: they accept it and see the bank's own balances.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use stories::{
    Bank, DIFFICULT_TEXTS, Finished, Folder, PASSWORD, Tool, exported_balances, generate_history, history_csv,
    minor_units, on_each_engine, run,
};

#[test]
fn hledger_accepts_the_journal_and_shows_the_same_balances() {
    let Some(hledger) = Tool::Hledger.find() else { return };
    on_each_engine(|bank| {
        let folder = Folder::fresh();
        let journal = export(&bank, &folder, "hledger");
        ask(&hledger, &["check", "--strict"], &journal).expect_success();
        let arguments = ["balance", "liabilities", "--flat", "--empty", "--no-total", "--output-format", "csv"];
        let shown = ask(&hledger, &arguments, &journal).expect_success();
        let shown: BTreeMap<String, (String, i64)> = shown.lines().skip(1).map(shown_balance).collect();
        assert_eq!(shown, balances_by_id(&bank));
    });
}

#[test]
fn beancount_accepts_the_journal_and_the_same_balances() {
    let Some(bean_check) = Tool::BeanCheck.find() else { return };
    on_each_engine(|bank| {
        let folder = Folder::fresh();
        let journal = export(&bank, &folder, "beancount");
        // Beancount itself compares: each balance is claimed for a day after the last.
        let mut text = std::fs::read_to_string(&journal).expect("the journal was written");
        for balance in exported_balances(&bank).values() {
            let account = format!("Liabilities:Customer-deposits:{}", balance.id.to_uppercase().replace('_', "-"));
            let claimed = negated(&balance.amount);
            text.push_str(&format!("2999-01-01 balance {account}  {claimed} {}\n", balance.currency));
        }
        std::fs::write(&journal, text).expect("the journal can be written again");
        let mut command = Command::new(&bean_check);
        command.arg(&journal).env("LC_ALL", "C.UTF-8");
        let said = run(command);
        assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(0), "", ""));
    });
}

#[test]
fn hledger_finds_the_trial_balance_that_the_bank_reports_of_any_day() {
    let Some(hledger) = Tool::Hledger.find() else { return };
    on_each_engine(|bank| {
        let folder = Folder::fresh();
        let journal = export(&bank, &folder, "hledger");
        let mut command = bank.command(&["admin", "create", "--username", "boss"]);
        command.env("FLORIN_ADMIN_PASSWORD", PASSWORD);
        run(command).expect_success();
        let server = bank.serve();
        let boss = server.log_in("boss", PASSWORD);
        let middle = middle_day(&journal);
        for day in [middle.as_str(), "2099-12-31"] {
            // The end of a time does not belong to it there.
            let end = next_day(day);
            let arguments =
                ["balance", "--flat", "--no-total", "--depth", "2", "--end", &end, "--output-format", "csv"];
            let shown = ask(&hledger, &arguments, &journal).expect_success();
            let expected: BTreeSet<(String, String, i64)> = shown.lines().skip(1).flat_map(shown_line).collect();
            let report = boss.get(&format!("/api/reports/trial-balance?by=value&asOf={day}")).expect(200);
            let lines = report["lines"].as_array().expect("a trial balance has lines").iter().map(reported_line);
            let reported: BTreeSet<_> = lines.filter(|(_, _, minor)| *minor != 0).collect();
            assert_eq!(reported, expected);
            assert!(reported.len() >= 4, "{reported:?}");
            let totals = report["totals"].as_array().expect("a trial balance has totals");
            assert!(totals.iter().all(|total| total["isBalanced"] == true), "{report}");
        }
        server.stop();
    });
}

/// The value date in the middle of the journal.
fn middle_day(journal: &Path) -> String {
    let text = std::fs::read_to_string(journal).expect("the journal was written");
    let is_day = |line: &&str| line.starts_with(|first: char| first.is_ascii_digit());
    let mut days: Vec<&str> = text.lines().filter(is_day).filter_map(|line| line.get(..10)).collect();
    days.sort_unstable();
    days[days.len() / 2].to_owned()
}

fn next_day(day: &str) -> String {
    let day = db::Date::parse(day).expect("a day of the journal");
    db::Date::from_unix_days(day.unix_days() + 1).to_string()
}

/// A line of hledger's: `"assets:Cash","12.50 CZK, 3.00 USD"`: the line's name, a currency and an amount, debits positive.
fn shown_line(line: &str) -> Vec<(String, String, i64)> {
    let (account, amounts) = line.trim_matches('"').split_once("\",\"").expect("two quoted fields");
    let (_, name) = account.split_once(':').expect("a line below its class");
    let amount = |amount: &str| {
        let (amount, currency) = amount.split_once(' ').expect("an amount and its currency");
        (name.to_owned(), currency.to_owned(), minor_units(amount))
    };
    amounts.split(", ").filter(|amount| *amount != "0").map(amount).collect()
}

fn reported_line(line: &Value) -> (String, String, i64) {
    let text = |field: &str| line[field].as_str().expect("lines are texts").to_owned();
    (text("name"), text("currency"), minor_units(&text("debit")) - minor_units(&text("credit")))
}

/// A bank with a history and with customers, all of whom write difficult texts; and its journal.
fn export(bank: &Bank, folder: &Folder, format: &str) -> PathBuf {
    let history = folder.write("history.csv", history_csv(&generate_history(600, 12, 4)));
    bank.run(&["import", "history", history.to_str().expect("a plain path")]).expect_success();
    let server = bank.serve();
    let customer = server.register("ann");
    let (source, destination) = (customer.open_account_with("100.00"), customer.open_account("USD"));
    for text in DIFFICULT_TEXTS {
        let mut body = stories::transfer(&source, &destination, "1.23");
        // Customers write legible text only; a history may have the rest.
        body["description"] = text.replace(['\u{200b}', '\u{2028}', '\u{feff}'], "").into();
        customer.pay("/api/transactions/transfer", &body).expect(201);
    }
    server.stop();
    let journal = bank.run(&["export", "journal", "--format", format]).expect_success();
    folder.write(&format!("journal.{format}"), journal)
}

fn ask(hledger: &Path, arguments: &[&str], journal: &Path) -> Finished {
    let mut command = Command::new(hledger);
    command.args(arguments).arg("--file").arg(journal).env("LC_ALL", "C.UTF-8");
    run(command)
}

/// A line of hledger's: `"liabilities:Customer deposits:acct_…","-12.50 CZK"`, seen from the customer's side.
fn shown_balance(line: &str) -> (String, (String, i64)) {
    let (account, amount) = line.trim_matches('"').split_once("\",\"").expect("two quoted fields");
    let (_, id) = account.rsplit_once(':').expect("an account of customer deposits");
    let (amount, currency) = amount.split_once(' ').expect("an amount and its currency");
    (id.to_owned(), (currency.to_owned(), -minor_units(amount)))
}

fn balances_by_id(bank: &Bank) -> BTreeMap<String, (String, i64)> {
    let balances = exported_balances(bank).into_values();
    balances.map(|balance| (balance.id, (balance.currency, minor_units(&balance.amount)))).collect()
}

fn negated(amount: &str) -> String {
    amount.strip_prefix('-').map_or_else(|| format!("-{amount}"), str::to_owned)
}
