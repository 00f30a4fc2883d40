//! On PostgreSQL the bank serves as a role that may change rows and nothing else, once the owner has made the tables.

use crate::past_the_bank::{execute, on_server};
use db::Engine;
use stories::{Bank, Books, Load, Random};

/// What the documentation tells the owner to run.
const GRANTS: &str = include_str!("../../deploy/postgres/grants.sql");

/// The role goes when the story ends; roles belong to the whole server.
struct Role {
    name: String,
    admin_url: String,
}

impl Drop for Role {
    fn drop(&mut self) {
        let drop_role = format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name);
        on_server(&self.admin_url, async |client| client.batch_execute(&drop_role).await);
    }
}

#[test]
fn the_bank_serves_as_a_role_that_may_only_change_rows() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let owner = Bank::on(Engine::Postgres);
    let admin_url = owner.database_url().expect("it is on a server").to_owned();
    let name = format!("florin_serve_{}", std::process::id());
    execute(&owner, &format!("CREATE ROLE {name} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC"));
    let role = Role { name, admin_url: admin_url.clone() };
    let (scheme, rest) = admin_url.split_once("://").expect("a URL has a scheme");
    let (_, place) = rest.split_once('@').expect("the URL names a role");
    let bank = Bank::at(format!("{scheme}://{}@{place}", role.name));

    let refused = bank.run(&["migrate"]).expect_refusal();
    assert!(refused.contains("run `florin migrate` as their owner first"), "{refused}");
    owner.run(&["migrate"]).expect_success();
    execute(&owner, &GRANTS.replace("florin_serve", &role.name));

    let server = bank.serve();
    let mut books = Books::open(&server);
    let customer = books.customer(&server);
    let load = Load::start(&customer, &books.accounts(), Random::from_environment(5).any());
    std::thread::sleep(std::time::Duration::from_millis(500));
    let memory = load.finish();
    books.book(&memory);
    books.expect_balances(&customer);
    let accounts = books.accounts();
    let hold = stories::transfer(&accounts[0], &accounts[1], "0.01");
    customer.pay("/api/transactions/hold", &hold).expect(201);
    server.stop();
    assert!(!server_complained(&bank), "something was not allowed");
    bank.expect_verified();
    let by_role = bank.database_url().expect("it is on a server");
    for past in [
        "UPDATE ledger_posting SET amount_minor = 0",
        "DELETE FROM payments_transaction",
        "DELETE FROM accounts_account",
        "DELETE FROM auth_user",
        "DELETE FROM events_outbox",
        "DELETE FROM store_mark",
        "UPDATE store_migration SET number = 0",
    ] {
        let refused = on_server(by_role, async |client| Ok(client.batch_execute(past).await.err()));
        assert!(refused.is_some_and(|error| error.code().is_some_and(|code| code.code() == "42501")), "{past}");
    }
    drop(bank);
    drop(role);
}

fn server_complained(bank: &Bank) -> bool {
    let log = std::fs::read_to_string(bank.folder().join("server.log")).unwrap_or_default();
    log.contains("permission denied")
}
