//! Bookings that somebody spoilt so that one table still agrees with itself are found, and the booking is named.

use crate::bookings::Lending;
use crate::common::{Bank, migrations};
use crate::tampering::tamper;
use ids::TransactionId;
use testkit::on_each_engine;

struct Scene {
    repaid: TransactionId,
    interest: TransactionId,
    disbursed: TransactionId,
}

const ENTRY: &str = "a transaction that settled";
const LEGS: &str = "a booking with many legs";
const PARTIES: &str = "a transaction's accounts";
const SHAPE: &str = "a transaction has what belongs";

/// Tampers with fresh bookings and expects exactly these findings, by the beginnings of the rules and the rows.
fn finds(tampering: &str, expected: impl Fn(&Scene) -> Vec<(&'static str, TransactionId)>) {
    on_each_engine(&migrations(), async |db| {
        let loan = Lending::open(Bank::open(db).await).await;
        let [repaid, interest, disbursed] = loan.live().await.map(|done| done.id);
        tamper(&loan.bank, tampering).await;
        let findings = loan.bank.verify().await.findings;
        let expected = expected(&Scene { repaid, interest, disbursed });
        let is_met = |(rule, id): &(&str, TransactionId)| {
            let names = |row: &str| row.starts_with(&id.to_string());
            findings.iter().any(|finding| finding.rule.starts_with(rule) && names(&finding.row))
        };
        assert!(
            expected.iter().all(is_met) && findings.len() == expected.len(),
            "{tampering}: {findings:#?}, {expected:?}"
        );
    });
}

#[test]
fn a_leg_that_says_something_else_than_its_posting_is_found() {
    finds("UPDATE payments_leg SET amount_minor = 701 WHERE amount_minor = 700", |scene| {
        vec![(ENTRY, scene.repaid), (LEGS, scene.repaid)]
    });
    finds("UPDATE payments_leg SET balance_minor = balance_minor + 1 WHERE amount_minor = 9300", |scene| {
        vec![(ENTRY, scene.repaid)]
    });
    finds(
        "UPDATE payments_leg SET amount_minor = amount_minor + 1 WHERE amount_minor = 700;
         UPDATE payments_leg SET amount_minor = amount_minor - 1 WHERE amount_minor = 9300",
        |scene| vec![(ENTRY, scene.repaid)],
    );
}

#[test]
fn a_leg_that_is_gone_or_added_is_found() {
    finds("DELETE FROM payments_leg WHERE amount_minor = 500", |scene| {
        vec![(ENTRY, scene.disbursed), (LEGS, scene.disbursed)]
    });
    finds("DELETE FROM payments_leg WHERE amount_minor = -10000", |scene| {
        vec![(ENTRY, scene.repaid), (LEGS, scene.repaid)]
    });
    finds(
        "UPDATE payments_leg SET transaction_id = (SELECT id FROM payments_transaction WHERE amount_minor = 42)
         WHERE amount_minor = 500",
        |scene| vec![(ENTRY, scene.interest.min(scene.disbursed)), (LEGS, scene.disbursed)],
    );
}

#[test]
fn a_booking_that_says_something_else_than_its_legs_is_found() {
    finds("UPDATE payments_transaction SET amount_minor = 49999 WHERE amount_minor = 50000", |scene| {
        vec![(LEGS, scene.disbursed)]
    });
    finds(
        "UPDATE payments_transaction SET destination_account_id =
             (SELECT account_id FROM payments_leg WHERE amount_minor = 500),
             destination_holder_id = NULL, destination_is_own = TRUE WHERE amount_minor = 50000",
        |scene| vec![(LEGS, scene.disbursed)],
    );
    finds("UPDATE payments_transaction SET source_balance_minor = 7 WHERE amount_minor = 50000", |scene| {
        vec![(LEGS, scene.disbursed)]
    });
    finds("UPDATE payments_transaction SET legs = 4 WHERE amount_minor = 50000", |scene| {
        vec![(ENTRY, scene.disbursed)]
    });
    finds("UPDATE payments_transaction SET booked_as = 'FEE' WHERE amount_minor = 42", |scene| {
        vec![(ENTRY, scene.interest)]
    });
}

#[test]
fn parties_of_bookings_are_those_of_the_ledger() {
    for change in ["holder_id = NULL", "is_own = TRUE"] {
        finds(&format!("UPDATE payments_leg SET {change} WHERE amount_minor = 49500"), |scene| {
            vec![(PARTIES, scene.disbursed)]
        });
    }
    finds("UPDATE payments_transaction SET source_is_own = FALSE WHERE amount_minor = 42", |scene| {
        vec![(PARTIES, scene.interest)]
    });
}

#[test]
fn what_is_no_booking_has_nothing_of_one_and_a_booking_all_of_it() {
    finds("UPDATE payments_transaction SET booked_as = NULL WHERE amount_minor = 42", |scene| {
        vec![(SHAPE, scene.interest)]
    });
    finds("UPDATE payments_transaction SET destination_is_own = NULL WHERE amount_minor = 42", |scene| {
        vec![(SHAPE, scene.interest)]
    });
}
