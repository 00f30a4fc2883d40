//! Refunds in parts: never more than was settled, in any order, from any number of processes; and what older versions kept.

use crate::common::{Bank, cents, dollars, hold, migrations, transfer};
use db::{Db, Engine, Migration, WallTime};
use ids::{AccountId, TransactionId, UserId};
use ledger::{Account, Book};
use money::Money;
use payments::{Circumstances, Command, Desk, Hat, Outcome, PageRequest, Refusal, Transaction, TransactionFilter};
use payments::{TransactionStatus, TransactionType};
use proptest::prelude::*;
use testkit::on_each_engine;
use tokio::task::JoinSet;

const PAID_MINOR: i64 = 1_000;

/// What is done about one payment, one after the other.
#[derive(Clone, Debug)]
enum Step {
    Refund(Option<i64>),
    Reverse,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (1..=PAID_MINOR + 200).prop_map(|minor| Step::Refund(Some(minor))),
        8 => (1..=120_i64).prop_map(|minor| Step::Refund(Some(minor))),
        1 => Just(Step::Refund(None)),
        1 => Just(Step::Reverse),
    ];
    prop::collection::vec(step, 1..24)
}

/// A desk with a payment of which a part was captured, and nothing else.
struct OneTable {
    desk: Desk,
    payment: TransactionId,
    parties: [(UserId, AccountId); 2],
    settled_minor: i64,
}

fn given(hat: Hat) -> Circumstances {
    Circumstances { hat, actor: None, new_id: TransactionId::generate(), now: testkit::bank_now() }
}

impl OneTable {
    fn lay(captured_minor: i64) -> Self {
        let parties = [0, 1].map(|_| (UserId::generate(), AccountId::generate()));
        let accounts = parties.map(|(user, account)| Account {
            posted_minor: 2 * PAID_MINOR,
            ..Account::for_customer(account, Some(user.uuid()), dollars(), testkit::bank_now())
        });
        let mut desk = Desk::new(Book::new(accounts, []), []);
        let held = desk.decide(&hold(parties[0].1, parties[1].1, PAID_MINOR), given(Hat::Customer(parties[0].0)));
        // A batch later it is an earlier transaction, as the database gives it.
        let changes = desk.into_changes();
        let moved = changes.ledger.accounts.iter().map(|change| change.after);
        let book = Book::new(accounts.into_iter().chain(moved), changes.ledger.new_holds);
        let mut desk = Desk::new(book, changes.created);
        let payment = held.unwrap().id;
        let capture = Command::Capture { transaction: payment, money: Some(cents(captured_minor)) };
        desk.decide(&capture, given(Hat::Customer(parties[1].0))).unwrap();
        Self { desk, payment, parties, settled_minor: captured_minor }
    }

    fn take(&mut self, step: &Step) -> Outcome {
        let transaction = self.payment;
        match step {
            Step::Refund(minor) => {
                let command = Command::Refund { transaction, money: minor.map(cents) };
                self.desk.decide(&command, given(Hat::Customer(self.parties[1].0)))
            }
            Step::Reverse => self.desk.decide(
                &Command::Reverse { transaction },
                given(Hat::Admin { user: UserId::generate(), is_fresh: true }),
            ),
        }
    }

    /// The payment as it is stored, and the balance of who paid.
    fn end(self) -> (Transaction, i64) {
        let changes = self.desk.into_changes();
        let payer = changes.ledger.accounts.iter().find(|change| change.after.id == self.parties[0].1).unwrap().after;
        (changes.changed.last().unwrap().after.clone(), payer.posted_minor)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_went_back_is_never_more_than_what_was_captured(captured in 1..=PAID_MINOR, steps in steps()) {
        let mut table = OneTable::lay(captured);
        let (mut back, mut refunded, mut is_reversed, mut latest) = (0, 0, false, None);
        for step in steps {
            let left = if is_reversed { 0 } else { captured - refunded };
            match (&step, table.take(&step)) {
                (Step::Refund(asked), Ok(refund)) => {
                    prop_assert_eq!(refund.money.minor(), asked.unwrap_or(left));
                    prop_assert_eq!((refund.kind, refund.original), (TransactionType::Refund, Some(table.payment)));
                    prop_assert!(left > 0 && refund.money.minor() <= left);
                    (back, refunded, latest) = (back + refund.money.minor(), refunded + refund.money.minor(), Some(refund.id));
                }
                (Step::Reverse, Ok(reversal)) => {
                    prop_assert!(!is_reversed && refunded == 0);
                    prop_assert_eq!(reversal.money.minor(), captured);
                    (back, is_reversed, latest) = (back + captured, true, Some(reversal.id));
                }
                (Step::Refund(Some(asked)), Err(Refusal::MoreThanOriginal { refunded_minor, settled, requested_minor, .. })) => {
                    prop_assert!(!is_reversed && left > 0 && *asked > left);
                    prop_assert_eq!((refunded_minor, settled.minor(), requested_minor), (refunded, captured, *asked));
                }
                (_, Err(Refusal::AlreadyCountered { refunded_minor, counter, .. })) => {
                    prop_assert!(is_reversed || left == 0 || matches!(step, Step::Reverse));
                    prop_assert_eq!((refunded_minor, Some(counter)), (refunded, latest));
                }
                (step, outcome) => prop_assert!(false, "{step:?}: {outcome:?}"),
            }
        }
        prop_assert!(back <= table.settled_minor);
        let (payment, payer_minor) = table.end();
        prop_assert_eq!((payment.refunded_minor, payment.counter), (refunded, latest));
        prop_assert_eq!(payer_minor, 2 * PAID_MINOR - captured + back);
    }
}

#[test]
fn of_many_partial_refunds_at_once_exactly_as_many_are_done_as_the_payment_covers() {
    on_each_engine(&migrations(), async |db| {
        let banks = [Bank::open(db.clone()).await, Bank::open(db).await];
        let (payer, shop) = (UserId::generate(), UserId::generate());
        let source = banks[0].account(payer, PAID_MINOR).await;
        let till = banks[0].account(shop, 100_000).await;
        let paid = banks[0].done(Hat::Customer(payer), transfer(source, till, PAID_MINOR)).await.id;
        let mut running = JoinSet::new();
        for number in 0..24 {
            let bank = banks[number % 2].clone();
            running.spawn(async move {
                let command = Command::Refund { transaction: paid, money: Some(cents(90)) };
                bank.outcome(Hat::Customer(shop), command).await
            });
        }
        let outcomes = running.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 11);
        for refusal in outcomes.into_iter().filter_map(Result::err) {
            assert!(matches!(refusal, Refusal::MoreThanOriginal { refunded_minor: 990, .. }), "{refusal:?}");
        }
        let rest = banks[1].done(Hat::Customer(shop), Command::Refund { transaction: paid, money: None }).await;
        assert_eq!((rest.money.minor(), banks[0].posted(source).await), (10, PAID_MINOR));
        let original = banks[0].payments.transaction(paid).await.unwrap().unwrap();
        assert_eq!((original.refunded_minor, original.status), (PAID_MINOR, TransactionStatus::Settled));
        banks[0].assert_sound().await;
    });
}

#[test]
fn the_refunds_of_a_payment_are_listed_for_its_parties_only() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let (payer, shop) = (UserId::generate(), UserId::generate());
        let accounts = [bank.account(payer, PAID_MINOR).await, bank.account(shop, 0).await];
        let stranger = bank.account(UserId::generate(), PAID_MINOR).await;
        let paid = bank.done(Hat::Customer(payer), transfer(accounts[0], accounts[1], 300)).await.id;
        let mut refunds = Vec::new();
        for minor in [100, 50, 70] {
            let command = Command::Refund { transaction: paid, money: Some(cents(minor)) };
            refunds.insert(0, bank.done(Hat::Customer(shop), command).await.id);
        }
        let filter = TransactionFilter { original: Some(paid), ..TransactionFilter::default() };
        let list = async |of: Option<&[AccountId]>, before, limit| {
            let found = bank.payments.transactions(of, &filter, PageRequest { before, limit }).await.unwrap();
            found.transactions.into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        for of in [None, Some(&accounts[..1]), Some(&accounts[1..])] {
            assert_eq!(list(of, None, 10).await, refunds);
            assert_eq!(list(of, Some(refunds[0]), 1).await, refunds[1..2]);
        }
        assert!(list(Some(&[stranger]), None, 10).await.is_empty());
    });
}

/// A transaction as the version before this column kept it.
struct OldRow {
    id: TransactionId,
    kind: &'static str,
    status: &'static str,
    minor: i64,
    captured_minor: Option<i64>,
    original: Option<TransactionId>,
    counter: Option<TransactionId>,
}

fn old_row(kind: &'static str, minor: i64) -> OldRow {
    let id = TransactionId::generate();
    OldRow { id, kind, status: "SETTLED", minor, captured_minor: None, original: None, counter: None }
}

async fn insert_as_of_old(db: &Db, row: &OldRow) {
    let id = |id: Option<TransactionId>| match (id, db.engine()) {
        (None, _) => "NULL".to_owned(),
        (Some(id), Engine::Postgres) => format!("'{}'", id.uuid()),
        (Some(id), Engine::Sqlite) => format!("x'{}'", id.uuid().simple()),
    };
    let (day, time) = match db.engine() {
        Engine::Postgres => ("'2026-01-01'", "'2026-01-01T00:00:00Z'"),
        Engine::Sqlite => ("20454", "1767225600000000"),
    };
    let captured = row.captured_minor.map_or("NULL".to_owned(), |minor| minor.to_string());
    let tx = db.begin().await.unwrap();
    let script = format!(
        "INSERT INTO payments_transaction (id, type, status, source_account_id, destination_account_id, amount_minor,
             captured_minor, currency, description, original_id, counter_id, value_date, created_at)
         VALUES ({own}, '{}', '{}', {own}, {own}, {}, {captured}, 'USD', '', {}, {}, {day}, {time});",
        row.kind,
        row.status,
        row.minor,
        id(row.original),
        id(row.counter),
        own = id(Some(row.id)),
    );
    tx.run_script(&script).await.unwrap();
    tx.commit().await.unwrap();
}

/// Everything up to the migration that brought partial refunds.
fn before_partial_refunds() -> Vec<Migration> {
    migrations().into_iter().filter(|migration| migration.module != "payments" || migration.number < 5).collect()
}

#[test]
fn refunds_of_an_older_version_count_to_what_they_gave_back() {
    on_each_engine(&before_partial_refunds(), async |db| {
        let [mut whole, mut part, mut held, mut reversed, plain] =
            [("TRANSFER", 100), ("TRANSFER", 70), ("PAYMENT", 500), ("TRANSFER", 30), ("DEPOSIT", 9)]
                .map(|(kind, minor)| old_row(kind, minor));
        held.captured_minor = Some(40);
        reversed.status = "REVERSED";
        let mut counters = Vec::new();
        for (original, kind, minor) in [
            (&mut whole, "REFUND", 100),
            (&mut part, "REFUND", 1),
            (&mut held, "REFUND", 40),
            (&mut reversed, "REVERSAL", 30),
        ] {
            let counter = OldRow { original: Some(original.id), ..old_row(kind, minor) };
            original.counter = Some(counter.id);
            counters.push(counter);
        }
        for row in [&whole, &part, &held, &reversed, &plain].into_iter().chain(&counters) {
            insert_as_of_old(&db, row).await;
        }
        db::migrate(&db, &migrations(), WallTime::now()).await.unwrap();
        let payments = Bank::open(db).await.payments;
        for (row, refunded, left) in
            [(&whole, 100, 0), (&part, 1, 69), (&held, 40, 0), (&reversed, 0, 30), (&plain, 0, 9)]
        {
            let now = payments.transaction(row.id).await.unwrap().unwrap();
            assert_eq!((now.refunded_minor, now.refundable_minor()), (refunded, left), "{}", row.kind);
            assert_eq!((now.counter, now.money), (row.counter, Money::new(row.minor, dollars())));
        }
        for row in &counters {
            let now = payments.transaction(row.id).await.unwrap().unwrap();
            assert_eq!((now.refunded_minor, now.original), (0, row.original));
        }
    });
}
