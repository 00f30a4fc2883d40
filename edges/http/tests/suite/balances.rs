//! The balance of an account at the end of each day.

use crate::bank::{deposit, transfer, with_bank};
use db::{Date, WallTime};
use serde_json::{Value, json};

fn days(series: &Value) -> Vec<Value> {
    series["data"].as_array().unwrap().clone()
}

fn day(date: &str, balance: &str, money_in: &str, money_out: &str) -> Value {
    json!({ "date": date, "balance": balance, "in": money_in, "out": money_out })
}

fn before(today: Date, days: i32) -> String {
    Date::from_unix_days(today.unix_days() - days).to_string()
}

#[test]
fn each_day_ends_with_what_the_next_one_begins_with() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let owner = ids::UserId::parse(&ann.id().await).unwrap();
        // Ten dollars that came on the fourth of March 2012.
        let account = bank.imported_account_from("Somebody", owner).await;
        let theirs = bob.account().await;
        ann.pay("/api/transactions", &deposit(&account, "5.00")).await.expect(201);
        ann.pay("/api/transactions/transfer", &transfer(&account, &theirs, "3.00")).await.expect(201);
        ann.pay("/api/transactions/hold", &transfer(&account, &theirs, "2.00")).await.expect(201);
        let today = WallTime::now().date();
        let path = format!("/api/accounts/{account}/balances");
        let series = ann.get(&path).await.expect(200);
        let shown = days(&series);
        assert_eq!((shown.len(), &series["currency"]), (90, &json!("USD")));
        assert_eq!((&series["from"], &series["to"]), (&json!(before(today, 89)), &json!(today.to_string())));
        assert_eq!(shown[89], day(&today.to_string(), "12.00", "5.00", "3.00"));
        assert_eq!(shown[88], day(&before(today, 1), "10.00", "0.00", "0.00"));
        let then = ann.get(&format!("{path}?from=2012-03-03&to=2012-03-05")).await.expect(200);
        let expected = [
            day("2012-03-03", "0.00", "0.00", "0.00"),
            day("2012-03-04", "10.00", "10.00", "0.00"),
            day("2012-03-05", "10.00", "0.00", "0.00"),
        ];
        assert_eq!(days(&then), expected);
        // It is what the balance of that day is.
        for one in expected.iter().chain(&shown[86..]) {
            let as_of = format!("/api/accounts/{account}/balance?asOf={}", one["date"].as_str().unwrap());
            assert_eq!(ann.get(&as_of).await.expect(200)["balance"], one["balance"]);
        }
    });
}

#[test]
fn what_was_held_counts_from_the_day_on_which_it_was_captured() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (account, theirs) = (ann.account_with("10.00").await, bob.account().await);
        let held = ann.pay("/api/transactions/hold", &transfer(&account, &theirs, "2.00")).await.expect(201);
        let capture = format!("/api/transactions/{}/capture", held["id"].as_str().unwrap());
        ann.pay(&capture, &json!({})).await.expect(201);
        let today = WallTime::now().date().to_string();
        let series = bob.get(&format!("/api/accounts/{theirs}/balances?from={today}&to={today}")).await.expect(200);
        assert_eq!(days(&series), [day(&today, "2.00", "2.00", "0.00")]);
    });
}

#[test]
fn a_series_has_a_year_at_most() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let path = format!("/api/accounts/{}/balances", ann.account().await);
        let leap = ann.get(&format!("{path}?from=2024-01-01&to=2024-12-31")).await.expect(200);
        assert_eq!(days(&leap).len(), 366);
        for query in
            ["from=2024-01-01&to=2025-01-01", "from=2024-01-02&to=2024-01-01", "from=0001-01-01", "to=yesterday"]
        {
            ann.get(&format!("{path}?{query}")).await.expect_error(400, "INVALID_REQUEST");
        }
        let first = ann.get(&format!("{path}?from=0001-01-01&to=0001-01-01")).await.expect(200);
        assert_eq!(days(&first), [day("0001-01-01", "0.00", "0.00", "0.00")]);
    });
}
