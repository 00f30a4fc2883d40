//! Amounts on the wire: exact from text, whatever JSON they are written in.

use crate::bank::with_bank;
use serde_json::{Value, json};

/// A body with the amount as raw JSON.
fn deposit(account: &str, amount: &str, currency: &str) -> String {
    format!(r#"{{"type":"DEPOSIT","destinationAccountId":"{account}","amount":{amount},"currency":"{currency}"}}"#)
}

#[test]
fn strings_and_numbers_are_taken_exactly() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        for (currency, amount, told) in [
            ("USD", "\"1250.00\"", "1250.00"),
            ("USD", "1250", "1250.00"),
            ("USD", "0.1", "0.10"),
            ("USD", "900719925.93", "900719925.93"),
            ("EUR", "\"1000000000.00\"", "1000000000.00"),
            ("JPY", "12", "12"),
            ("KWD", "1.234", "1.234"),
        ] {
            let account = ann.account_in(currency).await;
            let sending = ann.send("POST", "/api/transactions").header("idempotency-key", &account);
            let transaction = sending.text(deposit(&account, amount, currency)).await.expect(201);
            assert_eq!(transaction["amount"], told);
            assert_eq!(transaction["balances"]["destination"]["balance"], told);
            assert_eq!(ann.balance(&account).await, told);
        }
    });
}

#[test]
fn amounts_that_are_none_are_refused_with_the_reason() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let dollars = ann.account().await;
        let yen = ann.account_in("JPY").await;
        for (account, currency, amount, reason) in [
            (&dollars, "USD", "0", "more than zero"),
            (&dollars, "USD", "\"0.00\"", "more than zero"),
            (&dollars, "USD", "-1", "plain decimal"),
            (&dollars, "USD", "\"-1.00\"", "plain decimal"),
            (&dollars, "USD", "1e2", "plain decimal"),
            (&dollars, "USD", "1.0E400", "plain decimal"),
            (&dollars, "USD", "\"1,000.00\"", "plain decimal"),
            (&dollars, "USD", "\" 1\"", "plain decimal"),
            (&dollars, "USD", "\"\"", "plain decimal"),
            (&dollars, "USD", "1.005", "more than the 2 decimals"),
            (&yen, "JPY", "1.0", "more than the 0 decimals"),
            (&dollars, "USD", "92233720368547758.08", "too large"),
            (&dollars, "USD", "92233720368547758.07", "at most 10000000000000.00"),
            (&dollars, "USD", "10000000000000.01", "at most 10000000000000.00"),
            (&dollars, "USD", "1000000000.01", "at most 1000000000.00"),
            (&yen, "JPY", "100000000001", "at most 100000000000"),
            (&dollars, "USD", "123456789012345678901234567890", "too large"),
            (&dollars, "USD", "true", "must be an amount"),
            (&dollars, "USD", "null", "must be an amount"),
            (&dollars, "USD", "[1]", "must be an amount"),
        ] {
            let sending = ann.send("POST", "/api/transactions").header("idempotency-key", "amounts");
            let error = sending.text(deposit(account, amount, currency)).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], "amount", "{amount}");
            assert!(error["details"]["reason"].as_str().unwrap().contains(reason), "{amount}: {error}");
        }
        assert_eq!(ann.balance(&dollars).await, "0.00");
    });
}

#[test]
fn a_balance_that_would_not_fit_is_refused() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let owner = ids::UserId::parse(&ann.id().await).unwrap();
        let account = bank.imported_account_with(9_223_372_036_854_775_806, Some(owner)).await;
        let pay = async |amount| ann.pay("/api/transactions", &crate::bank::deposit(&account, amount)).await;
        let error = pay("0.02").await.expect_error(422, "BALANCE_TOO_LARGE");
        let limit = json!({ "accountId": account, "limit": "92233720368547758.07", "currency": "USD" });
        assert_eq!(error["details"], limit);
        pay("0.01").await.expect(201);
        pay("0.01").await.expect_error(422, "BALANCE_TOO_LARGE");
        assert_eq!(ann.balance(&account).await, "92233720368547758.07");
    });
}

#[test]
fn one_person_does_not_end_the_cash_of_all() {
    with_bank(async |bank| {
        let (mallory, bob) = (bank.customer("mallory").await, bank.customer("bob").await);
        let (greedy, modest) = (mallory.account().await, bob.account().await);
        let error = mallory.pay("/api/transactions", &crate::bank::deposit(&greedy, "92233720368547758.07")).await;
        let details = &error.expect_error(400, "INVALID_REQUEST")["details"];
        assert_eq!((&details["limit"], &details["currency"]), (&json!("10000000000000.00"), &json!("USD")));
        for _ in 0..10 {
            mallory.pay("/api/transactions", &crate::bank::deposit(&greedy, "1000000000.00")).await.expect(201);
        }
        let second = mallory.account().await;
        for account in [&greedy, &second] {
            let error = mallory.pay("/api/transactions", &crate::bank::deposit(account, "0.01")).await;
            let details = &error.expect_error(422, "CASH_LIMIT_REACHED")["details"];
            assert_eq!(*details, json!({ "limit": "10000000000.00", "available": "0.00", "currency": "USD" }));
        }
        bob.pay("/api/transactions", &crate::bank::deposit(&modest, "1.00")).await.expect(201);
    });
}

#[test]
fn metadata_is_kept_to_the_digit_and_has_bounds() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let send = async |metadata: &str| {
            let body = format!(
                r#"{{"type":"DEPOSIT","destinationAccountId":"{account}","amount":1,"currency":"USD","metadata":{metadata}}}"#
            );
            ann.send("POST", "/api/transactions")
                .header("idempotency-key", metadata_key(metadata).as_str())
                .text(body)
                .await
        };
        let answer = send(r#"{ "invoice": 1.10, "big": 123456789012345678901234567890, "text": "ä😀\u0000" }"#).await;
        let id = answer.expect(201)["id"].as_str().unwrap().to_owned();
        let kept = r#""metadata":{"invoice":1.10,"big":123456789012345678901234567890,"text":"ä😀\u0000"}"#;
        assert!(String::from_utf8_lossy(&answer.bytes).contains(kept));
        let read = ann.get(&format!("/api/transactions/{id}")).await;
        assert!(String::from_utf8_lossy(&read.bytes).contains(kept));
        assert_eq!(send("null").await.expect(201)["metadata"], Value::Null);

        let deep = format!("{}1{}", "{\"a\":".repeat(9), "}".repeat(9));
        let large = json!({ "a": "x".repeat(4096) }).to_string();
        for wrong in ["[]", "1", "\"{}\"", r#"{"a":1,"a":2}"#, r#"{"a":{"b":1,"\u0062":2}}"#, &deep, &large] {
            let error = send(wrong).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], "metadata", "{wrong}");
        }
    });
}

fn metadata_key(metadata: &str) -> String {
    metadata.bytes().filter(u8::is_ascii_alphanumeric).take(40).map(char::from).collect::<String>() + "-key"
}

#[test]
fn a_description_is_one_line_of_140_characters() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let send = async |description: &str| {
            let mut body = crate::bank::deposit(&account, "1.00");
            body["description"] = description.into();
            ann.pay("/api/transactions", &body).await
        };
        let longest = "é".repeat(140);
        assert_eq!(send(&longest).await.expect(201)["description"], longest);
        assert_eq!(send("").await.expect(201)["description"], Value::Null);
        for wrong in ["é".repeat(141), "two\nlines".to_owned(), "bell\u{7}".to_owned()] {
            let error = send(&wrong).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], "description");
        }
    });
}
