//! PostgreSQL goes away and comes back under load: clear refusals meanwhile, and nothing lost or doubled afterwards.

use std::time::{Duration, Instant};
use stories::{Bank, Books, Client, Cluster, Load, Random, eventually};

const OUTAGES: usize = 2;
/// How long an answer of `/ready` is given again, and a question on its way.
const READINESS_IS_OLD_AFTER: Duration = Duration::from_secs(5);
const OUTAGE: Duration = Duration::from_millis(1_500);
const RECOVERED_WITHIN: Duration = Duration::from_secs(15);
/// How long a client waits for the news that the bank is away.
const TOLD_WITHIN: Duration = Duration::from_secs(10);
/// How long each of those waits at most who ask a database that hangs.
const HANG_TOLD_WITHIN: Duration = Duration::from_secs(17);
const ORDERS_WHILE_IT_HANGS: u64 = 6;

#[test]
fn a_database_that_goes_and_comes_back_costs_503s_and_nothing_else() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let cluster = Cluster::create(&[]);
    let bank = Bank::at(cluster.url());
    let server = bank.serve();
    let mut books = Books::open(&server);
    let customer = books.customer(&server);
    let mut random = Random::from_environment(3);
    for _ in 0..OUTAGES {
        let load = Load::start(&customer, &books.accounts(), random.any());
        std::thread::sleep(Duration::from_millis(random.between(200, 500)));
        cluster.stop();
        expect_away(&customer, &books.accounts());
        std::thread::sleep(OUTAGE);
        cluster.start();
        let started = Instant::now();
        eventually("the bank is ready again", RECOVERED_WITHIN, || customer.get("/ready").status == 200);
        println!("ready {:?} after the database", started.elapsed());
        std::thread::sleep(Duration::from_millis(300));
        let mut memory = load.finish();
        println!("{} done, {} without an answer", memory.settled(), memory.unknown.len());
        assert_eq!(memory.unknown.len(), memory.turned_away.len(), "every request got an answer");
        assert!(!memory.turned_away.is_empty(), "the outage was noticed");
        memory.turned_away.iter().for_each(stories::Answer::expect_unavailable);
        memory.resolve(&customer);
        books.book(&memory);
        books.expect_balances(&customer);
        books.expect_kept(&customer, &memory);
    }
    books.expect_histories(&customer);
    bank.expect_verified();
    server.stop();
}

/// The process lives, says that it is not ready, and turns reads and writes away in time.
fn expect_away(customer: &Client, accounts: &[String]) {
    assert_eq!(customer.get("/health").status, 200);
    eventually("the bank says that it is not ready", READINESS_IS_OLD_AFTER, || customer.get("/ready").status == 503);
    for _ in 0..2 {
        let started = Instant::now();
        customer.get("/ready").expect_unavailable();
        customer.get(&format!("/api/accounts/{}/balance", accounts[0])).expect_unavailable();
        let body = stories::transfer(&accounts[0], &accounts[1], "0.01");
        // It may have been in the queue before; then it was never worked on, or is tried again under its key.
        customer.pay("/api/transactions/transfer", &body).expect_unavailable();
        assert!(started.elapsed() < TOLD_WITHIN, "told only after {:?}", started.elapsed());
    }
}

#[test]
fn a_database_that_hangs_costs_503s_in_time_and_nothing_else() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let cluster = Cluster::create(&[]);
    let bank = Bank::at(cluster.url());
    let server = bank.serve();
    let ann = server.register("ann");
    let accounts = [ann.open_account_with("1000.00"), ann.open_account("USD")];
    let body = stories::transfer(&accounts[0], &accounts[1], "1.00");
    let halted = cluster.halt();
    let askers: Vec<_> = (0..ORDERS_WHILE_IT_HANGS)
        .map(|number| {
            let (ann, body, account) = (ann.clone(), body.clone(), accounts[0].clone());
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(500 * number));
                let started = Instant::now();
                let key = format!("while-it-hangs-{number}");
                ann.pay_as(&key, "/api/transactions/transfer", &body).expect_unavailable();
                ann.get(&format!("/api/accounts/{account}/balance")).expect_unavailable();
                (key, started.elapsed())
            })
        })
        .collect();
    let asked: Vec<(String, Duration)> = askers.into_iter().map(|asker| asker.join().expect("they are told")).collect();
    ann.get("/ready").expect_unavailable();
    ann.get("/health").expect(200);
    println!("told after {:?}", asked.iter().map(|(_, took)| took).collect::<Vec<_>>());
    assert!(asked.iter().all(|(_, took)| *took < 2 * HANG_TOLD_WITHIN));
    drop(halted);
    eventually("the bank is ready again", RECOVERED_WITHIN, || ann.get("/ready").status == 200);
    // Whatever became of each, under its key it is done once.
    for (key, _) in &asked {
        ann.pay_as(key, "/api/transactions/transfer", &body).expect(201);
    }
    assert_eq!(ann.balances(&accounts[1]).0, format!("{ORDERS_WHILE_IT_HANGS}.00"));
    server.stop();
    bank.expect_verified();
}
