//! Killed with -9 at any moment: what was acknowledged is there once, what was not is settled by trying its key again.

use std::time::{Duration, Instant};
use stories::{Books, Load, Random, on_each_engine};

const ROUNDS: usize = 20;

#[test]
fn killed_under_load_every_acknowledged_transfer_is_there_once() {
    on_each_engine(|bank| {
        let mut random = Random::from_environment(20);
        let started = Instant::now();
        let mut server = bank.serve();
        let mut books = Books::open(&server);
        for round in 1..=ROUNDS {
            let load = Load::start(&books.customer(&server), &books.accounts(), random.any());
            std::thread::sleep(Duration::from_millis(random.between(50, 400)));
            server.kill();
            let mut memory = load.finish();
            let unknown = memory.unknown.len();
            bank.expect_verified();

            server = bank.serve();
            let customer = books.customer(&server);
            memory.resolve(&customer);
            println!("round {round}: {} done, {unknown} unknown at the kill", memory.settled());
            books.book(&memory);
            books.expect_balances(&customer);
            books.expect_kept(&customer, &memory);
        }
        books.expect_histories(&books.customer(&server));
        if bank.engine() == db::Engine::Postgres {
            bank.expect_verified();
        }
        server.stop();
        bank.expect_verified();
        println!("{} transfers in {ROUNDS} rounds, {:?}", books.settled(), started.elapsed());
    });
}
