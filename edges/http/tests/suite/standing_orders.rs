//! Standing orders over the API: what is taken, shown and refused, and that only the person themselves gives them.

use crate::bank::{Bank, Person, with_bank};
use serde_json::{Value, json};

const ORDERS: &str = "/api/standing-orders";

/// A day so many days from now, where days are certainly to come.
fn in_days(days: i32) -> String {
    db::Date::from_unix_days(db::WallTime::now().date().unix_days() + days).to_string()
}

pub(crate) fn order(source: &str, destination: &str) -> Value {
    json!({
        "sourceAccountId": source, "destinationAccountId": destination, "amount": "9.50", "currency": "USD",
        "frequency": "weekly", "firstDate": in_days(2)
    })
}

async fn two(bank: &Bank) -> (Person<'_>, String, String) {
    let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
    let (source, destination) = (ann.account_with("100.00").await, bob.account().await);
    (ann, source, destination)
}

#[test]
fn an_order_is_taken_shown_changed_and_ended() {
    with_bank(async |bank| {
        let (ann, source, destination) = two(&bank).await;
        let mut body = order(&source, &destination);
        body["description"] = "Piano".into();
        let made = ann.pay(ORDERS, &body).await.expect(201);
        assert_eq!(
            (&made["status"], &made["frequency"], &made["onHoliday"]),
            (&json!("ACTIVE"), &json!("weekly"), &json!("same"))
        );
        assert_eq!(
            (&made["amount"], &made["description"], &made["tries"]),
            (&json!("9.50"), &json!("Piano"), &json!(0))
        );
        let weeks: Vec<String> = (0..5).map(|week| in_days(2 + 7 * week)).collect();
        assert_eq!(made["nextDates"], json!(weeks));
        assert!(made["nextTryAt"].as_str().unwrap().starts_with(&in_days(2)));
        let path = format!("{ORDERS}/{}", made["id"].as_str().unwrap());
        assert_eq!(ann.get(&path).await.expect(200), made);
        assert_eq!(ann.get(ORDERS).await.expect(200)["data"], json!([made]));
        let paused = ann.post(&format!("{path}/pause"), &json!({})).await.expect(200);
        assert_eq!(
            (&paused["status"], &paused["nextDates"], &paused["nextTryAt"]),
            (&json!("PAUSED"), &json!([]), &Value::Null)
        );
        ann.post(&format!("{path}/pause"), &json!({})).await.expect_error(422, "INVALID_STATUS");
        ann.post(&format!("{path}/resume"), &json!({})).await.expect(200);
        let skipped = ann.post(&format!("{path}/skip"), &json!({})).await.expect(200);
        assert_eq!(skipped["nextDates"][0], in_days(9));
        let runs = ann.get(&format!("{path}/runs")).await.expect(200)["data"].clone();
        let run = &runs[0];
        assert_eq!(
            (&run["outcome"], &run["why"], &run["date"]),
            (&json!("SKIPPED"), &json!("ASKED_FOR"), &json!(in_days(2)))
        );
        let mut moved = body.clone();
        moved["sourceAccountId"] = body["destinationAccountId"].clone();
        let answer = ann.send("PUT", &path).json(&moved).await;
        assert_eq!(answer.expect_error(400, "INVALID_REQUEST")["details"]["field"], "sourceAccountId");
        body["amount"] = "10".into();
        body["frequency"] = "daily".into();
        let changed = ann.send("PUT", &path).json(&body).await.expect(200);
        assert_eq!((&changed["amount"], &changed["nextDates"][1]), (&json!("10.00"), &json!(in_days(3))));
        let ended = ann.send("DELETE", &path).await_answer().await.expect(200);
        assert_eq!((&ended["status"], &ended["nextDates"]), (&json!("CANCELLED"), &json!([])));
    });
}

#[test]
fn it_is_taken_once_under_its_key() {
    with_bank(async |bank| {
        let (ann, source, destination) = two(&bank).await;
        let body = order(&source, &destination);
        let first = ann.pay_as("rent", ORDERS, &body).await.expect(201);
        let again = ann.pay_as("rent", ORDERS, &body).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.expect(201), first);
        let mut other = body.clone();
        other["amount"] = "1.00".into();
        ann.pay_as("rent", ORDERS, &other).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
        ann.post(ORDERS, &body).await.expect_error(400, "IDEMPOTENCY_KEY_MISSING");
    });
}

#[test]
fn what_is_wrong_is_said_with_its_field() {
    with_bank(async |bank| {
        let (ann, source, destination) = two(&bank).await;
        for (field, value) in [
            ("frequency", json!("yearly")),
            ("firstDate", json!("2020-01-01")),
            ("firstDate", json!("31.12.2030")),
            ("firstDate", json!("2099-01-01")),
            ("lastDate", json!(in_days(1))),
            ("dayOfMonth", json!(3)),
            ("onHoliday", json!("never")),
            ("catchUp", json!("some")),
            ("amount", json!("0")),
            ("amount", json!("1.001")),
            ("description", json!("two\nlines")),
        ] {
            let mut body = order(&source, &destination);
            body[field] = value.clone();
            let answer = ann.pay(ORDERS, &body).await;
            assert_eq!(answer.expect_error(400, "INVALID_REQUEST")["details"]["field"], field, "{value}");
        }
        let mut daily = order(&source, &destination);
        daily["frequency"] = "daily".into();
        daily["onHoliday"] = "next".into();
        assert_eq!(ann.pay(ORDERS, &daily).await.expect_error(400, "INVALID_REQUEST")["details"]["field"], "onHoliday");
        ann.pay(ORDERS, &order(&destination, &source)).await.expect_error(404, "INVALID_ACCOUNT");
        ann.pay(ORDERS, &order(&source, &source)).await.expect_error(400, "SAME_ACCOUNT");
        let mut yen = order(&source, &destination);
        yen["currency"] = "JPY".into();
        yen["amount"] = "100".into();
        ann.pay(ORDERS, &yen).await.expect_error(422, "CURRENCY_MISMATCH");
        assert_eq!(ann.get(ORDERS).await.expect(200)["data"], json!([]));
    });
}

#[test]
fn an_account_number_does_for_the_destination() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, savings) = (ann.account_with("100.00").await, ann.account().await);
        let number = ann.get(&format!("/api/accounts/{savings}")).await.expect(200)["accountNumber"].clone();
        let made = ann.pay(ORDERS, &order(&source, number.as_str().unwrap())).await.expect(201);
        assert_eq!(made["destinationAccountId"], savings.as_str());
    });
}
