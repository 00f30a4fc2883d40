//! Killed between the second person's yes and the money, an adjustment still happens, and happens once.

use serde_json::json;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use stories::{Bank, Client, PASSWORD, Server, on_each_engine, until_some};

/// How long an approval has no answer before the point counts as reached.
const HANGS_AFTER: Duration = Duration::from_secs(1);
const DONE_WITHIN: Duration = Duration::from_secs(30);

#[test]
fn killed_at_each_point_of_an_approved_adjustment_the_money_moves_once() {
    on_each_engine(|bank| {
        for username in ["one", "two"] {
            let mut command = bank.command(&["admin", "create", "--username", username]);
            command.env("FLORIN_ADMIN_PASSWORD", PASSWORD);
            stories::run(command).expect_success();
        }
        let server = bank.serve();
        let ann = server.register("ann");
        let account = ann.open_account("USD");
        let token = ann.token().expect("a customer is logged in").to_owned();
        server.stop();
        for (dollars, point) in [
            (1, "approvals::after_decision=pause"),
            (2, "poster::before_commit=pause"),
            (3, "poster::after_commit=pause"),
            (4, "approvals::after_posting=pause"),
        ] {
            println!("{point}");
            let server = bank.serve_with(&["serve"], &[("FAILPOINTS", point)]);
            let approval = request(&server, &account);
            approve_and_die(server, &approval, point);
            bank.expect_verified();

            let server = bank.serve();
            let two = server.log_in("two", PASSWORD);
            let status = || two.get(&approval).expect(200)["status"].clone();
            until_some("the adjustment is executed", DONE_WITHIN, || (status() == "EXECUTED").then_some(()));
            expect_dollars(&server.client(&token), &account, dollars);
            assert_eq!(two.post(&format!("{approval}/approve"), &json!({})).expect(200)["status"], "EXECUTED");
            expect_dollars(&server.client(&token), &account, dollars);
            server.stop();
            bank.expect_verified();
        }
        expect_one_transaction_each(&bank, &token, &account, 4);
    });
}

/// One administrator asks for a dollar; gives the approval's path.
fn request(server: &Server, account: &str) -> String {
    let body = json!({ "accountId": account, "amount": "1.00", "currency": "USD", "reason": "A fee that was wrong" });
    let asked = server.log_in("one", PASSWORD).pay("/api/admin/adjustments", &body).expect(202);
    format!("/api/admin/approvals/{}", asked["id"].as_str().expect("an approval has an id"))
}

/// The other one says yes to a server that stops at the point, and is killed there.
fn approve_and_die(server: Server, approval: &str, point: &str) {
    let two = server.log_in("two", PASSWORD);
    let path = format!("{approval}/approve");
    let (sender, answers) = channel();
    let approving = std::thread::spawn(move || {
        // The story may have given up on it.
        drop(sender.send(two.try_send(("POST", &path), None, "{}")));
    });
    let early = answers.recv_timeout(HANGS_AFTER);
    assert!(
        matches!(early, Err(RecvTimeoutError::Timeout)),
        "{point} did not stop the approval; is the binary built with --features florin/failpoints? {early:?}"
    );
    server.kill();
    let answer = answers.recv_timeout(HANGS_AFTER * 10).expect("the connection breaks with the server");
    assert!(answer.is_err(), "{point}: answered by a dead server: {answer:?}");
    approving.join().expect("the client does not panic");
}

fn expect_dollars(ann: &Client, account: &str, dollars: i64) {
    let amount = stories::decimal(dollars * 100, 2);
    assert_eq!(ann.balances(account), (amount.clone(), amount));
}

fn expect_one_transaction_each(bank: &Bank, token: &str, account: &str, count: usize) {
    let server = bank.serve();
    let moved = server.client(token).get(&format!("/api/transactions/account/{account}")).expect(200);
    let moved = moved["data"].as_array().expect("a page has data");
    assert!(moved.len() == count && moved.iter().all(|transaction| transaction["type"] == "ADJUSTMENT"), "{moved:?}");
    server.stop();
}
