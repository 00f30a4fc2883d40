//! Accounts: opening, showing, changing, closing, and their balances.

use crate::bank::{deposit, transfer, with_bank};
use serde_json::{Value, json};

#[test]
fn an_account_is_opened_and_shown() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let body = json!({ "name": " Rainy days ", "type": "SAVINGS", "currency": "JPY" });
        let opened = ann.post("/api/accounts", &body).await.expect(201);
        let id = opened["id"].as_str().unwrap();
        assert_eq!(ann.get(&format!("/api/accounts/{id}")).await.expect(200), opened);
        let me = ann.get("/api/auth/me").await.expect(200);
        let fields: Vec<&str> = opened.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "accountNumber",
            "availableBalance",
            "balance",
            "createdAt",
            "currency",
            "externalRef",
            "heldBalance",
            "id",
            "name",
            "overdraftLimit",
            "status",
            "type",
            "updatedAt",
            "userId",
        ];
        assert_eq!(fields, expected);
        assert_eq!(opened["userId"], me["id"]);
        for (field, value) in [("name", "Rainy days"), ("type", "SAVINGS"), ("currency", "JPY"), ("status", "ACTIVE")] {
            assert_eq!(opened[field], value);
        }
        for field in ["balance", "availableBalance", "heldBalance", "overdraftLimit"] {
            assert_eq!(opened[field], "0");
        }
    });
}

#[test]
fn an_account_needs_a_name_a_type_and_a_currency_that_exist() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let good = json!({ "name": "Everyday", "type": "CHECKING", "currency": "USD" });
        for (field, value) in [
            ("name", ""),
            ("name", "a\nb"),
            ("type", "checking"),
            ("currency", "usd"),
            ("currency", "XXX"),
            ("currency", "HRK"),
        ] {
            let mut body = good.clone();
            body[field] = value.into();
            let error = ann.post("/api/accounts", &body).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], field, "{value:?}");
        }
    });
}

#[test]
fn an_account_without_a_name_is_called_after_its_type() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        for (kind, name) in [
            ("CHECKING", "Checking account"),
            ("SAVINGS", "Savings account"),
            ("CHECKING", "Checking account 2"),
            ("BUSINESS", "Business account"),
        ] {
            let body = json!({ "type": kind, "currency": "USD" });
            let opened = ann.post("/api/accounts", &body).await.expect(201);
            assert_eq!(ann.get(&format!("/api/accounts/{}", opened["id"].as_str().unwrap())).await.expect(200), opened);
            assert_eq!(opened["name"], name);
        }
        let bob = bank.customer("bob").await;
        let body = json!({ "name": null, "type": "CHECKING", "currency": "EUR" });
        assert_eq!(bob.post("/api/accounts", &body).await.expect(201)["name"], "Checking account");
    });
}

#[test]
fn customers_list_their_own_accounts_and_administrators_all() {
    with_bank(async |bank| {
        let (ann, bob, root) = (bank.customer("ann").await, bank.customer("bob").await, bank.admin("root").await);
        let mut mine = Vec::new();
        for _ in 0..5 {
            mine.push(ann.account().await);
            bob.account().await;
        }
        assert_eq!(walk(&ann, 2).await, mine);
        assert_eq!(walk(&ann, 5).await, mine);
        assert_eq!(walk(&root, 3).await.len(), 10);
        let page = ann.get("/api/accounts").await.expect(200);
        assert_eq!((page["data"].as_array().unwrap().len(), &page["nextCursor"]), (5, &Value::Null));
    });
}

async fn walk(person: &crate::bank::Person<'_>, limit: u32) -> Vec<String> {
    let mut found = Vec::new();
    let mut path = format!("/api/accounts?limit={limit}");
    loop {
        let page = person.get(&path).await.expect(200);
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= limit as usize && !data.is_empty());
        found.extend(data.iter().map(|account| account["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else { return found };
        path = format!("/api/accounts?limit={limit}&cursor={cursor}");
    }
}

#[test]
fn owners_rename_and_administrators_do_the_rest() {
    with_bank(async |bank| {
        let (ann, root) = (bank.customer("ann").await, bank.admin("root").await);
        let path = format!("/api/accounts/{}", ann.account().await);
        let renamed = ann.send("PUT", &path).json(&json!({ "name": "Holidays" })).await.expect(200);
        assert_eq!(renamed["name"], "Holidays");
        for body in [json!({ "status": "FROZEN" }), json!({ "overdraftLimit": "100.00" })] {
            ann.send("PUT", &path).json(&body).await.expect_error(403, "FORBIDDEN");
        }
        root.raise_overdraft(&path, "200.00").await;
        let body = json!({ "name": "Under review", "status": "FROZEN", "overdraftLimit": 100.5 });
        let changed = root.send("PUT", &path).json(&body).await.expect(200);
        assert_eq!((&changed["status"], &changed["name"]), (&json!("FROZEN"), &json!("Under review")));
        assert_eq!(changed["overdraftLimit"], "100.50");
        assert_eq!(root.send("PUT", &path).json(&json!({ "status": "ACTIVE" })).await.expect(200)["status"], "ACTIVE");
        assert_eq!(root.send("PUT", &path).json(&json!({})).await.expect(200)["overdraftLimit"], "100.50");
        for (field, value) in [
            ("status", json!("CLOSED")),
            ("status", json!("frozen")),
            ("overdraftLimit", json!("-1")),
            ("name", json!(" ")),
        ] {
            let error =
                root.send("PUT", &path).json(&json!({ field: value })).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], field);
        }
    });
}

#[test]
fn a_frozen_or_closed_account_says_so() {
    with_bank(async |bank| {
        let (ann, root) = (bank.customer("ann").await, bank.admin("root").await);
        let (frozen, other, closed) = (ann.account().await, ann.account_with("5.00").await, ann.account().await);
        root.send("PUT", &format!("/api/accounts/{frozen}")).json(&json!({ "status": "FROZEN" })).await.expect(200);
        assert_eq!(
            ann.send("DELETE", &format!("/api/accounts/{closed}")).await_answer().await.expect(200)["status"],
            "CLOSED"
        );
        for (account, reason) in [(&frozen, "FROZEN"), (&closed, "CLOSED")] {
            let answers = [
                ann.pay("/api/transactions", &deposit(account, "1.00")).await,
                ann.pay("/api/transactions/transfer", &transfer(&other, account, "1.00")).await,
                ann.pay("/api/transactions/transfer", &transfer(account, &other, "1.00")).await,
            ];
            for answer in answers {
                let error = answer.expect_error(422, "INVALID_ACCOUNT");
                assert_eq!(error["details"], json!({ "accountId": account, "reason": reason }));
            }
        }
        let rename = ann.send("PUT", &format!("/api/accounts/{closed}")).json(&json!({ "name": "Again" })).await;
        assert_eq!(rename.expect_error(422, "INVALID_ACCOUNT")["details"]["reason"], "CLOSED");
        let close = ann.send("DELETE", &format!("/api/accounts/{frozen}")).await_answer().await;
        assert_eq!(close.expect_error(422, "INVALID_ACCOUNT")["details"]["reason"], "FROZEN");
    });
}

#[test]
fn a_stranger_is_not_told_why_an_account_takes_no_part() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (root, ted) = (bank.admin("root").await, bank.staff("ted", identity::Role::Teller).await);
        let (frozen, closed) = (ann.account_with("50.00").await, ann.account().await);
        let source = bob.account_with("50.00").await;
        let (paid, tills) = (ted.account_with("5.00").await, "/api/transactions/transfer");
        let held = ann.pay("/api/transactions/hold", &transfer(&frozen, &source, "5.00")).await.expect(201);
        let got = ann.pay("/api/transactions/transfer", &transfer(&frozen, &source, "5.00")).await.expect(201);
        root.send("PUT", &format!("/api/accounts/{frozen}")).json(&json!({ "status": "FROZEN" })).await.expect(200);
        ann.send("DELETE", &format!("/api/accounts/{closed}")).await_answer().await.expect(200);
        let command = |of: &Value, command: &str| format!("/api/transactions/{}/{command}", of["id"].as_str().unwrap());
        for (account, path, body) in [
            (&frozen, "/api/transactions/transfer".to_owned(), transfer(&source, &frozen, "1.00")),
            (&closed, "/api/transactions/transfer".to_owned(), transfer(&source, &closed, "1.00")),
            (&frozen, "/api/transactions/hold".to_owned(), transfer(&source, &frozen, "1.00")),
            (&frozen, command(&held, "capture"), json!({})),
            (&frozen, command(&got, "refund"), json!({})),
        ] {
            let error = bob.pay(&path, &body).await.expect_error(422, "INVALID_ACCOUNT");
            assert_eq!(error["details"], json!({ "accountId": account, "reason": "UNAVAILABLE" }), "{path}");
        }
        // Who works for the bank knows it anyway.
        let error = ted.pay(tills, &transfer(&paid, &frozen, "1.00")).await.expect_error(422, "INVALID_ACCOUNT");
        assert_eq!(error["details"]["reason"], "FROZEN");
    });
}

#[test]
fn refusals_say_how_much_was_missing() {
    with_bank(async |bank| {
        let (ann, shop) = (bank.customer("ann").await, bank.customer("shop").await);
        let (source, till) = (ann.account_with("10.00").await, shop.account_with("99.00").await);
        let held = ann.pay("/api/transactions/hold", &transfer(&source, &till, "4.00")).await.expect(201);
        let figures = json!({ "accountId": source, "currency": "USD", "available": "6.00", "requested": "6.01" });
        for path in ["/api/transactions/transfer", "/api/transactions/hold"] {
            let error = ann.pay(path, &transfer(&source, &till, "6.01")).await.expect_error(422, "INSUFFICIENT_FUNDS");
            assert_eq!(error["details"], figures, "{path}");
        }
        let capture = format!("/api/transactions/{}/capture", held["id"].as_str().unwrap());
        let error = shop.pay(&capture, &json!({ "amount": "4.01" })).await.expect_error(422, "AMOUNT_EXCEEDS_HOLD");
        let figures = json!({
            "transactionId": held["id"], "field": "amount", "currency": "USD", "requested": "4.01", "limit": "4.00",
        });
        assert_eq!(error["details"], figures);
    });
}

#[test]
fn an_account_with_money_is_not_closed() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account_with("0.01").await;
        let path = format!("/api/accounts/{account}");
        ann.send("DELETE", &path).await_answer().await.expect_error(422, "ACCOUNT_NOT_EMPTY");
        let withdrawal = json!({ "type": "WITHDRAWAL", "sourceAccountId": account, "amount": 0.01, "currency": "USD" });
        ann.pay("/api/transactions", &withdrawal).await.expect(201);
        for _ in 0..2 {
            ann.send("DELETE", &path).await_answer().await.expect(200);
        }
    });
}

#[test]
fn an_overdraft_can_be_used_but_not_taken_away() {
    with_bank(async |bank| {
        let (ann, root) = (bank.customer("ann").await, bank.admin("root").await);
        let (account, other) = (ann.account().await, ann.account().await);
        let path = format!("/api/accounts/{account}");
        let limit = |limit: &str| json!({ "overdraftLimit": limit });
        root.raise_overdraft(&path, "50.00").await;
        ann.pay("/api/transactions/transfer", &transfer(&account, &other, "50.00")).await.expect(201);
        assert_eq!(ann.balance(&account).await, "-50.00");
        let more = ann.pay("/api/transactions/transfer", &transfer(&account, &other, "0.01")).await;
        let figures = json!({
            "accountId": account, "currency": "USD", "available": "-50.00", "overdraftLimit": "50.00", "requested": "0.01",
        });
        assert_eq!(more.expect_error(422, "INSUFFICIENT_FUNDS")["details"], figures);
        root.send("PUT", &path).json(&limit("49.99")).await.expect_error(422, "OVERDRAFT_IN_USE");
    });
}

#[test]
fn a_balance_can_be_asked_for_as_of_an_earlier_time() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account_with("10.00").await;
        let between = db::WallTime::now();
        ann.pay("/api/transactions", &deposit(&account, "5.00")).await.expect(201);
        let balance = async |query: &str| ann.get(&format!("/api/accounts/{account}/balance{query}")).await;
        let now = balance("").await.expect(200);
        assert_eq!((&now["balance"], &now["availableBalance"]), (&json!("15.00"), &json!("15.00")));
        assert_eq!((&now["heldBalance"], &now["asOf"]), (&json!("0.00"), &Value::Null));
        let then = balance(&format!("?asOf={between}")).await.expect(200);
        assert_eq!((&then["balance"], &then["availableBalance"]), (&json!("10.00"), &Value::Null));
        assert_eq!(then["asOf"], between.to_string());
        assert_eq!(balance(&format!("?asOf={}", between.date())).await.expect(200)["balance"], "15.00");
        assert_eq!(balance("?asOf=2000-01-01").await.expect(200)["balance"], "0.00");
        for wrong in ["yesterday", "2026-02-30", "2026-01-31T12:00:00", ""] {
            let error = balance(&format!("?asOf={wrong}")).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], "asOf");
        }
    });
}
