//! What the rest of the bank is told of payments.

use crate::common::{Bank, migrations, transfer};
use ids::UserId;
use outbox::{Event, Place};
use payments::{Command, Hat, HoldLength};
use testkit::on_each_engine;

async fn told(bank: &Bank) -> Vec<Event> {
    let mut events = outbox::numbered_after(&bank.db, 0, 1_000).await.unwrap();
    events.retain(|event| event.kind.starts_with("payments."));
    events
}

#[test]
fn each_turn_of_a_payment_is_told_in_its_place() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let (payer, payee) = (UserId::generate(), UserId::generate());
        let (from, to) = (bank.account(payer, 1_000).await, bank.account(payee, 0).await);
        let before = told(&bank).await.len();
        let Command::Transfer(order) = transfer(from, to, 100) else { panic!("a transfer is a transfer") };
        let hold = Command::Hold { order: order.clone(), length: HoldLength::DEFAULT };
        let held = bank.done(Hat::Customer(payer), hold.clone()).await;
        bank.done(Hat::Customer(payee), Command::Capture { transaction: held.id, money: None }).await;
        bank.done(Hat::Customer(payee), Command::Refund { transaction: held.id, money: None }).await;
        let released = bank.done(Hat::Customer(payer), hold).await;
        bank.done(Hat::Customer(payee), Command::Release { transaction: released.id }).await;
        let undone = bank.done(Hat::Customer(payer), transfer(from, to, 50)).await;
        let admin = Hat::Admin { user: UserId::generate(), is_fresh: true };
        bank.done(admin, Command::Reverse { transaction: undone.id }).await;
        let told = told(&bank).await.split_off(before);
        let of = |id: ids::TransactionId| {
            let about = told.iter().filter(move |event| event.subject_id == id.uuid());
            about.map(|event| (event.kind.as_str(), event.place)).collect::<Vec<_>>()
        };
        let pending = ("payments.transaction_pending", Place::Opening);
        let later = |kind| (kind, Place::Following);
        let (settled, refunded) = ("payments.transaction_settled", "payments.transaction_refunded");
        assert_eq!(of(held.id), [pending, later(settled), later(refunded)]);
        assert_eq!(of(released.id), [pending, later("payments.transaction_cancelled")]);
        assert_eq!(of(undone.id), [(settled, Place::Opening), later("payments.transaction_reversed")]);
    });
}
