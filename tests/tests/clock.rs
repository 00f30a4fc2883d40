//! The clock of a sandbox through the real binary: advances that are killed in the middle, two processes that see one freeze,
//! production that has none of it; and a machine whose clock is set while the bank runs.

use db::{BankTime, Engine, WallTime};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use stories::{Bank, Client, PASSWORD, Server, eventually, on_each_engine, transfer, until_some};

const READY_WITHIN: Duration = Duration::from_secs(60);
const CLOCK: &str = "/api/simulations/clock";
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
const HOUR: i64 = 3_600;
const TEN_YEARS: i64 = 10 * 365 * 86_400;

#[test]
fn an_advance_that_is_killed_in_the_middle_is_finished_at_the_next_start() {
    on_each_engine(|bank| {
        let admin = with_admin(&bank);
        let server = bank.serve_with(&["serve"], &[("FAILPOINTS", "clock::before_step=4*off->panic")]);
        let ann = server.register("ann");
        let (source, destination) = (ann.open_account_with("100.00"), ann.open_account("USD"));
        let frozen = set(&admin(&server), "freeze", &json!({}));
        for hours in (1..=10).rev() {
            hold(&ann, (&source, &destination), hours * HOUR);
        }
        assert_eq!(ann.balances(&source), ("100.00".to_owned(), "90.00".to_owned()));
        let started = set(&admin(&server), "advance", &json!({ "seconds": 8 * HOUR }));
        assert_eq!((&started["status"], &started["bankTime"]), (&"ADVANCING".into(), &frozen["bankTime"]));
        eventually("some of the holds expire", READY_WITHIN, || ann.balances(&source).1 == "94.00");
        server.kill();
        bank.expect_verified();

        let server = bank.serve();
        let clock = ready(&admin(&server));
        let token = ann.token().expect("a customer is logged in");
        assert_eq!(server.client(token).balances(&source), ("100.00".to_owned(), "98.00".to_owned()));
        assert_eq!(time(&clock["bankTime"]), time(&frozen["bankTime"]).plus_seconds(8 * HOUR));
        // What was done just before it was killed is done, and not counted.
        assert_eq!((&clock["advance"]["done"], &clock["isFrozen"]), (&7.into(), &true.into()));
        server.stop();
        bank.expect_verified();
        if bank.engine() == Engine::Sqlite {
            let mut production = bank.command(&["serve"]);
            production.env("FLORIN_MODE", "production").env("FLORIN_RATE_LIMIT", "on");
            let refused = production.output().expect("the binary runs");
            let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(!refused.status.success() && complaint.contains("this database is a sandbox's"), "{complaint}");
        }
    });
}

#[test]
fn two_processes_see_one_freeze_and_neither_books_past_it() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let bank = Bank::on(Engine::Postgres);
    let admin = with_admin(&bank);
    let (one, other) = (bank.serve(), bank.serve());
    let ann = one.register("ann");
    let (source, destination) = (ann.open_account_with("100.00"), ann.open_account("USD"));
    let there = other.client(ann.token().expect("a customer is logged in"));
    for _ in 0..5 {
        let frozen = time(&set(&admin(&one), "freeze", &json!({}))["bankTime"]);
        for customer in [&there, &ann] {
            let paid = customer.pay("/api/transactions/transfer", &transfer(&source, &destination, "1.00")).expect(201);
            assert_eq!(time(&paid["createdAt"]), frozen);
        }
        let resumed = set(&admin(&other), "resume", &json!({}));
        assert!(resumed["isFrozen"] == false && time(&resumed["bankTime"]) >= frozen);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "1.00")).expect(201);
        assert!(time(&paid["createdAt"]) >= frozen);
    }
    one.stop();
    other.stop();
    bank.expect_verified();
}

#[test]
fn a_machine_whose_clock_is_set_lets_no_hold_expire_early_and_no_token_live_on() {
    if !Path::new(FAKETIME).exists() {
        return println!("no libfaketime at hand");
    }
    let bank = Bank::on(Engine::Sqlite);
    let shift = bank.folder().join("shift");
    std::fs::write(&shift, "+0").expect("the data folder takes a file");
    let file = shift.to_str().expect("the path is text");
    let environment = [
        ("LD_PRELOAD", FAKETIME),
        ("FAKETIME_TIMESTAMP_FILE", file),
        ("FAKETIME_NO_CACHE", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
    ];
    let server = bank.serve_with(&["serve"], &environment);
    let ann = server.register("ann");
    let (source, destination) = (ann.open_account_with("100.00"), ann.open_account("USD"));
    let long = hold(&ann, (&source, &destination), HOUR / 2);
    let mut latest = time(&long["createdAt"]);
    for jump in [HOUR, -HOUR, TEN_YEARS, -TEN_YEARS] {
        std::fs::write(&shift, format!("{jump:+}")).expect("the data folder takes a file");
        let short = hold(&ann, (&source, &destination), 1);
        let path = format!("/api/transactions/{}", short["id"].as_str().expect("a transaction has an id"));
        eventually("a hold of a second expires", READY_WITHIN, || ann.get(&path).expect(200)["status"] == "CANCELLED");
        let paid = ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "1.00")).expect(201);
        let booked = time(&paid["createdAt"]);
        assert!(booked > latest, "bank time went back with a jump of {jump} s");
        latest = booked;
        // What tokens are judged by is what errors are stamped with.
        let stamped = ann.get("/api/nowhere").expect(404)["timestamp"].clone();
        let off =
            WallTime::parse(stamped.as_str().expect("a time is text")).expect("a time is RFC 3339").unix_seconds()
                - WallTime::now().unix_seconds();
        assert!(off.abs() <= 2, "{off} s off after a jump of {jump} s");
    }
    let path = format!("/api/transactions/{}", long["id"].as_str().expect("a transaction has an id"));
    assert_eq!(ann.get(&path).expect(200)["status"], "PENDING", "a hold expired early");
    assert!(server.log().contains("the machine's clock was set"));
    server.stop();
    bank.expect_verified();
}

/// Makes an administrator; gives who logs them in.
pub(crate) fn with_admin(bank: &Bank) -> impl Fn(&Server) -> Client {
    let mut command = bank.command(&["admin", "create", "--username", "boss"]);
    command.env("FLORIN_ADMIN_PASSWORD", PASSWORD);
    stories::run(command).expect_success();
    |server| server.log_in("boss", PASSWORD)
}

pub(crate) fn set(admin: &Client, what: &str, body: &Value) -> Value {
    let status = if what == "advance" { 202 } else { 200 };
    admin.pay(&format!("{CLOCK}/{what}"), body).expect(status)
}

pub(crate) fn ready(admin: &Client) -> Value {
    until_some("the clock is ready", READY_WITHIN, || {
        Some(admin.get(CLOCK).expect(200)).filter(|clock| clock["status"] == "READY")
    })
}

/// Holds a dollar.
fn hold(customer: &Client, (source, destination): (&str, &str), seconds: i64) -> Value {
    let mut body = transfer(source, destination, "1.00");
    body["expiresInSeconds"] = seconds.into();
    customer.pay("/api/transactions/hold", &body).expect(201)
}

fn time(value: &Value) -> BankTime {
    BankTime::parse(value.as_str().expect("a time is text")).expect("a time is RFC 3339")
}
