//! Files that a process may have open, which connections are too: however few there are, strangers do not take those that the
//! bank needs.

use db::Engine;
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use stories::{Bank, Server, on_each_engine, run, transfer};

const LIMITS_ON: [(&str, &str); 1] = [("FLORIN_RATE_LIMIT", "on")];

/// Connections on which nothing is ever asked, from as many addresses, as many as each of them gets.
fn idle(server: &Server, addresses: u8, of_each: usize) -> Vec<TcpStream> {
    let from = |number: u8| server.seen_from(IpAddr::V4(Ipv4Addr::new(127, 0, 1, number)));
    (1..=addresses).flat_map(|number| (0..of_each).filter_map(move |_| from(number).connect().ok())).collect()
}

#[test]
fn idle_strangers_never_take_what_the_bank_needs() {
    on_each_engine(|bank| {
        let server = bank.serve_under("-n 256", &LIMITS_ON);
        assert_eq!(server.files_max(), 256);
        // Seen from everywhere there are more of them than files.
        let strangers = idle(&server, 20, 16);
        assert!(strangers.len() > 256, "{}", strangers.len());
        let ann = server.register("ann");
        let (source, destination) = (ann.open_account_with("10.00"), ann.open_account("USD"));
        let pay = || ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "1.00")).expect(201);
        (0..5).for_each(|_| drop(pay()));
        assert!(!server.log().contains("Too many open files"), "{}", server.log());
        drop(strangers);
        assert_eq!(ann.balances(&destination).0, "5.00");
        server.stop();
        bank.expect_verified();
    });
}

#[test]
fn a_low_soft_limit_is_raised_as_far_as_it_may_be() {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve_under("-Sn 200; ulimit -Hn 700", &LIMITS_ON);
    assert_eq!(server.files_max(), 700);
    server.stop();
}

#[test]
fn a_server_that_could_hardly_open_a_file_does_not_start() {
    let bank = Bank::on(Engine::Sqlite);
    let said = run(bank.command_under("-n 100", &["serve"])).expect_refusal();
    assert!(said.contains("only 100 files may be open") && said.contains("192"), "{said}");
}
