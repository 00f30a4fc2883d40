//! PgBouncer between the bank and PostgreSQL: a session of one's own works without any setting; what is shared between
//! transactions or statements is refused at the start, with a hint.

use db::Engine;
use std::time::Duration;
use stories::{Answer, Bank, Books, Load, PgBouncer, Random, eventually};

const NOTICED_WITHIN: Duration = Duration::from_secs(3);
const UNDER_LOAD: Duration = Duration::from_secs(2);

/// A bank, and its database behind a pooler in this mode.
fn behind(bank: &Bank, lines: &[&str]) -> Option<PgBouncer> {
    PgBouncer::start(bank.database_url().expect("it is on a server"), lines)
}

#[test]
fn a_pooler_that_gives_sessions_works() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let direct = Bank::on(Engine::Postgres);
    let Some(pooler) = behind(&direct, &["pool_mode = session"]) else { return };
    let bank = Bank::at(pooler.url());
    let server = bank.serve();
    let mut books = Books::open(&server);
    let customer = books.customer(&server);
    let load = Load::start(&customer, &books.accounts(), Random::from_environment(9).any());
    std::thread::sleep(UNDER_LOAD);
    let memory = load.finish();
    println!("{} done", memory.settled());
    assert!(memory.settled() > 0 && memory.unknown.is_empty() && memory.turned_away.is_empty(), "{memory:?}");
    books.book(&memory);
    books.expect_balances(&customer);
    customer.get("/ready").expect(200);
    drop(pooler);
    eventually("it is not ready", NOTICED_WITHIN, || customer.get("/ready").status == 503);
    customer.get("/ready").expect_unavailable();
    server.stop();
    direct.expect_verified();
}

#[test]
fn a_pooler_that_shares_sessions_is_refused_with_a_hint() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let direct = Bank::on(Engine::Postgres);
    for lines in [
        &["pool_mode = transaction"][..],
        &["pool_mode = transaction", "ignore_startup_parameters = options"],
        &["pool_mode = transaction", "server_round_robin = 1", "min_pool_size = 5"],
        &["pool_mode = transaction", "default_pool_size = 1"],
        &["pool_mode = statement"],
    ] {
        let Some(pooler) = behind(&direct, lines) else { return };
        let refused = Bank::at(pooler.url()).run(&["serve"]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        let said = refused.stderr.lines().last().unwrap_or_default();
        assert!(said.contains("a session of its own") && said.contains("pool_mode = session"), "{lines:?}: {said}");
    }
    let Some(pooler) = behind(&direct, &["pool_mode = session"]) else { return };
    let url = format!("{}?options=-c%20work_mem%3D8MB", pooler.url());
    let said = Bank::at(url).run(&["serve"]).expect_refusal();
    assert!(said.contains("unsupported startup parameter") && said.contains("ignore_startup_parameters"), "{said}");
}

#[test]
fn a_pooler_that_starts_sharing_while_the_bank_runs_costs_503s_and_nothing_else() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let direct = Bank::on(Engine::Postgres);
    let Some(mut pooler) = behind(&direct, &["pool_mode = session"]) else { return };
    let bank = Bank::at(pooler.url());
    let server = bank.serve();
    let mut books = Books::open(&server);
    let customer = books.customer(&server);
    pooler.restart(&["pool_mode = transaction"]);
    let load = Load::start(&customer, &books.accounts(), Random::from_environment(10).any());
    std::thread::sleep(UNDER_LOAD);
    let mut memory = load.finish();
    println!("{} done, {} turned away", memory.settled(), memory.turned_away.len());
    assert_eq!(memory.unknown.len(), memory.turned_away.len(), "every request got an answer");
    memory.turned_away.iter().for_each(Answer::expect_unavailable);
    pooler.restart(&["pool_mode = session"]);
    memory.resolve(&customer);
    books.book(&memory);
    books.expect_balances(&customer);
    server.stop();
    direct.expect_verified();
}
