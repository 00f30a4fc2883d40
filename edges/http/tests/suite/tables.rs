//! Lists as tables: every list is there as CSV too, row by row what its JSON says, without formulas, in the same pages.

use crate::bank::{Bank, Person, transfer, with_bank};
use crate::standing_orders::order;
use http_edge::{Needs, ROUTES};
use identity::Role;
use notifications::inbox::Inbox;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use stream::{Running, Stream};

/// A list that has rows, as whom to look at it, and how many rows it has at least.
struct List<'a> {
    route: &'static str,
    path: String,
    person: &'a Person<'a>,
    rows: usize,
}

/// Reviews and sets of rules have rows in reviews.rs only; what waits for a consumer in parked.rs; grants in oauth/registrations.rs; passkeys in second_factors.rs.
const WITHOUT_ROWS: [&str; 5] = [
    "/api/admin/consumers/{consumer}/parked",
    "/api/admin/fraud/rule-sets",
    "/api/admin/reviews",
    "/api/auth/grants",
    "/api/auth/mfa/passkeys",
];
/// Settings, of which each stands once.
const SETTINGS: &str = "/api/notifications/preferences";
/// Reports have columns of their own, tried in reports.rs.
const REPORTS: [&str; 2] = ["/api/reports/", "/api/analytics/"];

async fn follow(bank: &Bank) -> Running {
    let stream = Stream::new(&bank.db, Arc::new(db::WallTime::now));
    stream.start(vec![bank.audit.sequencer(), Arc::<Inbox>::default()]).await.unwrap()
}

/// Every route that is described as a list of rows.
fn lists() -> Vec<&'static str> {
    let api = serde_json::to_value(http_edge::openapi()).unwrap();
    let is_list = |path: &str| {
        let schema = &api["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let name = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
        api["components"]["schemas"][name]["properties"]["data"]["type"] == "array"
    };
    let rows = ROUTES.iter().filter(|spec| spec.method == "GET" && spec.needs != Needs::Nothing);
    rows.map(|spec| spec.path).filter(|path| *path != SETTINGS && is_list(path)).collect()
}

async fn as_csv(person: &Person<'_>, path: &str) -> (Vec<Vec<String>>, Option<String>) {
    let answer = person.send("GET", path).header("accept", "text/csv").await_answer().await;
    answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8; header=present"), "{path}");
    assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename="), "{path}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    let link = answer.header("link").map(|link| link.split(['<', '>']).nth(1).unwrap().to_owned());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(answer.bytes.as_slice());
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    (rows.collect(), link)
}

/// What a cell has to say.
fn expected(row: &Value, column: &str) -> String {
    let member = column.split('.').try_fold(row, |value, name| value.get(name));
    match member {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

impl List<'_> {
    async fn check(&self) {
        let whole = self.person.get(&self.path).await.expect(200);
        let data = whole["data"].as_array().unwrap();
        assert!(data.len() >= self.rows, "{}: {} rows", self.path, data.len());
        let (table, _) = as_csv(self.person, &self.path).await;
        let (head, rows) = table.split_first().unwrap();
        assert_eq!(rows.len(), data.len(), "{}", self.path);
        for (row, shown) in rows.iter().zip(data) {
            for (cell, column) in row.iter().zip(head) {
                let said = expected(shown, column);
                let is_safe = !cell.starts_with(['=', '+', '@', '\t', '\r']);
                assert!(is_safe, "{} {column}: {cell}", self.path);
                assert!(*cell == said || *cell == format!("'{said}"), "{} {column}: {cell}, {said}", self.path);
            }
        }
        // Each member is a column, by its name or by those of its own members.
        for member in data[0].as_object().unwrap().keys() {
            let is_there = head.iter().any(|column| column.split('.').next() == Some(member));
            assert!(is_there, "{} has no column {member}", self.path);
        }
        let is_paged = ROUTES.iter().any(|spec| {
            spec.method == "GET" && spec.path == self.route && spec.query.is_some_and(|query| query.contains(&"cursor"))
        });
        if is_paged && self.rows > 1 {
            self.check_pages(rows.len()).await;
        }
    }

    /// Row by row, by the links of the pages.
    async fn check_pages(&self, all: usize) {
        let behind = if self.path.contains('?') { '&' } else { '?' };
        let (mut next, mut seen) = (Some(format!("{}{behind}limit=1", self.path)), Vec::new());
        while let Some(path) = next {
            let (table, link) = as_csv(self.person, &path).await;
            assert!(table.len() <= 2, "{path}");
            seen.extend(table.into_iter().skip(1));
            assert!(seen.len() <= all, "{} goes on and on", self.path);
            next = link;
        }
        assert_eq!(seen.len(), all, "{}", self.path);
    }
}

/// Somebody with two or more of everything, and texts that a spreadsheet would work out.
async fn furnish(bank: &Bank, ann: &Person<'_>, admin: &Person<'_>) -> (String, String, String) {
    let (account, other) = (ann.account_with("100.00").await, ann.account().await);
    ann.send("PUT", &format!("/api/accounts/{account}")).json(&json!({ "name": "=1+1" })).await.expect(200);
    let mut paid = transfer(&account, &other, "1.00");
    paid["description"] = json!("@SUM(A1:A9)");
    ann.pay("/api/transactions/transfer", &paid).await.expect(201);
    for _ in 0..2 {
        ann.pay("/api/transactions/transfer", &transfer(&account, &other, "1000.00")).await;
        let key = json!({ "name": "+1", "scopes": ["accounts:read"] });
        ann.post("/api/auth/api-keys", &key).await.expect(201);
        let client = json!({ "name": "=a", "redirectUris": [], "confidential": true, "scopes": ["accounts:read"] });
        ann.post("/api/auth/oauth/clients", &client).await.expect(201);
        let adjustment = json!({ "accountId": account, "amount": "1.00", "currency": "USD", "reason": "=cmd" });
        admin.pay("/api/admin/adjustments", &adjustment).await.expect(202);
    }
    bank.log_in("ann").await;
    let hook = json!({ "url": "https://hooks.example.com/florin", "types": ["*"], "description": "=x" });
    let made = ann.post("/api/webhooks", &hook).await.expect(201);
    let hook = made["webhook"]["id"].as_str().unwrap().to_owned();
    ann.send("POST", &format!("/api/webhooks/{hook}/test")).await_answer().await;
    for status in ["FROZEN", "ACTIVE"] {
        admin.send("PUT", &format!("/api/accounts/{other}")).json(&json!({ "status": status })).await.expect(200);
    }
    let mut standing = String::new();
    for _ in 0..2 {
        let mut wanted = order(&account, &other);
        wanted["description"] = json!("=1+1");
        let made = ann.pay("/api/standing-orders", &wanted).await.expect(201);
        standing = format!("/api/standing-orders/{}", made["id"].as_str().unwrap());
    }
    for _ in 0..2 {
        ann.post(&format!("{standing}/skip"), &json!({})).await.expect(200);
    }
    (account, hook, format!("{standing}/runs"))
}

#[test]
fn every_list_is_a_table_too() {
    with_bank(async |bank| {
        let (ann, admin) = (bank.customer("ann").await, bank.admin("root").await);
        let auditor = bank.staff("audra", Role::Auditor).await;
        let running = follow(&bank).await;
        let (account, hook, runs) = furnish(&bank, &ann, &admin).await;
        let list = |route, path: &str, person, rows| List { route, path: path.to_owned(), person, rows };
        let plain = |route: &'static str, person, rows| list(route, route, person, rows);
        let balances = format!("/api/accounts/{account}/balances");
        let of_account = format!("/api/transactions/account/{account}");
        let lists = [
            plain("/api/auth/sessions", &ann, 2),
            plain("/api/auth/activity", &ann, 2),
            plain("/api/auth/api-keys", &ann, 2),
            plain("/api/auth/oauth/clients", &ann, 2),
            plain("/api/accounts", &ann, 2),
            list("/api/accounts/{id}/balances", &balances, &ann, 2),
            plain("/api/transactions", &ann, 2),
            list("/api/transactions/account/{accountId}", &of_account, &ann, 2),
            plain("/api/webhooks", &ann, 1),
            list("/api/webhooks/{id}/deliveries", &format!("/api/webhooks/{hook}/deliveries"), &ann, 1),
            plain("/api/standing-orders", &ann, 2),
            list("/api/standing-orders/{id}/runs", &runs, &ann, 2),
            plain("/api/notifications", &ann, 2),
            plain("/api/admin/users", &admin, 2),
            plain("/api/admin/approvals", &admin, 2),
            list("/api/admin/events", "/api/admin/events?kind=auth.", &auditor, 2),
            plain("/api/admin/refusals", &admin, 2),
            plain("/api/admin/consumers", &auditor, 2),
            // Whoever looks is logged: of accounts nothing more happens.
            list("/api/audit/events", "/api/audit/events?kind=accounts.", &auditor, 2),
        ];
        let inbox = lists.iter().find(|list| list.route == "/api/notifications").unwrap();
        let log = lists.iter().find(|list| list.route == "/api/audit/events").unwrap();
        for waited in [inbox, log] {
            for _ in 0..300 {
                if waited.person.get(&waited.path).await.expect(200)["data"].as_array().unwrap().len() >= waited.rows {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        // From here on nothing moves but what is looked at.
        running.stop().await;
        for list in &lists {
            list.check().await;
        }
        let tried: Vec<&str> = lists.iter().map(|list| list.route).chain(WITHOUT_ROWS).collect();
        let all = self::lists();
        let is_report = |path: &str| REPORTS.iter().any(|beginning| path.starts_with(beginning));
        let missing: Vec<&&str> = all.iter().filter(|path| !is_report(path) && !tried.contains(path)).collect();
        assert!(missing.is_empty(), "these lists were not tried as tables: {missing:?}");
    });
}

#[test]
fn every_list_is_described_as_a_table() {
    let api = serde_json::to_value(http_edge::openapi()).unwrap();
    for path in lists() {
        let content = &api["paths"][path]["get"]["responses"]["200"]["content"];
        assert!(content["text/csv"].is_object(), "{path}");
    }
}
