//! Reports from the ledger: what analysts see of the books, as JSON and as CSV, each currency by itself.

use crate::bank::{Bank, Person, deposit, transfer, with_bank};
use identity::Role;
use serde_json::{Value, json};

/// A customer with 100.00 dollars, of which 12.50 went to another, and with 500 yen.
async fn filled(bank: &Bank) -> (Person<'_>, String) {
    let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
    let (source, destination) = (ann.account_with("100.00").await, bob.account().await);
    let mut order = transfer(&source, &destination, "12.50");
    order["description"] = "=1+1".into();
    ann.pay("/api/transactions/transfer", &order).await.expect(201);
    let yen = ann.account_in("JPY").await;
    let mut order = deposit(&yen, "500");
    order["currency"] = "JPY".into();
    ann.pay("/api/transactions", &order).await.expect(201);
    (ann, source)
}

async fn csv(person: &Person<'_>, path: &str) -> (String, Option<String>) {
    let answer = person.send("GET", path).header("accept", "text/csv").await_answer().await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let next = answer.header("link").map(str::to_owned);
    (String::from_utf8(answer.bytes).unwrap(), next)
}

fn today() -> String {
    db::WallTime::now().date().to_string()
}

#[test]
fn a_trial_balance_has_debits_and_credits_of_each_currency_and_says_that_they_are_equal() {
    with_bank(async |bank| {
        let analyst = bank.staff("lyn", Role::Analyst).await;
        filled(&bank).await;
        let balance = analyst.get("/api/reports/trial-balance").await.expect(200);
        let line = |code: &str, currency: &str| {
            let lines = balance["lines"].as_array().unwrap();
            lines.iter().find(|line| line["code"] == code && line["currency"] == currency).unwrap().clone()
        };
        assert_eq!((&line("1000", "USD")["debit"], &line("1000", "USD")["credit"]), (&json!("100.00"), &json!("0.00")));
        assert_eq!((&line("2000", "USD")["credit"], &line("2000", "USD")["postings"]), (&json!("100.00"), &json!(3)));
        assert_eq!(line("2000", "JPY")["credit"], "500");
        let total = |currency: &str, sum: &str| json!({ "currency": currency, "debit": sum, "credit": sum, "isBalanced": true });
        assert_eq!(balance["totals"], json!([total("JPY", "500"), total("USD", "100.00")]));
        assert_eq!((&balance["by"], &balance["asOf"]), (&json!("booking"), &json!(today())));
        let (table, _) = csv(&analyst, "/api/reports/trial-balance?by=value").await;
        assert!(
            table.starts_with("code,name,class,currency,debit,credit,postings\r\n1000,Cash,ASSET,JPY,500,0,1\r\n"),
            "{table}"
        );
        assert!(table.ends_with("\r\n,Total,,JPY,500,500,\r\n,Total,,USD,100.00,100.00,\r\n"), "{table}");
    });
}

#[test]
fn what_was_believed_on_one_day_about_another_is_answered() {
    with_bank(async |bank| {
        let analyst = bank.staff("lyn", Role::Analyst).await;
        // Booked today, and counts from 2012-03-04.
        bank.imported_account_with(7_000, None).await;
        let lines = async |query: &str| {
            let balance = analyst.get(&format!("/api/reports/trial-balance?{query}")).await.expect(200);
            balance["lines"].as_array().unwrap().len()
        };
        assert_eq!(lines("asOf=2012-03-04&by=value").await, 2);
        assert_eq!(lines("asOf=2012-03-03&by=value").await, 0);
        assert_eq!(lines("asOf=2012-03-04&by=booking").await, 0);
        assert_eq!(lines("asOf=2012-03-04&by=value&bookedUntil=2012-03-04").await, 0);
        assert_eq!(lines(&format!("asOf=2012-03-04&by=value&bookedUntil={}", today())).await, 2);
        for (field, query) in [
            ("by", "by=both"),
            ("asOf", "asOf=yesterday"),
            ("asOf", "by=value&asOf=2012-03-04T00:00:00Z"),
            ("bookedUntil", "bookedUntil=2012-03-04"),
        ] {
            let answer = analyst.get(&format!("/api/reports/trial-balance?{query}")).await;
            assert_eq!(answer.expect_error(400, "INVALID_REQUEST")["details"]["field"], field);
        }
    });
}

#[test]
fn a_balance_sheet_is_balanced_and_an_income_statement_has_what_moved() {
    with_bank(async |bank| {
        let (analyst, root, second) =
            (bank.staff("lyn", Role::Analyst).await, bank.admin("root").await, bank.admin("second").await);
        let (_, account) = filled(&bank).await;
        let body = json!({ "accountId": account, "amount": "2.50", "currency": "USD", "reason": "Goodwill" });
        let asked = root.pay("/api/admin/adjustments", &body).await.expect(202);
        let path = format!("/api/admin/approvals/{}/approve", asked["id"].as_str().unwrap());
        second.post(&path, &json!({})).await.expect(200);
        let sheet = analyst.get("/api/reports/balance-sheet").await.expect(200);
        let usd = &sheet["currencies"][1];
        assert_eq!(
            usd["assets"],
            json!({ "lines": [{ "code": "1000", "name": "Cash", "amount": "100.00" }], "total": "100.00" })
        );
        assert_eq!((&usd["liabilities"]["total"], &usd["result"]), (&json!("102.50"), &json!("-2.50")));
        assert!(sheet["currencies"].as_array().unwrap().iter().all(|one| one["isBalanced"] == true));
        let income = async |query: &str| analyst.get(&format!("/api/reports/income-statement?{query}")).await;
        for by in ["booking", "value"] {
            let statement = income(&format!("from={}&by={by}", today())).await.expect(200);
            let [usd] = &statement["currencies"].as_array().unwrap()[..] else { panic!("{statement}") };
            assert_eq!((&usd["income"]["total"], &usd["expenses"]["total"]), (&json!("0.00"), &json!("2.50")));
        }
        assert_eq!(income("from=2020-01-01&to=2020-12-31").await.expect(200)["currencies"], json!([]));
        for (field, query) in
            [("from", ""), ("to", "from=2020-01-02&to=2020-01-01"), ("from", "from=2000-01-01&to=2020-01-01")]
        {
            assert_eq!(income(query).await.expect_error(400, "INVALID_REQUEST")["details"]["field"], field);
        }
        let (table, _) = csv(&analyst, &format!("/api/reports/income-statement?from={}", today())).await;
        assert!(table.contains("\r\nUSD,expenses,5100,Adjustments,2.50\r\n"), "{table}");
    });
}

#[test]
fn the_sheet_of_a_line_goes_from_page_to_page_and_its_formulas_are_text() {
    with_bank(async |bank| {
        let auditor = bank.staff("ada", Role::Auditor).await;
        filled(&bank).await;
        let path = format!("/api/reports/general-ledger/2000?from={}&limit=2", today());
        let first = auditor.get(&path).await.expect(200);
        assert_eq!((&first["name"], &first["opening"]), (&json!("Customer deposits"), &json!([])));
        assert_eq!(first["closing"][1], json!({ "currency": "USD", "balance": "100.00" }));
        let mut data = first["data"].as_array().unwrap().clone();
        let next = format!("{path}&cursor={}", first["nextCursor"].as_str().unwrap());
        let second = auditor.get(&next).await.expect(200);
        data.extend(second["data"].as_array().unwrap().iter().cloned());
        assert_eq!((data.len(), &second["nextCursor"]), (4, &Value::Null));
        let paid = data.iter().find(|line| line["debit"] == "12.50").unwrap();
        assert_eq!((&paid["balance"], &paid["description"]), (&json!("87.50"), &json!("=1+1")));
        let (table, link) = csv(&auditor, &path).await;
        let link = link.unwrap();
        assert!(link.ends_with(&format!("{}>; rel=\"next\"", first["nextCursor"].as_str().unwrap())), "{link}");
        let (rest, none) = csv(&auditor, &next).await;
        assert_eq!((table.lines().count(), rest.lines().count(), none), (3, 3, None));
        assert!(format!("{table}{rest}").contains(",TRANSFER,'=1+1,USD,12.50,0.00,87.50\r\n"), "{table}{rest}");
        let cash = auditor.get(&format!("/api/reports/general-ledger/1000?from={}", today())).await.expect(200);
        assert_eq!(cash["closing"][1], json!({ "currency": "USD", "balance": "100.00" }));
        auditor.get("/api/reports/general-ledger/9999?from=2020-01-01").await.expect_error(404, "NOT_FOUND");
        auditor.get(&format!("{path}&cursor=bm8")).await.expect_error(400, "INVALID_REQUEST");
    });
}

#[test]
fn large_transactions_are_of_one_currency_and_dormant_accounts_are_those_without_movements() {
    with_bank(async |bank| {
        let analyst = bank.staff("lyn", Role::Analyst).await;
        let (ann, _) = filled(&bank).await;
        let large = async |query: &str| {
            let path = format!("/api/reports/large-transactions?from={}&{query}", today());
            analyst.get(&path).await.expect(200)["data"].as_array().unwrap().len()
        };
        assert_eq!((large("currency=USD&min=12.50").await, large("currency=USD&min=12.51").await), (2, 1));
        assert_eq!((large("currency=JPY&min=500").await, large("currency=JPY&min=501").await), (1, 0));
        for (field, query) in [("currency", "min=1"), ("min", "currency=USD"), ("min", "currency=USD&min=1.005")] {
            let path = format!("/api/reports/large-transactions?from={}&{query}", today());
            assert_eq!(analyst.get(&path).await.expect_error(400, "INVALID_REQUEST")["details"]["field"], field);
        }
        let (table, _) =
            csv(&analyst, &format!("/api/reports/large-transactions?from={}&currency=USD&min=1", today())).await;
        assert!(table.contains(",12.50,USD,'=1+1\r\n"), "{table}");
        // Opened today: nothing has been asleep for a day.
        ann.account().await;
        let dormant = analyst.get("/api/reports/dormant-accounts?days=1").await.expect(200);
        assert_eq!(dormant, json!({ "data": [], "nextCursor": null }));
        analyst.get("/api/reports/dormant-accounts?days=0").await.expect_error(400, "INVALID_REQUEST");
    });
}

#[test]
fn liquidity_has_deposits_overdrafts_and_what_could_be_paid_out() {
    with_bank(async |bank| {
        let analyst = bank.staff("lyn", Role::Analyst).await;
        filled(&bank).await;
        let liquidity = analyst.get("/api/reports/liquidity").await.expect(200);
        let usd = json!({
            "currency": "USD", "onDemandDeposits": "100.00", "depositAccounts": 2, "held": "0.00", "overdrafts": "0.00",
            "overdrawnAccounts": 0, "cash": "100.00", "dueFromBanks": "0.00"
        });
        assert_eq!(liquidity["currencies"][1], usd);
        assert_eq!(csv(&analyst, "/api/reports/liquidity").await.0.lines().nth(1), Some("JPY,500,1,0,0,0,500,0"));
    });
}
