//! Two processes on one PostgreSQL: their clients' money crosses on the same accounts, a key has one effect wherever it
//! is sent, and when one process dies the other settles what it left.

use db::Engine;
use std::sync::Barrier;
use std::time::Duration;
use stories::{Answer, Bank, Books, Client, Load, Random, fresh_key, transfer, until_some};

const KEYS: i64 = 60;
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

#[test]
fn when_one_of_two_processes_dies_the_other_settles_everything() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let bank = Bank::on(Engine::Postgres);
    let mut random = Random::from_environment(7);
    let survivor = bank.serve();
    let mut books = Books::open(&survivor);
    for _ in 0..3 {
        let doomed = bank.serve();
        let loads =
            [&survivor, &doomed].map(|server| Load::start(&books.customer(server), &books.accounts(), random.any()));
        std::thread::sleep(Duration::from_millis(random.between(100, 400)));
        doomed.kill();
        std::thread::sleep(Duration::from_millis(100));
        let mut memory = stories::Memory::default();
        loads.into_iter().for_each(|load| memory.add(load.finish()));
        println!("{} done, {} unknown", memory.settled(), memory.unknown.len());
        assert!(memory.turned_away.is_empty(), "the survivor turned somebody away: {:?}", memory.turned_away);
        let customer = books.customer(&survivor);
        memory.resolve(&customer);
        books.book(&memory);
        books.expect_balances(&customer);
        books.expect_kept(&customer, &memory);
    }
    books.expect_histories(&books.customer(&survivor));
    bank.expect_verified();
    survivor.stop();
}

#[test]
fn a_key_sent_to_two_processes_at_once_has_one_effect_and_one_answer() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let bank = Bank::on(Engine::Postgres);
    let (one, other) = (bank.serve(), bank.serve());
    let customer = one.register("ann");
    let (source, destination) = (customer.open_account_with("100.00"), customer.open_account("USD"));
    let twin = other.client(customer.token().expect("a customer is logged in"));
    for _ in 0..KEYS {
        let (key, body) = (fresh_key(), transfer(&source, &destination, "1.00").to_string());
        let together = Barrier::new(2);
        let send = |client: &Client| {
            let client = client.clone();
            let (key, body, together) = (&key, &body, &together);
            move || {
                together.wait();
                until_final(&client, key, body)
            }
        };
        let (first, second) = std::thread::scope(|scope| {
            let sending = [&customer, &twin].map(|client| scope.spawn(send(client)));
            let [first, second] = sending.map(|sent| sent.join().expect("a client does not panic"));
            (first, second)
        });
        first.expect(201);
        assert_eq!(first.body, second.body);
        assert!(first.is_replayed() != second.is_replayed(), "one did it, the other was told: {first:?} {second:?}");
    }
    let moved = stories::decimal(KEYS * 100, 2);
    assert_eq!(twin.balances(&destination), (moved.clone(), moved));
    bank.expect_verified();
}

/// Sends until the bank has an answer for good; 409 and 503 mean later.
fn until_final(client: &Client, key: &str, body: &str) -> Answer {
    let path = ("POST", "/api/transactions/transfer");
    until_some("the key has its answer", ANSWERED_WITHIN, || {
        client.try_send(path, Some(key), body).ok().filter(Answer::is_final)
    })
}
