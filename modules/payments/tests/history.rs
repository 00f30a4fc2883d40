//! Histories taken over: booked once, with their value dates, all of a file or none of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;

use common::{Bank, dollars, migrations};
use ids::AccountId;
use money::{Currency, Money};
use payments::history::{Category, HistoryError, HistoryReport, HistoryRow, import};
use payments::{PageRequest, TransactionFilter, TransactionType};
use store::{Date, Db};
use testkit::on_each_engine;

fn row(line: u64, account: &str, day: &str, minor: i64, category: Category) -> HistoryRow {
    HistoryRow {
        line,
        external_id: format!("row-{line}"),
        account: account.to_owned(),
        value_date: Date::parse(day).unwrap(),
        money: Money::new(minor, dollars()),
        category,
        counterparty: "somebody".to_owned(),
        description: "something".to_owned(),
    }
}

fn rows() -> Vec<HistoryRow> {
    vec![
        row(2, "A", "1993-01-02", 70_000, Category::Cash),
        row(3, "B", "1993-01-03", -5_000, Category::Transfer),
        row(4, "A", "1993-01-05", -100_000, Category::Loan),
        row(5, "A", "1993-01-05", 12, Category::Interest),
        row(6, "B", "1993-01-06", -30, Category::Fee),
    ]
}

async fn take_over(db: &Db, rows: Vec<HistoryRow>) -> Result<HistoryReport, HistoryError> {
    import(db, rows.into_iter().map(Ok), None, |_| ()).await
}

async fn account(db: &Db, reference: &str) -> AccountId {
    accounts::by_external_refs(db, &[reference.to_owned()]).await.unwrap()[reference]
}

#[test]
fn a_history_is_booked_once_and_may_overdraw() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db.clone()).await;
        let report = take_over(&db, rows()).await.unwrap();
        assert_eq!(report, HistoryReport { booked: 5, already_there: 0, accounts_opened: 2 });
        let again = take_over(&db, rows()).await.unwrap();
        assert_eq!(again, HistoryReport { booked: 0, already_there: 5, accounts_opened: 0 });
        let (a, b) = (account(&db, "A").await, account(&db, "B").await);
        assert_eq!((bank.posted(a).await, bank.posted(b).await), (-29_988, -5_030));
        bank.assert_sound().await;
    });
}

#[test]
fn balances_as_of_a_day_follow_the_value_dates() {
    on_each_engine(&migrations(), async |db| {
        take_over(&db, rows()).await.unwrap();
        let a = account(&db, "A").await;
        for (day, minor) in [("1993-01-01", 0), ("1993-01-02", 70_000), ("1993-01-04", 70_000), ("1993-01-05", -29_988)]
        {
            assert_eq!(ledger::balance_by_value_date(&db, a, Date::parse(day).unwrap()).await.unwrap(), minor, "{day}");
        }
    });
}

#[test]
fn a_wrong_row_is_named_and_nothing_is_booked() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db.clone()).await;
        let mut wrong = rows();
        wrong[4].money = Money::new(5, Currency::parse("EUR").unwrap());
        let error = take_over(&db, wrong).await.unwrap_err();
        assert_eq!(error.to_string(), "line 6: the account holds another currency");
        assert!(accounts::by_external_refs(&db, &["A".to_owned()]).await.unwrap().is_empty());
        bank.assert_sound().await;
    });
}

#[test]
fn a_known_external_id_with_other_contents_is_refused() {
    on_each_engine(&migrations(), async |db| {
        take_over(&db, rows()).await.unwrap();
        let mut changed = rows();
        changed[2].money = Money::new(-100_001, dollars());
        let error = take_over(&db, changed).await.unwrap_err();
        assert!(error.to_string().starts_with("line 4: external_id \"row-4\" is booked already"), "{error}");
        let twice_in_one_file =
            vec![row(9, "A", "1993-02-01", 5, Category::Fee), row(9, "A", "1993-02-01", 6, Category::Fee)];
        assert!(take_over(&db, twice_in_one_file).await.is_err());
    });
}

#[test]
fn the_movements_are_listed_as_transactions() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db.clone()).await;
        take_over(&db, rows()).await.unwrap();
        let a = account(&db, "A").await;
        let page = PageRequest { before: None, limit: 10 };
        let list = |filter: TransactionFilter| {
            let payments = bank.payments.clone();
            async move { payments.transactions(Some(&[a]), &filter, page).await.unwrap() }
        };
        let kinds: Vec<TransactionType> =
            list(TransactionFilter::default()).await.iter().map(|transaction| transaction.kind).collect();
        assert_eq!(kinds, [TransactionType::Interest, TransactionType::LoanRepayment, TransactionType::Deposit]);
        let large = list(TransactionFilter { min_amount_minor: Some(80_000), ..TransactionFilter::default() }).await;
        assert_eq!(large.len(), 1);
        assert_eq!(large[0].value_date.to_string(), "1993-01-05");
    });
}
