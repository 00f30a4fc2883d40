//! A defect that panics in the middle of a batch costs the answer of that batch, and not the bank.

use db::Engine;
use stories::{Bank, Client, fresh_key, on_each_engine, transfer};

#[test]
fn a_panic_in_the_poster_ends_one_request_and_not_the_bank() {
    on_each_engine(|bank| {
        for (point, is_committed) in [
            ("poster::after_load", false),
            ("poster::after_decide", false),
            ("poster::before_commit", false),
            ("poster::after_commit", true),
        ] {
            panic_once(&bank, point, is_committed);
        }
    });
}

#[test]
fn a_panic_between_the_writes_of_a_commit_ends_one_request_and_not_the_bank() {
    panic_once(&Bank::on(Engine::Sqlite), "db::mid_write", false);
}

/// Lets the point panic at its first transfer, tries that one again, and goes on.
fn panic_once(bank: &Bank, point: &str, is_committed: bool) {
    println!("{point}");
    let server = bank.serve();
    let username = point.replace("::", "-");
    let customer = server.register(&username);
    let (source, destination) = (customer.open_account_with("10.00"), customer.open_account("USD"));
    let bystander = customer.open_account_with("10.00");
    server.stop();

    let server = bank.serve_with(&["serve"], &[("FAILPOINTS", &format!("{point}=1*panic->off"))]);
    let customer = server.client(customer.token().expect("a customer is logged in"));
    let key = fresh_key();
    let pay = |client: &Client, key: &str, source: &str| {
        client.pay_as(key, "/api/transactions/transfer", &transfer(source, &destination, "1.00"))
    };
    let panicked = pay(&customer, &key, &source);
    assert!(matches!(panicked.status, 500 | 503), "{point} did not panic: {panicked:?}");
    let answer = pay(&customer, &key, &source);
    answer.expect(201);
    assert_eq!(answer.is_replayed(), is_committed, "{point}");
    for _ in 0..3 {
        pay(&customer, &fresh_key(), &source).expect(201);
        pay(&customer, &fresh_key(), &bystander).expect(201);
    }
    assert_eq!(customer.balances(&source).0, "6.00");
    assert_eq!(customer.balances(&destination).0, "7.00");
    server.stop();
    bank.expect_verified();
}
