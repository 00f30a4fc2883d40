//! What was counted of what happened, as analysts and FinApp's administrators see it.

use crate::bank::{Bank, PASSWORD, deposit, transfer, with_bank};
use db::WallTime;
use identity::Role;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use stream::Stream;

/// Everything that has happened is counted.
async fn count(bank: &Bank) {
    let running =
        Stream::new(&bank.db, Arc::new(WallTime::now)).start(vec![Arc::new(analytics::Counting)]).await.unwrap();
    for _ in 0..400 {
        let written = outbox::numbered_after(&bank.db, 0, 10_000).await.unwrap().len();
        let counted = stream::subscriptions(&bank.db).await.unwrap();
        if counted.contains(&("analytics".to_owned(), i64::try_from(written).unwrap())) {
            return running.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("what happened was not counted");
}

fn today() -> String {
    WallTime::now().date().to_string()
}

#[test]
fn finapps_administrators_see_logins_and_registrations_are_none() {
    with_bank(async |bank| {
        // Whoever is made logs in afterwards, as everybody does; nobody has registered.
        let root = bank.admin("root").await;
        let empty = root.get("/analytics").await.expect(200);
        assert_eq!(empty, json!({ "message": "No analytics data available" }));
        let signup = json!({ "username": "ann", "password": PASSWORD });
        bank.send("POST", "/signup").json(&signup).await.expect(201);
        for _ in 0..2 {
            bank.send("POST", "/login").json(&signup).await.expect(200);
        }
        count(&bank).await;
        let seen = root.get("/analytics").await.expect(200);
        assert_eq!(seen["logins_per_user"]["ann"], 2);
        let per_user = seen["logins_per_user"].as_object().unwrap();
        let total: i64 = per_user.values().map(|count| count.as_i64().unwrap()).sum();
        assert_eq!((&seen["total_logins"], &seen["total_events"]), (&json!(total), &json!(total)));
        assert_eq!(
            (&seen["total_financing_option_checks"], &seen["financing_checks_per_user"]),
            (&json!(0), &json!({}))
        );
        assert_eq!(seen.as_object().unwrap().len(), 5);
        bank.customer("bob").await.get("/analytics").await.expect_error(403, "FORBIDDEN");
    });
}

#[test]
fn volumes_failures_and_active_customers_are_counted_and_currencies_never_added() {
    with_bank(async |bank| {
        let analyst = bank.staff("lyn", Role::Analyst).await;
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (source, destination) = (ann.account_with("100.00").await, bob.account().await);
        for amount in ["12.50", "7.50"] {
            ann.pay("/api/transactions/transfer", &transfer(&source, &destination, amount)).await.expect(201);
        }
        ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "999.00")).await.expect(422);
        let mut order = deposit(&ann.account_in("JPY").await, "500");
        order["currency"] = "JPY".into();
        ann.pay("/api/transactions", &order).await.expect(201);
        count(&bank).await;
        let get = async |path: &str| analyst.get(&format!("/api/analytics/{path}")).await.expect(200);
        let day = today();
        let volumes = get(&format!("volumes?from={day}")).await;
        let volume = |currency: &str, count: i64, amount: &str| json!({ "at": day, "currency": currency, "count": count, "amount": amount });
        assert_eq!(volumes["data"], json!([volume("JPY", 1, "500"), volume("USD", 3, "120.00")]));
        let transfers = get(&format!("volumes?from={day}&type=TRANSFER&currency=USD")).await;
        assert_eq!(transfers["data"], json!([volume("USD", 2, "20.00")]));
        let month = get(&format!("volumes?from={day}&interval=month&currency=JPY")).await;
        assert_eq!(month["data"][0]["at"], format!("{}01", &day[..8]));
        let failures = get(&format!("failures?from={day}")).await;
        assert_eq!(failures["data"], json!([{ "at": day, "reason": "INSUFFICIENT_FUNDS", "count": 1 }]));
        let active = get("active-customers").await;
        assert_eq!(active, json!({ "asOf": day, "day": 2, "days7": 2, "days30": 2 }));
        let csv = analyst.send("GET", &format!("/api/analytics/volumes?from={day}")).header("accept", "text/csv");
        let table = String::from_utf8(csv.await_answer().await.bytes).unwrap();
        assert_eq!(table, format!("at,currency,count,amount\r\n{day},JPY,1,500\r\n{day},USD,3,120.00\r\n"));
        let answer = analyst.get(&format!("/api/analytics/volumes?from={day}&interval=year")).await;
        assert_eq!(answer.expect_error(400, "INVALID_REQUEST")["details"]["field"], "interval");
    });
}

#[test]
fn balances_day_by_day_and_fees_month_by_month_come_from_the_ledger() {
    with_bank(async |bank| {
        let (analyst, root) = (bank.staff("lyn", Role::Analyst).await, bank.admin("root").await);
        let second = bank.admin("second").await;
        let account = bank.customer("ann").await.account_with("100.00").await;
        let body = json!({ "accountId": account, "amount": "2.50", "currency": "USD", "reason": "Goodwill" });
        let asked = root.pay("/api/admin/adjustments", &body).await.expect(202);
        let path = format!("/api/admin/approvals/{}/approve", asked["id"].as_str().unwrap());
        second.post(&path, &json!({})).await.expect(200);
        let now = WallTime::now();
        let (day, before) = (now.date().to_string(), now.plus_seconds(-86_400).date().to_string());
        let balances = analyst.get(&format!("/api/analytics/balances?from={before}&currency=USD")).await.expect(200);
        let at = |code: &str| -> Vec<(Value, Value)> {
            let lines = balances["data"].as_array().unwrap().iter().filter(|line| line["code"] == code);
            lines.map(|line| (line["at"].clone(), line["amount"].clone())).collect()
        };
        assert_eq!(at("2000"), [(json!(day), json!("102.50"))]);
        assert_eq!(at("1000"), [(json!(day), json!("100.00"))]);
        let fees = analyst.get(&format!("/api/analytics/fees-interest?from={before}")).await.expect(200);
        let [adjustments] = &fees["data"].as_array().unwrap()[..] else { panic!("{fees}") };
        assert_eq!((&adjustments["code"], &adjustments["amount"]), (&json!("5100"), &json!("2.50")));
        analyst.get("/api/analytics/balances?from=2020-01-01").await.expect_error(400, "INVALID_REQUEST");
    });
}
