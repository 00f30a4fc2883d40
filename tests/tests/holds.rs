//! Holds end by themselves when their time is over, also when the bank was closed then.

use serde_json::Value;
use std::time::Duration;
use stories::{Client, eventually, on_each_engine, transfer};

const EXPIRED_WITHIN: Duration = Duration::from_secs(8);

#[test]
fn a_hold_expires_by_itself() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let customer = server.register("ann");
        let (source, destination) = (customer.open_account_with("50.00"), customer.open_account("USD"));
        let hold = place(&customer, &source, &destination);
        assert_eq!(customer.balances(&source), ("50.00".to_owned(), "30.00".to_owned()));
        expect_expiry(&customer, &hold, &source);
        let late = customer.pay(&format!("{}/capture", path(&hold)), &serde_json::json!({}));
        late.expect_error(422, "INVALID_STATUS");
        server.stop();
        bank.expect_verified();
    });
}

#[test]
fn a_hold_that_ran_out_while_the_bank_was_down_expires_at_the_next_start() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let customer = server.register("ann");
        let (source, destination) = (customer.open_account_with("50.00"), customer.open_account("USD"));
        let hold = place(&customer, &source, &destination);
        server.kill();
        std::thread::sleep(Duration::from_millis(1_100));
        let server = bank.serve();
        let customer = server.client(customer.token().expect("a customer is logged in"));
        expect_expiry(&customer, &hold, &source);
        server.stop();
        bank.expect_verified();
    });
}

/// Holds 20.00 for a second.
fn place(customer: &Client, source: &str, destination: &str) -> Value {
    let mut body = transfer(source, destination, "20.00");
    body["expiresInSeconds"] = 1.into();
    let hold = customer.pay("/api/transactions/hold", &body).expect(201);
    assert_eq!(hold["status"], "PENDING");
    hold
}

fn expect_expiry(customer: &Client, hold: &Value, source: &str) {
    let is_over = || customer.get(&path(hold)).expect(200)["status"] != "PENDING";
    eventually("the hold expires", EXPIRED_WITHIN, is_over);
    let over = customer.get(&path(hold)).expect(200);
    assert_eq!((&over["status"], &over["statusReason"]), (&Value::from("CANCELLED"), &Value::from("EXPIRED")));
    assert_eq!(customer.balances(source), ("50.00".to_owned(), "50.00".to_owned()));
}

fn path(transaction: &Value) -> String {
    format!("/api/transactions/{}", transaction["id"].as_str().expect("a transaction has an id"))
}
