//! Reports as of a day, compared with sums over everything that was written, whichever days are closed.

use super::books::{at, usd};
use db::{BankTime, Date, Db};
use ids::{AccountId, EntryId, Sequence};
use ledger::{
    Account, Book, By, ChartCode, Cutoff, EntryDraft, LineBalance, Posting, SheetPlace, SheetRequest, close_days,
    day_movements, line_balances,
};
use money::Currency;
use std::collections::BTreeMap;

const DAYS: i64 = 12;
const DAY_SECONDS: i64 = 86_400;

/// Books of some days with two customers in each of two currencies, and everything that was posted.
struct Days {
    db: Db,
    customers: [AccountId; 4],
    posted: Vec<(ChartCode, Posting)>,
    seed: u64,
}

impl Days {
    async fn open(db: Db) -> Self {
        let customers = [(); 4].map(|()| AccountId::generate());
        let tx = db.begin().await.unwrap();
        for (place, id) in customers.into_iter().enumerate() {
            let customer = Account::for_customer(id, None, currency(place), at(0));
            ledger::open_accounts_in_tx(&tx, &[customer]).await.unwrap();
        }
        for place in [0, 2] {
            ledger::open_own_accounts_in_tx(&tx, currency(place), at(0)).await.unwrap();
        }
        tx.commit().await.unwrap();
        Self { db, customers, posted: Vec::new(), seed: 7 }
    }

    /// Always the same numbers, and of no order.
    fn draw(&mut self, below: u32) -> u32 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.seed >> 33).unwrap() % below
    }

    /// Some movements of a day: some count from another day, and some were asked for long before they were booked.
    async fn pass(&mut self, day: i64) {
        for _ in 0..9 {
            let booked_at = at(day).plus_seconds(self.draw(86_400).into());
            let made_at = if self.draw(3) == 0 { at(0).plus_seconds(-5 * DAY_SECONDS) } else { booked_at };
            let value_date =
                Date::from_unix_days(booked_at.date().unix_days() + i32::try_from(self.draw(5)).unwrap() - 2);
            let place = usize::try_from(self.draw(4)).unwrap();
            let contra = [ChartCode::Cash, ChartCode::FeeIncome, ChartCode::InterestExpense]
                [usize::try_from(self.draw(3)).unwrap()];
            let minor = 1 + i64::from(self.draw(10_000));
            let (customer, contra) = (self.customers[place], contra.own_account(currency(place)));
            let draft = EntryDraft {
                id: EntryId::generate_in(&Sequence::default(), made_at.unix_micros()),
                kind: "TRANSFER",
                description: "=1+1".to_owned(),
                legs: EntryDraft::transfer_legs(contra, customer, minor),
                value_date,
            };
            let tx = self.db.begin().await.unwrap();
            let accounts = ledger::lock_accounts_in_tx(&tx, &[customer, contra]).await.unwrap();
            let lines: BTreeMap<AccountId, ChartCode> = accounts.iter().map(|one| (one.id, one.chart)).collect();
            let mut book = Book::new(accounts, []);
            book.post(draft, booked_at).unwrap();
            let changes = book.into_changes();
            tx.write_and_commit(ledger::writes(&changes)).await.unwrap();
            self.posted.extend(changes.postings.iter().map(|posting| (lines[&posting.account], *posting)));
        }
    }

    fn recount(&self, counts: impl Fn(&Posting) -> bool) -> Vec<LineBalance> {
        let mut sums: BTreeMap<(&str, String), LineBalance> = BTreeMap::new();
        for (line, posting) in self.posted.iter().filter(|(_, posting)| counts(posting)) {
            let (line, currency) = (*line, posting.currency);
            let empty = LineBalance { line, currency, minor: 0, postings: 0 };
            let sum = sums.entry((line.code(), currency.code().to_owned())).or_insert(empty);
            sum.minor += posting.amount_minor;
            sum.postings += 1;
        }
        sums.into_values().collect()
    }

    async fn expect_every_report_to_equal_a_recount(&self) {
        let snapshot = self.db.snapshot().await.unwrap();
        for day in -1..=DAYS {
            let (noon, last) = (at(day).plus_seconds(DAY_SECONDS / 2), at(day).date());
            let before = |at: BankTime| move |posting: &Posting| posting.booked_at < at;
            for booked_before in [at(day), noon] {
                let cutoff = Cutoff { booked_before: Some(booked_before), value_until: None };
                assert_eq!(line_balances(&snapshot, cutoff).await.unwrap(), self.recount(before(booked_before)));
                for back in [0, 1, 3] {
                    let until = Date::from_unix_days(last.unix_days() - back);
                    let both = Cutoff { value_until: Some(until), ..cutoff };
                    let counts = |posting: &Posting| posting.booked_at < booked_before && posting.value_date <= until;
                    assert_eq!(line_balances(&snapshot, both).await.unwrap(), self.recount(counts));
                }
            }
            let by_value = Cutoff { booked_before: None, value_until: Some(last) };
            let counts = |posting: &Posting| posting.value_date <= last;
            assert_eq!(line_balances(&snapshot, by_value).await.unwrap(), self.recount(counts));
        }
        let (from, to) = (at(2).date(), at(9).date());
        for (by, day_of) in
            [(By::Booking, (|one| one.booked_at.date()) as fn(&Posting) -> Date), (By::Value, |one| one.value_date)]
        {
            let mut expected = Vec::new();
            for day in from.unix_days()..=to.unix_days() {
                let day = Date::from_unix_days(day);
                let moved = self.recount(|posting| day_of(posting) == day);
                expected.extend(moved.into_iter().map(|moved| (day, moved)));
            }
            let found = day_movements(&snapshot, by, from, to).await.unwrap();
            let found: Vec<_> = found.into_iter().map(|one| (one.day, one.moved)).collect();
            assert!(found == expected && !found.is_empty(), "{by:?}");
        }
    }
}

fn currency(place: usize) -> Currency {
    if place < 2 { usd() } else { Currency::parse("JPY").unwrap() }
}

fn on_each_engine(body: impl AsyncFn(Days)) {
    testkit::on_each_engine(ledger::MIGRATIONS, async |db| body(Days::open(db).await).await);
}

#[test]
fn every_report_equals_a_recount_whichever_days_are_closed() {
    on_each_engine(async |mut days| {
        for day in 0..DAYS {
            days.pass(day).await;
            if day == 4 {
                days.expect_every_report_to_equal_a_recount().await;
                close_days(&days.db, at(3)).await.unwrap();
                days.expect_every_report_to_equal_a_recount().await;
            }
        }
        days.expect_every_report_to_equal_a_recount().await;
        assert_eq!(close_days(&days.db, at(DAYS - 1).plus_seconds(60)).await.unwrap(), 8);
        days.expect_every_report_to_equal_a_recount().await;
        let late = days.posted.iter().filter(|(_, posting)| posting.is_late).count();
        assert!(late > 20 && late < days.posted.len() / 2, "{late} of {}", days.posted.len());
    });
}

#[test]
fn days_are_closed_once_and_one_that_was_altered_is_found() {
    on_each_engine(async |mut days| {
        days.pass(0).await;
        days.pass(1).await;
        assert_eq!(close_days(&days.db, at(1)).await.unwrap(), 1);
        for _ in 0..2 {
            assert_eq!(close_days(&days.db, at(1).plus_seconds(DAY_SECONDS - 1)).await.unwrap(), 0);
        }
        let (one, other) = tokio::join!(close_days(&days.db, at(2)), close_days(&days.db, at(2)));
        assert_eq!(one.unwrap() + other.unwrap(), 1);
        assert_eq!(ledger::verify(&days.db, |_| ()).await.unwrap().findings, []);
        let tx = days.db.begin().await.unwrap();
        tx.run_script("UPDATE ledger_day_total SET amount_minor = amount_minor + 1 WHERE chart_code = '1000'")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let findings = ledger::verify(&days.db, |_| ()).await.unwrap().findings;
        assert_eq!(findings.len(), 1);
        assert!(findings[0].row.contains("for 1000 in"), "{}", findings[0].row);
    });
}

#[test]
fn the_pages_of_an_account_sheet_are_the_postings_of_the_line_each_once() {
    on_each_engine(async |mut days| {
        for day in 0..4 {
            days.pass(day).await;
        }
        for line in [ChartCode::CustomerDeposits, ChartCode::Cash] {
            let mut expected: Vec<Posting> =
                days.posted.iter().filter(|(one, _)| *one == line).map(|(_, one)| *one).collect();
            expected.retain(|posting| posting.booked_at >= at(1) && posting.booked_at < at(3));
            expected.sort_by_key(|posting| (posting.account, posting.entry, posting.sequence));
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let request = SheetRequest { line, from: at(1), until: at(3), after, limit: 4 };
                let page = ledger::sheet(&days.db, request).await.unwrap();
                let Some(last) = page.last() else { break };
                let Posting { account, entry, sequence, .. } = last.posting;
                after = Some(SheetPlace { account, entry, sequence });
                assert!(page.iter().all(|one| (one.kind.as_str(), one.description.as_str()) == ("TRANSFER", "=1+1")));
                found.extend(page.into_iter().map(|one| one.posting));
            }
            assert!(found == expected && found.len() > 5, "{} and {}", found.len(), expected.len());
        }
    });
}

#[test]
fn deposits_stand_by_currency_and_what_has_not_moved_for_long_is_dormant() {
    on_each_engine(async |mut days| {
        days.pass(0).await;
        let first = days.posted.clone();
        let moved = |id: AccountId| first.iter().any(|(_, posting)| posting.account == id);
        let mut expected: Vec<AccountId> = days.customers.into_iter().filter(|id| !moved(*id)).collect();
        expected.sort();
        let dormant = ledger::dormant(&days.db, at(0).plus_seconds(1), None, 10).await.unwrap();
        assert_eq!(dormant.iter().map(|one| one.account).collect::<Vec<_>>(), expected);
        let dormant = ledger::dormant(&days.db, at(1), None, 10).await.unwrap();
        assert_eq!(dormant.len(), 4);
        let behind = ledger::dormant(&days.db, at(1), Some(dormant[1].account), 10).await.unwrap();
        assert_eq!(behind, dormant[2..]);
        let deposits = ledger::deposits(&days.db).await.unwrap();
        let codes: Vec<String> = deposits.iter().map(|one| one.currency.code().to_owned()).collect();
        assert_eq!(codes, ["JPY", "USD"]);
        for one in deposits {
            let of_currency = days
                .posted
                .iter()
                .filter(|(line, posting)| *line == ChartCode::CustomerDeposits && posting.currency == one.currency);
            assert_eq!(
                one.credit_minor - one.debit_minor,
                of_currency.map(|(_, posting)| posting.amount_minor).sum::<i64>()
            );
        }
    });
}
