//! A dump that is restored on another PostgreSQL, whose transaction numbers begin anew: what happened goes on where it was.

use std::process::Command;
use std::time::Duration;
use stories::{Bank, Books, Cluster, Load, Random, eventually, run};

fn psql(url: &str, arguments: &[&str]) {
    let mut command = Command::new("psql");
    command.arg(url).args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]).args(arguments);
    run(command).expect_success();
}

/// Where the stream ends, and everybody is who follows it.
fn positions(bank: &Bank) -> Vec<(String, i64)> {
    let listed = bank.run(&["events", "list"]).expect_success();
    let lines = listed.lines().skip(1).take_while(|line| !line.is_empty());
    let position = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next().expect("a consumer has a name").to_owned();
        (name, words.next().and_then(|position| position.parse().ok()).expect("and a position"))
    };
    lines.map(position).collect()
}

#[test]
fn events_go_on_where_they_were_on_a_server_whose_transactions_begin_anew() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let old = Cluster::create(&[]);
    psql(
        &old.url(),
        &["--command", "DO $$ BEGIN FOR i IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"],
    );
    let bank = Bank::at(old.url());
    let server = bank.serve();
    let mut books = Books::open(&server);
    let customer = books.customer(&server);
    let mut random = Random::from_environment(13);
    let load = Load::start(&customer, &books.accounts(), random.any());
    std::thread::sleep(Duration::from_secs(1));
    books.book(&load.finish());
    // Some events have their place already, and some may not.
    server.kill();
    let before = positions(&bank);
    let dump = bank.folder().join("dump.sql");
    let mut dumping = Command::new("pg_dump");
    dumping.arg(old.url()).arg("--file").arg(&dump);
    run(dumping).expect_success();
    let new = Cluster::create(&[]);
    psql(&new.url(), &["--file", dump.to_str().expect("the path is UTF-8")]);
    old.stop();
    let bank = bank.moved_to(new.url());
    let server = bank.serve();
    let customer = books.customer(&server);
    let load = Load::start(&customer, &books.accounts(), random.any());
    std::thread::sleep(Duration::from_secs(1));
    let memory = load.finish();
    assert!(memory.settled() > 0, "money moves there");
    books.book(&memory);
    eventually("all that happened has its place", Duration::from_secs(30), || {
        let after = positions(&bank);
        after.iter().zip(&before).all(|((_, after), (_, before))| after > before)
    });
    server.stop();
    bank.expect_verified();
}
