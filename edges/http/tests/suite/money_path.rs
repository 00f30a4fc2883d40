//! Money on its way: deposits, withdrawals and transfers, what their replies say, and who sees which balance.

use crate::bank::{deposit, transfer, with_bank, with_bank_in};
use http_edge::Mode;
use serde_json::{Value, json};

#[test]
fn a_transfer_moves_money_and_says_what_is_left() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (source, destination) = (ann.account_with("100.00").await, bob.account().await);
        let mut body = transfer(&source, &destination, "12.50");
        body["description"] = "Lunch".into();
        let transaction = ann.pay("/api/transactions/transfer", &body).await.expect(201);
        let fields: Vec<&str> = transaction.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "amount",
            "balances",
            "capturedAmount",
            "counterTransactionId",
            "createdAt",
            "currency",
            "description",
            "destinationAccountId",
            "expiresAt",
            "id",
            "metadata",
            "originalTransactionId",
            "refundedAmount",
            "settledAt",
            "sourceAccountId",
            "status",
            "statusReason",
            "type",
            "valueDate",
        ];
        assert_eq!(fields, expected);
        for (field, value) in [
            ("sourceAccountId", source.as_str()),
            ("destinationAccountId", &destination),
            ("amount", "12.50"),
            ("currency", "USD"),
            ("type", "TRANSFER"),
            ("status", "SETTLED"),
            ("description", "Lunch"),
        ] {
            assert_eq!(transaction[field], value);
        }
        assert_eq!(transaction["settledAt"], transaction["createdAt"]);
        assert!(transaction["createdAt"].as_str().unwrap().starts_with(transaction["valueDate"].as_str().unwrap()));
        assert_eq!((ann.balance(&source).await, bob.balance(&destination).await), ("87.50".into(), "12.50".into()));
    });
}

#[test]
fn an_account_number_is_as_good_as_an_identifier_for_where_money_goes() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (source, destination) = (ann.account_with("100.00").await, bob.account().await);
        let shown = bob.get(&format!("/api/accounts/{destination}")).await.expect(200);
        let number = shown["accountNumber"].as_str().unwrap();
        let grouped: Vec<&str> = (0..6).map(|group| &number[4 * group..4 * group + 4]).collect();
        let path = "/api/transactions/transfer";
        let paid = ann.pay_as("lunch", path, &transfer(&source, number, "1.00")).await.expect(201);
        assert_eq!(paid["destinationAccountId"], destination.as_str());
        // The same under the same key, however the account is written.
        for written in [number, &grouped.join(" "), &destination] {
            assert_eq!(ann.pay_as("lunch", path, &transfer(&source, written, "1.00")).await.expect(201), paid);
        }
        ann.pay("/api/transactions/hold", &transfer(&source, number, "1.00")).await.expect(201);
        bob.pay("/api/transactions", &deposit(number, "5.00")).await.expect(201);
        let two = json!([transfer(&source, number, "1.00"), transfer(&source, &destination, "1.00")]);
        ann.pay("/api/transactions/batch", &json!({ "mode": "ATOMIC", "transfers": two })).await.expect(201);
        assert_eq!(bob.balance(&destination).await, "8.00");

        let unknown = accounts::AccountNumber::of(ids::AccountId::generate()).to_string();
        let error = ann.pay(path, &transfer(&source, &unknown, "1.00")).await.expect_error(404, "INVALID_ACCOUNT");
        assert_eq!(error["details"], json!({ "accountNumber": unknown, "reason": "NOT_FOUND" }));
        let two = json!([transfer(&source, number, "1.00"), transfer(&source, "XF00FLRN1234567890123456", "1.00")]);
        let error = ann.pay("/api/transactions/batch", &json!({ "mode": "ATOMIC", "transfers": two })).await;
        let error = error.expect_error(400, "INVALID_REQUEST");
        assert_eq!(
            (&error["details"]["index"], &error["details"]["field"]),
            (&json!(1), &json!("transfers[1].destinationAccountId"))
        );
        ann.pay(path, &transfer(number, &source, "1.00")).await.expect_error(400, "INVALID_REQUEST");
    });
}

#[test]
fn each_side_sees_its_own_balance_and_an_administrator_both() {
    with_bank(async |bank| {
        let (ann, bob, root) = (bank.customer("ann").await, bank.customer("bob").await, bank.admin("root").await);
        let (source, destination) = (ann.account_with("100.00").await, bob.account_with("1.00").await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "12.50")).await.expect(201);
        let left = json!({ "accountId": source, "balance": "87.50", "availableBalance": "87.50" });
        let gained = json!({ "accountId": destination, "balance": "13.50", "availableBalance": "13.50" });
        assert_eq!(paid["balances"], json!({ "source": left }));
        let path = format!("/api/transactions/{}", paid["id"].as_str().unwrap());
        // Who looks is told besides who stands on the other side; the answer to an order is kept as it was.
        let mut shown = ann.get(&path).await.expect(200);
        let members = shown.as_object_mut().unwrap();
        assert_eq!(members.remove("direction"), Some(json!("OUT")));
        assert_eq!(members.remove("counterparty").unwrap()["name"], "bob");
        assert_eq!(shown, paid);
        assert_eq!(bob.get(&path).await.expect(200)["balances"], json!({ "destination": gained }));
        assert_eq!(root.get(&path).await.expect(200)["balances"], json!({ "source": left, "destination": gained }));
        for list in [format!("/api/transactions/account/{destination}"), "/api/transactions".to_owned()] {
            let newest = bob.get(&list).await.expect(200)["data"][0].clone();
            assert_eq!(newest["balances"], json!({ "destination": gained }), "{list}");
        }
    });
}

#[test]
fn between_ones_own_accounts_both_balances_are_shown() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "10.00")).await.expect(201);
        assert_eq!(paid["balances"]["source"]["balance"], "0.00");
        assert_eq!(paid["balances"]["destination"]["balance"], "10.00");
    });
}

#[test]
fn cash_comes_in_and_goes_out_and_the_banks_side_is_not_shown() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let paid_in = ann.pay("/api/transactions", &deposit(&account, "10.00")).await.expect(201);
        assert_eq!((&paid_in["type"], &paid_in["sourceAccountId"]), (&json!("DEPOSIT"), &Value::Null));
        assert_eq!(paid_in["balances"].as_object().unwrap().keys().collect::<Vec<_>>(), ["destination"]);
        let body = json!({ "type": "WITHDRAWAL", "sourceAccountId": account, "amount": "4.00", "currency": "USD" });
        let paid_out = ann.pay("/api/transactions", &body).await.expect(201);
        assert_eq!((&paid_out["type"], &paid_out["destinationAccountId"]), (&json!("WITHDRAWAL"), &Value::Null));
        assert_eq!(paid_out["balances"]["source"]["balance"], "6.00");
    });
}

#[test]
fn the_type_says_which_accounts_are_needed() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (one, two) = (ann.account_with("10.00").await, ann.account().await);
        let send = async |kind: &str, source: Option<&str>, destination: Option<&str>| {
            let body = json!({
                "type": kind, "sourceAccountId": source, "destinationAccountId": destination, "amount": 1, "currency": "USD"
            });
            ann.pay("/api/transactions", &body).await
        };
        for kind in ["TRANSFER", "PAYMENT"] {
            assert_eq!(send(kind, Some(&one), Some(&two)).await.expect(201)["type"], kind);
        }
        for (kind, source, destination, field) in [
            ("DEPOSIT", Some(&*one), Some(&*two), "sourceAccountId"),
            ("DEPOSIT", None, None, "destinationAccountId"),
            ("WITHDRAWAL", Some(&*one), Some(&*two), "destinationAccountId"),
            ("WITHDRAWAL", None, None, "sourceAccountId"),
            ("TRANSFER", None, Some(&*two), "sourceAccountId"),
            ("PAYMENT", Some(&*one), None, "destinationAccountId"),
            ("FEE", Some(&*one), Some(&*two), "type"),
            ("transfer", Some(&*one), Some(&*two), "type"),
        ] {
            let error = send(kind, source, destination).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], field, "{kind}");
        }
    });
}

#[test]
fn in_production_no_cash_is_made_out_of_nothing() {
    with_bank_in(Mode::Production, async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        ann.pay("/api/transactions", &deposit(&account, "1.00")).await.expect_error(403, "SANDBOX_ONLY");
        let body = json!({ "type": "WITHDRAWAL", "sourceAccountId": account, "amount": 1, "currency": "USD" });
        ann.pay("/api/transactions", &body).await.expect_error(403, "SANDBOX_ONLY");
        let other = ann.account().await;
        let paid = ann.pay("/api/transactions/transfer", &transfer(&account, &other, "1.00")).await;
        paid.expect_error(422, "INSUFFICIENT_FUNDS");
    });
}

#[test]
fn money_that_is_not_there_or_of_another_kind_is_not_moved() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let euros = ann.account_in("EUR").await;
        let pay = async |body: Value| ann.pay("/api/transactions/transfer", &body).await;
        let error = pay(transfer(&source, &destination, "10.01")).await.expect_error(422, "INSUFFICIENT_FUNDS");
        let figures = json!({ "accountId": source, "currency": "USD", "available": "10.00", "requested": "10.01" });
        assert_eq!(error["details"], figures);
        let error = pay(transfer(&source, &euros, "1.00")).await.expect_error(422, "CURRENCY_MISMATCH");
        assert_eq!(error["details"], json!({ "accountId": euros }));
        pay(transfer(&source, &source, "1.00")).await.expect_error(400, "SAME_ACCOUNT");
        let mut francs = deposit(&source, "1.00");
        francs["currency"] = "CHF".into();
        ann.pay("/api/transactions", &francs).await.expect_error(422, "CURRENCY_MISMATCH");
        assert_eq!(ann.balance(&source).await, "10.00");
    });
}

#[test]
fn the_banks_own_accounts_are_not_there() {
    with_bank(async |bank| {
        let (ann, root) = (bank.customer("ann").await, bank.admin("root").await);
        let account = ann.account_with("10.00").await;
        let cash = ledger::ChartCode::Cash.own_account(money::Currency::parse("USD").unwrap()).to_string();
        for person in [&ann, &root] {
            for body in [transfer(&account, &cash, "1.00"), transfer(&cash, &account, "1.00")] {
                person.pay("/api/transactions/transfer", &body).await.expect_error(404, "INVALID_ACCOUNT");
            }
            person.pay("/api/transactions", &deposit(&cash, "1.00")).await.expect_error(404, "INVALID_ACCOUNT");
            for path in ["/api/accounts/", "/api/transactions/account/"] {
                person.get(&format!("{path}{cash}")).await.expect_error(404, "INVALID_ACCOUNT");
            }
            person.get(&format!("/api/accounts/{cash}/balance")).await.expect_error(404, "INVALID_ACCOUNT");
        }
    });
}
