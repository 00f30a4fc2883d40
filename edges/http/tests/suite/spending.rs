//! What somebody with a second factor may pay without a fresh proof: small sums, in all, to whom they have paid before.

use crate::bank::{Answer, Bank, Person, transfer, with_bank};
use crate::second_factors::{customer_with_app, step_up};
use db::WallTime;
use serde_json::{Value, json};

/// Ann, who proved herself a while ago and has paid Bob with a fresh proof before.
struct Ann<'a> {
    old: Person<'a>,
    secret: String,
    source: String,
    bob: Person<'a>,
    theirs: String,
}

async fn ann(bank: &Bank) -> Ann<'_> {
    let (old, secret) = customer_with_app(bank, "ann").await;
    let bob = bank.customer("bob").await;
    let (source, theirs) = (old.account_with("90000.00").await, bob.account_with("9000.00").await);
    let fresh = step_up(bank, &old, &secret).await;
    fresh.pay("/api/transactions/transfer", &transfer(&source, &theirs, "1.00")).await.expect(201);
    Ann { old, secret, source, bob, theirs }
}

impl Ann<'_> {
    async fn pay(&self, amount: &str) -> Answer {
        self.old.pay("/api/transactions/transfer", &transfer(&self.source, &self.theirs, amount)).await
    }
}

#[track_caller]
fn assert_reason(answer: &Answer, reason: &str) {
    assert_eq!(answer.expect_error(401, "STEP_UP_REQUIRED")["details"]["reason"], reason);
}

#[test]
fn small_payments_without_a_fresh_proof_add_up() {
    with_bank(async |bank| {
        let ann = ann(&bank).await;
        ann.pay("600.00").await.expect(201);
        assert_reason(&ann.pay("400.01").await, "AMOUNT");
        let hold = transfer(&ann.source, &ann.theirs, "100.00");
        ann.old.pay("/api/transactions/hold", &hold).await.expect(201);
        let halves = [transfer(&ann.source, &ann.theirs, "150.00"), transfer(&ann.source, &ann.theirs, "151.00")];
        for mode in ["ATOMIC", "INDEPENDENT"] {
            let batch = json!({ "mode": mode, "transfers": halves });
            assert_reason(&ann.old.pay("/api/transactions/batch", &batch).await, "AMOUNT");
        }
        ann.pay("300.00").await.expect(201);
        assert_reason(&ann.pay("0.01").await, "AMOUNT");
        assert_reason(&ann.old.pay("/api/transactions/hold", &hold).await, "AMOUNT");
        let fresh = step_up_again(&bank, &ann).await;
        let large = transfer(&ann.source, &ann.theirs, "5000.00");
        fresh.pay("/api/transactions/transfer", &large).await.expect(201);
        ann.pay("1000.00").await.expect(201);
        assert_reason(&ann.pay("0.01").await, "AMOUNT");
    });
}

/// A recovery code: the code of the app was used already.
async fn step_up_again<'a>(bank: &'a Bank, ann: &Ann<'_>) -> Person<'a> {
    let code = outsiders::totp_code(&ann.secret, WallTime::now().plus_seconds(30));
    let proved = ann.old.post("/api/auth/step-up", &json!({ "code": code })).await.expect(200);
    bank.person(proved["accessToken"].as_str().unwrap())
}

#[test]
fn of_twenty_payments_at_once_only_as_many_pass_as_fit() {
    with_bank(async |bank| {
        let ann = ann(&bank).await;
        let answers = futures_util::future::join_all((0..20).map(|_| ann.pay("400.00"))).await;
        let passed = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(passed, 2);
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_reason(answer, "AMOUNT");
        }
        assert_eq!(ann.old.balance(&ann.source).await, "89199.00");
    });
}

#[test]
fn money_that_somebody_gives_back_counts_like_what_they_pay() {
    with_bank(async |bank| {
        let ann = ann(&bank).await;
        let receive = async |amount: &str| {
            let paid = ann.bob.pay("/api/transactions/transfer", &transfer(&ann.theirs, &ann.source, amount)).await;
            let id = paid.expect(201)["id"].as_str().unwrap().to_owned();
            format!("/api/transactions/{id}/refund")
        };
        let (large, small) = (receive("5000.00").await, receive("900.00").await);
        assert_reason(&ann.old.pay(&large, &json!({})).await, "AMOUNT");
        assert_reason(&ann.old.pay(&large, &json!({ "amount": "1000.01" })).await, "AMOUNT");
        ann.old.pay(&small, &json!({})).await.expect(201);
        assert_reason(&ann.pay("100.01").await, "AMOUNT");
        assert_reason(&ann.old.pay(&large, &json!({ "amount": "100.01" })).await, "AMOUNT");
        ann.old.pay(&large, &json!({ "amount": "100.00" })).await.expect(201);
        assert_reason(&ann.pay("0.01").await, "AMOUNT");
    });
}

#[test]
fn what_was_refused_does_not_count_and_what_was_answered_is_answered_again() {
    with_bank(async |bank| {
        let ann = ann(&bank).await;
        let poor = ann.old.account().await;
        let unpaid = transfer(&poor, &ann.theirs, "1000.00");
        ann.old.pay("/api/transactions/transfer", &unpaid).await.expect_error(422, "INSUFFICIENT_FUNDS");
        let both = [transfer(&ann.source, &ann.theirs, "500.00"), transfer(&poor, &ann.theirs, "500.00")];
        let batch = |mode: &str| json!({ "mode": mode, "transfers": both });
        ann.old.pay("/api/transactions/batch", &batch("ATOMIC")).await.expect_error(422, "INSUFFICIENT_FUNDS");
        ann.old.pay("/api/transactions/batch", &batch("INDEPENDENT")).await.expect(200);

        let order = transfer(&ann.source, &ann.theirs, "500.00");
        let pay = async || ann.old.pay_as("key", "/api/transactions/transfer", &order).await;
        let first = pay().await.expect(201);
        for _ in 0..3 {
            let again = pay().await;
            assert_eq!(again.expect(201), first);
            assert_eq!(again.header("idempotent-replayed"), Some("true"));
        }
        let other = transfer(&ann.source, &ann.theirs, "1.00");
        let reused = ann.old.pay_as("key", "/api/transactions/transfer", &other).await;
        reused.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
        assert_reason(&ann.pay("0.01").await, "AMOUNT");
        assert_eq!(ann.old.balance(&ann.source).await, "88999.00");
    });
}

#[test]
fn a_large_payment_that_was_made_with_a_fresh_proof_is_answered_again_without_one() {
    with_bank(async |bank| {
        let ann = ann(&bank).await;
        let order = transfer(&ann.source, &ann.theirs, "2000.00");
        let fresh = step_up_again(&bank, &ann).await;
        let first = fresh.pay_as("key", "/api/transactions/transfer", &order).await.expect(201);
        let again = ann.old.pay_as("key", "/api/transactions/transfer", &order).await;
        assert_eq!(again.expect(201), first);
    });
}

#[test]
fn a_refused_transfer_of_a_batch_makes_no_payee_known() {
    with_bank(async |bank| {
        let ann = ann(&bank).await;
        let (eve, poor) = (bank.customer("eve").await, ann.old.account().await);
        let (refused, paid) = (eve.account().await, eve.account().await);
        let transfers = [transfer(&poor, &refused, "1.00"), transfer(&ann.source, &paid, "1.00")];
        let batch: Value = json!({ "mode": "INDEPENDENT", "transfers": transfers });
        let fresh = step_up_again(&bank, &ann).await;
        fresh.pay("/api/transactions/batch", &batch).await.expect(200);
        let pay = async |to: &str| ann.old.pay("/api/transactions/transfer", &transfer(&ann.source, to, "1.00")).await;
        assert_reason(&pay(&refused).await, "NEW_PAYEE");
        pay(&paid).await.expect(201);
    });
}

#[test]
fn who_has_no_second_factor_is_never_counted() {
    with_bank(async |bank| {
        let ann = ann(&bank).await;
        for _ in 0..3 {
            let order = transfer(&ann.theirs, &ann.source, "2000.00");
            ann.bob.pay("/api/transactions/transfer", &order).await.expect(201);
        }
    });
}
