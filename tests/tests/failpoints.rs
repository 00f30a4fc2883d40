//! Killed at each named point of the poster: before the commit nothing happened, after it everything did; either way
//! the key, tried again, has one effect.

use db::Engine;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use stories::{Bank, Client, Server, fresh_key, on_each_engine, transfer};

/// How long a transfer has no answer before the point counts as reached.
const HANGS_AFTER: Duration = Duration::from_secs(1);
/// Statements of one commit that moves money: entries, postings, balances, transactions, keys, events.
const WRITES: usize = 6;
const START_MINOR: i64 = 100_000;

#[test]
fn killed_at_each_point_of_the_poster_a_retried_transfer_happens_once() {
    on_each_engine(|bank| {
        let story = Story::begin(&bank);
        let mut done = 0;
        for (point, is_committed) in [
            ("poster::after_load=pause", false),
            ("poster::after_decide=pause", false),
            ("poster::before_commit=pause", false),
            ("poster::after_commit=pause", true),
        ] {
            story.die_and_retry(point, is_committed, &mut done);
        }
    });
}

#[test]
fn killed_between_the_writes_of_a_commit_a_retried_transfer_happens_once() {
    let bank = Bank::on(Engine::Sqlite);
    let story = Story::begin(&bank);
    let mut done = 0;
    for writes in 0..WRITES {
        story.die_and_retry(&format!("db::mid_write={writes}*off->pause"), false, &mut done);
    }
}

/// Two accounts, between which dollars move one by one.
struct Story<'a> {
    bank: &'a Bank,
    token: String,
    source: String,
    destination: String,
}

impl<'a> Story<'a> {
    fn begin(bank: &'a Bank) -> Self {
        let server = bank.serve();
        let customer = server.register("ann");
        let (source, destination) = (customer.open_account_with("1000.00"), customer.open_account("USD"));
        let token = customer.token().expect("a customer is logged in").to_owned();
        server.stop();
        Self { bank, token, source, destination }
    }

    /// Sends a dollar, dies at the point, and tries again. `done` counts the dollars that moved.
    fn die_and_retry(&self, point: &str, is_committed: bool, done: &mut i64) {
        println!("{point}");
        let key = fresh_key();
        let server = self.bank.serve_with(&["serve"], &[("FAILPOINTS", point)]);
        self.hang_and_die(server, &key, point);
        self.bank.expect_verified();

        let server = self.bank.serve();
        let customer = server.client(&self.token);
        self.expect_moved(&customer, *done + i64::from(is_committed));
        let answer = self.send(&customer, &key);
        answer.expect(201);
        assert_eq!(answer.is_replayed(), is_committed, "{point}");
        *done += 1;
        self.expect_moved(&customer, *done);
        let again = self.send(&customer, &key);
        assert_eq!((again.is_replayed(), &again.body), (true, &answer.body), "{point}");
        self.expect_moved(&customer, *done);
        server.stop();
        self.bank.expect_verified();
    }

    /// Sends a dollar to a server that stops at the point, and kills it there.
    fn hang_and_die(&self, server: Server, key: &str, point: &str) {
        let customer = server.client(&self.token);
        let (body, key) = (transfer(&self.source, &self.destination, "1.00").to_string(), key.to_owned());
        let (sender, answers) = channel();
        let sending = std::thread::spawn(move || {
            let answer = customer.try_send(("POST", "/api/transactions/transfer"), Some(&key), &body);
            // The story may have given up on it.
            drop(sender.send(answer));
        });
        let early = answers.recv_timeout(HANGS_AFTER);
        assert!(
            matches!(early, Err(RecvTimeoutError::Timeout)),
            "{point} did not stop the transfer; is the binary built with --features florin/failpoints? {early:?}"
        );
        server.kill();
        let answer = answers.recv_timeout(HANGS_AFTER * 10).expect("the connection breaks with the server");
        assert!(answer.is_err(), "{point}: answered by a dead server: {answer:?}");
        sending.join().expect("the client does not panic");
    }

    fn send(&self, customer: &Client, key: &str) -> stories::Answer {
        customer.pay_as(key, "/api/transactions/transfer", &transfer(&self.source, &self.destination, "1.00"))
    }

    fn expect_moved(&self, customer: &Client, dollars: i64) {
        let moved = dollars * 100;
        for (account, minor) in [(&self.source, START_MINOR - moved), (&self.destination, moved)] {
            let amount = stories::decimal(minor, 2);
            assert_eq!(customer.balances(account), (amount.clone(), amount));
        }
    }
}
