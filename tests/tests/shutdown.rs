//! Asked to stop, the server answers what it has begun, and ends well.

use std::time::Duration;
use stories::{on_each_engine, transfer};

#[test]
fn requests_in_flight_are_answered_before_the_server_stops() {
    on_each_engine(|bank| {
        // Holds every commit up, so that the transfer is under way when the signal comes.
        let server = bank.serve_with(&["serve"], &[("FAILPOINTS", "poster::before_commit=sleep(700)")]);
        let customer = server.register("ann");
        let (source, destination) = (customer.open_account_with("10.00"), customer.open_account("USD"));
        let idle = customer.clone();
        idle.get("/health").expect(200);

        let paying = customer.clone();
        let body = transfer(&source, &destination, "4.00");
        let sending = std::thread::spawn(move || paying.pay("/api/transactions/transfer", &body));
        std::thread::sleep(Duration::from_millis(300));
        server.terminate();
        let answer = sending.join().expect("the transfer in flight is answered");
        answer.expect(201);
        server.expect_end();

        let server = bank.serve();
        let customer = server.client(customer.token().expect("a customer is logged in"));
        assert_eq!(customer.balances(&destination).0, "4.00");
        assert!(idle.try_send(("GET", "/health"), None, "").is_err(), "an idle connection was closed");
        server.stop();
        bank.expect_verified();
    });
}
