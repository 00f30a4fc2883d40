//! Accounts of the bank's own beside those of the lines: opened once under a name, and in the books like any other.

use crate::database::books::{Books, at, on_each_engine, transfer, usd};
use db::Db;
use ids::EntryId;
use ledger::{Account, Book, ChartCode, OwnAccount, OwnAccountError, OwnAccountName};
use money::Currency;

fn name(text: &str) -> OwnAccountName {
    OwnAccountName::parse(text).unwrap()
}

fn receivable(text: &str) -> OwnAccount {
    OwnAccount { name: name(text), chart: ChartCode::Loans, currency: usd() }
}

async fn open(db: &Db, wanted: &[OwnAccount]) -> Result<Vec<Account>, OwnAccountError> {
    let tx = db.begin().await.unwrap();
    let opened = ledger::open_named_accounts_in_tx(&tx, wanted, at(5)).await?;
    tx.commit().await.unwrap();
    Ok(opened)
}

#[test]
fn any_number_of_own_accounts_stands_in_one_line_and_currency() {
    on_each_engine(async |books| {
        let opened = open(&books.db, &[receivable("loan/2"), receivable("loan/1")]).await.unwrap();
        assert_ne!(opened[0].id, opened[1].id);
        for account in &opened {
            assert!(account.is_own() && !ledger::is_line_account(account.id));
            assert_eq!((account.holder_id, account.overdraft_limit_minor, account.opened_at), (None, None, at(5)));
            assert_eq!(books.account(account.id).await, *account);
        }
        let names = ledger::account_names(&books.db).await.unwrap();
        assert_eq!((names.len(), names[&opened[0].id].as_str()), (2, "loan/2"));
        assert_eq!(ledger::verify(&books.db, |_| ()).await.unwrap().findings, []);
    });
}

#[test]
fn an_own_account_is_opened_once_under_its_name() {
    on_each_engine(async |books| {
        let first = open(&books.db, &[receivable("loan/1")]).await.unwrap();
        let again = open(&books.db, &[receivable("loan/2"), receivable("loan/1"), receivable("loan/1")]).await.unwrap();
        assert_eq!((again[1], again[2]), (first[0], first[0]));
        let found = ledger::named_accounts(&books.db, &[&name("loan/1"), &name("loan/9")]).await.unwrap();
        assert_eq!((found.len(), found["loan/1"]), (1, first[0]));
    });
}

#[test]
fn two_that_open_the_same_own_account_at_once_get_the_same() {
    testkit::on_each_engine(ledger::MIGRATIONS, async |db| {
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let db = db.clone();
                let wanted = [receivable("loan/1"), receivable(&format!("own/{number}")), receivable("loan/0")];
                tokio::spawn(async move { open(&db, &wanted).await.unwrap() })
            })
            .collect();
        let mut opened = Vec::new();
        for task in tasks {
            opened.push(task.await.unwrap());
        }
        assert!(opened.iter().all(|accounts| (accounts[0].id, accounts[2].id) == (opened[0][0].id, opened[0][2].id)));
        assert_eq!(ledger::all_accounts(&db).await.unwrap().len(), 10);
    });
}

#[test]
fn a_name_for_another_line_or_currency_is_refused_and_so_is_the_line_of_deposits() {
    on_each_engine(async |books| {
        open(&books.db, &[receivable("loan/1")]).await.unwrap();
        let euro = Currency::parse("EUR").unwrap();
        for other in [
            OwnAccount { chart: ChartCode::FeeIncome, ..receivable("loan/1") },
            OwnAccount { currency: euro, ..receivable("loan/1") },
        ] {
            let refused = open(&books.db, &[other]).await;
            assert_eq!(refused, Err(OwnAccountError::NameTaken { name: name("loan/1") }));
        }
        let deposits = OwnAccount { chart: ChartCode::CustomerDeposits, ..receivable("loan/2") };
        assert_eq!(open(&books.db, &[deposits]).await, Err(OwnAccountError::NotOwn { name: name("loan/2") }));
    });
}

/// Books 5 from a loan's receivable to Ann; returns the receivable.
async fn pay_out(books: &Books) -> Account {
    let loan = open(&books.db, &[receivable("loan/1")]).await.unwrap()[0];
    let tx = books.db.begin().await.unwrap();
    let accounts = ledger::lock_accounts_in_tx(&tx, &[loan.id, books.ann]).await.unwrap();
    let mut book = Book::new(accounts, []);
    book.post(transfer(EntryId::generate(), loan.id, books.ann, 5), at(6)).unwrap();
    tx.write_and_commit(ledger::writes(&book.into_changes())).await.unwrap();
    loan
}

#[test]
fn own_accounts_count_in_their_line_and_are_verified() {
    on_each_engine(async |books| {
        pay_out(&books).await;
        let report = ledger::verify(&books.db, |_| ()).await.unwrap();
        assert_eq!(report.findings, []);
        let loans: Vec<_> =
            report.lines.iter().filter(|line| line.chart_code == "1200").map(|line| line.minor).collect();
        assert_eq!(loans, [-5]);
    });
}

#[test]
fn an_own_account_without_its_name_or_with_a_holder_or_among_deposits_is_found() {
    for change in ["name = NULL", "overdraft_limit_minor = 7", "holder_id = id", "chart_code = '2000'"] {
        on_each_engine(async |books| {
            let loan = pay_out(&books).await;
            books.run(&format!("UPDATE ledger_account SET {change} WHERE name = 'loan/1'")).await.unwrap();
            let findings = ledger::verify(&books.db, |_| ()).await.unwrap().findings;
            let rows: Vec<_> = findings.into_iter().map(|finding| finding.row).collect();
            assert_eq!(rows, [format!("account {}", loan.id)], "{change}");
        });
    }
    on_each_engine(async |books| {
        books.run("UPDATE ledger_account SET name = 'a/b' WHERE posted_minor = 6234").await.unwrap();
        let findings = ledger::verify(&books.db, |_| ()).await.unwrap().findings;
        assert_eq!(findings[0].row, format!("account {}", books.bob), "a customer's account has no such name");
    });
}
