//! Why was this refused? What the bank's own people find out, and who is asked in vain.

use crate::bank::{transfer, with_bank};
use identity::Role;
use serde_json::json;

const PATH: &str = "/api/transactions/transfer";

#[test]
fn a_teller_finds_out_why_a_transfer_was_refused_by_the_name_of_the_request() {
    with_bank(async |bank| {
        let (ann, bob, tom) =
            (bank.customer("ann").await, bank.customer("bob").await, bank.staff("tom", Role::Teller).await);
        let (source, destination) = (ann.account_with("1.00").await, bob.account().await);
        let refused = ann.pay(PATH, &transfer(&source, &destination, "2.50")).await;
        refused.expect_error(422, "INSUFFICIENT_FUNDS");
        let request_id = refused.header("x-request-id").unwrap();

        let page = tom.get(&format!("/api/admin/refusals?requestId={request_id}")).await.expect(200);
        assert_eq!(page["data"].as_array().unwrap().len(), 1, "{page}");
        let found = page["data"][0].clone();
        let figures =
            json!({ "accountId": source, "available": "1.00", "overdraftLimit": "0.00", "requested": "2.50" });
        for (field, expected) in [
            ("command", json!("TRANSFER")),
            ("reason", json!("INSUFFICIENT_FUNDS")),
            ("figures", figures),
            ("requestId", json!(request_id)),
            ("transactionId", json!(null)),
            ("sourceAccountId", json!(source)),
            ("destinationAccountId", json!(destination)),
            ("amount", json!("2.50")),
            ("currency", json!("USD")),
        ] {
            assert_eq!(found[field], expected, "{field}");
        }
        assert_eq!(found["actor"]["userId"], json!(ann.id().await));
        for query in [format!("account={source}"), format!("account={destination}"), format!("user={}", ann.id().await)]
        {
            assert_eq!(tom.get(&format!("/api/admin/refusals?{query}")).await.expect(200)["data"], page["data"]);
        }
        let nobody = tom.get(&format!("/api/admin/refusals?user={}", bob.id().await)).await.expect(200);
        assert_eq!(nobody["data"], json!([]));
    });
}

#[test]
fn refusals_come_newest_first_in_pages_and_by_one_thing_at_a_time() {
    with_bank(async |bank| {
        let (ann, ada) = (bank.customer("ann").await, bank.staff("ada", Role::Auditor).await);
        let (source, destination) = (ann.account().await, ann.account().await);
        for amount in ["1.00", "2.00", "3.00"] {
            ann.pay(PATH, &transfer(&source, &destination, amount)).await.expect(422);
        }
        let path = format!("/api/admin/refusals?account={source}&limit=2");
        let first = ada.get(&path).await.expect(200);
        let second = ada.get(&format!("{path}&cursor={}", first["nextCursor"].as_str().unwrap())).await.expect(200);
        let amounts: Vec<_> = [&first, &second]
            .iter()
            .flat_map(|page| page["data"].as_array().unwrap().iter().map(|one| one["amount"].clone()))
            .collect();
        assert_eq!(amounts, [json!("3.00"), json!("2.00"), json!("1.00")]);
        assert_eq!(second["nextCursor"], json!(null));
        for query in [format!("account={source}&user={}", ann.id().await), "requestId=a%20b".to_owned()] {
            ada.get(&format!("/api/admin/refusals?{query}")).await.expect_error(400, "INVALID_REQUEST");
        }
    });
}

#[test]
fn refusals_are_shown_to_the_banks_own_people_themselves_alone() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        ann.get("/api/admin/refusals").await.expect_error(403, "FORBIDDEN");
        bank.send("GET", "/api/admin/refusals").await_answer().await.expect_error(401, "UNAUTHENTICATED");
        for (name, role) in [("t", Role::Teller), ("y", Role::Analyst), ("a", Role::Admin), ("u", Role::Auditor)] {
            let staff = bank.staff(&format!("staff{name}"), role).await;
            staff.get("/api/admin/refusals").await.expect(200);
            let body = json!({ "name": "reader", "scopes": ["transactions:read"] });
            let made = staff.post("/api/auth/api-keys", &body).await.expect(201);
            let program = bank.person(made["key"].as_str().unwrap());
            program.get("/api/admin/refusals").await.expect_error(403, "SESSION_REQUIRED");
        }
    });
}
