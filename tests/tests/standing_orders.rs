//! Standing orders through the real binary: killed between a payment and what is written down of it, and two servers on one
//! database.

use crate::clock::{ready, set, with_admin};
use db::Engine;
use serde_json::{Value, json};
use stories::{Bank, Client, on_each_engine};

const DAY: i64 = 86_400;

/// Daily from tomorrow on: a dollar from the first account to the second one.
fn daily(customer: &Client, accounts: [&str; 2], frozen: &Value) -> String {
    let today = frozen["bankTime"].as_str().expect("a time is text").split('T').next().expect("it has a day");
    let today = db::Date::parse(today).expect("a day");
    let body = json!({
        "sourceAccountId": accounts[0], "destinationAccountId": accounts[1], "amount": "1.00", "currency": "USD",
        "frequency": "daily", "firstDate": db::Date::from_unix_days(today.unix_days() + 1).to_string()
    });
    let made = customer.pay("/api/standing-orders", &body).expect(201);
    made["id"].as_str().expect("an order has an id").to_owned()
}

fn paid(customer: &Client, order: &str) -> Vec<Value> {
    let runs = customer.get(&format!("/api/standing-orders/{order}/runs?limit=100")).expect(200)["data"].clone();
    let runs = runs.as_array().expect("a page has data").clone();
    assert!(runs.iter().all(|run| run["outcome"] == "PAID"), "{runs:?}");
    runs
}

#[test]
fn whoever_is_killed_between_a_payment_and_its_record_pays_it_once() {
    on_each_engine(|bank| {
        let admin = with_admin(&bank);
        let server = bank.serve_with(&["serve"], &[("FAILPOINTS", "standing::after_payment=3*off->panic")]);
        let ann = server.register("ann");
        let (source, destination) = (ann.open_account_with("100.00"), ann.open_account("USD"));
        let frozen = set(&admin(&server), "freeze", &json!({}));
        let order = daily(&ann, [&source, &destination], &frozen);
        set(&admin(&server), "advance", &json!({ "seconds": 10 * DAY }));
        stories::eventually("some dates are paid", std::time::Duration::from_secs(60), || {
            ann.balances(&source).0 == "97.00" || ann.balances(&source).0 == "96.00"
        });
        server.kill();
        bank.expect_verified();

        let server = bank.serve();
        ready(&admin(&server));
        let ann = server.client(ann.token().expect("a customer is logged in"));
        let runs = paid(&ann, &order);
        let count = i64::try_from(runs.len()).expect("a page is short");
        assert!((9..=10).contains(&count), "{count}");
        assert_eq!(ann.balances(&source).0, format!("{}.00", 100 - count));
        assert_eq!(ann.balances(&destination).0, format!("{count}.00"));
        server.stop();
        bank.expect_verified();
    });
}

#[test]
fn two_servers_on_one_database_pay_each_date_once() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let bank = Bank::on(Engine::Postgres);
    let admin = with_admin(&bank);
    let (one, other) = (bank.serve(), bank.serve());
    let ann = one.register("ann");
    let (source, destination) = (ann.open_account_with("1000.00"), ann.open_account("USD"));
    let frozen = set(&admin(&one), "freeze", &json!({}));
    let orders: Vec<String> = (0..5).map(|_| daily(&ann, [&source, &destination], &frozen)).collect();
    set(&admin(&other), "advance", &json!({ "seconds": 20 * DAY }));
    ready(&admin(&one));
    let runs: usize = orders.iter().map(|order| paid(&ann, order).len()).sum();
    assert!((95..=100).contains(&runs), "{runs}");
    assert_eq!(ann.balances(&destination).0, format!("{runs}.00"));
    one.stop();
    other.stop();
    bank.expect_verified();
}
