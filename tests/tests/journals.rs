//! The journal, read by the real tools of plain text accounting: they accept it and see the bank's own balances.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use stories::{
    Bank, DIFFICULT_TEXTS, Finished, Folder, Tool, exported_balances, generate_history, history_csv, minor_units,
    on_each_engine, run,
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
