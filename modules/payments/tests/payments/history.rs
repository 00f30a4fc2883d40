//! Histories taken over: booked once, with their value dates, all of a file or none of it.

use crate::common::{Bank, dollars, migrations};
use clock::Clocks;
use db::{Date, Db};
use ids::AccountId;
use money::{Currency, Money};
use payments::history::{Category, Ending, HistoryError, HistoryReport, HistoryRow, Import, import};
use payments::{PageRequest, TransactionFilter, TransactionType};
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

fn of_nobody(ending: Ending, clocks: &Clocks) -> Import<'_> {
    Import { owner: None, ending, clocks }
}

async fn take_over(db: &Db, rows: Vec<HistoryRow>) -> Result<HistoryReport, HistoryError> {
    import(db, rows.into_iter().map(Ok), &of_nobody(Ending::Commit, &testkit::clocks()), |_| ()).await
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
fn a_dry_run_tells_the_same_and_leaves_nothing() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db.clone()).await;
        let dry = import(&db, rows().into_iter().map(Ok), &of_nobody(Ending::RollBack, &testkit::clocks()), |_| ())
            .await
            .unwrap();
        assert!(accounts::by_external_refs(&db, &["A".to_owned(), "B".to_owned()]).await.unwrap().is_empty());
        assert_eq!(
            bank.payments.transactions(None, &TransactionFilter::default(), page()).await.unwrap().transactions,
            []
        );
        assert_eq!(take_over(&db, rows()).await.unwrap(), dry);
        bank.assert_sound().await;
    });
}

fn page() -> PageRequest {
    PageRequest { before: None, limit: 100 }
}

#[test]
fn cards_and_what_nobody_has_a_word_for_are_taken_over() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db.clone()).await;
        let rows = vec![
            row(2, "A", "2019-01-02", -1_000, Category::Card),
            row(3, "A", "2019-01-03", 300, Category::Card),
            row(4, "A", "2019-01-04", 7, Category::Other),
        ];
        take_over(&db, rows).await.unwrap();
        assert_eq!(bank.posted(account(&db, "A").await).await, -693);
        assert_eq!(bank.posted(ledger::ChartCode::DueFromBanks.own_account(dollars())).await, 700);
        assert_eq!(bank.posted(ledger::ChartCode::Suspense.own_account(dollars())).await, -7);
        bank.assert_sound().await;
    });
}

/// The value dates and amounts of the account's transactions, page by page.
async fn listed(bank: &Bank, account: AccountId, filter: TransactionFilter, limit: u32) -> Vec<(String, i64)> {
    let (mut before, mut days) = (None, Vec::new());
    loop {
        let page = PageRequest { before, limit };
        let found = bank.payments.transactions(Some(&[account]), &filter, page).await.unwrap();
        days.extend(found.transactions.iter().map(|one| (one.value_date.to_string(), one.money.minor())));
        before = found.next;
        if before.is_none() {
            return days;
        }
    }
}

/// The same days twice: by value date, and by the time in which they were made.
fn both_spans(from: Option<&str>, to: Option<&str>) -> (TransactionFilter, TransactionFilter) {
    let day = |text: Option<&str>| text.map(|text| Date::parse(text).unwrap());
    let midnight = |day: Date| db::BankTime::from_unix_micros(i64::from(day.unix_days()) * 86_400_000_000);
    let by_value = TransactionFilter { value_from: day(from), value_to: day(to), ..TransactionFilter::default() };
    let by_time = TransactionFilter {
        from: day(from).map(midnight),
        // The day after the last is the end.
        to: day(to).map(|day| midnight(day).plus_seconds(86_400)),
        ..TransactionFilter::default()
    };
    (by_value, by_time)
}

#[test]
fn a_history_is_listed_by_its_value_dates_before_what_happened_here() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db.clone()).await;
        let days = ["2012-05-01", "2022-03-09", "1969-12-30", "2016-08-08", "2016-08-08", "2019-11-11"];
        let rows: Vec<HistoryRow> = days
            .iter()
            .enumerate()
            .map(|(index, day)| {
                row(u64::try_from(index).unwrap() + 2, "A", day, 100 + i64::try_from(index).unwrap(), Category::Cash)
            })
            .collect();
        take_over(&db, rows).await.unwrap();
        let a = account(&db, "A").await;
        bank.done(
            payments::Hat::Admin { user: ids::UserId::generate(), is_fresh: true },
            crate::common::deposit(a, 999),
        )
        .await;
        let list = async |filter, limit| listed(&bank, a, filter, limit).await;
        let newest_first = [
            ("2022-03-09", 101),
            ("2019-11-11", 105),
            ("2016-08-08", 104),
            ("2016-08-08", 103),
            ("2012-05-01", 100),
            ("1969-12-30", 102),
        ]
        .map(|(day, minor)| (day.to_owned(), minor));
        for limit in [1, 3, 100] {
            assert_eq!(list(TransactionFilter::default(), limit).await[1..], newest_first, "by {limit}");
            for (from, to, expected) in [
                (Some("2012-05-01"), Some("2019-11-11"), &newest_first[1..5]),
                (Some("2016-08-09"), Some("2022-03-09"), &newest_first[..2]),
                (None, Some("2012-05-01"), &newest_first[4..]),
                (None, Some("1969-12-31"), &newest_first[5..]),
                (Some("2022-03-10"), Some("2026-01-01"), &[]),
            ] {
                let (by_value, by_time) = both_spans(from, to);
                assert_eq!(list(by_value, limit).await, expected, "{from:?} {to:?} by {limit}");
                assert_eq!(list(by_time, limit).await, expected, "{from:?} {to:?} by {limit}");
            }
        }
        assert_eq!(
            list(TransactionFilter { value_from: Date::parse("2022-03-10").ok(), ..TransactionFilter::default() }, 5)
                .await
                .len(),
            1
        );
        // The books know when it was booked: before the import there was nothing.
        let moment = db::BankTime::parse("2023-01-01T00:00:00Z").unwrap();
        assert_eq!(ledger::balance_at(&db, a, moment).await.unwrap(), 0);
        assert_eq!(ledger::balance_at(&db, a, testkit::bank_now()).await.unwrap(), 615 + 999);
        bank.assert_sound().await;
    });
}

#[test]
fn a_history_from_the_future_is_refused() {
    on_each_engine(&migrations(), async |db| {
        let error = take_over(&db, vec![row(2, "A", "2999-01-01", 5, Category::Fee)]).await.unwrap_err();
        assert_eq!(error.to_string(), "line 2: value_date is more than 7 days ahead");
    });
}

#[test]
fn the_movements_are_listed_as_transactions() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db.clone()).await;
        take_over(&db, rows()).await.unwrap();
        let a = account(&db, "A").await;
        let page = page();
        let list = |filter: TransactionFilter| {
            let payments = bank.payments.clone();
            async move { payments.transactions(Some(&[a]), &filter, page).await.unwrap().transactions }
        };
        let kinds: Vec<TransactionType> =
            list(TransactionFilter::default()).await.iter().map(|transaction| transaction.kind).collect();
        assert_eq!(kinds, [TransactionType::Interest, TransactionType::LoanRepayment, TransactionType::Deposit]);
        let large = list(TransactionFilter { min_amount_minor: Some(80_000), ..TransactionFilter::default() }).await;
        assert_eq!(large.len(), 1);
        assert_eq!(large[0].value_date.to_string(), "1993-01-05");
    });
}
