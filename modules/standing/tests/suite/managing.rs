//! What people do with their orders: once under a key, and never while a date is being paid.

use crate::bank::{Bank, Payer, day, schedule, wish, with_bank};
use ids::UserId;
use standing::{Frequency, OwnedOrder, Schedule, StandingError, StandingOrder, StandingStatus, StandingWish};

fn of(payer: &Payer, order: &StandingOrder) -> OwnedOrder {
    OwnedOrder { owner: payer.id, id: order.id }
}

async fn refused(bank: &Bank, payer: &Payer, wish: StandingWish) -> StandingError {
    bank.create_under("refused", payer, wish).await.unwrap_err()
}

#[test]
fn an_order_is_taken_once_under_its_key() {
    with_bank(async |bank| {
        let payer = bank.payer(0).await;
        let asked = wish(&payer, 1_00, schedule(Frequency::Daily, "2026-11-28"));
        let first = bank.create_under("one", &payer, asked.clone()).await.unwrap();
        let again = bank.create_under("one", &payer, asked.clone()).await.unwrap();
        assert_eq!((first.is_replayed, again.is_replayed), (false, true));
        assert_eq!(first.order, again.order);
        let other = wish(&payer, 2_00, schedule(Frequency::Daily, "2026-11-28"));
        assert_eq!(bank.create_under("one", &payer, other).await.unwrap_err(), StandingError::KeyReused);
        let twice = (bank.create_under("two", &payer, asked.clone()), bank.create_under("two", &payer, asked));
        let (one, two) = futures_util::future::join(twice.0, twice.1).await;
        assert_eq!(one.unwrap().order, two.unwrap().order);
        assert_eq!(bank.orders.list(payer.id, None, 10).await.unwrap().len(), 2);
    });
}

#[test]
fn what_cannot_be_paid_is_refused() {
    with_bank(async |bank| {
        let payer = bank.payer(0).await;
        let daily = schedule(Frequency::Daily, "2026-11-28");
        let good = wish(&payer, 1_00, daily);
        let theirs = StandingWish { source: payer.landlord, destination: payer.account, ..good.clone() };
        let missing = |account| StandingError::NoSuchAccount { account };
        assert_eq!(refused(&bank, &payer, theirs).await, missing(payer.landlord));
        let cash = ledger::ChartCode::Cash.own_account(crate::bank::dollars());
        let to_the_bank = StandingWish { destination: cash, ..good.clone() };
        assert_eq!(refused(&bank, &payer, to_the_bank).await, missing(cash));
        let same = StandingWish { destination: payer.account, ..good.clone() };
        assert_eq!(refused(&bank, &payer, same).await, StandingError::SameAccount { account: payer.account });
        let euros = money::Money::new(1_00, money::Currency::parse("EUR").unwrap());
        let other_currency = StandingWish { money: euros, ..good.clone() };
        assert_eq!(
            refused(&bank, &payer, other_currency).await,
            StandingError::CurrencyMismatch { account: payer.account }
        );
        let over = wish(&payer, 1_00, schedule(Frequency::Daily, "2026-11-26"));
        assert!(matches!(refused(&bank, &payer, over).await, StandingError::Date { .. }));
        let far = wish(&payer, 1_00, schedule(Frequency::Daily, "2037-01-01"));
        assert!(matches!(refused(&bank, &payer, far).await, StandingError::Date { .. }));
        let own = StandingWish { destination: payer.savings, ..good };
        assert!(bank.create_under("own", &payer, own).await.is_ok());
    });
}

#[test]
fn nobody_sees_or_changes_anothers_order() {
    with_bank(async |bank| {
        let payer = bank.payer(0).await;
        let order = bank.create(&payer, wish(&payer, 1_00, schedule(Frequency::Daily, "2026-11-28"))).await;
        let stranger = OwnedOrder { owner: UserId::generate(), id: order.id };
        let act = bank.act(&payer);
        assert_eq!(bank.orders.find(stranger).await, Err(StandingError::UnknownOrder));
        assert_eq!(bank.orders.cancel(stranger, act).await, Err(StandingError::UnknownOrder));
        assert_eq!(bank.orders.runs(stranger, None, 1).await, Err(StandingError::UnknownOrder));
        assert!(bank.orders.list(stranger.owner, None, 10).await.unwrap().is_empty());
    });
}

#[test]
fn a_paused_order_lets_dates_pass_and_goes_on_with_the_next() {
    with_bank(async |bank| {
        let payer = bank.payer(10_000).await;
        let order = bank.create(&payer, wish(&payer, 1_00, schedule(Frequency::Daily, "2026-11-28"))).await;
        let paused = bank.orders.pause(of(&payer, &order), bank.act(&payer)).await.unwrap();
        assert_eq!((paused.status, paused.next_dates(5)), (StandingStatus::Paused, Vec::new()));
        bank.wake_at("2026-12-01T12:00:00Z").await;
        assert_eq!(bank.posted(payer.landlord).await, 0);
        let resumed = bank.orders.resume(of(&payer, &order), bank.act(&payer)).await.unwrap();
        let dates: Vec<String> = resumed.next_dates(2).iter().map(ToString::to_string).collect();
        assert_eq!(dates, ["2026-12-02", "2026-12-03"]);
        bank.wake_at("2026-12-02T12:00:00Z").await;
        assert_eq!(bank.posted(payer.landlord).await, 1_00);
        let ended = bank.orders.cancel(of(&payer, &order), bank.act(&payer)).await.unwrap();
        assert_eq!(ended.status, StandingStatus::Cancelled);
        let again = bank.orders.resume(of(&payer, &order), bank.act(&payer)).await.unwrap_err();
        assert_eq!(again, StandingError::WrongStatus { status: StandingStatus::Cancelled });
        let kinds: Vec<String> = bank.told().await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds[0], "payments.order_created");
        assert_eq!(kinds.iter().filter(|kind| *kind == "payments.order_changed").count(), 2);
        bank.wake_at("2026-12-09T12:00:00Z").await;
        assert_eq!(bank.posted(payer.landlord).await, 1_00);
    });
}

#[test]
fn a_skipped_date_is_left_out_and_the_last_one_ends_the_order() {
    with_bank(async |bank| {
        let payer = bank.payer(10_000).await;
        let two = Schedule { last: Some(day("2026-11-29")), ..schedule(Frequency::Daily, "2026-11-28") };
        let order = bank.create(&payer, wish(&payer, 1_00, two)).await;
        let skipped = bank.orders.skip(of(&payer, &order), bank.act(&payer)).await.unwrap();
        assert_eq!(skipped.next_dates(5).len(), 1);
        let skipped = bank.orders.skip(of(&payer, &order), bank.act(&payer)).await.unwrap();
        assert_eq!((skipped.status, skipped.next), (StandingStatus::Ended, None));
        bank.wake_at("2026-12-09T12:00:00Z").await;
        assert_eq!(bank.posted(payer.landlord).await, 0);
        assert_eq!(bank.runs(&payer, &order).await.len(), 2);
    });
}

#[test]
fn what_is_due_is_not_changed_and_what_is_changed_begins_tomorrow() {
    with_bank(async |bank| {
        let payer = bank.payer(10_000).await;
        let order = bank.create(&payer, wish(&payer, 1_00, schedule(Frequency::Daily, "2026-11-28"))).await;
        // Ten seconds before six in the morning in New York another process may be paying.
        let seconds = crate::bank::at("2026-11-28T10:59:55Z").unix_seconds() - bank.clocks.wall().unix_seconds();
        bank.machine.shift(seconds);
        let (its, act) = (of(&payer, &order), bank.act(&payer));
        assert_eq!(bank.orders.pause(its, act).await, Err(StandingError::BeingPaid));
        assert_eq!(bank.orders.cancel(its, act).await, Err(StandingError::BeingPaid));
        assert_eq!(bank.orders.skip(its, act).await, Err(StandingError::BeingPaid));
        bank.wake_at("2026-11-28T12:00:00Z").await;
        let today = wish(&payer, 3_00, schedule(Frequency::Daily, "2026-11-28"));
        assert!(matches!(bank.orders.change(its, today, act).await, Err(StandingError::Date { .. })));
        let tomorrow = wish(&payer, 3_00, schedule(Frequency::Weekly, "2026-11-29"));
        let changed = bank.orders.change(its, tomorrow, act).await.unwrap();
        assert_eq!(changed.next_dates(1)[0].to_string(), "2026-11-29");
        bank.wake_at("2026-11-30T12:00:00Z").await;
        assert_eq!(bank.posted(payer.landlord).await, 1_00 + 3_00);
    });
}

#[test]
fn nobody_has_more_than_a_hundred() {
    with_bank(async |bank| {
        let payer = bank.payer(0).await;
        let asked = || wish(&payer, 1_00, schedule(Frequency::Daily, "2026-11-28"));
        for _ in 0..standing::PER_USER_MAX {
            bank.create(&payer, asked()).await;
        }
        assert_eq!(refused(&bank, &payer, asked()).await, StandingError::TooMany);
        let one = bank.orders.list(payer.id, None, 1).await.unwrap().remove(0);
        bank.orders.cancel(of(&payer, &one), bank.act(&payer)).await.unwrap();
        assert!(bank.create_under("one more", &payer, asked()).await.is_ok());
    });
}
