//! Who stands on the other side of a transaction, whose account a number is, and what would become of a transfer.

use crate::bank::{Bank, Person, deposit, open_door, transfer, with_bank, with_front_door};
use crate::second_factors::{customer_with_app, step_up};
use http_edge::{FrontDoorSettings, RateLimits};
use identity::Role;
use serde_json::{Value, json};

const LOOKUP: &str = "/api/payees/lookup";
const PREVIEW: &str = "/api/transactions/transfer/preview";

async fn number_of(person: &Person<'_>, account: &str) -> String {
    let account = person.get(&format!("/api/accounts/{account}")).await.expect(200);
    account["accountNumber"].as_str().unwrap().to_owned()
}

fn seen(transaction: &Value) -> (Value, Value) {
    (transaction["direction"].clone(), transaction["counterparty"].clone())
}

async fn one(person: &Person<'_>, id: &str) -> (Value, Value) {
    seen(&person.get(&format!("/api/transactions/{id}")).await.expect(200))
}

async fn of_account(person: &Person<'_>, account: &str) -> Vec<(Value, Value)> {
    let page = person.get(&format!("/api/transactions/account/{account}")).await.expect(200);
    page["data"].as_array().unwrap().iter().map(seen).collect()
}

fn customer(name: &str, number: &str) -> Value {
    json!({ "kind": "CUSTOMER", "name": name, "accountLast4": number[number.len() - 4..] })
}

#[test]
fn each_side_sees_the_other_by_name_with_the_end_of_the_number() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob.builder").await);
        let (mine, theirs) = (ann.account_with("100.00").await, bob.account().await);
        let (my_number, their_number) = (number_of(&ann, &mine).await, number_of(&bob, &theirs).await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&mine, &theirs, "30.00")).await.expect(201);
        let held = ann.pay("/api/transactions/hold", &transfer(&mine, &theirs, "20.00")).await.expect(201);
        // An answer is given again to the byte: it says no names.
        assert_eq!(seen(&paid), (Value::Null, Value::Null));
        for id in [&paid, &held].map(|made| made["id"].as_str().unwrap()) {
            assert_eq!(one(&ann, id).await, (json!("OUT"), customer("bob.builder", &their_number)));
            assert_eq!(one(&bob, id).await, (json!("IN"), customer("ann", &my_number)));
        }
        let cash = (json!("IN"), json!({ "kind": "BANK", "name": null, "accountLast4": null }));
        let out = (json!("OUT"), customer("bob.builder", &their_number));
        assert_eq!(of_account(&ann, &mine).await, [out.clone(), out, cash]);
        assert_eq!(of_account(&bob, &theirs).await, vec![(json!("IN"), customer("ann", &my_number)); 2]);
    });
}

#[test]
fn between_ones_own_accounts_the_money_stays_and_each_of_them_sees_the_other() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (from, to) = (ann.account_with("10.00").await, ann.account().await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&from, &to, "4.00")).await.expect(201);
        let own =
            |number: &str| json!({ "kind": "OWN", "name": "Everyday", "accountLast4": number[number.len() - 4..] });
        let (from_number, to_number) = (number_of(&ann, &from).await, number_of(&ann, &to).await);
        assert_eq!(one(&ann, paid["id"].as_str().unwrap()).await, (json!("OWN"), own(&to_number)));
        assert_eq!(of_account(&ann, &from).await[0], (json!("OUT"), own(&to_number)));
        assert_eq!(of_account(&ann, &to).await[0], (json!("IN"), own(&from_number)));
    });
}

#[test]
fn staff_see_names_from_the_account_that_they_look_at_and_none_where_they_stand_on_no_side() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let teller = bank.staff("tess", Role::Teller).await;
        let (mine, theirs) = (ann.account_with("10.00").await, bob.account().await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&mine, &theirs, "4.00")).await.expect(201);
        let number = number_of(&bob, &theirs).await;
        assert_eq!(of_account(&teller, &mine).await[0], (json!("OUT"), customer("bob", &number)));
        assert_eq!(one(&teller, paid["id"].as_str().unwrap()).await, (Value::Null, Value::Null));
    });
}

#[test]
fn only_an_imported_history_names_somebody_whom_the_bank_does_not_know() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let owner = ids::UserId::parse(&ann.id().await).unwrap();
        let imported = bank.imported_account_from("Baker Street Flats", owner).await;
        let named = json!({ "kind": "EXTERNAL", "name": "Baker Street Flats", "accountLast4": null });
        assert_eq!(of_account(&ann, &imported).await, [(json!("IN"), named)]);
        let mut order = deposit(&imported, "1.00");
        order["metadata"] = json!({ "counterparty": "Florin Bank" });
        ann.pay("/api/transactions", &order).await.expect(201);
        assert_eq!(of_account(&ann, &imported).await[0].1["name"], Value::Null);
    });
}

#[test]
fn a_number_tells_the_first_letters_of_a_name_and_whether_another_fits() {
    with_bank(async |bank| {
        let (ann, maria) = (bank.customer("ann").await, bank.customer("maria.weber").await);
        let (mine, theirs) = (ann.account().await, maria.account().await);
        let number = number_of(&maria, &theirs).await;
        let grouped = number.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect::<Vec<_>>();
        for (name, expected) in [
            (None, Value::Null),
            (Some("Maria Weber"), json!("FULL")),
            (Some("Maria Webber"), json!("CLOSE")),
            (Some("Somebody Else"), json!("NONE")),
        ] {
            let asked = json!({ "accountNumber": grouped.join(" "), "name": name });
            let told = ann.post(LOOKUP, &asked).await.expect(200);
            let last = &number[number.len() - 4..];
            let expected =
                json!({ "kind": "CUSTOMER", "name": "m••• w•••", "accountLast4": last, "nameMatch": expected });
            assert_eq!(told, expected, "{name:?}");
        }
        let own = ann.post(LOOKUP, &json!({ "accountNumber": number_of(&ann, &mine).await })).await.expect(200);
        assert_eq!((&own["kind"], &own["name"]), (&json!("OWN"), &json!("Everyday")));
        let unknown = ann.post(LOOKUP, &json!({ "accountNumber": "XF57FLRN5601189131574063" })).await;
        unknown.expect_error(404, "INVALID_ACCOUNT");
        for body in [
            json!({ "accountNumber": "XF11" }),
            json!({ "accountNumber": number, "name": "" }),
            json!({ "accountNumber": number, "name": "x".repeat(101) }),
            json!({ "accountNumber": number, "names": "x" }),
        ] {
            ann.post(LOOKUP, &body).await.expect_error(400, "INVALID_REQUEST");
        }
    });
}

#[test]
fn an_account_of_nobody_has_no_name() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let imported = bank.imported_account().await;
        let admin = bank.admin("root").await;
        let told = ann.post(LOOKUP, &json!({ "accountNumber": number_of(&admin, &imported).await, "name": "x" })).await;
        let told = told.expect(200);
        assert_eq!(
            (&told["kind"], &told["name"], &told["nameMatch"]),
            (&json!("CUSTOMER"), &Value::Null, &Value::Null)
        );
    });
}

#[test]
fn nobody_collects_names() {
    let door = FrontDoorSettings { rate_limits: RateLimits::InProcess, ..open_door() };
    with_front_door(&door, async |bank| {
        let ann = bank.customer("ann").await;
        let asked = json!({ "accountNumber": "XF57FLRN5601189131574063" });
        for _ in 0..30 {
            ann.post(LOOKUP, &asked).await.expect_error(404, "INVALID_ACCOUNT");
        }
        let refused = ann.post(LOOKUP, &asked).await.expect_error(429, "RATE_LIMITED");
        assert_eq!(refused["details"]["limit"], "lookups-user");
        ann.get("/api/accounts").await.expect(200);
    });
}

#[test]
fn a_preview_says_what_would_be_left_and_nothing_happens() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (mine, theirs) = (ann.account_with("100.00").await, bob.account().await);
        let number = number_of(&bob, &theirs).await;
        let told = ann.post(PREVIEW, &transfer(&mine, &number, "30.00")).await.expect(200);
        let after = json!({ "accountId": mine, "balance": "70.00", "availableBalance": "70.00" });
        let expected = json!({
            "amount": "30.00", "currency": "USD", "fee": "0.00", "arrival": "AT_ONCE", "balanceAfter": after,
            "stepUp": null, "isNewPayee": null,
        });
        assert_eq!(told, expected);
        assert_nothing_happened(&bank, &ann, &mine).await;
    });
}

#[test]
fn a_preview_is_refused_as_the_transfer_would_be() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (mine, theirs) = (ann.account_with("100.00").await, bob.account_with("9.00").await);
        let euros = bob.account_in("EUR").await;
        let short = ann.post(PREVIEW, &transfer(&mine, &theirs, "100.01")).await;
        assert_eq!(short.expect_error(422, "INSUFFICIENT_FUNDS")["details"]["available"], "100.00");
        ann.post(PREVIEW, &transfer(&mine, &mine, "1.00")).await.expect_error(400, "SAME_ACCOUNT");
        ann.post(PREVIEW, &transfer(&mine, &euros, "1.00")).await.expect_error(422, "CURRENCY_MISMATCH");
        ann.post(PREVIEW, &transfer(&theirs, &mine, "1.00")).await.expect_error(404, "INVALID_ACCOUNT");
        let nowhere = ids::AccountId::generate().to_string();
        ann.post(PREVIEW, &transfer(&mine, &nowhere, "1.00")).await.expect_error(404, "INVALID_ACCOUNT");
        ann.post(PREVIEW, &transfer(&mine, &theirs, "0")).await.expect_error(400, "INVALID_REQUEST");
        bob.send("DELETE", &format!("/api/accounts/{euros}")).await_answer().await.expect(200);
        for (path, who) in
            [(PREVIEW, bank.staff("aude", Role::Auditor).await), (PREVIEW, bank.staff("ines", Role::Analyst).await)]
        {
            who.post(path, &transfer(&mine, &theirs, "1.00")).await.expect_error(403, "FORBIDDEN");
        }
        assert_nothing_happened(&bank, &ann, &mine).await;
    });
}

#[test]
fn a_preview_says_for_what_a_proof_would_be_asked_and_counts_nothing() {
    with_bank(async |bank| {
        let (old, secret) = customer_with_app(&bank, "ann").await;
        let bob = bank.customer("bob").await;
        let (mine, theirs) = (old.account_with("9000.00").await, bob.account().await);
        let (other, sum) = (old.account().await, "700.00");
        let ask = async |person: &Person<'_>, to: &str, amount: &str| {
            let told = person.post(PREVIEW, &transfer(&mine, to, amount)).await.expect(200);
            (told["stepUp"].clone(), told["isNewPayee"].clone())
        };
        assert_eq!(ask(&old, &theirs, "1.00").await, (json!("NEW_PAYEE"), json!(true)));
        assert_eq!(ask(&old, &theirs, "1000.01").await, (json!("AMOUNT"), json!(true)));
        assert_eq!(ask(&old, &other, "1.00").await, (Value::Null, json!(false)));
        let fresh = step_up(&bank, &old, &secret).await;
        assert_eq!(ask(&fresh, &theirs, "5000.00").await, (Value::Null, json!(true)));
        fresh.pay("/api/transactions/transfer", &transfer(&mine, &theirs, "1.00")).await.expect(201);
        // However often it is asked, nothing of it counts.
        for _ in 0..3 {
            assert_eq!(ask(&old, &theirs, sum).await, (Value::Null, json!(false)));
        }
        old.pay("/api/transactions/transfer", &transfer(&mine, &theirs, sum)).await.expect(201);
        assert_eq!(ask(&old, &theirs, "300.00").await, (Value::Null, json!(false)));
        assert_eq!(ask(&old, &theirs, "300.01").await, (json!("AMOUNT"), json!(false)));
        old.pay("/api/transactions/transfer", &transfer(&mine, &theirs, "300.00")).await.expect(201);
    });
}

/// The account has what was paid in, in one transaction, and nobody is told of a refusal.
async fn assert_nothing_happened(bank: &Bank, person: &Person<'_>, account: &str) {
    assert_eq!(person.balance(account).await, "100.00");
    let page = person.get(&format!("/api/transactions/account/{account}")).await.expect(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    let refusals = bank.staff("rita", Role::Auditor).await.get("/api/admin/refusals").await.expect(200);
    assert_eq!(refusals["data"], json!([]));
}
