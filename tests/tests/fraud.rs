//! Rules of fraud in the binary: killed under load, what is remembered of accounts agrees with the money; and what is replayed.

use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use stories::{Bank, Client, Memory, Order, Random, fresh_key, on_each_engine};

const ROUNDS: usize = 6;
const PAYERS: usize = 4;

#[test]
fn killed_under_load_what_is_remembered_agrees_with_the_money() {
    on_each_engine(|bank| {
        let mut random = Random::from_environment(24);
        let mut server = bank.serve();
        let (ann, bob) = (server.register("ann"), server.register("bob"));
        let sources: Vec<String> = (0..PAYERS).map(|_| ann.open_account_with("100000.00")).collect();
        let destination = bob.open_account("USD");
        let mut paid: HashMap<String, u64> = HashMap::new();
        for _ in 0..ROUNDS {
            let ann = server.log_in("ann", stories::PASSWORD);
            let stop = Arc::new(AtomicBool::new(false));
            let payers: Vec<_> = sources.iter().map(|source| pay(&ann, source, &destination, &stop)).collect();
            std::thread::sleep(Duration::from_millis(random.between(100, 500)));
            server.kill();
            stop.store(true, Ordering::Relaxed);
            let mut memory = Memory::default();
            payers.into_iter().for_each(|payer| memory.add(payer.join().expect("a payer does not panic")));
            bank.expect_verified();
            server = bank.serve();
            memory.resolve(&server.log_in("ann", stories::PASSWORD));
            for (order, answer) in &memory.answered {
                if answer.status == 201 {
                    *paid.entry(order.source.clone()).or_default() += 1;
                }
            }
        }
        server.stop();
        bank.expect_verified();
        let remembered = remembered(&bank);
        for source in &sources {
            assert_eq!(
                remembered.get(source).copied().unwrap_or_default(),
                paid.get(source).copied().unwrap_or_default()
            );
        }
        assert!(paid.values().sum::<u64>() > 0);
    });
}

fn pay(ann: &Client, source: &str, destination: &str, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<Memory> {
    let (ann, stop) = (ann.clone(), Arc::clone(stop));
    let (source, destination) = (source.to_owned(), destination.to_owned());
    std::thread::spawn(move || {
        let mut memory = Memory::default();
        while !stop.load(Ordering::Relaxed) {
            let (source, destination) = (source.clone(), destination.clone());
            let order = Order { key: fresh_key(), source, destination, amount_minor: 1 };
            match order.send(&ann) {
                Ok(answer) if answer.is_final() => memory.answered.push((order, answer)),
                Ok(_) => {}
                Err(_) => {
                    memory.unknown.push(order);
                    break;
                }
            }
        }
        memory
    })
}

/// How many payments of each account are remembered.
fn remembered(bank: &Bank) -> HashMap<String, u64> {
    let printed = bank.run(&["fraud", "profiles"]).expect_success();
    let rows = printed.lines().skip(1).map(|line| line.split_once(',').expect("two columns"));
    rows.map(|(account, payments)| (account.to_owned(), payments.parse().expect("a number"))).collect()
}

#[test]
fn a_history_is_replayed_against_a_set_of_rules_and_twice_the_same() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let (ann, bob) = (server.register("ann"), server.register("bob"));
        let (from, to) = (ann.open_account_with("5000.00"), bob.open_account("USD"));
        for _ in 0..10 {
            ann.pay("/api/transactions/transfer", &stories::transfer(&from, &to, "1.00")).expect(201);
        }
        let rules = bank.run(&["fraud", "rules"]).expect_success();
        assert!(rules.contains("\"SHADOW\""), "a new bank only watches: {rules}");
        let first = bank.run(&["fraud", "replay"]).expect_success();
        let rows: Vec<&str> = first.lines().skip(1).collect();
        assert_eq!(rows.len(), 1, "the tenth within an hour: {first}");
        assert!(rows[0].contains(",REVIEW,60,F02,APPROVE,0,,"), "{first}");
        assert_eq!(bank.run(&["fraud", "replay"]).expect_success(), first);
        let strict = bank.folder().join("rules.json");
        let limit = json!({ "rules": [{ "id": "L03", "mode": "ACTIVE", "parameters": { "people": 7 } }] });
        std::fs::write(&strict, limit.to_string()).expect("a folder of the test");
        let strict = bank.run(&["fraud", "replay", "--rules", &strict.display().to_string()]).expect_success();
        assert_eq!(strict.lines().filter(|line| line.contains(",DECLINE,0,L03,")).count(), 3, "{strict}");
        server.stop();
    });
}
